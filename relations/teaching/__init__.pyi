from ._answers import Feedback
from .ballots import ballot_form, check_ballots, tally
from .codings import agreement, as_codings, check_codings
from .counts import (
    check_occasions,
    check_reported_by_both,
    check_series,
    check_witnesses,
    check_years,
)
from .forms import check_form, kinds
from .levels import check_crosswalk, check_head_gaps, check_levels
from .packs import Pack, check_silence, check_voices, evidence_pack, page_cards
from .sheets import lacking_notes, make_sheets, note, student_sheet

__all__ = [
    "Feedback",
    "Pack",
    "agreement",
    "as_codings",
    "ballot_form",
    "check_ballots",
    "check_codings",
    "check_crosswalk",
    "check_form",
    "check_head_gaps",
    "check_levels",
    "check_occasions",
    "check_reported_by_both",
    "check_series",
    "check_silence",
    "check_voices",
    "check_witnesses",
    "check_years",
    "evidence_pack",
    "kinds",
    "lacking_notes",
    "make_sheets",
    "note",
    "page_cards",
    "student_sheet",
    "tally",
]
