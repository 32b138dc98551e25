"""Figures of what `relations.trajectory` finds."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from relations.figures._drawing import (
    INK,
    RULE,
    SHADES,
    SMALL,
    rows_to_draw,
    source_of,
)
from relations.figures._heading import heading, sheet


def plot_engagement_index(sensitivity: pd.DataFrame, *, ax: Any = None) -> Any:
    """Draw the yearly index under each scheme of weights, with what the weights do to it.

    Parameters
    ----------
    sensitivity : frame, as `trajectory.index_sensitivity` returns it
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    array of Axes, one per scheme
        A line is the index, 1 in the mean of the years; the band holds 95% of the draws of
        weights around the scheme; a thin dashed line is the first scheme, for comparison.

    Raises
    ------
    ValueError
        Where ``ax`` has not one Axes per scheme.

    Examples
    --------
    >>> import relations as rel
    >>> sensitivity = rel.trajectory.index_sensitivity(rel.load(), draws=50)
    >>> axes = plot_engagement_index(sensitivity)
    >>> [axis.get_title("left") for axis in axes]
    ['none', 'own', 'goldstein', 'plover']
    """
    sensitivity = rows_to_draw(
        sensitivity,
        "scheme period index low high flipped",
        "trajectory.index_sensitivity(data)",
    )
    schemes = list(dict.fromkeys(sensitivity["scheme"]))
    rows, columns = -(-len(schemes) // 2), min(2, len(schemes))
    how = {"grid": (rows, columns), "sharex": True, "sharey": True}
    with sheet(ax, len(schemes), "schemes", 1.4 + 2.1 * rows, **how) as axes:
        base = sensitivity[sensitivity["scheme"] == schemes[0]]
        for axis, scheme in zip(axes, schemes, strict=True):
            table = sensitivity[sensitivity["scheme"] == scheme]
            year = table["period"].dt.year
            axis.fill_between(year, table["low"], table["high"], color=SHADES[1], alpha=0.4, lw=0)
            axis.plot(year, table["index"], color=SHADES[0], lw=2)
            if scheme != schemes[0]:
                axis.plot(
                    base["period"].dt.year, base["index"], color=INK, lw=0.9, ls="--"
                )  # fmt: skip
            axis.axhline(1, color=RULE, lw=0.7)
            axis.set_ylim(bottom=0)
            axis.set_title(str(scheme))
            axis.annotate(
                f"pairs of years reversed\nby other weights: {_share(table['flipped'].iloc[0])}",
                (0.03, 0.95), xycoords="axes fraction", va="top", fontsize=SMALL,
            )  # fmt: skip
        axes[0].set_ylabel("index, mean = 1")
        turned = sensitivity.groupby("scheme", sort=False)["flipped"].max().dropna()
        found = "No year differs from another"
        if len(turned):
            found = (
                f"Other weights reverse {turned.min():.1%} to {turned.max():.1%} of the pairs of "
                f"years, most under {turned.idxmax()}"
            )
        drawn = "Yearly index by scheme, mean 1; band: 95% of the draws of weights around it"
        if len(schemes) > 1:
            drawn += f"; dashes: {schemes[0]}"
        heading(axes, found, f"{drawn}.", source_of(sensitivity))
        return axes


def _share(value: float) -> str:
    return "none differ" if pd.isna(value) else f"{value:.1%}"


def plot_lead_lag(
    results: pd.DataFrame | Sequence[pd.DataFrame] | Mapping[str, pd.DataFrame], *, ax: Any = None
) -> Any:
    """Draw the lagged association of pairs of kinds against that of shifted series.

    Parameters
    ----------
    results : frame, or several in a list or under their titles, as `trajectory.lead_lag` gives
        A frame of several blocks is a panel for each.
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    array of Axes, one per pair of kinds and block
        Dots are correlations, filled where ``p_any`` is at most 0.05; the grey band holds 95%
        of the shifted series.

    Raises
    ------
    ValueError
        Where no frame is given, or ``ax`` has not one Axes per panel.

    Examples
    --------
    >>> import relations as rel
    >>> dated = rel.load().where(precision=["day", "month"])
    >>> how = {"every": "quarter", "permutations": 99}
    >>> found = rel.trajectory.lead_lag(dated, "visit", "joint_patrol", **how)
    >>> plot_lead_lag(found)[0].get_title("left")
    'visit, then joint patrol'
    """
    drawn = _panels_of(results)
    columns = min(3, len(drawn))
    rows = -(-len(drawn) // columns)
    grid = rows, columns
    with sheet(ax, len(drawn), "tables", 0.9 + 2.6 * rows, grid=grid, sharey=True) as axes:
        for axis, (title, table) in zip(axes, drawn, strict=True):
            lag = table["lag"].to_numpy()
            axis.fill_between(lag, table["low"], table["high"], color="#d5d5d5", lw=0)
            axis.axhline(0, color=RULE, lw=0.7)
            axis.vlines(lag, 0, table["association"], color=SHADES[0], lw=1.5)
            beyond = table["p_any"].to_numpy() <= 0.05
            for chosen, fill in ((beyond, SHADES[0]), (~beyond, "white")):
                axis.plot(
                    lag[chosen], table["association"].to_numpy()[chosen], "o", color=SHADES[0],
                    mfc=fill, ms=7,
                )  # fmt: skip
            axis.set_xticks(lag)
            axis.set_xlabel(f"{table.attrs.get('every', 'period')}s later")
            axis.set_title(textwrap.fill(title, 78 // columns))
        axes[0].set_ylabel("correlation")
        beyond = sum(bool((table["p_any"] <= 0.05).any()) for _, table in drawn)
        found = f"In {beyond} of {len(drawn)} panels the second follows the first beyond chance"
        if len(drawn) == 1:
            title = drawn[0][0].capitalize()
            found = f"{title}: {'beyond' if beyond else 'no more than'} chance"
        shown = (
            "Correlation by lag; grey: 95% of shifted series; filled: p at most 0.05 over all lags."
        )
        heading(axes, found, shown, source_of(drawn[0][1]))
        return axes


def _panels_of(results: Any) -> list[tuple[str, pd.DataFrame]]:
    """Return title and rows of every panel: one for each pair of kinds and block."""
    if isinstance(results, Mapping):
        titled = list(results.items())
    else:
        frames = [results] if isinstance(results, pd.DataFrame) else list(results)
        titled = [(_title(frame), frame) for frame in frames]
    if not titled:
        raise ValueError("plot_lead_lag draws at least one table")
    drawn = []
    for title, frame in titled:
        frame = rows_to_draw(
            frame, "lag association low high p_any", "trajectory.lead_lag(data, first, second)"
        )
        if "block" not in frame or len(frame["block"].unique()) == 1:
            drawn.append((title, frame))
        else:
            blocks = frame.groupby("block")
            drawn += [(f"{title}, blocks of {block}", rows) for block, rows in blocks]
    return drawn


def _title(frame: pd.DataFrame) -> str:
    first, second = (
        " or ".join(frame.attrs.get(which, [which])).replace("_", " ")
        for which in ("first", "second")
    )
    return f"{first}, then {second}"
