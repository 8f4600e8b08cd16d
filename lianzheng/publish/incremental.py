"""Which pages have to be made anew, and why: a page stays as it is while nothing that it is made from has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.publish.jobs import Job, run_list
from lianzheng.publish.record import NOTEBOOKS, REPORTS, Seen, digest, environment
from lianzheng.publish.run import (
    Outcome,
    data_version,
    executed_name,
    read_reports_manifest,
    write_reports_manifest,
)
from lianzheng.tables import Tables, digests
from lianzheng.trace.chain import names_of_columns

_PARTS = {
    "notebook": "笔记本", "parameters": "参数", "config": "配置", "library": "程序", "fonts": "字体", "environment": "运行环境",
}  # fmt: skip
_TOLD = 3
KEPT = "没有变化"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of a page: why it ``is_due`` or not, and the digests of what it is made from, tables apart."""

    job: Job
    is_due: bool
    reason: str
    made_from: Mapping[str, str]

    def __str__(self) -> str:
        return f"{'重做' if self.is_due else '不做'}  {self.job.name}：{self.reason}"


def decide(
    config: CycleConfig, jobs: Sequence[Job], seen: Seen, touched: Collection[str], is_forced: bool
) -> list[Decision]:
    """A decision for each page, from the published ones and what is ``seen`` on the disk.

    ``touched`` are published files that are not as a run left them.
    """
    pages = read_reports_manifest(config.reports)
    reads = {read for page in pages.values() for read in page.get("reads", {})}
    tables = Tables(config.data_processed)
    now, names = digests(tables, reads), dict(tables["files"][["file_id", "path"]].to_numpy())
    version, common = data_version(config), _surroundings(config, seen)
    decisions = []
    for job in jobs:
        made_from, page = _made_from(job, common, seen), pages.get(job.stem, {})
        reason = "要求全部重做" if is_forced else _why(page, made_from, now, version, names)
        reason = reason or _harmed(job, page, seen, touched)
        decisions.append(Decision(job, bool(reason), reason or KEPT, made_from))
    return decisions


def kept(decision: Decision, config: CycleConfig) -> Outcome:
    """The outcome of a page that stays."""
    files = read_reports_manifest(config.reports)[decision.job.stem]["files"]
    job = decision.job
    return Outcome(job.stem, job.unit_id, "kept", 0.0, files=tuple(sorted(files)), reason=decision.reason)


def remember(config: CycleConfig, decisions: Sequence[Decision], outcomes: Sequence[Outcome]) -> None:
    """Add to the manifest of the reports what each new page was made from; those that stay belong to the new data too.

    Pages that the cycle no longer has, of a unit that left the roster, go away.
    """
    pages, version = read_reports_manifest(config.reports), data_version(config)
    for stem in pages.keys() - {job.stem for job in run_list(config)}:
        for name in (*pages.pop(stem)["files"], executed_name(stem)):
            (config.reports / name).unlink(missing_ok=True)
    now = digests(Tables(config.data_processed), {read for one in outcomes for read in one.reads})
    parts = {decision.job.stem: dict(decision.made_from) for decision in decisions}
    for one in outcomes:
        if one.state == "published":
            reads = {read: now[read] for read in one.reads}
            pages[one.stem] |= {"made_from": parts[one.stem], "reads": reads}
        elif one.state == "kept":
            pages[one.stem]["data_version"] = version
    write_reports_manifest(config.reports, pages)


def fingerprint(config: CycleConfig, seen: Seen) -> str:
    """One hash over all that pages are made from."""
    facts = (data_version(config), digest(seen, NOTEBOOKS), _surroundings(config, seen))
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _surroundings(config: CycleConfig, seen: Seen) -> dict[str, str]:
    """What is the same for all pages."""
    known = {kind: digest(seen, kind) for kind in ("library", "fonts")}
    return {"config": config.sha256, **known, "environment": environment()}


def _made_from(job: Job, common: Mapping[str, str], seen: Seen) -> dict[str, str]:
    given = {name: value for name, value in job.parameters.items() if name != "data_dir"}  # a folder may move
    parameters = hashlib.sha256(json.dumps([given, job.formats], sort_keys=True).encode()).hexdigest()
    notebook = seen[NOTEBOOKS].get(job.notebook.name, [""])[-1]
    told = {"notebook": notebook, "parameters": parameters, **common}
    return {name: sha256[:16] for name, sha256 in told.items()}


def _why(
    page: Mapping[str, Any],
    made_from: Mapping[str, str],
    now: Mapping[str, str],
    version: str,
    names: Mapping[str, str],
) -> str:
    """Why the page is due; empty where all that it is made from is as it was."""
    if not page:
        return "尚未生成"
    if page["is_stale"]:
        return "上次未能更新"
    known, reads = page.get("made_from", {}), page.get("reads", {})
    parts = [label for name, label in _PARTS.items() if known.get(name) != made_from[name]]
    if parts:
        return f"{'、'.join(parts)}有变化"
    if not reads and page["data_version"] != version:
        return "数据有变化"
    rows = [read for read, old in reads.items() if now[read] != old]
    told = "、".join(_told(read, names) for read in rows[:_TOLD]) + (
        f"等{len(rows)}处" if len(rows) > _TOLD else ""
    )
    return f"数据有变化：{told}" if rows else ""


def _told(read: str, names: Mapping[str, str]) -> str:
    """What was read, for people: a file by its path, a file that is gone by its id."""
    table, _, rows = read.partition("/")
    value = names.get(rows.partition("/")[2], rows.partition("/")[2])
    return names_of_columns()["tables"].get(table, table) + (f"（{value}）" if value else "")


def _harmed(job: Job, page: Mapping[str, Any], seen: Seen, touched: Collection[str]) -> str:
    """Which of its files somebody took away or changed."""
    there = {name: entry[-1] for name, entry in seen[REPORTS].items()}
    executed = executed_name(job.stem)
    harmed = [name for name, sha256 in page.get("files", {}).items() if there.get(name) != sha256]
    harmed += [executed] if executed not in there or executed in touched else []
    return f"文件被删除或改动：{'、'.join(sorted(harmed))}" if harmed else ""
