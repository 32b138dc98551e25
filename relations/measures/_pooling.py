"""Rates of groups with few contacts, drawn towards what all groups have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from relations.measures import _intervals

Floats = NDArray[np.float64]
# Log density of the shape and the mean rate of all groups.
Prior = Callable[[Floats, Floats], Floats]

POINTS = 61
COLUMNS = ["count", "exposure", "rate", "low", "high", "raw", "raw_low", "raw_high", "shrinkage"]


def pooled_rates(counts: Any, exposure: Any, *, prior: Prior | None = None) -> pd.DataFrame:
    """Estimate the rate of each group, those with few contacts partly from the others.

    Parameters
    ----------
    counts : numbers of contacts, one for each group
        A Series keeps its index.
    exposure : years in which they were counted; one number, or one for each group
    prior : function of shape and mean rate (arrays), optional
        Log density of the two numbers that all groups share, on the scale of their logarithms,
        in place of the one below.

    Returns
    -------
    pandas.DataFrame, one row per group
        ``count``, ``exposure``; ``rate`` with its 95% limits ``low``, ``high`` after pooling;
        ``raw``, ``raw_low``, ``raw_high`` without (Garwood); ``shrinkage``, how far the rate
        lies on the way from the raw one to the common one, 0 to 1. ``attrs`` holds
        ``common``, the mean rate of groups, and ``spread``, the coefficient of variation
        between them.

    Raises
    ------
    ValueError
        Where there are fewer than two groups, a count is below 0 or no whole number, or an
        exposure is not above 0.

    Notes
    -----
    Counts are Poisson and rates gamma with shape a and mean m (hierarchical gamma-Poisson).
    Shape and mean are not fixed at their best values, which makes limits too narrow, but
    summed over a grid: flat in log m, and density 1/(1+a)² for a, which is uniform for the
    weight 1/(1+a) of a group with a single expected contact (C. L. Christiansen and C. N.
    Morris 1997, JASA 92: 618–632). No draws are made. With the priors of BUGS the means of
    ten pumps (E. I. George, U. E. Makov and A. F. M. Smith 1993) come out as published.

    In 400 draws of 20 groups over 25 years, rates gamma with shape 1 and mean 0.4, limits held
    94.7% of the true rates and were 0.87 times as wide as those of Garwood, which held 97.0%;
    of 12 groups over 5 years with shape 4 they held 95.6%, 0.58 times as wide
    (``tests/measures/test_pooling.py`` draws such groups).

    Examples
    --------
    >>> table = pooled_rates(pd.Series({"visit": 12, "call": 1, "drill": 0}), 10)
    >>> bool(table.loc["drill", "rate"] > 0)
    True
    """
    index = counts.index if isinstance(counts, pd.Series) else None
    number = np.asarray(counts, dtype="float64")
    years = np.broadcast_to(np.asarray(exposure, dtype="float64"), number.shape)
    if number.ndim != 1 or len(number) < 2:
        raise ValueError("pooled_rates: give the counts of two groups or more")
    if not ((number >= 0) & (number == np.floor(number))).all():
        raise ValueError("pooled_rates: counts are whole numbers, 0 or more")
    if not (np.isfinite(years) & (years > 0)).all():
        raise ValueError("pooled_rates: exposure is above 0; leave a group that has none out")
    if not number.any():
        raise ValueError("pooled_rates: no group has a contact, so that nothing is in common")
    shape, mean, weight = _grid(number, years, prior)
    rows = []
    for n, t in zip(number, years, strict=True):
        # Given shape and mean the rate is gamma again.
        a, scale = shape + n, 1 / (shape / mean + t)
        rate = float((weight * a * scale).sum())
        low, high = (_quantile(share, a, scale, weight) for share in (0.025, 0.975))
        kept = float((weight * t / (shape / mean + t)).sum())
        rows.append((int(n), t, rate, low, high, n / t, *_intervals.garwood(n, t), 1 - kept))
    table = pd.DataFrame(rows, columns=COLUMNS, index=index)
    table[["raw_low", "raw_high"]] = table[["raw_low", "raw_high"]].astype("float64")
    table.attrs = {
        "common": float((weight * mean).sum()),
        "spread": float((weight / np.sqrt(shape)).sum()),
    }
    return table


def _grid(number: Floats, years: Floats, prior: Prior | None) -> tuple[Floats, Floats, Floats]:
    """Return shapes and means with the weight that counts and prior give them."""
    from scipy.special import gammaln

    pooled = number.sum() / years.sum()
    log_shape = np.linspace(np.log(1e-2), np.log(1e4), POINTS)
    log_mean = np.log(pooled) + np.linspace(-4, 4, POINTS)
    shape, mean = (each.ravel() for each in np.meshgrid(np.exp(log_shape), np.exp(log_mean)))
    if prior is None:
        value = np.log(shape) - 2 * np.log1p(shape)
    else:
        value = prior(shape, mean)
    for n, t in zip(number, years, strict=True):
        # Negative binomial; what does not depend on shape and mean is left out.
        share = np.log1p(mean * t / shape)
        value = value + gammaln(shape + n) - gammaln(shape) - shape * share
        value = value + n * (np.log(mean) - np.log(shape) - share)
    weight = np.exp(value - value.max())
    weight /= weight.sum()
    some = weight > 1e-8
    return shape[some], mean[some], weight[some] / weight[some].sum()


def _quantile(share: float, shape: Floats, scale: Floats, weight: Floats) -> float:
    """Return the quantile of a mixture of gamma distributions."""
    from scipy.optimize import brentq
    from scipy.special import gammainc

    def above(log_rate: float) -> float:
        return float(weight @ gammainc(shape, np.exp(log_rate) / scale)) - share

    middle = np.log((weight * shape * scale).sum())
    low, high = middle - 1, middle + 1
    while above(low) > 0 and low > -700:
        low -= 5
    while above(high) < 0:
        high += 1
    return float(np.exp(brentq(above, low, high, xtol=1e-8))) if above(low) < 0 else 0.0
