"""What the sides cooperate in: counts, breadth, emphasis and course of cooperation areas."""

from relations.measures._area_breadth import breadth, breadth_trend
from relations.measures._area_chance import emphasis, emphasis_sensitivity, together
from relations.measures._area_counts import cooperation_area_counts, shares
from relations.measures._area_course import first_mentions, first_to_name, persistence
from relations.measures._area_deeds import deeds_within, talk_to_deed, time_to_deed
from relations.measures._story import positions, positions_by_year

__all__ = [
    "breadth",
    "breadth_trend",
    "cooperation_area_counts",
    "deeds_within",
    "emphasis",
    "emphasis_sensitivity",
    "first_mentions",
    "first_to_name",
    "persistence",
    "positions",
    "positions_by_year",
    "shares",
    "talk_to_deed",
    "time_to_deed",
    "together",
]
