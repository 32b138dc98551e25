"""The pages of the site open from disk, on a phone and a desk, and show what they hold."""

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

import relations as rel
from browser.conftest import watch
from relations import figures

pytestmark = pytest.mark.browser
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
# Every picture is drawn, no wider than the page, and said in words.
FAULTY = """pictures => pictures
  .filter(p => !p.naturalWidth || !p.getAttribute('alt') || !p.checkVisibility()
            || p.getBoundingClientRect().right > innerWidth)
  .map(p => 'picture: ' + p.getAttribute('src'))"""
WIDE = "document.querySelector('article, main').scrollWidth > innerWidth"


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
    alike = [built / "contacts", built / "gallery"]
    pages = [page for page in sorted(built.rglob("*.html")) if page.parent not in alike]
    assert len(pages) > len(list(NOTEBOOKS.rglob("*.ipynb")))
    # Of pages which all have one form, the longest.
    for folder in alike:
        pages += sorted(folder.iterdir(), key=lambda path: path.stat().st_size)[-3:]
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


def test_every_page_is_reached_from_the_first_by_two_clicks_at_most(page, built):
    reached: set[str] = set()
    for name in ("index", "gallery", "seminar-sheets", "for-teachers"):
        if name != "index":
            assert (built / f"{name}.html").as_uri() in reached
        page.goto((built / f"{name}.html").as_uri())
        links = page.eval_on_selector_all("article a", "links => links.map(a => a.href)")
        reached |= {link.partition("#")[0] for link in links}
    # The table shows 25 at a time; all are in the page as it was written.
    written = (built / "contacts.html").read_text("utf-8")
    linked = set(re.findall(r'href="(contacts/[^"]+)"', written))
    reached |= {(built / link).as_uri() for link in linked}
    pages = {path.as_uri() for path in built.rglob("*.html") if path.name != "search.html"}
    assert pages - reached <= {(built / "index.html").as_uri()}


def test_first_page_goes_from_what_this_is_to_the_story(page, built):
    page.goto((built / "index.html").as_uri())
    badge = page.get_by_role("link", name="Re-execution: All results are the committed ones.")
    assert badge.get_attribute("href") == "reproduction.html"
    heads = page.locator("article h2").all_inner_texts()
    wanted = ["What this is", "The answer", "Who made it", "The story", "The notebooks"]
    places = [next(i for i, head in enumerate(heads) if head.startswith(w)) for w in wanted]
    assert places == sorted(places)
    expect(page.locator("article img").first).to_be_visible()
    findings = page.locator("section", has=page.get_by_role("heading", name="The answer"))
    expect(findings.last.locator("ol > li")).to_have_count(5)
    assert "<!--" not in page.locator("article").inner_text()
    assert "holds:" not in page.locator("article").inner_html()


def test_solutions_are_a_part_of_their_own(page, built):
    page.goto((built / "index.html").as_uri())
    links = page.locator("a[href*='instructor']:visible")
    expect(links).to_have_count(0)
    page.locator("article").get_by_role("link", name="For teachers").click()
    expect(page.locator("article a[href*='instructor'][href$='.html']")).to_have_count(
        len(list((NOTEBOOKS / "seminar" / "instructor").glob("*.ipynb")))
    )
    page.goto((built / "search.html").as_uri() + "?q=solution")
    page.wait_for_function("document.querySelector('#search-results .search-summary')?.innerText")
    expect(page.locator("ul.search a[href*='instructor']")).to_have_count(0)


