"""The flat table of contacts and the dyad's periods: by plain Python, and by hand."""

import dataclasses

import pandas as pd
import pytest
from conftest import ENGINES, as_pandas

import relations as rel
from record.test_levels import Plain, rows_of
from relations.record.loading import occasions

OWN = ["title", "kind", "host", "mode", "parent_id", "status"]
VISIT, TALKS, PATROL = "2019-03-01-visit", "2019-03-02-talks", "2021-06-patrol"


def of(rows, key, value):
    found = {}
    for row in rows:
        found.setdefault(row[key], []).append(row[value])
    return found


def plain_contacts():
    """Every cell of the flat table that is not a date, from the text of the tables."""
    plain = Plain()
    people = {row["person_id"]: row["name"] for row in plain.people}
    places = {row["place_id"]: row for row in rows_of("places")}
    sources = {row["source_id"]: row for row in rows_of("sources")}
    sides = [row["side"] for row in rows_of("sides")]
    at = of(rows_of("event_places"), "event_id", "place_id")
    areas = of(rows_of("area_mentions"), "event_id", "area")
    reports = of(rows_of("reports"), "event_id", "source_id")
    printed = {}
    for row in plain.participants:
        if row["role"] in ("head", "host") and row["office_as_reported"]:
            printed.setdefault((row["event_id"], row["person_id"]), set()).add(
                row["office_as_reported"]
            )
    table = {}
    for event, row in plain.event.items():
        there = [places[place] for place in sorted(at.get(event, []))]
        own = [sources[source] for source in reports.get(event, [])]
        told = {source["side"] for source in own if not source["reprint_of"]}
        cells = {
            **{name: row[name] for name in OWN},
            "channel": row["mechanism"],
            "setting": "multilateral" if row["note"].startswith("Multilateral")
            else "margin" if row["host"] == "third" else "bilateral",
            "occasion": row["parent_id"] or event,
            **{
                name: ";".join(sorted({place[column] for place in there if place[column]}))
                for name, column in (("place", "name"), ("province", "admin"),
                                     ("country", "country"))
            },
            "areas": ";".join(sorted(set(areas.get(event, [])))),
            "reported_by": ";".join([*(side for side in sides if side in told),
                                     *sorted(told - set(sides))]),
            "reports": str(len(own)),
            "tier": plain.tier(event),
        }  # fmt: skip
        for side in sides:
            head = plain.head(event, side)
            office = plain.named(plain.held(head, event)) if head else ""
            rank = plain.rank.get(plain.rank_of(head, event), {}) if head else {}
            name = plain.office[office]["name"] if office else ""
            words = min(printed.get((event, head), {""}))
            cells |= {
                f"{side}_head_id": head,
                f"{side}_head": people.get(head, ""),
                f"{side}_office": name or words,
                f"{side}_office_level": plain.office[office]["office_level"] if office else "",
                f"{side}_rank_by_place": rank.get("level_by_place", ""),
                f"{side}_rank_by_cognate": rank.get("level_by_cognate", ""),
            }  # fmt: skip
        table[event] = cells
    return table


def test_the_flat_table_of_the_whole_record_is_that_of_plain_python(data):
    every = list(data.events["status"].cat.categories)
    found = data.where(status=[each for each in every if each in set(data.events["status"])])
    found = found.contacts.set_index("event_id")
    expected = plain_contacts()
    assert set(found.index) == set(expected)
    dates = {"start", "end", "precision", "lat", "lon"}
    assert set(found) - dates == set(next(iter(expected.values())))
    for event, cells in expected.items():
        row = found.loc[event]
        assert {name: "" if pd.isna(row[name]) else str(row[name]) for name in cells} == cells


def test_contacts_stand_by_start_with_one_row_each(data):
    flat = data.contacts
    assert not flat["event_id"].duplicated().any()
    assert set(flat["status"]) == {"held"}
    assert flat["start"].is_monotonic_increasing
    assert (flat["start"] <= flat["end"]).all()


