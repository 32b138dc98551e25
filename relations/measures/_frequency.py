"""How often the two sides met: occasions by period, rates by group, periods that differ."""

from __future__ import annotations

import functools
import operator
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from relations.measures._asking import (
    Asked,
    By,
    Question,
    Status,
    ask,
    check_dates,
    covered_span,
    describe,
    one_per_occasion,
    refuse_repeats,
    root_of,
    with_evidence,
)
from relations.measures._cells import CELL, count_cells
from relations.measures._intervals import with_poisson
from relations.record._frames import collect, give_back, groups
from relations.record._periods import (
    DAY,
    FINE_ENOUGH,
    Span,
    check_every,
    exposure,
    latest_start,
    period_of,
    periods,
    span_of,
    too_coarse_error,
)

RESULT = ["period", "count", "exposure", "rate", "low", "high", "partial"]
TAKEN = [*RESULT, "evidence", *CELL]


def exchange_frequency(
    data: Asked,
    every: str = "year",
    by: By = (),
    *,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
    evidence: bool = False,
) -> Any:
    """Count the occasions in each period, with their rate and its interval.

    Parameters
    ----------
    data : Dataset, or frame of events with ``start`` (timestamp), ``precision`` and ``status``
        A frame may be pandas, Polars, DuckDB or PySpark; the same kind is returned.
        ``occasion``, or else ``parent_id``, is read where it is there, with ``event_id``.
    every : {"month", "quarter", "year"}
        Length of a period. A contact that spans two belongs to the one it starts in.
    by : column or columns, such as "kind"
        Of ``data.contacts``, or of the frame. Counts are made for each value; contacts with
        an empty cell are a group too.
    count : {"occasions", "contacts"}
        An occasion is a contact with its parts. Each cell counts the distinct occasions with
        at least one contact in it, so kinds, tiers or months need not add up to the whole
        (`relations.ranks.tiers` counts each occasion once, at its highest tier).
        "contacts" counts every contact, those that are parts among them.
    status : str or sequence of str
        Which contacts count; the ones chosen by `Dataset.where`, or else those held.
    span : (first day, last day), optional
        What is counted, instead of what the record covers. Contacts outside are left out.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts counted, of an occasion the
        contact of which the others are parts, or its first part in the cell, separated by
        ``;``, as `trace` takes them.

    Returns
    -------
    frame, one row per value of ``by`` and period, in that order
        ``period`` first day of the period; ``count`` occasions or contacts; ``exposure``
        years of the period that the record covers (a day is one part in 365 or 366);
        ``rate``, ``low``, ``high`` per year, with the exact 95% Poisson interval;
        ``partial`` true where the record covers only some of the period, the running one
        among them. A period without contacts is a row with 0; a period that the record does
        not cover is absent. Where it covers kinds differently, ``by="kind"`` takes the days
        covered of each.

    Raises
    ------
    ValueError
        Where a column is missing; a start is empty; a contact is known less precisely than
        the periods asked for; a contact lies outside what the Dataset covers, or is known
        only to a month or year that ``span`` cuts; an ``event_id`` stands twice (looked for
        in frames that are evaluated lazily only with ``evidence``); or a frame without
        contacts does not say which periods are zeros.

    Warns
    -----
    UserWarning
        Where a frame comes without ``span``: the whole periods from the first to the last
        contact are then taken as covered.

    Notes
    -----
    Interval of a Poisson rate from n contacts in T years (Garwood 1936, Biometrika 28):
    χ²(0.025; 2n)/2T to χ²(0.975; 2n+2)/2T.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "event_id": ["visit", "talks", "patrol"], "parent_id": [None, "visit", None],
    ...     "start": pd.to_datetime(["2019-03-01", "2019-03-02", "2021-02-01"]),
    ...     "precision": "day", "status": "held"})
    >>> table = exchange_frequency(events, span=("2019-01-01", "2021-06-30"))
    >>> table[["period", "count", "exposure", "partial"]].round({"exposure": 2})
          period  count  exposure  partial
    0 2019-01-01      1       1.0    False
    1 2020-01-01      0       1.0    False
    2 2021-01-01      1       0.5     True
    """
    question, table = frequency(
        data, "exchange_frequency", every, by,
        count=count, status=status, span=span, evidence=evidence,
    )  # fmt: skip
    result = give_back(table, question.like)
    return describe(result, question.data, count, every=every, by=question.by)


