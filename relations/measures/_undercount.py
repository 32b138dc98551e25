"""How many contacts took place, from what the reports of two sides name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from relations.measures._asking import By, Status, describe, typed
from relations.measures._lists import about_frame, cells, witnessed
from relations.record._frames import Frame, names
from relations.record._types import TEXT
from relations.record._witnesses import chosen, table, two_sides
from relations.record.dataset import HELD, Dataset, check_dataset

ESTIMATE = {
    "found": "int64", "first": "int64", "second": "int64", "overlap": "int64",
    "estimate": "float64", "se": "float64", "low": "int64", "high": "float64",
    "share_found": "float64", "share_low": "float64", "share_high": "float64", "bounded": "bool",
}  # fmt: skip


def undercount(
    data: Dataset | Frame,
    by: By = (),
    *,
    odds_ratio: float = 1.0,
    recollections: bool = True,
    count: str = "occasions",
    status: Status = None,
) -> pd.DataFrame:
    """Estimate how many contacts took place, from those that either side's reports name.

    Parameters
    ----------
    data : Dataset, or frame as `lists` returns it
        Of a frame, ``recollections`` and ``status`` are what they were for `lists`.
    by : column or columns of `lists` or of ``data.contacts``, such as "tier" or "period"
        Estimates are made for each value. An occasion counts for each value that one of its
        contacts has, but in one tier, its highest.
    recollections : bool
        Whether a report that only recalls or announces a contact puts it on its side's list.
    count : {"occasions", "contacts"}
        A part is a witness to the occasion that it belongs to and is not counted again.
    status : str or sequence of str
        Which contacts count; those chosen by ``where``, else those held.
    odds_ratio : float
        How much more likely, in odds, one side is to report what the other reports too. 1
        means that the two lists are independent.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by``
        ``found`` occasions, those that third parties alone report among them; ``first``,
        ``second`` those on each list; ``overlap`` on both; ``estimate`` those that took
        place, ``se`` its standard error, ``low``, ``high`` the 95% interval; ``share_found``
        of the estimate, ``share_low``, ``share_high``; ``bounded``. Where the lists do not
        overlap nothing bounds the number above: ``bounded`` is false, ``high`` is infinite and
        ``estimate``, ``se`` and ``share_found`` are empty. No number is below ``found``.

    Raises
    ------
    ValueError
        Where a column is missing, a contact stands twice, ``first`` or
        ``second`` is neither true nor false, or the odds ratio is not above 0.

    Notes
    -----
    Chapman (1951): N = (n1+1)(n2+1)/(m+1) - 1, with variance
    (n1+1)(n2+1)(n1-m)(n2-m)/((m+1)^2 (m+2)) (Seber 1970). What both lists miss is thus
    b c/(m+1), with b and c the contacts on one list alone; under dependence it is the odds
    ratio times that, and so is the standard error. The interval holds the N under which an
    overlap as small, and one as large, has a chance above 2.5%, given n1 and n2: exact for
    counts of any size, and a little wide for small ones. The law is the hypergeometric, or
    Fisher's non-central one.

    Read it as a lower bound. The press systems are not independent: what is important enough
    for one is likely to be in the other, so that the overlap is large and the estimate small.
    What neither would ever print is in no estimate. Two things work the other way: subjects
    that one press leaves to the other (look at ``by="kind"``), and one contact that is kept
    as two because its reports were not matched.

    Examples
    --------
    >>> import pandas as pd
    >>> lists = pd.DataFrame({
    ...     "event_id": list("abcdefgh"), "parent_id": None,
    ...     "first": [True] * 6 + [False] * 2, "second": [False] * 2 + [True] * 6})
    >>> import relations as rel
    >>> found = rel.coverage.undercount(lists)
    >>> found[["found", "first", "second", "overlap", "estimate", "low", "high"]]
       found  first  second  overlap  estimate  low  high
    0      8      6       6        4       8.8    8    22
    """
    if not odds_ratio > 0:
        raise ValueError(f"odds_ratio={odds_ratio!r}: it is above 0, and 1 means no dependence")
    by = names(by, [*ESTIMATE, "contacts"])
    listed = witnessed(data, "undercount", by, recollections, count, status)
    rows = []
    # Of no contact the lists say nothing.
    for key, group in cells(listed, by) if len(listed) else ():
        counts = _counts(group)
        rows.append({**key, **counts, **_estimate(**counts, odds_ratio=odds_ratio)})
    types = {column: _of_cells(listed[column]) for column in by} | ESTIMATE
    estimates = typed(pd.DataFrame(rows, columns=list(types)), types)
    if isinstance(data, Dataset):
        return describe(estimates, data, count)
    return describe(estimates, None, count, **about_frame(data))


def measured_dependence(data: Dataset, fewest: int = 10) -> pd.DataFrame:
    """Measure in numbered channels how far the lists depend, and what that makes of the estimate.

    Parameters
    ----------
    data : Dataset
        Its whole record, whatever was chosen: ``editions``, ``absences`` and what `lists` reads.
    fewest : int
        Contacts that a channel has to have in the record, some of them on both lists.

    Returns
    -------
    pandas.DataFrame, one row
        ``channels`` that were used; ``exist`` contacts of them by their numbers; ``shared``
        contacts of them on both lists; ``odds_ratio``, by Mantel and Haenszel; then the
        columns of `undercount` for the whole record with that ratio.

    Raises
    ------
    ValueError
        Where a table lacks a column, there are not two sides, or no channel has as many
        contacts and some on both lists, or none with contacts on one list alone.

    Notes
    -----
    Mantel and Haenszel (1959), Journal of the National Cancer Institute 22. The ratio holds
    also what makes both lists thin in the same years, such as pages that are no longer
    stored, and the interval leaves out how uncertain the ratio itself is.

    Examples
    --------
    >>> import relations as rel
    >>> bool(rel.coverage.measured_dependence(rel.load())["odds_ratio"].iloc[0] > 1)
    True
    """
    series = _numbered_series(data)
    tight = series[(series["overlap"] > 0) & (series["found"] >= fewest)]
    shared = tight["overlap"]
    alone = (tight["first"] - shared) * (tight["second"] - shared)
    neither = tight["exist"] - (tight["first"] + tight["second"] - shared)
    ratio = (shared * neither.clip(lower=0) / tight["exist"]).sum()
    against = (alone / tight["exist"]).sum()
    if not against or not ratio:
        raise ValueError(
            f"measured_dependence: no numbered channel of {fewest} contacts or more has contacts "
            "on both lists, on one alone and on none, so nothing measures how far they depend"
        )
    ratio /= against
    fixed = pd.DataFrame(
        {
            "channels": [len(tight)],
            "exist": [int(tight["exist"].sum())],
            "shared": [int(shared.sum())],
            "odds_ratio": [float(ratio)],
        }
    )
    result = fixed.join(undercount(data.whole, odds_ratio=ratio, status=HELD))
    return describe(result, data.whole, "occasions")


def _numbered_series(data: Dataset) -> pd.DataFrame:
    """Return per numbered channel how many contacts exist, and on which lists those found are."""
    metric = "measured_dependence"
    check_dataset(data, metric)
    whole = data.whole
    held = chosen(whole, metric, ["event_id", "mechanism"], HELD)
    counted = table(whole, metric, "editions", ["event_id", "side", "edition"])
    counted = counted.merge(held, on="event_id")
    absent = table(whole, metric, "absences", ["mechanism", "side", "edition"])
    sides = two_sides(whole, metric)
    rows = []
    for channel, missing in absent.groupby("mechanism"):
        own = counted[counted["mechanism"] == channel]
        # The numbers of the side that counts most, found and missing.
        exist = max(
            sum(
                each.loc[each["side"].isin([side, "both"]), "edition"].nunique()
                for each in (own, missing)
            )
            for side in sides
        )
        rows.append((channel, exist))
    numbered = pd.DataFrame(rows, columns=["channel", "exist"])
    estimates = undercount(whole, "channel", count="contacts", status=HELD)
    estimates["channel"] = estimates["channel"].astype("object")
    return numbered.merge(
        estimates[["channel", "found", "first", "second", "overlap"]], on="channel"
    )


def _of_cells(column: pd.Series) -> Any:
    """Return the type that a column has when it is made of its cells again."""
    return TEXT if isinstance(column.dtype, pd.CategoricalDtype) else column.dtype


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    return {
        "found": len(rows),
        "first": int(rows["first"].sum()),
        "second": int(rows["second"].sum()),
        "overlap": int((rows["first"] & rows["second"]).sum()),
    }


def _estimate(
    found: int, first: int, second: int, overlap: int, odds_ratio: float
) -> dict[str, Any]:
    seen = first + second - overlap
    low, high = _bounds(first, second, overlap, odds_ratio)
    low, high = max(low, found), max(high, found)
    if not overlap:
        estimate = error = float("nan")
    else:
        unseen = odds_ratio * (first - overlap) * (second - overlap) / (overlap + 1)
        estimate = max(seen + unseen, float(found))
        spread = (first + 1) * (second + 1) * (first - overlap) * (second - overlap)
        error = odds_ratio * np.sqrt(spread / ((overlap + 1) ** 2 * (overlap + 2)))
    return {
        "estimate": estimate, "se": error, "low": low, "high": high,
        "share_found": found / estimate, "share_low": found / high, "share_high": found / low,
        "bounded": bool(overlap),
    }  # fmt: skip


def _bounds(first: int, second: int, overlap: int, odds_ratio: float) -> tuple[int, float]:
    """Return the totals under which the overlap is neither too small nor too large."""
    # Imported where used: it is slow to load.
    from scipy.stats import hypergeom, nchypergeom_fisher

    def chance(total: int, larger: bool) -> float:
        plain = odds_ratio == 1
        law = hypergeom if plain else nchypergeom_fisher
        sizes = (total, first, second) if plain else (total, first, second, odds_ratio)
        return float(law.sf(overlap - 1, *sizes) if larger else law.cdf(overlap, *sizes))

    seen = first + second - overlap
    low = _first(lambda total: chance(total, larger=False) > 0.025, seen)
    if not overlap:
        return low, float("inf")
    return low, _first(lambda total: chance(total, larger=True) <= 0.025, low) - 1


def _first(reached: Callable[[int], bool], start: int) -> int:
    """Return the first number from ``start`` on from which the condition holds."""
    if reached(start):
        return start
    step = 1
    while not reached(start + step):
        step *= 2
    before, after = start + step // 2, start + step
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (before, middle) if reached(middle) else (middle, after)
    return after
