"""Phases are found where they are and not invented; an index says what its weights do."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import as_pandas
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, kendalltau, norm

import relations as rel
from relations.measures import _index, _leads, _phases, trajectory
from relations.measures.trajectory import (
    breaks,
    dips,
    index,
    index_sensitivity,
    lead_lag,
    phases,
    phases_of_sources,
    rate_ratios,
    rise,
    scheme_agreement,
    steps_or_growth,
)


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def series(counts, exposure=1.0):
    periods = pd.date_range("2000-01-01", periods=len(counts), freq="YS")
    return pd.DataFrame({"period": periods, "count": counts, "exposure": exposure})


def contacts(rows):
    start, kind = zip(*rows, strict=True)
    return pd.DataFrame(
        {"start": pd.to_datetime(start), "kind": kind, "precision": "day", "status": "held"}
    )


SPAN = ("2019-01-01", "2021-12-31")
THREE = contacts(
    [
        ("2019-03-01", "visit"),
        ("2019-05-01", "agreement"),
        ("2020-02-01", "visit"),
        ("2020-03-01", "visit"),
        ("2020-04-01", "meeting"),
    ]
)


# Phases


def brute_force(count, exposure, penalty, shortest=2):
    """Try every segmentation."""
    size, best = len(count), (np.inf, ())
    for number in range(size // shortest):
        for cut in itertools.combinations(range(1, size), number):
            ends = [0, *cut, size]
            if min(np.diff(ends)) < shortest:
                continue
            cost = penalty * number
            for start, end in itertools.pairwise(ends):
                n, years = sum(count[start:end]), sum(exposure[start:end])
                cost -= 2 * n * np.log(n / years) if n else 0
            best = min(best, (cost, cut))
    return list(best[1])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=4, max_size=10), st.floats(0.5, 12))
def test_phases_are_those_of_the_best_of_all_segmentations(counts, penalty):
    exposure = [1.0] * (len(counts) - 1) + [0.25]
    found = phases(series(counts, exposure), penalty=penalty)
    starts = np.cumsum(found["periods"])[:-1].tolist()

    def cost(cuts):
        ends, total = [0, *cuts, len(counts)], penalty * len(cuts)
        for start, end in itertools.pairwise(ends):
            n, years = sum(counts[start:end]), sum(exposure[start:end])
            total -= 2 * n * np.log(n / years) if n else 0
        return total

    assert cost(starts) == pytest.approx(cost(brute_force(counts, exposure, penalty)), abs=1e-6)
    assert found["count"].sum() == sum(counts)
    assert found["exposure"].sum() == pytest.approx(sum(exposure))
    assert found["periods"].min() >= 2


def test_breaks_of_a_given_number_are_those_of_another_package():
    from ruptures import Dynp
    from ruptures.base import BaseCost

    class Deviance(BaseCost):
        model, min_size = "poisson", 2

        def fit(self, signal):
            self.signal = signal
            return self

        def error(self, start, end):
            n = self.signal[start:end].sum()
            return -2 * n * np.log(n / (end - start)) if n else 0.0

    generator = np.random.default_rng(5)
    for _ in range(10):
        counts = generator.poisson(np.repeat([1, 8, 20, 40], [9, 6, 8, 4]))
        found = phases(series(counts))
        signal = counts[:, None].astype(float)
        theirs = Dynp(custom_cost=Deviance(), min_size=2, jump=1).fit(signal)
        assert np.cumsum(found["periods"]).tolist() == theirs.predict(n_bkps=len(found) - 1)


def test_a_phase_has_the_rate_and_interval_of_its_count():
    counts = [2, 1, 3, 2, 14, 16, 13, 5]
    found = phases(series(counts, [1.0] * 7 + [0.5]))
    assert found["since"].dt.year.tolist() == [2000, 2004]
    assert found["until"].dt.year.tolist() == [2003, 2007]
    assert found["rate"].tolist() == pytest.approx([8 / 4, 48 / 3.5])
    # Garwood's interval for 8 contacts, from his table: 3.4538 to 15.7632.
    assert found.loc[0, ["low", "high"]].tolist() == pytest.approx([3.4538 / 4, 15.7632 / 4], 1e-4)
    expected = [2] * 4 + [48 / 3.5] * 3 + [24 / 3.5]
    pearson = sum((n - m) ** 2 / m for n, m in zip(counts, expected, strict=True))
    assert found["dispersion"].iloc[0] == pytest.approx(pearson / 6)
    assert found["penalty"].iloc[0] == pytest.approx(6 + np.log(8))


def test_exposure_is_no_change_of_rate():
    assert len(phases(series([20, 20, 20, 5, 5, 5], [1, 1, 1, 0.25, 0.25, 0.25]))) == 1
    assert len(phases(series([20, 20, 20, 5, 5, 5]))) == 2


def test_scatter_makes_breaks_rarer():
    counts = [4, 4, 4, 4, 12, 12, 12, 12]
    assert len(phases(series(counts))) == 2
    assert len(phases(series(counts), dispersion=3)) == 1


@pytest.mark.parametrize(
    ("periods", "rate"), [(8, 0.3), (12, 1), (27, 14), (27, 0.5), (60, 3), (105, 1)]
)
def test_phases_are_not_invented(periods, rate):
    generator = np.random.default_rng(20261122)
    drawn = generator.poisson(rate, (2000, periods))
    exposure = np.ones(periods)
    exposure[-1] = 0.25
    drawn[:, -1] = generator.poisson(rate / 4, 2000)
    ends = _phases._ends(drawn, exposure, 6 + np.log(periods), 2, 1.0)
    alarms = [len(row) > 1 for row in ends]
    assert np.mean(alarms) <= 0.05
    # The penalty is not so high that the test could never alarm.
    assert np.mean(alarms) > 0.002


def test_a_break_is_recovered_and_its_interval_holds_it():
    generator = np.random.default_rng(7)
    mean = np.repeat([3.0, 12.0], [12, 15])
    held, found = [], []
    for _ in range(400):
        frequency = series(generator.poisson(mean))
        places = breaks(frequency, draws=60)
        inside = (places["earliest"].dt.year <= 2012) & (places["latest"].dt.year >= 2012)
        held.append(bool(inside.any()))
        found.append(len(places) >= 1)
    assert np.mean(found) >= 0.98
    # 95% less two standard errors of 400 series.
    assert np.mean(held) >= 0.93


def test_a_weak_break_is_said_to_be_weak():
    strong = breaks(series([2] * 8 + [20] * 8), draws=100)
    weak = breaks(series([4, 4, 4, 4, 10, 10, 10, 10]), draws=200)
    assert strong["found"].tolist() == [1.0]
    assert strong["earliest"].tolist() == strong["latest"].tolist() == strong["since"].tolist()
    assert 0.3 < weak["found"].iloc[0] < 0.9
    assert weak["earliest"].iloc[0] < weak["latest"].iloc[0]


def test_no_breaks_are_an_empty_frame_of_dates():
    none, some = breaks(series([4] * 8)), breaks(series([2] * 8 + [20] * 8), draws=10)
    assert none.empty
    assert none.dtypes.to_dict() == some.dtypes.to_dict()
    assert none["since"].dtype == none["earliest"].dtype == "datetime64[us]"


def test_draws_scatter_as_asked_for():
    mean = np.full(400, 10.0)
    drawn = _phases._draw(mean, 2.5, 50, np.random.default_rng(1))
    assert drawn.var() / drawn.mean() == pytest.approx(2.5, rel=0.1)
    again = _phases._draw(mean, 2.5, 50, np.random.default_rng(1))
    assert (drawn == again).all()


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (series([1, 2, 3, 4]).drop(columns="exposure"), {}, "needs the column exposure"),
        (series([1, 2, 3]), {}, "3 periods cannot hold"),
        (series([]), {}, "0 periods cannot hold"),
        (series([1, 2, 3, 4], 0.0), {}, "exposure is above 0"),
        (series([1, 2, 3, -4]), {}, "whole numbers"),
        (series([1, 2, 3, 4.5]), {}, "whole numbers"),
        (series([1, 2, 3, np.nan]), {}, "count is .* in row 3, where a number is needed"),
        (series([1, 2, 3, "four"]), {}, "count is 'four' in row 3, where a number is needed"),
        (series([1, 2, 3, 4], [1, 1, None, 1]), {}, "exposure is .* in row 2"),
        (series([1, 2, 3, 4], [1, 1, "", 1]), {}, "exposure is '' in row 2"),
        (series([1, 2, 3, 4, 5]).drop(index=2), {}, "2002-01-01 is missing between others"),
        (series(range(6)).drop(index=[1, 2, 3]), {"shortest": 1}, "2001-01-01 is missing"),
        (series([1, 2, 3, 4]).assign(period="2001"), {}, "needs timestamps in period"),
        (series([1, 2, 3, 4]), {"every": "week"}, "month, quarter, year"),
        (series([1, 2, 3, 4]), {"evidence": True}, "needs the column evidence"),
        (pd.concat([series([1, 2])] * 2), {}, "one row per period"),
        (series([1, 2, 3, 4]), {"penalty": 0}, "penalty=0"),
        (series([1, 2, 3, 4]), {"dispersion": 0}, "dispersion=0"),
        (series([1, 2, 3, 4]), {"shortest": 0}, "shortest=0"),
    ],
)
def test_what_is_no_series_of_counts_is_refused(frame, options, message):
    with pytest.raises(ValueError, match=message):
        phases(frame, **options)


def test_phases_take_any_frame_in_any_order(engine):
    counts = [2, 1, 3, 2, 14, 16, 13, 15]
    shuffled = series(counts).sample(frac=1, random_state=1).reset_index(drop=True)
    pd.testing.assert_frame_equal(
        phases(engine(shuffled)), phases(series(counts)), check_dtype=False
    )


def test_months_and_quarters_are_series_too():
    for step, freq in (("month", "MS"), ("quarter", "QS")):
        period = pd.date_range("2001-01-01", periods=8, freq=freq)
        frame = series([1, 1, 1, 1, 20, 20, 20, 20]).assign(period=period)
        assert len(phases(frame, step, shortest=2)) == 2
        with pytest.raises(ValueError, match=f"{period[3]:%Y-%m-%d} is missing"):
            phases(frame.drop(index=3), step)


# Two visits a year in 2001 to 2010, one of them with a patrol; 20 in 2011 to 2020.
NUMBER = {year: 2 if year < 2011 else 20 for year in range(2001, 2021)}
ROWS = [(year, number) for year, most in NUMBER.items() for number in range(most)]


def of_both_decades(pair):
    """The record of the pair with these contacts and no others."""
    ids = [f"{year}-02-01-{number}" for year, number in ROWS]
    events = pd.DataFrame({"event_id": ids, "occasion": ids, "parent_id": None, "kind": "visit"})
    events["start"] = events["end"] = pd.to_datetime([f"{year}-02-01" for year, _ in ROWS])
    patrols = events.head(1).assign(kind="joint_patrol", event_id="p")
    events = pd.concat([events, patrols.assign(parent_id=patrols["occasion"])])
    events = events.assign(precision="day", status="held", mechanism=None, host="AA")
    events = events.assign(mode="in_person", title="Visit").reset_index(drop=True)
    events = events.astype({"parent_id": "str", "mechanism": "str"})
    days = pd.Timestamp("2001-01-01"), pd.Timestamp("2020-12-31")
    return replace(pair, events=events, covered={None: days})


def test_a_dataset_is_counted_and_split(pair, engine):
    data = of_both_decades(pair)
    found = phases(data.convert(engine))
    assert found["since"].dt.year.tolist() == [2001, 2011]
    assert found["count"].tolist() == [20, 200]
    contacts_of_it = phases(data.convert(engine), count="contacts")
    assert contacts_of_it["count"].tolist() == [21, 200]
    counted = rel.exchange_frequency(data)
    pd.testing.assert_frame_equal(phases(counted), phases(data))
    assert found.attrs["source"] == phases(counted).attrs["source"] == data.caption
    assert phases(counted).attrs["unit"] == "occasions"
    assert breaks(data, draws=20)["since"].dt.year.tolist() == [2011]
    assert steps_or_growth(data)["numbers"].tolist() == [2, 3]


def test_phases_can_be_traced(pair):
    data = of_both_decades(pair)
    found = phases(data, evidence=True)
    assert [len(cell.split(";")) for cell in found["evidence"]] == found["count"].tolist()
    counted = rel.exchange_frequency(data, evidence=True)
    pd.testing.assert_frame_equal(phases(counted, evidence=True), found)


def test_a_filtered_frame_has_no_first_phase_of_invented_zeros(pair):
    data = of_both_decades(pair)
    late = data.events[data.events["start"] >= "2011"]
    with pytest.warns(UserWarning, match="2011-01-01 to 2020-12-31") as told:
        found = phases(late)
    # The warning points to the line that asks, not into the library.
    assert {warning.filename for warning in told} == {__file__}
    assert found["since"].dt.year.tolist() == [2011]
    assert found["rate"].tolist() == [20]
    assert phases(data.where(since=2011))["since"].dt.year.tolist() == [2011]


def test_a_choice_that_leaves_nothing_is_one_phase_of_nothing(pair):
    none = of_both_decades(pair).where(kind="exercise")
    assert phases(none)[["count", "rate"]].values.tolist() == [[0, 0]]
    assert breaks(none).empty
    with pytest.raises(ValueError, match="no contact is counted"):
        steps_or_growth(none)


# Rises and dips


def test_a_rise_is_shared_out_among_its_groups(pair, engine):
    data = of_both_decades(pair)
    events = data.events
    # Of the 20 visits a year in the later decade 5 are calls.
    call = events["event_id"].str.contains("-02-01-1[5-9]")
    events = events.assign(kind=events["kind"].mask(call, "call"))
    made = replace(data, events=events)
    table = rise(made.convert(engine), "kind")
    assert table["kind"].tolist() == ["call"] * 2 + ["joint_patrol"] * 2 + ["visit"] * 2
    assert table["phase"].tolist() == [1, 2] * 3
    assert table["since"].dt.year.tolist() == [2001, 2011] * 3
    assert table["until"].dt.year.tolist() == [2010, 2020] * 3
    assert table["rate"].tolist() == pytest.approx([0, 5, 0.1, 0, 2, 15])
    # Up by 5, down by a tenth, up by 13: 17.9 together.
    expected = np.repeat([5 / 17.9, -0.1 / 17.9, 13 / 17.9], 2)
    assert table["share_of_rise"].tolist() == pytest.approx(expected)
    # Garwood's interval of one patrol in ten years: 0.0253 to 5.5716.
    patrol = table[table["kind"] == "joint_patrol"].iloc[0]
    assert (patrol["low"], patrol["high"]) == pytest.approx((0.00253, 0.55716), abs=1e-5)
    assert table.attrs["source"] == data.caption


def test_a_rise_is_told_for_any_phases(pair):
    data = of_both_decades(pair)
    table = rise(data, since=[2001, "2006", pd.Timestamp("2011-01-01")])
    assert table["count"].tolist() == [10, 10, 200]
    assert table["share_of_rise"].tolist() == [1, 1, 1]
    assert rise(data, since=2006)["share_of_rise"].isna().all()
    assert rise(data, since=phases(data)["since"])["count"].tolist() == [20, 200]
    for since, words in (
        ([2011, 2001], "in order of time"),
        (["2011-03"], "2011-03-01 in since begins no year"),
        ([2031], "begins no year"),
        ([], "in order of time"),
        (["spring"], "since='spring'"),
    ):
        with pytest.raises(ValueError, match=words):
            rise(data, since=since)
    with pytest.raises(ValueError, match="rename yours"):
        rise(data.events.assign(rate=1), "rate", span=("2001", "2020"))


def test_phases_are_compared_by_the_exact_ratio(pair):
    data = of_both_decades(pair)
    table = rate_ratios(data)
    assert table[["before", "after", "years_before", "years_after"]].values.tolist() == [
        [20, 200, 10, 10]
    ]
    assert table["ratio"].tolist() == [10]
    # The bounds are the ratios at which a one-sided test of 2.5% just rejects.
    for bound, side in ((table["low"][0], "greater"), (table["high"][0], "less")):
        assert binomtest(200, 220, bound / (1 + bound), side).pvalue == pytest.approx(0.025)
    assert table["p_value"][0] == pytest.approx(binomtest(200, 220, 0.5).pvalue)
    years = rate_ratios(data, "kind", since=[2001, 2002, 2003])
    patrols = years[years["kind"] == "joint_patrol"]
    assert patrols["ratio"].tolist()[0] == 0
    assert np.isnan(patrols["ratio"].tolist()[1])
    visits = years[years["kind"] == "visit"]
    # One year after another, and then 18 years: 8 of 2 and 10 of 20.
    assert visits["ratio"].tolist() == pytest.approx([1, 216 / 18 / 2])
    assert rate_ratios(data, since=[2001]).empty
    assert rate_ratios(data, since=[2001]).dtypes.to_dict() == table.dtypes.to_dict()


def test_a_year_of_crisis_is_held_against_its_neighbours(engine):
    frame = series([9, 8, 9, 1, 10, 9, 3, 4]).assign(partial=[False] * 7 + [True])
    frame["exposure"] = [1.0] * 7 + [0.5]
    table = dips(engine(frame), {"a storm": ("2003-05-01", "2003-06-01"), "calm": 2001})
    assert table["year"].tolist() == [2001, 2002, 2003, 2004, 2005]
    assert table["named"].tolist() == [True, False, True, False, False]
    assert table[["before", "count", "after"]].values.tolist() == [
        [9, 8, 9], [8, 9, 1], [9, 1, 10], [1, 10, 9], [10, 9, 3],
    ]  # fmt: skip
    assert table["below"].tolist() == [True, False, True, False, False]
    scatter = max(1, phases(frame)["dispersion"][0])
    assert table.attrs["dispersion"] == scatter
    # 20 in three years: the middle one has 1 where 20/3 are expected.
    expected = norm.cdf((1 - 20 / 3) / np.sqrt(20 * 2 / 9 * scatter))
    assert table["p_value"][2] == pytest.approx(expected)
    assert table["p_adjusted"].isna().tolist() == [False, True, False, True, True]
    assert table["p_adjusted"][2] == pytest.approx(2 * expected)
    plain = dips(engine(frame), [2003], dispersion=1)
    assert plain["p_value"][2] == pytest.approx(norm.cdf((1 - 20 / 3) / np.sqrt(40 / 9)))
    assert dips(engine(frame))["named"].sum() == 0


def test_a_year_without_neighbours_cannot_be_a_dip(pair):
    frame = series([9, 8, 9, 1, 10], [1.0] * 4 + [0.5])
    for year in (2000, 2003, 2004, 2031):
        with pytest.raises(ValueError, match=f"{year} is not covered whole with the years"):
            dips(frame, [year])
    with pytest.raises(ValueError, match="dispersion=0"):
        dips(frame, dispersion=0)
    with pytest.raises(ValueError, match="years='spring'"):
        dips(frame, ["spring"])
    data = of_both_decades(pair)
    table = dips(data, [2011])
    assert table.loc[table["named"], ["before", "count", "after"]].values.tolist() == [[2, 20, 20]]
    # Leap years are whole.
    assert len(table) == 18
    assert dips(data.where(kind="exercise"))["p_value"].between(0, 1).all()


def test_even_years_seldom_look_like_a_dip():
    generator = np.random.default_rng(6)
    alarms = []
    for _ in range(400):
        table = dips(series(generator.poisson(12, 9)), [2004], dispersion=1)
        alarms.append((table.loc[table["named"], "p_value"] <= 0.05).item())
    # 5% and 2.6 standard errors of 400 series.
    assert 0.02 <= np.mean(alarms) <= 0.079


# Phases and the sources


def test_contacts_that_follow_the_sources_have_no_phases_per_source(pair, engine):
    data = of_both_decades(pair)
    events = data.events[data.events["event_id"] != "p"]
    early = events[events["event_id"].str.endswith("-0")]
    sources = pd.DataFrame(
        {
            "source_id": events["event_id"],
            "outlet": "one paper",
            "side": "AA",
            "published": events["start"],
            "reprint_of": None,
        }
    )
    # A copy is no second witness, whatever the year.
    copies = sources.assign(source_id=sources["source_id"] + "-copy", reprint_of="x")
    participants = pd.DataFrame(
        {
            "event_id": early["event_id"],
            "person_id": "ann",
            "source_id": "s1",
            "role": "head",
            "office_as_reported": "Minister",
            "rank_as_reported": None,
        }
    )
    # Ann is minister on 1 February of 2015 to 2019 by the small tables.
    editions = pd.DataFrame({"event_id": early["event_id"], "side": "both", "edition": 1})
    made = replace(
        data,
        events=events,
        sources=pd.concat([sources, copies]),
        participants=participants,
        editions=editions,
    )
    table = phases_of_sources(made.convert(engine))
    number = table["series"].value_counts()
    assert number["contacts"] == number["sources"] == 2
    assert number["contacts per source"] == number["outlets"] == number["numbered"] == 1
    second = table[(table["series"] == "contacts") & (table["phase"] == 2)]
    assert second["since"].dt.year.tolist() == [2011]
    assert second["beside_sources"].tolist() == [True]
    assert table.loc[table["phase"] == 1, "beside_sources"].isna().all()
    # A phase can begin in 2003 to 2019; 2010, 2011 and 2012 lie beside the break.
    assert table["by_chance"].tolist() == pytest.approx([3 / 17] * len(table))
    per_source = table[table["series"] == "contacts per source"].iloc[0]
    assert (per_source["rate"], per_source["exposure"]) == (1, 220)
    assert table.loc[table["series"] == "numbered", "count"].sum() == 20
    assert table.loc[table["series"] == "tier", "count"].sum() == 5
    none = phases_of_sources(made, tier=["leader", "working"])
    assert none.loc[none["series"] == "tier", "count"].sum() == 0


def test_phases_of_sources_read_several_tables(pair):
    with pytest.raises(TypeError, match="takes a Dataset"):
        phases_of_sources(pair.events)
    with pytest.raises(ValueError, match="no source that is no copy has a date"):
        phases_of_sources(replace(of_both_decades(pair), sources=pair.sources.head(0)))


# Index of engagement


def test_an_index_is_the_sum_of_weights_per_year():
    own = index(THREE, {"visit": 2, "agreement": 3, "meeting": 1}, span=SPAN)
    assert own["weighed"].tolist() == [5, 5, 0]
    assert own["index"].tolist() == [5, 5, 0]
    assert own["count"].tolist() == [2, 3, 0]
    half = index(THREE, "goldstein", span=("2019-01-01", "2020-07-01"))
    assert half["index"].tolist() == pytest.approx([10.35, 5.7 / (183 / 366)])
    assert half["partial"].tolist() == [False, True]


def test_without_weights_the_index_is_the_frequency():
    found = index(THREE, span=SPAN)
    plain = rel.exchange_frequency(THREE, span=SPAN, count="contacts")
    for ours, theirs in (("index", "rate"), ("low", "low"), ("high", "high")):
        assert found[ours].tolist() == pytest.approx(plain[theirs].tolist())
    doubled = index(THREE, dict.fromkeys(THREE["kind"], 2), span=SPAN)
    assert doubled["high"].tolist() == pytest.approx((2 * plain["high"]).tolist())


@pytest.mark.parametrize("mean", [(3, 1, 0.5), (10, 6, 2)])
def test_the_interval_of_an_index_covers(mean):
    weight = np.array([1.0, 2.35, 8.0])
    drawn = np.random.default_rng(3).poisson(mean, (4000, 3))
    low, high = _index._gamma_interval(drawn @ weight, drawn @ weight**2, 8.0, 1.0)
    true = np.dot(mean, weight)
    assert 0.93 <= np.mean((low <= true) & (true <= high)) < 0.999


def test_schemes_know_every_kind_of_the_codebook(data):
    kinds = set(data.events["kind"].cat.categories)
    assert all(set(weights) == kinds for weights in trajectory.WEIGHTS.values())
    goldstein, plover = trajectory.WEIGHTS["goldstein"], trajectory.WEIGHTS["plover"]
    # Paper beats practice for one, practice paper for the other.
    assert goldstein["agreement"] > goldstein["joint_patrol"]
    assert plover["agreement"] < plover["joint_patrol"]


def test_kinds_of_an_occasion_are_weighed_once_each(pair, engine):
    made = pair.convert(engine)
    assert index(made)["count"].tolist() == [2, 0, 1]
    # A visit of 2 with talks of 1 in 2019, a patrol of 3 in 2021.
    assert index(made, "own")["index"].tolist() == [3, 0, 3]
    more = pair.events[pair.events["kind"] == "meeting"].assign(event_id="more-talks")
    again = replace(pair, events=pd.concat([pair.events, more], ignore_index=True))
    assert index(again, "own")["index"].tolist() == [3, 0, 3]
    assert index(again, "own", count="contacts")["index"].tolist() == [4, 0, 3]


def test_an_index_of_nothing_is_zeros(pair):
    none = index(pair.where(kind="exercise"), "own")
    assert none[["count", "index", "low"]].values.tolist() == [[0, 0, 0]] * 3
    # At most 3.69 of the heaviest kind, of weight 3.
    assert none["high"].tolist() == pytest.approx([3 * 3.6889] * 3, abs=1e-3)
    with pytest.raises(ValueError, match="no contact is left"):
        index_sensitivity(pair.where(kind="exercise"))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("cameo", "weights='cameo'"),
        ({"visit": 1, "agreement": 1}, "no weight for kind 'meeting'"),
        ({"visit": -1, "agreement": 1, "meeting": 1}, "from 0 upwards"),
        ({"visit": np.nan, "agreement": 1, "meeting": 1}, "from 0 upwards"),
        ({"visit": 0, "agreement": 0, "meeting": 0}, "not all of them 0"),
    ],
)
def test_weights_that_are_none_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        index(THREE, weights, span=SPAN)


def test_spans_that_differ_by_kind_are_not_summed(pair):
    day = pd.Timestamp
    covered = {None: pair.span, "visit": (day("2018-01-01"), day("2021-12-31"))}
    with pytest.raises(ValueError, match="differs by kind"):
        index(replace(pair, covered=covered))
    assert index(replace(pair, covered=covered), span=pair.span)["count"].sum() == 3
    with pytest.raises(ValueError, match="needs the column kind"):
        index(THREE.drop(columns="kind"), span=SPAN)


def test_every_engine_gives_the_same_index(engine):
    pd.testing.assert_frame_equal(
        as_pandas(index(engine(THREE), "plover", span=SPAN)),
        as_pandas(index(THREE, "plover", span=SPAN)),
    )


def test_the_band_is_what_weights_do():
    fixed = index_sensitivity(THREE, draws=20, spread=0, span=SPAN)
    assert fixed["low"].tolist() == pytest.approx(fixed["index"].tolist())
    assert (fixed["flipped"] == 0).all()
    assert fixed.groupby("scheme")["index"].mean().tolist() == pytest.approx([1] * 4)
    wide = index_sensitivity(THREE, draws=200, spread=1, span=SPAN)
    assert (wide["low"] <= wide["index"]).all()
    assert (wide["index"] <= wide["high"]).all()
    assert (wide["flipped"] > 0.05).any()
    pd.testing.assert_frame_equal(wide, index_sensitivity(THREE, draws=200, spread=1, span=SPAN))
    # Where one year has more of every kind, no weights put it second.
    more = pd.concat([THREE.head(2), contacts([("2020-05-01", "visit")])])
    only = index_sensitivity(more, draws=200, spread=2, span=("2019-01-01", "2020-12-31"))
    assert (only["flipped"] == 0).all()
    assert only.groupby("scheme")["rank_high"].first().tolist() == [1] * 4


def test_years_covered_in_part_are_not_ranked():
    band = index_sensitivity(THREE, draws=5, span=("2019-01-01", "2021-06-30"))
    assert band["period"].dt.year.unique().tolist() == [2019, 2020]
    with pytest.raises(ValueError, match="at least two"):
        index_sensitivity(THREE, draws=5, span=("2019-01-01", "2020-06-30"))
    with pytest.raises(ValueError, match="draws=0"):
        index_sensitivity(THREE, draws=0, span=SPAN)


def test_equal_years_share_their_place():
    """One visit and one agreement in each of two years: no weights tell them apart."""
    same = [(f"{year}-03-01", kind) for year in (2019, 2020) for kind in ("visit", "agreement")]
    band = index_sensitivity(contacts(same), draws=50, span=("2019-01-01", "2020-12-31"))
    assert (band[["rank", "rank_low", "rank_high"]] == 1).all(axis=None)


def test_weights_that_change_the_order_of_years_are_seen():
    """An agreement against two visits: 1 < 2 without weights, 8 > 4.7 by Goldstein's."""
    two = contacts([("2019-03-01", "agreement"), ("2020-03-01", "visit"), ("2020-05-01", "visit")])
    band = index_sensitivity(two, ["none", "goldstein"], span=("2019-01-01", "2020-12-31"))
    assert band["rank"].tolist() == [2, 1, 1, 2]
    assert (band["rank_low"] == 1).all()
    assert (band["rank_high"] == 2).all()
    # ln w differs by ln 2 of two weights of standard deviation 0.5 each: P(z > 0.98) = 0.163.
    assert band["flipped"].iloc[0] == pytest.approx(0.163, abs=0.035)
    assert scheme_agreement(band)[["flipped", "order"]].to_numpy().tolist() == [[1, "differs"]]
    with pytest.raises(ValueError, match="stands twice in the scheme 'none'"):
        scheme_agreement(pd.concat([band, band]))


