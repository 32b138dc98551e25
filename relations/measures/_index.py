"""An index of engagement: kinds of contact weighed, and what the choice of weights does."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from relations.measures._asking import Asked, Status, describe, require_numbers
from relations.measures._frequency import frequency
from relations.record._frames import collect, narrow
from relations.record.dataset import Dataset

# One weight per kind of contact. "own": 1 persons talk, 2 a delegation, a ship, a class or
# leaders' words, 3 units act together or both sides are bound. "goldstein" and "plover": the
# score of the nearest CAMEO code or PLOVER type. A visit is the mean of 042 and 043, because
# one side makes and the other hosts it; border exchanges, port calls and ceremonies have no
# code and count as visits; talks and dialogues are 040, exercises, patrols and courses 062,
# documents 057, statements 0312.
WEIGHTS: dict[str, dict[str, float]] = {
    "none": {
        "visit": 1, "meeting": 1, "dialogue": 1, "border_exchange": 1, "joint_patrol": 1,
        "port_call": 1, "exercise": 1, "agreement": 1, "education": 1, "ceremony": 1,
        "statement": 1,
    },
    "own": {
        "visit": 2, "meeting": 1, "dialogue": 2, "border_exchange": 3, "joint_patrol": 3,
        "port_call": 2, "exercise": 3, "agreement": 3, "education": 2, "ceremony": 1,
        "statement": 2,
    },
    "goldstein": {
        "visit": 2.35, "meeting": 1, "dialogue": 1, "border_exchange": 2.35, "joint_patrol": 7.4,
        "port_call": 2.35, "exercise": 7.4, "agreement": 8, "education": 7.4, "ceremony": 2.35,
        "statement": 5.2,
    },
    "plover": {
        "visit": 4, "meeting": 2.5, "dialogue": 2.5, "border_exchange": 4, "joint_patrol": 9.5,
        "port_call": 4, "exercise": 9.5, "agreement": 5, "education": 9.5, "ceremony": 4,
        "statement": 2.5,
    },
}  # fmt: skip
SCHEMES = tuple(WEIGHTS)


def index(
    data: Asked,
    weights: str | Mapping[str, float] | None = None,
    every: str = "year",
    *,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Sum the weights of what was held in each period, per year, with an interval.

    Parameters
    ----------
    data : Dataset or frame of events, as `exchange_frequency` takes it, with ``kind``
    weights : None, "own", "goldstein", "plover" or a mapping from kind to weight
        None weighs every kind 1. The tables are `WEIGHTS`, and what they rest on is said
        there.
    every : {"month", "quarter", "year"}
    count : {"occasions", "contacts"}
        Of an occasion each kind of contact that it has is weighed once, so that a document
        signed inside a visit is weighed beside the visit; "contacts" weighs every contact.
    status, span
        As for `exchange_frequency`.

    Returns
    -------
    pandas.DataFrame, one row per period
        ``period``; ``count`` of what is weighed, occasions once for each of their kinds, or
        contacts; ``weighed`` sum of their weights; ``exposure`` in years; ``index`` sum per
        year; ``low``, ``high`` 95% interval; ``partial``.

    Raises
    ------
    ValueError
        As `exchange_frequency`; where the scheme is unknown, a weight is not a number from 0
        upwards, a kind has none, or the record covers kinds differently.

    Notes
    -----
    The interval is that of a weighted sum of Poisson counts (Fay and Feuer 1997, Statistics
    in Medicine 16), which with equal weights is that of `exchange_frequency`. A bootstrap of
    the contacts would give a year without any an interval of width 0. The index is not a
    measure of closeness: scores of Goldstein (1992) and PLOVER were made for acts between
    states in conflict and cooperation, and neither knows friendship exchanges at a border.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2019-05-01", "2020-02-01"]),
    ...     "precision": "day", "status": "held", "kind": ["visit", "agreement", "visit"]})
    >>> index(events, "goldstein", span=("2019", "2020"))["index"].tolist()
    [10.35, 2.35]
    """
    counts, frame = _kinds(data, "index", every, count, status, span)
    weight = _weights(weights, counts.columns)
    number = counts.to_numpy(float)
    frame["weighed"] = number @ weight
    frame["index"] = frame["weighed"] / frame["exposure"]
    # A kind that did not occur in a period could have: the heaviest of all bounds above.
    heaviest = float(weight.max()) if len(weight) else _heaviest(weights)
    frame["low"], frame["high"] = _gamma_interval(
        number @ weight, number @ weight**2, heaviest, frame["exposure"]
    )
    columns = ["period", "count", "weighed", "exposure", "index", "low", "high", "partial"]
    return describe(frame[columns], data, count, every=every)


