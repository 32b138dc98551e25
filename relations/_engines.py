"""Any engine's frame in, the same kind out: what every metric needs of narwhals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd


def lazy(frame: Any, metric: str, needed: Iterable[str]) -> nw.LazyFrame[Any]:
    """Return the frame as a lazy one, after making sure that the columns are there."""
    try:
        known = nw.from_native(frame)
    except TypeError:
        raise TypeError(
            f"{metric} takes a pandas, Polars, DuckDB or PySpark frame, not {type(frame).__name__}"
        ) from None
    columns = known.collect_schema().names()
    missing = [column for column in needed if column not in columns]
    if missing:
        raise ValueError(
            f"{metric} needs the column{'s' * (len(missing) > 1)} {', '.join(missing)}; "
            f"the frame has {', '.join(columns)}"
        )
    return known.lazy()


def names(by: str | Sequence[str] | None, taken: Iterable[str] = ()) -> list[str]:
    """Return column names given as one text, a sequence or nothing as a list.

    Names in ``taken``, which the result needs for columns of its own, are refused.
    """
    if by is None:
        return []
    found = list(dict.fromkeys([by] if isinstance(by, str) else by))
    clash = [name for name in found if name in set(taken)]
    if clash:
        raise ValueError(
            f"by={clash[0]!r}: the result has a column of that name already; rename yours first"
        )
    return found


def text(*columns: str) -> list[nw.Expr]:
    """Return the columns as text, so that categories compare alike on every engine."""
    return [nw.col(column).cast(nw.String) for column in columns]


def collect(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Fetch a small result as pandas."""
    return frame.collect("pandas").to_native()


def groups(small: pd.DataFrame, by: Sequence[str]) -> list[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Return values and rows of each group; without ``by`` all rows are one group."""
    return list(small.groupby(list(by), dropna=False, observed=True)) if by else [((), small)]


def give_back(small: pd.DataFrame, like: Any) -> Any:
    """Return a small pandas result as the kind of frame that ``like`` is."""
    model = nw.from_native(like)
    if model.implementation.is_pandas():
        return small
    # Spark reads the NaN by which pandas marks a missing text as the text "NaN".
    texts = [column for column in small if small[column].dtype.kind == "O"]
    plain = small.assign(
        **{
            column: small[column].astype("object").where(small[column].notna(), None)
            for column in texts
        }
    )
    result = nw.from_native(plain, eager_only=True)
    if isinstance(model, nw.LazyFrame):
        session = getattr(like, "sparkSession", None)
        return result.lazy(model.implementation, session=session).to_native()
    values = {
        name: [None if pd.isna(value) else value for value in small[name].tolist()]
        for name in small
    }
    return nw.from_dict(values, result.schema, backend=model.implementation).to_native()
