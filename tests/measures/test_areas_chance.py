"""Cooperation areas beside chance: pairs named together, and what one side stresses."""

import math

import numpy as np
import pandas as pd
import pytest
from conftest import dataset

from measures.test_areas import AREAS, EVENTS, MENTIONS
from relations.measures import areas


@pytest.fixture
def record():
    return dataset(events=EVENTS, area_mentions=MENTIONS, areas=AREAS)


def said(rows):
    """A record of one contact for each id, on one day."""
    mentions = pd.DataFrame(rows, columns=["event_id", "area", "side"])
    events = pd.DataFrame({"event_id": mentions["event_id"].unique()})
    events = events.assign(
        start=pd.Timestamp("2020-01-01"), end=pd.Timestamp("2020-01-01"), precision="day",
        status="held",
    )  # fmt: skip
    listed = pd.DataFrame({"area": sorted(mentions["area"].unique())})
    return dataset(events=events, area_mentions=mentions, areas=listed)


# Pairs.


def test_pairs_against_scipy_and_numpy(engine):
    from scipy.stats import fisher_exact

    generator = np.random.default_rng(5)
    named = generator.random((40, 4)) < [0.2, 0.4, 0.5, 0.7]
    named[:, 1] |= named[:, 0]
    named[~named.any(axis=1), 3] = True
    mentions = pd.DataFrame(
        [(f"e{i}", "abcd"[j]) for i, j in zip(*np.nonzero(named), strict=True)],
        columns=["event_id", "area"],
    )
    pairs = areas.together(engine(mentions))
    assert len(pairs) == 6
    for row in pairs.itertuples():
        left, right = (named[:, "abcd".index(area)] for area in (row.area, row.other))
        cross = [
            [(left & right).sum(), (left & ~right).sum()],
            [(~left & right).sum(), (~left & ~right).sum()],
        ]
        assert row.count == cross[0][0]
        assert row.p == pytest.approx(fisher_exact(cross, alternative="greater").pvalue)
        assert row.phi == pytest.approx(np.corrcoef(left, right)[0, 1])
        assert row.expected == pytest.approx(left.sum() * right.sum() / 40)
    # Benjamini and Hochberg by hand: the smallest p m / i from here on.
    p = pairs["p"].to_numpy()
    by_hand = np.minimum.accumulate((p * 6 / np.arange(1, 7))[::-1])[::-1].clip(max=1)
    assert pairs["q"].to_numpy() == pytest.approx(by_hand)
    assert (pairs.loc[0, "area"], pairs.loc[0, "other"]) == ("a", "b")


def test_pairs_of_the_record_are_of_occasions_held(engine, record):
    pairs = areas.together(record.convert(engine), evidence=True)
    found = pairs.set_index(["area", "other"])
    # On e1 with its part hotline and patrol; on e4 hotline and rescue; e5 was not held.
    assert found["count"].to_dict() == {
        ("hotline", "patrol"): 1, ("hotline", "rescue"): 1, ("patrol", "rescue"): 0
    }  # fmt: skip
    assert found.loc[("hotline", "patrol"), "expected"] == pytest.approx(2 * 2 / 3)
    assert found.loc[("hotline", "patrol"), "evidence"] == "e1"
    assert not found["same_group"].any()
    contacts = areas.together(record, count="contacts").set_index(["area", "other"])
    assert contacts.loc[("hotline", "patrol"), "expected"] == pytest.approx(3 * 2 / 4)
    grouped = AREAS.assign(group=["x", "y", "x", "y"])
    same = areas.together(dataset(events=EVENTS, area_mentions=MENTIONS, areas=grouped))
    same = same.set_index(["area", "other"])["same_group"]
    assert same.to_dict() == {
        ("hotline", "patrol"): True, ("hotline", "rescue"): False, ("patrol", "rescue"): False
    }  # fmt: skip


def test_pairs_of_areas_on_every_occasion_have_no_correlation():
    mentions = pd.DataFrame({"event_id": ["e1", "e1", "e2", "e2"], "area": ["a", "b"] * 2})
    pair = areas.together(mentions).iloc[0]
    assert (pair["count"], pair["lift"], pair["p"]) == (2, 1.0, 1.0)
    assert np.isnan(pair["phi"])
    wider = areas.together(mentions, total=4).iloc[0]
    assert (wider["expected"], wider["phi"]) == (1.0, 1.0)


def test_pairs_refuse_too_little(record):
    mentions = pd.DataFrame({"event_id": ["e1", "e2"], "area": ["a", "b"]})
    assert areas.together(mentions.head(1)).empty
    with pytest.raises(ValueError, match="2 occasions name an area"):
        areas.together(mentions, total=1)
    none = areas.together(record.where(kind="statement"))
    assert none.empty
    assert none.dtypes.to_dict() == areas.together(record).dtypes.to_dict()


