"""Draws of the record in which what is doubtful in its coding comes out differently."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from relations.record import levels
from relations.record._frames import collect, column_names, narrow
from relations.record._text import fold
from relations.record._types import TEXT
from relations.record._witnesses import originals
from relations.record.dataset import Dataset

METRIC = "with_error"
VARY = ("kind", "status", "areas", "offices", "dates", "matches")
CODED = ("kind", "status")
# Half a disagreement more on either side (H. Jeffreys): none seen in 80 is not none ever.
HALF = 0.5
# Reports coded twice that the rate of all codes is worth for the rate of one.
SHARED = 4.0
# Days within which two contacts that one side each reports may be one.
CLOSE = 3


@dataclass(frozen=True)
class Mentions:
    """Which areas reports name, an area of a report once, and what two coders make of them.

    ``place`` leads from a row of the table to the area of the report; ``settled`` tells those
    of reports coded twice, ``disputed`` those that the second coder does not name.
    """

    place: np.ndarray
    there: set[tuple[str, str, str]]
    settled: np.ndarray
    disputed: np.ndarray
    rows_of: dict[str, np.ndarray]
    once: list[tuple[str, str]]
    may_be_added: list[tuple[str, str, str]]
    coded: int
    named: int
    lost: int
    added: Counter[str]


@dataclass(frozen=True)
class Doubts:
    """What is doubtful in a record, looked up once; `draw` then takes each doubt one way."""

    data: Dataset
    vary: tuple[str, ...]
    twice: pd.DataFrame
    undated: list[tuple[dict[str, Any], str, list[str]]]
    one_or_two: list[tuple[str, str]]
    two_or_one: list[tuple[str, list[str]]]

    def draw(self, generator: np.random.Generator) -> Dataset:
        """Return the record as another coder might have left it."""
        data = self.data
        if not self.vary:
            return data
        tables: dict[str, pd.DataFrame] = {"events": data.events.copy()}
        for field in CODED:
            if field in self.vary:
                tables["events"][field] = self._recoded(field, generator)
        if "areas" in self.vary:
            tables["area_mentions"] = self._areas(generator)
        if "offices" in self.vary:
            tables["appointments"] = self._appointed(generator)
        if "dates" in self.vary:
            tables["events"] = _dated(tables["events"], data, generator)
        if "matches" in self.vary:
            self._matched(tables, generator)
        return replace(data, **tables)

    def _recoded(self, field: str, generator: np.random.Generator) -> pd.Series:
        """Change a code where the other coder's may be the right one.

        Of two codings that differ either is right as often as the other, so that a code
        changes half as often as two coders differ.
        """
        coded = self.twice[self.twice["field"] == field]
        first, second = (
            coded[name].fillna("").to_numpy(dtype="object") for name in ("first", "second")
        )
        apart, coded_events = first != second, coded["event_id"].to_numpy(dtype="object")
        common_rate = generator.beta(apart.sum() + HALF, (~apart).sum() + HALF)
        values = self.data.events[field].astype("object")
        events = self.data.events["event_id"].to_numpy(dtype="object")
        result = values.to_numpy(copy=True)
        # Codes differ in how often they are doubted; of one seldom coded twice the rate is
        # mostly that of all.
        chance = np.zeros(len(result))
        for value in values.dropna().unique():
            own = apart[first == value]
            differ, agree = own.sum(), (~own).sum()
            chance[result == value] = 0.5 * generator.beta(
                differ + SHARED * common_rate, agree + SHARED * (1 - common_rate)
            )
        chance[np.isin(events, coded_events[~apart])] = 0.0
        other = dict(zip(coded_events[apart], second[apart], strict=True))
        chance[np.isin(events, list(other))] = 0.5
        moved = Counter(zip(first[apart], second[apart], strict=True))
        common = Counter(second[apart]) or Counter(values.dropna())
        for row in np.flatnonzero(generator.random(len(result)) < chance):
            old, new = result[row], other.get(events[row])
            if new is None:
                weights = {
                    value: number + 5 * moved[old, value]
                    for value, number in common.items()
                    if value and value != old
                }
                new = _choice(weights, generator) if weights else old
            result[row] = new or old
        return pd.Series(result, values.index, name=field).astype(TEXT)

    @cached_property
    def _mentions(self) -> Mentions:
        return _mentions_of(self.data, self.twice[self.twice["field"] == "areas"])

    def _areas(self, generator: np.random.Generator) -> pd.DataFrame:
        """Take areas out of reports, and put others in, as often as two coders differ by half."""
        known, mentions = self._mentions, self.data.area_mentions
        drop = generator.beta(known.lost + HALF, known.named - known.lost + HALF) / 2
        more = generator.gamma(sum(known.added.values()) + HALF, 1 / max(known.coded, 1)) / 2
        # An area leaves a report with all its sides.
        chance = np.where(known.settled, known.disputed / 2, drop)
        gone = generator.random(len(chance)) < chance
        kept = mentions[~gone[known.place]]
        common = {area: known.added[area] + HALF for area in known.rows_of}
        extra: list[tuple[str, str, str]] = []
        for number, report in zip(
            generator.poisson(more, len(known.once)), known.once, strict=True
        ):
            areas = {_choice(common, generator) for _ in range(number)}
            extra += [(*report, area) for area in sorted(areas)]
        extra += [triple for triple in known.may_be_added if generator.random() < 0.5]
        extra = [triple for triple in extra if triple not in known.there]
        like = [
            generator.choice(known.rows_of[area]) if area in known.rows_of else 0
            for _, _, area in extra
        ]
        new = pd.DataFrame(extra, columns=["event_id", "source_id", "area"])
        said = mentions[["side", "status"]].iloc[like].reset_index(drop=True)
        new = pd.concat([new, said], axis=1).reindex(columns=mentions.columns)
        return pd.concat([kept, new.astype(mentions.dtypes.to_dict())], ignore_index=True)

    def _appointed(self, generator: np.random.Generator) -> pd.DataFrame:
        """Give those whose office no term dates one that others with its printed name held."""
        drawn: dict[tuple[str, str], str] = {}
        rows = []
        for term, printed, offices in self.undated:
            office = offices[generator.integers(len(offices))]
            office = drawn.setdefault((term["person_id"], printed), office)
            rows.append({**term, "office_id": office})
        known = self.data.appointments
        if not rows:
            return known
        new = pd.DataFrame(rows).reindex(columns=known.columns).astype(known.dtypes.to_dict())
        return pd.concat([known, new], ignore_index=True)

    def _matched(self, tables: dict[str, pd.DataFrame], generator: np.random.Generator) -> None:
        """Make one of contacts that may be one, and two of those that may be two."""
        events, data = tables["events"], self.data
        whole_of: dict[str, str] = {}
        for one, other in self.one_or_two:
            # A contact that has become part of another takes no part of its own.
            free = one not in whole_of and other not in whole_of.values()
            if generator.random() < 0.5 and free:
                whole_of.setdefault(other, one)
        part = events["event_id"].isin(list(whole_of))
        events.loc[part, "parent_id"] = events.loc[part, "event_id"].map(whole_of)
        of = [whole_of.get(occasion, occasion) for occasion in events["occasion"]]
        events["occasion"] = pd.Series(of, events.index, dtype=events["occasion"].dtype)
        split = [pair for pair in self.two_or_one if generator.random() < 0.5]
        for event, sources in split:
            twin = events[events["event_id"] == event].copy()
            name = f"{event} (second)"
            twin[["event_id", "occasion"]] = name
            events = pd.concat([events, twin], ignore_index=True)
            for table in ("reports", "participants", "area_mentions"):
                frame = tables.get(table, getattr(data, table)).copy()
                moved = (frame["event_id"] == event) & frame["source_id"].isin(sources)
                frame.loc[moved, "event_id"] = name
                tables[table] = frame
        tables["events"] = events


def _mentions_of(data: Dataset, coded: pd.DataFrame) -> Mentions:
    """Look up what two coders read differently in the reports that both read."""
    frame = data.area_mentions
    columns = (frame[name].tolist() for name in ("event_id", "source_id", "area"))
    triples = list(zip(*columns, strict=True))
    place = {triple: number for number, triple in enumerate(dict.fromkeys(triples))}
    pairs = {
        (row.event_id, row.source_id): (_listed(row.first), _listed(row.second))
        for row in coded.itertuples()
    }
    reports = zip(
        data.reports["event_id"].tolist(), data.reports["source_id"].tolist(), strict=True
    )
    return Mentions(
        place=np.array([place[triple] for triple in triples], dtype=int),
        there=set(place),
        settled=np.array([triple[:2] in pairs for triple in place], dtype=bool),
        disputed=np.array(
            [triple[:2] in pairs and triple[2] not in pairs[triple[:2]][1] for triple in place],
            dtype=bool,
        ),
        rows_of=frame.reset_index(drop=True).groupby("area").indices,
        once=[report for report in dict.fromkeys(reports) if report not in pairs],
        may_be_added=[
            (*report, area)
            for report, (one, other) in pairs.items()
            for area in sorted(other - one)
        ],
        coded=len(pairs),
        named=sum(len(one) for one, _ in pairs.values()),
        lost=sum(len(one - other) for one, other in pairs.values()),
        added=Counter(area for one, other in pairs.values() for area in other - one),
    )


def doubts(data: Dataset, vary: Iterable[str] = VARY) -> Doubts:
    """Look up what is doubtful in a record."""
    vary = tuple(vary)
    strange = [name for name in vary if name not in VARY]
    if strange:
        raise ValueError(f"with_error: vary={strange[0]!r}: use {', '.join(VARY)}")
    if data.choice:
        raise ValueError(
            "with_error: give the whole record and choose inside the measure, as in lambda "
            f"drawn: measure(drawn.where(…)): a contact coded otherwise may enter the choice "
            f"or leave it ({data.chosen})"
        )
    plain = data.convert(_plain)
    coded = plain.second_coding
    undated = _undated(plain) if "offices" in vary else []
    one, two = _unsure_matches(plain) if "matches" in vary else ([], [])
    return Doubts(plain, vary, coded, undated, one, two)


def _plain(frame: Any) -> pd.DataFrame:
    return collect(narrow(frame, METRIC, column_names(frame)))


def _choice(weights: Mapping[Any, float], generator: np.random.Generator) -> Any:
    values = list(weights)
    chances = np.array([weights[value] for value in values], dtype="float64")
    return values[generator.choice(len(values), p=chances / chances.sum())]


def _listed(cell: Any) -> set[str]:
    return set() if pd.isna(cell) else {area.strip() for area in cell.split(";") if area.strip()}


def _undated(data: Dataset) -> list[tuple[dict[str, Any], str, list[str]]]:
    """Return who leads under an office that no term dates: the days, the title, the offices.

    The offices are those of people of the same side whose printed title shares at least half
    of its words with this one; a title that is like no other is left undated.
    """
    tables = data.tables
    who = levels.led(tables, METRIC)
    dated = collect(levels.highest_office(levels.offices_held(who, tables, METRIC)))
    printed = data.participants[data.participants["role"].isin(levels.LEADING)]
    printed = printed.dropna(subset=["office_as_reported"])
    printed = printed.merge(data.people[["person_id", "side"]], on="person_id")
    named = printed.merge(dated[[*levels.KEY, "office_id"]], how="left", on=levels.KEY)
    days = data.events[["event_id", "start", "end"]]
    named = named.merge(days, on="event_id").drop_duplicates([*levels.KEY, "office_as_reported"])
    known = [
        (row.side, _words(row.office_as_reported), row.office_id)
        for row in named.dropna(subset=["office_id"]).itertuples()
    ]
    found: dict[tuple[str, str], tuple[dict[str, Any], str, list[str]]] = {}
    for row in named[named["office_id"].isna()].itertuples():
        words = _words(row.office_as_reported)
        offices = [
            office
            for side, others, office in known
            if side == row.side and 2 * len(words & others) >= len(words | others)
        ]
        if offices and (row.event_id, row.person_id) not in found:
            term = {"person_id": row.person_id, "since": row.start, "since_latest": row.start}
            term |= {"until": row.end, "until_latest": row.end}
            found[row.event_id, row.person_id] = (term, row.office_as_reported, offices)
    return list(found.values())


def _words(text: str) -> frozenset[str]:
    """Return the words of a title; scripts without spaces are taken sign by sign."""
    return frozenset(re.findall(r"[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+|\d+", fold(text)))


def _unsure_matches(data: Dataset) -> tuple[list[tuple[str, str]], list[tuple[str, list[str]]]]:
    """Return pairs of contacts that may be one, and contacts that may be two."""
    events = data.events[data.events["status"] == "held"]
    reports = originals(data, METRIC, ["start_as_reported", "start_as_reported_latest"])
    sides = reports.groupby("event_id")["side"].agg(frozenset)
    roots = events[(events["occasion"] == events["event_id"]) & (events["precision"] != "year")]
    roots = roots.assign(side=roots["event_id"].map(sides), series=roots["mechanism"].fillna(""))
    roots = roots[[isinstance(side, frozenset) and len(side) == 1 for side in roots["side"]]]
    close = pd.Timedelta(days=CLOSE)
    numbered = set(data.editions["event_id"])
    one = []
    for _, alike in roots.groupby(["kind", "series", "host"], dropna=False):
        rows = list(alike.sort_values("start").itertuples())
        for first, second in combinations(rows, 2):
            if (
                first.side != second.side
                and second.start <= first.end + close
                and first.start <= second.end + close
                and not {first.event_id, second.event_id} <= numbered
            ):
                one.append((first.event_id, second.event_id))
    two = []
    said = reports.dropna(subset=["start_as_reported"]).merge(
        events.loc[events["occasion"] == events["event_id"], ["event_id"]], on="event_id"
    )
    by_side: dict[str, dict[str, tuple[pd.Timestamp, pd.Timestamp]]] = {}
    days = said.groupby(["event_id", "side"]).agg(
        first=("start_as_reported", "min"), last=("start_as_reported_latest", "max")
    )
    for row in days.reset_index().itertuples():
        by_side.setdefault(row.event_id, {})[row.side] = (row.first, row.last)
    sources = said.groupby(["event_id", "side"])["source_id"].agg(list)
    for event, spans in by_side.items():
        for side, (first_day, last_day) in spans.items():
            rest = [span for other, span in spans.items() if other != side]
            if rest and all(
                begin > last_day + close or end < first_day - close for begin, end in rest
            ):
                two.append((event, sources[event, side]))
                break
    return one, two


def _dated(events: pd.DataFrame, data: Dataset, generator: np.random.Generator) -> pd.DataFrame:
    """Place contacts known to the month or year on a day of it, all days alike."""
    coarse = events["precision"] != "day"
    since, until = data.span
    first = events.loc[coarse, "start"].clip(lower=since)
    last = events.loc[coarse, "end"].clip(upper=until)
    # A contact and its parts known alike are placed together.
    together = events.loc[coarse].groupby(["occasion", "start", "end"]).ngroup()
    share = generator.random(together.max() + 1 if len(together) else 0)[together]
    length = (last - first).dt.days + 1
    day = first + pd.to_timedelta(np.floor(share * length.clip(lower=1)), unit="D")
    # A pledge is not kept before it was made.
    placed = pd.Series(day.to_numpy(), index=events.loc[coarse, "event_id"])
    starts = events.set_index("event_id")["start"].copy()
    ends = events.set_index("event_id")["end"]
    starts.update(placed)
    kept = data.pledges.dropna(subset=["kept_by"])
    for made, done in zip(kept["event_id"], kept["kept_by"], strict=True):
        if done in placed.index and made in starts.index and placed[done] < starts[made]:
            placed[done] = min(starts[made], ends[done])
    events = events.copy()
    for column in ("start", "end"):
        events.loc[coarse, column] = placed.to_numpy()
    return events.assign(precision=events["precision"].mask(coarse, "day"))
