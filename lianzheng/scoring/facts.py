"""事实 and vetoes: what the bureau's own ledgers say, closed cases only; what a unit reports itself never counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.config.models import FactRule
from lianzheng.config.standard import Item, Veto
from lianzheng.scoring.items import RULE, SELF, Frames, fact_of, line
from lianzheng.scoring.rounding import written
from lianzheng.scoring.rules import Firing, fire

FACTS, VETO = "facts", "veto"


@dataclass(frozen=True, slots=True)
class ScoredFacts:
    """Rows of score_lines, the deduction and number of counted facts by unit, and vetoes (unit, effect, reason)."""

    lines: list[dict[str, Any]]
    deductions: pd.DataFrame
    vetoes: pd.DataFrame


def score_facts(config: CycleConfig, tables: Frames) -> ScoredFacts:
    """Deductions by the rules of cycle.yml, capped per unit, and the vetoes of ledger and teams."""
    facts = {"cases": closed_cases(tables), "submissions": late_submissions(tables)}
    lines, taken = [], {unit_id: [0.0, 0] for unit_id in tables["units"]["unit_id"]}
    for rule in config.cycle.facts.rules:
        for row in _matching(facts[rule.fact], rule.where):
            so_far = taken[row["unit_id"]]
            change = min(rule.points, config.cycle.facts.cap - so_far[0])
            lines.append(_fact_line(rule, row, so_far[0], change))
            taken[row["unit_id"]] = [so_far[0] + change, so_far[1] + 1]
    deductions = pd.DataFrame.from_dict(taken, orient="index", columns=["deduction_points", "n_facts"])
    vetoes = [*_case_vetoes(config, facts["cases"]), *_team_vetoes(config, tables)]
    found = pd.DataFrame(vetoes, columns=["unit_id", "effect", "reason", "line"])
    return ScoredFacts([*lines, *found.pop("line")], deductions.rename_axis("unit_id"), found)


def closed_cases(tables: Frames) -> pd.DataFrame:
    """The closed cases of the bureau's ledger; a pending one touches nothing."""
    cases = tables["cases"]
    return cases[cases["state"] == "closed"].assign(fact_key=lambda rows: rows["case_id"])


def late_submissions(tables: Frames) -> pd.DataFrame:
    """The version of each form that counts, where it is late; without a receipt nothing is late."""
    came = tables["submissions"]
    came = came[~came["state"].isin(["missing", "superseded"])].sort_values("round")
    counted = came.drop_duplicates(["unit_id", "form_id"], keep="last")
    late = counted[counted["is_late"].fillna(False).astype(bool)]
    key = late["unit_id"] + "/" + late["form_id"] + "/" + late["round"].astype("str")
    return late.assign(fact_key=key).sort_values(["unit_id", "form_id"])


def _matching(rows: pd.DataFrame, where: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    for column, allowed in where.items():
        rows = rows[rows[column].isin(list(allowed))]
    return rows.to_dict("records")


def _fact_line(rule: FactRule, row: Mapping[str, Any], so_far: float, change: float) -> dict[str, Any]:
    is_cut = change < rule.points
    seen = (
        row["case_id"]
        if rule.fact == "cases"
        else f"{row['received_at'].month}月{row['received_at'].day}日收到"
    )
    words = f"{rule.label}（{seen}），扣{written(change)}分" + ("（已达扣分上限）" if is_cut else "")
    firing = Firing(0.0 - so_far, -change, is_cut, words)
    fact = (rule.fact, row["fact_key"])
    return line(row["unit_id"], FACTS, RULE, (rule.rule_id, rule.rule_type), firing, fact=fact)


def _veto_items(config: CycleConfig) -> list[tuple[Item, Veto]]:
    return [(item, item.rule) for item in config.standard.items if isinstance(item.rule, Veto)]


def _case_vetoes(config: CycleConfig, cases: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        _veto(item, rule, row["unit_id"], RULE, f"案件{row['case_id']}", ("cases", row["case_id"]))
        for item, rule in _veto_items(config)
        if rule.fact == "cases"
        for row in _matching(cases, rule.where)
    ]


def _team_vetoes(config: CycleConfig, tables: Frames) -> list[dict[str, Any]]:
    """What teams verified on veto items that no ledger decides, at units on the visit list."""
    scores, units = tables["scores_by_unit_item_scorer"], tables["units"]
    seen = scores[(scores["observed_value"] > 0) & (scores["scorer"] != SELF)]
    seen = seen[seen["unit_id"].isin(units.loc[units["is_visited"], "unit_id"])]
    return [
        _veto(
            item, rule, row["unit_id"], row["scorer"], f"核实{written(row['observed_value'])}件", fact_of(row)
        )
        for item, rule in _veto_items(config)
        if not rule.fact
        for row in _matching(seen, {"item_id": (item.item_id,)})
    ]


def _veto(
    item: Item, rule: Veto, unit_id: str, scorer: str, seen: str, fact: tuple[str, str]
) -> dict[str, Any]:
    firing = fire(rule, 1.0, 0.0)
    reason = f"{firing.reason}：{item.name}（{seen}）"
    firing = Firing(0.0, 0.0, False, reason)
    fired = line(unit_id, VETO, scorer, (rule.rule_id, rule.rule_type), firing, scorer, fact)
    return {"unit_id": unit_id, "effect": rule.effect, "reason": f"{item.name}，{seen}", "line": fired}
