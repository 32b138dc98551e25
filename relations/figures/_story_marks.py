"""Figures of the story that set dated marks in lanes: crises, hotlines, positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.patheffects import withStroke

from relations.figures._drawing import (
    FAINT,
    INK,
    RULE,
    SHADES,
    SMALL,
    note,
    rows_to_draw,
    source_of,
)
from relations.figures._heading import (
    LEVEL_MARKS,
    LEVEL_SHADES,
    LEVEL_WORDS,
    fold,
    fraction_of_year,
    heading,
    sheet,
)
from relations.measures._scatter import LEVELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DAYS_PER_MONTH = 365.25 / 12
# How far below the middle of its lane a mark stands, by level.
ROWS = dict(zip(LEVELS, (-0.24, -0.24, -0.06, 0.12, 0.12), strict=True))
# Marks of the steps of a hotline in the order of its life, and how far below the middle of
# its lane they stand.
STEP_ROWS = {"promised": -0.28, "used": 0.14}
STEP_MARKS = {
    "promised": {"marker": "o", "mfc": "white", "ms": 7, "mew": 1.5},
    "signed": {"marker": "s", "ms": 7},
    "opened": {"marker": "^", "ms": 9},
    "used": {"marker": "*", "ms": 13},
    "named as standing": {"marker": "|", "ms": 9, "mew": 1.3},
}


def plot_crises(marks: pd.DataFrame, silences: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the contacts of the months before and after each crisis, and the longest silence.

    Parameters
    ----------
    marks : frame, as ``around_crises(data)`` returns it
    silences : frame, as ``crisis_silences(data)`` returns it for the same crises
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One lane per crisis, the earliest at the top, months from its start along the bottom;
        a tinted span while it lasted, thin ticks where further crises began. One mark per
        contact, its shape and shade its level, leaders and ministers above and the others
        below; one known to the month alone stands in its middle, on a thin line. Hollow:
        announced only; cross: cancelled; question mark: disputed. A bar under the marks is
        the longest time without a contact known to the day.

    Raises
    ------
    ValueError
        Where a contact is of a crisis that has no lane.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.measures.trajectory import around_crises, crisis_silences
    >>> data = rel.load()
    >>> ax = plot_crises(around_crises(data), crisis_silences(data))
    >>> len(ax.get_yticks()) == len(crisis_silences(data))
    True
    """
    made = "trajectory.around_crises(data)"
    marks = rows_to_draw(marks, "crisis event_id status level first last", made)
    silences = rows_to_draw(
        silences,
        "crisis words start precision days other since until silent_from silent_until silence "
        "coarse before after",
        "trajectory.crisis_silences(data)",
        "crisis",
        "pass each crisis once",
    )
    strange = set(marks["crisis"]) - set(silences["crisis"])
    if strange:
        raise ValueError(f"no lane for the crisis {min(strange)!r}: take both for the same crises")
    unit, months = marks.attrs.get("unit", "contacts"), marks.attrs.get("months", 12)
    silences = silences.sort_values(["start", "crisis"], ignore_index=True)
    with sheet(ax, 1, "panels", 1.75 + 0.72 * len(silences)) as (ax,):
        ax.set_xlim(-months - 0.2, months + 0.2)
        ax.set_ylim(len(silences) - 0.45, -0.55)
        ax.axvline(0, color=RULE, lw=1, zorder=1)
        for lane in silences.itertuples():
            y = lane.Index
            if y:
                ax.axhline(y - 0.5, color="#e2e2e2", lw=0.7)
            if lane.days:
                until = min(_month(lane.days), months)
                ax.fill_between([0, until], y - 0.4, y + 0.24, color="#fbe8d3", lw=0, zorder=0)
            for day in lane.other:
                ax.plot(
                    [_month(day)] * 2, [y - 0.4, y + 0.24], color=RULE, lw=1, ls=":", zorder=0.6
                )
            # Where the record does not cover the months, their part of the lane is grey.
            reach = [-months, _month(lane.since), _month(lane.until), months]
            for low, high in (reach[:2], reach[2:]):
                if high - low > 0.2:
                    lane_of = 1 - (y + 1) / len(silences), 1 - y / len(silences)
                    ax.axvspan(low, high, *lane_of, color="#ececec", lw=0, gid="not covered")
            _crisis_marks(ax, marks[marks["crisis"] == lane.crisis], y)
            _silence(ax, lane, y)
            how = {"xycoords": ("axes fraction", "data"), "va": "center"}
            note(ax, f"{lane.before} | {lane.after}", (1, y), (6, 0), **how)
        labels = [
            f"{fold(lane.words, 1.25, SMALL)}\n{_date(lane)}" for lane in silences.itertuples()
        ]
        ax.set_yticks(range(len(silences)), labels, fontsize=SMALL, linespacing=1.05)
        ax.set_xticks(range(-months, months + 1, 3))
        ax.tick_params(axis="x", labelsize=SMALL)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel("months from the start", fontsize=SMALL)
        how = {"xycoords": "axes fraction", "va": "bottom"}
        note(ax, "before |\nafter", (1, 1), (6, 0), linespacing=1.05, **how)
        _crisis_key(ax, marks)
        longest = silences.sort_values("silence", kind="stable").iloc[-1]
        after = silences[silences["silent_from"] >= 0].sort_values("silence", kind="stable")
        title = (
            f"In {len(after)} of {len(silences)} crises the longest silence of the {2 * months} "
            "months came after the start"
        )
        if len(after):
            most = after.iloc[-1]
            title += f", {most['silence']} days at most ({most['words']}, {most['start'].year})"
        else:
            title += f"; the longest, {longest['silence']} days, came before"
        subtitle = (
            f"{unit.capitalize()} of the {months} months before and after what the record counts "
            "as a crisis, by level; bar: the longest time without one known to the day; at the "
            "right: held before and after"
        )
        foot = "Tint: while it lasted; dotted: a further crisis begins; thin line: day not known."
        heading((ax,), title, subtitle, f"{source_of(marks)}\n{foot}")
        return ax


