"""How often the two sides met: counts, exposure and rates."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations import _engines

PERIODS = {"month": "1mo", "quarter": "1q", "year": "1y"}
FINE_ENOUGH = {
    "month": ["day", "month"],
    "quarter": ["day", "month"],
    "year": ["day", "month", "year"],
}
OFFSETS = {"month": "MS", "quarter": "QS", "year": "YS"}


def exchange_frequency(
    events: Any,
    every: str = "year",
    by: str | Sequence[str] = (),
    *,
    parts: str = "fold",
    status: str | Sequence[str] = "held",
    span: tuple[Any, Any] | None = None,
) -> Any:
    """Count the contacts held in each period, with the rate and its interval.

    Parameters
    ----------
    events : frame with ``start`` (timestamp), ``precision`` and ``status``
        pandas, Polars, DuckDB or PySpark; the same kind is returned. ``parent_id`` is
        read where it is there, ``covered_since`` and ``covered_until`` where no ``span``
        is given.
    every : {"month", "quarter", "year"}
        Length of a period. A contact that spans two belongs to the one it starts in.
    by : column or columns of ``events``, such as "kind"
        Counts are made for each value. Contacts with an empty cell are a group too.
    parts : {"fold", "keep"}
        "fold" counts occasions: a contact with a ``parent_id`` is part of another and is
        not counted again. "keep" counts every row, which is what series and kinds need.
    status : str or sequence of str
        Which contacts count; others never do.
    span : (first day, last day), optional
        What the data cover. Contacts outside it are left out.

    Returns
    -------
    frame, one row per value of ``by`` and period, in that order
        ``period`` first day of the period; ``count`` contacts; ``folded`` parts left out
        by ``parts="fold"``; ``exposure`` years of the period that the data cover (a day
        is one part in 365 or 366); ``rate``, ``low``, ``high`` contacts per year with the
        exact 95% Poisson interval; ``partial`` true where the data cover only some of
        the period, the running one among them; ``parts`` as asked for, "keep" where the
        frame has no ``parent_id``. A period without contacts is a row with 0; a period
        that the data do not cover is absent.

    Raises
    ------
    ValueError
        Where a column is missing; a start is empty; a contact is known less precisely
        than the periods asked for (drop those rows first, knowingly); a contact lies
        outside the span that the frame itself states; an ``event_id`` stands twice (not
        looked for in frames that are evaluated lazily); or no contact is left to count and
        no ``span`` says which periods are zeros.

    Warns
    -----
    UserWarning
        Where neither ``span`` nor the frame says what is covered: the whole periods from
        the first to the last contact are then taken as covered.

    Notes
    -----
    Interval of a Poisson rate from n contacts in T years (Garwood 1936, Biometrika 28):
    χ²(0.025; 2n)/2T to χ²(0.975; 2n+2)/2T.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2019-05-01", "2021-02-01"]),
    ...     "precision": "day", "status": "held"})
    >>> table = exchange_frequency(events, span=("2019-01-01", "2021-06-30"))
    >>> table[["period", "count", "exposure", "partial"]].round({"exposure": 2})
          period  count  exposure  partial
    0 2019-01-01      2       1.0    False
    1 2020-01-01      0       1.0    False
    2 2021-01-01      1       0.5     True
    """
    if every not in PERIODS:
        raise ValueError(f"every={every!r}: use one of {', '.join(PERIODS)}")
    if parts not in ("fold", "keep"):
        raise ValueError(f"parts={parts!r}: use 'fold' or 'keep'")
    by = _engines.names(by)
    frame = _engines.lazy(events, "exchange_frequency", ["start", "precision", "status", *by])
    columns = frame.collect_schema().names()
    _refuse_repeats(events, columns)
    if not isinstance(frame.collect_schema()["start"], (nw.Datetime, nw.Date)):
        raise ValueError("exchange_frequency needs timestamps in start; relations.load gives them")
    if "parent_id" not in columns:
        parts = "keep"
    stated = span is None and {"covered_since", "covered_until"} <= set(columns)

    bounds = [nw.col("covered_since").max(), nw.col("covered_until").min()] if stated else []
    counted = frame.filter(nw.col("status").cast(nw.String).is_in(_engines.names(status)))
    if span is not None:
        first, last = _day(span[0]), _day(span[1])
        if last < first:
            raise ValueError(f"span ends on {last:%Y-%m-%d}, before it starts on {first:%Y-%m-%d}")
        # An empty start is kept, so that it is refused below and not lost here.
        after = last.to_pydatetime() + datetime.timedelta(days=1)
        inside = (nw.col("start") >= first.to_pydatetime()) & (nw.col("start") < after)
        counted = counted.filter(inside | nw.col("start").is_null())
    # Only the columns that count are carried along, and precision is judged on the groups.
    cells = _engines.collect(
        counted.select(
            nw.col("start").dt.truncate(PERIODS[every]).alias("period"),
            nw.col("start").alias("known_day"),
            *([nw.col("parent_id").alias("folded")] if parts == "fold" else []),
            *(["covered_since", "covered_until"] if stated else []),
            *_engines.text(*dict.fromkeys([*by, "precision"])),
        )
        .group_by(*dict.fromkeys(["period", *by, "precision"]))
        .agg(
            nw.len().alias("rows"),
            *([nw.col("folded").count()] if parts == "fold" else []),
            nw.col("known_day").min().alias("earliest"),
            nw.col("known_day").max().alias("latest"),
            *bounds,
        )
    )
    cells = _judge_precision(cells, every, by)
    if cells.empty:
        if span is None or by:
            raise ValueError(f"no contact with status {status!r} to count: look at filter and span")
        cells = pd.DataFrame({"period": [first], "count": [0], "folded": [0], "coarse": [0]})
    _refuse_unplaced(counted, cells, every)
    if not stated:
        cells["covered_since"], cells["covered_until"] = _cover(span, cells, every)
    return _engines.give_back(_rates(cells, every, by, parts, stated), events)


def periods_apart(frequency: pd.DataFrame) -> pd.DataFrame:
    """List the pairs of periods whose rates differ by more than their intervals.

    Parameters
    ----------
    frequency : frame, as `exchange_frequency` returns it without ``by``
        pandas.

    Returns
    -------
    pandas.DataFrame, one row per pair
        ``earlier``, ``later`` first days of the periods; ``rate_earlier``, ``rate_later``
        contacts per year. Empty where every two intervals overlap: the counts then show
        no change.

    Notes
    -----
    Intervals of 95% that do not overlap are a strict test, stricter than 5% for any one
    pair, and it is made for many pairs; what it lists is worth a look, not a proof.

    Examples
    --------
    >>> import pandas as pd
    >>> frequency = pd.DataFrame({
    ...     "period": pd.to_datetime(["2019-01-01", "2020-01-01"]),
    ...     "rate": [1.0, 20.0], "low": [0.03, 12.2], "high": [5.6, 30.9]})
    >>> periods_apart(frequency)[["rate_earlier", "rate_later"]].values.tolist()
    [[1.0, 20.0]]
    """
    pairs = frequency.merge(frequency, how="cross", suffixes=("_earlier", "_later"))
    apart = (pairs["high_earlier"] < pairs["low_later"]) | (
        pairs["high_later"] < pairs["low_earlier"]
    )
    pairs = pairs[apart & (pairs["period_earlier"] < pairs["period_later"])]
    pairs = pairs.rename(columns={"period_earlier": "earlier", "period_later": "later"})
    return pairs[["earlier", "later", "rate_earlier", "rate_later"]].reset_index(drop=True)


def _day(value: Any) -> pd.Timestamp:
    return pd.Timestamp(value).normalize()


def _cover(span: Any, cells: pd.DataFrame, every: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return what the caller says is covered, or whole periods from first to last contact."""
    if span is not None:
        return _day(span[0]), _day(span[1])
    warnings.warn(
        "the frame does not say what it covers, so the whole periods from the first to the "
        "last contact are taken; pass span=(first day, last day) to say so yourself",
        UserWarning,
        stacklevel=3,
    )
    after = cells["period"].max() + pd.tseries.frequencies.to_offset(OFFSETS[every])
    return cells["period"].min(), after - pd.Timedelta(days=1)


