"""Numbers and conclusions in notebooks' text are computed, and what is not is named."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relations.review.prose import (
    claims_in,
    expressions_of,
    judge,
    numbers_without_comment,
    renewed,
)

RISE = (
    "Counts began in 2000. They rose from 1.4<!-- {early:.1f} --> to **41.9**<!-- no claim --> "
    "a year.\n\nMinisters met no more often.<!-- holds: low < 1 < high --> Thayer has "
    "12<!-- given: Thayer 2011 -->."
)


def answers(source, **values):
    """Answer as a kernel does."""
    found = {}
    for place, expression in expressions_of(claims_in(source)).items():
        try:
            value = eval(expression, {"math": math}, values)
        except Exception as error:
            found[place] = {
                "status": "error", "ename": type(error).__name__, "evalue": str(error),
            }  # fmt: skip
        else:
            found[place] = {"status": "ok", "data": {"text/plain": repr(value)}}
    return found


def test_claims_are_found_with_number_and_sentence():
    number, holds, cited = claims_in(RISE)
    assert (number.kind, number.text, number.expression) == ("number", "1.4", "{early:.1f}")
    assert number.sentence == "They rose from 1.4 to 41.9 a year."
    assert (holds.kind, holds.sentence) == ("holds", "Ministers met no more often.")
    assert (cited.kind, cited.text, cited.expression) == ("given", "12", "Thayer 2011")


def test_what_the_data_say_passes():
    assert judge(claims_in(RISE), answers(RISE, early=1.43, low=0.5, high=1.6)) == []


def test_number_that_moved_is_quoted_with_both_values():
    (fault,) = judge(claims_in(RISE), answers(RISE, early=2.02, low=0.5, high=1.6))
    assert (fault.committed, fault.computed) == ("1.4", "2.0")
    assert str(fault) == ("“They rose from 1.4 to 41.9 a year.”: 1.4 is now 2.0 ({early:.1f})")


def test_sentence_that_no_longer_holds_is_quoted():
    (fault,) = judge(claims_in(RISE), answers(RISE, early=1.4, low=1.2, high=1.6))
    assert str(fault).startswith("“Ministers met no more often.”: does not hold: low < 1 < high")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("It is 3<!-- {missing} -->.", "cannot be computed: NameError"),
        ("It is so.<!-- holds: 'text' -->", "does not hold"),
        ("It is so.<!-- holds: 1 -->", "does not hold"),
        ("It is 3<!-- {'three'} -->.", "which is no number: use holds"),
        ("It is <!-- {3} -->.", "no number is now 3"),
        ("It is 3<!-- given: -->.", "with a source"),
        ("It is three<!-- given: Thayer 2011 -->.", "with a source"),
    ],
)
def test_claim_that_says_nothing_is_refused(text, why):
    (fault,) = judge(claims_in(text), answers(text))
    assert why in fault.why


@pytest.mark.parametrize(
    "text",
    [
        "On 19 May 2014, in May 2014, since 2010, in 2011–14, in the 1990s, on 2014-05-19.",
        "See [Thayer](https://example.org/2011/12) and `exchange_frequency(data, 3)`.",
        "```python\nx = 12\n```",
        "## Part 2\n\n1. First\n2. Second",
        "The rig HD-981 and the 3+3 dialogue, with its 95% interval, the 9th of its kind.",
        "Between 5–7 March and April 3, 2021.",
        "A number 84%<!-- {share:.0%} --> and 1,042<!-- {n:,} --> more.",
    ],
)
def test_dates_addresses_names_and_computed_numbers_pass(text):
    assert numbers_without_comment(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("There were 425 contacts.", "425"),
        ("## Part 2\n\nThere were 425 contacts.", "425"),
        ("Of 5<!-- {a} --> and 7 kept.", "7"),
        ("A share of 84% is found.", "84%"),
        ("A rate of −0.5 a year.", "−0.5"),
        ("There were 1,042 reports in 2014.", "1,042"),
        ("| minister | 59 |", "59"),
    ],
)
def test_number_that_rests_on_nothing_is_named_in_its_sentence(text, number):
    (fault,) = numbers_without_comment(text)
    assert fault.committed == number
    assert number in fault.sentence
    assert "given: source" in fault.why


def test_refresh_renews_numbers_and_no_words():
    new = renewed(RISE, claims_in(RISE), answers(RISE, early=10.04, low=2, high=3))
    assert new == RISE.replace("1.4<!--", "10.0<!--")


@given(
    st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 1)), max_size=5),
    st.text(alphabet="abc ,;\n"),
)
def test_renewed_text_always_passes(values, words):
    source = "".join(f"{words} 0.0<!-- {{x{i}:,.1f}} --> " for i in range(len(values)))
    known = {f"x{i}": value for i, value in enumerate(values)}
    new = renewed(source, claims_in(source), answers(source, **known))
    assert judge(claims_in(new), answers(new, **known)) == []
    assert numbers_without_comment(new) == []
