"""What cannot be published is not published: parameters are checked first, one failure stops nobody else."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from lianzheng.config import load_config
from lianzheng.errors import ParameterError, PublishError
from lianzheng.publish.children import Child
from lianzheng.publish.engine import NAME
from lianzheng.publish.jobs import Job, check_parameters, run_list
from lianzheng.publish.run import Outcome, _run_in_processes, publish_page, publish_pages
from tests.executed import processes
from tests.projects import Project

pytestmark = pytest.mark.xdist_group("small")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unit_id": 1}, "unit_id is 1"),
        ({"cycle": "2018"}, "cycle is '2018'"),
        ({"colour": "red"}, "unknown parameter colour"),
        ({"edition": None}, "edition"),
    ],
)
def test_a_wrong_parameter_fails_before_the_notebook_runs(
    small: Project, monkeypatch: pytest.MonkeyPatch, change: dict[str, object], words: str
) -> None:
    monkeypatch.setattr(
        "lianzheng.publish.run._run_in_processes", lambda *unused: pytest.fail("a notebook ran")
    )
    config = load_config(2018, small.folder)
    job = run_list(config)[0]
    with pytest.raises(ParameterError, match=words):
        publish_pages(config, [replace(job, parameters={**job.parameters, **change})])


def test_a_missing_parameter_fails_too(small: Project) -> None:
    job = run_list(load_config(2018, small.folder))[0]
    fewer = {name: value for name, value in job.parameters.items() if name != "unit_id"}
    check_parameters(job)
    with pytest.raises(ParameterError, match="missing parameter unit_id"):
        check_parameters(replace(job, parameters=fewer))


def test_a_raise_planted_in_cell_3_for_u005_costs_that_page_only(small: Project) -> None:
    notebook = small.folder / "notebooks" / "02_unit_scorecard.ipynb"
    original = notebook.read_bytes()
    content = nbformat.reads(original.decode("utf-8"), as_version=4)
    planted = nbformat.v4.new_code_cell("if unit_id == 'U005':\n    raise ValueError('planted')")
    content.cells.insert(2, planted)
    before = {path: path.read_bytes() for path in (small.reports / "units" / "U005").iterdir()}
    executed = (small.reports / "notebooks" / "units_U005_scorecard.ipynb").read_bytes()
    listing = sorted(small.reports.rglob("*"))
    try:
        notebook.write_text(nbformat.writes(content), encoding="utf-8")
        done = small.command("publish", "2018", "--unit", "U005", "--unit", "U004")
    finally:
        notebook.write_bytes(original)
    assert done.returncode == 1
    assert "U005" in done.stderr and "第3个单元格" in done.stderr and "planted" in done.stderr
    assert "已发布 2 页，失败 2 页" in done.stdout
    assert (
        before
        and {path: path.read_bytes() for path in (small.reports / "units" / "U005").iterdir()} == before
    )
    assert (small.reports / "notebooks" / "units_U005_scorecard.ipynb").read_bytes() == executed
    assert sorted(small.reports.rglob("*")) == listing, "no new file, not even a temporary one"
    pages = json.loads((small.reports / "manifest.json").read_text(encoding="utf-8"))["pages"]
    assert [stem for stem, page in pages.items() if page["is_stale"]] == [
        "editions/U005/scorecard", "units/U005/scorecard",
    ]  # fmt: skip
    index = (small.reports / "index.html").read_text(encoding="utf-8")
    row = next(line for line in index.split("<tr ") if ">U005</td>" in line)
    assert "过期" in row and index.count('class="stale"') == 2
    again = small.command("publish", "2018", "--unit", "U005")
    assert again.returncode in (0, 3), again.stderr
    assert 'class="stale"' not in (small.reports / "index.html").read_text(encoding="utf-8")


def test_anything_but_blocks_fails_the_publication(small: Project, tmp_path: Path) -> None:
    job = run_list(load_config(2018, small.folder))[0]
    for source in ("print('hello')", "1 + 1", "import warnings; warnings.warn('careful')"):
        content = nbformat.read(job.notebook, as_version=4)
        content.cells.append(nbformat.v4.new_code_cell(source))
        spoiled = tmp_path / "spoiled.ipynb"
        nbformat.write(content, spoiled)
        outcome = publish_page(replace(job, notebook=spoiled), tmp_path / "reports")
        assert outcome.state == "failed" and "U001" in outcome.message, source
        assert not (tmp_path / "reports").exists(), source


class DeadlyPath(type(Path())):  # type: ignore[misc]
    """A path whose text cannot be had in a worker without the worker dying."""

    def __str__(self) -> str:
        if multiprocessing.parent_process() is not None:
            os._exit(1)
        return super().__str__()


def test_a_worker_that_dies_costs_its_page_only(small: Project) -> None:
    config = load_config(2018, small.folder)
    first, second = run_list(config)[:2]
    deadly = replace(first, notebook=DeadlyPath(first.notebook))
    outcomes = publish_pages(config, [deadly, second], n_workers=1)
    assert [outcome.state for outcome in outcomes] == ["failed", "published"]
    assert "U001" in outcomes[0].message


def spoiled(job: Job, source: str, folder: Path) -> Job:
    """The job with a notebook whose third cell is ``source``."""
    content = nbformat.read(job.notebook, as_version=4)
    content.cells.insert(2, nbformat.v4.new_code_cell(source))
    folder.mkdir(parents=True)
    nbformat.write(content, folder / "spoiled.ipynb")
    return replace(job, notebook=folder / "spoiled.ipynb")


DEADLY = {
    "import os; os._exit(0)": "执行到第3个单元格，工作进程意外终止（自行退出，退出码 0）",
    "import ctypes; ctypes.string_at(0)": "执行到第3个单元格，工作进程意外终止（崩溃，信号 SIGSEGV）",
    "taken = bytearray(10**11)": "第3个单元格出错：MemoryError",
    "raise SystemExit(1)": "第3个单元格出错：SystemExit: 1",
    "input()": "第3个单元格出错：NeedsKernelError",
}


@pytest.mark.skipif(os.name == "nt", reason="how POSIX tells of a process's end")
def test_notebooks_that_die_cost_their_pages_only_and_say_how(small: Project, tmp_path: Path) -> None:
    jobs = run_list(load_config(2018, small.folder))[: len(DEADLY) + 1]
    deadly = [spoiled(job, cell, tmp_path / job.unit_id) for job, cell in zip(jobs, DEADLY, strict=False)]
    told: list[Outcome] = []
    for _ in _run_in_processes(tmp_path / "reports", [*deadly, jobs[-1]], 2, told.append, NAME):
        pass
    outcomes = {outcome.stem: outcome for outcome in told}
    for job, words in zip(deadly, DEADLY.values(), strict=True):
        outcome = outcomes[job.stem]
        assert (outcome.state, outcome.cell) == ("failed", 3), outcome
        assert outcome.message.startswith(job.name) and words in outcome.message
    assert outcomes[jobs[-1].stem].state == "published"
    written = {path.name for path in (tmp_path / "reports").rglob("*") if path.is_file()}
    assert written == {"scorecard.html", "scorecard.pdf", f"{jobs[-1].stem.replace('/', '_')}.ipynb"}


def test_a_notebook_that_takes_too_long_is_ended(
    small: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = spoiled(
        run_list(load_config(2018, small.folder))[0], "import time; time.sleep(999)", tmp_path / "book"
    )
    Child(print).end()  # what children are forked from takes its time, once
    monkeypatch.setattr("lianzheng.publish.run.NOTEBOOK_SECONDS", 5)
    outcome = publish_page(job, tmp_path / "reports")
    assert outcome.state == "failed" and "超过 5 秒仍未完成" in outcome.message


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("sent", ["SIGINT", "SIGKILL"])
def test_a_run_that_is_stopped_leaves_no_process(small: Project, tmp_path: Path, sent: str) -> None:
    """Neither the pages under way, nor what they are forked from, nor the programs that their cells have started."""
    notebook = small.folder / "notebooks" / "02_unit_scorecard.ipynb"
    original, mark, begun = notebook.read_bytes(), f"stopped-{uuid.uuid4()}", tmp_path / "begun"
    waiting = f"import subprocess; subprocess.run(['sh', '-c', 'touch {begun}; sleep 999'])"
    job = spoiled(run_list(load_config(2018, small.folder))[0], waiting, tmp_path / "book")
    words = ["--project", str(small.folder), "publish", "2018", "--unit", "U001", "--workers", "2"]
    try:
        notebook.write_bytes(job.notebook.read_bytes())
        run = subprocess.Popen(
            [sys.executable, "-m", "lianzheng.cli", *words],
            env={**os.environ, "MARK": mark},
            stderr=subprocess.PIPE,
        )
        while not begun.exists() and run.poll() is None:
            time.sleep(0.05)
        assert len(processes(mark)) >= 5
        run.send_signal(signal.Signals[sent])
        said = run.communicate(timeout=60)[1].decode("utf-8")
    finally:
        notebook.write_bytes(original)
    assert run.returncode == (130 if sent == "SIGINT" else -signal.SIGKILL), said
    assert said.strip() == ("已中断；原有的表没有改动" if sent == "SIGINT" else "")
    until = time.monotonic() + 30
    while (left := processes(mark)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not left


def test_publishing_before_scoring_says_what_to_run(tmp_path: Path, small: Project) -> None:
    config = load_config(2018, small.folder)
    empty = (
        config.model_copy(update={"project": tmp_path})
        if hasattr(config, "model_copy")
        else replace(config, project=tmp_path)
    )
    with pytest.raises(PublishError, match="lianzheng run"):
        publish_pages(empty, [])
