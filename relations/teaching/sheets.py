"""Students' sheets, made from the instructor's notebooks."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any


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
    for source in sources:
        nbformat.write(student_sheet(nbformat.read(source, as_version=4)), folder / source.name)
    return [folder / source.name for source in sources]