def index_sensitivity(
    data: Asked,
    schemes: Sequence[str] | Mapping[str, Mapping[str, float]] = SCHEMES,
    *,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
    draws: int = 2000,
    spread: float = 0.5,
    seed: int = 0,
) -> pd.DataFrame:
    """Say how far the yearly index depends on the weights, scheme by scheme.

    Parameters
    ----------
    data : Dataset or frame of events, as `index` takes it
    schemes : names of schemes, or a mapping from name to weights
    count, status, span
        As for `index`.
    draws : int
        Sets of weights drawn around each scheme.
    spread : float
        Standard deviation of the logarithm of a weight: at 0.5 a weight lies between 0.38
        and 2.7 times its value in 95% of the draws, each kind by itself.
    seed : int

    Returns
    -------
    pandas.DataFrame, one row per scheme and whole year
        ``scheme``; ``period``; ``index`` relative to the mean of the scheme's years, so that
        schemes compare; ``low``, ``high`` band of 95% of the draws, each over its own mean;
        ``rank`` of the year from the top, equal years the same, ``rank_low``, ``rank_high``
        best and worst in 95% of the draws; ``flipped`` mean share of pairs of years that a
        draw puts the other way round than the scheme, the same in every row of a scheme,
        empty where the scheme tells no two years apart. Years covered in part are left out.

    Raises
    ------
    ValueError
        As `index`; where draws or spread are out of range, fewer than two whole years are
        covered, or none of them has a contact.

    Notes
    -----
    The band is what the choice of weights does, and holds nothing of chance in the counts:
    for that, see the interval of `index`. Index of draw d in year y:
    Σₖ wₖ exp(spread·zₖ) nₖᵧ, z standard normal.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2020-05-01", "2020-06-01"]),
    ...     "precision": "day", "status": "held", "kind": ["agreement", "visit", "visit"]})
    >>> band = index_sensitivity(events, draws=100, span=("2019-01-01", "2020-12-31"))
    >>> band.loc[band["rank"] == 1, ["scheme", "period"]].assign(
    ...     period=lambda top: top["period"].dt.year).values.tolist()
    [['none', 2020], ['own', 2020], ['goldstein', 2019], ['plover', 2020]]
    """
    if draws < 1 or not spread >= 0:
        raise ValueError(f"draws={draws!r}, spread={spread!r}: draws from 1, spread from 0 upwards")
    counts, whole = _whole_years(data, "index_sensitivity", count, status, span)
    number = counts.to_numpy(float)
    generator = np.random.default_rng(seed)
    noise = np.exp(spread * generator.standard_normal((draws, number.shape[1])))
    pieces = []
    for name, scheme in _named(schemes).items():
        weight = _weights(scheme, counts.columns)
        sums = number @ weight
        drawn = (noise * weight) @ number.T
        low, high = np.quantile(drawn / drawn.mean(axis=1, keepdims=True), [0.025, 0.975], axis=0)
        ranks = np.quantile(_places(drawn), [0.025, 0.975], axis=0, method="inverted_cdf")
        flipped = _flipped(drawn, sums)
        pieces.append(
            pd.DataFrame(
                {
                    "scheme": name,
                    "period": whole.to_numpy(),
                    "index": sums / sums.mean(),
                    "low": low,
                    "high": high,
                    "rank": _places(sums[None, :])[0],
                    "rank_low": ranks[0].astype("int64"),
                    "rank_high": ranks[1].astype("int64"),
                    "flipped": np.nan if np.isnan(flipped).all() else np.nanmean(flipped),
                }
            )
        )
    return describe(pd.concat(pieces, ignore_index=True), data, count, every="year")