def _refuse_repeats(events: Any, columns: list[str]) -> None:
    """An eager frame holds each contact once; a join with reports repeats them."""
    frame = nw.from_native(events)
    if "event_id" not in columns or isinstance(frame, nw.LazyFrame):
        return
    repeated = frame.get_column("event_id").is_duplicated()
    if repeated.any():
        example = frame.get_column("event_id").filter(repeated)[0]
        raise ValueError(
            f"event_id {example!r} stands more than once, so contacts would be counted twice: "
            "drop the repeated rows first"
        )


def _refuse_unplaced(counted: nw.LazyFrame[Any], cells: pd.DataFrame, every: str) -> None:
    """A contact goes into a period only where its date says which."""
    if cells["period"].isna().any():
        raise ValueError("a contact has no start, so it belongs to no period: fill or drop the row")
    if not cells["coarse"].sum():
        return
    coarse = counted.filter(_too_coarse(every))
    which = ""
    if "event_id" in coarse.collect_schema().names():
        found = _engines.collect(coarse.select("event_id").sort("event_id").head(3))
        which = ", such as " + ", ".join(found["event_id"])
    raise ValueError(
        f"{cells['coarse'].sum()} contacts are known less precisely than to the {every}{which}: "
        "they cannot be placed. Ask for longer periods, or drop them first with "
        f"events[events.precision.isin({FINE_ENOUGH[every]})] and say so"
    )


