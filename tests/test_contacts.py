"""What most measures share: contacts once each, their latest day, the span that is covered."""

import pandas as pd
import pytest

from relations import _contacts

THREE = pd.DataFrame(
    {
        "event_id": ["e1", "e2", "e3"],
        "start": pd.to_datetime(["2020-01-01", "2020-02-01", "2019-05-31"]),
        "precision": ["year", "month", "day"],
        "status": "held",
        "covered_since": pd.to_datetime(["2019-01-01", "2018-01-01", "2019-01-01"]),
        "covered_until": pd.to_datetime(["2021-12-31", "2021-12-31", "2020-06-30"]),
    }
)


def test_contacts_come_in_order_of_time_with_their_latest_day(engine):
    found = _contacts.fetch(engine(THREE), "a measure", [], "keep", "held")
    assert found["event_id"].tolist() == ["e3", "e1", "e2"]
    assert found["latest"].dt.strftime("%Y-%m-%d").tolist() == [
        "2019-05-31",
        "2020-12-31",
        "2020-02-29",
    ]


def test_covered_is_what_every_contact_has_in_common(engine):
    first, last = _contacts.covered(engine(THREE))
    assert (f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}") == ("2019-01-01", "2020-06-30")
    assert _contacts.covered(engine(THREE.drop(columns="covered_until"))) is None


def test_cover_that_is_empty_or_shares_no_day_is_refused(engine):
    empty = THREE.assign(covered_until=pd.to_datetime(["2021-12-31", None, "2021-12-31"]))
    with pytest.raises(ValueError, match="is empty in a row"):
        _contacts.covered(engine(empty))
    apart = THREE.assign(covered_until=pd.to_datetime(["2021-12-31", "2018-12-31", "2021-12-31"]))
    with pytest.raises(ValueError, match="no day is covered for every kind"):
        _contacts.covered(engine(apart))


def test_a_key_that_repeats_or_is_empty_is_refused():
    import polars as pl

    for make in (pd.DataFrame, pl.DataFrame):
        _contacts.refuse_repeats(make({"key": ["a", "b"]}), "key")
        with pytest.raises(ValueError, match="key 'b' stands more than once"):
            _contacts.refuse_repeats(make({"key": ["a", "b", "b"]}), "key")
        with pytest.raises(ValueError, match="key is empty"):
            _contacts.refuse_repeats(make({"key": ["a", None, None]}), "key")


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        (("2019", "2020"), "2019-01-01", "2020-12-31"),
        (("2019-02", "2020-02"), "2019-02-01", "2020-02-29"),
        ((pd.Timestamp("2019-03-01 15:00"), "2019-03-01"), "2019-03-01", "2019-03-01"),
    ],
)
def test_a_span_ends_with_the_last_day_that_it_names(span, first, last):
    assert [f"{day:%Y-%m-%d}" for day in _contacts.days(span)] == [first, last]


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (("2020-01-01", "2019-12-31"), "before it starts on 2020-01-01"),
        (("2020-01-01", None), "first and its last day"),
        (("01/02/2019", "2020"), "cannot be told apart"),
    ],
)
def test_a_span_that_is_none_is_refused(span, words):
    with pytest.raises(ValueError, match=words):
        _contacts.days(span)


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1 contact is .*: it cannot"), (2, "2 contacts are .*: they cannot")]
)
def test_one_contact_is_and_two_are(number, words):
    with pytest.raises(ValueError, match=words):
        raise _contacts.too_coarse(number, "month")
