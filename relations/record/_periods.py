"""Months, quarters and years: which a date falls in, and which a span covers."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from relations.record import _dates

PERIODS = {"month": "1mo", "quarter": "1q", "year": "1y"}
OFFSETS = {"month": "MS", "quarter": "QS", "year": "YS"}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
FINE_ENOUGH = {
    "month": ["day", "month"],
    "quarter": ["day", "month"],
    "year": ["day", "month", "year"],
}
DAY = pd.Timedelta(days=1)

Span = tuple[pd.Timestamp, pd.Timestamp]


def check_every(every: Any) -> None:
    """Refuse a length of period that is not known."""
    if not isinstance(every, str) or every not in PERIODS:
        raise ValueError(f"every={every!r}: use one of {', '.join(PERIODS)}")


def day(moment: Any, which: str, *, last: bool = False) -> pd.Timestamp:
    """Return the first, or the last, day of a year, month or day however it is given."""
    if isinstance(moment, np.datetime64) and np.datetime_data(moment)[0] in ("Y", "M"):
        moment = str(moment)
    if isinstance(moment, (int, float, np.number)) and not isinstance(moment, bool):
        if not (1000 <= moment <= 9999 and float(moment).is_integer()):
            raise ValueError(f"{which}={moment!r}: a year has four digits")
        moment = f"{int(moment):04d}"
    if isinstance(moment, pd.Period):
        moment = moment.end_time if last else moment.start_time
    if isinstance(moment, np.datetime64):
        moment = pd.Timestamp(moment)
    if isinstance(moment, str):
        try:
            _dates.validate(moment)
        except _dates.DateError as error:
            raise ValueError(f"{which}={moment!r}: {error}") from None
        moment = _dates.last_day(moment) if last else _dates.first_day(moment)
    if not isinstance(moment, (str, datetime.date)) or pd.isna(moment):
        raise ValueError(f"{which}={moment!r}: give a day, a month or a year, such as 2010")
    found = pd.Timestamp(moment)
    if found.tz is not None:
        raise ValueError(f"{which}={moment!r} has a time zone: a day has none, leave it out")
    return found.normalize().as_unit("us")


def span_of(given: Any) -> Span:
    """Return the first and last day of a span, whose ends may be written as ``2019-03``."""
    if isinstance(given, str) or not hasattr(given, "__len__") or len(given) != 2:
        raise ValueError(f"span={given!r}: give its first and its last day")
    since, until = day(given[0], "span"), day(given[1], "span", last=True)
    if until < since:
        raise ValueError(
            f"span ends on {until:%Y-%m-%d}, before it starts on {since:%Y-%m-%d}: swap its days"
        )
    return since, until


def period_of(start: pd.Series, every: str) -> pd.Series:
    """Return the first day of the period of each date."""
    return start.dt.to_period(every[0].upper()).dt.start_time.astype("datetime64[us]")


def periods(since: pd.Timestamp, until: pd.Timestamp, every: str) -> pd.DatetimeIndex:
    """Return the first days of the periods that hold a day of the span."""
    first = since.to_period(every[0].upper()).start_time
    return pd.date_range(first, until, freq=OFFSETS[every], unit="us")


def length_of(counts: pd.DataFrame) -> str:
    """Return the length of the periods that were counted, or that they have."""
    if "every" in counts.attrs:
        return str(counts.attrs["every"])
    months = np.diff(np.sort(counts["period"].dt.year * 12 + counts["period"].dt.month))
    least = months.min() if len(months) else 12
    return "month" if least < 3 else "quarter" if least < 12 else "year"


def gap_after(starts: pd.Series, every: str) -> pd.Period | None:
    """Return the first of some periods in order after which one is left out."""
    apart = np.diff(starts.dt.year * 12 + starts.dt.month) != MONTHS[every]
    if not apart.any():
        return None
    return starts.iloc[int(apart.argmax())].to_period(every[0].upper())


def exposure(starts: pd.Series, span: Span, every: str) -> pd.DataFrame:
    """Return of each period the years that the span covers, and whether only in part.

    A day is one part in 365 or 366 of a year.
    """
    since, until = span
    after = starts + pd.tseries.frequencies.to_offset(OFFSETS[every])
    days = (after.clip(upper=until + DAY) - starts.clip(lower=since)).dt.days
    length = starts.dt.is_leap_year.map({True: 366, False: 365}).astype("float64")
    return pd.DataFrame(
        {"exposure": days / length, "partial": days < (after - starts).dt.days},
        index=starts.index,
    )


def latest_start(start: pd.Series, precision: pd.Series) -> pd.Series:
    """Return the last day on which a contact of this start and precision may begin."""
    for coarse, end in (("month", pd.offsets.MonthEnd(0)), ("year", pd.offsets.YearEnd(0))):
        known = precision == coarse
        if known.any():
            start = start.mask(known, start + end)
    return start


def too_coarse_error(number: int, every: str, examples: Sequence[str] = ()) -> ValueError:
    """Return the error that contacts cannot be placed in periods as short as asked for."""
    which = f", such as {', '.join(examples)}" if len(examples) else ""
    one = number == 1
    it = "it" if one else "they"
    return ValueError(
        f"{number} contact{' is' if one else 's are'} known less precisely than to the "
        f"{every}{which}: {it} cannot be placed. Ask for longer periods, or leave "
        f"{'it' if one else 'them'} out with "
        f"data.where(precision={FINE_ENOUGH[every]}), and say so"
    )
