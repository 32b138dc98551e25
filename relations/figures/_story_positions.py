"""The figure of what both sides said on one topic."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import MaxNLocator

from relations.figures._drawing import (
    FAINT,
    INK,
    RULE,
    SHADES,
    SMALL,
    looks,
    names_of,
    rows_to_draw,
    source_of,
)
from relations.figures._heading import LEGIBLE, fold, fraction_of_year, heading, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_positions(
    said: pd.DataFrame, *, tell: Sequence[int] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw when each side spoke on a topic, with some of what it said beside each other.

    Parameters
    ----------
    said : frame, as ``positions(data, topic)`` returns it
    tell : rows of ``said``, optional
        Positions whose words are written out, by their index, four of a side at most. If left
        out, from each quarter of the time the matter on which both sides say most, where
        there is one, and of it, or else of all, the shortest words.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        The first side's lane above and the second's below, positions of both (joint) on the
        line between. One mark per position, those of one month beside each other away from
        the line; filled where quoted or a ministry's own words, hollow where paraphrased.
        Lines lead to the words of some, China's above and Vietnam's below.

    Raises
    ------
    ValueError
        Where a row of ``tell`` is not in the frame, or a side has more than four.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.measures.areas import positions
    >>> ax = plot_positions(positions(rel.load(), "maritime_dispute"))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['China', 'both', 'Vietnam']
    """
    said = rows_to_draw(
        said, "day side speaker basis position event_id context_id", "areas.positions(data)"
    )
    names = names_of(said)
    sides = [side for side in names if side in set(said["side"])]
    sides = sides or sorted(set(said["side"]) - {"joint"})
    if not 1 <= len(sides) <= 2:
        raise ValueError(f"two sides are drawn, and the frame has {', '.join(sides) or 'none'}")
    chosen = _telling(said, sides) if tell is None else list(tell)
    lost = [row for row in chosen if row not in said.index]
    if lost:
        raise ValueError(f"row {lost[0]!r} to tell is not in the frame")
    look = looks(sides)
    at = said["day"].map(fraction_of_year)
    spots = _heaps(said, at, sides)
    figure: Any = None if ax is None else ax.figure
    wide = 7.0 if figure is None else figure.get_figwidth()
    texts = {
        side: _texts(said.loc[[row for row in chosen if said.loc[row, "side"] == side]], wide)
        for side in sides
    }
    # From the middle to the words, and to the end of the words, in rows of marks.
    reach = max(3.0, *(abs(y) for y in spots.values())) + 1
    ends = [
        reach + max((text.count("\n") + 1.5 for text in texts[side].values()), default=0) * 0.75
        for side in sides
    ]
    height = 1.75 + 0.22 * (ends[0] + ends[-1])
    with sheet(ax, 1, "panels", height) as (ax,):
        first, last = at.min(), at.max()
        room = max(last - first, 1) * 0.03
        ax.set_xlim(first - room, last + room)
        ax.set_ylim(-ends[-1], ends[0])
        for y in (0, 1.4, -1.4):
            ax.axhline(y, color="#e2e2e2" if y else FAINT, lw=0.7, zorder=0)
        for row in said.itertuples():
            shade, marker = look.get(row.side, (SHADES[2], "D"))
            solid = row.basis in ("quoted", "ministry")
            ax.plot(
                at[row.Index], spots[row.Index], marker, ms=5.5, mec=shade, mew=1.1, zorder=3,
                mfc=shade if solid else "white", ls="none",
            )  # fmt: skip
        for way, side in zip((1, -1), sides, strict=False):
            left, right = ax.get_xlim()
            dark = LEGIBLE.get(look[side][0], look[side][0])
            for column, (row, text) in enumerate(texts[side].items()):
                x = left + (column + 0.5) * (right - left) / len(texts[side])
                ax.annotate(
                    text, (at[row], spots[row]), (x, way * reach), fontsize=SMALL, color=dark,
                    ha="center", va="bottom" if way > 0 else "top", linespacing=1.1,
                    arrowprops={
                        "arrowstyle": "-", "color": RULE, "lw": 0.7, "shrinkA": 1, "shrinkB": 3,
                    },
                )  # fmt: skip
        labels = {sides[0]: 1.4, "joint": 0.0}
        if len(sides) == 2:
            labels[sides[1]] = -1.4
        words = {"joint": "both"} | {side: names.get(side, side) for side in sides}
        ax.set_yticks(list(labels.values()), [words[side] for side in labels], fontsize=SMALL + 1)
        ax.tick_params(axis="y", length=0)
        ax.tick_params(axis="x", labelsize=SMALL)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.spines["left"].set_visible(False)
        ax.plot([], [], "o", mfc=INK, mec=INK, ms=5.5, label="quoted, or a ministry's own words")
        ax.plot([], [], "o", mfc="white", mec=INK, ms=5.5, label="paraphrased")
        ax.legend(ncols=2, fontsize=SMALL, loc="lower left", bbox_to_anchor=(0, 1.0),
                  handletextpad=0.1, columnspacing=1, borderaxespad=0.1)  # fmt: skip
        topic = said.attrs.get("topic", "all topics")
        topic = str(names.get(topic, topic)).replace("_", " ").lower()
        title = _positions_title(said, sides, names, topic)
        subtitle = (
            f"One mark per position on {topic} at a contact or in a crisis, on the day when it "
            "began; some in the record's words, not quotations"
        )
        foot = "Pages were mostly read in their openings: a side may have spoken further down."
        heading((ax,), title, subtitle, f"{source_of(said)}\n{foot}")
        return ax


