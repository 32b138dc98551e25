"""What every measure does with what it is asked of: fetch, choose, count, say where from.

A measure takes the Dataset, or the one table that it needs as a frame of any engine.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import narwhals.stable.v2 as nw
import pandas as pd

from relations.record import _dates
from relations.record._frames import (
    Frame,
    collect,
    column_names,
    give_back,
    names,
    narrow,
    number_needed_error,
    plain_series,
)
from relations.record._periods import (
    DAY,
    FINE_ENOUGH,
    OFFSETS,
    Span,
    latest_start,
    span_of,
    too_coarse_error,
)
from relations.record._types import TEXT
from relations.record.choice import statuses
from relations.record.contacts import refuse_other_parents
from relations.record.dataset import HELD, Dataset

Asked: TypeAlias = Dataset | Frame
By: TypeAlias = str | Sequence[str] | None
Status: TypeAlias = str | Sequence[str] | None

COUNTS = ("occasions", "contacts")
# Columns that say which occasion a contact belongs to, the first that is there.
ROOTS = ("occasion", "parent_id", "event_id")
WORK = ("_occasion", "_own")
# Columns of contacts whose cells may list several values.
LISTED = {"place", "province", "country", "areas"}


@dataclass(frozen=True)
class Question:
    """A table narrowed to what a measure needs, and what is known about it.

    ``frame`` holds the columns needed, of contacts with the status asked for where the table
    says; ``like`` is the caller's frame, of whose kind the result is to be; ``data`` is the
    Dataset where there is one; ``by`` the columns to group by; ``count`` the unit counted.
    """

    frame: nw.LazyFrame[Any]
    like: Frame
    data: Dataset | None
    by: list[str]
    status: tuple[str, ...]
    count: str
    metric: str

    def answer(self, table: pd.DataFrame, unit: str | None = None) -> Any:
        """Return a result as the kind of frame that was asked of, saying where it is from."""
        result = give_back(table.reset_index(drop=True), self.like)
        return describe(result, self.data, unit or self.count)


def describe(result: Any, data: Any, unit: str, **more: Any) -> Any:
    """Write source, unit, choice and names into the ``attrs`` of a pandas result.

    A frame asked of, or nothing, knows none of them.
    """
    if isinstance(result, pd.DataFrame):
        known = {"source": "", "unit": unit, "choice": "", "names": {}}
        result.attrs |= (data.about(unit) if isinstance(data, Dataset) else known) | more
    return result


def typed(table: pd.DataFrame, types: Mapping[str, Any]) -> pd.DataFrame:
    """Give a table of no rows the types that it has with rows; columns not named keep theirs."""
    return table if len(table) else table.astype(dict(types))


def check_count(count: str) -> None:
    """Refuse a unit of counting that is not known."""
    if count not in COUNTS:
        raise ValueError(f"count={count!r}: use 'occasions' or 'contacts'")


def ask(
    asked: Asked,
    metric: str,
    needed: Iterable[str],
    by: By = (),
    *,
    table: str = "events",
    count: str = "occasions",
    status: Status = None,
    taken: Iterable[str] = (),
    optional: Iterable[str] = (),
) -> Question:
    """Narrow what a measure is asked of to the columns that it needs.

    Given a Dataset, ``by`` may name any column of its ``contacts`` too. ``taken`` are names
    that the result needs for columns of its own. Where the table has a column ``status`` of
    contacts (events), only those asked for are left: the ones chosen, else those held.
    """
    check_count(count)
    by = names(by, [*taken, *WORK])
    data = asked if isinstance(asked, Dataset) else None
    like: Frame = asked if data is None else getattr(data, table)
    wanted = statuses(
        like if data is None else data.events, status, HELD if data is None else data.status, metric
    )
    frame: Frame = like
    needed = [*needed, *by]
    of_events = table == "events"
    if of_events and data is not None:
        refuse_other_parents(data.events)
    if of_events:
        needed.append("status")
        optional = [*optional, *ROOTS]
    if data is not None:
        there = column_names(like)
        beyond = [column for column in by if column not in there]
        if beyond:
            own = [column for column in there if column in {"event_id", *needed, *optional}]
            frame = _with_contact_columns(data, table, own, beyond, metric)
    lazy = narrow(frame, metric, needed, optional)
    known = set(lazy.collect_schema().names()) if of_events and count == "occasions" else set()
    if "parent_id" in known and not known & {"occasion", "event_id"}:
        raise ValueError(
            f"{metric}: the frame has parent_id but no event_id, so nothing says which contacts "
            "are one occasion: keep event_id, or ask for count='contacts'"
        )
    if of_events:
        lazy = lazy.filter(nw.col("status").is_in(list(wanted)))
    return Question(lazy, like, data, by, wanted, count, metric)


def _with_contact_columns(
    data: Dataset, table: str, own: list[str], columns: list[str], metric: str
) -> pd.DataFrame:
    """Return own columns of a table with columns of ``data.contacts`` joined to them."""
    flat = data.whole._flat
    unknown = [column for column in columns if column not in flat]
    if unknown:
        raise ValueError(
            f"{metric}: by={unknown[0]!r} is no column of data.{table} or of data.contacts, "
            f"which has {', '.join(flat)}"
        )
    rows = collect(narrow(getattr(data, table), metric, own))
    return rows.merge(contact_cells(flat, columns), how="left", on="event_id")


def contact_cells(flat: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of contacts; a contact in several places has a row for each of them."""
    cells = flat[["event_id", *columns]]
    for column in LISTED.intersection(columns):
        several = cells[column].str.split(";")
        cells = cells.assign(**{column: several}).explode(column).astype({column: TEXT})
    return cells.drop_duplicates(ignore_index=True)


