"""Answers of a seminar, checked against the record: what is wrong, and which rule decides."""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from relations import _dates, _engines
from relations._package import SHIPPED
from relations.coverage import coder_agreement, two_lists
from relations.exchanges import exchange_frequency
from relations.mechanisms import numbering
from relations.ranks import SCALES, delegation_levels, parity, rank_levels
from relations.tables import codebook

FORM = ("kind", "start", "host", "editions", "heads", "areas")
CODED = ("kind", "status", "areas")
# Shares that students round to two places are right.
TOLERANCE = 0.006
NAMED = 3


@dataclass(frozen=True)
class Feedback:
    """What a check says of an answer: ``right``, and what is wrong with it in ``messages``.

    Examples
    --------
    >>> print(Feedback(False, ("start: not filled in yet",)))
    Not yet.
    - start: not filled in yet
    """

    right: bool
    messages: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """The first line."""
        return "Right." if self.right else "Not yet."

    def __str__(self) -> str:
        return "\n".join([self.verdict, *(f"- {message}" for message in self.messages)])

    def _repr_markdown_(self) -> str:
        return "\n".join([f"**{self.verdict}**", "", *(f"- {each}" for each in self.messages)])


def kinds() -> pd.DataFrame:
    """List what each kind of contact is, and is not, as the codebook's page has it.

    Returns
    -------
    pandas.DataFrame, one row per kind
        ``kind``, ``is``, ``is_not`` (the empty text where the page names no limit).

    Examples
    --------
    >>> kinds().loc[0].tolist()  # doctest: +NORMALIZE_WHITESPACE
    ['visit', 'a delegation travels for bilateral reasons',
    'a meeting on the margin of a multilateral event']
    """
    page = (SHIPPED / "README.md").read_text(encoding="utf-8")
    table = page.partition("### Kinds")[2].partition("\n\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| ?(.*?) ?\|$", table, flags=re.MULTILINE)
    return pd.DataFrame(rows, columns=["kind", "is", "is_not"])


def check_form(
    form: Mapping[str, Any], data: Any, event_id: str, sources: Sequence[str]
) -> Feedback:
    """Check the coding of one contact, from the reports that were read.

    Parameters
    ----------
    form : mapping
        ``kind``, ``start`` (text, as in the tables), ``host``; ``editions``, number by side;
        ``heads``, by side the ``name`` and the ``rank`` as printed of who leads its
        delegation; ``areas``, status by area.
    data : Dataset
        Its tables hold what the answer is compared with; pandas.
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
    >>> print(check_form({"kind": "visit"}, rel.load(), event, [
    ...     "2024-04-11-vietnamplus-border-exchange-8"]).messages[0])  # doctest: +ELLIPSIS
    kind: 'visit' is not what was coded; it is: a delegation travels for bilateral reasons; ...
    """
    event = _event(data, event_id)
    reports = data.reports[data.reports["event_id"] == event_id]
    strange = [source for source in sources if source not in set(reports["source_id"])]
    if strange:
        raise ValueError(f"{strange[0]} does not report {event_id}: look in data.reports")
    found = [
        f"{field}: no such field; the form has {', '.join(FORM)}"
        for field in form
        if field not in FORM
    ]
    found += _kind(form.get("kind"), event["kind"])
    found += _start(form.get("start"), event, data, sources)
    found += _host(form.get("host"), event["host"], data)
    sides = data.sides["side"].tolist()
    for field, check in (("editions", _edition), ("heads", _head)):
        given = form.get(field)
        given = {} if given is None or _blank(given) else given
        if not isinstance(given, Mapping):
            found.append(f"{field}: {given!r} is no mapping; write one value for each side")
            continue
        found += [
            f"{field}: {side!r} is no side of these tables; they are {', '.join(sides)}"
            for side in given
            if side not in sides
        ]
        for side in sides:
            found += check(given.get(side), side, data, event_id, sources)
    found += _areas(form.get("areas"), data, event_id, sources)
    return Feedback(not found, tuple(found))


def _event(data: Any, event_id: str) -> pd.Series:
    rows = data.events[data.events["event_id"] == event_id]
    if rows.empty:
        raise ValueError(f"no contact {event_id!r} in data.events: look at its event_id")
    return rows.iloc[0]


def _blank(value: Any) -> bool:
    # What may be empty: nothing, a text of spaces, a mapping without values.
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Mapping):
        return all(_blank(each) for each in value.values())
    return value is None or (np.isscalar(value) and bool(pd.isna(value)))


def _rule(table: str, column: str) -> str:
    columns = codebook(table).set_index("column")["meaning"]
    return f"The rule ({table}.{column}): {columns[column]}"


