"""Coding rules on what rows of one contact say together: report, mention, position, host."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from relations.record import _dates
from relations.record._package import Violation
from relations.record.coding import CODING_RULES, Tables, coding_rule

# `check` takes the rules from here: those of coding.py and these, in the order of the files.
__all__ = ["CODING_RULES"]

ON_THE_WIRE = ("phone", "video")
LONGEST_POSITION = 30
# The area that a contact of a kind is itself the deed in.
OWN_AREA = {"port_call": ("ship_visit",), "joint_patrol": ("joint_patrol_sea", "border_management")}

# Letters that a language is written with and others are not, as Unicode names them.
SCRIPTS = {
    "zh": ("CJK",), "ja": ("CJK", "HIRAGANA", "KATAKANA"), "ko": ("HANGUL", "CJK"),
    "ru": ("CYRILLIC",), "uk": ("CYRILLIC",), "ar": ("ARABIC",), "hi": ("DEVANAGARI",),
}  # fmt: skip
FOREIGN = tuple(sorted({script for scripts in SCRIPTS.values() for script in scripts}))
# Languages of whose words hardly any are without a mark.
MARKED = ("vi",)


@coding_rule("events", "reports", "event_places", "participants")
def one_page_two_contacts(tables: Tables) -> Iterator[Violation]:
    """What one page alone tells of one kind, day, place and the same people is one contact."""
    events = {row["event_id"]: (line, row) for line, row in tables["events"]}
    told, places, people = defaultdict(set), defaultdict(set), defaultdict(set)
    for _, report in tables["reports"]:
        told[report["event_id"]].add(report["source_id"])
    for _, place in tables["event_places"]:
        places[place["event_id"]].add(place["place_id"])
    for _, person in tables["participants"]:
        people[person["event_id"]].add(person["person_id"])
    alone = defaultdict(list)
    for event, sources in told.items():
        if len(sources) == 1 and event in events:
            row = events[event][1]
            alike = row["kind"], row["host"], frozenset(people[event])
            alone[next(iter(sources)), alike].append(event)
    for group in alone.values():
        for one, other in combinations(sorted(group), 2):
            (_, first), (line, second) = events[one], events[other]
            whole_and_part = {first["parent_id"], second["parent_id"]} & {one, other}
            if whole_and_part or not (first["start"] and second["start"]):
                continue
            common_day = _dates.may_coincide(first["start"], second["start"])
            if common_day and places[one] & places[other]:
                remedy = (
                    f"{one} has the same page, kind, host, people, place and days: keep one row"
                )
                yield tables["events"].violation(
                    line, "event_id", other, "contact-coded-twice", remedy
                )


@coding_rule("reports")
def basis_of_a_date(tables: Tables) -> Iterator[Violation]:
    """How a date is known is said of a date, and of every date."""
    for line, row in tables["reports"]:
        if row["date_basis"] and not row["start_as_reported"]:
            remedy = "give the date that the page has, or leave the basis empty too"
            yield tables["reports"].violation(
                line, "date_basis", row["date_basis"], "basis-without-date", remedy
            )
        if row["start_as_reported"] and not row["date_basis"]:
            remedy = "say whether the date is printed on the page or inferred"
            yield tables["reports"].violation(
                line, "start_as_reported", row["start_as_reported"], "date-without-basis", remedy
            )


@coding_rule("events")
def host_on_the_wire(tables: Tables) -> Iterator[Violation]:
    """Nobody is host by telephone or video; at sea together both are, or one."""
    for line, row in tables["events"]:
        if row["mode"] in ON_THE_WIRE and row["host"] not in ("", "none"):
            remedy = f"a contact by {row['mode']} has host none"
            yield tables["events"].violation(line, "host", row["host"], "host-on-the-wire", remedy)
        if row["mode"] == "at_sea" and row["host"] == "none":
            remedy = "at sea together the host is both, or the side whose waters or port it is"
            yield tables["events"].violation(line, "host", "none", "host-at-sea", remedy)


@coding_rule("area_mentions")
def both_propose_nothing(tables: Tables) -> Iterator[Violation]:
    """What both sides want together is agreed: a wish has one side."""
    for line, row in tables["area_mentions"]:
        if row["side"] == "joint" and row["status"] == "proposed":
            remedy = "what both want is agreed, and a wish of one side has that side"
            yield tables["area_mentions"].violation(
                line, "status", "proposed", "joint-proposal", remedy
            )


@coding_rule("events", "area_mentions")
def own_activity_is_done(tables: Tables) -> Iterator[Violation]:
    """A patrol or port call that was held is itself a deed in its area."""
    held = {
        row["event_id"]: OWN_AREA[row["kind"]]
        for _, row in tables["events"]
        if row["status"] == "held" and row["kind"] in OWN_AREA
    }
    own = defaultdict(list)
    for line, row in tables["area_mentions"]:
        if row["area"] in held.get(row["event_id"], ()):
            own[row["event_id"]].append((line, row))
    for event, rows in own.items():
        if all(row["status"] != "done" for _, row in rows):
            line, row = rows[0]
            remedy = f"{event} was held, so its own activity is done"
            yield tables["area_mentions"].violation(
                line, "status", row["status"], "own-activity", remedy
            )


@coding_rule("events", "participants", "agreements")
def witness_of_a_signing(tables: Tables) -> Iterator[Violation]:
    """A witness sees a document signed."""
    signings = {row["event_id"] for _, row in tables["agreements"]}
    signings |= {row["event_id"] for _, row in tables["events"] if row["kind"] == "agreement"}
    parents = {row["event_id"]: row["parent_id"] for _, row in tables["events"]}
    signings |= {parents.get(event, "") for event in set(signings)}
    for line, row in tables["participants"]:
        if row["role"] == "witness" and row["event_id"] not in signings:
            remedy = "nothing was signed at the contact: the person is a member or host"
            yield tables["participants"].violation(
                line, "role", "witness", "witness-of-nothing", remedy
            )


@coding_rule("sources", "participants")
def office_in_the_language_of_its_page(tables: Tables) -> Iterator[Violation]:
    """An office as printed has the letters of the page: a translation is not what it prints."""
    languages = {row["source_id"]: row["language"] for _, row in tables["sources"]}
    for line, row in tables["participants"]:
        for column in ("office_as_reported", "rank_as_reported"):
            language = languages.get(row["source_id"], "")
            if row[column] and language and not _may_stand_in(row[column], language):
                remedy = f"the page is in {language}: take its own words, or leave the cell empty"
                yield tables["participants"].violation(
                    line, column, row[column], "translated-not-printed", remedy
                )


def _may_stand_in(text: str, language: str) -> bool:
    """Whether the letters of a text are those of a language."""
    letters = {unicodedata.name(letter, "") for letter in text if not letter.isascii()}
    if language in SCRIPTS:
        return any(name.startswith(SCRIPTS[language]) for name in letters)
    if language in MARKED:
        return bool(letters)
    return not any(name.startswith(FOREIGN) for name in letters)


@coding_rule("positions")
def position_of_one_thing(tables: Tables) -> Iterator[Violation]:
    """A position belongs to a contact or a circumstance, in few words of one's own."""
    for line, row in tables["positions"]:
        if bool(row["event_id"]) == bool(row["context_id"]):
            remedy = "fill in event_id or context_id, and only one of them"
            yield tables["positions"].violation(
                line, "event_id", row["event_id"], "position-of-what", remedy
            )
        words = len(row["position"].split())
        if words > LONGEST_POSITION:
            remedy = f"{words} words, of at most {LONGEST_POSITION}: one position to a row"
            yield tables["positions"].violation(
                line, "position", row["position"], "position-too-long", remedy
            )


@coding_rule("context")
def ended_after_start(tables: Tables) -> Iterator[Violation]:
    """What is over did not end itself."""
    for line, row in tables["context"]:
        if row["ended_by"] and row["ended_by"] == row["context_id"]:
            remedy = "name what ended it, or leave the cell empty"
            yield tables["context"].violation(
                line, "ended_by", row["ended_by"], "ended-by-itself", remedy
            )
