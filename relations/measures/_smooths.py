"""Smooth rivals of steps, fitted by quasi-likelihood to many series at once, and the test."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from relations.measures._scatter import SHORTEST, draws, inflation, moments

# Akaike's price of a break: 6 for its place (Ninomiya 2015), 2 for the new level.
PLACE, NUMBER = 6.0, 2.0
# Effective degrees of freedom of the splines, from which the criterion chooses.
FREEDOM = (3.0, 4.0, 6.0)
# The spline about which dispersion and autocorrelation are measured, however the choice falls.
REFERENCE = "smooth 4"
# √rates do not fall below this: a rate of 1 in 400 years.
LEAST = 0.05
ROUNDS = 8
# Slopes of the log rate over the whole span among which that under steps is sought.
SLOPES = np.linspace(-6, 6, 17)


@functools.lru_cache(maxsize=16)
def basis(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return cubic B-splines over the periods, and the penalty on their second differences."""
    from scipy.interpolate import BSpline

    knots = np.concatenate([[0.0] * 3, np.linspace(0, 1, 7), [1.0] * 3])
    splines = BSpline.design_matrix(np.linspace(0, 1, size), knots, 3).toarray()
    differences = np.diff(np.eye(splines.shape[1]), 2, axis=0)
    return splines, differences.T @ differences


@functools.lru_cache(maxsize=64)
def stiffness(exposure: tuple[float, ...], freedom: float) -> float:
    """Return the weight of the penalty at which the spline has so many degrees of freedom."""
    from scipy.optimize import brentq

    splines, penalty = basis(len(exposure))
    cross = splines.T @ (splines * np.array(exposure)[:, None])

    def beyond(log_weight: float) -> float:
        smoother = np.linalg.solve(cross + np.exp(log_weight) * penalty, cross)
        return float(np.trace(smoother)) - freedom

    return float(np.exp(brentq(beyond, -12, 15)))


def designs(size: int) -> dict[str, np.ndarray]:
    """Return the columns of the descriptions whose log rate is linear in its numbers."""
    time = np.linspace(-0.5, 0.5, size)
    ones = np.ones(size)
    return {
        "constant": ones[:, None],
        "exponential": np.column_stack([ones, time]),
        "log-quadratic": np.column_stack([ones, time, time**2]),
    }


def smooth_fits(count: np.ndarray, exposure: np.ndarray) -> dict[str, tuple[np.ndarray, Any]]:
    """Return the means of every smooth rival for each row of counts, with its numbers."""
    rows, size = count.shape
    design = designs(size)
    fits: dict[str, tuple[np.ndarray, Any]] = {}
    level = np.maximum(count.sum(axis=1), 1e-9) / exposure.sum()
    fits["constant"] = level[:, None] * exposure, np.ones(rows)
    start = np.maximum(count, 0.5)
    fits["exponential"] = _log_linear(count, exposure, design["exponential"], start)[0], 2.0
    fits["√-linear"] = _root_linear(count, exposure), 2.0
    curved = _log_linear(count, exposure, design["log-quadratic"], start)[0]
    fits["log-quadratic"] = curved, 3.0
    splines, penalty = basis(size)
    for freedom in FREEDOM:
        weight = stiffness(tuple(exposure), freedom) * level
        mean, cross = _log_linear(count, exposure, splines, curved, weight[:, None, None] * penalty)
        plain = cross - weight[:, None, None] * penalty
        effective = np.trace(np.linalg.solve(cross, plain), axis1=1, axis2=2)
        fits[f"smooth {freedom:g}"] = mean, effective
    return {name: (mean, np.broadcast_to(k, rows)) for name, (mean, k) in fits.items()}


