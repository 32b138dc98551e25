"""Pledges: outcomes counted, bounds for the unknown, product limit with censoring."""

import dataclasses
from functools import partial

import numpy as np
import pandas as pd
import pytest
from conftest import dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multinomial, norm

import relations as rel
from relations.measures import pledges
from relations.measures._pledge_outcomes import _score

START = pd.Timestamp("2015-01-01")


def record(made, *, end=1000, events=None, **columns):
    """Pledges of (day made, outcome, day kept), in days; all made known to the day.

    ``events`` gives other values for some of the contacts, by id and column.
    """
    days_made, outcome, kept = (list(column) for column in zip(*made, strict=True))
    days = [START + pd.Timedelta(days=day) for day in days_made]
    done = [START + pd.Timedelta(days=day) for day in kept if day is not None]
    keepers = [f"k{i}" for i, day in enumerate(kept) if day is not None]
    contacts = pd.DataFrame(
        {"event_id": [f"m{i}" for i in range(len(made))] + keepers, "start": days + done}
    ).assign(precision="day", status="held", kind="meeting")
    contacts["end"] = contacts["start"]
    for (event_id, column), value in (events or {}).items():
        contacts.loc[contacts["event_id"] == event_id, column] = value
    table = pd.DataFrame(
        {
            "pledge_id": [f"p{i}" for i in range(len(made))],
            "event_id": [f"m{i}" for i in range(len(made))],
            "outcome": outcome,
            "kept_by": [f"k{i}" if day is not None else None for i, day in enumerate(kept)],
            "side": "AA",
            "area": "hotline",
        }
    ).assign(**columns)
    last = START + pd.Timedelta(days=end)
    return dataset(pledges=table, events=contacts, span=(START, last))


def waits(*pairs, end=1000, **columns):
    """Pledges kept after so many days, or (False) seen for so many days and not kept."""
    return record(
        [(0, "kept", days) if kept else (end - days, "open", None) for days, kept in pairs],
        end=end,
        **columns,
    )


MIXED = [
    (0, "kept", 100),
    (0, "kept", 200),
    (0, "kept", 300),
    (0, "open", None),
    (0, "lapsed", None),
    (0, "unknown", None),
    (0, "unknown", None),
]


def test_shares_bounds_and_score_by_hand():
    row = pledges.outcomes(record(MIXED)).iloc[0]
    counts = ["pledges", "kept", "open", "lapsed", "unknown", "known"]
    assert row[counts].tolist() == [7, 3, 1, 1, 2, 5]
    assert row["share"] == pytest.approx(3 / 5)
    # Wilson 1927: the roots of (p - share)² = z² p (1 - p) / n.
    z2 = norm.ppf(0.975) ** 2
    roots = np.roots([1 + z2 / 5, -(2 * 3 / 5 + z2 / 5), (3 / 5) ** 2])
    assert [row["low"], row["high"]] == pytest.approx(sorted(roots))
    assert (row["least"], row["most"]) == pytest.approx((3 / 7, 5 / 7))
    assert row["score"] == pytest.approx((3 - 1) / 5)
    assert row["score_low"] < row["score"] < row["score_high"]


def test_groups_and_years_and_nothing_known():
    data = record(MIXED, side=["AA", "AA", "BB", "BB", "BB", None, None])
    table = pledges.outcomes(data, by="side")
    assert table["side"].tolist()[:2] == ["AA", "BB"]
    assert table["pledges"].tolist() == [2, 3, 2]
    assert table["share"].iloc[1] == pytest.approx(1 / 3)
    assert table.loc[2, ["share", "low", "high", "score", "score_low"]].isna().all()
    assert table.loc[2, ["least", "most"]].tolist() == [0, 1]
    assert (table["score_low"].iloc[0], table["score_high"].iloc[0]) != (1, 1)
    later = record([(0, "kept", 400), (365, "unknown", None)])
    assert pledges.outcomes(later, by=["year"])["year"].tolist() == [2015, 2016]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["kept", "open", "lapsed", "unknown"]), min_size=1, max_size=25))
