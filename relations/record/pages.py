"""Pages beside the tables: the codebook's tables and the counts that their text states."""

from __future__ import annotations

import re
from pathlib import Path

from relations.record._package import (
    SHIPPED,
    read_descriptor,
    read_table,
    read_tables,
    schema,
)
from relations.record._writing import write_atomically
from relations.record.codebook import codebook
from relations.record.versions import read_register, standing

BEGIN, END = "<!-- tables -->", "<!-- /tables -->"
# A number, or a version, and the comment that says what it counts.
COUNT = re.compile(r"[\d.,]*\d(?:\+\w+)?(?=<!-- \{(\w+)\} -->)")


def render_tables(folder: Path = SHIPPED) -> str:
    """Write the codebook's tables as Markdown: every column, and every area."""
    areas, _ = read_table(folder, "areas")
    parts = [BEGIN, "", "### Cooperation areas", ""]
    parts += ["| group | area | is | counts when | not when |", "| --- | --- | --- | --- | --- |"]
    for row in sorted(areas.rows, key=lambda row: (row["group"], row["area"])) if areas else []:
        cells = (row["group"], f"`{row['area']}`", row["definition"], row["counts_when"])
        parts.append("| " + " | ".join([*cells, row["not_when"]]) + " |")
    for name, entry in schema().items():
        parts += ["", f"### `{entry['path']}`: one row is {entry['title']}", ""]
        parts += [entry["description"]]
        if "usageWarning" in entry:
            parts += ["", f"**Take care.** {entry['usageWarning']}"]
        key = ", ".join(f"`{column}`" for column in entry["schema"]["primaryKey"])
        parts += ["", f"Key: {key}"]
        parts += ["", "| column | type | values | meaning |", "| --- | --- | --- | --- |"]
        for _, column, kind, required, values, meaning in codebook(name).itertuples(index=False):
            kind += ", required" if required else ""
            parts.append(f"| `{column}` | {kind} | {values} | {meaning} |")
    return "\n".join([*parts, "", END])


def counts(folder: Path = SHIPPED) -> dict[str, str]:
    """Return what pages may state of the tables of a folder, written as text has it.

    Returns
    -------
    dict of str to str
        ``version``; ``contacts``, of them ``held`` and ``not_held``; ``reports``, and
        ``pages``, the sources that they stand in.

    Examples
    --------
    >>> from relations.record.pages import counts
    >>> sorted(counts())
    ['contacts', 'held', 'not_held', 'pages', 'reports', 'version']
    """
    descriptor = read_descriptor(folder)
    tables, _ = read_tables(folder)
    hashes = {name: table.hash for name, table in tables.items()}
    held = sum(row["status"] == "held" for row in tables["events"].rows)
    numbers = {
        "contacts": len(tables["events"].rows),
        "held": held,
        "not_held": len(tables["events"].rows) - held,
        "reports": len(tables["reports"].rows),
        "pages": len({row["source_id"] for row in tables["reports"].rows}),
    }
    version = standing(descriptor, hashes, read_register(folder)).version
    return {name: f"{number:,}" for name, number in numbers.items()} | {"version": version}


def render_counts(page: str, known: dict[str, str]) -> str:
    """Put the present count before each comment that names one.

    Parameters
    ----------
    page : str
        Such as ``holds 425<!-- {held} --> contacts``.
    known : dict of str to str
        As from `counts`. A comment that names none of them is left alone.

    Examples
    --------
    >>> from relations.record.pages import render_counts
    >>> render_counts("holds 4<!-- {held} --> contacts", {"held": "1,425"})
    'holds 1,425<!-- {held} --> contacts'
    """
    return COUNT.sub(lambda found: known.get(found[1], found[0]), page)


def write_pages(folder: Path) -> None:
    """Renew the codebook's tables and the counts in the pages of a folder.

    These are its ``README.md``, and the one of the checkout where its tables are shipped.
    """
    pages = [folder / "README.md"]
    if folder.resolve() == SHIPPED.resolve() and (SHIPPED.parent / "pyproject.toml").is_file():
        pages.append(SHIPPED.parent / "README.md")
    known = counts(folder)
    for path in pages:
        if not path.is_file():
            continue
        before = path.read_text(encoding="utf-8")
        after = render_counts(before, known)
        if BEGIN in after and END in after:
            head, tail = after.partition(BEGIN)[0], after.partition(END)[2]
            after = head + render_tables(folder) + tail
        if after != before:
            write_atomically(path, after)
