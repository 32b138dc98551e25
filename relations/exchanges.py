"""How often the two sides met: counts, rates, gaps, seasons, hosts, before and after."""

from __future__ import annotations

import datetime
import functools
import itertools
import operator
import warnings
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations import _contacts, _engines, _intervals
from relations._contacts import COVERED, FINE_ENOUGH

PERIODS = {"month": "1mo", "quarter": "1q", "year": "1y"}
OFFSETS = {"month": "MS", "quarter": "QS", "year": "YS"}
NO_SIDE = ["both", "third", "none"]
TERMS = 60
FREQUENCY = ["period", "count", "folded", "exposure", "rate", "low", "high", "partial", "parts"]
WORKING = [
    "rows",
    "earliest",
    "latest",
    "coarse",
    "group",
    "sure",
    "sure_too",
    "known_day",
    *COVERED,
]
GAPS = ["earlier", "later", "days", "longest", "chance", "possible", "left_out"]
HOSTING = ["count", "contacts", "share", "low", "high", "left_out"]
TURNS = [
    *["contacts", "rarer", "runs", "expected", "low", "high"],
    *["p_turns", "p_streaks", "p_least", "left_out"],
]


def exchange_frequency(
    events: Any,
    every: str = "year",
    by: str | Sequence[str] = (),
    *,
    parts: str = "fold",
    status: str | Sequence[str] = "held",
    span: tuple[Any, Any] | None = None,
    evidence: bool = False,
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
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts counted, separated by ``;``, as
        `trace` takes them. Needs ``event_id``.

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
        outside the span that the frame itself states, or is known only to a month or year
        that ``span`` cuts; an ``event_id`` stands twice (looked for in frames that are
        evaluated lazily only with ``evidence``); or no contact is left to count and no
        ``span`` says which periods are zeros.

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
    by = _engines.names(by, {*FREQUENCY, *WORKING})
    frame = _engines.lazy(
        events,
        "exchange_frequency",
        ["start", "precision", "status", *by, *_contacts.identity(evidence)],
    )
    columns = frame.collect_schema().names()
    if "event_id" in columns:
        _contacts.refuse_repeats(events, "event_id")
    if not isinstance(frame.collect_schema()["start"], (nw.Datetime, nw.Date)):
        raise ValueError("exchange_frequency needs timestamps in start; relations.load gives them")
    if "parent_id" not in columns:
        parts = "keep"
    stated = span is None and set(COVERED) <= set(columns)

    since, until = (nw.col(column) for column in COVERED)
    bounds = [
        since.max(),
        until.min(),
        since.count().alias("sure"),
        until.count().alias("sure_too"),
    ]
    counted = frame.filter(nw.col("status").cast(nw.String).is_in(_engines.names(status)))
    if span is not None:
        first, last = span = _contacts.days(span)
        # An empty start is kept, so that it is refused below and not lost here.
        after = last.to_pydatetime() + datetime.timedelta(days=1)
        inside = (nw.col("start") >= first.to_pydatetime()) & (nw.col("start") < after)
        _refuse_cut(counted, first, last)
        counted = counted.filter(inside | nw.col("start").is_null())
    # Only the columns that count are carried along, and precision is judged on the groups.
    cells = _engines.collect(
        counted.select(
            nw.col("start").dt.truncate(PERIODS[every]).alias("period"),
            nw.col("start").alias("known_day"),
            *([nw.col("parent_id").alias("folded")] if parts == "fold" else []),
            *(COVERED if stated else []),
            *_engines.text(*dict.fromkeys([*by, "precision"])),
        )
        .group_by(*dict.fromkeys(["period", *by, "precision"]))
        .agg(
            nw.len().alias("rows"),
            *([nw.col("folded").count()] if parts == "fold" else []),
            nw.col("known_day").min().alias("earliest"),
            nw.col("known_day").max().alias("latest"),
            *(bounds if stated else []),
        )
    )
    if stated and (cells[["sure", "sure_too"]].lt(cells["rows"], axis=0)).any(axis=None):
        raise _contacts.unsaid()
    cells = _judge_precision(cells, every, by)
    if cells.empty:
        if span is None or by:
            raise ValueError(f"no contact with status {status!r} to count: look at filter and span")
        cells = pd.DataFrame({"period": [first], "count": [0], "folded": [0], "coarse": [0]})
    _refuse_unplaced(counted, cells, every)
    if not stated:
        cells[list(COVERED)] = _cover(span, cells, every)
    table = _rates(cells, every, by, parts, stated)
    if evidence:
        if parts == "fold":
            counted = counted.filter(nw.col("parent_id").is_null())
        rows = _engines.collect(
            counted.select(
                nw.col("start").dt.truncate(PERIODS[every]).alias("period"),
                *_engines.text(*dict.fromkeys([*by, "event_id"])),
            )
        )
        _contacts.refuse_repeats(rows, "event_id")
        rows["period"] = rows["period"].astype("datetime64[us]")
        table = _contacts.with_evidence(table, rows, [*by, "period"])
    return _engines.give_back(table, events)


def pooled_rates(frequency: pd.DataFrame, by: str | Sequence[str]) -> pd.DataFrame:
    """Add up the periods of each group: contacts, years covered, rate and its interval.

    Parameters
    ----------
    frequency : frame, as `exchange_frequency` returns it with ``by``
        pandas.
    by : column or columns of ``frequency``, such as "kind"

    Returns
    -------
    pandas.DataFrame, one row per group, the most contacts first
        The columns of ``by``; ``count``; ``exposure`` in years; ``rate``, ``low``, ``high``
        contacts per year with the exact 95% Poisson interval (Garwood 1936), which takes the
        rate of a group as the same in all periods.

    Raises
    ------
    ValueError
        Where a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> frequency = pd.DataFrame({
    ...     "kind": ["visit", "visit", "call"], "count": [3, 5, 0], "exposure": [1.0, 1.0, 1.0]})
    >>> pooled_rates(frequency, "kind").round(2)
        kind  count  exposure  rate   low  high
    0  visit      8       2.0   4.0  1.73  7.88
    1   call      0       1.0   0.0  0.00  3.69
    """
    by = _engines.names(by)
    missing = sorted({*by, "count", "exposure"} - set(frequency))
    if missing:
        raise ValueError(f"pooled_rates needs {', '.join(missing)}: count by it first")
    table = frequency.groupby(by, dropna=False, as_index=False, observed=True)
    table = _with_poisson(table[["count", "exposure"]].sum())
    return table.sort_values("count", ascending=False, kind="stable", ignore_index=True)


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


def contact_gaps(
    events: Any,
    by: str | Sequence[str] = (),
    *,
    parts: str = "fold",
    status: str | Sequence[str] = "held",
    evidence: bool = False,
) -> pd.DataFrame:
    """List the days between consecutive contacts, from start to start.

    Parameters
    ----------
    events : frame with ``start`` (timestamp), ``precision`` and ``status``
        pandas, Polars, DuckDB or PySpark. ``parent_id`` and ``event_id`` are read where
        they are there.
    by : column or columns of ``events``, such as "mechanism"
        Gaps are measured inside each value; empty cells are a value too.
    parts : {"fold", "keep"}
        As for `exchange_frequency`.
    status : str or sequence of str
        Which contacts count.
    evidence : bool
        Add a last column ``evidence``: the ids of the two contacts that bound the gap,
        separated by ``;``, as `trace` takes them. Needs ``event_id``.

    Returns
    -------
    pandas.DataFrame, one row per gap, whatever the engine of ``events``
        The columns of ``by``; ``earlier``, ``later`` first days of the two contacts;
        ``days`` between them, 0 where both start on one day; ``longest`` true for the
        longest of its group, ties included; ``chance`` that the longest of as many gaps
        would be at least this long if contacts fell at random and evenly between the
        first and the last; ``possible`` contacts known to the month or year alone that
        may lie inside, each of which would cut the gap; ``left_out`` such contacts in
        the group. A group with fewer than two contacts known to the day has no row.

    Raises
    ------
    ValueError
        Where a column is missing, a start is empty, a precision is not day, month or
        year, an ``event_id`` stands twice, or no contact has the status.

    Notes
    -----
    Only contacts known to the day bound a gap. The days before the first and after the
    last contact are no gaps. For m gaps that fill L days (W. L. Stevens 1939, Annals of
    Eugenics 9): P(longest ≥ x) = Σ (−1)^(k−1) C(m, k) (1 − kx/L)^(m−1) over k ≥ 1 with
    kx ≤ L. It is given as 1 where more than ten gaps of that length are expected. A small
    chance says that contacts did not keep one pace; reports that are missing do that too.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2019-03-11", "2019-05-01", "2020-01-01"]),
    ...     "precision": ["day", "day", "month", "day"], "status": "held"})
    >>> contact_gaps(events)[["days", "longest", "possible", "left_out"]]
       days  longest  possible  left_out
    0    10    False         0         1
    1   296     True         1         1
    """
    by = _engines.names(by, GAPS)
    found = _contacts.fetch(events, "contact_gaps", by, parts, status, evidence=evidence)
    pieces = []
    for _, group in _engines.groups(found, by):
        exact = group[group["precision"] == "day"]
        coarse = group[group["precision"] != "day"]
        if len(exact) < 2:
            continue
        gaps = exact[by].iloc[1:].reset_index(drop=True)
        gaps["earlier"] = exact["start"].to_numpy()[:-1]
        gaps["later"] = exact["start"].to_numpy()[1:]
        gaps["days"] = (gaps["later"] - gaps["earlier"]).dt.days
        gaps["longest"] = gaps["days"] == gaps["days"].max()
        gaps["chance"] = _longest_gap_chance(gaps["days"].to_numpy())
        inside = (coarse["start"].to_numpy() < gaps[["later"]].to_numpy()) & (
            coarse["latest"].to_numpy() > gaps[["earlier"]].to_numpy()
        )
        gaps["possible"] = inside.sum(axis=1)
        gaps["left_out"] = len(coarse)
        if evidence:
            ids = exact["event_id"].tolist()
            gaps["evidence"] = [_contacts.listed(pair) for pair in itertools.pairwise(ids)]
        pieces.append(gaps)
    if pieces:
        return pd.concat(pieces, ignore_index=True)
    return pd.DataFrame(columns=[*by, *GAPS, *(["evidence"] if evidence else [])])


def seasonality(
    events: Any,
    *,
    parts: str = "fold",
    status: str | Sequence[str] = "held",
    span: tuple[Any, Any] | None = None,
    draws: int = 9999,
    seed: int = 0,
    evidence: bool = False,
) -> pd.DataFrame:
    """Count contacts by calendar month and test whether they fall evenly over the year.

    Parameters
    ----------
    events : frame with ``start`` (timestamp), ``precision`` and ``status``
        pandas, Polars, DuckDB or PySpark. ``parent_id`` is read where it is there,
        ``covered_since`` and ``covered_until`` where no ``span`` is given.
    parts, status
        As for `exchange_frequency`.
    span : (first day, last day), optional
        What the data cover. Contacts outside it are left out.
    draws : int
        Of the simulation behind ``p_value``.
    seed : int
        Of that simulation.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts counted, separated by ``;``, as
        `trace` takes them. Needs ``event_id``.

    Returns
    -------
    pandas.DataFrame, twelve rows, whatever the engine of ``events``
        ``month`` 1 to 12; ``count``; ``exposure`` years of that month that are covered
        (a day is one part in 365 or 366); ``rate``, ``low``, ``high`` contacts per year
        with the exact 95% Poisson interval; ``expected`` contacts if each year's fell
        evenly on its covered days; and on every row ``chi_square``, ``p_value`` of the
        test against that, and ``left_out`` contacts that
        may lie in the span but cannot be placed, most of them known to the year alone.

    Raises
    ------
    ValueError
        As `contact_gaps`; also where nothing says what is covered, a contact lies outside
        what the frame says, a month is not covered in any year, or no contact is known to
        the month.

    Notes
    -----
    The test is conditional on the number of contacts of each year, so that neither growth
    nor a year covered in part looks like a season: χ² = Σ (count − expected)² / expected,
    and p is the share of draws, the observed one among them, with a χ² at least as large
    (A. C. A. Hope 1968, JRSS B 30). Contacts are taken as independent; occasions that come
    in clusters make the test reject too often. Rates pool all years, so thin years count
    as fully as rich ones.

    Examples
    --------
    >>> import relations as rel
    >>> table = seasonality(rel.load().events)
    >>> len(table), bool(table["expected"].sum().round(6) == table["count"].sum())
    (12, True)
    """
    if draws < 1:
        raise ValueError(f"draws={draws!r}: at least 1 is needed; 9999 gives p to two digits")
    found = _contacts.fetch(
        events, "seasonality", [], parts, status, optional=COVERED, evidence=evidence
    )
    since, until = _covered(found, span, "seasonality")
    reaching = found[(found["start"] <= until) & (found["latest"] >= since)]
    inside = (reaching["start"] >= since) & (reaching["latest"] <= until)
    placed = reaching[inside & (reaching["precision"] != "year")]
    if placed.empty:
        raise ValueError(
            "seasonality: no contact inside the span is known to the month: look at span and status"
        )
    days = pd.date_range(since, until, freq="D")
    parts_of_year = 1 / np.where(days.is_leap_year, 366, 365)
    exposure = pd.crosstab(days.year, days.month, parts_of_year, aggfunc="sum").fillna(0.0)
    if exposure.shape[1] < 12:
        raise ValueError(
            f"seasonality: {since:%Y-%m-%d} to {until:%Y-%m-%d} does not cover every calendar "
            "month: take a span of at least a year"
        )
    shares = exposure.div(exposure.sum(axis=1), axis=0)
    yearly = placed.groupby(placed["start"].dt.year).size()
    count = placed.groupby(placed["start"].dt.month).size().reindex(range(1, 13), fill_value=0)
    table = pd.DataFrame({"month": range(1, 13), "count": count.to_numpy()})
    table["exposure"] = exposure.sum().to_numpy()
    table = _with_poisson(table)
    table["expected"], table["chi_square"], table["p_value"] = _evenness(
        count.to_numpy(), yearly.to_numpy(), shares.loc[yearly.index].to_numpy(), draws, seed
    )
    table["left_out"] = len(reaching) - len(placed)
    if evidence:
        placed = placed.assign(month=placed["start"].dt.month)
        table = _contacts.with_evidence(table, placed, ["month"])
    return table


def hosting(
    events: Any,
    by: str | Sequence[str] = (),
    *,
    parts: str = "fold",
    status: str | Sequence[str] = "held",
    evidence: bool = False,
) -> pd.DataFrame:
    """Count who hosts the contacts: each side, both, a third country or nobody.

    Parameters
    ----------
    events : frame with ``start`` (timestamp), ``precision``, ``status`` and ``host``
        pandas, Polars, DuckDB or PySpark.
    by : column or columns of ``events``, such as "kind"
        Counts are made for each value; empty cells are a value too.
    parts, status
        As for `exchange_frequency`.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``count``, separated by
        ``;``, as `trace` takes them. Needs ``event_id``.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by`` and host, whatever the engine of ``events``
        ``host``, every host found anywhere: sides sorted, then both, third, none;
        ``count``; ``contacts`` of the group whose host is known; ``share`` of them with
        its 95% Wilson interval ``low``, ``high``; ``left_out`` contacts without a host.

    Raises
    ------
    ValueError
        As `contact_gaps`.

    Notes
    -----
    E. B. Wilson 1927, JASA 22. The interval is about the contacts that could have been,
    not about those that the record misses: a side whose press reports what it hosts more
    fully has too high a share.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2020-03-01", "2021-03-01", "2022-03-01"]),
    ...     "precision": "day", "status": "held", "host": ["AA", "BB", "AA", "third"]})
    >>> hosting(events)[["host", "count", "share", "low", "high"]].round(2)
        host  count  share   low  high
    0     AA      2   0.50  0.15  0.85
    1     BB      1   0.25  0.05  0.70
    2  third      1   0.25  0.05  0.70
    """
    if "host" in _engines.names(by):
        raise ValueError("hosting counts by host already: leave host out of by")
    by = _engines.names(by, HOSTING)
    found = _contacts.fetch(events, "hosting", [*by, "host"], parts, status, evidence=evidence)
    there = set(found["host"].dropna())
    hosts = [*sorted(there - set(NO_SIDE)), *(host for host in NO_SIDE if host in there)]
    if not hosts:
        raise ValueError("hosting: no contact has a host; fill the column host")
    pieces = []
    for _, group in _engines.groups(found, by):
        counts = group["host"].value_counts().reindex(hosts, fill_value=0)
        piece = pd.DataFrame({"host": hosts, "count": counts.to_numpy()})
        for place, column in enumerate(by):
            piece.insert(place, column, group[column].iloc[0])
        piece["contacts"] = int(counts.sum())
        pieces.append(_with_wilson(piece).assign(left_out=int(group["host"].isna().sum())))
    table = pd.concat(pieces, ignore_index=True)
    return _contacts.with_evidence(table, found, [*by, "host"]) if evidence else table


def hosting_alternation(
    events: Any,
    by: str | Sequence[str] = "mechanism",
    *,
    parts: str = "fold",
    status: str | Sequence[str] = "held",
) -> pd.DataFrame:
    """Test in each series whether the two sides take turns as hosts.

    Parameters
    ----------
    events : frame with ``start`` (timestamp), ``precision``, ``status`` and ``host``
        pandas, Polars, DuckDB or PySpark.
    by : column or columns of ``events``
        What makes a series; contacts with an empty cell are a series too.
    parts, status
        As for `exchange_frequency`.

    Returns
    -------
    pandas.DataFrame, one row per series, whatever the engine of ``events``
        ``contacts`` that one side alone hosts and whose order is known; ``rarer`` of
        them with the side that hosts less; ``runs`` of contacts with one host;
        ``expected`` runs in a random order, and ``low``, ``high``, between which they lie
        with at least 95%; ``p_turns`` chance of as many runs or more, small where sides
        take turns; ``p_streaks`` chance of as few or fewer, small where one side hosts
        several times in a row; ``p_least`` the smallest ``p_turns`` any order of these
        hosts has: above 0.05 no order could show turns; ``left_out`` contacts of one
        side's hosting whose place in the order is not known. Series with one host alone
        have ``runs`` 1 and tell nothing.

    Raises
    ------
    ValueError
        As `contact_gaps`, or where a series has more than two sides as hosts.

    Notes
    -----
    Exact distribution of runs given how often each side hosts (A. Wald and J. Wolfowitz
    1940, Annals of Mathematical Statistics 11). A contact known to the month or year is
    used where no other of its series may lie in the same time. Contacts that start on one
    day with different hosts are left out. An edition that the record misses makes turns
    look like a streak.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime([f"{year}-03-01" for year in range(2014, 2022)]),
    ...     "precision": "day", "status": "held", "mechanism": "dialogue",
    ...     "host": ["AA", "BB"] * 4})
    >>> hosting_alternation(events)[["contacts", "runs", "expected", "p_turns"]].round(3)
       contacts  runs  expected  p_turns
    0         8     8       5.0    0.029
    """
    by = _engines.names(by, TURNS)
    found = _contacts.fetch(events, "hosting_alternation", [*by, "host"], parts, status)
    one_side = found[found["host"].notna() & ~found["host"].isin(NO_SIDE)]
    rows = []
    for key, group in _engines.groups(one_side, by):
        if group["host"].nunique() > 2:
            raise ValueError(
                f"hosting_alternation: {sorted(group['host'].unique())} host in one series; "
                "turns are defined for two sides: filter, or use a finer by"
            )
        ordered = group[_order_known(group)]
        if ordered.empty:
            continue
        hosts = ordered["host"].to_numpy()
        runs = 1 + int((hosts[1:] != hosts[:-1]).sum())
        rarer = int(min((hosts == hosts[0]).sum(), (hosts != hosts[0]).sum()))
        chances = _runs_chances(rarer, len(hosts) - rarer)
        numbers = np.arange(len(chances))
        upto = chances.cumsum()
        rows.append(
            {
                **dict(zip(by, key, strict=True)),
                "contacts": len(hosts),
                "rarer": rarer,
                "runs": runs,
                "expected": float(numbers @ chances),
                "low": int(np.argmax(upto > 0.025)),
                "high": int(np.argmax(upto >= 0.975)),
                "p_turns": min(1.0, float(chances[runs:].sum())),
                "p_streaks": min(1.0, float(upto[runs])),
                "p_least": float(chances[numbers[chances > 0].max()]),
                "left_out": len(group) - len(hosts),
            }
        )
    return pd.DataFrame(rows, columns=[*by, *TURNS])


def multilateral_share(
    events: Any,
    mechanisms: Sequence[str] = (),
    *,
    parts: str = "fold",
    status: str | Sequence[str] = "held",
    evidence: bool = False,
) -> pd.DataFrame:
    """Measure, year by year, which share of contacts takes place at multilateral meetings.

    Parameters
    ----------
    events : frame with ``start`` (timestamp), ``precision``, ``status``, ``host``, ``mechanism``
        pandas, Polars, DuckDB or PySpark. Years run over ``covered_since`` and
        ``covered_until`` where they are there, else from the first contact to the last.
    mechanisms : sequence of str
        Mechanisms that are multilateral wherever they meet. A contact in a third country
        counts without.
    parts, status
        As for `exchange_frequency`.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``count``, separated by
        ``;``, as `trace` takes them. Needs ``event_id``.

    Returns
    -------
    pandas.DataFrame, one row per year, whatever the engine of ``events``
        ``period`` first day of the year; ``count`` multilateral contacts; ``contacts``;
        ``share`` with its 95% Wilson interval ``low``, ``high``, empty in a year without
        contacts; ``left_out`` contacts that neither host nor mechanism places.

    Raises
    ------
    ValueError
        As `contact_gaps`; also where a mechanism asked for is not in the frame.

    Notes
    -----
    E. B. Wilson 1927, JASA 22. Visits on the way to a forum of the host's own are
    multilateral only by their mechanism, so what counts is the caller's set: name it
    beside the number.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2019-06-01"]), "precision": "day",
    ...     "status": "held", "host": ["AA", "third"], "mechanism": None})
    >>> multilateral_share(events)[["count", "contacts", "share"]].values.tolist()
    [[1.0, 2.0, 0.5]]
    """
    if isinstance(mechanisms, str):
        mechanisms = [mechanisms]
    needed = ["host", "mechanism"]
    found = _contacts.fetch(
        events, "multilateral_share", needed, parts, status, optional=COVERED, evidence=evidence
    )
    unknown = sorted(set(mechanisms) - set(found["mechanism"].dropna()))
    if unknown:
        raise ValueError(
            f"multilateral_share: no contact to count has the mechanism {', '.join(unknown)}; "
            f"there are {', '.join(sorted(found['mechanism'].dropna().unique())) or 'none'}"
        )
    named = found["mechanism"].isin(list(mechanisms))
    known = found["host"].notna() | named
    many = (found["host"] == "third") | named
    if set(COVERED) <= set(found):
        since, until = _covered(found, None, "multilateral_share")
    else:
        since, until = found["start"].min(), found["start"].max()
    year = found["start"].dt.year
    years = range(since.year, until.year + 1)
    table = pd.DataFrame({"period": pd.to_datetime([f"{number}-01-01" for number in years])})
    for name, rows in (("count", many & known), ("contacts", known), ("left_out", ~known)):
        table[name] = rows.groupby(year).sum().reindex(years, fill_value=0).to_numpy().astype(int)
    left_out = table.pop("left_out")
    table = _with_wilson(table).assign(left_out=left_out)
    if evidence:
        placed = found.assign(period=found["start"].dt.to_period("Y").dt.start_time)[many]
        table = _contacts.with_evidence(table, placed, ["period"])
    return table


def around(
    events: Any,
    dates: Any,
    window: int = 180,
    *,
    parts: str = "fold",
    status: str | Sequence[str] = "held",
    span: tuple[Any, Any] | None = None,
    evidence: bool = False,
) -> pd.DataFrame:
    """Compare the rate of contacts after each given date with the rate before it.

    Parameters
    ----------
    events : frame with ``start`` (timestamp), ``precision`` and ``status``
        pandas, Polars, DuckDB or PySpark. ``parent_id`` is read where it is there,
        ``covered_since`` and ``covered_until`` where no ``span`` is given.
    dates : frame with ``context_id`` and ``start`` (timestamp)
        As ``data.context``, or rows of it. ``start_latest``, the last day that the date may
        mean, is read where it is there.
    window : int
        Days on each side. "Before" ends with the day before the date, "after" begins with
        the date itself.
    parts, status
        As for `exchange_frequency`.
    span : (first day, last day), optional
        What the data cover. Contacts outside it are left out.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``before`` and ``after``,
        separated by ``;``, as `trace` takes them. Needs ``event_id``.

    Returns
    -------
    pandas.DataFrame, one row per date in order of time, whatever the engine of ``events``
        ``context_id``; ``date`` first possible day; ``before``, ``after`` contacts that
        start in the windows; ``days_before``, ``days_after`` covered days of them;
        ``ratio`` of the rate after to the rate before, with its exact 95% interval
        ``low``, ``high``; ``p_value`` of an equal rate, and ``p_adjusted`` for all dates
        together; ``overlaps`` other dates whose windows share a day, separated by ``;``;
        ``unsure`` days in neither window because the date is known to the month or year
        alone; ``left_out`` contacts that may lie in a window but cannot be placed. The
        ratio is empty, and its interval 0 to infinity, where neither window has a contact;
        all are empty where one window is not covered.

    Raises
    ------
    ValueError
        As `contact_gaps`; also where nothing says what is covered, a contact lies outside
        what the frame says, a date stands twice, or ``window`` is not a whole number of
        days above 0.

    Notes
    -----
    Given n contacts in both windows, those after are binomial with π = rT_a / (rT_a + T_b)
    for rate ratio r and covered days T; Clopper and Pearson's interval of π gives that of
    r (E. L. Lehmann and J. P. Romano, *Testing Statistical Hypotheses*, 3rd ed., 2005,
    section 4.5). ``p_adjusted``: S. Holm 1979, Scandinavian Journal of Statistics 6. The
    interval takes contacts as independent; those that come in clusters make it too
    narrow. A contact known to the month or year is counted where all its days lie in one
    window. A ratio is no effect: seasons and sources change at dates too, and dates whose
    windows overlap are not separate evidence.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2019-05-20", "2019-06-10", "2019-06-11"]),
    ...     "precision": "day", "status": "held"})
    >>> dates = pd.DataFrame({
    ...     "context_id": ["storm"], "start": pd.to_datetime(["2019-06-01"])})
    >>> table = around(events, dates, window=30, span=("2019-01-01", "2019-06-15"))
    >>> table[["before", "after", "days_before", "days_after", "ratio"]].values.tolist()
    [[1.0, 2.0, 30.0, 15.0, 4.0]]
    """
    if isinstance(window, bool) or not isinstance(window, (int, np.integer)) or window < 1:
        raise ValueError(f"window={window!r}: give a whole number of days above 0")
    found = _contacts.fetch(
        events, "around", [], parts, status, optional=COVERED, evidence=evidence
    )
    since, until = _covered(found, span, "around")
    moments = _moments(dates)
    one, length = pd.Timedelta(days=1), pd.Timedelta(days=int(window))
    rows = []
    for moment in moments.itertuples():
        windows = (
            (max(moment.start - length, since), min(moment.start - one, until)),
            (max(moment.latest, since), min(moment.latest + length - one, until)),
        )
        placed = [(found["start"] >= first) & (found["latest"] <= last) for first, last in windows]
        touching = [
            (found["start"] <= last) & (found["latest"] >= first) & (first <= last)
            for first, last in windows
        ]
        days = [max((last - first).days + 1, 0) for first, last in windows]
        others = moments[
            (moments["start"] - length <= moment.latest + length - one)
            & (moments["latest"] + length - one >= moment.start - length)
            & (moments["context_id"] != moment.context_id)
        ]
        before, after = (int(each.sum()) for each in placed)
        either = placed[0] | placed[1]
        rows.append(
            {
                "context_id": moment.context_id,
                "date": moment.start,
                "before": before,
                "after": after,
                "days_before": days[0],
                "days_after": days[1],
                **_rate_ratio(before, after, days[0], days[1]),
                "overlaps": ";".join(others["context_id"]),
                "unsure": (moment.latest - moment.start).days,
                "left_out": int(((touching[0] | touching[1]) & ~either).sum()),
                **_contacts.behind(found[either].get("event_id", ()), evidence),
            }
        )
    table = pd.DataFrame(rows)
    table.insert(table.columns.get_loc("overlaps"), "p_adjusted", _holm(table["p_value"]))
    return table


def _covered(found: pd.DataFrame, span: Any, metric: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and last day that the caller, or else the frame, says is covered."""
    if span is not None:
        return _contacts.days(span)
    stated = _contacts.covered(found)
    if stated is None:
        raise ValueError(
            f"{metric}: the frame does not say what it covers; pass span=(first day, last day)"
        )
    since, until = stated
    outside = found[(found["latest"] < since) | (found["start"] > until)]
    if len(outside):
        raise ValueError(
            f"{metric}: a contact of {outside['start'].iloc[0]:%Y-%m-%d} lies outside what is "
            f"covered, {since:%Y-%m-%d} to {until:%Y-%m-%d}: where the span differs by kind, "
            "take one kind, or pass the span to count in"
        )
    return since, until


def _with_poisson(table: pd.DataFrame) -> pd.DataFrame:
    """Add rate and exact interval to ``count`` and ``exposure``."""
    n, years = table["count"].to_numpy(), table["exposure"].to_numpy()
    low, high = _intervals.garwood(n, years)
    return table.assign(rate=n / years, low=low, high=high)


def _with_wilson(table: pd.DataFrame) -> pd.DataFrame:
    """Add the share of ``count`` in ``contacts`` with its interval; empty of 0 contacts."""
    bounds = [
        _intervals.wilson(count, contacts)
        for count, contacts in zip(table["count"], table["contacts"], strict=True)
    ]
    share = table["count"] / table["contacts"].where(table["contacts"] > 0)
    return table.assign(
        share=share, low=[low for low, _ in bounds], high=[top for _, top in bounds]
    )


def _longest_gap_chance(days: np.ndarray) -> np.ndarray:
    """Return for each gap how likely the longest of as many is at least as long."""
    from scipy.special import gammaln

    number, length = len(days), days.sum()
    if length == 0:
        return np.ones(number)
    share = days / length
    # Beyond ten expected gaps the sum loses its digits, and the answer is 1 to four of them.
    rare = number * (1 - share) ** (number - 1) <= 10
    chance = np.ones(number)
    k = np.arange(1, min(number, TERMS) + 1)[:, None]
    rest = 1 - k * share[rare]
    choose = gammaln(number + 1) - gammaln(k + 1) - gammaln(number - k + 1)
    with np.errstate(divide="ignore"):
        logs = choose + (number - 1) * np.log(np.maximum(rest, 0)) if number > 1 else choose
    terms = np.where(rest >= 0, np.exp(logs), 0.0)
    chance[rare] = ((-1.0) ** (k - 1) * terms).sum(axis=0).clip(0, 1)
    return chance


def _evenness(
    count: np.ndarray, yearly: np.ndarray, shares: np.ndarray, draws: int, seed: int
) -> tuple[np.ndarray, float, float]:
    """Return what months hold if each year's contacts fall evenly, with χ² and p against it."""
    expected = yearly @ shares
    # A month that no year with contacts covers can hold none, whatever the season.
    real = expected > 0
    observed = _chi_square(count[None, real], expected[real])[0]
    generator = np.random.default_rng(seed)
    drawn = sum(
        generator.multinomial(number, weight, size=draws)
        for number, weight in zip(yearly, shares, strict=True)
    )
    # Sums of equal terms may differ in the last digit.
    as_large = _chi_square(drawn[:, real], expected[real]) >= observed - 1e-9
    return expected, observed, (1 + as_large.sum()) / (1 + draws)


def _chi_square(counts: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return ((counts - expected) ** 2 / expected).sum(axis=1)


def _order_known(group: pd.DataFrame) -> np.ndarray:
    """Whether the place of each contact in the order of hosts is known; rows sorted by time."""
    before = group["latest"].cummax().shift() >= group["start"]
    after = group["start"].shift(-1) <= group["latest"]
    exact = group["precision"] == "day"
    # Between contacts known to the day, order matters only where the hosts differ.
    hosts = group[exact].groupby("start")["host"].nunique()
    tied = group["start"].map(hosts).fillna(0) > 1
    return (~tied).where(exact, ~(before | after)).to_numpy()


def _runs_chances(rarer: int, other: int) -> np.ndarray:
    """Return the chance of 0, 1, 2, … runs in a random order of two kinds of host."""
    from math import comb

    if rarer == 0:
        return np.array([0.0, 1.0])
    ways = [0, 0]
    for runs in range(2, 2 * rarer + 2):
        half, odd = divmod(runs, 2)
        if odd:
            here = comb(rarer - 1, half) * comb(other - 1, half - 1)
            here += comb(rarer - 1, half - 1) * comb(other - 1, half)
        else:
            here = 2 * comb(rarer - 1, half - 1) * comb(other - 1, half - 1)
        ways.append(here)
    total = comb(rarer + other, rarer)
    return np.array([here / total for here in ways])


def _moments(dates: Any) -> pd.DataFrame:
    """Fetch the dates to look around, with the first and last day each may mean."""
    frame = _engines.lazy(dates, "around", ["context_id", "start"])
    known = frame.collect_schema()
    if not isinstance(known["start"], (nw.Datetime, nw.Date)):
        raise ValueError("around needs timestamps in the start of dates; relations.load gives them")
    also = ["start_latest"] if "start_latest" in known else []
    found = _engines.collect(frame.select(*_engines.text("context_id"), "start", *also))
    if found.empty or found["start"].isna().any():
        raise ValueError("around: dates has no row, or a row without start: give at least one date")
    _contacts.refuse_repeats(found, "context_id")
    for column in ["start", *also]:
        found[column] = found[column].astype("datetime64[us]").dt.normalize()
    found["latest"] = found["start_latest"].fillna(found["start"]) if also else found["start"]
    return found.sort_values(["start", "context_id"], ignore_index=True)


def _rate_ratio(before: int, after: int, days_before: int, days_after: int) -> dict[str, float]:
    """Return the ratio of two Poisson rates with its exact interval and test."""
    from scipy.stats import binomtest

    if not (days_before and days_after):
        return dict.fromkeys(["ratio", "low", "high", "p_value"], np.nan)
    if not before + after:
        return {"ratio": np.nan, "low": 0.0, "high": np.inf, "p_value": 1.0}
    test = binomtest(after, before + after, days_after / (days_before + days_after))
    scale = days_before / days_after
    low, high = test.proportion_ci(method="exact")
    return {
        "ratio": after / before * scale if before else np.inf,
        "low": low / (1 - low) * scale,
        "high": high / (1 - high) * scale if high < 1 else np.inf,
        "p_value": float(test.pvalue),
    }


def _holm(p_values: pd.Series) -> pd.Series:
    """Adjust for all tests together; an empty p is no test."""
    ranked = p_values.dropna().sort_values(kind="stable")
    times = np.arange(len(ranked), 0, -1)
    return (ranked * times).cummax().clip(upper=1).reindex(p_values.index)


def _cover(span: Any, cells: pd.DataFrame, every: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return what the caller says is covered, or whole periods from first to last contact."""
    if span is not None:
        return span
    warnings.warn(
        "the frame does not say what it covers, so the whole periods from the first to the "
        "last contact are taken; pass span=(first day, last day) to say so yourself",
        UserWarning,
        stacklevel=3,
    )
    after = cells["period"].max() + pd.tseries.frequencies.to_offset(OFFSETS[every])
    return cells["period"].min(), after - pd.Timedelta(days=1)


def _refuse_cut(counted: nw.LazyFrame[Any], first: pd.Timestamp, last: pd.Timestamp) -> None:
    """A month or year that the span cuts leaves open whether its contact lies inside."""
    cut = []
    for precision in ("month", "year"):
        for day in (first, last + pd.Timedelta(days=1)):
            whole = day.to_period(precision[0].upper())
            if day != whole.start_time:
                begin, end = whole.start_time, (whole + 1).start_time
                cut.append(
                    (nw.col("precision").cast(nw.String) == precision)
                    & (nw.col("start") >= begin.to_pydatetime())
                    & (nw.col("start") < end.to_pydatetime())
                )
    if not cut:
        return
    found = _engines.collect(
        counted.filter(functools.reduce(operator.or_, cut)).select("start", "precision").head(1)
    )
    if len(found):
        known, day = found["precision"].iloc[0], found["start"].iloc[0]
        raise ValueError(
            f"a contact known only to the {known} from {day:%Y-%m-%d} may lie inside or outside "
            f"the span, {first:%Y-%m-%d} to {last:%Y-%m-%d}: take a span of whole years, or drop "
            "such contacts first and say so"
        )


def _refuse_unplaced(counted: nw.LazyFrame[Any], cells: pd.DataFrame, every: str) -> None:
    """A contact goes into a period only where its date says which."""
    if cells["period"].isna().any():
        raise ValueError("a contact has no start, so it belongs to no period: fill or drop the row")
    if not cells["coarse"].sum():
        return
    coarse = counted.filter(_too_coarse(every))
    examples: list[str] = []
    if "event_id" in coarse.collect_schema().names():
        found = _engines.collect(coarse.select(*_engines.text("event_id")).sort("event_id").head(3))
        examples = found["event_id"].tolist()
    raise _contacts.too_coarse(int(cells["coarse"].sum()), every, examples)


def _judge_precision(cells: pd.DataFrame, every: str, by: list[str]) -> pd.DataFrame:
    """Put the precisions of a period together: how many are too coarse, which days are sure."""
    if "folded" not in cells:
        cells["folded"] = 0
    cells = cells.astype({"rows": "int64", "folded": "int64"})
    cells["count"] = cells["rows"] - cells["folded"]
    cells["coarse"] = cells["rows"].where(~cells["precision"].isin(FINE_ENOUGH[every]), 0)
    # The earliest contact lies before what is covered only if its last possible day does.
    cells["earliest"] = _contacts.latest_day(cells["earliest"], cells["precision"])
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
    table = _with_poisson(table)
    table["parts"] = parts
    return table[[*by, *FREQUENCY]]


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
