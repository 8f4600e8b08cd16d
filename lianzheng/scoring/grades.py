"""Grades and ranks: bands by the rounded total, side conditions, limiters, vetoes, recorded decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.config.models import Cycle, Decision, GradeBand
from lianzheng.errors import ConfigError
from lianzheng.scoring.rounding import round_half_up, rounded, written
from lianzheng.tables import labels

UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade with what decided it (Chinese), the veto that applies and the recorded decision, if any."""

    grade: str
    reason: str
    veto_code: str | None = None
    grade_decision_id: str | None = None


def grade_units(
    config: CycleConfig, rows: pd.DataFrame, items_at_zero: Mapping[str, Sequence[str]], vetoes: pd.DataFrame
) -> pd.DataFrame:
    """Add grade, grade_reason, veto_code and grade_decision_id to one row per unit.

    ``items_at_zero`` names the applicable items without points; ``vetoes`` has unit_id, effect, reason.
    """
    decisions = {decision.unit_id: decision for decision in config.decisions}
    graded = []
    for row in rows.to_dict("records"):
        unit_id = row["unit_id"]
        of_unit = vetoes[vetoes["unit_id"] == unit_id].to_dict("records")
        grade = vetoed(config.cycle, computed(config.cycle, row, items_at_zero.get(unit_id, ())), of_unit)
        graded.append(decided(grade, decisions[unit_id]) if unit_id in decisions else grade)
    return rows.assign(
        grade=[g.grade for g in graded],
        grade_reason=[g.reason for g in graded],
        veto_code=[g.veto_code for g in graded],
        grade_decision_id=[g.grade_decision_id for g in graded],
    )


def computed(cycle: Cycle, row: Mapping[str, Any], items_at_zero: Sequence[str]) -> Grade:
    """The band of the rounded total; a failed side condition gives the next lower band and names the reason."""
    if pd.isna(row["total"]):
        missing = (
            f"检查组评分不全（{row['n_missing']:.0f}项没有评分）"
            if row["is_visited"]
            else "未列入本年度现场检查"
        )
        return Grade(UNVERIFIED, f"{missing}，等次未核验")
    total = round_half_up(row["total"])
    bands = _bands(cycle)
    place = next(index for index, band in enumerate(bands) if float(total) >= band.lowest)
    words = [f"总分{total}分，在{_span(bands, place)}"]
    while "no_item_at_zero" in bands[place].conditions and items_at_zero and place + 1 < len(bands):
        names = "、".join(f"“{name}”" for name in items_at_zero)
        words.append(f"但{names}得0分，不符合{bands[place].label}条件，降为{bands[place + 1].label}")
        place += 1
    if row["is_provisional"]:
        words.append("无有效测评，总分为检查减事实，等次为暂定")
    return Grade(bands[place].grade, "，".join(words))


def _bands(cycle: Cycle) -> list[GradeBand]:
    return sorted(cycle.grades, key=lambda band: -band.lowest)


def _span(bands: Sequence[GradeBand], place: int) -> str:
    low, label = written(bands[place].lowest), bands[place].label
    return (
        f"{label}（{low}分及以上）"
        if place == 0
        else f"{label}（{low}分至不足{written(bands[place - 1].lowest)}分）"
    )


def vetoed(cycle: Cycle, grade: Grade, vetoes: Sequence[Mapping[str, Any]]) -> Grade:
    """一票否决 gives the lowest grade, whatever else holds; 一票否优 turns the highest into the next one."""
    bands = _bands(cycle)
    fails = [veto["reason"] for veto in vetoes if veto["effect"] == "fails"]
    limits = [veto["reason"] for veto in vetoes if veto["effect"] == "not_excellent"]
    if fails:
        words = f"{grade.reason}；一票否决（{'；'.join(fails)}），定为{bands[-1].label}"
        return Grade(bands[-1].grade, words, "fails")
    if limits and grade.grade == bands[0].grade:
        words = f"{grade.reason}；一票否优（{'；'.join(limits)}），降为{bands[1].label}"
        return Grade(bands[1].grade, words, "not_excellent")
    if limits:
        return replace(
            grade, reason=f"{grade.reason}；一票否优（{'；'.join(limits)}）", veto_code="not_excellent"
        )
    return grade


def decided(grade: Grade, decision: Decision) -> Grade:
    """The grade that was decided; raises :class:`ConfigError` when the computed one is no longer the one departed from."""
    if decision.from_grade != grade.grade:
        raise ConfigError(
            f"decisions.yml: {decision.grade_decision_id}: from_grade is {decision.from_grade}, "
            f"but the computed grade of {decision.unit_id} is {grade.grade}",
            "have the decision reviewed, then correct or remove it",
        )
    names = labels("grade")
    words = f"{decision.by}决定由{names[grade.grade]}改为{names[decision.to_grade]}：{decision.reason}"
    return replace(
        grade,
        grade=decision.to_grade,
        reason=f"{grade.reason}；{words}",
        grade_decision_id=decision.grade_decision_id,
    )


def rank_units(rows: pd.DataFrame, rank_minimum: int) -> pd.DataFrame:
    """Add is_ranked, rank (1 = best, ties share the best), n_ranked and rank_group: by rounded total within a type.

    No rank without a total, with a provisional one, or where fewer than ``rank_minimum`` of the type have one.
    """
    is_candidate = rows["total"].notna() & ~rows["is_provisional"]
    enough = is_candidate.groupby(rows["unit_type"]).transform("sum") >= rank_minimum
    is_ranked = is_candidate & enough
    ranked = rounded(rows["total"].where(is_ranked)).groupby(rows["unit_type"])
    return rows.assign(
        is_ranked=is_ranked,
        rank=ranked.rank(method="min", ascending=False),
        n_ranked=is_ranked.groupby(rows["unit_type"]).transform("sum"),
        rank_group=rows["unit_type"],
    )
