"""Re-execution: what differs is found and shown, and the reference is never written over."""

import ast
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from relations import review
from relations.__main__ import main
from relations.record._package import SHIPPED
from relations.review import _indexes, environments, execution, reproduction, saving, verdict
from review.test_site import no_gallery

ROOT = Path(__file__).parent.parent.parent
ROOT_NOTEBOOKS = ROOT / "notebooks"


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
        site = SimpleNamespace(build=lambda notebooks, build, report="": build)
        monkeypatch.setattr(review, "site", site, raising=False)


@pytest.fixture
def pages(monkeypatch):
    """Ask for the pages of the site, without those of every contact and figure."""
    from relations.review import site

    monkeypatch.setattr(site, "write_contacts", lambda build, data: None)
    monkeypatch.setattr(site, "write_gallery", no_gallery)


@pytest.fixture
def work(tmp_path):
    (tmp_path / "notebooks").mkdir()
    return tmp_path


# What ``python -m relations`` runs, but for the pages.
WITHOUT_PAGES = """
import sys
from relations.__main__ import main
from relations.review import reproduction
reproduction._write_site = lambda *_: ("", False)
sys.exit(main(sys.argv[1:]))
"""


def run(work, *more):
    return main(["reproduce", str(work / "notebooks"), "--build", str(work / "build"), *more])


def report(work):
    return (work / "build" / "reproduction.md").read_text("utf-8")


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
    assert "| a.ipynb | different in cell 2 |" in report(work)
    assert "-5\n+4" in report(work)
    assert "  a.ipynb: cell 2\n" in capsys.readouterr().out


def test_notebook_that_fails_does_not_stop_the_others(work, capsys):
    notebook(work / "notebooks" / "a.ipynb", "1 / 0", outputs=["2"])
    notebook(work / "notebooks" / "b.ipynb", "1 + 1", outputs=["2"])
    assert run(work) == 1
    page = report(work)
    assert "| a.ipynb | failed in cell 1 |" in page
    assert "ZeroDivisionError: division by zero" in page
    assert "\x1b" not in page
    assert "1 of 2 notebooks failed." in page
    assert "| b.ipynb | same |" in page
    assert "1 of 2 notebooks failed.\n  a.ipynb: failed in cell 1\n" in capsys.readouterr().out


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
    page = report(work)
    assert "1 of 1 notebooks differ from what is committed." in page
    assert f"{data.version}, sha256 {data.checksum}; " in page
    assert ("every table as published." in page) is ("+" not in data.version)
    assert "exit status 1." in page
    assert "## a.ipynb, cell 2\n\n```\n2 + 2\n```\n\n```diff\n" in page
    for path in set(SHIPPED.glob("*.csv")) - {SHIPPED / "versions.csv"}:
        assert f"| {path.name} | {hashlib.sha256(path.read_bytes()).hexdigest()} |" in page


def test_difference_of_a_table_is_the_row_that_differs(work):
    path = work / "notebooks" / "a.ipynb"
    rows = "<table><tr><td>same</td></tr><tr><td>old</td></tr></table>"
    notebook(path, f"from IPython.display import HTML, display\ndisplay(HTML({rows!r}))")
    assert run(work, "--refresh") == 0
    path.write_text(path.read_text("utf-8").replace("old</td></tr></table>')", "new')"), "utf-8")
    assert run(work) == 1
    assert " <table><tr><td>same</td></tr>\n-<tr><td>old</td></tr>\n" in report(work)


def test_long_difference_is_cut_and_fences_hold(work):
    source = "print('```'); print(*range(100), sep='\\n')"
    path = work / "notebooks" / "a.ipynb"
    notebook(path, source)
    path.write_text(path.read_text("utf-8").replace('count": null', 'count": 1'), "utf-8")
    assert run(work) == 1
    page = (work / "build" / "reproduction.md").read_text("utf-8")
    assert "````diff" in page
    # 101 lines printed, the line that names the stream, and three of the diff itself.
    assert f"... and {101 + 1 + 3 - verdict.LONGEST} more lines\n````" in page


def test_notebooks_of_subfolders_are_executed_and_checkpoints_are_not(work, pages):
    for folder in ("seminar", ".ipynb_checkpoints", "seminar/.ipynb_checkpoints"):
        (work / "notebooks" / folder).mkdir()
        notebook(work / "notebooks" / folder / "a.ipynb", "1 + 1", outputs=["2"])
    assert run(work) == 0
    assert re.findall(r"^\| (\S+ipynb)", report(work), re.M) == ["seminar/a.ipynb"]
    assert (work / "build" / "notebooks" / "seminar" / "a.html").is_file()