# Emphasis.


def test_emphasis_by_hand(engine):
    record = said(
        [("e1", "a", "AA"), ("e2", "a", "AA"), ("e3", "b", "AA"), ("e1", "b", "BB")] * 2
    ).convert(engine)
    table = areas.emphasis(record, weight={"a": 1, "b": 0.5})
    row = table.iloc[0]
    assert (row["area"], row["count_first"], row["count_second"]) == ("a", 2, 0)
    odds = math.log(3 / 1.5) - math.log(1 / 1.5)
    error = math.sqrt(1 / 3 + 1 / 1.5 + 1 / 1 + 1 / 1.5)
    assert row["log_odds"] == pytest.approx(odds)
    assert row["z"] == pytest.approx(odds / error)
    assert row["high"] == pytest.approx(odds + 1.959964 * error, rel=1e-6)
    # A number is spread as all mentions are: half of them name a.
    even = areas.emphasis(record, weight=3).set_index("area")
    assert even.loc["a", "log_odds"] == pytest.approx(math.log(3.5 / 2.5) - math.log(1.5 / 2.5))


def test_emphasis_counts_an_area_once_per_occasion_and_side(record):
    table = areas.emphasis(record).set_index("area")
    # AA names hotline at e1 and e4 and rescue at e4; BB both at e2, a part of e1.
    assert table.loc[["hotline", "patrol", "rescue"], "count_first"].tolist() == [2, 0, 1]
    assert table.loc[["hotline", "patrol", "rescue"], "count_second"].tolist() == [1, 1, 0]
    assert table.attrs["sides"] == ["AA", "BB"]
    both = record.area_mentions.assign(side="AA")
    same = dataset(
        events=EVENTS,
        area_mentions=pd.concat([both, both.assign(side="BB")]),
        areas=AREAS,
    )
    assert areas.emphasis(same)["log_odds"].abs().max() < 1e-12
    # hotline at e1, e2 and e4: three contacts on two occasions.
    for count, number in (("occasions", 2), ("contacts", 3)):
        table = areas.emphasis(same, count=count).set_index("area")
        assert table.loc["hotline", "count_first"] == number


def test_emphasis_turns_round_with_the_sides(record):
    turned = dataset(
        events=EVENTS,
        area_mentions=MENTIONS,
        areas=AREAS,
        sides=pd.DataFrame({"side": ["BB", "AA"]}),
    )
    one, other = (areas.emphasis(each).set_index("area").sort_index() for each in (record, turned))
    np.testing.assert_allclose(one["log_odds"], -other["log_odds"])
    np.testing.assert_allclose(one["low"], -other["high"])


def test_emphasis_refuses_what_cannot_be_compared(record):
    others = pd.DataFrame({"side": ["AA", "CC"]})
    strange = dataset(events=EVENTS, area_mentions=MENTIONS, areas=AREAS, sides=others)
    with pytest.raises(ValueError, match="CC names no area; those that do are AA, BB, joint"):
        areas.emphasis(strange)
    three = pd.DataFrame({"side": ["AA", "BB", "CC"]})
    with pytest.raises(ValueError, match="compares two sides; the table sides holds AA, BB, CC"):
        areas.emphasis(dataset(events=EVENTS, area_mentions=MENTIONS, areas=AREAS, sides=three))
    with pytest.raises(ValueError, match="weights lack the areas patrol, rescue"):
        areas.emphasis(record, weight={"hotline": 1})
    with pytest.raises(ValueError, match="above 0"):
        areas.emphasis(record, weight=0)
    hotlines = MENTIONS[MENTIONS["area"] == "hotline"]
    with pytest.raises(ValueError, match="one area alone"):
        areas.emphasis(dataset(events=EVENTS, area_mentions=hotlines, areas=AREAS))
    assert areas.emphasis(record.where(kind="statement")).empty
    assert areas.emphasis_sensitivity(record.where(kind="statement"))["areas"].eq(0).all()


def test_a_heavier_prior_leaves_fewer_areas_apart(data):
    table = areas.emphasis_sensitivity(data, [1, 1000])
    assert table["weight"].tolist() == [1, 1000]
    light = areas.emphasis(data, 1)
    apart = ((light["low"] > 0) | (light["high"] < 0)).sum()
    assert table.loc[0, "apart"] == apart
    assert table.loc[0, "areas"] == len(light)
    assert table["by_chance"].tolist() == pytest.approx([0.05 * len(light)] * 2)
    assert table.loc[1, "apart"] <= apart
