"""Whole processes, measured: seconds on the wall, seconds of the processors with all descendants, the largest memory."""

from __future__ import annotations

import contextlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

LIANZHENG = (sys.executable, "-m", "lianzheng.cli")
ACCEPTED = (0, 3)
_FIRST_LOOK, _LOOKS_APART = 0.05, 0.5  # seconds; a look takes time itself


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took with all that it started: seconds, CPU-seconds, and the MB of its largest process."""

    seconds: float
    cpu: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.seconds:9.2f} s {self.cpu:9.2f} CPU s {self.peak_mb:6.0f} MB"


def median(costs: Iterable[Cost]) -> Cost:
    """The median of each figure by itself."""
    rows = [(cost.seconds, cost.cpu, cost.peak_mb) for cost in costs]
    return Cost(*map(statistics.median, zip(*rows, strict=True)))


def cost(command: Sequence[str], folder: Path) -> Cost:
    """Run a command from start to end; one that fails ends the benchmark with its own words.

    Where there is /proc the peak leaves out what processes share by fork (PSS); elsewhere there is none.
    """
    with tempfile.TemporaryFile() as said:
        peak, start = _Peak(), time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said, env=os.environ)
        with peak.of(process.pid):
            _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = code = os.waitstatus_to_exitcode(status)
        if code not in ACCEPTED:
            said.seek(0)
            sys.exit(f"{' '.join(command)}: {code}\n{said.read().decode('utf-8', 'replace')}")
    return Cost(seconds, used.ru_utime + used.ru_stime, peak.megabytes)


def printed(command: Sequence[str], folder: Path) -> str:
    """What a process prints."""
    return subprocess.run(command, cwd=folder, capture_output=True, check=True, encoding="utf-8").stdout


def medians(
    ours: Sequence[str], floor: Sequence[str], n_runs: int, folder: Path, warms_up: bool = True
) -> tuple[Cost, Cost]:
    """The medians of two commands over alternating runs, after one of each that does not count."""
    pairs = [(cost(ours, folder), cost(floor, folder)) for _ in range(n_runs + warms_up)][int(warms_up) :]
    return median(our for our, _ in pairs), median(their for _, their in pairs)


def machine() -> str:
    """The machine in a line."""
    names = [
        line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")
    ]
    memory = next((int(line.split()[1]) / 2**20 for line in _lines("/proc/meminfo")), 0.0)
    processor = names[0] if names else platform.processor()
    parts = (
        processor,
        f"{os.cpu_count()} cores",
        f"{memory:.0f} GB",
        platform.system(),
        f"Python {platform.python_version()}",
    )
    return ", ".join(parts)


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


class _Peak:
    """Looks now and then at how much memory the largest of a process's descendants holds by itself."""

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._is_over = threading.Event()

    def of(self, pid: int) -> _Peak:
        self._pid = pid
        return self

    def __enter__(self) -> None:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def __exit__(self, *unused: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        pause = _FIRST_LOOK
        while not self._is_over.wait(pause):
            pause = min(2 * pause, _LOOKS_APART)
            for pid in descendants(self._pid):
                told = [line.split()[1] for line in _smaps(pid) if line.startswith("Pss:")]
                self.megabytes = max(self.megabytes, *(int(one) / 1024 for one in told), 0.0)


def _smaps(pid: int) -> list[str]:
    try:
        return _lines(f"/proc/{pid}/smaps_rollup")
    except OSError:
        return []


def children(pid: int) -> list[int]:
    """The processes that a process has started and that are there now."""
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text("utf-8").split()]
    return found


def descendants(pid: int) -> list[int]:
    """A process and all below it that are there now."""
    found = [pid]
    for one in found:
        found += children(one)
    return found