def _positions_title(said: pd.DataFrame, sides: Sequence[str], names: Any, topic: str) -> str:
    numbers = said["side"].value_counts()
    order = sorted(sides, key=lambda side: -numbers.get(side, 0))
    told = [f"{numbers.get(side, 0)} of {names.get(side, side)}" for side in order]
    told[0] = told[0].replace(" of ", " positions of ", 1)
    told += [f"{numbers['joint']} of both"] if "joint" in numbers else []
    listed = f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]
    middle = said["day"].min().year + (said["day"].max().year - said["day"].min().year + 1) // 2
    late = int((said["day"].dt.year >= middle).sum())
    return f"On {topic} the record has {listed}; {late} of the {len(said)} date from {middle} on"


def _heaps(said: pd.DataFrame, at: pd.Series, sides: Sequence[str]) -> dict[Any, float]:
    """Return how high each mark stands: those near in time of one side on top of each other."""
    wide = max(at.max() - at.min(), 1) / 75
    spots: dict[Any, float] = {}
    for side, own in said.groupby("side"):
        way = {sides[0]: 1, sides[-1]: -1}.get(side, 0) if side != "joint" else 0
        taken: list[tuple[float, int]] = []
        for row in at[own.index].sort_values(kind="stable").index:
            step = 0
            while any(abs(at[row] - x) < wide and step == level for x, level in taken):
                step += 1
            taken.append((at[row], step))
            spots[row] = way * (1.0 + 0.62 * step) if way else 0.0 + 0.3 * step * (-1) ** step
    return spots


def _telling(said: pd.DataFrame, sides: Sequence[str]) -> list[Any]:
    """Choose up to four positions of each side, one from each quarter of the time."""
    matter = said["event_id"].fillna(said["context_id"])
    since, until = said["day"].min(), said["day"].max()
    edges = [since + (until - since) * part / 4 for part in range(5)]
    edges[-1] += pd.Timedelta(days=1)
    chosen = []
    for low, high in itertools.pairwise(edges):
        own = said[(said["day"] >= low) & (said["day"] < high) & said["side"].isin(sides)]
        if own.empty:
            continue
        talks = own.groupby(matter[own.index], sort=False)["side"].agg(["nunique", "size"])
        shared = talks.loc[talks["nunique"] == len(sides), "size"]
        if len(shared):
            own = own[matter[own.index] == shared.idxmax()]
        for side in sides:
            pool = own.loc[own["side"] == side, "position"]
            if len(pool):
                chosen.append(pool.str.len().idxmin())
    return chosen


def _texts(own: pd.DataFrame, wide: float) -> dict[Any, str]:
    """Return the words of some positions in columns, in the order of their days."""
    if len(own) > 4:
        raise ValueError(f"four positions of a side find room, not {len(own)}")
    inches = wide * 0.86 / max(len(own), 1) - 0.12
    texts = {}
    for row in own.sort_values("day", kind="stable").itertuples():
        who = str(row.speaker).split(",")[0] if pd.notna(row.speaker) else "not named"
        lines = (f"{row.day.year}, {who}:", row.position)
        texts[row.Index] = "\n".join(fold(line, min(inches, 2.4), SMALL) for line in lines)
    return texts
