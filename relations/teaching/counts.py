"""Checks of counts: witnesses, series, years, occasions, and what both sides report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from relations.measures import channels, coverage, exchanges
from relations.measures._asking import require_booleans
from relations.record.dataset import Dataset, check_dataset
from relations.teaching._answers import (
    Feedback,
    Values,
    check_event,
    first_few,
    in_pandas,
    is_blank,
    judge_number,
    judge_values,
    number_of,
    read,
    sides_of,
)

EVENT = ["event_id", "start", "kind", "status", "parent_id", "occasion"]


def check_witnesses(answer: Any, data: Dataset, event_id: str) -> Feedback:
    """Check how many reports bear witness to a contact, each in words of its own.

    Parameters
    ----------
    answer : number
        None is an answer not given yet.
    data : Dataset
        ``reports`` and ``sources`` are read.
    event_id : str

    Returns
    -------
    Feedback
        Right is the number of reports of the time (``main``) that are no reprint.

    Raises
    ------
    ValueError
        Where the contact is not in the record.

    Examples
    --------
    >>> import relations as rel
    >>> event = "2023-10-27-visit-giang-beijing"
    >>> rel.teaching.check_witnesses(None, rel.load(), event).messages
    ('witnesses: no answer yet; put a number in its place',)
    """
    check_dataset(data, "check_witnesses")
    check_event(data, event_id)
    reports = read(data, "reports", ["event_id", "source_id", "main"])
    pages = read(data, "sources", ["source_id", "reprint_of"])
    rows = reports[reports["event_id"] == event_id].merge(pages, on="source_id")
    rows = require_booleans(rows, ["main"], "check_witnesses (reports)")
    original, of_the_time = rows["reprint_of"].isna(), rows["main"]
    traps = [
        (len(rows), "counts every row: a reprint repeats another report, and a report that only "
         "recalls or announces did not see the contact (sources.reprint_of, reports.main)"),
        (original.sum(), "leaves out reprints, but counts reports that recall or announce "
         "(reports.main)"),
        (of_the_time.sum(), "counts a reprint as a second witness (sources.reprint_of)"),
    ]  # fmt: skip
    return judge_number("witnesses", answer, int((original & of_the_time).sum()), traps)


def check_series(answer: Any, data: Dataset, channel: str) -> Feedback:
    """Check how many contacts of a numbered series the record holds.

    Parameters
    ----------
    answer : number
    data : Dataset
        The tables that `relations.channels.numbering` reads.
    channel : str
        The series, as in ``data.mechanisms``.

    Returns
    -------
    Feedback
        Right is the number of contacts held, whatever numbers the sides give them.

    Raises
    ------
    ValueError
        As `relations.channels.numbering`.

    Examples
    --------
    >>> import relations as rel
    >>> rel.teaching.check_series(39, rel.load(), "coast_guard_joint_patrol").right
    False
    """
    check_dataset(data, "check_series")
    table = channels.numbering(data, channel)
    numbers = table[sides_of(data)]
    highest = numbers.max().dropna()
    traps = [
        (highest.sum(), "adds the counts of both sides, so that one contact counts twice"),
        (numbers.count().sum(), "counts numbers: a contact that both sides number has two, and "
         "one whose number no report prints has none"),
        (numbers.notna().any(axis=1).sum(), "leaves out contacts whose number no report prints"),
        *((value, "is a number in one count: how many there have been by it, not how many "
           "reports were found of") for value in highest),
    ]  # fmt: skip
    return judge_number("series", answer, len(table), traps)


def check_years(answer: Any, data: Dataset, kind: str) -> Feedback:
    """Check the number of contacts of one kind in each year that the record covers.

    Parameters
    ----------
    answer : Series or mapping of year to number
    data : Dataset
        ``events`` is read.
    kind : str

    Returns
    -------
    Feedback
        Right is the count of contacts held, those that are parts of an occasion among them,
        with 0 for a covered year without one.

    Raises
    ------
    ValueError
        Where there is no such kind.

    Examples
    --------
    >>> import relations as rel
    >>> rel.teaching.check_years({}, rel.load(), "port_call").messages
    ('years: no answer yet',)
    """
    check_dataset(data, "check_years")
    chosen = data.where(kind=kind)
    events = read(chosen, "events", EVENT)
    held = events[events["status"] == "held"]

    def by_covered_year() -> Values:
        yearly = exchanges.exchange_frequency(chosen, every="year", count="contacts")
        table = in_pandas(yearly, ["period", "count"], "years")
        return dict(zip(table["period"].dt.year, table["count"], strict=True))

    def by_year(rows: pd.DataFrame, years: Sequence[int] | None = None) -> Values:
        counts = rows["start"].dt.year.value_counts()
        return (counts if years is None else counts.reindex(years, fill_value=0)).to_dict()

    def from_first_to_last() -> Values:
        years = held["start"].dt.year
        return by_year(held, range(years.min(), years.max() + 1)) if len(held) else {}

    once = held[~held.assign(year=held["start"].dt.year).duplicated(["occasion", "year"])]
    since, until = chosen.span
    covered = range(since.year, until.year + 1)
    traps = [
        (lambda: by_year(held), "years without a contact have no row. A covered year without "
         "one is a 0; a group that does not exist is not counted"),
        (from_first_to_last, "the years begin with the first contact and end with the last; "
         "the record covers more (data.span), and there it is 0"),
        (lambda: by_year(events), "contacts that were only announced, cancelled or are disputed "
         "are counted, and years without one have no row"),
        (lambda: by_year(events, covered), "contacts that were only announced, cancelled or "
         "are disputed are counted (events.status)"),
        (lambda: by_year(held[held["parent_id"].isna()], covered), "parts of an occasion are "
         "left out (events.parent_id); each contact of the kind counts"),
        (lambda: by_year(once, covered), "occasions are counted: two contacts of the kind "
         "within one occasion are two (count=\"contacts\")"),
    ]  # fmt: skip
    return judge_values("years", answer, by_covered_year, traps)


def check_reported_by_both(answer: Any, data: Dataset) -> Feedback:
    """Check, for each kind, the share of contacts that both sides' own reports tell of.

    Parameters
    ----------
    answer : Series or mapping of kind to share
        To two places or more.
    data : Dataset
        The tables that `relations.coverage.lists` reads.

    Returns
    -------
    Feedback
        Right counts contacts held and originals of the time, not reprints or recollections.

    Raises
    ------
    ValueError
        As `relations.coverage.lists`.

    Examples
    --------
    >>> import relations as rel
    >>> rel.teaching.check_reported_by_both({"visit": 1.2}, rel.load()).right
    False
    """
    check_dataset(data, "check_reported_by_both")

    def share(both: pd.Series, kind: pd.Series) -> Values:
        return both.groupby(kind.astype("str")).mean().to_dict()

    def of_lists(recollections: bool = False) -> Values:
        lists = coverage.lists(data, recollections=recollections)
        return share(lists["first"] & lists["second"], lists["kind"])

    def every_report() -> Values:
        lists = coverage.lists(data)
        reports = read(data, "reports", ["event_id", "source_id"])
        named = reports.merge(read(data, "sources", ["source_id", "side"]), on="source_id")
        named = named[named["side"].isin(sides_of(data))]
        number = named.groupby("event_id")["side"].nunique()
        both = lists["event_id"].map(number).fillna(0) == len(sides_of(data))
        return share(both, lists["kind"])

    def one_or_none() -> Values:
        return {kind: 1 - value for kind, value in of_lists().items()}

    given = dict(answer) if isinstance(answer, (Mapping, pd.Series)) else {}
    numbers = {key: number_of(value) for key, value in given.items() if not is_blank(value)}
    outside = [key for key, value in numbers.items() if value is not None and not 0 <= value <= 1]
    if outside:
        return Feedback(False, (f"shares: {first_few(outside)}: a share lies between 0 and 1",))
    traps = [
        (lambda: of_lists(recollections=True), "reports that only recall or announce are counted "
         "(reports.main)"),
        (every_report, "every report counts, also one that recalls or announces (reports.main) "
         "or is a reprint (sources.reprint_of)"),
        (one_or_none, "these are the shares of contacts that one side or none reports"),
    ]  # fmt: skip
    return judge_values("shares", answer, of_lists, traps)


def check_occasions(answer: Any, data: Dataset, year: int) -> Feedback:
    """Check how many occasions were held in a year.

    Parameters
    ----------
    answer : number
    data : Dataset
        ``events`` is read.
    year : int

    Returns
    -------
    Feedback
        Right counts the distinct occasions of which a contact was held in the year: one
        that began the year before counts where a part of it falls into the year.

    Examples
    --------
    >>> import relations as rel
    >>> rel.teaching.check_occasions("many", rel.load(), 2024).messages
    ("occasions: str 'many' is no number; give one",)
    """
    check_dataset(data, "check_occasions")
    events = read(data, "events", EVENT)
    events = events[events["start"].dt.year == year]
    held, whole = events["status"] == "held", events["parent_id"].isna()
    traps = [
        (len(events), "counts every row: parts of an occasion (events.parent_id), and what was "
         "announced, cancelled or is disputed (events.status)"),
        (held.sum(), "counts an occasion and each of its parts (events.parent_id)"),
        (events["occasion"].nunique(), "counts what was announced, cancelled or is disputed "
         "(events.status)"),
        ((held & whole).sum(), "leaves out occasions that began in another year and have a part "
         "in this one (events.occasion)"),
        ((held & ~whole).sum(), "counts the parts and leaves out the occasions"),
    ]  # fmt: skip
    return judge_number("occasions", answer, int(events.loc[held, "occasion"].nunique()), traps)
