"""What is shipped: the descriptor, the codebook, the locked environment, the wheel."""

import inspect
import json
import os
import pydoc
import re
import runpy
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pandas as pd
import pytest
import yaml

import relations as rel
from relations.record import pages
from relations.record._package import SHIPPED, read_descriptor, read_sealed, schema

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
    assert read_sealed(SHIPPED, read_descriptor(SHIPPED)) is not None
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    packed = build["targets"]["wheel"]["force-include"]
    assert set(packed) == {f"data/{name}" for name in [*described, "datapackage.json", "README.md"]}
    assert all(place == f"relations/{file}" for file, place in packed.items())


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
    version = data.version.partition("+")[0]
    assert project["version"] == version == str(cff["version"]) == zenodo["version"]
    day = str(cff["date-released"])
    assert day == zenodo["publication_date"] == package["created"][:10]
    first = re.search("^## .*", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert first[0] == f"## {version} ({day})"
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


@pytest.mark.parametrize("page", [ROOT / "README.md", SHIPPED / "README.md"])
def test_pages_state_the_numbers_of_the_tables(page):
    """Make refresh writes them, so that a report can be added without a word of prose."""
    text = page.read_text("utf-8")
    known = pages.counts()
    assert set(pages.COUNT.findall(text)) <= set(known)
    assert text == pages.render_counts(text, known)


def test_codebook_page_says_how_many_contacts_and_reports_there_are():
    stated = pages.COUNT.findall((SHIPPED / "README.md").read_text("utf-8"))
    assert {"version", "held", "reports", "pages"} <= set(stated)


def test_codebook_page_holds_the_tables_of_the_descriptor():
    assert pages.render_tables() in (SHIPPED / "README.md").read_text("utf-8")


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


@pytest.fixture(scope="module")
def setup():
    """What makes the environment, before there is one: it runs on a bare Python."""
    return runpy.run_path(str(ROOT / ".ci" / "setup.py"))


def test_uv_is_installed_from_the_lock_with_its_hashes(setup):
    pin = setup["pin_of"]("uv", ROOT / "requirements.lock")
    assert re.match(r"uv==[\d.]+ \\\n    --hash=sha256:", pin)
    assert pin.count("==") == 1
    assert setup["pin_of"]("no-such-package", ROOT / "requirements.lock") == ""


def test_set_up_passes_on_what_is_news_and_no_noise(setup):
    lines = [
        "WARNING: Location 'file:///nowhere/uv/' is ignored: it is neither a file nor a directory.",
        "Looking in links: /opt/wheels", "Requirement already satisfied: six", " + six==1.17.0",
        "", "Downloading pandas (11.8MiB)", "ERROR: no such file", "Installed 3 packages",
    ]  # fmt: skip
    heard = []
    code = f"print({chr(10).join(lines)!r}); raise SystemExit(3)"
    assert setup["run"]([sys.executable, "-c", code], tell=heard.append) == 3
    assert heard == lines[-3:]


def test_set_up_needs_nothing_but_python():
    """Neither script may import what is not yet installed."""
    code = "import sys; sys.argv = ['setup.py']; import runpy; runpy.run_path('.ci/setup.py')"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True, cwd=ROOT)


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
        "print(data.checksum); print(rel.exchange_frequency(data)['count'].sum())"
    )
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=True, cwd=folder, env=bare
    )
    where, checksum, count = done.stdout.split()
    assert Path(where).is_relative_to(site)
    assert checksum == data.checksum
    assert int(count) == rel.exchange_frequency(data)["count"].sum()
    assert (site / "relations" / "py.typed").exists()
    for beside in ("figures/figures.mplstyle", "reading/explorer.js", "reading/explorer.css"):
        assert (site / "relations" / beside).exists()


def test_installed_checker_runs(installed):
    python, folder, _ = installed
    done = subprocess.run([python, "-m", "relations", "check"], cwd=folder, capture_output=True)
    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.parametrize("flag", ["-O", "-OO"])
