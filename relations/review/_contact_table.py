"""The page with the table of all contacts, and what it can be filtered by."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from relations.record import _dates
from relations.record.dataset import Dataset

# What the table can be filtered by, under the heading of the column: label, and what all is.
FILTERS = {
    "Years": ("Year", "all years"),
    "Tier": ("Tier", "all tiers"),
    "Channel": ("Channel", "all channels"),
    "Areas": ("Area", "all areas"),
    "Kind": ("Kind", "all kinds"),
    "Told by": ("Told by", "anybody"),
    "Status": ("Status", "any status"),
}
# Searched, filtered and downloaded, but not shown: the table would be too wide.
HIDDEN = ("Host", "Status", "Years", "Heads", "People", "Place", "Areas", "Id")


def of_every_status(data: Dataset) -> Dataset:
    """Return the record with what was announced or called off as well."""
    return data.where(status=sorted(set(data.events["status"])))


def report_links(data: Dataset) -> dict[str, list[str]]:
    """Return the pages that report each contact as links, the main ones first."""
    reports = data.reports.merge(data.sources, on="source_id", suffixes=("", "_of_source"))
    reports = reports.sort_values(["main", "published", "source_id"], ascending=[False, True, True])
    told = reports.groupby("event_id")
    return {event: [_link(row) for row in rows.itertuples()] for event, rows in told}


def contact_table(data: Dataset) -> str:
    """Write the page with every contact, the addresses of what reports it, and filters."""
    rows = _rows(data)
    hidden = " ".join(str(place) for place, head in enumerate(rows[0]) if head in HIDDEN)
    with pd.option_context("display.max_colwidth", None):
        table = pd.DataFrame(rows).to_html(
            index=False, escape=False, border=0, table_id="contacts", na_rep=""
        )
    table = table.replace("<table ", f'<table data-hidden="{hidden}" ', 1)
    return "\n".join(
        [
            "# Contacts and their reports",
            "",
            f"All {len(rows)} rows of `events`, each with a page of its own, which a click on the "
            "row opens, and the pages that report it; in italics those that announce or recall "
            "it. Search finds titles, people, places and areas, with or without tone marks.",
            "",
            "```{raw} html",
            '<p><a href="contacts.csv" download>All contacts as a table (CSV)</a></p>',
            _form(rows, data),
            f'<div class="contacts scrolls">{table}</div>',
            '<link rel="stylesheet" href="_static/datatables.css">',
            '<script src="_static/datatables.js" defer></script>',
            '<script src="_static/contacts.js" defer></script>',
            "```",
            "",
        ]
    )


def _rows(data: Dataset) -> list[dict[str, str]]:
    """Return one row per contact: each cell as HTML, by its heading."""
    sides = data.sides.set_index("side")["name"].to_dict()
    tellers = sides | {"third": "others"}
    codes = data.reports.merge(data.sources[["source_id", "side"]], on="source_id")
    codes = codes.groupby("event_id")["side"].agg(lambda own: sorted(set(own))).to_dict()
    links, people, names = report_links(data), _people(data), data.names
    heads = [f"{side}_head" for side in sides]
    return [
        {
            "Date": event.start.strftime(_dates.PATTERNS[event.precision]),
            "Contact": f'<a href="contacts/{event.event_id}.html">{html.escape(event.title)}</a>'
            f"<br><small>{_notes(event.status, links.get(event.event_id, []))}</small>",
            "Kind": event.kind.replace("_", " "),
            "Channel": html.escape(names.get(event.channel, "")),
            "Tier": event.tier,
            "Told by": _joined(tellers.get(code, code) for code in codes.get(event.event_id, [])),
            "Host": sides.get(event.host, event.host),
            "Status": event.status,
            "Years": _joined(range(event.start.year, event.end.year + 1)),
            "Heads": _joined(getattr(event, head) for head in heads),
            "People": _joined(people.get(event.event_id, [])),
            "Place": _joined([event.place, event.province]),
            "Areas": _joined(names.get(area, area) for area in _text(event.areas).split(";")),
            "Id": event.event_id,
        }
        for event in of_every_status(data).contacts.itertuples()
    ]


def _notes(status: str, links: list[str]) -> str:
    """Return what stands under a title: the reports, and that the contact was not held."""
    return " · ".join([html.escape(status)] * (status != "held") + links)


def _people(data: Dataset) -> dict[str, list[str]]:
    """Return the names of those who took part in each contact."""
    names = data.names
    named = data.participants["person_id"].map(lambda person: names.get(person, person))
    return named.groupby(data.participants["event_id"]).agg(lambda own: sorted(set(own))).to_dict()


def _form(rows: list[dict[str, str]], data: Dataset) -> str:
    """Return a choice for each column that the table can be filtered by."""
    choices = []
    for head, (label, everything) in FILTERS.items():
        values = _in_order(head, _values(head, rows), data)
        options = "".join(f"<option>{html.escape(value)}</option>" for value in values)
        select = f'<select id="{_key(label)}" name="{head}"><option value="">{everything}</option>'
        choices.append(_choice(label, f"{select}{options}</select>"))
    people = sorted(_values("People", rows))
    options = "".join(f'<option value="{html.escape(name)}">' for name in people)
    box = (
        '<input id="by-person" name="People" type="text" list="people" autocomplete="off" '
        f'placeholder="name or part of one"><datalist id="people">{options}</datalist>'
    )
    choices.append(_choice("Person", box))
    button = '<button type="button">Show all</button>'
    return f'<form class="filters" aria-label="Choose" hidden>{"".join(choices)}{button}</form>'


def _values(head: str, rows: list[dict[str, str]]) -> set[str]:
    """Return the values that stand in the cells of a column, in plain text."""
    return {value for row in rows for value in html.unescape(row[head]).split("; ") if value}


def _choice(label: str, control: str) -> str:
    return f'<div><label for="{_key(label)}">{label}</label>{control}</div>'


def _key(label: str) -> str:
    return f"by-{label.replace(' ', '-').lower()}"


def _in_order(head: str, values: set[str], data: Dataset) -> list[str]:
    """Return the values of a column as they are looked for: tiers from the top, years backwards."""
    if head == "Tier":
        order: Mapping[str, int] = {
            tier: place for place, tier in enumerate(data.contacts["tier"].cat.categories)
        }
        return sorted(values, key=lambda tier: order.get(tier, len(order)))
    return sorted(values, reverse=head == "Years")


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _joined(values: Iterable[Any]) -> str:
    return html.escape("; ".join(filter(None, map(_text, values))))


def _link(report: Any) -> str:
    day = _dates.written(report.published, report.published_latest)
    words = html.escape(" ".join(filter(None, [report.outlet, day])))
    if not report.main:
        words = f"<i>{words}</i>"
    return f'<a href="{html.escape(report.url)}">{words}</a>'
