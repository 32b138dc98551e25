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


def plot_area_years(
    shares: pd.DataFrame,
    *,
    source: str,
    sides: Sequence[str] | None = None,
    labels: dict[str, str] | None = None,
    few: int = 10,
) -> Any:
    """Draw in which share of the contacts of each year each side names each area.

    Parameters
    ----------
    shares : frame, as ``area_shares(..., every="year", by="side")`` returns it
    source : str
        What the numbers rest on, such as ``data.caption``.
    sides : sequence of str, optional
        Panels in order; all, sorted, if left out.
    labels : dict, optional
        Names to print for the ids of areas.
    few : int
        Years with fewer contacts are grey: the interval of a share would be too wide to
        show by a shade. The drawing begins with the first year that has as many.

    Returns
    -------
    array of Axes
        One panel per side, one row per area, the most named at the top, one column per
        year; the darker, the larger the share.

    Raises
    ------
    ValueError
        Where no year has ``few`` contacts.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.areas import area_shares
    >>> data = rel.load()
    >>> shares = area_shares(data.area_mentions, data.events, by="side")
    >>> axes = plot_area_years(shares, source=data.caption, sides=["CN", "VN"])
    >>> [axis.get_title("left") for axis in axes]
    ['CN', 'VN']
    """
    sides = _order(sides, shares["side"])
    shares = shares[shares["side"].isin(sides)].assign(year=lambda frame: frame["period"].dt.year)
    order = shares.groupby("area")["count"].sum().sort_values(ascending=False, kind="stable").index
    enough = shares[shares["contacts"] >= few]
    if enough.empty:
        raise ValueError(f"no year has {few} contacts that name an area: lower few")
    years = np.arange(enough["year"].min(), shares["year"].max() + 1)
    with _style() as plt:
        from matplotlib.colors import PowerNorm

        # Most shares are small: the shades are spread out at the lower end.
        scale = PowerNorm(0.6, vmin=0, vmax=enough["share"].max())
        figure, axes = plt.subplots(
            1, len(sides), figsize=(7, 1.5 + 0.2 * len(order)), sharey=True, layout="constrained",
            squeeze=False,
        )  # fmt: skip
        for axis, side in zip(axes[0], sides, strict=True):
            table = enough[enough["side"] == side].pivot_table(
                index="area", columns="year", values="share"
            )
            table = table.reindex(index=order, columns=years)
            shade = plt.get_cmap("Blues").with_extremes(bad="#d4d4d4")
            mesh = axis.pcolormesh(
                np.append(years, years[-1] + 1) - 0.5, np.arange(len(order) + 1) - 0.5,
                np.ma.masked_invalid(table.to_numpy()), cmap=shade, norm=scale,
                edgecolors="#ffffff", linewidth=0.4,
            )  # fmt: skip
            axis.set_title(side)
            axis.set_yticks(range(len(order)), [(labels or {}).get(area, area) for area in order])
            axis.tick_params(length=0, labelsize=9)
            axis.set_xticks([year for year in years if year % 5 == 0])
            axis.tick_params(axis="x", labelrotation=90)
            axis.spines[["left", "bottom"]].set_visible(False)
        axes[0][0].invert_yaxis()
        bar = figure.colorbar(mesh, ax=list(axes[0]), shrink=0.4, aspect=18, pad=0.01)
        bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        bar.ax.tick_params(labelsize=9)
        bar.outline.set_visible(False)
        figure.suptitle(
            f"Share of the year's contacts that name an area (grey: under {few} contacts)",
            fontsize=11, x=0.01, ha="left",
        )  # fmt: skip
        _source(axes[0][0], source)
        return axes[0]


def plot_side_emphasis(
    emphasis: pd.DataFrame,
    *,
    source: str,
    sides: Sequence[str],
    labels: dict[str, str] | None = None,
    least: int = 5,
    ax: Axes | None = None,
) -> Axes:
    """Draw which side gives more weight to which area, with 95% intervals.

    Parameters
    ----------
    emphasis : frame, as `side_emphasis` returns it
    source : str
        What the numbers rest on, such as ``data.caption``.
    sides : the two sides, in the order given to `side_emphasis`
    labels : dict, optional
        Names to print for the ids of areas.
    least : int
        Areas that the two sides name in fewer contacts together are left out: their
        intervals would be wider than the figure.
    ax : Axes, optional

    Returns
    -------
    Axes
        One row per area. Filled where the interval leaves out 0, in the shade and with the
        marker of the side that stresses the area, else hollow. At the right the contacts
        in which each side names it.

    Raises
    ------
    ValueError
        Where no area is named ``least`` times.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.areas import side_emphasis
    >>> data = rel.load()
    >>> emphasis = side_emphasis(data.area_mentions, ["CN", "VN"])
    >>> ax = plot_side_emphasis(emphasis, source=data.caption, sides=["CN", "VN"])
    >>> ax.get_xlabel().startswith("← VN")
    True
    """
    first, second = sides
    look = _look(sides)
    shown = emphasis[emphasis["count_first"] + emphasis["count_second"] >= least]
    if shown.empty:
        raise ValueError(f"no area is named {least} times by the two sides: lower least")
    shown = shown.sort_values(["log_odds", "area"], ignore_index=True)
    with _axes(ax, 1.5 + 0.26 * len(shown)) as ax:
        ax.axvline(0, color="#888888", lw=0.9, zorder=0)
        for row in shown.itertuples():
            shade, marker = look[first if row.log_odds > 0 else second]
            apart = row.low > 0 or row.high < 0
            ax.plot([row.low, row.high], [row.Index] * 2, color=shade, lw=1.6, zorder=1)
            ax.plot(
                row.log_odds, row.Index, marker, ms=7, zorder=2, color=shade,
                markerfacecolor=shade if apart else "white",
            )  # fmt: skip
            ax.annotate(
                f"{row.count_first} : {row.count_second}", (1.01, row.Index), va="center",
                xycoords=("axes fraction", "data"), fontsize=9, annotation_clip=False,
            )  # fmt: skip
        ax.annotate(
            f"{first} : {second}", (1.01, len(shown)), xycoords=("axes fraction", "data"),
            va="center", fontsize=9, weight="bold", annotation_clip=False,
        )  # fmt: skip
        ax.set_yticks(range(len(shown)), [(labels or {}).get(area, area) for area in shown["area"]])
        ax.set_ylim(-0.7, len(shown) - 0.3)
        ax.tick_params(axis="y", length=0, labelsize=10)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel(f"← {second} stresses it   (difference in log-odds)   {first} stresses it →")
        left_out = len(emphasis) - len(shown)
        rest = f"\n{left_out} areas named under {least} times are left out" if left_out else ""
        ax.set_title(f"Emphasis, 95% interval; filled: not 0{rest}", fontsize=11, pad=14)
        _source(ax, source)
        return ax
