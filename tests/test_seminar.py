"""Answers of a seminar: right ones pass, typical wrong ones are named, sheets give nothing away."""

from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

import relations as rel
from relations import seminar
from relations.__main__ import main

SHEETS = Path(__file__).parent.parent / "notebooks" / "seminar"
SOURCES = sorted((SHEETS / "instructor").glob("*.ipynb"))
each_sheet = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)

# The contacts of the small tables, and beside them patrols of which each tells of one trap.
EVENTS = [
    "2019-05-01-patrol,2019-05-01,,joint_patrol,gulf_patrol,both,at_sea,,held,Patrol,,",
    "2020-07-01-plan,2020-07-01,,joint_patrol,,both,at_sea,,announced,Plan,,",
    "2021-08-30-days,2021-08-30,2021-09-02,border_exchange,,both,in_person,,held,Days,,",
    "2021-09-01-patrol,2021-09-01,,joint_patrol,gulf_patrol,both,at_sea,2021-08-30-days,held,P,,",
    "2021-11-01-plan,2021-11-01,,visit,,AA,in_person,,announced,Plan,,",
    "2021-12-01-plan,2021-12-01,,visit,,AA,in_person,,announced,Plan,,",
]
PAGES = [
    "a1,Aland News,AA,en,news,2019-05-02,Page,https://example.org/a1,,",
    "a3,Aland News,AA,en,news,2021-09-03,Page,https://example.org/a3,,",
    "b1,Beland Post,BB,en,news,2019-05-03,Page,https://example.org/b1,,",
    "b4,Beland Post,BB,en,news,2021-12-01,Page,https://example.org/b4,,",
    "b5,Beland Post,BB,en,news,2021-12-02,Page,https://example.org/b5,,",
    "copy,Aland News,AA,en,news,2021-07-03,Page,https://example.org/copy,s2,",
]
REPORTS = [
    "2019-03-01-visit,b4,,,printed,false,",
    "2019-05-01-patrol,a1,2019-05-01,5,printed,true,",
    "2019-05-01-patrol,b1,2019-05-01,10,printed,true,",
    "2020-07-01-plan,a1,2020-07-01,,printed,false,",
    "2021-06-patrol,b4,,,printed,false,",
    "2021-06-patrol,b5,,,printed,false,",
    "2021-06-patrol,copy,2021-06,6,printed,true,",
    "2021-08-30-days,a3,2021-08-30,,printed,true,",
    "2021-09-01-patrol,a3,2021-09-01,,printed,true,",
    "2021-11-01-plan,a3,2021-11-01,,printed,false,",
    "2021-12-01-plan,a3,2021-12-01,,printed,false,",
]
EDITIONS = ["2019-05-01-patrol,AA,5", "2019-05-01-patrol,BB,10", "2021-06-patrol,BB,11"]


@pytest.fixture
def pair(small) -> rel.Dataset:
    small.replace("datapackage.json", "2019-01-01", "2018-01-01")
    small.replace("datapackage.json", "2021-12-31", "2022-12-31")
    small.replace("reports", "2021-06,3,", "2021-06,6,")
    small.replace("editions", "2021-06-patrol,AA,3", "2021-06-patrol,AA,6")
    small.append("areas", "fishing,Fishing,sea,Fishing,Fish are named.,Ships.")
    for table, rows in [
        ("events", EVENTS), ("sources", PAGES), ("reports", REPORTS), ("editions", EDITIONS),
    ]:  # fmt: skip
        for row in rows:
            small.append(table, row)
        header, *lines = small.text(table).splitlines()
        small.write(table, "\n".join([header, *sorted(lines), ""]))
    return rel.load(small.path)


VISIT = {
    "kind": "visit",
    "start": "2019-03-01",
    "host": "AA",
    "editions": {"AA": None, "BB": None},
    "heads": {"AA": {"name": "Ann", "rank": "General"}, "BB": {"name": "Bob", "rank": "colonel"}},
    "areas": {"hotline": "proposed"},
}
PATROL = {
    "kind": "joint_patrol",
    "start": "2019-05-01",
    "host": "both",
    "editions": {"AA": 5, "BB": 10},
    "heads": {},
    "areas": {},
}


def test_a_right_form_passes(pair):
    assert seminar.check_form(VISIT, pair, "2019-03-01-visit", ["s1"]).right


def test_an_empty_form_is_told_what_is_missing(pair):
    feedback = seminar.check_form({}, pair, "2019-03-01-visit", ["s1"])
    assert not feedback.right
    assert [message.partition(":")[0] for message in feedback.messages] == [
        "kind", "start", "host", "heads['AA'] name", "heads['AA'] rank", "heads['BB'] name",
        "heads['BB'] rank", "areas",
    ]  # fmt: skip
    assert all("not filled in yet" in message for message in feedback.messages)


