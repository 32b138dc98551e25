"""At whose place the two sides met: hosts, turns, and meetings of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from relations.measures._asking import (
    Asked,
    By,
    Question,
    Status,
    ask,
    contacts_of,
    covered_span,
    describe,
    with_evidence,
)
from relations.measures._frequency import refuse_outside
from relations.measures._intervals import with_wilson
from relations.record._frames import collect, groups, names, narrow
from relations.record._periods import DAY, day, periods
from relations.record._text import as_list

NO_SIDE = ["both", "third", "none"]
HOSTING = ["count", "known", "share", "low", "high", "left_out", "evidence"]
TURNS = {
    "known": "int64",
    "rarer": "int64",
    "runs": "int64",
    "expected": "float64",
    "low": "int64",
    "high": "int64",
    "p_turns": "float64",
    "p_streaks": "float64",
    "p_least": "float64",
    "left_out": "int64",
}


def hosting(
    data: Asked,
    by: By = (),
    *,
    count: str = "occasions",
    status: Status = None,
    evidence: bool = False,
) -> pd.DataFrame:
    """Count who hosts the occasions: each side, both, a third country or nobody.

    Parameters
    ----------
    data : Dataset, or frame of events with ``start``, ``precision``, ``status`` and ``host``
        A frame may be pandas, Polars, DuckDB or PySpark.
    by : column or columns, such as "kind"
        Of ``data.contacts``, or of the frame. Counts are made for each value; empty cells
        are a value too.
    count, status
        As for `gaps`. An occasion has the host of the whole, or of its first part where the
        whole is not in the group.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``count``, separated by
        ``;``, as `trace` takes them. Needs ``event_id``.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by`` and host, whatever the engine of ``data``
        ``host``: the sides, those of the Dataset whether they host or not, then both, third
        and none where they are found; ``count``; ``known`` occasions of the group whose host
        is known; ``share`` of them with its 95% Wilson interval ``low``, ``high``;
        ``left_out`` occasions without a host.

    Raises
    ------
    ValueError
        As `gaps`; where contacts are there and none has a host.

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
    if "host" in names(by):
        raise ValueError("hosting counts by host already: leave host out of by")
    question = ask(
        data, "hosting", ["start", "precision", "host"], by, count=count, status=status,
        taken=[*HOSTING, "latest"],
    )  # fmt: skip
    found = contacts_of(question, evidence=evidence)
    hosts = _hosts(question, found)
    if len(found) and found["host"].isna().all():
        raise ValueError("hosting: no contact has a host; fill the column host")
    columns = [*question.by, "host", *HOSTING[:-1]]
    pieces = []
    for key, group in groups(found, question.by):
        counts = group["host"].value_counts().reindex(hosts, fill_value=0)
        piece = pd.DataFrame({"host": hosts, "count": counts.to_numpy()})
        for place, value in enumerate(key):
            piece.insert(place, question.by[place], value)
        piece["known"] = int(counts.sum())
        pieces.append(with_wilson(piece).assign(left_out=int(group["host"].isna().sum())))
    table = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=columns)
    types = {column: found[column].dtype for column in [*question.by, "host"]}
    types |= dict.fromkeys(["count", "known", "left_out"], "int64")
    table = table.astype(types | dict.fromkeys(["share", "low", "high"], "float64"))[columns]
    if evidence:
        table = with_evidence(table, found, [*question.by, "host"])
    return describe(table, question.data, count, by=question.by)


