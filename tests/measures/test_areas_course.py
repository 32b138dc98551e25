"""Cooperation areas in time: first mentions, persistence, and talk that deeds follow."""

import math

import numpy as np
import pandas as pd
import pytest
from conftest import dataset

from measures.test_areas import AREAS, EVENTS, MENTIONS, day, made, rows
from relations.measures import areas, pledges


@pytest.fixture
def record():
    return dataset(events=EVENTS, area_mentions=MENTIONS, areas=AREAS)


def moved(event_id, **values):
    """The events with other values for one of them."""
    events = EVENTS.copy()
    for column, value in values.items():
        events.loc[events["event_id"] == event_id, column] = value
    return events


def of(mentions, events=EVENTS, **span):
    columns = ["event_id", "area", "status"]
    named = pd.DataFrame(mentions, columns=columns).assign(side="AA")
    return dataset(events=events, area_mentions=named, areas=AREAS, **span)


# First mentions.


def test_first_mentions_by_area_and_side(engine, record):
    first = areas.first_mentions(record.convert(engine))
    assert rows(first, "area", "side", "earliest", "latest", "event_id", "count") == [
        ("hotline", "AA", day("2019-03-01"), day("2019-03-01"), "e1", 2),
        ("hotline", "BB", day("2019-03-02"), day("2019-03-02"), "e2", 1),
        ("patrol", "BB", day("2019-03-02"), day("2019-03-02"), "e2", 1),
        ("patrol", "joint", day("2020-06-01"), day("2020-06-30"), "e3", 1),
        ("rescue", "AA", day("2021-02-01"), day("2021-02-01"), "e4", 1),
    ]
    # e1 and its part e2 are two contacts on one occasion.
    for count, number in (("occasions", 2), ("contacts", 3)):
        by_area = areas.first_mentions(record.convert(engine), each="area", count=count)
        assert by_area["count"].tolist()[0] == number
        assert by_area.attrs["unit"] == count
    with pytest.raises(ValueError, match="name at least one column"):
        areas.first_mentions(record, each=())


def test_first_mention_that_a_coarse_date_leaves_open():
    coarse = moved("e4", start=day("2019-01-01"), end=day("2019-12-31"), precision="year")
    record = dataset(events=coarse, area_mentions=MENTIONS, areas=AREAS)
    first = areas.first_mentions(record, each="area").set_index("area").loc["hotline"]
    assert (first["earliest"], first["latest"]) == (day("2019-01-01"), day("2019-03-01"))
    assert first["event_id"] == "e1"


@pytest.mark.parametrize(
    ("start", "end", "latest"),
    [
        # It ended on the 12th, so it began by then.
        ("2020-06-01", "2020-06-12", "2020-06-12"),
        # It lasted into July, and began in June.
        ("2020-06-01", "2020-07-31", "2020-06-30"),
    ],
)
def test_a_contact_known_to_the_month_begins_in_it_and_no_later_than_it_ends(start, end, latest):
    events = moved("e3", start=day(start), end=day(end))
    record = dataset(events=events, area_mentions=MENTIONS, areas=AREAS)
    first = areas.first_mentions(record, each=["area", "side"]).query("side == 'joint'")
    assert first["latest"].tolist() == [day(latest)]


def test_who_names_an_area_first():
    """Two areas named by AA first, one by BB, one by both on one day, one by AA alone."""
    named = [
        ("e1", "hotline", "AA"), ("e4", "hotline", "BB"), ("e1", "rescue", "AA"),
        ("e3", "rescue", "BB"), ("e2", "patrol", "BB"), ("e3", "patrol", "AA"),
        ("e4", "medicine", "AA"), ("e4", "medicine", "BB"), ("e1", "talks", "AA"),
    ]  # fmt: skip
    mentions = pd.DataFrame(named, columns=["event_id", "area", "side"])
    listed = pd.DataFrame({"area": mentions["area"].unique()})
    table = areas.first_to_name(dataset(events=EVENTS, area_mentions=mentions, areas=listed))
    assert rows(table, "side", "areas", "first", "open") == [("AA", 4, 2, 1), ("BB", 4, 1, 1)]
    assert table["share"].tolist() == pytest.approx([2 / 3, 1 / 3])
    # A coin splits three as unevenly always.
    assert table["p"].tolist() == [1, 1]
    # Exact limits of two of three: the roots of P(X >= 2) = P(X <= 2) = 0.025.
    low, high = table.loc[0, ["low", "high"]]
    assert 3 * low**2 - 2 * low**3 == pytest.approx(0.025)
    assert 1 - high**3 == pytest.approx(0.025)


