"""How the relationship changed: phases, an index of engagement, and what goes before what."""

from relations.measures._breaks import break_numbers, break_posterior
from relations.measures._descriptions import descriptions, fitted
from relations.measures._index import (
    SCHEMES,
    WEIGHTS,
    index,
    index_sensitivity,
    scheme_agreement,
)
from relations.measures._leads import lead_lag
from relations.measures._phase_rates import phase_rates
from relations.measures._rises import rate_ratios, rise
from relations.measures._story import (
    around_crises,
    block_means,
    crisis_silences,
    level_years,
    summit_and_base,
    turning_points,
)

__all__ = [
    "SCHEMES",
    "WEIGHTS",
    "around_crises",
    "block_means",
    "break_numbers",
    "break_posterior",
    "crisis_silences",
    "descriptions",
    "fitted",
    "index",
    "index_sensitivity",
    "lead_lag",
    "level_years",
    "phase_rates",
    "rate_ratios",
    "rise",
    "scheme_agreement",
    "summit_and_base",
    "turning_points",
]
