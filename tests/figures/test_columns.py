"""A frame that is not what a figure draws is refused in a sentence, whatever it lacks."""

import functools

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
def test_a_column_that_is_needed_and_not_there_is_named(name, monkeypatch):
    frames, how = asked(name, monkeypatch)
    for place, frame in enumerate(frames):
        if not isinstance(frame, pd.DataFrame):
            continue
        columns = [column for column in frame if column not in ("evidence", "note")]
        bare = frame.drop(columns=columns)
        with pytest.raises(ValueError, match=r"has no |counted by none|needs the column|no side"):
            getattr(figures, name)(*frames[:place], bare, *frames[place + 1 :], **how)
        for column in columns:
            others = frame.drop(columns=column)
            others.attrs = frame.attrs
            try:
                getattr(figures, name)(*frames[:place], others, *frames[place + 1 :], **how)
            except ValueError as refusal:
                assert (
                    f"no {column}" in str(refusal)
                    or "counted by" in str(refusal)
                    or ("needs the column" in str(refusal))
                )
            plt.close("all")


def test_counts_that_were_not_made_by_side_say_what_to_draw(data):
    with pytest.raises(
        ValueError, match=r"no side: draw what cooperation_area_counts\(data, by='s"
    ):
        figures.plot_area_counts(rel.cooperation_area_counts(data))
