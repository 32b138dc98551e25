"""When each pledge was made and kept, as far as the dates of its contacts say."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from relations.measures._asking import ask, refuse_repeats
from relations.record._frames import collect, narrow
from relations.record._periods import latest_start
from relations.record.dataset import Dataset

OUTCOMES = ("kept", "open", "lapsed", "unknown")


def pledges_made(data: Dataset, metric: str, by: Sequence[str]) -> pd.DataFrame:
    """Collect the pledges, each with the contact at which it was made."""
    own = [column for column in by if column != "year"]
    columns = ["pledge_id", "event_id", "outcome", "kept_by", "area"]
    question = ask(data, metric, columns, own, table="pledges")
    pledges = collect(question.frame)
    refuse_repeats(pledges, "pledge_id", own)
    pledges = pledges.sort_values("pledge_id", ignore_index=True)
    strange = pledges[~pledges["outcome"].isin(OUTCOMES)]
    if len(strange):
        raise ValueError(
            f"{metric}: {strange['pledge_id'].iloc[0]} has the outcome "
            f"{strange['outcome'].iloc[0]!r}: use one of {', '.join(OUTCOMES)}"
        )
    # What kept a pledge may have been left out of the choice, and has kept it all the same.
    needed = ["event_id", "start", "end", "precision"]
    events = collect(narrow(data.whole.events, f"{metric} (events)", needed))
    refuse_repeats(events, "event_id")
    events["known"] = events["precision"] == "day"
    # A contact that lasts several days begins on the first of them; one known only to the
    # month or year may have begun on any.
    latest = latest_start(events["start"], events["precision"])
    events["start_latest"] = latest.clip(upper=events["end"])
    events = events.set_index("event_id")
    for prefix, key in (("made", "event_id"), ("done", "kept_by")):
        for column in ("start", "start_latest", "known"):
            pledges[f"{prefix}_{column}"] = pledges[key].map(events[column])
    for prefix, lost in (
        ("made", pledges["made_start"].isna()),
        ("done", pledges["done_start"].isna() & (pledges["outcome"] == "kept")),
    ):
        if lost.any():
            key = "event_id" if prefix == "made" else "kept_by"
            row = pledges[lost].iloc[0]
            raise ValueError(
                f"{metric}: {key} of {row['pledge_id']} is "
                f"{'empty' if pd.isna(row[key]) else row[key]}; a "
                f"{'kept ' * (key == 'kept_by')}pledge names an event that has a start"
            )
    pledges["year"] = pledges["made_start"].dt.year.astype("int64")
    return pledges


def imprecise(pledges: pd.DataFrame) -> pd.Series:
    """Say of which pledges a date that counts is known less than to the day."""
    kept = pledges["outcome"] == "kept"
    return ~pledges["made_known"].eq(True) | (kept & ~pledges["done_known"].eq(True))


def durations(data: Dataset, metric: str, by: Sequence[str]) -> pd.DataFrame:
    """Return each pledge with its days until it was kept or the record ends.

    They are reckoned in three ways, from what dates allow: ``middle``, ``shortest``,
    ``longest``.
    """
    pledges = pledges_made(data, metric, by)
    end = data.whole.span[1]
    kept = pledges["outcome"] == "kept"
    pledges["kept"] = kept
    pledges["imprecise"] = imprecise(pledges)
    first, last = pledges["made_start"], pledges["made_start_latest"]
    until = pledges["done_start"].where(kept, end)
    until_latest = pledges["done_start_latest"].where(kept, end)
    beyond = kept & (until > end)
    if beyond.any():
        raise ValueError(
            f"{metric}: {pledges.loc[beyond, 'pledge_id'].iloc[0]} was kept after "
            f"{end:%Y-%m-%d}, where the span ends: widen the span in datapackage.json or leave "
            "the pledge open"
        )
    before = until_latest < first
    if before.any():
        raise ValueError(
            f"{metric}: {pledges.loc[before, 'pledge_id'].iloc[0]} was kept, or the span ended, "
            "before it was made: look at the dates of both events"
        )
    shortest = (until - last).dt.days.clip(lower=0)
    longest = (until_latest.clip(upper=end) - first).dt.days.clip(lower=0)
    made, done = first + (last - first) / 2, until + (until_latest - until) / 2
    middle = (done - made).dt.days.clip(shortest, longest)
    return pledges.assign(
        shortest=shortest.astype("int64"),
        longest=longest.astype("int64"),
        middle=middle.astype("int64"),
    )
