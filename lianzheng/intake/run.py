"""The intake of a cycle, step by step: files as received → frames and issues → data/processed/<cycle>/."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pyarrow as pa

from lianzheng import __version__
from lianzheng.config import CycleConfig
from lianzheng.errors import InputError
from lianzheng.fonts import font_hashes
from lianzheng.intake.assemble import Rows
from lianzheng.intake.ballot_files import drop_copies
from lianzheng.intake.batches import read_by_executor, read_files
from lianzheng.intake.corrections import correct_files, find_corrected, settle_corrections
from lianzheng.intake.cross_checks import check_ballot_counts, report_unvisited
from lianzheng.intake.files import make_setup, read_received
from lianzheng.intake.ledger import LINES
from lianzheng.intake.ledger_file import keep_ledger
from lianzheng.intake.passwords import NO_PASSWORDS, Passwords
from lianzheng.intake.places import list_received, shown_path
from lianzheng.intake.praise import part_twins
from lianzheng.intake.received import Received
from lianzheng.intake.slices import Bureau, Sink, cells_table, settle_slice, slices_of
from lianzheng.intake.spool import Spool, open_spool
from lianzheng.intake.submissions import Receipt, receipt_targets, receipts_by_path, settle_submissions
from lianzheng.issues import Issue
from lianzheng.tables import Tables, TableStore, schemas

TABLES = (
    "files cells header_fields issues checks submissions self_report_parts units items scores_by_unit_item_scorer statistics_by_unit_category_measure"
    " ballots answers_by_ballot_question tallies_by_unit_question_option evidence_by_unit_class site_visits"
    " ballot_counts interviews findings highlights cases rectifications rectification_events last_scores_by_unit_item corrections"
).split()


FILES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Intake:
    """What a cycle's files hold: a frame per table of :data:`TABLES`, the issues, and what the ledger lacked."""

    frames: Mapping[str, pd.DataFrame] | Tables
    issues: tuple[Issue, ...]
    n_lines_added: int = 0
    n_changes: int = 0


class Frames:
    """A sink that keeps the tables in memory."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pa.Table]] = {}

    def add(self, name: str, part: pa.Table, again: object = None) -> None:
        """Keep more rows."""
        self._parts.setdefault(name, []).append(part)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Each table in the order of its key."""
        known = {name: (schemas()[name], pa.concat_tables(parts)) for name, parts in self._parts.items()}
        return {name: schema.frame_of(schema.in_order(table)) for name, (schema, table) in known.items()}


def run_intake(
    config: CycleConfig, n_workers: int | None = None, on_done: Callable[..., Any] = lambda step, total: None,
    writes_ledger: bool = False, passwords: Passwords = NO_PASSWORDS, executor: Executor | None = None,
) -> Intake:  # fmt: skip
    """Read everything below data/raw/<cycle> and the office's ledger into frames; ``on_done(1, total)`` after each file.

    ``n_workers``: processes (None: one per core, 0: none but this one). ``writes_ledger``: what the ledger lacks is added
    to it, and the frames are those of the file as it is then. ``passwords`` open what units protected. ``executor``: reads
    the files instead, on machines that see the project at the same path.
    Raises :class:`InputError` where nothing was received, :class:`ConfigError` for a correction that does not fit.
    """
    sink = Frames()
    with open_spool() as spool:
        received = read_all(config, n_workers, on_done, passwords, spool, executor)
        found, _ = _settle(received, config, sink, writes_ledger, passwords)
    frames = sink.frames()
    return replace(found, frames={name: frames[name] for name in TABLES})


def store_intake(
    config: CycleConfig, n_workers: int | None = None, on_done: Callable[..., Any] = lambda step, total: None,
    writes_ledger: bool = False, passwords: Passwords = NO_PASSWORDS, executor: Executor | None = None,
) -> Intake:  # fmt: skip
    """Like :func:`run_intake`, but straight into data/processed/<cycle>, so that memory does not grow with the bureau.

    Behind the gate, with the hashes of inputs, configuration and fonts in the manifest; ``frames`` are read from there.
    """
    with TableStore(config.data_processed) as store, open_spool(config.data_processed) as spool:
        received = read_all(config, n_workers, on_done, passwords, spool, executor)
        found, inputs = _settle(received, config, store, writes_ledger, passwords)
        store.commit(_facts(config, inputs))
    return replace(found, frames=Tables(config.data_processed))


def _facts(config: CycleConfig, inputs: Mapping[str, str]) -> dict[str, Any]:
    return {"inputs": dict(inputs), "config": config.sha256, "library": __version__, "fonts": font_hashes()}


