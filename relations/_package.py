"""The data package on disk: descriptor, files, and rows that know their line.

Reading is strict: whatever could turn into a wrong number later (a broken quote, a
missing column, a text in another encoding) becomes a `Violation` here.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from relations import _dates

DESCRIPTOR = "datapackage.json"


def _shipped() -> Path:
    installed = Path(__file__).parent / "data"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "data"


SHIPPED = _shipped()


@dataclass(frozen=True, order=True)
class Violation:
    """One broken rule: where it is, what stands there, and how to mend it."""

    file: str
    line: int
    column: str
    value: str
    rule: str
    remedy: str
    notice: bool = False

    def __str__(self) -> str:
        where = self.file + (f", line {self.line}" if self.line else "")
        if self.column:
            where += f", column {self.column}"
        if self.value:
            shown = self.value if len(self.value) <= 80 else self.value[:77] + "..."
            where += f", value {shown!r}"
        return f"{where}: {self.rule}: {self.remedy}"


class DataError(ValueError):
    """Tables that break the rules; ``violations`` holds every one of them."""

    def __init__(self, folder: Path, violations: Sequence[Violation]):
        self.folder = folder
        self.violations = list(violations)
        lines = [str(violation) for violation in self.violations[:5]]
        rest = len(self.violations) - len(lines)
        if rest:
            lines.append(f"... and {rest} more: python -m relations check {folder}")
        count = len(self.violations)
        noun = "rule is" if count == 1 else "rules are"
        super().__init__(f"{count} {noun} broken in {folder}\n" + "\n".join(lines))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.folder, self.violations)


@dataclass
class Table:
    """One file as text: its rows as dictionaries, and the line each begins on.

    ``missing`` and ``unknown`` are columns that the file lacks or has beyond the schema,
    ``torn`` the lines of which it is not sure what stands in which column; ``swallowed``
    says that a cell holds a line break, and with it perhaps further rows.
    """

    name: str
    rows: list[dict[str, str]]
    lines: list[int]
    hash: str = ""
    missing: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    torn: set[int] = field(default_factory=set)
    swallowed: bool = False

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        return zip(self.lines, self.rows, strict=True)

    def columns(self) -> dict[str, list[str]]:
        """Return the cells by column, those of the schema first."""
        names = [*field_names(self.name), *self.unknown]
        return {name: [row[name] for row in self.rows] for name in names}

    def violation(self, line: int, column: str, value: str, rule: str, remedy: str) -> Violation:
        return Violation(self.file, line, column, value, rule, remedy)


def read_descriptor(folder: Path) -> dict[str, Any]:
    """Return the ``datapackage.json`` of a folder, or raise `DataError`."""
    path = folder / DESCRIPTOR

    def refuse(line: int, rule: str, remedy: str) -> DataError:
        return DataError(folder, [Violation(DESCRIPTOR, line, "", "", rule, remedy)])

    if not folder.is_dir():
        raise DataError(
            folder,
            [
                Violation(
                    str(folder), 0, "", "", "folder-missing", "name a folder that holds tables"
                )
            ],
        )
    try:
        found = json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise refuse(
            0,
            "file-missing",
            f"copy {SHIPPED / DESCRIPTOR} into the folder and state name, version and span",
        ) from None
    except OSError as error:
        raise refuse(0, "unreadable", f"make the file readable: {error.strerror}") from None
    except UnicodeDecodeError:
        raise refuse(0, "not-utf8", "save the file as UTF-8") from None
    except json.JSONDecodeError as error:
        raise refuse(error.lineno, "not-json", f"mend the JSON: {error.msg}") from None
    if not isinstance(found, dict):
        raise refuse(1, "not-json", "the descriptor is one JSON object")
    return found


def entries(descriptor: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what a descriptor says of each table, by name; nothing where it is malformed."""
    listed = descriptor.get("resources")
    found = (
        [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    )
    return {str(entry.get("name")): entry for entry in found}


@cache
def schema() -> dict[str, dict[str, Any]]:
    """Return the description of every table by its name, as the package ships it."""
    return entries(read_descriptor(SHIPPED))


def field_names(table: str, *, required: bool = False) -> list[str]:
    """Return the columns of a table, or only those that no folder may lack."""
    return [
        column["name"]
        for column in schema()[table]["schema"]["fields"]
        if not (required and column.get("relations", {}).get("optional"))
    ]


def is_optional(table: str) -> bool:
    """Whether a folder may lack the file."""
    return bool(schema()[table].get("relations", {}).get("optional"))


def read_table(folder: Path, name: str) -> tuple[Table | None, list[Violation]]:
    """Read one table as text, with what is wrong about its form."""
    path = folder / f"{name}.csv"

    def fault(
        rule: str, remedy: str, line: int = 0, column: str = "", value: str = ""
    ) -> Violation:
        return Violation(path.name, line, column, value, rule, remedy)

    wanted = field_names(name)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        if is_optional(name):
            return Table(name, [], []), []
        remedy = "put the file back, with this first line: " + ",".join(wanted)
        return None, [fault("file-missing", remedy)]
    except OSError as error:
        return None, [fault("unreadable", f"make the file readable: {error.strerror}")]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{raw[error.start]:02x}"
        return None, [fault("not-utf8", "save the file as UTF-8", line, "", byte)]
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return None, [fault("not-utf8", "the file holds a null byte: save it as UTF-8 text", line)]

    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[list[str]] = []
    lines: list[int] = []
    before = 0
    try:
        for record in reader:
            if record:
                records.append(record)
                lines.append(before + 1)
            before = reader.line_num
    except csv.Error:
        remedy = 'close the quote; a quote inside a quoted cell is written twice: ""'
        return None, [fault("broken-quote", remedy, before + 1)]
    if not records:
        remedy = "the file is empty; its first line is: " + ",".join(wanted)
        return None, [fault("table-empty", remedy)]

    header = records[0]
    missing = [column for column in field_names(name, required=True) if column not in header]
    faults = [
        fault(
            "column-missing", "add the column, with empty cells where nothing is known", 1, column
        )
        for column in missing
    ]
    faults += [
        fault("column-repeated", "a column stands once", 1, column)
        for column in sorted({column for column in header if header.count(column) > 1})
    ]
    torn = [
        _tear(path.name, number, header, record, text)
        for number, record in zip(lines[1:], records[1:], strict=True)
    ]
    faults += [violation for violations in torn for violation in violations]
    width = len(header)
    table = Table(
        name,
        [
            dict.fromkeys(wanted, "") | dict(zip(header, [*record, *[""] * width], strict=False))
            for record in records[1:]
        ],
        lines[1:],
        _hash(raw),
        missing,
        [column for column in header if column not in wanted],
        {violations[0].line for violations in torn if violations},
        any("\n" in cell or "\r" in cell for record in records for cell in record),
    )
    return table, faults


def _tear(file: str, line: int, header: list[str], record: list[str], text: str) -> list[Violation]:
    """Tell what makes it unsure which cell of a line belongs to which column."""
    if len(record) != len(header):
        remedy = (
            f"{len(record)} cells under {len(header)} columns; "
            "put a cell that holds a comma in quotes"
        )
        return [Violation(file, line, "", "", "cell-count", remedy)]
    found = []
    for column, cell in zip(header, record, strict=True):
        if "\n" in cell or "\r" in cell:
            remedy = "a cell is one line: an open quote, or a line break inside a text"
            found.append(Violation(file, line, column, cell, "broken-quote", remedy))
        elif '"' in cell and f'"{cell.replace(chr(34), chr(34) * 2)}"' not in text:
            remedy = "put the whole cell in quotes and write the quote inside twice"
            found.append(Violation(file, line, column, cell, "broken-quote", remedy))
    return found


def read_tables(folder: Path) -> tuple[dict[str, Table], list[Violation]]:
    """Read every table of the schema, with what is wrong about their form."""
    tables: dict[str, Table] = {}
    faults = unfinished(folder)
    for name in schema():
        table, found = read_table(folder, name)
        faults += found
        if table is not None:
            tables[name] = table
    return tables, faults


def read_sealed(
    folder: Path, descriptor: dict[str, Any]
) -> tuple[dict[str, dict[str, list[str]]], dict[str, str]] | None:
    """Read the columns of every table at once, if no file differs from its checksum.

    The tables were checked when the checksums were written, so what makes reading slow,
    the search for faults, is not done again. Returns the columns and the hashes, or None
    where any file differs.
    """
    if unfinished(folder):
        return None
    sealed = entries(descriptor)
    tables, hashes = {}, {}
    for name in schema():
        try:
            raw = (folder / f"{name}.csv").read_bytes()
        except OSError:
            return None
        hashes[name] = _hash(raw)
        if sealed.get(name, {}).get("hash") != hashes[name]:
            return None
        header, *records = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
        if set(header) != set(field_names(name)):
            return None
        columns = zip(*records, strict=True) if records else ([] for _ in header)
        tables[name] = {column: list(cells) for column, cells in zip(header, columns, strict=True)}
    return tables, hashes


def _hash(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def checksum(hashes: dict[str, str]) -> str:
    """Return one SHA-256 over the hashes of the tables, whatever order they were read in.

    A table that the folder lacks takes no part, so that a folder keeps the checksum that it
    had before the table was thought of.
    """
    lines = "".join(f"{name} {hashes[name]}\n" for name in sorted(hashes) if hashes[name])
    return hashlib.sha256(lines.encode()).hexdigest()


SPAN_SHAPE = (
    "state the days that the record covers, such as "
    '"span": [{"since": "2000-01-01", "until": "2026-06-30"}], '
    'with further entries that name a "kind" where it differs'
)


def read_span(descriptor: dict[str, Any]) -> dict[str | None, tuple[str, str]]:
    """Return first and last day covered, by kind; ``None`` stands for every other kind."""
    stated = descriptor.get("span")
    if not isinstance(stated, list) or not stated:
        raise ValueError(SPAN_SHAPE)
    (kinds,) = (
        column["constraints"]["enum"]
        for column in schema()["events"]["schema"]["fields"]
        if column["name"] == "kind"
    )
    span: dict[str | None, tuple[str, str]] = {}
    for entry in stated:
        if not isinstance(entry, dict):
            raise ValueError(SPAN_SHAPE)
        kind = entry.get("kind")
        if kind is not None and kind not in kinds:
            raise ValueError(f"{kind!r} in span is no kind; use one of {', '.join(kinds)}")
        since, until = str(entry.get("since", "")), str(entry.get("until", ""))
        for day in (since, until):
            try:
                _dates.validate(day)
            except _dates.DateError as error:
                raise ValueError(f"{day!r} in span: {error}") from None
        if len(since) != 10 or len(until) != 10 or until < since:
            raise ValueError(f"{since!r} to {until!r} in span: two days, the earlier first")
        if kind in span:
            raise ValueError(f"span states {kind or 'all kinds'} twice")
        span[kind] = since, until
    if None not in span:
        raise ValueError("span needs one entry without a kind, for every kind not named")
    return span


def write_seal(folder: Path) -> None:
    """Write checksum, size and row count of every table into the descriptor of a folder.

    A table that the folder may lack, and lacks, is no longer described.
    """
    descriptor = read_descriptor(folder)
    tables, faults = read_tables(folder)
    if faults:
        raise DataError(folder, faults)
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


# Holds the old and the new files while several are being replaced.
UNFINISHED = ".unfinished"
READY = "ready"


def write_together(folder: Path, texts: dict[str, str]) -> None:
    """Write several files of a folder, all or none.

    The old files are kept aside until every new one is in its place. Should the process
    be killed between, `unfinished` says so to whoever reads the folder, and `take_back`
    restores the old ones.
    """
    journal = folder / UNFINISHED
    try:
        journal.mkdir()
    except FileExistsError:
        raise DataError(folder, [_unfinished(folder)]) from None
    try:
        existing = [name for name in texts if (folder / name).exists()]
        for name, text in texts.items():
            _write_through(journal / f"new-{name}", text.encode("utf-8"))
            if name in existing:
                _write_through(journal / f"old-{name}", (folder / name).read_bytes())
                shutil.copymode(folder / name, journal / f"new-{name}")
        _write_through(journal / f"{READY}.new", json.dumps(sorted(texts)).encode())
        (journal / f"{READY}.new").replace(journal / READY)
        for name in texts:
            (journal / f"new-{name}").replace(folder / name)
    except BaseException:
        take_back(folder)
        raise
    (journal / READY).unlink()
    shutil.rmtree(journal)


def take_back(folder: Path) -> bool:
    """Put back the old files of an addition that was cut short; whether there was one."""
    journal = folder / UNFINISHED
    if not journal.is_dir():
        return False
    if (journal / READY).is_file():
        for name in json.loads((journal / READY).read_bytes()):
            old = journal / f"old-{name}"
            if old.exists():
                _write_through(journal / f"back-{name}", old.read_bytes())
                shutil.copymode(folder / name, journal / f"back-{name}")
                (journal / f"back-{name}").replace(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
        (journal / READY).unlink()
    shutil.rmtree(journal)
    return True


def unfinished(folder: Path) -> list[Violation]:
    """Return a violation where files of a folder were being replaced when that was cut short."""
    return [_unfinished(folder)] if (folder / UNFINISHED / READY).is_file() else []


def _unfinished(folder: Path) -> Violation:
    remedy = (
        "an addition is under way, or was cut short and left some files new and some old: "
        f"python -m relations add --take-back --folder {folder}"
    )
    return Violation(UNFINISHED, 0, "", "", "unfinished-addition", remedy)


def _write_through(path: Path, content: bytes) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