def test_orders_are_compared_pair_by_pair():
    band = pd.DataFrame(
        {
            "scheme": ["a"] * 4 + ["b"] * 4 + ["c"] * 4,
            "period": [1, 2, 3, 4] * 3,
            "index": [1, 2, 3, 4, 1, 3, 2, 4, 1, 2, 2, 9],
        }
    )
    table = scheme_agreement(band).set_index(["first", "second"])
    assert table.loc[("a", "b"), "flipped"] == pytest.approx(1 / 6)
    assert table.loc[("a", "b"), "order"] == "differs"
    assert table.loc[("a", "c"), "flipped"] == 0
    assert table.loc[("a", "c"), "order"] == "same"
    expected = kendalltau([1, 3, 2, 4], [1, 2, 2, 9]).statistic
    assert table.loc[("b", "c"), "kendall_tau"] == pytest.approx(expected)
    with pytest.raises(ValueError, match="at least two"):
        scheme_agreement(band[band["scheme"] == "a"])


def test_schemes_that_tie_all_years_are_neither_same_nor_different():
    band = pd.DataFrame(
        {
            "scheme": ["a"] * 3 + ["b"] * 3 + ["c"] * 3,
            "period": [1, 2, 3] * 3,
            "index": [1, 1, 1, 1, 2, 3, 2, 2, 2],
        }
    )
    table = scheme_agreement(band)
    assert table["order"].tolist() == ["tied"] * 3
    assert table[["kendall_tau", "flipped"]].isna().all(axis=None)
    # One visit and one agreement a year: no weights tell the years apart.
    same = [(f"{year}-03-01", kind) for year in (2019, 2020) for kind in ("visit", "agreement")]
    span = ("2019-01-01", "2020-12-31")
    assert scheme_agreement(contacts(same), span=span)["order"].tolist() == ["tied"] * 6
    assert index_sensitivity(contacts(same), draws=20, span=span)["flipped"].isna().all()
    for value in (None, "much"):
        with pytest.raises(ValueError, match=r"index is .* in row 2, where a number is needed"):
            scheme_agreement(band.astype({"index": "object"}).assign(
                index=[1, 2, value, *band["index"][3:]]))  # fmt: skip


