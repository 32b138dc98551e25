"""Ranks and offices: those of the day, from dated facts, never from what is printed."""

import pandas as pd
import pytest
from conftest import as_pandas
from hypothesis import given, settings
from hypothesis import strategies as st

import relations as rel


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def cell(levels, event, person, column):
    row = levels[(levels["event_id"] == event) & (levels["person_id"] == person)]
    return row[column].iloc[0]


VISIT, TALKS = "2019-03-01-visit", "2019-03-02-talks"


def test_rank_and_office_are_those_of_the_day(pair, engine):
    levels = as_pandas(rel.rank_levels(pair.convert(engine)))
    # Bob is promoted and becomes minister on the day of the talks, one day into the visit.
    assert cell(levels, VISIT, "bob", "rank_id") == "bb-colonel"
    assert cell(levels, TALKS, "bob", "rank_id") == "bb-general"
    assert cell(levels, VISIT, "bob", "office_level") == 4
    assert cell(levels, TALKS, "bob", "office_level") == 5
    # Ann's term ends on the first day of the visit, which is her last in office.
    assert cell(levels, VISIT, "ann", "office_level") == 5
    assert cell(levels, TALKS, "ann", "office_id") is None


def test_what_is_printed_stands_beside_and_is_not_taken_for_a_fact(pair, engine):
    levels = as_pandas(rel.rank_levels(pair.convert(engine)))
    assert cell(levels, TALKS, "ann", "office_as_reported") == "Minister"
    assert pd.isna(cell(levels, TALKS, "ann", "office_level"))
    assert cell(levels, TALKS, "bob", "rank_as_reported") is None


def test_the_crosswalk_is_said_and_matters(pair, engine):
    for crosswalk, level in (("place", 8), ("cognate", 9)):
        levels = as_pandas(rel.rank_levels(pair.convert(engine), crosswalk))
        assert cell(levels, TALKS, "bob", "rank_level") == level
        assert set(levels["crosswalk"]) == {crosswalk}
    with pytest.raises(ValueError, match="place, cognate"):
        rel.rank_levels(pair, "nato")


def test_rank_is_unknown_where_a_promotion_may_lie_before_or_after(small):
    small.replace("promotions", "bb-general,2019-03-02", "bb-general,2019")
    levels = rel.rank_levels(rel.load(small.path))
    assert levels.loc[levels["person_id"] == "bob", "rank_level"].isna().all()


def test_rank_without_a_date_stays_unknown(small):
    small.replace("promotions", "ann,aa-general,2010-01-01", "ann,aa-general,")
    levels = rel.rank_levels(rel.load(small.path))
    assert levels.loc[levels["person_id"] == "ann", "rank_level"].isna().all()


def test_office_begun_at_a_time_that_may_be_later_does_not_count(small):
    small.replace("appointments", "bb-minister,2019-03-02", "bb-minister,2019-03")
    levels = rel.rank_levels(rel.load(small.path))
    assert cell(levels, TALKS, "bob", "office_level") == 4


def test_highest_of_several_offices_counts_and_ties_go_by_id(small):
    small.append("offices", "bb-marshal,BB,Marshal,Marshal,Council,5,")
    small.append("appointments", "bob,bb-marshal,2016-01-01,,,s1")
    levels = rel.rank_levels(rel.load(small.path))
    assert cell(levels, VISIT, "bob", "office_id") == "bb-marshal"
    assert cell(levels, TALKS, "bob", "office_id") == "bb-marshal"


def test_office_outside_the_scale_is_named_without_a_level(small):
    small.append("offices", "aa-envoy,AA,Envoy,Envoy,Ministry,,")
    small.append("appointments", "ann,aa-envoy,2010-01-01,,,s1")
    levels = rel.rank_levels(rel.load(small.path))
    assert cell(levels, VISIT, "ann", "office_id") == "aa-minister"
    assert cell(levels, TALKS, "ann", "office_id") == "aa-envoy"
    assert pd.isna(cell(levels, TALKS, "ann", "office_level"))


def test_participants_of_an_event_known_to_the_year(small):
    small.replace("events", "2019-03-02-talks,2019-03-02,", "2019-03-02-talks,2019,")
    small.replace("events", "2019-03-01-visit,held,Talks", ",held,Talks")
    levels = rel.rank_levels(rel.load(small.path))
    assert pd.isna(cell(levels, TALKS, "bob", "rank_level"))
    assert cell(levels, TALKS, "ann", "rank_level") == 9
    assert pd.isna(cell(levels, TALKS, "ann", "office_level"))


