"""``--cluster``: on a Dask cluster whose workers are killed a run gives the bytes of a local one, and leaves no process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.measure import children
from lianzheng.config import load_config
from lianzheng.errors import ClusterError, LianzhengError
from lianzheng.publish.jobs import Job, run_list
from lianzheng.publish.run import Outcome, publish_page, publish_pages
from tests.executed import processes, timeless, wait_for
from tests.projects import OF_A_RUN, Project

pytestmark = [
    pytest.mark.xdist_group("small"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]
MARK = "LIANZHENG_TEST_CLUSTER"


class Cluster:
    """A scheduler and workers, each a process of its own, that find each other by a file."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "scheduler.json"
        self.mark = f"{MARK}={folder}"
        self.log = (folder / "log").open("wb")
        self.started = [self.start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")]
        wait_for(lambda: self.file.exists() and bool(self.file.read_bytes()))
        self.address: str = json.loads(self.file.read_bytes())["address"]

    def start(self, program: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        line = [sys.executable, "-m", f"distributed.cli.{program}", "--scheduler-file", str(self.file), "--no-dashboard"]  # fmt: skip
        settings = {**os.environ, MARK: str(self.folder), **environment}
        return subprocess.Popen([*line, *arguments], env=settings, stdout=self.log, stderr=self.log)

    def add_worker(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """One with a thread, and no nanny unless ``arguments`` say so."""
        means = ("--host", "127.0.0.1", "--nthreads", "1", "--local-directory", str(self.folder))
        worker = self.start("dask_worker", *means, *(arguments or ("--no-nanny",)), **environment)
        self.started.append(worker)
        return worker

    def wait_for_workers(self) -> None:
        """Until all that were started are known to the scheduler."""
        registered, n_workers = b"Registered to: ", len(self.started) - 1
        wait_for(lambda: (self.folder / "log").read_bytes().count(registered) == n_workers)

    def end(self) -> None:
        for process in self.started:
            process.kill()
            process.wait()
        self.log.close()


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler; when all is over nothing of the cluster runs, what killed workers had started neither."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield made
    finally:
        made.end()
    wait_for(lambda: not processes(made.mark), 10)


@pytest.fixture
def unread(small: Project, tmp_path: Path) -> Project:
    """What the small bureau has received, and nothing made of it."""
    for part in ("config", "notebooks", "data/raw"):
        shutil.copytree(small.folder / part, tmp_path / "project" / part)
    return Project(tmp_path / "project")


def is_at_work(worker: subprocess.Popen[bytes]) -> bool:
    """Whether it has a file or a page in hand: a process forked from the one that it forks from."""
    return any(children(child) for child in children(worker.pid))


def kill_at_work(workers: list[subprocess.Popen[bytes]]) -> None:
    """End the first worker that is in the middle of something, and take it from the list."""
    busy: list[subprocess.Popen[bytes]] = []
    wait_for(lambda: bool(busy.extend(filter(is_at_work, workers)) or busy))
    workers.remove(busy[0])
    busy[0].kill()


def contents(project: Project) -> dict[str, Any]:
    """Tables, pages and workbooks as bytes, executed notebooks without times and places; not what tells of the run."""
    found: dict[str, Any] = {}
    for folder in (project.reports, project.processed):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name, data = path.relative_to(project.folder).as_posix(), path.read_bytes()
            if path.suffix == ".ipynb":
                found[name] = timeless(json.loads(data.replace(str(project.folder).encode(), b"project")))
            elif path.name not in OF_A_RUN:
                found[name] = data
    return found


def test_workers_killed_over_a_file_and_over_a_page_change_no_byte(
    small: Project, unread: Project, cluster: Cluster
) -> None:
    workers = [cluster.add_worker(), cluster.add_worker()]
    line = [sys.executable, "-m", "lianzheng.cli", "--project", str(unread.folder), "run", "--cluster", cluster.address]  # fmt: skip
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as run:
        kill_at_work(workers)
        assert not (unread.processed / "manifest.json").exists(), "in the middle of the intake"
        cluster.add_worker()  # nobody has examined this one beforehand
        journal = unread.reports.parent / ".2018.new" / ".journal"
        wait_for(lambda: journal.exists() and bool(journal.read_bytes()))
        kill_at_work(workers)
        assert run.poll() is None
        said, wrong = run.communicate(timeout=300)
    assert (run.returncode, wrong) == (3, "")
    assert said.splitlines()[-1].startswith("已发布 19 页，失败 0 页")
    local, remote = contents(small), contents(unread)
    assert sorted(local) == sorted(remote) and any(name.endswith(".pdf") for name in local)
    assert [name for name in local if local[name] != remote[name]] == []
    office = "data/office/2018/rectifications.xlsx"
    assert (small.folder / office).read_bytes() == (unread.folder / office).read_bytes()


def test_workers_that_would_make_something_else_get_nothing_to_do(unread: Project, cluster: Cluster, tmp_path: Path) -> None:  # fmt: skip
    (tmp_path / "fonts").mkdir()
    done = unread.command("intake", "--cluster", cluster.address)
    assert done.returncode == 1 and "没有工作进程" in done.stderr and "处理：请启动工作进程" in done.stderr
    for arguments, environment, words in (
        (("--no-nanny",), {"LIANZHENG_FONTS": str(tmp_path / "fonts")}, "Python、字体设置或程序包的版本与本机不同"),
        (("--nanny",), {}, "不能启动自己的进程"),
    ):  # fmt: skip
        worker = cluster.add_worker(*arguments, **environment)
        cluster.wait_for_workers()
        done = unread.command("intake", "--cluster", cluster.address)
        assert done.returncode == 1 and f"工作进程 {cluster.address[:15]}" in done.stderr, done.stderr
        assert words in done.stderr and "Traceback" not in done.stderr
        worker.terminate()
        worker.wait()
    assert not unread.processed.exists() or not (unread.processed / "manifest.json").exists()


def test_a_worker_with_a_nanny_makes_a_page(small: Project, cluster: Cluster) -> None:
    cluster.add_worker("--nanny", DASK_DISTRIBUTED__WORKER__DAEMON="False")
    cluster.wait_for_workers()
    name = "units/U004/scorecard.html"
    before = (small.reports / name).read_bytes()
    done = small.command("publish", "--all", "--unit", "U004", "--cluster", cluster.address)
    assert done.returncode == 3 and "已发布 2 页，失败 0 页" in done.stdout, done.stdout + done.stderr
    assert (small.reports / name).read_bytes() == before


def test_a_task_that_the_cluster_lost_costs_its_page(small: Project, tmp_path: Path) -> None:
    class Lossy(ThreadPoolExecutor):
        def submit(self, function: Any, /, job: Job, *arguments: Any) -> Any:
            lost = Outcome(job.stem, job.unit_id, "published", 1.0)
            return super().submit(fail if job.unit_id == "U002" else lambda: lost)

    def fail() -> None:
        raise LianzhengError("集群没有完成任务（KilledWorker）", "重新运行")

    config = replace(load_config(2018, small.folder), reports_folder=tmp_path)
    jobs, told = run_list(config)[:4], list[Outcome]()
    with Lossy(1) as executor:
        outcomes = publish_pages(config, jobs, on_done=told.append, executor=executor)
    assert [one.stem for one in outcomes] == [job.stem for job in jobs]
    assert [one.state for one in outcomes] == ["published", "failed", "published", "published"]
    assert outcomes[1].message.startswith("U002 单位评分单：集群没有完成任务（KilledWorker）")
    assert sorted(told, key=lambda one: one.stem) == outcomes


def test_without_its_cluster_the_run_ends_and_what_was_made_counts(small: Project, tmp_path: Path) -> None:
    class Gone(ThreadPoolExecutor):
        def submit(self, function: Any, /, job: Job, *arguments: Any) -> Any:
            made = Outcome(job.stem, job.unit_id, "published", 1.0)
            return super().submit(fail if job.unit_id == "U002" else lambda: made)

    def fail() -> None:
        raise ClusterError("与调度器的连接已中断", "重新运行")

    config = replace(load_config(2018, small.folder), reports_folder=tmp_path)
    told: list[Outcome] = []
    with Gone(1) as executor, pytest.raises(ClusterError, match="连接已中断"):
        publish_pages(config, run_list(config)[:4], on_done=told.append, executor=executor)
    assert [one.stem for one in told] == ["units/U001/scorecard"]


def test_a_page_whose_run_is_no_more_is_not_written(small: Project, tmp_path: Path) -> None:
    job = run_list(load_config(2018, small.folder))[0]
    outcome = publish_page(job, tmp_path / "reports", run="lianzheng run（另一次）")
    assert outcome.state == "failed" and "那次运行已经结束" in outcome.message
    assert not (tmp_path / "reports").exists()
