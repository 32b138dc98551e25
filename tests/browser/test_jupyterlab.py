"""The notebooks in JupyterLab itself, as a reader opens and runs them."""

import nbformat
import pytest

pytestmark = pytest.mark.browser


def errors(cells):
    return [
        f"{output['ename']}: {output['evalue']}"
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]


def pictures(cells):
    return sum(
        "image/png" in output.get("data", {}) for cell in cells for output in cell["outputs"]
    )


def visible_pictures(page):
    drawn = page.locator(".jp-NotebookPanel:visible .jp-OutputArea-output img")
    for place in range(drawn.count()):
        picture = drawn.nth(place)
        picture.scroll_into_view_if_needed()
        page.wait_for_function("each => each.complete", arg=picture.element_handle())
    return sum(drawn.evaluate_all("all => all.map(each => each.naturalWidth > 300)"))


def test_first_notebook_runs_to_its_end_and_shows_its_figures(view):
    view.open("00_start_here.ipynb")
    cells = view.run_all()
    assert not errors(cells)
    assert all(cell["execution_count"] for cell in cells if cell["source"].strip())
    assert visible_pictures(view.page) == pictures(cells) >= 1


def test_a_cell_that_raises_is_reported(view):
    notebook = nbformat.read(view.lab.folder / "00_start_here.ipynb", as_version=4)
    notebook.cells.insert(1, nbformat.v4.new_code_cell("raise ValueError('planted')"))
    nbformat.write(notebook, view.lab.folder / "planted_cell.ipynb")
    view.open("planted_cell.ipynb")
    assert errors(view.run_all()) == ["ValueError: planted"]
