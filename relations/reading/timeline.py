"""Contacts and circumstances in one line of time."""

from __future__ import annotations

import pandas as pd

from relations.record._frames import collect, narrow
from relations.record.dataset import Dataset, check_dataset


def timeline(data: Dataset, *, context: bool = True) -> pd.DataFrame:
    """List the contacts chosen and what happened around them, in order of time.

    Parameters
    ----------
    data : Dataset
    context : bool
        Whether to list the circumstances of ``data.context`` that fall into the span.

    Returns
    -------
    pandas.DataFrame, one row per contact or circumstance
        ``start``, ``end`` first and last possible day; ``what`` "contact", "part" or
        "context"; ``title``; ``tier`` and ``kind`` of a contact; ``reported_by``, the sides
        whose own outlets report it; ``id``, the event_id or context_id.

    Examples
    --------
    >>> import relations as rel
    >>> summer = rel.timeline(rel.load().where(since="2014-05", until="2014-10"))
    >>> summer["what"].value_counts().to_dict()["contact"]
    4
    """
    check_dataset(data, "timeline")
    contacts = data.contacts
    part = contacts["occasion"] != contacts["event_id"]
    rows = contacts.assign(what=part.map({True: "part", False: "contact"}), id=contacts["event_id"])
    columns = ["start", "end", "what", "title", "tier", "kind", "reported_by", "id"]
    pieces = [rows[columns].astype({"tier": "str", "kind": "str"})]
    if context:
        needed = ["context_id", "start", "start_latest", "end_latest", "title"]
        around = collect(narrow(data.context, "timeline (context)", needed))
        around["end"] = around["end_latest"].fillna(around["start_latest"])
        since, until = data.span
        around = around[(around["end"] >= since) & (around["start"] <= until)]
        around = around.assign(what="context").rename(columns={"context_id": "id"})
        pieces.append(around.reindex(columns=columns))
    found = pd.concat(pieces).sort_values(["start", "what", "id"], ignore_index=True)
    found.attrs = data.about("contacts")
    return found
