"""Standing channels: intervals, late and missing editions, silence, two counts of one series."""

import dataclasses
from functools import partial

import numpy as np
import pandas as pd
import pytest
from conftest import dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

import relations as rel
from relations.measures import channels
from relations.measures._channel_rhythms import DAYS_PER_MONTH


def record(events, editions=(), absences=(), *, months=None, end="2022-12-31", **changes):
    """Events of (start, status, edition, side, ...); every one known to the day.

    ``changes`` gives other columns of events, or other values for some of them by number.
    """
    rows = []
    numbers = list(editions)
    for i, (start, status, *number) in enumerate(events):
        rows.append((f"e{i}", start, start, "meeting", "talks", None, status, "day"))
        if number:
            numbers.append((f"e{i}", number[1] if len(number) > 1 else "both", number[0]))
    columns = ["event_id", "start", "end", "kind", "mechanism", "parent_id", "status", "precision"]
    frame = pd.DataFrame(rows, columns=columns)
    frame[["start", "end"]] = frame[["start", "end"]].apply(pd.to_datetime)
    for column, values in changes.items():
        if column == "host":
            frame[column] = None
        for place, value in values.items():
            frame.loc[place, column.rstrip("_")] = value
    return dataset(
        events=frame,
        mechanisms=pd.DataFrame(
            {"mechanism": ["talks"], "kind": ["meeting"], "interval_months": [months]}
        ).astype({"interval_months": "float64"}),
        editions=pd.DataFrame(numbers, columns=["event_id", "side", "edition"]).astype(
            {"edition": "Int64"}
        ),
        absences=pd.DataFrame(
            [("talks", *row) for row in absences], columns=["mechanism", "side", "edition"]
        ).astype({"edition": "Int64"}),
        span=("2010-01-01", end),
    )


def row(data, **arguments):
    table = channels.intervals(data, **arguments)
    assert len(table) == 1
    return table.iloc[0]


YEARLY = [
    ("2015-01-01", "held", 1),
    ("2016-01-01", "held", 2),  # 365 days
    ("2017-07-01", "held", 3),  # 547 days, 18 months
    ("2018-06-01", "announced", 4),
    ("2018-06-15", "cancelled", 4),
    ("2019-01-01", "held", 4),  # 549 days
    ("2021-01-01", "held", 6),  # 731 days, over number 5
]


def test_intervals_lateness_and_silence_by_hand():
    found = row(record(YEARLY, months=12))
    assert (found["held"], found["announced"], found["cancelled"]) == (5, 1, 1)
    assert (found["intervals"], found["skipped"]) == (3, 1)
    assert found["median"] == pytest.approx(547 / DAYS_PER_MONTH)
    assert found["q1"] == pytest.approx((365 + 547) / 2 / DAYS_PER_MONTH)
    days = np.array([365, 547, 549])
    assert found["variation"] == pytest.approx(days.std(ddof=1) / days.mean())
    # 15 months are allowed; 18 are late, and the two years over number 5 are no interval.
    assert found["late"] == 2
    assert row(record(YEARLY, months=12), tolerance=0.6)["late"] == 0
    assert found["longest_silence"] == pytest.approx(731 / DAYS_PER_MONTH)
    assert found["silent_from"] == pd.Timestamp("2019-01-01")
    assert (found["missing"], found["missing_editions"]) == (1, "5")
    # 729 days to the end of 2022: longer than a year and a half, shorter than two years.
    assert found["silence"] == pytest.approx(729 / DAYS_PER_MONTH)
    assert not found["lapsed"]
    assert row(record(YEARLY, months=12), lapse_after=1.9)["lapsed"]
    assert (found["first"], found["last"]) == (
        pd.Timestamp("2015-01-01"),
        pd.Timestamp("2021-01-01"),
    )
    assert np.isnan(found["median_low"])


def test_without_a_nominal_interval_nothing_is_late():
    found = row(record(YEARLY))
    assert found["late"] is pd.NA
    assert found["expected"] == found["median"]
    assert row(record(YEARLY), nominal={"talks": 12})["late"] == 2


