"""Every rule type against points and reasons worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from lianzheng.config.standard import Rule
from lianzheng.errors import ConfigError
from lianzheng.scoring.rules import RULES, as_written, check_supported, fire
from tests.unit.scoring import small

MISSING = {"rule_type": "deduction_per_missing", "required": 4, "points": 1, "counts": "专题研究次数"}
CREDIT = {"rule_type": "credit_per_occurrence", "points": 1}
CASE = {"rule_type": "deduction_per_case", "points": 0.5, "counts": "雷同的责任书份数"}
PERSON = {"rule_type": "deduction_per_person", "points": 1}
RATIO = {"rule_type": "ratio_threshold", "threshold": 1.0, "points": 2}
PROPORTIONAL = {"rule_type": "proportional", "target": 0.9, "step": 0.01, "points": 0.1}
RANGE = {"rule_type": "range", "lowest": 1, "highest": 3}
BONUS = {"rule_type": "bonus", "points": 0.1, "counts": "采用篇数"}


def rule(**keys: Any) -> Any:
    return TypeAdapter(Rule).validate_python({"rule_id": "R", **keys})


# rule, observed, full points → points, is_capped, reason
WORKED = [
    ({"rule_type": "all_or_nothing"}, 1, 3, 3, False, "核实为有，不扣分"),
    ({"rule_type": "all_or_nothing"}, 0, 3, 0, False, "核实为无，扣3分"),
    (CREDIT, 3, 4, 3, False, "实际3次，每次得1分，得3分"),
    (CREDIT, 0, 4, 0, False, "实际0次，每次得1分，得0分"),
    (CREDIT, 6, 4, 4, True, "实际6次，每次得1分，得4分（已达本项上限）"),
    (MISSING, 3, 4, 3, False, "应4次，实际3次，缺1次，扣1分"),
    (MISSING, 4, 4, 4, False, "应4次，实际4次，不扣分"),
    (MISSING, 9, 4, 4, False, "应4次，实际9次，不扣分"),  # more than required earns nothing
    (MISSING, 0, 3, 0, True, "应4次，实际0次，缺4次，扣3分（扣完为止）"),
    (MISSING | {"counts": "已有资料的项数"}, 2, 4, 2, False, "应4项，实际2项，缺2项，扣2分"),
    (CASE, 3, 2, 0.5, False, "核实3份，每份扣0.5分，扣1.5分"),
    (CASE, 5, 2, 0, True, "核实5份，每份扣0.5分，扣2分（扣完为止）"),
    (PERSON, 2, 3, 1, False, "核实2人，每人扣1分，扣2分"),
    (PERSON, 0, 3, 3, False, "核实0人，每人扣1分，不扣分"),
    (RATIO, 1.0, 3, 3, False, "应达100%，实际100%，不扣分"),
    (RATIO, 0.95, 3, 1, False, "应达100%，实际95%，扣2分"),
    (PROPORTIONAL, 0.9, 4, 4, False, "应达90%，实际90%，不扣分"),
    (PROPORTIONAL, 0.95, 4, 4, False, "应达90%，实际95%，不扣分"),
    (PROPORTIONAL, 0.87, 4, 3.7, False, "应达90%，实际87%，每低1%扣0.1分，扣0.3分"),  # (0.9−0.87)/0.01 = 3
    (PROPORTIONAL, 0.865, 4, 3.7, False, "应达90%，实际86.5%，每低1%扣0.1分，扣0.3分"),  # full steps only
    (PROPORTIONAL, 0.0, 4, 0, True, "应达90%，实际0%，每低1%扣0.1分，扣4分（扣完为止）"),  # 90 × 0.1 = 9
    ({"rule_type": "timeliness", "points": 0.5}, 3, 4, 2.5, False, "逾期3次，每次扣0.5分，扣1.5分"),
    (RANGE, 0, 5, 5, False, "检查组评定（最多扣3分），不扣分"),
    (RANGE, 1.5, 5, 3.5, False, "检查组评定（最多扣3分），扣1.5分"),
    (RANGE, 0.5, 5, 4, True, "检查组评定（最多扣3分），扣1分"),  # between 0 and lowest: lowest
    (RANGE, 4, 5, 2, True, "检查组评定（最多扣3分），扣3分"),
    (RANGE, 3, 2, 0, True, "检查组评定（最多扣3分），扣2分（扣完为止）"),
    ({"rule_type": "discretionary", "highest": 4}, 0.5, 4, 3.5, False, "检查组评定（最多扣4分），扣0.5分"),
    ({"rule_type": "discretionary", "highest": 2}, 3, 4, 2, True, "检查组评定（最多扣2分），扣2分"),
    ({"rule_type": "override"}, 0, 3, 3, False, "核实0例，出现1例即不得分，不扣分"),
    ({"rule_type": "override"}, 1, 3, 0, False, "核实1例，出现1例即不得分，扣3分"),
    ({"rule_type": "override"}, 7, 3, 0, False, "核实7例，出现1例即不得分，扣3分"),
    ({"rule_type": "mean_over_members"}, 4.25, 5, 4.25, False, "班子成员得分取平均，得4.25分"),
    (BONUS, 3, 2, 0.3, False, "核实3篇，每篇加0.1分，加0.3分"),
    (BONUS, 25, 2, 2, True, "核实25篇，每篇加0.1分，加2分（已达本项上限）"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "observed", "full", "points", "is_capped", "reason"), WORKED)
def test_points_and_reason(
    keys: dict[str, Any], observed: float, full: float, points: float, is_capped: bool, reason: str
) -> None:
    firing = fire(rule(**keys), observed, full)
    assert firing.points == pytest.approx(points, abs=1e-12)
    assert (firing.is_capped, firing.reason) == (is_capped, reason)


def test_every_supported_rule_type_is_worked_out_here() -> None:
    without_points = {"not_applicable", "veto"}
    assert {keys["rule_type"] for keys, *_ in WORKED} == set(RULES) - without_points


@pytest.mark.parametrize("keys", [keys for keys, *_ in WORKED])
@settings(max_examples=30, deadline=None, derandomize=True)
@given(observed=st.floats(-5, 500), full=st.floats(0.5, 40))
def test_points_stay_between_zero_and_full_points(keys: dict[str, Any], observed: float, full: float) -> None:
    assert -1e-9 <= fire(rule(**keys), observed, full).points <= full + 1e-9


@pytest.mark.parametrize(("written", "points", "is_capped"), [(3, 3, False), (7, 5, True), (-1, 0, True)])
def test_written_points_stay_within_the_item(written: float, points: float, is_capped: bool) -> None:
    firing = as_written(written, 5, "自评")
    assert (firing.points, firing.is_capped) == (points, is_capped)


def test_not_applicable_and_veto_move_no_points_and_say_why() -> None:
    new = fire(rule(rule_type="not_applicable", when="not_visited_last_cycle"), 0, 4)
    declared = fire(rule(rule_type="not_applicable", when="declared"), 0, 4)
    assert new.change_points == declared.change_points == 0
    assert "上年未受检查" in new.reason and "申明" in declared.reason
    assert fire(rule(rule_type="veto", effect="fails"), 1, 0).reason == "一票否决"
    assert fire(rule(rule_type="veto", effect="not_excellent"), 1, 0).reason == "一票否优"


@pytest.mark.parametrize(
    "keys",
    [
        {"rule_type": "tiered", "tiers": [{"label": "省", "points": 3}]},
        {"rule_type": "sum_of_sub_items", "sub_items": {"a": 1}},
        {"rule_type": "rank_based", "points_by_rank": {1: 5}},
        {"rule_type": "conversion", "shares": {"a": 0.8, "b": 0.2}},
    ],
)
def test_a_rule_type_of_a_later_edition_is_refused_by_name(keys: dict[str, Any]) -> None:
    standard = small.config([small.block("A", 20, [small.item("A1", 20, keys)])]).standard
    with pytest.raises(ConfigError, match="not supported yet") as caught:
        check_supported(standard.items)
    assert "A1" in caught.value.message and keys["rule_type"] in caught.value.message
    assert "proportional" in caught.value.remedy


def test_the_mean_of_a_group_for_what_does_not_apply_is_refused_too() -> None:
    away = small.not_applicable("A1", "declared") | {"treatment": "group_mean"}
    items = [small.item("A1", 20, {"rule_type": "override"}, not_applicable=away)]
    with pytest.raises(ConfigError, match="group_mean"):
        check_supported(small.config([small.block("A", 20, items)]).standard.items)