def turns(
    data: Asked, by: By = (), *, count: str = "occasions", status: Status = None
) -> pd.DataFrame:
    """Test in each series whether the two sides take turns as hosts.

    Parameters
    ----------
    data : Dataset, or frame of events with ``start``, ``precision``, ``status`` and ``host``
        A frame may be pandas, Polars, DuckDB or PySpark.
    by : column or columns
        What makes a series, such as "channel": of ``data.contacts``, or of the frame, which
        calls its channel ``mechanism``. Contacts with an empty cell are a series too; without
        ``by`` all contacts are one.
    count, status
        As for `hosting`.

    Returns
    -------
    pandas.DataFrame, one row per series, whatever the engine of ``data``
        ``known`` occasions that one side alone hosts and whose order is known; ``rarer`` of
        them with the side that hosts less; ``runs`` of occasions with one host;
        ``expected`` runs in a random order, and ``low``, ``high``, between which they lie
        with at least 95%; ``p_turns`` chance of as many runs or more, small where sides
        take turns; ``p_streaks`` chance of as few or fewer, small where one side hosts
        several times in a row; ``p_least`` the smallest ``p_turns`` any order of these
        hosts has: above 0.05 no order could show turns; ``left_out`` occasions of one
        side's hosting whose place in the order is not known. Series with one host alone
        have ``runs`` 1 and tell nothing.

    Raises
    ------
    ValueError
        As `gaps`, or where a series has more than two sides as hosts.

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
    ...     "precision": "day", "status": "held", "channel": "dialogue",
    ...     "host": ["AA", "BB"] * 4})
    >>> turns(events)[["known", "runs", "expected", "p_turns"]].round(3)
       known  runs  expected  p_turns
    0      8     8       5.0    0.029
    """
    question = ask(
        data, "turns", ["start", "precision", "host"], by, count=count, status=status,
        taken=[*TURNS, "latest"],
    )  # fmt: skip
    found = contacts_of(question)
    one_side = found[found["host"].notna() & ~found["host"].isin(NO_SIDE)]
    rows = []
    for key, group in groups(one_side, question.by):
        if group["host"].nunique() > 2:
            raise ValueError(
                f"turns: {', '.join(sorted(group['host'].unique()))} host in one series; "
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
            (
                *key,
                len(hosts),
                rarer,
                runs,
                float(numbers @ chances),
                int(np.argmax(upto > 0.025)),
                int(np.argmax(upto >= 0.975)),
                min(1.0, float(chances[runs:].sum())),
                min(1.0, float(upto[runs])),
                float(chances[numbers[chances > 0].max()]),
                len(group) - len(hosts),
            )
        )
    table = pd.DataFrame(rows, columns=[*question.by, *TURNS])
    table = table.astype({column: found[column].dtype for column in question.by} | TURNS)
    return describe(table, question.data, count, by=question.by)


