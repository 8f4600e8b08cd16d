"""What a bureau costs step by step: `python -m benchmarks.slopes FOLDER` prints the CPU seconds of each in this process.

Everything that `lianzheng run` does, one thing after the other in this process; pages in their own processes, one at a
time, and their seconds on the wall: a few scorecards of each kind, and each of the bureau's pages.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.steps import START, Stopwatch

N_PAGES = 12
READ, ASSEMBLE, SCORE, COMPARE = "read files", "assemble and store the tables", "score", "compare"
WITHIN = {
    "lianzheng.intake.run.read_all": READ,
    "lianzheng.scoring.run_scoring": SCORE,
    "lianzheng.scoring.write_scoring": SCORE,
    "lianzheng.compare.run_compare": COMPARE,
    "lianzheng.compare.write_compare": COMPARE,
}
"""Functions by the name under which they are called, and the step that their time counts for."""
COMMAND, LOOK, WORKBOOKS, RETURNS, INDEX = (
    "other", "what has changed, which pages are due", "results.xlsx, submissions.xlsx", "return lists", "index",
)  # fmt: skip


def tables_and_scores(project: Path) -> dict[str, float]:
    """CPU seconds of intake and scoring by step."""
    from lianzheng.cli import main as command

    watch = Stopwatch(steps=(READ, ASSEMBLE, SCORE, COMPARE, COMMAND))
    for place, step in WITHIN.items():
        module, _, name = place.rpartition(".")
        home = importlib.import_module(module)
        setattr(home, name, watch.wrapped(step, getattr(home, name)))
    with contextlib.redirect_stdout(io.StringIO()):
        watch.wrapped(ASSEMBLE, command)(["--project", str(project), "intake", "--workers", "0"])
        watch.wrapped(COMMAND, command)(["--project", str(project), "score"])
    return watch.spent


def _seconds(step: Callable[..., Any], *arguments: Any) -> float:
    began = time.process_time()
    step(*arguments)
    return time.process_time() - began


def the_rest(project: Path) -> tuple[dict[str, float], dict[str, list[float]]]:
    """CPU seconds of workbooks, return lists, index and decisions; seconds of pages by kind."""
    from lianzheng.publish.children import warm_up

    warm_up(project)
    from lianzheng.config import load_config
    from lianzheng.publish import publication
    from lianzheng.publish.index import write_index
    from lianzheng.publish.jobs import run_list
    from lianzheng.publish.record import look, read_record
    from lianzheng.publish.results import write_results
    from lianzheng.publish.returns import write_returns
    from lianzheng.publish.run import publish_pages
    from lianzheng.publish.submissions import write_submissions
    from lianzheng.tables import Tables

    config = load_config(None, project)
    cycle = config.cycle.cycle
    results = Tables(config.data_processed).public("results_by_unit")
    is_visited = dict(zip(results["unit_id"], results["total"].notna(), strict=True))
    jobs = run_list(config)

    def decide() -> None:
        record = read_record(project, cycle)
        publication.decisions_of(config, (), record, look(project, cycle, record.seen), False)

    kinds: dict[str, list[float]] = {}
    for kind, chosen in {
        "a scorecard, unit visited": _some(jobs, "units/", is_visited, True),
        "a scorecard, not visited": _some(jobs, "units/", is_visited, False),
        "an edition, unit visited": _some(jobs, "editions/", is_visited, True),
        "an edition, not visited": _some(jobs, "editions/", is_visited, False),
        "a page of the bureau": [job for job in jobs if "/" not in job.stem],
    }.items():
        made = publish_pages(config, chosen, n_workers=1)
        assert all(outcome.state == "published" for outcome in made), made
        kinds[kind] = [outcome.seconds for outcome in made]
    return {
        WORKBOOKS: _seconds(write_results, config) + _seconds(write_submissions, config),
        RETURNS: _seconds(write_returns, config),
        INDEX: _seconds(write_index, config),
        LOOK: _seconds(decide),
    }, kinds


def _some(jobs: Sequence[Any], stem: str, is_visited: dict[str, bool], wanted: bool) -> list[Any]:
    found = [job for job in jobs if job.stem.startswith(stem) and is_visited[job.unit_id] is wanted]
    return found[:: max(1, len(found) // N_PAGES)][:N_PAGES]


def main(project: Path) -> None:
    """Measure a project and print its steps."""
    spent = tables_and_scores(project)
    rest, kinds = the_rest(project)
    for step, seconds in (spent | rest).items():
        if step != START:
            print(f"{seconds:8.2f} CPU s  {step}")
    for kind, each in kinds.items():
        print(f"{statistics.mean(each):8.2f} s      {kind} (mean of {len(each)})")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
