"""What a figure shows, as a checksum: of values, words and shades, not of fonts and pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.category import StrCategoryLocator
from matplotlib.ticker import FixedLocator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure


# The gid of lines to names that stand where there was room for them.
LEADS_TO_A_NAME = "line"


def checksum_of_values(figure: Figure) -> str:
    """Return a checksum of all that a figure shows, whichever fonts and size it is drawn in.

    Parameters
    ----------
    figure : Figure
        Drawn by a function of `relations.figures`.

    Returns
    -------
    str
        Sixteen hexadecimal digits. Two figures that agree in them have the same title, names
        of rows, notes, and bars, lines, dots and areas with the same values, to six
        digits, and the same shades. The line that says what the figure rests on is left
        out: it names version and checksum of the tables.

    Examples
    --------
    >>> from matplotlib import pyplot as plt
    >>> from relations.figures._values import checksum_of_values
    >>> figures = [plt.figure(dpi=dpi) for dpi in (50, 100, 100)]
    >>> for figure, values in zip(figures, ([2, 7], [2, 7], [2, 8]), strict=True):
    ...     _ = figure.subplots().bar([2019, 2020], values)
    >>> first, second, third = map(checksum_of_values, figures)
    >>> first == second, second == third
    (True, False)
    """
    stated = [text.get_text() for text in figure.texts if text.get_text() != figure.get_supxlabel()]
    lines = [" ".join(text.split()) for text in stated]
    for ax in figure.axes:
        lines += ["axes", *_words(ax), *_shapes(ax)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _words(ax: Axes) -> Iterator[str]:
    texts = [ax.get_title("left"), ax.get_title(), ax.get_xlabel(), ax.get_ylabel()]
    texts += [text.get_text() for text in ax.texts]
    texts += [name for axis in (ax.xaxis, ax.yaxis) for name in _names(axis)]
    yield from (" ".join(text.split()) for text in texts if text)


def _names(axis: Axis) -> list[str]:
    """Return what was given to places of an axis as names; others are those that have room."""
    if isinstance(axis.get_major_locator(), FixedLocator | StrCategoryLocator):
        return [label.get_text() for label in axis.get_ticklabels()]
    return []


def _shapes(ax: Axes) -> Iterator[str]:
    """Return every shape with its values in the order in which it was drawn."""
    for line in ax.lines:
        if line.get_gid() == LEADS_TO_A_NAME:
            continue
        look = line.get_marker(), line.get_linestyle()
        yield _written("line", *map(str, look), line.get_xydata(), line.get_markerfacecolor())
    for patch in ax.patches:
        path = patch.get_patch_transform().transform_path(patch.get_path())
        yield _written("patch", str(patch.get_hatch()), path.vertices, patch.get_facecolor())
    for collection in ax.collections:
        paths = [path.vertices for path in collection.get_paths()]
        shades = collection.get_facecolor(), collection.get_array()
        yield _written("collection", *paths, collection.get_offsets(), *shades)
    for image in ax.images:
        yield _written("image", image.get_array())


def _written(*parts: Any) -> str:
    return " ".join(part if isinstance(part, str) else _digits(part) for part in parts)


def _digits(values: Any) -> str:
    """Write numbers to six digits: beyond them another build of a library may differ."""
    if values is None or (isinstance(values, tuple | list) and not len(values)):
        return "-"
    numbers: Any = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).ravel()
    # Six digits of a number near zero would be those of what rounding left of it.
    return ",".join(f"{number:.6g}" for number in np.round(numbers, 9) + 0.0)
