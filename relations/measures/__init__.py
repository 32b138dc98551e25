"""Questions to the record, one idea of the field in each module."""

import lazy_loader

# A measure is imported when it is first asked for.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "areas",
        "channels",
        "coverage",
        "exchanges",
        "pledges",
        "ranks",
        "trajectory",
    ],
)
