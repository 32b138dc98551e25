"""Who met whom: offices and ranks on the day, and the level of a delegation."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from relations import _engines

CROSSWALKS = ("place", "cognate")


def rank_levels(data: Any, crosswalk: str = "place") -> Any:
    """Resolve office and rank of each participant on the day of the event.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``participants``, ``people``, ``appointments``,
        ``promotions``, ``offices`` and ``ranks`` are read; pandas, Polars, DuckDB or
        PySpark frames (`Dataset.convert`), and the same kind is returned.
    crosswalk : {"place", "cognate"}
        How the two ladders are laid side by side: "place" pairs ranks by their place from
        the top (đại tướng = 上将 = 9), "cognate" by their names (thượng tướng = 上将 = 9).

    Returns
    -------
    frame, one row per event, person and source
        ``event_id``, ``person_id``, ``source_id``, ``side``, ``role``; as printed
        ``office_as_reported``, ``rank_as_reported``; on the day ``office_id``,
        ``office_level`` (8 leader … 1 unit commander), ``rank_id``, ``rank_level`` (NATO
        officer code as a number); ``crosswalk`` as asked for. Empty where no dated
        appointment or promotion tells: what a report prints is never taken for a fact.

    Raises
    ------
    ValueError
        Where the crosswalk is unknown or a table lacks a column.

    Notes
    -----
    An appointment holds on a day that lies between its first and its last day; of several
    offices held at once the highest counts (a seat on a Central Military Commission wins
    over the post), and where several are equally high the first by id is named. A rank is
    the last one received before or on the first day. Where a date is known only to the
    month or year and the event falls inside it, the rank stays unknown, and an
    appointment does not yet count.

    Examples
    --------
    >>> import relations as rel
    >>> levels = rel.rank_levels(rel.load(), crosswalk="cognate")
    >>> giang = levels[levels.person_id == "phan-van-giang"].sort_values("event_id")
    >>> giang["rank_level"].iloc[[0, -1]].tolist()
    [9, 10]
    """
    if crosswalk not in CROSSWALKS:
        raise ValueError(f"crosswalk={crosswalk!r}: use one of {', '.join(CROSSWALKS)}")
    level = f"level_by_{crosswalk}"
    needed = {
        "events": ["event_id", "start", "end", "precision"],
        "participants": [
            "event_id", "person_id", "source_id", "role", "office_as_reported", "rank_as_reported",
        ],
        "people": ["person_id", "side"],
        "appointments": ["person_id", "office_id", "since_latest", "until"],
        "promotions": ["person_id", "rank_id", "since", "since_latest"],
        "offices": ["office_id", "office_level"],
        "ranks": ["rank_id", level],
    }  # fmt: skip
    table = {
        name: _engines.lazy(getattr(data, name), f"rank_levels ({name})", columns).select(*columns)
        for name, columns in needed.items()
    }
    text = _engines.text
    # The last day on which the event may have begun: its first day, or the end of the
    # month or year that it is known to.
    events = table["events"].select(
        *text("event_id"),
        nw.col("start").alias("day"),
        nw.when(nw.col("precision").cast(nw.String) == "day")
        .then(nw.col("start"))
        .otherwise(nw.col("end"))
        .alias("day_latest"),
    )
    who = table["participants"].select(*text("event_id", "person_id")).unique()
    who = who.join(events, on="event_id")
    offices = _offices(who, table["appointments"], table["offices"])
    ranks = _ranks(who, table["promotions"], table["ranks"], level)
    named = table["participants"].with_columns(*text("event_id", "person_id", "role"))
    people = table["people"].select(*text("person_id", "side"))
    levels = (
        named.join(people, on="person_id", how="left")
        .join(offices, on=["event_id", "person_id"], how="left")
        .join(ranks, on=["event_id", "person_id"], how="left")
        .with_columns(nw.lit(crosswalk).alias("crosswalk"))
        .select(
            "event_id", "person_id", "source_id", "side", "role",
            "office_as_reported", "rank_as_reported",
            "office_id", "office_level", "rank_id", "rank_level", "crosswalk",
        )
        .sort("event_id", "side", "person_id", "source_id")
    )  # fmt: skip
    return _finish(levels, data.participants)


def delegation_levels(levels: Any) -> Any:
    """Give the level of each side's delegation: that of its head.

    Parameters
    ----------
    levels : frame, as `rank_levels` returns it
        pandas, Polars, DuckDB or PySpark; the same kind is returned.

    Returns
    -------
    frame, one row per event and side that has a head or host
        ``event_id``, ``side``, ``person_id`` of the head, ``office_id``, ``office_level``,
        ``rank_id``, ``rank_level``, ``crosswalk``. Where reports name several heads, the
        one with the highest office; an unknown level is below every known one.

    Raises
    ------
    ValueError
        Where a column is missing.

    Examples
    --------
    >>> import relations as rel
    >>> heads = rel.delegation_levels(rel.rank_levels(rel.load()))
    >>> heads.query("event_id == '2024-04-11-border-exchange-8'")["office_level"].tolist()
    [5, 5]
    """
    columns = [
        "event_id", "side", "person_id", "office_id", "office_level", "rank_id", "rank_level",
        "crosswalk",
    ]  # fmt: skip
    frame = _engines.lazy(levels, "delegation_levels", [*columns, "role"])
    heads = frame.filter(nw.col("role").is_in(["head", "host"])).select(*columns).unique()
    order = nw.col("office_level").fill_null(0) * 100 + nw.col("rank_level").fill_null(0)
    heads = heads.with_columns(order.alias("order"))
    group = ["event_id", "side"]
    top = heads.group_by(*group).agg(nw.col("order").max())
    first = heads.join(top, on=[*group, "order"]).group_by(*group).agg(nw.col("person_id").min())
    return _finish(
        heads.join(first, on=[*group, "person_id"]).select(*columns).sort(*group), levels
    )


def _offices(
    who: nw.LazyFrame[Any], appointments: nw.LazyFrame[Any], offices: nw.LazyFrame[Any]
) -> nw.LazyFrame[Any]:
    """Return the highest office that each person held on the day, where one is known."""
    held = (
        who.join(
            appointments.with_columns(*_engines.text("person_id", "office_id")), on="person_id"
        )
        .filter(
            (nw.col("since_latest") <= nw.col("day"))
            & (nw.col("until").is_null() | (nw.col("until") >= nw.col("day_latest")))
        )
        .join(offices.with_columns(*_engines.text("office_id")), on="office_id")
    )
    key = ["event_id", "person_id"]
    # An office outside the scale is still an office: it yields to any that has a level.
    held = held.with_columns(nw.col("office_level").fill_null(0).alias("height"))
    top = held.group_by(*key).agg(nw.col("height").max())
    first = held.join(top, on=[*key, "height"]).group_by(*key).agg(nw.col("office_id").min())
    return (
        held.join(first, on=[*key, "office_id"]).select(*key, "office_id", "office_level").unique()
    )


def _ranks(
    who: nw.LazyFrame[Any], promotions: nw.LazyFrame[Any], ranks: nw.LazyFrame[Any], level: str
) -> nw.LazyFrame[Any]:
    """Return the last rank that each person had received by the day, where it is certain."""
    key = ["event_id", "person_id"]
    dated = promotions.filter(~nw.col("since").is_null())
    received = who.join(dated.with_columns(*_engines.text("person_id", "rank_id")), on="person_id")
    sure = received.filter(nw.col("since_latest") <= nw.col("day"))
    last = sure.group_by(*key).agg(nw.col("since_latest").max())
    doubtful = (
        received.filter(
            (nw.col("since") <= nw.col("day_latest")) & (nw.col("since_latest") > nw.col("day"))
        )
        .select(*key)
        .unique()
    )
    return (
        sure.join(last, on=[*key, "since_latest"])
        .join(doubtful, on=key, how="anti")
        .join(ranks.with_columns(*_engines.text("rank_id")), on="rank_id")
        .select(*key, "rank_id", nw.col(level).alias("rank_level"))
    )


def _finish(frame: nw.LazyFrame[Any], like: Any) -> Any:
    """Return what was built lazily as the kind of frame that came in."""
    model = nw.from_native(like)
    if isinstance(model, nw.LazyFrame):
        return frame.to_native()
    return nw.maybe_reset_index(frame.collect(model.implementation)).to_native()