def test_the_flat_table_by_hand(small):
    flat = rel.load(small.path).contacts.set_index("event_id")
    visit = flat.loc[VISIT]
    assert visit[["AA_head", "AA_office", "AA_office_level"]].tolist() == ["Ann", "Minister", 5]
    assert visit[["BB_rank_by_place", "BB_rank_by_cognate"]].tolist() == [5, 6]
    assert visit[["place", "lat", "lon"]].tolist() == ["Capital", 10.5, -20.5]
    assert visit[["reported_by", "reports", "areas"]].tolist() == ["AA", 1, "hotline"]
    assert flat["occasion"].tolist() == [VISIT, VISIT, PATROL]
    talks = flat.loc[TALKS]
    # Ann's term is over, so that her office stands as printed and has no level.
    assert talks["AA_office"] == "Minister"
    assert pd.isna(talks["AA_office_level"])


@pytest.mark.parametrize("name", ["objects", "nullable", "arrow", "polars", "duckdb"])
def test_the_flat_table_on_every_engine(small, name):
    data = rel.load(small.path)
    there = data.convert(ENGINES[name]).contacts
    pd.testing.assert_frame_equal(as_pandas(there), as_pandas(data.contacts))


def test_a_part_of_a_part_belongs_to_the_outermost_contact():
    parents = {"a": None, "b": "a", "c": "b", "d": "gone", "e": "e"}
    found = occasions(pd.Series(list(parents)), pd.Series(list(parents.values())))
    assert found.tolist() == ["a", "a", "a", "gone", "e"]
    turned = occasions(pd.Series(["a", "b"]), pd.Series(["b", "a"]))
    assert turned.notna().all()


def test_the_dyad_by_hand(small):
    table = rel.load(small.path).dyad()
    assert table["year"].tolist() == [2019, 2020, 2021]
    assert table[["cow1", "gw1", "iso31", "cow2", "gw2", "iso32"]].iloc[0].tolist() == [
        1, 2, "ALA", 3, 4, "BEL",
    ]  # fmt: skip
    assert table["occasions"].tolist() == [1, 0, 1]
    assert table["contacts"].tolist() == [2, 0, 1]
    # The visit and the talks are one occasion, led by ministers on both counts.
    assert table["tier_minister"].tolist() == [1, 0, 0]
    assert table["tier_unnamed"].tolist() == [0, 0, 1]
    assert table[["kind_visit", "kind_meeting", "kind_joint_patrol"]].to_numpy().tolist() == [
        [1, 1, 0], [0, 0, 0], [0, 0, 1],
    ]  # fmt: skip
    assert table["exposure"].tolist() == [1, 1, 1]
    assert not table["partial"].any()


def test_the_dyad_counts_each_period_covered_and_no_other(small):
    data = rel.load(small.path)
    quarters = data.dyad("quarter")
    assert len(quarters) == 12
    assert quarters.loc[quarters["occasions"] > 0, "period"].tolist() == [
        pd.Timestamp("2019-01-01"), pd.Timestamp("2021-04-01"),
    ]  # fmt: skip
    late = data.where(since="2021-03-01").dyad()
    assert late["year"].tolist() == [2021]
    assert late["exposure"].iloc[0] == pytest.approx(306 / 365)
    assert late["partial"].tolist() == [True]
    small.replace("events", "2021-06-patrol,2021-06,", "2021-06-patrol,2021,")
    with pytest.raises(ValueError, match=r"less precisely than to the month.*2021-06-patrol"):
        rel.load(small.path).dyad("month")
    with pytest.raises(ValueError, match="every='week'"):
        data.dyad("week")


def test_the_dyad_adds_up_to_the_record(data):
    table = data.dyad()
    assert table["contacts"].sum() == len(data.contacts)
    assert table["occasions"].sum() == data.contacts["occasion"].nunique()


def test_sides_without_codes_have_none_in_the_dyad(small):
    data = rel.load(small.path)
    plain = data.sides.drop(columns=["cow", "gw", "iso3"])
    table = dataclasses.replace(data, sides=plain).dyad()
    assert not {"cow1", "gw1", "iso31"} & set(table)
    assert table["occasions"].tolist() == [1, 0, 1]
