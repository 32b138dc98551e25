"""Ranks and offices of the day from dated facts, and what they say of contacts."""

import dataclasses

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


VISIT, TALKS, PATROL = "2019-03-01-visit", "2019-03-02-talks", "2021-06-patrol"


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


def test_rank_is_unknown_on_the_first_day_of_the_month_of_a_promotion(small):
    small.replace("promotions", "bb-general,2019-03-02", "bb-general,2019-03")
    assert pd.isna(cell(rel.rank_levels(rel.load(small.path)), VISIT, "bob", "rank_level"))


def test_rank_is_unknown_where_two_have_one_date(pair, engine):
    pair.promotions.loc[len(pair.promotions)] = pair.promotions.query("person_id == 'ann'").iloc[0]
    pair.promotions.loc[len(pair.promotions) - 1, "rank_id"] = "bb-general"
    levels = as_pandas(rel.rank_levels(pair.convert(engine)))
    assert not levels.duplicated(["event_id", "person_id", "source_id"]).any()
    assert levels.loc[levels["person_id"] == "ann", "rank_level"].isna().all()
    assert cell(levels, TALKS, "bob", "rank_id") == "bb-general"


def test_rank_without_a_date_stays_unknown(small):
    small.replace("promotions", "ann,aa-general,2010-01-01", "ann,aa-general,")
    levels = rel.rank_levels(rel.load(small.path))
    assert levels.loc[levels["person_id"] == "ann", "rank_level"].isna().all()


def test_office_begun_at_a_time_that_may_be_later_does_not_count(small):
    small.replace("appointments", "bb-minister,2019-03-02", "bb-minister,2019-03")
    levels = rel.rank_levels(rel.load(small.path))
    assert cell(levels, TALKS, "bob", "office_level") == 4


def test_highest_of_several_offices_counts_and_ties_go_by_id(small):
    small.append("offices", "bb-council,BB,Council,Council,Council,5,false,")
    small.append("offices", "bb-board,BB,Board,Board,Council,5,false,")
    small.append("appointments", "bob,bb-council,2016-01-01,,,s1")
    small.append("appointments", "bob,bb-board,2016-01-01,,,s1")
    levels = rel.rank_levels(rel.load(small.path))
    assert cell(levels, VISIT, "bob", "office_id") == "bb-board"


def test_of_equally_high_offices_the_defence_ministers_is_named(small):
    """A seat on a commission comes first by id, and yet a minister is a minister."""
    small.append("offices", "bb-commission,BB,Seat,Seat,Commission,5,false,")
    small.append("appointments", "bob,bb-commission,2016-01-01,,,s1")
    data = rel.load(small.path)
    levels = rel.rank_levels(data)
    assert cell(levels, VISIT, "bob", "office_id") == "bb-commission"
    assert cell(levels, TALKS, "bob", "office_id") == "bb-minister"
    held = rel.ranks.offices_held(data)
    talks = held[(held["event_id"] == TALKS) & (held["person_id"] == "bob")]
    assert talks[["office_id", "minister"]].to_numpy().tolist() == [
        ["bb-chief", False], ["bb-commission", False], ["bb-minister", True],
    ]  # fmt: skip


def test_a_higher_seat_is_named_before_the_defence_ministers(small):
    small.append("offices", "bb-vice,BB,Vice,Vice,Commission,6,false,")
    small.append("appointments", "bob,bb-vice,2016-01-01,,,s1")
    levels = rel.rank_levels(rel.load(small.path))
    assert cell(levels, TALKS, "bob", "office_id") == "bb-vice"


def test_office_outside_the_scale_is_named_without_a_level(small):
    small.append("offices", "aa-envoy,AA,Envoy,Envoy,Ministry,,true,")
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
    heads = as_pandas(rel.ranks.heads(pair.convert(engine)))
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
    heads = rel.ranks.heads(rel.load(small.path))
    assert cell(heads[heads["side"] == "BB"], VISIT, "cat", "office_level") == 5
    assert "dan" not in heads["person_id"].tolist()


