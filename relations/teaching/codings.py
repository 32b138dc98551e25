"""Codings of a class: written so that they can be compared, and how far they agree."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from relations.measures import coverage
from relations.record._frames import Frame, collect, narrow
from relations.record._package import vocabulary
from relations.record.dataset import Dataset, check_dataset
from relations.teaching._answers import Feedback, read

FIELDS = ("kind", "status", "areas")
KEY = ["coder", "source_id"]


def check_codings(codings: pd.DataFrame, data: Dataset) -> Feedback:
    """Check that the codings of a class are written as they have to be compared.

    Parameters
    ----------
    codings : pandas.DataFrame, one row per coder and report
        ``coder``, ``source_id`` and at least one of ``kind``, ``status`` and ``areas`` (with
        ``;`` between areas).
    data : Dataset
        ``sources`` and ``areas`` are read.

    Returns
    -------
    Feedback
        A message for each value that cannot be compared, by coder, report and column. What
        was coded is not judged: two codings are compared, neither is the truth.

    Examples
    --------
    >>> import pandas as pd
    >>> import relations as rel
    >>> codings = pd.DataFrame(columns=["coder", "source_id", "kind"])
    >>> print(rel.teaching.check_codings(codings, rel.load()))
    Not yet.
    - no codings yet: paste the rows of at least two coders
    """
    check_dataset(data, "check_codings")
    lacking = [column for column in KEY if column not in codings]
    fields = [field for field in FIELDS if field in codings]
    if lacking or not fields:
        needed = ", ".join(lacking) or f"one of {', '.join(FIELDS)}"
        return Feedback(False, (f"the column {needed} is missing; the header has to name it",))
    if codings.empty:
        return Feedback(False, ("no codings yet: paste the rows of at least two coders",))
    values = codings[[*KEY, *fields]].astype("object")
    values = values.where(values.notna(), "").astype("str").apply(lambda column: column.str.strip())
    allowed = {
        "kind": set(vocabulary("events", "kind")),
        "status": set(vocabulary("events", "status")),
        "areas": set(read(data, "areas", ["area"])["area"]),
    }
    pages = set(read(data, "sources", ["source_id"])["source_id"])
    messages = []
    for row, twice in zip(values.to_dict("records"), values.duplicated(KEY), strict=True):
        who = f"{row['coder'] or 'a row without a coder'}, {row['source_id']}"
        if not row["coder"]:
            messages.append(f"{who}: coder is empty")
        if row["source_id"] not in pages:
            messages.append(f"{who}: source_id {row['source_id']!r} is not in data.sources")
        if twice:
            messages.append(f"{who}: coded twice by one coder; keep one row")
        for field in fields:
            messages += [f"{who}: {fault}" for fault in _faults(field, row[field], allowed[field])]
    if values["coder"].nunique() < 2:
        messages.append("one coder alone: agreement needs two")
    return Feedback(not messages, tuple(messages))


def _faults(field: str, cell: str, allowed: set[str]) -> list[str]:
    """Say what cannot be compared in a cell; a report may name no area."""
    if field != "areas" and not cell:
        return [f"{field} is empty"]
    words = [word.strip() for word in (cell.split(";") if field == "areas" else [cell])]
    return [
        f"{field} {word!r} is not one of the codebook's"
        for word in words
        if word and word not in allowed
    ]


def agreement(codings: Frame, against: str, *, seed: int = 0) -> pd.DataFrame:
    """Compare each coder of a class with one of them, field by field.

    Parameters
    ----------
    codings : frame
        As for `check_codings`.
    against : str
        The coder with whom the others are compared: a neighbour, or the coding of the record.
    seed : int
        Of the draws behind the intervals.

    Returns
    -------
    pandas.DataFrame, one row per other coder and field
        ``coder``, and the columns of `relations.coverage.agreement`. Reports that only one
        of the two coded are left out. No rows where there are no codings yet.

    Raises
    ------
    ValueError
        Where a column is missing or ``against`` is no coder.

    Examples
    --------
    >>> import relations as rel
    >>> asked = ["vna-call-vinh-fan", "vna-army-training"]
    >>> codings = rel.teaching.as_codings(rel.load().second_coding, asked)
    >>> found = rel.teaching.agreement(codings, against="first")
    >>> found[["coder", "field", "reports", "alpha"]].head(1)
        coder field  reports  alpha
    0  second  kind        2    1.0
    """
    values = collect(narrow(codings, "agreement", KEY, FIELDS))
    fields = [field for field in FIELDS if field in values]
    coders = list(dict.fromkeys(values["coder"]))
    if coders and against not in coders:
        raise ValueError(f"against={against!r} is no coder; they are {', '.join(map(str, coders))}")
    long = values.melt(KEY, fields, "field", "value")
    one = long[long["coder"] == against].drop(columns="coder")
    tables = []
    for coder in coders:
        other = long[long["coder"] == coder].drop(columns="coder")
        both = one.merge(other, on=["source_id", "field"]).rename(
            columns={"value_x": "first", "value_y": "second"}
        )
        if coder != against and len(both):
            # A report is compared as a whole, whatever contact it was found for.
            table = coverage.agreement(both.assign(event_id=""), seed=seed)
            table.insert(0, "coder", coder)
            tables.append(table)
    if not tables:
        columns = ["coder", "field", "reports", "units", "agree", "alpha", "low", "high", "note"]
        return pd.DataFrame(columns=columns)
    return pd.concat(tables, ignore_index=True)


def as_codings(second_coding: Frame, sources: Sequence[str]) -> pd.DataFrame:
    """Write the two codings of the record as those of two coders, "first" and "second".

    Parameters
    ----------
    second_coding : frame, as ``data.second_coding``
    sources : sequence of str
        The ``source_id`` of each report asked for.

    Returns
    -------
    pandas.DataFrame, one row per coder and report
        ``coder``, ``source_id``, ``kind``, ``status``, ``areas``; what a coding left empty is
        the empty text.

    Raises
    ------
    ValueError
        Where a column is missing, a report was not coded twice, or it was for two contacts.

    Examples
    --------
    >>> import relations as rel
    >>> codings = rel.teaching.as_codings(rel.load().second_coding, ["vna-call-vinh-fan"])
    >>> codings[["coder", "kind"]].to_numpy().tolist()
    [['first', 'meeting'], ['second', 'meeting']]
    """
    needed = ["event_id", "source_id", "field", "first", "second"]
    frame = collect(narrow(second_coding, "as_codings", needed))
    frame = frame[frame["field"].isin(FIELDS) & frame["source_id"].isin(sources)]
    lacking = [source for source in sources if source not in set(frame["source_id"])]
    if lacking:
        raise ValueError(f"{lacking[0]} was not coded twice: look in data.second_coding")
    twice = frame.loc[frame.duplicated(["source_id", "field"]), "source_id"]
    if len(twice):
        raise ValueError(f"{twice.iloc[0]} is coded for two contacts: take another report")
    long = frame.melt(["source_id", "field"], ["first", "second"], "coder", "value")
    long["value"] = long["value"].astype("object").where(long["value"].notna(), "")
    wide = long.pivot_table("value", KEY, "field", aggfunc="first")
    wide.columns.name = None
    return wide.reindex(columns=list(FIELDS)).reset_index()
