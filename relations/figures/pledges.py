"""Figures of what `relations.pledges` finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from relations.figures._drawing import (
    PALE,
    RULE,
    SHADES,
    SMALL,
    beside,
    counted_by,
    drawing,
    named,
    names_of,
    note,
    rows_to_draw,
    source_of,
)
from relations.figures._heading import heading
from relations.record._dates import DAYS_PER_YEAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_time_to_fulfilment(curve: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the share of pledges not yet kept by the years since they were made.

    Parameters
    ----------
    curve : frame, as `pledges.time_to_fulfilment` returns it without ``by``
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        A falling step with its 95% band (for one time, not for the whole curve), upright
        ticks where pledges are censored, and the median where the curve reaches a half.

    Raises
    ------
    ValueError
        Where the frame holds curves of several groups.

    Examples
    --------
    >>> import relations as rel
    >>> ax = plot_time_to_fulfilment(rel.pledges.time_to_fulfilment(rel.load()))
    >>> ax.get_xlabel()
    'years since the pledge'
    """
    curve = rows_to_draw(
        curve,
        "days kept censored unkept low high",
        "pledges.time_to_fulfilment(data)",
        "days",
        "pass the rows of one curve at a time",
    )
    years = curve["days"].to_numpy() / DAYS_PER_YEAR
    with drawing(ax, 4) as ax:
        ax.fill_between(years, curve["low"], curve["high"], step="post", color=PALE, lw=0)
        ax.step(years, curve["unkept"], where="post", color=SHADES[0])
        gone = (curve["censored"] > 0).to_numpy()
        ax.plot(years[gone], curve["unkept"][gone], "|", color=SHADES[0], ms=8)
        half = curve.loc[curve["unkept"] <= 0.5, "days"]
        if len(half):
            at = half.iloc[0] / DAYS_PER_YEAR
            ax.plot([0, at, at], [0.5, 0.5, 0], color=RULE, lw=0.9, ls=":")
            note(ax, f"half kept after {half.iloc[0]:.0f} days", (at, 0.02), (5, 0))
        kept, censored = int(curve["kept"].sum()), int(curve["censored"].sum())
        ax.set_xlim(left=0)
        ax.set_ylim(0, 1.02)
        ax.set_xlabel("years since the pledge")
        ax.set_ylabel("share not kept yet")
        found = (
            f"Half of the pledges were kept within {half.iloc[0]:.0f} days"
            if len(half)
            else f"Fewer than half of the pledges were kept in {years[-1]:.1f} years"
        )
        drawn = (
            f"Share not kept yet, 95% band: {kept} kept, {censored} not known to be kept (ticks)."
        )
        heading([ax], found, drawn, source_of(curve))
        return ax


def plot_pledge_outcomes(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the share of pledges kept, its interval, and its bounds if all were known.

    Parameters
    ----------
    table : frame, as ``pledges.outcomes(data, by="area")`` returns it
        By one column, whatever it is.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One row per value, the most pledges at the top: a pale bar from the share if no
        unknown pledge was kept to the share if every one was, a dot with a 95% line for the
        share of those whose outcome is known. Beside it kept / known / all pledges.

    Raises
    ------
    ValueError
        Where outcomes were not counted by one column.

    Examples
    --------
    >>> import relations as rel
    >>> table = rel.pledges.outcomes(rel.load(), by="area")
    >>> ax = plot_pledge_outcomes(table)
    >>> len(ax.get_yticks()) == len(table)
    True
    """
    source, names = source_of(table), names_of(table)
    by = counted_by(table, "pledges")
    table = rows_to_draw(
        table,
        "pledges kept known share low high least most",
        "pledges.outcomes(data, by)",
        by,
        f"count by {by} alone",
    )
    table = table.sort_values("pledges", kind="stable", ignore_index=True)
    with drawing(ax, 1.5 + 0.27 * len(table)) as ax:
        place = np.arange(len(table))
        width = (table["most"] - table["least"]).to_numpy()
        ax.barh(place, width, left=table["least"], height=0.62, color=PALE)
        # A bar without width is drawn too: bounds that meet are known, not missing.
        ax.vlines(table["least"], place - 0.31, place + 0.31, color="#8fa3b8", lw=1.5)
        ax.vlines(table["most"], place - 0.31, place + 0.31, color="#8fa3b8", lw=1.5)
        ax.hlines(place, table["low"], table["high"], color=SHADES[0], lw=1.4)
        ax.plot(table["share"], place, "o", color=SHADES[0], ms=5.5)
        for y, row in zip(place, table.itertuples(), strict=True):
            beside(ax, y, f"{row.kept} / {row.known} / {row.pledges}")
        ax.set_yticks(place, named(table[by], names), fontsize=SMALL)
        ax.set_ylim(-0.6, len(table) - 0.4)
        ax.set_xlim(-0.02, 1.02)
        ax.set_xlabel("share kept; at the right: kept / outcome known / all")
        kept, known, made = (int(table[each].sum()) for each in ("kept", "known", "pledges"))
        rest = made - known
        found = f"{kept} of {known} pledges of known outcome were kept; of {rest} it is not known"
        drawn = "Dot: share of known outcomes, 95% interval; bar: bounds for all pledges."
        heading([ax], found, drawn, source)
        return ax
