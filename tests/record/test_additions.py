"""A report is added whole or not at all, and only if the tables stay sound."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import relations as rel
from relations.__main__ import main
from relations.record import _package, additions

# One report of one new contact, in the tables of the small folder.
REPORT = """
[[sources]]
source_id = "s2b"
outlet = "Aland News"
side = "AA"
language = "en"
kind = "news"
published = 2021-08-09
title = "A call"
url = "https://example.org/4"

[[events]]
event_id = "2021-08-08-call"
start = "2021-08-08"
kind = "meeting"
host = "none"
mode = "phone"
status = "held"
title = "Call, by telephone"

[[reports]]
event_id = "2021-08-08-call"
source_id = "s2b"
start_as_reported = "2021-08-08"
date_basis = "printed"
main = true

[[participants]]
event_id = "2021-08-08-call"
person_id = "ann"
role = "head"
source_id = "s2b"
office_as_reported = "Minister"
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.toml"
    path.write_text(REPORT, "utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def add(small, report, *options: str) -> int:
    return main(["add", str(report), "--folder", str(small.path), *options])


def test_the_example_of_the_codebook_page_can_be_added(shipped_copy, tmp_path):
    page = shipped_copy.text("README.md")
    example = page.split("```toml\n")[1].split("```")[0]
    path = tmp_path / "report.toml"
    path.write_text(textwrap.dedent(example), "utf-8")
    assert add(shipped_copy, path, "--yes") == 0
    assert shipped_copy.found() == []


def test_rows_of_a_report_are_written_in_order_and_shown(small, report, capsys):
    before = contents(small.path)
    assert add(small, report, "--yes") == 0
    printed = capsys.readouterr().out
    row = '2021-08-08-call,2021-08-08,,meeting,,none,phone,,held,"Call, by telephone",,'
    assert f"+{row}\n" in printed
    assert "\n-" not in printed.replace("\n---", "")
    assert small.found() == []
    events = small.text("events").splitlines()
    assert events.index(row) == 4
    assert events[1:] == sorted(events[1:])
    changed = {name for name, content in contents(small.path).items() if before[name] != content}
    assert changed == {"sources.csv", "events.csv", "reports.csv", "participants.csv"}
    assert "2021-08-08-call" in rel.load(small.path).events["event_id"].tolist()


def test_every_other_line_stays_as_it_was(small, report):
    small.write(
        "people", "\ufeff" + small.text("people").replace("\n", "\r\n").replace("Ann", '"Ann"')
    )
    small.write("sources", small.text("sources").rstrip("\n"))
    before = {name: small.file(name).read_bytes() for name in ("people", "sources")}
    person = '\n[[people]]\nperson_id = "abe"\nside = "AA"\nname = "Abe"\n'
    report.write_text(REPORT + person, "utf-8")
    assert add(small, report, "--yes") == 0
    assert set(before["sources"].splitlines()) < set(
        small.file("sources").read_bytes().splitlines()
    )
    header, first, rest = before["people"].partition(b"ann,AA")
    assert small.file("people").read_bytes() == header + b"abe,AA,Abe,,\r\n" + first + rest


def test_second_time_nothing_is_left_to_add(small, report, capsys):
    add(small, report, "--yes")
    before = contents(small.path)
    assert add(small, report, "--yes") == 0
    assert "every row stands in the tables already" in capsys.readouterr().out
    assert contents(small.path) == before


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "meeting"', 'kind = "party"', "events.csv, line 5, column kind, value 'party'"),
        ('"ann"', '"anna"', "value 'anna': unknown-id"),
        ("2021-08-09", "2021-08-07", "report-before-event"),
        ("example.org/4", "example.org/3", "one-page-twice"),
        ('"s2b"\noutlet', '"s2"\noutlet', "duplicate-key"),
        ("start =", "strat =", "report.toml, line 12, column strat"),
        ("[[events]]", "[[event]]", "no such table"),
        ("[[events]]", "[events]", "begin each row of the table with [[events]]"),
        ('mode = "phone"', "mode = phone", "not-toml"),
        ("main = true", "main = 2021-08-09T10:00:00", "fits no cell"),
    ],
)
def test_report_that_breaks_a_rule_changes_nothing(small, report, old, new, words, capsys):
    report.write_text(REPORT.replace(old, new, 1), "utf-8")
    before = contents(small.path)
    assert add(small, report, "--yes") == 1
    printed = capsys.readouterr().err
    assert words in printed
    assert "nothing was written" in printed
    assert contents(small.path) == before


