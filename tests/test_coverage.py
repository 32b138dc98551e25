"""What the record misses: by hand, by brute force and by simulation; and where reports differ."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom, nchypergeom_fisher

import relations as rel
from relations import coverage
from relations.coverage import (
    contradiction_shares,
    contradictions,
    one_sided,
    sources_per_year,
    two_lists,
    undercount,
    undercount_sensitivity,
)


def lists(both: int, first: int, second: int, neither: int = 0, **more) -> pd.DataFrame:
    seen = [(True, True)] * both + [(True, False)] * first + [(False, True)] * second
    frame = pd.DataFrame(seen + [(False, False)] * neither, columns=["first", "second"])
    frame["event_id"] = [f"e{place}" for place in range(len(frame))]
    frame["parent_id"] = pd.Series([None] * len(frame), dtype="object")
    return frame.assign(first_side="AA", second_side="BB", **more)


@pytest.fixture
def reported(small) -> rel.Dataset:
    """The small tables with the report of the visit on both sides, and a reprint of the patrol."""
    small.append("sources", "s4,Beland Post,BB,en,news,2019-03-07,Visit,https://example.org/4,,")
    small.append("sources", "s5,Aland News,AA,en,news,2021-07-03,Copy,https://example.org/5,s2,")
    small.append("sources", "s6,Wire,third,en,news,2021-07-03,Wire,https://example.org/6,,")
    small.append("reports", "2019-03-01-visit,s4,2019-03-07,,printed,false,Later")
    small.append("reports", "2021-06-patrol,s5,2021-06,3,printed,true,")
    small.append("reports", "2021-06-patrol,s6,2021-06,4,printed,true,Other")
    small.append("area_mentions", "2019-03-01-visit,s4,hotline,BB,proposed")
    small.append("area_mentions", "2019-03-01-visit,s4,patrol,BB,proposed")
    small.append("participants", "2019-03-01-visit,bob,head,s4,Commander,General")
    return rel.load(small.path)


def test_lists_name_originals_of_each_side(reported):
    found = two_lists(reported).set_index("event_id")
    assert found["reported_by"].to_dict() == {
        "2019-03-01-visit": "both",
        "2019-03-02-talks": "AA",
        "2021-06-patrol": "BB",
    }
    assert found["third"].tolist() == [False, False, True]
    assert found["first_side"].unique().tolist() == ["AA"]
    assert found["tier"].tolist() == ["minister", "minister", "unknown"]
    assert found["period"].tolist() == ["2015-2019", "2015-2019", "2020-2024"]


def test_recollections_can_be_left_out(reported):
    found = two_lists(reported, main_only=True).set_index("event_id")
    assert found.loc["2019-03-01-visit", "reported_by"] == "AA"


def test_tiers_split_levels_where_the_codebook_does(reported, monkeypatch):
    levels = [8, 7, 5, 4, 3, 2, 1, None]
    heads = pd.DataFrame({"event_id": [f"e{n}" for n in range(8)], "office_level": levels})
    monkeypatch.setattr(coverage, "rank_levels", lambda data: None)
    monkeypatch.setattr(coverage, "delegation_levels", lambda frame: heads)
    assert list(coverage._tiers(None, heads["event_id"])) == [
        "leader", "minister", "minister", "deputy or service", "deputy or service",
        "working", "working", "unknown",
    ]  # fmt: skip


def test_tables_stay_as_they_are(reported):
    before = {name: frame.copy() for name, frame in reported.tables.items()}
    two_lists(reported)
    contradiction_shares(reported)
    sources_per_year(reported)
    for name, frame in reported.tables.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_any_engine_gives_the_same(data):
    import polars as pl

    other = data.convert(pl.from_pandas)
    one, two = two_lists(data), two_lists(other)
    columns = ["event_id", "first", "second", "third", "reported_by", "period"]
    assert one[columns].to_numpy().tolist() == two[columns].to_numpy().tolist()
    assert one["tier"].astype("str").tolist() == two["tier"].astype("str").tolist()
    shares = [contradiction_shares(each).to_numpy().tolist() for each in (data, other)]
    assert shares[0] == shares[1]
    assert sources_per_year(data).fillna(-1).equals(sources_per_year(other).fillna(-1))


def test_refusals_say_what_is_wrong(reported):
    with pytest.raises(ValueError, match=r"reports name sources that are not listed.*s9"):
        two_lists(replace(reported, reports=reported.reports.replace({"source_id": {"s1": "s9"}})))
    with pytest.raises(ValueError, match=r"two sides.*\['AA'\]"):
        two_lists(replace(reported, sides=reported.sides.head(1)))
    with pytest.raises(ValueError, match=r"no contact.*held"):
        two_lists(replace(reported, events=reported.events.tail(1)))
    with pytest.raises(ValueError, match="years=0"):
        two_lists(reported, years=0)
    for call in (undercount, one_sided, undercount_sensitivity):
        with pytest.raises(ValueError, match="needs the column second"):
            call(lists(1, 1, 1).drop(columns="second"))
        with pytest.raises(ValueError, match="no contact"):
            call(lists(0, 0, 0))
        with pytest.raises(ValueError, match="parts='all'"):
            call(lists(1, 1, 1), parts="all")
        with pytest.raises(ValueError, match="e0 stands more than once"):
            call(pd.concat([lists(1, 1, 1)] * 2))
        for value in (None, "False"):
            unsaid = lists(1, 1, 1).astype({"first": "object"})
            unsaid.loc[1, "first"] = value
            with pytest.raises(ValueError, match="first of e1 is"):
                call(unsaid)
    with pytest.raises(ValueError, match="needs an odds ratio"):
        undercount_sensitivity(lists(1, 1, 1), odds_ratios=())
    with pytest.raises(ValueError, match="odds_ratio=0"):
        undercount(lists(1, 1, 1), odds_ratio=0)
    with pytest.raises(ValueError, match="odds_ratios="):
        undercount_sensitivity(lists(1, 1, 1), odds_ratios=(1, -2))
    with pytest.raises(ValueError, match="match_error="):
        undercount_sensitivity(lists(1, 1, 1), match_error=(0, 5))
    with pytest.raises(ValueError, match="use one of date"):
        contradictions(reported, "colour")


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
    assert undercount(frame, parts="keep").iloc[0]["found"] == 3
    with pytest.raises(ValueError, match="only parts"):
        undercount(frame.iloc[[2]])


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
            low, high = coverage._bounds(first, second, overlap, ratio)
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
    moved = undercount_sensitivity(lists(9, 10, 20), match_error=(0,)).set_index("odds_ratio")
    assert (moved["estimate"] - 39).tolist() == pytest.approx([20, 40, 80, 160])
    assert moved["high"].is_monotonic_increasing
    assert moved.loc[1, "high"] == undercount(lists(9, 10, 20)).loc[0, "high"]


def test_wrong_matches_move_whole_contacts():
    """n1 = 60, n2 = 50, m = 40: N = 61·51/(m + 1) − 1; 5% are two matches, 10% are four."""
    moved = undercount_sensitivity(lists(40, 20, 10), odds_ratios=(1,)).set_index(
        ["match_error", "matches"]
    )
    overlap = {
        (0, "as recorded"): 40,
        (0.05, "false"): 38, (0.05, "missed"): 42,
        (0.1, "false"): 36, (0.1, "missed"): 44,
    }  # fmt: skip
    assert moved["overlap"].to_dict() == overlap
    assert (moved[["first", "second"]] == [60, 50]).all(axis=None)
    for case, shared in overlap.items():
        assert moved.loc[case, "found"] == 60 + 50 - shared
        assert moved.loc[case, "estimate"] == pytest.approx(3111 / (shared + 1) - 1)


def test_no_more_matches_are_missed_than_a_list_has_contacts_left():
    """10% of 21 matches is 2.1, tried as three; one contact is left to be matched."""
    moved = undercount_sensitivity(lists(21, 1, 30), odds_ratios=(1,), match_error=(0.1,))
    assert moved.set_index("matches")["overlap"].to_dict() == {"false": 18, "missed": 22}


def test_wilson_by_hand():
    """6 of 10: centre (0.6 + z²/20)/(1 + z²/10), half width from Wilson's formula."""
    shares = one_sided(lists(4, 5, 1, neither=2)).set_index("only")
    assert shares["count"].to_dict() == {"AA": 5, "BB": 1, "either": 6}
    assert (shares["contacts"] == 10).all()
    z = 1.959964
    centre, width = 0.6 + z**2 / 20, z * (0.6 * 0.4 / 10 + z**2 / 400) ** 0.5
    expected = [(centre - width) / (1 + z**2 / 10), (centre + width) / (1 + z**2 / 10)]
    assert shares.loc["either", ["low", "high"]].tolist() == pytest.approx(expected, abs=1e-6)
    assert np.isnan(one_sided(lists(0, 0, 0, neither=2))["share"]).all()


