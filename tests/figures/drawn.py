"""What tests read off a figure."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd


def frame(columns, *rows, **attrs):
    """A result written out, so that no measure stands between the numbers and the picture."""
    made = pd.DataFrame(rows, columns=columns.split())
    made.attrs = {"source": "the record", "unit": "occasions", "names": {}} | attrs
    return made


def texts(ax):
    return [text.get_text() for text in ax.texts]


def rows_of(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def caption(ax):
    return ax.figure.get_supxlabel()


def found(ax):
    """What the figure says is found, on one line."""
    return " ".join(ax.figure.get_suptitle().split())


def drawn(ax):
    """What the figure says is drawn, on one line."""
    return " ".join(
        next(text.get_text() for text in ax.figure.texts if text.get_gid() == "subtitle").split()
    )


def points(ax, marker):
    """Return (x, y) of every point with a marker, in the order drawn."""
    lines = [line for line in ax.lines if line.get_marker() == marker]
    return [tuple(spot) for line in lines for spot in line.get_xydata().tolist()]


def band(collection):
    """Return the lower and upper end of a band at each x."""
    ends = {}
    for x, y in collection.get_paths()[0].vertices.tolist():
        ends.setdefault(x, set()).add(y)
    return {x: (min(ys), max(ys)) for x, ys in ends.items()}


def segments(collection):
    return [segment.tolist() for segment in collection.get_segments()]


def assert_whole_and_legible(made, source):
    """The figure says what it rests on, in text of 9 points or more that the page holds."""
    figure = np.atleast_1d(made)[0].figure
    assert " ".join(figure.get_supxlabel().split()).startswith(source)
    assert source
    figure.canvas.draw()
    written = [text for text in figure.findobj(plt.Text) if text.get_text().strip()]
    assert min(text.get_fontsize() for text in written) >= 9
    # All that is drawn, in inches: nothing reaches over the edge of the page.
    edges, page = figure.get_tightbbox(), figure.get_size_inches()
    assert edges.min.min() >= -0.01
    assert (edges.max <= page + 0.01).all()
