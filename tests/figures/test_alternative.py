"""What a figure shows is said in words that come from what it draws, and travel with it.

What it needs of its frames, it names.
"""

import functools
import inspect
import re
from typing import NamedTuple

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pandas as pd
import pytest
from matplotlib.lines import Line2D
from nbclient import NotebookClient

import relations as rel
from relations import figures
from relations.figures import _drawing, _heading
from relations.figures._alternative import alternative_text
from relations.figures._gallery import GROUPS, draw_example
from relations.figures._values import checksum_of_values


def test_bars_are_told_from_the_first_to_the_last_with_the_highest(small):
    frequency = rel.exchange_frequency(rel.load(small.path))
    counts = frequency["count"].tolist()
    ax = figures.plot_exchange_frequency(frequency)
    text = alternative_text(ax.figure)
    assert "Occasions per year" in text
    assert f"{counts[0]} in 2019, {counts[-1]} in 2021" in text


def test_stacked_bars_are_added_up():
    _, ax = plt.subplots()
    ax.bar([2000, 2001, 2002], [1, 2, 3])
    ax.bar([2000, 2001, 2002], [1, 5, 0], bottom=[1, 2, 3])
    assert alternative_text(ax.figure) == "Drawn: 2 in 2000, 3 in 2002, highest 7 in 2001."


def test_lines_are_told_by_name_and_gaps_left_out():
    _, ax = plt.subplots()
    ax.plot([2000, 2001, 2002, 2003], [np.nan, 1.25, 2, 3], label="China")
    ax.plot([2000, 2003], [1, 1], label="mean")
    assert alternative_text(ax.figure) == "China: 1.25 in 2001, 3 in 2003."


def test_days_are_told_by_year():
    _, ax = plt.subplots()
    ax.plot(pd.date_range("2001-01-01", periods=3, freq="YS"), [4, 5, 6], label="visits")
    assert alternative_text(ax.figure) == "Visits: 4 in 2001, 6 in 2003."


def test_rows_are_told_from_the_top_with_their_values():
    _, ax = plt.subplots()
    ax.barh([0, 1, 2], [5, 7, 9], label="Aland")
    ax.set_yticks([0, 1, 2], ["low", "middle", "high"])
    assert alternative_text(ax.figure) == (
        "3 rows, from high (Aland 9) at the top to low (Aland 5) at the bottom."
    )


def test_more_series_than_can_be_listened_to_are_counted():
    _, ax = plt.subplots()
    for number in range(10):
        ax.add_line(Line2D([0, 1, 2], [number] * 3, label=f"line {number}"))
    text = alternative_text(ax.figure)
    assert "Line 7: 7 in 0, 7 in 2" in text
    assert "line 8" not in text.lower()
    assert text.endswith("2 more series are drawn.")


def test_every_figure_stands_once_in_the_gallery():
    shown = [name for names in GROUPS.values() for name in names]
    assert sorted(shown) == sorted(figures.__all__)


