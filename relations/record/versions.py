"""The register of published versions: which tables a version had when it was published."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from relations.record._package import (
    DESCRIPTOR,
    REGISTER,
    SHIPPED,
    DataError,
    Table,
    Violation,
    entries,
    field_names,
    read_descriptor,
    read_table,
    read_tables,
)
from relations.record._writing import write_atomically, write_seal

Columns = Mapping[str, list[str]]
# Stands in the register among the tables, with the checksum of the days covered.
SPAN = "span"


class Standing(NamedTuple):
    """What tables may be called: a version as published, or what it has become since.

    ``changed`` holds the tables that are not as published, and "span" where the days covered
    are not; where nothing was published, the tables that are not as sealed.
    """

    version: str
    changed: list[str]


def standing(
    descriptor: Mapping[str, Any], hashes: Mapping[str, str], register: Columns
) -> Standing:
    """Say what tables may be called.

    Parameters
    ----------
    descriptor : dict
        The folder's ``datapackage.json``.
    hashes : dict
        The checksum of each table, "" where the folder lacks it.
    register : dict of str to list of str
        The columns of ``versions.csv``, empty where nothing was published.

    Returns
    -------
    Standing
        The version of the descriptor; with ``+changed`` where a table, or the span, differs from
        what was published under that version, and with ``+unpublished`` where nothing was, though
        other versions were. Of a folder that never published, a table that differs from
        its checksum in the descriptor has changed.

    Examples
    --------
    >>> from relations.record.versions import standing
    >>> register = {"version": ["1"], "table": ["sides"], "checksum": ["sha256:aa"]}
    >>> standing({"version": "1"}, {"sides": "sha256:bb"}, register)
    Standing(version='1+changed', changed=['sides'])
    >>> standing({"version": "2"}, {"sides": "sha256:bb"}, register).version
    '2+unpublished'
    """
    version = str(descriptor.get("version", "unversioned"))
    described = entries(dict(descriptor))
    sealed = {name: str(described.get(name, {}).get("hash") or "") for name in hashes}
    if not register["version"]:
        changed = _differing(sealed, hashes)
        return Standing(version + "+changed" * bool(changed and any(sealed.values())), changed)
    published = tables_of(register).get(version)
    if published is None:
        return Standing(version + "+unpublished", _differing(sealed, hashes))
    changed = _differing(published, _registered(descriptor, hashes, published))
    return Standing(version + "+changed" * bool(changed), changed)


def _registered(
    descriptor: Mapping[str, Any], hashes: Mapping[str, str], published: Mapping[str, str]
) -> dict[str, str]:
    """Return the checksums of what is registered: of the span too, which early versions lack."""
    here = {name: digest for name, digest in hashes.items() if digest and name != REGISTER}
    return here | ({SPAN: _span_checksum(descriptor)} if SPAN in published else {})


def _span_checksum(descriptor: Mapping[str, Any]) -> str:
    text = json.dumps(descriptor.get("span"), sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def was_published(descriptor: Mapping[str, Any], hashes: Mapping[str, str]) -> bool:
    """Whether tables are those of a version in the register that is shipped."""
    published = tables_of(read_register(SHIPPED)).get(str(descriptor.get("version", "")))
    return published is not None and published == _registered(descriptor, hashes, published)


def tables_of(register: Columns) -> dict[str, dict[str, str]]:
    """Return the checksum of each table of each published version."""
    found: dict[str, dict[str, str]] = {}
    columns = (register[name] for name in ("version", "table", "checksum"))
    for version, table, checksum in zip(*columns, strict=True):
        found.setdefault(version, {})[table] = checksum
    return found


def latest(register: Columns) -> str | None:
    """Return the highest version that was published; None where none was."""
    return max(register["version"], key=_parts, default=None)


def _parts(version: str) -> list[tuple[int, str]]:
    return [(int(part or 0), rest) for part, rest in re.findall(r"(\d*)([^.]*)\.?", version)]


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    names = sorted((before.keys() | after.keys()) - {REGISTER})
    return [name for name in names if (before.get(name) or "") != (after.get(name) or "")]


def read_register(folder: Path) -> dict[str, list[str]]:
    """Return the columns of ``versions.csv``, empty where the folder has none."""
    table, _ = read_table(folder, REGISTER)
    return (table or Table(REGISTER, [], [])).columns()


def publish(folder: Path) -> str:
    """Register the tables and the span of a folder under the version that its descriptor states.

    Parameters
    ----------
    folder : path
        Holds tables that break no rule, and ``datapackage.json``. Both its checksums and
        ``versions.csv`` are written.

    Returns
    -------
    str
        The version.

    Raises
    ------
    DataError
        Where the version was published with other tables, or there is none to publish.
    """
    descriptor = read_descriptor(folder)
    tables, faults = read_tables(folder)
    if broken := [fault for fault in faults if not fault.notice]:
        raise DataError(folder, broken)
    version, register = str(descriptor.get("version", "")), read_register(folder)
    day = str(descriptor.get("created", ""))[:10]
    for field, value in (("version", version), ("created", day)):
        if not value:
            remedy = "state it: a version is published under its number and its day"
            raise DataError(folder, [Violation(DESCRIPTOR, 0, field, "", "unpublished", remedy)])
    published = tables_of(register).get(version)
    hashes = _registered(
        descriptor, {name: table.hash for name, table in tables.items()}, published or {SPAN: ""}
    )
    if published is not None and (changed := _differing(published, hashes)):
        remedy = (
            f"it was published with another checksum of {', '.join(changed)}: raise the version, "
            "so that one number never stands for two records"
        )
        raise DataError(
            folder, [Violation(DESCRIPTOR, 0, "version", version, "published-before", remedy)]
        )
    if published is None:
        columns = (register[name] for name in field_names(REGISTER))
        rows: list[tuple[str, ...]] = list(zip(*columns, strict=True))
        rows += [(version, day, name, checksum) for name, checksum in hashes.items()]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(field_names(REGISTER))
        rows.sort(key=lambda row: (row[0], row[2]))
        writer.writerows(rows)
        write_atomically(folder / f"{REGISTER}.csv", text.getvalue())
    write_seal(folder)
    return version
