"""Rules on what rows of one contact say together: each planted fault is named, once."""

import pytest


def test_one_page_coded_twice_is_one_contact(small):
    small.append("events", "2021-06-20-patrol,2021-06-20,,joint_patrol,,both,at_sea,,held,Again,,")
    small.append("reports", "2021-06-20-patrol,s2,2021-06-20,,printed,true,")
    small.replace("event_places", "2019-03-01-visit,capital\n", "2019-03-01-visit,capital\n"
                  "2021-06-20-patrol,capital\n2021-06-patrol,capital\n")  # fmt: skip
    assert small.only().rule == "contact-coded-twice"
    # Two pages, other people, or another host make it two contacts.
    small.replace("events", ",,both,at_sea,,held,Again", ",,AA,at_sea,,held,Again")
    assert small.found() == []


@pytest.mark.parametrize(
    ("table", "old", "new", "rule", "column"),
    [
        ("reports", "s1,2019-03-01,,printed", "s1,,,printed", "basis-without-date", "date_basis"),
        ("reports", "s1,2019-03-01,,printed", "s1,2019-03-01,,", "date-without-basis",
         "start_as_reported"),
        ("events", "AA,in_person,,held,Visit", "AA,video,,held,Visit", "host-on-the-wire", "host"),
        ("events", "gulf_patrol,both,at_sea", "gulf_patrol,none,at_sea", "host-at-sea", "host"),
        ("area_mentions", "hotline,BB,proposed", "hotline,joint,proposed", "joint-proposal",
         "status"),
        ("participants", "2019-03-02-talks,bob,head", "2019-03-02-talks,bob,witness",
         "witness-of-nothing", "role"),
        ("participants", "bob,head,s1,Chief,Colonel", "bob,head,s1,参谋长,Colonel",
         "translated-not-printed", "office_as_reported"),
        ("participants", "bob,head,s1,Chief,Colonel", "bob,head,s1,Chief,大校",
         "translated-not-printed", "rank_as_reported"),
        ("positions", "2019-03-01-visit,,s1", "2019-03-01-visit,2020-storm,s1", "position-of-what",
         "event_id"),
        ("positions", "2019-03-01-visit,,s1", ",,s1", "position-of-what", "event_id"),
        ("positions", "Wants a line soon.", "word " * 30 + "word", "position-too-long", "position"),
        ("context", "The wind turned", "2020-storm", "ended-by-itself", "ended_by"),
    ],
)  # fmt: skip
def test_planted_fault_is_named(small, table, old, new, rule, column):
    small.replace(table, old, new)
    violation = small.only()
    assert (violation.rule, violation.column) == (rule, column)


def test_patrol_that_was_held_is_a_deed(small):
    small.append("areas", "joint_patrol_sea,Sea patrols,sea,Patrols,Named,Else")
    small.append("area_mentions", "2021-06-patrol,s2,joint_patrol_sea,joint,agreed")
    assert "own-activity" in {violation.rule for violation in small.found()}
    small.replace("area_mentions", "joint_patrol_sea,joint,agreed", "joint_patrol_sea,joint,done")
    assert "own-activity" not in {violation.rule for violation in small.found()}


@pytest.mark.parametrize(
    ("language", "printed", "translated"),
    [
        ("zh", "国防部长", "Minister of Defence"),
        ("ja", "国防相", "defence minister"),
        ("vi", "Bộ trưởng", "Minister"),
        ("ru", "министр обороны", "ministr oborony"),
        ("en", "attaché", "武官"),
        ("fr", "ministre de la Défense", "Министр"),
    ],
)
def test_offices_have_the_letters_of_their_page(small, language, printed, translated):
    row = f"w,Wire,third,{language},news,2019-03-02,W,https://example.org/w,,"
    small.append("sources", row)
    small.append("reports", "2019-03-01-visit,w,2019-03-01,,printed,true,")
    small.append("participants", f"2019-03-01-visit,ann,host,w,{printed},")
    assert small.found() == []
    small.replace("participants", printed, translated)
    assert small.only().rule == "translated-not-printed"
