"""The benchmark alternates, leaves out the first pair, takes medians, and stops at a command that fails."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import ballots, measure, returned, run, scorecards, slopes, steps
from lianzheng.config import load_config
from lianzheng.demo import make_project
from lianzheng.intake import converters
from lianzheng.intake.files import make_setup, read_received
from lianzheng.intake.run import list_received


def test_medians_of_alternating_runs_without_the_first_pair(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    times = iter([90.0, 80.0, 3.0, 1.0, 9.0, 7.0, 4.0, 2.0])
    order: list[str] = []

    def cost(command: tuple[str, ...], folder: Path) -> measure.Cost:
        order.append(command[0])
        return measure.Cost(next(times), 0.0, 0.0)

    monkeypatch.setattr(measure, "cost", cost)
    ours, floor = measure.medians(("ours",), ("floor",), 3, tmp_path)
    assert (ours.seconds, floor.seconds) == (4.0, 2.0)
    assert order == ["ours", "floor"] * 4


def test_the_median_of_each_figure_is_its_own() -> None:
    costs = [measure.Cost(1, 30, 5), measure.Cost(2, 10, 7), measure.Cost(3, 20, 6)]
    assert measure.median(costs) == measure.Cost(2, 20, 6)


BUSY = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
LARGE = "import time; held = b'x' * 90_000_000; time.sleep(1.5)"


@pytest.mark.parametrize("code", [0, 3])
def test_a_finished_command_is_timed(tmp_path: Path, code: int) -> None:
    command = (sys.executable, "-c", f"import time; time.sleep(0.05); raise SystemExit({code})")
    assert 0.05 <= measure.cost(command, tmp_path).seconds < 5


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is read from Linux's /proc")
def test_what_a_command_starts_counts_with_it(tmp_path: Path) -> None:
    starts = "import subprocess, sys\nfor code in sys.argv[1:]: subprocess.run([sys.executable, '-c', code])"
    found = measure.cost((sys.executable, "-c", starts, BUSY, LARGE), tmp_path)
    assert found.cpu >= 0.3
    assert 90 <= found.peak_mb < 130, "the largest process, not the sum"


def test_a_failed_command_ends_the_benchmark_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such luck"):
        measure.cost((sys.executable, "-c", "import sys; sys.exit('no such luck')"), tmp_path)


@pytest.mark.parametrize(
    ("value", "budget", "is_most", "expected"),
    [
        (1.5, 1.5, True, "met"),
        (1.51, 1.5, True, "MISSED"),
        (20, 20, False, "met"),
        (19.9, 20, False, "MISSED"),
    ],
)
def test_a_ratio_keeps_its_budget_or_not(
    value: float, budget: float, is_most: bool, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run.judge("this / that", value, budget, is_most)
    assert capsys.readouterr().out.split()[0] == expected


def test_only_the_parts_that_are_named_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="no part nonsense; there are: start"):
        run.main(["nonsense"])


def test_the_forms_of_a_large_bureau_are_counted_and_timed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run.forms(2)
    shown = capsys.readouterr().out
    assert (
        "lianzheng forms for 2 units, 16 files" in shown
    )  # six a unit; one visited: three lists and a score sheet
    assert float(shown.split("files")[1].split()[0]) > 0


def test_the_ways_to_scorecards_are_those_of_every_unit(tmp_path: Path) -> None:
    project = tmp_path / "a place"
    make_project(project, 3, 7)
    line = scorecards.naive(project, tmp_path / "out")
    assert "papermill " in line and "jupyter nbconvert --to html" in line and "-p unit_id $1" in line
    ways = scorecards.commands(project, "echo seen '\"' $1")
    assert set(ways) == {"ours", "direct", "loop", "xargs"}
    for way in ("loop", "xargs"):
        done = subprocess.run(ways[way], capture_output=True, check=True, encoding="utf-8")
        assert sorted(done.stdout.split("\n")[:3]) == [f'seen " {unit}' for unit in ("U001", "U002", "U003")]


def test_returned_forms_are_read_without_a_fault(tmp_path: Path) -> None:
    returned.write_returned(tmp_path / "one", 7)
    returned.write_returned(tmp_path / "two", 7)
    config = load_config(2018, tmp_path / "one")
    paths = list_received(config.data_raw)
    assert len(paths) == 7  # two of each of three units, and one of the fourth
    again = tmp_path / "two" / "data" / "raw" / "2018"
    assert all((config.data_raw / path).read_bytes() == (again / path).read_bytes() for path in paths)
    setup = make_setup(config)
    files = [read_received(config.data_raw, path, setup) for path in paths]
    assert {issue.code for file in files for issue in file.issues} <= {"all_zero_return"}
    assert Counter(file.form_id for file in files) == {"standard": 4, "statistics": 3}
    assert all(config.unit(file.unit_id).name in file.path for file in files)
    assert len({str([record.values for record in file.records]) for file in files}) == 7


def test_a_step_does_not_count_what_it_calls_of_another() -> None:
    times = iter([1.0, 2.0, 5.0, 9.0, 10.0])
    watch = steps.Stopwatch(lambda: next(times))
    read = watch.wrapped("read", lambda: None)
    watch.wrapped("recognise", read)()
    watch.stop()
    seconds = {step: spent for step, spent in watch.spent.items() if spent}
    # started at 1, recognise from 1 to 2, read to 5, recognise to 9, then the start again
    assert seconds == {steps.START: 2.0, "recognise": 5.0, "read": 3.0}


@pytest.mark.needs_libreoffice
def test_returned_forms_are_compared_and_every_step_has_its_share(capsys: pytest.CaptureFixture[str]) -> None:
    run.returned(4, 1)
    lines = capsys.readouterr().out.splitlines()
    half = len(lines) // 2
    for (first, _, *shares), kind in (
        (lines[:half], "saved by LibreOffice"),
        (lines[half:], "as a library writes them"),
    ):
        assert f"opening 4 .xlsx, {kind}" in first
        assert [line.split("   ")[-1] for line in shares] == [steps.START, *steps.STEPS]
        percents = [float(line.split("%")[0].split()[-1]) for line in shares]
        assert abs(sum(percents) - 100) < 1
        assert min(percents) > 0  # a function that was renamed would leave its step without time


@pytest.mark.needs_libreoffice
def test_forms_that_were_saved_again_say_the_same(tmp_path: Path) -> None:
    program = str(converters.find_program())
    returned.write_returned(tmp_path, 4)
    config = load_config(2018, tmp_path)
    setup, paths = make_setup(config), list_received(config.data_raw)
    before = [read_received(config.data_raw, path, setup) for path in paths]
    returned.save_again(config.data_raw, program)
    after = [read_received(config.data_raw, path, setup) for path in paths]
    for old, new in zip(before, after, strict=True):
        assert old.sha256 != new.sha256 and old.records == new.records and old.issues == new.issues


def test_every_ballot_of_the_benchmark_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, n in (("N_BALLOTS", 40), ("N_VOID", 4), ("N_TWICE", 2)):
        monkeypatch.setattr(ballots, name, n)
    expected = ballots.write_ballots(tmp_path / "one", 2)
    assert ballots.write_ballots(tmp_path / "two", 2) == expected
    one, two = (sorted((tmp_path / name).rglob("*测评*")) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two] and len(one) == 4
    ours, theirs = ballots.cost_of_ours(tmp_path / "one"), ballots.cost_of_theirs(tmp_path / "one")
    assert all(cost.cpu > 0.1 and cost.peak_mb > 1 for cost in (*ours, theirs))
    assert ballots.check_votes(tmp_path / "one", expected) == 4 * (40 - 4 - 2)
    lost = expected + Counter({next(iter(expected)): 1})
    with pytest.raises(SystemExit, match="votes differ"):
        ballots.check_votes(tmp_path / "one", lost)


def test_steps_of_a_run_are_told_with_their_seconds(tmp_path: Path) -> None:
    subprocess.run([*measure.LIANZHENG, "demo", tmp_path, "--units", "4"], check=True, capture_output=True)
    command = [sys.executable, "-m", "benchmarks.slopes", tmp_path]
    where = Path(slopes.__file__).parents[1]
    run_ = subprocess.run(command, cwd=where, capture_output=True, encoding="utf-8", check=True)
    told = dict(reversed(line.split(" s  ", 1)) for line in run_.stdout.splitlines())
    read = float(told[slopes.READ].split()[0])
    assert read > 0 and {slopes.ASSEMBLE, slopes.SCORE, slopes.COMPARE, slopes.RETURNS} <= told.keys()
    assert any(line.strip().startswith("a page of the bureau (mean of ") for line in told)
