"""Bad input gets one clear error that says where it is and how to mend it, never a number."""

import json
import unicodedata
import warnings

import pytest
from conftest import SPAN, TABLES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import relations as rel
from relations.__main__ import main
from relations.record import _letters


def test_sound_tables_break_no_rule(small):
    assert small.found() == []


def test_shipped_tables_break_no_rule():
    assert rel.check() == []


# One entry per kind of bad input: what is done to which file, and what the violation says:
# line, column, value, rule, and words of the remedy.
CASES = {
    "missing column": (
        lambda f: f.write("sides", "side,name\nAA,A\nBB,B\n"),
        ("sides", 1, "adjective", "", "column-missing", "add the column"),
    ),
    "column twice": (
        lambda f: f.write("sides", "side,name,adjective,name\nAA,A,A,A\nBB,B,B,B\n"),
        ("sides", 1, "name", "", "column-repeated", "stands once"),
    ),
    "unknown kind": (
        lambda f: f.replace("events", "-05,visit", "-05,party"),
        ("events", 2, "kind", "party", "unknown-value", "use one of visit, meeting"),
    ),
    "unknown area": (
        lambda f: f.replace("area_mentions", "hotline,AA", "hot_line,AA"),
        ("area_mentions", 2, "area", "hot_line", "unknown-id", "areas.csv"),
    ),
    "unknown area in a list": (
        lambda f: f.replace("agreements", "hotline;patrol", "hotline;patrols"),
        ("agreements", 2, "areas", "patrols", "unknown-id", "areas.csv"),
    ),
    "unknown side": (
        lambda f: f.replace("sources", "News,AA", "News,XX"),
        ("sources", 2, "side", "XX", "unknown-id", "sides.csv holds (AA, BB, third)"),
    ),
    "side not allowed here": (
        lambda f: f.replace("people", "ann,AA", "ann,joint"),
        ("people", 2, "side", "joint", "unknown-id", "sides.csv"),
    ),
    "unknown id": (
        lambda f: f.replace("event_places", "capital", "capitol"),
        ("event_places", 2, "place_id", "capitol", "unknown-id", "places.csv"),
    ),
    "unknown mechanism": (
        lambda f: f.replace("events", "gulf_patrol", "golf_patrol"),
        ("events", 4, "mechanism", "golf_patrol", "unknown-id", "add its row there first"),
    ),
    "duplicate key": (
        lambda f: f.append("people", "ann,AA,Anne,,"),
        ("people", 4, "person_id", "ann", "duplicate-key", "line 2 has the same person_id"),
    ),
    "duplicate key of several columns": (
        lambda f: f.append("event_places", "2019-03-01-visit,capital"),
        ("event_places", 3, "event_id", "2019-03-01-visit + capital", "duplicate-key", "line 2"),
    ),
    "end before start": (
        lambda f: f.replace("events", "plan,2022-01-10,", "plan,2022-01-10,2022-01-09"),
        ("events", 5, "end", "2022-01-09", "end-before-start", "start 2022-01-10"),
    ),
    "ambiguous date": (
        lambda f: f.replace("sources", "2021-07-02", "7/2/2021"),
        ("sources", 3, "published", "7/2/2021", "date-ambiguous", "year-month-day"),
    ),
    "date in another order": (
        lambda f: f.replace("sources", "2021-07-02", "13.7.2021"),
        ("sources", 3, "published", "13.7.2021", "date-order", "write year-month-day: 2021-07-13"),
    ),
    "date with the month first": (
        lambda f: f.replace("sources", "2021-07-02", "7/31/2021"),
        ("sources", 3, "published", "7/31/2021", "date-order", "write year-month-day: 2021-07-31"),
    ),
    "date of a year in two digits": (
        lambda f: f.replace("sources", "2021-07-02", "13.7.21"),
        ("sources", 3, "published", "13.7.21", "date-ambiguous", "year-month-day"),
    ),
    "date in another order that no calendar has": (
        lambda f: f.replace("sources", "2021-07-02", "31.2.2021"),
        ("sources", 3, "published", "31.2.2021", "date-impossible", "no such day"),
    ),
    "impossible date": (
        lambda f: f.replace("sources", "2021-07-02", "2021-02-30"),
        ("sources", 3, "published", "2021-02-30", "date-impossible", "no such day"),
    ),
    "impossible month": (
        lambda f: f.replace("sources", "2021-07-02", "2021-13-01"),
        ("sources", 3, "published", "2021-13-01", "date-impossible", "no such day"),
    ),
    "date with a time": (
        lambda f: f.replace("sources", "2021-07-02", "2021-07-02T10:00"),
        ("sources", 3, "published", "2021-07-02T10:00", "date-form", "2024-04-11"),
    ),
    "date in other digits": (
        lambda f: f.replace("sources", "2021-07-02", "２０２１-07-02"),
        ("sources", 3, "published", "２０２１-07-02", "date-form", "2024-04-11"),
    ),
    "child outside its parent": (
        lambda f: f.replace("events", "visit,2019-03-01,", "visit,2019-03-03,")
        or f.replace("events", "held,Visit,", "held,Visit,Reports differ."),
        ("events", 3, "start", "2019-03-02", "child-outside-parent", "2019-03-03 to 2019-03-05"),
    ),
    "child that ends after its parent": (
        lambda f: f.replace("events", "talks,2019-03-02,,", "talks,2019-03-02,2019-03-06,"),
        ("events", 3, "start", "2019-03-02", "child-outside-parent", "2019-03-01 to 2019-03-05"),
    ),
    "child of a month in which its parent was not": (
        lambda f: f.replace("events", "talks,2019-03-02,", "talks,2019-02,")
        or f.replace("reports", "talks,s1,2019-03-02,,printed", "talks,s1,,,"),
        ("events", 3, "start", "2019-02", "child-outside-parent", "2019-03-01 to 2019-03-05"),
    ),
    "held child of a parent that was not held": (
        lambda f: f.replace("events", ",,held,Visit", ",,cancelled,Visit"),
        ("events", 3, "parent_id", "2019-03-01-visit", "child-outside-parent", "cancelled"),
    ),
    "event with no report": (
        lambda f: f.replace("reports", "2022-01-10-plan,s3,2022-01-10,,printed,false,\n", ""),
        ("events", 5, "event_id", "2022-01-10-plan", "event-without-report", "reports.csv"),
    ),
    "report published before the event": (
        lambda f: f.replace("sources", "2021-07-02", "2021-05-31"),
        ("reports", 4, "source_id", "s2", "report-before-event", "published 2021-05-31"),
    ),
    "spreadsheet formula": (
        lambda f: f.replace("events", ",Patrol,", ',"=HYPERLINK(""x"")",'),
        ("events", 4, "title", '=HYPERLINK("x")', "formula", "reword"),
    ),
    "formula that begins with a minus": (
        lambda f: f.replace("events", ",Patrol,", ",-1+cmd,"),
        ("events", 4, "title", "-1+cmd", "formula", "reword"),
    ),
    "space around a cell": (
        lambda f: f.replace("people", ",Bob,", ", Bob,"),
        ("people", 3, "name", " Bob", "outer-space", "take away the space"),
    ),
    "required cell empty": (
        lambda f: f.replace("people", ",Bob,", ",,"),
        ("people", 3, "name", "", "required", "fill the cell"),
    ),
    "number that is none": (
        lambda f: f.replace("editions", ",3", ",third"),
        ("editions", 2, "edition", "third", "type", "plain integer"),
    ),
    "number out of range": (
        lambda f: f.replace("places", "10.5", "110.5"),
        ("places", 2, "lat", "110.5", "range", "between -90 and 90"),
    ),
    "number that no integer holds": (
        lambda f: f.replace("editions", ",3", ",99999999999999999999"),
        ("editions", 2, "edition", "99999999999999999999", "type", "plain integer"),
    ),
    "list with an empty item": (
        lambda f: f.replace("agreements", "hotline;patrol", "hotline;"),
        ("agreements", 2, "areas", "hotline;", "list", "separate items by ; alone"),
    ),
    "ideographic space": (
        lambda f: f.replace("people", ",Bob,", ",Bo\u3000b,"),
        ("people", 3, "name", "Bo\u3000b", "unseen-character", "IDEOGRAPHIC SPACE: write a space"),
    ),
    "private use": (
        lambda f: f.replace("people", ",Bob,", ",B\ue000b,"),
        ("people", 3, "name", "B\ue000b", "unseen-character", "private use: write the letter of"),
    ),
    "letters in pieces": (
        lambda f: f.replace("people", ",Bob,", ",Bo\u0301b,"),
        ("people", 3, "name", "Bo\u0301b", "not-composed", "NFC"),
    ),
    "character without width": (
        lambda f: f.replace("people", ",Bob,", ",Bo\u200bb,"),
        ("people", 3, "name", "Bo\u200bb", "unseen-character", "3, after 'Bo', is U+200B"),
    ),
    "mark of byte order inside a file": (
        lambda f: f.replace("people", ",Bob,", ",\ufeffBob,"),
        ("people", 3, "name", "\ufeffBob", "unseen-character", "character 1, is U+FEFF"),
    ),
    "soft hyphen": (
        lambda f: f.replace("people", ",Bob,", ",Bo\u00adb,"),
        ("people", 3, "name", "Bo\u00adb", "unseen-character", "SOFT HYPHEN: take it away"),
    ),
    "space that does not break": (
        lambda f: f.replace("people", ",Bob,", ",Bob\u00a0B,"),
        ("people", 3, "name", "Bob\u00a0B", "unseen-character", "NO-BREAK SPACE: write a space"),
    ),
    "direction of writing turned round": (
        lambda f: f.replace("people", ",Bob,", ",B\u202eob,"),
        ("people", 3, "name", "B\u202eob", "unseen-character", "RIGHT-TO-LEFT OVERRIDE"),
    ),
    "control character": (
        lambda f: f.replace("people", ",Bob,", ",B\x07ob,"),
        ("people", 3, "name", "B\x07ob", "unseen-character", "U+0007"),
    ),
    "eth in place of d with stroke": (
        lambda f: f.replace("people", ",Bob,", ",Bob \u00d0an,"),
        ("people", 3, "name", "Bob \u00d0an", "look-alike", "write \u0110 (U+0110)"),
    ),
    "UTF-8 read as Latin-1": (
        lambda f: f.replace("people", ",Bob,", ",B\u00c3\u00b2b,"),
        ("people", 3, "name", "B\u00c3\u00b2b", "misread-letters", "for 'ò'"),
    ),
    "UTF-8 of three bytes read as Windows-1252": (
        lambda f: f.replace("people", ",Bob,", ",Nguy\u00e1\u00bb\u2026n,"),
        ("people", 3, "name", "Nguy\u00e1\u00bb\u2026n", "misread-letters", "for 'ễ'"),
    ),
    "letter that was lost": (
        lambda f: f.replace("people", ",Bob,", ",B\ufffdb,"),
        ("people", 3, "name", "B\ufffdb", "lost-letter", "write the letter of the source"),
    ),
    "unseen character in the heading": (
        lambda f: f.replace("context", "start,", "sta\u200brt,"),
        ("context", 1, "sta\u200brt", "", "unseen-character", "character 4"),
    ),
    "truth value that is none": (
        lambda f: f.replace("reports", "printed,true", "printed,yes"),
        ("reports", 2, "main", "yes", "type", "true or false"),
    ),
    "malformed id": (
        lambda f: f.replace("ships", "aa-1,", "AA 1,") or f.write("event_ships", "event_id,ship_id\n2021-06-patrol,AA 1\n"),  # noqa: E501
        ("ships", 2, "ship_id", "AA 1", "pattern", "match the pattern"),
    ),
    "cells too few": (
        lambda f: f.replace("people", "bob,BB,Bob,,", "bob,BB,Bob,"),
        ("people", 3, "", "", "cell-count", "4 cells under 5 columns"),
    ),
    "open quote": (
        lambda f: f.replace("people", ",Ann,,", ',"Ann,,'),
        ("people", 2, "", "", "broken-quote", "close the quote"),
    ),
    "quote in the middle of a cell": (
        lambda f: f.replace("people", ",Ann,", ',An"n,'),
        ("people", 2, "name", 'An"n', "broken-quote", "put the whole cell in quotes"),
    ),
    "two open quotes that swallow a line": (
        lambda f: f.write("people", 'person_id,side,name,native_name,aliases\nann,AA,Ann,,"x\nbob,BB,Bob,,y"\n'),  # noqa: E501
        ("people", 2, "aliases", "x\nbob,BB,Bob,,y", "broken-quote", "one line"),
    ),
    "event outside the span": (
        lambda f: f.replace("datapackage.json", "2021-12-31", "2020-12-31"),
        ("events", 4, "start", "2021-06", "outside-span", "2019-01-01 to 2020-12-31"),
    ),
    "unexplained other date": (
        lambda f: f.replace("reports", "s2,2021-06,", "s2,2021-08,"),
        ("reports", 4, "start_as_reported", "2021-08", "unexplained-date", "say in a note"),
    ),
    "mention from a source that does not report the event": (
        lambda f: f.replace("area_mentions", "patrol,s2", "patrol,s1"),
        ("area_mentions", 4, "source_id", "s1", "unreported-source", "reports.csv"),
    ),
    "one page as two sources": (
        lambda f: f.replace("sources", "example.org/3", "example.org/2"),
        ("sources", 4, "url", "https://example.org/2", "one-page-twice", "source s2"),
    ),
    "reprint of itself": (
        lambda f: f.replace("sources", "example.org/2,,", "example.org/2,s2,"),
        ("sources", 3, "reprint_of", "s2", "reprint-of-reprint", "name the original"),
    ),
    "rank of the other side": (
        lambda f: f.replace("promotions", "ann,aa-general", "ann,bb-general"),
        ("promotions", 2, "rank_id", "bb-general", "other-side", "of side AA"),
    ),
    "two ranks at one time": (
        lambda f: f.replace("promotions", "bb-general,2019-03-02", "bb-general,2015-06-01"),
        ("promotions", 4, "since", "2015-06-01", "promotions-in-order", "line 3 has 2015"),
    ),
    "kept pledge without its event": (
        lambda f: f.replace("pledges", "kept,2021-06-patrol", "kept,"),
        ("pledges", 2, "outcome", "kept", "kept-pledge", "go together"),
    ),
    "pledge kept by an event that was not held": (
        lambda f: f.replace("pledges", "kept,2021-06-patrol", "kept,2022-01-10-plan"),
        ("pledges", 2, "kept_by", "2022-01-10-plan", "kept-pledge", "was held"),
    ),
    "pledge kept before it was made": (
        lambda f: f.replace("pledges", "again,2019-03-01-visit,s1", "again,2021-06-patrol,s2")
        or f.replace("pledges", "kept,2021-06-patrol", "kept,2019-03-01-visit"),
        ("pledges", 2, "kept_by", "2019-03-01-visit", "kept-before-made", "2021-06"),
    ),
    "rank that falls": (
        lambda f: f.replace("promotions", "bb-colonel,2015", "bb-colonel,2020"),
        ("promotions", 3, "since", "2020", "ranks-never-fall", "bb-general was reached in 2019"),
    ),
    "two holders of a singular office": (
        lambda f: f.append("people", "cat,BB,Cat,,")
        or f.append("appointments", "cat,bb-minister,2018-01-01,2019-03-03,dated,s1"),
        ("appointments", 5, "office_id", "bb-minister", "one-holder-at-a-time", "line 4 has bob"),
    ),
    "holder of a singular office whose term never ends": (
        lambda f: f.append("people", "cat,BB,Cat,,")
        or f.append("appointments", "cat,bb-minister,2018-01-01,,dated,s1"),
        ("appointments", 5, "office_id", "bb-minister", "one-holder-at-a-time", "its end"),
    ),
    "edition that another contact has": (
        lambda f: f.append("editions", "2019-03-02-talks,both,3")
        or f.replace("events", "talks,2019-03-02,,meeting,,", "talks,2019-03-02,,meeting,gulf_patrol,"),  # noqa: E501
        ("editions", 3, "edition", "3", "one-edition-once", "2021-06-patrol of gulf_patrol"),
    ),
    "edition that falls with time": (
        lambda f: f.append("editions", "2019-03-02-talks,both,4")
        or f.replace("events", "talks,2019-03-02,,meeting,,", "talks,2019-03-02,,meeting,gulf_patrol,"),  # noqa: E501
        ("editions", 3, "edition", "4", "editions-rise", "edition 3 on 2021-06"),
    ),
    "one person in two places on one day": (
        lambda f: f.append("events", "2019-03-04-call,2019-03-04,,meeting,,BB,in_person,,held,Call,,")  # noqa: E501
        or f.append("reports", "2019-03-04-call,s1,2019-03-04,,printed,true,")
        or f.append("places", "harbour,Harbour,,Coast,BB,0,0,,,")
        or f.append("event_places", "2019-03-04-call,harbour")
        or f.append("participants", "2019-03-04-call,bob,head,s1,Chief,"),
        ("participants", 6, "person_id", "bob", "two-places-on-one-day", "2019-03-01-visit"),
    ),
    "place outside its country": (
        lambda f: f.replace("places", "10.5,-20.5", "10.5,-18.8"),
        ("places", 2, "lat", "10.5", "place-in-its-country", "-18.8 is not in AA"),
    ),
    "coordinates exchanged": (
        lambda f: f.replace("places", "10.5,-20.5", "-20.5,10.5"),
        ("places", 2, "lat", "-20.5", "place-in-its-country", "exchanged"),
    ),
    "replacement of what was held": (
        lambda f: f.replace("events", "held,Patrol,,", "held,Patrol,,2022-01-10-plan"),
        ("events", 4, "replaced_by", "2022-01-10-plan", "replaced-but-held", "leave it empty"),
    ),
    "replacement by itself": (
        lambda f: f.replace("events", "Planned visit,,", "Planned visit,,2022-01-10-plan"),
        ("events", 5, "replaced_by", "2022-01-10-plan", "replaced-by-itself", "took its place"),
    ),
    "edition listed as missing that is there": (
        lambda f: f.replace("absences", "gulf_patrol,AA,2", "gulf_patrol,both,3"),
        ("absences", 2, "edition", "3", "absent-edition-is-held", "2021-06-patrol"),
    ),
    "edition without a mechanism": (
        lambda f: f.replace("events", "gulf_patrol", ""),
        ("editions", 2, "event_id", "2021-06-patrol", "one-edition-once", "give the event one"),
    ),
}  # fmt: skip


