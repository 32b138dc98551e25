"""A page of each figure and an index of all, made from the examples of their docstrings."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import nbformat
from matplotlib import pyplot as plt

from relations import figures
from relations.figures._alternative import alternative_text
from relations.figures._gallery import GROUPS, draw_example

FOLDER = "gallery"
SHARPNESS = 110
INTRODUCTION = """# Gallery

Every figure that the library draws, each with the call that draws it. A figure takes what a
measure returns; the example is that of its docstring, on the record as it stands.
"""


def write_gallery(source: Path) -> str:
    """Write a page of each figure and the index of all.

    Parameters
    ----------
    source : path
        Where the sources of the site are written; has the notebooks, in which it is looked up
        where a figure is used.

    Returns
    -------
    str
        The name of the index.
    """
    folder = source / FOLDER
    folder.mkdir()
    used, page = _uses(source), [INTRODUCTION]
    for group, names in GROUPS.items():
        page += [f"## {group}", "", "```{container} thumbnails"]
        for name in names:
            said = _draw(name, folder)
            _write_page(name, said, used.get(name, []), folder)
            title = _plain(said.partition(". ")[0].rstrip("."))
            page.append(f"- [![{title}]({FOLDER}/{name}.png) {sentence(name)}]({FOLDER}/{name}.md)")
        page += ["```", ""]
    listed = [f"{FOLDER}/{name}" for names in GROUPS.values() for name in names]
    page += ["```{toctree}", ":hidden:", "", *listed, "```", ""]
    (source / f"{FOLDER}.md").write_text("\n".join(page), encoding="utf-8")
    return FOLDER


def sentence(name: str) -> str:
    """Say what a figure is of, in the words of its docstring.

    Examples
    --------
    >>> from relations.review._gallery_pages import sentence
    >>> sentence("plot_summit_and_base").partition(",")[0]
    'The occasions of ministers and above beside all others'
    """
    line = (inspect.getdoc(getattr(figures, name)) or name).partition("\n")[0]
    said = line.removeprefix("Draw ").rstrip(".")
    return said[:1].upper() + said[1:]


def _draw(name: str, folder: Path) -> str:
    """Draw a figure into its file, and return what it shows in words."""
    figure = draw_example(name)
    figure.savefig(folder / f"{name}.png", dpi=SHARPNESS)
    said = alternative_text(figure)
    plt.close(figure)
    return said


def _write_page(name: str, said: str, notebooks: list[str], folder: Path) -> None:
    lines = [f"# `{name}`", "", f"{sentence(name)}.", "", f"![{_plain(said)}]({name}.png)", ""]
    lines += [f"**What it shows.** {_plain(said)}", ""]
    if notebooks:
        lines += ["**Drawn in.** " + ", ".join(f"[](/{page})" for page in notebooks), ""]
    lines += ["## How it is called", ""]
    lines += ["```{eval-rst}", f".. autofunction:: relations.figures.{name}", "```", ""]
    (folder / f"{name}.md").write_text("\n".join(lines), encoding="utf-8")


def _uses(source: Path) -> dict[str, list[str]]:
    """Return the notebooks whose cells call each figure."""
    used: dict[str, list[str]] = {}
    for path in sorted((source / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        code = " ".join(cell.source for cell in cells if cell.cell_type == "code")
        for name in sorted(set(re.findall(r"\bplot_\w+", code))):
            used.setdefault(name, []).append(path.relative_to(source).as_posix())
    return used


def _plain(text: str) -> str:
    """Return text that Markdown shows as it stands."""
    return re.sub(r"([\\`*_\[\]<>#|$])", r"\\\1", text)
