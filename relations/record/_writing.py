"""Writing to a folder of tables: one file whole or not at all, several all or none."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import NamedTuple

from relations.record._package import (
    DESCRIPTOR,
    READY,
    UNFINISHED,
    DataError,
    Violation,
    entries,
    read_descriptor,
    read_tables,
    unfinished_violation,
)


def write_seal(folder: Path) -> None:
    """Write checksum, size and row count of every table into the descriptor of a folder.

    A table that the folder may lack, and lacks, is no longer described.
    """
    descriptor = read_descriptor(folder)
    tables, faults = read_tables(folder)
    if broken := [fault for fault in faults if not fault.notice]:
        raise DataError(folder, broken)
    described = entries(descriptor)
    for name, table in tables.items():
        if not table.hash:
            described.pop(name, None)
            continue
        described.setdefault(name, {"name": name, "path": table.file}).update(
            hash=table.hash,
            bytes=(folder / table.file).stat().st_size,
            rows=len(table.rows),
        )
    descriptor["resources"] = list(described.values())
    text = json.dumps(descriptor, ensure_ascii=False, indent=1) + "\n"
    write_atomically(folder / DESCRIPTOR, text)


def write_atomically(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8", newline="\n")
    fresh.replace(path)


# Holds the old files of the last addition, until the next one.
LAST = ".last-addition"


def write_together(folder: Path, texts: dict[str, str]) -> None:
    """Write several files of a folder, all or none.

    The old files are kept aside until every new one is in its place, and from then on for
    `take_back`. Should the process be killed between, `unfinished` says so to whoever reads
    the folder, and `take_back` restores the old ones.
    """
    journal = folder / UNFINISHED
    try:
        journal.mkdir()
    except FileExistsError:
        raise DataError(folder, [unfinished_violation(folder)]) from None
    try:
        existing = [name for name in texts if (folder / name).exists()]
        for name, text in texts.items():
            _write_through(journal / f"new-{name}", text.encode("utf-8"))
            if name in existing:
                _write_through(journal / f"old-{name}", (folder / name).read_bytes())
                shutil.copymode(folder / name, journal / f"new-{name}")
        written = {name: _digest(texts[name].encode("utf-8")) for name in sorted(texts)}
        _write_through(journal / f"{READY}.new", json.dumps(written).encode())
        (journal / f"{READY}.new").replace(journal / READY)
        for name in texts:
            (journal / f"new-{name}").replace(folder / name)
        if (folder / LAST).is_dir():
            shutil.rmtree(folder / LAST)
        journal.rename(folder / LAST)
    except BaseException:
        _restore(folder)
        raise


class TakenBack(NamedTuple):
    """What was put back: ``files`` by name, and whether the addition had been finished."""

    files: list[str]
    finished: bool


def take_back(folder: Path) -> TakenBack | None:
    """Put back the files as they were before the last addition, finished or cut short.

    Returns
    -------
    TakenBack or None
        None where there is no addition that could be taken back.

    Raises
    ------
    DataError
        Where a file was changed since the addition was finished: nothing is put back then.
    """
    if (folder / UNFINISHED).is_dir():
        return TakenBack(_restore(folder), finished=False)
    last = folder / LAST
    if not last.is_dir():
        return None
    written = json.loads((last / READY).read_bytes())
    changed = [
        name
        for name, digest in written.items()
        if not (folder / name).is_file() or _digest((folder / name).read_bytes()) != digest
    ]
    if changed:
        remedy = (
            "the file was changed after the addition, which is therefore not taken back: take "
            f"the rows out by hand, or delete {last} to keep them"
        )
        violations = [Violation(name, 0, "", "", "changed-since", remedy) for name in changed]
        raise DataError(folder, violations)
    last.rename(folder / UNFINISHED)
    return TakenBack(_restore(folder), finished=True)


def _restore(folder: Path) -> list[str]:
    """Put back the old files that are kept aside; return which were replaced."""
    journal = folder / UNFINISHED
    if not journal.is_dir():
        return []
    names: list[str] = []
    if (journal / READY).is_file():
        names = list(json.loads((journal / READY).read_bytes()))
        for name in names:
            old = journal / f"old-{name}"
            if old.exists():
                _write_through(journal / f"back-{name}", old.read_bytes())
                shutil.copymode(
                    old if not (folder / name).exists() else folder / name, journal / f"back-{name}"
                )
                (journal / f"back-{name}").replace(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
        (journal / READY).unlink()
    shutil.rmtree(journal)
    return names


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write_through(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
