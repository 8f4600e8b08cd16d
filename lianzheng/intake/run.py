"""The intake of a cycle, step by step: files as received → frames and issues → data/processed/<cycle>/."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pandas as pd

from lianzheng import __version__
from lianzheng.config import CycleConfig
from lianzheng.errors import InputError
from lianzheng.fonts import font_hashes
from lianzheng.intake.assemble import Target, add_tallies, assemble
from lianzheng.intake.ballot_files import check_ballots, drop_copies
from lianzheng.intake.books import read_books
from lianzheng.intake.checks import GRAVITY, Checked
from lianzheng.intake.corrections import correct_files, settle_corrections
from lianzheng.intake.cross_checks import check_ballot_counts, check_statistics, check_visits, unjudged
from lianzheng.intake.files import from_book, make_setup, read_in_worker, read_received
from lianzheng.intake.ledger_file import keep_ledger
from lianzheng.intake.materials import check_materials, evidence_rows
from lianzheng.intake.passwords import NO_PASSWORDS, Passwords
from lianzheng.intake.praise import part_twins
from lianzheng.intake.received import CELL_COLUMNS, Received
from lianzheng.intake.submissions import Receipt, receipt_targets, receipts_by_path, settle_submissions
from lianzheng.issues import Issue
from lianzheng.tables import check_references, conform, write_tables

TABLES = (
    "files cells issues checks submissions self_report_parts units items scores_by_unit_item_scorer statistics_by_unit_category_measure"
    " ballots answers_by_ballot_question tallies_by_unit_question_option evidence_by_unit_class site_visits"
    " ballot_counts interviews findings highlights cases rectifications rectification_events last_scores_by_unit_item corrections"
).split()
_NOT_RECEIVED = ("~$", ".", "Thumbs.db", "desktop.ini")  # what Office, Windows and macOS leave in folders


@dataclass(frozen=True, slots=True)
class Intake:
    """What a cycle's files hold: a frame per table of :data:`TABLES`, the issues, and what the ledger lacked."""

    frames: dict[str, pd.DataFrame]
    issues: tuple[Issue, ...]
    n_lines_added: int = 0
    n_changes: int = 0


def run_intake(
    config: CycleConfig, n_workers: int | None = None, on_done: Callable[..., Any] = lambda step, total: None,
    writes_ledger: bool = False, passwords: Passwords = NO_PASSWORDS,
) -> Intake:  # fmt: skip
    """Read everything below data/raw/<cycle> and the office's ledger; ``on_done(1, total)`` is called after each file.

    ``writes_ledger``: what the ledger lacks is added to it, and the frames are those of the file as it is then.
    ``passwords`` open what units protected. Raises :class:`InputError` where nothing was received, :class:`ConfigError` for a correction that does not fit.
    """
    received = read_all(config, n_workers or os.cpu_count() or 1, on_done, passwords)
    setup = replace(make_setup(config), passwords=passwords)
    files, applied = correct_files(
        received, config, lambda path, becomes: read_received(config.data_raw, path, setup, becomes)
    )
    whole, files = files, [part for file in files for part in file.parts]
    drop_copies(files)
    receipts = receipts_by_path(files, config.cycle.cycle)
    submissions, missing = settle_submissions(files, receipts, config)
    part_twins(files)
    rows, targets = assemble(files, config)
    targets |= receipt_targets(files, submissions, config.cycle.cycle)
    add_tallies(rows, config)
    check_ballot_counts(files, config)
    differing, counted = check_ballots(rows, files, config)
    unseen = check_visits(rows, files, config)
    rows.setdefault("evidence_by_unit_class", []).extend(evidence_rows(files))
    lacking, judged = check_materials(files, rows.get("scores_by_unit_item_scorer", []), config)
    rows["corrections"] = settle_corrections(applied, files, rows, targets, config)
    check_statistics(rows, files, config)
    ledger, file, additions = keep_ledger(rows, targets, config, writes_ledger)
    for kept in (whole, files):
        kept += [file] if file else []
    rows |= {"rectifications": ledger.lines, "rectification_events": ledger.events}
    targets |= ledger.targets
    found_later = (*ledger.issues, *missing, *differing, *unseen, *lacking)
    issues = _unique([*(issue for file in files for issue in file.issues), *found_later])
    rows |= {"units": _unit_rows(config), "items": _item_rows(config), "submissions": submissions}
    rows |= {
        "files": _file_rows(whole, receipts),
        "checks": [*_check_rows(files), *counted, *judged, *unjudged(submissions, files)],
        "issues": [issue.as_row() for issue in issues],
    }
    found: dict[str, Any] = {**rows, "cells": _cells(files, targets)}
    frames = {name: conform(name, found.get(name, []), config.cycle.cycle) for name in TABLES}
    n_changes = sum(event["from_state"] is not None for event in additions.events)
    return Intake(frames, issues, len(additions.lines), n_changes)


