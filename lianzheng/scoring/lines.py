"""The rows of score_lines: one firing of a rule, what it rests on and who decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lianzheng.scoring.rules import Firing
from lianzheng.tables import Tables

Frames = Tables | Mapping[str, pd.DataFrame]
Row = Mapping[str, Any]
Line = dict[str, Any]
Fact = tuple[str | None, str | None]  # table, key
SELF, RULE = "self", "rule"
SCORES = "scores_by_unit_item_scorer"


def line(
    unit_id: str, item_id: str, scorer: str, rule: tuple[str, str], firing: Firing, decided_by: str = RULE,
    fact: Fact = (None, None),
) -> Line:  # fmt: skip
    """A row of score_lines without its number; ``rule`` is (rule_id, rule_type), ``fact`` is (table, key)."""
    return {
        "unit_id": unit_id, "item_id": item_id, "scorer": scorer, "rule_id": rule[0], "rule_type": rule[1],
        "base_points": firing.base_points, "change_points": firing.change_points,
        "is_capped": firing.is_capped, "reason": firing.reason, "decided_by": decided_by,
        "fact_table": fact[0], "fact_key": fact[1],
    }  # fmt: skip


LINE_COLUMNS = list(line("", "", "", ("", ""), Firing(0.0, 0.0, False, "")))


def score_key(unit_id: str, item_id: str, scorer: str, member_id: str = "", part_id: str = "") -> str:
    """The key of a written score."""
    return "|".join((unit_id, item_id, scorer, member_id, part_id))


def group_fact(table: str, group: str, item_id: str) -> Fact:
    """All rows of a table about an item: those of the units of a type, or of all units (``*``)."""
    return table, f"{group}|{item_id}"
