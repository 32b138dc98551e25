"""Figures of what is reported and missed draw the numbers of the frame they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color

import relations as rel
from figures.drawn import assert_whole_and_legible, caption, frame, points, rows_of, texts
from relations import figures

AB = {"AA": "Aland", "BB": "Beland"}


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def told(*rows):
    """Reports from (contact, side, main), as `trace` lists them."""
    made = frame("event_id side main", *rows, names=AB)
    start = made["event_id"].map({"e1": "2019-02-03", "e2": "2020-05-01"})
    precision = made["event_id"].map({"e1": "day", "e2": "month"})
    return made.assign(
        start=pd.to_datetime(start), precision=precision, title="Contact " + made["event_id"]
    )


def test_evidence_counts_reports_and_recollections():
    reports = told(("e1", "AA", True), ("e1", "AA", True), ("e1", "AA", False), ("e2", "BB", False))
    ax = figures.plot_evidence(reports)
    # The later contact stands at the bottom.
    assert texts(ax) == ["(1)", "2 (1)"]
    assert rows_of(ax) == ["2020-05  Contact e2", "2019-02-03  Contact e1"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["Aland", "Beland"]
    assert caption(ax) == "the record"


def test_tiles_tell_reports_from_recollections():
    ax = figures.plot_evidence(told(("e1", "AA", True), ("e2", "BB", False), ("e2", "BB", None)))
    middle = [(tile.get_x() + 0.46, tile.get_y() + 0.42) for tile in ax.patches]
    assert middle == [pytest.approx((1, 0)), pytest.approx((0, 1))]
    recalled, reported = (tile.get_facecolor() for tile in ax.patches)
    assert sum(recalled) > sum(reported)
    assert texts(ax) == ["(2)", "1"]


def test_estimates_have_their_interval_beside_what_was_found():
    estimates = frame(
        "tier found estimate low high",
        ("top", 8, 10.0, 9.0, 14.0), ("rest", 5, np.inf, 5.0, np.inf),
    )  # fmt: skip
    ax = figures.plot_undercount(estimates)
    assert rows_of(ax) == ["top", "rest"]
    assert [bar.get_width() for bar in ax.patches] == [8, 5]
    assert points(ax, "D") == [(10, 1)]
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
    ax = figures.plot_undercount(estimates, by="channel")
    assert rows_of(ax) == ["Gulf patrol", "border post"]


def shares():
    return frame(
        "kind reported_by reported share low high",
        ("border_visit", "AA", 10, 0.2, 0.1, 0.4), ("border_visit", "BB", 10, 0.3, 0.2, 0.6),
        ("border_visit", "one side alone", 10, 0.5, 0.3, 0.7),
        ("border_visit", "both", 10, 0.5, 0.3, 0.7), names=AB,
    )  # fmt: skip


def test_one_sided_shares_meet_their_intervals():
    ax = figures.plot_one_sided(shares())
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert bars == [pytest.approx(bar) for bar in [(0, 0.2), (0.2, 0.5), (0.7, 0.3)]]
    black = [line.get_xdata() for line in ax.lines if same_color(line.get_color(), "black")]
    assert black == [pytest.approx([0.1, 0.4]), pytest.approx([0.4, 0.8])]
    assert texts(ax) == ["50% (30%–70%) of 10", "only Aland", "only Beland"]
    assert rows_of(ax) == ["border visit"]
    with pytest.raises(ValueError, match="one row per kind"):
        figures.plot_one_sided(pd.concat([shares(), shares()]))


OF_THE_RECORD = {
    "plot_evidence": lambda data: rel.trace(data, data.where(since=2026).contacts),
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
