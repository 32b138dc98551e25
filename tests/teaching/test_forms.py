"""The form of one contact: a right one passes, a wrong field is named with its rule."""

import pytest

import relations as rel

VISIT = {
    "kind": "visit",
    "start": "2019-03-01",
    "host": "AA",
    "editions": {"AA": None, "BB": None},
    "heads": {"AA": {"name": "Ann", "rank": "General"}, "BB": {"name": "Bob", "rank": "colonel"}},
    "areas": {"hotline": "proposed"},
}
PATROL = {
    "kind": "joint_patrol",
    "start": "2019-05-01",
    "host": "both",
    "editions": {"AA": 5, "BB": 10},
    "heads": {},
    "areas": {},
}


def test_a_right_form_passes(pair):
    assert rel.teaching.check_form(VISIT, pair, "2019-03-01-visit", ["s1"]).right


def test_an_empty_form_is_told_what_is_missing(pair):
    feedback = rel.teaching.check_form({}, pair, "2019-03-01-visit", ["s1"])
    assert not feedback.right
    assert [message.partition(":")[0] for message in feedback.messages] == [
        "kind", "start", "host", "heads['AA'] name", "heads['AA'] rank", "heads['BB'] name",
        "heads['BB'] rank", "areas",
    ]  # fmt: skip
    assert all("not filled in yet" in message for message in feedback.messages)


WRONG = [
    ("kind", "meeting", "kind: 'meeting' is not what was coded; it is: talks without"),
    ("kind", "patrolling", "kind: 'patrolling' is not one of visit, meeting"),
    ("kind", ["visit"], "is not one of"),
    ("start", "2019-03-06", "is the day on which a report was published"),
    ("start", "2019-03-03", "lies within the contact, but is not its first day"),
    ("start", "2019-02-28", "lies before the activity proper"),
    ("start", "2019-03-20", "lies after the activity proper. The rule (events.start): First day"),
    ("start", "2019-03", "is less precise than the reports allow"),
    ("start", "1/3/2019", "day and month cannot be told apart"),
    ("start", "2019-02-30", "the calendar has no such day"),
    ("host", "BB", "host: 'BB' is not what was coded. The rule (events.host)"),
    ("host", "Aland", "host: 'Aland' is not one of AA, BB, both, third, none"),
    ("editions", {"AA": 7}, "editions['AA']: 7 is not the number that AA gives"),
    ("editions", {"CC": 7}, "editions: 'CC' is no side of these tables"),
    ("editions", 7, "editions: 7 is no mapping"),
    ("areas", {"hotline": "done"}, "areas['hotline']: status 'done' is not what was coded"),
    ("areas", {"hotline": "wished"}, "areas['hotline']: 'wished' is not one of done"),
    ("areas", {"hotline": "", "fishing": "done"}, "areas['hotline']: not filled in yet"),
    ("areas", {"hotline": "proposed", "fishing": "done"}, "It counts when: Fish are named."),
    ("areas", {"hotline": "proposed", "cooking": "done"}, "areas['cooking']: no such area"),
    ("areas", {"fishing": "done"}, "areas: 1 more is coded from these reports"),
    ("areas", ["hotline"], "is no mapping; write a status for each area"),
    ("mood", "warm", "mood: no such field; the form has kind, start"),
]


@pytest.mark.parametrize(("field", "value", "named"), WRONG)
def test_a_wrong_field_of_the_form_is_named(pair, field, value, named):
    feedback = rel.teaching.check_form(VISIT | {field: value}, pair, "2019-03-01-visit", ["s1"])
    assert not feedback.right
    assert named in "\n".join(feedback.messages)


@pytest.mark.parametrize(
    ("part", "value", "named"),
    [
        ("name", "Ann", "heads['BB'] name: 'Ann' belongs to another side than BB"),
        ("name", "General Bob", "'General Bob' is no name in data.people"),
        ("rank", "General", "heads['BB'] rank: 'General' is printed of this person in none"),
        ("rank", "", "heads['BB'] rank: not filled in yet"),
    ],
)
def test_a_wrong_head_is_named(pair, part, value, named):
    heads = VISIT["heads"] | {"BB": VISIT["heads"]["BB"] | {part: value}}
    feedback = rel.teaching.check_form(VISIT | {"heads": heads}, pair, "2019-03-01-visit", ["s1"])
    assert [message for message in feedback.messages if named in message] == list(feedback.messages)
    assert feedback.messages


def test_numbers_of_the_sides_are_told_apart(pair):
    read = ["a1", "b1"]
    swapped = PATROL | {"editions": {"AA": 10, "BB": 5}}
    messages = rel.teaching.check_form(swapped, pair, "2019-05-01-patrol", read).messages
    assert (
        "editions['AA']: 10 is a number of this contact, but not in the count of AA"
        in (messages[0])
    )
    assert "but not in the count of BB" in messages[1]
    lacking = rel.teaching.check_form(PATROL | {"editions": {}}, pair, "2019-05-01-patrol", read)
    assert "editions['BB']: not filled in yet; the reports give a number" in lacking.messages


def test_a_report_of_the_month_alone_does_not_print_its_first_day(pair):
    late = PATROL | {"start": "2021-06-01", "editions": {"AA": 6, "BB": 11}}
    messages = rel.teaching.check_form(late, pair, "2021-06-patrol", ["s2"]).messages
    assert "start: '2021-06-01' is more precise than the reports allow" in messages[0]


def test_the_check_refuses_what_the_record_lacks(pair):
    with pytest.raises(ValueError, match="no contact '1999-visit'"):
        rel.teaching.check_form(VISIT, pair, "1999-visit", ["s1"])
    with pytest.raises(ValueError, match="s3 does not report 2019-03-01-visit"):
        rel.teaching.check_form(VISIT, pair, "2019-03-01-visit", ["s3"])


def test_every_kind_has_a_line_in_the_codebook(data):
    assert rel.teaching.kinds()["kind"].tolist() == list(data.events["kind"].cat.categories)
    assert rel.teaching.kinds()["is"].str.len().min() > 10


def test_a_form_is_checked_on_any_engine(pair, engine):
    converted = pair.convert(engine)
    assert rel.teaching.check_form(VISIT, converted, "2019-03-01-visit", ["s1"]).right
    wrong = VISIT | {"start": "2019-03-06", "host": "BB", "areas": {"fishing": "done"}}
    found = rel.teaching.check_form(wrong, converted, "2019-03-01-visit", ["s1"])
    assert found == rel.teaching.check_form(wrong, pair, "2019-03-01-visit", ["s1"])


def test_a_frame_is_no_dataset(pair):
    with pytest.raises(TypeError, match="check_form reads several tables, so it takes a Dataset"):
        rel.teaching.check_form(VISIT, pair.events, "2019-03-01-visit", ["s1"])
