"""Tables of millions of rows: seconds and peak memory of each engine against the same by hand.

Every measurement is a fresh process, from parquet files to the counts as pandas. Sizes are
millions of rows in ``RELATIONS_BENCHMARK_MILLIONS``, "1,10" if it is not set; tables of 50
million rows take some gigabytes of disk and some minutes. ``RELATIONS_BENCHMARK_FOLDER`` keeps
the tables for the next run.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from generate import write_events, write_mentions

import relations as rel

pytestmark = pytest.mark.benchmark

MILLIONS = [
    float(size) for size in os.environ.get("RELATIONS_BENCHMARK_MILLIONS", "1,10").split(",")
]
# DuckDB may hold this much, whoever asks, and writes what is beyond it to disk.
LIMIT = "1GB"
RATIO = 1.1
PANDAS_RATIO = 2
PAIRS = 3
# Millions of rows: below, fixed costs are all there is to compare; above, pandas holds more
# than many a machine has.
RATIO_FROM = 10
PANDAS_UP_TO = 10

# An occasion is a contact with its parts, and counts once in a year.
FREQUENCY_SQL = """
SELECT
    date_trunc('year', start) AS period,
    count(DISTINCT coalesce(parent_id, event_id)) AS count
FROM read_parquet('{files}') WHERE status = 'held' GROUP BY 1 ORDER BY 1
"""
AREAS_SQL = """
WITH once AS (SELECT DISTINCT event_id, area FROM read_parquet('{files}'))
SELECT area, count(*) AS count FROM once GROUP BY area ORDER BY count DESC, area
"""
COLUMNS = {
    "exchange_frequency": ["event_id", "start", "precision", "status", "parent_id"],
    "cooperation_area_counts": ["event_id", "area"],
}
# What a bare frame covers has to be said.
HOW = {
    "exchange_frequency": {"span": ("2000-01-01", "2026-12-31")},
    "cooperation_area_counts": {},
}
CATEGORIES = ["precision", "status", "area"]


def duckdb_session(folder):
    """Return duckdb with its default connection held to the limit."""
    import duckdb

    duckdb.execute(f"SET memory_limit = '{LIMIT}'")
    duckdb.execute(f"SET temp_directory = '{folder.parent / 'spill'}'")
    duckdb.execute("SET preserve_insertion_order = false")
    duckdb.execute("SET enable_progress_bar = false")
    return duckdb


def by_sql(metric, folder):
    query = {"exchange_frequency": FREQUENCY_SQL, "cooperation_area_counts": AREAS_SQL}[metric]
    return duckdb_session(folder).sql(query.format(files=folder / "*.parquet")).df()


def by_plain_pandas(metric, folder):
    frame = read_pandas(metric, folder)
    if metric == "exchange_frequency":
        held = frame[frame["status"] == "held"]
        occasion = held["parent_id"].fillna(held["event_id"])
        counts = occasion.groupby(held["start"].dt.year).nunique().rename("count")
        counts.index = pd.to_datetime(counts.index.astype(str))
        return counts.rename_axis("period").reset_index()
    counts = frame.drop_duplicates().groupby("area", observed=True).size().rename("count")
    counts = counts.reset_index().astype({"area": str})
    return counts.sort_values(["count", "area"], ascending=[False, True])


def read_pandas(metric, folder):
    """Return the columns that the metric reads, typed as ``relations.load`` types them."""
    columns = COLUMNS[metric]
    categories = [column for column in CATEGORIES if column in columns]
    return pd.read_parquet(folder, columns=columns, read_dictionary=categories)


def read_polars(metric, folder):
    import polars as pl

    return pl.scan_parquet(folder / "*.parquet")


def read_duckdb(metric, folder):
    return duckdb_session(folder).read_parquet(str(folder / "*.parquet"))


def by_metric(read):
    def count(metric, folder):
        result = getattr(rel, metric)(read(metric, folder), **HOW[metric])
        if hasattr(result, "collect"):
            result = result.collect().to_pandas()
        return result if isinstance(result, pd.DataFrame) else result.df()

    return count


WAYS = {
    "pandas": by_metric(read_pandas),
    "plain pandas": by_plain_pandas,
    "polars": by_metric(read_polars),
    "duckdb": by_metric(read_duckdb),
    "sql": by_sql,
}


def peak_mb():
    """Return the most memory that this process ever held.

    A child's ``ru_maxrss`` starts at what its parent held, so Linux is asked for its own.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def measure(way, metric, folder, few):
    """Count in a fresh process; return seconds, peak memory and the counts."""
    command = [sys.executable, __file__, way, metric, str(folder), str(few)]
    path = os.pathsep.join([str(Path(rel.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": path}
    )
    return json.loads(done.stdout)


def main(way, metric, folder, few):
    # What is imported and set up on first use is not what is measured.
    WAYS[way](metric, Path(few))
    start = time.perf_counter()
    table = WAYS[way](metric, Path(folder))
    seconds = time.perf_counter() - start
    key = "period" if metric == "exchange_frequency" else "area"
    table[key] = table[key].astype(str).str[:10]
    counts = table[[key, "count"]].values.tolist()
    print(json.dumps({"seconds": seconds, "peak": peak_mb(), "counts": counts}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    kept = os.environ.get("RELATIONS_BENCHMARK_FOLDER")
    return Path(kept) if kept else tmp_path_factory.mktemp("tables")


@pytest.mark.parametrize("metric", COLUMNS)
def test_engines_keep_pace_with_their_own_language(metric, folder):
    write = write_events if metric == "exchange_frequency" else write_mentions
    few = write(folder, 10_000)
    runs = []
    for size in MILLIONS:
        rows = int(size * 1_000_000)
        tables = write(folder, rows)
        # The two that are compared take turns, so that a change of pace meets both.
        turns = [*["sql", "duckdb"] * PAIRS, "polars"]
        turns += ["pandas", "plain pandas"] if size <= PANDAS_UP_TO else []
        runs += [
            {"millions": size, "way": way} | measure(way, metric, tables, few) for way in turns
        ]
    runs = pd.DataFrame(runs)
    table = runs.groupby(["millions", "way"], sort=False)[["seconds", "peak"]].median()
    wide = table.round({"seconds": 2, "peak": 0}).reset_index()
    wide = wide.pivot_table(index="way", columns="millions", values=["seconds", "peak"], sort=False)
    print(f"\n{metric}\n{wide.to_string()}")

    for size, of_size in runs.groupby("millions"):
        first = of_size["counts"].iloc[0]
        assert sum(row[1] for row in first) > 0
        assert [counts for counts in of_size["counts"] if counts != first] == []
        taken = {way: of_size.loc[of_size["way"] == way, "seconds"] for way in ("duckdb", "sql")}
        pairs = zip(taken["duckdb"], taken["sql"], strict=True)
        ratio = statistics.median(ours / theirs for ours, theirs in pairs)
        print(
            f"{size:g} million rows, duckdb / sql: {ratio:.2f} (at most {RATIO} from {RATIO_FROM})"
        )
        assert ratio <= RATIO or size < RATIO_FROM
        if RATIO_FROM <= size <= PANDAS_UP_TO:
            plain = (
                table.loc[(size, "pandas"), "seconds"]
                / table.loc[(size, "plain pandas"), "seconds"]
            )
            print(f"{size:g} million rows, pandas / plain pandas: {plain:.2f}")
            assert plain <= PANDAS_RATIO

    largest = max(MILLIONS)
    if largest >= RATIO_FROM:
        ours, theirs = (table.loc[(largest, way), "peak"] for way in ("duckdb", "sql"))
        print(f"{largest:g} million rows, peak of duckdb / sql: {ours / theirs:.2f}")
        assert ours <= RATIO * theirs


if __name__ == "__main__":
    main(*sys.argv[1:])
