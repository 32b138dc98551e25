"""Cooperation areas: counts and shares, worked out by hand."""

from functools import partial

import pandas as pd
import pytest
from conftest import as_pandas, dataset
from hypothesis import given, settings
from hypothesis import strategies as st

import relations as rel
from relations.measures import areas

# e2 is a part of e1; e3 is known to the month, e5 was only announced.
EVENTS = pd.DataFrame(
    [
        ("e1", "2019-03-01", "2019-03-05", "day", "held", None, "visit"),
        ("e2", "2019-03-02", "2019-03-02", "day", "held", "e1", "meeting"),
        ("e3", "2020-06-01", "2020-06-30", "month", "held", None, "joint_patrol"),
        ("e4", "2021-02-01", "2021-02-01", "day", "held", None, "meeting"),
        ("e5", "2021-05-01", "2021-05-01", "day", "announced", None, "visit"),
    ],
    columns=["event_id", "start", "end", "precision", "status", "parent_id", "kind"],
).assign(start=lambda f: pd.to_datetime(f["start"]), end=lambda f: pd.to_datetime(f["end"]))
MENTIONS = pd.DataFrame(
    [
        ("e1", "s1", "hotline", "AA", "proposed"),
        ("e1", "s2", "hotline", "AA", "proposed"),
        ("e2", "s1", "hotline", "BB", "agreed"),
        ("e2", "s1", "patrol", "BB", "proposed"),
        ("e3", "s3", "patrol", "joint", "done"),
        ("e4", "s4", "hotline", "AA", "continuing"),
        ("e4", "s4", "rescue", "AA", "agreed"),
        ("e5", "s5", "rescue", "joint", "done"),
    ],
    columns=["event_id", "source_id", "area", "side", "status"],
)
AREAS = pd.DataFrame(
    {"area": ["hotline", "medicine", "patrol", "rescue"], "group": ["trust", "help", "sea", "help"]}
)


@pytest.fixture
def record():
    return dataset(events=EVENTS, area_mentions=MENTIONS, areas=AREAS)


def rows(frame, *columns):
    return list(as_pandas(frame)[list(columns)].itertuples(index=False, name=None))


def day(text):
    return pd.Timestamp(text)


def made(tables, **columns):
    """Turn one list of sets of areas per year into a Dataset of one contact for each set."""
    events, mentions = [], []
    for year, contacts in tables.items():
        for number, named in enumerate(contacts):
            name = f"{year}-{number}"
            events.append((name, f"{year}-01-15"))
            mentions += [(name, area) for area in sorted(named)]
    events = pd.DataFrame(events, columns=["event_id", "start"])
    events["start"] = pd.to_datetime(events["start"])
    events = events.assign(end=events["start"], precision="day", status="held")
    mentions = pd.DataFrame(mentions, columns=["event_id", "area"]).assign(**columns)
    listed = pd.DataFrame({"area": sorted(mentions["area"].unique())})
    span = f"{min(tables)}-01-01", f"{max(tables)}-12-31"
    return dataset(events=events, area_mentions=mentions, areas=listed, span=span)


# Counts: an area once for each occasion, however often sources and sides name it there.


def test_an_area_counts_once_per_occasion_and_only_where_that_was_held(engine, record):
    counts = rel.cooperation_area_counts(record.convert(engine))
    # hotline: e1 with its part e2, and e4; patrol: e2 as part of e1, and e3; rescue: e4,
    # for e5 was not held.
    assert rows(counts, "area", "count") == [
        ("hotline", 2), ("patrol", 2), ("rescue", 1), ("medicine", 0)
    ]  # fmt: skip
    assert rows(counts, "share") == [(0.4,), (0.4,), (0.2,), (0.0,)]


def test_contacts_count_parts_beside_their_whole(engine, record):
    counts = rel.cooperation_area_counts(record.convert(engine), count="contacts")
    assert rows(counts, "area", "count") == [
        ("hotline", 3), ("patrol", 2), ("rescue", 1), ("medicine", 0)
    ]  # fmt: skip


def test_another_status_counts_where_it_is_asked_for_or_chosen(record):
    announced = rel.cooperation_area_counts(record, status="announced")
    chosen = rel.cooperation_area_counts(record.where(status="announced"))
    pd.testing.assert_frame_equal(announced, chosen)
    assert chosen.attrs["choice"] == "status announced"
    assert rows(announced, "area", "count")[0] == ("rescue", 1)


