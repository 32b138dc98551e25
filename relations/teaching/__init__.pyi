from ._answers import Feedback
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
from .sheets import make_sheets, student_sheet

__all__ = [
    "Feedback",
    "agreement",
    "as_codings",
    "check_codings",
    "check_crosswalk",
    "check_form",
    "check_head_gaps",
    "check_levels",
    "check_occasions",
    "check_reported_by_both",
    "check_series",
    "check_witnesses",
    "check_years",
    "kinds",
    "make_sheets",
    "student_sheet",
]
