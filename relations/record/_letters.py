"""Characters that a cell should not hold: unseen ones, look-alikes, and wrongly decoded text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

# Characters that take no room or only look like a space, those that turn the direction of
# writing among them, and those that every font draws as it likes. Line breaks inside a cell are
# the reader's matter.
UNSEEN = re.compile(
    "[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd"
    "\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ue000-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001345f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
UNNAMED = {"Cc": "a control character", "Co": "a character for private use", "Cn": "no character"}
REMEDIES = {"Zs": "write a space", "Co": "write the letter of the source"}
LOST = re.compile("\ufffd")
# No word in Icelandic or Faroese begins with eth; in Vietnamese it stands in for d with stroke.
ETH = re.compile(r"(?<!\w)[\u00d0\u00f0](?=\w)")
D_WITH_STROKE = {"\u00d0": "\u0110", "\u00f0": "\u0111"}
# What the bytes 0x80 to 0x9f show as when Windows takes them for letters of its own.
_WINDOWS = {bytes([byte]).decode("cp1252", "ignore"): byte for byte in range(0x80, 0xA0)}
_WINDOWS.pop("", None)
_FURTHER = "\u0080-\u00bf" + "".join(map(re.escape, _WINDOWS))
MISREAD = re.compile(
    f"[\u00c2-\u00c6][{_FURTHER}]|[\u00e1-\u00e9][{_FURTHER}]{{2}}|[\u00f0][{_FURTHER}]{{3}}"
)
# These follow a letter in sound text too: quotation marks, dashes, an ellipsis.
_STOPS = frozenset("\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u2039\u203a\u00ab\u00bb")


class Fault(NamedTuple):
    """A place in a cell that cannot be right, by the rule that it breaks, with the remedy."""

    rule: str
    remedy: str


def faults(cell: str) -> Iterator[Fault]:
    r"""Yield what is wrong with the characters of a cell, one fault of a kind.

    Examples
    --------
    >>> from relations.record._letters import faults
    >>> [fault.remedy for fault in faults("Ha\u200bnoi")]
    ["character 3, after 'Ha', is U+200B ZERO WIDTH SPACE: take it away"]
    >>> list(faults("Đặng Văn Đồng, “Điện Biên”"))
    []
    """
    # Nearly every cell is plain, and looking at each in four ways would double a check.
    if cell.isascii() and cell.isprintable():
        return
    for found in MISREAD.finditer(cell):
        meant = _decoded(found[0])
        ends_a_word = cell[: found.start()][-1:].isalpha() and not cell[found.end() :][:1].isalpha()
        if meant and not (ends_a_word and _STOPS.issuperset(found[0][1:])):
            yield Fault(
                "misread-letters",
                f"{_place(cell, found.start())}, stands {found[0]!r} for {meant!r}: the text was "
                "UTF-8 and was read as something else; open the original as UTF-8",
            )
            return
    if lost := LOST.search(cell):
        yield Fault(
            "lost-letter",
            f"{_place(cell, lost.start())}, is U+FFFD, which stands for a letter that was lost: "
            "write the letter of the source",
        )
    if unseen := UNSEEN.search(cell):
        name = unicodedata.name(unseen[0], UNNAMED.get(unicodedata.category(unseen[0]), ""))
        remedy = REMEDIES.get(unicodedata.category(unseen[0]), "take it away")
        yield Fault(
            "unseen-character",
            f"{_place(cell, unseen.start())}, is U+{ord(unseen[0]):04X} {name}: {remedy}",
        )
    if eth := ETH.search(cell):
        yield Fault(
            "look-alike",
            f"{_place(cell, eth.start())}, is U+{ord(eth[0]):04X}, the Icelandic eth: write "
            f"{D_WITH_STROKE[eth[0]]} (U+{ord(D_WITH_STROKE[eth[0]]):04X})",
        )


def _place(cell: str, index: int) -> str:
    """Say where in a cell a character stands, by what is read before it."""
    before = "".join(character for character in cell[:index] if character.isprintable())
    return f"character {index + 1}" + (f", after {before[-12:]!r}" if before else "")


def _decoded(text: str) -> str:
    """Return the letters whose UTF-8 was read as Windows-1252 or Latin-1; "" where none."""
    try:
        raw = bytes(_WINDOWS.get(character, ord(character)) for character in text)
        letters = raw.decode("utf-8")
    except ValueError:
        return ""
    return letters if letters.isprintable() else ""
