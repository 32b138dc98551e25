"""Gaps, seasons, hosts, before and after: counted by hand, intervals held to what they say."""

from itertools import pairwise, permutations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2, chisquare

import relations as rel
from relations.exchanges import (
    around,
    contact_gaps,
    hosting,
    hosting_alternation,
    multilateral_share,
    seasonality,
)

METRICS = [contact_gaps, hosting, hosting_alternation, multilateral_share]
FORUMS = ["shangri_la_dialogue", "xiangshan_forum"]


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def events(*rows, **columns):
    """Rows of (start at the precision known, host, mechanism), all held and no part."""
    frame = pd.DataFrame(rows, columns=["start", "host", "mechanism"])
    names = {10: "day", 7: "month", 4: "year"}
    frame["precision"] = frame["start"].str.len().map(names)
    frame["start"] = pd.to_datetime([text + "-01-01"[len(text) - 10 :] * (len(text) < 10)
                                     for text in frame["start"]])  # fmt: skip
    frame.insert(0, "event_id", [f"e{i:03}" for i in range(len(frame))])
    plain = {"status": "held", "parent_id": None}
    return frame.assign(**(plain | columns))


SERIES = events(
    ("2019-03-01", "AA", "talks"),
    ("2019-03-11", "BB", "talks"),
    ("2019-05", "AA", "talks"),
    ("2019-12-31", "AA", "forum"),
    ("2020", "third", None),
    ("2021-01-01", "BB", "talks"),
    ("2021-01-01", None, "forum"),
)


def scattered(days, host="AA", mechanism="talks"):
    """One contact known to the day for each day given."""
    frame = pd.DataFrame({"start": pd.DatetimeIndex(days)})
    return frame.assign(precision="day", status="held", host=host, mechanism=mechanism)


def moments(*texts):
    return pd.DataFrame({"context_id": texts, "start": pd.to_datetime(list(texts))})


# Gaps


def test_gaps_run_from_start_to_start_between_contacts_known_to_the_day(engine):
    gaps = contact_gaps(engine(SERIES))
    # 11 March to 31 December is 295 days, on to 1 January 2021 it is 367.
    assert gaps["days"].tolist() == [10, 295, 367, 0]
    assert gaps["longest"].tolist() == [False, False, True, False]
    # May 2019 may lie in the second gap alone, the one of 2020 in the third.
    assert gaps["possible"].tolist() == [0, 1, 1, 0]
    assert gaps["left_out"].tolist() == [2] * 4


def test_gaps_by_mechanism_keep_the_empty_one_apart(engine):
    gaps = contact_gaps(engine(SERIES), by="mechanism")
    assert gaps[["mechanism", "days", "left_out"]].values.tolist() == [
        ["forum", 367, 0],
        ["talks", 10, 1],
        ["talks", 662, 1],
    ]


def test_parts_and_other_statuses_bound_no_gap():
    parts = SERIES.assign(parent_id=[None, "e000", *[None] * 5])
    assert contact_gaps(parts)["days"].tolist() == [305, 367, 0]
    assert contact_gaps(parts, parts="keep")["days"].tolist() == [10, 295, 367, 0]
    announced = SERIES.assign(status=["held", "held", "held", "announced", *["held"] * 3])
    assert contact_gaps(announced)["days"].tolist() == [10, 662, 0]


def test_two_contacts_make_one_gap_and_one_makes_none():
    assert contact_gaps(SERIES.head(2))["chance"].tolist() == [1.0]
    alone = contact_gaps(SERIES.head(1))
    assert alone.empty
    assert "days" in alone


@pytest.mark.parametrize("days", [[10, 20, 70], [1, 1, 30, 4, 4, 60], [50, 50]])
def test_chance_of_the_longest_gap_is_that_of_random_breaks(days):
    starts = pd.Timestamp("2019-01-01") + pd.to_timedelta(np.cumsum([0, *days]), "D")
    chance = contact_gaps(scattered(starts))["chance"].to_numpy()
    generator = np.random.default_rng(1)
    breaks = np.sort(generator.random((40_000, len(days) - 1)), axis=1)
    longest = np.diff(breaks, axis=1, prepend=0, append=1).max(axis=1) * sum(days)
    expected = [(longest >= number - 1e-9).mean() for number in days]
    assert chance == pytest.approx(expected, abs=0.01)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 4000), min_size=2, max_size=40))
