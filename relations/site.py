"""The executed notebooks, the record and its codebook as pages that open from disk."""

from __future__ import annotations

import html
import io
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import itables
import nbformat
import pandas as pd
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import docutils_namespace, patch_docutils

from relations import _dates, figures
from relations._package import SHIPPED
from relations.tables import Dataset, cite, load

HERE = Path(__file__).parent
CAPTIONS = {
    "notebooks": "The argument, in order",
    "notebooks/seminar/instructor": "Seminar sheets, with solutions",
}
# What Sphinx makes of an earlier run, and of this one. The executed notebooks stay.
MADE = ("_static", "_images", "_downloads")
CONFIG = {
    "extensions": ["myst_nb", "relations.site"],
    "exclude_patterns": ["notebooks/**.md"],
    "nb_execution_mode": "off",
    # A widget lives on a kernel or on scripts from outside; a page shows what it falls back to.
    "nb_ipywidgets_js": {},
    "nb_mime_priority_overrides": [("html", "application/vnd.jupyter.widget-view+json", None)],
    # A notebook that opens without a heading has its link on the first page all the same.
    "suppress_warnings": ["toc.no_title"],
    "html_theme": "furo",
    "html_static_path": [],
    "html_css_files": ["site.css"],
    "html_copy_source": False,
    "html_use_index": False,
    # Extracts from the pages found would be fetched, which a browser refuses from disk.
    "html_show_search_summary": False,
    "html_show_copyright": False,
    "language": "en",
}


def build(notebooks: Path, build: Path, report: str = "") -> Path:
    """Write the site of executed notebooks: it needs no network and opens from disk.

    Parameters
    ----------
    notebooks : path
        Folder with notebooks that hold their outputs; nothing is executed.
    build : path
        Gets ``index.html``, a page of each notebook in ``notebooks/``, the contacts with
        their reports, the codebook and, in a checkout, the changelog.
    report : str
        Verdict of the re-execution in Markdown: a heading, the verdict, the particulars.

    Returns
    -------
    path
        The first page.

    Raises
    ------
    ValueError
        If Sphinx warns of a page, with its warnings: a link that leads nowhere, for example.
        The pages are written nevertheless.
    """
    data = load()
    with tempfile.TemporaryDirectory() as place:
        source, made = Path(place) / "source", Path(place) / "made"
        _write_sources(source, notebooks, data, report)
        static = Path(place) / "static"
        static.mkdir()
        _write_static(static)
        warnings = io.StringIO()
        names = {"project": data.title, "html_title": data.title, "release": data.version}
        config = CONFIG | names | {"html_static_path": [str(static)]}
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                source,
                None,
                made,
                Path(place) / "doctrees",
                "html",
                confoverrides=config,
                status=None,
                warning=warnings,
            )
            app.build()
        for name in MADE:
            shutil.rmtree(build / name, ignore_errors=True)
        for page in (build / "notebooks").rglob("*.html"):
            page.unlink()
        # What Sphinx would build further from differs with every temporary folder.
        leave = shutil.ignore_patterns(".buildinfo")
        shutil.copytree(made, build, ignore=leave, dirs_exist_ok=True)
    if warnings.getvalue():
        raise ValueError(warnings.getvalue().replace(f"{source}/", ""))
    return build / "index.html"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what this site adds to Sphinx, as its extensions do."""
    app.add_post_transform(AlternativeText)
    app.add_transform(PageNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class AlternativeText(SphinxPostTransform):
    """Say for each figure what it draws, for those who cannot see it."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Take the first line of what is said about the function that the cell calls."""
        for cell in self.document.findall(_is_cell):
            pictures = list(cell.findall(nodes.image))
            code = " ".join(block.astext() for block in cell.findall(nodes.literal_block))
            drawn = [
                getattr(figures, name).__doc__.partition("\n")[0]
                for name in re.findall(r"\bplot_\w+", code)
                if hasattr(figures, name)
            ]
            if len(drawn) != len(pictures):
                drawn = [" ".join(drawn) or _heading(cell)] * len(pictures)
            for picture, text in zip(pictures, drawn, strict=True):
                picture["alt"] = text


class PageNames(SphinxTransform):
    """Turn the name of a notebook in the prose into a link to its page."""

    default_priority = 900

    def apply(self, **kwargs: Any) -> None:
        """Look at every literal outside links and headings."""
        pages = {Path(name).name: name for name in self.env.found_docs if "/" in name}
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


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _heading(node: nodes.Node) -> str:
    while not isinstance(node, nodes.section):
        node = node.parent
        if node is None:
            return "A figure of this notebook."
    return f"Figure under the heading “{node.next_node(nodes.title).astext()}”."


