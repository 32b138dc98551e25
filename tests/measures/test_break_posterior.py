"""The posterior over breaks is that of every segmentation written out, and of the literature."""

import itertools

import numpy as np
import pandas as pd
import pytest
from conftest import calibrated
from scipy.integrate import dblquad
from scipy.special import gammaln
from scipy.stats import binom, gamma, norm, poisson

from relations.measures._breaks import break_numbers, break_posterior
from relations.measures._scatter import draws

SHAPE = 1.5
ONE = {"one": ([0.5, 0.2, 0.2, 0.1], SHAPE)}
COUNTS = np.array([2, 0, 1, 9, 7, 12, 3, 4])
YEARS = np.array([1.0] * 7 + [0.5])
# Coal-mining disasters in Britain by year, 1851 to 1962 (R. G. Jarrett 1979, Biometrika 66).
COAL = [
    *[4, 5, 4, 1, 0, 4, 3, 4, 0, 6, 3, 3, 4, 0, 2, 6, 3, 3, 5, 4, 5, 3, 1, 4, 4, 1, 5, 5],
    *[3, 4, 2, 5, 2, 2, 3, 4, 2, 1, 3, 2, 2, 1, 1, 1, 1, 3, 0, 0, 1, 0, 1, 1, 0, 0, 3, 1],
    *[0, 3, 2, 2, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 2, 1, 0, 0, 0, 1, 1, 0, 2, 3, 3, 1, 1],
    *[2, 1, 1, 1, 1, 2, 3, 3, 0, 0, 0, 1, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1],
]


def series(counts, exposure=1.0, since="2000-01-01"):
    periods = pd.date_range(since, periods=len(counts), freq="YS")
    return pd.DataFrame({"period": periods, "count": counts, "exposure": exposure})


def rows(table, trend=False, prior=None):
    known = table[table["trend"] == trend]
    return known if prior is None else known[known["prior"] == prior]


def written_out(counts, years, weights, shape, shortest):
    """Every segmentation with its probability, by the gamma–Poisson formula."""
    size, rate = len(counts), shape * years.sum() / counts.sum()
    found = {}
    for breaks, weight in enumerate(weights):
        allowed = [
            starts
            for starts in itertools.combinations(range(1, size), breaks)
            if min(np.diff([0, *starts, size])) >= shortest
        ]
        for starts in allowed:
            value = np.log(weight / len(allowed))
            for one, end in itertools.pairwise([0, *starts, size]):
                n, t = counts[one:end].sum(), years[one:end].sum()
                value += (
                    shape * np.log(rate) - gammaln(shape)
                    + gammaln(shape + n) - (shape + n) * np.log(rate + t)
                    + (counts[one:end] * np.log(years[one:end])).sum()
                    - gammaln(counts[one:end] + 1).sum()
                )  # fmt: skip
            found[starts] = value
    evidence = np.logaddexp.reduce(list(found.values()))
    return {starts: np.exp(value - evidence) for starts, value in found.items()}, evidence, rate


@pytest.mark.parametrize("shortest", [1, 2])
def test_the_posterior_is_that_of_all_segmentations(shortest):
    known, evidence, rate = written_out(COUNTS, YEARS, ONE["one"][0], SHAPE, shortest)
    asked = {"shortest": shortest, "dispersion": 1, "priors": ONE}
    numbers = rows(break_numbers(series(COUNTS, YEARS), **asked))
    assert numbers["log_evidence"].iloc[0] == pytest.approx(evidence, abs=1e-6)
    for breaks in range(4):
        share = sum(p for starts, p in known.items() if len(starts) == breaks)
        assert numbers["probability"].iloc[breaks] == pytest.approx(share, abs=1e-6)
    table = rows(break_posterior(series(COUNTS, YEARS), **asked))
    for place in range(8):
        share = sum(p for starts, p in known.items() if place in starts)
        assert table["new_level"].iloc[place] == pytest.approx(share, abs=1e-6)
        mean = 0.0
        for starts, p in known.items():
            edges = [0, *starts, 8]
            one = max(edge for edge in edges if edge <= place)
            end = min(edge for edge in edges if edge > place)
            total = COUNTS[one:end].sum() + SHAPE
            mean += p * total / (YEARS[one:end].sum() + rate)
        assert table["rate"].iloc[place] == pytest.approx(mean, rel=1e-5)


def test_without_breaks_the_interval_is_that_of_a_gamma():
    table = rows(
        break_posterior(series(COUNTS, YEARS), dispersion=1, priors={"none": ([1], SHAPE)})
    )
    total, mean = COUNTS.sum(), COUNTS.sum() / YEARS.sum()
    known = gamma(SHAPE + total, scale=1 / (SHAPE / mean + YEARS.sum()))
    assert table["low"].iloc[3] == pytest.approx(known.ppf(0.025), rel=0.03)
    assert table["high"].iloc[3] == pytest.approx(known.ppf(0.975), rel=0.03)
    assert (table["new_level"] == 0).all()


