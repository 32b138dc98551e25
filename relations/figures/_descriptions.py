"""Figures of rival descriptions of counts per year, and of where the rate may have stepped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from relations.figures._drawing import (
    INK,
    PALE,
    PALER,
    RULE,
    SHADES,
    SMALL,
    drawing,
    note,
    rows_to_draw,
    source_of,
)
from relations.figures._heading import heading, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Shade, dashes and width of each description: told apart on a grey print.
LOOKS: dict[str, tuple[str, Any, float]] = {
    "constant": (RULE, (0, (1, 3)), 1.4),
    "exponential": (SHADES[1], (0, (5, 2)), 1.8),
    "√-linear": (SHADES[0], "-", 2.2),
    "log-quadratic": (SHADES[2], (0, (4, 1.5, 1, 1.5)), 1.8),
    "smooth": (RULE, (0, (1, 1.2)), 2.2),
    "steps": (INK, "-", 1.6),
    "steps on a trend": (INK, (0, (2, 1)), 1.4),
}
STEPPED = ("steps", "steps on a trend")
PRIORS = ("-", (0, (4, 2)), (0, (1, 1.5)))


def plot_descriptions(rates: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw counts per year with the rates that rival descriptions fit to them.

    Parameters
    ----------
    rates : frame, as `fitted` returns it, of one group
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        Bars are counts, pale where only part of the year is covered; a line is the count
        that a description expects. Each has its name at its side with how far it lies
        behind the best in the criterion, those tied with the best above the others.

    Raises
    ------
    ValueError
        Where the frame has no rows, or several for one description and period.

    Examples
    --------
    >>> import pandas as pd
    >>> from relations.measures._descriptions import fitted
    >>> frequency = pd.DataFrame({
    ...     "period": pd.date_range("2003-01-01", periods=12, freq="YS"),
    ...     "count": [2, 1, 3, 2, 1, 3, 14, 16, 13, 15, 17, 14], "exposure": 1.0})
    >>> ax = plot_descriptions(fitted(frequency, refits=0))
    >>> len(ax.lines)
    7
    """
    key = ["description", "period"]
    rates = rows_to_draw(
        rates,
        "description difference tied break_found period count partial rate",
        "trajectory.fitted(data)",
        key,
        "take one group of a frame described by",
    )
    order = rates.drop_duplicates("description")
    counted = rates[rates["description"] == order["description"].iloc[0]]
    year = counted["period"].dt.year.to_numpy()
    unit = rates.attrs.get("unit") or "occasions"
    with drawing(ax, 4.8) as ax:
        shades = np.where(counted["partial"], PALER, PALE)
        ax.bar(year, counted["count"], width=0.7, color=shades, edgecolor="#8fa3b8", lw=0.6)
        ends = {}
        for line in order.itertuples():
            own = rates[rates["description"] == line.description]
            shade, dashes, width = LOOKS[line.description]
            # A part of a year is drawn at the height that a whole one would have.
            where = "steps-mid" if line.description in STEPPED else "default"
            ax.plot(year, own["rate"], color=shade, ls=dashes, lw=width, drawstyle=where)
            ends[line.description] = float(own["rate"].iloc[-1])
        top = max(counted["count"].max(), *(ends[name] for name in ends)) * 1.05
        ax.set_ylim(0, top)
        ax.set_xlim(year.min() - 0.8, year.max() + 0.8)
        _name_lines(ax, order, ends, top)
        ax.set_ylabel(f"{unit} a year")
        heading([ax], _verdict(order), _drawn(order, unit), source_of(rates))
        return ax


def _verdict(order: pd.DataFrame) -> str:
    """Say which descriptions the counts leave, and whether steps do more than chance."""
    tied = order.loc[order["tied"], "description"].tolist()
    if len(tied) == 1:
        said = f"The counts speak for one description: {tied[0]}"
    else:
        said = f"The counts cannot tell {len(tied)} descriptions apart"
    if order["break_found"].isna().all():
        return said
    if order["break_found"].iloc[0]:
        return f"{said}, and steps beat chance"
    return f"{said}, and steps do no better than chance"


def _drawn(order: pd.DataFrame, unit: str) -> str:
    tied = order.loc[order["tied"], "description"].tolist()
    return (
        f"Bars: {unit} counted, pale for part of a year. Lines: rates fitted; +: behind the best "
        f"in Akaike's criterion; bold, not told apart: {', '.join(tied)}."
    )