def _write_sources(source: Path, notebooks: Path, data: Dataset, report: str) -> None:
    leave = shutil.ignore_patterns(".ipynb_checkpoints", "*.html")
    shutil.copytree(notebooks, source / "notebooks", ignore=leave)
    pages = {"contacts": _contacts(data)}
    for name, path in (
        ("codebook", SHIPPED / "README.md"),
        ("changelog", SHIPPED.parent / "CHANGELOG.md"),
    ):
        if path.is_file():
            pages[name] = path.read_text(encoding="utf-8")
    if report:
        pages["reproduction"] = report
    pages["index"] = _index(source, list(pages), data, report)
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text, encoding="utf-8")


def _index(source: Path, pages: list[str], data: Dataset, report: str) -> str:
    """Write the first page: the argument in order, each step in the words of its notebook."""
    lines = [f"# {data.title}", ""]
    if report:
        verdict = next(line for line in report.splitlines() if line and not line.startswith("#"))
        lines += [f"**Re-execution.** {verdict} [Particulars](reproduction.md)", ""]
    folders: dict[str, list[Path]] = {}
    for path in sorted((source / "notebooks").rglob("*.ipynb")):
        folders.setdefault(path.parent.relative_to(source).as_posix(), []).append(path)
    for folder, paths in sorted(folders.items()):
        caption = CAPTIONS.get(folder, folder.rpartition("/")[2].capitalize())
        lines += [f"## {caption}", ""]
        entries = []
        for path in paths:
            address = f"{folder}/{path.stem}"
            title, question = _words(path)
            entries.append(f"{title} <{address}>")
            download = f"{{download}}`download <{address}.ipynb>`"
            lines += [f"1. [{title}]({address}.ipynb) ({download})  ", f"   {question}"]
        lines += ["", *_contents(caption, entries)]
    lines += ["## The record", "", *(f"- [](/{page}.md)" for page in pages), ""]
    return "\n".join([*lines, *_contents("The record", pages), "## Cite it", "", cite(), ""])


def _contents(caption: str, pages: list[str]) -> list[str]:
    return ["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""]


def _words(path: Path) -> tuple[str, str]:
    """Return the title of a notebook and the question that it puts."""
    cells = nbformat.read(path, as_version=4).cells
    prose = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    title = re.search(r"^# (.+)$", prose, re.MULTILINE)
    question = re.search(r"\*\*Question\.\*\* (.+)", prose)
    return title[1] if title else path.stem, question[1] if question else ""


def _contacts(data: Dataset) -> str:
    """Write the page with every event and the addresses of what reports it."""
    sides = data.sides.set_index("side")["name"].to_dict()
    reports = data.reports.merge(data.sources, on="source_id", suffixes=("", "_of_source"))
    reports = reports.sort_values(["main", "published", "source_id"], ascending=[False, True, True])
    told = reports.groupby("event_id")
    links = {event: " · ".join(map(_link, rows.itertuples())) for event, rows in told}
    codes = {event: sorted(set(rows["side"])) for event, rows in told}
    rows = [
        {
            "Date": event.start.strftime(_dates.PATTERNS[event.precision]),
            "Contact": html.escape(event.title)
            + f"<br><small>{links.get(event.event_id, '')}</small>",
            "Kind": event.kind.replace("_", " "),
            "Host": sides.get(event.host, event.host),
            "Status": event.status,
            "Told by": ", ".join(sides.get(code, code) for code in codes.get(event.event_id, [])),
        }
        for event in data.events.sort_values(["start", "event_id"]).itertuples()
    ]
    with pd.option_context("display.max_colwidth", None):
        table = pd.DataFrame(rows).to_html(
            index=False, escape=False, border=0, table_id="contacts", na_rep=""
        )
    return "\n".join(
        [
            "# Contacts and their reports",
            "",
            f"All {len(rows)} rows of `events`, each with the pages that report it; in italics "
            "those that announce or recall it. The first button of a column sorts, the second "
            "filters.",
            "",
            "```{raw} html",
            f'<div class="contacts">{table}</div>',
            '<link rel="stylesheet" href="_static/datatables.css">',
            '<script src="_static/datatables.js" defer></script>',
            '<script src="_static/site.js" defer></script>',
            "```",
            "",
        ]
    )


def _link(report: Any) -> str:
    words = html.escape(report.outlet)
    if not pd.isna(report.published):
        words += f" {_dates.written(report.published, report.published_latest)}"
    if not report.main:
        words = f"<i>{words}</i>"
    return f'<a href="{html.escape(report.url)}">{words}</a>'


def _write_static(folder: Path) -> None:
    bundle = Path(itables.__file__).parent / "html"
    script = json.dumps((bundle / "dt_bundle.js").read_text(encoding="utf-8"))
    (folder / "datatables.js").write_text(f"const DATATABLES = {script};\n", encoding="utf-8")
    shutil.copy(bundle / "dt_bundle.css", folder / "datatables.css")
    for name in ("site.css", "site.js"):
        shutil.copy(HERE / name, folder / name)
