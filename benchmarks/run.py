"""Time whole processes against a floor: `python -m benchmarks.run [PART …]` prints seconds, ratios and budgets.

The runs of a pair alternate, so that a machine that grows slower or faster does so for both. Works in a temporary folder.
All parts take about an hour; docs/performance.md keeps what they gave, with the date and the machine.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.measure import LIANZHENG, Cost, cost, machine, median, medians, printed
from benchmarks.scorecards import commands, naive
from lianzheng.intake.converters import find_program

PLAIN_READING = """
import sys, pathlib, pandas
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.xlsx")):
    pandas.read_excel(path, engine="openpyxl", sheet_name=None, header=None)
"""
RETURNED, STEPS = (str(Path(__file__).with_name(f"{name}.py")) for name in ("returned", "steps"))
N_SCORECARDS, N_RERUN = 48, 200
GROWTH = {50: 3, 100: 3, 200: 2, 400: 1}  # units: runs; two of the same size differ by some percent


def show(label: str, *costs: Cost) -> None:
    """A line of the table: what was measured, and what each command took."""
    print(f"{label:<60}", *costs, sep=" ", flush=True)


def judge(label: str, value: float, budget: float, is_most: bool = True) -> None:
    """A line that says whether a ratio keeps its budget."""
    is_kept = value <= budget if is_most else value >= budget
    limit = "at most" if is_most else "at least"
    print(f"  {'met   ' if is_kept else 'MISSED'} {value:7.2f} ×, {limit} {budget:g} ×: {label}", flush=True)


def start() -> None:
    """Budget 3: the command line's help against an interpreter that does nothing."""
    with tempfile.TemporaryDirectory() as name:
        for flag in ("--help", "--version"):
            ours, floor = medians((*LIANZHENG, flag), (sys.executable, "-c", "pass"), 11, Path(name))
            show(f"lianzheng {flag} / python -c pass", ours, floor)
            judge(f"lianzheng {flag} / python -c pass", ours.seconds / floor.seconds, 3)


def reading() -> None:
    """A clean sample bureau: everything that intake does against merely opening its workbooks."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        cost((*LIANZHENG, "demo", str(project), "--clean"), project)
        raw = project / "data" / "raw"
        floor = (sys.executable, "-c", PLAIN_READING, str(raw))
        ours, theirs = medians((*LIANZHENG, "intake"), floor, 5, project)
        label = f"lianzheng intake / pandas and openpyxl opening {len(list(raw.rglob('*.xlsx')))} .xlsx"
        show(label, ours, theirs)
        print(f"         {ours.seconds / theirs.seconds:7.2f} ×: {label}")


def forms(n_units: int = 200) -> None:
    """`lianzheng forms` for a bureau of that size, once; the aim is 30 seconds."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        cost((*LIANZHENG, "demo", str(project), "--units", str(n_units)), project)
        once = cost((*LIANZHENG, "forms"), project)
        n_files = sum(path.is_file() for path in project.glob("reports/*/forms/**/*"))
        show(f"lianzheng forms for {n_units} units, {n_files} files", once)


def returned(n_forms: int = 1000, n_runs: int = 3) -> None:
    """Cleaning that many returned forms in one process against merely opening them, at most half is the aim; its steps.

    As units return them, saved by a spreadsheet program, where LibreOffice is at hand; then as a library writes them.
    """
    with tempfile.TemporaryDirectory() as name:
        program = find_program()
        kinds = [("saved by LibreOffice", (program,))] if program else []
        for kind, how in (*kinds, ("as a library writes them", ())):
            project = Path(name, kind)
            cost((sys.executable, RETURNED, str(project), str(n_forms), *how), Path(name))
            floor = (sys.executable, "-c", PLAIN_READING, str(project / "data" / "raw"))
            ours, theirs = medians((*LIANZHENG, "intake", "--workers", "0"), floor, n_runs, project)
            label = f"intake --workers 0 / opening {n_forms} .xlsx, {kind}"
            show(label, ours, theirs)
            print(f"         {ours.seconds / theirs.seconds:7.2f} ×: {label}; of it, in CPU seconds:")
            print(printed((sys.executable, STEPS, str(project)), project), end="", flush=True)


