"""Ranks and offices of the day from dated facts, and what they say of contacts."""

import numpy as np
import pandas as pd
import pytest
from conftest import as_pandas
from hypothesis import given, settings
from hypothesis import strategies as st

import relations as rel
from relations import ranks
from relations.figures import plot_level_share, plot_parity


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def cell(levels, event, person, column):
    row = levels[(levels["event_id"] == event) & (levels["person_id"] == person)]
    return row[column].iloc[0]


VISIT, TALKS, PATROL = "2019-03-01-visit", "2019-03-02-talks", "2021-06-patrol"


def test_rank_and_office_are_those_of_the_day(pair, engine):
    levels = as_pandas(rel.rank_levels(pair.convert(engine)))
    # Bob is promoted and becomes minister on the day of the talks, one day into the visit.
    assert cell(levels, VISIT, "bob", "rank_id") == "bb-colonel"
    assert cell(levels, TALKS, "bob", "rank_id") == "bb-general"
    assert cell(levels, VISIT, "bob", "office_level") == 4
    assert cell(levels, TALKS, "bob", "office_level") == 5
    # Ann's term ends on the first day of the visit, which is her last in office.
    assert cell(levels, VISIT, "ann", "office_level") == 5
    assert cell(levels, TALKS, "ann", "office_id") is None


def test_what_is_printed_stands_beside_and_is_not_taken_for_a_fact(pair, engine):
    levels = as_pandas(rel.rank_levels(pair.convert(engine)))
    assert cell(levels, TALKS, "ann", "office_as_reported") == "Minister"
    assert pd.isna(cell(levels, TALKS, "ann", "office_level"))
    assert cell(levels, TALKS, "bob", "rank_as_reported") is None


def test_the_crosswalk_is_said_and_matters(pair, engine):
    for crosswalk, level in (("place", 8), ("cognate", 9)):
        levels = as_pandas(rel.rank_levels(pair.convert(engine), crosswalk))
        assert cell(levels, TALKS, "bob", "rank_level") == level
        assert set(levels["crosswalk"]) == {crosswalk}
    with pytest.raises(ValueError, match="place, cognate"):
        rel.rank_levels(pair, "nato")


def test_rank_is_unknown_where_a_promotion_may_lie_before_or_after(small):
    small.replace("promotions", "bb-general,2019-03-02", "bb-general,2019")
    levels = rel.rank_levels(rel.load(small.path))
    assert levels.loc[levels["person_id"] == "bob", "rank_level"].isna().all()


def test_rank_is_unknown_on_the_first_day_of_the_month_of_a_promotion(small):
    small.replace("promotions", "bb-general,2019-03-02", "bb-general,2019-03")
    assert pd.isna(cell(rel.rank_levels(rel.load(small.path)), VISIT, "bob", "rank_level"))


def test_rank_is_unknown_where_two_have_one_date(pair, engine):
    pair.promotions.loc[len(pair.promotions)] = pair.promotions.query("person_id == 'ann'").iloc[0]
    pair.promotions.loc[len(pair.promotions) - 1, "rank_id"] = "bb-general"
    levels = as_pandas(rel.rank_levels(pair.convert(engine)))
    assert not levels.duplicated(["event_id", "person_id", "source_id"]).any()
    assert levels.loc[levels["person_id"] == "ann", "rank_level"].isna().all()
    assert cell(levels, TALKS, "bob", "rank_id") == "bb-general"


def test_rank_without_a_date_stays_unknown(small):
    small.replace("promotions", "ann,aa-general,2010-01-01", "ann,aa-general,")
    levels = rel.rank_levels(rel.load(small.path))
    assert levels.loc[levels["person_id"] == "ann", "rank_level"].isna().all()


def test_office_begun_at_a_time_that_may_be_later_does_not_count(small):
    small.replace("appointments", "bb-minister,2019-03-02", "bb-minister,2019-03")
    levels = rel.rank_levels(rel.load(small.path))
    assert cell(levels, TALKS, "bob", "office_level") == 4


def test_highest_of_several_offices_counts_and_ties_go_by_id(small):
    small.append("offices", "bb-marshal,BB,Marshal,Marshal,Council,5,")
    small.append("appointments", "bob,bb-marshal,2016-01-01,,,s1")
    levels = rel.rank_levels(rel.load(small.path))
    assert cell(levels, VISIT, "bob", "office_id") == "bb-marshal"
    assert cell(levels, TALKS, "bob", "office_id") == "bb-marshal"


def test_office_outside_the_scale_is_named_without_a_level(small):
    small.append("offices", "aa-envoy,AA,Envoy,Envoy,Ministry,,")
    small.append("appointments", "ann,aa-envoy,2010-01-01,,,s1")
    levels = rel.rank_levels(rel.load(small.path))
    assert cell(levels, VISIT, "ann", "office_id") == "aa-minister"
    assert cell(levels, TALKS, "ann", "office_id") == "aa-envoy"
    assert pd.isna(cell(levels, TALKS, "ann", "office_level"))


def test_participants_of_an_event_known_to_the_year(small):
    small.replace("events", "2019-03-02-talks,2019-03-02,", "2019-03-02-talks,2019,")
    small.replace("events", "2019-03-01-visit,held,Talks", ",held,Talks")
    levels = rel.rank_levels(rel.load(small.path))
    assert pd.isna(cell(levels, TALKS, "bob", "rank_level"))
    assert cell(levels, TALKS, "ann", "rank_level") == 9
    assert pd.isna(cell(levels, TALKS, "ann", "office_level"))


