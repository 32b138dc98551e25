"""Counterparts, turnover and the network of heads: counted by hand and by brute force."""

from itertools import combinations
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_ranks import contacts

import relations as rel
from relations import ranks
from relations.figures import plot_meeting_network


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
    assert table.loc["bob", "years"] == pytest.approx(1 / 365.25)


def test_turnover_by_hand_on_every_engine(pair, engine):
    table = ranks.office_turnover(pair.convert(engine), MINISTERS).set_index("side")
    assert table["holders"].to_dict() == {"AA": 1, "BB": 1}
    assert table["seen"].to_dict() == {"AA": 0, "BB": 1}
    assert table["entered"].to_dict() == {"AA": 0, "BB": 1}
    years = 1096 / 365.25
    # Exact Poisson interval of one event: 0.0253 to 5.5716.
    assert table.loc["BB", "rate"] == pytest.approx(1 / years)
    assert table.loc["BB", "low"] == pytest.approx(0.0253178 / years, rel=1e-4)
    assert table.loc["BB", "high"] == pytest.approx(5.571643 / years, rel=1e-4)
    assert table.loc["AA", "low"] == 0
    assert table["pairs"].tolist() == [0, 0]


def test_ministers_who_met_in_office_are_a_pair(small):
    small.replace("appointments", "bob,bb-minister,2019-03-02", "bob,bb-minister,2018-06")
    table = ranks.office_turnover(rel.load(small.path), MINISTERS).set_index("side")
    # The visit only: Ann's term ends before the talks.
    assert table[["pairs", "once", "met"]].values.tolist() == [[1, 1, 1], [1, 1, 1]]
    # In office before the span begins, so he did not enter in it.
    assert table["entered"].tolist() == [0, 0]


def test_a_term_known_to_the_year_begins_on_its_first_possible_day(small):
    small.replace("appointments", "bob,bb-minister,2019-03-02", "bob,bb-minister,2019")
    table = ranks.office_turnover(rel.load(small.path), MINISTERS).set_index("side")
    # The span begins with 2019: whether he took office later in that year is not known.
    assert table.loc["BB", ["holders", "entered", "met"]].tolist() == [1, 0, 0]
    small.replace("appointments", "bob,bb-minister,2019", "bob,bb-minister,2020")
    table = ranks.office_turnover(rel.load(small.path), MINISTERS).set_index("side")
    assert table.loc["BB", "entered"] == 1


def test_unknown_offices_are_refused(pair):
    for metric in (ranks.counterparts, ranks.office_turnover):
        with pytest.raises(ValueError, match="no office aa-king"):
            metric(pair, ["aa-king", "aa-minister"])
    with pytest.raises(ValueError, match="no holder of bb-minister"):
        ranks.counterparts(
            SimpleNamespace(**vars_of(pair), appointments=pair.appointments.head(0)), "bb-minister"
        )


def vars_of(data):
    return {name: getattr(data, name) for name in ("events", "participants", "people", "offices")}


def test_a_term_that_ends_before_the_contact_does_not_count(small):
    small.replace("appointments", "2015-01-01,2019-03-01,dated", "2015-01-01,2019-02-28,dated")
    table = ranks.counterparts(rel.load(small.path), MINISTERS)
    assert table["person_id"].tolist() == ["bob"]


def test_a_term_that_may_begin_after_the_contact_does_not_count(small):
    small.replace("appointments", "bob,bb-minister,2019-03-02", "bob,bb-minister,2019-03")
    table = ranks.counterparts(rel.load(small.path), MINISTERS)
    assert table["person_id"].tolist() == ["ann"]


# Network


def tiny(participants, events=None):
    """A dataset of contacts and who led them: persons in capitals are of side AA."""
    rows = [(event, person, "head") for event, people in participants for person in people]
    people = sorted({person for _, person, _ in rows})
    return SimpleNamespace(
        events=contacts(*((event, "2019-01-01") for event, _ in participants))
        if events is None
        else events,
        participants=pd.DataFrame(rows, columns=["event_id", "person_id", "role"]),
        people=pd.DataFrame(
            {"person_id": people, "side": ["AA" if p.isupper() else "BB" for p in people]}
        ),
    )


