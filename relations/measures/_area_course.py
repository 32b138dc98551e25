"""How areas come and stay: who names one first, and which are named again."""

from __future__ import annotations

import numpy as np
import pandas as pd

from relations.measures import _intervals
from relations.measures._area_mentions import UNITS, ask_mentions, named_areas
from relations.measures._asking import By, Status, check_count, describe
from relations.record._frames import names
from relations.record._periods import check_every
from relations.record._witnesses import two_sides
from relations.record.dataset import Dataset, check_dataset


def first_mentions(
    data: Dataset,
    each: By = ("area", "side"),
    *,
    count: str = "occasions",
    status: Status = None,
) -> pd.DataFrame:
    """Find when each area was first named, by each side.

    Parameters
    ----------
    data : Dataset
        Its tables ``area_mentions`` and ``events`` are read, on any engine.
    each : column or columns
        Of ``area_mentions`` or of ``data.contacts``; a first mention is found for each value;
        empty cells of contacts are one too.
    count : {"occasions", "contacts"}
        What the column ``count`` counts; an occasion is a contact with its parts. Days are
        those of the contact, or part, at which the area was named.
    status : str or sequence of str, optional
        Status of the contacts that count; those chosen by ``where`` if left out, else held.

    Returns
    -------
    pandas.DataFrame, one row per value of ``each``, in that order
        The columns of ``each``; ``earliest``, ``latest``: the first mention was made between
        these two days, which are one where contacts are known to the day; ``event_id`` of
        the contact by which it had been made, the first by id of several; ``count`` of
        occasions that name it at all.

    Raises
    ------
    ValueError
        Where a column is missing or a cell of it empty, or ``each`` names none.

    Notes
    -----
    First in the record, which is no proof that nobody named it before: where the record is
    thin, first mentions come late.

    Examples
    --------
    >>> import relations as rel
    >>> patrols = rel.load().where(channel="naval_joint_patrol")
    >>> first = first_mentions(patrols, each="area")
    >>> first.loc[first["area"] == "joint_patrol_sea", "latest"].item()
    Timestamp('2006-04-27 00:00:00')
    """
    check_count(count)
    by = names(each, ["event_id", "earliest", "latest", "count"])
    if not by:
        raise ValueError("first_mentions: name at least one column in each, such as 'area'")
    others = [column for column in by if column != "area"]
    # Days are those of the part in which it was named, whatever is counted.
    question = ask_mentions(
        data, "first_mentions", [], others, count="contacts", status=status, taken=["count"]
    )
    found = named_areas(question, others).drop_duplicates(["event_id", *by])
    found = found.sort_values([*by, "latest", "event_id"])
    groups = found.groupby(by, dropna=False, observed=True)
    found["earliest"] = groups["start"].transform("min")
    found["count"] = groups[UNITS[count]].transform("nunique")
    table = found.drop_duplicates(by)[[*by, "earliest", "latest", "event_id", "count"]]
    return describe(table.reset_index(drop=True), data, count)