def test_nothing_is_written_without_consent(small, report, monkeypatch, capsys):
    before = contents(small.path)
    monkeypatch.setattr("builtins.input", lambda prompt: "n")
    assert add(small, report) == 1
    assert "+2021-08-08-call" in capsys.readouterr().out
    assert contents(small.path) == before


def test_sealed_folder_is_sealed_again(small, report):
    assert main(["check", "--seal", str(small.path)]) == 0
    assert add(small, report, "--yes") == 0
    loaded = rel.load(small.path)
    assert loaded.version == "1"
    assert len(loaded.events) == 5


@pytest.mark.parametrize("failing", range(4))
def test_failure_between_two_files_leaves_the_old_ones(small, report, monkeypatch, failing):
    """The disk fills up, or a file is locked, at each step of the replacement in turn."""
    before = contents(small.path)
    real, calls = Path.replace, []

    def replace(self, target):
        if self.name.startswith("new-"):
            calls.append(self)
            if len(calls) == failing + 1:
                raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    assert add(small, report, "--yes") == 1
    assert contents(small.path) == before
    assert not (small.path / _package.UNFINISHED).exists()


@pytest.mark.parametrize("failing", range(9))
def test_full_disk_while_the_new_files_are_written(small, report, monkeypatch, failing):
    before = contents(small.path)
    real, calls = os.fsync, []

    def fsync(number):
        calls.append(number)
        if len(calls) == failing + 1:
            raise OSError(28, "No space left on device")
        real(number)

    monkeypatch.setattr(os, "fsync", fsync)
    assert add(small, report, "--yes") == 1
    assert contents(small.path) == before
    assert not (small.path / _package.UNFINISHED).exists()


KILL = """
import os, sys
from pathlib import Path
from relations.__main__ import main
real, calls = Path.replace, []
def replace(self, target):
    if self.name.startswith("new-"):
        calls.append(self)
        if len(calls) == int(sys.argv[3]):
            os._exit(9)
    return real(self, target)
Path.replace = replace
main(["add", sys.argv[1], "--folder", sys.argv[2], "--yes"])
"""


def test_killed_between_two_files_is_noticed_and_taken_back(small, report, capsys):
    before = contents(small.path)
    command = [sys.executable, "-c", KILL, str(report), str(small.path), "3"]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 9
    assert contents(small.path) != before
    assert "unfinished-addition" in {violation.rule for violation in small.found()}
    with pytest.raises(rel.DataError, match="--take-back"):
        rel.load(small.path)
    assert add(small, report, "--yes") == 1
    assert main(["add", "--take-back", "--folder", str(small.path)]) == 0
    assert contents(small.path) == before
    assert small.found() == []
    assert "that was cut short is taken back" in capsys.readouterr().out
    assert main(["add", "--take-back", "--folder", str(small.path)]) == 0
    assert "nothing to take back" in capsys.readouterr().out
    assert add(small, report, "--yes") == 0