def test_bounds_and_intervals_hold_the_estimates(outcomes):
    data = record([(0, each, 5 if each == "kept" else None) for each in outcomes])
    row = pledges.outcomes(data).iloc[0]
    assert row["pledges"] == len(outcomes)
    # The last outcome that becomes known can be either: the bounds hold both.
    for answer in (0, 1):
        share = (row["kept"] + answer * row["unknown"]) / row["pledges"]
        assert row["least"] - 1e-12 <= share <= row["most"] + 1e-12
    if row["known"]:
        assert row["low"] - 1e-12 <= row["share"] <= row["high"] + 1e-12
        assert -1 <= row["score_low"] <= row["score"] <= row["score_high"] <= 1
    else:
        assert np.isnan(row["share"])


def test_interval_of_the_score_holds_the_truth_as_often_as_stated():
    """Exact: every number of each outcome among 40 pledges, with its chance."""
    generator = np.random.default_rng(11)
    outcomes = [
        (kept, open_, 40 - kept - open_) for kept in range(41) for open_ in range(41 - kept)
    ]
    scores = pd.DataFrame(
        [_score(dict(zip(("kept", "open", "lapsed"), each, strict=True)), generator)
         for each in outcomes]
    )  # fmt: skip
    for chances in [(0.6, 0.25, 0.15), (0.34, 0.33, 0.33), (0.95, 0.03, 0.02), (0.8, 0.1, 0.1)]:
        truth = chances[0] - chances[2]
        held = (scores["score_low"] <= truth) & (truth <= scores["score_high"])
        assert 0.935 <= multinomial.pmf(outcomes, 40, chances) @ held <= 0.97


def test_product_limit_by_hand():
    """Six pledges: kept after 10, 20, 20, 40; seen for 20 and 30 days."""
    data = waits((10, True), (20, True), (20, True), (20, False), (30, False), (40, True))
    curve = pledges.time_to_fulfilment(data).set_index("days")
    assert curve["at_risk"].to_dict() == {0: 6, 10: 6, 20: 5, 30: 2, 40: 1}
    assert curve["kept"].to_dict() == {0: 0, 10: 1, 20: 2, 30: 0, 40: 1}
    assert curve["censored"].to_dict() == {0: 0, 10: 0, 20: 1, 30: 1, 40: 0}
    # 5/6, then times 3/5: what is censored at 20 days was still at risk then.
    assert curve["unkept"].tolist() == pytest.approx([1, 5 / 6, 1 / 2, 1 / 2, 0])
    # Greenwood's sum at 20 days is 1/(6·5) + 2/(5·3) = 1/6, on the scale of log(-log).
    width = norm.ppf(0.975) * np.sqrt(1 / 6) / np.log(1 / 2)
    bounds = sorted([0.5 ** np.exp(width), 0.5 ** np.exp(-width)])
    assert curve.loc[20, ["low", "high"]].tolist() == pytest.approx(bounds)
    # None of 6 kept yet: 6 of 6, whose exact lower limit is the sixth root of 0.025.
    assert curve.loc[0, ["low", "high"]].tolist() == pytest.approx([0.025 ** (1 / 6), 1])
    assert curve.loc[40, ["low", "high"]].tolist() == [0, curve.loc[30, "high"]]
    row = pledges.median_wait(data).iloc[0]
    assert (row["pledges"], row["kept"], row["censored"], row["median"]) == (6, 4, 2, 20)
    # At 10 days the lower limit is down to (5/6) ** exp(1.96 · (1/30) ** 0.5 / ln 1.2) = 0.27.
    assert row["low"] == 10
    assert np.isnan(row["high"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=25))
