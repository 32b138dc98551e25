"""One function per figure: it takes a metric's frame and returns the Axes.

Text from the tables is drawn as it stands, never as mathematics, and the line under each
figure says what it rests on. Sides differ in shade and in marker, so that a grey print
tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADES = ("#1b3a57", "#d98032", "#7a7a7a", "#b9b9b9")
MARKERS = ("o", "s", "^", "D")
MOST_BARS = 30
DATE = re.compile(r"\d{4}(-\d{2}){0,2}(?=-)")


@contextmanager
def _style() -> Iterator[Any]:
    """Lend pyplot in the house style."""
    import matplotlib.pyplot as plt
    import seaborn as sns

    style = {
        **sns.axes_style("white"),
        "font.size": 11,
        "axes.titlesize": 12,
        "axes.titlelocation": "left",
        "axes.spines.right": False,
        "axes.spines.top": False,
        "text.parse_math": False,
        "figure.dpi": 100,
    }
    with plt.rc_context(style):
        yield plt


@contextmanager
def _axes(ax: Axes | None, height: float) -> Iterator[Axes]:
    """Lend an Axes in the house style, new unless the caller brings one."""
    with _style() as plt:
        yield ax if ax is not None else plt.subplots(figsize=(7, height), layout="constrained")[1]


def _source(ax: Axes, text: str) -> None:
    ax.figure.supxlabel(text, fontsize=8, x=0.01, ha="left", color="#444444")


def _order(sides: Sequence[str] | None, found: pd.Series) -> list[str]:
    """Return the sides that are found, in the order asked for or sorted."""
    there = set(found)
    return sorted(there) if sides is None else [side for side in sides if side in there]


def _look(sides: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Give each side a shade and a marker, in the order of the sides."""
    return {
        side: (SHADES[i % len(SHADES)], MARKERS[i % len(MARKERS)]) for i, side in enumerate(sides)
    }


