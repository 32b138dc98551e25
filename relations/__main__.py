"""Command line: ``python -m relations --help`` lists the commands, with examples."""

from __future__ import annotations

import argparse
import difflib
import io
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from relations.record import additions, versions
from relations.record._package import SHIPPED, DataError, summarise
from relations.record._writing import take_back, write_seal
from relations.record.pages import write_pages
from relations.record.rules import check

EXAMPLES = """examples:
  python -m relations check                 the shipped tables
  python -m relations check my-tables       a folder of yours
  python -m relations add report.toml       the rows of a report, all or none
  python -m relations compare old-tables    what differs, and which results move
  python -m relations reproduce             every notebook, compared with what is committed

Each command says more: python -m relations reproduce --help
In Python: import relations; help(relations)
"""
EXAMPLES_OF = {
    "check": """examples:
  python -m relations check                   the shipped tables; says nothing where all is well
  python -m relations check my-tables         a folder of yours
  python -m relations check my-tables --seal  and write checksums, once no rule is broken
  python -m relations check --publish         and register the version that was raised
""",
    "add": """examples:
  python -m relations add                     asks for every field
  python -m relations add report.toml         shows what would be written, and asks
  python -m relations add report.toml --folder my-tables --yes
  python -m relations add --take-back         undoes the last addition, or one cut short

The codebook, data/README.md, shows such a file.
""",
    "compare": """examples:
  python -m relations compare old-tables             with the shipped tables
  python -m relations compare old-tables my-tables   two folders of yours
  python -m relations compare old-tables > changes.md
""",
    "seminar": """examples:
  python -m relations seminar                        the sheets of notebooks/seminar
  python -m relations seminar my-seminar             from my-seminar/instructor
""",
    "reproduce": """examples:
  python -m relations reproduce                              all of notebooks/, into build/
  python -m relations reproduce notebooks/00_start_here.ipynb
  python -m relations reproduce notebooks --build /tmp/build
  python -m relations reproduce --latest                     with the newest releases
  python -m relations reproduce --refresh                    renew the committed outputs

exit status:
  0    every output is the committed one, or was renewed
  1    an output differs, or a notebook fails: build/reproduction.md shows where
  2    nothing could be executed or written, and the message says what to do
  130  interrupted
""",
}


