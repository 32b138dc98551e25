"""Which contacts are parts of others, and the occasion that they make together."""

from __future__ import annotations

import pandas as pd

from relations.record._frames import Frame, Tables, collect, column_names, narrow
from relations.record._kept import in_memory, kept
from relations.record._types import TEXT

NEEDED = ["event_id", "parent_id", "occasion"]


def occasions(event_ids: pd.Series, parent_ids: pd.Series) -> pd.Series:
    """Return the occasion of each contact: the contact itself, or what it is a part of.

    A part may itself have parts; the occasion is the outermost contact that is there.
    """
    parent = dict(zip(event_ids, parent_ids, strict=True))
    parent = {event: of for event, of in parent.items() if not pd.isna(of)}

    def outermost(event: str) -> str:
        passed = {event}
        while (above := parent.get(event)) is not None and above not in passed:
            passed.add(above)
            event = above
        return event

    return pd.Series([outermost(event) for event in event_ids], event_ids.index, dtype=TEXT)


def refuse_other_parents(events: Frame) -> None:
    """Refuse contacts whose parent was changed and whose occasion was not.

    The table has no column ``occasion``: it is worked out where the table is loaded.
    """
    if not (in_memory(events) and set(NEEDED) <= set(column_names(events))):
        return
    if found := _astray({"events": events}):
        event, parent, occasion = found[0]
        stated = "no parent_id" if pd.isna(parent) else f"the parent_id {parent}"
        raise ValueError(
            f"events: {event} has {stated}, and the occasion {occasion}: the two do not go "
            "together; change occasion too, or the table, and load it again"
        )


@kept("events")
def _astray(tables: Tables) -> list[tuple[str, object, str]]:
    events = collect(narrow(tables["events"], "occasions", NEEDED))
    outermost = occasions(events["event_id"], events["parent_id"])
    # Of a part whose whole is not there nobody knows what that is a part of.
    known = outermost.isin(events["event_id"])
    wrong = events[known & (outermost != events["occasion"])]
    return list(wrong[NEEDED].itertuples(index=False, name=None))
