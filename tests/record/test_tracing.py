"""A number leads to the contacts that it counts, and those to the reports that tell of them."""

import dataclasses
import inspect

import pandas as pd
import polars as pl
import pytest
from conftest import as_pandas
from hypothesis import given, settings
from hypothesis import strategies as st

import relations as rel

SPAN = ("2018-01-01", "2021-12-31")


def ids(cell):
    return cell.split(";") if cell else []


# Each measure, the column or columns that say how many contacts a row counts, and what tells
# one row from another.
MEASURES = {
    "areas.cooperation_area_counts": (
        lambda d, **o: rel.cooperation_area_counts(d, ["side", "status"], **o),
        ["count"], ["area", "side", "status"],
    ),
    "areas.shares": (lambda d, **o: rel.areas.shares(d, **o), ["count"], ["area", "period"]),
    "areas.together": (lambda d, **o: rel.areas.together(d, **o), ["count"], ["area", "other"]),
    "coverage.reported_by": (
        lambda d, **o: rel.coverage.reported_by(d, by="kind", **o),
        ["count"], ["kind", "reported_by"],
    ),
    "coverage.sources_by_year": (
        lambda d, **o: rel.coverage.sources_by_year(d, **o), ["contacts"], ["year", "side"]
    ),
    "exchanges.before_after": (
        lambda d, **o: rel.exchanges.before_after(d, **o), ["before", "after"], ["context_id"]
    ),
    "exchanges.exchange_frequency": (
        lambda d, **o: rel.exchange_frequency(d, by="kind", **o), ["count"], ["kind", "period"]
    ),
    "exchanges.gaps": (
        lambda d, **o: rel.exchanges.gaps(d, **o).assign(bounds=2),
        ["bounds"], ["earlier", "later"],
    ),
    "exchanges.hosting": (
        lambda d, **o: rel.exchanges.hosting(d, by="kind", **o), ["count"], ["kind", "host"]
    ),
    "exchanges.multilateral": (
        lambda d, **o: rel.exchanges.multilateral(d, **o), ["count"], ["period"]
    ),
    "exchanges.seasons": (
        lambda d, **o: rel.exchanges.seasons(d, draws=1, **o), ["count"], ["month"]
    ),
    "pledges.outcomes": (
        lambda d, **o: rel.pledges.outcomes(d, by="area", **o).assign(
            promised=[promised(d, area) for area in rel.pledges.outcomes(d, by="area")["area"]]
        ),
        ["promised"], ["area"],
    ),
    "ranks.level_by_period": (
        lambda d, **o: rel.ranks.level_by_period(d, **o), ["at_tier"], ["period"]
    ),
    "ranks.tiers": (
        lambda d, **o: rel.ranks.tiers(d, "year", **o), ["count"], ["period", "tier"]
    ),
}  # fmt: skip


def promised(data, area):
    """How many contacts the pledges of an area were made at, or kept by."""
    own = data.pledges[data.pledges["area"] == area]
    return len(set(own["event_id"]) | set(own["kept_by"].dropna()))


def test_no_measure_with_evidence_is_forgotten():
    named = {
        f"{name}.{function}"
        for name in dir(rel.measures)
        for function, each in inspect.getmembers(getattr(rel.measures, name), inspect.isfunction)
        if "evidence" in inspect.signature(each).parameters and function[0] != "_"
        and function in getattr(getattr(rel.measures, name), "__all__", [function])
    }  # fmt: skip
    assert set(MEASURES) == named - {"pledges.evidence_cell"}


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_evidence_is_as_many_contacts_as_are_counted(data, name):
    call, counts, _ = MEASURES[name]
    plain, table = call(data), call(data, evidence=True)
    listed = table["evidence"].map(ids)
    assert listed.map(len).tolist() == table[counts].sum(axis=1).tolist()
    assert table[counts].to_numpy().sum() > 0
    assert all(cell == sorted(set(cell)) for cell in listed)
    assert set().union(*listed) <= set(data.events["event_id"])
    # Nothing else changes, and it is the last of the measure's own columns.
    pd.testing.assert_frame_equal(table.drop(columns="evidence"), plain)
    own = [column for column in table if column not in ("bounds", "promised")]
    assert own[-1] == "evidence"


