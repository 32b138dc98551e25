"""Checks of levels: of ranks by a crosswalk, of persons on the day, of heads side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from relations.measures._head_gaps import SCALES
from relations.measures.ranks import gaps_of_heads, heads
from relations.record.dataset import Dataset, check_dataset
from relations.record.levels import CROSSWALKS
from relations.teaching._answers import (
    Feedback,
    Values,
    check_event,
    in_pandas,
    judge_values,
    read,
    sides_of,
)

Trap = tuple[Callable[[], Values], str]


def check_crosswalk(answer: Any, data: Dataset, ranks: Sequence[str], crosswalk: str) -> Feedback:
    """Check the levels at which one crosswalk places ranks.

    Parameters
    ----------
    answer : Series or mapping of rank_id to level
        Nothing, for a rank that the crosswalk leaves empty.
    data : Dataset
        ``ranks`` is read.
    ranks : sequence of str
        The ``rank_id`` of each rank asked for.
    crosswalk : {"place", "cognate"}

    Returns
    -------
    Feedback

    Raises
    ------
    ValueError
        Where a rank is not in the table, or the crosswalk is unknown.

    Examples
    --------
    >>> import relations as rel
    >>> asked = ["vn-dai-tuong", "cn-shangjiang"]
    >>> levels = {"vn-dai-tuong": 10, "cn-shangjiang": 9}
    >>> rel.teaching.check_crosswalk(levels, rel.load(), asked, "place").messages
    ('levels: these are the levels of the other crosswalk, by cognate',)
    """
    check_dataset(data, "check_crosswalk")
    if crosswalk not in CROSSWALKS:
        raise ValueError(f"crosswalk={crosswalk!r}: use one of {', '.join(CROSSWALKS)}")
    columns = [f"level_by_{name}" for name in CROSSWALKS]
    book = read(data, "ranks", ["rank_id", *columns]).set_index("rank_id")
    strange = [rank for rank in ranks if rank not in book.index]
    if strange:
        raise ValueError(f"no rank {strange[0]!r} in data.ranks: look at its rank_id")

    def levels_by(name: str) -> Values:
        return book.loc[list(ranks), f"level_by_{name}"].dropna().astype("int64").to_dict()

    traps: list[Trap] = [
        (partial(levels_by, other), f"these are the levels of the other crosswalk, by {other}")
        for other in CROSSWALKS
        if other != crosswalk
    ]
    return judge_values("levels", answer, partial(levels_by, crosswalk), traps)


def check_levels(answer: Any, data: Dataset, event_id: str, scale: str = "office") -> Feedback:
    """Check the levels, on the day, of those who led the delegations to a contact.

    Parameters
    ----------
    answer : Series or mapping of person_id to level
    data : Dataset
        The tables that `relations.rank_levels` reads.
    event_id : str
    scale : {"office", "place", "cognate"}
        Level of office, or of rank by one of the crosswalks.

    Returns
    -------
    Feedback
        Right are the heads of `relations.ranks.heads` whose level is known.

    Raises
    ------
    ValueError
        Where the contact is not in the record, or the scale is unknown.

    Examples
    --------
    >>> import relations as rel
    >>> event = "2024-04-11-border-exchange-8"
    >>> levels = {"phan-van-giang": 9, "dong-jun": 9}
    >>> rel.teaching.check_levels(levels, rel.load(), event).messages
    ('levels: these are levels of rank by place, not of office',)
    """
    check_dataset(data, "check_levels")
    check_event(data, event_id)
    _check_scale(scale)
    right = partial(_levels_on_the_day, data, event_id, scale)
    names = {"office": "office", "place": "rank by place", "cognate": "rank by cognate"}
    traps: list[Trap] = [
        (
            partial(_levels_on_the_day, data, event_id, other),
            f"these are levels of {names[other]}, not of {names[scale]}",
        )
        for other in SCALES
        if other != scale
    ]
    traps.append(
        (
            lambda: _latest_levels(data, list(right()), scale),
            "a level is that of the latest office or rank, not that held on the day of the contact",
        )
    )
    rule = "heads and hosts are asked for (participants.role) whose level is dated"
    return judge_values("levels", answer, right, traps, rule)


def check_head_gaps(answer: Any, data: Dataset, scale: str = "office") -> Feedback:
    """Check by how many steps the heads of the two delegations stand apart, by occasion.

    Parameters
    ----------
    answer : Series or mapping of event_id to steps
        First side of ``data.sides`` less second; occasions where a level is unknown have
        no row.
    data : Dataset
        The tables that `relations.rank_levels` reads. ``data.where(since=2021)`` asks for
        the occasions since then alone.
    scale : {"office", "place", "cognate"}

    Returns
    -------
    Feedback
        Right is `relations.ranks.gaps_of_heads`.

    Raises
    ------
    ValueError
        As `relations.ranks.gaps_of_heads`.

    Examples
    --------
    >>> import relations as rel
    >>> rel.teaching.check_head_gaps(None, rel.load(), "office").messages
    ('steps: no answer yet',)
    """
    check_dataset(data, "check_head_gaps")
    _check_scale(scale)

    def steps(scale: str, count: str = "occasions", unknown: int | None = None) -> Values:
        gaps = gaps_of_heads(data, scale, count=count).set_index("event_id")["difference"]
        gaps = gaps if unknown is None else gaps.fillna(unknown)
        return gaps.dropna().astype("int64").to_dict()

    first, second = sides_of(data)
    traps: list[Trap] = [
        (
            lambda: {event: -step for event, step in steps(scale).items()},
            f"the sign is turned: {first} less {second} is asked for",
        ),
        *(
            (partial(steps, other), f"these are steps by {other}, not by {scale}")
            for other in SCALES
            if other != scale
        ),
        (
            partial(steps, scale, count="contacts"),
            "parts of an occasion are counted beside it (events.parent_id)",
        ),
        (
            partial(steps, scale, unknown=0),
            "an unknown level is taken for equality; leave such occasions out",
        ),
    ]
    return judge_values("steps", answer, partial(steps, scale), traps)


def _check_scale(scale: str) -> None:
    if scale not in SCALES:
        raise ValueError(f"scale={scale!r}: use one of {', '.join(SCALES)}")


def _levels_on_the_day(data: Dataset, event_id: str, scale: str) -> Values:
    column = "office_level" if scale == "office" else "rank_level"
    found = heads(data, "place" if scale == "office" else scale)
    known = in_pandas(found, ["event_id", "person_id", column], "heads")
    known = known[known["event_id"] == event_id].dropna(subset=[column])
    return known.set_index("person_id")[column].astype("int64").to_dict()


def _latest_levels(data: Dataset, people: Sequence[str], scale: str) -> Values:
    if scale == "office":
        terms = read(data, "appointments", ["person_id", "office_id", "since"])
        column = "office_level"
        rows = terms.merge(read(data, "offices", ["office_id", column]), on="office_id")
    else:
        received = read(data, "promotions", ["person_id", "rank_id", "since"])
        column = f"level_by_{scale}"
        rows = received.merge(read(data, "ranks", ["rank_id", column]), on="rank_id")
    rows = rows[rows["person_id"].isin(people)].dropna(subset=[column]).sort_values("since")
    return rows.groupby("person_id")[column].last().astype("int64").to_dict()
