"""Figures of what `relations.ranks` finds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from relations.figures._drawing import (
    FAINT,
    INK,
    MARKERS,
    RULE,
    SHADES,
    SMALL,
    beside,
    drawing,
    looks,
    named,
    names_of,
    note,
    rows_to_draw,
    sides_of,
    source_of,
)
from relations.figures._heading import fold, heading, sheet
from relations.record._frames import collect, narrow
from relations.record.dataset import Dataset

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DATE = re.compile(r"\d{4}(-\d{2}){0,2}(?=-)")


def plot_who_met_whom(delegations: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the office level of both delegations' heads, contact by contact.

    Parameters
    ----------
    delegations : frame, as `ranks.heads` returns it, sorted as it is to be read
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One row per contact; a line joins the levels of the heads. Heads without a level
        stand at the left edge: with a question mark where no term dates the office, with a
        dash where the office is outside the scale.

    Examples
    --------
    >>> import relations as rel
    >>> heads = rel.ranks.heads(rel.load()).tail(20)
    >>> ax = rel.figures.plot_who_met_whom(heads)
    >>> len(ax.get_yticks()) == heads["event_id"].nunique()
    True
    """
    delegations = rows_to_draw(
        delegations, "event_id side person_id office_id office_level", "ranks.heads(data)"
    )
    sides, names = sides_of(delegations), names_of(delegations)
    look = looks(sides)
    events = list(dict.fromkeys(delegations["event_id"]))
    with drawing(ax, 1.6 + 0.42 * len(events)) as ax:
        for row, event in enumerate(reversed(events)):
            heads = delegations[delegations["event_id"] == event]
            known = heads["office_level"].dropna().astype(float)
            if len(known) > 1:
                ax.plot([known.min(), known.max()], [row, row], color=FAINT, lw=2, zorder=1)
            people = []
            heads = heads.sort_values("side", key=lambda side: side.map(sides.index))
            for head in heads.itertuples():
                shade, marker = look[head.side]
                level = 0 if pd.isna(head.office_level) else float(head.office_level)
                shift = 0.26 * (sides.index(head.side) - (len(sides) - 1) / 2)
                ax.plot(level, row + shift, marker, color=shade, ms=7, zorder=2)
                unknown = "(?)" if pd.isna(head.office_id) else "(–)"
                known_as = names.get(head.person_id, head.person_id)
                people.append(f"{known_as} {unknown}" if not level else known_as)
            beside(ax, row, " – ".join(people))
        # An event's id begins with its date, at the precision known.
        dates = [DATE.match(event) for event in reversed(events)]
        ax.set_yticks(range(len(events)), [date.group() if date else "" for date in dates])
        ax.set_xlim(-0.3, 8.3)
        ax.set_xticks(range(9), ["none", *range(1, 9)])
        ax.set_xlabel("office level of the head (8 leader … 5 minister … 1 unit)")
        for side in sides:
            shade, marker = look[side]
            ax.plot([], [], marker, color=shade, label=names.get(side, side))
        ax.legend(frameon=False, loc="upper left", ncols=len(sides), borderaxespad=0)
        ax.set_ylim(-0.6, len(events) + 0.2)
        levels = delegations.dropna(subset=["office_level"]).groupby("event_id")["office_level"]
        levels = levels.agg(["size", "nunique"]).query("size > 1")
        level = int((levels["nunique"] == 1).sum())
        found = f"At {level} of {len(levels)} contacts with two known levels the heads were level"
        drawn = "Heads by office level on the day, one row a contact."
        heading([ax], found, drawn, source_of(delegations))
        return ax


