"""Which contacts a choice leaves: the conditions of ``Dataset.where``."""

from __future__ import annotations

import datetime
import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations.record import _periods, contacts, levels
from relations.record._frames import (
    Frame,
    Tables,
    collect,
    column_names,
    narrow,
    plain_column,
    semi,
)
from relations.record._kept import copied, in_memory
from relations.record._package import vocabulary
from relations.record._text import as_list, fold, refuse_unlisted, unknown_value_error

WITNESSES = ("any", "all", "only")
WHERE = "Dataset.where"
# What contacts may be without, so that None among the values asks for those.
MAY_LACK = ("channel", "host")


class Condition(NamedTuple):
    """A condition: which contacts fulfil it, and how it reads in a caption."""

    words: str
    keep: Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]]


def values_of(name: str, wanted: Any) -> list[Any]:
    """Return the values asked for as a list, whether one or several were given."""
    # A number of numpy, such as a cell of a frame, is a number.
    values = [each.item() if isinstance(each, np.generic) else each for each in as_list(wanted)]
    for value in values:
        if value is not None and not (isinstance(value, (str, int, float)) and value == value):
            raise ValueError(
                f"{name}={wanted!r}: {value!r} is no value to ask for; give texts or numbers as "
                "they stand in the tables"
            )
    return list(dict.fromkeys(values))


def _in_words(name: str, values: Sequence[object]) -> str:
    return f"{name} {' or '.join(str(each) for each in values)}" if values else f"no {name}"


def own_column(
    tables: Tables, name: str, column: str, wanted: Any, *, also: Iterable[str] = ()
) -> Condition:
    """Keep contacts by a column of their own, such as kind."""
    values = values_of(name, wanted)
    # Whether the column is there at all is said first.
    narrow(tables["events"], WHERE, [column])
    named = [value for value in values if value is not None or name not in MAY_LACK]
    refuse_unknown(tables["events"], name, column, named, WHERE, also=also)
    fits = nw.col(column).is_in(named)
    if len(named) < len(values):
        fits = fits.fill_null(False) | nw.col(column).is_null()
    words = ["none" if value is None else value for value in values]
    return Condition(_in_words(name, words), _filtering(fits))


def refuse_unknown(
    events: Frame,
    name: str,
    column: str,
    values: Sequence[Any],
    metric: str,
    *,
    also: Iterable[str] = (),
) -> None:
    """Refuse values of a column that are neither in its vocabulary nor in any row."""
    known = [*vocabulary("events", column), *also]
    if all(value in known for value in values):
        return
    if column in column_names(events):
        known = [*_there(events, column, metric), *known]
    refuse_unlisted(name, values, known)


def statuses(events: Frame, status: Any, chosen: Sequence[str], metric: str) -> tuple[str, ...]:
    """Return which statuses count: those asked for, which have to be known, else those chosen."""
    if status is None:
        return tuple(chosen)
    wanted = values_of("status", status)
    # A status that stands nowhere would be counted as zeros.
    refuse_unknown(events, "status", "status", wanted, metric)
    return tuple(wanted)


def setting(wanted: Any) -> Condition:
    """Keep contacts by whether the two met for each other, beside or among many."""
    values = values_of("setting", wanted)
    refuse_unlisted("setting", values, contacts.SETTINGS)
    return Condition(_in_words("setting", values), _filtering(contacts.setting().is_in(values)))


def dates(since: Any, until: Any) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    """Return the days asked for, of which either may be missing."""
    first = None if since is None else _periods.day(since, "since")
    last = None if until is None else _periods.day(until, "until", last=True)
    if first is not None and last is not None and last < first:
        raise ValueError(
            f"until={until!r} lies before since={since!r}: swap them, the earlier is since"
        )
    return first, last


