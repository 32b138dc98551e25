"""What the explorer can choose, what a choice shows, and one contact as its page needs it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from relations.measures.exchanges import exchange_frequency
from relations.reading.vignette import OTHERS, Vignette, side_names, vignette
from relations.record import _dates
from relations.record._frames import collect, narrow
from relations.record._periods import latest_start
from relations.record.dataset import Dataset
from relations.record.levels import TIERS

# Conditions that are lists of values, by the names that `Dataset.where` gives them.
LISTS = ("kind", "channel", "tier", "area", "host", "reported_by")


def options(data: Dataset) -> dict[str, Any]:
    """Return what can be chosen, with the words for it."""
    sides = side_names(data)
    contacts, names = data.contacts, data.names
    sources = collect(narrow(data.sources, "explore (sources)", ["side"]))
    areas = collect(narrow(data.areas, "explore (areas)", ["area", "label"]))
    channels = contacts["channel"].dropna().unique()
    return {
        "title": data.title,
        "caption": data.caption,
        "years": sorted(day.year for day in data.span),
        "kind": _listed({kind: str(kind).replace("_", " ") for kind in contacts["kind"].dropna()}),
        "channel": _listed({channel: names[channel] for channel in channels}),
        "tier": [{"id": tier, "name": tier} for tier in TIERS if (contacts["tier"] == tier).any()],
        "area": _listed(dict(zip(areas["area"], areas["label"], strict=True))),
        "host": _ordered(set(contacts["host"].dropna()), sides),
        "reported_by": _ordered(set(sources["side"]), sides),
        "sides": [{"id": side, "name": name} for side, name in sides.items()],
    }


def show(data: Dataset, choice: dict[str, Any]) -> dict[str, Any]:
    """Return the contacts chosen, and how many each year has by `exchange_frequency`."""
    conditions = {name: choice[name] for name in LISTS if choice.get(name)}
    if choice.get("reported_by"):
        conditions["witnesses"] = choice.get("witnesses", "any")
    if choice.get("words"):
        conditions["title"] = choice["words"]
    first, last = choice.get("years") or sorted(day.year for day in data.span)
    chosen = data.where(since=first, until=last, **conditions)
    count = choice.get("count", "occasions")
    contacts = chosen.contacts
    both = set(side_names(data))
    latest = latest_start(contacts["start"], contacts["precision"])
    return {
        "contacts": [
            {
                "id": row.event_id,
                "start": f"{row.start:%Y-%m-%d}",
                "latest": f"{last_start:%Y-%m-%d}",
                "when": _dates.written(row.start, last_start),
                "kind": row.kind,
                "tier": row.tier,
                "title": row.title,
                "both": both <= set(str(row.reported_by).split(";")),
            }
            for row, last_start in zip(contacts.itertuples(), latest, strict=True)
        ],
        "counts": _counts(chosen, count),
        "unit": count,
        "number": int(contacts["occasion"].nunique() if count == "occasions" else len(contacts)),
        "of": len(data.contacts),
        "choice": chosen.chosen,
    }


def _counts(chosen: Dataset, count: str) -> list[dict[str, Any]]:
    rows = exchange_frequency(chosen, count=count)
    rows = collect(
        narrow(rows, "explore", ["period", "count", "exposure", "low", "high", "partial"])
    )
    return [
        {
            "year": row.period.year,
            "count": int(row.count),
            "low": round(row.low * row.exposure, 2),
            "high": round(row.high * row.exposure, 2),
            "partial": bool(row.partial),
        }
        for row in rows.itertuples()
    ]


def compare(data: Dataset, event_id: str) -> dict[str, Any]:
    """Return the reports of one contact side by side, what each side names, where they differ."""
    page = vignette(data, event_id)
    sides, areas = page.sides, page.areas
    told = set(page.reports["side"]) | set(sides)
    naming = _ordered(set(areas["side"]) | set(sides), sides | OTHERS)
    return {
        "id": event_id,
        "title": page.contact["title"],
        "when": page.when,
        "kind": page.contact["kind"],
        "tier": page.contact["tier"],
        "host": _plain(page.contact["host"]),
        "sides": [
            {**side, "reports": [_report(row, page) for row in own.itertuples()]}
            for side in _ordered(told, sides)
            for own in [page.reports[page.reports["side"] == side["id"]]]
        ],
        "naming": naming,
        "areas": [
            {"label": label, "by": {row.side: _named(row) for row in own.itertuples()}}
            for label, own in areas.groupby("label")
        ],
        "differ": [
            {
                "field": row.field,
                "about": row.about,
                "first": row.first,
                "first_sides": _sides_in_words(row.first_sides, sides),
                "second": row.second,
                "second_sides": _sides_in_words(row.second_sides, sides) or "the record",
            }
            for row in page.differences.itertuples()
        ],
    }


def _report(row: Any, page: Vignette) -> dict[str, Any]:
    own = page.people[page.people["source_id"] == row.source_id]
    return {
        "id": row.source_id,
        "outlet": row.outlet,
        "language": row.language,
        "published": _dates.written(row.published, row.published_latest),
        "title": row.title,
        "url": _plain(row.url),
        "reprint": not pd.isna(row.reprint_of),
        "recalls": not row.main,
        "start": _dates.written(row.start_as_reported, row.start_as_reported_latest),
        "basis": _plain(row.date_basis),
        "edition": _plain(row.edition_as_reported),
        "people": [
            {
                "name": person.name,
                "role": _plain(person.role),
                "office": _plain(person.office_as_reported),
                "rank": _plain(person.rank_as_reported),
            }
            for person in own.itertuples()
        ],
    }


def _named(row: Any) -> str:
    """Say how far an area has come, and which sides' sources name it."""
    return f"{row.status}, in {row.read_in}".replace(";", ", ")


def _sides_in_words(cell: str, sides: dict[str, str]) -> str:
    return ", ".join(sides.get(side, side) for side in cell.split(";") if side)


def _listed(names: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"id": key, "name": name} for key, name in sorted(names.items(), key=lambda item: item[1])
    ]


def _ordered(found: set[str], names: dict[str, str]) -> list[dict[str, str]]:
    """Put sides in their own order, with their names, and before what is no side of the two."""
    known = [{"id": side, "name": name} for side, name in names.items() if side in found]
    return known + [
        {"id": other, "name": other.capitalize()} for other in sorted(found - set(names))
    ]


def _plain(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
