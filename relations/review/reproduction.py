"""Re-execution of the notebooks, compared output by output with the committed ones."""

from __future__ import annotations

import platform
import shutil
import sys
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

from relations.record._package import (
    DESCRIPTOR,
    REGISTER,
    SHIPPED,
    DataError,
    hashes_of,
    read_descriptor,
)
from relations.record._writing import write_atomically
from relations.record.dataset import Dataset
from relations.record.loading import NOT_PUBLISHED, load
from relations.record.versions import SPAN, read_register, standing
from relations.review import environments, verdict
from relations.review.execution import Execution, cores, execute_all
from relations.review.verdict import Outcome, fenced, shortened

PACKAGES = (
    "jupyterlab", "matplotlib", "narwhals", "nbclient", "nbconvert", "numpy", "pandas", "scipy",
    "seaborn", "statsmodels",
)  # fmt: skip
INTERRUPTED = 130


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
        with warnings.catch_warnings():
            # The verdict says so.
            warnings.filterwarnings("ignore", NOT_PUBLISHED)
            data = load()
        code = environments.commit(environments.checkout())
        if pages.exists():
            shutil.rmtree(pages)
        pages.mkdir(parents=True)
        # A verdict of an earlier run must not stand beside the results of this one.
        for name in ("reproduction.md", "index.html"):
            (build / name).unlink(missing_ok=True)
        start = time.monotonic()
        outcomes = _execute_all(
            {path: read[path] for path in committed if path not in left_out}, root, pages, refresh
        )
        seconds = time.monotonic() - start
        failed = any(outcome.error or outcome.sentences for outcome in outcomes)
        status = int(failed or not (refresh or all(outcome.same for outcome in outcomes)))
        particulars = _particulars(data, code, seconds, len(outcomes), status)
        names = [path.relative_to(root).as_posix() for path in left_out]
        report = _report(outcomes, names, particulars, refresh)
        (build / "reproduction.md").write_text(report, encoding="utf-8")
        # The verdict does not wait for the pages.
        print("\n".join(_last_screen(outcomes, particulars, build, refresh)), flush=True)
        print("Writing the pages.", file=sys.stderr, flush=True)
        site, faults = _write_site(pages, build, report)
        print(f"Pages: {site}")
        return 1 if faults else status
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


def _write_site(pages: Path, build: Path, report: str) -> tuple[str, bool]:
    """Write the site; say where it is, and whether its pages have faults."""
    try:
        from relations.review import site
    except ModuleNotFoundError as error:
        if str(error.name).startswith("relations"):
            raise
        missing = f"none, because {error.name} is missing"
        return f"{missing}: pip install 'china-vietnam-relations[notebooks]'", False
    try:
        with warnings.catch_warnings():
            # The verdict has said it, and is to stay on the screen.
            warnings.filterwarnings("ignore", NOT_PUBLISHED, UserWarning)
            return str(site.build(pages, build, report).resolve()), False
    except ValueError as error:
        print(f"the pages have faults:\n{error}")
        return f"{(build / 'index.html').resolve()}, with faults", True


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
    """Execute notebooks, keep what they gave, and compare it with what is committed."""
    outcomes: dict[Path, Outcome] = {}
    for path, notebook in read.items():
        if isinstance(notebook, str):
            outcomes[path] = Outcome(path.relative_to(root).as_posix(), error=notebook)

    def judge(path: Path, execution: Execution) -> str:
        name = path.relative_to(root).as_posix()
        after = execution.notebook
        kept = pages / name
        kept.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(after, kept)
        reference = read[path] if refresh else _reference(path, read[path])
        outcome = verdict.judge(
            name, reference or read[path], execution, new=reference is None, renewed=refresh
        )
        if refresh and not outcome.error:
            for place, text in execution.texts.items():
                after.cells[place].source = text
            write_atomically(path, nbformat.writes(after).rstrip("\n") + "\n")
        outcomes[path] = outcome
        return f"{name}: {outcome.verdict}"

    execute_all({path: each for path, each in read.items() if path not in outcomes}, judge)
    return [outcomes[path] for path in read]


def _reference(path: Path, notebook: Any) -> Any:
    """Return the notebook that git's HEAD has, the one on disk without git; None for a new one.

    Without git one that was never run is new: it has nothing to compare with.
    """
    text = environments.committed(path)
    if text is None:
        return notebook if _was_run(notebook) else None
    if not text:
        return None
    try:
        return nbformat.reads(text, as_version=4)
    except ValueError:
        return None


def _was_run(notebook: Any) -> bool:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return not code or any(cell.outputs or cell.execution_count for cell in code)


