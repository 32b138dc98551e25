"""Figures of the story that count by year: trajectory, levels, summit and base, areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.patheffects import withStroke

from relations.figures._drawing import (
    FAINT,
    INK,
    RULE,
    SHADES,
    SMALL,
    note,
    rows_to_draw,
    source_of,
)
from relations.figures._heading import (
    HATCH,
    LEVEL_WORDS,
    PANDEMIC,
    UNKNOWN,
    brief,
    fraction_of_year,
    heading,
    key_of_stack,
    rate_in,
    sheet,
    stack,
    tint,
    verb_of,
    width_of,
    years_of,
)
from relations.measures._scatter import LEVELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The lanes of circumstances from the top, and the mark of each.
ROLES = {
    "war": ("war", "X"),
    "settlement": ("settlement", "s"),
    "partnership": ("partnership", "D"),
    "institution": ("institution", "o"),
    "crisis": ("crisis", "^"),
}
# Layers of the figure of levels: tiers, and what they are called.
LAYERS = {
    "leaders": ["leader"],
    "vice-chairs, ministers": ["vice-chair", "minister"],
    "others on a commission": ["commission"],
    "deputies, services": ["deputy"],
    "working level": ["working"],
    UNKNOWN: ["outside the scale", "undated", "unnamed"],
}


def plot_trajectory(
    years: pd.DataFrame,
    points: pd.DataFrame,
    *,
    pandemic: tuple[int, int, str] | None = PANDEMIC,
    ax: Any = None,
) -> Any:
    """Draw turning points since the war of 1979 over the occasions of each year by level.

    Parameters
    ----------
    years : frame, as ``level_years(data)`` returns it by year
    points : frame, as ``turning_points(data)`` returns it
        A dozen at most, so that their words find room.
    pandemic : first year, last year and name of a light tint; None for none
    ax : two Axes, optional; see `relations.figures`

    Returns
    -------
    array of Axes
        Above, the turning points in lanes by the role that they play, a bar where one
        lasted; below, a stacked bar per year, leaders at the bottom, those of no known level
        hatched in grey. Years before the record begins are hatched and have no bar: nobody
        looked.

    Raises
    ------
    ValueError
        Where there are more than a dozen turning points, or periods are not years.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.measures.trajectory import level_years, turning_points
    >>> data = rel.load()
    >>> lanes, bars = plot_trajectory(level_years(data), turning_points(data))
    >>> lanes.get_xlim() == bars.get_xlim()
    True
    """
    made = "trajectory.level_years(data)"
    years = rows_to_draw(years, "period level count exposure partial", made)
    if len(points):
        points = rows_to_draw(points, "start end role words", "trajectory.turning_points(data)")
    if len(points) > 12:
        raise ValueError(f"a dozen turning points find room, not {len(points)}: choose some")
    unit = years.attrs.get("unit", "contacts")
    table = _by_level(years)
    first, last = int(table.index.min()), int(table.index.max())
    begin = min([first, *pd.to_datetime(points["start"]).dt.year])
    with sheet(
        ax, 2, "panels", 5.9, (2, 1), sharex=True, height_ratios=[1.05, 1]
    ) as (lanes, bars):  # fmt: skip
        lanes.set_xlim(begin - 0.9, last + 0.7)
        _lanes(lanes, points, (lanes, bars))
        stack(bars, table.index, table)
        bars.margins(y=0.14)
        if begin < first:
            for axis in (lanes, bars):
                axis.axvspan(begin - 0.9, first - 0.5, color="#f4f4f4", lw=0, zorder=0)
            spot = ((begin + first) / 2 - 0.7, 0.5)
            where = {"xycoords": ("data", "axes fraction"), "ha": "center", "va": "center"}
            note(bars, f"before {first}:\nnot covered,\nnot zero", spot, (0, 0), color=INK, **where)
        tint(bars, pandemic)
        tint(lanes, pandemic, named=False)
        key_of_stack(bars, first - 0.3, LEVEL_WORDS)
        full = table[_full(years)]
        bars.set_ylabel(f"{unit} a year")
        bars.set_xticks(range(begin - begin % 5 + 5, last + 1, 5))
        bars.tick_params(labelsize=SMALL)
        early, late = (first, first + 4), (full.index[-1] - 4, full.index[-1])
        high = years[years["level"].isin([*LEVELS][:2])]
        sums = years.groupby("period", as_index=False).agg({"count": "sum", "exposure": "first"})
        high = high.groupby("period", as_index=False).agg({"count": "sum", "exposure": "first"})
        ends = [rate_in(sums, *early), rate_in(sums, *late)]
        tops = [rate_in(high, *early), rate_in(high, *late)]
        spans = [f"{first}–{last % 100:02d}" for first, last in (early, late)]
        title = (
            f"{unit.capitalize()} a year {verb_of(*ends)} {brief(ends[0])} in {spans[0]} to "
            f"{brief(ends[1])} in {spans[1]}; those of leaders, vice-chairs and ministers from "
            f"{brief(tops[0])} to {brief(tops[1])}"
        )
        subtitle = (
            f"Turning points by the role that the record gives them; {unit} a year by the level "
            "of the highest head, vice-chairs and ministers with the other seats on a commission"
        )
        heading((lanes, bars), title, subtitle, source_of(years))
        return np.array([lanes, bars])


def _by_level(years: pd.DataFrame) -> pd.DataFrame:
    """Return one row per year and one column per level, from the highest to none."""
    plain = years.assign(year=years_of(years))
    table = plain.pivot_table(index="year", columns="level", values="count", aggfunc="sum")
    return table.reindex(columns=list(LEVELS)).fillna(0)


def _full(years: pd.DataFrame) -> np.ndarray:
    """Say of each year whether the record covers the whole of it; of all where none is."""
    partial = years.groupby("period")["partial"].any().to_numpy()
    return ~partial if not partial.all() else np.ones(len(partial), bool)


def _lanes(ax: Axes, points: pd.DataFrame, both: Sequence[Axes]) -> None:
    """Draw turning points in lanes by role, further rows where their words would touch."""
    known = [role for role in ROLES if role in set(points["role"])]
    others = sorted(set(points["role"].dropna()) - set(ROLES))
    figure: Any = ax.figure
    wide = (ax.get_xlim()[1] - ax.get_xlim()[0]) / (figure.get_figwidth() * 0.8)
    row, ticks, names = 0, [], []
    for role in [*known, *others]:
        name, mark = ROLES.get(role, (role.replace("_", " "), "o"))
        rows: list[float] = []
        start = row
        for point in points[points["role"] == role].sort_values("start").itertuples():
            at = fraction_of_year(point.start)
            text = f"{point.start.year} {point.words}"
            long = (width_of(text) + 0.12) * wide
            # Words stand to the left where they would leave the figure at the right.
            left = at + long > ax.get_xlim()[1] + 3 * wide * 0.3
            reach = (at - long, at + 0.2) if left else (at - 0.2, at + long)
            free = [number for number, end in enumerate(rows) if end < reach[0]]
            place = free[0] if free else len(rows)
            rows[place : place + 1] = [reach[1]]
            y = start + place
            if pd.notna(point.end) and (point.end - point.start).days > 40:
                ends = [at, fraction_of_year(point.end)]
                ax.plot(ends, [y, y], color=RULE, lw=4, solid_capstyle="butt", zorder=2)
            ax.plot(at, y, mark, color=SHADES[0], ms=6.5, mew=0, zorder=3)
            how = {"ha": "right" if left else "left", "va": "center", "zorder": 4}
            halo = [withStroke(linewidth=3, foreground="white")]
            note(ax, text, (at, y), (-7 if left else 6, 0), path_effects=halo, **how)
            for axis in both:
                axis.axvline(at, color=FAINT, lw=0.6, zorder=0.5)
        row = start + max(len(rows), 1)
        ticks.append((start + row - 1) / 2)
        names.append(name)
        ax.axhline(row - 0.5, color="white" if role == [*known, *others][-1] else "#e2e2e2", lw=0.7)
    ax.set_yticks(ticks, names, fontsize=SMALL)
    ax.set_ylim(row - 0.4, -0.7)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(axis="both", length=0)


def plot_level_years(
    years: pd.DataFrame, *, pandemic: tuple[int, int, str] | None = PANDEMIC, ax: Axes | None = None
) -> Axes:
    """Draw how many occasions of each year had which level, those of no known level in grey.

    Parameters
    ----------
    years : frame, as ``level_years(data)`` returns it by year
    pandemic : first year, last year and name of a light tint; None for none
    ax : as in every figure, see `relations.figures`

    Returns
    -------
    Axes
        One stacked bar per year, the highest tier at the bottom; above a thin line those
        whose level is not known, hatched in grey, so that what is known and what is not can
        each be read from where they begin.

    Raises
    ------
    ValueError
        Where periods are not years.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.measures.trajectory import level_years
    >>> ax = plot_level_years(level_years(rel.load()))
    >>> ax.get_ylabel()
    'occasions'
    """
    made = "trajectory.level_years(data)"
    years = rows_to_draw(years, "period tier count partial", made)
    unit = years.attrs.get("unit", "contacts")
    plain = years.assign(year=years_of(years))
    of_tier = plain.pivot_table(
        index="year", columns="tier", values="count", aggfunc="sum", observed=False
    )
    table = pd.DataFrame(
        {
            layer: of_tier.reindex(columns=tiers, fill_value=0).sum(axis=1)
            for layer, tiers in LAYERS.items()
        }
    )
    shades = ["#14293d", "#36618c", "#7396b8", "#e8a55f", "#f7e0c3", "#d2d2d2"]
    with sheet(ax, 1, "panels", 4.3) as (ax,):
        base = np.zeros(len(table))
        for layer, shade in zip(table, shades, strict=True):
            look: dict[str, Any] = {"hatch": HATCH} if layer == UNKNOWN else {}
            ax.bar(
                table.index, table[layer], 0.82, bottom=base, color=shade, edgecolor="white",
                lw=0.3, label=layer, **look,
            )  # fmt: skip
            base += table[layer].to_numpy(dtype=float)
        known = (base - table[UNKNOWN]).to_numpy()
        ax.hlines(known, table.index - 0.41, table.index + 0.41, color="black", lw=1)
        tint(ax, pandemic)
        ax.margins(y=0.1)
        ax.set_xlim(table.index[0] - 0.7, table.index[-1] + 0.7)
        full = table[_full(years)]
        key_of_stack(ax, table.index[0] - 0.4, {UNKNOWN: "level not known"})
        ax.set_ylabel(unit)
        ax.tick_params(labelsize=SMALL)
        total, bare = int(table.to_numpy().sum()), int(table[UNKNOWN].sum())
        ends = full.index[-1]
        late = table.loc[ends - 2 : ends]
        part = late[UNKNOWN].sum() / late.to_numpy().sum() if late.to_numpy().sum() else 0
        highest = table.iloc[:, :2].to_numpy().sum() / (total - bare) if total > bare else 0
        title = (
            f"Of {total:,} {unit}, {total - bare:,} have a known level, {highest:.0%} of these "
            f"at ministers' level or above; of those since {ends - 2}, {part:.0%} have none"
        )
        subtitle = (
            f"{unit.capitalize()} a year by the highest office that a head held on the day; above "
            "the black line no head is named, no term dates the office, or it is outside the scale"
        )
        heading((ax,), title, subtitle, source_of(years))
        return ax


def plot_summit_and_base(
    years: pd.DataFrame,
    means: pd.DataFrame,
    *,
    pandemic: tuple[int, int, str] | None = PANDEMIC,
    ax: Any = None,
) -> Any:
    """Draw the occasions of ministers and above beside all others, with means of blocks of years.

    Parameters
    ----------
    years : frame, as ``summit_and_base(data)`` returns it by year
    means : frame, as ``block_means(years)`` returns it
    pandemic : first year, last year and name of a light tint; None for none
    ax : two Axes, optional; see `relations.figures`

    Returns
    -------
    array of Axes
        Above ministers, vice-chairs and leaders, below all others, on one scale: bars by
        year, bilateral ones dark and multilateral ones on top of them light; lines are the
        means of blocks of years with a band, their 95% interval.

    Raises
    ------
    ValueError
        Where periods are not years.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.measures.trajectory import block_means, summit_and_base
    >>> years = summit_and_base(rel.load())
    >>> top, base = plot_summit_and_base(years, block_means(years))
    >>> top.get_xlim() == base.get_xlim()
    True
    """
    made = "trajectory.summit_and_base(data)"
    years = rows_to_draw(years, "half period setting count", made)
    means = rows_to_draw(
        means,
        "half since until rate low high ratio ratio_low ratio_high",
        "trajectory.block_means(years)",
        ["half", "since"],
        "pass the means of one unit",
    )
    unit = years.attrs.get("unit", "contacts")
    plain = years.assign(year=years_of(years))
    halves = list(dict.fromkeys(years["half"]))
    heights = [
        max(
            plain[plain["half"] == half].groupby("year")["count"].sum().max(),
            means.loc[means["half"] == half, "high"].max(),
        )
        * 1.12
        + 1
        for half in halves
    ]
    # One scale, but no panel so low that its words find no room.
    ratios = [max(height, sum(heights) * 0.22) for height in heights]
    with sheet(
        ax, len(halves), "halves", 5.8, (len(halves), 1), sharex=True, height_ratios=ratios
    ) as axes:  # fmt: skip
        for axis, half, height in zip(axes, halves, ratios, strict=True):
            own = plain[plain["half"] == half].pivot_table(
                index="year", columns="setting", values="count", aggfunc="sum"
            )
            tint(axis, pandemic, named=axis is axes[-1])
            base = np.zeros(len(own))
            for setting, shade in (("bilateral", "#4a7aa8"), ("multilateral", "#f0c08a")):
                numbers = own[setting].to_numpy() if setting in own else np.zeros(len(own))
                axis.bar(
                    own.index, numbers, 0.72, bottom=base, color=shade, lw=0.3, label=setting,
                    edgecolor="white",
                )  # fmt: skip
                base += numbers
            for mean in means[means["half"] == half].itertuples():
                reach = [mean.since - 0.42, mean.until + 0.42]
                axis.fill_between(
                    reach, mean.low, mean.high, color="black", alpha=0.16, lw=0, zorder=2
                )
                axis.plot(reach, [mean.rate] * 2, color="black", lw=1.8, zorder=3)
                tops = own.loc[own.index.isin(range(mean.since, mean.until + 1))].sum(axis=1)
                top = max(mean.high, tops.max() if len(tops) else 0)
                text = f"{mean.rate:.1f}\n({mean.low:.1f}–{mean.high:.1f})"
                spot = ((mean.since + mean.until) / 2, top)
                note(axis, text, spot, (0, 3), ha="center", va="bottom", linespacing=1.05)
            axis.set_ylim(0, height * 1.12)
            axis.set_title(half, fontsize=SMALL + 1, pad=4)
            axis.tick_params(labelsize=SMALL)
        last = axes[-1]
        last.set_ylabel(f"{unit} a year")
        last.legend(
            fontsize=SMALL, loc="upper left", bbox_to_anchor=(0, 1), handlelength=1.2,
            borderaxespad=0.2, reverse=True, title="setting", title_fontsize=SMALL,
            alignment="left",
        )  # fmt: skip
        last.set_xlim(plain["year"].min() - 0.7, plain["year"].max() + 0.7)
        bare = int(years["unknown"].sum()) if "unknown" in years else 0
        below = int(years.loc[years["half"] == halves[-1], "count"].sum())
        subtitle = (
            f"{unit.capitalize()} a year, one scale; lines and figures: means of blocks of years "
            "with their 95% interval, grey, for years that scatter as these do"
        )
        told = f"Of the {below:,} {unit} below, {bare:,} have no known level." if bare else ""
        heading(axes, _summit_title(means, halves), subtitle, f"{source_of(years)}\n{told}")
        return np.array(axes)


def _summit_title(means: pd.DataFrame, halves: Sequence[str]) -> str:
    """Say how the last block compares with the base, half by half."""
    base = means.attrs.get("base")
    verdicts, rates, blocks = [], [], []
    for half in halves:
        own = means[means["half"] == half].sort_values("since")
        before, last = own[own["since"] == base], own.iloc[-1]
        if before.empty or last["since"] == base:
            before = own.iloc[:1]
        pair = [before.iloc[0], last]
        rates.append([f"{one['rate']:.1f}" for one in pair])
        blocks = [f"{one['since']}–{one['until'] % 100:02d}" for one in pair]
        known = pd.notna(last["ratio"])
        apart = known and (last["ratio_low"] > 1 or last["ratio_high"] < 1)
        verdicts.append(0 if not apart else 1 if last["ratio"] > 1 else -1)
    summit = {0: "Same summit", 1: "Higher summit", -1: "Lower summit"}[verdicts[0]]
    wide = {0: "same base", 1: "wider base", -1: "narrower base"}[verdicts[-1]]
    return (
        f"{summit}, {wide}: {halves[0]} {rates[0][0]} a year in {blocks[0]} and {rates[0][1]} in "
        f"{blocks[1]}; below them {rates[-1][0]}, then {rates[-1][1]}"
    )
