"""Standing channels: how regularly each met, which editions are missing, who counts how."""

from relations.measures._channel_numbers import numbering, offsets
from relations.measures._channel_rhythms import intervals, places, timeline
from relations.measures._story import contact_places, hotline_steps

__all__ = [
    "contact_places",
    "hotline_steps",
    "intervals",
    "numbering",
    "offsets",
    "places",
    "timeline",
]
