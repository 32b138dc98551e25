"""The contacts of the standing channels, and the numbers that sources give them."""

from __future__ import annotations

import pandas as pd

from relations.measures._asking import one_per_occasion, refuse_repeats, require_numbers
from relations.record._dates import COARSENESS
from relations.record._frames import collect, narrow
from relations.record._text import refuse_unlisted
from relations.record.dataset import Dataset

# A signed document founds a channel or adds to it, and is no meeting of it.
DOCUMENT = "agreement"


def listed_channels(data: Dataset, metric: str) -> pd.DataFrame:
    """Return every channel with the kind it usually takes and the months that it is stated for."""
    columns = ["mechanism", "kind", "interval_months"]
    found = collect(narrow(data.mechanisms, f"{metric} (mechanisms)", columns))
    stated = found["interval_months"].notna()
    months = require_numbers(found[stated], ["interval_months"], f"{metric} (mechanisms)")
    found["interval_months"] = months["interval_months"].reindex(found.index)
    return found.rename(columns={"mechanism": "channel"})


def check_channel(data: Dataset, channel: str, metric: str) -> None:
    """Refuse a channel that is not listed, and name those near it."""
    refuse_unlisted("channel", [channel], listed_channels(data, metric)["channel"])


def given_numbers(data: Dataset, metric: str) -> pd.DataFrame:
    """Return the numbers that each side gives to contacts."""
    columns = ["event_id", "side", "edition"]
    found = collect(narrow(data.editions, f"{metric} (editions)", columns))
    return _whole_numbers(found, f"{metric} (editions)")


def listed_absences(data: Dataset, metric: str) -> pd.DataFrame:
    """Return the numbers of which the record says that they were looked for in vain."""
    columns = ["mechanism", "side", "edition"]
    found = collect(narrow(data.absences, f"{metric} (absences)", columns))
    found = _whole_numbers(found, f"{metric} (absences)")
    return found.rename(columns={"mechanism": "channel"})


def _whole_numbers(found: pd.DataFrame, metric: str) -> pd.DataFrame:
    found = require_numbers(found, ["edition"], metric)
    broken = found.loc[found["edition"] % 1 != 0, "edition"]
    if len(broken):
        raise ValueError(f"{metric}: edition {broken.iloc[0]} is no whole number: mend it")
    return found.astype({"edition": "int64"})


def contacts_of_channels(data: Dataset, metric: str) -> pd.DataFrame:
    """Return the contacts of channels by day, whatever became of them.

    Of one occasion that is in a channel several times one row is left: the whole, or else
    its first part. ``state`` is the status, ``day`` the day to reckon from, the middle of
    what is possible, and ``document`` whether it is a document in a channel of another form.
    """
    columns = ["event_id", "kind", "mechanism", "occasion", "status", "precision", "start", "end"]
    events = collect(narrow(data.events, f"{metric} (events)", columns))
    refuse_repeats(events, "event_id")
    own = events[events["mechanism"].notna()].rename(
        columns={"mechanism": "channel", "status": "state"}
    )
    form = listed_channels(data, metric).set_index("channel")["kind"]
    strange = sorted(set(own["channel"]) - set(form.index))
    if strange:
        raise ValueError(
            f"{metric}: events name channels that data.mechanisms does not list: "
            f"{', '.join(strange)}"
        )
    undated = own.loc[own[["start", "end"]].isna().any(axis=1), "event_id"]
    if len(undated):
        raise ValueError(f"{metric}: {undated.iloc[0]} has no start or end: fill or drop the row")
    vague = own[~own["precision"].isin(COARSENESS)]
    if len(vague):
        raise ValueError(
            f"{metric}: {vague['event_id'].iloc[0]} has the precision "
            f"{vague['precision'].iloc[0]!r}: use day, month or year"
        )
    own[["start", "end"]] = own[["start", "end"]].apply(lambda column: column.dt.normalize())
    middle = own["start"] + ((own["end"] - own["start"]) / 2).dt.floor("D")
    own["day"] = own["start"].where(own["precision"] == "day", middle)
    own["document"] = (own["kind"] == DOCUMENT) & (own["channel"].map(form) != DOCUMENT)
    own = own.sort_values(["day", "event_id"], ignore_index=True)
    own = own.rename(columns={"occasion": "_occasion"})
    return one_per_occasion(own, ["channel", "state"]).drop(columns="_occasion")
