"""The coding rules: one named function for each thing that a schema cannot say.

Each is marked with `coding_rule` and the tables that it reads; `relations.record.rules`
runs those whose tables are whole.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations

from relations.record import _dates
from relations.record._package import Table, Violation

Tables = dict[str, Table]
Rule = Callable[[Tables], Iterator[Violation]]
# Each coding rule with the tables that it reads.
CODING_RULES: list[tuple[Rule, tuple[str, ...]]] = []

NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
# Eighteen digits are what a 64-bit integer holds for sure.
NUMBERS = {"integer": re.compile(r"-?\d{1,18}", re.ASCII), "number": NUMBER}


def coding_rule(*names: str) -> Callable[[Rule], Rule]:
    """Add a function to what `check` runs, wherever the tables that it reads are whole."""

    def add(function: Rule) -> Rule:
        CODING_RULES.append((function, names))
        return function

    return add


def _days(row: dict[str, str]) -> tuple[str, str]:
    """Return the first and the last day that a row with a start and perhaps an end allows."""
    return _dates.first_day(row["start"]), _dates.last_day(row["end"] or row["start"])


def _by(table: Table, column: str) -> dict[str, dict[str, str]]:
    """Return the rows by their id; what an unknown id refers to is `unknown-id`'s matter."""
    return {row[column]: row for row in table.rows}


@coding_rule("events", "context", "appointments", "reported_counts")
def end_before_start(tables: Tables) -> Iterator[Violation]:
    """An interval does not end before it starts."""
    for name, since, until in (
        ("events", "start", "end"),
        ("context", "start", "end"),
        ("appointments", "since", "until"),
        ("reported_counts", "since", "until"),
    ):
        for line, row in tables[name]:
            if (
                row[since]
                and row[until]
                and _dates.last_day(row[until]) < _dates.first_day(row[since])
            ):
                remedy = f"{until} lies before {since} {row[since]}: one of them is wrong"
                yield tables[name].violation(line, until, row[until], "end-before-start", remedy)


@coding_rule("events")
def child_outside_parent(tables: Tables) -> Iterator[Violation]:
    """A part lies inside its whole, as far as the dates can tell, and was held only with it."""
    events = tables["events"]
    by_id = _by(events, "event_id")
    for line, row in events:
        parent = by_id.get(row["parent_id"])
        if parent is None or not (row["start"] and parent["start"]):
            continue
        parent_start, parent_end = _days(parent)
        end = row["end"] or row["start"]
        if (
            _dates.last_day(row["start"]) < parent_start
            or _dates.first_day(row["start"]) > parent_end
            or _dates.first_day(end) > parent_end
        ):
            remedy = (
                f"the parent lasts from {parent_start} to {parent_end}: mend dates or parent_id"
            )
            yield events.violation(line, "start", row["start"], "child-outside-parent", remedy)
        if row["status"] == "held" and parent["status"] != "held":
            remedy = f"the parent is {parent['status']}: a part is held only with the whole"
            yield events.violation(
                line, "parent_id", row["parent_id"], "child-outside-parent", remedy
            )
        if row["parent_id"] == row["event_id"] or parent["parent_id"]:
            remedy = "parts are one level deep: name the occasion that has no parent itself"
            yield events.violation(line, "parent_id", row["parent_id"], "nested-parent", remedy)


@coding_rule("events")
def replacement(tables: Tables) -> Iterator[Violation]:
    """Something else took the place only of what was not held."""
    for line, row in tables["events"]:
        other = row["replaced_by"]
        if other and row["status"] == "held":
            remedy = "the contact was held, so nothing took its place: leave it empty"
            yield tables["events"].violation(
                line, "replaced_by", other, "replaced-but-held", remedy
            )
        elif other and other == row["event_id"]:
            remedy = "name the other contact that took its place"
            yield tables["events"].violation(
                line, "replaced_by", other, "replaced-by-itself", remedy
            )


