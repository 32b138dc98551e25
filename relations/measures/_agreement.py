"""What two codings of one report agree on, and how often reports of one contact differ."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations.measures import _intervals
from relations.measures._asking import describe, typed
from relations.record._frames import Frame, collect, narrow
from relations.record._types import TEXT
from relations.record.contradictions import COMPARED, compared
from relations.record.dataset import Dataset, check_dataset

FIELDS = ["kind", "status", "office_level", "areas"]
# What is compared, and the field that it is read from: a head whose level one coding did not
# find is passed over by the ordinal measure, and a disagreement where none is a value.
READ_FROM = {
    "kind": "kind",
    "status": "status",
    "office_level": "office_level",
    "office_level_or_none": "office_level",
    "areas": "areas",
}
DRAWS = 1000


def agreement(data: Dataset | Frame, *, seed: int = 0) -> pd.DataFrame:
    """Measure how far two codings of the same reports agree, field by field.

    Parameters
    ----------
    data : Dataset, or frame with ``event_id``, ``source_id``, ``field``, ``first``, ``second``
        Its table ``second_coding``, or such a table: one row for each field of each report
        coded twice, lists separated by ``;``.
    seed : int
        Of the draws behind the interval.

    Returns
    -------
    pandas.DataFrame, one row per field
        ``field``; ``reports`` coded twice; ``units`` compared; ``agree``, the share of units
        with the same value; ``alpha``, Krippendorff's alpha (1 perfect, 0 as by chance), and
        ``low``, ``high``, its 95% interval from drawing reports with replacement; ``note``,
        why a number is empty: the values of one report or one value alone have no alpha, and
        where no report differs, drawing them again shows no other alpha.
        ``office_level`` is ordinal, the others nominal; ``office_level_or_none`` takes "no
        level found" as a value, which ``office_level`` passes over. Each area is a unit of its
        own in each report, named or not named; only areas that either coding names anywhere
        are compared.

    Raises
    ------
    ValueError
        Where a column is missing, a field is not one of those that can be compared, an office
        level is no number, or one field of one report stands twice.
    ImportError
        Where ``krippendorff`` is not installed; it says how to install it.

    Notes
    -----
    K. Krippendorff, *Content Analysis*, 4th ed., 2018, chapter 12; computed by the package
    ``krippendorff``, and for the interval by the same formula for all draws at once. A level
    that only one coding found is passed over by alpha and counts against ``agree``; an empty
    kind or status is a value like others. Draws in which one value alone occurs have no alpha
    and are left out. In 1,000 simulated codings each of 80, 40, 20 and 10 reports, with the
    kinds and disagreements of the shipped ones, 93, 94, 98 and 98% of the intervals that could
    be given held the true alpha.

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
    >>> rel.coverage.agreement(coded)[["field", "reports", "units", "agree", "alpha"]].round(3)
      field  reports  units  agree  alpha
    0  kind        4      4   0.75  0.533
    """
    columns = ["event_id", "source_id", "field", "first", "second"]
    second_coding = data.second_coding if isinstance(data, Dataset) else data
    frame = narrow(second_coding, "agreement", columns)
    coded = collect(frame.select(nw.col(*columns).cast(nw.String)))
    unknown = set(coded["field"]) - set(FIELDS)
    if unknown:
        raise ValueError(f"agreement: no way to compare {sorted(unknown)}; fields are {FIELDS}")
    # A delegation of each side may have a level.
    key = ["event_id", "source_id", "field"]
    twice = coded[coded.duplicated(key) & (coded["field"] != "office_level")]
    if len(twice):
        raise ValueError(
            f"agreement: {' '.join(twice[key].iloc[0])} stands more than once; keep one row"
        )
    rows = []
    for field, read in READ_FROM.items():
        units = _units(coded[coded["field"] == read], read)
        if units.empty:
            continue
        alpha, low, high, note = _reckoned(units, field, seed)
        rows.append(
            {
                "field": field,
                "reports": units["report"].nunique(),
                "units": len(units),
                "agree": float((units["first"] == units["second"]).mean()),
                "alpha": alpha,
                "low": low,
                "high": high,
                "note": note,
            }
        )
    columns = ["field", "reports", "units", "agree", "alpha", "low", "high", "note"]
    types = dict.fromkeys(columns, "float64") | {"field": TEXT, "note": TEXT}
    types |= dict.fromkeys(["reports", "units"], "int64")
    return describe(typed(pd.DataFrame(rows, columns=columns), types), data, "units")


def _units(coded: pd.DataFrame, field: str) -> pd.DataFrame:
    """Return what is compared: a report with two values, and for areas each area of it."""
    report = coded["event_id"] + " " + coded["source_id"]
    pair = coded[["first", "second"]].fillna("").apply(lambda values: values.str.strip())
    if field == "office_level":
        levels = pair.apply(pd.to_numeric, errors="coerce")
        for column in pair:
            bad = pair.loc[levels[column].isna() & pair[column].ne(""), column]
            if len(bad):
                raise ValueError(
                    f"agreement: {column} of {report[bad.index[0]]} has the office level "
                    f"{bad.iloc[0]!r}; give a number, or leave it empty"
                )
        # As text again, so that 5 and 5.0 are one level and two empty ones agree.
        pair = levels.astype("float64").astype("str")
    if field != "areas":
        return pair.assign(report=report)
    named = [
        tuple({area.strip() for area in areas.split(";") if area.strip()} for areas in codings)
        for codings in zip(pair["first"], pair["second"], strict=True)
    ]
    areas = sorted(set().union(*(one | other for one, other in named)))
    rows = [
        (each, str(area in one), str(area in other))
        for each, (one, other) in zip(report, named, strict=True)
        for area in areas
    ]
    return pd.DataFrame(rows, columns=["report", "first", "second"])


def _codes(units: pd.DataFrame, field: str) -> np.ndarray:
    """Return one row per coding and one column per unit, empty where a level is."""
    pair = units[["first", "second"]]
    if field == "office_level":
        return pair.astype(float).to_numpy().T
    return pd.factorize(pair.to_numpy().ravel())[0].reshape(-1, 2).T.astype(float)


def _reckoned(units: pd.DataFrame, field: str, seed: int) -> tuple[float, float, float, str]:
    """Return alpha, the limits of its interval, and why one of them is empty."""
    codes = _codes(units, field)
    paired = ~np.isnan(codes).any(axis=0)
    # What chance would give is learnt from other reports.
    if units.loc[paired, "report"].nunique() < 2:
        return np.nan, np.nan, np.nan, "fewer than two reports"
    alpha = _alpha(codes, field)
    if np.isnan(alpha):
        return np.nan, np.nan, np.nan, "one value alone"
    if (codes[0] == codes[1])[paired].all():
        return alpha, np.nan, np.nan, "no report differs"
    return alpha, *_interval(units, codes, field, seed), ""


def _alpha(codes: np.ndarray, field: str) -> float:
    paired = codes[:, ~np.isnan(codes).any(axis=0)]
    if len(np.unique(paired)) < 2:
        return float("nan")
    level = "ordinal" if field == "office_level" else "nominal"
    return float(_krippendorff().alpha(reliability_data=paired, level_of_measurement=level))


def _interval(units: pd.DataFrame, codes: np.ndarray, field: str, seed: int) -> tuple[float, float]:
    """Draw whole reports, so that the areas of one report stay together."""
    generator = np.random.default_rng(seed)
    paired = ~np.isnan(codes).any(axis=0)
    report = units.groupby("report").ngroup().to_numpy()
    reports = report.max() + 1
    values, place = np.unique(codes[:, paired], return_inverse=True)
    first, second = place.reshape(2, -1)
    # How often each two values meet in a report, both ways round.
    met = np.zeros((reports, len(values), len(values)))
    np.add.at(met, (report[paired], first, second), 1)
    met += met.swapaxes(1, 2)
    drawn = generator.integers(reports, size=(DRAWS, reports))
    times = np.apply_along_axis(np.bincount, 1, drawn, minlength=reports)
    low, high = np.nanquantile(_alphas(np.tensordot(times, met, 1), field), [0.025, 0.975])
    return float(low), float(high)


def _alphas(met: np.ndarray, field: str) -> np.ndarray:
    """Return alpha of many matrices of coincidences at once, empty where one value is alone."""
    number = met.sum(axis=2)
    # Apart by whether they differ, or by how many values stand between their middles.
    middle = number.cumsum(axis=1) - number / 2
    apart = (middle[:, :, None] - middle[:, None, :]) ** 2
    if field != "office_level":
        apart = np.broadcast_to(1 - np.eye(met.shape[1]), met.shape)
    observed = (met * apart).sum(axis=(1, 2))
    chance = (number[:, :, None] * number[:, None, :] * apart).sum(axis=(1, 2))
    with np.errstate(invalid="ignore"):
        return 1 - (number.sum(axis=1) - 1) * observed / chance


def _krippendorff() -> Any:
    try:
        import krippendorff
    except ImportError:
        raise ImportError(
            "agreement needs the package krippendorff: pip install "
            "'china-vietnam-relations[analysis]'"
        ) from None
    return krippendorff


def contradiction_shares(data: Dataset) -> pd.DataFrame:
    """Give the share of what can be compared in which reports of one contact differ.

    Parameters
    ----------
    data : Dataset
        As for `contradictions`.

    Returns
    -------
    pandas.DataFrame, one row per field of `contradictions`
        ``field``; ``unit`` that is compared; ``compared`` units with two values; ``differ``
        among them; ``share``, ``low``, ``high``, the 95% Wilson interval.

    Raises
    ------
    ValueError
        Where a table lacks a column.

    Examples
    --------
    >>> import relations as rel
    >>> rel.coverage.contradiction_shares(rel.load())["field"].tolist()
    ['date', 'edition', 'rank', 'office', 'areas']
    """
    check_dataset(data, "contradiction_shares")
    rows = []
    for field, (unit, _) in COMPARED.items():
        pairs, number = compared(data, field, "contradiction_shares")
        differ = len(pairs[["event_id", "about"]].drop_duplicates())
        low, high = _intervals.wilson(differ, number)
        share = differ / number if number else np.nan
        rows.append([field, unit, number, differ, share, low, high])
    columns = ["field", "unit", "compared", "differ", "share", "low", "high"]
    return describe(pd.DataFrame(rows, columns=columns), data, "units")