# What looks like one of the cases above and is sound.
ALLOWED = {
    "a note says how one person was in two places": lambda f: (
        CASES["one person in two places on one day"][0](f),
        f.replace("events", "held,Call,", "held,Call,He flew at noon."),
    ),
    "an office that many hold": lambda f: (
        CASES["two holders of a singular office"][0](f),
        f.replace("offices", "bb-minister,BB,Minister,Minister,Ministry,5,true",
                  "bb-minister,BB,Minister,Minister,Ministry,5,false"),
    ),
    "an office handed over on the day": lambda f: (
        f.append("people", "cat,BB,Cat,,"),
        f.append("appointments", "cat,bb-minister,2018-01-01,2019-03-02,dated,s1"),
    ),
    "an office handed over in the month": lambda f: (
        f.append("people", "cat,BB,Cat,,"),
        f.append("appointments", "cat,bb-minister,2018,2019-03,dated,s1"),
    ),
    "a part known to the month of its whole": lambda f: (
        f.replace("events", "talks,2019-03-02,", "talks,2019-03,"),
    ),
    "an edition told of a contact that was not held": lambda f: (
        f.append("editions", "2022-01-10-plan,both,3"),
        f.replace("events", "plan,2022-01-10,,visit,,", "plan,2022-01-10,,visit,gulf_patrol,"),
    ),
    "a town a few kilometres off the outline": lambda f: f.replace("places", "-20.5", "-22.04"),
    "a plan with what took its place": lambda f: f.replace(
        "events", "Planned visit,,", "Planned visit,,2021-06-patrol"),
    "a place on both sides": lambda f: f.replace("places", "AA,10.5,-20.5", "both,10.5,20.5"),
    "a folder without the optional columns and tables": lambda f: (
        f.write("offices", "\n".join(
            ",".join(line.split(",")[:6]) for line in f.text("offices").splitlines()) + "\n"),
        f.file("outlines").unlink(),
        f.file("second_coding").unlink(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ALLOWED)
def test_what_is_sound_breaks_no_rule(small, case):
    ALLOWED[case](small)
    assert [str(violation) for violation in small.found()] == []
    assert len(rel.load(small.path).events) >= 4


@pytest.mark.parametrize("case", CASES)
def test_bad_input_gets_one_clear_error(small, case):
    spoil, (table, line, column, value, rule, words) = CASES[case]
    spoil(small)
    violation = small.only()
    where = (violation.file, violation.line, violation.column, violation.value, violation.rule)
    assert where == (f"{table}.csv", line, column, value, rule)
    assert words in violation.remedy


@pytest.mark.parametrize(("separator", "rule"), [(";", "semicolons"), ("\t", "tabs")])
@pytest.mark.parametrize("first", ["", "sep={}\n"])
def test_file_of_a_spreadsheet_with_other_separators_says_which(small, separator, rule, first):
    text = small.text("people").replace(",", separator)
    small.write("people", first.format(separator) + text)
    violation = small.only()
    assert (violation.file, violation.line, violation.rule) == ("people.csv", 1, rule)
    assert "save the file as CSV with commas" in violation.remedy


def test_table_with_a_heading_alone_says_once_that_it_is_empty(small):
    for name in ("events", "sources", "people"):
        before = small.text(name)
        small.write(name, before.splitlines()[0] + "\n")
        violation = small.only()
        assert (violation.file, violation.rule) == (f"{name}.csv", "table-empty")
        assert "no row" in violation.remedy
        small.write(name, before)


def test_cell_that_is_too_long_is_told_from_an_open_quote(small):
    before = small.text("events")
    small.write("events", before.replace(",Patrol,", f",{'x' * 140_000},"))
    violation = small.only()
    assert (violation.line, violation.rule) == (4, "long-cell")
    assert "more than 131,072 characters" in violation.remedy
    lines = "".join(f"2021-06-patrol,aa-{number}\n" for number in range(9_000))
    small.write("events", before)
    small.write("event_ships", small.text("event_ships") + '2021-06-patrol,"aa-1\n' + lines)
    assert small.found()[0].rule == "broken-quote"


def test_one_fault_of_a_whole_column_is_one_line_with_examples(shipped_copy, capsys):
    """What a spreadsheet does to every cell of a column is told once; the error keeps each."""
    text = shipped_copy.text("reports")
    shipped_copy.write("reports", text.replace(",true,", ",TRUE,").replace(",false,", ",FALSE,"))
    count = len(text.splitlines()) - 1
    assert main(["check", str(shipped_copy.path)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"reports.csv, column main: type, {count:,} times (line 2 'TRUE'; ")
    assert line.count("line ") == 3
    assert line.endswith("write true or false, in small letters")
    with pytest.raises(rel.DataError) as refused:
        rel.load(shipped_copy.path)
    assert len(refused.value.violations) == count
    assert len(str(refused.value).splitlines()) == 2


@pytest.mark.parametrize(
    "text",
    [
        "Đặng Văn Đồng, “Điện Biên”",
        "“HỢP TÁC TOÀN THÔ”",
        "café…” — Ærø, São Tomé, «está»",
        "Ísafjörður og Garðabær",
        "中国人民解放军，“边境”",
        "Zürich – Fußgänger’s",
    ],
)
def test_letters_of_any_language_are_sound(text):
    assert list(_letters.faults(text)) == []


@given(st.text("àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", min_size=1))
def test_misread_vietnamese_is_always_seen(text):
    """Whatever was UTF-8 and went through Latin-1."""
    assert [fault.rule for fault in _letters.faults(text.encode().decode("latin-1"))][:1] in (
        ["misread-letters"],
        ["unseen-character"],
    )


def test_missing_file_names_its_first_line(small):
    small.file("people").unlink()
    violation = small.only()
    assert (violation.file, violation.rule) == ("people.csv", "file-missing")
    assert "person_id,side,name,native_name,aliases" in violation.remedy


def test_folder_in_place_of_a_file(small):
    small.file("people").unlink()
    small.file("people").mkdir()
    assert (small.only().file, small.only().rule) == ("people.csv", "unreadable")


def test_folder_in_place_of_the_descriptor(small):
    small.file("datapackage.json").unlink()
    small.file("datapackage.json").mkdir()
    assert small.only().rule == "unreadable"


def test_text_in_another_encoding_names_the_line(small):
    raw = small.file("people").read_bytes().replace(b"Bob", "Bổb".encode("utf-16"))
    small.file("people").write_bytes(raw)
    violation = small.only()
    assert (violation.file, violation.line, violation.rule) == ("people.csv", 3, "not-utf8")


@pytest.mark.parametrize("text", ["", "\ufeff", "\n\n"])
def test_file_without_a_line_is_no_table(small, text):
    small.write("sides", text)
    violation = small.only()
    assert (violation.file, violation.rule) == ("sides.csv", "table-empty")


def test_table_without_rows_is_refused_unless_declared(small):
    header = small.text("ships").splitlines()[0]
    small.write("ships", header + "\n")
    small.write("event_ships", "event_id,ship_id\n")
    assert [v.rule for v in small.found()] == ["table-empty", "table-empty"]
    descriptor = json.loads(small.text("datapackage.json"))
    descriptor["resources"] = [{"name": "ships", "rows": 0}, {"name": "event_ships", "rows": 0}]
    small.write("datapackage.json", json.dumps(descriptor))
    assert small.found() == []
    ships = rel.load(small.path).ships
    assert len(ships) == 0
    assert list(ships) == ["ship_id", "side", "hull", "name", "type"]


def test_folder_or_descriptor_missing(small, tmp_path):
    with pytest.raises(rel.DataError, match="folder-missing"):
        rel.load(tmp_path / "nowhere")
    small.file("datapackage.json").unlink()
    assert small.only().rule == "file-missing"
    small.replace("people", "ann,AA", "ann,XX")
    assert [violation.rule for violation in small.found()] == ["file-missing", "unknown-id"]


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (None, "state the days"),
        ([{"since": "2019-01-01", "until": "2018-01-01"}], "the earlier first"),
        ([{"since": "2019", "until": "2021-01-01"}], "two days"),
        ([{"since": "1/2/2019", "until": "2021-01-01"}], "year-month-day"),
        ([{"kind": "visit", "since": "2019-01-01", "until": "2021-01-01"}], "without a kind"),
        ([*SPAN, {"kind": "visits", **SPAN[0]}], "'visits' in span is no kind; use one of visit"),
        ([*SPAN, {"kind": ["visit"], **SPAN[0]}], "is no kind"),
        ([*SPAN, *SPAN], "all kinds twice"),
    ],
)
def test_span_must_be_stated(small, span, words):
    descriptor = json.loads(small.text("datapackage.json")) | {"span": span}
    small.write("datapackage.json", json.dumps(descriptor))
    violation = small.only()
    assert (violation.file, violation.rule) == ("datapackage.json", "span")
    assert words in violation.remedy


@pytest.mark.parametrize("resources", [None, 5, "all", [1], [{"rows": 0}], {"a": 1}])
def test_malformed_list_of_tables_describes_none(small, resources):
    descriptor = json.loads(small.text("datapackage.json")) | {"resources": resources}
    small.write("datapackage.json", json.dumps(descriptor))
    assert small.found() == []
    assert rel.load(small.path).title == "Small tables"
    assert main(["check", "--seal", str(small.path)]) == 0
    assert rel.load(small.path).version == "1"


@pytest.mark.parametrize("text", ["[]", "5", "{", "", "null"])
def test_descriptor_that_is_no_object(small, text):
    small.write("datapackage.json", text)
    assert small.only().rule == "not-json"


def test_byte_order_mark_line_ends_and_column_order_are_accepted(small):
    people = "\ufeffname,person_id,aliases,side,native_name\r\nAnn,ann,,AA,\r\nBob,bob,,BB,\r\n"
    small.write("people", people)
    assert small.found() == []
    loaded = rel.load(small.path).people
    assert loaded["person_id"].tolist() == ["ann", "bob"]
    assert loaded["name"].tolist() == ["Ann", "Bob"]


def test_unknown_column_is_reported_and_kept(small):
    small.write(
        "people",
        "person_id,side,name,native_name,aliases,eyes\nann,AA,Ann,,,007\nbob,BB,Bob,,,\n",
    )
    (notice,) = small.found()
    assert (notice.file, notice.column, notice.rule) == ("people.csv", "eyes", "column-unknown")
    assert notice.notice
    with pytest.warns(UserWarning, match="eyes"):
        people = rel.load(small.path).people
    assert people["eyes"].tolist()[0] == "007"
    assert main(["check", str(small.path)]) == 0


def test_the_words_na_and_null_are_text(small):
    small.replace("people", ",Bob,", ",NA,")
    assert rel.load(small.path).people["name"].tolist() == ["Ann", "NA"]


def test_every_violation_is_reported_at_once_with_exit_status_1(shipped_copy, capsys):
    shipped_copy.replace("events", ",2025-07-21,2025-07-30,", ",2025-07-21,2025-02-30,")
    shipped_copy.replace("area_mentions", ",hotline,", ",hot_line,")
    shipped_copy.replace("places", "Hà Nội,Hanoi,VN", "Hà Nội,Hanoi,XX")
    assert main(["check", str(shipped_copy.path)]) == 1
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) == 3
    for words in ("'2025-02-30'", "'hot_line'", "'XX'", "events.csv, line", "column end"):
        assert words in printed