def first_to_name(data: Dataset, *, status: Status = None) -> pd.DataFrame:
    """Count of how many areas that both sides name each was the first to name.

    Parameters
    ----------
    data : Dataset
        Its tables ``area_mentions``, ``events`` and ``sides`` are read, on any engine.
    status : str or sequence of str, optional
        Status of the contacts that count; those chosen by ``where`` if left out, else held.

    Returns
    -------
    pandas.DataFrame, one row per side
        ``side``; ``areas`` that both sides name in their own words; ``first``, those that this
        side named before the other for certain; ``open``, those of which dates leave it open or
        that both first named on one day; ``share`` of ``first`` in those that are not open,
        with ``low``, ``high``, its exact 95% interval; ``p`` of a split as uneven or more so
        where a coin decides, the same for both sides. Empty where none is decided.

    Raises
    ------
    ValueError
        Where there are not two sides.

    Notes
    -----
    Interval of Clopper and Pearson (1934, Biometrika 26: 404–413), p of the exact binomial
    test. Who is first in the record also depends on whose outlets are read.

    Examples
    --------
    >>> import relations as rel
    >>> table = first_to_name(rel.load())
    >>> bool((table["first"].sum() + table["open"] == table["areas"]).all())
    True
    """
    check_dataset(data, "first_to_name")
    from scipy.stats import binomtest

    sides = two_sides(data, "first_to_name")
    named = first_mentions(data, ["area", "side"], status=status)
    one, other = (named[named["side"] == side].set_index("area") for side in sides)
    both = one.join(other.add_suffix("_other"), how="inner")
    firsts = [
        int((both["latest"] < both["earliest_other"]).sum()),
        int((both["latest_other"] < both["earliest"]).sum()),
    ]
    decided = sum(firsts)
    table = pd.DataFrame({"side": sides, "areas": len(both), "first": firsts})
    table["open"] = len(both) - decided
    if decided:
        table["share"] = table["first"] / decided
        table["low"], table["high"] = _intervals.clopper_pearson(table["first"], decided)
        table["p"] = float(binomtest(firsts[0], decided).pvalue)
    else:
        table[["share", "low", "high", "p"]] = np.nan
    return describe(table, data, "areas")


def persistence(
    data: Dataset,
    every: str = "year",
    *,
    count: str = "occasions",
    status: Status = None,
) -> pd.DataFrame:
    """Measure in how many of the periods after its first mention an area is named again.

    Parameters
    ----------
    data : Dataset
        Its tables ``area_mentions`` and ``events`` are read, on any engine.
    every : {"month", "quarter", "year"}
        Length of a period. An occasion belongs to the one in which it starts.
    count : {"occasions", "contacts"}
        An occasion is a contact with its parts.
    status : str or sequence of str, optional
        Status of the contacts that count; those chosen by ``where`` if left out, else held.

    Returns
    -------
    pandas.DataFrame, one row per area that is named
        ``area``; ``first``, ``last`` period in which it is named; ``count`` occasions that name
        it; ``periods`` after the first in which any area is named; ``named``, those of them
        in which this one is; ``share`` and ``low``, ``high``, its exact 95% interval.
        Sorted by falling share; share and interval are empty where no period follows.

    Raises
    ------
    ValueError
        Where a column is missing or a cell of it empty, or a contact cannot be placed.

    Notes
    -----
    A period in which nothing at all is named is no evidence that an area was dropped, and is
    left out. The interval is that of C. J. Clopper and E. S. Pearson (1934, Biometrika 26:
    404–413), as if periods were independent and alike; periods with few contacts lower the
    share of every area.

    Examples
    --------
    >>> import relations as rel
    >>> table = persistence(rel.load()).set_index("area")
    >>> bool((table["named"] <= table["periods"]).all())
    True
    """
    check_every(every)
    question = ask_mentions(data, "persistence", [], count=count, status=status)
    found = named_areas(question, every=every)
    observed = np.sort(found["period"].unique())
    groups = found.groupby("area")
    table = groups["period"].agg(first="min", last="max", named="nunique")
    table["count"] = groups[UNITS[count]].nunique()
    table = table.reset_index()
    table["named"] -= 1
    after = np.searchsorted(observed, table["first"].to_numpy(), side="right")
    table["periods"] = len(observed) - after
    table["share"] = (table["named"] / table["periods"]).where(table["periods"] > 0)
    low, high = _intervals.clopper_pearson(table["named"], table["periods"])
    table["low"], table["high"] = (
        pd.Series(limit, table.index).where(table["periods"] > 0) for limit in (low, high)
    )
    table = table.sort_values(["share", "area"], ascending=[False, True], ignore_index=True)
    columns = ["area", "first", "last", "count", "periods", "named", "share", "low", "high"]
    return describe(table[columns], data, count)