def scheme_agreement(
    data: Asked,
    schemes: Sequence[str] | Mapping[str, Mapping[str, float]] = SCHEMES,
    *,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Compare how two schemes of weights order the years, for each pair of schemes.

    Parameters
    ----------
    data : Dataset or frame of events, as `index` takes it
        Or an index under several schemes: a frame with ``scheme``, ``period``, ``index``, as
        `index_sensitivity` returns it; the other parameters then say nothing.
    schemes, count, status, span
        As for `index_sensitivity`.

    Returns
    -------
    pandas.DataFrame, one row per pair of schemes
        ``first``, ``second``; ``years``; ``kendall_tau`` (b) of the two orders; ``flipped``
        share of pairs of years, ties left out, that the two put the other way round;
        ``order``, "same" where none is, "differs" where any is, and "tied" where no pair of
        years is told apart by both, so that tau and share are empty.

    Raises
    ------
    ValueError
        As `index_sensitivity`; where a column is missing, a period stands twice, an index is
        no number, or there is one scheme only.

    Examples
    --------
    >>> import pandas as pd
    >>> indices = pd.DataFrame({
    ...     "scheme": ["a"] * 3 + ["b"] * 3, "period": [1, 2, 3] * 2,
    ...     "index": [1.0, 2.0, 3.0, 1.0, 3.0, 2.0]})
    >>> scheme_agreement(indices).round(3).values.tolist()
    [['a', 'b', 3, 0.333, 0.333, 'differs']]
    """
    from scipy.stats import kendalltau

    frame = _indices(data, schemes, count, status, span)
    named = list(dict.fromkeys(frame["scheme"]))
    if len(named) < 2:
        raise ValueError("scheme_agreement compares schemes: give it at least two")
    twice = frame[frame.duplicated(["scheme", "period"])]
    if len(twice):
        raise ValueError(
            f"scheme_agreement: {twice['period'].iloc[0]} stands twice in the scheme "
            f"{twice['scheme'].iloc[0]!r}; keep one row per scheme and period"
        )
    table = frame.pivot_table(index="period", columns="scheme", values="index").dropna()
    rows = []
    for first, second in itertools.combinations(named, 2):
        one, other = table[first].to_numpy(), table[second].to_numpy()
        flipped = float(_flipped(one[None, :], other)[0])
        tied = np.isnan(flipped)
        rows.append(
            {
                "first": first,
                "second": second,
                "years": len(table),
                "kendall_tau": np.nan if tied else float(kendalltau(one, other).statistic),
                "flipped": flipped,
                "order": "tied" if tied else "differs" if flipped > 0 else "same",
            }
        )
    return describe(pd.DataFrame(rows), data, count, every="year")


def _indices(data: Asked, schemes: Any, count: str, status: Status, span: Any) -> pd.DataFrame:
    """Return the index of each whole year under each scheme."""
    needed = ["scheme", "period", "index"]
    if not isinstance(data, Dataset) and "scheme" in getattr(data, "columns", ()):
        frame = collect(narrow(data, "scheme_agreement", needed))
        return require_numbers(frame, ["index"], "scheme_agreement")
    counts, whole = _whole_years(data, "scheme_agreement", count, status, span)
    pieces = [
        pd.DataFrame(
            {
                "scheme": name,
                "period": whole.to_numpy(),
                "index": counts.to_numpy(float) @ _weights(scheme, counts.columns),
            }
        )
        for name, scheme in _named(schemes).items()
    ]
    return pd.concat(pieces, ignore_index=True)


def _named(schemes: Any) -> dict[str, Any]:
    if isinstance(schemes, str):
        schemes = [schemes]
    return dict(schemes) if isinstance(schemes, Mapping) else {name: name for name in schemes}


def _whole_years(
    data: Asked, metric: str, count: str, status: Status, span: Any
) -> tuple[pd.DataFrame, pd.Series]:
    """Return counts by kind in years that are covered whole, and those years."""
    counts, frame = _kinds(data, metric, "year", count, status, span)
    whole = ~frame["partial"].to_numpy()
    if whole.sum() < 2:
        raise ValueError(f"{metric} ranks years: at least two have to be covered whole")
    if not counts[whole].to_numpy().sum():
        raise ValueError(f"{metric}: no contact is left in a year that is covered whole")
    return counts[whole], frame.loc[whole, "period"]


def _kinds(
    data: Asked, metric: str, every: str, count: str, status: Status, span: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return counts, one column per kind, and the frame of their periods."""
    how: dict[str, Any] = {"count": count, "status": status, "span": span}
    _, counted = frequency(data, metric, every, "kind", **how)
    if counted.empty:
        # A choice that leaves no kind still has periods.
        _, frame = frequency(data, metric, every, **how)
        return pd.DataFrame(index=frame.index), frame
    if counted["kind"].isna().any():
        raise ValueError(f"{metric}: a contact has an empty kind; fill or drop the row")
    wide = counted.set_index(["period", "kind"])[["count", "exposure"]].unstack()  # noqa: PD010
    lengths, counts = wide["exposure"], wide["count"]
    if lengths.ne(lengths.iloc[:, 0], axis=0).any(axis=None):
        raise ValueError(
            f"{metric}: the span covered differs by kind, so kinds cannot be summed over it: "
            "pass the span=(first day, last day) that all of them cover"
        )
    counts = counts.astype("int64")
    counts.columns.name = None
    periods = counted.drop_duplicates("period").set_index("period").loc[counts.index]
    frame = periods[["exposure", "partial"]].assign(count=counts.sum(axis=1)).reset_index()
    return counts.reset_index(drop=True), frame


def _weights(weights: Any, kinds: Iterable[str]) -> np.ndarray:
    """Return the weight of each kind, in the order of the kinds."""
    if isinstance(weights, str) and weights not in WEIGHTS:
        raise ValueError(f"weights={weights!r}: use one of {', '.join(WEIGHTS)}, or a mapping")
    # Equal weights ask for no table: they hold for kinds that the tables do not know.
    if weights is None or (isinstance(weights, str) and weights == "none"):
        return np.ones(len(list(kinds)))
    table = WEIGHTS[weights] if isinstance(weights, str) else weights
    missing = sorted(set(kinds) - set(table))
    if missing:
        raise ValueError(f"no weight for kind {missing[0]!r}: the scheme has {', '.join(table)}")
    chosen = np.array([table[kind] for kind in kinds], float)
    some = (chosen > 0).any() or not len(chosen)
    if not (np.isfinite(chosen).all() and (chosen >= 0).all() and some):
        raise ValueError("weights are numbers from 0 upwards, not all of them 0")
    return chosen


def _heaviest(weights: Any) -> float:
    if weights is None:
        return 1.0
    table = WEIGHTS[weights] if isinstance(weights, str) else weights
    return float(max(table.values(), default=1.0))


def _places(drawn: np.ndarray) -> np.ndarray:
    """Return the place of each year from the top, row by row; years that tie share the best."""
    from scipy.stats import rankdata

    # Sums in another order differ by rounding, which is no order.
    return rankdata(-drawn.round(9), method="min", axis=1).astype("int64")


def _flipped(drawn: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Return the share of pairs that stand the other way round, row by row; none if all tie."""
    one, other = np.triu_indices(len(index), 1)
    # Sums in another order differ by rounding, which is no order.
    sign = np.where(np.isclose(index[one], index[other]), 0, np.sign(index[one] - index[other]))
    difference = drawn[:, one] - drawn[:, other]
    difference = np.where(np.isclose(drawn[:, one], drawn[:, other]), 0, np.sign(difference))
    decided = (difference != 0) & (sign != 0)
    number = decided.sum(axis=1)
    flipped = ((difference * sign < 0) & decided).sum(axis=1)
    return np.where(number > 0, flipped / np.maximum(number, 1), np.nan)


def _gamma_interval(weighed: Any, squares: Any, most: float, years: Any) -> tuple[Any, Any]:
    """Return Fay and Feuer's interval of a weighted sum of Poisson counts, per year."""
    from scipy.stats import chi2

    weighed, squares = np.asarray(weighed, float), np.asarray(squares, float)
    some = weighed > 0
    total, square = np.where(some, weighed, 1), np.where(some, squares, 1)
    low = np.where(some, square / (2 * total) * chi2.ppf(0.025, 2 * total**2 / square), 0.0)
    upper, wide = weighed + most, squares + most**2
    high = wide / (2 * upper) * chi2.ppf(0.975, 2 * upper**2 / wide)
    years = np.asarray(years, float)
    return low / years, high / years
