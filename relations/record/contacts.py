"""One row per contact, ready for a spreadsheet; one row per period, ready to be joined."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from relations.record import _periods, levels
from relations.record._frames import Frame, Tables, collect, column_names, narrow
from relations.record._kept import fetched, in_memory, kept
from relations.record._occasions import occasions
from relations.record._package import vocabulary
from relations.record._types import TEXT

METRIC = "contacts"
OWN = ["event_id", "start", "end", "precision", "title", "kind", "mechanism", "host", "mode"]
CODES = ("cow", "gw", "iso3")
# Where the two met: for each other, beside a meeting of many, or among many.
SETTINGS = ("bilateral", "margin", "multilateral")


def setting() -> nw.Expr:
    """Return the setting of each contact; the codebook has the note of one of many begin so."""
    return (
        nw.when(nw.col("note").fill_null("").str.starts_with("Multilateral"))
        .then(nw.lit("multilateral"))
        .when((nw.col("host") == "third").fill_null(False))
        .then(nw.lit("margin"))
        .otherwise(nw.lit("bilateral"))
        .alias("setting")
    )


# What the flat table is made of; what changes most stands first.
MADE_OF = {
    "events": [*OWN, "parent_id", "status", "occasion", "note"],
    "participants": [*levels.KEY, "role", "office_as_reported"],
    "appointments": ["person_id", "office_id", "since_latest", "until"],
    "reports": ["event_id", "source_id"],
    "area_mentions": ["event_id", "area"],
    "sides": ["side"],
    "event_places": ["event_id", "place_id"],
    "places": ["place_id", "name", "admin", "country", "lat", "lon"],
    "sources": ["source_id", "side", "reprint_of"],
    "people": ["person_id", "name", "side"],
    "ranks": ["rank_id", *(f"level_by_{crosswalk}" for crosswalk in levels.CROSSWALKS)],
    "offices": ["office_id", "name", "office_level", "tier"],
    "promotions": ["person_id", "rank_id", "since", "since_latest"],
}


def contacts(tables: Tables) -> pd.DataFrame:
    """Return the flat table of every contact, whatever became of it, by start and id."""
    return laid_flat(fetched(tables, MADE_OF))


@kept(*MADE_OF)
def laid_flat(tables: Tables) -> pd.DataFrame:
    """Return the flat table from tables in memory."""
    events = _narrow(tables, "events")
    own = [*OWN, "parent_id", "status", "occasion"]
    events = collect(events.select(*own, setting()))
    flat = events.rename(columns={"mechanism": "channel"}).set_index("event_id", drop=False)
    flat = _with_places(flat, tables)
    sides = collect(_narrow(tables, "sides"))["side"].tolist()
    led = levels.led_with_offices(tables, METRIC)
    heads = _heads(tables, led)
    for side in sides:
        of_side = heads[heads["side"] == side].set_index("event_id").drop(columns="side")
        flat = flat.join(of_side.add_prefix(f"{side}_"))
    tiers = collect(levels.tier_places(tables, METRIC, led)).set_index("event_id")["place"]
    flat["tier"] = levels.named_tiers(tiers.reindex(flat.index))
    flat = _with_reports(flat, tables, sides)
    mentions = collect(_narrow(tables, "area_mentions").unique())
    flat["areas"] = _joined(mentions, "area").reindex(flat.index)
    flat["setting"] = pd.Categorical(flat["setting"], SETTINGS)
    for column in ("kind", "mode", "status"):
        flat[column] = pd.Categorical(flat[column], vocabulary("events", column))
    flat["precision"] = pd.Categorical(flat["precision"], ["day", "month", "year"])
    flat = flat.reset_index(drop=True)
    return flat.sort_values(["start", "event_id"], ignore_index=True)


@kept("events", "participants", "appointments", "offices")
def tiers(tables: Tables) -> pd.DataFrame:
    """Return the place of every contact in `levels.TIERS`."""
    return collect(levels.tier_places(tables, "tier"))


def _narrow(tables: Tables, name: str) -> nw.LazyFrame[Any]:
    return narrow(tables[name], METRIC, MADE_OF[name])


def _with_places(flat: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    places, links = (collect(_narrow(tables, name)) for name in ("places", "event_places"))
    there = links.merge(places, on="place_id").sort_values(["event_id", "place_id"])
    for column, source in (("place", "name"), ("province", "admin"), ("country", "country")):
        flat[column] = _joined(there, source).reindex(flat.index)
    # One point for a map: the first place of which it is known.
    point = there.dropna(subset=["lat", "lon"]).groupby("event_id")[["lat", "lon"]].first()
    return flat.join(point)


def _heads(tables: Tables, led: levels.Led) -> pd.DataFrame:
    """Return the head of each side, the one with the highest office, as on the day."""
    named = _narrow(tables, "participants")
    named = named.filter(nw.col("role").is_in(list(levels.LEADING)))
    printed = named.group_by(*levels.KEY).agg(nw.col("office_as_reported").min())
    people = narrow(tables["people"], METRIC, ["person_id", "name"])
    offices = narrow(tables["offices"], METRIC, ["office_id", "name"])
    found = collect(
        levels.heads(tables, METRIC, led)
        .join(people, on="person_id")
        .join(printed, on=levels.KEY)
        .join(offices.rename({"name": "office"}), on="office_id", how="left")
    )
    found["office"] = found["office"].fillna(found["office_as_reported"])
    ranked = ["office_level", *(f"rank_by_{crosswalk}" for crosswalk in levels.CROSSWALKS)]
    kept = ["event_id", "side", "person_id", "name", "office", *ranked]
    names = {"person_id": "head_id", "name": "head"}
    return found[kept].astype(dict.fromkeys(ranked, "Int64")).rename(columns=names)


def _with_reports(flat: pd.DataFrame, tables: Tables, sides: list[str]) -> pd.DataFrame:
    reports, sources = (collect(_narrow(tables, name)) for name in ("reports", "sources"))
    originals = sources[sources["reprint_of"].isna()]
    said = reports.merge(originals, on="source_id")
    place = {side: number for number, side in enumerate(sides)}
    said = said.sort_values("side", key=lambda column: column.map(place).fillna(len(place)))
    flat["reported_by"] = _joined(said, "side", in_order=False).reindex(flat.index)
    flat["reports"] = reports.groupby("event_id").size().reindex(flat.index, fill_value=0)
    return flat


def _joined(rows: pd.DataFrame, column: str, *, in_order: bool = True) -> pd.Series:
    """Return the different values of each contact as a cell of the tables lists them."""
    found = rows[["event_id", column]].dropna().astype("object")
    cells: dict[str, dict[str, None]] = {}
    for event, value in zip(found["event_id"], found[column], strict=True):
        cells.setdefault(event, {})[str(value)] = None
    texts = [";".join(sorted(each) if in_order else each) for each in cells.values()]
    return pd.Series(texts, list(cells), dtype=TEXT)


def dyad(flat: pd.DataFrame, tables: Tables, span: _periods.Span, every: str) -> pd.DataFrame:
    """Return one row per period covered, with counts by tier and kind and the states' codes."""
    _periods.check_every(every)
    coarse = flat[~flat["precision"].isin(_periods.FINE_ENOUGH[every])]
    if len(coarse):
        raise _periods.too_coarse_error(len(coarse), every, coarse["event_id"].head(3).tolist())
    table = pd.DataFrame({"period": _periods.periods(*span, every)})
    table["year"] = table["period"].dt.year
    codes = collect(narrow(tables["sides"], "dyad", ["side"], CODES))
    for number, row in enumerate(codes.itertuples(index=False), start=1):
        for column in codes.columns:
            table[f"{column}{number}"] = getattr(row, column)
    counted = flat.assign(period=_periods.period_of(flat["start"], every))
    table["occasions"] = _distinct(counted, table["period"])
    table["contacts"] = _number(counted, table["period"])
    for column in ("tier", "kind"):
        for value in counted[column].cat.categories:
            name = f"{column}_{value.replace(' ', '_').replace('-', '_')}"
            table[name] = _distinct(counted[counted[column] == value], table["period"])
    return table.join(_periods.exposure(table["period"], span, every))


