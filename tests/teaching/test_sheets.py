"""Students' sheets: solutions pass, nothing is given away, a fresh sheet says what is missing."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import relations as rel
from relations.__main__ import main

SHEETS = Path(__file__).parent.parent.parent / "notebooks" / "seminar"
SOURCES = sorted((SHEETS / "instructor").glob("*.ipynb"))
each_sheet = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def test_every_check_is_reached_by_its_public_name():
    assert {"Feedback", "check_form", "make_sheets"} <= set(dir(rel.teaching))
    assert all(callable(getattr(rel.teaching, name)) for name in dir(rel.teaching))


def test_feedback_says_its_verdict_first():
    feedback = rel.teaching.Feedback(False, ("start: not filled in yet",))
    assert str(feedback).splitlines() == ["Not yet.", "- start: not filled in yet"]
    assert feedback._repr_markdown_().startswith("**Not yet.**\n\n- start")


def cells(path: Path, kind: str = "code") -> list:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def checks(path: Path) -> list:
    return [cell for cell in cells(path) if "rel.teaching.check_" in cell.source]


def said(cell) -> str:
    outputs = cell.get("outputs", [])
    return "".join(output.get("data", {}).get("text/markdown", "") for output in outputs)


@each_sheet
def test_the_solutions_pass_every_check(source):
    found = [said(cell) for cell in checks(source)]
    assert len(found) >= 2
    assert all(text.startswith("**Right.**") for text in found)


@each_sheet
def test_the_students_sheet_is_what_the_source_gives(source):
    made = rel.teaching.student_sheet(nbformat.read(source, as_version=4))
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
    assert "teaching.note" not in text


@each_sheet
def test_every_section_has_a_note_for_the_instructor(source):
    notebook = nbformat.read(source, as_version=4)
    sections = [cell for cell in notebook.cells if cell.source.startswith("## ")]
    assert rel.teaching.lacking_notes(notebook) == []
    notes = [said(cell) for cell in notebook.cells if "For the instructor" in said(cell)]
    assert len(notes) == len(sections)
    for text in notes:
        for part in ("Expected", "Where classes go wrong", "Ask next"):
            assert f"- *{part}.* " in text


def test_sections_without_a_note_are_named_and_no_sheet_is_written(tmp_path, capsys):
    cells = [
        new_markdown_cell("# Sheet"),
        new_markdown_cell("## Task 1: count"),
        new_code_cell("rel.teaching.note(expected='4', wrong='5', ask='why?')"),
        new_markdown_cell("## Task 2: draw\n\nWords."),
        new_code_cell("number = 4\nrel.teaching.note(expected='4', wrong='5', ask='why?')"),
        new_markdown_cell("## Doubt"),
    ]
    cells[4].metadata["tags"] = ["solution"]
    notebook = new_notebook(cells=cells)
    # The first note would stand on the students' sheet.
    assert rel.teaching.lacking_notes(notebook) == ["Task 1: count", "Doubt"]
    (tmp_path / "instructor").mkdir()
    nbformat.write(notebook, tmp_path / "instructor" / "1.ipynb")
    assert main(["seminar", str(tmp_path)]) == 2
    assert "1.ipynb: no note for the instructor on Task 1: count; Doubt" in capsys.readouterr().err
    assert not (tmp_path / "1.ipynb").exists()


def test_a_note_has_three_parts():
    note = rel.teaching.note(expected="4", wrong="They\n add.", ask="Why?")
    assert note._repr_markdown_().splitlines() == [
        "**For the instructor.**",
        "",
        "- *Expected.* 4",
        "- *Where classes go wrong.* They add.",
        "- *Ask next.* Why?",
    ]
    with pytest.raises(ValueError, match="note: ask is empty"):
        rel.teaching.note(expected="4", wrong="5", ask=" ")


@each_sheet
def test_a_fresh_students_sheet_runs_and_is_told_what_is_missing(source):
    sheet = nbformat.read(SHEETS / source.name, as_version=4)
    NotebookClient(sheet, timeout=300, kernel_name="python3").execute()
    ran = [cell for cell in sheet.cells if cell.cell_type == "code"]
    kinds = {(output.output_type, output.get("name")) for cell in ran for output in cell.outputs}
    assert kinds <= {("execute_result", None), ("display_data", None)}
    asked = [said(cell) for cell in ran if "rel.teaching.check_" in cell.source]
    assert all(text.startswith("**Not yet.**") for text in asked)
    assert all("yet" in line for text in asked for line in text.splitlines() if line[:1] == "-")


@each_sheet
def test_a_page_that_a_sheet_names_has_a_card(source):
    code = "\n".join(cell.source for cell in cells(SHEETS / source.name))
    assert code.count("urls = [") == code.count("gone = []")
    assert ("http" in code) == ("rel.teaching.page_cards" in code)


def test_without_its_pages_the_first_sheet_tells_what_the_record_holds_of_them(data):
    sheet = nbformat.read(SHEETS / SOURCES[0].name, as_version=4)
    for cell in sheet.cells:
        cell.source = cell.source.replace("gone = []", "gone = [1, 2]")
    NotebookClient(sheet, timeout=300, kernel_name="python3").execute()
    shown = [cell.outputs[0].data for cell in sheet.cells if "gone = [1, 2]" in cell.source]
    pages = data.sources.set_index("url")
    assert len(shown) == 2
    named = [
        ["http://m.kexue.news3.cn/zixun/2023/0414/10937.html"],
        [
            "http://eng.chinamil.com.cn/2022special/2022-06/23/content_10174054.htm",
            "http://en.people.cn/n3/2023/0628/c90000-20036916.html",
        ],
    ]
    for card, urls in zip(shown, named, strict=True):
        for page in pages.loc[urls].itertuples():
            assert page.outlet in card["text/html"]
            assert str(page.published.date()) in card["text/html"]
        assert "<th>areas</th>" in card["text/html"]
        assert "<th>kind</th>" not in card["text/html"]


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
