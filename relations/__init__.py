"""China–Vietnam defence contacts: a sourced record and the metrics over it.

>>> import relations as rel
>>> data = rel.load()
>>> frequency = rel.exchange_frequency(data.events, every="year", by="kind", parts="keep")

Data: `load`, `codebook`, `cite`, `check`. Metrics, from frames to a tidy frame, by the idea of
the field that they measure: `relations.exchanges` (how often, when, at whose place),
`relations.areas` (what is named, by whom, what came of it), `relations.ranks` (who, at which
level), `relations.mechanisms`, `relations.pledges`, `relations.coverage` (what the record
misses) and `relations.trajectory` (phases and indices). All of them stand here as well. `trace`
leads from a row of their results back to the reports that it rests on.
Figures of their results: the module `relations.figures`.
"""

import lazy_loader

# The names are listed in __init__.pyi, and a module is imported with the first of its names
# that is asked for: who only loads the tables does not wait for the measures.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
