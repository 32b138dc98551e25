"""How far heads stand apart, which side's stand higher, and what the crosswalk decides."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import relations as rel
from measures.test_ranks_tiers import record
from relations.measures import ranks

VISIT, TALKS, PATROL = "2019-03-01-visit", "2019-03-02-talks", "2021-06-patrol"
FOUR = [
    ("e1", "2019-01-05"), ("e2", "2019-02-01", {"host": "BB"}), ("e3", "2019-03-01"),
    ("e4", "2021-01-01", {"host": "BB"}), ("e4a", "2021-01-01", {"parent_id": "e4"}),
]  # fmt: skip
HEADS = [
    ("e1", "AA", "5"), ("e1", "BB", "3"),
    ("e2", "AA", "2"), ("e2", "BB", "?"),
    ("e4", "AA", "4"), ("e4", "BB", "6"),
    ("e4a", "AA", "8"), ("e4a", "BB", "8"),
]  # fmt: skip


@pytest.fixture
def pair(small):
    return rel.load(small.path)


@pytest.fixture
def four(pair):
    return record(pair, FOUR, HEADS)


def test_gaps_by_hand(four):
    table = ranks.gaps_of_heads(four).set_index("event_id")
    assert table["difference"].dropna().to_dict() == {"e1": 2, "e4": -2}
    assert table.index.tolist() == ["e1", "e2", "e3", "e4"]
    assert table.loc["e2", "first_level"] == 2
    assert set(table["first"]) == {"AA"}
    every = ranks.gaps_of_heads(four, count="contacts").set_index("event_id")
    assert every["difference"].dropna().to_dict() == {"e1": 2, "e4": -2, "e4a": 0}


def test_a_part_stands_for_an_occasion_whose_whole_was_left_out(four):
    table = ranks.gaps_of_heads(four.where(level=8))
    assert table[["event_id", "difference"]].to_numpy().tolist() == [["e4a", 0]]


def test_sides_stand_in_the_order_of_their_table(four):
    turned = dataclasses.replace(four, sides=four.sides.iloc[::-1])
    table = ranks.gaps_of_heads(turned).set_index("event_id")
    assert table["difference"].dropna().to_dict() == {"e1": -2, "e4": 2}
    with pytest.raises(ValueError, match="compares two sides; the table sides holds AA"):
        ranks.gaps_of_heads(dataclasses.replace(four, sides=four.sides.head(1)))


def test_gaps_of_another_pair_of_sides_on_each_scale(pair):
    for scale, steps in {"office": 1, "place": 9 - 5, "cognate": 9 - 6}.items():
        table = ranks.gaps_of_heads(pair, scale).set_index("event_id")
        # Ann, a general and minister, receives Bob, who is still colonel and chief of staff.
        assert table.loc[VISIT, "difference"] == steps
        assert pd.isna(table.loc[PATROL, "difference"])
        assert TALKS not in table.index
        assert set(table["scale"]) == {scale}
    with pytest.raises(ValueError, match="office, place, cognate"):
        ranks.gaps_of_heads(pair, "nato")


def test_contacts_with_several_heads_of_a_side_are_marked(pair):
    data = record(pair, FOUR, [*HEADS, ("e1", "AA", "1")])
    table = ranks.gaps_of_heads(data).set_index("event_id")
    assert table["several"].to_dict() == {"e1": True, "e2": False, "e3": False, "e4": False}
    # The highest stands for the side.
    assert table.loc["e1", "difference"] == 2


def test_the_summary_of_a_dataset_is_that_of_its_gaps(four):
    table = ranks.head_gap(four)
    pd.testing.assert_frame_equal(table, ranks.head_gap(ranks.gaps_of_heads(four)))
    row = table.iloc[0]
    assert row[["first", "second", "occasions", "known", "equal", "mean"]].tolist() == [
        "AA", "BB", 4, 2, 0, 0.0,
    ]  # fmt: skip
    every = ranks.head_gap(four, count="contacts").iloc[0]
    assert every[["contacts", "known", "equal"]].tolist() == [5, 3, 1]


def test_host_minus_guest_whichever_side_is_the_host(pair):
    """AA hosts e1 and stands two higher, BB hosts e4 and stands two higher; a third hosts e5."""
    contacts = [*FOUR, ("e5", "2021-02-01", {"host": "third"})]
    data = record(pair, contacts, [*HEADS, ("e5", "AA", "1"), ("e5", "BB", "8")])
    row = ranks.head_gap(data, between="host and guest").iloc[0]
    assert row[["first", "second", "occasions", "known", "first_higher"]].tolist() == [
        "host", "guest", 4, 2, 2,
    ]  # fmt: skip
    assert row["mean"] == 2
    assert ranks.head_gap(data).loc[0, "occasions"] == 5
    with pytest.raises(ValueError, match="between='all': use one of sides, host and guest"):
        ranks.head_gap(data, between="all")


def test_several_scales_are_summarised_one_below_the_other(pair):
    table = ranks.head_gap(pair, scale=["office", "place", "cognate"])
    assert table[["scale", "mean"]].to_numpy().tolist() == [
        ["office", 1.0], ["place", 4.0], ["cognate", 3.0],
    ]  # fmt: skip


def test_groups_by_columns_of_the_flat_table(four):
    by_tier = ranks.head_gap(four, by="tier").set_index("tier")
    assert by_tier["occasions"].to_dict() == {
        "commission": 1, "working": 1, "unnamed": 1, "leader": 1,
    }  # fmt: skip
    by_host = ranks.head_gap(four, "host", "year").set_index(["host", "period"])["mean"]
    assert by_host["AA", pd.Timestamp("2019-01-01")] == 2
    assert by_host["BB", pd.Timestamp("2021-01-01")] == -2
    with pytest.raises(ValueError, match="by='scale': the result has a column of that name"):
        ranks.head_gap(four, by="scale")


def test_a_choice_that_leaves_nothing_gives_no_row(four):
    none = four.where(title="no such words")
    assert ranks.gaps_of_heads(none).empty
    table = ranks.head_gap(none, by="kind", every="year")
    assert table.empty
    before = ranks.head_gap(four, by="kind", every="year").dtypes.to_dict()
    after = table.dtypes.to_dict()
    assert {name: kind for name, kind in after.items() if before[name] != kind} == {}
    assert ranks.crosswalks(none).empty


def test_gaps_and_their_summary_are_alike_on_every_engine(engine, pair):
    there = pair.convert(engine)
    for measure in (ranks.gaps_of_heads, ranks.head_gap, ranks.crosswalks):
        pd.testing.assert_frame_equal(measure(there), measure(pair))
    gaps = ranks.gaps_of_heads(pair, "place")
    found, expected = ranks.head_gap(engine(gaps)), ranks.head_gap(gaps)
    pd.testing.assert_frame_equal(found, expected)


def test_the_crosswalk_may_decide_who_stands_higher(pair, small):
    table = ranks.crosswalks(pair)
    assert table[["event_id", "by_place", "by_cognate", "turned"]].to_numpy().tolist() == [
        [VISIT, 4, 3, False]
    ]
    small.replace("ranks", "bb-colonel,BB,Colonel,Colonel,Colonel,6,5",
                  "bb-colonel,BB,Colonel,Colonel,Colonel,9,5")  # fmt: skip
    table = ranks.crosswalks(rel.load(small.path))
    assert table[["by_place", "by_cognate", "turned"]].to_numpy().tolist() == [[4, 0, True]]


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
    table = ranks.head_gap(steps([1, 2, 1, 1, 3, 0, 0, None])).iloc[0]
    assert table[["occasions", "known", "first_higher", "equal", "second_higher"]].tolist() == [
        8, 7, 5, 2, 0,
    ]  # fmt: skip
    # Five of five unequal on one side: 2 · (1/2)^5.
    assert table["p_sign"] == pytest.approx(2 / 32)
    assert table["mean"] == pytest.approx(8 / 7)
    assert table["low"] < table["mean"] < table["high"]


def test_interval_of_one_contact_by_hand():
    table = ranks.head_gap(steps([1])).iloc[0]
    # 1, +2 and -2: mean 1/3, variance (9 - 1/3) / 2, t with 2 degrees of freedom 4.3027.
    half = 4.302652729911275 * np.sqrt(13 / 3 / 3)
    assert [table["low"], table["high"]] == pytest.approx([1 / 3 - half, 1 / 3 + half])


def test_what_is_not_known_has_no_estimate():
    table = ranks.head_gap(steps([None, None])).iloc[0]
    assert table["known"] == 0
    assert table[["mean", "low", "high", "p_sign"]].isna().all()


def test_periods_and_groups_are_summarised_apart():
    both = pd.concat([steps([1, 1], "2019"), steps([-1], "2021")]).assign(host=["AA", "BB", "BB"])
    assert ranks.head_gap(both, every="year")["mean"].tolist() == [1, -1]
    assert ranks.head_gap(both)["mean"].tolist() == [pytest.approx(1 / 3)]
    by_host = ranks.head_gap(both, "host").set_index("host")
    assert by_host["mean"].to_dict() == {"AA": 1, "BB": 0}
    turned = ranks.head_gap(both, between="host and guest").iloc[0]
    assert turned[["first_higher", "second_higher"]].tolist() == [2, 1]
    with pytest.raises(ValueError, match="scale has the values office, place"):
        ranks.head_gap(both.assign(scale=["office", "place", "office"]))
    assert ranks.head_gap(both.head(0)).empty


def test_bad_frames_are_refused():
    with pytest.raises(ValueError, match="head_gap needs the column difference"):
        ranks.head_gap(steps([1]).drop(columns="difference"))
    with pytest.raises(ValueError, match="less precisely than to the quarter"):
        ranks.head_gap(steps([1]).assign(precision="year"), every="quarter")
    with pytest.raises(ValueError, match="every='week'"):
        ranks.head_gap(steps([1]), every="week")
    with pytest.raises(ValueError, match="needs the column host"):
        ranks.head_gap(steps([1]), between="host and guest")


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_the_gap_turns_its_sign_with_the_sides(values):
    one = ranks.head_gap(steps(values)).iloc[0]
    other = ranks.head_gap(steps([-value for value in values])).iloc[0]
    assert one["first_higher"] == other["second_higher"]
    assert one["p_sign"] == pytest.approx(other["p_sign"])
    assert [one["mean"], one["low"]] == pytest.approx([-other["mean"], -other["high"]])
    assert one["low"] <= one["mean"] <= one["high"]


def test_results_say_what_they_rest_on(pair):
    gaps = ranks.gaps_of_heads(pair)
    for table in (gaps, ranks.head_gap(pair), ranks.head_gap(gaps)):
        assert table.attrs["source"] == pair.caption
        assert table.attrs["unit"] == "occasions"
