"""Pledges at a fixed horizon: counted by hand, bounds before shares."""

import pytest

import relations as rel
from relations.measures._horizon import kept_within


def test_the_one_pledge_was_kept_after_two_years(small):
    data = rel.load(small.path)
    # Made on 1 March 2019, kept in June 2021: 823 to 852 days.
    table = kept_within(data, [365, 840, 1000]).set_index("days")
    assert table["pledges"].tolist() == [1, 1, 1]
    assert table["followed"].tolist() == [1, 1, 1]
    assert table[["within", "perhaps", "later"]].to_numpy().tolist() == [
        [0, 0, 1], [0, 1, 0], [1, 0, 0],
    ]  # fmt: skip
    assert table.loc[840, ["least", "most"]].tolist() == [0, 1]


def test_those_not_followed_so_long_are_left_out(small):
    table = kept_within(rel.load(small.path), 1100)
    assert table["followed"][0] == 0
    assert table[["least", "most", "share"]].isna().all(axis=None)


def test_bounds_hold_the_share(data):
    table = kept_within(data)
    parts = table[["within", "perhaps", "later", "unknown"]].sum(axis=1)
    assert (parts == table["followed"]).all()
    assert (table["low"] <= table["least"]).all() and (table["most"] <= table["high"]).all()
    outcomes = data.pledges["outcome"].value_counts()
    number = len(data.pledges)
    assert table["least_ever"][0] == pytest.approx(outcomes["kept"] / number)
    assert table["most_ever"][0] == pytest.approx((outcomes["kept"] + outcomes["unknown"]) / number)


def test_groups_add_up(data):
    whole, sides = kept_within(data, 730), kept_within(data, 730, "side")
    assert (
        sides[["followed", "within", "unknown"]].sum().tolist()
        == whole[["followed", "within", "unknown"]].iloc[0].tolist()
    )


def test_a_horizon_is_a_day_or_more(data):
    with pytest.raises(ValueError, match="one day or more"):
        kept_within(data, 0)
