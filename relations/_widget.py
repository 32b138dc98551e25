"""The widget that `relations.explore` gives where anywidget is installed."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import anywidget
import pandas as pd
import traitlets

from relations import _dates, _engines
from relations._contacts import latest_day
from relations.exchanges import exchange_frequency
from relations.explorer import (
    areas_of,
    contradictions_of,
    figure_of,
    reports_of,
    select_events,
)
from relations.ranks import delegation_levels, rank_levels

HERE = Path(__file__).parent
TOGETHER = {"joint": "Together", "unattributed": "No side named"}
CONTACT = ["event_id", "start", "end", "precision", "kind", "host", "title"]


class Explorer(anywidget.AnyWidget):
    """What is chosen, and what that shows; the page beside it only draws.

    ``choice`` holds what is chosen: ``years`` (first, last), ``kinds``, ``hosts``,
    ``reported_by``, ``witnesses``, ``levels`` and ``parts``, as `select_events` takes them; a
    list that is empty or left out chooses all. ``event`` is the id of the contact that is open,
    or empty. ``options``, ``shown`` and ``comparison`` follow.
    """

    _esm = HERE / "explorer.js"
    _css = HERE / "explorer.css"
    options = traitlets.Dict().tag(sync=True)
    choice = traitlets.Dict().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)
    event = traitlets.Unicode().tag(sync=True)
    comparison = traitlets.Dict().tag(sync=True)

    def __init__(self, data: Any) -> None:
        super().__init__()
        self._data = data
        self.options = options(data)
        self.shown = show(data, {})

    @traitlets.observe("choice")
    def _choose(self, change: Any) -> None:
        self.shown = _or_problem(show, self._data, change["new"])

    @traitlets.observe("event")
    def _open(self, change: Any) -> None:
        chosen = change["new"]
        self.comparison = _or_problem(compare, self._data, chosen) if chosen else {}

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Add the figure of all contacts, for pages that show no widgets."""
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        picture = io.BytesIO()
        figure_of(self._data).savefig(picture, format="png", bbox_inches="tight")
        data["image/png"] = base64.b64encode(picture.getvalue()).decode()
        data["text/plain"] = f"Explorer of {self._data.caption}"
        return data, metadata


def options(data: Any) -> dict[str, Any]:
    """Return what can be chosen, with the words for it."""
    sides = _names(data)
    heads = _fetch(delegation_levels(rank_levels(data)), ["office_level"])
    held = _fetch(select_events(data), ["kind", "host"]).astype("object")
    reporting = set(_fetch(data.sources, ["side"])["side"])
    return {
        "title": data.title,
        "caption": data.caption,
        "years": [data.span[0].year, data.span[1].year],
        "kinds": sorted(held["kind"].dropna().unique()),
        "hosts": _ordered(set(held["host"].dropna()), sides),
        "reported_by": _ordered(reporting, sides),
        "levels": [*sorted(heads["office_level"].dropna().astype(int).unique().tolist()), None],
        "sides": sides,
    }


def show(data: Any, choice: dict[str, Any]) -> dict[str, Any]:
    """Return the contacts chosen, and how many each year has by `exchange_frequency`."""
    lists = ("kinds", "hosts", "reported_by", "levels")
    given = {name: choice[name] for name in lists if choice.get(name)}
    given |= {name: choice[name] for name in ("witnesses", "parts") if name in choice}
    first, last = choice.get("years") or (data.span[0].year, data.span[1].year)
    everywhere = select_events(data, **given)
    chosen = _fetch(select_events(data, **given, years=(first, last)), CONTACT)
    original = _fetch(data.reports, ["event_id", "source_id"]).merge(
        _fetch(data.sources, ["source_id", "side", "reprint_of"]).query("reprint_of.isna()")
    )
    told = original.groupby("event_id")["side"].agg(set)
    both = {side["id"] for side in _names(data)}
    chosen["latest"] = latest_day(chosen["start"], chosen["precision"])
    return {
        "contacts": [
            {
                "id": row.event_id,
                "start": f"{row.start:%Y-%m-%d}",
                "latest": f"{row.latest:%Y-%m-%d}",
                "when": _said(row.start, row.latest),
                "kind": row.kind,
                "host": _plain(row.host),
                "title": row.title,
                "both": both <= told.get(row.event_id, set()),
            }
            for row in chosen.itertuples()
        ],
        "counts": _counts(data, everywhere, choice.get("parts", "keep"), first, last),
        "of": len(_fetch(select_events(data), ["event_id"])),
    }


