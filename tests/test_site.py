"""The site: each figure in words, links that lead somewhere, and nothing lost or left over."""

import filecmp
import re
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from relations import figures, site
from relations.__main__ import main

# One white pixel.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR4nGNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
)
PYTHON = {"language_info": {"name": "python"}}
REPORT = "# Reproduction\n\nAll results are the committed ones.\n\n| notebook |\n| --- |\n"


def cell(source, *outputs):
    made = new_code_cell(source)
    made.outputs = [new_output("display_data", output) for output in outputs]
    return made


@pytest.fixture
def notebooks(tmp_path):
    """Two notebooks; the names of the figures are those of the library."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    picture = {"image/png": PIXEL, "text/plain": "<Figure>"}
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "still"}
    first = [
        new_markdown_cell("# First steps\n\n**Question.** What is where?\n\nMore in `b`."),
        cell("rel.figures.plot_parity(a)\nrel.figures.plot_numbering(b)", picture, picture),
        new_markdown_cell("## By hand"),
        cell("plt.plot([1, 2])", picture),
        cell("Slider()", widget),
    ]
    second = [new_markdown_cell("# Second steps"), cell("1 + 1", {"text/plain": "2"})]
    nbformat.write(new_notebook(cells=first, metadata=PYTHON), folder / "a.ipynb")
    nbformat.write(new_notebook(cells=second, metadata=PYTHON), folder / "b.ipynb")
    return folder


def test_pages_of_a_folder(notebooks, tmp_path):
    build = tmp_path / "build"
    assert site.build(notebooks, build, REPORT) == build / "index.html"
    page = (build / "notebooks" / "a.html").read_text("utf-8")

    # Where a cell draws two figures each has its own words, and no figure goes without.
    lines = [
        getattr(figures, name).__doc__.partition("\n")[0]
        for name in ("plot_parity", "plot_numbering")
    ]
    assert re.findall(r'<img alt="([^"]*)"', page) == [
        *lines,
        "Figure under the heading “By hand”.",
    ]
    # The name of another notebook leads to it.
    prose = page[page.index("More in") :]
    assert re.match(r'More in <a class="[^"]*" href="b\.html"><span class="doc">b</span>', prose)
    # A widget needs scripts from outside: what it falls back to stands there instead.
    assert "still" in page
    assert "widget-view" not in page

    index = (build / "index.html").read_text("utf-8")
    assert "All results are the committed ones." in index
    assert index.index("First steps") < index.index("What is where?") < index.rindex("Second steps")
    for name in ("contacts", "codebook", "changelog", "reproduction"):
        assert f'href="{name}.html"' in index
        assert (build / f"{name}.html").is_file()


def test_every_event_and_report_is_in_the_table_of_contacts(notebooks, tmp_path, data):
    page = site.build(notebooks, tmp_path / "build").with_name("contacts.html").read_text("utf-8")
    table = page[page.index('id="contacts"') : page.index("</table>")]
    assert table.count("<tr>") == len(data.events)
    assert table.count('<a href="http') == len(data.reports)
    assert not (tmp_path / "build" / "reproduction.html").exists()


def test_two_builds_are_the_same_and_leave_nothing_of_others(notebooks, tmp_path):
    build, again = tmp_path / "build", tmp_path / "again"
    kept = build / "notebooks" / "a.ipynb"
    stale = [build / "notebooks" / "gone.html", build / "_images" / "gone.png"]
    for path in (kept, *stale):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", "utf-8")
    site.build(notebooks, build)
    site.build(notebooks, again)
    assert kept.read_text("utf-8") == "x"
    kept.unlink()
    names = {path.relative_to(build) for path in build.rglob("*") if path.is_file()}
    assert names == {path.relative_to(again) for path in again.rglob("*") if path.is_file()}
    assert filecmp.cmpfiles(build, again, names, shallow=False)[1:] == ([], [])


def test_link_that_leads_nowhere_is_named(notebooks, tmp_path, capsys):
    broken = new_notebook(cells=[new_markdown_cell("# Broken\n\n[there](nowhere.md)")])
    nbformat.write(broken, notebooks / "c.ipynb")
    with pytest.raises(ValueError, match=r"notebooks/c\.ipynb.*nowhere\.md"):
        site.build(notebooks, tmp_path / "build")


def test_without_sphinx_the_verdict_stands_alone(tmp_path, monkeypatch, capsys):
    (tmp_path / "notebooks").mkdir()
    nbformat.write(new_notebook(), tmp_path / "notebooks" / "a.ipynb")
    monkeypatch.delitem(sys.modules, "relations.site")
    monkeypatch.delattr("relations.site")
    monkeypatch.setitem(sys.modules, "sphinx.application", None)
    arguments = ["reproduce", str(tmp_path / "notebooks"), "--build", str(tmp_path / "build")]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "All results are the committed ones." in printed
    assert "pip install '.[notebooks]' in the checkout" in printed
    assert not (tmp_path / "build" / "index.html").exists()
