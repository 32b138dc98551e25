"""Counterparts, turnover and the network of heads: counted by hand and by brute force."""

import dataclasses
import sys
from itertools import combinations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import relations as rel
from measures.test_ranks_tiers import DEFAULTS
from relations.measures import ranks


@pytest.fixture
def pair(small):
    return rel.load(small.path)


MINISTERS = ["aa-minister", "bb-minister"]


def test_counterparts_by_hand_on_every_engine(pair, engine):
    data = pair.convert(engine)
    table = ranks.counterparts(data, MINISTERS).set_index("person_id")
    # Ann is minister on the visit, Bob on the talks, a day later: neither met a minister.
    assert table["occasions"].to_dict() == {"ann": 1, "bob": 1}
    assert table["counterparts"].to_dict() == {"ann": 1, "bob": 1}
    assert table["peers"].to_dict() == {"ann": 0, "bob": 0}
    table = ranks.counterparts(data, [*MINISTERS, "bb-chief"]).set_index("person_id")
    assert table["peers"].to_dict() == {"ann": 1, "bob": 1}
    assert table.loc["bob", "occasions"] == 1
    assert table.loc["bob", "years"] == pytest.approx(1 / 365.2425)


def test_turnover_by_hand_on_every_engine(pair, engine):
    table = ranks.turnover(pair.convert(engine), MINISTERS).set_index("side")
    assert table["holders"].to_dict() == {"AA": 1, "BB": 1}
    assert table["seen"].to_dict() == {"AA": 0, "BB": 1}
    assert table["entered"].to_dict() == {"AA": 0, "BB": 1}
    years = 1096 / 365.2425
    # Exact Poisson interval of one event: 0.0253 to 5.5716.
    assert table.loc["BB", "rate"] == pytest.approx(1 / years)
    assert table.loc["BB", "low"] == pytest.approx(0.0253178 / years, rel=1e-4)
    assert table.loc["BB", "high"] == pytest.approx(5.571643 / years, rel=1e-4)
    assert table.loc["AA", "low"] == 0
    assert table["pairs"].tolist() == [0, 0]
    assert table["apart"].tolist() == [False, False]


def test_ministers_who_met_in_office_are_a_pair(small):
    small.replace("appointments", "bob,bb-minister,2019-03-02", "bob,bb-minister,2018-06")
    table = ranks.turnover(rel.load(small.path), MINISTERS).set_index("side")
    # The visit only: Ann's term ends before the talks.
    assert table[["pairs", "once", "met"]].values.tolist() == [[1, 1, 1], [1, 1, 1]]
    # In office before the span begins, so he did not enter in it.
    assert table["entered"].tolist() == [0, 0]


def test_a_term_known_to_the_year_begins_on_its_first_possible_day(small):
    small.replace("appointments", "bob,bb-minister,2019-03-02", "bob,bb-minister,2019")
    table = ranks.turnover(rel.load(small.path), MINISTERS).set_index("side")
    # The span begins with 2019: whether he took office later in that year is not known.
    assert table.loc["BB", ["holders", "entered", "met"]].tolist() == [1, 0, 0]
    small.replace("appointments", "bob,bb-minister,2019", "bob,bb-minister,2020")
    table = ranks.turnover(rel.load(small.path), MINISTERS).set_index("side")
    assert table.loc["BB", "entered"] == 1


def test_offices_left_out_are_the_defence_ministers(pair):
    for measure in (ranks.counterparts, ranks.turnover):
        pd.testing.assert_frame_equal(measure(pair), measure(pair, MINISTERS))
    plain = dataclasses.replace(pair, offices=pair.offices.drop(columns="tier"))
    with pytest.raises(ValueError, match="no office is named"):
        ranks.counterparts(plain)


def test_unknown_offices_are_refused(pair):
    for metric in (ranks.counterparts, ranks.turnover):
        with pytest.raises(ValueError, match=r"'aa-ministre' stands nowhere.*near are aa-min"):
            metric(pair, ["aa-ministre", "aa-minister"])
    nobody = dataclasses.replace(pair, appointments=pair.appointments.head(0))
    table = ranks.counterparts(nobody, "bb-minister")
    assert table.empty
    assert table.dtypes.to_dict() == ranks.counterparts(pair).dtypes.to_dict()


