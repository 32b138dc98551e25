"""Standing channels: how regularly each met, which editions are missing, who counts how."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from relations import _contacts, _dates, _engines

DAYS_PER_MONTH = _dates.DAYS_PER_YEAR / 12
# A signed document founds a channel or adds to it, and is no meeting of it.
DOCUMENT = "agreement"
# Fewest intervals for which two order statistics hold the median with 95% confidence.
FEWEST = 6


def mechanism_timeline(data: Any) -> pd.DataFrame:
    """List the contacts of each standing channel, and the numbers of it that were not found.

    Parameters
    ----------
    data : Dataset
        Its tables ``mechanisms``, ``events``, ``editions`` and ``absences`` are read; pandas,
        Polars, DuckDB or PySpark frames. They are collected, so pandas comes back.

    Returns
    -------
    pandas.DataFrame, one row per contact and per missing number, by mechanism and day
        ``mechanism``; ``event_id``, empty for a missing number; ``state``: held, announced,
        cancelled, disputed or missing; ``day``, for contacts known only to the month or year
        the middle of what is possible, for a missing number that of its candidate, or else its
        place in line between the held neighbours of that count, and empty where a neighbour is
        lacking; ``precision``, empty for a missing number; ``side`` and ``edition`` of a missing
        number, ``both`` where the sides count alike; ``listed``, whether the missing number is
        in ``absences``; ``candidate``, the held contact that the missing number fits.

    Raises
    ------
    ValueError
        Where a column is missing; a mechanism of an event is not listed; or an event has no
        start, an unknown precision, or stands twice.

    Notes
    -----
    A contact whose ``parent_id`` is a contact of the same mechanism is part of that one and
    is left out. The sides count alike unless they give one held contact two numbers, or one
    number to two held contacts; then each count is followed by itself. Missing is every
    number in ``absences`` and every gap between the lowest and the highest held number. The
    contact may be in the record all the same, without a printed number or under that of the
    other side only. Where as many held contacts without a number of that count lie between two
    numbered neighbours as numbers are missing there, each in turn is the candidate for one;
    where they are fewer or more, none is. Signed documents are left aside in this.

    Examples
    --------
    >>> import relations as rel
    >>> timeline = mechanism_timeline(rel.load())
    >>> exchange = timeline[timeline["mechanism"] == "border_defence_friendship_exchange"]
    >>> int((exchange["state"] == "held").sum())
    10
    """
    tables = _tables(data, "mechanism_timeline")
    contacts = _channels(tables["events"], tables["mechanisms"])
    held = contacts[contacts["state"] == "held"].copy()
    held["document"] = _documents(held, tables["mechanisms"])
    absent = tables["absences"].assign(listed=True)
    rows = [contacts[["mechanism", "event_id", "state", "day", "precision"]]]
    for mechanism in tables["mechanisms"]["mechanism"]:
        missing = _missing(
            held[held["mechanism"] == mechanism],
            tables["editions"],
            absent[absent["mechanism"] == mechanism],
        )
        rows.append(missing.assign(mechanism=mechanism, state="missing"))
    filled = [piece for piece in rows if len(piece)]
    columns = [
        "mechanism", "event_id", "state", "day", "precision", "side", "edition", "listed",
        "candidate",
    ]  # fmt: skip
    if not filled:
        return pd.DataFrame(columns=columns)
    table = pd.concat(filled, ignore_index=True).reindex(columns=columns)
    table["edition"] = table["edition"].astype("Int64")
    table["listed"] = table["listed"].astype("boolean")
    return table.sort_values(["mechanism", "day", "side", "edition", "event_id"], ignore_index=True)


def cadence(
    data: Any,
    *,
    tolerance: float = 0.25,
    lapse_after: float = 2.0,
    nominal: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Measure how regularly each standing channel met, how late, and whether it fell silent.

    Parameters
    ----------
    data : Dataset
        As for `mechanism_timeline`; any engine, and pandas comes back.
    tolerance : float
        A contact is late if it came more than this share of the nominal interval after it was
        due: 0.25 lets a yearly meeting come three months late.
    lapse_after : float
        A channel has lapsed if it is silent at the end of what is covered for longer than
        this many expected intervals.
    nominal : mapping of mechanism to months, optional
        Intervals to use beside or in place of ``interval_months``.

    Returns
    -------
    pandas.DataFrame, one row per mechanism
        ``mechanism``; ``first``, ``last`` held contact (first possible day); ``held``,
        ``announced``, ``cancelled`` contacts; ``of_its_kind``, held ones of the kind that the
        mechanism usually takes; ``documents``, held ones that are a signed document where the
        mechanism takes another form; ``imprecise``, held ones known only to the month or year;
        ``intervals`` between successive contacts and ``skipped`` ones, which numbers show to
        span several editions;
        ``median`` months, with ``median_low`` and ``median_high``, its 95% interval (empty
        below six intervals); ``q1``, ``q3`` quartiles and ``variation``, standard deviation
        over mean, the jitter; ``nominal`` months, where stated; ``late``, intervals longer
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
        As `mechanism_timeline` does, or where an argument is negative or names a mechanism
        that is not listed.

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
    >>> table = cadence(rel.load()).set_index("mechanism")
    >>> row = table.loc["coast_guard_quarterly_patrol"]
    >>> int(row["held"]), int(row["late"])
    (5, 1)
    """
    for name, value in (("tolerance", tolerance), ("lapse_after", lapse_after)):
        if not value >= 0:
            raise ValueError(f"{name}={value!r}: give a number that is 0 or more")
    tables = _tables(data, "cadence")
    contacts = _channels(tables["events"], tables["mechanisms"])
    contacts["document"] = _documents(contacts, tables["mechanisms"])
    timeline = mechanism_timeline(data)
    channels = tables["mechanisms"]
    unknown = set(nominal or {}) - set(channels["mechanism"])
    if unknown:
        raise ValueError(
            f"nominal names {', '.join(sorted(unknown))}, not listed in data.mechanisms: "
            "use ids of that table"
        )
    end = pd.Timestamp(data.span[1])
    rows = []
    for channel in channels.itertuples():
        own = contacts[contacts["mechanism"] == channel.mechanism]
        gone = timeline[
            (timeline["mechanism"] == channel.mechanism) & (timeline["state"] == "missing")
        ]
        months = (nominal or {}).get(channel.mechanism, channel.interval_months)
        if not pd.isna(months) and not months > 0:
            raise ValueError(
                f"{channel.mechanism}: interval of {months} months; give a number above 0"
            )
        row = {"mechanism": channel.mechanism} | _rhythm(
            own, channel.kind, tables["editions"], months, tolerance, lapse_after, end
        )
        row |= {
            "missing": len(gone),
            "candidates": int(gone["candidate"].notna().sum()),
            "missing_editions": _listing(gone),
        }
        rows.append(row)
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["late"] = table["late"].astype("Int64")
    table["lapsed"] = table["lapsed"].astype("boolean")
    for column in ("first", "last", "silent_from"):
        table[column] = table[column].astype("datetime64[us]")
    return table


