"""Who met whom: offices and ranks on the day, and the level of a delegation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations import _contacts, _engines, _intervals
from relations._contacts import FINE_ENOUGH
from relations.exchanges import OFFSETS

CROSSWALKS = ("place", "cognate")
SCALES = ("office", *CROSSWALKS)
DAYS_PER_YEAR = 365.25


def rank_levels(data: Any, crosswalk: str = "place") -> Any:
    """Resolve office and rank of each participant on the day of the event.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``participants``, ``people``, ``appointments``,
        ``promotions``, ``offices`` and ``ranks`` are read; pandas, Polars, DuckDB or
        PySpark frames (`Dataset.convert`), and the same kind is returned.
    crosswalk : {"place", "cognate"}
        How the two ladders are laid side by side: "place" pairs ranks by their place from
        the top (đại tướng = 上将 = 9), "cognate" by their names (thượng tướng = 上将 = 9).

    Returns
    -------
    frame, one row per event, person and source
        ``event_id``, ``person_id``, ``source_id``, ``side``, ``role``; as printed
        ``office_as_reported``, ``rank_as_reported``; on the day ``office_id``,
        ``office_level`` (8 leader … 1 unit commander), ``rank_id``, ``rank_level`` (NATO
        officer code as a number); ``crosswalk`` as asked for. Empty where no dated
        appointment or promotion tells: what a report prints is never taken for a fact.

    Raises
    ------
    ValueError
        Where the crosswalk is unknown or a table lacks a column.

    Notes
    -----
    An appointment holds on a day that lies between its first and its last day; of several
    offices held at once the highest counts (a seat on a Central Military Commission wins
    over the post), and where several are equally high the first by id is named. A rank is
    the last one received before or on the first day. Where a date is known only to the
    month or year and the event falls inside it, the rank stays unknown, and an
    appointment does not count. Where two ranks have one date, the rank stays unknown too.

    Examples
    --------
    >>> import relations as rel
    >>> levels = rel.rank_levels(rel.load(), crosswalk="cognate")
    >>> giang = levels[levels.person_id == "phan-van-giang"].sort_values("event_id")
    >>> giang["rank_level"].iloc[[0, -1]].tolist()
    [9, 10]
    """
    if crosswalk not in CROSSWALKS:
        raise ValueError(f"crosswalk={crosswalk!r}: use one of {', '.join(CROSSWALKS)}")
    level = f"level_by_{crosswalk}"
    needed = {
        "events": ["event_id", "start", "end", "precision"],
        "participants": [
            "event_id", "person_id", "source_id", "role", "office_as_reported", "rank_as_reported",
        ],
        "people": ["person_id", "side"],
        "appointments": ["person_id", "office_id", "since_latest", "until"],
        "promotions": ["person_id", "rank_id", "since", "since_latest"],
        "offices": ["office_id", "office_level"],
        "ranks": ["rank_id", level],
    }  # fmt: skip
    table = {
        name: _engines.lazy(getattr(data, name), f"rank_levels ({name})", columns).select(*columns)
        for name, columns in needed.items()
    }
    text = _engines.text
    # The last day on which the event may have begun: its first day, or the end of the
    # month or year that it is known to.
    events = table["events"].select(
        *text("event_id"),
        nw.col("start").alias("day"),
        nw.when(nw.col("precision").cast(nw.String) == "day")
        .then(nw.col("start"))
        .otherwise(nw.col("end"))
        .alias("day_latest"),
    )
    who = table["participants"].select(*text("event_id", "person_id")).unique()
    who = who.join(events, on="event_id")
    offices = _offices(who, table["appointments"], table["offices"])
    ranks = _ranks(who, table["promotions"], table["ranks"], level)
    named = table["participants"].with_columns(*text("event_id", "person_id", "role"))
    people = table["people"].select(*text("person_id", "side"))
    levels = (
        named.join(people, on="person_id", how="left")
        .join(offices, on=["event_id", "person_id"], how="left")
        .join(ranks, on=["event_id", "person_id"], how="left")
        .with_columns(nw.lit(crosswalk).alias("crosswalk"))
        .select(
            "event_id", "person_id", "source_id", "side", "role",
            "office_as_reported", "rank_as_reported",
            "office_id", "office_level", "rank_id", "rank_level", "crosswalk",
        )
        .sort("event_id", "side", "person_id", "source_id")
    )  # fmt: skip
    return _finish(levels, data.participants)


def delegation_levels(levels: Any) -> Any:
    """Give the level of each side's delegation: that of its head.

    Parameters
    ----------
    levels : frame, as `rank_levels` returns it
        pandas, Polars, DuckDB or PySpark; the same kind is returned.

    Returns
    -------
    frame, one row per event and side that has a head or host
        ``event_id``, ``side``, ``person_id`` of the head, ``office_id``, ``office_level``,
        ``rank_id``, ``rank_level``, ``crosswalk``. Where reports name several heads, the
        one with the highest office; an unknown level is below every known one.

    Raises
    ------
    ValueError
        Where a column is missing.

    Examples
    --------
    >>> import relations as rel
    >>> heads = rel.delegation_levels(rel.rank_levels(rel.load()))
    >>> heads.query("event_id == '2024-04-11-border-exchange-8'")["office_level"].tolist()
    [5, 5]
    """
    columns = [
        "event_id", "side", "person_id", "office_id", "office_level", "rank_id", "rank_level",
        "crosswalk",
    ]  # fmt: skip
    frame = _engines.lazy(levels, "delegation_levels", [*columns, "role"])
    heads = frame.filter(nw.col("role").is_in(["head", "host"])).select(*columns).unique()
    order = nw.col("office_level").fill_null(0) * 100 + nw.col("rank_level").fill_null(0)
    heads = heads.with_columns(order.alias("order"))
    group = ["event_id", "side"]
    top = heads.group_by(*group).agg(nw.col("order").max())
    first = heads.join(top, on=[*group, "order"]).group_by(*group).agg(nw.col("person_id").min())
    return _finish(
        heads.join(first, on=[*group, "person_id"]).select(*columns).sort(*group), levels
    )


def level_summary(
    heads: Any,
    events: Any,
    every: str | None = "year",
    by: str | Sequence[str] = (),
    *,
    minister: int = 5,
    parts: str = "fold",
    status: str | Sequence[str] = "held",
    evidence: bool = False,
) -> pd.DataFrame:
    """Summarise the office level of the contacts of each period.

    Parameters
    ----------
    heads : frame, as `delegation_levels` returns it
        ``event_id``, ``side``, ``office_level``; pandas, Polars, DuckDB or PySpark.
    events : frame with ``event_id``, ``start``, ``precision``, ``status``
        The same engines. ``parent_id`` is read where it is there.
    every : {"month", "quarter", "year"} or None
        Length of a period. A contact belongs to the one it starts in. None takes all
        contacts together.
    by : column or columns of ``events``, such as "kind"
    minister : int
        The office level from which a contact counts in ``share``.
    parts : {"fold", "keep"}
        "fold" leaves out contacts with a ``parent_id``, which are parts of others.
    status : str or sequence of str
        Which contacts count.
    evidence : bool
        Add a last column ``evidence``: the ids of the contacts in ``at_level``, separated by
        ``;``, as `trace` takes them.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by`` and period, whatever came in
        The level of a contact is that of its highest head whose level is known.
        ``period`` first day, unless ``every`` is None; ``contacts``; ``known`` contacts with a
        level; ``unknown`` those without a head or without a known office; ``single`` of the
        known, those where one head alone has a level, so that a higher one may be missing;
        ``highest`` and ``lowest`` head of the period and ``median`` level of its contacts;
        ``at_level`` contacts at ``minister`` or above; ``share`` of the known, with its 95%
        interval ``low``, ``high``; ``least`` and ``most``, the share of all contacts if every
        unknown level lay below or at ``minister``. A period without contacts between the first
        and the last is a row of zeros with empty levels and share.

    Raises
    ------
    ValueError
        Where a column is missing, an id stands twice, a start is empty, a date is too coarse
        for the period, or no contact is left.

    Notes
    -----
    Interval of a share: Wilson (1927), Journal of the American Statistical Association 22.
    It takes contacts without a level to be like the others; ``least`` and ``most`` do not.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.ranks import level_summary
    >>> data = rel.load()
    >>> heads = rel.delegation_levels(rel.rank_levels(data))
    >>> table = level_summary(heads, data.events)
    >>> bool((table["known"] + table["unknown"] == table["contacts"]).all())
    True
    """
    by = _engines.names(by)
    contacts = _contacts.fetch(events, "level_summary", ["event_id", *by], parts, status)
    if every is not None:
        contacts["period"] = _period(contacts, every)
    levels = _head_levels(heads, "level_summary", "office_level")
    top = levels.groupby("event_id")["level"].agg(["max", "min", "count"])
    contacts = contacts.join(top, on="event_id")
    contacts["count"] = contacts["count"].fillna(0).astype("int64")
    contacts["at_level"] = contacts["max"] >= minister
    # An unknown head can only raise a contact that is not at the level yet.
    contacts["open"] = ~contacts["at_level"] & (contacts["count"] < 2)
    periods: Any = [None]
    if every is not None:
        first, last = contacts["period"].min(), contacts["period"].max()
        periods = pd.date_range(first, last, freq=OFFSETS[every], unit="us")
    rows = []
    for values, group in _engines.groups(contacts, by):
        for period in periods:
            here = group if every is None else group[group["period"] == period]
            known = int((here["count"] > 0).sum())
            at_level, still_open = int(here["at_level"].sum()), int(here["open"].sum())
            low, high = _intervals.wilson(at_level, known)
            rows.append(
                dict(zip(by, values, strict=True))
                | ({} if every is None else {"period": period})
                | {
                    "contacts": len(here),
                    "known": known,
                    "unknown": len(here) - known,
                    "single": int((here["count"] == 1).sum()),
                    "highest": here["max"].max(),
                    "median": here["max"].median(),
                    "lowest": here["min"].min(),
                    "at_level": at_level,
                    "share": at_level / known if known else np.nan,
                    "low": low,
                    "high": high,
                    "least": at_level / len(here) if len(here) else np.nan,
                    "most": (at_level + still_open) / len(here) if len(here) else np.nan,
                }
                | _contacts.behind(here.loc[here["at_level"], "event_id"], evidence)
            )
    return pd.DataFrame(rows).astype({"highest": "Int64", "lowest": "Int64"})


def parity(
    heads: Any,
    events: Any,
    scale: str = "office",
    *,
    sides: tuple[str, str] | None = None,
    parts: str = "fold",
    status: str | Sequence[str] = "held",
) -> pd.DataFrame:
    """Measure how far the heads of the two delegations stand apart in each contact.

    Parameters
    ----------
    heads : frame, as `delegation_levels` returns it
        pandas, Polars, DuckDB or PySpark.
    events : frame with ``event_id``, ``start``, ``precision``, ``status``
        The same engines. ``parent_id``, ``kind`` and ``host`` are read where they are there.
    scale : {"office", "place", "cognate"}
        Levels of office, or of rank by one of the crosswalks. For ranks, ``heads`` must
        rest on the same crosswalk: ``rank_levels(data, crosswalk=scale)``.
    sides : pair of sides, optional
        The difference is first minus second; sorted, if left out.
    parts : {"fold", "keep"}
        "fold" leaves out contacts with a ``parent_id``, which are parts of others.
    status : str or sequence of str
        Which contacts count.

    Returns
    -------
    pandas.DataFrame, one row per contact, by start, whatever came in
        ``event_id``, ``start``, ``precision``, ``kind`` and ``host`` where there;
        ``first``, ``second`` the sides; ``first_level``, ``second_level`` of their heads;
        ``difference`` first minus second, in steps of the scale, empty where either level
        is unknown; ``scale``.

    Raises
    ------
    ValueError
        Where a column is missing, the scale is unknown or not that of ``heads``, an id
        stands twice, or the heads are not of two sides.

    Notes
    -----
    Levels are ordinal: a difference of one is one step, and steps need not be equal. One
    step of rank is not one step of office.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.ranks import parity
    >>> data = rel.load()
    >>> heads = rel.delegation_levels(rel.rank_levels(data))
    >>> steps = parity(heads, data.events).set_index("event_id")["difference"]
    >>> int(steps["2024-04-11-border-exchange-8"])
    0
    """
    if scale not in SCALES:
        raise ValueError(f"scale={scale!r}: use one of {', '.join(SCALES)}")
    column = "office_level" if scale == "office" else "rank_level"
    optional = ["kind", "host"]
    contacts = _contacts.fetch(events, "parity", ["event_id"], parts, status, optional=optional)
    if scale != "office":
        used = _engines.lazy(heads, "parity", ["crosswalk"]).select("crosswalk").unique()
        found = sorted(_engines.collect(used)["crosswalk"])
        if found != [scale]:
            raise ValueError(
                f"scale={scale!r}, but the heads rest on crosswalk {', '.join(found) or 'none'}: "
                f"make them with rank_levels(data, crosswalk={scale!r})"
            )
    levels = _head_levels(heads, "parity", column)
    first, second = _two_sides(levels["side"], sides)
    of = {side: group.set_index("event_id")["level"] for side, group in levels.groupby("side")}
    table = contacts.assign(
        first=first,
        second=second,
        first_level=contacts["event_id"].map(of[first]).astype("Int64"),
        second_level=contacts["event_id"].map(of[second]).astype("Int64"),
        scale=scale,
    )
    table["difference"] = table["first_level"] - table["second_level"]
    kept = [name for name in ("kind", "host") if name in table]
    order = [
        "event_id", "start", "precision", *kept, "first", "second", "first_level", "second_level",
        "difference", "scale",
    ]  # fmt: skip
    return table.sort_values(["start", "event_id"], ignore_index=True)[order]


def parity_by(
    differences: pd.DataFrame,
    every: str | None = "year",
    by: str | Sequence[str] = (),
    *,
    rare: float = 2.0,
) -> pd.DataFrame:
    """Summarise which side's heads stand higher in each period, with interval and sign test.

    Parameters
    ----------
    differences : frame, as `parity` returns it
        pandas.
    every : {"month", "quarter", "year"} or None
        Length of a period; None takes all contacts together.
    by : column or columns of ``differences``, such as "kind" or "host"
    rare : float
        The largest step on one side that the interval allows for where few or none were seen.

    Returns
    -------
    pandas.DataFrame, one row per value of ``by`` and period with a contact
        ``period`` first day, unless ``every`` is None; ``first``, ``second`` the sides;
        ``scale``; ``contacts``; ``known`` those with both levels; ``first_higher``,
        ``equal``, ``second_higher``; ``mean`` difference in steps with ``low``, ``high``, its
        95% interval, and ``rare`` as asked for; ``p_sign`` of the two-sided sign test that
        neither side stands higher more often. Empty estimates where nothing is known.

    Raises
    ------
    ValueError
        Where a column is missing, there is no row, the frame mixes scales or sides, a contact
        is known less precisely than to the period, or ``rare`` is not positive.

    Notes
    -----
    The interval is Student's, of the differences and two more, +``rare`` and -``rare``: without
    them a period of equals, or of one contact, would claim certainty (the adjustment of Agresti
    and Min 2005, Statistics in Medicine 24, for paired shares, taken over to means). Worked out
    exactly from 4 to 104 contacts: where all are equal but for steps of one size on one side,
    however rare, it covers at least 93.5% if the steps are no larger than ``rare``, and at least
    86% if they are half as large again (3 for 2). For differences like those of the record it
    covers 99.9% at 8 contacts, wider than need be, 99% at 15, 97% at 30 and 96% at 104.
    ``mean`` is the plain mean, which lies off the middle of the interval. Sign test: Conover,
    *Practical Nonparametric Statistics*, 3rd ed., 1999, section 3.4; equals are left out. It is
    exact, and made once per row: of twenty rows one is expected below 0.05 by chance. Both take
    contacts as independent, which contacts of the same two persons are not quite.

    Examples
    --------
    >>> import pandas as pd
    >>> from relations.ranks import parity_by
    >>> differences = pd.DataFrame({
    ...     "start": pd.to_datetime(["2019-03-01", "2019-05-01", "2019-06-01"]),
    ...     "precision": "day", "first": "AA", "second": "BB", "scale": "office",
    ...     "difference": [1, 0, None]})
    >>> parity_by(differences)[["contacts", "known", "first_higher", "mean", "p_sign"]]
       contacts  known  first_higher  mean  p_sign
    0         3      2             1   0.5     1.0
    """
    from scipy.stats import binomtest

    if not rare > 0:
        raise ValueError(f"rare={rare!r}: give a number of steps above 0")
    by = _engines.names(by)
    needed = ["start", "precision", "first", "second", "scale", "difference", *by]
    table = _engines.collect(_engines.lazy(differences, "parity_by", needed).select(*needed))
    if table.empty:
        raise ValueError("parity_by has no contact to summarise: look at the filter")
    for column in ("first", "second", "scale"):
        found = sorted(table[column].dropna().unique())
        if len(found) != 1:
            raise ValueError(
                f"{column} has the values {', '.join(found)}: "
                "differences of one scale and one pair of sides can be summarised together"
            )
    if every is not None:
        table["period"] = _period(table, every)
    key = [*by, *(["period"] if every is not None else [])]
    rows = []
    for values, group in _engines.groups(table, key):
        known = group["difference"].dropna().astype("float64").to_numpy()
        up, down = int((known > 0).sum()), int((known < 0).sum())
        low, high = _mean_interval(len(known), known.sum(), known @ known, rare)
        rows.append(
            dict(zip(key, values, strict=True))
            | {column: group[column].iloc[0] for column in ("first", "second", "scale")}
            | {
                "contacts": len(group),
                "known": len(known),
                "first_higher": up,
                "equal": len(known) - up - down,
                "second_higher": down,
                "mean": float(known.mean()) if len(known) else np.nan,
                "low": float(low),
                "high": float(high),
                "rare": float(rare),
                "p_sign": (
                    float(binomtest(up, up + down).pvalue)
                    if up + down
                    else (1.0 if len(known) else np.nan)
                ),
            }
        )
    return pd.DataFrame(rows)


def counterparts(
    data: Any,
    offices: str | Sequence[str],
    *,
    roles: Sequence[str] = ("head", "host"),
) -> pd.DataFrame:
    """Count the different heads of the other side whom each holder of an office met.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``participants``, ``people`` and ``appointments`` are read, of
        any engine.
    offices : office or offices, such as ("cn-defence-minister", "vn-defence-minister")
        Ids of ``data.offices``.
    roles : sequence of str
        Who leads a delegation.

    Returns
    -------
    pandas.DataFrame, one row per person, by side and first contact
        ``person_id``, ``side``; ``occasions`` held in which the person, in office on the
        day, led a delegation opposite a head of another side (a contact and its parts are
        one); ``counterparts`` different heads opposite; ``peers`` those of them who held one
        of ``offices`` on that day themselves; ``peer_occasions``; ``since``, ``until`` first
        days of the first and the last such contact, and ``years`` between them.

    Raises
    ------
    ValueError
        Where an office is not in the table, a column is missing, or nobody in office met
        anybody.

    Notes
    -----
    All numbers are of the record and so are the least that happened. A person counts only on
    days that an appointment covers for certain: where a career is only seen, its contacts
    outside the days seen are left out.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.ranks import counterparts
    >>> met = counterparts(rel.load(), ["cn-defence-minister", "vn-defence-minister"])
    >>> bool((met["peers"] <= met["counterparts"]).all())
    True
    """
    offices = _engines.names(offices)
    meetings = _meetings(data, roles, "counterparts")
    meetings = _in_office(meetings, data, offices, "counterparts")
    met = meetings[meetings["in_office"]]
    if met.empty:
        raise ValueError(
            f"no holder of {', '.join(offices)} met a head of another side on a day in office: "
            "look at appointments and roles"
        )
    rows = []
    for (side, person), group in met.groupby(["side", "person_id"]):
        peers = group[group["other_in_office"]]
        since, until = group["start"].min(), group["start"].max()
        rows.append(
            {
                "person_id": person,
                "side": side,
                "occasions": group["occasion"].nunique(),
                "counterparts": group["other_id"].nunique(),
                "peers": peers["other_id"].nunique(),
                "peer_occasions": peers["occasion"].nunique(),
                "since": since,
                "until": until,
                "years": (until - since).days / DAYS_PER_YEAR,
            }
        )
    table = pd.DataFrame(rows)
    return table.sort_values(["side", "since", "person_id"], ignore_index=True)


def office_turnover(data: Any, offices: str | Sequence[str]) -> pd.DataFrame:
    """Measure how fast the holders of given offices change on each side.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``participants``, ``people``, ``offices`` and ``appointments``
        are read, of any engine; ``covered_since`` and ``covered_until`` of the events give
        the span.
    offices : office or offices, such as ("cn-defence-minister", "vn-defence-minister")

    Returns
    -------
    pandas.DataFrame, one row per side that has one of the offices
        ``side``; ``offices`` of the side; ``holders`` different persons in office on a day of
        the span; ``seen`` those of them for whom no page dates the term; ``met`` those who led
        a delegation opposite another side while in office; ``entered`` persons who first took
        one of the offices on a later day of the span than its first; ``years`` of the span;
        ``rate``, ``low``, ``high`` such entries per year with the exact 95% Poisson interval;
        ``pairs`` of a holder and a counterpart who met while both held one of the offices, and
        ``once`` those of them that met on one occasion only.

    Raises
    ------
    ValueError
        Where an office is not in the table, a column is missing, or the events do not say
        what they cover.

    Notes
    -----
    Interval: Garwood (1936), Biometrika 28. Terms of fixed length make entries more regular
    than a Poisson process, so the interval is wide rather than narrow. A term that is only
    seen begins with the first report, not with the appointment; one known to the month or year
    counts as entered from its first possible day, and as held on days that are certain. Offices
    with many holders at once (deputy ministers) enter in proportion.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.ranks import office_turnover
    >>> turnover = office_turnover(rel.load(), ["cn-defence-minister", "vn-defence-minister"])
    >>> turnover["side"].tolist()
    ['CN', 'VN']
    """
    wanted = _engines.names(offices)
    known = _offices_of(data, wanted, "office_turnover")
    span = _contacts.covered(data.events)
    if span is None:
        raise ValueError(
            "office_turnover: the events do not say what they cover, so turnover has no span; "
            "add covered_since and covered_until"
        )
    first, last = span
    terms = _terms(data, wanted, "office_turnover").merge(known, on="office_id")
    terms = terms[(terms["since"] <= last) & ~(terms["until"] < first)]
    meetings = _in_office(
        _meetings(data, ("head", "host"), "office_turnover"), data, wanted, "office_turnover"
    )
    meetings = meetings[meetings["in_office"]]
    years = ((last - first).days + 1) / DAYS_PER_YEAR
    rows = []
    for side, of_side in known.groupby("side"):
        here, met = terms[terms["side"] == side], meetings[meetings["side"] == side]
        dated = set(here.loc[here["basis"] != "seen", "person_id"])
        entered = int((here.groupby("person_id")["since"].min() > first).sum())
        peers = met[met["other_in_office"]]
        times = peers.groupby(["person_id", "other_id"])["occasion"].nunique()
        low, high = _intervals.garwood(entered, years)
        rows.append(
            {
                "side": side,
                "offices": len(of_side),
                "holders": here["person_id"].nunique(),
                "seen": len(set(here["person_id"]) - dated),
                "met": met["person_id"].nunique(),
                "entered": entered,
                "years": years,
                "rate": entered / years,
                "low": float(low),
                "high": float(high),
                "pairs": len(times),
                "once": int((times == 1).sum()),
            }
        )
    return pd.DataFrame(rows)


def meeting_network(data: Any, roles: Sequence[str] = ("head", "host")) -> pd.DataFrame:
    """List which persons of different sides led delegations opposite each other, and how often.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``participants`` and ``people`` are read, of any engine.
    roles : sequence of str
        Who leads a delegation.

    Returns
    -------
    pandas.DataFrame, one row per pair, most occasions first
        ``first``, ``second`` persons, of the sides ``first_side`` before ``second_side`` in
        the alphabet; ``weight`` occasions held on which they met: a contact and its parts are
        one, and one contact reported by several sources is one; ``since``, ``until`` first
        days of the first and the last of them.

    Raises
    ------
    ValueError
        Where a column is missing, or no two persons met.

    Notes
    -----
    Where several persons lead one side, each is tied to each head of the other side.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.ranks import meeting_network
    >>> edges = meeting_network(rel.load())
    >>> bool((edges["first_side"] != edges["second_side"]).all())
    True
    """
    meetings = _meetings(data, roles, "meeting_network")
    once = meetings[meetings["side"] < meetings["other_side"]]
    if once.empty:
        raise ValueError(f"no two sides have a {' or '.join(roles)} in one held contact")
    edges = (
        once.groupby(["person_id", "other_id", "side", "other_side"])
        .agg(weight=("occasion", "nunique"), since=("start", "min"), until=("start", "max"))
        .reset_index()
        .rename(
            columns={
                "person_id": "first",
                "other_id": "second",
                "side": "first_side",
                "other_side": "second_side",
            }
        )
    )
    return edges.sort_values(
        ["weight", "first", "second"], ascending=[False, True, True], ignore_index=True
    )


def centralities(edges: pd.DataFrame) -> pd.DataFrame:
    """Measure how central each person is among those who led delegations.

    Parameters
    ----------
    edges : frame, as `meeting_network` returns it
        ``first``, ``second``, ``first_side``, ``second_side``, ``weight``; pandas.

    Returns
    -------
    pandas.DataFrame, one row per person, highest weighted degree first
        ``person_id``, ``side``; ``degree`` different counterparts; ``weighted_degree``
        occasions, summed over counterparts; ``betweenness`` share of the shortest paths
        between others that run through the person (0 to 1, weights left aside);
        ``component`` number of persons in the part of the network that hangs together;
        ``eigenvector`` centrality by weight, of length 1, in the largest component (the first
        by name where several are equally large) and empty in the others, which it cannot
        compare.

    Raises
    ------
    ValueError
        Where a column is missing, there is no edge, an edge lacks a person, a pair stands
        twice, a weight is not positive, or a person meets himself or stands on two sides.

    Notes
    -----
    Freeman (1978), Social Networks 1; Bonacich (1987), American Journal of Sociology 92;
    computed by the package ``networkx``. Ties are between sides only, so a path between two
    persons of one side runs through the other. The network is that of the record: a person is
    central whose contacts were found.

    Examples
    --------
    >>> import pandas as pd
    >>> from relations.ranks import centralities
    >>> edges = pd.DataFrame({
    ...     "first": ["a", "a"], "second": ["x", "y"], "first_side": "AA", "second_side": "BB",
    ...     "weight": [2, 1]})
    >>> centralities(edges)[["person_id", "degree", "weighted_degree", "betweenness"]]
      person_id  degree  weighted_degree  betweenness
    0         a       2                3          1.0
    1         x       1                2          0.0
    2         y       1                1          0.0
    """
    # Imported where used: nothing else needs it.
    import networkx as nx

    columns = ["first", "second", "first_side", "second_side", "weight"]
    table = _engines.collect(_engines.lazy(edges, "centralities", columns).select(*columns))
    _refuse_edges(table)
    graph = nx.Graph()
    graph.add_weighted_edges_from(table[["first", "second", "weight"]].itertuples(index=False))
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    eigenvector = nx.eigenvector_centrality(
        graph.subgraph(parts[0]), max_iter=100_000, tol=1e-10, weight="weight"
    )
    size = {person: len(part) for part in parts for person in part}
    side = dict(zip(table["first"], table["first_side"], strict=True))
    side |= dict(zip(table["second"], table["second_side"], strict=True))
    betweenness = nx.betweenness_centrality(graph)
    result = pd.DataFrame(
        [
            {
                "person_id": person,
                "side": side[person],
                "degree": graph.degree(person),
                "weighted_degree": graph.degree(person, weight="weight"),
                "betweenness": betweenness[person],
                "component": size[person],
                "eigenvector": eigenvector.get(person, np.nan),
            }
            for person in graph
        ]
    )
    return result.sort_values(
        ["weighted_degree", "degree", "person_id"],
        ascending=[False, False, True],
        ignore_index=True,
    )


def _offices(
    who: nw.LazyFrame[Any], appointments: nw.LazyFrame[Any], offices: nw.LazyFrame[Any]
) -> nw.LazyFrame[Any]:
    """Return the highest office that each person held on the day, where one is known."""
    held = (
        who.join(
            appointments.with_columns(*_engines.text("person_id", "office_id")), on="person_id"
        )
        .filter(
            (nw.col("since_latest") <= nw.col("day"))
            & (nw.col("until").is_null() | (nw.col("until") >= nw.col("day_latest")))
        )
        .join(offices.with_columns(*_engines.text("office_id")), on="office_id")
    )
    key = ["event_id", "person_id"]
    # An office outside the scale is still an office: it yields to any that has a level.
    held = held.with_columns(nw.col("office_level").fill_null(0).alias("height"))
    top = held.group_by(*key).agg(nw.col("height").max())
    first = held.join(top, on=[*key, "height"]).group_by(*key).agg(nw.col("office_id").min())
    return (
        held.join(first, on=[*key, "office_id"]).select(*key, "office_id", "office_level").unique()
    )


def _ranks(
    who: nw.LazyFrame[Any], promotions: nw.LazyFrame[Any], ranks: nw.LazyFrame[Any], level: str
) -> nw.LazyFrame[Any]:
    """Return the last rank that each person had received by the day, where it is certain."""
    key = ["event_id", "person_id"]
    dated = promotions.filter(~nw.col("since").is_null())
    received = who.join(dated.with_columns(*_engines.text("person_id", "rank_id")), on="person_id")
    sure = received.filter(nw.col("since_latest") <= nw.col("day"))
    last = sure.group_by(*key).agg(nw.col("since_latest").max())
    doubtful = (
        received.filter(
            (nw.col("since") <= nw.col("day_latest")) & (nw.col("since_latest") > nw.col("day"))
        )
        .select(*key)
        .unique()
    )
    newest = sure.join(last, on=[*key, "since_latest"]).select(*key, "rank_id").unique()
    one = newest.group_by(*key).agg(nw.len().alias("ranks")).filter(nw.col("ranks") == 1)
    return (
        newest.join(one.select(*key), on=key)
        .join(doubtful, on=key, how="anti")
        .join(ranks.with_columns(*_engines.text("rank_id")), on="rank_id")
        .select(*key, "rank_id", nw.col(level).alias("rank_level"))
    )


def _finish(frame: nw.LazyFrame[Any], like: Any) -> Any:
    """Return what was built lazily as the kind of frame that came in."""
    model = nw.from_native(like)
    if isinstance(model, nw.LazyFrame):
        return frame.to_native()
    return nw.maybe_reset_index(frame.collect(model.implementation)).to_native()


def _refuse_edges(edges: pd.DataFrame) -> None:
    if edges.empty:
        raise ValueError("centralities has no edge: look at the filter")
    if edges[["first", "second"]].isna().any(axis=None):
        raise ValueError("an edge lacks a person: fill in or drop the row")
    loops = edges.loc[edges["first"] == edges["second"], "first"]
    if len(loops):
        raise ValueError(f"{loops.iloc[0]!r} is tied to himself: drop the row")
    pairs = pd.DataFrame(np.sort(edges[["first", "second"]].to_numpy(dtype=object), axis=1))
    if pairs.duplicated().any():
        pair = " and ".join(pairs[pairs.duplicated()].iloc[0])
        raise ValueError(f"{pair} stand more than once: add up their weights first")
    idle = edges[~(edges["weight"] > 0)]
    if len(idle):
        raise ValueError(
            f"the weight of {idle['first'].iloc[0]} and {idle['second'].iloc[0]} is not positive: "
            "it is a number of occasions; drop pairs that did not meet"
        )
    ends = [edges[[end, f"{end}_side"]].set_axis(["person", "side"], axis=1)
            for end in ("first", "second")]  # fmt: skip
    sides = pd.concat(ends).groupby("person")["side"].nunique(dropna=False)
    if (sides > 1).any():
        raise ValueError(f"{sides.idxmax()!r} stands on two sides: make it two ids, or one side")


def _period(table: pd.DataFrame, every: str) -> pd.Series:
    """Return the first day of the period that each contact starts in."""
    if every not in FINE_ENOUGH:
        raise ValueError(f"every={every!r}: use one of {', '.join(FINE_ENOUGH)}")
    coarse = ~table["precision"].astype("object").isin(FINE_ENOUGH[every])
    if coarse.any():
        raise _contacts.too_coarse(int(coarse.sum()), every)
    start = table["start"].astype("datetime64[us]")
    return start.dt.to_period(every[0].upper()).dt.start_time.astype("datetime64[us]")


def _head_levels(heads: Any, metric: str, column: str) -> pd.DataFrame:
    """Fetch one level per contact and side."""
    frame = _engines.lazy(heads, metric, ["event_id", "side", column])
    table = _engines.collect(
        frame.select(*_engines.text("event_id", "side"), nw.col(column).alias("level"))
    )
    repeated = table.duplicated(["event_id", "side"])
    if repeated.any():
        raise ValueError(
            f"event_id {table.loc[repeated, 'event_id'].iloc[0]!r} has several heads of one side: "
            "delegation_levels gives one"
        )
    return table.assign(level=pd.to_numeric(table["level"]).astype("float64"))


def _two_sides(found: pd.Series, sides: tuple[str, str] | None) -> tuple[str, str]:
    there = sorted(found.dropna().unique())
    chosen = there if sides is None else list(sides)
    missing = [side for side in chosen if side not in there]
    if missing:
        raise ValueError(f"no head is of side {', '.join(missing)}; sides are {', '.join(there)}")
    if len(chosen) != 2 or chosen[0] == chosen[1]:
        raise ValueError(
            f"parity is between two sides, not {', '.join(chosen) or 'none'}: pass sides=(.., ..)"
        )
    return chosen[0], chosen[1]


def _mean_interval(size: int, total: Any, squares: Any, rare: float) -> tuple[Any, Any]:
    """Return the limits of a mean from the number, the sum and the sum of squares."""
    if not size:
        return np.nan, np.nan
    from scipy.stats import t

    # The two that are added cancel in the sum.
    more = size + 2
    mean = total / more
    variance = (squares + 2 * rare**2 - more * mean**2) / (more - 1)
    half = t.ppf(0.975, more - 1) * np.sqrt(variance / more)
    return mean - half, mean + half


def _meetings(data: Any, roles: Sequence[str], metric: str) -> pd.DataFrame:
    """Fetch each pair of heads of different sides in a held contact, seen from both."""
    roles = _engines.names(roles)
    event_columns = ["event_id", "parent_id", "start", "end", "precision", "status"]
    events = _engines.collect(
        _engines.lazy(data.events, f"{metric} (events)", event_columns).select(
            *_engines.text("event_id", "parent_id", "precision", "status"), "start", "end"
        )
    )
    parent = events.set_index("event_id")["parent_id"].dropna()
    events["occasion"] = events["event_id"]
    # A part may itself have parts.
    while events["occasion"].isin(parent.index).any():
        events["occasion"] = events["occasion"].map(parent).fillna(events["occasion"])
    events = events[events["status"] == "held"]
    day_known = events["precision"] == "day"
    events["day_latest"] = events["start"].where(day_known, events["end"])
    columns = ["event_id", "person_id", "role"]
    led = _engines.collect(
        _engines.lazy(data.participants, f"{metric} (participants)", columns)
        .select(*_engines.text(*columns))
        .filter(nw.col("role").is_in(roles))
        .select("event_id", "person_id")
        .unique()
    )  # fmt: skip
    people = _engines.collect(
        _engines.lazy(data.people, f"{metric} (people)", ["person_id", "side"]).select(
            *_engines.text("person_id", "side")
        )
    )
    led = led.merge(people, on="person_id")
    pairs = led.merge(
        led.rename(columns={"person_id": "other_id", "side": "other_side"}), on="event_id"
    )
    pairs = pairs[pairs["side"] != pairs["other_side"]]
    columns = ["event_id", "occasion", "start", "day_latest"]
    return pairs.merge(events[columns], on="event_id").sort_values(
        ["start", "event_id", "person_id", "other_id"], ignore_index=True
    )


def _in_office(meetings: pd.DataFrame, data: Any, offices: list[str], metric: str) -> pd.DataFrame:
    """Mark who of a pair held one of the offices on the day for certain."""
    _offices_of(data, offices, metric)
    terms = _terms(data, offices, metric)

    def held(person: str) -> pd.Series:
        joined = meetings.reset_index().merge(terms, left_on=person, right_on="person_id")
        sure = (joined["since_latest"] <= joined["start"]) & ~(
            joined["until"] < joined["day_latest"]
        )
        return meetings.index.isin(joined.loc[sure, "index"])

    return meetings.assign(in_office=held("person_id"), other_in_office=held("other_id"))


def _terms(data: Any, offices: list[str], metric: str) -> pd.DataFrame:
    columns = ["person_id", "office_id", "since", "since_latest", "until", "basis"]
    frame = _engines.lazy(data.appointments, f"{metric} (appointments)", columns)
    return _engines.collect(
        frame.select(
            *_engines.text("person_id", "office_id", "basis"), "since", "since_latest", "until"
        ).filter(nw.col("office_id").is_in(offices))
    )


def _offices_of(data: Any, offices: list[str], metric: str) -> pd.DataFrame:
    """Fetch the offices asked for, with their sides, and refuse unknown ones."""
    known = _engines.collect(
        _engines.lazy(data.offices, f"{metric} (offices)", ["office_id", "side"]).select(
            *_engines.text("office_id", "side")
        )
    )
    unknown = sorted(set(offices) - set(known["office_id"]))
    if unknown or not offices:
        raise ValueError(
            f"{metric} knows no office {', '.join(unknown) or 'where none is named'}: "
            "take ids from data.offices"
        )
    return known[known["office_id"].isin(offices)]