def _particulars(
    data: Dataset, code: str, seconds: float, notebooks: int, status: int
) -> dict[str, str]:
    """Say what the verdict rests on, by name."""
    versions = environments.installed()
    named = ", ".join(f"{name} {versions.get(name, 'not installed')}" for name in PACKAGES)
    changed = _changed()
    published = (
        f"not as published: {environments.few(changed)}" if changed else "every table as published"
    )
    return {
        "Code": f"{code}.",
        "Environment": f"{environments.describe(versions, environments.checkout())}.",
        "Python": f"{platform.python_version()} on {platform.platform()}; {named}.",
        "Data": f"{data.title} {data.version}, sha256 {data.checksum}; {published}.",
        "Executed": f"{datetime.now(UTC):%Y-%m-%d}, {notebooks} notebooks in {seconds:.0f} seconds "
        f"on {cores()} processors, exit status {status}.",
    }


def _report(
    outcomes: list[Outcome], left_out: list[str], particulars: dict[str, str], refresh: bool
) -> str:
    """Write the verdict as Markdown that can be pasted into a review."""
    lines = ["# Reproduction", "", verdict.sentence(outcomes, refresh), ""]
    lines += [f"- {name}: {said}" for name, said in particulars.items()]
    lines += [f"- Figures: {verdict.figures_said(outcomes)}."]
    lines += ["", "| notebook | outputs | pictures identical | seconds |"]
    lines += ["| --- | --- | --- | ---: |"]
    for outcome in outcomes:
        drawn = outcome.pictures
        identical = f"{sum(each.identical for each in drawn)} of {len(drawn)}" if drawn else "–"
        row = (outcome.name, outcome.verdict, identical, f"{outcome.seconds:.1f}")
        lines.append(f"| {' | '.join(row)} |")
    lines += [f"| {name} | left out, as its metadata say | – | – |" for name in left_out]
    if moved := verdict.results_that_moved(outcomes):
        lines += ["", "## Results that moved", "", *(f"- {line}" for line in moved)]
    for outcome in outcomes:
        if outcome.error:
            lines += ["", f"## {outcome.name} {outcome.verdict}", "", *fenced(outcome.error)]
        for cell, said in outcome.sentences:
            lines += ["", f"## {outcome.name}, text in cell {cell}", "", *fenced(said)]
        for each in outcome.differences:
            lines += ["", f"## {outcome.name}, cell {each.cell}", ""]
            if not each.moved:
                lines += ["Only the version or the checksum of the tables.", ""]
            lines += [*fenced(shortened(each.source)), "", *fenced(each.difference, "diff")]
    return "\n".join([*lines, "", *_checksums()]) + "\n"


def _last_screen(
    outcomes: list[Outcome], particulars: dict[str, str], build: Path, refresh: bool
) -> list[str]:
    """Write the verdict in nine lines, before that of the pages; the whole is in the report."""
    moved = verdict.results_that_moved(outcomes)
    failed = [f"{outcome.name}: {outcome.verdict}" for outcome in outcomes if outcome.error]
    text = [
        f"{outcome.name}: text not borne out in "
        f"{verdict.in_cells(cell for cell, _ in outcome.sentences)}"
        for outcome in outcomes
        if outcome.sentences and not outcome.error
    ]
    listed = failed + text + moved
    shown = listed if len(listed) <= 3 else [*listed[:2], f"and {len(listed) - 2} notebooks more"]
    names = ("Code", "Data", "Executed")
    return [
        "",
        verdict.sentence(outcomes, refresh),
        *(f"  {line}" for line in shown),
        *(f"{name}: {particulars[name]}" for name in names),
        f"Figures: {verdict.figures_said(outcomes)}.",
        f"Verdict: {(build / 'reproduction.md').resolve()}",
    ]


def _changed() -> list[str]:
    """Return the files of the tables that are not as published."""
    found = standing(read_descriptor(SHIPPED), hashes_of(SHIPPED), read_register(SHIPPED))
    unpublished = ["this version is not registered"] * found.version.endswith("+unpublished")
    files = [DESCRIPTOR if name == SPAN else f"{name}.csv" for name in found.changed]
    return files + unpublished


def _checksums() -> list[str]:
    """Return the checksums of the tables as Markdown."""
    hashes = {name: digest for name, digest in hashes_of(SHIPPED).items() if name != REGISTER}
    return [
        "<details><summary>Checksums of the tables (sha256, as <code>sha256sum data/*.csv</code> "
        "gives them)</summary>",
        "",
        "| table | sha256 |",
        "| --- | --- |",
        *(
            f"| {name}.csv | {digest.removeprefix('sha256:')} |"
            for name, digest in sorted(hashes.items())
            if digest
        ),
        "",
        "</details>",
    ]