def test_product_limit_by_brute_force(pairs):
    curve = pledges.time_to_fulfilment(waits(*pairs)).set_index("days")
    for day in curve.index:
        share = 1.0
        for time in sorted({days for days, kept in pairs if kept and days <= day}):
            at_risk = sum(days >= time for days, _ in pairs)
            share *= 1 - sum(days == time and kept for days, kept in pairs) / at_risk
        assert curve.loc[day, "unkept"] == pytest.approx(share, abs=1e-12)
        assert curve.loc[day, "at_risk"] == sum(days >= day for days, _ in pairs)
    assert (curve["low"] <= curve["unkept"] + 1e-12).all()
    assert (curve["unkept"] <= curve["high"] + 1e-12).all()
    assert curve["unkept"].is_monotonic_decreasing
    assert curve[["kept", "censored"]].to_numpy().sum() == len(pairs)


def test_median_is_reached_where_the_share_is_exactly_a_half():
    """9/10 · 7/9 · 5/7 is a half, which floating point puts a little above it."""
    pairs = [(1, 1), (2, 1), (2, 1), (3, 0), (3, 0), (3, 1), (3, 1), (4, 0), (4, 0), (4, 1)]
    data = waits(*((days, bool(kept)) for days, kept in pairs))
    assert pledges.median_wait(data)["median"].item() == 3


def test_interval_of_the_median_covers_the_truth():
    """500 records of 30 pledges kept after a mean of 300 days, seen for up to 900."""
    generator = np.random.default_rng(99)
    wait = generator.exponential(300, size=15_000).round()
    seen = generator.uniform(50, 900, size=15_000).round()
    pairs = zip(wait, seen, strict=True)
    areas = [f"r{i // 30:03}" for i in range(15_000)]
    data = waits(*((int(min(a, b)), bool(a <= b)) for a, b in pairs), end=3000, area=areas)
    table = pledges.median_wait(data, by="area")
    true = 300 * np.log(2)
    # A limit that the curve does not reach bounds nothing on that side.
    covered = ~(table["low"] > true) & ~(table["high"] < true)
    assert 0.93 <= covered.mean() < 0.99


def test_unknown_is_censored_or_left_out():
    data = record([(0, "kept", 100), (0, "unknown", None), (500, "lapsed", None)])
    curve = pledges.time_to_fulfilment(data)
    assert curve["days"].tolist() == [0, 100, 500, 1000]
    assert curve["unkept"].iloc[-1] == pytest.approx(2 / 3)
    curve = pledges.time_to_fulfilment(data, unknown="drop")
    assert curve["days"].tolist() == [0, 100, 500]
    assert curve["unkept"].iloc[-1] == pytest.approx(1 / 2)
    assert set(curve["left_out"]) == {1}


def test_kept_on_the_same_day_or_in_the_contact_itself_takes_no_time():
    five_days = {("m0", "end"): START + pd.Timedelta(days=11)}
    data = record([(7, "kept", 7), (7, "open", None)], events=five_days)
    curve = pledges.time_to_fulfilment(data)
    assert curve.loc[curve["days"] == 0, ["kept", "unkept"]].values.tolist() == [[1, 0.5]]


def test_imprecise_dates_are_bounded_and_counted():
    # Made some time in January 2015, kept some time from 10 February, day 40, to its end, day 58.
    data = record(
        [(0, "kept", 40), (0, "kept", 100)],
        events={
            ("m0", "end"): START + pd.Timedelta(days=30),
            ("m0", "precision"): "month",
            ("k0", "end"): START + pd.Timedelta(days=58),
            ("k0", "precision"): "month",
        },
    )
    expected = {"shortest": [10, 100], "longest": [58, 100], "middle": [34, 100], "drop": [100]}
    for dates, days in expected.items():
        curve = pledges.time_to_fulfilment(data, coarse=dates)
        assert curve["days"].tolist() == [0, *days]
        row = pledges.median_wait(data, coarse=dates).iloc[0]
        assert row["imprecise"] == (0 if dates == "drop" else 1)
        assert row["left_out"] == (1 if dates == "drop" else 0)


