"""Figures of `relations.ranks`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relations.figures._drawing import (
    FAINT,
    INK,
    MARKERS,
    PALER,
    RULE,
    SHADES,
    SMALL,
    beside,
    check_rows,
    drawing,
    in_order,
    looks,
    named,
    note,
    panels,
    source_line,
    words,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DATE = re.compile(r"\d{4}(-\d{2}){0,2}(?=-)")


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
    source, sides, names, ax : as in every figure, see `relations.figures`

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
    sides = in_order(sides, delegations["side"])
    delegations = delegations[delegations["side"].isin(sides)]
    look = looks(sides)
    events = list(dict.fromkeys(delegations["event_id"]))
    with drawing(ax, 1.6 + 0.42 * len(events)) as ax:
        for row, event in enumerate(reversed(events)):
            heads = delegations[delegations["event_id"] == event]
            known = heads["office_level"].dropna().astype(float)
            if len(known) > 1:
                ax.plot([known.min(), known.max()], [row, row], color=FAINT, lw=2, zorder=1)
            people = []
            for head in heads.itertuples():
                shade, marker = look[head.side]
                level = 0 if pd.isna(head.office_level) else float(head.office_level)
                shift = 0.26 * (sides.index(head.side) - (len(sides) - 1) / 2)
                ax.plot(level, row + shift, marker, color=shade, ms=7, zorder=2)
                unknown = " (?)" if pd.isna(head.office_level) else ""
                people.append(named([head.person_id], names)[0] + unknown)
            beside(ax, row, " – ".join(people))
        # An event's id begins with its date, at the precision known.
        dates = [DATE.match(event) for event in reversed(events)]
        ax.set_yticks(range(len(events)), [date.group() if date else "" for date in dates])
        ax.set_xlim(-0.3, 8.3)
        ax.set_xticks(range(9), ["?", *range(1, 9)])
        ax.set_xlabel("office level of the head (8 leader … 5 minister … 1 unit)")
        for side in sides:
            shade, marker = look[side]
            ax.plot([], [], marker, color=shade, label=side)
        ax.legend(frameon=False, loc="upper left", ncols=len(sides), borderaxespad=0)
        ax.set_ylim(-0.6, len(events) + 0.2)
        words(ax, "Who met whom, at which office level", source)
        return ax


def plot_rank_ladders(
    ranks: pd.DataFrame, *, source: str, sides: Sequence[str] | None = None, ax: Any = None
) -> Any:
    """Draw both ladders of ranks side by side, under each crosswalk.

    Parameters
    ----------
    ranks : frame, the table ``data.ranks``
    sides : sequence of two sides, optional
        Left and right ladder; the first two, sorted, if left out.
    source, ax : as in every figure, see `relations.figures`

    Returns
    -------
    array of two Axes
        Left by place from the top, right by cognate; ranks joined by a dash count as equal.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> axes = plot_rank_ladders(data.ranks, source=data.caption)
    >>> [axis.get_title("left") for axis in axes]
    ['by place from the top', 'by cognate name']
    """
    pair = in_order(sides, ranks["side"])
    if len(pair) < 2:
        raise ValueError(f"two ladders are drawn side by side: the frame has {pair[0]} alone")
    left, right = pair[:2]
    crosswalks = (
        ("level_by_place", "by place from the top"),
        ("level_by_cognate", "by cognate name"),
    )
    with panels(ax, 2, "crosswalks", height=4.6, columns=2) as ax:
        top = int(ranks[["level_by_place", "level_by_cognate"]].max().max())
        for axis, (column, title) in zip(ax, crosswalks, strict=True):
            levels = ranks.dropna(subset=[column]).groupby("side")[column].agg(set)
            equal = sorted(levels[left] & levels[right])
            for side, x, align in ((left, 0.42, "right"), (right, 0.58, "left")):
                ladder = ranks[(ranks["side"] == side) & ranks[column].notna()]
                for level, group in ladder.groupby(column):
                    # Ids are in plain letters: few fonts hold every script of the names.
                    names = " / ".join(
                        name.removeprefix(f"{side.lower()}-") for name in group["rank_id"]
                    )
                    axis.text(x, level, names, ha=align, va="center", fontsize=SMALL)
                axis.text(x, top + 0.8, side, ha=align, va="center", weight="bold")
            axis.hlines(equal, 0.44, 0.56, color=RULE, lw=1)
            axis.set_xlim(-0.25, 1.25)
            axis.set_ylim(0.4, top + 1.3)
            axis.set_yticks(range(1, top + 1))
            axis.set_xticks([])
            axis.spines["bottom"].set_visible(False)
            axis.set_title(title)
        ax[0].set_ylabel("rank level (NATO officer code)")
        source_line(ax[0], source)
        return ax


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
    fewest : int
        Periods with fewer known contacts show their points but no mean.
    source, names, ax : as in every figure, see `relations.figures`

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
    check_rows(summary, "period", "take one group of a frame made by")
    first, second = ((names or {}).get(side, side) for side in known[["first", "second"]].iloc[0])
    steps = known["difference"].astype("float64")
    # Equal contacts of one year are spread evenly, so that each can be seen.
    year = known["start"].dt.year
    place = known.groupby([year, "difference"]).cumcount()
    size = known.groupby([year, "difference"])["event_id"].transform("size")
    spread = 0.6 * ((place + 0.5) / size - 0.5)
    shown = summary[summary["known"] >= fewest]
    middle = shown["period"] + _half_period(summary["period"])
    with drawing(ax, 3.8) as ax:
        ax.axhline(0, color=INK, lw=0.8, zorder=1)
        ax.plot(known["start"], steps + spread, "o", color=FAINT, ms=4, zorder=2)
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
        words(ax, f"Distance of the heads: contacts, and means of {fewest} or more, 95%", source)
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
    level : str
        How to call the level in the title.
    source, ax : as in every figure, see `relations.figures`

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
    check_rows(summary, "period", "take one group of a frame made by")
    summary = summary.reset_index(drop=True)
    met = summary[summary["contacts"] > 0]
    sure = summary[summary["known"] > 0]
    # Every period is a place on the axis, those without a contact too.
    with drawing(ax, 3.8) as ax:
        ax.bar(
            met.index, met["most"] - met["least"], bottom=met["least"], width=0.8, color=PALER,
            zorder=1,
        )  # fmt: skip
        ax.vlines(sure.index, sure["low"], sure["high"], color=INK, lw=1.4, zorder=2)
        ax.plot(sure.index, sure["share"], MARKERS[0], color=SHADES[0], ms=5, zorder=3)
        for x, row in met.iterrows():
            counts = f"{row['known']} / {row['contacts']}"
            note(ax, counts, (x, 1.03), (0, 0), ha="center", va="bottom", rotation=90)
        step = max(1, -(-len(summary) // 9))
        yearly = (summary["period"].dt.month == 1).all()
        labels = summary["period"].dt.strftime("%Y" if yearly else "%Y-%m")
        ax.set_xticks(summary.index[::step], labels[::step])
        ax.set_ylim(-0.02, 1.22)
        ax.set_yticks(np.linspace(0, 1, 5), [f"{share:.0%}" for share in np.linspace(0, 1, 5)])
        ax.set_ylabel("share of contacts")
        words(ax, f"At {level} or above: 95%, bounds (pale), known / all (top)", source)
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
    most : int
        How many persons of each side are drawn; ties for the last place go by id.
    source, names, ax : as in every figure, see `relations.figures`

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
    check_rows(edges)
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
    with drawing(ax, 1.2 + 0.3 * max(len(left), len(right))) as ax:
        width = min(0.8, 12 / drawn["weight"].max())
        for pair in drawn.sort_values("weight").itertuples():
            ends = [left.loc[pair.first, "y"], right.loc[pair.second, "y"]]
            often = pair.weight > 1
            ax.plot(
                [0, 1], ends, color=SHADES[0] if often else FAINT, lw=width * pair.weight,
                solid_capstyle="round", zorder=2 if often else 1,
            )  # fmt: skip
        look = looks(sides.iloc[0].tolist())
        for x, people, side, align in (
            (0, left, sides["first_side"].iloc[0], "right"),
            (1, right, sides["second_side"].iloc[0], "left"),
        ):
            shade, marker = look[side]
            ax.plot([x] * len(people), people["y"], marker, color=shade, ms=7, zorder=3, lw=0)
            for person in people.itertuples():
                text = f"{named([person.Index], names)[0]} ({person.weight})"
                gap = (-9 if align == "right" else 9, 0)
                note(ax, text, (x, person.y), gap, ha=align, va="center")
            ax.text(x, 0.05, side, ha="center", va="bottom", weight="bold")
        ax.set_xlim(-0.75, 1.75)
        ax.set_ylim(-1.05, 0.12)
        ax.set_axis_off()
        words(ax, "Heads of delegations who met (occasions; the wider, the oftener)", source)
        return ax
