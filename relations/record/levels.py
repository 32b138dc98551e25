"""Who held which office and rank on the day of a contact, and the tier that follows.

Office and rank are dated facts about a person. What a report prints is never taken for one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import pandas as pd

from relations.record._frames import Tables, narrow

CROSSWALKS = ("place", "cognate")
TIERS = (
    "leader",
    "vice-chair",
    "minister",
    "commission",
    "deputy",
    "working",
    "outside the scale",
    "undated",
    "unnamed",
)
LEADING = ("head", "host")
# Places in TIERS from which on a tier says why there is no level.
OUTSIDE, UNDATED, UNNAMED = (TIERS.index(tier) for tier in TIERS[-3:])
DAYS = ["event_id", "start", "end", "precision"]
KEY = ["event_id", "person_id"]


def days_of_contacts(events: Any, metric: str) -> nw.LazyFrame[Any]:
    """Return the first and the last day on which each contact may have begun."""
    return narrow(events, f"{metric} (events)", DAYS).select(
        "event_id",
        nw.col("start").alias("day"),
        nw.when(nw.col("precision") == "day")
        .then(nw.col("start"))
        .otherwise(nw.col("end"))
        .alias("day_latest"),
    )


def present(tables: Tables, metric: str) -> nw.LazyFrame[Any]:
    """Return each person named at a contact once, with the days of the contact."""
    who = narrow(tables["participants"], f"{metric} (participants)", KEY).unique()
    return who.join(days_of_contacts(tables["events"], metric), on="event_id")


def led(tables: Tables, metric: str) -> nw.LazyFrame[Any]:
    """Return each person who heads or receives at a contact once, with the days of the contact."""
    roles = narrow(tables["participants"], f"{metric} (participants)", [*KEY, "role"])
    who = roles.filter(nw.col("role").is_in(list(LEADING))).select(*KEY).unique()
    return who.join(days_of_contacts(tables["events"], metric), on="event_id")


def offices_held(who: nw.LazyFrame[Any], tables: Tables, metric: str) -> nw.LazyFrame[Any]:
    """Return every office that each person held on the day for certain, one row each.

    Columns ``event_id``, ``person_id``, ``office_id``, ``office_level`` and ``minister``
    (1 where the office is that of a defence minister).
    """
    terms = ["person_id", "office_id", "since_latest", "until"]
    appointments = narrow(tables["appointments"], f"{metric} (appointments)", terms)
    offices = narrow(
        tables["offices"], f"{metric} (offices)", ["office_id", "office_level"], ["tier"]
    )
    stated = "tier" in offices.collect_schema().names()
    minister = (nw.col("tier") == "minister").fill_null(False) if stated else nw.lit(False)
    return (
        who.join(appointments, on="person_id")
        .filter(
            (nw.col("since_latest") <= nw.col("day"))
            & (nw.col("until").is_null() | (nw.col("until") >= nw.col("day_latest")))
        )
        .join(
            offices.select("office_id", "office_level", minister.cast(nw.Int64).alias("minister")),
            on="office_id",
        )
        .select(*KEY, "office_id", "office_level", "minister")
        .unique()
    )


def highest_office(held: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return of each person's offices the highest, and whether he is a defence minister at all.

    Of equally high ones that of a defence minister goes before a seat, and then the first by id.
    """
    # An office outside the scale is still an office: it yields to any that has a level.
    height = nw.col("office_level").fill_null(0) * 2 + nw.col("minister")
    ranked = held.with_columns(height.alias("height"))
    top = ranked.group_by(*KEY).agg(nw.col("height").max(), nw.col("minister").max())
    # What is equally high has the same level.
    return (
        ranked.drop("minister")
        .join(top, on=[*KEY, "height"])
        .group_by(*KEY)
        .agg(nw.col("office_id").min(), nw.col("office_level", "minister").max())
    )


def ranks_held(who: nw.LazyFrame[Any], tables: Tables, metric: str) -> nw.LazyFrame[Any]:
    """Return the last rank that each person had received by the day, where it is certain.

    Columns ``event_id``, ``person_id``, ``rank_id``, and its level by each crosswalk
    (``rank_by_place``, ``rank_by_cognate``). Unknown where a promotion may fall before or
    after the day, and where dates known to the month or year leave open which of two came last.
    """
    columns = ["person_id", "rank_id", "since", "since_latest"]
    promotions = narrow(tables["promotions"], f"{metric} (promotions)", columns)
    stated = [f"level_by_{crosswalk}" for crosswalk in CROSSWALKS]
    ranks = narrow(tables["ranks"], f"{metric} (ranks)", ["rank_id", *stated])
    received = who.join(promotions.filter(~nw.col("since").is_null()), on="person_id")
    received = received.filter(nw.col("since") <= nw.col("day_latest"))
    sure = received.filter(nw.col("since_latest") <= nw.col("day"))
    # The last may be any that was not over before another had begun.
    newest = sure.group_by(*KEY).agg(nw.col("since").max().alias("newest"))
    possible = received.join(newest, on=KEY).filter(nw.col("since_latest") >= nw.col("newest"))
    last = possible.group_by(*KEY).agg(
        nw.col("rank_id").min().alias("rank_id"), nw.col("rank_id").max().alias("other")
    )
    return (
        last.filter(nw.col("rank_id") == nw.col("other"))
        .join(ranks, on="rank_id")
        .select(
            *KEY,
            "rank_id",
            *(
                nw.col(level).alias(f"rank_by_{crosswalk}")
                for level, crosswalk in zip(stated, CROSSWALKS, strict=True)
            ),
        )
    )


