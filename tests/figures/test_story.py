"""Figures of the story draw the numbers of their frames, and their words find room."""

import functools
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

import relations as rel
from relations.figures import _heading, story
from relations.figures._story_map import BORDER, site_name
from relations.measures import _story as measures

NAMES = {"CN": "China", "VN": "Vietnam", "hotline": "Hotlines", "patrol": "Patrols"}
ABOUT = {"source": "what it rests on", "unit": "occasions", "choice": "", "names": NAMES}
FIGURES = {
    "plot_trajectory": lambda data: [measures.level_years(data), measures.turning_points(data)],
    "plot_level_years": lambda data: [measures.level_years(data)],
    "plot_summit_and_base": lambda data: [
        years := measures.summit_and_base(data),
        measures.block_means(years),
    ],
    "plot_area_multiples": lambda data: [
        rel.cooperation_area_counts(data, by="side", every="year"),
        measures.unread_statements(data),
    ],
    "plot_crises": lambda data: [measures.around_crises(data), measures.crisis_silences(data)],
    "plot_hotline": lambda data: [measures.hotline_steps(data)],
    "plot_positions": lambda data: [measures.positions(data, "maritime_dispute")],
    "plot_contact_map": lambda data: [measures.contact_places(data), data.outlines],
}


@functools.cache
def inputs_of(name):
    return FIGURES[name](rel.load())


def told(columns, *rows, **about):
    frame = pd.DataFrame(rows, columns=columns.split())
    frame.attrs = ABOUT | about
    return frame


def years(*numbers):
    return pd.to_datetime([f"{number}-01-01" for number in numbers])


def title(made):
    return np.atleast_1d(made)[0].figure.get_suptitle().replace("\n", " ")


def bars(ax):
    """Return of each layer the heights by the middle of the bar."""
    return {
        layer.get_label(): {
            round(bar.get_x() + bar.get_width() / 2): (bar.get_y(), bar.get_height())
            for bar in layer
        }
        for layer in ax.containers
    }


def points(ax, **wanted):
    """Return where lines that are points stand, of those with a marker or gid."""
    return [
        (line.get_xdata()[0], line.get_ydata()[0])
        for line in ax.lines
        if len(line.get_xdata()) == 1
        and all(getattr(line, f"get_{name}")() == value for name, value in wanted.items())
    ]


def texts(ax):
    return [text.get_text() for text in ax.texts]


# What holds of every figure.


def test_every_figure_is_drawn_here():
    assert set(FIGURES) == set(story.__all__)


@pytest.mark.parametrize("name", FIGURES)
def test_words_are_whole_legible_and_say_source_and_span(name):
    made = getattr(story, name)(*inputs_of(name))
    figure = np.atleast_1d(made)[0].figure
    assert figure.get_supxlabel().startswith(rel.load().caption)
    assert figure.get_suptitle()
    assert _heading.subtitle_of(made)
    figure.canvas.draw()
    written = [text for text in figure.findobj(plt.Text) if text.get_text().strip()]
    assert min(text.get_fontsize() for text in written) >= 9
    drawn, page = figure.get_tightbbox(), figure.get_size_inches()
    assert drawn.min.min() >= -0.01
    assert (drawn.max <= page + 0.01).all()


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_is_refused_and_leaves_no_figure(name):
    first, *rest = inputs_of(name)
    with pytest.raises(ValueError, match="nothing to draw"):
        getattr(story, name)(first.head(0), *rest)
    assert not plt.get_fignums()


@pytest.mark.parametrize("name", FIGURES)
def test_frames_are_left_as_they_were(name):
    frames = inputs_of(name)
    before = [frame.copy() for frame in frames]
    getattr(story, name)(*frames)
    for frame, copy in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


def test_levels_get_lighter_in_grey_from_the_highest_to_none():
    linear = np.array([to_rgb(shade) for shade in _heading.LEVEL_SHADES.values()]) ** 2.2
    light = 116 * np.cbrt(linear @ [0.2126, 0.7152, 0.0722]) - 16
    # The last is hatched.
    assert np.diff(light[:-1]).min() > 12


def test_axes_of_the_caller_are_drawn_on():
    own = plt.figure(figsize=(3.5, 3)).subplots()
    assert story.plot_level_years(*inputs_of("plot_level_years"), ax=own) is own
    with pytest.raises(ValueError, match="2 panels are drawn on as many Axes, not 1"):
        story.plot_trajectory(*inputs_of("plot_trajectory"), ax=own)


