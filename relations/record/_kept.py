"""What was worked out from tables, kept for as long as these hold what they held.

Frames are their owners', who may change them at any time; so what is kept is compared with
them value by value, which is soon done beside working it out again.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any, TypeVar

import narwhals.stable.v2 as nw
import pandas as pd

from relations.record._frames import Frame, Tables

Result = TypeVar("Result")
MOST = 4
# Of what is larger than this only the last is kept, not to hold memory that its owner gave back.
MANY = 100_000


def kept(*names: str) -> Callable[[Callable[[Tables], Result]], Callable[[Tables], Result]]:
    """Keep the last results of a function of tables, which is given the tables named.

    Of frames that are fetched anew with every question (DuckDB, Spark) nothing is kept: what
    they read may change unseen.
    """

    def keeping(work: Callable[[Tables], Result]) -> Callable[[Tables], Result]:
        found: list[tuple[Tables, Result]] = []

        @functools.wraps(work)
        def recalled(tables: Tables) -> Result:
            read = {name: tables[name] for name in names}
            if not all(in_memory(frame) for frame in read.values()):
                return work(read)
            for before, result in found:
                if all(_holds(read[name], before[name]) for name in names):
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


def copies(tables: Tables) -> dict[str, Frame]:
    """Return frames of one's own; values are shared until somebody changes them."""
    return {name: _copy(frame) if in_memory(frame) else frame for name, frame in tables.items()}


def changed(tables: Tables, before: Tables) -> list[str]:
    """Return the names of tables that do not hold what they held; more columns are no change."""
    return [name for name, frame in before.items() if not _holds(tables[name], frame)]


def _copy(frame: Frame) -> Frame:
    if isinstance(frame, pd.DataFrame):
        return frame.copy(deep=False)
    return nw.from_native(frame, eager_only=True).clone().to_native()


def _holds(frame: Any, before: Any) -> bool:
    if frame is before or not in_memory(before):
        return True
    if type(frame) is not type(before):
        return False
    if frame.equals(before):
        return True
    own = list(before.columns)
    return set(own) < set(frame.columns) and bool(frame[own].equals(before))


def _rows(tables: Tables) -> int:
    return sum(len(frame) for frame in tables.values())