def _distinct(rows: pd.DataFrame, periods: pd.Series) -> pd.Series:
    return rows.groupby("period")["occasion"].nunique().reindex(periods, fill_value=0).to_numpy()


def _number(rows: pd.DataFrame, periods: pd.Series) -> pd.Series:
    return rows.groupby("period").size().reindex(periods, fill_value=0).to_numpy()


OF_AN_OCCASION = ["event_id", "parent_id", "occasion"]


def refuse_other_parents(events: Frame) -> None:
    """Refuse contacts whose parent was changed and whose occasion was not.

    The table has no column ``occasion``: it is worked out where the table is loaded.
    """
    if not (in_memory(events) and set(OF_AN_OCCASION) <= set(column_names(events))):
        return
    if found := _astray({"events": events}):
        event, parent, occasion = found[0]
        stated = "no parent_id" if pd.isna(parent) else f"the parent_id {parent}"
        raise ValueError(
            f"events: {event} has {stated}, and the occasion {occasion}: the two do not go "
            "together; change occasion too, or the table, and load it again"
        )


@kept("events")
def _astray(tables: Tables) -> list[tuple[str, object, str]]:
    events = collect(narrow(tables["events"], "occasions", OF_AN_OCCASION))
    outermost = occasions(events["event_id"], events["parent_id"])
    # Of a part whose whole is not there nobody knows what that is a part of.
    known = outermost.isin(events["event_id"])
    wrong = events[known & (outermost != events["occasion"])]
    return list(wrong[OF_AN_OCCASION].itertuples(index=False, name=None))