# What each draws, from frames written out.

LEVELS = told(
    "period tier level count exposure partial",
    (years(2000)[0], "leader", "leaders", 1, 1.0, False),
    (years(2000)[0], "minister", "ministers and vice-chairs", 2, 1.0, False),
    (years(2000)[0], "commission", "ministers and vice-chairs", 1, 1.0, False),
    (years(2000)[0], "unnamed", "no level", 3, 1.0, False),
    (years(2001)[0], "leader", "leaders", 0, 0.5, True),
    (years(2001)[0], "minister", "ministers and vice-chairs", 1, 0.5, True),
    (years(2001)[0], "undated", "no level", 2, 0.5, True),
)


def test_bars_of_the_trajectory_are_stacked_levels_and_uncovered_years_have_none():
    turns = told(
        "context_id start end role words title",
        ("a", pd.Timestamp("1991-11-05"), pd.NaT, "settlement", "Peace", ""),
        ("b", pd.Timestamp("2001-07-02"), pd.Timestamp("2001-12-31"), "crisis", "Row", ""),
    )
    lanes, base = story.plot_trajectory(LEVELS, turns, pandemic=None)
    drawn = bars(base)
    assert drawn["leaders"] == {2000: (0, 1), 2001: (0, 0)}
    assert drawn["ministers and vice-chairs"] == {2000: (1, 3), 2001: (0, 1)}
    assert drawn["no level"] == {2000: (4, 3), 2001: (1, 2)}
    assert base.get_xlim()[0] < 1991 < 2001.5 < base.get_xlim()[1]
    assert "before 2000:\nnot covered,\nnot zero" in texts(base)
    assert texts(lanes) == ["1991 Peace", "2001 Row"]
    assert [label.get_text() for label in lanes.get_yticklabels()] == ["settlement", "crisis"]
    spots = points(lanes)
    assert spots[0] == (pytest.approx(1991.34, abs=0.01), 0)
    assert spots[1] == (pytest.approx(2001.0, abs=0.01), 1)
    (lasted,) = [line for line in lanes.lines if line.get_linewidth() == 4]
    assert lasted.get_xdata() == pytest.approx([2001.0, 2001.5], abs=0.01)
    # 7 in the one full year, of which 4 of leaders and ministers; there is no later full year.
    assert "from 0.0" not in title(lanes)


def test_the_title_of_the_trajectory_follows_its_frame():
    rows = [
        (start, tier, level, number * (5 if start.year > 2004 else 1), 1.0, False)
        for start in years(*range(2000, 2010))
        for tier, level, number in (("leader", "leaders", 1), ("working", "working level", 3))
    ]
    frame = told("period tier level count exposure partial", *rows)
    none = told("context_id start end role words title").astype({"start": "datetime64[us]"})
    made = story.plot_trajectory(frame, none)
    assert title(made).startswith("Occasions a year rose from 4.0 in 2000–04 to 20 in 2005–09")
    assert title(made).endswith("from 1.0 to 5.0")
    many = pd.concat([inputs_of("plot_trajectory")[1]] * 2)
    with pytest.raises(ValueError, match="a dozen turning points find room, not 24"):
        story.plot_trajectory(frame, many)


def test_no_two_turning_points_share_their_room():
    lanes, _ = story.plot_trajectory(*inputs_of("plot_trajectory"))
    lanes.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in lanes.texts]
    assert len(boxes) == len(inputs_of("plot_trajectory")[1])
    assert not any(one.overlaps(two) for one, two in itertools.combinations(boxes, 2))


def test_layers_of_the_levels_add_up_and_what_is_known_ends_at_the_line():
    ax = story.plot_level_years(LEVELS, pandemic=None)
    drawn = bars(ax)
    assert drawn["leaders"][2000] == (0, 1)
    assert drawn["vice-chairs, ministers"] == {2000: (1, 2), 2001: (0, 1)}
    assert drawn["others on a commission"][2000] == (3, 1)
    assert drawn["no level"] == {2000: (4, 3), 2001: (1, 2)}
    known = [path.vertices[0, 1] for path in ax.collections[0].get_paths()]
    assert known == [4, 1]
    hatched = [layer for layer in ax.containers if layer[0].get_hatch()]
    assert [layer.get_label() for layer in hatched] == ["no level"]
    assert title(ax).startswith("Of 10 occasions, 5 have a known level, 80% of these")


