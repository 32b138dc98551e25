"""What the record misses: by hand, by brute force and by simulation; and where reports differ."""

import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import ENGINES, as_pandas, with_reports, write_small
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom, nchypergeom_fisher

import relations as rel
from relations.measures import _undercount
from relations.measures.coverage import (
    beside_benchmark,
    both_sides,
    measured_dependence,
    reported_by,
    sources_by_year,
    undercount,
)


def lists(both: int, first: int, second: int, neither: int = 0, **more) -> pd.DataFrame:
    seen = [(True, True)] * both + [(True, False)] * first + [(False, True)] * second
    frame = pd.DataFrame(seen + [(False, False)] * neither, columns=["first", "second"])
    frame["event_id"] = [f"e{place}" for place in range(len(frame))]
    frame["parent_id"] = pd.Series([None] * len(frame), dtype="object")
    return frame.assign(first_side="AA", second_side="BB", **more)


def test_lists_name_originals_of_each_side(reported):
    found = rel.coverage.lists(reported).set_index("event_id")
    assert found["reported_by"].to_dict() == {
        "2019-03-01-visit": "both",
        "2019-03-02-talks": "AA",
        "2021-06-patrol": "BB",
    }
    # Outlets of neither side are a third list.
    assert found["third"].tolist() == [False, False, True]
    assert found["first_side"].unique().tolist() == ["AA"]
    assert found["tier"].tolist() == ["minister", "minister", "unnamed"]
    assert found["period"].tolist() == ["2015-2019", "2015-2019", "2020-2024"]
    assert found["channel"].dropna().tolist() == ["gulf_patrol"]


def test_recollections_can_be_left_out(reported):
    found = rel.coverage.lists(reported, recollections=False).set_index("event_id")
    assert found.loc["2019-03-01-visit", "reported_by"] == "AA"
    row = undercount(reported, recollections=False).iloc[0]
    assert row[["found", "first", "second", "overlap"]].tolist() == [2, 1, 1, 0]


def test_what_both_sides_report_in_each_way_of_counting(reported):
    """The visit is on both lists, by BB as a recollection only; the talks are part of it."""
    table = both_sides(reported).set_index(["count", "reports"])
    columns = ["total", "first_alone", "second_alone", "both", "neither"]
    assert table[columns].T.to_dict("list") == {
        ("contacts", "all"): [3, 1, 1, 1, 0],
        ("contacts", "of the time"): [3, 2, 1, 0, 0],
        ("occasions", "all"): [2, 0, 1, 1, 0],
        ("occasions", "of the time"): [2, 1, 1, 0, 0],
    }
    assert table["first_side"].tolist() == ["AA"] * 4


def test_a_part_that_the_other_side_reports_makes_the_occasion_both_sides(small):
    """AA reports the visit, BB's paper the talks alone: one occasion, on both lists."""
    small.append("sources", "s4,Beland Post,BB,en,news,2019-03-03,Talks,https://example.org/4,,")
    small.replace("reports", "2019-03-02-talks,s1", "2019-03-02-talks,s4")
    small.replace("participants", "2019-03-02-talks,ann,host,s1", "2019-03-02-talks,ann,host,s4")
    small.replace("participants", "2019-03-02-talks,bob,head,s1", "2019-03-02-talks,bob,head,s4")
    table = both_sides(rel.load(small.path)).set_index(["count", "reports"])
    assert table["both"].to_dict() == {
        ("contacts", "all"): 0, ("contacts", "of the time"): 0,
        ("occasions", "all"): 1, ("occasions", "of the time"): 1,
    }  # fmt: skip


