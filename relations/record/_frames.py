"""Any engine's frame in, in the plain types that all engines share; the same kind back out.

Every frame of a caller comes in through `narrow` and nowhere else: columns are checked and
selected there, and text, dates, whole numbers and truth values brought to one type each,
however the caller's library stores them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations.record._package import schema as tables_described
from relations.record._types import MOMENT, TEXT

NUMBERS = ("integer", "number")
# A frame of any engine that narwhals knows.
Frame: TypeAlias = Any
DAYS, INT, FLOAT, BOOL = (np.dtype(each) for each in (MOMENT, "int64", "float64", "bool"))
# Frames by the names of their tables.
Tables: TypeAlias = Mapping[str, Frame]


def narrow(
    frame: Frame, metric: str, needed: Iterable[str], optional: Iterable[str] = ()
) -> nw.LazyFrame[Any]:
    """Return the columns needed, and those of ``optional`` that are there, in plain types.

    Text of any kind, categories among it, becomes text; dates of any kind timestamps
    without a time zone. Whole numbers and truth values stay what they are.
    """
    known = frame
    if not (isinstance(frame, pd.DataFrame) and frame.columns.is_unique):
        known = _known(frame, metric)
        known = nw.to_native(known) if known.implementation.is_pandas() else known
    of_pandas = isinstance(known, pd.DataFrame)
    columns = list(known.columns) if of_pandas else known.collect_schema().names()
    needed = list(dict.fromkeys(needed))
    missing = [column for column in needed if column not in columns]
    if missing:
        raise ValueError(
            f"{metric} needs the column{'s' * (len(missing) > 1)} {', '.join(missing)}; "
            f"the frame has {', '.join(columns)}"
        )
    wanted = [*needed, *(each for each in optional if each in columns and each not in needed)]
    if of_pandas:
        plain = _plain_pandas(known, wanted)
        for column, dtype in plain.dtypes.items():
            _refuse_zone(_zone_of_pandas(dtype), column, frame, metric)
            kind = _kinds().get(str(column))
            if kind == "number":
                plain[column] = _numbers(plain[column], metric)
            elif kind == "day" and dtype.kind != "M":
                plain[column] = _days(plain[column], metric)
        return nw.from_native(plain).lazy()
    schema = known.collect_schema()
    for column in wanted:
        _refuse_zone(getattr(schema[column], "time_zone", None), column, frame, metric)
        if column in _kinds() and isinstance(schema[column], nw.String):
            raise ValueError(
                f"{metric}: {column} holds text where a {_kinds()[column]} is needed: convert it"
            )
    return known.lazy().select(*(plain_column(column, schema[column]) for column in wanted))


@cache
def _kinds() -> dict[str, str]:
    """Return which columns hold numbers or days in every table that has them."""
    found: dict[str, set[str]] = {}
    for entry in tables_described().values():
        for column in entry["schema"]["fields"]:
            day = column.get("relations", {}).get("date")
            kind = "day" if day else "number" if column["type"] in NUMBERS else column["type"]
            for name in [column["name"], *([f"{column['name']}_latest"] if day else [])]:
                found.setdefault(name, set()).add(kind)
    return {
        name: kind for name, kinds in found.items() for kind in kinds & {"number", "day"}
        if len(kinds) == 1
    }  # fmt: skip


def _numbers(values: pd.Series, metric: str) -> pd.Series:
    """Return a column of numbers as numbers, text that stands for some among them."""
    numbers = values
    if not pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_bool_dtype(values.dtype):
        numbers = pd.to_numeric(values.astype("object").astype(TEXT), errors="coerce")
    elif values.dtype.kind != "f":
        return values
    wrong = numbers.isna() & values.notna() | np.isinf(numbers.astype("float64"))
    if wrong.any():
        raise number_needed_error(values, wrong, metric)
    return numbers


def number_needed_error(values: pd.Series, wrong: pd.Series, metric: str) -> ValueError:
    """Return the error that cells of a column are no numbers, with the first of them."""
    row = values.index[wrong][0]
    return ValueError(
        f"{metric}: {values.name} is {values.loc[row]!r} in row {row}, where a number is needed: "
        "fill it, or drop the row"
    )


def _days(values: pd.Series, metric: str) -> pd.Series:
    if values.notna().any():
        raise ValueError(f"{metric} needs timestamps in {values.name}; relations.load gives them")
    return values.astype("object").astype(MOMENT)


def _known(frame: Frame, metric: str) -> Any:
    try:
        return nw.from_native(frame)
    except TypeError:
        raise TypeError(
            f"{metric} takes a Dataset or a pandas, Polars, DuckDB or PySpark frame, "
            f"not {type(frame).__name__}"
        ) from None


def _refuse_zone(zone: Any, column: Any, frame: Any, metric: str) -> None:
    if zone is not None:
        raise ValueError(
            f"{metric}: {column} has the time zone {zone}, and days differ between zones: "
            f"take it off first, for instance with {_without_zone(frame, column)}"
        )


def plain_column(column: str, dtype: Any) -> nw.Expr:
    """Return a column with text as text and dates as timestamps, whatever they are stored as."""
    if isinstance(dtype, (nw.Categorical, nw.Enum)):
        return nw.col(column).cast(nw.String)
    if isinstance(dtype, nw.Date):
        return nw.col(column).cast(nw.Datetime("us"))
    return nw.col(column)


def _zone_of_pandas(dtype: Any) -> Any:
    """Return the time zone of a pandas type, which narwhals overlooks in names with a _."""
    return getattr(dtype, "tz", None) or getattr(getattr(dtype, "pyarrow_dtype", None), "tz", None)


def _without_zone(frame: Any, column: str) -> str:
    package = type(frame).__module__.partition(".")[0]
    return {
        "polars": f"frame.with_columns(pl.col('{column}').dt.replace_time_zone(None))",
        "duckdb": f"{column} AT TIME ZONE 'the zone that the days are of'",
        "_duckdb": f"{column} AT TIME ZONE 'the zone that the days are of'",
        "pyspark": f"frame.withColumn('{column}', col('{column}').cast('timestamp_ntz'))",
    }.get(package, _of_pandas_without_zone(frame, column))


def _of_pandas_without_zone(frame: Any, column: str) -> str:
    if isinstance(frame, pd.DataFrame) and frame[column].dtype == "object":
        # To bring them to one zone would move some of them to another day.
        return f"frame['{column}'].map(lambda day: day.replace(tzinfo=None), na_action='ignore')"
    return f"frame['{column}'].dt.tz_localize(None)"


def _plain_pandas(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return the columns with pandas' many types for one thing brought to one of them."""
    found = pd.DataFrame(frame, columns=columns)
    found.attrs = {}
    for column, dtype in found.dtypes.items():
        if not _is_plain(dtype):
            found[column] = plain_series(found[column])
    return found


