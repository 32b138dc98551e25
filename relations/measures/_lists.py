"""Whose own reports name each contact: one list for each side, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from relations.measures import _intervals
from relations.measures._asking import (
    ROOTS,
    By,
    Status,
    check_count,
    contact_cells,
    describe,
    evidence_cell,
    one_per_occasion,
    refuse_repeats,
    require_booleans,
    text_kinds,
)
from relations.record import levels
from relations.record._frames import Frame, collect, groups, names, narrow
from relations.record._types import TEXT
from relations.record._witnesses import chosen, originals, two_sides
from relations.record.dataset import Dataset, check_dataset

ALONE = "one side alone"


def lists(
    data: Dataset, *, recollections: bool = True, every_years: int = 5, status: Status = None
) -> pd.DataFrame:
    """List which side's own reports name each contact.

    Parameters
    ----------
    data : Dataset
        Its tables ``sides``, ``events``, ``reports``, ``sources`` and those that
        ``data.contacts`` reads.
    recollections : bool
        Whether a report that only recalls or announces a contact puts it on its side's list;
        if not, only reports of the time do.
    every_years : int
        Length of a period in ``period``.
    status : str or sequence of str
        Which contacts count; those chosen by ``where``, else those held.

    Returns
    -------
    pandas.DataFrame, one row per contact, by start
        ``event_id``, ``start``, ``kind``, ``channel``, ``parent_id``, ``occasion``;
        ``period``, such as "2010-2014"; ``tier``, as in ``data.contacts``; ``first_side``,
        ``second_side``, the codes of the sides; ``first``, ``second``, ``third``: whether an
        original of the first, the second or no side names the contact; ``reported_by``: the
        one side, "both" or "neither", whatever third parties report. Reprints and
        translations are nobody's report.

    Raises
    ------
    ValueError
        Where a column is missing, a source of a report is unknown, the tables do not hold
        exactly two sides, or ``every_years`` is below 1.

    Notes
    -----
    The tier is read from reports too: a contact that nobody describes is ``unnamed``.

    Examples
    --------
    >>> import relations as rel
    >>> lists = rel.coverage.lists(rel.load())
    >>> exchange = lists[lists["event_id"] == "2024-04-11-border-exchange-8"]
    >>> exchange[["tier", "first_side", "second_side", "reported_by"]].to_numpy().tolist()
    [['minister', 'CN', 'VN', 'both']]
    """
    return _lists(data, "lists", recollections, every_years, status)


def _lists(
    data: Dataset, metric: str, recollections: bool, every_years: int, status: Status
) -> pd.DataFrame:
    check_dataset(data, metric)
    if every_years < 1:
        raise ValueError(f"every_years={every_years!r}: a period is one year or more")
    columns = ["event_id", "start", "kind", "mechanism", "parent_id", "occasion"]
    events = chosen(data, metric, columns, status)
    sides = two_sides(data, metric)
    reports = originals(data, metric, ["main"])
    if not recollections:
        reports = reports[require_booleans(reports, ["main"], f"{metric} (reports)")["main"]]
    by_side = reports.groupby("event_id")["side"].agg(set)
    named = [by_side.get(event, set()) for event in events["event_id"]]
    places = data.whole._tiers.set_index("event_id")["place"].reindex(events["event_id"])
    result = events.rename(columns={"mechanism": "channel"}).assign(
        period=_periods(events["start"], every_years),
        tier=levels.named_tiers(places),
        first_side=sides[0],
        second_side=sides[1],
        first=np.array([sides[0] in found for found in named], dtype="bool"),
        second=np.array([sides[1] in found for found in named], dtype="bool"),
        third=np.array([bool(found - set(sides)) for found in named], dtype="bool"),
    )
    witnesses = [result["first"] & result["second"], result["first"], result["second"]]
    said = np.select(witnesses, ["both", *sides], "neither")
    result["reported_by"] = pd.Series(said, result.index, dtype=TEXT)
    result = result.sort_values(["start", "event_id"], ignore_index=True)
    return describe(result, data, "contacts", sides=sides)


def _periods(start: pd.Series, years: int) -> pd.Series:
    first = start.dt.year // years * years
    texts = [f"{year}-{year + years - 1}" if years > 1 else str(year) for year in first]
    return pd.Series(texts, start.index, dtype=TEXT)


def both_sides(data: Dataset, *, status: Status = None) -> pd.DataFrame:
    """Reconcile the numbers of contacts that both sides report, counted in each way.

    Parameters
    ----------
    data : Dataset
        As for `lists`.
    status : str or sequence of str
        Which contacts count; those chosen by ``where``, else those held.

    Returns
    -------
    pandas.DataFrame, four rows
        ``count``: contacts, or occasions, where a part is a witness to the whole;
        ``reports``: all, or those of the time, without those that only recall or announce;
        ``first_side``, ``second_side``, the codes of the sides; ``total``;
        ``first_alone``, ``second_alone``, reported by originals of one side and not of the
        other; ``both``; ``neither``, known from third parties or from reprints alone. The
        four add up to ``total``.

    Raises
    ------
    ValueError
        As `lists`.

    Examples
    --------
    >>> import relations as rel
    >>> table = rel.coverage.both_sides(rel.load())
    >>> table["reports"].tolist()
    ['all', 'of the time', 'all', 'of the time']
    """
    rows = []
    for count in ("contacts", "occasions"):
        for reports in ("all", "of the time"):
            told = witnessed(data, "both_sides", [], reports == "all", count, status)
            first, second = told["first"], told["second"]
            sides = two_sides(data, "both_sides")
            rows.append(
                {
                    "count": count,
                    "reports": reports,
                    "first_side": sides[0],
                    "second_side": sides[1],
                    "total": len(told),
                    "first_alone": int((first & ~second).sum()),
                    "second_alone": int((second & ~first).sum()),
                    "both": int((first & second).sum()),
                    "neither": int((~first & ~second).sum()),
                }
            )
    return describe(pd.DataFrame(rows), data, "contacts and occasions")


def reported_by(
    data: Dataset | Frame,
    by: By = (),
    *,
    recollections: bool = True,
    count: str = "occasions",
    status: Status = None,
    evidence: bool = False,
) -> pd.DataFrame:
    """Give the shares of contacts that one side alone reports, and that both do.

    Parameters
    ----------
    data : Dataset, or frame as `lists` returns it
        Of a frame, ``recollections`` and ``status`` are what they were for `lists`.
    by : column or columns of `lists` or of ``data.contacts``, such as "kind"
        An occasion counts for each value that one of its contacts has, but in one tier, its
        highest.
    recollections : bool
        Whether a report that only recalls or announces a contact counts.
    count : {"occasions", "contacts"}
        A part is a witness to the occasion that it belongs to.
    status : str or sequence of str
        Which contacts count; those chosen by ``where``, else those held.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``count``, separated by
        ``;``, as `trace` takes them.

    Returns
    -------
    pandas.DataFrame, four rows per value of ``by``
        ``reported_by``: each side's code, for what no other side reports, "one side alone",
        for either of these, and "both"; ``reported``, how many at least one side reports;
        ``count`` of them; ``share``, ``low``, ``high``, the 95% Wilson interval. Empty shares
        where neither side reports any. `both_sides` shows how the way of counting moves the
        number.

    Raises
    ------
    ValueError
        Where a column is missing, a contact stands twice, or ``first`` or ``second`` is
        neither true nor false.

    Notes
    -----
    E. B. Wilson, Journal of the American Statistical Association 22 (1927).

    Examples
    --------
    >>> import pandas as pd
    >>> import relations as rel
    >>> lists = pd.DataFrame({
    ...     "event_id": list("abcd"), "parent_id": None, "first_side": "AA", "second_side": "BB",
    ...     "first": [True, False, False, False], "second": [True, True, True, False]})
    >>> rel.coverage.reported_by(lists).round(2)
          reported_by  reported  count  share   low  high
    0              AA         3      0   0.00  0.00  0.56
    1              BB         3      2   0.67  0.21  0.94
    2  one side alone         3      2   0.67  0.21  0.94
    3            both         3      1   0.33  0.06  0.79
    """
    by = names(by, ["reported_by", "reported", "count", "share", "low", "high", "evidence"])
    told = witnessed(
        data, "reported_by", by, recollections, count, status, ["first_side", "second_side"]
    )
    if isinstance(data, Dataset):
        sides = two_sides(data, "reported_by")
    else:
        sides = [_one_side(told[column], column) for column in ("first_side", "second_side")]
    rows = []
    for key, group in cells(told, by):
        first, second = group["first"], group["second"]
        reported = int((first | second).sum())
        answers = {
            sides[0]: first & ~second,
            sides[1]: second & ~first,
            ALONE: first ^ second,
            "both": first & second,
        }
        for witnesses, which in answers.items():
            number = int(which.sum())
            low, high = _intervals.wilson(number, reported)
            rows.append(
                {
                    **key,
                    "reported_by": witnesses,
                    "reported": reported,
                    "count": number,
                    "share": number / reported if reported else np.nan,
                    "low": low,
                    "high": high,
                    **evidence_cell(group.loc[which, "event_id"], evidence),
                }
            )
    columns = [*by, "reported_by", "reported", "count", "share", "low", "high"]
    result = pd.DataFrame(rows, columns=[*columns, *["evidence"] * evidence])
    if not rows:
        result = result.astype(
            {"reported_by": TEXT, "reported": "int64", "count": "int64"}
            | dict.fromkeys(columns[-3:], "float64")
            | text_kinds(told, by)
        )
    if isinstance(data, Dataset):
        return describe(result, data, count, sides=sides)
    return describe(result, None, count, **about_frame(data), sides=sides)


def _one_side(values: pd.Series, column: str) -> str:
    found = sorted(values.dropna().unique())
    if len(found) != 1:
        raise ValueError(f"{column} has the values {', '.join(found) or 'none'}: lists has one")
    return str(found[0])


def witnessed(
    data: Dataset | Frame,
    metric: str,
    by: list[str],
    recollections: bool,
    count: str,
    status: Status,
    more: Iterable[str] = (),
) -> pd.DataFrame:
    """Return contacts, or occasions that any of their parts witness, with who reports them."""
    check_count(count)
    if isinstance(data, Dataset):
        rows = _lists(data, metric, recollections, 5, status)
        if beyond := [column for column in by if column not in rows]:
            flat = data.whole._flat
            for column in beyond:
                if column not in flat:
                    raise ValueError(
                        f"{metric}: by={column!r} is no column of lists or of data.contacts, which "
                        f"has {', '.join(flat)}"
                    )
            rows = rows.merge(contact_cells(flat, beyond), how="left", on="event_id")
        rows = collect(narrow(rows, metric, rows.columns))
    else:
        needed = ["event_id", "first", "second", *more, *by]
        rows = collect(narrow(data, metric, needed, ROOTS[:2]))
    refuse_repeats(rows, "event_id", by)
    rows = require_booleans(rows, ["first", "second"], metric)
    rows["_occasion"] = rows["event_id"]
    if count == "occasions" and "occasion" in rows:
        rows["_occasion"] = rows["occasion"]
    elif count == "occasions" and "parent_id" in rows:
        rows["_occasion"] = rows["parent_id"].fillna(rows["event_id"])
    if "tier" in by and rows["tier"].isin(levels.TIERS).all():
        # An occasion has one tier, the highest of its contacts.
        place = rows["tier"].map(levels.TIERS.index).astype("int64")
        place = levels.highest_places(place, [rows["_occasion"]])
        rows["tier"] = levels.named_tiers(place)
    seen = rows.groupby(["_occasion", *by], dropna=False, observed=True)[["first", "second"]]
    rows[["first", "second"]] = seen.transform("any")
    return one_per_occasion(rows, by).drop(columns="_occasion")


def about_frame(frame: Frame) -> dict[str, Any]:
    """Return what a frame of `lists` says of where it is from."""
    known = frame.attrs if isinstance(frame, pd.DataFrame) else {}
    return {name: known[name] for name in ("source", "choice", "names") if name in known}


def cells(rows: pd.DataFrame, by: list[str]) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Give each value of ``by`` with its rows."""
    for key, group in groups(rows, by):
        yield dict(zip(by, key, strict=True)), group


