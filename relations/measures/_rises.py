"""What rises from phase to phase, what a year of crisis does, and what the sources do to it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations.measures._asking import (
    Asked,
    By,
    Status,
    check_dataset,
    describe,
)
from relations.measures._before_after import holm
from relations.measures._frequency import frequency
from relations.measures._intervals import rate_ratio, with_poisson
from relations.measures._phases import SHORTEST, about, counts_of, split
from relations.record._frames import collect, groups, names, narrow
from relations.record._periods import day
from relations.record.dataset import Dataset

RISE = ["phase", "since", "until", "count", "exposure", "rate", "low", "high", "share_of_rise"]
RATIOS = [
    *["since", "before", "after", "years_before", "years_after"],
    *["rate_before", "rate_after", "ratio", "low", "high", "p_value"],
]


def rise(
    data: Asked,
    by: By = (),
    since: Iterable[Any] | None = None,
    *,
    every: str = "year",
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Give the rate of each group in each phase, and its share of the rise.

    Parameters
    ----------
    data : Dataset or frame of events, as `exchange_frequency` takes it
    by : column or columns, such as "tier" or "kind"
        Of ``data.contacts``, or of the frame.
    since : first days of the phases, optional
        Years, months or days at which a period begins, such as those of another series:
        ``phases(data)["since"]``. Those of the phases of all groups together if left out.
    every, count, status, span
        As for `phases`.

    Returns
    -------
    pandas.DataFrame, one row per group and phase
        The columns of ``by``; ``phase`` from 1; ``since``, ``until`` first days of its first
        and last period; ``count`` added up over the periods; ``exposure`` in years; ``rate``,
        ``low``, ``high`` per year with the exact 95% Poisson interval; ``share_of_rise``, the
        same in every row of a group: what its rate grows from the first phase to the last, as
        a share of what all groups together grow. An occasion counts in every group that it has
        a contact in, so groups need not add up to the whole. Shares are empty where there is
        one phase, or nothing grows.

    Raises
    ------
    ValueError
        As `phases`; also where a day of ``since`` begins no period that is covered.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2020-05-01", "2020-06-01", "2020-07-01"]),
    ...     "precision": "day", "status": "held", "kind": ["visit", "visit", "visit", "call"]})
    >>> table = rise(events, "kind", since=[2019, 2020], span=("2019", "2020"))
    >>> table[["kind", "phase", "rate", "share_of_rise"]]
        kind  phase  rate  share_of_rise
    0   call      1   0.0            0.5
    1   call      2   1.0            0.5
    2  visit      1   1.0            0.5
    3  visit      2   2.0            0.5
    """
    grouped = names(by, RISE)
    how: dict[str, Any] = {"count": count, "status": status, "span": span}
    _, table = frequency(data, "rise", every, grouped, **how)
    begins = _begins(data, "rise", since, every, how)
    table["phase"] = _place(table["period"], begins)
    inside = table[table["phase"] > 0]
    keys = [*grouped, "phase"]
    found = inside.groupby(keys, dropna=False, as_index=False, observed=True).agg(
        since=("period", "min"),
        until=("period", "max"),
        count=("count", "sum"),
        exposure=("exposure", "sum"),
    )
    found = with_poisson(found)
    last = len(begins)
    grown = [
        group.loc[group["phase"] == last, "rate"].sum()
        - group.loc[group["phase"] == 1, "rate"].sum()
        for _, group in groups(found, grouped)
    ]
    total = sum(grown)
    shares = [one / total if last > 1 and total else np.nan for one in grown]
    pieces = [
        group.assign(share_of_rise=share)
        for (_, group), share in zip(groups(found, grouped), shares, strict=True)
    ]
    found = pd.concat(pieces, ignore_index=True) if pieces else found.assign(share_of_rise=np.nan)
    return about(found[[*grouped, *RISE]], data, count, every, by=grouped)


