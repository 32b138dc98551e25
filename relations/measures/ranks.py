"""Who met whom: offices and ranks on the day, tiers of contacts, and who stood higher."""

from relations.measures._delegations import guests, heads, offices_held, rank_levels, renderings
from relations.measures._head_gaps import crosswalks, gaps_of_heads, head_gap
from relations.measures._meetings import centrality, counterparts, network, turnover
from relations.measures._tiers import level_by_period, tiers

__all__ = [
    "centrality",
    "counterparts",
    "crosswalks",
    "gaps_of_heads",
    "guests",
    "head_gap",
    "heads",
    "level_by_period",
    "network",
    "offices_held",
    "rank_levels",
    "renderings",
    "tiers",
    "turnover",
]
