"""A whole publication: the pages that are due, workbooks, return lists, summary and index, all in place at one moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.publish.incremental import Decision, decide, fingerprint, kept, remember
from lianzheng.publish.index import write_index
from lianzheng.publish.jobs import run_list
from lianzheng.publish.record import REPORTS, Record, Seen
from lianzheng.publish.results import write_results
from lianzheng.publish.returns import write_returns
from lianzheng.publish.returns_items import UnitReturn
from lianzheng.publish.run import Outcome, publish_pages
from lianzheng.publish.staging import Staging
from lianzheng.publish.submissions import write_submissions
from lianzheng.publish.summary import Run, issues_in_words, write_summary
from lianzheng.tables import Tables

Progress = Callable[..., AbstractContextManager[Callable[..., Any]]]
"""Called with what is done and how many steps there are; gives what to call after each."""
_RESUMED = "上次中断前已做好"


@dataclass(frozen=True, slots=True)
class Published:
    """What became of each page, what goes back to units, the data issues in words."""

    outcomes: list[Outcome]
    returned: list[UnitReturn]
    issues: dict[str, str]

    @property
    def failed(self) -> list[Outcome]:
        """The pages that could not be made."""
        return [outcome for outcome in self.outcomes if outcome.state == "failed"]


def decisions_of(
    config: CycleConfig, unit_ids: Sequence[str], record: Record, seen: Seen, is_forced: bool
) -> list[Decision]:
    """Which pages are due and why, in the order of the run list."""
    touched = record.changed(REPORTS, seen) if record.seen.get(REPORTS) else ()
    return decide(config, run_list(config, tuple(unit_ids)), seen, touched, is_forced)


def publish(
    config: CycleConfig,
    decisions: Sequence[Decision],
    seen: Seen,
    run: Run,
    progress: Progress,
    unit_ids: Sequence[str] = (),
    n_workers: int | None = None,
    executor: Executor | None = None,
) -> Published:
    """Make what is due in a folder beside the reports, then put all of it in its place.

    Raises :class:`InputError` where a file cannot be replaced; the next publication does that first.
    """
    stage = Staging(config, fingerprint(config, seen))
    outcomes = _pages(stage, decisions, config, progress, n_workers, executor)
    write_results(stage.config)
    write_submissions(stage.config)
    with progress("写退回补正单") as advance:
        returned = write_returns(stage.config, tuple(unit_ids), advance)
    issues = issues_in_words(Tables(config.data_processed))
    write_summary(stage.config, run, outcomes, issues)
    write_index(stage.config)
    stage.switch()
    return Published(outcomes, returned, issues)


def _pages(
    stage: Staging,
    decisions: Sequence[Decision],
    config: CycleConfig,
    progress: Progress,
    n_workers: int | None,
    executor: Executor | None,
) -> list[Outcome]:
    """The outcomes of all pages in their order: made now, made by a run that was stopped, or kept."""
    due = {decision.job.stem: decision for decision in decisions if decision.is_due}
    known = [kept(decision, config) for decision in decisions if not decision.is_due]
    known += [replace(one, reason=_RESUMED) for stem, one in stage.finished.items() if stem in due]
    jobs = [decision.job for stem, decision in due.items() if stem not in stage.finished]
    with progress("生成报告", len(jobs)) as advance:

        def note(outcome: Outcome) -> None:
            stage.note(outcome)
            advance(1)

        reasons = {stem: decision.reason for stem, decision in due.items()}
        choices: dict[str, Any] = {"known": known, "reasons": reasons, "executor": executor}
        made = publish_pages(stage.config, jobs, n_workers, note, **choices)
    outcomes = {one.stem: one for one in (*made, *known)}
    ordered = [outcomes[decision.job.stem] for decision in decisions]
    remember(stage.config, decisions, ordered)
    return ordered