def test_shipped_layers_are_all_occasions():
    (frame,) = inputs_of("plot_level_years")
    ax = story.plot_level_years(frame)
    drawn = sum(height for layer in bars(ax).values() for _, height in layer.values())
    assert drawn == frame["count"].sum()


HALVES = told(
    "half period setting count unknown exposure",
    ("top", years(2015)[0], "bilateral", 4, 0, 1.0),
    ("top", years(2015)[0], "multilateral", 2, 0, 1.0),
    ("rest", years(2015)[0], "bilateral", 10, 3, 1.0),
    ("rest", years(2015)[0], "multilateral", 1, 0, 1.0),
    *(("top", start, "bilateral", 6, 0, 1.0) for start in years(*range(2016, 2021))),
    *(("rest", start, "bilateral", 30, 0, 1.0) for start in years(*range(2016, 2021))),
)
MEANS = told(
    "half since until count exposure rate low high dispersion ratio ratio_low ratio_high",
    ("top", 2015, 2015, 6, 1.0, 6.0, 2.2, 13.1, 1.0, np.nan, np.nan, np.nan),
    ("top", 2016, 2020, 30, 5.0, 6.5, 4.0, 8.6, 1.0, 1.08, 0.4, 2.4),
    ("rest", 2015, 2015, 11, 1.0, 11.0, 5.5, 19.7, 1.0, np.nan, np.nan, np.nan),
    ("rest", 2016, 2020, 150, 5.0, 30.0, 25.4, 35.2, 1.0, 2.7, 1.5, 5.0),
    base=2015,
)


def test_settings_are_stacked_and_means_have_their_band():
    top, rest = story.plot_summit_and_base(HALVES, MEANS, pandemic=None)
    drawn = [{setting: own[2015] for setting, own in bars(axis).items()} for axis in (top, rest)]
    assert drawn == [
        {"bilateral": (0, 4), "multilateral": (4, 2)},
        {"bilateral": (0, 10), "multilateral": (10, 1)},
    ]
    assert bars(rest)["bilateral"][2020] == (0, 30)
    means = [line.get_ydata()[0] for line in rest.lines if line.get_linewidth() == 1.8]
    assert means == [11.0, 30.0]
    bands = [area.get_paths()[0].vertices[:, 1] for area in rest.collections]
    assert [(band.min(), band.max()) for band in bands] == [(5.5, 19.7), (25.4, 35.2)]
    assert texts(top) == ["6.0\n(2.2–13.1)", "6.5\n(4.0–8.6)"]
    # One scale: a count is as high in one panel as in the other.
    top.figure.canvas.draw()
    scale = [axis.bbox.height / np.ptp(axis.get_ylim()) for axis in (top, rest)]
    assert scale[0] == pytest.approx(scale[1], rel=0.02)
    assert "Of the 161 occasions below, 3 have no known level." in top.figure.get_supxlabel()


def test_the_title_says_same_or_wider_by_the_intervals():
    assert title(story.plot_summit_and_base(HALVES, MEANS)) == (
        "Same summit, wider base: top 6.0 a year in 2015–15 and 6.5 in 2016–20; "
        "below them 11.0, then 30.0"
    )
    turned = MEANS.assign(ratio_low=[np.nan, 1.2, np.nan, 0.8])
    assert title(story.plot_summit_and_base(HALVES, turned)).startswith("Higher summit, same base")


def areas(*rows):
    return told("area side period count", *rows)


