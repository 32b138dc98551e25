"""Figures of what `relations.areas` finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from relations.figures._drawing import (
    INK,
    RULE,
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
from relations.figures._heading import heading, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_area_counts(counts: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw on how many occasions each side names each cooperation area.

    Parameters
    ----------
    counts : frame, as ``cooperation_area_counts(data, by="side")`` returns it
        Counts of several periods are added up.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One row per area that is named, the most named at the top; one column of bars per side.

    Raises
    ------
    ValueError
        Where no area is named.

    Examples
    --------
    >>> import relations as rel
    >>> counts = rel.cooperation_area_counts(rel.load(), by="side")
    >>> ax = plot_area_counts(counts)
    >>> len(ax.get_yticks()) == counts.loc[counts["count"] > 0, "area"].nunique()
    True
    """
    made = "cooperation_area_counts(data, by='side')"
    counts = rows_to_draw(counts, "area side count", made)
    source, names, unit = source_of(counts), names_of(counts), counts.attrs.get("unit", "contacts")
    named_at_all = counts[counts["count"] > 0].groupby("area")["count"].sum().index
    counts = counts[counts["area"].isin(named_at_all)]
    sides = sides_of(counts)
    table = counts.pivot_table(index="area", columns="side", values="count", aggfunc="sum")
    table = table.fillna(0)[sides]
    table = table.loc[table.sum(axis=1).sort_values(kind="stable").index]
    look = looks(sides)
    width = table.to_numpy().max() * 1.5
    with sheet(ax, 1, "panels", 1.6 + 0.25 * len(table)) as (ax,):
        place = np.arange(len(table))
        for column, side in enumerate(sides):
            numbers = table[side].to_numpy()
            ax.barh(
                place, numbers, left=column * width, height=0.7, color=look[side][0],
                label=names.get(side, side),
            )  # fmt: skip
            ax.axvline(column * width, color=INK, lw=0.8)
            for y, number in zip(place, numbers, strict=True):
                if number:
                    spot = (column * width + number, y)
                    note(ax, f"{number:.0f}", spot, (3, 0), va="center")
        ax.set_yticks(place, named(table.index, names))
        ax.set_ylim(-0.6, len(table) - 0.4)
        ax.set_xlim(0, len(sides) * width)
        ax.set_xticks(
            [column * width for column in range(len(sides))], named(sides, names), ha="left"
        )
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        ax.spines[["left", "bottom"]].set_visible(False)
        told = []
        for side in sides[:3]:
            most = table.index[table[side] == table[side].max()]
            listed = " and ".join(named(most, names))
            told.append(f"by {names.get(side, side)}: {listed} ({table[side].max():.0f})")
        told = [each.replace("by joint", "joint") for each in told]
        subtitle = (
            f"{unit.capitalize()} on which a side's own words name an area; joint is what both "
            "said or did together"
        )
        heading((ax,), f"Most named {'; '.join(told)}", subtitle, source)
        return ax


def plot_area_emphasis(emphasis: pd.DataFrame, *, least: int = 5, ax: Axes | None = None) -> Axes:
    """Draw which side gives more weight to which area, with 95% intervals.

    Parameters
    ----------
    emphasis : frame, as `areas.emphasis` returns it
    least : int
        Areas that the two sides name on fewer occasions together are left out: their
        intervals would be wider than the figure.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One row per area. Filled where the interval leaves out 0, in the shade and with the
        marker of the side that stresses the area, else hollow. At the right the
        occasions on which each side names it.

    Raises
    ------
    ValueError
        Where no area is named ``least`` times, or the frame does not say which the sides are.

    Examples
    --------
    >>> import relations as rel
    >>> ax = plot_area_emphasis(rel.areas.emphasis(rel.load()))
    >>> ax.get_xlabel().startswith("← Vietnam")
    True
    """
    emphasis = rows_to_draw(
        emphasis, "area count_first count_second log_odds low high", "areas.emphasis(data)"
    )
    source, names = source_of(emphasis), names_of(emphasis)
    if "sides" not in emphasis.attrs:
        raise ValueError(
            "the frame does not say which sides it compares: draw what areas.emphasis returned, "
            "or set its attrs['sides']"
        )
    first, second = sides = emphasis.attrs["sides"]
    look = looks(sides)
    shown = emphasis[emphasis["count_first"] + emphasis["count_second"] >= least]
    if shown.empty:
        raise ValueError(f"no area is named {least} times by the two sides: lower least")
    shown = shown.sort_values(["log_odds", "area"], ignore_index=True)
    with drawing(ax, 1.5 + 0.26 * len(shown)) as ax:
        ax.axvline(0, color=RULE, lw=0.9, zorder=0)
        for row in shown.itertuples():
            shade, marker = look[first if row.log_odds > 0 else second]
            apart = row.low > 0 or row.high < 0
            ax.plot([row.low, row.high], [row.Index] * 2, color=shade, lw=1.6, zorder=1)
            ax.plot(
                row.log_odds, row.Index, marker, ms=7, zorder=2, color=shade,
                markerfacecolor=shade if apart else "white",
            )  # fmt: skip
            beside(ax, row.Index, f"{row.count_first} : {row.count_second}")
        beside(ax, len(shown), f"{first} : {second}", weight="bold")
        ax.set_yticks(range(len(shown)), named(shown["area"], names))
        ax.set_ylim(-0.7, len(shown) - 0.3)
        ax.tick_params(axis="y", length=0, labelsize=10)
        ax.spines["left"].set_visible(False)
        left, right = named([second, first], names)
        ends = f"← {left} stresses it        {right} stresses it →"
        ax.set_xlabel(f"{ends}\ndifference in log-odds")
        left_out = len(emphasis) - len(shown)
        rest = f"; {left_out} named under {least} times left out" if left_out else ""
        drawn = f"Difference in log-odds, 95% interval; filled: it leaves out 0{rest}."
        heading([ax], _stressed(shown, named(sides, names), names), drawn, source)
        return ax


def _stressed(shown: pd.DataFrame, sides: list[str], names: dict[str, str]) -> str:
    """Say which areas each side stresses more than the other, the clearest first."""
    told = []
    for side, apart, clearest in (
        (sides[0], shown["low"] > 0, "low"), (sides[1], shown["high"] < 0, "high"),
    ):  # fmt: skip
        own = shown[apart].sort_values(clearest, ascending=clearest == "high", kind="stable")
        if len(own):
            more = f" and {len(own) - 2} more" if len(own) > 2 else ""
            told.append(f"{side} {', '.join(named(own['area'].head(2), names))}{more}")
    if not told:
        return f"None of {len(shown)} areas is stressed by one side more than by the other"
    return f"More stressed: by {'; by '.join(told)}"
