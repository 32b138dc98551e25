"""What became of what was promised: outcomes, and the time that keeping took."""

from __future__ import annotations

import numpy as np
import pandas as pd

from relations.measures import _intervals
from relations.measures._asking import By, describe, evidence_cell
from relations.measures._horizon import kept_within
from relations.measures._pledge_days import OUTCOMES, durations, pledges_made
from relations.record._frames import collect, groups, names, narrow
from relations.record._text import unknown_value_error
from relations.record._types import TEXT
from relations.record.dataset import Dataset

__all__ = [
    "kept_within",
    "median_wait",
    "outcomes",
    "promises",
    "time_to_fulfilment",
    "wait_sensitivity",
]

# Full, in progress and no compliance, as the G20 Research Group scores a commitment.
SCORES = {"kept": 1, "open": 0, "lapsed": -1}
UNKNOWN = ("censor", "drop")
COARSE = ("middle", "shortest", "longest", "drop")
DRAWS = 10_000


def outcomes(
    data: Dataset, by: By = (), *, once: bool = False, seed: int = 0, evidence: bool = False
) -> pd.DataFrame:
    """Measure how many of the pledges made were kept, with bounds for what is not known.

    Parameters
    ----------
    data : Dataset
        Its tables ``pledges`` and ``events`` are read, on any engine. Of contacts chosen by
        ``where`` the pledges made at them count, whichever contact kept them.
    by : column or columns of ``pledges``, such as "side" or "area", or "year"
        Outcomes are given for each value. "year" is the year in which the contact began
        at which the pledge was made; a column of ``data.contacts`` is that of this contact.
        Pledges with an empty cell are a group too.
    once : bool
        Count pledges in one area that one contact kept as one, the first that was made.
    seed : int
        Of the draws behind the interval of the score.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts at which the pledges were made
        and of those that kept them, separated by ``;``, as `trace` takes them.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by``, sorted by it
        ``pledges``; of them ``kept``, ``open`` (not due yet), ``lapsed`` (overdue),
        ``unknown`` (no report of either was found); ``known``, those that are not unknown;
        ``share``, kept among known, with ``low``, ``high``, its 95% interval; ``least`` and
        ``most``, the share of all pledges if no unknown one, or every one, was kept;
        ``score`` from -1 to 1, the mean over known pledges of +1 kept, 0 open, -1 lapsed, and
        ``score_low``, ``score_high``, its 95% interval. Empty where nothing is known. A
        choice without pledges has one row with 0, or none where ``by`` names a column.

    Raises
    ------
    ValueError
        Where a column is missing; an outcome is none of the four; a pledge stands twice; or its
        contact, or the one that kept it, is not among the events.

    Notes
    -----
    Every pledge counts, whatever became of the contact at which it was made. Interval of the
    share: E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", JASA 22 (1927). ``least`` and ``most`` are bounds without any assumption on
    what is missing (C. F. Manski, *Partial Identification of Probability Distributions*,
    2003, chapter 1), and have no sampling error. The score is that of the G20 Research Group;
    its interval is a Bayesian bootstrap (D. B. Rubin, "The Bayesian bootstrap", Annals of
    Statistics 9, 1981) with half a pledge added to each outcome, so that it does not shrink
    to a point where all known outcomes are alike, and made to hold the score itself.

    By the exact chances of all outcomes, the interval of the score holds the truth in 93% to
    96% of cases with 40 known pledges or more, and in as few as 88% with 12 that were nearly
    all kept. All intervals take the pledges as independent: where one promise was repeated, or
    several were kept by one contact, they are too narrow.

    Examples
    --------
    >>> import relations as rel
    >>> table = outcomes(rel.load(), by="side")
    >>> bool((table[["kept", "open", "lapsed"]].sum(axis=1) == table["known"]).all())
    True
    """
    taken = [*OUTCOMES, "pledges", *ESTIMATES, *["evidence"] * evidence]
    by = names(by, taken)
    pledges = pledges_made(data, "outcomes", by)
    if once:
        again = pledges.sort_values(["made_start", "pledge_id"]).duplicated(["area", "kept_by"])
        pledges = pledges[~(again.reindex(pledges.index) & (pledges["outcome"] == "kept"))]
    generator = np.random.default_rng(seed)
    rows = []
    for values, group in groups(pledges, by):
        count = {outcome: int((group["outcome"] == outcome).sum()) for outcome in OUTCOMES}
        known, every = len(group) - count["unknown"], len(group)
        row = dict(zip(by, values, strict=True)) | {"pledges": every} | count | {"known": known}
        low, high = _intervals.wilson(count["kept"], known)
        row |= {
            "share": count["kept"] / known if known else np.nan,
            "low": low,
            "high": high,
            "least": count["kept"] / every if every else np.nan,
            "most": (count["kept"] + count["unknown"]) / every if every else np.nan,
        }
        contacts = pd.concat([group["event_id"], group["kept_by"].dropna()])
        rows.append(row | _score(count, generator) | evidence_cell(contacts, evidence))
    counts = ["pledges", *OUTCOMES, "known"]
    columns = [*by, *counts, *ESTIMATES, *["evidence"] * evidence]
    table = pd.DataFrame(rows, columns=columns)
    types = dict.fromkeys(counts, "int64") | dict.fromkeys(ESTIMATES, "float64")
    types |= {column: pledges[column].dtype for column in by}
    return describe(table.astype(types), data, "pledges")


