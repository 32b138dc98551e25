"""The explorer chooses what the tables say, and sets reports of one contact side by side."""

import builtins
import json
import subprocess
import sys

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from conftest import as_pandas

import relations as rel


@pytest.fixture
def pair(small):
    """Four contacts of which one is reported by both sides, one by a copy of AA's report."""
    small.append("sources", "s4,Beland Post,BB,en,news,2019-03-07,Visit,https://example.org/4,,")
    small.append("reports", "2019-03-01-visit,s4,2019-03-09,,printed,true,Other day.")
    small.append("sources", "s5,Aland Copy,AA,en,news,2021-07-03,Patrol,https://example.org/5,s2,")
    small.append("reports", "2021-06-patrol,s5,2021-06,3,printed,true,")
    small.append("area_mentions", "2019-03-01-visit,s4,hotline,BB,agreed")
    return rel.load(small.path)


def ids(data, **how):
    return as_pandas(rel.select_events(data, **how))["event_id"].tolist()


VISIT, TALKS, PATROL = "2019-03-01-visit", "2019-03-02-talks", "2021-06-patrol"


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, [VISIT, TALKS, PATROL]),
        ({"parts": "fold"}, [VISIT, PATROL]),
        ({"status": "announced"}, ["2022-01-10-plan"]),
        ({"years": (2020, 2021)}, [PATROL]),
        ({"kinds": ["visit", "joint_patrol"]}, [VISIT, PATROL]),
        ({"kinds": []}, []),
        ({"hosts": ["both"]}, [PATROL]),
        ({"reported_by": ["AA"]}, [VISIT, TALKS]),
        ({"reported_by": ["BB"]}, [VISIT, PATROL]),
        ({"reported_by": ["AA", "BB"], "witnesses": "all"}, [VISIT]),
        ({"reported_by": ["AA"], "witnesses": "only"}, [TALKS]),
        ({"reported_by": ["AA", "BB"], "witnesses": "only"}, [VISIT, TALKS, PATROL]),
        ({"levels": [5]}, [VISIT, TALKS]),
        ({"levels": [None]}, [PATROL]),
        ({"levels": [5, None], "kinds": ["meeting"]}, [TALKS]),
    ],
)
def test_contacts_are_chosen_by_hand_count(pair, engine, how, expected):
    assert ids(pair.convert(engine), **how) == expected


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"kinds": ["patrol"]}, "no row has 'patrol'; there are joint_patrol, meeting, visit"),
        ({"hosts": ["CN"]}, "hosts: no row has 'CN'"),
        ({"reported_by": ["CN"]}, "reported_by: no row has 'CN'; there are AA, BB"),
        ({"levels": [9]}, "levels: no row has 9; there are 5"),
        ({"kinds": "visit"}, r"give a list, as \['visit'\]"),
        ({"years": (2021, 2019)}, "swap them"),
        ({"witnesses": "some"}, "use one of any, all, only"),
        ({"parts": "both"}, "use 'fold' or 'keep'"),
    ],
)
def test_what_no_row_has_is_refused(pair, how, message):
    with pytest.raises(ValueError, match=message):
        rel.select_events(pair, **how)


def test_frame_of_the_caller_stays_and_the_same_kind_comes_back(pair, engine):
    import narwhals.stable.v2 as nw

    converted = pair.convert(engine)
    chosen = rel.select_events(converted, reported_by=["AA"])
    assert type(chosen) is type(converted.events)
    assert nw.from_native(chosen).lazy().collect_schema().names() == list(pair.events)


def test_reports_stand_in_order_of_sides_and_days(pair):
    reports = rel.reports_of(pair, VISIT)
    assert reports[["side", "source_id"]].values.tolist() == [["AA", "s1"], ["BB", "s4"]]
    assert reports["start_as_reported"].dt.day.tolist() == [1, 9]


def test_areas_stand_by_who_names_them_with_the_sources(pair):
    areas = rel.areas_of(pair, VISIT)
    assert areas[["label", "side", "status", "read_in"]].values.tolist() == [
        ["Hotline", "AA", "proposed", "AA"],
        ["Hotline", "BB", "agreed;proposed", "AA;BB"],
    ]


def test_contradictions_are_those_of_the_whole_record(data):
    fields = rel.contradiction_shares(data)["field"]
    every = pd.concat([rel.contradictions(data, field) for field in fields])
    for event_id in ["2013-06-05-dialogue-4", every["event_id"].value_counts().index[0]]:
        own = every[every["event_id"] == event_id].reset_index(drop=True)
        pd.testing.assert_frame_equal(rel.contradictions_of(data, event_id), own)