COLUMNS = [
    "mechanism", "first", "last", "held", "announced", "cancelled", "of_its_kind", "documents",
    "imprecise", "intervals", "skipped", "median", "median_low", "median_high", "q1", "q3",
    "variation", "nominal", "late", "missing", "candidates", "missing_editions", "unnumbered",
    "longest_silence", "silent_from", "silence", "expected", "expected_by", "lapsed",
]  # fmt: skip


def numbering(data: Any, mechanism: str) -> pd.DataFrame:
    """Lay the numbers that both sides give the contacts of one series side by side.

    Parameters
    ----------
    data : Dataset
        Its tables ``mechanisms``, ``events``, ``editions`` and ``sides`` are read; any
        engine, and pandas comes back.
    mechanism : str
        The series, as in ``data.mechanisms``.

    Returns
    -------
    pandas.DataFrame, one row per held contact, by day
        ``mechanism``; ``event_id``; ``start`` (first possible day); ``precision``; one column
        per side, named by its code, with the number that it gives; ``offset``, number of the
        first side in ``data.sides`` less that of the second; ``agree``, whether they are
        equal; both empty where a number is not known; ``missing``, the sides without a
        number, with ``;`` between. A number of ``both`` counts for each side. The number of one
        side is never worked out from that of the other: `mechanism_timeline` names candidates.

    Raises
    ------
    ValueError
        Where a column is missing; the mechanism is not listed; there are not two sides; or a
        side gives one contact two numbers.

    Examples
    --------
    >>> import relations as rel
    >>> patrols = numbering(rel.load(), "coast_guard_joint_patrol")
    >>> patrols["offset"].dropna().unique().tolist()
    [19]
    """
    tables = _tables(data, "numbering")
    sides = _engines.lazy(data.sides, "numbering (sides)", ["side"])
    codes = _engines.collect(sides.select(*_engines.text("side")))["side"].tolist()
    if len(codes) != 2:
        raise ValueError(f"numbering lays two sides side by side; data.sides holds {codes}")
    if mechanism not in set(tables["mechanisms"]["mechanism"]):
        raise ValueError(
            f"no mechanism {mechanism!r}; those listed are "
            f"{', '.join(sorted(tables['mechanisms']['mechanism']))}"
        )
    contacts = _channels(tables["events"], tables["mechanisms"])
    held = contacts[(contacts["mechanism"] == mechanism) & (contacts["state"] == "held")]
    table = held.sort_values(["day", "event_id"])[["mechanism", "event_id", "start", "precision"]]
    editions = tables["editions"][tables["editions"]["event_id"].isin(held["event_id"])]
    for side in codes:
        own = editions[editions["side"].isin([side, "both"])].drop_duplicates(
            ["event_id", "edition"]
        )
        twice = own[own["event_id"].duplicated()]
        if len(twice):
            raise ValueError(
                f"{side} gives {twice['event_id'].iloc[0]} two numbers in editions: keep one, "
                "and leave what a single report prints to reports.edition_as_reported"
            )
        table[side] = table["event_id"].map(own.set_index("event_id")["edition"]).astype("Int64")
    first, second = codes
    table["offset"] = table[first] - table[second]
    table["agree"] = table["offset"] == 0
    lacking = table[codes].isna()
    table["missing"] = [
        ";".join(side for side in codes if row[side]) for row in lacking.to_dict("records")
    ]
    return table.reset_index(drop=True)


