"""Twenty nights of 24 units by two workers in one process: each gives the same pages, leaves nobody, and holds no more."""

from __future__ import annotations

import os
import shutil
import uuid
from multiprocessing import forkserver, resource_tracker
from pathlib import Path

import pytest

from lianzheng.config import load_config
from lianzheng.publish.jobs import run_list
from lianzheng.publish.run import publish_pages
from tests.executed import processes
from tests.projects import Project
from tests.soak.test_children import memory_kb

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("bureau")]
N_NIGHTS, MOST_KB = 20, 20_000


def test_twenty_nights(bureau: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(bureau.folder, tmp_path / "project")
    config = load_config(2018, tmp_path / "project")
    jobs = run_list(config)
    mark = f"nights-{uuid.uuid4()}"
    monkeypatch.setenv("LIANZHENG_TEST_MARK", mark)
    first: dict[str, bytes] = {}
    held: list[tuple[int, int, int]] = []
    for _ in range(N_NIGHTS):
        made = publish_pages(config, jobs, n_workers=2)
        assert [(one.stem, one.message) for one in made if one.state != "published"] == []
        pages = {name: (config.reports / name).read_bytes() for one in made for name in one.files}
        first = first or pages
        assert pages == first
        del pages  # what is measured is not this test's
        staying = {forkserver._forkserver._forkserver_pid, resource_tracker._resource_tracker._pid}  # type: ignore[attr-defined]
        left = processes(mark) - staying
        assert left == set(), "a child is still there"
        held.append((memory_kb(), memory_kb(forkserver._forkserver._forkserver_pid), n_open()))  # type: ignore[attr-defined]
    print(held)
    (own, servers, opened), later = held[2], held[3:]
    assert max(memory for memory, _, _ in later) < own + MOST_KB
    assert max(memory for _, memory, _ in later) < servers + MOST_KB
    assert {n for _, _, n in later} == {opened}


def n_open() -> int:
    """How many files this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208
