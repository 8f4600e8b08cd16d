"""What lint asks of rules and facts: each mistake is told by file and key, and by nobody else."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from lianzheng.cli import main
from lianzheng.config import load_config
from lianzheng.config.load import lint
from lianzheng.errors import ConfigError

PROJECT = Path(__file__).parents[3]
Change = dict[str, Any]


def changed(tmp_path: Path, change: Change, item_id: str = "S101", file: str = "standard.yml") -> Path:
    """A project whose item (or, for cycle.yml, whose file) has other keys."""
    shutil.copytree(PROJECT / "config", tmp_path / "config")
    path = tmp_path / "config/2018" / file
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if file == "standard.yml":
        items = [item for block in data["blocks"] for item in block["items"]]
        next(item for item in items if item["item_id"] == item_id).update(change)
    else:
        data["facts"].update(change)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return tmp_path


def rule(rule_type: str, **keys: Any) -> Change:
    return {"rule": {"rule_id": "S101.1", "rule_type": rule_type, **keys}}


PART = {"part_id": "a", "label": "甲"}
CASES = {"rule_id": "F1", "rule_type": "deduction_per_case", "fact": "cases", "points": 1, "label": "案件"}
MISTAKES = [
    (rule("sum_of_sub_items", sub_items=[PART | {"max_points": 1}]), "S101", "S101].rule.sub_items: sum to 1; allowed: 3"),
    (rule("sum_of_sub_items", sub_items=[PART | {"max_points": 1}, PART | {"max_points": 2}]), "S101", "part a stands 2 times"),
    (rule("conversion", sources=[PART | {"share": 0.8}, PART | {"part_id": "b", "share": 0.3}]), "S101", "shares sum to 1.1; allowed: 1"),
    (rule("credit_per_occurrence", points=0), "S101", "rule[S101.1]: can never change a score: points is 0"),
    (rule("deduction_per_missing", required=0, points=1), "S101", "can never change a score: required is 0"),
    (rule("ratio_threshold", threshold=0, points=1), "S101", "can never change a score: threshold is 0"),
    (rule("tiered", tiers=[PART | {"points": 0}]), "S101", "a tier gives no points"),
    (rule("rank_based", points_by_rank={3: 2, 6: 2}), "S101", "points_by_rank must fall"),
    (rule("rank_based", points_by_rank={12: 3, 20: 2}), "S101", "no unit can be behind rank 12, as class 20 asks"),
    ({"further_rules": [{"rule_id": "S101.9", "rule_type": "discretionary", "highest": 0}]}, "S101", "highest is 0"),
    ({"further_rules": [{"rule_id": "S101.9", "rule_type": "range", "lowest": 1, "highest": 9}]}, "S101", "is 9; allowed: up to 3"),
    (rule("sum_of_sub_items", sub_items=[PART | {"max_points": 2, "rule": {"rule_id": "S101.8", "rule_type": "discretionary", "highest": 3}}, PART | {"part_id": "b", "max_points": 1}]), "S101", "is 3; allowed: up to 2"),
    ({"further_rules": [{"rule_id": "S601.9", "rule_type": "override"}]}, "S601", "further_rules in a block of kind bonus; allowed: none, or kind points"),
    ({"facts": [{"fact": "rectifications", "where": {"source": ["holiday"]}}]}, "S101", "source=holiday is counted by standard.yml: blocks[party].items[S101].facts and cycle.yml: facts.rules[F3]"),
    ({"facts": [{"fact": "rectifications", "where": {"owner": ["甲"]}}]}, "S501", "rectifications are not told apart by owner; allowed: source"),
    ({"facts": []}, "S502", "rectifications source=debrief is counted by nothing; allowed: exactly one consumer"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "item_id", "told"), MISTAKES)
def test_a_mistake_in_the_standard_is_refused(
    tmp_path: Path, change: Change, item_id: str, told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(2018, changed(tmp_path, change, item_id))
    assert told in caught.value.message, caught.value.message


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rules": [CASES]}, "cases four_forms_level=3 is counted by standard.yml: blocks[veto].items[V2].rule and cycle.yml"),
        ({"rules": [CASES | {"where": {"state": ["pending"]}}]}, "pending never happens to a fact that counts; allowed: closed"),
        ({"rules": [CASES | {"where": {"four_forms_level": ["1", "5"]}}]}, "5 never happens to a fact that counts"),
    ],
)  # fmt: skip
def test_a_fact_that_counts_twice_or_never_is_refused(tmp_path: Path, change: Change, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(2018, changed(tmp_path, change, file="cycle.yml"))
    assert told in caught.value.message


def test_a_fact_may_be_ignored_openly(tmp_path: Path) -> None:
    use = {"fact": "cases", "where": {"four_forms_level": ["1"]}}
    rules = [
        CASES | {"where": {"four_forms_level": ["2"]}},
        {**CASES, "rule_id": "F2", "fact": "submissions"},
        {**CASES, "rule_id": "F3", "fact": "rectifications", "where": {"source": ["holiday", "special_meeting", "inspection"]}},
    ]  # fmt: skip
    project = changed(tmp_path, {"rules": rules}, file="cycle.yml")
    with pytest.raises(ConfigError, match="four_forms_level=1 is counted by nothing"):
        load_config(2018, project)
    path = project / "config/2018/cycle.yml"
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    text["facts"]["ignored"] = [use]
    path.write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    assert load_config(2018, project).cycle.facts.ignored[0].fact == "cases"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"evidence_classes": []}, "blocks[party].items[S103].evidence_classes: names no evidence"),
        ({"criterion": "应不少于2次，每少1次扣3分。"}, None),
        (
            {"criterion": "应不少于3次，每少1次扣1分。"},
            "criterion: does not name 2, the points of rule S103.1",
        ),
    ],
)
def test_what_only_lint_asks_for_does_not_stop_the_work(
    tmp_path: Path, change: Change, told: str | None
) -> None:
    project = changed(tmp_path, change, "S103")
    load_config(2018, project)
    wrongs = [wrong for wrongs in lint(2018, project).values() for wrong in wrongs]
    assert any(told in wrong for wrong in wrongs) if told else wrongs == []


def test_lint_lists_every_check_and_fails_on_any_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--project", str(PROJECT), "lint", "2018"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("✓") == 22 and "✗" not in shown and ":data:" not in shown
    assert "Every fact has exactly one consumer" in shown
    assert main(["--project", str(changed(tmp_path, {"evidence_classes": []})), "lint", "2018"]) == 1
    assert "✗ Every item of the 100 points names the evidence" in capsys.readouterr().out
