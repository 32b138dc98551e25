"""What the figures of the told story take: turning points, levels by year, crises, and more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from relations.measures._asking import check_count, describe
from relations.measures._scatter import LEVEL_OF
from relations.measures._story_places import contact_places
from relations.measures._story_words import (
    HIGH,
    hotline_steps,
    positions,
    positions_by_year,
    precision_of,
    unread_statements,
)
from relations.measures._tiers import tiers
from relations.record import _periods
from relations.record._frames import collect, narrow
from relations.record._periods import check_every
from relations.record._types import TEXT
from relations.record.dataset import Dataset, check_dataset

__all__ = [
    "around_crises",
    "block_means",
    "contact_places",
    "crisis_silences",
    "hotline_steps",
    "level_years",
    "positions",
    "positions_by_year",
    "summit_and_base",
    "turning_points",
    "unread_statements",
]

SETTINGS = {"bilateral": "bilateral", "margin": "bilateral", "multilateral": "multilateral"}
HALVES = ("ministers and above", "below ministers")


def turning_points(
    data: Dataset, points: Mapping[str, str] | Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the circumstances on which the story turns, with a few words for each.

    Parameters
    ----------
    data : Dataset
        Its table ``context`` is read, also what lies before the record's span.
    points : ids of ``context``, with words for each or without, optional
        Without words the title up to the first comma or semicolon is taken. A choice for
        the shipped record if left out.

    Returns
    -------
    pandas.DataFrame, one row per circumstance, by day
        ``context_id``, ``start``, ``end``, ``role``, ``words``, ``title``.

    Raises
    ------
    ValueError
        Where an id asked for is not in the context.

    Examples
    --------
    >>> import relations as rel
    >>> turning_points(rel.load())["words"].iloc[0]
    'Border war'
    """
    check_dataset(data, "turning_points")
    found = _context(data, "turning_points", points, "turning_point")
    columns = ["context_id", "start", "end", "role", "words", "title"]
    return describe(found[columns], data, "circumstances")


def _context(
    data: Dataset, metric: str, asked: Mapping[str, str] | Sequence[str] | None, drawn_as: str
) -> pd.DataFrame:
    """Return the rows of the context asked for, by day; else those that figures draw so."""
    columns = ["context_id", "start", "start_latest", "end_latest", "title"]
    optional = ["role", "ended_by", "label", "drawn_as"]
    context = collect(narrow(data.whole.context, metric, columns, optional))
    context["precision"] = precision_of(context)
    context = context.rename(columns={"end_latest": "end"})
    for column in optional:
        if column not in context:
            context[column] = pd.array([None] * len(context), dtype=TEXT)
    if asked is None:
        usual = context["drawn_as"].fillna("").str.split(";").map(lambda ways: drawn_as in ways)
        found = context[usual.astype(bool)].copy()
    else:
        unknown = [one for one in asked if one not in set(context["context_id"])]
        if unknown:
            raise ValueError(f"{metric}: {unknown[0]!r} is no context_id of data.context")
        found = context[context["context_id"].isin(list(asked))].copy()
    short = found["title"].str.split(r"[,;]", n=1, regex=True).str[0]
    given = dict(asked) if isinstance(asked, Mapping) else {}
    words = found["context_id"].map(given).astype(TEXT).fillna(found["label"]).fillna(short)
    found["words"] = pd.array(words, dtype=TEXT)
    found = found.drop(columns=["label", "drawn_as"])
    return found.sort_values(["start", "context_id"], ignore_index=True)


def _occasions(data: Dataset, count: str = "occasions", status: Iterable[str] = ()) -> pd.DataFrame:
    """Return one row per occasion (or contact) with its highest tier, by day."""
    check_count(count)
    flat = data.contacts
    if status:
        events = collect(narrow(data.events, "story", ["event_id"]))
        whole = data.whole._flat
        inside = whole["event_id"].isin(events["event_id"])
        flat = whole[inside & whole["status"].isin(list(status))]
    rows = flat[
        ["event_id", "occasion", "start", "precision", "title", "tier", "setting", "status"]
    ].copy()
    # A part that was called off says nothing of the tier of the whole.
    key = rows["occasion"] if count == "occasions" else rows["event_id"]
    groups = [key, rows["status"].astype("object")]
    places = rows["tier"].cat.codes.groupby(groups).transform("min")
    rows["tier"] = pd.Categorical.from_codes(places, categories=rows["tier"].cat.categories)
    rows["level"] = rows["tier"].astype("object").map(LEVEL_OF).astype(TEXT)
    rows["part"] = rows["event_id"] != key
    rows["key"] = key
    rows = rows.sort_values(["part", "start", "event_id"], kind="stable")
    rows = rows.drop_duplicates(["key", "status"]).drop(columns=["part", "key"])
    rows["latest"] = _periods.latest_start(rows["start"], rows["precision"].astype("object"))
    return rows.sort_values(["start", "event_id"], ignore_index=True)


