"""Which function tells what a table's figures rest on; a table that is not here must keep its own cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lianzheng.trace import others, scores
from lianzheng.trace.basis import BLOCKS, COMPONENTS, ITEMS, LINES, QUESTIONS, RESULTS, TALLIES, Basis, Row

if TYPE_CHECKING:
    from lianzheng.trace.chain import Chain

BASES: dict[str, Callable[[Chain, Row, str], Basis]] = {
    RESULTS: scores.result, COMPONENTS: scores.component, BLOCKS: scores.block, ITEMS: scores.item, LINES: scores.line, QUESTIONS: others.question, TALLIES: others.tally,
    "ballots": others.ballot, "peers_by_type_measure": others.peer, "changes_by_unit_measure": others.change, "submissions": others.submission,
    "finding_counts_by_class": others.finding_count, "bulletin_figures": others.bulletin_figure, "issues": others.issue, "checks": others.checked, "recurrences": others.recurrence,
    "rectifications": others.rectification, "rectification_events": others.event,
    "reliability_by_form": others.reliability, others.CHANGES: others.statistic_change,
    "statistics_by_category_measure": others.statistic_sum, "corrections": others.correction,
}  # fmt: skip
CONFIGURED = {
    "units": "units.csv、visits.csv", "items": "standard.yml", "grade_decisions": "decisions.yml",
    ITEMS: "standard.yml", BLOCKS: "standard.yml", TALLIES: "questionnaire.yml", COMPONENTS: "cycle.yml",
}  # fmt: skip
"""Where in config/<cycle>/ the rows come from that no file holds."""
