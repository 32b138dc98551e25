"""Figures of what `relations.exchanges` finds."""

from __future__ import annotations

import textwrap
from calendar import month_name
from typing import TYPE_CHECKING, Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd

from relations.figures._drawing import (
    INK,
    PALE,
    PALER,
    RULE,
    SHADES,
    SMALL,
    beside,
    drawing,
    named,
    names_of,
    note,
    rows_to_draw,
    source_of,
)
from relations.figures._heading import heading
from relations.measures._asking import require_booleans
from relations.record._frames import Frame, collect, narrow
from relations.record._periods import gap_after, latest_start, length_of
from relations.record.dataset import Dataset

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS = 30
# Years at either end that are set side by side.
ENDS = 5
# Letters of a line beside the axis.
WIDTH = 34


def plot_exchange_frequency(frequency: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw occasions or contacts per period with the interval of a Poisson count.

    Parameters
    ----------
    frequency : frame, as `exchange_frequency` returns it without ``by``
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        Bars are counts, pale where the record covers only part of the period; whiskers
        are the 95% interval of the count that the covered days would give. More than 30
        periods are drawn as a line with a band, with a hollow dot on those partly covered.

    Raises
    ------
    ValueError
        Where the frame has several rows for one period, or a period is missing.

    Examples
    --------
    >>> import relations as rel
    >>> frequency = rel.exchange_frequency(rel.load())
    >>> len(plot_exchange_frequency(frequency).patches) == len(frequency)
    True
    """
    frequency = rows_to_draw(
        frequency,
        "period count exposure low high partial",
        "exchange_frequency(data)",
        "period",
        "take one group of a frame counted by",
    )
    every = length_of(frequency)
    frequency = frequency.sort_values("period")
    periods = frequency["period"].dt.to_period(every[0].upper())
    before = gap_after(frequency["period"], every)
    if before is not None:
        raise ValueError(f"the {every} after {before} is missing: draw the frame as it was counted")
    count = frequency["count"].to_numpy()
    low = (frequency["low"] * frequency["exposure"]).to_numpy()
    high = (frequency["high"] * frequency["exposure"]).to_numpy()
    partial = require_booleans(frequency, ["partial"], "plot_exchange_frequency")["partial"]
    partial = partial.to_numpy()
    labels = periods.astype("str").tolist()
    unit = frequency.attrs.get("unit", "contacts")
    with drawing(ax, 3.8) as ax:
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
        ax.set_ylabel(unit)
        ax.set_ylim(0, max(high.max(), 1) * 1.12)
        mark = "pale" if bars else "hollow"
        doubt = f"; {mark}: only part of the period is covered" if partial.any() else ""
        drawn = f"{unit.capitalize()} per {every}, 95% interval{doubt}."
        found = _course(frequency.loc[~partial, "count"].to_numpy(), periods[~partial], unit, every)
        heading([ax], found, drawn, source_of(frequency))
        return ax


def _course(count: np.ndarray, periods: pd.Series, unit: str, every: str) -> str:
    """Say how the first five whole years compare with the last five, or which period had most."""
    if every != "year" or len(count) < 2 * ENDS:
        if not len(count):
            return f"No {every} is covered whole"
        most = int(count.argmax())
        return f"Most {unit} in {periods.iloc[most]}: {count[most]}"
    before, after = count[:ENDS].mean(), count[-ENDS:].mean()
    (begin, end), (since, until) = periods.iloc[[0, ENDS - 1]], periods.iloc[[-ENDS, -1]]
    return f"From {before:.1f} {unit} a {every} in {begin}–{end} to {after:.1f} in {since}–{until}"


def plot_seasons(seasons: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the rate in each calendar month beside what an even spread gives.

    Parameters
    ----------
    seasons : frame, as `exchanges.seasons` returns it
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        Dots are rates with their 95% interval, with the counts on top; dashes are the rate
        that an even spread within each year would give.

    Raises
    ------
    ValueError
        Where the frame does not have one row for each month.

    Examples
    --------
    >>> import relations as rel
    >>> ax = plot_seasons(rel.exchanges.seasons(rel.load(), draws=99))
    >>> len(ax.get_xticks())
    12
    """
    seasons = rows_to_draw(
        seasons, "month count exposure rate low high expected", "exchanges.seasons(data)"
    )
    if sorted(seasons["month"]) != list(range(1, 13)):
        raise ValueError("one row per calendar month is drawn: take the frame of seasons whole")
    seasons = seasons.sort_values("month")
    rate, low, high = (seasons[column].to_numpy() for column in ("rate", "low", "high"))
    even = (seasons["expected"] / seasons["exposure"]).to_numpy()
    place = seasons["month"].to_numpy()
    with drawing(ax, 3.8) as ax:
        ax.hlines(even, place - 0.38, place + 0.38, color=SHADES[1], lw=2, linestyles=(0, (3, 1)))
        whiskers = [rate - low, high - rate]
        ax.errorbar(place, rate, yerr=whiskers, fmt="o", color=SHADES[0], capsize=3)
        top = ("data", "axes fraction")
        for x, number in zip(place, seasons["count"], strict=True):
            note(ax, str(number), (x, 1), (0, -10), xycoords=top, ha="center", fontsize=10)
        months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]
        months += ["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        ax.set_xticks(place, months)
        ax.set_ylabel(f"{seasons.attrs.get('unit', 'contacts')} per year")
        ax.set_ylim(0, high.max() * 1.15)
        drawn = "Rate in each calendar month, 95% interval, counts on top; dashes: an even spread."
        times = np.divide(rate, even, out=np.zeros_like(rate), where=even > 0)
        most = int(times.argmax())
        found = f"Highest in {month_name[most + 1]}: {times[most]:.1f} times an even spread"
        heading([ax], found if times.any() else "No month has any", drawn, source_of(seasons))
        return ax


def plot_before_after(ratios: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how the rate after each date compares with the rate before it.

    Parameters
    ----------
    ratios : frame, as `exchanges.before_after` returns it
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One row per date, the first at the top: rate ratio and its 95% interval on a
        logarithmic axis, arrows where the interval goes on, and the counts before and
        after. Hollow where the windows of dates overlap; an upright tick is the ratio that
        is usual at that time of the year. A date without a ratio has its counts alone.

    Raises
    ------
    ValueError
        Where the frame has no rows.

    Examples
    --------
    >>> import relations as rel
    >>> ratios = rel.exchanges.before_after(rel.load(), ["2014-05-02", "2019-07-03"])
    >>> len(plot_before_after(ratios).get_yticks())
    2
    """
    ratios = rows_to_draw(
        ratios,
        "context_id before after ratio low high overlaps",
        "exchanges.before_after(data, dates)",
    )
    ends = ratios[["ratio", "low", "high"]].to_numpy(dtype="float64").ravel()
    ends = ends[np.isfinite(ends) & (ends > 0)]
    reach = max(4.0, *ends, *(1 / ends)) if len(ends) else 4.0
    # Beyond thirtyfold in either direction an interval says no more than an arrow.
    reach = min(reach * 1.3, 30.0)
    labels = [
        textwrap.fill(name, WIDTH, max_lines=2, placeholder=" …")
        for name in named(ratios["context_id"], names_of(ratios))
    ]
    usual = ratios["usual"].to_numpy() if "usual" in ratios else np.full(len(ratios), np.nan)
    line = 0.44 if any("\n" in label for label in labels) else 0.36
    with drawing(ax, 1.7 + line * len(ratios)) as ax:
        ax.set_xscale("log")
        ax.set_xlim(1 / reach, reach)
        ax.axvline(1, color=RULE, lw=1, zorder=0)
        for y, row in enumerate(ratios.itertuples()):
            _draw_ratio(ax, y, row, reach)
            if 1 / reach < usual[y] < reach:
                ax.plot([usual[y]] * 2, [y - 0.3, y + 0.3], color=RULE, lw=2.5, zorder=0)
            beside(ax, y, f"{row.before} → {row.after}", fontsize=10)
        beside(ax, -0.75, ratios.attrs.get("unit", "contacts"), weight="bold")
        ax.set_yticks(range(len(ratios)), labels, fontsize=10)
        ax.set_ylim(len(ratios) - 0.4, -0.6)
        ticks = [tick for tick in (0.1, 0.25, 0.5, 1, 2, 4, 10) if 1 / reach <= tick <= reach]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.set_xticks([], minor=True)
        ax.set_xlabel("rate after / rate before")
        hollow = "; hollow: windows overlap" if (ratios["overlaps"] != "").any() else ""
        usually = "; tick: usual at that time of year" if np.isfinite(usual).any() else ""
        days = f"{ratios.attrs['window']} days before" if "window" in ratios.attrs else "before"
        drawn = f"Rate ratio, {days} and after, 95% interval{hollow}{usually}."
        apart = int(((ratios["low"] > 1) | (ratios["high"] < 1)).sum())
        found = f"At {apart} of {len(ratios)} dates the interval leaves out an equal rate"
        ax.set_title(" ", fontsize=SMALL)
        heading([ax], found, drawn, source_of(ratios))
        return ax


def _draw_ratio(ax: Axes, y: int, row: Any, reach: float) -> None:
    """Draw a ratio and its interval, with arrows where this goes on."""
    if pd.notna(row.low):
        ax.plot(
            [max(row.low, 1 / reach), min(row.high, reach)], [y, y], color=INK, lw=1.5, zorder=1
        )
        if row.low < 1 / reach:
            ax.plot(1 / reach, y, "<", color=INK, ms=6, clip_on=False)
        if row.high > reach:
            ax.plot(reach, y, ">", color=INK, ms=6, clip_on=False)
    if pd.notna(row.ratio) and 1 / reach < row.ratio < reach:
        inside = "white" if row.overlaps else SHADES[0]
        ax.plot(row.ratio, y, "o", color=SHADES[0], mfc=inside, ms=7, zorder=2)


def plot_contacts(data: Dataset | Frame, *, ax: Axes | None = None) -> Axes:
    """Draw every contact at its place in time, in one lane for each kind.

    Parameters
    ----------
    data : Dataset, or frame with ``start``, ``precision`` and ``kind``
        Of a Dataset its `contacts` are drawn.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        Lanes from the most frequent kind at the top. Dots are contacts known to the day, at
        their first; a contact known to the month or year alone is a hollow dot at the first
        day that it allows, with a line to the last. Beside each lane its number of contacts.

    Examples
    --------
    >>> import relations as rel
    >>> ax = plot_contacts(rel.load().where(channel="naval_joint_patrol"))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['joint patrol']
    """
    contacts = data.contacts if isinstance(data, Dataset) else data
    source = source_of(contacts) if isinstance(contacts, pd.DataFrame) else ""
    events = collect(narrow(contacts, "plot_contacts", ["start", "precision", "kind"]))
    events = rows_to_draw(events, "start precision kind", "data.contacts")
    counts = events["kind"].value_counts()
    lanes = sorted(counts.index, key=lambda kind: (counts[kind], kind))
    place = events["kind"].map({kind: row for row, kind in enumerate(lanes)})
    latest = latest_start(events["start"], events["precision"])
    sure = events["precision"] == "day"
    with drawing(ax, 1.9 + 0.3 * len(lanes)) as ax:
        coarse = [place[~sure], events["start"][~sure], latest[~sure]]
        ax.hlines(*coarse, color=RULE, lw=1, zorder=1)
        how = {"ls": "none", "marker": "o", "ms": 4.5, "color": SHADES[0]}
        ax.plot(events["start"][~sure], place[~sure], mfc="white", **how)
        ax.plot(events["start"][sure], place[sure], mec="white", mew=0.4, **how)
        for row, kind in enumerate(lanes):
            beside(ax, row, str(counts[kind]))
        ax.set_yticks(range(len(lanes)), [kind.replace("_", " ") for kind in lanes])
        ax.xaxis.set_major_locator(mdates.AutoDateLocator(maxticks=8))  # type: ignore[no-untyped-call]
        ax.set_ylim(-0.7, len(lanes) - 0.3)
        doubt = "; hollow: day not known, line to the last possible one" if (~sure).any() else ""
        first = events.groupby("kind", observed=True)["start"].min().sort_values()
        often, late = lanes[-1].replace("_", " "), str(first.index[-1]).replace("_", " ")
        found = f"Most often {often}, {counts.iloc[0]} of {len(events)} contacts"
        if len(lanes) > 1:
            found += f"; last to begin, {late} ({first.iloc[-1]:%Y})"
        heading([ax], found, f"Every contact by its day, one lane a kind{doubt}.", source)
        return ax
