"""Figures of what `relations.coverage` finds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from relations.figures._drawing import (
    INK,
    PALE,
    SHADES,
    SMALL,
    beside,
    counted_by,
    drawing,
    looks,
    named,
    names_of,
    rows_to_draw,
    source_of,
)
from relations.figures._heading import heading
from relations.measures._lists import ALONE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_undercount(estimates: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what was found beside the number estimated to have taken place.

    Parameters
    ----------
    estimates : frame, as `coverage.undercount` returns it for one column ``by``
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One row per value, the first at the top: a bar for what was found, a diamond for the
        estimate, a line for its 95% interval. An interval without an upper end is an arrow.

    Raises
    ------
    ValueError
        Where the frame was not made by one column, or has several rows for one value.

    Examples
    --------
    >>> import relations as rel
    >>> tiers = rel.coverage.undercount(rel.load(), "tier")
    >>> ax = rel.figures.plot_undercount(tiers)
    >>> len(ax.get_yticks()) == len(tiers)
    True
    """
    by = counted_by(estimates, "found")
    estimates = rows_to_draw(
        estimates,
        "found estimate low high",
        "coverage.undercount(data, by)",
        by,
        f"estimate by {by} alone",
    )
    bounded = np.isfinite(estimates["high"].to_numpy(dtype=float))
    reach = estimates["high"].to_numpy(dtype=float)[bounded]
    # A single row with hardly an upper bound would press all others to the left.
    numbers = estimates[["found", "estimate"]].to_numpy(dtype=float)
    most = numbers[np.isfinite(numbers)].max()
    edge = min(most * 1.7, max([most, *reach])) * 1.02
    with drawing(ax, 1.7 + 0.42 * len(estimates)) as ax:
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
        drawn = f"{unit.capitalize()} found (bar) and estimated (diamond), 95% interval."
        heading([ax], _range_found(estimates, by), drawn, source_of(estimates))
        return ax


def _range_found(estimates: pd.DataFrame, by: str) -> str:
    """Say of which row most, and of which least, of the number estimated was found."""
    guess = estimates["estimate"].to_numpy(dtype=float)
    known = estimates[np.isfinite(guess) & (guess > 0)]
    if known.empty:
        return "Nothing bounds how many there were"
    share = (known["found"] / known["estimate"]).to_numpy(dtype=float)
    most, least = int(share.argmax()), int(share.argmin())
    if most == least:
        return f"{share[most]:.0%} of the number estimated was found"
    labels = _labels(known[by], known)
    return f"Found from {share[least]:.0%} ({labels[least]}) to {share[most]:.0%} ({labels[most]})"


def plot_one_sided(shares: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the share of contacts that one side alone reports, and which side it is.

    Parameters
    ----------
    shares : frame, as `coverage.reported_by` returns it for one column ``by``
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One row per value, the most one-sided at the top: for each side a dot, the share of the
        contacts that outlets of that side alone report, with its 95% interval. The text at the
        right gives the share that either side alone reports.

    Raises
    ------
    ValueError
        Where the frame was not made by one column, or has several rows for one value and
        side.

    Examples
    --------
    >>> import relations as rel
    >>> shares = rel.coverage.reported_by(rel.load(), "kind")
    >>> ax = rel.figures.plot_one_sided(shares)
    >>> len(ax.get_yticks()) == shares["kind"].nunique()
    True
    """
    by = counted_by(shares, "reported_by")
    shares = rows_to_draw(
        shares,
        "reported_by reported share low high",
        "coverage.reported_by(data, by)",
        [by, "reported_by"],
        f"count by {by} alone",
    )
    sides = [each for each in dict.fromkeys(shares["reported_by"]) if each not in (ALONE, "both")]
    table = shares.assign(**{by: shares[by].astype("str")}).set_index([by, "reported_by"])
    either = table.xs(ALONE, level="reported_by").query("reported > 0")
    names = either.sort_values(["share", "reported"], kind="stable").index
    with drawing(ax, 1.9 + 0.36 * len(names)) as ax:
        look = looks(sides)
        for side, away in zip(sides, (0.13, -0.13), strict=True):
            own = table.xs(side, level="reported_by").loc[names]
            place = np.arange(len(names)) + away
            shade, marker = look[side]
            ax.hlines(place, own["low"], own["high"], color=shade, lw=1.6)
            ax.plot(own["share"], place, marker, color=shade, ms=6, ls="none", mec="white",
                    label=f"{named([side], names_of(shares))[0]} alone")  # fmt: skip
        for y, name in enumerate(names):
            row = either.loc[name]
            interval = f"({row['low']:.0%}–{row['high']:.0%})"
            beside(ax, y, f"{row['share']:.0%} {interval} of {row['reported']:.0f}")
        ax.set_yticks(range(len(names)), _labels(names, shares))
        ax.set_xlim(0, 1)
        ax.xaxis.set_major_formatter(PercentFormatter(1))
        ax.set_ylim(-0.6, len(names) - 0.4)
        unit = str(shares.attrs.get("unit", "contacts"))
        ax.set_xlabel(f"share of {unit}")
        ax.legend(frameon=False, ncols=2, fontsize=SMALL, loc="lower left", bbox_to_anchor=(0, 1))
        beside(ax, len(names) - 0.25, "either side alone", weight="bold")
        most, least = names[-1], names[0]
        printed = dict(zip(names, _labels(names, shares), strict=True))
        found = f"One side alone reports {either['share'][most]:.0%} ({printed[most]})"
        if most != least:
            found += f" to {either['share'][least]:.0%} ({printed[least]})"
        drawn = f"Share of the {unit} that one side's outlets alone report, 95% interval."
        heading([ax], found, drawn, source_of(shares))
        return ax


def _labels(values: Iterable[object], result: pd.DataFrame) -> list[str]:
    """Return names for ids, and plain words for the values of a vocabulary."""
    names = names_of(result)
    return [names.get(str(value), str(value).replace("_", " ")) for value in values]
