"""The command line: the only place that parses arguments and prints."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lianzheng import __version__

if TYPE_CHECKING:
    from lianzheng.config import CycleConfig

SUCCESS, FAILURE, FINISHED_WITH_ISSUES = 0, 1, 3


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command and its help."""
    parser = argparse.ArgumentParser(
        prog="lianzheng",
        description="Clean, score and report a bureau's annual inspection (党风廉政建设责任制检查).",
        epilog="Exit codes: 0 success, 3 finished with issues, 1 failure.",
    )
    parser.add_argument("--version", action="version", version=f"lianzheng {__version__}")
    parser.add_argument(
        "--project", type=Path, help="project folder (default: nearest parent that holds config/)"
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
            command.add_argument("--workers", type=int, help="processes to use (default: one per core)")
        if name in ("run", "intake", "ledger", "status"):
            _add_password_file(command)
        if name in ("run", "publish", "returns", "forms"):
            command.add_argument(
                "--unit", action="append", default=[], help="only this unit's papers (repeatable)"
            )
        if name == "status":
            command.add_argument("--date", type=dt.date.fromisoformat, help="count 逾期 up to this day")
            command.add_argument("--fresh", action="store_true", help="read the received files again first")
    inspect = commands.add_parser(
        "inspect", help="show what one file is recognised as, what is read, what is wrong"
    )
    inspect.add_argument("file", type=Path)
    inspect.add_argument(
        "--cycle", type=int, help="the year whose forms to compare with (default: the latest)"
    )
    _add_password_file(inspect)
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


def _add_password_file(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--password-file", type=Path, metavar="FILE",
        help="CSV of lines “file, unit or *,password” that open protected files; passwords are kept nowhere",
    )  # fmt: skip


def _add_demo(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "folder", type=Path, nargs="?", help="write config and data of a new project into this folder"
    )
    command.add_argument("--units", type=int, default=24, help="units of a new project (default: 24)")
    command.add_argument(
        "--seed", type=int, default=2018, help="another seed gives another bureau (default: 2018)"
    )
    command.add_argument("--clean", action="store_true", help="the same bureau without planted faults")
    command.add_argument(
        "--truth", type=Path, help="also write the truth and the planted faults into this folder"
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code and never shows a traceback for an error of ours."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Windows consoles default to cp936
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = build_parser().parse_args(arguments)
    from lianzheng.errors import LianzhengError

    try:
        return _COMMANDS[options.command](options)
    except LianzhengError as error:
        print(f"错误：{error.message}\n处理：{error.remedy}", file=sys.stderr)
        return FAILURE


def _config(options: argparse.Namespace) -> CycleConfig:
    from lianzheng.config import find_project, load_config

    project = options.project.resolve() if options.project else find_project()
    return load_config(options.cycle, project)


def _demo(options: argparse.Namespace) -> int:
    from lianzheng.config import load_config
    from lianzheng.demo import make_project, write_demo

    if options.folder:
        make_project(options.folder, options.units, options.seed)
        config = load_config(None, options.folder.resolve())
    else:
        options.cycle = None
        config = _config(options)
    choices = {"seed": options.seed, "is_clean": options.clean, "truth_folder": options.truth}
    with _ProgressBar("写样例文件") as advance:
        write_demo(config, **choices, on_done=advance)
    print(f"样例单位 {len(config.units)} 个，文件写入 {config.data_raw}")
    return SUCCESS


def _run(options: argparse.Namespace) -> int:
    config = _config(options)
    _intake_step(config, options, writes_ledger=True)
    _score_step(config)
    return _publish_step(config, options)


def _intake(options: argparse.Namespace) -> int:
    return _intake_step(_config(options), options)


def _intake_step(config: CycleConfig, options: argparse.Namespace, writes_ledger: bool = False) -> int:
    from lianzheng.intake import load_passwords, run_intake, write_intake

    passwords = load_passwords(options.password_file, config)
    with _ProgressBar("读取文件") as advance:
        intake = run_intake(config, options.workers, advance, writes_ledger, passwords)
    write_intake(config, intake)
    counts = intake.frames["issues"]["severity"].value_counts()
    print(f"已读取 {len(intake.frames['files'])} 个文件，数据问题 {int(counts.sum())} 条（退回文件 {counts.get('return_file', 0)}、"
          f"退回项目 {counts.get('return_item', 0)}、请核实 {counts.get('verify', 0)}、提示 {counts.get('note', 0)}）")  # fmt: skip
    if writes_ledger:
        from lianzheng.scoring.rectification import ledger_in_words

        lines, day = intake.frames["rectifications"], config.cycle.report_date
        print(ledger_in_words(lines, day, intake.n_lines_added, intake.n_changes) + f"：{config.data_office}")
    return FINISHED_WITH_ISSUES if len(intake.frames["issues"]) else SUCCESS


def _score(options: argparse.Namespace) -> int:
    return _score_step(_config(options))


def _score_step(config: CycleConfig) -> int:
    from lianzheng.compare import run_compare, write_compare
    from lianzheng.scoring import run_scoring, write_scoring
    from lianzheng.tables import Tables, labels

    with _ProgressBar("评分", 2) as advance:
        write_scoring(config, run_scoring(config, Tables(config.data_processed)))
        advance()
        write_compare(config, run_compare(config, Tables(config.data_processed)))
        advance()
    tables = Tables(config.data_processed)
    grades = tables["results_by_unit"]["grade"].value_counts()
    print("已评分：" + "，".join(f"{label} {grades.get(id_, 0)}" for id_, label in labels("grade").items()))
    return FINISHED_WITH_ISSUES if len(tables["issues"]) else SUCCESS


def _publish(options: argparse.Namespace) -> int:
    return _publish_step(_config(options), options)


def _publish_step(config: CycleConfig, options: argparse.Namespace) -> int:
    from lianzheng.publish.index import write_index
    from lianzheng.publish.jobs import run_list
    from lianzheng.publish.results import write_results
    from lianzheng.publish.run import publish_pages
    from lianzheng.publish.submissions import write_submissions
    from lianzheng.tables import Tables

    jobs = run_list(config, tuple(options.unit))
    with _ProgressBar("生成报告", len(jobs)) as advance:
        outcomes = publish_pages(config, jobs, options.workers, on_done=lambda outcome: advance(1))
    write_results(config)
    write_submissions(config)
    write_index(config)
    _returns_step(config, options)
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    for outcome in failed:
        print(f"未能发布：{outcome.message}", file=sys.stderr)
    print(f"已发布 {len(outcomes) - len(failed)} 页，失败 {len(failed)} 页：{config.reports / 'index.html'}")
    if failed:
        return FAILURE
    return FINISHED_WITH_ISSUES if len(Tables(config.data_processed)["issues"]) else SUCCESS


def _forms(options: argparse.Namespace) -> int:
    from lianzheng.forms.outgoing import FOLDER, write_forms

    config = _config(options)
    with _ProgressBar("写空白表") as advance:
        n_files = write_forms(config, options.unit, options.workers, advance)
    print(f"已写空白表 {n_files} 个文件：{config.reports / FOLDER}")
    return SUCCESS


def _dictionary(options: argparse.Namespace) -> int:
    from lianzheng.forms.dictionary import write_dictionary

    print(f"已写数据字典：{write_dictionary(_config(options))}")
    return SUCCESS


def _returns_step(config: CycleConfig, options: argparse.Namespace) -> int:
    from lianzheng.publish.index import renew_index
    from lianzheng.publish.returns import FOLDER, write_returns

    with _ProgressBar("写退回补正单") as advance:
        returned = write_returns(config, tuple(options.unit), advance)
    renew_index(config)
    n_items = sum(len(made.items) for made in returned)
    print(f"退回补正单 {len(returned)} 个单位，共 {n_items} 项：{config.reports / FOLDER}")
    return FINISHED_WITH_ISSUES if returned else SUCCESS


def _inspect(options: argparse.Namespace) -> int:
    from lianzheng.intake import inspect_file, load_passwords

    config = _config(options)
    inspection = inspect_file(options.file, config, load_passwords(options.password_file, config))
    print("\n".join(inspection.describe()))
    return FINISHED_WITH_ISSUES if inspection.issues else SUCCESS


def _status(options: argparse.Namespace) -> int:
    from lianzheng.publish.status import status_lines
    from lianzheng.tables import Tables

    config = _config(options)
    if options.fresh:
        _intake_step(config, options)
    day = options.date or config.cycle.report_date
    lines, n_reminders = status_lines(config, Tables(config.data_processed), day)
    print("\n".join(lines))
    return FINISHED_WITH_ISSUES if n_reminders else SUCCESS


def _lint(options: argparse.Namespace) -> int:
    from lianzheng.config import find_project
    from lianzheng.config.load import lint

    findings = lint(options.cycle, options.project.resolve() if options.project else find_project())
    for name, wrongs in findings.items():
        print("\n".join([f"{'✗' if wrongs else '✓'} {name}", *(f"  {wrong}" for wrong in wrongs)]))
    return FAILURE if any(findings.values()) else SUCCESS


def _trace(options: argparse.Namespace) -> int:
    from lianzheng.tables import Tables
    from lianzheng.trace import describe, trace_words

    config = _config(options)
    print("\n".join(describe(trace_words(config, Tables(config.data_processed), options.words))))
    return SUCCESS


def _alias(options: argparse.Namespace) -> int:
    from lianzheng.intake.aliases import answer

    lines, is_open = answer(_config(options), options.name, options.unit_id)
    print("\n".join(lines))
    return FINISHED_WITH_ISSUES if is_open else SUCCESS


def _doctor(options: argparse.Namespace) -> int:
    from lianzheng.publish.doctor import examine

    findings = examine(options.project)
    for finding in findings:
        print(
            f"{'✓' if finding.is_good else '✗'} {finding.what}：{finding.seen}"
            + ("" if finding.is_good else f"\n  处理：{finding.remedy}")
        )
    return SUCCESS if all(finding.is_good for finding in findings) else FAILURE


class _ProgressBar:
    """A progress bar for anything over a second; none where there is no terminal."""

    def __init__(self, label: str, total: int | None = None) -> None:
        from tqdm import tqdm

        self._bar = tqdm(total=total, desc=label, delay=1, leave=False, disable=None)

    def __enter__(self) -> Callable[..., Any]:
        return self._advance

    def _advance(self, step: int = 1, total: int | None = None) -> None:
        if total is not None:
            self._bar.total = total
        self._bar.update(step)

    def __exit__(self, *unused: object) -> None:
        self._bar.close()


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "demo": _demo,
    "run": _run,
    "intake": _intake,
    "ledger": lambda options: _intake_step(_config(options), options, writes_ledger=True),
    "score": _score,
    "publish": _publish,
    "returns": lambda options: _returns_step(_config(options), options),
    "status": _status,
    "forms": _forms,
    "dictionary": _dictionary,
    "inspect": _inspect,
    "lint": _lint,
    "trace": _trace,
    "alias": _alias,
    "doctor": _doctor,
}


if __name__ == "__main__":
    sys.exit(main())
