"""Finished projects, each made once by the command line: the sample bureau, a small one to play with, a poisoned one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]

OF_A_RUN = {"run.log", "runs.csv", "run.txt", "run.html"}
"""Names of the reports that say when a run was and how long it took: no two of them are equal."""


@dataclass(frozen=True)
class Project:
    """A project folder and what the command line said when it was made."""

    folder: Path
    output: str = ""
    exit_code: int = 0

    @property
    def reports(self) -> Path:
        return self.folder / "reports" / "2018"

    @property
    def processed(self) -> Path:
        return self.folder / "data" / "processed" / "2018"

    def pages(self, suffix: str) -> list[Path]:
        """What notebooks became; the return lists are no pages."""
        found = self.reports.rglob(f"*.{suffix}")
        return sorted(path for path in found if "returns" not in path.relative_to(self.reports).parts)

    def command(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one command of the command line in this project."""
        line = [sys.executable, "-m", "lianzheng.cli", "--project", str(self.folder), *arguments]
        settings = {**os.environ, **environment}
        return subprocess.run(
            line, capture_output=True, text=True, encoding="utf-8", env=settings, cwd=self.folder
        )


def made(folder: Path, *demo: str, run: tuple[str, ...] = (), **environment: str) -> Project:
    """Write a bureau into ``folder`` and run the main job on it, with more words for either command."""
    project = Project(folder)
    for arguments in (("demo", *demo), ("run", "2018", *run)):
        done = project.command(*arguments, **environment)
        assert done.returncode in (0, 3), done.stdout + done.stderr
    return Project(folder, done.stdout + done.stderr, done.returncode)


def copied(folder: Path) -> Path:
    """The repository's configuration and notebooks in a folder of their own."""
    for part in ("config", "notebooks"):
        shutil.copytree(REPOSITORY / part, folder / part)
    return folder


@pytest.fixture(scope="session")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The sample bureau of 24 units, with its truth beside it in ``truth/``."""
    folder = copied(tmp_path_factory.mktemp("bureau"))
    return made(folder, "--truth", str(folder / "truth"))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A bureau of six units from another seed, with notebooks of its own."""
    folder = tmp_path_factory.mktemp("small")
    shutil.copytree(REPOSITORY / "notebooks", folder / "notebooks")
    return made(folder, str(folder), "--units", "6", "--seed", "7", PYTHONHASHSEED="1")


@pytest.fixture(scope="session")
def injected(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A bureau in which every text that people write would do harm if it were taken at its word, run once."""
    from tests.injected import make_injected

    return make_injected(tmp_path_factory.mktemp("injected"))