def test_words_travel_with_the_figure_into_a_notebook(tmp_path):
    code = (
        "import matplotlib.pyplot as plt\nimport relations as rel\n"
        "from relations.figures._alternative import alternative_text\n"
        "from relations.figures._values import checksum_of_values\n"
        "ax = rel.figures.plot_exchange_frequency(rel.exchange_frequency(rel.load()))\n"
        "said = [f(ax.figure) for f in (alternative_text, checksum_of_values)]\nplt.show()"
    )
    cells = [nbformat.v4.new_code_cell(code), nbformat.v4.new_code_cell("print(*said, sep='\\n')")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": "."}}).execute()
    shown, said = (cell.outputs[0] for cell in notebook.cells)
    assert "image/png" in shown.data
    alt, values = said.text.splitlines()
    assert shown.metadata["image/png"] == {"alt": alt, "values": values}


class Example(NamedTuple):
    """What the example of a figure hands in, and what is said of what it draws."""

    asked: tuple
    text: str
    values: str


@functools.cache
def example(name):
    given = []
    draw = getattr(figures, name)

    @functools.wraps(draw)
    def noted(*frames, **how):
        given.append((frames, how))
        return draw(*frames, **how)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(figures, name, noted)
        figure = draw_example(name)
    said = Example(given[0], alternative_text(figure), checksum_of_values(figure))
    plt.close("all")
    return said


def stored_otherwise(draw):
    """The figure of frames as parquet may hold them, with the counts as text."""

    def other(value):
        if not isinstance(value, pd.DataFrame):
            return value
        stored = value.convert_dtypes(dtype_backend="pyarrow")
        if "count" in stored:
            stored["count"] = value["count"].map(str)
        stored.attrs = value.attrs
        return stored

    def drawn(*frames, **how):
        return draw(*map(other, frames), **{name: other(value) for name, value in how.items()})

    return functools.wraps(draw)(drawn)


# The other font lacks the characters that some places are named in.
@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("name", figures.__all__)
def test_every_example_is_told_in_words_that_no_font_size_or_storage_changes(
    name, monkeypatch, tmp_path
):
    frames, how = example(name).asked
    text = example(name).text
    assert 20 < len(text) < 1200
    assert not text[0].islower()
    assert text.endswith(".")
    assert "nan" not in text.split()
    # What is found or counted in it, and not how the function is described.
    assert text != inspect.getdoc(getattr(figures, name)).splitlines()[0]
    style = _drawing.STYLE.read_text("utf-8").replace("DejaVu Sans,", "DejaVu Serif,")
    other = tmp_path / "other.mplstyle"
    other.write_text(style.replace("figure.dpi: 100", "figure.dpi: 80"), "utf-8")
    monkeypatch.setattr(_drawing, "STYLE", other)
    monkeypatch.setattr(_heading, "STYLE", other)
    stored_otherwise(getattr(figures, name))(*frames, **how)
    drawn = plt.gcf()
    assert (alternative_text(drawn), checksum_of_values(drawn)) == (text, example(name).values)


@pytest.mark.parametrize(
    "change",
    [
        lambda ax: ax.patches[1].set_height(3.001),
        lambda ax: ax.patches[1].set_facecolor("red"),
        lambda ax: ax.lines[0].set_ydata([1, 2, 3.5]),
        lambda ax: ax.lines[0].set_marker("s"),
        lambda ax: ax.collections[0].set_offsets([[0, 1], [1, 9]]),
        lambda ax: ax.collections[1].set_array([1, 3]),
        lambda ax: ax.set_title("Another finding"),
        lambda ax: ax.texts[0].set_text("8 of 12"),
        lambda ax: ax.set_xticks([0, 1], ["2019", "2021"]),
    ],
)
def test_whatever_a_figure_shows_is_in_its_checksum(change):
    def draw():
        _, ax = plt.subplots()
        ax.bar([0, 1], [2, 3])
        ax.plot([0, 1, 2], [1, 2, 3], marker="o")
        ax.scatter([0, 1], [1, 2])
        ax.scatter([0, 1], [1, 2], c=[1, 2])
        ax.text(0, 0, "7 of 12")
        ax.set_title("A finding")
        ax.set_xticks([0, 1], ["2019", "2020"])
        return ax

    before, after = draw(), draw()
    assert checksum_of_values(before.figure) == checksum_of_values(after.figure)
    change(after)
    assert checksum_of_values(before.figure) != checksum_of_values(after.figure)


def test_what_a_figure_rests_on_is_not_what_it_shows():
    made = []
    for version in ("1", "1+changed"):
        _, ax = plt.subplots()
        _heading.heading([ax], "A finding", "What is drawn.", f"Source: {version}")
        made.append(checksum_of_values(ax.figure))
    assert made[0] == made[1]


@pytest.mark.parametrize("name", figures.__all__)
def test_columns_that_are_needed_are_named_and_no_others_are_needed(name):
    frames, how = example(name).asked

    def draw(place, frame):
        getattr(figures, name)(*frames[:place], frame, *frames[place + 1 :], **how)

    for place, frame in enumerate(frames):
        if not isinstance(frame, pd.DataFrame):
            continue
        with pytest.raises(ValueError, match=r"has no |counted by none|needs the column") as bare:
            draw(place, frame.iloc[:, :0])
        needed = re.findall(r"no (\w+)", str(bare.value).partition(":")[0])
        for column in needed:
            without = frame.drop(columns=column)
            without.attrs = frame.attrs
            with pytest.raises(ValueError, match=f"has no {column}|counted by"):
                draw(place, without)
        # What a frame is counted by stands before its own columns.
        by = [column for column in frame if column in ("kind", "tier", "area")]
        alone = frame[[column for column in frame if column in {*needed, *by}]]
        alone.attrs = frame.attrs
        if needed:
            draw(place, alone)


def test_counts_that_were_not_made_by_side_say_what_to_draw(data):
    with pytest.raises(
        ValueError, match=r"no side: draw what cooperation_area_counts\(data, by='s"
    ):
        figures.plot_area_counts(rel.cooperation_area_counts(data))
