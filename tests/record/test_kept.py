"""Frames are the caller's own: whatever was asked before, they count as they stand."""

import dataclasses
import pickle

import pandas as pd
import pytest
from conftest import write_small
from hypothesis import given, settings
from hypothesis import strategies as st

import relations as rel
from relations.record import contacts
from relations.record._frames import collect, narrow

VISIT, TALKS = "2019-03-01-visit", "2019-03-02-talks"


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def of(data, event, column):
    return data.contacts.set_index("event_id").loc[event, column]


def test_contacts_tiers_and_names_follow_a_frame_that_was_changed(pair):
    assert of(pair, VISIT, "AA_head") == "Ann"
    assert pair.where(tier="minister").events["event_id"].tolist() == [VISIT, TALKS]
    assert rel.coverage.lists(pair)["tier"].tolist() == ["minister", "minister", "unnamed"]
    pair.participants["role"] = "member"
    pair.people.loc[:, "name"] = ["Anna", "Bob"]
    assert pd.isna(of(pair, VISIT, "AA_head"))
    assert of(pair, VISIT, "tier") == "unnamed"
    assert pair.where(tier="minister").events.empty
    assert rel.coverage.lists(pair)["tier"].tolist() == ["unnamed"] * 3
    assert pair.names["ann"] == "Anna"
    counts = rel.exchange_frequency(pair, by="tier").groupby("tier", observed=True)["count"].sum()
    assert counts.to_dict() == {"unnamed": 2}
    assert rel.vignette(pair, VISIT).contact["tier"] == "unnamed"


def test_values_set_one_by_one_count_too(pair):
    assert of(pair, VISIT, "reports") == 1
    assert of(pair, VISIT, "kind") == "visit"
    pair.events.loc[pair.events["event_id"] == VISIT, "kind"] = "meeting"
    pair.reports.loc[1, "event_id"] = VISIT
    assert of(pair, VISIT, "kind") == "meeting"
    assert of(pair, VISIT, "reports") == 2


def test_frames_of_polars_count_as_they_stand(pair):
    import polars as pl

    data = pair.convert(pl.from_pandas)
    assert of(data, VISIT, "tier") == "minister"
    data.participants.replace_column(
        data.participants.columns.index("role"),
        pl.Series("role", ["member"] * len(data.participants)),
    )
    assert of(data, VISIT, "tier") == "unnamed"
    assert data.where(tier="minister").events.is_empty()


def test_tables_of_duckdb_count_as_they_stand(pair):
    import duckdb

    place = duckdb.connect()

    def table(frame):
        table.made += 1
        place.register("given", frame)
        place.execute(f"CREATE TABLE t{table.made} AS SELECT * FROM given")
        return place.table(f"t{table.made}")

    table.made = 0
    data = pair.convert(table)
    number = 1 + list(data.tables).index("participants")
    assert of(data, VISIT, "tier") == "minister"
    place.execute(f"UPDATE t{number} SET role = 'member'")
    assert of(data, VISIT, "tier") == "unnamed"
    assert len(data.where(tier="minister").events.fetchall()) == 0


def test_a_choice_stands_however_the_record_is_changed_later(pair):
    visits = pair.where(kind="visit")
    for frame in (pair.participants, pair.people):
        frame["person_id"] = "nobody"
    pair.events["title"] = "Lost"
    assert of(visits, VISIT, "tier") == "minister"
    assert of(visits, VISIT, "title") == "Visit"
    assert visits.people["person_id"].tolist() == ["ann", "bob"]
    whole = visits.whole
    whole.events["title"] = "Lost again"
    assert visits.whole.events["title"].tolist()[0] == "Visit"
    visits.people["name"] = "Nobody"
    assert pair.people["name"].tolist() == ["Ann", "Bob"]


def test_a_choice_that_was_changed_is_refused_where_what_was_left_out_is_needed(pair):
    visits = pair.where(kind="visit")
    visits.events.loc[:, "status"] = "announced"
    with pytest.raises(ValueError, match=r"^events changed after the choice \(kind visit\)"):
        _ = visits.contacts
    with pytest.raises(ValueError, match="then choose from it with where"):
        visits.where(tier="minister")
    with pytest.raises(ValueError, match=r"^events changed"):
        rel.ranks.tiers(visits)
    # What rests on the frame alone counts it as it stands.
    assert rel.exchange_frequency(visits)["count"].sum() == 0
    assert rel.exchange_frequency(visits, status="announced", span=("2019", "2022"))[
        "count"
    ].tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize(
    "change",
    [
        lambda events: events.sort_values("title"),
        lambda events: events.assign(kind=events["kind"].astype("object")),
        lambda events: events.drop(columns="note"),
        lambda events: events[sorted(events)],
    ],
    ids=["order", "type", "column out", "columns moved"],
)
def test_what_changes_no_value_of_a_choice_is_no_change(pair, change):
    visits = pair.where(kind="visit")
    visits = dataclasses.replace(visits, events=change(visits.events))
    assert of(visits, VISIT, "tier") == "minister"


