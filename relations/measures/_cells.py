"""Distinct occasions in each cell of period and group, counted where the rows are."""

from __future__ import annotations

import functools
import operator
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations.measures._asking import LISTED, ROOTS, Question, refuse_repeats, root_of
from relations.record._frames import collect

PER_YEAR = {"year": 1, "quarter": 4, "month": 12}
# Columns while counting.
CELL = ["_cell", "_root", "_part", "_rows", "_parts", "_dated", "_more", "earliest", "latest"]


def count_cells(question: Question, every: str | None) -> pd.DataFrame:
    """Count what is asked for in each cell: value of ``by`` and period, None for all time.

    Returns ``by`` and ``period`` (first day, none where a start is empty), ``precision``,
    ``count``, and ``earliest`` and ``latest``, the first and the last start. Contacts of one
    precision are a row of their own; of occasions that are seen by their parts alone, the
    count is in the first row of a cell.
    """
    key = ["_cell", *question.by]
    columns = question.frame.collect_schema().names()
    there = {"occasion", "parent_id", "event_id"} & set(columns)
    wanted = dict.fromkeys([*question.by, "precision", "start", *sorted(there)])
    frame = _each_once(question, there).select(_number(every), *wanted)
    part = _part(there) if question.count == "occasions" else None
    number = nw.lit(0) if part is None else part.cast(nw.Int64)
    cells = collect(
        frame.with_columns(number.alias("_part"))
        .group_by(*dict.fromkeys([*key, "precision"]))
        .agg(
            nw.len().alias("_rows"),
            nw.col("_part").sum().alias("_parts"),
            nw.col("start").count().alias("_dated"),
            nw.col("start").min().alias("earliest"),
            nw.col("start").max().alias("latest"),
        )
    )
    if (cells["_dated"] < cells["_rows"]).any():
        raise ValueError(
            f"{question.metric}: a contact has no start, so it belongs to no period: fill or "
            "drop the row"
        )
    cells["count"] = (cells["_rows"] - cells["_parts"]).astype("int64")
    root = root_of(columns)
    if cells["_parts"].sum() and part is not None and root is not None:
        more = collect(_seen_by_parts_alone(frame, part, root, key))
        cells = cells.merge(more, how="left", on=key)
        first = ~cells.duplicated(key)
        cells["count"] += cells["_more"].where(first).fillna(0).astype("int64")
    cells["period"] = _first_day(cells["_cell"], every)
    order = [*question.by, "period", "precision"]
    cells = cells.sort_values(order, kind="stable", ignore_index=True)
    return cells[[*dict.fromkeys([*order, "count", "_rows", "earliest", "latest"])]]


def _each_once(question: Question, there: set[str]) -> nw.LazyFrame[Any]:
    """Refuse frames in memory in which an id stands twice; of pandas, number the ids.

    Texts take pandas many times as long to compare as numbers, and to number them tells at
    once whether one repeats.
    """
    frame = question.frame
    if "event_id" not in there:
        return frame
    if not frame.implementation.is_pandas() or question.count == "contacts":
        refuse_repeats(question.like, "event_id")
        return frame
    known: pd.DataFrame = nw.to_native(frame)
    own = known["event_id"]
    root = known[next(column for column in ROOTS if column in there)]
    part = (root.notna() & (root != own)).to_numpy(dtype=bool)
    codes, _ = pd.factorize(pd.concat([own, root[part]], ignore_index=True))
    number, above = codes[: len(own)], codes[len(own) :]
    if not np.array_equal(number, np.arange(len(own))):
        refuse_repeats(known, "event_id", question.by)
    if set(question.by) & there:
        return frame
    numbers = number.copy()
    numbers[part] = above
    numbered = known.assign(event_id=number, occasion=numbers)
    if "parent_id" in there:
        numbered["parent_id"] = pd.arrays.IntegerArray(numbers, ~part)
    return nw.from_native(numbered).lazy()


def _part(there: set[str]) -> nw.Expr | None:
    """Return whether a row is a part of another contact; None where rows cannot be parts."""
    if {"occasion", "event_id"} <= there:
        return (nw.col("occasion") != nw.col("event_id")).fill_null(False)
    return ~nw.col("parent_id").is_null() if {"parent_id", "event_id"} <= there else None


def _seen_by_parts_alone(
    frame: nw.LazyFrame[Any], part: nw.Expr, root: nw.Expr, key: list[str]
) -> nw.LazyFrame[Any]:
    """Count in each cell the occasions with a part in it whose whole is not in it.

    Contacts that are no parts have different ids, so that only parts, which are few, need be
    made distinct.
    """
    parts = frame.filter(part).select(*key, root.alias("_root")).unique()
    wholes = frame.select(
        nw.col("event_id").alias("_root"),
        *(nw.col(column).alias(f"{column}_") for column in key),
        part.alias("_part"),
    ).filter(~nw.col("_part"))
    beside = parts.join(wholes, on="_root", how="left")
    same = [
        (nw.col(column) == nw.col(f"{column}_")).fill_null(False)
        | (nw.col(column).is_null() & nw.col(f"{column}_").is_null())
        for column in key[1:]
    ]
    same.append((nw.col("_cell") == nw.col("_cell_")).fill_null(False))
    alone = ~functools.reduce(operator.and_, same)
    beside = beside.with_columns(alone.cast(nw.Int64).alias("_more"))
    if LISTED.intersection(key):
        # The whole has a row under each of its values, one of which may be that of the part.
        beside = beside.group_by(*key, "_root").agg(nw.col("_more").min())
    return beside.group_by(*key).agg(nw.col("_more").sum())


def _number(every: str | None) -> nw.Expr:
    """Return the number of the period in which a contact starts."""
    if every is None:
        return nw.lit(0).alias("_cell")
    number = nw.col("start").dt.year()
    if every != "year":
        length = 12 // PER_YEAR[every]
        number = number * PER_YEAR[every] + (nw.col("start").dt.month() - 1) // length
    return number.alias("_cell")


def _first_day(numbers: pd.Series, every: str | None) -> pd.Series:
    """Return the first day of each period from its number; none where there is no period."""
    if every is None:
        return pd.Series(pd.NaT, index=numbers.index, dtype="datetime64[us]")
    year, place = divmod(numbers.astype("int64"), PER_YEAR[every])
    month = place * (12 // PER_YEAR[every]) + 1
    days = pd.DataFrame({"year": year, "month": month, "day": 1})
    return pd.to_datetime(days).astype("datetime64[us]")