def test_a_copy_damaged_in_every_way_at_once_names_every_damage(small):
    """No error hides another: each of the single cases, where they do not touch one row."""
    small.replace("sides", "name,adjective", "name,adjectiv")
    small.replace("events", "-05,visit", "-05,party")
    small.replace("events", "plan,2022-01-10,", "plan,2022-01-10,2022-01-09")
    small.replace("events", "talks,2019-03-02,", "talks,2019-03-06,")
    small.replace("sources", "News,AA", "News,XX")
    small.replace("sources", "2021-07-02", "2021-05-31")
    small.replace("sources", "2021-12-01", "7/2/2021")
    small.replace("area_mentions", "hotline,AA", "hot_line,AA")
    small.replace("agreements", "hotline;patrol", "hotline;;patrol")
    small.replace("event_places", "capital", "capitol")
    small.replace("people", "bob,BB,Bob,,", "bob,BB,Bob,")
    small.replace("ranks", "bb-general,BB,General", 'bb-general,BB,Gen"eral')
    small.append("offices", "aa-minister,AA,Minister,Minister,Ministry,5,true,minister")
    small.replace("places", ",Capital,", ",=Capital,")
    small.replace("context", ",2020,", ",2020-02-30,")
    small.write("ships", small.text("ships").splitlines()[0] + "\n")
    small.file("benchmarks").unlink()
    small.file("absences").write_bytes(b"\xff\xfe\x00")
    small.append("mechanisms", 'open,"Open,Open,joint_patrol,,,')
    named = {(violation.file, violation.rule) for violation in small.found()}
    assert {
        ("sides.csv", "column-missing"), ("sides.csv", "column-unknown"),
        ("events.csv", "unknown-value"), ("events.csv", "end-before-start"),
        ("events.csv", "child-outside-parent"), ("sources.csv", "unknown-id"),
        ("reports.csv", "report-before-event"), ("sources.csv", "date-ambiguous"),
        ("area_mentions.csv", "unknown-id"), ("agreements.csv", "list"),
        ("event_places.csv", "unknown-id"), ("people.csv", "cell-count"),
        ("ranks.csv", "broken-quote"), ("offices.csv", "duplicate-key"),
        ("places.csv", "formula"), ("context.csv", "date-impossible"),
        ("ships.csv", "table-empty"), ("benchmarks.csv", "file-missing"),
        ("absences.csv", "not-utf8"), ("mechanisms.csv", "broken-quote"),
    } <= named  # fmt: skip


