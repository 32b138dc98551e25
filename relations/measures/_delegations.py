"""Offices and ranks on the day, and who headed each side's delegation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from relations.measures._asking import Status, describe
from relations.record import levels as ladders
from relations.record._frames import collect, finish, narrow
from relations.record._text import refuse_unlisted
from relations.record._witnesses import chosen
from relations.record.choice import values_of
from relations.record.dataset import Dataset, check_dataset

UNIT = "persons named"
GUEST = ["event_id", "side", "person_id", "office_id", "office_level"]
# How ranks are shortened in print.
SHORT = {
    "sen": "senior", "sr": "senior", "lt": "lieutenant", "lieut": "lieutenant", "gen": "general",
    "maj": "major", "col": "colonel", "adm": "admiral",
}  # fmt: skip


def rank_levels(data: Dataset, crosswalk: str = "place") -> Any:
    """Resolve office and rank of each participant on the day of the contact.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``participants``, ``people``, ``appointments``,
        ``promotions``, ``offices`` and ``ranks`` are read; contacts of any status.
    crosswalk : {"place", "cognate"}
        How the two ladders are laid side by side: "place" pairs ranks by their place from
        the top (đại tướng = 上将 = 9), "cognate" by their names (thượng tướng = 上将 = 9).

    Returns
    -------
    frame, one row per contact, person and source, of the kind of ``data.participants``
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
    An appointment holds on a day that lies between its first and its last day. Of several
    offices held at once the highest is named, of equally high ones that of a defence
    minister before a seat on a commission, and then the first by id; `offices_held` lists
    all. A rank is the last one received before or on the first day. Where a date is known
    only to the month or year and the contact falls inside it, the rank stays unknown, and an
    appointment does not count. Where the dates of two promotions overlap, so that either may
    be the last, the rank stays unknown too.

    Examples
    --------
    >>> import relations as rel
    >>> levels = rel.rank_levels(rel.load(), crosswalk="cognate")
    >>> giang = levels[levels.person_id == "phan-van-giang"].sort_values("event_id")
    >>> giang["rank_level"].iloc[[0, -1]].tolist()
    [9, 10]
    """
    metric = "rank_levels"
    check_dataset(data, metric)
    check_crosswalk(crosswalk)
    tables = data.tables
    who = ladders.present(tables, metric)
    columns = [
        "event_id", "person_id", "source_id", "role", "office_as_reported", "rank_as_reported",
    ]  # fmt: skip
    named = narrow(data.participants, f"{metric} (participants)", columns)
    people = narrow(data.people, f"{metric} (people)", ["person_id", "side"])
    held = ladders.highest_office(ladders.offices_held(who, tables, metric))
    ranks = ladders.ranks_held(who, tables, metric)
    result = (
        named.join(people, on="person_id", how="left")
        .join(held, on=ladders.KEY, how="left")
        .join(ranks, on=ladders.KEY, how="left")
        .with_columns(nw.lit(crosswalk).alias("crosswalk"))
        .select(
            "event_id", "person_id", "source_id", "side", "role",
            "office_as_reported", "rank_as_reported", "office_id", "office_level", "rank_id",
            nw.col(f"rank_by_{crosswalk}").alias("rank_level"), "crosswalk",
        )
        .sort("event_id", "side", "person_id", "source_id")
    )  # fmt: skip
    return describe(finish(result, data.participants), data, UNIT)


def offices_held(data: Dataset) -> Any:
    """List every office that each person named at a contact held on the day.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``participants``, ``people``, ``appointments`` and ``offices``
        are read; contacts of any status.

    Returns
    -------
    frame, one row per contact, person and office, of the kind of ``data.participants``
        ``event_id``, ``person_id``, ``side``, ``office_id``, ``office_level`` (empty where
        the office is outside the scale) and ``minister``, whether the office is that of a
        defence minister. Persons without a dated office have no row.

    Raises
    ------
    ValueError
        Where a table lacks a column.

    Examples
    --------
    >>> import relations as rel
    >>> held = rel.ranks.offices_held(rel.load())
    >>> giang = held.query("person_id == 'phan-van-giang'").groupby("event_id")["office_id"]
    >>> giang.agg(list).iloc[-1]
    ['vn-cmc-deputy-secretary', 'vn-defence-minister']
    """
    metric = "offices_held"
    check_dataset(data, metric)
    tables = data.tables
    people = narrow(data.people, f"{metric} (people)", ["person_id", "side"])
    held = ladders.offices_held(ladders.present(tables, metric), tables, metric)
    result = (
        held.join(people, on="person_id", how="left")
        .with_columns((nw.col("minister") == 1).alias("minister"))
        .select("event_id", "person_id", "side", "office_id", "office_level", "minister")
        .sort("event_id", "side", "person_id", "office_id")
    )
    return describe(finish(result, data.participants), data, "offices")


def heads(data: Dataset, crosswalk: str = "place") -> Any:
    """Give the head of each side's delegation, with office and rank on the day.

    Parameters
    ----------
    data : Dataset
        As for `rank_levels`; contacts of any status.
    crosswalk : {"place", "cognate"}
        As for `rank_levels`.

    Returns
    -------
    frame, one row per contact and side that has a head or host
        ``event_id``, ``side``, ``person_id`` of the head, ``office_id``, ``office_level``,
        ``rank_id``, ``rank_level``, ``crosswalk``; of the kind of ``data.participants``.
        Where reports name several heads, the one with the highest office; of equally high
        ones the defence minister, then the higher rank by place, then the first by id. An
        unknown level is below every known one.

    Raises
    ------
    ValueError
        Where the crosswalk is unknown or a table lacks a column.

    Examples
    --------
    >>> import relations as rel
    >>> heads = rel.ranks.heads(rel.load())
    >>> heads.query("event_id == '2024-04-11-border-exchange-8'")["office_level"].tolist()
    [5, 5]
    """
    check_dataset(data, "heads")
    check_crosswalk(crosswalk)
    result = (
        ladders.heads(data.tables, "heads")
        .with_columns(nw.lit(crosswalk).alias("crosswalk"))
        .select(
            "event_id", "side", "person_id", "office_id", "office_level", "rank_id",
            nw.col(f"rank_by_{crosswalk}").alias("rank_level"), "crosswalk",
        )
        .sort("event_id", "side")
    )  # fmt: skip
    return describe(finish(result, data.participants), data, "delegations")


def renderings(data: Dataset) -> pd.DataFrame:
    """Count in which words reports print each rank, and which words stand for several ranks.

    Parameters
    ----------
    data : Dataset
        As for `rank_levels`.

    Returns
    -------
    pandas.DataFrame, one row per rank held on the day and words printed
        ``rank_id``, ``rank_as_reported``; ``times`` a source prints it of a person;
        ``ranks`` for which the same words stand, abbreviations aside ("Sen. Lt. Gen." is
        "Senior Lieutenant General").

    Raises
    ------
    ValueError
        Where a table lacks a column.

    Examples
    --------
    >>> import relations as rel
    >>> printed = rel.ranks.renderings(rel.load())
    >>> printed[printed["rank_as_reported"] == "Senior Lieutenant General"]["ranks"].tolist()
    [3, 3]
    """
    named = narrow(rank_levels(data), "renderings", ["rank_id", "rank_as_reported"])
    printed = collect(named).dropna()
    table = printed.groupby(["rank_id", "rank_as_reported"]).size().rename("times").reset_index()
    words = table["rank_as_reported"].map(_written_out)
    table["ranks"] = table.groupby(words)["rank_id"].transform("nunique")
    return describe(table, data, UNIT)


def _written_out(rank: str) -> str:
    words = re.sub(r"[.\-]", " ", rank.casefold()).split()
    return " ".join(SHORT.get(word, word) for word in words)


def guests(
    data: Dataset,
    levels: Sequence[int] = (),
    offices: Sequence[str] = (),
    *,
    status: Status = None,
) -> pd.DataFrame:
    """List the visits by the head of the guests, for comparison with what others count.

    Parameters
    ----------
    data : Dataset
        As for `rank_levels`.
    levels : sequence of int
        Office levels of the guest's head; all, if neither levels nor offices are given.
    offices : sequence of str
        Ids of offices that he may hold instead, whatever else he holds.
    status : str or sequence of str
        Which contacts count; those chosen by ``where``, else those held.

    Returns
    -------
    pandas.DataFrame, one row per visit and visiting side, by start
        ``event_id``, ``start``, ``host``, ``side`` of the guests, ``person_id`` of their
        head, ``office_id``, ``office_level``. Visits that the guest's own side hosts have
        none.

    Raises
    ------
    ValueError
        Where a table lacks a column.

    Examples
    --------
    >>> import relations as rel
    >>> seen = rel.ranks.guests(rel.load(), levels=[5, 6])
    >>> bool((seen["side"] != seen["host"]).all())
    True
    """
    check_dataset(data, "guests")
    led = collect(narrow(heads(data), "guests", GUEST))
    visits = chosen(data, "guests", ["event_id", "start", "kind", "host"], status)
    visits = visits[visits["kind"] == "visit"].merge(led, on="event_id")
    visits = visits[visits["side"] != visits["host"]]
    known = collect(narrow(data.whole.offices, "guests", ["office_id"]))["office_id"].tolist()
    for name, asked, there in (
        ("levels", levels, list(range(1, 9))), ("offices", offices, known),
    ):  # fmt: skip
        refuse_unlisted(name, values_of(name, asked), there)
    if levels or offices:
        held = collect(narrow(offices_held(data), "guests", ["event_id", "person_id", "office_id"]))
        held = held[held["office_id"].isin(list(offices))]
        own = pd.MultiIndex.from_frame(visits[["event_id", "person_id"]])
        by_office = own.isin(pd.MultiIndex.from_frame(held[["event_id", "person_id"]]))
        visits = visits[visits["office_level"].isin(list(levels)) | by_office]
    columns = ["event_id", "start", "host", *GUEST[1:]]
    visits = visits.sort_values(["start", "event_id", "side"], ignore_index=True)[columns]
    return describe(visits, data, "visits")


def check_crosswalk(crosswalk: str) -> None:
    """Refuse a crosswalk that is not known."""
    if crosswalk not in ladders.CROSSWALKS:
        raise ValueError(f"crosswalk={crosswalk!r}: use one of {', '.join(ladders.CROSSWALKS)}")
