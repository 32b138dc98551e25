"""How many times a rate stepped to a new level, and when: the exact posterior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from relations.measures._asking import By
from relations.measures._scatter import (
    SHORTEST,
    Series,
    answer,
    log_likelihood,
    series_of,
)
from relations.record import _dates
from relations.record._frames import names

Priors = Mapping[str, tuple[Sequence[float], float]]

MOST = 6
# Values of variance over mean that are equally likely beforehand.
DISPERSIONS = (1.0, 1.5, 2.0, 2.5, 3.5)
# Growth of the log rate a year: normal about 0 with this deviation, on a grid.
GROWTH, FINE, FAR = 0.1, 0.0125, 0.3
# Combinations of dispersion and growth less likely than this add nothing to the rates.
NEGLIGIBLE = 1e-5


def _priors(periods: int) -> Priors:
    """Return the three priors: weights of 0, 1, 2, … breaks, and the shape of the rates."""
    from scipy.stats import binom

    breaks = np.arange(MOST + 1)
    return {
        "rare": (0.5**breaks, 0.5),
        "even": (np.ones(MOST + 1), 1.0),
        "often": (binom.pmf(breaks, periods - 1, 0.1), 2.0),
    }


@dataclass(frozen=True)
class Posterior:
    """What is known of one series with or without trend; the first axis is the priors."""

    names: list[str]
    evidence: np.ndarray
    numbers: np.ndarray
    new_level: np.ndarray
    rate: np.ndarray
    low: np.ndarray
    high: np.ndarray


def break_posterior(
    data: Any,
    *,
    every: str = "year",
    by: By = (),
    count: str = "occasions",
    shortest: int = SHORTEST,
    dispersion: float | None = None,
    priors: Priors | None = None,
    trend: bool | None = None,
) -> pd.DataFrame:
    """Say how probable it is that a new level of contacts begins in each period.

    Parameters
    ----------
    data : Dataset, or frame with ``period``, ``count``, ``exposure``
        As `exchange_frequency` returns it; pandas, Polars, DuckDB or PySpark.
    every, count
        As for `exchange_frequency`, where ``data`` is a Dataset.
    by : column
        One column to reckon group by group; ``"tier"`` is pooled as in `descriptions`.
    shortest : int
        Fewest periods of a level.
    dispersion : float, optional
        Variance of a count over its mean; 1, 1.5, 2, 2.5 and 3.5 equally likely if left out.
    priors : dict from a name to (weights of 0, 1, 2, … breaks, shape), optional
        In place of the three below.
    trend : bool, optional
        With a trend alone, or without one; both if left out.

    Returns
    -------
    pandas.DataFrame, one row per prior, without and with a trend, (and group) and period
        ``prior``; ``trend``; ``period``; ``count``, ``exposure``, ``partial`` as counted;
        ``new_level``, probability that one begins there; ``rate``, the posterior mean per
        year, with its 95% interval ``low``, ``high``.

    Raises
    ------
    ValueError
        As `descriptions`; where a dispersion is below 1 or a prior has no weights.

    Notes
    -----
    All segmentations are summed, by the recursions of P. Fearnhead (2006, Statistics and
    Computing 16: 203–213); nothing is drawn. Counts are negative binomial with the variance
    dispersion × mean. Given how many breaks there are, all places are equally likely. Rates
    of the levels are independent, gamma of the stated shape with the mean of the series.

    ===== ========================================= =====
    prior number of breaks, up to 6                  shape
    ===== ========================================= =====
    rare  each further one half as likely            0.5
    even  equally likely                             1
    often each period begins a level with chance 0.1 2
    ===== ========================================= =====

    With a trend, rates also grow by one constant share, normal about 0 with deviation 0.1 of
    the log a year. Years are independent given all this: where they are not, slow ups and
    downs pass for levels.

    Measured: of 150 series of 16 years drawn from such a prior, as many have 0, 1, 2 and 3
    breaks as is said (``tests/measures/test_break_posterior.py``). In 24 years of 10% growth at
    dispersion 1.5, without a trend some break is all but certain in every series, whatever the
    prior; with one its median probability is 0.14, 0.41 and 0.75 (0.26, 0.60 and 0.86 at an
    autocorrelation of 0.4), and the trend has 0.97 or more. Read a break without a trend only
    beside the trend's own probability, which `break_numbers` gives.

    Examples
    --------
    >>> import pandas as pd
    >>> frequency = pd.DataFrame({
    ...     "period": pd.date_range("2003-01-01", periods=12, freq="YS"),
    ...     "count": [2, 1, 3, 2, 1, 3, 14, 16, 13, 15, 17, 14], "exposure": 1.0})
    >>> table = break_posterior(frequency)
    >>> even = table[(table["prior"] == "even") & ~table["trend"]]
    >>> even.nlargest(1, "new_level")[["period", "new_level"]].round({"new_level": 2})
           period  new_level
    18 2009-01-01       0.98
    """
    rows = []
    posteriors, left_out = _posteriors(
        data, "break_posterior", every, by, count, shortest, dispersion, priors, trend
    )
    for series, trended, found in posteriors:
        for place, prior in enumerate(found.names):
            part = series.frame[["period", "count", "exposure", "partial"]].copy()
            part["count"] = part["count"].astype("int64")
            for column in ("new_level", "rate", "low", "high"):
                part[column] = getattr(found, column)[place]
            part.insert(0, "trend", trended)
            part.insert(0, "prior", prior)
            for column, value in series.key.items():
                part.insert(0, column, value)
            rows.append(part)
    return answer(pd.concat(rows), data, count, left_out)


def break_numbers(
    data: Any,
    *,
    every: str = "year",
    by: By = (),
    count: str = "occasions",
    shortest: int = SHORTEST,
    dispersion: float | None = None,
    priors: Priors | None = None,
    trend: bool | None = None,
) -> pd.DataFrame:
    """Say how probable it is that the level of contacts changed so many times.

    Parameters
    ----------
    data, every, by, count, shortest, dispersion, priors, trend
        As for `break_posterior`.

    Returns
    -------
    pandas.DataFrame, one row per prior, without and with a trend, (and group) and number
        ``prior``; ``trend``; ``breaks``; ``probability`` of so many, given the trend or its
        absence; ``joint``, where either is equally likely beforehand, so that the rows of a
        prior add up to 1; ``log_evidence``, log probability of the counts given the trend
        or its absence.

    Raises
    ------
    ValueError
        As `break_posterior`.

    Examples
    --------
    >>> import pandas as pd
    >>> frequency = pd.DataFrame({
    ...     "period": pd.date_range("2003-01-01", periods=12, freq="YS"),
    ...     "count": [2, 1, 3, 2, 1, 3, 14, 16, 13, 15, 17, 14], "exposure": 1.0})
    >>> table = break_numbers(frequency)
    >>> even = table[(table["prior"] == "even") & ~table["trend"]]
    >>> even[["breaks", "probability"]].round(2).head(3)
       breaks  probability
    6       0         0.00
    7       1         0.57
    8       2         0.27
    """
    rows = []
    posteriors, left_out = _posteriors(
        data, "break_numbers", every, by, count, shortest, dispersion, priors, trend, rates=False
    )
    for series, trended, found in posteriors:
        for place, prior in enumerate(found.names):
            for breaks, probability in enumerate(found.numbers[place]):
                rows.append(
                    {
                        **series.key,
                        "prior": prior,
                        "trend": trended,
                        "breaks": breaks,
                        "probability": probability,
                        "log_evidence": found.evidence[place],
                    }
                )
    table = pd.DataFrame(rows)
    groups = [*names(by), "prior"]
    highest = table.groupby(groups)["log_evidence"].transform("max")
    joint = table["probability"] * np.exp(table["log_evidence"] - highest)
    table.insert(
        table.columns.get_loc("log_evidence"),
        "joint",
        joint / joint.groupby([table[column] for column in groups]).transform("sum"),
    )
    return answer(table, data, count, left_out)


def _posteriors(
    data: Any,
    metric: str,
    every: str,
    by: By,
    count: str,
    shortest: int,
    dispersion: float | None,
    priors: Priors | None,
    trend: bool | None,
    rates: bool = True,
) -> tuple[list[tuple[Series, bool, Posterior]], list[str]]:
    """Return the posterior of each series without and with a trend, and the groups left out."""
    if dispersion is not None and not dispersion >= 1:
        raise ValueError(f"dispersion={dispersion!r}: a variance over a mean, from 1 upwards")
    for name, (weights, shape) in (priors or {}).items():
        usable = np.asarray(weights, float)
        if not (usable.size and (usable >= 0).all() and usable.sum() > 0 and shape > 0):
            raise ValueError(
                f"priors[{name!r}]: weights of 0, 1, 2, … breaks are not below 0, one at least "
                "above; the shape is above 0"
            )
    scatters = DISPERSIONS if dispersion is None else (float(dispersion),)
    found, left_out = series_of(data, metric, every, by, count, shortest)
    posteriors = []
    for series in found:
        asked = _priors(series.size) if priors is None else priors
        for trended in (False, True) if trend is None else (bool(trend),):
            known = _posterior(series, shortest, scatters, asked, trended, rates)
            posteriors.append((series, trended, known))
    return posteriors, left_out


def _posterior(
    series: Series,
    shortest: int,
    scatters: Sequence[float],
    priors: Priors,
    trend: bool,
    rates: bool = True,
) -> Posterior:
    count, exposure, size = series.count, series.exposure, series.size
    period = series.frame["period"]
    years = ((period - period.iloc[0]).dt.days / _dates.DAYS_PER_YEAR).to_numpy()
    years = years - years.mean()
    grown = np.arange(-FAR, FAR + FINE / 2, FINE) if trend else np.zeros(1)
    chance = np.exp(-((grown / GROWTH) ** 2) / 2)
    combined = [(scatter, growth) for scatter in scatters for growth in grown]
    before = np.tile(np.log(chance / chance.sum()), len(scatters)) - np.log(len(scatters))
    mean = count.sum() / exposure.sum()
    log_rates, weights = _rate_grid(series, [shape for _, shape in priors.values()], mean)
    starts, ends = np.array(
        [(start, end) for start in range(size) for end in range(start + shortest, size + 1)]
    ).T

    def segments(scatter: float, growth: float) -> np.ndarray:
        """Return the log-likelihood of each segment at each rate of the grid."""
        means = np.exp(np.log(exposure)[:, None] + log_rates + growth * years[:, None])
        each = log_likelihood(count[:, None], means, scatter - 1)
        total = np.vstack([np.zeros(len(log_rates)), each.cumsum(axis=0)])
        return total[ends] - total[starts]

    marginal = np.full((len(combined), len(priors), size + 1, size + 1), -np.inf)
    for place, combination in enumerate(combined):
        likelihood = segments(*combination)
        highest = likelihood.max(axis=1)
        summed = np.exp(likelihood - highest[:, None]) @ weights.T
        marginal[place][:, starts, ends] = np.log(summed).T + highest
    log_numbers = _log_numbers(priors, size, shortest)
    forth = _recursion(marginal[..., 0, :], np.swapaxes(marginal, -1, -2), log_numbers.shape[1])
    back = _recursion(marginal[..., :, size], marginal, log_numbers.shape[1])
    whole = forth[..., size] + log_numbers.T[:, None, :] + before[None, :, None]
    evidence = _log_sum(whole, (0, 1))
    numbers = np.exp(whole - evidence).sum(axis=1).T
    low = high = rate = new_level = np.full((len(priors), size), np.nan)
    if rates:
        within = _segment_shares(marginal, forth, back, before, log_numbers, evidence)
        new_level = within.sum(axis=(0, 3))[:, :size]
        new_level[:, 0] = 0.0
        rate, low, high = _rates(
            segments, combined, within[:, :, starts, ends], marginal[:, :, starts, ends],
            log_rates, weights, starts, ends, years,
        )  # fmt: skip
    return Posterior(list(priors), evidence, numbers, new_level, rate, low, high)


def _rate_grid(
    series: Series, shapes: Sequence[float], mean: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return log rates, and for each prior what it gives to each, so that sums are integrals."""
    from scipy.stats import gamma

    priors = [gamma(shape, scale=mean / shape) for shape in shapes]
    step = min(0.1, 0.8 / np.sqrt(series.count.sum()))
    lowest = np.log(min(prior.ppf(1e-5) for prior in priors))
    most = 3 * (series.count.max() + 5) / series.exposure[series.count.argmax()]
    highest = np.log(max(most, *(prior.ppf(1 - 1e-7) for prior in priors)))
    log_rates = np.arange(lowest, highest + step, step)
    weights = np.array([prior.pdf(np.exp(log_rates)) for prior in priors]) * np.exp(log_rates)
    weights = weights * step
    # Below the lowest rate no contact is to be expected: all such rates are one.
    weights[:, 0] = weights[:, 0] / 2 + [prior.cdf(np.exp(lowest)) for prior in priors]
    return log_rates, weights


