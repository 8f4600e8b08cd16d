"""The benchmark alternates, leaves out the first pair, takes medians, and stops at a command that fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import run


def test_medians_of_alternating_runs_without_the_first_pair(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    times = iter([90.0, 80.0, 3.0, 1.0, 9.0, 7.0, 4.0, 2.0])
    order: list[str] = []

    def seconds(command: tuple[str, ...], folder: Path) -> float:
        order.append(command[0])
        return next(times)

    monkeypatch.setattr(run, "seconds", seconds)
    assert run.medians(("ours",), ("floor",), 3, tmp_path) == (4.0, 2.0)
    assert order == ["ours", "floor"] * 4


@pytest.mark.parametrize("code", [0, 3])
def test_a_finished_command_is_timed(tmp_path: Path, code: int) -> None:
    command = (sys.executable, "-c", f"import time; time.sleep(0.05); raise SystemExit({code})")
    assert 0.05 <= run.seconds(command, tmp_path) < 5


def test_a_failed_command_ends_the_benchmark_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such luck"):
        run.seconds((sys.executable, "-c", "import sys; sys.exit('no such luck')"), tmp_path)


def test_the_forms_of_a_large_bureau_are_counted_and_timed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run.print_forms(2)
    shown = capsys.readouterr().out
    assert (
        "lianzheng forms for 2 units, 16 files" in shown
    )  # six a unit; one visited: three lists and a score sheet
    assert float(shown.split()[0]) > 0
