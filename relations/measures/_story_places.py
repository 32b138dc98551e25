"""Where contacts took place, neighbours on both sides of the border together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from relations.measures._asking import describe
from relations.record._frames import collect, narrow
from relations.record._types import TEXT
from relations.record.dataset import Dataset, check_dataset

# How far apart places of one site may be, in kilometres: a gate and the towns on both sides.
NEAR = 25.0


def contact_places(data: Dataset, near: float = NEAR) -> pd.DataFrame:
    """Count the contacts at each place, neighbours on both sides of the border together.

    Parameters
    ----------
    data : Dataset
        Its tables ``event_places`` and ``places`` are read.
    near : float
        Places up to so many kilometres from a busier one are one site with it; 0 keeps
        every place apart.

    Returns
    -------
    pandas.DataFrame, one row per site, the busiest first
        ``site`` id and ``name`` of its busiest place, ``places``, the names of all, busiest
        first, a list; ``country``, of several "both"; ``lat``, ``lon`` of the busiest place,
        empty where it has none; ``count`` contacts, a contact at several sites at each. In
        ``attrs``: ``total`` contacts, ``unplaced`` without a place, ``unmapped`` with places
        none of which has coordinates, ``bare``, the places without coordinates, and
        ``waters``, those whose name a map writes: ``name``, ``words``, ``lat``, ``lon``.

    Examples
    --------
    >>> import relations as rel
    >>> sites = contact_places(rel.load())
    >>> sites["name"].iloc[0]
    'Hanoi'
    """
    check_dataset(data, "contact_places")
    columns = ["place_id", "name", "country", "lat", "lon"]
    labels = ["native_name", "label_lat", "label_lon"]
    if not 0 <= near < np.inf:
        raise ValueError(f"near={near!r}: kilometres, 0 or more")
    listed = collect(narrow(data.whole.places, "contact_places", columns, labels))
    places = listed[columns]
    links = collect(narrow(data.whole.event_places, "contact_places", ["event_id", "place_id"]))
    ids = data.contacts["event_id"]
    links = links[links["event_id"].isin(ids)].merge(places, on="place_id").drop_duplicates()
    busy = links.groupby(columns, dropna=False)["event_id"].nunique().rename("count")
    busy = busy.reset_index().sort_values(["count", "place_id"], ascending=[False, True])
    site: dict[str, str] = {}
    centres: list[Any] = []
    for place in busy.itertuples():
        known = pd.notna(place.lat) and pd.notna(place.lon)
        close = [(_kilometres(place, other), other.place_id) for other in centres] if known else []
        distance, at = min(close, default=(np.inf, ""))
        site[place.place_id] = at if distance <= near and near > 0 else place.place_id
        if known and site[place.place_id] == place.place_id:
            centres.append(place)
    links["site"] = links["place_id"].map(site)
    rows = []
    for one, own in links.groupby("site", sort=False):
        names = (
            own.groupby("name")["event_id"].nunique().sort_values(ascending=False, kind="stable")
        )
        centre = places.set_index("place_id").loc[one]
        countries = own["country"].unique()
        row = {"site": one, "name": centre["name"], "places": names.index.tolist()}
        row["country"] = countries[0] if len(countries) == 1 else "both"
        rows.append(row | {"lat": centre["lat"], "lon": centre["lon"]})
        rows[-1]["count"] = own["event_id"].nunique()
    table = pd.DataFrame(rows, columns=["site", "name", "places", "country", "lat", "lon", "count"])
    types = dict.fromkeys(["site", "name", "country"], TEXT)
    table = table.astype(types | {"lat": "float64", "lon": "float64", "count": "int64"})
    table = table.sort_values(["count", "site"], ascending=[False, True], ignore_index=True)
    mapped = set(links.dropna(subset=["lat", "lon"])["event_id"])
    more = {
        "total": len(ids),
        "unplaced": int((~ids.isin(links["event_id"])).sum()),
        "unmapped": len(set(links["event_id"]) - mapped),
        "bare": sorted(links.loc[links["lat"].isna(), "name"].unique()),
        "waters": _waters(listed),
    }
    return describe(table, data, "contacts", **more)


def _waters(places: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the waters that a map names, with their names in every form."""
    if "label_lat" not in places:
        return []
    named = places.dropna(subset=["label_lat", "label_lon"])
    return [
        {
            "name": water.name,
            "words": "\n".join([water.name, *str(water.native_name or "").split(";")]).strip(),
            "lat": float(water.label_lat),
            "lon": float(water.label_lon),
        }
        for water in named.itertuples(index=False)
    ]


def _kilometres(first: Any, second: Any) -> float:
    """Return the distance of two places on a globe (haversine)."""
    lat1, lon1, lat2, lon2 = np.radians([first.lat, first.lon, second.lat, second.lon])
    chord = np.sin((lat2 - lat1) / 2) ** 2
    chord += np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return float(2 * 6371 * np.arcsin(np.sqrt(chord)))
