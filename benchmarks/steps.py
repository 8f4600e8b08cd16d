"""Where the time of reading a project's files goes: `python benchmarks/steps.py FOLDER` prints the share of each step.

`lianzheng intake --workers 0` in this process, with a stopwatch wrapped around the functions that begin a step. What a
step calls of another counts for that other. Wrapping slows the small steps a little.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

START, STORE = "start (imports)", "between files and stored"
STEPS = {
    "scan (list, hash, format)": "run.list_received books._received books.fingerprint books.format_of",
    "read": "books._read books.told_beside",
    "recognise": (
        "files.find_exports files.recognise files.split_forms files.split_copies files.find_report files.propose"
    ),
    "normalise": "files.read_form files.split_findings",
    "check": "files.run_checks files.report_glyphs",
    "lineage": "files.make_records files.tally_counts files.keep_discreet files._with_units",
    "rest of reading": "run.read_all",
    STORE: "",
}
"""Step → the functions below lianzheng.intake that begin it, by the name under which they are called; the last is the rest."""


class Stopwatch:
    """Seconds by step; ``clock`` is that of the process, so that other programs do not count."""

    def __init__(self, clock: Callable[[], float] = time.process_time, steps: Iterable[str] = STEPS) -> None:
        self.spent: dict[str, float] = {START: 0.0, **dict.fromkeys(steps, 0.0)}
        self._clock, self._last, self._under_way = clock, 0.0, [START]

    def wrapped(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time counted for the step."""

        @functools.wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            self.stop()
            self._under_way.append(step)
            try:
                return function(*arguments, **named)
            finally:
                self.stop()
                self._under_way.pop()

        return timed

    def stop(self) -> None:
        """Count what has passed since the last stop for the step under way."""
        now = self._clock()
        self.spent[self._under_way[-1]] += now - self._last
        self._last = now


def wrap_all(watch: Stopwatch) -> dict[str, int]:
    """Put the stopwatch around every function of :data:`STEPS` that there is; returns how many of each step."""
    n_found = dict.fromkeys(STEPS, 0)
    for step, names in STEPS.items():
        for module_name, name in (place.split(".") for place in names.split()):
            module = importlib.import_module(f"lianzheng.intake.{module_name}")
            if hasattr(module, name):
                setattr(module, name, watch.wrapped(step, getattr(module, name)))
                n_found[step] += 1
    return n_found


def main(folder: Path) -> None:
    """Read the project in this process, and print seconds and shares."""
    watch = Stopwatch()
    from lianzheng.cli import main as command

    wrap_all(watch)
    with contextlib.redirect_stdout(io.StringIO()):
        watch.wrapped(STORE, command)(["--project", str(folder), "intake", "--workers", "0"])
    whole = sum(watch.spent.values())
    for step, spent in watch.spent.items():
        print(f"{spent:8.3f} s {spent / whole:6.1%}   {step}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