def rate_ratios(
    data: Asked,
    by: By = (),
    since: Iterable[Any] | None = None,
    *,
    every: str = "year",
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Compare the rate of each phase with that of the phase before it.

    Parameters
    ----------
    data, by, since, every, count, status, span
        As for `rise`. ``since`` may be any periods to compare: ``[2019, 2020, 2021]`` gives
        2020 over 2019, and all from 2021 on over 2020.

    Returns
    -------
    pandas.DataFrame, one row per group and phase but the first
        The columns of ``by``; ``since`` first day of the phase; ``before``, ``after`` counts of
        the phase before and of this one; ``years_before``, ``years_after`` covered;
        ``rate_before``, ``rate_after``; ``ratio`` of the rates with its exact 95% interval
        ``low``, ``high``, and ``p_value`` of an equal rate. The ratio is empty where neither
        phase has a contact, and endless where the first has none.

    Raises
    ------
    ValueError
        As `rise`.

    Notes
    -----
    Given both counts, the later is binomial (E. L. Lehmann and J. P. Romano, *Testing
    Statistical Hypotheses*, 3rd ed., 2005, section 4.5). Where the phases were found in the
    same counts, breaks lie where these differ most: the interval is then too narrow, the p too
    small. Phases of another series do not have that fault.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01"] * 8 + ["2020-05-01"] * 4),
    ...     "precision": "day", "status": "held"})
    >>> table = rate_ratios(events, since=[2019, 2020], span=("2019", "2020"))
    >>> table[["before", "after", "ratio", "low", "high"]].round(2).values.tolist()
    [[8.0, 4.0, 0.5, 0.11, 1.87]]
    """
    found = rise(data, by, since, every=every, count=count, status=status, span=span)
    grouped = names(by)
    rows = []
    for key, group in groups(found, grouped):
        for one, other in itertools.pairwise(group.to_dict("records")):
            counts, years = ((one[column], other[column]) for column in ("count", "exposure"))
            ratio = rate_ratio(*counts, *years)
            row = (other["since"], *counts, *years, one["rate"], other["rate"], *ratio.values())
            rows.append((*key, *row))
    table = pd.DataFrame(rows, columns=[*grouped, *RATIOS])
    types: dict[str, Any] = {column: found[column].dtype for column in [*grouped, "since"]}
    types |= dict.fromkeys(["before", "after"], "int64") | dict.fromkeys(RATIOS[3:], "float64")
    table = table.astype(types)
    return about(table, data, count, every, by=grouped)


def dips(
    data: Asked,
    years: Iterable[Any] | Mapping[str, Any] = (),
    *,
    dispersion: float | None = None,
    count: str = "occasions",
    status: Status = None,
    span: tuple[Any, Any] | None = None,
) -> pd.DataFrame:
    """Test whether years of crisis have fewer occasions than the years beside them.

    Parameters
    ----------
    data : Dataset, frame of events or frame of counts by the year, as `phases` takes it
    years : years, dates or mapping from a name to one, or to first and last day
        The years to test, each by the year in which it begins.
    dispersion : float, optional
        Variance of a count over its mean; that of the `phases` if left out, and at least 1.
    count, status, span
        As for `exchange_frequency`.

    Returns
    -------
    pandas.DataFrame, one row per year that is covered whole with both its neighbours
        ``year``; ``named`` true for those of ``years``; ``before``, ``count``, ``after`` of
        the year before, the year and the year after; ``below`` true where the year has fewer
        than either; ``p_value`` that a share of the three years as small would come by
        chance; ``p_adjusted`` for all years named together (S. Holm 1979), empty for others.
        How many of the years not named are ``below`` says how usual that is.

    Raises
    ------
    ValueError
        As `phases`; also where a year named is not covered with both neighbours.

    Notes
    -----
    If nothing happened a third of the n of three years falls into the middle one. One-sided
    normal test with variance 2n/9 times ``dispersion``, the scatter that years show anyway.
    A record that grows has its middle year at a third too, as long as growth is steady.

    Examples
    --------
    >>> import pandas as pd
    >>> frequency = pd.DataFrame({
    ...     "period": pd.date_range("2011-01-01", periods=6, freq="YS"),
    ...     "count": [9, 8, 9, 1, 10, 9], "exposure": 1.0, "partial": False})
    >>> table = dips(frequency, [2014], dispersion=1)
    >>> table.loc[table["named"], ["year", "before", "count", "after", "p_value"]].round(3)
       year  before  count  after  p_value
    2  2014       9      1     10    0.004
    """
    from scipy.stats import norm

    how: dict[str, Any] = {"count": count, "status": status, "span": span}
    series = counts_of(data, "dips", "year", **how)
    if dispersion is None:
        dispersion = float(split(series, "dips", None, SHORTEST, 1.0)["dispersion"].iloc[0])
        dispersion = max(1.0, dispersion)
    if not dispersion > 0:
        raise ValueError(f"dispersion={dispersion!r}: a variance over a mean is above 0")
    if len(series) > 1 and series["period"].dt.year.duplicated().any():
        raise ValueError("dips compares years: count by the year")
    wanted = _years(years)
    # A year covered whole has an exposure of 1, whether it is a leap year or not.
    whole = series[np.isclose(series["exposure"], 1)]
    number = dict(zip(whole["period"].dt.year, whole["count"].astype("int64"), strict=True))
    judged = [year for year in number if {year - 1, year + 1} <= set(number)]
    for year in wanted:
        if year not in judged:
            raise ValueError(
                f"dips: {year} is not covered whole with the years before and after it, so there "
                "is nothing to compare it with: leave it out"
            )
    table = pd.DataFrame({"year": judged}, dtype="int64")
    table["named"] = table["year"].isin(wanted)
    for name, step in (("before", -1), ("count", 0), ("after", 1)):
        table[name] = np.array([number[year + step] for year in judged], dtype="int64")
    table["below"] = (table["count"] < table["before"]) & (table["count"] < table["after"])
    three = table[["before", "count", "after"]].sum(axis=1)
    spread = np.sqrt(three * 2 / 9 * dispersion)
    # Three years without a contact say nothing.
    table["p_value"] = norm.cdf((table["count"] - three / 3) / spread.where(three > 0, 1))
    table["p_adjusted"] = holm(table["p_value"].where(table["named"]))
    return about(table, data, count, "year", dispersion=dispersion)


def phases_of_sources(
    data: Dataset,
    penalty: float | None = None,
    *,
    tier: str | Sequence[str] = "minister",
    within: int = 1,
    dispersion: float = 1.0,
    count: str = "occasions",
    status: Status = None,
) -> pd.DataFrame:
    """Find the phases of contacts, of what was read about them, and of contacts less tied to it.

    Parameters
    ----------
    data : Dataset
    penalty, dispersion
        As for `phases`; the same for every series.
    tier : str or sequence of str
        Tiers of the contacts that are reported whoever reads.
    within : int
        Years by which two breaks may differ and be called the same.
    count, status
        As for `phases`.

    Returns
    -------
    pandas.DataFrame, one row per series and phase, as `phases` returns them
        ``series`` first: "contacts"; "sources" read, by the year in which they were
        published, copies (``reprint_of``) left out; "outlets" that published them; "contacts
        per source" in the years that have sources, whose ``rate`` is per source and whose
        ``exposure`` is sources; "tier", contacts of that tier; "numbered", contacts with an
        edition in a series. ``beside_sources`` is true where the phase begins within so many
        years of a break of the sources, and empty for the first phase; ``by_chance`` the share
        of all years in which a phase could begin that lie as near to such a break.

    Raises
    ------
    ValueError
        As `phases`; where no source has a date.

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
    ['contacts', 'contacts per source', 'numbered', 'outlets', 'sources', 'tier']
    """
    check_dataset(data, "phases_of_sources")
    metric = "phases_of_sources"
    how: dict[str, Any] = {"count": count, "status": status, "span": None}
    contacts = counts_of(data, metric, "year", **how)
    needed = ["source_id", "outlet", "published", "reprint_of"]
    sources = narrow(data.sources, f"{metric} (sources)", needed)
    sources = collect(sources.filter(nw.col("reprint_of").is_null()))
    sources = sources[sources["published"].notna()]
    if sources.empty:
        raise ValueError(f"{metric}: no source that is no copy has a date in published")
    by_year = sources.groupby(sources["published"].dt.year)["outlet"]
    year = contacts["period"].dt.year
    read = contacts.assign(count=year.map(by_year.size()).fillna(0).astype("int64"))
    outlets = contacts.assign(count=year.map(by_year.nunique()).fillna(0).astype("int64"))
    per_source = contacts.assign(exposure=read["count"].astype(float))
    numbered = collect(narrow(data.editions, metric, ["event_id"]))["event_id"]
    series = {
        "contacts": contacts,
        "sources": read,
        "outlets": outlets,
        # Years without sources are left out, so that the years on both sides touch.
        "contacts per source": per_source[per_source["exposure"] > 0].reset_index(drop=True),
        "tier": _in_years(data.where(tier=tier), contacts, metric, how),
        "numbered": _in_years(_only(data, numbered), contacts, metric, how),
    }
    found = pd.concat(
        [
            split(frame, metric, penalty, SHORTEST, dispersion).assign(series=name)
            for name, frame in series.items()
        ],
        ignore_index=True,
    )
    first = found["phase"] == 1
    breaks = found.loc[(found["series"] == "sources") & ~first, "since"].dt.year.to_numpy()

    def beside(years: pd.Series) -> np.ndarray:
        return (np.abs(years.to_numpy()[:, None] - breaks[None, :]) <= within).any(axis=1)

    near = pd.array(beside(found["since"].dt.year), dtype="boolean")
    near[first.to_numpy()] = pd.NA
    found["beside_sources"] = near
    # A phase has at least so many years, on both sides of its break.
    found["by_chance"] = float(beside(year.iloc[SHORTEST : len(year) - SHORTEST + 1]).mean())
    found = found[["series", *found.columns.drop("series")]]
    return describe(found, data, count, every="year", tier=tier)


def _begins(
    data: Asked, metric: str, since: Iterable[Any] | None, every: str, how: dict[str, Any]
) -> pd.DatetimeIndex:
    """Return the first days of the phases, which begin periods that are covered."""
    series = counts_of(data, metric, every, **how)
    if since is None:
        return pd.DatetimeIndex(split(series, metric, None, SHORTEST, 1.0)["since"])
    given = [since] if isinstance(since, (str, int)) else list(since)
    begins = pd.DatetimeIndex([day(each, "since") for each in given]).as_unit("us")
    if not len(begins) or not begins.is_monotonic_increasing or begins.has_duplicates:
        raise ValueError(f"{metric}: since={given!r}: give different days in order of time")
    strange = begins[~begins.isin(series["period"])]
    if len(strange):
        raise ValueError(
            f"{metric}: {strange[0]:%Y-%m-%d} in since begins no {every} that is covered; the "
            f"first begins on {series['period'].iloc[0]:%Y-%m-%d}"
        )
    return begins


def _place(period: pd.Series, begins: pd.DatetimeIndex) -> np.ndarray:
    """Return the number of the phase of each period, 0 before the first."""
    return np.searchsorted(begins.to_numpy(), period.to_numpy(), side="right")


def _years(years: Iterable[Any] | Mapping[str, Any]) -> list[int]:
    """Return the years named, each once."""
    if isinstance(years, Mapping):
        years = years.values()
    elif isinstance(years, (str, int)):
        years = [years]
    firsts = [each[0] if isinstance(each, (tuple, list)) else each for each in years]
    return sorted({day(int(each) if isinstance(each, np.integer) else each, "years").year
                   for each in firsts})  # fmt: skip


def _in_years(
    data: Dataset, contacts: pd.DataFrame, metric: str, how: dict[str, Any]
) -> pd.DataFrame:
    """Count some of the contacts in the years of all of them."""
    return counts_of(data, metric, "year", **how).merge(contacts[["period"]], on="period")


def _only(data: Dataset, event_ids: pd.Series) -> Dataset:
    """Return the dataset with some of its contacts."""
    columns = nw.from_native(data.events).collect_schema().names()
    events = narrow(data.events, "phases_of_sources", columns)
    chosen = events.filter(nw.col("event_id").is_in(event_ids.unique().tolist()))
    return replace(data, events=nw.to_native(chosen), _whole=data.whole)