def test_the_ways_of_counting_agree_with_the_lists_and_the_shares(data):
    table = both_sides(data).set_index(["count", "reports"])
    assert (table[["first_alone", "second_alone", "both", "neither"]].sum(axis=1)
            == table["total"]).all()  # fmt: skip
    found = rel.coverage.lists(data)
    assert table.loc[("contacts", "all"), "both"] == (found["reported_by"] == "both").sum()
    flat = data.contacts["reported_by"].str.split(";").map(set, na_action="ignore")
    sides = set(data.sides["side"])
    assert table.loc[("contacts", "all"), "both"] == flat.map(
        lambda told: told >= sides, na_action="ignore"
    ).sum()  # fmt: skip
    for count in ("contacts", "occasions"):
        for reports, recollections in (("all", True), ("of the time", False)):
            row = table.loc[(count, reports)]
            shares = reported_by(data, count=count, recollections=recollections)
            assert shares.set_index("reported_by")["count"].to_dict() == {
                row["first_side"]: row["first_alone"],
                row["second_side"]: row["second_alone"],
                "one side alone": row["first_alone"] + row["second_alone"],
                "both": row["both"],
            }
            whole = undercount(data, count=count, recollections=recollections).iloc[0]
            assert whole["overlap"] == row["both"]


def test_tables_stay_as_they_are(reported):
    before = {name: frame.copy() for name, frame in reported.tables.items()}
    rel.coverage.lists(reported)
    rel.coverage.contradiction_shares(reported)
    sources_by_year(reported)
    for name, frame in reported.tables.items():
        pd.testing.assert_frame_equal(frame, before[name])


OF_THE_RECORD = {
    "lists": rel.coverage.lists,
    "both_sides": both_sides,
    "reported_by": lambda data: reported_by(data, "kind"),
    "by tier": lambda data: undercount(data, "tier"),
    "undercount": undercount,
    "contradictions": rel.coverage.contradictions,
    "contradiction_shares": rel.coverage.contradiction_shares,
    "sources_by_year": sources_by_year,
}


@pytest.fixture(scope="module")
def by_engine(tmp_path_factory):
    """What is reported, as the frames of an engine, each converted once."""
    small = write_small(tmp_path_factory.mktemp("reported") / "small")
    return functools.cache(with_reports(small).convert)


@pytest.mark.parametrize("name", OF_THE_RECORD)
def test_every_engine_gives_the_same(by_engine, engine, name):
    measure = OF_THE_RECORD[name]
    expected = measure(by_engine(ENGINES["pandas"]))
    pd.testing.assert_frame_equal(measure(by_engine(engine)), expected)


@pytest.mark.parametrize("call", [reported_by, undercount])
def test_lists_of_every_engine_give_the_same(reported, engine, call):
    found = rel.coverage.lists(reported)
    there = engine(found.astype({"tier": "object"}))
    for by in ((), "tier", "third"):
        one, two = call(there, by), call(found, by)
        pd.testing.assert_frame_equal(as_pandas(one), as_pandas(two))


def test_measures_of_a_choice_are_of_the_contacts_left(reported):
    visits = reported.where(kind="visit")
    assert undercount(visits)["found"].tolist() == [1]
    assert both_sides(visits)["total"].tolist() == [1] * 4
    assert rel.coverage.lists(visits).attrs["choice"] == "kind visit"


def test_a_choice_that_leaves_nothing(reported):
    none = reported.where(title="no such words")
    for measure in OF_THE_RECORD.values():
        table, before = measure(none), measure(reported)
        # A limit that nothing bounds is infinite, so that its column may hold no whole numbers.
        types = [frame.dtypes.drop("high", errors="ignore") for frame in (table, before)]
        assert types[0].to_dict() == types[1].to_dict()
        numbers = table.select_dtypes("int64").drop(columns="year", errors="ignore")
        assert numbers.eq(0).all(axis=None)
    assert len(sources_by_year(none)) == 3 * 3
    assert reported_by(none)["count"].tolist() == [0] * 4
    assert rel.coverage.lists(none).empty


