"""When each standing channel met, how regularly, and where."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from relations.measures._asking import describe, require_numbers
from relations.measures._channel_contacts import (
    check_channel,
    contacts_of_channels,
    given_numbers,
    listed_channels,
)
from relations.measures._channel_numbers import (
    missing_numbers,
    split_counts,
)
from relations.record._dates import DAYS_PER_YEAR
from relations.record._frames import collect, narrow
from relations.record._types import TEXT
from relations.record.dataset import Dataset, check_dataset

DAYS_PER_MONTH = DAYS_PER_YEAR / 12
# Fewest intervals for which two order statistics hold the median with 95% confidence.
FEWEST = 6


def timeline(data: Dataset) -> pd.DataFrame:
    """List the contacts of each standing channel, and the numbers of it that were not found.

    Parameters
    ----------
    data : Dataset
        Its tables ``mechanisms``, ``events``, ``editions`` and ``absences`` are read, on any
        engine. Of contacts chosen by ``where`` those left are listed, and of their channels
        the missing numbers that lie within the span; numbers are looked up in the whole record.

    Returns
    -------
    pandas.DataFrame, one row per contact and per missing number, by channel and day
        ``channel``; ``event_id``, empty for a missing number; ``state``: held, announced,
        cancelled, disputed or missing; ``day``, for contacts known only to the month or year
        the middle of what is possible, for a missing number that of its candidate, or else its
        place in line between the held neighbours of that count, and empty where a neighbour is
        lacking; ``precision``, empty for a missing number; ``side`` and ``edition`` of a missing
        number, ``both`` where the sides count alike; ``listed``, whether the missing number is
        in ``absences``; ``candidate``, the held contact that the missing number fits.

    Raises
    ------
    ValueError
        Where a column is missing; the channel of an event is not listed; a number is empty or
        no number; or an event has no start, an unknown precision, or stands twice.

    Notes
    -----
    Of an occasion that is in one channel several times the whole is listed, or else its
    first part. The sides count alike unless they give one held contact two numbers, or one
    number to two held contacts; then each count is followed by itself. Missing is every
    number in ``absences`` and every gap between the lowest and the highest held number. The
    contact may be in the record all the same, without a printed number or under that of the
    other side only. Where as many held contacts without a number of that count lie between two
    numbered neighbours as numbers are missing there, each in turn is the candidate for one;
    where they are fewer or more, none is. Signed documents are left aside in this.

    Examples
    --------
    >>> import relations as rel
    >>> table = timeline(rel.load())
    >>> exchange = table[table["channel"] == "border_defence_friendship_exchange"]
    >>> int((exchange["state"] == "held").sum())
    10
    """
    check_dataset(data, "timeline")
    contacts = contacts_of_channels(data, "timeline")
    missing = missing_numbers(data, "timeline").assign(state="missing")
    pieces = [piece for piece in (contacts, missing) if len(piece)] or [contacts]
    table = pd.concat(pieces, ignore_index=True).reindex(columns=list(TIMELINE)).astype(TIMELINE)
    order = ["channel", "day", "side", "edition", "event_id"]
    table = table.sort_values(order, ignore_index=True)
    return describe(table, data, "contacts", span=data.span)


TIMELINE = {
    "channel": TEXT,
    "event_id": TEXT,
    "state": TEXT,
    "day": "datetime64[us]",
    "precision": TEXT,
    "side": TEXT,
    "edition": "Int64",
    "listed": "boolean",
    "candidate": TEXT,
}


def intervals(
    data: Dataset,
    *,
    tolerance: float = 0.25,
    lapse_after: float = 2.0,
    nominal: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Measure how regularly each standing channel met, how late, and whether it fell silent.

    Parameters
    ----------
    data : Dataset
        Its tables ``mechanisms``, ``events``, ``editions`` and ``absences`` are read, on any
        engine. Of contacts chosen by ``where`` the intervals are those between the ones left.
    tolerance : float
        A contact is late if it came more than this share of the nominal interval after it was
        due: 0.25 lets a yearly meeting come three months late.
    lapse_after : float
        A channel has lapsed if it is silent at the end of what is covered for longer than
        this many expected intervals.
    nominal : mapping of channel to months, optional
        Intervals to use beside or in place of ``interval_months``.

    Returns
    -------
    pandas.DataFrame, one row per channel, of a choice those with a contact left
        ``channel``; ``first``, ``last`` held contact (first possible day); ``held`` (or of
        the status chosen), ``announced``, ``cancelled`` contacts; ``of_its_kind``, held ones of
        the kind that the channel usually takes; ``documents``, held ones that are a signed
        document where the channel takes another form; ``imprecise``, held ones known only to
        the month or year; ``intervals`` between successive contacts and ``skipped`` ones,
        which numbers show to span editions that were not found; ``median`` months, with
        ``median_low`` and ``median_high``, its 95% interval (empty below six intervals);
        ``q1``, ``q3`` quartiles and ``variation``, standard deviation over mean, the jitter;
        ``nominal`` months, where stated; ``late``, intervals longer
        than nominal allows, empty without a nominal one; ``missing`` numbers, ``candidates``
        how many of them fit a held contact without a number of that count, and
        ``missing_editions``, which are missing; ``unnumbered`` held contacts;
        ``longest_silence`` months between two contacts and the day it is reckoned from,
        ``silent_from``; ``silence`` months from the last contact to the end of what is covered;
        ``expected`` months and ``expected_by``, what they rest on: nominal, or else the median;
        ``lapsed``, empty where nothing is expected.

    Raises
    ------
    ValueError
        As `timeline` does, or where an argument is negative or names a channel that is not
        listed.

    Notes
    -----
    A document that founds a channel is no meeting of it: intervals and silences are between the
    other held contacts, and empty where there are none. ``first`` and ``last`` are of all.
    Where no interval is stated, a channel can only be held against its own median, which a few
    intervals hardly tell: look at ``intervals`` before reading ``lapsed``.

    A month is 365.2425 / 12 days. The interval of the median lies between two order
    statistics, with ranks from the binomial distribution with p = 1/2 (W. J. Conover,
    *Practical Nonparametric Statistics*, 3rd ed., 1999, section 3.2), which needs no shape.
    Contacts known only to the month or year stand in the middle of it, which widens the
    spread. Intervals are the record's: where an edition without a number is missing, one
    interval stands for two.

    Examples
    --------
    >>> import relations as rel
    >>> table = intervals(rel.load()).set_index("channel")
    >>> row = table.loc["coast_guard_quarterly_patrol"]
    >>> int(row["held"]), int(row["late"])
    (5, 1)
    """
    check_dataset(data, "intervals")
    for name, value in (("tolerance", tolerance), ("lapse_after", lapse_after)):
        if not value >= 0:
            raise ValueError(f"{name}={value!r}: give a number that is 0 or more")
    channels = listed_channels(data, "intervals")
    unknown = set(nominal or {}) - set(channels["channel"])
    if unknown:
        raise ValueError(
            f"nominal names {', '.join(sorted(unknown))}, not listed in data.mechanisms: "
            "use ids of that table"
        )
    contacts = contacts_of_channels(data, "intervals")
    contacts["counted"] = contacts["state"].isin(data.status)
    if data is not data.whole:
        channels = channels[channels["channel"].isin(contacts["channel"])]
    missing = missing_numbers(data, "intervals")
    # A number that a contact outside of the choice carries is no gap.
    numbers = given_numbers(data.whole, "intervals").merge(
        contacts_of_channels(data.whole, "intervals")[["event_id", "channel", "state"]],
        on="event_id",
    )
    numbers = numbers[numbers["state"].isin(["held", *data.status])]
    rows = []
    for channel in channels.itertuples():
        own = contacts[contacts["channel"] == channel.channel]
        gone = missing[missing["channel"] == channel.channel]
        months = (nominal or {}).get(channel.channel, channel.interval_months)
        if not pd.isna(months) and not months > 0:
            raise ValueError(
                f"{channel.channel}: interval of {months} months; give a number above 0"
            )
        row = {"channel": channel.channel} | _rhythm(
            own, channel.kind, numbers[numbers["channel"] == channel.channel], months,
            tolerance, lapse_after, data.span[1],
        )  # fmt: skip
        row |= {
            "missing": len(gone),
            "candidates": int(gone["candidate"].notna().sum()),
            "missing_editions": _listing(gone),
        }
        rows.append(row)
    table = pd.DataFrame(rows, columns=list(INTERVALS)).astype(INTERVALS)
    return describe(table, data, "contacts")