def _is_plain(dtype: Any) -> bool:
    return dtype == TEXT or (isinstance(dtype, np.dtype) and dtype.kind != "O")


def plain_series(values: pd.Series) -> pd.Series:
    """Return a column in the type that text, dates, whole numbers and truth values have here."""
    dtype = values.dtype
    if _is_plain(dtype):
        return values
    if isinstance(dtype, pd.CategoricalDtype):
        return plain_series(_without_categories(values))
    if isinstance(dtype, pd.StringDtype):
        return values.astype("object").astype(TEXT)
    if isinstance(dtype, pd.ArrowDtype):
        return _plain_arrow(values)
    if dtype == "object":
        return _plain_objects(values)
    if pd.api.types.is_float_dtype(dtype):
        return values.astype("float64")
    if pd.api.types.is_bool_dtype(dtype):
        return values.astype("boolean")
    return values.astype("Int64") if pd.api.types.is_integer_dtype(dtype) else values


def _without_categories(values: pd.Series) -> pd.Series:
    categories = values.cat.categories
    if not isinstance(categories.dtype, pd.StringDtype):
        return values.astype(categories.dtype)
    # Of millions of rows this takes a twentieth of the time that astype does.
    texts = categories.array.take(values.cat.codes.to_numpy(), allow_fill=True)
    return pd.Series(texts, values.index, name=values.name)