class _Parser(argparse.ArgumentParser):
    """A parser that shows its examples as they are written, and says where help is."""

    def __init__(self, **more: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **more)

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{message}\nnext: {self.prog} --help shows what it takes, with examples\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    parser = _Parser(
        prog="python -m relations",
        description="Check the tables, add a report to them, compare two versions of them,\n"
        "and re-execute the notebooks.",
        epilog=EXAMPLES,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    checking = commands.add_parser(
        "check",
        help="report every rule that the tables break",
        description="Report every rule that the tables of a folder break, as file, line,\n"
        "column, value, rule and remedy. Exit status 1 where there is one.",
        epilog=EXAMPLES_OF["check"],
    )
    checking.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=SHIPPED,
        metavar="FOLDER",
        help="with the tables; the shipped ones if left out",
    )
    checking.add_argument(
        "--seal",
        action="store_true",
        help="where no rule is broken, write checksums and row counts into datapackage.json, "
        "and counts and the tables of the codebook into README.md",
    )
    checking.add_argument(
        "--publish",
        action="store_true",
        help="seal, and register the tables in versions.csv under the version that "
        "datapackage.json states; a version that is registered keeps its tables",
    )

    adding = commands.add_parser(
        "add",
        help="add the rows of a report to the tables",
        description="Add the rows of a report, from a TOML file with one [[table]] for each\n"
        "row, or asked for field by field. Shows what would be written, refuses what breaks\n"
        "a rule, writes all files or none. Exit status 1 where nothing was written.",
        epilog=EXAMPLES_OF["add"],
    )
    adding.add_argument(
        "report", nargs="?", type=Path, metavar="REPORT", help="left out: asks for every field"
    )
    adding.add_argument(
        "--folder",
        type=Path,
        default=SHIPPED,
        metavar="FOLDER",
        help="with the tables; the shipped ones if left out",
    )
    adding.add_argument("--yes", action="store_true", help="write without asking")
    adding.add_argument(
        "--take-back",
        action="store_true",
        help="put back the files as they were before the last addition, finished or cut "
        "short, and do nothing else",
    )

    comparing = commands.add_parser(
        "compare",
        help="tell what differs between two versions of the tables, and which results move",
        description="Print, in Markdown, the rows that were added, removed and changed between\n"
        "two folders of tables, and the headline results of both. Exit status 1 where a folder\n"
        "breaks a rule.",
        epilog=EXAMPLES_OF["compare"],
    )
    comparing.add_argument("old", type=Path, metavar="OLD", help="a folder with the older tables")
    comparing.add_argument(
        "new", nargs="?", type=Path, metavar="NEW", help="left out: the shipped tables"
    )

    reproducing = commands.add_parser(
        "reproduce",
        help="re-execute the notebooks and compare all outputs",
        description="Re-execute every notebook into a build folder, compare all outputs with\n"
        "the committed ones, and write HTML pages and a verdict to paste into a review.",
        epilog=EXAMPLES_OF["reproduce"],
    )
    reproducing.add_argument(
        "notebooks",
        nargs="?",
        type=Path,
        default=Path("notebooks"),
        metavar="NOTEBOOKS",
        help="a folder, its sub-folders included, or one notebook; notebooks if left out",
    )
    reproducing.add_argument(
        "--build",
        type=Path,
        default=Path("build"),
        metavar="FOLDER",
        help="where pages and verdict go; build if left out",
    )
    other = reproducing.add_mutually_exclusive_group()
    other.add_argument(
        "--refresh",
        action="store_true",
        help="put the new outputs in place of the committed ones",
    )
    other.add_argument(
        "--latest",
        action="store_true",
        help="in a new environment, FOLDER/latest-env, with the newest releases that "
        "pyproject.toml allows; lists versions and outputs that differ",
    )

    sheets = commands.add_parser(
        "seminar",
        help="make the students' sheets from the instructor's notebooks",
        description="Make the students' sheet of each notebook in FOLDER/instructor: without\n"
        "the cells tagged 'solution' and without outputs.",
        epilog=EXAMPLES_OF["seminar"],
    )
    sheets.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("notebooks/seminar"),
        metavar="FOLDER",
        help="gets the sheets; notebooks/seminar if left out",
    )

    _suggest(parser, commands.choices, sys.argv[1:] if arguments is None else arguments)
    options = parser.parse_args(arguments)
    if options.command == "check":
        return _check(options.folder, options.seal, options.publish)
    if options.command == "add":
        return _add(options.folder, options.report, options.yes, options.take_back)
    if options.command == "seminar":
        return _seminar(options.folder)
    if options.command == "compare":
        return _compare(options.old, options.new)
    if options.latest:
        from relations.review import environments

        return environments.reproduce_latest(options.notebooks, options.build)
    try:
        from relations.review import reproduction
    except ModuleNotFoundError as error:
        return _missing(error, "notebooks")
    return reproduction.reproduce(options.notebooks, options.build, refresh=options.refresh)


def _suggest(parser: _Parser, commands: Iterable[str], arguments: list[str]) -> None:
    """Refuse a command that is not there, naming the one that may be meant."""
    word = arguments[0] if arguments else "-"
    if word.startswith("-") or word in commands:
        return
    near = difflib.get_close_matches(word, list(commands), n=1)
    meant = f"did you mean {near[0]}?" if near else f"the commands are {', '.join(commands)}"
    parser.error(f"no command {word!r}; {meant}")


def _missing(error: ModuleNotFoundError, extra: str) -> int:
    if str(error.name).startswith("relations"):
        raise error
    print(
        f"{error.name} is missing: pip install 'china-vietnam-relations[{extra}]'",
        file=sys.stderr,
    )
    return 2


def _unwritable(error: OSError, folder: Path, remedy: str) -> int:
    print(
        f"{error.filename or folder} cannot be written: {error.strerror or error}\n{remedy}",
        file=sys.stderr,
    )
    return 2


