"""Phases are found where they are and not invented; an index says what its weights do."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from conftest import as_pandas
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

import relations as rel
from relations import figures, trajectory
from relations.trajectory import (
    break_uncertainty,
    engagement_index,
    index_sensitivity,
    lead_lag,
    phases,
    phases_of_sources,
    scheme_agreement,
)


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


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
    for breaks in range(size // shortest):
        for cut in itertools.combinations(range(1, size), breaks):
            ends = [0, *cut, size]
            if min(np.diff(ends)) < shortest:
                continue
            cost = penalty * breaks
            for start, end in itertools.pairwise(ends):
                n, years = sum(count[start:end]), sum(exposure[start:end])
                cost -= 2 * n * np.log(n / years) if n else 0
            best = min(best, (cost, cut))
    return list(best[1])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=4, max_size=10), st.floats(0.5, 12))
def test_phases_are_those_of_the_best_of_all_segmentations(counts, penalty):
    exposure = [1.0] * (len(counts) - 1) + [0.25]
    found = phases(series(counts, exposure), penalty)
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
    ends = trajectory._ends(drawn, exposure, 6 + np.log(periods), 2, 1.0)
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
        breaks = break_uncertainty(frequency, draws=60)
        inside = (breaks["earliest"].dt.year <= 2012) & (breaks["latest"].dt.year >= 2012)
        held.append(bool(inside.any()))
        found.append(len(breaks) >= 1)
    assert np.mean(found) >= 0.98
    # 95% less two standard errors of 400 series.
    assert np.mean(held) >= 0.93


def test_a_weak_break_is_said_to_be_weak():
    strong = break_uncertainty(series([2] * 8 + [20] * 8), draws=100)
    weak = break_uncertainty(series([4, 4, 4, 4, 10, 10, 10, 10]), draws=200)
    assert strong["found"].tolist() == [1.0]
    assert strong["earliest"].tolist() == strong["latest"].tolist() == strong["since"].tolist()
    assert 0.3 < weak["found"].iloc[0] < 0.9
    assert weak["earliest"].iloc[0] < weak["latest"].iloc[0]
    assert break_uncertainty(series([4] * 8)).empty


def test_draws_scatter_as_asked_for():
    mean = np.full(400, 10.0)
    drawn = trajectory._draw(mean, 2.5, 50, np.random.default_rng(1))
    assert drawn.var() / drawn.mean() == pytest.approx(2.5, rel=0.1)
    again = trajectory._draw(mean, 2.5, 50, np.random.default_rng(1))
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
        (series([1, 2, 3, np.nan]), {}, "whole numbers"),
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


# Phases and the sources


def test_contacts_that_follow_the_sources_have_no_phases_per_source(small):
    data = rel.load(small.path)
    years = range(2001, 2021)
    number = [2 if year < 2011 else 20 for year in years]
    rows = [(f"{y}-02-01", i) for y, n in zip(years, number, strict=True) for i in range(n)]
    events = pd.DataFrame(
        {
            "event_id": [f"{day}-{i}" for day, i in rows],
            "start": pd.to_datetime([day for day, _ in rows]),
            "end": pd.to_datetime([day for day, _ in rows]),
            "precision": "day",
            "status": "held",
            "kind": "visit",
            "parent_id": None,
            "covered_since": pd.Timestamp("2001-01-01"),
            "covered_until": pd.Timestamp("2020-12-31"),
        }
    )
    early = events[events["event_id"].str.endswith("-0")]
    sources = pd.DataFrame(
        {
            "source_id": events["event_id"],
            "outlet": "one paper",
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

    class Tables:
        people, appointments, promotions = data.people, data.appointments, data.promotions
        offices, ranks = data.offices, data.ranks

    Tables.events, Tables.sources = events, pd.concat([sources, copies])
    Tables.participants, Tables.editions = participants, editions
    table = phases_of_sources(Tables)
    number = table["series"].value_counts()
    assert number["contacts"] == number["sources"] == 2
    assert number["contacts per source"] == number["outlets"] == number["numbered"] == 1
    second = table[(table["series"] == "contacts") & (table["phase"] == 2)]
    assert second["since"].dt.year.tolist() == [2011]
    assert second["beside_sources"].tolist() == [True]
    assert table.loc[table["phase"] == 1, "beside_sources"].isna().all()
    per_source = table[table["series"] == "contacts per source"].iloc[0]
    assert (per_source["rate"], per_source["exposure"]) == (1, 220)
    assert table.loc[table["series"] == "numbered", "count"].sum() == 20
    assert table.loc[table["series"] == "ministers", "count"].sum() == 5


# Index of engagement


def test_an_index_is_the_sum_of_weights_per_year():
    own = engagement_index(THREE, {"visit": 2, "agreement": 3, "meeting": 1}, span=SPAN)
    assert own["weighed"].tolist() == [5, 5, 0]
    assert own["index"].tolist() == [5, 5, 0]
    assert own["count"].tolist() == [2, 3, 0]
    half = engagement_index(THREE, "goldstein", span=("2019-01-01", "2020-07-01"))
    assert half["index"].tolist() == pytest.approx([10.35, 5.7 / (183 / 366)])
    assert half["partial"].tolist() == [False, True]


def test_without_weights_the_index_is_the_frequency():
    index = engagement_index(THREE, span=SPAN)
    plain = rel.exchange_frequency(THREE, span=SPAN)
    for ours, theirs in (("index", "rate"), ("low", "low"), ("high", "high")):
        assert index[ours].tolist() == pytest.approx(plain[theirs].tolist())
    doubled = engagement_index(THREE, dict.fromkeys(THREE["kind"], 2), span=SPAN)
    assert doubled["high"].tolist() == pytest.approx((2 * plain["high"]).tolist())


@pytest.mark.parametrize("mean", [(3, 1, 0.5), (10, 6, 2)])
def test_the_interval_of_an_index_covers(mean):
    weight = np.array([1.0, 2.35, 8.0])
    drawn = np.random.default_rng(3).poisson(mean, (4000, 3))
    low, high = trajectory._gamma_interval(drawn @ weight, drawn @ weight**2, 8.0, 1.0)
    true = np.dot(mean, weight)
    assert 0.93 <= np.mean((low <= true) & (true <= high)) < 0.999


def test_schemes_know_every_kind_of_the_codebook(data):
    kinds = set(data.events["kind"].cat.categories)
    assert all(set(weights) == kinds for weights in trajectory.WEIGHTS.values())
    goldstein, plover = trajectory.WEIGHTS["goldstein"], trajectory.WEIGHTS["plover"]
    # Paper beats practice for one, practice paper for the other.
    assert goldstein["agreement"] > goldstein["joint_patrol"]
    assert plover["agreement"] < plover["joint_patrol"]


def test_parts_are_counted_or_folded_as_asked(small):
    events = rel.load(small.path).events
    assert engagement_index(events)["count"].sum() == 3
    assert engagement_index(events, parts="fold")["count"].sum() == 2
    assert engagement_index(events, "own")["index"].tolist() == [3, 0, 3]


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
        engagement_index(THREE, weights, span=SPAN)


def test_spans_that_differ_by_kind_are_not_summed():
    mixed = THREE.assign(
        covered_since=pd.to_datetime(["2019-01-01", "2018-01-01", *["2019-01-01"] * 3]),
        covered_until=pd.Timestamp("2021-12-31"),
    )
    with pytest.raises(ValueError, match="differs by kind"):
        engagement_index(mixed)
    with pytest.raises(ValueError, match="needs the column kind"):
        engagement_index(THREE.drop(columns="kind"), span=SPAN)


def test_every_engine_gives_the_same_index(engine):
    pd.testing.assert_frame_equal(
        as_pandas(engagement_index(engine(THREE), "plover", span=SPAN)),
        as_pandas(engagement_index(THREE, "plover", span=SPAN)),
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


@pytest.mark.parametrize("alternative", trajectory.ALTERNATIVES)
@pytest.mark.parametrize("case", ALARMS)
def test_series_that_do_not_lead_each_other_seldom_pass(case, alternative):
    *means, block = ALARMS[case]
    generator = np.random.default_rng(20261122)
    least, single = [], []
    for _ in range(2000):
        one, other = (generator.poisson(mean).astype(float) for mean in means)
        _, _, p, p_any = trajectory._against_shifts(
            one, other, (1, 2, 3, 4), alternative, block, 99, generator
        )
        least.append(p_any.min() <= 0.05)
        single.append(p[0] <= 0.05)
    # 5% and 2.6 standard errors of 2,000 series: one test in 200 that holds would fail.
    for alarms in (least, single):
        assert 0.035 < np.mean(alarms) <= 0.05 + 2.6 * (0.05 * 0.95 / 2000) ** 0.5


def test_a_shift_keeps_the_counts_of_each_block():
    values = np.arange(20.0)
    starts = trajectory._starts(20, 8)
    assert starts.tolist() == [0, 8]
    shifted = trajectory._shifted(values, starts, 50, np.random.default_rng(0))
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
        ({"alternative": "after"}, "alternative='after'"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments, message):
    one = np.random.default_rng(0).poisson(1.0, 104)
    asked = {"first": "a", "second": "b", "span": LONG} | arguments
    with pytest.raises(ValueError, match=message):
        lead_lag(two_kinds(one, one[::-1]), **asked)


def test_contacts_known_to_the_year_cannot_be_placed(small):
    events = rel.load(small.path).events.assign(precision="year")
    with pytest.raises(ValueError, match="known less precisely"):
        lead_lag(events, "visit", "joint_patrol")
    flat = two_kinds([1] * 104, list(np.random.default_rng(0).poisson(1.0, 104)))
    with pytest.raises(ValueError, match="flat or a straight line in every block of 8"):
        lead_lag(flat, "a", "b", span=LONG)


# Figures


def test_phases_are_drawn_at_their_rates():
    frequency = series([2, 1, 3, 2, 14, 16, 13, 15]).assign(partial=[False] * 7 + [True])
    found = phases(frequency)
    breaks = break_uncertainty(frequency, draws=50)
    ax = figures.plot_phases(
        frequency, found, breaks, source="a test", crises={"a storm": ("2002-03-01", "2002-06-01")}
    )
    assert [bar.get_height() for bar in ax.patches[:8]] == [2, 1, 3, 2, 14, 16, 13, 15]
    rates = [line.get_ydata()[0] for line in ax.lines if len(line.get_ydata()) == 2]
    assert rates[:2] == found["rate"].tolist()
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["2.0 a year", "14.5 a year", f"2004: {breaks['found'].iloc[0]:.0%}", "1"]
    assert "1 a storm" in ax.get_title("left")
    assert ax.figure.get_supxlabel() == "a test"
    with pytest.raises(ValueError, match="one row per period"):
        figures.plot_phases(pd.concat([frequency] * 2), found, source="")


def test_the_index_is_drawn_under_each_scheme():
    band = index_sensitivity(THREE, draws=20, span=SPAN)
    axes = figures.plot_engagement_index(band, source="a test", names={"own": "our weights"})
    assert [axis.get_title("left") for axis in axes] == [
        "none", "our weights", "goldstein", "plover",
    ]  # fmt: skip
    for axis, scheme in zip(axes, trajectory.SCHEMES, strict=True):
        drawn = axis.lines[0].get_ydata().tolist()
        assert drawn == band.loc[band["scheme"] == scheme, "index"].tolist()
    with pytest.raises(ValueError, match="4 schemes"):
        figures.plot_engagement_index(band, source="", ax=[axes[0]])


def test_lags_beyond_chance_are_filled():
    table = pd.DataFrame(
        {"lag": [1, 2], "association": [0.1, 0.5], "low": -0.2, "high": 0.2, "p_any": [0.4, 0.01]}
    )
    (axis,) = figures.plot_lead_lag({"a": table}, source="a test")
    filled, empty = (line for line in axis.lines if line.get_marker() == "o")
    assert (filled.get_xdata().tolist(), empty.get_xdata().tolist()) == ([2], [1])
    assert empty.get_markerfacecolor() == "white" != filled.get_markerfacecolor()
    with pytest.raises(ValueError, match="at least one"):
        figures.plot_lead_lag({}, source="")


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 30), min_size=4, max_size=20).filter(lambda n: sum(map(bool, n)) > 1)
)
def test_growth_solves_the_equations_of_a_poisson_regression(counts):
    """At the best fit the counts and the counts times time are those expected."""
    days = pd.date_range("2001-01-01", periods=len(counts), freq="YS")
    frame = pd.DataFrame({"period": days, "count": counts, "exposure": 1.0})
    growth = rel.steps_or_growth(frame, rel.phases(frame))["growth"].iloc[0]
    years = (days - days[0]).days.to_numpy() / 365.2425
    expected = (1 + growth) ** years
    expected *= sum(counts) / expected.sum()
    assert (years * expected).sum() == pytest.approx((years * counts).sum(), rel=1e-4, abs=1e-3)


def test_steps_and_growth_are_told_apart():
    years = pd.date_range("2001-01-01", periods=10, freq="YS")
    doubling = pd.DataFrame({"period": years, "count": [2**n for n in range(10)], "exposure": 1.0})
    steps = doubling.assign(count=[2] * 5 + [40] * 5)
    for frame, better in ((doubling, "constant growth"), (steps, "phases")):
        found = rel.phases(frame)
        table = rel.steps_or_growth(frame, found).set_index("fit")
        assert table["criterion"].idxmin() == better
        assert table.loc["phases", "numbers"] == 2 * len(found) - 1
    table = rel.steps_or_growth(doubling, rel.phases(doubling))
    assert table["growth"].iloc[0] == pytest.approx(1, abs=0.002)
    with pytest.raises(ValueError, match="not of these counts"):
        rel.steps_or_growth(steps, rel.phases(doubling))
    empty = steps.assign(count=0)
    with pytest.raises(ValueError, match="no contact"):
        rel.steps_or_growth(empty, rel.phases(empty))
