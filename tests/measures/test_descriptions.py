"""Steps are found where they are, smooth rates are not cut into steps, and doubt is said.

Outside referees: statsmodels (negative binomial regression), ruptures (segmentation), every
segmentation written out. Calibration tests draw few series; the docstrings of the functions
state what more of them gave.
"""

import itertools

import numpy as np
import pandas as pd
import pytest
from conftest import calibrated, measured
from scipy.optimize import minimize
from scipy.stats import binom, gamma

from relations.measures._descriptions import EXCESS, descriptions, fitted
from relations.measures._phase_rates import phase_rates
from relations.measures._scatter import (
    LEVELS,
    draws,
    inflation,
    log_likelihood,
    rough,
    slopes,
)
from relations.measures._segments import Segments
from relations.measures._smooths import (
    chance_of_steps,
    deviance,
    smooth_fits,
    steps_criterion,
)


def series(counts, exposure=1.0):
    periods = pd.date_range("2000-01-01", periods=len(counts), freq="YS")
    return pd.DataFrame({"period": periods, "count": counts, "exposure": exposure})


# A slow rise, and two levels with a jump, of as many years as the record has.
RISE = series([1, 1, 0, 1, 0, 3, 5, 1, 1, 5, 8, 8, 8, 13, 8, 14, 21, 22, 20, 23, 12, 27, 17, 33])
JUMP = series([2, 1, 3, 2, 1, 3, 2, 2, 1, 1, 2, 1, 14, 16, 13, 15, 17, 14, 12, 15, 14, 16, 15, 17])


def by_name(table):
    return table.set_index("description")


# Likelihood and fits


def test_slopes_are_those_of_the_log_likelihood():
    count, mean, step = np.array([0.0, 3, 20]), np.array([1.5, 3.3, 14]), 1e-6
    by_mean, by_excess = slopes(count, mean, 0.7)
    up = log_likelihood(count, mean * np.exp(step), 0.7)
    down = log_likelihood(count, mean * np.exp(-step), 0.7)
    assert by_mean == pytest.approx((up - down) / (2 * step), rel=1e-6)
    up = log_likelihood(count, mean, 0.7 * np.exp(step))
    down = log_likelihood(count, mean, 0.7 * np.exp(-step))
    assert by_excess == pytest.approx((up - down) / (2 * step), rel=1e-6)


def test_counts_add_up():
    """Half a year and half a year make a year that scatters in the same proportion."""
    counts = np.arange(200.0)
    half = np.exp(log_likelihood(counts, 3.0, 1.5))
    whole = np.convolve(half, half)[:200]
    assert whole == pytest.approx(np.exp(log_likelihood(counts, 6.0, 1.5)), abs=1e-12)


@pytest.mark.parametrize(("name", "powers"), [("exponential", 2), ("log-quadratic", 3)])
def test_regressions_are_those_of_statsmodels(name, powers):
    discrete = pytest.importorskip("statsmodels.discrete.discrete_model")
    frame = RISE.assign(exposure=[1.0] * 23 + [0.75])
    time = np.linspace(-0.5, 0.5, len(frame))
    model = discrete.NegativeBinomialP(
        frame["count"],
        np.column_stack([time**power for power in range(powers)]),
        p=1,
        exposure=frame["exposure"],
    )
    referee = model.fit(disp=False, maxiter=500, method="bfgs", gtol=1e-6)
    row = by_name(descriptions(frame, refits=0)).loc[name]
    assert row["log_likelihood"] == pytest.approx(referee.llf, abs=1e-5)
    assert row["dispersion"] == pytest.approx(1 + referee.params.iloc[-1], rel=1e-3)
    assert row["parameters"] == powers + 1


def test_the_line_in_root_rate_is_the_best_of_all():
    frame = RISE
    ends = np.linspace(0, 1, len(frame))

    def below(numbers):
        mean = (numbers[0] * (1 - ends) + numbers[1] * ends) ** 2
        return -log_likelihood(frame["count"].to_numpy(float), mean, np.exp(numbers[2])).sum()

    referee = minimize(below, [1, 5, 0], method="Nelder-Mead", options={"xatol": 1e-8})
    row = by_name(descriptions(frame, refits=0)).loc["√-linear"]
    assert row["log_likelihood"] == pytest.approx(-referee.fun, abs=1e-5)


