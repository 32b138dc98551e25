"""Re-execution: what differs is found and shown, and the reference is never written over."""

from pathlib import Path

import nbformat
import pytest

from relations.__main__ import main

ROOT_NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def notebook(path, *sources, outputs=()):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for cell, output in zip(cells, outputs, strict=False):
        cell.outputs = [
            nbformat.v4.new_output("execute_result", {"text/plain": output}, execution_count=1)
        ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)


@pytest.fixture
def work(tmp_path):
    (tmp_path / "notebooks").mkdir()
    return tmp_path


def run(work, *more):
    return main(["reproduce", str(work / "notebooks"), "--build", str(work / "build"), *more])


def test_same_outputs_are_said_to_be_the_same(work, capsys):
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
    assert "| a.ipynb | failed |" in printed
    assert "ZeroDivisionError" in printed
    assert "| b.ipynb | same |" in printed


def test_refresh_renews_the_reference_on_purpose(work):
    notebook(work / "notebooks" / "a.ipynb", "1 + 1", outputs=["3"])
    assert run(work, "--refresh") == 0
    assert run(work) == 0


def test_no_notebooks_is_no_success(work, capsys):
    assert run(work) == 2
    assert "no notebook in" in capsys.readouterr().out


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
