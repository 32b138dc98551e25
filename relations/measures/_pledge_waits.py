"""How long it took to keep pledges, where some are still open or not known to be kept."""

from __future__ import annotations

import numpy as np
import pandas as pd

from relations.measures import _intervals
from relations.measures._asking import By, describe
from relations.measures._pledge_days import durations
from relations.record._frames import groups, names
from relations.record._types import TEXT
from relations.record.dataset import Dataset

UNKNOWN = ("censor", "drop")
COARSE = ("middle", "shortest", "longest", "drop")


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


def _curve(pledges: pd.DataFrame) -> pd.DataFrame:
    """Return the curve of one group, with how many of each day are known less than to the day."""
    curve = _intervals.product_limit(pledges["days"].to_numpy(), pledges["kept"].to_numpy(bool))
    imprecise = pledges.groupby("days")["imprecise"].sum().reindex(curve["days"], fill_value=0)
    curve.insert(4, "imprecise", imprecise.to_numpy("int64"))
    return curve.rename(columns={"ended": "kept", "share": "unkept"})


def _first_at_half(curve: pd.DataFrame, column: str) -> float:
    down = curve.loc[curve[column] <= 0.5, "days"]
    return float(down.min()) if len(down) else np.nan
