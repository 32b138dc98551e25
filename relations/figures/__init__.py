"""One function per figure: it takes what a measure returns and gives the Axes.

The functions stand in modules named after those of the measures; all are public names here.
Their common look is the style file `figures.mplstyle` beside this module. Text from the
tables is drawn as it stands, and sides differ in shade and in marker, so that a grey print
tells them apart. A figure brings its alternative text to a notebook: the title, and the ends of
what is drawn. `relations.figures._gallery` lists all by what they are about.

What the numbers rest on, their unit and the names of ids travel with a result (``attrs``), and
the figure takes them from there. Every figure has one more parameter:

ax : Axes, optional
    Where to draw; a new figure if not given. Figures of several panels take as many Axes.

Every function raises `ValueError` where the frame has no rows.
"""

from ._descriptions import plot_break_posterior, plot_descriptions
from .areas import plot_area_counts, plot_area_emphasis
from .channels import plot_channels, plot_exchange_map, plot_numbering
from .coverage import plot_one_sided, plot_undercount
from .exchanges import plot_before_after, plot_contacts, plot_exchange_frequency, plot_seasons
from .pledges import plot_pledge_outcomes, plot_time_to_fulfilment
from .ranks import (
    plot_head_gap,
    plot_meeting_network,
    plot_rank_ladders,
    plot_who_met_whom,
)
from .story import (
    plot_area_multiples,
    plot_contact_map,
    plot_crises,
    plot_hotline,
    plot_level_years,
    plot_positions,
    plot_summit_and_base,
    plot_trajectory,
)
from .trajectory import plot_engagement_index, plot_lead_lag

__all__ = [
    "plot_area_counts",
    "plot_area_emphasis",
    "plot_area_multiples",
    "plot_before_after",
    "plot_break_posterior",
    "plot_channels",
    "plot_contact_map",
    "plot_contacts",
    "plot_crises",
    "plot_descriptions",
    "plot_engagement_index",
    "plot_exchange_frequency",
    "plot_exchange_map",
    "plot_head_gap",
    "plot_hotline",
    "plot_lead_lag",
    "plot_level_years",
    "plot_meeting_network",
    "plot_numbering",
    "plot_one_sided",
    "plot_pledge_outcomes",
    "plot_positions",
    "plot_rank_ladders",
    "plot_seasons",
    "plot_summit_and_base",
    "plot_time_to_fulfilment",
    "plot_trajectory",
    "plot_undercount",
    "plot_who_met_whom",
]
