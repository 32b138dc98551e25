"""Tables written for other software come back with the same values."""

import sys

import pandas as pd
import pytest

import relations as rel


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def test_parquet_and_csv_hold_every_table_and_the_contacts(pair, tmp_path):
    for format, read in (("parquet", pd.read_parquet), ("csv", pd.read_csv)):
        written = pair.save(tmp_path / format, format)
        names = {path.stem for path in written}
        assert names == {"contacts", "README", *pair.tables}
        back = read(tmp_path / format / f"contacts.{format}")
        assert back["event_id"].tolist() == pair.contacts["event_id"].tolist()
        assert pd.to_datetime(back["start"]).tolist() == pair.contacts["start"].tolist()
        assert back["tier"].tolist() == ["minister", "minister", "unnamed"]


def test_workbook_has_a_sheet_for_each_table(pair, tmp_path):
    pytest.importorskip("openpyxl")
    pair.save(tmp_path / "book", "excel")
    sheets = pd.read_excel(tmp_path / "book" / "relations.xlsx", sheet_name=None)
    assert set(sheets) == {"contacts", *pair.tables}
    assert sheets["contacts"]["title"].tolist() == ["Visit", "Talks", "Patrol"]


def test_stata_keeps_marks_dates_and_whole_numbers(data, tmp_path):
    data.where(kind="exercise").save(tmp_path / "stata", "stata")
    back = pd.read_stata(tmp_path / "stata" / "contacts.dta")
    contacts = data.where(kind="exercise").contacts
    assert back["title"].tolist() == contacts["title"].tolist()
    assert back["start"].tolist() == contacts["start"].tolist()
    people = pd.read_stata(tmp_path / "stata" / "people.dta")
    assert people["native_name"].tolist() == data.people["native_name"].fillna("").tolist()


def test_note_beside_the_files_says_version_and_choice(pair, tmp_path):
    pair.where(kind="visit").save(tmp_path / "out", "csv")
    note = (tmp_path / "out" / "README.txt").read_text("utf-8")
    assert "version: 1" in note
    assert "choice: kind visit" in note


def test_a_file_that_is_there_is_not_written_over_and_nothing_else_is_written(pair, tmp_path):
    (tmp_path / "out").mkdir()
    mine = tmp_path / "out" / "people.csv"
    mine.write_text("mine", "utf-8")
    with pytest.raises(FileExistsError, match=r"people\.csv already"):
        pair.save(tmp_path / "out", "csv")
    assert mine.read_text("utf-8") == "mine"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["people.csv"]
    assert not list(tmp_path.glob(".saving-*"))


def test_unknown_format_is_refused(pair, tmp_path):
    with pytest.raises(ValueError, match="use one of csv, excel, parquet, stata"):
        pair.save(tmp_path / "out", "sas")


def test_the_library_that_is_missing_is_named(data, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"needs pyarrow: pip install .*\[export\]"):
        data.save(tmp_path / "saved")