def _word(field: str, value: Any, allowed: Sequence[str]) -> list[str]:
    """Say whether a word is missing or not one of those allowed."""
    if _blank(value):
        return [f"{field}: not filled in yet"]
    if value not in allowed:
        return [f"{field}: {value!r} is not one of {', '.join(allowed)}"]
    return []


def _kind(given: Any, coded: str) -> list[str]:
    book = kinds().set_index("kind")
    found = _word("kind", given, book.index.tolist())
    if found or given == coded:
        return found
    yes, no = book.loc[given]
    limits = f"{yes}{f'; it is not: {no}' if no else ''}"
    return [
        f"kind: {given!r} is not what was coded; it is: {limits}. The form of the contact "
        "decides, not what was talked about"
    ]


def _start(given: Any, event: pd.Series, data: Any, sources: Sequence[str]) -> list[str]:
    if _blank(given):
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
    pages = data.sources[data.sources["source_id"].isin(sources)]
    reports = data.reports[data.reports["event_id"] == event["event_id"]]
    # A report that gives the month alone does not give its first day.
    whole = reports["start_as_reported"] == reports["start_as_reported_latest"]
    printed = reports.loc[whole, "start_as_reported"]
    if coded.startswith(text):
        why = "is less precise than the reports allow"
    elif text.startswith(coded):
        why = "is more precise than the reports allow"
    elif (pages["published"] == day).any():
        why = "is the day on which a report was published, not that of the contact"
    elif (printed == day).any():
        why = "stands in one report, and the others differ: see which of them it contradicts"
    elif event["start"] < day <= event["end"]:
        why = "lies within the contact, but is not its first day"
    else:
        why = "lies " + ("before" if day < event["start"] else "after") + " the activity proper"
    return [f"start: {text!r} {why}. {_rule('events', 'start')}"]


def _host(given: Any, coded: str, data: Any) -> list[str]:
    allowed = [*data.sides["side"], "both", "third", "none"]
    found = _word("host", given, allowed)
    if found or given == coded:
        return found
    return [f"host: {given!r} is not what was coded. {_rule('events', 'host')}"]


def _edition(given: Any, side: str, data: Any, event_id: str, sources: Sequence[str]) -> list[str]:
    rows = data.editions[data.editions["event_id"] == event_id]
    coded = rows.set_index(rows["side"].astype("str"))["edition"].to_dict()
    own = coded.get(side, coded.get("both"))
    field = f"editions[{side!r}]"
    if _blank(given):
        return [] if own is None else [f"{field}: not filled in yet; the reports give a number"]
    number = _number(given)
    if number is None or number != int(number):
        return [f"{field}: {given!r} is no whole number"]
    if number == own:
        return []
    if number in coded.values():
        why = f"is a number of this contact, but not in the count of {side}"
    else:
        why = f"is not the number that {side} gives to this contact"
    return [f"{field}: {given!r} {why}. {_rule('editions', 'side')}"]


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return " ".join(re.findall(r"\w+", "".join(c for c in bare if not unicodedata.combining(c))))


def _head(given: Any, side: str, data: Any, event_id: str, sources: Sequence[str]) -> list[str]:
    field = f"heads[{side!r}]"
    here = data.participants[data.participants["event_id"] == event_id]
    here = here.merge(data.people[["person_id", "side"]], on="person_id")
    leads = here["role"].isin(["head", "host"])
    own = here[(here["side"] == side) & leads & here["source_id"].isin(sources)]
    if given is not None and not isinstance(given, Mapping):
        return [f"{field}: {given!r} is no mapping; write its name and its rank"]
    name, rank = ((given or {}).get(part) for part in ("name", "rank"))
    found = []
    if _blank(name):
        if len(own):
            found.append(f"{field} name: not filled in yet; a report names one")
    else:
        found += _name(f"{field} name", str(name), side, own, here, data)
    printed = {_plain(value) for value in own["rank_as_reported"].dropna()}
    if _blank(rank):
        if printed:
            found.append(f"{field} rank: not filled in yet; a report prints one")
    elif _plain(str(rank)) not in printed:
        found.append(
            f"{field} rank: {rank!r} is printed of this person in none of the reports read. "
            f"{_rule('participants', 'rank_as_reported')} It is taken over and not corrected"
        )
    return found


def _name(
    field: str, name: str, side: str, own: pd.DataFrame, here: pd.DataFrame, data: Any
) -> list[str]:
    people = data.people
    meant = {
        person.person_id
        for person in people.itertuples()
        for names in (person.name, person.native_name, person.aliases)
        for each in ("" if pd.isna(names) else names).split(";")
        if each and _plain(each) == _plain(name)
    }
    if meant & set(own["person_id"]):
        return []
    rule = _rule("participants", "role")
    of_side = set(people.loc[people["side"] == side, "person_id"])
    if not meant:
        return [f"{field}: {name!r} is no name in data.people; write it without rank or office"]
    if not meant & of_side:
        return [f"{field}: {name!r} belongs to another side than {side}"]
    if meant & set(here["person_id"]):
        return [f"{field}: {name!r} took part, but did not lead by these reports. {rule}"]
    return [f"{field}: {name!r} is named in none of these reports"]