def test_contact_not_held_has_no_contradictions(pair):
    found = rel.contradictions_of(pair, "2022-01-10-plan")
    assert found.empty
    assert "first_sides" in found


@pytest.mark.parametrize("measure", ["reports_of", "areas_of", "contradictions_of"])
def test_id_that_no_contact_has_is_refused(pair, measure):
    with pytest.raises(ValueError, match=r"no contact has the id 'x'; .*lists them"):
        getattr(rel, measure)(pair, "x")


def test_counts_are_those_of_the_measure_and_of_the_list(data):
    explorer = rel.explore(data)
    explorer.choice = {"kinds": ["visit", "meeting"], "parts": "fold", "years": [2010, 2020]}
    chosen = rel.select_events(data, kinds=["visit", "meeting"], parts="fold", years=(2010, 2020))
    frequency = rel.exchange_frequency(chosen).set_index("period")
    frequency = frequency[frequency.index.year.isin(range(2010, 2021))]
    counts = pd.DataFrame(explorer.shown["counts"])
    assert counts["year"].tolist() == list(range(2010, 2021))
    assert counts["count"].tolist() == frequency["count"].tolist()
    assert counts["high"].tolist() == pytest.approx(frequency["high"].tolist(), abs=0.01)
    assert [row["id"] for row in explorer.shown["contacts"]] == chosen["event_id"].tolist()


def test_nothing_chosen_counts_zero_in_every_year(pair):
    explorer = rel.explore(pair)
    explorer.choice = {"hosts": ["both"], "levels": [5]}
    assert explorer.shown["contacts"] == []
    assert [(row["year"], row["count"]) for row in explorer.shown["counts"]] == [
        (2019, 0), (2020, 0), (2021, 0),
    ]  # fmt: skip


def test_open_contact_shows_both_sides_of_another_pair(pair):
    explorer = rel.explore(pair)
    marks = {row["id"]: (row["when"], row["both"]) for row in explorer.shown["contacts"]}
    assert marks[VISIT] == ("2019-03-01", True)
    assert marks[PATROL] == ("2021-06", False)
    explorer.event = VISIT
    found = explorer.comparison
    assert [side["name"] for side in found["sides"]] == ["Aland", "Beland"]
    first, second = (side["reports"][0] for side in found["sides"])
    assert (first["start"], second["start"]) == ("2019-03-01", "2019-03-09")
    assert first["people"][1] == {
        "name": "Bob", "role": "head", "office": "Chief", "rank": "Colonel",
    }  # fmt: skip
    assert found["dates"] == ["s4"]
    assert [row["first"] for row in found["differ"] if row["field"] == "date"] == ["2019-03-09"]
    assert found["areas"][0]["by"] == {"AA": "proposed, in AA", "BB": "agreed, proposed, in AA, BB"}
    for text in (json.dumps(found), json.dumps(explorer.shown), json.dumps(explorer.options)):
        assert "CN" not in text
        assert "NaN" not in text
    explorer.event = ""
    assert explorer.comparison == {}


def test_every_contact_can_be_opened(data):
    from relations._widget import compare

    sample = rel.select_events(data)["event_id"].iloc[::40]
    for event_id in sample:
        json.dumps(compare(data, event_id), allow_nan=False)


def test_wrong_choice_is_said_on_the_page(pair):
    explorer = rel.explore(pair)
    explorer.choice = {"kinds": ["nothing"]}
    assert "no row has 'nothing'" in explorer.shown["problem"]
    explorer.event = "nothing"
    assert "no contact has the id" in explorer.comparison["problem"]


def test_page_without_widgets_gets_the_figure(pair):
    shown, _ = rel.explore(pair)._repr_mimebundle_()
    assert shown["image/png"].startswith("iVBORw0KGgo")
    assert shown["text/plain"] == f"Explorer of {pair.caption}"
    assert not plt.get_fignums()


def test_without_anywidget_the_figure_comes_with_the_way_to_install(pair, monkeypatch):
    monkeypatch.delitem(sys.modules, "relations._widget", raising=False)
    real = builtins.__import__

    def missing(name, *rest):
        if name.partition(".")[0] == "anywidget":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.warns(UserWarning, match="pip install"):
        figure = rel.explore(pair)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert sorted(labels) == ["joint patrol", "meeting", "visit"]


def test_importing_the_explorer_does_not_import_widgets():
    code = "import sys, relations.explorer; print('anywidget' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