@coding_rule("events", "reports")
def event_without_report(tables: Tables) -> Iterator[Violation]:
    """An event exists only if a report of it was read."""
    reported = {row["event_id"] for row in tables["reports"].rows}
    for line, row in tables["events"]:
        if row["event_id"] not in reported:
            remedy = "add the report to reports.csv, or drop the event"
            yield tables["events"].violation(
                line, "event_id", row["event_id"], "event-without-report", remedy
            )


@coding_rule("events", "reports", "sources")
def report_before_event(tables: Tables) -> Iterator[Violation]:
    """Nobody reports an event as held before it starts; who announces it may."""
    sources, events = _by(tables["sources"], "source_id"), _by(tables["events"], "event_id")
    for line, row in tables["reports"]:
        event, source = events.get(row["event_id"]), sources.get(row["source_id"])
        if event is None or source is None or not (event["start"] and source["published"]):
            continue
        published, start = source["published"], _dates.first_day(event["start"])
        told = event["status"] == "held" and row["main"] == "true"
        if told and _dates.last_day(published) < start:
            remedy = (
                f"published {published}, but the event starts {event['start']}: mend either date; "
                "where the page only announces it, main is false"
            )
            yield tables["reports"].violation(
                line, "source_id", row["source_id"], "report-before-event", remedy
            )


@coding_rule("events", "reports")
def unexplained_date(tables: Tables) -> Iterator[Violation]:
    """Where a report gives another start than the event holds, a note says why."""
    events = _by(tables["events"], "event_id")
    for line, row in tables["reports"]:
        reported, event = row["start_as_reported"], events.get(row["event_id"])
        if event is None or not (reported and event["start"]) or row["note"] or event["note"]:
            continue
        if not _dates.may_coincide(reported, event["start"]):
            remedy = f"the event starts {event['start']}: say in a note why the values differ"
            yield tables["reports"].violation(
                line, "start_as_reported", reported, "unexplained-date", remedy
            )


@coding_rule("reports", "participants", "area_mentions", "pledges")
def unreported_source(tables: Tables) -> Iterator[Violation]:
    """What is coded from a source about an event needs that source to report the event."""
    pairs = {(row["event_id"], row["source_id"]) for row in tables["reports"].rows}
    for name in ("participants", "area_mentions", "pledges"):
        for line, row in tables[name]:
            if (row["event_id"], row["source_id"]) not in pairs:
                remedy = (
                    f"add {row['event_id']} + {row['source_id']} to reports.csv, or mend either"
                )
                yield tables[name].violation(
                    line, "source_id", row["source_id"], "unreported-source", remedy
                )


@coding_rule("sources")
def one_page_twice(tables: Tables) -> Iterator[Violation]:
    """One page is one source, even where a wire item prints its text twice."""
    sources = tables["sources"]
    pages = defaultdict(list)
    for line, row in sources:
        if row["url"]:
            pages[row["url"]].append((line, row["source_id"]))
    for url, places in pages.items():
        for line, _ in places[1:]:
            remedy = f"the page is source {places[0][1]} already: use that one"
            yield sources.violation(line, "url", url, "one-page-twice", remedy)


@coding_rule("sources")
def reprint_of_itself(tables: Tables) -> Iterator[Violation]:
    """A reprint names the original, never itself or another reprint."""
    sources = tables["sources"]
    by_id = _by(sources, "source_id")
    for line, row in sources:
        origin = row["reprint_of"]
        if origin == row["source_id"] or by_id.get(origin, {}).get("reprint_of"):
            remedy = "name the original, which is itself no reprint"
            yield sources.violation(line, "reprint_of", origin, "reprint-of-reprint", remedy)


@coding_rule("sides", "people", "promotions", "appointments", "ranks", "offices")
def other_side(tables: Tables) -> Iterator[Violation]:
    """Ranks and offices are those of the person's own side."""
    people, sides = _by(tables["people"], "person_id"), _by(tables["sides"], "side")
    for name, column, scale in (
        ("promotions", "rank_id", "ranks"),
        ("appointments", "office_id", "offices"),
    ):
        held = _by(tables[scale], column)
        for line, row in tables[name]:
            one, other = held.get(row[column]), people.get(row["person_id"])
            if not (one and other and {one["side"], other["side"]} <= sides.keys()):
                continue
            if one["side"] != other["side"]:
                remedy = (
                    f"the person is of side {other['side']}, "
                    f"the {column[:-3]} of side {one['side']}"
                )
                yield tables[name].violation(line, column, row[column], "other-side", remedy)


