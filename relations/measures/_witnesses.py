"""Who reports an occasion: three lists, of the outlets of each side and of neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from relations.measures._asking import LISTED, ask, contacts_of, root_of
from relations.record._frames import collect
from relations.record._witnesses import originals, two_sides
from relations.record.dataset import Dataset

LISTS = ["first", "second", "third"]


def occasions_on_lists(data: Dataset, metric: str, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return one row per occasion: ``start``, ``by``, and on which of the lists it stands."""
    if several := sorted(LISTED.intersection(by)):
        raise ValueError(
            f"{metric}: by={several[0]!r}: a contact may have several, and occasions are counted "
            "once here: choose the contacts of one with where"
        )
    list_of = dict(zip(two_sides(data, metric), LISTS, strict=False))
    question = ask(data, metric, ["event_id", "start", "precision"], by, taken=LISTS)
    found = contacts_of(replace(question, by=[]))
    root = root_of(question.frame.collect_schema().names())
    assert root is not None  # event_id is asked for
    of = collect(question.frame.select("event_id", root.alias("occasion")))
    of = of.set_index("event_id")["occasion"]
    reports = originals(data, metric)
    said = pd.DataFrame(
        {
            "list": reports["side"].map(list_of).fillna(LISTS[2]),
            "occasion": reports["event_id"].map(of),
        }
    )
    occasion = found["event_id"].map(of)
    on = {name: occasion.isin(said.loc[said["list"] == name, "occasion"]) for name in LISTS}
    return found.assign(**on)


def list_names(data: Dataset, metric: str) -> dict[str, str]:
    """Return whose list each of the three is."""
    return dict(zip(LISTS, [*two_sides(data, metric), "neither"], strict=True))
