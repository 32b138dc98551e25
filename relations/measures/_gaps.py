"""How even the contacts are in time: days between them, and seasons."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd

from relations.measures._asking import (
    Asked,
    By,
    Status,
    ask,
    contacts_of,
    covered_span,
    describe,
    join_ids,
    with_evidence,
)
from relations.measures._frequency import refuse_outside
from relations.measures._intervals import with_poisson
from relations.record._frames import groups

TERMS = 60
GAPS = {
    "earlier": "datetime64[us]",
    "later": "datetime64[us]",
    "days": "int64",
    "longest": "bool",
    "chance": "float64",
    "possible": "int64",
    "left_out": "int64",
}


def gaps(
    data: Asked,
    by: By = (),
    *,
    count: str = "occasions",
    status: Status = None,
    evidence: bool = False,
) -> pd.DataFrame:
    """List the days between consecutive occasions, from start to start.

    Parameters
    ----------
    data : Dataset, or frame of events with ``start`` (timestamp), ``precision`` and ``status``
        A frame may be pandas, Polars, DuckDB or PySpark.
    by : column or columns, such as "channel"
        Of ``data.contacts``, or of the frame. Gaps are measured inside each value; empty
        cells are a value too.
    count : {"occasions", "contacts"}
        An occasion, a contact with its parts, is placed at its own start, or at that of its
        first part where the whole is not in the group.
    status : str or sequence of str
        Which contacts count; the ones chosen by `Dataset.where`, or else those held.
    evidence : bool
        Add a last column ``evidence``: the ids of the two contacts that bound the gap,
        separated by ``;``, as `trace` takes them. Needs ``event_id``.

    Returns
    -------
    pandas.DataFrame, one row per gap, whatever the engine of ``data``
        The columns of ``by``; ``earlier``, ``later`` first days of the two;
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
        year, or an ``event_id`` stands twice.

    Notes
    -----
    Only contacts known to the day bound a gap. The days before the first and after the
    last are no gaps. For m gaps that fill L days (W. L. Stevens 1939, Annals of
    Eugenics 9): P(longest ≥ x) = Σ (−1)^(k−1) C(m, k) (1 − kx/L)^(m−1) over k ≥ 1 with
    kx ≤ L. It is given as 1 where more than ten gaps of that length are expected. A small
    chance says that contacts did not keep one pace; reports that are missing do that too.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2019-03-11", "2019-05-01", "2020-01-01"]),
    ...     "precision": ["day", "day", "month", "day"], "status": "held"})
    >>> gaps(events)[["days", "longest", "possible", "left_out"]]
       days  longest  possible  left_out
    0    10    False         0         1
    1   296     True         1         1
    """
    question = ask(
        data, "gaps", ["start", "precision"], by, count=count, status=status,
        taken=[*GAPS, "evidence", "latest"],
    )  # fmt: skip
    found = contacts_of(question, evidence=evidence)
    pieces = []
    for _, group in groups(found, question.by):
        exact = group[group["precision"] == "day"]
        coarse = group[group["precision"] != "day"]
        if len(exact) < 2:
            continue
        between = exact[question.by].iloc[1:].reset_index(drop=True)
        between["earlier"] = exact["start"].to_numpy()[:-1]
        between["later"] = exact["start"].to_numpy()[1:]
        between["days"] = (between["later"] - between["earlier"]).dt.days
        between["longest"] = between["days"] == between["days"].max()
        between["chance"] = _longest_gap_chance(between["days"].to_numpy())
        inside = (coarse["start"].to_numpy() < between[["later"]].to_numpy()) & (
            coarse["latest"].to_numpy() > between[["earlier"]].to_numpy()
        )
        between["possible"] = inside.sum(axis=1)
        between["left_out"] = len(coarse)
        if evidence:
            ids = exact["event_id"].tolist()
            between["evidence"] = [join_ids(pair) for pair in itertools.pairwise(ids)]
        pieces.append(between)
    columns = [*question.by, *GAPS, *(["evidence"] if evidence else [])]
    table = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=columns)
    table = table.astype({column: found[column].dtype for column in question.by} | GAPS)
    return describe(table, question.data, count, by=question.by)


def seasons(
    data: Asked,
    *,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
    draws: int = 2000,
    seed: int = 0,
    evidence: bool = False,
) -> pd.DataFrame:
    """Count occasions by calendar month and test whether they fall evenly over the year.

    Parameters
    ----------
    data : Dataset, or frame of events with ``start`` (timestamp), ``precision`` and ``status``
        A frame may be pandas, Polars, DuckDB or PySpark.
    count, status
        As for `gaps`.
    span : (first day, last day), optional
        What is counted, instead of what the record covers. Contacts outside are left out.
    draws : int
        Of the simulation behind ``p_value``.
    seed : int
        Of that simulation.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts counted, separated by ``;``,
        as `trace` takes them. Needs ``event_id``.

    Returns
    -------
    pandas.DataFrame, twelve rows, whatever the engine of ``data``
        ``month`` 1 to 12; ``count``; ``exposure`` years of that month that are covered
        (a day is one part in 365 or 366); ``rate``, ``low``, ``high`` per year
        with the exact 95% Poisson interval; ``expected`` if each year's fell
        evenly on its covered days; and on every row ``chi_square``, ``p_value`` of the
        test against that, and ``left_out`` contacts that
        may lie in the span but cannot be placed, most of them known to the year alone.

    Raises
    ------
    ValueError
        As `gaps`; also where a contact lies outside what the Dataset covers, a month is not
        covered in any year, or no contact is left that is known to the month.

    Warns
    -----
    UserWarning
        Where a frame comes without ``span``: the days from its first to its last contact are
        then taken as covered.

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
    >>> table = seasons(rel.load())
    >>> len(table), bool(table["expected"].sum().round(6) == table["count"].sum())
    (12, True)
    """
    if draws < 1:
        raise ValueError(f"draws={draws!r}: at least 1 is needed; 2000 give p to two digits")
    question = ask(data, "seasons", ["start", "precision"], count=count, status=status)
    found = contacts_of(question, evidence=evidence)
    since, until = covered_span(question, found, span)
    if question.data is not None and span is None:
        starts = found.assign(earliest=found["start"], latest=found["start"])
        refuse_outside("seasons", starts, (since, until))
    reaching = found[(found["start"] <= until) & (found["latest"] >= since)]
    inside = (reaching["start"] >= since) & (reaching["latest"] <= until)
    placed = reaching[inside & (reaching["precision"] != "year")]
    if placed.empty:
        raise ValueError(
            "seasons: no contact that is left inside the span is known to the month: look at "
            "choice, span and status"
        )
    days = pd.date_range(since, until, freq="D")
    parts_of_year = 1 / np.where(days.is_leap_year, 366, 365)
    exposure = pd.crosstab(days.year, days.month, parts_of_year, aggfunc="sum").fillna(0.0)
    if exposure.shape[1] < 12:
        raise ValueError(
            f"seasons: {since:%Y-%m-%d} to {until:%Y-%m-%d} does not cover every calendar "
            "month: take a span of at least a year"
        )
    shares = exposure.div(exposure.sum(axis=1), axis=0)
    yearly = placed.groupby(placed["start"].dt.year).size()
    monthly = placed.groupby(placed["start"].dt.month).size().reindex(range(1, 13), fill_value=0)
    table = pd.DataFrame({"month": range(1, 13), "count": monthly.to_numpy()})
    table["exposure"] = exposure.sum().to_numpy()
    table = with_poisson(table)
    table["expected"], table["chi_square"], table["p_value"] = _evenness(
        monthly.to_numpy(), yearly.to_numpy(), shares.loc[yearly.index].to_numpy(), draws, seed
    )
    table["left_out"] = len(reaching) - len(placed)
    if evidence:
        placed = placed.assign(month=placed["start"].dt.month)
        table = with_evidence(table, placed, ["month"])
    return describe(table, question.data, count)


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
    drawn = np.zeros((draws, shares.shape[1]), dtype="int64")
    for number, weight in zip(yearly, shares, strict=True):
        drawn += generator.multinomial(number, weight, size=draws)
    # Sums of equal terms may differ in the last digit.
    as_large = _chi_square(drawn[:, real], expected[real]) >= observed - 1e-9
    return expected, observed, (1 + as_large.sum()) / (1 + draws)


def _chi_square(counts: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return ((counts - expected) ** 2 / expected).sum(axis=1)
