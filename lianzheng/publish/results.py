"""results.xlsx for the units' annual assessment: number, grade and reasons, with sums as formulas that a reader can check.

Every formula is written only where it comes to the stored figure; elsewhere stands the figure, and a note says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.forms import Formula, Layout, Placed, Sheet
from lianzheng.pages import words
from lianzheng.pages.answers import method_line
from lianzheng.publish.result_items import FIRST_ROW, ITEMS, NOISE, POINTS, ItemSheet, result_rows
from lianzheng.publish.workbooks import PLAIN, Value, about_sheet, list_sheet, write_workbook
from lianzheng.scoring.lines import Frames
from lianzheng.scoring.rounding import round_half_up
from lianzheng.tables import labels

NAME = "results.xlsx"
_ABOUT_WIDTHS = (24.0, 70.0)


def write_results(config: CycleConfig) -> None:
    """Write reports/<cycle>/results.xlsx from the processed tables, the same bytes every time."""
    write_workbook(config, NAME, results_layout)


def results_layout(config: CycleConfig, tables: Frames, version: str) -> Layout:
    """The three sheets: results, points by item, and what the numbers mean; ``version`` names the data."""
    points = ItemSheet(config, tables)
    sheets = _results_sheet(config, tables, points), points.sheet(), _about(config, version)
    return Layout("results", sheets)


def _texts(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _results_sheet(config: CycleConfig, tables: Frames, points: ItemSheet) -> Sheet:
    cycle, units = config.cycle, result_rows(tables)
    lines = [_result_values(config, unit, row, points) for row, unit in enumerate(units, start=FIRST_ROW)]
    sheet = list_sheet("results", cycle.classification, lines, first_row=FIRST_ROW, **vars(cycle))
    notes = [
        "总分＝四舍五入（检查权重×检查＋测评权重×测评−事实扣分，限于0至100，两位小数）；检查的算法见“逐项得分”。",
        "“暂定”：没有有效测评，总分＝检查−事实扣分，不排名。未核验、评分不全的没有总分，不是0分。",
        *(f"{unit['name']}的总分不按上式算出，所列为评分结果。" for unit, line in zip(units, lines, strict=True) if isinstance(line[6][0], float)),
    ]  # fmt: skip
    weights = [
        Placed(3, 2, "检查权重", "row_label"), Placed(3, 3, cycle.weights.inspection, "value", number_format=PLAIN),
        Placed(3, 4, "测评权重", "row_label", 1, 2), Placed(3, 6, cycle.weights.perception, "value", number_format=PLAIN),
    ]  # fmt: skip
    below = [Placed(sheet.n_rows + i, 1, note, "note", 1, sheet.n_columns) for i, note in enumerate(notes, 1)]
    return replace(sheet, cells=(*sheet.cells[:2], *weights, *sheet.cells[2:], *below))


def _result_values(
    config: CycleConfig, unit: Mapping[str, Any], row: int, points: ItemSheet
) -> list[tuple[Value, str]]:
    states, decision = labels("component_state"), ""
    for made in config.decisions:
        if made.grade_decision_id == unit["grade_decision_id"]:
            names = labels("grade")
            decision = f"{made.grade_decision_id}：{words.day(made.at)}{made.by}由{names[made.from_grade]}改为{names[made.to_grade]}：{made.reason}"  # fmt: skip
    inspection: Value = states[unit["inspection_state"]]
    if pd.notna(unit["inspection"]):
        inspection = Formula(f"='{ITEMS}'!{points.total_column}{row}", unit["inspection"])
    has_perception = pd.notna(unit["perception"])
    total, shown = _total(config, unit, row)
    grade = labels("grade")[unit["grade"]]
    return [
        (row - FIRST_ROW + 1, "0"), (unit["name"], ""), (unit["unit_type"], ""), (inspection, POINTS),
        (unit["perception"] if has_perception else states[unit["perception_state"]], POINTS),
        (unit["facts"], POINTS), (total, shown), (f"暂定{grade}" if unit["is_provisional"] else grade, ""),
        (int(unit["rank"]) if unit["is_ranked"] else "不排名", "0"), (unit["grade_reason"], ""),
        (labels("veto_effect").get(_texts(unit["veto_code"]), ""), ""), (decision, ""),
    ]  # fmt: skip


def _total(config: CycleConfig, unit: Mapping[str, Any], row: int) -> tuple[Value, str]:
    """The formula of the total with its number format; without a total, why there is none."""
    if pd.isna(unit["total"]):
        return ("评分不全" if unit["is_visited"] else "未核验"), ""
    weights, perception = config.cycle.weights, unit["perception"]
    mixed, value = f"C$3*D{row}", weights.inspection * unit["inspection"]
    if unit["is_provisional"]:
        mixed, value = f"D{row}", unit["inspection"]
    elif pd.notna(perception) and weights.perception > 0:
        mixed, value = f"{mixed}+F$3*E{row}", value + weights.perception * perception
    value = min(max(value - unit["facts"], 0.0), 100.0)
    shown = POINTS + ('"（暂定）"' if unit["is_provisional"] else "")
    rounded = float(round_half_up(unit["total"]))
    is_so = abs(value - unit["total"]) <= NOISE
    return (Formula(f"=ROUND(MAX(0,MIN(100,{mixed}-F{row})),2)", rounded) if is_so else rounded), shown


def _about(config: CycleConfig, version: str) -> Sheet:
    """说明: the parameters behind the numbers, the date and the version of the data."""
    cycle = config.cycle
    bands = sorted(cycle.grades, key=lambda band: -band.lowest)
    limits = ["及以上", *(f"至不足{band.lowest:g}分" for band in bands)]
    told = [
        f"{band.label} {band.lowest:g}分{above}{'，且没有得0分的项目' if band.conditions else ''}"
        for band, above in zip(bands, limits, strict=False)
    ]
    form = config.questionnaire
    method = method_line(form, cycle.suppression_threshold) if form else ""
    facts = {"facts_cap": cycle.facts.cap, "bands": "；".join(told), "method": method, "version": version}
    facts |= {**vars(cycle), **vars(cycle.weights)}
    return about_sheet("results", cycle.classification, _ABOUT_WIDTHS, facts)
