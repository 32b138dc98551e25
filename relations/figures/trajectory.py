"""Figures of what `relations.trajectory` finds."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relations.figures._drawing import (
    INK,
    PALE,
    PALER,
    RULE,
    SHADES,
    SMALL,
    check_rows,
    drawing,
    headline,
    note,
    panels,
    source_line,
    source_of,
    words,
)
from relations.record._periods import day

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_phases(
    frequency: pd.DataFrame,
    phases: pd.DataFrame,
    breaks: pd.DataFrame | None = None,
    *,
    crises: Mapping[str, Any] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw counts per year with the rate of each phase, the breaks and what fell into them.

    Parameters
    ----------
    frequency : frame, as `exchange_frequency` returns it by the year, without ``by``
    phases : frame, as `trajectory.phases` returns it for that frame
    breaks : frame, as `trajectory.breaks` returns it, optional
    crises : mapping from a label to its first and last day, or to one day, optional
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        Bars are counts, pale where only part of the year is covered; a thick line with its
        95% band is the yearly rate of a phase; a bracket above spans the years in which a
        break lies in 95% of the draws, with the share of draws that have it; crises are
        hatched strips with numbers, named below the title.

    Raises
    ------
    ValueError
        Where the frame has several rows for one period, or was not counted by the year.

    Examples
    --------
    >>> import relations as rel
    >>> yearly = rel.exchange_frequency(rel.load())
    >>> ax = plot_phases(yearly, rel.trajectory.phases(yearly))
    >>> len(ax.patches) == len(yearly)
    True
    """
    check_rows(frequency, "period", "take one group of a frame counted by")
    if frequency["period"].dt.year.duplicated().any():
        raise ValueError("years are drawn: count by the year")
    unit = frequency.attrs.get("unit", "contacts")
    year, count = frequency["period"].dt.year.to_numpy(), frequency["count"].to_numpy()
    top = max(count.max(), phases["high"].max())
    with drawing(ax, 4.2) as ax:
        shades = np.where(frequency["partial"], PALER, PALE)
        ax.bar(year, count, width=0.7, color=shades, edgecolor="#8fa3b8", lw=0.6)
        for phase in phases.itertuples():
            ends = [phase.since.year - 0.45, phase.until.year + 0.45]
            ax.fill_between(ends, phase.low, phase.high, color=SHADES[1], alpha=0.3, lw=0)
            ax.plot(ends, [phase.rate] * 2, color=SHADES[0], lw=2.5)
            note(ax, f"{phase.rate:.1f} a year", (ends[0], phase.high), (2, 3), weight="bold")
        for row in () if breaks is None else breaks.itertuples():
            spot = (row.since.year - 0.5, top * 1.13)
            reach = [[row.since.year - row.earliest.year], [row.latest.year - row.since.year]]
            ax.errorbar(*spot, xerr=reach, fmt="|", color=INK, ms=9, capsize=4)
            note(ax, f"{row.since.year}: {row.found:.0%}", spot, (0, 7), ha="center")
        names = []
        for number, (name, days) in enumerate((crises or {}).items(), start=1):
            start, end = days if isinstance(days, (tuple, list)) else (days, days)
            left, right = _place(day(start, name)), _place(day(end, name, last=True))
            ax.axvspan(
                left, max(right, left + 0.12), ymax=0.86, facecolor="none", edgecolor=RULE,
                hatch="////", lw=0, zorder=0,
            )  # fmt: skip
            ax.annotate(
                str(number), ((left + right) / 2, top * 1.02), ha="center", fontsize=SMALL,
                bbox={"boxstyle": "circle,pad=0.2", "fc": "white", "ec": RULE, "lw": 0.7},
            )  # fmt: skip
            names.append(f"{number} {name}")
        ax.set_ylim(0, top * 1.28)
        ax.set_xlim(year.min() - 0.8, year.max() + 0.8)
        ax.set_ylabel(unit)
        title = f"{unit.capitalize()} per year and phases of a constant rate, 95% intervals"
        if breaks is not None and len(breaks):
            title += "\nabove: where each break may lie, share of draws that have it"
        lines = ["; ".join(names[place : place + 2]) for place in range(0, len(names), 2)]
        words(ax, "\n".join([title, *lines]), source_of(frequency))
        return ax


def _place(stamp: pd.Timestamp) -> float:
    """Return a day's place on an axis of years whose bars stand at whole numbers."""
    return stamp.year - 0.5 + (stamp.day_of_year - 1) / (366 if stamp.is_leap_year else 365)


