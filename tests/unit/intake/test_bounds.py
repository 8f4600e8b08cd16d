from __future__ import annotations

import math
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from lianzheng.intake.bounds import TOO_SLOW, Bounds, without_memory_limit
from lianzheng.intake.cells import Limits

pytestmark = pytest.mark.skipif(os.name != "posix", reason="looks at children that were forked")


def exit_code(act: object) -> int | None:
    """How a child ends that does so."""
    process = multiprocessing.get_context("fork").Process(target=act)
    process.start()
    process.join()
    return process.exitcode


def compute(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_where_there_is_no_timer_a_thread_watches() -> None:
    def act() -> None:
        bounds = Bounds(Limits(seconds=0.3), has_timer=False)
        with bounds.on("none"):
            compute(0.05)
        compute(0.5)  # between files nobody counts
        with bounds.on("none"):
            compute(0.05)
        with bounds.on("none"):
            compute(60)

    assert exit_code(act) == TOO_SLOW


def test_the_time_of_one_file_is_not_that_of_the_next() -> None:
    def act() -> None:
        bounds = Bounds(Limits(seconds=0.5))
        for _ in range(4):
            with bounds.on("none"):
                compute(0.3)
        os._exit(7)

    assert exit_code(act) == 7


def test_a_large_file_may_be_hashed_longer(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(100_000_000)

    def act() -> None:
        with Bounds(Limits(seconds=0.2)).on(large):
            compute(1.5)
        os._exit(7)

    assert exit_code(act) == 7


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="the system does not tell: Linux")
def test_memory_is_counted_from_what_the_process_has() -> None:
    def act() -> None:
        kept = bytearray(400_000_000)
        bounds = Bounds(Limits(memory_bytes=200_000_000))
        more = bytearray(50_000_000)
        assert not bounds.is_spent
        more += bytearray(70_000_000)
        assert bounds.is_spent
        try:
            bytearray(200_000_000)
        except MemoryError:
            with without_memory_limit():
                kept += bytearray(300_000_000)
            try:
                bytearray(200_000_000)
            except MemoryError:
                os._exit(7)

    assert exit_code(act) == 7


def test_without_a_limit_nothing_is_due() -> None:
    bounds = object.__new__(Bounds)
    bounds._limits, bounds._has_timer, bounds._until = Limits(seconds=1), False, math.inf
    with bounds.on("none"):
        assert bounds._until < math.inf
    assert bounds._until == math.inf