def test_last_addition_is_taken_back_until_the_next(small, report, tmp_path, capsys):
    small.write("README.md", "holds 3<!-- {held} --> contacts\n")
    before = contents(small.path)
    assert add(small, report, "--yes") == 0
    assert small.text("README.md") == "holds 4<!-- {held} --> contacts\n"
    between = contents(small.path)
    second = tmp_path / "second.toml"
    second.write_text('[[people]]\nperson_id = "abe"\nside = "AA"\nname = "Abe"\n', "utf-8")
    assert add(small, second, "--yes") == 0
    capsys.readouterr()
    assert main(["add", "--take-back", "--folder", str(small.path)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("the last addition is taken back")
    assert "as before it: people.csv\n" in said
    assert "make refresh renews them" in said
    assert contents(small.path) == between != before
    assert main(["add", "--take-back", "--folder", str(small.path)]) == 0
    assert "nothing to take back" in capsys.readouterr().out
    assert contents(small.path) == between


def test_taking_back_undoes_every_file_and_touches_none_that_was_changed_since(
    small, report, capsys
):
    before = contents(small.path)
    assert main(["check", "--seal", str(small.path)]) == 0
    sealed = contents(small.path)
    assert add(small, report, "--yes") == 0
    # Sealing again changes nothing, and so stands in no one's way.
    assert main(["check", "--seal", str(small.path)]) == 0
    small.replace("sources", "A call", "The call")
    changed = contents(small.path)
    capsys.readouterr()
    assert main(["add", "--take-back", "--folder", str(small.path)]) == 1
    said = capsys.readouterr().err
    assert "sources.csv: changed-since: the file was changed after the addition" in said
    assert "nothing was put back" in said
    assert contents(small.path) == changed
    small.replace("sources", "The call", "A call")
    assert main(["add", "--take-back", "--folder", str(small.path)]) == 0
    assert contents(small.path) == sealed != before


def test_check_mentions_what_a_write_left_behind(small, report, capsys):
    (small.path / _package.UNFINISHED).mkdir()
    small.write("events.csv.new", "half")
    assert main(["check", str(small.path)]) == 0
    said = capsys.readouterr().out
    assert "notice: .unfinished: unfinished-addition: an addition was cut short" in said
    assert "notice: events.csv.new: unfinished-write:" in said
    assert add(small, report, "--yes") == 1
    capsys.readouterr()
    assert main(["add", "--take-back", "--folder", str(small.path)]) == 0
    assert "it had changed no file" in capsys.readouterr().out


def test_report_is_added_from_python_too(small, report):
    addition = additions.add(report, small.path)
    assert "+2021-08-08-call" in addition.diff
    assert "2021-08-08-call" in rel.load(small.path).events["event_id"].tolist()
    assert additions.add(report, small.path).texts == {}
    with pytest.raises(rel.DataError, match="unknown-id"):
        additions.add({"event_ships": [{"event_id": "x", "ship_id": "aa-1"}]}, small.path)


def test_file_changed_meanwhile_is_not_overwritten(small, report):
    addition = additions.prepare(small.path, additions.read_rows(report))
    small.append("sources", "s9,Beland Post,BB,en,news,2021-12-01,Else,https://example.org/9,,")
    before = contents(small.path)
    with pytest.raises(rel.DataError, match="changed-meanwhile"):
        addition.write()
    assert contents(small.path) == before


def answers(monkeypatch, lines: list[str]) -> None:
    given = iter(lines)

    def answer(prompt: str) -> str:
        try:
            return next(given)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", answer)


ASKED = [
    "y", "s2b", "Aland News", "AA", "en", "news", "2021-08-09", "A call", "https://example.org/4",
    "", "", "n",
    "n", "n",
    "y", "2021-08-08-call", "2021-08-08", "", "meeting", "", "none", "phone", "", "held", "Call",
    "", "", "n",
    "y", "2021-08-08-call", "s2b", "2021-08-08", "", "printed", "true", "", "n",
    "n", "n",
    "y", "2021-08-08-call", "anne", "ann", "head", "s2b", "Minister", "", "n",
    "n", "n", "n", "n",
]  # fmt: skip


def test_fields_are_asked_for_and_ids_that_do_not_exist_are_not_accepted(
    small, monkeypatch, capsys
):
    answers(monkeypatch, [*ASKED, "y"])
    assert main(["add", "--folder", str(small.path)]) == 0
    printed = capsys.readouterr().out
    assert "did you mean ann" in printed
    assert small.found() == []
    participants = rel.load(small.path).participants
    assert participants.query("event_id == '2021-08-08-call'")["person_id"].tolist() == ["ann"]


def test_answers_that_break_off_are_kept(small, monkeypatch, capsys):
    before = contents(small.path)
    answers(monkeypatch, ASKED[:14])
    assert main(["add", "--folder", str(small.path)]) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "is kept in" in line]
    kept = additions.read_rows(Path(line.split("is kept in ")[1].split(":")[0]))
    assert kept["sources"][0]["url"] == "https://example.org/4"
    assert contents(small.path) == before


cells = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(title=cells, outlet=cells)
def test_rows_kept_as_a_file_come_back_unchanged(tmp_path, title, outlet):
    row = dict.fromkeys(_package.field_names("sources"), "") | {"title": title, "outlet": outlet}
    additions.write_rows(tmp_path / "kept.toml", {"sources": [row]})
    assert additions.read_rows(tmp_path / "kept.toml") == {"sources": [row]}


def test_report_that_is_not_there_is_told_how_to_go_on(small, tmp_path, capsys):
    assert add(small, tmp_path / "nowhere.toml") == 1
    assert "nowhere.toml: file-missing: name a file that is there" in capsys.readouterr().err
