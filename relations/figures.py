"""One function per figure: it takes a metric's frame and returns the Axes.

Text from the tables is drawn as it stands, never as mathematics, and the line under each
figure says what it rests on. Sides differ in shade and in marker, so that a grey print
tells them apart.
"""

from __future__ import annotations

import re
import textwrap
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
    ax : Axes, optional

    Returns
    -------
    Axes
        One pale point per contact, equal ones spread around their step; a square per period
        is the mean, its whisker the 95% interval. Above the line of zero the head of the
        first side stands higher, below it that of the second.

    Raises
    ------
    ValueError
        Where no contact has two known levels, or a period stands twice.

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
    ax : Axes, optional

    Returns
    -------
    Axes
        One column per side, the earliest at the top; a line joins two persons who met, the
        wider the oftener. In brackets the occasions of each person with all counterparts,
        those not drawn among them.

    Raises
    ------
    ValueError
        Where the edges are not between two sides.

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
        _source(ax, source)
        return ax


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
        Dots are rates with their 95% interval, with the count below; dashes are the rate
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


def plot_undercount(
    estimates: pd.DataFrame, *, source: str, by: str = "tier", ax: Axes | None = None
) -> Axes:
    """Draw the contacts found beside the number estimated to have taken place.

    Parameters
    ----------
    estimates : frame, as `undercount` returns it for one column ``by``
    source : str
        What the numbers rest on, such as ``data.caption``.
    by : str
        The column that names the rows.
    ax : Axes, optional

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
    >>> from relations.coverage import two_lists, undercount
    >>> data = rel.load()
    >>> tiers = undercount(two_lists(data), "tier")
    >>> ax = plot_undercount(tiers, source=data.caption)
    >>> len(ax.get_yticks()) == len(tiers)
    True
    """
    if estimates[by].duplicated().any():
        raise ValueError(f"one row per {by} is drawn: estimate by {by} alone")
    bounded = np.isfinite(estimates["high"].to_numpy(dtype=float))
    reach = estimates["high"].to_numpy(dtype=float)[bounded]
    # A single row with hardly an upper bound would press all others to the left.
    most = float(np.nanmax([estimates["found"].max(), estimates["estimate"].max()]))
    edge = min(most * 1.7, max([most, *reach])) * 1.02
    with _axes(ax, 1.3 + 0.42 * len(estimates)) as ax:
        place = np.arange(len(estimates))[::-1]
        ax.barh(place, estimates["found"], height=0.6, color="#c3ccd6", edgecolor=SHADES[0])
        for y, row in zip(place, estimates.to_dict("records"), strict=True):
            inside = row["high"] <= edge
            end = row["high"] if inside else edge
            ax.plot([row["low"], end], [y, y], color="#444444", lw=1.6)
            if not inside:
                ax.plot(edge, y, ">", color="#444444", ms=6, clip_on=False)
            if np.isfinite(row["estimate"]):
                ax.plot(row["estimate"], y, "D", color=SHADES[1], mec="black", ms=6, zorder=3)
            high = f"{row['high']:.0f}" if np.isfinite(row["high"]) else "no bound"
            guess = f"{row['estimate']:.0f}" if np.isfinite(row["estimate"]) else "?"
            ax.annotate(
                f"{row['found']} → {guess} ({row['low']:.0f}–{high})", (edge, y), (8, 0),
                textcoords="offset points", va="center", fontsize=9, annotation_clip=False,
            )  # fmt: skip
        ax.set_yticks(place, estimates[by].astype("str").str.replace("_", " "))
        ax.set_xlim(0, edge)
        ax.set_ylim(-0.6, len(estimates) - 0.4)
        ax.set_xlabel("contacts")
        ax.set_title("Contacts found (bar) and estimated (diamond), 95% interval", fontsize=11)
        _source(ax, source)
        return ax


