"""Limits that several measures state: against scipy, by hand, and how often they hold the truth."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from relations.measures._intervals import clopper_pearson, product_limit


def test_exact_limits_of_a_share_are_those_of_scipy():
    low, high = clopper_pearson(np.arange(8), 7)
    for count in range(8):
        expected = binomtest(count, 7).proportion_ci(method="exact")
        assert (low[count], high[count]) == pytest.approx((expected.low, expected.high))


def test_product_limit_where_its_scale_has_no_value():
    """Five waits: one left after 2 days, the others ended after 4, 4, 6 and 7."""
    table = product_limit(np.array([2, 4, 4, 6, 7]), np.array([False, True, True, True, True]))
    assert table["share"].tolist() == pytest.approx([1, 1, 1 / 2, 1 / 4, 0])
    # Nothing has ended: 5 of 5 at the start, and still 5 of 5 at risk on day 2.
    assert table["at_risk"][:2].tolist() == [5, 5]
    assert table["low"][:2].tolist() == pytest.approx(
        [binomtest(5, 5).proportion_ci(method="exact").low] * 2
    )
    assert table["high"][:2].tolist() == [1, 1]
    # None goes on: from 0 to the last upper limit.
    assert table["low"].iloc[-1] == 0
    assert table["high"].iloc[-1] == table["high"].iloc[-2] < 1
    at_once = product_limit(np.zeros(3), np.ones(3, dtype=bool))
    assert at_once[["at_risk", "ended", "share", "low", "high"]].values.tolist() == [
        [3, 3, 0, 0, 1]
    ]
    never = product_limit(np.array([5, 9]), np.zeros(2, dtype=bool))
    assert never["share"].tolist() == [1, 1, 1]
    assert never["low"].tolist() == pytest.approx([0.025**0.5, 0.025**0.5, 0.025])


@pytest.mark.parametrize(("waits", "least"), [(17, 0.92), (60, 0.93), (106, 0.93)])
def test_limits_of_a_curve_without_censoring_hold_the_truth_as_often_as_stated(waits, least):
    """Exact: the chance of every number of waits still open, for every true share."""
    open_ = np.arange(waits + 1)
    limits = []
    for number in open_:
        days = np.minimum(np.arange(waits), waits - number) + 1
        table = product_limit(days, days <= waits - number)
        limits.append(table.loc[table["days"] <= waits - number, ["low", "high"]].iloc[-1])
    low, high = np.array(limits).T[:, :, None]
    truth = np.linspace(0.05, 0.95, 181)
    held = (binom.pmf(open_[:, None], waits, truth) * ((low <= truth) & (truth <= high))).sum(0)
    assert held.min() >= least
    assert 0.945 <= held.mean() <= 0.965


def test_limits_of_a_curve_with_censoring_hold_the_truth():
    """1,000 samples of 17 waits, of which a third are not seen to end."""
    generator = np.random.default_rng(8)
    truth = np.array([0.95, 0.75, 0.5, 0.3])
    at = -1000 * np.log(truth)
    held = np.zeros(4)
    for _ in range(1000):
        wait, followed = generator.exponential(1000, 17), generator.uniform(300, 4000, 17)
        table = product_limit(np.minimum(wait, followed), wait <= followed)
        rows = table.iloc[table["days"].searchsorted(at, side="right") - 1]
        held += (rows["low"].to_numpy() <= truth) & (truth <= rows["high"].to_numpy())
    assert (held / 1000 >= 0.93).all()
    assert (held / 1000 < 0.99).all()
