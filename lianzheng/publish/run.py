"""Run the notebooks in worker processes and publish what they show; one failed page never stops another."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, fields, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from queue import SimpleQueue
from types import MappingProxyType
from typing import Any, cast

from lianzheng.config import CycleConfig, load_config
from lianzheng.disk import refusal, write_atomically
from lianzheng.errors import ClusterError, LianzhengError, PublishError
from lianzheng.fonts import one_line, visible
from lianzheng.names import NameMask
from lianzheng.pages.edition import ANONYMOUS, UNIT_EDITION, name_mask
from lianzheng.processes import RUN_LOCK, holder
from lianzheng.publish.checks import check_edition
from lianzheng.publish.children import Child, warm_up
from lianzheng.publish.engine import NAME
from lianzheng.publish.execute import NOTEBOOK_SECONDS, execute, export
from lianzheng.publish.jobs import FORMATS, Job, check_parameters
from lianzheng.publish.notebook import read_document, read_log, read_reads
from lianzheng.tables import read_manifest

MANIFEST = "manifest.json"
LOG = "run.log"
_UNDER_WAY = 1000  # pages that an executor knows of at once


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one page; ``cell`` is the 1-based cell of the notebook that failed, 0 if none did."""

    stem: str
    unit_id: str
    state: str  # published | failed | kept
    seconds: float
    message: str = ""
    cell: int = 0
    files: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    reason: str = ""


def publish_pages(
    config: CycleConfig,
    jobs: Sequence[Job],
    n_workers: int | None = None,
    on_done: Callable[[Outcome], None] = lambda outcome: None,
    engine: str = NAME,
    known: Sequence[Outcome] = (),
    reasons: Mapping[str, str] = MappingProxyType({}),
    executor: Executor | None = None,
) -> list[Outcome]:
    """Check every job's parameters, run them, ``n_workers`` at a time, each in its process, and record the run.

    ``engine`` is papermill's name of one: ours, or ``nbclient`` for its own, which gives the same pages. ``known`` are
    outcomes of other pages, to be recorded with these; ``reasons`` say by stem why a page is made. ``executor`` runs
    them instead, on machines that see project, library and notebooks at the same paths. Returns the outcomes in the order of ``jobs``. Raises :class:`ParameterError` before anything runs.
    """
    if executor is None:
        warm_up(config.project, config.cycle.cycle)
    for job in jobs:
        check_parameters(job)
    version = data_version(config)
    config.reports.mkdir(parents=True, exist_ok=True)
    (config.reports / LOG).write_text("", encoding="utf-8")
    if executor is None:
        n_children = n_workers or os.cpu_count() or 1
        running = _run_in_processes(config.reports, jobs, n_children, on_done, engine)
    else:
        running = _run_by_executor(executor, config, jobs, on_done, engine)
    with contextlib.closing(running) as done:
        outcomes = {outcome.stem: outcome for outcome in done}
    ordered = [replace(outcomes[job.stem], reason=reasons.get(job.stem, "")) for job in jobs]
    _record(config.reports, [*ordered, *known], version)
    return ordered


def publish_page(job: Job, reports: Path, engine: str = NAME, run: str = "") -> Outcome:
    """Execute one notebook and publish it in every format, or nothing of it at all, in a process of its own.

    ``run``: who wants the page. It is not written where another run holds the project by then, for this process may
    outlive the one that asked for it.
    """
    with contextlib.closing(_run_in_processes(reports, [job], 1, lambda outcome: None, engine, run)) as done:
        return next(done)


def data_version(config: CycleConfig) -> str:
    """One hash over the processed tables that the pages are made from."""
    tables = read_manifest(config.data_processed).get("tables", {})
    if not tables:
        raise PublishError("there are no processed tables yet", f"run: lianzheng run {config.cycle.cycle}")
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


def _run_in_processes(
    reports: Path,
    jobs: Sequence[Job],
    n_children: int,
    on_done: Callable[[Outcome], None],
    engine: str,
    run: str = "",
) -> Generator[Outcome, None, None]:
    """Each job in a process of its own; one that dies or takes too long costs its page and nothing else."""
    waiting, pages = deque(jobs), list[_Page]()
    try:
        while waiting or pages:
            while waiting and len(pages) < n_children:
                pages.append(_Page(waiting.popleft(), reports, engine, run))
            seconds = min(page.until for page in pages) - time.monotonic()
            wait([end for page in pages for end in page.child.ends], max(seconds, 0))
            for page in pages[:]:
                if outcome := page.outcome():
                    pages.remove(page)
                    page.child.end()
                    on_done(outcome)
                    yield outcome
    finally:
        for page in pages:
            page.child.end()


def _run_by_executor(
    executor: Executor,
    config: CycleConfig,
    jobs: Sequence[Job],
    on_done: Callable[[Outcome], None],
    engine: str,
) -> Generator[Outcome, None, None]:
    """Each job as a task of the executor; a page that it cannot make fails, and where it is gone itself, the run ends.

    Raises :class:`ClusterError`; the pages that were told of are done.
    """
    run = holder(config.project / RUN_LOCK)
    waiting, pages, done = deque(jobs), dict[Future[Outcome], Job](), SimpleQueue[Future[Outcome]]()
    while waiting or pages:
        while waiting and len(pages) < _UNDER_WAY:
            page = executor.submit(publish_page, waiting[0], config.reports, engine, run)
            pages[page] = waiting.popleft()
            page.add_done_callback(done.put)
        page = done.get()
        job, error = pages.pop(page), page.exception()
        if isinstance(error, ClusterError):
            raise error
        lost = Outcome(job.stem, job.unit_id, "failed", 0.0, f"{job.name}：{error}")
        outcome = lost if error else page.result()
        on_done(outcome)
        yield outcome


