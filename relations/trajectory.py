"""How the relationship changed: phases, an index of engagement, and what goes before what."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations import _contacts, _dates, _engines
from relations.exchanges import PERIODS, exchange_frequency
from relations.ranks import delegation_levels, rank_levels

SHORTEST = 2
MINISTER = 5
# Periods whose level a shift keeps: enough to shift in, few enough to follow a trend.
BLOCK = 8
ALTERNATIVES = ("precedes", "either")

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


def phases(
    frequency: Any,
    penalty: float | None = None,
    *,
    shortest: int = SHORTEST,
    dispersion: float = 1.0,
    evidence: bool = False,
) -> pd.DataFrame:
    """Split counts per period into phases of a constant rate.

    Parameters
    ----------
    frequency : frame with ``period``, ``count``, ``exposure``
        As `exchange_frequency` returns it without ``by``; pandas, Polars, DuckDB or PySpark,
        collected.
    penalty : float, optional
        What a further break must lower the deviance by to be made; 6 + ln(periods) if left
        out.
    shortest : int
        Fewest periods in a phase.
    dispersion : float
        Variance of a count over its mean. At 1 counts are Poisson; more makes breaks rarer.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts counted, separated by ``;``, as
        `trace` takes them. Needs that column in ``frequency``.

    Returns
    -------
    pandas.DataFrame, one row per phase
        ``phase`` from 1; ``since``, ``until`` first days of its first and last period;
        ``periods``; ``count``; ``exposure`` in years; ``rate``, ``low``, ``high`` contacts per
        year with the exact 95% Poisson interval (Garwood 1936), which takes the breaks as
        given; ``dispersion``, Pearson's chi-square over its degrees of freedom in all phases
        together: well above 1, the counts scatter more than the test assumes, and the phases
        should be found again with that dispersion; ``penalty`` as used.

    Raises
    ------
    ValueError
        Where a column is missing, a period stands twice, an exposure is not above 0, a count
        is not a whole number from 0, or there are fewer than two phases' periods.

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
    series = _series(frequency, "phases", shortest, also=["evidence"] if evidence else [])
    penalty = _penalty(penalty, len(series))
    if not dispersion > 0:
        raise ValueError(f"dispersion={dispersion!r}: a variance over a mean is above 0")
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
    rows["low"], rows["high"] = _gamma_interval(
        rows["count"].to_numpy(float), rows["count"].to_numpy(float), 1.0, rows["exposure"]
    )
    expected = np.repeat(rows["rate"], rows["periods"]).to_numpy() * exposure
    freedom = len(series) - len(ends)
    scatter = ((count - expected) ** 2 / np.where(expected > 0, expected, 1)).sum()
    rows["dispersion"] = scatter / freedom
    rows["penalty"] = penalty
    if evidence:
        cells = [series["evidence"].iloc[one:end] for one, end in zip(starts, ends, strict=True)]
        rows["evidence"] = [_contacts.listed(_contacts.ids_of(cell)) for cell in cells]
    return rows