def test_growth_is_integrated_out():
    """No break, 8 years: the integral over rate and growth by quadrature."""
    mean = COUNTS.sum() / YEARS.sum()
    years = np.arange(8.0) * 365.25 / 365.2425
    years = years - years.mean()

    def height(log_rate, growth):
        rate = np.exp(log_rate)
        return (
            np.exp(poisson.logpmf(COUNTS, YEARS * rate * np.exp(growth * years)).sum())
            * gamma.pdf(rate, SHAPE, scale=mean / SHAPE) * rate * norm.pdf(growth, scale=0.1)
        )  # fmt: skip

    known = dblquad(height, -0.45, 0.45, np.log(mean) - 4, np.log(mean) + 3, epsabs=1e-16)[0]
    found = rows(
        break_numbers(series(COUNTS, YEARS), dispersion=1, priors={"none": ([1], SHAPE)}), True
    )
    assert found["log_evidence"].iloc[0] == pytest.approx(np.log(known), abs=0.01)


def test_coal_disasters_change_where_the_literature_has_it():
    """One break known to be: B. P. Carlin and others (1992, Applied Statistics 41: 389–405).

    Their posterior of the last year before the break has its mode at the 41st, 1891, and the
    three likeliest years are the 39th to the 41st; rates are about 3.1 and 0.9 a year.
    """
    assert (len(COAL), sum(COAL)) == (112, 191)
    one = {"one": ([0, 1], 0.5)}
    table = rows(
        break_posterior(series(COAL, since="1851-01-01"), dispersion=1, priors=one, trend=False)
    )
    likely = table.nlargest(3, "new_level")["period"].dt.year
    assert likely.iloc[0] == 1892
    assert sorted(likely) == [1890, 1891, 1892]
    assert table["rate"].iloc[0] == pytest.approx(3.1, abs=0.1)
    assert table["rate"].iloc[-1] == pytest.approx(0.92, abs=0.05)


def test_coal_disasters_have_a_break():
    """That there is none is out of the question, whatever the prior."""
    numbers = rows(break_numbers(series(COAL, since="1851-01-01"), trend=False))
    assert (numbers.loc[numbers["breaks"] == 0, "probability"] < 1e-6).all()


def test_probabilities_add_up():
    frame = series([2, 1, 3, 2, 1, 3, 14, 16, 13, 15, 17, 14])
    numbers, table = break_numbers(frame), break_posterior(frame)
    groups = numbers.groupby(["prior", "trend"])
    assert groups["probability"].sum().to_numpy() == pytest.approx(1)
    assert numbers.groupby("prior")["joint"].sum().to_numpy() == pytest.approx(1)
    expected = groups.apply(lambda own: (own["breaks"] * own["probability"]).sum())
    found = table.groupby(["prior", "trend"])["new_level"].sum()
    assert found.to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-6)
    assert table["rate"].between(table["low"], table["high"]).all()
    assert list(numbers["prior"].unique()) == ["rare", "even", "often"]


def test_groups_are_reckoned_apart():
    one, other = series([2, 1, 3, 2, 14, 16, 13, 15]), series([5, 6, 4, 5, 6, 5, 4, 6])
    both = pd.concat([one.assign(kind="a"), other.assign(kind="b")])
    table = break_numbers(both, by="kind")
    alone = break_numbers(other)
    found = table[table["kind"] == "b"].drop(columns="kind").reset_index(drop=True)
    pd.testing.assert_frame_equal(found, alone)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"dispersion": 0.5}, "from 1 upwards"),
        ({"priors": {"bad": ([0, 0], 1)}}, "weights of 0, 1, 2"),
        ({"priors": {"bad": ([1], 0)}}, "the shape is above 0"),
    ],
)
def test_refused(asked, message):
    with pytest.raises(ValueError, match=message):
        break_numbers(series([2, 1, 3, 2, 14, 16, 13, 15]), **asked)


def test_probabilities_mean_what_they_say():
    """150 series drawn from the prior "even": breaks are there as often as is said.

    Rates are gamma as stated but for their mean, which the series itself gives.
    """
    drawn = calibrated(150)
    generator = np.random.default_rng(3)
    said, true = [], []
    prior = {"even": (np.ones(4), 1.0)}
    while len(true) < drawn:
        starts = np.sort(generator.choice(np.arange(1, 16), generator.integers(4), replace=False))
        lengths = np.diff([0, *starts, 16])
        mean = np.repeat(generator.exponential(10, len(lengths)), lengths)
        count = draws(mean, 1.5, 0.0, 1, generator)[0]
        if count.sum() < 10:
            continue
        table = rows(
            break_numbers(series(count), shortest=1, dispersion=1.5, priors=prior, trend=False)
        )
        said.append(table["probability"].to_numpy())
        true.append(len(starts))
    for number in range(4):
        share = np.mean([probability[number] for probability in said])
        error = np.sqrt(share * (1 - share) / drawn)
        assert np.mean(np.array(true) == number) == pytest.approx(share, abs=3 * error)
    right = np.mean(
        [probability.argmax() == number for probability, number in zip(said, true, strict=True)]
    )
    assert right >= binom.ppf(0.01, drawn, np.mean([each.max() for each in said])) / drawn
