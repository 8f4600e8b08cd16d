from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lianzheng.errors import InputError
from lianzheng.intake import workers
from lianzheng.intake.books import read_books
from lianzheng.intake.bounds import HAS_TIMER, TOO_SLOW
from lianzheng.intake.cells import Limits
from lianzheng.intake.workers import Lost, Workers

LIMITS = Limits(seconds=0.4, memory_bytes=300_000_000)
ONLY_FORK = pytest.mark.skipif(
    multiprocessing.get_start_method() != "fork", reason="the worker has to inherit a change"
)
ENDLESS = re.compile("(a+)+b")


def act(path: str | Path) -> str:
    """Do what the name says, and return it; a library in C may do the same."""
    what = Path(path).stem.partition("-")[0]
    if what == "exits":
        os._exit(0)
    elif what == "aborts":
        os.kill(os.getpid(), signal.SIGABRT)
    elif what == "computes":
        while True:
            pass
    elif what == "matches":  # holds the interpreter, as much of C does
        ENDLESS.match("a" * 40)
    elif what == "grows":
        return str(len([bytes(10_000_000) for _ in range(100)]))  # zero pages, which cost no time
    elif what == "sleeps":
        time.sleep(100)
    elif what == "raises":
        raise KeyboardInterrupt
    return str(path)


def read(*names: str, n_workers: int = 2, limits: Limits = LIMITS) -> list[object]:
    return list(Workers(names, n_workers, act, limits).read())


@pytest.mark.parametrize(
    ("name", "reason"),
    [("exits", "crash"), ("aborts", "crash"), ("raises", "crash"), ("computes", "seconds"), ("matches", "seconds"), ("grows", "memory")],
)  # fmt: skip
@pytest.mark.skipif(not HAS_TIMER or not Path("/proc").is_dir(), reason="bounds of the system: Linux")
def test_a_deadly_file_costs_itself_and_its_end_says_why(name: str, reason: str) -> None:
    assert read("a", name, "b", "c", f"{name}-2") == ["a", Lost(reason), "b", "c", Lost(reason)]


def test_a_worker_that_hangs_is_ended_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_SLOWNESS", 5)
    limits = Limits(seconds=0.4, conversion_seconds=1)
    assert read("a", "sleeps", "b", limits=limits) == ["a", Lost("seconds"), "b"]


def test_a_sleep_is_no_computing() -> None:
    """The machine may be as busy as it likes: what is not computed does not count."""
    assert list(Workers(["a"], 1, _doze, LIMITS).read()) == ["a"]


def _doze(path: str | Path) -> str:
    time.sleep(2 * LIMITS.seconds)
    return str(path)


@ONLY_FORK
def test_many_deadly_files_cost_few_processes_and_results_keep_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[int] = []

    class Counted(workers._Worker):
        def __init__(self, *arguments: object) -> None:
            started.append(1)
            super().__init__(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(workers, "_Worker", Counted)
    names = ["exits" if number % 5 == 0 else f"n{number}" for number in range(300)]
    found = read(*names, n_workers=3)
    assert found == [Lost("crash") if name == "exits" else name for name in names]
    n_deadly = names.count("exits")
    assert n_deadly == 60
    assert len(started) <= 3 + 2 * n_deadly


def test_results_wait_for_no_more_than_some_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_AHEAD", 5)
    reading = Workers([f"n{number}" for number in range(50)], 2, act, LIMITS)
    found = reading.read()
    assert next(found) == "n0"
    assert len(reading._waiting) >= 50 - 6
    assert list(found) == [f"n{number}" for number in range(1, 50)]


@ONLY_FORK
def test_a_crash_that_another_program_caused_is_tried_once_more(tmp_path: Path) -> None:
    mark = tmp_path / "was here"

    def killed_once(path: str | Path) -> str:
        if path == "b" and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return str(path)

    assert list(Workers("abc", 1, killed_once, LIMITS).read()) == ["a", "b", "c"]


@ONLY_FORK
def test_a_worker_that_cannot_begin_ends_the_run_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "Bounds", lambda limits: os._exit(1))
    with pytest.raises(InputError, match="无法启动"):
        read("a")


@ONLY_FORK
def test_a_worker_whose_memory_is_spent_makes_room_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers.Bounds, "is_spent", True)
    pids = list(Workers("abcd", 1, lambda path: os.getpid(), LIMITS).read())
    assert len(set(pids)) == 4


def test_a_lost_file_is_a_book_that_says_so(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a", "exits", "computes")]
    for path in paths:
        path.write_bytes(b"123")
    _, crashed, slow = read_books(paths, 1, act, limits=LIMITS)
    assert (crashed.problem_code, crashed.problem_detail) == ("unreadable_file", "读取程序在这个文件上中断")
    assert (slow.problem_code, slow.problem_detail) == ("too_large", "读取用时超过 0.4 秒")
    assert (slow.size_bytes, slow.sha256[:8], slow.format) == (3, "a665a459", "other")


def test_the_exit_code_of_the_watching_thread_says_that_it_was_slow() -> None:
    assert TOO_SLOW in workers._SLOW


ORPHANS = """
import sys, time
from lianzheng.intake.cells import Limits
from lianzheng.intake.workers import Workers
import os
def reader(path):
    os.write(1, f"{os.getpid()}\\n".encode())  # at once: three of them write into one pipe
    time.sleep(0.5)
if __name__ == "__main__":
    list(Workers([str(n) for n in range(1000)], 3, reader, Limits()).read())
"""


@pytest.mark.skipif(os.name != "posix", reason="asks for processes by signal 0")
def test_workers_end_when_whoever_started_them_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        pids = {int(process.stdout.readline()) for _ in range(6)}
        process.kill()
        rest = process.stdout.read()  # to its end: no worker holds the pipe any more
    assert len(pids) == 3 and len(rest.splitlines()) <= 3
