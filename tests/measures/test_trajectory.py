"""A rise is shared out among its groups; an index says what its weights do."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from conftest import as_pandas
from scipy.stats import binomtest, kendalltau

import relations as rel
from relations.measures import _index, _leads, trajectory
from relations.measures.trajectory import (
    index,
    index_sensitivity,
    lead_lag,
    rate_ratios,
    rise,
    scheme_agreement,
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


# Rises


def test_a_rise_is_shared_out_among_its_groups(pair, engine):
    data = of_both_decades(pair)
    events = data.events
    # Of the 20 visits a year in the later decade 5 are calls.
    call = events["event_id"].str.contains("-02-01-1[5-9]")
    events = events.assign(kind=events["kind"].mask(call, "call"))
    made = replace(data, events=events)
    table = rise(made.convert(engine), "kind", starts=[2001, 2011])
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
    table = rise(data, starts=[2001, "2006", pd.Timestamp("2011-01-01")])
    assert table["count"].tolist() == [10, 10, 200]
    assert table["share_of_rise"].tolist() == [1, 1, 1]
    assert rise(data, starts=2006)["share_of_rise"].isna().all()
    for since, words in (
        ([2011, 2001], "in order of time"),
        (["2011-03"], "2011-03-01 in starts begins no year"),
        ([2031], "begins no year"),
        ([], "in order of time"),
        (["spring"], "starts='spring'"),
    ):
        with pytest.raises(ValueError, match=words):
            rise(data, starts=since)
    with pytest.raises(ValueError, match="rename yours"):
        rise(data.events.assign(rate=1), "rate", starts=[2001], span=("2001", "2020"))


def test_phases_are_compared_by_the_exact_ratio(pair):
    data = of_both_decades(pair)
    table = rate_ratios(data, starts=[2001, 2011])
    assert table[["before", "after", "years_before", "years_after"]].values.tolist() == [
        [20, 200, 10, 10]
    ]
    assert table["ratio"].tolist() == [10]
    # The bounds are the ratios at which a one-sided test of 2.5% just rejects.
    for bound, side in ((table["low"][0], "greater"), (table["high"][0], "less")):
        assert binomtest(200, 220, bound / (1 + bound), side).pvalue == pytest.approx(0.025)
    assert table["p_value"][0] == pytest.approx(binomtest(200, 220, 0.5).pvalue)
    years = rate_ratios(data, "kind", starts=[2001, 2002, 2003])
    patrols = years[years["kind"] == "joint_patrol"]
    assert patrols["ratio"].tolist()[0] == 0
    assert np.isnan(patrols["ratio"].tolist()[1])
    visits = years[years["kind"] == "visit"]
    # One year after another, and then 18 years: 8 of 2 and 10 of 20.
    assert visits["ratio"].tolist() == pytest.approx([1, 216 / 18 / 2])
    assert rate_ratios(data, starts=[2001]).empty
    assert rate_ratios(data, starts=[2001]).dtypes.to_dict() == table.dtypes.to_dict()


# Phases and the sources


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
    table = lead_lag(two_kinds(one, other), "a", "b", every="quarter", permutations=199, span=LONG)
    assert table.loc[table["association"].idxmax(), "lag"] == 2
    assert table.set_index("lag").loc[2, "p_any"] == pytest.approx(1 / 200)
    assert (table["p_any"] >= table["p"]).all()
    assert table["pairs"].tolist() == [103, 102, 101, 100]
    back = lead_lag(two_kinds(one, other), "b", "a", every="quarter", permutations=199, span=LONG)
    assert back["p_any"].min() > 0.05


def test_the_association_is_a_correlation_within_blocks():
    generator = np.random.default_rng(4)
    one, other = generator.poisson(2.0, 104), generator.poisson(2.0, 104)
    table = lead_lag(
        two_kinds(one, other), "a", "b", [0], every="quarter", permutations=19, span=LONG
    )

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
    asked = {"first": "a", "second": "b", "span": LONG, "every": "quarter"} | arguments
    with pytest.raises(ValueError, match=message):
        lead_lag(two_kinds(one, one[::-1]), **asked)


def test_several_blocks_are_tested_each_by_itself():
    generator = np.random.default_rng(12)
    frame = two_kinds(generator.poisson(1.0, 104), generator.poisson(1.0, 104))
    how = {"every": "quarter", "permutations": 99, "span": LONG, "lags": (1, 2)}
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
    how = {"every": "quarter", "permutations": 19, "span": LONG}
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
        bare = lead_lag(frame, "a", "b", every="quarter", permutations=19)
    last = frame["start"].max().to_period("Q").end_time.normalize()
    whole = lead_lag(
        frame, "a", "b", every="quarter", permutations=19, span=(frame["start"].min(), last)
    )
    pd.testing.assert_frame_equal(bare, whole)


def test_contacts_known_to_the_year_cannot_be_placed(pair):
    with pytest.raises(ValueError, match=r"known less precisely.*data.where\(precision="):
        lead_lag(
            pair.events.assign(precision="year"),
            "visit",
            "joint_patrol",
            every="quarter",
            span=pair.span,
        )
    flat = two_kinds([1] * 104, list(np.random.default_rng(0).poisson(1.0, 104)))
    with pytest.raises(ValueError, match="flat or a straight line in every block of 8"):
        lead_lag(flat, "a", "b", every="quarter", span=LONG)


# Steps or growth


OF_A_DATASET = (
    trajectory.around_crises,
    trajectory.crisis_silences,
    trajectory.index,
    trajectory.level_years,
    partial(trajectory.rise, by="tier", starts="2015"),
    trajectory.turning_points,
)


def test_shipped_record_on_every_engine(engine, converted, on_pandas):
    for measure in OF_A_DATASET:
        pd.testing.assert_frame_equal(measure(converted(engine)), on_pandas(measure))