def scorecards(n_runs: int = 3) -> None:
    """Budget 1: publishing 48 scorecards (HTML and PDF) against what a user would type, which makes no PDF."""
    with tempfile.TemporaryDirectory() as name:
        project = _scored(Path(name, "project"), N_SCORECARDS)
        out = Path(name, "out")
        out.mkdir()
        ways = commands(project, naive(project, out))
        cost(ways["ours"], project)  # does not count
        ours, direct, loop, xargs = [], [], [], []
        for number in range(n_runs):
            ours.append(cost(ways["ours"], project))
            direct.append(cost(ways["direct"], project))
            if not number:  # each takes minutes
                loop.append(cost(ways["loop"], project))
                ours.append(cost(ways["ours"], project))
                xargs.append(cost(ways["xargs"], project))
        own, floor, one, two = map(median, (ours, direct, loop, xargs))
        show(f"{N_SCORECARDS} scorecards, HTML and PDF, two at a time", own)
        show("papermill, then nbconvert --to html, in a loop", one)
        show("the same under xargs -P 2", two)
        show("the page functions and Typst in one process", floor)
        judge("the loop / ours, seconds", one.seconds / own.seconds, 20, is_most=False)
        judge("xargs -P 2 / ours, seconds", two.seconds / own.seconds, 10, is_most=False)
        judge("ours / page functions and Typst, CPU seconds", own.cpu / floor.cpu, 1.5)


def growth() -> None:
    """Budgets 4 and 2: whole runs of growing bureaus, what a unit costs in them, and a rerun with nothing changed.

    A run has costs of its own (its start, the bureau's pages), so the average of a unit falls; what must not grow is
    that average and the cost of one more. Runs of a size lie apart, so that a machine that grows slower or faster
    does so for all.
    """
    runs: dict[int, list[Cost]] = {n_units: [] for n_units in GROWTH}
    for number in range(max(GROWTH.values())):
        for n_units in (size for size, n_runs in GROWTH.items() if number < n_runs):
            with tempfile.TemporaryDirectory() as name:
                project = Path(name)
                cost((*LIANZHENG, "demo", str(project), "--units", str(n_units)), project)
                once = cost((*LIANZHENG, "run"), project)
                runs[n_units].append(once)
                show(f"lianzheng run, {n_units} units, {once.cpu / n_units:.3f} CPU s a unit", once)
                if n_units == N_RERUN and not number:
                    _rerun(project)
    used = {n_units: median(costs).cpu for n_units, costs in runs.items()}
    each = [cpu / n_units for n_units, cpu in used.items()]
    worst = max(after / before for before, after in itertools.combinations(each, 2))
    judge(f"CPU s a unit on the whole ({_told(each)}), among more units / among fewer", worst, 1.15)
    print(
        f"         {max(each) / min(each):7.2f} ×: the most / the least of these; fewer units share what a run costs"
    )
    more = [
        (cpu_after - cpu_before) / (n_after - n_before)
        for (n_before, cpu_before), (n_after, cpu_after) in itertools.pairwise(used.items())
    ]
    judge(
        f"CPU s a unit more between these sizes ({_told(more)}), the last / the first",
        more[-1] / more[0],
        1.15,
    )
    judge("largest process / 600 MB", max(once.peak_mb for costs in runs.values() for once in costs) / 600, 1)


def _told(values: Sequence[float]) -> str:
    return " ".join(f"{value:.3f}" for value in values)


def _rerun(project: Path) -> None:
    cost((*LIANZHENG, "run"), project)  # files of the run before were too young to be known by their times
    ours, floor = medians((*LIANZHENG, "run"), (sys.executable, "-c", "import pandas"), 5, project)
    show(f"lianzheng run, nothing changed, {N_RERUN} units / import pandas", ours, floor)
    judge("nothing changed / import pandas, seconds", ours.seconds / floor.seconds, 2)


def ballots() -> None:
    """Budget 5: a million ballots in 400 files to tallies and scores against pandas and one groupby; memory by files."""
    from benchmarks.ballots import N_BALLOTS, N_UNITS, measure_ballots

    ours, theirs, peaks = measure_ballots()
    intake, score, floor = median(pair[0] for pair in ours), median(pair[1] for pair in ours), median(theirs)
    show(f"{2 * N_UNITS * N_BALLOTS:,} ballots in {2 * N_UNITS} files: intake, score", intake, score)
    show("pandas.read_excel, read_csv and one groupby", floor)
    judge(
        "pandas / intake and score, seconds",
        floor.seconds / (intake.seconds + score.seconds),
        2,
        is_most=False,
    )
    told = " ".join(f"{peak:.0f}" for peak in peaks)
    judge(f"largest process at a quarter, a half and all files ({told} MB)", max(peaks) / min(peaks), 1.25)


def _scored(project: Path, n_units: int) -> Path:
    cost((*LIANZHENG, "demo", str(project), "--units", str(n_units)), project.parent)
    cost((*LIANZHENG, "intake"), project)
    cost((*LIANZHENG, "score"), project)
    return project


PARTS: dict[str, Callable[[], None]] = {
    part.__name__: part for part in (start, scorecards, growth, ballots, reading, forms, returned)
}


def main(names: Sequence[str]) -> None:
    """Measure the parts that are named, or all."""
    print(
        f"{machine()}; seconds, CPU seconds and the largest process of each command with all that it starts\n"
    )
    for name in names or PARTS:
        if name not in PARTS:
            sys.exit(f"There is no part {name}; there are: {', '.join(PARTS)}")
        PARTS[name]()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main(sys.argv[1:])
