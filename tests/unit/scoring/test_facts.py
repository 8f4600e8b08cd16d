"""事实: closed cases and late returns only, capped; vetoes from the ledger and from teams; pending touches nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from lianzheng.scoring.facts import find_vetoes, score_facts
from lianzheng.scoring.items import Line
from tests.unit.scoring import small
from tests.unit.scoring.small import case, frames, score, submission, team, unit

# of the shipped cycle: F1 takes 1 for each closed case of form 1 or 2, F2 0.5 for each late return, together ≤ 5


@dataclass
class Scored:
    lines: list[Line]
    deductions: pd.DataFrame


def scored(units: list[dict[str, Any]] | None = None, facts: Any = None, **rows: Any) -> Scored:
    config = small.config(facts=facts) if facts else small.config()
    return Scored(*score_facts(config, frames(units, **rows)))


def vetoes(units: list[dict[str, Any]] | None = None, **rows: Any) -> list[tuple[str, str, str]]:
    lines = find_vetoes(small.config(), frames(units, **rows))
    assert all(line["item_id"] == "veto" and line["change_points"] == 0 for line in lines)
    return [(line["unit_id"], line["scorer"], line["reason"]) for line in lines]


def deduction(facts: Scored, unit_id: str = "U001") -> tuple[float, int]:
    row = small.row(facts.deductions, unit_id=unit_id)
    return row["deduction_points"], row["n_facts"]


def test_closed_cases_deduct_and_name_the_case() -> None:
    facts = scored(cases=[case("U001", "C1"), case("U001", "C2", level="2")])
    assert deduction(facts) == (2, 2)
    first, second = facts.lines
    assert (first["item_id"], first["base_points"], first["change_points"]) == ("facts", 0, -1)
    assert (second["base_points"], second["change_points"]) == (-1, -1)
    assert (second["fact_table"], second["fact_key"], second["rule_id"]) == ("cases", "C2", "F1")
    assert "（C1），扣1分" in first["reason"] and first["scorer"] == "rule"


@pytest.mark.parametrize(
    "unseen", [case("U001", "C1", state="pending"), case("U001", "C1", level="4", state="pending"), case("U001", "C1", level="3")]
)  # fmt: skip
def test_a_pending_case_and_one_of_another_consumer_deduct_nothing(unseen: dict[str, Any]) -> None:
    facts = scored(cases=[unseen])
    assert deduction(facts) == (0, 0) and facts.lines == []


def test_a_rule_without_where_still_sees_closed_cases_only() -> None:
    rules = [
        {"rule_id": "F1", "rule_type": "deduction_per_case", "fact": "cases", "points": 2, "label": "案件"}
    ]
    cases = [case("U001", "C1", state="pending"), case("U001", "C2", level="3")]
    assert deduction(scored(facts={"cap": 5, "rules": rules}, cases=cases)) == (2, 1)


def test_all_deductions_together_end_at_the_cap() -> None:
    cases = [case("U001", f"C{n}") for n in range(1, 6)]
    facts = scored(cases=cases, submissions=[submission("U001", "standard", 1, "accepted", True)])
    assert deduction(facts) == (5, 6)  # 5 cases + 0.5, capped at 5
    last = facts.lines[-1]
    assert last["change_points"] == 0 and last["is_capped"] and "上限" in last["reason"]
    half = scored(facts={**small.config().cycle.facts.model_dump(), "cap": 1.5}, cases=cases)
    assert [line["change_points"] for line in half.lines] == [-1, -0.5, 0, 0, 0]
    assert deduction(half) == (1.5, 5)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("standard", 1, "accepted", True)], (0.5, 1)),
        ([("standard", 1, "accepted", False)], (0, 0)),
        ([("standard", 1, "accepted", None)], (0, 0)),  # no receipt: insufficient data, never late
        ([("standard", 1, "superseded", True), ("standard", 2, "accepted", False)], (0, 0)),
        ([("standard", 1, "superseded", False), ("standard", 2, "accepted", True)], (0.5, 1)),
        ([("standard", 1, "returned", True), ("standard", 2, "accepted", True)], (0.5, 1)),  # one form, once
        (
            [("standard", 1, "accepted", False), ("standard", 2, "returned", True)],
            (0, 0),
        ),  # the late one is void
        ([("standard", 1, "accepted", True), ("statistics", 1, "accepted", True)], (1, 2)),
        ([("standard", 1, "missing", None)], (0, 0)),
    ],
)
def test_lateness_of_the_version_that_counts(rows: list[Any], expected: tuple[float, int]) -> None:
    assert deduction(scored(submissions=[submission("U001", *values) for values in rows])) == expected


def test_a_late_line_names_the_day_and_the_row() -> None:
    (line,) = scored(submissions=[submission("U001", "standard", 2, "accepted", True)]).lines
    assert "12月3日收到" in line["reason"]
    assert (line["fact_table"], line["fact_key"]) == ("submissions", "U001|standard|2")


def test_units_do_not_mix_and_every_unit_has_a_row() -> None:
    facts = scored([unit(1), unit(2, visited=False)], cases=[case("U002", "C1")])
    assert deduction(facts) == (0, 0) and deduction(facts, "U002") == (1, 1)


def test_a_closed_case_of_the_fourth_form_fails_the_unit_and_a_pending_one_does_not() -> None:
    cases = [
        case("U001", "C7", level="4"),
        case("U001", "C8", level="4", state="pending"),
        case("U001", "C9"),
    ]
    assert vetoes(cases=cases) == [("U001", "rule", "一票否决：项目V1（案件C7）")]
    (line,) = find_vetoes(small.config(), frames(cases=cases))
    assert (line["fact_table"], line["fact_key"], line["rule_id"]) == ("cases", "C7", "V1.1")


def test_a_team_vetoes_at_a_visited_unit_only() -> None:
    rows = [*team("U001", V2=1), *team("U002", V2=0), *team("U003", V2=None), *team("U004", V2=1)]
    units = [unit(1), unit(2), unit(3), unit(4, visited=False)]
    assert vetoes(units, scores=rows) == [("U001", "T1", "一票否优：项目V2（核实1件）")]


def test_a_veto_that_the_ledger_decides_is_not_a_teams_to_give() -> None:
    assert vetoes(scores=[score("U001", "V1", 1), score("U001", "V2", 1, scorer="self")]) == []
