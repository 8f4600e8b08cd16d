"""A run after a run: nothing where nothing has changed; else the pages that the change concerns, and no other."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest

from lianzheng.config import load_config
from lianzheng.publish.incremental import remember
from lianzheng.publish.jobs import run_list
from lianzheng.publish.returns import write_returns
from lianzheng.publish.run import read_reports_manifest
from tests.changes import BY_NAME, leave
from tests.projects import OF_A_RUN, Project
from tests.reruns import copied, make_tables, stale

pytestmark = pytest.mark.xdist_group("small")
CONCERNED = {"intake", "comparison", "statistics", "bulletin", "bulletin_anonymous"}


@pytest.fixture(scope="module")
def settled(small: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the small bureau after a second run."""
    folder = tmp_path_factory.mktemp("rerun") / "project"
    shutil.copytree(small.folder, folder)
    project = Project(folder)
    assert project.command("run", "2018").returncode == 3
    return project


def files(project: Project) -> dict[str, bytes]:
    roots = (project.reports, project.processed)
    return {
        p.relative_to(project.folder).as_posix(): p.read_bytes()
        for root in roots
        for p in root.rglob("*")
        if p.is_file()
    }


def reasons(project: Project) -> dict[str, tuple[str, str]]:
    """State and reason of each page in runs.csv."""
    rows = csv.DictReader(io.StringIO((project.reports / "runs.csv").read_text(encoding="utf-8-sig")))
    return {row["stem"]: (row["state"], row["reason"]) for row in rows}


def test_with_nothing_changed_nothing_is_done(settled: Project) -> None:
    before = files(settled)
    done = settled.command("run", "2018", "--why")
    assert done.returncode == 3 and done.stderr == ""
    *pages, last = done.stdout.splitlines()
    assert (
        len(pages) == 19 and all(line.startswith("不做  ") for line in pages) and last.startswith("没有变化")
    )
    assert files(settled) == before


def test_what_was_deleted_or_edited_is_made_again(settled: Project) -> None:
    before = files(settled)
    (settled.reports / "results.xlsx").unlink()
    (settled.reports / "index.html").write_bytes(b"edited")
    (settled.reports / "editions" / "U003" / "scorecard.pdf").unlink()
    assert settled.command("run", "2018").returncode == 3
    assert {name for name, (state, _) in reasons(settled).items() if state == "published"} == {
        "editions/U003/scorecard"
    }
    after = files(settled)
    kept = {n for n in before if Path(n).name not in OF_A_RUN and "notebooks" not in n}
    assert {name for name in kept if after.get(name) != before[name]} == set()


def test_one_changed_submission_makes_the_pages_that_depend_on_it_and_no_other(settled: Project) -> None:
    BY_NAME["a statistic"].make(settled.folder)
    assert settled.command("run", "2018").returncode == 3
    made = {stem: reason for stem, (state, reason) in reasons(settled).items() if state == "published"}
    assert set(made) == {*CONCERNED, "units/U002/scorecard", "editions/U002/scorecard"}
    assert all(reason.startswith("数据有变化：") for reason in made.values())
    half = {job.stem for job in run_list(load_config(2018, settled.folder))[1::2]}
    assert stale(settled, {*made, *half}) == []


def test_a_unit_that_left_the_roster_leaves_nothing_behind(small: Project, tmp_path: Path) -> None:
    """Its pages would stay with the figures of the last run, linked from nowhere."""
    project = copied(small, tmp_path / "project")
    assert len(list(project.reports.glob("*/U005"))) == 3
    leave("U005", project)
    make_tables(project)
    config = load_config(2018, project.folder)
    remember(config, [], [])
    write_returns(config, ["U004"])
    assert [path for path in project.reports.rglob("*U005*") if path.is_file()] == []
    assert list(project.reports.glob("returns/*5")) == [] != list(project.reports.glob("returns/*"))
    assert all("U005" not in stem for stem in read_reports_manifest(project.reports))
