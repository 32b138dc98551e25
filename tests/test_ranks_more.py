"""Level, parity, counterparts and the network of heads: counted by hand, checked by chance."""

from itertools import combinations
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from conftest import as_pandas
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import relations as rel
from relations import ranks
from relations._intervals import wilson
from relations.figures import plot_level_share, plot_meeting_network, plot_parity

VISIT, TALKS, PATROL = "2019-03-01-visit", "2019-03-02-talks", "2021-06-patrol"


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def heads_of(data, crosswalk="place"):
    return rel.delegation_levels(rel.rank_levels(data, crosswalk))


def contacts(*rows):
    """Events from (id, start) or (id, start, part of), all held and known to the day."""
    frame = pd.DataFrame(
        [(*row, None)[:3] for row in rows], columns=["event_id", "start", "parent_id"]
    )
    start = pd.to_datetime(frame["start"]).astype("datetime64[us]")
    return frame.assign(
        start=start, end=start, precision="day", status="held", kind="visit", host="AA",
        covered_since=pd.Timestamp("2019-01-01"), covered_until=pd.Timestamp("2020-12-31"),
    )  # fmt: skip


def levels(*rows):
    return pd.DataFrame(rows, columns=["event_id", "side", "office_level"]).astype(
        {"office_level": "Int64"}
    )


FOUR = contacts(
    ("e1", "2019-01-05"), ("e2", "2019-02-01"), ("e3", "2019-03-01"), ("e4", "2021-01-01"),
    ("e4a", "2021-01-01", "e4"),
)  # fmt: skip
HEADS = levels(
    ("e1", "AA", 5), ("e1", "BB", 3),
    ("e2", "AA", 2), ("e2", "BB", None),
    ("e4", "AA", 4), ("e4", "BB", 6),
    ("e4a", "AA", 8), ("e4a", "BB", 8),
)  # fmt: skip


# Level of contacts


def test_level_of_a_period_by_hand():
    table = ranks.level_summary(HEADS, FOUR).set_index("period")
    assert table.index.year.tolist() == [2019, 2020, 2021]
    first = table.iloc[0]
    assert first[["contacts", "known", "unknown", "single"]].tolist() == [3, 2, 1, 1]
    assert first[["highest", "lowest", "median", "at_level"]].tolist() == [5, 2, 3.5, 1]
    assert first["share"] == 0.5
    # Wilson for 1 of 2: (1/2 + z²/4 ± z·sqrt(1/8 + z²/16)) / (1 + z²/2), z = 1.96
    z2 = 1.959963984540054**2
    half = np.sqrt(z2) * np.sqrt(1 / 8 + z2 / 16) / (1 + z2 / 2)
    assert first["low"] == pytest.approx(0.5 - half)
    assert first["high"] == pytest.approx(0.5 + half)
    # e2 has one head of unknown level, e3 has none: either may be at the level.
    assert first["least"] == pytest.approx(1 / 3)
    assert first["most"] == 1
    assert table.iloc[1]["contacts"] == 0
    assert table.iloc[1][["share", "highest", "least"]].isna().all()
    last = table.iloc[2]
    assert last[["contacts", "highest", "lowest", "share"]].tolist() == [1, 6, 4, 1]


def test_parts_count_only_where_they_are_kept():
    kept = ranks.level_summary(HEADS, FOUR, parts="keep").iloc[-1]
    assert kept[["contacts", "highest", "lowest"]].tolist() == [2, 8, 4]


def test_two_known_heads_below_the_level_leave_nothing_open():
    table = ranks.level_summary(HEADS, FOUR, minister=7).iloc[-1]
    assert table[["at_level", "share", "least", "most"]].tolist() == [0, 0, 0, 0]


def test_level_by_kind_gives_every_kind_its_own_rows():
    events = FOUR.assign(kind=["visit", "meeting", "visit", "visit", "visit"])
    table = ranks.level_summary(HEADS, events, by="kind")
    assert table.groupby("kind")["contacts"].sum().to_dict() == {"meeting": 1, "visit": 3}
    assert table.groupby("kind")["period"].nunique().to_dict() == {"meeting": 3, "visit": 3}