def test_by_side_and_status_of_the_mention(engine, record):
    counts = rel.cooperation_area_counts(record.convert(engine), by=["side", "status"])
    named = [row for row in rows(counts, "side", "status", "area", "count") if row[-1]]
    assert named == [
        ("AA", "agreed", "rescue", 1),
        ("AA", "continuing", "hotline", 1),
        ("AA", "proposed", "hotline", 1),
        ("BB", "agreed", "hotline", 1),
        ("BB", "proposed", "patrol", 1),
        ("joint", "done", "patrol", 1),
    ]
    # Six groups that are found, each with all four areas.
    assert len(as_pandas(counts)) == 24


def test_by_a_column_of_the_contacts(engine, record):
    counts = rel.cooperation_area_counts(record.convert(engine), by="kind")
    named = [row for row in rows(counts, "kind", "area", "count", "share") if row[2]]
    # The occasion of e1 and e2 stands under the kind of each where that names the area.
    assert named == [
        ("joint_patrol", "patrol", 1, 1.0),
        ("meeting", "hotline", 2, 0.5),
        ("meeting", "patrol", 1, 0.25),
        ("meeting", "rescue", 1, 0.25),
        ("visit", "hotline", 1, 1.0),
    ]
    with pytest.raises(ValueError, match=r"by='colour' is no column of data\.area_mentions or of"):
        rel.cooperation_area_counts(record, by="colour")


def test_by_period_every_period_covered_has_all_areas(engine, record):
    counts = rel.cooperation_area_counts(record.convert(engine), every="year")
    assert len(as_pandas(counts)) == 3 * 4
    assert [row for row in rows(counts, "period", "area", "count", "share") if row[2]] == [
        (day("2019"), "hotline", 1, 0.5),
        (day("2019"), "patrol", 1, 0.5),
        (day("2020"), "patrol", 1, 1.0),
        (day("2021"), "hotline", 1, 0.5),
        (day("2021"), "rescue", 1, 0.5),
    ]
    with pytest.raises(ValueError, match="every='decade'"):
        rel.cooperation_area_counts(record, every="decade")


def test_a_contact_known_to_the_year_has_no_place_in_a_month(record):
    coarse = EVENTS.assign(precision=EVENTS["precision"].replace("month", "year"))
    record = dataset(events=coarse, area_mentions=MENTIONS, areas=AREAS)
    with pytest.raises(ValueError, match="1 contact is known less precisely than to the quarter, "
                                         "such as e3"):  # fmt: skip
        rel.cooperation_area_counts(record, every="quarter")
    left = record.where(precision=["day", "month"])
    assert as_pandas(rel.cooperation_area_counts(left, every="quarter"))["count"].sum() == 4


def test_an_occasion_belongs_to_the_period_in_which_it_starts():
    events = EVENTS.assign(
        start=EVENTS["start"].mask(EVENTS["event_id"] == "e2", day("2020-01-02")),
        end=EVENTS["end"].mask(EVENTS["event_id"] == "e2", day("2020-01-02")),
    )
    record = dataset(events=events, area_mentions=MENTIONS, areas=AREAS)

    def patrols(data, **how):
        counts = rel.cooperation_area_counts(data, every="year", **how)
        return counts.loc[counts["area"] == "patrol"].set_index("period")["count"].tolist()

    assert patrols(record) == [1, 1, 0]
    assert patrols(record, count="contacts") == [0, 2, 0]
    # Where the whole was left out, the occasion starts with the part.
    assert patrols(record.where(kind=["meeting", "joint_patrol"])) == [0, 2, 0]


def test_a_choice_that_leaves_nothing_has_zeros_or_no_row(engine, record):
    nothing = record.where(kind="meeting", since=2020, until=2020).convert(engine)
    counts = as_pandas(rel.cooperation_area_counts(nothing, every="year"))
    assert counts["count"].tolist() == [0] * 4
    assert counts["period"].unique().tolist() == [day("2020")]
    assert counts["share"].isna().all()
    by_side = rel.cooperation_area_counts(record.where(kind="statement"), by="side", evidence=True)
    assert list(by_side) == ["area", "side", "count", "share", "evidence"]
    assert by_side.empty


