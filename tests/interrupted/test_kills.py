"""``lianzheng intake`` and ``score`` killed at random moments, with all their processes; parents killed alone."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.measure import children
from lianzheng.tables import Tables, read_manifest
from tests.executed import wait_for
from tests.interrupted.conftest import copy_of
from tests.projects import Project

MOMENTS = [
    ("intake", 5),
    ("score", 2),
    pytest.param("intake", 20, marks=pytest.mark.soak),
    pytest.param("score", 20, marks=pytest.mark.soak),
]


def start(project: Project, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """A command in a process group of its own."""
    line = [sys.executable, "-m", "lianzheng.cli", "--project", str(project.folder), *arguments]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    settings = {**os.environ, **environment}
    return subprocess.Popen(line, start_new_session=True, cwd=project.folder, env=settings, **quiet)  # type: ignore[call-overload, no-any-return]


def kill_at(project: Project, command: str, seconds: float) -> bool:
    """Start a command and end its process group; False where it was done before."""
    process = start(project, command)
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def files_of(project: Project) -> dict[str, bytes]:
    """Every file of the tables' folder, leftovers too."""
    return {path.name: path.read_bytes() for path in sorted(project.processed.iterdir())}


def readable(project: Project) -> int:
    """How many tables a reader gets; each is verified against the manifest."""
    tables = Tables(project.processed)
    return sum(tables[name] is not None for name in read_manifest(project.processed).get("tables", {}))


def run_seconds(project: Project, command: str) -> float:
    began = time.monotonic()
    assert project.command(command).returncode in (0, 3)
    return time.monotonic() - began


@pytest.mark.parametrize(("command", "n_moments"), MOMENTS)
def test_killed_at_random_moments_a_second_run_gives_the_same_bytes(
    command: str, n_moments: int, finished: Project, tmp_path: Path
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    rng = random.Random(seed)
    project = copy_of(finished, tmp_path)
    min(project.folder.glob("data/raw/2018/units/*/*.xlsx")).unlink()
    if command == "score":
        run_seconds(project, "intake")
    old = copy_of(project, tmp_path / "old")
    seconds = run_seconds(project, command)
    new, n_tables, n_killed = files_of(project), readable(project), 0
    while n_killed < n_moments:
        shutil.rmtree(project.processed)
        shutil.copytree(old.processed, project.processed)
        moment = rng.uniform(0.1, seconds)
        if kill_at(project, command, moment):
            n_killed += 1
        else:
            seconds = moment  # the measured run was the slower one
        assert readable(project) == n_tables
        run_seconds(project, command)
        assert files_of(project) == new


def test_nothing_of_a_killed_run_stays(received: Project, tmp_path: Path) -> None:
    project, temporary = copy_of(received, tmp_path), tmp_path / "temporary"
    temporary.mkdir()
    process = start(project, "intake", TMPDIR=str(temporary))
    wait_for(lambda: any(temporary.glob("lianzheng-run-*/lock")))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert len(list(temporary.iterdir())) == 1
    project.processed.mkdir(parents=True, exist_ok=True)
    for name in (".0123456789ab.7.tmp", ".cells.parquet.7.tmp", f".cells.parquet.{'0' * 16}.new"):
        (project.processed / name).write_bytes(b"half")
    assert project.command("intake", TMPDIR=str(temporary)).returncode == 3
    assert list(temporary.iterdir()) == []
    assert not [path.name for path in project.processed.iterdir() if path.name.startswith(".")]


def test_a_leftover_among_the_received_files_is_not_taken_for_one(received: Project, tmp_path: Path) -> None:
    project = copy_of(received, tmp_path)
    (project.folder / "data/raw/2018/units/.0123456789ab.7.tmp").write_bytes(b"half")
    assert project.command("intake").returncode == 3
    assert not Tables(project.processed)["files"]["path"].str.contains(".tmp", regex=False).any()


@pytest.mark.parametrize("command", ["intake", "forms"])
def test_workers_end_when_their_run_is_gone(command: str, received: Project, tmp_path: Path) -> None:
    project = copy_of(received, tmp_path)
    process = start(project, command, "--workers", "2")
    wait_for(lambda: len(children(process.pid)) >= 2)
    workers = children(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: not any(is_alive(worker) for worker in workers))


def is_alive(pid: int) -> bool:
    """Whether a process still runs; one that has ended, but that nobody has buried, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
