"""Which contacts are parts of others, and the occasion that they make together."""

from __future__ import annotations

import pandas as pd

from relations.record._types import TEXT


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
