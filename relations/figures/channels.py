"""Figures of what `relations.channels` finds."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.dates as mdates
import numpy as np
import pandas as pd

from relations.figures._drawing import (
    FAINT,
    INK,
    RULE,
    SHADES,
    SMALL,
    beside,
    drawing,
    looks,
    named,
    names_of,
    note,
    rows_to_draw,
    sides_of,
    source_of,
)
from relations.figures._heading import heading

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# What land is drawn in, and what stands behind the names on it.
GROUND = "#f1f1ee"


def plot_channels(
    timeline: pd.DataFrame, *, channels: Sequence[str] = (), ax: Axes | None = None
) -> Axes:
    """Draw when each standing channel met, was announced, was called off, or is missing.

    Parameters
    ----------
    timeline : frame, as `channels.timeline` returns it
    channels : sequence of str, optional
        Lanes from the top; all, by their first held contact, if left out.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One lane per channel: dots held, hollow dots announced, crosses cancelled, upright
        ticks numbers that were not found, where the count has neighbours to place them
        between. Beside each lane how many were held and, after a plus sign, not found. A
        dotted line marks the last day covered.

    Examples
    --------
    >>> import relations as rel
    >>> timeline = rel.channels.timeline(rel.load())
    >>> ax = plot_channels(timeline)
    >>> len(ax.get_yticks()) == timeline["channel"].nunique()
    True
    """
    timeline = rows_to_draw(timeline, "channel state day", "channels.timeline(data)")
    if not channels:
        held = timeline[timeline["state"] == "held"].groupby("channel")["day"].min()
        found = pd.Series(timeline["channel"].unique())
        order = pd.DataFrame({"channel": found, "day": found.map(held)})
        channels = order.sort_values(["day", "channel"])["channel"].tolist()
    marks = {
        "missing": {"marker": "|", "color": RULE, "ms": 9, "label": "number not found"},
        "announced": {"marker": "o", "color": SHADES[0], "mfc": "white", "ms": 5.5},
        "held": {"marker": "o", "color": SHADES[0], "ms": 4.5},
        "cancelled": {"marker": "x", "color": SHADES[1], "ms": 8, "mew": 2},
    }
    with drawing(ax, 2 + 0.36 * len(channels)) as ax:
        for row, channel in enumerate(reversed(channels)):
            own = timeline[timeline["channel"] == channel]
            held = own.loc[own["state"] == "held", "day"]
            if len(held):
                ends = [held.min(), held.max()]
                ax.plot(ends, [row, row], color=FAINT, lw=1, zorder=1)
            for state, look in marks.items():
                days = own.loc[own["state"] == state, "day"].dropna()
                ax.plot(days, [row] * len(days), ls="none", zorder=2, **{**look, "label": None})
            gone = int((own["state"] == "missing").sum())
            beside(ax, row, f"{len(held)}" + (f" + {gone}" if gone else ""))
        for state, look in marks.items():
            ax.plot([], [], ls="none", **{"label": state, **look})
        if (span := timeline.attrs.get("span")) is not None:
            since, until = (pd.Timestamp(day) for day in span)
            ax.set_xlim(since, until + 0.015 * (until - since))
            ax.axvline(until, color=RULE, lw=0.8, ls=":")
        titles = named(channels[::-1], names_of(timeline))
        labels = [textwrap.fill(title, 38, max_lines=2, placeholder=" …") for title in titles]
        ax.set_yticks(range(len(channels)), labels, fontsize=SMALL, linespacing=1.05)
        ax.xaxis.set_major_locator(mdates.AutoDateLocator(maxticks=7))  # type: ignore[no-untyped-call]
        ax.set_ylim(-0.7, len(channels) - 0.3)
        ax.legend(
            frameon=False, ncols=2, fontsize=SMALL, loc="lower left", bbox_to_anchor=(0, 1),
            borderaxespad=0.2, handletextpad=0.2, columnspacing=1,
        )  # fmt: skip
        note(ax, "held +\nnot found", (1, 1), (9, 0), xycoords="axes fraction", va="bottom")
        shown = timeline[timeline["channel"].isin(channels)]
        held = shown.loc[shown["state"] == "held", "channel"]
        gone = int((shown["state"] == "missing").sum())
        found = f"{len(held)} contacts held in {held.nunique()} channels"
        if len(held):
            (most,) = named([held.mode().iloc[0]], names_of(timeline))
            found += f", most in {most} ({held.value_counts().iloc[0]})"
        drawn = "Contacts of each standing channel"
        drawn += f"; {gone} numbers that must exist were not found." if gone else "."
        heading([ax], found, drawn, source_of(timeline))
        return ax


def plot_numbering(numbering: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the number that each side gives the contacts of one series.

    Parameters
    ----------
    numbering : frame, as `channels.numbering` returns it
        Of the columns between ``precision`` and ``offset`` each is a side.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One point per number and side, labelled; a thin line joins the two numbers of one
        contact; ticks along the bottom are contacts that neither side's reports number.

    Examples
    --------
    >>> import relations as rel
    >>> ax = plot_numbering(rel.channels.numbering(rel.load(), "coast_guard_joint_patrol"))
    >>> ax.get_ylabel()
    'number given'
    """
    numbering = rows_to_draw(
        numbering, "channel start precision offset", "channels.numbering(data, channel)"
    )
    columns = list(numbering.columns)
    sides = columns[columns.index("precision") + 1 : columns.index("offset")]
    look, names = looks(sides), names_of(numbering)
    with drawing(ax, 4.4) as ax:
        both = numbering.dropna(subset=sides)
        low, high = both[sides].min(axis=1), both[sides].max(axis=1)
        ax.vlines(both["start"], low.astype(float), high.astype(float), color=FAINT, lw=1.2)
        for side in sides:
            known = numbering.dropna(subset=[side])
            shade, marker = look[side]
            numbers = known[side].astype(float)
            # Above for the first side and below for the others: equal numbers stay legible.
            away, va = (6, "bottom") if side == sides[0] else (-6, "top")
            ax.plot(
                known["start"], numbers, marker, color=shade, ms=5, ls="none",
                label=names.get(side, side),
            )  # fmt: skip
            for day, number in zip(known["start"], numbers, strict=True):
                note(ax, f"{number:.0f}", (day, number), (0, away), ha="center", va=va, color=shade)
            if len(known):
                last = (known["start"].iloc[-1], numbers.iloc[-1])
                note(
                    ax,
                    f"number of {names.get(side, side)}",
                    last,
                    (14, away / 2),
                    va=va,
                    color=shade,
                    fontsize=11,
                )
        bare = numbering[numbering[sides].isna().all(axis=1)]
        ax.plot(bare["start"], [0] * len(bare), "|", color=RULE, ms=11)
        if len(bare):
            note(ax, "without a number", (bare["start"].iloc[0], 0), (0, 9), color=INK)
        ax.margins(y=0.12)
        ax.set_ylim(bottom=-0.5)
        ax.set_ylabel("number given")
        (name,) = named(numbering["channel"].head(1), names)
        found = f"{name}: {_difference(both[sides], names)}"
        drawn = (
            "The number that each side's reports give a contact; a line joins two of one contact."
        )
        heading([ax], found, drawn, source_of(numbering))
        return ax


