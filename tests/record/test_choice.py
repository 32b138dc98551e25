"""Dataset.where: every table is narrowed at once, and the choice stays with the data."""

import functools

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from conftest import as_pandas, write_small
from hypothesis import given, settings
from hypothesis import strategies as st

import relations as rel

VISIT, TALKS, PATROL, PLAN = (
    "2019-03-01-visit",
    "2019-03-02-talks",
    "2021-06-patrol",
    "2022-01-10-plan",
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Four contacts of which one is reported by both sides, one by a copy of AA's report."""
    small = write_small(tmp_path_factory.mktemp("pair") / "small")
    small.append("sources", "s4,Beland Post,BB,en,news,2019-03-07,Visit,https://example.org/4,,")
    small.append("reports", "2019-03-01-visit,s4,2019-03-09,,printed,true,Other day.")
    small.append("sources", "s5,Aland Copy,AA,en,news,2021-07-03,Patrol,https://example.org/5,s2,")
    small.append("reports", "2021-06-patrol,s5,2021-06,3,printed,true,")
    return rel.load(small.path)


@pytest.fixture(scope="module")
def on(pair):
    """The pair as the frames of an engine, each converted once."""
    return functools.cache(pair.convert)


def ids(data):
    return sorted(as_pandas(data.events)["event_id"])


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, [VISIT, TALKS, PATROL, PLAN]),
        ({"kind": "visit"}, [VISIT, PLAN]),
        ({"kind": ["visit", "joint_patrol"]}, [VISIT, PATROL, PLAN]),
        ({"kind": []}, []),
        ({"channel": "gulf_patrol"}, [PATROL]),
        ({"status": "announced"}, [PLAN]),
        ({"host": "both"}, [PATROL]),
        ({"since": 2020}, [PATROL, PLAN]),
        ({"since": "2019-03-02", "until": 2021}, [TALKS, PATROL]),
        ({"until": "2019-03"}, [VISIT, TALKS]),
        ({"precision": "month"}, [PATROL]),
        ({"reported_by": "AA"}, [VISIT, TALKS]),
        ({"reported_by": ["AA", "BB"], "witnesses": "all"}, [VISIT]),
        ({"reported_by": ["AA"], "witnesses": "only"}, [TALKS]),
        # Ann is minister until 1 March; at the talks Bob is, since 2 March by a page that saw him.
        ({"tier": "minister"}, [VISIT, TALKS]),
        ({"tier": "unnamed"}, [PATROL, PLAN]),
        ({"tier": ["minister", "unnamed"], "kind": "meeting"}, [TALKS]),
        ({"setting": "bilateral"}, [VISIT, TALKS, PATROL, PLAN]),
        ({"setting": "multilateral"}, []),
        ({"level": 5}, [VISIT, TALKS]),
        ({"level": [None]}, [PATROL, PLAN]),
        ({"person": "Bob"}, [VISIT, TALKS]),
        ({"person": "ann"}, [VISIT, TALKS]),
        ({"place": "old capital"}, [VISIT]),
        ({"place": "Centre"}, [VISIT]),
        ({"area": "Patrols"}, [PATROL]),
        ({"area": ["hotline", "patrol"]}, [VISIT, PATROL]),
        ({"title": "PLANNED visit"}, [PLAN]),
        ({"kind": "visit", "channel": "gulf_patrol"}, []),
    ],
)
def test_contacts_are_chosen_by_hand_count(on, engine, how, expected):
    assert ids(on(engine).where(**how)) == sorted(expected)


def test_tables_of_the_contacts_left_are_narrowed_and_the_others_are_not(on, engine):
    chosen = on(engine).where(kind="joint_patrol")
    assert as_pandas(chosen.reports)["source_id"].tolist() == ["s2", "s5"]
    assert as_pandas(chosen.participants).empty
    assert as_pandas(chosen.area_mentions)["area"].tolist() == ["patrol"]
    assert len(as_pandas(chosen.people)) == 2
    assert len(as_pandas(chosen.whole.events)) == 4
    for name, frame in chosen.tables.items():
        assert type(frame) is type(getattr(on(engine), name))