def test_where_dates_leave_open_who_was_first_nobody_is():
    coarse = moved("e4", start=day("2019-01-01"), end=day("2019-12-31"), precision="year")
    named = [("e1", "hotline", "AA"), ("e4", "hotline", "BB")]
    mentions = pd.DataFrame(named, columns=["event_id", "area", "side"])
    table = areas.first_to_name(dataset(events=coarse, area_mentions=mentions, areas=AREAS))
    assert rows(table, "first", "open") == [(0, 1), (0, 1)]
    assert table[["share", "low", "high", "p"]].isna().all(axis=None)


# Persistence.


def test_persistence_by_hand(engine, record):
    table = areas.persistence(record.convert(engine))
    assert rows(table, "area", "count", "periods", "named", "share")[:2] == [
        ("hotline", 2, 2, 1, 0.5),
        ("patrol", 2, 2, 1, 0.5),
    ]
    rescue = table.iloc[2]
    assert (rescue["area"], rescue["periods"]) == ("rescue", 0)
    assert rescue[["share", "low", "high"]].isna().all()
    assert areas.persistence(record, count="contacts")["count"].tolist() == [3, 2, 1]


def test_persistence_passes_over_periods_in_which_nothing_is_named():
    record = made({2010: [{"a"}], 2015: [{"a"}], 2016: [{"b"}], 2020: [{"a"}]})
    table = areas.persistence(record).set_index("area")
    assert table.loc["a", ["periods", "named"]].tolist() == [3, 2]
    # Two of three, exact: the roots of P(X >= 2) = P(X <= 2) = 0.025.
    low, high = table.loc["a", ["low", "high"]]
    assert 3 * low**2 - 2 * low**3 == pytest.approx(0.025)
    assert 1 - high**3 == pytest.approx(0.025)


# Talk and deed.


def test_talk_to_deed_by_hand(engine, record):
    waits = areas.talk_to_deed(record.convert(engine))
    assert rows(waits, "area", "talk_event", "reached", "deed_event", "days") == [
        ("hotline", "e1", False, None, 1036),
        ("patrol", "e2", True, "e3", 486),
        ("rescue", "e4", False, None, 333),
    ]
    # The deed is known to the month: 1 to 30 June 2020.
    assert rows(waits, "days_low", "days_high")[1] == (457, 486)


def test_talk_to_deed_keeps_apart_what_was_done_before_and_what_may_have_been():
    mentions = [("e1", "patrol", "done"), ("e3", "patrol", "agreed"), ("e4", "patrol", "done")]
    wait = areas.talk_to_deed(of(mentions)).iloc[0]
    assert wait["done_before"]
    assert wait["deed_event"] == "e4"
    # Known to the month of the talk: it may have come first.
    same = moved("e4", start=day("2020-06-10"), end=day("2020-06-10"))
    assert not areas.talk_to_deed(of(mentions, same))["reached"].item()


def test_deed_on_the_day_of_the_talk_does_not_follow_it():
    wait = areas.talk_to_deed(of([("e4", "patrol", "agreed"), ("e4", "patrol", "done")])).iloc[0]
    assert (wait["reached"], wait["done_before"]) == (False, False)


def test_talk_known_to_the_year_in_which_the_record_ends_is_not_after_its_end():
    record = of([("e3", "patrol", "agreed")], span=("2019-01-01", "2020-06-11"))
    wait = areas.talk_to_deed(record, talk="agreed").iloc[0]
    # Talked of between 1 June and the end of the record, ten days on.
    assert (wait["days"], wait["days_low"], wait["days_high"]) == (0, 0, 10)


def test_deed_beside_what_was_talked_of_ends_the_wait_and_the_pledge_goes_on():
    """The line of the navies is promised, and another hotline comes into use."""
    named = pd.DataFrame({"event_id": ["e1", "e4"], "area": "hotline", "side": "AA"})
    pledge = pd.DataFrame(
        {"pledge_id": ["p1"], "event_id": ["e1"], "area": ["hotline"], "outcome": ["unknown"]}
    )
    record = dataset(
        events=EVENTS, area_mentions=named.assign(status=["agreed", "done"]), areas=AREAS,
        pledges=pledge,
    )  # fmt: skip
    assert areas.talk_to_deed(record)["reached"].item()
    assert pledges.time_to_fulfilment(record)["kept"].sum() == 0


