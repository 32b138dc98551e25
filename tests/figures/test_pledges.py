"""Figures of pledges draw the numbers of the frame they are given."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import relations as rel
from figures.drawn import (
    assert_whole_and_legible,
    band,
    caption,
    drawn,
    found,
    frame,
    points,
    rows_of,
    segments,
    texts,
)
from relations import figures


def test_the_curve_falls_inside_its_band():
    curve = frame(
        "days unkept kept low high censored",
        (0, 1.0, 0, 1.0, 1.0, 0), (100, 0.8, 2, 0.6, 0.9, 1), (300, 0.4, 4, 0.2, 0.7, 0),
    )  # fmt: skip
    ax = figures.plot_time_to_fulfilment(curve)
    years = (curve["days"] / 365.2425).tolist()
    assert list(zip(*ax.lines[0].get_data(), strict=True)) == list(
        zip(years, curve["unkept"], strict=True)
    )
    assert points(ax, "|") == [(years[1], 0.8)]
    # Each step of the band reaches from the value of its day to that of the day before.
    ends = band(ax.collections[0])
    assert [ends[day] for day in years] == [(1.0, 1.0), (0.6, 1.0), (0.2, 0.9)]
    assert texts(ax) == ["half kept after 300 days"]
    assert found(ax) == "Half of the pledges were kept within 300 days"
    assert "6 kept, 1 not known" in drawn(ax)
    assert caption(ax) == "the record"
    with pytest.raises(ValueError, match="one curve"):
        figures.plot_time_to_fulfilment(pd.concat([curve, curve]))


def test_pledges_have_an_interval_inside_or_outside_of_bounds():
    table = frame(
        "area pledges kept known share low high least most",
        ("a", 9, 3, 4, 0.75, 0.3, 0.95, 0.33, 0.89), ("b", 2, 0, 0, None, None, None, 0.0, 1.0),
        names={"a": "Lines"},
    )  # fmt: skip
    ax = figures.plot_pledge_outcomes(table)
    assert rows_of(ax) == ["b", "Lines"]
    least, most, interval = (segments(collection) for collection in ax.collections)
    assert [ends[0][0] for ends in least] == [0, 0.33]
    assert [ends[0][0] for ends in most] == [1, 0.89]
    assert interval[1] == [[0.3, 1], [0.95, 1]]
    assert points(ax, "o")[1] == (0.75, 1)
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert bars == [(0, 1), pytest.approx((0.33, 0.56))]
    assert texts(ax) == ["0 / 0 / 2", "3 / 4 / 9"]
    assert found(ax) == "3 of 4 pledges of known outcome were kept; of 7 it is not known"
    for other, words in (
        (table.drop(columns="area"), "counted by none"),
        (table.assign(side="AA")[["side", *table]], "counted by side, area"),
    ):
        with pytest.raises(ValueError, match=words):
            figures.plot_pledge_outcomes(other)


def test_pledges_without_a_side_are_a_row_too():
    table = frame(
        "side pledges kept known share low high least most",
        ("AA", 1, 1, 1, 1.0, 0.2, 1.0, 1.0, 1.0), (None, 2, 0, 0, None, None, None, 0.0, 1.0),
    )  # fmt: skip
    assert len(rows_of(figures.plot_pledge_outcomes(table))) == 2


@pytest.mark.parametrize(
    ("draw", "measure"),
    [
        (figures.plot_time_to_fulfilment, rel.pledges.time_to_fulfilment),
        (figures.plot_pledge_outcomes, lambda d: rel.pledges.outcomes(d, by="area")),
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