def test_quick_fits_are_those_of_statsmodels():
    glm = pytest.importorskip("statsmodels.genmod.generalized_linear_model")
    families = pytest.importorskip("statsmodels.genmod.families")
    count, exposure = RISE["count"].to_numpy(float), np.ones(len(RISE))
    time = np.linspace(-0.5, 0.5, len(RISE))
    quick = smooth_fits(count[None, :], exposure)
    for name, powers in {"exponential": 2, "log-quadratic": 3}.items():
        design = np.column_stack([time**power for power in range(powers)])
        referee = glm.GLM(count, design, family=families.Poisson()).fit()
        assert deviance(count, quick[name][0][0]) == pytest.approx(referee.deviance, abs=1e-6)
    assert quick["smooth 4"][1][0] == pytest.approx(4, abs=0.6)


# Segmentations


def segmentations(size, shortest, breaks):
    for starts in itertools.combinations(range(1, size), breaks):
        edges = [0, *starts, size]
        if min(np.diff(edges)) >= shortest:
            yield starts, list(itertools.pairwise(edges))


@pytest.mark.parametrize("excess", [EXCESS[0], 0.8])
@pytest.mark.parametrize("trend", [0.0, 1.5])
def test_segmentation_is_the_best_of_all(excess, trend):
    """All segmentations of ten periods, the last of half a year, written out."""
    count = np.array([0.0, 2, 1, 9, 7, 8, 3, 2, 14, 6])
    exposure = np.array([1.0] * 9 + [0.5])
    tilt = trend * np.linspace(-0.5, 0.5, 10)
    segments = Segments(count, exposure, 2)
    paths = segments.best(segments.table(excess, tilt), 4)

    def height(start, end):
        part, years = count[start:end], (exposure * np.exp(tilt))[start:end]
        grid = np.log(part.sum() / years.sum()) + np.linspace(-0.3, 0.3, 6001)
        return max(log_likelihood(part[:, None], years[:, None] * np.exp(grid), excess).sum(axis=0))

    known = {pair: height(*pair) for pair in itertools.combinations(range(11), 2)
             if pair[1] - pair[0] >= 2}  # fmt: skip
    for breaks in range(5):
        best, starts = max(
            (sum(known[pair] for pair in pairs), starts)
            for starts, pairs in segmentations(10, 2, breaks)
        )
        assert paths[breaks][1] == starts
        assert paths[breaks][0] == pytest.approx(best, abs=1e-5)


def test_segmentation_is_that_of_ruptures():
    ruptures = pytest.importorskip("ruptures")

    class Poisson(ruptures.base.BaseCost):
        model, min_size = "poisson", 2

        def fit(self, signal):
            self.signal = signal
            return self

        def error(self, start, end):
            total = self.signal[start:end].sum()
            return -total * np.log(total / (end - start)) if total else 0.0

    count = RISE["count"].to_numpy(float)
    segments = Segments(count, np.ones(len(count)), 2)
    paths = segments.best(segments.table(EXCESS[0], np.zeros(len(count))), 4)
    referee = ruptures.Dynp(custom_cost=Poisson(), jump=1, min_size=2).fit(count[:, None])
    for breaks in range(1, 5):
        assert list(paths[breaks][1]) == referee.predict(n_bkps=breaks)[:-1]


def test_quick_steps_are_the_best_of_all():
    count, exposure = np.array([[0.0, 2, 1, 9, 7, 8, 3, 2, 14, 6]]), np.ones(10)
    known = min(
        sum(deviance(count[0, a:b], np.full(b - a, count[0, a:b].mean())) for a, b in pairs) / 1.7
        + 8 * breaks
        + 2
        for breaks in range(1, 5)
        for _, pairs in segmentations(10, 2, breaks)
    )
    assert steps_criterion(count, exposure, np.array([1.7]), 2)[0] == pytest.approx(known)


# What the table says


def test_a_jump_is_told_from_every_smooth_rate():
    table = by_name(descriptions(JUMP))
    assert table.loc["steps", "since"] == "2012"
    assert table.index[0] == "steps"
    assert set(table.index[table["tied"]]) == {"steps", "steps on a trend"}
    assert table["break_found"].all()


def test_a_rise_is_told_from_a_constant_alone():
    table = by_name(descriptions(RISE))
    assert not table.loc["constant", "tied"]
    assert table.loc[["√-linear", "log-quadratic", "smooth"], "tied"].all()
    assert not table["break_found"].any()


def test_places_of_breaks_are_paid_for():
    table = by_name(descriptions(RISE, refits=0))
    row = table.loc["steps"]
    assert row["parameters"] == row["breaks"] + 1 + 3 * row["breaks"] + 1
    inflated = inflation(row["autocorrelation"])
    paid = -2 * row["log_likelihood"] / inflated + 2 * row["parameters"]
    assert row["criterion"] == pytest.approx(paid)
    assert table["weight"].sum() == pytest.approx(1)