def test_level_of_all_contacts_together():
    table = ranks.level_summary(HEADS, FOUR, every=None).iloc[0]
    assert table[["contacts", "known", "at_level", "highest", "lowest"]].tolist() == [4, 3, 2, 6, 2]
    assert "period" not in table
    events = FOUR.assign(kind=["visit", "meeting", "visit", "visit", "visit"])
    by_kind = ranks.level_summary(HEADS, events, every=None, by="kind")
    assert by_kind[["kind", "contacts", "at_level"]].values.tolist() == [
        ["meeting", 1, 0], ["visit", 3, 2],
    ]  # fmt: skip


def test_level_and_parity_are_alike_on_every_engine(engine):
    for metric in (ranks.level_summary, ranks.parity):
        there = metric(engine(HEADS), engine(FOUR))
        pd.testing.assert_frame_equal(as_pandas(there), as_pandas(metric(HEADS, FOUR)))


def test_wilson_interval_covers_what_it_says():
    rng = np.random.default_rng(7)
    hits = []
    for _ in range(1500):
        size, share = int(rng.integers(5, 40)), rng.uniform(0.1, 0.9)
        low, high = wilson(int(rng.binomial(size, share)), size)
        hits.append(low <= share <= high)
    assert 0.93 <= np.mean(hits) < 0.999


@pytest.mark.parametrize("metric", [ranks.level_summary, ranks.parity])
def test_bad_frames_are_refused(metric):
    with pytest.raises(ValueError, match="office_level"):
        metric(HEADS.drop(columns="office_level"), FOUR)
    with pytest.raises(ValueError, match="needs the column precision"):
        metric(HEADS, FOUR.drop(columns="precision"))
    with pytest.raises(ValueError, match="'e1' stands more than once"):
        metric(HEADS, pd.concat([FOUR, FOUR.head(1)]))
    with pytest.raises(ValueError, match="'e1' has several heads of one side"):
        metric(pd.concat([HEADS, HEADS.head(1)]), FOUR)
    with pytest.raises(ValueError, match="no contact with status 'cancelled'"):
        metric(HEADS, FOUR, status="cancelled")
    with pytest.raises(ValueError, match="parts='both'"):
        metric(HEADS, FOUR, parts="both")
    with pytest.raises(ValueError, match="has no start"):
        metric(HEADS, FOUR.assign(start=pd.NaT))


def test_dates_too_coarse_for_the_period_are_refused():
    coarse = FOUR.assign(precision=["year", "day", "day", "day", "day"])
    assert len(ranks.level_summary(HEADS, coarse)) == 3
    with pytest.raises(ValueError, match="1 contacts are known less precisely than to the month"):
        ranks.level_summary(HEADS, coarse, every="month")
    with pytest.raises(ValueError, match="less precisely"):
        ranks.parity_by(ranks.parity(HEADS, coarse), every="quarter")
    with pytest.raises(ValueError, match="every='week'"):
        ranks.level_summary(HEADS, FOUR, every="week")
    with pytest.raises(ValueError, match="less precisely"):
        ranks.level_summary(HEADS, FOUR.assign(precision=None))


def test_level_of_another_pair_of_sides(pair):
    table = ranks.level_summary(heads_of(pair), pair.events)
    assert table["contacts"].tolist() == [1, 0, 1]
    assert table["known"].tolist() == [1, 0, 0]
    assert table.loc[0, ["highest", "lowest"]].tolist() == [5, 4]
    assert table.loc[2, ["least", "most"]].tolist() == [0, 1]


# Parity


def test_parity_by_hand():
    table = ranks.parity(HEADS, FOUR).set_index("event_id")
    assert table["difference"].dropna().to_dict() == {"e1": 2, "e4": -2}
    assert table.index.tolist() == ["e1", "e2", "e3", "e4"]
    assert table.loc["e2", "first_level"] == 2
    assert set(table["first"]) == {"AA"}
    turned = ranks.parity(HEADS, FOUR, sides=("BB", "AA")).set_index("event_id")
    assert turned["difference"].dropna().to_dict() == {"e1": -2, "e4": 2}


