"""On how many occasions each area of cooperation is named, and in what share of all.

An area counts once for each occasion, or contact, that names it, however many sources and
sides do. Mentions of contacts that were not held do not count, unless a status was chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from relations.measures import _intervals
from relations.measures._area_mentions import (
    UNITS,
    ask_mentions,
    empty_cells_error,
    named_areas,
    one_of_each,
)
from relations.measures._asking import (
    Asked,
    By,
    Status,
    describe,
    root_of,
    with_evidence,
)
from relations.record._frames import collect, names, narrow
from relations.record._periods import check_every, periods
from relations.record._text import refuse_unlisted
from relations.record.dataset import Dataset


def cooperation_area_counts(
    data: Asked,
    by: By = (),
    *,
    every: str | None = None,
    count: str = "occasions",
    status: Status = None,
    areas: Iterable[str] | None = None,
    evidence: bool = False,
) -> Any:
    """Count on how many occasions each cooperation area is named.

    Parameters
    ----------
    data : Dataset, or frame with ``event_id``, ``area``
        Of a frame (its ``area_mentions`` as pandas, Polars, DuckDB or PySpark) every row
        counts, by its ``occasion`` where it has such a column.
    by : column or columns
        Of ``area_mentions``, such as "side" or "status" (proposed, agreed, ...), and given a
        Dataset of its ``contacts``, such as "tier". An area stands under each value that it
        has on one occasion, so counts need not add up to that without ``by``.
    every : {"month", "quarter", "year"}, optional
        Count by period too; needs a Dataset, which has the dates. An occasion belongs to the
        period in which it starts.
    count : {"occasions", "contacts"}
        An occasion is a contact with its parts.
    status : str or sequence of str, optional
        Status of the contacts that count; those chosen by ``where`` if left out, else held.
    areas : iterable of str, optional
        Areas to list even where nobody names them; all of a Dataset if left out.
    evidence : bool
        Add a last column ``evidence``: for each of ``count`` the id of a contact that names the
        area, the whole before its parts, separated by ``;``, as `trace` takes them.

    Returns
    -------
    frame of the kind given, one row per area (and value of ``by``, and period)
        ``area``; the columns of ``by``; ``period`` where asked for; ``count``; ``share`` of
        ``count`` in that of all areas with the same ``by`` and period, empty where that is 0.
        Sorted by ``by``, period, falling count and area. Of a Dataset areas that nobody
        names, and every period covered, are rows with 0.

    Raises
    ------
    ValueError
        Where a column is missing or ``event_id`` or ``area`` empty, an area is mentioned that
        ``areas`` does not hold, or it holds one that a Dataset does not know, or a contact is
        known too coarsely for its period.

    Examples
    --------
    >>> import pandas as pd
    >>> mentions = pd.DataFrame({
    ...     "event_id": ["e1", "e1", "e1", "e2"], "area": ["hotline"] * 3 + ["patrol"],
    ...     "side": ["CN", "CN", "VN", "CN"]})
    >>> cooperation_area_counts(mentions, by="side")
          area side  count  share
    0  hotline   CN      1    0.5
    1   patrol   CN      1    0.5
    2  hotline   VN      1    1.0

    Of the record, by year:

    >>> import relations as rel
    >>> counts = cooperation_area_counts(rel.load(), every="year")
    >>> counts.groupby("period")["area"].nunique().unique().tolist() == [len(rel.load().areas)]
    True
    """
    metric = "cooperation_area_counts"
    taken = ["area", "period", "count", "share", *["evidence"] * evidence]
    question = ask_mentions(data, metric, [], by, count=count, status=status, taken=taken)
    by = question.by
    if isinstance(data, Dataset):
        found = named_areas(question, every=every)
        found = found.assign(_occasion=found[UNITS[count]])
        mentions = nw.from_native(found).lazy()
        listed = collect(narrow(data.whole.areas, f"{metric} (areas)", ["area"]))["area"]
        areas = listed if areas is None else list(areas)
        refuse_unlisted("areas", areas, listed)
    elif every is not None:
        raise ValueError(
            f"{metric}: every={every!r} needs the dates of contacts, which mentions alone do not "
            "have: pass the Dataset, or add a column of periods and name it in by"
        )
    else:
        root = root_of(question.frame.collect_schema().names())
        root = nw.col("event_id") if count == "contacts" or root is None else root
        mentions = question.frame.with_columns(root.alias("_occasion"))
    key = [*by, *(["period"] if every else []), "area"]
    counts = _distinct(mentions, key, metric)
    if areas is not None:
        covered = None
        if isinstance(data, Dataset) and every is not None:
            covered = periods(*data.span, every)
        counts = _with_zeros(counts, by, [str(area) for area in areas], covered)
    groups = counts.groupby(key[:-1], dropna=False)["count"] if key[:-1] else counts["count"]
    total = groups.transform("sum") if key[:-1] else groups.sum()
    counts["share"] = counts["count"] / total
    falling = [True] * (len(key) - 1) + [False, True]
    order = [*key[:-1], "count", "area"]
    counts = counts.sort_values(order, ascending=falling, ignore_index=True)
    counts = counts[["area", *key[:-1], "count", "share"]]
    if evidence:
        found = collect(mentions.select(*key, "event_id", "_occasion").unique())
        counts = with_evidence(counts, one_of_each(found, "_occasion", key), key)
    return question.answer(counts)


def _distinct(mentions: nw.LazyFrame[Any], key: list[str], metric: str) -> pd.DataFrame:
    """Count the different occasions of each cell."""
    # Groups of groups: SQL engines work out unique() as a window over all rows, which takes
    # three times as long, and a count of distinct ids holds every id at once.
    once = mentions.group_by("_occasion", *key).agg(nw.len().alias("count"))
    once = once.with_columns(nw.col("_occasion").is_null().cast(nw.Int64).alias("nameless"))
    cells = once.group_by(*key).agg(nw.len().alias("count"), nw.col("nameless").sum())
    # DuckDB groups millions of rows in three quarters of the time where the result is sorted.
    counts = collect(cells.sort(*key)).astype({"count": "int64", "nameless": "int64"})
    if counts["nameless"].any():
        raise empty_cells_error("event_id", metric)
    if counts["area"].isna().any():
        raise empty_cells_error("area", metric)
    return counts.drop(columns="nameless")


def _with_zeros(
    counts: pd.DataFrame, by: list[str], areas: list[str], covered: pd.DatetimeIndex | None
) -> pd.DataFrame:
    """Add a count of 0 for each area and period covered that a group does not have."""
    unknown = sorted(set(counts["area"]) - set(areas))
    if unknown:
        raise ValueError(
            f"areas mentioned but not listed: {', '.join(unknown)}; list them, or drop their "
            "mentions"
        )
    grid = pd.DataFrame({"area": pd.Series(areas, dtype=counts["area"].dtype)}).drop_duplicates()
    if covered is not None:
        grid = pd.DataFrame({"period": covered}).merge(grid, how="cross")
    if by:
        grid = counts[by].drop_duplicates().merge(grid, how="cross")
    filled = grid.merge(counts, how="left", on=list(grid))
    filled["count"] = filled["count"].fillna(0).astype("int64")
    return filled


def shares(
    data: Dataset,
    every: str = "year",
    by: By = (),
    *,
    count: str = "occasions",
    status: Status = None,
    evidence: bool = False,
) -> pd.DataFrame:
    """Give the share of the occasions of each period on which an area is named.

    Parameters
    ----------
    data : Dataset
        Its tables ``area_mentions`` and ``events`` are read, on any engine.
    every : {"month", "quarter", "year"}
        Length of a period. An occasion belongs to the one in which it starts.
    by : column or columns
        Of ``area_mentions``, such as "side", or of ``data.contacts``, where empty cells are a
        group too.
    count : {"occasions", "contacts"}
        An occasion is a contact with its parts.
    status : str or sequence of str, optional
        Status of the contacts that count; those chosen by ``where`` if left out, else held.
    evidence : bool
        Add a last column ``evidence``: for each of ``count`` the id of a contact that names the
        area, the whole before its parts, separated by ``;``, as `trace` takes them.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by``, area and period
        The columns of ``by``, ``area``, ``period``; ``count`` occasions that name the area;
        ``total`` of the period on which any area is named, by anybody; ``share`` and
        ``low``, ``high``, its exact 95% interval. An area that is not named in a period has
        a row with 0; a period in which nothing is named is absent.

    Raises
    ------
    ValueError
        Where a column is missing or a cell of it empty, or a contact cannot be placed.

    Notes
    -----
    Occasions on which no report names an area are not part of the share: they tell how short
    the reports are. Interval of Clopper and Pearson (1934, Biometrika 26: 404–413).

    Examples
    --------
    >>> import relations as rel
    >>> patrols = rel.load().where(kind="joint_patrol", since=2019, until=2019)
    >>> table = shares(patrols)
    >>> table["total"].unique().tolist() == [table["count"].max()]
    False
    """
    check_every(every)
    key = [*names(by), "area", "period"]
    taken = ["area", "period", "count", "total", "share", "low", "high", *["evidence"] * evidence]
    question = ask_mentions(data, "shares", [], by, count=count, status=status, taken=taken)
    found = named_areas(question, question.by, every=every)
    unit = UNITS[count]
    once = found.drop_duplicates([unit, *key])
    counts = once.groupby(key, dropna=False).size().rename("count").reset_index()
    total = found.groupby("period")[unit].nunique().rename("total").reset_index()
    grid = found[["area"]].drop_duplicates()
    if question.by:
        grid = found[question.by].drop_duplicates().merge(grid, how="cross")
    table = grid.merge(total, how="cross").merge(counts, how="left", on=key)
    table["count"] = table["count"].fillna(0).astype("int64")
    table["share"] = table["count"] / table["total"]
    table["low"], table["high"] = _intervals.clopper_pearson(table["count"], table["total"])
    table = table[[*key, "count", "total", "share", "low", "high"]]
    table = table.sort_values(key, ignore_index=True)
    if evidence:
        table = with_evidence(table, one_of_each(found, unit, key), key)
    return describe(table, data, count)
