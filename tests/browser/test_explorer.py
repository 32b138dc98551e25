"""The explorer in JupyterLab: what is chosen and opened, by mouse and by keyboard alone."""

import re

import nbformat
import pytest
from playwright.sync_api import expect

import relations as rel

pytestmark = pytest.mark.browser

SHOW = "import relations as rel\nrel.explore(rel.load())"
FOCUS = "document.activeElement"
# Contrast of text and ground by WCAG 2, from the colours as computed; text may be see-through.
CONTRAST = """node => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = colour => {
        const [r, g, b] = colour.map(part => part / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = parts(getComputedStyle(node.closest(".rel-explorer")).backgroundColor);
    const [r, g, b, alpha = 1] = parts(getComputedStyle(node).color);
    const text = [r, g, b].map((part, place) => part * alpha + ground[place] * (1 - alpha));
    const [one, other] = [light(text), light(ground.slice(0, 3))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}"""


def begin(view, code=SHOW):
    # Without a named kernel JupyterLab would ask for one.
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, view.lab.folder / "explorer.ipynb")
    view.open("explorer.ipynb")
    view.run_all()


@pytest.fixture
def explorer(view):
    begin(view)
    explorer = view.page.locator(".rel-explorer")
    explorer.wait_for()
    return explorer


def rows(explorer):
    return explorer.get_by_role("listbox").get_by_role("option")


def tab_to(page, role):
    """Go on by Tab alone until the focus is where it should be."""
    for _ in range(100):
        if page.evaluate(f"{FOCUS}.getAttribute('role')") == role:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not lead to a {role}")


def counted(data):
    held, occasions = len(data.contacts), data.contacts["occasion"].nunique()
    unit = "occasion" if occasions == 1 else "occasions"
    return f"{held} of {len(data.whole.contacts)} contacts held, {occasions} {unit}"


def expect_reports_of_both_sides(panel, data, event_id):
    reports = rel.vignette(data, event_id).reports["side"].value_counts()
    assert len(reports) >= 2
    for side in data.sides.itertuples():
        section = panel.get_by_role("region", name=side.name, exact=True)
        expect(section.get_by_role("article")).to_have_count(int(reports[side.side]))


def by_year(frequency, unit):
    years = zip(frequency["period"], frequency["count"], strict=True)
    return f"{unit} by year. " + ", ".join(f"{period.year}: {count}" for period, count in years)


def test_choices_by_mouse_change_counts_list_and_marks(explorer, data):
    expect(explorer.get_by_role("status")).to_have_text(counted(data))
    explorer.get_by_label("port call").check()
    calls = data.where(kind="port_call")
    assert 0 < len(calls.contacts) < len(data.contacts)
    expect(explorer.get_by_role("status")).to_have_text(counted(calls))
    expect(rows(explorer)).to_have_count(len(calls.contacts))
    expect(explorer.locator(".mark")).to_have_count(len(calls.contacts))
    expect(explorer.get_by_role("img")).to_have_attribute(
        "aria-label", by_year(rel.exchange_frequency(calls), "Occasions")
    )
    explorer.get_by_label("From").select_option("2012")
    later = calls.where(since=2012)
    expect(explorer.get_by_role("status")).to_have_text(counted(later))


def test_contacts_are_counted_where_asked_for_and_the_bars_say_so(explorer, data):
    explorer.get_by_role("combobox", name="Count").select_option("contacts")
    expect(explorer.get_by_role("img")).to_have_attribute(
        "aria-label", by_year(rel.exchange_frequency(data, count="contacts"), "Contacts")
    )
    expect(explorer.get_by_role("heading", name="Contacts by year")).to_be_visible()
    expect(explorer.get_by_role("status")).to_have_text(
        f"{len(data.contacts)} of {len(data.contacts)} contacts held"
    )


def test_words_are_found_with_and_without_tone_marks(explorer, data):
    found = data.where(title="thanh")
    assert 0 < len(found.contacts) < len(data.contacts)
    for words in ("thanh", "Thành"):
        explorer.get_by_label("Words of the title").fill(words)
        expect(explorer.get_by_role("status")).to_have_text(counted(found))
        explorer.get_by_label("Words of the title").fill("")
        expect(explorer.get_by_role("status")).to_have_text(counted(data))


def test_tier_channel_and_area_choose_together(explorer, data):
    channels, areas = explorer.get_by_text("Channels"), explorer.get_by_text("Areas of cooperation")
    border, sea = data.names["border_defence_friendship_exchange"], data.names["maritime_dispute"]
    explorer.get_by_role("group", name="Tier").get_by_label("minister", exact=True).check()
    ministers = data.where(tier="minister")
    expect(explorer.get_by_role("status")).to_have_text(counted(ministers))
    channels.click()
    explorer.get_by_role("group", name="Channel").get_by_label(border, exact=True).check()
    exchanges = ministers.where(channel="border_defence_friendship_exchange")
    assert 0 < len(exchanges.contacts) < len(ministers.contacts)
    expect(explorer.get_by_role("status")).to_have_text(counted(exchanges))
    explorer.get_by_role("group", name="Channel").get_by_label(border, exact=True).uncheck()
    areas.click()
    explorer.get_by_role("group", name="Area").get_by_label(sea, exact=True).check()
    at_sea = ministers.where(area="maritime_dispute")
    expect(explorer.get_by_role("status")).to_have_text(counted(at_sea))


