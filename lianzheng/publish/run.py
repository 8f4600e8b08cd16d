"""Run the notebooks in worker processes and publish what they show; one failed page never stops another."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lianzheng.config import CycleConfig, load_config
from lianzheng.disk import refusal, write_atomically
from lianzheng.errors import LianzhengError, PublishError
from lianzheng.fonts import one_line, visible
from lianzheng.names import NameMask
from lianzheng.pages.edition import ANONYMOUS, UNIT_EDITION, name_mask
from lianzheng.processes import end_with_parent
from lianzheng.publish.checks import check_edition
from lianzheng.publish.jobs import FORMATS, Job, check_parameters
from lianzheng.publish.notebook import read_document, read_log, read_reads
from lianzheng.tables import read_manifest

NOTEBOOK_SECONDS = 300
MANIFEST = "manifest.json"
LOG = "run.log"
_WORKER_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ARROW_NUM_THREADS": "1",
    "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this environment, never one of the user's
    "PYTHONWARNINGS": "default",  # a warning must show, so that it fails the publication
}


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
    context: str = "spawn",
    known: Sequence[Outcome] = (),
    reasons: Mapping[str, str] = MappingProxyType({}),
) -> list[Outcome]:
    """Check every job's parameters, run them in ``n_workers`` processes and record the run.

    ``known`` are outcomes of other pages, to be recorded with these; ``reasons`` say by stem why a page is made. Returns the
    outcomes in the order of ``jobs``. Raises :class:`ParameterError` before anything runs.
    """
    for job in jobs:
        check_parameters(job)
    version = data_version(config)
    config.reports.mkdir(parents=True, exist_ok=True)
    (config.reports / LOG).write_text("", encoding="utf-8")
    outcomes = {
        o.stem: o for o in _run_in_processes(config, jobs, n_workers or os.cpu_count() or 1, on_done, context)
    }
    ordered = [replace(outcomes[job.stem], reason=reasons.get(job.stem, "")) for job in jobs]
    _record(config.reports, [*ordered, *known], version)
    return ordered


def data_version(config: CycleConfig) -> str:
    """One hash over the processed tables that the pages are made from."""
    tables = read_manifest(config.data_processed).get("tables", {})
    if not tables:
        raise PublishError("there are no processed tables yet", f"run: lianzheng run {config.cycle.cycle}")
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


def _run_in_processes(
    config: CycleConfig, jobs: Sequence[Job], n_workers: int, on_done: Callable[[Outcome], None], context: str
) -> Iterable[Outcome]:
    """Map the jobs over processes; when a worker dies, its page fails and the rest is sent again."""
    waiting = list(jobs)
    while waiting:
        finished: list[Outcome] = []
        start = multiprocessing.get_context(context)
        with ProcessPoolExecutor(
            min(n_workers, len(waiting)), start, _prepare_worker, (config.reports / LOG,)
        ) as pool:
            futures = {pool.submit(publish_page, job, config.reports): job for job in waiting}
            for future in as_completed(futures):
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    continue  # nobody knows whose fault it was: sent again below
                finished.append(future.result() if error is None else _lost(futures[future], repr(error)))
                on_done(finished[-1])
        yield from finished
        left = [job for job in waiting if job.stem not in {outcome.stem for outcome in finished}]
        if left and not finished:  # nobody gets through: the first one takes the blame, so that this ends
            blamed = _lost(left[0], "工作进程意外终止")
            on_done(blamed)
            yield blamed
            left = left[1:]
        waiting = left


def _lost(job: Job, why: str) -> Outcome:
    return Outcome(job.stem, job.unit_id, "failed", 0.0, f"{job.name}：{why}")


def _prepare_worker(log: Path) -> None:
    """Settings for a worker and its kernels; what they say on stderr goes to the log, not to the terminal."""
    end_with_parent()
    os.environ.update(_WORKER_ENVIRONMENT)
    with log.open("a", encoding="utf-8") as stream:
        os.dup2(stream.fileno(), 2)


def publish_page(job: Job, reports: Path) -> Outcome:
    """Execute one notebook and publish it in every format, or nothing of it at all (runs inside a worker)."""
    started = time.perf_counter()
    cell = 0
    try:
        notebook, cell, problem = _execute(job)
        if problem:
            raise PublishError(
                f"{job.name}：第{cell}个单元格出错：{problem}", "mend the notebook or the data it reads"
            )
        if job.parameters.get("edition") in (UNIT_EDITION, ANONYMOUS):
            check_edition(read_document(notebook), _mask(job))
        pages = {suffix: _export(notebook, FORMATS[suffix]) for suffix in job.formats}
        files = _write_page(job, reports, notebook, pages)
        seconds = time.perf_counter() - started
        said = read_log(notebook), read_reads(notebook)
        return Outcome(job.stem, job.unit_id, "published", seconds, "", 0, files, *said)
    except (LianzhengError, OSError) as problem:
        error = refusal(problem, reports / job.stem) if isinstance(problem, OSError) else problem
        message = str(error) if job.name in str(error) else f"{job.name}：{error}"
        return Outcome(job.stem, job.unit_id, "failed", time.perf_counter() - started, message, cell)


def _mask(job: Job) -> NameMask:
    """The names that must not stand in a job's page: other units', or all."""
    config = load_config(job.parameters["cycle"], Path(job.parameters["data_dir"]).parent)
    return name_mask(config, job.unit_id or None)


def _execute(job: Job) -> tuple[Any, int, str]:
    """Run the notebook with papermill's stock engine; returns it, the failing cell (or 0) and what went wrong."""
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    with tempfile.TemporaryDirectory(prefix="lianzheng-") as folder:
        target = Path(folder) / "executed.ipynb"
        for attempt in (1, 2, 3):  # kernels that start at the same moment can race for a port
            try:
                papermill.execute_notebook(
                    str(job.notebook),
                    str(target),
                    parameters=dict(job.parameters),
                    progress_bar=False,
                    cwd=str(job.notebook.parent),
                    execution_timeout=NOTEBOOK_SECONDS,
                    config=_kernel_settings(folder),
                )
                break
            except PapermillExecutionError as error:
                return None, _source_cell(target, error.cell_index), f"{error.ename}: {error.evalue}"
            except RuntimeError as error:
                if attempt == 3:
                    return None, 0, f"kernel did not start: {error}"
        return nbformat.read(str(target), as_version=4), 0, ""