def test_rates_whose_intervals_lie_apart_are_said_to(small):
    """Ten ministers of BB enter in three years, none of AA: 4.8 to 18.4 against 0 to 3.7."""
    small.replace("appointments", "bb-minister,2019-03-02,,", "bb-minister,2019-03-02,2019-03-31,")
    for number in range(9):
        day = f"2019-{number + 4:02}-15"
        small.append("people", f"b{number},BB,B{number},,")
        small.append("appointments", f"b{number},bb-minister,{day},{day},dated,s1")
    table = ranks.turnover(rel.load(small.path)).set_index("side")
    assert table["entered"].to_dict() == {"AA": 0, "BB": 10}
    assert table["apart"].to_dict() == {"AA": True, "BB": True}


def test_turnover_is_that_of_the_days_chosen(pair):
    table = ranks.turnover(pair.where(since=2020)).set_index("side")
    assert table.loc["BB", ["holders", "entered"]].tolist() == [1, 0]
    assert table.loc["BB", "years"] == pytest.approx(731 / 365.2425)
    with pytest.raises(ValueError, match="no day that the record covers"):
        ranks.turnover(pair.where(since=2040))


def test_a_term_that_ends_before_the_contact_does_not_count(small):
    small.replace("appointments", "2015-01-01,2019-03-01,dated", "2015-01-01,2019-02-28,dated")
    table = ranks.counterparts(rel.load(small.path), MINISTERS)
    assert table["person_id"].tolist() == ["bob"]


def test_a_term_that_may_begin_after_the_contact_does_not_count(small):
    small.replace("appointments", "bob,bb-minister,2019-03-02", "bob,bb-minister,2019-03")
    table = ranks.counterparts(rel.load(small.path), MINISTERS)
    assert table["person_id"].tolist() == ["ann"]


# Network


def tiny(data, participants, *events):
    """A record of contacts and who led them: persons in capitals are of side AA."""
    rows = [(event, person, "head") for event, people in participants for person in people]
    people = sorted({person for _, person, _ in rows})
    given = events or [(event, "2019-01-01") for event in dict(participants)]
    table = pd.DataFrame(
        [{**DEFAULTS, "event_id": event, "start": pd.Timestamp(start), **dict(*more)}
         for event, start, *more in given]
    )  # fmt: skip
    table["parent_id"] = table["parent_id"].astype(pd.StringDtype(na_value=np.nan))
    occasion = rel.record.loading.occasions(table["event_id"], table["parent_id"])
    return dataclasses.replace(
        data,
        events=table.assign(end=table["start"], occasion=occasion),
        participants=pd.DataFrame(rows, columns=["event_id", "person_id", "role"]),
        people=pd.DataFrame(
            {"person_id": people, "side": ["AA" if p.isupper() else "BB" for p in people]}
        ).assign(name=people),
    )


def test_network_by_hand(pair):
    data = tiny(
        pair,
        [("e1", "Ax"), ("e2", "Ax"), ("e2a", "Ax"), ("e2b", "Ay"), ("e3", "Ax"), ("e1", "x")],
        ("e1", "2019-01-01"), ("e2", "2019-02-01"), ("e2a", "2019-02-01", {"parent_id": "e2"}),
        ("e2b", "2019-02-02", {"parent_id": "e2a"}),
        ("e3", "2020-01-01", {"status": "announced"}),
    )  # fmt: skip
    edges = ranks.network(data)
    # Two occasions of A and x, as e2a is part of e2, e3 was not held, x stands twice at e1.
    assert edges[["first", "second", "weight"]].values.tolist() == [["A", "x", 2], ["A", "y", 1]]
    assert edges["first_side"].tolist() == ["AA", "AA"]
    assert edges.loc[0, "since"] == pd.Timestamp("2019-01-01")
    assert edges.loc[0, "until"] == pd.Timestamp("2019-02-01")
    assert edges.attrs["unit"] == "occasions"


def test_members_and_people_of_one_side_are_not_tied(pair):
    data = tiny(pair, [("e1", "ABx")])
    data.participants.loc[data.participants["person_id"] == "B", "role"] = "member"
    assert ranks.network(data)[["first", "second"]].values.tolist() == [["A", "x"]]
    nobody = ranks.network(data, roles="host")
    assert nobody.empty
    assert list(nobody) == list(ranks.network(data))
    assert ranks.centrality(nobody).empty


def test_network_of_another_pair_on_every_engine(pair, engine):
    edges = ranks.network(pair.convert(engine))
    assert edges[["first", "second", "weight"]].values.tolist() == [["ann", "bob", 1]]
    there = ranks.centrality(engine(ranks.network(pair)))
    pd.testing.assert_frame_equal(there, ranks.centrality(pair))


def test_without_networkx_the_message_says_what_to_install(pair, monkeypatch):
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(ImportError, match=r"pip install 'china-vietnam-relations\[analysis\]'"):
        ranks.centrality(pair)


