"""The scoring step as a list of steps, and how its tables are stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.issues import Issue
from lianzheng.scoring.blocks import score_blocks
from lianzheng.scoring.facts import score_facts
from lianzheng.scoring.grades import grade_units, rank_units
from lianzheng.scoring.items import Frames, score_items
from lianzheng.scoring.questionnaire import score_questionnaires
from lianzheng.scoring.rounding import round_half_up
from lianzheng.scoring.rules import check_supported
from lianzheng.scoring.total import combine, component_rows
from lianzheng.tables import Tables, check_references, conform, schemas, write_tables

OWN_CODES = frozenset({"score_differs_from_rule", "missing_observation", "reason_missing"})


@dataclass(frozen=True, slots=True)
class Scoring:
    """The scoring tables by name, and the data issues that scoring found."""

    frames: dict[str, pd.DataFrame]
    issues: tuple[Issue, ...]


def run_scoring(config: CycleConfig, tables: Frames) -> Scoring:
    """Score every unit of the roster; pure: reads ``tables``, writes nothing.

    Raises :class:`ConfigError` when the standard uses a rule that cannot be computed, or a recorded decision
    departs from a grade that is no longer the computed one.
    """
    check_supported(config.standard.items)
    items = score_items(config, tables)
    blocks = score_blocks(config, items.results)
    questionnaires = score_questionnaires(config, tables)
    facts = score_facts(config, tables)
    rows = combine(config, tables["units"], blocks.totals.reset_index(), questionnaires, facts.deductions)
    rows = grade_units(config, rows, items_at_zero(config, items.results), facts.vetoes)
    rows = rank_units(rows, config.cycle.rank_minimum)
    made = {
        "score_lines": numbered([*items.lines, *blocks.lines, *facts.lines]),
        "scores_by_unit_item": items.results,
        "scores_by_unit_block": blocks.results,
        "scores_by_unit_component": component_rows(config, rows),
        "results_by_unit": rows,
        "questionnaire_by_unit_question": questionnaires,
        "grade_decisions": pd.DataFrame([decision.model_dump() for decision in config.decisions]),
    }
    return Scoring(
        {name: _stored(name, frame, config.cycle.cycle) for name, frame in made.items()}, tuple(items.issues)
    )


def items_at_zero(config: CycleConfig, results: pd.DataFrame) -> dict[str, list[str]]:
    """Names of the applicable items of the 100 points that the teams gave nothing for, by unit."""
    names = {item.item_id: item.name for item in config.standard.scored_items if item.max_points > 0}
    applies = results[results["item_id"].isin(list(names)) & ~results["is_not_applicable"]]
    is_zero = [pd.notna(points) and round_half_up(points) == 0 for points in applies["team_points"]]
    zero = applies[is_zero]
    return {unit_id: [names[id_] for id_ in rows] for unit_id, rows in zero.groupby("unit_id")["item_id"]}


def numbered(lines: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """score_lines with ``line_number`` from 1 within unit × item × scorer, in order of firing."""
    frame = pd.DataFrame(list(lines))
    if frame.empty:
        return frame
    return frame.assign(line_number=frame.groupby(["unit_id", "item_id", "scorer"]).cumcount() + 1)


def _stored(name: str, frame: pd.DataFrame, cycle: int) -> pd.DataFrame:
    """The columns that the table keeps, at its types."""
    kept = [column for column in schemas()[name].names if column in frame and column != "cycle"]
    return conform(name, frame[kept], cycle)


def write_scoring(config: CycleConfig, scoring: Scoring) -> None:
    """Store the scoring tables and put scoring's issues in place of those of an earlier run."""
    stored = Tables(config.data_processed)
    issues = merged_issues(stored["issues"], scoring.issues, config.cycle.cycle)
    frames = {**scoring.frames, "issues": issues}
    check_references({**frames, **{name: stored[name] for name in ("units", "items", "files")}})
    write_tables(config.data_processed, frames, {})


def merged_issues(earlier: pd.DataFrame, issues: Iterable[Issue], cycle: int) -> pd.DataFrame:
    """The issues table with scoring's own codes replaced by ``issues``."""
    own = conform("issues", {issue.issue_id: _issue_row(issue) for issue in issues}.values(), cycle)
    kept = earlier[~earlier["code"].isin(list(OWN_CODES))]
    return conform("issues", pd.concat([kept, own], ignore_index=True), cycle)


def _issue_row(issue: Issue) -> dict[str, Any]:
    source = issue.source
    return {
        "issue_id": issue.issue_id, "unit_id": issue.unit_id or None, "form_id": issue.form_id or None,
        "file_id": source.file_id or None, "sheet": source.sheet or None, "cell": source.cell or None,
        "code": issue.code, "severity": issue.severity, "value_seen": issue.value_seen or None,
        "message": issue.message, "remedy": issue.remedy,
    }  # fmt: skip