def multilateral(
    data: Asked,
    channels: str | Sequence[str] = (),
    *,
    starts: Any = None,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
    evidence: bool = False,
) -> pd.DataFrame:
    """Measure which share of the occasions takes place at multilateral meetings.

    Parameters
    ----------
    data : Dataset, or frame of events with ``start``, ``precision``, ``status``, ``host``
        and the channel, which frames of events call ``mechanism``. A frame may be pandas,
        Polars, DuckDB or PySpark.
    channels : str or sequence of str
        Channels that are multilateral wherever they meet. A contact in a third country
        counts without.
    starts : sequence of years, months or days, optional
        First days of stretches of time to pool, such as ``(2010, 2020)`` for 2010 to 2019
        and from 2020 on; every year by itself where it is left out.
    count, status
        As for `hosting`.
    span : (first day, last day), optional
        What is counted, instead of what the record covers. Contacts outside are left out.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``count``, separated by
        ``;``, as `trace` takes them. Needs ``event_id``.

    Returns
    -------
    pandas.DataFrame, one row per year or stretch, whatever the engine of ``data``
        ``period`` its first day, ``until`` its last; ``count`` multilateral occasions;
        ``known`` occasions that host or channel places; ``share`` with its 95% Wilson
        interval ``low``, ``high``, empty where nothing is known; ``left_out`` occasions that
        neither host nor channel places.

    Raises
    ------
    ValueError
        As `gaps`; also where a channel asked for stands nowhere, or ``starts`` is not in
        order of time or lies outside what is covered.

    Warns
    -----
    UserWarning
        Where a frame comes without ``span``: the whole years from its first to its last
        contact are then taken as covered.

    Notes
    -----
    E. B. Wilson 1927, JASA 22. Visits on the way to a forum of the host's own are
    multilateral only by their channel, so what counts is the caller's set: name it
    beside the number. A contact known to the month or year lies where it may first have
    begun.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2019-06-01"]), "precision": "day",
    ...     "status": "held", "host": ["AA", "third"], "mechanism": None})
    >>> table = multilateral(events, span=("2019", "2019"))
    >>> table[["count", "known", "share"]].values.tolist()
    [[1.0, 2.0, 0.5]]
    """
    needed = ["start", "precision", "host", "mechanism"]
    question = ask(data, "multilateral", needed, count=count, status=status)
    found = contacts_of(question, evidence=evidence)
    wanted = names(channels)
    _check_channels(question, found, wanted)
    first, last = covered_span(question, found, span, "year")
    if question.data is not None and span is None:
        begun = found.assign(earliest=found["start"], latest=found["start"])
        refuse_outside("multilateral", begun, (first, last))
    found = found[(found["start"] <= last) & (found["latest"] >= first)].reset_index(drop=True)
    begins = periods(first, last, "year") if starts is None else _stretches(starts, first, last)
    named = found["mechanism"].isin(wanted)
    known = found["host"].notna() | named
    many = (found["host"] == "third") | named
    table = pd.DataFrame({"period": begins})
    table["until"] = pd.DatetimeIndex([*(begins[1:] - DAY), last][: len(begins)]).as_unit("us")
    begun = found["start"].clip(lower=first).to_numpy()
    place = np.searchsorted(begins.to_numpy(), begun, side="right") - 1
    for name, rows in (("count", many & known), ("known", known), ("left_out", ~known)):
        inside = place[rows.to_numpy() & (place >= 0)]
        table[name] = np.bincount(inside, minlength=len(begins)).astype("int64")
    left_out = table.pop("left_out")
    table = with_wilson(table).assign(left_out=left_out)
    if evidence:
        placed = found.assign(period=begins[np.maximum(place, 0)])[many & (place >= 0)]
        table = with_evidence(table, placed, ["period"])
    return describe(table, question.data, count, channels=wanted)


def _hosts(question: Question, found: pd.DataFrame) -> list[str]:
    """Return the hosts in order: the sides, then those that are no side."""
    there = set(found["host"].dropna())
    sides: list[str] = []
    if question.data is not None:
        sides = collect(narrow(question.data.sides, question.metric, ["side"]))["side"].tolist()
    others = sorted(there - set(NO_SIDE) - set(sides))
    return [*sides, *others, *(host for host in NO_SIDE if host in there)]


def _check_channels(question: Question, found: pd.DataFrame, wanted: list[str]) -> None:
    """Refuse a channel that stands nowhere: a misspelling would count nothing."""
    there = set(found["mechanism"].dropna())
    if question.data is not None:
        known = narrow(question.data.whole.mechanisms, question.metric, ["mechanism"])
        there |= set(collect(known)["mechanism"])
    unknown = sorted(set(wanted) - there)
    if unknown:
        raise ValueError(
            f"multilateral: no contact has the channel {', '.join(unknown)}; "
            f"there are {', '.join(sorted(there)) or 'none'}"
        )


def _stretches(starts: Any, first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Return the first days of stretches to pool, which are in order and covered."""
    starts = as_list(starts)
    begins = pd.DatetimeIndex([day(each, "starts") for each in starts]).as_unit("us")
    if not len(begins) or not begins.is_monotonic_increasing or begins.has_duplicates:
        raise ValueError(f"starts={list(starts)!r}: give different days in order of time")
    if begins[0] < first or begins[-1] > last:
        raise ValueError(
            f"starts={list(starts)!r} reaches beyond what is covered, {first:%Y-%m-%d} to "
            f"{last:%Y-%m-%d}: begin inside it"
        )
    return begins


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