WRONG = [
    ("kind", "meeting", "kind: 'meeting' is not what was coded; it is: talks without"),
    ("kind", "patrolling", "kind: 'patrolling' is not one of visit, meeting"),
    ("kind", ["visit"], "is not one of"),
    ("start", "2019-03-06", "is the day on which a report was published"),
    ("start", "2019-03-03", "lies within the contact, but is not its first day"),
    ("start", "2019-02-28", "lies before the activity proper"),
    ("start", "2019-03-20", "lies after the activity proper. The rule (events.start): First day"),
    ("start", "2019-03", "is less precise than the reports allow"),
    ("start", "1/3/2019", "day and month cannot be told apart"),
    ("start", "2019-02-30", "the calendar has no such day"),
    ("host", "BB", "host: 'BB' is not what was coded. The rule (events.host)"),
    ("host", "Aland", "host: 'Aland' is not one of AA, BB, both, third, none"),
    ("editions", {"AA": 7}, "editions['AA']: 7 is not the number that AA gives"),
    ("editions", {"CC": 7}, "editions: 'CC' is no side of these tables"),
    ("editions", 7, "editions: 7 is no mapping"),
    ("areas", {"hotline": "done"}, "areas['hotline']: status 'done' is not what was coded"),
    ("areas", {"hotline": "wished"}, "areas['hotline']: 'wished' is not one of done"),
    ("areas", {"hotline": "", "fishing": "done"}, "areas['hotline']: not filled in yet"),
    ("areas", {"hotline": "proposed", "fishing": "done"}, "It counts when: Fish are named."),
    ("areas", {"hotline": "proposed", "cooking": "done"}, "areas['cooking']: no such area"),
    ("areas", {"fishing": "done"}, "areas: 1 more is coded from these reports"),
    ("areas", ["hotline"], "is no mapping; write a status for each area"),
    ("mood", "warm", "mood: no such field; the form has kind, start"),
]


@pytest.mark.parametrize(("field", "value", "named"), WRONG)
def test_a_wrong_field_of_the_form_is_named(pair, field, value, named):
    feedback = seminar.check_form(VISIT | {field: value}, pair, "2019-03-01-visit", ["s1"])
    assert not feedback.right
    assert named in "\n".join(feedback.messages)


@pytest.mark.parametrize(
    ("part", "value", "named"),
    [
        ("name", "Ann", "heads['BB'] name: 'Ann' belongs to another side than BB"),
        ("name", "General Bob", "'General Bob' is no name in data.people"),
        ("rank", "General", "heads['BB'] rank: 'General' is printed of this person in none"),
        ("rank", "", "heads['BB'] rank: not filled in yet"),
    ],
)
def test_a_wrong_head_is_named(pair, part, value, named):
    heads = VISIT["heads"] | {"BB": VISIT["heads"]["BB"] | {part: value}}
    feedback = seminar.check_form(VISIT | {"heads": heads}, pair, "2019-03-01-visit", ["s1"])
    assert [message for message in feedback.messages if named in message] == list(feedback.messages)
    assert feedback.messages


def test_numbers_of_the_sides_are_told_apart(pair):
    read = ["a1", "b1"]
    swapped = PATROL | {"editions": {"AA": 10, "BB": 5}}
    messages = seminar.check_form(swapped, pair, "2019-05-01-patrol", read).messages
    assert (
        "editions['AA']: 10 is a number of this contact, but not in the count of AA"
        in (messages[0])
    )
    assert "but not in the count of BB" in messages[1]
    lacking = seminar.check_form(PATROL | {"editions": {}}, pair, "2019-05-01-patrol", read)
    assert "editions['BB']: not filled in yet; the reports give a number" in lacking.messages


def test_a_report_of_the_month_alone_does_not_print_its_first_day(pair):
    late = PATROL | {"start": "2021-06-01", "editions": {"AA": 6, "BB": 11}}
    messages = seminar.check_form(late, pair, "2021-06-patrol", ["s2"]).messages
    assert "start: '2021-06-01' is more precise than the reports allow" in messages[0]


def test_the_check_refuses_what_the_record_lacks(pair):
    with pytest.raises(ValueError, match="no contact '1999-visit'"):
        seminar.check_form(VISIT, pair, "1999-visit", ["s1"])
    with pytest.raises(ValueError, match="s3 does not report 2019-03-01-visit"):
        seminar.check_form(VISIT, pair, "2019-03-01-visit", ["s3"])