def test_agreement_is_that_of_the_index(pair, engine):
    made = of_both_decades(pair).convert(engine)
    band = index_sensitivity(made, draws=5)
    pd.testing.assert_frame_equal(scheme_agreement(made), scheme_agreement(band))
    assert scheme_agreement(made, ["none", "own"])["years"].tolist() == [20]


# What goes before what

QUARTERS = pd.date_range("2000-01-01", periods=104, freq="QS")
LONG = ("2000-01-01", "2025-12-31")


def two_kinds(one, other):
    days = list(np.repeat(QUARTERS, one)) + list(np.repeat(QUARTERS, other))
    return contacts(zip(days, ["a"] * sum(one) + ["b"] * sum(other), strict=True))


def test_what_goes_before_is_found_at_its_lag():
    one = np.random.default_rng(2).poisson(1.0, 104)
    other = np.roll(one, 2)
    other[:2] = 0
    table = lead_lag(two_kinds(one, other), "a", "b", permutations=199, span=LONG)
    assert table.loc[table["association"].idxmax(), "lag"] == 2
    assert table.set_index("lag").loc[2, "p_any"] == pytest.approx(1 / 200)
    assert (table["p_any"] >= table["p"]).all()
    assert table["pairs"].tolist() == [103, 102, 101, 100]
    back = lead_lag(two_kinds(one, other), "b", "a", permutations=199, span=LONG)
    assert back["p_any"].min() > 0.05