def test_span_is_narrowed_to_the_days_asked_for(pair):
    assert pair.where(since=2020).span == (pd.Timestamp("2020-01-01"), pd.Timestamp("2021-12-31"))
    assert pair.where(until="2019-03").span[1] == pd.Timestamp("2019-03-31")
    # The record ends in 2021: a later day does not stretch it.
    assert pair.where(until=2030).span == pair.span
    first, last = pair.where(since=2025).span
    assert last < first


def test_choice_is_remembered_and_adds_up(pair):
    chosen = pair.where(kind="visit").where(since=2019, until=2020)
    assert chosen.choice == ("kind visit", "since 2019-01-01", "until 2020-12-31")
    assert chosen.chosen in chosen.caption
    assert "kind visit" in repr(chosen)
    assert "kind visit" in chosen._repr_html_()
    assert chosen.contacts.attrs["choice"] == chosen.chosen
    assert pair.where().choice == ()


def test_contact_known_too_coarsely_is_left_out_and_counted(pair):
    chosen = pair.where(since="2021-06-10")
    assert ids(chosen) == [PLAN]
    assert "without 1 known too coarsely to tell" in chosen.choice
    assert ids(pair.where(since="2021-06-01")) == [PATROL, PLAN]


def test_status_chosen_is_the_one_that_counts(pair):
    assert pair.contacts["event_id"].tolist() == [VISIT, TALKS, PATROL]
    assert pair.where(status="announced").contacts["event_id"].tolist() == [PLAN]
    assert len(pair.where(status=["held", "announced"]).contacts) == 4


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"kind": "visits"}, "kind='visits' stands nowhere in the record; near are visit"),
        ({"channel": "golf_patrol"}, "near are gulf_patrol"),
        ({"host": "CN"}, "host='CN' stands nowhere"),
        ({"reported_by": "CN"}, "near are AA, BB"),
        ({"tier": "ministers"}, "near are minister"),
        ({"level": 9}, "level=9 stands nowhere in the record; near are 4, 5"),
        ({"person": "Bop"}, "near are Bob"),
        ({"place": "Capitol"}, "near are Capital"),
        ({"area": "hot line"}, "near are "),
        ({"witnesses": "some", "reported_by": "AA"}, "use one of any, all, only"),
        ({"since": 2021, "until": 2019}, "swap them"),
        ({"since": "13.4.2019"}, "since='13.4.2019'"),
        ({"since": pd.Timestamp("2019-01-01", tz="Asia/Ho_Chi_Minh")}, "time zone"),
        ({"since": 2019.5}, "a year has four digits"),
    ],
)
def test_what_stands_nowhere_is_refused_with_near_ones(pair, how, message):
    with pytest.raises(ValueError, match=message):
        pair.where(**how)


def test_tone_marks_make_no_difference(data):
    assert len(data.where(place="Điện Biên").events) == len(data.where(place="dien bien").events)
    assert len(data.where(place="dien bien").events) > 0
    plain = data.where(person="Phung Quang Thanh")
    assert len(plain.events) > 5
    assert ids(plain) == ids(data.where(person="Phùng Quang Thanh"))
    assert ids(plain) == ids(data.where(person="phung-quang-thanh"))


def test_choice_by_title_is_that_of_a_search_by_hand(data):
    found = data.where(title="hotline").events["event_id"]
    byhand = data.events.loc[data.events["title"].str.lower().str.contains("hotline"), "event_id"]
    assert sorted(found) == sorted(byhand)