def test_every_kind_has_a_line_in_the_codebook(data):
    assert seminar.kinds()["kind"].tolist() == list(data.events["kind"].cat.categories)
    assert seminar.kinds()["is"].str.len().min() > 10


JUNE = "2021-06-patrol"
NUMBERS = [
    (seminar.check_witnesses, JUNE, 1, {4: "counts every row", 3: "recall or announce",
                                        2: "counts a reprint"}),
    (seminar.check_series, "gulf_patrol", 3, {
        17: "adds the counts of both sides", 4: "counts numbers", 2: "leaves out contacts",
        11: "is a number in one count", 6: "is a number in one count"}),
    (seminar.check_occasions, 2021, 2, {
        5: "counts every row", 3: "an occasion and each of its parts",
        4: "announced, cancelled", 1: "counts the parts"}),
]  # fmt: skip


@pytest.mark.parametrize(("check", "which", "right", "traps"), NUMBERS)
def test_numbers_are_judged(pair, check, which, right, traps):
    assert check(right, pair, which).right
    for value, named in traps.items():
        feedback = check(np.int64(value), pair, which)
        assert not feedback.right
        assert f": {value} " in feedback.messages[0]
        assert named in feedback.messages[0]
    assert "100 is more than the record holds" in check(100, pair, which).messages[0]
    assert "fewer" in check(-1, pair, which).messages[0]
    assert "no answer yet" in check(None, pair, which).messages[0]
    assert "is no number" in check("two", pair, which).messages[0]
    assert "is no number" in check(True, pair, which).messages[0]
    assert "is no number" in check([right], pair, which).messages[0]


YEARS = {2018: 0, 2019: 1, 2020: 0, 2021: 2, 2022: 0}
SHARES = {"visit": 0, "meeting": 0, "joint_patrol": 1 / 3, "border_exchange": 0}
FIRST = "2019-03-01-visit"
TABLES = [
    (lambda a, d: seminar.check_years(a, d, "joint_patrol"), YEARS, [
        ({2019: 1, 2021: 2}, "years without a contact have no row"),
        ({2019: 1, 2020: 0, 2021: 2}, "begin with the first contact"),
        ({2019: 1, 2020: 1, 2021: 2}, "only announced"),
        (YEARS | {2020: 1}, "only announced"),
        (YEARS | {2021: 1}, "parts of other contacts are left out"),
        (YEARS | {2021: 7}, "not what the record gives: 2021 (7)"),
        (YEARS | {2023: 0}, "2023 should have no value")]),
    (seminar.check_one_sided, SHARES, [
        (SHARES | {"visit": 1}, "reports that only recall or announce are counted"),
        (SHARES | {"visit": 1, "joint_patrol": 2 / 3}, "every report counts"),
        ({kind: 1 - share for kind, share in SHARES.items()}, "one side or none"),
        (SHARES | {"visit": 50}, "visit: a share lies between 0 and 1"),
        ({"visit": 0}, "no value for border_exchange, joint_patrol, meeting")]),
    (lambda a, d: seminar.check_crosswalk(a, d, ["bb-colonel", "bb-general"], "place"),
     {"bb-colonel": 5, "bb-general": 8}, [
        ({"bb-colonel": 6, "bb-general": 9}, "levels of the other crosswalk, by cognate"),
        ({"bb-colonel": 5}, "no value for bb-general"),
        ({"bb-colonel": 5, "bb-general": 7}, "bb-general (7)")]),
    (lambda a, d: seminar.check_levels(a, d, FIRST), {"ann": 5, "bob": 4}, [
        ({"ann": 9, "bob": 5}, "levels of rank by place, not of office"),
        ({"ann": 9, "bob": 6}, "levels of rank by cognate, not of office"),
        ({"ann": 5, "bob": 5}, "not that held on the day"),
        ({"ann": 5}, "no value for 1 more; heads and hosts"),
        ({"ann": 5, "bob": 4, "eve": 1}, "eve should have no value")]),
    (lambda a, d: seminar.check_levels(a, d, FIRST, "place"), {"ann": 9, "bob": 5}, [
        ({"ann": 9, "bob": 8}, "not that held on the day"),
        ({"ann": 5, "bob": 4}, "levels of office, not of rank by place")]),
    (lambda a, d: seminar.check_parity(a, d, "place", ("AA", "BB")), {FIRST: 4}, [
        ({FIRST: -4}, "the sign is turned: AA less BB"),
        ({FIRST: 1}, "these are steps by office, not by place"),
        ({FIRST: 3}, "these are steps by cognate, not by place"),
        ({FIRST: 4, "2019-03-02-talks": 1}, "parts of an occasion"),
        ({FIRST: 4, "2019-05-01-patrol": 0, JUNE: 0, "2021-08-30-days": 0}, "unknown level"),
        ({FIRST: 2}, f"{FIRST} (2)")]),
]  # fmt: skip


