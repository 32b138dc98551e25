from . import _frames, _kept, _names, _witnesses, choice, contacts, export, levels

__all__ = [
    "_frames",
    "_kept",
    "_names",
    "_witnesses",
    "choice",
    "contacts",
    "export",
    "levels",
]
