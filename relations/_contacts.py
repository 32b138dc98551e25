"""Contacts as most measures fetch them: each once, in order of time, in the span covered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from relations import _dates, _engines

COVERED = ("covered_since", "covered_until")
FINE_ENOUGH = {
    "month": ["day", "month"],
    "quarter": ["day", "month"],
    "year": ["day", "month", "year"],
}


def fetch(
    events: Any,
    metric: str,
    needed: Sequence[str],
    parts: str,
    status: str | Sequence[str],
    *,
    optional: Sequence[str] = (),
    evidence: bool = False,
) -> pd.DataFrame:
    """Fetch the contacts to count, with the ``latest`` day on which each may start.

    ``optional`` columns, and ``event_id``, are fetched where they are there; with ``evidence``
    the latter has to be.
    """
    if parts not in ("fold", "keep"):
        raise ValueError(f"parts={parts!r}: use 'fold' or 'keep'")
    needed = [*needed, *identity(evidence)]
    frame = _engines.lazy(events, metric, ["start", "precision", "status", *needed])
    known = frame.collect_schema()
    if not isinstance(known["start"], (nw.Datetime, nw.Date)):
        raise ValueError(f"{metric} needs timestamps in start; relations.load gives them")
    frame = frame.filter(nw.col("status").cast(nw.String).is_in(_engines.names(status)))
    if parts == "fold" and "parent_id" in known:
        frame = frame.filter(nw.col("parent_id").is_null())
    there = [column for column in ("event_id", *optional) if column in known]
    columns = dict.fromkeys(["start", "precision", *needed, *there])
    dates = [column for column in columns if column in ("start", *COVERED)]
    texts = [column for column in columns if column not in dates]
    found = _engines.collect(frame.select(*dates, *_engines.text(*texts)))
    if found.empty:
        raise ValueError(f"{metric}: no contact with status {status!r} to count")
    if "event_id" in found:
        refuse_repeats(found, "event_id")
    found[texts] = found[texts].astype("object").where(found[texts].notna(), None)
    if found["start"].isna().any():
        raise ValueError(
            f"{metric}: a contact has no start, so it has no place in time: fill or drop the row"
        )
    strange = found.loc[~found["precision"].isin(_dates.COARSENESS), "precision"]
    if len(strange):
        raise ValueError(
            f"{metric}: precision {strange.iloc[0]!r} is not known; use day, month or year"
        )
    for column in dates:
        found[column] = found[column].astype("datetime64[us]")
    found["start"] = found["start"].dt.normalize()
    found["latest"] = latest_day(found["start"], found["precision"])
    order = ["start", "latest", *(["event_id"] * ("event_id" in found))]
    return found.sort_values(order, kind="stable", ignore_index=True)


def latest_day(start: pd.Series, precision: pd.Series) -> pd.Series:
    """Return the last day on which a contact of this start and precision may begin."""
    month, year = (start + end for end in (pd.offsets.MonthEnd(0), pd.offsets.YearEnd(0)))
    return start.mask(precision == "month", month).mask(precision == "year", year)


def refuse_repeats(frame: Any, key: str) -> None:
    """A frame in memory holds each key once; a join with another table repeats them."""
    known = nw.from_native(frame)
    if isinstance(known, nw.LazyFrame):
        return
    values = known.get_column(key)
    if values.is_null().any():
        raise ValueError(f"{key} is empty in a row, so no one can tell which it is: fill it")
    repeated = values.is_duplicated()
    if repeated.any():
        raise ValueError(
            f"{key} {values.filter(repeated)[0]!r} stands more than once, so it would be counted "
            "twice: drop the repeated rows first"
        )


def identity(evidence: bool) -> list[str]:
    """Return the column that a measure needs besides its own to say what it counted."""
    return ["event_id"] if evidence else []


def listed(ids: Iterable[Any]) -> str:
    """Return ids as the tables write a list into a cell: each once, sorted, between ``;``."""
    found = sorted({"" if pd.isna(each) else str(each) for each in ids})
    for each in found:
        if not each or ";" in each:
            raise ValueError(
                f"event_id {each!r} cannot stand in a list of evidence: ids are not empty and "
                "hold no semicolon"
            )
    return ";".join(found)


def ids_of(cells: Iterable[Any]) -> list[str]:
    """Return the ids that cells of lists hold; a cell without a list holds none."""
    return [each for cell in cells if not pd.isna(cell) for each in str(cell).split(";") if each]


def behind(ids: Iterable[Any], evidence: bool) -> dict[str, str]:
    """Return what a row says of the contacts that it counts, where that is asked for."""
    return {"evidence": listed(ids)} if evidence else {}


def with_evidence(table: pd.DataFrame, contacts: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Add ``evidence`` to each row: the ids of the contacts with the same values of ``key``."""
    found: dict[tuple[Any, ...], list[str]] = {}
    for values, event in zip(_values(contacts, key), contacts["event_id"], strict=True):
        found.setdefault(values, []).append(event)
    return table.assign(evidence=[listed(found.get(each, ())) for each in _values(table, key)])


def _values(frame: pd.DataFrame, key: list[str]) -> list[tuple[Any, ...]]:
    """Return the values of each row so that they compare alike, whatever the columns' types."""
    values = frame[key].astype("object")
    return [tuple(row) for row in values.where(values.notna(), None).to_numpy()]


def too_coarse(number: int, every: str, examples: Sequence[str] = ()) -> ValueError:
    """Return the error that contacts cannot be placed in periods as short as asked for."""
    which = f", such as {', '.join(examples)}" if len(examples) else ""
    one = number == 1
    return ValueError(
        f"{number} contact{' is' if one else 's are'} known less precisely than to the "
        f"{every}{which}: {'it' if one else 'they'} cannot be placed. Ask for longer periods, or "
        f"drop {'it' if one else 'them'} first with "
        f"events[events.precision.isin({FINE_ENOUGH[every]})] and say so"
    )


def unsaid() -> ValueError:
    """Return the error that a row leaves open what the record covers."""
    return ValueError(
        "covered_since or covered_until is empty in a row, so no one can tell what is covered: "
        "fill them, or leave both columns out"
    )


def days(span: tuple[Any, Any]) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and last day of a span, whose ends may be written as ``2019-03``."""
    ends = []
    for end, whole in zip(span, (_dates.first_day, _dates.last_day), strict=True):
        if isinstance(end, str):
            _dates.validate(end)
            end = whole(end)
        if pd.isna(end):
            raise ValueError(f"span={span!r}: give its first and its last day")
        ends.append(pd.Timestamp(end).normalize())
    since, until = ends
    if until < since:
        raise ValueError(
            f"span ends on {until:%Y-%m-%d}, before it starts on {since:%Y-%m-%d}: swap its days"
        )
    return since, until


def covered(events: Any) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """Return the first and last day that the record covers for every contact, where it says."""
    frame = nw.from_native(events).lazy()
    if not set(COVERED) <= set(frame.collect_schema().names()):
        return None
    since, until = (nw.col(column) for column in COVERED)
    found = _engines.collect(
        frame.select(
            since.max(), until.min(), (since.is_null() | until.is_null()).any().alias("empty")
        )
    ).iloc[0]
    if pd.isna(found["empty"]) or found["empty"]:
        raise unsaid()
    first, last = (pd.Timestamp(found[column]).normalize() for column in COVERED)
    if last < first:
        raise ValueError(
            f"no day is covered for every kind: one begins on {first:%Y-%m-%d}, another ends on "
            f"{last:%Y-%m-%d}; take one kind"
        )
    return first, last
