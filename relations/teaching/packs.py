"""What the record holds in place of pages and archives: cards of pages, packs of evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from relations.measures._story_words import HIGH
from relations.measures.areas import positions
from relations.measures.trajectory import around_crises, crisis_silences
from relations.record import _dates
from relations.record.dataset import Dataset, Moment, check_dataset
from relations.teaching._answers import Feedback, Values, judge_number, judge_values, read, sides_of

PAGE = ["source_id", "outlet", "side", "language", "published", "published_latest", "title"]
REPORT = ["start_as_reported", "start_as_reported_latest", "date_basis", "edition_as_reported"]
# What a page's card tells, in order; the last three are the coder's judgement.
CARD = [
    *["source_id", "about", "published", "outlet", "side", "language", "page", "contact", "day"],
    *["number", "people", "positions", "kind", "status", "areas"],
]


def page_cards(data: Dataset, sources: Sequence[str]) -> pd.DataFrame:
    """Tell what the record holds of each page, for a class that cannot open it.

    Parameters
    ----------
    data : Dataset
        ``sources``, ``reports``, ``events``, ``context``, ``participants``, ``people``,
        ``area_mentions`` and ``positions`` are read.
    sources : sequence of str
        The ``source_id`` of each page, in the order wanted.

    Returns
    -------
    pandas.DataFrame, one row per page and contact or circumstance that it tells of
        As text: ``source_id``; ``about``, the event_id or context_id; ``published``,
        ``outlet``, ``side``, ``language``, ``page`` (its subject in the record's words);
        ``contact``; ``day`` and ``number`` as the page gives them; ``people`` with office and
        rank as printed; ``positions`` in the record's words; and as coded ``kind``,
        ``status`` and ``areas`` with side and status. What the record does not hold is the
        empty text.

    Raises
    ------
    ValueError
        Where a page is not in ``data.sources``.

    Examples
    --------
    >>> import relations as rel
    >>> card = rel.teaching.page_cards(rel.load(), ["vna-call-vinh-fan"]).loc[0]
    >>> card[["outlet", "side", "kind"]].tolist()
    ['VNA', 'VN', 'meeting']
    """
    check_dataset(data, "page_cards")
    pages = read(data, "sources", PAGE).set_index("source_id")
    strange = [source for source in sources if source not in pages.index]
    if strange:
        raise ValueError(f"no page {strange[0]!r} in data.sources: look at its source_id")
    events = read(data, "events", ["event_id", "title", "kind", "status"]).set_index("event_id")
    context = read(data, "context", ["context_id", "title"]).set_index("context_id")["title"]
    reports = read(data, "reports", ["event_id", "source_id", *REPORT])
    said, names = positions(data), data.names
    people = read(data, "participants", ["event_id", "source_id", "person_id", "role",
                                         "office_as_reported", "rank_as_reported"])  # fmt: skip
    named = read(data, "area_mentions", ["event_id", "source_id", "area", "side", "status"])
    rows = []
    for source in sources:
        page = pages.loc[source]
        own = reports[reports["source_id"] == source]
        words = said[said["source_id"] == source]
        told = [*own["event_id"], *words["context_id"].dropna()]
        for about in dict.fromkeys(told or [""]):
            report = own[own["event_id"] == about]
            event = events.loc[about] if about in events.index else pd.Series(dtype="object")
            here = words[words["event_id"].eq(about) | words["context_id"].eq(about)]
            printed = _of(people, source, about)
            rows.append(
                {
                    "source_id": source,
                    "about": about,
                    "published": _day(page["published"], page["published_latest"]),
                    "outlet": page["outlet"],
                    "side": page["side"],
                    "language": page["language"],
                    "page": page["title"],
                    "contact": event.get("title", context.get(about, "")),
                    "day": _joined(
                        _day(row.start_as_reported, row.start_as_reported_latest, row.date_basis)
                        for row in report.itertuples()
                    ),
                    "number": _joined(report["edition_as_reported"].dropna()),
                    "people": _joined(
                        ", ".join(
                            str(part)
                            for part in (
                                names.get(row.person_id, row.person_id),
                                row.office_as_reported,
                                row.rank_as_reported,
                                row.role,
                            )
                            if pd.notna(part)
                        )
                        for row in printed.itertuples()
                    ),
                    "positions": _joined(
                        f"{row.side}{'' if pd.isna(row.speaker) else f', {row.speaker}'}: "
                        f"{row.position}"
                        for row in here.itertuples()
                    ),
                    "kind": event.get("kind", ""),
                    "status": event.get("status", ""),
                    "areas": _joined(
                        f"{row.area} ({row.side}, {row.status})"
                        for row in _of(named, source, about).itertuples()
                    ),
                }
            )
    return pd.DataFrame(rows, columns=CARD).astype("object").fillna("")


@dataclass(frozen=True, repr=False)
class Pack:
    """Evidence for one group of a class; `evidence_pack` makes it, a notebook prints it.

    ``contacts`` and ``context`` in order of time, ``positions`` with the side whose press
    prints them, ``pages`` as `page_cards` tells them; ``sides`` the codes in their order.
    """

    contacts: pd.DataFrame
    context: pd.DataFrame
    positions: pd.DataFrame
    pages: pd.DataFrame
    sides: tuple[str, ...]

    def __repr__(self) -> str:
        tables = ("contacts", "context", "positions", "pages")
        return f"Pack({', '.join(f'{name}: {len(getattr(self, name))}' for name in tables)})"

    def _repr_html_(self) -> str:
        parts = []
        with pd.option_context("display.max_colwidth", None):
            for name in ("contacts", "context", "positions", "pages"):
                table = getattr(self, name)
                shown = table.to_html(index=False, na_rep="") if len(table) else "<p>None.</p>"
                parts.append(f"<h4>{name.capitalize()}: {len(table)}</h4>{shown}")
        return "".join(parts)


def evidence_pack(data: Dataset, since: Moment, until: Moment, *, press: str | None = None) -> Pack:
    """Put together what the record holds of some months, of one press or of all.

    Parameters
    ----------
    data : Dataset
        Its choice of contacts narrows the pack; positions in a crisis stand in it anyway.
    since, until : year, month or day
        As for `relations.Dataset.where`.
    press : str, optional
        A side: only what outlets of it print, contacts that they report among it. All
        outlets if left out.

    Returns
    -------
    Pack
        ``contacts`` held (``start``, ``precision``, ``title``, ``tier``, ``kind``,
        ``reported_by``, ``event_id``); ``context`` (``start``, ``end``, ``title``,
        ``context_id``), whoever reports it; ``positions`` (``day``, ``occasion``, ``press``,
        ``side``, ``speaker``, ``topic``, ``basis``, ``position`` and the ids); ``pages`` of
        these contacts and positions.

    Raises
    ------
    ValueError
        Where ``press`` is no side of the tables, or a date is none.

    Examples
    --------
    >>> import relations as rel
    >>> pack = rel.teaching.evidence_pack(rel.load(), "2014-05", "2014-10", press="CN")
    >>> set(pack.pages["side"])
    {'CN'}
    """
    check_dataset(data, "evidence_pack")
    sides = sides_of(data)
    if press is not None and press not in sides:
        raise ValueError(f"press={press!r}: use one of {', '.join(sides)}, or leave it out")
    chosen = data.where(since=since, until=until)
    first, last = chosen.span
    pages = read(data, "sources", ["source_id", "side"]).set_index("source_id")["side"]
    said = positions(data.whole)
    said = said[said["day"].between(first, last)]
    ours = set(chosen.contacts["event_id"])
    said = said[said["event_id"].isna() | said["event_id"].isin(ours)]
    said = said.assign(press=said["source_id"].map(pages))
    reports = read(chosen, "reports", ["event_id", "source_id"])
    reports = reports[reports["event_id"].isin(ours)]
    if press is not None:
        said = said[said["press"] == press]
        reports = reports[reports["source_id"].map(pages) == press]
    contacts = chosen.contacts[chosen.contacts["event_id"].isin(reports["event_id"])]
    around = read(data, "context", ["context_id", "start", "start_latest", "end_latest", "title"])
    around["end"] = around["end_latest"].fillna(around["start_latest"])
    around = around[(around["end"] >= first) & (around["start"] <= last)]
    told = dict.fromkeys([*reports["source_id"], *said["source_id"]])
    cards = page_cards(data.whole, list(told))
    cards = cards[cards["about"].isin([*ours, *said["context_id"].dropna()])]
    return Pack(
        contacts[["start", "precision", "title", "tier", "kind", "reported_by", "event_id"]]
        .astype({"tier": "str", "kind": "str"})
        .reset_index(drop=True),
        around[["start", "end", "title", "context_id"]]
        .sort_values(["start", "context_id"])
        .reset_index(drop=True),
        said[["day", "occasion", "press", "side", "speaker", "topic", "basis", "position",
              "event_id", "context_id", "source_id"]].reset_index(drop=True),
        cards.reset_index(drop=True),
        tuple(sides),
    )  # fmt: skip


def check_voices(answer: Any, pack: Pack, press: str) -> Feedback:
    """Check how many positions of each side the press of one side prints.

    Parameters
    ----------
    answer : Series or mapping of side to number
        0 for a side of which nothing is printed.
    pack : Pack
        Of every press, as ``evidence_pack(data, since, until)`` gives it.
    press : str
        The side whose outlets are read.

    Returns
    -------
    Feedback
        Right counts rows of ``pack.positions`` by ``side``, those of both together
        (``joint``) left out.

    Examples
    --------
    >>> import relations as rel
    >>> pack = rel.teaching.evidence_pack(rel.load(), "2014-05", "2014-10")
    >>> rel.teaching.check_voices({}, pack, "CN").messages
    ('positions: no answer yet',)
    """
    printed = pack.positions["press"] == press

    def by_side(rows: pd.DataFrame) -> Values:
        return rows["side"].value_counts().reindex(pack.sides, fill_value=0).to_dict()

    own = pack.positions[printed]
    traps = [
        (lambda: by_side(pack.positions), "every press is counted; press names the one asked for"),
        (
            lambda: by_side(own.assign(side=press)),
            "every position is given to the side that prints it; side is who speaks",
        ),
        (
            lambda: by_side(pack.positions[~printed]),
            f"these are what the others print; outlets of {press} are asked for",
        ),
        (
            lambda: by_side(own[own["event_id"].notna()]),
            "positions in a crisis (context_id) are left out; they belong to no contact",
        ),
        (
            lambda: by_side(own.drop_duplicates(["source_id", "side"])),
            "pages are counted; a page may print several positions",
        ),
    ]
    return judge_values("positions", answer, lambda: by_side(own), traps)


def check_silence(answer: Any, data: Dataset, crisis: str, *, months: int = 12) -> Feedback:
    """Check the longest time without a dated contact around a crisis.

    Parameters
    ----------
    answer : number of days
    data : Dataset
        The tables that `relations.trajectory.crisis_silences` reads.
    crisis : str
        A ``context_id``.
    months : int
        How far to look on either side of its start.

    Returns
    -------
    Feedback
        Right is ``silence`` of `relations.trajectory.crisis_silences`: days from one
        occasion held and known to the day to the next.

    Raises
    ------
    ValueError
        As `relations.trajectory.crisis_silences`.

    Examples
    --------
    >>> import relations as rel
    >>> rel.teaching.check_silence(None, rel.load(), "2014-05-02-oil-rig-crisis").messages
    ('silence: no answer yet; put a number in its place',)
    """
    check_dataset(data, "check_silence")
    found = crisis_silences(data, [crisis], months=months).iloc[0]
    marks = around_crises(data, [crisis], months=months)
    held, exact = marks["status"] == "held", marks["precision"] == "day"
    begins, ends = found["silent_from"], found["silent_until"]

    def longest(days: pd.Series) -> int:
        return int(pd.Series([found["since"], *days, found["until"]]).sort_values().diff().max())

    inside = marks.loc[exact & marks["first"].between(begins, ends), "first"]
    later = marks.loc[held & exact & (marks["first"] > 0), "first"]
    planned = "counts what was only announced, cancelled or is disputed (events.status) as held"
    high = around_crises(data.where(tier=list(HIGH)), [crisis], months=months)
    high = high.loc[high["precision"] == "day", "first"]
    before, after = high[high <= begins].max(), high[high >= ends].min()
    traps = [
        (longest(marks.loc[exact, "first"]), planned),
        (int(inside.sort_values().diff().max()) if len(inside) > 1 else -1, planned),
        (longest(marks.loc[held, "first"]), "takes contacts known to the month for contacts on "
         "its first day; they bound no silence"),
        (int(later.min()) if len(later) else -1, "counts from the start of the crisis to the next "
         "contact, not from one contact to the next"),
        (after - before, "looks at ministers and above alone; contacts of every level end a "
         "silence"),
    ]  # fmt: skip
    return judge_number("silence", answer, int(found["silence"]), traps)


def _of(table: pd.DataFrame, source: str, about: str) -> pd.DataFrame:
    return table[(table["source_id"] == source) & (table["event_id"] == about)]


def _joined(texts: Any) -> str:
    return "; ".join(str(text) for text in texts)


def _day(first: Any, last: Any, basis: Any = None) -> str:
    """Write a day as precisely as it is known, and what it rests on where it is not printed."""
    text = _dates.written(first, last)
    return text if not text or pd.isna(basis) or basis == "printed" else f"{text} ({basis})"
