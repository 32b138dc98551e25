"""One function per figure: it takes a metric's frame and returns the Axes.

The functions stand in modules named after those of the metrics; all are public names here.
Their common look is the style file `figures.mplstyle` beside this module. Text from the
tables is drawn as it stands, and sides differ in shade and in marker, so that a grey print
tells them apart. The first line of each docstring is the alternative text of the figure on
the pages that ``python -m relations reproduce`` writes.

Parameters that mean the same in every figure that has them:

source : str
    What the numbers rest on and the span that they cover, such as ``data.caption``. It is
    written under the figure.
sides : sequence of str, optional
    Sides in order of drawing, those without a row left out; all, sorted, if not given.
labels, names : dict, optional
    What to print for ids; an id that is not in it is printed itself.
ax : Axes, optional
    Where to draw; a new figure if not given. Figures of several panels take as many Axes.

Every function raises `ValueError` where the frame has no rows.
"""

from .areas import plot_area_counts, plot_area_years, plot_side_emphasis
from .coverage import plot_evidence, plot_one_sided, plot_undercount
from .exchanges import plot_around, plot_contacts, plot_exchange_frequency, plot_seasonality
from .mechanisms import plot_exchange_map, plot_mechanism_timeline, plot_numbering
from .pledges import plot_follow_through, plot_time_to_fulfilment
from .ranks import (
    plot_level_share,
    plot_meeting_network,
    plot_parity,
    plot_rank_ladders,
    plot_who_met_whom,
)
from .trajectory import plot_engagement_index, plot_lead_lag, plot_phases

__all__ = [
    "plot_area_counts",
    "plot_area_years",
    "plot_around",
    "plot_contacts",
    "plot_engagement_index",
    "plot_evidence",
    "plot_exchange_frequency",
    "plot_exchange_map",
    "plot_follow_through",
    "plot_lead_lag",
    "plot_level_share",
    "plot_mechanism_timeline",
    "plot_meeting_network",
    "plot_numbering",
    "plot_one_sided",
    "plot_parity",
    "plot_phases",
    "plot_rank_ladders",
    "plot_seasonality",
    "plot_side_emphasis",
    "plot_time_to_fulfilment",
    "plot_undercount",
    "plot_who_met_whom",
]
