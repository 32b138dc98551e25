"""The numbers of a series: which were not found, and how those of the two sides compare."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pandas as pd

from relations.measures._asking import describe
from relations.measures._channel_contacts import (
    check_channel,
    contacts_of_channels,
    given_numbers,
    listed_absences,
    listed_channels,
)
from relations.record._frames import collect, narrow
from relations.record._types import TEXT
from relations.record.dataset import Dataset, check_dataset

MISSING = {
    "channel": "object",
    "side": "object",
    "edition": "Int64",
    "listed": "boolean",
    "day": "datetime64[us]",
    "candidate": "object",
}


def missing_numbers(data: Dataset, metric: str) -> pd.DataFrame:
    """Return the numbers of each channel that no held contact of the whole record carries.

    Of a choice those are left that belong to a channel with a contact in it and lie within
    its span.
    """
    whole = data.whole
    contacts = contacts_of_channels(whole, metric)
    held = contacts[contacts["state"] == "held"]
    absences = listed_absences(whole, metric)
    numbers = given_numbers(whole, metric).merge(
        held[["event_id", "channel", "day"]], on="event_id"
    )
    counted = {*numbers["channel"], *absences["channel"]}
    pieces = [
        _missing(
            *(frame[frame["channel"] == channel] for frame in (held, numbers, absences))
        ).assign(channel=channel)
        for channel in listed_channels(whole, metric)["channel"]
        if channel in counted
    ]
    pieces = [piece for piece in pieces if len(piece)]
    found = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=list(MISSING))
    found = found.astype(MISSING)
    if data is whole:
        return found
    since, until = data.span
    inside = found["day"].between(since, until)
    if data.span == whole.span:
        inside |= found["day"].isna()
    there = found["channel"].isin(contacts_of_channels(data, metric)["channel"])
    return found[there & inside].reset_index(drop=True)


def numbering(data: Dataset, channel: str) -> pd.DataFrame:
    """Lay the numbers that both sides give the contacts of one series side by side.

    Parameters
    ----------
    data : Dataset
        Its tables ``mechanisms``, ``events``, ``editions`` and ``sides`` are read; any
        engine, and pandas comes back.
    channel : str
        The series, as in ``data.mechanisms``.

    Returns
    -------
    pandas.DataFrame, one row per held contact, by day
        ``channel``; ``event_id``; ``start`` (first possible day); ``precision``; one column
        per side, named by its code, with the number that it gives; ``offset``, number of the
        first side in ``data.sides`` less that of the second; ``agree``, whether they are
        equal; both empty where a number is not known; ``missing``, the sides without a
        number, with ``;`` between. A number of ``both`` counts for each side. The number of one
        side is never worked out from that of the other: `timeline` names candidates.

    Raises
    ------
    ValueError
        Where a column is missing; the channel is not listed; there are not two sides; a number
        is empty or no number; or a side gives one contact two numbers.

    Examples
    --------
    >>> import relations as rel
    >>> patrols = numbering(rel.load(), "coast_guard_joint_patrol")
    >>> patrols["offset"].dropna().unique().tolist()
    [19]
    """
    check_dataset(data, "numbering")
    check_channel(data, channel, "numbering")
    table = _side_by_side(data, [channel], "numbering")
    return describe(table, data, "contacts", sides=list(table.columns[4:6]))


def _side_by_side(data: Dataset, channels: Iterable[str], metric: str) -> pd.DataFrame:
    """Return the held contacts of series with the number that each side gives them."""
    codes = collect(narrow(data.sides, f"{metric} (sides)", ["side"]))["side"].tolist()
    if len(codes) != 2:
        raise ValueError(f"{metric} lays two sides side by side; data.sides holds {codes}")
    contacts = contacts_of_channels(data, metric)
    held = contacts[contacts["channel"].isin(channels) & contacts["state"].isin(data.status)]
    table = held[["channel", "event_id", "start", "precision"]].reset_index(drop=True)
    editions = given_numbers(data, metric)
    editions = editions[editions["event_id"].isin(held["event_id"])]
    for side in codes:
        own = editions[editions["side"].isin([side, "both"])].drop_duplicates(
            ["event_id", "edition"]
        )
        twice = own[own["event_id"].duplicated()]
        if len(twice):
            raise ValueError(
                f"{metric}: {side} gives {twice['event_id'].iloc[0]} two numbers in editions: "
                "keep one, and leave what a single report prints to reports.edition_as_reported"
            )
        numbers = own.set_index("event_id")["edition"]
        table[side] = table["event_id"].map(numbers).astype("Int64")
    first, second = codes
    table["offset"] = table[first] - table[second]
    table["agree"] = table["offset"] == 0
    lacking = table[codes].isna()
    missing = [";".join(side for side in codes if row[side]) for row in lacking.to_dict("records")]
    return table.assign(missing=pd.array(missing, dtype=TEXT))


def offsets(data: Dataset) -> pd.DataFrame:
    """Compare the numbers that both sides give, series by series.

    Parameters
    ----------
    data : Dataset
        Read as by `numbering`.

    Returns
    -------
    pandas.DataFrame, one row per channel of which a number is known from both sides
        ``channel``; ``contacts`` held; ``both_known``, those with a number of each side;
        ``agree``, those of them in which the two are equal; ``smallest``, ``largest`` offset,
        number of the first side in ``data.sides`` less that of the second. A number that
        sources give to both sides alike counts as known from both.

    Raises
    ------
    ValueError
        As `numbering` does.

    Examples
    --------
    >>> import relations as rel
    >>> table = offsets(rel.load()).set_index("channel")
    >>> table.loc["coast_guard_joint_patrol", ["smallest", "largest"]].tolist()
    [19, 19]
    """
    check_dataset(data, "offsets")
    rows = []
    channels = listed_channels(data, "offsets")["channel"]
    table = _side_by_side(data, channels, "offsets")
    for channel in channels:
        laid = table[table["channel"] == channel]
        offset = laid["offset"].dropna()
        if len(offset):
            rows.append(
                {
                    "channel": channel,
                    "contacts": len(laid),
                    "both_known": len(offset),
                    "agree": int((offset == 0).sum()),
                    "smallest": int(offset.min()),
                    "largest": int(offset.max()),
                }
            )
    columns = ["channel", "contacts", "both_known", "agree", "smallest", "largest"]
    table = pd.DataFrame(rows, columns=columns)
    table = table.astype(dict.fromkeys(columns[1:], "int64") | {"channel": TEXT})
    return describe(table, data, "contacts")


def _missing(held: pd.DataFrame, numbers: pd.DataFrame, absent: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of one series that no held contact carries."""
    rows = []
    for side, own in split_counts(numbers, set(absent["side"])):
        day = own.groupby("edition")["day"].min()
        known = sorted(day.index)
        listed = set(absent.loc[_of_count(absent["side"], side), "edition"])
        within = set(range(known[0], known[-1] + 1)) if known else set()
        unnumbered = held[~held["event_id"].isin(own["event_id"]) & ~held["document"]]
        fits = _candidates(unnumbered.set_index("event_id")["day"], day)
        for edition in sorted((listed | within) - set(known)):
            candidate, when = fits.get(edition, (None, _between(edition, known, day)))
            rows.append((side, edition, edition in listed, when, candidate))
    return pd.DataFrame(rows, columns=["side", "edition", "listed", "day", "candidate"])


