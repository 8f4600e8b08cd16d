"""``lianzheng run`` and ``publish``: what has changed, what is therefore done, and how it ended."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from lianzheng.cli.alone import alone, held, project_of
from lianzheng.cli.parser import FAILURE, FINISHED_WITH_ISSUES, SUCCESS
from lianzheng.cli.told import ProgressBar, say, say_error
from lianzheng.project import existing_cycle
from lianzheng.publish.record import (
    INPUTS,
    NOTEBOOKS,
    REPORTS,
    TABLES,
    Record,
    Seen,
    environment,
    inputs_changed,
    look,
    password_entry,
    read_record,
    same,
    write_record,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from lianzheng.config import CycleConfig
    from lianzheng.publish.summary import Run

    Step = Callable[[CycleConfig, argparse.Namespace], object]

_NOTHING = "没有变化：材料、配置、程序和报告都与上次运行结束时相同，不需要运行"
_NAMES = {
    "raw": "收到的材料", "office": "办公室台账", "config": "配置", "library": "程序", "fonts": "字体", "environment": "运行环境或密码文件",
    TABLES: "数据表",
}  # fmt: skip


def run(
    options: argparse.Namespace, read: Step, configure: Callable[[argparse.Namespace], CycleConfig]
) -> int:
    """Do what has become necessary since the last run; ``read`` makes the tables anew from what was received."""
    project = project_of(options)
    options.cycle = existing_cycle(options.cycle, project)
    if not options.all and not options.unit:
        with held(project, options):
            ended = _nothing_to_do(project, options)
        if ended is not None:
            return ended
    config = configure(options)
    with alone(config, options, "data_processed", "data_office", "reports"):
        return _run(config, options, read)


def _nothing_to_do(project: Path, options: argparse.Namespace) -> int | None:
    """How the last run ended, where this one would change nothing; imports nothing but the standard library."""
    record = read_record(project, options.cycle)
    if not record.is_complete:
        return None
    seen = look(project, options.cycle, record.seen)
    if not same(record, seen, password_entry(options.password_file)):
        return None
    if seen != record.seen:  # files that were too young to be known by their times
        record.seen = seen
        write_record(project, options.cycle, record)
    say(*(f"不做  {name}：没有变化" for name in record.pages if options.why))
    say(f"{_NOTHING}：{project / 'reports' / str(options.cycle) / 'index.html'}")
    return record.exit_code


def _run(config: CycleConfig, options: argparse.Namespace, read: Step) -> int:
    from lianzheng.publish.staging import settle

    began, passwords = dt.datetime.now(), password_entry(options.password_file)
    settle(config)
    record = read_record(config.project, options.cycle)
    seen = look(config.project, options.cycle, record.seen)
    why = inputs_changed(record, seen, passwords)
    changed = "、".join(_NAMES[kind] for kind in why) if record.seen else ""
    if why or options.all:
        read(config, options)
        seen |= look(config.project, options.cycle, seen, ["office"])
        record.seen, record.passwords, record.environment = {}, passwords, environment()
    else:
        say("材料：没有变化，未重新读取")
    return _publish(config, options, record, seen, _facts(record, began, changed, bool(why or options.all)))


def publish(config: CycleConfig, options: argparse.Namespace) -> int:
    """Make the pages that are due from the tables as they are."""
    from lianzheng.publish.staging import settle

    began = dt.datetime.now()
    settle(config)
    options.cycle = int(config.folder.name)
    record = read_record(config.project, options.cycle)
    seen = look(config.project, options.cycle, record.seen, ("library", "fonts", NOTEBOOKS, REPORTS))
    return _publish(config, options, record, seen, _facts(record, began, "", False))


def _facts(record: Record, began: dt.datetime, changed: str, is_read: bool) -> Run:
    from lianzheng.pages.wording import say as words
    from lianzheng.publish.summary import Run

    told = (
        words("read_anew", "run", told=changed)
        if changed
        else words("read" if is_read else "not_read", "run")
    )
    return Run(began, told, record.issues if record.pages else None)


def _publish(config: CycleConfig, options: argparse.Namespace, record: Record, seen: Seen, facts: Run) -> int:
    from lianzheng.publish.children import warm_up

    if options.executor is None:
        warm_up(config.project, options.cycle)  # it gets itself ready while we do
    from lianzheng.publish import publication

    old = read_record(config.project, options.cycle)
    decisions = publication.decisions_of(config, options.unit, old, seen, options.all)
    say(*(str(decision) for decision in decisions if options.why))
    means = options.unit, options.workers, options.executor
    made = publication.publish(config, decisions, seen, facts, ProgressBar, *means)
    for outcome in made.failed:
        say_error(f"未能发布：{outcome.message}")
    n_kept = sum(outcome.state == "kept" for outcome in made.outcomes)
    kept = f"，没有变化 {n_kept} 页" if n_kept else ""
    n_published = len(made.outcomes) - len(made.failed) - n_kept
    say(f"退回补正单 {len(made.returned)} 个单位，共 {sum(len(one.items) for one in made.returned)} 项")
    say(f"已发布 {n_published} 页，失败 {len(made.failed)} 页{kept}：{config.reports / 'index.html'}")
    code = FAILURE if made.failed else FINISHED_WITH_ISSUES if made.issues else SUCCESS
    record.is_complete = not made.failed and not options.unit and options.command == "run"
    record.exit_code, record.issues = code, made.issues
    record.pages = [decision.job.name for decision in decisions]
    _keep(config, options, record, seen)
    return code


def _keep(config: CycleConfig, options: argparse.Namespace, record: Record, seen: Seen) -> None:
    """Write the record: inputs as they were before they were read, what was made as it is now."""
    kinds = (TABLES, REPORTS) if options.command == "run" else (REPORTS,)
    made = look(config.project, options.cycle, seen, kinds)
    inputs = {kind: seen[kind] for kind in (*INPUTS, NOTEBOOKS)} if options.command == "run" else {}
    record.seen = {**record.seen, **inputs, **made}
    write_record(config.project, options.cycle, record)
