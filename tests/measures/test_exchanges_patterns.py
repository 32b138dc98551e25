"""Gaps, seasons, hosts, before and after: counted by hand, intervals held to what they say."""

from functools import partial
from itertools import pairwise, permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2, chisquare

import relations as rel
from relations.measures.exchanges import (
    before_after,
    gaps,
    hosting,
    multilateral,
    placebo,
    seasons,
    turns,
)


def turns_of_series(frame, **how):
    return turns(frame, "mechanism", **how)


METRICS = [gaps, hosting, turns_of_series, multilateral]
FORUMS = ["shangri_la_dialogue", "xiangshan_forum"]


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
    found = gaps(engine(SERIES))
    # 11 March to 31 December is 295 days, on to 1 January 2021 it is 367.
    assert found["days"].tolist() == [10, 295, 367, 0]
    assert found["longest"].tolist() == [False, False, True, False]
    # May 2019 may lie in the second gap alone, the one of 2020 in the third.
    assert found["possible"].tolist() == [0, 1, 1, 0]
    assert found["left_out"].tolist() == [2] * 4


def test_gaps_by_mechanism_keep_the_empty_one_apart(engine):
    found = gaps(engine(SERIES), by="mechanism")
    assert found[["mechanism", "days", "left_out"]].values.tolist() == [
        ["forum", 367, 0],
        ["talks", 10, 1],
        ["talks", 662, 1],
    ]


def test_parts_and_other_statuses_bound_no_gap():
    parts = SERIES.assign(parent_id=[None, "e000", *[None] * 5])
    assert gaps(parts)["days"].tolist() == [305, 367, 0]
    assert gaps(parts, count="contacts")["days"].tolist() == [10, 295, 367, 0]
    announced = SERIES.assign(status=["held", "held", "held", "announced", *["held"] * 3])
    assert gaps(announced)["days"].tolist() == [10, 662, 0]


def test_two_contacts_make_one_gap_and_one_makes_none():
    assert gaps(SERIES.head(2))["chance"].tolist() == [1.0]
    alone = gaps(SERIES.head(1))
    assert alone.empty
    assert "days" in alone


@pytest.mark.parametrize("days", [[10, 20, 70], [1, 1, 30, 4, 4, 60], [50, 50]])
def test_chance_of_the_longest_gap_is_that_of_random_breaks(days):
    starts = pd.Timestamp("2019-01-01") + pd.to_timedelta(np.cumsum([0, *days]), "D")
    chance = gaps(scattered(starts))["chance"].to_numpy()
    generator = np.random.default_rng(1)
    breaks = np.sort(generator.random((40_000, len(days) - 1)), axis=1)
    longest = np.diff(breaks, axis=1, prepend=0, append=1).max(axis=1) * sum(days)
    expected = [(longest >= number - 1e-9).mean() for number in days]
    assert chance == pytest.approx(expected, abs=0.01)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 4000), min_size=2, max_size=40))
def test_gaps_fill_the_time_from_first_to_last(numbers):
    days = pd.Timestamp("2010-01-01") + pd.to_timedelta(numbers, "D")
    found = gaps(scattered(days))
    assert len(found) == len(numbers) - 1
    assert found["days"].sum() == max(numbers) - min(numbers)
    assert found["days"].min() >= 0
    assert found["chance"].between(0, 1).all()
    # The longer the gap, the rarer.
    assert found.sort_values("days")["chance"].diff().fillna(0).max() < 1e-9


# Seasons


def test_months_have_counts_exposure_and_exact_intervals(engine):
    table = seasons(engine(SERIES), span=("2019-01-01", "2021-06-30"))
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
    table = seasons(scattered(days), span=("2019-01-01", "2019-12-31"))
    lengths = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    expected = chisquare(table["count"], 400 * lengths / 365)
    assert table["chi_square"].iloc[0] == pytest.approx(expected.statistic)
    assert table["p_value"].iloc[0] == pytest.approx(expected.pvalue, abs=0.02)


