"""Yearly counts whose scatter and dependence are estimated: the series, and what they obey.

Contacts come in bursts and one year resembles the next. The variance of a count is its mean
times ``dispersion``, as of bursts whose number is Poisson and whose sizes are logarithmic (the
negative binomial called NB1): such counts add up, so that part of a year scatters in the same
proportion as a whole one. Residuals of neighbouring periods are correlated by
``autocorrelation``, dying out by powers (AR(1)).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from relations.measures._asking import By, describe, require_booleans, require_numbers
from relations.record._frames import collect, names, narrow
from relations.record._periods import gap_after, length_of
from relations.record.dataset import Dataset

SHORTEST = 2
# Fewest contacts of a series of which rates can be told apart.
FEWEST = 10
# Tiers pooled into levels that hold enough contacts each.
LEVELS = {
    "leaders": ("leader",),
    "ministers and vice-chairs": ("vice-chair", "minister", "commission"),
    "deputies and services": ("deputy",),
    "working level": ("working",),
    "no level": ("outside the scale", "undated", "unnamed"),
}
LEVEL_OF = {tier: level for level, tiers in LEVELS.items() for tier in tiers}
# More autocorrelation than this cannot be told from a trend in so few periods.
STRONGEST = 0.7
# Dependence is not learnt from so few periods: of the estimate this share is kept, this added.
KEPT, ADDED = 0.7, 0.2


class Series:
    """Counts per period, with years of exposure, and the group of which they are."""

    def __init__(self, frame: pd.DataFrame, key: dict[str, Any]) -> None:
        self.frame, self.key = frame.reset_index(drop=True), key
        self.count = frame["count"].to_numpy(float)
        self.exposure = frame["exposure"].to_numpy(float)
        self.size = len(frame)


def series_of(
    data: Any, metric: str, every: str, by: By, count: str, shortest: int
) -> tuple[list[Series], list[str]]:
    """Return the counts of a Dataset or of a frame of counts, group by group, and what is left out.

    Tiers are pooled into `LEVELS`. Groups with fewer than `FEWEST` contacts are left out.
    """
    if shortest < 1:
        raise ValueError(f"shortest={shortest!r}: a phase has at least one period")
    by = column_of(by, metric)
    frame = _counted(data, metric, every, by, count)
    if frame["period"].isna().any():
        raise ValueError(f"{metric}: a row has no period: fill or drop it")
    if by is None:
        if frame["period"].duplicated().any():
            raise ValueError(
                f"{metric}: a period stands twice: pass by= the column that the frame is "
                "counted by, or take one group of it"
            )
        found = [Series(frame, {})]
    else:
        order = [*LEVELS] if by == "tier" else sorted(frame[by].dropna().unique())
        if frame.duplicated([by, "period"]).any():
            raise ValueError(f"{metric}: a period stands twice in one value of {by}: sum them")
        found = [
            Series(frame[frame[by] == value], {by: value})
            for value in order
            if (frame[by] == value).any()
        ]
    for one in found:
        # Two periods on both sides of one that is left out are no neighbours.
        before = gap_after(one.frame["period"], length_of(one.frame))
        if before is not None:
            raise ValueError(
                f"{metric}: the period after {before.start_time:%Y-%m-%d} is missing: hand in the "
                "counts as exchange_frequency gives them, with zeros and every period of the span"
            )
    kept = [one for one in found if one.count.sum() >= FEWEST and one.size >= 4 * shortest]
    if not kept:
        raise ValueError(
            f"{metric}: too few to tell trends from steps: needs {FEWEST} contacts in "
            f"{4 * shortest} periods; count over a longer span or more kinds together"
        )
    return kept, [str(one.key[by]) for one in found if one not in kept and by is not None]


def column_of(by: By, metric: str) -> str | None:
    """Return the one column that series are told apart by; None where there is one series."""
    given = names(by)
    if len(given) > 1:
        raise ValueError(f"{metric}: by={given}: give one column")
    return given[0] if given else None


def _counted(data: Any, metric: str, every: str, by: str | None, count: str) -> pd.DataFrame:
    if isinstance(data, Dataset):
        # Imported where used: that module may come to import from this one.
        from relations.measures.exchanges import exchange_frequency

        asked: Any = data
        span: Any = None
        if by == "tier":
            # Levels before counting: an occasion of two tiers of one level counts once.
            asked = data.contacts.assign(tier=lambda found: found["tier"].map(LEVEL_OF))
            span = data.span
        frame = exchange_frequency(asked, every, by or (), count=count, span=span)
        own = data.about(count)
    else:
        frame = data
        own = frame.attrs if isinstance(frame, pd.DataFrame) else {}
    needed = ["period", "count", "exposure", *([by] if by else [])]
    plain = collect(narrow(frame, metric, needed, ["partial"]))
    plain = require_numbers(plain, ["count", "exposure"], metric)
    if "partial" not in plain:
        plain["partial"] = False
    plain = require_booleans(plain, ["partial"], metric)
    if not (plain["exposure"] > 0).all():
        raise ValueError(f"{metric}: exposure is above 0; leave periods that are not covered out")
    if not ((plain["count"] >= 0) & (plain["count"] == np.floor(plain["count"]))).all():
        raise ValueError(f"{metric}: count holds whole numbers from 0")
    if by == "tier" and not plain["tier"].isin(LEVELS).all():
        unknown = sorted(set(plain["tier"].dropna()) - set(LEVEL_OF) - set(LEVELS))
        if unknown or plain["tier"].isna().any():
            what = repr(unknown[0]) if unknown else "empty"
            raise ValueError(f"{metric}: tier {what} is not known; there are {', '.join(LEVEL_OF)}")
        plain["tier"] = plain["tier"].map(lambda tier: LEVEL_OF.get(tier, tier))
        how = {"count": "sum", "exposure": "max", "partial": "max"}
        plain = plain.groupby(["tier", "period"], as_index=False).agg(how)
    plain = plain.sort_values([*([by] if by else []), "period"], ignore_index=True)
    plain.attrs = dict(own)
    return plain


def answer(table: pd.DataFrame, data: Any, unit: str, left_out: Sequence[str], **more: Any) -> Any:
    """Return a result that says where it is from, also where counts were handed in."""
    known = dict(getattr(data, "attrs", {})) if isinstance(data, pd.DataFrame) else {}
    result = describe(table.reset_index(drop=True), data, known.get("unit") or unit)
    result.attrs |= {key: value for key, value in known.items() if key in result.attrs}
    result.attrs |= {"left_out": list(left_out), **more}
    return result


def log_likelihood(count: Any, mean: Any, excess: float) -> Any:
    """Return the log-likelihood of each count; the variance is the mean times 1 + excess."""
    from scipy.special import gammaln, xlogy

    if excess < 1e-9:
        return xlogy(count, mean) - mean - gammaln(count + 1)
    size = np.maximum(mean, 1e-12) / excess
    return (
        gammaln(count + size)
        - gammaln(size)
        - gammaln(count + 1)
        - (size + count) * np.log1p(excess)
        + xlogy(count, excess)
    )


def slopes(count: Any, mean: Any, excess: float) -> tuple[Any, Any]:
    """Return by how much the log-likelihood rises with the log mean, and with the log excess."""
    from scipy.special import digamma

    size = np.maximum(mean, 1e-12) / excess
    by_size = digamma(count + size) - digamma(size) - np.log1p(excess)
    by_mean = size * by_size
    by_excess = -by_mean + count / (1 + excess) - size * excess / (1 + excess)
    return by_mean, by_excess


def draws(
    mean: np.ndarray,
    dispersion: float,
    autocorrelation: float,
    times: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Draw series of counts with these means, dispersion and dependence.

    The dependence is that of normal variables, AR(1), which quantiles turn into counts
    (a Gaussian copula): each count has exactly the distribution of an independent one.
    """
    from scipy.special import ndtr
    from scipy.stats import nbinom, poisson

    normal = generator.standard_normal((times, len(mean)))
    fresh = np.sqrt(1 - autocorrelation**2)
    for place in range(1, len(mean)):
        normal[:, place] = autocorrelation * normal[:, place - 1] + fresh * normal[:, place]
    share = np.clip(ndtr(normal), 1e-12, 1 - 1e-12)
    mean, excess = np.maximum(mean, 1e-9), dispersion - 1
    if excess < 1e-6:
        return poisson.ppf(share, mean)
    return nbinom.ppf(share, mean / excess, 1 / dispersion)