def in_time(
    tables: Tables, first: pd.Timestamp | None, last: pd.Timestamp | None
) -> list[Condition]:
    """Keep contacts that start in the days asked for.

    A contact known only to a month or year that the days cut may lie inside or outside; it
    is left out, and the choice says how many are.
    """
    day = datetime.timedelta(days=1)
    found, cut = [], []
    start = nw.col("start")
    for limit, edge in ((first, first), (last, None if last is None else last + day)):
        if limit is None or edge is None:
            continue
        word = "since" if limit is first else "until"
        inside = start >= edge if limit is first else start < edge
        found.append(Condition(f"{word} {limit:%Y-%m-%d}", _filtering(inside)))
        for precision in ("month", "year"):
            whole = edge.to_period(precision[0].upper())
            if edge != whole.start_time:
                begin = whole.start_time.to_pydatetime()
                after = (whole + 1).start_time.to_pydatetime()
                cut.append((nw.col("precision") == precision) & (start >= begin) & (start < after))
    if cut:
        either = functools.reduce(operator.or_, cut)
        events = narrow(tables["events"], WHERE, ["event_id", "start", "precision"])
        number = int(collect(events.filter(either).select(nw.len().alias("cut")))["cut"].iloc[0])
        if number:
            words = f"without {number} known too coarsely to tell"
            found.append(Condition(words, _filtering(~either)))
    return found


def _filtering(expression: nw.Expr) -> Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]]:
    return lambda events: events.filter(expression)


def check_witnesses(witnesses: str, sides: Any) -> None:
    """Refuse a way to read ``reported_by`` that is not known, or that has nothing to read."""
    if witnesses not in WITNESSES:
        raise ValueError(f"witnesses={witnesses!r}: use one of {', '.join(WITNESSES)}")
    if sides is None and witnesses != "any":
        raise ValueError(
            f"witnesses={witnesses!r} says how reported_by is meant: name the sides there too"
        )


def reported_by(tables: Tables, wanted: Any, witnesses: str) -> Condition:
    """Keep contacts that originals of these sides report; a reprint is no second witness."""
    sides = values_of("reported_by", wanted)
    sources = narrow(tables["sources"], WHERE, ["source_id", "side", "reprint_of"])
    refuse_unlisted("reported_by", sides, _there(tables["sources"], "side"))
    originals = sources.filter(nw.col("reprint_of").is_null()).select("source_id", "side")
    said = narrow(tables["reports"], WHERE, ["event_id", "source_id"])
    said = said.join(originals, on="source_id").select("event_id", "side").unique()
    own = nw.col("side").is_in(sides)
    named = said.with_columns(own.cast(nw.Int64).alias("own"), nw.lit(1).alias("every"))
    named = named.group_by("event_id").agg(nw.col("own").sum(), nw.col("every").sum())
    enough = {
        "any": nw.col("own") > 0,
        "all": (nw.col("own") == len(set(sides))) & (nw.col("own") > 0),
        "only": (nw.col("own") > 0) & (nw.col("own") == nw.col("every")),
    }
    joint = {"any": " or ", "all": " and ", "only": " or "}[witnesses]
    words = f"reported by {joint.join(map(str, sides))}{' alone' * (witnesses == 'only')}"
    words = words if sides else _in_words("reported_by", sides)
    return Condition(
        words, lambda events: semi(events, named.filter(enough[witnesses]), "event_id")
    )


def tier(places: pd.DataFrame, wanted: Any) -> Condition:
    """Keep contacts by the tier of those who lead them or their parts.

    ``places`` has the ``place`` of each ``event_id`` in `levels.TIERS`.
    """
    values = values_of("tier", wanted)
    refuse_unlisted("tier", values, levels.TIERS)
    chosen = places["place"].isin([levels.TIERS.index(value) for value in values])
    ids = places.loc[chosen, "event_id"].tolist()
    return Condition(_in_words("tier", values), _filtering(nw.col("event_id").is_in(ids)))