@coding_rule("promotions", "ranks")
def ranks_never_fall(tables: Tables) -> Iterator[Violation]:
    """A later promotion is to a higher rank, on either scale that knows both."""
    promotions, ranks = tables["promotions"], _by(tables["ranks"], "rank_id")
    seen: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for line, row in sorted(
        promotions, key=lambda each: _dates.first_day(each[1]["since"] or "0000")
    ):
        since, rank = row["since"], ranks.get(row["rank_id"])
        if not since or rank is None:
            continue
        for earlier, other in seen[row["person_id"]]:
            if _dates.last_day(earlier) < _dates.first_day(since) and any(
                _is_lower(rank[scale], ranks[other][scale])
                for scale in ("level_by_cognate", "level_by_place")
            ):
                remedy = f"{other} was reached in {earlier}, and is higher: one date is wrong"
                yield promotions.violation(line, "since", since, "ranks-never-fall", remedy)
        seen[row["person_id"]].append((since, row["rank_id"]))


def _is_lower(one: str, other: str) -> bool:
    numbers = NUMBERS["integer"]
    return bool(numbers.fullmatch(one) and numbers.fullmatch(other) and int(one) < int(other))


@coding_rule("appointments", "offices")
def one_holder_at_a_time(tables: Tables) -> Iterator[Violation]:
    """Two people do not hold a singular office on one day, as far as the dates can tell."""
    appointments = tables["appointments"]
    singular = {row["office_id"] for row in tables["offices"].rows if row["singular"] == "true"}
    terms: defaultdict[str, list[tuple[int, dict[str, str]]]] = defaultdict(list)
    for line, row in appointments:
        if row["office_id"] not in singular or not row["since"]:
            continue
        for other_line, other in terms[row["office_id"]]:
            if row["person_id"] != other["person_id"] and not (
                _hands_over(row, other) or _hands_over(other, row)
            ):
                remedy = (
                    f"line {other_line} has {other['person_id']} in the same office from "
                    f"{other['since']} to {other['until'] or 'an open end'}: mend the dates, "
                    "or give the earlier term its end"
                )
                yield appointments.violation(
                    line, "office_id", row["office_id"], "one-holder-at-a-time", remedy
                )
        terms[row["office_id"]].append((line, row))


def _hands_over(earlier: dict[str, str], later: dict[str, str]) -> bool:
    until = earlier["until"]
    return bool(until) and _dates.first_day(until) <= _dates.last_day(later["since"])


@coding_rule("participants", "events", "event_places")
def two_places_on_one_day(tables: Tables) -> Iterator[Violation]:
    """Whoever is in two places on one day has a note that says how.

    Compared are contacts held in person whose days and places are known, where the days of
    one lie within those of the other; a part and its whole are one occasion.
    """
    participants, events = tables["participants"], _by(tables["events"], "event_id")
    places: defaultdict[str, set[str]] = defaultdict(set)
    for row in tables["event_places"].rows:
        places[row["event_id"]].add(row["place_id"])
    attended: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for line, row in participants:
        event = events.get(row["event_id"])
        if (
            event is not None
            and (event["status"], event["mode"]) == ("held", "in_person")
            and len(event["start"]) == 10 == len(event["end"] or event["start"])
            and row["event_id"] in places
        ):
            attended[row["person_id"]].setdefault(row["event_id"], line)
    for person, lines in attended.items():
        for (one, _), (other, line) in combinations(lines.items(), 2):
            if (
                not places[one] & places[other]
                and _within(events[one], events[other])
                and _occasion(events[one]) != _occasion(events[other])
                and not (events[one]["note"] or events[other]["note"])
            ):
                remedy = (
                    f"{one} puts the same person elsewhere on that day: mend a date or a place, "
                    "or say in a note of either contact how both can be"
                )
                yield participants.violation(
                    line, "person_id", person, "two-places-on-one-day", remedy
                )


