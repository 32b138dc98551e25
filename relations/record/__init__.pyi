from . import _frames, _witnesses, choice, contacts, export, levels

__all__ = ["_frames", "_witnesses", "choice", "contacts", "export", "levels"]
