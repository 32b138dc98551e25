"""Loading: the shipped tables, or those of a folder of yours, as typed frames."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from relations.record import _dates, versions
from relations.record._occasions import occasions
from relations.record._package import (
    REGISTER,
    SHIPPED,
    DataError,
    Violation,
    checksum,
    read_descriptor,
    read_sealed,
    read_span,
    read_tables,
    schema,
)
from relations.record._types import TEXT
from relations.record.dataset import Dataset

# Begins the warning that the shipped tables were changed.
NOT_PUBLISHED = "not the published tables"


def load(folder: str | Path | None = None) -> Dataset:
    """Load every table as a typed frame.

    Parameters
    ----------
    folder : path, optional
        Holds the tables and ``datapackage.json``; the shipped data if left out.

    Returns
    -------
    Dataset
        Shown at the end of a notebook cell, it lists tables, rows, span, version and
        checksum.

    Raises
    ------
    DataError
        Where a file cannot be read or a rule is broken. The shipped tables were checked
        when their checksums were written, so the rules run on them only where a file
        differs from its checksum; on any other folder they always run, unless its tables
        are those of a version that was published.

    Warns
    -----
    UserWarning
        Where a table has a column that the schema does not know (kept, as text), or a
        shipped table, or the span, is not what was published. The version of tables that differ
        from the published ones ends in ``+changed``.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> data.sides[["side", "name"]]
      side     name
    0   CN    China
    1   VN  Vietnam
    """
    folder = SHIPPED if folder is None else Path(folder)
    descriptor = read_descriptor(folder)
    shipped = folder.resolve() == SHIPPED.resolve()
    found = read_sealed(folder, descriptor) if shipped else None
    if found is None:
        columns, hashes, notices = _checked(folder)
        standing = versions.standing(descriptor, hashes, columns[REGISTER])
        _tell(notices, standing.changed if shipped else [])
    else:
        columns, hashes = found
        standing = versions.standing(descriptor, hashes, columns[REGISTER])
        _tell([], standing.changed)

    span = read_span(descriptor)
    frames = {name: _typed(name, cells) for name, cells in columns.items()}
    events = frames["events"]
    events["occasion"] = occasions(events["event_id"], events["parent_id"])
    return Dataset(
        **frames,
        name=str(descriptor.get("name", folder.name)),
        title=str(descriptor.get("title", folder.name)),
        version=standing.version,
        covered={kind: (_day(since), _day(until)) for kind, (since, until) in span.items()},
        checksum=checksum(hashes),
    )


def _checked(
    folder: Path,
) -> tuple[dict[str, dict[str, list[str]]], dict[str, str], list[Violation]]:
    """Read tables that no checksum vouches for, and refuse them where a rule is broken."""
    # Imported where used: sealed tables are loaded without the rules.
    from relations.record.rules import check_tables

    tables, faults = read_tables(folder)
    descriptor = read_descriptor(folder)
    hashes = {name: table.hash for name, table in tables.items()}
    # What was published kept the rules of its day, and can be compared whatever came later.
    if not versions.was_published(descriptor, hashes):
        faults = sorted(faults + check_tables(tables, descriptor))
    broken = [fault for fault in faults if not fault.notice]
    if broken:
        raise DataError(folder, broken)
    columns = {name: table.columns() for name, table in tables.items()}
    return columns, hashes, faults


def _tell(notices: list[Violation], changed: list[str]) -> None:
    for notice in notices:
        warnings.warn(str(notice), UserWarning, stacklevel=3)
    if changed:
        # A re-execution leaves out what begins with these words.
        warnings.warn(
            f"{NOT_PUBLISHED}: {', '.join(changed)} keep the rules, but differ from what "
            f"{REGISTER}.csv registers",
            UserWarning,
            stacklevel=3,
        )


def _day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text).as_unit("us")


def _typed(name: str, table: dict[str, list[str]]) -> pd.DataFrame:
    """Convert the text of one table by its description."""
    columns: dict[str, Any] = {}
    fields = {column["name"]: column for column in schema()[name]["schema"]["fields"]}
    for column in [*fields, *(each for each in table if each not in fields)]:
        description = fields.get(column, {"type": "string"})
        if description.get("relations", {}).get("date"):
            columns |= _dates_of(column, table[column])
        else:
            columns[column] = _convert(table[column], description)
    if name == "events":
        columns = _event_dates(table, columns)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(table[next(iter(fields))])), copy=False)


def _convert(cells: list[str], description: dict[str, Any]) -> Any:
    kind = description["type"]
    if kind == "integer":
        return pd.array([int(cell) if cell else None for cell in cells], dtype="Int64")
    if kind == "number":
        return np.array([float(cell) if cell else np.nan for cell in cells], dtype="float64")
    if kind == "boolean":
        return pd.array([cell == "true" if cell else None for cell in cells], dtype="boolean")
    vocabulary = description.get("constraints", {}).get("enum")
    if vocabulary:
        return _categorical(cells, tuple(vocabulary))
    # From an array pandas takes them in two thirds of the time.
    return pd.array(np.array([cell or None for cell in cells], dtype="object"), dtype=TEXT)


@cache
def _vocabulary(values: tuple[str, ...]) -> tuple[dict[str, int], pd.CategoricalDtype]:
    return {value: code for code, value in enumerate(values)}, pd.CategoricalDtype(values)


def _categorical(cells: list[str], vocabulary: tuple[str, ...]) -> pd.Categorical:
    codes, dtype = _vocabulary(vocabulary)
    return pd.Categorical.from_codes([codes.get(cell, -1) for cell in cells], dtype=dtype)


def _days(cells: list[str], bound: Callable[[str], str]) -> np.ndarray:
    return np.array([bound(cell) if cell else "NaT" for cell in cells], dtype="datetime64[us]")


def _dates_of(name: str, cells: list[str]) -> dict[str, np.ndarray]:
    return {
        name: _days(cells, _dates.first_day),
        f"{name}_latest": _days(cells, _dates.last_day),
    }


def _event_dates(table: dict[str, list[str]], columns: dict[str, Any]) -> dict[str, Any]:
    """Put first day, last day and precision of the whole contact in place of its two dates."""
    dates = list(zip(table["start"], table["end"], strict=True))
    ends = [end or start for start, end in dates]
    precision = [_dates.precision(start, end) for start, end in dates]
    typed: dict[str, Any] = {}
    for name, values in columns.items():
        if name in ("start_latest", "end_latest"):
            continue
        typed[name] = _days(ends, _dates.last_day) if name == "end" else values
        if name == "end":
            typed["precision"] = _categorical(precision, _dates.COARSENESS)
    return typed
