"""The scoring step as a list of steps, and how its tables are stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.issues import Issue
from lianzheng.scoring.ballots import sum_ballots
from lianzheng.scoring.blocks import score_blocks
from lianzheng.scoring.facts import find_vetoes, score_facts
from lianzheng.scoring.grades import grade_units, rank_units
from lianzheng.scoring.items import score_items
from lianzheng.scoring.lines import LINE_COLUMNS, Frames, Line
from lianzheng.scoring.questionnaire import score_questionnaires
from lianzheng.scoring.reliability import reliability
from lianzheng.scoring.rounding import rounded
from lianzheng.scoring.total import combine, component_rows
from lianzheng.tables import Tables, check_references, conform, schemas, write_tables

OWN_CODES = frozenset(
    "score_differs_from_rule missing_observation reason_missing teams_differ not_for_unit_type".split()
)


@dataclass(frozen=True, slots=True)
class Scoring:
    """The scoring tables by name, and the data issues that scoring found."""

    frames: dict[str, pd.DataFrame]
    issues: tuple[Issue, ...]


def run_scoring(config: CycleConfig, tables: Frames) -> Scoring:
    """Score every unit of the roster; pure: reads ``tables``, writes nothing.

    Raises :class:`ConfigError` when a recorded decision departs from a grade that is no longer the computed one.
    """
    item_lines, items, issues = score_items(config, tables)
    block_lines, blocks, inspections = score_blocks(config, items)
    fact_lines, deductions = score_facts(config, tables)
    vetoes = find_vetoes(config, tables)
    ballots = sum_ballots(config.questionnaire, tables) if config.questionnaire else None
    questionnaires = score_questionnaires(config, tables, ballots)
    rows = combine(config, tables["units"], inspections, questionnaires, deductions)
    rows = grade_units(config, rows, items_at_zero(config, items), vetoes)
    rows = rank_units(rows, config.cycle.rank_minimum)
    made = {
        "score_lines": numbered([*item_lines, *block_lines, *fact_lines, *vetoes]),
        "scores_by_unit_item": items,
        "scores_by_unit_block": blocks,
        "scores_by_unit_component": component_rows(config, rows),
        "results_by_unit": rows,
        "questionnaire_by_unit_question": questionnaires,
        "reliability_by_form": reliability(config, ballots, questionnaires),
        "grade_decisions": pd.DataFrame([decision.model_dump() for decision in config.decisions]),
    }
    frames = {name: _stored(name, frame, config.cycle.cycle) for name, frame in made.items()}
    return Scoring(frames, tuple(issues))


def items_at_zero(config: CycleConfig, results: pd.DataFrame) -> dict[str, list[str]]:
    """Names of the applicable items of the 100 points that the teams gave nothing for, by unit."""
    names = {item.item_id: item.name for item in config.standard.scored_items if item.max_points > 0}
    is_seen = results["n_teams"] > 0  # a group's mean accuses nobody
    is_scored = results["item_id"].isin(list(names)) & is_seen
    zero = results[is_scored & (rounded(results["team_points"]) == 0)]
    return {unit_id: [names[id_] for id_ in rows] for unit_id, rows in zero.groupby("unit_id")["item_id"]}


def numbered(lines: Sequence[Line]) -> pd.DataFrame:
    """score_lines with ``line_number`` from 1 within unit × item × scorer, in order of firing."""
    frame = pd.DataFrame(list(lines), columns=LINE_COLUMNS)
    return frame.assign(line_number=frame.groupby(["unit_id", "item_id", "scorer"]).cumcount() + 1)


def _stored(name: str, frame: pd.DataFrame, cycle: int) -> pd.DataFrame:
    """The columns that the table keeps, at its types."""
    return conform(name, frame[[column for column in schemas()[name].names if column in frame]], cycle)


def write_scoring(config: CycleConfig, scoring: Scoring) -> None:
    """Store the scoring tables and put scoring's issues in place of those of an earlier run."""
    stored = Tables(config.data_processed)
    issues = merged_issues(stored["issues"], scoring.issues, config.cycle.cycle)
    frames = {**scoring.frames, "issues": issues}
    check_references({**frames, **{name: stored[name] for name in ("units", "items", "files")}})
    write_tables(config.data_processed, frames, {})


def merged_issues(earlier: pd.DataFrame, issues: Iterable[Issue], cycle: int) -> pd.DataFrame:
    """The issues table with scoring's own codes replaced by ``issues``."""
    own = conform("issues", {issue.issue_id: issue.as_row() for issue in issues}.values(), cycle)
    kept = earlier[~earlier["code"].isin(list(OWN_CODES))]
    return conform("issues", pd.concat([kept, own], ignore_index=True), cycle)