def _areas(given: Any, data: Any, event_id: str, sources: Sequence[str]) -> list[str]:
    if given is None or _blank(given):
        return ["areas: not filled in yet"]
    if not isinstance(given, Mapping):
        return [f"areas: {given!r} is no mapping; write a status for each area"]
    book = data.areas.set_index("area")
    every = data.area_mentions[data.area_mentions["event_id"] == event_id]
    named = every[every["source_id"].isin(sources)]
    statuses = named.groupby("area")["status"].agg(lambda status: set(status.astype("str")))
    allowed = str(codebook("area_mentions").set_index("column")["values"]["status"]).split(", ")
    found = []
    for area, status in given.items():
        field = f"areas[{area!r}]"
        if area not in book.index:
            found.append(f"{field}: no such area; data.areas lists them")
        elif area not in statuses:
            elsewhere = area in set(every["area"])
            found.append(
                f"{field}: coded from another report, not from those read"
                if elsewhere
                else f"{field}: not coded. It counts when: {book.loc[area, 'counts_when']} "
                f"It does not for: {book.loc[area, 'not_when']}"
            )
        else:
            wrong = _word(field, status, allowed)
            if not wrong and status not in statuses[area]:
                rule = _rule("area_mentions", "status")
                wrong = [f"{field}: status {status!r} is not what was coded. {rule}"]
            found += wrong
    lacking = [area for area in statuses.index if area not in given]
    if lacking:
        groups = ", ".join(sorted({str(book.loc[area, "group"]) for area in lacking}))
        number = len(lacking)
        found.append(
            f"areas: {number} more {'is' if number == 1 else 'are'} coded from these reports; "
            f"look through the definitions in data.areas of the group {groups}"
        )
    return found


def check_codings(codings: pd.DataFrame, data: Any) -> Feedback:
    """Check that the codings of a class are written as they have to be compared.

    Parameters
    ----------
    codings : pandas.DataFrame, one row per coder and report
        ``coder``, ``source_id`` and at least one of ``kind``, ``status`` and ``areas`` (with
        ``;`` between areas).
    data : Dataset
        ``events``, ``sources`` and ``areas`` are read; pandas.

    Returns
    -------
    Feedback
        A message for each value that cannot be compared, by coder, report and column. What
        was coded is not judged: two codings are compared, neither is the truth.

    Examples
    --------
    >>> import pandas as pd
    >>> import relations as rel
    >>> codings = pd.DataFrame(columns=["coder", "source_id", "kind"])
    >>> print(check_codings(codings, rel.load()))
    Not yet.
    - no codings yet: paste the rows of at least two coders
    """
    key = ["coder", "source_id"]
    lacking = [column for column in key if column not in codings]
    fields = [field for field in CODED if field in codings]
    if lacking or not fields:
        needed = ", ".join(lacking) or f"one of {', '.join(CODED)}"
        return Feedback(False, (f"the column {needed} is missing; the header has to name it",))
    if codings.empty:
        return Feedback(False, ("no codings yet: paste the rows of at least two coders",))
    values = codings.fillna("").astype("str").apply(lambda column: column.str.strip())
    vocabulary = {"areas": set(data.areas["area"])}
    for field in ("kind", "status"):
        vocabulary[field] = set(data.events[field].cat.categories)
    known = set(data.sources["source_id"])
    found = []
    for row, twice in zip(values.to_dict("records"), values.duplicated(key), strict=True):
        who = f"{row['coder'] or 'a row without a coder'}, {row['source_id']}"
        if not row["coder"]:
            found.append(f"{who}: coder is empty")
        if row["source_id"] not in known:
            found.append(f"{who}: source_id {row['source_id']!r} is not in data.sources")
        if twice:
            found.append(f"{who}: coded twice by one coder; keep one row")
        for field in fields:
            parts = row[field].split(";") if field == "areas" else [row[field]]
            bad = [part.strip() for part in parts if part.strip() not in vocabulary[field]]
            if field == "areas":
                bad = [part for part in bad if part]
            found += [
                f"{who}: {field} {part!r} is not one of the codebook's" if part
                else f"{who}: {field} is empty"
                for part in bad
            ]  # fmt: skip
    if values["coder"].nunique() < 2:
        found.append("one coder alone: agreement needs two")
    return Feedback(not found, tuple(found))


