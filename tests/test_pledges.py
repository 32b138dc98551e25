"""Pledges: outcomes counted, bounds for the unknown, product limit with censoring."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multinomial, norm

import relations as rel
from relations.figures import plot_follow_through, plot_time_to_fulfilment
from relations.pledges import (
    _score,
    follow_through,
    median_time_to_fulfilment,
    time_to_fulfilment,
)

START = pd.Timestamp("2015-01-01")


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def record(pledges, *, end=1000, **columns):
    """Pledges of (day made, outcome, day kept), in days; all made known to the day."""
    made, outcome, kept = (list(column) for column in zip(*pledges, strict=True))
    ids = [f"p{i}" for i in range(len(pledges))]
    days = [START + pd.Timedelta(days=day) for day in made]
    done = [START + pd.Timedelta(days=day) for day in kept if day is not None]
    keepers = [f"k{i}" for i, day in enumerate(kept) if day is not None]
    events = pd.DataFrame(
        {"event_id": [f"m{i}" for i in range(len(pledges))] + keepers, "start": days + done}
    ).assign(precision="day")
    events["end"] = events["start"]
    table = pd.DataFrame(
        {
            "pledge_id": ids,
            "event_id": [f"m{i}" for i in range(len(pledges))],
            "outcome": outcome,
            "kept_by": [f"k{i}" if day is not None else None for i, day in enumerate(kept)],
            "side": "AA",
        }
    ).assign(**columns)
    return SimpleNamespace(
        pledges=table, events=events, span=(START, START + pd.Timedelta(days=end))
    )


def waits(*pairs, end=1000):
    """Pledges kept after so many days, or (False) seen for so many days and not kept."""
    return record(
        [(0, "kept", days) if kept else (end - days, "open", None) for days, kept in pairs],
        end=end,
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
    row = follow_through(record(MIXED)).iloc[0]
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
    table = follow_through(data, by="side")
    assert table["side"].tolist()[:2] == ["AA", "BB"]
    assert table["pledges"].tolist() == [2, 3, 2]
    assert table["share"].iloc[1] == pytest.approx(1 / 3)
    assert table.loc[2, ["share", "low", "high", "score", "score_low"]].isna().all()
    assert table.loc[2, ["least", "most"]].tolist() == [0, 1]
    assert (table["score_low"].iloc[0], table["score_high"].iloc[0]) != (1, 1)
    later = record([(0, "kept", 400), (365, "unknown", None)])
    assert follow_through(later, by=["year"])["year"].tolist() == [2015, 2016]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["kept", "open", "lapsed", "unknown"]), min_size=1, max_size=25))
def test_bounds_and_intervals_hold_the_estimates(outcomes):
    data = record([(0, each, 5 if each == "kept" else None) for each in outcomes])
    row = follow_through(data).iloc[0]
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
    curve = time_to_fulfilment(
        waits((10, True), (20, True), (20, True), (20, False), (30, False), (40, True))
    ).set_index("days")
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
    row = median_time_to_fulfilment(curve.reset_index()).iloc[0]
    assert (row["pledges"], row["kept"], row["censored"], row["median"]) == (6, 4, 2, 20)
    # At 10 days the lower limit is down to (5/6) ** exp(1.96 · (1/30) ** 0.5 / ln 1.2) = 0.27.
    assert row["low"] == 10
    assert np.isnan(row["high"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=25))
def test_product_limit_by_brute_force(pairs):
    curve = time_to_fulfilment(waits(*pairs)).set_index("days")
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
    curve = time_to_fulfilment(waits(*((days, bool(kept)) for days, kept in pairs)))
    assert median_time_to_fulfilment(curve)["median"].item() == 3


def test_interval_of_the_median_covers_the_truth():
    """500 records of 30 pledges kept after a mean of 300 days, seen for up to 900."""
    generator = np.random.default_rng(99)
    wait = generator.exponential(300, size=15_000).round()
    seen = generator.uniform(50, 900, size=15_000).round()
    pairs = zip(wait, seen, strict=True)
    data = waits(*((int(min(a, b)), bool(a <= b)) for a, b in pairs), end=3000)
    data.pledges["area"] = [f"r{i // 30:03}" for i in range(15_000)]
    table = median_time_to_fulfilment(time_to_fulfilment(data, by="area"), by="area")
    true = 300 * np.log(2)
    # A limit that the curve does not reach bounds nothing on that side.
    covered = ~(table["low"] > true) & ~(table["high"] < true)
    assert 0.93 <= covered.mean() < 0.99


def test_unknown_is_censored_or_left_out():
    pledges = [(0, "kept", 100), (0, "unknown", None), (500, "lapsed", None)]
    curve = time_to_fulfilment(record(pledges))
    assert curve["days"].tolist() == [0, 100, 500, 1000]
    assert curve["unkept"].iloc[-1] == pytest.approx(2 / 3)
    curve = time_to_fulfilment(record(pledges), unknown="drop")
    assert curve["days"].tolist() == [0, 100, 500]
    assert curve["unkept"].iloc[-1] == pytest.approx(1 / 2)
    assert set(curve["left_out"]) == {1}


def test_kept_on_the_same_day_or_in_the_contact_itself_takes_no_time():
    data = record([(7, "kept", 7), (7, "open", None)])
    data.events.loc[data.events["event_id"] == "m0", "end"] += pd.Timedelta(days=4)
    curve = time_to_fulfilment(data)
    assert curve.loc[curve["days"] == 0, ["kept", "unkept"]].values.tolist() == [[1, 0.5]]


def test_imprecise_dates_are_bounded_and_counted():
    data = record([(0, "kept", 40), (0, "kept", 100)])
    # Made some time in January 2015, kept some time between days 40 and 59.
    data.events.loc[0, ["end", "precision"]] = [START + pd.Timedelta(days=30), "month"]
    data.events.loc[2, ["end", "precision"]] = [START + pd.Timedelta(days=59), "month"]
    expected = {"shortest": [10, 100], "longest": [59, 100], "middle": [34, 100], "drop": [100]}
    for dates, days in expected.items():
        curve = time_to_fulfilment(data, dates=dates)
        assert curve["days"].tolist() == [0, *days]
        row = median_time_to_fulfilment(curve).iloc[0]
        assert row["imprecise"] == (0 if dates == "drop" else 1)
        assert row["left_out"] == (1 if dates == "drop" else 0)


def test_faults_are_named():
    data = record(MIXED)
    with pytest.raises(ValueError, match="unknown='ignore'"):
        time_to_fulfilment(data, unknown="ignore")
    with pytest.raises(ValueError, match="dates='first'"):
        time_to_fulfilment(data, dates="first")
    with pytest.raises(ValueError, match=r"follow_through \(pledges\) needs the column colour"):
        follow_through(data, by="colour")
    with pytest.raises(ValueError, match="p0 was kept after 2015-03-02"):
        time_to_fulfilment(record(MIXED, end=60))
    with pytest.raises(ValueError, match="p0 was kept, or the span ended, before"):
        time_to_fulfilment(record([(20, "kept", 10)]))
    with pytest.raises(ValueError, match="no pledge is left"):
        time_to_fulfilment(record([(0, "unknown", None)]), unknown="drop")
    with pytest.raises(ValueError, match="p0: kept_by is empty"):
        time_to_fulfilment(record([(0, "kept", None)]))
    with pytest.raises(ValueError, match="p0 has the outcome 'done'"):
        follow_through(record([(0, "done", None)]))
    with pytest.raises(ValueError, match="no pledges"):
        follow_through(SimpleNamespace(pledges=data.pledges.iloc[:0], events=data.events))
    data.pledges["pledge_id"] = "p0"
    with pytest.raises(ValueError, match="'p0' stands more than once"):
        follow_through(data)
    with pytest.raises(ValueError, match="needs days"):
        median_time_to_fulfilment(pd.DataFrame({"kept": [1]}))


def test_other_sides_on_every_engine(engine, small):
    data = rel.load(small.path).convert(engine)
    row = follow_through(data, by="side").iloc[0]
    assert (row["side"], row["pledges"], row["kept"], row["share"]) == ("joint", 1, 1, 1)
    curve = time_to_fulfilment(data)
    # 1 March 2019 to some day of June 2021: the middle, 15 June, is 837 days on.
    assert curve["days"].tolist() == [0, 837]
    assert curve["imprecise"].tolist() == [0, 1]


def test_shipped_pledges_on_every_engine(engine, data):
    other = data.convert(engine)
    for by in ("side", "area", "year"):
        pd.testing.assert_frame_equal(follow_through(other, by=by), follow_through(data, by=by))
    pd.testing.assert_frame_equal(time_to_fulfilment(other), time_to_fulfilment(data))


def test_curve_is_drawn_with_censored_ticks_and_median():
    curve = time_to_fulfilment(waits((10, True), (20, True), (20, False), (30, False)))
    ax = plot_time_to_fulfilment(curve, source="the record")
    step, ticks, _ = ax.lines
    assert step.get_ydata().tolist() == pytest.approx([1, 3 / 4, 1 / 2, 1 / 2])
    assert ticks.get_xdata().tolist() == pytest.approx([20 / 365.2425, 30 / 365.2425])
    assert [text.get_text() for text in ax.texts] == ["half kept after 20 days"]
    assert ax.figure.get_supxlabel() == "the record"
    with pytest.raises(ValueError, match="one curve"):
        plot_time_to_fulfilment(pd.concat([curve, curve]), source="")


def test_follow_through_is_drawn_with_bounds():
    data = record(MIXED, area=["a", "a", "b", "b", "b", "b", "b"])
    ax = plot_follow_through(follow_through(data, by="area"), source="the record")
    # The area with most pledges is drawn last, at the top.
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [
        pytest.approx((1, 0)),
        pytest.approx((1 / 5, 2 / 5)),
    ]
    assert ax.lines[0].get_xdata().tolist() == pytest.approx([1, 1 / 3])
    assert [text.get_text() for text in ax.texts] == ["2 / 2 / 2", "1 / 3 / 5"]
