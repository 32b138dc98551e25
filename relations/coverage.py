"""How far the record can be trusted: what two codings agree on, what it misses, what differs."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations import _contacts, _engines, _intervals
from relations.ranks import delegation_levels, rank_levels

FIELDS = ["kind", "status", "office_level", "areas"]
DRAWS = 1000
TIERS = {8: "leader", 5: "minister", 3: "deputy or service", 1: "working"}
UNKNOWN = "unknown"
CLOSE = 0.8


def coder_agreement(second_coding: Any, *, seed: int = 0) -> pd.DataFrame:
    """Measure how far two codings of the same reports agree, field by field.

    Parameters
    ----------
    second_coding : frame with ``event_id``, ``source_id``, ``field``, ``first``, ``second``
        As ``data.second_coding``: one row for each field of each report coded twice, lists
        separated by ``;``. pandas, Polars, DuckDB or PySpark.
    seed : int
        Of the draws behind the interval.

    Returns
    -------
    pandas.DataFrame, one row per field
        ``field``; ``reports`` coded twice; ``units`` compared; ``agree``, the share of units
        with the same value; ``alpha``, Krippendorff's alpha (1 perfect, 0 as by chance), and
        ``low``, ``high``, its 95% interval from drawing reports with replacement; ``note``,
        why a number is empty: the values of one report or one value alone have no alpha, and
        where no report differs, drawing them again shows no other alpha.
        ``office_level`` is ordinal, the others nominal. Each area is a unit of its own in
        each report, named or not named; only areas that either coding names anywhere are
        compared.

    Raises
    ------
    ValueError
        Where a column is missing, a field is not one of those that can be compared, an office
        level is no number, or one field of one report stands twice.

    Notes
    -----
    K. Krippendorff, *Content Analysis*, 4th ed., 2018, chapter 12; computed by the package
    ``krippendorff``. A level that only one coding found is passed over by alpha and counts
    against ``agree``; an empty kind or status is a value like others. Draws in which one value
    alone occurs have no alpha and are left out. In 1,000 simulated codings each of 80, 40, 20
    and 10 reports, with the kinds and disagreements of the shipped ones, 93, 94, 98 and 98% of
    the intervals that could be given held the true alpha.

    Examples
    --------
    >>> import pandas as pd
    >>> import relations as rel
    >>> coded = pd.DataFrame(
    ...     {
    ...         "event_id": ["a", "b", "c", "d"],
    ...         "source_id": ["s", "s", "s", "s"],
    ...         "field": "kind",
    ...         "first": ["visit", "visit", "meeting", "meeting"],
    ...         "second": ["visit", "meeting", "meeting", "meeting"],
    ...     }
    ... )
    >>> agreement = rel.coder_agreement(coded)
    >>> agreement[["field", "reports", "units", "agree", "alpha"]].round(3)
      field  reports  units  agree  alpha
    0  kind        4      4   0.75  0.533
    """
    columns = ["event_id", "source_id", "field", "first", "second"]
    frame = _engines.lazy(second_coding, "coder_agreement", columns)
    coded = frame.select(nw.col(*columns).cast(nw.String)).collect("pandas").to_native()
    unknown = set(coded["field"]) - set(FIELDS)
    if unknown:
        raise ValueError(
            f"coder_agreement: no way to compare {sorted(unknown)}; fields are {FIELDS}"
        )
    # A delegation of each side may have a level.
    key = ["event_id", "source_id", "field"]
    twice = coded[coded.duplicated(key) & (coded["field"] != "office_level")]
    if len(twice):
        raise ValueError(
            f"coder_agreement: {' '.join(twice[key].iloc[0])} stands more than once; keep one row"
        )
    rows = []
    for field in FIELDS:
        units = _units(coded[coded["field"] == field], field)
        if units.empty:
            continue
        alpha, low, high, note = _reckoned(units, field, seed)
        rows.append(
            {
                "field": field,
                "reports": units["report"].nunique(),
                "units": len(units),
                "agree": float((units["first"] == units["second"]).mean()),
                "alpha": alpha,
                "low": low,
                "high": high,
                "note": note,
            }
        )
    columns = ["field", "reports", "units", "agree", "alpha", "low", "high", "note"]
    return pd.DataFrame(rows, columns=columns)


def _units(coded: pd.DataFrame, field: str) -> pd.DataFrame:
    """Return what is compared: a report with two values, and for areas each area of it."""
    report = coded["event_id"] + " " + coded["source_id"]
    pair = coded[["first", "second"]].fillna("").apply(lambda values: values.str.strip())
    if field == "office_level":
        levels = pair.apply(pd.to_numeric, errors="coerce")
        for column in pair:
            bad = pair.loc[levels[column].isna() & pair[column].ne(""), column]
            if len(bad):
                raise ValueError(
                    f"coder_agreement: {column} of {report[bad.index[0]]} has the office level "
                    f"{bad.iloc[0]!r}; give a number, or leave it empty"
                )
        # As text again, so that 5 and 5.0 are one level and two empty ones agree.
        pair = levels.astype("float64").astype("str")
    if field != "areas":
        return pair.assign(report=report)
    named = [
        tuple({area.strip() for area in areas.split(";") if area.strip()} for areas in codings)
        for codings in zip(pair["first"], pair["second"], strict=True)
    ]
    areas = sorted(set().union(*(one | other for one, other in named)))
    rows = [
        (each, str(area in one), str(area in other))
        for each, (one, other) in zip(report, named, strict=True)
        for area in areas
    ]
    return pd.DataFrame(rows, columns=["report", "first", "second"])


def _codes(units: pd.DataFrame, field: str) -> np.ndarray:
    """Return one row per coding and one column per unit, empty where a level is."""
    pair = units[["first", "second"]]
    if field == "office_level":
        return pair.astype(float).to_numpy().T
    return pd.factorize(pair.to_numpy().ravel())[0].reshape(-1, 2).T.astype(float)


def _reckoned(units: pd.DataFrame, field: str, seed: int) -> tuple[float, float, float, str]:
    """Return alpha, the limits of its interval, and why one of them is empty."""
    codes = _codes(units, field)
    paired = ~np.isnan(codes).any(axis=0)
    # What chance would give is learnt from other reports.
    if units.loc[paired, "report"].nunique() < 2:
        return np.nan, np.nan, np.nan, "fewer than two reports"
    alpha = _alpha(codes, field)
    if np.isnan(alpha):
        return np.nan, np.nan, np.nan, "one value alone"
    if (codes[0] == codes[1])[paired].all():
        return alpha, np.nan, np.nan, "no report differs"
    return alpha, *_interval(units, codes, field, seed), ""


def _alpha(codes: np.ndarray, field: str) -> float:
    # Imported where used: nothing else needs it.
    import krippendorff

    paired = codes[:, ~np.isnan(codes).any(axis=0)]
    if len(np.unique(paired)) < 2:
        return float("nan")
    level = "ordinal" if field == "office_level" else "nominal"
    return float(krippendorff.alpha(reliability_data=paired, level_of_measurement=level))


def _interval(units: pd.DataFrame, codes: np.ndarray, field: str, seed: int) -> tuple[float, float]:
    """Draw whole reports, so that the areas of one report stay together."""
    generator = np.random.default_rng(seed)
    places = list(units.groupby("report").indices.values())
    alphas = np.array(
        [
            _alpha(codes[:, np.concatenate([places[report] for report in draw])], field)
            for draw in generator.integers(len(places), size=(DRAWS, len(places)))
        ]
    )
    low, high = np.nanquantile(alphas, [0.025, 0.975])
    return float(low), float(high)


def two_lists(data: Any, main_only: bool = False, *, years: int = 5) -> pd.DataFrame:
    """List which side's own reports name each contact that was held.

    Parameters
    ----------
    data : Dataset
        Its tables ``sides``, ``events``, ``reports``, ``sources`` and those that
        `rank_levels` reads; frames of any engine, which are collected.
    main_only : bool
        Count only reports of the time and not recollections in later ones.
    years : int
        Length of a period in ``period``.

    Returns
    -------
    pandas.DataFrame, one row per contact held
        ``event_id``, ``start``, ``kind``, ``mechanism``, ``parent_id``; ``period``, such as
        "2010-2014"; ``tier`` by the higher office level of the two heads: leader (8),
        minister (5 to 7), deputy or service (3 and 4), working (1 and 2) or unknown;
        ``first_side``, ``second_side``, the codes of the sides; ``first``, ``second``,
        ``third``: whether an original of the first, the second or no side names the
        contact; ``reported_by``: the one side, "both" or "neither", whatever third parties
        report. Reprints and translations are nobody's report.

    Raises
    ------
    ValueError
        Where a column is missing, a source of a report is unknown, the tables do not hold
        exactly two sides, ``years`` is below 1, or no contact was held.

    Notes
    -----
    The tier is read from reports too: a contact that nobody describes is ``unknown``.

    Examples
    --------
    >>> import relations as rel
    >>> lists = two_lists(rel.load())
    >>> exchange = lists[lists["event_id"] == "2024-04-11-border-exchange-8"]
    >>> exchange[["tier", "first_side", "second_side", "reported_by"]].to_numpy().tolist()
    [['minister', 'CN', 'VN', 'both']]
    """
    if years < 1:
        raise ValueError(f"years={years!r}: a period is one year or more")
    columns = ["event_id", "start", "kind", "mechanism", "parent_id"]
    events = _held(data, "two_lists", columns)
    sides = _sides(data, "two_lists")
    reports = _originals(data, "two_lists", ["main"])
    if main_only:
        reports = reports[reports["main"].fillna(False).astype(bool)]
    by_side = reports.groupby("event_id")["side"].agg(set)
    named = [by_side.get(event, set()) for event in events["event_id"]]
    lists = events[columns].assign(
        period=_periods(events["start"], years),
        tier=_tiers(data, events["event_id"]),
        first_side=sides[0],
        second_side=sides[1],
        first=[sides[0] in found for found in named],
        second=[sides[1] in found for found in named],
        third=[bool(found - set(sides)) for found in named],
    )
    lists["reported_by"] = np.select(
        [lists["first"] & lists["second"], lists["first"], lists["second"]],
        ["both", sides[0], sides[1]],
        "neither",
    )
    return lists.sort_values(["start", "event_id"], ignore_index=True)


def undercount(
    lists: Any, by: str | Sequence[str] = (), *, parts: str = "fold", odds_ratio: float = 1.0
) -> pd.DataFrame:
    """Estimate how many contacts took place, from those that either side's reports name.

    Parameters
    ----------
    lists : frame, as `two_lists` returns it
        pandas, Polars, DuckDB or PySpark; it is collected.
    by : column or columns of ``lists``, such as "tier", "kind" or "period"
        Estimates are made for each value.
    parts : {"fold", "keep"}
        "fold" estimates occasions: a part is a witness to the contact that it belongs to and
        is not counted again; one whose contact the frame lacks is left out. "keep" takes
        every row.
    odds_ratio : float
        How much more likely, in odds, one side is to report what the other reports too. 1
        means that the two lists are independent.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by``
        ``found`` contacts held, those that third parties alone report among them; ``first``,
        ``second`` contacts on each list; ``overlap`` on both; ``estimate`` contacts that took
        place, ``se`` its standard error, ``low``, ``high`` the 95% interval; ``share_found``
        of the estimate, ``share_low``, ``share_high``; ``bounded``. Where the lists do not
        overlap nothing bounds the number above: ``bounded`` is false, ``high`` is infinite and
        ``estimate``, ``se`` and ``share_found`` are empty. No number is below ``found``.

    Raises
    ------
    ValueError
        Where a column is missing, there is no contact, one stands twice, ``first`` or
        ``second`` is neither true nor false, or the odds ratio is not above 0.

    Notes
    -----
    Chapman (1951): N = (n1+1)(n2+1)/(m+1) - 1, with variance
    (n1+1)(n2+1)(n1-m)(n2-m)/((m+1)^2 (m+2)) (Seber 1970). What both lists miss is thus
    b c/(m+1), with b and c the contacts on one list alone; under dependence it is the odds
    ratio times that, and so is the standard error. The interval holds the N under which an
    overlap as small, and one as large, has a chance above 2.5%, given n1 and n2: exact for
    counts of any size, and a little wide for small ones. The law is the hypergeometric, or
    Fisher's non-central one.

    Read it as a lower bound. The press systems are not independent: what is important enough
    for one is likely to be in the other, so that the overlap is large and the estimate small.
    What neither would ever print is in no estimate. Two things work the other way: subjects
    that one press leaves to the other (look at ``by="kind"``), and one contact that is kept
    as two because its reports were not matched (`undercount_sensitivity`).

    Examples
    --------
    >>> import pandas as pd
    >>> lists = pd.DataFrame({
    ...     "event_id": list("abcdefgh"), "parent_id": None,
    ...     "first": [True] * 6 + [False] * 2, "second": [False] * 2 + [True] * 6})
    >>> undercount(lists)[["found", "first", "second", "overlap", "estimate", "low", "high"]]
       found  first  second  overlap  estimate  low  high
    0      8      6       6        4       8.8    8    22
    """
    if not odds_ratio > 0:
        raise ValueError(f"odds_ratio={odds_ratio!r}: it is above 0, and 1 means no dependence")
    by = _engines.names(by)
    rows = []
    for key, group in _groups(_occasions(lists, "undercount", by, parts), by):
        counts = _counts(group)
        rows.append({**key, **counts, **_estimate(**counts, odds_ratio=odds_ratio)})
    return pd.DataFrame(rows)


def undercount_sensitivity(
    lists: Any,
    by: str | Sequence[str] = (),
    *,
    odds_ratios: Sequence[float] = (1, 2, 4, 8),
    match_error: Sequence[float] = (0, 0.05, 0.10),
    parts: str = "fold",
) -> pd.DataFrame:
    """Move the estimate by what it takes for granted: independence and right matches.

    Parameters
    ----------
    lists : frame, as `two_lists` returns it
        pandas, Polars, DuckDB or PySpark; it is collected.
    by : column or columns of ``lists``
    odds_ratios : sequence of float
        Dependence between the lists, as in `undercount`. Below 1 each side rather reports
        what the other does not.
    match_error : sequence of float
        Share of the matches that is wrong, from 0 to below 1. Each is tried in both directions.
    parts : {"fold", "keep"}
        As in `undercount`.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by``, match error, direction and odds ratio
        ``match_error``; ``matches``: "as recorded", "false" (that share of the matches joins
        two contacts that were different) or "missed" (as many again are one contact kept as
        two, as far as each list has contacts of its own); ``odds_ratio``; then the columns of
        `undercount`. A whole number of matches is moved, rounded up, so that few matches are
        tried harder than the share says.

    Raises
    ------
    ValueError
        As `undercount`; where a share lies outside 0 to 1, or no ratio or share is given.

    Examples
    --------
    >>> import pandas as pd
    >>> lists = pd.DataFrame({
    ...     "event_id": list("abcdefgh"), "parent_id": None,
    ...     "first": [True] * 6 + [False] * 2, "second": [False] * 2 + [True] * 6})
    >>> moved = undercount_sensitivity(lists, odds_ratios=(1, 4), match_error=(0, 0.1))
    >>> moved[["matches", "odds_ratio", "found", "overlap", "estimate"]].round(2)
           matches  odds_ratio  found  overlap  estimate
    0  as recorded           1      8        4      8.80
    1  as recorded           4      8        4     11.20
    2        false           1      9        3     11.25
    3        false           4      9        3     18.00
    4       missed           1      7        5      7.17
    5       missed           4      7        5      7.67
    """
    odds_ratios, match_error = list(odds_ratios), list(match_error)
    if not odds_ratios or not match_error:
        raise ValueError("undercount_sensitivity needs an odds ratio and a share of wrong matches")
    bad = [ratio for ratio in odds_ratios if not ratio > 0]
    if bad:
        raise ValueError(f"odds_ratios={bad}: they are above 0, and 1 means no dependence")
    wrong = [share for share in match_error if not 0 <= share < 1]
    if wrong:
        raise ValueError(f"match_error={wrong}: give the share of wrong matches, such as 0.05")
    by = _engines.names(by)
    rows = []
    for key, group in _groups(_occasions(lists, "undercount_sensitivity", by, parts), by):
        for share in match_error:
            ways = {"false": -1, "missed": 1} if share else {"as recorded": 0}
            for matches, sign in ways.items():
                counts = _rematched(_counts(group), share, sign)
                for ratio in odds_ratios:
                    how = {"match_error": share, "matches": matches, "odds_ratio": ratio}
                    rows.append({**key, **how, **counts, **_estimate(**counts, odds_ratio=ratio)})
    return pd.DataFrame(rows)


def one_sided(
    lists: Any, by: str | Sequence[str] = (), *, parts: str = "fold", evidence: bool = False
) -> pd.DataFrame:
    """Give the share of contacts that one side alone reports, and which side it is.

    Parameters
    ----------
    lists : frame, as `two_lists` returns it
        pandas, Polars, DuckDB or PySpark; it is collected.
    by : column or columns of ``lists``, such as "kind"
    parts : {"fold", "keep"}
        As in `undercount`.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``count``, separated by
        ``;``, as `trace` takes them.

    Returns
    -------
    pandas.DataFrame, three rows per value of ``by``
        ``only``: each side's code, then "either"; ``contacts`` that at least one side
        reports; ``count`` of them that no other side reports; ``share``, ``low``, ``high``,
        the 95% Wilson interval. Empty shares where neither side reports any.

    Raises
    ------
    ValueError
        Where a column is missing or there is no contact.

    Notes
    -----
    E. B. Wilson, Journal of the American Statistical Association 22 (1927).

    Examples
    --------
    >>> import pandas as pd
    >>> lists = pd.DataFrame({
    ...     "event_id": list("abcd"), "parent_id": None, "first_side": "AA", "second_side": "BB",
    ...     "first": [True, False, False, False], "second": [True, True, True, False]})
    >>> one_sided(lists).round(2)
         only  contacts  count  share   low  high
    0      AA         3      0   0.00  0.00  0.56
    1      BB         3      2   0.67  0.21  0.94
    2  either         3      2   0.67  0.21  0.94
    """
    by = _engines.names(by)
    kept = _occasions(lists, "one_sided", [*by, "first_side", "second_side"], parts)
    rows = []
    for key, group in _groups(kept, by):
        first, second = group["first"], group["second"]
        contacts = int((first | second).sum())
        alone_by = {
            group["first_side"].iloc[0]: first & ~second,
            group["second_side"].iloc[0]: second & ~first,
            "either": first ^ second,
        }
        for only, alone in alone_by.items():
            count = int(alone.sum())
            share = {"only": only, "contacts": contacts, "count": count}
            behind = _contacts.behind(group.loc[alone, "event_id"], evidence)
            rows.append({**key, **share, **_share(count, contacts), **behind})
    return pd.DataFrame(rows)


def contradictions(data: Any, field: str) -> pd.DataFrame:
    """List where reports of one contact held differ, with both values and their sources.

    Parameters
    ----------
    data : Dataset
        Its tables ``sides``, ``events``, ``reports``, ``sources``, and by field ``editions``,
        ``participants``, ``people``, ``ranks`` or ``area_mentions``; any engine, collected.
    field : {"date", "edition", "rank", "office", "areas"}
        - "date": a report gives a day outside the days of the contact, at the precision of
          both; ``second`` is then the contact as resolved.
        - "edition": two numbers for one contact, in reports or between the sides.
        - "rank": two printed ranks of a person that no rank of that side can both be, by
          the names in ``data.ranks``; what they do not hold is not compared.
        - "office": two printed offices of a person, in the same writing (Chinese characters,
          plain letters, letters with marks), neither of which is a shortening of the other.
          Different words, seldom different offices.
        - "areas": an area that sources of one side name and those of the other do not,
          where originals of both name the contact.

    Returns
    -------
    pandas.DataFrame, one row per pair of values
        ``event_id``; ``field``; ``about``, the person, area or report; ``first``,
        ``first_sides``, ``first_sources``, ``second``, ``second_sides``, ``second_sources``,
        several separated by ``;``; ``apart``, days outside the contact (negative: before it)
        or the difference of the two numbers. Reprints are left out.

    Raises
    ------
    ValueError
        Where the field is unknown or a table lacks a column.

    Examples
    --------
    >>> import relations as rel
    >>> numbers = contradictions(rel.load(), "edition").set_index("event_id")
    >>> numbers.loc["2013-06-05-dialogue-4", ["first", "second"]].tolist()
    ['4', '7']
    """
    return _contradictions(data, field, "contradictions")[0]


def contradiction_shares(data: Any) -> pd.DataFrame:
    """Give the share of what can be compared in which reports of one contact differ.

    Parameters
    ----------
    data : Dataset
        As for `contradictions`.

    Returns
    -------
    pandas.DataFrame, one row per field of `contradictions`
        ``field``; ``unit`` that is compared; ``compared`` units with two values; ``differ``
        among them; ``share``, ``low``, ``high``, the 95% Wilson interval.

    Raises
    ------
    ValueError
        Where a table lacks a column.

    Examples
    --------
    >>> import relations as rel
    >>> contradiction_shares(rel.load())["field"].tolist()
    ['date', 'edition', 'rank', 'office', 'areas']
    """
    rows = []
    for field, (unit, _) in COMPARED.items():
        pairs, compared = _contradictions(data, field, "contradiction_shares")
        differ = len(pairs[["event_id", "about"]].drop_duplicates())
        counts = {"field": field, "unit": unit, "compared": compared, "differ": differ}
        rows.append({**counts, **_share(differ, compared)})
    return pd.DataFrame(rows)


def sources_per_year(data: Any, *, evidence: bool = False) -> pd.DataFrame:
    """Count what each year's contacts rest on, side by side.

    A change of contacts that comes with a change of sources may be one of sources only.

    Parameters
    ----------
    data : Dataset
        Its tables ``sides``, ``events``, ``reports`` and ``sources``; any engine, collected.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``contacts``, separated by
        ``;``, as `trace` takes them.

    Returns
    -------
    pandas.DataFrame, one row per year of a contact held and side, "third" last
        ``year`` of the contact's start, the first to the last; ``side``; ``contacts`` that
        originals of this side name, parts among them; ``sources`` and ``outlets`` that name
        them; ``new_outlets``, those that name no contact of an earlier year; ``largest``, the
        share of these sources that is the most frequent outlet's, empty without sources.

    Raises
    ------
    ValueError
        Where a column is missing or no contact was held.

    Examples
    --------
    >>> import relations as rel
    >>> basis = sources_per_year(rel.load())
    >>> basis.groupby("side", sort=False)["year"].first().to_dict()
    {'CN': 2000, 'VN': 2000, 'third': 2000}
    """
    events = _held(data, "sources_per_year", ["event_id", "start"])
    sides = _sides(data, "sources_per_year")
    reports = _originals(data, "sources_per_year", [])
    reports = reports.merge(events, on="event_id")
    reports["year"] = reports["start"].dt.year
    reports["side"] = reports["side"].where(reports["side"].isin(sides), "third")
    debut = reports.groupby("outlet")["year"].min()
    grouped = dict(iter(reports.groupby(["year", "side"])))
    rows = []
    for year in range(events["start"].dt.year.min(), events["start"].dt.year.max() + 1):
        for side in [*sides, "third"]:
            here = grouped.get((year, side), reports.iloc[:0])
            pages = here.drop_duplicates("source_id")
            outlets = pages["outlet"].dropna()
            rows.append(
                {
                    "year": year,
                    "side": side,
                    "contacts": here["event_id"].nunique(),
                    "sources": len(pages),
                    "outlets": outlets.nunique(),
                    "new_outlets": int((debut[outlets.unique()] == year).sum()),
                    "largest": outlets.value_counts().max() / len(pages) if len(pages) else np.nan,
                    **_contacts.behind(here["event_id"], evidence),
                }
            )
    return pd.DataFrame(rows)


def _table(data: Any, metric: str, name: str, columns: Iterable[str]) -> pd.DataFrame:
    columns = list(columns)
    frame = _engines.lazy(getattr(data, name), f"{metric} ({name})", columns)
    # A pandas table comes back as itself, and the caller's must stay as it is.
    return _engines.collect(frame.select(*columns)).copy()


def _held(data: Any, metric: str, columns: list[str]) -> pd.DataFrame:
    events = _table(data, metric, "events", dict.fromkeys([*columns, "status"]))
    held = events[events["status"].astype("object") == "held"].reset_index(drop=True)
    if held.empty:
        raise ValueError(f"{metric}: no contact of the table events has the status held")
    return held[columns]


def _sides(data: Any, metric: str) -> list[str]:
    sides = sorted(_table(data, metric, "sides", ["side"])["side"])
    if len(sides) != 2:
        raise ValueError(f"{metric} compares two sides; the table sides holds {sides}")
    return sides


def _originals(data: Any, metric: str, columns: list[str]) -> pd.DataFrame:
    """Return the reports in originals: a copy or translation is no second witness."""
    reports = _table(data, metric, "reports", ["event_id", "source_id", *columns])
    sources = _table(
        data, metric, "sources", ["source_id", "side", "outlet", "language", "reprint_of"]
    )
    unknown = sorted(set(reports["source_id"]) - set(sources["source_id"]))
    if unknown:
        raise ValueError(f"{metric}: reports name sources that are not listed: {unknown}")
    return reports.merge(sources[sources["reprint_of"].isna()], on="source_id")


def _periods(start: pd.Series, years: int) -> list[str]:
    first = start.dt.year // years * years
    return [f"{year}-{year + years - 1}" if years > 1 else str(year) for year in first]


def _tiers(data: Any, events: pd.Series) -> pd.Categorical:
    heads = _table_of(delegation_levels(rank_levels(data)))
    level = pd.to_numeric(heads["office_level"], errors="coerce").astype("float64")
    top = level.groupby(heads["event_id"]).max().reindex(events)
    names = [
        next((tier for least, tier in TIERS.items() if height >= least), UNKNOWN) for height in top
    ]
    return pd.Categorical(names, categories=[*TIERS.values(), UNKNOWN], ordered=True)


def _table_of(frame: Any) -> pd.DataFrame:
    return _engines.collect(nw.from_native(frame).lazy())


def _occasions(lists: Any, metric: str, by: list[str], parts: str) -> pd.DataFrame:
    if parts not in ("fold", "keep"):
        raise ValueError(f"parts={parts!r}: use 'fold' or 'keep'")
    columns = list(dict.fromkeys(["event_id", "parent_id", "first", "second", *by]))
    rows = _engines.collect(_engines.lazy(lists, metric, columns).select(*columns))
    if rows.empty:
        raise ValueError(f"{metric}: the frame has no contact; look at how it was filtered")
    for column in ("first", "second"):
        # An empty cell and the text "False" would both count as true.
        bad = rows[~rows[column].isin([True, False])]
        if len(bad):
            raise ValueError(
                f"{metric}: {column} of {bad['event_id'].iloc[0]} is {bad[column].iloc[0]!r}; "
                "say true or false, or drop the row"
            )
    rows = rows.astype({"first": bool, "second": bool})
    twice = rows.loc[rows["event_id"].duplicated(), "event_id"]
    if len(twice):
        raise ValueError(
            f"{metric}: {twice.iloc[0]} stands more than once; keep one row per contact"
        )
    if parts == "keep":
        return rows
    whole = rows["parent_id"].fillna(rows["event_id"])
    seen = rows.groupby(whole)[["first", "second"]].any()
    occasions = rows[rows["parent_id"].isna()]
    if occasions.empty:
        raise ValueError(f"{metric}: only parts of contacts are here; parts='keep' counts them")
    found = seen.loc[occasions["event_id"]].to_numpy()
    return occasions.assign(first=found[:, 0], second=found[:, 1])


def _groups(rows: pd.DataFrame, by: list[str]) -> Iterable[tuple[dict[str, Any], pd.DataFrame]]:
    for key, group in _engines.groups(rows, by):
        yield dict(zip(by, key, strict=True)), group


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    return {
        "found": len(rows),
        "first": int(rows["first"].sum()),
        "second": int(rows["second"].sum()),
        "overlap": int((rows["first"] & rows["second"]).sum()),
    }


def _rematched(counts: dict[str, int], share: float, sign: int) -> dict[str, int]:
    """Take wrong matches apart, or join contacts that should have been matched."""
    alone = min(counts["first"], counts["second"]) - counts["overlap"]
    moved = int(np.ceil(round(share * counts["overlap"], 9)))
    moved = sign * (min(moved, alone) if sign > 0 else moved)
    return {
        **counts, "found": counts["found"] - moved, "overlap": counts["overlap"] + moved,
    }  # fmt: skip


def _estimate(
    found: int, first: int, second: int, overlap: int, odds_ratio: float
) -> dict[str, Any]:
    seen = first + second - overlap
    low, high = _bounds(first, second, overlap, odds_ratio)
    low, high = max(low, found), max(high, found)
    if not overlap:
        estimate = error = float("nan")
    else:
        unseen = odds_ratio * (first - overlap) * (second - overlap) / (overlap + 1)
        estimate = max(seen + unseen, float(found))
        spread = (first + 1) * (second + 1) * (first - overlap) * (second - overlap)
        error = odds_ratio * np.sqrt(spread / ((overlap + 1) ** 2 * (overlap + 2)))
    return {
        "estimate": estimate, "se": error, "low": low, "high": high,
        "share_found": found / estimate, "share_low": found / high, "share_high": found / low,
        "bounded": bool(overlap),
    }  # fmt: skip


def _bounds(first: int, second: int, overlap: int, odds_ratio: float) -> tuple[int, float]:
    """Return the totals under which the overlap is neither too small nor too large."""
    # Imported where used: it is slow to load.
    from scipy.stats import hypergeom, nchypergeom_fisher

    def chance(total: int, larger: bool) -> float:
        plain = odds_ratio == 1
        law = hypergeom if plain else nchypergeom_fisher
        sizes = (total, first, second) if plain else (total, first, second, odds_ratio)
        return float(law.sf(overlap - 1, *sizes) if larger else law.cdf(overlap, *sizes))

    seen = first + second - overlap
    low = _first(lambda total: chance(total, larger=False) > 0.025, seen)
    if not overlap:
        return low, float("inf")
    return low, _first(lambda total: chance(total, larger=True) <= 0.025, low) - 1


def _first(reached: Callable[[int], bool], start: int) -> int:
    """Return the first number from ``start`` on from which the condition holds."""
    if reached(start):
        return start
    step = 1
    while not reached(start + step):
        step *= 2
    before, after = start + step // 2, start + step
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (before, middle) if reached(middle) else (middle, after)
    return after


def _share(count: int, total: int) -> dict[str, float]:
    low, high = _intervals.wilson(count, total)
    return {"share": count / total if total else float("nan"), "low": low, "high": high}


def _contradictions(data: Any, field: str, metric: str) -> tuple[pd.DataFrame, int]:
    """Return the pairs that differ and how many units could be compared."""
    if field not in COMPARED:
        raise ValueError(f"field={field!r}: use one of {', '.join(COMPARED)}")
    rows, compared = COMPARED[field][1](data, metric)
    columns = [
        "event_id", "field", "about", "first", "first_sides", "first_sources",
        "second", "second_sides", "second_sources", "apart",
    ]  # fmt: skip
    pairs = pd.DataFrame(rows, columns=columns).assign(field=field).astype({"apart": "float64"})
    return pairs.sort_values(["event_id", "about"], kind="stable", ignore_index=True), compared


def _dates(data: Any, metric: str) -> tuple[list[dict[str, Any]], int]:
    events = _held(data, metric, ["event_id", "start", "end"])
    given = ["start_as_reported", "start_as_reported_latest"]
    reports = _originals(data, metric, given).merge(events, on="event_id").dropna(subset=given)
    rows = []
    for report in reports.itertuples():
        if report.start_as_reported > report.end:
            apart = (report.start_as_reported - report.end).days
        elif report.start_as_reported_latest < report.start:
            apart = (report.start_as_reported_latest - report.start).days
        else:
            continue
        rows.append(
            {
                "event_id": report.event_id,
                "about": report.source_id,
                "first": _days(report.start_as_reported, report.start_as_reported_latest),
                "first_sides": report.side,
                "first_sources": report.source_id,
                "second": _days(report.start, report.end),
                "second_sides": "",
                "second_sources": "",
                "apart": apart,
            }
        )
    return rows, len(reports)


def _days(first: pd.Timestamp, last: pd.Timestamp) -> str:
    return f"{first:%Y-%m-%d}" + ("" if first == last else f"/{last:%Y-%m-%d}")


def _editions(data: Any, metric: str) -> tuple[list[dict[str, Any]], int]:
    held = _held(data, metric, ["event_id"])
    printed = _originals(data, metric, ["edition_as_reported"]).rename(
        columns={"edition_as_reported": "value"}
    )
    counted = _table(data, metric, "editions", ["event_id", "side", "edition"])
    # What both sides count alike is said by each of them.
    each = {side: [side] for side in _sides(data, metric)}
    each["both"] = [side for [side] in each.values()]
    counted["side"] = counted["side"].map(each)
    counted = counted.explode("side").rename(columns={"edition": "value"})
    values = pd.concat([printed, counted])[["event_id", "value", "side", "source_id"]]
    values = values.dropna(subset=["value"]).merge(held, on="event_id")
    values = values.assign(about="", value=values["value"].astype("int64"))
    return _pairs(values, lambda one, other: one != other, lambda one, other: one - other)


def _ranks_printed(data: Any, metric: str) -> tuple[list[dict[str, Any]], int]:
    printed = _printed(data, metric, "rank_as_reported")
    people = _table(data, metric, "people", ["person_id", "side"])
    ladder = _table(
        data, metric, "ranks", ["side", "rank_id", "native_name", "name", "rendered_as"]
    )
    called: dict[tuple[str, str], set[str]] = {}
    for rank in ladder.itertuples():
        for names in (rank.native_name, rank.name, rank.rendered_as):
            for name in "" if pd.isna(names) else names.split(";"):
                if name:
                    called.setdefault((rank.side, _plain(name)), set()).add(rank.rank_id)
    own = people.set_index("person_id")["side"]
    printed["meant"] = [
        frozenset(called.get((own.get(person), _plain(value)), ()))
        for person, value in zip(printed["about"], printed["value"], strict=True)
    ]
    known = printed[printed["meant"].map(bool).astype(bool)]
    meant = {(row.event_id, row.about, row.value): row.meant for row in known.itertuples()}
    return _pairs(known, lambda one, other: True, keyed=meant)


def _offices_printed(data: Any, metric: str) -> tuple[list[dict[str, Any]], int]:
    printed = _printed(data, metric, "office_as_reported")
    printed["writing"] = printed["value"].map(_writing)
    return _pairs(printed, _other_words, within="writing")


def _areas_named(data: Any, metric: str) -> tuple[list[dict[str, Any]], int]:
    held = _held(data, metric, ["event_id"])
    sides = _sides(data, metric)
    reports = _originals(data, metric, []).merge(held, on="event_id")
    mentions = _table(data, metric, "area_mentions", ["event_id", "source_id", "area"])
    named = reports.merge(mentions, on=["event_id", "source_id"]).drop_duplicates(
        ["event_id", "source_id", "area"]
    )
    who = {key: _joined(group) for key, group in reports.groupby(["event_id", "side"])["source_id"]}
    two = {event for event, side in who if all((event, each) in who for each in sides)}
    rows, compared = [], 0
    here = named[named["event_id"].isin(two) & named["side"].isin(sides)]
    for (event, area), group in here.groupby(["event_id", "area"]):
        compared += 1
        if len(set(group["side"])) == 1:
            side = group["side"].iloc[0]
            silent = next(each for each in sides if each != side)
            rows.append(
                {
                    "event_id": event, "about": area,
                    "first": "named", "first_sides": side,
                    "first_sources": _joined(group["source_id"]),
                    "second": "not named", "second_sides": silent,
                    "second_sources": who[event, silent],
                }
            )  # fmt: skip
    return rows, compared


def _printed(data: Any, metric: str, column: str) -> pd.DataFrame:
    """Return what originals print of each person in each contact held."""
    held = _held(data, metric, ["event_id"])
    sources = _table(data, metric, "sources", ["source_id", "side", "language", "reprint_of"])
    people = _table(data, metric, "participants", ["event_id", "person_id", "source_id", column])
    people = people.dropna(subset=[column]).merge(held, on="event_id")
    people = people.merge(sources[sources["reprint_of"].isna()], on="source_id")
    return people.rename(columns={column: "value", "person_id": "about"})


def _pairs(
    values: pd.DataFrame,
    differ: Callable[[Any, Any], bool],
    apart: Callable[[Any, Any], float] | None = None,
    within: str | None = None,
    keyed: dict[Any, frozenset[str]] | None = None,
) -> tuple[list[dict[str, Any]], int]:
    """Pair the values that different sources give for one thing, and count the things."""
    rows, units = [], set()
    for key, group in values.groupby(["event_id", "about", *([within] if within else [])]):
        if len(group) < 2:
            continue
        event, about = key[:2]
        units.add((event, about))
        given = dict(iter(group.groupby("value")))
        for one, other in itertools.combinations(given, 2):
            if keyed is not None and keyed[event, about, one] & keyed[event, about, other]:
                continue
            if not differ(one, other):
                continue
            rows.append(
                {
                    "event_id": event, "about": about,
                    "first": str(one), "first_sides": _joined(given[one]["side"]),
                    "first_sources": _joined(given[one]["source_id"]),
                    "second": str(other), "second_sides": _joined(given[other]["side"]),
                    "second_sources": _joined(given[other]["source_id"]),
                    "apart": abs(apart(one, other)) if apart else np.nan,
                }
            )  # fmt: skip
    return rows, len(units)


def _joined(values: pd.Series) -> str:
    return ";".join(sorted(set(values.dropna())))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _words(text: str) -> list[str]:
    # Scripts without spaces are compared sign by sign.
    return re.findall(r"[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+", text.casefold())


def _writing(text: str) -> str:
    if re.search(r"[\u3400-\u9fff]", text):
        return "characters"
    return "plain letters" if all(word.isascii() for word in _words(text)) else "marked letters"


def _other_words(one: str, other: str) -> bool:
    """Whether each text has a word that the other lacks, spelling variants aside."""
    first, second = _words(one), _words(other)

    def within(words: list[str], longer: list[str]) -> bool:
        return all(difflib.get_close_matches(word, longer, 1, CLOSE) for word in words)

    return not within(first, second) and not within(second, first)


COMPARED: dict[str, tuple[str, Callable[[Any, str], tuple[list[dict[str, Any]], int]]]] = {
    "date": ("report with a date", _dates),
    "edition": ("contact numbered twice", _editions),
    "rank": ("person in a contact, two sources", _ranks_printed),
    "office": ("person in a contact, two sources in one writing", _offices_printed),
    "areas": ("area in a contact that both sides report", _areas_named),
}
