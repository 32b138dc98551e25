"""The figure of areas by year as small multiples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from relations.figures._drawing import (
    INK,
    SMALL,
    looks,
    names_of,
    note,
    rows_to_draw,
    source_of,
)
from relations.figures._heading import LEGIBLE, fold, heading, sheet, years_of


def plot_area_multiples(
    counts: pd.DataFrame,
    unread: pd.DataFrame | None = None,
    *,
    areas: Sequence[str] | None = None,
    first_year: int = 2005,
    ax: Any = None,
) -> Any:
    """Draw on how many occasions of each year each side names some areas of cooperation.

    Parameters
    ----------
    counts : frame, as ``cooperation_area_counts(data, by="side", every="year")`` returns it
    unread : frame with ``start``, optional
        Leaders' statements of which the part on defence is unread, as
        ``unread_statements(data)`` returns it: their years are marked, as a low count there
        may be a page not read.
    areas : six to eight areas in order of drawing, optional
        The eight that the sides name most, if left out.
    first_year : int
        The first year to draw.
    ax : as many Axes as areas, optional; see `relations.figures`

    Returns
    -------
    array of Axes
        One panel per area, both sides overlaid on one linear scale; crosses at the bottom
        are years with an unread statement. Words that are both sides' (joint) are left out.

    Raises
    ------
    ValueError
        Where periods are not years, or an area asked for is not in the frame.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> counts = rel.cooperation_area_counts(data, by="side", every="year")
    >>> axes = plot_area_multiples(counts, areas=["hotline", "maritime_dispute"])
    >>> [axis.get_title("left") for axis in axes]
    ['Hotlines', 'Differences at sea']
    """
    counts = rows_to_draw(
        counts, "area side period count",
        "cooperation_area_counts(data, by='side', every='year')",
    )  # fmt: skip
    unit, names = counts.attrs.get("unit", "contacts"), names_of(counts)
    plain = counts.assign(year=years_of(counts))
    sides = [side for side in names if side in set(plain["side"])]
    sides = sides or sorted(set(plain["side"]) - {"joint", "unattributed"})
    plain = plain[plain["side"].isin(sides) & plain["year"].ge(first_year)]
    totals = plain.groupby("area")["count"].sum().sort_values(ascending=False, kind="stable")
    chosen = list(totals.index[:8]) if areas is None else list(areas)
    missing = [area for area in chosen if area not in totals.index]
    if missing:
        raise ValueError(f"the frame has no area {missing[0]!r}")
    years = np.arange(first_year, plain["year"].max() + 1)
    look = looks(sides)
    columns = 4 if len(chosen) > 6 else 3 if len(chosen) > 4 else 2
    rows = -(-len(chosen) // columns)
    marked = [] if unread is None else sorted(set(pd.to_datetime(unread["start"]).dt.year))
    marked = [year for year in marked if year in years]
    with sheet(
        ax, len(chosen), "areas", 1.5 + 1.75 * rows, (rows, columns), sharex=True, sharey=True
    ) as axes:  # fmt: skip
        table = plain.pivot_table(
            index="year", columns=["area", "side"], values="count", aggfunc="sum"
        ).reindex(years)
        table = table.fillna(0)
        top = max(table[chosen].to_numpy().max(), 1)
        for axis, area in zip(axes, chosen, strict=True):
            for side in sides:
                numbers = table[area].get(side, pd.Series(0.0, years))
                shade, _ = look[side]
                first = side == sides[0]
                axis.plot(
                    years, numbers, color=shade, lw=1.8, ls="-" if first else (0, (3, 1)),
                    label=names.get(side, side), zorder=2.5 if first else 3,
                )  # fmt: skip
            axis.plot(marked, [-top * 0.07] * len(marked), "x", color=INK, ms=4, mew=1)
            figure: Any = axis.figure
            room = figure.get_figwidth() / columns - 0.3
            axis.set_title(fold(names.get(area, area), room, SMALL + 0.5), fontsize=SMALL, pad=3)
            axis.set_ylim(-top * 0.14, top * 1.08)
            axis.set_xticks([year for year in years if year % 10 == 0])
            axis.tick_params(labelsize=SMALL)
            axis.grid(axis="y", color="#e6e6e6", lw=0.6)
        for number, side in enumerate(sides):
            text = f"{'– –' if number else '—'} {names.get(side, side)}"
            how = {"xycoords": "axes fraction", "va": "top", "weight": "bold"}
            shade = LEGIBLE.get(look[side][0], look[side][0])
            note(axes[0], text, (0.04, 0.98), (0, -13 * number), color=shade, **how)
        axes[0].set_ylabel(f"{unit} a year", fontsize=SMALL)
        subtitle = (
            f"{unit.capitalize()} a year on which a side's own words name the area, joint words "
            "left out; one linear scale" + ("; ×: a leaders' statement is unread" if marked else "")
        )
        heading(axes, _areas_title(table, chosen, sides, names), subtitle, source_of(counts))
        return np.array(axes)


def _areas_title(table: Any, areas: Sequence[str], sides: Sequence[str], names: Any) -> str:
    """Say how often each side names the areas in two spans of five years, up to the last full."""
    last = int(table.index.max()) - 1
    spans = (last - 9, last - 5), (last - 4, last)
    told = []
    for side in sides:
        own = [(area, side) for area in areas if side in table[area]]
        numbers = [int(table.loc[first:until, own].to_numpy().sum()) for first, until in spans]
        told.append((f"{names.get(side, side)}'s", *numbers))
    words = [f"{first}–{until % 100:02d}" for first, until in spans]
    who, before, after = told[0]
    rest = "".join(f", {who} {one} and {two}" for who, one, two in told[1:])
    return (
        f"{who} own words named these {len(areas)} areas {before} times in {words[0]} and {after} "
        f"in {words[1]}{rest}"
    )
