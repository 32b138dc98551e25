"""Contacts chosen by hand in JupyterLab, and the reports of one of them side by side."""

from __future__ import annotations

import warnings
from typing import Any

from relations.reading._still import figure_of
from relations.record.dataset import Dataset, check_dataset


def explore(data: Dataset) -> Any:
    """Show the contacts of a dataset in JupyterLab, to choose from and to read side by side.

    Parameters
    ----------
    data : Dataset
        Any engine, collected.

    Returns
    -------
    widget, or matplotlib Figure where anywidget is not installed
        Choices as `Dataset.where` has them: words of the title, years, kinds, channels,
        tiers, areas, hosts, reporting sides; under them the contacts on a line of time, the
        counts by year of `exchange_frequency` with their interval, and the list of contacts.
        A contact of the list opens its reports side by side, as `vignette` has them. Where a
        page cannot show widgets, it shows the figure of all contacts instead.

    Warns
    -----
    UserWarning
        Where anywidget is not installed; it says how to install it.

    Examples
    --------
    >>> import relations as rel
    >>> explorer = rel.explore(rel.load())
    >>> explorer.choice = {"kind": ["port_call"], "years": [2010, 2020], "count": "contacts"}
    >>> sum(year["count"] for year in explorer.shown["counts"])
    11
    """
    check_dataset(data, "explore")
    try:
        from relations.reading._widget import Explorer
    except ImportError:
        warnings.warn(
            "anywidget is not installed, so this is a figure and not the explorer: "
            "pip install 'china-vietnam-relations[notebooks]' and restart the kernel",
            UserWarning,
            stacklevel=2,
        )
        return figure_of(data)
    return Explorer(data)
