"""Before and after dates: the ratio of rates, and what is usual at that time of the year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations.measures._asking import (
    Asked,
    Question,
    Status,
    ask,
    contacts_of,
    covered_span,
    describe,
    evidence_cell,
    refuse_repeats,
)
from relations.measures._frequency import refuse_outside
from relations.measures._intervals import rate_ratio
from relations.record._frames import collect, narrow
from relations.record._periods import DAY, Span, day
from relations.record._text import as_list

WINDOW = 180


def before_after(
    data: Asked,
    dates: Any = None,
    window: int = WINDOW,
    *,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
    evidence: bool = False,
) -> pd.DataFrame:
    """Compare the rate of occasions after each given date with the rate before it.

    Parameters
    ----------
    data : Dataset, or frame of events with ``start`` (timestamp), ``precision`` and ``status``
        A frame may be pandas, Polars, DuckDB or PySpark.
    dates : dates, ids or frame, optional
        A list of days, months, years or ids of ``data.context``; a mapping from a name to a
        date; or a frame with ``context_id``, ``start`` and, for dates not known to the day,
        ``start_latest``, such as rows of ``data.context``, which is taken where it is left out.
    window : int
        Days on each side. "Before" ends with the day before the date, "after" begins with
        the date itself.
    count, status
        As for `gaps`.
    span : (first day, last day), optional
        What is counted, instead of what the record covers. Contacts outside are left out.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``before`` and ``after``,
        separated by ``;``, as `trace` takes them. Needs ``event_id``.

    Returns
    -------
    pandas.DataFrame, one row per date in order of time, whatever the engine of ``data``
        ``context_id``, or the name or date given; ``date`` first possible day; ``before``,
        ``after`` occasions that start in the windows; ``days_before``, ``days_after`` covered
        days of them; ``ratio`` of the rate after to the rate before, with its exact 95%
        interval ``low``, ``high``; ``p_value`` of an equal rate, and ``p_adjusted`` for all
        dates together; ``usual``, the median ratio around the firsts of that calendar month
        in all years, as `placebo` gives it; ``overlaps`` other dates whose windows share a
        day, separated by ``;``; ``unsure`` days in neither window because the date is known
        to the month or year alone; ``left_out`` contacts that may lie in a window but cannot
        be placed. The ratio is empty, and its interval 0 to infinity, where neither window
        has a contact; all are empty where one window is not covered.

    Raises
    ------
    ValueError
        As `gaps`; also where a contact lies outside what the Dataset covers, a date is none
        or stands twice, or ``window`` is not a whole number of days above 0.

    Warns
    -----
    UserWarning
        Where a frame comes without ``span``: the days from its first to its last contact are
        then taken as covered.

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
    >>> table = before_after(
    ...     events, {"storm": "2019-06-01"}, window=30, span=("2019-01-01", "2019-06-15"))
    >>> table[["before", "after", "days_before", "days_after", "ratio"]].values.tolist()
    [[1.0, 2.0, 30.0, 15.0, 4.0]]
    """
    length = _length(window)
    question = ask(data, "before_after", ["start", "precision"], count=count, status=status)
    found = contacts_of(question, evidence=evidence)
    covered = covered_span(question, found, span)
    _check_covered(question, found, covered, span)
    moments = _moments(question, dates)
    rows = []
    for moment in moments.itertuples():
        windows = _windows(moment.start, moment.latest, length, covered)
        placed = [_inside(found, *each) for each in windows]
        touching = [
            (found["start"] <= last) & (found["latest"] >= first) & (first <= last)
            for first, last in windows
        ]
        others = moments[
            (moments["start"] - length <= moment.latest + length - DAY)
            & (moments["latest"] + length - DAY >= moment.start - length)
            & (moments["context_id"] != moment.context_id)
        ]
        before, after = (int(each.sum()) for each in placed)
        days_before, days_after = (_days(*each) for each in windows)
        either = placed[0] | placed[1]
        rows.append(
            {
                "context_id": moment.context_id,
                "date": moment.start,
                "before": before,
                "after": after,
                "days_before": days_before,
                "days_after": days_after,
                **rate_ratio(before, after, days_before, days_after),
                "overlaps": ";".join(others["context_id"]),
                "unsure": (moment.latest - moment.start).days,
                "left_out": int(((touching[0] | touching[1]) & ~either).sum()),
                **evidence_cell(found[either].get("event_id", ()), evidence),
            }
        )
    table = pd.DataFrame(rows)
    place = table.columns.get_loc("overlaps")
    table.insert(place, "p_adjusted", holm(table["p_value"]))
    usual = _usual(_firsts_of_months(found, covered, length))
    table.insert(place + 1, "usual", table["date"].dt.month.map(usual).astype("float64"))
    return describe(table, question.data, count, window=int(window))


def placebo(
    data: Asked,
    window: int = WINDOW,
    *,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Compare the rates before and after dates at which nothing happened.

    Parameters
    ----------
    data, window, count, status, span
        As for `before_after`.

    Returns
    -------
    pandas.DataFrame, one row per first of a month both windows of which are covered
        ``date``; ``month`` 1 to 12; ``before``, ``after``; ``ratio``, ``low``, ``high``,
        ``p_value`` as `before_after` gives them; ``usual``, the median ratio of that calendar
        month in all years that have a contact in either window.

    Raises
    ------
    ValueError
        As `before_after`.

    Warns
    -----
    UserWarning
        As `before_after`.

    Notes
    -----
    The share of rows with a ``p_value`` of at most 0.05 says how often the test alarms where
    there is nothing to find: more than 5% where contacts come in clusters, grow or have
    seasons. Windows of neighbouring months share most of their days, so rows are no separate
    evidence.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-01-20", "2019-02-10", "2019-02-11", "2019-03-30"]),
    ...     "precision": "day", "status": "held"})
    >>> table = placebo(events, window=28, span=("2019-01-01", "2019-04-10"))
    >>> table[["month", "before", "after", "ratio"]].values.tolist()
    [[2.0, 1.0, 2.0, 2.0], [3.0, 2.0, 0.0, 0.0]]
    """
    length = _length(window)
    question = ask(data, "placebo", ["start", "precision"], count=count, status=status)
    found = contacts_of(question)
    covered = covered_span(question, found, span)
    _check_covered(question, found, covered, span)
    table = _firsts_of_months(found, covered, length)
    days = float(length.days)
    tests = [
        rate_ratio(before, after, days, days)
        for before, after in zip(table["before"], table["after"], strict=True)
    ]
    for column in ("low", "high", "p_value"):
        table[column] = np.array([test[column] for test in tests], dtype="float64")
    table["usual"] = table["month"].map(_usual(table)).astype("float64")
    return describe(table, question.data, count, window=int(window))