def _plain_arrow(values: pd.Series) -> pd.Series:
    import pyarrow as pa

    stored = values.dtype.pyarrow_dtype
    if pa.types.is_dictionary(stored):
        return plain_series(values.astype(pd.ArrowDtype(stored.value_type)))
    if pa.types.is_timestamp(stored):
        return values if stored.tz is not None else values.astype(MOMENT)
    if pa.types.is_date(stored):
        return values.astype("object").astype(MOMENT)
    if pa.types.is_boolean(stored):
        return values.astype("boolean")
    if pa.types.is_integer(stored):
        return values.astype("Int64")
    if pa.types.is_floating(stored):
        return values.astype("float64")
    if pa.types.is_null(stored) or pa.types.is_string(stored) or pa.types.is_large_string(stored):
        return values.astype("object").where(values.notna(), None).astype(TEXT)
    return values


def _plain_objects(values: pd.Series) -> pd.Series:
    found = pd.api.types.infer_dtype(values, skipna=True)
    if found in ("string", "empty"):
        return values.where(values.notna(), None).astype(TEXT)
    if found in ("datetime", "datetime64", "date"):
        if any(getattr(value, "tzinfo", None) is not None for value in values):
            # Kept as moments of one zone, so that `narrow` says what to do about it.
            return pd.to_datetime(values, utc=True)
        return pd.to_datetime(values)
    if found == "boolean":
        return values.astype("boolean")
    return values.astype("Int64") if found == "integer" else values