class _Page:
    """A job in the hands of a child, the cell that it is at, and when it has to be done."""

    def __init__(self, job: Job, reports: Path, engine: str, run: str) -> None:
        self.job, self.cell = job, 0
        self.started = time.monotonic()
        self.until = self.started + NOTEBOOK_SECONDS
        self.child = Child(_publish, job, reports, engine, run)

    def outcome(self) -> Outcome | None:
        """What became of it, once that is known."""
        try:
            while isinstance(said := self.child.receive(0), int):
                self.cell = said
            return cast(Outcome, said)
        except EOFError:
            return self._lost(self.child.how_it_died())
        except TimeoutError:
            is_late = self.until <= time.monotonic()
            return self._lost(f"超过 {NOTEBOOK_SECONDS} 秒仍未完成") if is_late else None

    def _lost(self, why: str) -> Outcome:
        place = f"执行到第{self.cell}个单元格，" if self.cell else ""
        message = f"{self.job.name}：{place}工作进程意外终止（{why}）"
        return Outcome(
            self.job.stem, self.job.unit_id, "failed", time.monotonic() - self.started, message, self.cell
        )


def _publish(connection: Connection, job: Job, reports: Path, engine: str, run: str) -> None:
    """What the child does: it says which cell it is at and then the outcome; what it has to say goes to the log."""
    with contextlib.suppress(OSError), (reports / LOG).open("a", encoding="utf-8") as stream:
        os.dup2(stream.fileno(), 2)
    started, cell = time.perf_counter(), 0
    try:
        notebook, text, cell, problem = execute(job, engine, connection.send)
        if problem:
            raise PublishError(
                f"{job.name}：第{cell}个单元格出错：{problem}", "mend the notebook or the data it reads"
            )
        if job.parameters.get("edition") in (UNIT_EDITION, ANONYMOUS):
            check_edition(read_document(notebook), _mask(job))
        pages = {suffix: export(notebook, FORMATS[suffix]) for suffix in job.formats}
        if run not in ("", holder(Path(job.parameters["data_dir"]).parent / RUN_LOCK)):
            raise PublishError(f"{job.name}：要做它的那次运行已经结束", "nothing: its run is no more")
        files = _write_page(job, reports, text, pages)
        said = read_log(notebook), read_reads(notebook)
        outcome = Outcome(job.stem, job.unit_id, "published", 0.0, "", 0, files, *said)
    except (LianzhengError, OSError) as problem:
        error = refusal(problem, reports / job.stem) if isinstance(problem, OSError) else problem
        message = str(error) if job.name in str(error) else f"{job.name}：{error}"
        outcome = Outcome(job.stem, job.unit_id, "failed", 0.0, message, cell)
    connection.send(replace(outcome, seconds=time.perf_counter() - started))


def _mask(job: Job) -> NameMask:
    """The names that must not stand in a job's page: other units', or all."""
    config = load_config(job.parameters["cycle"], Path(job.parameters["data_dir"]).parent)
    return name_mask(config, job.unit_id or None)


def _write_page(job: Job, reports: Path, text: str, pages: dict[str, bytes]) -> tuple[str, ...]:
    for suffix, data in pages.items():
        write_atomically(reports / f"{job.stem}.{suffix}", data)
    write_atomically(reports / executed_name(job.stem), text.encode("utf-8"))
    return tuple(f"{job.stem}.{suffix}" for suffix in pages)


def executed_name(stem: str) -> str:
    """The path of a page's executed notebook below reports/<cycle>/."""
    return f"notebooks/{stem.replace('/', '_')}.ipynb"


def _record(reports: Path, outcomes: Sequence[Outcome], version: str) -> None:
    """Write runs.csv, run.log and the manifest, in which a page that could not be renewed is stale."""
    buffer = io.StringIO(newline="")
    names = [field.name for field in fields(Outcome) if field.name not in ("log", "reads")]
    writer = csv.DictWriter(buffer, names)
    writer.writeheader()
    told = {o.stem: one_line(o.message) for o in outcomes}
    writer.writerows(
        {
            **{name: getattr(o, name) for name in names},
            "seconds": f"{o.seconds:.2f}",
            "message": told[o.stem],
            "files": "|".join(o.files),
        }
        for o in outcomes
    )
    write_atomically(reports / "runs.csv", buffer.getvalue().encode("utf-8-sig"))
    said = visible((reports / LOG).read_text(encoding="utf-8", errors="replace"))  # by the workers, on stderr
    lines = (
        line
        for o in outcomes
        for line in (
            f"{o.state} {o.stem} {o.seconds:.1f}s {told[o.stem]}\n",
            *(f"  {one_line(m)}\n" for m in o.log),
        )
    )
    write_atomically(reports / LOG, "".join([said, *lines]).encode("utf-8"))
    pages = read_reports_manifest(reports)
    for outcome in outcomes:
        if outcome.state == "published":
            hashes = {
                name: hashlib.sha256((reports / name).read_bytes()).hexdigest() for name in outcome.files
            }
            pages[outcome.stem] = {"files": hashes, "data_version": version, "is_stale": False}
        elif outcome.state == "failed" and outcome.stem in pages:
            pages[outcome.stem] = {**pages[outcome.stem], "is_stale": True}
    write_reports_manifest(reports, pages)


def write_reports_manifest(reports: Path, pages: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what :func:`read_reports_manifest` reads."""
    text = json.dumps({"pages": pages}, ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(reports / MANIFEST, text.encode("utf-8"))


def read_reports_manifest(reports: Path) -> dict[str, dict[str, Any]]:
    """The published pages by stem: files with hashes, version of the data, whether the last run could not renew it."""
    path = reports / MANIFEST
    return json.loads(path.read_text(encoding="utf-8"))["pages"] if path.exists() else {}