def _log_numbers(priors: Priors, size: int, shortest: int) -> np.ndarray:
    """Return for each prior the log chance of one segmentation with 0, 1, 2, … breaks."""
    from scipy.special import comb

    longest = max(len(weights) for weights, _ in priors.values())
    most = min(longest, size // shortest)
    ways = np.array([comb(size - (k + 1) * (shortest - 1) - 1, k) for k in range(most)])
    table = np.zeros((len(priors), most))
    for place, (weights, _) in enumerate(priors.values()):
        own = np.asarray(weights, float)[:most]
        table[place, : len(own)] = own / own.sum()
    with np.errstate(divide="ignore"):
        return np.log(table) - np.log(ways)


def _recursion(first: np.ndarray, steps: np.ndarray, most: int) -> np.ndarray:
    """Return the log probability of all before (or after) each place with 0, 1, 2, … breaks."""
    found = [first]
    for _ in range(most - 1):
        found.append(_log_sum(found[-1][..., None, :] + steps, (-1,)))
    return np.array(found)


def _log_sum(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    highest = values.max(axis=axes, keepdims=True)
    highest = np.where(np.isfinite(highest), highest, 0.0)
    with np.errstate(divide="ignore"):
        total = np.log(np.exp(values - highest).sum(axis=axes))
    return total + highest.squeeze(axes)


def _segment_shares(
    marginal: np.ndarray,
    forth: np.ndarray,
    back: np.ndarray,
    before: np.ndarray,
    log_numbers: np.ndarray,
    evidence: np.ndarray,
) -> np.ndarray:
    """Return the probability of each segment, by combination, prior, start and end."""
    most, size = len(forth), marginal.shape[-1] - 1
    shares = np.zeros_like(marginal)
    # Nothing stands before the first place and after the last.
    edge = np.full_like(forth[:1], -np.inf)
    opening, closing = np.concatenate([edge, forth]), np.concatenate([edge, back])
    opening[0, ..., 0] = closing[0, ..., size] = 0.0
    opening[1:, ..., 0] = closing[1:, ..., size] = -np.inf
    for earlier in range(most):
        for later in range(most - earlier):
            known = (log_numbers[:, earlier + later] - evidence)[:, None, None]
            around = opening[earlier][..., :, None] + closing[later][..., None, :]
            shares += np.exp(marginal + around + known + before[:, None, None, None])
    return shares


def _rates(
    segments: Any,
    combined: list[tuple[float, float]],
    within: np.ndarray,
    marginal: np.ndarray,
    log_rates: np.ndarray,
    weights: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    years: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean and 95% limits of the rate in each period, for each prior."""
    step = (log_rates[1] - log_rates[0]) / 2
    reach = FAR * np.abs(years).max()
    lowest = log_rates[0] - reach
    cells = int((log_rates[-1] - log_rates[0] + 2 * reach) / step) + 2
    priors, size = len(weights), len(years)
    density = np.zeros((priors, size, cells))
    rate = np.zeros((priors, size))
    inside = (starts <= np.arange(size)[:, None]) & (np.arange(size)[:, None] < ends)
    for place, (scatter, growth) in enumerate(combined):
        if within[place].sum(axis=1).max() < NEGLIGIBLE:
            continue
        likelihood = segments(scatter, growth)
        highest = likelihood.max(axis=1)
        likelihood = np.exp(likelihood - highest[:, None])
        shifted = log_rates + growth * years[:, None]
        cell = np.rint((shifted - lowest) / step).astype(int)
        cell += cells * np.arange(size)[:, None]
        for prior in range(priors):
            share = within[place, prior] * np.exp(highest - marginal[place, prior])
            shares = (inside * share) @ likelihood * weights[prior]
            rate[prior] += (shares * np.exp(shifted)).sum(axis=1)
            density[prior] += np.bincount(
                cell.ravel(), shares.ravel(), minlength=size * cells
            ).reshape(size, cells)
    below = density.cumsum(axis=2)
    total = below[..., -1]
    edges = lowest + step * (np.arange(cells) + 0.5)
    low, high = (
        np.array(
            [[np.exp(np.interp(share * row[-1], row, edges)) for row in prior] for prior in below]
        )
        for share in (0.025, 0.975)
    )
    return rate / total, low, high
