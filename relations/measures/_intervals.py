"""Exact and near-exact 95% limits that several measures state."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

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
    # scipy.stats.chi2 calls this too, but takes half a second to import.
    from scipy.special import gammaincinv

    # χ² with 0 degrees of freedom is not defined; nothing is below a count of 0.
    low = np.where(count > 0, 2 * gammaincinv(np.maximum(count, 1), 0.025), 0.0)
    return low / (2 * exposure), 2 * gammaincinv(count + 1, 0.975) / (2 * exposure)


def with_poisson(table: pd.DataFrame) -> pd.DataFrame:
    """Add rate and exact interval to ``count`` and ``exposure``."""
    n, years = table["count"].to_numpy(), table["exposure"].to_numpy()
    low, high = garwood(n, years)
    return table.assign(rate=n / years, low=low, high=high)


def with_wilson(table: pd.DataFrame) -> pd.DataFrame:
    """Add the share of ``count`` in ``known`` with its interval; empty of nothing."""
    bounds = [
        wilson(count, known) for count, known in zip(table["count"], table["known"], strict=True)
    ]
    share = table["count"] / table["known"].where(table["known"] > 0)
    return table.assign(
        share=share.astype("float64"),
        low=np.array([low for low, _ in bounds], dtype="float64"),
        high=np.array([high for _, high in bounds], dtype="float64"),
    )


def rate_ratio(before: int, after: int, time_before: float, time_after: float) -> dict[str, float]:
    """Return the ratio of two Poisson rates with its exact interval and test.

    Given both counts, the later is binomial (E. L. Lehmann and J. P. Romano, *Testing
    Statistical Hypotheses*, 3rd ed., 2005, section 4.5), and Clopper and Pearson's interval
    of its share gives that of the ratio.
    """
    from scipy.stats import binomtest

    if not (time_before and time_after):
        return dict.fromkeys(["ratio", "low", "high", "p_value"], np.nan)
    if not before + after:
        return {"ratio": np.nan, "low": 0.0, "high": np.inf, "p_value": 1.0}
    test = binomtest(after, before + after, time_after / (time_before + time_after))
    scale = time_before / time_after
    low, high = test.proportion_ci(method="exact")
    return {
        "ratio": after / before * scale if before else np.inf,
        "low": low / (1 - low) * scale,
        "high": high / (1 - high) * scale if high < 1 else np.inf,
        "p_value": float(test.pvalue),
    }


def clopper_pearson(count: Any, total: Any) -> tuple[Any, Any]:
    """Return the exact limits of shares (1934, Biometrika 26: 404–413); 0 and 1 of nothing."""
    from scipy.stats import beta

    count, total = np.asarray(count), np.asarray(total)
    # At the ends one bound is the end itself, where the beta distribution is not defined.
    low = np.where(count > 0, beta.ppf(0.025, np.maximum(count, 1), total - count + 1), 0.0)
    high = np.where(count < total, beta.ppf(0.975, count + 1, np.maximum(total - count, 1)), 1.0)
    return low, high


def product_limit(days: np.ndarray, ended: np.ndarray) -> pd.DataFrame:
    """Return the share still waiting, by day (E. L. Kaplan and P. Meier 1958, JASA 53: 457–481).

    One row for day 0 and each day on which a wait ended or was no longer followed: ``days``,
    ``at_risk`` just before, ``ended`` and ``censored`` then, ``share``, ``low``, ``high``.
    Limits are Greenwood's on the scale log(−log). Where that scale has no value: before any
    wait has ended the share is n of n, and the lower limit the exact one of Clopper and
    Pearson; where none goes on, the limits are 0 and the last upper one.
    """
    from scipy.stats import CensoredData, ecdf

    if not len(days):
        whole = dict.fromkeys(["days", "at_risk", "ended", "censored"], np.zeros(0, "int64"))
        return pd.DataFrame(whole | dict.fromkeys(["share", "low", "high"], np.zeros(0)))
    curve = ecdf(CensoredData.right_censored(days, ~ended)).sf
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The confidence interval is undefined")
        limits = curve.confidence_interval(method="log-log")
    times = np.union1d(days, 0)
    # scipy begins at the first time in the sample; before it nothing has ended.
    before = [1.0] * (len(times) - len(curve.quantiles))
    share, low, high = (
        np.append(before, part.probabilities) for part in (curve, limits.low, limits.high)
    )
    # A product that is a half may come out a little above it, and the median would be missed.
    share = np.round(share, 12)
    at_risk = len(days) - np.searchsorted(np.sort(days), times)
    over = np.bincount(np.searchsorted(times, days[ended]), minlength=len(times))
    low = np.where(share == 1, 0.025 ** (1 / at_risk), np.where(share == 0, 0.0, low))
    high = np.where(share == 1, 1.0, high)
    if share[-1] == 0:
        high[-1] = high[-2] if len(times) > 1 else 1.0
    return pd.DataFrame(
        {
            "days": times,
            "at_risk": at_risk,
            "ended": over,
            "censored": at_risk - np.append(at_risk[1:], 0) - over,
            "share": share,
            "low": low,
            "high": high,
        }
    )
