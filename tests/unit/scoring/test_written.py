"""What stands on a sheet beside the item's own row: parts, members, what does not apply, and what is not for the unit."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lianzheng.scoring.facts import find_vetoes
from lianzheng.scoring.items import score_items
from tests.unit.scoring import small
from tests.unit.scoring.small import block, frames, item, row, score, unit

AWAY = {"rule_id": "N", "rule_type": "not_applicable", "when": "declared"}
MEAN = {**AWAY, "when": "not_visited_last_cycle", "treatment": "group_mean"}
CASES = {"rule_type": "deduction_per_case", "points": 1}
SUBS = [
    {"part_id": "a", "label": "会议", "max_points": 6},
    {"part_id": "b", "label": "台账", "max_points": 4},
]
SPLIT = [
    {**block("A", 100, [item("A1", 100, CASES)]), "unit_types": ["甲类"]},
    {**block("B", 100, [item("B1", 100, CASES)]), "unit_types": ["乙类"]},
    {
        **block("V", 0, [item("V1", 0, {"rule_type": "veto", "effect": "fails"})], "veto"),
        "unit_types": ["乙类"],
    },
]


def one_item(rule: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [block("A", 10, [item("A1", 10, rule, **more)])]


def result(blocks: list[dict[str, Any]], *rows: dict[str, Any], units: Any = None) -> dict[str, Any]:
    _, items, _ = score_items(small.config(blocks), frames(units, scores=list(rows)))
    return row(items, unit_id="U001", item_id="A1")


def test_not_applicable_holds_even_where_a_members_cell_was_left_blank() -> None:
    blocks = one_item({"rule_type": "mean_over_members"}, not_applicable=AWAY)
    sheet = score("U001", "A1", value_state="not_applicable"), score("U001", "A1", None, None, member_id="M1")
    assert result(blocks, *sheet)["is_not_applicable"]
    assert not result(blocks, score("U001", "A1"), sheet[1])["is_not_applicable"]


def test_a_verified_number_is_no_mean_of_members() -> None:
    blocks, count = (
        one_item({"rule_type": "mean_over_members"}),
        score("U001", "A1", 6),
    )  # six members, no points
    assert pd.isna(result(blocks, count)["team_points"])
    blank = score("U001", "A1", None, None, member_id="M1")
    assert pd.isna(result(blocks, count, blank)["team_points"])
    assert result(blocks, count, score("U001", "A1", None, 8, member_id="M1"))["team_points"] == 8


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({"points": 3}, 8),
        ({"points": 0}, 5),
        ({"points": 0, "value_state": "dash"}, None),  # a dash is no zero
        ({"points": 0, "value_state": "word_none"}, None),
        ({}, None),
    ],
)
def test_a_dash_for_a_sub_item_leaves_the_item_open(second: dict[str, Any], expected: float | None) -> None:
    blocks = one_item({"rule_type": "sum_of_sub_items", "sub_items": SUBS})
    sheet = [score("U001", "A1", part_id="a", points=5), score("U001", "A1", part_id="b", **second)]
    points = result(blocks, *sheet)["team_points"]
    assert pd.isna(points) if expected is None else points == expected


def test_a_unit_off_the_visit_list_that_got_its_groups_mean_has_the_item() -> None:
    units = [unit(1, visited=False, last=False), unit(2, visited=False)]
    rows = [score("U002", "A1", points=7, scorer="self")]
    found = result(one_item(CASES, not_applicable=MEAN), *rows, units=units)
    assert found["self_points"] == 7 and not found["is_not_applicable"]
    alone = result(one_item(CASES, not_applicable=MEAN), units=units)
    assert pd.isna(alone["self_points"]) and alone["is_not_applicable"]


def test_a_veto_of_a_block_for_other_types_touches_nothing_and_is_told() -> None:
    config, rows = (
        small.config(SPLIT),
        [score("U001", "V1", 1), score("U002", "V1", 1), score("U001", "B1", 2)],
    )
    tables = frames([unit(1), unit(2, "乙类")], scores=rows)
    assert [line["unit_id"] for line in find_vetoes(config, tables)] == ["U002"]
    _, _, issues = score_items(config, tables)
    told = [(i.unit_id, i.words["row"]) for i in issues if i.code == "not_for_unit_type"]
    assert sorted(told) == [("U001", "项目B1"), ("U001", "项目V1")]
