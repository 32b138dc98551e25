"""Figures of cooperation areas draw the numbers of the frame they are given."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import same_color

import relations as rel
from figures.drawn import (
    assert_whole_and_legible,
    caption,
    drawn,
    found,
    frame,
    points,
    rows_of,
    texts,
)
from relations import figures

AB = {"AA": "Aland", "BB": "Beland"}


def test_bars_are_counts_by_side():
    counts = frame(
        "area side count",
        ("patrol", "joint", 1), ("hotline", "AA", 2), ("hotline", "BB", 1), ("rest", "AA", 0),
        names={**AB, "hotline": "Hotlines"},
    )  # fmt: skip
    ax = figures.plot_area_counts(counts)
    # The sides in the order of their table, and then who is none.
    assert [label.get_text() for label in ax.get_xticklabels()] == ["Aland", "Beland", "joint"]
    assert rows_of(ax) == ["patrol", "Hotlines"]
    widths = [[bar.get_width() for bar in column] for column in ax.containers]
    assert widths == [[0, 2], [0, 1], [1, 0]]
    title = ax.figure.get_suptitle().replace("\n", " ")
    assert title == "Most named by Aland: Hotlines (2); by Beland: Hotlines (1); joint: patrol (1)"
    assert caption(ax) == "the record"
    with pytest.raises(ValueError, match="nothing to draw"):
        figures.plot_area_counts(counts[counts["area"] == "rest"])
    # Areas that are named equally often are both told.
    level = counts.assign(count=counts["count"].where(counts["area"] != "rest", 2))
    said = figures.plot_area_counts(level).figure.get_suptitle().replace("\n", " ")
    assert "by Aland: rest and Hotlines (2)" in said


def test_counts_of_periods_are_added_up():
    counts = frame("area side period count", ("x", "AA", 2019, 2), ("x", "AA", 2020, 3))
    ax = figures.plot_area_counts(counts)
    assert [bar.get_width() for bar in ax.patches] == [5]


def test_emphasis_is_filled_where_the_interval_leaves_out_nothing():
    emphasis = frame(
        "area count_first count_second log_odds low high",
        ("x", 9, 1, 2.0, 0.5, 3.5), ("y", 3, 4, -0.2, -1.0, 0.6), ("z", 1, 9, -2.0, -3.0, -1.0),
        ("few", 1, 1, 0.0, -4.0, 4.0),
        sides=["AA", "BB"], names={**AB, "x": "X"},
    )  # fmt: skip
    ax = figures.plot_area_emphasis(emphasis)
    assert rows_of(ax) == ["z", "y", "X"]
    assert points(ax, "s") == [(-2.0, 0), (-0.2, 1)]
    assert points(ax, "o") == [(2.0, 2)]
    ends = [line.get_xdata().tolist() for line in ax.lines[1:] if line.get_marker() == "None"]
    assert ends == [[-3.0, -1.0], [-1.0, 0.6], [0.5, 3.5]]
    fills = [line.get_markerfacecolor() for line in ax.lines if line.get_marker() in "os"]
    assert [same_color(fill, "white") for fill in fills] == [False, True, False]
    assert texts(ax) == ["1 : 9", "3 : 4", "9 : 1", "AA : BB"]
    assert found(ax) == "More stressed: by Aland X; by Beland z"
    assert drawn(ax).endswith("1 named under 5 times left out.")
    assert ax.get_xlabel().startswith("← Beland")
    assert caption(ax) == "the record"
    with pytest.raises(ValueError, match="lower least"):
        figures.plot_area_emphasis(emphasis, least=99)
    with pytest.raises(ValueError, match="does not say which sides"):
        figures.plot_area_emphasis(pd.DataFrame(emphasis.to_dict("list")))


@pytest.mark.parametrize(
    ("draw", "measure"),
    [
        (figures.plot_area_counts, lambda d: rel.cooperation_area_counts(d, by="side")),
        (figures.plot_area_emphasis, rel.areas.emphasis),
    ],
)
def test_figures_of_the_record_say_what_they_rest_on_whole_and_legibly(draw, measure, data):
    chosen = data.where(since=2005)
    result = measure(chosen)
    assert_whole_and_legible(draw(result), chosen.caption)
    plt.close("all")
    with pytest.raises(ValueError, match="nothing to draw"):
        draw(result.head(0))
    assert not plt.get_fignums()
