"""What more than chance would make: areas named together, and those that one side stresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from relations.measures._area_mentions import (
    UNITS,
    ask_mentions,
    named_areas,
)
from relations.measures._asking import Asked, Status, describe, join_ids
from relations.record._frames import collect, narrow
from relations.record._types import TEXT
from relations.record._witnesses import two_sides
from relations.record.dataset import Dataset


def together(
    data: Asked,
    *,
    total: int | None = None,
    count: str = "occasions",
    status: Status = None,
    evidence: bool = False,
) -> pd.DataFrame:
    """Find which areas are named on the same occasion more often than chance would have it.

    Parameters
    ----------
    data : Dataset, or frame with ``event_id``, ``area``
        Of a frame (pandas, Polars, DuckDB or PySpark) every row counts, by its ``occasion``
        where it has such a column.
    total : int, optional
        Number of occasions on which areas could have been named. If left out, those that
        name at least one.
    count : {"occasions", "contacts"}
        An occasion is a contact with its parts.
    status : str or sequence of str, optional
        Status of the contacts that count; those chosen by ``where`` if left out, else held.
    evidence : bool
        Add a last column ``evidence``: the ids of the occasions in ``count``, separated by
        ``;``.

    Returns
    -------
    pandas.DataFrame, one row per pair of areas that are named at all
        ``area``, ``other`` in the order of the alphabet; ``count`` occasions that name both;
        ``expected`` if areas were named independently; ``chance_low``, ``chance_high``: 95%
        of the counts that chance gives lie between; ``lift``, count by expected; ``phi``,
        -1 to 1; ``p`` of a count as high or higher by chance; ``q``, p corrected for the
        number of pairs; of a Dataset ``same_group``, whether both are of one group in
        ``data.areas``. Sorted by ``p``, then by the names.

    Raises
    ------
    ValueError
        Where a column is missing or a cell of it empty, fewer than two areas are named, or
        ``total`` is less than the number of occasions that name an area.

    Notes
    -----
    With a and b occasions of N that name the two areas, the count is hypergeometric under
    independence, with mean ab/N (Fisher's exact test, one-sided); q after Y. Benjamini and
    Y. Hochberg (1995, J. R. Stat. Soc. B 57: 289–300). Phi is the correlation of the two
    columns of zeros and ones. Independence is also broken by contacts in which everything
    is named, such as leaders' statements (``data.where`` leaves kinds out), and by areas that
    are coded together by rule: a pair is a question to the reports, not yet a link.

    Examples
    --------
    >>> import pandas as pd
    >>> mentions = pd.DataFrame({
    ...     "event_id": ["e1", "e1", "e2", "e2", "e3", "e4"],
    ...     "area": ["hotline", "patrol", "hotline", "patrol", "rescue", "rescue"]})
    >>> together(mentions)[["area", "other", "count", "expected", "lift"]].head(1)
          area   other  count  expected  lift
    0  hotline  patrol      2       1.0   2.0
    """
    from scipy.stats import false_discovery_control, hypergeom

    question = ask_mentions(data, "together", [], count=count, status=status)
    unit = UNITS[count]
    once = named_areas(question).drop_duplicates([unit, "area"])
    table = pd.crosstab(once[unit], once["area"])
    if total is not None and total < len(table):
        raise ValueError(f"total={total}, but {len(table)} {count} name an area")
    total = len(table) if total is None else total
    named = table.to_numpy()
    left, right = np.triu_indices(named.shape[1], 1)
    both = (named.T @ named)[left, right].astype("int64")
    a, b = named.sum(axis=0)[left], named.sum(axis=0)[right]
    expected = a * b / total
    spread = np.sqrt(a * b * (total - a) * (total - b).astype(float))
    pairs = pd.DataFrame(
        {
            "area": pd.array(table.columns[left], dtype=TEXT),
            "other": pd.array(table.columns[right], dtype=TEXT),
            "count": both,
            "expected": expected,
            "chance_low": hypergeom.ppf(0.025, total, a, b).astype("int64"),
            "chance_high": hypergeom.ppf(0.975, total, a, b).astype("int64"),
            "lift": both / expected,
            "phi": np.divide(
                both * total - a * b, spread, out=np.full(len(a), np.nan), where=spread > 0
            ),
            # sf is the chance of more than, so one less gives as many or more.
            "p": hypergeom.sf(both - 1, total, a, b).clip(0, 1),
        }
    )
    pairs["q"] = false_discovery_control(pairs["p"]) if len(pairs) else pairs["p"]
    if question.data is not None:
        listed = narrow(question.data.areas, "together (areas)", ["area", "group"])
        group = collect(listed).set_index("area")["group"]
        pairs["same_group"] = (pairs["area"].map(group) == pairs["other"].map(group)).to_numpy()
    if evidence:
        both = named[:, left] * named[:, right] > 0
        pairs["evidence"] = [join_ids(table.index[pair]) for pair in both.T]
    pairs = pairs.sort_values(["p", "area", "other"], ignore_index=True)
    return describe(pairs, question.data, count)


def emphasis(
    data: Dataset,
    weight: float | Mapping[str, float] = 10.0,
    *,
    count: str = "occasions",
    status: Status = None,
) -> pd.DataFrame:
    """Compare how much weight the two sides give to each area in their own words.

    Parameters
    ----------
    data : Dataset
        Its tables ``area_mentions``, ``events`` and ``sides`` are read, on any engine. Above 0
        the first of the two sides stresses an area more, below 0 the second.
    weight : float or mapping from area to float
        How many mentions the prior weighs. A number is spread over the areas as all mentions
        are, those of ``joint`` among them; a mapping gives the weight of every area.
    count : {"occasions", "contacts"}
        An area counts once per occasion (a contact with its parts), or contact, and side.
    status : str or sequence of str, optional
        Status of the contacts that count; those chosen by ``where`` if left out, else held.

    Returns
    -------
    pandas.DataFrame, one row per area that anybody names
        ``area``; ``count_first``, ``count_second`` occasions on which the side names it;
        ``log_odds`` difference, natural logarithm; ``low``, ``high`` its 95% interval; ``z``;
        ``p``, two-sided, and ``q``, corrected for the number of areas. Sorted by falling
        ``log_odds``. Which the sides are stands in ``attrs["sides"]``.

    Raises
    ------
    ValueError
        Where there are not two sides that each name an area, fewer than two areas are named, or
        the prior is not above 0 for every area.

    Notes
    -----
    B. L. Monroe, M. P. Colaresi and K. M. Quinn (2008, Political Analysis 16: 372–403):
    with y mentions of n in all and prior weight α of α₀, the log-odds of a side are
    ln((y + α)/(n + α₀ − y − α)), and their variance 1/(y + α) + 1/(n + α₀ − y − α); z is
    the difference of the two by the root of the summed variances. The prior draws areas
    that are hardly named towards 0. q after Benjamini and Hochberg (1995). What a side says
    also depends on whose outlets are read.

    Examples
    --------
    >>> import relations as rel
    >>> table = emphasis(rel.load())
    >>> table.attrs["sides"]
    ['CN', 'VN']
    >>> bool((table["low"] < table["log_odds"]).all())
    True
    """
    from scipy.stats import false_discovery_control, norm

    question = ask_mentions(data, "emphasis", ["side"], count=count, status=status)
    once = named_areas(question, ["side"]).drop_duplicates([UNITS[count], "area", "side"])
    sides = two_sides(data, "emphasis")
    silent = [side for side in sides if side not in set(once["side"])]
    if silent and len(once):
        raise ValueError(
            f"emphasis: {', '.join(silent)} names no area; those that do are "
            f"{', '.join(sorted(set(once['side'])))}"
        )
    table = pd.crosstab(once["area"], once["side"])
    table = table.reindex(columns=table.columns.union(sides), fill_value=0)
    alpha = _prior(weight, table.sum(axis=1))
    odds, variance = [], []
    for side in sides:
        inside = table[side] + alpha
        outside = inside.sum() - inside
        odds.append(np.log(inside / outside))
        variance.append(1 / inside + 1 / outside)
    difference = odds[0] - odds[1]
    error = np.sqrt(variance[0] + variance[1])
    reach = norm.ppf(0.975) * error
    z = difference / error
    p = 2 * norm.sf(z.abs())
    weights = pd.DataFrame(
        {
            "area": pd.array(table.index, dtype=TEXT),
            "count_first": table[sides[0]].to_numpy(),
            "count_second": table[sides[1]].to_numpy(),
            "log_odds": difference.to_numpy(),
            "low": (difference - reach).to_numpy(),
            "high": (difference + reach).to_numpy(),
            "z": z.to_numpy(),
            "p": p,
            "q": false_discovery_control(p) if len(p) else p,
        }
    )
    weights = weights.sort_values(["log_odds", "area"], ascending=[False, True], ignore_index=True)
    return describe(weights, data, count, sides=sides)


def emphasis_sensitivity(
    data: Dataset,
    tried: Sequence[float] = (1, 10, 30, 100),
    *,
    count: str = "occasions",
    status: Status = None,
) -> pd.DataFrame:
    """Count how many areas the sides stress differently, for each weight of the prior.

    Parameters
    ----------
    data, count, status : as in `emphasis`
    tried : sequence of float
        How many mentions the prior weighs.

    Returns
    -------
    pandas.DataFrame, one row per weight
        ``weight``; ``areas`` compared; ``apart``, those whose interval leaves out 0;
        ``by_chance``, how many would if no side stressed any; ``beyond_chance``, those with
        q below 5%.

    Raises
    ------
    ValueError
        As `emphasis` does.

    Examples
    --------
    >>> import relations as rel
    >>> table = emphasis_sensitivity(rel.load(), [1, 100])
    >>> bool((table["beyond_chance"] <= table["apart"]).all())
    True
    """
    rows = []
    for weight in tried:
        table = emphasis(data, weight, count=count, status=status)
        apart = (table["low"] > 0) | (table["high"] < 0)
        rows.append(
            {
                "weight": float(weight),
                "areas": len(table),
                "apart": int(apart.sum()),
                "by_chance": 0.05 * len(table),
                "beyond_chance": int((table["q"] < 0.05).sum()),
            }
        )
    return describe(pd.DataFrame(rows), data, count)


def _prior(weight: float | Mapping[str, float], mentions: pd.Series) -> pd.Series:
    """Return the prior weight of each area."""
    if len(mentions) == 1:
        raise ValueError("emphasis: one area alone cannot be stressed more than others")
    if isinstance(weight, Mapping):
        missing = sorted(set(mentions.index) - set(weight))
        if missing:
            raise ValueError(f"emphasis: the weights lack the areas {', '.join(missing)}")
        alpha = pd.Series({area: float(weight[area]) for area in mentions.index})
    else:
        alpha = float(weight) * mentions / mentions.sum()
    if not (alpha > 0).all():
        raise ValueError("emphasis: the weight has to be above 0 for every area")
    return alpha
