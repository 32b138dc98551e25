"""The first page, in the words of the notebooks, and the pages that lead to sheets."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import nbformat

from relations.record._package import SHIPPED, read_descriptor
from relations.record.codebook import cite
from relations.record.dataset import Dataset
from relations.review._layout import said_of_calls, said_of_pictures
from relations.review.prose import COMMENT

# Where the first page takes its words and its figure from.
START, STORY = "00_start_here", "01_trajectory"
NOTEBOOKS, SHEETS, TEACHERS = (
    "notebooks",
    "notebooks/seminar",
    "notebooks/seminar/instructor",
)
# What leads to the notebooks of a folder, other than the main one: title and first words.
LEADING = {
    SHEETS: (
        "Seminar sheets",
        "Sheets for a seminar, each for itself: tasks with cells for the answers, and checks that "
        "say what is wrong with an answer and do not tell it. Download a sheet and open it in "
        "JupyterLab.",
    ),
    TEACHERS: (
        "For teachers",
        "The sheets with solutions, outputs and notes for the hour. **This part gives the answers "
        "away**; no search on this site finds them.",
    ),
}


def write_first_page(source: Path, pages: list[str], data: Dataset, report: str) -> None:
    """Write the first page, and one that leads to each folder of sheets.

    Parameters
    ----------
    source : path
        Where the sources of the site are written; has the notebooks.
    pages : list of str
        The other pages, by name.
    data : Dataset
    report : str
        Verdict of the re-execution in Markdown, or nothing.
    """
    folders: dict[str, list[Path]] = {}
    for path in sorted((source / NOTEBOOKS).rglob("*.ipynb")):
        folders.setdefault(path.parent.relative_to(source).as_posix(), []).append(path)
    lines = [f"# {data.title}", "", *_badge(report), *_what_and_why(source), *_who_and_how()]
    lines += _story(source)
    lines += _notebooks(NOTEBOOKS, folders.pop(NOTEBOOKS, []), source)
    leading = []
    for folder, paths in sorted(folders.items()):
        title, words = LEADING.get(folder, (folder.rpartition("/")[2].capitalize(), ""))
        name = title.lower().replace(" ", "-")
        page = [f"# {title}", "", words, "", *_list(folder, paths, source)]
        if folder == TEACHERS:
            page += _guide(source / SHEETS / "README.md")
        (source / f"{name}.md").write_text("\n".join(page), encoding="utf-8")
        leading.append(name)
    if leading:
        lines += ["## For seminars", "", *(f"- [](/{name}.md)" for name in leading), ""]
        lines += contents("For seminars", leading)
    lines += ["## The record", "", *(f"- [](/{page}.md)" for page in pages), ""]
    lines += contents("The record", pages)
    (source / "index.md").write_text("\n".join(lines), encoding="utf-8")


def contents(caption: str, pages: list[str]) -> list[str]:
    """Return what puts pages into the navigation under a caption."""
    named = [f":caption: {caption}"] if caption else []
    return ["```{toctree}", ":hidden:", *named, "", *pages, "```", ""]


def _badge(report: str) -> list[str]:
    if not report:
        return []
    verdict = next(line for line in report.splitlines() if line and not line.startswith("#"))
    return [f"[**Re-execution:** {verdict}](reproduction.md){{.badge}}", ""]


def _what_and_why(source: Path) -> list[str]:
    """Return what this is, its figure and what was found, as the first notebook tells it."""
    start = source / NOTEBOOKS / f"{START}.ipynb"
    return [
        *[_section(start, "What this is"), ""],
        *_figure(source / NOTEBOOKS / f"{STORY}.ipynb", source),
        *[_section(start, "The answer"), ""],
    ]


def _story(source: Path) -> list[str]:
    path = source / NOTEBOOKS / f"{STORY}.ipynb"
    if not path.is_file():
        return []
    answer = _section(path, "The answer").partition("\n")[2].strip().partition("\n\n")[0]
    link = f"[Read the whole story]({NOTEBOOKS}/{path.name})"
    return ["## The story", "", answer, "", link, ""]


def _who_and_how() -> list[str]:
    makers = ", ".join(maker["title"] for maker in read_descriptor(SHIPPED)["contributors"])
    return [
        "## Who made it, and how to cite it",
        "",
        f"Made by {makers}. Cite the record with its version and checksum:",
        "",
        f"> {cite()}",
        "",
        "```bibtex",
        cite("bibtex"),
        "```",
        "",
    ]


def _notebooks(folder: str, paths: list[Path], source: Path) -> list[str]:
    caption = "The notebooks, in order"
    return [f"## {caption}", "", *_list(folder, paths, source, caption)] if paths else []


def _list(folder: str, paths: list[Path], source: Path, caption: str = "") -> list[str]:
    """List notebooks with what each is about, and put them into the navigation."""
    told = _told(source / NOTEBOOKS / f"{START}.ipynb")
    lines, entries = [], []
    for path in paths:
        address = f"{folder}/{path.stem}"
        title, question = _words(path)
        title += ", with solutions" if folder == TEACHERS else ""
        entries.append(f"{title} </{address}>")
        download = f"{{download}}`download <{address}.ipynb>`"
        lines += [
            f"1. [{title}]({address}.ipynb) ({download})  ",
            f"   {told.get(path.stem, question)}",
        ]
    return [*lines, "", *contents(caption, entries)]


def _guide(path: Path) -> list[str]:
    """Return what is written for teachers beside the sheets, without its title."""
    if not path.is_file():
        return []
    _, _, text = path.read_text(encoding="utf-8").partition("\n")
    return ["## How to teach with them", "", re.sub("^## ", "### ", text, flags=re.MULTILINE)]


def _prose(path: Path) -> str:
    """Return the text of a notebook without the comments that hold it to the data."""
    prose = "\n\n".join(cell.source for cell in _cells(path) if cell.cell_type == "markdown")
    return COMMENT.sub("", prose)


def _cells(path: Path) -> list[Any]:
    """Return the cells of a notebook, none where there is no such notebook."""
    return list(nbformat.read(path, as_version=4).cells) if path.is_file() else []


def _section(path: Path, heading: str) -> str:
    """Return the section whose heading begins so, as far as its cell goes, or nothing."""
    pattern = re.compile(rf"^## {heading}.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    for cell in _cells(path):
        found = pattern.search(cell.source) if cell.cell_type == "markdown" else None
        if found:
            return COMMENT.sub("", found[0]).strip()
    return ""


def _told(path: Path) -> dict[str, str]:
    """Return what the first notebook says of each, in its table of where to go next."""
    rows = re.finditer(r"^\|\s*`(\w+)`\s*\|\s*(.+?)\s*\|\s*$", _prose(path), re.MULTILINE)
    return {row[1]: row[2][0].upper() + row[2][1:] + "." for row in rows}


def _figure(path: Path, source: Path) -> list[str]:
    """Put the first figure of an executed notebook on the first page, with a way to its story."""
    for cell in _cells(path):
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png")
            if picture:
                (source / "figure.png").write_bytes(base64.b64decode(picture))
                words = said_of_pictures(cell)[0] or " ".join(said_of_calls(cell.source))
                words = re.sub(r"([\[\]])", r"\\\1", words or "The first figure of the story.")
                return [f"![{words}](figure.png)", ""]
    return []


def _words(path: Path) -> tuple[str, str]:
    """Return the title of a notebook and the question that it puts."""
    prose = _prose(path)
    title = re.search(r"^# (.+)$", prose, re.MULTILINE)
    question = re.search(r"\*\*Question\.\*\* (.+)", prose)
    return title[1] if title else path.stem, question[1] if question else ""