def test_parity_of_another_pair_of_sides_on_each_scale(pair):
    expected = {"office": 1, "place": 9 - 5, "cognate": 9 - 6}
    for scale, steps in expected.items():
        heads = heads_of(pair, "cognate" if scale == "cognate" else "place")
        table = ranks.parity(heads, pair.events, scale).set_index("event_id")
        # Ann, a general and minister, receives Bob, who is still colonel and chief of staff.
        assert table.loc[VISIT, "difference"] == steps
        assert pd.isna(table.loc[PATROL, "difference"])
        assert TALKS not in table.index
        assert set(table["scale"]) == {scale}


def test_a_scale_other_than_that_of_the_heads_is_refused(pair):
    with pytest.raises(ValueError, match="crosswalk='cognate'"):
        ranks.parity(heads_of(pair, "place"), pair.events, "cognate")
    with pytest.raises(ValueError, match="office, place, cognate"):
        ranks.parity(heads_of(pair), pair.events, "nato")


def test_parity_is_between_two_sides():
    with pytest.raises(ValueError, match="between two sides, not AA"):
        ranks.parity(HEADS[HEADS["side"] == "AA"], FOUR)
    third = pd.concat([HEADS, levels(("e1", "CC", 3))])
    with pytest.raises(ValueError, match="AA, BB, CC"):
        ranks.parity(third, FOUR)
    assert ranks.parity(third, FOUR, sides=("AA", "CC"))["difference"].dropna().tolist() == [2]
    with pytest.raises(ValueError, match="no head is of side XX"):
        ranks.parity(HEADS, FOUR, sides=("AA", "XX"))


def steps(values, year="2019"):
    return pd.DataFrame(
        {
            "event_id": [f"{year}-{i}" for i in range(len(values))],
            "start": pd.Timestamp(f"{year}-06-01"),
            "precision": "day",
            "first": "AA",
            "second": "BB",
            "scale": "office",
            "difference": pd.array(values, dtype="Int64"),
        }
    )


def test_sign_test_and_mean_by_hand():
    table = ranks.parity_by(steps([1, 2, 1, 1, 3, 0, 0, None])).iloc[0]
    assert table[["contacts", "known", "first_higher", "equal", "second_higher"]].tolist() == [
        8, 7, 5, 2, 0,
    ]  # fmt: skip
    # Five of five unequal on one side: 2 · (1/2)^5.
    assert table["p_sign"] == pytest.approx(2 / 32)
    assert table["mean"] == pytest.approx(8 / 7)
    assert table["low"] < table["mean"] < table["high"]


def test_interval_of_one_contact_by_hand():
    table = ranks.parity_by(steps([1])).iloc[0]
    # 1, +1 and -1: mean 1/3, variance 4/3, t with 2 degrees of freedom 4.3027.
    half = 4.302652729911275 * np.sqrt(4 / 3 / 3)
    assert [table["low"], table["high"]] == pytest.approx([1 / 3 - half, 1 / 3 + half])


def test_what_is_not_known_has_no_estimate():
    table = ranks.parity_by(steps([None, None])).iloc[0]
    assert table["known"] == 0
    assert table[["mean", "low", "high", "p_sign"]].isna().all()


def test_periods_and_groups_are_summarised_apart():
    both = pd.concat([steps([1, 1], "2019"), steps([-1], "2021")]).assign(host=["AA", "BB", "BB"])
    assert ranks.parity_by(both)["mean"].tolist() == [1, -1]
    assert ranks.parity_by(both, every=None)["mean"].tolist() == [pytest.approx(1 / 3)]
    by_host = ranks.parity_by(both, None, "host").set_index("host")
    assert by_host["mean"].to_dict() == {"AA": 1, "BB": 0}
    with pytest.raises(ValueError, match="scale has the values office, place"):
        ranks.parity_by(both.assign(scale=["office", "place", "office"]))
    with pytest.raises(ValueError, match="no contact to summarise"):
        ranks.parity_by(both.head(0))


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_parity_turns_its_sign_with_the_sides(values):
    one = ranks.parity_by(steps(values)).iloc[0]
    other = ranks.parity_by(steps([-value for value in values])).iloc[0]
    assert one["first_higher"] == other["second_higher"]
    assert one["p_sign"] == pytest.approx(other["p_sign"])
    assert [one["mean"], one["low"]] == pytest.approx([-other["mean"], -other["high"]])
    assert one["low"] <= one["mean"] <= one["high"]