INTERVALS = {
    "channel": TEXT,
    **dict.fromkeys(["first", "last"], "datetime64[us]"),
    **dict.fromkeys(
        ["held", "announced", "cancelled", "of_its_kind", "documents", "imprecise"], "int64"
    ),
    **dict.fromkeys(["intervals", "skipped"], "int64"),
    **dict.fromkeys(
        ["median", "median_low", "median_high", "q1", "q3", "variation", "nominal"], "float64"
    ),
    "late": "Int64",
    **dict.fromkeys(["missing", "candidates"], "int64"),
    "missing_editions": TEXT,
    "unnumbered": "int64",
    "longest_silence": "float64",
    "silent_from": "datetime64[us]",
    **dict.fromkeys(["silence", "expected"], "float64"),
    "expected_by": TEXT,
    "lapsed": "boolean",
}


def places(data: Dataset, channel: str) -> pd.DataFrame:
    """List where each held contact of a series took place, with coordinates where known.

    Parameters
    ----------
    data : Dataset
        Its tables ``mechanisms``, ``events``, ``editions``, ``event_places``, ``places``
        and ``outlines`` are read, on any engine.
    channel : str
        The series, as in ``data.mechanisms``.

    Returns
    -------
    pandas.DataFrame, one row per held contact and place, by day and place
        ``event_id``; ``start`` (first possible day); ``edition``, the numbers given to it,
        with ``/`` between where they differ; ``place_id``; ``name``; ``side``, that of the
        place; ``lat``, ``lon`` in degrees, empty where not known. A contact without a place
        has one row without one. ``attrs["outlines"]`` holds coarse outlines of the sides for
        a map: rings of longitude and latitude.

    Raises
    ------
    ValueError
        Where a column is missing, the channel is not listed, or a coordinate is no number.

    Examples
    --------
    >>> import relations as rel
    >>> table = places(rel.load(), "border_defence_friendship_exchange")
    >>> table.query("edition == '8'")["name"].tolist()
    ['Hekou', 'Lao Cai']
    """
    check_dataset(data, "places")
    check_channel(data, channel, "places")
    contacts = contacts_of_channels(data, "places")
    held = contacts[(contacts["channel"] == channel) & contacts["state"].isin(data.status)]
    links = narrow(data.event_places, "places (event_places)", ["event_id", "place_id"])
    columns = ["place_id", "name", "country", "lat", "lon"]
    known = collect(narrow(data.places, "places (places)", columns))
    for column in ("lat", "lon"):
        stated = known[known[column].notna()]
        stated = require_numbers(stated, [column], "places (places)")
        known[column] = stated[column].reindex(known.index)
    numbers = given_numbers(data, "places").drop_duplicates(["event_id", "edition"])
    labels = numbers.sort_values("edition").groupby("event_id")["edition"]
    labels = labels.agg(lambda cells: "/".join(map(str, cells))).astype(TEXT)
    table = held[["event_id", "start"]].assign(edition=held["event_id"].map(labels).astype(TEXT))
    table = table.merge(collect(links), on="event_id", how="left")
    table = table.merge(known.rename(columns={"country": "side"}), on="place_id", how="left")
    table = table.sort_values(["start", "event_id", "place_id"], ignore_index=True)
    return describe(table, data, "contacts", channel=channel, outlines=_outlines(data))