def frequency(
    data: Asked,
    metric: str,
    every: str,
    by: By = (),
    *,
    count: str,
    status: Status,
    span: Any,
    evidence: bool = False,
) -> tuple[Question, pd.DataFrame]:
    """Return what `exchange_frequency` does, as pandas whatever was asked."""
    check_every(every)
    question = _question(data, metric, by, count, status, evidence)
    given = None if span is None else span_of(span)
    table = counts_in(question, every, given)
    if evidence:
        rows = collect(_inside(question, given).frame)
        refuse_repeats(rows, "event_id", question.by)
        rows["period"] = period_of(rows["start"], every)
        table = with_evidence(table, _counted(question, rows, ["period"]), [*question.by, "period"])
    return question, table


def rates(
    data: Asked,
    by: By = (),
    *,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
) -> Any:
    """Count the occasions of each group over all days covered, with their rate per year.

    Parameters
    ----------
    data : Dataset, or frame of events with ``start`` (timestamp), ``precision`` and ``status``
        pandas, Polars, DuckDB or PySpark; the same kind is returned.
    by : column or columns, such as "kind"
        Of ``data.contacts``, or of the frame; empty cells are a group too.
    count, status, span
        As for `exchange_frequency`.

    Returns
    -------
    frame, one row per group, the most frequent first
        The columns of ``by``; ``count``; ``exposure`` in years; ``rate``, ``low``, ``high``
        per year with the exact 95% Poisson interval (Garwood 1936), which takes the rate of
        a group as the same all the time.

    Raises
    ------
    ValueError
        As `exchange_frequency`, but that contacts known to the year alone count too.

    Warns
    -----
    UserWarning
        Where a frame comes without ``span``: the days from its first to its last contact are
        then taken as covered.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2019-05-01", "2020-02-01"]),
    ...     "precision": "day", "status": "held", "kind": ["visit", "call", "visit"]})
    >>> rates(events, "kind", span=("2019", "2020")).round(2)
        kind  count  exposure  rate   low  high
    0  visit      2       2.0   1.0  0.12  3.61
    1   call      1       2.0   0.5  0.01  2.79
    """
    question = _question(data, "rates", by, count, status, False)
    given = None if span is None else span_of(span)
    cells = _cells_inside(question, None, given)
    covered = covered_span(question, _bounds(cells), given)
    rows = []
    for key, group, days in _groups(question, cells, covered, given=given is not None):
        years = pd.Series(periods(*days, "year"))
        lengths = exposure(years, days, "year")["exposure"]
        rows.append((*key, int(group["count"].sum()), float(lengths.sum())))
    table = pd.DataFrame(rows, columns=[*question.by, "count", "exposure"])
    types = {column: cells[column].dtype for column in question.by}
    table = table.astype(types | {"count": "int64", "exposure": "float64"})
    table = with_poisson(table).sort_values("count", ascending=False, kind="stable")
    return question.answer(table)


def periods_apart(
    data: Asked,
    every: str = "year",
    *,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
) -> Any:
    """List the pairs of periods whose rates differ by more than their intervals.

    Parameters
    ----------
    data, every, count, status, span
        As for `exchange_frequency`.

    Returns
    -------
    frame, one row per pair
        ``earlier``, ``later`` first days of the periods; ``rate_earlier``, ``rate_later``
        per year. Empty where every two intervals overlap: the counts then show no change.

    Raises
    ------
    ValueError
        As `exchange_frequency`.

    Notes
    -----
    Intervals of 95% that do not overlap are a strict test, stricter than 5% for any one
    pair, and it is made for many pairs; what it lists is worth a look, not a proof.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01"] + ["2020-03-01"] * 20),
    ...     "precision": "day", "status": "held"})
    >>> apart = periods_apart(events, span=("2019", "2020"))
    >>> apart[["rate_earlier", "rate_later"]].values.tolist()
    [[1.0, 20.0]]
    """
    how: dict[str, Any] = {"count": count, "status": status, "span": span}
    question, table = frequency(data, "periods_apart", every, **how)
    pairs = table.merge(table, how="cross", suffixes=("_earlier", "_later"))
    apart = (pairs["high_earlier"] < pairs["low_later"]) | (
        pairs["high_later"] < pairs["low_earlier"]
    )
    pairs = pairs[apart & (pairs["period_earlier"] < pairs["period_later"])]
    pairs = pairs.rename(columns={"period_earlier": "earlier", "period_later": "later"})
    return question.answer(pairs[["earlier", "later", "rate_earlier", "rate_later"]])