def _log_linear(
    count: np.ndarray,
    exposure: np.ndarray,
    design: np.ndarray,
    start: np.ndarray,
    penalty: np.ndarray | float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Fit log rates linear in the columns, by reweighted least squares, to each row."""
    rows, size = count.shape
    width = design.shape[1]
    squares = (design[:, :, None] * design[:, None, :]).reshape(size, width**2)
    mean = start
    for _ in range(ROUNDS):
        working = np.log(mean / exposure) + (count - mean) / mean
        cross = (mean @ squares).reshape(rows, width, width) + penalty + 1e-9 * np.eye(width)
        numbers = np.linalg.solve(cross, ((mean * working) @ design)[:, :, None])[:, :, 0]
        mean = exposure * np.exp(np.clip(numbers @ design.T, -12, 12))
    return mean, cross


def _root_linear(count: np.ndarray, exposure: np.ndarray) -> np.ndarray:
    """Fit rates whose square root is a line, given by its two ends, to each row."""
    ends = np.linspace(0, 1, count.shape[1])
    line = np.column_stack([1 - ends, ends])
    inverse = np.linalg.inv((line * exposure[:, None]).T @ line)
    root = np.sqrt(np.maximum(count, 0.5) / exposure)
    numbers = (root * exposure) @ line @ inverse
    for _ in range(ROUNDS + 4):
        root = np.maximum(numbers, LEAST) @ line.T
        numbers = ((root / 2 + count / (2 * exposure * root)) * exposure) @ line @ inverse
    return exposure * (np.maximum(numbers, LEAST) @ line.T) ** 2


def deviance(count: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return the Poisson deviance of each row."""
    from scipy.special import rel_entr

    return 2 * (rel_entr(count, mean) - count + mean).sum(axis=-1)


def steps_criterion(
    count: np.ndarray, exposure: np.ndarray, scale: np.ndarray, shortest: int
) -> np.ndarray:
    """Return, of each row, the least criterion of rates in steps, with one break or more."""
    from scipy.special import xlogy

    rows, size = count.shape
    total = np.hstack([np.zeros((rows, 1)), count.cumsum(axis=1)])
    years = np.concatenate([[0.0], exposure.cumsum()])
    price = ((PLACE + NUMBER) * scale)[:, None]
    least = np.full((rows, size + 1), np.inf)
    broken = np.full((rows, size + 1), np.inf)
    for end in range(shortest, size + 1):
        starts = np.array([0, *range(shortest, end - shortest + 1)])
        inside, time = total[:, [end]] - total[:, starts], years[end] - years[starts]
        costs = -2 * xlogy(inside, inside / time)
        if len(starts) > 1:
            broken[:, end] = (least[:, starts[1:]] + costs[:, 1:] + price).min(axis=1)
        least[:, end] = np.minimum(costs[:, 0], broken[:, end])
    saturated = 2 * xlogy(count, count / exposure).sum(axis=1)
    return (broken[:, size] + saturated) / scale + NUMBER


def steps_against_smooth(
    count: np.ndarray, exposure: np.ndarray, shortest: int = SHORTEST
) -> tuple[np.ndarray, np.ndarray, list[str], np.ndarray, np.ndarray]:
    """Return of each row by how much steps beat the best smooth rival in the criterion.

    Also the means and the name of that rival, the dispersion and the autocorrelation. The
    criterion is deviance / (dispersion × inflation) + 2 × numbers + 6 × breaks.
    """
    fits = smooth_fits(count, exposure)
    names = list(fits)
    dispersion, autocorrelation = moments(count, *fits[REFERENCE])
    scale = dispersion * inflation(autocorrelation)
    criteria = np.array(
        [deviance(count, mean) / scale + NUMBER * numbers for mean, numbers in fits.values()]
    )
    best = criteria.argmin(axis=0)
    steps = steps_criterion(count, exposure, scale, shortest)
    means = np.array([fits[names[which]][0][row] for row, which in enumerate(best)])
    gain = criteria.min(axis=0) - steps
    return gain, means, [names[which] for which in best], dispersion, autocorrelation


def chance_of_steps(
    count: np.ndarray,
    exposure: np.ndarray,
    *,
    times: int,
    shortest: int,
    generator: np.random.Generator,
) -> dict[str, Any]:
    """Return how often smooth series speak for steps as much as these counts do."""
    gain, means, names, dispersion, dependence = steps_against_smooth(
        count[None, :], exposure, shortest
    )
    drawn = draws(means[0], float(dispersion[0]), float(dependence[0]), times, generator)
    null = steps_against_smooth(drawn, exposure, shortest)[0]
    return {
        "rival": names[0].split(" ")[0],
        "dispersion": float(dispersion[0]),
        "autocorrelation": float(dependence[0]),
        "gain": float(gain[0]),
        # Rounding must not make an equal series look smaller.
        "p": float((1 + (null >= gain[0] - 1e-9).sum()) / (1 + times)),
    }


def criteria(
    count: np.ndarray, exposure: np.ndarray, scale: float, shortest: int
) -> tuple[list[str], np.ndarray]:
    """Return the names of all descriptions, and the criterion of each for each row of counts."""
    found: dict[str, np.ndarray] = {}
    for name, (mean, numbers) in smooth_fits(count, exposure).items():
        criterion = deviance(count, mean) / scale + NUMBER * numbers
        name = name.split(" ")[0]
        found[name] = np.minimum(found.get(name, criterion), criterion)
    scales = np.full(len(count), scale)
    found["steps"] = steps_criterion(count, exposure, scales, shortest)
    time = np.linspace(-0.5, 0.5, count.shape[1])
    tilted = [exposure * np.exp(slope * time) for slope in SLOPES]
    on_trend = [steps_criterion(count, tilt, scales, shortest) for tilt in tilted]
    found["steps on a trend"] = np.min(on_trend, axis=0) + NUMBER
    return list(found), np.array(list(found.values()))


def chances(
    count: np.ndarray,
    exposure: np.ndarray,
    means: dict[str, list[np.ndarray]],
    dispersion: float,
    dependence: float,
    *,
    times: int,
    shortest: int,
    generator: np.random.Generator,
) -> dict[str, float]:
    """Return of each description how often it lies as far behind the best where it is true.

    Series are drawn with its fitted means and with the dispersion and dependence given,
    which are those about the best description. Of a description with several means, such as
    steps with one break, two and so on, it is that under which it is most often so far behind.
    """
    scale = float(dispersion * inflation(dependence))
    names, known = criteria(count[None, :], exposure, scale, shortest)
    behind = (known - known.min(axis=0))[:, 0]
    found = {}
    for place, name in enumerate(names):
        shares = []
        for mean in means[name]:
            drawn = draws(mean, dispersion, dependence, times, generator)
            _, under = criteria(drawn, exposure, scale, shortest)
            # Rounding must not make an equal series look smaller.
            as_far = under[place] - under.min(axis=0) >= behind[place] - 1e-9
            shares.append((1 + as_far.sum()) / (1 + times))
        found[name] = float(max(shares))
    return found
