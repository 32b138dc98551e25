"""Text as people type it: without tone marks, in any case, with near misses named."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from typing import Any

# Letters that no decomposition takes apart: đ, and ð, which stands for it in old fonts.
PLAIN = str.maketrans({"đ": "d", "ð": "d"})


def fold(text: str) -> str:
    """Return text as a search compares it: Điện Biên as dien bien."""
    marked = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in marked if not unicodedata.combining(letter)).translate(
        PLAIN
    )


def near(value: object, known: Iterable[object]) -> list[str]:
    """Return the known values that may be meant, the nearest first; all where they are few."""
    names = {fold(str(each)): str(each) for each in known}
    close = difflib.get_close_matches(fold(str(value)), list(names), n=5, cutoff=0.5)
    inside = [name for name in names if len(str(value)) > 2 and fold(str(value)) in name]
    found = [names[name] for name in dict.fromkeys([*close, *inside])][:8]
    return found or (sorted(names.values()) if len(names) <= 15 else [])


def unknown_value_error(name: str, value: object, known: Iterable[object]) -> ValueError:
    """Return the error that a value asked for stands nowhere, with the near ones."""
    meant = near(value, known)
    advice = f"near are {', '.join(meant)}" if meant else "nothing is near it"
    return ValueError(f"{name}={value!r} stands nowhere in the record; {advice}")


def refuse_unlisted(name: str, values: Iterable[Any], known: Iterable[Any]) -> None:
    """Refuse values asked for that stand nowhere, with near ones."""
    known = list(known)
    for value in values:
        if value not in known:
            raise unknown_value_error(name, value, known)


def as_list(given: Any) -> list[Any]:
    """Return what was given as a list, whether one thing or several; a text is one."""
    return list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