def _within(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether the days of one contact all lie within those of the other."""
    (start, end), (other_start, other_end) = sorted(
        (_days(one), _days(other)), key=lambda days: (days[0], days[1])
    )
    return end >= other_end or start == other_start


def _occasion(event: dict[str, str]) -> str:
    return event["parent_id"] or event["event_id"]


@coding_rule("places", "outlines")
def place_in_its_country(tables: Tables) -> Iterator[Violation]:
    """The coordinates of a place lie within the outline of its side, or not far off it."""
    rings: defaultdict[str, defaultdict[str, list[tuple[float, float]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    points = [
        row
        for row in tables["outlines"].rows
        if _is_on_earth(row) and NUMBERS["integer"].fullmatch(row["point"])
    ]
    for row in sorted(points, key=lambda each: int(each["point"])):
        rings[row["side"]][row["ring"]].append((float(row["lon"]), float(row["lat"])))
    for line, row in tables["places"]:
        outline = rings.get(row["country"])
        if outline is None or not _is_on_earth(row):
            continue
        point = float(row["lon"]), float(row["lat"])
        if not any(_encloses(ring, point) for ring in outline.values()):
            remedy = (
                f"longitude {row['lon']} is not in {row['country']} at this latitude: "
                "mend the coordinates (are they exchanged?) or the country"
            )
            yield tables["places"].violation(
                line, "lat", row["lat"], "place-in-its-country", remedy
            )


def _is_on_earth(row: dict[str, str]) -> bool:
    return bool(
        NUMBER.fullmatch(row["lat"])
        and NUMBER.fullmatch(row["lon"])
        and abs(float(row["lat"])) <= 90
        and abs(float(row["lon"])) <= 180
    )


# Outlines at 1:10 million leave out spits and bays a dozen kilometres long.
BORDER_KM = 15.0
KM_PER_DEGREE = 111.2


def _encloses(ring: list[tuple[float, float]], point: tuple[float, float]) -> bool:
    """Whether a point lies inside a closed line, or no further from it than `BORDER_KM`."""
    inside = False
    shrink = math.cos(math.radians(point[1]))
    for (x, y), (to_x, to_y) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y > point[1]) != (to_y > point[1]):
            inside ^= point[0] < x + (point[1] - y) / (to_y - y) * (to_x - x)
        across, along = (to_x - x) * shrink, to_y - y
        off_x, off_y = (point[0] - x) * shrink, point[1] - y
        length = across**2 + along**2
        part = min(1.0, max(0.0, (off_x * across + off_y * along) / length)) if length else 0.0
        distance = math.hypot(off_x - part * across, off_y - part * along)
        if distance * KM_PER_DEGREE <= BORDER_KM:
            return True
    return inside


@coding_rule("promotions")
def promotions_in_order(tables: Tables) -> Iterator[Violation]:
    """The dates of a person's promotions say which came later."""
    promotions = tables["promotions"]
    seen: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for line, row in promotions:
        since = row["since"]
        for earlier_line, other in seen[row["person_id"]] if since else []:
            if _dates.may_coincide(since, other):
                remedy = (
                    f"line {earlier_line} has {other} for the same person: give both so "
                    "precisely that the order is known, or leave one empty"
                )
                yield promotions.violation(line, "since", since, "promotions-in-order", remedy)
        if since:
            seen[row["person_id"]].append((line, since))


@coding_rule("pledges", "events")
def kept_pledge(tables: Tables) -> Iterator[Violation]:
    """A kept pledge names the held event that kept it, and only a kept one does."""
    pledges, events = tables["pledges"], _by(tables["events"], "event_id")
    for line, row in pledges:
        kept_by = row["kept_by"]
        if (row["outcome"] == "kept") != bool(kept_by):
            remedy = "outcome kept and an event in kept_by go together"
            yield pledges.violation(line, "outcome", row["outcome"], "kept-pledge", remedy)
        elif kept_by in events and events[kept_by]["status"] != "held":
            remedy = "only an event that was held keeps a pledge"
            yield pledges.violation(line, "kept_by", kept_by, "kept-pledge", remedy)
        elif {kept_by, row["event_id"]} <= events.keys():
            keeper, made = events[kept_by], events[row["event_id"]]
            if (
                keeper["start"]
                and made["start"]
                and _days(keeper)[1] < _dates.first_day(made["start"])
            ):
                remedy = (
                    f"{kept_by} was over before the pledge of {made['start']} was made: "
                    "name what came after it"
                )
                yield pledges.violation(line, "kept_by", kept_by, "kept-before-made", remedy)


@coding_rule("editions", "events", "sides")
def one_edition_once(tables: Tables) -> Iterator[Violation]:
    """Within one side's count a mechanism has each edition once."""
    editions = tables["editions"]
    seen: dict[tuple[str, str, str], str] = {}
    for line, row, event, sides in _counted(tables):
        if not event["mechanism"]:
            remedy = "an edition counts within a mechanism: give the event one"
            yield editions.violation(line, "event_id", row["event_id"], "one-edition-once", remedy)
            continue
        for side in sides:
            key = event["mechanism"], side, row["edition"]
            if seen.setdefault(key, row["event_id"]) != row["event_id"]:
                remedy = f"{seen[key]} of {key[0]} has this edition for {side}: mend one"
                yield editions.violation(
                    line, "edition", row["edition"], "one-edition-once", remedy
                )
                break


@coding_rule("editions", "events", "sides")
def editions_rise(tables: Tables) -> Iterator[Violation]:
    """Within one side's count a later edition has the higher number."""
    editions = tables["editions"]
    series: defaultdict[tuple[str, str], list[tuple[int, int, dict[str, str]]]] = defaultdict(list)
    for line, row, event, sides in _counted(tables):
        if not (event["start"] and NUMBERS["integer"].fullmatch(row["edition"])):
            continue
        number = int(row["edition"])
        for other_line, other, earlier in (
            each for side in sides for each in series[event["mechanism"], side]
        ):
            low, high = (event, earlier) if number < other else (earlier, event)
            if number != other and _dates.first_day(low["start"]) > _dates.last_day(high["start"]):
                remedy = (
                    f"line {other_line} has edition {other} on {earlier['start']}, this is of "
                    f"{event['start']}: numbers rise with time, so mend a number or a date"
                )
                yield editions.violation(line, "edition", row["edition"], "editions-rise", remedy)
                break
        for side in sides:
            series[event["mechanism"], side].append((line, number, event))


@coding_rule("absences", "editions", "events", "sides")
def absent_edition_is_held(tables: Tables) -> Iterator[Violation]:
    """What is listed as not found is not in the record."""
    held = {
        (event["mechanism"], side, row["edition"]): row["event_id"]
        for _, row, event, sides in _counted(tables)
        for side in sides
    }
    everyone = [row["side"] for row in tables["sides"].rows]
    for line, row in tables["absences"]:
        for side in everyone if row["side"] == "both" else [row["side"]]:
            found = held.get((row["mechanism"], side, row["edition"]))
            if found:
                remedy = f"{found} has this number for {side}: drop the row, or mend the number"
                yield tables["absences"].violation(
                    line, "edition", row["edition"], "absent-edition-is-held", remedy
                )
                break


def _counted(
    tables: Tables,
) -> Iterator[tuple[int, dict[str, str], dict[str, str], list[str]]]:
    """Yield each edition of a held event with the event and the sides whose count it is."""
    events = _by(tables["events"], "event_id")
    everyone = [row["side"] for row in tables["sides"].rows]
    for line, row in tables["editions"]:
        event = events.get(row["event_id"])
        if event is not None and event["status"] == "held":
            yield line, row, event, everyone if row["side"] == "both" else [row["side"]]
