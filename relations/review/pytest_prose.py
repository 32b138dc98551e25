"""Let nbval check the text of a notebook in the kernel that runs its cells.

Named in pyproject.toml (``-p relations.review.pytest_prose``): between the cells that nbval
compares stands one test for each Markdown cell that holds numbers or conclusions.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from nbval import plugin

from relations.review.prose import (
    Claim,
    claims_in,
    expressions_of,
    judge,
    numbers_without_comment,
)

TIMEOUT = 60


class ProseError(Exception):
    """Sentences of a Markdown cell that the data do not bear out."""


class ProseItem(pytest.Item):
    """One Markdown cell, checked after the cells above it have run."""

    def __init__(self, *, source: str, **more: Any) -> None:
        super().__init__(**more)
        self.source = source

    def runtest(self) -> None:
        """Evaluate what the text claims and refuse what differs."""
        claims = claims_in(self.source)
        faults = numbers_without_comment(self.source) + judge(claims, self._answers(claims))
        if faults:
            raise ProseError("\n".join(map(str, faults)))

    def _answers(self, claims: list[Claim]) -> dict[str, Any]:
        expressions = expressions_of(claims)
        if not expressions:
            return {}
        client = self.parent.kernel.kc  # type: ignore[union-attr]
        asked = client.execute("", store_history=False, user_expressions=expressions)
        while True:
            reply = client.get_shell_msg(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == asked:
                return reply["content"].get("user_expressions", {})

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """Show the sentences and not where they were checked."""
        if isinstance(excinfo.value, ProseError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        """Name the notebook and the cell."""
        return self.path, 0, f"{self.path.name}: {self.name}"


class NotebookWithProse(plugin.IPyNbFile):
    """A notebook whose Markdown cells are tests too, each in its place."""

    def collect(self) -> Iterator[pytest.Item]:
        """Give the tests of nbval and those of the text in the order of the notebook."""
        code = list(super().collect())
        waiting = iter(code)
        left_out = self.nb.metadata.get("relations", {}).get("prose") is False
        for place, cell in enumerate(self.nb.cells):
            if cell.cell_type == "code":
                yield next(waiting)
            elif cell.cell_type == "markdown" and not left_out:
                source = cell.source
                if claims_in(source) or numbers_without_comment(source):
                    yield ProseItem.from_parent(self, name=f"Text {place}", source=source)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Generator[Any, Any, Any]:
    """Put the notebook with its text in the place of the one without."""
    collected = yield
    return [
        NotebookWithProse.from_parent(parent, path=file_path)
        if type(collector) is plugin.IPyNbFile
        else collector
        for collector in collected
    ]
