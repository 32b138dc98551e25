"""The pages of the site open from disk, on a phone and a desk, and show what they hold."""

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import watch
from relations.review import site

pytestmark = pytest.mark.browser
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
REPORT = "# Reproduction\n\nAll results are the committed ones.\n"
# Every picture is drawn, no wider than the page, and said in words.
FAULTY = """pictures => pictures
  .filter(p => !p.naturalWidth || !p.getAttribute('alt') || !p.checkVisibility()
            || p.getBoundingClientRect().right > innerWidth)
  .map(p => 'picture: ' + p.getAttribute('src'))"""
WIDE = "document.querySelector('article, main').scrollWidth > innerWidth"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site of the committed notebooks."""
    return site.build(NOTEBOOKS, tmp_path_factory.mktemp("site"), REPORT).parent


@pytest.fixture
def contacts(page: Page, built: Path) -> Page:
    page.goto((built / "contacts.html").as_uri())
    page.wait_for_selector("#contacts_wrapper")
    return page


def faults_of(browser: Browser, path: Path, width: int) -> list[str]:
    """Open a page, wait until all of it is there, and return what is wrong with it."""
    page = browser.new_page(viewport={"width": width, "height": 844})
    faults = watch(page)
    page.goto(path.as_uri(), wait_until="networkidle")
    faults += page.eval_on_selector_all("img", FAULTY)
    if page.evaluate(WIDE):
        faults.append("wider than the screen")
    page.close()
    return faults


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_has_a_fault(browser, built, width):
    pages = [page for page in sorted(built.rglob("*.html")) if page.parent.name != "contacts"]
    assert len(pages) > len(list(NOTEBOOKS.rglob("*.ipynb")))
    # Of the pages of contacts, which all have one form, the longest.
    contacts = sorted((built / "contacts").iterdir(), key=lambda path: path.stat().st_size)
    pages += contacts[-3:]
    found = {page.name: faults_of(browser, page, width) for page in pages}
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    "planted, fault",
    [
        ("<script>throw new Error('broken')</script>", "page error: broken"),
        ("<script>console.error('broken')</script>", "console: broken"),
        ("<script src='https://example.org/x.js'></script>", "outside request"),
        ("<script src='gone.js'></script>", "failed request"),
        ("<img src='gone.png' alt='Gone'>", "picture: gone.png"),
        (
            "<img src='data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22/>'>",
            "picture:",
        ),
        ("<p style='width: 900px'>Wide</p>", "wider than the screen"),
    ],
)
def test_faults_that_are_planted_are_found(browser, built, planted, fault):
    page = built / "notebooks" / "planted.html"
    sound = (built / "notebooks" / "00_start_here.html").read_text("utf-8")
    page.write_text(sound.replace("</h1>", f"</h1>{planted}", 1), "utf-8")
    try:
        assert any(fault in found for found in faults_of(browser, page, 390))
    finally:
        page.unlink()


def test_every_page_is_reached_from_the_first(page, built):
    page.goto((built / "index.html").as_uri())
    reached = set(page.eval_on_selector_all("article a", "links => links.map(a => a.href)"))
    page.goto((built / "contacts.html").as_uri())
    # The table shows 25 at a time; all are in the page as it was written.
    written = (built / "contacts.html").read_text("utf-8")
    linked = set(re.findall(r'href="(contacts/[^"]+)"', written))
    reached |= {(built / link).as_uri() for link in linked}
    pages = {path.as_uri() for path in built.rglob("*.html") if path.name != "search.html"}
    assert pages - reached == {(built / "index.html").as_uri()}


def test_first_page_shows_figure_and_findings(page, built):
    page.goto((built / "index.html").as_uri())
    expect(page.get_by_role("heading", name="The answer")).to_be_visible()
    expect(page.locator("article img").first).to_be_visible()
    assert "<!--" not in page.locator("article").inner_text()
    assert "holds:" not in page.locator("article").inner_html()


def test_code_folds_and_comments_of_the_text_do_not_show(page, built):
    page.goto((built / "notebooks" / "01_trajectory.html").as_uri())
    code = page.locator("div.cell_input").first
    expect(code).to_be_hidden()
    page.get_by_text("Show the code").first.click()
    expect(code).to_be_visible()
    assert "holds:" not in page.locator("article").inner_html()


def test_table_is_searched_without_tone_marks_and_by_head(contacts, data):
    shown, info = contacts.locator("#contacts tbody"), contacts.locator(".dt-info")
    said = []
    for words in ("phạm đình", "PHAM ĐINH", "pham dinh", "Bắc Bộ", "bac bo"):
        contacts.get_by_role("searchbox").fill(words)
        expect(shown.locator("tr").first).to_be_visible()
        said.append(info.inner_text())
    assert said[0] == said[1] == said[2]
    assert said[3] == said[4]
    heads = data.contacts["VN_head"].fillna("")
    contacts.get_by_role("searchbox").fill(heads[heads.str.contains("Giang")].iloc[0])
    expect(info).not_to_contain_text("of 0 entries")


def test_a_title_opens_the_page_of_the_contact_which_leads_back(contacts, data):
    link = contacts.locator("#contacts tbody tr td:nth-child(2) > a").first
    title = link.inner_text()
    link.click()
    expect(contacts.get_by_role("heading", level=1)).to_have_text(title)
    expect(contacts.get_by_role("heading", name="Pages that report it")).to_be_visible()
    contacts.get_by_role("link", name="All contacts").click()
    expect(contacts.get_by_role("heading", level=1)).to_contain_text("Contacts and their reports")


def test_contacts_are_downloaded_all_and_as_shown(contacts, data, tmp_path):
    contacts.get_by_role("searchbox").fill("hotline")
    with contacts.expect_download() as waiting:
        contacts.get_by_role("button", name="Download what is shown").click()
    waiting.value.save_as(tmp_path / "shown.csv")
    shown = pd.read_csv(tmp_path / "shown.csv")
    assert 0 < len(shown) < len(data.events)
    assert set(shown["Contact"]) <= set(data.events["title"])
    assert "Areas" in shown
    everything = contacts.get_by_role("link", name="All contacts as a table")
    assert everything.get_attribute("href") == "contacts.csv"


def test_search_finds_a_notebook_from_disk(page, built):
    page.goto((built / "search.html").as_uri() + "?q=crosswalk")
    found = page.locator("ul.search li a", has_text="Participants and ranks").first
    found.click()
    expect(page.locator("h1")).to_contain_text("Participants and ranks")


def test_table_is_searched_from_the_keyboard(contacts, data):
    for _ in range(60):
        contacts.keyboard.press("Tab")
        if contacts.evaluate("document.activeElement.closest('.dt-search') !== null"):
            break
    title = data.events["title"].iloc[0]
    contacts.keyboard.type(title)
    expect(contacts.locator("#contacts tbody tr")).to_have_count(1)
    expect(contacts.locator("#contacts tbody")).to_contain_text(title)


def test_table_sorts_by_a_column(contacts, data):
    first = contacts.locator("#contacts tbody tr:first-child td:first-child")
    expect(first).to_have_text(f"{data.events['start'].max():%Y-%m-%d}")
    order = contacts.locator("#contacts thead th").first.get_by_role("button").first
    order.focus()
    contacts.keyboard.press("Enter")
    contacts.keyboard.press("Enter")
    earliest = data.events.sort_values("start").iloc[0]
    assert earliest["precision"] == "day"
    expect(first).to_have_text(f"{earliest['start']:%Y-%m-%d}")


def test_table_is_filtered_by_the_values_of_a_column(contacts, data):
    kinds = contacts.locator("#contacts thead th", has_text="Kind")
    kinds.get_by_role("button", name="Filter").click()
    contacts.get_by_role("dialog").get_by_role("button", name="dialogue").click()
    held = int((data.events["kind"] == "dialogue").sum())
    expect(contacts.locator(".dt-info")).to_contain_text(f"of {held} entries")
    shown = contacts.locator("#contacts tbody td:nth-child(3)")
    assert set(shown.all_inner_texts()) == {"dialogue"}


def test_filter_of_a_short_table_is_seen_whole_on_a_phone(contacts, data):
    contacts.set_viewport_size({"width": 390, "height": 844})
    contacts.get_by_role("searchbox").fill(data.events["title"].iloc[0])
    expect(contacts.locator("#contacts tbody tr")).to_have_count(1)
    contacts.locator("#contacts thead").get_by_role("button", name="Filter").nth(2).click()
    within = """dialog => {
      const { left, right, bottom } = dialog.getBoundingClientRect();
      const seen = document.elementFromPoint((left + right) / 2, bottom - 5);
      return left >= 0 && right <= innerWidth && dialog.contains(seen);
    }"""
    assert contacts.get_by_role("dialog").evaluate(within)


def test_theme_of_the_table_follows_that_of_the_page(contacts):
    root = contacts.locator("html")
    expect(root).not_to_have_class("dark")
    contacts.emulate_media(color_scheme="dark")
    contacts.reload()
    expect(root).to_have_class("dark")
    contacts.get_by_role("button", name="Toggle Light / Dark").first.click()
    assert contacts.evaluate("document.body.dataset.theme") == "light"
    expect(root).not_to_have_class("dark")
