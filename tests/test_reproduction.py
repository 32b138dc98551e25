"""Re-execution: what differs is found and shown, and the reference is never written over."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from relations import environments, reproduction, site
from relations.__main__ import main
from relations._package import SHIPPED

ROOT_NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def notebook(path, *sources, outputs=(), **metadata):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for cell, output in zip(cells, outputs, strict=False):
        cell.outputs = [
            nbformat.v4.new_output("execute_result", {"text/plain": output}, execution_count=1)
        ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel | metadata), path)


@pytest.fixture(autouse=True)
def no_pages(request, monkeypatch):
    """Making pages takes seconds: only the tests that look at them have any."""
    if "pages" not in request.fixturenames:
        monkeypatch.setattr(site, "build", lambda notebooks, build, report="": build)


@pytest.fixture
def pages():
    """Ask for the pages of the site."""


@pytest.fixture
def work(tmp_path):
    (tmp_path / "notebooks").mkdir()
    return tmp_path


def run(work, *more):
    return main(["reproduce", str(work / "notebooks"), "--build", str(work / "build"), *more])


def test_same_outputs_are_said_to_be_the_same(work, capsys, pages):
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", outputs=["2"])
    assert run(work) == 0
    assert "All results are the committed ones." in capsys.readouterr().out
    assert "| a.ipynb | same |" in (work / "build" / "reproduction.md").read_text("utf-8")
    assert "2" in (work / "build" / "notebooks" / "a.html").read_text("utf-8")
    assert "notebooks/a.html" in (work / "build" / "index.html").read_text("utf-8")


def test_changed_output_is_shown_and_the_reference_kept(work, capsys):
    path = work / "notebooks" / "a.ipynb"
    notebook(path, "1 + 1", "2 + 2", outputs=["2", "5"])
    before = path.read_bytes()
    assert run(work) == 1
    assert path.read_bytes() == before
    printed = capsys.readouterr().out
    assert "| a.ipynb | different in cell 2 |" in printed
    assert "-5\n+4" in printed


def test_notebook_that_fails_does_not_stop_the_others(work, capsys):
    notebook(work / "notebooks" / "a.ipynb", "1 / 0", outputs=["2"])
    notebook(work / "notebooks" / "b.ipynb", "1 + 1", outputs=["2"])
    assert run(work) == 1
    printed = capsys.readouterr().out
    assert "| a.ipynb | failed in cell 1 |" in printed
    assert "ZeroDivisionError: division by zero" in printed
    assert "\x1b" not in printed
    assert "1 of 2 notebooks failed." in printed
    assert "| b.ipynb | same |" in printed


def test_refresh_renews_the_reference_on_purpose(work):
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", outputs=["3"])
    assert run(work, "--refresh") == 0
    assert run(work) == 0


def test_refresh_keeps_the_reference_of_a_notebook_that_fails(work):
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", "1 / 0", outputs=["3"])
    before = (work / "notebooks" / "a.ipynb").read_bytes()
    assert run(work, "--refresh") == 1
    assert (work / "notebooks" / "a.ipynb").read_bytes() == before
    assert [path.name for path in (work / "notebooks").iterdir()] == ["a.ipynb"]


def test_refresh_writes_a_notebook_whole_or_not_at_all(work, monkeypatch, capsys):
    path = work / "notebooks" / "a.ipynb"
    notebook(path, "1 + 1", outputs=["3"])
    before = path.read_bytes()

    def full(self, *_):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "replace", full)
    assert run(work, "--refresh") == 2
    assert path.read_bytes() == before
    assert "No space left on device\nmake it writable" in capsys.readouterr().err


def test_verdict_says_what_it_rests_on(work, data):
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", "2 + 2", outputs=["2", "5"])
    assert run(work) == 1
    page = (work / "build" / "reproduction.md").read_text("utf-8")
    assert "1 of 1 notebooks differ from what is committed." in page
    assert f"sha256 {data.checksum}; every table as published." in page
    assert "exit status 1." in page
    assert "## a.ipynb, cell 2\n\n```\n2 + 2\n```\n\n```diff\n" in page
    for path in SHIPPED.glob("*.csv"):
        assert f"| {path.name} | {hashlib.sha256(path.read_bytes()).hexdigest()} |" in page


def test_difference_of_a_table_is_the_row_that_differs(work, capsys):
    path = work / "notebooks" / "a.ipynb"
    rows = "<table><tr><td>same</td></tr><tr><td>old</td></tr></table>"
    notebook(path, f"from IPython.display import HTML, display\ndisplay(HTML({rows!r}))")
    assert run(work, "--refresh") == 0
    path.write_text(path.read_text("utf-8").replace("old</td></tr></table>')", "new')"), "utf-8")
    assert run(work) == 1
    assert " <table><tr><td>same</td></tr>\n-<tr><td>old</td></tr>\n" in capsys.readouterr().out


def test_long_difference_is_cut_and_fences_hold(work):
    source = "print('```'); print(*range(100), sep='\\n')"
    notebook(work / "notebooks" / "a.ipynb", source)
    assert run(work) == 1
    page = (work / "build" / "reproduction.md").read_text("utf-8")
    assert "````diff" in page
    # 101 lines printed, the line that names the stream, and three of the diff itself.
    assert f"... and {101 + 1 + 3 - 40} more lines\n````" in page


def test_notebooks_of_subfolders_are_executed_and_checkpoints_are_not(work, capsys, pages):
    for folder in ("seminar", ".ipynb_checkpoints", "seminar/.ipynb_checkpoints"):
        (work / "notebooks" / folder).mkdir()
        notebook(work / "notebooks" / folder / "a.ipynb", "1 + 1", outputs=["2"])
    assert run(work) == 0
    assert re.findall(r"^\| (\S+ipynb)", capsys.readouterr().out, re.M) == ["seminar/a.ipynb"]
    assert (work / "build" / "notebooks" / "seminar" / "a.html").is_file()


def test_one_notebook_can_be_named(work, capsys):
    for name in ("a", "b"):
        notebook(work / "notebooks" / f"{name}.ipynb", "1 + 1", outputs=["2"])
    named = str(work / "notebooks" / "b.ipynb")
    assert main(["reproduce", named, "--build", str(work / "build")]) == 0
    assert re.findall(r"^\| (\S+ipynb)", capsys.readouterr().out, re.M) == ["b.ipynb"]


def test_sheet_that_asks_to_be_left_out_is_listed_and_not_executed(work, capsys):
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", outputs=["2"])
    sheet = work / "notebooks" / "sheet.ipynb"
    notebook(sheet, "1 / 0", outputs=["2"], relations={"reproduce": False})
    before = sheet.read_bytes()
    assert run(work, "--refresh") == 0
    assert "| sheet.ipynb | left out, as its metadata say |" in capsys.readouterr().out
    assert sheet.read_bytes() == before
    assert not (work / "build" / "notebooks" / "sheet.ipynb").exists()


def test_random_ids_of_widgets_are_no_difference(work):
    source = (
        "import uuid\nfrom IPython.display import display\n"
        "view = {'application/vnd.jupyter.widget-view+json': {'model_id': uuid.uuid4().hex}}\n"
        "display(view | {'text/plain': 'a'}, raw=True)"
    )
    path = work / "notebooks" / "a.ipynb"
    notebook(path, source)
    committed = nbformat.read(path, as_version=4)
    saved = {reproduction.VIEW: {"model_id": "of another session"}, "text/plain": "a"}
    committed.cells[0].outputs = [nbformat.v4.new_output("display_data", saved)]
    nbformat.write(committed, path)
    assert run(work) == 0
    path.write_text(path.read_text("utf-8").replace("'a'", "'b'"), "utf-8")
    assert run(work) == 1


@pytest.mark.parametrize("text", ["{", "", "[]", "{}", '{"nbformat": 4, "cells": 3}', "\udcff"])
def test_unreadable_notebook_is_named_and_the_others_run(work, capsys, text):
    broken = work / "notebooks" / "a.ipynb"
    broken.write_text(text, "utf-8", errors="surrogateescape")
    notebook(work / "notebooks" / "b.ipynb", "1 + 1", outputs=["2"])
    before = broken.read_bytes()
    assert run(work, "--refresh") == 1
    printed = capsys.readouterr().out
    assert "| a.ipynb | failed |" in printed
    assert f"put it back: git checkout -- {broken}" in printed
    assert "| b.ipynb | same |" in printed
    assert broken.read_bytes() == before


def test_backend_of_the_user_keeps_no_figure_out(work, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    notebook(work / "notebooks" / "a.ipynb", source)
    assert run(work, "--refresh") == 0
    (cell,) = nbformat.read(work / "notebooks" / "a.ipynb", as_version=4).cells
    assert "image/png" in cell.outputs[-1]["data"]


def test_kernel_that_dies_is_told_and_the_others_run(work, capsys):
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", "import os; os._exit(1)", outputs=["2"])
    notebook(work / "notebooks" / "b.ipynb", "1 + 1", outputs=["2"])
    assert run(work) == 1
    printed = capsys.readouterr().out
    assert "| a.ipynb | failed in cell 2 |" in printed
    assert "the kernel died: perhaps memory ran out" in printed
    assert "| b.ipynb | same |" in printed


def test_interruption_stops_everything_and_says_so(work):
    """Left to itself the client would take Ctrl-C for a dead kernel and go on."""
    started = work / "started"
    source = f"import pathlib, time; pathlib.Path({str(started)!r}).touch(); time.sleep(600)"
    for name in ("a", "b"):
        notebook(work / "notebooks" / f"{name}.ipynb", source)
    before = (work / "notebooks" / "a.ipynb").read_bytes()
    command = ["reproduce", str(work / "notebooks"), "--build", str(work / "build"), "--refresh"]
    with subprocess.Popen(
        [sys.executable, "-m", "relations", *command], stderr=subprocess.PIPE, text=True
    ) as child:
        while not started.exists() and child.poll() is None:
            time.sleep(0.05)
        child.send_signal(signal.SIGINT)
        try:
            _, said = child.communicate(timeout=60)
        finally:
            child.kill()
    assert child.returncode == 130
    assert "interrupted: no verdict" in said
    assert "Traceback" not in said
    assert (work / "notebooks" / "a.ipynb").read_bytes() == before
    assert not (work / "build" / "reproduction.md").exists()


def test_no_notebooks_is_no_success(work, capsys):
    assert run(work) == 2
    assert "no notebook in" in capsys.readouterr().err


def test_build_folder_that_cannot_be_written_is_named(work, capsys):
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", outputs=["2"])
    (work / "build").write_text("a file", "utf-8")
    assert run(work) == 2
    said = capsys.readouterr().err
    assert str(work / "build") in said
    assert "name another folder: --build" in said


@pytest.mark.parametrize("build", [".", "notebooks", "notebooks/build"])
def test_committed_notebooks_are_never_where_results_go(work, capsys, build):
    path = work / "notebooks" / "a.ipynb"
    notebook(path, "1 + 1", outputs=["2"])
    assert main(["reproduce", str(work / "notebooks"), "--build", str(work / build)]) == 2
    assert path.is_file()
    assert "name another folder: --build" in capsys.readouterr().err


def test_verdict_of_an_earlier_run_does_not_outlive_it(work, monkeypatch):
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", outputs=["2"])
    assert run(work) == 0
    monkeypatch.setattr(reproduction, "_execute_all", lambda *_: (_ for _ in ()).throw(OSError()))
    assert run(work) == 2
    assert not (work / "build" / "reproduction.md").exists()


@pytest.mark.parametrize("path", sorted(ROOT_NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_committed_notebooks_hold_their_outputs(path):
    """Strict comparison passes a notebook without outputs, so they have to be there."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    kinds = [output.output_type for cell in cells for output in cell.outputs]
    assert "error" not in kinds
    # A few cells only import, define or write; a stripped notebook would show nothing.
    assert sum(bool(cell.outputs) for cell in cells) > len(cells) / 2
    assert not any(output.get("name") == "stderr" for cell in cells for output in cell.outputs)