def counts_in(
    question: Question, every: str, given: Span | None, covered: Span | None = None
) -> pd.DataFrame:
    """Return counts per period as `exchange_frequency` does.

    ``given`` is the span to count in, ``covered`` what is covered where others have said so.
    """
    cells = _cells_inside(question, every, given)
    if covered is None:
        covered = covered_span(question, _bounds(cells), given, every)
    return _on_grid(question, cells, covered, every, given=given is not None)


def _question(
    data: Asked, metric: str, by: By, count: str, status: Status, evidence: bool
) -> Question:
    """Narrow to the columns that count."""
    needed = ["start", "precision", *(["event_id"] * evidence)]
    question = ask(data, metric, needed, by, count=count, status=status, taken=TAKEN)
    check_dates(question)
    return question


def _inside(question: Question, span: Span | None) -> Question:
    """Leave the contacts that start in the span, where one is given."""
    if span is None:
        return question
    first, last = span
    start = nw.col("start")
    inside = (start >= first.to_pydatetime()) & (start < (last + DAY).to_pydatetime())
    # An empty start is kept, so that it is refused and not lost here.
    return replace(question, frame=question.frame.filter(inside | start.is_null()))


def _cells_inside(question: Question, every: str | None, span: Span | None) -> pd.DataFrame:
    """Count cells of the span, where one is given, and refuse what cannot be placed in them."""
    if span is not None:
        _refuse_cut(question.frame, *span)
    if every is not None and span is not None and _whole_periods(span, every):
        # Cells outside are left out when they are counted: there are less of them than rows.
        cells = count_cells(question, every)
        cells = cells[cells["period"].between(*span)].reset_index(drop=True)
    else:
        cells = count_cells(_inside(question, span), every)
    coarse = ~cells["precision"].isin(FINE_ENOUGH[every or "year"])
    if coarse.any():
        number = int(cells.loc[coarse, "_rows"].sum())
        examples = _examples(_inside(question, span).frame, every or "year")
        raise too_coarse_error(number, every or "year", examples)
    return cells


def _whole_periods(span: Span, every: str) -> bool:
    return all(
        day == day.to_period(every[0].upper()).start_time for day in (span[0], span[1] + DAY)
    )


def _examples(frame: nw.LazyFrame[Any], every: str) -> list[str]:
    """Return ids of contacts known too coarsely, where they have any."""
    if "event_id" not in frame.collect_schema().names():
        return []
    known = nw.col("precision").fill_null("").is_in(FINE_ENOUGH[every])
    found = collect(frame.filter(~known).select("event_id").sort("event_id").head(3))
    return found["event_id"].tolist()