def test_network_by_hand():
    events = contacts(
        ("e1", "2019-01-01"), ("e2", "2019-02-01"), ("e2a", "2019-02-01", "e2"),
        ("e2b", "2019-02-02", "e2a"), ("e3", "2020-01-01"),
    ).assign(status=["held", "held", "held", "held", "announced"])  # fmt: skip
    data = tiny(
        [("e1", "Ax"), ("e2", "Ax"), ("e2a", "Ax"), ("e2b", "Ay"), ("e3", "Ax"), ("e1", "x")],
        events,
    )
    edges = ranks.meeting_network(data)
    # Two occasions of A and x, as e2a is part of e2, e3 was not held, x stands twice at e1.
    assert edges[["first", "second", "weight"]].values.tolist() == [["A", "x", 2], ["A", "y", 1]]
    assert edges["first_side"].tolist() == ["AA", "AA"]
    assert edges.loc[0, "since"] == pd.Timestamp("2019-01-01")
    assert edges.loc[0, "until"] == pd.Timestamp("2019-02-01")


def test_members_and_people_of_one_side_are_not_tied():
    data = tiny([("e1", "ABx")])
    data.participants.loc[data.participants["person_id"] == "B", "role"] = "member"
    assert ranks.meeting_network(data)[["first", "second"]].values.tolist() == [["A", "x"]]
    with pytest.raises(ValueError, match="no two sides"):
        ranks.meeting_network(data, roles=["host"])


def test_network_of_another_pair_on_every_engine(pair, engine):
    edges = ranks.meeting_network(pair.convert(engine))
    assert edges[["first", "second", "weight"]].values.tolist() == [["ann", "bob", 1]]


def tie(*rows):
    frame = pd.DataFrame(rows, columns=["first", "second", "weight"])
    return frame.assign(first_side="AA", second_side="BB")


def test_centralities_of_a_path_by_hand():
    # A - x - B - y: of three pairs of others, two pass through each of the middle ones.
    table = ranks.centralities(tie(("A", "x", 1), ("B", "x", 1), ("B", "y", 1)))
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
    table = ranks.centralities(tie(("A", "x", 2), ("A", "y", 1))).set_index("person_id")
    assert table["weighted_degree"].to_dict() == {"A": 3, "x": 2, "y": 1}
    star = {"A": 1 / np.sqrt(2), "x": 2 / np.sqrt(10), "y": 1 / np.sqrt(10)}
    assert table["eigenvector"].to_dict() == pytest.approx(star, abs=1e-6)


def test_parts_that_do_not_hang_together_are_not_compared():
    table = ranks.centralities(tie(("A", "x", 1), ("A", "y", 1), ("B", "z", 9)))
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
    table = ranks.centralities(tie(*((a, x, w) for (a, x), w in weights.items())))
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
        (tie(("A", "x", np.nan)), "not positive"),
        (tie().head(0), "no edge"),
        (tie(("A", "x", 1)).drop(columns="weight"), "needs the column weight"),
    ],
)
def test_edges_that_are_none_are_refused(edges, words):
    with pytest.raises(ValueError, match=words):
        ranks.centralities(edges)


def test_ladder_draws_the_most_connected_and_their_ties():
    edges = tie(("A", "x", 4), ("A", "y", 1), ("B", "y", 2), ("C", "z", 1)).assign(
        since=pd.to_datetime(["2019", "2020", "2020", "2021"]), until=pd.Timestamp("2021")
    )
    ax = plot_meeting_network(edges, source="s", names={"A": "Ann"}, most=2)
    labels = {text.get_text() for text in ax.texts}
    assert labels == {"Ann (5)", "B (2)", "x (4)", "y (3)", "AA", "BB"}
    lines = [line.get_linewidth() for line in ax.lines if line.get_linestyle() == "-"]
    widths = sorted(line for line in lines if line > 0)[-3:]
    assert widths == pytest.approx([0.8, 1.6, 3.2])
    with pytest.raises(ValueError, match="between two sides"):
        plot_meeting_network(edges.assign(second_side=list("BBCC")), source="s")
