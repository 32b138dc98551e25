"""Cooperation areas: counts, breadth, course and emphasis, against hand and brute force."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from conftest import as_pandas
from hypothesis import given, settings
from hypothesis import strategies as st

import relations as rel
from relations.areas import (
    area_breadth,
    area_cooccurrence,
    area_persistence,
    area_shares,
    first_mentions,
    side_emphasis,
    talk_to_deed,
    time_to_deed,
)

# e2 is a part of e1; e3 is known to the month, e5 was only announced.
EVENTS = pd.DataFrame(
    [
        ("e1", "2019-03-01", "2019-03-05", "day", "held", None),
        ("e2", "2019-03-02", "2019-03-02", "day", "held", "e1"),
        ("e3", "2020-06-01", "2020-06-30", "month", "held", None),
        ("e4", "2021-02-01", "2021-02-01", "day", "held", None),
        ("e5", "2021-05-01", "2021-05-01", "day", "announced", None),
    ],
    columns=["event_id", "start", "end", "precision", "status", "parent_id"],
).assign(start=lambda f: pd.to_datetime(f["start"]), end=lambda f: pd.to_datetime(f["end"]))
MENTIONS = pd.DataFrame(
    [
        ("e1", "s1", "hotline", "AA", "proposed"),
        ("e1", "s2", "hotline", "AA", "proposed"),
        ("e2", "s1", "hotline", "BB", "agreed"),
        ("e2", "s1", "patrol", "BB", "proposed"),
        ("e3", "s3", "patrol", "joint", "done"),
        ("e4", "s4", "hotline", "AA", "continuing"),
        ("e4", "s4", "rescue", "AA", "agreed"),
        ("e5", "s5", "rescue", "joint", "done"),
    ],
    columns=["event_id", "source_id", "area", "side", "status"],
)


def rows(frame, *columns):
    return list(as_pandas(frame)[list(columns)].itertuples(index=False, name=None))


def day(text):
    return pd.Timestamp(text)


def made(tables):
    """Turn one list of sets of areas per year into mentions and events."""
    events, mentions = [], []
    for year, contacts in tables.items():
        for number, areas in enumerate(contacts):
            name = f"{year}-{number}"
            events.append((name, f"{year}-01-15"))
            mentions += [(name, area) for area in areas]
    events = pd.DataFrame(events, columns=["event_id", "start"])
    events["start"] = pd.to_datetime(events["start"])
    events = events.assign(end=events["start"], precision="day", status="held")
    return pd.DataFrame(mentions, columns=["event_id", "area"]), events


# Counts: once per event and side, however often sources name them.

# Counted by hand: hotline is named for e1 by CN (two sources) and VN, for e2 by CN.
NAMED = pd.DataFrame(
    [
        ("e1", "s1", "hotline", "CN", "proposed"),
        ("e1", "s2", "hotline", "CN", "agreed"),
        ("e1", "s1", "hotline", "VN", "agreed"),
        ("e2", "s3", "hotline", "CN", "agreed"),
        ("e2", "s3", "patrol", "joint", "done"),
    ],
    columns=["event_id", "source_id", "area", "side", "status"],
)


def test_an_area_counts_once_per_event_and_side(engine):
    counts = rel.cooperation_area_counts(engine(NAMED))
    assert rows(counts, "area", "count", "events") == [("hotline", 3, 2), ("patrol", 1, 1)]
    assert rows(counts, "share") == [(0.75,), (0.25,)]


def test_by_side(engine):
    counts = rel.cooperation_area_counts(engine(NAMED), by="side")
    assert rows(counts, "side", "area", "count", "share") == [
        ("CN", "hotline", 2, 1.0),
        ("VN", "hotline", 1, 1.0),
        ("joint", "patrol", 1, 1.0),
    ]


def test_by_status_an_area_stands_under_each_status_that_is_given(engine):
    counts = rel.cooperation_area_counts(engine(NAMED), by=["side", "status"])
    assert rows(counts, "side", "status", "count") == [
        ("CN", "agreed", 2),
        ("CN", "proposed", 1),
        ("VN", "agreed", 1),
        ("joint", "done", 1),
    ]


def test_areas_that_nobody_names_are_zeros(engine):
    counts = rel.cooperation_area_counts(
        engine(NAMED), by="side", areas=["patrol", "hotline", "medicine"]
    )
    zeros = [row for row in rows(counts, "side", "area", "count") if row[2] == 0]
    assert len(as_pandas(counts)) == 9
    assert len(zeros) == 6
    assert ("VN", "medicine", 0) in zeros


def test_area_that_is_not_listed_is_refused():
    with pytest.raises(ValueError, match="not listed: patrol"):
        rel.cooperation_area_counts(NAMED, areas=["hotline"])


def test_missing_column_of_counts_is_named():
    with pytest.raises(ValueError, match="needs the column side"):
        rel.cooperation_area_counts(NAMED.drop(columns="side"))


def test_same_kind_of_frame_comes_back(engine):
    frame = engine(NAMED)
    assert type(rel.cooperation_area_counts(frame)) is type(frame)


def test_shipped_counts_on_every_engine(engine, data):
    for by in ((), "side", ["side", "status"]):
        expected = as_pandas(rel.cooperation_area_counts(data.area_mentions, by=by))
        found = as_pandas(rel.cooperation_area_counts(engine(data.area_mentions), by=by))
        pd.testing.assert_frame_equal(found, expected)


mention = st.tuples(
    st.sampled_from(["e1", "e2", "e3"]),
    st.sampled_from(["s1", "s2"]),
    st.sampled_from(["hotline", "patrol"]),
    st.sampled_from(["CN", "VN", "joint"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(mention, min_size=1, max_size=40))
def test_further_sources_change_nothing(mentions):
    frame = pd.DataFrame(mentions, columns=["event_id", "source_id", "area", "side"])
    again = pd.concat([frame, frame.assign(source_id="s9")])
    counts = rel.cooperation_area_counts(frame)
    pd.testing.assert_frame_equal(counts, rel.cooperation_area_counts(again))
    by_hand = {
        area: len({(e, s) for e, _, a, s in mentions if a == area}) for _, _, area, _ in mentions
    }
    assert dict(zip(counts["area"], counts["count"], strict=True)) == by_hand
    assert counts["share"].sum() == pytest.approx(1)


# Counts by side, status and year.


def test_counts_by_side_status_and_year(engine):
    counts = rel.cooperation_area_counts(
        engine(MENTIONS), by=["side", "status", "period"], events=engine(EVENTS)
    )
    assert type(counts) is type(engine(MENTIONS))
    assert rows(counts, "side", "status", "period", "area", "count") == [
        ("AA", "agreed", day("2021"), "rescue", 1),
        ("AA", "continuing", day("2021"), "hotline", 1),
        ("AA", "proposed", day("2019"), "hotline", 1),
        ("BB", "agreed", day("2019"), "hotline", 1),
        ("BB", "proposed", day("2019"), "patrol", 1),
        ("joint", "done", day("2020"), "patrol", 1),
    ]


def test_counts_with_events_leave_out_what_was_not_held_and_fold_on_request():
    kept = rel.cooperation_area_counts(MENTIONS, events=EVENTS)
    assert rows(kept, "area", "count", "events") == [
        ("hotline", 3, 3), ("patrol", 2, 2), ("rescue", 1, 1)
    ]  # fmt: skip
    folded = rel.cooperation_area_counts(MENTIONS, events=EVENTS, parts="fold")
    assert rows(folded, "area", "events")[0] == ("hotline", 2)
    announced = rel.cooperation_area_counts(MENTIONS, events=EVENTS, status="announced")
    assert rows(announced, "area", "count") == [("rescue", 1)]


def test_counts_by_period_need_events():
    with pytest.raises(ValueError, match="by period need events="):
        rel.cooperation_area_counts(MENTIONS, by="period")


# What all measures with dates refuse.

DATED = [area_shares, area_persistence, area_breadth, first_mentions]


@pytest.mark.parametrize("metric", [*DATED, talk_to_deed])
def test_mention_of_unknown_contact_is_refused(metric):
    with pytest.raises(ValueError, match="'e4'"):
        metric(MENTIONS, EVENTS[EVENTS["event_id"] != "e4"])


@pytest.mark.parametrize("metric", [*DATED, talk_to_deed])
def test_missing_column_is_named(metric):
    with pytest.raises(ValueError, match="needs the column precision"):
        metric(MENTIONS, EVENTS.drop(columns="precision"))
    with pytest.raises(ValueError, match="needs the column area"):
        metric(MENTIONS.drop(columns="area"), EVENTS)


@pytest.mark.parametrize(
    "metric", [*DATED, talk_to_deed, lambda m, _: area_cooccurrence(m),
               lambda m, _: side_emphasis(m, ["AA", "BB"])],
)  # fmt: skip
def test_empty_cell_is_refused(metric):
    first = MENTIONS.index == 0
    for column in ("event_id", "area"):
        with pytest.raises(ValueError, match=f"cells of {column} are empty"):
            metric(MENTIONS.assign(**{column: MENTIONS[column].mask(first)}), EVENTS)


def test_shares_and_first_mentions_by_side_lose_no_mention_with_an_empty_side():
    sideless = MENTIONS.assign(side=MENTIONS["side"].mask(MENTIONS["side"] == "joint"))
    with pytest.raises(ValueError, match="cells of side are empty"):
        area_shares(sideless, EVENTS, by="side")
    with pytest.raises(ValueError, match="cells of side are empty"):
        first_mentions(sideless, EVENTS)


@pytest.mark.parametrize("metric", [area_shares, area_persistence, area_breadth])
def test_periods_finer_than_the_dates_are_refused(metric):
    coarse = EVENTS.assign(precision=EVENTS["precision"].replace("month", "year"))
    with pytest.raises(ValueError, match="'e3' with precision 'year'"):
        metric(MENTIONS, coarse, "quarter")
    with pytest.raises(ValueError, match="cannot be placed"):
        metric(MENTIONS, EVENTS.assign(start=EVENTS["start"].where(EVENTS["event_id"] != "e1")))
    with pytest.raises(ValueError, match="use one of"):
        metric(MENTIONS, EVENTS, "decade")


def test_a_part_needs_its_contact_among_the_events():
    with pytest.raises(ValueError, match="parent_id are not among the events"):
        area_shares(MENTIONS[MENTIONS["event_id"] != "e1"], EVENTS[EVENTS["event_id"] != "e1"])


@pytest.mark.parametrize("metric", [area_shares, area_persistence, area_breadth])
def test_nothing_named_is_refused(metric):
    with pytest.raises(ValueError, match="no area is named"):
        metric(MENTIONS, EVENTS, status="disputed")


# Shares.


def test_shares_are_of_occasions_in_which_anything_is_named(engine):
    shares = area_shares(engine(MENTIONS), engine(EVENTS))
    assert rows(shares, "area", "period", "count", "contacts", "share")[:3] == [
        ("hotline", day("2019"), 1, 1, 1.0),
        ("hotline", day("2020"), 0, 1, 0.0),
        ("hotline", day("2021"), 1, 1, 1.0),
    ]
    assert len(shares) == 9


def test_shares_have_exact_intervals():
    from scipy.stats import binomtest

    mentions, events = made({2019: [{"a", "b"}, {"a"}, {"a", "b"}, {"c"}]})
    for row in area_shares(mentions, events).itertuples():
        expected = binomtest(row.count, row.contacts).proportion_ci(method="exact")
        assert (row.low, row.high) == pytest.approx((expected.low, expected.high))


def test_shares_by_side():
    shares = area_shares(MENTIONS, EVENTS, by="side")
    assert rows(shares.query("side == 'BB' and count > 0"), "area", "period", "contacts") == [
        ("hotline", day("2019"), 1),
        ("patrol", day("2019"), 1),
    ]


# Breadth.


def hill_by_brute_force(counts, size, order):
    """Average how often areas come up over every way to draw the mentions."""
    mentions = [area for area, number in enumerate(counts) for _ in range(number)]
    draws = list(itertools.combinations(mentions, size))
    often = np.zeros(size + 1)
    for draw in draws:
        for area in set(draw):
            often[draw.count(area)] += 1 / len(draws)
    share = np.arange(1, size + 1) / size
    if order == 1:
        return math.exp(-(share * np.log(share) * often[1:]).sum())
    return (share**order * often[1:]).sum() ** (1 / (1 - order))


@pytest.mark.parametrize("order", [0, 0.5, 1, 2])
def test_breadth_at_a_common_size_is_the_mean_over_all_draws(order):
    contacts = [{"a", "b"}, {"a", "c"}, {"a"}, {"b", "d"}]
    mentions, events = made({2019: contacts})
    table = area_breadth(mentions, events, order=[order], size=4)
    expected = hill_by_brute_force([3, 2, 1, 1], 4, order)
    assert table["rarefied"].item() == pytest.approx(expected)
    # The jackknife: contacts left out in turn, at the same size, on the logarithm.
    left_out = [
        hill_by_brute_force(counts, 4, order)
        for counts in ([2, 1, 1, 1], [2, 2, 0, 1], [2, 2, 1, 1], [3, 1, 1, 0])
    ]
    error = math.sqrt(3 / 4 * sum((each - np.mean(left_out)) ** 2 for each in left_out))
    reach = 3.182446 * error / expected
    assert table["low"].item() == pytest.approx(max(1, expected * math.exp(-reach)), rel=1e-5)
    assert table["high"].item() == pytest.approx(expected * math.exp(reach), rel=1e-5)
    assert table[["contacts", "mentions"]].to_numpy().tolist() == [[4, 7]]


def test_breadth_counts_parts_at_their_contact_and_sources_once(engine):
    table = area_breadth(engine(MENTIONS), engine(EVENTS), order=0, size=2)
    assert rows(table, "period", "contacts", "mentions", "hill", "rarefied")[0] == (
        day("2019"), 1, 2, 2.0, 2.0
    )  # fmt: skip
    # One mention is fewer than the size: nothing is made up for it.
    assert table["rarefied"].isna().tolist() == [False, True, False]
    assert table["low"].isna().all()
    kept = area_breadth(engine(MENTIONS), engine(EVENTS), order=0, size=2, parts="keep")
    assert rows(kept, "contacts", "mentions", "hill")[0] == (2, 3, 2.0)


def test_breadth_takes_the_smallest_period_that_is_large_enough():
    year = [{"a", "b", "c"}] * 2
    mentions, events = made({2019: year, 2020: year * 2, 2021: year * 3})
    assert set(area_breadth(mentions, events, floor=10)["size"]) == {12}
    with pytest.raises(ValueError, match="lower floor"):
        area_breadth(mentions, events, floor=19)
    with pytest.raises(ValueError, match="2 or more"):
        area_breadth(mentions, events, size=1)
    with pytest.raises(ValueError, match="0 or above"):
        area_breadth(mentions, events, order=[-1])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), min_size=3, max_size=8))
def test_breadth_falls_with_order_and_lies_between_one_and_all(contacts):
    mentions, events = made({2019: contacts})
    table = area_breadth(mentions, events, order=[0, 1, 2], size=3).set_index("order")
    values = table["rarefied"].to_numpy()
    assert np.all(np.diff(values) <= 1e-9)
    assert values[-1] >= 1 - 1e-9
    assert values[0] <= min(3, table["hill"][0]) + 1e-9
    assert table["hill"][0] == len(set().union(*contacts))


# First mentions.


def test_first_mentions_by_area_and_side(engine):
    first = first_mentions(engine(MENTIONS), engine(EVENTS))
    assert type(first) is type(engine(MENTIONS))
    assert rows(first, "area", "side", "earliest", "latest", "event_id", "contacts") == [
        ("hotline", "AA", day("2019-03-01"), day("2019-03-01"), "e1", 2),
        ("hotline", "BB", day("2019-03-02"), day("2019-03-02"), "e2", 1),
        ("patrol", "BB", day("2019-03-02"), day("2019-03-02"), "e2", 1),
        ("patrol", "joint", day("2020-06-01"), day("2020-06-30"), "e3", 1),
        ("rescue", "AA", day("2021-02-01"), day("2021-02-01"), "e4", 1),
    ]


def test_first_mention_that_a_coarse_date_leaves_open():
    coarse = EVENTS.assign(
        start=EVENTS["start"].where(EVENTS["event_id"] != "e4", day("2019-01-01")),
        end=EVENTS["end"].where(EVENTS["event_id"] != "e4", day("2019-12-31")),
        precision=EVENTS["precision"].where(EVENTS["event_id"] != "e4", "year"),
    )
    first = first_mentions(MENTIONS, coarse, by="area").set_index("area").loc["hotline"]
    assert (first["earliest"], first["latest"]) == (day("2019-01-01"), day("2019-03-01"))
    assert first["event_id"] == "e1"


# Pairs.


def test_pairs_against_scipy_and_numpy(engine):
    from scipy.stats import fisher_exact

    generator = np.random.default_rng(5)
    named = generator.random((40, 4)) < [0.2, 0.4, 0.5, 0.7]
    named[:, 1] |= named[:, 0]
    named[~named.any(axis=1), 3] = True
    mentions = pd.DataFrame(
        [(f"e{i}", "abcd"[j]) for i, j in zip(*np.nonzero(named), strict=True)],
        columns=["event_id", "area"],
    )
    pairs = area_cooccurrence(engine(mentions))
    assert len(pairs) == 6
    for row in pairs.itertuples():
        left, right = (named[:, "abcd".index(area)] for area in (row.area, row.other))
        cross = [
            [(left & right).sum(), (left & ~right).sum()],
            [(~left & right).sum(), (~left & ~right).sum()],
        ]
        assert row.count == cross[0][0]
        assert row.p == pytest.approx(fisher_exact(cross, alternative="greater").pvalue)
        assert row.phi == pytest.approx(np.corrcoef(left, right)[0, 1])
        assert row.expected == pytest.approx(left.sum() * right.sum() / 40)
    # Benjamini and Hochberg by hand: the smallest p m / i from here on.
    p = pairs["p"].to_numpy()
    by_hand = np.minimum.accumulate((p * 6 / np.arange(1, 7))[::-1])[::-1].clip(max=1)
    assert pairs["q"].to_numpy() == pytest.approx(by_hand)
    assert (pairs.loc[0, "area"], pairs.loc[0, "other"]) == ("a", "b")


def test_pairs_of_areas_in_every_contact_have_no_correlation():
    mentions = pd.DataFrame({"event_id": ["e1", "e1", "e2", "e2"], "area": ["a", "b"] * 2})
    pair = area_cooccurrence(mentions).iloc[0]
    assert (pair["count"], pair["lift"], pair["p"]) == (2, 1.0, 1.0)
    assert np.isnan(pair["phi"])
    wider = area_cooccurrence(mentions, contacts=4).iloc[0]
    assert (wider["expected"], wider["phi"]) == (1.0, 1.0)


def test_pairs_refuse_too_little():
    mentions = pd.DataFrame({"event_id": ["e1", "e2"], "area": ["a", "b"]})
    with pytest.raises(ValueError, match="fewer than two areas"):
        area_cooccurrence(mentions.head(1))
    with pytest.raises(ValueError, match="2 contacts name an area"):
        area_cooccurrence(mentions, contacts=1)


# Persistence.


def test_persistence_by_hand(engine):
    table = area_persistence(engine(MENTIONS), engine(EVENTS))
    assert rows(table, "area", "periods", "named", "share")[:2] == [
        ("hotline", 2, 1, 0.5),
        ("patrol", 2, 1, 0.5),
    ]
    rescue = table.iloc[2]
    assert (rescue["area"], rescue["periods"]) == ("rescue", 0)
    assert np.isnan(rescue["share"])


def test_persistence_passes_over_periods_in_which_nothing_is_named():
    mentions, events = made({2010: [{"a"}], 2015: [{"a"}], 2016: [{"b"}], 2020: [{"a"}]})
    table = area_persistence(mentions, events).set_index("area")
    assert table.loc["a", ["periods", "named"]].tolist() == [3, 2]
    # Two of three, exact: the roots of P(X >= 2) = P(X <= 2) = 0.025.
    low, high = table.loc["a", ["low", "high"]]
    assert 3 * low**2 - 2 * low**3 == pytest.approx(0.025)
    assert 1 - high**3 == pytest.approx(0.025)


# Emphasis.


def test_emphasis_by_hand(engine):
    mentions = pd.DataFrame(
        [("e1", "a", "AA"), ("e2", "a", "AA"), ("e3", "b", "AA"), ("e1", "b", "BB")] * 2,
        columns=["event_id", "area", "side"],
    )
    table = side_emphasis(engine(mentions), ["AA", "BB"], prior={"a": 1, "b": 0.5})
    row = table.iloc[0]
    assert (row["area"], row["count_first"], row["count_second"]) == ("a", 2, 0)
    odds = math.log(3 / 1.5) - math.log(1 / 1.5)
    error = math.sqrt(1 / 3 + 1 / 1.5 + 1 / 1 + 1 / 1.5)
    assert row["log_odds"] == pytest.approx(odds)
    assert row["z"] == pytest.approx(odds / error)
    assert row["high"] == pytest.approx(odds + 1.959964 * error, rel=1e-6)
    # A number is spread as all mentions are: half of them name a.
    even = side_emphasis(engine(mentions), ["AA", "BB"], prior=3).set_index("area")
    assert even.loc["a", "log_odds"] == pytest.approx(math.log(3.5 / 2.5) - math.log(1.5 / 2.5))


def test_emphasis_turns_round_with_the_sides():
    one = side_emphasis(MENTIONS, ["AA", "BB"]).set_index("area").sort_index()
    other = side_emphasis(MENTIONS, ["BB", "AA"]).set_index("area").sort_index()
    np.testing.assert_allclose(one["log_odds"], -other["log_odds"])
    np.testing.assert_allclose(one["low"], -other["high"])


def test_emphasis_refuses_what_cannot_be_compared():
    with pytest.raises(ValueError, match="CC names no area; the frame has AA, BB, joint"):
        side_emphasis(MENTIONS, ["AA", "CC"])
    with pytest.raises(ValueError, match="two different sides"):
        side_emphasis(MENTIONS, ["AA", "AA"])
    with pytest.raises(ValueError, match="prior lacks the areas patrol, rescue"):
        side_emphasis(MENTIONS, ["AA", "BB"], prior={"hotline": 1})
    with pytest.raises(ValueError, match="above 0"):
        side_emphasis(MENTIONS, ["AA", "BB"], prior=0)
    with pytest.raises(ValueError, match="one area alone"):
        side_emphasis(MENTIONS[MENTIONS["area"] == "hotline"], ["AA", "BB"])


# Talk and deed.


def test_talk_to_deed_by_hand(engine):
    waits = talk_to_deed(engine(MENTIONS), engine(EVENTS), until="2021-12-31")
    assert rows(waits, "area", "talk_event", "reached", "deed_event", "days") == [
        ("hotline", "e1", False, None, 1036),
        ("patrol", "e2", True, "e3", 486),
        ("rescue", "e4", False, None, 333),
    ]
    # The deed is known to the month: 1 to 30 June 2020.
    assert rows(waits, "days_low", "days_high")[1] == (457, 486)


def test_talk_to_deed_keeps_apart_what_was_done_before_and_what_may_have_been():
    mentions = pd.DataFrame(
        [("e1", "patrol", "done"), ("e3", "patrol", "agreed"), ("e4", "patrol", "done")],
        columns=["event_id", "area", "status"],
    )
    wait = talk_to_deed(mentions, EVENTS, until="2021-12-31").iloc[0]
    assert wait["done_before"]
    assert wait["deed_event"] == "e4"
    # Known to the month of the talk: it may have come first.
    same = EVENTS.assign(
        start=EVENTS["start"].where(EVENTS["event_id"] != "e4", day("2020-06-10")),
        end=EVENTS["end"].where(EVENTS["event_id"] != "e4", day("2020-06-10")),
    )
    assert not talk_to_deed(mentions, same, until="2021-12-31")["reached"].item()


def test_deed_on_the_day_of_the_talk_does_not_follow_it():
    mentions = pd.DataFrame(
        [("e4", "patrol", "agreed"), ("e4", "patrol", "done")],
        columns=["event_id", "area", "status"],
    )
    wait = talk_to_deed(mentions, EVENTS, until="2021-12-31").iloc[0]
    assert (wait["reached"], wait["done_before"]) == (False, False)


def test_talk_known_to_the_year_in_which_the_record_ends_is_not_after_its_end():
    mentions = pd.DataFrame({"event_id": ["e3"], "area": ["patrol"], "status": ["agreed"]})
    wait = talk_to_deed(mentions, EVENTS, talk="agreed", until="2020-06-11").iloc[0]
    # Talked of between 1 June and the end of the record, ten days on.
    assert (wait["days"], wait["days_low"], wait["days_high"]) == (0, 0, 10)


def test_deed_beside_what_was_talked_of_ends_the_wait_and_the_pledge_goes_on():
    """The line of the navies is promised, and another hotline comes into use."""
    mentions = pd.DataFrame(
        [("e1", "hotline", "agreed"), ("e4", "hotline", "done")],
        columns=["event_id", "area", "status"],
    )
    assert talk_to_deed(mentions, EVENTS, until="2021-12-31")["reached"].item()
    pledge = {"pledge_id": "p1", "event_id": "e1", "outcome": "unknown", "kept_by": None}
    data = SimpleNamespace(
        pledges=pd.DataFrame([pledge]), events=EVENTS, span=(day("2019"), day("2021-12-31"))
    )
    assert rel.time_to_fulfilment(data)["kept"].sum() == 0


def test_talk_to_deed_needs_the_end_of_the_record():
    with pytest.raises(ValueError, match="pass until="):
        talk_to_deed(MENTIONS, EVENTS)
    with pytest.raises(ValueError, match="begin after 2020-01-01"):
        talk_to_deed(MENTIONS, EVENTS, until="2020-01-01")
    with pytest.raises(ValueError, match="no area is"):
        talk_to_deed(MENTIONS[MENTIONS["status"] == "done"], EVENTS, until="2021-12-31")


def test_time_to_deed_is_one_minus_the_product_of_those_who_go_on_waiting():
    waits = pd.DataFrame(
        {"days": [10, 20, 20, 30, 50], "reached": [True, True, False, True, False]}
    )
    table = time_to_deed(waits)
    assert table["days"].tolist() == [10, 20, 30]
    assert table["waiting"].tolist() == [5, 4, 2]
    assert table["share"].tolist() == pytest.approx([0.2, 0.4, 0.7])
    # Greenwood's variance on the scale log(-log), by hand for the second step.
    going, error = 0.6, math.sqrt(1 / (5 * 4) + 1 / (4 * 3)) / abs(math.log(0.6))
    assert table.loc[1, "low"] == pytest.approx(1 - going ** math.exp(-1.959964 * error), rel=1e-5)
    assert table.loc[1, "high"] == pytest.approx(1 - going ** math.exp(1.959964 * error), rel=1e-5)


def test_time_to_deed_at_the_ends():
    assert time_to_deed(pd.DataFrame({"days": [5], "reached": [False]})).empty
    done = time_to_deed(pd.DataFrame({"days": [5, 9], "reached": [True, True]}))
    assert done["share"].tolist() == [0.5, 1.0]
    assert done.loc[1, "low"] == done.loc[0, "low"]
    assert done.loc[1, "high"] == 1
    with pytest.raises(ValueError, match="columns days and reached"):
        time_to_deed(pd.DataFrame({"days": [5]}))
    with pytest.raises(ValueError, match="none of them empty or negative"):
        time_to_deed(pd.DataFrame({"days": [-5], "reached": [True]}))


# Another pair of countries, every engine, figures.


def test_other_sides(small):
    tables = rel.load(small.path)
    assert first_mentions(tables.area_mentions, tables.events)["side"].tolist() == [
        "AA", "BB", "joint"
    ]  # fmt: skip
    assert area_persistence(tables.area_mentions, tables.events)["periods"].tolist() == [1, 0]
    waits = talk_to_deed(tables.area_mentions, tables.events)
    # From 1 March 2019 to the end of 2021.
    assert waits["days"].tolist() == [1036]
    emphasis = side_emphasis(tables.area_mentions, ["AA", "BB"])
    assert emphasis["log_odds"].tolist() == pytest.approx([0, 0])


def test_shipped_mentions_on_every_engine(engine, data):
    mentions, events = data.area_mentions, data.events
    there = engine(mentions), engine(events)
    for metric in (
        first_mentions,
        area_persistence,
        lambda m, e: area_breadth(m, e, order=[1]),
        lambda m, e: area_shares(m, e, by="side"),
        lambda m, e: rel.cooperation_area_counts(m, by=["side", "status", "period"], events=e),
        talk_to_deed,
        lambda m, _: area_cooccurrence(m),
        lambda m, _: side_emphasis(m, ["CN", "VN"]),
    ):
        expected, found = as_pandas(metric(mentions, events)), as_pandas(metric(*there))
        pd.testing.assert_frame_equal(found, expected)


def test_figure_of_years_draws_the_shares_of_years_with_enough_contacts():
    mentions, events = made({2018: [{"a"}], 2019: [{"a"}] * 3 + [{"b"}], 2020: [{"b"}] * 2})
    shares = area_shares(mentions.assign(side="AA"), events, by="side")
    axes = rel.figures.plot_area_years(shares, source="here", few=3, labels={"a": "Lines"})
    drawn = axes[0].collections[0].get_array().reshape(2, 2)
    assert drawn[:, 0].tolist() == [0.75, 0.25]
    assert drawn.mask[:, 1].all()
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["Lines", "b"]
    with pytest.raises(ValueError, match="lower few"):
        rel.figures.plot_area_years(shares, source="here", few=5)


def test_figure_of_emphasis_draws_estimates_and_intervals():
    mentions = pd.DataFrame(
        [(f"e{n}", "a", "AA") for n in range(30)]
        + [(f"e{n}", "b", "BB") for n in range(30)]
        + [("e0", "c", "AA")],
        columns=["event_id", "area", "side"],
    )
    emphasis = side_emphasis(mentions, ["AA", "BB"])
    axis = rel.figures.plot_side_emphasis(emphasis, source="here", sides=["AA", "BB"])
    assert [label.get_text() for label in axis.get_yticklabels()] == ["b", "a"]
    lines = [line.get_xdata() for line in axis.lines[1:]]
    shown = emphasis.set_index("area").loc[["b", "a"]]
    for place, row in enumerate(shown.itertuples()):
        assert lines[2 * place] == pytest.approx([row.low, row.high])
        assert lines[2 * place + 1] == pytest.approx([row.log_odds])
    assert "30 : 0" in [text.get_text() for text in axis.texts]
    with pytest.raises(ValueError, match="lower least"):
        rel.figures.plot_side_emphasis(emphasis, source="here", sides=["AA", "BB"], least=99)
