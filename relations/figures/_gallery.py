"""Which figures there are, by what they are about, and how each is drawn as an example."""

from __future__ import annotations

import doctest
import inspect
from typing import TYPE_CHECKING

from matplotlib import pyplot as plt

from relations import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Every public figure stands in one group, in the order in which a reader meets them.
GROUPS = {
    "The course of the relationship": (
        "plot_trajectory",
        "plot_summit_and_base",
        "plot_crises",
        "plot_descriptions",
        "plot_break_posterior",
        "plot_engagement_index",
        "plot_lead_lag",
    ),
    "How often": (
        "plot_exchange_frequency",
        "plot_seasons",
        "plot_before_after",
        "plot_contacts",
    ),
    "Who, and how high": (
        "plot_level_years",
        "plot_meeting_network",
        "plot_who_met_whom",
        "plot_head_gap",
        "plot_rank_ladders",
    ),
    "On what": (
        "plot_area_counts",
        "plot_area_multiples",
        "plot_area_emphasis",
        "plot_positions",
    ),
    "Where, and by which channel": (
        "plot_contact_map",
        "plot_exchange_map",
        "plot_channels",
        "plot_numbering",
        "plot_hotline",
    ),
    "What became of pledges": ("plot_pledge_outcomes", "plot_time_to_fulfilment"),
    "How sure": ("plot_one_sided", "plot_undercount"),
}


def draw_example(name: str) -> Figure:
    """Draw a figure as the example of its docstring does.

    Parameters
    ----------
    name : str
        Of a function of `relations.figures`.

    Returns
    -------
    Figure
        To be closed by the caller.

    Raises
    ------
    ValueError
        Where the example draws no figure.

    Examples
    --------
    >>> from relations.figures._gallery import draw_example
    >>> len(draw_example("plot_exchange_frequency").axes)
    1
    """
    before = set(plt.get_fignums())
    scope = {name: getattr(figures, name), "figures": figures}
    text = inspect.getdoc(scope[name]) or ""
    for example in doctest.DocTestParser().get_examples(text):
        # As a module: what an example prints is looked at by the tests.
        exec(compile(example.source, name, "exec"), scope)
    drawn = sorted(set(plt.get_fignums()) - before)
    if not drawn:
        raise ValueError(f"the example of {name} draws no figure")
    for number in drawn[1:]:
        plt.close(number)
    return plt.figure(drawn[0])