def _kernel_settings(folder: str) -> Any:
    """Kernels talk over local sockets in ``folder`` where there are any: nothing listens, no ports to race for."""
    from traitlets.config import Config

    sockets = {"transport": "ipc", "ip": f"{folder}/kernel"}
    return Config({"KernelManager": sockets if os.name == "posix" else {}})


def _source_cell(executed: Path, index: int) -> int:
    """The 1-based number, in the notebook as the analyst sees it, of the cell at ``index`` in the executed one."""
    import nbformat

    cells = nbformat.read(str(executed), as_version=4).cells
    added = {"injected-parameters", "papermill-error-cell-tag"}
    own = [cell for cell in cells if not added & set(cell.metadata.get("tags", []))]
    failed = next((c for c in own if any(o.output_type == "error" for o in c.get("outputs", []))), None)
    return own.index(failed) + 1 if failed is not None else index + 1


def _export(notebook: Any, exporter_name: str) -> bytes:
    from nbconvert.exporters import get_exporter

    body, _ = get_exporter(exporter_name)().from_notebook_node(notebook)
    return body.encode("utf-8") if isinstance(body, str) else body


def _write_page(job: Job, reports: Path, notebook: Any, pages: dict[str, bytes]) -> tuple[str, ...]:
    import nbformat

    for suffix, data in pages.items():
        write_atomically(reports / f"{job.stem}.{suffix}", data)
    write_atomically(reports / executed_name(job.stem), nbformat.writes(notebook).encode("utf-8"))
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
