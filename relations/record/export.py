"""Tables written out for other software."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

FORMATS = ("csv", "excel", "parquet", "stata")
# What pandas asks for without saying so in the error itself.
NEEDED = {"excel": "openpyxl", "parquet": "pyarrow"}


def save(frames: Mapping[str, pd.DataFrame], notes: str, folder: Path, format: str) -> list[Path]:
    """Write frames and a note on where they come from into a folder, all files or none."""
    if format not in FORMATS:
        raise ValueError(f"format={format!r}: use one of {', '.join(FORMATS)}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".saving-") as made:
        fresh = Path(made)
        try:
            WRITERS[format](frames, fresh)
        except ImportError as error:
            raise ImportError(
                f"format={format!r} needs {error.name or NEEDED.get(format, 'a library')}: "
                "pip install 'china-vietnam-relations[export]'"
            ) from None
        (fresh / "README.txt").write_text(notes, encoding="utf-8", newline="\n")
        names = sorted(path.name for path in fresh.iterdir())
        there = [name for name in names if (folder / name).exists()]
        if there:
            raise FileExistsError(
                f"{folder} has {there[0]} already: take it away, or name another folder"
            )
        folder.mkdir(exist_ok=True)
        for name in names:
            shutil.move(fresh / name, folder / name)
    return [folder / name for name in names]


def _csv(frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    for name, frame in frames.items():
        # With a byte order mark, which spreadsheets need to see that it is UTF-8.
        frame.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")


def _parquet(frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)


def _excel(frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    with pd.ExcelWriter(folder / "relations.xlsx", engine="openpyxl") as book:
        for name, frame in frames.items():
            frame.to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 0))


def _stata(frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    for name, frame in frames.items():
        # Stata keeps the word "end" for itself.
        plain = frame.rename(columns={"end": "_end"})
        dates = {}
        for column in plain:
            values = plain[column]
            if values.dtype.kind == "M":
                dates[column] = "td"
            elif isinstance(values.dtype, pd.CategoricalDtype) or values.dtype.kind == "O":
                plain[column] = values.astype("object").where(values.notna(), "").astype(str)
            elif pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_integer_dtype(
                values.dtype
            ):
                plain[column] = values.astype("Float64").astype("float64")
        texts = [column for column in plain if plain[column].dtype.kind == "O"]
        long = [column for column in texts if plain[column].str.len().max() > 200]
        # Format 118 holds Unicode; names of columns are at most 32 letters long there.
        plain.to_stata(
            folder / f"{name}.dta",
            write_index=False,
            version=118,
            convert_dates=dates,
            convert_strl=long,
        )


WRITERS: dict[str, Callable[[Mapping[str, pd.DataFrame], Path], None]] = {
    "csv": _csv,
    "excel": _excel,
    "parquet": _parquet,
    "stata": _stata,
}
