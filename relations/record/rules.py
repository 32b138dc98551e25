"""What the tables must satisfy: their form, and every coding rule.

`check` reads a folder of tables and reports every rule that is broken, each as a
`Violation` with file, line, column, value, rule and remedy. The form of the tables
(columns, types, vocabularies, keys) is read from the descriptor; what a schema cannot
say is in `relations.record.coding`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from relations.record import _dates, _letters
from relations.record._package import (
    DESCRIPTOR,
    SHIPPED,
    DataError,
    Table,
    Violation,
    entries,
    is_optional,
    read_descriptor,
    read_span,
    read_tables,
    schema,
)
from relations.record.coding import NUMBER, NUMBERS, Tables
from relations.record.coherence import CODING_RULES

# What spreadsheets take for the start of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
DATE_RULES = ("date-form", "date-impossible", "date-ambiguous", "date-order")


def check(folder: str | Path | None = None) -> list[Violation]:
    """Report every rule that the tables of a folder break.

    Parameters
    ----------
    folder : path, optional
        Holds the tables and ``datapackage.json``; the shipped data if left out.

    Returns
    -------
    list of Violation
        Sorted by file, line and column; empty where nothing is wrong. Those with
        ``notice`` set are reported and do no harm (a column that the schema does not
        know).

    Examples
    --------
    >>> import relations as rel
    >>> rel.check()
    []
    """
    folder = SHIPPED if folder is None else Path(folder)
    descriptor, unread = None, []
    try:
        descriptor = read_descriptor(folder)
    except DataError as error:
        unread = error.violations
    if not folder.is_dir():
        return unread
    tables, found = read_tables(folder)
    return sorted(unread + found + check_tables(tables, descriptor))


def check_tables(tables: Tables, descriptor: dict[str, Any] | None) -> list[Violation]:
    """Report the rules broken by tables already read, with their descriptor if it could be.

    A fault of form does not hide a broken coding rule elsewhere: dates that are none are
    passed over, of a torn line only the key is believed, and only a table that lacks columns
    or rows keeps back the rules that read it.
    """
    emptied = {name for name in tables if _is_emptied(tables[name], descriptor)}
    # What an emptied table would be asked for is not held against those that ask.
    sound = {name: table for name, table in tables.items() if name not in emptied}
    found = [violation for name in sound for violation in _form(sound, name)]
    for name in emptied:
        remedy = f'the table has no row: add rows, or state "rows": 0 for it in {DESCRIPTOR}'
        found.append(tables[name].violation(1, "", "", "table-empty", remedy))
    spoilt = {
        (violation.file, violation.line, violation.column)
        for violation in found
        if violation.rule in DATE_RULES
    }
    legible = {
        name: _legible(table, spoilt)
        for name, table in sound.items()
        if not (table.missing or table.swallowed)
    }
    for rule, names in CODING_RULES:
        if legible.keys() >= set(names):
            found += rule(legible)
    if descriptor is None:
        return found
    try:
        span = read_span(descriptor)
    except ValueError as error:
        found.append(Violation(DESCRIPTOR, 0, "span", "", "span", str(error)))
    else:
        found += _outside_span(legible, span)
    return found


def _legible(table: Table, spoilt: set[tuple[str, int, str]]) -> Table:
    """Return a table with the cells emptied that cannot be believed or read as dates."""
    key = schema()[table.name]["schema"]["primaryKey"]

    def believed(line: int, column: str) -> bool:
        torn = line in table.torn and column not in key
        return not torn and (table.file, line, column) not in spoilt

    rows = [
        {column: cell if believed(line, column) else "" for column, cell in row.items()}
        for line, row in table
    ]
    return replace(table, rows=rows)


def _is_emptied(table: Table, descriptor: dict[str, Any] | None) -> bool:
    """Whether a table has no row, though nothing says that it may have none."""
    declared = {"rows": 0} if descriptor is None else entries(descriptor).get(table.name, {})
    if is_optional(table.name):
        return bool(table.hash and not table.rows and declared.get("rows"))
    return not table.rows and declared.get("rows") != 0


def _form(tables: Tables, name: str) -> Iterator[Violation]:
    """Check one table against its description: cells, keys and references."""
    table, entry = tables[name], schema()[name]["schema"]
    for column in table.unknown:
        remedy = "no such column in the schema; it is kept as text and no metric reads it"
        yield Violation(table.file, 1, column, "", "column-unknown", remedy, notice=True)
    for line, row in _whole(table):
        for column, cell in row.items():
            wrong = list(_letters.faults(cell))
            for fault in wrong:
                yield table.violation(line, column, cell, fault.rule, fault.remedy)
            if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell):
                remedy = "a spreadsheet would run this cell as a formula: reword its start"
                yield table.violation(line, column, cell, "formula", remedy)
            elif cell != cell.strip() and not wrong:
                remedy = "take away the space before or after the text"
                yield table.violation(line, column, cell, "outer-space", remedy)
            elif not unicodedata.is_normalized("NFC", cell):
                remedy = "write accented letters as one character each (Unicode NFC)"
                yield table.violation(line, column, cell, "not-composed", remedy)
    for column in entry["fields"]:
        if column["name"] not in table.missing:
            yield from _cells(tables, table, column)
    if not set(entry["primaryKey"]) & set(table.missing):
        yield from _keys(table, entry["primaryKey"])


def _whole(table: Table) -> Iterator[tuple[int, dict[str, str]]]:
    return ((line, row) for line, row in table if line not in table.torn)


def _cells(tables: Tables, table: Table, column: dict[str, Any]) -> Iterator[Violation]:
    """Check the cells of one column: required, type, pattern, vocabulary, reference."""
    name, constraints, extra = column["name"], column["constraints"], column.get("relations", {})
    known = _known(tables, extra)
    for line, row in _whole(table):
        cell = row[name]
        if not cell:
            if constraints.get("required"):
                yield table.violation(line, name, "", "required", "fill the cell, or drop the row")
            continue
        if extra.get("date"):
            try:
                _dates.validate(cell)
            except _dates.DateError as error:
                yield table.violation(line, name, cell, error.rule, str(error))
            continue
        number = NUMBERS.get(column["type"])
        if number and not number.fullmatch(cell):
            yield table.violation(line, name, cell, "type", f"write a plain {column['type']}")
            continue
        low, high = constraints.get("minimum"), constraints.get("maximum")
        if number and not (
            (low is None or float(cell) >= low) and (high is None or float(cell) <= high)
        ):
            yield table.violation(line, name, cell, "range", f"stay between {low} and {high}")
        if column["type"] == "boolean" and cell not in ("true", "false"):
            yield table.violation(line, name, cell, "type", "write true or false, in small letters")
        for item in cell.split(";") if extra.get("list") else [cell]:
            if extra.get("list") and (not item or item != item.strip()):
                remedy = "separate items by ; alone, with no space and no empty item"
                yield table.violation(line, name, cell, "list", remedy)
            elif "pattern" in constraints and not re.fullmatch(constraints["pattern"], item):
                remedy = f"match the pattern {constraints['pattern']}"
                yield table.violation(line, name, item, "pattern", remedy)
            elif "enum" in constraints and item not in constraints["enum"]:
                remedy = "use one of " + ", ".join(constraints["enum"])
                yield table.violation(line, name, item, "unknown-value", remedy)
            elif known is not None and item not in known:
                yield table.violation(line, name, item, "unknown-id", _unknown_id(extra, known))


def _known(tables: Tables, extra: dict[str, Any]) -> set[str] | None:
    """Return the values that a column may refer to, or None where it refers to none."""
    if "refers" not in extra:
        return None
    name, column = extra["refers"].split(".")
    if name not in tables or tables[name].swallowed or column in tables[name].missing:
        return None
    return {row[column] for row in tables[name].rows} | set(extra.get("also", []))


def _unknown_id(extra: dict[str, Any], known: set[str]) -> str:
    name = extra["refers"].split(".")[0]
    choice = f" ({', '.join(sorted(known))})" if len(known) <= 12 else ""
    return f"use an id that {name}.csv holds{choice}, or add its row there first"


def _keys(table: Table, key: list[str]) -> Iterator[Violation]:
    first: dict[tuple[str, ...], int] = {}
    for line, row in _whole(table):
        value = tuple(row[column] for column in key)
        if value in first:
            remedy = f"line {first[value]} has the same {' + '.join(key)}: keep one row"
            yield table.violation(line, key[0], " + ".join(value), "duplicate-key", remedy)
        first.setdefault(value, line)


def _outside_span(tables: Tables, span: dict[str | None, tuple[str, str]]) -> Iterator[Violation]:
    """A held event lies inside the span that the record says it covers."""
    for line, row in tables.get("events", ()):
        since, until = span.get(row["kind"], span[None])
        if (
            row["status"] == "held"
            and row["start"]
            and not (
                since <= _dates.last_day(row["start"]) and _dates.first_day(row["start"]) <= until
            )
        ):
            remedy = f"{DESCRIPTOR} says that the record covers {since} to {until}: mend either"
            yield tables["events"].violation(line, "start", row["start"], "outside-span", remedy)
