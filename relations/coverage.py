"""How far the record can be trusted: agreement between two codings of the same reports."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations import _engines

FIELDS = ["kind", "status", "office_level", "areas"]
DRAWS = 1000


def coder_agreement(second_coding: Any, *, seed: int = 0) -> pd.DataFrame:
    """Measure how far two codings of the same reports agree, field by field.

    Parameters
    ----------
    second_coding : frame with ``event_id``, ``source_id``, ``field``, ``first``, ``second``
        As ``data.second_coding``: one row for each field of each report coded twice, lists
        separated by ``;``. pandas, Polars, DuckDB or PySpark.
    seed : int
        Of the draws behind the interval.

    Returns
    -------
    pandas.DataFrame, one row per field
        ``field``; ``reports`` coded twice; ``units`` compared; ``agree``, the share of units
        with the same value; ``alpha``, Krippendorff's alpha (1 perfect, 0 as by chance), and
        ``low``, ``high``, its 95% interval from drawing reports with replacement.
        ``office_level`` is ordinal, the others nominal. Each area is a unit of its own in
        each report, named or not named; only areas that either coding names anywhere are
        compared. ``alpha`` is empty where one value alone occurs.

    Raises
    ------
    ValueError
        Where a column is missing, or a field is not one of those that can be compared.

    Notes
    -----
    K. Krippendorff, *Content Analysis*, 4th ed., 2018, chapter 12; computed by the package
    ``krippendorff``. A level that only one coding found is passed over by alpha and counts
    against ``agree``.

    Examples
    --------
    >>> import pandas as pd
    >>> import relations as rel
    >>> coded = pd.DataFrame(
    ...     {
    ...         "event_id": ["a", "b", "c", "d"],
    ...         "source_id": ["s", "s", "s", "s"],
    ...         "field": "kind",
    ...         "first": ["visit", "visit", "meeting", "meeting"],
    ...         "second": ["visit", "meeting", "meeting", "meeting"],
    ...     }
    ... )
    >>> agreement = rel.coder_agreement(coded)
    >>> agreement[["field", "reports", "units", "agree", "alpha"]].round(3)
      field  reports  units  agree  alpha
    0  kind        4      4   0.75  0.533
    """
    columns = ["event_id", "source_id", "field", "first", "second"]
    frame = _engines.lazy(second_coding, "coder_agreement", columns)
    coded = frame.select(nw.col(*columns).cast(nw.String)).collect("pandas").to_native()
    unknown = set(coded["field"]) - set(FIELDS)
    if unknown:
        raise ValueError(
            f"coder_agreement: no way to compare {sorted(unknown)}; fields are {FIELDS}"
        )
    rows = []
    for field in FIELDS:
        units = _units(coded[coded["field"] == field], field)
        if units.empty:
            continue
        low, high = _interval(units, field, seed)
        rows.append(
            {
                "field": field,
                "reports": units["report"].nunique(),
                "units": len(units),
                "agree": float((units["first"] == units["second"]).mean()),
                "alpha": _alpha(_codes(units, field), field),
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(
        rows, columns=["field", "reports", "units", "agree", "alpha", "low", "high"]
    )


def _units(coded: pd.DataFrame, field: str) -> pd.DataFrame:
    """Return what is compared: a report with two values, and for areas each area of it."""
    report = coded["event_id"] + " " + coded["source_id"]
    first, second = coded["first"].fillna(""), coded["second"].fillna("")
    if field != "areas":
        return pd.DataFrame({"report": report, "first": first, "second": second})
    named = [
        (set(filter(None, one.split(";"))), set(filter(None, other.split(";"))))
        for one, other in zip(first, second, strict=True)
    ]
    areas = sorted(set().union(*(one | other for one, other in named)))
    rows = [
        (each, str(area in one), str(area in other))
        for each, (one, other) in zip(report, named, strict=True)
        for area in areas
    ]
    return pd.DataFrame(rows, columns=["report", "first", "second"])


def _codes(units: pd.DataFrame, field: str) -> np.ndarray:
    """Return one row per coding, one column per unit that both codings found."""
    pair = units[["first", "second"]]
    if field == "office_level":
        codes = pair.replace("", np.nan).astype(float).to_numpy().T
    else:
        codes = pd.factorize(pair.to_numpy().ravel())[0].reshape(-1, 2).T.astype(float)
    return codes


def _alpha(codes: np.ndarray, field: str) -> float:
    # Imported where used: nothing else needs it.
    import krippendorff

    paired = codes[:, ~np.isnan(codes).any(axis=0)]
    if len(np.unique(paired)) < 2:
        return float("nan")
    level = "ordinal" if field == "office_level" else "nominal"
    return float(krippendorff.alpha(reliability_data=paired, level_of_measurement=level))


def _interval(units: pd.DataFrame, field: str, seed: int) -> tuple[float, float]:
    """Draw whole reports, so that the areas of one report stay together."""
    codes, generator = _codes(units, field), np.random.default_rng(seed)
    places = list(units.groupby("report").indices.values())
    alphas = np.array(
        [
            _alpha(codes[:, np.concatenate([places[report] for report in draw])], field)
            for draw in generator.integers(len(places), size=(DRAWS, len(places)))
        ]
    )
    alphas = alphas[~np.isnan(alphas)]
    if not len(alphas):
        return float("nan"), float("nan")
    low, high = np.quantile(alphas, [0.025, 0.975])
    return float(low), float(high)
