"""Checks of the coding of one contact: a form filled in from its reports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from relations.record import _dates
from relations.record._package import SHIPPED, vocabulary
from relations.record._text import fold
from relations.record.codebook import codebook
from relations.record.dataset import Dataset, check_dataset
from relations.record.levels import LEADING
from relations.teaching._answers import (
    Feedback,
    check_event,
    is_blank,
    number_of,
    read,
    sides_of,
)

FIELDS = ("kind", "start", "host", "editions", "heads", "areas")


def kinds() -> pd.DataFrame:
    """List what each kind of contact is, and is not, as the codebook's page has it.

    Returns
    -------
    pandas.DataFrame, one row per kind
        ``kind``, ``is``, ``is_not`` (the empty text where the page names no limit).

    Examples
    --------
    >>> import relations as rel
    >>> rel.teaching.kinds().loc[0].tolist()  # doctest: +NORMALIZE_WHITESPACE
    ['visit', 'a delegation travels for bilateral reasons',
    'a meeting on the margin of a multilateral event']
    """
    page = (SHIPPED / "README.md").read_text(encoding="utf-8")
    table = page.partition("### Kinds")[2].partition("\n\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| ?(.*?) ?\|$", table, flags=re.MULTILINE)
    return pd.DataFrame(rows, columns=["kind", "is", "is_not"])


def check_form(
    form: Mapping[str, Any], data: Dataset, event_id: str, sources: Sequence[str]
) -> Feedback:
    """Check the coding of one contact, from the reports that were read.

    Parameters
    ----------
    form : mapping
        ``kind``, ``start`` (text, as in the tables), ``host``; ``editions``, number by side;
        ``heads``, by side the ``name`` and the ``rank`` as printed of who leads its
        delegation; ``areas``, status by area.
    data : Dataset
        Its tables hold what the answer is compared with.
    event_id : str
    sources : sequence of str
        The ``source_id`` of each report that was read; areas and ranks of other reports are
        not asked for.

    Returns
    -------
    Feedback
        A message for each field that is empty, not written as the codebook asks, or differs,
        with the rule that decides. The coded value itself is not told.

    Raises
    ------
    ValueError
        Where the contact is not in the record, or a source does not report it.

    Notes
    -----
    The rules are those of ``data/README.md`` and of the column as `relations.codebook`
    explains it.

    Examples
    --------
    >>> import relations as rel
    >>> event = "2024-04-11-border-exchange-8"
    >>> read = ["2024-04-11-vietnamplus-border-exchange-8"]
    >>> feedback = rel.teaching.check_form({"kind": "visit"}, rel.load(), event, read)
    >>> print(feedback.messages[0])  # doctest: +ELLIPSIS
    kind: 'visit' is not what was coded; it is: a delegation travels for bilateral reasons; ...
    """
    check_dataset(data, "check_form")
    check_event(data, event_id)
    reports = read(data, "reports", ["event_id", "source_id"])
    reporting = set(reports.loc[reports["event_id"] == event_id, "source_id"])
    strange = [source for source in sources if source not in reporting]
    if strange:
        raise ValueError(f"{strange[0]} does not report {event_id}: look in data.reports")
    messages = [
        f"{field}: no such field; the form has {', '.join(FIELDS)}"
        for field in form
        if field not in FIELDS
    ]
    events = read(data, "events", ["event_id", "kind", "start", "end", "precision", "host"])
    event = events.set_index("event_id").loc[event_id]
    sides = sides_of(data)
    messages += _kind(form.get("kind"), event["kind"])
    messages += _start(form.get("start"), event, data, sources)
    messages += _host(form.get("host"), event["host"], sides)
    for field, check in (("editions", _edition), ("heads", _head)):
        given = form.get(field)
        given = {} if given is None or is_blank(given) else given
        if not isinstance(given, Mapping):
            messages.append(f"{field}: {given!r} is no mapping; write one value for each side")
            continue
        messages += [
            f"{field}: {side!r} is no side of these tables; they are {', '.join(sides)}"
            for side in given
            if side not in sides
        ]
        for side in sides:
            messages += check(given.get(side), side, data, event_id, sources)
    messages += _areas(form.get("areas"), data, event_id, sources)
    return Feedback(not messages, tuple(messages))


def _rule(table: str, column: str) -> str:
    columns = codebook(table).set_index("column")["meaning"]
    return f"The rule ({table}.{column}): {columns[column]}"


def _word(field: str, given: Any, allowed: Sequence[str]) -> list[str]:
    """Say whether a word is missing or not one of those allowed."""
    if is_blank(given):
        return [f"{field}: not filled in yet"]
    if given not in allowed:
        return [f"{field}: {given!r} is not one of {', '.join(allowed)}"]
    return []


def _kind(given: Any, coded: str) -> list[str]:
    book = kinds().set_index("kind")
    messages = _word("kind", given, book.index.tolist())
    if messages or given == coded:
        return messages
    yes, no = book.loc[given]
    limits = f"{yes}{f'; it is not: {no}' if no else ''}"
    return [
        f"kind: {given!r} is not what was coded; it is: {limits}. The form of the contact "
        "decides, not what was talked about"
    ]


def _start(given: Any, event: pd.Series, data: Dataset, sources: Sequence[str]) -> list[str]:
    if is_blank(given):
        return ["start: not filled in yet"]
    text = str(given).strip()
    try:
        _dates.validate(text)
    except ValueError as error:
        return [f"start: {error}"]
    coded = event["start"].strftime(_dates.PATTERNS[event["precision"]])
    if text == coded:
        return []
    day = pd.Timestamp(_dates.first_day(text))
    if coded.startswith(text):
        why = "is less precise than the reports allow"
    elif text.startswith(coded):
        why = "is more precise than the reports allow"
    elif day in _days_of_publication(data, sources):
        why = "is the day on which a report was published, not that of the contact"
    elif day in _days_printed(data, str(event.name)):
        why = "stands in one report, and the others differ: see which of them it contradicts"
    elif event["start"] < day <= event["end"]:
        why = "lies within the contact, but is not its first day"
    else:
        why = "lies " + ("before" if day < event["start"] else "after") + " the activity proper"
    return [f"start: {text!r} {why}. {_rule('events', 'start')}"]


def _days_of_publication(data: Dataset, sources: Sequence[str]) -> set[pd.Timestamp]:
    pages = read(data, "sources", ["source_id", "published"])
    return set(pages.loc[pages["source_id"].isin(sources), "published"].dropna())


def _days_printed(data: Dataset, event_id: str) -> set[pd.Timestamp]:
    """Return the days that reports of a contact give; one of the month alone gives none."""
    columns = ["event_id", "start_as_reported", "start_as_reported_latest"]
    reports = read(data, "reports", columns)
    whole = reports["start_as_reported"] == reports["start_as_reported_latest"]
    return set(reports.loc[whole & (reports["event_id"] == event_id), "start_as_reported"])


def _host(given: Any, coded: str, sides: Sequence[str]) -> list[str]:
    messages = _word("host", given, [*sides, "both", "third", "none"])
    if messages or given == coded:
        return messages
    return [f"host: {given!r} is not what was coded. {_rule('events', 'host')}"]


def _edition(
    given: Any, side: str, data: Dataset, event_id: str, sources: Sequence[str]
) -> list[str]:
    rows = read(data, "editions", ["event_id", "side", "edition"])
    coded = rows[rows["event_id"] == event_id].set_index("side")["edition"].to_dict()
    own = coded.get(side, coded.get("both"))
    field = f"editions[{side!r}]"
    if is_blank(given):
        return [] if own is None else [f"{field}: not filled in yet; the reports give a number"]
    number = number_of(given)
    if number is None or number != int(number):
        return [f"{field}: {given!r} is no whole number"]
    if number == own:
        return []
    if number in coded.values():
        why = f"is a number of this contact, but not in the count of {side}"
    else:
        why = f"is not the number that {side} gives to this contact"
    return [f"{field}: {given!r} {why}. {_rule('editions', 'side')}"]


def _words(text: str) -> str:
    """Return the words of a name or rank, without marks, case and punctuation."""
    return " ".join(re.findall(r"\w+", fold(text)))


def _head(given: Any, side: str, data: Dataset, event_id: str, sources: Sequence[str]) -> list[str]:
    field = f"heads[{side!r}]"
    if given is not None and not isinstance(given, Mapping):
        return [f"{field}: {given!r} is no mapping; write its name and its rank"]
    columns = ["event_id", "person_id", "role", "source_id", "rank_as_reported"]
    named = read(data, "participants", columns)
    people = read(data, "people", ["person_id", "side", "name", "native_name", "aliases"])
    named = named[named["event_id"] == event_id].merge(people, on="person_id")
    leading = named["role"].isin(LEADING) & named["source_id"].isin(sources)
    own = named[leading & (named["side"] == side)]
    name, rank = ((given or {}).get(part) for part in ("name", "rank"))
    messages = []
    if is_blank(name):
        if len(own):
            messages.append(f"{field} name: not filled in yet; a report names one")
    else:
        leaders, present = set(own["person_id"]), set(named["person_id"])
        messages += _name(f"{field} name", str(name), side, leaders, present, people)
    printed = {_words(value) for value in own["rank_as_reported"].dropna()}
    if is_blank(rank):
        if printed:
            messages.append(f"{field} rank: not filled in yet; a report prints one")
    elif _words(str(rank)) not in printed:
        messages.append(
            f"{field} rank: {rank!r} is printed of this person in none of the reports read. "
            f"{_rule('participants', 'rank_as_reported')} It is taken over and not corrected"
        )
    return messages


def _name(
    field: str, name: str, side: str, leaders: set[str], present: set[str], people: pd.DataFrame
) -> list[str]:
    meant = {
        person.person_id
        for person in people.itertuples()
        for names in (person.name, person.native_name, person.aliases)
        for spelling in ("" if pd.isna(names) else str(names)).split(";")
        if spelling and _words(spelling) == _words(name)
    }
    if meant & leaders:
        return []
    if not meant:
        return [f"{field}: {name!r} is no name in data.people; write it without rank or office"]
    if not meant & set(people.loc[people["side"] == side, "person_id"]):
        return [f"{field}: {name!r} belongs to another side than {side}"]
    if meant & present:
        rule = _rule("participants", "role")
        return [f"{field}: {name!r} took part, but did not lead by these reports. {rule}"]
    return [f"{field}: {name!r} is named in none of these reports"]


def _areas(given: Any, data: Dataset, event_id: str, sources: Sequence[str]) -> list[str]:
    if is_blank(given):
        return ["areas: not filled in yet"]
    if not isinstance(given, Mapping):
        return [f"areas: {given!r} is no mapping; write a status for each area"]
    book = read(data, "areas", ["area", "group", "counts_when", "not_when"]).set_index("area")
    mentions = read(data, "area_mentions", ["event_id", "source_id", "area", "status"])
    mentions = mentions[mentions["event_id"] == event_id]
    named = mentions[mentions["source_id"].isin(sources)]
    statuses = named.groupby("area")["status"].agg(set)
    messages = []
    for area, status in given.items():
        field = f"areas[{area!r}]"
        if area not in book.index:
            messages.append(f"{field}: no such area; data.areas lists them")
        elif area in statuses:
            wrong = _word(field, status, vocabulary("area_mentions", "status"))
            if not wrong and status not in statuses[area]:
                rule = _rule("area_mentions", "status")
                wrong = [f"{field}: status {status!r} is not what was coded. {rule}"]
            messages += wrong
        elif area in set(mentions["area"]):
            messages.append(f"{field}: coded from another report, not from those read")
        else:
            messages.append(
                f"{field}: not coded. It counts when: {book.loc[area, 'counts_when']} "
                f"It does not for: {book.loc[area, 'not_when']}"
            )
    lacking = [area for area in statuses.index if area not in given]
    if lacking:
        groups = ", ".join(sorted({str(book.loc[area, "group"]) for area in lacking}))
        number = len(lacking)
        messages.append(
            f"areas: {number} more {'is' if number == 1 else 'are'} coded from these reports; "
            f"look through the definitions in data.areas of the group {groups}"
        )
    return messages
