"""What became of re-executed notebooks: every cell, figure and sentence that differs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from relations.review.execution import Execution
from relations.review.saving import VIEW

# Pictures depend on fonts and on the build of the drawing library, down to the byte. What
# they show is compared through their words and the checksum of their values.
PICTURE = "image/png"
NOT_COMPARED = (PICTURE, "image/jpeg", VIEW)
SHOWN = ("alt", "values")
# What a result says of the tables it rests on, and not of what it found.
OF_THE_TABLES = re.compile(r"(?<=\d)\+(?:changed|unpublished)\b|(?<=sha256[ :])[0-9a-f]{16,64}\b")
LONGEST = 24


@dataclass(frozen=True)
class Difference:
    """A cell whose outputs differ; ``moved`` unless only version or checksum do."""

    cell: int
    heading: str
    source: str
    difference: str
    moved: bool


@dataclass(frozen=True)
class Picture:
    """A figure: whether it is the committed one to the byte, and whether what it shows is.

    What it shows are the words and the checksum that figures of this package bring with them;
    None where the picture is another and has none of them to compare.
    """

    cell: int
    heading: str
    identical: bool
    shows_the_same: bool | None


@dataclass
class Outcome:
    """What became of one notebook: cells are counted from 1, text cells too."""

    name: str
    new: bool = False
    edited: bool = False
    seconds: float = 0.0
    differences: list[Difference] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    sentences: list[tuple[int, str]] = field(default_factory=list)
    failed_in: int | None = None
    error: str = ""

    @property
    def same(self) -> bool:
        """Whether it ran, all outputs are the committed ones, and the text is borne out."""
        return not (self.differences or self.sentences or self.error)

    @property
    def moved(self) -> list[Difference]:
        """The cells whose results differ, and not only the version or checksum they name."""
        return [each for each in self.differences if each.moved]

    @property
    def verdict(self) -> str:
        """What became of it, in a few words."""
        if self.error:
            return f"failed in cell {self.failed_in}" if self.failed_in else "failed"
        said = []
        if self.differences:
            said.append(f"different in {in_cells(each.cell for each in self.differences)}")
            if not self.moved:
                said[0] += " (version or checksum alone)"
        if self.sentences:
            said.append(f"text not borne out in {in_cells(cell for cell, _ in self.sentences)}")
        found = "; ".join(said) or ("new" if self.new else "same")
        return f"{found} (edited since the commit)" if self.edited else found


def in_cells(cells: Iterable[int]) -> str:
    """Name cells by their numbers, each once.

    Examples
    --------
    >>> from relations.review.verdict import in_cells
    >>> in_cells([3]), in_cells([3, 5, 5])
    ('cell 3', 'cells 3, 5')
    """
    numbers = sorted(set(cells))
    return ("cell " if len(numbers) == 1 else "cells ") + ", ".join(map(str, numbers))


def judge(
    name: str, reference: Any, execution: Execution, *, new: bool = False, renewed: bool = False
) -> Outcome:
    """Compare what a notebook gave with what is committed of it.

    Parameters
    ----------
    name : str
        What the outcome is to be called.
    reference : notebook
        With the committed outputs. Cells are matched by their ids, or by their order where
        these differ; a cell that the reference lacks has no committed output.
    execution : Execution
    new : bool
        Nothing is committed of it, so that nothing is compared.
    renewed : bool
        Numbers in its text are being renewed, so that only conclusions can be at fault.
    """
    after = execution.notebook
    outcome = Outcome(
        name,
        new=new,
        seconds=execution.seconds,
        failed_in=execution.failed_in,
        error=execution.error,
    )
    outcome.sentences = [
        (place + 1, str(fault))
        for place, faults in execution.faults.items()
        for fault in faults
        if not (renewed and fault.computed)
    ]
    if new:
        return outcome
    outcome.edited = _sources(reference) != _sources(after)
    committed = _matched(reference, after)
    headings = _headings(after)
    for place, cell in enumerate(after.cells):
        if cell.cell_type != "code" or execution.failed_in == place + 1:
            continue
        if execution.error and (execution.failed_in or 0) < place + 1:
            break
        old = committed.get(place)
        old_outputs = [] if old is None else old.get("outputs", [])
        old_text, new_text = as_text(old_outputs), as_text(cell.outputs)
        if old_text != new_text:
            bare = [OF_THE_TABLES.sub("", text) for text in (old_text, new_text)]
            diff = difflib.unified_diff(
                old_text.splitlines(), new_text.splitlines(), "committed", "executed", lineterm=""
            )
            outcome.differences.append(
                Difference(
                    place + 1,
                    headings[place],
                    cell.source,
                    shortened("\n".join(diff)),
                    bare[0] != bare[1],
                )
            )
        outcome.pictures += [
            Picture(place + 1, headings[place], *told)
            for told in _pictures_told(old_outputs, cell.outputs)
        ]
    return outcome


def _pictures_told(old: list[Any], new: list[Any]) -> Iterator[tuple[bool, bool | None]]:
    """Say of each new picture whether it is the old one, and whether it shows the same."""
    before = [each for each in old if PICTURE in each.get("data", {})]
    after = [each for each in new if PICTURE in each.get("data", {})]
    for was, now in zip_longest(before[: len(after)], after):
        if was is None:
            yield False, None
            continue
        identical = was["data"][PICTURE] == now["data"][PICTURE]
        shown = _shown(was), _shown(now)
        yield identical, shown[0] == shown[1] if all(shown) else identical or None


def _shown(output: Any) -> str:
    """Return what a picture says that it shows, "" where it says nothing."""
    said = output.get("metadata", {}).get(PICTURE, {})
    return "\n".join(f"{name}: {said[name]}" for name in SHOWN if name in said)


def _sources(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _matched(reference: Any, after: Any) -> dict[int, Any]:
    """Return the committed cell of each cell by its place."""
    by_id = {cell.get("id"): cell for cell in reference.cells if cell.get("id")}
    if {cell.get("id") for cell in after.cells} <= by_id.keys() | {None} and by_id:
        return {
            place: by_id[cell["id"]] for place, cell in enumerate(after.cells) if cell.get("id")
        }
    if len(reference.cells) == len(after.cells):
        return dict(enumerate(reference.cells))
    found = {place: by_id.get(cell.get("id")) for place, cell in enumerate(after.cells)}
    return {place: cell for place, cell in found.items() if cell is not None}


def _headings(notebook: Any) -> list[str]:
    """Return the heading that each cell stands under."""
    found, heading = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            stated = re.findall(r"^#+ +(.+?)\s*#*$", cell.source, flags=re.MULTILINE)
            heading = stated[-1] if stated else heading
        found.append(heading)
    return found


def shortened(text: str) -> str:
    """Cut a text after its first lines, saying how many more there are."""
    lines = text.strip("\n").splitlines()
    more = [f"... and {len(lines) - LONGEST} more lines"] if len(lines) > LONGEST else []
    return "\n".join([*lines[:LONGEST], *more])


def as_text(outputs: list[Any]) -> str:
    """Write all that outputs say, pictures apart, so that any change shows as a line."""
    lines = []
    for output in _joined(outputs):
        if output["output_type"] == "stream":
            lines.append(f"[{output['name']}]\n{output['text']}")
        elif output["output_type"] == "error":
            lines.append(f"[error] {output['ename']}: {output['evalue']}")
        else:
            for kind, value in sorted(output["data"].items()):
                if kind == VIEW:
                    continue
                shown = _shown(output) if kind in NOT_COMPARED else value
                # A table in one line would hide which of its rows differs.
                if kind == "text/html":
                    shown = shown.replace("</tr>", "</tr>\n")
                lines.append(f"[{output['output_type']} {kind}]\n{shown}")
    return "\n".join(lines)


def _joined(outputs: list[Any]) -> list[Any]:
    """Join pieces of one stream: how a kernel cuts its text depends on timing."""
    joined: list[Any] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if (
            last
            and output["output_type"] == last["output_type"] == "stream"
            and output["name"] == last["name"]
        ):
            last["text"] += output["text"]
        else:
            joined.append(dict(output))
    return joined


def sentence(outcomes: list[Outcome], refresh: bool) -> str:
    """Say in a sentence what became of all notebooks."""
    failed = sum(bool(outcome.error) for outcome in outcomes)
    text = sum(bool(outcome.sentences and not outcome.error) for outcome in outcomes)
    different = sum(bool(outcome.differences and not outcome.error) for outcome in outcomes)
    parts = [f"{failed} of {len(outcomes)} notebooks failed"] if failed else []
    if different:
        of = f"of {len(outcomes)} notebooks"
        became = "had other results, now put in place of" if refresh else "differ from"
        parts.append(f"{different} {of} {became} what is committed")
        if not any(outcome.moved for outcome in outcomes):
            parts[-1] += ", in the version or checksum they name alone"
    if text:
        parts.append(f"{text} of {len(outcomes)} hold sentences that the data do not bear out")
    if parts:
        return "; ".join(parts) + "."
    new = sum(outcome.new for outcome in outcomes)
    if new == len(outcomes):
        return f"Nothing is committed to compare with: {new} of {new} notebooks are new."
    besides = f" {new} of {len(outcomes)} notebooks are new." if new else ""
    return "All results are the committed ones." + besides


def results_that_moved(outcomes: list[Outcome]) -> list[str]:
    """List, for each notebook, under which headings results differ, and in which cells."""
    lines = []
    for outcome in outcomes:
        under: dict[str, list[int]] = {}
        for each in outcome.moved:
            under.setdefault(each.heading, []).append(each.cell)
        if under:
            places = [
                (f"{heading} ({in_cells(cells)})" if heading else in_cells(cells))
                for heading, cells in under.items()
            ]
            lines.append(f"{outcome.name}: {'; '.join(places)}")
    return lines


def figures_said(outcomes: list[Outcome]) -> str:
    """Say how many figures show what the committed ones show, and which do not."""
    drawn = [(outcome.name, each) for outcome in outcomes for each in outcome.pictures]
    if not drawn:
        return "none to compare"
    moved = [(name, each) for name, each in drawn if each.shows_the_same is False]
    unsure = [(name, each) for name, each in drawn if each.shows_the_same is None]
    identical = sum(each.identical for _, each in drawn)
    said = f"{len(drawn) - len(moved) - len(unsure)} of {len(drawn)} show the committed values"
    said += f" ({identical} identical to the byte)"
    for words, listed in (("moved", moved), ("other pictures", unsure)):
        cells: dict[str, list[int]] = {}
        for name, each in listed:
            cells.setdefault(name, []).append(each.cell)
        named = [f"{name} {in_cells(numbers)}" for name, numbers in cells.items()]
        rest = f" and {len(named) - 5} notebooks more" if len(named) > 5 else ""
        said += f"; {words}: {', '.join(named[:5])}{rest}" if named else ""
    return said


def fenced(text: str, language: str = "") -> list[str]:
    """Put a text between fences that are longer than any in it."""
    runs = [len(run) for run in re.findall("`+", text)]
    fence = "`" * max(3, *(run + 1 for run in runs)) if runs else "```"
    return [fence + language, text.strip("\n"), fence]
