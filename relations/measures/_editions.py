"""Numbered series as known truth: how many of the editions that must exist the record holds."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from relations.measures import _intervals
from relations.measures._asking import By, describe
from relations.measures._channel_contacts import (
    contacts_of_channels,
    given_numbers,
    listed_absences,
    listed_channels,
)
from relations.measures._channel_numbers import split_counts
from relations.measures._witnesses import LISTS, occasions_on_lists
from relations.record import _dates
from relations.record._frames import groups, names
from relations.record._types import TEXT
from relations.record._witnesses import table
from relations.record.dataset import Dataset, check_dataset

BY = ("period", "side", "kind", "channel")
BOTH = "both"
TABLE = [
    "channel", "kind", "side", "edition", "day", "held", "numbered", "event_id", *LISTS,
]  # fmt: skip
METRIC = "detection"


def detection(data: Dataset, by: By = (), *, every_years: int = 5) -> pd.DataFrame:
    """Count how many of the editions that must exist in numbered series the record holds.

    Parameters
    ----------
    data : Dataset
        Its tables ``mechanisms``, ``events``, ``editions``, ``absences``, ``sides``,
        ``reports`` and ``sources`` are read. A choice takes the series that its contacts
        belong to and the editions in its days, all of them.
    by : column or columns: "period", "side", "kind", "channel"
        ``kind`` is that of the series. With "side" each side's own count of a series is taken
        for itself; without, of two counts the one that goes further.
    every_years : int
        Length of a period.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by``
        ``editions`` that must have taken place; ``held`` in the record, ``numbered`` with the
        number printed; ``share`` held, with its 95% interval ``low``, ``high`` (Wilson);
        ``first``, ``second``, ``third``, editions that outlets of the first side, of the
        second, of neither report; ``others``, held occasions of the same periods and kinds
        outside these series; ``implied``, ``implied_low``, ``implied_high``, how many took
        place of those if they were found as often (empty by side or channel).
        ``attrs["editions"]`` has the columns of a table of every edition with the contact that
        it is, as `editions` gives it.

    Raises
    ------
    ValueError
        Where ``by`` names another column.

    Notes
    -----
    Of a series with numbers up to 10, numbers 1 to 10 have taken place, whatever is reported:
    what the record lacks of them is known. Numbers below the lowest held one are taken where
    ``absences`` lists them, since some series (a forum of many states) began without the other
    side. A contact without a number lies between two numbered ones and stands for one of the
    numbers that are missing there. Missing editions are placed in line between their
    neighbours, before the first one by the interval of the series; those that cannot be placed
    have an empty period, and those before the days covered are left out.

    Detection of a series that counts itself is that of the better reported: editions are
    searched for by number, and patrols of navies print theirs. The rest is found less often
    rather than more, so that ``implied`` is a lower bound.

    Examples
    --------
    >>> import relations as rel
    >>> table = detection(rel.load(), "kind").set_index("kind")
    >>> bool((table["held"] <= table["editions"]).all())
    True
    """
    check_dataset(data, METRIC)
    by = names(by)
    strange = [column for column in by if column not in BY]
    if strange:
        raise ValueError(f"detection: by={strange[0]!r}: use {', '.join(BY)}")
    if not every_years >= 1:
        raise ValueError(f"every_years={every_years!r}: a period is one year or more")
    listed = editions(data) if "side" in by else editions_once(data)
    listed = listed.assign(period=_period(listed["day"], every_years))
    others = None
    if set(by) <= {"period", "kind"}:
        others = occasions_on_lists(data, METRIC, ["kind", "channel"])
        others = others[~others["channel"].isin(listed["channel"])]
        others = others.assign(period=_period(others["start"], every_years))
    rows = []
    for key, group in groups(listed, by) if len(listed) else []:
        row = dict(zip(by, key, strict=True))
        held = int(group["held"].sum())
        low, high = _intervals.wilson(held, len(group))
        row |= {"editions": len(group), "held": held, "numbered": int(group["numbered"].sum())}
        row |= {"share": held / len(group), "low": low, "high": high}
        row |= {name: int(group[name].sum()) for name in LISTS}
        if others is not None:
            alike = np.ones(len(others), dtype=bool)
            for column, value in zip(by, key, strict=True):
                alike &= (others[column] == value).to_numpy(dtype=bool, na_value=False)
            number = int(alike.sum())
            row |= {"others": number, "implied": number / (held / len(group)) if held else np.inf}
            row |= {"implied_low": number / high, "implied_high": number / low if low else np.inf}
        else:
            row |= dict.fromkeys(["others", "implied", "implied_low", "implied_high"], np.nan)
        rows.append(row)
    types = {column: listed[column].dtype for column in by} | DETECTED
    if others is None:
        types |= {"others": "float64"}
    found = pd.DataFrame(rows, columns=list(types)).astype(types)
    return describe(found, data, "editions", editions=listed.to_dict("list"))


WHOLE_NUMBERS = ["editions", "held", "numbered", *LISTS, "others"]
COLUMNS = ["editions", "held", "numbered", "share", "low", "high", *LISTS, "others"]
COLUMNS += ["implied", "implied_low", "implied_high"]
DETECTED = {name: "int64" if name in WHOLE_NUMBERS else "float64" for name in COLUMNS}


def editions(data: Dataset) -> pd.DataFrame:
    """List every edition that must have taken place in the days covered.

    Parameters
    ----------
    data : Dataset

    Returns
    -------
    pandas.DataFrame, one row per series, count and number
        ``channel``; ``kind`` of the series; ``side``, whose count it is, ``both`` where the
        sides count alike; ``edition``; ``day``, where the edition is missing as its place in
        line has it, or empty; ``held``, whether the record holds it; ``numbered``, whether
        with its number; ``event_id``; ``first``, ``second``, ``third``, who reports it.

    Examples
    --------
    >>> import relations as rel
    >>> table = editions(rel.load())
    >>> exchange = table[table["channel"] == "border_defence_friendship_exchange"]
    >>> exchange["edition"].tolist() == list(range(1, len(exchange) + 1))
    True
    """
    check_dataset(data, "editions")
    # A number is found wherever it stands in the record.
    whole = data.whole
    contacts = contacts_of_channels(whole, METRIC)
    held = contacts[contacts["state"] == "held"]
    given, absences = given_numbers(whole, METRIC), listed_absences(whole, METRIC)
    since = table(whole, METRIC, "mechanisms", ["mechanism", "since"]).set_index("mechanism")
    channels = listed_channels(whole, METRIC).set_index("channel").join(since)
    chosen = set(contacts_of_channels(data, METRIC)["channel"])
    rows = []
    for channel in [name for name in channels.index if name in chosen]:
        own, series = held[held["channel"] == channel], channels.loc[channel]
        absent = absences[absences["channel"] == channel]
        numbers = given.merge(own[["event_id", "day"]], on="event_id")
        for side, count in split_counts(numbers, set(absent["side"])):
            missing = absent if side == BOTH else absent[absent["side"].isin([side, BOTH])]
            free = own[~own["document"] & ~own["event_id"].isin(count["event_id"])]
            for row in _count(count, set(missing["edition"]), free, series):
                rows.append({"channel": channel, "kind": series["kind"], "side": side, **row})
    found = pd.DataFrame(rows, columns=TABLE[: -len(LISTS)])
    types = {"day": "datetime64[us]", "edition": "int64", "held": "bool", "numbered": "bool"}
    found = found.astype(types | dict.fromkeys(["channel", "kind", "side", "event_id"], TEXT))
    found = found[found["day"].isna() | found["day"].between(*data.span)]
    root = table(whole, METRIC, "events", ["event_id", "occasion"]).set_index("event_id")
    occasion = found["event_id"].map(root["occasion"])
    on = occasions_on_lists(whole, METRIC).set_index("event_id")
    listed = {name: occasion.isin(on.index[on[name]]) for name in LISTS}
    return describe(found.assign(**listed).reset_index(drop=True), data, "editions")


def editions_once(data: Dataset) -> pd.DataFrame:
    """Return the editions that must exist, those of a series that two counts number once.

    Of two counts the one that goes further holds the other.
    """
    found = editions(data)
    size = found.groupby(["channel", "side"])["edition"].transform("size")
    further = found.assign(size=size).sort_values("size", ascending=False, kind="stable")
    side = further.drop_duplicates("channel").set_index("channel")["side"]
    return found[found["side"] == found["channel"].map(side)]


def _count(
    numbers: pd.DataFrame, absent: set[int], free: pd.DataFrame, series: pd.Series
) -> list[dict[str, Any]]:
    """Return the editions of one count, the contacts without a number among those missing."""
    carried = numbers.sort_values("day").drop_duplicates("edition").set_index("edition")
    known = sorted(carried.index)
    within = set(range(known[0], known[-1] + 1)) if known else set()
    rows = [
        {"edition": number, "day": carried.loc[number, "day"], "held": True, "numbered": True,
         "event_id": carried.loc[number, "event_id"]}
        for number in known
    ]  # fmt: skip
    missing = sorted((absent | within) - set(known))
    day = carried["day"]
    runs = groupby(missing, key=lambda number: sum(other < number for other in known))
    for before, run in runs:
        first = day[known[before - 1]] if before else pd.Timestamp.min
        last = day[known[before]] if before < len(known) else pd.Timestamp.max
        between = free[(free["day"] > first) & (free["day"] < last)]
        places = {number: _place(number, known, day, series) for number in run}
        stands = _matched(places, between)
        for number, place in places.items():
            event = stands.get(number)
            when = place if event is None else between.loc[event, "day"]
            rows.append(
                {"edition": number, "day": when, "held": event is not None, "numbered": False,
                 "event_id": None if event is None else between.loc[event, "event_id"]}
            )  # fmt: skip
    return sorted(rows, key=lambda row: row["edition"])


def _matched(places: dict[int, pd.Timestamp], between: pd.DataFrame) -> dict[int, Any]:
    """Give each missing number the contact without one that lies nearest to its place."""
    from scipy.optimize import linear_sum_assignment

    if between.empty:
        return {}
    days = between["day"].to_numpy().astype("datetime64[D]").astype(float)
    apart = np.array(
        [
            # A number without a place takes what is left.
            np.full(len(days), 1e5)
            if pd.isna(place)
            else np.abs(days - np.datetime64(place, "D").astype(float))
            for place in places.values()
        ]
    )
    rows, columns = linear_sum_assignment(apart)
    numbers = list(places)
    return {numbers[row]: between.index[column] for row, column in zip(rows, columns, strict=True)}


def _place(number: int, known: list[int], day: pd.Series, series: pd.Series) -> pd.Timestamp:
    """Place a missing number in line between its neighbours, or by the interval."""
    earlier = [other for other in known if other < number]
    later = [other for other in known if other > number]
    if earlier and later:
        before, after = earlier[-1], later[0]
        share = (number - before) / (after - before)
        return (day[before] + (day[after] - day[before]) * share).floor("D")
    if not known:
        return pd.NaT
    nearest = earlier[-1] if earlier else later[0]
    began = series["since"]
    if later and not pd.isna(began) and nearest > 1 and began < day[nearest]:
        share = (number - 1) / (nearest - 1)
        return (began + (day[nearest] - began) * share).floor("D")
    months = series["interval_months"]
    if pd.isna(months):
        if len(known) < 2:
            return pd.NaT
        step = (day[known[-1]] - day[known[0]]) / (known[-1] - known[0])
    else:
        step = pd.Timedelta(days=float(months) * _dates.DAYS_PER_YEAR / 12)
    return (day[nearest] + step * (number - nearest)).floor("D")


def _period(day: pd.Series, years: int) -> pd.Series:
    first = (day.dt.year // years * years).astype("Int64")
    last = "" if years == 1 else "-" + (first + years - 1).astype("string")
    return (first.astype("string") + last).astype("object").where(day.notna(), None)
