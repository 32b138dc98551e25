"""Figures of indices and lags draw the numbers of the frame they are given."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from figures.drawn import (
    assert_whole_and_legible,
    band,
    caption,
    found,
    frame,
    points,
    segments,
    texts,
)
from relations import figures
from relations.measures import trajectory


def year(*numbers):
    return pd.to_datetime([f"{number}-01-01" for number in numbers])


LAGS = frame(
    "lag association low high p_any",
    (1, 0.1, -0.2, 0.3, 0.4), (2, 0.5, -0.2, 0.3, 0.01),
    first=["visit"], second=["joint_patrol", "exercise"], every="year",
)  # fmt: skip


def test_each_scheme_has_its_line_its_band_and_the_first_to_compare():
    table = frame("scheme", *[["none"]] * 2, *[["own"]] * 2)
    table = table.assign(
        period=list(year(2019, 2020)) * 2,
        index=[0.5, 1.5, 0.8, 1.2],
        low=[0.5, 1.0, 0.6, 0.9],
        high=[0.5, 2.0, 1.0, 1.4],
        flipped=[None, None, 0.25, 0.25],
    )
    first, second = figures.plot_engagement_index(table)
    assert [axis.get_title("left") for axis in (first, second)] == ["none", "own"]
    assert first.lines[0].get_ydata().tolist() == [0.5, 1.5]
    assert second.lines[0].get_ydata().tolist() == [0.8, 1.2]
    dashed = [line.get_ydata().tolist() for line in second.lines if line.get_linestyle() == "--"]
    assert dashed == [[0.5, 1.5]]
    assert band(second.collections[0]) == {2019: (0.6, 1.0), 2020: (0.9, 1.4)}
    assert texts(first) == ["pairs of years reversed\nby other weights: none differ"]
    assert texts(second) == ["pairs of years reversed\nby other weights: 25.0%"]
    assert caption(first) == "the record"
    assert found(first) == (
        "Other weights reverse 25.0% to 25.0% of the pairs of years, most under own"
    )
    with pytest.raises(ValueError, match="2 schemes"):
        figures.plot_engagement_index(table, ax=[first])


def test_lags_are_drawn_against_what_shifted_series_give():
    (ax,) = figures.plot_lead_lag(LAGS)
    assert band(ax.collections[0]) == {1: (-0.2, 0.3), 2: (-0.2, 0.3)}
    assert points(ax, "o") == [(2, 0.5), (1, 0.1)]
    assert [[y for _, y in ends] for ends in segments(ax.collections[1])] == [[0, 0.1], [0, 0.5]]
    assert ax.get_xlabel() == "years later"
    assert ax.get_title("left").replace("\n", " ") == "visit, then joint patrol or exercise"
    assert found(ax) == "Visit, then joint patrol or exercise: beyond chance"
    filled, empty = (line for line in ax.lines if line.get_marker() == "o")
    assert empty.get_markerfacecolor() == "white" != filled.get_markerfacecolor()
    assert caption(ax) == "the record"
    with pytest.raises(ValueError, match="2 tables are drawn on as many Axes, not 1"):
        figures.plot_lead_lag([LAGS, LAGS], ax=ax)
    with pytest.raises(ValueError, match="at least one"):
        figures.plot_lead_lag([])


def test_blocks_and_titles_are_panels_of_their_own():
    several = pd.concat([LAGS.assign(block=4), LAGS.assign(block=8, p_any=0.5)])
    several.attrs = LAGS.attrs
    axes = figures.plot_lead_lag({"a": several, "b": LAGS})
    titles = [ax.get_title("left").replace("\n", " ") for ax in axes]
    assert titles == ["a, blocks of 4", "a, blocks of 8", "b"]
    assert found(axes[0]) == "In 2 of 3 panels the second follows the first beyond chance"
    assert [ax.get_xlabel() for ax in axes] == ["years later"] * 3


@pytest.mark.parametrize(
    ("draw", "measure"),
    [
        (figures.plot_engagement_index, lambda d: trajectory.index_sensitivity(d, draws=20)),
        (
            figures.plot_lead_lag,
            lambda d: trajectory.lead_lag(
                d,
                "visit",
                ["joint_patrol", "exercise"],
                every="quarter",
                block=(4, 8, 12),
                permutations=19,
            ),
        ),
    ],
)
def test_figures_of_the_record_say_what_they_rest_on_whole_and_legibly(draw, measure, data):
    chosen = data.where(precision=["day", "month"], since=2005)
    result = measure(chosen)
    assert_whole_and_legible(draw(result), chosen.caption)
    plt.close("all")
    with pytest.raises(ValueError, match="nothing to draw"):
        draw(result.head(0))
    assert not plt.get_fignums()
