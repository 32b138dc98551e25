"""Exact and near-exact 95% limits that several measures state."""

from __future__ import annotations

from typing import Any

import numpy as np

# scipy is imported where a limit is asked for: loading the tables needs none.


def wilson(count: int, total: int) -> tuple[float, float]:
    """Return the limits of a share (E. B. Wilson 1927, JASA 22: 209–212); empty of nothing."""
    from scipy.stats import binomtest

    if not total:
        return np.nan, np.nan
    interval = binomtest(count, total).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def garwood(count: Any, exposure: Any) -> tuple[Any, Any]:
    """Return the limits of a Poisson rate (F. Garwood 1936, Biometrika 28: 437–442)."""
    from scipy.stats import chi2

    # χ² with 0 degrees of freedom is not defined; nothing is below a count of 0.
    low = np.where(count > 0, chi2.ppf(0.025, 2 * np.maximum(count, 1)), 0.0)
    return low / (2 * exposure), chi2.ppf(0.975, 2 * count + 2) / (2 * exposure)
