"""Where reports of one contact differ from each other."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from relations.record._frames import names
from relations.record._types import TEXT
from relations.record._witnesses import chosen, originals, table, two_sides
from relations.record.dataset import Dataset, check_dataset

# How alike two spellings of one word are.
CLOSE = 0.8


def contradictions(data: Dataset, field: str | Sequence[str] | None = None) -> pd.DataFrame:
    """List where reports of one contact differ, with both values and their sources.

    Parameters
    ----------
    data : Dataset
        Its tables ``sides``, ``events``, ``reports``, ``sources``, and by field ``editions``,
        ``participants``, ``people``, ``ranks`` or ``area_mentions``. Contacts with the status
        chosen by ``where``, else those held.
    field : {"date", "edition", "rank", "office", "areas"} or several; all, if left out
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
    pandas.DataFrame, one row per pair of values, field by field
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
    >>> numbers = rel.coverage.contradictions(rel.load(), "edition").set_index("event_id")
    >>> numbers.loc["2013-06-05-dialogue-4", ["first", "second"]].tolist()
    ['4', '7']
    """
    check_dataset(data, "contradictions")
    wanted = list(COMPARED) if field is None else names(field)
    found = [compared(data, each, "contradictions")[0] for each in wanted]
    result = pd.concat(found, ignore_index=True)
    result.attrs = data.about("contradictions")
    return result


def compared(data: Dataset, field: str, metric: str) -> tuple[pd.DataFrame, int]:
    """Return the pairs that differ and how many units could be compared."""
    if field not in COMPARED:
        raise ValueError(f"field={field!r}: use one of {', '.join(COMPARED)}")
    rows, number = COMPARED[field][1](data, metric)
    columns = [
        "event_id", "field", "about", "first", "first_sides", "first_sources",
        "second", "second_sides", "second_sources", "apart",
    ]  # fmt: skip
    pairs = pd.DataFrame(rows, columns=columns).assign(field=field).astype({"apart": "float64"})
    pairs = pairs.astype(dict.fromkeys(columns[:-1], TEXT))
    return pairs.sort_values(["event_id", "about"], kind="stable", ignore_index=True), number


def _dates(data: Dataset, metric: str) -> tuple[list[dict[str, Any]], int]:
    events = chosen(data, metric, ["event_id", "start", "end"])
    given = ["start_as_reported", "start_as_reported_latest"]
    reports = originals(data, metric, given).merge(events, on="event_id").dropna(subset=given)
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


def _editions(data: Dataset, metric: str) -> tuple[list[dict[str, Any]], int]:
    held = chosen(data, metric, ["event_id"])
    printed = originals(data, metric, ["edition_as_reported"]).rename(
        columns={"edition_as_reported": "value"}
    )
    counted = table(data, metric, "editions", ["event_id", "side", "edition"])
    # What both sides count alike is said by each of them.
    each = {side: [side] for side in two_sides(data, metric)}
    each["both"] = [side for [side] in each.values()]
    counted["side"] = counted["side"].map(each)
    counted = counted.explode("side").rename(columns={"edition": "value"})
    values = pd.concat([printed, counted])[["event_id", "value", "side", "source_id"]]
    values = values.dropna(subset=["value"]).merge(held, on="event_id")
    values = values.assign(about="", value=values["value"].astype("int64"))
    return _pairs(values, lambda one, other: one != other, lambda one, other: one - other)


def _ranks_printed(data: Dataset, metric: str) -> tuple[list[dict[str, Any]], int]:
    printed = _printed(data, metric, "rank_as_reported")
    people = table(data, metric, "people", ["person_id", "side"])
    ladder = table(data, metric, "ranks", ["side", "rank_id", "native_name", "name", "rendered_as"])
    called: dict[tuple[str, str], set[str]] = {}
    for rank in ladder.itertuples():
        for texts in (rank.native_name, rank.name, rank.rendered_as):
            for name in "" if pd.isna(texts) else texts.split(";"):
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


def _offices_printed(data: Dataset, metric: str) -> tuple[list[dict[str, Any]], int]:
    printed = _printed(data, metric, "office_as_reported")
    printed["writing"] = printed["value"].map(_writing)
    return _pairs(printed, _other_words, within="writing")


def _areas_named(data: Dataset, metric: str) -> tuple[list[dict[str, Any]], int]:
    held = chosen(data, metric, ["event_id"])
    sides = two_sides(data, metric)
    reports = originals(data, metric).merge(held, on="event_id")
    mentions = table(data, metric, "area_mentions", ["event_id", "source_id", "area"])
    named = reports.merge(mentions, on=["event_id", "source_id"]).drop_duplicates(
        ["event_id", "source_id", "area"]
    )
    who = {key: _cell(group) for key, group in reports.groupby(["event_id", "side"])["source_id"]}
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
                    "first_sources": _cell(group["source_id"]),
                    "second": "not named", "second_sides": silent,
                    "second_sources": who[event, silent],
                }
            )  # fmt: skip
    return rows, compared


def _printed(data: Dataset, metric: str, column: str) -> pd.DataFrame:
    """Return what originals print of each person in each contact held."""
    held = chosen(data, metric, ["event_id"])
    sources = table(data, metric, "sources", ["source_id", "side", "language", "reprint_of"])
    people = table(data, metric, "participants", ["event_id", "person_id", "source_id", column])
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
                    "first": str(one), "first_sides": _cell(given[one]["side"]),
                    "first_sources": _cell(given[one]["source_id"]),
                    "second": str(other), "second_sides": _cell(given[other]["side"]),
                    "second_sources": _cell(given[other]["source_id"]),
                    "apart": abs(apart(one, other)) if apart else np.nan,
                }
            )  # fmt: skip
    return rows, len(units)


def _cell(values: pd.Series) -> str:
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


COMPARED: dict[str, tuple[str, Callable[[Dataset, str], tuple[list[dict[str, Any]], int]]]] = {
    "date": ("report with a date", _dates),
    "edition": ("contact numbered twice", _editions),
    "rank": ("person in a contact, two sources", _ranks_printed),
    "office": ("person in a contact, two sources in one writing", _offices_printed),
    "areas": ("area in a contact that both sides report", _areas_named),
}