class Led(NamedTuple):
    """Those who head or receive at contacts, and the offices that each held on the day."""

    who: nw.LazyFrame[Any]
    held: nw.LazyFrame[Any]


def led_with_offices(tables: Tables, metric: str) -> Led:
    """Return those who head or receive at contacts, with their offices."""
    who = led(tables, metric)
    return Led(who, offices_held(who, tables, metric))


def heads(tables: Tables, metric: str, known: Led | None = None) -> nw.LazyFrame[Any]:
    """Return of each contact and side the head, the one with the highest office on the day.

    Columns ``event_id``, ``side``, ``person_id``, ``office_id``, ``office_level``,
    ``rank_id``, ``rank_by_place``, ``rank_by_cognate``. Of equally high offices that of a
    defence minister leads, then the higher rank, then the first person by id; an unknown
    level is below every known one.
    """
    who, held = known or led_with_offices(tables, metric)
    people = narrow(tables["people"], f"{metric} (people)", ["person_id", "side"])
    named = (
        who.select(*KEY)
        .join(people, on="person_id")
        .join(highest_office(held), on=KEY, how="left")
        .join(ranks_held(who, tables, metric), on=KEY, how="left")
    )
    height = (
        nw.col("office_level").fill_null(0) * 100
        + nw.col("minister").fill_null(0) * 50
        + nw.col("rank_by_place").fill_null(0)
    )
    group = ["event_id", "side"]
    named = named.with_columns(height.alias("height"))
    top = named.group_by(*group).agg(nw.col("height").max())
    highest = named.join(top, on=[*group, "height"])
    first = highest.group_by(*group).agg(nw.col("person_id").min())
    levels = [f"rank_by_{crosswalk}" for crosswalk in CROSSWALKS]
    return named.join(first, on=[*group, "person_id"]).select(
        *group, "person_id", "office_id", "office_level", "rank_id", *levels
    )


def tier_places(tables: Tables, metric: str, known: Led | None = None) -> nw.LazyFrame[Any]:
    """Return the place in `TIERS` of each contact: the highest of itself and its parts.

    A defence minister counts as such whatever other seat he holds, unless he is a leader
    too. Where no head has a level, an undated office leaves open that there is one, so it
    goes before those that are outside the scale.
    """
    who, held = known or led_with_offices(tables, metric)
    level = held.group_by(*KEY).agg(
        nw.col("office_level").max().alias("level"), nw.col("minister").max()
    )
    # Without an office the join leaves `minister` empty.
    place = (
        nw.when(nw.col("minister").is_null())
        .then(nw.lit(UNDATED))
        .when(nw.col("level") >= 7)
        .then(nw.lit(TIERS.index("leader")))
        .when(nw.col("minister") == 1)
        .then(nw.lit(TIERS.index("minister")))
        .when(nw.col("level") == 6)
        .then(nw.lit(TIERS.index("vice-chair")))
        .when(nw.col("level") == 5)
        .then(nw.lit(TIERS.index("commission")))
        .when(nw.col("level") >= 3)
        .then(nw.lit(TIERS.index("deputy")))
        .when(nw.col("level") >= 1)
        .then(nw.lit(TIERS.index("working")))
        .otherwise(nw.lit(OUTSIDE))
    )
    named = who.select(*KEY).join(level, on=KEY, how="left")
    named = named.select("event_id", place.alias("place"))
    events = narrow(
        tables["events"], f"{metric} (events)", ["event_id", "status"], ["parent_id", "occasion"]
    )
    reach = [events.select("event_id", nw.col("event_id").alias("of"))]
    wholes = events.select(nw.col("event_id").alias("of"), nw.col("status").alias("of_whole"))
    for column in ("parent_id", "occasion"):
        if column in events.collect_schema().names():
            upward = events.select("event_id", "status", nw.col(column).alias("of"))
            upward = upward.filter(~nw.col("of").is_null()).join(wholes, on="of")
            # A part that was announced and not held lifts no contact that was.
            alike = upward.filter(nw.col("status") == nw.col("of_whole"))
            reach.append(alike.select("event_id", "of"))
    every = nw.concat(reach).unique().join(named, on="event_id")
    every = every.with_columns(_swapped("place").alias("place"))
    best = every.group_by("of").agg(nw.col("place").min())
    best = best.select(nw.col("of").alias("event_id"), _swapped("place").alias("place"))
    return (
        events.select("event_id")
        .join(best, on="event_id", how="left")
        .select("event_id", nw.col("place").fill_null(UNNAMED).cast(nw.Int64))
    )


def named_tiers(places: pd.Series) -> pd.Categorical:
    """Return the tiers that stand at places in `TIERS`, in the order of these."""
    return pd.Categorical.from_codes(places.astype("int64"), categories=TIERS, ordered=True)


def _swapped(column: str) -> nw.Expr:
    """Put what is undated before what is outside the scale, and back."""
    place = nw.col(column)
    from_outside = nw.when(place == OUTSIDE).then(nw.lit(UNDATED)).otherwise(place)
    return nw.when(place == UNDATED).then(nw.lit(OUTSIDE)).otherwise(from_outside)


def highest_places(places: pd.Series, keys: list[pd.Series]) -> pd.Series:
    """Return for each row the highest place in `TIERS` of all rows with its keys."""
    swap = {OUTSIDE: UNDATED, UNDATED: OUTSIDE}
    order = places.map(lambda place: swap.get(place, place)).astype("int64")
    best = order.groupby(keys, dropna=False, observed=True).transform("min")
    return best.map(lambda place: swap.get(place, place)).astype("int64")
