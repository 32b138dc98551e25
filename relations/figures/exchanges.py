"""Figures of `relations.exchanges`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.dates as mdates
import numpy as np
import pandas as pd

from relations._contacts import latest_day
from relations.figures._drawing import (
    INK,
    PALE,
    PALER,
    RULE,
    SHADES,
    beside,
    check_rows,
    drawing,
    named,
    note,
    words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS = 30


def plot_exchange_frequency(
    frequency: pd.DataFrame, *, source: str, every: str = "year", ax: Axes | None = None
) -> Axes:
    """Draw contacts per period with the interval of a Poisson count.

    Parameters
    ----------
    frequency : frame, as `exchange_frequency` returns it without ``by``
    every : {"year", "quarter", "month"}
        The periods of ``frequency``, for the labels.
    source, ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        Bars are counts, pale where the record covers only part of the period; whiskers
        are the 95% interval of the count that the covered days would give. More than 30
        periods are drawn as a line with a band, with a hollow dot on those partly covered.

    Raises
    ------
    ValueError
        Where the frame has several rows for one period, or its periods are not ``every``.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> ax = plot_exchange_frequency(
    ...     rel.exchange_frequency(data.events), source=data.caption)
    >>> len(ax.patches) == len(rel.exchange_frequency(data.events))
    True
    """
    check_rows(frequency, "period", "take one group of a frame counted by")
    periods = frequency["period"].dt.to_period(every[0].upper())
    if len(periods) > 1 and np.diff(np.sort(periods.astype("int64"))).min() != 1:
        raise ValueError(f"the periods are not each a {every}: give the every they were counted by")
    count = frequency["count"].to_numpy()
    low = (frequency["low"] * frequency["exposure"]).to_numpy()
    high = (frequency["high"] * frequency["exposure"]).to_numpy()
    partial = frequency["partial"].to_numpy(dtype=bool)
    labels = periods.astype("str")
    with drawing(ax, 3.4) as ax:
        place = np.arange(len(frequency))
        bars = len(frequency) <= MOST_BARS
        if bars:
            shades = np.where(partial, PALER, "#8fa3b8")
            ax.bar(place, count, width=0.6, color=shades, edgecolor=SHADES[0])
            whiskers = [count - low, high - count]
            ax.errorbar(place, count, yerr=whiskers, fmt="none", ecolor="black", capsize=3)
            for x, number, top in zip(place, count, high, strict=True):
                note(ax, str(number), (x, top), (0, 3), ha="center", fontsize=10)
        else:
            ax.fill_between(place, low, high, step="mid", color=PALE, lw=0)
            ax.step(place, count, where="mid", color=SHADES[0])
            ax.plot(place[partial], count[partial], "o", color=SHADES[0], mfc="white")
        step = max(1, -(-len(labels) // (12 if every == "year" else 6)))
        ax.set_xticks(place[::step], labels[::step])
        ax.set_ylabel("contacts")
        ax.set_ylim(0, max(high.max(), 1) * 1.12)
        mark = "pale" if bars else "hollow"
        doubt = f"; {mark}: only part of the period is covered" if partial.any() else ""
        words(ax, f"Contacts per {every}, 95% interval{doubt}", source)
        return ax


def plot_seasonality(seasons: pd.DataFrame, *, source: str, ax: Axes | None = None) -> Axes:
    """Draw the rate of contacts in each calendar month beside what an even spread gives.

    Parameters
    ----------
    seasons : frame, as `seasonality` returns it
    source, ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        Dots are rates with their 95% interval, with the counts on top; dashes are the rate
        that an even spread of each year's contacts would give.

    Raises
    ------
    ValueError
        Where the frame does not have one row for each month.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.exchanges import seasonality
    >>> data = rel.load()
    >>> ax = plot_seasonality(seasonality(data.events), source=data.caption)
    >>> len(ax.get_xticks())
    12
    """
    check_rows(seasons)
    if sorted(seasons["month"]) != list(range(1, 13)):
        raise ValueError("one row per calendar month is drawn: take the frame of seasonality whole")
    seasons = seasons.sort_values("month")
    rate, low, high = (seasons[column].to_numpy() for column in ("rate", "low", "high"))
    even = (seasons["expected"] / seasons["exposure"]).to_numpy()
    place = seasons["month"].to_numpy()
    with drawing(ax, 3.4) as ax:
        ax.hlines(even, place - 0.38, place + 0.38, color=SHADES[1], lw=2, linestyles=(0, (3, 1)))
        whiskers = [rate - low, high - rate]
        ax.errorbar(place, rate, yerr=whiskers, fmt="o", color=SHADES[0], capsize=3)
        top = ("data", "axes fraction")
        for x, number in zip(place, seasons["count"], strict=True):
            note(ax, str(number), (x, 1), (0, -10), xycoords=top, ha="center", fontsize=10)
        months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]
        months += ["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        ax.set_xticks(place, months)
        ax.set_ylabel("contacts per year")
        ax.set_ylim(0, high.max() * 1.15)
        words(ax, "Rate by month, 95% interval, counts on top; dashes: an even spread", source)
        return ax


def plot_around(
    ratios: pd.DataFrame,
    *,
    source: str,
    labels: dict[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how the rate of contacts after each date compares with the rate before it.

    Parameters
    ----------
    ratios : frame, as `around` returns it
    source, labels, ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One row per date, the first at the top: rate ratio and its 95% interval on a
        logarithmic axis, arrows where the interval goes on, and the contacts before and
        after. Hollow where the windows of dates overlap. A date without a ratio has its
        counts alone.

    Raises
    ------
    ValueError
        Where the frame has no rows.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.exchanges import around
    >>> data = rel.load()
    >>> ratios = around(data.events, data.context[data.context["start"].dt.year == 2014])
    >>> ax = plot_around(ratios, source=data.caption)
    >>> len(ax.get_yticks()) == len(ratios)
    True
    """
    check_rows(ratios)
    ends = ratios[["ratio", "low", "high"]].to_numpy().ravel()
    ends = ends[np.isfinite(ends) & (ends > 0)]
    reach = max(4.0, *ends, *(1 / ends)) if len(ends) else 4.0
    # Beyond thirtyfold in either direction an interval says no more than an arrow.
    reach = min(reach * 1.3, 30.0)
    with drawing(ax, 1.3 + 0.36 * len(ratios)) as ax:
        ax.set_xscale("log")
        ax.set_xlim(1 / reach, reach)
        ax.axvline(1, color=RULE, lw=1, zorder=0)
        for y, row in enumerate(ratios.itertuples()):
            if pd.notna(row.low):
                ends = max(row.low, 1 / reach), min(row.high, reach)
                ax.plot(ends, [y, y], color=INK, lw=1.5, zorder=1)
                if row.low < 1 / reach:
                    ax.plot(1 / reach, y, "<", color=INK, ms=6, clip_on=False)
                if row.high > reach:
                    ax.plot(reach, y, ">", color=INK, ms=6, clip_on=False)
            if pd.notna(row.ratio) and 1 / reach < row.ratio < reach:
                inside = "white" if row.overlaps else SHADES[0]
                ax.plot(row.ratio, y, "o", color=SHADES[0], mfc=inside, ms=7, zorder=2)
            beside(ax, y, f"{row.before} → {row.after}", fontsize=10)
        beside(ax, -0.75, "contacts", weight="bold")
        ax.set_yticks(range(len(ratios)), named(ratios["context_id"], labels), fontsize=10)
        ax.set_ylim(len(ratios) - 0.4, -0.6)
        ticks = [tick for tick in (0.1, 0.25, 0.5, 1, 2, 4, 10) if 1 / reach <= tick <= reach]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.set_xticks([], minor=True)
        ax.set_xlabel("rate after / rate before")
        hollow = "; hollow: windows overlap" if (ratios["overlaps"] != "").any() else ""
        words(ax, f"Before and after, 95% interval{hollow}", source, pad=14)
        return ax


