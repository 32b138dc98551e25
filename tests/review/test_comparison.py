"""Two versions of the tables: every difference is told, and the changelog agrees with the data."""

import re
import shutil
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

import relations as rel
from relations.__main__ import main

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def old(small, tmp_path) -> Path:
    """A copy of the small tables; what a test then changes in ``small`` is the new version."""
    return Path(shutil.copytree(small.path, tmp_path / "old"))


def rows(found, table):
    kept = found.rows[found.rows["table"] == table].drop(columns="table")
    return [tuple(row) for row in kept.itertuples(index=False)]


def headline(found, name):
    return found.headlines.set_index("headline").loc[name]


def with_changes(small):
    """One contact less, one more, one with another note and host, and a report of it more."""
    small.replace("events", "2022-01-10-plan,2022-01-10,,visit,,BB,in_person,,announced", "PLAN")
    small.write("events", re.sub(r"PLAN.*\n", "", small.text("events")))
    small.replace("reports", "2022-01-10-plan,s3,2022-01-10,,printed,false,\n", "")
    small.replace(
        "events", ",visit,,AA,in_person,,held,Visit,,", ",visit,,BB,in_person,,held,Visit,So,"
    )
    small.append("events", "2020-02-02-call,2020-02-02,,meeting,,none,phone,,held,Call,,")
    small.append("reports", "2020-02-02-call,s3,2020-02-02,,printed,false,")
    small.append("reports", "2019-03-01-visit,s3,2019-03-01,,printed,false,")
    small.replace("people", "bob,BB,Bob", "bob,BB,Bob B.")


def test_every_row_that_differs_is_told_once(small, old):
    with_changes(small)
    found = rel.compare(old, small.path)
    assert rows(found, "events") == [
        ("2019-03-01-visit", "2019-03-01-visit", "changed", "host", "AA", "BB"),
        ("2019-03-01-visit", "2019-03-01-visit", "changed", "note", "", "So"),
        ("2020-02-02-call", "2020-02-02-call", "added", "", "", ""),
        ("2022-01-10-plan", "2022-01-10-plan", "removed", "", "", ""),
    ]
    assert rows(found, "people") == [("", "bob", "changed", "name", "Bob", "Bob B.")]
    assert rows(found, "reports") == [
        ("2019-03-01-visit", "2019-03-01-visit + s3", "added", "", "", ""),
        ("2020-02-02-call", "2020-02-02-call + s3", "added", "", "", ""),
        ("2022-01-10-plan", "2022-01-10-plan + s3", "removed", "", "", ""),
    ]
    counts = found.tables.set_index("table")
    assert counts.loc["events"].tolist() == [4, 4, 1, 1, 1]
    assert counts.loc["reports"].tolist() == [4, 5, 2, 1, 0]
    assert counts[["added", "removed", "changed"]].sum().tolist() == [3, 2, 2]
    assert found.contacts.to_numpy().tolist() == [
        ["2019-03-01-visit", "changed", "host, note; rows of reports"],
        ["2020-02-02-call", "added", ""],
        ["2022-01-10-plan", "removed", ""],
    ]


def test_the_other_way_round_everything_is_turned_round(small, old):
    with_changes(small)
    there, back = rel.compare(old, small.path), rel.compare(small.path, old)
    turned = there.rows.rename(columns={"old": "new", "new": "old"})
    turned["change"] = turned["change"].replace({"added": "removed", "removed": "added"})
    pd.testing.assert_frame_equal(turned[list(back.rows)], back.rows)
    assert (there.headlines["old"].equals(back.headlines["new"])) is True
    assert there.headlines["moved"].equals(back.headlines["moved"])