def plot_exchange_frequency(
    frequency: pd.DataFrame, *, source: str, every: str = "year", ax: Axes | None = None
) -> Axes:
    """Draw contacts per period with the interval of a Poisson count.

    Parameters
    ----------
    frequency : frame, as `exchange_frequency` returns it without ``by``
    source : str
        What the numbers rest on, such as ``data.caption``.
    every : {"year", "quarter", "month"}
        The periods of ``frequency``, for the labels.
    ax : Axes, optional

    Returns
    -------
    Axes
        Bars are counts, pale where the record covers only part of the period; whiskers
        are the 95% interval of the count that the covered days would give. More than 30
        periods are drawn as a line with a band.

    Raises
    ------
    ValueError
        Where the frame has several rows for one period.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> ax = plot_exchange_frequency(
    ...     rel.exchange_frequency(data.events), source=data.caption)
    >>> len(ax.patches) == len(rel.exchange_frequency(data.events))
    True
    """
    if frequency["period"].duplicated().any():
        raise ValueError("one row per period is drawn: take one group of a frame counted by")
    count = frequency["count"].to_numpy()
    low = (frequency["low"] * frequency["exposure"]).to_numpy()
    high = (frequency["high"] * frequency["exposure"]).to_numpy()
    labels = frequency["period"].dt.to_period(every[0].upper()).astype("str")
    with _axes(ax, 3.4) as ax:
        place = np.arange(len(frequency))
        bars = len(frequency) <= MOST_BARS
        if bars:
            shades = np.where(frequency["partial"], "#c3ccd6", SHADES[0])
            ax.bar(place, count, width=0.6, color=shades, edgecolor=SHADES[0])
            whiskers = [count - low, high - count]
            ax.errorbar(place, count, yerr=whiskers, fmt="none", ecolor="#666666", capsize=3)
            for x, number, top in zip(place, count, high, strict=True):
                ax.annotate(
                    str(number), (x, top), (0, 3), textcoords="offset points", ha="center",
                    fontsize=10,
                )  # fmt: skip
        else:
            ax.fill_between(place, low, high, step="mid", color="#c3ccd6", lw=0)
            ax.step(place, count, where="mid", color=SHADES[0])
        step = max(1, -(-len(labels) // (12 if every == "year" else 6)))
        ax.set_xticks(place[::step], labels[::step])
        ax.set_ylabel("contacts")
        ax.set_ylim(0, max(high.max(), 1) * 1.12)
        partial = bars and frequency["partial"].any()
        pale = "; pale: only part of the period is covered" if partial else ""
        ax.set_title(f"Contacts per {every}, 95% interval{pale}", fontsize=11)
        _source(ax, source)
        return ax


def plot_area_counts(
    counts: pd.DataFrame,
    *,
    source: str,
    sides: Sequence[str] | None = None,
    labels: dict[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw in how many contacts each side names each cooperation area.

    Parameters
    ----------
    counts : frame, as ``cooperation_area_counts(..., by="side")`` returns it
    source : str
        What the numbers rest on, such as ``data.caption``.
    sides : sequence of str, optional
        Sides in order of drawing; all, sorted, if left out.
    labels : dict, optional
        Names to print for the ids of areas.
    ax : Axes, optional

    Returns
    -------
    Axes
        One row per area, the most named at the top; one column of bars per side.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> counts = rel.cooperation_area_counts(data.area_mentions, by="side")
    >>> ax = plot_area_counts(counts, source=data.caption)
    >>> len(ax.get_yticks()) == counts["area"].nunique()
    True
    """
    sides = _order(sides, counts["side"])
    table = counts.pivot_table(index="area", columns="side", values="count", aggfunc="sum")
    table = table.fillna(0)[sides]
    table = table.loc[table.sum(axis=1).sort_values(kind="stable").index]
    look = _look(sides)
    width = table.to_numpy().max() * 1.35
    with _axes(ax, 1.1 + 0.25 * len(table)) as ax:
        place = np.arange(len(table))
        for column, side in enumerate(sides):
            numbers = table[side].to_numpy()
            ax.barh(place, numbers, left=column * width, height=0.7, color=look[side][0])
            ax.axvline(column * width, color="#444444", lw=0.8)
            for y, number in zip(place, numbers, strict=True):
                if number:
                    spot = (column * width + number, y)
                    ax.annotate(
                        f"{number:.0f}", spot, (3, 0), textcoords="offset points", va="center",
                        fontsize=9,
                    )  # fmt: skip
        ax.set_yticks(place, [(labels or {}).get(area, area) for area in table.index])
        ax.set_ylim(-0.6, len(table) - 0.4)
        ax.set_xticks([column * width for column in range(len(sides))], sides, ha="left")
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.set_title("Contacts in which a side names an area", fontsize=11)
        _source(ax, source)
        return ax


def plot_who_met_whom(
    delegations: pd.DataFrame,
    *,
    source: str,
    sides: Sequence[str] | None = None,
    names: dict[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the office level of both delegations' heads, contact by contact.

    Parameters
    ----------
    delegations : frame, as `delegation_levels` returns it, sorted as it is to be read
    source : str
        What the numbers rest on, such as ``data.caption``.
    sides : sequence of str, optional
        Sides in order of drawing; all, sorted, if left out.
    names : dict, optional
        Names to print for the ids of persons.
    ax : Axes, optional

    Returns
    -------
    Axes
        One row per contact; a line joins the levels of the heads. Heads whose office on
        the day is not known stand at the left edge with a question mark.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> heads = rel.delegation_levels(rel.rank_levels(data))
    >>> ax = plot_who_met_whom(heads, source=data.caption)
    >>> len(ax.get_yticks()) == heads["event_id"].nunique()
    True
    """
    sides = _order(sides, delegations["side"])
    look = _look(sides)
    events = list(dict.fromkeys(delegations["event_id"]))
    with _axes(ax, 1.6 + 0.42 * len(events)) as ax:
        for row, event in enumerate(reversed(events)):
            heads = delegations[delegations["event_id"] == event]
            known = heads["office_level"].dropna().astype(float)
            if len(known) > 1:
                ax.plot([known.min(), known.max()], [row, row], color="#bbbbbb", lw=2, zorder=1)
            people = []
            for head in heads.itertuples():
                shade, marker = look[head.side]
                level = 0.5 if pd.isna(head.office_level) else float(head.office_level)
                shift = 0.26 * (sides.index(head.side) - (len(sides) - 1) / 2)
                ax.plot(level, row + shift, marker, color=shade, ms=7, zorder=2)
                unknown = " (?)" if pd.isna(head.office_level) else ""
                people.append((names or {}).get(head.person_id, head.person_id) + unknown)
            ax.annotate(
                " – ".join(people), (8.4, row), annotation_clip=False, va="center", fontsize=9
            )
        # An event's id begins with its date, at the precision known.
        dates = [DATE.match(event) for event in reversed(events)]
        ax.set_yticks(range(len(events)), [date.group() if date else "" for date in dates])
        ax.set_xlim(0.3, 8.3)
        ax.set_xticks(range(1, 9))
        ax.set_xlabel("office level of the head (8 leader … 5 minister … 1 unit)")
        for side in sides:
            shade, marker = look[side]
            ax.plot([], [], marker, color=shade, label=side)
        ax.legend(frameon=False, loc="upper left", ncols=len(sides), borderaxespad=0)
        ax.set_ylim(-0.6, len(events) + 0.2)
        ax.set_title("Who met whom, at which office level", fontsize=11)
        _source(ax, source)
        return ax


def plot_rank_ladders(
    ranks: pd.DataFrame, *, source: str, sides: Sequence[str] | None = None, ax: Any = None
) -> Any:
    """Draw both ladders of ranks side by side, under each crosswalk.

    Parameters
    ----------
    ranks : frame, the table ``data.ranks``
    source : str
        What the ladders rest on, such as ``data.caption``.
    sides : sequence of two sides, optional
        Left and right ladder; the first two, sorted, if left out.
    ax : pair of Axes, optional

    Returns
    -------
    array of two Axes
        Left by place from the top, right by cognate; ranks on one height count as equal.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> axes = plot_rank_ladders(data.ranks, source=data.caption)
    >>> [axis.get_title("left") for axis in axes]
    ['by place from the top', 'by cognate name']
    """
    left, right = _order(sides, ranks["side"])[:2]
    with _style() as plt:
        if ax is None:
            _, ax = plt.subplots(1, 2, figsize=(7, 4.6), sharey=True, layout="constrained")
        panels = (
            (ax[0], "level_by_place", "by place from the top"),
            (ax[1], "level_by_cognate", "by cognate name"),
        )
        top = int(ranks[["level_by_place", "level_by_cognate"]].max().max())
        for axis, column, title in panels:
            for side, x, align in ((left, 0.42, "right"), (right, 0.58, "left")):
                ladder = ranks[(ranks["side"] == side) & ranks[column].notna()]
                for level, group in ladder.groupby(column):
                    # Ids are in plain letters: few fonts hold every script of the names.
                    names = " / ".join(
                        name.removeprefix(f"{side.lower()}-") for name in group["rank_id"]
                    )
                    axis.text(x, level, names, ha=align, va="center", fontsize=9)
                axis.text(x, top + 0.8, side, ha=align, va="center", weight="bold")
            axis.hlines(range(1, top + 1), 0.44, 0.56, color="#999999", lw=1)
            axis.set_xlim(-0.25, 1.25)
            axis.set_ylim(0.4, top + 1.3)
            axis.set_yticks(range(1, top + 1))
            axis.set_xticks([])
            axis.spines["bottom"].set_visible(False)
            axis.set_title(title, fontsize=11)
        ax[0].set_ylabel("rank level (NATO officer code)")
        _source(ax[0], source)
        return ax


def plot_evidence(
    reports: pd.DataFrame,
    *,
    source: str,
    sides: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw which side's outlets report or recall each contact.

    Parameters
    ----------
    reports : frame with ``event_id``, ``side`` of the source and ``main``
    source : str
        What the numbers rest on, such as ``data.caption``.
    sides : sequence of str, optional
        Columns in order; all, sorted, if left out.
    ax : Axes, optional

    Returns
    -------
    Axes
        One row per contact, one column per side of the source; the number of sources that
        report the contact, in brackets those that only recall or announce it.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> reports = data.reports.merge(data.sources[["source_id", "side"]], on="source_id")
    >>> ax = plot_evidence(reports, source=data.caption)
    >>> len(ax.get_yticks()) == data.events["event_id"].nunique()
    True
    """
    sides = _order(sides, reports["side"])
    events = sorted(reports["event_id"].unique(), reverse=True)
    main = reports["main"].fillna(False).astype(bool)
    with _axes(ax, 1.2 + 0.3 * len(events)) as ax:
        for y, event in enumerate(events):
            for x, side in enumerate(sides):
                here = (reports["event_id"] == event) & (reports["side"] == side)
                reporting, recalling = int((here & main).sum()), int((here & ~main).sum())
                if reporting or recalling:
                    shade = "#8fa3b8" if reporting else "#e4e8ec"
                    ax.add_patch(_tile(x, y, shade))
                    text = str(reporting) if reporting else ""
                    text += f" ({recalling})" if recalling else ""
                    ax.text(x, y, text.strip(), ha="center", va="center", fontsize=10)
        ax.set_xlim(-0.5, len(sides) - 0.5)
        ax.set_ylim(-0.6, len(events) - 0.4)
        ax.set_xticks(range(len(sides)), sides)
        ax.xaxis.tick_top()
        ax.set_yticks(range(len(events)), events, fontsize=9)
        ax.set_title("Sources by side (in brackets: recalled or announced)", fontsize=11)
        _source(ax, source)
        return ax


def _tile(x: float, y: float, shade: str) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.46, y - 0.42), 0.92, 0.84, color=shade)


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
    source : str
        What the numbers rest on, such as ``data.caption``.
    crises : dict from a label to its first and last day, optional
    unit : str
        What is counted, for the axis.
    ax : Axes, optional

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
    if frequency["period"].duplicated().any():
        raise ValueError("one row per period is drawn: take one group of a frame counted by")
    year, count = frequency["period"].dt.year.to_numpy(), frequency["count"].to_numpy()
    top = max(count.max(), phases["high"].max())
    with _axes(ax, 4.2) as ax:
        shades = np.where(frequency["partial"], "#eef1f4", "#c3ccd6")
        ax.bar(year, count, width=0.7, color=shades, edgecolor="#8fa3b8", lw=0.6)
        for phase in phases.itertuples():
            ends = [phase.since.year - 0.45, phase.until.year + 0.45]
            ax.fill_between(ends, phase.low, phase.high, color=SHADES[1], alpha=0.3, lw=0)
            ax.plot(ends, [phase.rate] * 2, color=SHADES[0], lw=2.5)
            ax.annotate(
                f"{phase.rate:.1f} a year", (ends[0], phase.high), (2, 3),
                textcoords="offset points", fontsize=9, weight="bold",
            )  # fmt: skip
        for row in () if breaks is None else breaks.itertuples():
            ends = [row.earliest.year - 0.5, row.latest.year - 0.5]
            ax.errorbar(
                row.since.year - 0.5, top * 1.13, fmt="|", color="#444444", ms=9, capsize=4,
                xerr=[[row.since.year - 0.5 - ends[0]], [ends[1] - row.since.year + 0.5]],
            )  # fmt: skip
            ax.annotate(
                f"{row.since.year}: {row.found:.0%}", (row.since.year - 0.5, top * 1.13), (0, 7),
                textcoords="offset points", ha="center", fontsize=9,
            )  # fmt: skip
        names = []
        for number, (name, (start, end)) in enumerate((crises or {}).items(), start=1):
            left, right = (_place(day) for day in (start, end))
            ax.axvspan(
                left, max(right, left + 0.12), ymax=0.86, facecolor="none", edgecolor="#7a7a7a",
                hatch="////", lw=0, zorder=0,
            )  # fmt: skip
            ax.annotate(
                str(number), ((left + right) / 2, top * 1.02), ha="center", fontsize=9,
                bbox={"boxstyle": "circle,pad=0.2", "fc": "white", "ec": "#7a7a7a", "lw": 0.7},
            )  # fmt: skip
            names.append(f"{number} {name}")
        ax.set_ylim(0, top * 1.28)
        ax.set_xlim(year.min() - 0.8, year.max() + 0.8)
        ax.set_ylabel(unit)
        title = f"{unit.capitalize()} per year and phases of a constant rate, 95% intervals"
        if breaks is not None and len(breaks):
            title += "\nabove: where each break may lie, share of draws that have it"
        lines = ["; ".join(names[place : place + 2]) for place in range(0, len(names), 2)]
        ax.set_title("\n".join([title, *lines]), fontsize=10)
        _source(ax, source)
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
    source : str
        What the numbers rest on, such as ``data.caption``.
    names : dict, optional
        Names to print for the schemes.
    ax : sequence of Axes, one per scheme, optional

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
    schemes = list(dict.fromkeys(sensitivity["scheme"]))
    with _style() as plt:
        if ax is None:
            rows = -(-len(schemes) // 2)
            columns = min(2, len(schemes))
            figure, grid = plt.subplots(
                rows, columns, figsize=(7, 0.8 + 2.1 * rows), sharex=True, sharey=True,
                squeeze=False, layout="constrained",
            )  # fmt: skip
            for spare in grid.ravel()[len(schemes) :]:
                figure.delaxes(spare)
            ax = grid.ravel()[: len(schemes)]
        axes = np.atleast_1d(ax)
        if len(axes) != len(schemes):
            raise ValueError(f"{len(schemes)} schemes are drawn on as many Axes, not {len(axes)}")
        base = sensitivity[sensitivity["scheme"] == schemes[0]]
        for axis, scheme in zip(axes, schemes, strict=True):
            table = sensitivity[sensitivity["scheme"] == scheme]
            year = table["period"].dt.year
            axis.fill_between(year, table["low"], table["high"], color=SHADES[1], alpha=0.4, lw=0)
            axis.plot(year, table["index"], color=SHADES[0], lw=2)
            if scheme != schemes[0]:
                axis.plot(
                    base["period"].dt.year, base["index"], color="#555555", lw=0.9, ls="--"
                )  # fmt: skip
            axis.axhline(1, color="#999999", lw=0.7)
            axis.set_ylim(bottom=0)
            axis.set_title((names or {}).get(scheme, scheme), fontsize=11)
            axis.annotate(
                f"pairs of years reversed\nby other weights: {table['flipped'].iloc[0]:.1%}",
                (0.03, 0.95), xycoords="axes fraction", va="top", fontsize=9,
            )  # fmt: skip
        axes[0].set_ylabel("index, mean = 1")
        _source(axes[0], source)
        return axes


def plot_lead_lag(
    tables: dict[str, pd.DataFrame], *, source: str, ax: Any = None, period: str = "quarters"
) -> Any:
    """Draw the lagged association of pairs of kinds against that of shifted series.

    Parameters
    ----------
    tables : dict from a title to a frame, as `lead_lag` returns it
    source : str
        What the numbers rest on, such as ``data.caption``.
    ax : sequence of Axes, one per table, optional
    period : str
        What a lag is counted in, for the axis.

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
    with _style() as plt:
        if ax is None:
            _, ax = plt.subplots(
                1, len(tables), figsize=(7, 2.9), sharey=True, squeeze=False, layout="constrained"
            )
            ax = ax[0]
        axes = np.atleast_1d(ax)
        if len(axes) != len(tables):
            raise ValueError(f"{len(tables)} tables are drawn on as many Axes, not {len(axes)}")
        for axis, (title, table) in zip(axes, tables.items(), strict=True):
            lag = table["lag"].to_numpy()
            axis.fill_between(lag, table["low"], table["high"], color="#d5d5d5", lw=0)
            axis.axhline(0, color="#777777", lw=0.7)
            axis.vlines(lag, 0, table["association"], color=SHADES[0], lw=1.5)
            beyond = table["p_any"].to_numpy() <= 0.05
            for chosen, fill in ((beyond, SHADES[0]), (~beyond, "white")):
                axis.plot(
                    lag[chosen], table["association"].to_numpy()[chosen], "o", color=SHADES[0],
                    mfc=fill, ms=7,
                )  # fmt: skip
            axis.set_xticks(lag)
            axis.set_xlabel(f"{period} later")
            axis.set_title(title, fontsize=10)
        axes[0].set_ylabel("correlation")
        _source(axes[0], source)
        return axes