def tie(*rows):
    frame = pd.DataFrame(rows, columns=["first", "second", "weight"])
    return frame.assign(first_side="AA", second_side="BB")


def test_centralities_of_a_path_by_hand():
    # A - x - B - y: of three pairs of others, two pass through each of the middle ones.
    table = ranks.centrality(tie(("A", "x", 1), ("B", "x", 1), ("B", "y", 1)))
    table = table.set_index("person_id")
    assert table["degree"].to_dict() == {"A": 1, "x": 2, "B": 2, "y": 1}
    assert table["betweenness"].to_dict() == pytest.approx({"A": 0, "x": 2 / 3, "B": 2 / 3, "y": 0})
    # Eigenvector of a path of four: sin(kπ/5), to length 1.
    ends, middle = (np.sin(k * np.pi / 5) for k in (1, 2))
    length = np.sqrt(2 * ends**2 + 2 * middle**2)
    expected = {"A": ends, "x": middle, "B": middle, "y": ends}
    for person, height in expected.items():
        assert table.loc[person, "eigenvector"] == pytest.approx(height / length, abs=1e-6)
    assert table["side"].to_dict() == {"A": "AA", "B": "AA", "x": "BB", "y": "BB"}


def test_weights_count_for_degree_and_eigenvector():
    table = ranks.centrality(tie(("A", "x", 2), ("A", "y", 1))).set_index("person_id")
    assert table["weighted_degree"].to_dict() == {"A": 3, "x": 2, "y": 1}
    star = {"A": 1 / np.sqrt(2), "x": 2 / np.sqrt(10), "y": 1 / np.sqrt(10)}
    assert table["eigenvector"].to_dict() == pytest.approx(star, abs=1e-6)


def test_parts_that_do_not_hang_together_are_not_compared():
    table = ranks.centrality(tie(("A", "x", 1), ("A", "y", 1), ("B", "z", 9)))
    table = table.set_index("person_id")
    assert table["component"].to_dict() == {"A": 3, "x": 3, "y": 3, "B": 2, "z": 2}
    assert table["eigenvector"].isna().to_dict()["B"]
    assert table["eigenvector"].notna().sum() == 3


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ABCD"), st.sampled_from("wxyz")), st.integers(1, 5), min_size=1
    )
)
@settings(max_examples=40, deadline=None)
def test_centralities_agree_with_brute_force(weights):
    table = ranks.centrality(tie(*((a, x, w) for (a, x), w in weights.items())))
    graph = nx.Graph(list(weights))
    people = sorted(graph)
    through = dict.fromkeys(people, 0.0)
    for one, other in combinations(people, 2):
        if nx.has_path(graph, one, other):
            paths = list(nx.all_shortest_paths(graph, one, other))
            for person in set(people) - {one, other}:
                through[person] += sum(person in path for path in paths) / len(paths)
    pairs = max((len(people) - 1) * (len(people) - 2) / 2, 1)
    found = table.set_index("person_id")
    for person in people:
        assert found.loc[person, "betweenness"] == pytest.approx(through[person] / pairs)
        mine = [w for pair, w in weights.items() if person in pair]
        assert found.loc[person, "weighted_degree"] == sum(mine)
        assert found.loc[person, "degree"] == len(mine)
    inside = found.dropna(subset=["eigenvector"]).index.tolist()
    matrix = np.array(
        [[weights.get((a, b), weights.get((b, a), 0)) for b in inside] for a in inside]
    )
    values, vectors = np.linalg.eigh(matrix)
    assume(values[-1] - values[-2] > 1e-3 if len(values) > 1 else True)
    assert found.loc[inside, "eigenvector"].to_numpy() == pytest.approx(
        abs(vectors[:, -1]), abs=1e-4
    )


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        (tie(("A", "A", 1)), "tied to himself"),
        (tie(("A", "x", 1), ("x", "A", 2)), "A and x stand more than once"),
        (tie(("A", "x", 0)), "of A and x is not positive"),
        (tie(("A", "x", 1), ("A", None, 1)), "lacks a person"),
        (tie(("A", "x", 1), ("y", "A", 1)), "'A' stands on two sides"),
        (tie(("A", "x", np.nan)), "in row 0, where a number is needed"),
        (tie(("A", "x", "two")), "weight is 'two' in row 0, where a number is needed"),
        (tie(("A", "x", 1)).drop(columns="weight"), "needs the column weight"),
    ],
)
def test_edges_that_are_none_are_refused(edges, words):
    with pytest.raises(ValueError, match=words):
        ranks.centrality(edges)
