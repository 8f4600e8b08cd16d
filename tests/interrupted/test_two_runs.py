"""Two runs on one project: the second says who is there, with an exit code of its own; a dead run holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interrupted.conftest import copy_of
from tests.projects import Project

HOLD = """
import sys, time
from pathlib import Path
from lianzheng.processes import one_run
with one_run(Path(sys.argv[1]), "lianzheng run（甲@办公室，进程 7，2018-12-20 08:30 开始）"):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    return copy_of(finished, tmp_path)


@pytest.fixture
def holder(project: Project) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the project."""
    lock = project.folder / "data" / ".run.lock"
    line = [sys.executable, "-c", HOLD, str(lock)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, encoding="utf-8")
    assert process.stdout and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize(
    "command", ["run", "intake", "ledger", "score", "publish", "returns", "forms", "demo"]
)
def test_the_second_run_says_who_is_there(
    command: str, project: Project, holder: subprocess.Popen[str]
) -> None:
    year = () if command == "demo" else ("2018",)
    done = project.command(command, *year)
    error, remedy = done.stderr.splitlines()
    assert done.returncode == 4 and done.stdout == ""
    assert (
        error == "错误：另一次运行正在使用本项目：lianzheng run（甲@办公室，进程 7，2018-12-20 08:30 开始）"
    )
    assert remedy == "处理：请等它结束后再运行"


def test_a_run_that_is_told_to_waits_so_long_and_no_longer(
    project: Project, holder: subprocess.Popen[str]
) -> None:
    left = project.command("publish", "2018", "--unit", "U001", "--wait", "0.5")
    who = "lianzheng run（甲@办公室，进程 7，2018-12-20 08:30 开始）"
    assert (left.returncode, left.stdout) == (4, f"等待另一次运行结束：{who}\n")
    line = [
        sys.executable,
        "-m",
        "lianzheng.cli",
        "--project",
        str(project.folder),
        "publish",
        "--unit",
        "U001",
    ]
    waiting = subprocess.Popen([*line, "--wait"], stdout=subprocess.PIPE, encoding="utf-8")
    assert waiting.stdout and waiting.stdout.readline().startswith("等待另一次运行结束：lianzheng run（甲@")
    assert not (project.reports / "units").exists() and waiting.poll() is None
    holder.kill()
    said, _ = waiting.communicate(timeout=120)
    assert waiting.returncode == 3 and "已发布 2 页" in said
    assert (project.reports / "units" / "U001" / "scorecard.pdf").exists()


def test_reading_goes_on_beside_a_run(project: Project, holder: subprocess.Popen[str]) -> None:
    assert project.command("status", "2018").returncode in (0, 3)
    assert project.command("trace", "2018", "U001", "total").returncode == 0
    assert project.command("status", "2018", "--fresh").returncode == 4


def test_a_killed_run_holds_nothing(project: Project, holder: subprocess.Popen[str]) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (project.folder / "data" / ".run.lock").stat().st_size > 0
    assert project.command("score", "2018").returncode in (0, 3)
    assert (project.folder / "data" / ".run.lock").stat().st_size == 0


def test_a_real_run_is_named_by_command_and_process(project: Project) -> None:
    line = [sys.executable, "-m", "lianzheng.cli", "--project", str(project.folder), "intake", "2018"]
    first = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lock = project.folder / "data" / ".run.lock"
    while first.poll() is None and not lock.read_bytes():
        pass
    os.kill(first.pid, signal.SIGSTOP)
    try:
        done = project.command("intake", "2018")
    finally:
        first.kill()
        first.wait()
    assert done.returncode == 4
    assert "lianzheng intake（" in done.stderr and f"进程 {first.pid}，" in done.stderr
