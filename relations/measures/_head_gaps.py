"""How far the heads of two delegations stand apart, and which side's stand higher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations.measures._asking import (
    COUNTS,
    By,
    Status,
    ask,
    contacts_of,
    describe,
    placed,
    text_kinds,
)
from relations.record import _periods, levels
from relations.record._frames import Frame, collect, groups, names, narrow
from relations.record._types import MOMENT, TEXT
from relations.record._witnesses import two_sides
from relations.record.dataset import Dataset, check_dataset

SCALES = ("office", *levels.CROSSWALKS)
BETWEEN = ("sides", "host and guest")
ESTIMATES = ("mean", "low", "high", "rare", "p_sign")
SUMMARY = [
    "known", "first_higher", "equal", "second_higher", "mean", "low", "high", "rare", "p_sign",
]  # fmt: skip
TAKEN = [
    "period", "first", "second", "first_level", "second_level", "difference", "scale", "several",
    *COUNTS, *SUMMARY,
]  # fmt: skip


def gaps_of_heads(
    data: Dataset, scale: str = "office", *, count: str = "occasions", status: Status = None
) -> pd.DataFrame:
    """Measure how far the heads of the two delegations stand apart in each contact.

    Parameters
    ----------
    data : Dataset
        Its tables ``sides``, ``events`` and those that `rank_levels` reads.
    scale : {"office", "place", "cognate"}
        Levels of office, or of rank by one of the crosswalks.
    count : {"occasions", "contacts"}
        One row per occasion, for which the contact stands of which others are parts, or else
        the first part; or one row per contact.
    status : str or sequence of str
        Which contacts count; those chosen by ``where``, else those held.

    Returns
    -------
    pandas.DataFrame, one row per occasion or contact, by start
        ``event_id``, ``start``, ``precision``, ``kind``, ``host``; ``first``, ``second``,
        the sides in the order of ``data.sides``; ``first_level``, ``second_level`` of their
        heads; ``difference`` first minus second, in steps of the scale, empty where either
        level is unknown; ``scale``; ``several``, whether reports name more than one head of
        a side, of whom the highest stands for it.

    Raises
    ------
    ValueError
        Where a table lacks a column, the scale is unknown, or there are not two sides.

    Notes
    -----
    Levels are ordinal: a difference of one is one step, and steps need not be equal. One
    step of rank is not one step of office.

    Examples
    --------
    >>> import relations as rel
    >>> gaps = rel.ranks.gaps_of_heads(rel.load()).set_index("event_id")["difference"]
    >>> int(gaps["2024-04-11-border-exchange-8"])
    0
    """
    return _gaps(data, "gaps_of_heads", scale, (), count, status)


def _gaps(
    data: Dataset, metric: str, scale: str, by: By, count: str, status: Status
) -> pd.DataFrame:
    check_dataset(data, metric)
    if scale not in SCALES:
        raise ValueError(f"scale={scale!r}: use one of {', '.join(SCALES)}")
    first, second = two_sides(data, metric)
    needed = ["event_id", "start", "precision", "kind", "host"]
    question = ask(data, metric, needed, by, count=count, status=status, taken=TAKEN)
    table = contacts_of(question)
    level = "office_level" if scale == "office" else f"rank_by_{scale}"
    heads = collect(levels.heads(data.tables, metric).select("event_id", "side", level))
    of = {side: group.set_index("event_id")[level] for side, group in heads.groupby("side")}
    for which, side in (("first", first), ("second", second)):
        known = of.get(side, pd.Series(dtype="Int64"))
        table[which] = side
        table[f"{which}_level"] = table["event_id"].map(known).astype("Int64")
    table["difference"] = table["first_level"] - table["second_level"]
    table["scale"] = scale
    people = narrow(data.people, f"{metric} (people)", ["person_id", "side"])
    led = levels.led(data.tables, metric).join(people, on="person_id")
    number = led.group_by("event_id", "side").agg(nw.len().alias("heads"))
    many = collect(number.filter(nw.col("heads") > 1).select("event_id").unique())["event_id"]
    table["several"] = table["event_id"].isin(many)
    columns = [
        *needed, *(name for name in question.by if name not in needed), "first", "second",
        "first_level", "second_level", "difference", "scale", "several",
    ]  # fmt: skip
    return describe(table[columns], data, count)


def head_gap(
    data: Dataset | Frame,
    by: By = (),
    every: str | None = None,
    scale: str | Sequence[str] = "office",
    *,
    between: str = "sides",
    rare: float = 2.0,
    count: str = "occasions",
    status: Status = None,
) -> pd.DataFrame:
    """Summarise which side's heads stand higher, with interval and sign test.

    Parameters
    ----------
    data : Dataset, or frame as `gaps_of_heads` returns it
        As for `gaps_of_heads`. ``scale``, ``count`` and ``status`` are those of the frame.
    by : column or columns of ``data.contacts`` (or of the frame), such as "kind" or "host"
    every : {"month", "quarter", "year"} or None
        Length of a period; None takes all contacts together.
    scale : {"office", "place", "cognate"} or several
        Levels of office, or of rank by one of the crosswalks; rows for each.
    between : {"sides", "host and guest"}
        The difference is first side minus second, or, in contacts that one of them hosts,
        host minus guest, whichever side is the host.
    rare : float
        The largest step on one side that the interval allows for where few or none were seen.
    count : {"occasions", "contacts"}
    status : str or sequence of str

    Returns
    -------
    pandas.DataFrame, one row per scale, value of ``by`` and period with a contact
        ``period`` first day, unless ``every`` is None; ``first``, ``second`` the sides, or
        "host" and "guest"; ``scale``; ``occasions`` (or ``contacts``); ``known`` those with
        both levels; ``first_higher``, ``equal``, ``second_higher``; ``mean`` difference in
        steps with ``low``, ``high``, its 95% interval, and ``rare`` as asked for; ``p_sign``
        of the two-sided sign test that neither side stands higher more often. Empty estimates
        where nothing is known; no row where there is no contact.

    Raises
    ------
    ValueError
        Where a column is missing, the frame mixes scales or sides, a contact is known less
        precisely than to the period, or ``rare`` is not positive.

    Notes
    -----
    The interval is Student's, of the differences and two more, +``rare`` and -``rare``: without
    them a period of equals, or of one contact, would claim certainty (the adjustment of Agresti
    and Min 2005, Statistics in Medicine 24, for paired shares, taken over to means). Worked out
    exactly from 4 to 104 contacts: where all are equal but for steps of one size on one side,
    however rare, it covers at least 93.5% if the steps are no larger than ``rare``, and at least
    86% if they are half as large again (3 for 2). For differences like those of the record it
    covers 99.9% at 8 contacts, wider than need be, 99% at 15, 97% at 30 and 96% at 104.
    ``mean`` is the plain mean, which lies off the middle of the interval. Sign test: Conover,
    *Practical Nonparametric Statistics*, 3rd ed., 1999, section 3.4; equals are left out. It is
    exact, and made once per row: of twenty rows one is expected below 0.05 by chance. Both take
    contacts as independent, which contacts of the same two persons are not quite.

    Part of a difference may be the coding and not protocol: where a leader receives a visitor
    besides his own counterpart, the highest head stands for the side. Contacts with
    ``several`` heads of a side can be left out of the frame first.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> rel.ranks.head_gap(data, between="host and guest")[["first", "second", "scale"]]
      first second   scale
    0  host  guest  office
    >>> gaps = rel.ranks.gaps_of_heads(data)
    >>> alone = rel.ranks.head_gap(gaps[~gaps["several"]], by="host")
    >>> int(alone["known"].sum()) < int(gaps["difference"].notna().sum())
    True
    """
    if not rare > 0:
        raise ValueError(f"rare={rare!r}: give a number of steps above 0")
    if between not in BETWEEN:
        raise ValueError(f"between={between!r}: use one of {', '.join(BETWEEN)}")
    if every is not None:
        _periods.check_every(every)
    wanted = names(by, TAKEN)
    if isinstance(data, Dataset):
        gaps = [_gaps(data, "head_gap", each, wanted, count, status) for each in names(scale)]
    else:
        gaps = [_gaps_given(data, [*wanted, *["host"] * (between != "sides")])]
    about = gaps[0].attrs
    count = about.get("unit", count)
    rows: list[dict[str, Any]] = []
    for table in gaps:
        own = table if between == "sides" else _home_and_away(table)
        rows += _summaries(own, wanted, every, rare, count)
    period = [] if every is None else ["period"]
    fixed = [*wanted, *period, "first", "second", "scale"]
    result = pd.DataFrame(rows, columns=[*fixed, count, *SUMMARY])
    if not rows:
        kinds: dict[str, Any] = {
            name: "float64" if name in ESTIMATES else "int64" for name in (count, *SUMMARY)
        }
        kinds |= dict.fromkeys(["first", "second", "scale"], TEXT) | text_kinds(gaps[0], wanted)
        result = result.astype({**kinds, **dict.fromkeys(period, MOMENT)})
    result.attrs |= {**about, "every": every}
    return result


def _gaps_given(frame: Frame, by: list[str]) -> pd.DataFrame:
    """Fetch a frame of gaps, which has to be of one scale and one pair of sides."""
    needed = ["start", "precision", "first", "second", "scale", "difference", *by]
    table = collect(narrow(frame, "head_gap", needed))
    for column in ("first", "second", "scale"):
        found = sorted(table[column].dropna().unique())
        if len(found) > 1:
            raise ValueError(
                f"{column} has the values {', '.join(found)}: "
                "differences of one scale and one pair of sides can be summarised together"
            )
    table["difference"] = pd.to_numeric(table["difference"]).astype("Float64")
    table.attrs |= frame.attrs if isinstance(frame, pd.DataFrame) else {}
    return table


def _home_and_away(gaps: pd.DataFrame) -> pd.DataFrame:
    """Turn the differences to host minus guest, and leave out what neither side hosts."""
    at_first, at_second = (gaps["host"] == gaps[side] for side in ("first", "second"))
    turned = gaps["difference"].where(at_first, -gaps["difference"])
    kept = gaps.assign(difference=turned, first="host", second="guest")
    return kept[at_first | at_second]


def _summaries(
    gaps: pd.DataFrame, by: list[str], every: str | None, rare: float, count: str
) -> list[dict[str, Any]]:
    from scipy.stats import binomtest

    if gaps.empty:
        return []
    key = list(by)
    if every is not None:
        gaps = placed(gaps, every)
        gaps = gaps.assign(period=_periods.period_of(gaps["start"], every))
        key.append("period")
    rows = []
    for values, group in groups(gaps, key):
        known = group["difference"].dropna().astype("float64").to_numpy()
        up, down = int((known > 0).sum()), int((known < 0).sum())
        low, high = mean_interval(len(known), known.sum(), known @ known, rare)
        unequal = float(binomtest(up, up + down).pvalue) if up + down else 1.0
        rows.append(
            dict(zip(key, values, strict=True))
            | {column: group[column].iloc[0] for column in ("first", "second", "scale")}
            | {
                count: len(group),
                "known": len(known),
                "first_higher": up,
                "equal": len(known) - up - down,
                "second_higher": down,
                "mean": float(known.mean()) if len(known) else np.nan,
                "low": float(low),
                "high": float(high),
                "rare": float(rare),
                "p_sign": unequal if len(known) else np.nan,
            }
        )
    return rows


def mean_interval(size: int, total: Any, squares: Any, rare: float) -> tuple[Any, Any]:
    """Return the limits of a mean from the number, the sum and the sum of squares."""
    if not size:
        return np.nan, np.nan
    from scipy.stats import t

    # The two that are added cancel in the sum.
    more = size + 2
    mean = total / more
    variance = (squares + 2 * rare**2 - more * mean**2) / (more - 1)
    half = t.ppf(0.975, more - 1) * np.sqrt(variance / more)
    return mean - half, mean + half


def crosswalks(data: Dataset, *, count: str = "occasions", status: Status = None) -> pd.DataFrame:
    """Say in which contacts the choice of the crosswalk decides who stands higher.

    Parameters
    ----------
    data : Dataset
        As for `gaps_of_heads`.
    count : {"occasions", "contacts"}
    status : str or sequence of str

    Returns
    -------
    pandas.DataFrame, one row per occasion or contact whose heads' ranks are both known
        ``event_id``, ``start``, ``first``, ``second``; ``by_place``, ``by_cognate``, the
        difference of ranks, first minus second, under each crosswalk; ``turned``, whether
        another side stands higher under one than under the other, or neither does under one.

    Raises
    ------
    ValueError
        As `gaps_of_heads`.

    Examples
    --------
    >>> import relations as rel
    >>> both = rel.ranks.crosswalks(rel.load())
    >>> bool((both["by_place"] != both["by_cognate"])[both["turned"]].all())
    True
    """
    place, cognate = (
        _gaps(data, "crosswalks", scale, (), count, status) for scale in levels.CROSSWALKS
    )
    table = place[["event_id", "start", "first", "second"]].assign(
        by_place=place["difference"], by_cognate=cognate["difference"]
    )
    table = table.dropna(subset=["by_place", "by_cognate"], ignore_index=True)
    table = table.astype({"by_place": "int64", "by_cognate": "int64"})
    table["turned"] = np.sign(table["by_place"]) != np.sign(table["by_cognate"])
    return describe(table, data, count)
