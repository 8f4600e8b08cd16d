"""A full disk is told before the work or at the file that no longer fits, and what was there stays as it was.

The quota is the system's own limit on the size of a file (RLIMIT_FSIZE), which needs no rights and holds for workers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interrupted.conftest import copy_of
from tests.projects import Project

QUOTA_BYTES = 4096


def limited(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command under the quota, with a temporary folder of its own below the project."""

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (QUOTA_BYTES, QUOTA_BYTES))

    temporary = project.folder / "temporary"
    temporary.mkdir(exist_ok=True)
    line = [sys.executable, "-m", "lianzheng.cli", "--project", str(project.folder), *arguments]
    settings = {**os.environ, "TMPDIR": str(temporary)}
    return subprocess.run(
        line, capture_output=True, encoding="utf-8", preexec_fn=limit, env=settings, cwd=project.folder
    )


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too, but for the lock and the log."""
    kept = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in kept
        if p.name not in (".run.lock", "run.log")
    }


def assert_one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The command failed, and said in one sentence why, and in another what to do."""
    assert done.returncode == 1, done.stdout + done.stderr
    error, remedy = done.stderr.splitlines()
    assert error.startswith("错误：") and remedy.startswith("处理：请"), done.stderr
    for word in words:
        assert word in error, done.stderr


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        ("intake", "data/processed/2018"),
        ("score", "data/processed/2018"),
        ("ledger", "data/processed/2018"),
        ("forms", "temporary"),  # there openpyxl makes the sheets of a workbook
        ("returns", "temporary"),
    ],
)
def test_a_disk_that_fills_up_is_told_with_its_folder_and_nothing_is_lost(
    command: str, folder: str, finished: Project, tmp_path: Path
) -> None:
    project = copy_of(finished, tmp_path)
    before = everything(project.folder)
    done = limited(project, command, "2018")
    assert_one_sentence(done, "磁盘已满或超出配额", str(project.folder / folder), "剩余")
    after = everything(project.folder)
    assert {name: after.get(name) for name in before} == before
    assert all(len(data) <= QUOTA_BYTES for name, data in after.items() if name not in before)
    assert not [name for name in set(after) - set(before) if Path(name).name.startswith(".")]


def test_a_page_that_does_not_fit_is_not_published_and_the_old_one_stays(
    finished: Project, tmp_path: Path
) -> None:
    project = copy_of(finished, tmp_path)
    old = project.reports / "units" / "U001" / "scorecard.pdf"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    done = limited(project, "publish", "2018", "--unit", "U001")
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert old.read_bytes() == b"old"
    assert [path.name for path in old.parent.iterdir()] == ["scorecard.pdf"]


def test_too_little_room_is_told_before_anything_is_read(received: Project, tmp_path: Path) -> None:
    project = copy_of(received, tmp_path)
    large = project.folder / "data/raw/2018/units/large.xlsx"
    large.touch()
    os.truncate(large, shutil.disk_usage(tmp_path).free + 10**9)  # a hole: it takes no room itself
    done = project.command("run", "2018")
    assert_one_sentence(done, "磁盘空间不足", str(project.processed), "剩余", "估计需要")
    assert done.stdout == "" and list(project.processed.iterdir()) == []