def test_gallery_leads_from_a_picture_to_the_call_that_draws_it(page, built):
    page.goto((built / "gallery.html").as_uri())
    expect(page.locator(".thumbnails a img")).to_have_count(len(figures.__all__))
    page.locator(".thumbnails a[href$='plot_exchange_frequency.html']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("plot_exchange_frequency"))
    expect(page.locator("article img")).to_be_visible()
    expect(page.locator("article")).to_contain_text("What it shows.")
    expect(page.locator("dt.sig")).to_contain_text("plot_exchange_frequency(frequency")
    expect(page.locator("article pre")).to_contain_text("plot_exchange_frequency(frequency)")


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


def shown_in(contacts: Page) -> int:
    """Return how many contacts the line under the table says are shown."""
    words = contacts.locator(".dt-info").inner_text()
    found = re.search(r"of ([\d,]+) contacts", words)
    return int(found[1].replace(",", "")) if found else 0


@pytest.fixture
def everything(data: rel.Dataset) -> pd.DataFrame:
    return data.where(status=sorted(set(data.events["status"]))).contacts


@pytest.mark.parametrize("width", [390, 1280])
def test_contacts_are_filtered_by_channel_tier_area_and_year(contacts, data, everything, width):
    contacts.set_viewport_size({"width": width, "height": 844})
    channel = everything["channel"].value_counts().index[0]
    area = everything["areas"].str.split(";").explode().value_counts().index[0]
    of_area = everything["areas"].fillna("").str.split(";").map(lambda areas: area in areas)
    years = everything["start"].dt.year
    cases = {
        "Channel": (data.names[channel], everything["channel"] == channel),
        "Tier": ("minister", everything["tier"] == "minister"),
        "Area": (data.names[area], of_area),
        "Year": ("2014", (years <= 2014) & (everything["end"].dt.year >= 2014)),
    }
    for label, (value, rows) in cases.items():
        contacts.get_by_label(label, exact=True).select_option(value)
        assert 0 < shown_in(contacts) == rows.sum() < len(everything), label
        contacts.get_by_role("button", name="Show all").click()
        assert shown_in(contacts) == len(everything)
    # Together they choose what keeps to all of them.
    contacts.get_by_label("Tier", exact=True).select_option("minister")
    contacts.get_by_label("Year", exact=True).select_option("2014")
    assert shown_in(contacts) == (cases["Tier"][1] & cases["Year"][1]).sum()


def test_contacts_are_filtered_by_person_with_or_without_tone_marks(contacts, data):
    people = data.people.set_index("person_id")["name"]
    took_part = data.participants[["event_id", "person_id"]].drop_duplicates()
    name = people[took_part["person_id"].value_counts().index[0]]
    with_name = took_part[took_part["person_id"].map(people) == name]["event_id"].nunique()
    box = contacts.get_by_label("Person", exact=True)
    for words in (name, name.upper(), name.replace("a", "á")):
        box.fill(words)
        assert shown_in(contacts) == with_name > 0
    box.fill("nobody of this name")
    expect(contacts.locator("#contacts tbody")).to_contain_text("No contact")


def test_filtered_rows_are_downloaded(contacts, everything, tmp_path):
    contacts.get_by_label("Tier", exact=True).select_option("leader")
    with contacts.expect_download() as waiting:
        contacts.get_by_role("button", name="Download what is shown").click()
    waiting.value.save_as(tmp_path / "contacts.csv")
    saved = pd.read_csv(tmp_path / "contacts.csv")
    leaders = everything[everything["tier"] == "leader"]
    assert sorted(saved["Id"]) == sorted(leaders["event_id"])
    assert set(saved["Contact"]) == set(leaders["title"])


@pytest.mark.parametrize("width", [390, 1280])
def test_a_click_on_a_row_opens_its_contact_and_back_keeps_the_choice(contacts, width):
    contacts.set_viewport_size({"width": width, "height": 844})
    contacts.get_by_label("Tier", exact=True).select_option("leader")
    shown = shown_in(contacts)
    row = contacts.locator("#contacts tbody tr").nth(2)
    title = row.locator("a").first.inner_text()
    row.locator("td").first.click()
    expect(contacts.get_by_role("heading", level=1)).to_have_text(title)
    contacts.go_back()
    contacts.wait_for_selector("#contacts_wrapper")
    expect(contacts.get_by_label("Tier", exact=True)).to_have_value("leader")
    assert shown_in(contacts) == shown


def test_a_person_on_the_page_of_a_contact_leads_to_all_his_contacts(page, built, data):
    page.goto((built / "contacts" / "2014-05-19-meeting-chang-thanh.html").as_uri())
    page.get_by_role("link", name="Phung Quang Thanh").first.click()
    page.wait_for_selector("#contacts_wrapper")
    own = data.participants["person_id"].map(data.names) == "Phung Quang Thanh"
    assert shown_in(page) == data.participants[own]["event_id"].nunique()


def test_theme_of_the_table_follows_that_of_the_page(contacts):
    root = contacts.locator("html")
    expect(root).not_to_have_class("dark")
    contacts.emulate_media(color_scheme="dark")
    contacts.reload()
    expect(root).to_have_class("dark")
    contacts.get_by_role("button", name="Toggle Light / Dark").first.click()
    assert contacts.evaluate("document.body.dataset.theme") == "light"
    expect(root).not_to_have_class("dark")