def test_gaps_fill_the_time_from_first_to_last(numbers):
    days = pd.Timestamp("2010-01-01") + pd.to_timedelta(numbers, "D")
    gaps = contact_gaps(scattered(days))
    assert len(gaps) == len(numbers) - 1
    assert gaps["days"].sum() == max(numbers) - min(numbers)
    assert gaps["days"].min() >= 0
    assert gaps["chance"].between(0, 1).all()
    # The longer the gap, the rarer.
    assert gaps.sort_values("days")["chance"].diff().fillna(0).max() < 1e-9


# Seasons


def test_months_have_counts_exposure_and_exact_intervals(engine):
    table = seasonality(engine(SERIES), span=("2019-01-01", "2021-06-30"))
    assert table["count"].tolist() == [2, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    assert table["left_out"].tolist() == [1] * 12
    assert table["exposure"].sum() == pytest.approx(2 + 181 / 365)
    march = table.loc[2]
    years = 31 / 365 * 2 + 31 / 366
    assert march["exposure"] == pytest.approx(years)
    assert march["rate"] == pytest.approx(2 / years)
    assert march["low"] == pytest.approx(chi2.ppf(0.025, 4) / 2 / years)
    assert march["high"] == pytest.approx(chi2.ppf(0.975, 6) / 2 / years)
    # Four of 2019 on 31 of 365 days, none of 2020, two of 2021 on 31 of 181 days.
    assert march["expected"] == pytest.approx(4 * 31 / 365 + 2 * 31 / 181)
    assert table["expected"].sum() == pytest.approx(6)


def test_test_against_an_even_spread_agrees_with_the_chi_square():
    generator = np.random.default_rng(3)
    days = pd.Timestamp("2019-01-01") + pd.to_timedelta(generator.integers(0, 365, 400), "D")
    table = seasonality(scattered(days), span=("2019-01-01", "2019-12-31"))
    lengths = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    expected = chisquare(table["count"], 400 * lengths / 365)
    assert table["chi_square"].iloc[0] == pytest.approx(expected.statistic)
    assert table["p_value"].iloc[0] == pytest.approx(expected.pvalue, abs=0.02)


def test_season_is_found():
    days = pd.to_datetime([f"{year}-12-{day:02}" for year in range(2015, 2020) for day in (1, 9)])
    table = seasonality(scattered(days), span=("2015-01-01", "2019-12-31"))
    assert table["p_value"].iloc[0] == pytest.approx(1 / 10_000)


def test_season_needs_every_month_and_a_span():
    with pytest.raises(ValueError, match="pass span"):
        seasonality(SERIES)
    with pytest.raises(ValueError, match="every calendar month"):
        seasonality(SERIES, span=("2019-01-01", "2019-11-30"))
    with pytest.raises(ValueError, match="known to the month"):
        seasonality(SERIES, span=("2015-01-01", "2016-12-31"))
    with pytest.raises(ValueError, match="draws"):
        seasonality(SERIES, span=("2019-01-01", "2021-06-30"), draws=0)


# Hosts


def test_hosts_are_shares_of_contacts_whose_host_is_known(engine):
    table = hosting(engine(SERIES))
    assert table["host"].tolist() == ["AA", "BB", "third"]
    assert table["count"].tolist() == [3, 2, 1]
    assert table["contacts"].tolist() == [6] * 3
    assert table["left_out"].tolist() == [1] * 3
    assert table["share"].tolist() == pytest.approx([3 / 6, 2 / 6, 1 / 6])
    # Wilson's interval written out.
    z, n, share = 1.959964, 6, 1 / 3
    middle = (share + z**2 / 2 / n) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / 4 / n**2)
    assert table.loc[1, ["low", "high"]].tolist() == pytest.approx([middle - half, middle + half])


def test_hosts_by_mechanism_have_zeros(engine):
    table = hosting(engine(SERIES), by="mechanism")
    assert len(table) == 9
    forum = table[table["mechanism"] == "forum"]
    assert forum["count"].tolist() == [1, 0, 0]
    assert forum["left_out"].tolist() == [1] * 3
    with pytest.raises(ValueError, match="leave host out"):
        hosting(SERIES, by="host")


def in_turn(hosts):
    return scattered(pd.date_range("2010-03-01", periods=len(hosts), freq="YS"), list(hosts))


