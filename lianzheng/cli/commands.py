"""What each command does, step by step, and what it prints."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from lianzheng.cli import running
from lianzheng.cli.alone import alone, project_of, writing_command
from lianzheng.cli.parser import FAILURE, FINISHED_WITH_ISSUES, SUCCESS
from lianzheng.cli.told import ProgressBar, say, say_error

if TYPE_CHECKING:
    from lianzheng.config import CycleConfig


def _config(options: argparse.Namespace) -> CycleConfig:
    from lianzheng.config import load_config

    return load_config(options.cycle, project_of(options))


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
    with alone(config, options, "data_raw"), ProgressBar("写样例文件") as advance:
        write_demo(config, **choices, on_done=advance)
    say(f"样例单位 {len(config.units)} 个，文件写入 {config.data_raw}")
    return SUCCESS


def _run(options: argparse.Namespace) -> int:
    return running.run(options, _read_anew, _config)


def _read_anew(config: CycleConfig, options: argparse.Namespace) -> None:
    _intake_step(config, options, writes_ledger=True)
    _score_step(config)


def _intake_step(config: CycleConfig, options: argparse.Namespace, writes_ledger: bool = False) -> int:
    from lianzheng.intake import load_passwords, store_intake

    passwords = load_passwords(options.password_file, config)
    with ProgressBar("读取文件") as advance:
        means = passwords, options.executor
        intake = store_intake(config, options.workers, advance, writes_ledger, *means)
    counts = intake.frames["issues"]["severity"].value_counts()
    say(f"已读取 {len(intake.frames['files'])} 个文件，数据问题 {int(counts.sum())} 条（退回文件 {counts.get('return_file', 0)}、"
          f"退回项目 {counts.get('return_item', 0)}、请核实 {counts.get('verify', 0)}、提示 {counts.get('note', 0)}）")  # fmt: skip
    if faults := int((intake.frames["issues"]["code"] == "check_failed_to_run").sum()):
        say_error(f"程序出错 {faults} 处，请把数据问题中“程序出错”各条告知维护人员")
    if writes_ledger:
        from lianzheng.scoring.rectification import ledger_in_words

        lines, day = intake.frames["rectifications"], config.cycle.report_date
        say(ledger_in_words(lines, day, intake.n_lines_added, intake.n_changes) + f"：{config.data_office}")
    return FINISHED_WITH_ISSUES if len(intake.frames["issues"]) else SUCCESS


def _score_step(config: CycleConfig, options: argparse.Namespace | None = None) -> int:
    from lianzheng.compare import run_compare, write_compare
    from lianzheng.scoring import run_scoring, write_scoring
    from lianzheng.tables import Tables, labels

    with ProgressBar("评分", 2) as advance:
        write_scoring(config, run_scoring(config, Tables(config.data_processed)))
        advance()
        write_compare(config, run_compare(config, Tables(config.data_processed)))
        advance()
    tables = Tables(config.data_processed)
    grades = tables["results_by_unit"]["grade"].value_counts()
    say("已评分：" + "，".join(f"{label} {grades.get(id_, 0)}" for id_, label in labels("grade").items()))
    return FINISHED_WITH_ISSUES if len(tables["issues"]) else SUCCESS


def _forms(config: CycleConfig, options: argparse.Namespace) -> int:
    from lianzheng.forms.outgoing import FOLDER, write_forms

    with ProgressBar("写空白表") as advance:
        n_files = write_forms(config, options.unit, options.workers, advance)
    say(f"已写空白表 {n_files} 个文件：{config.reports / FOLDER}")
    return SUCCESS


def _dictionary(options: argparse.Namespace) -> int:
    from lianzheng.forms.dictionary import write_dictionary

    say(f"已写数据字典：{write_dictionary(_config(options))}")
    return SUCCESS


def _returns_step(config: CycleConfig, options: argparse.Namespace) -> int:
    from lianzheng.publish.index import renew_index
    from lianzheng.publish.returns import FOLDER, write_returns

    with ProgressBar("写退回补正单") as advance:
        returned = write_returns(config, tuple(options.unit), advance)
    renew_index(config)
    n_items = sum(len(made.items) for made in returned)
    say(f"退回补正单 {len(returned)} 个单位，共 {n_items} 项：{config.reports / FOLDER}")
    return FINISHED_WITH_ISSUES if returned else SUCCESS


def _inspect(options: argparse.Namespace) -> int:
    from lianzheng.intake import inspect_file, load_passwords

    config = _config(options)
    inspection = inspect_file(options.file, config, load_passwords(options.password_file, config))
    say(*inspection.describe())
    return FINISHED_WITH_ISSUES if inspection.issues else SUCCESS


def _status(options: argparse.Namespace) -> int:
    from lianzheng.publish.status import status_lines
    from lianzheng.tables import Tables

    config = _config(options)
    if options.fresh:
        with alone(config, options, "data_processed"):
            _intake_step(config, options)
    day = options.date or config.cycle.report_date
    lines, n_reminders = status_lines(config, Tables(config.data_processed), day)
    say(*lines)
    return FINISHED_WITH_ISSUES if n_reminders else SUCCESS


def _check_document(options: argparse.Namespace) -> int:
    from lianzheng.documents.check import check_file
    from lianzheng.tables import Tables

    config = _config(options)
    report, marked = check_file(options.file, config, Tables(config.data_processed), options.marked)
    say(f"文件：{options.file.name}", *report.lines(), *([f"标注副本：{marked}"] if marked else []))
    return FINISHED_WITH_ISSUES if report.faults else SUCCESS


def _lint(options: argparse.Namespace) -> int:
    from lianzheng.config.load import lint

    findings = lint(options.cycle, project_of(options))
    for name, wrongs in findings.items():
        say(f"{'✗' if wrongs else '✓'} {name}", *(f"  {wrong}" for wrong in wrongs))
    return FAILURE if any(findings.values()) else SUCCESS


def _trace(options: argparse.Namespace) -> int:
    from lianzheng.tables import Tables
    from lianzheng.trace import describe, trace_words

    config = _config(options)
    say(*describe(trace_words(config, Tables(config.data_processed), options.words)))
    return SUCCESS


def _alias(options: argparse.Namespace) -> int:
    from lianzheng.intake.aliases import answer

    lines, is_open = answer(_config(options), options.name, options.unit_id)
    say(*lines)
    return FINISHED_WITH_ISSUES if is_open else SUCCESS


def _doctor(options: argparse.Namespace) -> int:
    from lianzheng.publish.doctor import examine

    findings = examine(options.project)
    for finding in findings:
        mark, remedy = ("✓", ()) if finding.is_good else ("✗", (f"  处理：{finding.remedy}",))
        say(f"{mark} {finding.what}：{finding.seen}", *remedy)
    return SUCCESS if all(finding.is_good for finding in findings) else FAILURE


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "demo": _demo,
    "run": _run,
    "intake": writing_command(_intake_step, _config, "data_processed"),
    "ledger": writing_command(
        functools.partial(_intake_step, writes_ledger=True), _config, "data_processed", "data_office"
    ),
    "score": writing_command(_score_step, _config, "data_processed"),
    "publish": writing_command(running.publish, _config, "reports"),
    "returns": writing_command(_returns_step, _config, "reports"),
    "status": _status,
    "forms": writing_command(_forms, _config, "reports"),
    "dictionary": _dictionary,
    "inspect": _inspect,
    "check-document": _check_document,
    "lint": _lint,
    "trace": _trace,
    "alias": _alias,
    "doctor": _doctor,
}
