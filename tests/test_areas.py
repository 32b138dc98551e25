"""Cooperation areas: once per event and side, however often sources name them."""

import pandas as pd
import pytest
from conftest import as_pandas
from hypothesis import given, settings
from hypothesis import strategies as st

import relations as rel

# Counted by hand: hotline is named for e1 by CN (two sources) and VN, for e2 by CN.
MENTIONS = pd.DataFrame(
    [
        ("e1", "s1", "hotline", "CN", "proposed"),
        ("e1", "s2", "hotline", "CN", "agreed"),
        ("e1", "s1", "hotline", "VN", "agreed"),
        ("e2", "s3", "hotline", "CN", "agreed"),
        ("e2", "s3", "patrol", "joint", "done"),
    ],
    columns=["event_id", "source_id", "area", "side", "status"],
)


def rows(frame, *columns):
    return list(as_pandas(frame)[list(columns)].itertuples(index=False, name=None))


def test_an_area_counts_once_per_event_and_side(engine):
    counts = rel.cooperation_area_counts(engine(MENTIONS))
    assert rows(counts, "area", "count", "events") == [("hotline", 3, 2), ("patrol", 1, 1)]
    assert rows(counts, "share") == [(0.75,), (0.25,)]


def test_by_side(engine):
    counts = rel.cooperation_area_counts(engine(MENTIONS), by="side")
    assert rows(counts, "side", "area", "count", "share") == [
        ("CN", "hotline", 2, 1.0),
        ("VN", "hotline", 1, 1.0),
        ("joint", "patrol", 1, 1.0),
    ]


def test_by_status_an_area_stands_under_each_status_that_is_given(engine):
    counts = rel.cooperation_area_counts(engine(MENTIONS), by=["side", "status"])
    assert rows(counts, "side", "status", "count") == [
        ("CN", "agreed", 2),
        ("CN", "proposed", 1),
        ("VN", "agreed", 1),
        ("joint", "done", 1),
    ]


def test_areas_that_nobody_names_are_zeros(engine):
    counts = rel.cooperation_area_counts(
        engine(MENTIONS), by="side", areas=["patrol", "hotline", "medicine"]
    )
    zeros = [row for row in rows(counts, "side", "area", "count") if row[2] == 0]
    assert len(as_pandas(counts)) == 9
    assert len(zeros) == 6
    assert ("VN", "medicine", 0) in zeros


def test_area_that_is_not_listed_is_refused():
    with pytest.raises(ValueError, match="not listed: patrol"):
        rel.cooperation_area_counts(MENTIONS, areas=["hotline"])


def test_missing_column_is_named():
    with pytest.raises(ValueError, match="needs the column side"):
        rel.cooperation_area_counts(MENTIONS.drop(columns="side"))


def test_same_kind_of_frame_comes_back(engine):
    frame = engine(MENTIONS)
    assert type(rel.cooperation_area_counts(frame)) is type(frame)


def test_shipped_mentions_on_every_engine(engine, data):
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