def test_one_notebook_can_be_named(work):
    for name in ("a", "b"):
        notebook(work / "notebooks" / f"{name}.ipynb", "1 + 1", outputs=["2"])
    named = str(work / "notebooks" / "b.ipynb")
    assert main(["reproduce", named, "--build", str(work / "build")]) == 0
    assert re.findall(r"^\| (\S+ipynb)", report(work), re.M) == ["b.ipynb"]


def test_sheet_that_asks_to_be_left_out_is_listed_and_not_executed(work):
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", outputs=["2"])
    sheet = work / "notebooks" / "sheet.ipynb"
    notebook(sheet, "1 / 0", outputs=["2"], relations={"reproduce": False})
    before = sheet.read_bytes()
    assert run(work, "--refresh") == 0
    assert "| sheet.ipynb | left out, as its metadata say |" in report(work)
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
    saved = {saving.VIEW: {"model_id": "of another session"}, "text/plain": "a"}
    committed.cells[0].outputs = [nbformat.v4.new_output("display_data", saved)]
    nbformat.write(committed, path)
    assert run(work) == 0
    path.write_text(path.read_text("utf-8").replace("'a'", "'b'"), "utf-8")
    assert run(work) == 1


@pytest.mark.parametrize("text", ["{", "", "[]", "{}", '{"nbformat": 4, "cells": 3}', "\udcff"])
def test_unreadable_notebook_is_named_and_the_others_run(work, text):
    broken = work / "notebooks" / "a.ipynb"
    broken.write_text(text, "utf-8", errors="surrogateescape")
    notebook(work / "notebooks" / "b.ipynb", "1 + 1", outputs=["2"])
    before = broken.read_bytes()
    assert run(work, "--refresh") == 1
    page = report(work)
    assert "| a.ipynb | failed |" in page
    assert f"put it back: git checkout -- {broken}" in page
    assert "| b.ipynb | same |" in page
    assert broken.read_bytes() == before


def test_settings_of_the_user_make_no_difference(work, tmp_path, monkeypatch):
    """A start-up file, a figure format, a style, a backend, and warnings that are asked for."""
    profile = tmp_path / "ipython" / "profile_default"
    (profile / "startup").mkdir(parents=True)
    (profile / "startup" / "a.py").write_text("print('good morning')", "utf-8")
    asked = (
        "c = get_config()\nc.InlineBackend.figure_formats = ['svg']\n"
        "c.InteractiveShell.ast_node_interactivity = 'all'\n"
    )
    (profile / "ipython_kernel_config.py").write_text(asked, "utf-8")
    (tmp_path / "matplotlibrc").write_text("figure.dpi: 20\nlines.linewidth: 9\n", "utf-8")
    (tmp_path / "start.py").write_text("print('good evening')", "utf-8")
    source = "import matplotlib\n1\nmatplotlib.rcParams['lines.linewidth']"
    path = work / "notebooks" / "a.ipynb"
    warned = "with warnings.catch_warnings(record=True) as found:\n    warnings.warn('so')"
    notebook(path, source, f"import warnings\n{warned}\nlen(found)")
    assert run(work, "--refresh") == 0
    before = nbformat.read(path, as_version=4)
    for name, value in {
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "MATPLOTLIBRC": str(tmp_path / "matplotlibrc"),
        "PYTHONSTARTUP": str(tmp_path / "start.py"),
        "PYTHONWARNINGS": "ignore",
    }.items():
        monkeypatch.setenv(name, value)
    assert run(work) == 0
    (first, _) = before.cells
    assert [output["output_type"] for output in first.outputs] == ["execute_result"]


