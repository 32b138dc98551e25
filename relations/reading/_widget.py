"""The widget that `relations.explore` gives where anywidget is installed."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from relations.reading import _choices
from relations.reading._still import figure_of
from relations.record.dataset import Dataset

HERE = Path(__file__).parent


class Explorer(anywidget.AnyWidget):
    """What is chosen, and what that shows; the page beside it only draws.

    ``choice`` holds what is chosen: ``words`` of the title, ``years`` (first, last), lists of
    ``kind``, ``channel``, ``tier``, ``area``, ``host``, ``reported_by`` with ``witnesses``, as
    `Dataset.where` takes them, and the unit to ``count``; a list that is empty or left out
    chooses all. ``event`` is the id of the contact that is open, or empty. ``options``,
    ``shown`` and ``comparison`` follow.
    """

    _esm = HERE / "explorer.js"
    _css = HERE / "explorer.css"
    options = traitlets.Dict().tag(sync=True)
    choice = traitlets.Dict().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)
    event = traitlets.Unicode().tag(sync=True)
    comparison = traitlets.Dict().tag(sync=True)

    def __init__(self, data: Dataset) -> None:
        super().__init__()
        self._data = data
        self.options = _choices.options(data)
        self.shown = _choices.show(data, {})

    @traitlets.observe("choice")
    def _choose(self, change: Any) -> None:
        self.shown = _or_problem(_choices.show, self._data, change["new"])

    @traitlets.observe("event")
    def _open(self, change: Any) -> None:
        chosen = change["new"]
        self.comparison = _or_problem(_choices.compare, self._data, chosen) if chosen else {}

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Add the figure of all contacts, for pages that show no widgets."""
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        picture = io.BytesIO()
        figure_of(self._data).savefig(picture, format="png", bbox_inches="tight")
        data["image/png"] = base64.b64encode(picture.getvalue()).decode()
        data["text/plain"] = f"Explorer of {self._data.caption}"
        return data, metadata


def _or_problem(
    function: Callable[[Dataset, Any], dict[str, Any]], data: Dataset, asked: Any
) -> dict[str, Any]:
    """Say on the page what is wrong with what was asked; a callback has nobody to raise to."""
    try:
        return function(data, asked)
    except ValueError as error:
        return {"problem": str(error)}