def agreement(codings: pd.DataFrame, against: str, *, seed: int = 0) -> pd.DataFrame:
    """Compare each coder of a class with one of them, field by field.

    Parameters
    ----------
    codings : pandas.DataFrame
        As for `check_codings`.
    against : str
        The coder with whom the others are compared: a neighbour, or the coding of the record.
    seed : int
        Of the draws behind the intervals.

    Returns
    -------
    pandas.DataFrame, one row per other coder and field
        ``coder``, and the columns of `relations.coder_agreement`. Reports that only one of
        the two coded are left out. No rows where there are no codings yet.

    Raises
    ------
    ValueError
        Where a column is missing or ``against`` is no coder.

    Examples
    --------
    >>> import relations as rel
    >>> asked = ["vna-call-vinh-fan", "vna-army-training"]
    >>> codings = as_codings(rel.load().second_coding, asked)
    >>> agreement(codings, against="first")[["coder", "field", "reports", "alpha"]].head(1)
        coder field  reports  alpha
    0  second  kind        2    1.0
    """
    _engines.lazy(codings, "agreement", ["coder", "source_id"])
    fields = [field for field in CODED if field in codings]
    tables = []
    if len(codings) and against not in set(codings["coder"]):
        coders = ", ".join(map(str, dict.fromkeys(codings["coder"])))
        raise ValueError(f"against={against!r} is no coder; they are {coders}")
    long = codings.melt(["coder", "source_id"], fields, "field", "value")
    one = long[long["coder"] == against].drop(columns="coder")
    for coder in dict.fromkeys(codings["coder"]):
        other = long[long["coder"] == coder].drop(columns="coder")
        both = one.merge(other, on=["source_id", "field"]).rename(
            columns={"value_x": "first", "value_y": "second"}
        )
        if coder != against and len(both):
            # A report is compared as a whole, whatever contact it was found for.
            table = coder_agreement(both.assign(event_id=""), seed=seed)
            table.insert(0, "coder", coder)
            tables.append(table)
    if not tables:
        columns = ["coder", "field", "reports", "units", "agree", "alpha", "low", "high", "note"]
        return pd.DataFrame(columns=columns)
    return pd.concat(tables, ignore_index=True)


def as_codings(second_coding: Any, sources: Sequence[str]) -> pd.DataFrame:
    """Write the two codings of the record as those of two coders, "first" and "second".

    Parameters
    ----------
    second_coding : frame, as ``data.second_coding``
    sources : sequence of str
        The ``source_id`` of each report asked for.

    Returns
    -------
    pandas.DataFrame, one row per coder and report
        ``coder``, ``source_id``, ``kind``, ``status``, ``areas``; what a coding left empty is
        the empty text.

    Raises
    ------
    ValueError
        Where a column is missing, a report was not coded twice, or it was for two contacts.

    Examples
    --------
    >>> import relations as rel
    >>> codings = as_codings(rel.load().second_coding, ["vna-call-vinh-fan"])
    >>> codings[["coder", "kind"]].to_numpy().tolist()
    [['first', 'meeting'], ['second', 'meeting']]
    """
    needed = ["event_id", "source_id", "field", "first", "second"]
    frame = _engines.collect(_engines.lazy(second_coding, "as_codings", needed).select(*needed))
    frame = frame[frame["field"].isin(CODED) & frame["source_id"].isin(sources)]
    lacking = [source for source in sources if source not in set(frame["source_id"])]
    if lacking:
        raise ValueError(f"{lacking[0]} was not coded twice: look in data.second_coding")
    twice = frame.loc[frame.duplicated(["source_id", "field"]), "source_id"]
    if len(twice):
        raise ValueError(f"{twice.iloc[0]} is coded for two contacts: take another report")
    long = frame.melt(["source_id", "field"], ["first", "second"], "coder", "value")
    long["value"] = long["value"].astype("object").where(long["value"].notna(), "")
    wide = long.astype({"field": "str"}).pivot_table(
        "value", ["coder", "source_id"], "field", aggfunc="first"
    )
    wide.columns.name = None
    return wide.reindex(columns=list(CODED)).reset_index()


def _number(value: Any) -> float | None:
    if isinstance(value, (bool, np.bool_, str)) or not np.isscalar(value):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _one(name: str, given: Any, right: float, traps: Sequence[tuple[float, str]]) -> Feedback:
    """Judge a number: right, one that a known mistake gives, or another."""
    if _blank(given):
        return Feedback(False, (f"{name}: no answer yet; put a number in its place",))
    number = _number(given)
    if number is None:
        shape = f"{type(given).__name__} {given!r}" if np.isscalar(given) else type(given).__name__
        return Feedback(False, (f"{name}: {shape} is no number; give one",))
    if number == right:
        return Feedback(True)
    for value, why in traps:
        if number == value:
            return Feedback(False, (f"{name}: {number:g} {why}",))
    way = "more" if number > right else "fewer"
    return Feedback(False, (f"{name}: {number:g} is {way} than the record holds",))