def test_backend_of_the_user_keeps_no_figure_out(work, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    source = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    notebook(work / "notebooks" / "a.ipynb", source)
    assert run(work, "--refresh") == 0
    (cell,) = nbformat.read(work / "notebooks" / "a.ipynb", as_version=4).cells
    assert "image/png" in cell.outputs[-1]["data"]


def test_kernel_that_dies_is_told_and_the_others_run(work):
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", "import os; os._exit(1)", outputs=["2"])
    notebook(work / "notebooks" / "b.ipynb", "1 + 1", outputs=["2"])
    assert run(work) == 1
    page = report(work)
    assert "| a.ipynb | failed in cell 2 |" in page
    assert "the kernel died: perhaps memory ran out" in page
    assert "| b.ipynb | same |" in page


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


def test_every_differing_cell_and_the_results_that_moved_are_listed(work, capsys):
    path = work / "notebooks" / "a.ipynb"
    notebook(path, "1 + 1", "2 + 2", "3 + 3", outputs=["3", "4", "7"])
    saved = nbformat.read(path, as_version=4)
    saved.cells.insert(0, nbformat.v4.new_markdown_cell("# Sums\n## Of ones"))
    saved.cells.insert(3, nbformat.v4.new_markdown_cell("## Of threes"))
    nbformat.write(saved, path)
    assert run(work) == 1
    assert "| a.ipynb | different in cells 2, 5 |" in report(work)
    moved = "a.ipynb: Of ones (cell 2); Of threes (cell 5)"
    assert f"## Results that moved\n\n- {moved}\n" in report(work)
    for number, diff in ((2, "-3\n+2"), (5, "-7\n+6")):
        assert diff in report(work).partition(f"## a.ipynb, cell {number}\n")[2][:200]
    assert f"  {moved}\n" in capsys.readouterr().out


def test_last_screen_has_ten_lines(work, capsys):
    for name in "abcdefg":
        notebook(work / "notebooks" / f"{name}.ipynb", "1 + 1", outputs=["3"])
    assert run(work) == 1
    screen = capsys.readouterr().out.partition("\n\n")[2]
    assert screen.startswith("7 of 7 notebooks differ from what is committed.\n")
    assert "  and 5 notebooks more\n" in screen
    assert len(screen.splitlines()) <= 10


def test_verdict_does_not_wait_for_the_pages(work, capsys, monkeypatch):
    def build(notebooks, build, report=""):
        print("pages are written")
        return build

    monkeypatch.setattr(review, "site", SimpleNamespace(build=build), raising=False)
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", outputs=["2"])
    assert run(work) == 0
    said = capsys.readouterr().out
    places = [said.index(words) for words in ("Verdict: ", "pages are written", "Pages: ")]
    assert places == sorted(places)


def test_version_and_checksum_alone_hide_no_result_that_moved(work):
    """What a changed table does to every caption is told apart from what it does to results."""
    path = work / "notebooks" / "a.ipynb"
    new, old = f"Record 1.0+changed, sha256 {'a' * 16}", f"Record 1.0, sha256 {'b' * 16}"
    notebook(path, f"print({new!r})", f"print({new!r}, 4)")
    assert run(work, "--refresh") == 0
    saved = nbformat.read(path, as_version=4)
    for cell, number in zip(saved.cells, ("", " 5"), strict=True):
        cell.outputs[0].text = f"{old}{number}\n"
    nbformat.write(saved, path)
    assert run(work) == 1
    assert "- a.ipynb: cell 2\n" in report(work)
    assert "Only the version or the checksum of the tables." in report(work)
    assert "different in cells 1, 2" in report(work)
    saved.cells[1].outputs[0].text = f"{old} 4\n"
    nbformat.write(saved, path)
    assert run(work) == 1
    assert "different in cells 1, 2 (version or checksum alone)" in report(work)
    assert "in the version or checksum they name alone." in report(work)
    assert "Results that moved" not in report(work)


def test_warning_of_changed_tables_is_no_output(work):
    """It says at loading what the verdict says once, and would stand first in every notebook."""
    source = (
        "import warnings\nfrom relations.record.loading import NOT_PUBLISHED\n"
        "warnings.warn(f'{NOT_PUBLISHED}: events keep the rules')\nwarnings.warn('another')"
    )
    path = work / "notebooks" / "a.ipynb"
    notebook(path, source)
    assert run(work, "--refresh") == 0
    (cell,) = nbformat.read(path, as_version=4).cells
    said = "".join(output.text for output in cell.outputs)
    assert "another" in said
    assert "keep the rules" not in said


def picture(byte, **says):
    metadata = {"image/png": says} if says else {}
    return nbformat.v4.new_output("display_data", {"image/png": byte}, metadata=metadata)


def drawn(*outputs):
    """A notebook whose cells gave these outputs, one each."""
    made = [
        nbformat.v4.new_code_cell("draw()", outputs=[output], id=f"c{place}")
        for place, output in enumerate(outputs)
    ]
    return nbformat.v4.new_notebook(cells=made)


def test_figures_are_told_by_what_they_say_that_they_show():
    old = drawn(
        picture("a", alt="It grew.", values="11"), picture("b", alt="It grew.", values="22"),
        picture("c", alt="It grew.", values="33"), picture("d"), picture("e"),
        picture("f", alt="It grew."),
    )  # fmt: skip
    new = drawn(
        picture("A", alt="It grew.", values="11"), picture("B", alt="It grew.", values="23"),
        picture("c", alt="It fell.", values="33"), picture("D"), picture("e"),
        picture("F", alt="It grew."),
    )  # fmt: skip
    outcome = verdict.judge("a.ipynb", old, execution.Execution(new))
    assert [(each.cell, each.identical, each.shows_the_same) for each in outcome.pictures] == [
        (1, False, True), (2, False, False), (3, True, False),
        (4, False, None), (5, True, True), (6, False, True),
    ]  # fmt: skip
    assert verdict.figures_said([outcome]) == (
        "3 of 6 show the committed values (2 identical to the byte); "
        "moved: a.ipynb cells 2, 3; other pictures: a.ipynb cell 4"
    )
    assert [(each.cell, each.moved) for each in outcome.differences] == [(2, True), (3, True)]
    assert "-values: 22\n+values: 23" in outcome.differences[0].difference
    assert "-alt: It grew.\n+alt: It fell." in outcome.differences[1].difference


@pytest.fixture
def repository(work):
    """A folder under git, with a notebook that is committed."""
    git(work, "init", "--quiet")
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", outputs=["2"])
    git(work, "add", ".")
    git(work, "commit", "--quiet", "--message", "one")
    return work


def test_committed_is_what_git_has_and_not_what_was_saved_since(repository):
    path = repository / "notebooks" / "a.ipynb"
    notebook(path, "1 + 2", outputs=["3"])
    assert run(repository) == 1
    assert "different in cell 1 (edited since the commit)" in report(repository)
    assert "-2\n+3" in report(repository)
    notebook(path, "1 + 1", outputs=["whatever was saved"])
    assert run(repository) == 0


def test_notebook_that_is_not_committed_is_new_and_no_difference(repository, capsys):
    notebook(repository / "notebooks" / "mine.ipynb", "1 + 1", outputs=["whatever was saved"])
    assert run(repository) == 0
    assert "| mine.ipynb | new |" in report(repository)
    screen = capsys.readouterr().out
    assert "All results are the committed ones. 1 of 2 notebooks are new." in screen
    notebook(repository / "notebooks" / "mine.ipynb", "1 / 0")
    assert run(repository) == 1


def test_without_git_a_notebook_that_was_never_run_is_new(work):
    notebook(work / "notebooks" / "mine.ipynb", "1 + 1")
    notebook(work / "notebooks" / "theirs.ipynb", "1 + 1", outputs=["3"])
    assert run(work) == 1
    assert "| mine.ipynb | new |" in report(work)
    assert "| theirs.ipynb | different in cell 1 |" in report(work)


def test_text_that_the_data_do_not_bear_out_is_told_and_renewed(work, capsys):
    path = work / "notebooks" / "a.ipynb"
    notebook(path, "early = 3")
    saved = nbformat.read(path, as_version=4)
    saved.cells.append(nbformat.v4.new_markdown_cell("There were 2<!-- {early} --> visits."))
    nbformat.write(saved, path)
    assert run(work) == 1
    assert "text not borne out in cell 2" in report(work)
    assert "1 of 1 hold sentences that the data do not bear out." in capsys.readouterr().out
    assert run(work, "--refresh") == 0
    assert "There were 3<!-- {early} --> visits." in path.read_text("utf-8")
    assert run(work) == 0


def test_notebooks_run_side_by_side(work):
    """Each waits for the other: one after the other they would never end."""
    for one, other in ("ab", "ba"):
        source = (
            f"import pathlib, time\npathlib.Path('{one}').touch()\n"
            f"while not pathlib.Path('{other}').exists(): time.sleep(0.1)"
        )
        notebook(work / "notebooks" / f"{one}.ipynb", source)
    read = {
        path: nbformat.read(path, as_version=4) for path in (work / "notebooks").glob("*.ipynb")
    }
    ended = []
    execution.execute_all(read, lambda path, found: ended.append(found.error) or path.name, 2)
    assert ended == ["", ""]


def lab_saves(path, content):
    """Save a notebook as JupyterLab's server does, with the settings of `make lab`."""
    from jupyter_server.services.contents.largefilemanager import LargeFileManager
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader("jupyter_server_config.py", str(ROOT / ".ci")).load_config()
    manager = LargeFileManager(root_dir=str(path.parent), config=config)
    model = {"type": "notebook", "format": "json", "content": content}
    manager.save(model, path.name)


@pytest.mark.parametrize("version", ["3.11.7", "3.13.1"])
def test_saving_an_unrun_notebook_in_jupyterlab_changes_nothing(work, version):
    path = work / "notebooks" / "a.ipynb"
    notebook(path, "1 + 1", outputs=["3"], relations={"prose": False})
    assert run(work, "--refresh") == 0
    before = path.read_bytes()
    content = nbformat.reads(before.decode(), as_version=4)
    # What JupyterLab sets as soon as a kernel has started.
    kernel = {"display_name": "Another name", "language": "python", "name": "python3"}
    content.metadata["kernelspec"] = kernel
    content.metadata["language_info"] = {"name": "python", "version": version}
    content.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    lab_saves(path, content)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "path", sorted(ROOT_NOTEBOOKS.rglob("*.ipynb")), ids=lambda path: path.name
)
def test_notebooks_are_as_jupyterlab_would_save_them(path, tmp_path):
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    lab_saves(copy, nbformat.read(path, as_version=4))
    assert copy.read_bytes() == path.read_bytes()


