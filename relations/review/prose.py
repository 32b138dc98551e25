"""Numbers and conclusions in the text of a notebook, held to the data they come from.

In a Markdown cell a number is followed by a comment that computes it, and a sentence whose
wording rests on data by one that has to hold::

    Occasions rose from 1.4<!-- {early:.1f} --> to 41.9<!-- {late:.1f} --> a year.
    Ministers met no more often than before.<!-- holds: low < 1 < high -->
    Thayer counts 12<!-- given: Thayer 2011 --> visits.

The comments are evaluated in the kernel after the cells above. A number without one is a
fault, unless it is a date, an address, a citation or code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
# A number as prose writes it: 1,042; 0.5; −3; 84%; 3rd is an ordinal and no number.
NUMBER = r"[+−-]?\d+(?:,\d{3})*(?:\.\d+)?(?:\u2009?%)?"
LAST_NUMBER = re.compile(NUMBER + r"$")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
YEAR = r"(?:1[89]|20)\d\d"
# What may hold digits and rests on no data of this record.
PASSED_OVER = re.compile(
    "|".join(
        [
            r"```.*?```",
            r"`[^`]*`",
            r"\$[^$]*\$",
            r"\]\([^)]*\)",
            r"<https?://[^>]*>",
            r"https?://\S+",
            r"doi:?\s?10\.\S+",
            r"^\s*\d+\.\s",
            r"^#+ [^\n]*",
            r"\[\^?[\w-]*\d[\w-]*\]:?",
            rf"\b\d{{1,2}}(?:[–-]\d{{1,2}})? (?:{MONTHS})(?: {YEAR})?",
            rf"(?:{MONTHS}) \d{{1,2}}\b(?:[–-]\d{{1,2}}\b)?(?:, {YEAR})?",
            r"\d{4}-\d\d(?:-\d\d)?",
            rf"{YEAR}s?(?:[–/-](?:{YEAR}|\d\d))?s?\b",
            # A name: HD-981, 3+3, 5G, Z9.
            r"[A-Za-z]+[-‑]?\d[\w-]*",
            r"\d+\+\d+",
            r"\b\d+(?:st|nd|rd|th)\b",
            # The level of an interval is a convention.
            r"95%",
        ]
    ),
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Claim:
    """One comment: what it computes or asks to hold, and the words that it stands behind."""

    kind: str
    text: str
    expression: str
    sentence: str
    start: int
    end: int


@dataclass(frozen=True)
class Fault:
    """What is wrong with a sentence: the words as committed, and what the data say."""

    sentence: str
    why: str
    committed: str = ""
    computed: str = ""

    def __str__(self) -> str:
        return f"“{self.sentence}”: {self.why}"


def claims_in(source: str) -> list[Claim]:
    """List the comments of a Markdown cell that compute, hold or cite."""
    found = []
    for comment in COMMENT.finditer(source):
        body = " ".join(comment[1].split())
        kind, expression = _kind(body)
        if not kind:
            continue
        before = source[: comment.start()]
        number = LAST_NUMBER.search(before)
        text = number[0] if number and kind != "holds" else ""
        start = comment.start() - len(text)
        sentence = sentence_around(source, comment.start())
        found.append(Claim(kind, text, expression, sentence, start, comment.start()))
    return found


def _kind(body: str) -> tuple[str, str]:
    if body.startswith("{"):
        return "number", body
    for kind in ("holds", "given"):
        if body.startswith(f"{kind}:"):
            return kind, body.removeprefix(f"{kind}:").strip()
    return "", body


def sentence_around(source: str, place: int) -> str:
    """Return the sentence that a place of the text stands in, without comments and marks."""
    # Comments keep their length, so that places stay what they are.
    plain = COMMENT.sub(lambda match: "\0" * len(match[0]), source)
    begin = max(
        (match.end() for match in re.finditer(r"(?:[.!?]\0*\s)|\n\s*\n|\n[-|#*>]", plain[:place])),
        default=0,
    )
    # A comment may stand behind the full stop of the sentence that it holds.
    rest = re.search(r"[.!?](?=\0*(?:\s|$))|\n\s*\n", plain[place:])
    after = place + rest.end() if rest else len(plain)
    end = place if re.search(r"[.!?]\0*$", plain[begin:place]) else after
    return " ".join(plain[begin:end].replace("\0", "").replace("**", "").split())


def numbers_without_comment(source: str) -> list[Fault]:
    """List the numbers of a Markdown cell that nothing computes and no rule passes over."""
    claimed = {claim.start for claim in claims_in(source)}
    blanked = COMMENT.sub(lambda match: " " * len(match[0]), source)
    blanked = PASSED_OVER.sub(lambda match: re.sub(r"\S", " ", match[0]), blanked)
    return [
        Fault(
            sentence_around(source, number.start()),
            f"{number[0]} rests on nothing: write {number[0]}<!-- {{expression:.1f}} --> after "
            "what computes it, or <!-- given: source -->",
            number[0],
        )
        for number in re.finditer(NUMBER, blanked)
        if number.start() not in claimed
    ]


def expressions_of(claims: Iterable[Claim]) -> dict[str, str]:
    """Return what a kernel has to evaluate, by the place of the claim."""
    return {
        str(place): (f"f{claim.expression!r}" if claim.kind == "number" else claim.expression)
        for place, claim in enumerate(claims)
        if claim.kind != "given"
    }


def judge(claims: list[Claim], answers: Mapping[str, Any]) -> list[Fault]:
    """Hold claims against the answers of a kernel to their expressions."""
    faults = []
    for place, claim in enumerate(claims):
        if claim.kind == "given":
            if not claim.text or not claim.expression:
                faults.append(Fault(claim.sentence, "“given” stands after a number, with a source"))
            continue
        answer = answers.get(str(place), {"status": "error", "ename": "no answer", "evalue": ""})
        if answer["status"] != "ok":
            error = f"{answer['ename']}: {answer['evalue']}"
            faults.append(Fault(claim.sentence, f"{claim.expression} cannot be computed: {error}"))
            continue
        value = answer["data"]["text/plain"]
        if claim.kind == "holds":
            if value not in ("True", "np.True_"):
                why = f"does not hold: {claim.expression} is {value}"
                faults.append(Fault(claim.sentence, why))
            continue
        computed = str(ast.literal_eval(value))
        if not LAST_NUMBER.fullmatch(computed):
            why = f"{claim.expression} gives {computed!r}, which is no number: use holds"
            faults.append(Fault(claim.sentence, why))
        elif claim.text != computed:
            committed = claim.text or "no number"
            why = f"{committed} is now {computed} ({claim.expression})"
            faults.append(Fault(claim.sentence, why, claim.text, computed))
    return faults


def renewed(source: str, claims: list[Claim], answers: Mapping[str, Any]) -> str:
    """Return the text with its numbers as now computed, and not a word changed."""
    for place, claim in reversed(list(enumerate(claims))):
        answer = answers.get(str(place), {"status": "error"})
        if claim.kind == "number" and claim.text and answer["status"] == "ok":
            computed = str(ast.literal_eval(answer["data"]["text/plain"]))
            if LAST_NUMBER.fullmatch(computed):
                source = source[: claim.start] + computed + source[claim.end :]
    return source
