"""The executed notebooks, the record and its codebook as pages that open from disk."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from string import Template
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

from relations import figures
from relations.reading.vignette import Vignette, vignettes
from relations.record import _dates
from relations.record._package import SHIPPED, read_descriptor
from relations.record.codebook import cite
from relations.record.dataset import Dataset
from relations.record.loading import load
from relations.review.prose import COMMENT

HERE = Path(__file__).parent
CAPTIONS = {
    "notebooks": "The notebooks, in order",
    "notebooks/seminar": "Seminar sheets",
    "notebooks/seminar/instructor": "For teachers: the sheets with solutions",
}
# Where the first page takes its words and its figure from.
START, STORY = "00_start_here", "01_trajectory"
# What Sphinx makes of an earlier run, and of this one. The executed notebooks stay.
MADE = ("_static", "_images", "_downloads", "contacts")
CONFIG = {
    "extensions": ["myst_nb", "relations.review.site"],
    "exclude_patterns": ["notebooks/**.md"],
    "myst_enable_extensions": ["attrs_inline"],
    "nb_execution_mode": "off",
    "nb_code_prompt_show": "Show the code",
    "nb_code_prompt_hide": "Hide the code",
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
        Gets ``index.html``, a page of each notebook in ``notebooks/``, the table of contacts
        with a page of each in ``contacts/`` and all of them in ``contacts.csv``, the codebook
        and, in a checkout, the changelog.
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
    _write_contacts(build, _of_every_status(data))
    if warnings.getvalue():
        raise ValueError(warnings.getvalue().replace(f"{source}/", ""))
    return build / "index.html"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what this site adds to Sphinx, as its extensions do."""
    app.connect("source-read", _lay_out)
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
            drawn = _drawn(code)
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
        elif cell.cell_type == "code" and page.count("/") == 1:
            cell.metadata.setdefault("tags", []).append("hide-input")
    source[0] = nbformat.writes(notebook)


def _is_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _drawn(code: str) -> list[str]:
    """Return what is said about each function for a figure that code calls."""
    return [
        getattr(figures, name).__doc__.partition("\n")[0]
        for name in re.findall(r"\bplot_\w+", code)
        if hasattr(figures, name)
    ]


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
    """Write the first page: what this is and what was found, in the words of the notebooks."""
    notebooks = source / "notebooks"
    lines = [f"# {data.title}", ""]
    if report:
        verdict = next(line for line in report.splitlines() if line and not line.startswith("#"))
        lines += [f"**Re-execution.** {verdict} [Particulars](reproduction.md)", ""]
    lines += [_section(notebooks / f"{START}.ipynb", "What this is"), ""]
    lines += _figure(notebooks / f"{STORY}.ipynb", source)
    lines += [_section(notebooks / f"{START}.ipynb", "The answer"), ""]
    folders: dict[str, list[Path]] = {}
    for path in sorted(notebooks.rglob("*.ipynb")):
        folders.setdefault(path.parent.relative_to(source).as_posix(), []).append(path)
    told = _told(notebooks / f"{START}.ipynb")
    notebook_lines = []
    for folder, paths in sorted(folders.items()):
        caption = CAPTIONS.get(folder, folder.rpartition("/")[2].capitalize())
        notebook_lines += [f"## {caption}", ""]
        entries = []
        for path in paths:
            address = f"{folder}/{path.stem}"
            title, question = _words(path)
            entries.append(f"{title} <{address}>")
            download = f"{{download}}`download <{address}.ipynb>`"
            notebook_lines += [
                f"1. [{title}]({address}.ipynb) ({download})  ",
                f"   {told.get(path.stem, question)}",
            ]
        notebook_lines += ["", *_contents(caption, entries)]
    return "\n".join(
        [
            *lines,
            *_who_and_how(),
            *notebook_lines,
            "## The record",
            "",
            *(f"- [](/{page}.md)" for page in pages),
            "",
            *_contents("The record", pages),
        ]
    )


def _who_and_how() -> list[str]:
    makers = ", ".join(each["title"] for each in read_descriptor(SHIPPED)["contributors"])
    return [
        "## Who made it, and how to cite it",
        "",
        f"Made by {makers}. Cite the record with its version and checksum:",
        "",
        f"> {cite()}",
        "",
        "```bibtex",
        cite("bibtex"),
        "```",
        "",
    ]


def _prose(path: Path) -> str:
    """Return the text of a notebook without the comments that hold it to the data."""
    if not path.is_file():
        return ""
    cells = nbformat.read(path, as_version=4).cells
    prose = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return COMMENT.sub("", prose)