def _seminar(folder: Path) -> int:
    # Imported where used: the other commands need none of the measures.
    from relations.teaching import sheets as seminar

    try:
        sheets = seminar.make_sheets(folder)
    except ModuleNotFoundError as error:
        return _missing(error, "notebooks")
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        return _unwritable(
            error, folder, "copy the folder to where you may write, and name it: "
            "python -m relations seminar COPY",
        )  # fmt: skip
    print("\n".join(f"written: {sheet}" for sheet in sheets))
    return 0


def _check(folder: Path, seal: bool, publish: bool) -> int:
    found = check(folder)
    for line in summarise(found):
        print(line)
    broken = sum(not violation.notice for violation in found)
    if broken:
        print(f"{broken:,} broken rule{'s' * (broken > 1)} in {folder}", file=sys.stderr)
        print(f"mend them, then: python -m relations check {folder}", file=sys.stderr)
        return 1
    if not (seal or publish):
        return 0
    try:
        if publish:
            print(f"registered: version {versions.publish(folder)}")
        else:
            write_seal(folder)
        write_pages(folder)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        return _unwritable(
            error, folder, "copy the folder to where you may write, and seal the copy: "
            "python -m relations check COPY --seal",
        )  # fmt: skip
    print(f"checksums written to {folder / 'datapackage.json'}")
    return 0


def _add(folder: Path, report: Path | None, yes: bool, taking_back: bool) -> int:
    if taking_back:
        return _take_back(folder)
    rows: dict[str, list[dict[str, str]]] = {}
    typed = rows if report is None else {}
    try:
        if report is None:
            additions.ask(folder, rows, input, print)
        else:
            rows = additions.read_rows(report)
        addition = additions.prepare(folder, rows)
        print(addition.diff or "every row stands in the tables already\n", end="")
        if not addition.texts:
            return 0
        if not (yes or _agreed(f"write {len(addition.texts)} files in {folder}? [y/N] ")):
            return _leave(typed, "--yes writes without asking")
        addition.write()
    except DataError as error:
        return _leave(typed, *summarise(error.violations))
    except (EOFError, KeyboardInterrupt):
        return _leave(typed, "the answers broke off")
    except OSError as error:
        return _leave(typed, error)
    print(f"written: {', '.join(addition.texts)}; add --take-back undoes it")
    return 0


def _take_back(folder: Path) -> int:
    try:
        done = take_back(folder)
    except DataError as error:
        print(*summarise(error.violations), "nothing was put back", sep="\n", file=sys.stderr)
        return 1
    except OSError as error:
        return _unwritable(error, folder, "nothing, or not all, was put back: start again")
    if done is None:
        print(f"nothing to take back in {folder}")
        return 0
    if done.finished:
        said = "the last addition is taken back"
    else:
        said = "an addition that was cut short is taken back"
    files = f"; as before it: {', '.join(done.files)}" if done.files else "; it had changed no file"
    print(f"{said} in {folder}{files}")
    if done.finished:
        print("pages that were renewed since then state what was added: make refresh renews them")
    return 0


def _compare(old: Path, new: Path | None) -> int:
    from relations.review.comparison import compare

    try:
        print(compare(old, new).to_markdown(), end="")
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        return _missing(error, "analysis")
    return 0


def _leave(typed: additions.Rows, *reasons: object) -> int:
    """Say that and why nothing was written, and keep what was typed to be mended."""
    for reason in reasons:
        print(reason, file=sys.stderr)
    if typed:
        path = Path(tempfile.mkdtemp()) / "report.toml"
        additions.write_rows(path, typed)
        print(f"what you typed is kept in {path}: mend it and add that file", file=sys.stderr)
    print("nothing was written", file=sys.stderr)
    return 1


def _agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _write_utf8() -> None:
    """Write UTF-8 to pipes and files, whatever the locale, and never fail at a terminal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8")


if __name__ == "__main__":
    _write_utf8()
    sys.exit(main())