def level_years(data: Dataset, every: str = "year", *, count: str = "occasions") -> pd.DataFrame:
    """Count the occasions of each period by tier, with the level that the tier belongs to.

    Parameters
    ----------
    data : Dataset
    every : {"month", "quarter", "year"}
    count : {"occasions", "contacts"}

    Returns
    -------
    pandas.DataFrame, one row per period and tier
        ``period``, ``tier`` as `tiers` gives it, ``level`` (leaders, ministers and
        vice-chairs, deputies and services, working level, or "no level" of those of which
        none is known), ``count``, ``exposure`` in years and ``partial``.

    Examples
    --------
    >>> import relations as rel
    >>> table = level_years(rel.load())
    >>> int(table["count"].sum()) == rel.load().contacts["occasion"].nunique()
    True
    """
    check_every(every)
    check_dataset(data, "level_years")
    table = tiers(data, every, count=count)
    table["level"] = table["tier"].astype("object").map(LEVEL_OF).astype(TEXT)
    table = table.join(_periods.exposure(table["period"], data.span, every))
    columns = ["period", "tier", "level", "count", "exposure", "partial"]
    return describe(table[columns], data, count)


def summit_and_base(
    data: Dataset, every: str = "year", *, count: str = "occasions"
) -> pd.DataFrame:
    """Count the occasions at ministers' level and above, and below, by setting.

    Parameters
    ----------
    data : Dataset
    every : {"month", "quarter", "year"}
    count : {"occasions", "contacts"}

    Returns
    -------
    pandas.DataFrame, one row per half, period and setting
        ``half``: "ministers and above" (leader, vice-chair, minister) or "below ministers",
        which holds also those of whom no level is known, ``unknown`` of them; ``period``,
        ``setting`` ("bilateral", on the margin of others too, or "multilateral"), ``count``,
        ``exposure``.

    Examples
    --------
    >>> import relations as rel
    >>> table = summit_and_base(rel.load())
    >>> table["half"].unique().tolist()
    ['ministers and above', 'below ministers']
    """
    check_dataset(data, "summit_and_base")
    _periods.check_every(every)
    rows = _occasions(data, count)
    coarse = rows[~rows["precision"].isin(_periods.FINE_ENOUGH[every])]
    if len(coarse):
        raise _periods.too_coarse_error(len(coarse), every, coarse["event_id"].head(3).tolist())
    rows["half"] = np.where(rows["tier"].isin(HIGH), *HALVES)
    rows["setting"] = rows["setting"].astype("object").map(SETTINGS)
    rows["period"] = _periods.period_of(rows["start"], every)
    key = ["half", "period", "setting"]
    covered = _periods.periods(*data.span, every)
    grid = pd.MultiIndex.from_product(
        [HALVES, covered, dict.fromkeys(SETTINGS.values())], names=key
    )
    cells = rows.assign(unknown=rows["level"] == "no level").groupby(key)
    table = cells["unknown"].agg(["size", "sum"]).reindex(grid, fill_value=0).astype("int64")
    table = table.set_axis(["count", "unknown"], axis=1).reset_index()
    table["exposure"] = _periods.exposure(table["period"], data.span, every)["exposure"]
    table = table[[*key, "count", "unknown", "exposure"]]
    return describe(table, data, count)