def _date(lane: Any) -> str:
    day = f"{lane.start.day} " if lane.precision == "day" else ""
    return f"{day}{lane.start:%b %Y}" if lane.precision != "year" else f"{lane.start:%Y}"


def _month(days: Any) -> Any:
    return days / DAYS_PER_MONTH


def _crisis_marks(ax: Axes, own: pd.DataFrame, y: float) -> None:
    """Draw the contacts of one crisis, those of the lower levels first."""
    for level in reversed(LEVELS):
        shade, marker = LEVEL_SHADES[level], LEVEL_MARKS[level]
        here = own[own["level"] == level]
        for mark in here.itertuples():
            x = _month((mark.first + mark.last) / 2)
            place = y + ROWS[level]
            if mark.first != mark.last:
                ends = [_month(mark.first), _month(mark.last)]
                ax.plot(ends, [place, place], color=FAINT, lw=0.8, zorder=1.5)
            ax.plot(x, place, ls="none", gid=mark.event_id, **_look(mark.status, marker, shade))


def _look(status: str, marker: str, shade: str) -> dict[str, Any]:
    """Return how a contact is drawn: by its level where held, else by what became of it."""
    if status == "cancelled":
        return {"marker": "X", "color": "black", "ms": 8, "mec": "white", "mew": 0.6, "zorder": 4}
    if status == "disputed":
        return {"marker": "$?$", "color": "black", "ms": 8, "zorder": 4}
    if status == "announced":
        return {"marker": "o", "mfc": "white", "mec": "black", "ms": 5.5, "mew": 1.1, "zorder": 3.5}
    if marker == "|":
        return {"marker": "|", "color": "#8a8a8a", "ms": 6, "mew": 1.2, "zorder": 2}
    size = {"D": 6, "o": 6, "s": 5, "^": 5.5}[marker]
    return {"marker": marker, "mfc": shade, "mec": INK, "ms": size, "mew": 0.5, "zorder": 3}


def _silence(ax: Axes, lane: Any, y: float) -> None:
    """Draw the longest silence of a lane under its marks, with its length."""
    ends = [_month(lane.silent_from), _month(lane.silent_until)]
    place = y + 0.34
    ax.plot(ends, [place, place], color="black", lw=2.2, solid_capstyle="butt", zorder=3,
            gid=f"silence {lane.crisis}")  # fmt: skip
    text = f"{lane.silence} days" + (f" ({lane.coarse} more may lie in it)" if lane.coarse else "")
    high = ax.get_xlim()[1]
    left = ends[1] > high - 8
    spot = (ends[0] if left else ends[1], place)
    how = {"ha": "right" if left else "left", "va": "center", "zorder": 5}
    halo = [withStroke(linewidth=2.5, foreground="white")]
    note(ax, text, spot, (-4 if left else 4, 0), path_effects=halo, **how)


def _crisis_key(ax: Axes, marks: pd.DataFrame) -> None:
    handles = []
    for level in LEVELS:
        look = _look("held", LEVEL_MARKS[level], LEVEL_SHADES[level])
        handles += ax.plot([], [], ls="none", label=LEVEL_WORDS[level], **look)
    for status in ("announced", "cancelled", "disputed"):
        if status in set(marks["status"]):
            handles += ax.plot([], [], ls="none", label=status, **_look(status, "", ""))
    ax.legend(
        handles=handles, ncols=4, fontsize=SMALL, loc="lower left", bbox_to_anchor=(-0.2, 1.0),
        handletextpad=0.1, columnspacing=0.9, borderaxespad=0.2, labelspacing=0.3,
    )  # fmt: skip


