"""A standard that only adds, up to caps: credits, tiers, sub-items, bonus; no questionnaire, all units visited."""

from __future__ import annotations

import pytest

from lianzheng.config import CycleConfig
from lianzheng.config.load import lint
from lianzheng.scoring import Scoring, run_scoring
from tests.oracle.test_recompute import differences
from tests.standards import sheets
from tests.standards.sheets import Expected, Sheet

SHEETS: dict[str, Sheet] = {
    "U001": {"P1": 3, "P2": 6, "P3": 1, "P4": {"province": 1, "city": 2, "county": 1},
             "P5": {"ledger": 6.5, "activity": 2}, "P6": 3, "P7": 1},
    "U002": {"P1": 4, "P2": 5, "P3": 1, "P4": {"province": 2, "city": 1, "county": 5},
             "P5": {"ledger": 8, "activity": 3}, "P6": 1, "P7": 0},
    "U003": {"P1": 0, "P2": 2, "P3": 0, "P4": {"province": 0, "city": 0, "county": 3},
             "P5": {"ledger": 4, "activity": 1}, "P6": None, "P7": None},
    "U004": {"P1": 5, "P2": 5, "P3": 0, "P4": {"province": 3, "city": 0, "county": 0},
             "P5": {"ledger": 9, "activity": 2}, "P6": 1, "P7": 1},
}  # fmt: skip
EXPECTED: Expected = {
    # P1 3·5; P2 6·4 = 24, at most 20; P4 1·10 + 2·5 + 1·2; P5 6.5 + 2·3.5; bonus 3·2 = 6, at most 4, + 3 = 7, at most 5
    # 55 + 35.5 + 5
    "U001": {"P1": 15, "P2": 20, "P3": 20, "P4": 22, "P5": 13.5, "P6": 4, "P7": 3, "basics": 55, "results": 35.5,
             "bonus": 5, "inspection": 95.5, "total": 95.5, "grade": "excellent"},
    # P4 2·10 + 1·5 + 5·2 = 35, at most 25; P5 8 + (3·3.5 = 10.5, at most 7); 60 + 40 + 2 = 102, at most 100
    "U002": {"P1": 20, "P2": 20, "P3": 20, "P4": 25, "P5": 15, "P6": 2, "P7": 0, "basics": 60, "results": 40,
             "bonus": 2, "inspection": 100, "total": 100, "grade": "excellent"},
    # P4 3·2; P5 4 + 3.5; a bonus left blank is none; 8 + 13.5
    "U003": {"P1": 0, "P2": 8, "P3": 0, "P4": 6, "P5": 7.5, "P6": 0, "P7": 0, "basics": 8, "results": 13.5,
             "bonus": 0, "inspection": 21.5, "total": 21.5, "grade": "unqualified"},
    # P1 25, at most 20; P4 30, at most 25; P5 (9, at most 8) + 7; 40 + 40 + 2 + 3 = 85 is 优秀 but for P3 at 0
    "U004": {"P1": 20, "P2": 20, "P3": 0, "P4": 25, "P5": 15, "P6": 2, "P7": 3, "basics": 40, "results": 40,
             "bonus": 5, "inspection": 85, "total": 85, "grade": "qualified"},
}  # fmt: skip


@pytest.fixture(scope="module")
def config() -> CycleConfig:
    return sheets.read("addition")


@pytest.fixture(scope="module")
def scoring(config: CycleConfig) -> Scoring:
    return run_scoring(config, sheets.tables(config, SHEETS))


def test_the_standard_passes_every_check() -> None:
    assert [wrong for found in lint(2018, sheets.project("addition")).values() for wrong in found] == []


def test_scores_made_by_hand(scoring: Scoring) -> None:
    sheets.assert_scored(scoring, EXPECTED)


def test_the_recomputation_agrees(config: CycleConfig, scoring: Scoring) -> None:
    assert differences(config, sheets.tables(config, SHEETS), scoring) == []


def test_a_tier_that_meets_the_cap_says_so(scoring: Scoring) -> None:
    lines = scoring.frames["score_lines"].query("unit_id == 'U002' and item_id == 'P4'")
    assert list(zip(lines["base_points"], lines["change_points"], lines["is_capped"], strict=True)) == [
        (0, 20, False), (20, 5, False), (25, 0, True)]  # fmt: skip
    assert lines["reason"].iloc[-1] == "县级5次，每次得2分，得0分（已达本项上限）"


def test_without_a_questionnaire_nothing_is_provisional_and_all_are_ranked(scoring: Scoring) -> None:
    components = scoring.frames["scores_by_unit_component"].set_index("component")
    assert set(components.loc["inspection", "state"]) == {"scored"}
    perception = components.loc["perception"]
    assert set(perception["state"]) == {"not_weighted"} and perception["score"].isna().all()
    results = scoring.frames["results_by_unit"].set_index("unit_id")
    assert not results["is_provisional"].any() and (results["n_ranked"] == 4).all()
    assert results["rank"].to_dict() == {"U002": 1, "U001": 2, "U004": 3, "U003": 4}
