"""An answer set against what is right, and against what known mistakes would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from relations.record._frames import Frame, collect, narrow
from relations.record.dataset import Dataset

# Shares that students round to two places are right.
TOLERANCE = 0.006
# How many keys or faults a message names.
NAMED = 3

Values: TypeAlias = Mapping[Any, float]


@dataclass(frozen=True)
class Feedback:
    """What a check says of an answer: ``right``, and what is wrong with it in ``messages``.

    Examples
    --------
    >>> import relations as rel
    >>> print(rel.teaching.Feedback(False, ("start: not filled in yet",)))
    Not yet.
    - start: not filled in yet
    """

    right: bool
    messages: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """The first line."""
        return "Right." if self.right else "Not yet."

    def __str__(self) -> str:
        return "\n".join([self.verdict, *(f"- {message}" for message in self.messages)])

    def _repr_markdown_(self) -> str:
        items = [f"- {message}" for message in self.messages]
        return "\n".join([f"**{self.verdict}**", "", *items])


def in_pandas(frame: Frame, columns: Sequence[str], name: str) -> pd.DataFrame:
    """Return columns of a frame as pandas, whatever kind of frame it is."""
    return collect(narrow(frame, f"the check of an answer ({name})", columns))


def read(data: Dataset, table: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return columns of a table as pandas, whatever kind of frame the Dataset holds."""
    return in_pandas(getattr(data, table), columns, table)


def sides_of(data: Dataset) -> list[str]:
    """Return the codes of the sides, in the order of the table."""
    return read(data, "sides", ["side"])["side"].tolist()


def check_event(data: Dataset, event_id: str) -> None:
    """Refuse a question about a contact that is not there."""
    if event_id not in set(read(data, "events", ["event_id"])["event_id"]):
        raise ValueError(f"no contact {event_id!r} in data.events: look at its event_id")


def is_blank(value: Any) -> bool:
    """Whether nothing was filled in: no value, a text of spaces, a mapping without values."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Mapping):
        return all(is_blank(part) for part in value.values())
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def number_of(value: Any) -> float | None:
    """Return a value as a number; None where it is none."""
    if isinstance(value, (bool, np.bool_, str)) or not np.isscalar(value):
        return None
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def judge_number(
    name: str, answer: Any, right: float, traps: Sequence[tuple[float, str]]
) -> Feedback:
    """Judge a number: right, one that a known mistake gives, or another."""
    if is_blank(answer):
        return Feedback(False, (f"{name}: no answer yet; put a number in its place",))
    number = number_of(answer)
    if number is None:
        kind = type(answer).__name__
        shape = f"{kind} {answer!r}" if np.isscalar(answer) else kind
        return Feedback(False, (f"{name}: {shape} is no number; give one",))
    if number == right:
        return Feedback(True)
    for value, why in traps:
        if number == value:
            return Feedback(False, (f"{name}: {number:g} {why}",))
    way = "more" if number > right else "fewer"
    return Feedback(False, (f"{name}: {number:g} is {way} than the record holds",))


def judge_values(
    name: str,
    answer: Any,
    right: Callable[[], Values],
    traps: Sequence[tuple[Callable[[], Values], str]],
    rule_for_keys: str = "",
) -> Feedback:
    """Judge values by their keys: whole against known mistakes, then one by one.

    What is right, and what mistakes give, is worked out once an answer is there. Where the
    keys belong to the answer, ``rule_for_keys`` is told in place of those that are lacking.
    """
    if is_blank(answer):
        return Feedback(False, (f"{name}: no answer yet",))
    if not isinstance(answer, (Mapping, pd.Series)):
        kind = type(answer).__name__
        return Feedback(False, (f"{name}: a {kind} has no keys; give a Series or a dict",))
    if isinstance(answer, pd.Series) and answer.index.has_duplicates:
        key = answer.index[answer.index.duplicated()][0]
        return Feedback(False, (f"{name}: {key} stands more than once",))
    given = {key: value for key, value in dict(answer).items() if not is_blank(value)}
    if not given:
        return Feedback(False, (f"{name}: no answer yet",))
    values = {key: number_of(value) for key, value in given.items()}
    no_numbers = [
        f"{key}: {given[key]!r} is no number" for key, value in values.items() if value is None
    ]
    if no_numbers:
        return Feedback(False, tuple(no_numbers[:NAMED]))
    numbers = {key: value for key, value in values.items() if value is not None}
    expected = right()
    if _same(numbers, expected):
        return Feedback(True)
    for mistaken, why in traps:
        trap = mistaken()
        if not _same(trap, expected) and _same(numbers, trap):
            return Feedback(False, (f"{name}: {why}",))
    messages = []
    lacking = [key for key in expected if key not in numbers]
    strange = [key for key in numbers if key not in expected]
    differ = [key for key in numbers if key in expected and not _near(numbers[key], expected[key])]
    if lacking:
        which = f"{len(lacking)} more; {rule_for_keys}" if rule_for_keys else first_few(lacking)
        messages.append(f"{name}: no value for {which}")
    if strange:
        why = f"; {rule_for_keys}" if rule_for_keys else ""
        messages.append(f"{name}: {first_few(strange)} should have no value{why}")
    if differ:
        messages.append(
            f"{name}: not what the record gives: "
            + first_few([f"{key} ({given[key]})" for key in differ])
        )
    return Feedback(False, tuple(messages))


def first_few(keys: Sequence[Any]) -> str:
    """Name the first keys, and say how many more there are."""
    more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
    return ", ".join(str(key) for key in keys[:NAMED]) + more


def _near(one: float, other: float) -> bool:
    return abs(float(one) - float(other)) <= TOLERANCE


def _same(one: Values, other: Values) -> bool:
    return set(one) == set(other) and all(_near(one[key], other[key]) for key in one)