def test_one_row_per_event_person_and_source(pair):
    levels = rel.rank_levels(pair)
    key = ["event_id", "person_id", "source_id"]
    assert not levels.duplicated(key).any()
    assert len(levels) == len(pair.participants)


def test_level_of_a_delegation_is_that_of_its_head(pair, engine):
    heads = as_pandas(rel.delegation_levels(rel.rank_levels(pair.convert(engine))))
    assert heads[["event_id", "side", "person_id"]].values.tolist() == [
        [VISIT, "AA", "ann"],
        [VISIT, "BB", "bob"],
        [TALKS, "AA", "ann"],
        [TALKS, "BB", "bob"],
    ]
    assert heads["office_level"].fillna(0).tolist() == [5, 4, 0, 5]


def test_of_several_heads_the_highest_office_leads(small):
    small.append("people", "cat,BB,Cat,,")
    small.append("appointments", "cat,bb-minister,2010-01-01,2019-03-01,,s1")
    small.append("participants", f"{VISIT},cat,head,s1,Minister,")
    small.append("people", "dan,BB,Dan,,")
    small.append("participants", f"{VISIT},dan,member,s1,,")
    heads = rel.delegation_levels(rel.rank_levels(rel.load(small.path)))
    assert cell(heads[heads["side"] == "BB"], VISIT, "cat", "office_level") == 5
    assert "dan" not in heads["person_id"].tolist()


def test_shipped_careers_on_every_engine(engine, data):
    expected = as_pandas(rel.rank_levels(data))
    found = as_pandas(rel.rank_levels(data.convert(engine)))
    pd.testing.assert_frame_equal(found, expected)


def test_one_man_two_printed_ranks_one_resolved(data):
    """Wei Fenghe was a general (上将) whatever the English of a page says."""
    levels = rel.rank_levels(data)
    wei = levels[levels["person_id"] == "wei-fenghe"]
    assert {"General", "Senior Lieutenant General"} <= set(wei["rank_as_reported"])
    assert set(wei["rank_id"]) == {"cn-shangjiang"}
    assert set(wei["office_level"]) == {5}


def test_promotion_between_two_contacts(data):
    levels = rel.rank_levels(data, "cognate").sort_values("event_id")
    giang = levels[levels["person_id"] == "phan-van-giang"]
    assert giang["rank_id"].iloc[0] == "vn-thuong-tuong"
    assert giang["rank_id"].iloc[-1] == "vn-dai-tuong"


days = st.dates(pd.Timestamp("2010-01-01").date(), pd.Timestamp("2020-12-31").date())


@settings(max_examples=50, deadline=None)
@given(event=days, promoted=st.lists(days, min_size=1, max_size=5, unique=True))
def test_rank_is_the_last_one_received_by_then(event, promoted):
    """Against a search by hand through the dates."""
    stamps = pd.to_datetime(promoted).astype("datetime64[us]")
    day = pd.to_datetime([event]).astype("datetime64[us]")
    data = type("Tables", (), {})()
    data.events = pd.DataFrame({"event_id": "e", "start": day, "end": day, "precision": "day"})
    data.participants = pd.DataFrame(
        {"event_id": ["e"], "person_id": "p", "source_id": "s", "role": "head",
         "office_as_reported": "", "rank_as_reported": ""}
    )  # fmt: skip
    data.people = pd.DataFrame({"person_id": ["p"], "side": "AA"})
    data.offices = pd.DataFrame({"office_id": ["o"], "office_level": [5]})
    data.appointments = pd.DataFrame(
        {"person_id": ["p"], "office_id": "o", "since_latest": stamps[:1], "until": stamps[:1]}
    )
    ids = [f"r{i}" for i in range(len(promoted))]
    data.ranks = pd.DataFrame({"rank_id": ids, "level_by_place": range(len(ids))})
    data.promotions = pd.DataFrame(
        {"person_id": "p", "rank_id": ids, "since": stamps, "since_latest": stamps}
    )
    past = [(date, name) for date, name in zip(promoted, ids, strict=True) if date <= event]
    expected = max(past)[1] if past else None
    found = as_pandas(rel.rank_levels(data))["rank_id"].iloc[0]
    assert found == expected