def test_the_association_is_a_correlation_within_blocks():
    generator = np.random.default_rng(4)
    one, other = generator.poisson(2.0, 104), generator.poisson(2.0, 104)
    table = lead_lag(two_kinds(one, other), "a", "b", [0], permutations=19, span=LONG)

    def off_line(values):
        place = np.arange(8)
        return [y - np.polyval(np.polyfit(place, y, 1), place) for y in values.reshape(13, 8)]

    expected = np.corrcoef(np.ravel(off_line(one)), np.ravel(off_line(other)))[0, 1]
    assert table["association"].iloc[0] == pytest.approx(expected)


RISE = np.arange(105) / 105
ALARMS = {
    "level, few": (np.full(105, 0.4), np.full(105, 0.9), 8),
    "thirtyfold, few": (0.1 * np.exp(3.4 * RISE), 0.1 * np.exp(3.4 * RISE), 8),
    "thirtyfold, many, long blocks": (np.exp(3.4 * RISE), np.exp(3.4 * RISE), 12),
}


@pytest.mark.parametrize("alternative", _leads.ALTERNATIVES)
@pytest.mark.parametrize("case", ALARMS)
def test_series_that_do_not_lead_each_other_seldom_pass(case, alternative):
    *means, block = ALARMS[case]
    generator = np.random.default_rng(20261122)
    least, single = [], []
    for _ in range(2000):
        one, other = (generator.poisson(mean).astype(float) for mean in means)
        _, _, p, p_any = _leads._against_shifts(
            one, other, (1, 2, 3, 4), alternative, block, 99, generator
        )
        least.append(p_any.min() <= 0.05)
        single.append(p[0] <= 0.05)
    # 5% and 2.6 standard errors of 2,000 series: one test in 200 that holds would fail.
    for alarms in (least, single):
        assert 0.035 < np.mean(alarms) <= 0.05 + 2.6 * (0.05 * 0.95 / 2000) ** 0.5


