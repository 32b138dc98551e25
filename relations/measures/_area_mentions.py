"""Which areas were named at which contact or occasion, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from relations.measures._asking import (
    ROOTS,
    Asked,
    By,
    Question,
    Status,
    ask,
    contacts_of,
    one_per_occasion,
    placed,
    root_of,
)
from relations.record._frames import collect, column_names, narrow
from relations.record._periods import check_every, period_of
from relations.record.dataset import Dataset

# What a contact is counted as: the column of `named_areas` that holds it.
UNITS = {"occasions": "occasion", "contacts": "event_id"}


def ask_mentions(
    asked: Asked,
    metric: str,
    columns: Iterable[str],
    by: By = (),
    *,
    count: str = "occasions",
    status: Status = None,
    taken: Iterable[str] = (),
) -> Question:
    """Narrow the mentions to ``event_id``, ``area`` and the columns asked for."""
    bare = not isinstance(asked, Dataset)
    if bare and status is not None:
        raise ValueError(
            f"{metric}: status={status!r} is of contacts, and mentions alone do not have it: "
            "pass the Dataset"
        )
    return ask(
        asked, metric, ["event_id", "area", *columns], by, table="area_mentions", count=count,
        status=status, taken=[*taken, "occasion", "start", "latest", "precision"],
        optional=ROOTS if bare else (),
    )  # fmt: skip


def named_areas(
    question: Question, columns: Sequence[str] = (), *, every: str | None = None
) -> pd.DataFrame:
    """Return the areas that contacts name, once each, with the day that counts for them.

    ``event_id`` is the contact and ``occasion`` what it is a part of. Of a Dataset only
    contacts with the status asked for are left; ``start`` and ``latest`` bound the day on
    which the contact may have begun, or its occasion where these are counted, and ``period``
    is the one of ``every`` in which that is. ``columns`` of mentions may not be empty.
    """
    metric, data = question.metric, question.data
    if every is not None:
        check_every(every)
    mentions = collect(question.frame.unique())
    own = column_names(question.like)
    refuse_empty(mentions, ["event_id", "area", *(each for each in columns if each in own)], metric)
    if data is None:
        root = root_of(question.frame.collect_schema().names())
        frame = question.frame
        if root is not None:
            frame = frame.with_columns(root.alias("occasion"))
        found = collect(frame.unique())
        return found.drop(columns="parent_id", errors="ignore")
    contacts = _contacts_counted(data, question)
    known = collect(narrow(data.events, f"{metric} (events)", ["event_id"]))["event_id"]
    lost = mentions.loc[~mentions["event_id"].isin(known), "event_id"]
    if len(lost):
        raise ValueError(
            f"{metric}: {lost.nunique()} event_id of area_mentions are not among the events, such "
            f"as {lost.min()!r}: drop these mentions, or add the events"
        )
    unit = UNITS[question.count]
    days = one_per_occasion(contacts.assign(_occasion=contacts[unit]))
    days = days.set_index("_occasion")[["start", "latest", "precision"]]
    found = mentions.merge(contacts[["event_id", "occasion"]], on="event_id")
    found = found.join(days, on=unit)
    if every is not None:
        placed(found.sort_values("event_id").drop_duplicates("event_id"), every)
        found["period"] = period_of(found["start"], every)
    return found


def _contacts_counted(data: Dataset, question: Question) -> pd.DataFrame:
    """Return the contacts with the status asked for, each with its occasion."""
    dates = ["event_id", "start", "end", "precision"]
    of_events = ask(data, question.metric, dates, count="contacts", status=question.status)
    contacts = contacts_of(replace(of_events, count="contacts"), dates=("start", "end"))
    # A contact begins no later than it ends, however coarse the date is.
    contacts["latest"] = contacts["latest"].clip(upper=contacts["end"].dt.normalize())
    return contacts


def one_of_each(found: pd.DataFrame, unit: str, key: list[str]) -> pd.DataFrame:
    """Return one contact for each unit and value of ``key``: the whole before its parts."""
    ordered = found.assign(_occasion=found[unit]).sort_values("event_id", ignore_index=True)
    return one_per_occasion(ordered, key)


def refuse_empty(mentions: pd.DataFrame, columns: Iterable[str], metric: str) -> None:
    """Joins and groups would lose rows with an empty cell, and nobody see it."""
    for column in columns:
        if mentions[column].isna().any():
            raise empty_cells_error(column, metric)


def empty_cells_error(column: str, metric: str) -> ValueError:
    """Return the error that cells are empty where each is needed."""
    return ValueError(f"{metric}: cells of {column} are empty: fill them, or drop the rows")
