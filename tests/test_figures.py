"""Figures draw the numbers of the frame they are given, and say what they rest on."""

import functools
import inspect

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import same_color, to_rgb

import relations as rel
from relations import figures
from relations.figures import _drawing

# How the notebooks draw each figure, from the shipped tables: frames, and after them keywords.
FIGURES = {
    "plot_exchange_frequency": lambda data: [rel.exchange_frequency(data.events)],
    "plot_seasonality": lambda data: [rel.seasonality(data.events, draws=9)],
    "plot_contacts": lambda data: [data.events],
    "plot_around": lambda data: [
        rel.around(data.events, data.context[data.context["start"].dt.year > 2013])
    ],
    "plot_area_counts": lambda data: [rel.cooperation_area_counts(data.area_mentions, by="side")],
    "plot_area_years": lambda data: [
        rel.area_shares(data.area_mentions, data.events, every="year", by="side")
    ],
    "plot_side_emphasis": lambda data: [
        rel.side_emphasis(data.area_mentions, ["CN", "VN"]),
        {"sides": ["CN", "VN"]},
    ],
    "plot_who_met_whom": lambda data: [heads_of(data).tail(30)],
    "plot_rank_ladders": lambda data: [data.ranks],
    "plot_parity": lambda data: [
        steps := rel.parity(heads_of(data), data.events),
        rel.parity_by(steps),
    ],
    "plot_level_share": lambda data: [rel.level_summary(heads_of(data), data.events)],
    "plot_meeting_network": lambda data: [rel.meeting_network(data)],
    "plot_mechanism_timeline": lambda data: [
        rel.mechanism_timeline(data),
        {"names": data.mechanisms.set_index("mechanism")["name"].to_dict(), "span": data.span},
    ],
    "plot_numbering": lambda data: [rel.numbering(data, "coast_guard_joint_patrol")],
    "plot_exchange_map": lambda data: [
        rel.edition_places(data, "border_defence_friendship_exchange"),
        data.outlines,
    ],
    "plot_follow_through": lambda data: [rel.follow_through(data, by="area")],
    "plot_time_to_fulfilment": lambda data: [rel.time_to_fulfilment(data)],
    "plot_evidence": lambda data: [
        data.reports.merge(data.sources[["source_id", "side"]], on="source_id").tail(60)
    ],
    "plot_undercount": lambda data: [rel.undercount(rel.two_lists(data), "tier")],
    "plot_one_sided": lambda data: [rel.one_sided(rel.two_lists(data), "kind")],
    "plot_phases": lambda data: [
        yearly := rel.exchange_frequency(data.events),
        rel.phases(yearly),
        rel.break_uncertainty(yearly, draws=50),
        {"crises": {"a standoff": ("2014-05-02", "2014-07-15")}},
    ],
    "plot_engagement_index": lambda data: [rel.index_sensitivity(data.events, draws=20)],
    "plot_lead_lag": lambda data: [{"visits, then patrols": LAGS}],
}
LAGS = pd.DataFrame(
    {"lag": [1, 2], "association": [0.1, 0.5], "low": -0.2, "high": 0.3, "p_any": [0.4, 0.01]}
)


def heads_of(data):
    return rel.delegation_levels(rel.rank_levels(data))


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def caption(ax):
    return ax.figure.get_supxlabel()


def test_bars_are_counts_and_whiskers_their_interval(pair):
    frequency = rel.exchange_frequency(pair.events, span=("2019-01-01", "2021-06-30"))
    ax = rel.figures.plot_exchange_frequency(frequency, source="the record")
    assert [bar.get_height() for bar in ax.patches] == [1, 0, 1]
    whiskers = [path.vertices[:, 1].tolist() for path in ax.collections[0].get_paths()]
    expected = frequency[["low", "high"]].mul(frequency["exposure"], axis=0)
    assert whiskers == [pytest.approx(row) for row in expected.values.tolist()]
    assert [text.get_text() for text in ax.texts] == ["1", "0", "1"]
    assert caption(ax) == "the record"
    pale = [bar.get_facecolor() for bar in ax.patches]
    assert pale[0] == pale[1] != pale[2]
    assert "pale" in ax.get_title("left")


