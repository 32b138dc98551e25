"""From a number back to the reports that it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from relations.record import _dates
from relations.record._frames import collect, narrow
from relations.record._witnesses import table
from relations.record.contradictions import contradictions
from relations.record.dataset import Dataset, check_dataset

CELLS = ("evidence", "event_id")
COMPARED = ("date", "edition", "rank")
COLUMNS = [
    *["event_id", "start", "precision", "title", "kind", "source_id", "outlet", "side"],
    *["published", "start_as_reported", "main", "differs", "note", "url", "reprint_of"],
]


def trace(data: Dataset, rows: Any, *, with_parts: bool = False) -> pd.DataFrame:
    """List the reports behind a number, one row per contact and report.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``reports`` and ``sources`` are read, and those that
        `contradictions` reads.
    rows : frame, row, id or ids
        A frame with a column ``evidence``, as the counting measures return it with
        ``evidence=True``, or else ``event_id``; one row of it as a Series; such a column; one
        ``event_id``, or several.
    with_parts : bool
        Trace the contacts that are part of those named too: where occasions are counted,
        what is told of a part is told of the occasion.

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
    >>> lists = rel.coverage.reported_by(data.where(kind="exercise"), evidence=True)
    >>> set(rel.trace(data, lists.iloc[0])["kind"])
    {'exercise'}
    >>> rel.trace(data, "2013-06-05-dialogue-4")["differs"].dropna().iloc[0]
    'edition 7, not 4'
    """
    check_dataset(data, "trace")
    own = ["event_id", "start", "precision", "title", "kind"]
    events = table(data, "trace", "events", [*own, "parent_id"])
    wanted = set(_ids(rows))
    unknown = sorted(wanted - set(events["event_id"]))
    if unknown:
        raise ValueError(
            f"trace: {unknown[0]!r} is not in data.events: hand over the data that the number "
            "was counted in"
        )
    fresh = wanted if with_parts else set()
    while fresh:
        fresh = set(events.loc[events["parent_id"].isin(fresh), "event_id"]) - wanted
        wanted |= fresh
    columns = ["event_id", "source_id", *_pair("start_as_reported"), "main", "note"]
    reports = table(data, "trace", "reports", columns)
    columns = ["source_id", "outlet", "side", *_pair("published"), "url", "reprint_of"]
    pages = table(data, "trace", "sources", columns)
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
    found = found.sort_values(order, ignore_index=True)[COLUMNS]
    found.attrs |= {
        "source": data.caption, "unit": "reports", "choice": data.chosen, "names": data.names,
    }  # fmt: skip
    return found


def _ids(rows: Any) -> list[str]:
    """Return the ids that rows of a result, a column or plain text hold."""
    if isinstance(rows, str):
        return ids_of([rows])
    if isinstance(rows, pd.Series):
        named = next((column for column in CELLS if column in rows.index), None)
        return ids_of(rows if named is None else [rows[named]])
    if isinstance(rows, Iterable) and not hasattr(rows, "columns"):
        return ids_of(rows)
    known = nw.from_native(rows).lazy().collect_schema().names()
    named = next((column for column in CELLS if column in known), None)
    if named is None:
        raise ValueError(
            "trace: the rows have no column evidence or event_id; call the measure with "
            f"evidence=True. They have {', '.join(known)}"
        )
    return ids_of(collect(narrow(rows, "trace", [named]))[named])


def ids_of(cells: Iterable[Any]) -> list[str]:
    """Return the ids that cells of lists hold; a cell without a list holds none."""
    return [each for cell in cells if not pd.isna(cell) for each in str(cell).split(";") if each]


def _pair(column: str) -> list[str]:
    return [column, f"{column}_latest"]


def _differences(data: Dataset) -> dict[tuple[str, str], str]:
    """Return what each report of a contact says otherwise, by contact and source."""
    said: dict[tuple[str, str], dict[str, None]] = {}
    for pair in contradictions(data, COMPARED).itertuples():
        about = f"{pair.field} of {pair.about}" if pair.field == "rank" else pair.field
        sides = [(pair.first_sources, pair.first, pair.second)]
        sides += [(pair.second_sources, pair.second, pair.first)]
        for sources, one, other in sides:
            for source in ids_of([sources]):
                cell = said.setdefault((pair.event_id, source), {})
                cell[f"{about} {one}, not {other}"] = None
    return {pair: "; ".join(cell) for pair, cell in said.items()}
