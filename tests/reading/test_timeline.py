"""Contacts and circumstances in one line of time."""

import pandas as pd
import pytest

import relations as rel


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def test_contacts_parts_and_circumstances_stand_in_order(pair, engine):
    line = rel.timeline(pair.convert(engine))
    assert line[["what", "id"]].values.tolist() == [
        ["contact", "2019-03-01-visit"],
        ["part", "2019-03-02-talks"],
        ["context", "2020-storm"],
        ["contact", "2021-06-patrol"],
    ]
    assert line["start"].is_monotonic_increasing
    assert line.loc[0, ["tier", "kind", "reported_by"]].tolist() == ["minister", "visit", "AA"]
    assert line.attrs["source"] == pair.caption


def test_circumstances_outside_the_days_chosen_are_left_out(pair):
    assert "context" not in set(rel.timeline(pair.where(since=2021))["what"])
    storm = rel.timeline(pair.where(since="2020-06", until="2020-07"))
    assert storm["id"].tolist() == ["2020-storm"]
    assert rel.timeline(pair.where(since=2020), context=False)["id"].tolist() == ["2021-06-patrol"]


def test_choice_that_leaves_nothing_gives_an_empty_line(pair):
    line = rel.timeline(pair.where(kind="exercise"), context=False)
    assert line.empty
    assert list(line) == ["start", "end", "what", "title", "tier", "kind", "reported_by", "id"]
    assert isinstance(line["start"].dtype, type(pd.Series(pd.to_datetime(["2020"])).dtype))