def test_a_date_outside_the_contact_is_a_contradiction(reported):
    """The visit is 1 to 5 March; one report gives 7 March; a month is not held against a month."""
    row = contradictions(reported, "date")
    assert row[["about", "first", "second", "apart"]].to_numpy().tolist() == [
        ["s4", "2019-03-07", "2019-03-01/2019-03-05", 2.0]
    ]


def test_two_numbers_of_one_contact(reported):
    """Number 3 by AA's count and its own reports, 4 by the wire; the reprint says nothing."""
    row = contradictions(reported, "edition")
    assert row[["first", "first_sides", "first_sources", "second", "second_sides", "apart"]][
        :
    ].to_numpy().tolist() == [["3", "AA;BB", "s2", "4", "third", 1.0]]


def test_ranks_that_no_one_rank_can_be(reported):
    row = contradictions(reported, "rank")
    assert row[["about", "first", "second"]].to_numpy().tolist() == [["bob", "Colonel", "General"]]


def test_ranks_with_two_names_are_no_contradiction(reported):
    ranks = reported.ranks.copy()
    ranks.loc[ranks["rank_id"] == "bb-colonel", "rendered_as"] = "Colonel;General"
    assert contradictions(replace(reported, ranks=ranks), "rank").empty


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("Deputy Minister of Defence", "deputy defense minister", False),
        ("Minister", "Minister, member of the Commission", False),
        ("Minister of Defence", "Chief of the General Staff", True),
        ("国防部长", "国务委员兼国防部长", False),
        ("国防部长", "海军司令员", True),
    ],
)
def test_offices_differ_where_neither_shortens_the_other(one, other, differ):
    assert coverage._other_words(one, other) is differ
    assert coverage._other_words(other, one) is differ


