"""Figures of rival descriptions draw the rates of the frame, and their titles say its verdict."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from figures.drawn import drawn, found
from relations.figures._descriptions import LOOKS, plot_break_posterior, plot_descriptions
from relations.measures._breaks import break_posterior
from relations.measures._descriptions import fitted


def series(counts):
    periods = pd.date_range("2003-01-01", periods=len(counts), freq="YS")
    return pd.DataFrame(
        {"period": periods, "count": counts, "exposure": 1.0, "partial": False}
    ).assign(partial=lambda frame: frame.index == len(frame) - 1)


JUMP = series([2, 1, 3, 2, 1, 3, 2, 2, 14, 16, 13, 15, 17, 14, 15, 16])
JUMP.attrs = {"source": "Two sides: 3 sources", "unit": "contacts"}


@pytest.fixture(scope="module")
def rates():
    return fitted(JUMP)


def texts(figure):
    return [text.get_text() for text in figure.findobj(plt.Text) if text.get_text()]


def test_lines_are_the_rates_fitted(rates):
    ax = plot_descriptions(rates)
    assert len(ax.lines) == len(LOOKS) == len({str(look) for look in LOOKS.values()})
    order = rates["description"].unique()
    for line, name in zip(ax.lines, order, strict=True):
        own = rates[rates["description"] == name]
        np.testing.assert_allclose(line.get_ydata(), own["rate"])
    assert [bar.get_height() for bar in ax.patches] == JUMP["count"].tolist()
    assert ax.patches[-1].get_facecolor() != ax.patches[0].get_facecolor()


def test_the_title_says_what_is_found(rates):
    ax = plot_descriptions(rates)
    assert "cannot tell" in found(ax) or "one description" in found(ax)
    for name in rates.loc[rates["tied"], "description"].unique():
        assert name in drawn(ax)
    assert "contacts counted" in drawn(ax)
    assert "Two sides: 3 sources" in texts(ax.figure)
    for name in LOOKS:
        assert any(text.startswith(name) for text in texts(ax.figure))


def test_without_draws_nothing_is_said_of_chance():
    assert "chance" not in found(plot_descriptions(fitted(JUMP, refits=0)))
    assert "chance" in found(plot_descriptions(fitted(JUMP, refits=19)))


def test_probabilities_are_drawn_per_prior_and_trend():
    table = break_posterior(JUMP)
    axes = plot_break_posterior(table)
    for axis, trend in zip(axes, (False, True), strict=True):
        own = table[table["trend"] == trend]
        for line, prior in zip(axis.lines, own["prior"].unique(), strict=True):
            np.testing.assert_allclose(
                line.get_ydata(), own.loc[own["prior"] == prior, "new_level"]
            )
    assert "2011" in found(axes[0])


def test_text_is_large_enough_and_inside(rates):
    for figure in (
        plot_descriptions(rates).figure,
        plot_break_posterior(break_posterior(JUMP, trend=False))[0].figure,
    ):
        assert figure.get_size_inches()[0] == 7
        figure.canvas.draw()
        ticks = {label for axis in figure.axes for label in axis.get_xticklabels()}
        for text in figure.findobj(plt.Text):
            if text.get_text() and text.get_visible() and text not in ticks:
                assert text.get_fontsize() >= 9
                box = text.get_window_extent()
                assert box.x1 <= figure.bbox.x1 + 1, text.get_text()


@pytest.mark.parametrize("plot", [plot_descriptions, plot_break_posterior])
def test_several_groups_are_refused(plot, rates):
    frame = rates if plot is plot_descriptions else break_posterior(JUMP, trend=False)
    with pytest.raises(ValueError, match="one row per"):
        plot(pd.concat([frame, frame]))
    with pytest.raises(ValueError, match="no rows"):
        plot(frame.head(0))
