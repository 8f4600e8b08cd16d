"""Reruns after many changes: each one alone, many at random over the sample bureau, and against a run from nothing."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import openpyxl
import pytest

from lianzheng.config import load_config
from lianzheng.publish.jobs import run_list
from tests.changes import ALWAYS, BULLETINS, BY_NAME, CHANGES, Change, leave
from tests.projects import OF_A_RUN, Project
from tests.reruns import (
    copied,
    due,
    make_tables,
    opened,
    scorecards,
    seen_and_read,
    shown,
    stale,
    without_unread,
)

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("small")]
N_ROUNDS, N_CHANGES = 12, 3
SHEETS, TEXTS = (".xlsx",), (".csv",)
RULES = (
    ("when: not_visited_last_cycle, treatment: redistribute", "when: not_visited_last_cycle, treatment: group_mean"),
    ("when: declared, treatment: redistribute", "when: declared, treatment: group_mean"),
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_alone(small: Project, change: Change, tmp_path: Path) -> None:
    project = copied(small, tmp_path / "project")
    change.make(project.folder)
    make_tables(project)
    made = due(project)
    assert set(made) == scorecards(*change.units) | ALWAYS | change.pages
    assert stale(project, made) == []


def test_what_a_run_for_one_unit_or_a_failure_has_left_the_next_one_makes(
    small: Project, tmp_path: Path
) -> None:
    project = copied(small, tmp_path / "project")
    book = project.folder / "notebooks" / "05_statistics.ipynb"
    whole = book.read_text(encoding="utf-8")
    BY_NAME["a statistic"].make(project.folder)
    BY_NAME["another material"].make(project.folder)
    BY_NAME["a team's score"].make(project.folder)
    assert project.command("run", "2018", "--unit", "U003", "--workers", "1").returncode == 3
    assert set(due(project)) == {*ALWAYS, *BULLETINS, "statistics", *scorecards("U002")}
    book.write_text(whole.replace("page.workload()", "page.no_such_thing()"), encoding="utf-8")
    failed = project.command("run", "2018", "--workers", "1")
    assert failed.returncode == 1 and "自查统计" in failed.stderr
    assert set(due(project)) == {"statistics"}
    assert project.command("run", "2018", "--workers", "1").returncode == 1
    book.write_text(whole, encoding="utf-8")
    assert due(project) == {"statistics": "上次未能更新"}
    assert project.command("run", "2018", "--workers", "1").returncode == 3
    assert due(project) == {}
    assert stale(project, scorecards("U001", "U004", "U005", "U006")) == []


def test_reruns_make_what_a_run_from_nothing_makes(small: Project, tmp_path: Path) -> None:
    """Pages, workbooks, return lists and index; after each step of a cycle, one of them tables made by hand."""
    project = copied(small, tmp_path / "project")
    steps = [["a team's score"], ["a late paper", "a finding's text"], ["a removed file", "a file that nobody knows"], ["a hand tally"]]  # fmt: skip
    for number, names in enumerate(steps):
        for name in names:
            BY_NAME[name].make(project.folder)
        if number == 2:
            leave("U005", project)
        if number == 1:
            for command in ("intake", "score", "publish"):
                assert project.command(command, "2018").returncode in (0, 3)
        assert project.command("run", "2018").returncode == 3
        assert due(project) == {}
        anew = copied(project, tmp_path / f"anew{number}")
        shutil.rmtree(anew.reports)
        shutil.rmtree(anew.processed)
        (anew.folder / "data" / ".last-run-2018.json").unlink()
        assert anew.command("run", "2018").returncode == 3
        assert published_files(project) == published_files(anew)


def published_files(project: Project) -> dict[str, bytes]:
    """What readers get, but for what tells of the run itself."""
    found = (path for path in project.reports.rglob("*") if path.is_file() and path.suffix != ".ipynb")
    return {
        p.relative_to(project.reports).as_posix(): p.read_bytes()
        for p in found
        if p.name not in {*OF_A_RUN, "manifest.json"}
    }


def test_no_page_of_the_sample_bureau_needs_more_than_it_says(bureau: Project, tmp_path: Path) -> None:
    """With the means of groups too, which rest on other units' scores."""
    project = copied(bureau, tmp_path / "project")
    standard = project.folder / "config" / "2018" / "standard.yml"
    text = standard.read_text(encoding="utf-8")
    for old, new in RULES:
        assert old in text
        text = text.replace(old, new)
    standard.write_text(text, encoding="utf-8")
    make_tables(project)
    others = []
    for job in run_list(load_config(2018, project.folder)):
        now, reads = seen_and_read(job)
        with opened(without_unread(project, reads)):
            others += [job.stem] if shown(job) != now else []
    assert others == []


@pytest.mark.parametrize("seed", range(N_ROUNDS))
def test_changes_at_random(bureau: Project, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    project = copied(bureau, tmp_path / "project")
    told = [changed(project, chance) for _ in range(N_CHANGES)]
    make_tables(project)
    made = due(project)
    print(f"seed {seed}: {told}, due {len(made)}")
    assert stale(project, made) == [], told


def changed(project: Project, chance: random.Random) -> str:
    """Change a file that was received, or the ledger, somewhere; says what was done."""
    roots = (project.folder / "data" / "raw" / "2018", project.folder / "data" / "office" / "2018")
    files = sorted(
        path for root in roots for path in root.rglob("*") if path.is_file() and path.name[0] != "."
    )
    kind = chance.choice(["cell"] * 6 + ["line"] * 3 + ["rename", "remove", "copy"])
    suffixes = SHEETS if kind == "cell" else TEXTS if kind == "line" else ()
    path = chance.choice([path for path in files if path.suffix in suffixes or not suffixes])
    where = f"{kind} {path.relative_to(project.folder)}"
    if kind == "cell":
        return f"{where} {_other_cell(path, chance)}"
    if kind == "line":
        lines = path.read_bytes().splitlines(keepends=True)
        number = chance.randrange(len(lines))
        lines[number : number + 1] = chance.choice(
            [[], [lines[number]] * 2, [lines[number].replace(b"1", b"2")]]
        )
        path.write_bytes(b"".join(lines))
        return f"{where} {number + 1}"
    if kind == "rename":
        path.rename(path.with_name(f"新{path.name}"))
    elif kind == "remove":
        path.unlink()
    else:
        other = chance.choice(files).parent / f"又{path.name}"
        shutil.copy(path, other)
        where = f"{where} → {other.relative_to(project.folder)}"
    return where


def _other_cell(path: Path, chance: random.Random) -> str:
    """One cell becomes another number, another cell's value, or empty."""
    book = openpyxl.load_workbook(path)
    sheet = chance.choice([sheet for sheet in book.worksheets if sheet.max_row > 1] or book.worksheets)
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    numbers = [cell for cell in cells if isinstance(cell.value, (int, float))]
    cell = chance.choice(numbers if numbers and chance.random() < 0.7 else cells)
    other = chance.choice(cells).value
    cell.value = chance.choice([cell.value + 1, 0, None]) if cell in numbers else chance.choice([other, None])
    book.save(path)
    return f"{sheet.title}!{cell.coordinate}"
