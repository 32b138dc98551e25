"""The site: each figure in words, links that lead somewhere, and nothing lost or left over."""

import filecmp
import html
import re
import sys
from urllib.parse import quote

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from relations import figures, review
from relations.__main__ import main
from relations.review import _gallery_pages, site
from relations.review._contact_pages import write_contacts

# One white pixel.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR4nGNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
)
PYTHON = {"language_info": {"name": "python"}}
REPORT = "# Reproduction\n\nAll results are the committed ones.\n\n| notebook |\n| --- |\n"


def no_gallery(source):
    (source / "gallery.md").write_text("# Gallery\n", "utf-8")
    return "gallery"


@pytest.fixture(autouse=True)
def few_pages(request, monkeypatch):
    """Write pages of contacts and figures only in the tests that look at them."""
    if "contact" not in request.node.name:
        monkeypatch.setattr(site, "write_contacts", lambda build, data: None)
    if "gallery" not in request.node.name:
        monkeypatch.setattr(site, "write_gallery", no_gallery)


def cell(source, *outputs):
    made = new_code_cell(source)
    made.outputs = [new_output("display_data", output) for output in outputs]
    return made


@pytest.fixture
def notebooks(tmp_path):
    return two_notebooks(tmp_path)


@pytest.fixture(scope="module")
def of_contacts(tmp_path_factory):
    """The site with a page of every contact, which takes long: made once."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "write_contacts", write_contacts)
        patch.setattr(site, "write_gallery", no_gallery)
        return site.build(two_notebooks(folder), folder / "build").parent


def two_notebooks(place):
    """Two notebooks; the names of the figures are those of the library."""
    folder = place / "notebooks"
    folder.mkdir()
    picture = {"image/png": PIXEL, "text/plain": "<Figure>"}
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "still"}
    first = [
        new_markdown_cell(
            "# First steps\n\n**Question.** What is where?\n\nMore in `b`, 2<!-- {1 + 1} --> of 2."
        ),
        cell("rel.figures.plot_head_gap(a)\nrel.figures.plot_numbering(b)", picture, picture),
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
        for name in ("plot_head_gap", "plot_numbering")
    ]
    assert re.findall(r'<img alt="([^"]*)"', page) == [
        *lines,
        "Figure under the heading “By hand”.",
    ]
    # The name of another notebook leads to it.
    prose = page[page.index("More in") :]
    assert re.match(r'More in <a class="[^"]*" href="b\.html"><span class="doc">b</span>', prose)
    # Code folds, and what a number is computed from does not show.
    assert page.count("<summary") >= 3
    assert "2 of 2." in prose
    assert "1 + 1" not in page
    # A widget needs scripts from outside: what it falls back to stands there instead.
    assert "still" in page
    assert "widget-view" not in page

    index = (build / "index.html").read_text("utf-8")
    assert "All results are the committed ones." in index
    assert index.index("First steps") < index.index("What is where?") < index.rindex("Second steps")
    for name in ("contacts", "codebook", "changelog", "reproduction"):
        assert f'href="{name}.html"' in index
        assert (build / f"{name}.html").is_file()


def test_first_page_tells_what_this_is_and_what_was_found(notebooks, tmp_path):
    start = new_markdown_cell(
        "# Start\n\n## What this is\n\nA record.\n\n## The answer in a sentence\n\n"
        "1. It grew to 4<!-- {rate:.0f} -->.<!-- holds: rate > 1 -->\n\n## Where to go next\n\n"
        "| notebook | what you take away |\n| --- | --- |\n| `a` | the first steps |\n"
    )
    picture = {"image/png": PIXEL, "text/plain": "<Figure>"}
    shown = cell("rel.figures.plot_head_gap(a)", picture)
    shown.outputs[0].metadata = {"image/png": {"alt": "It grew: 1 in 2000, 4 in [2001]."}}
    told = new_markdown_cell("# Story\n\n## The answer\n\nThey met, and later often.\n\nWords.")
    story = [told, shown]
    nbformat.write(new_notebook(cells=[start], metadata=PYTHON), notebooks / "00_start_here.ipynb")
    nbformat.write(new_notebook(cells=story, metadata=PYTHON), notebooks / "01_trajectory.ipynb")
    page = site.build(notebooks, tmp_path / "build").read_text("utf-8")
    words = ["A record.", 'src="_images/figure.png"', "It grew to 4.", "how to cite it", "sha256"]
    words += ["They met, and later often.", "The notebooks, in order"]
    main = page[page.index("<article") :]
    places = [main.index(each) for each in words]
    assert places == sorted(places)
    # The words that came with the figure go before those about what draws it.
    assert 'alt="It grew: 1 in 2000, 4 in [2001]."' in page
    assert 'alt="It grew: 1 in 2000, 4 in [2001]."' in (
        tmp_path / "build" / "notebooks" / "01_trajectory.html"
    ).read_text("utf-8")
    assert "Words." not in main
    assert "The first steps." in page
    assert "holds" not in page


def test_every_contact_is_in_the_table_with_its_reports_and_its_page(of_contacts, data):
    build = of_contacts
    page = (build / "contacts.html").read_text("utf-8")
    table = page[page.index('id="contacts"') : page.index("</table>")]
    assert table.count("<tr>") == len(data.events)
    assert table.count('<a href="http') == len(data.reports)
    assert not (build / "reproduction.html").exists()

    pages = {path.stem: path.read_text("utf-8") for path in (build / "contacts").iterdir()}
    assert set(pages) == set(data.events["event_id"])
    assert sum(each.count('<a href="http') for each in pages.values()) == len(data.reports)
    for event_id, each in pages.items():
        assert f'href="contacts/{event_id}.html"' in table
        assert each.count("<h1>") == 1
        led = re.findall(r'href="([^"/:]+)\.html"', each)
        assert set(led) <= set(pages)
    saved = pd.read_csv(build / "contacts.csv")
    assert sorted(saved["event_id"]) == sorted(pages)
    for part in data.events.dropna(subset=["parent_id"]).head().itertuples():
        assert f'href="{part.event_id}.html"' in pages[part.parent_id]


def test_page_of_a_contact_tells_reports_people_positions_and_pledges(of_contacts, data):
    pages = {path.stem: path.read_text("utf-8") for path in (of_contacts / "contacts").iterdir()}
    sides = data.sides.set_index("side")["name"]
    sources = data.reports.merge(data.sources, on="source_id")
    for event_id, reports in sources.groupby("event_id"):
        for side, name in sides.items():
            own = reports[reports["side"] == side]
            number = f"{len(own)} report{'s' * (len(own) != 1)}"
            assert f"<h3>{name}: {number}</h3>" in pages[event_id]
    for row in data.participants.itertuples():
        assert f"#People={quote(data.names[row.person_id])}" in pages[row.event_id]
    for row in data.positions.dropna(subset=["event_id"]).itertuples():
        assert html.escape(row.position) in pages[row.event_id]
    for row in data.pledges.itertuples():
        page = pages[row.event_id]
        assert html.escape(row.what) in page
        made = page[page.index("Pledged, and what became of it") :]
        assert "not known" in made if row.outcome == "unknown" else row.outcome in made
        if pd.notna(row.kept_by):
            assert f'href="{row.kept_by}.html"' in made
            kept = pages[row.kept_by]
            kept = kept[kept.index("Pledges that it kept") :]
            assert f'href="{row.event_id}.html"' in kept


def test_sheets_and_solutions_have_pages_that_lead_to_them(notebooks, tmp_path):
    for folder, word in (("seminar", "Task"), ("seminar/instructor", "Heptagon")):
        (notebooks / folder).mkdir()
        sheet = new_notebook(cells=[new_markdown_cell(f"# One\n\n{word}")], metadata=PYTHON)
        nbformat.write(sheet, notebooks / folder / "1_one.ipynb")
    (notebooks / "seminar" / "README.md").write_text("# Seminars\n\n## Before\n\nPrint.", "utf-8")
    build = site.build(notebooks, tmp_path / "build").parent
    index = (build / "index.html").read_text("utf-8")
    main = index[index.index("<article") : index.index("</article>")]
    assert 'href="seminar-sheets.html"' in main
    assert 'href="for-teachers.html"' in main
    assert "instructor" not in main
    sheets = (build / "seminar-sheets.html").read_text("utf-8")
    sheets = sheets[sheets.index("<article") : sheets.index("</article>")]
    assert "instructor" not in sheets
    teachers = (build / "for-teachers.html").read_text("utf-8")
    assert 'href="notebooks/seminar/instructor/1_one.html"' in teachers
    assert "Print." in teachers
    # No search finds a solution.
    found = (build / "searchindex.js").read_text("utf-8")
    assert "heptagon" not in found
    assert "task" in found


def test_gallery_has_a_page_of_each_figure_from_its_docstring(notebooks, tmp_path, monkeypatch):
    few = {"How sure": ("plot_undercount",), "Who": ("plot_head_gap",)}
    monkeypatch.setattr(_gallery_pages, "GROUPS", few)
    build = site.build(notebooks, tmp_path / "build").parent
    index = (build / "gallery.html").read_text("utf-8")
    assert 'href="gallery.html"' in (build / "index.html").read_text("utf-8")
    for name in ("plot_undercount", "plot_head_gap"):
        assert f'href="gallery/{name}.html"' in index
        assert (build / "_images" / f"{name}.png").is_file()
        page = (build / "gallery" / f"{name}.html").read_text("utf-8")
        [said] = re.findall(rf'<img alt="([^"]+)" src="[^"]*{name}.png"', page)
        assert said in page.replace(f'alt="{said}"', "")
        assert "relations.figures." in page
        assert "&gt;&gt;&gt; " in page
    # Where a notebook draws it, its page says so.
    assert 'href="../notebooks/a.html"' in page


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
    monkeypatch.delitem(sys.modules, "relations.review.site", raising=False)
    monkeypatch.delattr(review, "site", raising=False)
    monkeypatch.setitem(sys.modules, "sphinx.application", None)
    arguments = ["reproduce", str(tmp_path / "notebooks"), "--build", str(tmp_path / "build")]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "All results are the committed ones." in printed
    assert "pip install 'china-vietnam-relations[notebooks]'" in printed
    assert not (tmp_path / "build" / "index.html").exists()
