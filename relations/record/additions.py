"""Adding a report to the record: rows of any tables, checked together, written all or none."""

from __future__ import annotations

import csv
import datetime
import difflib
import io
import json
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relations.record._package import (
    DESCRIPTOR,
    SHIPPED,
    DataError,
    Violation,
    entries,
    field_names,
    is_optional,
    read_descriptor,
    read_tables,
    schema,
    unfinished,
)
from relations.record._writing import write_seal, write_together
from relations.record.pages import write_pages
from relations.record.rules import check

Rows = Mapping[str, list[dict[str, str]]]

# Asked for one by one, in the order in which each can refer to what came before.
ASKED = (
    "sources", "places", "people", "events", "reports", "editions", "event_places",
    "participants", "area_mentions", "agreements", "pledges", "reported_counts",
)  # fmt: skip


@dataclass(frozen=True)
class Addition:
    """What an addition would write: the new text of each file that changes, and the diff."""

    folder: Path
    texts: dict[str, str]
    diff: str
    before: dict[str, bytes]

    def write(self) -> None:
        """Write all files or none.

        Raises
        ------
        DataError
            Where a file was changed since the addition was worked out, or another addition
            to the folder is unfinished.
        OSError
            Where a file cannot be written; the old files are then as they were.
        """
        for name, content in self.before.items():
            if _bytes(self.folder / name) != content:
                remedy = "somebody changed the file meanwhile: add the rows again"
                changed = Violation(name, 0, "", "", "changed-meanwhile", remedy)
                raise DataError(self.folder, [changed])
        write_together(self.folder, self.texts)


def read_rows(path: Path) -> dict[str, list[dict[str, str]]]:
    r"""Read the rows of a report from a TOML file, one ``[[table]]`` for each row.

    Parameters
    ----------
    path : path
        Lists may be written as TOML lists; dates with or without quotes.

    Returns
    -------
    dict of str to list of dict
        The rows of each table, every column of it as text.

    Raises
    ------
    DataError
        Where the file is no TOML, or names a table or column that the schema lacks.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from relations.record.additions import read_rows
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "report.toml"
    ...     _ = path.write_text("[[editions]]\nevent_id = 'a'\nside = 'CN'\nedition = 2")
    ...     read_rows(path)
    {'editions': [{'event_id': 'a', 'side': 'CN', 'edition': '2'}]}
    """

    def refuse(line: int, column: str, value: str, rule: str, remedy: str) -> DataError:
        return DataError(path.parent, [Violation(path.name, line, column, value, rule, remedy)])

    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        remedy = "name a file that is there, or none to be asked for every field"
        raise refuse(0, "", "", "file-missing", remedy) from None
    except OSError as error:
        raise refuse(0, "", "", "unreadable", f"make the file readable: {error.strerror}") from None
    except UnicodeDecodeError:
        raise refuse(0, "", "", "not-utf8", "save the file as UTF-8") from None
    try:
        stated = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refuse(0, "", "", "not-toml", f"mend the TOML: {error}") from None
    rows: dict[str, list[dict[str, str]]] = {}
    for name, listed in stated.items():
        if name not in schema():
            remedy = f"no such table; use one of {', '.join(schema())}"
            raise refuse(0, name, "", "unknown-table", remedy)
        if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
            raise refuse(0, name, "", "not-rows", f"begin each row of the table with [[{name}]]")
        headings = [
            number
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip().startswith(f"[[{name}]]")
        ]
        rows[name] = []
        for place, row in enumerate(listed):
            line = headings[place] if place < len(headings) else 0
            for column, value in row.items():
                if column not in field_names(name):
                    remedy = f"{name} has the columns {', '.join(field_names(name))}"
                    raise refuse(line, column, str(value), "unknown-column", remedy)
            try:
                written = {column: _cell(value) for column, value in row.items()}
            except TypeError as error:
                raise refuse(line, "", "", "not-a-cell", str(error)) from None
            rows[name].append(dict.fromkeys(field_names(name), "") | written)
    return rows


