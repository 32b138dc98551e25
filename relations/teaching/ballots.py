"""A ballot before and after a seminar: the form to print, and the count."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from relations.teaching._answers import Feedback

COLUMNS = ("voter", "before", "after")


@dataclass(frozen=True)
class BallotForm:
    """A form to print; `ballot_form` makes it."""

    question: str
    answers: tuple[str, ...]
    copies: int

    def _repr_html_(self) -> str:
        boxes = "".join(
            f"<li>☐ before ☐ after: {number}. {html.escape(answer)}</li>"
            for number, answer in enumerate(self.answers, 1)
        )
        form = (
            f"<p><b>{html.escape(self.question)}</b></p><ul style='list-style:none'>{boxes}</ul>"
            "<p>Number of the voter: ____ &nbsp; The one fact that decided: ____________________"
            "____________________</p><hr>"
        )
        return form * self.copies


def ballot_form(question: str, answers: Sequence[str], copies: int = 1) -> BallotForm:
    """Make a form to print, on which a voter marks one answer before and one after.

    Parameters
    ----------
    question : str
    answers : sequence of str
        They are numbered from 1.
    copies : int
        How many forms one below another.

    Returns
    -------
    BallotForm
        It shows itself in a notebook.

    Examples
    --------
    >>> import relations as rel
    >>> form = rel.teaching.ballot_form("Did it rain?", ["yes", "no"], copies=2)
    >>> form._repr_html_().count("Did it rain?")
    2
    """
    return BallotForm(question, tuple(answers), copies)


def check_ballots(ballots: pd.DataFrame, answers: Sequence[str]) -> Feedback:
    """Check that the ballots of a class can be counted.

    Parameters
    ----------
    ballots : pandas.DataFrame, one row per voter
        ``voter``, and ``before``, ``after``: numbers of answers. An empty ``after`` is a vote
        not cast.
    answers : sequence of str

    Returns
    -------
    Feedback
        A message for each ballot that cannot be counted. How somebody voted is not judged.

    Examples
    --------
    >>> import pandas as pd
    >>> import relations as rel
    >>> ballots = pd.DataFrame({"voter": ["1"], "before": [3], "after": [1]})
    >>> rel.teaching.check_ballots(ballots, ["yes", "no"]).messages
    ('voter 1, before: 3 is no answer; they are 1 to 2',)
    """
    lacking = [column for column in COLUMNS if column not in ballots]
    if lacking:
        return Feedback(False, (f"the column {lacking[0]} is missing; the header has to name it",))
    if ballots.empty:
        return Feedback(False, ("no ballots yet: paste the rows of the class",))
    messages = [f"voter {voter}: two ballots" for voter in
                ballots.loc[ballots["voter"].duplicated(), "voter"]]  # fmt: skip
    for column in ("before", "after"):
        numbers = pd.to_numeric(ballots[column], errors="coerce")
        wrong = ballots[column].notna() & ~numbers.isin(range(1, len(answers) + 1))
        messages += [
            f"voter {row['voter']}, {column}: {row[column]} is no answer; "
            f"they are 1 to {len(answers)}"
            for _, row in ballots[wrong].iterrows()
        ]
    return Feedback(not messages, tuple(messages))


def tally(ballots: pd.DataFrame, answers: Sequence[str]) -> pd.DataFrame:
    """Count the ballots before and after, and who moved.

    Parameters
    ----------
    ballots : pandas.DataFrame
        As for `check_ballots`.
    answers : sequence of str

    Returns
    -------
    pandas.DataFrame, one row per answer in order
        ``answer``; ``before``, ``after`` votes; ``change``; ``stayed`` voters of it before
        and after, ``left`` and ``joined`` those who went to or came from another answer.
        Who did not vote both times neither stays nor moves.

    Raises
    ------
    ValueError
        Where `check_ballots` finds a fault; a class without ballots counts 0.

    Examples
    --------
    >>> import pandas as pd
    >>> import relations as rel
    >>> ballots = pd.DataFrame({"voter": ["1", "2"], "before": [1, 1], "after": [1, 2]})
    >>> rel.teaching.tally(ballots, ["yes", "no"])
      answer  before  after  change  stayed  left  joined
    0    yes       2      1      -1       1     1       0
    1     no       0      1       1       0     0       1
    """
    feedback = check_ballots(ballots, answers)
    if not feedback.right and (len(ballots) or not set(COLUMNS) <= set(ballots)):
        raise ValueError(feedback.messages[0])
    before, after = (pd.to_numeric(ballots[column]) for column in ("before", "after"))
    both = before.notna() & after.notna()
    moved = both & (before != after)
    rows = []
    for number, answer in enumerate(answers, 1):
        first, last = before == number, after == number
        counts = [first, last, both & first & last, moved & first, moved & last]
        was, now, stayed, left, joined = (int(votes.sum()) for votes in counts)
        rows.append((answer, was, now, now - was, stayed, left, joined))
    columns = ["answer", "before", "after", "change", "stayed", "left", "joined"]
    return pd.DataFrame(rows, columns=columns)
