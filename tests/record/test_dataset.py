"""Loading: typed frames, dates at their precision, and nothing that runs or vanishes."""

import json
from dataclasses import replace

import pandas as pd
import polars as pl
import pytest

import relations as rel
from relations.record._package import schema


def test_dates_are_first_and_last_possible_day_beside_their_precision(small):
    events = rel.load(small.path).events.set_index("event_id")
    patrol = events.loc["2021-06-patrol"]
    assert (patrol["start"], patrol["end"]) == (
        pd.Timestamp("2021-06-01"),
        pd.Timestamp("2021-06-30"),
    )
    assert events["precision"].tolist() == ["day", "day", "month", "day"]
    talks = events.loc["2019-03-02-talks"]
    assert talks["start"] == talks["end"] == pd.Timestamp("2019-03-02")


def test_the_coarser_of_two_dates_is_the_precision(small):
    small.replace("events", "2019-03-01,2019-03-05", "2019-03-01,2019-03")
    visit = rel.load(small.path).events.iloc[0]
    assert visit["precision"] == "month"
    assert visit["end"] == pd.Timestamp("2019-03-31")


def test_other_dates_keep_both_bounds(small):
    promotions = rel.load(small.path).promotions.set_index("rank_id")
    colonel = promotions.loc["bb-colonel"]
    assert colonel["since"] == pd.Timestamp("2015-01-01")
    assert colonel["since_latest"] == pd.Timestamp("2015-12-31")
    pledge = rel.load(small.path).pledges.iloc[0]
    assert pledge["due_latest"] == pd.Timestamp("2021-12-31")


def test_february_ends_when_it_does(small):
    small.replace("context", "2020-storm,2020,", "2020-storm,2020-02,2021-02")
    storm = rel.load(small.path).context.iloc[0]
    assert storm["start_latest"] == pd.Timestamp("2020-02-29")
    assert storm["end_latest"] == pd.Timestamp("2021-02-28")


def test_types_and_empty_cells(small):
    data = rel.load(small.path)
    assert str(data.editions["edition"].dtype) == "Int64"
    assert str(data.reports["main"].dtype) == "boolean"
    assert str(data.events["kind"].dtype) == "category"
    assert data.reports["edition_as_reported"].isna().tolist() == [True, True, False, True]
    assert data.events["mechanism"].isna().tolist() == [True, True, False, True]
    assert data.places["lon"].tolist() == [-20.5]


def test_span_of_the_record_is_the_datasets_by_kind_where_it_differs(small):
    descriptor = json.loads(small.text("datapackage.json"))
    descriptor["span"].append(
        {"kind": "joint_patrol", "since": "2021-01-01", "until": "2021-12-31"}
    )
    small.write("datapackage.json", json.dumps(descriptor))
    data = rel.load(small.path)
    assert data.span_of("visit")[0] == pd.Timestamp("2019-01-01")
    assert data.span_of("joint_patrol")[0] == pd.Timestamp("2021-01-01")
    assert data.span == (pd.Timestamp("2021-01-01"), pd.Timestamp("2021-12-31"))
    assert not {"covered_since", "covered_until"} & set(data.events)


def test_any_pair_of_sides_works(small):
    data = rel.load(small.path)
    assert rel.exchange_frequency(data)["count"].tolist() == [1, 0, 1]
    areas = rel.cooperation_area_counts(data, by="side")
    assert areas.loc[areas["count"] > 0, "side"].tolist() == ["AA", "BB", "joint"]
    assert rel.ranks.heads(data)["side"].tolist() == ["AA", "BB"] * 2


def test_dataset_shows_what_it_holds(small):
    shown = repr(rel.load(small.path))
    for words in ("Small tables", "version: 1", "2019-01-01 to 2021-12-31", "sha256", "events 4"):
        assert words in shown