def _outlines(data: Dataset) -> list[list[tuple[float, float]]]:
    """Return the rings of the outlines as plain lists, which may travel in ``attrs``."""
    columns = ["side", "ring", "point", "lon", "lat"]
    points = collect(narrow(data.outlines, "places (outlines)", columns))
    points = require_numbers(points, ["point", "lon", "lat"], "places (outlines)")
    rings = points.sort_values("point").groupby(["side", "ring"])
    return [list(zip(ring["lon"], ring["lat"], strict=True)) for _, ring in rings]


def _rhythm(
    own: pd.DataFrame,
    kind: Any,
    editions: pd.DataFrame,
    nominal: Any,
    tolerance: float,
    lapse_after: float,
    end: pd.Timestamp,
) -> dict[str, Any]:
    """Return the counts and intervals of one channel."""
    held = own[own["counted"]]
    met = held[~held["document"]]
    days = met["day"].to_numpy()
    gaps = np.diff(days) / np.timedelta64(1, "D") / DAYS_PER_MONTH
    numbers = editions[editions["event_id"].isin(held["event_id"])]
    found = {side: set(count["edition"]) for side, count in split_counts(editions, set())}
    given: dict[str, dict[str, int]] = {}
    for row in numbers.itertuples():
        given.setdefault(row.event_id, {})[row.side] = int(row.edition)
    pairs = pairwise(given.get(event, {}) for event in met["event_id"])
    whole = np.array([not _skips(*pair, found) for pair in pairs], dtype=bool)
    used = gaps[whole]
    some, stated = len(used) > 0, not pd.isna(nominal)
    low, high = _median_interval(used)
    median = float(np.median(used)) if some else np.nan
    expected = float(nominal) if stated else median
    silence = (end - met["day"].max()).days / DAYS_PER_MONTH if len(met) else np.nan
    longest = int(gaps.argmax()) if len(gaps) else None
    return {
        "first": held["start"].min(),
        "last": held["start"].max(),
        "held": len(held),
        "announced": int((own["state"] == "announced").sum()),
        "cancelled": int((own["state"] == "cancelled").sum()),
        "of_its_kind": int((held["kind"] == kind).sum()),
        "documents": int(held["document"].sum()),
        "imprecise": int((held["precision"] != "day").sum()),
        "intervals": len(used),
        "skipped": int((~whole).sum()),
        "median": median,
        "median_low": low,
        "median_high": high,
        "q1": float(np.quantile(used, 0.25)) if some else np.nan,
        "q3": float(np.quantile(used, 0.75)) if some else np.nan,
        "variation": float(used.std(ddof=1) / used.mean())
        if len(used) > 1 and used.mean() > 0
        else np.nan,
        "nominal": float(nominal) if stated else np.nan,
        "late": int((used > nominal * (1 + tolerance)).sum()) if stated and some else pd.NA,
        "unnumbered": int((~held["event_id"].isin(numbers["event_id"])).sum()),
        "longest_silence": gaps[longest] if longest is not None else np.nan,
        "silent_from": met["day"].iloc[longest] if longest is not None else pd.NaT,
        "silence": silence,
        "expected": expected,
        "expected_by": "nominal" if stated else "median" if some else None,
        "lapsed": bool(silence > lapse_after * expected)
        if len(met) and not np.isnan(expected)
        else pd.NA,
    }


