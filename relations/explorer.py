"""Contacts chosen by hand, and the reports of one of them side by side: `explore` shows both."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from relations import _engines, figures
from relations.coverage import COMPARED, contradictions
from relations.ranks import delegation_levels, rank_levels

WITNESSES = ("any", "all", "only")
OF_SOURCE = [
    *["side", "outlet", "language", "published", "published_latest"],
    *["source_id", "title", "url", "reprint_of"],
]
OF_REPORT = [
    *["main", "start_as_reported", "start_as_reported_latest", "date_basis"],
    "edition_as_reported",
]


def explore(data: Any) -> Any:
    """Show the contacts of a dataset in JupyterLab, to choose from and to read side by side.

    Parameters
    ----------
    data : Dataset
        Any engine, collected.

    Returns
    -------
    widget, or matplotlib Figure where anywidget is not installed
        Choices of years, kinds, hosts, reporting sides and office levels; under them the
        contacts on a line of time, the counts by year of `exchange_frequency` with their
        interval, and the list of contacts. A contact of the list opens its reports side by
        side, as `reports_of`, `areas_of` and `contradictions_of` give them. Where a page
        cannot show widgets, it shows the figure of all contacts instead.

    Raises
    ------
    ValueError
        Where a table lacks a column.

    Warns
    -----
    UserWarning
        Where anywidget is not installed; it says how to install it.

    Examples
    --------
    >>> import relations as rel
    >>> explorer = rel.explore(rel.load())
    >>> explorer.choice = {"kinds": ["port_call"], "years": [2010, 2020]}
    >>> sum(year["count"] for year in explorer.shown["counts"])
    11
    """
    try:
        from relations._widget import Explorer
    except ImportError:
        warnings.warn(
            "anywidget is not installed, so this is a figure and not the explorer: "
            "pip install '.[notebooks]' in the checkout and restart the kernel",
            UserWarning,
            stacklevel=2,
        )
        return figure_of(data)
    return Explorer(data)


def figure_of(data: Any) -> Any:
    """Draw all contacts held, for pages that cannot show the explorer.

    Parameters
    ----------
    data : Dataset
        Any engine, collected.

    Returns
    -------
    matplotlib.figure.Figure
        As `relations.figures.plot_contacts` draws it, and closed, so that a notebook shows
        it once.

    Examples
    --------
    >>> import relations as rel
    >>> len(figure_of(rel.load()).axes)
    1
    """
    from matplotlib import pyplot as plt

    held = _engines.collect(nw.from_native(select_events(data)).lazy())
    figure = figures.plot_contacts(held, source=data.caption).figure
    plt.close(figure)
    return figure


def select_events(
    data: Any,
    *,
    years: tuple[int, int] | None = None,
    kinds: Sequence[str] | None = None,
    hosts: Sequence[str] | None = None,
    reported_by: Sequence[str] | None = None,
    witnesses: str = "any",
    levels: Sequence[int | None] | None = None,
    parts: str = "keep",
    status: str | Sequence[str] = "held",
) -> Any:
    """Choose contacts by year, kind, host, who reports them and the level of their heads.

    Parameters
    ----------
    data : Dataset
        Its table ``events``; ``reports`` and ``sources`` for ``reported_by``; the tables
        of `rank_levels` for ``levels``. pandas, Polars, DuckDB or PySpark.
    years : (first, last), optional
        Calendar years in which a contact starts, both included.
    kinds, hosts : sequence of str, optional
        Values of ``events.kind`` and ``events.host``.
    reported_by : sequence of str, optional
        Sides of ``sources.side``. Reprints are left out: a copy is no second witness.
    witnesses : {"any", "all", "only"}
        Whether a source of any side of ``reported_by`` is enough, each of these sides has
        to report the contact, or no other side may.
    levels : sequence of int or None, optional
        Office levels of the highest head of either side; None stands for contacts
        without a head whose level is known.
    parts : {"keep", "fold"}
        "fold" leaves out contacts with a ``parent_id``, which are parts of others.
    status : str or sequence of str
        What became of the contact.

    Returns
    -------
    frame of the kind of ``data.events``
        Its rows that fulfil every condition, by start and id. A condition left out is
        fulfilled by all; an empty one by none.

    Raises
    ------
    ValueError
        Where a value asked for stands nowhere in the data, years are in the wrong order,
        or a column is missing.

    Examples
    --------
    >>> import relations as rel
    >>> drills = select_events(
    ...     rel.load(), kinds=["exercise"], reported_by=["CN"], witnesses="only")
    >>> drills["event_id"].tolist()
    ['2017-09-23-anti-terror-drill']
    """
    if parts not in ("fold", "keep"):
        raise ValueError(f"parts={parts!r}: use 'fold' or 'keep'")
    if witnesses not in WITNESSES:
        raise ValueError(f"witnesses={witnesses!r}: use one of {', '.join(WITNESSES)}")
    columns = ["event_id", "start", "kind", "host", "status", "parent_id"]
    frame = _engines.lazy(data.events, "select_events", columns)
    for column, wanted in (("kind", kinds), ("host", hosts)):
        if wanted is not None:
            _refuse_unknown(frame, column, wanted, f"{column}s")
            frame = frame.filter(nw.col(column).cast(nw.String).is_in(list(wanted)))
    if years is not None:
        first, last = years
        if last < first:
            raise ValueError(f"years={years!r} end before they begin: swap them")
        frame = frame.filter(nw.col("start").dt.year().is_between(first, last))
    frame = frame.filter(nw.col("status").cast(nw.String).is_in(_engines.names(status)))
    if parts == "fold":
        frame = frame.filter(nw.col("parent_id").is_null())
    if reported_by is not None:
        frame = frame.join(_witnessed(data, list(reported_by), witnesses), "event_id", how="semi")
    if levels is not None:
        frame = _at_levels(data, frame, list(levels))
    frame = frame.sort("start", "event_id")
    model = nw.from_native(data.events)
    if isinstance(model, nw.LazyFrame):
        return frame.to_native()
    return nw.maybe_reset_index(frame.collect(model.implementation)).to_native()


def reports_of(data: Any, event_id: str) -> pd.DataFrame:
    """List the reports of one contact as they give its date and number, side by side.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``reports``, ``sources`` and ``sides``; any engine, collected.
    event_id : str

    Returns
    -------
    pandas.DataFrame, one row per report
        Sides in the order of ``data.sides``, then others; within a side by the day of
        publication. ``side`` of the source, its ``outlet``, ``language``, ``published``,
        ``source_id``, ``title``, ``url`` and ``reprint_of``; ``main``, ``date_basis``,
        ``start_as_reported`` and ``edition_as_reported`` of the report. Dates are first
        days, with the last possible one in the column that ends in ``_latest``.

    Raises
    ------
    ValueError
        Where there is no such contact or a table lacks a column.

    Examples
    --------
    >>> import relations as rel
    >>> reports = reports_of(rel.load(), "2013-06-05-dialogue-4")
    >>> reports.groupby("side", sort=False)["edition_as_reported"].first().to_dict()
    {'CN': 7, 'VN': 4}
    """
    _refuse_strange(data, event_id, "reports_of")
    reports = _of(data, "reports", event_id, ["source_id", *OF_REPORT], "reports_of")
    sources = _engines.lazy(data.sources, "reports_of (sources)", OF_SOURCE).select(*OF_SOURCE)
    read = sources.filter(nw.col("source_id").is_in(reports["source_id"].tolist()))
    reports = reports.merge(_engines.collect(read), "left", on="source_id")
    sides = _engines.lazy(data.sides, "reports_of (sides)", ["side"]).select("side")
    order = {side: place for place, side in enumerate(_engines.collect(sides)["side"])}
    reports["place"] = [order.get(side, len(order)) for side in reports["side"]]
    by = ["place", "side", "published", "source_id"]
    return reports.sort_values(by, kind="stable", ignore_index=True)[OF_SOURCE + OF_REPORT]


def areas_of(data: Any, event_id: str) -> pd.DataFrame:
    """List the areas of cooperation named for one contact, by the side that names them.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``area_mentions``, ``areas`` and ``sources``; any engine,
        collected.
    event_id : str

    Returns
    -------
    pandas.DataFrame, one row per area and side
        ``area``, ``label``; ``side`` that names it, "joint" for both together; ``status``
        (how far it has come, several separated by ``;``); ``sources`` that say so, and
        ``read_in``, the sides of these sources.

    Raises
    ------
    ValueError
        Where there is no such contact or a table lacks a column.

    Examples
    --------
    >>> import relations as rel
    >>> areas = areas_of(rel.load(), "2005-10-26-naval-patrol-agreement")
    >>> areas.loc[areas["side"] == "CN", "label"].tolist()
    ['Joint patrols at sea', 'Navies']
    """
    _refuse_strange(data, event_id, "areas_of")
    named = ["source_id", "area", "side", "status"]
    mentions = _of(data, "area_mentions", event_id, named, "areas_of").astype("object")
    sources = _engines.lazy(data.sources, "areas_of (sources)", ["source_id", "side"])
    of_source = _engines.collect(sources.select("source_id", nw.col("side").alias("read_in")))
    labels = _engines.lazy(data.areas, "areas_of (areas)", ["area", "label"])
    rows = mentions.merge(of_source.astype("object"), "left", on="source_id")
    rows = rows.merge(_engines.collect(labels.select("area", "label")), "left", on="area")
    rows = rows.rename(columns={"source_id": "sources"})
    joined = dict.fromkeys(["status", "sources", "read_in"], _joined)
    found = rows.groupby(["label", "area", "side"], as_index=False).agg(joined)
    return found[["area", "label", "side", *joined]]


def contradictions_of(data: Any, event_id: str) -> pd.DataFrame:
    """List where the reports of one contact differ, in every field that can be compared.

    Parameters
    ----------
    data : Dataset
        As for `contradictions`, which is asked for each of its fields.
    event_id : str

    Returns
    -------
    pandas.DataFrame, one row per pair of values
        As `contradictions` gives it. A contact that was not held has no row.

    Raises
    ------
    ValueError
        Where there is no such contact or a table lacks a column.

    Examples
    --------
    >>> import relations as rel
    >>> found = contradictions_of(rel.load(), "2013-06-05-dialogue-4")
    >>> found.loc[found["field"] == "edition", ["first", "second"]].values.tolist()
    [['4', '7']]
    """
    _refuse_strange(data, event_id, "contradictions_of")
    alone = dataclasses.replace(
        data,
        **{
            name: nw.to_native(nw.from_native(frame).filter(nw.col("event_id") == event_id))
            for name, frame in data.tables.items()
            if "event_id" in _columns(frame)
        },
    )
    status = _of(data, "events", event_id, ["status"], "contradictions_of")["status"].iloc[0]
    fields = COMPARED if status == "held" else {}
    found = [contradictions(alone, field) for field in fields]
    filled = [pairs for pairs in found if len(pairs)]
    if filled:
        return pd.concat(filled, ignore_index=True)
    return contradictions(data, "date").head(0)


def _witnessed(data: Any, sides: list[str], witnesses: str) -> nw.LazyFrame[Any]:
    """Return the ids of contacts that originals of these sides report."""
    sources = _engines.lazy(
        data.sources, "select_events (sources)", ["source_id", "side", "reprint_of"]
    )
    _refuse_unknown(sources, "side", sides, "reported_by")
    reports = _engines.lazy(data.reports, "select_events (reports)", ["event_id", "source_id"])
    originals = sources.filter(nw.col("reprint_of").is_null())
    originals = originals.select("source_id", nw.col("side").cast(nw.String))
    said = reports.select("event_id", "source_id").join(originals, on="source_id")
    said = said.select("event_id", "side").unique()
    own = nw.col("side").is_in(sides)
    named = said.with_columns(own.cast(nw.Int64).alias("own"), nw.lit(1).alias("every"))
    named = named.group_by("event_id").agg(nw.col("own").sum(), nw.col("every").sum())
    enough = {
        "any": nw.col("own") > 0,
        "all": nw.col("own") == len(set(sides)),
        "only": (nw.col("own") > 0) & (nw.col("own") == nw.col("every")),
    }
    return named.filter(enough[witnesses]).select("event_id")


def _at_levels(data: Any, frame: nw.LazyFrame[Any], levels: list[int | None]) -> nw.LazyFrame[Any]:
    heads = nw.from_native(delegation_levels(rank_levels(data))).lazy()
    highest = heads.filter(~nw.col("office_level").is_null())
    highest = highest.group_by("event_id").agg(nw.col("office_level").max())
    numbers = [level for level in levels if level is not None]
    _refuse_unknown(highest, "office_level", numbers, "levels")
    wanted = highest.filter(nw.col("office_level").is_in(numbers)).select("event_id")
    at_level = frame.join(wanted, on="event_id", how="semi")
    if None not in levels:
        return at_level
    without = frame.join(highest.select("event_id"), on="event_id", how="anti")
    return nw.concat([at_level, without])


def _refuse_unknown(
    frame: nw.LazyFrame[Any], column: str, wanted: Sequence[Any], name: str
) -> None:
    """A value that no row has would choose nothing, and nothing looks like a finding."""
    if isinstance(wanted, str):
        raise ValueError(f"{name}={wanted!r}: give a list, as [{wanted!r}]")
    cell = nw.col(column) if name == "levels" else nw.col(column).cast(nw.String)
    there = _engines.collect(frame.select(cell).unique())[column].dropna().tolist()
    strange = [value for value in wanted if value not in there]
    if strange:
        listed = ", ".join(str(value) for value in sorted(there))
        raise ValueError(f"{name}: no row has {strange[0]!r}; there are {listed}")


def _refuse_strange(data: Any, event_id: str, metric: str) -> None:
    if _of(data, "events", event_id, [], metric).empty:
        raise ValueError(
            f"{metric}: no contact has the id {event_id!r}; data.events['event_id'] lists them"
        )


def _of(data: Any, table: str, event_id: str, columns: Sequence[str], metric: str) -> pd.DataFrame:
    """Fetch the rows of a table that belong to one contact."""
    wanted = list(dict.fromkeys(["event_id", *columns]))
    frame = _engines.lazy(getattr(data, table), f"{metric} ({table})", wanted)
    rows = frame.select(*wanted).filter(nw.col("event_id") == event_id)
    return _engines.collect(rows).reset_index(drop=True)


def _columns(frame: Any) -> list[str]:
    return nw.from_native(frame).lazy().collect_schema().names()


def _joined(values: pd.Series) -> str:
    return ";".join(sorted(set(values.dropna())))
