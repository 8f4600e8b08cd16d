"""Every closed issue code has a file that provokes exactly it; what is odd but right provokes nothing.

The files are made by ``python -m tests.forms.make`` out of the entries in rejects.py and accepts.py.
"""

from __future__ import annotations

import functools
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from lianzheng.config import load_config
from lianzheng.intake import checks, converters, run
from lianzheng.intake.places import list_received
from lianzheng.intake.run import Intake
from lianzheng.issues import KINDS, Issue
from tests.forms.accepts import ACCEPTS
from tests.forms.cases import FOLDER, Accept, Reject
from tests.forms.harness import Desk, broken_check, kept
from tests.forms.make import contents, made
from tests.forms.rejects import REJECTS

MOST_BYTES = 1_500_000
FEWEST_CODES = 40
KEYS = {
    "statistics_by_unit_category_measure": (("period", "category_id", "measure_id"), "value"),
    "scores_by_unit_item_scorer": (("item_id",), "points"),
    "tallies_by_unit_question_option": (("rater_group", "question_id", "option_id"), "n_votes"),
    "rectifications": (("text",), "due_date"),
    "cases": (("case_id",), "closed_date"),
    "self_report_parts": (("part_id",), "n_characters"),
}
"""Table → what tells its rows of one unit apart, and the column whose values are held against what was meant."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    project = tmp_path_factory.mktemp("desk")
    shutil.copytree(FOLDER / "config", project / "config")
    return Desk(load_config(2018, project), kept(FOLDER / "base"))


def committed(case: Reject | Accept) -> dict[str, bytes]:
    """The case's files as they lie in the repository, by the path that they have on the desk."""
    pairs = zip(case.files, case.stored(), strict=True)
    return {path: (FOLDER / place).read_bytes() for path, place in pairs}


def seen_and_gone(desk: Desk, path: str, root: Path) -> list[str]:
    """The files below a folder, of which one is taken away as soon as it was seen."""
    paths = list_received(root)
    desk.withdraw(path)
    return paths


def paths_of(intake: Intake) -> dict[str, str]:
    files = intake.frames["files"]
    return dict(zip(files["file_id"], files["path"], strict=True))


def described(issues: list[Issue], paths: dict[str, str]) -> list[tuple[str, str, str, str, str]]:
    return sorted(
        (i.code, paths.get(i.source.file_id, ""), i.source.sheet, i.source.cell, i.value_seen) for i in issues
    )


@pytest.mark.parametrize("code", sorted(KINDS))
def test_every_code_has_a_file_that_provokes_it(code: str) -> None:
    assert [case.name for case in REJECTS if case.code == code], (
        f"no file in tests/forms/reject provokes {code}"
    )


def test_every_file_is_named_after_a_code_and_comes_from_an_entry() -> None:
    names = {path.stem if path.is_file() else path.name for path in (FOLDER / "reject").iterdir()}
    assert names == {case.name for case in REJECTS}
    assert {name.partition("__")[0] for name in names} == set(KINDS)
    assert len(KINDS) >= FEWEST_CODES
    assert all(re.fullmatch(r"[a-z0-9_]+__[a-z0-9_]+", name) for name in names)
    assert len(REJECTS) == len(names) and len({case.name for case in ACCEPTS}) == len(ACCEPTS)


def test_the_files_are_what_the_maker_makes_and_small() -> None:
    committed_files, made_files = {}, made()
    for folder in ("base", "reject", "accept"):
        committed_files |= {f"{folder}/{path}": data for path, data in kept(FOLDER / folder).items()}
    assert sorted(committed_files) == sorted(made_files)
    assert [p for p, data in made_files.items() if contents(data) != contents(committed_files[p])] == []
    assert sum(map(len, committed_files.values())) < MOST_BYTES


def test_the_base_papers_alone_provoke_nothing(desk: Desk) -> None:
    desk.lay_out({})
    intake, issues = desk.read()
    assert described(issues, paths_of(intake)) == []


@pytest.mark.parametrize("case", REJECTS, ids=lambda case: case.name)
def test_a_rejected_file_provokes_its_code_and_nothing_else(
    case: Reject, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.lay_out(committed(case), case.without)
    if case.is_withdrawn:
        monkeypatch.setattr(run, "list_received", functools.partial(seen_and_gone, desk, case.path))
    if case.is_without_converter:
        monkeypatch.setattr(converters, "find_program", lambda: None)
    if case.is_check_broken:
        monkeypatch.setitem(checks.CHECKS, "statistics", (broken_check,))
    intake, issues = desk.read()
    assert described(issues, paths_of(intake)) == case.issues()
    for issue in issues:
        assert_speaks_to_people(issue)
    stored = intake.frames["issues"].set_index("issue_id")["severity"].to_dict()
    of_intake = [issue for issue in issues if issue.issue_id in stored]
    assert all(stored[issue.issue_id] == KINDS[issue.code].severity for issue in of_intake)


def assert_speaks_to_people(issue: Issue) -> None:
    """What is wrong and what to do, in Chinese, filled, and with what was seen in it."""
    for sentence in (issue.message, issue.remedy):
        assert re.search(r"[\u4e00-\u9fff]{2}", sentence) and not re.search(
            r"\{\w*\}|“”|None|nan", sentence
        ), sentence
    is_of_file = (
        issue.severity == "return_file" and not issue.source.cell
    )  # there its format is what was seen
    assert is_of_file or issue.value_seen in issue.message, issue.message


@pytest.mark.parametrize("case", ACCEPTS, ids=lambda case: case.name)
def test_an_odd_file_is_read_as_it_was_meant_and_provokes_nothing(case: Accept, desk: Desk) -> None:
    desk.lay_out(committed(case))
    intake, issues = desk.read(case.passwords)
    assert sorted(issue.code for issue in issues) == sorted(case.notes)
    assert {KINDS[issue.code].severity for issue in issues} <= {"note"}
    names, column = KEYS[case.table]
    rows = intake.frames[case.table]
    rows = rows[(rows["unit_id"] == "U001") & rows[column].notna()]
    rows = rows[rows["scorer"] == "self"] if "scorer" in rows else rows
    read = {tuple(row[name] for name in names): row[column] for row in rows.to_dict("records")}
    meant = {key if isinstance(key, tuple) else (key,): value for key, value in case.meant.items()}
    assert read.keys() == meant.keys()
    wrong = {key: (value, read[key]) for key, value in meant.items() if not is_same(value, read[key])}
    assert wrong == {}


def is_same(meant: object, read: object) -> bool:
    """Whether a value says what was meant: the same day, or the same number but for binary noise."""
    if isinstance(read, pd.Timestamp):
        return pd.Timestamp(str(meant)) == read
    return abs(float(str(meant)) - float(str(read))) < 1e-9
