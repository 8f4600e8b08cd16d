"""A small bureau whose files were received, once without tables and once with those of an undisturbed run."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.projects import Project

collect_ignore_glob = [] if sys.platform == "linux" else ["*"]  # these tests fork, limit and look into /proc


@pytest.fixture(scope="session")
def received(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Six units' files, not yet read."""
    project = Project(tmp_path_factory.mktemp("received"))
    done = project.command("demo", str(project.folder), "--units", "6", "--seed", "7")
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture(scope="session")
def finished(received: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same bureau, read and scored."""
    project = copy_of(received, tmp_path_factory.mktemp("finished"))
    for command in ("intake", "score"):
        done = project.command(command)
        assert done.returncode in (0, 3), done.stderr
    return project


def copy_of(project: Project, folder: Path) -> Project:
    """The project in another folder, to be harmed."""
    shutil.copytree(project.folder, folder / "project")
    return Project(folder / "project")
