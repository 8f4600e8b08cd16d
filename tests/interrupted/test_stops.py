"""A run that is killed at any step of its writing: all tables are old or all are new, and a second run mends the rest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.interrupted.conftest import copy_of
from tests.projects import REPOSITORY, Project

Line = dict[str, Any]


def stops(work: str, project: Path, every: int = 1) -> tuple[Line, Line, list[Line]]:
    """What was found before the work, after it, and after each stop (see stops.py)."""
    line = [sys.executable, "-m", "tests.interrupted.stops", work, str(project), str(every)]
    done = subprocess.run(line, capture_output=True, encoding="utf-8", cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    old, new, *stopped = map(json.loads, done.stdout.splitlines())
    assert old["again"] != new["again"], "the new run must write something else"
    return old, new, stopped


def assert_nothing_is_half(old: Line, new: Line, stopped: list[Line]) -> None:
    """Files under final names are whole, and the run after it gives the bytes of an undisturbed one, and no leftover."""
    for stop in stopped:
        for name, sha256 in stop["visible"].items():
            assert sha256 in (old["again"].get(name), new["again"].get(name)), (stop["n"], name)
        assert stop["again"] == new["again"], stop["n"]
    assert not [name for name in new["again"] if name.rpartition("/")[2].startswith(".")]


def assert_one_switch(old: Line, new: Line, stopped: list[Line]) -> None:
    """A reader finds the old tables up to one stop, and the new ones from the next."""
    is_new = [stop["found"] == new["found"] for stop in stopped]
    assert all(stop["found"] in (old["found"], new["found"]) for stop in stopped)
    assert is_new == sorted(is_new) and len(set(is_new)) == 2


def test_three_tables_change_places_at_one_moment_wherever_the_run_is_stopped(tmp_path: Path) -> None:
    old, new, stopped = stops("few", tmp_path)
    assert len(stopped) >= 7 * len(
        new["found"]
    )  # half written, synced, sealed and in its place, before and after
    assert_nothing_is_half(old, new, stopped)
    assert_one_switch(old, new, stopped)
    assert set(new["found"]) - set(old["found"]) == {"site_visits"}


def test_pages_and_return_lists_are_never_half_written(tmp_path: Path) -> None:
    old, new, stopped = stops("pages", tmp_path)
    endings = {name.rpartition(".")[2] for stop in stopped for name in stop["visible"]}
    assert endings == {"html", "pdf", "docx", "xlsx", "ipynb"} and len(stopped) >= 40
    assert_nothing_is_half(old, new, stopped)


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.soak)])
def test_a_publication_takes_its_place_as_a_whole_wherever_the_run_is_stopped(
    tmp_path: Path, every: int
) -> None:
    old, new, stopped = stops("publication", tmp_path, every)
    for line in (old, new, *stopped):  # what readers find is in "found"; these two hold times
        line["visible"] = {}
        line["again"] = {n: h for n, h in line["again"].items() if n not in ("2018/run.log", "2018/runs.csv")}
    for stop in stopped:
        for name, sha256 in stop["found"].items():
            is_whole = sha256 in (old["found"].get(name), new["found"].get(name))
            assert is_whole or name in ("run.log", "runs.csv"), (stop["n"], name)
    assert len(stopped) >= 150 // every
    assert_nothing_is_half(old, new, stopped)
    assert set(old["found"]) - set(new["found"]) == {"returns/U001/list.xlsx"}
    mixed = [stop for stop in stopped if stop["found"] not in (old["found"], new["found"])]
    is_index_new = [stop["found"]["index.html"] == new["found"]["index.html"] for stop in mixed]
    assert len(mixed) < len(stopped) / 5 and not any(is_index_new), (
        "only while files move, and the index comes last"
    )


@pytest.mark.parametrize(
    ("work", "every"),
    [
        ("intake", 17),
        ("score", 13),
        pytest.param("intake", 1, marks=pytest.mark.soak),
        pytest.param("score", 1, marks=pytest.mark.soak),
    ],
)
def test_the_tables_of_a_bureau_change_places_at_one_moment(
    work: str, every: int, received: Project, tmp_path: Path
) -> None:
    old, new, stopped = stops(work, copy_of(received, tmp_path).folder, every)
    assert len(stopped) >= 5
    assert_nothing_is_half(old, new, stopped)
    assert_one_switch(old, new, stopped)
