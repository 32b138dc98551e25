"""Offices, ranks and tiers on the day: against plain Python over the tables, and by hand."""

import calendar
import csv

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import relations as rel
from relations.record import levels
from relations.record._frames import collect
from relations.record._package import SHIPPED

VISIT, TALKS, PATROL = "2019-03-01-visit", "2019-03-02-talks", "2021-06-patrol"
LADDER = ["leader", "vice-chair", "minister", "commission", "deputy", "working"]


# The same answers from the text of the tables, with nothing of the library.


def rows_of(name, folder=SHIPPED):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def first(text):
    return text + "-01-01"[len(text) - 10 :] if len(text) < 10 else text


def last(text):
    if len(text) == 4:
        return f"{text}-12-31"
    if len(text) == 7:
        return f"{text}-{calendar.monthrange(int(text[:4]), int(text[5:]))[1]:02}"
    return text


def days(event):
    """First and last day on which a contact may have begun."""
    start, end = event["start"], event["end"] or event["start"]
    exact = len(start) == 10 and len(end) == 10
    return first(start), first(start) if exact else last(end)


class Plain:
    """Offices, ranks, heads and tiers, each found by going through all rows."""

    def __init__(self, folder=SHIPPED):
        names = ["events", "participants", "appointments", "promotions", "offices", "ranks"]
        for name in [*names, "people"]:
            setattr(self, name, rows_of(name, folder))
        self.office = {row["office_id"]: row for row in self.offices}
        self.rank = {row["rank_id"]: row for row in self.ranks}
        self.side = {row["person_id"]: row["side"] for row in self.people}
        self.event = {row["event_id"]: row for row in self.events}
        self.led = {}
        for row in self.participants:
            if row["role"] in ("head", "host"):
                self.led.setdefault(row["event_id"], set()).add(row["person_id"])

    def held(self, person, event):
        day, latest = days(self.event[event])
        return {
            term["office_id"]
            for term in self.appointments
            if term["person_id"] == person
            and term["since"]
            and last(term["since"]) <= day
            and (not term["until"] or first(term["until"]) >= latest)
        }

    def minister(self, offices):
        return any(self.office[office]["tier"] == "minister" for office in offices)

    def level(self, office):
        return int(self.office[office]["office_level"] or 0)

    def rank_of(self, person, event):
        """The rank that is the last by every order of days that the dates allow."""
        day, latest = days(self.event[event])
        received = [
            (first(row["since"]), last(row["since"]), row["rank_id"])
            for row in self.promotions
            if row["person_id"] == person and row["since"] and first(row["since"]) <= latest
        ]
        if not any(until <= day for _, until, _ in received):
            return ""
        begun = max(since for since, until, _ in received if until <= day)
        possible = {rank for _, until, rank in received if until >= begun}
        return possible.pop() if len(possible) == 1 else ""

    def named(self, offices):
        def order(office):
            return (-self.level(office), not self.minister([office]), office)

        return min(offices, key=order) if offices else ""

    def head(self, event, side):
        def order(person):
            offices = self.held(person, event)
            office = self.named(offices)
            rank = self.rank.get(self.rank_of(person, event), {"level_by_place": ""})
            height = (self.level(office) if office else 0, self.minister(offices))
            return (-height[0], not height[1], -int(rank["level_by_place"] or 0), person)

        people = [who for who in self.led.get(event, ()) if self.side[who] == side]
        return min(people, key=order) if people else ""

    def tier_of_person(self, person, event):
        offices = self.held(person, event)
        if not offices:
            return "undated"
        level = max(map(self.level, offices))
        if level >= 7:
            return "leader"
        if self.minister(offices):
            return "minister"
        return {6: "vice-chair", 5: "commission", 4: "deputy", 3: "deputy", 2: "working",
                1: "working", 0: "outside the scale"}[level]  # fmt: skip

    def tier(self, event):
        status = self.event[event]["status"]
        parts = [
            row["event_id"]
            for row in self.events
            if row["parent_id"] == event and row["status"] == status
        ]
        found = {
            self.tier_of_person(person, each)
            for each in [event, *parts]
            for person in self.led.get(each, ())
        }
        order = [*LADDER, "undated", "outside the scale"]
        return min(found, key=order.index) if found else "unnamed"


@pytest.fixture(scope="module")
def plain():
    return Plain()


def test_tiers_of_the_whole_record_are_those_of_plain_python(data, plain):
    places = collect(levels.tier_places(data.tables, "test")).set_index("event_id")["place"]
    found = {event: levels.TIERS[place] for event, place in places.items()}
    assert found == {event: plain.tier(event) for event in plain.event}
    assert len(set(found.values())) >= 8


