"""The dataset: the tables as typed frames, narrowed by a choice, flattened, saved."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from relations import record
from relations.record import _dates
from relations.record._package import schema
from relations.record._periods import DAY, Span

HELD = ("held",)
# What contacts are tied to: the table of things, of ties, and the texts a thing goes by.
LINKED: dict[str, dict[str, Any]] = {
    "person": {
        "things": "people",
        "key": "person_id",
        "links": "participants",
        "texts": ["name", "native_name", "aliases"],
    },
    "place": {
        "things": "places",
        "key": "place_id",
        "links": "event_places",
        "texts": ["name", "native_name", "aliases"],
        "within": "admin",
    },
    "area": {"things": "areas", "key": "area", "links": "area_mentions", "texts": ["label"]},
}


Values: TypeAlias = str | Sequence[str] | None
Moment: TypeAlias = int | str | datetime.date | None


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class Dataset:
    """Every table as a typed frame, with what the record covers and which contacts were chosen.

    Each attribute named in ``datapackage.json`` is a frame: ``data.events``,
    ``data.reports``, ``data.participants`` and so on; `codebook` explains their columns.
    Dates are timestamps: a column ``since`` holds the first possible day and
    ``since_latest`` the last; ``start`` and ``end`` of an event are the first and the last
    possible day of the whole contact, beside ``precision`` (day, month or year).
    ``occasion`` is the contact itself, or the one that it is a part of.

    `where` narrows all tables at once, `contacts` and `dyad` lay them flat, `save` writes
    them for other software. The frames are the caller's own: changing them changes neither
    files nor other loads, and every result counts them as they stand. A choice has frames of
    its own; change the record before choosing from it.
    """

    sides: Any
    events: Any
    editions: Any
    event_places: Any
    places: Any
    sources: Any
    reports: Any
    ships: Any
    event_ships: Any
    people: Any
    ranks: Any
    offices: Any
    promotions: Any
    appointments: Any
    participants: Any
    areas: Any
    area_mentions: Any
    agreements: Any
    pledges: Any
    mechanisms: Any
    reported_counts: Any
    context: Any
    positions: Any
    absences: Any
    benchmarks: Any
    second_coding: Any
    outlines: Any
    literature: Any
    versions: Any
    name: str
    title: str
    version: str
    covered: Mapping[str | None, Span]
    checksum: str
    choice: tuple[str, ...] = ()
    status: tuple[str, ...] = HELD
    _whole: Dataset | None = None
    _left: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, Any]:
        """The frames by the names of their tables."""
        return {
            each.name: getattr(self, each.name) for each in fields(self) if each.name in schema()
        }

    @property
    def whole(self) -> Dataset:
        """The record before anything was chosen: where a chosen contact refers to others.

        Raises
        ------
        ValueError
            Where a frame was changed after the choice, which what was left out knows nothing of.
        """
        if self._whole is None:
            return self
        changed = record._kept.changed(self.tables, self._left)
        if changed:
            raise ValueError(
                f"{' and '.join(changed)} changed after the choice ({self.chosen}), and what is "
                "asked needs what the choice left out too, which was not changed alike: change "
                "the whole record first, then choose from it with where(...)"
            )
        return replace(self._whole, **record._kept.copies(self._whole.tables))

    @property
    def span(self) -> Span:
        """First and last day that the record covers for every kind of contact."""
        return max(s for s, _ in self.covered.values()), min(u for _, u in self.covered.values())

    def span_of(self, kind: str) -> Span:
        """First and last day that the record covers for one kind of contact."""
        return self.covered.get(kind, self.covered[None])

    @property
    def names(self) -> dict[str, str]:
        """What to print for the ids of sides, channels, areas, persons and offices."""
        return record._names.names(self.tables)

    @property
    def caption(self) -> str:
        """One line for figures: what the numbers come from, the span covered, the choice."""
        since, until = self.span
        days = f"{since:%Y-%m-%d} to {until:%Y-%m-%d}" if since <= until else "no day"
        pages = record._frames.count_values(self.reports, "caption", "source_id")
        line = f"{self.title} {self.version}: {pages:,} source{'s' * (pages != 1)}, {days}"
        return f"{line}; {self.chosen}" if self.choice else line

    @property
    def chosen(self) -> str:
        """The choice in words; empty where nothing was chosen."""
        return ", ".join(self.choice)

    def where(
        self,
        *,
        kind: Values = None,
        channel: Values = None,
        since: Moment = None,
        until: Moment = None,
        tier: Values = None,
        level: int | Sequence[int | None] | None = None,
        reported_by: Values = None,
        witnesses: str = "any",
        person: Values = None,
        place: Values = None,
        area: Values = None,
        status: Values = None,
        host: Values = None,
        setting: Values = None,
        precision: Values = None,
        title: str | None = None,
    ) -> Dataset:
        """Choose contacts; all tables are narrowed to them, and the span to the days asked for.

        Each condition takes one value or several, of which any will do; a contact has to
        fulfil every condition. Conditions that no contact fulfils leave none: counts of them
        are 0, lists and estimates have no row, and a test or a model, which needs contacts to
        speak of, says in a sentence how many.

        Parameters
        ----------
        kind, channel, host, status : str or sequence of str
            Values of ``kind``, ``mechanism``, ``host`` and ``status`` in ``events``;
            ``[None]`` for contacts without a channel, or without a known host. Measures count
            the status chosen, and ``held`` where none is.
        since, until : year, month or day
            Such as ``2010``, ``"2010-05"`` or a date: contacts that start then, both ends
            included. Contacts known only to a month or year that the day cuts are left
            out, and the choice says how many.
        tier : str or sequence of str
            By those who head or receive at the contact or at a part of it: leader,
            vice-chair, minister (a defence minister, whatever other seat he holds),
            commission, deputy, working; outside the scale, undated, unnamed.
        level : int or None, or sequence of them
            Office level of the highest head; ``[None]`` for contacts without one.
        reported_by : str or sequence of str
            Sides whose own outlets report the contact; a reprint is no second witness.
        witnesses : {"any", "all", "only"}
            Whether one of these sides is enough, each has to report it, or none other may.
        person, place, area : str or sequence of str
            By id or by any name in the tables, with or without tone marks; a place also by
            its province.
        setting : {"bilateral", "margin", "multilateral"} or several
            Whether the two met for each other, beside a meeting of many, or among many.
        precision : {"day", "month", "year"} or several
            How well the date is known.
        title : str
            Words that all stand in the title, with or without tone marks.

        Returns
        -------
        Dataset
            Its ``choice`` says what was asked for, and so do its caption and every result.

        Raises
        ------
        ValueError
            Where a value asked for stands nowhere in the record; the message lists near ones.

        Examples
        --------
        >>> import relations as rel
        >>> navy = rel.load().where(channel="naval_joint_patrol", since=2010)
        >>> navy.choice
        ('channel naval_joint_patrol', 'since 2010-01-01')
        >>> navy.where(place="Điện Biên").contacts.empty
        True
        """
        record.choice.check_witnesses(witnesses, reported_by)
        root, found = self.whole, []
        whole = root.tables
        listed = record._witnesses.table(root, record.choice.WHERE, "mechanisms", ["mechanism"])
        for name, column, wanted, also in (
            ("kind", "kind", kind, ()),
            ("channel", "mechanism", channel, listed["mechanism"]),
            ("host", "host", host, ()),
            ("status", "status", status, ()),
            ("precision", "precision", precision, _dates.COARSENESS),
        ):
            if wanted is not None:
                found.append(record.choice.own_column(whole, name, column, wanted, also=also))
        if setting is not None:
            found.append(record.choice.setting(setting))
        if tier is not None:
            found.append(record.choice.tier(root._tiers, tier))
        if level is not None:
            found.append(record.choice.level(whole, level))
        if reported_by is not None:
            found.append(record.choice.reported_by(whole, reported_by, witnesses))
        for name, wanted in (("person", person), ("place", place), ("area", area)):
            if wanted is not None:
                found.append(record.choice.linked(whole, name, wanted, **LINKED[name]))
        if title is not None:
            found.append(record.choice.title(whole, title))
        first, last = record.choice.dates(since, until)
        found += record.choice.in_time(self.tables, first, last)
        left = record.choice.narrowed(self.tables, found)
        return replace(
            self,
            **left,
            covered={kind: _cut(span, first, last) for kind, span in self.covered.items()},
            choice=(*self.choice, *(condition.words for condition in found)),
            status=self.status
            if status is None
            else tuple(record.choice.values_of("status", status)),
            _whole=self._whole or replace(self, **record._kept.copies(whole)),
            _left=record._kept.copies(left),
        )

    @property
    def contacts(self) -> pd.DataFrame:
        """One row per contact, by start: what people expect of a spreadsheet.

        ``event_id``; ``start``, ``end``, ``precision``; ``title``, ``kind``, ``channel``,
        ``host``, ``mode``, ``setting``; ``parent_id`` and ``occasion``, the contact itself or the
        one it is a part of; ``status``; ``place``, ``province``, ``country``, of several joined
        by ``;``, and ``lat``, ``lon`` of the first; for each side its head (``XX_head_id``,
        ``XX_head``), with the office on the day, or as printed where no term dates it
        (``XX_office``), ``XX_office_level``, and the rank level under both crosswalks
        (``XX_rank_by_place``, ``XX_rank_by_cognate``); ``tier`` of the highest head at the
        contact and its parts; ``reported_by``, the sides whose own outlets report it, and
        ``reports``, how many reports do; ``areas``. Contacts held, unless a status was chosen.
        """
        flat = self.whole._flat
        events = record._witnesses.table(self, "contacts", "events", ["event_id", "status"])
        wanted = events.loc[events["status"].isin(self.status), "event_id"]
        chosen = flat[flat["event_id"].isin(wanted)].reset_index(drop=True)
        chosen.attrs = self.about("contacts")
        return chosen

    def about(self, unit: str) -> dict[str, Any]:
        """Return what a result says of itself: source, unit, choice, and names of ids."""
        return {
            "source": self.caption,
            "unit": unit,
            "choice": self.chosen,
            "names": self.names,
        }

    @property
    def _tiers(self) -> pd.DataFrame:
        return record.contacts.tiers(self.tables)

    @property
    def _flat(self) -> pd.DataFrame:
        record.contacts.refuse_other_parents(self.events)
        return record.contacts.contacts(self.tables)

    def dyad(self, every: str = "year") -> pd.DataFrame:
        """One row per period covered, ready to be joined with other data on the two states.

        Parameters
        ----------
        every : {"month", "quarter", "year"}

        Returns
        -------
        pandas.DataFrame, one row per period
            ``period``, ``year``; codes of the first and second side: Correlates of War
            (``cow1``, ``cow2``), Gleditsch and Ward (``gw1``, ``gw2``), ISO 3166
            (``iso31``, ``iso32``); ``occasions`` and ``contacts``; occasions with a contact
            of each tier and kind (``tier_minister``, ``kind_visit`` and so on), which need
            not add up to all; ``exposure`` years covered and ``partial``.

        Raises
        ------
        ValueError
            Where a contact is known too coarsely for the periods.

        Examples
        --------
        >>> import relations as rel
        >>> rel.load().dyad()[["year", "cow1", "cow2", "gw1", "gw2", "iso31"]].head(2)
           year  cow1  cow2  gw1  gw2 iso31
        0  2000   710   816  710  816   CHN
        1  2001   710   816  710  816   CHN
        """
        table = record.contacts.dyad(self.contacts, self.tables, self.span, every)
        table.attrs = self.about("occasions")
        return table

    def save(self, folder: str | Path, format: str = "parquet") -> list[Path]:
        """Write the flat table of contacts and every table for other software.

        Parameters
        ----------
        folder : path
            Made where it is not there; files in it are never written over.
        format : {"parquet", "csv", "excel", "stata"}
            One file per table, or one workbook.

        Returns
        -------
        list of Path
            The files written, among them a README.txt with version, choice and checksum.

        Raises
        ------
        FileExistsError
            Where the folder has a file of that name.
        ImportError
            Where the format needs a library that is not installed; it says which.
        """
        frames = {"contacts": self.contacts}
        for name, frame in self.tables.items():
            columns = record._frames.column_names(frame)
            frames[name] = record._witnesses.table(self, "save", name, columns)
        identity = "\n".join(f"{key}: {value}" for key, value in self._identity())
        return record.export.save(frames, f"{self.title}\n{identity}\n", Path(folder), format)

    def convert(self, function: Callable[[pd.DataFrame], Any]) -> Dataset:
        """Return the dataset with every frame passed through ``function``.

        Examples
        --------
        >>> import polars as pl
        >>> import relations as rel
        >>> data = rel.load().convert(pl.from_pandas)
        >>> type(data.events).__module__.partition(".")[0]
        'polars'
        """
        frames = {name: function(frame) for name, frame in self.tables.items()}
        if self._whole is None:
            return replace(self, **frames)
        return replace(
            self,
            **frames,
            _whole=self.whole.convert(function),
            _left=record._kept.copies(frames),
        )

    def _identity(self) -> list[tuple[str, str]]:
        since, until = (f"{day:%Y-%m-%d}" for day in self.span)
        return [
            ("version", self.version),
            ("span", f"{since} to {until}"),
            *([("choice", self.chosen)] if self.choice else []),
            ("checksum", f"sha256 {self.checksum[:16]}"),
        ]

    def _sizes(self) -> list[tuple[str, int]]:
        return [(name, record._frames.count_rows(frame)) for name, frame in self.tables.items()]

    def __repr__(self) -> str:
        identity = "\n".join(f"  {key}: {value}" for key, value in self._identity())
        sizes = ", ".join(f"{name} {rows}" for name, rows in self._sizes())
        return f"{self.title}\n{identity}\n  rows: {sizes}"

    def _repr_html_(self) -> str:
        # Loaded for this alone.
        import html

        identity = "".join(
            f"<tr><th>{html.escape(key)}</th><td>{html.escape(value)}</td></tr>"
            for key, value in self._identity()
        )
        sizes = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{rows}</td>"
            f"<td style='text-align:left'>{html.escape(schema()[name]['title'])}</td></tr>"
            for name, rows in self._sizes()
        )
        return (
            f"<b>{html.escape(self.title)}</b><table>{identity}</table>"
            f"<table><tr><th>table</th><th>rows</th><th>one row is</th></tr>{sizes}</table>"
        )


def check_dataset(data: Any, asked: str) -> None:
    """Refuse a frame where several tables are read."""
    if not isinstance(data, Dataset):
        raise TypeError(
            f"{asked} reads several tables, so it takes a Dataset, as relations.load gives it, "
            f"not {type(data).__name__}"
        )


def _cut(span: Span, first: pd.Timestamp | None, last: pd.Timestamp | None) -> Span:
    """Return the days of a span that were asked for; of none the last lies before the first."""
    since = span[0] if first is None else max(span[0], first)
    until = span[1] if last is None else min(span[1], last)
    return since, max(until, since - DAY)