def test_a_contact_begins_no_later_than_it_ends_or_its_month_does():
    """Made in June, and over by the 12th; kept in July by a visit that went on into August."""
    june, july = pd.Timestamp("2015-06-01"), pd.Timestamp("2015-07-01")
    data = record(
        [((june - START).days, "kept", (july - START).days)],
        events={
            ("m0", "end"): pd.Timestamp("2015-06-12"),
            ("m0", "precision"): "month",
            ("k0", "end"): pd.Timestamp("2015-08-02"),
            ("k0", "precision"): "month",
        },
    )
    # From the 12th, or the 1st, of June to the 1st, or the 31st, of July.
    days = [pledges.time_to_fulfilment(data, coarse=each)["days"].max()
            for each in ("shortest", "longest")]  # fmt: skip
    assert days == [19, 60]


def test_faults_are_named():
    data = record(MIXED)
    with pytest.raises(ValueError, match="unknown='ignore'"):
        pledges.time_to_fulfilment(data, unknown="ignore")
    with pytest.raises(ValueError, match="coarse='first'"):
        pledges.time_to_fulfilment(data, coarse="first")
    with pytest.raises(ValueError, match=r"by='colour' is no column of data\.pledges or"):
        pledges.outcomes(data, by="colour")
    with pytest.raises(ValueError, match="by='kept': the result has a column"):
        pledges.outcomes(data, by="kept")
    with pytest.raises(ValueError, match="p0 was kept after 2015-03-02"):
        pledges.time_to_fulfilment(record(MIXED, end=60))
    with pytest.raises(ValueError, match="p0 was kept, or the span ended, before"):
        pledges.time_to_fulfilment(record([(20, "kept", 10)]))
    for metric in (pledges.time_to_fulfilment, pledges.median_wait):
        assert metric(record([(0, "unknown", None)]), unknown="drop").empty
    with pytest.raises(ValueError, match="kept_by of p0 is empty"):
        pledges.time_to_fulfilment(record([(0, "kept", None)]))
    with pytest.raises(ValueError, match="p0 has the outcome 'done'"):
        pledges.outcomes(record([(0, "done", None)]))
    with pytest.raises(ValueError, match="'p0' stands more than once"):
        pledges.outcomes(record(MIXED, pledge_id="p0"))
    with pytest.raises(ValueError, match=r"event_id='k9' stands nowhere.*k0"):
        pledges.promises(data, "k9")
    zoned = data.events.assign(start=data.events["start"].dt.tz_localize("Asia/Shanghai"))
    with pytest.raises(ValueError, match="start has the time zone Asia/Shanghai"):
        pledges.outcomes(dataclasses.replace(data, events=zoned))


# What was chosen.


def test_a_pledge_that_a_contact_outside_of_the_choice_kept_is_kept():
    data = record(
        [(0, "kept", 400), (0, "open", None), (500, "kept", 600)],
        events={("k0", "kind"): "visit", ("k2", "kind"): "visit"},
    )
    meetings = data.where(kind="meeting")
    assert pledges.outcomes(meetings)[["pledges", "kept"]].values.tolist() == [[3, 2]]
    # Made in 2015, and kept on day 400, in 2016, where the record goes on.
    first = data.where(until=2015)
    assert pledges.outcomes(first)[["pledges", "kept", "open"]].values.tolist() == [[2, 1, 1]]
    curve = pledges.time_to_fulfilment(first)
    assert curve["days"].tolist() == [0, 400, 1000]
    assert curve.attrs["choice"] == "until 2015-12-31"
    assert pledges.outcomes(data.where(kind="visit"))["pledges"].tolist() == [0]


def test_a_choice_without_pledges_has_a_row_of_zeros_or_none():
    nothing = record(MIXED).where(kind="statement")
    row = pledges.outcomes(nothing, evidence=True).iloc[0]
    assert row[["pledges", "kept", "open", "lapsed", "unknown", "known"]].tolist() == [0] * 6
    assert row[["share", "low", "least", "most", "score"]].isna().all()
    by_side = pledges.outcomes(nothing, by="side")
    assert by_side.empty
    assert by_side.dtypes.to_dict() == pledges.outcomes(record(MIXED), by="side").dtypes.to_dict()
    for metric in (pledges.time_to_fulfilment, pledges.median_wait, pledges.wait_sensitivity):
        for by in ((), "side"):
            whole, none = (metric(made, by) for made in (record(MIXED), nothing))
            assert none.empty
            assert none.dtypes.to_dict() == whole.dtypes.to_dict()