def break_uncertainty(
    frequency: Any,
    penalty: float | None = None,
    *,
    shortest: int = SHORTEST,
    dispersion: float = 1.0,
    draws: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """Say how far each break between phases could lie elsewhere, or not be there.

    Parameters
    ----------
    frequency, penalty, shortest, dispersion
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
    >>> breaks = break_uncertainty(frequency, draws=100)
    >>> breaks["since"].dt.year.tolist(), bool(breaks["found"].iloc[0] > 0.9)
    ([2015], True)
    """
    if draws < 1:
        raise ValueError(f"draws={draws!r}: draw at least one series")
    series = _series(frequency, "break_uncertainty", shortest)
    found = phases(series, penalty, shortest=shortest, dispersion=dispersion)
    breaks = np.cumsum(found["periods"].to_numpy())[:-1]
    columns = ["since", "rate_before", "rate_after", "earliest", "latest", "found", "draws"]
    if not len(breaks):
        return pd.DataFrame({column: [] for column in columns})
    exposure = series["exposure"].to_numpy(float)
    mean = np.repeat(found["rate"].to_numpy(), found["periods"]) * exposure
    counts = _draw(mean, dispersion, draws, np.random.default_rng(seed))
    penalty = float(found["penalty"].iloc[0])
    places: list[list[int]] = [[] for _ in breaks]
    for drawn in _ends(counts, exposure, penalty, shortest, dispersion):
        ends = np.array(drawn[:-1], dtype=int)
        # A break that a draw has belongs to the nearest of those found, the first if equal.
        owner = np.abs(ends[:, None] - breaks[None, :]).argmin(axis=1)
        for which in range(len(breaks)):
            mine = ends[owner == which]
            if len(mine):
                places[which].append(int(mine[np.abs(mine - breaks[which]).argmin()]))
    rows = []
    for which, at in enumerate(breaks):
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
    return pd.DataFrame(rows, columns=columns)


def steps_or_growth(frequency: Any, found: pd.DataFrame) -> pd.DataFrame:
    """Compare phases of a constant rate with one constant growth over the whole span.

    Parameters
    ----------
    frequency : frame with ``period``, ``count``, ``exposure``
        As `exchange_frequency` returns it without ``by``; pandas, Polars, DuckDB or PySpark,
        collected.
    found : frame, as `phases` returns it of that ``frequency``

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
        As `phases`; also where ``found`` is not of that ``frequency``, or no contact is
        counted.

    Notes
    -----
    Growth is a Poisson regression of the counts on time with the exposure as offset. The
    criterion is Akaike's with the deviance divided by ``found["dispersion"]``, or by 1 where
    that is less (Lebreton and others 1992, Ecological Monographs 62: 67–118). Places of breaks
    are no ordinary parameters, so a difference of a few units decides nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> frequency = pd.DataFrame({
    ...     "period": pd.date_range("2011-01-01", periods=8, freq="YS"),
    ...     "count": [2, 1, 3, 2, 14, 16, 13, 15], "exposure": 1.0})
    >>> steps_or_growth(frequency, phases(frequency))[["fit", "numbers", "deviance"]].round(1)
                   fit  numbers  deviance
    0  constant growth        2      13.2
    1           phases        3       1.4
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import rel_entr

    series = _series(frequency, "steps_or_growth", 1)
    count, exposure = series["count"].to_numpy(float), series["exposure"].to_numpy(float)
    if found["periods"].sum() != len(series) or found["count"].sum() != count.sum():
        raise ValueError("steps_or_growth: the phases are not of these counts: find them again")
    if not count.sum():
        raise ValueError("steps_or_growth: no contact is counted, so there is nothing to fit")
    years = (series["period"] - series["period"].iloc[0]).dt.days.to_numpy() / _dates.DAYS_PER_YEAR

    def grown(slope: float) -> np.ndarray:
        shape = exposure * np.exp(slope * (years - years.mean()))
        return shape * count.sum() / shape.sum()

    def deviance(expected: np.ndarray) -> float:
        return float(2 * (rel_entr(count, expected) - count + expected).sum())

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
    dispersion = max(float(found["dispersion"].iloc[0]), 1.0)
    table["criterion"] = table["deviance"] / dispersion + 2 * table["numbers"]
    return table.assign(growth=[np.expm1(slope), np.nan])


def phases_of_sources(
    data: Any,
    penalty: float | None = None,
    *,
    minister: int = MINISTER,
    within: int = 1,
    dispersion: float = 1.0,
) -> pd.DataFrame:
    """Find the phases of contacts, of what was read about them, and of contacts less tied to it.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``reports``, ``sources``, ``editions`` and those that
        `rank_levels` reads; pandas.
    penalty, dispersion
        As for `phases`; the same for every series.
    minister : int
        Office level from which a head or host makes a contact one of ministers.
    within : int
        Years by which two breaks may differ and be called the same.

    Returns
    -------
    pandas.DataFrame, one row per series and phase, as `phases` returns them
        ``series`` first: "contacts"; "sources" read, by the year in which they were
        published, copies (``reprint_of``) left out; "outlets" that published them; "contacts
        per source" in the years that have sources, whose ``rate`` is per source and whose
        ``exposure`` is sources; "ministers", contacts that a head or host of that level
        joins; "numbered", contacts with an edition in a series, all rows. ``beside_sources``
        is true where the phase begins within so many years of a break of the sources, and
        empty for the first phase.

    Raises
    ------
    ValueError
        Where a column is missing, or no source has a date.

    Notes
    -----
    The sources are those on which the contacts rest, so that more contacts bring more
    sources: contacts per source corrects too much, contacts alone too little, and the truth
    lies between. Ministers' contacts and numbers of series are reported whoever reads.

    Examples
    --------
    >>> import relations as rel
    >>> table = phases_of_sources(rel.load())
    >>> sorted(table["series"].unique())
    ['contacts', 'contacts per source', 'ministers', 'numbered', 'outlets', 'sources']
    """
    events = data.events
    contacts = exchange_frequency(events)
    span = _contacts.covered(events)
    sources = _engines.collect(
        _engines.lazy(
            data.sources,
            "phases_of_sources (sources)",
            ["source_id", "outlet", "published", "reprint_of"],
        ).filter(nw.col("reprint_of").is_null() & ~nw.col("published").is_null())
    )
    if sources.empty:
        raise ValueError("phases_of_sources: no source that is no copy has a date in published")
    by_year = sources.groupby(sources["published"].dt.year)["outlet"]
    year = contacts["period"].dt.year
    read = contacts.assign(count=year.map(by_year.size()).fillna(0).astype("int64"))
    outlets = contacts.assign(count=year.map(by_year.nunique()).fillna(0).astype("int64"))
    per_source = contacts.assign(exposure=read["count"].astype(float))

    heads = delegation_levels(rank_levels(data))
    high = heads.loc[heads["office_level"].ge(minister).fillna(False).astype(bool), "event_id"]
    numbered = events["event_id"].isin(data.editions["event_id"])
    chosen = {
        "ministers": exchange_frequency(events[events["event_id"].isin(high)], span=span),
        "numbered": exchange_frequency(events[numbered], span=span, parts="keep"),
    }
    series = {
        "contacts": contacts,
        "sources": read,
        "outlets": outlets,
        "contacts per source": per_source[per_source["exposure"] > 0],
        **chosen,
    }
    found = pd.concat(
        [
            phases(frame, penalty, dispersion=dispersion).assign(series=name)
            for name, frame in series.items()
        ],
        ignore_index=True,
    )
    first = found["phase"] == 1
    breaks = found.loc[(found["series"] == "sources") & ~first, "since"].dt.year.to_numpy()
    gap = np.abs(found["since"].dt.year.to_numpy()[:, None] - breaks[None, :])
    beside = pd.array((gap <= within).any(axis=1), dtype="boolean")
    beside[first.to_numpy()] = pd.NA
    found["beside_sources"] = beside
    return found[["series", *found.columns.drop("series")]]


def engagement_index(
    events: Any,
    weights: str | Mapping[str, float] | None = None,
    every: str = "year",
    *,
    parts: str = "keep",
    span: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Sum the weights of the contacts held in each period, per year, with an interval.

    Parameters
    ----------
    events : frame, as `exchange_frequency` takes it, with ``kind``
        pandas, Polars, DuckDB or PySpark.
    weights : None, "own", "goldstein", "plover" or a mapping from kind to weight
        None weighs every contact 1. The tables are `WEIGHTS`, and what they rest on is said
        there.
    every : {"month", "quarter", "year"}
    parts : {"keep", "fold"}
        "keep" counts every row, because a document signed inside a visit is what some
        schemes weigh most; "fold" counts occasions, each by its own kind.
    span : (first day, last day), optional

    Returns
    -------
    pandas.DataFrame, one row per period
        ``period``; ``count`` contacts; ``weighed`` sum of their weights; ``exposure`` in
        years; ``index`` sum per year; ``low``, ``high`` 95% interval; ``partial``.

    Raises
    ------
    ValueError
        As `exchange_frequency`; where the scheme is unknown, a weight is not a number from 0
        upwards, or a kind in the events has none.

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
    >>> index = engagement_index(events, "goldstein", span=("2019-01-01", "2020-12-31"))
    >>> index["index"].tolist()
    [10.35, 2.35]
    """
    counts, frame = _kinds(events, "engagement_index", every, parts, span)
    weight = _weights(weights, counts.columns)
    number = counts.to_numpy(float)
    frame["weighed"] = number @ weight
    frame["index"] = frame["weighed"] / frame["exposure"]
    # A kind that did not occur in a period could have: the heaviest of all bounds above.
    frame["low"], frame["high"] = _gamma_interval(
        number @ weight, number @ weight**2, weight.max(), frame["exposure"]
    )
    return frame[["period", "count", "weighed", "exposure", "index", "low", "high", "partial"]]


def index_sensitivity(
    events: Any,
    schemes: Sequence[str] | Mapping[str, Mapping[str, float]] = SCHEMES,
    draws: int = 1000,
    spread: float = 0.5,
    seed: int = 0,
    *,
    parts: str = "keep",
    span: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Say how far the yearly index depends on the weights, scheme by scheme.

    Parameters
    ----------
    events : frame, as `engagement_index` takes it
    schemes : names of schemes, or a mapping from name to weights
    draws : int
        Sets of weights drawn around each scheme.
    spread : float
        Standard deviation of the logarithm of a weight: at 0.5 a weight lies between 0.38
        and 2.7 times its value in 95% of the draws, each kind by itself.
    seed : int
    parts, span
        As for `engagement_index`.

    Returns
    -------
    pandas.DataFrame, one row per scheme and whole year
        ``scheme``; ``period``; ``index`` relative to the mean of the scheme's years, so that
        schemes compare; ``low``, ``high`` band of 95% of the draws, each over its own mean;
        ``rank`` of the year from the top, equal years the same, ``rank_low``, ``rank_high``
        best and worst in 95% of the draws; ``flipped`` mean share of pairs of years that a
        draw puts the other way round than the scheme, the same in every row of a scheme. Years
        covered in part are left out.

    Raises
    ------
    ValueError
        As `engagement_index`; where draws or spread are out of range, or fewer than two
        whole years are covered.

    Notes
    -----
    The band is what the choice of weights does, and holds nothing of chance in the counts:
    for that, see the interval of `engagement_index`. Index of draw d in year y:
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
    counts, frame = _kinds(events, "index_sensitivity", "year", parts, span)
    whole = ~frame["partial"].to_numpy()
    if whole.sum() < 2:
        raise ValueError("index_sensitivity ranks years: at least two have to be covered whole")
    number = counts.to_numpy(float)[whole]
    named = schemes if isinstance(schemes, Mapping) else {name: name for name in schemes}
    generator = np.random.default_rng(seed)
    noise = np.exp(spread * generator.standard_normal((draws, number.shape[1])))
    pieces = []
    for name, scheme in named.items():
        weight = _weights(scheme, counts.columns)
        index = number @ weight
        drawn = (noise * weight) @ number.T
        low, high = np.quantile(drawn / drawn.mean(axis=1, keepdims=True), [0.025, 0.975], axis=0)
        ranks = np.quantile(_places(drawn), [0.025, 0.975], axis=0, method="inverted_cdf")
        pieces.append(
            pd.DataFrame(
                {
                    "scheme": name,
                    "period": frame.loc[whole, "period"].to_numpy(),
                    "index": index / index.mean(),
                    "low": low,
                    "high": high,
                    "rank": _places(index[None, :])[0],
                    "rank_low": ranks[0].astype("int64"),
                    "rank_high": ranks[1].astype("int64"),
                    "flipped": _flipped(drawn, index).mean(),
                }
            )
        )
    return pd.concat(pieces, ignore_index=True)


def scheme_agreement(sensitivity: pd.DataFrame) -> pd.DataFrame:
    """Compare how two schemes of weights order the years, for each pair of schemes.

    Parameters
    ----------
    sensitivity : frame with ``scheme``, ``period``, ``index``
        As `index_sensitivity` returns it; pandas.

    Returns
    -------
    pandas.DataFrame, one row per pair of schemes
        ``first``, ``second``; ``years``; ``kendall_tau`` (b) of the two orders; ``flipped``
        share of pairs of years, ties left out, that the two put the other way round;
        ``order``, "same" where none is and "differs" where any is.

    Raises
    ------
    ValueError
        Where a column is missing, a period stands twice, or there is one scheme only.

    Examples
    --------
    >>> import pandas as pd
    >>> sensitivity = pd.DataFrame({
    ...     "scheme": ["a"] * 3 + ["b"] * 3, "period": [1, 2, 3] * 2,
    ...     "index": [1.0, 2.0, 3.0, 1.0, 3.0, 2.0]})
    >>> scheme_agreement(sensitivity).round(3).values.tolist()
    [['a', 'b', 3, 0.333, 0.333, 'differs']]
    """
    from scipy.stats import kendalltau

    frame = _engines.collect(
        _engines.lazy(sensitivity, "scheme_agreement", ["scheme", "period", "index"])
    )
    names = list(dict.fromkeys(frame["scheme"]))
    if len(names) < 2:
        raise ValueError("scheme_agreement compares schemes: give it at least two")
    twice = frame[frame.duplicated(["scheme", "period"])]
    if len(twice):
        raise ValueError(
            f"scheme_agreement: {twice['period'].iloc[0]} stands twice in the scheme "
            f"{twice['scheme'].iloc[0]!r}; keep one row per scheme and period"
        )
    table = frame.pivot_table(index="period", columns="scheme", values="index").dropna()
    rows = []
    for first, second in itertools.combinations(names, 2):
        one, other = table[first].to_numpy(), table[second].to_numpy()
        flipped = float(_flipped(one[None, :], other)[0])
        rows.append(
            {
                "first": first,
                "second": second,
                "years": len(table),
                "kendall_tau": float(kendalltau(one, other).statistic),
                "flipped": flipped,
                "order": "differs" if flipped > 0 else "same",
            }
        )
    return pd.DataFrame(rows)


def lead_lag(
    events: Any,
    first: str | Sequence[str],
    second: str | Sequence[str],
    lags: Iterable[int] = (1, 2, 3, 4),
    permutations: int = 999,
    seed: int = 0,
    *,
    every: str = "quarter",
    alternative: str = "precedes",
    block: int = BLOCK,
    span: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Measure whether contacts of one kind go before those of another, and test it.

    Parameters
    ----------
    events : frame, as `exchange_frequency` takes it, with ``kind``
        pandas, Polars, DuckDB or PySpark. Contacts known less precisely than the periods
        are refused: drop them first, and say so.
    first, second : kind or kinds of contact, such as "visit" and "joint_patrol"
    lags : whole numbers
        Periods from the first to the second; 0 is the same period.
    permutations : int
        Shifted series to compare with.
    seed : int
    every : {"quarter", "month", "year"}
    alternative : {"precedes", "either"}
        "precedes" asks whether more of the first goes before more of the second, "either"
        also whether it goes before less.
    block : int
        Periods, 4 to 12, whose level and slope a shift keeps; 8 quarters are two years.
    span : (first day, last day), optional

    Returns
    -------
    pandas.DataFrame, one row per lag
        ``lag``; ``pairs`` of periods compared; ``first_count``, ``second_count`` contacts;
        ``association``, correlation of the counts, each less the straight line through its
        block of periods; ``low``, ``high`` within which 95% of the shifted series lie; ``p``
        for the lag alone; ``p_any``, the same allowing for the search over all lags.

    Raises
    ------
    ValueError
        As `exchange_frequency`; where a kind does not occur, first and second share one, a
        lag is not a whole number from 0 or leaves fewer than eight pairs, or a series is a
        straight line inside each block.

    Notes
    -----
    What the line leaves of the first series is shifted in a circle inside each block, by a
    number of periods drawn for each block, so that every block keeps its level and slope: two
    series that both grow are not taken for one that leads the other. p = (1 + shifted as far
    out) / (1 + permutations). ``p_any`` compares with the largest of all lags in each shifted
    set; it knows nothing of other pairs of kinds tried. In each of three sets of 2,000 simulated
    pairs of 105 periods (level, and growing thirtyfold from 0.1 contacts a period, in blocks of
    8; growing thirtyfold from 1, in blocks of 12) 4 to 6% gave a p, and a least p_any, of 0.05
    or less. A season that both series share is not removed by this and shows as association at
    its lag. Every row counts (``parts="keep"``).

    Examples
    --------
    >>> import relations as rel
    >>> events = rel.load().events
    >>> dated = events[events["precision"] != "year"]
    >>> lead_lag(dated, "visit", "joint_patrol", permutations=99)["lag"].tolist()
    [1, 2, 3, 4]
    """
    firsts, seconds = (list(dict.fromkeys(_engines.names(kinds))) for kinds in (first, second))
    if set(firsts) & set(seconds):
        raise ValueError(f"first and second share {sorted(set(firsts) & set(seconds))}")
    if alternative not in ALTERNATIVES:
        raise ValueError(f"alternative={alternative!r}: use one of {', '.join(ALTERNATIVES)}")
    if not 4 <= block <= 12:
        raise ValueError(f"block={block!r}: use 4 to 12 periods; longer ones may hold a bend")
    if permutations < 19:
        raise ValueError(f"permutations={permutations!r}: 19 are needed to tell 5% at all")
    counts, _ = _kinds(events, "lead_lag", every, "keep", span)
    absent = [kind for kind in [*firsts, *seconds] if kind not in counts.columns]
    if absent:
        raise ValueError(
            f"lead_lag: no contact of kind {absent[0]!r}; there are {', '.join(counts.columns)}"
        )
    one = counts[firsts].sum(axis=1).to_numpy(float)
    other = counts[seconds].sum(axis=1).to_numpy(float)
    wanted = list(lags)
    for lag in wanted:
        if not isinstance(lag, Integral) or lag < 0 or len(one) - lag < 8:
            raise ValueError(
                f"lag {lag!r}: use whole numbers from 0 that leave eight pairs of the "
                f"{len(one)} periods"
            )
    if not wanted:
        raise ValueError("lead_lag needs at least one lag")
    off_line = _off_line(len(one), block)
    if np.allclose(one @ off_line, 0) or np.allclose(other @ off_line, 0):
        raise ValueError(
            f"lead_lag: a series is flat or a straight line in every block of {block} periods; "
            "count in shorter periods or take kinds that occur more often"
        )
    seen, null, p, p_any = _against_shifts(
        one, other, wanted, alternative, block, permutations, np.random.default_rng(seed)
    )
    low, high = np.quantile(null, [0.025, 0.975], axis=1)
    return pd.DataFrame(
        {
            "lag": wanted,
            "pairs": [len(one) - lag for lag in wanted],
            "first_count": int(one.sum()),
            "second_count": int(other.sum()),
            "association": seen,
            "low": low,
            "high": high,
            "p": p,
            "p_any": p_any,
        }
    )


def _series(frequency: Any, metric: str, shortest: int, also: Sequence[str] = ()) -> pd.DataFrame:
    """Return the counts in order of time, after making sure that each can be a count."""
    needed = ["period", "count", "exposure", *also]
    frame = _engines.collect(_engines.lazy(frequency, metric, needed).select(*needed))
    frame = frame.sort_values("period", ignore_index=True)
    if shortest < 1:
        raise ValueError(f"shortest={shortest!r}: a phase has at least one period")
    if len(frame) < 2 * shortest:
        raise ValueError(
            f"{metric}: {len(frame)} periods cannot hold two phases of {shortest}; count in "
            "shorter periods or over a longer span"
        )
    if frame["period"].duplicated().any():
        raise ValueError(f"{metric}: one row per period; take one group of a frame counted by")
    count, exposure = frame["count"].to_numpy(float), frame["exposure"].to_numpy(float)
    if not (exposure > 0).all():
        raise ValueError(f"{metric}: exposure is above 0; leave periods that are not covered out")
    if not ((count >= 0) & (count == np.floor(count))).all():
        raise ValueError(f"{metric}: count holds whole numbers from 0")
    return frame


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


def _kinds(
    events: Any, metric: str, every: str, parts: str, span: Any
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return counts, one column per kind, and the frame of their periods."""
    if every not in PERIODS:
        raise ValueError(f"every={every!r}: use one of {', '.join(PERIODS)}")
    _engines.lazy(events, metric, ["kind"])
    counted = exchange_frequency(events, every, "kind", parts=parts, span=span)
    counted = _engines.collect(nw.from_native(counted).lazy())
    if counted["kind"].isna().any():
        raise ValueError(f"{metric}: a contact has an empty kind; fill or drop the row")
    for column in ("count", "exposure"):
        counted[column] = pd.to_numeric(counted[column])
    wide = counted.pivot_table(
        index="period", columns="kind", values=["count", "exposure"], aggfunc="sum"
    )
    exposure, counts = wide["exposure"], wide["count"]
    if exposure.ne(exposure.iloc[:, 0], axis=0).any(axis=None):
        raise ValueError(
            "the span covered differs by kind, so kinds cannot be summed over it: pass the "
            "span=(first day, last day) that all of them cover"
        )
    counts = counts.fillna(0).astype("int64")
    counts.columns.name = None
    periods = counted.drop_duplicates("period").set_index("period").loc[counts.index]
    frame = periods[["exposure", "partial"]].assign(count=counts.sum(axis=1)).reset_index()
    frame["partial"] = frame["partial"].astype(bool)
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
    if not (np.isfinite(chosen).all() and (chosen >= 0).all() and (chosen > 0).any()):
        raise ValueError("weights are numbers from 0 upwards, not all of them 0")
    return chosen


def _places(drawn: np.ndarray) -> np.ndarray:
    """Return the place of each year from the top, row by row; years that tie share the best."""
    from scipy.stats import rankdata

    # Sums in another order differ by rounding, which is no order.
    return rankdata(-drawn.round(9), method="min", axis=1).astype("int64")


def _flipped(drawn: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Return, for each row drawn, the share of pairs that stand the other way round."""
    one, other = np.triu_indices(len(index), 1)
    # Sums in another order differ by rounding, which is no order.
    sign = np.where(np.isclose(index[one], index[other]), 0, np.sign(index[one] - index[other]))
    difference = drawn[:, one] - drawn[:, other]
    difference = np.where(np.isclose(drawn[:, one], drawn[:, other]), 0, np.sign(difference))
    decided = (difference != 0) & (sign != 0)
    return ((difference * sign < 0) & decided).sum(axis=1) / np.maximum(decided.sum(axis=1), 1)


def _starts(periods: int, block: int) -> np.ndarray:
    # A short rest joins the block before it, where it has a level to keep.
    return block * np.arange(max(periods // block, 1))


@functools.lru_cache(maxsize=8)
def _off_line(periods: int, block: int) -> np.ndarray:
    """Return the matrix that takes the straight line through each block off a series."""
    # Imported where used: it is slow to load.
    from scipy.signal import detrend

    return detrend(np.eye(periods), bp=_starts(periods, block))


def _shifted(values: np.ndarray, starts: np.ndarray, times: int, generator: Any) -> np.ndarray:
    """Return the series with every block turned in a circle by a shift of its own."""
    turned = []
    for part in np.split(values, starts[1:]):
        turn = generator.integers(len(part), size=(times, 1))
        turned.append(part[(np.arange(len(part)) - turn) % len(part)])
    return np.hstack(turned)


def _against_shifts(
    one: np.ndarray,
    other: np.ndarray,
    lags: Sequence[int],
    alternative: str,
    block: int,
    permutations: int,
    generator: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the correlation per lag, that of each shifted series, p, and p over all lags."""
    off_line, starts = _off_line(len(one), block), _starts(len(one), block)
    left, right = one @ off_line, other @ off_line
    # A shift brings a slope back in, which the series itself has lost.
    shifted = _shifted(left, starts, permutations, generator) @ off_line
    seen = np.array([_correlation(left[None, :], right, lag)[0] for lag in lags])
    null = np.array([_correlation(shifted, right, lag) for lag in lags])
    out, far = (seen, null) if alternative == "precedes" else (np.abs(seen), np.abs(null))
    # Rounding must not make an equal shift look smaller.
    out = out[:, None] - 1e-7
    p, p_any = (
        (1 + (beyond >= out).sum(axis=1)) / (1 + permutations) for beyond in (far, far.max(axis=0))
    )
    return seen, null, p, p_any


def _correlation(left: np.ndarray, right: np.ndarray, lag: int) -> np.ndarray:
    """Return the correlation of each row with the other series so many periods later."""
    before, after = left[:, : left.shape[1] - lag], right[lag:]
    size = np.sqrt((before**2).sum(axis=1) * (after**2).sum())
    return (before @ after) / np.where(size > 0, size, 1)