def test_refusals_say_what_is_wrong(reported):
    lost = reported.reports.replace({"source_id": {"s1": "s9"}})
    with pytest.raises(ValueError, match=r"reports name sources that are not listed.*s9"):
        rel.coverage.lists(replace(reported, reports=lost))
    with pytest.raises(ValueError, match=r"two sides; the table sides holds AA$"):
        rel.coverage.lists(replace(reported, sides=reported.sides.head(1)))
    with pytest.raises(ValueError, match="every_years=0"):
        rel.coverage.lists(reported, every_years=0)
    with pytest.raises(TypeError, match="takes a Dataset"):
        rel.coverage.lists(reported.events)
    with pytest.raises(ValueError, match="by='colour' is no column of lists or of data"):
        undercount(reported, "colour")
    for call in (undercount, reported_by):
        with pytest.raises(ValueError, match="needs the column second"):
            call(lists(1, 1, 1).drop(columns="second"))
        with pytest.raises(ValueError, match="count='all'"):
            call(lists(1, 1, 1), count="all")
        with pytest.raises(ValueError, match="'e0' stands more than once"):
            call(pd.concat([lists(1, 1, 1)] * 2))
        for value in (None, "False"):
            unsaid = lists(1, 1, 1).astype({"first": "object"})
            unsaid.loc[1, "first"] = value
            with pytest.raises(ValueError, match=r"first is .* in row 1; say true or false"):
                call(unsaid)
    assert undercount(lists(0, 0, 0)).empty
    with pytest.raises(ValueError, match="odds_ratio=0"):
        undercount(lists(1, 1, 1), odds_ratio=0)
    with pytest.raises(ValueError, match="use one of date"):
        rel.coverage.contradictions(reported, "colour")


def test_truth_in_any_type_is_understood():
    frame = lists(8, 2, 3)
    expected = undercount(frame)
    for kind in ("boolean", "object", "bool[pyarrow]"):
        there = frame.astype({"first": kind, "second": kind})
        pd.testing.assert_frame_equal(undercount(there), expected)


def test_chapman_by_hand():
    """n1 = 60, n2 = 50, m = 30: 61·51/31 − 1 = 99.35; variance 61·51·30·20/(31²·32) = 60.7."""
    row = undercount(lists(30, 30, 20)).iloc[0]
    assert row["estimate"] == pytest.approx(61 * 51 / 31 - 1)
    assert row["se"] == pytest.approx((61 * 51 * 30 * 20 / (31**2 * 32)) ** 0.5)
    assert (row["found"], row["first"], row["second"], row["overlap"]) == (80, 60, 50, 30)
    assert row["share_found"] == pytest.approx(80 / row["estimate"])


@pytest.mark.parametrize("ratio", [1.0, 3.0, 0.5])
def test_interval_is_the_brute_force_inversion(ratio):
    row = undercount(lists(5, 4, 6), odds_ratio=ratio).iloc[0]
    law = (
        (lambda total: hypergeom(total, 9, 11))
        if ratio == 1
        else (lambda total: nchypergeom_fisher(total, 9, 11, ratio))
    )
    kept = [
        total for total in range(15, 250) if law(total).cdf(5) > 0.025 and law(total).sf(4) > 0.025
    ]
    assert (row["low"], row["high"]) == (kept[0], kept[-1])


def test_lists_without_overlap_have_no_upper_bound():
    row = undercount(lists(0, 12, 15)).iloc[0]
    assert row["high"] == np.inf
    assert not row["bounded"]
    assert np.isnan([row["estimate"], row["se"], row["share_found"]]).all()
    assert row["share_low"] == 0
    # Twelve and fifteen of 27 would hardly miss each other altogether.
    assert row["low"] > 27
    alone = undercount(lists(0, 0, 3)).iloc[0]
    assert (alone["low"], alone["high"]) == (3, np.inf)


def test_what_only_others_report_is_found_all_the_same():
    row = undercount(lists(5, 0, 0, neither=4)).iloc[0]
    assert row["found"] == 9
    assert row[["estimate", "low", "high"]].min() >= 9


def test_a_part_is_a_witness_and_not_another_contact():
    frame = lists(0, 2, 1)
    frame.loc[2, "parent_id"] = "e0"
    folded = undercount(frame).iloc[0]
    assert (folded["found"], folded["first"], folded["second"], folded["overlap"]) == (2, 2, 1, 1)
    assert undercount(frame, count="contacts").iloc[0]["found"] == 3
    # A part whose whole was left out is its occasion.
    assert undercount(frame.iloc[[2]]).iloc[0]["found"] == 1


def test_an_occasion_is_in_one_tier_and_in_each_of_its_kinds(reported):
    assert undercount(reported, "kind").set_index("kind")["found"].to_dict() == {
        "joint_patrol": 1, "meeting": 1, "visit": 1,
    }  # fmt: skip
    found = undercount(reported, "tier")
    assert found[["tier", "found"]].to_numpy().tolist() == [["minister", 1], ["unnamed", 1]]
    by_host = undercount(reported, ["host", "tier"])
    assert by_host["found"].sum() == 2