def test_lines_of_areas_are_the_counts_of_each_side_and_unread_years_are_marked():
    frame = areas(
        ("hotline", "CN", years(2010)[0], 2),
        ("hotline", "CN", years(2011)[0], 0),
        ("hotline", "VN", years(2011)[0], 3),
        ("hotline", "joint", years(2011)[0], 9),
        ("patrol", "VN", years(2010)[0], 1),
    )
    unread = told("start", (pd.Timestamp("2011-05-01"),), (pd.Timestamp("1999-05-01"),))
    axes = story.plot_area_multiples(frame, unread, first_year=2010)
    assert [axis.get_title("left") for axis in axes] == ["Hotlines", "Patrols"]
    drawn = [
        {line.get_label(): line.get_ydata().tolist() for line in axis.lines[:2]} for axis in axes
    ]
    assert drawn == [
        {"China": [2, 0], "Vietnam": [0, 3]},
        {"China": [0, 0], "Vietnam": [1, 0]},
    ]
    for axis in axes:
        assert axis.lines[2].get_marker() == "x"
        assert axis.lines[2].get_xdata() == [2011]
        assert axis.get_yscale() == "linear"
        assert axis.get_ylim() == axes[0].get_ylim()
    assert title(axes).startswith("China's own words named these 2 areas")
    with pytest.raises(ValueError, match="no area 'fish'"):
        story.plot_area_multiples(frame, areas=["fish"], first_year=2010)


SILENCES = told(
    "crisis words title start precision days other since until silent_from silent_until silence "
    "coarse before after",
    ("r", "Row", "", pd.Timestamp("2020-06-01"), "day", 61, [30], -366, 365, 10, 101, 91, 1, 2, 3),
    ("s", "Stop", "", pd.Timestamp("2021-06-01"), "month", 0, [], -365, 214, -90, -20, 70, 0, 1, 0),
)
MARKS = told(
    "crisis event_id start precision status level first last",
    ("r", "e1", pd.NaT, "day", "held", "leaders", -73, -73),
    ("r", "e2", pd.NaT, "day", "held", "deputies and services", 10, 10),
    ("r", "e3", pd.NaT, "month", "held", "no level", 30, 60),
    ("r", "e4", pd.NaT, "day", "cancelled", "leaders", 19, 19),
    ("s", "e5", pd.NaT, "day", "announced", "no level", -20, -20),
    months=12,
)


def test_marks_stand_in_the_lane_of_their_crisis_at_their_days():
    ax = story.plot_crises(MARKS, SILENCES)
    month = 365.25 / 12
    (first,) = points(ax, gid="e1")
    assert first == (pytest.approx(-73 / month), pytest.approx(-0.24))
    assert points(ax, gid="e1", marker="D") == [first]
    assert points(ax, gid="e2", marker="s")[0][0] == pytest.approx(10 / month)
    (coarse,) = points(ax, gid="e3", marker="|")
    assert coarse[0] == pytest.approx(45 / month)
    reach = [line for line in ax.lines if line.get_linewidth() == 0.8]
    assert reach[0].get_xdata() == pytest.approx([30 / month, 60 / month])
    assert points(ax, gid="e4", marker="X")
    (planned,) = points(ax, gid="e5", marker="o")
    assert 0.5 < planned[1] < 1.5
    bars_of = {line.get_gid(): line.get_xdata() for line in ax.lines if line.get_linewidth() == 2.2}
    assert bars_of["silence r"] == pytest.approx([10 / month, 101 / month])
    assert bars_of["silence s"] == pytest.approx([-90 / month, -20 / month])
    assert {"91 days (1 more may lie in it)", "70 days", "2 | 3", "1 | 0"} <= set(texts(ax))
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["Row\n1 Jun 2020", "Stop\nJun 2021"]
    assert "In 1 of 2 crises" in title(ax)
    assert "91 days at most (Row, 2020)" in title(ax)
    (grey,) = [patch for patch in ax.patches if patch.get_gid() == "not covered"]
    assert grey.get_x() == pytest.approx(214 / month)
    with pytest.raises(ValueError, match="no lane for the crisis 's'"):
        story.plot_crises(MARKS, SILENCES.head(1))


def test_every_contact_of_the_shipped_crises_has_its_mark():
    marks, silences = inputs_of("plot_crises")
    ax = story.plot_crises(marks, silences)
    drawn = [line.get_gid() for line in ax.lines if len(line.get_xdata()) == 1]
    wanted = set(marks["event_id"])
    assert sorted(gid for gid in drawn if gid in wanted) == sorted(marks["event_id"])


