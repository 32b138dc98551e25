"""At which tier contacts took place, and how that changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations.measures import _intervals
from relations.measures._asking import (
    By,
    Question,
    Status,
    ask,
    check_count,
    contacts_of,
    covered_span,
    describe,
    evidence_cell,
    one_per_occasion,
    placed,
    text_kinds,
)
from relations.record import _periods, levels
from relations.record._frames import collect, groups, narrow
from relations.record._types import MOMENT, TEXT
from relations.record.dataset import Dataset, check_dataset

SCALE = levels.TIERS[: levels.OUTSIDE]
SUMMARY = [
    "known", "single", "highest", "median", "lowest",
    "at_tier", "share", "low", "high", "least", "most",
]  # fmt: skip


def tiers(
    data: Dataset,
    every: str | None = None,
    by: By = (),
    *,
    count: str = "occasions",
    status: Status = None,
    span: Any = None,
    evidence: bool = False,
) -> pd.DataFrame:
    """Count occasions by their tier, those without one apart by the reason.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``participants``, ``appointments`` and ``offices`` are read.
    every : {"month", "quarter", "year"} or None
        Length of a period. A contact belongs to the one it starts in. None takes all
        periods together.
    by : column or columns of ``data.contacts``, such as "kind" or "host"
    count : {"occasions", "contacts"}
        An occasion is a contact with its parts, and has the highest tier of them.
    status : str or sequence of str
        Which contacts count; those chosen by ``where``, else those held.
    span : first and last day
        The days to look at; those that the record covers, if left out.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``count``, separated by
        ``;``, as `trace` takes them.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by``, period and tier
        ``period`` first day, unless ``every`` is None; ``tier``: leader, vice-chair,
        minister (a defence minister, whatever other seat he holds), commission, deputy,
        working; "outside the scale" (heads are named and none has a level by rule), undated
        (an office is named and no term dates it), unnamed (no head is named); ``count``;
        ``share`` of all that are in the period, empty where there is none. Tiers that
        nobody has are rows of zeros.

    Raises
    ------
    ValueError
        Where a column is missing or a contact is known too coarsely for the period.

    Notes
    -----
    Each occasion stands in one row of its period and value of ``by``, so that the tiers add
    up. `exchange_frequency` with ``by="tier"`` counts an occasion under the tier of each of
    its parts.

    Examples
    --------
    >>> import relations as rel
    >>> data = rel.load()
    >>> table = rel.ranks.tiers(data).set_index("tier")
    >>> int(table["count"].sum()) == data.contacts["occasion"].nunique()
    True
    """
    taken = ["tier", "share"]
    question, rows, key = _asked(data, "tiers", by, count, status, taken)
    found = _each_once(rows, key)
    table = []
    for cell, here in _cells(question, found, every, span):
        for place, tier in enumerate(levels.TIERS):
            ids = here.loc[here["place"] == place, "event_id"]
            share = len(ids) / len(here) if len(here) else np.nan
            row = {"tier": tier, "count": len(ids), "share": share}
            table.append({**cell, **row, **evidence_cell(ids, evidence)})
    result = _typed(
        table, question, found, every, ["tier", "count", "share", *["evidence"] * evidence]
    )
    result["tier"] = pd.Categorical(result["tier"], levels.TIERS, ordered=True)
    return describe(result, data, count)


def level_by_period(
    data: Dataset,
    every: str | None = "year",
    by: By = (),
    *,
    at_tier: str = "minister",
    count: str = "occasions",
    status: Status = None,
    span: Any = None,
    evidence: bool = False,
) -> pd.DataFrame:
    """Lay out in which tiers the occasions of each period were, with the share at one or above.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``participants``, ``people``, ``appointments``, ``promotions``,
        ``offices`` and ``ranks`` are read.
    every, by, count, status, span : as for `tiers`
    at_tier : str
        The tier from which an occasion counts in ``share``.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``at_tier``, separated by
        ``;``, as `trace` takes them.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by`` and period
        ``period`` first day, unless ``every`` is None; ``occasions`` (or ``contacts``); one
        column for each tier of `tiers`, which add up to them; ``known``, those with a tier on
        the scale; ``single`` of the known, those where heads of one side alone have a dated
        office, so that a higher one may be missing; office levels: ``highest`` and ``lowest``
        of the heads of one side each, and ``median`` of the highest of each occasion;
        ``at_tier`` occasions at it or above; ``share`` of the known, with its 95%
        interval ``low``, ``high``; ``least`` and ``most``, the share of all occasions if
        every unknown head stood below it or at it. A period without an occasion is a row of
        zeros with empty levels and shares.

    Raises
    ------
    ValueError
        Where a column is missing, the tier is not on the scale, or a contact is known too
        coarsely for the period.

    Notes
    -----
    Interval of a share: Wilson (1927), Journal of the American Statistical Association 22.
    It takes occasions without a tier to be like the others; ``least`` and ``most`` do not. A
    head outside the scale is known to stand below every tier.

    Examples
    --------
    >>> import relations as rel
    >>> table = rel.ranks.level_by_period(rel.load())
    >>> unplaced = table[["outside the scale", "undated", "unnamed"]].sum(axis=1)
    >>> bool((table["known"] + unplaced == table["occasions"]).all())
    True
    """
    if at_tier not in SCALE:
        raise ValueError(f"at_tier={at_tier!r}: use one of {', '.join(SCALE)}")
    taken = [count, *levels.TIERS, *SUMMARY]
    question, rows, key = _asked(data, "level_by_period", by, count, status, taken)
    found = _each_once(_with_heads(rows, key, data), key)
    found["at_tier"] = found["place"] <= SCALE.index(at_tier)
    # An unknown head can only raise an occasion that is not at the tier yet.
    unknown = found["place"].isin([levels.UNDATED, levels.UNNAMED])
    found["open"] = ~found["at_tier"] & (unknown | (found["dated"] < 2))
    table = []
    for cell, here in _cells(question, found, every, span):
        number, high_up = len(here), int(here["at_tier"].sum())
        on_scale = here["place"] < levels.OUTSIDE
        known = int(on_scale.sum())
        low, high = _intervals.wilson(high_up, known)
        row = {
            count: number,
            **{name: int((here["place"] == at).sum()) for at, name in enumerate(levels.TIERS)},
            "known": known,
            "single": int((on_scale & (here["dated"] == 1)).sum()),
            "highest": here["highest"].max(),
            "median": here["highest"].median(),
            "lowest": here["lowest"].min(),
            "at_tier": high_up,
            "share": high_up / known if known else np.nan,
            "low": low,
            "high": high,
            "least": high_up / number if number else np.nan,
            "most": (high_up + int(here["open"].sum())) / number if number else np.nan,
        }
        ids = here.loc[here["at_tier"], "event_id"]
        table.append({**cell, **row, **evidence_cell(ids, evidence)})
    columns = [count, *levels.TIERS, *SUMMARY, *["evidence"] * evidence]
    result = _typed(table, question, found, every, columns)
    return describe(
        result.astype({"highest": "Int64", "lowest": "Int64"}), data, count, tier=at_tier
    )


def _asked(
    data: Dataset, metric: str, by: By, count: str, status: Status, taken: Sequence[str]
) -> tuple[Question, pd.DataFrame, list[str]]:
    """Fetch the contacts with the place of their tier in `TIERS`, and what makes them one.

    Of the rows that are one occasion with one value of ``by`` all have the highest place.
    """
    check_dataset(data, metric)
    check_count(count)
    needed = ["event_id", "start", "precision", "occasion"]
    taken = [*taken, "period", "count", "evidence"]
    question = ask(data, metric, needed, by, count="contacts", status=status, taken=taken)
    rows = contacts_of(question, evidence=True)
    rows["_occasion"] = rows["occasion" if count == "occasions" else "event_id"]
    place = data.whole._tiers.set_index("event_id")["place"]
    key = ["_occasion", *question.by]
    own = rows["event_id"].map(place).astype("int64")
    rows["place"] = levels.highest_places(own, [rows[column] for column in key])
    return question, rows, key


def _with_heads(rows: pd.DataFrame, key: list[str], data: Dataset) -> pd.DataFrame:
    """Add to each occasion the levels of its heads, and how many sides have one with a term."""
    metric, tables = "level_by_period", data.whole.tables
    people = narrow(data.whole.people, f"{metric} (people)", ["person_id", "side"])
    held = levels.offices_held(levels.led(tables, metric), tables, metric)
    of_sides = collect(
        held.join(people, on="person_id")
        .group_by("event_id", "side")
        .agg(nw.col("office_level").max())
    )
    heights = of_sides.groupby("event_id")["office_level"].agg(["max", "min"]).astype("float64")
    table = rows.assign(
        highest=rows["event_id"].map(heights["max"]), lowest=rows["event_id"].map(heights["min"])
    )
    sides = {side: set(ids) for side, ids in of_sides.groupby("side")["event_id"]}
    dated = {f"_{side}": table["event_id"].isin(ids) for side, ids in sides.items()}
    cells = table.assign(**dated).groupby(key, dropna=False, observed=True)
    table["highest"] = cells["highest"].transform("max")
    table["lowest"] = cells["lowest"].transform("min")
    table["dated"] = sum((cells[side].transform("any").astype("int64") for side in dated), 0)
    return table


def _each_once(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    return one_per_occasion(rows, key[1:]).drop(columns="_occasion")


def _cells(
    question: Question, found: pd.DataFrame, every: str | None, span: Any
) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Give each value of ``by`` and each period covered, with what is in it."""
    since, until = covered_span(question, found, span, every)
    if span is not None:
        found = found[found["start"].between(since, until)]
    starts: Iterable[Any] = [None]
    if every is not None:
        _periods.check_every(every)
        starts = _periods.periods(since, until, every)
        found = placed(found, every)
        found = found.assign(period=_periods.period_of(found["start"], every))
    for values, group in groups(found, question.by):
        cell = dict(zip(question.by, values, strict=True))
        for start in starts:
            if every is None:
                yield cell, group
            else:
                yield {**cell, "period": start}, group[group["period"] == start]


def _typed(
    table: list[dict[str, Any]],
    question: Question,
    found: pd.DataFrame,
    every: str | None,
    columns: list[str],
) -> pd.DataFrame:
    """Return the rows as a frame whose columns have their types even where there is no row."""
    period = [] if every is None else ["period"]
    result = pd.DataFrame(table, columns=[*question.by, *period, *columns])
    if table:
        return result
    shares = ("median", "share", "low", "high", "least", "most")
    kinds: dict[str, Any] = {name: "float64" if name in shares else "int64" for name in columns}
    kinds |= {"tier": TEXT, "evidence": TEXT, "period": MOMENT} | text_kinds(found, question.by)
    return result.astype({name: kind for name, kind in kinds.items() if name in result})