def only(data, kept):
    """The record as if it held these contacts alone, with what is part of them."""
    tables = {}
    events = data.events
    kept = set(kept) | set(events.loc[events["parent_id"].isin(kept), "event_id"])
    for name, frame in data.tables.items():
        if "event_id" in frame:
            tables[name] = frame[frame["event_id"].isin(kept)]
    return dataclasses.replace(data, **tables)


RECOUNTED = sorted(set(MEASURES) - {"pledges.outcomes", "areas.cooperation_area_counts"})


@pytest.mark.parametrize("name", RECOUNTED)
def test_evidence_alone_gives_the_same_count(data, name):
    call, counts, key = MEASURES[name]
    table = call(data, evidence=True)
    table = table[table[counts].sum(axis=1) > 0]
    for _, row in table.sample(min(len(table), 6), random_state=1).iterrows():
        again = call(only(data, ids(row["evidence"])))
        same = again[(again[key] == row[key].to_numpy()).all(axis=1)]
        assert same[counts].to_numpy().tolist() == [row[counts].tolist()], row[key].tolist()


contacts = st.lists(
    st.tuples(
        st.integers(0, 1460),
        st.sampled_from(["visit", "patrol", None]),
        st.sampled_from(["held", "held", "announced"]),
        st.sampled_from(["AA", "BB", "third"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)


def frame_of(rows):
    """Contacts in any order; every third that may be is part of the first."""
    frame = pd.DataFrame(rows, columns=["day", "kind", "status", "host", "part"])
    frame.insert(0, "event_id", [f"e{len(rows) - i:02}" for i in range(len(rows))])
    frame["start"] = pd.Timestamp("2018-01-01") + pd.to_timedelta(frame.pop("day"), "D")
    part = frame.pop("part") & (frame.index > 0)
    frame["parent_id"] = pd.Series(["e99"] * len(frame), dtype="object").where(part, None)
    return frame.assign(precision="day", mechanism=None)


@settings(deadline=None, max_examples=60)
@given(
    contacts,
    st.sampled_from(["occasions", "contacts"]),
    st.sampled_from(["year", "quarter", "month"]),
)
def test_any_contacts_are_listed_where_they_are_counted(rows, count, every):
    events = frame_of(rows)
    options = {"count": count, "span": SPAN}
    table = rel.exchange_frequency(events, every, evidence=True, **options)
    assert table["evidence"].map(ids).map(len).tolist() == table["count"].tolist()
    counted = {each for cell in table["evidence"] for each in ids(cell)}
    again = rel.exchange_frequency(
        events[events["event_id"].isin(counted)], every, evidence=True, **options
    )
    columns = ["period", "count", "evidence"]
    pd.testing.assert_frame_equal(again[columns], table[columns])
    held = events[events["status"] == "held"]
    assert counted <= set(held["event_id"])
    roots = held["parent_id"].fillna(held["event_id"])
    if count == "contacts":
        assert counted == set(held["event_id"])
    # An occasion stands in each period in which one of its contacts begins.
    assert set(roots[held["event_id"].isin(counted)]) == set(roots)
    if len(held):
        hosts = rel.exchanges.hosting(events, by="kind", count=count, evidence=True)
        assert hosts["evidence"].map(ids).map(len).tolist() == hosts["count"].tolist()
        for row in hosts[hosts["count"] > 0].itertuples():
            here = held[held["event_id"].isin(ids(row.evidence))]
            assert set(here["host"]) == {row.host}
            assert here["kind"].fillna("").unique().tolist() == [
                "" if pd.isna(row.kind) else row.kind
            ]


EVENTS = pd.DataFrame(
    {
        "event_id": ["e3", "e1", "e2", "e4"],
        "start": pd.to_datetime(["2019-05-01", "2019-03-01", "2021-01-01", "2019-03-02"]),
        "kind": ["visit", "visit", None, "talks"],
        "parent_id": [None, None, None, "e1"],
        "precision": "day",
        "status": "held",
    }
)


def test_exchange_frequency_lists_on_every_engine(engine):
    events = EVENTS.astype({"kind": "object", "parent_id": "object"})
    table = as_pandas(rel.exchange_frequency(engine(events), span=SPAN, evidence=True))
    assert table["evidence"].tolist() == ["", "e1;e3", "", "e2"]
    table = as_pandas(
        rel.exchange_frequency(
            engine(events), by="kind", count="contacts", span=SPAN, evidence=True
        )
    )
    found = table[table["count"] > 0].sort_values("evidence")
    assert found[["kind", "evidence"]].to_numpy().tolist() == [
        ["visit", "e1;e3"], [None, "e2"], ["talks", "e4"],
    ]  # fmt: skip


def test_cooperation_area_counts_lists_on_every_engine(engine):
    mentions = pd.DataFrame(
        {
            "event_id": ["e2", "e1", "e1", "e1"],
            "source_id": ["s1", "s1", "s2", "s1"],
            "area": ["hotline", "hotline", "hotline", "patrol"],
            "side": ["CN", "CN", "VN", "CN"],
        }
    )
    table = as_pandas(rel.cooperation_area_counts(engine(mentions), evidence=True))
    assert table[["area", "count", "evidence"]].to_numpy().tolist() == [
        ["hotline", 2, "e1;e2"], ["patrol", 1, "e1"],
    ]  # fmt: skip
    named = rel.cooperation_area_counts(
        engine(mentions), areas=["hotline", "patrol", "rescue"], evidence=True
    )
    assert as_pandas(named)["evidence"].tolist() == ["e1;e2", "e1", ""]


def test_evidence_needs_ids_that_tell_contacts_apart():
    for measure in (rel.exchange_frequency, rel.exchanges.gaps):
        with pytest.raises(ValueError, match="event_id"):
            measure(EVENTS.drop(columns="event_id"), evidence=True)
    # A lazy frame is not searched for repeats, but evidence would not be as long as the count.
    twice = pl.from_pandas(pd.concat([EVENTS, EVENTS.head(1)])).lazy()
    with pytest.raises(ValueError, match="event_id 'e3' stands more than once"):
        rel.exchange_frequency(twice, span=SPAN, evidence=True)
    mixed = EVENTS.replace({"event_id": {"e3": "e3;e1"}})
    with pytest.raises(ValueError, match="'e3;e1' cannot stand in a list"):
        rel.exchange_frequency(mixed, span=SPAN, evidence=True)


@pytest.fixture
def told(small):
    """The small record, with a reprint and a report that gives another number of the patrol."""
    small.append("sources", "s4,Aland News,AA,en,news,2021-07,Copy,https://example.org/4,s2,")
    small.append("sources", "s5,Aland News,AA,en,news,,Ours,https://example.org/5,,")
    small.append("reports", "2021-06-patrol,s4,2021-06,3,printed,true,")
    small.append("reports", "2021-06-patrol,s5,2021-07-03,4,inferred,true,Its own date")
    return rel.load(small.path)


def test_trace_leads_from_a_count_to_every_report(told):
    table = rel.exchange_frequency(told, evidence=True)
    reports = rel.trace(told, table)
    assert reports[["event_id", "source_id"]].to_numpy().tolist() == [
        ["2019-03-01-visit", "s1"],
        ["2021-06-patrol", "s4"],
        ["2021-06-patrol", "s2"],
        ["2021-06-patrol", "s5"],
    ]
    patrol = reports.set_index("source_id").drop("s1")
    assert patrol["reprint_of"].fillna("").to_dict() == {"s4": "s2", "s2": "", "s5": ""}
    assert patrol["published"].fillna("").to_dict() == {
        "s4": "2021-07", "s2": "2021-07-02", "s5": "",
    }  # fmt: skip
    assert patrol["start_as_reported"].to_dict() == {
        "s4": "2021-06", "s2": "2021-06", "s5": "2021-07-03",
    }  # fmt: skip
    assert patrol["url"].to_dict()["s5"] == "https://example.org/5"
    assert patrol["note"].dropna().to_dict() == {"s5": "Its own date"}
    assert patrol["main"].all()


def test_trace_says_what_a_report_gives_otherwise(told):
    differs = rel.trace(told, "2021-06-patrol").set_index("source_id")["differs"]
    assert differs["s2"] == "edition 3, not 4"
    assert differs["s5"] == "date 2021-07-03, not 2021-06-01/2021-06-30; edition 4, not 3"
    # A copy is no word of its own.
    assert pd.isna(differs["s4"])
    assert rel.trace(told, "2019-03-01-visit")["differs"].isna().all()


def test_trace_takes_a_row_a_column_an_id_or_several(told):
    table = rel.exchange_frequency(told, evidence=True)
    whole = rel.trace(told, table)
    both = ["2019-03-01-visit", "2021-06-patrol"]
    for rows in (table["evidence"], both, ";".join(both), told.events.iloc[[0, 2]],
                 pd.Index(both), pl.DataFrame({"event_id": both})):  # fmt: skip
        pd.testing.assert_frame_equal(rel.trace(told, rows), whole)
    for row in (table.iloc[0], told.events.iloc[0], both[0], both[:1]):
        assert rel.trace(told, row)["event_id"].tolist() == both[:1]
    # 2020 has no contact: nothing to trace, in the same columns.
    assert table["count"].iloc[1] == 0
    nothing = rel.trace(told, table.iloc[1])
    assert nothing.empty
    assert list(nothing) == list(whole)


def test_trace_takes_evidence_before_event_id_and_skips_empty_ids(told):
    rows = pd.DataFrame({"event_id": ["2019-03-01-visit"], "evidence": ["2021-06-patrol"]})
    assert set(rel.trace(told, rows)["event_id"]) == {"2021-06-patrol"}
    timeline = rel.channels.timeline(told)
    assert timeline["event_id"].isna().any()
    assert set(rel.trace(told, timeline)["event_id"]) == {"2021-06-patrol"}


def test_trace_follows_parts_only_where_asked(told):
    assert set(rel.trace(told, "2019-03-01-visit")["event_id"]) == {"2019-03-01-visit"}
    assert rel.trace(told, "2019-03-01-visit", with_parts=True)["event_id"].tolist() == [
        "2019-03-01-visit", "2019-03-02-talks",
    ]  # fmt: skip


def test_trace_says_where_it_is_from(told):
    attrs = rel.trace(told.where(kind="visit"), "2019-03-01-visit").attrs
    assert attrs["choice"] == "kind visit"
    assert attrs["source"].startswith("Small tables 1: ")


def test_trace_is_of_the_contacts_chosen(told):
    with pytest.raises(ValueError, match=r"not in data\.events: hand over the data"):
        rel.trace(told.where(kind="visit"), "2021-06-patrol")


def test_trace_shows_a_contact_that_no_report_tells_of(told):
    quiet = dataclasses.replace(told, reports=told.reports.iloc[:0])
    found = rel.trace(quiet, ["2019-03-01-visit"])
    assert found["event_id"].tolist() == ["2019-03-01-visit"]
    assert found[["source_id", "url", "published"]].isna().all(axis=None)


def test_trace_takes_contacts_that_were_not_held(told):
    plan = rel.trace(told, "2022-01-10-plan")
    assert plan["source_id"].tolist() == ["s3"]
    alone = dataclasses.replace(told, events=told.events[told.events["status"] != "held"])
    assert rel.trace(alone, "2022-01-10-plan")["source_id"].tolist() == ["s3"]


def test_trace_is_alike_on_every_engine(told, engine):
    there = rel.trace(told.convert(engine), ["2021-06-patrol"])
    pd.testing.assert_frame_equal(as_pandas(there), as_pandas(rel.trace(told, ["2021-06-patrol"])))


def test_trace_refuses_what_leads_nowhere(told):
    with pytest.raises(ValueError, match=r"with evidence=True\. They have period"):
        rel.trace(told, rel.exchange_frequency(told))
    with pytest.raises(ValueError, match=r"'no-such' is not in data\.events"):
        rel.trace(told, ["2021-06-patrol", "no-such"])
