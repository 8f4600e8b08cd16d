"""For tests of what a run remakes: tables made anew in this process, the pages that are due then, what a page gives now."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Collection
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from lianzheng.compare import run_compare, write_compare
from lianzheng.config import load_config
from lianzheng.intake import store_intake
from lianzheng.pages import page as page_module
from lianzheng.pages.blocks import BLOCKS_MIME
from lianzheng.publish.jobs import Job, run_list
from lianzheng.publish.publication import decisions_of
from lianzheng.publish.record import look, read_record
from lianzheng.publish.run import executed_name, read_reports_manifest
from lianzheng.scoring import run_scoring, write_scoring
from lianzheng.tables import HeldTables, Tables, schemas
from lianzheng.tables.stored import read_manifest
from tests.projects import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT_OF_FILES = {"cycle", "file_id", "path"}
"""A file_id is a hash of the path, so a page may look up the one by the other."""


def copied(project: Project, folder: Path) -> Project:
    """A copy of a project, its reports and tables included."""
    shutil.copytree(project.folder, folder)
    return Project(folder)


def make_tables(project: Project) -> None:
    """Intake, scores and comparison, as ``lianzheng run`` makes them."""
    config = load_config(2018, project.folder)
    store_intake(config, 1, writes_ledger=True)
    write_scoring(config, run_scoring(config, Tables(config.data_processed)))
    write_compare(config, run_compare(config, Tables(config.data_processed)))


def due(project: Project) -> dict[str, str]:
    """The pages that a run would make, with the reason."""
    config, record = load_config(2018, project.folder), read_record(project.folder, 2018)
    seen = look(project.folder, 2018, record.seen)
    decisions = decisions_of(config, (), record, seen, is_forced=False)
    return {decision.job.stem: decision.reason for decision in decisions if decision.is_due}


def scorecards(*unit_ids: str) -> set[str]:
    """The pages of units, in both editions."""
    return {f"{place}/{unit_id}/scorecard" for place in ("units", "editions") for unit_id in unit_ids}


def shown(job: Job) -> list[Any]:
    """What the cells of a page's notebook give now, run here."""
    return seen_and_read(job)[0]


def seen_and_read(job: Job) -> tuple[list[Any], list[str]]:
    """What the cells of a page's notebook give now, and what the page says that it has read."""
    names: dict[str, Any] = {}
    found, reads = [], set[str]()
    for cell in json.loads(job.notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            *before, last = ast.parse("".join(cell["source"])).body
            exec(compile(ast.Module(before, []), "cell", "exec"), names)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
                data, told = value._repr_mimebundle_()
                found.append(json.loads(json.dumps(data[BLOCKS_MIME])))
                reads |= set(told[BLOCKS_MIME]["reads"])
            else:
                names |= dict(job.parameters)
    return found, sorted(reads)


def published(project: Project, stem: str) -> list[Any]:
    """What the cells gave when the page was published."""
    cells = json.loads((project.reports / executed_name(stem)).read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return [output["data"][BLOCKS_MIME] for output in outputs]


def stale(project: Project, left_out: Collection[str]) -> list[str]:
    """The pages, but for those left out, that would now be others than they were published."""
    jobs = [job for job in run_list(load_config(2018, project.folder)) if job.stem not in left_out]
    return [job.stem for job in jobs if shown(job) != published(project, job.stem)]


def told_reads(project: Project) -> dict[str, list[str]]:
    """By page, what it said that it had read."""
    return {stem: list(page["reads"]) for stem, page in read_reports_manifest(project.reports).items()}


def without_unread(project: Project, reads: Collection[str]) -> HeldTables:
    """The tables as they might be with all ``reads`` as they are: of the other rows each second is gone, the rest are garbled."""
    real = Tables(project.processed)
    frames = {name: real[name] for name in read_manifest(project.processed)["tables"]}
    is_read = {name: _is_read(name, frame, reads) for name, frame in frames.items()}
    files = set(frames["files"].loc[is_read["files"], "file_id"])
    is_read["cells"] = frames["cells"]["file_id"].isin(files)  # what a file's cells say, its sha256 says
    found = {}
    for name, frame in frames.items():
        kept = KEPT_OF_FILES if name == "files" else {"cycle", "unit_id", *schemas()[name].key}
        is_there = is_read[name] | (name == "files") | (frame.index % 2 == 0)
        found[name] = _garbled(frame, is_read[name], kept)[is_there].reset_index(drop=True)
    return HeldTables(found)


def _is_read(name: str, frame: pd.DataFrame, reads: Collection[str]) -> pd.Series:
    found = pd.Series(name in reads, frame.index)
    for table, column, value in (read.split("/", 2) for read in reads if "/" in read):
        if table == name:
            found |= frame[column].eq(value).fillna(False).astype(bool)
    return found


def _garbled(frame: pd.DataFrame, is_kept: pd.Series, kept: Collection[str]) -> pd.DataFrame:
    changed = {}
    for name in frame.columns.difference(list(kept)):
        column, kind = frame[name], str(frame[name].dtype).lower()
        if kind.startswith(("int", "float")):
            changed[name] = column.where(is_kept, column + 1000)
        elif kind.startswith("bool"):
            changed[name] = column.where(is_kept, ~column)
        elif kind.startswith("str"):
            changed[name] = column.where(is_kept, column + "☒")
        elif kind.startswith("datetime"):
            changed[name] = column.where(is_kept, column + pd.Timedelta(days=40))
    return frame.assign(**changed)


@contextmanager
def opened(tables: Tables) -> Iterator[None]:
    """Pages see these tables, whatever stands on the disk."""
    open_cycle = page_module.open_cycle
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_module, "open_cycle", lambda *where: (open_cycle(*where)[0], tables))
        yield