def test_estimates_by_group_are_those_of_each_group(engine):
    one, two = lists(8, 2, 3, kind="visit"), lists(3, 6, 2, kind="meeting")
    frame = pd.concat([one, two], ignore_index=True)
    frame["event_id"] = [f"e{place}" for place in range(len(frame))]
    found = undercount(engine(frame), "kind").set_index("kind")
    for kind, alone in (("visit", one), ("meeting", two)):
        expected = undercount(alone).iloc[0].to_numpy(dtype=float)
        assert found.loc[kind].to_numpy(dtype=float) == pytest.approx(expected)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize(
    ("total", "first", "second"),
    [(80, 48, 64), (60, 18, 42), (60, 12, 48), (300, 48, 138), (430, 150, 301)],
)
def test_intervals_are_calibrated_at_sizes_like_ours(total, first, second, ratio):
    """Exact: the chance of every overlap whose interval holds the total, given both lists."""
    law = nchypergeom_fisher(total, first, second, ratio)
    if ratio == 1:
        law = hypergeom(total, first, second)
    chances = {m: law.pmf(m) for m in range(second + 1)}
    exact = 0.0
    for overlap, chance in chances.items():
        if chance > 1e-6:
            low, high = _undercount._bounds(first, second, overlap, ratio)
            exact += chance * (low <= total <= high)
    # Two one-sided tests of 2.5% turned round hold it in 95% or more, for any sizes.
    assert 0.95 <= exact < 0.999


def test_estimate_has_no_bias_where_the_lists_cover_all():
    """Chapman: with n1 + n2 of N or more, the mean over every possible overlap is N."""
    law = hypergeom(80, 48, 64)
    mean = sum(
        law.pmf(m) * undercount(lists(m, 48 - m, 64 - m))["estimate"].iloc[0] for m in range(32, 49)
    )
    assert mean == pytest.approx(80)


@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 5))
@settings(max_examples=25, deadline=None)
def test_order_of_found_low_estimate_high(both, first, second, neither):
    row = undercount(lists(both, first, second, neither)).iloc[0]
    assert row["found"] <= row["low"] <= row["high"]
    assert row["found"] <= row["estimate"] <= row["high"]
    swapped = undercount(lists(both, second, first, neither)).iloc[0]
    assert swapped["estimate"] == pytest.approx(row["estimate"])
    assert (swapped["low"], swapped["high"]) == (row["low"], row["high"])


def test_dependence_multiplies_what_both_miss():
    moved = [undercount(lists(9, 10, 20), odds_ratio=ratio).iloc[0] for ratio in (1, 2, 4, 8)]
    assert [row["estimate"] - 39 for row in moved] == pytest.approx([20, 40, 80, 160])
    assert pd.Series([row["high"] for row in moved]).is_monotonic_increasing


def test_wilson_by_hand():
    """6 of 10: centre (0.6 + z²/20)/(1 + z²/10), half width from Wilson's formula."""
    shares = reported_by(lists(4, 5, 1, neither=2)).set_index("reported_by")
    assert shares["count"].to_dict() == {"AA": 5, "BB": 1, "one side alone": 6, "both": 4}
    assert (shares["reported"] == 10).all()
    z = 1.959964
    centre, width = 0.6 + z**2 / 20, z * (0.6 * 0.4 / 10 + z**2 / 400) ** 0.5
    expected = [(centre - width) / (1 + z**2 / 10), (centre + width) / (1 + z**2 / 10)]
    row = shares.loc["one side alone", ["low", "high"]]
    assert row.tolist() == pytest.approx(expected, abs=1e-6)
    assert np.isnan(reported_by(lists(0, 0, 0, neither=2))["share"]).all()


def test_shares_list_the_contacts_that_they_count(reported):
    table = reported_by(reported, evidence=True).set_index("reported_by")["evidence"]
    assert table.to_dict() == {
        "AA": "", "BB": "2021-06-patrol", "one side alone": "2021-06-patrol",
        "both": "2019-03-01-visit",
    }  # fmt: skip
    assert reported_by(reported, count="contacts", evidence=True)["evidence"].iloc[0] == (
        "2019-03-02-talks"
    )