def test_one_group_at_a_time(pair):
    frequency = rel.exchange_frequency(pair.events, by="kind", parts="keep")
    with pytest.raises(ValueError, match="one row per period"):
        rel.figures.plot_exchange_frequency(frequency, source="")


def test_periods_are_labelled_by_their_names(pair):
    frequency = rel.exchange_frequency(pair.events, "quarter")
    ax = rel.figures.plot_exchange_frequency(frequency, every="quarter", source="")
    assert ax.get_xticklabels()[0].get_text() == "2019Q1"


def test_many_periods_are_a_line_with_a_band(pair):
    frequency = rel.exchange_frequency(pair.events[pair.events["precision"] == "day"], "month")
    assert len(frequency) == 36
    ax = rel.figures.plot_exchange_frequency(frequency, every="month", source="")
    assert ax.lines[0].get_ydata().tolist() == frequency["count"].tolist()
    top = ax.collections[0].get_paths()[0].vertices[:, 1].max()
    assert top == pytest.approx((frequency["high"] * frequency["exposure"]).max())


def test_dates_are_those_that_the_ids_begin_with(small):
    small.replace("participants", "2019-03-02-talks,bob", "2021-06-patrol,bob")
    small.append("reports", "2021-06-patrol,s1,,,,false,")
    small.append("sources", "s9,Aland News,AA,en,news,,Later,https://example.org/9,,")
    small.replace("participants", "2021-06-patrol,bob,head,s1", "2021-06-patrol,bob,head,s9")
    small.replace("reports", "2021-06-patrol,s1", "2021-06-patrol,s9")
    data = rel.load(small.path)
    ax = rel.figures.plot_who_met_whom(rel.delegation_levels(rel.rank_levels(data)), source="")
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["2021-06", "2019-03-02", "2019-03-01"]