def test_check_is_silent_on_sound_tables(capsys):
    assert main(["check"]) == 0
    assert capsys.readouterr() == ("", "")


def test_seal_is_refused_where_a_rule_is_broken(shipped_copy):
    before = shipped_copy.text("datapackage.json")
    shipped_copy.replace("people", "to-lam,VN", "to-lam,XX")
    assert main(["check", "--seal", str(shipped_copy.path)]) == 1
    assert shipped_copy.text("datapackage.json") == before


def test_error_survives_being_sent_between_processes(small):
    import pickle

    small.replace("people", ",Bob,", ",,")
    with pytest.raises(rel.DataError) as refused:
        rel.load(small.path)
    again = pickle.loads(pickle.dumps(refused.value))
    assert str(again) == str(refused.value)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_edit_of_a_file_crashes_the_check_or_passes_unchecked(small, data):
    """Any cut, any insertion: the check answers, and loading refuses just what it names."""
    name = data.draw(st.sampled_from([*sorted(TABLES), "datapackage.json"]))
    path = small.file(name)
    before = path.read_bytes()
    place = data.draw(st.integers(0, len(before)))
    length = data.draw(st.integers(0, 12))
    insert = data.draw(
        st.sampled_from([b"", b",", b'"', b"\n", b"\r\n", b";", b"\x00", b"\xff", b"2021-06", b"="])
        | st.binary(max_size=6)
        | st.text("0123456789-,;\n\"'abAB", max_size=8).map(str.encode)
    )
    path.write_bytes(before[:place] + insert + before[place + length :])
    try:
        broken = [violation for violation in small.found() if not violation.notice]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if broken:
                with pytest.raises(rel.DataError) as refused:
                    rel.load(small.path)
                assert refused.value.violations == broken
            else:
                loaded = rel.load(small.path)
                assert loaded.events["start"].notna().all()
    finally:
        path.write_bytes(before)


def test_no_character_that_is_not_seen_passes():
    """Every control and format character, space, and place for private use, one by one."""
    hidden = {"Cc", "Cf", "Zs", "Zl", "Zp", "Co"}
    every = map(chr, [*range(0xD800), *range(0xE000, 0x110000)])
    passed = [
        f"U+{ord(character):04X}"
        for character in every
        if unicodedata.category(character) in hidden and not _letters.UNSEEN.match(character)
    ]
    # The space, and line breaks, which the reader of the file tells of.
    assert passed == ["U+000A", "U+000D", "U+0020"]