def _cell(value: Any) -> str:
    """Write a TOML value as the text of a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(_cell(item) for item in value)
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} fits no cell: use text, a number, true, false, a date or a list")


def write_rows(path: Path, rows: Rows) -> None:
    """Keep rows as a TOML file that `read_rows` reads back."""
    parts = [
        "\n".join(
            [
                f"[[{name}]]",
                *(f"{key} = {json.dumps(cell, ensure_ascii=False)}" for key, cell in row.items()),
            ]
        )
        for name, listed in rows.items()
        for row in listed
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def add(report: str | Path | Rows, folder: str | Path | None = None) -> Addition:
    """Add the rows of a report to the tables: all of them, or none where one breaks a rule.

    Parameters
    ----------
    report : path, or dict of str to list of dict
        A TOML file with one ``[[table]]`` for each row, as the codebook page shows, or the
        rows of each table.
    folder : path, optional
        Holds the tables; the shipped ones if left out.

    Returns
    -------
    Addition
        Its ``diff`` says what was written. ``python -m relations add --take-back`` undoes it.

    Raises
    ------
    DataError
        With every rule that the tables would break; nothing is written then.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.record.additions import add
    >>> event = rel.load().events["event_id"][0]
    >>> add({"events": [{"event_id": event}]})
    Traceback (most recent call last):
    relations.record._package.DataError: ... broken in ...
    """
    rows = read_rows(Path(report)) if isinstance(report, str | Path) else report
    addition = prepare(SHIPPED if folder is None else Path(folder), rows)
    if addition.texts:
        addition.write()
    return addition


def prepare(folder: Path, rows: Rows) -> Addition:
    """Work out what adding rows to a folder would write, and refuse what breaks a rule.

    Parameters
    ----------
    folder : path
        Holds the tables and ``datapackage.json``.
    rows : dict of str to list of dict
        The new rows of each table, as `read_rows` returns them. A row that stands in its
        table already, cell for cell, is passed over.

    Returns
    -------
    Addition
        The changed files with every old line as it was and sorted by key, what
        ``README.md`` states of them, and the diff.

    Raises
    ------
    DataError
        With every rule that the tables would break, lines counted as they would then be.

    Examples
    --------
    >>> from relations.record._package import SHIPPED
    >>> from relations.record.additions import prepare
    >>> event = "2024-04-11-border-exchange-8"
    >>> prepare(SHIPPED, {"editions": [{"event_id": event, "side": "CN", "edition": "0"}]})
    Traceback (most recent call last):
    relations.record._package.DataError: 2 rules are broken in ...
    """
    read_descriptor(folder)
    if cut_short := [found for found in unfinished(folder) if not found.notice]:
        raise DataError(folder, cut_short)
    before = {path.name: path.read_bytes() for path in _files(folder)}
    with _stage(before) as stage:
        for name, listed in rows.items():
            _insert(stage, name, listed)
        broken = [violation for violation in check(stage) if not violation.notice]
        if broken:
            raise DataError(folder, broken)
        if any("hash" in entry for entry in entries(read_descriptor(stage)).values()):
            write_seal(stage)
        write_pages(stage)
        after = {path.name: path.read_bytes() for path in _files(stage)}
    texts = {
        name: content.decode("utf-8")
        for name, content in after.items()
        if content != before.get(name)
    }
    diff = "".join(
        _difference(name, before.get(name, b"").decode("utf-8"), text)
        for name, text in texts.items()
    )
    return Addition(folder, texts, diff, {name: before.get(name, b"") for name in texts})


@contextmanager
def _stage(files: dict[str, bytes]) -> Iterator[Path]:
    """Yield a folder of the same files, where an addition can be tried."""
    with tempfile.TemporaryDirectory() as place:
        stage = Path(place)
        for name, content in files.items():
            (stage / name).write_bytes(content)
        yield stage


def _files(folder: Path) -> list[Path]:
    names = [f"{name}.csv" for name in schema()] + [DESCRIPTOR, "README.md"]
    return [folder / name for name in sorted(names) if (folder / name).is_file()]


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _insert(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    """Put rows into a table, every other line as it was, sorted by key."""
    path = folder / f"{name}.csv"
    if not path.exists() and is_optional(name):
        path.write_text(",".join(field_names(name)) + "\n", encoding="utf-8")
    try:
        header, *lines = path.read_bytes().decode("utf-8").splitlines(keepends=True)
    except (OSError, ValueError):
        # The check of the whole says what is wrong with such a file.
        return
    ending = "\r\n" if header.endswith("\r\n") else "\n"
    columns = next(csv.reader([header.removeprefix("\ufeff")]))
    known = {line.rstrip("\r\n") for line in lines}
    for row in rows:
        written = io.StringIO()
        csv.writer(written, lineterminator="").writerow([row.get(c, "") for c in columns])
        if written.getvalue() not in known:
            lines.append(written.getvalue() + ending)
    lines = [line if line.endswith("\n") else line + ending for line in lines]
    key = [columns.index(c) for c in schema()[name]["schema"]["primaryKey"] if c in columns]

    def order(line: str) -> list[str]:
        cells = next(csv.reader([line]), [])
        return [cells[place] if place < len(cells) else "" for place in key]

    header = header if header.endswith("\n") else header + ending
    path.write_bytes("".join([header, *sorted(lines, key=order)]).encode("utf-8"))


def _difference(name: str, before: str, after: str) -> str:
    lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return "".join(difflib.unified_diff(*lines, name, name, n=0))


def ask(
    folder: Path,
    rows: dict[str, list[dict[str, str]]],
    answer: Callable[[str], str],
    tell: Callable[[str], None],
) -> None:
    """Ask for the rows of one report, field by field.

    Parameters
    ----------
    folder : path
        Whose ids may be referred to.
    rows : dict of str to list of dict
        Filled row by row, so that nothing is lost where the answers break off.
    answer : function of a prompt
        Returns what was typed, as `input` does.
    tell : function of a text
        Shows what the answers have to satisfy, as `print` does.
    """
    known = _ids(folder)
    for name in ASKED:
        tell(f"\n{name}.csv: one row is {schema()[name]['title']}. {schema()[name]['description']}")
        while answer(f"add a row to {name}? [y/N] ").strip().lower() in ("y", "yes"):
            row = {
                column["name"]: _ask_field(column, known, answer, tell)
                for column in schema()[name]["schema"]["fields"]
            }
            rows.setdefault(name, []).append(row)
            for column, cell in row.items():
                known.setdefault(f"{name}.{column}", set()).add(cell)


def _ask_field(
    column: dict[str, Any],
    known: dict[str, set[str]],
    answer: Callable[[str], str],
    tell: Callable[[str], None],
) -> str:
    """Ask for one cell until it has the right form, or is known where it refers to an id."""
    constraints, extra = column["constraints"], column.get("relations", {})
    choices = constraints.get("enum") or ["true", "false"] * (column["type"] == "boolean")
    refers = extra.get("refers", "")
    allowed = known.get(refers, set()) | set(extra.get("also", [])) if refers else set(choices)
    hint = f" ({', '.join(sorted(allowed))})" if 0 < len(allowed) <= 12 else ""
    needed = "required" if constraints.get("required") else "may be empty"
    tell(f"  {column['description']}{hint} [{needed}]")
    while True:
        cell = answer(f"  {column['name']}: ").strip()
        items = cell.split(";") if extra.get("list") else [cell]
        if not cell and constraints.get("required"):
            tell("  this cell cannot be empty")
        elif cell and allowed and not set(items) <= allowed:
            near = difflib.get_close_matches(cell, sorted(allowed), 5, 0.4)
            tell(f"  not known{': did you mean ' + ', '.join(near) + '?' if near else ''}")
        else:
            return cell


def _ids(folder: Path) -> dict[str, set[str]]:
    """Return the ids that columns may refer to, by ``table.column``."""
    tables, _ = read_tables(folder)
    return {
        f"{name}.{column}": {row[column] for row in table.rows}
        for name, table in tables.items()
        for column in field_names(name)
    }
