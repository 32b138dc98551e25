"""The map of all contacts, and where its labels find room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.backends import backend_agg
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from relations.figures._drawing import (
    INK,
    RULE,
    SMALL,
    looks,
    names_of,
    rows_to_draw,
    source_of,
)
from relations.figures._heading import fold, heading, sheet
from relations.figures._values import LEADS_TO_A_NAME

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# What the two maps show, in degrees: west, east, south, north.
BORDER = (101.2, 111.2, 17.0, 24.5)
REGION = (86.0, 131.0, -9.5, 43.0)
# The share of the large map, from its corner in the south-west, that the small one takes.
INSET = (0.375, 0.565)
WATER = "#33658a"
# Fewest contacts of a place with a name in the corner, where there is less room.
CORNER = 4


def plot_contact_map(
    sites: pd.DataFrame, outlines: pd.DataFrame, *, named_from: int = 3, ax: Any = None
) -> Any:
    """Draw where contacts took place: the border and the gulf, and a locator of the region.

    Parameters
    ----------
    sites : frame, as ``contact_places(data)`` returns it
    outlines : frame, the table ``data.outlines``
    named_from : int
        Sites with fewer contacts have a mark and no name.
    ax : two Axes, optional; see `relations.figures`

    Returns
    -------
    array of Axes
        The border and the gulf, with the region in a corner and a frame for what the large
        map shows. One mark per site, its area growing with the number of contacts, its shape
        and shade the country; a broken circle for contacts in the gulf, which have no point.
        Names do not touch and their lines do not cross. The lines below count what is not on
        the maps.

    Raises
    ------
    ValueError
        Where no site has coordinates.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.measures.channels import contact_places
    >>> data = rel.load()
    >>> border, region = plot_contact_map(contact_places(data), data.outlines)
    >>> "no claim" in border.figure.get_supxlabel()
    True
    """
    made = "channels.contact_places(data)"
    sites = rows_to_draw(sites, "site name places country lat lon count", made)
    outlines = rows_to_draw(outlines, "side ring point lon lat", "data.outlines")
    known = sites.dropna(subset=["lat", "lon"])
    if known.empty:
        raise ValueError("no place has coordinates: fill lat and lon in places.csv")
    names = names_of(sites)
    countries = [side for side in names if side in set(known["country"])]
    look = looks(countries) | {"both": ("#7b3f8c", "D"), "third": ("#7a7a7a", "^")}
    with sheet(ax, 1 if ax is None else 2, "maps", 7.6) as axes:
        border = axes[0]
        region = axes[1] if ax is not None else border.inset_axes((0.0, 0.0, *INSET))
        for axis, window in ((border, BORDER), (region, REGION)):
            _ground(axis, outlines, window)
        west, east, south, north = BORDER
        covered = known["lon"].lt(west + INSET[0] * (east - west))
        covered &= known["lat"].lt(south + INSET[1] * (north - south))
        inside = _within(known, BORDER) & ~covered
        far = _within(known, REGION) & ~inside
        for axis, own in ((border, known[inside]), (region, known[far])):
            for site in own.rename(columns={"count": "number"}).itertuples():
                shade, mark = look.get(site.country, look["third"])
                axis.scatter(
                    [site.lon], [site.lat], s=_area(site.number),
                    c=shade, marker=mark, edgecolors="white", linewidths=0.7, zorder=3,
                    gid=site.site,
                )  # fmt: skip
        size = (east - west, north - south)
        frame = Rectangle((west, south), *size, fc="none", ec="black", lw=1, zorder=2)
        region.add_patch(frame)
        _waters(border, region, sites)
        figure: Any = border.figure
        _heading(border, sites, known, inside, far, named_from)
        figure.draw_without_rendering()
        corner = [region.get_window_extent()] if ax is None else []
        _label(border, known[inside & known["count"].ge(named_from)], known[inside], corner)
        few = max(named_from, CORNER)
        _label(region, known[far & known["count"].ge(few)], known[far], _edges(frame), 0.95)
        _key(border, known, countries, names, look)
        return np.array([border, region])


def _edges(frame: Rectangle) -> list[Bbox]:
    """Return the four edges of a frame as thin boxes."""
    (x0, y0), (x1, y1) = frame.get_window_extent().get_points()
    ends = [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]
    return [Bbox.from_extents(*edge).padded(1) for edge in ends]


def _within(known: pd.DataFrame, window: Sequence[float]) -> pd.Series:
    west, east, south, north = window
    return known["lon"].between(west, east) & known["lat"].between(south, north)


def _area(count: int) -> float:
    """Return the area of a mark in points: a least one, and as much more for each contact."""
    return 10.0 + 6.5 * count


def _ground(ax: Axes, outlines: pd.DataFrame, window: Sequence[float]) -> None:
    west, east, south, north = window
    for _, ring in outlines.sort_values("point").groupby(["side", "ring"]):
        ax.fill(ring["lon"], ring["lat"], fc="#efeee8", ec="#a9a9a9", lw=0.8, zorder=0)
    ax.set_xlim(west, east)
    ax.set_ylim(south, north)
    ax.set_aspect(1 / np.cos(np.radians((south + north) / 2)), adjustable="box")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[["left", "bottom", "right", "top"]].set_visible(True)
    ax.spines[["left", "bottom", "right", "top"]].set_color("#8a8a8a")


def _waters(border: Axes, region: Axes, sites: pd.DataFrame) -> None:
    """Name the waters; contacts there are a broken circle of their number."""
    how: dict[str, Any] = {
        "ha": "center", "va": "center", "fontsize": SMALL, "style": "italic", "color": WATER,
        "linespacing": 1.15, "gid": "water", "zorder": 2,
    }  # fmt: skip
    for water in sites.attrs.get("waters", []):
        lon, lat = water["lon"], water["lat"]
        left, right = border.get_xlim()
        bottom, top = border.get_ylim()
        ax = border if left < lon < right and bottom < lat < top else region
        afloat = _afloat(sites, [water])
        if afloat and ax is border:
            border.scatter(
                [lon], [lat + 0.75], s=_area(afloat), facecolors="none", edgecolors=WATER,
                linestyles=(0, (3, 2)), linewidths=1.3, zorder=3, gid="afloat",
            )  # fmt: skip
            plain = how | {"style": "normal", "weight": "bold"}
            border.text(lon, lat + 0.75, str(afloat), **plain)
        ax.text(lon, lat, water["words"], **how)


def _afloat(sites: pd.DataFrame, waters: list[dict[str, Any]]) -> int:
    """Return the contacts in waters, which have no point."""
    names = [water["name"] for water in waters]
    return int(sites.loc[sites["name"].isin(names) & sites["lat"].isna(), "count"].sum())


def _heading(
    ax: Axes, sites: pd.DataFrame, known: pd.DataFrame, inside: Any, far: Any, named_from: int
) -> None:
    """Say where most contacts took place, and count what the maps do not show."""
    total = int(sites.attrs.get("total", sites["count"].sum()))
    first, second = known.iloc[0], known.iloc[min(1, len(known) - 1)]
    along = known[inside & ~known.index.isin([first.name, second.name])]
    title = f"{site_name(first)} saw {first['count']}"
    if len(known) > 1:
        title += f" and {site_name(second)} {second['count']}"
    title += f" of {total:,} contacts"
    if len(along):
        listed = [f"{site_name(site)} ({site['count']})" for _, site in along.iloc[:2].iterrows()]
        title += f"; {' and '.join(listed)} lead along the border and the gulf"
    bare, off = sites.attrs.get("bare", []), known[~inside & ~far]
    afloat = _afloat(sites, sites.attrs.get("waters", []))
    gulf = f" (a broken circle for {afloat} at sea)" if afloat else ""
    lines = [
        source_of(sites),
        "Coarse outlines of the two sides, which make no claim on any boundary; other land is left "
        "white. A contact at several "
        f"places counts at each. Places with fewer than {named_from}, in the corner "
        f"{max(named_from, CORNER)}, have no name.",
        f"Without a point: {sites.attrs.get('unmapped', 0)} contacts at {len(bare)} places without "
        f"coordinates{gulf}, {sites.attrs.get('unplaced', 0)} without a place."
        + (f" Off the maps: {', '.join(off['name'])}." if len(off) else ""),
    ]
    subtitle = (
        "Contacts by place; the area of a mark grows with their number. In the corner the "
        "region, with a frame for the large map, and only what is not on that"
    )
    heading((ax,), title, subtitle, "\n".join(lines))


def site_name(site: Any) -> str:
    """Return the name of a site, with that of the place across the border."""
    places = list(site["places"]) if not isinstance(site["places"], str) else [site["places"]]
    return "–".join(places[:2]) if site["country"] == "both" else str(site["name"])


def _key(ax: Axes, known: pd.DataFrame, countries: Any, names: Any, look: Any) -> None:
    words = {"both": "both sides of the border", "third": "elsewhere"}
    there = [*countries, *(one for one in words if one in set(known["country"]))]
    handles = [
        ax.scatter([], [], s=50, c=look[one][0], marker=look[one][1], edgecolors="white",
                   label=words.get(one, names.get(one, one)))
        for one in there
    ]  # fmt: skip
    handles += [
        ax.scatter([], [], s=_area(number), facecolors="none", edgecolors=INK, label=str(number))
        for number in (1, 10, 40)
    ]
    ax.legend(
        handles=handles, fontsize=SMALL, loc="lower left", bbox_to_anchor=(0, 1.0),
        ncols=len(handles), handletextpad=0.3, columnspacing=0.9, borderaxespad=0.5,
    )  # fmt: skip


def _label(
    ax: Axes,
    named: pd.DataFrame,
    marks: pd.DataFrame,
    taken: Iterable[Bbox],
    inches: float = 7.0,
) -> None:
    """Write names and numbers where nothing is: near the mark, or farther off with a line.

    None overlaps a mark, a name or a line, and no line crosses another. The busiest choose
    first; where some find no room, these choose first in another try. Names that find none
    in any try are left out.
    """
    # Its own: the canvas drawn to may be of a format that measures no text.
    agg: Any = backend_agg
    renderer = agg.RendererAgg(*ax.figure.bbox.size, ax.figure.dpi)
    points = renderer.points_to_pixels(1.0)
    fixed = list(taken)
    fixed += [text.get_window_extent(renderer).padded(2) for text in ax.texts]
    spots: dict[str, tuple[np.ndarray, float]] = {}
    for site in marks.rename(columns={"count": "number"}).itertuples():
        spot = np.array(ax.transData.transform((site.lon, site.lat)))
        radius = float(np.sqrt(_area(site.number)) / 2 * points)
        spots[site.site] = spot, radius
        fixed.append(Bbox.from_extents(*(spot - radius), *(spot + radius)))
    names, sizes = {}, {}
    for _, site in named.iterrows():
        names[site["site"]] = fold(f"{site_name(site)} {site['count']}", inches, SMALL)
        probe = ax.text(0, 0, names[site["site"]], fontsize=SMALL, linespacing=1.05)
        extent = probe.get_window_extent(renderer)
        probe.remove()
        sizes[site["site"]] = np.array([extent.width, extent.height])
    order = named.sort_values("count", ascending=False, kind="stable")["site"].tolist()
    frame = ax.get_window_extent(renderer).padded(-3)
    best: dict[str, tuple[Bbox, Any]] = {}
    for _ in range(len(order) + 1):
        rooms: dict[str, tuple[Bbox, Any]] = {}
        for one in order:
            boxes = fixed + [box for box, _ in rooms.values()]
            lines = [line for _, line in rooms.values() if line is not None]
            room = _room(*spots[one], sizes[one], boxes, lines, frame, points)
            if room is not None:
                rooms[one] = room
        best = rooms if len(rooms) > len(best) else best
        if len(best) == len(order):
            break
        order.sort(key=lambda one, rooms=rooms: one in rooms)
    back = ax.transData.inverted()
    for one, (box, line) in best.items():
        x, y = back.transform(((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2))
        halo = [withStroke(linewidth=2.2, foreground="white")]
        ax.text(
            x, y, names[one], fontsize=SMALL, ha="center", va="center", zorder=5,
            path_effects=halo, gid=f"name {one}", linespacing=1.05,
        )  # fmt: skip
        if line is not None:
            ends = back.transform(np.array(line))
            ax.plot(ends[:, 0], ends[:, 1], color=RULE, lw=0.7, zorder=2.5, gid=LEADS_TO_A_NAME)


def _room(
    spot: np.ndarray, radius: float, size: np.ndarray, boxes: list[Bbox], lines: list[Any],
    frame: Bbox, points: float,
) -> tuple[Bbox, Any] | None:  # fmt: skip
    """Return the nearest free box for a name around a mark, and the line to it if it is far."""
    # To the sides first, then above and below, then slanting.
    slants = [angle for angle in range(15, 360, 15) if angle % 90]
    directions = np.radians([0, 180, 90, 270, *sorted(slants, key=lambda one: one % 45)])
    own = Bbox.from_extents(*(spot - radius), *(spot + radius))
    others = [box for box in boxes if not np.allclose(box.extents, own.extents)]
    for away in (2, 5, 8, 14, 20, 28, 36, 46, 58, 72, 88, 106, 126):
        for angle in directions:
            way = np.array([np.cos(angle), np.sin(angle)])
            edge = spot + way * (radius + away * points)
            # The name touches this point with the side that looks to the mark.
            middle = edge + way * size / 2
            box = Bbox.from_extents(*(middle - size / 2), *(middle + size / 2))
            if not (frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0
                    and box.y1 <= frame.y1):  # fmt: skip
                continue
            room = box.padded(1.5 * points)
            if any(room.overlaps(other) for other in others) or room.overlaps(own.padded(-1)):
                continue
            if any(_cuts(line, room) for line in lines):
                continue
            line = None
            if away > 8:
                line = (spot + way * radius, edge - way * points)
                if any(_crosses(line, other) for other in lines):
                    continue
                if any(_cuts(line, other.padded(-0.5)) for other in others):
                    continue
            return box, line
    return None


def _crosses(first: Any, second: Any) -> bool:
    """Say whether two lines have a point in common."""

    def side(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
        return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

    (a, b), (c, d) = first, second
    return side(a, b, c) * side(a, b, d) <= 0 and side(c, d, a) * side(c, d, b) <= 0


def _cuts(line: Any, box: Bbox) -> bool:
    """Say whether a line enters a box."""
    if any(box.contains(*end) for end in line):
        return True
    corners = [np.array(corner) for corner in box.corners()[[0, 1, 3, 2]]]
    edges = zip(corners, [*corners[1:], corners[0]], strict=True)
    return any(_crosses(line, edge) for edge in edges)
