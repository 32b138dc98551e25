"""Small folders of tables that tests break on purpose, and frames of every engine."""

import dataclasses
import functools
import gc
import json
import os
import shutil
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest

# As where pyarrow is not installed, which takes tables of a few rows a fifth of the time less;
# the texts of pyarrow are an engine below, and what the kernels of notebooks hold.
pd.set_option("mode.string_storage", "python")

import relations as rel  # noqa: E402
from relations.record._package import SHIPPED, schema  # noqa: E402

# Set before the workers start: two of them that each use both cores wait for each other.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
matplotlib.use("agg")


def calibrated(few: int) -> int:
    """Return how many series a calibration draws: few, or RELATIONS_CALIBRATION times as many.

    The figures that docstrings state are those of 20 times as many, printed under ``-s``.
    """
    return few * int(os.environ.get("RELATIONS_CALIBRATION", "1"))


def measured(what: str, cases: int, drawn: int) -> None:
    print(f"{what}: {cases:g} of {drawn}, {cases / drawn:.1%}")


class Folder:
    """A folder of tables, and ways to spoil a file of it."""

    def __init__(self, path: Path):
        self.path = path

    def file(self, name: str) -> Path:
        return self.path / (name if "." in name else f"{name}.csv")

    def text(self, name: str) -> str:
        return self.file(name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        self.file(name).write_bytes(text.encode("utf-8"))

    def replace(self, name: str, old: str, new: str) -> None:
        before = self.text(name)
        assert old in before, f"{old!r} is not in {name}"
        self.write(name, before.replace(old, new, 1))

    def append(self, name: str, line: str) -> None:
        self.write(name, self.text(name) + line + "\n")

    def found(self) -> list[rel.Violation]:
        return rel.check(self.path)

    def only(self) -> rel.Violation:
        """Return the one violation, and make sure that loading refuses it too."""
        found = self.found()
        assert len(found) == 1, [str(violation) for violation in found]
        with pytest.raises(rel.DataError) as refused:
            rel.load(self.path)
        assert refused.value.violations == found
        return found[0]


# Two sides that are not the shipped ones, four contacts, everything worked out by hand.
TABLES = {
    "sides": ["AA,Aland,Alandic,ALA,1,2", "BB,Beland,Belandic,BEL,3,4"],
    "events": [
        "2019-03-01-visit,2019-03-01,2019-03-05,visit,,AA,in_person,,held,Visit,,",
        "2019-03-02-talks,2019-03-02,,meeting,,AA,in_person,2019-03-01-visit,held,Talks,,",
        "2021-06-patrol,2021-06,,joint_patrol,gulf_patrol,both,at_sea,,held,Patrol,,",
        "2022-01-10-plan,2022-01-10,,visit,,BB,in_person,,announced,Planned visit,,",
    ],
    "editions": ["2021-06-patrol,AA,3"],
    "event_places": ["2019-03-01-visit,capital"],
    "places": ["capital,Capital,,Centre,AA,10.5,-20.5,Old Capital;The Capital,,"],
    "sources": [
        "s1,Aland News,AA,en,news,2019-03-06,The visit,https://example.org/1,,",
        "s2,Beland Post,BB,en,news,2021-07-02,The patrol,https://example.org/2,,",
        "s3,Beland Post,BB,en,news,2021-12-01,The plan,https://example.org/3,,",
    ],
    "reports": [
        "2019-03-01-visit,s1,2019-03-01,,printed,true,",
        "2019-03-02-talks,s1,2019-03-02,,printed,true,",
        "2021-06-patrol,s2,2021-06,3,printed,true,",
        "2022-01-10-plan,s3,2022-01-10,,printed,false,",
    ],
    "ships": ["aa-1,AA,101,Swan,frigate"],
    "event_ships": ["2021-06-patrol,aa-1"],
    "people": ["ann,AA,Ann,,", "bob,BB,Bob,,"],
    "ranks": [
        "aa-general,AA,General,General,General,9,9",
        "bb-colonel,BB,Colonel,Colonel,Colonel,6,5",
        "bb-general,BB,General,General,General,9,8",
    ],
    "offices": [
        "aa-minister,AA,Minister,Minister,Ministry,5,true,minister",
        "bb-chief,BB,Chief,Chief of staff,Staff,4,true,",
        "bb-minister,BB,Minister,Minister,Ministry,5,true,minister",
    ],
    "promotions": [
        "ann,aa-general,2010-01-01,s1",
        "bob,bb-colonel,2015,s1",
        "bob,bb-general,2019-03-02,s1",
    ],
    "appointments": [
        "ann,aa-minister,2015-01-01,2019-03-01,dated,s1",
        "bob,bb-chief,2015-01-01,,dated,s1",
        "bob,bb-minister,2019-03-02,,seen,s1",
    ],
    "participants": [
        "2019-03-01-visit,ann,host,s1,Minister,General",
        "2019-03-01-visit,bob,head,s1,Chief,Colonel",
        "2019-03-02-talks,ann,host,s1,Minister,General",
        "2019-03-02-talks,bob,head,s1,Minister,",
    ],
    "areas": ["hotline,Hotline,trust,Lines,Named,Else", "patrol,Patrols,sea,Patrols,Named,Else"],
    "area_mentions": [
        "2019-03-01-visit,s1,hotline,AA,proposed",
        "2019-03-01-visit,s1,hotline,BB,proposed",
        "2021-06-patrol,s2,patrol,joint,done",
    ],
    "agreements": ["visit-minutes,2019-03-01-visit,minutes,Minutes,hotline;patrol,,2019-03-01,,"],
    "pledges": ["patrol-again,2019-03-01-visit,s1,joint,Patrol,patrol,2021,kept,2021-06-patrol,"],
    "mechanisms": ["gulf_patrol,Gulf patrol,Gulf patrol,joint_patrol,,,"],
    "reported_counts": ["s2,Gulf,gulf_patrol,2019,2021-06,patrols,3"],
    "context": ["2020-storm,2020,,A storm,s1,crisis,The wind turned,,"],
    "positions": ["2019-03-01-visit,,s1,AA,ann,hotline,paraphrased,Wants a line soon."],
    "absences": ["gulf_patrol,AA,2,before June 2021,the two papers,"],
    "benchmarks": ["others,Others 2020 https://example.org,2019,visits,2,"],
    "second_coding": ["2019-03-01-visit,s1,kind,both,visit,meeting"],
    "literature": [
        "doe-2020,Jane Doe,2020,Visits,Journal,https://example.org/w,abstract,Rise,none"
    ],
    "outlines": ["AA,1,1,-22,9", "AA,1,2,-19,9", "AA,1,3,-19,12", "AA,1,4,-22,12"],
    "versions": [],
}
SPAN = [{"since": "2019-01-01", "until": "2021-12-31"}]


@pytest.fixture
def small(tmp_path: Path) -> Folder:
    """A sound folder of tables about two other sides."""
    return write_small(tmp_path / "small")


def write_small(folder: Path) -> Folder:
    """Write the small tables into a new folder."""
    folder.mkdir()
    for name, entry in schema().items():
        header = ",".join(field["name"] for field in entry["schema"]["fields"])
        (folder / f"{name}.csv").write_text("\n".join([header, *TABLES[name], ""]), "utf-8")
    descriptor = {"name": "small", "title": "Small tables", "version": "1", "span": SPAN}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    return Folder(folder)


@pytest.fixture
def shipped_copy(tmp_path: Path) -> Folder:
    """A copy of the shipped tables."""
    return Folder(Path(shutil.copytree(SHIPPED, tmp_path / "copy")))


@pytest.fixture
def reported(small) -> rel.Dataset:
    """The small tables with the report of the visit on both sides, and a reprint of the patrol."""
    return with_reports(small)


def with_reports(small: Folder) -> rel.Dataset:
    """Write further reports into the small tables, and load them."""
    small.append("sources", "s4,Beland Post,BB,en,news,2019-03-07,Visit,https://example.org/4,,")
    small.append("sources", "s5,Aland News,AA,en,news,2021-07-03,Copy,https://example.org/5,s2,")
    small.append("sources", "s6,Wire,third,en,news,2021-07-03,Wire,https://example.org/6,,")
    small.append("reports", "2019-03-01-visit,s4,2019-03-07,,printed,false,Later")
    small.append("reports", "2021-06-patrol,s5,2021-06,3,printed,true,")
    small.append("reports", "2021-06-patrol,s6,2021-06,4,printed,true,Other")
    small.append("area_mentions", "2019-03-01-visit,s4,hotline,BB,proposed")
    small.append("area_mentions", "2019-03-01-visit,s4,patrol,BB,proposed")
    small.append("participants", "2019-03-01-visit,bob,head,s4,Commander,General")
    return rel.load(small.path)


@pytest.fixture(scope="session")
def data() -> rel.Dataset:
    return rel.load()


@pytest.fixture(scope="session")
def converted(data):
    """The shipped record as the frames of an engine, each converted once."""
    return functools.cache(data.convert)


@pytest.fixture(scope="session")
def on_pandas(data):
    """What a measure gives of the shipped record, measured once for all engines."""
    return functools.cache(lambda measure: measure(data))


def pytest_collection_finish():
    # What was imported stays; looking through all of it for what can go costs a twentieth, and
    # to look after every 700 new objects, of which a frame makes hundreds, another twelfth.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def dataset(*, span=("2019-01-01", "2021-12-31"), **tables: pd.DataFrame) -> rel.Dataset:
    """A Dataset of these tables about the sides AA and BB; every other table is empty.

    Columns that a table lacks are added without values.
    """
    from relations.record.loading import occasions

    tables.setdefault("sides", pd.DataFrame({"side": ["AA", "BB"], "name": ["Aland", "Beland"]}))
    frames = dict(_without_rows())
    for name, given in tables.items():
        lacking = [column for column in frames[name] if column not in given]
        given = given.reindex(columns=[*given, *lacking])
        frames[name] = given.astype({column: frames[name][column].dtype for column in lacking})
    events = frames["events"]
    if "occasion" not in tables.get("events", ()):
        occasion = occasions(events["event_id"], events["parent_id"])
        frames["events"] = events.assign(occasion=occasion)
    days = tuple(pd.Timestamp(day).as_unit("us") for day in span)
    return dataclasses.replace(_shipped(), **frames, covered={None: days})


@functools.cache
def _shipped() -> rel.Dataset:
    return rel.load()


@functools.cache
def _without_rows() -> dict[str, pd.DataFrame]:
    return {name: frame.head(0) for name, frame in _shipped().tables.items()}


def _polars(frame: pd.DataFrame):
    import polars as pl

    return pl.from_pandas(frame)


def _duckdb(frame: pd.DataFrame):
    import duckdb

    return duckdb.from_df(frame)


def _spark(frame: pd.DataFrame):
    from pyspark.sql import SparkSession

    # Plans of a few rows: what Spark spends on making them run fast is all that they take.
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.default.parallelism", "1")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.timestampType", "TIMESTAMP_NTZ")
        .getOrCreate()
    )
    return session.createDataFrame(_arrow_table(frame))


