"""Re-execution of the notebooks, compared output by output with the committed ones."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import os
import platform
import re
import shutil
import signal
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.filters import strip_ansi
from tqdm import tqdm

from relations import environments
from relations._package import (
    SHIPPED,
    DataError,
    entries,
    read_descriptor,
    read_tables,
    write_atomically,
)
from relations.tables import Dataset, load

PACKAGES = (
    "jupyterlab", "matplotlib", "narwhals", "nbclient", "nbconvert", "numpy", "pandas", "scipy",
    "seaborn",
)  # fmt: skip
# Pictures depend on fonts and on the build of the drawing library, down to the byte. What
# they show is compared through the table that stands beside each.
NOT_COMPARED = ("image/png", "image/jpeg")
# Nothing but the random id of a widget, of the session that made it.
VIEW = "application/vnd.jupyter.widget-view+json"
INTERRUPTED = 130
LONGEST = 40


@dataclass
class Outcome:
    """What became of one notebook: cells are counted from 1, text cells too.

    ``cell`` is the first whose outputs differ, ``failed_in`` the one that stopped it.
    """

    name: str
    seconds: float = 0.0
    cell: int | None = None
    source: str = ""
    difference: str = ""
    failed_in: int | None = None
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
            return f"failed in cell {self.failed_in}" if self.failed_in else "failed"
        return "same" if self.same else f"different in cell {self.cell}"


def reproduce(notebooks: Path, build: Path, *, refresh: bool = False) -> int:
    """Re-execute every notebook of a folder and say whether the results are the same.

    Parameters
    ----------
    notebooks : path
        Folder with the committed notebooks, its sub-folders included, or one notebook. They
        are not written to, unless ``refresh``. One whose metadata say
        ``"relations": {"reproduce": false}`` is left out, and listed as such.
    build : path
        Gets the executed notebooks, the site made of them, which ``index.html`` opens, and
        ``reproduction.md``; what an earlier run left there goes.
    refresh : bool
        Put the new outputs in place of the committed ones, each notebook whole or not at
        all; one that fails keeps its own.

    Returns
    -------
    int
        0 where every output is the same (or was renewed), 1 where one differs, a notebook
        fails or a page has a fault, 2 where nothing could be executed or written, 130
        where it was interrupted.
    """
    root = notebooks if notebooks.is_dir() else notebooks.parent
    pages = build / "notebooks"
    committed = _find(notebooks, root)
    if not committed:
        return _refuse(
            f"no notebook in {notebooks.resolve()}",
            "run this in the checkout, or name the folder: "
            "python -m relations reproduce path/to/notebooks",
        )
    if root.resolve().is_relative_to(pages.resolve()) or pages.resolve().is_relative_to(
        root.resolve()
    ):
        return _refuse(
            f"{pages.resolve()} would be emptied, and the committed notebooks are in it or around",
            "name another folder: --build build",
        )
    read = {path: _read(path) for path in committed}
    left_out = [path for path, notebook in read.items() if _is_left_out(notebook)]
    try:
        data = load()
        standing = environments.commit(environments.checkout())
        if pages.exists():
            shutil.rmtree(pages)
        pages.mkdir(parents=True)
        # A verdict of an earlier run must not stand beside the results of this one.
        for name in ("reproduction.md", "index.html"):
            (build / name).unlink(missing_ok=True)
        outcomes = _execute_all(
            {path: read[path] for path in committed if path not in left_out}, root, pages, refresh
        )
        status = int(not all(not each.error if refresh else each.same for each in outcomes))
        names = [path.relative_to(root).as_posix() for path in left_out]
        report = _report(outcomes, names, data, standing, status, refresh)
        (build / "reproduction.md").write_text(report, encoding="utf-8")
        print(report)
        print(f"verdict: {(build / 'reproduction.md').resolve()}")
        return status if _write_site(pages, build, report) else 1
    except KeyboardInterrupt:
        print(
            "\ninterrupted: no verdict was written, and a notebook that was running is as it was; "
            "start again with the same command",
            file=sys.stderr,
        )
        return INTERRUPTED
    except DataError as error:
        return _refuse(str(error), "mend the tables first: python -m relations check")
    except OSError as error:
        return _refuse(
            f"{error.filename or build}: {error.strerror or error}",
            "make it writable, or name another folder: --build /tmp/build",
        )


def _write_site(pages: Path, build: Path, report: str) -> bool:
    """Write the site and say where it is; without Sphinx the verdict stands alone."""
    try:
        from relations import site
    except ModuleNotFoundError as error:
        print(f"no pages: {error.name} is missing: pip install '.[notebooks]' in the checkout")
        return True
    try:
        print(f"pages: {site.build(pages, build, report).resolve()}")
    except ValueError as error:
        print(f"the pages have faults:\n{error}")
        return False
    return True


def _refuse(reason: str, remedy: str) -> int:
    print(f"{reason}\n{remedy}", file=sys.stderr)
    return 2


def _find(notebooks: Path, root: Path) -> list[Path]:
    found = [notebooks] if notebooks.is_file() else root.rglob("*.ipynb")
    return sorted(
        path for path in found if ".ipynb_checkpoints" not in path.relative_to(root).parts
    )


def _read(path: Path) -> Any:
    """Return a notebook, or the sentence that says why it cannot be read."""
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    # What a malformed file raises depends on where it is malformed.
    except Exception as error:
        reason = str(error).partition("\n")[0][:200]
        return f"not a notebook that can be read: {reason}\nput it back: git checkout -- {path}"
    return notebook


def _is_left_out(notebook: Any) -> bool:
    return not isinstance(notebook, str) and (
        notebook.metadata.get("relations", {}).get("reproduce") is False
    )


def _execute_all(read: dict[Path, Any], root: Path, pages: Path, refresh: bool) -> list[Outcome]:
    """Execute one notebook after the other, showing how far it is."""
    # The kernel of this environment, not one of the same name that the user has installed.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    outcomes = []
    total = sum(len(each.cells) for each in read.values() if not isinstance(each, str))
    with tqdm(total=total, unit="cell", disable=None) as bar:
        for number, (path, before) in enumerate(read.items(), start=1):
            outcome = Outcome(path.relative_to(root).as_posix())
            bar.set_description(outcome.name)
            if isinstance(before, str):
                outcome.error = before
            else:
                done = bar.n
                executed = _execute(path, before, pages, outcome, bar)
                bar.update(done + len(before.cells) - bar.n)
                if refresh and not outcome.error:
                    write_atomically(path, nbformat.writes(executed).rstrip("\n") + "\n")
            outcomes.append(outcome)
            said = f"{number}/{len(read)} {outcome.name}: {outcome.verdict}, "
            tqdm.write(said + f"{outcome.seconds:.1f} s")
            sys.stdout.flush()
    return outcomes


def _execute(path: Path, before: Any, pages: Path, outcome: Outcome, bar: tqdm) -> Any:
    """Run one notebook from scratch, write it, and compare the outputs."""
    after = nbformat.from_dict(before)
    for cell in after.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    at = 0

    def note(cell: Any, cell_index: int) -> None:
        nonlocal at
        at = cell_index + 1
        bar.update()

    client = NotebookClient(
        after,
        kernel_name="python3",
        timeout=600,
        resources={"metadata": {"path": str(path.parent.resolve())}},
        record_timing=False,
        # A kernel that is asked to leave while it works says so at length; it holds nothing.
        shutdown_kernel="immediate",
        # Warnings of the kernel itself, not of what it runs.
        extra_arguments=["--log-level=ERROR"],
        on_cell_start=note,
        on_notebook_start=_stop_when_interrupted,
    )
    start = time.monotonic()
    try:
        asyncio.run(_until_interrupted(client))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    except (CellExecutionError, CellTimeoutError) as failure:
        outcome.error, outcome.failed_in = strip_ansi(str(failure)), at
    except DeadKernelError:
        outcome.error = "the kernel died: perhaps memory ran out; close other programs and repeat"
        outcome.failed_in = at
    except RuntimeError as failure:
        outcome.error = f"the kernel did not start: {failure}\nrenew the environment: make clean"
    outcome.seconds = time.monotonic() - start
    after.metadata = before.metadata
    for notebook in (before, after):
        _leave_out_views(notebook)
    kept = pages / outcome.name
    kept.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(after, kept)
    _compare(before, after, outcome)
    return after


async def _until_interrupted(client: NotebookClient) -> None:
    # A backend that the user has set would keep every figure out of the outputs.
    clean = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    try:
        await client.async_execute(env=clean)
    except DeadKernelError:
        # The client takes a cell that was cancelled for one whose kernel died.
        if (task := asyncio.current_task()) and task.cancelling():
            raise asyncio.CancelledError from None
        raise


def _stop_when_interrupted(notebook: Any) -> None:
    """Let Ctrl-C end the run: left alone, the client would only stop the kernel and go on."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    # Windows, and threads other than the main one, have no such handlers.
    with contextlib.suppress(RuntimeError, ValueError):
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)


