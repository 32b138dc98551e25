"""The dataset: typed frames from the shipped tables or from a folder of yours."""

from __future__ import annotations

import html
import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from relations import _dates
from relations._package import (
    DESCRIPTOR,
    SHIPPED,
    DataError,
    Violation,
    checksum,
    entries,
    read_descriptor,
    read_sealed,
    read_span,
    read_tables,
    schema,
)
from relations.rules import check_tables

TEXT = pd.StringDtype(na_value=np.nan)


@dataclass(frozen=True, repr=False, kw_only=True)
class Dataset:
    """Every table as a typed frame, with what identifies the record.

    Each attribute named in ``datapackage.json`` is a frame: ``data.events``,
    ``data.reports``, ``data.participants`` and so on; `codebook` explains their columns.
    Dates are timestamps: a column ``since`` holds the first possible day and
    ``since_latest`` the last; ``start`` and ``end`` of an event are the first and the last
    possible day of the whole contact, beside ``precision`` (day, month or year).
    ``covered_since`` and ``covered_until`` are the span of the record for that kind.

    The frames are the caller's own: changing them changes neither files nor other loads.
    """

    sides: Any
    events: Any
    editions: Any
    event_places: Any
    places: Any
    sources: Any
    reports: Any
    ships: Any
    event_ships: Any
    people: Any
    ranks: Any
    offices: Any
    promotions: Any
    appointments: Any
    participants: Any
    areas: Any
    area_mentions: Any
    agreements: Any
    pledges: Any
    mechanisms: Any
    reported_counts: Any
    context: Any
    absences: Any
    benchmarks: Any
    second_coding: Any
    outlines: Any
    name: str
    title: str
    version: str
    span: tuple[pd.Timestamp, pd.Timestamp]
    checksum: str

    @property
    def tables(self) -> dict[str, Any]:
        """The frames by the names of their tables."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name in schema()
        }

    @property
    def caption(self) -> str:
        """One line for figures: what the numbers come from, and the span covered."""
        since, until = (f"{day:%Y-%m-%d}" for day in self.span)
        pages = f"{len(self.sources)} source{'s' * (len(self.sources) != 1)}"
        return f"{self.title} {self.version}: {pages}, {since} to {until}"

    def convert(self, function: Callable[[pd.DataFrame], Any]) -> Dataset:
        """Return the dataset with every frame passed through ``function``.

        Examples
        --------
        >>> import polars as pl
        >>> import relations as rel
        >>> data = rel.load().convert(pl.from_pandas)
        >>> type(data.events).__module__.partition(".")[0]
        'polars'
        """
        return replace(self, **{name: function(frame) for name, frame in self.tables.items()})

    def _identity(self) -> list[tuple[str, str]]:
        since, until = (f"{day:%Y-%m-%d}" for day in self.span)
        return [
            ("version", self.version),
            ("span", f"{since} to {until}"),
            ("checksum", f"sha256 {self.checksum[:16]}"),
        ]

    def _sizes(self) -> list[tuple[str, int]]:
        return [(name, len(frame)) for name, frame in self.tables.items()]

    def __repr__(self) -> str:
        identity = "\n".join(f"  {key}: {value}" for key, value in self._identity())
        sizes = ", ".join(f"{name} {rows}" for name, rows in self._sizes())
        return f"{self.title}\n{identity}\n  rows: {sizes}"

    def _repr_html_(self) -> str:
        identity = "".join(
            f"<tr><th>{html.escape(key)}</th><td>{html.escape(value)}</td></tr>"
            for key, value in self._identity()
        )
        sizes = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{rows}</td>"
            f"<td style='text-align:left'>{html.escape(schema()[name]['title'])}</td></tr>"
            for name, rows in self._sizes()
        )
        return (
            f"<b>{html.escape(self.title)}</b><table>{identity}</table>"
            f"<table><tr><th>table</th><th>rows</th><th>one row is</th></tr>{sizes}</table>"
        )


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
        differs from its checksum; on any other folder they always run.

    Warns
    -----
    UserWarning
        Where a table has a column that the schema does not know (kept, as text), or a
        shipped table was changed (the version then ends in ``+changed``).

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
    sealed = {name: entry.get("hash") for name, entry in entries(descriptor).items()}
    found = read_sealed(folder, descriptor) if shipped else None
    if found is None:
        found = _checked(folder, descriptor, sealed, shipped)
    columns, hashes = found
    changed = [name for name, digest in hashes.items() if (sealed.get(name) or "") != digest]

    span = read_span(descriptor)
    frames = {name: _typed(name, cells) for name, cells in columns.items()}
    kinds = frames["events"]["kind"].astype("object")
    for column, end in (("covered_since", 0), ("covered_until", 1)):
        days = [span.get(kind, span[None])[end] for kind in kinds]
        frames["events"][column] = np.array(days, dtype="datetime64[us]")
    version = str(descriptor.get("version", "unversioned"))
    return Dataset(
        **frames,
        name=str(descriptor.get("name", folder.name)),
        title=str(descriptor.get("title", folder.name)),
        version=version + ("+changed" if changed and any(sealed.values()) else ""),
        span=(pd.Timestamp(span[None][0]), pd.Timestamp(span[None][1])),
        checksum=checksum(hashes),
    )


def _checked(
    folder: Path, descriptor: dict[str, Any], sealed: dict[str, Any], shipped: bool
) -> tuple[dict[str, dict[str, list[str]]], dict[str, str]]:
    """Read tables that no checksum vouches for, and refuse them where a rule is broken."""
    tables, faults = read_tables(folder)
    faults = sorted(faults + check_tables(tables, descriptor))
    broken = [fault for fault in faults if not fault.notice]
    if broken:
        raise DataError(folder, broken)
    hashes = {name: table.hash for name, table in tables.items()}
    changed = [name for name, digest in hashes.items() if (sealed.get(name) or "") != digest]
    _tell([fault for fault in faults if fault.notice], changed if shipped else [])
    return {name: table.columns() for name, table in tables.items()}, hashes


def _tell(notices: list[Violation], changed: list[str]) -> None:
    for notice in notices:
        warnings.warn(str(notice), UserWarning, stacklevel=4)
    if changed:
        warnings.warn(
            f"{', '.join(changed)} differ from the checksums in {DESCRIPTOR}: they keep the "
            "rules, but they are not the published tables",
            UserWarning,
            stacklevel=4,
        )


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
    return pd.DataFrame(columns, index=pd.RangeIndex(len(table[next(iter(fields))])))


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
    return pd.array([cell or None for cell in cells], dtype=TEXT)


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


def codebook(table: str | None = None) -> pd.DataFrame:
    """List the columns of one table, or of all, with their meaning.

    Parameters
    ----------
    table : str, optional
        Name of a table, such as ``"events"``; all tables if left out.

    Returns
    -------
    pandas.DataFrame
        One row per column: ``table``, ``column``, ``type``, ``required``, ``values`` (the
        vocabulary or the table referred to), ``meaning``.

    Raises
    ------
    ValueError
        Where there is no such table.

    Examples
    --------
    >>> import relations as rel
    >>> rel.codebook("editions")["column"].tolist()
    ['event_id', 'side', 'edition']
    """
    if table is not None and table not in schema():
        raise ValueError(f"no table {table!r}; the tables are {', '.join(schema())}")
    rows = []
    for name in schema() if table is None else [table]:
        for column in schema()[name]["schema"]["fields"]:
            extra = column.get("relations", {})
            values = list(column["constraints"].get("enum", extra.get("also", [])))
            if "refers" in extra:
                values.insert(0, extra["refers"])
            kind = "date" if extra.get("date") else column["type"]
            rows.append(
                {
                    "table": name,
                    "column": column["name"],
                    "type": f"list of {kind}" if extra.get("list") else kind,
                    "required": bool(column["constraints"].get("required")),
                    "values": ", ".join(values),
                    "meaning": column["description"],
                }
            )
    return pd.DataFrame(rows)


def cite(style: str = "text") -> str:
    """Return how to cite the record, with its version and checksum.

    Parameters
    ----------
    style : {"text", "bibtex"}

    Returns
    -------
    str

    Raises
    ------
    ValueError
        Where the style is unknown.

    Examples
    --------
    >>> import relations as rel
    >>> rel.cite().startswith("China–Vietnam defence contacts")
    True
    """
    descriptor = read_descriptor(SHIPPED)
    tables, _ = read_tables(SHIPPED)
    digest = checksum({name: table.hash for name, table in tables.items()})[:16]
    title, version = descriptor["title"], descriptor["version"]
    year, home = descriptor["created"][:4], descriptor["name"]
    authors = "} and {".join(each["title"] for each in descriptor["contributors"])
    if style == "text":
        return (
            f"{title} ({year}). Dataset and library {home}, version {version}, "
            f"sha256 {digest}. CC BY 4.0."
        )
    if style == "bibtex":
        return (
            f"@misc{{{home}-{version},\n"
            f"  author = {{{{{authors}}}}},\n"
            f"  title = {{{{{title}}}}},\n"
            f"  year = {{{year}}},\n"
            f"  version = {{{version}}},\n"
            f"  note = {{Dataset and library {home}, sha256 {digest}, CC BY 4.0}}\n"
            "}"
        )
    raise ValueError(f"no style {style!r}; use 'text' or 'bibtex'")
