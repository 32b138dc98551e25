"""A page of each contact: both sides' reports and positions, who took part, what was pledged."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

import pandas as pd

from relations.reading.vignette import OTHERS, Vignette, vignettes
from relations.record import _dates
from relations.record.codebook import cite
from relations.record.dataset import Dataset
from relations.review._contact_table import of_every_status

HERE = Path(__file__).parent
NOTHING = "<p>No report was found.</p>"


@dataclass(frozen=True)
class Beside:
    """What stands beside the reading of one contact: titles of all, and what was promised.

    ``made`` and ``kept`` have the pledges that were made at a contact, and those that it kept.
    """

    titles: dict[str, str]
    home: dict[str, str]
    made: dict[str, pd.DataFrame]
    kept: dict[str, pd.DataFrame]
    signed: dict[str, pd.DataFrame]


def write_contacts(build: Path, data: Dataset) -> None:
    """Write a page of each contact, and the table of all for spreadsheets.

    Parameters
    ----------
    build : path
        Gets ``contacts.csv`` and the folder ``contacts``.
    data : Dataset
        Contacts of every status are written.
    """
    data = of_every_status(data)
    contacts = data.contacts
    # With a byte order mark, which spreadsheets need to see that it is UTF-8.
    table = build / "contacts.csv"
    contacts.to_csv(table, index=False, encoding="utf-8-sig", lineterminator="\n")
    beside = Beside(
        titles=contacts.set_index("event_id")["title"].to_dict(),
        home=data.people.set_index("person_id")["side"].dropna().map(data.names).to_dict(),
        made=dict(iter(data.pledges.groupby("event_id"))),
        kept=dict(iter(data.pledges.dropna(subset=["kept_by"]).groupby("kept_by"))),
        signed=dict(iter(data.agreements.groupby("event_id"))),
    )
    frame = Template((HERE / "contact.html").read_text(encoding="utf-8"))
    # Read once: the checksum is made of every table.
    of_the_record = {"record": html.escape(data.title), "cite": html.escape(cite())}
    folder = build / "contacts"
    folder.mkdir(exist_ok=True)
    for page in vignettes(data, list(beside.titles)):
        event_id = page.contact["event_id"]
        words = {
            "title": html.escape(page.contact["title"]),
            "content": "\n".join(_content(page, beside)),
            "event_id": event_id,
        }
        text = frame.substitute(words | of_the_record)
        (folder / f"{event_id}.html").write_text(text, encoding="utf-8")


def _content(page: Vignette, beside: Beside) -> Iterator[str]:
    """Give the page of a contact, part by part; a part without anything to say is left out."""
    yield f"<h1>{html.escape(page.contact['title'])}</h1>"
    facts = [*page._facts(), ("Status", str(page.contact["status"]))]
    rows = (f"<dt>{label}</dt><dd>{html.escape(value)}</dd>" for label, value in facts)
    yield f"<dl>{''.join(rows)}</dl>"
    yield "<h2>Pages that report it</h2><div class='sides'>"
    for name, reports in page._told():
        number = f"{len(reports)} report{'s' * (len(reports) != 1)}"
        lines = [_report(page, row) for row in reports]
        yield f"<section><h3>{html.escape(name)}: {number}</h3>{_list(lines) or NOTHING}</section>"
    yield "</div>"
    yield _section("People", _people(page, beside))
    yield _section("Areas named", _areas(page))
    for heading, said in page._position_lines():
        yield _section(heading, _list(map(html.escape, said)))
    yield _section("Where reports differ", _list(map(html.escape, page._difference_lines())))
    event_id = page.contact["event_id"]
    made, kept = beside.made.get(event_id), beside.kept.get(event_id)
    yield _section("Pledged, and what became of it", _list(_pledges(made, page, beside)))
    yield _section("Pledges that it kept", _list(_kept(kept, page, beside)))
    yield _section("Signed", _list(_signed(beside.signed.get(event_id))))
    parts = [_link(event_id, beside) for event_id in page.parts["event_id"]]
    yield _section("On the same occasion", _list(parts))


def _section(heading: str, content: str) -> str:
    return f"<section><h2>{html.escape(heading)}</h2>{content}</section>" if content else ""


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table whose first column names its rows."""
    top = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
    body = ""
    for name, *cells in rows:
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        body += f'<tr><th scope="row">{name}</th>{row}</tr>'
    head = f"<thead><tr>{top}</tr></thead>"
    return f'<div class="scrolls"><table>{head}<tbody>{body}</tbody></table></div>'