# As the record has them, one side more often higher, and far-off steps.
LIKELY = {
    "record": ([-3, -2, -1, 0, 1, 2], [0.03, 0.07, 0.15, 0.55, 0.16, 0.04]),
    "leaning": ([-2, -1, 0, 1], [0.2, 0.5, 0.25, 0.05]),
    "wide": ([-3, -2, -1, 0, 1, 2, 3], [0.05, 0.1, 0.2, 0.3, 0.2, 0.1, 0.05]),
}


@pytest.mark.parametrize("shape", LIKELY)
def test_interval_of_the_mean_covers_what_it_says(shape):
    values, chances = LIKELY[shape]
    rng = np.random.default_rng(11)
    centre = np.dot(values, chances)
    for size in (8, 15, 30):
        drawn = rng.choice(values, p=chances, size=(2500, size))
        bounds = np.array([ranks._mean_interval(row.astype(float)) for row in drawn])
        covered = ((bounds[:, 0] <= centre) & (centre <= bounds[:, 1])).mean()
        assert 0.93 <= covered < 0.999, (size, covered)


def test_sign_test_raises_few_false_alarms():
    rng = np.random.default_rng(5)
    alarms = [
        ranks.parity_by(steps(rng.choice([-1, 0, 1], p=[0.3, 0.4, 0.3], size=20).tolist()))
        .iloc[0]["p_sign"] < 0.05
        for _ in range(400)
    ]  # fmt: skip
    assert 0 < np.mean(alarms) <= 0.05


# Counterparts and turnover

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
        (tie(("A", "x", 0)), "not positive"),
        (tie(("A", "x", np.nan)), "not positive"),
        (tie().head(0), "no edge"),
        (tie(("A", "x", 1)).drop(columns="weight"), "needs the column weight"),
    ],
)
def test_edges_that_are_none_are_refused(edges, words):
    with pytest.raises(ValueError, match=words):
        ranks.centralities(edges)


# Figures: what is drawn is what the frames hold


def test_parity_figure_draws_points_means_and_says_who_stands_higher():
    both = pd.concat([steps([1, 1, 0, None], "2019"), steps([-1], "2021")], ignore_index=True)
    summary = ranks.parity_by(both)
    ax = plot_parity(both, summary, source="s", names={"AA": "Aland"}, fewest=2)
    _, points, means = ax.lines
    assert sorted(np.round(points.get_ydata())) == [-1, 0, 1, 1]
    assert len(set(points.get_ydata())) == 4
    assert means.get_ydata().tolist() == [pytest.approx(2 / 3)]
    whisker = ax.collections[0].get_segments()[0][:, 1]
    assert whisker.tolist() == pytest.approx(summary.loc[0, ["low", "high"]].tolist())
    words = [text.get_text() for text in ax.texts]
    assert words == ["▲ head of Aland stands higher", "▼ head of BB stands higher"]
    with pytest.raises(ValueError, match="nothing to draw"):
        plot_parity(steps([None]), ranks.parity_by(steps([None])), source="s")
    with pytest.raises(ValueError, match="one row per period"):
        plot_parity(both, pd.concat([summary, summary]), source="s")


def test_level_figure_draws_share_interval_and_bounds():
    table = ranks.level_summary(HEADS, FOUR)
    ax = plot_level_share(table, source="s")
    assert ax.lines[0].get_ydata().tolist() == [0.5, 1]
    bars = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in ax.patches]
    assert bars == [pytest.approx((1 / 3, 1)), pytest.approx((1, 1))]
    # 2020 has no contact: its place on the axis stays empty.
    assert [bar.get_x() + bar.get_width() / 2 for bar in ax.patches] == pytest.approx([0, 2])
    assert [text.get_text() for text in ax.texts] == ["2 / 3", "1 / 1"]
    with pytest.raises(ValueError, match="one row per period"):
        plot_level_share(ranks.level_summary(HEADS, FOUR.assign(kind=list("ababb")), by="kind"),
                         source="s")  # fmt: skip


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