@pytest.mark.parametrize("hosts", ["ABABAB", "AABBBA", "AAAB", "ABBBAAB", "AB"])
def test_runs_are_as_rare_as_among_all_orders(hosts):
    row = hosting_alternation(in_turn(hosts)).iloc[0]
    orders = list(permutations(hosts))
    runs = np.array([1 + sum(a != b for a, b in pairwise(order)) for order in orders])
    assert row["contacts"] == len(hosts)
    assert row["runs"] == runs[0]
    assert row["expected"] == pytest.approx(runs.mean())
    assert row["p_turns"] == pytest.approx((runs >= runs[0]).mean())
    assert row["p_streaks"] == pytest.approx((runs <= runs[0]).mean())
    assert row["p_least"] == pytest.approx((runs == runs.max()).mean())
    assert (runs < row["low"]).mean() <= 0.025
    assert (runs > row["high"]).mean() <= 0.025


def test_only_known_places_in_the_order_count(engine):
    rows = events(
        ("2010-03-01", "AA", "m"),
        ("2011", "BB", "m"),  # alone in its year: its place is known
        ("2012-05", "BB", "m"),  # may come before or after the next
        ("2012-05-20", "AA", "m"),
        ("2013-01-01", "both", "m"),  # no turn of one side
        ("2014-01-01", "AA", "m"),  # on one day with the next, whose host differs
        ("2014-01-01", "BB", "m"),
        ("2015-01-01", "BB", "m"),
    )
    row = hosting_alternation(engine(rows)).iloc[0]
    assert (row["contacts"], row["left_out"], row["runs"]) == (4, 3, 4)


def test_turns_are_for_two_sides():
    with pytest.raises(ValueError, match="two sides"):
        hosting_alternation(in_turn("ABC"))


# Multilateral


def test_third_country_or_named_mechanism_is_multilateral(engine):
    table = multilateral_share(engine(SERIES), ["forum"])
    assert table["period"].dt.year.tolist() == [2019, 2020, 2021]
    assert table["count"].tolist() == [1, 1, 1]
    assert table["contacts"].tolist() == [4, 1, 2]
    assert table["share"].tolist() == [0.25, 1, 0.5]
    # Without the name, one of 2021 is placed by nothing.
    plain = multilateral_share(engine(SERIES))
    assert plain[["count", "contacts", "left_out"]].values.tolist() == [
        [0, 4, 0],
        [1, 1, 0],
        [0, 1, 1],
    ]
    expected = binomtest(1, 4).proportion_ci(method="wilson")
    assert table.loc[0, ["low", "high"]].tolist() == pytest.approx([expected.low, expected.high])


def test_year_without_contacts_has_no_share():
    covered = SERIES[SERIES["precision"] != "year"].assign(
        covered_since=pd.Timestamp("2018-01-01"), covered_until=pd.Timestamp("2021-12-31")
    )
    table = multilateral_share(covered)
    assert table["contacts"].tolist() == [0, 4, 0, 1]
    assert table["share"].isna().tolist() == [True, False, True, False]


def test_misspelled_mechanism_is_refused():
    with pytest.raises(ValueError, match="forums; there are forum, talks"):
        multilateral_share(SERIES, "forums")


# Before and after


def test_windows_end_and_begin_at_the_date(engine):
    days = ["2019-05-01", "2019-05-02", "2019-05-31", "2019-06-01", "2019-06-30", "2019-07-01"]
    contacts = scattered(pd.to_datetime(days))
    table = around(engine(contacts), engine(moments("2019-06-01")), 30, span=("2019-01-01",) * 2)
    assert table[["before", "after", "days_before", "days_after"]].values.tolist() == [[0, 0, 0, 0]]
    assert table[["ratio", "low", "high", "p_value"]].isna().all(axis=None)
    table = around(
        engine(contacts), engine(moments("2019-06-01")), 30, span=("2019-01-01", "2019-12-31")
    )
    assert table[["before", "after", "days_before", "days_after"]].values.tolist() == [
        [2, 2, 30, 30]
    ]
    assert table["ratio"].item() == 1


def test_exposure_is_clipped_and_the_ratio_is_of_rates():
    contacts = scattered(pd.to_datetime(["2019-05-20", "2019-06-02", "2019-06-03", "2019-06-04"]))
    table = around(contacts, moments("2019-06-01"), 30, span=("2019-05-02", "2019-06-10"))
    row = table.iloc[0]
    assert (row["before"], row["after"], row["days_before"], row["days_after"]) == (1, 3, 30, 10)
    assert row["ratio"] == pytest.approx(9)
    # The bounds are the ratios at which a one-sided test of 2.5% just rejects.
    for bound, side in ((row["low"], "greater"), (row["high"], "less")):
        share = bound * 10 / (bound * 10 + 30)
        assert binomtest(3, 4, share, side).pvalue == pytest.approx(0.025)
    assert row["p_value"] == pytest.approx(binomtest(3, 4, 0.25).pvalue)


