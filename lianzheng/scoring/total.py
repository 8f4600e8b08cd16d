"""检查, 测评, 事实 → total, as docs/methodology.md says; weights and caps are parameters of cycle.yml."""

from __future__ import annotations

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.scoring.questionnaire import ALL


def combine(
    config: CycleConfig, units: pd.DataFrame, inspections: pd.DataFrame, questionnaires: pd.DataFrame,
    deductions: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """One row per unit with its three components, their states, ``is_provisional`` and the unrounded total.

    total = w₁·检查 + w₂·测评 − 事实 within 0–100; without a valid questionnaire 检查 − 事实, provisional.
    """
    weights = config.cycle.weights
    is_weighted = weights.perception > 0
    rows = units[["unit_id", "unit_type", "is_visited"]].merge(inspections, on="unit_id", how="left")
    rows = rows.merge(_forms(config, questionnaires), on="unit_id", how="left").merge(
        deductions, on="unit_id"
    )
    visited = rows["is_visited"].astype(bool)
    inspection, perception = rows["inspection"].where(visited), rows["perception"].where(visited)
    is_provisional = visited & inspection.notna() & perception.isna() & is_weighted
    mixed = weights.inspection * inspection + weights.perception * (perception if is_weighted else 0.0)
    total = mixed.where(~is_provisional, inspection) - rows["deduction_points"]
    return rows.assign(
        is_visited=visited,
        inspection=inspection,
        perception=perception,
        inspection_state=_state(visited, inspection, "incomplete"),
        perception_state=_state(visited, perception, "no_valid_questionnaire", is_weighted=is_weighted),
        is_provisional=is_provisional,
        total=total.clip(0, 100),
    )


def _forms(config: CycleConfig, questionnaires: pd.DataFrame) -> pd.DataFrame:
    """Score and valid ballots of the whole form of each unit."""
    if config.questionnaire is None:
        return pd.DataFrame({"unit_id": pd.Series(dtype="str"), "perception": 0.0, "n_valid": 0.0})
    is_form = (questionnaires["question_id"] == ALL) & (questionnaires["rater_group"] == ALL)
    return questionnaires[is_form].rename(columns={"score": "perception"})[
        ["unit_id", "perception", "n_valid"]
    ]


def _state(visited: pd.Series, score: pd.Series, otherwise: str, *, is_weighted: bool = True) -> pd.Series:
    state = pd.Series("scored", index=score.index, dtype="str").mask(score.isna(), otherwise)
    state = state if is_weighted else state.mask(visited, "not_weighted")
    return state.mask(~visited, "not_visited")


def component_rows(config: CycleConfig, rows: pd.DataFrame) -> pd.DataFrame:
    """scores_by_unit_component: 检查, 测评 and 事实 of every unit."""
    weights = config.cycle.weights
    units = rows[["unit_id"]]
    inspection = units.assign(
        component="inspection", score=rows["inspection"], weight=weights.inspection,
        n=rows["n_scored"].where(rows["is_visited"]), state=rows["inspection_state"],
    )  # fmt: skip
    perception = units.assign(
        component="perception", score=rows["perception"], weight=weights.perception,
        n=rows["n_valid"].where(rows["is_visited"]), state=rows["perception_state"],
    )  # fmt: skip
    facts = units.assign(
        component="facts",
        weight=0.0,
        deduction_points=rows["deduction_points"],
        n=rows["n_facts"],
        state="scored",
    )
    return pd.concat([inspection, perception, facts], ignore_index=True)
