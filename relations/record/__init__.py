"""What was coded, how it is kept true, and how a part of it is chosen."""

import lazy_loader

# A Dataset names these modules, and only what is asked of it imports them: who loads the
# tables does not wait for the engines.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
