"""What the two sides cooperate in: counts of cooperation areas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from relations import _engines


def cooperation_area_counts(
    area_mentions: Any,
    by: str | Sequence[str] = (),
    *,
    areas: Iterable[str] | None = None,
) -> Any:
    """Count in how many contacts each cooperation area is named, once per event and side.

    Parameters
    ----------
    area_mentions : frame with ``event_id``, ``area``, ``side``
        pandas, Polars, DuckDB or PySpark; the same kind is returned. Rows that other
        sources repeat are counted once.
    by : column or columns of ``area_mentions``, such as "side" or "status"
        Counts are made for each value. Counted by "status", an area stands under each
        status that sources give it for one event and side.
    areas : iterable of str, optional
        Areas to list even where nobody names them, such as ``data.areas["area"]``.

    Returns
    -------
    frame, one row per area (and per value of ``by``)
        ``area``; the columns of ``by``; ``count`` pairs of event and side that name the
        area; ``events`` different events among them; ``share`` of ``count`` in all areas
        with the same values of ``by``. Sorted by ``by``, then by falling count.

    Raises
    ------
    ValueError
        Where a column is missing, or an area is mentioned that ``areas`` does not hold.

    Notes
    -----
    Two sources that report one event do not make a side name an area twice, so the
    unit is event + side + area (+ ``by``), whatever the number of rows.

    Examples
    --------
    >>> import pandas as pd
    >>> mentions = pd.DataFrame({
    ...     "event_id": ["e1", "e1", "e1", "e2"], "source_id": ["s1", "s2", "s1", "s3"],
    ...     "area": ["hotline"] * 4, "side": ["CN", "CN", "VN", "CN"]})
    >>> cooperation_area_counts(mentions)
          area  count  events  share
    0  hotline      3       2    1.0
    """
    by = _engines.names(by)
    frame = _engines.lazy(
        area_mentions, "cooperation_area_counts", ["event_id", "area", "side", *by]
    )
    unit = list(dict.fromkeys(["event_id", "area", "side", *by]))
    key = list(dict.fromkeys([*by, "area"]))
    # Groups of groups: SQL engines work out unique() as a window over all rows, which takes
    # three times as long, and a count of distinct ids holds every id at once.
    once = frame.select(*_engines.text(*unit)).group_by(*unit).agg(nw.len().alias("count"))
    named = once.group_by(*dict.fromkeys([*key, "event_id"])).agg(nw.len().alias("count"))
    counts = _engines.collect(
        named.group_by(*key).agg(nw.col("count").sum(), nw.len().alias("events"))
    ).astype({"count": "int64", "events": "int64"})
    if areas is not None:
        counts = _with_all(counts, key, [str(area) for area in areas])
    groups = counts.groupby(by, dropna=False)["count"] if by else counts["count"]
    total = groups.transform("sum") if by else groups.sum()
    counts["share"] = counts["count"] / total
    counts = counts.sort_values(
        [*by, "count", "area"], ascending=[*[True] * len(by), False, True], ignore_index=True
    )
    columns = dict.fromkeys(["area", *by, "count", "events", "share"])
    return _engines.give_back(counts[list(columns)], area_mentions)


def _with_all(counts: pd.DataFrame, key: list[str], areas: list[str]) -> pd.DataFrame:
    """Add the areas that nobody names, with a count of 0, to every group."""
    unknown = sorted(set(counts["area"]) - set(areas))
    if unknown:
        raise ValueError(f"areas mentioned but not listed: {', '.join(unknown)}")
    listed = pd.DataFrame({"area": areas})
    groups = counts[[column for column in key if column != "area"]].drop_duplicates()
    grid = listed.merge(groups, how="cross") if len(groups.columns) else listed
    filled = grid.merge(counts, how="left", on=key)
    filled[["count", "events"]] = filled[["count", "events"]].fillna(0).astype("int64")
    return filled