Table = Mapping[Any, float]


def _many(
    name: str,
    given: Any,
    right: Table,
    traps: Sequence[tuple[Callable[[], Table], str]],
    hidden: str = "",
) -> Feedback:
    """Judge values by their keys: whole against known mistakes, then one by one.

    Where the keys belong to the answer, ``hidden`` is the rule for them in place of those
    that are lacking.
    """
    if _blank(given):
        return Feedback(False, (f"{name}: no answer yet",))
    if not isinstance(given, (Mapping, pd.Series)):
        kind = type(given).__name__
        return Feedback(False, (f"{name}: a {kind} has no keys; give a Series or a dict",))
    if isinstance(given, pd.Series) and given.index.has_duplicates:
        key = given.index[given.index.duplicated()][0]
        return Feedback(False, (f"{name}: {key} stands more than once",))
    values = {key: value for key, value in dict(given).items() if not _blank(value)}
    if not values:
        return Feedback(False, (f"{name}: no answer yet",))
    bad = [f"{key}: {value!r} is no number" for key, value in values.items()
           if _number(value) is None]  # fmt: skip
    if bad:
        return Feedback(False, tuple(bad[:NAMED]))
    if _same(values, right):
        return Feedback(True)
    for wrong, why in traps:
        trap = wrong()
        if not _same(trap, right) and _same(values, trap):
            return Feedback(False, (f"{name}: {why}",))
    found = []
    lacking = [key for key in right if key not in values]
    strange = [key for key in values if key not in right]
    differ = [key for key in values if key in right and not _near(values[key], right[key])]
    if lacking:
        which = f"{len(lacking)} more; {hidden}" if hidden else _some(lacking)
        found.append(f"{name}: no value for {which}")
    if strange:
        why = f"; {hidden}" if hidden else ""
        found.append(f"{name}: {_some(strange)} should have no value{why}")
    if differ:
        found.append(
            f"{name}: not what the record gives: "
            + _some([f"{key} ({values[key]})" for key in differ])
        )
    return Feedback(False, tuple(found))


def _some(keys: Sequence[Any]) -> str:
    more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
    return ", ".join(str(key) for key in keys[:NAMED]) + more


def _near(one: float, other: float) -> bool:
    return abs(float(one) - float(other)) <= TOLERANCE


def _same(one: Table, other: Table) -> bool:
    return set(one) == set(other) and all(_near(one[key], other[key]) for key in one)


def check_witnesses(answer: Any, data: Any, event_id: str) -> Feedback:
    """Check how many reports bear witness to a contact, each in words of its own.

    Parameters
    ----------
    answer : number
        None is an answer not given yet.
    data : Dataset
        ``reports`` and ``sources`` are read; pandas.
    event_id : str

    Returns
    -------
    Feedback
        Right is the number of reports of the time (``main``) that are no reprint.

    Raises
    ------
    ValueError
        Where the contact is not in the record.

    Examples
    --------
    >>> import relations as rel
    >>> check_witnesses(None, rel.load(), "2023-10-27-visit-giang-beijing").messages
    ('witnesses: no answer yet; put a number in its place',)
    """
    _event(data, event_id)
    rows = data.reports[data.reports["event_id"] == event_id]
    copy_of = data.sources.set_index("source_id")["reprint_of"]
    own = rows["source_id"].map(copy_of).isna()
    traps = [
        (len(rows), "counts every row: a reprint repeats another report, and a report that only "
         "recalls or announces did not see the contact (sources.reprint_of, reports.main)"),
        (own.sum(), "leaves out reprints, but counts reports that recall or announce "
         "(reports.main)"),
        (rows["main"].sum(), "counts a reprint as a second witness (sources.reprint_of)"),
    ]  # fmt: skip
    return _one("witnesses", answer, int((own & rows["main"]).sum()), traps)