def plot_one_sided(
    shares: pd.DataFrame, *, source: str, by: str = "kind", ax: Axes | None = None
) -> Axes:
    """Draw the share of contacts that one side alone reports, and which side it is.

    Parameters
    ----------
    shares : frame, as `one_sided` returns it for one column ``by``
    source : str
        What the numbers rest on, such as ``data.caption``.
    by : str
        The column that names the rows.
    ax : Axes, optional

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
    >>> from relations.coverage import one_sided, two_lists
    >>> data = rel.load()
    >>> shares = one_sided(two_lists(data), "kind")
    >>> ax = plot_one_sided(shares, source=data.caption)
    >>> len(ax.get_yticks()) == shares["kind"].nunique()
    True
    """
    if shares.duplicated([by, "only"]).any():
        raise ValueError(f"one row per {by} and side is drawn: count by {by} alone")
    sides = [only for only in dict.fromkeys(shares["only"]) if only != "either"]
    table = shares.assign(**{by: shares[by].astype("str")}).set_index([by, "only"])
    either = table.xs("either", level="only").query("contacts > 0")
    names = either.sort_values(["share", "contacts"], kind="stable").index
    shade = {sides[0]: SHADES[0], sides[1]: SHADES[1]}
    with _axes(ax, 1.5 + 0.36 * len(names)) as ax:
        for y, name in enumerate(names):
            left, right = (table.loc[(name, side), "share"] for side in sides)
            ax.barh(y, left, height=0.7, color=shade[sides[0]])
            ax.barh(y, 1 - left - right, left=left, height=0.7, color="#e4e8ec")
            ax.barh(y, right, left=1 - right, height=0.7, color=shade[sides[1]], hatch="///",
                    edgecolor="white", lw=0)  # fmt: skip
            low, high = table.loc[(name, sides[0]), ["low", "high"]]
            far, near = 1 - table.loc[(name, sides[1]), ["low", "high"]]
            # White below black shows on every shade.
            for shade_of_line, width in (("white", 3.5), ("black", 1.2)):
                ax.plot([low, high], [y + 0.12] * 2, color=shade_of_line, lw=width)
                ax.plot([near, far], [y - 0.12] * 2, color=shade_of_line, lw=width)
            row = either.loc[name]
            ax.annotate(
                f"{row['share']:.0%} ({row['low']:.0%}–{row['high']:.0%}) of {row['contacts']:.0f}",
                (1, y), (6, 0), textcoords="offset points", va="center", fontsize=9,
                annotation_clip=False,
            )  # fmt: skip
        ax.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
        ax.set_xlim(0, 1)
        ax.set_xticks([])
        for x, side, align in ((0, sides[0], "left"), (1, sides[1], "right")):
            ax.text(x, len(names) - 0.5, f"only {side}", ha=align, va="bottom")
        ax.tick_params(length=0)
        ax.set_ylim(-0.6, len(names) + 0.1)
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.set_title(
            "What one side alone reports; pale: both do; right: either, 95% interval", fontsize=11
        )
        _source(ax, source)
        return ax


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