def test_a_choice_with_other_frames_put_in_is_refused(pair, engine):
    meetings = pair.convert(engine).where(kind="meeting")
    nobody = pair.convert(engine).where(kind=[]).participants
    with pytest.raises(ValueError, match=r"^participants changed after the choice"):
        _ = dataclasses.replace(meetings, participants=nobody).contacts


def test_a_choice_that_was_sent_elsewhere_knows_what_it_left(pair):
    visits = pickle.loads(pickle.dumps(pair.where(kind="visit")))
    assert of(visits, VISIT, "kind") == "visit"
    visits.events.loc[0, "kind"] = "meeting"
    with pytest.raises(ValueError, match=r"^events changed"):
        _ = visits.contacts


def test_values_set_in_the_arrays_of_a_frame_count_too(pair):
    visits = pair.where(kind="visit")
    assert of(pair, VISIT, "tier") == "minister"
    pair.participants["role"].array[:] = "member"
    pair.offices["office_level"].array[:] = 1
    assert of(pair, VISIT, "tier") == "unnamed"
    assert of(visits, VISIT, "tier") == "minister"


def test_a_column_that_may_be_missing_is_missed_where_it_is(small):
    """Whose offices have no column tier has no ministers; a record that has it keeps its own."""
    without = rel.load(small.path)
    del without.offices["tier"]
    assert of(without, VISIT, "tier") == "commission"
    assert of(rel.load(small.path), VISIT, "tier") == "minister"


def test_whole_numbers_stay_whole_where_some_are_missing():
    import polars as pl

    frame = pl.DataFrame({"whole": [1, None], "half": [0.5, None]})
    assert collect(narrow(frame, "a measure", ["whole", "half"])).dtypes.astype(str).to_dict() == {
        "whole": "Int64",
        "half": "float64",
    }


def test_columns_that_nobody_asks_for_are_not_fetched(pair):
    import duckdb

    for frame in (pair.people, pair.events):
        frame["made"] = pd.Timestamp("2020-01-01", tz="UTC")
    data = pair.convert(duckdb.from_df)
    assert data.names["ann"] == "Ann"
    assert of(data, VISIT, "tier") == "minister"


def test_columns_of_ones_own_can_be_added_to_a_choice(pair):
    visits = pair.where(kind="visit")
    visits.events["rank"] = "high"
    assert of(visits, VISIT, "tier") == "minister"
    table = rel.ranks.tiers(visits, by="rank").set_index(["rank", "tier"])["count"]
    assert table["high", "minister"] == 1


def test_a_result_is_the_callers_own(pair):
    first = pair.contacts
    first["tier"] = "leader"
    pair.names["ann"] = "Nobody"
    assert of(pair, VISIT, "tier") == "minister"
    assert pair.names["ann"] == "Ann"


CHANGES = {
    "role": lambda data: data.participants.__setitem__("role", "member"),
    "office": lambda data: data.offices.__setitem__("office_level", 4),
    "since": lambda data: data.appointments.__setitem__(
        "since_latest", pd.Timestamp("2030-01-01").as_unit("us")
    ),
    "title": lambda data: data.events.loc.__setitem__((0, "title"), "Other"),
    "source": lambda data: data.reports.loc.__setitem__((0, "source_id"), "s2"),
}


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=3, unique=True), st.data())
def test_what_is_kept_is_what_working_it_out_again_gives(shipped_pair, changes, drawn):
    data = shipped_pair.convert(pd.DataFrame.copy)
    for change in changes:
        if drawn.draw(st.booleans()):
            _ = data.contacts
        CHANGES[change](data)
        afresh = contacts.laid_flat.__wrapped__(data.tables)
        pd.testing.assert_frame_equal(data._flat, afresh)
        assert data.where(tier="minister").events["event_id"].tolist() == [
            event
            for event in data.events["event_id"]
            if afresh.set_index("event_id").loc[event, "tier"] == "minister"
        ]


@pytest.fixture(scope="module")
def shipped_pair(tmp_path_factory):
    return rel.load(write_small(tmp_path_factory.mktemp("kept") / "small").path)
