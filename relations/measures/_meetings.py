"""Who met whom in office: counterparts, turnover, and the network of heads of delegations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from relations.measures import _intervals
from relations.measures._asking import describe, require_numbers
from relations.record import levels
from relations.record._dates import DAYS_PER_YEAR
from relations.record._frames import Frame, collect, names, narrow
from relations.record._package import vocabulary
from relations.record._text import refuse_unlisted
from relations.record._types import MOMENT, TEXT
from relations.record._witnesses import chosen, table
from relations.record.dataset import Dataset, check_dataset


def counterparts(
    data: Dataset,
    offices: str | Sequence[str] = (),
    *,
    roles: str | Sequence[str] = levels.LEADING,
) -> pd.DataFrame:
    """Count the different heads of the other side whom each holder of an office met.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``participants``, ``people``, ``offices`` and
        ``appointments`` are read; contacts with the status chosen, else those held.
    offices : office or offices, optional
        Ids of ``data.offices``; those whose ``tier`` is "minister", if left out.
    roles : sequence of str
        Who leads a delegation.

    Returns
    -------
    pandas.DataFrame, one row per person, by side and first contact
        ``person_id``, ``side``; ``occasions`` in which the person, in office on the
        day, led a delegation opposite a head of another side (a contact and its parts are
        one); ``counterparts`` different heads opposite; ``peers`` those of them who held one
        of ``offices`` on that day themselves; ``peer_occasions``; ``since``, ``until`` first
        days of the first and the last such contact, and ``years`` between them.

    Raises
    ------
    ValueError
        Where an office is not in the table or a column is missing.

    Notes
    -----
    All numbers are of the record and so are the least that happened. A person counts only on
    days that an appointment covers for certain: where a career is only seen, its contacts
    outside the days seen are left out.

    Examples
    --------
    >>> import relations as rel
    >>> met = rel.ranks.counterparts(rel.load())
    >>> bool((met["peers"] <= met["counterparts"]).all())
    True
    """
    metric = "counterparts"
    wanted = _offices_of(data, offices, metric)["office_id"].tolist()
    met = _in_office(_meetings(data, roles, metric), data, wanted, metric)
    met = met[met["in_office"]]
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
    kinds = {
        "person_id": TEXT, "side": TEXT, "occasions": "int64", "counterparts": "int64",
        "peers": "int64", "peer_occasions": "int64", "since": MOMENT, "until": MOMENT,
        "years": "float64",
    }  # fmt: skip
    result = pd.DataFrame(rows, columns=list(kinds)).astype(kinds)
    result = result.sort_values(["side", "since", "person_id"], ignore_index=True)
    return describe(result, data, "occasions")


def turnover(data: Dataset, offices: str | Sequence[str] = ()) -> pd.DataFrame:
    """Measure how fast the holders of given offices change on each side.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``participants``, ``people``, ``offices`` and ``appointments``
        are read, and its span.
    offices : office or offices, optional
        As for `counterparts`.

    Returns
    -------
    pandas.DataFrame, one row per side that has one of the offices
        ``side``; ``offices`` of the side; ``holders`` different persons in office on a day of
        the span; ``seen`` those of them for whom no page dates the term; ``met`` those who led
        a delegation opposite another side while in office; ``entered`` persons who first took
        one of the offices on a later day of the span than its first; ``years`` of the span;
        ``rate``, ``low``, ``high`` such entries per year with the exact 95% Poisson interval;
        ``pairs`` of a holder and a counterpart who met while both held one of the offices, and
        ``once`` those of them that met on one occasion only; ``apart``, whether the interval
        of the rate lies apart from that of every other side, so that one changes its holders
        faster than the other.

    Raises
    ------
    ValueError
        Where an office is not in the table, a column is missing, or the span has no day.

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
    >>> rel.ranks.turnover(rel.load())["side"].tolist()
    ['CN', 'VN']
    """
    metric = "turnover"
    known = _offices_of(data, offices, metric)
    wanted = known["office_id"].tolist()
    met = _in_office(_meetings(data, levels.LEADING, metric), data, wanted, metric)
    met = met[met["in_office"]]
    first, last = data.span
    years = ((last - first).days + 1) / DAYS_PER_YEAR
    if years <= 0:
        raise ValueError(f"{metric}: the choice leaves no day that the record covers")
    terms = _terms(data, wanted, metric).merge(known, on="office_id")
    terms = terms[(terms["since"] <= last) & ~(terms["until"] < first)]
    rows = []
    for side, of_side in known.groupby("side"):
        here, of_it = terms[terms["side"] == side], met[met["side"] == side]
        dated = set(here.loc[here["basis"] != "seen", "person_id"])
        entered = int((here.groupby("person_id")["since"].min() > first).sum())
        peers = of_it[of_it["other_in_office"]]
        times = peers.groupby(["person_id", "other_id"])["occasion"].nunique()
        low, high = _intervals.garwood(entered, years)
        rows.append(
            {
                "side": side,
                "offices": len(of_side),
                "holders": here["person_id"].nunique(),
                "seen": len(set(here["person_id"]) - dated),
                "met": of_it["person_id"].nunique(),
                "entered": entered,
                "years": years,
                "rate": entered / years,
                "low": float(low),
                "high": float(high),
                "pairs": len(times),
                "once": int((times == 1).sum()),
            }
        )
    result = pd.DataFrame(rows)
    result["apart"] = [
        all(one.high < other.low or other.high < one.low for other in result.drop(at).itertuples())
        and len(result) > 1
        for at, one in zip(result.index, result.itertuples(), strict=True)
    ]
    return describe(result, data, "holders")


def network(data: Dataset, roles: str | Sequence[str] = levels.LEADING) -> pd.DataFrame:
    """List which persons of different sides led delegations opposite each other, and how often.

    Parameters
    ----------
    data : Dataset
        Its tables ``events``, ``participants`` and ``people`` are read; contacts with the
        status chosen, else those held.
    roles : sequence of str
        Who leads a delegation.

    Returns
    -------
    pandas.DataFrame, one row per pair, most occasions first
        ``first``, ``second`` persons, of the sides ``first_side`` before ``second_side`` in
        the alphabet; ``weight`` occasions on which they met: a contact and its parts are
        one, and one contact reported by several sources is one; ``since``, ``until`` first
        days of the first and the last of them.

    Raises
    ------
    ValueError
        Where a column is missing.

    Notes
    -----
    Where several persons lead one side, each is tied to each head of the other side.

    Examples
    --------
    >>> import relations as rel
    >>> edges = rel.ranks.network(rel.load())
    >>> bool((edges["first_side"] != edges["second_side"]).all())
    True
    """
    meetings = _meetings(data, roles, "network")
    once = meetings[meetings["side"] < meetings["other_side"]]
    columns = {
        "person_id": "first", "other_id": "second", "side": "first_side",
        "other_side": "second_side",
    }  # fmt: skip
    edges = (
        once.groupby(list(columns))
        .agg(weight=("occasion", "nunique"), since=("start", "min"), until=("start", "max"))
        .reset_index()
        .rename(columns=columns)
    )
    edges = edges.sort_values(
        ["weight", "first", "second"], ascending=[False, True, True], ignore_index=True
    )
    return describe(edges, data, "occasions")


def centrality(data: Dataset | Frame) -> pd.DataFrame:
    """Measure how central each person is among those who led delegations.

    Parameters
    ----------
    data : Dataset, or frame as `network` returns it
        Some edges can be left out of the frame first, such as pairs that met once.

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
        Where a column is missing, an edge lacks a person, a pair stands twice, a weight is
        not positive, or a person meets himself or stands on two sides.
    ImportError
        Where ``networkx`` is not installed; it says how to install it.

    Notes
    -----
    Freeman (1978), Social Networks 1; Bonacich (1987), American Journal of Sociology 92;
    computed by the package ``networkx``. Ties are between sides only, so a path between two
    persons of one side runs through the other. The network is that of the record: a person is
    central whose contacts were found.

    Examples
    --------
    >>> import pandas as pd
    >>> import relations as rel
    >>> edges = pd.DataFrame({
    ...     "first": ["a", "a"], "second": ["x", "y"], "first_side": "AA", "second_side": "BB",
    ...     "weight": [2, 1]})
    >>> rel.ranks.centrality(edges)[["person_id", "degree", "weighted_degree", "betweenness"]]
      person_id  degree  weighted_degree  betweenness
    0         a       2                3          1.0
    1         x       1                2          0.0
    2         y       1                1          0.0
    """
    columns = ["first", "second", "first_side", "second_side", "weight"]
    edges = network(data) if isinstance(data, Dataset) else data
    ties = collect(narrow(edges, "centrality", columns))
    ties = require_numbers(ties, ["weight"], "centrality")
    _refuse_edges(ties)
    nx = _networkx()
    whole = (ties["weight"] % 1 == 0).all()
    graph = nx.Graph()
    graph.add_weighted_edges_from(ties[["first", "second", "weight"]].itertuples(index=False))
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    eigenvector = (
        nx.eigenvector_centrality(
            graph.subgraph(parts[0]), max_iter=100_000, tol=1e-10, weight="weight"
        )
        if parts
        else {}
    )
    size = {person: len(part) for part in parts for person in part}
    side = dict(zip(ties["first"], ties["first_side"], strict=True))
    side |= dict(zip(ties["second"], ties["second_side"], strict=True))
    betweenness = nx.betweenness_centrality(graph)
    columns = [
        "person_id", "side", "degree", "weighted_degree", "betweenness", "component",
        "eigenvector",
    ]  # fmt: skip
    rows = [
        [
            person, side[person], graph.degree(person), graph.degree(person, weight="weight"),
            betweenness[person], size[person], eigenvector.get(person, np.nan),
        ]
        for person in graph
    ]  # fmt: skip
    result = pd.DataFrame(rows, columns=columns).astype(
        {
            "person_id": TEXT, "side": TEXT, "degree": "int64",
            "weighted_degree": "int64" if whole else "float64",
            "betweenness": "float64", "component": "int64", "eigenvector": "float64",
        }
    )  # fmt: skip
    result = result.sort_values(
        ["weighted_degree", "degree", "person_id"],
        ascending=[False, False, True],
        ignore_index=True,
    )
    return describe(result, data, "persons")


def _networkx() -> Any:
    try:
        import networkx
    except ImportError:
        raise ImportError(
            "centrality needs the package networkx: pip install 'china-vietnam-relations[analysis]'"
        ) from None
    return networkx


def _meetings(data: Dataset, roles: str | Sequence[str], metric: str) -> pd.DataFrame:
    """Fetch each pair of heads of different sides in a contact, seen from both."""
    check_dataset(data, metric)
    refuse_unlisted("roles", names(roles), vocabulary("participants", "role"))
    columns = ["event_id", "occasion", "start", "end", "precision"]
    events = chosen(data, metric, columns)
    events["day_latest"] = events["start"].where(events["precision"] == "day", events["end"])
    columns = ["event_id", "person_id", "role"]
    who = narrow(data.participants, f"{metric} (participants)", columns)
    who = who.filter(nw.col("role").is_in(names(roles))).select("event_id", "person_id").unique()
    people = narrow(data.people, f"{metric} (people)", ["person_id", "side"])
    led = collect(who.join(people, on="person_id"))
    others = led.rename(columns={"person_id": "other_id", "side": "other_side"})
    pairs = led.merge(others, on="event_id")
    pairs = pairs[pairs["side"] != pairs["other_side"]]
    columns = ["event_id", "occasion", "start", "day_latest"]
    return pairs.merge(events[columns], on="event_id").sort_values(
        ["start", "event_id", "person_id", "other_id"], ignore_index=True
    )


def _in_office(
    meetings: pd.DataFrame, data: Dataset, offices: list[str], metric: str
) -> pd.DataFrame:
    """Mark who of a pair held one of the offices on the day for certain."""
    terms = _terms(data, offices, metric)

    def held(person: str) -> pd.Series:
        joined = meetings.reset_index().merge(terms, left_on=person, right_on="person_id")
        sure = (joined["since_latest"] <= joined["start"]) & ~(
            joined["until"] < joined["day_latest"]
        )
        return meetings.index.isin(joined.loc[sure, "index"])

    return meetings.assign(in_office=held("person_id"), other_in_office=held("other_id"))


def _terms(data: Dataset, offices: list[str], metric: str) -> pd.DataFrame:
    columns = ["person_id", "office_id", "since", "since_latest", "until", "basis"]
    terms = table(data, metric, "appointments", columns)
    return terms[terms["office_id"].isin(offices)]


def _offices_of(data: Dataset, offices: str | Sequence[str], metric: str) -> pd.DataFrame:
    """Fetch the offices asked for, or the defence ministers', with their sides."""
    check_dataset(data, metric)
    known = narrow(data.offices, f"{metric} (offices)", ["office_id", "side"], ["tier"])
    found = collect(known)
    if not offices and "tier" in found:
        found = found[found["tier"] == "minister"]
    elif offices:
        wanted = names(offices)
        refuse_unlisted("offices", wanted, found["office_id"])
        found = found[found["office_id"].isin(wanted)]
    if found.empty or (not offices and "tier" not in found):
        raise ValueError(f"{metric}: no office is named; take ids from data.offices")
    return found[["office_id", "side"]]


def _refuse_edges(edges: pd.DataFrame) -> None:
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
