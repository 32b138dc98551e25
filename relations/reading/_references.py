"""The works that the notebooks cite, as a bibliography."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from relations.record._frames import collect, narrow
from relations.record.dataset import Dataset
from relations.record.loading import load

COLUMNS = ["work_id", "authors", "year", "title", "outlet", "url", "read"]


class References(str):
    """A bibliography in Markdown, which a notebook shows as a list."""

    def _repr_markdown_(self) -> str:
        return str(self)


def references(works: Iterable[str] | None = None, data: Dataset | None = None) -> References:
    """List works of ``data.literature``, each once, by author and year.

    Parameters
    ----------
    works : iterable of str, optional
        Citations such as "Thayer 2011", the names and the year that ids of the table begin
        with; all works if left out.
    data : Dataset, optional
        The shipped record if left out.

    Returns
    -------
    str, which a notebook shows as a list
        Markdown, one line for each work with its address and how much of it was read.

    Raises
    ------
    ValueError
        Where a citation fits no work.

    Examples
    --------
    >>> import relations as rel
    >>> print(rel.reading.references(["Thayer 2011"])[:30])
    - Carlyle A. Thayer (2011). *C
    """
    data = load() if data is None else data
    table = collect(narrow(data.literature, "references", COLUMNS))
    table = table.drop_duplicates(["authors", "year", "title"])
    table["citation"] = citations(table)
    if works is not None:
        wanted = list(dict.fromkeys(works))
        missing = [work for work in wanted if work not in set(table["citation"])]
        if missing:
            raise ValueError(
                f"no work {missing[0]!r} in data.literature; it has "
                f"{', '.join(sorted(set(table['citation'])))}"
            )
        table = table[table["citation"].isin(wanted)]
    table = table.sort_values(["citation", "title"])
    return References("\n".join(_line(row) for row in table.itertuples()))


def citations(table: pd.DataFrame) -> list[str]:
    """Return how each work is cited in the text: names that its id begins with, and the year."""
    found = []
    for work, year in zip(table["work_id"], table["year"], strict=True):
        dated = re.match(r"(.+?)-\d{4}(?:-|$)", work)
        names = dated[1].split("-") if dated else [work.partition("-")[0]]
        words = " ".join(name.capitalize() for name in names)
        found.append(f"{words} {'n.d.' if pd.isna(year) else year}")
    return found


def _line(row: Any) -> str:
    year = "n.d." if pd.isna(row.year) else row.year
    outlet = "" if pd.isna(row.outlet) else f" {row.outlet}."
    authors = row.authors.replace(";", "; ")
    read = {"text": "text", "page": "its page", "abstract": "abstract", "excerpt": "excerpt"}
    return f"- {authors} ({year}). *{row.title}*.{outlet} <{row.url}> (read: {read[row.read]})"
