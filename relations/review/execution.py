"""Running notebooks from scratch, several at a time, apart from what the user has set."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from tqdm import tqdm

from relations.record.loading import NOT_PUBLISHED
from relations.review.client import ProseClient
from relations.review.prose import Fault
from relations.review.saving import normalise

# What the user has set for other sessions, and would show in outputs here: a drawing library's
# backend, a file that Python runs first, which warnings are shown.
OF_THE_USER = ("MPLBACKEND", "PYTHONSTARTUP", "PYTHONWARNINGS", "IPYTHONDIR", "MATPLOTLIBRC")


@dataclass
class Execution:
    """What running one notebook gave.

    ``failed_in`` is the cell that stopped it, counted from 1, text cells too; ``faults`` has
    the sentences that the data do not bear out, by the place of their cell, from 0, and
    ``texts`` what the text cells say with their numbers renewed.
    """

    notebook: Any
    seconds: float = 0.0
    error: str = ""
    failed_in: int | None = None
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def execute_all(
    notebooks: dict[Path, Any], done: Callable[[Path, Execution], str], workers: int | None = None
) -> None:
    """Run notebooks, as many at a time as there are processors, and tell how far it is.

    Parameters
    ----------
    notebooks : dict of path to notebook
        Each runs in the folder of its path; the notebooks themselves are left as they are.
    done : function of a path and an `Execution`
        Called when one has ended; returns a few words that are shown.
    workers : int, optional
        How many run at a time.

    Raises
    ------
    KeyboardInterrupt
        Where the user or the system asked to stop; every kernel has then ended.
    """
    # The kernel of this environment, not one of the same name that the user has installed.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    try:
        asyncio.run(_execute_all(notebooks, done, workers or cores()))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _execute_all(
    notebooks: dict[Path, Any], done: Callable[[Path, Execution], str], workers: int
) -> None:
    places = asyncio.Semaphore(workers)
    whole = asyncio.current_task()
    ended = 0
    # What takes longest is begun first, so that no processor waits for it at the end.
    order = sorted(notebooks, key=lambda path: -len(notebooks[path].cells))
    with tqdm(total=sum(len(each.cells) for each in notebooks.values()), unit="cell",
              disable=None) as bar:  # fmt: skip

        async def run(path: Path) -> None:
            nonlocal ended
            async with places:
                found = await _execute(path, notebooks[path], bar, whole)
            said = done(path, found)
            ended += 1
            tqdm.write(f"{ended}/{len(order)} {said}, {found.seconds:.1f} s")
            sys.stdout.flush()

        try:
            async with asyncio.TaskGroup() as group:
                for path in order:
                    group.create_task(run(path))
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None


async def _execute(
    path: Path, before: Any, bar: tqdm, whole: asyncio.Task[None] | None
) -> Execution:
    """Run one notebook from scratch."""
    after = nbformat.from_dict(before)
    for cell in after.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    found = Execution(after)
    at = 0

    def note(cell: Any, cell_index: int) -> None:
        nonlocal at
        bar.update(cell_index + 1 - at)
        at = cell_index + 1

    reads_text = before.metadata.get("relations", {}).get("prose") is not False
    client = (ProseClient if reads_text else NotebookClient)(
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
        on_notebook_start=lambda notebook: _stop_when_interrupted(whole),
    )
    start = time.monotonic()
    try:
        with _settings_of_nobody() as environment:
            await _until_interrupted(client, environment)
    except (CellExecutionError, CellTimeoutError) as failure:
        # Loaded for this alone: it brings half a second of parsers of HTML with it.
        from nbconvert.filters import strip_ansi

        found.error, found.failed_in = strip_ansi(str(failure)), at
    except DeadKernelError:
        found.error = "the kernel died: perhaps memory ran out; close other programs and repeat"
        found.failed_in = at
    except RuntimeError as failure:
        found.error = f"the kernel did not start: {failure}\nrenew the environment: make clean"
    finally:
        # The client has taken away what it found set when it ended.
        _stop_when_interrupted(whole)
    bar.update(len(before.cells) - at)
    found.seconds = time.monotonic() - start
    if isinstance(client, ProseClient):
        found.faults, found.texts = client.faults, client.texts
    after.metadata = nbformat.from_dict(before.metadata)
    normalise(after)
    return found


@contextlib.contextmanager
def _settings_of_nobody() -> Iterator[dict[str, str]]:
    """Yield an environment in which no start-up file and no setting of the user is read.

    The warning that tables are not the published ones is left out as well: the verdict says
    so once, and in every notebook it would hide what else differs.
    """
    with tempfile.TemporaryDirectory() as place:
        settings = Path(place) / "matplotlibrc"
        settings.touch()
        clean = {name: value for name, value in os.environ.items() if name not in OF_THE_USER}
        yield clean | {
            "IPYTHONDIR": str(Path(place) / "ipython"),
            # Notebooks run beside each other: threads of one would wait for those of another.
            "OPENBLAS_NUM_THREADS": "1",
            "MATPLOTLIBRC": str(settings),
            "PYTHONWARNINGS": f"ignore:{NOT_PUBLISHED}",
        }


async def _until_interrupted(client: NotebookClient, environment: dict[str, str]) -> None:
    try:
        await client.async_execute(env=environment)
    except DeadKernelError:
        # The client takes a cell that was cancelled for one whose kernel died.
        if (task := asyncio.current_task()) and task.cancelling():
            raise asyncio.CancelledError from None
        raise


def _stop_when_interrupted(whole: asyncio.Task[None] | None) -> None:
    """Let Ctrl-C end the run: left alone, a client would only stop its kernel and go on."""
    loop = asyncio.get_running_loop()
    # Windows, and threads other than the main one, have no such handlers.
    with contextlib.suppress(RuntimeError, ValueError):
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, whole.cancel if whole else loop.stop)