def test_of_equally_high_heads_the_minister_leads_then_the_higher_rank(small):
    """Abe holds a seat of the same level and comes before Bob by id."""
    small.append("people", "abe,BB,Abe,,")
    small.append("offices", "bb-seat,BB,Seat,Seat,Commission,5,false,")
    small.append("appointments", "abe,bb-seat,2010-01-01,,,s1")
    small.append("participants", f"{TALKS},abe,head,s1,Member,")
    data = rel.load(small.path)
    for crosswalk in ("place", "cognate"):
        heads = rel.ranks.heads(data, crosswalk).set_index(["event_id", "side"])["person_id"]
        assert heads[TALKS, "BB"] == "bob"
    small.replace("offices", "Ministry,5,true,minister\n", "Ministry,5,true,\n")
    small.replace("offices", "Ministry,5,true,minister\n", "Ministry,5,true,\n")
    heads = rel.ranks.heads(rel.load(small.path)).set_index(["event_id", "side"])["person_id"]
    assert heads[TALKS, "BB"] == "bob"
    small.replace("promotions", "bob,bb-general,2019-03-02,s1\n", "")
    small.replace("promotions", "bob,bb-colonel,2015,s1\n", "")
    heads = rel.ranks.heads(rel.load(small.path)).set_index(["event_id", "side"])["person_id"]
    assert heads[TALKS, "BB"] == "abe"


def test_results_say_where_they_are_from(pair):
    for measure in (rel.rank_levels, rel.ranks.heads, rel.ranks.offices_held):
        attrs = measure(pair.where(kind="visit")).attrs
        assert attrs["source"].startswith("Small tables 1: ")
        assert attrs["choice"] == "kind visit"
        assert attrs["names"]["ann"] == "Ann"


def test_a_frame_is_no_dataset(pair):
    for measure in (rel.rank_levels, rel.ranks.heads, rel.ranks.tiers, rel.ranks.gaps_of_heads,
                    rel.ranks.level_by_period, rel.ranks.network, rel.ranks.turnover):  # fmt: skip
        with pytest.raises(TypeError, match="takes a Dataset, as relations"):
            measure(pair.participants)


@pytest.mark.parametrize("measure", [rel.rank_levels, rel.ranks.heads, rel.ranks.offices_held])
def test_shipped_careers_on_every_engine(engine, converted, on_pandas, measure):
    found = as_pandas(measure(converted(engine)))
    pd.testing.assert_frame_equal(found, as_pandas(on_pandas(measure)))


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
def test_rank_is_the_last_one_received_by_then(data, event, promoted):
    """Against a search by hand through the dates."""
    stamps = pd.to_datetime(promoted).astype("datetime64[us]")
    day = pd.to_datetime([event]).astype("datetime64[us]")
    ids = [f"r{i}" for i in range(len(promoted))]
    data = dataclasses.replace(
        data,
        events=pd.DataFrame({"event_id": "e", "start": day, "end": day, "precision": "day"}),
        participants=pd.DataFrame(
            {"event_id": ["e"], "person_id": "p", "source_id": "s", "role": "head",
             "office_as_reported": "", "rank_as_reported": ""}
        ),
        people=pd.DataFrame({"person_id": ["p"], "side": "AA", "name": "P"}),
        ranks=pd.DataFrame({"rank_id": ids}).assign(level_by_place=1, level_by_cognate=1),
        promotions=pd.DataFrame(
            {"person_id": "p", "rank_id": ids, "since": stamps, "since_latest": stamps}
        ),
    )  # fmt: skip
    past = [(date, name) for date, name in zip(promoted, ids, strict=True) if date <= event]
    expected = max(past)[1] if past else None
    found = as_pandas(rel.rank_levels(data))["rank_id"].iloc[0]
    assert found == expected


def test_words_that_stand_for_several_ranks(small):
    """Ann's printed General and Bob's printed Gen. are two ranks in one word."""
    small.replace("participants", f"{TALKS},bob,head,s1,Minister,", f"{TALKS},bob,head,s1,,Gen.")
    table = rel.ranks.renderings(rel.load(small.path))
    assert table.to_numpy().tolist() == [
        ["aa-general", "General", 2, 2],
        ["bb-colonel", "Colonel", 1, 1],
        ["bb-general", "Gen.", 1, 2],
    ]


def test_guests_are_heads_of_the_side_that_does_not_host(small):
    data = rel.load(small.path)
    table = rel.ranks.guests(data)
    assert table[["event_id", "host", "side", "person_id"]].to_numpy().tolist() == [
        [VISIT, "AA", "BB", "bob"]
    ]
    assert rel.ranks.guests(data, levels=[5]).empty
    assert rel.ranks.guests(data, levels=[4])["office_id"].tolist() == ["bb-chief"]
    # An office counts whatever higher one is named.
    small.append("offices", "bb-seat,BB,Seat,Seat,Commission,5,false,")
    small.append("appointments", "bob,bb-seat,2016-01-01,,,s1")
    table = rel.ranks.guests(rel.load(small.path), levels=[6], offices=["bb-chief"])
    assert table["office_id"].tolist() == ["bb-seat"]
