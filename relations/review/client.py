"""A client that runs a notebook's cells and asks, after them, what its text claims."""

from __future__ import annotations

import time
from typing import Any

from nbclient import NotebookClient
from nbclient.util import ensure_async

from relations.review.prose import (
    Fault,
    claims_in,
    expressions_of,
    judge,
    numbers_without_comment,
    renewed,
)

TIMEOUT = 60


class ProseClient(NotebookClient):
    """Runs cells as nbclient does, and evaluates the claims of Markdown cells between them.

    ``faults`` has those of each Markdown cell by its place, and ``texts`` what the cell says
    with its numbers renewed.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.faults: dict[int, list[Fault]] = {}
        self.texts: dict[int, str] = {}

    async def async_execute_cell(self, cell: Any, cell_index: int, *rest: Any, **more: Any) -> Any:
        """Run a cell of code, or check one of text."""
        if cell.cell_type != "markdown":
            return await super().async_execute_cell(cell, cell_index, *rest, **more)
        claims = claims_in(cell.source)
        expressions = expressions_of(claims)
        answers = await self._answers(expressions) if expressions else {}
        faults = numbers_without_comment(cell.source) + judge(claims, answers)
        if faults:
            self.faults[cell_index] = faults
        self.texts[cell_index] = renewed(cell.source, claims, answers)
        return cell

    async def _answers(self, expressions: dict[str, str]) -> dict[str, Any]:
        kernel = self.kc
        if kernel is None:
            raise RuntimeError("the kernel did not start")
        asked = await ensure_async(
            kernel.execute("", store_history=False, user_expressions=expressions)
        )
        until = time.monotonic() + TIMEOUT
        while time.monotonic() < until:
            reply = await ensure_async(kernel.shell_channel.get_msg(timeout=TIMEOUT))
            if reply["parent_header"].get("msg_id") == asked:
                return reply["content"].get("user_expressions", {})
        return {}
