"""Pages of every kind keep the rules of axe: names, labels, contrast, headings, landmarks."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
# One page of each kind, and those that a theme colours once more in the dark.
PAGES = [
    "index.html",
    "notebooks/02_turning_points.html",
    "notebooks/seminar/1_coding_a_report.html",
    "notebooks/seminar/instructor/2_counting_traps.html",
    "seminar-sheets.html",
    "for-teachers.html",
    "gallery.html",
    "gallery/plot_summit_and_base.html",
    "contacts.html",
    "contacts/2014-05-19-meeting-chang-thanh.html",
    "codebook.html",
    "changelog.html",
    "reproduction.html",
    "search.html",
]
IN_THE_DARK = ["index.html", "gallery.html", "contacts.html", PAGES[9]]
GRAVE = ("serious", "critical")


def broken_rules(browser: Browser, path: Path, width: int, scheme: str = "light") -> list[str]:
    """Open a page, and return the rules of weight that it breaks, with the first place."""
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page.goto(path.as_uri(), wait_until="networkidle")
    violations = Axe().run(page).response["violations"]
    page.close()
    return [
        f"{rule['id']} ({len(rule['nodes'])}): {rule['nodes'][0]['html'][:150]}"
        for rule in violations
        if rule["impact"] in GRAVE
    ]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", PAGES)
def test_no_rule_of_weight_is_broken(browser, built, page, width):
    assert broken_rules(browser, built / page, width) == []


@pytest.mark.parametrize("page", IN_THE_DARK)
def test_contrast_is_enough_in_the_dark_too(browser, built, page):
    assert broken_rules(browser, built / page, 390, "dark") == []


@pytest.mark.parametrize(
    ("planted", "rule"),
    [
        ("<img src='../_images/figure.png'>", "image-alt"),
        ("<input type='text'>", "label"),
        ("<a href='index.html'></a>", "link-name"),
        ("<p style='color: #bbb; background: #fff'>Pale</p>", "color-contrast"),
    ],
)
def test_faults_that_are_planted_break_a_rule(browser, built, planted, rule):
    page = built / "gallery" / "planted.html"
    sound = (built / "gallery" / "plot_exchange_frequency.html").read_text("utf-8")
    page.write_text(sound.replace("</h1>", f"</h1>{planted}", 1), "utf-8")
    try:
        assert any(found.startswith(rule) for found in broken_rules(browser, page, 390))
    finally:
        page.unlink()