LOCKED = """# made by hand
numpy==2.4.6 \\
    --hash=sha256:00
    # via pandas
Some_Name==1.0 ; python_version >= '3' \\
    --hash=sha256:01
elsewhere==1.0 ; python_version < '3' \\
    --hash=sha256:02
"""


def test_lock_is_read_for_this_platform_only(tmp_path):
    (tmp_path / "requirements.lock").write_text(LOCKED, "utf-8")
    assert environments.locked(tmp_path / "requirements.lock") == {
        "numpy": "2.4.6",
        "some-name": "1.0",
    }


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        (
            {"numpy": "2.4.6", "some-name": "1.0", "more": "1"},
            "the locked environment (2 packages of requirements.lock)",
        ),
        (
            {"numpy": "2.5.0", "some-name": "1.0"},
            "not the locked one; 1 of 2 versions differ: numpy 2.5.0 (locked 2.4.6)",
        ),
        (
            {"numpy": "2.5.0"},
            "not the locked one; 1 of 2 versions differ: numpy 2.5.0 (locked 2.4.6); "
            "1 of 2 not installed: some-name",
        ),
    ],
)
def test_environment_that_is_not_the_locked_one_is_told(tmp_path, versions, said):
    (tmp_path / "requirements.lock").write_text(LOCKED, "utf-8")
    assert environments.describe(versions, tmp_path) == said


