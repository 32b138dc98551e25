"""Whose reports tell of a contact: originals, two sides, and the contacts that count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import pandas as pd

from relations.record._frames import collect, narrow
from relations.record.choice import statuses

if TYPE_CHECKING:
    from relations.record.dataset import Dataset


def table(data: Dataset, metric: str, name: str, columns: Iterable[str]) -> pd.DataFrame:
    """Fetch columns of one table."""
    return collect(narrow(getattr(data, name), f"{metric} ({name})", columns))


def chosen(
    data: Dataset, metric: str, columns: Iterable[str], status: str | Iterable[str] | None = None
) -> pd.DataFrame:
    """Fetch columns of the contacts with the status chosen, those held where none was."""
    events = narrow(data.events, f"{metric} (events)", [*columns, "status"])
    wanted = statuses(data.events, status, data.status, metric)
    return collect(events.filter(nw.col("status").is_in(wanted)).select(*columns))


def two_sides(data: Dataset, metric: str) -> list[str]:
    """Return the sides in the order of their table, of which there have to be two."""
    sides = table(data, metric, "sides", ["side"])["side"].tolist()
    if len(sides) != 2:
        raise ValueError(f"{metric} compares two sides; the table sides holds {', '.join(sides)}")
    return sides


def originals(data: Dataset, metric: str, columns: Iterable[str] = ()) -> pd.DataFrame:
    """Return the reports in originals: a copy or translation is no second witness."""
    reports = table(data, metric, "reports", ["event_id", "source_id", *columns])
    sources = table(
        data, metric, "sources", ["source_id", "side", "outlet", "language", "reprint_of"]
    )
    unknown = sorted(set(reports["source_id"]) - set(sources["source_id"]))
    if unknown:
        raise ValueError(f"{metric}: reports name sources that are not listed: {unknown}")
    return reports.merge(sources[sources["reprint_of"].isna()], on="source_id")
