"""China–Vietnam defence contacts: a sourced record and the metrics over it.

>>> import relations as rel
>>> data = rel.load()
>>> frequency = rel.exchange_frequency(data.events, every="year", by="kind", parts="keep")

Data: `load`, `codebook`, `cite`, `check`. Metrics, from frames to a tidy frame, by the idea of
the field that they measure: `relations.exchanges` (how often, when, at whose place),
`relations.areas` (what is named, by whom, what came of it), `relations.ranks` (who, at which
level), `relations.mechanisms`, `relations.pledges`, `relations.coverage` (what the record
misses) and `relations.trajectory` (phases and indices). All of them stand here as well.
Figures of their results: the module `relations.figures`.
"""

from relations import figures
from relations._package import DataError, Violation
from relations.areas import (
    area_breadth,
    area_cooccurrence,
    area_persistence,
    area_shares,
    cooperation_area_counts,
    first_mentions,
    side_emphasis,
    talk_to_deed,
    time_to_deed,
)
from relations.coverage import (
    coder_agreement,
    contradiction_shares,
    contradictions,
    one_sided,
    sources_per_year,
    two_lists,
    undercount,
    undercount_sensitivity,
)
from relations.exchanges import (
    around,
    contact_gaps,
    exchange_frequency,
    hosting,
    hosting_alternation,
    multilateral_share,
    periods_apart,
    seasonality,
)
from relations.mechanisms import (
    cadence,
    edition_places,
    mechanism_timeline,
    numbering,
)
from relations.pledges import (
    follow_through,
    median_time_to_fulfilment,
    time_to_fulfilment,
)
from relations.ranks import (
    centralities,
    counterparts,
    delegation_levels,
    level_summary,
    meeting_network,
    office_turnover,
    parity,
    parity_by,
    rank_levels,
)
from relations.rules import (
    check,
)
from relations.tables import (
    Dataset,
    cite,
    codebook,
    load,
)
from relations.trajectory import (
    break_uncertainty,
    engagement_index,
    index_sensitivity,
    lead_lag,
    phases,
    phases_of_sources,
    scheme_agreement,
)

__all__ = [
    "DataError",
    "Dataset",
    "Violation",
    "area_breadth",
    "area_cooccurrence",
    "area_persistence",
    "area_shares",
    "around",
    "break_uncertainty",
    "cadence",
    "centralities",
    "check",
    "cite",
    "codebook",
    "coder_agreement",
    "contact_gaps",
    "contradiction_shares",
    "contradictions",
    "cooperation_area_counts",
    "counterparts",
    "delegation_levels",
    "edition_places",
    "engagement_index",
    "exchange_frequency",
    "figures",
    "first_mentions",
    "follow_through",
    "hosting",
    "hosting_alternation",
    "index_sensitivity",
    "lead_lag",
    "level_summary",
    "load",
    "mechanism_timeline",
    "median_time_to_fulfilment",
    "meeting_network",
    "multilateral_share",
    "numbering",
    "office_turnover",
    "one_sided",
    "parity",
    "parity_by",
    "periods_apart",
    "phases",
    "phases_of_sources",
    "rank_levels",
    "scheme_agreement",
    "seasonality",
    "side_emphasis",
    "sources_per_year",
    "talk_to_deed",
    "time_to_deed",
    "time_to_fulfilment",
    "two_lists",
    "undercount",
    "undercount_sensitivity",
]