def test_season_is_found():
    days = pd.to_datetime([f"{year}-12-{day:02}" for year in range(2015, 2020) for day in (1, 9)])
    table = seasons(scattered(days), span=("2015-01-01", "2019-12-31"))
    assert table["p_value"].iloc[0] == pytest.approx(1 / 2001)


def test_season_needs_every_month_and_a_span():
    with pytest.warns(UserWarning, match="2019-03-01 to 2021-01-01, from its first"):
        assert seasons(SERIES)["count"].sum() == 6
    with pytest.raises(ValueError, match="every calendar month"):
        seasons(SERIES, span=("2019-01-01", "2019-11-30"))
    with pytest.raises(ValueError, match="known to the month"):
        seasons(SERIES, span=("2015-01-01", "2016-12-31"))
    with pytest.raises(ValueError, match="draws"):
        seasons(SERIES, span=("2019-01-01", "2021-06-30"), draws=0)


# Hosts


def test_hosts_are_shares_of_contacts_whose_host_is_known(engine):
    table = hosting(engine(SERIES))
    assert table["host"].tolist() == ["AA", "BB", "third"]
    assert table["count"].tolist() == [3, 2, 1]
    assert table["known"].tolist() == [6] * 3
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
    row = turns_of_series(in_turn(hosts)).iloc[0]
    orders = list(permutations(hosts))
    runs = np.array([1 + sum(a != b for a, b in pairwise(order)) for order in orders])
    assert row["known"] == len(hosts)
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
    row = turns_of_series(engine(rows)).iloc[0]
    assert (row["known"], row["left_out"], row["runs"]) == (4, 3, 4)


def test_turns_are_for_two_sides():
    with pytest.raises(ValueError, match="two sides"):
        turns_of_series(in_turn("ABC"))


# Multilateral


def test_third_country_or_named_channel_is_multilateral(engine):
    table = multilateral(engine(SERIES), ["forum"], span=("2019", "2021"))
    assert table["period"].dt.year.tolist() == [2019, 2020, 2021]
    assert table["until"].dt.strftime("%Y-%m-%d").tolist() == [
        f"{year}-12-31" for year in (2019, 2020, 2021)
    ]
    assert table["count"].tolist() == [1, 1, 1]
    assert table["known"].tolist() == [4, 1, 2]
    assert table["share"].tolist() == [0.25, 1, 0.5]
    # Without the name, one of 2021 is placed by nothing.
    plain = multilateral(engine(SERIES), span=("2019", "2021"))
    assert plain[["count", "known", "left_out"]].values.tolist() == [
        [0, 4, 0],
        [1, 1, 0],
        [0, 1, 1],
    ]
    expected = binomtest(1, 4).proportion_ci(method="wilson")
    assert table.loc[0, ["low", "high"]].tolist() == pytest.approx([expected.low, expected.high])


def test_shares_before_and_since_a_year_are_pooled(engine):
    table = multilateral(engine(SERIES), "forum", starts=(2019, 2020), span=("2019", "2021"))
    assert table["period"].dt.year.tolist() == [2019, 2020]
    assert table["until"].dt.strftime("%Y-%m-%d").tolist() == ["2019-12-31", "2021-12-31"]
    assert table[["count", "known", "left_out"]].values.tolist() == [[1, 4, 0], [2, 3, 0]]
    assert table["share"].tolist() == pytest.approx([1 / 4, 2 / 3])
    expected = binomtest(2, 3).proportion_ci(method="wilson")
    assert table.loc[1, ["low", "high"]].tolist() == pytest.approx([expected.low, expected.high])
    # What comes before the first stretch is in none.
    late = multilateral(engine(SERIES), "forum", starts=["2019-03-05"], span=("2019", "2021"))
    assert late[["count", "known"]].values.tolist() == [[3, 6]]
    traced = multilateral(
        engine(SERIES), "forum", starts=(2019, 2020), span=("2019", "2021"), evidence=True
    )
    assert traced["evidence"].tolist() == ["e003", "e004;e006"]


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ([2020, 2019], "in order of time"),
        ([2020, 2020], "in order of time"),
        ([], "in order of time"),
        ([2018, 2020], "beyond what is covered"),
        (["2022-01-01"], "beyond what is covered"),
        (["spring"], "starts='spring'"),
    ],
)
def test_stretches_lie_in_order_inside_what_is_covered(since, words):
    with pytest.raises(ValueError, match=words):
        multilateral(SERIES, starts=since, span=("2019", "2021"))


