"""Clusters: joined by hand, and tests that raise no alarm where contacts come in bursts."""

import numpy as np
import pandas as pd
import pytest
from conftest import calibrated, measured
from scipy.stats import binom

from relations.measures._clusters import (
    before_after_test,
    clusters,
    gap_interval,
    labels_of,
    season_test,
    silence_test,
)

SPAN = ("2000", "2025-12-20")


def test_a_chain_goes_on_as_long_as_the_next_is_near():
    days = ["2020-01-01", "2020-01-15", "2020-01-29", "2020-03-01"]
    assert labels_of(days, 14).tolist() == [0, 0, 0, 1]
    assert labels_of(days, 13).tolist() == [0, 1, 2, 3]
    assert labels_of(days, 14, ["a", "b", "a", "a"]).tolist() == [0, 1, 2, 3]


def test_occasions_of_a_channel_or_a_trip_are_one(data):
    table = clusters(data)
    assert not table["event_id"].duplicated().any()
    assert len(table) == data.contacts["occasion"].nunique()
    assert (table.groupby("cluster").size() == table.groupby("cluster")["size"].first()).all()
    assert (table.loc[table["joined"] == "alone", "size"] == 1).all()
    alone = clusters(data, within=0)
    assert alone["cluster"].nunique() >= table["cluster"].nunique()
    by_channel = table[table["channel"].notna() & (table["precision"] == "day")]
    near = by_channel.sort_values("start").groupby("channel")
    apart = near["start"].diff().dt.days
    follows = near["cluster"].diff() == 0
    assert follows[apart <= 14].all()


def test_contacts_known_to_the_month_stand_alone(data):
    table = clusters(data)
    assert (table.loc[table["precision"] != "day", "size"] == 1).all()


def bursts(generator, years=26, a_year=12, channels=8):
    """Bursts of one to five contacts within two weeks, at any time, of one channel each."""
    number = generator.poisson(a_year * years)
    size = generator.integers(1, 6, number)
    begin = np.repeat(generator.integers(0, years * 365, number), size)
    channel = np.repeat(generator.integers(0, channels, number), size)
    days = begin + generator.integers(0, 14, len(begin))
    inside = days < years * 365
    order = np.argsort(days[inside], kind="stable")
    when = pd.Timestamp("2000-01-01") + pd.to_timedelta(days[inside][order], unit="D")
    return when, labels_of(when, 14, channel[inside][order].tolist())


WORLDS = calibrated(60)


@pytest.mark.parametrize("test", ["season", "around", "silence"])
def test_no_alarm_where_contacts_come_in_bursts(test):
    # As many as chance allows at 6%.
    generator = np.random.default_rng(8)
    alarms, naive = 0, 0
    for world in range(WORLDS):
        when, label = bursts(generator)
        if test == "season":
            chance = [season_test(when, each, draws=99, seed=world)["p"] for each in (label, None)]
        elif test == "around":
            date = pd.Timestamp("2001-01-01") + pd.Timedelta(days=int(generator.integers(8700)))
            by_cluster, by_contact = (
                before_after_test(when, [date], SPAN, cluster=each, draws=199, seed=world).iloc[0]
                for each in (label, None)
            )
            chance = [
                max(by_cluster["p_placebo"], by_cluster["p_clusters"]), by_contact["p_clusters"]
            ]  # fmt: skip
        else:
            chance = [
                silence_test(when, SPAN, each, draws=99, seed=world)["p"] for each in (label, None)
            ]
        alarms, naive = alarms + (chance[0] <= 0.05), naive + (chance[1] <= 0.05)
    measured(f"alarms in bursts, {test}", alarms, WORLDS)
    assert alarms <= binom.ppf(0.99, WORLDS, 0.06)
    assert naive > alarms


def test_a_season_a_break_and_a_silence_are_found():
    spring = [f"{year}-{month:02d}-10" for year in range(2000, 2020) for month in (3, 4)]
    assert season_test(spring, draws=199)["p"] < 0.05
    early = pd.date_range("2000-01-05", "2010-01-01", freq="60D")
    late = pd.date_range("2010-01-01", "2019-12-31", freq="10D")
    when = early.append(late)
    row = before_after_test(when, ["2010-01-01"], ("2000", "2019")).iloc[0]
    assert row["p_clusters"] < 0.05
    assert row["after"] > row["before"]
    generator = np.random.default_rng(1)
    days = np.sort(generator.choice(3650, 240, replace=False))
    days = days[(days < 1500) | (days > 1800)]
    when = pd.Timestamp("2000-01-01") + pd.to_timedelta(days, unit="D")
    found = silence_test(when, ("2000", "2009-12-28"), draws=199)
    assert found["longest"] >= 300 and found["p"] <= 0.05


def test_dates_at_the_edge_have_no_window():
    when = pd.date_range("2000-01-05", "2009-12-31", freq="20D")
    table = before_after_test(when, ["2000-03-01", "2005-03-01"], ("2000", "2009"))
    assert table["before"].isna().tolist() == [True, False]
    assert np.isnan(table["p_placebo"][0])


def test_placebo_days_are_counted_by_brute_force():
    when = pd.DatetimeIndex(["2000-01-10", "2000-02-01", "2000-02-20", "2000-04-01"])
    table = before_after_test(when, ["2000-02-10"], ("2000-01-01", "2000-05-01"), window=30)
    days = (when - pd.Timestamp("2000-01-01")).days.to_numpy()

    def contrast(place):
        before = ((days >= place - 30) & (days < place)).sum()
        after = ((days >= place) & (days < place + 30)).sum()
        return abs(after - before) / max(after + before, 1) ** 0.5

    places = range(30, 122 - 30 + 1)
    own = contrast(40)
    share = np.mean([contrast(place) >= own - 1e-9 for place in places])
    assert table["p_placebo"][0] == pytest.approx(share)
    assert table["placebo_days"][0] == len(places)


def test_gaps_are_drawn_by_cluster():
    generator = np.random.default_rng(2)
    when, label = bursts(generator)
    by_cluster = gap_interval(when, label, draws=300)
    assert by_cluster["low"] <= by_cluster["median"] <= by_cluster["high"]
    with pytest.raises(ValueError, match="cluster of each day"):
        gap_interval(when, label[:-1])


def test_refusals(data):
    with pytest.raises(ValueError, match="0 or more"):
        clusters(data, within=-1)
    with pytest.raises(ValueError, match="give more"):
        silence_test(["2000-01-01"], ("2000", "2001"))
    with pytest.raises(ValueError, match="one day"):
        before_after_test(["2000-01-01"], ["2000-02-01"], ("2000", "2001"), window=0)
