"""Sheets for a seminar, and checks of their answers: what is wrong, and which rule decides."""

import lazy_loader

# A check is imported when it is first asked for; __init__.pyi lists them.
__getattr__, __dir__, _ = lazy_loader.attach_stub(__name__, __file__)
