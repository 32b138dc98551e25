"""What is shipped: the descriptor, the codebook, the locked environment, the wheel."""

import inspect
import json
import os
import pydoc
import re
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pandas as pd
import pytest
import yaml

import relations as rel
from relations._package import SHIPPED, schema

ROOT = Path(__file__).parent.parent


def test_descriptor_is_valid_to_an_outside_referee():
    from frictionless import validate

    report = validate(str(SHIPPED / "datapackage.json"))
    assert report.valid, report.to_summary()


def test_outside_referee_finds_what_the_checker_finds(shipped_copy):
    """The descriptor alone, without our rules, tells of a broken key and an unknown id."""
    from frictionless import validate

    shipped_copy.replace("event_places", ",hekou", ",hekoo")
    shipped_copy.replace("areas", "joint_training,", "hotline,")
    found = validate(str(shipped_copy.path / "datapackage.json"))
    kinds = {error.type for task in found.tasks for error in task.errors}
    assert {"foreign-key", "primary-key"} <= kinds


def test_every_file_is_described_and_sealed():
    described = {entry["path"]: entry for entry in schema().values()}
    assert {path.name for path in SHIPPED.glob("*.csv")} == set(described)
    for name, entry in described.items():
        assert entry["bytes"] == (SHIPPED / name).stat().st_size
    assert rel.load().version == json.loads((SHIPPED / "datapackage.json").read_bytes())["version"]


def test_tables_are_written_alike():
    """UTF-8, LF, sorted by key: so that a change shows as the lines that changed."""
    for name, entry in schema().items():
        raw = (SHIPPED / entry["path"]).read_bytes()
        assert b"\r" not in raw
        assert not raw.startswith(b"\xef\xbb\xbf")
        table = pd.read_csv(SHIPPED / entry["path"], dtype=str, keep_default_na=False)
        key = table[entry["schema"]["primaryKey"]].values.tolist()
        assert key == sorted(key), name


