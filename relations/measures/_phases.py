"""Phases of a constant rate, how sure their breaks are, and whether growth fits as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations.measures._asking import Asked, Status, describe, join_ids, require_numbers
from relations.measures._frequency import frequency
from relations.measures._intervals import garwood
from relations.record import _dates
from relations.record._frames import collect, narrow
from relations.record._periods import check_every
from relations.record.dataset import Dataset

SHORTEST = 2
COUNTED = ["period", "count", "exposure"]
BREAKS = {
    "since": "datetime64[us]",
    "rate_before": "float64",
    "rate_after": "float64",
    "earliest": "datetime64[us]",
    "latest": "datetime64[us]",
    "found": "float64",
    "draws": "int64",
}


def phases(
    data: Asked,
    every: str = "year",
    penalty: float | None = None,
    *,
    shortest: int = SHORTEST,
    dispersion: float = 1.0,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
    evidence: bool = False,
) -> pd.DataFrame:
    """Split counts per period into phases of a constant rate.

    Parameters
    ----------
    data : Dataset or frame of events, as `exchange_frequency` takes it, or what it returns
        That is a frame with ``period``, ``count`` and ``exposure``, counted without ``by``;
        ``every``, ``count``, ``status`` and ``span`` then say nothing. pandas, Polars, DuckDB
        or PySpark, collected.
    every : {"month", "quarter", "year"}
    penalty : float, optional
        What a further break must lower the deviance by to be made; 6 + ln(periods) if left
        out.
    shortest : int
        Fewest periods in a phase.
    dispersion : float
        Variance of a count over its mean. At 1 counts are Poisson; more makes breaks rarer.
    count, status, span
        As for `exchange_frequency`.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts counted, separated by ``;``, as
        `trace` takes them. A frame of counts needs that column.

    Returns
    -------
    pandas.DataFrame, one row per phase
        ``phase`` from 1; ``since``, ``until`` first days of its first and last period;
        ``periods``; ``count``; ``exposure`` in years; ``rate``, ``low``, ``high`` per
        year with the exact 95% Poisson interval (Garwood 1936), which takes the breaks as
        given; ``dispersion``, Pearson's chi-square over its degrees of freedom in all phases
        together: well above 1, the counts scatter more than the test assumes, and the phases
        should be found again with that dispersion; ``penalty`` as used.

    Raises
    ------
    ValueError
        As `exchange_frequency`; where a column of counts is missing, a period stands twice or
        is missing between others, an exposure is not a number above 0, a count is not a whole
        number from 0, or there are fewer than two phases' periods.

    Notes
    -----
    The number of breaks is unknown: of all segmentations the one is taken that has the least
    deviance plus penalty × breaks, by dynamic programming (Jackson and others 2005, IEEE
    Signal Processing Letters 12). Deviance of a phase with n contacts in T years, but for a
    constant: −2 n ln(n/T) / dispersion. Under the default penalty 1 to 4% of simulated series
    with one constant rate, of 8 to 105 periods with 0.3 to 20 contacts each, were given a break.

    Examples
    --------
    >>> import pandas as pd
    >>> frequency = pd.DataFrame({
    ...     "period": pd.date_range("2011-01-01", periods=8, freq="YS"),
    ...     "count": [2, 1, 3, 2, 14, 16, 13, 15], "exposure": 1.0})
    >>> phases(frequency)[["since", "count", "rate"]]
           since  count  rate
    0 2011-01-01      8   2.0
    1 2015-01-01     58  14.5
    """
    series = counts_of(
        data, "phases", every, count=count, status=status, span=span, evidence=evidence
    )
    found = split(series, "phases", penalty, shortest, dispersion)
    return about(found, data, count, every)


def breaks(
    data: Asked,
    every: str = "year",
    penalty: float | None = None,
    *,
    shortest: int = SHORTEST,
    dispersion: float = 1.0,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
    draws: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """Say how far each break between phases could lie elsewhere, or not be there.

    Parameters
    ----------
    data, every, penalty, shortest, dispersion, count, status, span
        As for `phases`.
    draws : int
        Series drawn from the phases found.
    seed : int

    Returns
    -------
    pandas.DataFrame, one row per break, none where there is one phase
        ``since`` first day of the phase that begins; ``rate_before``, ``rate_after``;
        ``earliest``, ``latest`` first days between which the break lies in 95% of the draws
        that have it; ``found`` share of draws that have it, which is a break nearer to this
        one than to any other; ``draws`` as used.

    Raises
    ------
    ValueError
        As `phases`; where ``draws`` is below 1.

    Notes
    -----
    Parametric bootstrap: counts are drawn from the rates of `phases`, Poisson, or negative
    binomial where ``dispersion`` is above 1, and split again with the same penalty. It takes
    steps for granted: of a slow rise it says where steps fit best, not that there was a step.

    Examples
    --------
    >>> import pandas as pd
    >>> frequency = pd.DataFrame({
    ...     "period": pd.date_range("2011-01-01", periods=8, freq="YS"),
    ...     "count": [2, 1, 3, 2, 14, 16, 13, 15], "exposure": 1.0})
    >>> table = breaks(frequency, draws=100)
    >>> table["since"].dt.year.tolist(), bool(table["found"].iloc[0] > 0.9)
    ([2015], True)
    """
    if draws < 1:
        raise ValueError(f"draws={draws!r}: draw at least one series")
    series = counts_of(data, "breaks", every, count=count, status=status, span=span)
    found = split(series, "breaks", penalty, shortest, dispersion)
    begins = np.cumsum(found["periods"].to_numpy())[:-1]
    exposure = series["exposure"].to_numpy(float)
    mean = np.repeat(found["rate"].to_numpy(), found["periods"]) * exposure
    counts = _draw(mean, dispersion, draws, np.random.default_rng(seed))
    penalty = float(found["penalty"].iloc[0])
    places: list[list[int]] = [[] for _ in begins]
    drawn_ends = _ends(counts, exposure, penalty, shortest, dispersion) if len(begins) else []
    for drawn in drawn_ends:
        ends = np.array(drawn[:-1], dtype=int)
        # A break that a draw has belongs to the nearest of those found, the first if equal.
        owner = np.abs(ends[:, None] - begins[None, :]).argmin(axis=1)
        for which in range(len(begins)):
            mine = ends[owner == which]
            if len(mine):
                places[which].append(int(mine[np.abs(mine - begins[which]).argmin()]))
    rows = []
    for which, at in enumerate(begins):
        spots = places[which] or [int(at)]
        low, high = np.quantile(spots, [0.025, 0.975], method="inverted_cdf").astype(int)
        rows.append(
            {
                "since": series["period"].iloc[at],
                "rate_before": found["rate"].iloc[which],
                "rate_after": found["rate"].iloc[which + 1],
                "earliest": series["period"].iloc[low],
                "latest": series["period"].iloc[high],
                "found": len(places[which]) / draws,
                "draws": draws,
            }
        )
    table = pd.DataFrame(rows, columns=[*BREAKS]).astype(BREAKS)
    return about(table, data, count, every)


def steps_or_growth(
    data: Asked,
    every: str = "year",
    penalty: float | None = None,
    *,
    shortest: int = SHORTEST,
    dispersion: float = 1.0,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Compare phases of a constant rate with one constant growth over the whole span.

    Parameters
    ----------
    data, every, penalty, shortest, dispersion, count, status, span
        As for `phases`.

    Returns
    -------
    pandas.DataFrame, two rows: "constant growth" and "phases"
        ``fit``; ``numbers`` that are fitted, a rate for each phase and the place of each
        break among them; ``deviance`` of the counts from the fit, 0 where it is exact;
        ``criterion``, the lower the better; ``growth`` per year as a share, of the first
        row alone.

    Raises
    ------
    ValueError
        As `phases`; also where no contact is counted.

    Notes
    -----
    Growth is a Poisson regression of the counts on time with the exposure as offset. The
    criterion is Akaike's with the deviance divided by the dispersion in the phases, or by 1
    where that is less (Lebreton and others 1992, Ecological Monographs 62: 67–118). Places of
    breaks are no ordinary parameters, so a difference of a few units decides nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> frequency = pd.DataFrame({
    ...     "period": pd.date_range("2011-01-01", periods=8, freq="YS"),
    ...     "count": [2, 1, 3, 2, 14, 16, 13, 15], "exposure": 1.0})
    >>> steps_or_growth(frequency)[["fit", "numbers", "deviance"]].round(1)
                   fit  numbers  deviance
    0  constant growth        2      13.2
    1           phases        3       1.4
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import rel_entr

    series = counts_of(data, "steps_or_growth", every, count=count, status=status, span=span)
    found = split(series, "steps_or_growth", penalty, shortest, dispersion)
    number, exposure = series["count"].to_numpy(float), series["exposure"].to_numpy(float)
    if not number.sum():
        raise ValueError("steps_or_growth: no contact is counted, so there is nothing to fit")
    years = (series["period"] - series["period"].iloc[0]).dt.days.to_numpy() / _dates.DAYS_PER_YEAR

    def grown(slope: float) -> np.ndarray:
        shape = exposure * np.exp(slope * (years - years.mean()))
        return shape * number.sum() / shape.sum()

    def deviance(expected: np.ndarray) -> float:
        return float(2 * (rel_entr(number, expected) - number + expected).sum())

    # Wide limits: where all contacts lie in one period no growth is large enough.
    fitted = minimize_scalar(
        lambda slope: deviance(grown(slope)), bounds=(-10, 10), options={"xatol": 1e-9}
    )
    slope = fitted.x
    steps = exposure * np.repeat(found["rate"].to_numpy(), found["periods"])
    table = pd.DataFrame(
        {
            "fit": ["constant growth", "phases"],
            "numbers": [2, 2 * len(found) - 1],
            "deviance": [deviance(grown(slope)), deviance(steps)],
        }
    )
    scatter = max(float(found["dispersion"].iloc[0]), 1.0)
    table["criterion"] = table["deviance"] / scatter + 2 * table["numbers"]
    return about(table.assign(growth=[np.expm1(slope), np.nan]), data, count, every)


def counts_of(
    data: Asked,
    metric: str,
    every: str,
    *,
    count: str,
    status: Status,
    span: Any,
    evidence: bool = False,
    gaps: bool = False,
) -> pd.DataFrame:
    """Return counts per period in order of time, counting first where contacts are given.

    Every number is made sure to be a count or an exposure, and, except where ``gaps`` may be,
    no period to be missing between others.
    """
    check_every(every)
    if is_counted(data):
        lazy = narrow(data, metric, [*COUNTED, *(["evidence"] if evidence else [])])
        if not isinstance(lazy.collect_schema()["period"], nw.Datetime):
            raise ValueError(f"{metric} needs timestamps in period, the first day of each")
        found = require_numbers(collect(lazy), ["count", "exposure"], metric)
    else:
        how: dict[str, Any] = {"count": count, "status": status, "span": span}
        _, found = frequency(data, metric, every, evidence=evidence, **how)
    if found["period"].isna().any():
        raise ValueError(f"{metric}: a row has no period: fill or drop it")
    found = found.sort_values("period", ignore_index=True)
    if found["period"].duplicated().any():
        raise ValueError(f"{metric}: one row per period; take one group of a frame counted by")
    if not (found["exposure"] > 0).all():
        raise ValueError(f"{metric}: exposure is above 0; leave periods that are not covered out")
    if not ((found["count"] >= 0) & (found["count"] == np.floor(found["count"]))).all():
        raise ValueError(f"{metric}: count holds whole numbers from 0")
    if not gaps:
        _refuse_holes(found["period"], metric)
    return found


def is_counted(data: Any) -> bool:
    """Whether a frame holds counts per period, and not contacts."""
    if isinstance(data, Dataset):
        return False
    try:
        columns = set(nw.from_native(data).collect_schema().names())
    except TypeError:
        return False
    # A frame of events has a start; without one it is taken for counts that lack a column.
    return {"period", "count"} <= columns or not columns & {"start", "precision", "status"}


def _refuse_holes(period: pd.Series, metric: str) -> None:
    """A period that is missing is no period of 0, and neighbours of it do not touch."""
    steps = np.diff((period.dt.year * 12 + period.dt.month).to_numpy())
    length = next((months for months in (12, 3) if not (steps % months).any()), 1)
    if (steps > length).any():
        before = period.iloc[int(np.argmax(steps > length))]
        missing = before + pd.DateOffset(months=length)
        raise ValueError(
            f"{metric}: the period of {missing:%Y-%m-%d} is missing between others: add it, with "
            "a count of 0 if the record covers it, or take the periods on one side"
        )


def split(
    series: pd.DataFrame, metric: str, penalty: float | None, shortest: int, dispersion: float
) -> pd.DataFrame:
    """Return the phases of counts in order of time, as `phases` does."""
    if shortest < 1:
        raise ValueError(f"shortest={shortest!r}: a phase has at least one period")
    if len(series) < 2 * shortest:
        raise ValueError(
            f"{metric}: {len(series)} periods cannot hold two phases of {shortest}; count in "
            "shorter periods or over a longer span"
        )
    if not dispersion > 0:
        raise ValueError(f"dispersion={dispersion!r}: a variance over a mean is above 0")
    penalty = _penalty(penalty, len(series))
    count, exposure = series["count"].to_numpy(float), series["exposure"].to_numpy(float)
    ends = _ends(count[None, :], exposure, penalty, shortest, dispersion)[0]
    starts = [0, *ends[:-1]]
    rows = pd.DataFrame(
        {
            "phase": range(1, len(ends) + 1),
            "since": series["period"].iloc[starts].to_numpy(),
            "until": series["period"].iloc[[end - 1 for end in ends]].to_numpy(),
            "periods": np.diff([0, *ends]),
            "count": np.add.reduceat(count, starts).astype("int64"),
            "exposure": np.add.reduceat(exposure, starts),
        }
    )
    rows["rate"] = rows["count"] / rows["exposure"]
    rows["low"], rows["high"] = garwood(rows["count"].to_numpy(), rows["exposure"].to_numpy())
    expected = np.repeat(rows["rate"].to_numpy(), rows["periods"].to_numpy()) * exposure
    freedom = len(series) - len(ends)
    scatter = ((count - expected) ** 2 / np.where(expected > 0, expected, 1)).sum()
    # As many phases as periods leave nothing that could scatter.
    rows["dispersion"] = scatter / freedom if freedom else np.nan
    rows["penalty"] = penalty
    if "evidence" in series:
        cells = [series["evidence"].iloc[one:end] for one, end in zip(starts, ends, strict=True)]
        rows["evidence"] = [join_ids(ids_of(cell)) for cell in cells]
    return rows


def ids_of(cells: Sequence[Any] | pd.Series) -> list[str]:
    """Return the ids in cells of evidence, which list them between ``;``."""
    return [each for cell in cells if not pd.isna(cell) for each in cell.split(";") if each]


def about(table: pd.DataFrame, data: Asked, count: str, every: str, **more: Any) -> pd.DataFrame:
    """Write where a result is from into its ``attrs``, which of counts is where those are from."""
    if isinstance(data, pd.DataFrame) and is_counted(data):
        known = {"source": "", "unit": count, "choice": "", "names": {}, "every": every}
        table.attrs |= known | dict(data.attrs) | more
        return table
    whole = data if isinstance(data, Dataset) else None
    return describe(table, whole, count, every=every, **more)


def _penalty(penalty: float | None, periods: int) -> float:
    if penalty is None:
        return float(6 + np.log(periods))
    if not penalty > 0:
        raise ValueError(f"penalty={penalty!r}: without a penalty above 0 every period is a phase")
    return float(penalty)


def _ends(
    count: np.ndarray, exposure: np.ndarray, penalty: float, shortest: int, dispersion: float
) -> list[list[int]]:
    """Return, for each row of counts, the positions after the last period of each phase."""
    # Written out for many series at once: PELT in ruptures 1.1.10 prunes what may still be
    # best where a phase has a shortest length, and so misses the least deviance.
    rows, size = count.shape
    total = np.hstack([np.zeros((rows, 1)), count.cumsum(axis=1)])
    years = np.concatenate([[0.0], exposure.cumsum()])
    least = np.full((rows, size + 1), np.inf)
    least[:, 0] = -penalty
    before = np.zeros((rows, size + 1), dtype=int)
    for end in range(shortest, size + 1):
        starts = np.array([0, *range(shortest, end - shortest + 1)])
        n, time = total[:, [end]] - total[:, starts], years[end] - years[starts]
        deviance = -2 * n * np.log(np.where(n > 0, n, 1) / time) / dispersion
        costs = least[:, starts] + np.where(n > 0, deviance, 0) + penalty
        best = costs.argmin(axis=1)
        least[:, end] = costs[np.arange(rows), best]
        before[:, end] = starts[best]
    found = []
    for row in before:
        ends = [size]
        while row[ends[-1]]:
            ends.append(int(row[ends[-1]]))
        found.append(ends[::-1])
    return found


def _draw(mean: np.ndarray, dispersion: float, draws: int, generator: Any) -> np.ndarray:
    """Draw counts whose variance is the mean times the dispersion."""
    shape = (draws, len(mean))
    if dispersion <= 1:
        return generator.poisson(mean, shape)
    scale = dispersion - 1
    return generator.poisson(generator.gamma(np.maximum(mean, 1e-12) / scale, scale, shape))
