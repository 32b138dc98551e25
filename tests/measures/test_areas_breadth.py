"""Breadth of cooperation areas, against brute force over every way to draw mentions."""

import itertools
import math

import numpy as np
import pytest
from conftest import dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from measures.test_areas import AREAS, EVENTS, MENTIONS, day, made, rows
from relations.measures import areas


@pytest.fixture
def record():
    return dataset(events=EVENTS, area_mentions=MENTIONS, areas=AREAS)


def hill_by_brute_force(counts, size, order):
    """Average how often areas come up over every way to draw the mentions."""
    mentions = [area for area, number in enumerate(counts) for _ in range(number)]
    draws = list(itertools.combinations(mentions, size))
    often = np.zeros(size + 1)
    for draw in draws:
        for area in set(draw):
            often[draw.count(area)] += 1 / len(draws)
    share = np.arange(1, size + 1) / size
    if order == 1:
        return math.exp(-(share * np.log(share) * often[1:]).sum())
    return (share**order * often[1:]).sum() ** (1 / (1 - order))


@pytest.mark.parametrize("order", [0, 0.5, 1, 2])
def test_breadth_at_a_common_size_is_the_mean_over_all_draws(order):
    record = made({2019: [{"a", "b"}, {"a", "c"}, {"a"}, {"b", "d"}]})
    table = areas.breadth(record, orders=order, size=4)
    expected = hill_by_brute_force([3, 2, 1, 1], 4, order)
    assert table["rarefied"].item() == pytest.approx(expected)
    # The jackknife: contacts left out in turn, at the same size, on the logarithm.
    left_out = [
        hill_by_brute_force(counts, 4, order)
        for counts in ([2, 1, 1, 1], [2, 2, 0, 1], [2, 2, 1, 1], [3, 1, 1, 0])
    ]
    error = math.sqrt(3 / 4 * sum((each - np.mean(left_out)) ** 2 for each in left_out))
    reach = 3.182446 * error / expected
    assert table["low"].item() == pytest.approx(max(1, expected * math.exp(-reach)), rel=1e-5)
    assert table["high"].item() == pytest.approx(expected * math.exp(reach), rel=1e-5)
    assert table[["count", "mentions"]].to_numpy().tolist() == [[4, 7]]


def test_breadth_counts_parts_at_their_occasion_and_sources_once(engine, record):
    table = areas.breadth(record.convert(engine), orders=0, size=2)
    assert rows(table, "period", "count", "mentions", "hill", "rarefied")[0] == (
        day("2019"), 1, 2, 2.0, 2.0
    )  # fmt: skip
    # One mention is fewer than the size: nothing is made up for it.
    assert table["rarefied"].isna().tolist() == [False, True, False]
    assert table["low"].isna().all()
    contacts = areas.breadth(record.convert(engine), orders=0, size=2, count="contacts")
    assert rows(contacts, "count", "mentions", "hill")[0] == (2, 3, 2.0)


def test_breadth_takes_the_smallest_period_that_is_large_enough():
    year = [{"a", "b", "c"}] * 2
    record = made({2019: year, 2020: year * 2, 2021: year * 3})
    assert set(areas.breadth(record, floor=10)["size"]) == {12}
    with pytest.raises(ValueError, match="lower floor"):
        areas.breadth(record, floor=19)
    with pytest.raises(ValueError, match="2 or more"):
        areas.breadth(record, size=1)
    with pytest.raises(ValueError, match="0 or above"):
        areas.breadth(record, orders=[-1])
    assert areas.breadth(record.where(kind="statement")).empty


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), min_size=3, max_size=8))
def test_breadth_falls_with_order_and_lies_between_one_and_all(contacts):
    table = areas.breadth(made({2019: contacts}), orders=[0, 1, 2], size=3).set_index("order")
    values = table["rarefied"].to_numpy()
    assert np.all(np.diff(values) <= 1e-9)
    assert values[-1] >= 1 - 1e-9
    assert values[0] <= min(3, table["hill"][0]) + 1e-9
    assert table["hill"][0] == len(set().union(*contacts))


def test_trend_of_breadth_is_that_of_its_periods():
    year = [{"a"}, {"a"}]
    record = made({
        2017: year, 2018: [{"a", "b"}, {"a"}], 2019: [{"a", "b"}, {"c"}, {"a"}],
        2020: [{"a", "b", "c", "d"}],
    })  # fmt: skip
    trend = areas.breadth_trend(record, order=0, size=2).iloc[0]
    # Every year is broader than the one before: tau 1, which 2 of 4! orders are as far from 0.
    assert (trend["periods"], trend["tau"], trend["p"]) == (4, 1.0, pytest.approx(2 / 24))
    # Mentions 2, 3, 4, 4 beside 1, 2, 3, 4 areas: ranks 1, 2, 3.5, 3.5 and 1 to 4.
    assert trend["size_before"] == pytest.approx(np.corrcoef([1, 2, 3.5, 3.5], [1, 2, 3, 4])[0, 1])
    with pytest.raises(ValueError, match="1 periods have the mentions"):
        areas.breadth_trend(made({2019: [{"a", "b"}, {"c"}]}), size=2)