def test_results_that_move_are_those_that_the_change_bears_on(small, old):
    """Three contacts, two of them occasions, in three years; by hand before and after.

    The added call is an occasion more; the visit, so far told by AA alone, is told by both.
    """
    with_changes(small)
    found = rel.compare(old, small.path)
    for name, before, after in (
        ("years covered", 3, 3),
        ("contacts held", 3, 4),
        ("occasions held", 2, 3),
        ("rate of occasions", 2 / 3, 1),
        ("in a standing channel", 1 / 3, 1 / 4),
        ("named by both sides", 0, 1 / 4),
        ("areas named", 3, 3),
        ("pledges kept", 1, 1),
    ):
        told = headline(found, name)
        assert told[["old", "new"]].tolist() == pytest.approx([before, after]), name
        assert bool(told["moved"]) is (before != after), name
    rate = headline(found, "rate of occasions")
    # Garwood's interval of three in three years, from any table of Poisson limits.
    assert rate[["new_low", "new_high"]].tolist() == pytest.approx([0.6187 / 3, 8.7673 / 3], 1e-4)


def test_same_tables_move_nothing(small, old):
    found = rel.compare(old, small.path)
    assert found.rows.empty
    assert found.contacts.empty
    assert not found.headlines["moved"].any()
    assert "No result moves and no row differs." in found.to_markdown()
    assert "moved: no result" in repr(found)


def test_table_and_column_that_came_later_are_empty_before(small, old):
    (old / "second_coding.csv").unlink()
    appointments = (old / "appointments.csv").read_text("utf-8").splitlines()
    without = [",".join(line.split(",")[:4] + line.split(",")[5:]) for line in appointments]
    (old / "appointments.csv").write_text("\n".join(without) + "\n", "utf-8")
    found = rel.compare(old, small.path)
    assert rows(found, "second_coding")[0][2] == "added"
    assert {row[2:] for row in rows(found, "appointments")} == {
        ("changed", "basis", "", "dated"),
        ("changed", "basis", "", "seen"),
    }
    kind = headline(found, "agreement on kind")
    assert "old: no report has its kind coded twice" in kind["note"]
    assert pd.isna(kind["old"])


def test_column_of_ones_own_is_compared_too(small, old):
    small.replace("context", "start,", "start,weight,")
    small.replace("context", ",2020,", ",2020,7,")
    with pytest.warns(UserWarning, match="weight"):
        found = rel.compare(old, small.path)
    assert rows(found, "context") == [("", "2020-storm", "changed", "weight", "", "7")]


def test_a_result_that_no_measure_gives_is_empty_with_the_reason(small, old):
    small.replace("pledges", ",kept,2021-06-patrol,", ",unknown,,")
    kept = headline(rel.compare(old, small.path), "pledges kept")
    assert (kept["old"], kept["moved"]) == (1, True)
    assert pd.isna(kept["new"])
    assert kept["note"] == "new: the outcome of no pledge is known"


def test_folder_that_breaks_a_rule_is_refused(small, old, capsys):
    small.append("events", "2019-03-01-visit,2019-03-01,,visit,,AA,in_person,,held,Again,,")
    with pytest.raises(rel.DataError, match="duplicate-key") as refused:
        rel.compare(old, small.path)
    assert refused.value.folder == small.path
    assert main(["compare", str(old), str(small.path)]) == 1
    assert "duplicate-key" in capsys.readouterr().err
    assert main(["compare", str(old / "nowhere")]) == 1
    assert "folder-missing" in capsys.readouterr().err


def test_command_prints_results_contacts_and_cells(small, old, capsys):
    with_changes(small)
    assert main(["compare", str(old), str(small.path)]) == 0
    page = capsys.readouterr().out
    assert page == rel.compare(old, small.path).to_markdown()
    for line in (
        "| **contacts held** | contacts | 3 | 4 |  |",
        "| years covered | years | 3 | 3 |  |",
        "<summary>Contacts added: 1</summary>\n\n- 2020: `2020-02-02-call`",
        "- `2019-03-01-visit`: host, note; rows of reports",
        "Contacts withdrawn: 1\n\n- `2022-01-10-plan`",
        "| events | 4 | 4 | 1 | 1 | 1 |",
        "| people | bob | name | Bob | Bob B. |",
    ):
        assert line in page, line