def level(tables: Tables, wanted: Any) -> Condition:
    """Keep contacts by the office level of their highest head, None for those without one."""
    values = values_of("level", wanted)
    who = narrow(tables["participants"], WHERE, [*levels.KEY, "role"])
    who = who.filter(nw.col("role").is_in(list(levels.LEADING))).select(*levels.KEY).unique()
    who = who.join(levels.days_of_contacts(tables["events"], WHERE), on="event_id")
    held = levels.offices_held(who, tables, WHERE)
    highest = held.group_by("event_id").agg(nw.col("office_level").max().alias("level"))
    highest = highest.filter(~nw.col("level").is_null())
    numbers = [value for value in values if value is not None]
    known = _there(tables["offices"], "office_level")
    for value in numbers:
        if isinstance(value, bool) or value not in known:
            raise unknown_value_error("level", value, sorted(known))

    def keep(events: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        at_level = semi(events, highest.filter(nw.col("level").is_in(numbers)), "event_id")
        if None not in values:
            return at_level
        return nw.concat([at_level, events.join(highest, on="event_id", how="anti").select(
            *events.collect_schema().names())])  # fmt: skip

    words = _in_words("level", ["none" if value is None else value for value in values])
    return Condition(words, keep)


def linked(
    tables: Tables,
    name: str,
    wanted: Any,
    *,
    things: str,
    key: str,
    links: str,
    texts: Sequence[str],
    within: str | None = None,
) -> Condition:
    """Keep contacts tied to persons, places or areas, found by id or by any of their names.

    ``within`` is the column that names the larger thing, a province, in which a thing lies; a
    province is found by any of its own names too.
    """
    listed = collect(narrow(tables[things], WHERE, [key, *texts]))
    own = {row[0]: _spellings(row) for row in listed.itertuples(index=False)}
    spelled = _by_spelling(own)
    inside: dict[str, set[str]] = {}
    if within is not None:
        larger = collect(narrow(tables[things], WHERE, [key, within]))
        inside = _by_spelling(
            {row[0]: _spellings(row[1:]) for row in larger.itertuples(index=False)}
        )
    ids: list[str] = []
    for value in (values := values_of(name, wanted)):
        asked = fold(str(value).strip())
        same = {asked}.union(*(own[each] for each in spelled.get(asked, ())))
        found = spelled.get(asked, set()).union(*(inside.get(text, ()) for text in same))
        if not found:
            shown = [each for row in listed.itertuples(index=False) for each in row[:2]]
            raise unknown_value_error(name, value, [each for each in shown if not pd.isna(each)])
        ids += sorted(found)
    tied = narrow(tables[links], WHERE, ["event_id", key]).filter(nw.col(key).is_in(ids))
    return Condition(
        _in_words(name, values), lambda events: semi(events, tied.unique(), "event_id")
    )


def _spellings(cells: Iterable[Any]) -> set[str]:
    """Return what stands in cells, of which each may list several texts, without marks."""
    return {
        fold(text.strip()) for cell in cells if not pd.isna(cell) for text in str(cell).split(";")
    }


def _by_spelling(spellings: dict[str, set[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each, texts in spellings.items():
        for text in texts:
            found.setdefault(text, set()).add(each)
    return found


def title(tables: Tables, wanted: Any) -> Condition:
    """Keep contacts in whose titles every word stands, whatever its marks and case."""
    if not isinstance(wanted, str) or not wanted.split():
        raise ValueError(
            f"title={wanted!r}: give words as one text, such as 'border exchange'; all of them "
            "have to stand in the title"
        )
    words = fold(wanted).split()
    titles = collect(narrow(tables["events"], WHERE, ["event_id", "title"]))
    folded = [fold("" if pd.isna(each) else each) for each in titles["title"]]
    ids = titles["event_id"][[all(word in text for word in words) for text in folded]].tolist()
    return Condition(
        f"title with {wanted!r}", lambda events: events.filter(nw.col("event_id").is_in(ids))
    )


def narrowed(tables: Tables, conditions: Sequence[Condition]) -> dict[str, Frame]:
    """Return the tables with the contacts that fulfil every condition, and what is theirs."""
    if not conditions:
        return dict(tables)
    events = narrow(tables["events"], WHERE, column_names(tables["events"]))
    for condition in conditions:
        events = condition.keep(events)
    ids = events.select("event_id").unique()
    left = collect(ids)["event_id"].tolist() if in_memory(tables["events"]) else None

    def pick(frame: Frame) -> Frame:
        if left is None:
            return nw.to_native(semi(nw.from_native(frame).lazy(), ids, "event_id"))
        known = nw.from_native(frame, eager_only=True)
        kept = plain_column("event_id", known.collect_schema()["event_id"]).is_in(left)
        return nw.maybe_reset_index(known.filter(kept)).to_native()

    return {
        name: pick(frame) if "event_id" in column_names(frame) else copied(frame)
        for name, frame in tables.items()
    }


def _there(frame: Frame, column: str, metric: str = WHERE) -> list[Any]:
    found = collect(narrow(frame, metric, [column]).unique())[column]
    return found.dropna().tolist()