def test_uv_is_told_what_pip_is_set_to(tmp_path):
    pip = _indexes.parse_settings(
        "global.index-url='https://example.org/simple'\n"
        f"global.extra-index-url='file://{tmp_path} file:///nowhere https://example.net/simple'\n"
        f"global.find-links='{tmp_path} /nowhere'\n"
        "global.trusted-host='example.org'\nglobal.proxy='proxy:80'\n"
        ":env:.cert='/env.pem'\nglobal.cert='/file.pem'\nglobal.constraint='x'\n"
    )
    assert _indexes.uv_settings(pip) == {
        "UV_DEFAULT_INDEX": "https://example.org/simple",
        "UV_INDEX": f"file://{tmp_path} https://example.net/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": str(tmp_path),
        "UV_INSECURE_HOST": "example.org",
        "HTTP_PROXY": "http://proxy:80",
        "HTTPS_PROXY": "http://proxy:80",
        "SSL_CERT_FILE": "/env.pem",
    }
    assert _indexes.uv_settings({}) == {}


def test_uv_is_run_with_what_is_set_for_it_and_what_it_has_to_be_told(monkeypatch):
    pip = {"index-url": "https://a", "no-index": "true"}
    monkeypatch.setattr(_indexes, "pip_settings", lambda python: pip)
    own = {"UV_DEFAULT_INDEX": "https://b", "HOME": "/"}
    command, environment = _indexes.uv_run("python", "uv", ["pip", "install", "x"], own)
    assert command == ["uv", "pip", "install", "--no-index", "x"]
    assert environment == own