def test_evidence_names_a_contact_for_each_count_the_whole_before_its_part(engine, record):
    counts = as_pandas(rel.cooperation_area_counts(record.convert(engine), evidence=True))
    assert dict(zip(counts["area"], counts["evidence"], strict=True)) == {
        "hotline": "e1;e4", "patrol": "e2;e3", "rescue": "e4", "medicine": ""
    }  # fmt: skip
    contacts = rel.cooperation_area_counts(record, count="contacts", evidence=True)
    assert contacts["evidence"].iloc[0] == "e1;e2;e4"


def test_results_say_where_they_are_from(record):
    counts = rel.cooperation_area_counts(record.where(kind="meeting"), count="contacts")
    assert counts.attrs["unit"] == "contacts"
    assert counts.attrs["choice"] == "kind meeting"
    assert counts.attrs["source"].endswith("kind meeting")
    assert counts.attrs["names"]["AA"] == "Aland"


# A table of mentions alone: every row counts.

# Counted by hand: hotline is named for e1 by CN (two sources) and VN, for e2 by CN.
NAMED = pd.DataFrame(
    [
        ("e1", "s1", "hotline", "CN", "proposed"),
        ("e1", "s2", "hotline", "CN", "agreed"),
        ("e1", "s1", "hotline", "VN", "agreed"),
        ("e2", "s3", "hotline", "CN", "agreed"),
        ("e2", "s3", "patrol", "joint", "done"),
    ],
    columns=["event_id", "source_id", "area", "side", "status"],
)


def test_mentions_alone_count_different_contacts(engine):
    counts = rel.cooperation_area_counts(engine(NAMED))
    assert rows(counts, "area", "count") == [("hotline", 2), ("patrol", 1)]
    assert rows(counts, "share") == [(2 / 3,), (1 / 3,)]


def test_mentions_alone_by_side(engine):
    counts = rel.cooperation_area_counts(engine(NAMED), by="side", evidence=True)
    assert rows(counts, "side", "area", "count", "share", "evidence") == [
        ("CN", "hotline", 2, 1.0, "e1;e2"),
        ("VN", "hotline", 1, 1.0, "e1"),
        ("joint", "patrol", 1, 1.0, "e2"),
    ]


def test_mentions_alone_by_status_stand_under_each_that_is_given(engine):
    counts = rel.cooperation_area_counts(engine(NAMED), by=["side", "status"])
    assert rows(counts, "side", "status", "count") == [
        ("CN", "agreed", 2),
        ("CN", "proposed", 1),
        ("VN", "agreed", 1),
        ("joint", "done", 1),
    ]


def test_mentions_with_an_occasion_count_occasions_unless_contacts_are_asked_for(engine):
    frame = engine(NAMED.assign(occasion="e1"))
    assert rows(rel.cooperation_area_counts(frame), "count") == [(1,), (1,)]
    contacts = rel.cooperation_area_counts(frame, count="contacts", evidence=True)
    assert rows(contacts, "count", "evidence") == [(2, "e1;e2"), (1, "e2")]


def test_areas_that_nobody_names_are_zeros(engine):
    counts = rel.cooperation_area_counts(
        engine(NAMED), by="side", areas=["patrol", "hotline", "medicine"]
    )
    zeros = [row for row in rows(counts, "side", "area", "count") if row[2] == 0]
    assert len(as_pandas(counts)) == 9
    assert len(zeros) == 6
    assert ("VN", "medicine", 0) in zeros


def test_values_of_by_keep_their_type(engine):
    numbered = NAMED.assign(year=[2019, 2019, 2019, 2020, 2020], first=[True, False] * 2 + [True])
    counts = as_pandas(rel.cooperation_area_counts(engine(numbered), by=["year", "first"]))
    assert counts["year"].tolist() == [2019, 2019, 2020, 2020]
    assert counts["first"].tolist() == [False, True, False, True]
    assert counts["first"].dtype == bool


def test_areas_that_the_record_does_not_know_are_named(data):
    with pytest.raises(ValueError, match=r"areas='hotlin' stands nowhere.*near.* hotline"):
        rel.cooperation_area_counts(data, areas=["hotlin", "joint_patrol"])


