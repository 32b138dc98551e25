"""What a column means, and how the record is cited."""

from __future__ import annotations

import pandas as pd

from relations.record._package import SHIPPED, checksum, read_descriptor, read_tables, schema
from relations.record.versions import read_register, standing


def codebook(table: str | None = None) -> pd.DataFrame:
    """List the columns of one table, or of all, with their meaning.

    Parameters
    ----------
    table : str, optional
        Name of a table, such as ``"events"``; all tables if left out.

    Returns
    -------
    pandas.DataFrame
        One row per column: ``table``, ``column``, ``type``, ``required``, ``values`` (the
        vocabulary or the table referred to), ``meaning``.

    Raises
    ------
    ValueError
        Where there is no such table.

    Examples
    --------
    >>> import relations as rel
    >>> rel.codebook("editions")["column"].tolist()
    ['event_id', 'side', 'edition']
    """
    if table is not None and table not in schema():
        raise ValueError(f"no table {table!r}; the tables are {', '.join(schema())}")
    rows = []
    for name in schema() if table is None else [table]:
        for column in schema()[name]["schema"]["fields"]:
            extra = column.get("relations", {})
            values = list(column["constraints"].get("enum", extra.get("also", [])))
            if "refers" in extra:
                values.insert(0, extra["refers"])
            kind = "date" if extra.get("date") else column["type"]
            rows.append(
                {
                    "table": name,
                    "column": column["name"],
                    "type": f"list of {kind}" if extra.get("list") else kind,
                    "required": bool(column["constraints"].get("required")),
                    "values": ", ".join(values),
                    "meaning": column["description"],
                }
            )
    return pd.DataFrame(rows)


def cite(style: str = "text") -> str:
    """Return how to cite the record, with its version and checksum.

    The version of tables that are not the published ones ends in ``+changed``.

    Parameters
    ----------
    style : {"text", "bibtex"}

    Returns
    -------
    str

    Raises
    ------
    ValueError
        Where the style is unknown.

    Examples
    --------
    >>> import relations as rel
    >>> rel.cite().startswith("China–Vietnam defence contacts")
    True
    """
    descriptor = read_descriptor(SHIPPED)
    tables, _ = read_tables(SHIPPED)
    hashes = {name: table.hash for name, table in tables.items()}
    digest = checksum(hashes)[:16]
    version = standing(descriptor, hashes, read_register(SHIPPED)).version
    title, year, home = descriptor["title"], descriptor["created"][:4], descriptor["name"]
    authors = "} and {".join(each["title"] for each in descriptor["contributors"])
    if style == "text":
        return (
            f"{title} ({year}). Dataset and library {home}, version {version}, "
            f"sha256 {digest}. CC BY 4.0."
        )
    if style == "bibtex":
        return (
            f"@misc{{{home}-{version.replace('+', '-')},\n"
            f"  author = {{{{{authors}}}}},\n"
            f"  title = {{{{{title}}}}},\n"
            f"  year = {{{year}}},\n"
            f"  version = {{{version}}},\n"
            f"  note = {{Dataset and library {home}, sha256 {digest}, CC BY 4.0}}\n"
            "}"
        )
    raise ValueError(f"no style {style!r}; use 'text' or 'bibtex'")