def sources_by_year(
    data: Dataset, *, status: Status = None, evidence: bool = False
) -> pd.DataFrame:
    """Count what each year's contacts rest on, side by side.

    A change of contacts that comes with a change of sources may be one of sources only.

    Parameters
    ----------
    data : Dataset
        Its tables ``sides``, ``events``, ``reports`` and ``sources``.
    status : str or sequence of str
        Which contacts count; those chosen by ``where``, else those held.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``contacts``, separated by
        ``;``, as `trace` takes them.

    Returns
    -------
    pandas.DataFrame, one row per year that the record covers and side, "third" last
        ``year`` of the contact's start; ``side``; ``contacts`` that originals of this side
        name, parts among them; ``sources`` and ``outlets`` that name them; ``new_outlets``,
        those that name no contact of an earlier year; ``largest``, the share of these sources
        that is the most frequent outlet's, empty without sources.

    Raises
    ------
    ValueError
        Where a column is missing or there are not two sides.

    Examples
    --------
    >>> import relations as rel
    >>> basis = rel.coverage.sources_by_year(rel.load())
    >>> basis.groupby("side", sort=False)["year"].first().to_dict()
    {'CN': 2000, 'VN': 2000, 'third': 2000}
    """
    metric = "sources_by_year"
    check_dataset(data, metric)
    events = chosen(data, metric, ["event_id", "start"], status)
    sides = two_sides(data, metric)
    reports = originals(data, metric).merge(events, on="event_id")
    reports["year"] = reports["start"].dt.year
    reports["side"] = reports["side"].where(reports["side"].isin(sides), "third")
    debut = reports.groupby("outlet")["year"].min()
    grouped = dict(iter(reports.groupby(["year", "side"])))
    since, until = data.span
    rows = []
    for year in range(since.year, until.year + 1 if since <= until else since.year):
        for side in [*sides, "third"]:
            here = grouped.get((year, side), reports.iloc[:0])
            pages = here.drop_duplicates("source_id")
            outlets = pages["outlet"].dropna()
            rows.append(
                {
                    "year": year,
                    "side": side,
                    "contacts": here["event_id"].nunique(),
                    "sources": len(pages),
                    "outlets": outlets.nunique(),
                    "new_outlets": int((debut[outlets.unique()] == year).sum()),
                    "largest": outlets.value_counts().max() / len(pages) if len(pages) else np.nan,
                    **evidence_cell(here["event_id"], evidence),
                }
            )
    columns = ["year", "side", "contacts", "sources", "outlets", "new_outlets", "largest"]
    result = pd.DataFrame(rows, columns=[*columns, *["evidence"] * evidence])
    if not rows:
        result = result.astype(
            {column: "int64" for column in columns if column not in ("side", "largest")}
            | {"largest": "float64"}
        )
    return describe(result, data, "contacts")
