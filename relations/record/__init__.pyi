from . import _frames, choice, contacts, export, levels

__all__ = ["_frames", "choice", "contacts", "export", "levels"]
