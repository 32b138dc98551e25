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


def plot_parity(
    differences: pd.DataFrame,
    summary: pd.DataFrame,
    *,
    source: str,
    names: dict[str, str] | None = None,
    fewest: int = 5,
    ax: Axes | None = None,
) -> Axes:
    """Draw how far the heads of the two sides stand apart, contact by contact and by period.

    Parameters
    ----------
    differences : frame, as `parity` returns it
    summary : frame, as `parity_by` returns it for the same contacts, without ``by``
    source : str
        What the numbers rest on, such as ``data.caption``.
    names : dict, optional
        Names to print for the sides.
    fewest : int
        Periods with fewer known contacts show their points but no mean.
def plot_seasonality(seasons: pd.DataFrame, *, source: str, ax: Axes | None = None) -> Axes:
    """Draw the rate of contacts in each calendar month beside what an even spread gives.

    Parameters
    ----------
    seasons : frame, as `seasonality` returns it
    source : str
        What the numbers rest on, such as ``data.caption``.
    ax : Axes, optional

    Returns
    -------
    Axes
        One pale point per contact, equal ones spread around their step; a square per period
        is the mean, its whisker the 95% interval. Above the line of zero the head of the
        first side stands higher, below it that of the second.
        Dots are rates with their 95% interval, with the count below; dashes are the rate
        that an even spread of each year's contacts would give.

    Raises
    ------
    ValueError
        Where no contact has two known levels, or a period stands twice.
        Where the frame does not have one row for each month.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.figures import plot_parity
    >>> from relations.ranks import parity, parity_by
    >>> data = rel.load()
    >>> steps = parity(rel.delegation_levels(rel.rank_levels(data)), data.events)
    >>> ax = plot_parity(steps, parity_by(steps), source=data.caption)
    >>> ax.get_ylabel()
    'steps of office'
    """
    known = differences.dropna(subset=["difference"]).sort_values(["start", "event_id"])
    if known.empty:
        raise ValueError("no contact has a known level on both sides: nothing to draw")
    if summary["period"].duplicated().any():
        raise ValueError("one row per period is drawn: take one group of a frame made by")
    first, second = ((names or {}).get(side, side) for side in known[["first", "second"]].iloc[0])
    steps = known["difference"].astype("float64")
    # Equal contacts of one year are spread evenly, so that each can be seen.
    year = known["start"].dt.year
    place = known.groupby([year, "difference"]).cumcount()
    size = known.groupby([year, "difference"])["event_id"].transform("size")
    spread = 0.6 * ((place + 0.5) / size - 0.5)
    shown = summary[summary["known"] >= fewest]
    middle = shown["period"] + _half_period(summary["period"])
    with _axes(ax, 3.8) as ax:
        ax.axhline(0, color="#444444", lw=0.8, zorder=1)
        ax.plot(known["start"], steps + spread, "o", color="#b9b9b9", ms=4, zorder=2)
        ax.vlines(middle, shown["low"], shown["high"], color=SHADES[0], lw=1.6, zorder=3)
        ax.plot(middle, shown["mean"], MARKERS[1], color=SHADES[0], ms=5, zorder=4)
        reach = max(float(steps.abs().max()), 1) + 0.8
        ax.set_ylim(-reach, reach)
        ax.yaxis.get_major_locator().set_params(integer=True)
        edge = {"transform": ax.get_yaxis_transform(), "fontsize": 10, "color": "#222222"}
        ax.text(0.01, reach - 0.1, f"▲ head of {first} stands higher", va="top", **edge)
        ax.text(0.01, -reach + 0.1, f"▼ head of {second} stands higher", va="bottom", **edge)
        kind = "office" if known["scale"].iloc[0] == "office" else "rank"
        ax.set_ylabel(f"steps of {kind}")
        ax.set_title(f"Distance of the heads: contacts, and means of {fewest} or more with 95%")
        _source(ax, source)
        return ax


def _half_period(periods: pd.Series) -> pd.Timedelta:
    """Return half of the shortest distance between periods, half a year where there is one."""
    gaps = periods.sort_values().diff().dropna()
    return (gaps.min() if len(gaps) else pd.Timedelta(days=365)) / 2


def plot_level_share(
    summary: pd.DataFrame, *, source: str, level: str = "minister level", ax: Axes | None = None
) -> Axes:
    """Draw the share of contacts at a level or above, with its interval and its bounds.

    Parameters
    ----------
    summary : frame, as `level_summary` returns it without ``by``
    source : str
        What the numbers rest on, such as ``data.caption``.
    level : str
        How to call the level in the title.
    ax : Axes, optional

    Returns
    -------
    Axes
        One point per period with its 95% interval; behind it the pale bar from the least to
        the most that the share of all contacts can be, whatever the unknown levels are; on
        top the contacts whose level is known, of all.

    Raises
    ------
    ValueError
        Where a period stands twice.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.figures import plot_level_share
    >>> from relations.ranks import level_summary
    >>> data = rel.load()
    >>> heads = rel.delegation_levels(rel.rank_levels(data))
    >>> ax = plot_level_share(level_summary(heads, data.events), source=data.caption)
    >>> ax.get_ylabel()
    'share of contacts'
    """
    if summary["period"].duplicated().any():
        raise ValueError("one row per period is drawn: take one group of a frame made by")
    summary = summary.reset_index(drop=True)
    met = summary[summary["contacts"] > 0]
    sure = summary[summary["known"] > 0]
    # Every period is a place on the axis, those without a contact too.
    with _axes(ax, 3.8) as ax:
        ax.bar(
            met.index, met["most"] - met["least"], bottom=met["least"], width=0.8, color="#e4e8ec",
            zorder=1,
        )  # fmt: skip
        ax.vlines(sure.index, sure["low"], sure["high"], color="#666666", lw=1.4, zorder=2)
        ax.plot(sure.index, sure["share"], MARKERS[0], color=SHADES[0], ms=5, zorder=3)
        for x, row in met.iterrows():
            ax.annotate(
                f"{row['known']}\n/{row['contacts']}", (x, 1.03), ha="center", va="bottom",
                fontsize=7,
            )  # fmt: skip
        step = max(1, -(-len(summary) // 9))
        yearly = (summary["period"].dt.month == 1).all()
        labels = summary["period"].dt.strftime("%Y" if yearly else "%Y-%m")
        ax.set_xticks(summary.index[::step], labels[::step])
        ax.set_ylim(-0.02, 1.16)
        ax.set_yticks(np.linspace(0, 1, 5), [f"{share:.0%}" for share in np.linspace(0, 1, 5)])
        ax.set_ylabel("share of contacts")
        ax.set_title(f"At {level} or above: 95%, bounds (pale), known / all (top)")
    >>> from relations.exchanges import seasonality
    >>> data = rel.load()
    >>> ax = plot_seasonality(seasonality(data.events), source=data.caption)
    >>> len(ax.get_xticks())
    12
    """
    if sorted(seasons["month"]) != list(range(1, 13)):
        raise ValueError("one row per calendar month is drawn: take the frame of seasonality whole")
    seasons = seasons.sort_values("month")
    rate, low, high = (seasons[column].to_numpy() for column in ("rate", "low", "high"))
    even = (seasons["expected"] / seasons["exposure"]).to_numpy()
    place = seasons["month"].to_numpy()
    with _axes(ax, 3.4) as ax:
        ax.hlines(even, place - 0.38, place + 0.38, color=SHADES[1], lw=2, linestyles=(0, (3, 1)))
        whiskers = [rate - low, high - rate]
        ax.errorbar(place, rate, yerr=whiskers, fmt="o", color=SHADES[0], capsize=3)
        for x, number in zip(place, seasons["count"], strict=True):
            ax.annotate(
                str(number), (x, 0), (0, 3), textcoords="offset points", ha="center", fontsize=10
            )
        months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"]
        months += ["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        ax.set_xticks(place, months)
        ax.set_ylabel("contacts per year")
        ax.set_ylim(0, high.max() * 1.12)
        ax.set_title("Rate by month, 95% interval; dashes: an even spread", fontsize=11)
        _source(ax, source)
        return ax


def plot_meeting_network(
    edges: pd.DataFrame,
    *,
    source: str,
    names: dict[str, str] | None = None,
    most: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw who met whom among the persons of two sides with the most occasions, as a ladder.

    Parameters
    ----------
    edges : frame, as `meeting_network` returns it
    source : str
        What the numbers rest on, such as ``data.caption``.
    names : dict, optional
        Names to print for the ids of persons.
    most : int
        How many persons of each side are drawn; ties for the last place go by id.
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
    source : str
        What the numbers rest on, such as ``data.caption``.
    labels : dict, optional
        Names to print for the ids of dates.
    ax : Axes, optional

    Returns
    -------
    Axes
        One column per side, the earliest at the top; a line joins two persons who met, the
        wider the oftener. In brackets the occasions of each person with all counterparts,
        those not drawn among them.
        One row per date, the first at the top: rate ratio and its 95% interval on a
        logarithmic axis, arrows where the interval goes on, and the contacts before and
        after. Hollow where the windows of dates overlap. A date without a ratio has its
        counts alone.

    Raises
    ------
    ValueError
        Where the edges are not between two sides.
        Where the frame has no rows.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.figures import plot_meeting_network
    >>> from relations.ranks import meeting_network
    >>> data = rel.load()
    >>> ax = plot_meeting_network(meeting_network(data), source=data.caption, most=5)
    >>> len([text for text in ax.texts if "(" in text.get_text()])
    10
    """
    sides = edges[["first_side", "second_side"]].drop_duplicates()
    if len(sides) != 1:
        raise ValueError("the ladder is between two sides: take the edges of one pair of sides")
    columns = []
    for person in ("first", "second"):
        people = edges.groupby(person).agg(weight=("weight", "sum"), since=("since", "min"))
        people = people.rename_axis("person").reset_index()
        people = people.sort_values(["weight", "person"], ascending=[False, True]).head(most)
        people = people.sort_values(["since", "person"]).reset_index(drop=True)
        # The shorter column is stretched to the height of the longer.
        people["y"] = -np.linspace(0, 1, len(people)) if len(people) > 1 else -0.5
        columns.append(people.set_index("person"))
    left, right = columns
    drawn = edges[edges["first"].isin(left.index) & edges["second"].isin(right.index)]
    with _axes(ax, 1.2 + 0.3 * max(len(left), len(right))) as ax:
        for pair in drawn.sort_values("weight").itertuples():
            ends = [left.loc[pair.first, "y"], right.loc[pair.second, "y"]]
            often = pair.weight > 1
            ax.plot(
                [0, 1], ends, color=SHADES[0] if often else "#b9b9b9", lw=0.8 * pair.weight,
                solid_capstyle="round", zorder=2 if often else 1,
            )  # fmt: skip
        look = _look(sides.iloc[0].tolist())
        for x, people, side, align in (
            (0, left, sides["first_side"].iloc[0], "right"),
            (1, right, sides["second_side"].iloc[0], "left"),
        ):
            shade, marker = look[side]
            ax.plot([x] * len(people), people["y"], marker, color=shade, ms=7, zorder=3, lw=0)
            for person in people.itertuples():
                text = f"{(names or {}).get(person.Index, person.Index)} ({person.weight})"
                gap = (-9 if align == "right" else 9, 0)
                ax.annotate(
                    text, (x, person.y), gap, textcoords="offset points", ha=align, va="center",
                    fontsize=9,
                )  # fmt: skip
            ax.text(x, 0.05, side, ha="center", va="bottom", weight="bold")
        ax.set_xlim(-0.75, 1.75)
        ax.set_ylim(-1.05, 0.12)
        ax.set_axis_off()
        ax.set_title("Heads of delegations who met (occasions; the wider, the oftener)")
    >>> from relations.exchanges import around
    >>> data = rel.load()
    >>> ratios = around(data.events, data.context[data.context["start"].dt.year == 2014])
    >>> ax = plot_around(ratios, source=data.caption)
    >>> len(ax.get_yticks()) == len(ratios)
    True
    """
    if ratios.empty:
        raise ValueError("no date to draw: the frame of ratios has no rows")
    ends = ratios[["ratio", "low", "high"]].to_numpy().ravel()
    ends = ends[np.isfinite(ends) & (ends > 0)]
    reach = max(4.0, *ends, *(1 / ends)) if len(ends) else 4.0
    # Beyond thirtyfold in either direction an interval says no more than an arrow.
    reach = min(reach * 1.3, 30.0)
    with _axes(ax, 1.3 + 0.36 * len(ratios)) as ax:
        ax.set_xscale("log")
        ax.set_xlim(1 / reach, reach)
        ax.axvline(1, color="#888888", lw=1, zorder=0)
        for y, row in enumerate(ratios.itertuples()):
            if pd.notna(row.low):
                ends = max(row.low, 1 / reach), min(row.high, reach)
                ax.plot(ends, [y, y], color="#666666", lw=1.5, zorder=1)
                if row.low < 1 / reach:
                    ax.plot(1 / reach, y, "<", color="#666666", ms=6, clip_on=False)
                if row.high > reach:
                    ax.plot(reach, y, ">", color="#666666", ms=6, clip_on=False)
            if pd.notna(row.ratio) and 1 / reach < row.ratio < reach:
                inside = "white" if row.overlaps else SHADES[0]
                ax.plot(row.ratio, y, "o", color=SHADES[0], mfc=inside, ms=7, zorder=2)
            ax.annotate(
                f"{row.before} → {row.after}", (1, y), (8, 0), xycoords=("axes fraction", "data"),
                textcoords="offset points", va="center", fontsize=10, annotation_clip=False,
            )  # fmt: skip
        names = [(labels or {}).get(each, each) for each in ratios["context_id"]]
        ax.set_yticks(range(len(ratios)), names, fontsize=9)
        ax.set_ylim(len(ratios) - 0.4, -0.6)
        ticks = [tick for tick in (0.1, 0.25, 0.5, 1, 2, 4, 10) if 1 / reach <= tick <= reach]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.set_xticks([], minor=True)
        ax.set_xlabel("rate after / rate before")
        hollow = "; hollow: windows overlap" if (ratios["overlaps"] != "").any() else ""
        ax.set_title(f"Before and after, 95% interval{hollow}", fontsize=11)
        _source(ax, source)
        return ax
