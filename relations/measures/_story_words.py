"""What was said: both sides' positions, the steps of the hotlines, statements not read."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from relations.measures._asking import describe
from relations.record import _periods
from relations.record._frames import collect, narrow
from relations.record._types import MOMENT, TEXT
from relations.record.dataset import Dataset, check_dataset

# Ministers and above, who speak of lines that are not theirs, too.
HIGH = ("leader", "vice-chair", "minister")
WORDS = ["line", "step", "precision", "event_id", "words"]
# Whose line a text speaks of, the first that fits.
LINES = {
    "ministries": r"\bministr(?:y|ies)\b",
    "navies, theatre command": r"\bnav(?:y|ies|al)\b|\btheat(?:er|re)\b",
    "coast guards, fisheries": r"\bcoast guards?\b|\bfish",
    "border units": r"\bunits?\b|\bborder\b|\bpatrol\b|\bposts?\b",
}
UNSAID = "line not said"
STEPS = ("promised", "signed", "opened", "used", "named as standing")


def hotline_steps(data: Dataset) -> pd.DataFrame:
    """List what was promised, signed, opened and used of each hotline, by day.

    Parameters
    ----------
    data : Dataset
        Its tables ``pledges``, ``agreements``, ``area_mentions``, ``mechanisms`` and
        ``events`` are read.

    Returns
    -------
    pandas.DataFrame, one row per step
        ``line``: ministries, "navies, theatre command", "coast guards, fisheries" or "border
        units", by the words of the pledge or document, else, where no leader or minister was
        there to speak of any, of the contact's title; or "line not said". ``step``: promised
        (pledges), signed (documents with the hotline among their areas, leaders' statements
        and minutes left out), opened (the day a document came into force), used (contacts
        over a hotline's channel), "named as standing" (contacts at which words presuppose a
        line or say that it was used). ``day``, ``precision``, ``event_id``, ``words``.

    Examples
    --------
    >>> import relations as rel
    >>> steps = hotline_steps(rel.load())
    >>> steps.loc[steps["step"] == "used", "line"].tolist()
    ['ministries']
    """
    check_dataset(data, "hotline_steps")
    metric = "hotline_steps"
    own = ["event_id", "start", "precision", "title", "mechanism", "kind", "status"]
    events = collect(narrow(data.events, metric, own)).set_index("event_id", drop=False)
    events.index.name = None
    flat = data.whole._flat
    high = set(flat.loc[flat["tier"].isin(HIGH), "event_id"])
    rows: list[tuple[Any, ...]] = []

    def step(what: str, event: str, words: str, day: Any = None, precision: str = "day") -> None:
        found = events.loc[event]
        day, precision = (found["start"], found["precision"]) if day is None else (day, precision)
        line = _line(words, "" if event in high else found["title"])
        rows.append((line, what, day, precision, event, words or found["title"]))

    pledges = collect(narrow(data.pledges, metric, ["event_id", "area", "what"]))
    for pledge in pledges[pledges["area"] == "hotline"].itertuples():
        step("promised", pledge.event_id, pledge.what)
    columns = ["event_id", "form", "title", "areas", "signed", "in_force"]
    documents = collect(narrow(data.agreements, metric, columns))
    about = documents["areas"].fillna("").str.split(";").map(lambda areas: "hotline" in areas)
    # Statements and minutes touch on a line among other things; their promise says what.
    about &= ~documents["form"].isin(["joint_statement", "minutes"])
    for document in documents[about].itertuples():
        day = document.signed if pd.notna(document.signed) else None
        step("signed", document.event_id, document.title, day, _precision(events, document))
        if pd.notna(document.in_force):
            step("opened", document.event_id, document.title, document.in_force)
    used = events["mechanism"].fillna("").str.endswith("hotline") & (events["status"] == "held")
    names = {"mnd": "ministries", "theatre": "navies", "coast": "coast guards"}
    for call in events[used].itertuples():
        line = names.get(call.mechanism.split("_")[0], "")
        rows.append(
            (_line(line, call.title), "used", call.start, call.precision, call.event_id, call.title)
        )
    mentions = collect(narrow(data.area_mentions, metric, ["event_id", "area", "status"]))
    standing = mentions[
        (mentions["area"] == "hotline") & mentions["status"].isin(["done", "continuing"])
    ]
    for event in standing["event_id"].drop_duplicates():
        if not used.get(event, False):
            step("named as standing", event, "")
    table = pd.DataFrame(rows, columns=["line", "step", "day", *WORDS[2:]])
    # One opening, whatever number of documents led to it.
    opened = table["step"] == "opened"
    table = table[~(opened & table.duplicated(["line", "step", "day"]))]
    table["day"] = table["day"].astype(MOMENT)
    table = table.sort_values(["day", "step", "event_id"], kind="stable", ignore_index=True)
    return describe(table.astype(dict.fromkeys(WORDS, TEXT)), data, "steps")


def _line(words: str, title: str) -> str:
    for text in (words, title):
        for line, pattern in LINES.items():
            if re.search(pattern, text, re.IGNORECASE):
                return line
    return UNSAID


def _precision(events: pd.DataFrame, document: Any) -> str:
    """Return how well the signing is known: as the contact, where that is its day."""
    own = events.loc[document.event_id]
    return str(own["precision"]) if own["start"] == document.signed else "day"


def positions(data: Dataset, topic: str | None = None) -> pd.DataFrame:
    """List what each side said on one topic, by day.

    Parameters
    ----------
    data : Dataset
        Its table ``positions`` is read, with the days of contacts and of the context. Where
        contacts were chosen, their positions alone.
    topic : str, optional
        An area, or relationship, sovereignty, third parties, history; all if left out.

    Returns
    -------
    pandas.DataFrame, one row per position
        ``day`` on which the contact or the circumstance began, ``precision``, ``side``,
        ``speaker`` by name, empty where none is, ``topic``, ``basis``, ``position``,
        ``event_id`` or ``context_id``, ``occasion`` of it (its title), ``source_id``.

    Raises
    ------
    ValueError
        Where nobody speaks on the topic anywhere in the record.

    Examples
    --------
    >>> import relations as rel
    >>> said = positions(rel.load(), "maritime_dispute")
    >>> sorted(said["side"].unique())
    ['CN', 'VN', 'joint']
    """
    check_dataset(data, "positions")
    own = ["event_id", "context_id", "source_id", "side", "speaker", "topic", "basis", "position"]
    found = collect(narrow(data.positions, "positions", own))
    if topic is not None:
        known = collect(narrow(data.whole.positions, "positions", ["topic"]))["topic"]
        if topic not in set(known):
            raise ValueError(
                f"nobody speaks on topic={topic!r}; there are {', '.join(sorted(set(known)))}"
            )
        found = found[found["topic"] == topic]
    events = collect(
        narrow(data.whole.events, "positions", ["event_id", "start", "precision", "title"])
    )
    columns = ["context_id", "start", "start_latest", "title"]
    context = collect(narrow(data.whole.context, "positions", columns))
    context["precision"] = precision_of(context)
    context = context.drop(columns="start_latest").add_suffix("_context")
    found = found.merge(events, how="left", on="event_id")
    found = found.merge(context, how="left", left_on="context_id", right_on="context_id_context")
    for column in ("start", "precision", "title"):
        found[column] = found[column].fillna(found[f"{column}_context"])
    names = data.names
    found["speaker"] = found["speaker"].map(lambda who: names.get(who, who)).astype(TEXT)
    found = found.rename(columns={"start": "day", "title": "occasion"})
    columns = ["day", "precision", "side", "speaker", "topic", "basis", "position"]
    found = found[[*columns, "event_id", "context_id", "occasion", "source_id"]]
    found = found.sort_values(["day", "side"], kind="stable", ignore_index=True)
    labels = {} if topic is None else {"topic": topic}
    return describe(found, data, "positions", **labels)


def positions_by_year(data: Dataset, topic: str | None = None) -> pd.DataFrame:
    """Count the positions of each side on each topic by year.

    Parameters
    ----------
    data, topic
        As for `positions`.

    Returns
    -------
    pandas.DataFrame, one row per topic, side and year that the record covers
        ``topic``, ``side``, ``period``, ``count``; sides that are silent on a topic in a
        year, and years in which nobody speaks, have 0.

    Examples
    --------
    >>> import relations as rel
    >>> table = positions_by_year(rel.load(), "maritime_dispute")
    >>> int(table["count"].sum()) == len(positions(rel.load(), "maritime_dispute"))
    True
    """
    found = positions(data, topic)
    found["period"] = _periods.period_of(found["day"], "year")
    years = _periods.periods(*data.span, "year").union(found["period"].drop_duplicates())
    key = ["topic", "side", "period"]
    sides = [side for side in [*data.names, "joint"] if side in set(found["side"])]
    grid = pd.MultiIndex.from_product([sorted(set(found["topic"])), sides, years], names=key)
    table = found.groupby(key).size().reindex(grid, fill_value=0).rename("count").reset_index()
    table["period"] = table["period"].astype(MOMENT)
    return describe(table, data, "positions")


def unread_statements(data: Dataset) -> pd.DataFrame:
    """List the leaders' statements of which the record could not read the part on defence.

    Parameters
    ----------
    data : Dataset
        Its tables ``context``, ``events`` and ``area_mentions`` are read.

    Returns
    -------
    pandas.DataFrame, one row per statement, by day
        ``id`` of the circumstance whose title says so, or of a contact of kind statement whose
        note does, or at which no area is coded; ``start``, ``title``.

    Examples
    --------
    >>> import relations as rel
    >>> unread_statements(rel.load())["start"].dt.year.is_monotonic_increasing
    True
    """
    check_dataset(data, "unread_statements")
    context = collect(
        narrow(data.whole.context, "unread_statements", ["context_id", "start", "title"])
    )
    words = r"not readable|could not be read"
    context = context[context["title"].str.contains(words)].rename(columns={"context_id": "id"})
    columns = ["event_id", "start", "title", "kind", "note"]
    events = collect(narrow(data.whole.events, "unread_statements", columns))
    coded = collect(narrow(data.whole.area_mentions, "unread_statements", ["event_id"]))["event_id"]
    bare = ~events["event_id"].isin(coded) | events["note"].str.contains(words).fillna(False)
    bare = events[(events["kind"] == "statement") & bare].rename(columns={"event_id": "id"})
    table = pd.concat([context, bare], ignore_index=True)[["id", "start", "title"]]
    return describe(table.sort_values(["start", "id"], ignore_index=True), data, "statements")


def precision_of(context: pd.DataFrame) -> Any:
    """Say how well the start of each circumstance is known."""
    length = (context["start_latest"] - context["start"]).dt.days
    return np.select([length == 0, length < 31], ["day", "month"], "year")