def plot_rank_ladders(data: Dataset, *, ax: Any = None) -> Any:
    """Draw both ladders of ranks side by side, under each crosswalk.

    Parameters
    ----------
    data : Dataset
        Its table ``ranks``; the ladder of the first side of ``data.sides`` stands left.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    array of two Axes
        Left by place from the top, right by cognate; ranks joined by a dash count as equal.
        Names are in the letters of their language, of several the army's. Ranks that a
        crosswalk leaves without a level stand in a row of their own at the bottom.

    Raises
    ------
    ValueError
        Where the ranks are not of two sides.

    Examples
    --------
    >>> import relations as rel
    >>> axes = rel.figures.plot_rank_ladders(rel.load())
    >>> [axis.get_title("left") for axis in axes]
    ['by place from the top', 'by cognate name']
    """
    columns = ["rank_id", "side", "native_name", "level_by_place", "level_by_cognate"]
    ranks = collect(narrow(data.ranks, "plot_rank_ladders", columns))
    sides = collect(narrow(data.sides, "plot_rank_ladders", ["side"]))["side"]
    pair = [side for side in sides if side in set(ranks["side"])]
    if ranks.empty:
        raise ValueError("nothing to draw: the table ranks has no rows")
    if len(pair) != 2:
        raise ValueError(
            f"two ladders are drawn side by side: the table ranks has {', '.join(pair)}"
        )
    (left, right), names = pair, data.names
    ranks["name"] = ranks["native_name"].fillna(ranks["rank_id"]).str.split(";").str[0]
    height = ["level_by_place", "level_by_cognate"]
    ranks = ranks.sort_values([*height, "rank_id"], ascending=False, kind="stable")
    crosswalks = zip(height, ("by place from the top", "by cognate name"), strict=True)
    with sheet(ax, 2, "crosswalks", 5.4, (1, 2), sharey=True) as axes:
        top = int(ranks[height].max().max())
        for axis, (column, title) in zip(axes, crosswalks, strict=True):
            levels = ranks.dropna(subset=[column]).groupby("side")[column].agg(set)
            equal = sorted(levels[left] & levels[right])
            for side, x, align in ((left, 0.44, "right"), (right, 0.56, "left")):
                ladder = ranks[ranks["side"] == side]
                for level, group in ladder.groupby(ladder[column].fillna(0)):
                    text = fold(", ".join(group["name"]), 1.4, SMALL)
                    axis.text(x, level, text, ha=align, va="center", fontsize=SMALL)
                axis.text(x, top + 0.8, names[side], ha=align, va="center", weight="bold")
            axis.hlines(equal, 0.46, 0.54, color=RULE, lw=1)
            axis.axhline(0.5, color=FAINT, lw=0.8)
            axis.set_xlim(0, 1)
            axis.set_ylim(-0.6, top + 1.3)
            axis.set_yticks(range(top + 1), ["none", *range(1, top + 1)])
            axis.set_xticks([])
            axis.spines["bottom"].set_visible(False)
            axis.set_title(title)
        axes[0].set_ylabel("rank level (NATO officer code)")
        subtitle = (
            "Ranks of officers; a dash joins those that count as equal; at the bottom those that "
            "the crosswalk leaves without a level"
        )
        heading(axes, _ladders_title(ranks, left, right), subtitle, data.caption)
        return np.array(axes)


def _ladders_title(ranks: pd.DataFrame, left: str, right: str) -> str:
    """Say which ranks the highest of the first side equals by each crosswalk."""
    own = ranks[ranks["side"] == left]
    highest = own.loc[own["level_by_place"].idxmax()]
    other = ranks[ranks["side"] == right]
    equals = [
        ", ".join(other.loc[other[column] == highest[column], "name"]) or "no rank"
        for column in ("level_by_place", "level_by_cognate")
    ]
    return f"{highest['name']} equals {equals[0]} by place from the top, {equals[1]} by name"