def _settle(
    received: Sequence[Received], config: CycleConfig, sink: Sink, writes_ledger: bool, passwords: Passwords
) -> tuple[Intake, dict[str, str]]:
    """Files to tables: what lies between files first, then the units slice by slice, then what is about all of them."""
    setup = replace(make_setup(config), passwords=passwords)
    places = {shown_path(config.data_raw, path): path for path in list_received(config.data_raw)}
    whole, applied = correct_files(
        received, config, lambda path, becomes: read_received(config.data_raw, places[path], setup, becomes)
    )
    files = [part for file in whole for part in file.parts]
    drop_copies(files)
    receipts = receipts_by_path(files, config.cycle.cycle)
    submissions, missing = settle_submissions(files, receipts, config)
    part_twins(files)
    check_ballot_counts(files, config)
    report_unvisited(files, config)
    materials = [file for file in files if file.state == "material"]
    bureau = Bureau(config, sink, find_corrected(applied, files), submissions, materials)
    for part in slices_of(files, config):
        settle_slice(part, bureau)
    bureau.add("corrections", settle_corrections(bureau.corrected, {}, {}, config))
    bureau.targets |= receipt_targets(files, submissions, config.cycle.cycle)
    origins: Rows = {LINES: bureau.lines, "findings": bureau.findings}
    ledger, file, additions = keep_ledger(origins, bureau.targets, config, writes_ledger)
    for kept in (whole, files):
        kept += [file] if file else []
    bureau.targets |= ledger.targets
    waiting = [file for file in files if id(file) not in bureau.passed_on]
    for first in range(0, len(waiting), FILES_AT_ONCE):
        bureau.add("cells", cells_table(waiting[first : first + FILES_AT_ONCE], bureau.targets))
    found = [*(issue for file in files for issue in file.issues), *ledger.issues, *missing, *bureau.issues]
    issues = tuple({issue.issue_id: issue for issue in found}.values())
    rest: Rows = {
        "rectifications": ledger.lines,
        "rectification_events": ledger.events,
        "submissions": submissions,
    }
    rest |= {"units": _unit_rows(config), "items": _item_rows(config), "files": _file_rows(whole, receipts)}
    for name in TABLES:  # an empty frame for what nobody wrote
        bureau.add(name, rest.get(name, []))
    bureau.add("issues", (issue.as_row() for issue in issues))
    n_changes = sum(event["from_state"] is not None for event in additions.events)
    inputs = {file.path: file.sha256 for file in whole}
    return Intake({}, issues, len(additions.lines), n_changes), inputs


def read_all(
    config: CycleConfig, n_workers: int | None, on_done: Callable[..., Any], passwords: Passwords, spool: Spool,
    executor: Executor | None = None,
) -> list[Received]:  # fmt: skip
    """Read all files in worker processes, or by the executor's, in the order of their paths; what they say lies in the spool."""
    root = config.data_raw
    paths = list_received(root) if root.is_dir() else []
    if not paths:
        raise InputError(
            f"{root} 中没有收到的文件", "把收到的文件放入该文件夹，或运行 lianzheng demo 写入样例"
        )
    n_workers = (os.cpu_count() or 1) if n_workers is None else n_workers
    found = (
        read_by_executor(executor, paths, config, passwords)
        if executor
        else read_files(paths, n_workers, replace(make_setup(config), passwords=passwords))
    )
    files = []
    for file in found:
        files.append(file.move_to(spool))
        on_done(1, len(paths))
    return files


def _unit_rows(config: CycleConfig) -> list[dict[str, Any]]:
    visited = {visit.unit_id for visit in config.visits}
    return [
        {
            "unit_id": u.unit_id, "name": u.name, "short_name": u.short_name, "unit_type": u.unit_type,
            "headcount": u.headcount, "order": order, "is_visited": u.unit_id in visited,
            "was_visited_last_cycle": u.unit_id in config.visited_last_cycle,
        }
        for order, u in enumerate(config.units, start=1)
    ]  # fmt: skip


def _item_rows(config: CycleConfig) -> list[dict[str, Any]]:
    items = [(block, item) for block in config.standard.blocks for item in block.items]
    return [
        {
            "item_id": item.item_id, "block_id": block.block_id, "block_label": block.label, "item_key": item.item_key,
            "name": item.name, "max_points": item.max_points, "rule_type": item.rule.rule_type, "order": order,
            "focal_points": "|".join(item.focal_points), "evidence_classes": "|".join(item.evidence_classes),
        }
        for order, (block, item) in enumerate(items, start=1)
    ]  # fmt: skip


def _file_rows(files: Sequence[Received], receipts: Mapping[str, Receipt]) -> list[dict[str, Any]]:
    return [
        {
            "file_id": file.file_id, "unit_id": file.unit_id or None, "path": file.path, "sha256": file.sha256,
            "size_bytes": file.size_bytes, "format": file.format, "form_id": file.form_id or None,
            "form_version": file.version or None, "received_at": receipts.get(file.path, {}).get("received_at"),
            "state": file.state, "is_counted": file.is_counted,
            "item_ids": "|".join(dict.fromkeys(item for _, item in file.serves if item)) or None,
            "evidence_class": "|".join(dict.fromkeys(kind for kind, _ in file.serves if kind)) or None,
        }
        for file in files
    ]  # fmt: skip


def write_intake(config: CycleConfig, intake: Intake) -> None:
    """Write frames as :func:`store_intake` does."""
    files = intake.frames["files"]
    inputs = dict(zip(files["path"], files["sha256"], strict=True))
    with TableStore(config.data_processed) as store:
        for name in TABLES:
            store.add(name, intake.frames[name])
        store.commit(_facts(config, inputs))
