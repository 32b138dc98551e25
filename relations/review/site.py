"""The executed notebooks, the record, its figures and its codebook as pages that open from disk."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from pathlib import Path

import itables
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from relations.record._package import SHIPPED
from relations.record.dataset import Dataset
from relations.record.loading import load
from relations.review._contact_pages import write_contacts
from relations.review._contact_table import contact_table
from relations.review._first_page import write_first_page
from relations.review._gallery_pages import write_gallery
from relations.review._layout import mend

HERE = Path(__file__).parent
# What Sphinx makes of an earlier run, and of this one. The executed notebooks stay.
MADE = ("_static", "_images", "_downloads", "contacts", "gallery")
CONFIG = {
    "extensions": [
        "myst_nb",
        "sphinx.ext.autodoc",
        "sphinx.ext.napoleon",
        "relations.review._layout",
    ],
    "exclude_patterns": ["notebooks/**.md"],
    # In the gallery names in docstrings are code; these say what a parameter is, in words.
    "default_role": "code",
    "autodoc_typehints": "none",
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
    "html_js_files": [("site.js", {"defer": "defer"})],
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
        with a page of each in ``contacts/`` and all of them in ``contacts.csv``, a page of each
        figure in ``gallery/``, the codebook and, in a checkout, the changelog.
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
        for path in made.rglob("*.html"):
            path.write_text(mend(path.read_text(encoding="utf-8")), encoding="utf-8")
        shutil.copytree(made, build, ignore=leave, dirs_exist_ok=True)
    write_contacts(build, data)
    if warnings.getvalue():
        raise ValueError(warnings.getvalue().replace(f"{source}/", ""))
    return build / "index.html"


def _write_sources(source: Path, notebooks: Path, data: Dataset, report: str) -> None:
    leave = shutil.ignore_patterns(".ipynb_checkpoints", "*.html")
    shutil.copytree(notebooks, source / "notebooks", ignore=leave)
    pages = {"contacts": contact_table(data)}
    for name, path in (
        ("codebook", SHIPPED / "README.md"),
        ("changelog", SHIPPED.parent / "CHANGELOG.md"),
    ):
        if path.is_file():
            pages[name] = path.read_text(encoding="utf-8")
    if report:
        pages["reproduction"] = report
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text, encoding="utf-8")
    first, *others = pages
    write_first_page(source, [first, write_gallery(source), *others], data, report)


def _write_static(folder: Path) -> None:
    bundle = Path(itables.__file__).parent / "html"
    script = json.dumps((bundle / "dt_bundle.js").read_text(encoding="utf-8"))
    (folder / "datatables.js").write_text(f"const DATATABLES = {script};\n", encoding="utf-8")
    shutil.copy(bundle / "dt_bundle.css", folder / "datatables.css")
    for name in ("site.css", "site.js", "contacts.js"):
        shutil.copy(HERE / name, folder / name)