def test_without_a_lock_nothing_is_claimed(tmp_path):
    for folder in (tmp_path, None):
        assert environments.describe({"numpy": "2.5.0"}, folder).startswith("no requirements.lock")


def git(folder, *words):
    me = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", folder, *me, *words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_commit_and_changed_files_are_told(tmp_path):
    assert "no commit known" in environments.commit(tmp_path)
    git(tmp_path, "init", "--quiet")
    (tmp_path / "tàble.csv").write_text("a", "utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "one")
    known = git(tmp_path, "rev-parse", "--short=12", "HEAD")
    assert environments.commit(tmp_path) == f"commit `{known}`, tree unchanged"
    (tmp_path / "tàble.csv").write_text("b", "utf-8")
    assert environments.commit(tmp_path) == f"commit `{known}`, with changes in `tàble.csv`"
    (tmp_path / "inner").mkdir()
    assert "of its own" in environments.commit(tmp_path / "inner")


def test_newest_releases_are_asked_for_without_the_lock(tmp_path):
    filling, running = environments.latest_commands(
        tmp_path / "project", tmp_path / "env", tmp_path / "notebooks", tmp_path / "latest"
    )
    assert filling[-1][-2:] == ["--editable", f"{tmp_path / 'project'}[notebooks]"]
    words = " ".join(word for command in filling for word in command)
    assert "--upgrade" in words
    assert "lock" not in words
    assert all(Path(command[0]).is_relative_to(tmp_path / "env") for command in [*filling, running])
    assert running[2:4] == ["relations", "reproduce"]
    assert "--refresh" not in running


def test_versions_of_two_environments_are_laid_side_by_side():
    found = environments.differences(
        {"same": "1", "numpy": "2.4", "ours": "1"}, {"same": "1", "numpy": "2.5", "theirs": "3"}
    )
    table = environments.difference_table(found)
    assert "| numpy | 2.4 | 2.5 |" in table
    assert "Only there: ours." in table
    assert "Only among the newest: theirs." in table
    assert "same" not in table
    assert "Every version is the one" in environments.difference_table([])


def test_newest_releases_without_an_index_say_what_is_needed(work, capfd, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", outputs=["2"])
    assert run(work, "--latest") == 2
    said = capfd.readouterr().err
    assert "it needs a package index" in said
    assert "Traceback" not in said


def test_newest_releases_are_executed_and_what_differs_is_listed(work, capfd, monkeypatch):
    """The environment is a stand-in, this one under another name, so that no index is asked."""
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", outputs=["3"])

    def stand_in(folder, **_):
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").symlink_to(sys.executable)

    def commands(project, folder, notebooks, build):
        _, running = original(project, folder, notebooks, build)
        return [], [sys.executable, *running[1:]]

    original = environments.latest_commands
    here = environments.installed() | {"numpy": "0.1"}
    monkeypatch.setattr(environments.venv, "create", stand_in)
    monkeypatch.setattr(environments, "latest_commands", commands)
    monkeypatch.setattr(environments, "installed", lambda: here)
    assert run(work, "--latest") == 1
    page = (work / "build" / "latest" / "reproduction.md").read_text("utf-8")
    assert "-3\n+2" in page
    assert re.search(r"\| numpy \| 0\.1 \| [2-9]", page)
    assert "| numpy | 0.1 |" in capfd.readouterr().out


def test_renewing_with_the_newest_releases_is_refused(work, capsys):
    with pytest.raises(SystemExit, match="2"):
        run(work, "--latest", "--refresh")
    assert "not allowed with argument" in capsys.readouterr().err


def test_command_that_is_not_there_is_answered_with_the_nearest(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["reproduc"])
    said = capsys.readouterr().err
    assert "did you mean reproduce?" in said
    assert "python -m relations --help" in said


@pytest.mark.parametrize("words", [[], ["check"], ["add"], ["compare"], ["seminar"], ["reproduce"]])
def test_help_shows_examples(words, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([*words, "--help"])
    said = capsys.readouterr().out
    assert f"  python -m relations {' '.join(words)}".rstrip() in said.partition("examples:")[2]