@pytest.mark.parametrize("name", ["kind", "tier", "level", "reported_by", "person", "area"])
def test_no_value_at_all_leaves_nothing_and_says_so(data, name):
    chosen = data.where(**{name: []})
    assert chosen.contacts.empty
    assert chosen.choice == (f"no {name}",)


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from([None, "visit", "joint_patrol", "border_exchange", "exercise"]),
    tier=st.sampled_from([None, "minister", "leader", "working", "unnamed"]),
    since=st.integers(1990, 2030),
    years=st.integers(0, 12),
)
def test_choices_in_turn_or_at_once_leave_the_same(data, kind, tier, since, years):
    until = since + years
    at_once = data.where(kind=kind, tier=tier, since=since, until=until)
    in_turn = data.where(since=since).where(tier=tier).where(until=until).where(kind=kind)
    assert ids(at_once) == ids(in_turn)
    assert at_once.span == in_turn.span
    starts = at_once.events["start"].dt.year
    assert starts.between(since, until).all()
    assert set(at_once.reports["event_id"]) <= set(at_once.events["event_id"])


def test_choice_on_an_engine_that_waits_stays_on_it(pair):
    import duckdb

    chosen = pair.convert(duckdb.from_df).where(tier="minister", since=2019)
    assert isinstance(nw.from_native(chosen.reports), nw.LazyFrame)
    assert ids(chosen) == [VISIT, TALKS]


def test_a_province_is_found_by_each_of_its_names(small):
    small.append("places", "centre,Centre,Zentrum,,AA,10,-20,Middle,,")
    small.append("event_places", "2021-06-patrol,centre")
    data = rel.load(small.path)
    for name in ("Centre", "Zentrum", "middle", "centre"):
        assert ids(data.where(place=name)) == [VISIT, PATROL]
    # The capital lies in the centre and not the other way round.
    assert ids(data.where(place="Capital")) == [VISIT]


def test_a_level_is_a_number_and_no_truth_value(pair):
    with pytest.raises(ValueError, match="level=True stands nowhere"):
        pair.where(level=True)


def test_contacts_without_a_channel_or_host_are_asked_for_by_none(data):
    for name in ("channel", "host"):
        none = data.where(**{name: [None]}).contacts
        assert len(none) == data.contacts[name].isna().sum() > 0
        assert none[name].isna().all()
        assert data.where(**{name: [None]}).choice == (f"{name} none",)
    some = data.where(channel=["naval_joint_patrol", None])
    assert len(some.contacts) == data.contacts["channel"].isin(["naval_joint_patrol"]).sum() + (
        data.contacts["channel"].isna().sum()
    )
    with pytest.raises(ValueError, match="kind=None stands nowhere"):
        data.where(kind=[None])


@pytest.mark.parametrize(
    "year", [np.int64(2010), np.int32(2010), 2010.0, np.datetime64("2010"), pd.Period("2010")]
)
def test_years_are_years_whatever_library_they_are_of(data, year):
    chosen = data.where(since=year, until=year)
    assert chosen.span == data.where(since=2010, until=2010).span
    assert chosen.contacts.equals(data.where(since=2010, until=2010).contacts)


def test_numbers_of_a_frame_are_levels(data):
    highest = data.contacts["CN_office_level"].max()
    assert data.where(level=highest).choice == data.where(level=int(highest)).choice


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"kind": pd.NA}, "is no value to ask for"),
        ({"host": ["CN", float("nan")]}, "is no value to ask for"),
        ({"tier": [["minister"]]}, "is no value to ask for"),
        ({"channel": pd.Timestamp("2020-01-01")}, "is no value to ask for"),
        ({"since": 99}, "a year has four digits"),
        ({"since": float("nan")}, "a year has four digits"),
        ({"title": ["border", "exchange"]}, "give words as one text"),
        ({"title": ""}, "give words as one text"),
        ({"title": float("nan")}, "give words as one text"),
        ({"witnesses": "only"}, "name the sides there too"),
        ({"witnesses": "nonsense"}, "use one of any, all, only"),
    ],
)
def test_what_is_no_value_is_refused(data, how, message):
    with pytest.raises(ValueError, match=message):
        data.where(**how)


def test_no_side_that_all_have_to_be_leaves_nothing(data):
    assert data.where(reported_by=[], witnesses="all").contacts.empty
