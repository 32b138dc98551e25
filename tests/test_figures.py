"""Figures draw the numbers of the frame they are given, and say what they rest on."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import relations as rel


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def caption(ax):
    return ax.figure.get_supxlabel()


def test_bars_are_counts_and_whiskers_their_interval(pair):
    frequency = rel.exchange_frequency(pair.events, span=("2019-01-01", "2021-06-30"))
    ax = rel.figures.plot_exchange_frequency(frequency, source="the record")
    assert [bar.get_height() for bar in ax.patches] == [1, 0, 1]
    whiskers = [path.vertices[:, 1].tolist() for path in ax.collections[0].get_paths()]
    expected = frequency[["low", "high"]].mul(frequency["exposure"], axis=0)
    assert whiskers == [pytest.approx(row) for row in expected.values.tolist()]
    assert [text.get_text() for text in ax.texts] == ["1", "0", "1"]
    assert caption(ax) == "the record"
    pale = [bar.get_facecolor() for bar in ax.patches]
    assert pale[0] == pale[1] != pale[2]
    assert "pale" in ax.get_title("left")


def test_one_group_at_a_time(pair):
    frequency = rel.exchange_frequency(pair.events, by="kind", parts="keep")
    with pytest.raises(ValueError, match="one row per period"):
        rel.figures.plot_exchange_frequency(frequency, source="")


def test_periods_are_labelled_by_their_names(pair):
    frequency = rel.exchange_frequency(pair.events, "quarter")
    ax = rel.figures.plot_exchange_frequency(frequency, every="quarter", source="")
    assert ax.get_xticklabels()[0].get_text() == "2019Q1"


def test_many_periods_are_a_line_with_a_band(pair):
    frequency = rel.exchange_frequency(pair.events[pair.events["precision"] == "day"], "month")
    assert len(frequency) == 36
    ax = rel.figures.plot_exchange_frequency(frequency, every="month", source="")
    assert ax.lines[0].get_ydata().tolist() == frequency["count"].tolist()
    top = ax.collections[0].get_paths()[0].vertices[:, 1].max()
    assert top == pytest.approx((frequency["high"] * frequency["exposure"]).max())


def test_dates_are_those_that_the_ids_begin_with(small):
    small.replace("participants", "2019-03-02-talks,bob", "2021-06-patrol,bob")
    small.append("reports", "2021-06-patrol,s1,,,,false,")
    small.append("sources", "s9,Aland News,AA,en,news,,Later,https://example.org/9,,")
    small.replace("participants", "2021-06-patrol,bob,head,s1", "2021-06-patrol,bob,head,s9")
    small.replace("reports", "2021-06-patrol,s1", "2021-06-patrol,s9")
    data = rel.load(small.path)
    ax = rel.figures.plot_who_met_whom(rel.delegation_levels(rel.rank_levels(data)), source="")
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["2021-06", "2019-03-02", "2019-03-01"]


def test_area_bars_are_counts_by_side(pair):
    counts = rel.cooperation_area_counts(pair.area_mentions, by="side")
    ax = rel.figures.plot_area_counts(
        counts, sides=["BB", "joint", "AA"], labels={"hotline": "Hotlines"}, source="the record"
    )
    assert [label.get_text() for label in ax.get_xticklabels()] == ["BB", "joint", "AA"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["patrol", "Hotlines"]
    widths = [[bar.get_width() for bar in column] for column in ax.containers]
    assert widths == [[0, 1], [1, 0], [0, 1]]
    assert caption(ax) == "the record"


def test_heads_stand_at_their_office_level_and_unknown_at_the_edge(pair):
    heads = rel.delegation_levels(rel.rank_levels(pair))
    ax = rel.figures.plot_who_met_whom(heads, source="the record", names={"ann": "Ann"})
    spots = sorted(
        line.get_xdata()[0]
        for line in ax.lines
        if line.get_marker() in "os" and len(line.get_xdata())
    )
    assert spots == [0, 4, 5, 5]
    assert [text.get_text() for text in ax.texts] == ["Ann (?) – bob", "Ann – bob"]
    assert caption(ax) == "the record"


def test_ladders_pair_ranks_by_level(pair):
    axes = rel.figures.plot_rank_ladders(pair.ranks, source="the record")
    heights = [{text.get_text(): text.get_position()[1] for text in ax.texts} for ax in axes]
    assert heights[0]["general"] == 8
    assert heights[1]["general"] == 9
    assert caption(axes[0]) == "the record"


def test_evidence_counts_reports_and_recollections():
    reports = pd.DataFrame(
        [("e1", "AA", True), ("e1", "AA", True), ("e1", "AA", False), ("e2", "BB", False)],
        columns=["event_id", "side", "main"],
    )
    ax = rel.figures.plot_evidence(reports, source="the record")
    assert [text.get_text() for text in ax.texts] == ["(1)", "2 (1)"]
    assert caption(ax) == "the record"


def test_caller_may_bring_the_axes(pair):
    _, ax = plt.subplots()
    frequency = rel.exchange_frequency(pair.events)
    assert rel.figures.plot_exchange_frequency(frequency, source="", ax=ax) is ax