def block_means(
    years: pd.DataFrame, starts: Sequence[int] | None = None, base: int = 2015
) -> pd.DataFrame:
    """Average the counts of `summit_and_base` over blocks of years, with 95% intervals.

    Parameters
    ----------
    years : frame, as `summit_and_base` returns it by year
    starts : first years of the blocks, optional
        Every five years from the first on, if left out; a last block of under two years is
        joined to the one before.
    base : int
        The first year of the block with which others are compared, where there is one.

    Returns
    -------
    pandas.DataFrame, one row per half and block
        ``half``; ``since``, ``until`` first and last year; ``count``; ``exposure`` in years;
        ``rate`` a year with its interval ``low``, ``high``; ``dispersion``; ``ratio`` to the
        rate of the base with ``ratio_low``, ``ratio_high``, empty for the base itself.

    Notes
    -----
    Contacts come in bursts, so the years of a block scatter more than a Poisson count. The
    variance is taken as ``dispersion`` (at least 1; Pearson's, over the blocks of a half)
    times the mean, and the intervals are the Poisson ones of the count divided by it. They
    take the years of a block as independent of each other.

    Examples
    --------
    >>> import relations as rel
    >>> means = block_means(summit_and_base(rel.load()))
    >>> bool((means["low"] <= means["rate"]).all())
    True
    """
    cells = years.groupby(["half", "period"], sort=False)
    plain = cells.agg(count=("count", "sum"), exposure=("exposure", "first")).reset_index()
    plain["year"] = plain["period"].dt.year
    if plain.duplicated(["half", "year"]).any():
        raise ValueError("block_means takes the frame of summit_and_base by year")
    first, last = int(plain["year"].min()), int(plain["year"].max())
    if starts is None:
        starts = [*range(first - first % 5, last + 1, 5)]
        tail = plain.loc[plain["year"] >= starts[-1]].groupby("half")["exposure"].sum().max()
        starts = starts[:-1] if len(starts) > 1 and tail < 2 else starts
    edges = np.array(sorted(starts))
    plain = plain[plain["year"] >= edges[0]].copy()
    plain["since"] = edges[np.searchsorted(edges, plain["year"], side="right") - 1]
    rows = []
    for half, own in plain.groupby("half", sort=False):
        blocks = own.groupby("since")
        mean = blocks["count"].transform("sum") / blocks["exposure"].transform("sum")
        expected = mean * own["exposure"]
        pearson = ((own["count"] - expected) ** 2)[expected > 0] / expected[expected > 0]
        spare = max(int((expected > 0).sum()) - own.loc[expected > 0, "since"].nunique(), 1)
        scatter = max(1.0, float(pearson.sum()) / spare)
        bases = own[own["since"] == base]
        for since, block in blocks:
            number, length = int(block["count"].sum()), float(block["exposure"].sum())
            low, high = _scattered(number, length, scatter)
            against = _ratio(number, length, bases, scatter) if since != base else [np.nan] * 3
            ends = int(since), int(block["year"].max())
            rate = number / length
            rows.append((half, *ends, number, length, rate, low, high, scatter, *against))
    columns = ["half", "since", "until", "count", "exposure", "rate", "low", "high"]
    columns += ["dispersion", "ratio", "ratio_low", "ratio_high"]
    table = pd.DataFrame(rows, columns=columns)
    table.attrs = dict(years.attrs) | {"base": base}
    return table


def _scattered(count: int, exposure: float, scatter: float) -> tuple[float, float]:
    """Return the 95% limits of a rate whose count has ``scatter`` times the variance of Poisson."""
    from scipy.stats import chi2

    bursts = count / scatter
    low = chi2.ppf(0.025, 2 * bursts) if count else 0.0
    high = chi2.ppf(0.975, 2 * bursts + 2)
    return float(low * scatter / 2 / exposure), float(high * scatter / 2 / exposure)


def _ratio(count: int, exposure: float, base: pd.DataFrame, scatter: float) -> list[float]:
    number = base["count"].sum()
    if not count or not number:
        return [np.nan] * 3
    ratio = (count / exposure) / (number / base["exposure"].sum())
    reach = 1.959964 * np.sqrt(scatter * (1 / count + 1 / number))
    return [float(ratio), float(ratio * np.exp(-reach)), float(ratio * np.exp(reach))]


def around_crises(
    data: Dataset,
    crises: Mapping[str, str] | Sequence[str] | None = None,
    *,
    months: int = 12,
    count: str = "occasions",
) -> pd.DataFrame:
    """List the occasions of the months before and after the start of each crisis.

    Parameters
    ----------
    data : Dataset
        Held, announced, cancelled and disputed contacts are listed, each with its status.
    crises : ids of ``context``, with words for each or without, optional
        A choice for the shipped record if left out.
    months : int
        How far to look on either side.
    count : {"occasions", "contacts"}

    Returns
    -------
    pandas.DataFrame, one row per crisis and occasion
        ``crisis`` (the id), ``event_id``, ``start``, ``precision``, ``status``, ``level``;
        ``first`` and ``last``, days from the start of the crisis to the first and the last
        day on which it may have begun. Those known to the year alone are left out.

    Examples
    --------
    >>> import relations as rel
    >>> marks = around_crises(rel.load(), ["2014-05-02-oil-rig-crisis"])
    >>> sorted(marks["status"].unique())
    ['announced', 'held']
    """
    check_dataset(data, "around_crises")
    lanes = _context(data, "around_crises", crises, "crisis")
    rows = _occasions(data, count, ("held", "announced", "cancelled", "disputed"))
    rows = rows[rows["precision"] != "year"]
    found = []
    for lane in lanes.itertuples():
        since, until = _window(lane.start, months)
        own = rows[(rows["start"] >= since) & (rows["latest"] <= until)].copy()
        own["crisis"] = lane.context_id
        own["first"] = (own["start"] - lane.start).dt.days
        own["last"] = (own["latest"] - lane.start).dt.days
        found.append(own)
    columns = ["crisis", "event_id", "start", "precision", "status", "level", "first", "last"]
    table = pd.concat(found, ignore_index=True) if found else rows.head(0).reindex(columns=columns)
    table = table[columns].astype({"crisis": TEXT, "status": TEXT, "precision": TEXT})
    return describe(table, data, count, months=months)