def test_steps_of_a_line_stand_at_their_day_and_the_wait_is_told():
    steps = told(
        "line step day precision event_id words",
        ("ministries", "promised", pd.Timestamp("2011-07-02"), "day", "e1", ""),
        ("ministries", "signed", pd.Timestamp("2012-07-01"), "day", "e2", ""),
        ("ministries", "used", pd.Timestamp("2013-07-02"), "day", "e3", ""),
        ("navies", "promised", pd.Timestamp("2012-07-01"), "day", "e4", ""),
        ("line not said", "named as standing", pd.Timestamp("2011-01-01"), "day", "e5", ""),
    )
    ax = story.plot_hotline(steps)
    labels = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    assert labels == ["ministries", "navies", "line not said"]
    assert points(ax, gid="e1", marker="o")[0] == (pytest.approx(2011.0, abs=0.01), -0.28)
    assert points(ax, gid="e2", marker="s")[0] == (pytest.approx(2012.0, abs=0.01), -0.08)
    assert points(ax, gid="e3", marker="*")[0] == (pytest.approx(2013.0, abs=0.01), 0.14)
    assert points(ax, gid="e4")[0][1] == pytest.approx(0.72)
    (arrow,) = [text for text in ax.texts if text.get_text() == ""]
    assert arrow.xy[0] == pytest.approx(2013.0, abs=0.01)
    assert arrow.get_position()[0] == pytest.approx(2011.0, abs=0.01)
    assert any("731 days from the first promise" in text for text in texts(ax))
    assert "1 promised, no use on record" in texts(ax)
    assert title(ax).startswith("Of 2 hotlines the use of 1 is on record: ministries, 731 days")
    unused = story.plot_hotline(steps[steps["step"] != "used"])
    assert title(unused) == "Of 2 hotlines no use is on record"


def position(number, side, day, basis="quoted", event="e", words="Wants."):
    return (
        pd.Timestamp(day),
        "day",
        side,
        f"Speaker {number}",
        "hotline",
        basis,
        words,
        event,
        None,
    )


COLUMNS = "day precision side speaker topic basis position event_id context_id"
SAID = told(
    COLUMNS,
    position(0, "CN", "2010-07-02", words="First."),
    position(1, "VN", "2010-07-02", "paraphrased", words="Second."),
    position(2, "VN", "2010-07-02", words="Third and longer."),
    position(3, "joint", "2011-07-02"),
    position(4, "VN", "2020-07-02", "ministry", "f", "Last."),
    topic="hotline",
)


def test_positions_stand_in_their_lane_and_near_ones_do_not_hide_each_other():
    ax = story.plot_positions(SAID)
    spots = points(ax)[: len(SAID)]
    assert [round(x, 1) for x, _ in spots] == [2010, 2010, 2010, 2011, 2020]
    assert [np.sign(y) for _, y in spots] == [1, -1, -1, 0, -1]
    assert len(set(spots)) == len(SAID)
    filled = [
        line.get_markerfacecolor() != "white" for line in ax.lines if len(line.get_xdata()) == 1
    ]
    assert filled[: len(SAID)] == [True, False, True, True, True]
    assert {
        "2010, Speaker 0:\nFirst.",
        "2010, Speaker 1:\nSecond.",
        "2020, Speaker 4:\nLast.",
    } == set(texts(ax))
    assert title(ax) == (
        "On hotlines the record has 3 positions of Vietnam, 1 of China and 1 of both; "
        "1 of the 5 date from 2015 on"
    )


def test_the_positions_told_are_those_asked_for():
    ax = story.plot_positions(SAID, tell=[2])
    assert texts(ax) == ["2010, Speaker 2:\nThird and longer."]
    (only,) = ax.texts
    assert only.xy == points(ax)[2]
    assert only.get_position()[1] < 0
    with pytest.raises(ValueError, match="row 99 to tell"):
        story.plot_positions(SAID, tell=[99])
    many = told(COLUMNS, *(position(n, "VN", "2010-07-02") for n in range(5)), topic="hotline")
    with pytest.raises(ValueError, match="four positions of a side find room, not 5"):
        story.plot_positions(many, tell=range(5))


def test_shipped_positions_are_all_drawn_and_their_words_do_not_touch():
    (said,) = inputs_of("plot_positions")
    ax = story.plot_positions(said)
    assert len(set(points(ax))) >= len(said)
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    bare = [plt.Text.get_window_extent(text) for text in ax.texts]
    assert len(boxes) == 8
    assert not any(one.overlaps(two) for one, two in itertools.combinations(bare, 2))
    for box in bare:
        assert ax.bbox.y0 - 1 <= box.y0
        assert box.y1 <= ax.bbox.y1 + 1


