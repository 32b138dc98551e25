"""The record beside what others counted."""

from __future__ import annotations

from typing import Any

import pandas as pd

from relations.measures._asking import check_count, describe
from relations.record._frames import collect, narrow
from relations.record._text import refuse_unlisted, unknown_value_error
from relations.record._witnesses import chosen, table
from relations.record.dataset import Dataset, check_dataset


def beside_benchmark(
    data: Dataset,
    benchmark: str,
    counted: Any,
    *,
    category: str | None = None,
    so_far: bool = False,
    count: str = "occasions",
) -> pd.DataFrame:
    """Put what others counted beside the contacts of the record in the same years.

    Parameters
    ----------
    data : Dataset
        Its tables ``benchmarks`` and ``events``.
    benchmark : str
        A ``benchmark_id``.
    counted : Dataset, or frame with ``event_id``
        The contacts of the record that fit the benchmark's definition: a choice, or what
        `ranks.guests` lists.
    category : str, optional
        One of the benchmark's categories; all, if left out.
    so_far : bool
        Whether the benchmark counts all contacts up to a year, and not those in it.
    count : {"occasions", "contacts"}

    Returns
    -------
    pandas.DataFrame, one row per category and year or years
        ``category``; ``since``, ``until``, the first and the last year; ``published`` number;
        ``ours`` in the same years, or up to the last of them.

    Raises
    ------
    ValueError
        Where there is no such benchmark or category.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> patrols = data.where(channel="naval_joint_patrol")
    >>> beside = rel.coverage.beside_benchmark(
    ...     data, "naval-patrols-so-far", patrols, so_far=True)
    >>> bool((beside["ours"] <= beside["published"]).all())
    True
    """
    metric = "beside_benchmark"
    check_dataset(data, metric)
    check_count(count)
    columns = ["benchmark_id", "category", "year", "count"]
    known = table(data, metric, "benchmarks", columns)
    found = known[known["benchmark_id"] == benchmark]
    if found.empty:
        raise unknown_value_error("benchmark", benchmark, known["benchmark_id"].unique())
    if category is not None:
        refuse_unlisted("category", [category], found["category"].unique())
        found = found[found["category"] == category]
    if isinstance(counted, Dataset):
        events = chosen(counted, metric, ["event_id", "start", "occasion"])
    else:
        ids = collect(narrow(counted, metric, ["event_id"]))["event_id"]
        events = table(data.whole, metric, "events", ["event_id", "start", "occasion"])
        events = events[events["event_id"].isin(ids)]
    years = found["year"].str.split("-")
    first, last = (years.str[place].astype("int64") for place in (0, -1))
    unit = "occasion" if count == "occasions" else "event_id"
    began = events.groupby(unit)["start"].min().dt.year
    ours = [
        int(began.between(0 if so_far else since, until).sum())
        for since, until in zip(first, last, strict=True)
    ]
    result = pd.DataFrame(
        {
            "category": found["category"],
            "since": first,
            "until": last,
            "published": found["count"],
            "ours": ours,
        }
    )
    result = result.sort_values(["category", "since", "until"], ignore_index=True)
    return describe(result, data, count, so_far=so_far)