def test_what_mentions_alone_do_not_have_is_named(engine):
    frame = engine(NAMED)
    with pytest.raises(ValueError, match="not listed: patrol"):
        rel.cooperation_area_counts(frame, areas=["hotline"])
    with pytest.raises(ValueError, match="needs the column side"):
        rel.cooperation_area_counts(engine(NAMED.drop(columns="side")), by="side")
    with pytest.raises(ValueError, match="every='year' needs the dates"):
        rel.cooperation_area_counts(frame, every="year")
    with pytest.raises(ValueError, match="status='held' is of contacts"):
        rel.cooperation_area_counts(frame, status="held")
    with pytest.raises(ValueError, match="count='parts'"):
        rel.cooperation_area_counts(frame, count="parts")
    with pytest.raises(ValueError, match="by='share': the result has a column"):
        rel.cooperation_area_counts(engine(NAMED.assign(share=1)), by="share")
    for column in ("event_id", "area"):
        holed = NAMED.assign(**{column: NAMED[column].mask(NAMED.index == 1)})
        with pytest.raises(ValueError, match=f"cells of {column} are empty"):
            rel.cooperation_area_counts(engine(holed))


def test_same_kind_of_frame_comes_back(engine):
    frame = engine(NAMED)
    assert type(rel.cooperation_area_counts(frame)) is type(frame)


