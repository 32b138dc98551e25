"""Figures of what is reported and missed draw the numbers of the frame they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import relations as rel
from figures.drawn import assert_whole_and_legible, found, frame, points, rows_of, segments, texts
from relations import figures

AB = {"AA": "Aland", "BB": "Beland"}


def test_estimates_have_their_interval_beside_what_was_found():
    estimates = frame(
        "tier found estimate low high",
        ("top", 8, 10.0, 9.0, 14.0), ("rest", 5, np.inf, 5.0, np.inf),
    )  # fmt: skip
    ax = figures.plot_undercount(estimates)
    assert rows_of(ax) == ["top", "rest"]
    assert [bar.get_width() for bar in ax.patches] == [8, 5]
    assert points(ax, "D") == [(10, 1)]
    assert found(ax) == "80% of the number estimated was found"
    ends = [line.get_xydata().tolist() for line in ax.lines if line.get_marker() == "None"]
    assert ends[0] == [[9, 1], [14, 1]]
    assert [y for _, y in points(ax, ">")] == [0]
    assert texts(ax) == ["8 → 10 (9–14)", "5 → ? (5–no bound)"]
    assert ax.get_xlabel() == "occasions"
    with pytest.raises(ValueError, match="one row per tier"):
        figures.plot_undercount(pd.concat([estimates, estimates]))


def test_rows_of_channels_have_their_names():
    estimates = frame(
        "channel found estimate low high",
        ("gulf_patrol", 8, 10.0, 9.0, 14.0), ("border_post", 5, 5.0, 5.0, 6.0),
        names={"gulf_patrol": "Gulf patrol"},
    )  # fmt: skip
    ax = figures.plot_undercount(estimates)
    assert rows_of(ax) == ["Gulf patrol", "border post"]


def shares():
    return frame(
        "kind reported_by reported share low high",
        ("border_visit", "AA", 10, 0.2, 0.1, 0.4), ("border_visit", "BB", 10, 0.3, 0.2, 0.6),
        ("border_visit", "one side alone", 10, 0.5, 0.3, 0.7),
        ("border_visit", "both", 10, 0.5, 0.3, 0.7), names=AB,
    )  # fmt: skip


def test_one_sided_shares_stand_with_their_intervals():
    ax = figures.plot_one_sided(shares())
    assert [x for x, _ in points(ax, "o")[:1] + points(ax, "s")[:1]] == [0.2, 0.3]
    ends = [[x for x, _ in segments(lines)[0]] for lines in ax.collections]
    assert ends == [pytest.approx([0.1, 0.4]), pytest.approx([0.2, 0.6])]
    assert texts(ax) == ["50% (30%–70%) of 10", "either side alone"]
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == ["Aland alone", "Beland alone"]
    assert found(ax) == "One side alone reports 50% (border visit)"
    assert rows_of(ax) == ["border visit"]
    with pytest.raises(ValueError, match="one row per kind"):
        figures.plot_one_sided(pd.concat([shares(), shares()]))


OF_THE_RECORD = {
    "plot_undercount": lambda data: rel.coverage.undercount(data, "tier"),
    "plot_one_sided": lambda data: rel.coverage.reported_by(data, "kind"),
}


@pytest.mark.parametrize("name", OF_THE_RECORD)
def test_figures_of_the_record_are_whole_and_legible(data, name):
    result = OF_THE_RECORD[name](data)
    ax = getattr(figures, name)(result)
    assert_whole_and_legible(ax, data.caption)
    written = {text.get_text() for text in ax.figure.findobj(plt.Text)}
    assert not written & set(data.sides["side"])
    plt.close("all")
    with pytest.raises(ValueError, match="nothing to draw"):
        getattr(figures, name)(result.head(0))
    assert not plt.get_fignums()


def test_drawn_numbers_are_those_of_the_record(data):
    found = rel.coverage.undercount(data, "tier")
    ax = figures.plot_undercount(found)
    assert [bar.get_width() for bar in ax.patches] == found["found"].tolist()
    diamonds = [x for x, _ in points(ax, "D")]
    assert diamonds == found["estimate"].dropna().tolist()