def list_received(root: Path) -> list[str]:
    """Paths of the received files below ``root``, with ``/``, sorted."""
    paths = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return sorted(path for path in paths if not path.rpartition("/")[2].startswith(_NOT_RECEIVED))


def read_all(
    config: CycleConfig, n_workers: int, on_done: Callable[..., Any], passwords: Passwords = NO_PASSWORDS
) -> list[Received]:
    """Read all files in worker processes, in the order of their paths."""
    root = config.data_raw
    paths = list_received(root) if root.is_dir() else []
    if not paths:
        raise InputError(
            f"{root} 中没有收到的文件", "把收到的文件放入该文件夹，或运行 lianzheng demo 写入样例"
        )
    worker = functools.partial(
        read_in_worker, root=str(root), project=str(config.project), cycle=config.cycle.cycle, passwords=passwords
    )  # fmt: skip
    setup = make_setup(config)
    files = []
    for path, found in zip(paths, _read(paths, root, n_workers, worker), strict=True):
        files.append(found if isinstance(found, Received) else from_book(found, path, setup))
        on_done(1, len(paths))
    return files


def _read(paths: Sequence[str], root: Path, n_workers: int, worker: Callable[..., Received]) -> Iterator[Any]:
    """What the workers return; a book stands for a file that killed its worker."""
    return iter(read_books([root / path for path in paths], n_workers, cast(Callable[..., Any], worker)))


def _unique(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    return tuple({issue.issue_id: issue for issue in issues}.values())


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


def _cells(files: Sequence[Received], targets: Mapping[Target, str]) -> pd.DataFrame:
    """Every non-empty cell of the recognised forms, made at once: there are a hundred times more cells than files."""
    rows = [
        (file.file_id, *row, targets.get((file.file_id, row[0], row[1]))) for file in files for row in file.cells
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["file_id", *CELL_COLUMNS, "target"])


def _check_rows(files: Sequence[Received]) -> list[dict[str, Any]]:
    """A check's gravest outcome on a unit's form, which may have come in several files or sheets."""
    gravest: dict[tuple[str, str, str], Checked] = {}
    for file in files:
        for checked in file.checks if file.unit_id and file.is_counted else ():
            known = gravest.setdefault((file.unit_id, file.form_id, checked.check_id), checked)
            if GRAVITY.index(checked.outcome) > GRAVITY.index(known.outcome):
                gravest[file.unit_id, file.form_id, checked.check_id] = checked
    return [
        {"unit_id": u, "form_id": f, "check_id": c, "outcome": checked.outcome, "issue_id": checked.issue_id or None}
        for (u, f, c), checked in gravest.items()
    ]  # fmt: skip


def write_intake(config: CycleConfig, intake: Intake) -> None:
    """Write the frames behind the gate, with the hashes of inputs, configuration and fonts in the manifest."""
    check_references(intake.frames)
    files = intake.frames["files"]
    inputs = dict(zip(files["path"], files["sha256"], strict=True))
    facts = {"inputs": inputs, "config": config.sha256, "library": __version__, "fonts": font_hashes()}
    write_tables(config.data_processed, intake.frames, facts)