@pytest.mark.parametrize("path", sorted(ROOT_NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_committed_notebooks_hold_their_outputs(path):
    """Strict comparison passes a notebook without outputs, so they have to be there."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    kinds = [output.output_type for cell in cells for output in cell.outputs]
    assert "error" not in kinds
    # A cell that ends in a value or a call shows something, but for one call that gives none.
    last = [(cell, ast.parse(cell.source).body[-1]) for cell in cells]
    showing = [cell for cell, statement in last if isinstance(statement, ast.Expr)]
    assert len(showing) > len(cells) / 3
    assert sum(not cell.outputs for cell in showing) <= 1 + path.name.startswith("appendix_another")
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
    assert str(tmp_path / "env") in " ".join(filling[-1])
    words = " ".join(word for command in filling for word in command)
    assert "--upgrade" in words
    assert "lock" not in words
    assert Path(running[0]).is_relative_to(tmp_path / "env")
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
        return [], [sys.executable, "-c", WITHOUT_PAGES, *running[3:]]

    original = environments.latest_commands
    here = environments.installed() | {"numpy": "0.1"}
    monkeypatch.setattr(environments.venv, "create", stand_in)
    monkeypatch.setattr(environments, "latest_commands", commands)
    monkeypatch.setattr(environments, "installed", lambda: here)
    assert run(work, "--latest") == 1
    page = (work / "build" / "latest" / "reproduction.md").read_text("utf-8")
    assert "-3\n+2" in page
    assert re.search(r"\| numpy \| 0\.1 \| [2-9]", page)
    assert f"versions that differ: {work}" in capfd.readouterr().out


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