@pytest.mark.parametrize(("check", "right", "wrong"), TABLES)
def test_tables_are_judged(pair, check, right, wrong):
    assert check(right, pair).right
    assert check(pd.Series(right), pair).right
    assert check({key: value + 0.004 for key, value in right.items()}, pair).right
    for answer, named in wrong:
        feedback = check(answer, pair)
        assert not feedback.right
        assert named in "\n".join(feedback.messages)
    for empty in (None, {}, dict.fromkeys(right), pd.Series(dtype="float64")):
        assert "no answer yet" in check(empty, pair).messages[0]
    key = next(iter(right))
    assert f"{key}: 'two' is no number" in check(right | {key: "two"}, pair).messages
    assert "has no keys; give a Series or a dict" in check(3, pair).messages[0]
    twice = pd.concat([pd.Series(right), pd.Series({key: right[key]})])
    assert f"{key} stands more than once" in check(twice, pair).messages[0]


def test_a_table_that_asks_since_a_day_leaves_out_what_came_before(pair):
    check = seminar.check_parity({FIRST: 4}, pair, "place", ("AA", "BB"), since="2019-03-02")
    assert f"{FIRST} should have no value" in check.messages[0]


def test_unknown_names_of_a_question_are_refused(pair):
    with pytest.raises(ValueError, match="use one of place, cognate"):
        seminar.check_crosswalk({}, pair, ["bb-general"], "office")
    with pytest.raises(ValueError, match="no rank 'king'"):
        seminar.check_crosswalk({}, pair, ["king"], "place")
    with pytest.raises(ValueError, match="use one of office, place, cognate"):
        seminar.check_levels({}, pair, FIRST, "grade")


CLASS = pd.DataFrame(
    [
        ("one", "s1", "visit", "held", "hotline;patrol"),
        ("one", "s2", "joint_patrol", "held", ""),
        ("one", "s3", "visit", "announced", "patrol"),
        ("two", "s1", "meeting", "held", "hotline"),
        ("two", "s2", "joint_patrol", "held", ""),
        ("two", "s3", "visit", "announced", "patrol"),
        ("three", "s1", "visit", "held", "hotline;patrol"),
    ],
    columns=["coder", "source_id", "kind", "status", "areas"],
)


def test_codings_are_compared_as_the_measure_compares_them(pair):
    assert seminar.check_codings(CLASS, pair).right
    found = seminar.agreement(CLASS, against="one")
    assert found["coder"].tolist() == ["two"] * 3 + ["three"] * 3
    assert found["reports"].tolist() == [3, 3, 3, 1, 1, 1]
    long = CLASS.melt(["coder", "source_id"], var_name="field")
    long["event_id"] = long["source_id"]
    first, second = (long[long["coder"] == name].reset_index(drop=True) for name in ("one", "two"))
    expected = rel.coder_agreement(first.assign(first=first["value"], second=second["value"]))
    two = found[found["coder"] == "two"].drop(columns="coder").reset_index(drop=True)
    pd.testing.assert_frame_equal(two, expected)
    # Kind by hand: three units, one differs, values visit 3, meeting 1, patrol 2 of 6.
    # Observed 1/3; expected 1 - (3*2 + 1*0 + 2*1) / (6*5) = 22/30.
    assert two.loc[two["field"] == "kind", "alpha"].item() == pytest.approx(1 - (1 / 3) / (22 / 30))


def test_agreement_needs_a_coder_of_the_class():
    with pytest.raises(ValueError, match="against='four' is no coder; they are one, two, three"):
        seminar.agreement(CLASS, against="four")
    with pytest.raises(ValueError, match="needs the column source_id"):
        seminar.agreement(CLASS.drop(columns="source_id"), against="one")
    assert seminar.agreement(CLASS.head(0), against="").empty


@pytest.mark.parametrize(
    ("row", "column", "value", "named"),
    [
        (0, "kind", "trip", "one, s1: kind 'trip' is not one of the codebook's"),
        (0, "kind", None, "one, s1: kind is empty"),
        (3, "status", "maybe", "two, s1: status 'maybe'"),
        (0, "areas", "hotline;cooking", "one, s1: areas 'cooking'"),
        (0, "source_id", "s9", "one, s9: source_id 's9' is not in data.sources"),
        (4, "source_id", "s1", "two, s1: coded twice by one coder"),
        (0, "coder", "", "coder is empty"),
    ],
)
def test_codings_that_cannot_be_compared_are_named(pair, row, column, value, named):
    codings = CLASS.astype("object").copy()
    codings.loc[row, column] = value
    messages = seminar.check_codings(codings, pair).messages
    assert len(messages) == 1
    assert named in messages[0]