def plot_engagement_index(sensitivity: pd.DataFrame, *, ax: Any = None) -> Any:
    """Draw the yearly index under each scheme of weights, with what the weights do to it.

    Parameters
    ----------
    sensitivity : frame, as `trajectory.index_sensitivity` returns it
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    array of Axes, one per scheme
        A line is the index, 1 in the mean of the years; the band holds 95% of the draws of
        weights around the scheme; a thin dashed line is the first scheme, for comparison.

    Raises
    ------
    ValueError
        Where ``ax`` has not one Axes per scheme.

    Examples
    --------
    >>> import relations as rel
    >>> sensitivity = rel.trajectory.index_sensitivity(rel.load(), draws=50)
    >>> axes = plot_engagement_index(sensitivity)
    >>> [axis.get_title("left") for axis in axes]
    ['none', 'own', 'goldstein', 'plover']
    """
    check_rows(sensitivity)
    schemes = list(dict.fromkeys(sensitivity["scheme"]))
    height = 1.1 + 2.1 * -(-len(schemes) // 2)
    columns = min(2, len(schemes))
    with panels(ax, len(schemes), "schemes", height=height, columns=columns, sharex=True) as axes:
        base = sensitivity[sensitivity["scheme"] == schemes[0]]
        for axis, scheme in zip(axes, schemes, strict=True):
            table = sensitivity[sensitivity["scheme"] == scheme]
            year = table["period"].dt.year
            axis.fill_between(year, table["low"], table["high"], color=SHADES[1], alpha=0.4, lw=0)
            axis.plot(year, table["index"], color=SHADES[0], lw=2)
            if scheme != schemes[0]:
                axis.plot(
                    base["period"].dt.year, base["index"], color=INK, lw=0.9, ls="--"
                )  # fmt: skip
            axis.axhline(1, color=RULE, lw=0.7)
            axis.set_ylim(bottom=0)
            axis.set_title(str(scheme))
            axis.annotate(
                f"pairs of years reversed\nby other weights: {_share(table['flipped'].iloc[0])}",
                (0.03, 0.95), xycoords="axes fraction", va="top", fontsize=SMALL,
            )  # fmt: skip
        axes[0].set_ylabel("index, mean = 1")
        headline(axes[0], "Yearly index by scheme; band: 95% of the draws of weights around it")
        source_line(axes[0], source_of(sensitivity))
        return axes


def _share(value: float) -> str:
    return "none differ" if pd.isna(value) else f"{value:.1%}"


def plot_lead_lag(
    results: pd.DataFrame | Sequence[pd.DataFrame] | Mapping[str, pd.DataFrame], *, ax: Any = None
) -> Any:
    """Draw the lagged association of pairs of kinds against that of shifted series.

    Parameters
    ----------
    results : frame, or several in a list or under their titles, as `trajectory.lead_lag` gives
        A frame of several blocks is a panel for each.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    array of Axes, one per pair of kinds and block
        Dots are correlations, filled where ``p_any`` is at most 0.05; the grey band holds 95%
        of the shifted series.

    Raises
    ------
    ValueError
        Where no frame is given, or ``ax`` has not one Axes per panel.

    Examples
    --------
    >>> import relations as rel
    >>> dated = rel.load().where(precision=["day", "month"])
    >>> found = rel.trajectory.lead_lag(dated, "visit", "joint_patrol", permutations=99)
    >>> plot_lead_lag(found)[0].get_title("left")
    'visit, then joint patrol'
    """
    drawn = _panels_of(results)
    columns = min(3, len(drawn))
    height = 0.6 + 2.6 * -(-len(drawn) // columns)
    with panels(ax, len(drawn), "tables", height=height, columns=columns) as axes:
        for axis, (title, table) in zip(axes, drawn, strict=True):
            lag = table["lag"].to_numpy()
            axis.fill_between(lag, table["low"], table["high"], color="#d5d5d5", lw=0)
            axis.axhline(0, color=RULE, lw=0.7)
            axis.vlines(lag, 0, table["association"], color=SHADES[0], lw=1.5)
            beyond = table["p_any"].to_numpy() <= 0.05
            for chosen, fill in ((beyond, SHADES[0]), (~beyond, "white")):
                axis.plot(
                    lag[chosen], table["association"].to_numpy()[chosen], "o", color=SHADES[0],
                    mfc=fill, ms=7,
                )  # fmt: skip
            axis.set_xticks(lag)
            axis.set_xlabel(f"{table.attrs.get('every', 'period')}s later")
            axis.set_title(textwrap.fill(title, 78 // columns))
        axes[0].set_ylabel("correlation")
        headline(axes[0], "Grey: 95% of shifted series; filled: p at most 0.05 over all lags")
        source_line(axes[0], source_of(drawn[0][1]))
        return axes


def _panels_of(results: Any) -> list[tuple[str, pd.DataFrame]]:
    """Return title and rows of every panel: one for each pair of kinds and block."""
    if isinstance(results, Mapping):
        titled = list(results.items())
    else:
        frames = [results] if isinstance(results, pd.DataFrame) else list(results)
        titled = [(_title(frame), frame) for frame in frames]
    if not titled:
        raise ValueError("plot_lead_lag draws at least one table")
    drawn = []
    for title, frame in titled:
        check_rows(frame)
        if "block" not in frame or len(frame["block"].unique()) == 1:
            drawn.append((title, frame))
        else:
            blocks = frame.groupby("block")
            drawn += [(f"{title}, blocks of {block}", rows) for block, rows in blocks]
    return drawn


def _title(frame: pd.DataFrame) -> str:
    first, second = (
        " or ".join(frame.attrs.get(which, [which])).replace("_", " ")
        for which in ("first", "second")
    )
    return f"{first}, then {second}"