def test_marks_of_the_map_stand_at_their_places_and_are_as_large_as_their_number():
    sites, outlines = inputs_of("plot_contact_map")
    border, region = story.plot_contact_map(sites, outlines)
    drawn = {
        mark.get_gid(): (*mark.get_offsets()[0], mark.get_sizes()[0])
        for axis in (border, region)
        for mark in axis.collections
        if mark.get_gid() not in (None, "afloat")
    }
    known = sites.dropna(subset=["lat"]).set_index("site")
    for site, (lon, lat, area) in drawn.items():
        assert (lon, lat) == (known.loc[site, "lon"], known.loc[site, "lat"])
        assert area == pytest.approx(10 + 6.5 * known.loc[site, "count"])
    off = border.figure.get_supxlabel().replace("\n", " ").partition("Off the maps: ")[2]
    missing = known.index.difference(list(drawn))
    assert sorted(known.loc[missing, "name"]) == sorted(off.rstrip(".").split(", "))
    west, east, south, north = BORDER
    assert (border.get_xlim(), border.get_ylim()) == ((west, east), (south, north))
    (afloat,) = [mark for mark in border.collections if mark.get_gid() == "afloat"]
    gulf = sites.loc[sites["name"] == "Gulf of Tonkin", "count"].iloc[0]
    assert afloat.get_sizes()[0] == pytest.approx(10 + 6.5 * gulf)


def test_waters_bear_all_their_names():
    border, region = story.plot_contact_map(*inputs_of("plot_contact_map"))
    names = [text.get_text() for axis in (border, region) for text in axis.texts]
    assert "Gulf of Tonkin\nVịnh Bắc Bộ\n北部湾" in names
    assert "South China Sea\nBiển Đông\n南海" in names


def test_labels_of_the_map_do_not_touch_and_lines_do_not_cross():
    sites, outlines = inputs_of("plot_contact_map")
    maps = story.plot_contact_map(sites, outlines)
    maps[0].figure.canvas.draw()
    for axis in maps:
        labels = [text for text in axis.texts if text.get_text().strip()]
        boxes = [text.get_window_extent() for text in labels]
        pairs = itertools.combinations(zip(labels, boxes, strict=True), 2)
        touching = [
            (one.get_text(), two.get_text())
            for (one, first), (two, second) in pairs
            if first.overlaps(second)
        ]
        assert not touching
        lines = [line.get_xydata() for line in axis.lines if line.get_gid() == "line"]
        assert not any(cross(one, two) for one, two in itertools.combinations(lines, 2))
        for box in boxes:
            assert axis.bbox.x0 <= box.x0
            assert box.x1 <= axis.bbox.x1
    # No name was left out for want of room.
    marked = {mark.get_gid() for axis in maps for mark in axis.collections}
    busy = sites[sites["count"].ge(4) & sites["site"].isin(marked)]
    written = {text.get_text().replace("\n", " ") for axis in maps for text in axis.texts}
    assert {f"{site_name(site)} {site['count']}" for _, site in busy.iterrows()} <= written


def cross(one, two):
    def turn(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    (a, b), (c, d) = one, two
    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def test_a_map_without_a_point_is_refused(data):
    sites, outlines = inputs_of("plot_contact_map")
    with pytest.raises(ValueError, match="no place has coordinates"):
        story.plot_contact_map(sites[sites["lat"].isna()], outlines)


def test_characters_of_the_tables_have_a_shape():
    from fontTools.ttLib import TTFont
    from matplotlib import font_manager

    path = font_manager.findfont("Relations Characters")
    there = TTFont(path).getBestCmap()
    data = rel.load()
    words = "".join(data.places["native_name"].dropna()) + "".join(
        data.ranks["native_name"].dropna()
    )
    assert {letter for letter in words if "\u3400" <= letter <= "\u9fff"} <= set(map(chr, there))


def test_a_map_is_drawn_for_formats_without_pixels_too():
    before = plt.get_backend()
    plt.switch_backend("svg")
    try:
        border, _ = story.plot_contact_map(*inputs_of("plot_contact_map"))
        border.figure.canvas.draw()
    finally:
        plt.close("all")
        plt.switch_backend(before)