def _window(start: pd.Timestamp, months: int) -> tuple[pd.Timestamp, pd.Timestamp]:
    return start - pd.DateOffset(months=months), start + pd.DateOffset(months=months)


def crisis_silences(
    data: Dataset,
    crises: Mapping[str, str] | Sequence[str] | None = None,
    *,
    months: int = 12,
    count: str = "occasions",
) -> pd.DataFrame:
    """Find the longest time without a dated contact around each crisis.

    Parameters
    ----------
    data, crises, months, count
        As for `around_crises`.

    Returns
    -------
    pandas.DataFrame, one row per crisis, by day
        ``crisis``, ``words``, ``title``; ``start`` and its ``precision``, ``days`` that it
        lasted (0 of a moment or where the end is not known); ``other``, days from its start
        to those of further crises in its months, a list; ``since``, ``until``, the days of
        the months that the record covers; ``silent_from``, ``silent_until``, days from the
        start of the crisis to the last contact before and the first after the longest
        silence (of equal ones the first; the edge of the months where there is none);
        ``silence`` in days; ``coarse``, occasions known to the month alone that may lie in
        it; ``before`` and ``after``, occasions held on either side of the start. Occasions
        known to the year alone end no silence and are not counted.

    Examples
    --------
    >>> import relations as rel
    >>> table = crisis_silences(rel.load())
    >>> table["silence"].ge(0).all()
    np.True_
    """
    check_dataset(data, "crisis_silences")
    lanes = _context(data, "crisis_silences", crises, "crisis")
    context = collect(narrow(data.whole.context, "crisis_silences", ["context_id", "start"]))
    days = dict(zip(context["context_id"], context["start"], strict=True))
    every = _context(data, "crisis_silences", context["context_id"].tolist(), "crisis")
    strained = every.loc[every["role"].eq("crisis") & every["precision"].ne("year"), "start"]
    held = _occasions(data, count, ("held",))
    dated = held[held["precision"] == "day"]
    monthly = held[held["precision"] == "month"]
    rows = []
    for lane in lanes.itertuples():
        first, last = _window(lane.start, months)
        since, until = max(first, data.span[0]), min(last, data.span[1])
        inside = dated[dated["start"].between(since, until)]["start"]
        edges = [since, *inside.drop_duplicates(), until]
        lengths = np.diff(np.array(edges, dtype="datetime64[D]")).astype(int)
        at = int(np.argmax(lengths)) if len(lengths) else 0
        quiet = (edges[at], edges[at + 1])
        may = (monthly["latest"] > quiet[0]) & (monthly["start"] < quiet[1])
        near = held[held["start"].ge(since) & held["latest"].le(until)]
        near = near[near["precision"] != "year"]
        end = lane.end if pd.notna(lane.end) and lane.end > lane.start else days.get(lane.ended_by)
        other = sorted({(day - lane.start).days for day in strained if first < day < last} - {0})
        rows.append(
            {
                "crisis": lane.context_id,
                "words": lane.words,
                "title": lane.title,
                "start": lane.start,
                "precision": lane.precision,
                "days": 0 if end is None else (end - lane.start).days,
                "other": other,
                "since": (since - lane.start).days,
                "until": (until - lane.start).days,
                "silent_from": (quiet[0] - lane.start).days,
                "silent_until": (quiet[1] - lane.start).days,
                "silence": (quiet[1] - quiet[0]).days,
                "coarse": int(may.sum()),
                "before": int((near["latest"] < lane.start).sum()),
                "after": int((near["start"] >= lane.start).sum()),
            }
        )
    columns = ["crisis", "words", "title", "start", "precision", "days", "other", "since", "until"]
    columns += ["silent_from", "silent_until", "silence", "coarse", "before", "after"]
    return describe(pd.DataFrame(rows, columns=columns), data, count, months=months)
