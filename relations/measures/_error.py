"""What the doubts of coding do to a number: any measure, over draws of the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations.measures._asking import describe
from relations.measures._redrawing import METRIC, VARY, doubts
from relations.record._frames import collect, names
from relations.record.dataset import Dataset, check_dataset

RESULT = ["point", "median", "low", "high", "draws"]
NORMAL = 1.959963984540054


def with_error(
    data: Dataset,
    measure: Callable[[Dataset], Any],
    redraws: int = 200,
    *,
    column: str | None = None,
    key: str | Iterable[str] | None = None,
    limits: tuple[str, str] | None = None,
    vary: Iterable[str] = VARY,
    seed: int = 0,
) -> pd.DataFrame:
    """Ask a measure of draws of the record in which what is doubtful comes out differently.

    Parameters
    ----------
    data : Dataset
        The whole record: choose inside the measure, since a contact that is coded otherwise
        may enter a choice or leave it.
    measure : function of a Dataset
        Returning a number, a Series, or a frame of which ``column`` is followed.
    redraws : int
    column : str, optional
        The column of a frame that is followed.
    key : column or columns, optional
        What tells the rows of a frame apart; its columns of text and of dates, if left out.
    limits : pair of columns, optional
        95% limits that the measure itself gives, such as ``("low", "high")``: each draw then
        lies within its own limits as chance has it, and the result holds both doubts.
    vary : sequence of {"kind", "status", "areas", "offices", "dates", "matches"}
        What comes out differently.
    seed : int

    Returns
    -------
    pandas.DataFrame, one row, or one for each row that the measure gives
        The columns of ``key``; ``point``, the measure of the record as it is; ``median``,
        ``low``, ``high`` of the draws (2.5 and 97.5%); ``draws`` in which the row stands.

    Raises
    ------
    ValueError
        Where ``data`` is a choice, ``redraws`` is below 1, ``vary`` names something else, or a
        frame comes without ``column``, or with rows that ``key`` does not tell apart.

    Notes
    -----
    *kind, status, areas*: how often the second coding of the same reports differs, itself
    drawn (beta or gamma, with half a case more; of each kind by itself, the fewer reports it
    has the closer to that of all); either coding is right as often as the other,
    so that a code changes half as often. What was coded twice and differs is taken either way;
    what agrees stays. *offices*: where someone leads under an office that no term dates, one
    of those that others of the side held whose printed title shares half of its words; titles
    like no other are left undated. *dates*: contacts known to the month or year fall on each day
    of it alike. *matches*: contacts of one kind, series and host, within three days, that one
    side each reports, are one in half of the draws; contacts whose sides give days more than
    three apart are two in half. Counts of ``contacts`` keep both rows of what becomes one.

    Doubts are drawn one by one, and a coder who errs does so always: a mistake that runs
    through the whole record is in no draw. The median may lie beside the point, as far as the
    second coder's totals lie beside the first's by half; undated offices can only add to the
    tiers.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.measures import exchanges
    >>> def visits(data):
    ...     return int((data.events["kind"] == "visit").sum())
    >>> table = with_error(rel.load(), visits, redraws=20, vary=["kind"])
    >>> bool(table["low"][0] <= table["median"][0] <= table["high"][0])
    True
    """
    check_dataset(data, METRIC)
    if not redraws >= 1:
        raise ValueError(f"redraws={redraws!r}: one or more")
    by = None if key is None else names(key if isinstance(key, str) else list(key))
    point, columns = _values(measure(data), column, by, limits)
    unsure = doubts(data, vary)
    generator = np.random.default_rng(seed)
    rows: dict[Any, list[float]] = {row: [] for row in point}
    for _ in range(redraws):
        drawn, _ = _values(measure(unsure.draw(generator)), column, by, limits)
        for row, (value, low, high) in drawn.items():
            rows.setdefault(row, []).append(_deviated(value, low, high, generator))
    table = []
    for row, values in rows.items():
        some = np.array(values, dtype="float64")
        some = some[~np.isnan(some)]
        # Interpolation between two infinities has no value.
        low, median, high = (
            np.quantile(some, [0.025, 0.5, 0.975], method="closest_observation")
            if len(some)
            else [np.nan] * 3
        )
        known = point.get(row, (np.nan,))[0]
        table.append([*row, known, float(median), float(low), float(high), len(some)])
    result = pd.DataFrame(table, columns=[*columns, *RESULT])
    return describe(result, data, "draws", vary=list(unsure.vary))


def _values(
    result: Any, column: str | None, key: list[str] | None, limits: tuple[str, str] | None
) -> tuple[dict[tuple[Any, ...], tuple[float, float, float]], list[str]]:
    """Return each value with its limits by what tells its row apart."""
    if isinstance(result, (int, float, np.number)):
        return {(): (float(result), np.nan, np.nan)}, []
    if isinstance(result, pd.Series):
        column = column or "value"
        result = result.rename(column).rename_axis(
            [name or f"key{place}" for place, name in enumerate(result.index.names)]
        )
        key = list(result.index.names) if key is None else key
        result = result.reset_index()
    try:
        frame = collect(nw.from_native(result).lazy())
    except TypeError:
        raise TypeError(
            f"{METRIC}: the measure returns {type(result).__name__}; a number, a Series or a "
            "frame is needed"
        ) from None
    if column is None:
        raise ValueError(f"{METRIC}: the measure returns a frame: name the column to follow")
    wanted = [column, *(limits or ()), *(key or ())]
    lacking = [name for name in wanted if name not in frame]
    if lacking:
        raise ValueError(
            f"{METRIC}: the measure returns no column {lacking[0]}; it has {', '.join(frame)}"
        )
    if key is None:
        key = [
            name for name in frame if frame[name].dtype.kind in "OM" or frame[name].dtype == "str"
        ]
        key = [name for name in key if name != column]
    if frame.duplicated(key).any() if key else len(frame) > 1:
        raise ValueError(
            f"{METRIC}: key={key} does not tell the rows of the measure apart: name more columns"
        )
    cells = frame[key].astype("object").where(frame[key].notna(), None)
    bounds = frame[list(limits)] if limits else pd.DataFrame(np.nan, frame.index, ["low", "high"])
    numbers = pd.concat([frame[[column]], bounds], axis=1).astype("float64").to_numpy()
    return {
        tuple(row): tuple(values)
        for row, values in zip(cells.to_numpy(), numbers, strict=True)
    }, key  # fmt: skip


def _deviated(value: float, low: float, high: float, generator: np.random.Generator) -> float:
    """Return a value drawn from within its limits: normal to either side of it."""
    if not np.isfinite([value, low, high]).all():
        return value
    away = generator.standard_normal() / NORMAL
    return float(value + away * (high - value if away > 0 else value - low))