def _section(path: Path, heading: str) -> str:
    """Return the section whose heading begins so, as far as its cell goes, or nothing."""
    if not path.is_file():
        return ""
    pattern = re.compile(rf"^## {heading}.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    for cell in nbformat.read(path, as_version=4).cells:
        found = pattern.search(cell.source) if cell.cell_type == "markdown" else None
        if found:
            return COMMENT.sub("", found[0]).strip()
    return ""


def _told(path: Path) -> dict[str, str]:
    """Return what the first notebook says of each, in its table of where to go next."""
    rows = re.finditer(r"^\|\s*`(\w+)`\s*\|\s*(.+?)\s*\|\s*$", _prose(path), re.MULTILINE)
    return {row[1]: row[2][0].upper() + row[2][1:] + "." for row in rows}


def _figure(path: Path, source: Path) -> list[str]:
    """Put the first figure of an executed notebook on the first page, with a way to its story."""
    if not path.is_file():
        return []
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png")
            if picture:
                (source / "figure.png").write_bytes(base64.b64decode(picture))
                words = " ".join(_drawn(cell.source)) or "The first figure of the story."
                link = f"notebooks/{path.name}"
                return [f"![{words}](figure.png)", "", f"[The story behind the figure]({link})", ""]
    return []


def _contents(caption: str, pages: list[str]) -> list[str]:
    return ["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""]


def _words(path: Path) -> tuple[str, str]:
    """Return the title of a notebook and the question that it puts."""
    prose = _prose(path)
    title = re.search(r"^# (.+)$", prose, re.MULTILINE)
    question = re.search(r"\*\*Question\.\*\* (.+)", prose)
    return title[1] if title else path.stem, question[1] if question else ""


def _of_every_status(data: Dataset) -> Dataset:
    return data.where(status=sorted(set(data.events["status"])))


def _links(data: Dataset) -> dict[str, list[str]]:
    """Return the pages that report each contact as links, the main ones first."""
    reports = data.reports.merge(data.sources, on="source_id", suffixes=("", "_of_source"))
    reports = reports.sort_values(["main", "published", "source_id"], ascending=[False, True, True])
    told = reports.groupby("event_id")
    return {event: [_link(row) for row in rows.itertuples()] for event, rows in told}


def _contacts(data: Dataset) -> str:
    """Write the page with every event and the addresses of what reports it."""
    sides = data.sides.set_index("side")["name"].to_dict()
    codes = data.reports.merge(data.sources[["source_id", "side"]], on="source_id")
    codes = codes.groupby("event_id")["side"].agg(lambda own: sorted(set(own))).to_dict()
    links = _links(data)
    heads = [f"{side}_head" for side in sides]
    rows = [
        {
            "Date": event.start.strftime(_dates.PATTERNS[event.precision]),
            "Contact": f'<a href="contacts/{event.event_id}.html">{html.escape(event.title)}</a>'
            f"<br><small>{' · '.join(links.get(event.event_id, []))}</small>",
            "Kind": event.kind.replace("_", " "),
            "Channel": data.names.get(event.channel, ""),
            "Tier": event.tier,
            "Host": sides.get(event.host, event.host),
            "Status": event.status,
            "Told by": ", ".join(sides.get(code, code) for code in codes.get(event.event_id, [])),
            "Heads": _joined(getattr(event, head) for head in heads),
            "Place": _joined([event.place, event.province]),
            "Areas": _joined(
                data.names.get(area, area) for area in _text(event.areas).split(";") if area
            ),
        }
        for event in _of_every_status(data).contacts.itertuples()
    ]
    with pd.option_context("display.max_colwidth", None):
        table = pd.DataFrame(rows).to_html(
            index=False, escape=False, border=0, table_id="contacts", na_rep=""
        )
    return "\n".join(
        [
            "# Contacts and their reports",
            "",
            f"All {len(rows)} rows of `events`, each with a page of its own and the pages that "
            "report it; in italics those that announce or recall it. Search finds titles, heads, "
            "places and areas, with or without tone marks. The first button of a column sorts, "
            "the second filters.",
            "",
            "```{raw} html",
            '<p><a href="contacts.csv" download>All contacts as a table (CSV)</a></p>',
            f'<div class="contacts">{table}</div>',
            '<link rel="stylesheet" href="_static/datatables.css">',
            '<script src="_static/datatables.js" defer></script>',
            '<script src="_static/site.js" defer></script>',
            "```",
            "",
        ]
    )


def _write_contacts(build: Path, data: Dataset) -> None:
    """Write a page of each contact, and the table of all for spreadsheets."""
    contacts = data.contacts
    # With a byte order mark, which spreadsheets need to see that it is UTF-8.
    table = build / "contacts.csv"
    contacts.to_csv(table, index=False, encoding="utf-8-sig", lineterminator="\n")
    links, titles = _links(data), contacts.set_index("event_id")["title"].to_dict()
    frame = Template((HERE / "contact.html").read_text(encoding="utf-8"))
    # Read once: the checksum is made of every table.
    of_the_record = {"record": html.escape(data.title), "cite": html.escape(cite())}
    folder = build / "contacts"
    folder.mkdir(exist_ok=True)
    for page in vignettes(data, list(titles)):
        event_id = page.contact["event_id"]
        words = {
            "title": html.escape(page.contact["title"]),
            "content": _content(page, titles),
            "reports": "".join(f"<li>{link}</li>" for link in links.get(event_id, [])),
            "event_id": event_id,
        }
        text = frame.substitute(words | of_the_record)
        (folder / f"{event_id}.html").write_text(text, encoding="utf-8")


def _content(page: Vignette, titles: dict[str, str]) -> str:
    """Return the page of a contact as a notebook shows it, with links to other contacts."""
    content = page._repr_html_().replace("<h3>", "<h1>", 1).replace("</h3>", "</h1>", 1)
    for part in page.parts.itertuples():
        words = html.escape(part.title)
        link = f'<a href="{part.event_id}.html">{words}</a>'
        if part.event_id in titles:
            content = content.replace(f"<li>{words}</li>", f"<li>{link}</li>", 1)
    for kept_by in page.pledges["kept_by"].dropna().unique():
        link = f'<a href="{kept_by}.html">{html.escape(titles.get(kept_by, kept_by))}</a>'
        content = content.replace(f"by {kept_by}<", f"by {link}<")
    return content


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _joined(values: Iterable[Any]) -> str:
    return html.escape("; ".join(filter(None, map(_text, values))))


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