def _judge_precision(cells: pd.DataFrame, every: str, by: list[str]) -> pd.DataFrame:
    """Put the precisions of a period together: how many are too coarse, which days are known."""
    if "folded" not in cells:
        cells["folded"] = 0
    cells = cells.astype({"rows": "int64", "folded": "int64"})
    cells["count"] = cells["rows"] - cells["folded"]
    cells["coarse"] = cells["rows"].where(~cells["precision"].isin(FINE_ENOUGH[every]), 0)
    days = ["earliest", "latest"]
    cells[days] = cells[days].where(cells["precision"] == "day")
    how = {"count": "sum", "folded": "sum", "coarse": "sum", "earliest": "min", "latest": "max"}
    how |= {"covered_since": "max", "covered_until": "min"}
    how = {column: function for column, function in how.items() if column in cells}
    return cells.groupby(["period", *by], dropna=False, as_index=False).agg(how)


def _too_coarse(every: str) -> nw.Expr:
    """Whether a contact's date does not say which period it lies in."""
    return ~nw.col("precision").cast(nw.String).fill_null("").is_in(FINE_ENOUGH[every])


def _rates(
    cells: pd.DataFrame, every: str, by: list[str], parts: str, stated: bool
) -> pd.DataFrame:
    """Lay the counts on the grid of covered periods and add exposure, rate, interval."""
    from scipy.stats import chi2

    cells["group"] = cells.groupby(by, dropna=False).ngroup() if by else 0
    pieces = []
    for _, group in cells.groupby("group"):
        since, until = group["covered_since"].max(), group["covered_until"].min()
        grid = pd.DataFrame({"period": _periods(since, until, every)})
        if stated:
            _refuse_outside(group, grid, since, until)
        for column in by:
            grid.insert(0, column, group[column].iloc[0])
        filled = grid.merge(group[["period", "count", "folded"]], how="left", on="period")
        filled[["count", "folded"]] = filled[["count", "folded"]].fillna(0).astype("int64")
        begin = filled["period"].clip(lower=since)
        after = filled["period"] + pd.tseries.frequencies.to_offset(OFFSETS[every])
        end = after.clip(upper=until + pd.Timedelta(days=1))
        days = (end - begin).dt.days
        filled["exposure"] = days / np.where(filled["period"].dt.is_leap_year, 366, 365)
        filled["partial"] = days < (after - filled["period"]).dt.days
        pieces.append(filled)
    table = pd.concat(pieces, ignore_index=True)
    n, years = table["count"].to_numpy(), table["exposure"].to_numpy()
    table["rate"] = n / years
    # χ² with 0 degrees of freedom is not defined; nothing is below a count of 0.
    low = np.where(n > 0, chi2.ppf(0.025, 2 * np.maximum(n, 1)), 0.0)
    table["low"] = low / (2 * years)
    table["high"] = chi2.ppf(0.975, 2 * n + 2) / (2 * years)
    table["parts"] = parts
    order = ["period", "count", "folded", "exposure", "rate", "low", "high", "partial", "parts"]
    return table[[*by, *order]]


def _periods(since: pd.Timestamp, until: pd.Timestamp, every: str) -> pd.DatetimeIndex:
    """Return the first days of the periods that hold a covered day."""
    first = since.to_period(every[0].upper()).start_time
    return pd.date_range(first, until, freq=OFFSETS[every], unit="us")


def _refuse_outside(
    group: pd.DataFrame, grid: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp
) -> None:
    """Contacts lie inside what the frame says is covered, or none would be left out unseen."""
    after = until + pd.Timedelta(days=1)
    inside = (
        group["period"].isin(grid["period"])
        & ~(group["earliest"] < since)
        & ~(group["latest"] >= after)
    )
    if not inside.all():
        raise ValueError(
            f"contacts of {group.loc[~inside, 'period'].min():%Y-%m} do not fit what is covered, "
            f"{since:%Y-%m-%d} to {until:%Y-%m-%d}: where the span differs by kind, count by "
            "kind, or pass the span to count in"
        )