def test_year_without_contacts_has_no_share():
    exact = SERIES[SERIES["precision"] != "year"]
    table = multilateral(exact, span=("2018", "2021"))
    assert table["known"].tolist() == [0, 4, 0, 1]
    assert table["share"].isna().tolist() == [True, False, True, False]


def test_misspelled_channel_is_refused(pair):
    with pytest.raises(ValueError, match="forums; there are forum, talks"):
        multilateral(SERIES, "forums", span=("2019", "2021"))
    with pytest.raises(ValueError, match="gulf; there are gulf_patrol"):
        multilateral(pair, "gulf")
    # A channel of the record counts nothing in a choice without it.
    visits = pair.where(kind="visit")
    assert multilateral(visits, "gulf_patrol")["count"].tolist() == [0, 0, 0]


# Before and after


def test_windows_end_and_begin_at_the_date(engine):
    days = ["2019-05-01", "2019-05-02", "2019-05-31", "2019-06-01", "2019-06-30", "2019-07-01"]
    contacts = scattered(pd.to_datetime(days))
    table = before_after(
        engine(contacts), engine(moments("2019-06-01")), 30, span=("2019-01-01",) * 2
    )
    assert table[["before", "after", "days_before", "days_after"]].values.tolist() == [[0, 0, 0, 0]]
    assert table[["ratio", "low", "high", "p_value"]].isna().all(axis=None)
    table = before_after(
        engine(contacts), engine(moments("2019-06-01")), 30, span=("2019-01-01", "2019-12-31")
    )
    assert table[["before", "after", "days_before", "days_after"]].values.tolist() == [
        [2, 2, 30, 30]
    ]
    assert table["ratio"].item() == 1


def test_exposure_is_clipped_and_the_ratio_is_of_rates():
    contacts = scattered(pd.to_datetime(["2019-05-20", "2019-06-02", "2019-06-03", "2019-06-04"]))
    table = before_after(contacts, moments("2019-06-01"), 30, span=("2019-05-02", "2019-06-10"))
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
    table = before_after(contacts, moments("2019-04-01", "2019-08-01"), 30, span=span)
    assert table["ratio"].isna().tolist() == [True, False]
    assert table["ratio"].iloc[1] == np.inf
    assert table["low"].tolist()[0] == 0
    assert table["high"].tolist() == [np.inf, np.inf]
    assert table["p_value"].tolist() == [1, 1]


def test_windows_that_share_a_day_are_flagged():
    contacts = scattered(pd.to_datetime(["2019-01-01"]))
    dates = moments("2019-03-01", "2019-04-29", "2019-04-30", "2019-12-01")
    table = before_after(contacts, dates, 30, span=("2019-01-01", "2019-12-31"))
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
    row = before_after(contacts, dates, 61, span=("2017-01-01", "2020-12-31")).iloc[0]
    assert (row["before"], row["after"], row["unsure"]) == (1, 1, 30)
    # June lies wholly after 31 May, and July reaches past 30 July.
    assert row["left_out"] == 2


def test_many_dates_are_adjusted_as_holm_does():
    contacts = scattered(pd.to_datetime(["2019-02-02"] * 9 + ["2019-06-02"] * 7 + ["2019-05-30"]))
    dates = moments("2019-02-01", "2019-06-01", "2019-10-01")
    table = before_after(contacts, dates, 20, span=("2019-01-01", "2019-12-31"))
    first, second, third = table["p_value"]
    assert first < second < third
    adjusted = [3 * first, 2 * second, 1]
    assert table["p_adjusted"].tolist() == pytest.approx(adjusted)


@pytest.mark.parametrize("window", [0, -3, 2.5, "30", True])
def test_window_is_a_number_of_days(window):
    with pytest.raises(ValueError, match="window"):
        before_after(SERIES, moments("2019-06-01"), window, span=("2019-01-01", "2021-12-31"))