def test_area_bars_are_counts_by_side(pair):
    counts = rel.cooperation_area_counts(pair.area_mentions, by="side")
    ax = rel.figures.plot_area_counts(
        counts, sides=["BB", "joint", "AA"], labels={"hotline": "Hotlines"}, source="the record"
    )
    assert [label.get_text() for label in ax.get_xticklabels()] == ["BB", "joint", "AA"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["patrol", "Hotlines"]
    widths = [[bar.get_width() for bar in column] for column in ax.containers]
    assert widths == [[0, 1], [1, 0], [0, 1]]
    assert caption(ax) == "the record"


def test_heads_stand_at_their_office_level_and_unknown_at_the_edge(pair):
    heads = rel.delegation_levels(rel.rank_levels(pair))
    ax = rel.figures.plot_who_met_whom(heads, source="the record", names={"ann": "Ann"})
    spots = sorted(
        line.get_xdata()[0]
        for line in ax.lines
        if line.get_marker() in "os" and len(line.get_xdata())
    )
    assert spots == [0, 4, 5, 5]
    assert [text.get_text() for text in ax.texts] == ["Ann (?) – bob", "Ann – bob"]
    assert caption(ax) == "the record"


def test_ladders_pair_ranks_by_level(pair):
    axes = rel.figures.plot_rank_ladders(pair.ranks, source="the record")
    heights = [{text.get_text(): text.get_position()[1] for text in ax.texts} for ax in axes]
    assert heights[0]["general"] == 8
    assert heights[1]["general"] == 9
    assert caption(axes[0]) == "the record"


def test_evidence_counts_reports_and_recollections():
    reports = pd.DataFrame(
        [("e1", "AA", True), ("e1", "AA", True), ("e1", "AA", False), ("e2", "BB", False)],
        columns=["event_id", "side", "main"],
    )
    ax = rel.figures.plot_evidence(reports, source="the record")
    assert [text.get_text() for text in ax.texts] == ["(1)", "2 (1)"]
    assert caption(ax) == "the record"


def test_caller_may_bring_the_axes(pair):
    _, ax = plt.subplots()
    frequency = rel.exchange_frequency(pair.events)
    assert rel.figures.plot_exchange_frequency(frequency, source="", ax=ax) is ax


@functools.cache
def inputs_of(name):
    """Return the frames and keywords that a figure is drawn from, reckoned once."""
    inputs = FIGURES[name](rel.load())
    if len(inputs) > 1 and isinstance(inputs[-1], dict):
        return inputs[:-1], inputs[-1]
    return inputs, {}


def test_every_figure_is_drawn_here():
    assert set(FIGURES) == set(figures.__all__)


@pytest.mark.parametrize("name", figures.__all__)
def test_figure_says_what_it_rests_on_and_its_words_are_whole_and_legible(name):
    inputs, keywords = inputs_of(name)
    made = getattr(figures, name)(*inputs, source="what it rests on", **keywords)
    figure = np.atleast_1d(made)[0].figure
    assert figure.get_supxlabel().startswith("what it rests on")
    figure.canvas.draw()
    written = [text for text in figure.findobj(plt.Text) if text.get_text().strip()]
    assert min(text.get_fontsize() for text in written) >= 9
    # All that is drawn, in inches: nothing reaches over the edge of the page.
    drawn, page = figure.get_tightbbox(), figure.get_size_inches()
    assert drawn.min.min() >= -0.01
    assert (drawn.max <= page + 0.01).all()


@pytest.mark.parametrize("name", figures.__all__)
def test_figure_of_nothing_is_refused(name):
    (first, *rest), keywords = inputs_of(name)
    nothing = {} if isinstance(first, dict) else first.head(0)
    with pytest.raises(ValueError, match=r"nothing to draw|at least one table"):
        getattr(figures, name)(nothing, *rest, source="", **keywords)
    assert not plt.get_fignums()


def test_alternative_texts_are_sentences_of_their_own():
    texts = [inspect.getdoc(getattr(figures, name)).splitlines()[0] for name in figures.__all__]
    assert len(set(texts)) == len(texts)
    assert all(text.startswith("Draw ") and text.endswith(".") for text in texts)


def test_shades_differ_in_grey_and_to_eyes_that_see_few_hues():
    # Vienot, Brettel and Mollon 1999: what is left of red and green without one of the cones.
    few = {
        "protan": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
        "deutan": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    }
    linear = np.array([to_rgb(shade) for shade in _drawing.SHADES]) ** 2.2
    for matrix in [np.eye(3), *(np.array(rows) for rows in few.values())]:
        # Lightness from 0 to 100, as an eye or a grey print has it.
        light = np.sort(116 * np.cbrt((linear @ matrix.T) @ [0.2126, 0.7152, 0.0722]) - 16)
        assert np.diff(light).min() > 15
    assert len(_drawing.SHADES) == len(_drawing.MARKERS) == len(set(_drawing.MARKERS))


def test_style_is_lent_and_given_back(pair):
    before = dict(plt.rcParams)
    ax = figures.plot_exchange_frequency(rel.exchange_frequency(pair.events), source="")
    assert not ax.spines["top"].get_visible()
    assert dict(plt.rcParams) == before


# What is drawn is what the frame holds. The frames are written out, so that no measure
# stands between the numbers and the picture.


def frame(columns, *rows):
    return pd.DataFrame(rows, columns=columns.split())


def texts(ax):
    return [text.get_text() for text in ax.texts]


def rows_of(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def points(ax, marker):
    """Return (x, y) of every point with a marker, in the order drawn."""
    lines = [line for line in ax.lines if line.get_marker() == marker]
    return [tuple(spot) for line in lines for spot in line.get_xydata().tolist()]


def band(collection):
    """Return the lower and upper end of a band at each x."""
    ends = {}
    for x, y in collection.get_paths()[0].vertices.tolist():
        ends.setdefault(x, set()).add(y)
    return {x: (min(ys), max(ys)) for x, ys in ends.items()}


def segments(collection):
    return [segment.tolist() for segment in collection.get_segments()]


def year(*numbers):
    return pd.to_datetime([f"{number}-01-01" for number in numbers])


def test_periods_have_to_be_those_named(pair):
    frequency = rel.exchange_frequency(pair.events, "quarter")
    for every in ("year", "month"):
        with pytest.raises(ValueError, match=f"not each a {every}"):
            figures.plot_exchange_frequency(frequency, every=every, source="")


def test_periods_partly_covered_are_hollow_on_a_line(pair):
    frequency = rel.exchange_frequency(pair.events[pair.events["precision"] == "day"], "month")
    frequency.loc[3, "partial"] = True
    ax = figures.plot_exchange_frequency(frequency, every="month", source="")
    assert points(ax, "o") == [(3, frequency.loc[3, "count"])]
    assert "hollow" in ax.get_title("left")


def test_months_stand_beside_an_even_spread():
    seasons = pd.DataFrame(
        {"month": range(1, 13), "count": range(12), "exposure": 2.0, "expected": range(10, 22)}
    ).assign(
        rate=lambda f: f["count"] / 2, low=lambda f: f["rate"] / 2, high=lambda f: f["rate"] + 1
    )
    ax = figures.plot_seasonality(seasons.sample(frac=1, random_state=0), source="")
    even, whiskers = ax.collections
    assert [ends[0][1] for ends in segments(even)] == [number / 2 for number in range(10, 22)]
    assert [[y for _, y in ends] for ends in segments(whiskers)] == seasons[
        ["low", "high"]
    ].values.tolist()
    assert points(ax, "o") == list(zip(range(1, 13), seasons["rate"], strict=True))
    assert texts(ax) == [str(number) for number in range(12)]


def test_intervals_of_ratios_are_those_of_the_frame():
    ratios = frame(
        "context_id before after ratio low high overlaps",
        ("a", 4, 8, 2.0, 0.5, 3.5, ""), ("b", 9, 3, 0.4, 0.1, 0.9, "a"),
        ("c", 0, 0, None, None, None, ""),
    )  # fmt: skip
    ax = figures.plot_around(ratios, source="", labels={"a": "First"})
    ends = [line.get_xydata().tolist() for line in ax.lines if line.get_marker() == "None"]
    assert ends[1:] == [[[0.5, 0], [3.5, 0]], [[0.1, 1], [0.9, 1]]]
    assert points(ax, "o") == [(2.0, 0), (0.4, 1)]
    assert rows_of(ax) == ["First", "b", "c"]
    assert texts(ax) == ["4 → 8", "9 → 3", "0 → 0", "contacts"]


def test_shares_of_years_stand_in_the_panel_of_their_side():
    shares = frame(
        "side area period count contacts share",
        ("AA", "x", "2019", 5, 10, 0.5), ("AA", "y", "2019", 1, 10, 0.1),
        ("AA", "x", "2020", 1, 4, 0.25), ("BB", "x", "2020", 9, 12, 0.75),
    )  # fmt: skip
    shares["period"] = pd.to_datetime(shares["period"])
    axes = figures.plot_area_years(shares, source="", sides=["BB", "AA"], few=10)
    assert [axis.get_title("left") for axis in axes] == ["BB", "AA"]
    tables = [axis.collections[0].get_array().reshape(2, 2).filled(-1).tolist() for axis in axes]
    assert tables == [[[-1, 0.75], [-1, -1]], [[0.5, -1], [0.1, -1]]]
    assert rows_of(axes[0]) == ["x", "y"]
    # What is too few to show is hatched: grey would be a shade of the scale on a grey print.
    assert all(axis.patch.get_hatch() for axis in axes)


def test_emphasis_is_filled_where_the_interval_leaves_out_nothing():
    emphasis = frame(
        "area count_first count_second log_odds low high",
        ("x", 9, 1, 2.0, 0.5, 3.5), ("y", 3, 4, -0.2, -1.0, 0.6), ("z", 1, 9, -2.0, -3.0, -1.0),
        ("few", 1, 1, 0.0, -4.0, 4.0),
    )  # fmt: skip
    ax = figures.plot_side_emphasis(emphasis, source="", sides=["AA", "BB"], labels={"x": "X"})
    assert rows_of(ax) == ["z", "y", "X"]
    assert points(ax, "s") == [(-2.0, 0), (-0.2, 1)]
    assert points(ax, "o") == [(2.0, 2)]
    ends = [line.get_xdata().tolist() for line in ax.lines[1:] if line.get_marker() == "None"]
    assert ends == [[-3.0, -1.0], [-1.0, 0.6], [0.5, 3.5]]
    fills = [line.get_markerfacecolor() for line in ax.lines if line.get_marker() in "os"]
    assert [same_color(fill, "white") for fill in fills] == [False, True, False]
    assert texts(ax) == ["1 : 9", "3 : 4", "9 : 1", "AA : BB"]
    assert "1 area" in ax.get_title("left")


def test_a_side_not_asked_for_is_left_out(pair):
    ax = figures.plot_who_met_whom(heads_of(pair), sides=["BB"], source="")
    assert texts(ax) == ["bob", "bob"]
    with pytest.raises(ValueError, match=r"of XX; there are \['AA', 'BB'\]"):
        figures.plot_who_met_whom(heads_of(pair), sides=["XX"], source="")


def test_ranks_are_joined_where_both_ladders_have_one(pair):
    left, right = figures.plot_rank_ladders(pair.ranks, source="")
    heights = [[ends[0][1] for ends in segments(axis.collections[0])] for axis in (left, right)]
    # By place the generals stand at 9 and 8, by name both at 9.
    assert heights == [[], [9]]
    with pytest.raises(ValueError, match="has AA alone"):
        figures.plot_rank_ladders(pair.ranks[pair.ranks["side"] == "AA"], source="")


def test_points_of_parity_stand_at_their_day_and_means_in_their_period():
    steps = frame(
        "event_id start difference first second scale",
        ("a", "2019-02-01", 2, "AA", "BB", "office"), ("b", "2020-03-01", -1, "AA", "BB", "office"),
    )  # fmt: skip
    steps["start"] = pd.to_datetime(steps["start"])
    summary = pd.DataFrame({"period": year(2019, 2020), "known": [6, 1], "mean": [1.5, -1]})
    summary = summary.assign(low=[0.5, -2], high=[2.5, 0])
    ax = figures.plot_parity(steps, summary, source="")
    assert [y for _, y in points(ax, "o")] == [2, -1]
    assert ax.lines[1].get_xdata().tolist() == steps["start"].tolist()
    assert [y for _, y in points(ax, "s")] == [1.5]
    assert [[y for _, y in ends] for ends in segments(ax.collections[0])] == [[0.5, 2.5]]


def test_shares_at_a_level_have_their_interval_and_bounds():
    summary = pd.DataFrame({"period": year(2019, 2020), "contacts": [4, 2], "known": [3, 0]})
    summary = summary.assign(share=[0.6, None], low=[0.2, None], high=[0.9, None])
    summary = summary.assign(least=[0.5, 0], most=[0.75, 1])
    ax = figures.plot_level_share(summary, source="")
    assert [(bar.get_y(), bar.get_height()) for bar in ax.patches] == [(0.5, 0.25), (0, 1)]
    assert segments(ax.collections[0]) == [[[0, 0.2], [0, 0.9]]]
    assert points(ax, "o") == [(0, 0.6)]
    assert texts(ax) == ["3 / 4", "0 / 2"]


def test_lines_of_the_ladder_join_those_who_met():
    edges = frame(
        "first second first_side second_side weight since",
        ("ann", "xu", "AA", "BB", 3, "2019"), ("bea", "ya", "AA", "BB", 30, "2020"),
    )  # fmt: skip
    ax = figures.plot_meeting_network(edges, source="", names={"xu": "Xu"})
    lines = [line for line in ax.lines if line.get_marker() == "None"]
    assert [line.get_xydata().tolist() for line in lines] == [[[0, 0], [1, 0]], [[0, -1], [1, -1]]]
    # The widest is twelve points, however often the two met.
    assert [line.get_linewidth() for line in lines] == pytest.approx([1.2, 12])
    assert set(texts(ax)) == {"ann (3)", "bea (30)", "Xu (3)", "ya (30)", "AA", "BB"}


def test_lanes_hold_the_days_of_their_mechanism():
    timeline = frame(
        "mechanism state day",
        ("a", "held", "2019-01-01"), ("a", "missing", "2019-06-01"), ("a", "held", "2020-01-01"),
        ("b", "announced", "2018-01-01"), ("b", "cancelled", "2018-02-01"), ("b", "missing", None),
    )  # fmt: skip
    timeline["day"] = pd.to_datetime(timeline["day"])
    span = ("2017-01-01", "2020-12-31")
    ax = figures.plot_mechanism_timeline(timeline, source="", names={"a": "A"}, span=span)
    assert rows_of(ax) == ["b", "A"]
    found = {
        (line.get_marker(), row, f"{day:%Y-%m-%d}", same_color(line.get_markerfacecolor(), "white"))
        for line in ax.lines
        if line.get_linestyle() == "None"
        for day, row in zip(pd.to_datetime(line.get_xdata()), line.get_ydata(), strict=True)
    }
    assert found == {
        ("o", 1, "2019-01-01", False), ("|", 1, "2019-06-01", False), ("o", 1, "2020-01-01", False),
        ("o", 0, "2018-01-01", True), ("x", 0, "2018-02-01", False),
    }  # fmt: skip
    assert texts(ax) == ["0 + 1", "2 + 1", "held +\nnot found"]
    assert pd.Timestamp(ax.lines[-1].get_xdata()[0]) == pd.Timestamp(span[1])


def test_numbers_stand_at_their_day_and_pairs_are_joined():
    numbers = pd.DataFrame({"mechanism": "m", "start": year(2019, 2020, 2021), "precision": "day"})
    numbers = numbers.assign(AA=[3, 4, None], BB=[None, 1, None], offset=[None, 3, None])
    ax = figures.plot_numbering(numbers, source="", name="Patrol")
    assert [y for _, y in points(ax, "o")] == [3, 4]
    assert [y for _, y in points(ax, "s")] == [1]
    assert ax.lines[0].get_xdata().tolist() == numbers["start"][:2].tolist()
    assert [[y for _, y in ends] for ends in segments(ax.collections[0])] == [[1, 4]]
    assert ax.lines[-1].get_xdata().tolist() == [numbers["start"][2]]
    assert "Patrol" in ax.get_title("left")


def test_places_stand_at_their_coordinates_over_the_outlines():
    places = frame(
        "place_id name side lat lon edition start",
        ("p", "Pass", "AA", 10.0, 20.0, "1", "2019"), ("p", "Pass", "AA", 10.0, 20.0, None, "2020"),
        ("q", "Quay", "BB", 11.0, 21.0, "2", "2020"), ("r", "Rock", "BB", None, None, "2", "2020"),
    )  # fmt: skip
    places["start"] = pd.to_datetime(places["start"])
    ring = frame("side ring point lon lat", *[("AA", 1, n, 20 + n, 10 - n) for n in (2, 1, 3)])
    ax = figures.plot_exchange_map(places, ring, source="the record")
    assert points(ax, "o")[:1] + points(ax, "s")[:1] == [(20.0, 10.0), (21.0, 11.0)]
    assert ax.patches[0].get_xy().tolist() == [[21, 9], [22, 8], [23, 7], [21, 9]]
    assert set(texts(ax)) == {"Pass\n1 (2019)\n? (2020)", "Quay\n2 (2020)"}
    assert caption(ax).endswith("not shown: 1.")


def test_the_curve_falls_inside_its_band():
    curve = pd.DataFrame({"days": [0, 100, 300], "unkept": [1.0, 0.8, 0.4], "kept": [0, 2, 4]})
    curve = curve.assign(low=[1.0, 0.6, 0.2], high=[1.0, 0.9, 0.7], censored=[0, 1, 0])
    ax = figures.plot_time_to_fulfilment(curve, source="")
    years = (curve["days"] / 365.2425).tolist()
    assert list(zip(*ax.lines[0].get_data(), strict=True)) == list(
        zip(years, curve["unkept"], strict=True)
    )
    assert points(ax, "|") == [(years[1], 0.8)]
    # Each step of the band reaches from the value of its day to that of the day before.
    ends = band(ax.collections[0])
    assert [ends[day] for day in years] == [(1.0, 1.0), (0.6, 1.0), (0.2, 0.9)]
    assert texts(ax) == ["half kept after 300 days"]
    assert ax.get_title("left").startswith("6 pledges kept, 1 not known")


def test_pledges_have_an_interval_inside_or_outside_of_bounds():
    table = frame(
        "area pledges kept known share low high least most",
        ("a", 9, 3, 4, 0.75, 0.3, 0.95, 0.33, 0.89), ("b", 2, 0, 0, None, None, None, 0.0, 1.0),
    )  # fmt: skip
    ax = figures.plot_follow_through(table, source="", labels={"a": "Lines"})
    assert rows_of(ax) == ["b", "Lines"]
    least, most, interval = (segments(collection) for collection in ax.collections)
    assert [ends[0][0] for ends in least] == [0, 0.33]
    assert [ends[0][0] for ends in most] == [1, 0.89]
    assert interval[1] == [[0.3, 1], [0.95, 1]]
    assert points(ax, "o")[1] == (0.75, 1)
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert bars == [(0, 1), pytest.approx((0.33, 0.56))]
    assert texts(ax) == ["0 / 0 / 2", "3 / 4 / 9"]


def test_tiles_tell_reports_from_recollections():
    reports = frame(
        "event_id side main", ("e1", "AA", True), ("e2", "BB", False), ("e2", "BB", None)
    )
    ax = figures.plot_evidence(reports, source="", sides=["BB", "AA"])
    assert rows_of(ax) == ["e2", "e1"]
    middle = [(tile.get_x() + 0.46, tile.get_y() + 0.42) for tile in ax.patches]
    assert middle == [pytest.approx((0, 0)), pytest.approx((1, 1))]
    recalled, reported = (tile.get_facecolor() for tile in ax.patches)
    assert sum(recalled) > sum(reported)
    assert texts(ax) == ["(2)", "1"]


def test_estimates_have_their_interval_beside_what_was_found():
    estimates = frame(
        "tier found estimate low high",
        ("top", 8, 10.0, 9.0, 14.0), ("rest", 5, np.inf, 5.0, np.inf),
    )  # fmt: skip
    ax = figures.plot_undercount(estimates, source="")
    assert rows_of(ax) == ["top", "rest"]
    assert [bar.get_width() for bar in ax.patches] == [8, 5]
    assert points(ax, "D") == [(10, 1)]
    ends = [line.get_xydata().tolist() for line in ax.lines if line.get_marker() == "None"]
    assert ends[0] == [[9, 1], [14, 1]]
    assert [y for _, y in points(ax, ">")] == [0]
    assert texts(ax) == ["8 → 10 (9–14)", "5 → ? (5–no bound)"]


def test_one_sided_shares_meet_their_intervals():
    shares = frame(
        "kind only contacts share low high",
        ("visit", "AA", 10, 0.2, 0.1, 0.4), ("visit", "BB", 10, 0.3, 0.2, 0.6),
        ("visit", "either", 10, 0.5, 0.3, 0.7),
    )  # fmt: skip
    ax = figures.plot_one_sided(shares, source="")
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert bars == [pytest.approx(bar) for bar in [(0, 0.2), (0.2, 0.5), (0.7, 0.3)]]
    black = [line.get_xdata() for line in ax.lines if same_color(line.get_color(), "black")]
    assert black == [pytest.approx([0.1, 0.4]), pytest.approx([0.4, 0.8])]
    assert texts(ax) == ["50% (30%–70%) of 10", "only AA", "only BB"]


def test_phases_breaks_and_crises_stand_in_their_years():
    frequency = pd.DataFrame({"period": year(2018, 2019, 2020), "count": [1, 2, 9]})
    frequency["partial"] = [False, False, True]
    found = pd.DataFrame({"since": year(2018, 2020), "until": year(2019, 2020), "rate": [1.5, 9.0]})
    found = found.assign(low=[0.5, 4.0], high=[3.0, 16.0])
    breaks = pd.DataFrame({"since": year(2020), "earliest": year(2019), "latest": year(2021)})
    ax = figures.plot_phases(
        frequency, found, breaks.assign(found=0.9), source="",
        crises={"storm": ("2019-01-01", "2020-01-01")},
    )  # fmt: skip
    assert [bar.get_height() for bar in ax.patches[:3]] == [1, 2, 9]
    assert len({bar.get_facecolor() for bar in ax.patches[:3]}) == 2
    assert band(ax.collections[0]) == {2017.55: (0.5, 3.0), 2019.45: (0.5, 3.0)}
    assert band(ax.collections[1]) == {2019.55: (4.0, 16.0), 2020.45: (4.0, 16.0)}
    rates = [line.get_ydata().tolist() for line in ax.lines if line.get_linewidth() == 2.5]
    assert rates == [[1.5, 1.5], [9.0, 9.0]]
    reach = segments(ax.containers[-1].lines[2][0])[0]
    assert [x for x, _ in reach] == [2018.5, 2020.5]
    strip = ax.patches[3]
    assert (strip.get_x(), strip.get_width()) == (2018.5, 1)
    assert texts(ax) == ["1.5 a year", "9.0 a year", "2020: 90%", "1"]


def test_each_scheme_has_its_line_its_band_and_the_first_to_compare():
    table = pd.DataFrame(
        {"scheme": ["none"] * 2 + ["own"] * 2, "period": list(year(2019, 2020)) * 2}
    )
    table = table.assign(
        index=[0.5, 1.5, 0.8, 1.2], low=[0.5, 1.0, 0.6, 0.9], high=[0.5, 2.0, 1.0, 1.4]
    )
    first, second = figures.plot_engagement_index(table.assign(flipped=0.25), source="")
    assert first.lines[0].get_ydata().tolist() == [0.5, 1.5]
    assert second.lines[0].get_ydata().tolist() == [0.8, 1.2]
    dashed = [line.get_ydata().tolist() for line in second.lines if line.get_linestyle() == "--"]
    assert dashed == [[0.5, 1.5]]
    assert band(second.collections[0]) == {2019: (0.6, 1.0), 2020: (0.9, 1.4)}
    assert texts(second) == ["pairs of years reversed\nby other weights: 25.0%"]


def test_lags_are_drawn_against_what_shifted_series_give():
    (ax,) = figures.plot_lead_lag({"a": LAGS}, source="", period="years")
    assert band(ax.collections[0]) == {1: (-0.2, 0.3), 2: (-0.2, 0.3)}
    assert points(ax, "o") == [(2, 0.5), (1, 0.1)]
    assert [[y for _, y in ends] for ends in segments(ax.collections[1])] == [[0, 0.1], [0, 0.5]]
    assert ax.get_xlabel() == "years later"
    with pytest.raises(ValueError, match="2 tables are drawn on as many Axes, not 1"):
        figures.plot_lead_lag({"a": LAGS, "b": LAGS}, source="", ax=ax)
