"""Figures of what `relations.coverage` finds."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from relations.figures._drawing import (
    INK,
    PALE,
    PALER,
    SHADES,
    SMALL,
    beside,
    check_rows,
    drawing,
    named,
    names_of,
    sides_of,
    source_of,
    words,
)
from relations.measures._lists import ALONE
from relations.record import _dates

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_evidence(reports: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw which side's outlets report or recall each contact.

    Parameters
    ----------
    reports : frame, as `trace` returns it for the contacts to draw
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One row per contact, the first at the top, one column per side of the source; the
        number of sources that report the contact, in brackets those that only recall or
        announce it.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> reports = rel.trace(data, data.where(since=2026).contacts)
    >>> ax = rel.figures.plot_evidence(reports)
    >>> len(ax.get_yticks()) == reports["event_id"].nunique()
    True
    """
    check_rows(reports)
    sides = sides_of(reports)
    contacts = reports.drop_duplicates("event_id")[["event_id", "start", "precision", "title"]]
    contacts = contacts.sort_values(["start", "event_id"], ascending=False)
    events = contacts["event_id"].tolist()
    labels = [
        f"{start:{_dates.PATTERNS[precision]}}  {textwrap.shorten(title, 52, placeholder=' …')}"
        for _, start, precision, title in contacts.itertuples(index=False)
    ]
    main = reports["main"].fillna(False).astype(bool)
    with drawing(ax, 1.2 + 0.3 * len(events)) as ax:
        for y, event in enumerate(events):
            for x, side in enumerate(sides):
                here = (reports["event_id"] == event) & (reports["side"] == side)
                reporting, recalling = int((here & main).sum()), int((here & ~main).sum())
                if reporting or recalling:
                    shade = "#8fa3b8" if reporting else PALER
                    ax.add_patch(Rectangle((x - 0.46, y - 0.42), 0.92, 0.84, color=shade))
                    text = str(reporting) if reporting else ""
                    text += f" ({recalling})" if recalling else ""
                    ax.text(x, y, text.strip(), ha="center", va="center", fontsize=10)
        ax.set_xlim(-0.5, len(sides) - 0.5)
        ax.set_ylim(-0.6, len(events) - 0.4)
        ax.set_xticks(range(len(sides)), named(sides, names_of(reports)))
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        ax.set_yticks(range(len(events)), labels, fontsize=SMALL)
        title = "Sources by side (in brackets: recalled or announced)"
        words(ax, title, source_of(reports))
        return ax


def plot_undercount(estimates: pd.DataFrame, *, by: str = "tier", ax: Axes | None = None) -> Axes:
    """Draw what was found beside the number estimated to have taken place.

    Parameters
    ----------
    estimates : frame, as `coverage.undercount` returns it for one column ``by``
    by : str
        The column that names the rows.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One row per value, the first at the top: a bar for what was found, a diamond for the
        estimate, a line for its 95% interval. An interval without an upper end is an arrow.

    Raises
    ------
    ValueError
        Where the frame has several rows for one value.

    Examples
    --------
    >>> import relations as rel
    >>> tiers = rel.coverage.undercount(rel.load(), "tier")
    >>> ax = rel.figures.plot_undercount(tiers)
    >>> len(ax.get_yticks()) == len(tiers)
    True
    """
    check_rows(estimates, by, f"estimate by {by} alone")
    bounded = np.isfinite(estimates["high"].to_numpy(dtype=float))
    reach = estimates["high"].to_numpy(dtype=float)[bounded]
    # A single row with hardly an upper bound would press all others to the left.
    numbers = estimates[["found", "estimate"]].to_numpy(dtype=float)
    most = numbers[np.isfinite(numbers)].max()
    edge = min(most * 1.7, max([most, *reach])) * 1.02
    with drawing(ax, 1.3 + 0.42 * len(estimates)) as ax:
        place = np.arange(len(estimates))[::-1]
        ax.barh(place, estimates["found"], height=0.6, color=PALE, edgecolor=SHADES[0])
        for y, row in zip(place, estimates.to_dict("records"), strict=True):
            inside = row["high"] <= edge
            end = row["high"] if inside else edge
            ax.plot([row["low"], end], [y, y], color=INK, lw=1.6)
            if not inside:
                ax.plot(edge, y, ">", color=INK, ms=6, clip_on=False)
            if np.isfinite(row["estimate"]):
                ax.plot(row["estimate"], y, "D", color=SHADES[1], mec="black", ms=6, zorder=3)
            high = f"{row['high']:.0f}" if np.isfinite(row["high"]) else "no bound"
            guess = f"{row['estimate']:.0f}" if np.isfinite(row["estimate"]) else "?"
            beside(ax, y, f"{row['found']} → {guess} ({row['low']:.0f}–{high})")
        ax.set_yticks(place, _labels(estimates[by], estimates))
        ax.set_xlim(0, edge)
        ax.set_ylim(-0.6, len(estimates) - 0.4)
        unit = str(estimates.attrs.get("unit", "contacts"))
        ax.set_xlabel(unit)
        title = f"{unit.capitalize()} found (bar) and estimated (diamond), 95% interval"
        words(ax, title, source_of(estimates))
        return ax