def test_contact_after_the_span_is_refused(record):
    late = dataset(
        events=EVENTS, area_mentions=MENTIONS, areas=AREAS, span=("2019-01-01", "2020-01-01")
    )
    with pytest.raises(ValueError, match="e3 begins after 2020-01-01"):
        areas.talk_to_deed(late)
    # A choice ends the record where it is asked to end.
    assert areas.talk_to_deed(record.where(until="2020"))["days"].tolist() == [671, 486]


def test_nothing_talked_of_has_no_row():
    record = of([("e3", "patrol", "done")])
    table = areas.talk_to_deed(record)
    assert table.empty
    assert table["days"].dtype == "int64"
    assert areas.time_to_deed(record).empty
    within = areas.deeds_within(record)
    assert within[["areas", "waiting"]].eq(0).all(axis=None)
    assert within[["share", "low", "high"]].isna().all(axis=None)


def waiting(*days, end=100):
    """A record of one area each, talked of on day 0; deeds after some days, or none (None)."""
    start = day("2019-01-01")
    events, named = [("talk", start)], []
    for number, wait in enumerate(days):
        named.append(("talk", f"a{number}", "agreed"))
        if wait is not None:
            events.append((f"deed-{number}", start + pd.Timedelta(days=wait)))
            named.append((f"deed-{number}", f"a{number}", "done"))
    events = pd.DataFrame(events, columns=["event_id", "start"])
    events = events.assign(end=events["start"], precision="day", status="held")
    mentions = pd.DataFrame(named, columns=["event_id", "area", "status"]).assign(side="AA")
    listed = pd.DataFrame({"area": mentions["area"].unique()})
    span = ("2019-01-01", str(start + pd.Timedelta(days=end))[:10])
    return dataset(events=events, area_mentions=mentions, areas=listed, span=span)


def test_time_to_deed_is_one_minus_the_product_of_those_who_go_on_waiting(engine):
    table = areas.time_to_deed(waiting(10, 20, 30, None, None).convert(engine))
    assert table["days"].tolist() == [10, 20, 30]
    assert table["waiting"].tolist() == [5, 4, 3]
    assert table["share"].tolist() == pytest.approx([0.2, 0.4, 0.6])
    # Greenwood's variance on the scale log(-log), by hand for the second step.
    going, error = 0.6, math.sqrt(1 / (5 * 4) + 1 / (4 * 3)) / abs(math.log(0.6))
    assert table.loc[1, "low"] == pytest.approx(1 - going ** math.exp(-1.959964 * error), rel=1e-5)
    assert table.loc[1, "high"] == pytest.approx(1 - going ** math.exp(1.959964 * error), rel=1e-5)


def test_time_to_deed_at_the_ends():
    assert areas.time_to_deed(waiting(None)).empty
    done = areas.time_to_deed(waiting(5, 9))
    assert done["share"].tolist() == [0.5, 1.0]
    assert done.loc[1, "low"] == done.loc[0, "low"]
    assert done.loc[1, "high"] == 1


def test_areas_done_before_do_not_wait_unless_asked_for():
    mentions = [("e1", "patrol", "done"), ("e3", "patrol", "agreed"), ("e4", "patrol", "done")]
    record = of([*mentions, ("e1", "hotline", "agreed"), ("e3", "hotline", "done")])
    assert areas.time_to_deed(record)["days"].tolist() == [487]
    # 30 June 2020 to 1 February 2021.
    assert areas.time_to_deed(record, done_before=True)["days"].tolist() == [216, 487]


def test_deeds_within_so_many_years_are_read_from_the_curve():
    record = waiting(100, 400, None, None, end=900)
    table = areas.deeds_within(record, years=(0.1, 1, 2, 5))
    assert table[["areas", "waiting"]].to_numpy().tolist() == [[4, 4], [4, 3], [4, 2], [4, 0]]
    assert table["share"][:3].tolist() == pytest.approx([0, 0.25, 0.5])
    # None of four within 36 days: the exact upper limit of 0 of 4.
    assert (table.loc[0, "low"], table.loc[0, "high"]) == (0, pytest.approx(1 - 0.025 ** (1 / 4)))
    # Nobody was followed for five years.
    assert table.loc[3, ["share", "low", "high"]].isna().all()
    curve = areas.time_to_deed(record)
    assert table.loc[2, ["low", "high"]].tolist() == curve.loc[1, ["low", "high"]].tolist()
    assert areas.deeds_within(waiting(5, 9), [5])["share"].tolist() == [1]
    with pytest.raises(ValueError, match="0 or more"):
        areas.deeds_within(record, [-1])


def test_shares_grow_with_the_years(data):
    table = areas.deeds_within(data, np.arange(0, 8, 0.5))
    assert table["share"].is_monotonic_increasing
    assert (table["low"] <= table["share"]).all()