def _name_lines(ax: Axes, order: pd.DataFrame, ends: dict[str, float], top: float) -> None:
    """Write the names at the right, from the highest line down, none on another."""
    names = sorted(ends, key=lambda name: -ends[name])
    gap = top * 0.062
    heights = [ends[name] for name in names]
    for _ in range(200):
        for place in range(1, len(heights)):
            over = gap - (heights[place - 1] - heights[place])
            if over > 0:
                heights[place - 1] += over / 2
                heights[place] -= over / 2
        heights = list(np.clip(heights, 0, top))
    behind = order.set_index("description")
    for name, height in zip(names, heights, strict=True):
        shade, _, _ = LOOKS[name]
        tied = bool(behind["tied"][name])
        label = f"{name} +{behind['difference'][name]:.1f}" if behind["difference"][name] else name
        ax.annotate(
            label, (1, ends[name]), (26, height), xycoords=("axes fraction", "data"),
            textcoords=("offset points", "data"), va="center", fontsize=SMALL, color=INK,
            weight="bold" if tied else "normal", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": shade, "ls": LOOKS[name][1], "lw": 1.4,
                        "shrinkA": 1, "shrinkB": 0},
        )  # fmt: skip


def plot_break_posterior(posterior: pd.DataFrame, *, ax: Any = None) -> Any:
    """Draw how probable it is that a new level begins in each year, per prior and trend.

    Parameters
    ----------
    posterior : frame, as `break_posterior` returns it, of one group
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    array of Axes, without and with a trend
        A line per prior; years more likely than not under every prior are named.

    Raises
    ------
    ValueError
        Where the frame has no rows, or several for one prior, trend and period.

    Examples
    --------
    >>> import pandas as pd
    >>> from relations.measures._breaks import break_posterior
    >>> frequency = pd.DataFrame({
    ...     "period": pd.date_range("2003-01-01", periods=12, freq="YS"),
    ...     "count": [2, 1, 3, 2, 1, 3, 14, 16, 13, 15, 17, 14], "exposure": 1.0})
    >>> axes = plot_break_posterior(break_posterior(frequency))
    >>> [len(axis.lines) for axis in axes]
    [3, 3]
    """
    posterior = rows_to_draw(
        posterior,
        "prior trend period new_level",
        "trajectory.break_posterior(data)",
        ["prior", "trend", "period"],
        "take one group of a frame reckoned by",
    )
    unit = posterior.attrs.get("unit") or "occasions"
    kinds = sorted(posterior["trend"].unique())
    with sheet(ax, len(kinds), "panels", 4.7, sharex=True, sharey=True) as axes:
        for axis, trend in zip(axes, kinds, strict=True):
            own = posterior[posterior["trend"] == trend]
            wide = own.pivot_table(index="period", columns="prior", values="new_level")
            priors = list(dict.fromkeys(own["prior"]))
            years = wide.index.year
            for place, prior in enumerate(priors):
                axis.plot(
                    years, wide[prior], drawstyle="steps-mid", color=SHADES[place % 3],
                    ls=PRIORS[place % 3], lw=1.8, label=prior,
                )  # fmt: skip
            for period, least in wide.min(axis=1).nlargest(3).items():
                if least > 0.5:
                    high = wide.loc[period].max()
                    note(axis, f"{period.year}", (period.year, high), (0, 3), ha="center")
            axis.set_ylim(0, 1)
            axis.set_ylabel("probability")
            what = "levels of a growing rate" if trend else "levels of a constant rate"
            axis.set_label(what)
            note(axis, what, (0, 0.92), (4, 0), xycoords="axes fraction", weight="bold")
        axes[0].legend(
            title="prior", fontsize=SMALL, title_fontsize=SMALL, loc="upper left",
            bbox_to_anchor=(0, 0.9), ncols=3,
        )  # fmt: skip
        drawn = f"Probability that a new level of {unit} a year begins."
        heading(axes, _likely(posterior), drawn, source_of(posterior))
        return axes


def _likely(posterior: pd.DataFrame) -> str:
    """Say in which years a level begins more likely than not, whatever the prior."""
    said = []
    for trend, base in ((False, "a constant rate"), (True, "steady growth")):
        own = posterior[posterior["trend"] == trend]
        if own.empty:
            continue
        least = own.groupby("period")["new_level"].min()
        years = [str(period.year) for period in least[least > 0.5].index]
        when = ", ".join(years) if years else "in no year"
        said.append(f"on {base}: {when}")
    return f"A new level is more likely than not, {'; '.join(said)}"