def test_markup_is_shown_as_text_and_never_run(small):
    small.replace("events", ",Patrol,", ",<script>alert(1)</script>,")
    descriptor = json.loads(small.text("datapackage.json"))
    small.write("datapackage.json", json.dumps(descriptor | {"title": "<img src=x onerror=y>"}))
    data = rel.load(small.path)
    for shown in (data._repr_html_(), data.events._repr_html_()):
        assert "<script" not in shown
        assert "<img" not in shown
    assert "&lt;script&gt;" in data.events._repr_html_()


def test_mathematics_in_a_title_is_drawn_as_text(small):
    import matplotlib.pyplot as plt

    small.replace("people", "ann,AA,Ann,", "ann,AA,$\\frac{,")
    data = rel.load(small.path)
    ax = rel.figures.plot_who_met_whom(rel.ranks.heads(data))
    ax.figure.canvas.draw()
    plt.close(ax.figure)


def test_frames_of_two_loads_are_apart(small):
    first = rel.load(small.path)
    first.events["kind"] = "changed"
    assert "changed" not in set(rel.load(small.path).events["kind"])


def test_checksum_is_that_of_the_tables(small):
    before = rel.load(small.path).checksum
    small.replace("people", ",Bob,", ",Bib,")
    assert rel.load(small.path).checksum != before


def test_sealed_folder_that_was_changed_says_so(small):
    from relations.__main__ import main

    descriptor = json.loads(small.text("datapackage.json"))
    descriptor["resources"] = [{"name": name} for name in schema()]
    small.write("datapackage.json", json.dumps(descriptor))
    assert main(["check", "--seal", str(small.path)]) == 0
    assert rel.load(small.path).version == "1"
    small.replace("people", ",Bob,", ",Bib,")
    assert rel.load(small.path).version == "1+changed"


def test_shipped_tables_that_were_changed_are_checked(shipped_copy, monkeypatch):
    """An edit of the shipped tables is neither trusted nor passed off as the published data."""
    monkeypatch.setattr("relations.record.loading.SHIPPED", shipped_copy.path)
    shipped_copy.replace("events", "Sixth border exchange", "The sixth border exchange")
    with pytest.warns(UserWarning, match="not the published tables: .*events.* keep the rules"):
        assert "+" in rel.load().version
    shipped_copy.replace("events", ",2024-10-24,2024-10-26,", ",2024-10-24,2024-10-02,")
    with pytest.raises(rel.DataError, match="end-before-start"):
        rel.load()


def test_codebook_explains_every_column(data):
    book = rel.codebook()
    assert (book["meaning"].str.len() > 10).all()
    assert set(book["table"]) == set(data.tables)
    kinds = rel.codebook("events").set_index("column").loc["kind"]
    assert "border_exchange" in kinds["values"]
    with pytest.raises(ValueError, match="no table 'event'; the tables are sides, events"):
        rel.codebook("event")


def test_citation_names_version_and_checksum(data):
    for style in ("text", "bibtex"):
        assert data.version in rel.cite(style)
        assert data.checksum[:16] in rel.cite(style)
    with pytest.raises(ValueError, match="'text' or 'bibtex'"):
        rel.cite("apa")


@pytest.mark.parametrize("engine", [pd.DataFrame, pl.from_pandas])
@pytest.mark.parametrize("taken_away", [True, False])
def test_parents_are_not_changed_without_their_occasions(data, engine, taken_away):
    """The occasion is worked out at loading: a count would rest on the parent of before."""
    first = data.events["event_id"][0]
    parts = data.events["parent_id"].notna()
    part = data.events.loc[parts, "event_id"].iloc[0]
    events = data.events.astype({"parent_id": "object"})
    events.loc[events["event_id"] == part, "parent_id"] = None if taken_away else first
    changed = replace(data, events=engine(events))
    stated = "no parent_id" if taken_away else f"the parent_id {first}"
    for ask in (rel.exchange_frequency, lambda changed: changed.contacts, rel.exchanges.gaps):
        with pytest.raises(ValueError, match=f"{part} has {stated}, and the occasion"):
            ask(changed)
    kept = data.events["kind"] != "meeting"
    left = rel.exchange_frequency(replace(data, events=data.events[kept]))
    assert left["count"].sum() == data.contacts.query("kind != 'meeting'")["occasion"].nunique()