def _skips(earlier: dict[str, int], later: dict[str, int], found: dict[str, set[int]]) -> bool:
    """Whether the numbers of two successive contacts leave others between that were not found."""
    gaps = []
    for side, one in earlier.items():
        for other_side, other in later.items():
            if side == other_side or "both" in (side, other_side):
                sides = {side, other_side} - {"both"} or set(found)
                known = set().union(*(found.get(each, found.get("both", ())) for each in sides))
                gaps.append(bool(set(range(one + 1, other)) - known))
    return bool(gaps) and all(gaps)


def _median_interval(values: np.ndarray) -> tuple[float, float]:
    """Return the order statistics that hold the median with at least 95% confidence."""
    from scipy.stats import binom

    if len(values) < FEWEST:
        return np.nan, np.nan
    below = int(binom.ppf(0.025, len(values), 0.5))
    ordered = np.sort(values)
    return float(ordered[below - 1]), float(ordered[len(values) - below])


def _listing(gone: pd.DataFrame) -> str:
    """Write missing numbers short: ``CN 1–10, 12; VN 1–3``."""
    parts = []
    for side, own in gone.groupby("side"):
        runs: list[list[int]] = []
        for number in sorted(int(edition) for edition in own["edition"]):
            if runs and number == runs[-1][1] + 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        text = ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in runs)
        parts.append(text if side == "both" else f"{side} {text}")
    return "; ".join(parts)
