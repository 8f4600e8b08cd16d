"""“一把尺子”: the verified number decides, the team's figure only without one, and no blank becomes a zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from lianzheng.issues import Issue
from lianzheng.scoring.items import Line, score_items
from tests.unit.scoring import small
from tests.unit.scoring.small import frames, own, row, score, team, unit


@dataclass
class Scored:
    lines: list[Line]
    results: pd.DataFrame
    issues: list[Issue]


def scored(*rows: dict[str, Any], units: list[dict[str, Any]] | None = None) -> Scored:
    return Scored(*score_items(small.config(), frames(units, scores=list(rows))))


def result(items: Scored, item_id: str, unit_id: str = "U001") -> dict[str, Any]:
    return row(items.results, unit_id=unit_id, item_id=item_id)


def lines(items: Scored, item_id: str) -> list[dict[str, Any]]:
    return [line for line in items.lines if line["item_id"] == item_id]


def codes(items: Scored) -> list[tuple[str, str, str]]:
    return [(issue.code, str(issue.words["row"]), issue.value_seen) for issue in items.issues]


def test_the_rule_is_computed_from_the_verified_number() -> None:
    items = scored(score("U001", "A1", 3))  # 应4次 actual 3: 20 − 5
    assert result(items, "A1")["team_points"] == 15
    (line,) = lines(items, "A1")
    assert (line["base_points"], line["change_points"], line["rule_id"], line["decided_by"]) == (
        20,
        -5,
        "A1.1",
        "rule",
    )
    assert line["reason"] == "应4次，实际3次，缺1次，扣5分"
    assert (line["fact_table"], line["fact_key"]) == ("scores_by_unit_item_scorer", "U001|A1|T1||")
    assert items.issues == []


@pytest.mark.parametrize(
    ("points", "expected"),
    [(15, []), (15.005, []), (15.01, ["score_differs_from_rule"]), (20, ["score_differs_from_rule"])],
)
def test_the_rule_wins_over_a_different_written_score(points: float, expected: list[str]) -> None:
    items = scored(score("U001", "A1", 3, points))
    assert result(items, "A1")["team_points"] == 15
    assert [issue.code for issue in items.issues] == expected


def test_the_difference_names_both_figures_and_the_cell() -> None:
    items = scored(score("U001", "A1", 3, 17, file_id="F1", sheet="评分", cell="G5"))
    (issue,) = items.issues
    assert issue.message == "“项目A1”检查组评 17 分，按评分规则应为 15 分"
    assert (issue.source.file_id, issue.source.sheet, issue.source.cell) == ("F1", "评分", "G5")
    assert issue.severity == "verify"


def test_written_points_above_the_items_points_are_intakes_complaint_and_not_repeated() -> None:
    assert scored(score("U001", "A1", 3, 25)).issues == []


def test_without_a_verified_number_the_written_points_count() -> None:
    items = scored(score("U001", "A1", None, 17, reason="缺一次记录"))
    assert result(items, "A1")["team_points"] == 17
    (line,) = lines(items, "A1")
    assert (line["rule_type"], line["decided_by"], line["reason"]) == (
        "as_written",
        "T1",
        "检查组评17分：缺一次记录",
    )
    assert items.issues == []


@pytest.mark.parametrize(
    ("item_id", "reason", "expected"),
    [
        ("A1", None, [("reason_missing", "项目A1", "9")]),
        ("A1", "  ", [("reason_missing", "项目A1", "9")]),
        ("A1", "有依据", []),
    ],
)
def test_a_deduction_of_the_teams_own_needs_a_reason(
    item_id: str, reason: str | None, expected: list[Any]
) -> None:
    assert codes(scored(score("U001", item_id, None, 9, reason=reason))) == expected


def test_neither_number_nor_points_is_asked_for_and_stays_null() -> None:
    items = scored(score("U001", "A1", cell="G5"))
    assert pd.isna(result(items, "A1")["team_points"]) and lines(items, "A1") == []
    assert codes(items) == [("missing_observation", "项目A1", "")]


@pytest.mark.parametrize("state", ["unreadable", "pending"])
def test_what_intake_has_already_refused_is_not_complained_of_twice(state: str) -> None:
    items = scored(score("U001", "A1", value_state=state))
    assert items.issues == [] and pd.isna(result(items, "A1")["team_points"])


def test_a_dash_in_the_teams_column_is_no_zero() -> None:
    items = scored(
        score("U001", "A1", None, 0, value_state="dash"), score("U001", "B2", 1, 0, value_state="dash")
    )
    assert pd.isna(result(items, "A1")["team_points"]) and result(items, "B2")["team_points"] == 15
    assert codes(items) == [("missing_observation", "项目A1", "")]


@pytest.mark.parametrize(
    ("observed", "points", "expected", "complaint"),
    [
        (None, 20, 20, []),
        (None, 12, 12, []),
        (8, None, 12, []),  # the verified number is the deduction
        (8, 12, 12, []),
        (None, 18, 15, [("score_differs_from_rule", "项目A2", "18")]),  # 扣2 lies below the range 5–15
        (None, 1, 5, [("score_differs_from_rule", "项目A2", "1")]),  # 扣19 lies above it
        (19, None, 5, [("score_differs_from_rule", "项目A2", "1")]),
    ],
)
def test_the_inspectors_deduction_is_held_in_its_bounds(
    observed: float | None, points: float | None, expected: float, complaint: list[Any]
) -> None:
    items = scored(score("U001", "A2", observed, points, reason="程序不全"))
    assert result(items, "A2")["team_points"] == expected
    assert codes(items) == complaint
    (line,) = lines(items, "A2")
    assert line["decided_by"] == "T1" and line["reason"].endswith("：程序不全")


def test_the_inspectors_deduction_without_a_reason() -> None:
    assert codes(scored(score("U001", "A2", None, 12))) == [("reason_missing", "项目A2", "12")]
    assert codes(scored(score("U001", "A2", 0))) == []


def member(name: str, points: float | None, **more: Any) -> dict[str, Any]:
    return score("U001", "A3", None, points, member_id=name, **more)


def test_members_are_averaged_within_the_items_points() -> None:
    items = scored(score("U001", "A3"), member("M1", 18), member("M2", 13), member("M3", 26))  # (18+13+20)/3
    assert result(items, "A3")["team_points"] == 17
    assert items.issues == []


def test_a_member_without_points_leaves_the_item_open_and_one_who_does_not_apply_is_left_out() -> None:
    open_ = scored(score("U001", "A3"), member("M1", 18), member("M2", None))
    assert (
        pd.isna(result(open_, "A3")["team_points"]) and open_.issues == []
    )  # intake asks at the member's cell
    away = scored(score("U001", "A3"), member("M1", 18), member("M2", None, value_state="not_applicable"))
    assert result(away, "A3")["team_points"] == 18


def test_a_mean_that_differs_from_the_members_loses_to_them() -> None:
    items = scored(score("U001", "A3", None, 19), member("M1", 18), member("M2", 16))
    assert result(items, "A3")["team_points"] == 17
    assert codes(items) == [("score_differs_from_rule", "项目A3", "19")]
    alone = scored(score("U001", "A3", None, 19))  # no member rows: as written, and a mean needs no reason
    assert result(alone, "A3")["team_points"] == 19 and alone.issues == []


def test_bonus_left_blank_is_no_bonus() -> None:
    items = scored(score("U001", "C1"), score("U001", "C2", 1))
    assert (result(items, "C1")["team_points"], result(items, "C2")["team_points"]) == (0, 2)
    assert items.issues == []


def test_not_visited_last_cycle_takes_the_item_away_whatever_was_written() -> None:
    items = scored(score("U001", "B1", 0.5), *own("U001"), units=[unit(1, last=False)])
    found = result(items, "B1")
    assert found["is_not_applicable"] and pd.isna(found["team_points"]) and pd.isna(found["self_points"])
    assert [(line["scorer"], line["rule_id"]) for line in lines(items, "B1")] == [("rule", "B1.2")]
    assert not result(scored(score("U001", "B1", 0.5)), "B1")["is_not_applicable"]


def test_declared_by_the_team_counts_for_the_team_declared_by_the_unit_for_the_unit() -> None:
    by_team = scored(score("U001", "B3", value_state="not_applicable"), *own("U001"))
    assert result(by_team, "B3")["is_not_applicable"] and result(by_team, "B3")["self_points"] == 10
    away = score("U001", "B3", scorer="self", value_state="not_applicable")
    by_unit = scored(score("U001", "B3", 1), away)
    assert not result(by_unit, "B3")["is_not_applicable"] and result(by_unit, "B3")["team_points"] == 10
    assert result(by_unit, "B3")["is_own_not_applicable"] and pd.isna(result(by_unit, "B3")["self_points"])
    assert result(scored(away, units=[unit(1, visited=False)]), "B3")["is_not_applicable"]


def test_not_applicable_where_the_standard_does_not_allow_it_is_a_missing_observation() -> None:
    items = scored(score("U001", "B2", value_state="not_applicable"))
    assert not result(items, "B2")["is_not_applicable"]
    assert codes(items) == [("missing_observation", "项目B2", "")]


def test_the_units_own_points_are_taken_as_written_within_the_item() -> None:
    items = scored(*own("U001", A1=18, A2=25, A3=None))
    assert [result(items, id_)["self_points"] for id_ in ("A1", "A2")] == [18, 20]
    assert pd.isna(result(items, "A3")["self_points"])
    (line,) = lines(items, "A1")
    assert (line["scorer"], line["rule_type"], line["decided_by"]) == ("self", "as_written", "self")
    assert items.issues == []  # what is wrong with the unit's form is intake's to say


def test_gap_and_two_teams() -> None:
    items = scored(*own("U001"), *team("U001", A1=3), *team("U001", "T2", A1=1))  # teams: 15 and 5
    found = result(items, "A1")
    assert (found["self_points"], found["team_points"], found["gap_points"], found["n_teams"]) == (
        20,
        10,
        10,
        2,
    )
    assert len(lines(items, "A1")) == 3


def test_a_team_at_a_unit_off_the_visit_list_does_not_count() -> None:
    items = scored(*team("U001"), units=[unit(1, visited=False)])
    assert items.results["team_points"].isna().all() and items.issues == []


def test_sums_and_vetoes_are_no_items() -> None:
    items = scored(score("U001", "total", None, 95, scorer="self"), score("U001", "V2", 1))
    assert items.lines == [] and set(items.results["item_id"]) == {
        "A1",
        "A2",
        "A3",
        "B1",
        "B2",
        "B3",
        "C1",
        "C2",
    }