def test_what_each_year_rests_on(reported):
    basis = sources_by_year(reported).set_index(["year", "side"])
    assert len(basis) == 3 * 3
    assert basis.loc[(2019, "AA"), ["contacts", "sources", "outlets"]].tolist() == [2, 1, 1]
    assert basis.loc[(2019, "BB"), "new_outlets"] == 1
    # The Beland Post was there in 2019 already.
    assert basis.loc[(2021, "BB"), ["sources", "new_outlets"]].tolist() == [1, 0]
    assert basis.loc[(2021, "third"), "sources"] == 1
    assert basis.loc[(2020, "AA"), "sources"] == 0
    assert np.isnan(basis.loc[(2020, "AA"), "largest"])


@pytest.fixture
def numbered(small) -> rel.Dataset:
    """A patrol with twelve numbers of AA, two of them missing: three on both lists, three and
    two on one, two on none."""
    small.replace("absences", "gulf_patrol,AA,2,before June 2021,the two papers,",
                  "gulf_patrol,AA,1,before,them,\ngulf_patrol,AA,2,before,them,")  # fmt: skip
    small.append("sources", "a,Aland News,AA,en,news,,A,https://example.org/a,,")
    small.append("sources", "b,Beland Post,BB,en,news,,B,https://example.org/b,,")
    small.append("sources", "w,Wire,third,en,news,,W,https://example.org/w,,")
    told = ["ab", "ab", "ab", "a", "a", "a", "b", "w", "w"]
    for number, sources in enumerate(told, start=4):
        event = f"2021-07-{number:02}-patrol"
        small.append("events", f"{event},2021-07-{number:02},,joint_patrol,gulf_patrol,both,"
                     "at_sea,,held,Patrol,,")  # fmt: skip
        small.append("editions", f"{event},AA,{number}")
        for source in sources:
            small.append("reports", f"{event},{source},,{number},,true,")
    return rel.load(small.path)


def test_dependence_by_hand(numbered):
    """Numbers 3 to 12 are found, 1 and 2 missing, and the patrol numbered 3 is BB's alone: 3 on
    both lists, 3 and 2 on one, 12 - 8 = 4 on none: 3 · 4 / (3 · 2) = 2."""
    row = measured_dependence(numbered).iloc[0]
    assert row[["channels", "exist", "shared", "odds_ratio"]].tolist() == [1, 12, 3, 2.0]
    expected = undercount(numbered, odds_ratio=2).iloc[0]
    assert row[expected.index].tolist() == expected.tolist()
    with pytest.raises(ValueError, match="no numbered channel of 11 contacts or more"):
        measured_dependence(numbered, fewest=11)


def test_beside_a_benchmark_by_hand(small):
    small.replace("benchmarks", "2019,visits,2,", "2019-2020,visits,2,\nothers,Others 2020 "
                  "https://example.org,2021,patrols so far,4,")  # fmt: skip
    data = rel.load(small.path)
    table = beside_benchmark(data, "others", data, category="visits")
    assert table[["since", "until", "published", "ours"]].to_numpy().tolist() == [
        [2019, 2020, 2, 1]
    ]
    assert beside_benchmark(data, "others", data, category="visits", count="contacts")[
        "ours"
    ].tolist() == [2]
    ids = data.events[["event_id"]]
    every = beside_benchmark(data, "others", ids, category="patrols so far", so_far=True)
    assert every["ours"].tolist() == [2]
    assert beside_benchmark(data, "others", data.where(kind="visit"))["ours"].tolist() == [0, 1]
    with pytest.raises(ValueError, match="'other' stands nowhere"):
        beside_benchmark(data, "other", data)
    with pytest.raises(ValueError, match=r"'visit' stands nowhere.*near are visits"):
        beside_benchmark(data, "others", data, category="visit")


@pytest.mark.parametrize("value", ["true", None])
def test_a_truth_value_that_is_a_text_or_empty_is_refused(small, value):
    data = rel.load(small.path)
    data.reports["main"] = pd.Series([value] * len(data.reports), dtype="object")
    with pytest.raises(ValueError, match=r"main is .* in row 0; say true or false"):
        rel.coverage.reported_by(data, recollections=False)
