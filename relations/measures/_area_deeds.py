"""From talk of an area to a deed in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from relations.measures import _intervals
from relations.measures._area_mentions import ask_mentions, named_areas
from relations.measures._asking import Status, describe
from relations.record._dates import DAYS_PER_YEAR
from relations.record._frames import names
from relations.record._package import vocabulary
from relations.record._periods import DAY
from relations.record._text import as_list, refuse_unlisted
from relations.record._types import TEXT
from relations.record.dataset import Dataset

TALK = ("proposed", "agreed")
DEED = ("done",)
LIMITS = ("share", "low", "high")


def talk_to_deed(
    data: Dataset,
    *,
    talk: str | Sequence[str] = TALK,
    deed: str | Sequence[str] = DEED,
    status: Status = None,
) -> pd.DataFrame:
    """Follow each area from the first time it is proposed or agreed to any later deed in it.

    Parameters
    ----------
    data : Dataset
        Its tables ``area_mentions`` and ``events`` are read, on any engine; waits without a
        deed last until the end of its span.
    talk, deed : str or sequence of str
        Statuses of mentions that open and close the wait.
    status : str or sequence of str, optional
        Status of the contacts that count; those chosen by ``where`` if left out, else held.

    Returns
    -------
    pandas.DataFrame, one row per area that is talked of
        ``area``; ``talk_event``, ``talked`` the day by which it had been talked of and
        ``talk_status`` there; ``reached`` whether a contact with a deed in the area follows;
        ``deed_event``, the first such contact, and ``done``, the day by which it had begun;
        ``days`` from one to the other, or to the end of the span where
        none followed; ``days_low``, ``days_high`` what the precision of the dates leaves
        open; ``done_before``, whether the record has a deed in it already before the talk.
        Sorted by the day of the talk.

    Raises
    ------
    ValueError
        Where a column is missing or a cell of it empty, or a contact begins after the span.

    Notes
    -----
    A deed follows only where the first possible day of its contact is after the last possible
    day of the talk; what may have come first is passed over. Nothing ties the deed to what was
    talked of: it may be another one, a by-work of a contact held for something else, or a
    recollection, which stands at the contact that recalls it. So a wait says when the area was
    next at work, not when a word was kept; for that see `relations.pledges`, whose pledges
    name the contact that kept them. Areas that were done before are not waiting for a first
    deed: look at them apart. For a share with censored waits see `time_to_deed`.

    Examples
    --------
    >>> import relations as rel
    >>> waits = talk_to_deed(rel.load())
    >>> bool((waits["days_low"] <= waits["days_high"]).all())
    True
    """
    known = vocabulary("area_mentions", "status")
    for name, wanted in (("talk", names(talk)), ("deed", names(deed))):
        refuse_unlisted(name, wanted, known)
    question = ask_mentions(data, "talk_to_deed", ["status"], count="contacts", status=status)
    found = named_areas(question, ["status"]).rename(columns={"start": "earliest"})
    last = data.span[1]
    beyond = found.loc[found["earliest"] >= last + DAY, "event_id"]
    if len(beyond):
        raise ValueError(
            f"talk_to_deed: {beyond.min()} begins after {last:%Y-%m-%d}, where the span ends: "
            "widen the span in datapackage.json, or leave the contact out"
        )
    found["latest"] = found["latest"].clip(upper=last)
    talks = found[found["status"].isin(names(talk))]
    talks = talks.sort_values(["latest", "earliest", "event_id", "status"])
    deeds = found[found["status"].isin(names(deed))]
    deeds = deeds.sort_values(["latest", "earliest", "event_id"])
    rows = []
    for area, group in talks.groupby("area"):
        opened, its = group.iloc[0], deeds[deeds["area"] == area]
        after = its[its["earliest"] > opened["latest"]]
        reached = len(after) > 0
        done = after["latest"].iloc[0] if reached else pd.NaT
        soonest = after["earliest"].min() if reached else last
        rows.append(
            {
                "area": area,
                "talk_event": opened["event_id"],
                "talked": opened["latest"],
                "talk_status": opened["status"],
                "reached": reached,
                "deed_event": after["event_id"].iloc[0] if reached else None,
                "done": done,
                "days": ((done if reached else last) - opened["latest"]).days,
                "days_low": (soonest - opened["latest"]).days,
                "days_high": ((done if reached else last) - group["earliest"].min()).days,
                "done_before": bool((its["latest"] < opened["earliest"]).any()),
            }
        )
    table = pd.DataFrame(rows, columns=list(WAITS)).astype(WAITS)
    return describe(table.sort_values(["talked", "area"], ignore_index=True), data, "areas")


WAITS = {
    "area": TEXT,
    "talk_event": TEXT,
    "talked": "datetime64[us]",
    "talk_status": TEXT,
    "reached": "bool",
    "deed_event": TEXT,
    "done": "datetime64[us]",
    "days": "int64",
    "days_low": "int64",
    "days_high": "int64",
    "done_before": "bool",
}


def time_to_deed(
    data: Dataset,
    *,
    talk: str | Sequence[str] = TALK,
    deed: str | Sequence[str] = DEED,
    done_before: bool = False,
    status: Status = None,
) -> pd.DataFrame:
    """Estimate the share of areas in which any deed has followed talk within so many days.

    Parameters
    ----------
    data, talk, deed, status : as in `talk_to_deed`
    done_before : bool
        Whether areas in which a deed is on record before the talk are followed too; they do
        not wait for a first one.

    Returns
    -------
    pandas.DataFrame, one row per day on which a wait ends in a deed
        ``days`` since the talk; ``share`` in which a deed had come by then, that of which was
        talked or another; ``low``, ``high`` its 95% interval; ``waiting``, areas without one
        just before. Empty where none had.

    Raises
    ------
    ValueError
        As `talk_to_deed` does.

    Notes
    -----
    One minus the estimate of E. L. Kaplan and P. Meier (1958, JASA 53: 457–481), with the
    interval of Greenwood's variance on the scale log(−log), as in
    `relations.pledges.time_to_fulfilment`; waits that have not ended count for as long as they
    were followed. Where every wait followed that long has ended, the interval reaches from the
    last lower bound to 1. Without censoring it holds the truth with 17 waits in 96% of cases on
    average and in 92% at worst, for true shares of 5% to 95%. It takes the areas as drawn
    independently of each other, and one contact may be the deed of several.

    Examples
    --------
    >>> import relations as rel
    >>> curve = time_to_deed(rel.load())
    >>> bool(curve["share"].is_monotonic_increasing)
    True
    """
    curve = _curve(data, talk, deed, done_before, status)
    table = curve.loc[curve["ended"] > 0, ["days", "share", "low", "high", "waiting"]]
    return describe(table.reset_index(drop=True), data, "areas")


def deeds_within(
    data: Dataset,
    years: float | Sequence[float] = (1, 2, 5),
    *,
    talk: str | Sequence[str] = TALK,
    deed: str | Sequence[str] = DEED,
    done_before: bool = False,
    status: Status = None,
) -> pd.DataFrame:
    """Say in what share of areas a deed has followed talk within one year, two and five.

    Parameters
    ----------
    data, talk, deed, done_before, status : as in `time_to_deed`
    years : sequence of float
        Years of 365.2425 days since the talk.

    Returns
    -------
    pandas.DataFrame, one row per number of years
        ``years``; ``areas`` followed at all; ``waiting``, those still followed then without
        a deed; ``share`` in which a deed had come, with ``low``, ``high``, its 95% interval.
        Empty where none was followed so long and a wait goes on.

    Raises
    ------
    ValueError
        As `time_to_deed` does, or where a number of years is negative.

    Examples
    --------
    >>> import relations as rel
    >>> table = deeds_within(rel.load(), [1, 5])
    >>> bool(table["share"].is_monotonic_increasing)
    True
    """
    listed = as_list(years)
    if any(not number >= 0 for number in listed):
        raise ValueError(f"years={years!r}: give numbers that are 0 or more")
    curve = _curve(data, talk, deed, done_before, status)
    rows = []
    for number in listed:
        days = number * DAYS_PER_YEAR
        waiting = int((curve["left"] * (curve["days"] > days)).sum())
        limits = curve.loc[curve["days"] <= days, list(LIMITS)].tail(1)
        followed = waiting or limits["share"].eq(1).any()
        limits = limits.iloc[0] if followed else dict.fromkeys(LIMITS, np.nan)
        areas = int(curve["left"].sum())
        rows.append({"years": float(number), "areas": areas, "waiting": waiting, **limits})
    return describe(pd.DataFrame(rows), data, "areas")


def _curve(
    data: Dataset,
    talk: str | Sequence[str],
    deed: str | Sequence[str],
    done_before: bool,
    status: Status,
) -> pd.DataFrame:
    """Return the share of areas with a deed by day; ``left`` is how many waits stop then."""
    waits = talk_to_deed(data, talk=talk, deed=deed, status=status)
    if not done_before:
        waits = waits[~waits["done_before"]]
    curve = _intervals.product_limit(waits["days"].to_numpy(), waits["reached"].to_numpy(bool))
    return pd.DataFrame(
        {
            "days": curve["days"],
            "ended": curve["ended"],
            "left": curve["ended"] + curve["censored"],
            "share": 1 - curve["share"],
            "low": 1 - curve["high"],
            "high": 1 - curve["low"],
            "waiting": curve["at_risk"],
        }
    )