mention = st.tuples(
    st.sampled_from(["e1", "e2", "e3"]),
    st.sampled_from(["s1", "s2"]),
    st.sampled_from(["hotline", "patrol"]),
    st.sampled_from(["CN", "VN", "joint"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(mention, min_size=1, max_size=40))
def test_further_sources_change_nothing(mentions):
    frame = pd.DataFrame(mentions, columns=["event_id", "source_id", "area", "side"])
    again = pd.concat([frame, frame.assign(source_id="s9")])
    counts = rel.cooperation_area_counts(frame)
    pd.testing.assert_frame_equal(counts, rel.cooperation_area_counts(again))
    by_hand = {area: len({e for e, _, a, _ in mentions if a == area}) for _, _, area, _ in mentions}
    assert dict(zip(counts["area"], counts["count"], strict=True)) == by_hand
    assert counts["share"].sum() == pytest.approx(1)


# What measures with dates refuse.

DATED = [areas.shares, areas.persistence, areas.breadth, areas.first_mentions, areas.talk_to_deed]


@pytest.mark.parametrize("metric", DATED)
def test_mention_of_unknown_contact_is_refused(metric):
    lost = dataset(events=EVENTS[EVENTS["event_id"] != "e4"], area_mentions=MENTIONS, areas=AREAS)
    with pytest.raises(ValueError, match="'e4'"):
        metric(lost)


@pytest.mark.parametrize("metric", [*DATED, areas.together, areas.emphasis])
def test_empty_cell_is_refused(metric):
    for column in ("event_id", "area"):
        holed = MENTIONS.assign(**{column: MENTIONS[column].mask(MENTIONS.index == 0)})
        with pytest.raises(ValueError, match=f"cells of {column} are empty"):
            metric(dataset(events=EVENTS, area_mentions=holed, areas=AREAS))


def test_shares_and_first_mentions_by_side_lose_no_mention_with_an_empty_side():
    sideless = MENTIONS.assign(side=MENTIONS["side"].mask(MENTIONS["side"] == "joint"))
    record = dataset(events=EVENTS, area_mentions=sideless, areas=AREAS)
    with pytest.raises(ValueError, match="cells of side are empty"):
        areas.shares(record, by="side")
    with pytest.raises(ValueError, match="cells of side are empty"):
        areas.first_mentions(record)


@pytest.mark.parametrize("metric", [areas.shares, areas.persistence, areas.breadth])
def test_periods_finer_than_the_dates_are_refused(metric):
    coarse = EVENTS.assign(precision=EVENTS["precision"].replace("month", "year"))
    with pytest.raises(ValueError, match="such as e3"):
        metric(dataset(events=coarse, area_mentions=MENTIONS, areas=AREAS), "quarter")
    with pytest.raises(ValueError, match="use one of"):
        metric(dataset(events=EVENTS, area_mentions=MENTIONS, areas=AREAS), "decade")


def test_time_zones_are_refused(record):
    zoned = record.convert(
        lambda frame: frame.assign(
            **{c: frame[c].dt.tz_localize("Asia/Shanghai")
               for c in ("start", "end") if c in frame and frame[c].dtype.kind == "M"}
        )
    )  # fmt: skip
    with pytest.raises(ValueError, match="has the time zone Asia/Shanghai"):
        rel.cooperation_area_counts(zoned)


# Shares.


def test_shares_are_of_occasions_on_which_anything_is_named(engine, record):
    shares = areas.shares(record.convert(engine))
    assert rows(shares, "area", "period", "count", "total", "share")[:3] == [
        ("hotline", day("2019"), 1, 1, 1.0),
        ("hotline", day("2020"), 0, 1, 0.0),
        ("hotline", day("2021"), 1, 1, 1.0),
    ]
    assert len(shares) == 9
    assert shares.attrs["unit"] == "occasions"
    contacts = areas.shares(record.convert(engine), count="contacts", evidence=True)
    assert rows(contacts, "area", "count", "total", "evidence")[0] == ("hotline", 2, 2, "e1;e2")


def test_shares_have_exact_intervals():
    from scipy.stats import binomtest

    for row in areas.shares(made({2019: [{"a", "b"}, {"a"}, {"a", "b"}, {"c"}]})).itertuples():
        expected = binomtest(row.count, row.total).proportion_ci(method="exact")
        assert (row.low, row.high) == pytest.approx((expected.low, expected.high))


def test_shares_by_side_and_of_a_choice(record):
    shares = areas.shares(record, by="side")
    assert rows(shares.query("side == 'BB' and count > 0"), "area", "period", "total") == [
        ("hotline", day("2019"), 1),
        ("patrol", day("2019"), 1),
    ]
    meetings = areas.shares(record.where(kind="meeting"))
    assert rows(meetings[meetings["count"] > 0], "area", "period", "count", "total") == [
        ("hotline", day("2019"), 1, 1),
        ("hotline", day("2021"), 1, 1),
        ("patrol", day("2019"), 1, 1),
        ("rescue", day("2021"), 1, 1),
    ]


@pytest.mark.parametrize("metric", [areas.shares, areas.persistence, areas.first_mentions])
def test_nothing_named_gives_no_row(metric, record):
    full, nothing = metric(record), metric(record.where(kind="statement"))
    assert nothing.empty
    assert list(nothing) == list(full)
    assert metric(record, status="disputed").empty


# Every engine, and another pair of countries.


COUNTS = [
    partial(rel.cooperation_area_counts, **how)
    for how in (
        {},
        {"by": "side", "count": "contacts"},
        {"by": ["side", "status"], "every": "year"},
        {"by": "tier", "evidence": True},
    )
]
COUNTS += [
    lambda d, by=by: rel.cooperation_area_counts(d.area_mentions, by=by)
    for by in ((), "side", ["side", "status"])
]


def test_shipped_counts_on_every_engine(engine, converted, on_pandas):
    for measure in COUNTS:
        found = as_pandas(measure(converted(engine)))
        pd.testing.assert_frame_equal(found, as_pandas(on_pandas(measure)))


MEASURES = (
    areas.first_mentions,
    areas.first_to_name,
    areas.persistence,
    partial(areas.breadth, orders=[1]),
    partial(areas.shares, by="side"),
    areas.talk_to_deed,
    areas.time_to_deed,
    areas.deeds_within,
    areas.together,
    areas.emphasis,
)


def test_shipped_mentions_on_every_engine(engine, converted, on_pandas):
    for measure in MEASURES:
        pd.testing.assert_frame_equal(measure(converted(engine)), on_pandas(measure))


def test_a_choice_counts_what_the_whole_counts_of_it(data):
    """Narrowing first and grouping after are one thing."""
    by_kind = rel.cooperation_area_counts(data, by="kind", count="contacts")
    patrols = rel.cooperation_area_counts(data.where(kind="joint_patrol"), count="contacts")
    expected = by_kind[by_kind["kind"] == "joint_patrol"].drop(columns="kind")
    pd.testing.assert_frame_equal(patrols, expected.reset_index(drop=True))


def test_other_sides(small):
    record = rel.load(small.path)
    counts = rel.cooperation_area_counts(record, by="side")
    assert rows(counts[counts["count"] > 0], "area", "side") == [
        ("hotline", "AA"), ("hotline", "BB"), ("patrol", "joint")
    ]  # fmt: skip
    assert areas.first_mentions(record)["side"].tolist() == ["AA", "BB", "joint"]
    assert areas.persistence(record)["periods"].tolist() == [1, 0]
    # From 1 March 2019 to the end of 2021.
    assert areas.talk_to_deed(record)["days"].tolist() == [1036]
    assert areas.emphasis(record)["log_odds"].tolist() == pytest.approx([0, 0])