def test_codings_without_rows_columns_or_a_second_coder_are_told_so(pair):
    assert "no codings yet" in seminar.check_codings(CLASS.head(0), pair).messages[0]
    lacking = seminar.check_codings(CLASS.drop(columns="coder"), pair)
    assert "the column coder is missing" in lacking.messages[0]
    keys = seminar.check_codings(CLASS[["coder", "source_id"]], pair)
    assert "the column one of kind, status, areas is missing" in keys.messages[0]
    assert "agreement needs two" in seminar.check_codings(CLASS.head(3), pair).messages[0]


def test_codings_of_the_record_are_those_of_two_coders(pair):
    found = seminar.as_codings(pair.second_coding, ["s1"])
    assert found[["coder", "kind"]].to_numpy().tolist() == [
        ["first", "visit"], ["second", "meeting"],
    ]  # fmt: skip
    with pytest.raises(ValueError, match="s2 was not coded twice"):
        seminar.as_codings(pair.second_coding, ["s1", "s2"])
    twice = pd.concat([pair.second_coding, pair.second_coding.assign(event_id="other")])
    with pytest.raises(ValueError, match="s1 is coded for two contacts"):
        seminar.as_codings(twice, ["s1"])


def test_feedback_says_its_verdict_first():
    feedback = seminar.Feedback(False, ("start: not filled in yet",))
    assert str(feedback).splitlines() == ["Not yet.", "- start: not filled in yet"]
    assert feedback._repr_markdown_().startswith("**Not yet.**\n\n- start")


def cells(path: Path, kind: str = "code") -> list:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def checks(path: Path) -> list:
    return [cell for cell in cells(path) if "seminar.check_" in cell.source]


def said(cell) -> str:
    return "".join(output.get("data", {}).get("text/markdown", "") for output in cell.outputs)


@each_sheet
def test_the_solutions_pass_every_check(source):
    found = [said(cell) for cell in checks(source)]
    assert len(found) >= 2
    assert all(text.startswith("**Right.**") for text in found)


@each_sheet
def test_the_students_sheet_is_what_the_source_gives(source):
    made = seminar.student_sheet(nbformat.read(source, as_version=4))
    committed = (SHEETS / source.name).read_text(encoding="utf-8")
    assert committed == nbformat.writes(made) + "\n"
    assert made.metadata["relations"] == {"reproduce": False}


@each_sheet
def test_the_students_sheet_gives_no_solution_away(source):
    notebook = nbformat.read(source, as_version=4)
    hidden = [cell for cell in notebook.cells if "solution" in cell.metadata.get("tags", [])]
    assert len(hidden) >= 2
    sheet = nbformat.read(SHEETS / source.name, as_version=4)
    text = "\n".join(cell.source for cell in sheet.cells)
    for cell in hidden:
        assert cell.source not in text
    assert not any(cell.get("outputs") for cell in sheet.cells)
    assert "For the instructor" not in text


@each_sheet
def test_a_fresh_students_sheet_runs_and_is_told_what_is_missing(source):
    sheet = nbformat.read(SHEETS / source.name, as_version=4)
    NotebookClient(sheet, timeout=300, kernel_name="python3").execute()
    ran = [cell for cell in sheet.cells if cell.cell_type == "code"]
    kinds = {(output.output_type, output.get("name")) for cell in ran for output in cell.outputs}
    assert kinds <= {("execute_result", None), ("display_data", None)}
    asked = [said(cell) for cell in ran if "seminar.check_" in cell.source]
    assert all(text.startswith("**Not yet.**") for text in asked)
    assert all("yet" in line for text in asked for line in text.splitlines() if line[:1] == "-")


def test_the_command_makes_the_sheets(tmp_path, capsys):
    (tmp_path / "instructor").mkdir()
    (tmp_path / "instructor" / "1.ipynb").write_text(SOURCES[0].read_text("utf-8"), "utf-8")
    assert main(["seminar", str(tmp_path)]) == 0
    assert f"written: {tmp_path / '1.ipynb'}" in capsys.readouterr().out
    assert (tmp_path / "1.ipynb").read_text("utf-8") == (SHEETS / SOURCES[0].name).read_text(
        "utf-8"
    )
    assert main(["seminar", str(tmp_path / "none")]) == 2
    assert "run this in the checkout" in capsys.readouterr().err
