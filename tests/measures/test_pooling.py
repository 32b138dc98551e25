"""Partial pooling: a published example, brute force, and calibration."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import dblquad
from scipy.stats import binom, gamma, nbinom

from relations.measures._pooling import pooled_rates

# Failures of ten pumps and their thousands of hours.
FAILURES = [5, 1, 5, 14, 3, 19, 1, 1, 4, 22]
HOURS = [94.3, 15.7, 62.9, 126, 5.24, 31.4, 1.05, 1.05, 2.1, 10.5]
# Means by BUGS as the documentation of Mamba.jl prints them (E. I. George, U. E. Makov and
# A. F. M. Smith 1993), with its Monte Carlo standard errors.
PUBLISHED = [0.0597, 0.0998, 0.0890, 0.1162, 0.6037, 0.6089, 0.8943, 0.8843, 1.5624, 1.9879]
ERRORS = [0.0004, 0.0011, 0.0005, 0.0004, 0.0062, 0.0016, 0.0301, 0.0252, 0.0238, 0.0102]


def priors_of_bugs(shape, mean):
    """Shape exponential with mean 1, rate gamma(0.1, 1), on the scale of their logarithms."""
    rate = shape / mean
    return -shape + np.log(shape) + 0.1 * np.log(rate) - rate


def test_ten_pumps_come_out_as_published():
    table = pooled_rates(FAILURES, HOURS, prior=priors_of_bugs)
    apart = np.abs(table["rate"] - PUBLISHED)
    assert (apart < 3 * np.array(ERRORS)).all()


def test_the_grid_is_brute_force_quadrature():
    counts, years = np.array([3, 0, 8]), np.array([2.0, 1.0, 4.0])

    def density(log_mean, log_shape):
        shape, mean = np.exp(log_shape), np.exp(log_mean)
        chance = nbinom.pmf(counts, shape, shape / (shape + mean * years)).prod()
        return chance * shape / (1 + shape) ** 2

    box = (np.log(1e-2), np.log(1e4), np.log(11 / 7) - 4, np.log(11 / 7) + 4)
    whole = dblquad(density, *box, epsabs=1e-10, epsrel=1e-5)[0]

    def weighted(log_mean, log_shape):
        shape, mean = np.exp(log_shape), np.exp(log_mean)
        return density(log_mean, log_shape) * (shape + 3) / (shape / mean + 2)

    mean = dblquad(weighted, *box, epsabs=1e-10, epsrel=1e-5)[0] / whole
    assert pooled_rates(counts, years)["rate"][0] == pytest.approx(mean, rel=2e-3)


def test_few_contacts_are_drawn_further_to_the_common_rate():
    table = pooled_rates(pd.Series({"many": 60, "few": 2, "none": 0}), [20, 1, 1])
    assert table.loc["many", "shrinkage"] < table.loc["few", "shrinkage"]
    assert table.loc["none", "rate"] > 0
    assert (table["low"] <= table["rate"]).all() and (table["rate"] <= table["high"]).all()
    assert table.index.tolist() == ["many", "few", "none"]


def test_groups_that_do_not_differ_are_pooled_almost_wholly():
    alike = pooled_rates([10] * 30, 10)
    assert (alike["shrinkage"] > 0.6).all()
    width = (alike["high"] - alike["low"]) / (alike["raw_high"] - alike["raw_low"])
    assert (width < 0.75).all()


def test_limits_hold_the_truth_in_95_of_100():
    # Measured at larger size: 95%; here 600 rates, so that 92.5% allow for chance.
    generator = np.random.default_rng(5)
    held = 0
    for _ in range(30):
        rate = gamma.rvs(1, scale=0.4, size=20, random_state=generator)
        table = pooled_rates(generator.poisson(rate * 25), 25)
        held += int(((table["low"] <= rate) & (rate <= table["high"])).sum())
    assert binom.ppf(0.005, 600, 0.95) <= held <= 590


@pytest.mark.parametrize(
    ("counts", "years", "message"),
    [
        ([3], 1, "two groups"),
        ([3, -1], 1, "whole numbers"),
        ([3, 1.5], 1, "whole numbers"),
        ([3, 1], 0, "above 0"),
        ([0, 0], 1, "no group"),
    ],
)
def test_refusals(counts, years, message):
    with pytest.raises(ValueError, match=message):
        pooled_rates(counts, years)