def test_one_row_per_event_person_and_source(pair):
    levels = rel.rank_levels(pair)
    key = ["event_id", "person_id", "source_id"]
    assert not levels.duplicated(key).any()
    assert len(levels) == len(pair.participants)


def test_level_of_a_delegation_is_that_of_its_head(pair, engine):
    heads = as_pandas(rel.delegation_levels(rel.rank_levels(pair.convert(engine))))
    assert heads[["event_id", "side", "person_id"]].values.tolist() == [
        [VISIT, "AA", "ann"],
        [VISIT, "BB", "bob"],
        [TALKS, "AA", "ann"],
        [TALKS, "BB", "bob"],
    ]
    assert heads["office_level"].fillna(0).tolist() == [5, 4, 0, 5]


def test_of_several_heads_the_highest_office_leads(small):
    small.append("people", "cat,BB,Cat,,")
    small.append("appointments", "cat,bb-minister,2010-01-01,2019-03-01,,s1")
    small.append("participants", f"{VISIT},cat,head,s1,Minister,")
    small.append("people", "dan,BB,Dan,,")
    small.append("participants", f"{VISIT},dan,member,s1,,")
    heads = rel.delegation_levels(rel.rank_levels(rel.load(small.path)))
    assert cell(heads[heads["side"] == "BB"], VISIT, "cat", "office_level") == 5
    assert "dan" not in heads["person_id"].tolist()


def test_shipped_careers_on_every_engine(engine, data):
    expected = as_pandas(rel.rank_levels(data))
    found = as_pandas(rel.rank_levels(data.convert(engine)))
    pd.testing.assert_frame_equal(found, expected)


def test_one_man_two_printed_ranks_one_resolved(data):
    """Wei Fenghe was a general (上将) whatever the English of a page says."""
    levels = rel.rank_levels(data)
    wei = levels[levels["person_id"] == "wei-fenghe"]
    assert {"General", "Senior Lieutenant General"} <= set(wei["rank_as_reported"])
    assert set(wei["rank_id"]) == {"cn-shangjiang"}
    assert set(wei["office_level"]) == {5}


def test_promotion_between_two_contacts(data):
    levels = rel.rank_levels(data, "cognate").sort_values("event_id")
    giang = levels[levels["person_id"] == "phan-van-giang"]
    assert giang["rank_id"].iloc[0] == "vn-thuong-tuong"
    assert giang["rank_id"].iloc[-1] == "vn-dai-tuong"


days = st.dates(pd.Timestamp("2010-01-01").date(), pd.Timestamp("2020-12-31").date())


@settings(max_examples=50, deadline=None)
@given(event=days, promoted=st.lists(days, min_size=1, max_size=5, unique=True))
def test_rank_is_the_last_one_received_by_then(event, promoted):
    """Against a search by hand through the dates."""
    stamps = pd.to_datetime(promoted).astype("datetime64[us]")
    day = pd.to_datetime([event]).astype("datetime64[us]")
    data = type("Tables", (), {})()
    data.events = pd.DataFrame({"event_id": "e", "start": day, "end": day, "precision": "day"})
    data.participants = pd.DataFrame(
        {"event_id": ["e"], "person_id": "p", "source_id": "s", "role": "head",
         "office_as_reported": "", "rank_as_reported": ""}
    )  # fmt: skip
    data.people = pd.DataFrame({"person_id": ["p"], "side": "AA"})
    data.offices = pd.DataFrame({"office_id": ["o"], "office_level": [5]})
    data.appointments = pd.DataFrame(
        {"person_id": ["p"], "office_id": "o", "since_latest": stamps[:1], "until": stamps[:1]}
    )
    ids = [f"r{i}" for i in range(len(promoted))]
    data.ranks = pd.DataFrame({"rank_id": ids, "level_by_place": range(len(ids))})
    data.promotions = pd.DataFrame(
        {"person_id": "p", "rank_id": ids, "since": stamps, "since_latest": stamps}
    )
    past = [(date, name) for date, name in zip(promoted, ids, strict=True) if date <= event]
    expected = max(past)[1] if past else None
    found = as_pandas(rel.rank_levels(data))["rank_id"].iloc[0]
    assert found == expected


# Level of contacts


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
    with pytest.raises(ValueError, match="1 contact is known less precisely than to the month"):
        ranks.level_summary(HEADS, coarse, every="month")
    with pytest.raises(ValueError, match="less precisely"):
        ranks.parity_by(ranks.parity(HEADS, coarse), every="quarter")
    with pytest.raises(ValueError, match="every='week'"):
        ranks.level_summary(HEADS, FOUR, every="week")
    with pytest.raises(ValueError, match="precision None is not known"):
        ranks.level_summary(HEADS, FOUR.assign(precision=None))
    with pytest.raises(ValueError, match="precision 'decade' is not known"):
        ranks.level_summary(HEADS, FOUR.assign(precision="decade"))


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
    # 1, +2 and -2: mean 1/3, variance (9 - 1/3) / 2, t with 2 degrees of freedom 4.3027.
    half = 4.302652729911275 * np.sqrt(13 / 3 / 3)
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