def edition_places(data: Any, mechanism: str) -> pd.DataFrame:
    """List where each held contact of a series took place, with coordinates where known.

    Parameters
    ----------
    data : Dataset
        Its tables ``mechanisms``, ``events``, ``editions``, ``event_places`` and ``places``
        are read; any engine, and pandas comes back.
    mechanism : str
        The series, as in ``data.mechanisms``.

    Returns
    -------
    pandas.DataFrame, one row per held contact and place, by day and place
        ``event_id``; ``start`` (first possible day); ``edition``, the numbers given to it,
        with ``/`` between where they differ; ``place_id``; ``name``; ``side``, that of the
        place; ``lat``, ``lon`` in degrees, empty where not known. A contact without a place
        has one row without one.

    Raises
    ------
    ValueError
        Where a column is missing or the mechanism is not listed.

    Examples
    --------
    >>> import relations as rel
    >>> places = edition_places(rel.load(), "border_defence_friendship_exchange")
    >>> places.query("edition == '8'")["name"].tolist()
    ['Hekou', 'Lao Cai']
    """
    tables = _tables(data, "edition_places")
    if mechanism not in set(tables["mechanisms"]["mechanism"]):
        raise ValueError(f"no mechanism {mechanism!r}; look at data.mechanisms")
    where = _engines.lazy(
        data.event_places, "edition_places (event_places)", ["event_id", "place_id"]
    )
    at = _engines.collect(where.select(*_engines.text("event_id", "place_id")))
    named = ["place_id", "name", "country", "lat", "lon"]
    places = _engines.lazy(data.places, "edition_places (places)", named)
    places = _engines.collect(
        places.select(*_engines.text("place_id", "name", "country"), "lat", "lon")
    ).rename(columns={"country": "side"})
    contacts = _channels(tables["events"], tables["mechanisms"])
    held = contacts[(contacts["mechanism"] == mechanism) & (contacts["state"] == "held")]
    numbers = tables["editions"].drop_duplicates(["event_id", "edition"]).sort_values("edition")
    labels = numbers.groupby("event_id")["edition"].agg(lambda cells: "/".join(map(str, cells)))
    table = held[["event_id", "start"]].assign(edition=held["event_id"].map(labels))
    table = table.merge(at, on="event_id", how="left").merge(places, on="place_id", how="left")
    table[["lat", "lon"]] = table[["lat", "lon"]].astype("float64")
    return table.sort_values(["start", "event_id", "place_id"], ignore_index=True)


