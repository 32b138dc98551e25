"""What to print for ids: the names of sides, channels, areas, persons and offices."""

from __future__ import annotations

from typing import Any

from relations.record._frames import Tables, collect, narrow
from relations.record._kept import fetched, kept

# The column of each table that holds its ids, and the one that holds what to print for them.
NAMED = {
    "sides": ("side", "name"),
    "mechanisms": ("mechanism", "name"),
    "areas": ("area", "label"),
    "people": ("person_id", "name"),
    "offices": ("office_id", "name"),
    "context": ("context_id", "title"),
}


class Names(dict[str, str]):
    """What to print for ids; pandas copies it with every step from a result that carries it."""

    def __copy__(self) -> Names:
        return Names(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Names:
        # Texts cannot change, so that a copy is as deep as can be; to copy each took a third
        # of a step's time.
        return Names(self)


def names(tables: Tables) -> Names:
    """Return the name of every id, and the id itself where the table has no name for it."""
    return listed(fetched(tables, NAMED))


@kept(*NAMED)
def listed(tables: Tables) -> Names:
    """Return the names from tables in memory."""
    found = Names()
    for table, (key, name) in NAMED.items():
        frame = collect(narrow(tables[table], f"names ({table})", [key, name]))
        found.update(zip(frame[key], frame[name].fillna(frame[key]), strict=True))
    return found
