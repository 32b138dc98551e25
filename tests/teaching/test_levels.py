"""Levels: of ranks by a crosswalk, of persons on the day, and how far heads stand apart."""

import pytest

import relations as rel

JUNE = "2021-06-patrol"
FIRST = "2019-03-01-visit"
TABLES = [
    (
        lambda answer, data: rel.teaching.check_crosswalk(
            answer, data, ["bb-colonel", "bb-general"], "place"
        ),
        {"bb-colonel": 5, "bb-general": 8},
        [
            ({"bb-colonel": 6, "bb-general": 9}, "levels of the other crosswalk, by cognate"),
            ({"bb-colonel": 5}, "no value for bb-general"),
            ({"bb-colonel": 5, "bb-general": 7}, "bb-general (7)"),
        ],
    ),
    (
        lambda answer, data: rel.teaching.check_levels(answer, data, FIRST),
        {"ann": 5, "bob": 4},
        [
            ({"ann": 9, "bob": 5}, "levels of rank by place, not of office"),
            ({"ann": 9, "bob": 6}, "levels of rank by cognate, not of office"),
            ({"ann": 5, "bob": 5}, "not that held on the day"),
            ({"ann": 5}, "no value for 1 more; heads and hosts"),
            ({"ann": 5, "bob": 4, "eve": 1}, "eve should have no value"),
        ],
    ),
    (
        lambda answer, data: rel.teaching.check_levels(answer, data, FIRST, "place"),
        {"ann": 9, "bob": 5},
        [
            ({"ann": 9, "bob": 8}, "not that held on the day"),
            ({"ann": 5, "bob": 4}, "levels of office, not of rank by place"),
        ],
    ),
    (
        lambda answer, data: rel.teaching.check_head_gaps(answer, data, "place"),
        {FIRST: 4},
        [
            ({FIRST: -4}, "the sign is turned: AA less BB"),
            ({FIRST: 1}, "these are steps by office, not by place"),
            ({FIRST: 3}, "these are steps by cognate, not by place"),
            ({FIRST: 4, "2019-03-02-talks": 1}, "parts of an occasion"),
            (
                {FIRST: 4, "2019-05-01-patrol": 0, JUNE: 0, "2021-08-30-days": 0},
                "unknown level",
            ),
            ({FIRST: 2}, f"{FIRST} (2)"),
        ],
    ),
]


@pytest.mark.parametrize(("check", "right", "wrong"), TABLES)
def test_levels_are_judged(judge_by_keys, check, right, wrong):
    judge_by_keys(check, right, wrong)


def test_a_choice_asks_for_its_own_occasions_alone(pair):
    chosen = pair.where(since="2019-03-02")
    messages = rel.teaching.check_head_gaps({FIRST: 4}, chosen, "place").messages
    assert f"steps: {FIRST} should have no value" in messages


def test_unknown_names_of_a_question_are_refused(pair):
    with pytest.raises(ValueError, match="use one of place, cognate"):
        rel.teaching.check_crosswalk({}, pair, ["bb-general"], "office")
    with pytest.raises(ValueError, match="no rank 'king'"):
        rel.teaching.check_crosswalk({}, pair, ["king"], "place")
    with pytest.raises(ValueError, match="use one of office, place, cognate"):
        rel.teaching.check_levels({}, pair, FIRST, "grade")
    with pytest.raises(ValueError, match="use one of office, place, cognate"):
        rel.teaching.check_head_gaps({}, pair, "grade")


def test_levels_are_checked_on_any_engine(pair, engine):
    converted = pair.convert(engine)
    for check, right, wrong in TABLES:
        assert check(right, converted).right
        answer, named = wrong[0]
        assert named in check(answer, converted).messages[0]