def root_of(columns: Iterable[str]) -> nw.Expr | None:
    """Return what names the occasion of a row; None where rows have no id at all."""
    there = set(columns)
    if "occasion" in there:
        return nw.col("occasion")
    if {"parent_id", "event_id"} <= there:
        part = ~nw.col("parent_id").is_null()
        return nw.when(part).then(nw.col("parent_id")).otherwise(nw.col("event_id"))
    return nw.col("event_id") if "event_id" in there else None


def contacts_of(
    question: Question, *, dates: Iterable[str] = ("start",), evidence: bool = False
) -> pd.DataFrame:
    """Fetch the contacts to count, in order of time, with the ``latest`` day each may start.

    With ``count="occasions"`` one row is left for each occasion and value of ``by``: the
    contact of which the others are parts, or else the first. Columns of the question stay;
    ``evidence`` makes sure that every row has an id.
    """
    metric, columns = question.metric, question.frame.collect_schema().names()
    check_dates(question, dates)
    root = root_of(columns)
    frame = question.frame
    if root is not None:
        frame = frame.with_columns(root.alias("_occasion"))
    found = collect(frame)
    if evidence and "event_id" not in found:
        raise ValueError(f"{metric}: evidence needs the column event_id")
    if "event_id" in found:
        refuse_repeats(found, "event_id", question.by)
    texts = [column for column in found if found[column].dtype.kind == "O"]
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
    found["start"] = found["start"].dt.normalize()
    found["latest"] = latest_start(found["start"], found["precision"])
    order = ["start", "latest", *(["event_id"] * ("event_id" in found))]
    found = found.sort_values(order, kind="stable", ignore_index=True)
    if question.count == "occasions" and "_occasion" in found and "event_id" in found:
        found = one_per_occasion(found, question.by)
    return found.drop(columns="_occasion", errors="ignore")


