"""Figures of standing channels draw the numbers of the frame they are given."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import same_color

import relations as rel
from figures.drawn import (
    assert_whole_and_legible,
    caption,
    found,
    frame,
    points,
    rows_of,
    segments,
    texts,
)
from relations import figures


def test_lanes_hold_the_days_of_their_channel():
    span = pd.Timestamp("2017-01-01"), pd.Timestamp("2020-12-31")
    timeline = frame(
        "channel state day",
        ("a", "held", "2019-01-01"), ("a", "missing", "2019-06-01"), ("a", "held", "2020-01-01"),
        ("b", "announced", "2018-01-01"), ("b", "cancelled", "2018-02-01"), ("b", "missing", None),
        names={"a": "A"}, span=span,
    )  # fmt: skip
    timeline["day"] = pd.to_datetime(timeline["day"])
    ax = figures.plot_channels(timeline)
    assert rows_of(ax) == ["b", "A"]
    found = {
        (line.get_marker(), row, f"{day:%Y-%m-%d}", same_color(line.get_markerfacecolor(), "white"))
        for line in ax.lines
        if line.get_linestyle() == "None"
        for day, row in zip(pd.to_datetime(line.get_xdata()), line.get_ydata(), strict=True)
    }
    assert found == {
        ("o", 1, "2019-01-01", False), ("|", 1, "2019-06-01", False), ("o", 1, "2020-01-01", False),
        ("o", 0, "2018-01-01", True), ("x", 0, "2018-02-01", False),
    }  # fmt: skip
    assert texts(ax) == ["0 + 1", "2 + 1", "held +\nnot found"]
    assert pd.Timestamp(ax.lines[-1].get_xdata()[0]) == span[1]
    assert caption(ax) == "the record"
    assert rows_of(figures.plot_channels(timeline, channels=["b"])) == ["b"]


def test_numbers_stand_at_their_day_and_pairs_are_joined():
    numbers = frame(
        "channel start precision AA BB offset",
        ("m", "2019", "day", 3, None, None), ("m", "2020", "day", 4, 1, 3),
        ("m", "2021", "day", None, None, None),
        names={"m": "Patrol", "AA": "Aland"},
    )  # fmt: skip
    numbers["start"] = pd.to_datetime(numbers["start"])
    ax = figures.plot_numbering(numbers)
    assert [y for _, y in points(ax, "o")] == [3, 4]
    assert [y for _, y in points(ax, "s")] == [1]
    assert ax.lines[0].get_xdata().tolist() == numbers["start"][:2].tolist()
    assert [[y for _, y in ends] for ends in segments(ax.collections[0])] == [[1, 4]]
    assert ax.lines[-1].get_xdata().tolist() == [numbers["start"][2]]
    assert texts(ax) == ["3", "4", "number of Aland", "1", "number of BB", "without a number"]
    assert found(ax) == "Patrol: Aland counts 3 more than BB"


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([(1, 1), (2, 2)], "both sides count alike"),
        ([(1, 4), (3, 6)], "BB counts 3 more than Aland"),
        ([(3, 1), (9, 5)], "the two counts are 2 apart at first and 4 at the last"),
        ([(None, 1), (9, None)], "no contact has a number of both sides"),
    ],
)
def test_what_sets_two_numberings_apart_is_said(numbers, said):
    rows = [("m", str(2019 + place), "day", *pair, None) for place, pair in enumerate(numbers)]
    table = frame("channel start precision AA BB offset", *rows, names={"AA": "Aland"})
    table["start"] = pd.to_datetime(table["start"])
    assert found(figures.plot_numbering(table)) == f"m: {said}"


def test_places_stand_at_their_coordinates_over_the_outlines():
    places = frame(
        "place_id name side lat lon edition start",
        ("p", "Pass", "AA", 10.0, 20.0, "1", "2019"), ("p", "Pass", "AA", 10.0, 20.0, None, "2020"),
        ("q", "Quay", "BB", 11.0, 21.0, "2", "2020"), ("r", "Rock", "BB", None, None, "2", "2020"),
        outlines=[[(21, 9), (22, 8), (23, 7)]], names={"AA": "Aland"},
    )  # fmt: skip
    places["start"] = pd.to_datetime(places["start"])
    ax = figures.plot_exchange_map(places)
    assert points(ax, "o")[:1] + points(ax, "s")[:1] == [(20.0, 10.0), (21.0, 11.0)]
    assert ax.patches[0].get_xy().tolist() == [[21, 9], [22, 8], [23, 7], [21, 9]]
    assert set(texts(ax)) == {"Pass\n1 (2019)\n? (2020)", "Quay\n2 (2020)"}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "place in Aland", "place in BB"
    ]  # fmt: skip
    assert ax.get_xlim() == pytest.approx((19.2, 21.8))
    assert "no claim" in caption(ax)
    assert found(ax) == "3 editions at 3 places"
    assert caption(ax).endswith("not shown: 1.")
    with pytest.raises(ValueError, match="no place has coordinates"):
        figures.plot_exchange_map(places[places["place_id"] == "r"])


@pytest.mark.parametrize(
    ("draw", "measure"),
    [
        (figures.plot_channels, rel.channels.timeline),
        (
            figures.plot_numbering,
            lambda d: rel.channels.numbering(d, "coast_guard_joint_patrol"),
        ),
        (
            figures.plot_exchange_map,
            lambda d: rel.channels.places(d, "border_defence_friendship_exchange"),
        ),
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
