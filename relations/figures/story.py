"""Figures of the told story: its trajectory, levels, crises, places, hotlines and positions."""

from __future__ import annotations

from relations.figures._story_areas import plot_area_multiples
from relations.figures._story_map import plot_contact_map
from relations.figures._story_marks import plot_crises, plot_hotline
from relations.figures._story_positions import plot_positions
from relations.figures._story_years import plot_level_years, plot_summit_and_base, plot_trajectory

__all__ = [
    "plot_area_multiples",
    "plot_contact_map",
    "plot_crises",
    "plot_hotline",
    "plot_level_years",
    "plot_positions",
    "plot_summit_and_base",
    "plot_trajectory",
]
