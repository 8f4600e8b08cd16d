"""Every rule type against points and reasons worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from lianzheng.config.rules import NotApplicable, Rule
from lianzheng.scoring.rules import PARTED, RULES, as_written, fire, fire_parts

MISSING = {"rule_type": "deduction_per_missing", "required": 4, "points": 1, "counts": "专题研究次数"}
CREDIT = {"rule_type": "credit_per_occurrence", "points": 1}
CASE = {"rule_type": "deduction_per_case", "points": 0.5, "counts": "雷同的责任书份数"}
PERSON = {"rule_type": "deduction_per_person", "points": 1}
RATIO = {"rule_type": "ratio_threshold", "threshold": 1.0, "points": 2}
PROPORTIONAL = {"rule_type": "proportional", "target": 0.9, "step": 0.01, "points": 0.1}
RANGE = {"rule_type": "range", "lowest": 1, "highest": 3}
BONUS = {"rule_type": "bonus", "points": 0.1, "counts": "采用篇数"}
RANK = {"rule_type": "rank_based", "points_by_rank": {3: 5, 6: 4, 10: 2}}
TIERS = {"rule_type": "tiered", "tiers": [
    {"part_id": "province", "label": "省级", "points": 3}, {"part_id": "city", "label": "市级", "points": 2},
    {"part_id": "county", "label": "县级", "points": 1},
]}  # fmt: skip
SUBS = {"rule_type": "sum_of_sub_items", "sub_items": [
    {"part_id": "a", "label": "会议", "max_points": 4, "rule": {"rule_id": "R.a", **MISSING}},
    {"part_id": "b", "label": "台账", "max_points": 2},
]}  # fmt: skip
SHARES = {"rule_type": "conversion", "sources": [
    {"part_id": "year", "label": "年终检查", "share": 0.8}, {"part_id": "daily", "label": "日常检查", "share": 0.2, "max_points": 10},
]}  # fmt: skip


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
    (RANK, 1, 5, 5, False, "列第1名，得5分"),
    (RANK, 3, 5, 5, False, "列第3名，得5分"),
    (RANK, 4, 5, 4, False, "列第4名，得4分"),
    (RANK, 11, 5, 0, False, "列第11名，得0分"),  # behind the last class
    (RANK, 2, 4, 4, True, "列第2名，得4分（已达本项上限）"),
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
    assert {keys["rule_type"] for keys, *_ in PARTS} == set(PARTED)
    assert len({*RULES, *PARTED}) == 19


# rule, observed by part, full points → (base, change, is_capped) of each part, reasons
PARTS = [
    (TIERS, {"province": 1, "city": 0, "county": 2}, 10, [(0, 3, False), (3, 0, False), (3, 2, False)],
     "省级1次，每次得3分，得3分"),
    (TIERS, {"province": 1, "city": 2, "county": 9}, 6, [(0, 3, False), (3, 3, True), (6, 0, True)],
     "市级2次，每次得2分，得3分（已达本项上限）"),  # 3 + 4 would be 7
    (SUBS, {"a": 2, "b": 1.5}, 6, [(0, 2, False), (2, 1.5, False)],
     "会议（应4次，实际2次，缺2次，扣2分），得2分"),
    (SUBS, {"a": 9, "b": 3}, 6, [(0, 4, False), (4, 2, True)], "台账（检查组评定），得2分"),  # 3 of at most 2
    (SHARES, {"year": 90, "daily": 5}, 40, [(0, 28.8, False), (28.8, 4, False)],
     "年终检查90分（满分100分），占80%，折算28.8分"),  # 40·0.8·0.9 and 40·0.2·0.5
    (SHARES, {"year": 120, "daily": -1}, 40, [(0, 32, True), (32, 0, True)],
     "日常检查0分（满分10分），占20%，折算0分"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "observed", "full", "steps", "reason"), PARTS)
def test_parts_add_up_step_by_step(
    keys: dict[str, Any],
    observed: dict[str, float],
    full: float,
    steps: list[tuple[float, float, bool]],
    reason: str,
) -> None:
    firings = fire_parts(rule(**keys), observed, full)
    assert [part_id for part_id, _ in firings] == list(observed)
    for (_, firing), (base, change, is_capped) in zip(firings, steps, strict=True):
        assert (firing.base_points, firing.change_points) == (pytest.approx(base), pytest.approx(change))
        assert firing.is_capped == is_capped
    assert reason in [firing.reason for _, firing in firings]


def test_a_deduction_can_be_fired_on_what_another_rule_left() -> None:
    left = fire(rule(**MISSING), 2, 3).points  # 应4次，实际2次: 3 − 2
    firing = fire(rule(rule_type="deduction_per_case", points=0.75), 2, left)  # 1.5 of the 1 that is left
    assert (left, firing.base_points, firing.change_points, firing.is_capped) == (1, 1, -1, True)


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
    away = {"rule_id": "R", "rule_type": "not_applicable"}
    new = fire(NotApplicable(**away, when="not_visited_last_cycle"), 0, 4)
    declared = fire(NotApplicable(**away, when="declared"), 0, 4)
    assert new.change_points == declared.change_points == 0
    assert "上年未受检查" in new.reason and "申明" in declared.reason
    meant = fire(NotApplicable(**away, when="declared", treatment="group_mean"), 2.5, 4)
    assert (meant.points, meant.reason) == (2.5, "经申明不适用，按同类单位平均分计，得2.5分")
    assert fire(rule(rule_type="veto", effect="fails"), 1, 0).reason == "一票否决"
    assert fire(rule(rule_type="veto", effect="not_excellent"), 1, 0).reason == "一票否优"
