"""检查, 测评, 事实 → total, as docs/methodology.md says; weights and caps are parameters of cycle.yml."""

from __future__ import annotations

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.scoring.suppression import ALL


def combine(
    config: CycleConfig, units: pd.DataFrame, inspections: pd.DataFrame, questionnaires: pd.DataFrame,
    deductions: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """One row per unit with its three components, their states, ``is_provisional`` and the unrounded total.

    total = w₁·检查 + w₂·测评 − 事实 within 0–100; without a valid questionnaire 检查 − 事实, provisional.
    """
    weights = config.cycle.weights
    rows = units[["unit_id", "unit_type", "is_visited"]]
    for part in (inspections, _forms(questionnaires), deductions):
        rows = rows.merge(part, on="unit_id", how="left")
    visited, is_weighted = rows["is_visited"].astype(bool), weights.perception > 0
    inspection, perception = rows["inspection"], rows["perception"].where(visited)
    is_provisional = inspection.notna() & perception.isna() & is_weighted
    mixed = weights.inspection * inspection + weights.perception * (perception if is_weighted else 0.0)
    total = mixed.where(~is_provisional, inspection) - rows["deduction_points"]
    perceived = _state(visited, perception, "no_valid_questionnaire")
    return rows.assign(
        is_visited=visited, perception=perception, is_provisional=is_provisional,
        inspection_state=_state(visited, inspection, "incomplete"),
        perception_state=perceived if is_weighted else perceived.mask(visited, "not_weighted"),
        total=total.clip(0, 100),
    )  # fmt: skip


def _forms(questionnaires: pd.DataFrame) -> pd.DataFrame:
    """Score and valid ballots of the whole form of each unit."""
    is_form = (questionnaires["question_id"] == ALL) & (questionnaires["rater_group"] == ALL)
    forms = questionnaires[is_form].rename(columns={"score": "perception"})
    return forms[["unit_id", "perception", "n_valid"]]


def _state(visited: pd.Series, score: pd.Series, otherwise: str) -> pd.Series:
    state = pd.Series("scored", index=score.index, dtype="str").mask(score.isna(), otherwise)
    return state.mask(~visited, "not_visited")


def component_rows(config: CycleConfig, rows: pd.DataFrame) -> pd.DataFrame:
    """scores_by_unit_component: 检查, 测评 and 事实 of every unit."""
    weights, visited = config.cycle.weights, rows["is_visited"]
    columns = {
        "inspection": (rows["inspection"], weights.inspection, rows["n_scored"].where(visited), rows["inspection_state"]),
        "perception": (rows["perception"], weights.perception, rows["n_valid"].where(visited), rows["perception_state"]),
        "facts": (float("nan"), 0.0, rows["n_facts"], "scored"),
    }  # fmt: skip
    parts = [
        rows[["unit_id"]].assign(component=name, score=score, weight=weight, n=n, state=state)
        for name, (score, weight, n, state) in columns.items()
    ]
    parts[-1] = parts[-1].assign(deduction_points=rows["deduction_points"])
    return pd.concat(parts, ignore_index=True)