def plot_hotline(steps: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw each hotline from promise to use: what was promised, signed, opened and used when.

    Parameters
    ----------
    steps : frame, as ``hotline_steps(data)`` returns it
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One lane per line, the earliest at the top; a mark per step, its shape the step. A
        line under a lane leads from its first promise to its first use, with the days
        between; where no use is on record the lane says so. Ticks are words that speak of
        the line as one that stands, or was used.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.measures.channels import hotline_steps
    >>> ax = plot_hotline(hotline_steps(rel.load()))
    >>> [label.get_text() for label in ax.get_yticklabels()][0]
    'ministries'
    """
    steps = rows_to_draw(steps, "line step day precision event_id", "channels.hotline_steps(data)")
    firsts = steps.groupby("line")["day"].min().sort_values(kind="stable")
    lanes = sorted(firsts.index, key=lambda line: (line == "line not said", firsts[line]))
    waits: dict[str, Any] = {}
    with sheet(ax, 1, "panels", 1.9 + 0.78 * len(lanes)) as (ax,):
        for y, line in enumerate(lanes):
            own = steps[steps["line"] == line]
            if y:
                ax.axhline(y - 0.5, color="#e2e2e2", lw=0.7)
            for step in own.itertuples():
                place = y + STEP_ROWS.get(step.step, -0.08)
                at = fraction_of_year(step.day)
                ax.plot(at, place, ls="none", gid=step.event_id, zorder=3, **_step_look(step.step))
                if step.step in ("signed", "used"):
                    month = f"{step.day:%b %Y}" if step.precision != "year" else f"{step.day:%Y}"
                    # A document's year stands before its mark, where its other steps do not.
                    text, away = (f"{step.day:%Y}", -7) if step.step == "signed" else (month, 9)
                    side = "right" if away < 0 else "left"
                    note(ax, text, (at, place), (away, 0), va="center", ha=side)
            waits[line] = _wait(own)
            told = [
                f"{len(part)} {step}"
                for step in STEP_MARKS
                if len(part := own[own["step"] == step])
            ]
            if waits[line] is not None:
                ends = [fraction_of_year(day) for day in waits[line][:2]]
                ax.annotate(
                    "", (ends[1], y + 0.14), (ends[0], y + 0.14), zorder=2,
                    arrowprops={
                        "arrowstyle": "->", "color": "black", "lw": 1.2, "shrinkA": 0, "shrinkB": 6,
                    },
                )  # fmt: skip
                told.append(f"{waits[line][2]:,} days from the first promise to the first use")
            elif line != "line not said":
                told.append("no use on record")
            note(ax, ", ".join(told), (0.0, y + 0.34), (4, 0), va="center",
                 xycoords=("axes fraction", "data"), color=INK)  # fmt: skip
        ax.set_yticks(range(len(lanes)), [fold(line, 1.1, SMALL) for line in lanes], fontsize=SMALL)
        ax.set_ylim(len(lanes) - 0.45, -0.55)
        years = [int(steps["day"].dt.year.min()), int(steps["day"].dt.year.max())]
        ax.set_xlim(years[0] - 0.6, years[1] + 0.6)
        # A year stands where it begins.
        begun = range(years[0] + years[0] % 2, years[1] + 1, 2)
        ax.set_xticks([year - 0.5 for year in begun], [str(year) for year in begun])
        ax.tick_params(axis="x", labelsize=SMALL)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        for step in STEP_MARKS:
            ax.plot([], [], ls="none", label=step, **_step_look(step))
        ax.legend(
            ncols=5, fontsize=SMALL, loc="lower left", bbox_to_anchor=(-0.02, 1.0),
            handletextpad=0.1, columnspacing=1, borderaxespad=0.1,
        )  # fmt: skip
        used = [line for line in lanes if waits[line] is not None]
        asked = [line for line in lanes if line != "line not said"]
        if used:
            title = f"Of {len(asked)} hotlines the use of {len(used)} is on record: " + "; ".join(
                f"{line}, {waits[line][2]:,} days after the first promise" for line in used
            )
        else:
            title = f"Of {len(asked)} hotlines no use is on record"
        subtitle = (
            "Dated steps of each line between the forces: pledges, documents, openings, contacts "
            "over the line, and contacts at which words speak of it as standing"
        )
        heading((ax,), title, subtitle, source_of(steps))
        return ax


def _step_look(step: str) -> dict[str, Any]:
    more = {"color": SHADES[1], "mec": "black", "mew": 0.6} if step == "used" else {}
    return {"color": SHADES[0]} | STEP_MARKS[step] | more


def _wait(own: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp, int] | None:
    """Return the first promise and the first use after it, and the days between."""
    promised = own.loc[own["step"] == "promised", "day"]
    used = own.loc[own["step"] == "used", "day"]
    if promised.empty or used.empty or used.min() < promised.min():
        return None
    return promised.min(), used.min(), (used.min() - promised.min()).days
