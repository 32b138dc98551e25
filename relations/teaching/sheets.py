"""Students' sheets, made from the instructor's notebooks, and the notes that stay there."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The call that stands at the head of a line in the cell of an instructor's note.
NOTE = "\nrel.teaching.note("


@dataclass(frozen=True)
class Note:
    """What an instructor reads after a section of a sheet; `note` makes it."""

    expected: str
    wrong: str
    ask: str

    def _repr_markdown_(self) -> str:
        parts = {
            "Expected": self.expected,
            "Where classes go wrong": self.wrong,
            "Ask next": self.ask,
        }
        lines = [f"- *{name}.* {' '.join(text.split())}" for name, text in parts.items()]
        return "\n".join(["**For the instructor.**", "", *lines])


def note(*, expected: str, wrong: str, ask: str) -> Note:
    """Write what an instructor needs to know of a section.

    Parameters
    ----------
    expected : str
        The answer, computed where it is a number.
    wrong : str
        Where classes go wrong.
    ask : str
        What to ask next.

    Returns
    -------
    Note
        It shows itself in a notebook.

    Raises
    ------
    ValueError
        Where a part is empty.

    Examples
    --------
    >>> import relations as rel
    >>> written = rel.teaching.note(expected=f"{2 + 2}", wrong="They add 1.", ask="Why?")
    >>> written.expected
    '4'
    """
    written = Note(expected, wrong, ask)
    for part, text in vars(written).items():
        if not text.strip():
            raise ValueError(f"note: {part} is empty; an instructor needs all three parts")
    return written


def lacking_notes(notebook: Any) -> list[str]:
    """List the sections of an instructor's notebook that have no note for the instructor.

    Parameters
    ----------
    notebook : nbformat notebook
        A section begins with a heading of the second level, ``## ...``.

    Returns
    -------
    list of str
        The headings of the sections without a cell, tagged ``solution``, that ends in a call of
        ``rel.teaching.note``.

    Examples
    --------
    >>> import relations as rel
    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> rel.teaching.lacking_notes(new_notebook(cells=[new_markdown_cell("## Task 1")]))
    ['Task 1']
    """
    lacking: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            lacking.append(cell.source.splitlines()[0].removeprefix("## "))
        noted = NOTE in f"\n{cell.source}" and "solution" in cell.metadata.get("tags", [])
        # The note belongs to the section that it stands in.
        if lacking and noted:
            lacking[-1] = ""
    return [heading for heading in lacking if heading]


def student_sheet(notebook: Any) -> Any:
    """Make the students' sheet of an instructor's notebook.

    Parameters
    ----------
    notebook : nbformat notebook
        Cells tagged ``solution`` go, and all outputs.

    Returns
    -------
    nbformat notebook
        Marked, in its metadata, as one whose outputs nobody compares.

    Examples
    --------
    >>> import relations as rel
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> cells = [new_code_cell("answer = None"), new_code_cell("answer = 7")]
    >>> cells[1].metadata["tags"] = ["solution"]
    >>> book = new_notebook(cells=cells)
    >>> [cell.source for cell in rel.teaching.student_sheet(book).cells]
    ['answer = None']
    """
    # Imported where used: who answers a sheet needs none of it.
    from nbconvert.preprocessors import ClearOutputPreprocessor, TagRemovePreprocessor

    sheet = copy.deepcopy(notebook)
    sheet, _ = TagRemovePreprocessor(remove_cell_tags=["solution"]).preprocess(sheet, {})
    sheet, _ = ClearOutputPreprocessor().preprocess(sheet, {})
    sheet.metadata["relations"] = {"reproduce": False}
    return sheet


def make_sheets(folder: Path) -> list[Path]:
    """Write the students' sheet of each notebook in ``instructor/`` beside that folder.

    Parameters
    ----------
    folder : path
        Such as ``notebooks/seminar``.

    Returns
    -------
    list of path
        The sheets written.

    Raises
    ------
    FileNotFoundError
        Where there is no instructor's notebook.
    ValueError
        Where a section of one has no note for the instructor; nothing is written then.

    Examples
    --------
    >>> import relations as rel
    >>> rel.teaching.make_sheets(Path("no-such-folder"))
    Traceback (most recent call last):
    FileNotFoundError: no notebook in no-such-folder/instructor: run this in the checkout
    """
    import nbformat

    sources = sorted((folder / "instructor").glob("*.ipynb"))
    if not sources:
        where = (folder / "instructor").as_posix()
        raise FileNotFoundError(f"no notebook in {where}: run this in the checkout")
    notebooks = {source.name: nbformat.read(source, as_version=4) for source in sources}
    for name, notebook in notebooks.items():
        if lacking := lacking_notes(notebook):
            raise ValueError(f"{name}: no note for the instructor on {'; '.join(lacking)}")
    for name, notebook in notebooks.items():
        nbformat.write(student_sheet(notebook), folder / name)
    return [folder / name for name in notebooks]
