"""One contact read closely: both sides' reports and positions, and where they differ."""

import pytest

import relations as rel
from relations.reading.vignette import areas, differences, reports

VISIT, PATROL = "2019-03-01-visit", "2021-06-patrol"


@pytest.fixture
def pair(small):
    """Four contacts of which one is reported by both sides, one by a copy of AA's report."""
    small.append("sources", "s4,Beland Post,BB,en,news,2019-03-07,Visit,https://example.org/4,,")
    small.append("reports", "2019-03-01-visit,s4,2019-03-09,,printed,true,Other day.")
    small.append("sources", "s5,Aland Copy,AA,en,news,2021-07-03,Patrol,https://example.org/5,s2,")
    small.append("reports", "2021-06-patrol,s5,2021-06,3,printed,true,")
    small.append("area_mentions", "2019-03-01-visit,s4,hotline,BB,agreed")
    return rel.load(small.path)


def test_reports_stand_in_order_of_sides_and_days(pair, engine):
    found = reports(pair.convert(engine), [VISIT])
    assert found[["side", "source_id"]].values.tolist() == [["AA", "s1"], ["BB", "s4"]]
    assert found["start_as_reported"].dt.day.tolist() == [1, 9]


def test_areas_stand_by_who_names_them_with_the_sources(pair):
    assert areas(pair, [VISIT])[["label", "side", "status", "read_in"]].values.tolist() == [
        ["Hotline", "AA", "proposed", "AA"],
        ["Hotline", "BB", "agreed;proposed", "AA;BB"],
    ]


def test_differences_are_those_of_the_whole_record(data):
    every = rel.coverage.contradictions(data)
    every = every[every["field"].isin(["date", "edition", "rank"])]
    for event_id in ["2013-06-05-dialogue-4", every["event_id"].value_counts().index[0]]:
        own = every[every["event_id"] == event_id]
        found = differences(data, [event_id])
        assert found[["field", "first", "second"]].values.tolist() == (
            own[["field", "first", "second"]].values.tolist()
        )


def test_contact_not_held_has_no_differences(pair):
    found = rel.vignette(pair, "2022-01-10-plan").differences
    assert found.empty
    assert "first_sides" in found


def test_page_has_a_column_for_each_side_in_names(pair):
    page = rel.vignette(pair, VISIT)
    text = page.to_markdown()
    assert text.index("**Aland: 1 report**") < text.index("**Beland: 1 report**")
    assert "Aland News, 2019-03-06; gives 2019-03-01; host: Ann, Minister, General" in text
    assert "- Host: Aland" in text
    assert "- Head, Beland: Bob, Chief of staff" in text
    assert "date of Beland Post: 2019-03-09 (Beland), 2019-03-01/2019-03-05 (the record)" in text
    assert "- Hotline: Wants a line soon. (Ann, paraphrased)" in text
    assert "**What Beland said**\n\n- No position was read." in text
    assert "Together: Patrol – kept, by 2021" in text
    assert "**Parts of the occasion**\n\n- Talks" in text
    assert "| Hotline | proposed | agreed;proposed |" in text
    for shown in (text, page._repr_html_()):
        assert "nan" not in shown
        assert "CN" not in shown


def test_side_without_a_report_says_so(pair):
    text = rel.vignette(pair, PATROL).to_markdown()
    assert "**Beland: 1 report**" in text
    assert "(reprint)" in text
    assert text.count("No position was read.") == 2


def test_ten_occasions_drawn_say_who_when_what_and_what_each_side_said(data):
    contacts = data.contacts
    whole = contacts[contacts["event_id"] == contacts["occasion"]]
    for drawn in whole.sample(10, random_state=20261130).itertuples():
        page = rel.vignette(data, drawn.event_id)
        text = page.to_markdown()
        assert f"- When: {page.when}" in text
        assert f"- Tier: {drawn.tier}" in text
        for side, name in data.sides.set_index("side")["name"].items():
            said = text.split(f"**What {name} said**\n\n- ")[1]
            assert said.startswith("No position was read.") != (side in set(page.positions["side"]))
        labels = set(page.areas["label"])
        assert all(f"| {label} |" in text for label in labels)


def test_choice_does_not_hide_what_a_contact_has(data):
    chosen = data.where(tier="minister")
    assert len(rel.vignette(chosen, "2013-06-05-dialogue-4").reports) == (
        len(rel.vignette(data, "2013-06-05-dialogue-4").reports)
    )


def test_every_contact_can_be_read(data):
    for event_id in data.contacts["event_id"].iloc[::40]:
        page = rel.vignette(data, event_id)
        assert len(page.reports) == (data.reports["event_id"] == event_id).sum()
        assert page.to_markdown().startswith("### ")


def test_id_that_no_contact_has_is_refused_with_near_ones(data):
    with pytest.raises(ValueError, match=r"near are 2013-06-05-dialogue-4"):
        rel.vignette(data, "2013-06-05-dialog-4")
