"""Where reports of one contact differ: what is compared, and what is no contradiction."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import relations as rel
from relations.record.contradictions import _other_words, contradictions


def test_a_date_outside_the_contact_is_a_contradiction(reported):
    """The visit is 1 to 5 March; one report gives 7 March; a month is not held against a month."""
    row = contradictions(reported, "date")
    assert row[["about", "first", "second", "apart"]].to_numpy().tolist() == [
        ["s4", "2019-03-07", "2019-03-01/2019-03-05", 2.0]
    ]


def test_two_numbers_of_one_contact(reported):
    """Number 3 by AA's count and its own reports, 4 by the wire; the reprint says nothing."""
    row = contradictions(reported, "edition")
    assert row[["first", "first_sides", "first_sources", "second", "second_sides", "apart"]][
        :
    ].to_numpy().tolist() == [["3", "AA;BB", "s2", "4", "third", 1.0]]


def test_ranks_that_no_one_rank_can_be(reported):
    row = contradictions(reported, "rank")
    assert row[["about", "first", "second"]].to_numpy().tolist() == [["bob", "Colonel", "General"]]


def test_ranks_with_two_names_are_no_contradiction(reported):
    ranks = reported.ranks.copy()
    ranks.loc[ranks["rank_id"] == "bb-colonel", "rendered_as"] = "Colonel;General"
    assert contradictions(replace(reported, ranks=ranks), "rank").empty


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("Deputy Minister of Defence", "deputy defense minister", False),
        ("Minister", "Minister, member of the Commission", False),
        ("Minister of Defence", "Chief of the General Staff", True),
        ("国防部长", "国务委员兼国防部长", False),
        ("国防部长", "海军司令员", True),
    ],
)
def test_offices_differ_where_neither_shortens_the_other(one, other, differ):
    assert _other_words(one, other) is differ
    assert _other_words(other, one) is differ


def test_offices_in_two_writings_are_not_compared(reported):
    assert len(contradictions(reported, "office")) == 1
    people = reported.participants.copy()
    people.loc[people["source_id"] == "s4", "office_as_reported"] = "国防部长"
    assert contradictions(replace(reported, participants=people), "office").empty


def test_areas_that_one_sides_sources_leave_out(reported):
    """Both sides name the hotline, BB's paper alone the patrol; one side's contact is no case."""
    row = contradictions(reported, "areas")
    assert row[["event_id", "about", "first_sides", "second_sides"]].to_numpy().tolist() == [
        ["2019-03-01-visit", "patrol", "BB", "AA"]
    ]
    shares = rel.coverage.contradiction_shares(reported).set_index("field")
    assert shares["compared"].to_dict() == {
        "date": 5, "edition": 1, "rank": 1, "office": 1, "areas": 2,
    }  # fmt: skip
    assert shares["differ"].tolist() == [1, 1, 1, 1, 1]


def test_all_fields_are_compared_where_none_is_named(reported):
    every = contradictions(reported)
    assert every["field"].tolist() == ["date", "edition", "rank", "office", "areas"]
    some = contradictions(reported, ["rank", "date"])
    assert some["field"].tolist() == ["rank", "date"]
    assert rel.coverage.contradictions is contradictions


def test_contacts_that_were_chosen_are_compared_and_no_others(reported):
    assert set(contradictions(reported.where(kind="visit"))["field"]) == {
        "date", "rank", "office", "areas",
    }  # fmt: skip
    nothing = contradictions(reported.where(status="announced"))
    assert nothing.empty
    assert nothing.dtypes.to_dict() == contradictions(reported).dtypes.to_dict()


@given(st.text(), st.text())
def test_no_text_differs_from_itself_and_order_does_not_matter(one, other):
    assert not _other_words(one, one)
    assert _other_words(one, other) is _other_words(other, one)
