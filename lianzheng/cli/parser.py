"""Every command with its arguments and help."""

from __future__ import annotations

import argparse

from lianzheng import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

_FOR_EVER = 1e9
SUCCESS, FAILURE, FINISHED_WITH_ISSUES, BUSY, INTERRUPTED = 0, 1, 3, 4, 130


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command and its help."""
    parser = argparse.ArgumentParser(
        prog="lianzheng",
        description="Clean, score and report a bureau's annual inspection (党风廉政建设责任制检查).",
        epilog="Exit codes: 0 success, 3 finished with issues, 1 failure, 4 another run is under way,"
        " 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"lianzheng {__version__}")
    parser.add_argument(
        "--project", type=_path, help="project folder (default: nearest parent that holds config/)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_demo(commands.add_parser("demo", help="write a sample bureau with messy files to try everything on"))
    for name, summary in (
        ("run", "do everything: intake, score, publish"),
        ("intake", "read what was received into tables, with every problem listed"),
        ("ledger", "as intake, and add to the office's rectification ledger (整改台账) what it lacks"),
        ("score", "compute scores, grades, ranks and comparisons from the tables"),
        ("publish", "execute the notebooks and write HTML, PDF and Word"),
        ("returns", "write what goes back to each unit (退回补正单): list, marked copies, notice"),
        ("status", "who has sent what, which issues are open, and who is to be reminded"),
        ("forms", "write the blank forms that go out to units and teams"),
    ):
        command = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        command.add_argument(
            "cycle", type=int, nargs="?", help="the year (default: the latest under config/)"
        )
        if name != "returns":
            _add_workers(command)
        if name in ("run", "intake", "ledger", "status"):
            _add_password_file(command)
        if name in ("run", "intake", "ledger", "publish"):
            where = "read files and make pages on a Dask cluster (docs/scaling.md)"
            command.add_argument("--cluster", metavar="ADDRESS", help=where)
        if name in ("run", "publish"):
            _add_unattended(command)
        if name in ("run", "publish", "returns", "forms"):
            command.add_argument(
                "--unit", action="append", default=[], help="only this unit's papers (repeatable)"
            )
        if name == "status":
            command.add_argument("--date", type=_day, help="count 逾期 up to this day")
            command.add_argument("--fresh", action="store_true", help="read the received files again first")
    _add_inspect(
        commands.add_parser(
            "inspect", help="show what one file is recognised as, what is read, what is wrong"
        )
    )
    _add_check_document(commands.add_parser("check-document", help="check an edited bulletin (.docx)"))
    for name, summary in (
        ("lint", "check a year's rules: points, bands, reachable rules, facts counted once"),
        ("dictionary", "write docs/data_dictionary.md: what every table and form column means"),
    ):
        year = commands.add_parser(name, help=summary)
        year.add_argument("cycle", type=int, nargs="?", help="the year (default: the latest under config/)")
    _add_trace(commands.add_parser("trace", help="from a published number back to rule, facts and cells"))
    _add_alias(commands.add_parser("alias", help="unit names that match nothing; or confirm one"))
    commands.add_parser("doctor", help="check fonts, compiler, folders and versions, and name the remedy")
    return parser


def _add_workers(command: argparse.ArgumentParser) -> None:
    in_process = "0 reads files in this process, for measuring: one that kills it ends the run"
    command.add_argument(
        "--workers", type=int, help=f"processes to use (default: one per core; {in_process})"
    )


def _add_unattended(command: argparse.ArgumentParser) -> None:
    command.add_argument("--all", action="store_true", help="make every page anew, changed or not")
    command.add_argument("--why", action="store_true", help="say of every page why it is made or not")
    command.add_argument(
        "--wait", type=float, nargs="?", const=_FOR_EVER, default=0.0, metavar="SECONDS",
        help="wait (so long) for another run to end instead of leaving at once",
    )  # fmt: skip


def _path(text: str) -> Path:
    """A path; what makes one is imported where one is given."""
    from pathlib import Path

    return Path(text)


def _day(text: str) -> dt.date:
    """A day as 2018-12-20."""
    import datetime as dt

    return dt.date.fromisoformat(text)


def _add_password_file(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--password-file", type=_path, metavar="FILE",
        help="CSV of lines “file, unit or *,password” that open protected files; passwords are kept nowhere",
    )  # fmt: skip


def _add_inspect(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=_path)
    command.add_argument(
        "--cycle", type=int, help="the year whose forms to compare with (default: the latest)"
    )
    _add_password_file(command)


def _add_check_document(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Check an official document (.docx) against GB/T 9704-2012 and against the data, and say in Chinese, paragraph"
        " by paragraph, what to mend. A copy with comments is written beside it; the file stays as it is."
    )
    command.add_argument("file", type=_path)
    command.add_argument(
        "--cycle", type=int, help="the year whose data to compare with (default: the latest)"
    )
    command.add_argument(
        "--marked", type=_path, metavar="PATH", help="where the marked copy goes (default: FILE（标注）.docx)"
    )


def _add_demo(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "folder", type=_path, nargs="?", help="write config and data of a new project into this folder"
    )
    command.add_argument("--units", type=int, default=24, help="units of a new project (default: 24)")
    command.add_argument(
        "--seed", type=int, default=2018, help="another seed gives another bureau (default: 2018)"
    )
    command.add_argument("--clean", action="store_true", help="the same bureau without planted faults")
    command.add_argument(
        "--truth", type=_path, help="also write the truth and the planted faults into this folder"
    )


def _add_alias(command: argparse.ArgumentParser) -> None:
    command.description = (
        "List unit names that match none of units.csv, with the likeliest units; nothing is applied."
        " With a name and a unit (alias 2018 信息化中心 U007), write the confirmed alias into units.csv."
    )
    command.add_argument("cycle", type=int, nargs="?", help="the year (default: the latest under config/)")
    command.add_argument("name", nargs="?", help="the name as it was written")
    command.add_argument("unit_id", nargs="?", help="the unit that a person says it is")


def _add_trace(command: argparse.ArgumentParser) -> None:
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.description = (
        "Print the chain from a number to rule, facts and cells (file, sheet, address, raw text, sha256).\n\n"
        "  lianzheng trace 2018 U007 total            也可写 总分、grade、rank、检查、测评、事实\n"
        "  lianzheng trace 2018 U010 S103             an item: id, key or name\n"
        "  lianzheng trace 2018 U007 公务接待/金额      a figure of 附件2: category/measure\n"
        "  lianzheng trace 2018 results_by_unit U007 total             any table, key, column\n"
        "  lianzheng trace 2018 score_lines 'U010|S103|T3|1'           parts of a key joined with |"
    )
    command.add_argument("cycle", type=int, help="the year")
    command.add_argument("words", nargs="+", metavar="UNIT WORD | TABLE KEY [COLUMN]")
