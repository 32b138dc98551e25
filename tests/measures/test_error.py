"""Doubts of coding: what varies, what stays, and how wide it makes a number."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import relations as rel
from relations.measures._error import with_error
from relations.measures._redrawing import VARY, doubts
from relations.measures.exchanges import exchange_frequency
from relations.record._frames import collect


def visits(data) -> int:
    return int((data.events["kind"] == "visit").sum())


def test_nothing_varies_where_nothing_is_asked_to(data):
    table = with_error(data, visits, redraws=3, vary=())
    assert table.iloc[0].tolist() == [visits(data)] * 4 + [3]


def test_a_seed_gives_the_same_draws_on_any_engine(data):
    one = with_error(data, visits, redraws=8, vary=["kind"])
    again = with_error(data, visits, redraws=8, vary=["kind"])
    polars = data.convert(pl.from_pandas)
    other = with_error(polars, visits_on_any_engine, redraws=8, vary=["kind"])
    assert one.equals(again)
    assert one.iloc[0].tolist() == other.iloc[0].tolist()
    assert one["low"][0] < one["high"][0]


def visits_on_any_engine(data) -> int:
    from narwhals.stable.v2 import from_native

    frame = collect(from_native(data.events).lazy().select("kind"))
    return int((frame["kind"].astype("object") == "visit").sum())


def test_kinds_change_half_as_often_as_coders_differ(data):
    coded = data.second_coding[data.second_coding["field"] == "kind"]
    apart = (coded["first"] != coded["second"]).mean()
    kinds = data.events["kind"].astype("object")
    once = ~data.events["event_id"].isin(coded["event_id"])

    def changed(drawn):
        return (drawn.events["kind"].astype("object") != kinds)[once].mean()

    table = with_error(data, changed, redraws=60, vary=["kind"])
    assert table["median"][0] == pytest.approx(apart / 2, rel=0.35)


def test_what_two_coders_agree_on_stays(data):
    coded = data.second_coding[data.second_coding["field"] == "kind"]
    same = coded[coded["first"].fillna("") == coded["second"].fillna("")]["event_id"]
    drawn = doubts(data, ["kind"]).draw(np.random.default_rng(1))
    rows = data.events["event_id"].isin(same)
    old, new = (events.loc[rows, "kind"].astype("object") for events in (data.events, drawn.events))
    assert (old == new).all()


def test_coarse_dates_fall_within_their_month_or_year(data):
    drawn = doubts(data, ["dates"]).draw(np.random.default_rng(2)).events
    assert (drawn["precision"] == "day").all()
    known = data.events
    assert (drawn["start"] >= known["start"]).all()
    assert (drawn["start"] <= known["end"]).all()
    coarse = known["precision"] != "day"
    assert (drawn.loc[~coarse, "start"] == known.loc[~coarse, "start"]).all()
    assert (drawn.loc[coarse, "start"] != known.loc[coarse, "start"]).any()


def test_days_of_a_coarse_date_are_alike(small):
    data = rel.load(small.path)

    def day(drawn):
        row = drawn.events.loc[drawn.events["event_id"] == "2021-06-patrol", "start"]
        return row.iloc[0].day

    table = with_error(data, day, redraws=120, vary=["dates"])
    assert 12 <= table["median"][0] <= 19
    assert table["low"][0] <= 3 and table["high"][0] >= 28


def test_no_pledge_is_kept_before_it_was_made(data):
    unsure = doubts(data, ["dates"])
    generator = np.random.default_rng(3)
    for _ in range(5):
        start = unsure.draw(generator).events.set_index("event_id")["start"]
        kept = data.pledges.dropna(subset=["kept_by"])
        before = kept["kept_by"].map(start) < kept["event_id"].map(start)
        whole = data.events.set_index("event_id")["end"]
        possible = kept["kept_by"].map(whole) >= kept["event_id"].map(start)
        assert not (before & possible).any()


def test_areas_leave_reports_and_enter_them(data):
    drawn = doubts(data, ["areas"]).draw(np.random.default_rng(4)).area_mentions
    key = ["event_id", "source_id", "area"]
    old = set(map(tuple, data.area_mentions[key].astype("object").to_numpy()))
    new = set(map(tuple, drawn[key].astype("object").to_numpy()))
    assert old - new and new - old
    assert len(new) == pytest.approx(len(old), rel=0.15)
    assert set(drawn["area"]) <= set(data.areas["area"])
    reports = set(map(tuple, data.reports[key[:2]].astype("object").to_numpy()))
    assert {triple[:2] for triple in new - old} <= reports


def test_undated_offices_can_only_raise_a_tier(data):
    drawn = doubts(data, ["offices"]).draw(np.random.default_rng(5))
    old, new = (d.contacts.set_index("event_id")["tier"].cat.codes for d in (data, drawn))
    assert len(drawn.appointments) > len(data.appointments)
    assert (new <= old).all()
    assert (new < old).any()


def test_two_reports_of_one_side_each_may_be_of_one_contact(small):
    day = "2021-06-20"
    row = f"{day}-patrol,{day},,joint_patrol,gulf_patrol,both,at_sea,,held,Patrol,,"
    small.append("events", row)
    small.append("sources", "s4,Aland News,AA,en,news,2021-06-21,Patrol,https://example.org/4,,")
    small.append("reports", "2021-06-20-patrol,s4,2021-06-20,,printed,true,")
    for name in ("events", "reports"):
        head, *rows = small.text(name).splitlines()
        small.write(name, "\n".join([head, *sorted(rows), ""]))
    data = rel.load(small.path)

    def occasions(drawn):
        held = drawn.events[drawn.events["status"] == "held"]
        return held["occasion"].nunique()

    table = with_error(data, occasions, redraws=40, vary=["matches"])
    assert table.iloc[0][["point", "low", "high"]].tolist() == [3, 2, 3]


def test_a_frame_is_followed_row_by_row(data):
    table = with_error(
        data, exchange_frequency, redraws=4, column="count", vary=["status", "dates"]
    )
    frequency = exchange_frequency(data)
    assert table["period"].tolist() == frequency["period"].tolist()
    assert table["point"].tolist() == frequency["count"].tolist()
    assert (table["low"] <= table["high"]).all()
    series = with_error(
        data, lambda d: exchange_frequency(d).set_index("period")["count"], redraws=2, vary=()
    )
    assert series["point"].tolist() == frequency["count"].tolist()


def test_limits_of_the_measure_are_held_too(data):
    def measure(_):
        return pd.DataFrame({"name": ["a"], "rate": [10.0], "low": [4.0], "high": [20.0]})

    table = with_error(
        data, measure, redraws=400, column="rate", limits=("low", "high"), vary=(), key="name"
    )
    assert table["low"][0] == pytest.approx(4, abs=1.2)
    assert table["high"][0] == pytest.approx(20, abs=2.2)


def test_refusals_say_how_to_mend(data):
    for call, message in (
        (lambda: with_error(data.where(kind="visit"), visits), "inside the measure"),
        (lambda: with_error(data, visits, vary=["titles"]), "kind, status"),
        (lambda: with_error(data, visits, redraws=0), "one or more"),
        (lambda: with_error(data, exchange_frequency, redraws=1), "name the column"),
        (lambda: with_error(data, exchange_frequency, column="number"), "no column number"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(TypeError, match="returns list"):
        with_error(data, lambda d: [1], redraws=1)
    assert set(VARY) == {"kind", "status", "areas", "offices", "dates", "matches"}
