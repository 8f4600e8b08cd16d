"""No page shows what it did not say that it reads, and every change makes the pages that it concerns, and no other.

The first test is the stronger: it changes everything that a page has not named, at once. It cannot see rows that are
new, which the second does, change by change.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lianzheng.config import load_config
from lianzheng.publish.jobs import run_list
from tests.changes import ALWAYS, BY_NAME, CHANGES, EVERYBODY, PAGES, VISITS, filled, renamed
from tests.projects import Project
from tests.reruns import (
    copied,
    due,
    make_tables,
    opened,
    published,
    scorecards,
    shown,
    stale,
    told_reads,
    without_unread,
)

pytestmark = pytest.mark.xdist_group("small")
TOGETHER = {
    "scores": ["a team's score", "a unit's own score", "last year's score", "another material"],
    "findings": ["a finding's text", "evidence"],
    "votes": ["a ballot", "a hand tally"],
    "ledger": ["a line of the ledger", "a feedback"],
    "receipts": ["a second list of receipts"],
    "visits": ["a visit", "a talk", "ballots issued"],
    "files": ["a unit's file that nobody knows", "a renamed file", "a file that nobody knows"],
}
"""Changes that are made at one time here; each alone in tests/soak/test_reruns.py."""


@pytest.fixture(scope="module")
def settled(small: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the small bureau after another run, whatever other tests have made of it."""
    project = copied(small, tmp_path_factory.mktemp("reads") / "project")
    assert project.command("run", "2018").returncode == 3
    return project


def test_a_page_needs_nothing_but_what_it_says_that_it_reads(settled: Project) -> None:
    reads, others = told_reads(settled), []
    for job in run_list(load_config(2018, settled.folder)):
        with opened(without_unread(settled, reads[job.stem])):
            others += [job.stem] if shown(job) != published(settled, job.stem) else []
    assert others == []


@pytest.mark.parametrize(
    "lost",
    ["site_visits/unit_id/U002", "items", "results_by_unit/unit_id/U002"],
)  # fmt: skip
def test_a_read_that_is_not_told_shows(settled: Project, lost: str) -> None:
    job = next(
        job for job in run_list(load_config(2018, settled.folder)) if job.stem == "units/U002/scorecard"
    )
    reads = told_reads(settled)[job.stem]
    assert lost in reads
    with opened(without_unread(settled, set(reads) - {lost})):
        try:
            assert shown(job) != published(settled, job.stem)
        except (KeyError, IndexError):  # nothing is there of what is needed
            return


@pytest.mark.parametrize("names", TOGETHER.values(), ids=TOGETHER)
def test_changes_make_the_pages_that_they_concern_and_no_other(
    settled: Project, names: list[str], tmp_path: Path
) -> None:
    project, changes = copied(settled, tmp_path / "project"), [BY_NAME[name] for name in names]
    for change in changes:
        change.make(project.folder)
    make_tables(project)
    made = due(project)
    units = {unit_id for change in changes for unit_id in change.units}
    assert set(made) == scorecards(*units) | ALWAYS.union(*(change.pages for change in changes))
    assert all(reason.startswith("数据有变化：") for reason in made.values())
    half = {job.stem for job in run_list(load_config(2018, project.folder))[:: 1 + len(made) % 2]}
    assert stale(project, {*made, *half}) == []


def test_of_a_file_whose_name_is_masked_the_content_still_counts(settled: Project, tmp_path: Path) -> None:
    """The unit's edition knows the file as 某单位.xlsx; it shows the sha256 all the same."""
    project = copied(settled, tmp_path / "project")
    renamed(VISITS, "现场检查情况表（上湾技术）.xlsx")(project.folder)
    assert project.command("run", "2018", "--unit", "U002", "--workers", "1").returncode == 3
    assert scorecards("U002").isdisjoint(due(project))
    filled(VISITS, {"C7": 20})(project.folder)  # another unit's row
    make_tables(project)
    assert scorecards("U002") <= set(due(project))


def test_a_text_of_the_configuration_makes_every_page_and_a_notebook_its_own(
    settled: Project, tmp_path: Path
) -> None:
    project = copied(settled, tmp_path / "project")
    book = project.folder / "notebooks" / "05_statistics.ipynb"
    book.write_text(book.read_text(encoding="utf-8").replace("page.workload()", "page.workload() "), "utf-8")
    assert due(project) == {"statistics": "笔记本有变化"}
    every_page = {*scorecards(*EVERYBODY), *PAGES}
    files = [*project.folder.glob("config/2018/*.*"), project.folder / "config" / "2017" / "visits.csv"]
    for path in files:
        text = path.read_bytes()
        path.write_bytes(text + b"\n")
        assert set(due(project)) == every_page, path
        path.write_bytes(text)
    assert len(files) == 16


def test_every_change_is_told_apart() -> None:
    assert len(BY_NAME) == len(CHANGES)
