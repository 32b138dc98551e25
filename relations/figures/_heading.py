"""What the figures share: heading, levels, years, and room for labels."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from relations.figures._alternative import say_in_words
from relations.figures._drawing import INK, SHADES, SMALL, STYLE, source_line
from relations.measures._scatter import LEVELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# From the highest level to none: each lighter than the one before, and the last hatched.
LEVEL_SHADES = dict(
    zip(LEVELS, [SHADES[0], "#4a7aa8", "#e8a55f", "#f7e0c3", "#d2d2d2"], strict=True)
)
LEVEL_MARKS = dict(zip(LEVELS, "Dos^|", strict=True))
UNKNOWN = "no level"
HATCH = "/////"
LEVEL_WORDS = {
    "leaders": "leaders",
    "ministers and vice-chairs": "ministers, vice-chairs",
    "deputies and services": "deputies, services",
    "working level": "working level",
    UNKNOWN: "level not known",
}
# Shades dark enough for text, in place of those that are not.
LEGIBLE = {SHADES[1]: "#8f4d0e", SHADES[3]: SHADES[2]}
TITLE = 11.5
# A light tint: first and last year, and what to call them.
PANDEMIC = (2020, 2022, "pandemic")
TINT = "#edf1f5"


@contextmanager
def sheet(
    ax: Any, count: int, what: str, height: float, grid: Any = None, **how: Any
) -> Iterator[list[Axes]]:
    """Lend the Axes of a figure with a heading, new unless the caller brings as many."""
    with plt.style.context(STYLE):
        if ax is None:
            rows, columns = grid or (count, 1)
            figure = plt.figure(figsize=(7, height))
            made = figure.subplots(rows, columns, squeeze=False, **how).ravel()
            for spare in made[count:]:
                figure.delaxes(spare)
            ax = made[:count]
        axes = list(np.atleast_1d(ax))
        if len(axes) != count:
            raise ValueError(f"{count} {what} are drawn on as many Axes, not {len(axes)}")
        yield axes
    say_in_words(axes)


def heading(axes: Sequence[Axes], title: str, subtitle: str, source: str) -> None:
    """Write above the figure what is found and what is drawn, and under it what it rests on."""
    figure: Any = axes[0].figure
    title = fold(title, figure.get_figwidth() - 0.2, TITLE, bold=True)
    subtitle = fold(subtitle, figure.get_figwidth() - 0.2, SMALL)
    top, tall = 0.07, figure.get_figheight()
    figure.suptitle(
        title, x=0.014, y=1 - top / tall, ha="left", va="top", fontsize=TITLE, weight="bold"
    )
    top += (title.count("\n") + 1) * TITLE * 1.24 / 72 + 0.05
    figure.text(
        0.014, 1 - top / tall, subtitle, ha="left", va="top", fontsize=SMALL, color=INK,
        linespacing=1.2, gid="subtitle",
    )  # fmt: skip
    top += (subtitle.count("\n") + 1) * SMALL * 1.24 / 72 + 0.06
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0, 0, 1, 1 - top / tall))
    lines = [fold(line, figure.get_figwidth() - 0.2, SMALL) for line in source.split("\n") if line]
    source_line(axes[0], "\n".join(lines))


def subtitle_of(axes: Any) -> str:
    """Return what a figure says that it draws."""
    figure = np.atleast_1d(axes)[0].figure
    return next(text.get_text() for text in figure.texts if text.get_gid() == "subtitle")


def fold(text: str, inches: float, points: float, *, bold: bool = False) -> str:
    """Break a text into lines of so many inches."""
    letters = inches * 72 / (points * (0.6 if bold else 0.525))
    return "\n".join(textwrap.wrap(" ".join(text.split()), max(int(letters), 10)))


def width_of(text: str, points: float = SMALL) -> float:
    """Return about how many inches wide a text is."""
    return max(len(line) for line in text.split("\n")) * points * 0.57 / 72


def tint(ax: Axes, span: tuple[int, int, str] | None, *, named: bool = True) -> None:
    """Lay a light tint over some years."""
    if span is None:
        return
    first, last, name = span
    ax.axvspan(first - 0.5, last + 0.5, color=TINT, lw=0, zorder=0)
    if named:
        ax.annotate(
            name, ((first + last) / 2, 1), (0, -3), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="center", va="top", fontsize=SMALL, color=INK,
        )  # fmt: skip


def stack(ax: Axes, years: Any, table: pd.DataFrame, width: float = 0.82) -> None:
    """Draw stacked bars, one layer per level, the highest at the bottom."""
    base = np.zeros(len(table))
    for level in table:
        numbers = table[level].to_numpy(dtype=float)
        look: dict[str, Any] = {"hatch": HATCH, "edgecolor": "white"} if level == UNKNOWN else {}
        ax.bar(
            years, numbers, width, bottom=base, color=LEVEL_SHADES[level], lw=0.3, label=level,
            **({"edgecolor": "white"} | look),
        )  # fmt: skip
        base += numbers


def key_of_stack(ax: Axes, first: float, words: dict[str, str]) -> None:
    """Name the layers of stacked bars in their order, from a year on at the top."""
    handles, labels = ax.get_legend_handles_labels()
    spot = (ax.transData.transform((first, 0))[0] - ax.bbox.x0) / ax.bbox.width
    ax.legend(
        handles[::-1], [words.get(label, label) for label in labels[::-1]], fontsize=SMALL,
        loc="upper left", bbox_to_anchor=(spot, 1.02), borderaxespad=0, handlelength=1.3,
        labelspacing=0.35, frameon=True, facecolor="white", edgecolor="none", framealpha=1,
    )  # fmt: skip


def years_of(frame: pd.DataFrame) -> pd.Series:
    """Return the years of periods, which are years."""
    starts = pd.to_datetime(frame["period"])
    if not (starts.dt.day_of_year == 1).all():
        raise ValueError("the periods are not years: count by year")
    return starts.dt.year


def fraction_of_year(day: Any) -> float:
    """Return a day as a year with a fraction, of which the middle of a year is the whole number."""
    day = pd.Timestamp(day)
    return day.year + (day.day_of_year - 1) / (366 if day.is_leap_year else 365) - 0.5


def rate_in(frame: pd.DataFrame, first: int, last: int) -> float:
    """Return the count a year over some years of a frame with ``count`` and ``exposure``."""
    years = years_of(frame)
    own = frame[years.between(first, last)]
    length = own.drop_duplicates("period")["exposure"].sum()
    return float(own["count"].sum() / length) if length else np.nan


def verb_of(before: float, after: float) -> str:
    """Return what a number did between two of its values, as they are printed."""
    if brief(before) == brief(after):
        return "stayed at"
    return "rose from" if after > before else "fell from"


def brief(number: float) -> str:
    """Print a mean with one decimal, and from ten on without."""
    return f"{number:.0f}" if number >= 9.95 else f"{number:.1f}"