ESTIMATES = ("share", "low", "high", "least", "most", "score", "score_low", "score_high")


def time_to_fulfilment(
    data: Dataset,
    by: By = (),
    *,
    unknown: str = "censor",
    coarse: str = "middle",
) -> pd.DataFrame:
    """Estimate the share of pledges not yet kept, by days since they were made.

    Parameters
    ----------
    data : Dataset
        Its tables ``pledges`` and ``events`` are read, on any engine. Of contacts chosen by
        ``where`` the pledges made at them are followed to the end of the whole record.
    by : column or columns, as in `outcomes`
        One curve for each value.
    unknown : {"censor", "drop"}
        "censor" takes a pledge whose outcome is not known as not kept by the end of what the
        whole record covers; "drop" leaves it out. The first makes keeping look slow, the
        second fast.
    coarse : {"middle", "shortest", "longest", "drop"}
        What to do where a contact is known only to the month or year: reckon from and to the
        middle of what is possible; take the shortest or the longest time that the dates
        allow; or leave the pledge out.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by`` and time at which something happened
        ``days`` since the pledge, beginning with 0; ``at_risk`` pledges just before; ``kept``
        and ``censored`` then; ``imprecise`` among these, known less than to the day;
        ``unkept``, the share not kept by then, with ``low``, ``high``, its 95% interval at
        that time; ``left_out``, pledges of the group that the arguments leave out. Kept at
        the same contact or on the same day is 0 days.

    Raises
    ------
    ValueError
        As `outcomes` does; where a kept pledge has no event in
        ``kept_by``; or where that event was over before the pledge, or began after the end of
        what is covered.

    See Also
    --------
    median_wait

    Notes
    -----
    E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", JASA
    53 (1958), by ``scipy.stats.ecdf``. Time runs from the first day of the contact at which
    the pledge was made to the first day of the one that kept it. What is open, lapsed or
    unknown is censored at the end of the span. The interval is Greenwood's on the scale of
    log(-log), for one time, not for the whole curve. Before any pledge was kept it is exact,
    from 0.025^(1/n) with n at risk to 1; where none is left unkept it runs from 0 to the last
    limit before.

    Examples
    --------
    >>> import relations as rel
    >>> curve = time_to_fulfilment(rel.load())
    >>> int(curve["days"].iloc[0]), bool(curve["unkept"].is_monotonic_decreasing)
    (0, True)
    """
    if unknown not in UNKNOWN:
        raise ValueError(f"unknown={unknown!r}: use one of {', '.join(UNKNOWN)}")
    if coarse not in COARSE:
        raise ValueError(f"coarse={coarse!r}: use one of {', '.join(COARSE)}")
    by = names(by, CURVE)
    pledges = durations(data, "time_to_fulfilment", by)
    pledges["days"] = pledges["middle" if coarse == "drop" else coarse]
    use = pd.Series(True, index=pledges.index)
    if unknown == "drop":
        use &= pledges["outcome"] != "unknown"
    if coarse == "drop":
        use &= ~pledges["imprecise"]
    pieces = []
    for values, group in groups(pledges.assign(use=use), by):
        if not group["use"].any():
            continue
        curve = _curve(group[group["use"]])
        for place, (column, value) in enumerate(zip(by, values, strict=True)):
            curve.insert(place, column, value)
        pieces.append(curve.assign(left_out=int((~group["use"]).sum())))
    types = {column: pledges[column].dtype for column in by} | CURVE
    table = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=list(types))
    return describe(table.astype(types), data, "pledges")