def _counted(question: Question, rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return the contacts that stand for what is counted in each cell."""
    root = root_of(rows)
    if question.count == "contacts" or root is None:
        return rows
    ordered = rows.sort_values(["start", "event_id"], kind="stable", ignore_index=True)
    named = nw.from_native(ordered).with_columns(root.alias("_occasion")).to_native()
    return one_per_occasion(named, [*question.by, *key])


def _bounds(cells: pd.DataFrame) -> pd.DataFrame:
    """Return between which days the contacts of each cell lie for certain."""
    latest = latest_start(cells["latest"], cells["precision"])
    return pd.DataFrame({"start": cells["earliest"], "latest": latest})


def _groups(
    question: Question, cells: pd.DataFrame, covered: Span, *, given: bool
) -> list[tuple[tuple[Any, ...], pd.DataFrame, Span]]:
    """Return values, cells and days covered of each group."""
    parts = groups(cells, question.by)
    if question.data is None or given:
        return [(key, group, covered) for key, group in parts]
    if "kind" not in question.by:
        refuse_outside(question.metric, cells, covered)
        return [(key, group, covered) for key, group in parts]
    place, found = question.by.index("kind"), []
    for key, group in parts:
        span = question.data.span_of(key[place])
        refuse_outside(question.metric, group, span)
        found.append((key, group, span))
    return found


def _on_grid(
    question: Question, cells: pd.DataFrame, covered: Span, every: str, *, given: bool
) -> pd.DataFrame:
    """Lay the counts on the grid of covered periods and add exposure, rate, interval."""
    by = question.by
    pieces = [pd.DataFrame(columns=[*by, "period", "count", "exposure", "partial"])]
    grids: dict[Span, pd.DataFrame] = {}
    for key, group, span in _groups(question, cells, covered, given=given):
        if span not in grids:
            grids[span] = _grid(span, every)
        counts = group.groupby("period")["count"].sum()
        piece = grids[span].copy(deep=False)
        piece["count"] = counts.reindex(piece["period"], fill_value=0).to_numpy()
        for column, value in zip(by, key, strict=True):
            piece[column] = value
        pieces.append(piece[pieces[0].columns])
    table = pd.concat([piece for piece in pieces if len(piece)] or pieces, ignore_index=True)
    types = {"period": "datetime64[us]", "count": "int64", "exposure": "float64", "partial": "bool"}
    table = table.astype({column: cells[column].dtype for column in by} | types)
    return with_poisson(table)[[*by, *RESULT]]


def _grid(span: Span, every: str) -> pd.DataFrame:
    """Return the periods covered, with exposure; of a choice of no days at all there is none."""
    grid = pd.DataFrame({"period": periods(*span, every)})
    grid = grid.join(exposure(grid["period"], span, every))
    return grid[grid["exposure"] > 0]


def _refuse_cut(frame: nw.LazyFrame[Any], first: pd.Timestamp, last: pd.Timestamp) -> None:
    """A month or year that the span cuts leaves open whether its contact lies inside."""
    cut = []
    for precision in ("month", "year"):
        for day in (first, last + DAY):
            whole = day.to_period(precision[0].upper())
            if day != whole.start_time:
                begin, end = whole.start_time, (whole + 1).start_time
                cut.append(
                    (nw.col("precision") == precision)
                    & (nw.col("start") >= begin.to_pydatetime())
                    & (nw.col("start") < end.to_pydatetime())
                )
    if not cut:
        return
    doubtful = frame.filter(functools.reduce(operator.or_, cut))
    found = collect(doubtful.select("start", "precision").sort("start", "precision").head(1))
    if len(found):
        known, day = found["precision"].iloc[0], found["start"].iloc[0]
        raise ValueError(
            f"a contact known only to the {known} from {day:%Y-%m-%d} may lie inside or outside "
            f"the span, {first:%Y-%m-%d} to {last:%Y-%m-%d}: take a span of whole years, or drop "
            "such contacts first, with data.where(precision=...), and say so"
        )


def refuse_outside(metric: str, contacts: pd.DataFrame, span: Span) -> None:
    """Contacts lie inside what the Dataset covers, or they would be left out unseen.

    Of ``earliest``, ``latest`` and ``precision``, the first and the last start of several.
    """
    since, until = span
    last = latest_start(contacts["earliest"], contacts["precision"])
    outside = (last < since) | (contacts["latest"] >= until + DAY)
    if outside.any():
        day = contacts.loc[outside, "earliest"].min()
        raise ValueError(
            f"{metric}: contacts of {day:%Y-%m} do not fit what is covered, {since:%Y-%m-%d} to "
            f"{until:%Y-%m-%d}: where the record covers kinds differently, take or count one kind, "
            "or pass the span to count in"
        )
