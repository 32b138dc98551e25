"""Chromium, and a page that reports whatever goes wrong on it."""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSIDE = {"", "localhost", "127.0.0.1"}


def chromium() -> str | None:
    """Find the browser named in CHROMIUM, or the system's."""
    return next(filter(None, map(shutil.which, [os.environ.get("CHROMIUM", ""), *NAMES])), None)


def watch(page: Page) -> list[str]:
    """Return a list that fills with every error and every failed or outside request of a page."""
    faults: list[str] = []

    def refuse(route, request) -> None:
        faults.append(f"outside request: {request.url}")
        route.abort()

    page.route(lambda url: (urlsplit(url).hostname or "") not in INSIDE, refuse)
    page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
    page.on(
        "console",
        lambda line: faults.append(f"console: {line.text}") if line.type == "error" else None,
    )
    page.on("requestfailed", lambda request: faults.append(f"failed request: {request.url}"))
    page.on(
        "response",
        lambda answer: (
            faults.append(f"status {answer.status}: {answer.url}") if answer.status >= 400 else None
        ),
    )
    return faults


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.fail("Chromium is missing; on Debian: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open an empty page, 1280 by 900; the test fails where anything went wrong on it."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    faults = watch(page)
    yield page
    page.close()
    assert not faults, "\n".join(faults)