def _counts(data: Any, events: Any, parts: str, first: int, last: int) -> list[dict[str, Any]]:
    """Count over the whole span, so that no month or year is cut, and keep the years chosen."""
    if _fetch(events, ["event_id"]).empty:
        frequency = exchange_frequency(events, parts=parts, span=data.span)
    else:
        frequency = exchange_frequency(events, parts=parts)
    rows = _fetch(frequency, ["period", "count", "exposure", "low", "high", "partial"])
    return [
        {
            "year": row.period.year,
            "count": int(row.count),
            "low": round(row.low * row.exposure, 2),
            "high": round(row.high * row.exposure, 2),
            "partial": bool(row.partial),
        }
        for row in rows.itertuples()
        if first <= row.period.year <= last
    ]


def compare(data: Any, event_id: str) -> dict[str, Any]:
    """Return the reports of one contact side by side, what each side names, where they differ."""
    reports = reports_of(data, event_id)
    differ = contradictions_of(data, event_id)
    areas = areas_of(data, event_id)
    names = _fetch(data.people, ["person_id", "name"]).set_index("person_id")["name"].to_dict()
    outlets = reports.set_index("source_id")["outlet"].to_dict()
    labels = areas.set_index("area")["label"].to_dict()
    columns = ["event_id", "person_id", "role", "source_id", "office_as_reported"]
    people = _fetch(data.participants, [*columns, "rank_as_reported"])
    people = people[people["event_id"] == event_id].astype("object")
    contact = _fetch(data.events, CONTACT).set_index("event_id").loc[event_id]
    sides = _names(data)
    return {
        "id": event_id,
        "title": contact["title"],
        "when": _days(contact["start"], contact["end"]),
        "kind": contact["kind"],
        "host": _plain(contact["host"]),
        "sides": [
            {**side, "reports": [_report(row, people, names) for row in own.itertuples()]}
            for side in _ordered(set(reports["side"]) | {side["id"] for side in sides}, sides)
            for own in [reports[reports["side"] == side["id"]]]
        ],
        "naming": _ordered(
            set(areas["side"]) | {side["id"] for side in sides},
            [*sides, *({"id": side, "name": name} for side, name in TOGETHER.items())],
        ),
        "areas": [
            {"label": label, "by": {row.side: _named(row) for row in own.itertuples()}}
            for label, own in areas.groupby("label")
        ],
        "differ": [
            {
                "field": row.field,
                "about": (names | labels | outlets).get(row.about, row.about),
                "first": row.first,
                "first_sides": row.first_sides.replace(";", ", "),
                "second": row.second,
                "second_sides": row.second_sides.replace(";", ", ") or "the record",
            }
            for row in differ.itertuples()
        ],
        "dates": differ.loc[differ["field"] == "date", "about"].tolist(),
    }


def _report(row: Any, people: pd.DataFrame, names: dict[str, str]) -> dict[str, Any]:
    own = people[people["source_id"] == row.source_id]
    return {
        "id": row.source_id,
        "outlet": row.outlet,
        "language": row.language,
        "published": _said(row.published, row.published_latest),
        "title": row.title,
        "url": _plain(row.url),
        "reprint": not pd.isna(row.reprint_of),
        "recalls": not row.main,
        "start": _said(row.start_as_reported, row.start_as_reported_latest),
        "basis": _plain(row.date_basis),
        "edition": _plain(row.edition_as_reported),
        "people": [
            {
                "name": names.get(person.person_id, person.person_id),
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


def _or_problem(function: Any, data: Any, asked: Any) -> dict[str, Any]:
    """Say on the page what is wrong with what was asked; a callback has nobody to raise to."""
    try:
        return function(data, asked)
    except ValueError as error:
        return {"problem": str(error)}


def _fetch(frame: Any, columns: list[str]) -> pd.DataFrame:
    return _engines.collect(_engines.lazy(frame, "explore", columns).select(*columns))


def _names(data: Any) -> list[dict[str, str]]:
    sides = _fetch(data.sides, ["side", "name"])
    return sides.rename(columns={"side": "id"}).to_dict("records")


def _ordered(found: set[str], sides: list[dict[str, str]]) -> list[dict[str, str]]:
    """Put sides in their own order, with their names, and before what is no side of the two."""
    known = [side for side in sides if side["id"] in found]
    others = found - {side["id"] for side in known}
    return known + [{"id": other, "name": other.capitalize()} for other in sorted(others)]


def _said(first: Any, latest: Any) -> str:
    return "" if pd.isna(first) else _dates.written(first, latest)


def _days(first: Any, last: Any) -> str:
    return f"{first:%Y-%m-%d}" + ("" if first == last else f" to {last:%Y-%m-%d}")


def _plain(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