def check_series(answer: Any, data: Any, mechanism: str) -> Feedback:
    """Check how many contacts of a numbered series the record holds.

    Parameters
    ----------
    answer : number
    data : Dataset
        The tables that `relations.numbering` reads.
    mechanism : str
        The series, as in ``data.mechanisms``.

    Returns
    -------
    Feedback
        Right is the number of contacts held, whatever numbers the sides give them.

    Raises
    ------
    ValueError
        As `relations.numbering`.

    Examples
    --------
    >>> import relations as rel
    >>> check_series(39, rel.load(), "coast_guard_joint_patrol").right
    False
    """
    table = numbering(data, mechanism)
    numbers = table[data.sides["side"].tolist()]
    highest = numbers.max().dropna()
    traps = [
        (highest.sum(), "adds the counts of both sides, so that one contact counts twice"),
        (numbers.count().sum(), "counts numbers: a contact that both sides number has two, and "
         "one whose number no report prints has none"),
        (numbers.notna().any(axis=1).sum(), "leaves out contacts whose number no report prints"),
        *((value, "is a number in one count: how many there have been by it, not how many "
           "reports were found of") for value in highest),
    ]  # fmt: skip
    return _one("series", answer, len(table), traps)


def _by_year(data: Any, kind: str) -> tuple[dict[int, int], pd.DataFrame]:
    events = data.events[data.events["kind"] == kind]
    table = exchange_frequency(events, every="year", parts="keep")
    return dict(zip(table["period"].dt.year, table["count"], strict=True)), events


def check_years(answer: Any, data: Any, kind: str) -> Feedback:
    """Check the number of contacts of one kind in each year that the record covers.

    Parameters
    ----------
    answer : Series or mapping of year to number
    data : Dataset
        ``events`` is read; pandas.
    kind : str
        A kind of which a contact was held.

    Returns
    -------
    Feedback
        Right is the count of contacts held, each row for itself, with 0 for a covered year
        without one.

    Raises
    ------
    ValueError
        Where no contact of the kind was held, or one is known less precisely than to a year.

    Examples
    --------
    >>> import relations as rel
    >>> check_years({}, rel.load(), "port_call").messages
    ('years: no answer yet',)
    """
    right, events = _by_year(data, kind)

    def sizes(rows: pd.DataFrame, years: Sequence[int] | None = None) -> Table:
        counts = rows["start"].dt.year.value_counts()
        return (counts if years is None else counts.reindex(years, fill_value=0)).to_dict()

    held = events[events["status"] == "held"]
    whole = held[held["parent_id"].isna()]
    first, last = (pick(held["start"].dt.year) for pick in (min, max))
    traps = [
        (lambda: sizes(held), "years without a contact have no row. A covered year without one "
         "is a 0; a group that does not exist is not counted"),
        (lambda: sizes(held, range(first, last + 1)), "the years begin with the first contact "
         "and end with the last; the record covers more (data.span), and there it is 0"),
        (lambda: sizes(events), "contacts that were only announced, cancelled or are disputed "
         "are counted, and years without one have no row"),
        (lambda: sizes(events, list(right)), "contacts that were only announced, cancelled or "
         "are disputed are counted (events.status)"),
        (lambda: sizes(whole, list(right)), "parts of other contacts are left out; for one kind "
         "each row counts"),
    ]  # fmt: skip
    return _many("years", answer, right, traps)


def check_one_sided(answer: Any, data: Any) -> Feedback:
    """Check, for each kind, the share of contacts that both sides' own reports tell of.

    Parameters
    ----------
    answer : Series or mapping of kind to share
        To two places or more.
    data : Dataset
        The tables that `relations.two_lists` reads.

    Returns
    -------
    Feedback
        Right counts contacts held and originals of the time, not reprints or recollections.

    Raises
    ------
    ValueError
        As `relations.two_lists`.

    Examples
    --------
    >>> import relations as rel
    >>> check_one_sided({"visit": 1.2}, rel.load()).right
    False
    """

    def shares(lists: pd.DataFrame) -> Table:
        both = lists["first"] & lists["second"]
        return both.groupby(lists["kind"].astype("str")).mean().to_dict()

    def opposite() -> Table:
        return {kind: 1 - share for kind, share in shares(lists).items()}

    def any_report() -> Table:
        named = data.reports.merge(data.sources[["source_id", "side"]], on="source_id")
        number = named[named["side"].isin(data.sides["side"])].groupby("event_id")["side"]
        both = lists["event_id"].map(number.nunique()).fillna(0) == len(data.sides)
        return both.groupby(lists["kind"].astype("str")).mean().to_dict()

    lists = two_lists(data, main_only=True)
    outside = [key for key, value in dict(answer if isinstance(answer, (Mapping, pd.Series)) else
               {}).items() if _number(value) is not None and not 0 <= value <= 1]  # fmt: skip
    if outside:
        return Feedback(False, (f"shares: {_some(outside)}: a share lies between 0 and 1",))
    traps = [
        (lambda: shares(two_lists(data)), "reports that only recall or announce are counted "
         "(reports.main)"),
        (any_report, "every report counts, also one that recalls or announces (reports.main) or "
         "is a reprint (sources.reprint_of)"),
        (opposite, "these are the shares of contacts that one side or none reports"),
    ]  # fmt: skip
    return _many("shares", answer, shares(lists), traps)


