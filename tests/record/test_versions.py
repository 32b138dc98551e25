"""A published number stands for one record: what differs from it says so, until it is raised."""

import json
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

import relations as rel
from relations.__main__ import main
from relations.record import codebook, loading, versions
from relations.record._package import SHIPPED, checksum, read_descriptor

ROOT = Path(__file__).parent.parent.parent


def publish(small, version):
    descriptor = json.loads(small.text("datapackage.json"))
    described = descriptor | {"version": version, "created": "2026-11-22T00:00:00Z"}
    small.write("datapackage.json", json.dumps(described))
    return main(["check", "--publish", str(small.path)])


def test_changed_tables_keep_saying_so_however_often_they_are_sealed(small):
    assert publish(small, "1") == 0
    assert rel.load(small.path).version == "1"
    small.replace("people", ",Bob,", ",Bib,")
    assert rel.load(small.path).version == "1+changed"
    assert main(["check", "--seal", str(small.path)]) == 0
    assert rel.load(small.path).version == "1+changed"
    small.replace("people", ",Bib,", ",Bob,")
    assert rel.load(small.path).version == "1"


def test_changed_span_is_no_longer_what_was_published(small, capsys):
    """Other years covered are other zeros and other rates, of the same rows."""
    assert publish(small, "1") == 0
    covered = json.loads(small.text("datapackage.json"))["span"][0]
    small.replace("datapackage.json", covered["until"], "2030-12-31")
    assert rel.load(small.path).version == "1+changed"
    assert main(["check", "--seal", str(small.path)]) == 0
    assert rel.load(small.path).version == "1+changed"
    assert publish(small, "1") == 1
    assert "with another checksum of span: raise the version" in capsys.readouterr().err
    small.replace("datapackage.json", "2030-12-31", covered["until"])
    assert rel.load(small.path).version == "1"


def test_versions_registered_without_a_span_are_as_published(small):
    assert publish(small, "1") == 0
    lines = small.text("versions").splitlines(keepends=True)
    small.write("versions", "".join(line for line in lines if ",span," not in line))
    assert rel.load(small.path).version == "1"


def test_version_that_was_published_is_not_published_again(small, capsys):
    assert publish(small, "1") == 0
    register = small.text("versions")
    assert publish(small, "1") == 0
    assert small.text("versions") == register
    small.replace("people", ",Bob,", ",Bib,")
    assert publish(small, "1") == 1
    said = capsys.readouterr().err
    assert (
        "value '1': published-before: it was published with another checksum of people: raise"
        in said
    )
    assert small.text("versions") == register


def test_raised_version_is_unpublished_until_it_is_registered(small):
    assert publish(small, "0.9") == 0
    before = small.text("versions").splitlines()
    small.replace("people", ",Bob,", ",Bib,")
    small.replace("datapackage.json", '"version": "0.9"', '"version": "0.10"')
    assert main(["check", "--seal", str(small.path)]) == 0
    assert rel.load(small.path).version == "0.10+unpublished"
    assert publish(small, "0.10") == 0
    assert rel.load(small.path).version == "0.10"
    after = small.text("versions").splitlines()
    assert set(before) < set(after)
    assert after[1:] == sorted(after[1:], key=lambda line: line.split(","))
    assert versions.latest(versions.read_register(small.path)) == "0.10"
    assert rel.load(small.path).versions["date"].dt.strftime("%Y-%m-%d").unique() == ["2026-11-22"]


def test_table_that_comes_or_goes_is_a_change(small):
    small.file("second_coding").unlink()
    assert publish(small, "1") == 0
    header = ",".join(field for field in rel.codebook("second_coding")["column"])
    small.write("second_coding", header + "\n2019-03-01-visit,s1,kind,both,visit,meeting\n")
    assert rel.load(small.path).version == "1+changed"
    small.file("second_coding").unlink()
    small.file("outlines").unlink()
    assert rel.load(small.path).version == "1+changed"


def test_register_takes_no_part_in_the_checksum(small):
    before = rel.load(small.path).checksum
    assert publish(small, "1") == 0
    assert rel.load(small.path).checksum == before


@pytest.mark.parametrize("field", ["version", "created"])
def test_nothing_is_published_without_number_and_day(small, field, capsys):
    assert publish(small, "1") == 0
    descriptor = json.loads(small.text("datapackage.json"))
    del descriptor[field]
    small.write("datapackage.json", json.dumps(descriptor))
    assert main(["check", "--publish", str(small.path)]) == 1
    assert "unpublished: state it" in capsys.readouterr().err


def test_citation_figures_and_pages_tell_of_a_change(shipped_copy, monkeypatch):
    for module in (codebook, loading):
        monkeypatch.setattr(module, "SHIPPED", shipped_copy.path)
    version = read_descriptor(SHIPPED)["version"]
    shipped_copy.replace("events", "Sixth border exchange", "The sixth border exchange")
    assert main(["check", "--seal", str(shipped_copy.path)]) == 0
    changed = rel.load()
    assert changed.version.startswith(f"{version}+")
    assert f" {changed.version}:" in changed.caption
    assert f"version {changed.version}, sha256 {changed.checksum[:16]}" in rel.cite()
    assert f"version = {{{changed.version}}}" in rel.cite("bibtex")
    assert f"{changed.version}<!-- {{version}} -->" in shipped_copy.text("README.md")


def test_register_holds_what_the_changelog_names():
    """The checksum of each version, by hand from the registered checksums of its tables."""
    page = (ROOT / "CHANGELOG.md").read_text("utf-8")
    for version, tables in versions.tables_of(versions.read_register(SHIPPED)).items():
        tables.pop("span", None)
        lines = "".join(f"{name} {tables[name]}\n" for name in sorted(tables))
        digest = sha256(lines.encode()).hexdigest()
        assert digest == checksum(tables)
        section = page.partition(f"## {version} (")[2].partition("\n## ")[0]
        assert f"Tables: sha256 {digest[:16]}\n" in section, version


def test_register_only_grows():
    """What HEAD registers, the checkout registers too."""
    show = ["git", "-C", str(ROOT), "show", "HEAD:data/versions.csv"]
    if not (shutil.which("git") and (ROOT / ".git").exists()):
        pytest.skip("no git checkout")
    done = subprocess.run(show, capture_output=True, text=True, encoding="utf-8", check=False)
    committed = set(done.stdout.splitlines())
    assert committed <= set((SHIPPED / "versions.csv").read_text("utf-8").splitlines())
