"""Chromium, and a page that reports whatever goes wrong on it; JupyterLab in such a page."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
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


NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
REPORT = "# Reproduction\n\nAll results are the committed ones.\n"
# What a page of JupyterLab must not do for these tests: look for news and newer versions.
ASIDE = ["@jupyterlab/apputils-extension:announcements"]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site of the committed notebooks."""
    from relations.review import site

    return site.build(NOTEBOOKS, tmp_path_factory.mktemp("site"), REPORT).parent


@dataclass
class Lab:
    """A JupyterLab of its own on a copy of the notebooks."""

    url: str
    token: str
    folder: Path


@dataclass
class View:
    """A page on JupyterLab, with what went wrong on it; the test fails on what is left there."""

    page: Page
    faults: list[str]
    lab: Lab

    def open(self, notebook: str) -> None:
        self.page.goto(f"{self.lab.url}/lab/tree/{notebook}?token={self.lab.token}&reset")
        self.page.locator(".jp-NotebookPanel:visible .jp-CodeCell").first.wait_for()
        self.wait_idle()

    def run_all(self) -> list[dict[str, Any]]:
        """Run all cells from the menu, and return the code cells with their outputs."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.wait_idle()
        self.page.wait_for_function(
            """() => jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON().cells
                .every(cell => cell.cell_type !== "code" || cell.execution_count
                    || cell.outputs.some(output => output.output_type === "error"))
                || jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON().cells
                .some(cell => (cell.outputs ?? []).some(output => output.output_type === "error"))
            """,
            timeout=300_000,
        )
        self.wait_idle()
        cells = self.page.evaluate(
            "jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON().cells"
        )
        return [cell for cell in cells if cell["cell_type"] == "code"]

    def wait_idle(self) -> None:
        self.page.wait_for_function(
            "() => jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status"
            " === 'idle'",
            timeout=120_000,
        )


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start JupyterLab on a free port, with settings and folders of its own."""
    home = tmp_path_factory.mktemp("lab")
    folder = Path(shutil.copytree(NOTEBOOKS, home / "notebooks"))
    config = home / "config" / "labconfig"
    config.mkdir(parents=True)
    (config / "page_config.json").write_text(
        json.dumps({"disabledExtensions": dict.fromkeys(ASIDE, True)}), encoding="utf-8"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(), folder)
    places = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime", "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython",
    }  # fmt: skip
    environment = os.environ | {name: str(home / place) for name, place in places.items()}
    environment |= {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_TOKEN": own.token}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    log = home / "log.txt"
    with log.open("wb") as written:
        server = subprocess.Popen(command, env=environment, stdout=written, stderr=written)
    try:
        _wait_for(own, server, log)
        yield own
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait_for(lab: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    request = urllib.request.Request(
        f"{lab.url}/api/status", headers={"Authorization": f"token {lab.token}"}
    )
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10):
                return
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"JupyterLab does not answer:\n{log.read_text('utf-8')}")
            time.sleep(0.1)


@pytest.fixture
def view(browser: Browser, lab: Lab) -> Iterator[View]:
    """Open a page on JupyterLab; the test fails where anything went wrong on it."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    view = View(page, watch(page), lab)
    yield view
    page.close()
    assert not view.faults, "\n".join(view.faults)