def rough(count: np.ndarray, mean: np.ndarray, fitted: Any) -> tuple[Any, Any]:
    """Return dispersion and autocorrelation of counts about means of which so many are fitted.

    Dispersion is Fletcher's (2012, Biometrika 99: 230–237), Pearson's freed of what small
    means do to it; autocorrelation is that of neighbouring Pearson residuals, freed of the
    bias of fitting (Marriott and Pope 1954, Biometrika 41: 390–402). By the last axis.
    """
    size = count.shape[-1]
    mean = np.maximum(mean, 1e-9)
    rest = count - mean
    pearson = (rest**2 / mean).sum(-1) / (size - fitted)
    dispersion = pearson / np.maximum(1 + (rest / mean).mean(-1), 0.3)
    scaled = rest / np.sqrt(mean)
    raw = (scaled[..., 1:] * scaled[..., :-1]).sum(-1) / np.maximum((scaled**2).sum(-1), 1e-12)
    return dispersion, (size * raw + fitted) / np.maximum(size - fitted - 2, 1)


def cautious(autocorrelation: float) -> float:
    """Return the autocorrelation to reckon with where too little would mislead."""
    return float(np.clip(KEPT * max(autocorrelation, -0.3) + ADDED, 0.0, STRONGEST))


def freed(size: int, fitted: Any, autocorrelation: Any) -> Any:
    """Return by what to multiply a dispersion whose residuals depend: fitting takes more then."""
    left = size - fitted * inflation(autocorrelation)
    return np.clip((size - fitted) / np.maximum(left, size / 2), 1, 2)


def moments(count: np.ndarray, mean: np.ndarray, fitted: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return dispersion, not below 1, and autocorrelation, from 0, of each row of counts."""
    dispersion, autocorrelation = rough(count, mean, fitted)
    autocorrelation = np.clip(autocorrelation, 0.0, STRONGEST)
    dispersion = np.maximum(dispersion, 1.0)
    return dispersion * freed(count.shape[-1], fitted, autocorrelation), autocorrelation


def inflation(autocorrelation: Any, periods: float = np.inf) -> Any:
    """Return by what dependence multiplies the variance of a mean over so many periods."""
    rho = np.asarray(autocorrelation, float)
    if np.isinf(periods):
        return (1 + rho) / (1 - rho)
    return (1 + rho) / (1 - rho) - 2 * rho * (1 - rho**periods) / (periods * (1 - rho) ** 2)