def _arrow_table(frame: pd.DataFrame):
    import pyarrow as pa

    cells = [[None if pd.isna(cell) else cell for cell in frame[c].astype("object")] for c in frame]
    return pa.table(cells, schema=arrow_schema(frame))


def arrow_schema(frame: pd.DataFrame):
    """The types with which Spark reads a table that pandas holds."""
    import pyarrow as pa

    kinds = {"M": pa.timestamp("us"), "i": pa.int64(), "u": pa.int64()}
    kinds |= {"f": pa.float64(), "b": pa.bool_()}
    return pa.schema([(str(c), kinds.get(frame[c].dtype.kind, pa.string())) for c in frame])


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    texts = [column for column in frame if isinstance(frame[column].dtype, pd.StringDtype)]
    return frame.astype(dict.fromkeys(texts, pd.StringDtype("pyarrow", na_value=np.nan)))


def _objects(frame: pd.DataFrame) -> pd.DataFrame:
    texts = [column for column in frame if frame[column].dtype.kind == "O"]
    return frame.astype(dict.fromkeys(texts, "object"))


def _nullable(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.convert_dtypes()


def _arrow(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.convert_dtypes(dtype_backend="pyarrow")


ENGINES = {
    "pandas": lambda frame: frame,
    "texts of pyarrow": _texts,
    "objects": _objects,
    "nullable": _nullable,
    "arrow": _arrow,
    "polars": _polars,
    "duckdb": _duckdb,
    "spark": _spark,
}


@pytest.fixture(
    params=[
        pytest.param(name, marks=[pytest.mark.spark] if name == "spark" else []) for name in ENGINES
    ]
)
def engine(request: pytest.FixtureRequest):
    """Turns a pandas frame into a frame of one engine."""
    return ENGINES[request.param]


def as_pandas(frame) -> pd.DataFrame:
    """Bring the frame of any engine back, in plain types that compare alike."""
    import narwhals.stable.v2 as nw

    back = nw.from_native(frame).lazy().collect("pandas").to_native().copy()
    for column in back:
        if back[column].dtype.kind == "M":
            back[column] = back[column].astype("datetime64[us]")
        elif str(back[column].dtype) in ("Int64", "Float64") or back[column].dtype.kind in "if":
            back[column] = pd.to_numeric(back[column], errors="coerce").astype("float64")
        elif back[column].dtype.kind != "b":
            back[column] = back[column].astype("object").where(back[column].notna(), None)
    return back
