"""Two runs in other folders, at other times, with another hash seed and worker count: the same bytes."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.projects import OF_A_RUN, REPOSITORY, Project, made

pytestmark = pytest.mark.xdist_group("small")


def contents(project: Project) -> dict[str, bytes]:
    """Every published file and every table by its place, but for what may hold times."""
    published = [
        path
        for path in project.reports.rglob("*")
        if path.is_file() and path.parent.name != "notebooks" and path.name not in OF_A_RUN
    ]
    stored = [path for path in project.processed.iterdir() if path.is_file()]
    return {path.relative_to(project.folder).as_posix(): path.read_bytes() for path in (*published, *stored)}


@pytest.fixture(scope="module")
def again(small: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small bureau made once more from the same seed."""
    time.sleep(2.1)  # zip entries count in steps of two seconds
    folder = tmp_path_factory.mktemp("elsewhere") / "another name 另一处"
    shutil.copytree(REPOSITORY / "notebooks", folder / "notebooks")
    arguments = (str(folder), "--units", "6", "--seed", "7")
    return made(folder, *arguments, run=("--workers", "1"), PYTHONHASHSEED="2")


def test_the_same_files_come_out(small: Project, again: Project) -> None:
    first, second = contents(small), contents(again)
    kinds = {Path(name).suffix for name in first}
    assert {".html", ".pdf", ".docx", ".parquet", ".json"} <= kinds
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []


def test_what_was_received_is_the_same_too(small: Project, again: Project) -> None:
    def received(project: Project) -> dict[str, bytes]:
        folder = project.folder / "data" / "raw"
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    assert received(small) == received(again)
