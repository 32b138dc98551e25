"""What all figures share: the house style, the looks of the sides, and where text goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib import font_manager, rc_params_from_file
from matplotlib import pyplot as plt

from relations.figures._alternative import say_in_words
from relations.record._frames import plain_series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The family of the style that the drawing library does not bring: see characters.txt.
font_manager.fontManager.addfont(Path(__file__).with_name("characters.ttf"))
# It serves bold text too, which would be looked for in vain and complained of.
_FONTS = font_manager.fontManager.ttflist
_FONTS.append(replace(_FONTS[-1], weight=700))
STYLE = Path(__file__).with_name("figures.mplstyle")
SHADES = rc_params_from_file(STYLE, use_default_template=False)["axes.prop_cycle"].by_key()["color"]
MARKERS = ("o", "s", "^", "D")
# From dark to pale: intervals, lines for reference, ties, fills, fills that stand for doubt.
INK, RULE, FAINT, PALE, PALER = "#444444", "#7a7a7a", "#b9b9b9", "#c3ccd6", "#e4e8ec"
# The smallest text, in points, of a figure seven inches wide.
SMALL = 9


@contextmanager
def drawing(ax: Axes | None, height: float) -> Iterator[Axes]:
    """Lend an Axes in the house style, new unless the caller brings one."""
    with plt.style.context(STYLE):
        drawn = ax if ax is not None else plt.subplots(figsize=(7, height))[1]
        yield drawn
    say_in_words([drawn])


def source_line(ax: Axes, text: str) -> None:
    """Write under the figure what it rests on."""
    ax.figure.supxlabel(text, fontsize=SMALL, x=0.01, ha="left", color=INK, wrap=True)


def note(ax: Axes, text: str, spot: tuple[Any, Any], away: tuple[float, float], **how: Any) -> Any:
    """Write small text some points away from a spot of the data."""
    how = {"fontsize": SMALL, "annotation_clip": False} | how
    return ax.annotate(text, spot, away, textcoords="offset points", **how)


def beside(ax: Axes, y: Any, text: str, **how: Any) -> None:
    """Write small text at the right of the Axes, at a height of the data."""
    note(ax, text, (1, y), (9, 0), xycoords=("axes fraction", "data"), va="center", **how)


def in_order(sides: Sequence[str] | None, found: pd.Series) -> list[str]:
    """Return the sides that are found, in the order asked for or sorted."""
    there = set(found.dropna())
    chosen = sorted(there) if sides is None else [side for side in sides if side in there]
    if not chosen:
        asked = "" if sides is None else f" of {', '.join(sides)}; there are {sorted(there)}"
        raise ValueError(f"nothing to draw: the frame has no row{asked}")
    return chosen


def looks(sides: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Give each side a shade and a marker, in the order of the sides."""
    return {
        side: (SHADES[i % len(SHADES)], MARKERS[i % len(MARKERS)]) for i, side in enumerate(sides)
    }


def named(values: pd.Series | Sequence[Any], names: dict[str, str] | None) -> list[str]:
    """Return what to print for ids: their names, and where there is none the id."""
    return [(names or {}).get(value, str(value)) for value in values]


def source_of(result: pd.DataFrame) -> str:
    """Return what a result says that it rests on."""
    return str(result.attrs.get("source", ""))


def names_of(result: pd.DataFrame) -> dict[str, str]:
    """Return what to print for the ids of a result."""
    return dict(result.attrs.get("names", {}))


def sides_of(result: pd.DataFrame, column: str = "side") -> list[str]:
    """Return the sides found in a result, in the order of their table as far as it is known."""
    there = result[column].dropna().unique()
    if not len(there):
        raise ValueError("nothing to draw: the frame has no rows")
    place = {side: number for number, side in enumerate(names_of(result))}
    return sorted(there, key=lambda side: (place.get(side, len(place)), side))


def counted_by(result: pd.DataFrame, first: str) -> str:
    """Return the one column by which a result was made: that before its first own column."""
    columns = [str(column) for column in result]
    made_by = columns[: columns.index(first)] if first in columns else columns
    if len(made_by) != 1:
        raise ValueError(
            f"one row per value of one column is drawn, and these are counted by "
            f"{', '.join(made_by) or 'none'}: count by one, such as by='kind'"
        )
    return made_by[0]


# Columns that hold numbers in whichever result they stand.
NUMBERS = {
    "count", "exposure", "rate", "low", "high", "share", "estimate", "found", "expected", "ratio",
    "unkept", "days", "at_risk", "censored", "least", "most", "pledges", "reported", "weight",
    "log_odds", "mean", "median", "lat", "lon", "association",
}  # fmt: skip


def rows_to_draw(
    frame: pd.DataFrame,
    columns: str,
    made: str,
    key: str | list[str] | None = None,
    mend: str = "",
) -> pd.DataFrame:
    """Return a frame with its columns in the types of numpy, ready to be drawn.

    Refuses one that lacks any of some columns, apart by spaces, and says how such a frame is
    ``made``; one without rows; with several rows for what is drawn once; or with text where
    numbers are drawn.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(
            f"figures draw frames of pandas, not of {type(frame).__module__.partition('.')[0]}: "
            "measure data as rel.load() gives it, or convert the result first"
        )
    if missing := [column for column in columns.split() if column not in frame]:
        raise ValueError(f"the frame has no {' and no '.join(missing)}: draw what {made} gives")
    if frame.empty:
        raise ValueError("nothing to draw: the frame has no rows")
    if key is not None and frame.duplicated(key).any():
        drawn = key if isinstance(key, str) else " and ".join(key)
        raise ValueError(f"one row per {drawn} is drawn: {mend}")
    plain = frame.copy()
    for column in frame:
        plain[column] = _drawable(frame[column], column)
    plain.attrs = frame.attrs
    return plain


def _drawable(values: pd.Series, column: object) -> pd.Series:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values
    plain = plain_series(values)
    if column in NUMBERS and pd.api.types.is_string_dtype(plain.dtype):
        numbers = pd.to_numeric(plain, errors="coerce")
        words = plain[numbers.isna() & plain.notna()]
        if len(words):
            raise ValueError(f"{column} is {words.iloc[0]!r} in row {words.index[0]}: no number")
        plain = numbers
    if pd.api.types.is_integer_dtype(plain.dtype):
        return plain.astype("float64" if plain.hasnans else "int64")
    if plain.dtype == "boolean" and not plain.hasnans:
        return plain.astype("bool")
    return plain