def test_windows_without_contacts_say_so():
    contacts = scattered(pd.to_datetime(["2019-01-01", "2019-08-10"]))
    span = ("2019-01-01", "2019-12-31")
    table = around(contacts, moments("2019-04-01", "2019-08-01"), 30, span=span)
    assert table["ratio"].isna().tolist() == [True, False]
    assert table["ratio"].iloc[1] == np.inf
    assert table["low"].tolist()[0] == 0
    assert table["high"].tolist() == [np.inf, np.inf]
    assert table["p_value"].tolist() == [1, 1]


def test_windows_that_share_a_day_are_flagged():
    contacts = scattered(pd.to_datetime(["2019-01-01"]))
    dates = moments("2019-03-01", "2019-04-29", "2019-04-30", "2019-12-01")
    table = around(contacts, dates, 30, span=("2019-01-01", "2019-12-31"))
    # 1 March reaches to 30 March; 30 days before 29 April is 30 March, before the 30th is 31.
    assert table["overlaps"].tolist() == [
        "2019-04-29",
        "2019-03-01;2019-04-30",
        "2019-04-29",
        "",
    ]


def test_coarse_dates_and_contacts_are_placed_only_where_they_must_lie():
    contacts = events(
        ("2019-03", "AA", "m"),  # wholly before
        ("2019-07", "AA", "m"),  # wholly after
        ("2019-06", "AA", "m"),  # begins in the month of the date
        ("2019", "AA", "m"),  # anywhere
        ("2017", "AA", "m"),  # in neither window
    )
    dates = moments("2019-05").assign(start_latest=pd.Timestamp("2019-05-31"))
    row = around(contacts, dates, 61, span=("2017-01-01", "2020-12-31")).iloc[0]
    assert (row["before"], row["after"], row["unsure"]) == (1, 1, 30)
    # June lies wholly after 31 May, and July reaches past 30 July.
    assert row["left_out"] == 2


def test_many_dates_are_adjusted_as_holm_does():
    contacts = scattered(pd.to_datetime(["2019-02-02"] * 9 + ["2019-06-02"] * 7 + ["2019-05-30"]))
    dates = moments("2019-02-01", "2019-06-01", "2019-10-01")
    table = around(contacts, dates, 20, span=("2019-01-01", "2019-12-31"))
    first, second, third = table["p_value"]
    assert first < second < third
    adjusted = [3 * first, 2 * second, 1]
    assert table["p_adjusted"].tolist() == pytest.approx(adjusted)


@pytest.mark.parametrize("window", [0, -3, 2.5, "30", True])
def test_window_is_a_number_of_days(window):
    with pytest.raises(ValueError, match="window"):
        around(SERIES, moments("2019-06-01"), window, span=("2019-01-01", "2021-12-31"))


def test_dates_are_looked_at():
    span = ("2019-01-01", "2021-12-31")
    with pytest.raises(ValueError, match="at least one"):
        around(SERIES, moments("2019-06-01").head(0), span=span)
    with pytest.raises(ValueError, match="'2019-06-01' stands more than once"):
        around(SERIES, pd.concat([moments("2019-06-01")] * 2), span=span)
    with pytest.raises(ValueError, match="timestamps"):
        around(SERIES, moments("2019-06-01").astype({"start": "str"}), span=span)
    with pytest.raises(ValueError, match="pass span"):
        around(SERIES, moments("2019-06-01"))


# What all have in common


@pytest.mark.parametrize("metric", METRICS)
def test_bad_input_is_refused(metric):
    with pytest.raises(ValueError, match="needs the column precision"):
        metric(SERIES.drop(columns="precision"))
    with pytest.raises(ValueError, match="precision 'week'"):
        metric(SERIES.assign(precision="week"))
    with pytest.raises(ValueError, match="no contact with status"):
        metric(SERIES.head(0))
    with pytest.raises(ValueError, match="no contact with status 'disputed'"):
        metric(SERIES, status="disputed")
    with pytest.raises(ValueError, match="no start"):
        metric(SERIES.assign(start=[pd.NaT, *SERIES["start"][1:]]))
    with pytest.raises(ValueError, match="stands more than once"):
        metric(pd.concat([SERIES, SERIES]))
    with pytest.raises(ValueError, match="timestamps"):
        metric(SERIES.astype({"start": "str"}))
    with pytest.raises(ValueError, match="parts"):
        metric(SERIES, parts="all")