def test_a_shift_keeps_the_counts_of_each_block():
    values = np.arange(20.0)
    starts = _leads._starts(20, 8)
    assert starts.tolist() == [0, 8]
    shifted = _leads._shifted(values, starts, 50, np.random.default_rng(0))
    assert (np.sort(shifted[:, :8], axis=1) == values[:8]).all()
    assert (np.sort(shifted[:, 8:], axis=1) == values[8:]).all()
    assert len({tuple(row) for row in shifted}) > 20
    # Turned, not mixed: neighbours stay neighbours.
    assert set(np.diff(shifted[:, :8], axis=1).ravel()) <= {1.0, -7.0}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"second": "c"}, "no contact of kind 'c'; there are a, b"),
        ({"second": "a"}, "share"),
        ({"lags": [-1]}, "lag -1"),
        ({"lags": [99]}, "eight pairs"),
        ({"lags": []}, "at least one lag"),
        ({"permutations": 5}, "19 are needed"),
        ({"block": 3}, "block=3"),
        ({"block": [8, 13]}, r"block=\[8, 13\]"),
        ({"block": []}, r"block=\[\]"),
        ({"every": "week"}, "month, quarter, year"),
        ({"alternative": "after"}, "alternative='after'"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments, message):
    one = np.random.default_rng(0).poisson(1.0, 104)
    asked = {"first": "a", "second": "b", "span": LONG} | arguments
    with pytest.raises(ValueError, match=message):
        lead_lag(two_kinds(one, one[::-1]), **asked)