def test_dates_are_looked_at():
    span = ("2019-01-01", "2021-12-31")
    with pytest.raises(ValueError, match="at least one"):
        before_after(SERIES, moments("2019-06-01").head(0), span=span)
    with pytest.raises(ValueError, match="'2019-06-01' stands more than once"):
        before_after(SERIES, pd.concat([moments("2019-06-01")] * 2), span=span)
    with pytest.raises(ValueError, match="timestamps"):
        before_after(SERIES, moments("2019-06-01").astype({"start": "str"}), span=span)
    with pytest.raises(ValueError, match="say which"):
        before_after(SERIES, span=span)
    with pytest.raises(ValueError, match="dates='spring'"):
        before_after(SERIES, ["spring"], span=span)


def test_dates_are_named_in_any_way(pair):
    ways = [
        pair.context,
        ["2020-storm"],
        {"2020-storm": 2020},
        {"2020-storm": "2020-storm"},
        pd.DataFrame(
            {
                "context_id": ["2020-storm"],
                "start": [pd.Timestamp("2020-01-01")],
                "start_latest": [pd.Timestamp("2020-12-31")],
            }
        ),
        None,
    ]
    tables = [before_after(pair, dates, 400) for dates in ways]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0])
    days = before_after(pair, ["2020-02-03", pd.Timestamp("2020-02-05").date()], 30)
    assert days["context_id"].tolist() == ["2020-02-03", "2020-02-05"]
    assert days["unsure"].tolist() == [0, 0]


# Four Junes and Julys: twice as many after 1 July as before it, none in other months.
JULYS = scattered(
    pd.to_datetime(
        [f"{year}-{day}" for year in range(2015, 2019) for day in ("06-20", "07-05", "07-06")]
    )
)


def test_what_is_usual_at_a_time_of_the_year(engine):
    table = placebo(engine(JULYS), 30, span=("2015-01-01", "2018-12-31"))
    # The windows of 1 January 2015 and of any later than 2 December 2018 are cut.
    assert table["date"].iloc[[0, -1]].dt.strftime("%Y-%m").tolist() == ["2015-02", "2018-12"]
    assert len(table) == 47
    july = table[table["month"] == 7]
    assert july[["before", "after"]].values.tolist() == [[1, 2]] * 4
    assert july["usual"].tolist() == [2] * 4
    expected = binomtest(2, 3, 0.5)
    assert july["p_value"].tolist() == pytest.approx([expected.pvalue] * 4)
    june = table[table["month"] == 6].iloc[0]
    assert (june["before"], june["after"], june["ratio"], june["usual"]) == (0, 1, np.inf, np.inf)
    # No contact in either window: there is nothing usual.
    assert table.loc[table["month"] == 3, ["ratio", "usual"]].isna().all(axis=None)
    dates = before_after(engine(JULYS), ["2017-07-20", "2017-03-02"], 30, span=("2015", "2018"))
    assert dates["usual"].isna().tolist() == [True, False]
    assert dates["usual"].iloc[1] == 2


def test_placebo_dates_seldom_alarm_where_contacts_are_even():
    generator = np.random.default_rng(8)
    days = pd.Timestamp("2000-01-01") + pd.to_timedelta(generator.integers(0, 9131, 600), "D")
    table = placebo(scattered(days), 90, span=("2000-01-01", "2024-12-31"))
    assert (table["p_value"] <= 0.05).mean() <= 0.06
    assert table["usual"].between(0.5, 2).all()


# What all have in common


@pytest.mark.parametrize("metric", METRICS)
def test_bad_input_is_refused(metric):
    with pytest.raises(ValueError, match="needs the column precision"):
        metric(SERIES.drop(columns="precision"))
    with pytest.raises(ValueError, match="precision 'week'"):
        metric(SERIES.assign(precision="week"))
    with pytest.raises(ValueError, match="no start"):
        metric(SERIES.assign(start=[pd.NaT, *SERIES["start"][1:]]))
    with pytest.raises(ValueError, match="stands more than once"):
        metric(pd.concat([SERIES, SERIES]))
    with pytest.raises(ValueError, match="timestamps"):
        metric(SERIES.astype({"start": "str"}))
    with pytest.raises(ValueError, match="'occasions' or 'contacts'"):
        metric(SERIES, count="all")
    with pytest.raises(ValueError, match="time zone Asia/Ho_Chi_Minh"):
        metric(SERIES.assign(start=SERIES["start"].dt.tz_localize("Asia/Ho_Chi_Minh")))