def test_heads_of_the_whole_record_are_those_of_plain_python(data, plain):
    heads = collect(levels.heads(data.tables, "test"))
    found = {(row.event_id, row.side): row.person_id for row in heads.itertuples()}
    sides = [row["side"] for row in rows_of("sides")]
    expected = {(event, side): plain.head(event, side) for event in plain.event for side in sides}
    assert found == {key: person for key, person in expected.items() if person}
    for row in heads.itertuples():
        office = plain.named(plain.held(row.person_id, row.event_id))
        assert ("" if pd.isna(row.office_id) else row.office_id) == office
        rank = plain.rank_of(row.person_id, row.event_id)
        assert ("" if pd.isna(row.rank_id) else row.rank_id) == rank


def test_ranks_and_offices_of_all_who_are_named_are_those_of_plain_python(data, plain):
    found = rel.rank_levels(data)
    for row in found.drop_duplicates(["event_id", "person_id"]).itertuples():
        office = plain.named(plain.held(row.person_id, row.event_id))
        rank = plain.rank_of(row.person_id, row.event_id)
        assert ("" if pd.isna(row.office_id) else row.office_id) == office
        assert ("" if pd.isna(row.rank_id) else row.rank_id) == rank
        level = plain.office[office]["office_level"] if office else ""
        assert str("" if pd.isna(row.office_level) else row.office_level) == level
    held = rel.ranks.offices_held(data).groupby(["event_id", "person_id"])["office_id"].agg(set)
    for (event, person), offices in held.items():
        assert offices == plain.held(person, event)


def test_tiers_on_every_engine(engine, data, converted):
    expected = collect(levels.tier_places(data.tables, "test")).sort_values("event_id")
    there = converted(engine)
    found = collect(levels.tier_places(there.tables, "test")).sort_values("event_id")
    assert found.to_numpy().tolist() == expected.to_numpy().tolist()


# The rules, one by one.


def tier_of(small, event=VISIT):
    data = rel.load(small.path)
    assert data.contacts.set_index("event_id")["tier"].to_dict() == {
        each: Plain(small.path).tier(each)
        for each in data.contacts["event_id"]
    }  # fmt: skip
    return data.contacts.set_index("event_id").loc[event, "tier"]


def lone_minister(small):
    """Bob is outside the contact, so that Ann alone leads."""
    small.replace("participants", f"{VISIT},bob,head", f"{VISIT},bob,member")
    small.replace("participants", f"{TALKS},ann,host", f"{TALKS},ann,member")
    small.replace("participants", f"{TALKS},bob,head", f"{TALKS},bob,member")


def seat(small, level, name="aa-seat"):
    small.append("offices", f"{name},AA,Seat,Seat,Commission,{level},false,")
    small.append("appointments", f"ann,{name},2010-01-01,,dated,s1")


@pytest.mark.parametrize(
    ("level", "tier"),
    [
        (5, "minister"), (6, "minister"), (7, "leader"), (8, "leader"), ("", "minister"),
    ],
)  # fmt: skip
def test_a_defence_minister_is_one_whatever_other_seat_he_holds(small, level, tier):
    lone_minister(small)
    seat(small, level)
    assert tier_of(small) == tier


@pytest.mark.parametrize(
    ("level", "tier"),
    [
        (8, "leader"), (7, "leader"), (6, "vice-chair"), (5, "commission"), (4, "deputy"),
        (3, "deputy"), (2, "working"), (1, "working"), ("", "outside the scale"),
    ],
)  # fmt: skip
def test_each_level_has_its_tier(small, level, tier):
    lone_minister(small)
    small.replace("appointments", "ann,aa-minister,2015-01-01,2019-03-01,dated,s1\n", "")
    assert tier_of(small) == "undated"
    seat(small, level)
    assert tier_of(small) == tier


def test_three_kinds_of_none(small):
    lone_minister(small)
    assert tier_of(small, PATROL) == "unnamed"
    # After his term Ann has no dated office: one that is undated may be any.
    small.replace("appointments", "2015-01-01,2019-03-01", "2015-01-01,2019-02-01")
    assert tier_of(small) == "undated"
    seat(small, "")
    assert tier_of(small) == "outside the scale"
    small.append("people", "cat,AA,Cat,,")
    small.append("participants", f"{VISIT},cat,host,s1,,")
    assert tier_of(small) == "undated"


def test_an_occasion_has_the_highest_tier_of_itself_and_its_parts(small):
    """Bob leads the talks as minister, and nobody is named for the visit that they are part of."""
    small.replace("participants", f"{VISIT},ann,host", f"{VISIT},ann,member")
    small.replace("participants", f"{VISIT},bob,head", f"{VISIT},bob,member")
    assert tier_of(small, VISIT) == "minister"
    small.replace("appointments", "bob,bb-minister,2019-03-02,", "bob,bb-minister,2019-03-03,")
    assert tier_of(small, VISIT) == "deputy"
    assert tier_of(small, TALKS) == "deputy"


