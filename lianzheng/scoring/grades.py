"""Grades and ranks: bands by the rounded total, side conditions, limiters, vetoes, recorded decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.config.models import Cycle, Decision, GradeBand
from lianzheng.config.rules import Veto
from lianzheng.errors import ConfigError
from lianzheng.scoring.lines import Line
from lianzheng.scoring.rounding import round_half_up, rounded, written
from lianzheng.tables import labels

UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade with what decided it (Chinese), the veto that applies and the recorded decision, if any."""

    grade: str
    grade_reason: str
    veto_code: str | None = None
    grade_decision_id: str | None = None


def grade_units(
    config: CycleConfig, rows: pd.DataFrame, items_at_zero: Mapping[str, Sequence[str]], vetoes: Sequence[Line]
) -> pd.DataFrame:  # fmt: skip
    """Add grade, grade_reason, veto_code and grade_decision_id to one row per unit.

    ``items_at_zero`` names the applicable items without points; ``vetoes`` are lines of veto items.
    """
    effects = {i.rule.rule_id: i.rule.effect for i in config.standard.items if isinstance(i.rule, Veto)}
    decisions = {decision.unit_id: decision for decision in config.decisions}
    grades = []
    for row in rows.to_dict("records"):
        unit_id = row["unit_id"]
        reasons: dict[str, list[str]] = {"fails": [], "not_excellent": []}
        for veto in vetoes:
            if veto["unit_id"] == unit_id:
                reasons[effects[veto["rule_id"]]].append(veto["reason"])
        grade = vetoed(config.cycle, computed(config.cycle, row, items_at_zero.get(unit_id, ())), reasons)
        grades.append(decided(grade, decisions[unit_id]) if unit_id in decisions else grade)
    return rows.join(pd.DataFrame(grades, index=rows.index))


def computed(cycle: Cycle, row: Mapping[str, Any], items_at_zero: Sequence[str]) -> Grade:
    """The band of the rounded total; a failed side condition gives the next lower band and names the reason."""
    if pd.isna(row["total"]):
        incomplete = f"检查组评分不全（{row['n_missing']:.0f}项没有评分）"
        missing = incomplete if row["is_visited"] else "未列入本年度现场检查"
        return Grade(UNVERIFIED, f"{missing}，等次未核验")
    total, bands = round_half_up(row["total"]), _bands(cycle)
    place = next(index for index, band in enumerate(bands) if float(total) >= band.lowest)
    above = f"至不足{written(bands[place - 1].lowest)}分" if place else "及以上"
    words = f"总分{total}分，属{bands[place].label}（{written(bands[place].lowest)}分{above}）"
    if items_at_zero and "no_item_at_zero" in bands[place].conditions:
        names = "、".join(f"“{name}”" for name in items_at_zero)
        words += f"，但{names}得0分，不符合{bands[place].label}条件，降为{bands[place + 1].label}"
        place += 1
    if row["is_provisional"]:
        words += "，无有效测评，总分为检查减事实，等次为暂定"
    return Grade(bands[place].grade, words)


def _bands(cycle: Cycle) -> list[GradeBand]:
    return sorted(cycle.grades, key=lambda band: -band.lowest)


def vetoed(cycle: Cycle, grade: Grade, reasons: Mapping[str, Sequence[str]]) -> Grade:
    """一票否决 gives the lowest grade, whatever else holds; 一票否优 turns the highest into the next one."""
    bands = _bands(cycle)
    effect = next((effect for effect in ("fails", "not_excellent") if reasons[effect]), None)
    if effect is None:
        return grade
    words = f"{grade.grade_reason}；{'；'.join(reasons[effect])}"
    if effect == "fails":
        return Grade(bands[-1].grade, f"{words}，定为{bands[-1].label}", effect)
    if grade.grade == bands[0].grade:
        return Grade(bands[1].grade, f"{words}，降为{bands[1].label}", effect)
    return Grade(grade.grade, words, effect)


def decided(grade: Grade, decision: Decision) -> Grade:
    """The grade that was decided; raises :class:`ConfigError` when it departs from another than the computed one."""
    if decision.from_grade != grade.grade:
        where = f"decisions.yml: {decision.grade_decision_id}: from_grade is {decision.from_grade}"
        wrong = f"{where}, but the computed grade of {decision.unit_id} is {grade.grade}"
        raise ConfigError(wrong, "have the decision reviewed, then correct or remove it")
    names, to_grade = labels("grade"), decision.to_grade
    words = f"{decision.by}决定由{names[grade.grade]}改为{names[to_grade]}：{decision.reason}"
    return Grade(to_grade, f"{grade.grade_reason}；{words}", grade.veto_code, decision.grade_decision_id)


def rank_units(rows: pd.DataFrame, rank_minimum: int) -> pd.DataFrame:
    """Add is_ranked, rank (1 = best, ties share the best), n_ranked and rank_group: by rounded total within a type.

    No rank without a total, with a provisional one, or where fewer than ``rank_minimum`` of the type have one.
    """
    types = rows["unit_type"]
    is_candidate = rows["total"].notna() & ~rows["is_provisional"]
    is_ranked = is_candidate & (is_candidate.groupby(types).transform("sum") >= rank_minimum)
    ranked = rounded(rows["total"].where(is_ranked)).groupby(types)
    n_ranked = is_ranked.groupby(types).transform("sum")
    rank = ranked.rank(method="min", ascending=False)
    return rows.assign(is_ranked=is_ranked, rank=rank, n_ranked=n_ranked, rank_group=types)
