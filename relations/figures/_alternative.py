"""What a figure shows, in words: for those who cannot see it, read off what was drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.dates import DateLocator, num2date

from relations.figures._values import checksum_of_values

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

# A series of fewer points is a mark, a mean or a rule; more series than these are not listened to.
FEWEST, MOST = 3, 8
Series = tuple[str, np.ndarray, np.ndarray]


def alternative_text(figure: Figure) -> str:
    """Say what a figure shows: its title, what is drawn, and the ends of each series.

    Parameters
    ----------
    figure : Figure
        Drawn by a function of `relations.figures`.

    Returns
    -------
    str
        One line. Of a series along the years the first, the last and the highest value; of
        rows the uppermost and the lowest, with their value where they are bars.

    Examples
    --------
    >>> import relations as rel
    >>> from matplotlib import pyplot as plt
    >>> from relations.figures._alternative import alternative_text
    >>> _, ax = plt.subplots()
    >>> _ = ax.bar([2019, 2020, 2021], [2, 7, 4])
    >>> _ = ax.set(title="Visits peaked in 2020", ylabel="visits")
    >>> alternative_text(ax.figure)
    'Visits peaked in 2020. Visits: 2 in 2019, 4 in 2021, highest 7 in 2020.'
    """
    sentences = [*_headings(figure)]
    # A bar that explains shades has a label of this form.
    panels = [ax for ax in figure.axes if not str(ax.get_label()).startswith("<")]
    said = [words for ax in panels for words in _shown(ax)]
    sentences += said[:MOST]
    if len(said) > MOST:
        sentences.append(f"{len(said) - MOST} more series are drawn")
    plain = (" ".join(sentence.split()).rstrip(".") for sentence in sentences)
    return ". ".join(filter(None, plain)) + "."


def say_in_words(axes: Iterable[Axes]) -> None:
    """Let figures bring their alternative text to the notebook in which they are shown.

    It stands in the metadata of the output, under ``alt``, where what turns notebooks into
    pages looks for it, and beside it under ``values`` the checksum of what is drawn, by which
    a re-execution tells whether a figure shows what it showed.
    """
    for ax in axes:
        figure: Any = ax.figure
        figure._repr_mimebundle_ = partial(_in_words, figure)


def _in_words(figure: Figure, **_: Any) -> tuple[dict[str, Any], Mapping[str, Any]]:
    said = {"alt": alternative_text(figure), "values": checksum_of_values(figure)}
    return {}, {"image/png": said}


def _headings(figure: Figure) -> Iterator[str]:
    """Return what stands above the figure: what is found first, then what is drawn."""
    stated = figure.get_suptitle()
    yield stated
    yield from (text.get_text() for text in figure.texts if text.get_gid() == "subtitle")
    if not stated and figure.axes:
        yield ". ".join(_title(figure.axes[0]).split("\n"))


def _title(ax: Axes) -> str:
    return ax.get_title("left") or ax.get_title()


def _shown(ax: Axes) -> Iterator[str]:
    """Say of each series of a panel where it begins and ends."""
    heads = not ax.figure.get_suptitle() and ax is ax.figure.axes[0]
    panel = str(ax.get_label()) or ("" if heads else _title(ax))
    series, rows = _series(ax), _rows(ax)
    for name, x, y in series or ([] if rows else _longest(ax)):
        what = ": ".join(filter(None, [panel, name])) or ax.get_ylabel() or "Drawn"
        at = partial(_at, ax, x)
        words = f"{_capital(what)}: {_number(y[0])} in {at(0)}, {_number(y[-1])} in {at(-1)}"
        top = int(np.nanargmax(y))
        yield words + (f", highest {_number(y[top])} in {at(top)}" if 0 < top < len(y) - 1 else "")
    if rows and not series:
        told = f"{len(rows)} rows, from {rows[0]} at the top to {rows[-1]} at the bottom"
        told = told if len(rows) > 1 else f"one row, {rows[0]}"
        yield _capital(f"{panel}: {told}" if panel else told)
    elif panel and not series:
        yield _capital(panel)


def _series(ax: Axes) -> list[Series]:
    """Return what runs along the horizontal axis: sums of stacked bars, dots with intervals, lines.

    Lines are those that have a name.
    """
    found: list[Series] = []
    upright = [
        each
        for each in ax.containers
        if isinstance(each, BarContainer) and each.orientation == "vertical" and len(each) >= FEWEST
    ]
    sums: dict[float, float] = {}
    for bar in (bar for each in upright for bar in each):
        place = round(bar.get_x() + bar.get_width() / 2, 6)
        sums[place] = sums.get(place, 0.0) + bar.get_height()
    if sums:
        found.append(("", np.array(sorted(sums)), np.array([sums[x] for x in sorted(sums)])))
    else:
        intervals: list[Any] = [c for c in ax.containers if isinstance(c, ErrorbarContainer)]
        found += [_known("", each.lines[0]) for each in intervals if each.lines[0] is not None]
    named = [line for line in ax.lines if not str(line.get_label()).startswith("_")]
    found += [_known(str(line.get_label()), line) for line in named]
    return [each for each in found if _runs_on(each)]


def _longest(ax: Axes) -> list[Series]:
    """Return the longest line of a panel in which none has a name."""
    lines = [_known("", line) for line in ax.lines if line.get_linestyle() != "None"]
    lines = sorted(filter(_runs_on, lines), key=lambda each: -len(each[1]))
    return lines[:1]


def _known(name: str, line: Line2D) -> Series:
    x, y = (np.asarray(values, dtype=float) for values in line.get_data(orig=False))
    known = np.isfinite(y)
    return name, x[known], y[known]


def _runs_on(series: Series) -> bool:
    """Whether a line is long enough for a series, and goes from the left to the right."""
    _, x, _ = series
    return len(x) >= FEWEST and bool(np.all(np.diff(x) >= 0)) and x[0] < x[-1]


def _rows(ax: Axes) -> list[str]:
    """Return the rows of a panel from the top, with the values of their bars."""
    rows = _labels(ax.yaxis)
    if sum(bool(label.strip("−0123456789.%°NS ")) for _, label in rows) * 2 < max(len(rows), 1):
        return []
    values: dict[float, list[str]] = {}
    for bars in ax.containers:
        if isinstance(bars, BarContainer) and bars.orientation == "horizontal":
            name = str(bars.get_label())
            for bar in bars:
                number = _number(bar.get_width())
                said = number if name.startswith("_") else f"{name} {number}"
                values.setdefault(round(bar.get_y() + bar.get_height() / 2, 6), []).append(said)
    values = values or _dots(ax)
    named = []
    for place, label in sorted(rows, reverse=not ax.yaxis_inverted()):
        own = values.get(round(float(place), 6), [])
        named.append(" ".join(label.split()) + (f" ({', '.join(own)})" if own else ""))
    return named


def _dots(ax: Axes) -> dict[float, list[str]]:
    """Return the values of dots by their row, where each row has one dot at most."""
    values: dict[float, list[str]] = {}
    if not _has_days(ax):
        for line in ax.lines:
            x, y = (np.asarray(values) for values in line.get_data(orig=False))
            if len(x) == 1 and line.get_marker() not in ("None", "", " ", "|"):
                values.setdefault(round(float(y[0]), 6), []).append(_number(float(x[0])))
    return values if all(len(own) == 1 for own in values.values()) else {}


def _at(ax: Axes, x: np.ndarray, place: int) -> str:
    """Name a place on the horizontal axis: a day's year, or what the axis calls it."""
    value = float(x[place])
    if _has_days(ax):
        days = num2date(x)  # type: ignore[no-untyped-call]
        whole = len({day.year for day in days}) == len(days)
        return days[place].strftime("%Y" if whole else "%Y-%m")
    named = dict(_labels(ax.xaxis))
    if any(letter.isalpha() for letter in named.get(value, "")):
        return named[value]
    if len(named) > 1 and all(label.isdigit() and len(label) == 4 for label in named.values()):
        # Only every few years are named: those between are counted on from the first.
        (first, label), *_ = named.items()
        return str(int(label) + round(value - first))
    return _number(value)


def _labels(axis: Axis) -> list[tuple[float, str]]:
    """Return the places of an axis that have a name, with it."""
    texts = (label.get_text() for label in axis.get_ticklabels())
    placed = zip(axis.get_ticklocs(), texts, strict=False)
    return [(float(place), text) for place, text in placed if text]


def _has_days(ax: Axes) -> bool:
    return isinstance(ax.xaxis.get_major_locator(), DateLocator)


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.3g}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