def check_occasions(answer: Any, data: Any, year: int) -> Feedback:
    """Check how many occasions were held in a year.

    Parameters
    ----------
    answer : number
    data : Dataset
        ``events`` is read; pandas.
    year : int

    Returns
    -------
    Feedback
        Right counts contacts held that are no part of another.

    Examples
    --------
    >>> import relations as rel
    >>> check_occasions("many", rel.load(), 2024).messages
    ("occasions: str 'many' is no number; give one",)
    """
    events = data.events[data.events["start"].dt.year == year]
    held, whole = events["status"] == "held", events["parent_id"].isna()
    traps = [
        (len(events), "counts every row: parts of an occasion (events.parent_id), and what was "
         "announced, cancelled or is disputed (events.status)"),
        (held.sum(), "counts an occasion and each of its parts (events.parent_id)"),
        (whole.sum(), "counts what was announced, cancelled or is disputed (events.status)"),
        ((held & ~whole).sum(), "counts the parts and leaves out the occasions"),
    ]  # fmt: skip
    return _one("occasions", answer, int((held & whole).sum()), traps)


def check_crosswalk(answer: Any, data: Any, ranks: Sequence[str], crosswalk: str) -> Feedback:
    """Check the levels at which one crosswalk places ranks.

    Parameters
    ----------
    answer : Series or mapping of rank_id to level
        Nothing, for a rank that the crosswalk leaves empty.
    data : Dataset
        ``ranks`` is read; pandas.
    ranks : sequence of str
        The ``rank_id`` of each rank asked for.
    crosswalk : {"place", "cognate"}

    Returns
    -------
    Feedback

    Raises
    ------
    ValueError
        Where a rank is not in the table, or the crosswalk is unknown.

    Examples
    --------
    >>> import relations as rel
    >>> asked = ["vn-dai-tuong", "cn-shangjiang"]
    >>> check_crosswalk({"vn-dai-tuong": 10, "cn-shangjiang": 9}, rel.load(), asked, "place"
    ...     ).messages
    ('levels: these are the levels of the other crosswalk, by cognate',)
    """
    other = {"place": "cognate", "cognate": "place"}
    if crosswalk not in other:
        raise ValueError(f"crosswalk={crosswalk!r}: use one of {', '.join(other)}")
    book = data.ranks.set_index("rank_id")
    strange = [rank for rank in ranks if rank not in book.index]
    if strange:
        raise ValueError(f"no rank {strange[0]!r} in data.ranks: look at its rank_id")

    def levels(name: str) -> Table:
        return book.loc[list(ranks), f"level_by_{name}"].dropna().astype(int).to_dict()

    why = f"these are the levels of the other crosswalk, by {other[crosswalk]}"
    traps = [(lambda: levels(other[crosswalk]), why)]
    return _many("levels", answer, levels(crosswalk), traps)


def check_levels(answer: Any, data: Any, event_id: str, scale: str = "office") -> Feedback:
    """Check the levels, on the day, of those who led the delegations to a contact.

    Parameters
    ----------
    answer : Series or mapping of person_id to level
    data : Dataset
        The tables that `relations.rank_levels` reads.
    event_id : str
    scale : {"office", "place", "cognate"}
        Level of office, or of rank by one of the crosswalks.

    Returns
    -------
    Feedback
        Right are the heads of `relations.delegation_levels` whose level is known.

    Raises
    ------
    ValueError
        Where the contact is not in the record, or the scale is unknown.

    Examples
    --------
    >>> import relations as rel
    >>> event = "2024-04-11-border-exchange-8"
    >>> check_levels({"phan-van-giang": 9, "dong-jun": 9}, rel.load(), event).messages
    ('levels: these are levels of rank by place, not of office',)
    """
    _event(data, event_id)
    if scale not in SCALES:
        raise ValueError(f"scale={scale!r}: use one of {', '.join(SCALES)}")
    right = _levels(data, event_id, scale)
    names = {"office": "office", "place": "rank by place", "cognate": "rank by cognate"}

    def today() -> Table:
        return _latest(data, list(right), scale)

    traps = [
        (lambda other=other: _levels(data, event_id, other),
         f"these are levels of {names[other]}, not of {names[scale]}")
        for other in SCALES if other != scale
    ]  # fmt: skip
    later = "a level is that of the latest office or rank, not that held on the day of the contact"
    return _many(
        "levels",
        answer,
        right,
        [*traps, (today, later)],
        "heads and hosts are asked for (participants.role) whose level is dated",
    )


