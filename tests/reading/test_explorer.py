"""The explorer chooses what the tables say, and opens one contact with both sides' reports."""

import builtins
import json
import subprocess
import sys

import matplotlib.pyplot as plt
import pandas as pd
import pytest

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


VISIT, TALKS, PATROL = "2019-03-01-visit", "2019-03-02-talks", "2021-06-patrol"


def test_counts_are_those_of_the_measure_and_of_the_list(data):
    explorer = rel.explore(data)
    explorer.choice = {"kind": ["visit", "meeting"], "years": [2010, 2020]}
    chosen = data.where(kind=["visit", "meeting"], since=2010, until=2020)
    frequency = rel.exchange_frequency(chosen)
    counts = pd.DataFrame(explorer.shown["counts"])
    assert counts["year"].tolist() == list(range(2010, 2021))
    assert counts["count"].tolist() == frequency["count"].tolist()
    assert counts["high"].tolist() == pytest.approx(frequency["high"].tolist(), abs=0.01)
    contacts = chosen.contacts
    assert [row["id"] for row in explorer.shown["contacts"]] == contacts["event_id"].tolist()
    assert explorer.shown["number"] == contacts["occasion"].nunique()
    explorer.choice = {**explorer.choice, "count": "contacts"}
    assert explorer.shown["number"] == len(contacts)
    counts = pd.DataFrame(explorer.shown["counts"])
    assert counts["count"].sum() == len(contacts)


def test_words_channels_tiers_and_areas_choose_as_where_does(data):
    explorer = rel.explore(data)
    for choice, how in (
        ({"words": "điện biên"}, {"title": "dien bien"}),
        ({"channel": ["naval_joint_patrol"]}, {"channel": "naval_joint_patrol"}),
        ({"tier": ["minister", "vice-chair"]}, {"tier": ["minister", "vice-chair"]}),
        ({"area": ["hotline"]}, {"area": "hotline"}),
        (
            {"reported_by": ["CN", "VN"], "witnesses": "all"},
            {"reported_by": ["CN", "VN"], "witnesses": "all"},
        ),
    ):
        explorer.choice = choice
        expected = data.where(**how).contacts["event_id"].tolist()
        assert [row["id"] for row in explorer.shown["contacts"]] == expected
        assert expected


def test_nothing_chosen_counts_zero_in_every_year(pair):
    explorer = rel.explore(pair)
    explorer.choice = {"host": ["both"], "tier": ["minister"]}
    assert explorer.shown["contacts"] == []
    assert [(row["year"], row["count"]) for row in explorer.shown["counts"]] == [
        (2019, 0), (2020, 0), (2021, 0),
    ]  # fmt: skip


def test_options_are_named_in_words(pair):
    options = rel.explore(pair).options
    assert options["channel"] == [{"id": "gulf_patrol", "name": "Gulf patrol"}]
    assert [tier["id"] for tier in options["tier"]] == ["minister", "unnamed"]
    assert {"id": "joint_patrol", "name": "joint patrol"} in options["kind"]
    assert [side["name"] for side in options["reported_by"]] == ["Aland", "Beland"]


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
    assert {"name": "Bob", "role": "head", "office": "Chief", "rank": "Colonel"} in first["people"]
    (differ,) = (row for row in found["differ"] if row["field"] == "date")
    assert (differ["about"], differ["first"], differ["second_sides"]) == (
        "Beland Post", "2019-03-09", "the record",
    )  # fmt: skip
    assert found["areas"][0]["by"] == {"AA": "proposed, in AA", "BB": "agreed, proposed, in AA, BB"}
    for text in (json.dumps(found), json.dumps(explorer.shown), json.dumps(explorer.options)):
        assert "CN" not in text
        assert "NaN" not in text
    explorer.event = ""
    assert explorer.comparison == {}


def test_every_contact_can_be_opened(data):
    from relations.reading._choices import compare

    for event_id in data.contacts["event_id"].iloc[::60]:
        json.dumps(compare(data, event_id), allow_nan=False)


def test_wrong_choice_is_said_on_the_page(pair):
    explorer = rel.explore(pair)
    explorer.choice = {"kind": ["nothing"]}
    assert "kind='nothing' stands nowhere" in explorer.shown["problem"]
    explorer.event = "nothing"
    assert "no contact has the id" in explorer.comparison["problem"]


def test_page_without_widgets_gets_the_figure(pair):
    shown, _ = rel.explore(pair)._repr_mimebundle_()
    assert shown["image/png"].startswith("iVBORw0KGgo")
    assert shown["text/plain"] == f"Explorer of {pair.caption}"
    assert not plt.get_fignums()


def test_without_anywidget_the_figure_comes_with_the_way_to_install(pair, monkeypatch):
    monkeypatch.delitem(sys.modules, "relations.reading._widget", raising=False)
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
    code = "import sys, relations.reading.explorer; print('anywidget' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