def test_nothing_rests_on_assertions_or_docstrings(flag, tmp_path):
    """Both are left out by these flags."""
    code = (
        "import relations as rel; data = rel.load(); "
        "print(len(rel.check()), rel.exchange_frequency(data)['count'].sum() > 0, "
        "len(data.where(since=2010).contacts) > 0, len(rel.ranks.heads(data)) > 0)"
    )
    command = [sys.executable, flag, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.split() == ["0", "True", "True", "True"]
    command = [sys.executable, flag, "-m", "relations", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "python -m relations check" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_commands_write_utf8_to_a_pipe_whatever_the_locale(encoding, small):
    small.replace("people", ",Bob,", ",Nguyễn \u200b中,")
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "LC_ALL": "C"}
    command = [sys.executable, "-m", "relations", "check", str(small.path)]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 1
    assert "Nguyễn" in done.stdout.decode("utf-8")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["check", "--seal"], ["check", "--publish"], ["add", "REPORT"]])
def test_folder_that_cannot_be_written_is_a_sentence(words, small, tmp_path, monkeypatch, capsys):
    from relations.__main__ import main

    (tmp_path / "report.toml").write_text('[[people]]\nperson_id="x"\nside="AA"\nname="X"', "utf-8")
    descriptor = json.loads(small.text("datapackage.json")) | {"created": "2026-01-01"}
    small.write("datapackage.json", json.dumps(descriptor))

    def refuse(self, *_, **__):
        raise PermissionError(13, "Permission denied", str(self))

    for name in ("write_text", "write_bytes", "mkdir"):
        real = getattr(Path, name)
        monkeypatch.setattr(
            Path,
            name,
            lambda self, *rest, real=real, **more: (
                refuse(self) if self.is_relative_to(small.path) else real(self, *rest, **more)
            ),
        )
    words = [str(tmp_path / "report.toml") if word == "REPORT" else word for word in words]
    where = ["--folder", str(small.path), "--yes"] if words[0] == "add" else [str(small.path)]
    assert main([*words, *where]) in (1, 2)
    said = capsys.readouterr().err
    assert "Permission denied" in said


def test_seminar_that_cannot_be_written_is_a_sentence(monkeypatch, capsys):
    from relations.__main__ import main
    from relations.teaching import sheets

    def refuse(folder):
        raise PermissionError(13, "Permission denied", str(folder / "1.ipynb"))

    monkeypatch.setattr(sheets, "make_sheets", refuse)
    assert main(["seminar", "somewhere"]) == 2
    said = capsys.readouterr().err
    assert "1.ipynb cannot be written: Permission denied\ncopy the folder" in said


def test_extra_that_is_missing_is_named_as_pip_takes_it(monkeypatch, capsys):
    from relations.__main__ import main

    monkeypatch.setitem(sys.modules, "nbclient", None)
    for name in [name for name in sys.modules if name.startswith("relations.review")]:
        monkeypatch.delitem(sys.modules, name)
    assert main(["reproduce"]) == 2
    said = capsys.readouterr().err
    assert said == "nbclient is missing: pip install 'china-vietnam-relations[notebooks]'\n"


@pytest.mark.parametrize(("user", "words"), [("0", "--allow-root"), ("1000", "")])
def test_jupyterlab_starts_as_root_too(user, words, tmp_path):
    (tmp_path / "id").write_text(f"#!/bin/sh\necho {user}\n", "utf-8")
    (tmp_path / "id").chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = ["make", "--dry-run", "--assume-old=.venv/.ready", "lab"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    (line,) = [line for line in done.stdout.splitlines() if "jupyterlab" in line]
    assert line.split("--notebook-dir notebooks")[1].strip() == words


def test_wheel_that_was_not_installed_says_what_to_do(installed, tmp_path):
    _, folder, _ = installed
    (wheel,) = folder.glob("*.whl")
    code = f"import sys; sys.path.insert(0, {str(wheel)!r}); import relations"
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "is an archive: install it" in last
    assert f"pip install {wheel}" in last


def test_nothing_of_a_session_is_in_the_wheel(installed):
    import zipfile

    _, folder, _ = installed
    (wheel,) = folder.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "relations/data/versions.csv" in names
    assert not [name for name in names if "/." in name or name.endswith(".new")]


def test_every_page_that_is_listed_was_used(data):
    """A source is cited by a row, or named in a note that rests on it."""
    cited: set[str] = set()
    for name, frame in data.tables.items():
        if name != "sources" and "source_id" in frame:
            cited |= {source for cell in frame["source_id"].dropna() for source in cell.split(";")}
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
