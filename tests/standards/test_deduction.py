"""A standard that only deducts (扣完为止): several rules at an item, ranges, 不得分; a questionnaire of three tenths."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lianzheng.config import CycleConfig
from lianzheng.config.load import lint
from lianzheng.scoring import Scoring, run_scoring
from tests.oracle.test_recompute import differences
from tests.standards import sheets
from tests.standards.sheets import Expected, Sheet

SHEETS: dict[str, Sheet] = {
    "U001": {"D1": {"": 3, "D1.2": 0, "D1.3": 0}, "D2": {"": 1.0, "D2.2": 0}, "D3": {"": 1, "D3.2": 2.5},
             "D4": {"": 1, "D4.2": 0}, "D5": 0.9, "D6": 3, "D7": 0},
    "U002": {"D1": {"": 0, "D1.2": 5, "D1.3": 0}, "D2": {"": 0.96, "D2.2": 3}, "D3": {"": 0, "D3.2": 0},
             "D4": {"": 6, "D4.2": 0}, "D5": 1.0, "D6": 1, "D7": 0},
    "U003": {"D1": {"": 4, "D1.2": 0, "D1.3": 1}, "D2": {"": 1.0, "D2.2": 0}, "D3": {"": 0, "D3.2": 0},
             "D4": {"": 0, "D4.2": 1}, "D5": 0.949, "D6": 0, "D7": 0},
    "U004": {"D1": {"": 5, "D1.2": 0, "D1.3": 0}, "D2": {"": 1.0, "D2.2": 0}, "D3": {"points": 14, "reason": "材料有误"},
             "D4": {"": 0, "D4.2": 0}, "D5": 0.97, "D6": {"points": 10}, "D7": 1},
}  # fmt: skip
EXPECTED: Expected = {
    # D1 20 − 1·3; D3 15 − 1·2 = 13, − 2.5; D4 20 − 4; D5 5 points below 95 %: 20 − 5·0.5; D6 10 − 3
    # 检查 17 + 15 + 10.5 = 42.5, 16 + 17.5 + 7 = 40.5, 83; 测评 87 and 96: 91.5
    # total 0.7·83 + 0.3·91.5 = 58.1 + 27.45 = 85.55, less one transferred case of 1.5; direct ones are ignored
    "U001": {"D1": 17, "D2": 15, "D3": 10.5, "D4": 16, "D5": 17.5, "D6": 7, "leadership": 42.5, "supervision": 40.5,
             "inspection": 83, "perception": 91.5, "total": 84.05, "grade": "good"},
    # D1 20 − 4·3 = 8, − (5 brought to 3) = 5; D2 15 − 5 = 10, − 3·0.5; D4 6·4 = 24, 扣完为止; D6 10 − (1 brought to 2)
    # 5 + 8.5 + 15 = 28.5, 0 + 20 + 8 = 28; no questionnaire: 56.5 less 0.5 for the late return, provisional
    "U002": {"D1": 5, "D2": 8.5, "D3": 15, "D4": 0, "D5": 20, "D6": 8, "leadership": 28.5, "supervision": 28,
             "inspection": 56.5, "perception": None, "total": 56, "grade": "unqualified"},
    # D1 and D4: 凡出现…不得分; D5 0.1 points below 95 % are no full step; 测评 65 and 100: 82.5
    # 0.7·60 + 0.3·82.5 = 42 + 24.75 = 66.75, less four transferred cases: 6, at most 4
    "U003": {"D1": 0, "D2": 15, "D3": 15, "D4": 0, "D5": 20, "D6": 10, "leadership": 30, "supervision": 30,
             "inspection": 60, "perception": 82.5, "total": 62.75, "grade": "qualified"},
    # D3 as the team wrote it, its second rule has no number; D6 the points are a deduction of 0
    # 0.7·99 + 0.3·100 = 99.3 is 优秀, 一票否优 makes it 良好
    "U004": {"D1": 20, "D2": 15, "D3": 14, "D4": 20, "D5": 20, "D6": 10, "leadership": 49, "supervision": 50,
             "inspection": 99, "perception": 100, "total": 99.3, "grade": "good"},
}  # fmt: skip
OWN = {
    "D1": 18,
    "D2": 15,
    "D3": 15,
    "D4": 20,
    "D5": 20,
    "D6": 10,
}  # U005, which was not visited: 98 by itself
VOTES = {  # 满意 基本满意 不满意 不了解, of both questions
    "U001": ((6, 3, 1, 0), (8, 2, 0, 0)),  # (600 + 240 + 30)/10 = 87, (800 + 160)/10 = 96
    "U003": ((5, 0, 5, 2), (10, 0, 0, 2)),  # (500 + 150)/10 = 65: 不了解 is not counted; 100
    "U004": ((9, 0, 0, 0), (9, 0, 0, 0)),
}
SCALE = (("satisfied", 100), ("fairly", 80), ("dissatisfied", 30), ("unknown", None))


def votes() -> list[dict[str, Any]]:
    return [
        {"unit_id": unit_id, "form_id": "questionnaire", "rater_group": "staff", "question_id": f"Q{n}",
         "option_id": option_id, "n_votes": count, "coefficient": coefficient, "source": "hand"}
        for unit_id, both in VOTES.items()
        for n, counts in enumerate(both, start=1)
        for (option_id, coefficient), count in zip(SCALE, counts, strict=True)
    ]  # fmt: skip


def cases() -> list[dict[str, Any]]:
    known = [
        ("U001", "transferred", "closed"),
        ("U001", "direct", "closed"),
        ("U001", "transferred", "pending"),
    ]
    known += [("U003", "transferred", "closed")] * 4
    return [
        {"case_id": f"C{n}", "unit_id": unit_id, "category_id": "other", "source": source, "n_persons": 1,
         "four_forms_level": "1", "state": state}
        for n, (unit_id, source, state) in enumerate(known)
    ]  # fmt: skip


def tables(config: CycleConfig) -> dict[str, pd.DataFrame]:
    file = {"file_id": "F1", "path": "a.xlsx", "sha256": "", "size_bytes": 0, "format": "xlsx", "state": "read",
            "is_counted": True}  # fmt: skip
    late = {"unit_id": "U002", "form_id": "standard", "round": 1, "file_id": "F1", "is_late": True, "state": "accepted",
            "received_at": "2018-12-03 09:00", "is_counted": True, "reason": "only_version", "n_return_issues": 0}  # fmt: skip
    own = [
        {"unit_id": "U005", "item_id": item_id, "scorer": "self", "member_id": "", "part_id": "", "points": points,
         "value_state": "number"}
        for item_id, points in OWN.items()
    ]  # fmt: skip
    more = {"own": own, "files": [file], "submissions": [late], "cases": cases()}
    return sheets.tables(config, SHEETS, tallies_by_unit_question_option=votes(), **more)


@pytest.fixture(scope="module")
def config() -> CycleConfig:
    return sheets.read("deduction")


@pytest.fixture(scope="module")
def scoring(config: CycleConfig) -> Scoring:
    return run_scoring(config, tables(config))


def test_the_standard_passes_every_check() -> None:
    assert [wrong for found in lint(2018, sheets.project("deduction")).values() for wrong in found] == []


def test_scores_made_by_hand(scoring: Scoring) -> None:
    sheets.assert_scored(scoring, EXPECTED)


def test_the_recomputation_agrees(config: CycleConfig, scoring: Scoring) -> None:
    assert differences(config, tables(config), scoring) == []


def test_the_unit_that_was_not_visited_has_its_own_total_only(scoring: Scoring) -> None:
    results = scoring.frames["results_by_unit"].set_index("unit_id")
    assert results.loc["U005", "self_total"] == 98 and pd.isna(results.loc["U005", "total"])
    assert results.loc["U005", "grade"] == "unverified" and list(results["is_provisional"]) == [0, 1, 0, 0, 0]


def test_each_rule_takes_from_what_the_one_before_left(scoring: Scoring) -> None:
    lines = scoring.frames["score_lines"].query("unit_id == 'U002' and item_id == 'D1'")
    assert list(zip(lines["rule_id"], lines["base_points"], lines["change_points"], strict=True)) == [
        ("D1.1", 20, -12), ("D1.2", 8, -3), ("D1.3", 5, 0)]  # fmt: skip
    assert lines["reason"].iloc[0] == "应4次，实际0次，缺4次，扣12分"


def test_what_is_out_of_bounds_or_without_its_number_is_asked(scoring: Scoring) -> None:
    told = [(issue.code, issue.unit_id, issue.message) for issue in scoring.issues]
    assert told == [
        # 20 − 12 = 8, 扣5分 leaves 3, the range ends at 3; 10 − 1, the range begins at 2
        ("score_differs_from_rule", "U002", "“专题会议”检查组评 3 分，按评分规则应为 5 分"),
        ("score_differs_from_rule", "U002", "“整改落实”检查组评 9 分，按评分规则应为 8 分"),
    ]
