"""Folders that nobody may write into are told before the hours of work."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interrupted.conftest import copy_of
from tests.interrupted.test_disk_full import assert_one_sentence, everything
from tests.projects import Project

_DROP_FROM_BOUNDING_SET, _OVERRIDE, _READ_SEARCH = 24, 1, 2


def as_nobody_special(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in a child for which permissions hold although it may be root's: it has given up the right to pass over them."""
    libc = ctypes.CDLL(None)

    def give_up() -> None:
        for right in (_OVERRIDE, _READ_SEARCH) if os.geteuid() == 0 else ():
            if libc.prctl(_DROP_FROM_BOUNDING_SET, right, 0, 0, 0):
                raise PermissionError("this root may not give up its rights")

    line = [sys.executable, "-m", "lianzheng.cli", "--project", str(project.folder), *arguments]
    return subprocess.run(line, capture_output=True, encoding="utf-8", preexec_fn=give_up, cwd=project.folder)


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        ("run", "data/processed/2018"), ("run", "data/office"), ("run", "reports"), ("intake", "data/processed/2018"),
        ("ledger", "data/office"), ("score", "data/processed/2018"), ("publish", "reports"), ("returns", "reports"),
        ("forms", "reports"), ("intake", "data"),
    ],
)  # fmt: skip
def test_a_folder_without_permission_is_told_at_the_start(
    command: str, folder: str, finished: Project, tmp_path: Path
) -> None:
    project = copy_of(finished, tmp_path)
    locked = project.folder / folder
    locked.mkdir(parents=True, exist_ok=True)
    before = everything(project.folder)
    (project.folder / "data" / ".run.lock").unlink()
    locked.chmod(0o555)
    try:
        done = as_nobody_special(project, command, "2018")
    finally:
        locked.chmod(0o755)
    assert_one_sentence(done, "没有写入权限", str(locked))
    assert done.stdout == "" and everything(project.folder) == before


def test_tables_that_may_only_be_read_are_read(finished: Project, tmp_path: Path) -> None:
    project = copy_of(finished, tmp_path)
    for folder in (project.processed, project.folder / "data"):
        folder.chmod(0o555)
    try:
        assert as_nobody_special(project, "status", "2018").returncode in (0, 3)
        assert as_nobody_special(project, "trace", "2018", "U001", "total").returncode == 0
    finally:
        for folder in (project.processed, project.folder / "data"):
            folder.chmod(0o755)
