"""A frame that is not what a figure draws is refused in a sentence, whatever it lacks."""

import functools
import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import relations as rel
from relations import figures
from relations.figures._gallery import draw_example


def asked(name, monkeypatch):
    """What the example of a figure hands in."""
    given = []
    draw = getattr(figures, name)

    @functools.wraps(draw)
    def noted(*frames, **how):
        given.append((frames, how))
        return draw(*frames, **how)

    with monkeypatch.context() as patched:
        patched.setattr(figures, name, noted)
        draw_example(name)
    plt.close("all")
    return given[0]


@pytest.mark.parametrize("name", figures.__all__)
def test_columns_that_are_needed_are_named_and_no_others_are_needed(name, monkeypatch):
    frames, how = asked(name, monkeypatch)

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
