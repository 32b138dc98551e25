"""A ballot before and after: the form, what cannot be counted, and the count."""

import pandas as pd
import pytest

import relations as rel

ANSWERS = ["yes", "no", "cannot tell"]
# Worked out by hand: one stays with yes, one goes from yes to no, one from no to yes; one
# votes before alone and one after alone.
VOTES = pd.DataFrame(
    {"voter": list("abcde"), "before": [1, 1, 2, 3, None], "after": [1, 2, 1, None, 2]}
)


def test_ballots_are_counted():
    counted = rel.teaching.tally(VOTES, ANSWERS)
    assert counted.to_numpy().tolist() == [
        ["yes", 2, 2, 0, 1, 1, 1],
        ["no", 1, 2, 1, 0, 1, 1],
        ["cannot tell", 1, 0, -1, 0, 0, 0],
    ]


def test_a_class_without_ballots_counts_none():
    empty = VOTES.head(0)
    assert rel.teaching.tally(empty, ANSWERS)[["before", "after"]].to_numpy().sum() == 0
    assert "no ballots yet" in rel.teaching.check_ballots(empty, ANSWERS).messages[0]


@pytest.mark.parametrize(
    ("row", "column", "value", "named"),
    [
        (0, "before", 4, "voter a, before: 4 is no answer; they are 1 to 3"),
        (1, "after", "yes", "voter b, after: yes is no answer"),
        (1, "voter", "a", "voter a: two ballots"),
    ],
)
def test_ballots_that_cannot_be_counted_are_named(row, column, value, named):
    votes = VOTES.astype("object").copy()
    votes.loc[row, column] = value
    (message,) = rel.teaching.check_ballots(votes, ANSWERS).messages
    assert named in message
    with pytest.raises(ValueError, match="voter"):
        rel.teaching.tally(votes, ANSWERS)
    assert rel.teaching.check_ballots(VOTES, ANSWERS).right


def test_a_column_that_is_missing_is_named():
    feedback = rel.teaching.check_ballots(VOTES.drop(columns="after"), ANSWERS)
    assert "the column after is missing" in feedback.messages[0]
    with pytest.raises(ValueError, match="the column after is missing"):
        rel.teaching.tally(VOTES.head(0).drop(columns="after"), ANSWERS)


def test_the_form_prints_each_answer_twice_over_and_escapes_it():
    shown = rel.teaching.ballot_form("Is a < b?", ANSWERS, copies=3)._repr_html_()
    assert shown.count("Is a &lt; b?") == 3
    assert shown.count("☐ before ☐ after: 2. no") == 3
