"""Re-execution of the notebooks, compared output by output with the committed ones."""

from __future__ import annotations

import difflib
import importlib.metadata
import os
import platform
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from tqdm import tqdm

from relations.tables import load

PACKAGES = (
    "jupyterlab", "matplotlib", "narwhals", "nbclient", "numpy", "pandas", "scipy",
    "seaborn",
)  # fmt: skip
# Pictures depend on fonts and on the build of the drawing library, down to the byte. What
# they show is compared through the table that stands beside each.
NOT_COMPARED = ("image/png", "image/jpeg")


@dataclass
class Outcome:
    """What became of one notebook: ``cell`` is the first that differs, counted from 1."""

    name: str
    seconds: float = 0.0
    cell: int | None = None
    difference: str = ""
    error: str = ""
    pictures: list[bool] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether it ran and all outputs are the committed ones."""
        return self.cell is None and not self.error

    @property
    def verdict(self) -> str:
        """What became of it, in a few words."""
        if self.error:
            return "failed"
        return "same" if self.same else f"different in cell {self.cell}"


def reproduce(notebooks: Path, build: Path, *, refresh: bool = False) -> int:
    """Re-execute every notebook of a folder and say whether the results are the same.

    Parameters
    ----------
    notebooks : path
        Folder with the committed notebooks. They are not written to, unless ``refresh``.
    build : path
        Gets the executed notebooks, the site made of them, which ``index.html`` opens, and
        ``reproduction.md``; what an earlier run left there goes.
    refresh : bool
        Put the new outputs in place of the committed ones.

    Returns
    -------
    int
        0 where every output is the same (or was renewed) and no page has a fault, 1
        otherwise, 2 where there is no notebook.
    """
    committed = sorted(notebooks.glob("*.ipynb"))
    if not committed:
        print(f"no notebook in {notebooks.resolve()}: run this in the checkout, or name the folder")
        return 2
    pages = build / "notebooks"
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir(parents=True)
    # The kernel of this environment, not one of the same name that the user has installed.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    outcomes = []
    for path in tqdm(committed, desc="notebooks", unit="notebook"):
        outcome, executed = _execute(path, pages)
        outcomes.append(outcome)
        tqdm.write(f"{outcome.name}: {outcome.verdict}, {outcome.seconds:.1f} s")
        if refresh and not outcome.error:
            nbformat.write(executed, path)
    report = _report(outcomes)
    (build / "reproduction.md").write_text(report, encoding="utf-8")
    print(report)
    sound = _write_site(pages, build, report)
    if refresh:
        return int(any(outcome.error for outcome in outcomes) or not sound)
    return int(not all(outcome.same for outcome in outcomes) or not sound)


def _write_site(pages: Path, build: Path, report: str) -> bool:
    """Write the site and say where it is; without Sphinx the verdict stands alone."""
    try:
        from relations import site
    except ModuleNotFoundError as error:
        print(
            f"no pages: {error.name} is missing: pip install 'china-vietnam-relations[notebooks]'"
        )
        return True
    try:
        print(f"pages: {site.build(pages, build, report).resolve()}")
    except ValueError as error:
        print(f"the pages have faults:\n{error}")
        return False
    return True


def _execute(path: Path, pages: Path) -> tuple[Outcome, Any]:
    """Run one notebook from scratch, write it and its page, and compare the outputs."""
    before = nbformat.read(path, as_version=4)
    after = nbformat.read(path, as_version=4)
    for cell in after.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    outcome = Outcome(path.name)
    start = time.monotonic()
    client = NotebookClient(
        after,
        kernel_name="python3",
        timeout=600,
        resources={"metadata": {"path": str(path.parent.resolve())}},
        record_timing=False,
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as failure:
        outcome.error = str(failure)
    outcome.seconds = time.monotonic() - start
    after.metadata = before.metadata
    _leave_out_views(after)
    nbformat.write(after, pages / path.name)
    _compare(before, after, outcome)
    return outcome, after


def _leave_out_views(notebook: Any) -> None:
    """A view of a widget ends with the session that made it: keep what stands in for it."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)


def _compare(before: Any, after: Any, outcome: Outcome) -> None:
    """Note the first cell whose outputs differ, with the difference as a diff."""
    for number, (old, new) in enumerate(zip(before.cells, after.cells, strict=True), start=1):
        if old.cell_type != "code":
            continue
        old_text, new_text = _as_text(old.outputs), _as_text(new.outputs)
        outcome.pictures += [
            one == other for one, other in zip(_pictures(old), _pictures(new), strict=False)
        ]
        if old_text != new_text and outcome.cell is None:
            diff = difflib.unified_diff(
                old_text.splitlines(), new_text.splitlines(), "committed", "executed", lineterm=""
            )
            outcome.cell, outcome.difference = number, "\n".join(list(diff)[:40])


def _as_text(outputs: list[Any]) -> str:
    """Write all that outputs say, pictures apart, so that any change shows as a line."""
    lines = []
    for output in _joined(outputs):
        if output["output_type"] == "stream":
            lines.append(f"[{output['name']}]\n{output['text']}")
        elif output["output_type"] == "error":
            lines.append(f"[error] {output['ename']}: {output['evalue']}")
        else:
            for kind, value in sorted(output["data"].items()):
                shown = "" if kind in NOT_COMPARED else value
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


def _pictures(cell: Any) -> list[str]:
    return [
        output["data"]["image/png"]
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]


def _report(outcomes: list[Outcome]) -> str:
    """Write the verdict as Markdown that can be pasted into a review."""
    data = load()
    same = sum(outcome.same for outcome in outcomes)
    verdict = (
        "All results are the committed ones."
        if same == len(outcomes)
        else f"{len(outcomes) - same} of {len(outcomes)} notebooks differ from what is committed."
    )
    lines = [
        "# Reproduction",
        "",
        verdict,
        "",
        "| notebook | outputs | pictures identical | seconds |",
        "| --- | --- | --- | --- |",
    ]
    for outcome in outcomes:
        pictures = (
            f"{sum(outcome.pictures)} of {len(outcome.pictures)}" if outcome.pictures else "–"
        )
        lines.append(f"| {outcome.name} | {outcome.verdict} | {pictures} | {outcome.seconds:.1f} |")
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    lines += [
        "",
        f"Data: {data.title} {data.version}, sha256 {data.checksum}.",
        f"Python {platform.python_version()} on {platform.platform()}; {versions}.",
    ]
    for outcome in outcomes:
        if outcome.error:
            lines += ["", f"## {outcome.name} failed", "", "```", outcome.error.strip(), "```"]
        elif not outcome.same:
            lines += ["", f"## {outcome.name}, cell {outcome.cell}", "", "```diff"]
            lines += [outcome.difference, "```"]
    return "\n".join(lines) + "\n"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
