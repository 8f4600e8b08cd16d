"""The product's scores equal those of an independent recomputation, and the comparison sees what it must see."""

from __future__ import annotations

import ast
import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.scoring import Scoring, run_scoring, suppression
from lianzheng.tables import conform, schemas
from tests import house
from tests.oracle import points
from tests.oracle import recompute as oracle
from tests.oracle.bureau import draw_bureau

SEEDS = (1, 2, 3, 4)
READ = (
    "units files submissions cases scores_by_unit_item_scorer tallies_by_unit_question_option ballots"
    " answers_by_ballot_question ballot_counts rectifications"
).split()
COLUMNS = {
    "items": ("scores_by_unit_item", "item_id", {"self": "self_points", "team": "team_points", "away": "is_not_applicable"}),
    "blocks": ("scores_by_unit_block", "block_id", {"self": "self_points", "team": "team_points"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def config() -> CycleConfig:
    return load_config(2018, house.REPOSITORY)


def frames_of(rows: dict[str, list[dict[str, Any]]], cycle: int) -> dict[str, pd.DataFrame]:
    return {
        name: conform(name, rows[name], cycle) if rows.get(name) else schemas()[name].empty() for name in READ
    }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain dictionaries, null as None."""
    return [{k: None if pd.isna(v) else v for k, v in row.items()} for row in frame.to_dict("records")]


def differences(
    config: CycleConfig, frames: dict[str, pd.DataFrame], scoring: Scoring | None = None
) -> list[str]:
    """Every figure in which product and recomputation disagree."""
    expected = oracle.recompute(config, {name: records(frames[name]) for name in READ})
    scoring = scoring or run_scoring(config, frames)
    made = {name: records(frame) for name, frame in scoring.frames.items()}
    differing = sorted((i.unit_id, i.words["row"]) for i in scoring.issues if i.code == "teams_differ")
    names = {item.item_id: item.name for item in config.standard.items}
    asked = sorted((unit_id, names[item_id]) for unit_id, item_id in expected["differ"])
    found = [] if differing == asked else [f"teams differ: {differing} {asked}"]
    for part, (table, key, columns) in COLUMNS.items():
        rows = {(row["unit_id"], row[key]): row for row in made[table]}
        assert set(rows) == set(expected[part])
        for place, values in expected[part].items():
            found += [
                f"{place} {c}" for name, c in columns.items() if not _equal(rows[place][c], values[name])
            ]
    answers = {
        (row["unit_id"], row["rater_group"], row["question_id"]): row
        for row in made["questionnaire_by_unit_question"]
    }
    assert set(answers) == set(expected["questionnaires"])
    for place, cell in expected["questionnaires"].items():
        row, is_hidden = answers[place], cell["code"] in ("few", "complement")
        is_equal = _equal(row["score"], cell["score"]) and row["suppression_code"] == cell["code"]
        found += [] if is_equal and row["is_suppressed"] == is_hidden else [f"{place} {cell}"]
    components = {(row["unit_id"], row["component"]): row for row in made["scores_by_unit_component"]}
    for row in made["results_by_unit"]:
        unit_id = row["unit_id"]
        seen = {
            **{
                name: row[name]
                for name in ("self_total", "total", "grade", "is_provisional", "rank", "n_ranked")
            },
            "veto": row["veto_code"],
            "inspection": components[unit_id, "inspection"]["score"],
            "perception": components[unit_id, "perception"]["score"],
            "facts": components[unit_id, "facts"]["deduction_points"],
        }
        values = expected["results"][unit_id]
        found += [
            f"{unit_id} {name}: {seen[name]} {values[name]}"
            for name in seen
            if not _equal(seen[name], values[name])
        ]
    assert set(expected["results"]) == {row["unit_id"] for row in made["results_by_unit"]}
    return found


def _equal(seen: Any, expected: Any) -> bool:
    if expected is None or seen is None or isinstance(expected, str | bool):
        return seen == expected
    return abs(float(seen) - float(expected)) < 1e-9


@pytest.mark.parametrize(
    ("module", "others"), [(points, set()), (oracle, {"tests.oracle.points"})], ids=["points", "recompute"]
)
def test_the_recomputation_shares_nothing_with_the_product(module: Any, others: set[str]) -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "collections", "fractions", "typing"} | others


@pytest.mark.parametrize("seed", SEEDS)
def test_random_bureaus(config: CycleConfig, seed: int) -> None:
    assert differences(config, frames_of(draw_bureau(config, seed), 2018)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"weights": {"inspection": 1, "perception": 0}},
        {"weights": {"inspection": 0.35, "perception": 0.65}, "suppression_threshold": 12, "rank_minimum": 2},
        {"inspection_cap": 90, "facts": {"cap": 40, "rules": [
            {"rule_id": "F", "rule_type": "deduction_per_case", "fact": "cases", "points": 7.5, "label": "案件"}]}},
    ],
)  # fmt: skip
def test_other_parameters(config: CycleConfig, changes: dict[str, Any]) -> None:
    cycle = type(config.cycle).model_validate({**config.cycle.model_dump(), **changes})
    assert config.questionnaire is not None
    counting = config.questionnaire.model_copy(update={"counts_abstentions": True, "trims_extremes": True})
    other = dataclasses.replace(config, cycle=cycle, questionnaire=counting)
    assert differences(other, frames_of(draw_bureau(other, 5), 2018)) == []


def test_the_bureaus_reach_what_they_are_meant_to_reach(config: CycleConfig) -> None:
    results = pd.concat(
        run_scoring(config, frames_of(draw_bureau(config, seed), 2018)).frames["results_by_unit"]
        for seed in SEEDS
    )
    assert results["total"].notna().sum() > 30 and results["total"].isna().sum() > 10
    assert results["is_provisional"].any() and results["rank"].notna().any()
    assert set(results["veto_code"].dropna()) == {"fails", "not_excellent"}
    assert {"qualified", "unqualified", "unverified"} <= set(results["grade"])


def test_votes_are_hidden_for_every_reason(config: CycleConfig) -> None:
    bureaus = (run_scoring(config, frames_of(draw_bureau(config, seed), 2018)).frames for seed in SEEDS)
    answers = pd.concat(frames["questionnaire_by_unit_question"] for frames in bureaus)
    counts = answers.query("rater_group != 'all'")["suppression_code"].value_counts()
    assert set(counts.index) == {"few", "complement", "void"} and counts.min() > 50
    assert "complement" not in set(answers.query("rater_group == 'all'")["suppression_code"].dropna())


def test_a_complement_that_is_not_hidden_is_seen(
    config: CycleConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suppression, "complements", lambda rows, threshold: [])
    assert differences(config, frames_of(draw_bureau(config, 1), 2018))


def _half_to_even(value: float) -> Decimal:
    return Decimal(repr(round(float(value), 9))).quantize(Decimal("0.01"))


def test_half_to_even_is_seen(config: CycleConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A total of 100 − 4.5 − 4.5 − 3.375 = 87.625 is 87.63; half to even makes it 87.62, under a band that begins at 87.63."""
    bands = [
        {"grade": "excellent", "label": "优秀", "lowest": 87.63},
        {"grade": "unqualified", "label": "不合格", "lowest": 0},
    ]
    changes = {"weights": {"inspection": 1, "perception": 0}, "grades": bands}
    cycle = type(config.cycle).model_validate({**config.cycle.model_dump(), **changes})
    plain, lost = dataclasses.replace(config, cycle=cycle), {"S107": 4.5, "S201": 4.5, "S301": 3.375}
    sheet = [
        {"unit_id": "U001", "item_id": item.item_id, "scorer": "T1", "member_id": "", "part_id": "", "value_state": "number",
         "points": item.max_points - lost.get(item.item_id, 0)}
        for item in config.standard.scored_items
    ]  # fmt: skip
    unit = {"unit_id": "U001", "name": "单位", "short_name": "单位", "unit_type": "甲", "headcount": 9, "order": 1,
            "is_visited": True, "was_visited_last_cycle": True}  # fmt: skip
    frames = frames_of({"units": [unit], "scores_by_unit_item_scorer": sheet}, 2018)
    assert differences(plain, frames) == []
    for module in ("grades", "rounding"):
        monkeypatch.setattr(f"lianzheng.scoring.{module}.round_half_up", _half_to_even)
    assert differences(plain, frames) == ["U001 grade: unqualified excellent"]


def test_the_sample_bureau(sample: tuple[CycleConfig, dict[str, pd.DataFrame]]) -> None:
    config, frames = sample
    assert len(frames["units"]) == 24
    assert differences(config, frames) == []
