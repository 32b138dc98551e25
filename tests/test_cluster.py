"""The metrics on a real Spark cluster: a master and two workers, each a process of its own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pandas as pd
import pytest
from conftest import arrow_schema, as_pandas

import relations as rel

pytestmark = pytest.mark.spark

HOST = "127.0.0.1"
WORKERS = 2
PATIENCE = 90


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def wait_for(what: str, happened, processes) -> None:
    """Wait until something happened, and say what did not where it does not."""
    end = time.monotonic() + PATIENCE
    while not happened():
        ended = [process.args for process in processes if process.poll() is not None]
        if ended or time.monotonic() > end:
            pytest.fail(f"{what}: not after {PATIENCE} s; ended: {ended}")
        time.sleep(0.2)


def alive_workers(port: int) -> int:
    """Ask the master's page how many workers it can give work to."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/json/", timeout=5) as page:
            return page.read().decode("utf-8").count('"state" : "ALIVE"')
    except (urllib.error.URLError, OSError):
        return 0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Start a master and its workers on loopback; stop them whatever the tests do."""
    pyspark = pytest.importorskip("pyspark")
    home = Path(pyspark.__file__).parent
    place = tmp_path_factory.mktemp("cluster")
    env = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_LOCAL_DIRS": str(place / "local"),
        "SPARK_WORKER_DIR": str(place / "work"),
        "PYSPARK_PYTHON": sys.executable,
        # No daemon may outlive the shell that a script of Spark would start it from.
        "SPARK_NO_DAEMONIZE": "1",
    }
    port, page = free_port(), free_port()
    url = f"spark://{HOST}:{port}"
    processes, logs = [], []

    def start(name: str, *arguments: str) -> None:
        log = (place / f"{name}.log").open("wb")
        logs.append(log)
        command = [str(home / "bin" / "spark-class"), *arguments]
        processes.append(
            subprocess.Popen(
                command, env=env, cwd=place, stdout=log, stderr=log, start_new_session=True
            )
        )

    deploy = "org.apache.spark.deploy"
    try:
        start(
            "master", f"{deploy}.master.Master",
            "--host", HOST, "--port", str(port), "--webui-port", str(page),
        )  # fmt: skip
        for number in range(WORKERS):
            start(
                f"worker-{number}", f"{deploy}.worker.Worker",
                "--host", HOST, "--webui-port", str(free_port()),
                "--cores", "1", "--memory", "1g", url,
            )  # fmt: skip
        wait_for(f"{WORKERS} workers", lambda: alive_workers(page) == WORKERS, processes)
        yield url
    finally:
        for process in reversed(processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=20)
        for log in logs:
            log.close()
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="module")
def session(cluster):
    from pyspark.sql import SparkSession

    # The engine fixture of other tests leaves a session of one process behind.
    before = SparkSession.getActiveSession()
    if before is not None:
        before.stop()
    session = (
        SparkSession.builder.master(cluster)
        .appName("relations")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", HOST)
        .config("spark.driver.host", HOST)
        .config("spark.executor.memory", "512m")
        .config("spark.executor.cores", "1")
        .config("spark.cores.max", str(WORKERS))
        .config("spark.scheduler.minRegisteredResourcesRatio", "1.0")
        .config("spark.scheduler.maxRegisteredResourcesWaitingTime", f"{PATIENCE}s")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.network.timeout", "120s")
        .getOrCreate()
    )
    yield session
    session.stop()


def distributed(session, frame: pd.DataFrame, place: Path):
    """Return a frame that the workers read themselves, a part each, from parquet files."""
    import duckdb
    from pyspark.sql.pandas.types import from_arrow_schema

    place.mkdir()
    for number in range(2 * WORKERS):
        part = frame.iloc[number :: 2 * WORKERS]
        part = part.astype({c: "str" for c in frame if frame[c].dtype.kind not in "Mifb"})
        duckdb.from_df(part).write_parquet(str(place / f"{number}.parquet"))
    schema = from_arrow_schema(arrow_schema(frame), prefer_timestamp_ntz=True)
    return session.read.schema(schema).parquet(str(place))


def test_the_session_runs_on_the_cluster(session, cluster):
    """Or all else here would show no more than the tests of one process do."""
    context = session.sparkContext
    assert context.master == cluster
    hosts = context._jsc.sc().statusTracker().getExecutorInfos()
    wait_end = time.monotonic() + PATIENCE
    while len(hosts) < WORKERS + 1 and time.monotonic() < wait_end:
        time.sleep(0.2)
        hosts = context._jsc.sc().statusTracker().getExecutorInfos()
    # The driver is listed beside the executors.
    assert len(hosts) == WORKERS + 1


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"every": "quarter", "by": "kind", "count": "contacts", "precise": True},
        {"by": ["host", "mode"]},
    ],
    ids=["years", "quarters and kinds", "hosts and modes"],
)
def test_exchange_frequency_equals_pandas(session, data, tmp_path, options):
    options = dict(options)
    columns = ["event_id", "start", "precision", "status", "occasion", "kind", "host", "mode"]
    events = data.events[columns]
    if options.pop("precise", False):
        # A contact known only to its year belongs to no quarter.
        events = events[events["precision"] != "year"]
    there = distributed(session, events, tmp_path / "events")
    there = rel.exchange_frequency(there, **options, span=data.span)
    here = rel.exchange_frequency(events, **options, span=data.span)
    assert here["count"].sum() > 0
    pd.testing.assert_frame_equal(as_pandas(there), as_pandas(here), check_dtype=False)


@pytest.mark.parametrize("by", [(), "side", ["side", "status"]], ids=str)
def test_cooperation_area_counts_equals_pandas(session, data, tmp_path, by):
    mentions = data.area_mentions.merge(data.events[["event_id", "occasion"]], on="event_id")
    there = rel.cooperation_area_counts(distributed(session, mentions, tmp_path / "mentions"), by)
    here = rel.cooperation_area_counts(mentions, by)
    assert here["count"].sum() > len(data.areas)
    pd.testing.assert_frame_equal(as_pandas(there), as_pandas(here), check_dtype=False)


def test_errors_teach_on_the_cluster_too(session, data, tmp_path):
    there = distributed(session, data.events[["event_id", "start"]], tmp_path / "events")
    with pytest.raises(ValueError, match="needs the columns precision, status"):
        rel.exchange_frequency(there)
