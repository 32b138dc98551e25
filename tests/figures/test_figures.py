"""What all figures have in common: a text beside them, shades, and a style given back."""

import inspect
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

import relations as rel
from relations import figures
from relations.figures import _drawing


@pytest.mark.parametrize("name", figures.__all__)
def test_every_figure_is_drawn_in_a_file_beside_this_one(name):
    here = Path(__file__)
    others = [path for path in here.parent.glob("test_*.py") if path != here]
    assert any(name in path.read_text("utf-8") for path in others)


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


def test_style_is_lent_and_given_back(small):
    before = dict(plt.rcParams)
    ax = figures.plot_exchange_frequency(rel.exchange_frequency(rel.load(small.path)))
    assert not ax.spines["top"].get_visible()
    assert dict(plt.rcParams) == before
