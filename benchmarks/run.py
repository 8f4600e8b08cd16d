"""Time whole processes against a floor: `python benchmarks/run.py [RUNS]` prints medians and ratios.

The runs of a pair alternate, so that a machine that grows slower or faster does so for both. Works in a temporary folder.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lianzheng.intake.converters import find_program

PLAIN_READING = """
import sys, pathlib, pandas
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.xlsx")):
    pandas.read_excel(path, engine="openpyxl", sheet_name=None, header=None)
"""
RETURNED, STEPS, BALLOTS = (
    str(Path(__file__).with_name(f"{name}.py")) for name in ("returned", "steps", "ballots")
)
LIANZHENG = (sys.executable, "-m", "lianzheng.cli")
ACCEPTED = (0, 3)


def finished(command: tuple[str, ...], folder: Path) -> str:
    """What one process prints; one that fails ends the benchmark with its own words."""
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, env=os.environ)
    if done.returncode not in ACCEPTED:
        sys.exit(done.stderr.decode("utf-8", "replace"))
    return done.stdout.decode("utf-8", "replace")


def seconds(command: tuple[str, ...], folder: Path) -> float:
    """How long one process takes from start to end."""
    start = time.perf_counter()
    finished(command, folder)
    return time.perf_counter() - start


def medians(ours: tuple[str, ...], floor: tuple[str, ...], n_runs: int, folder: Path) -> tuple[float, float]:
    """The medians of two commands over alternating runs, after one of each that does not count."""
    pairs = [(seconds(ours, folder), seconds(floor, folder)) for _ in range(n_runs + 1)][1:]
    return statistics.median(our for our, _ in pairs), statistics.median(their for _, their in pairs)


def print_forms(n_units: int = 200) -> None:
    """The seconds of `lianzheng forms` for a bureau of that size, once, as a whole process; the aim is 30."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        seconds((*LIANZHENG, "demo", str(project), "--units", str(n_units)), project)
        elapsed = seconds((*LIANZHENG, "forms"), project)
        n_files = sum(path.is_file() for path in project.glob("reports/*/forms/**/*"))
        print(
            f"{elapsed:8.3f} s                      lianzheng forms for {n_units} units, {n_files} files",
            flush=True,
        )


def print_returned(n_forms: int = 1000, n_runs: int = 3) -> None:
    """Cleaning that many returned forms in one process against merely opening them, at most half is the aim; its steps.

    As units return them, saved by a spreadsheet program, where LibreOffice is at hand; then as a library writes them.
    """
    with tempfile.TemporaryDirectory() as name:
        program = find_program()
        kinds = [("saved by LibreOffice", (program,))] if program else []
        for kind, how in (*kinds, ("as a library writes them", ())):
            project = Path(name, kind)
            seconds((sys.executable, RETURNED, str(project), str(n_forms), *how), Path(name))
            _print_returned(project, f"{n_forms} returned .xlsx forms, {kind}", n_runs)


def _print_returned(project: Path, label: str, n_runs: int) -> None:
    floor = (sys.executable, "-c", PLAIN_READING, str(project / "data" / "raw"))
    our, their = medians((*LIANZHENG, "intake", "--workers", "0"), floor, n_runs, project)
    label = f"lianzheng intake --workers 0 / pandas and openpyxl opening {label}"
    print(f"{our:8.3f} s {their:8.3f} s {our / their:6.2f} ×  {label}; of it, in seconds of the processor:")
    print(finished((sys.executable, STEPS, str(project)), project), end="", flush=True)


def print_ballots() -> None:
    """A million ballots to scores against reading them with pandas and one groupby; memory by the number of files."""
    with tempfile.TemporaryDirectory() as name:
        print(finished((sys.executable, BALLOTS), Path(name)), end="", flush=True)


def main(n_runs: int = 5) -> None:
    """Measure the start of the command line, a clean sample bureau, the forms, returned ones, ballots."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        seconds((*LIANZHENG, "demo", str(project), "--clean"), project)
        raw = project / "data" / "raw"
        pairs = {
            "lianzheng --help / python -c pass": ((*LIANZHENG, "--help"), (sys.executable, "-c", "pass")),
            "lianzheng intake / pandas and openpyxl reading every .xlsx": (
                (*LIANZHENG, "intake"),
                (sys.executable, "-c", PLAIN_READING, str(raw)),
            ),
        }
        print(
            f"medians of {n_runs} alternating runs, whole processes; {len(list(raw.rglob('*.xlsx')))} .xlsx files"
        )
        for label, (ours, floor) in pairs.items():
            our, their = medians(ours, floor, n_runs, project)
            print(f"{our:8.3f} s {their:8.3f} s {our / their:6.2f} ×  {label}", flush=True)
    print_forms()
    print_returned()
    print_ballots()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main(*map(int, sys.argv[1:]))