CURVE = dict.fromkeys(["days", "at_risk", "kept", "censored", "imprecise"], "int64")
CURVE |= dict.fromkeys(["unkept", "low", "high"], "float64") | {"left_out": "int64"}
WAIT = dict.fromkeys(["pledges", "kept", "censored", "imprecise"], "int64")
WAIT |= dict.fromkeys(["median", "low", "high"], "float64") | {"left_out": "int64"}


def median_wait(
    data: Dataset,
    by: By = (),
    *,
    unknown: str = "censor",
    coarse: str = "middle",
) -> pd.DataFrame:
    """Estimate the days after which half of the pledges were kept, with their interval.

    Parameters
    ----------
    data, by, unknown, coarse : as in `time_to_fulfilment`

    Returns
    -------
    pandas.DataFrame, one row per value of ``by``
        ``pledges``; of them ``kept``, ``censored`` and ``imprecise``; ``median`` days after
        which no more than half were not kept, and ``low``, ``high``, its 95% interval; empty
        where the curve or its limit does not come down to a half. ``left_out`` pledges.

    Raises
    ------
    ValueError
        As `time_to_fulfilment` does.

    Notes
    -----
    The interval holds the times at which a half lies within that of the curve (R. Brookmeyer
    and J. Crowley, "A confidence interval for the median survival time", Biometrics 38,
    1982), here on the scale of log(-log).

    Examples
    --------
    >>> import relations as rel
    >>> row = median_wait(rel.load()).iloc[0]
    >>> bool(row["low"] <= row["median"])
    True
    """
    by = names(by)
    curve = time_to_fulfilment(data, by, unknown=unknown, coarse=coarse)
    rows = []
    for values, group in groups(curve, by) if len(curve) else []:
        kept, censored = int(group["kept"].sum()), int(group["censored"].sum())
        rows.append(
            dict(zip(by, values, strict=True))
            | {
                "pledges": kept + censored,
                "kept": kept,
                "censored": censored,
                "imprecise": int(group["imprecise"].sum()),
                "median": _first_at_half(group, "unkept"),
                "low": _first_at_half(group, "low"),
                "high": _first_at_half(group, "high"),
                "left_out": int(group["left_out"].iloc[0]),
            }
        )
    types = {column: curve[column].dtype for column in by} | WAIT
    return describe(pd.DataFrame(rows, columns=list(types)).astype(types), data, "pledges")