def test_versions_agree(data):
    """Whoever cites by one of the files gives the same version, authors, dates and subjects."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    zenodo = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    package = json.loads((SHIPPED / "datapackage.json").read_text("utf-8"))
    assert project["version"] == data.version == str(cff["version"]) == zenodo["version"]
    day = str(cff["date-released"])
    assert day == zenodo["publication_date"] == package["created"][:10]
    first = re.search("^## .*", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert first[0] == f"## {data.version} ({day})"
    assert f"Version {data.version} holds" in (ROOT / "README.md").read_text("utf-8")
    assert f"Version {data.version} holds" in (SHIPPED / "README.md").read_text("utf-8")
    assert cff["title"] == zenodo["title"] == package["title"]
    assert cff["keywords"] == zenodo["keywords"] == package["keywords"]
    names = [author["name"] for author in cff["authors"]]
    assert names == [creator["name"] for creator in zenodo["creators"]]
    assert names == [contributor["title"] for contributor in package["contributors"]]
    assert cff["abstract"] in zenodo["description"]
    assert zenodo["license"].upper() == package["licenses"][0]["name"] in cff["license"]


def test_deposit_has_what_the_archive_asks_for(data):
    """The fields that Zenodo requires of a dataset, its words for them, and no identifier.

    Pages that it refers to are those that the tables cite; a DOI would be an invented one.
    """
    zenodo = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    assert (zenodo["upload_type"], zenodo["access_right"]) == ("dataset", "open")
    assert "doi" not in zenodo
    cited = data.benchmarks["publication"].str.cat(sep=" ")
    for related in zenodo["related_identifiers"]:
        assert (related["relation"], related["scheme"]) == ("references", "url")
        assert related["identifier"] in cited


def test_bibtex_names_authors_title_and_year():
    """One entry of balanced braces, whose doubled ones keep the capitals of names and title."""
    entry = rel.cite("bibtex")
    assert re.match(r"@misc\{[a-z0-9.-]+,\n", entry)
    assert entry.count("{") == entry.count("}")
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},?$", entry, flags=re.MULTILINE))
    assert fields["author"] == "{The china-vietnam-relations maintainers}"
    assert fields["title"] == "{China–Vietnam defence contacts}"
    assert re.fullmatch(r"\d{4}", fields["year"])


def test_pages_state_the_numbers_of_the_tables(data):
    held = data.events["status"].eq("held").sum()
    pages = data.reports["source_id"].nunique()
    for page in (ROOT / "README.md", ROOT / "CHANGELOG.md", SHIPPED / "README.md"):
        assert f"{held} contacts" in page.read_text("utf-8"), page
    assert f"{len(data.reports):,} reports" in (SHIPPED / "README.md").read_text("utf-8")
    assert f"on {pages} pages" in (SHIPPED / "README.md").read_text("utf-8")


def test_codebook_page_holds_the_tables_of_the_descriptor():
    page = (SHIPPED / "README.md").read_text("utf-8")
    from relations.__main__ import render_tables

    assert render_tables() in page


def test_conda_installs_what_the_lock_holds():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+==\S+)", lock, flags=re.MULTILINE))
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    (pip,) = (entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert pip[-1] == "--editable ."
    assert {line.split(" ")[0] for line in pip[:-1]} == locked
    assert len(locked) == len(pip) - 1 > 100


def test_every_locked_file_has_a_hash():
    for name in ("requirements.lock", "requirements-spark.lock"):
        pins = re.split(r"\n(?=[a-z])", (ROOT / name).read_text("utf-8").partition("\n\n")[0])
        pins = [pin for pin in pins if "==" in pin]
        assert pins
        assert all("--hash=sha256:" in pin for pin in pins)


def test_import_leaves_the_drawing_libraries_alone():
    heavy = {"matplotlib", "seaborn", "scipy"}
    code = f"import sys, relations; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Python of an empty environment into which the wheel was installed.

    The libraries it needs are lent by this environment, so that no index is asked; the
    package itself is not.
    """
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = ["wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder)]
    subprocess.run([*pip, *build, str(ROOT)], check=True, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    python = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    install = ["install", "-q", "--no-deps", "--no-index", "--target", site, str(wheel)]
    subprocess.run([*pip, *install], check=True, cwd=folder)
    lent = sysconfig.get_paths()["purelib"]
    code = f"import sys; sys.path.append({lent!r})"
    (Path(site) / "lent.pth").write_text(code + "\n", "utf-8")
    return python, folder, Path(site)


def test_wheel_works_with_its_data_from_another_folder(installed, data):
    python, folder, site = installed
    code = (
        "import relations as rel; data = rel.load(); print(rel.__file__); "
        "print(data.checksum); print(rel.exchange_frequency(data.events)['count'].sum())"
    )
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=True, cwd=folder, env=bare
    )
    where, checksum, count = done.stdout.split()
    assert Path(where).is_relative_to(site)
    assert checksum == data.checksum
    assert int(count) == rel.exchange_frequency(data.events)["count"].sum()
    assert (site / "relations" / "py.typed").exists()
    for beside in ("figures/figures.mplstyle", "explorer.js", "explorer.css"):
        assert (site / "relations" / beside).exists()


def test_installed_checker_runs(installed):
    python, folder, _ = installed
    done = subprocess.run([python, "-m", "relations", "check"], cwd=folder, capture_output=True)
    assert (done.returncode, done.stdout) == (0, b"")


def test_every_page_that_is_listed_was_used(data):
    """A source is cited by a row, or named in a note that rests on it."""
    cited: set[str] = set()
    for table in ("reports", "promotions", "appointments", "context", "pledges", "reported_counts"):
        for cell in data.tables[table]["source_id"]:
            cited |= set(cell.split(";"))
    notes = " ".join(
        str(note) for frame in data.tables.values() if "note" in frame for note in frame["note"]
    )
    unused = [source for source in data.sources["source_id"] if source not in cited]
    assert [source for source in unused if source not in notes] == []


def test_help_is_a_guide_that_names_everything_public():
    """What help() prints stays short, and leaves no public name out."""
    text = pydoc.plain(pydoc.render_doc(rel))
    assert len(text.splitlines()) < 100
    named = set(re.findall(r"\w+", rel.__doc__))
    assert {name for name in dir(rel) if not inspect.ismodule(getattr(rel, name))} <= named
