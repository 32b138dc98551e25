"""Renew what README.md shows of the shipped tables: its figure, and what its examples print."""

import contextlib
import doctest
import io
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
from PIL import Image

import relations as rel

README = Path("README.md")
FIGURE = "notebooks/trajectory.png"


def draw():
    data = rel.load()
    axes = rel.figures.plot_trajectory(
        rel.trajectory.level_years(data), rel.trajectory.turning_points(data)
    )
    figure = (axes if hasattr(axes, "figure") else axes[0]).figure
    figure.savefig(FIGURE, dpi=150)
    plt.close(figure)
    # Few colours are drawn: a palette keeps them crisp at a third of the size.
    picture = Image.open(FIGURE).convert("RGB").quantize(64, dither=Image.Dither.NONE)
    picture.save(FIGURE, optimize=True)


def renew():
    """Put what each example prints now in the place of what stands under it."""
    page = README.read_text(encoding="utf-8")
    lines, names = page.splitlines(keepends=True), {}
    for example in reversed(list(_run(page, names))):
        source, printed = example
        begin = source.lineno + source.source.count("\n")
        end = begin + source.want.count("\n")
        lines[begin:end] = printed.splitlines(keepends=True)
    README.write_text("".join(lines), encoding="utf-8")


def _run(page, names):
    for example in doctest.DocTestParser().get_examples(page):
        if example.options.get(doctest.SKIP):
            continue
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(example.source, str(README), "single"), names)
        # A blank line would end what an example prints.
        yield example, said.getvalue().replace("\n\n", "\n<BLANKLINE>\n")


if __name__ == "__main__":
    plt.switch_backend("agg")
    warnings.simplefilter("ignore")
    draw()
    renew()
    plt.close("all")
