"""China–Vietnam defence contacts: a sourced record, and questions to it.

>>> import relations as rel
>>> data = rel.load()                                   # the record; data.events, ...
>>> ministers = data.where(tier="minister", since=2010)  # all tables narrowed, and the span
>>> frequency = rel.exchange_frequency(ministers)        # occasions a year, with intervals
>>> axes = rel.figures.plot_exchange_frequency(frequency)

A contact is a row of ``data.events``; a part of it has a ``parent_id``; an occasion is a
contact with its parts. Measures count occasions, or with ``count="contacts"`` every row;
only contacts held, unless asked otherwise. help(rel.exchange_frequency) tells what a
function counts, rel.codebook("events") what a column means.

The record
    load, Dataset          every table as a typed frame; a folder of yours too
    data.where(...)        choose contacts by kind, channel, date, tier, person, place, ...
    data.contacts          one row per contact, ready for a spreadsheet
    data.dyad()            one row per year with the states' codes, to join with other data
    data.save(folder)      parquet, csv, excel or stata
    codebook, cite         what a column means; how to cite this version
    check, add             the rules that tables keep (Violation, DataError); a report added
    compare                what two versions differ in, and which results move
    trace                  from a count (evidence=True) back to its reports
The three measures
    exchange_frequency, cooperation_area_counts, rank_levels
More of each idea
    exchanges              gaps, seasons, hosts, before and after a date
    areas                  shares, breadth, emphasis of sides, from talk to deed
    ranks                  heads, tiers, how far heads stand apart, who met whom
    channels               intervals, numbering, places of standing channels
    pledges                what became of them, and how long it took
    coverage               who reports what, what is missing, how far codings agree
    trajectory             phases and trends, and how sure they are
Reading and teaching
    timeline               contacts and circumstances in order
    vignette               one contact: both sides' reports beside each other
    explore                choose and read in JupyterLab
    reading                references, the works that the notebooks cite
    figures                one function for each figure
    teaching               sheets for a seminar, and their checks

At the command line: python -m relations --help
"""

from os.path import isfile as _isfile

# pathlib would be loaded for this alone.
if not _isfile(__file__):  # noqa: PTH113
    _archive = __file__.rpartition("relations")[0].rstrip("/\\")
    raise ImportError(f"{_archive} is an archive: install it, pip install {_archive}")

import lazy_loader

# The names are listed in __init__.pyi, and a module is imported with the first of its names
# that is asked for: who only loads the tables does not wait for the measures. Without
# __all__, help() shows the guide above and not two thousand lines of every function.
_lazy, __dir__, _ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("china-vietnam-relations")
    return _lazy(name)