def test_a_single_contact_and_none_have_no_rhythm():
    once = row(record([("2015-01-01", "held")]))
    assert (once["held"], once["intervals"], once["unnumbered"]) == (1, 0, 1)
    assert once["lapsed"] is pd.NA
    assert np.isnan(once["median"])
    never = row(record([("2015-01-01", "announced")]))
    assert (never["held"], never["announced"]) == (0, 1)
    assert never["first"] is pd.NaT
    stated = row(record([("2015-01-01", "held")], months=12))
    assert stated["lapsed"]


def test_absences_and_gaps_are_one_list():
    events = [("2015-01-01", "held", 3), ("2017-01-01", "held", 6)]
    timeline = channels.timeline(record(events, absences=[("both", 1), ("both", 4)]))
    missing = timeline[timeline["state"] == "missing"].set_index("edition")
    assert missing["listed"].to_dict() == {4: True, 5: False, 1: True}
    # A third and two thirds of the 731 days between; nothing stands before number 1.
    assert missing["day"].loc[4] == pd.Timestamp("2015-01-01") + pd.Timedelta(days=243)
    assert missing["day"].loc[5] == pd.Timestamp("2015-01-01") + pd.Timedelta(days=487)
    assert missing["day"].isna().to_dict() == {4: False, 5: False, 1: True}
    assert row(record(events))["missing_editions"] == "4–5"


def test_sides_that_count_alike_share_one_count_and_others_do_not():
    alike = [("2015-01-01", "held", 1, "AA"), ("2016-01-01", "held", 2, "BB")]
    assert row(record(alike))["missing"] == 0
    apart = [
        ("2015-01-01", "held", 11, "AA"),
        ("2016-01-01", "held", 12, "AA"),
        ("2017-01-01", "held", 14, "AA"),
    ]
    found = row(record(apart, [("e1", "BB", 2), ("e2", "BB", 4)], [("BB", 1)]))
    assert found["missing_editions"] == "AA 13; BB 1, 3"
    assert found["missing"] == 3
    assert found["skipped"] == 1


def test_a_part_of_a_contact_of_the_same_channel_is_no_edition():
    assert row(record(YEARLY, parent_id={1: "e0"}))["held"] == 4
    assert row(record(YEARLY, parent_id={1: "elsewhere"}))["held"] == 5
    # Two parts of one visit that is itself outside of the channel are one occasion.
    visit = record(YEARLY, parent_id={1: "e0", 2: "e0"}, mechanism={0: None})
    assert row(visit)["held"] == 3
    assert channels.timeline(visit)["event_id"].dropna().tolist() == ["e1", "e3", "e4", "e5", "e6"]


def test_contact_known_to_the_year_stands_in_its_middle():
    found = row(
        record(
            [("2015-01-01", "held"), ("2017-01-01", "held")],
            end_={0: pd.Timestamp("2015-12-31")},
            precision={0: "year"},
        )
    )
    assert found["imprecise"] == 1
    assert found["median"] == pytest.approx((731 - 182) / DAYS_PER_MONTH)


@pytest.mark.parametrize("size", range(6, 41))
def test_median_interval_is_the_narrowest_that_holds_the_median(size):
    """The ranks of the limits, and the exact chance that the true median lies between them."""
    days = pd.Timestamp("2000-01-01") + pd.to_timedelta(np.arange(size + 1).cumsum(), unit="D")
    found = row(record([(day, "held") for day in days]))
    # Intervals of 1, 2, … days: a limit in days is its rank among them.
    low, high = (round(found[name] * DAYS_PER_MONTH) for name in ("median_low", "median_high"))
    assert low + high == size + 1

    def held(below, above):
        return binom.cdf(above - 1, size, 0.5) - binom.cdf(below - 1, size, 0.5)

    assert held(low, high) >= 0.95
    assert held(low + 1, high - 1) < 0.95


def test_fewer_than_six_intervals_give_no_interval_of_the_median():
    days = [f"20{year}-01-01" for year in range(10, 16)]
    assert np.isnan(row(record([(day, "held") for day in days]))["median_low"])
    days.append("2016-01-01")
    assert row(record([(day, "held") for day in days]))["median_low"] > 0


