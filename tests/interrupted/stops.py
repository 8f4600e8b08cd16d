"""Stop a piece of work at the steps that it takes on the disk: ``python -m tests.interrupted.stops WORK PROJECT EVERY``.

For each n, or every so many, a forked child does the work and is ended by SIGKILL at its n-th step; a step is a half-written file, or the
moment before or after a call that brings a file to the disk, renames or removes it. What is then found is printed, a
JSON line per stop. The project's tables (or pages) are first those of an old run, the work is the writing of new ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat

from lianzheng import disk, tables
from lianzheng.compare import run_compare, write_compare
from lianzheng.config import CycleConfig, load_config
from lianzheng.intake import run_intake, write_intake
from lianzheng.publish import incremental, publication, returns, run, staging
from lianzheng.publish.jobs import run_list
from lianzheng.publish.record import look
from lianzheng.publish.run import Outcome, _write_page
from lianzheng.scoring import run_scoring, write_scoring
from tests.projects import REPOSITORY

Work = Callable[[], object]
_CALLS = ("fsync", "replace", "rename", "unlink", "rmdir")
_MOST_SECONDS = 60


class Steps:
    """Counts the steps on the disk of this process and ends it, as SIGKILL does, at the n-th."""

    def __init__(self, n: int) -> None:
        self.left = n
        for name in _CALLS:
            setattr(os, name, self._counted(getattr(os, name)))
        Path.write_bytes = self._in_halves(Path.write_bytes)  # type: ignore[method-assign]

    def step(self) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            self.step()
            result = call(*arguments, **options)
            self.step()
            return result

        return counted

    def _in_halves(self, write: Callable[[Path, bytes], int]) -> Callable[[Path, bytes], int]:
        def halves(path: Path, data: bytes) -> int:
            write(path, data[: len(data) // 2])
            self.step()
            return write(path, data)

        return halves


def is_stopped(work: Work, n: int) -> bool:
    """Do the work in a child that is killed at its n-th step; False where it has fewer steps."""
    child = os.fork()
    if not child:
        signal.alarm(_MOST_SECONDS)
        try:
            Steps(n)
            work()
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), status
    return status == signal.SIGKILL


def contents(folder: Path) -> dict[str, str]:
    """Hashes of all files below a folder by path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def restore(copy: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(copy, folder)


def stop_everywhere(
    folder: Path, work: Work, again: Work, look: Callable[[], Any], every: int
) -> Iterator[dict[str, Any]]:
    """What ``look`` finds in ``folder`` after each stop, and the files after ``again``, a second and undisturbed run."""
    before = folder.with_name("before")
    shutil.copytree(folder, before)
    n = 1
    while is_stopped(work, n):
        found = {"n": n, "found": look(), "visible": visible(contents(folder))}
        again()
        yield {**found, "again": contents(folder)}
        restore(before, folder)
        n += every


def visible(files: dict[str, str]) -> dict[str, str]:
    return {name: sha256 for name, sha256 in files.items() if not name.rpartition("/")[2].startswith(".")}


def table_work(config: CycleConfig, name: str) -> Work:
    """The tables of a whole run are stored; the work stores those of a run that lacks one file."""
    _whole_run(config)
    min(config.data_raw.glob("units/*/*.xlsx")).unlink()
    intake = run_intake(config, 1)
    if name == "intake":
        return lambda: write_intake(config, intake)
    write_intake(config, intake)
    scoring = run_scoring(config, tables.Tables(config.data_processed))
    return lambda: write_scoring(config, scoring)


def _whole_run(config: CycleConfig) -> None:
    write_intake(config, run_intake(config, 1))
    write_scoring(config, run_scoring(config, tables.Tables(config.data_processed)))
    write_compare(config, run_compare(config, tables.Tables(config.data_processed)))


def tables_found(folder: Path) -> dict[str, str]:
    """Hash by name of every table that a reader gets, which verifies each against the manifest."""
    names = tables.read_manifest(folder)["tables"]
    stored = tables.Tables(folder)
    return {name: hashlib.sha256(tables.to_parquet_bytes(name, stored[name])).hexdigest() for name in names}


def page_work(reports: Path, version: str) -> Work:
    """A page with its formats and its notebook, and a unit's return list."""
    notebook = nbformat.writes(nbformat.v4.new_notebook(metadata={"version": version}))
    pages = {suffix: f"{version} {suffix}".encode() * 5000 for suffix in ("html", "pdf", "docx", "xlsx")}
    files = {"退回补正单.xlsx": version.encode() * 5000, f"原件/{version}.xlsx": version.encode()}

    def write() -> None:
        _write_page(SimpleNamespace(stem="units/U001/scorecard"), reports, notebook, pages)  # type: ignore[arg-type]
        returns._settle(reports / "returns" / "U001", files)

    return write


def publication_work(project: Path, version: str) -> Work:
    """A publication of two pages, a workbook, a return list that the new one needs no more, and the index."""
    few_work(project / "data" / "processed" / "2018", 2 if version == "new" else 1)()
    config = replace(load_config(2018, REPOSITORY), project=project)

    def pages(place: Any, jobs: Any, n: int, on_done: Callable[[Outcome], None], *unused: object) -> Any:
        for job in jobs:
            page = {suffix: f"{version} {suffix}".encode() * 3000 for suffix in job.formats}
            files = _write_page(job, getattr(place, "reports", place), "{}", page)
            on_done(Outcome(job.stem, job.unit_id, "published", 1.0, files=files, reads=("files",)))
            yield Outcome(job.stem, job.unit_id, "published", 1.0, files=files, reads=("files",))

    def file(name: str, text: str = "") -> Callable[..., Any]:
        return lambda config, *unused: disk.write_atomically(
            config.reports / name, f"{version}{text}".encode()
        )

    def work() -> None:
        run._run_in_processes, run.check_parameters, run.warm_up = (
            pages,
            lambda job: None,
            lambda *unused: None,
        )
        for name, made in (
            ("results", "results.xlsx"),
            ("submissions", "submissions.xlsx"),
            ("index", "index.html"),
        ):
            setattr(publication, f"write_{name}", file(made))
        publication.write_summary, publication.issues_in_words = file("run.html"), lambda tables: {}
        publication.write_returns = lambda config, *unused: (
            file("returns/U001/list.xlsx")(config)
            if version == "old"
            else (config.reports / "returns/U001/list.xlsx").unlink(missing_ok=True),
            [],
        )[1]
        staging.settle(config)
        seen = look(project, 2018, {})
        jobs = run_list(config, ("U001",))
        decisions = incremental.decide(config, jobs, seen, (), is_forced=False)
        publication.publish(
            config, decisions, seen, None, lambda *told: contextlib.nullcontext(lambda *n: None)
        )  # type: ignore[arg-type]

    return work


def few_work(folder: Path, version: int) -> Work:
    """A file's line and, in the second version, a visit's, which makes a table that was not there before."""
    file = {
        "file_id": "F1",
        "path": "a.xlsx",
        "sha256": "0",
        "format": "xlsx",
        "state": "read",
        "is_counted": True,
    }
    frames = {"files": tables.conform("files", [{**file, "size_bytes": version}], 2018)}
    frames["cases"] = tables.conform("cases", [], 2018)
    if version > 1:
        visit = {"unit_id": "U001", "team_id": "T1", "visit_date": "2018-12-04", "n_attending": version}
        frames["site_visits"] = tables.conform("site_visits", [visit], 2018)
    return lambda: tables.write_tables(folder, frames, {"version": version})


def works(name: str, project: Path) -> tuple[Path, Work, Work, Callable[[], Any]]:
    """The folder, with what an old run left in it, the work, what a next run begins with, and what a reader finds."""
    if name == "pages":
        folder = project / "reports"
        page_work(folder, "old")()
        return folder, page_work(folder, "new"), lambda: disk.sweep(folder), lambda: visible(contents(folder))
    folder = project / "data" / "processed" / "2018"
    if name == "publication":
        (project / "notebooks").symlink_to(REPOSITORY / "notebooks")
        publication_work(project, "old")()
        work = publication_work(project, "new")
        folder = project / "reports"
        return folder, work, lambda: None, lambda: visible(contents(folder / "2018"))
    if name == "few":
        few_work(folder, 1)()
        work = few_work(folder, 2)
    else:
        work = table_work(load_config(2018, project), name)
    tables.check = lambda name, frame: frame  # the gate has judged these frames once; it writes nothing
    return folder, work, lambda: tables.sweep_tables(folder), lambda: tables_found(folder)


def main(name: str, project: Path, every: int) -> None:
    """Print a line about the old files, one about the new, and one for each stop."""
    folder, work, sweep, look = works(name, project)
    old = folder.with_name("old")
    print(json.dumps({"found": look(), "again": contents(folder)}))
    shutil.copytree(folder, old)
    work()
    print(json.dumps({"found": look(), "again": contents(folder)}))
    restore(old, folder)
    for line in stop_everywhere(folder, work, lambda: (sweep(), work()), look, every):
        print(json.dumps(line))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