def _link(event_id: str, beside: Beside) -> str:
    title = html.escape(beside.titles.get(event_id, event_id))
    return f'<a href="{event_id}.html">{title}</a>' if event_id in beside.titles else title


def _report(page: Vignette, report: Any) -> str:
    first, *more = page._lines(report)
    address, words = html.escape(report.url), html.escape(first)
    title = f", “{html.escape(report.title)}”" if not pd.isna(report.title) else ""
    return "; ".join([f'<a href="{address}">{words}</a>{title}', *map(html.escape, more)])


def _people(page: Vignette, beside: Beside) -> str:
    """Return who took part, by side, with role, office and rank as the reports print them."""
    by_home: dict[str, dict[str, list[Any]]] = {name: {} for name in page.sides.values()}
    for person in page.people.itertuples():
        home = beside.home.get(person.person_id)
        if home is not None:
            by_home.setdefault(home, {}).setdefault(str(person.name), []).append(person)
    told = []
    for home, people in by_home.items():
        lines = []
        for name in sorted(people):
            own = people[name]
            link = f'<a href="../contacts.html#People={quote(name)}">{html.escape(name)}</a>'
            roles = _printed(person.role for person in own)
            offices = _printed(person.office_as_reported for person in own)
            ranks = _printed(person.rank_as_reported for person in own)
            lines.append("; ".join([f"{link}, {roles}", *filter(None, (offices, ranks))]))
        if lines:
            told.append(f"<section><h3>{html.escape(home)}</h3>{_list(lines)}</section>")
    return f"<div class='sides'>{''.join(told)}</div>" if told else ""


def _printed(values: Iterable[Any]) -> str:
    """Return what reports print, each once, whatever their capitals."""
    return html.escape(
        ", ".join({text.lower(): text for text in values if not pd.isna(text)}.values())
    )


def _areas(page: Vignette) -> str:
    if not len(page.areas):
        return ""
    heads, rows = page._area_rows()
    return _table(map(str.capitalize, heads), [map(html.escape, row) for row in rows])


def _pledges(made: pd.DataFrame | None, page: Vignette, beside: Beside) -> Iterator[str]:
    """Say of each pledge who made it, what, until when, and what the record knows of it."""
    for row in () if made is None else made.itertuples():
        who = (page.sides | OTHERS).get(row.side, row.side)
        due = _written("due", row.due, row.due_latest)
        outcome = "what became of it is not known" if row.outcome == "unknown" else row.outcome
        by = f" by {_link(row.kept_by, beside)}" if not pd.isna(row.kept_by) else ""
        note = f". {html.escape(row.note)}" if not pd.isna(row.note) else ""
        words = html.escape(f"{who}: {row.what}{due} – ")
        yield f"{words}<strong>{html.escape(outcome)}</strong>{by}{note}"


def _kept(kept: pd.DataFrame | None, page: Vignette, beside: Beside) -> Iterator[str]:
    for row in () if kept is None else kept.itertuples():
        who = (page.sides | OTHERS).get(row.side, row.side)
        yield f"{html.escape(f'{who}: {row.what}')} – made at {_link(row.event_id, beside)}"


def _signed(signed: pd.DataFrame | None) -> Iterator[str]:
    for row in () if signed is None else signed.itertuples():
        days = _written("signed", row.signed, row.signed_latest)
        days += _written("in force", row.in_force, row.in_force_latest)
        note = "" if pd.isna(row.note) else f". {row.note}"
        yield html.escape(f"{row.title}{days}{note}")


def _written(what: str, first: Any, latest: Any) -> str:
    day = _dates.written(first, latest)
    return f", {what} {day}" if day else ""
