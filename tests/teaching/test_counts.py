"""Counts: right ones pass, and what a typical mistake gives is named."""

import numpy as np
import pytest

import relations as rel

JUNE = "2021-06-patrol"
NUMBERS = [
    (rel.teaching.check_witnesses, JUNE, 1, {4: "counts every row", 3: "recall or announce",
                                        2: "counts a reprint"}),
    (rel.teaching.check_series, "gulf_patrol", 3, {
        17: "adds the counts of both sides", 4: "counts numbers", 2: "leaves out contacts",
        11: "is a number in one count", 6: "is a number in one count"}),
    (rel.teaching.check_occasions, 2021, 2, {
        5: "counts every row", 3: "an occasion and each of its parts",
        4: "announced, cancelled", 1: "counts the parts"}),
]  # fmt: skip


@pytest.mark.parametrize(("check", "which", "right", "traps"), NUMBERS)
def test_numbers_are_judged(pair, check, which, right, traps):
    assert check(right, pair, which).right
    for value, named in traps.items():
        feedback = check(np.int64(value), pair, which)
        assert not feedback.right
        assert f": {value} " in feedback.messages[0]
        assert named in feedback.messages[0]
    assert "100 is more than the record holds" in check(100, pair, which).messages[0]
    assert "fewer" in check(-1, pair, which).messages[0]
    assert "no answer yet" in check(None, pair, which).messages[0]
    assert "is no number" in check("two", pair, which).messages[0]
    assert "is no number" in check(True, pair, which).messages[0]
    assert "is no number" in check([right], pair, which).messages[0]


YEARS = {2018: 0, 2019: 1, 2020: 0, 2021: 2, 2022: 0}
SHARES = {"visit": 0, "meeting": 0, "joint_patrol": 1 / 3, "border_exchange": 0}


def test_years_are_judged(judge_by_keys):
    judge_by_keys(
        lambda answer, data: rel.teaching.check_years(answer, data, "joint_patrol"),
        YEARS,
        [
            ({2019: 1, 2021: 2}, "years without a contact have no row"),
            ({2019: 1, 2020: 0, 2021: 2}, "begin with the first contact"),
            ({2019: 1, 2020: 1, 2021: 2}, "only announced"),
            (YEARS | {2020: 1}, "only announced"),
            (YEARS | {2021: 1}, "parts of an occasion are left out"),
            (YEARS | {2021: 7}, "not what the record gives: 2021 (7)"),
            (YEARS | {2023: 0}, "2023 should have no value"),
        ],
    )


def test_shares_are_judged(judge_by_keys):
    judge_by_keys(
        rel.teaching.check_reported_by_both,
        SHARES,
        [
            (SHARES | {"visit": 1}, "reports that only recall or announce are counted"),
            (SHARES | {"visit": 1, "joint_patrol": 2 / 3}, "every report counts"),
            ({kind: 1 - share for kind, share in SHARES.items()}, "one side or none"),
            (SHARES | {"visit": 50}, "visit: a share lies between 0 and 1"),
            ({"visit": 0}, "no value for border_exchange, joint_patrol, meeting"),
        ],
    )


# A second call within the visit of 2019, and a visit that lasts into the next year.
WITHIN = [
    "2019-03-03-call,2019-03-03,,meeting,,AA,in_person,2019-03-01-visit,held,Call,,",
    "2019-12-30-visit,2019-12-30,2020-01-03,visit,,BB,in_person,,held,Visit,,",
    "2020-01-02-talks,2020-01-02,,meeting,,BB,in_person,2019-12-30-visit,held,Talks,,",
    "2020-03-01-visit,2020-03-01,,visit,,BB,in_person,,held,Visit,,",
]
REPORTS_WITHIN = [
    "2019-03-03-call,s1,2019-03-03,,printed,true,",
    "2019-12-30-visit,s2,2019-12-30,,printed,true,",
    "2020-01-02-talks,s2,2020-01-02,,printed,true,",
    "2020-03-01-visit,s2,2020-03-01,,printed,true,",
]


@pytest.fixture
def over_new_year(small) -> rel.Dataset:
    for table, rows in (("events", WITHIN), ("reports", REPORTS_WITHIN)):
        header, *lines = small.text(table).splitlines()
        small.write(table, "\n".join([header, *sorted([*lines, *rows]), ""]))
    return rel.load(small.path)


def test_contacts_and_occasions_of_a_kind_are_told_apart(over_new_year):
    def check(answer):
        return rel.teaching.check_years(answer, over_new_year, "meeting")

    assert check({2019: 2, 2020: 1, 2021: 0}).right
    assert "occasions are counted" in check({2019: 1, 2020: 1, 2021: 0}).messages[0]
    assert (
        "parts of an occasion are left out"
        in check(dict.fromkeys(range(2019, 2022), 0)).messages[0]
    )


def test_an_occasion_counts_in_each_year_that_has_a_contact_of_it(over_new_year):
    assert rel.teaching.check_occasions(2, over_new_year, 2020).right
    wrong = rel.teaching.check_occasions(1, over_new_year, 2020)
    assert "leaves out occasions that began in another year" in wrong.messages[0]


def test_occasions_are_those_of_the_measure(data):
    for period, count in rel.exchange_frequency(data)[["period", "count"]].to_numpy():
        assert rel.teaching.check_occasions(count, data, period.year).right


def test_a_kind_without_contacts_held_is_zero_in_every_year(pair):
    assert rel.teaching.check_years(dict.fromkeys(YEARS, 0), pair, "port_call").right
    with pytest.raises(ValueError, match="kind='trip' stands nowhere"):
        rel.teaching.check_years({}, pair, "trip")


def test_counts_are_checked_on_any_engine(pair, engine):
    converted = pair.convert(engine)
    assert rel.teaching.check_witnesses(1, converted, JUNE).right
    assert "counts a reprint" in rel.teaching.check_witnesses(2, converted, JUNE).messages[0]
    assert rel.teaching.check_series(3, converted, "gulf_patrol").right
    assert rel.teaching.check_years(YEARS, converted, "joint_patrol").right
    assert rel.teaching.check_reported_by_both(SHARES, converted).right
    assert rel.teaching.check_occasions(2, converted, 2021).right