def test_a_part_that_was_not_held_lifts_nothing(small):
    small.replace("participants", f"{VISIT},ann,host", f"{VISIT},ann,member")
    small.replace("participants", f"{VISIT},bob,head", f"{VISIT},bob,member")
    small.replace("events", "2019-03-01-visit,held,Talks", "2019-03-01-visit,announced,Talks")
    assert tier_of(small, VISIT) == "unnamed"
    assert rel.load(small.path).where(status="announced", tier="minister").choice


def test_a_part_does_not_get_the_tier_of_the_whole(small):
    small.replace("appointments", "bob,bb-minister,2019-03-02,", "bob,bb-minister,2019-03-03,")
    assert tier_of(small, VISIT) == "minister"
    assert tier_of(small, TALKS) == "deputy"


def test_offices_without_the_column_tier_have_no_minister(small):
    data = rel.load(small.path)
    tables = {**data.tables, "offices": data.offices.drop(columns="tier")}
    places = collect(levels.tier_places(tables, "test")).set_index("event_id")["place"]
    assert levels.TIERS[places[VISIT]] == "commission"


# Ranks whose dates are known to the month or year


def resolved(received, day, latest=None):
    """The rank on a day of a person promoted on these dates, to r0, r1 and so on."""
    ranks = [f"r{number}" for number in range(len(received))]
    start, end = (pd.Timestamp(each).as_unit("us") for each in (day, latest or day))
    precision = "day" if latest is None else "month"
    frames = {
        "promotions": pd.DataFrame(
            {
                "person_id": "p",
                "rank_id": ranks,
                "since": pd.to_datetime([first(each) for each in received]),
                "since_latest": pd.to_datetime([last(each) for each in received]),
            }
        ),
        "ranks": pd.DataFrame({"rank_id": ranks}).assign(level_by_place=1, level_by_cognate=1),
        "events": pd.DataFrame(
            {"event_id": ["e"], "start": [start], "end": [end], "precision": precision}
        ),
        "participants": pd.DataFrame({"event_id": ["e"], "person_id": ["p"]}),
    }
    who = levels.present(frames, "test")
    found = collect(levels.ranks_held(who, frames, "test"))["rank_id"].tolist()
    return found[0] if found else None


@pytest.mark.parametrize(
    ("received", "rank"),
    [
        (["2015", "2016"], "r1"),
        (["2016", "2016-05-01"], None),
        (["2016-05-01", "2016"], None),
        (["2016-05", "2016-05-31"], None),
        (["2016", "2016"], None),
        (["2016-04-30", "2016-05"], "r1"),
        (["2016-05", "2016-04"], "r0"),
        (["2015", "2019"], None),
        (["2015", "2019-03-03"], "r0"),
        (["2015", "2019-03-02"], "r1"),
        # Once a later rank is sure, an older overlap does not matter.
        (["2015", "2015-06-01", "2018"], "r2"),
    ],
)
def test_a_rank_is_unknown_where_the_dates_of_two_promotions_overlap(received, rank):
    assert resolved(received, "2019-03-02") == rank


def test_a_rank_is_unknown_where_the_contact_may_lie_before_or_after_the_promotion():
    assert resolved(["2015", "2019-03-15"], "2019-03-01", "2019-03-31") is None
    assert resolved(["2015", "2019-04-01"], "2019-03-01", "2019-03-31") == "r0"


DATES = st.builds(
    lambda month, day, width: f"2016-{month:02}-{day:02}"[:width],
    st.integers(1, 12), st.integers(1, 28), st.sampled_from([4, 7, 10]),
)  # fmt: skip


def possible_orders(received, day):
    """The last rank for each way in which the dates may have fallen, day by day."""
    from itertools import product

    choices = [sorted({first(date), day, "2016-06-30", last(date)}) for date in received]
    inside = [
        [each for each in days if first(date) <= each <= last(date)]
        for date, days in zip(received, choices, strict=True)
    ]
    found = set()
    for dates in product(*inside):
        by_then = [(date, rank) for rank, date in enumerate(dates) if date <= day]
        if not by_then:
            found.add(None)
            continue
        newest = max(date for date, _ in by_then)
        found |= {rank for date, rank in by_then if date == newest}
    return found


@settings(max_examples=60, deadline=None)
@given(received=st.lists(DATES, min_size=1, max_size=3), day=st.integers(1, 28))
def test_a_rank_is_known_where_every_order_of_days_agrees(received, day):
    day = f"2016-07-{day:02}"
    possible = possible_orders(received, day)
    known = f"r{possible.pop()}" if len(possible) == 1 and None not in possible else None
    assert resolved(received, day) == known