def _levels(data: Any, event_id: str, scale: str) -> Table:
    levels = rank_levels(data, "place" if scale == "office" else scale)
    heads = delegation_levels(levels[levels["event_id"] == event_id])
    column = "office_level" if scale == "office" else "rank_level"
    return heads.dropna(subset=[column]).set_index("person_id")[column].astype(int).to_dict()


def _latest(data: Any, people: Sequence[str], scale: str) -> Table:
    if scale == "office":
        rows = data.appointments.merge(data.offices, on="office_id")
        column = "office_level"
    else:
        rows = data.promotions.merge(data.ranks, on="rank_id")
        column = f"level_by_{scale}"
    rows = rows[rows["person_id"].isin(people)].dropna(subset=[column]).sort_values("since")
    return rows.groupby("person_id")[column].last().astype(int).to_dict()


def check_parity(
    answer: Any, data: Any, scale: str, sides: tuple[str, str], since: str | None = None
) -> Feedback:
    """Check by how many steps the heads of the two delegations stand apart, by contact.

    Parameters
    ----------
    answer : Series or mapping of event_id to steps
        First side less second; contacts where a level is unknown have no row.
    data : Dataset
        The tables that `relations.rank_levels` reads.
    scale : {"office", "place", "cognate"}
    sides : pair of sides
    since : date, optional
        First day asked for.

    Returns
    -------
    Feedback
        Right is `relations.parity` of occasions held.

    Raises
    ------
    ValueError
        As `relations.parity`.

    Examples
    --------
    >>> import relations as rel
    >>> check_parity(None, rel.load(), "office", ("CN", "VN")).messages
    ('steps: no answer yet',)
    """

    def steps(scale: str = scale, parts: str = "fold", unknown: int | None = None) -> Table:
        heads = delegation_levels(rank_levels(data, "place" if scale == "office" else scale))
        table = parity(heads, data.events, scale, sides=sides, parts=parts)
        if since is not None:
            table = table[table["start"] >= pd.Timestamp(since)]
        difference = table.set_index("event_id")["difference"]
        if unknown is not None:
            difference = difference.fillna(unknown)
        return difference.dropna().astype(int).to_dict()

    def turned() -> Table:
        return {event: -step for event, step in steps().items()}

    traps = [
        (turned, f"the sign is turned: {sides[0]} less {sides[1]} is asked for"),
        *((lambda other=other: steps(other), f"these are steps by {other}, not by {scale}")
          for other in SCALES if other != scale),
        (lambda: steps(parts="keep"), "parts of an occasion are counted beside it "
         "(events.parent_id)"),
        (lambda: steps(unknown=0), "an unknown level is taken for equality; leave such contacts "
         "out"),
    ]  # fmt: skip
    return _many("steps", answer, steps(), traps)


def student_sheet(notebook: Any) -> Any:
    """Make the students' sheet of an instructor's notebook.

    Parameters
    ----------
    notebook : nbformat notebook
        Cells tagged ``solution`` go, and all outputs.

    Returns
    -------
    nbformat notebook
        Marked, in its metadata, as one whose outputs nobody compares.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> cells = [new_code_cell("answer = None"), new_code_cell("answer = 7")]
    >>> cells[1].metadata["tags"] = ["solution"]
    >>> [cell.source for cell in student_sheet(new_notebook(cells=cells)).cells]
    ['answer = None']
    """
    # Imported where used: who answers a sheet needs none of it.
    from nbconvert.preprocessors import ClearOutputPreprocessor, TagRemovePreprocessor

    sheet = copy.deepcopy(notebook)
    sheet, _ = TagRemovePreprocessor(remove_cell_tags=["solution"]).preprocess(sheet, {})
    sheet, _ = ClearOutputPreprocessor().preprocess(sheet, {})
    sheet.metadata["relations"] = {"reproduce": False}
    return sheet


def make_sheets(folder: Path) -> list[Path]:
    """Write the students' sheet of each notebook in ``instructor/`` beside that folder.

    Parameters
    ----------
    folder : path
        Such as ``notebooks/seminar``.

    Returns
    -------
    list of path
        The sheets written.

    Raises
    ------
    FileNotFoundError
        Where there is no instructor's notebook.

    Examples
    --------
    >>> make_sheets(Path("no-such-folder"))
    Traceback (most recent call last):
    FileNotFoundError: no notebook in no-such-folder/instructor: run this in the checkout
    """
    import nbformat

    sources = sorted((folder / "instructor").glob("*.ipynb"))
    if not sources:
        where = (folder / "instructor").as_posix()
        raise FileNotFoundError(f"no notebook in {where}: run this in the checkout")
    for source in sources:
        nbformat.write(student_sheet(nbformat.read(source, as_version=4)), folder / source.name)
    return [folder / source.name for source in sources]