def one_per_occasion(found: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Leave one row of each occasion: the whole where it is there, else its first part."""
    part = (found["_occasion"] != found["event_id"]).rename("_own")
    ordered = found.assign(_own=part).sort_values("_own", kind="stable")
    kept = ordered.drop_duplicates(["_occasion", *by]).index
    return found.loc[found.index.isin(kept)].reset_index(drop=True)


def check_dates(question: Question, dates: Iterable[str] = ("start",)) -> None:
    """Refuse columns of dates that hold something else."""
    schema = question.frame.collect_schema()
    for column in dates:
        if column in schema and not isinstance(schema[column], nw.Datetime):
            raise ValueError(
                f"{question.metric} needs timestamps in {column}; relations.load gives them"
            )


def covered_span(
    question: Question, found: pd.DataFrame, given: Any, every: str | None = None
) -> Span:
    """Return the days covered: those given, those of the Dataset, else first to last contact.

    ``found`` holds the contacts, as `contacts_of` gives them. A bare frame covers whole
    periods of length ``every`` (days, where None), and a warning says so. Contacts outside
    are an error, except where ``given`` asks to leave them out.
    """
    if given is not None:
        return span_of(given)
    data = question.data
    if data is not None:
        return data.span
    if found.empty:
        raise ValueError(
            f"{question.metric}: no contact to count, so nothing says what is covered: pass "
            "span=(first day, last day), or look at the filter"
        )
    since, until = found["start"].min(), found["latest"].max()
    if every is not None:
        since = since.to_period(every[0].upper()).start_time
        after = until.to_period(every[0].upper()).start_time
        until = after + pd.tseries.frequencies.to_offset(OFFSETS[every]) - DAY
    warn_of_bare_frame(since, until)
    return since, until


def warn_of_bare_frame(since: pd.Timestamp, until: pd.Timestamp) -> None:
    """Say which days are taken as covered where nothing states them."""
    warnings.warn(
        f"the frame does not say what it covers, so {since:%Y-%m-%d} to {until:%Y-%m-%d}, from "
        "its first to its last contact, is taken; pass the Dataset, or span=(first day, last "
        "day), to say so yourself",
        UserWarning,
        stacklevel=_caller_outside(),
    )


def _caller_outside() -> int:
    """Return how many frames up the code of the caller is, whichever measure asked another."""
    package = str(Path(__file__).parents[1])
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(package):
        level, frame = level + 1, frame.f_back
    return level


def placed(found: pd.DataFrame, every: str) -> pd.DataFrame:
    """Refuse contacts known too coarsely to be placed in periods of this length."""
    coarse = found[~found["precision"].isin(FINE_ENOUGH[every])]
    if len(coarse):
        ids = coarse["event_id"].head(3).tolist() if "event_id" in coarse else []
        raise too_coarse_error(len(coarse), every, ids)
    return found


def refuse_repeats(frame: Frame, key: str, by: Sequence[str] = ()) -> None:
    """A frame in memory holds each key once; a join with another table repeats them.

    With a column of lists in ``by`` it may stand once under each of their values.
    """
    if LISTED.intersection(by) and isinstance(frame, pd.DataFrame):
        once = frame[~frame.duplicated([key])]
        frame = pd.concat([once, frame[frame.duplicated([key, *by])]])
    known = nw.from_native(frame)
    if isinstance(known, nw.LazyFrame):
        return
    values = known.get_column(key)
    if values.is_null().any():
        raise ValueError(f"{key} is empty in a row, so no one can tell which it is: fill it")
    if values.n_unique() < len(values):
        repeated = values.is_duplicated()
        raise ValueError(
            f"{key} {values.filter(repeated)[0]!r} stands more than once, so it would be counted "
            "twice: drop the repeated rows first"
        )


def require_booleans(found: pd.DataFrame, columns: Iterable[str], metric: str) -> pd.DataFrame:
    """Return columns as true or false; an empty cell and the text "False" are neither."""
    for column in columns:
        # As pandas compares them, 1 and 1.0 are True too, and a text is not.
        bad = found.loc[~found[column].isin([True, False]), column]
        if len(bad):
            raise ValueError(
                f"{metric}: {column} is {bad.iloc[0]!r} in row {bad.index[0]}; say true or "
                "false, or drop the row"
            )
    return found.astype(dict.fromkeys(columns, "bool"))


def require_numbers(found: pd.DataFrame, columns: Iterable[str], metric: str) -> pd.DataFrame:
    """Return columns as numbers; an empty cell and a text are none."""
    plain = found.copy()
    for column in columns:
        values = pd.to_numeric(plain_series(found[column]), errors="coerce").astype("float64")
        if values.isna().any():
            raise number_needed_error(found[column], values.isna(), metric)
        plain[column] = values
    return plain


def text_kinds(found: pd.DataFrame, columns: Iterable[str]) -> dict[str, Any]:
    """Return the types of columns as a result with rows has them: text is text."""
    kinds = {column: found[column].dtype for column in columns}
    return {column: TEXT if kind == "object" else kind for column, kind in kinds.items()}


def join_ids(ids: Iterable[Any]) -> str:
    """Return ids as the tables write a list into a cell: each once, sorted, between ``;``."""
    texts = sorted({"" if pd.isna(value) else str(value) for value in ids})
    for text in texts:
        if not text or ";" in text:
            raise ValueError(
                f"event_id {text!r} cannot stand in a list of evidence: ids are not empty and "
                "hold no semicolon"
            )
    return ";".join(texts)


def evidence_cell(ids: Iterable[Any], evidence: bool) -> dict[str, str]:
    """Return what a row says of the contacts that it counts, where that is asked for."""
    return {"evidence": join_ids(ids)} if evidence else {}


def with_evidence(table: pd.DataFrame, contacts: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Add ``evidence`` to each row: the ids of the contacts with the same values of ``key``."""
    ids: dict[tuple[Any, ...], list[str]] = {}
    for values, event in zip(_values(contacts, key), contacts["event_id"], strict=True):
        ids.setdefault(values, []).append(event)
    cells = [join_ids(ids.get(row, ())) for row in _values(table, key)]
    return table.assign(evidence=pd.array(cells, dtype=TEXT))


def _values(frame: pd.DataFrame, key: list[str]) -> list[tuple[Any, ...]]:
    """Return the values of each row so that they compare alike, whatever the columns' types."""
    values = frame[key].astype("object")
    return [tuple(row) for row in values.where(values.notna(), None).to_numpy()]
