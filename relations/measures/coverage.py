"""How far the record can be trusted: what two codings agree on, what it misses, what differs."""

from relations.measures._agreement import agreement, contradiction_shares
from relations.measures._benchmarks import beside_benchmark
from relations.measures._capture import activity, smallest_explanation
from relations.measures._editions import detection, editions
from relations.measures._error import with_error
from relations.measures._lists import both_sides, lists, reported_by, sources_by_year
from relations.measures._story import unread_statements
from relations.measures._undercount import measured_dependence, undercount
from relations.record.contradictions import contradictions

__all__ = [
    "activity",
    "agreement",
    "beside_benchmark",
    "both_sides",
    "contradiction_shares",
    "contradictions",
    "detection",
    "editions",
    "lists",
    "measured_dependence",
    "reported_by",
    "smallest_explanation",
    "sources_by_year",
    "undercount",
    "unread_statements",
    "with_error",
]
