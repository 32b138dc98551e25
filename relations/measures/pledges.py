"""What became of what was promised: outcomes, and the time that keeping took."""

from relations.measures._horizon import kept_within
from relations.measures._pledge_outcomes import outcomes, promises
from relations.measures._pledge_waits import median_wait, time_to_fulfilment, wait_sensitivity

__all__ = [
    "kept_within",
    "median_wait",
    "outcomes",
    "promises",
    "time_to_fulfilment",
    "wait_sensitivity",
]