def test_offices_in_two_writings_are_not_compared(reported):
    assert len(contradictions(reported, "office")) == 1
    people = reported.participants.copy()
    people.loc[people["source_id"] == "s4", "office_as_reported"] = "国防部长"
    assert contradictions(replace(reported, participants=people), "office").empty


def test_areas_that_one_sides_sources_leave_out(reported):
    """Both sides name the hotline, BB's paper alone the patrol; one side's contact is no case."""
    row = contradictions(reported, "areas")
    assert row[["event_id", "about", "first_sides", "second_sides"]].to_numpy().tolist() == [
        ["2019-03-01-visit", "patrol", "BB", "AA"]
    ]
    shares = contradiction_shares(reported).set_index("field")
    assert shares["compared"].to_dict() == {
        "date": 5, "edition": 1, "rank": 1, "office": 1, "areas": 2,
    }  # fmt: skip
    assert shares["differ"].tolist() == [1, 1, 1, 1, 1]


def test_what_each_year_rests_on(reported):
    basis = sources_per_year(reported).set_index(["year", "side"])
    assert len(basis) == 3 * 3
    assert basis.loc[(2019, "AA"), ["contacts", "sources", "outlets"]].tolist() == [2, 1, 1]
    assert basis.loc[(2019, "BB"), "new_outlets"] == 1
    # The Beland Post was there in 2019 already.
    assert basis.loc[(2021, "BB"), ["sources", "new_outlets"]].tolist() == [1, 0]
    assert basis.loc[(2021, "third"), "sources"] == 1
    assert basis.loc[(2020, "AA"), "sources"] == 0
    assert np.isnan(basis.loc[(2020, "AA"), "largest"])


def test_drawn_estimates_are_those_of_the_frame():
    frame = pd.concat(
        [lists(8, 2, 3, tier="high"), lists(0, 2, 2, tier="low")], ignore_index=True
    ).assign(event_id=lambda rows: [f"e{place}" for place in rows.index])
    found = undercount(frame, "tier")
    ax = rel.figures.plot_undercount(found, source="src")
    assert [bar.get_width() for bar in ax.patches] == found["found"].tolist()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["high", "low"]
    diamonds = [line for line in ax.lines if line.get_marker() == "D"]
    assert [line.get_xdata()[0] for line in diamonds] == [found.loc[0, "estimate"]]
    assert sum(line.get_marker() == ">" for line in ax.lines) == 1
    assert "no bound" in ax.texts[1].get_text()
    with pytest.raises(ValueError, match="one row per tier"):
        rel.figures.plot_undercount(pd.concat([found, found]), source="src")
    plt.close("all")


def test_drawn_shares_are_those_of_the_frame():
    shares = one_sided(lists(4, 5, 1, kind="border_exchange"), "kind")
    ax = rel.figures.plot_one_sided(shares, source="src")
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0.5, 0.4, 0.1])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["border exchange"]
    low, high = shares.loc[0, ["low", "high"]]
    assert ax.lines[0].get_xdata() == pytest.approx([low, high])
    assert any(text.get_text().startswith("60%") for text in ax.texts)
    with pytest.raises(ValueError, match="one row per kind"):
        rel.figures.plot_one_sided(pd.concat([shares, shares]), source="src")
    plt.close("all")