def test_outcomes_by_a_column_of_the_contact_at_which_they_were_made():
    data = record(MIXED, events={("m0", "kind"): "visit", ("m5", "kind"): "visit"})
    table = pledges.outcomes(data, by="kind")
    assert table[["kind", "pledges", "kept"]].values.tolist() == [["meeting", 5, 2],
                                                                  ["visit", 2, 1]]  # fmt: skip


# Repeated promises, and other readings.


def test_a_promise_that_was_repeated_may_count_once():
    data = record([(0, "kept", 100), (10, "kept", 100), (20, "kept", 100), (0, "open", None)],
                  area=["hotline", "hotline", "patrol", "hotline"])  # fmt: skip
    data = dataclasses.replace(data, pledges=data.pledges.assign(kept_by=["k0", "k0", "k0", None]))
    assert pledges.outcomes(data)[["pledges", "kept"]].values.tolist() == [[4, 3]]
    once = pledges.outcomes(data, once=True, evidence=True).iloc[0]
    assert once[["pledges", "kept", "open"]].tolist() == [3, 2, 1]
    # The second promise of the line is the one that is left out.
    assert once["evidence"] == "k0;m0;m2;m3"


def test_pledges_that_one_contact_kept_stand_by_day():
    data = record([(30, "kept", 100), (0, "kept", 100), (0, "open", None)], what="A line")
    data = dataclasses.replace(data, pledges=data.pledges.assign(kept_by=["k0", "k0", None]))
    table = pledges.promises(data, "k0")
    assert table[["pledge_id", "event_id", "days", "days_low", "days_high"]].values.tolist() == [
        ["p1", "m1", 100, 100, 100],
        ["p0", "m0", 70, 70, 70],
    ]
    assert table["what"].tolist() == ["A line", "A line"]
    assert pledges.promises(data, "m0").empty


def test_each_reading_of_the_median_is_that_of_its_arguments():
    data = record(
        [*MIXED, (0, "kept", 50)],
        events={("m0", "end"): START + pd.Timedelta(days=30), ("m0", "precision"): "month"},
    )
    table = pledges.wait_sensitivity(data)
    assert len(table) == 8
    for reading in table.itertuples():
        row = pledges.median_wait(data, unknown=reading.unknown, coarse=reading.coarse).iloc[0]
        assert reading.pledges == row["pledges"]
        assert reading.median == pytest.approx(row["median"], nan_ok=True)
    assert set(table.loc[table["unknown"] == "drop", "left_out"]) == {2, 3}
    only_unknown = pledges.wait_sensitivity(record([(0, "unknown", None)]))
    assert set(only_unknown["unknown"]) == {"censor"}


# Another pair of countries, and every engine.


def test_other_sides_on_every_engine(engine, small):
    data = rel.load(small.path).convert(engine)
    row = pledges.outcomes(data, by="side").iloc[0]
    assert (row["side"], row["pledges"], row["kept"], row["share"]) == ("joint", 1, 1, 1)
    curve = pledges.time_to_fulfilment(data)
    # 1 March 2019 to some day of June 2021: the middle, 15 June, is 837 days on.
    assert curve["days"].tolist() == [0, 837]
    assert curve["imprecise"].tolist() == [0, 1]


MEASURES = (
    *(partial(pledges.outcomes, by=by) for by in ("side", "area", "year", "tier")),
    pledges.time_to_fulfilment,
    pledges.wait_sensitivity,
    lambda d: pledges.outcomes(d.where(since=2015), once=True, evidence=True),
    lambda d: pledges.promises(d, "2015-12-31-phone-chang-thanh-hotline"),
)


def test_shipped_pledges_on_every_engine(engine, converted, on_pandas):
    for measure in MEASURES:
        pd.testing.assert_frame_equal(measure(converted(engine)), on_pandas(measure))