def plot_contacts(
    events: pd.DataFrame,
    *,
    source: str,
    names: dict[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw every contact at its place in time, in one lane for each kind.

    Parameters
    ----------
    events : frame with ``start``, ``precision``, ``kind``
        Contacts to draw, such as those of `relations.select_events`.
    source, names, ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        Lanes from the most frequent kind at the top. Dots are contacts known to the day, at
        their first; a contact known to the month or year alone is a hollow dot at the first
        day that it allows, with a line to the last. Beside each lane its number of contacts.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> ax = plot_contacts(data.events, source=data.caption)
    >>> len(ax.get_yticks()) == data.events["kind"].nunique()
    True
    """
    check_rows(events)
    counts = events["kind"].astype("object").value_counts()
    lanes = sorted(counts.index, key=lambda kind: (counts[kind], kind))
    place = events["kind"].astype("object").map({kind: row for row, kind in enumerate(lanes)})
    latest = latest_day(events["start"], events["precision"])
    sure = events["precision"] == "day"
    with drawing(ax, 1.5 + 0.3 * len(lanes)) as ax:
        coarse = [place[~sure], events["start"][~sure], latest[~sure]]
        ax.hlines(*coarse, color=RULE, lw=1, zorder=1)
        how = {"ls": "none", "marker": "o", "ms": 4.5, "color": SHADES[0]}
        ax.plot(events["start"][~sure], place[~sure], mfc="white", **how)
        ax.plot(events["start"][sure], place[sure], mec="white", mew=0.4, **how)
        for row, kind in enumerate(lanes):
            beside(ax, row, str(counts[kind]))
        ax.set_yticks(range(len(lanes)), [name.replace("_", " ") for name in named(lanes, names)])
        ax.xaxis.set_major_locator(mdates.AutoDateLocator(maxticks=8))
        ax.set_ylim(-0.7, len(lanes) - 0.3)
        doubt = "; hollow: day not known, line to the last possible one" if (~sure).any() else ""
        words(ax, f"Contacts by kind{doubt}", source)
        return ax
