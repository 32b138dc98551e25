"""What an execution rests on: installed versions, the lock, the commit, newest releases."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from relations.record._package import SHIPPED
from relations.review import _indexes

LOCK = "requirements.lock"


def checkout() -> Path | None:
    """Return the folder that this package is worked on in, or None where it was installed.

    Examples
    --------
    >>> from relations.review.environments import checkout
    >>> folder = checkout()
    >>> folder is None or (folder / "pyproject.toml").is_file()
    True
    """
    folder = SHIPPED.parent
    return folder if (folder / "pyproject.toml").is_file() else None


def installed() -> dict[str, str]:
    """Return the version of every distribution that Python finds, by its name.

    Examples
    --------
    >>> from relations.review.environments import installed
    >>> "pandas" in installed()
    True
    """
    versions: dict[str, str] = {}
    for found in importlib.metadata.distributions():
        # To parse what else a file holds, often a whole README, takes ten times as long.
        text = found.read_text("METADATA") or found.read_text("PKG-INFO") or ""
        name, version = (
            re.search(f"^{field}: *(.*)$", text, re.MULTILINE) for field in ("Name", "Version")
        )
        # The first on the path is the one that is imported.
        if name and version:
            versions.setdefault(canonicalize_name(name[1].strip()), version[1].strip())
    return versions


def locked(lock: Path) -> dict[str, str]:
    """Return the versions that a lock file pins for this platform and Python, by name.

    Parameters
    ----------
    lock : path
        Requirements as pip reads them, each pinned by ``==``, with or without hashes.

    Returns
    -------
    dict
        Requirements whose marker does not hold here are left out.
    """
    text = lock.read_text(encoding="utf-8")
    pins = map(Requirement, re.findall(r"^[a-z0-9][^\\\n#]*==[^\\\n#]*", text, flags=re.M | re.I))
    return {
        canonicalize_name(pin.name): next(iter(pin.specifier)).version
        for pin in pins
        if pin.marker is None or pin.marker.evaluate()
    }


@dataclass(frozen=True)
class Difference:
    """A distribution whose version differs between two environments; None: it is lacking."""

    name: str
    here: str | None
    there: str | None


def differences(here: dict[str, str], there: dict[str, str]) -> list[Difference]:
    """List what differs between two environments, by name.

    Parameters
    ----------
    here, there : dict
        Versions by the name of the distribution, as from `installed` or `locked`.

    Returns
    -------
    list of Difference

    Examples
    --------
    >>> from relations.review.environments import differences
    >>> differences({"numpy": "2.4", "pip": "26"}, {"numpy": "2.5", "pip": "26"})
    [Difference(name='numpy', here='2.4', there='2.5')]
    """
    return [
        Difference(name, here.get(name), there.get(name))
        for name in sorted(here.keys() | there.keys())
        if here.get(name) != there.get(name)
    ]


def describe(versions: dict[str, str], folder: Path | None) -> str:
    """Say in Markdown whether these versions are those of a checkout's lock, or what differs.

    Parameters
    ----------
    versions : dict
        As from `installed`. What is installed beyond the lock is not mentioned.
    folder : path or None
        The checkout.
    """
    try:
        pins = locked(folder / LOCK) if folder else {}
    except (OSError, ValueError):
        pins = {}
    if not pins:
        return f"no {LOCK} to compare with"
    found = differences(pins, {name: versions[name] for name in pins if name in versions})
    if not found:
        return f"the locked environment ({len(pins)} packages of {LOCK})"
    other = [f"{each.name} {each.there} (locked {each.here})" for each in found if each.there]
    lacking = [each.name for each in found if not each.there]
    parts = [f"{len(other)} of {len(pins)} versions differ: {', '.join(other)}"] if other else []
    if lacking:
        parts.append(f"{len(lacking)} of {len(pins)} not installed: {few(lacking)}")
    return "not the locked one; " + "; ".join(parts)


def commit(folder: Path | None) -> str:
    """Say in Markdown which commit a checkout stands at, and which files differ from it.

    Parameters
    ----------
    folder : path or None
        The checkout; None, or a folder without git, is said to have no commit.
    """
    if folder is None:
        return "installed package, no commit known"
    try:
        top, described, status = (
            subprocess.run(
                ["git", "-C", str(folder), "-c", "core.quotePath=false", *words],
                capture_output=True, text=True, encoding="utf-8", check=True,
            ).stdout.rstrip("\n")
            for words in (
                ["rev-parse", "--show-toplevel"],
                ["describe", "--always", "--tags", "--long", "--abbrev=12"],
                ["status", "--porcelain"],
            )
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "no commit known (no git, or no git checkout)"
    if Path(top).resolve() != folder.resolve():
        return "no commit known (no git checkout of its own)"
    changed = [line[3:] for line in status.splitlines()]
    if not changed:
        return f"commit `{described}`, tree unchanged"
    return f"commit `{described}`, with changes in {few([f'`{name}`' for name in changed])}"


def committed(path: Path) -> str | None:
    """Return a file as git's HEAD has it; "" where HEAD lacks it, None where there is no HEAD.

    Parameters
    ----------
    path : path
        Need not be there.
    """
    git = ["git", "-C", str(path.resolve().parent)]
    try:
        subprocess.run([*git, "rev-parse", "--verify", "HEAD"], capture_output=True, check=True)
        shown = subprocess.run([*git, "show", f"HEAD:./{path.name}"], capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return shown.stdout.decode("utf-8", "replace") if shown.returncode == 0 else ""


def few(names: list[str]) -> str:
    """Join the first ten names, and say how many more there are."""
    rest = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + rest


def python_of(folder: Path) -> str:
    """Return the Python of an environment."""
    return str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")


def latest_commands(
    project: Path, folder: Path, notebooks: Path, build: Path
) -> tuple[list[list[str]], list[str]]:
    """Return the commands that fill a new environment, and the one that runs the notebooks.

    Parameters
    ----------
    project : path
        The checkout; it is installed with its ``notebooks`` extra and no lock.
    folder : path
        The environment, made already.
    notebooks, build : path
        What is executed, and where the results go.
    """
    python = python_of(folder)
    wanted = ["--upgrade", "--editable", f"{project}[notebooks]"]
    uv = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    if uv.is_file():
        filling = [[str(uv), "pip", "install", "--python", python, *wanted]]
    else:
        pip = [python, "-m", "pip", "install"]
        filling = [[*pip, "--quiet", "--upgrade", "pip", "setuptools"], [*pip, *wanted]]
    return (
        filling,
        [python, "-m", "relations", "reproduce", str(notebooks), "--build", str(build)],
    )


def reproduce_latest(notebooks: Path, build: Path) -> int:
    """Re-execute the notebooks with the newest releases that ``pyproject.toml`` allows.

    Parameters
    ----------
    notebooks : path
        Folder with the committed notebooks, which are not written to.
    build : path
        Gets ``latest-env``, an environment made anew each time, and ``latest`` with what
        `relations.review.reproduction.reproduce` writes; ``latest/reproduction.md`` lists the
        versions that differ from this environment too.

    Returns
    -------
    int
        The status of the re-execution there: 0 where every output is the committed one, 1
        where one differs or a notebook fails; 2 where the environment cannot be made.
    """
    project = checkout()
    if project is None:
        print(
            "the newest releases are those that pyproject.toml allows, and there is none: "
            "run this in the checkout",
            file=sys.stderr,
        )
        return 2
    folder, results = (build / "latest-env").resolve(), (build / "latest").resolve()
    filling, running = latest_commands(project, folder, notebooks.resolve(), results)
    left_out = {"PYTHONPATH", "PYTHONHOME", "PIP_CONSTRAINT", "VIRTUAL_ENV"}
    clean = {name: value for name, value in os.environ.items() if name not in left_out}
    print(f"making {folder} with the newest releases; this takes a minute or two", flush=True)
    try:
        venv.create(folder, clear=True, with_pip=True)
        for command in filling:
            if command[0] == python_of(folder):
                subprocess.run(command, env=clean, cwd=project, check=True)
                continue
            # uv is told where pip looks.
            told, settings = _indexes.uv_run(sys.executable, command[0], command[1:], clean)
            subprocess.run(told, env=settings, cwd=project, check=True)
        listing = subprocess.run(
            [running[0], "-c", "import json; from relations.review.environments import installed; "
             "print(json.dumps(installed()))"],
            env=clean, cwd=project, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        print(
            f"{error}\nno environment with the newest releases: see what is said above; it needs "
            "a package index, which `python -m pip config list` shows\nthe locked environment "
            "needs none once it is made: python -m relations reproduce",
            file=sys.stderr,
        )
        return 2
    with subprocess.Popen(running, env=clean, cwd=project) as child:
        try:
            status = child.wait()
        except KeyboardInterrupt:
            # The terminal has told the child as well, which stops its kernel and says so.
            return child.wait()
    report = results / "reproduction.md"
    if status in (0, 1) and report.is_file():
        table = difference_table(differences(installed(), json.loads(listing)))
        with report.open("a", encoding="utf-8") as page:
            page.write("\n" + table)
        print(f"versions that differ: {report}")
    return status


def difference_table(found: list[Difference]) -> str:
    """Write versions that differ between this environment and the newest as Markdown."""
    lines = ["## Newest releases", ""]
    newer = [each for each in found if each.here and each.there]
    if not newer:
        lines += ["Every version is the one of the environment that this was started in."]
    else:
        lines += ["Versions that differ from the environment that this was started in.", ""]
        lines += ["| package | there | newest |", "| --- | --- | --- |"]
        lines += [f"| {each.name} | {each.here} | {each.there} |" for each in newer]
    for text, names in (
        ("Only there", [each.name for each in found if not each.there]),
        ("Only among the newest", [each.name for each in found if not each.here]),
    ):
        if names:
            lines += ["", f"{text}: {few(names)}."]
    return "\n".join(lines) + "\n"
