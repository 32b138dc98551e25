"""Figures of how often the two sides met draw the numbers of the frame they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import relations as rel
from figures.drawn import (
    assert_whole_and_legible,
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
from relations.measures import exchanges


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def by_month(pair, **how):
    """36 months of the two contacts known to the day."""
    return rel.exchange_frequency(pair.where(precision="day"), "month", **how)


def test_bars_are_counts_and_whiskers_their_interval(pair):
    frequency = rel.exchange_frequency(pair, span=("2019-01-01", "2021-06-30"))
    ax = figures.plot_exchange_frequency(frequency)
    assert [bar.get_height() for bar in ax.patches] == [1, 0, 1]
    whiskers = [path.vertices[:, 1].tolist() for path in ax.collections[0].get_paths()]
    expected = frequency[["low", "high"]].mul(frequency["exposure"], axis=0)
    assert whiskers == [pytest.approx(row) for row in expected.values.tolist()]
    assert texts(ax) == ["1", "0", "1"]
    assert caption(ax) == pair.caption
    pale = [bar.get_facecolor() for bar in ax.patches]
    assert pale[0] == pale[1] != pale[2]
    assert drawn(ax).startswith("Occasions per year, 95% interval; pale:")
    assert found(ax) == "Most occasions in 2019: 1"
    assert ax.get_ylabel() == "occasions"


def test_the_unit_and_the_choice_are_said(pair):
    visits = pair.where(kind="visit")
    ax = figures.plot_exchange_frequency(rel.exchange_frequency(visits, count="contacts"))
    assert ax.get_ylabel() == "contacts"
    assert caption(ax).endswith("; kind visit")


def test_text_that_is_no_number_is_not_drawn(pair):
    frequency = rel.exchange_frequency(pair).astype({"count": "object"})
    frequency.loc[1, "count"] = "some"
    with pytest.raises(ValueError, match="count is 'some' in row 1: no number"):
        figures.plot_exchange_frequency(frequency)


def test_one_group_at_a_time(pair):
    frequency = rel.exchange_frequency(pair, by="kind")
    with pytest.raises(ValueError, match="one row per period"):
        figures.plot_exchange_frequency(frequency)


@pytest.mark.parametrize("forget", [False, True])
def test_periods_are_labelled_by_their_names(pair, forget):
    for every, label in (("year", "2019"), ("quarter", "2019Q1"), ("month", "2019-01")):
        frequency = rel.exchange_frequency(pair, every)
        if forget:
            frequency.attrs.clear()
        ax = figures.plot_exchange_frequency(frequency)
        assert ax.get_xticklabels()[0].get_text() == label
        assert f"per {every}" in drawn(ax)


def test_years_are_compared_at_both_ends():
    """Five years with 1 to 5, a year in between, five with 10 each, and a running one."""
    counts = [1, 2, 3, 4, 5, 7, 10, 10, 10, 10, 10, 2]
    table = frame("count", *[(count,) for count in counts], every="year")
    table["period"] = pd.date_range("2010-01-01", periods=12, freq="YS")
    table = table.assign(exposure=1.0, low=0.0, high=20.0, partial=[False] * 11 + [True])
    ax = figures.plot_exchange_frequency(table)
    assert found(ax) == "From 3.0 occasions a year in 2010–2014 to 10.0 in 2016–2020"


def test_many_periods_are_a_line_with_a_band(pair):
    frequency = by_month(pair)
    assert len(frequency) == 36
    ax = figures.plot_exchange_frequency(frequency)
    assert ax.lines[0].get_ydata().tolist() == frequency["count"].tolist()
    top = ax.collections[0].get_paths()[0].vertices[:, 1].max()
    assert top == pytest.approx((frequency["high"] * frequency["exposure"]).max())


def test_periods_partly_covered_are_hollow_on_a_line(pair):
    frequency = by_month(pair)
    frequency.loc[3, "partial"] = True
    ax = figures.plot_exchange_frequency(frequency)
    assert points(ax, "o") == [(3, frequency.loc[3, "count"])]
    assert "hollow" in drawn(ax)


def test_a_period_that_is_missing_is_not_drawn_over(pair):
    with pytest.raises(ValueError, match="the month after 2019-03 is missing"):
        figures.plot_exchange_frequency(by_month(pair).drop(index=3))


def test_caller_may_bring_the_axes(pair):
    _, ax = plt.subplots()
    assert figures.plot_exchange_frequency(rel.exchange_frequency(pair), ax=ax) is ax


def test_months_stand_beside_an_even_spread():
    seasons = pd.DataFrame(
        {"month": range(1, 13), "count": range(12), "exposure": 2.0, "expected": range(10, 22)}
    ).assign(
        rate=lambda f: f["count"] / 2, low=lambda f: f["rate"] / 2, high=lambda f: f["rate"] + 1
    )
    ax = figures.plot_seasons(seasons.sample(frac=1, random_state=0))
    even, whiskers = ax.collections
    assert [ends[0][1] for ends in segments(even)] == [number / 2 for number in range(10, 22)]
    assert [[y for _, y in ends] for ends in segments(whiskers)] == seasons[
        ["low", "high"]
    ].values.tolist()
    assert points(ax, "o") == list(zip(range(1, 13), seasons["rate"], strict=True))
    assert texts(ax) == [str(number) for number in range(12)]
    with pytest.raises(ValueError, match="one row per calendar month"):
        figures.plot_seasons(seasons.head(3))


def test_intervals_of_ratios_are_those_of_the_frame():
    ratios = frame(
        "context_id before after ratio low high overlaps",
        ("a", 4, 8, 2.0, 0.5, 3.5, ""), ("b", 9, 3, 0.4, 0.1, 0.9, "a"),
        ("c", 0, 0, None, None, None, ""),
        names={"a": "First"},
    )  # fmt: skip
    ax = figures.plot_before_after(ratios)
    ends = [line.get_xydata().tolist() for line in ax.lines if line.get_marker() == "None"]
    assert ends[1:] == [[[0.5, 0], [3.5, 0]], [[0.1, 1], [0.9, 1]]]
    assert points(ax, "o") == [(2.0, 0), (0.4, 1)]
    assert rows_of(ax) == ["First", "b", "c"]
    assert texts(ax) == ["4 → 8", "9 → 3", "0 → 0", "occasions"]
    assert caption(ax) == "the record"


def test_what_is_usual_is_a_tick():
    ratios = frame(
        "context_id before after ratio low high usual overlaps",
        ("a", 4, 8, 2.0, 0.5, 3.5, 1.5, ""), ("b", 9, 3, 0.4, 0.1, 0.9, None, ""),
        window=90,
    )  # fmt: skip
    ax = figures.plot_before_after(ratios)
    ticks = [line for line in ax.lines if line.get_linewidth() == 2.5]
    assert [tick.get_xydata().tolist() for tick in ticks] == [[[1.5, -0.3], [1.5, 0.3]]]
    assert drawn(ax).startswith("Rate ratio, 90 days before and after")
    assert "tick: usual at that time of year" in drawn(ax)
    assert found(ax) == "At 1 of 2 dates the interval leaves out an equal rate"


def test_ratios_are_drawn_on_a_logarithmic_axis_first_date_on_top(data):
    table = exchanges.before_after(data, data.context[data.context["start"].dt.year == 2014])
    ax = figures.plot_before_after(table)
    assert ax.get_xscale() == "log"
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    for label, context_id in zip(rows_of(ax), table["context_id"], strict=True):
        assert data.names[context_id].startswith(label.replace("\n", " ").removesuffix(" …"))
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == table["ratio"].tolist()
    hollow = [dot.get_markerfacecolor() == "white" for dot in dots]
    assert hollow == (table["overlaps"] != "").tolist()


def test_endless_intervals_end_in_arrows():
    days = pd.to_datetime(["2019-01-01", "2019-08-10"])
    contacts = pd.DataFrame({"start": days, "precision": "day", "status": "held"})
    dates = ["2019-04-01", "2019-08-01"]
    table = exchanges.before_after(contacts, dates, 30, span=("2019-01-01", "2019-12-31"))
    ax = figures.plot_before_after(table)
    arrows = [
        (line.get_marker(), line.get_ydata()[0])
        for line in ax.lines
        if line.get_marker() in ("<", ">")
    ]
    # From nothing to one contact, the ratio may be as low as 0.0256, beyond thirtyfold.
    assert arrows == [("<", 0), (">", 0), ("<", 1), (">", 1)]
    assert not [line for line in ax.lines if line.get_marker() == "o"]


def test_contacts_stand_in_the_lane_of_their_kind(pair):
    ax = figures.plot_contacts(pair)
    assert rows_of(ax) == ["joint patrol", "meeting", "visit"]
    assert texts(ax) == ["1", "1", "1"]
    hollow, sure = (line.get_xydata() for line in ax.lines)
    assert hollow[:, 1].tolist() == [0]
    assert sure[:, 1].tolist() == [2, 1]
    (month,) = segments(ax.collections[0])
    assert np.diff([x for x, _ in month]) == [29]
    assert caption(ax) == pair.caption
    assert caption(figures.plot_contacts(pair.events)) == ""
    assert found(ax) == "Most often visit, 1 of 3 contacts; last to begin, joint patrol (2021)"


@pytest.mark.parametrize(
    ("draw", "measure"),
    [
        (figures.plot_exchange_frequency, rel.exchange_frequency),
        (figures.plot_exchange_frequency, lambda d: rel.exchange_frequency(d, by=(), every="year")),
        (figures.plot_seasons, lambda d: exchanges.seasons(d, draws=9)),
        (
            figures.plot_before_after,
            lambda d: exchanges.before_after(d, d.context[d.context["start"].dt.year > 2013]),
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


def test_contacts_of_the_record_are_drawn_whole_and_legibly(data):
    chosen = data.where(since=2015)
    assert_whole_and_legible(figures.plot_contacts(chosen), chosen.caption)
    plt.close("all")
    with pytest.raises(ValueError, match="nothing to draw"):
        figures.plot_contacts(data.where(since=2015, until=2015, kind="exercise", host="both",
                                         tier="leader"))  # fmt: skip


def test_frames_of_another_library_are_refused_in_a_sentence(data):
    import polars as pl

    counts = rel.exchange_frequency(data)
    with pytest.raises(TypeError, match="figures draw frames of pandas, not of polars"):
        rel.figures.plot_exchange_frequency(pl.from_pandas(counts))
