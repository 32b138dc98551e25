"""One contact read closely: what each side's reports say of it, side by side."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from relations.record import _dates
from relations.record._frames import collect, narrow
from relations.record._text import near
from relations.record.contradictions import contradictions
from relations.record.dataset import Dataset, check_dataset

OF_SOURCE = [
    *["source_id", "side", "outlet", "language", "published", "published_latest"],
    *["title", "url", "reprint_of"],
]
OF_REPORT = [
    *["source_id", "main", "start_as_reported", "start_as_reported_latest", "date_basis"],
    "edition_as_reported",
]
AT_ODDS = ("date", "edition", "rank")
# What comparing the reports of one contact reads of the tables that hold contacts.
COMPARED = {
    "events": ["start", "end", "status"],
    "editions": ["side", "edition"],
    "reports": OF_REPORT,
    "participants": ["person_id", "source_id", "rank_as_reported"],
}
PLACES = {"both": "both sides", "third": "a third country", "none": "nobody"}
OTHERS = {"joint": "Together", "unattributed": "No side named", "third": "Others"}


@dataclass(frozen=True, repr=False, kw_only=True)
class Vignette:
    """What the record holds of one contact; `vignette` makes it.

    ``contact`` is its row of ``data.contacts``, with the ``parts`` of its occasion;
    ``reports``, ``people``, ``areas``, ``positions``, ``differences`` and ``pledges`` are frames,
    and ``sides`` names the sides in their order. In a notebook it shows as a page with a column
    for each side; `to_markdown` writes the same for paper.
    """

    contact: pd.Series
    parts: pd.DataFrame
    reports: pd.DataFrame
    people: pd.DataFrame
    areas: pd.DataFrame
    positions: pd.DataFrame
    differences: pd.DataFrame
    pledges: pd.DataFrame
    sides: dict[str, str]

    @property
    def when(self) -> str:
        """The days of the contact, as well as they are known."""
        return _dates.written(self.contact["start"], self.contact["end"]) if (
            self.contact["precision"] != "day"
        ) else _days(self.contact["start"], self.contact["end"])  # fmt: skip

    def _facts(self) -> list[tuple[str, str]]:
        contact = self.contact
        host = contact["host"]
        facts = [
            ("When", self.when),
            ("Kind", str(contact["kind"]).replace("_", " ")),
            ("Where", "; ".join(dict.fromkeys(_texts([contact["place"], contact["province"]])))),
            ("Host", (self.sides | PLACES).get(host, "")),
            ("Tier", str(contact["tier"])),
        ]
        for side, name in self.sides.items():
            head = _texts([contact.get(f"{side}_head"), contact.get(f"{side}_office")])
            facts.append((f"Head, {name}", ", ".join(head)))
        return [(label, value) for label, value in facts if value]

    def _columns(self) -> list[tuple[str, list[list[str]]]]:
        """Return, for each side in order, its name and the lines of each of its reports."""
        return [(name, [self._lines(row) for row in rows]) for name, rows in self._told()]

    def _told(self) -> list[tuple[str, list[Any]]]:
        """Return each side in order, and who else reports it, with its reports."""
        of_side = rows_by(self.reports, "side")
        return [
            (name, of_side.get(side, []))
            for side, name in [*self.sides.items(), *OTHERS.items()]
            if side in self.sides or side in of_side
        ]

    @cached_property
    def _named(self) -> dict[Any, list[Any]]:
        return rows_by(self.people, "source_id")

    def _lines(self, report: Any) -> list[str]:
        published = _dates.written(report.published, report.published_latest)
        lines = [", ".join(_texts([report.outlet, published]))]
        notes = [
            "reprint" if not pd.isna(report.reprint_of) else "",
            "" if report.main else "in passing",
        ]
        lines[0] += "".join(f" ({note})" for note in notes if note)
        start = _dates.written(report.start_as_reported, report.start_as_reported_latest)
        if start:
            basis = "" if report.date_basis == "printed" else f" ({report.date_basis})"
            lines.append(f"gives {start}{basis}")
        if not pd.isna(report.edition_as_reported):
            lines.append(f"number {report.edition_as_reported}")
        lines += [
            f"{person.role}: " + ", ".join(
                _texts([person.name, person.office_as_reported, person.rank_as_reported])
            )
            for person in self._named.get(report.source_id, [])
        ]  # fmt: skip
        return lines

    def _area_rows(self) -> tuple[list[str], list[list[str]]]:
        said: dict[str, dict[str, str]] = {}
        for row in self.areas.itertuples():
            said.setdefault(row.label, {})[row.side] = row.status
        by = {side for sides in said.values() for side in sides}
        naming = [side for side in [*self.sides, *OTHERS] if side in by]
        heads = ["area", *((self.sides | OTHERS)[side] for side in naming)]
        return heads, [
            [label, *(said[label].get(side, "–") for side in naming)] for label in sorted(said)
        ]

    def _difference_lines(self) -> list[str]:
        return [
            f"{row.field}{f' of {row.about}' if row.about else ''}: {row.first} "
            f"({_names(row.first_sides, self.sides)}), {row.second} "
            f"({_names(row.second_sides, self.sides) or 'the record'})"
            for row in self.differences.itertuples()
        ]

    def _pledge_lines(self) -> list[str]:
        return [
            f"{(self.sides | OTHERS).get(row.side, row.side)}: {row.what} – {row.outcome}"
            + ("" if pd.isna(row.kept_by) else f", by {row.kept_by}")
            for row in self.pledges.itertuples()
        ]

    def to_markdown(self) -> str:
        """Write the page in Markdown."""
        parts = [f"### {_plain(self.contact['title'])}"]
        parts.append("\n".join(f"- {label}: {_plain(value)}" for label, value in self._facts()))
        for name, reports in self._columns():
            parts.append(f"**{name}: {_number(len(reports), 'report')}**")
            lines = ["; ".join(_plain(line) for line in report) for report in reports]
            parts.append("\n".join(f"- {line}" for line in lines) or "No report was found.")
        for heading, lines in self._sections():
            parts.append(f"**{heading}**")
            parts.append("\n".join(f"- {_plain(line)}" for line in lines))
        if len(self.areas):
            heads, rows = self._area_rows()
            table = [heads, ["---"] * len(heads), *rows]
            parts.append("\n".join("| " + " | ".join(map(_plain, row)) + " |" for row in table))
        return "\n\n".join(parts) + "\n"

    def _position_lines(self) -> list[tuple[str, list[str]]]:
        """Return, for each side in order, its positions, or that none was read."""
        sections = []
        said = rows_by(self.positions, "side")
        for side, name in (self.sides | OTHERS).items():
            lines = [
                f"{row.topic[0].upper()}{row.topic[1:]}: {row.position} "
                f"({', '.join(_texts([row.speaker, row.basis]))})"
                for row in said.get(side, [])
            ]
            if side in self.sides and not lines:
                lines = ["No position was read."]
            heading = "What both said" if side == "joint" else f"What {name} said"
            sections.append((heading, lines))
        return sections

    def _sections(self) -> list[tuple[str, list[str]]]:
        sections = [
            *self._position_lines(),
            ("Where reports differ", self._difference_lines()),
            ("Pledged, and what became of it", self._pledge_lines()),
            ("Parts of the occasion", self.parts["title"].tolist()),
        ]
        return [(heading, lines) for heading, lines in sections if lines]

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def _repr_html_(self) -> str:
        facts = "".join(f"<li>{label}: {html.escape(value)}</li>" for label, value in self._facts())
        columns = "".join(
            f"<td style='vertical-align:top;text-align:left'><b>{html.escape(name)}: "
            f"{_number(len(reports), 'report')}</b>{_html_list('; '.join(r) for r in reports)}</td>"
            for name, reports in self._columns()
        )
        sections = "".join(
            f"<p><b>{heading}</b></p>{_html_list(lines)}" for heading, lines in self._sections()
        )
        areas = ""
        if len(self.areas):
            heads, rows = self._area_rows()
            areas = "<table><tr>" + "".join(f"<th>{html.escape(head)}</th>" for head in heads)
            areas += "</tr>" + "".join(
                "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
                for row in rows
            )
            areas += "</table>"
        title = html.escape(str(self.contact["title"]))
        return f"<h3>{title}</h3><ul>{facts}</ul><table><tr>{columns}</tr></table>{areas}{sections}"

    def __repr__(self) -> str:
        return self.to_markdown()


def vignette(data: Dataset, event_id: str) -> Vignette:
    """Read one contact closely: every report of it, both sides beside each other.

    Parameters
    ----------
    data : Dataset
        Any engine, collected.
    event_id : str
        A contact of ``data.events``.

    Returns
    -------
    Vignette
        In a notebook a page: who, where, when and at which tier; a column for each side with
        its reports as they give date, number, persons and offices; areas by who names them;
        where reports differ; what was pledged and what became of it. Its frames are
        attributes, and ``to_markdown()`` writes it for paper.

    Raises
    ------
    ValueError
        Where there is no such contact; the message lists near ones.

    Examples
    --------
    >>> import relations as rel
    >>> talks = rel.vignette(rel.load(), "2013-06-05-dialogue-4")
    >>> talks.reports.groupby("side", sort=False)["edition_as_reported"].first().to_dict()
    {'CN': 7, 'VN': 4}
    """
    check_dataset(data, "vignette")
    flat = data.whole._flat
    if event_id not in set(flat["event_id"]):
        meant = near(event_id, flat["event_id"])
        raise ValueError(
            f"no contact has the id {event_id!r}; near are {', '.join(meant) or 'none'}, and "
            "data.contacts lists all"
        )
    [page] = vignettes(data, [event_id])
    return page


def vignettes(data: Dataset, events: Sequence[str]) -> Iterator[Vignette]:
    """Read several contacts closely; each table is read once for all of them."""
    flat = data.whole._flat.set_index("event_id", drop=False)
    of_occasion = dict(iter(flat.groupby("occasion")))
    pledges = _of(data, "pledges", events, ["side", "what", "outcome", "kept_by"])
    frames = {
        "reports": reports(data, events),
        "people": _people(data, events),
        "areas": areas(data, events),
        "positions": positions(data, events),
        "differences": differences(data, events),
        "pledges": pledges.sort_values(["side", "what"], kind="stable"),
    }
    of_event = {name: frame.pop("event_id") for name, frame in frames.items()}
    grouped = {name: dict(iter(frame.groupby(of_event[name]))) for name, frame in frames.items()}
    sides = side_names(data)
    for event_id in events:
        contact = flat.loc[event_id]
        own = {
            name: groups.get(event_id, frames[name].iloc[:0]).reset_index(drop=True)
            for name, groups in grouped.items()
        }
        parts = of_occasion[contact["occasion"]]
        yield Vignette(
            contact=contact, parts=parts[parts["event_id"] != event_id], sides=sides, **own
        )


def rows_by(frame: pd.DataFrame, column: str) -> dict[Any, list[Any]]:
    """Return the rows of a frame by their value of a column, in order."""
    found: dict[Any, list[Any]] = {}
    for row in frame.itertuples():
        found.setdefault(getattr(row, column), []).append(row)
    return found


def side_names(data: Dataset) -> dict[str, str]:
    """Return the names of the sides in their order."""
    sides = collect(narrow(data.sides, "vignette (sides)", ["side", "name"]))
    return dict(zip(sides["side"], sides["name"], strict=True))


def reports(data: Dataset, events: Sequence[str]) -> pd.DataFrame:
    """Return the reports of contacts, by side in their order and then by day."""
    told = _of(data, "reports", events, OF_REPORT)
    sources = collect(narrow(data.whole.sources, "vignette (sources)", OF_SOURCE))
    told = told.merge(sources, "left", on="source_id")
    order = {side: place for place, side in enumerate(side_names(data))}
    told["place"] = told["side"].map(order).fillna(len(order))
    told = told.sort_values(["place", "side", "published", "source_id"], ignore_index=True)
    return told[["event_id", *OF_SOURCE, *OF_REPORT[1:]]]


def areas(data: Dataset, events: Sequence[str]) -> pd.DataFrame:
    """Return the areas of contacts by who names them: status, sources, and whose they are."""
    mentions = _of(data, "area_mentions", events, ["source_id", "area", "side", "status"])
    sources = collect(narrow(data.whole.sources, "vignette (sources)", ["source_id", "side"]))
    labels = collect(narrow(data.areas, "vignette (areas)", ["area", "label"]))
    rows = mentions.merge(sources.rename(columns={"side": "read_in"}), "left", on="source_id")
    rows = rows.merge(labels, "left", on="area").rename(columns={"source_id": "sources"})
    joined = dict.fromkeys(["status", "sources", "read_in"], _joined)
    found = rows.groupby(["event_id", "label", "area", "side"], as_index=False).agg(joined)
    return found[["event_id", "area", "label", "side", *joined]]


def positions(data: Dataset, events: Sequence[str]) -> pd.DataFrame:
    """Return what each side said at contacts: topic in words, speaker by name, position."""
    columns = ["side", "speaker", "topic", "basis", "position", "source_id"]
    said = _of(data, "positions", events, columns)
    order = {side: place for place, side in enumerate(side_names(data))}
    said["place"] = said["side"].map(order).fillna(len(order))
    names = data.names
    for column in ("speaker", "topic"):
        said[column] = [names.get(value, value) for value in said[column]]
    said = said.sort_values(["place", "topic", "speaker"], kind="stable", ignore_index=True)
    return said[["event_id", *columns]]


def differences(data: Dataset, events: Sequence[str]) -> pd.DataFrame:
    """Return where the reports of contacts differ, with names in place of ids."""
    # Other words for one office, or an area left out, are no contradiction. Reports of other
    # contacts are not compared: for the whole record that takes seconds.
    tables = {table: _of(data, table, events, columns) for table, columns in COMPARED.items()}
    found = contradictions(replace(data.whole, **tables), AT_ODDS)
    sources = collect(narrow(data.whole.sources, "vignette (sources)", ["source_id", "outlet"]))
    names = data.names | dict(zip(sources["source_id"], sources["outlet"], strict=True))
    return found.assign(about=[names.get(about, about) for about in found["about"]])


def _people(data: Dataset, events: Sequence[str]) -> pd.DataFrame:
    columns = ["source_id", "person_id", "role", "office_as_reported", "rank_as_reported"]
    people = _of(data, "participants", events, columns)
    names = data.names
    return people.assign(name=[names.get(person, person) for person in people["person_id"]])


def _of(data: Dataset, table: str, events: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Return the rows of a table that belong to contacts."""
    import narwhals.stable.v2 as nw

    frame = narrow(getattr(data.whole, table), f"vignette ({table})", ["event_id", *columns])
    return collect(frame.filter(nw.col("event_id").is_in(list(events))))


def _joined(values: pd.Series) -> str:
    return ";".join(sorted({str(value) for value in values.dropna()}))


def _texts(values: Iterable[Any]) -> list[str]:
    return [str(value) for value in values if not pd.isna(value) and str(value)]


def _days(first: Any, last: Any) -> str:
    return f"{first:%Y-%m-%d}" + ("" if first == last else f" to {last:%Y-%m-%d}")


def _names(sides: str, names: dict[str, str]) -> str:
    return ", ".join((names | OTHERS).get(side, side) for side in sides.split(";") if side)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _plain(text: object) -> str:
    return str(text).replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")


def _html_list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else "<p>No report was found.</p>"