def _difference(both: pd.DataFrame, names: dict[str, str]) -> str:
    """Say how far apart two sides' numbers of the same contacts are, in the order of time."""
    if both.empty or both.shape[1] != 2:
        return "no contact has a number of both sides"
    one, other = (names.get(side, side) for side in both)
    apart = (both.iloc[:, 0] - both.iloc[:, 1]).astype(int).tolist()
    first, last = abs(apart[0]), abs(apart[-1])
    if len(set(apart)) > 1:
        return f"the two counts are {first} apart at first and {last} at the last"
    if not last:
        return "both sides count alike"
    ahead, behind = (one, other) if apart[0] > 0 else (other, one)
    return f"{ahead} counts {last} more than {behind}"


def plot_exchange_map(places: pd.DataFrame, *, margin: float = 0.8, ax: Axes | None = None) -> Axes:
    """Draw where the editions of a series took place, with coarse outlines for orientation.

    Parameters
    ----------
    places : frame, as `channels.places` returns it
    margin : float
        Degrees shown west and east of the outermost places.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One point per place with coordinates, labelled with its name and, for each edition,
        number and year. The outlines are coarse and make no claim on any boundary; the line
        under the map says so, and how many places have no coordinates.

    Raises
    ------
    ValueError
        Where no place has coordinates.

    Examples
    --------
    >>> import relations as rel
    >>> places = rel.channels.places(rel.load(), "border_defence_friendship_exchange")
    >>> ax = plot_exchange_map(places)
    >>> "no claim" in ax.figure.get_supxlabel()
    True
    """
    made = "channels.places(data, channel)"
    places = rows_to_draw(places, "start edition place_id name side lat lon", made)
    placed = places.dropna(subset=["place_id"])
    known = placed.dropna(subset=["lat", "lon"])
    if known.empty:
        raise ValueError("no place has coordinates: fill lat and lon in places.csv")
    names = names_of(places)
    sides = sides_of(known)
    look = looks(sides)
    with drawing(ax, 6) as ax:
        for ring in places.attrs.get("outlines", []):
            ax.fill(*zip(*ring, strict=True), fc=GROUND, ec="#b5b5b5", lw=0.8, zorder=0)
        labels = []
        for _, here in known.groupby("place_id"):
            first = here.iloc[0]
            shade, marker = look[first["side"]]
            ax.plot(first["lon"], first["lat"], marker, color=shade, ms=6, zorder=2)
            editions = [
                f"{number if pd.notna(number) else '?'} ({day:%Y})"
                for number, day in zip(here["edition"], here["start"], strict=True)
            ]
            text = "\n".join([first["name"], *editions])
            on_top = known.loc[known["side"] == first["side"], "lat"].mean() > known["lat"].mean()
            labels.append((text, first["lon"], first["lat"], shade, on_top))
        ax.set_xlim(known["lon"].min() - margin, known["lon"].max() + margin)
        ax.set_aspect(1 / np.cos(np.radians(known["lat"].mean())))
        ax.xaxis.set_major_formatter("{x:g}° E")
        ax.yaxis.set_major_formatter("{x:g}° N")
        for side in sides:
            ax.plot(
                [],
                [],
                look[side][1],
                color=look[side][0],
                ls="",
                label=f"place in {names.get(side, side)}",
            )
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(sides), fontsize=SMALL)
        bare = placed["place_id"].nunique() - known["place_id"].nunique()
        outlined = "Coarse outlines, which make no claim on any boundary."
        lines = f"{source_of(places)}\n{outlined} Places without coordinates, not shown: {bare}."
        number = len(placed.drop_duplicates(["edition", "start"]))
        found = f"{number} editions at {placed['place_id'].nunique()} places"
        heading([ax], found, "Where each edition took place: number (year).", lines)
        _line_up(ax, labels)
        return ax


def _line_up(ax: Axes, labels: Sequence[tuple[str, float, float, str, bool]]) -> None:
    """Write labels in rows above and below the points, in their order from left to right."""
    left, right = ax.get_xlim()
    low, high = min(each[2] for each in labels), max(each[2] for each in labels)
    tall = (right - left) / 10
    ax.set_ylim(low - 2.6 * tall, high + 2.6 * tall)
    for on_top in (True, False):
        row = sorted((each for each in labels if each[4] == on_top), key=lambda each: each[1])
        for number, (text, lon, lat, shade, _) in enumerate(row):
            # Neighbours stand at different heights, so that long names find room.
            away = tall * (0.5 if number % 2 else 1.6)
            spot = (
                left + (number + 0.5) * (right - left) / len(row),
                high + away if on_top else low - away,
            )
            ax.plot([lon, spot[0]], [lat, spot[1]], color=RULE, lw=0.6, zorder=1)
            # The ground behind a name breaks the lines of others that pass there.
            ax.annotate(
                text, spot, fontsize=SMALL, color=shade, linespacing=1, ha="center", zorder=3,
                va="bottom" if on_top else "top", bbox={"fc": GROUND, "ec": "none", "pad": 1},
            )  # fmt: skip
