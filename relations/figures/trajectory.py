"""Figures of `relations.trajectory`."""

from __future__ import annotations

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
    named,
    note,
    panels,
    source_line,
    words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_phases(
    frequency: pd.DataFrame,
    phases: pd.DataFrame,
    breaks: pd.DataFrame | None = None,
    *,
    source: str,
    crises: dict[str, tuple[object, object]] | None = None,
    unit: str = "contacts",
    ax: Axes | None = None,
) -> Axes:
    """Draw contacts per year with the rate of each phase, the breaks and what fell into them.

    Parameters
    ----------
    frequency : frame, as `exchange_frequency` returns it by the year, without ``by``
    phases : frame, as `phases` returns it for that frame
    breaks : frame, as `break_uncertainty` returns it, optional
    crises : dict from a label to its first and last day, optional
    unit : str
        What is counted, for the axis.
    source, ax : as in every figure, see `relations.figures`

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
        Where the frame has several rows for one period.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.trajectory import phases
    >>> data = rel.load()
    >>> yearly = rel.exchange_frequency(data.events)
    >>> ax = plot_phases(yearly, phases(yearly), source=data.caption)
    >>> len(ax.patches) == len(yearly)
    True
    """
    check_rows(frequency, "period", "take one group of a frame counted by")
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
        for number, (name, (start, end)) in enumerate((crises or {}).items(), start=1):
            left, right = (_place(day) for day in (start, end))
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
        words(ax, "\n".join([title, *lines]), source)
        return ax


def _place(day: object) -> float:
    """Return a day's place on an axis of years whose bars stand at whole numbers."""
    stamp = pd.Timestamp(day)  # type: ignore[arg-type]
    return stamp.year - 0.5 + (stamp.day_of_year - 1) / (366 if stamp.is_leap_year else 365)


def plot_engagement_index(
    sensitivity: pd.DataFrame, *, source: str, names: dict[str, str] | None = None, ax: Any = None
) -> Any:
    """Draw the yearly index under each scheme of weights, with what the weights do to it.

    Parameters
    ----------
    sensitivity : frame, as `index_sensitivity` returns it
    source, names, ax : as in every figure, see `relations.figures`

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
    >>> from relations.trajectory import index_sensitivity
    >>> data = rel.load()
    >>> axes = plot_engagement_index(
    ...     index_sensitivity(data.events, draws=50), source=data.caption)
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
            axis.set_title(named([scheme], names)[0])
            axis.annotate(
                f"pairs of years reversed\nby other weights: {table['flipped'].iloc[0]:.1%}",
                (0.03, 0.95), xycoords="axes fraction", va="top", fontsize=SMALL,
            )  # fmt: skip
        axes[0].set_ylabel("index, mean = 1")
        headline(axes[0], "Yearly index by scheme; band: 95% of the draws of weights around it")
        source_line(axes[0], source)
        return axes


def plot_lead_lag(
    tables: dict[str, pd.DataFrame], *, source: str, ax: Any = None, period: str = "quarters"
) -> Any:
    """Draw the lagged association of pairs of kinds against that of shifted series.

    Parameters
    ----------
    tables : dict from a title to a frame, as `lead_lag` returns it
    period : str
        What a lag is counted in, for the axis.
    source, ax : as in every figure, see `relations.figures`

    Returns
    -------
    array of Axes, one per table
        Dots are correlations, filled where ``p_any`` is at most 0.05; the grey band holds 95%
        of the shifted series.

    Raises
    ------
    ValueError
        Where no table is given, or ``ax`` has not one Axes per table.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"lag": [1, 2], "association": [0.1, 0.5], "low": -0.2,
    ...                       "high": 0.2, "p_any": [0.4, 0.01]})
    >>> axes = plot_lead_lag({"visits, then patrols": table}, source="a test")
    >>> axes[0].get_title("left")
    'visits, then patrols'
    """
    if not tables:
        raise ValueError("plot_lead_lag draws at least one table")
    with panels(ax, len(tables), "tables", height=3.2, columns=len(tables)) as axes:
        for axis, (title, table) in zip(axes, tables.items(), strict=True):
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
            axis.set_xlabel(f"{period} later")
            axis.set_title(title)
        axes[0].set_ylabel("correlation")
        headline(axes[0], "Grey: 95% of shifted series; filled: p at most 0.05 over all lags")
        source_line(axes[0], source)
        return axes
