"""A night's run over 24 units, killed at random moments: old reports or new ones, never half, and a rerun completes them."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import signal
import time
import uuid
from pathlib import Path

import openpyxl
import pytest

from tests.executed import processes
from tests.interrupted.conftest import copy_of
from tests.interrupted.test_kills import start, wait_for
from tests.projects import OF_A_RUN, Project

"""What says when a run was and how long it took."""


@pytest.fixture(scope="module")
def before(bureau: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The sample bureau after its run, and then another number in one unit's statistics form."""
    project = copy_of(bureau, tmp_path_factory.mktemp("night"))
    path = min(project.folder.glob("data/raw/2018/units/*/附件2*.xlsx"))
    book = openpyxl.load_workbook(path)
    for place, value in (("C8", 3), ("D8", 3), ("E8", 0.5), ("J8", 3)):
        book.worksheets[0][place] = value
    book.save(path)
    return project


def files_of(project: Project) -> dict[str, bytes]:
    """All that readers find: tables and reports, each by its place in the project."""
    found = [path for root in (project.processed, project.reports) for path in root.rglob("*")]
    return {
        path.relative_to(project.folder).as_posix(): path.read_bytes() for path in found if path.is_file()
    }


def lasting(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files that another run on the same input gives byte for byte; executed notebooks hold their times."""
    return {
        name: data
        for name, data in files.items()
        if Path(name).name not in OF_A_RUN and not name.endswith(".ipynb")
    }


def assert_nothing_is_half(files: dict[str, bytes], *whole: dict[str, bytes]) -> None:
    """Every file is that of one of the ``whole`` states; the manifest of the tables fits the files, whichever these are."""
    seen = {name: data for name, data in lasting(files).items() if not Path(name).name.startswith(".")}
    tables = json.loads(seen.pop("data/processed/2018/manifest.json"))["tables"]
    shas = {hashlib.sha256(data).hexdigest() for name, data in files.items() if ".parquet" in name}
    assert {entry["sha256"] for entry in tables.values()} <= shas
    assert {name for name, data in seen.items() if data not in [state.get(name) for state in whole]} == set()
    for name, data in files.items():
        if name.endswith(".ipynb"):
            assert json.loads(data)["cells"], name


@pytest.mark.parametrize(
    ("n_kills", "more"), [(5, ()), pytest.param(50, ("--all",), marks=pytest.mark.soak)], ids=["few", "many"]
)
def test_a_killed_night_leaves_whole_reports_and_the_next_run_completes_them(
    before: Project, n_kills: int, more: tuple[str, ...], tmp_path: Path
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    rng, n_killed = random.Random(seed), 0
    undisturbed = copy_of(before, tmp_path / "undisturbed")
    old = lasting(files_of(undisturbed))
    # all read anew and nothing scored: the issues are those of intake only
    half_way = copy_of(before, tmp_path / "half_way")
    assert half_way.command("intake").returncode == 3
    middle = lasting(files_of(half_way))
    began = time.monotonic()
    assert undisturbed.command("run", *more).returncode == 3
    new, seconds = lasting(files_of(undisturbed)), time.monotonic() - began
    assert {name for name in new if new[name] != old.get(name)}, "the new run must write something else"
    while n_killed < n_kills:
        project, mark = copy_of(before, tmp_path / "killed"), f"night-{uuid.uuid4()}"
        process, moment = start(project, "run", *more, LIANZHENG_TEST_MARK=mark), rng.uniform(0.1, seconds)
        time.sleep(moment)
        process.kill()
        if process.wait() == -signal.SIGKILL:
            n_killed += 1
        else:
            seconds = moment  # the measured run was the slower one
        wait_for(lambda mark=mark: not processes(mark), 20)  # type: ignore[misc]
        assert_nothing_is_half(files_of(project), old, middle, new)
        done = project.command("run", *more)
        assert done.returncode == 3, done.stderr
        assert lasting(files_of(project)) == new, f"killed after {moment:.2f} s"
        assert not list((project.folder / "reports").glob(".*.new")), (
            "the place where it was gathered is cleared"
        )
        shutil.rmtree(project.folder.parent)