def test_a_mark_and_a_line_of_the_list_open_the_reports(explorer, data):
    event_id = "2013-06-05-dialogue-4"
    panel = explorer.get_by_label("Reports side by side")
    explorer.locator(f".mark[data-id='{event_id}']").dispatch_event("click")
    expect_reports_of_both_sides(panel, data, event_id)
    differ = panel.locator(".differ li")
    expect(differ).to_have_count(len(rel.vignette(data, event_id).differences))
    expect(differ.filter(has_text="edition")).to_have_text("edition: 4 (Vietnam) ≠ 7 (China)")
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_be_hidden()
    rows(explorer).first.click()
    first = data.contacts["title"].iloc[0]
    expect(panel.get_by_role("heading", level=3)).to_have_text(first)


def test_everything_is_reached_by_keyboard_and_the_focus_shows(explorer, data, view):
    page = view.page
    cells = page.locator(".jp-NotebookPanel:visible .jp-Cell").count()
    panel = explorer.get_by_label("Reports side by side")
    explorer.get_by_label("dialogue", exact=True).focus()
    page.keyboard.press("Space")
    talks = data.where(kind="dialogue")
    expect(explorer.get_by_role("status")).to_have_text(counted(talks))
    tab_to(page, "listbox")
    assert page.evaluate(f"getComputedStyle({FOCUS}).outlineStyle") == "solid"
    wanted = talks.contacts["event_id"].tolist().index("2013-06-05-dialogue-4")
    page.keyboard.press("Home")
    for _ in range(wanted):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect_reports_of_both_sides(panel, data, "2013-06-05-dialogue-4")
    expect(panel).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(explorer.get_by_role("listbox")).to_be_focused()
    # None of these keys did anything to the notebook.
    assert page.locator(".jp-NotebookPanel:visible .jp-Cell").count() == cells
    expect(rows(explorer)).to_have_count(len(talks.contacts))


def test_nothing_found_is_shown_as_years_of_zero(explorer, data):
    explorer.get_by_role("group", name="Kind").get_by_label("port call").check()
    explorer.get_by_role("group", name="Host").get_by_label("Both").check()
    nothing = data.where(kind="port_call", host="both")
    assert nothing.contacts.empty
    expect(explorer.get_by_role("status")).to_have_text(counted(nothing))
    expect(explorer.get_by_role("img")).to_have_attribute("aria-label", re.compile("2000: 0, "))


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_text_stands_out_in_both_themes_and_fits_a_phone(explorer, view, theme):
    page = view.page
    page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    light = "true" if theme.endswith("Light") else "false"
    page.locator(f"body[data-jp-theme-light='{light}']").wait_for(state="attached")
    rows(explorer).nth(3).click()
    explorer.get_by_role("heading", level=3).wait_for()
    for text in ("[role=status]", ".key", "h3", "legend", "dt", "[role=option] small"):
        assert explorer.locator(text).first.evaluate(CONTRAST) >= 4.5, text
    # The width of a phone; in a window so narrow JupyterLab's own bars would take all of it.
    explorer.evaluate("each => { each.style.width = '340px'; }")
    page.wait_for_function("() => document.querySelector('.rel-explorer svg').clientWidth <= 340")
    assert explorer.evaluate("each => each.scrollWidth - each.clientWidth") <= 1


@pytest.mark.parametrize(
    "module", ["export default { render() { throw new Error('planted'); } }", "export default {;"]
)
def test_a_broken_module_is_reported(view, module):
    code = f"from relations.reading import _widget\n_widget.Explorer._esm = {module!r}\n{SHOW}"
    with view.page.expect_console_message(lambda line: line.type == "error"):
        begin(view, code)
    assert any("planted" in fault or "SyntaxError" in fault for fault in view.faults)
    assert not view.page.locator(".rel-explorer").count()
    view.faults.clear()


def test_its_notebook_shows_the_explorer_in_place_of_the_picture(view):
    view.open("09_explorer.ipynb")
    cells = view.run_all()
    assert not [o for c in cells for o in c["outputs"] if o["output_type"] == "error"]
    explorer = view.page.locator(".rel-explorer")
    explorer.scroll_into_view_if_needed()
    expect(explorer.get_by_role("status")).to_have_text(counted(rel.load()))
    expect(view.page.locator(".jp-NotebookPanel:visible .jp-RenderedImage")).to_have_count(0)
