"""Pledges at a fixed horizon: bounds first, then the share kept of those followed so long."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from relations.measures import _intervals
from relations.measures._asking import By, describe
from relations.measures._pledge_days import durations
from relations.record._frames import groups, names
from relations.record._text import as_list
from relations.record.dataset import Dataset, check_dataset

YEARS = (365, 730, 1095)
COLUMNS = [
    "days", "pledges", "least_ever", "most_ever", "followed", "within", "perhaps", "later",
    "unknown", "least", "most", "low", "high", "share", "share_low", "share_high",
]  # fmt: skip


def kept_within(data: Dataset, horizons: int | Sequence[int] = YEARS, by: By = ()) -> pd.DataFrame:
    """Bound how many pledges were kept within some days of being made.

    Parameters
    ----------
    data : Dataset
        Its tables ``pledges`` and ``events`` are read. Of contacts chosen by ``where`` the
        pledges made at them count, whichever contact kept them.
    horizons : int or several
        The horizon.
    by : column or columns of ``pledges``, such as "side" or "area", or "year"

    Returns
    -------
    pandas.DataFrame, one row per value of ``by`` and horizon
        ``days``; ``pledges``; ``least_ever``, ``most_ever``, the share of all of them that was
        kept by now if no unknown one, or every one, was; ``followed``, those made so many
        days before the end of the record; of these ``within``, kept within the horizon,
        ``perhaps``, within it or later as the dates allow both, ``later``, kept later, open or
        lapsed, ``unknown``, no report of either was found; ``least`` and ``most``, the share
        of those followed if no unknown or doubtful one, or every one, was kept within;
        ``low``, ``high``, 95% limits that hold both bounds; ``share`` of those known, with
        ``share_low``, ``share_high`` (Wilson).

    Raises
    ------
    ValueError
        Where a horizon is below 1 day, or pledges are not as the rules ask (`outcomes`).

    Notes
    -----
    A pledge is found kept because the contact that kept it was found; of one that was not kept
    there is nothing to find. What is unknown is therefore no random part: start from ``least``
    and ``most`` (C. F. Manski 2003), which assume nothing. ``share`` takes the unknown as like
    the known, and is too high where keeping is what gets reported. Pledges made shortly before
    the end had less time; a fixed horizon gives all the same. ``low`` is the lower Wilson limit
    of the lower bound, ``high`` the upper one of the upper.

    Pledges that one contact kept together, or that repeat each other, are taken as
    independent, so that limits are too narrow where there are many.

    Examples
    --------
    >>> import relations as rel
    >>> table = kept_within(rel.load(), 730)
    >>> bool((table["least"] <= table["most"]).all())
    True
    """
    check_dataset(data, "kept_within")
    by = names(by, COLUMNS)
    listed = as_list(horizons)
    for horizon in listed:
        if not horizon >= 1:
            raise ValueError(f"horizons={horizon!r}: a horizon is one day or more")
    pledges = durations(data, "kept_within", by)
    end = data.whole.span[1]
    followed = (end - pledges["made_start_latest"]).dt.days
    rows = []
    for key, group in groups(pledges, by):
        for horizon in listed:
            here = group[followed[group.index] >= horizon]
            row = dict(zip(by, key, strict=True)) | {"days": horizon, "pledges": len(group)}
            rows.append(row | _ever(group) | _within(here, horizon))
    table = pd.DataFrame(rows, columns=[*by, *COLUMNS])
    for column in by:
        table[column] = table[column].astype(pledges[column].dtype)
    return describe(table, data, "pledges")


def _ever(group: pd.DataFrame) -> dict[str, float]:
    kept, unknown = (int((group["outcome"] == each).sum()) for each in ("kept", "unknown"))
    number = len(group)
    return {
        "least_ever": kept / number if number else np.nan,
        "most_ever": (kept + unknown) / number if number else np.nan,
    }


def _within(here: pd.DataFrame, horizon: int) -> dict[str, float]:
    """Count those followed so long by what became of them within the horizon."""
    kept, number = here["kept"], len(here)
    sure = int((kept & (here["longest"] <= horizon)).sum())
    perhaps = int((kept & (here["shortest"] <= horizon)).sum()) - sure
    unknown = int((here["outcome"] == "unknown").sum())
    later = number - sure - perhaps - unknown
    most = sure + perhaps + unknown
    known = sure + later
    share_low, share_high = _intervals.wilson(sure, known)
    return {
        "followed": number,
        "within": sure,
        "perhaps": perhaps,
        "later": later,
        "unknown": unknown,
        "least": sure / number if number else np.nan,
        "most": most / number if number else np.nan,
        "low": _intervals.wilson(sure, number)[0],
        "high": _intervals.wilson(most, number)[1],
        "share": sure / known if known else np.nan,
        "share_low": share_low,
        "share_high": share_high,
    }
