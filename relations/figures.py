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