def test_several_blocks_are_tested_each_by_itself():
    generator = np.random.default_rng(12)
    frame = two_kinds(generator.poisson(1.0, 104), generator.poisson(1.0, 104))
    how = {"permutations": 99, "span": LONG, "lags": (1, 2)}
    several = lead_lag(frame, "a", "b", block=(4, 8, 12), **how)
    assert several["block"].tolist() == [4, 4, 8, 8, 12, 12]
    each = [lead_lag(frame, "a", "b", block=size, **how) for size in (4, 8, 12)]
    pd.testing.assert_frame_equal(several, pd.concat(each, ignore_index=True))


def test_an_occasion_with_several_contacts_of_a_kind_is_one(engine):
    one = np.random.default_rng(3).poisson(1.0, 104)
    plain = two_kinds(one, one[::-1])
    plain["event_id"] = [f"e{number}" for number in range(len(plain))]
    # Every contact of the kind a has a part of the same kind and one of the kind c.
    parts = [
        plain[plain["kind"] == "a"].assign(
            parent_id=lambda frame: frame["event_id"],
            event_id=lambda frame, kind=kind: frame["event_id"] + kind,
            kind=kind,
        )
        for kind in "ac"
    ]
    frame = engine(pd.concat([plain.assign(parent_id=None), *parts], ignore_index=True))
    how = {"permutations": 19, "span": LONG}
    expected = lead_lag(plain, "a", "b", **how)
    pd.testing.assert_frame_equal(lead_lag(frame, "a", "b", **how), expected)
    pd.testing.assert_frame_equal(lead_lag(frame, ["a", "c"], "b", **how), expected)
    every = lead_lag(frame, ["a", "c"], "b", count="contacts", **how)
    assert every["first_count"].tolist() == [3 * sum(one)] * 4