def wait_sensitivity(data: Dataset, by: By = ()) -> pd.DataFrame:
    """Read the median wait under each way to take unknown outcomes and imprecise dates.

    Parameters
    ----------
    data, by : as in `time_to_fulfilment`

    Returns
    -------
    pandas.DataFrame, one row per reading (and value of ``by``)
        ``unknown``, ``coarse`` as `time_to_fulfilment` takes them, and the columns of
        `median_wait`. A reading that leaves no pledge has no row.

    Raises
    ------
    ValueError
        As `time_to_fulfilment` does.

    Examples
    --------
    >>> import relations as rel
    >>> table = wait_sensitivity(rel.load())
    >>> table.groupby("unknown", sort=False)["pledges"].max().index.tolist()
    ['censor', 'drop']
    """
    by = names(by, ["unknown", "coarse"])
    pieces = []
    for unknown in UNKNOWN:
        for coarse in COARSE:
            table = median_wait(data, by, unknown=unknown, coarse=coarse)
            table.insert(0, "unknown", pd.Series(unknown, table.index, dtype=TEXT))
            table.insert(1, "coarse", pd.Series(coarse, table.index, dtype=TEXT))
            pieces.append(table)
    return describe(pd.concat(pieces, ignore_index=True), data, "pledges")


def promises(data: Dataset, event_id: str) -> pd.DataFrame:
    """List the pledges that one contact kept, from the first promise on.

    Parameters
    ----------
    data : Dataset
        Its tables ``pledges`` and ``events`` are read, on any engine. Of contacts chosen by
        ``where`` only pledges made at them are listed.
    event_id : str
        The contact that kept them.

    Returns
    -------
    pandas.DataFrame, one row per pledge, by the day on which it was made
        ``pledge_id``; ``event_id`` at which it was made, ``start`` its first possible day and
        ``precision``; ``side``, ``area``, ``what``; ``days`` until it was kept, reckoned
        between the middles of what is possible, and ``days_low``, ``days_high``, what the
        precision of the dates leaves open.

    Raises
    ------
    ValueError
        Where no contact has this id.

    Examples
    --------
    >>> import relations as rel
    >>> kept = promises(rel.load(), "2015-12-31-phone-chang-thanh-hotline")
    >>> bool(kept["start"].is_monotonic_increasing)
    True
    """
    known = collect(narrow(data.whole.events, "promises (events)", ["event_id", "precision"]))
    if event_id not in set(known["event_id"]):
        raise unknown_value_error("event_id", event_id, known["event_id"])
    pledges = durations(data, "promises", ["side", "area", "what"])
    kept = pledges[pledges["kept"] & (pledges["kept_by"] == event_id)]
    kept = kept.sort_values(["made_start", "pledge_id"], ignore_index=True)
    kept["precision"] = kept["event_id"].map(known.set_index("event_id")["precision"])
    names_of_days = {"made_start": "start", "shortest": "days_low", "longest": "days_high"}
    columns = ["pledge_id", "event_id", "start", "precision", "side", "area", "what"]
    kept = kept.rename(columns=names_of_days | {"middle": "days"})
    return describe(kept[[*columns, "days", "days_low", "days_high"]], data, "pledges")


def _score(count: dict[str, int], generator: np.random.Generator) -> dict[str, float]:
    """Return the mean score of the pledges whose outcome is known, and its interval."""
    counts = np.array([count[outcome] for outcome in SCORES])
    values = np.array(list(SCORES.values()))
    if not counts.sum():
        return dict.fromkeys(["score", "score_low", "score_high"], np.nan)
    score = float(counts @ values / counts.sum())
    draws = generator.dirichlet(counts + 0.5, size=DRAWS) @ values
    low, high = np.quantile(draws, [0.025, 0.975])
    return {
        "score": score,
        "score_low": min(float(low), score),
        "score_high": max(float(high), score),
    }


def _curve(pledges: pd.DataFrame) -> pd.DataFrame:
    """Return the curve of one group, with how many of each day are known less than to the day."""
    curve = _intervals.product_limit(pledges["days"].to_numpy(), pledges["kept"].to_numpy(bool))
    imprecise = pledges.groupby("days")["imprecise"].sum().reindex(curve["days"], fill_value=0)
    curve.insert(4, "imprecise", imprecise.to_numpy("int64"))
    return curve.rename(columns={"ended": "kept", "share": "unkept"})


def _first_at_half(curve: pd.DataFrame, column: str) -> float:
    down = curve.loc[curve[column] <= 0.5, "days"]
    return float(down.min()) if len(down) else np.nan