def test_fitted_rates_of_steps_are_those_of_their_years():
    rates = fitted(JUMP, refits=0)
    steps = rates[rates["description"] == "steps"]
    assert steps["rate"].nunique() == 2
    assert steps["rate"].iloc[0] == pytest.approx(JUMP["count"][:12].mean(), rel=0.01)
    assert len(rates) == 7 * len(JUMP)


def test_a_seed_gives_the_same_table():
    assert descriptions(RISE, seed=3).equals(descriptions(RISE, seed=3))
    assert not descriptions(RISE, seed=3).equals(descriptions(RISE, seed=4))


def test_tiers_are_pooled_into_levels():
    tiers = {"minister": JUMP["count"] - 1, "vice-chair": 1, "working": RISE["count"]}
    frame = pd.concat([RISE.assign(tier=tier, count=count) for tier, count in tiers.items()])
    frame = pd.concat([frame, RISE.assign(tier="leader", count=0)])
    table = descriptions(frame, by="tier", refits=0)
    assert list(table["tier"].unique()) == ["ministers and vice-chairs", "working level"]
    assert table.attrs["left_out"] == ["leaders"]
    ministers = table[table["tier"] == "ministers and vice-chairs"].drop(columns="tier")
    pd.testing.assert_frame_equal(
        ministers.reset_index(drop=True), descriptions(JUMP, refits=0), check_dtype=False
    )
    assert {tier for tiers in LEVELS.values() for tier in tiers} >= set(tiers)


@pytest.mark.parametrize("engine", ["polars", "duckdb", "pyarrow"])
def test_counts_of_any_engine_do(engine):
    if engine == "pyarrow":
        frame = RISE.convert_dtypes(dtype_backend="pyarrow")
    elif engine == "polars":
        frame = pytest.importorskip("polars").from_pandas(RISE)
    else:
        frame = pytest.importorskip("duckdb").from_df(RISE)
    assert descriptions(frame, refits=0).equals(descriptions(RISE, refits=0))


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (RISE.drop(columns="exposure"), "needs the column exposure"),
        (RISE.assign(exposure=0), "exposure is above 0"),
        (RISE.assign(count=0.5), "whole numbers"),
        (RISE.assign(count=0), "too few"),
        (RISE.head(7), "too few"),
        (pd.concat([RISE, RISE]), "a period stands twice"),
    ],
)
def test_refused(frame, message):
    with pytest.raises(ValueError, match=message):
        descriptions(frame, refits=0)


def test_an_unknown_tier_is_refused():
    with pytest.raises(ValueError, match="tier 'king' is not known"):
        descriptions(RISE.assign(tier="king"), by="tier")


# Calibration


