"""Files in batches by an executor: what a batch takes along, in which order it comes back, how many are under way."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from lianzheng.config import load_config
from lianzheng.errors import ClusterError
from lianzheng.intake import batches
from lianzheng.intake.batches import read_batch, read_by_executor
from lianzheng.intake.files import read_in_worker
from lianzheng.intake.passwords import NO_PASSWORDS, Passwords
from lianzheng.intake.received import Received

REPOSITORY = Path(__file__).resolve().parents[3]
CONFIG = load_config(2018, REPOSITORY)


class Answers(Executor):
    """Answers each task at once with its paths in capitals; ``taken`` holds what the tasks took along."""

    def __init__(self) -> None:
        self.taken: list[tuple[Any, ...]] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **unused: Any) -> Future[Any]:
        self.taken.append(arguments)
        found = Future[Any]()
        found.set_result([path.upper() for path in arguments[2]])
        return found


def test_what_comes_back_is_in_the_order_of_the_paths_and_little_is_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "_BATCHES", 5)
    monkeypatch.setattr(batches, "_LARGEST", 3)
    monkeypatch.setattr(batches, "_UNDER_WAY", 2)
    executor, paths = Answers(), [f"f{number:02}.xlsx" for number in range(17)]
    found = read_by_executor(executor, paths, CONFIG, NO_PASSWORDS)
    assert next(found) == "F00.XLSX" and [len(taken[2]) for taken in executor.taken] == [3, 3]
    assert [*found] == [path.upper() for path in paths[1:]]
    assert [len(taken[2]) for taken in executor.taken] == [3, 3, 3, 3, 3, 2]


def test_a_batch_takes_along_the_passwords_that_may_open_its_files_and_no_other() -> None:
    passwords = Passwords({"U002": ("two",), "a.xlsx": ("a",), "U003": ("three",)})
    executor, unit = Answers(), CONFIG.unit("U002").name
    paths = [f"units/{unit}/表.xlsx", "b.xlsx", "a.xlsx"]
    list(read_by_executor(executor, paths, CONFIG, passwords))
    assert len(executor.taken) == 3  # one file each
    taken = [arguments[3] for arguments in executor.taken]
    assert taken == [Passwords({paths[0]: ("two",)}), NO_PASSWORDS, Passwords({"a.xlsx": ("a",)})]
    assert taken[0].of(paths[0], CONFIG) == ("two",)
    assert all(arguments[0] == CONFIG.project for arguments in executor.taken), "a folder, not what it holds"


def test_what_the_executor_cannot_do_ends_the_reading() -> None:
    class Broken(Answers):
        def submit(self, function: Callable[..., Any], /, *arguments: Any, **unused: Any) -> Future[Any]:
            found = Future[Any]()
            found.set_exception(ClusterError("没有工作进程了", "再试"))
            return found

    with pytest.raises(ClusterError, match="没有工作进程了"):
        list(read_by_executor(Broken(), ["a.xlsx"], CONFIG, NO_PASSWORDS))


@pytest.mark.skipif(
    multiprocessing.get_start_method() != "fork", reason="the process has to inherit a change"
)
def test_a_file_that_ends_its_process_costs_itself_and_nothing_else_of_its_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: Path, **setup: Any) -> Received:
        return os._exit(1) if path.name == "b.csv" else read_in_worker(path, **setup)

    monkeypatch.setattr(batches, "METHOD", "fork")
    monkeypatch.setattr(batches, "read_in_worker", read)
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    raw = tmp_path / "data" / "raw" / "2018"
    raw.mkdir(parents=True)
    for name in "cba":
        (raw / f"{name}.csv").write_text("一,二\n", encoding="utf-8")
    found = read_batch(tmp_path, 2018, ["c.csv", "b.csv", "a.csv"], NO_PASSWORDS)
    told = [(file.path, file.issues[0].code) for file in found]
    assert told == [("c.csv", "unknown_form"), ("b.csv", "unreadable_file"), ("a.csv", "unknown_form")]
