"""Items of several parts, several rules, ranks, means of a group, and blocks for types of units; all by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lianzheng.scoring import run_scoring
from lianzheng.scoring.items import score_items
from tests.unit.scoring import small
from tests.unit.scoring.small import block, frames, item, row, score, unit

MISSING = {
    "rule_id": "A2.2",
    "rule_type": "deduction_per_missing",
    "required": 4,
    "points": 2,
    "counts": "会议次数",
}
BLOCKS = [
    block("A", 60, [
        item("A1", 20, {"rule_type": "tiered", "tiers": [
            {"part_id": "province", "label": "省级", "points": 6}, {"part_id": "city", "label": "市级", "points": 4},
        ]}),
        item("A2", 20, {"rule_type": "deduction_per_case", "points": 5}, further_rules=[
            MISSING,
            {"rule_id": "A2.3", "rule_type": "range", "lowest": 1, "highest": 3, "counts": "视情扣分数"},
            {"rule_id": "A2.4", "rule_type": "override", "counts": "严重问题数"},
        ]),
        item("A3", 20, {"rule_type": "rank_based", "points_by_rank": {1: 20, 3: 15}, "within": "unit_type"}),
    ]),
    block("B", 40, [
        item("B1", 20, {"rule_type": "all_or_nothing"},
             not_applicable=small.not_applicable("B1", "declared") | {"treatment": "group_mean"}),
        item("B2", 20, {"rule_type": "conversion", "sources": [
            {"part_id": "year", "label": "年终", "share": 0.8}, {"part_id": "daily", "label": "日常", "share": 0.2},
        ]}),
    ]) | {"unit_types": ["甲类"]},
    block("C", 40, [item("C1", 40, {"rule_type": "sum_of_sub_items", "sub_items": [
        {"part_id": "a", "label": "会议", "max_points": 10, "rule": {**MISSING, "rule_id": "C1.a"}},
        {"part_id": "b", "label": "台账", "max_points": 30},
    ]})]) | {"unit_types": ["乙类"]},
]  # fmt: skip


def scored(*rows: dict[str, Any], units: list[dict[str, Any]] | None = None) -> tuple[Any, pd.DataFrame, Any]:
    return score_items(small.config(BLOCKS), frames(units, scores=list(rows)))


def points(results: pd.DataFrame, item_id: str, unit_id: str = "U001") -> float:
    return float(row(results, unit_id=unit_id, item_id=item_id)["team_points"])


def parts(item_id: str, unit_id: str = "U001", **more: Any) -> list[dict[str, Any]]:
    """Rows for parts: an observed number, or points where the value is written as ("points", 9)."""
    return [
        score(unit_id, item_id, None, value[1], part_id=name) if isinstance(value, tuple)
        else score(unit_id, item_id, value, part_id=name)
        for name, value in more.items()
    ]  # fmt: skip


def test_tiers_make_a_line_each_that_rests_on_its_own_cell() -> None:
    lines, results, issues = scored(score("U001", "A1"), *parts("A1", province=2, city=1))  # 12 + 4
    assert points(results, "A1") == 16 and issues == []
    told = [
        (line["base_points"], line["change_points"], line["fact_key"])
        for line in lines
        if line["item_id"] == "A1"
    ]
    assert told == [(0, 12, "U001|A1|T1||province"), (12, 4, "U001|A1|T1||city")]


@pytest.mark.parametrize(
    ("written", "expected", "code"), [(None, None, "missing_observation"), (13, 13, None)]
)
def test_a_part_without_its_number_leaves_the_item_to_what_was_written_for_the_whole(
    written: float | None, expected: float | None, code: str | None
) -> None:
    _, results, issues = scored(score("U001", "A1", None, written), *parts("A1", province=2, city=None))
    found = row(results, unit_id="U001", item_id="A1")["team_points"]
    assert pd.isna(found) if expected is None else found == expected
    assert [issue.code for issue in issues if issue.words["row"] == "项目A1"] == ([code] if code else [])


def further(first: float, missing: float, judged: float, grave: float) -> list[dict[str, Any]]:
    more = {"A2.2": missing, "A2.3": judged, "A2.4": grave}
    return [
        score("U001", "A2", first),
        *(score("U001", "A2", n, part_id=p, reason="理由") for p, n in more.items()),
    ]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((0, 4, 0, 0), [20, 20, 20, 20]),
        ((1, 3, 2, 0), [15, 13, 11, 11]),  # 20−5; 缺1次 −2; 视情 −2
        ((3, 2, 0.5, 0), [5, 1, 0, 0]),  # 20−15; −4; 扣0.5 brought to 1
        ((4, 0, 3, 0), [0, 0, 0, 0]),  # nothing is left to take
        ((0, 4, 0, 1), [20, 20, 20, 0]),
    ],
)
def test_further_rules_take_from_what_is_left(
    numbers: tuple[float, float, float, float], expected: list[float]
) -> None:
    lines, results, _ = scored(*further(*numbers))
    after = [line["base_points"] + line["change_points"] for line in lines if line["item_id"] == "A2"]
    assert after == expected and points(results, "A2") == expected[-1]


def test_only_the_judged_part_needs_a_reason() -> None:
    silent = [dict(found, reason=None) for found in further(1, 3, 2, 0)]
    assert [issue.code for issue in scored(*silent)[2] if issue.words["row"] == "项目A2"] == [
        "reason_missing"
    ]
    lines, _, issues = scored(*further(1, 3, 2, 0))
    assert "reason_missing" not in [issue.code for issue in issues]
    assert [line["decided_by"] for line in lines if line["item_id"] == "A2"] == ["rule", "rule", "T1", "rule"]


def test_ranks_are_shared_and_taken_within_the_type() -> None:
    units = [unit(1), unit(2), unit(3), unit(4), unit(5, "乙类")]
    seen = {"U001": 7, "U002": 9, "U003": 7, "U004": 1, "U005": 2}
    rows = [score(unit_id, "A3", number) for unit_id, number in seen.items()]
    lines, results, _ = scored(*rows, units=units)
    assert [points(results, "A3", unit_id) for unit_id in seen] == [
        15,
        20,
        15,
        0,
        20,
    ]  # ranks 2 1 2 4, and 1 of 乙类
    first, second = (line for line in lines if line["unit_id"] == "U004" and line["item_id"] == "A3")
    assert (first["fact_key"], first["change_points"]) == ("*|A3", 0)
    assert second["reason"] == "核实1，列第4名，得0分"


def test_two_teams_are_ranked_by_their_mean() -> None:
    rows = [score("U001", "A3", 4), score("U001", "A3", 10, scorer="T2"), score("U002", "A3", 6)]
    _, results, _ = scored(*rows, units=[unit(1), unit(2)])  # 7 against 6
    assert [points(results, "A3", unit_id) for unit_id in ("U001", "U002")] == [20, 15]


def away(unit_id: str, **more: Any) -> dict[str, Any]:
    return score(unit_id, "B1", value_state="not_applicable", **more)


def test_the_mean_of_the_type_stands_in_for_what_does_not_apply() -> None:
    rows = [score("U001", "B1", 1), score("U002", "B1", 0), away("U003")]
    lines, results, _ = scored(*rows, units=[unit(1), unit(2), unit(3)])  # (20 + 0) / 2
    found = row(results, unit_id="U003", item_id="B1")
    assert (found["team_points"], found["n_teams"], found["is_not_applicable"]) == (10, 0, False)
    (told,) = (line for line in lines if line["unit_id"] == "U003" and line["rule_type"] == "not_applicable")
    assert (told["fact_table"], told["fact_key"]) == ("scores_by_unit_item", "甲类|B1")


def test_without_a_unit_that_has_points_they_are_shared_out_after_all() -> None:
    lines, results, _ = scored(away("U001"))
    assert row(results, unit_id="U001", item_id="B1")["is_not_applicable"]
    assert "分给本部分其他项目" in next(line for line in lines if line["item_id"] == "B1")["reason"]


def test_a_units_own_side_takes_the_mean_of_the_others_own_points() -> None:
    rows = [score("U001", "B1", None, 14, scorer="self"), away("U002", scorer="self")]
    _, results, _ = scored(*rows, units=[unit(1, visited=False), unit(2, visited=False)])
    found = row(results, unit_id="U002", item_id="B1")
    assert (found["self_points"], found["is_own_not_applicable"]) == (14, False)


def test_blocks_of_another_type_do_not_exist_for_a_unit_and_what_is_written_there_is_asked_about() -> None:
    rows = [*parts("C1", "U002", a=3, b=("points", 25)), *parts("C1", "U001", a=4, b=("points", 30))]
    _, results, issues = scored(*rows, units=[unit(1), unit(2, "乙类")])
    of_unit = {unit_id: set(found["item_id"]) for unit_id, found in results.groupby("unit_id")}
    assert of_unit == {"U001": {"A1", "A2", "A3", "B1", "B2"}, "U002": {"A1", "A2", "A3", "C1"}}
    assert points(results, "C1", "U002") == 33  # 10 − 2 and 25
    strange = [(issue.unit_id, issue.value_seen) for issue in issues if issue.code == "not_for_unit_type"]
    assert strange == [("U001", "4"), ("U001", "30")]


def test_a_unit_of_another_type_reaches_its_hundred_points() -> None:
    rows = [*parts("A1", "U002", province=9, city=0), *parts("A2", "U002", **{"A2.2": 4, "A2.3": 0, "A2.4": 0}),
            score("U002", "A2", 0), score("U002", "A3", 1), *parts("C1", "U002", a=4, b=("points", 30))]  # fmt: skip
    config = small.config(BLOCKS, weights={"inspection": 1, "perception": 0})
    made = run_scoring(config, frames([unit(2, "乙类")], scores=rows)).frames
    assert row(made["results_by_unit"], unit_id="U002")["total"] == 100
    assert set(made["scores_by_unit_block"]["block_id"]) == {"A", "C"}


@pytest.mark.parametrize(("other", "expected"), [(0, []), (16, []), (15.9, ["4.1"])])
def test_teams_that_differ_by_more_than_a_fifth_of_the_points_are_asked(
    other: float, expected: list[str]
) -> None:
    first = 20 if other else 4
    rows = [score("U001", "B1", None, first), score("U001", "B1", None, other, scorer="T2", reason="理由")]
    _, results, issues = scored(*rows)
    assert points(results, "B1") == (first + other) / 2
    assert [issue.value_seen for issue in issues if issue.code == "teams_differ"] == expected