def _leave_out_views(notebook: Any) -> None:
    """A view of a widget ends with the session that made it: keep what stands in for it."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(VIEW, None)


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
            outcome.cell, outcome.source = number, new.source
            outcome.difference = _shortened("\n".join(diff))


def _shortened(text: str) -> str:
    lines = text.strip("\n").splitlines()
    more = [f"... and {len(lines) - LONGEST} more lines"] if len(lines) > LONGEST else []
    return "\n".join([*lines[:LONGEST], *more])


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


def _pictures(cell: Any) -> list[str]:
    return [
        output["data"]["image/png"]
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]


def _report(
    outcomes: list[Outcome],
    left_out: list[str],
    data: Dataset,
    standing: str,
    status: int,
    refresh: bool,
) -> str:
    """Write the verdict as Markdown that can be pasted into a review."""
    versions = environments.installed()
    named = ", ".join(f"{name} {versions.get(name, 'not installed')}" for name in PACKAGES)
    tables, changed = _checksums()
    seconds = sum(outcome.seconds for outcome in outcomes)
    lines = [
        "# Reproduction",
        "",
        _verdict(outcomes, refresh),
        "",
        f"- Code: {standing}.",
        f"- Environment: {environments.describe(versions, environments.checkout())}.",
        f"- Python {platform.python_version()} on {platform.platform()}; {named}.",
        f"- Data: {data.title} {data.version}, sha256 {data.checksum}; "
        + (f"changed: {', '.join(changed)}." if changed else "every table as published."),
        f"- Executed {datetime.now(UTC):%Y-%m-%d} in {seconds:.0f} seconds, exit status {status}.",
        "",
        "| notebook | outputs | pictures identical | seconds |",
        "| --- | --- | --- | ---: |",
    ]
    for outcome in outcomes:
        pictures = (
            f"{sum(outcome.pictures)} of {len(outcome.pictures)}" if outcome.pictures else "–"
        )
        lines.append(f"| {outcome.name} | {outcome.verdict} | {pictures} | {outcome.seconds:.1f} |")
    lines += [f"| {name} | left out, as its metadata say | – | – |" for name in left_out]
    for outcome in outcomes:
        if outcome.error:
            lines += ["", f"## {outcome.name} {outcome.verdict}", "", *_fenced(outcome.error)]
        if outcome.cell is not None and outcome.cell != outcome.failed_in:
            lines += ["", f"## {outcome.name}, cell {outcome.cell}", ""]
            lines += [*_fenced(_shortened(outcome.source)), ""]
            lines += _fenced(outcome.difference, "diff")
    return "\n".join([*lines, "", *tables]) + "\n"


def _verdict(outcomes: list[Outcome], refresh: bool) -> str:
    failed = sum(bool(outcome.error) for outcome in outcomes)
    different = sum(not outcome.same for outcome in outcomes) - failed
    if not failed + different:
        return "All results are the committed ones."
    of = f"of {len(outcomes)} notebooks"
    parts = [f"{failed} {of} failed"] if failed else []
    if different:
        became = "had other results, now put in place of" if refresh else "differ from"
        parts.append(f"{different} {of} {became} what is committed")
    return "; ".join(parts) + "."


def _checksums() -> tuple[list[str], list[str]]:
    """Return the checksums of the tables as Markdown, and the tables that are not as sealed."""
    sealed = entries(read_descriptor(SHIPPED))
    tables, _ = read_tables(SHIPPED)
    hashes = {table.file: table.hash for table in tables.values() if table.hash}
    changed = [
        table.file
        for name, table in tables.items()
        if sealed.get(name, {}).get("hash", "") != table.hash
    ]
    lines = [
        "<details><summary>Checksums of the tables (sha256, as <code>sha256sum data/*.csv</code> "
        "gives them)</summary>",
        "",
        "| table | sha256 |",
        "| --- | --- |",
        *(
            f"| {file} | {digest.removeprefix('sha256:')} |"
            for file, digest in sorted(hashes.items())
        ),
        "",
        "</details>",
    ]
    return lines, changed


def _fenced(text: str, language: str = "") -> list[str]:
    """Put a text between fences that are longer than any in it."""
    runs = [len(run) for run in re.findall("`+", text)]
    fence = "`" * max(3, *(run + 1 for run in runs)) if runs else "```"
    return [fence + language, text.strip("\n"), fence]