def _tables(data: Any, metric: str) -> dict[str, pd.DataFrame]:
    """Collect the tables that every measure of the channels reads."""
    texts = {
        "mechanisms": ["mechanism", "kind"],
        "events": ["event_id", "kind", "mechanism", "parent_id", "status", "precision"],
        "editions": ["event_id", "side"],
        "absences": ["mechanism", "side"],
    }
    others = {
        "mechanisms": ["interval_months"],
        "events": ["start", "end"],
        "editions": ["edition"],
        "absences": ["edition"],
    }
    tables = {}
    for name in texts:
        needed = [*texts[name], *others[name]]
        frame = _engines.lazy(getattr(data, name), f"{metric} ({name})", needed)
        tables[name] = _engines.collect(frame.select(*_engines.text(*texts[name]), *others[name]))
    for name in ("editions", "absences"):
        tables[name]["edition"] = tables[name]["edition"].astype("Int64")
    for column in ("start", "end"):
        tables["events"][column] = tables["events"][column].astype("datetime64[us]")
    tables["mechanisms"]["interval_months"] = tables["mechanisms"]["interval_months"].astype(
        "float64"
    )
    return tables


def _channels(events: pd.DataFrame, mechanisms: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts of the channels, an occasion once, with the day to reckon from."""
    _contacts.refuse_repeats(events, "event_id")
    own = events[events["mechanism"].notna()].copy()
    strange = set(own["mechanism"]) - set(mechanisms["mechanism"])
    if strange:
        raise ValueError(f"events name mechanisms that are not listed: {sorted(strange)}")
    if own[["start", "end"]].isna().any(axis=None):
        undated = own.loc[own[["start", "end"]].isna().any(axis=1), "event_id"].iloc[0]
        raise ValueError(f"{undated} has no start or end: fill or drop the row")
    vague = own[~own["precision"].isin(["day", "month", "year"])]
    if len(vague):
        raise ValueError(
            f"{vague['event_id'].iloc[0]} has the precision {vague['precision'].iloc[0]!r}: "
            "use day, month or year"
        )
    above = own["parent_id"].map(own.set_index("event_id")["mechanism"])
    own = own[~(above == own["mechanism"])]
    middle = own["start"] + ((own["end"] - own["start"]) / 2).dt.floor("D")
    own["day"] = own["start"].where(own["precision"] == "day", middle)
    return own.rename(columns={"status": "state"}).sort_values(["day", "event_id"])


def _documents(contacts: pd.DataFrame, mechanisms: pd.DataFrame) -> pd.Series:
    """Say which contacts are documents in a channel that takes another form."""
    form = contacts["mechanism"].map(mechanisms.set_index("mechanism")["kind"])
    return (contacts["kind"] == DOCUMENT) & (form != DOCUMENT)


def _missing(held: pd.DataFrame, editions: pd.DataFrame, absent: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of one series that no held contact carries."""
    rows = []
    numbers = editions.merge(held[["event_id", "day"]], on="event_id")
    for side, own in _counts(numbers, set(absent["side"])):
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


def _counts(numbers: pd.DataFrame, absent: set[str]) -> list[tuple[str, pd.DataFrame]]:
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
    held = own[own["state"] == "held"]
    met = held[~held["document"]]
    days = met["day"].to_numpy()
    gaps = np.diff(days) / np.timedelta64(1, "D") / DAYS_PER_MONTH
    numbers = editions[editions["event_id"].isin(held["event_id"])]
    given: dict[str, dict[str, int]] = {}
    for row in numbers.itertuples():
        given.setdefault(row.event_id, {})[row.side] = int(row.edition)
    pairs = pairwise(given.get(event, {}) for event in met["event_id"])
    whole = np.array([not _skips(*pair) for pair in pairs], dtype=bool)
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


def _skips(earlier: dict[str, int], later: dict[str, int]) -> bool:
    """Whether the numbers of two successive contacts leave others between them."""
    pairs = [
        (one, other)
        for side, one in earlier.items()
        for other_side, other in later.items()
        if side == other_side or "both" in (side, other_side)
    ]
    return bool(pairs) and all(other - one > 1 for one, other in pairs)


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