def test_drawn_counts_scatter_and_depend_as_asked():
    drawn = draws(np.full(4000, 12.0), 2.0, 0.4, 5, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(12, rel=0.02)
    assert drawn.var() / drawn.mean() == pytest.approx(2, rel=0.06)
    rest = drawn - drawn.mean()
    assert (rest[:, 1:] * rest[:, :-1]).mean() / (rest**2).mean() == pytest.approx(0.4, abs=0.03)


def test_scatter_and_dependence_are_estimated_without_bias():
    """400 series of 24 years about four levels fitted to them."""
    mean = np.repeat([2.0, 6, 15, 30], 6)
    drawn = draws(mean, 2.0, 0.3, 400, np.random.default_rng(2))
    levels = np.repeat(drawn.reshape(400, 4, 6).mean(axis=2), 6, axis=1)
    dispersion, dependence = rough(drawn, levels, 4)
    assert np.mean(dependence) == pytest.approx(0.3, abs=0.12)
    assert 1.5 < np.mean(dispersion) < 2.2


@pytest.mark.parametrize(
    ("size", "mean", "growth", "dispersion", "dependence"),
    [(27, 4, 0.1, 2.5, 0.4), (20, 13, 0.0, 2.5, 0.4), (27, 13, 0.2, 1.0, 0.0)],
)
def test_smooth_series_are_seldom_given_a_break(size, mean, growth, dispersion, dependence):
    """120 series each: of a test that alarms in 5%, at most 12 with probability 0.99."""
    number = calibrated(120)
    shape = (1 + growth) ** np.arange(size)
    generator = np.random.default_rng(size)
    drawn = draws(shape * mean / shape.mean(), dispersion, dependence, number, generator)
    alarms = sum(
        chance_of_steps(count, np.ones(size), times=99, shortest=2, generator=generator)["p"]
        <= 0.03
        for count in drawn
    )
    measured(f"breaks found, growth {growth}, dispersion {dispersion}", alarms, number)
    assert alarms <= binom.ppf(0.99, number, 0.05)


def test_a_jump_is_often_found():
    """A rate that trebles, 13 a year on average, scatter 1.5: more than half are found."""
    mean = np.where(np.arange(27) < 13, 6.4, 19.1)
    generator = np.random.default_rng(5)
    found = [
        chance_of_steps(count, np.ones(27), times=99, shortest=2, generator=generator)["p"] <= 0.03
        for count in draws(mean, 1.5, 0.0, calibrated(80), generator)
    ]
    measured("a jump found", sum(found), len(found))
    assert np.mean(found) > 0.4


@pytest.mark.parametrize("name", ["exponential", "steps"])
def test_the_true_description_is_among_those_tied(name):
    """12 series: where 95% of them hold the true one, 9 or more do with probability 0.99."""
    true = {
        "exponential": np.exp(0.12 * np.arange(24)),
        "steps": np.repeat([1.1, 8.5, 18, 38], 6),
    }[name]
    number = calibrated(12)
    drawn = draws(true * 13 / true.mean(), 1.5, 0.0, number, np.random.default_rng(8))
    tied = [by_name(descriptions(series(count), refits=39)).loc[name, "tied"] for count in drawn]
    measured(f"true {name} tied", sum(tied), number)
    assert sum(tied) >= binom.ppf(0.01, number, 0.95)


# Rates of phases


@pytest.mark.parametrize("dispersion", [1.0, 1.5, 2.5])
def test_intervals_of_phases_hold_the_rate(dispersion):
    """150 series of 27 years, scatter as in the record: coverage of 95% but for chance."""
    rates, lengths = np.array([1.4, 8.3, 19.5, 42.0]), [9, 6, 8, 4]
    generator = np.random.default_rng(int(10 * dispersion))
    held = []
    for count in draws(np.repeat(rates, lengths), dispersion, 0.2, calibrated(150), generator):
        table = phase_rates(series(count), [2009, 2015, 2023])
        held.append(((table["low"] <= rates) & (rates <= table["high"])).mean())
    measured(f"phases covered, dispersion {dispersion}", sum(held), len(held))
    error = np.std(held) / np.sqrt(len(held))
    assert 0.93 - 2.5 * error <= np.mean(held) <= 0.98 + 2.5 * error


def test_more_dispersion_widens_the_intervals_of_phases():
    tables = [phase_rates(JUMP, ["2012"], dispersion) for dispersion in (1, 3)]
    widths = [(table["high"] - table["low"]).to_numpy() for table in tables]
    assert (widths[1] > 1.5 * widths[0]).all()
    assert tables[0]["rate"].equals(tables[1]["rate"])


def test_at_dispersion_1_the_interval_is_that_of_a_gamma():
    """χ² with 2n + 1 degrees of freedom: the posterior under Jeffreys' prior."""
    table = phase_rates(JUMP, [2012], 1.0)
    total, years = table["count"], table["exposure"]
    assert table["low"].to_numpy() == pytest.approx(gamma.ppf(0.025, total + 0.5) / years)
    assert table["high"].to_numpy() == pytest.approx(gamma.ppf(0.975, total + 0.5) / years)


@pytest.mark.parametrize(
    ("since", "dispersion", "message"),
    [
        ([1990], None, "phases begin in different periods"),
        ([2040], None, "phases begin in different periods"),
        ([2012], 0.5, "from 1 upwards"),
        ([2012], float("nan"), "from 1 upwards"),
        (range(2001, 2023), None, "name fewer phases"),
    ],
)
def test_phases_refused(since, dispersion, message):
    with pytest.raises(ValueError, match=message):
        phase_rates(JUMP, since, dispersion)


@pytest.mark.parametrize("every", ["YS", "QS", "MS"])
def test_a_series_with_a_period_left_out_is_refused(every):
    """Two periods on both sides of one that is missing would be taken for neighbours."""
    whole = RISE.assign(period=pd.date_range("2000-01-01", periods=len(RISE), freq=every))
    assert len(descriptions(whole, refits=0))
    for measure in (lambda counts: descriptions(counts, refits=0), fitted):
        with pytest.raises(ValueError, match=r"the period after .* is missing: hand in"):
            measure(whole.drop(index=12))
    # Where the series begins later, nothing is left out.
    assert len(descriptions(whole.drop(index=0), refits=0))


def test_partial_is_true_or_false():
    for value in ("False", None, "yes"):
        with pytest.raises(ValueError, match=r"partial is .* in row 0; say true or false"):
            descriptions(RISE.assign(partial=value), refits=0)