def test_a_frame_covers_both_kinds_from_the_first_to_the_last(pair):
    generator = np.random.default_rng(5)
    one, other = generator.poisson(1.0, 104), generator.poisson(1.0, 104)
    one[:10], other[-10:], one[-1], other[0] = 0, 0, 0, 1
    other[-11] = 1
    frame = two_kinds(one, other)
    with pytest.warns(UserWarning, match="does not say what it covers"):
        bare = lead_lag(frame, "a", "b", permutations=19)
    last = frame["start"].max().to_period("Q").end_time.normalize()
    whole = lead_lag(frame, "a", "b", permutations=19, span=(frame["start"].min(), last))
    pd.testing.assert_frame_equal(bare, whole)


def test_contacts_known_to_the_year_cannot_be_placed(pair):
    with pytest.raises(ValueError, match=r"known less precisely.*data.where\(precision="):
        lead_lag(pair.events.assign(precision="year"), "visit", "joint_patrol", span=pair.span)
    flat = two_kinds([1] * 104, list(np.random.default_rng(0).poisson(1.0, 104)))
    with pytest.raises(ValueError, match="flat or a straight line in every block of 8"):
        lead_lag(flat, "a", "b", span=LONG)


# Steps or growth


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 30), min_size=4, max_size=20).filter(lambda n: sum(map(bool, n)) > 1)
)
def test_growth_solves_the_equations_of_a_poisson_regression(counts):
    """At the best fit the counts and the counts times time are those expected."""
    days = pd.date_range("2001-01-01", periods=len(counts), freq="YS")
    frame = pd.DataFrame({"period": days, "count": counts, "exposure": 1.0})
    growth = steps_or_growth(frame)["growth"].iloc[0]
    years = (days - days[0]).days.to_numpy() / 365.2425
    expected = (1 + growth) ** years
    expected *= sum(counts) / expected.sum()
    assert (years * expected).sum() == pytest.approx((years * counts).sum(), rel=1e-4, abs=1e-3)


def test_steps_and_growth_are_told_apart():
    years = pd.date_range("2001-01-01", periods=10, freq="YS")
    doubling = pd.DataFrame({"period": years, "count": [2**n for n in range(10)], "exposure": 1.0})
    steps = doubling.assign(count=[2] * 5 + [40] * 5)
    for frame, better in ((doubling, "constant growth"), (steps, "phases")):
        found = phases(frame)
        table = steps_or_growth(frame).set_index("fit")
        assert table["criterion"].idxmin() == better
        assert table.loc["phases", "numbers"] == 2 * len(found) - 1
    table = steps_or_growth(doubling)
    assert table["growth"].iloc[0] == pytest.approx(1, abs=0.002)
    empty = steps.assign(count=0)
    with pytest.raises(ValueError, match="no contact"):
        steps_or_growth(empty)
