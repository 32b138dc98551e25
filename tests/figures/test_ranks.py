"""Figures of heads, levels and ranks draw the numbers of the frame they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

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

AB = {"AA": "Aland", "BB": "Beland"}


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def years(*numbers):
    return pd.to_datetime([str(number) for number in numbers])


def test_heads_stand_at_their_office_level_and_unknown_at_the_edge(pair):
    ax = figures.plot_who_met_whom(rel.ranks.heads(pair))
    spots = sorted(
        line.get_xdata()[0]
        for line in ax.lines
        if line.get_marker() in "os" and len(line.get_xdata())
    )
    assert spots == [0, 4, 5, 5]
    assert texts(ax) == ["Ann (?) – Bob", "Ann – Bob"]
    assert found(ax) == "At 0 of 1 contacts with two known levels the heads were level"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Aland", "Beland"]
    assert caption(ax) == pair.caption


def test_a_head_outside_the_scale_is_not_drawn_as_unknown():
    heads = frame(
        "event_id side person_id office_id office_level",
        ("2019-01-01-a", "AA", "ann", "envoy", None), ("2019-01-01-a", "BB", "bob", None, None),
    )  # fmt: skip
    assert texts(figures.plot_who_met_whom(heads)) == ["ann (–) – bob (?)"]


def test_dates_are_those_that_the_ids_begin_with(small):
    small.replace("participants", "2019-03-02-talks,bob", "2021-06-patrol,bob")
    small.append("reports", "2021-06-patrol,s1,,,,false,")
    small.append("sources", "s9,Aland News,AA,en,news,,Later,https://example.org/9,,")
    small.replace("participants", "2021-06-patrol,bob,head,s1", "2021-06-patrol,bob,head,s9")
    small.replace("reports", "2021-06-patrol,s1", "2021-06-patrol,s9")
    ax = figures.plot_who_met_whom(rel.ranks.heads(rel.load(small.path)))
    assert rows_of(ax) == ["2021-06", "2019-03-02", "2019-03-01"]


def test_ladders_pair_ranks_by_level(pair):
    axes = figures.plot_rank_ladders(pair)
    heights = [{text.get_text(): text.get_position()[1] for text in ax.texts} for ax in axes]
    # Beland's general is written after Aland's, whose name is the same.
    assert heights[0]["General"] == 8
    assert heights[1]["General"] == 9
    assert {"Aland", "Beland"} <= set(heights[0])
    assert caption(axes[0]) == pair.caption
    joined = [[ends[0][1] for ends in segments(axis.collections[0])] for axis in axes]
    # By place the generals stand at 9 and 8, by name both at 9.
    assert joined == [[], [9]]


def test_ladders_need_two_sides(pair):
    from dataclasses import replace

    one = replace(pair, ranks=pair.ranks[pair.ranks["side"] == "AA"])
    with pytest.raises(ValueError, match="the table ranks has AA"):
        figures.plot_rank_ladders(one)
    with pytest.raises(ValueError, match="nothing to draw"):
        figures.plot_rank_ladders(replace(pair, ranks=pair.ranks.head(0)))


GAP = "event_id start difference first second scale"


def test_points_of_gaps_stand_at_their_day_and_means_in_their_period():
    gaps = frame(
        GAP,
        ("a", "2019-02-01", 2, "AA", "BB", "office"), ("b", "2020-03-01", -1, "AA", "BB", "office"),
    )  # fmt: skip
    gaps["start"] = pd.to_datetime(gaps["start"])
    summary = pd.DataFrame({"period": years(2019, 2020), "known": [6, 1], "mean": [1.5, -1]})
    summary = summary.assign(low=[0.5, -2], high=[2.5, 0])
    ax = figures.plot_head_gap(gaps, summary)
    assert [y for _, y in points(ax, "o")] == [2, -1]
    assert ax.lines[1].get_xdata().tolist() == gaps["start"].tolist()
    assert [y for _, y in points(ax, "s")] == [1.5]
    assert [[y for _, y in ends] for ends in segments(ax.collections[0])] == [[0.5, 2.5]]
    assert caption(ax) == "the record"


def test_equal_gaps_are_spread_and_the_figure_says_who_stands_higher():
    rows = [(str(n), "2019-06-01", step, "AA", "BB", "office") for n, step in enumerate((1, 1, 0))]
    rows += [("n", "2019-06-01", None, "AA", "BB", "office")]
    rows += [("l", "2021-06-01", -1, "AA", "BB", "office")]
    gaps = frame(GAP, *rows, names={"AA": "Aland"}).assign(precision="day")
    gaps["start"] = pd.to_datetime(gaps["start"])
    summary = rel.ranks.head_gap(gaps, every="year")
    ax = figures.plot_head_gap(gaps, summary, least=2)
    _, marks, means = ax.lines
    assert sorted(np.round(marks.get_ydata())) == [-1, 0, 1, 1]
    assert len(set(marks.get_ydata())) == 4
    assert means.get_ydata().tolist() == [pytest.approx(2 / 3)]
    whisker = ax.collections[0].get_segments()[0][:, 1]
    assert whisker.tolist() == pytest.approx(summary.loc[0, ["low", "high"]].tolist())
    assert texts(ax) == ["▲ head of Aland stands higher", "▼ head of BB stands higher"]
    assert found(ax) == (
        "Heads were level at 1 of 4 contacts; that of Aland stood higher at 2, that of BB at 1"
    )
    with pytest.raises(ValueError, match="nothing to draw"):
        figures.plot_head_gap(gaps[gaps["difference"].isna()], summary)
    with pytest.raises(ValueError, match="one row per period"):
        figures.plot_head_gap(gaps, pd.concat([summary, summary]))


EDGE = "first second first_side second_side weight since"


def test_lines_of_the_ladder_join_those_who_met():
    edges = frame(
        EDGE,
        ("ann", "xu", "AA", "BB", 3, "2019"), ("bea", "ya", "AA", "BB", 30, "2020"),
        names={"xu": "Xu", "AA": "Aland"},
    )  # fmt: skip
    ax = figures.plot_meeting_network(edges)
    lines = [line for line in ax.lines if line.get_marker() == "None"]
    assert [line.get_xydata().tolist() for line in lines] == [[[0, 0], [1, 0]], [[0, -1], [1, -1]]]
    # The widest is twelve points, however often the two met.
    assert [line.get_linewidth() for line in lines] == pytest.approx([1.2, 12])
    assert set(texts(ax)) == {"ann (3)", "bea (30)", "Xu (3)", "ya (30)", "Aland", "BB"}


def test_the_ladder_draws_the_most_connected_and_their_ties():
    edges = frame(
        EDGE,
        ("A", "x", "AA", "BB", 4, "2019"), ("A", "y", "AA", "BB", 1, "2020"),
        ("B", "y", "AA", "BB", 2, "2020"), ("C", "z", "AA", "BB", 1, "2021"),
        names={"A": "Ann"},
    )  # fmt: skip
    ax = figures.plot_meeting_network(edges, most=2)
    assert set(texts(ax)) == {"Ann (5)", "B (2)", "x (4)", "y (3)", "AA", "BB"}
    lines = [line.get_linewidth() for line in ax.lines if line.get_linestyle() == "-"]
    widths = sorted(line for line in lines if line > 0)[-3:]
    assert widths == pytest.approx([0.8, 1.6, 3.2])
    with pytest.raises(ValueError, match="between two sides"):
        figures.plot_meeting_network(edges.assign(second_side=list("BBCC")))


OF_THE_RECORD = {
    "plot_who_met_whom": lambda data: [rel.ranks.heads(data).tail(30)],
    "plot_rank_ladders": lambda data: [data],
    "plot_head_gap": lambda data: [
        rel.ranks.gaps_of_heads(data),
        rel.ranks.head_gap(data, every="year"),
    ],
    "plot_meeting_network": lambda data: [rel.ranks.network(data)],
}


@pytest.mark.parametrize("name", OF_THE_RECORD)
def test_figures_of_the_record_are_whole_and_legible(data, name):
    made = getattr(figures, name)(*OF_THE_RECORD[name](data))
    assert_whole_and_legible(made, data.caption)
    written = {text.get_text() for text in np.atleast_1d(made)[0].figure.findobj(plt.Text)}
    assert not written & set(data.sides["side"])


@pytest.mark.parametrize("name", [name for name in OF_THE_RECORD if name != "plot_rank_ladders"])
def test_figures_of_nothing_are_refused(data, name):
    first, *rest = OF_THE_RECORD[name](data)
    with pytest.raises(ValueError, match="nothing to draw"):
        getattr(figures, name)(first.head(0), *rest)
    assert not plt.get_fignums()