def plot_one_sided(shares: pd.DataFrame, *, by: str = "kind", ax: Axes | None = None) -> Axes:
    """Draw the share of contacts that one side alone reports, and which side it is.

    Parameters
    ----------
    shares : frame, as `coverage.reported_by` returns it for one column ``by``
    by : str
        The column that names the rows.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One row per value, the most one-sided at the top: from the left what the first side
        alone reports, from the right what the second does; between them, pale, what both
        report. Lines are the 95% intervals of both borders; the text at the right gives the
        share that either side alone reports.

    Raises
    ------
    ValueError
        Where the frame has several rows for one value and side.

    Examples
    --------
    >>> import relations as rel
    >>> shares = rel.coverage.reported_by(rel.load(), "kind")
    >>> ax = rel.figures.plot_one_sided(shares)
    >>> len(ax.get_yticks()) == shares["kind"].nunique()
    True
    """
    check_rows(shares, [by, "reported_by"], f"count by {by} alone")
    sides = [each for each in dict.fromkeys(shares["reported_by"]) if each not in (ALONE, "both")]
    table = shares.assign(**{by: shares[by].astype("str")}).set_index([by, "reported_by"])
    either = table.xs(ALONE, level="reported_by").query("reported > 0")
    names = either.sort_values(["share", "reported"], kind="stable").index
    shade = {sides[0]: SHADES[0], sides[1]: SHADES[1]}
    with drawing(ax, 1.5 + 0.36 * len(names)) as ax:
        for y, name in enumerate(names):
            left, right = (table.loc[(name, side), "share"] for side in sides)
            ax.barh(y, left, height=0.7, color=shade[sides[0]])
            ax.barh(y, 1 - left - right, left=left, height=0.7, color=PALER)
            ax.barh(y, right, left=1 - right, height=0.7, color=shade[sides[1]], hatch="///",
                    edgecolor="white", lw=0)  # fmt: skip
            low, high = table.loc[(name, sides[0]), ["low", "high"]]
            far, near = 1 - table.loc[(name, sides[1]), ["low", "high"]]
            # White below black shows on every shade.
            for shade_of_line, width in (("white", 3.5), ("black", 1.2)):
                ax.plot([low, high], [y + 0.12] * 2, color=shade_of_line, lw=width)
                ax.plot([near, far], [y - 0.12] * 2, color=shade_of_line, lw=width)
            row = either.loc[name]
            interval = f"({row['low']:.0%}–{row['high']:.0%})"
            beside(ax, y, f"{row['share']:.0%} {interval} of {row['reported']:.0f}")
        ax.set_yticks(range(len(names)), _labels(names, shares))
        ax.set_xlim(0, 1)
        ax.set_xticks([])
        first, second = named(sides, names_of(shares))
        for x, printed, align in ((0, first, "left"), (1, second, "right")):
            ax.text(x, len(names) - 0.5, f"only {printed}", ha=align, va="bottom")
        ax.tick_params(length=0)
        ax.set_ylim(-0.6, len(names) + 0.1)
        ax.spines[["left", "bottom"]].set_visible(False)
        title = "What one side alone reports; pale: both do; right: either, 95% interval"
        words(ax, title, source_of(shares))
        return ax


def _labels(values: Iterable[object], result: pd.DataFrame) -> list[str]:
    """Return names for ids, and plain words for the values of a vocabulary."""
    names = names_of(result)
    return [names.get(str(value), str(value).replace("_", " ")) for value in values]