def plot_head_gap(
    gaps: pd.DataFrame, summary: pd.DataFrame, *, least: int = 5, ax: Axes | None = None
) -> Axes:
    """Draw how far the heads of the two sides stand apart, contact by contact and by period.

    Parameters
    ----------
    gaps : frame, as `ranks.gaps_of_heads` returns it
    summary : frame, as `ranks.head_gap` returns it for the same contacts and scale, by period
        and without ``by``
    least : int
        Periods with fewer known contacts show their points but no mean.
    ax : as in every figure, see `relations.figures`

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
    >>> data = rel.load()
    >>> gaps = rel.ranks.gaps_of_heads(data)
    >>> ax = rel.figures.plot_head_gap(gaps, rel.ranks.head_gap(data, every="year"))
    >>> ax.get_ylabel()
    'steps of office'
    """
    gaps = rows_to_draw(
        gaps, "event_id start first second difference scale", "ranks.gaps_of_heads(data)"
    )
    known = gaps.dropna(subset=["difference"]).sort_values(["start", "event_id"])
    if known.empty:
        raise ValueError("nothing to draw: no contact has a known level on both sides")
    summary = rows_to_draw(
        summary,
        "period known mean low high",
        "ranks.head_gap(gaps, every='year')",
        "period",
        "take one group of a frame made by",
    )
    first, second = named(known[["first", "second"]].iloc[0], names_of(gaps))
    steps = known["difference"].astype("float64")
    # Equal contacts of one year are spread evenly, so that each can be seen.
    year = known["start"].dt.year
    place = known.groupby([year, "difference"]).cumcount()
    size = known.groupby([year, "difference"])["event_id"].transform("size")
    spread = 0.6 * ((place + 0.5) / size - 0.5)
    shown = summary[summary["known"] >= least]
    middle = shown["period"] + _half_period(summary["period"])
    with drawing(ax, 3.8) as ax:
        ax.axhline(0, color=INK, lw=0.8, zorder=1)
        ax.plot(known["start"], steps + spread, "o", color=FAINT, ms=4, zorder=2)
        ax.vlines(middle, shown["low"], shown["high"], color=SHADES[0], lw=1.6, zorder=3)
        ax.plot(middle, shown["mean"], MARKERS[1], color=SHADES[0], ms=5, zorder=4, label="mean")
        reach = max(float(steps.abs().max()), 1) + 0.8
        ax.set_ylim(-reach, reach)
        ax.yaxis.set_major_locator(MaxNLocator(integer=True))
        edge: dict[str, Any] = {
            "transform": ax.get_yaxis_transform(), "fontsize": 10, "color": "#222222",
        }  # fmt: skip
        ax.text(0.01, reach - 0.1, f"▲ head of {first} stands higher", va="top", **edge)
        ax.text(0.01, -reach + 0.1, f"▼ head of {second} stands higher", va="bottom", **edge)
        kind = "office" if known["scale"].iloc[0] == "office" else "rank"
        ax.set_ylabel(f"steps of {kind}")
        level, higher = int((steps == 0).sum()), int((steps > 0).sum())
        found = (
            f"Heads were level at {level} of {len(steps)} contacts; that of {first} stood higher "
            f"at {higher}, that of {second} at {len(steps) - level - higher}"
        )
        drawn = (
            f"Distance of the heads at each contact, and means of {least} or more, 95% interval."
        )
        heading([ax], found, drawn, source_of(gaps))
        return ax


def _half_period(periods: pd.Series) -> pd.Timedelta:
    """Return half of the shortest distance between periods, half a year where there is one."""
    gaps = periods.sort_values().diff().dropna()
    return (gaps.min() if len(gaps) else pd.Timedelta(days=365)) / 2


def plot_meeting_network(edges: pd.DataFrame, *, most: int = 12, ax: Axes | None = None) -> Axes:
    """Draw who met whom among the persons of two sides with the most occasions, as a ladder.

    Parameters
    ----------
    edges : frame, as `ranks.network` returns it
    most : int
        How many persons of each side are drawn; ties for the last place go by id.
    ax : as in every figure, see `relations.figures`

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
    >>> ax = rel.figures.plot_meeting_network(rel.ranks.network(rel.load()), most=5)
    >>> len([text for text in ax.texts if "(" in text.get_text()])
    10
    """
    edges = rows_to_draw(
        edges, "first second first_side second_side weight since", "ranks.network(data)"
    )
    sides = edges[["first_side", "second_side"]].drop_duplicates()
    if len(sides) != 1:
        raise ValueError("the ladder is between two sides: take the edges of one pair of sides")
    names = names_of(edges)
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
            ax.text(x, 0.05, names.get(side, side), ha="center", va="bottom", weight="bold")
        ax.set_xlim(-0.75, 1.75)
        ax.set_ylim(-1.05, 0.12)
        ax.set_axis_off()
        most_often = edges.sort_values("weight", ascending=False, kind="stable").iloc[0]
        who = " and ".join(named(most_often[["first", "second"]], names))
        once = int(edges["weight"].eq(1).sum())
        title = (
            f"{who} met on {most_often['weight']} occasions, more than any other pair; "
            f"{once} of {len(edges)} pairs met once"
        )
        if edges["weight"].eq(most_often["weight"]).sum() > 1:
            title = (
                f"No pair met on more than {most_often['weight']} occasions; "
                f"{once} of {len(edges)} pairs met once"
            )
        subtitle = (
            "Heads of delegations opposite each other, by their first meeting; the wider a line, "
            "the oftener; grey met once; in brackets meetings with anybody, an occasion with two "
            "counted twice"
        )
        heading((ax,), title, subtitle, source_of(edges))
        return ax
