"""Speed as ratios against a named alternative, measured in the same run."""

import statistics
import subprocess
import sys
import time

import pandas as pd
import pytest

import relations as rel
from relations.record._package import SHIPPED

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


def test_import_and_load_cost_little_more_than_pandas():
    """Pairs of runs in turn, so that a change of the machine's pace meets both."""
    pairs = []
    for _ in range(9):
        ours = seconds(fresh("import relations; relations.load()"), 1)
        pairs.append(ours / seconds(fresh("import pandas"), 1))
    report("import relations and load / import pandas", statistics.median(pairs), 1.3)


def test_load_costs_little_more_than_reading_the_files():
    files = sorted(SHIPPED.glob("*.csv"))
    bare = seconds(lambda: [pd.read_csv(file) for file in files], 30)
    report("load / read_csv of the same files", seconds(rel.load, 30) / bare, 2)


def test_a_choice_costs_little_beside_the_measure():
    """Milliseconds more than the measure alone, as a share of what loading the record costs."""
    data = rel.load()
    alone = seconds(lambda: rel.exchange_frequency(data), 15)
    chosen = seconds(lambda: rel.exchange_frequency(data.where(tier="minister", since=2010)), 15)
    more = chosen - alone
    print(f"\nwhere and a measure cost {1000 * more:.0f} ms more than the measure alone")
    report("what where adds / load", more / seconds(rel.load, 15), 1.5)