def _candidates(unnumbered: pd.Series, day: pd.Series) -> dict[int, tuple[str, pd.Timestamp]]:
    """Pair missing numbers with contacts where as many lie between as are missing."""
    fits: dict[int, tuple[str, pd.Timestamp]] = {}
    for before, after in pairwise(sorted(day.index)):
        between = unnumbered[(unnumbered > day[before]) & (unnumbered < day[after])]
        if len(between) == after - before - 1:
            fits |= zip(range(before + 1, after), between.items(), strict=True)
    return fits


def _of_count(sides: pd.Series, side: str) -> pd.Series:
    """Say which absences belong to a count; where the sides count alike, all do."""
    return pd.Series(True, index=sides.index) if side == "both" else sides.isin([side, "both"])


def split_counts(numbers: pd.DataFrame, absent: set[str]) -> list[tuple[str, pd.DataFrame]]:
    """Split the numbers of one series into the counts that are kept of it."""
    unequal = numbers.groupby("event_id")["edition"].nunique().gt(1).any()
    shared = numbers.groupby("edition")["event_id"].nunique().gt(1).any()
    if not (unequal or shared):
        return [("both", numbers)]
    sides = sorted((set(numbers["side"]) | absent) - {"both"}) or ["both"]
    return [(side, numbers[numbers["side"].isin([side, "both"])]) for side in sides]


def _between(edition: int, known: list[int], day: pd.Series) -> pd.Timestamp:
    """Place a missing number in line between its neighbours in the count."""
    earlier = [number for number in known if number < edition]
    later = [number for number in known if number > edition]
    if not (earlier and later):
        return pd.NaT
    before, after = earlier[-1], later[0]
    share = (edition - before) / (after - before)
    return (day[before] + (day[after] - day[before]) * share).floor("D")
