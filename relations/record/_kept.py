"""What was worked out from tables, kept for as long as these hold what they held.

Frames are their owners', who may change them at any time; so what is kept is compared with
them value by value, which is soon done beside working it out again.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import narwhals.stable.v2 as nw
import pandas as pd

from relations.record._frames import Frame, Tables, collect, column_names, narrow

Result = TypeVar("Result")
MOST = 4
# Of what is larger than this only the last is kept, not to hold memory that its owner gave back.
MANY = 100_000


def kept(*names: str) -> Callable[[Callable[[Tables], Result]], Callable[[Tables], Result]]:
    """Keep the last results of a function of tables, which is given the tables named.

    Of frames that are fetched anew with every question (DuckDB, Spark) nothing is kept: what
    they read may change unseen. `fetched` brings them into memory first.
    """

    def keeping(work: Callable[[Tables], Result]) -> Callable[[Tables], Result]:
        found: list[tuple[Tables, Result]] = []

        @functools.wraps(work)
        def recalled(tables: Tables) -> Result:
            read = {name: tables[name] for name in names}
            if not all(in_memory(frame) for frame in read.values()):
                return work(read)
            for before, result in found:
                if all(_equal(read[name], before[name]) for name in names):
                    return copy.copy(result)
            before = copies(read)
            result = work(before)
            small = [each for each in found if _rows(each[0]) <= MANY]
            found[:] = [(before, result), *small[: MOST - 1]]
            return copy.copy(result)

        return recalled

    return keeping


def in_memory(frame: Frame) -> bool:
    """Say whether a frame holds its values, or fetches them with every question."""
    return isinstance(frame, pd.DataFrame) or isinstance(nw.from_native(frame), nw.DataFrame)


def fetched(tables: Tables, columns: Mapping[str, Iterable[str]]) -> dict[str, Frame]:
    """Return the tables in memory: of frames that fetch their values, the columns named.

    For results that have a row for each of theirs, so that they take no more memory.
    """
    found = {}
    for name, wanted in columns.items():
        frame = tables[name]
        if not in_memory(frame):
            there = [column for column in column_names(frame) if column in set(wanted)]
            frame = collect(narrow(frame, name, there))
        found[name] = frame
    return found


def copies(tables: Tables) -> dict[str, Frame]:
    """Return frames of one's own, which share no values with those that are in memory."""
    return {name: copied(frame) for name, frame in tables.items()}


def copied(frame: Frame) -> Frame:
    """Return a frame of one's own; what fetches its values holds none to share."""
    if isinstance(frame, pd.DataFrame):
        # Copy-on-write would do, but for values that are set in the arrays themselves.
        return frame.copy()
    if not in_memory(frame):
        return frame
    return nw.from_native(frame, eager_only=True).clone().to_native()


def changed(tables: Tables, before: Tables) -> list[str]:
    """Return the names of tables whose rows are not what they were.

    Rows may stand in another order, columns be added, left out or held in another type.
    """
    return [
        name
        for name, frame in before.items()
        if not (_equal(tables[name], frame) or _same_rows(tables[name], frame))
    ]


def _equal(frame: Any, before: Any) -> bool:
    """Say whether two frames are the same, value for value and type for type."""
    if frame is before:
        return True
    if type(frame) is not type(before) or not in_memory(before):
        return False
    if not frame.equals(before):
        return False
    # To Polars 1 and 1.0 are equal.
    return isinstance(frame, pd.DataFrame) or bool(
        nw.from_native(frame, eager_only=True).schema
        == nw.from_native(before, eager_only=True).schema
    )


def _same_rows(frame: Any, before: Any) -> bool:
    if not (in_memory(frame) and in_memory(before)):
        return False
    both = [column for column in column_names(before) if column in column_names(frame)]
    rows = [collect(narrow(each, "rows", both)) for each in (frame, before)]
    found, known = (sorted(map(repr, each.itertuples(index=False, name=None))) for each in rows)
    return found == known


def _rows(tables: Tables) -> int:
    return sum(len(frame) for frame in tables.values())