def test_a_document_founds_a_channel_and_is_no_meeting_of_it():
    days = [("2014-10-01", "held"), ("2015-12-31", "held"), ("2016-12-31", "held")]
    found = row(record(days, kind={0: "agreement"}))
    assert (found["held"], found["documents"], found["intervals"]) == (3, 1, 1)
    assert found["median"] == pytest.approx(366 / DAYS_PER_MONTH)
    assert found["first"] == pd.Timestamp("2014-10-01")
    assert found["silent_from"] == pd.Timestamp("2015-12-31")
    assert found["expected_by"] == "median"
    alone = record([("2014-10-01", "held")], months=12, kind={0: "agreement"})
    # A line that was agreed and never reported in use has no silence to reckon from.
    assert np.isnan(row(alone)["silence"])
    assert row(alone)["lapsed"] is pd.NA
    alone.mechanisms["kind"] = "agreement"
    assert (row(alone)["documents"], row(alone)["lapsed"]) == (0, True)


def test_what_is_expected_says_what_it_rests_on():
    assert row(record(YEARLY))["expected_by"] == "median"
    assert row(record(YEARLY), nominal={"talks": 12})["expected_by"] == "nominal"
    assert pd.isna(row(record(YEARLY[:1]))["expected_by"])


def test_a_missing_number_fits_a_contact_without_it_where_there_is_no_other_choice():
    """One held under the number of the other side alone is a candidate, and stays missing."""
    events = [
        ("2015-01-01", "held", 25, "AA"),
        ("2015-07-01", "held", 7, "BB"),
        ("2016-01-01", "held", 27, "AA"),
        ("2016-03-01", "held"),
        ("2017-01-01", "held", 30, "AA"),
    ]
    numbers = [("e0", "BB", 6), ("e2", "BB", 8)]
    data = record(events, numbers)
    missing = channels.timeline(data).query("state == 'missing'").set_index(["side", "edition"])
    # 28 and 29 are two, with one contact between: which of them it was is not known.
    assert missing["candidate"].dropna().to_dict() == {("AA", 26): "e1"}
    assert missing.loc[("AA", 26), "day"] == pd.Timestamp("2015-07-01")
    found = row(data)
    assert (found["missing_editions"], found["missing"], found["candidates"]) == (
        "AA 26, 28–29", 3, 1,
    )  # fmt: skip
    # No number of either side is skipped from the first to the third.
    assert found["skipped"] == 0
    assert row(record([*events, ("2015-08-01", "held")], numbers))["candidates"] == 0
    data = record(events, numbers, kind={1: "agreement"})
    assert row(data)["candidates"] == 0
    table = channels.numbering(data, "talks").set_index("event_id")
    assert table.loc["e1", ["AA", "BB"]].tolist() == [pd.NA, 7]


def test_shipped_patrol_26_of_one_count_is_held_as_7_of_the_other(data):
    missing = channels.timeline(data).query("channel == 'coast_guard_joint_patrol'")
    fits = missing.dropna(subset=["candidate"]).set_index("edition")["candidate"]
    assert fits[26] == "2023-11-29-coast-guard-patrol"
    # Ids were given by whoever coded the pages, not by this count.
    assert all(f.endswith(f"-{number}") for number, f in fits.items() if number != 26)


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(1, 12), min_size=1, max_size=8), st.integers(0, 3))
def test_every_number_up_to_the_last_is_held_or_missing(numbers, ahead):
    """Whatever the numbers, held and missing ones together are a count without a gap."""
    ordered = sorted(numbers)
    events = [(f"{2000 + number}-01-01", "held", number) for number in ordered]
    listed = [("both", number) for number in range(1, ordered[0])]
    listed += [("both", ordered[-1] + 1 + extra) for extra in range(ahead)]
    timeline = channels.timeline(record(events, absences=listed))
    missing = timeline.loc[timeline["state"] == "missing", "edition"].tolist()
    assert sorted(ordered + missing) == list(range(1, ordered[-1] + ahead + 1))


def test_both_numberings_side_by_side():
    events = [
        ("2015-01-01", "held", 1),
        ("2016-01-01", "held", 5, "AA"),
        ("2017-01-01", "held", 3, "BB"),
        ("2018-01-01", "held"),
        ("2019-01-01", "announced", 7),
    ]
    table = channels.numbering(record(events, [("e1", "BB", 2)]), "talks")
    assert table["AA"].tolist() == [1, 5, pd.NA, pd.NA]
    assert table["BB"].tolist() == [1, 2, 3, pd.NA]
    assert table["offset"].tolist() == [0, 3, pd.NA, pd.NA]
    assert table["agree"].tolist() == [True, False, pd.NA, pd.NA]
    assert table["missing"].tolist() == ["", "", "AA", "AA;BB"]


