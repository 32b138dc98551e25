"""What the site adds to Sphinx: folded code, figures in words, and names of notebooks as links."""

from __future__ import annotations

import inspect
import re
from typing import Any

import nbformat
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

from relations import figures
from relations.review.prose import COMMENT

# Folders whose pages are for teachers: no search finds a solution.
FOR_TEACHERS = "/instructor/"
# What the theme and the tables leave unsaid to those who listen to a page: levels of headings,
# names of its parts, and corners of tables that are no headings.
MENDS = {
    'class="caption" role="heading">': 'class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Pages">',
    '<aside class="toc-drawer': '<aside aria-label="Parts of this page" class="toc-drawer',
    "<th></th>": "<td></td>",
}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what this site adds to Sphinx, as its extensions do."""
    app.connect("source-read", _lay_out)
    app.connect("doctree-read", _keep_from_search)
    app.add_post_transform(AlternativeText)
    app.add_transform(PageNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class AlternativeText(SphinxPostTransform):
    """Say for each figure what it shows, for those who cannot see it."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Take the words that came with the figure, and else those about what draws it."""
        for cell in self.document.findall(_is_cell):
            pictures = list(cell.findall(nodes.image))
            texts = cell["cell_metadata"].get("alt", [])
            if len(texts) != len(pictures):
                texts = [""] * len(pictures)
            code = " ".join(block.astext() for block in cell.findall(nodes.literal_block))
            drawn = said_of_calls(code)
            if len(drawn) != len(pictures):
                drawn = [" ".join(drawn) or _heading(cell)] * len(pictures)
            for picture, text, otherwise in zip(pictures, texts, drawn, strict=True):
                picture["alt"] = text or otherwise


class PageNames(SphinxTransform):
    """Turn the name of a notebook in the prose into a link to its page."""

    default_priority = 900

    def apply(self, **kwargs: Any) -> None:
        """Look at every literal outside links and headings."""
        # Of a sheet and its solutions, which have one name, the sheet.
        found = sorted(self.env.found_docs, key=lambda name: -name.count("/"))
        pages = {name.rpartition("/")[2]: name for name in found if name.startswith("notebooks/")}
        for literal in list(self.document.findall(nodes.literal)):
            page = pages.get(literal.astext(), self.env.docname)
            if page != self.env.docname and isinstance(literal.parent, nodes.paragraph):
                link = pending_xref(
                    refdomain="std",
                    reftype="doc",
                    refdoc=self.env.docname,
                    reftarget=f"/{page}",
                    refexplicit=True,
                )
                literal.replace_self(link)
                link += literal


def said_of_pictures(cell: Any) -> list[str]:
    """Return the words that came with each picture of an executed cell; empty where none did."""
    return [
        output.get("metadata", {}).get("image/png", {}).get("alt", "")
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]


def said_of_calls(code: str) -> list[str]:
    """Return what is said about each function for a figure that code calls."""
    return [
        (inspect.getdoc(getattr(figures, name)) or name).partition("\n")[0]
        for name in re.findall(r"\bplot_\w+", code)
        if hasattr(figures, name)
    ]


def mend(page: str) -> str:
    """Say in a written page what the theme leaves unsaid to those who listen to it."""
    for old, new in MENDS.items():
        page = page.replace(old, new)
    return page


def _lay_out(app: Sphinx, page: str, source: list[str]) -> None:
    """Fold the code of a notebook, but of sheets, and drop the comments that hold its text.

    The page alone changes: the notebook to download stays what it is.
    """
    if not page.startswith("notebooks/"):
        return
    notebook = nbformat.reads(source[0], as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = COMMENT.sub("", cell.source)
        elif cell.cell_type == "code":
            cell.metadata["alt"] = said_of_pictures(cell)
            if page.count("/") == 1:
                cell.metadata.setdefault("tags", []).append("hide-input")
    source[0] = nbformat.writes(notebook)


def _keep_from_search(app: Sphinx, document: nodes.document) -> None:
    if FOR_TEACHERS in app.env.docname:
        app.env.metadata[app.env.docname]["nosearch"] = "true"


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _heading(node: nodes.Node) -> str:
    while not isinstance(node, nodes.section):
        node = node.parent
        if node is None:
            return "A figure of this notebook."
    return f"Figure under the heading “{node.next_node(nodes.title).astext()}”."
