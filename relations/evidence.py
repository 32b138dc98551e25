"""From a number back to the reports that it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from relations import _contacts, _dates, _engines
from relations.coverage import contradictions

CELLS = ("evidence", "event_id")
COMPARED = ("date", "edition", "rank")
COLUMNS = [
    *["event_id", "start", "precision", "title", "kind", "source_id", "outlet", "side"],
    *["published", "start_as_reported", "main", "differs", "note", "url", "reprint_of"],
]


def trace(data: Any, rows: Any, *, parts: str = "keep") -> pd.DataFrame:
    """List the reports behind a number, one row per contact and report.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``reports`` and ``sources`` are read, and those that
        `contradictions` reads; pandas, Polars, DuckDB or PySpark frames, collected.
    rows : frame, row, id or ids
        A frame with a column ``evidence``, as the counting measures return it with
        ``evidence=True``, or else ``event_id``; one row of it as a Series; such a column; one
        ``event_id``, or several.
    parts : {"keep", "fold"}
        "keep" traces what ``rows`` names and nothing else. "fold" also traces the contacts
        that are part of it: where parts are folded, what is told of a part is told of the
        contact.

    Returns
    -------
    pandas.DataFrame, one row per contact and report, in order of time
        ``event_id``, ``start`` first possible day, ``precision``, ``title``, ``kind`` of the
        contact; ``source_id``, ``outlet``, ``side``, ``published`` of the report;
        ``start_as_reported``, the day, month or year that it gives, written as in the tables,
        and so is ``published``; ``main``, false where it
        only recalls or announces; ``differs``, what it says otherwise than the contact as
        resolved (date) or than another report (edition, rank), empty where nothing is known
        to differ; ``note`` on the report; ``url``; ``reprint_of``, the source that it
        copies. A contact that no report tells of has one row without one. No row where
        ``rows`` counts no contact.

    Raises
    ------
    ValueError
        Where ``rows`` has neither column, or names a contact that is not in ``data.events``.

    Notes
    -----
    The fields of ``differs`` are those of `contradictions`, which says how they are compared.
    Reprints and contacts that were not held are not compared, and other words for one office or
    areas that a report leaves out are no contradiction.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> hosts = rel.hosting(data.events, by="kind", evidence=True)
    >>> reports = trace(data, hosts[(hosts["kind"] == "exercise") & (hosts["host"] == "third")])
    >>> set(reports["kind"])
    {'exercise'}
    >>> trace(data, "2013-06-05-dialogue-4")["differs"].dropna().iloc[0]
    'date 2013-06-06, not 2013-06-05; edition 7, not 4'
    """
    if parts not in ("fold", "keep"):
        raise ValueError(f"parts={parts!r}: use 'fold' or 'keep'")
    own = ["event_id", "start", "precision", "title", "kind"]
    events = _table(data, "events", [*own, "parent_id"])
    wanted = set(_ids(rows))
    unknown = sorted(wanted - set(events["event_id"]))
    if unknown:
        raise ValueError(
            f"trace: {unknown[0]!r} is not in data.events: hand over the data that the number "
            "was counted in"
        )
    fresh = wanted if parts == "fold" else set()
    while fresh:
        fresh = set(events.loc[events["parent_id"].isin(fresh), "event_id"]) - wanted
        wanted |= fresh
    reports = _table(
        data, "reports", ["event_id", "source_id", *_pair("start_as_reported"), "main", "note"]
    )
    pages = _table(
        data, "sources", ["source_id", "outlet", "side", *_pair("published"), "url", "reprint_of"]
    )
    found = (
        events.loc[events["event_id"].isin(wanted), own]
        .merge(reports, how="left", on="event_id")
        .merge(pages, how="left", on="source_id")
    )
    for column in ("start_as_reported", "published"):
        found[column] = [
            None if pd.isna(first) else _dates.written(first, last)
            for first, last in found[_pair(column)].itertuples(index=False)
        ]
    said = _differences(data) if len(found) else {}
    pairs = zip(found["event_id"], found["source_id"], strict=True)
    found["differs"] = pd.Series([said.get(pair) for pair in pairs], found.index, dtype="object")
    order = ["start", "event_id", "published", "source_id"]
    return found.sort_values(order, ignore_index=True)[COLUMNS]


def _ids(rows: Any) -> list[str]:
    """Return the ids that rows of a result, a column or plain text hold."""
    if isinstance(rows, str):
        return _contacts.ids_of([rows])
    if isinstance(rows, pd.Series):
        named = next((column for column in CELLS if column in rows.index), None)
        return _contacts.ids_of(rows if named is None else [rows[named]])
    if isinstance(rows, Iterable) and not hasattr(rows, "columns"):
        return _contacts.ids_of(rows)
    known = nw.from_native(rows).lazy().collect_schema().names()
    named = next((column for column in CELLS if column in known), None)
    if named is None:
        raise ValueError(
            "trace: the rows have no column evidence or event_id; call the measure with "
            f"evidence=True. They have {', '.join(known)}"
        )
    return _contacts.ids_of(_engines.collect(nw.from_native(rows).lazy().select(named))[named])


def _pair(column: str) -> list[str]:
    return [column, f"{column}_latest"]


def _differences(data: Any) -> dict[tuple[str, str], str]:
    """Return what each report of a contact says otherwise, by contact and source."""
    said: dict[tuple[str, str], dict[str, None]] = {}
    held = _table(data, "events", ["status"])["status"].astype("object") == "held"
    for field in COMPARED if held.any() else ():
        for pair in contradictions(data, field).itertuples():
            about = f"{field} of {pair.about}" if field == "rank" else field
            sides = [(pair.first_sources, pair.first, pair.second)]
            sides += [(pair.second_sources, pair.second, pair.first)]
            for sources, one, other in sides:
                for source in _contacts.ids_of([sources]):
                    cell = said.setdefault((pair.event_id, source), {})
                    cell[f"{about} {one}, not {other}"] = None
    return {pair: "; ".join(cell) for pair, cell in said.items()}


def _table(data: Any, name: str, columns: list[str]) -> pd.DataFrame:
    frame = _engines.lazy(getattr(data, name), f"trace ({name})", columns)
    return _engines.collect(frame.select(*columns))