def test_new_folder_left_out_is_the_shipped_tables(shipped_copy):
    shipped_copy.replace("events", "Sixth border exchange", "The sixth border exchange")
    (row,) = rows(rel.compare(shipped_copy.path), "events")
    assert row[2:4] == ("changed", "title")
    assert row[4].startswith("The sixth")


def test_markup_is_shown_as_text(small, old):
    small.replace("people", ",Bob,", ",<script>x</script>|`y`,")
    for descriptor in (small.file("datapackage.json"), old / "datapackage.json"):
        text = descriptor.read_text("utf-8").replace('"version": "1"', '"version": "<img src=x>"')
        descriptor.write_text(text, "utf-8")
    page = rel.compare(old, small.path)._repr_markdown_()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;x&lt;/script&gt;\\|&#96;y&#96;" in page


def test_folder_older_than_a_table_keeps_version_and_checksum(small):
    """By hand: SHA-256 over name and SHA-256 of each table that is there, by name."""
    assert main(["check", "--seal", str(small.path)]) == 0
    small.file("second_coding").unlink()
    assert rel.load(small.path).version == "1+changed"
    assert main(["check", "--seal", str(small.path)]) == 0
    assert "second_coding" not in small.text("datapackage.json")
    older = rel.load(small.path)
    files = sorted(set(small.path.glob("*.csv")) - {small.file("versions")}, key=lambda p: p.stem)
    hashes = [f"{path.stem} sha256:{sha256(path.read_bytes()).hexdigest()}\n" for path in files]
    assert older.version == "1"
    assert older.checksum == sha256("".join(hashes).encode()).hexdigest()


def sections():
    """The changelog by version, the first version first."""
    page = (ROOT / "CHANGELOG.md").read_text("utf-8")
    found = re.split(r"^## (\d+\.\d+\.\d+) .*$", page, flags=re.MULTILINE)[1:]
    return list(zip(found[::2], found[1::2], strict=True))[::-1]


def listed(section, what):
    """The ids that one version lists, which are as many as it says."""
    block = re.search(rf"Contacts {what}: (\d+)(.*?)(</details>|\n\n[A-Z]|\Z)", section, re.DOTALL)
    if block is None:
        return set()
    line = r"^- `([^`]+)`:" if what == "changed" else r"`([^`]+)`"
    ids = re.findall(line, block[2], flags=re.MULTILINE)
    assert len(ids) == len(set(ids)) == int(block[1]), what
    return set(ids)


def what_to_write(data):
    """What the changelog has to say of these tables, once their version is raised."""
    return (
        f"CHANGELOG.md, in the section of the version that these tables get: 'Tables: sha256 "
        f"{data.checksum[:16]}', and the contacts added, changed and withdrawn since "
        f"{sections()[-1][0]}, as `python -m relations compare OLD` prints them, with the "
        "tables of that version in OLD (git worktree add OLD-CHECKOUT COMMIT; OLD-CHECKOUT/data)"
    )


def test_changelog_accounts_for_every_contact(data):
    standing: set[str] = set()
    ever: set[str] = set()
    for version, section in sections():
        added, changed, withdrawn = (
            listed(section, what) for what in ("added", "changed", "withdrawn")
        )
        assert not added & ever, f"{version} adds an id that was used before"
        assert changed | withdrawn <= standing, version
        standing = (standing | added) - withdrawn
        ever |= added
    if data.version.endswith("+changed"):
        pytest.skip(f"the tables were changed since they were published. {what_to_write(data)}")
    assert standing == set(data.events["event_id"]), what_to_write(data)


def test_changelog_is_that_of_the_present_tables(data):
    """A version that was raised makes this fail until the changelog says how it differs."""
    if data.version.endswith("+changed"):
        pytest.skip(f"the tables were changed since they were published. {what_to_write(data)}")
    version, section = sections()[-1]
    assert version == data.version.partition("+")[0], what_to_write(data)
    assert f"Tables: sha256 {data.checksum[:16]}\n" in section, what_to_write(data)
