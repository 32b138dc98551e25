"""Speed as ratios against a named alternative, measured in the same run."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import relations as rel
from relations._package import SHIPPED

pytestmark = pytest.mark.benchmark


def seconds(function, times):
    """Return the median time of a call, after one that is not counted."""
    function()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def fresh(code):
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def report(what, ratio, bound):
    print(f"\n{what}: {ratio:.2f} (at most {bound})")
    assert ratio <= bound


def test_import_costs_little_more_than_pandas():
    """Pairs of imports in turn, so that a change of the machine's pace meets both."""
    pairs = []
    for _ in range(15):
        ours = seconds(fresh("import relations; relations.load"), 1)
        pairs.append(ours / seconds(fresh("import pandas"), 1))
    report("import relations, up to its load / import pandas", statistics.median(pairs), 1.2)


def test_load_costs_little_more_than_reading_the_files():
    files = sorted(SHIPPED.glob("*.csv"))
    bare = seconds(lambda: [pd.read_csv(file) for file in files], 30)
    report("load / read_csv of the same files", seconds(rel.load, 30) / bare, 2)


def test_every_notebook_takes_less_than_15_seconds(tmp_path):
    from relations.reproduction import _execute

    notebooks = Path(__file__).parents[2] / "notebooks"
    for path in sorted(notebooks.glob("*.ipynb")):
        outcome, _ = _execute(path, tmp_path)
        print(f"\n{path.name}: {outcome.seconds:.1f} s")
        assert outcome.seconds <= 15
