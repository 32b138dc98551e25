"""Dates at the precision known: ``2024-04-11``, ``2022-10`` or ``2003``."""

from __future__ import annotations

import calendar
import datetime
import re
from typing import Any

FORM = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
PRECISIONS = {4: "year", 7: "month", 10: "day"}
PATTERNS = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
COARSENESS = tuple(PATTERNS)
# Mean length of a year in the Gregorian calendar.
DAYS_PER_YEAR = 365.2425


class DateError(ValueError):
    """A text that is no date; ``rule`` names the rule broken."""

    def __init__(self, rule: str, why: str):
        super().__init__(why)
        self.rule = rule


def validate(text: str) -> None:
    """Raise `DateError` unless ``text`` is a day, a month or a year that exists."""
    if not FORM.fullmatch(text):
        if found := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})", text, re.ASCII):
            days = _days_meant(*found.groups())
            if len(days) == 1:
                raise DateError("date-order", f"write year-month-day: {days.pop()}")
            if not days:
                raise DateError(
                    "date-impossible", "the calendar has no such day; look at the report again"
                )
            raise DateError(
                "date-ambiguous",
                "day and month cannot be told apart; write year-month-day, such as 2024-04-11",
            )
        raise DateError(
            "date-form",
            "a date is written 2024-04-11, 2022-10 or 2003, as precise as the sources allow",
        )
    year, month, day = ([int(part) for part in text.split("-")] + [1, 1])[:3]
    try:
        datetime.date(year, month, day)
    except ValueError:
        raise DateError(
            "date-impossible", "the calendar has no such day; look at the report again"
        ) from None


def _days_meant(one: str, other: str, year: str) -> set[str]:
    """Return the days that two numbers and a year can mean, read in either order.

    There is one where a number is greater than 12, or both are the same; of a year in two
    digits nobody knows the century, so two days are returned at the least.
    """
    days = set()
    for century in ("",) if len(year) == 4 else ("19", "20"):
        for month, day in ((one, other), (other, one)):
            try:
                days.add(datetime.date(int(century + year), int(month), int(day)).isoformat())
            except ValueError:
                continue
    return days


def first_day(text: str) -> str:
    """Return the first day that ``text`` allows, as year-month-day."""
    return text + "-01-01"[len(text) - 10 :] if len(text) < 10 else text


def last_day(text: str) -> str:
    """Return the last day that ``text`` allows, as year-month-day."""
    if len(text) == 4:
        return text + "-12-31"
    if len(text) == 7:
        return f"{text}-{calendar.monthrange(int(text[:4]), int(text[5:]))[1]}"
    return text


def written(first: Any, last: Any) -> str:
    """Write a date as precisely as its first and last possible day allow, the year at least.

    A date that is not known, which pandas holds as one unequal to itself, is no text.
    """
    if first is None or first != first:
        return ""
    for pattern in PATTERNS.values():
        if (text := first.strftime(pattern)) == last.strftime(pattern):
            return text
    return first.strftime(PATTERNS["year"])


def may_coincide(one: str, other: str) -> bool:
    """Whether two dates, each at its own precision, allow a common day."""
    return first_day(one) <= last_day(other) and first_day(other) <= last_day(one)


def precision(*texts: str) -> str:
    """Return the coarsest precision among the texts that are not empty."""
    return max((PRECISIONS[len(text)] for text in texts if text), key=COARSENESS.index)
