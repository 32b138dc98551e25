"""The data package on disk: descriptor, files, and rows that know their line.

Reading is strict: whatever could turn into a wrong number later (a broken quote, a
missing column, a text in another encoding) becomes a `Violation` here.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from relations.record import _dates, _letters

DESCRIPTOR = "datapackage.json"
# The table of what was published; it tells of the others and is no part of what they hold.
REGISTER = "versions"


def _shipped() -> Path:
    package = Path(__file__).parent.parent
    installed = package / "data"
    return installed if installed.is_dir() else package.parent / "data"


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
            where += f", value {self.shown!r}"
        return f"{where}: {self.rule}: {self.remedy}"

    @property
    def shown(self) -> str:
        """The value, cut where it is long."""
        return self.value if len(self.value) <= 80 else self.value[:77] + "..."


def summarise(violations: Sequence[Violation]) -> list[str]:
    """Write one line for each violation; for more than three alike one line, with examples.

    Alike are those that break one rule in one column of one file. Notices say that they are.
    """
    alike: dict[tuple[str, str, str, bool], list[Violation]] = {}
    for violation in violations:
        key = violation.file, violation.column, violation.rule, violation.notice
        alike.setdefault(key, []).append(violation)
    lines = []
    for (file, column, rule, notice), group in alike.items():
        prefix = "notice: " if notice else ""
        if len(group) <= EXAMPLES:
            lines += [prefix + str(violation) for violation in group]
            continue
        where = file + (f", column {column}" if column else "")
        shown = "; ".join(
            f"line {violation.line}" + (f" {violation.shown!r}" if violation.value else "")
            for violation in group[:EXAMPLES]
        )
        remedies = {violation.remedy for violation in group}
        remedy = group[0].remedy if len(remedies) == 1 else f"of the first, {group[0].remedy}"
        lines.append(f"{prefix}{where}: {rule}, {len(group):,} times ({shown}; ...): {remedy}")
    return lines


# So many violations that are alike are told one by one; of more, so many are examples.
EXAMPLES = 3


class DataError(ValueError):
    """Tables that break the rules; ``violations`` holds every one of them."""

    def __init__(self, folder: Path, violations: Sequence[Violation]):
        self.folder = folder
        self.violations = list(violations)
        lines = summarise(self.violations)
        shown = lines[:5]
        if len(lines) > len(shown):
            more = len(lines) - len(shown)
            shown.append(f"... and {more} more: python -m relations check {folder}")
        count = len(self.violations)
        noun = "rule is" if count == 1 else "rules are"
        super().__init__(f"{count:,} {noun} broken in {folder}\n" + "\n".join(shown))

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


@cache
def vocabulary(table: str, column: str) -> tuple[str, ...]:
    """Return the values that the description allows in a column; none where it allows any."""
    described = (field for field in schema()[table]["schema"]["fields"] if field["name"] == column)
    return tuple(value for field in described for value in field["constraints"].get("enum", []))


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

    if other := _separator(text, wanted):
        remedy = (
            f"the cells are separated by {other}: save the file as CSV with commas "
            "(in LibreOffice: Save As, Edit filter settings, field delimiter ,)"
        )
        return None, [fault(other, remedy, 1)]

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
        if _is_long(text, before):
            remedy = f"a cell holds more than {csv.field_size_limit():,} characters: shorten it"
            return None, [fault("long-cell", remedy, before + 1)]
        remedy = 'close the quote; a quote inside a quoted cell is written twice: ""'
        return None, [fault("broken-quote", remedy, before + 1)]
    if not records:
        remedy = "the file is empty; its first line is: " + ",".join(wanted)
        return None, [fault("table-empty", remedy)]

    header = records[0]
    if spoilt := [
        fault(wrong.rule, wrong.remedy, 1, column)
        for column in header
        for wrong in _letters.faults(column)
    ]:
        return None, spoilt
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


def _separator(text: str, wanted: list[str]) -> str:
    """Name what separates the cells of a file where it is no comma; "" where it is one."""
    first = text.lstrip("\r\n").partition("\n")[0].strip("\r")
    if first.lower() in ("sep=;", "sep=,", "sep=\t"):
        first = text.partition("\n")[2].partition("\n")[0].strip("\r")
    for character, name in ((";", "semicolons"), ("\t", "tabs")):
        columns = {column.strip(' "') for column in first.split(character)}
        if "," not in first and len(columns & set(wanted)) > 1:
            return name
    return ""


def _is_long(text: str, line: int) -> bool:
    """Whether a single line, counted from 0, is longer than a cell may be."""
    lines = text.splitlines()
    return line < len(lines) and len(lines[line]) > csv.field_size_limit()


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
        header, *records = _records(raw.removeprefix(codecs.BOM_UTF8).decode())
        if set(header) != set(field_names(name)):
            return None
        columns = zip(*records, strict=True) if records else ([] for _ in header)
        tables[name] = {column: list(cells) for column, cells in zip(header, columns, strict=True)}
    return tables, hashes


def hashes_of(folder: Path) -> dict[str, str]:
    """Return the checksum of each table as it stands, "" where the folder lacks it."""
    paths = {name: folder / f"{name}.csv" for name in schema()}
    return {
        name: _hash(path.read_bytes()) if path.is_file() else "" for name, path in paths.items()
    }


def _records(text: str) -> Iterator[list[str]]:
    """Return the cells of a table in which every cell is known to be one line."""
    for line in text.replace("\r\n", "\n").removesuffix("\n").split("\n"):
        # Without the parser most lines take half the time.
        yield next(csv.reader([line])) if '"' in line else line.split(",")


def _hash(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def checksum(hashes: dict[str, str]) -> str:
    """Return one SHA-256 over the hashes of the tables, whatever order they were read in.

    A table that the folder lacks takes no part, so that a folder keeps the checksum that it
    had before the table was thought of; the register of versions takes none either.
    """
    lines = "".join(
        f"{name} {hashes[name]}\n" for name in sorted(hashes) if hashes[name] and name != REGISTER
    )
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


# Holds the old and the new files while several are being replaced.
UNFINISHED = ".unfinished"
# Says that every new file is there, so that the old ones are being replaced from then on.
READY = "ready"


def unfinished(folder: Path) -> list[Violation]:
    """Return violations where a write to a folder was cut short: which, and what to do.

    One that left files new and files old is an error; one that left only files beside
    those of the record is a notice.
    """
    found = []
    if (folder / UNFINISHED / READY).is_file():
        found.append(unfinished_violation(folder))
    elif (folder / UNFINISHED).is_dir():
        remedy = (
            "an addition was cut short before it changed a file, or is under way: "
            f"python -m relations add --take-back --folder {folder}"
        )
        found.append(Violation(UNFINISHED, 0, "", "", "unfinished-addition", remedy, notice=True))
    found += [
        Violation(
            path.name, 0, "", "", "unfinished-write",
            "writing was cut short, and the file it should replace is as it was: delete this one",
            notice=True,
        )
        for path in sorted(folder.glob("*.new"))
        if path.with_suffix("").suffix in (".csv", ".json", ".md")
    ]  # fmt: skip
    return found


def unfinished_violation(folder: Path) -> Violation:
    """Say that an addition is under way, or was cut short between two files."""
    remedy = (
        "an addition is under way, or was cut short and left some files new and some old: "
        f"python -m relations add --take-back --folder {folder}"
    )
    return Violation(UNFINISHED, 0, "", "", "unfinished-addition", remedy)