@pytest.mark.parametrize("metric", [seasonality, lambda frame: around(frame, moments("2019-06"))])
def test_contact_outside_what_the_frame_covers_is_refused(metric):
    covered = SERIES.assign(
        covered_since=pd.Timestamp("2019-03-02"), covered_until=pd.Timestamp("2021-12-31")
    )
    with pytest.raises(ValueError, match="2019-03-01 lies outside"):
        metric(covered)


def test_shipped_tables_on_every_engine(engine, data):
    made = engine(data.events)
    for metric, arguments in (
        (contact_gaps, {"by": "mechanism"}),
        (seasonality, {"draws": 99}),
        (hosting, {"by": "kind"}),
        (hosting_alternation, {"parts": "keep"}),
        (multilateral_share, {"mechanisms": FORUMS}),
    ):
        pd.testing.assert_frame_equal(metric(made, **arguments), metric(data.events, **arguments))
    pd.testing.assert_frame_equal(
        around(made, engine(data.context), 90), around(data.events, data.context, 90)
    )


def test_days_without_a_time_are_dates_too():
    import polars as pl

    dated = pl.from_pandas(SERIES).with_columns(pl.col("start").cast(pl.Date))
    pd.testing.assert_frame_equal(contact_gaps(dated), contact_gaps(SERIES))


def test_two_other_sides(pair):
    # The patrol of June 2021 is known to the month: one contact bounds no gap.
    assert contact_gaps(pair.events).empty
    assert contact_gaps(pair.events, parts="keep")["days"].tolist() == [1]
    assert hosting(pair.events)[["host", "count"]].values.tolist() == [["AA", 1], ["both", 1]]
    assert hosting_alternation(pair.events)["runs"].tolist() == [1]
    assert multilateral_share(pair.events, ["gulf_patrol"])["count"].tolist() == [0, 0, 1]
    assert seasonality(pair.events)["count"].sum() == 2
    storm = around(pair.events, pair.context, 400).iloc[0]
    assert (storm["before"], storm["after"], storm["unsure"]) == (1, 1, 365)


# Figures


def test_seasons_are_drawn_as_rates_with_intervals(data):
    table = seasonality(data.events, draws=9)
    ax = rel.figures.plot_seasonality(table, source="the record")
    dots, _, (whiskers,) = ax.containers[0]
    assert dots.get_ydata().tolist() == table["rate"].tolist()
    drawn = np.array([segment[:, 1] for segment in whiskers.get_segments()])
    assert drawn == pytest.approx(table[["low", "high"]].to_numpy())
    assert [text.get_text() for text in ax.texts] == table["count"].astype(str).tolist()
    assert ax.figure.get_supxlabel() == "the record"
    with pytest.raises(ValueError, match="one row per calendar month"):
        rel.figures.plot_seasonality(table.head(3), source="")


def test_ratios_are_drawn_on_a_logarithmic_axis_first_date_on_top(data):
    dates = data.context[data.context["start"].dt.year.between(2014, 2017)]
    table = around(data.events, dates)
    ax = rel.figures.plot_around(table, source="the record", labels={dates.iloc[0, 0]: "First"})
    assert ax.get_xscale() == "log"
    assert ax.get_yticklabels()[0].get_text() == "First"
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == table["ratio"].tolist()
    hollow = [dot.get_markerfacecolor() == "white" for dot in dots]
    assert hollow == (table["overlaps"] != "").tolist()
    counts = [f"{row.before} → {row.after}" for row in table.itertuples()]
    assert [text.get_text() for text in ax.texts] == [*counts, "contacts"]
    with pytest.raises(ValueError, match="no rows"):
        rel.figures.plot_around(table.head(0), source="")


def test_endless_intervals_end_in_arrows():
    contacts = scattered(pd.to_datetime(["2019-01-01", "2019-08-10"]))
    dates = moments("2019-04-01", "2019-08-01")
    table = around(contacts, dates, 30, span=("2019-01-01", "2019-12-31"))
    ax = rel.figures.plot_around(table, source="")
    arrows = [
        (line.get_marker(), line.get_ydata()[0])
        for line in ax.lines
        if line.get_marker() in ("<", ">")
    ]
    # From nothing to one contact, the ratio may be as low as 0.0256, beyond thirtyfold.
    assert arrows == [("<", 0), (">", 0), ("<", 1), (">", 1)]
    assert not [line for line in ax.lines if line.get_marker() == "o"]