def _length(window: Any) -> pd.Timedelta:
    if isinstance(window, bool) or not isinstance(window, (int, np.integer)) or window < 1:
        raise ValueError(f"window={window!r}: give a whole number of days above 0")
    return pd.Timedelta(days=int(window))


def _check_covered(question: Question, found: pd.DataFrame, covered: Span, given: Any) -> None:
    if question.data is not None and given is None:
        starts = found.assign(earliest=found["start"], latest=found["start"])
        refuse_outside(question.metric, starts, covered)


def _windows(
    start: pd.Timestamp, latest: pd.Timestamp, length: pd.Timedelta, covered: Span
) -> tuple[Span, Span]:
    """Return first and last covered day before and after; the last lies before of none."""
    since, until = covered
    return (
        (max(start - length, since), min(start - DAY, until)),
        (max(latest, since), min(latest + length - DAY, until)),
    )


def _inside(found: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.Series:
    return (found["start"] >= first) & (found["latest"] <= last)


def _days(first: pd.Timestamp, last: pd.Timestamp) -> int:
    return max((last - first).days + 1, 0)


def _firsts_of_months(found: pd.DataFrame, covered: Span, length: pd.Timedelta) -> pd.DataFrame:
    """Count before and after every first of a month both windows of which are covered."""
    since, until = covered
    firsts = pd.date_range(since + length, until - length + DAY, freq="MS", unit="us")
    table = pd.DataFrame({"date": firsts, "month": firsts.month.astype("int64")})
    exact = found["start"] == found["latest"]
    known, coarse = found.loc[exact, "start"].to_numpy(), found[~exact]
    for name, first in (("before", firsts - length), ("after", firsts)):
        last = first + length - DAY
        number = np.searchsorted(known, last.to_numpy(), side="right")
        number = number - np.searchsorted(known, first.to_numpy())
        unsure = [int(_inside(coarse, *each).sum()) for each in zip(first, last, strict=True)]
        table[name] = number + np.array(unsure, dtype="int64")
    with np.errstate(divide="ignore", invalid="ignore"):
        table["ratio"] = table["after"].to_numpy() / table["before"].to_numpy()
    return table


def _usual(firsts: pd.DataFrame) -> pd.Series:
    """Return the median ratio of each calendar month; windows without contacts have none."""
    return firsts.dropna(subset="ratio").groupby("month")["ratio"].median()


def _moments(question: Question, dates: Any) -> pd.DataFrame:
    """Return the dates to look around, with the first and last day each may mean."""
    metric = question.metric
    if dates is None:
        if question.data is None:
            raise ValueError(f"{metric}: a frame has no dates: say which, such as ['2014-05-02']")
        dates = question.data.whole.context
    if isinstance(dates, Mapping) or not hasattr(dates, "columns"):
        found = _dates_given(question, dates)
    else:
        found = collect(narrow(dates, metric, ["context_id", "start"], ["start_latest"]))
        if not isinstance(narrow(dates, metric, ["start"]).collect_schema()["start"], nw.Datetime):
            raise ValueError(
                f"{metric} needs timestamps in the start of dates; relations.load gives them"
            )
    if found.empty or found["start"].isna().any():
        raise ValueError(f"{metric}: dates has no row, or a row without start: give at least one")
    refuse_repeats(found, "context_id")
    latest = found["start_latest"] if "start_latest" in found else found["start"]
    found["latest"] = latest.fillna(found["start"]).dt.normalize()
    found["start"] = found["start"].dt.normalize()
    return found.sort_values(["start", "context_id"], ignore_index=True)


def _dates_given(question: Question, dates: Any) -> pd.DataFrame:
    """Return dates given as values, as ids of the context or under names, as a frame."""
    if not isinstance(dates, Mapping):
        dates = {_written(each): each for each in as_list(dates)}
    context = pd.DataFrame(columns=["context_id", "start", "start_latest"])
    if question.data is not None:
        needed = ["context_id", "start", "start_latest"]
        context = collect(narrow(question.data.whole.context, question.metric, needed))
    known = context.set_index("context_id")
    rows = []
    for name, moment in dates.items():
        if isinstance(moment, str) and moment in known.index:
            rows.append((name, known["start"][moment], known["start_latest"][moment]))
        else:
            rows.append((name, day(moment, "dates"), day(moment, "dates", last=True)))
    found = pd.DataFrame(rows, columns=["context_id", "start", "start_latest"])
    return found.astype({"start": "datetime64[us]", "start_latest": "datetime64[us]"})


def _written(moment: Any) -> str:
    if isinstance(moment, str):
        return moment
    # A year is a number, also where it is one of numpy.
    return f"{day(moment, 'dates'):{'%Y' if pd.api.types.is_number(moment) else '%Y-%m-%d'}}"


def holm(p_values: pd.Series) -> pd.Series:
    """Adjust for all tests together; an empty p is no test."""
    ranked = p_values.dropna().sort_values(kind="stable")
    times = np.arange(len(ranked), 0, -1)
    return (ranked * times).cummax().clip(upper=1).reindex(p_values.index)
