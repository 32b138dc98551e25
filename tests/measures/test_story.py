"""What the figures of the story take, counted by hand on small tables."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import relations as rel
from relations.measures import _story as story


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def day(*texts):
    return pd.to_datetime(list(texts))


def test_turning_points_are_the_ones_asked_for_with_their_words(small):
    treaty = '2021-07-01-treaty,2021-07-01,,"Treaty, signed by both",s1,settlement,,,'
    small.append("context", treaty)
    data = rel.load(small.path)
    found = story.turning_points(data, ["2021-07-01-treaty", "2020-storm"])
    assert found["words"].tolist() == ["A storm", "Treaty"]
    assert found["start"].tolist() == [*day("2020-01-01", "2021-07-01")]
    given = story.turning_points(data, {"2020-storm": "the storm"})
    assert given["words"].tolist() == ["the storm"]
    assert story.turning_points(data).empty
    small.replace("context", "The wind turned,,", "The wind turned,Storm,turning_point;crisis")
    drawn = rel.load(small.path)
    assert story.turning_points(drawn)["words"].tolist() == ["Storm"]
    assert set(story.around_crises(drawn)["crisis"]) <= {"2020-storm"}
    with pytest.raises(ValueError, match="'1999-x' is no context_id"):
        story.turning_points(data, ["1999-x"])


def test_levels_add_up_to_the_occasions_and_say_what_is_covered(pair):
    table = story.level_years(pair)
    assert table.groupby(table["period"].dt.year)["count"].sum().to_dict() == {
        2019: 1,
        2020: 0,
        2021: 1,
    }
    held = table[table["count"] > 0]
    assert held["level"].tolist() == ["ministers and vice-chairs", "no level"]
    assert table["exposure"].tolist() == [1.0] * len(table)
    assert not table["partial"].any()
    assert table.attrs["unit"] == "occasions"


def test_a_whole_has_the_half_of_its_highest_part(pair):
    table = story.summit_and_base(pair)
    found = table[table["count"] > 0]
    assert found[["half", "count"]].values.tolist() == [
        ["ministers and above", 1],
        ["below ministers", 1],
    ]
    assert table["unknown"].sum() == 1
    contacts = story.summit_and_base(pair, count="contacts")
    assert contacts["count"].sum() == 3
    assert len(table) == 2 * 3 * 2


def test_shipped_halves_are_all_occasions(data):
    table = story.summit_and_base(data)
    assert table["count"].sum() == data.contacts["occasion"].nunique()
    top = table[table["half"] == "ministers and above"]
    own = data.contacts[data.contacts["tier"].isin(["leader", "vice-chair", "minister"])]
    assert top["count"].sum() == own["occasion"].nunique()
    many = table[table["setting"] == "multilateral"]["count"].sum()
    roots = data.contacts[data.contacts["event_id"] == data.contacts["occasion"]]
    assert abs(many - (roots["setting"] == "multilateral").sum()) <= 3


def years(**halves):
    rows = [
        {"half": half, "period": pd.Timestamp(2010 + at, 1, 1), "setting": "bilateral",
         "count": number, "unknown": 0, "exposure": 1.0}
        for half, numbers in halves.items()
        for at, number in enumerate(numbers)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_block_means_are_sums_over_exposure_with_poisson_limits_where_nothing_scatters():
    means = story.block_means(years(top=[3, 3, 3, 3, 3, 6, 6, 6, 6, 6]), base=2010)
    assert means[["since", "until", "count", "rate"]].values.tolist() == [
        [2010, 2014, 15, 3.0],
        [2015, 2019, 30, 6.0],
    ]
    assert means["dispersion"].tolist() == [1.0, 1.0]
    # Garwood 1936 for 15 and 30 in five years.
    assert means["low"].round(4).tolist() == [1.6791, 4.0482]
    assert means["high"].round(4).tolist() == [4.9480, 8.5654]
    assert means["ratio"].tolist() == [pytest.approx(np.nan, nan_ok=True), 2.0]
    reach = 1.959964 * np.sqrt(1 / 15 + 1 / 30)
    assert means["ratio_low"].iloc[1] == pytest.approx(2 * np.exp(-reach))


def test_years_that_scatter_widen_the_interval():
    even = story.block_means(years(top=[6] * 5))
    bursts = story.block_means(years(top=[0, 12, 0, 18, 0]))
    # Pearson: (3·6² + 6² + 12²) / 6 over four degrees of freedom.
    assert bursts["dispersion"].iloc[0] == pytest.approx((3 * 36 + 36 + 144) / 6 / 4)
    assert bursts["low"].iloc[0] < even["low"].iloc[0] < even["high"].iloc[0]
    assert even["high"].iloc[0] < bursts["high"].iloc[0]
    # Nothing found is not nothing possible.
    none = story.block_means(years(top=[0] * 5))
    assert (none["low"].iloc[0], none["high"].iloc[0]) == (0.0, pytest.approx(0.7378, abs=1e-4))


def test_a_short_last_block_is_joined_to_the_one_before():
    assert story.block_means(years(top=[1] * 6))["until"].tolist() == [2015]
    assert story.block_means(years(top=[1] * 7))["since"].tolist() == [2010, 2015]
    own = story.block_means(years(top=[1] * 7), [2010, 2013])
    assert own[["since", "until"]].values.tolist() == [[2010, 2012], [2013, 2016]]


CRISIS = "2020-06-01-row"


@pytest.fixture
def crisis(small):
    """Calls on 5 January, 1 May, 20 September 2020; one in July; one planned, one in the year."""
    small.append("context", f"{CRISIS},2020-06-01,2020-07-01,A row,s1,crisis,,,")
    small.append("context", "2020-08-01-more,2020-08-01,,More,s1,crisis,,,")
    for event, start, status in (
        ("2020-01-05-a", "2020-01-05", "held"),
        ("2020-05-01-b", "2020-05-01", "held"),
        ("2020-07-c", "2020-07", "held"),
        ("2020-08-10-d", "2020-08-10", "cancelled"),
        ("2020-09-20-e", "2020-09-20", "held"),
        ("2020-f", "2020", "held"),
    ):
        small.append("events", f"{event},{start},,meeting,,none,phone,,{status},Call,,")
        small.append("reports", f"{event},s2,{start},,printed,true,")
    return rel.load(small.path)


def test_marks_of_a_crisis_are_days_from_its_start(crisis):
    marks = story.around_crises(crisis, [CRISIS]).set_index("event_id")
    assert marks["first"].to_dict() == {
        "2020-01-05-a": -148,
        "2020-05-01-b": -31,
        "2020-07-c": 30,
        "2020-08-10-d": 70,
        "2020-09-20-e": 111,
    }
    assert marks["last"]["2020-07-c"] == 60
    assert marks["status"]["2020-08-10-d"] == "cancelled"
    # The patrol of June 2021 may lie more than twelve months off.
    assert "2021-06-patrol" not in marks.index


def test_the_longest_silence_is_between_dated_contacts_and_says_what_may_break_it(crisis):
    (lane,) = story.crisis_silences(crisis, {CRISIS: "row"}).to_dict("records")
    assert (lane["words"], lane["days"], lane["other"]) == ("row", 30, [61])
    assert (lane["since"], lane["until"]) == (-366, 365)
    # From 20 September 2020 to the edge, 1 June 2021.
    assert (lane["silent_from"], lane["silent_until"], lane["silence"]) == (111, 365, 254)
    # The patrol of June 2021 lies after the edge.
    assert lane["coarse"] == 0
    assert (lane["before"], lane["after"]) == (2, 2)
    short = story.crisis_silences(crisis, {CRISIS: "row"}, months=6).iloc[0]
    assert (short["silent_from"], short["silent_until"]) == (-31, 111)
    assert (short["silence"], short["coarse"]) == (142, 1)


def test_a_crisis_ends_with_what_ended_it(small):
    small.append("context", "2020-06-01-row,2020-06-01,,A row,s1,crisis,2020-08-01-peace,,")
    small.append("context", "2020-08-01-peace,2020-08-01,,Peace,s1,settlement,,,")
    lane = story.crisis_silences(rel.load(small.path), ["2020-06-01-row"]).iloc[0]
    assert lane["days"] == 61


def test_the_silence_of_the_oil_rig_is_the_one_told(data):
    lanes = story.crisis_silences(data).set_index("crisis")
    rig = lanes.loc["2014-05-02-oil-rig-crisis"]
    days = data.contacts.loc[data.contacts["precision"] == "day", "start"].drop_duplicates()
    since = rig["start"] + pd.Timedelta(days=int(rig["silent_from"]))
    until = rig["start"] + pd.Timedelta(days=int(rig["silent_until"]))
    assert {since, until} <= set(days)
    assert not days.between(since, until, inclusive="neither").any()
    assert (rig["silence"], f"{since:%Y-%m-%d}") == (131, "2014-05-20")


def test_contacts_are_counted_once_at_each_site(small):
    small.append("places", "gate,Gate,,North,BB,10.6,-20.6,,,")
    small.append("places", "reef,Reef,,Sea,both,,,,,")
    for link in ("2019-03-01-visit,gate", "2021-06-patrol,reef", "2019-03-02-talks,capital"):
        small.append("event_places", link)
    data = rel.load(small.path)
    sites = story.contact_places(data).set_index("site")
    assert sites["count"].to_dict() == {"capital": 2, "reef": 1}
    assert sites.loc["capital", "places"] == ["Capital", "Gate"]
    assert sites["country"].to_dict() == {"capital": "both", "reef": "both"}
    table = story.contact_places(data)
    assert (table.attrs["total"], table.attrs["unplaced"], table.attrs["unmapped"]) == (3, 0, 1)
    assert table.attrs["bare"] == ["Reef"]
    apart = story.contact_places(data, near=0).set_index("site")
    assert apart["count"].to_dict() == {"capital": 2, "gate": 1, "reef": 1}
    # The two are 15.6 km apart.
    assert len(story.contact_places(data, near=15)) == 3
    assert len(story.contact_places(data, near=16)) == 2


def test_shipped_places_hold_every_contact(data):
    sites = story.contact_places(data)
    links = data.event_places[data.event_places["event_id"].isin(data.contacts["event_id"])]
    assert sites.attrs["unplaced"] == len(data.contacts) - links["event_id"].nunique()
    bare = data.contacts["lat"].isna() & data.contacts["place"].notna()
    assert sites.attrs["unmapped"] == bare.sum()
    assert sites["site"].is_unique


def test_steps_of_a_hotline_go_from_promise_to_use(small):
    small.append("mechanisms", "mnd_hotline,Hotline,Hotline,meeting,,,")
    small.append(
        "events", "2021-02-01-call,2021-02-01,,meeting,mnd_hotline,none,phone,,held,Call,,"
    )
    small.append("reports", "2021-02-01-call,s2,2021-02-01,,printed,true,")
    small.append("area_mentions", "2021-02-01-call,s2,hotline,BB,done")
    small.append(
        "pledges", "line,2019-03-02-talks,s1,joint,Line of the ministries,hotline,,unknown,,"
    )
    small.append("pledges", "sea,2021-06-patrol,s2,joint,Line of the navies,hotline,,unknown,,")
    small.append(
        "agreements", "line-act,2019-03-02-talks,memorandum,A line,hotline,,2020-05-01,2021-02-01,"
    )
    small.append("area_mentions", "2021-06-patrol,s2,hotline,BB,continuing")
    # The minutes of the small tables touch on a line and are no document of one.
    steps = story.hotline_steps(rel.load(small.path))
    assert steps[["line", "step"]].values.tolist() == [
        ["ministries", "promised"],
        ["line not said", "signed"],
        ["line not said", "opened"],
        ["ministries", "used"],
        ["border units", "named as standing"],
        ["navies, theatre command", "promised"],
    ]
    assert steps["day"].tolist()[:4] == [
        *day("2019-03-02", "2020-05-01", "2021-02-01", "2021-02-01")
    ]


def test_the_ministries_line_took_1586_days(data):
    steps = story.hotline_steps(data)
    line = steps[steps["line"] == "ministries"]
    first = line.loc[line["step"] == "promised", "day"].min()
    used = line.loc[line["step"] == "used", "day"].min()
    assert (used - first).days == 1586
    pledges = data.pledges[data.pledges["area"] == "hotline"]
    assert (steps["step"] == "promised").sum() == len(pledges)


def test_positions_have_day_side_and_name(small):
    small.write("positions", small.text("positions").partition("\n")[0] + "\n")
    small.append("positions", "2019-03-02-talks,,s1,BB,bob,hotline,quoted,Wants a line.")
    small.append("positions", ",2020-storm,s1,AA,A ministry,hotline,ministry,Is against it.")
    small.append("positions", "2019-03-02-talks,,s1,joint,,hotline,paraphrased,Both talk.")
    small.append("positions", "2019-03-02-talks,,s1,AA,ann,history,paraphrased,Remembers.")
    data = rel.load(small.path)
    said = story.positions(data, "hotline")
    assert said["side"].tolist() == ["BB", "joint", "AA"]
    assert said["speaker"].fillna("").tolist() == ["Bob", "", "A ministry"]
    assert said["day"].tolist() == [*day("2019-03-02", "2019-03-02", "2020-01-01")]
    assert said["precision"].tolist() == ["day", "day", "year"]
    assert said["occasion"].tolist() == ["Talks", "Talks", "A storm"]
    assert len(story.positions(data)) == 4
    yearly = story.positions_by_year(data, "hotline")
    assert yearly[yearly["count"] > 0]["period"].dt.year.tolist() == [2020, 2019, 2019]
    assert len(yearly) == 3 * 3
    with pytest.raises(ValueError, match=r"topic='sea'; there are history, hotline"):
        story.positions(data, "sea")


def test_statements_that_were_not_read_are_found(small):
    small.append("context", '2020-02-visit,2020-02,,"Visit, defence part not readable",s1,,,,')
    small.append("events", "2020-03-01-state,2020-03-01,,statement,,AA,in_person,,held,Words,,")
    small.append("reports", "2020-03-01-state,s2,2020-03-01,,printed,true,")
    assert story.unread_statements(rel.load(small.path))["id"].tolist() == [
        "2020-02-visit",
        "2020-03-01-state",
    ]
    small.append("area_mentions", "2020-03-01-state,s2,patrol,AA,proposed")
    assert story.unread_statements(rel.load(small.path))["id"].tolist() == ["2020-02-visit"]


MEASURES = [name for name in story.__all__ if name != "block_means"]


@pytest.mark.parametrize("name", MEASURES)
def test_other_engines_and_choices_that_leave_nothing_give_the_same_columns(data, name):
    arguments = ["hotline"] if name.startswith("positions") else []
    measure = getattr(story, name)
    usual = measure(data, *arguments)
    assert usual.attrs["source"] == data.caption
    assert usual.attrs["names"]["CN"] == "China"
    other = measure(data.convert(pl.from_pandas), *arguments)
    pd.testing.assert_frame_equal(usual, other)
    nothing = data.where(kind="statement", channel="ship_visit")
    empty = measure(nothing, *arguments)
    assert list(empty) == list(usual)
    assert "kind statement" in empty.attrs["choice"]


@pytest.mark.parametrize("name", MEASURES)
def test_a_bare_frame_is_refused(data, name):
    with pytest.raises(TypeError, match="takes a Dataset"):
        getattr(story, name)(data.events)
