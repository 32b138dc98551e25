"""What rises from phase to phase, and by how much."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from relations.measures._asking import Asked, By, Status, describe
from relations.measures._frequency import frequency
from relations.measures._intervals import rate_ratio, with_poisson
from relations.record._frames import groups, names
from relations.record._periods import day
from relations.record._text import as_list

RISE = ["phase", "since", "until", "count", "exposure", "rate", "low", "high", "share_of_rise"]
RATIOS = [
    *["since", "before", "after", "years_before", "years_after"],
    *["rate_before", "rate_after", "ratio", "low", "high", "p_value"],
]


def rise(
    data: Asked,
    by: By = (),
    *,
    starts: Iterable[Any],
    every: str = "year",
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Give the rate of each group in each phase, and its share of the rise.

    Parameters
    ----------
    data : Dataset or frame of events, as `exchange_frequency` takes it
    by : column or columns, such as "tier" or "kind"
        Of ``data.contacts``, or of the frame.
    starts : first days of the phases
        Years, months or days at which a period begins, such as ``[2011, 2015, 2020]``. What
        lies before the first is left out.
    every, count, status, span
        As for `exchange_frequency`.

    Returns
    -------
    pandas.DataFrame, one row per group and phase
        The columns of ``by``; ``phase`` from 1; ``since``, ``until`` first days of its first
        and last period; ``count`` added up over the periods; ``exposure`` in years; ``rate``,
        ``low``, ``high`` per year with the exact 95% Poisson interval; ``share_of_rise``, the
        same in every row of a group: what its rate grows from the first phase to the last, as
        a share of what all groups together grow. An occasion counts in every group that it has
        a contact in, so groups need not add up to the whole. Shares are empty where there is
        one phase, or nothing grows.

    Raises
    ------
    ValueError
        As `exchange_frequency`; also where a day of ``starts`` begins no period that is covered.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2020-05-01", "2020-06-01", "2020-07-01"]),
    ...     "precision": "day", "status": "held", "kind": ["visit", "visit", "visit", "call"]})
    >>> table = rise(events, "kind", starts=[2019, 2020], span=("2019", "2020"))
    >>> table[["kind", "phase", "rate", "share_of_rise"]]
        kind  phase  rate  share_of_rise
    0   call      1   0.0            0.5
    1   call      2   1.0            0.5
    2  visit      1   1.0            0.5
    3  visit      2   2.0            0.5
    """
    grouped = names(by, RISE)
    how: dict[str, Any] = {"count": count, "status": status, "span": span}
    _, table = frequency(data, "rise", every, grouped, **how)
    # A group need not cover every period, all contacts together do.
    whole = table if not grouped else frequency(data, "rise", every, **how)[1]
    begins = _begins(whole["period"], starts, every)
    table["phase"] = _place(table["period"], begins)
    inside = table[table["phase"] > 0]
    keys = [*grouped, "phase"]
    found = inside.groupby(keys, dropna=False, as_index=False, observed=True).agg(
        since=("period", "min"),
        until=("period", "max"),
        count=("count", "sum"),
        exposure=("exposure", "sum"),
    )
    found = with_poisson(found)
    last = len(begins)
    grown = [
        group.loc[group["phase"] == last, "rate"].sum()
        - group.loc[group["phase"] == 1, "rate"].sum()
        for _, group in groups(found, grouped)
    ]
    total = sum(grown)
    shares = [one / total if last > 1 and total else np.nan for one in grown]
    pieces = [
        group.assign(share_of_rise=share)
        for (_, group), share in zip(groups(found, grouped), shares, strict=True)
    ]
    found = pd.concat(pieces, ignore_index=True) if pieces else found.assign(share_of_rise=np.nan)
    return describe(found[[*grouped, *RISE]], data, count, every=every, by=grouped)


def rate_ratios(
    data: Asked,
    by: By = (),
    *,
    starts: Iterable[Any],
    every: str = "year",
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Compare the rate of each phase with that of the phase before it.

    Parameters
    ----------
    data, by, starts, every, count, status, span
        As for `rise`. ``starts`` may be any periods to compare: ``[2019, 2020, 2021]`` gives
        2020 over 2019, and all from 2021 on over 2020.

    Returns
    -------
    pandas.DataFrame, one row per group and phase but the first
        The columns of ``by``; ``since`` first day of the phase; ``before``, ``after`` counts of
        the phase before and of this one; ``years_before``, ``years_after`` covered;
        ``rate_before``, ``rate_after``; ``ratio`` of the rates with its exact 95% interval
        ``low``, ``high``, and ``p_value`` of an equal rate. The ratio is empty where neither
        phase has a contact, and endless where the first has none.

    Raises
    ------
    ValueError
        As `rise`.

    Notes
    -----
    Given both counts, the later is binomial (E. L. Lehmann and J. P. Romano, *Testing
    Statistical Hypotheses*, 3rd ed., 2005, section 4.5). Where the phases were found in the
    same counts, breaks lie where these differ most: the interval is then too narrow, the p too
    small. Phases of another series do not have that fault.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01"] * 8 + ["2020-05-01"] * 4),
    ...     "precision": "day", "status": "held"})
    >>> table = rate_ratios(events, starts=[2019, 2020], span=("2019", "2020"))
    >>> table[["before", "after", "ratio", "low", "high"]].round(2).values.tolist()
    [[8.0, 4.0, 0.5, 0.11, 1.87]]
    """
    found = rise(data, by, starts=starts, every=every, count=count, status=status, span=span)
    grouped = names(by)
    rows = []
    for key, group in groups(found, grouped):
        for one, other in itertools.pairwise(group.to_dict("records")):
            counts, years = ((one[column], other[column]) for column in ("count", "exposure"))
            ratio = rate_ratio(*counts, *years)
            row = (other["since"], *counts, *years, one["rate"], other["rate"], *ratio.values())
            rows.append((*key, *row))
    table = pd.DataFrame(rows, columns=[*grouped, *RATIOS])
    types: dict[str, Any] = {column: found[column].dtype for column in [*grouped, "since"]}
    types |= dict.fromkeys(["before", "after"], "int64") | dict.fromkeys(RATIOS[3:], "float64")
    table = table.astype(types)
    return describe(table, data, count, every=every, by=grouped)


def _begins(period: pd.Series, starts: Iterable[Any], every: str) -> pd.DatetimeIndex:
    """Return the first days of the phases, which begin periods that are covered."""
    given = as_list(starts)
    begins = pd.DatetimeIndex([day(each, "starts") for each in given]).as_unit("us")
    if not len(begins) or not begins.is_monotonic_increasing or begins.has_duplicates:
        raise ValueError(f"starts={given!r}: give different days in order of time")
    strange = begins[~begins.isin(period)]
    if len(strange):
        raise ValueError(
            f"{strange[0]:%Y-%m-%d} in starts begins no {every} that is covered; "
            + (f"the first begins on {period.min():%Y-%m-%d}" if len(period) else "no day is")
        )
    return begins


def _place(period: pd.Series, begins: pd.DatetimeIndex) -> np.ndarray:
    """Return the number of the phase of each period, 0 before the first."""
    return np.searchsorted(begins.to_numpy(), period.to_numpy(), side="right")
