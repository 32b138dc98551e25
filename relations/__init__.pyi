from . import figures, measures, reading, record, review, teaching
from .measures import areas, channels, coverage, exchanges, pledges, ranks, trajectory
from .measures.areas import cooperation_area_counts
from .measures.exchanges import exchange_frequency
from .measures.ranks import rank_levels
from .reading.explorer import explore
from .reading.timeline import timeline
from .reading.vignette import vignette
from .record._package import DataError, Violation
from .record.additions import add
from .record.codebook import cite, codebook
from .record.dataset import Dataset
from .record.loading import load
from .record.rules import check
from .record.tracing import trace
from .review.comparison import compare

__all__ = [
    "DataError",
    "Dataset",
    "Violation",
    "add",
    "areas",
    "channels",
    "check",
    "cite",
    "codebook",
    "compare",
    "cooperation_area_counts",
    "coverage",
    "exchange_frequency",
    "exchanges",
    "explore",
    "figures",
    "load",
    "measures",
    "pledges",
    "rank_levels",
    "ranks",
    "reading",
    "record",
    "review",
    "teaching",
    "timeline",
    "trace",
    "trajectory",
    "vignette",
]

__version__: str
