"""China–Vietnam defence contacts: a sourced record and the metrics over it.

>>> import relations as rel
>>> data = rel.load()
>>> frequency = rel.exchange_frequency(data.events, every="year", by="kind", parts="keep")

Data: `load`, `codebook`, `cite`, `check`. Metrics, from frames to a tidy frame:
`exchange_frequency`, `periods_apart`, `cooperation_area_counts`, `rank_levels`,
`delegation_levels`, `coder_agreement`.
Figures of their results: the module `relations.figures`.
"""

from relations import figures
from relations._package import DataError, Violation
from relations.areas import cooperation_area_counts
from relations.coverage import coder_agreement
from relations.exchanges import exchange_frequency, periods_apart
from relations.ranks import delegation_levels, rank_levels
from relations.rules import check
from relations.tables import Dataset, cite, codebook, load

__all__ = [
    "DataError",
    "Dataset",
    "Violation",
    "check",
    "cite",
    "codebook",
    "coder_agreement",
    "cooperation_area_counts",
    "delegation_levels",
    "exchange_frequency",
    "figures",
    "load",
    "periods_apart",
    "rank_levels",
]