def test_nothing_to_count_gives_nothing():
    none = SERIES.head(0)
    for metric in METRICS[:3]:
        full, empty = metric(SERIES.assign(host="AA")), metric(none)
        if metric is not hosting:
            assert empty.empty
        assert list(empty) == list(full)
        assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    for metric in (hosting, gaps):
        by = metric(none, "mechanism")
        assert by.empty
        assert by.dtypes.to_dict() == metric(SERIES, "mechanism").dtypes.to_dict()
    assert multilateral(none, span=("2019", "2020"))["known"].tolist() == [0, 0]
    table = before_after(none, moments("2019-06-01"), 30, span=("2019", "2020"))
    assert table[["before", "after"]].values.tolist() == [[0, 0]]
    with pytest.raises(ValueError, match="known to the month"):
        seasons(none, span=("2019", "2020"))


def test_a_choice_without_contacts_is_zeros(pair):
    none = pair.where(kind="exercise")
    assert gaps(none, "channel").empty
    assert turns(none).empty
    assert hosting(none)[["host", "count"]].values.tolist() == [["AA", 0], ["BB", 0]]
    assert multilateral(none)["known"].tolist() == [0, 0, 0]
    assert before_after(none, window=30)[["before", "after"]].values.tolist() == [[0, 0]]
    assert placebo(none, 30)["after"].sum() == 0


@pytest.mark.parametrize(
    "metric",
    [seasons, multilateral, placebo, lambda data: before_after(data, ["2019-06"])],
)
def test_contact_outside_what_the_record_covers_is_refused(metric, small):
    small.replace("datapackage.json", '"since": "2019-01-01"', '"since": "2019-04-01"')
    small.replace("datapackage.json", "}]", '}, {"kind": "visit", "since": "2019-01-01", '
                  '"until": "2021-12-31"}, {"kind": "meeting", "since": "2019-01-01", '
                  '"until": "2021-12-31"}]')  # fmt: skip
    with pytest.raises(ValueError, match="of 2019-03 do not fit what is covered, 2019-04-01"):
        metric(rel.load(small.path))


MEASURES = (
    partial(gaps, by="channel"),
    partial(seasons, draws=99),
    partial(hosting, by="tier"),
    partial(turns, count="contacts"),
    partial(multilateral, channels=FORUMS, starts=(2010, 2020)),
    partial(before_after, window=90),
)


def test_shipped_record_on_every_engine(engine, data, converted, on_pandas):
    for measure in MEASURES:
        found = measure(converted(engine))
        pd.testing.assert_frame_equal(found, on_pandas(measure))
        assert found.attrs["source"] == data.caption


def test_days_without_a_time_are_dates_too():
    import polars as pl

    dated = pl.from_pandas(SERIES).with_columns(pl.col("start").cast(pl.Date))
    pd.testing.assert_frame_equal(gaps(dated), gaps(SERIES))


def test_two_other_sides(pair):
    # The patrol of June 2021 is known to the month: one contact bounds no gap.
    assert gaps(pair).empty
    assert gaps(pair, count="contacts")["days"].tolist() == [1]
    assert hosting(pair)[["host", "count"]].values.tolist() == [["AA", 1], ["BB", 0], ["both", 1]]
    assert turns(pair, "channel")["channel"].isna().tolist() == [True]
    assert turns(pair)["runs"].tolist() == [1]
    assert multilateral(pair, ["gulf_patrol"])["count"].tolist() == [0, 0, 1]
    assert seasons(pair)["count"].sum() == 2
    storm = before_after(pair, window=400).iloc[0]
    assert (storm["before"], storm["after"], storm["unsure"]) == (1, 1, 365)