def test_numbers_of_both_sides_are_compared_series_by_series():
    events = [
        ("2015-01-01", "held", 1), ("2016-01-01", "held", 5, "AA"), ("2017-01-01", "held", 9, "AA"),
        ("2018-01-01", "held"),
    ]  # fmt: skip
    data = record(events, [("e1", "BB", 2), ("e2", "BB", 5)])
    table = channels.offsets(data)
    assert table.values.tolist() == [["talks", 4, 3, 1, 0, 4]]
    assert channels.offsets(record(events[3:])).empty


def test_faults_are_named():
    data = record(YEARLY)
    for measure in (channels.numbering, channels.places):
        with pytest.raises(ValueError, match=r"channel='walks' stands nowhere.*talks"):
            measure(data, "walks")
    with pytest.raises(ValueError, match="AA gives e0 two numbers"):
        channels.numbering(record(YEARLY, [("e0", "AA", 9)]), "talks")
    with pytest.raises(ValueError, match="not listed"):
        channels.intervals(data, nominal={"walks": 12})
    with pytest.raises(ValueError, match="tolerance=-1"):
        channels.intervals(data, tolerance=-1)
    with pytest.raises(ValueError, match="interval of 0 months"):
        channels.intervals(data, nominal={"talks": 0})
    with pytest.raises(ValueError, match="precision 'week'"):
        channels.intervals(record(YEARLY, precision={0: "week"}))
    with pytest.raises(ValueError, match="does not list: walks"):
        channels.intervals(record(YEARLY, mechanism={0: "walks"}))
    with pytest.raises(ValueError, match="e0 has no start or end"):
        channels.timeline(record(YEARLY, start={0: pd.NaT}))


@pytest.mark.parametrize(
    ("table", "column", "value", "words"),
    [
        ("editions", "edition", "six", r"edition is 'six' in row 0, where a number is needed"),
        ("editions", "edition", None, r"\(editions\): edition is .* where a number is needed"),
        ("editions", "edition", 1.5, r"edition 1\.5 is no whole number"),
        ("mechanisms", "interval_months", "yearly", r"interval_months is 'yearly' in row 0"),
    ],
)
def test_what_is_no_number_is_refused(table, column, value, words):
    data = record(YEARLY, months=12)
    frame = getattr(data, table)
    spoilt = frame.astype({column: "object"})
    spoilt.loc[0, column] = value
    data = dataclasses.replace(data, **{table: spoilt})
    with pytest.raises(ValueError, match=words):
        channels.intervals(data)


def test_numbers_may_be_written_as_text_or_with_a_point():
    data = record(YEARLY, months=12)
    written = dataclasses.replace(
        data,
        editions=data.editions.astype({"edition": "float64"}),
        mechanisms=data.mechanisms.assign(interval_months="12"),
    )
    pd.testing.assert_frame_equal(channels.intervals(written), channels.intervals(data))


def test_time_zones_are_refused():
    data = record(YEARLY)
    zoned = data.events.assign(start=data.events["start"].dt.tz_localize("Asia/Shanghai"))
    for measure in (channels.timeline, channels.intervals):
        with pytest.raises(ValueError, match="start has the time zone Asia/Shanghai"):
            measure(dataclasses.replace(data, events=zoned))


# What was chosen.


def test_numbers_held_outside_of_the_choice_are_not_missing():
    """Hosts take turns: of each only every other number is left, and number 5 is missing."""
    events = [(f"201{year}-01-01", "held", year) for year in range(1, 5)]
    events += [("2016-01-01", "held", 6), ("2017-01-01", "held", 7)]
    data = record(events, host=dict(enumerate(["AA", "BB", "AA", "BB", "BB", "AA"])))
    assert row(data)[["held", "intervals", "skipped", "missing"]].tolist() == [6, 4, 1, 1]
    of_aa = row(data.where(host="AA"))
    # 1 to 3 over 2, which was held; 3 to 7 over 4, 5 and 6, of which 5 was not found.
    assert of_aa[["held", "intervals", "skipped", "missing"]].tolist() == [3, 1, 1, 1]
    assert of_aa["median"] == pytest.approx(731 / DAYS_PER_MONTH)
    timeline = channels.timeline(data.where(host="AA"))
    assert timeline["state"].tolist() == ["held", "held", "missing", "held"]
    assert channels.numbering(data.where(host="AA"), "talks")["AA"].tolist() == [1, 3, 7]


