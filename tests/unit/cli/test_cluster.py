"""The executor of a cluster: what it refuses, what becomes of errors, and when it gives up."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from lianzheng.cli import cluster
from lianzheng.cli.cluster import ClusterExecutor, examined, on_cluster
from lianzheng.config import load_config
from lianzheng.errors import ClusterError, InputError, LianzhengError
from lianzheng.processes import RUN_LOCK
from lianzheng.publish.record import surroundings

REPOSITORY = Path(__file__).resolve().parents[3]
RUN = "lianzheng run（office@vm，进程 1）"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A cluster in this process, with one worker."""
    options: dict[str, Any] = {"n_workers": 1, "threads_per_worker": 1, "processes": False}
    with LocalCluster(dashboard_address=None, **options) as made, Client(made, set_as_default=False) as known:
        yield known


@pytest.fixture
def executor(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterExecutor]:
    monkeypatch.setattr(cluster, "_LOOK_SECONDS", 0.02)
    made = ClusterExecutor(client, bool)
    yield made
    made.shutdown(wait=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that a run holds."""
    monkeypatch.setattr("lianzheng.publish.children.warm_up", lambda *unused: None)
    monkeypatch.setattr(cluster, "_LOADED", {})
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    (tmp_path / "data").mkdir()
    (tmp_path / RUN_LOCK).write_text(RUN, encoding="utf-8")
    return tmp_path


def look(project: Path, **other: str) -> None:
    examined(project, 2018, tuple({"run": RUN, **surroundings(project, 2018), **other}.items()))


def fail(error: Exception) -> None:
    raise error


def test_without_an_address_there_is_none_and_nobody_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(2018, REPOSITORY)
    with on_cluster(config, None) as executor:
        assert executor is None
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    for address in ("tcp://127.0.0.1:9", "nowhere at all"):
        with pytest.raises(ClusterError, match=f"连接不上 {address} 的调度器"), on_cluster(config, address):
            pytest.fail("connected")


def test_a_worker_that_sees_the_same_is_fit(project: Path) -> None:
    look(project)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"config": "x"}, "^配置与本机不同"),
        ({"library": "x", "notebooks": "x"}, "^程序、笔记本与本机不同"),
        ({"fonts": "x"}, "^字体与本机不同"),
        ({"environment": "x"}, "程序包的版本与本机不同"),
        ({"run": "another"}, "是另一个文件夹"),
    ],
)
def test_a_worker_that_sees_something_else_is_not(project: Path, other: dict[str, str], words: str) -> None:
    with pytest.raises(ClusterError, match=words):
        look(project, **other)


def test_a_worker_without_the_folder_is_not_and_makes_none(project: Path, tmp_path: Path) -> None:
    wanted = tuple({"run": RUN, **surroundings(project, 2018)}.items())
    with pytest.raises(ClusterError, match="看不到项目文件夹"):
        examined(tmp_path / "elsewhere", 2018, wanted)
    assert not (tmp_path / "elsewhere").exists()


def test_a_worker_that_runs_an_old_library_is_not_though_the_new_one_is_on_its_disk(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_LOADED", {"library": "the old one"})
    with pytest.raises(ClusterError, match=r"^程序与本机不同.*重新启动工作进程"):
        look(project)


def test_results_come_back_and_errors_are_ours(executor: ClusterExecutor) -> None:
    assert executor.submit(divmod, 17, 5).result(10) == (3, 2)
    for error, expected in (
        (InputError("磁盘已满", "清理"), "磁盘已满 → 清理"),
        (KeyError("k"), "集群没有完成任务（KeyError: 'k'）"),
    ):
        said = executor.submit(fail, error).exception(10)
        assert type(said) is (InputError if isinstance(error, InputError) else LianzhengError)
        assert str(said).startswith(expected)


def test_a_worker_that_came_later_is_looked_at_too(client: Client) -> None:
    def refuse() -> None:
        raise ClusterError("配置与本机不同", "重新启动")

    executor = ClusterExecutor(client, refuse)
    said = executor.submit(divmod, 17, 5).exception(10)
    executor.shutdown(wait=False)
    assert isinstance(said, ClusterError) and said.message == "配置与本机不同"


def test_a_cluster_that_lost_its_workers_is_given_up(
    executor: ClusterExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "EMPTY_SECONDS", 0.1)
    monkeypatch.setattr(ClusterExecutor, "_has_workers", lambda self: False)
    monkeypatch.setattr("lianzheng.cli.cluster._hand_on", lambda ours, theirs: None)  # nobody answers
    said = executor.submit(divmod, 17, 5).exception(10)
    assert isinstance(said, ClusterError) and said.message == "0.1 秒以来没有工作进程"


def test_after_the_connection_is_gone_a_task_fails_at_once(client: Client) -> None:
    class Gone:
        def submit(self, *unused: object) -> None:
            raise RuntimeError("cannot schedule new futures after shutdown")

    executor = ClusterExecutor(client, bool)
    executor._tasks = Gone()
    assert "连接已中断" in str(executor.submit(divmod, 17, 5).exception(1))
    executor._is_over.set()
