"""The picture of all contacts, for pages that cannot show the explorer."""

from __future__ import annotations

from typing import Any

from relations import figures
from relations.record.dataset import Dataset


def figure_of(data: Dataset) -> Any:
    """Draw all contacts held, for pages that cannot show the explorer.

    Returns
    -------
    matplotlib.figure.Figure
        As `relations.figures.plot_contacts` draws it, and closed, so that a notebook shows
        it once.

    Examples
    --------
    >>> import relations as rel
    >>> from relations.reading._still import figure_of
    >>> len(figure_of(rel.load()).axes)
    1
    """
    from matplotlib import pyplot as plt

    figure: Any = figures.plot_contacts(data.contacts).figure
    plt.close(figure)
    return figure