def test_missing_numbers_of_a_choice_lie_within_its_span():
    events = [("2011-01-01", "held", 2), ("2013-01-01", "held", 4), ("2015-01-01", "held", 6)]
    data = record(events, absences=[("both", 1)])
    assert row(data)["missing_editions"] == "1, 3, 5"
    later = data.where(since=2013)
    assert row(later)[["held", "missing_editions"]].tolist() == [2, "5"]
    assert channels.timeline(later).attrs["span"][0] == pd.Timestamp("2013-01-01")
    # From the last contact left to the last day asked for.
    early = row(data.where(until=2013))
    assert early["silence"] == pytest.approx(364 / DAYS_PER_MONTH)


def test_a_choice_has_rows_of_its_channels_alone(data):
    patrols = data.where(channel="naval_joint_patrol")
    assert channels.intervals(patrols)["channel"].tolist() == ["naval_joint_patrol"]
    whole = channels.timeline(data)
    own = whole[whole["channel"] == "naval_joint_patrol"].reset_index(drop=True)
    pd.testing.assert_frame_equal(channels.timeline(patrols), own)


def test_a_status_that_was_chosen_counts():
    planned = record(YEARLY).where(status=["held", "announced"])
    assert row(planned)[["held", "announced", "intervals"]].tolist() == [6, 1, 4]
    assert len(channels.numbering(planned, "talks")) == 6


def test_a_choice_that_leaves_nothing_has_no_row_and_the_same_columns():
    data = record(YEARLY, months=12)
    nothing = data.where(kind="statement")
    for measure in (
        channels.timeline,
        channels.intervals,
        channels.offsets,
        lambda d: channels.numbering(d, "talks"),
        lambda d: channels.places(d, "talks"),
    ):
        empty, full = measure(nothing), measure(data)
        assert empty.empty
        assert empty.dtypes.to_dict() == full.dtypes.to_dict()


# Another pair of countries, and every engine.


def test_other_sides_and_every_engine(engine, small):
    data = rel.load(small.path)
    other = data.convert(engine)
    pd.testing.assert_frame_equal(channels.intervals(other), channels.intervals(data))
    pd.testing.assert_frame_equal(channels.timeline(other), channels.timeline(data))
    table = channels.numbering(other, "gulf_patrol")
    assert table[["AA", "BB"]].values.tolist() == [[3, pd.NA]]
    assert table["missing"].tolist() == ["BB"]
    found = channels.intervals(other).iloc[0]
    # The record lists number 2; number 1 lies before the first that is known.
    assert (found["held"], found["missing_editions"], found["imprecise"]) == (1, "2", 1)


MEASURES = (
    channels.intervals,
    channels.timeline,
    channels.offsets,
    partial(channels.numbering, channel="coast_guard_joint_patrol"),
    partial(channels.places, channel="coast_guard_joint_patrol"),
    lambda d: channels.intervals(d.where(since=2015)),
)


def test_shipped_tables_on_every_engine(engine, converted, on_pandas):
    """Extension types of pandas once lost rows here, and nobody saw it."""
    for measure in MEASURES:
        found = measure(converted(engine))
        assert len(found)
        pd.testing.assert_frame_equal(found, on_pandas(measure))


def test_places_have_coordinates_numbers_and_outlines(small):
    small.write("event_places", "event_id,place_id\n2021-06-patrol,capital\n2021-06-patrol,hill\n")
    small.append("places", "hill,Hill,,Centre,BB,,,,,")
    places = channels.places(rel.load(small.path), "gulf_patrol")
    assert places[["edition", "name", "side"]].values.tolist() == [
        ["3", "Capital", "AA"],
        ["3", "Hill", "BB"],
    ]
    assert places["lat"].isna().tolist() == [False, True]
    assert places.attrs["outlines"] == [[(-22, 9), (-19, 9), (-19, 12), (-22, 12)]]
    # Results may be put one under the other.
    assert len(pd.concat([places, places])) == 4


def test_an_edition_that_sides_number_differently_has_both_numbers():
    data = record([("2015-01-01", "held", 5, "AA"), ("2016-01-01", "held")], [("e0", "BB", 2)])
    assert channels.places(data, "talks")["edition"].tolist() == ["2/5", np.nan]
