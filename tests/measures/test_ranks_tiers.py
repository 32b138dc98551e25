"""Tiers of occasions and the share at one or above, counted by hand."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import relations as rel
from relations.measures import ranks
from relations.record.levels import TIERS

# An office of each kind; "minister" is the defence minister's, "none" outside the scale.
OFFICES = {"8": 8, "7": 7, "6": 6, "5": 5, "4": 4, "3": 3, "2": 2, "1": 1,
           "minister": 5, "none": None}  # fmt: skip

DEFAULTS = {
    "parent_id": None, "precision": "day", "status": "held", "kind": "visit", "host": "AA",
    "note": None, "mechanism": None, "mode": "in_person", "title": "Contact",
}  # fmt: skip


def record(data, contacts, heads=()):
    """Make a record of contacts (id, start, more) and of who led them (id, side, office).

    Each head is a person of his own, in office all along; "?" is an office without a term.
    """
    rows = [
        {**DEFAULTS, "event_id": event, "start": start, **dict(*more)}
        for event, start, *more in contacts
    ]
    events = pd.DataFrame(rows)
    events["parent_id"] = events["parent_id"].astype(pd.StringDtype(na_value=np.nan))
    start = pd.to_datetime(events["start"]).astype("datetime64[us]")
    occasion = events["parent_id"].fillna(events["event_id"])
    events = events.assign(start=start, end=start, occasion=occasion)
    who = pd.DataFrame(
        [(event, f"p{number}", side, office) for number, (event, side, office) in enumerate(heads)],
        columns=["event_id", "person_id", "side", "office"],
    )
    held = who[~who["office"].isin(["?"])]
    since = pd.Timestamp("2000-01-01")
    return dataclasses.replace(
        data,
        events=events,
        participants=who[["event_id", "person_id"]].assign(
            source_id="s1", role="head", office_as_reported=None, rank_as_reported=None
        ),
        people=who[["person_id", "side"]].assign(name=who["person_id"]),
        appointments=pd.DataFrame(
            {"person_id": held["person_id"], "office_id": held["office"], "since": since,
             "since_latest": since, "until": pd.NaT, "basis": "dated"}
        ).astype({"until": "datetime64[us]"}),
        offices=pd.DataFrame(
            {"office_id": list(OFFICES), "side": "AA", "name": list(OFFICES),
             "office_level": pd.array(list(OFFICES.values()), dtype="Int64"),
             "tier": [name if name == "minister" else None for name in OFFICES]}
        ),
    )  # fmt: skip


@pytest.fixture
def pair(small):
    return rel.load(small.path)


FOUR = [
    ("e1", "2019-01-05"), ("e2", "2019-02-01"), ("e3", "2019-03-01"), ("e4", "2021-01-01"),
    ("e4a", "2021-01-01", {"parent_id": "e4", "kind": "meeting"}),
]  # fmt: skip
HEADS = [
    ("e1", "AA", "minister"), ("e1", "BB", "3"),
    ("e2", "AA", "2"), ("e2", "BB", "?"),
    ("e4", "AA", "4"), ("e4", "BB", "1"),
    ("e4a", "AA", "6"), ("e4a", "BB", "5"),
]  # fmt: skip


@pytest.fixture
def four(pair):
    return record(pair, FOUR, HEADS)


def counts(table, key="tier"):
    return table.loc[table["count"] > 0].set_index(key)["count"].to_dict()


def test_each_occasion_has_one_tier_the_highest_of_it_and_its_parts(four):
    table = ranks.tiers(four)
    assert table["tier"].tolist() == list(TIERS)
    assert counts(table) == {"minister": 1, "vice-chair": 1, "working": 1, "unnamed": 1}
    assert table["share"].sum() == pytest.approx(1)
    assert counts(ranks.tiers(four, count="contacts")) == {
        "minister": 1, "vice-chair": 2, "working": 1, "unnamed": 1,
    }  # fmt: skip


def test_the_kinds_of_none_stand_apart(pair):
    data = record(
        pair,
        [(f"e{number}", "2019-01-05") for number in range(5)],
        [("e0", "AA", "none"), ("e1", "AA", "?"), ("e2", "AA", "none"), ("e2", "BB", "?"),
         ("e4", "AA", "none"), ("e4", "BB", "1")],
    )  # fmt: skip
    assert counts(ranks.tiers(data)) == {
        "outside the scale": 1, "undated": 2, "unnamed": 1, "working": 1,
    }  # fmt: skip


def test_an_undated_part_is_no_unnamed_occasion(pair):
    parts = [("e", "2019-01-05"), ("ea", "2019-01-05", {"parent_id": "e"})]
    assert counts(ranks.tiers(record(pair, parts, [("ea", "AA", "?")]))) == {"undated": 1}
    both = [("ea", "AA", "?"), ("e", "AA", "none")]
    assert counts(ranks.tiers(record(pair, parts, both))) == {"undated": 1}


def test_tiers_of_periods_and_kinds(four):
    table = ranks.tiers(four, "year")
    assert len(table) == 3 * len(TIERS)
    by_year = table.groupby(table["period"].dt.year)["count"].sum()
    assert by_year.to_dict() == {2019: 3, 2020: 0, 2021: 1}
    assert table.loc[table["period"].dt.year == 2020, "share"].isna().all()
    kinds = ranks.tiers(four, by="kind")
    # The meeting is a cell of its own, and its own heads lead it.
    assert counts(kinds[kinds["kind"] == "meeting"]) == {"vice-chair": 1}
    assert counts(kinds[kinds["kind"] == "visit"]) == {
        "minister": 1, "vice-chair": 1, "working": 1, "unnamed": 1,
    }  # fmt: skip


def test_parts_left_alone_by_a_choice_are_their_occasion(four):
    assert counts(ranks.tiers(four.where(kind="meeting"))) == {"vice-chair": 1}
    # A visit keeps the tier that a part gives it.
    assert counts(ranks.tiers(four.where(kind="visit", since=2021))) == {"vice-chair": 1}


def test_evidence_lists_what_is_counted(four):
    table = ranks.tiers(four, evidence=True).set_index("tier")["evidence"]
    assert table[["minister", "vice-chair", "leader"]].tolist() == ["e1", "e4", ""]
    table = ranks.level_by_period(four, evidence=True)
    assert table["evidence"].tolist() == ["e1", "", "e4"]


def test_level_of_a_period_by_hand(four):
    table = ranks.level_by_period(four).set_index("period")
    assert table.index.year.tolist() == [2019, 2020, 2021]
    one = table.iloc[0]
    assert one[["occasions", "known", "single", "minister", "working", "unnamed"]].tolist() == [
        3, 2, 1, 1, 1, 1,
    ]  # fmt: skip
    assert one[["highest", "lowest", "median", "at_tier"]].tolist() == [5, 2, 3.5, 1]
    assert one["share"] == 0.5
    # Wilson for 1 of 2: (1/2 + z²/4 ± z·sqrt(1/8 + z²/16)) / (1 + z²/2), z = 1.96
    z2 = 1.959963984540054**2
    half = np.sqrt(z2) * np.sqrt(1 / 8 + z2 / 16) / (1 + z2 / 2)
    assert one["low"] == pytest.approx(0.5 - half)
    assert one["high"] == pytest.approx(0.5 + half)
    # e2 has one head of unknown level, e3 has none: either may be at the tier.
    assert one["least"] == pytest.approx(1 / 3)
    assert one["most"] == 1
    assert table.iloc[1]["occasions"] == 0
    assert table.iloc[1][["share", "highest", "least"]].isna().all()
    # The heads of the part stand for the occasion too.
    late = table.iloc[2]
    assert late[["occasions", "highest", "lowest", "share"]].tolist() == [1, 6, 1, 1]


def test_contacts_are_counted_one_by_one_where_asked(four):
    table = ranks.level_by_period(four, count="contacts").iloc[-1]
    assert table[["contacts", "vice-chair", "highest", "lowest"]].tolist() == [2, 2, 6, 1]


def test_two_known_heads_below_the_tier_leave_nothing_open(four):
    table = ranks.level_by_period(four, at_tier="leader").iloc[-1]
    assert table[["at_tier", "share", "least", "most"]].tolist() == [0, 0, 0, 0]


def test_a_head_outside_the_scale_is_known_to_be_below(pair):
    contacts = [("e1", "2019-01-05"), ("e2", "2019-01-06"), ("e3", "2019-01-07")]
    heads = [
        ("e1", "AA", "none"), ("e1", "BB", "4"),
        ("e2", "AA", "none"), ("e2", "BB", "none"),
        ("e3", "AA", "none"),
    ]  # fmt: skip
    table = ranks.level_by_period(record(pair, contacts, heads), None).iloc[0]
    assert table[["occasions", "known", "single", "outside the scale"]].tolist() == [3, 1, 0, 2]
    # Of the third contact nobody names the other side's head, who may be a minister.
    assert table["most"] == pytest.approx(1 / 3)


def test_a_second_head_without_a_term_leaves_an_undated_contact_open(pair):
    heads = [("e1", "AA", "none"), ("e1", "AA", "?"), ("e1", "BB", "none")]
    table = ranks.level_by_period(record(pair, [("e1", "2019-01-05")], heads), None).iloc[0]
    assert table[["undated", "known", "least", "most"]].tolist() == [1, 0, 0, 1]


def test_the_tier_is_that_of_ministers_not_of_equal_seats(pair):
    contacts = [("e1", "2019-01-05"), ("e2", "2019-01-06")]
    heads = [("e1", "AA", "5"), ("e2", "AA", "minister")]
    table = ranks.level_by_period(record(pair, contacts, heads), None)
    assert table[["commission", "minister", "at_tier"]].iloc[0].tolist() == [1, 1, 1]
    lower = ranks.level_by_period(record(pair, contacts, heads), None, at_tier="commission")
    assert lower["at_tier"].tolist() == [2]
    with pytest.raises(ValueError, match="tier='undated': use one of leader, vice-chair"):
        ranks.level_by_period(pair, at_tier="undated")


def test_level_of_all_contacts_together_and_by_kind(four):
    table = ranks.level_by_period(four, None).iloc[0]
    assert table[["occasions", "known", "at_tier", "highest", "lowest"]].tolist() == [4, 3, 2, 6, 1]
    assert "period" not in table
    by_kind = ranks.level_by_period(four, None, by="kind")
    assert by_kind[["kind", "occasions", "at_tier"]].to_numpy().tolist() == [
        ["meeting", 1, 1], ["visit", 4, 2],
    ]  # fmt: skip


def test_columns_of_the_flat_table_can_be_grouped_by(four):
    table = ranks.level_by_period(four, None, by="AA_office")
    assert table.set_index("AA_office")["occasions"].to_dict() == {
        "minister": 1, "2": 1, "4": 1, "6": 1, np.nan: 1,
    }  # fmt: skip
    with pytest.raises(ValueError, match="by='colour' is no column"):
        ranks.tiers(four, by="colour")
    with pytest.raises(ValueError, match="by='tier': the result has a column of that name"):
        ranks.tiers(four, by="tier")


def test_a_choice_that_leaves_nothing_gives_zeros(four):
    none = four.where(title="no such words")
    table = ranks.tiers(none, "year")
    assert (table["count"] == 0).all()
    assert len(table) == 3 * len(TIERS)
    assert ranks.level_by_period(none)["occasions"].tolist() == [0, 0, 0]
    assert ranks.level_by_period(none, by="kind").empty
    before = ranks.level_by_period(four)
    after = ranks.level_by_period(four.where(since=2040))
    assert after.empty
    assert after.dtypes.to_dict() == before.dtypes.to_dict()


def test_the_span_and_the_status_can_be_chosen(four):
    table = ranks.level_by_period(four, span=("2021-01-01", "2022-12-31"))
    assert table["occasions"].tolist() == [1, 0]
    assert counts(ranks.tiers(four, span=("2019-01-01", "2019-02-01"))) == {
        "minister": 1, "working": 1,
    }  # fmt: skip
    assert ranks.tiers(four, status="announced")["count"].sum() == 0


def test_dates_too_coarse_for_the_period_are_refused(pair):
    coarse = record(pair, [("e1", "2019-01-01", {"precision": "year"}), ("e2", "2019-02-01")])
    assert ranks.level_by_period(coarse)["occasions"].tolist() == [2, 0, 0]
    for measure in (ranks.level_by_period, ranks.tiers):
        with pytest.raises(ValueError, match="1 contact is known less precisely than to the month"):
            measure(coarse, every="month")
        with pytest.raises(ValueError, match="every='week'"):
            measure(coarse, every="week")
        with pytest.raises(ValueError, match="count='all'"):
            measure(coarse, count="all")


def test_tiers_and_levels_are_alike_on_every_engine(engine, pair):
    there = pair.convert(engine)
    for measure in (ranks.tiers, ranks.level_by_period):
        for by in ((), "kind"):
            pd.testing.assert_frame_equal(measure(there, by=by), measure(pair, by=by))


def test_level_of_another_pair_of_sides(pair):
    table = ranks.level_by_period(pair)
    assert table["occasions"].tolist() == [1, 0, 1]
    assert table["known"].tolist() == [1, 0, 0]
    assert table.loc[0, ["highest", "lowest"]].tolist() == [5, 4]
    assert table.loc[2, ["least", "most"]].tolist() == [0, 1]
    assert table.attrs["tier"] == "minister"
    assert table.attrs["unit"] == "occasions"


def test_tiers_of_the_record_add_up_to_its_occasions(data):
    occasions = data.contacts["occasion"].nunique()
    assert ranks.tiers(data)["count"].sum() == occasions
    table = ranks.level_by_period(data)
    assert table["occasions"].sum() == occasions
    assert (table[list(TIERS)].sum(axis=1) == table["occasions"]).all()


CONTACT = st.tuples(
    st.integers(0, 1000), st.booleans(), st.lists(st.sampled_from([*OFFICES, "?"]), max_size=3)
)


@settings(max_examples=25, deadline=None)
@given(contacts=st.lists(CONTACT, min_size=1, max_size=8))
def test_tiers_agree_with_a_search_through_the_heads(data, contacts):
    order = ["leader", "vice-chair", "minister", "commission", "deputy", "working", "undated",
             "outside the scale", "unnamed"]  # fmt: skip
    of_office = {"8": "leader", "7": "leader", "6": "vice-chair", "5": "commission",
                 "4": "deputy", "3": "deputy", "2": "working", "1": "working", "?": "undated",
                 "none": "outside the scale", "minister": "minister"}  # fmt: skip
    rows, heads, best = [], [], {}
    for number, (day, part, offices) in enumerate(contacts):
        parent = "e0" if part and number else None
        start = pd.Timestamp("2019-01-01") + pd.Timedelta(days=day)
        rows.append((f"e{number}", start, {"parent_id": parent}))
        heads += [(f"e{number}", "AA", office) for office in offices]
        found = [of_office[office] for office in offices]
        best.setdefault(parent or f"e{number}", []).extend(found)
    expected = pd.Series(
        [min(found, key=order.index) if found else "unnamed" for found in best.values()]
    )
    table = ranks.tiers(record(data, rows, heads))
    assert counts(table) == expected.value_counts().to_dict()