def collect(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Fetch a small result as pandas, in the same types whatever engine made it."""
    schema = frame.collect_schema()
    # The frame may share memory with the caller's.
    found = frame.collect("pandas").to_native().reset_index(drop=True).copy()
    for (column, dtype), held in zip(schema.items(), found.dtypes, strict=True):
        if not _fits(held, dtype):
            found[column] = _collected(found[column], dtype)
    return found


def _fits(held: Any, dtype: Any) -> bool:
    """Say whether values are held as results hold them where none is missing."""
    if isinstance(dtype, nw.String):
        return bool(held == TEXT)
    if isinstance(dtype, nw.Boolean):
        return bool(held == BOOL)
    if isinstance(dtype, (nw.Datetime, nw.Date)):
        return bool(held == DAYS)
    if dtype.is_integer():
        return bool(held == INT)
    return bool(dtype.is_float() and held == FLOAT)


def _collected(values: pd.Series, dtype: Any) -> pd.Series:
    if isinstance(dtype, (nw.Datetime, nw.Date)):
        return values.astype(MOMENT)
    if isinstance(dtype, nw.String):
        return plain_series(values.astype("object"))
    # Where nothing is empty, numbers are what join and compare with anybody's.
    if dtype.is_integer():
        return values.astype("Int64" if values.isna().any() else "int64")
    if isinstance(dtype, nw.Boolean):
        return values.astype("boolean" if values.isna().any() else "bool")
    if dtype.is_float() or isinstance(dtype, nw.Decimal):
        return values.astype("float64")
    return values


def names(by: str | Sequence[str] | None, taken: Iterable[str] = ()) -> list[str]:
    """Return column names given as one text, a sequence or nothing as a list.

    Names in ``taken``, which the result needs for columns of its own, are refused.
    """
    if by is None:
        return []
    if not isinstance(by, (str, Iterable)):
        raise ValueError(f"by={by!r}: give the name of a column, or a list of names")
    given = list(dict.fromkeys([by] if isinstance(by, str) else by))
    clash = [name for name in given if name in set(taken)]
    if clash:
        raise ValueError(
            f"by={clash[0]!r}: the result has a column of that name of its own; rename yours, or "
            "choose its values with where"
        )
    return given


def groups(small: pd.DataFrame, by: Sequence[str]) -> list[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Return values and rows of each group; without ``by`` all rows are one group."""
    return list(small.groupby(list(by), dropna=False, observed=True)) if by else [((), small)]


def count_rows(frame: Frame) -> int:
    """Return the number of rows of any engine's frame."""
    return int(collect(nw.from_native(frame).lazy().select(nw.len()))["len"].iloc[0])


def count_values(frame: Frame, metric: str, column: str) -> int:
    """Return the number of different values of a column."""
    if isinstance(frame, pd.DataFrame) and list(frame.columns).count(column) == 1:
        return int(plain_series(frame[column]).nunique(dropna=False))
    number = collect(narrow(frame, metric, [column]).select(nw.col(column).n_unique()))[column]
    # Of no rows DuckDB has no number, not even 0.
    return int(number.fillna(0).iloc[0])


def column_names(frame: Frame) -> list[str]:
    """Return the names of the columns of any engine's frame."""
    if isinstance(frame, pd.DataFrame):
        return list(frame.columns)
    return list(nw.from_native(frame).collect_schema().names())


def semi(frame: nw.LazyFrame[Any], ids: nw.LazyFrame[Any], key: str) -> nw.LazyFrame[Any]:
    """Return the rows whose key is among the ids."""
    return frame.join(ids.select(key), on=key, how="semi")


def give_back(small: pd.DataFrame, like: Any) -> Any:
    """Return a small pandas result as the kind of frame that ``like`` is."""
    model = nw.from_native(like)
    if model.implementation.is_pandas():
        return small
    session = getattr(like, "sparkSession", None)
    if session is not None:
        return _to_spark(small, session)
    plain = small.assign(
        **{
            column: small[column].astype("object").where(small[column].notna(), None)
            for column in small
            if small[column].dtype == TEXT or small[column].dtype.kind == "O"
        }
    )
    result = nw.from_native(plain, eager_only=True)
    if isinstance(model, nw.LazyFrame):
        return result.lazy(model.implementation).to_native()
    return nw.from_dict(_values(small), result.schema, backend=model.implementation).to_native()


def _to_spark(small: pd.DataFrame, session: Any) -> Any:
    """Return a Spark frame of stated types, which Spark would else guess from the values.

    It would take a missing text for the text "NaN", a missing truth value for a structure, a
    day for a moment in the time zone of the session, and nothing for a frame without rows.
    """
    types = {"M": "timestamp_ntz", "i": "bigint", "u": "bigint", "f": "double", "b": "boolean"}
    schema = ", ".join(f"`{name}` {types.get(small[name].dtype.kind, 'string')}" for name in small)
    columns = [
        # Spark takes no subclass of what the standard library has for moments.
        [value.to_pydatetime() if isinstance(value, pd.Timestamp) else value for value in values]
        for values in _values(small).values()
    ]
    return session.createDataFrame(list(zip(*columns, strict=True)), schema)


def _values(small: pd.DataFrame) -> dict[str, list[Any]]:
    """Return the values of each column as Python has them, nothing for what is missing."""
    return {
        name: [None if pd.isna(value) else value for value in small[name].tolist()]
        for name in small
    }


def finish(frame: nw.LazyFrame[Any], like: Any) -> Any:
    """Return what was built lazily as the kind of frame that came in."""
    model = nw.from_native(like)
    if isinstance(model, nw.LazyFrame):
        return frame.to_native()
    if model.implementation.is_pandas():
        return collect(frame)
    return frame.collect(model.implementation).to_native()