def plot_mechanism_timeline(
    timeline: pd.DataFrame,
    *,
    source: str,
    names: dict[str, str] | None = None,
    mechanisms: Sequence[str] | None = None,
    span: tuple[Any, Any] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw when each standing channel met, was announced, was called off, or is missing.

    Parameters
    ----------
    timeline : frame, as `mechanism_timeline` returns it
    source : str
        What the dates rest on, such as ``data.caption``.
    names : dict, optional
        Names to print for the ids of mechanisms.
    mechanisms : sequence of str, optional
        Lanes from the top; all, by their first held contact, if left out.
    span : (first day, last day), optional
        What the data cover; the last day is marked.
    ax : Axes, optional

    Returns
    -------
    Axes
        One lane per mechanism: dots held, hollow dots announced, crosses cancelled, upright
        ticks numbers that were not found, where the count has neighbours to place them
        between. Beside each lane how many were held and, after a plus sign, not found.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.mechanisms import mechanism_timeline
    >>> data = rel.load()
    >>> ax = plot_mechanism_timeline(mechanism_timeline(data), source=data.caption)
    >>> len(ax.get_yticks()) == mechanism_timeline(data)["mechanism"].nunique()
    True
    """
    if mechanisms is None:
        held = timeline[timeline["state"] == "held"].groupby("mechanism")["day"].min()
        found = pd.Series(timeline["mechanism"].unique())
        order = pd.DataFrame({"mechanism": found, "day": found.map(held)})
        mechanisms = order.sort_values(["day", "mechanism"])["mechanism"].tolist()
    import matplotlib.dates as mdates

    marks = {
        "missing": {"marker": "|", "color": "#7a7a7a", "ms": 9, "label": "number not found"},
        "announced": {"marker": "o", "color": SHADES[0], "mfc": "white", "ms": 5.5},
        "held": {"marker": "o", "color": SHADES[0], "ms": 4.5},
        "cancelled": {"marker": "x", "color": SHADES[1], "ms": 8, "mew": 2},
    }
    with _axes(ax, 1.6 + 0.3 * len(mechanisms)) as ax:
        for row, mechanism in enumerate(reversed(mechanisms)):
            own = timeline[timeline["mechanism"] == mechanism]
            held = own.loc[own["state"] == "held", "day"]
            if len(held):
                ends = [held.min(), held.max()]
                ax.plot(ends, [row, row], color="#c9d0d8", lw=1, zorder=1)
            for state, look in marks.items():
                days = own.loc[own["state"] == state, "day"].dropna()
                ax.plot(days, [row] * len(days), ls="none", zorder=2, **{**look, "label": None})
            gone = int((own["state"] == "missing").sum())
            ax.annotate(
                f"{len(held)}" + (f" + {gone}" if gone else ""), (1.01, row),
                xycoords=("axes fraction", "data"), va="center", fontsize=8.5,
            )  # fmt: skip
        for state, look in marks.items():
            ax.plot([], [], ls="none", **{"label": state, **look})
        if span is not None:
            ax.set_xlim(pd.Timestamp(span[0]), pd.Timestamp(span[1]) + pd.Timedelta(days=60))
            ax.axvline(pd.Timestamp(span[1]), color="#999999", lw=0.8, ls=":")
        titles = [(names or {}).get(mechanism, mechanism) for mechanism in reversed(mechanisms)]
        labels = [textwrap.fill(title, 38, max_lines=2, placeholder=" …") for title in titles]
        ax.set_yticks(range(len(mechanisms)), labels, fontsize=8, linespacing=0.9)
        ax.xaxis.set_major_locator(mdates.AutoDateLocator(maxticks=7))
        ax.set_ylim(-0.7, len(mechanisms) - 0.3)
        ax.legend(
            frameon=False, ncols=2, fontsize=8.5, loc="lower left", bbox_to_anchor=(0, 1),
            borderaxespad=0.2, handletextpad=0.2, columnspacing=1,
        )  # fmt: skip
        ax.annotate(
            "held +\nnot found", (1.01, 1), xycoords="axes fraction", fontsize=8, va="bottom"
        )
        _source(ax, source)
        return ax


def plot_numbering(
    numbering: pd.DataFrame, *, source: str, name: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the number that each side gives the contacts of one series.

    Parameters
    ----------
    numbering : frame, as `relations.mechanisms.numbering` returns it
        Of the columns between ``precision`` and ``offset`` each is a side.
    source : str
        What the numbers rest on, such as ``data.caption``.
    name : str, optional
        Name of the series; its id if left out.
    ax : Axes, optional

    Returns
    -------
    Axes
        One point per number and side, labelled; a thin line joins the two numbers of one
        contact; ticks along the bottom are contacts that neither side's reports number.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.mechanisms import numbering
    >>> data = rel.load()
    >>> ax = plot_numbering(numbering(data, "coast_guard_joint_patrol"), source=data.caption)
    >>> ax.get_ylabel()
    'number given'
    """
    columns = list(numbering.columns)
    sides = columns[columns.index("precision") + 1 : columns.index("offset")]
    look = _look(sides)
    with _axes(ax, 4) as ax:
        both = numbering.dropna(subset=sides)
        low, high = both[sides].min(axis=1), both[sides].max(axis=1)
        ax.vlines(both["start"], low.astype(float), high.astype(float), color="#c9d0d8", lw=1.2)
        for side in sides:
            known = numbering.dropna(subset=[side])
            shade, marker = look[side]
            numbers = known[side].astype(float)
            ax.plot(known["start"], numbers, marker, color=shade, ms=5, ls="none")
            for day, number in zip(known["start"], numbers, strict=True):
                ax.annotate(
                    f"{number:.0f}", (day, number), (0, 6 if side == sides[0] else -6),
                    textcoords="offset points", ha="center", fontsize=8.5, color=shade,
                    va="bottom" if side == sides[0] else "top",
                )  # fmt: skip
            if len(known):
                ax.annotate(
                    f"number of {side}", (known["start"].iloc[-1], numbers.iloc[-1]), (10, 0),
                    textcoords="offset points", va="center", color=shade, annotation_clip=False,
                )  # fmt: skip
        bare = numbering[numbering[sides].isna().all(axis=1)]
        ax.plot(bare["start"], [0] * len(bare), "|", color="#7a7a7a", ms=11)
        if len(bare):
            ax.annotate(
                "without a number", (bare["start"].iloc[0], 0), (0, 9),
                textcoords="offset points", fontsize=8.5, color="#555555",
            )  # fmt: skip
        ax.margins(y=0.12)
        ax.set_ylim(bottom=-0.5)
        ax.set_ylabel("number given")
        name = name or str(numbering["mechanism"].iloc[0])
        ax.set_title(f"{name}: both numberings", fontsize=11, wrap=True)
        _source(ax, source)
        return ax


def plot_time_to_fulfilment(curve: pd.DataFrame, *, source: str, ax: Axes | None = None) -> Axes:
    """Draw the share of pledges not yet kept by the years since they were made.

    Parameters
    ----------
    curve : frame, as `time_to_fulfilment` returns it without ``by``
    source : str
        What the dates rest on, such as ``data.caption``.
    ax : Axes, optional

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
    >>> from relations.pledges import time_to_fulfilment
    >>> data = rel.load()
    >>> ax = plot_time_to_fulfilment(time_to_fulfilment(data), source=data.caption)
    >>> ax.get_xlabel()
    'years since the pledge'
    """
    if curve["days"].duplicated().any():
        raise ValueError(
            "plot_time_to_fulfilment draws one curve: pass the rows of one group at a time"
        )
    years = curve["days"].to_numpy() / 365.2425
    with _axes(ax, 4) as ax:
        band = {"step": "post", "color": "#c3ccd6", "lw": 0}
        ax.fill_between(years, curve["low"], curve["high"], **band)
        ax.step(years, curve["unkept"], where="post", color=SHADES[0])
        gone = (curve["censored"] > 0).to_numpy()
        ax.plot(years[gone], curve["unkept"][gone], "|", color=SHADES[0], ms=8)
        half = curve.loc[curve["unkept"] <= 0.5, "days"]
        if len(half):
            at = half.iloc[0] / 365.2425
            ax.plot([0, at, at], [0.5, 0.5, 0], color="#777777", lw=0.9, ls=":")
            ax.annotate(
                f"half kept after {half.iloc[0]:.0f} days", (at, 0.02), (5, 0),
                textcoords="offset points", fontsize=9.5,
            )  # fmt: skip
        kept, censored = int(curve["kept"].sum()), int(curve["censored"].sum())
        ax.set_xlim(left=0)
        ax.set_ylim(0, 1.02)
        ax.set_xlabel("years since the pledge")
        ax.set_ylabel("share not kept yet")
        ax.set_title(
            f"{kept} pledges kept, {censored} not known to be kept (ticks), 95% band", fontsize=11
        )
        _source(ax, source)
        return ax


def plot_follow_through(
    table: pd.DataFrame,
    *,
    source: str,
    by: str = "area",
    labels: dict[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of pledges kept, its interval, and its bounds if all were known.

    Parameters
    ----------
    table : frame, as ``follow_through(..., by="area")`` returns it
    source : str
        What the numbers rest on, such as ``data.caption``.
    by : str
        Column whose values are the rows.
    labels : dict, optional
        Names to print for the values of ``by``.
    ax : Axes, optional

    Returns
    -------
    Axes
        One row per value, the most pledges at the top: a pale bar from the share if no
        unknown pledge was kept to the share if every one was, a dot with a 95% line for the
        share of those whose outcome is known. Beside it kept / known / all pledges.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.pledges import follow_through
    >>> data = rel.load()
    >>> table = follow_through(data, by="area")
    >>> ax = plot_follow_through(table, source=data.caption)
    >>> len(ax.get_yticks()) == len(table)
    True
    """
    table = table.sort_values("pledges", kind="stable", ignore_index=True)
    with _axes(ax, 1.5 + 0.27 * len(table)) as ax:
        place = np.arange(len(table))
        width = (table["most"] - table["least"]).to_numpy()
        ax.barh(place, width, left=table["least"], height=0.62, color="#d5dbe2")
        # A bar without width is drawn too: bounds that meet are known, not missing.
        ax.vlines(table["least"], place - 0.31, place + 0.31, color="#8fa3b8", lw=1.5)
        ax.vlines(table["most"], place - 0.31, place + 0.31, color="#8fa3b8", lw=1.5)
        ax.hlines(place, table["low"], table["high"], color=SHADES[0], lw=1.4)
        ax.plot(table["share"], place, "o", color=SHADES[0], ms=5.5)
        for y, row in zip(place, table.itertuples(), strict=True):
            ax.annotate(
                f"{row.kept} / {row.known} / {row.pledges}", (1.03, y), va="center", fontsize=9,
                annotation_clip=False,
            )  # fmt: skip
        names = [(labels or {}).get(value, str(value)) for value in table[by]]
        ax.set_yticks(place, names, fontsize=9)
        ax.set_ylim(-0.6, len(table) - 0.4)
        ax.set_xlim(-0.02, 1.02)
        ax.set_xlabel("share kept; at the right: kept / outcome known / all")
        ax.set_title("Dot: of known outcomes, 95%; bar: bounds for all", fontsize=11)
        _source(ax, source)
        return ax


def plot_exchange_map(
    places: pd.DataFrame,
    outlines: pd.DataFrame,
    *,
    source: str,
    margin: float = 0.6,
    ax: Axes | None = None,
) -> Axes:
    """Draw where the editions of a series took place, with coarse outlines for orientation.

    Parameters
    ----------
    places : frame, as `relations.mechanisms.edition_places` returns it
    outlines : frame, the table ``data.outlines``
    source : str
        What the places rest on, such as ``data.caption``.
    margin : float
        Degrees shown around the outermost places.
    ax : Axes, optional

    Returns
    -------
    Axes
        One point per place with coordinates, labelled with its name and, for each edition,
        number and year. The outlines are coarse and make no claim on any boundary; the line
        under the map says so, and how many places have no coordinates.

    Raises
    ------
    ValueError
        Where no place has coordinates.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.mechanisms import edition_places
    >>> data = rel.load()
    >>> places = edition_places(data, "border_defence_friendship_exchange")
    >>> ax = plot_exchange_map(places, data.outlines, source=data.caption)
    >>> "no claim" in ax.figure.get_supxlabel()
    True
    """
    named = places.dropna(subset=["place_id"])
    known = named.dropna(subset=["lat", "lon"])
    if known.empty:
        raise ValueError("no place has coordinates: fill lat and lon in places.csv")
    sides = sorted(known["side"].unique())
    look = _look(sides)
    with _axes(ax, 4.6) as ax:
        for _, ring in outlines.sort_values("point").groupby(["side", "ring"]):
            ax.fill(ring["lon"], ring["lat"], fc="#f1f1ee", ec="#b5b5b5", lw=0.8, zorder=0)
        labels = []
        for _, here in known.groupby("place_id"):
            first = here.iloc[0]
            shade, marker = look[first["side"]]
            ax.plot(first["lon"], first["lat"], marker, color=shade, ms=6, zorder=2)
            editions = [
                f"{number if pd.notna(number) else '?'} ({day:%Y})"
                for number, day in zip(here["edition"], here["start"], strict=True)
            ]
            text = "\n".join([first["name"], *editions])
            labels.append((text, first["lon"], first["lat"], shade))
        ax.set_xlim(known["lon"].min() - margin, known["lon"].max() + margin)
        ax.set_ylim(known["lat"].min() - margin, known["lat"].max() + margin)
        ax.set_aspect(1 / np.cos(np.radians(known["lat"].mean())))
        ax.set_xlabel("degrees east")
        ax.set_ylabel("degrees north")
        for side in sides:
            ax.plot([], [], look[side][1], color=look[side][0], label=f"place in {side}")
        ax.legend(frameon=False, loc="upper right", fontsize=9)
        ax.set_title("Where each edition took place: number (year)", fontsize=11)
        _spread(ax, labels)
        bare = named["place_id"].nunique() - known["place_id"].nunique()
        _source(
            ax,
            f"{source}\nCoarse outlines for orientation: no claim on any boundary is drawn. "
            f"Places without coordinates, not shown: {bare}.",
        )
        return ax


def _spread(ax: Axes, labels: Sequence[tuple[str, float, float, str]]) -> None:
    """Write labels beside their points, each where it covers the least of what is there."""
    places = [
        (dx, dy, ha, va)
        for dy, va in ((6, "bottom"), (-6, "top"), (0, "center"))
        for dx, ha in ((0, "center"), (7, "left"), (-7, "right"))
        if dx or dy
    ]
    figure = ax.figure
    figure.draw_without_rendering()
    points = ax.transData.transform([(lon, lat) for _, lon, lat, _ in labels])
    taken = [(x - 5, y - 5, x + 5, y + 5) for x, y in points]
    frame = ax.get_window_extent()

    def cost(box: Any) -> float:
        outside = box.width * box.height - _overlap(frame.extents, box.extents)
        return outside + sum(_overlap(other, box.extents) for other in taken)

    for text, lon, lat, shade in labels:
        tried = []
        for dx, dy, ha, va in places:
            label = ax.annotate(
                text, (lon, lat), (dx, dy), textcoords="offset points", ha=ha, va=va,
                fontsize=8.5, color=shade, linespacing=1, zorder=3,
            )  # fmt: skip
            tried.append((cost(label.get_window_extent()), label))
        best = min(tried, key=lambda each: each[0])[1]
        for _, label in tried:
            if label is not best:
                label.remove()
        taken.append(tuple(best.get_window_extent().extents))


def _overlap(one: Sequence[float], other: Sequence[float]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)
