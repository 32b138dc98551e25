"""Two versions of the tables: which rows differ, and which results move with them."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from relations.measures import _intervals, areas, coverage, exchanges, pledges, trajectory
from relations.record._package import SHIPPED, Table, field_names, read_tables, schema
from relations.record.dataset import Dataset
from relations.record.loading import load

# A result, and the ends of its 95% interval where it has one.
Result = tuple[float, float, float]
NO_RESULT: Result = (math.nan, math.nan, math.nan)


@dataclass(frozen=True, repr=False, kw_only=True)
class Comparison:
    """What became of the tables from one version to another; `compare` makes it.

    ``old`` and ``new`` name the versions, with their checksums. ``tables`` has one row per
    table: ``table``, ``old`` and ``new`` rows, and of them ``added``, ``removed``,
    ``changed``. ``rows`` has one row per row added or removed and per cell changed: ``table``;
    ``event_id`` of the contact that the row belongs to, if any; ``key``, its parts joined by
    " + "; ``change`` (added, removed, changed); and of a cell its ``column`` and its text,
    ``old`` and ``new``. ``headlines`` has one row per result: ``headline``, ``unit``; ``old``,
    ``old_low``, ``old_high`` and the same of ``new``, with 95% intervals where there are any;
    ``moved``; ``note``, why a number is empty. In a notebook it shows as `to_markdown` has it.
    """

    old: str
    new: str
    tables: pd.DataFrame
    rows: pd.DataFrame
    headlines: pd.DataFrame

    @property
    def contacts(self) -> pd.DataFrame:
        """One row per contact that differs: ``event_id``, ``change``, ``what`` of it changed.

        A contact is changed where a column of its own is, or a row of another table that
        belongs to it; ``what`` names those columns and, after "rows of", those tables.
        """
        own = self.rows["table"] == "events"
        whole = self.rows[own & (self.rows["change"] != "changed")]
        found = whole[["event_id", "change"]].assign(what="")
        cells = self.rows[self.rows["event_id"].ne("") & ~self.rows["event_id"].isin(whole["key"])]
        changed = []
        for event, group in cells.groupby("event_id"):
            of_it = group["table"] == "events"
            columns, others = group.loc[of_it, "column"], group.loc[~of_it, "table"].unique()
            what = [", ".join(columns)] * bool(len(columns))
            what += ["rows of " + ", ".join(others)] * bool(len(others))
            changed.append({"event_id": event, "change": "changed", "what": "; ".join(what)})
        changed_ones = pd.DataFrame(changed, columns=list(found))
        return pd.concat([found, changed_ones]).sort_values("event_id", ignore_index=True)

    def to_markdown(self) -> str:
        """Write the results that move, the contacts and the rows that differ, in Markdown.

        Examples
        --------
        >>> import relations as rel
        >>> from relations.record._package import SHIPPED
        >>> print(rel.compare(SHIPPED).to_markdown().splitlines()[2])
        No result moves and no row differs.
        """
        parts = [f"# From {_plain(self.old)} to {_plain(self.new)}"]
        moved = self.headlines[self.headlines["moved"]]
        if moved.empty and self.rows.empty:
            return "\n\n".join([*parts, "No result moves and no row differs."]) + "\n"
        parts += ["## Results", _results(self.headlines)]
        parts += ["## Contacts", self.contacts_to_markdown(), "## Rows"]
        differ = self.tables[self.tables[["added", "removed", "changed"]].any(axis=1)]
        parts.append(_table(list(differ), differ.itertuples(index=False)))
        cells = self.rows.loc[
            self.rows["change"] == "changed", ["table", "key", "column", "old", "new"]
        ]
        if len(cells):
            listed = _table(list(cells), cells.itertuples(index=False))
            parts.append(_folded(f"Cells changed: {len(cells)}", listed))
        return "\n\n".join(parts) + "\n"

    def contacts_to_markdown(self) -> str:
        """Write the contacts added, by year, changed and withdrawn, as the changelog has them."""
        ids = dict(list(self.contacts.groupby("change")))
        parts = []
        if "added" in ids:
            by_year = ids["added"].groupby(ids["added"]["event_id"].str[:4])["event_id"]
            lines = [f"- {year}: " + _names(events) for year, events in by_year]
            parts.append(_folded(f"Contacts added: {len(ids['added'])}", "\n".join(lines)))
        if "changed" in ids:
            changed = ids["changed"]
            lines = [f"- `{event}`: {what}" for event, _, what in changed.itertuples(index=False)]
            parts.append(_folded(f"Contacts changed: {len(changed)}", "\n".join(lines)))
        if "removed" in ids:
            removed = ids["removed"]["event_id"]
            parts.append(f"Contacts withdrawn: {len(removed)}\n\n- " + _names(removed))
        return "\n\n".join(parts) or "No contact differs."

    def __repr__(self) -> str:
        counts = self.tables[["added", "removed", "changed"]].sum()
        rows = ", ".join(f"{number} {change}" for change, number in counts.items())
        moved = ", ".join(self.headlines.loc[self.headlines["moved"], "headline"])
        return f"From {self.old} to {self.new}\n  rows: {rows}\n  moved: {moved or 'no result'}"

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def compare(old: str | Path, new: str | Path | None = None) -> Comparison:
    """Compare two folders of tables: rows added, removed and changed, and results that move.

    Parameters
    ----------
    old, new : path
        Each holds tables and ``datapackage.json``; the shipped data if ``new`` is left out.
        A table or column that the old folder lacks, because it came later, is empty there.

    Returns
    -------
    Comparison
        Its frames ``tables``, ``rows``, ``contacts`` and ``headlines``, and ``to_markdown()``.

    Raises
    ------
    DataError
        Where either folder breaks a rule: what `load` refuses cannot be compared either.

    Notes
    -----
    Rows are matched by the key of their table, and cells compared as text. A row whose key
    changed is one removed and one added. The headline results are of everything that the
    tables hold, each by the measure named, as this version of the library computes it for
    both folders: what moves, moves by the data.

    - years covered, occasions held and their rate per year (`exchanges.rates`);
    - contacts held, parts among them, and the share of them in a standing channel;
    - the share of them that originals of both sides name (`coverage.lists`);
    - areas named, once per contact and side (`cooperation_area_counts`);
    - the share found of the occasions estimated (`coverage.undercount`);
    - the rate of the last five years covered whole, and by how much steps lie behind the best
      description of the yearly counts (`trajectory.descriptions`);
    - the share kept of the pledges whose outcome is known (`pledges.outcomes`);
    - alpha for kind and for areas (`coverage.agreement`).

    A result that its measure refuses to give is empty, and ``note`` has the measure's words.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.record._package import SHIPPED
    >>> same = rel.compare(SHIPPED)
    >>> len(same.rows), same.headlines["moved"].any().item()
    (0, False)
    """
    folders = [Path(old), SHIPPED if new is None else Path(new)]
    before, after = (load(folder) for folder in folders)
    texts = [read_tables(folder)[0] for folder in folders]
    names = schema()
    rows = [row for name in names for row in _differences(*(each[name] for each in texts))]
    columns = ["table", "event_id", "key", "change", "column", "old", "new"]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    counts = frame.drop_duplicates(["table", "key"]).groupby(["table", "change"]).size()
    tables = [
        {"table": name}
        | {which: len(each[name].rows) for which, each in zip(("old", "new"), texts, strict=True)}
        | {change: counts.get((name, change), 0) for change in ("added", "removed", "changed")}
        for name in names
    ]
    return Comparison(
        old=_label(before),
        new=_label(after),
        tables=pd.DataFrame(tables),
        rows=frame,
        headlines=_headlines(before, after),
    )


def _label(data: Dataset) -> str:
    return f"{data.version} (sha256 {data.checksum[:16]})"


def _differences(old: Table, new: Table) -> Iterator[tuple[str, ...]]:
    """List the rows of one table that stand in one version alone, and the cells that changed."""
    keys = schema()[old.name]["schema"]["primaryKey"]
    before, after = (
        {tuple(row[part] for part in keys): row for row in each.rows} for each in (old, new)
    )
    columns = dict.fromkeys([*field_names(old.name), *old.unknown, *new.unknown])
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        place = old.name, (now or was or {}).get("event_id", ""), " + ".join(key)
        if was is None or now is None:
            yield *place, "added" if was is None else "removed", "", "", ""
            continue
        for column in columns:
            cells = was.get(column, ""), now.get(column, "")
            if cells[0] != cells[1]:
                yield *place, "changed", column, *cells


def _bare(value: float) -> Result:
    return float(value), math.nan, math.nan


def _of(row: pd.Series, value: str, low: str = "low", high: str = "high") -> Result:
    return float(row[value]), float(row[low]), float(row[high])


class _Measured:
    """What the results are read from, each measured once."""

    def __init__(self, data: Dataset):
        self.data = data

    @cached_property
    def pooled(self) -> pd.Series:
        return exchanges.rates(self.data).iloc[0]

    @cached_property
    def agreement(self) -> pd.DataFrame:
        return coverage.agreement(self.data).set_index("field")


def _held(of: _Measured) -> Result:
    return _bare((of.data.events["status"] == "held").sum())


def _in_channel(of: _Measured) -> Result:
    channel = of.data.events.loc[of.data.events["status"] == "held", "mechanism"].notna()
    return float(channel.mean()), *_intervals.wilson(int(channel.sum()), len(channel))


def _areas(of: _Measured) -> Result:
    counts = areas.cooperation_area_counts(of.data, by="side", count="contacts")
    return _bare(counts["count"].sum())


def _both(of: _Measured) -> Result:
    both = coverage.lists(of.data)["reported_by"] == "both"
    return float(both.mean()), *_intervals.wilson(int(both.sum()), len(both))


def _found(of: _Measured) -> Result:
    found = coverage.undercount(of.data).iloc[0]
    if not found["bounded"]:
        raise ValueError("no occasion is on both lists, so nothing bounds how many took place")
    return _of(found, "share_found", "share_low", "share_high")


def _behind(of: _Measured) -> Result:
    described = trajectory.descriptions(of.data, refits=0).set_index("description")
    return _bare(described.loc["steps", "difference"])


def _recent(of: _Measured) -> Result:
    yearly = exchanges.exchange_frequency(of.data)
    whole = yearly.loc[~yearly["partial"], "period"].tail(5)
    if whole.empty:
        raise ValueError("no year is covered whole")
    last = of.data.where(since=whole.iloc[0], until=whole.iloc[-1].year)
    return _of(exchanges.rates(last).iloc[0], "rate")


def _kept(of: _Measured) -> Result:
    kept = pledges.outcomes(of.data).iloc[0]
    if not kept["known"]:
        raise ValueError("the outcome of no pledge is known")
    return _of(kept, "share")


def _alpha(field: str) -> Callable[[_Measured], Result]:
    def reckon(of: _Measured) -> Result:
        if field not in set(of.data.second_coding["field"]):
            raise ValueError(f"no report has its {field} coded twice")
        found = of.agreement.loc[field]
        if pd.isna(found["alpha"]):
            raise ValueError(str(found["note"]))
        return _of(found, "alpha")

    return reckon


HEADLINES: dict[str, tuple[str, Callable[[_Measured], Result]]] = {
    "years covered": ("years", lambda of: _bare(of.pooled["exposure"])),
    "contacts held": ("contacts", _held),
    "in a standing channel": ("share of contacts", _in_channel),
    "occasions held": ("occasions", lambda of: _bare(of.pooled["count"])),
    "rate of occasions": ("occasions per year", lambda of: _of(of.pooled, "rate")),
    "named by both sides": ("share of contacts", _both),
    "found": ("share of the occasions estimated", _found),
    "areas named": ("areas of contacts", _areas),
    "rate of the last five whole years": ("occasions per year", _recent),
    "steps behind the best description": ("criterion", _behind),
    "pledges kept": ("share of the pledges known", _kept),
    "agreement on kind": ("alpha", _alpha("kind")),
    "agreement on areas": ("alpha", _alpha("areas")),
}


def _headlines(old: Dataset, new: Dataset) -> pd.DataFrame:
    rows = []
    both = (("old", _Measured(old)), ("new", _Measured(new)))
    for headline, (unit, reckon) in HEADLINES.items():
        row: dict[str, object] = {"headline": headline, "unit": unit}
        values, notes = [], []
        for which, measured in both:
            try:
                found = reckon(measured)
            except ValueError as refusal:
                found = NO_RESULT
                notes.append(f"{which}: {refusal}")
            row |= dict(zip((which, f"{which}_low", f"{which}_high"), found, strict=True))
            values.append(found[0])
        row["moved"] = not np.isclose(values[0], values[1], rtol=1e-9, atol=0, equal_nan=True)
        rows.append(row | {"note": "; ".join(notes)})
    return pd.DataFrame(rows)


def _results(headlines: pd.DataFrame) -> str:
    shown = [
        (
            f"**{row.headline}**" if row.moved else row.headline,
            row.unit,
            _number(row.old, row.old_low, row.old_high),
            _number(row.new, row.new_low, row.new_high),
            row.note,
        )
        for row in headlines.itertuples(index=False)
    ]
    page = _table(["result", "unit", "old", "new", "note"], shown)
    return page + "\n\nIn bold: results that move. In brackets: 95% intervals."


def _number(value: float, low: float, high: float) -> str:
    if math.isnan(value):
        return ""
    if math.isnan(low):
        return f"{value:g}"
    return f"{value:.3g} ({low:.3g} to {high:.3g})"


def _plain(cell: object) -> str:
    """Return text that Markdown shows as it stands, within a table too."""
    return html.escape(str(cell), quote=False).replace("|", "\\|").replace("`", "&#96;")


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    columns = list(columns)
    lines = [columns, ["---"] * len(columns), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _folded(summary: str, page: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n\n{page}\n\n</details>"


def _names(events: Iterable[str]) -> str:
    return ", ".join(f"`{event}`" for event in events)
