"""results.xlsx for the units' annual assessment: number, grade and reasons, with sums as formulas that a reader can check.

Every formula is written only where it comes to the stored figure; elsewhere stands the figure, and a note says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.disk import write_atomically
from lianzheng.forms import Formula, Layout, Placed, Sheet, as_xlsx
from lianzheng.forms.layout import Scalar
from lianzheng.pages import words
from lianzheng.pages.answers import method_line
from lianzheng.publish.result_items import (
    FIRST_ROW,
    ITEMS,
    NOISE,
    POINTS,
    WEIGHT,
    ItemSheet,
    Value,
    result_rows,
    table_row,
)
from lianzheng.publish.run import data_version
from lianzheng.scoring.lines import Frames
from lianzheng.scoring.rounding import round_half_up
from lianzheng.tables import Tables, labels

RESULTS, ABOUT = "年度考核结果", "说明"
NAME = "results.xlsx"
_COLUMNS = (
    ("序号", 4), ("单位", 16), ("类型", 8), ("检查", 8), ("测评", 8), ("事实扣分", 6), ("总分", 10), ("等次", 6), ("排名", 5),
    ("等次依据", 34), ("否决", 7), ("记录在案的改定", 16),
)  # fmt: skip


def write_results(config: CycleConfig) -> None:
    """Write reports/<cycle>/results.xlsx from the processed tables, the same bytes every time."""
    layout = results_layout(config, Tables(config.data_processed), data_version(config))
    moment = dt.datetime.combine(config.cycle.report_date, dt.time(), dt.UTC)
    write_atomically(config.reports / NAME, as_xlsx(layout, moment))


def results_layout(config: CycleConfig, tables: Frames, version: str) -> Layout:
    """The three sheets: results, points by item, and what the numbers mean; ``version`` names the data."""
    points = ItemSheet(config, tables)
    return Layout(
        "results", (_results_sheet(config, tables, points), points.sheet(), _about(config, version))
    )


def _texts(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _results_sheet(config: CycleConfig, tables: Frames, points: ItemSheet) -> Sheet:
    cycle, wide = config.cycle, len(_COLUMNS)
    title = f"{cycle.bureau}{cycle.cycle}年度考核结果（党风廉政建设责任制部分）"
    cells = [
        Placed(1, 1, cycle.classification, "mark", 1, wide), Placed(2, 1, title, "title", 1, wide),
        Placed(3, 2, "检查权重", "row_label"), Placed(3, 3, cycle.weights.inspection, "value", number_format=WEIGHT),
        Placed(3, 4, "测评权重", "row_label", 1, 2), Placed(3, 6, cycle.weights.perception, "value", number_format=WEIGHT),
    ]  # fmt: skip
    labels_ = enumerate(_COLUMNS, start=1)
    cells += [Placed(FIRST_ROW - 1, column, label, "column_label") for column, (label, _) in labels_]
    notes = [
        "总分＝四舍五入（检查权重×检查＋测评权重×测评−事实扣分，限于0至100，两位小数）；检查的算法见“逐项得分”。"
    ]
    notes += ["“暂定”：没有有效测评，总分＝检查−事实扣分，不排名。未核验、评分不全的没有总分，不是0分。"]
    for row, unit in enumerate(result_rows(tables), start=FIRST_ROW):
        values = _result_values(config, unit, row, points)
        cells += table_row(row, values)
        if isinstance(values[6][0], float):
            notes.append(f"{unit['name']}的总分不按上式算出，所列为评分结果。")
    last = max(cell.row for cell in cells)
    cells += [Placed(last + i, 1, note, "note", 1, wide) for i, note in enumerate(notes, start=1)]
    return Sheet(RESULTS, tuple(cells), tuple(width for _, width in _COLUMNS), FIRST_ROW - 1, "landscape")


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
    rows: list[tuple[str, Scalar]] = [
        ("总分", f"{cycle.weights.inspection:g}×检查＋{cycle.weights.perception:g}×测评−事实扣分，限于0至100"),
        ("检查得分上限", cycle.inspection_cap), ("事实扣分上限", cycle.facts.cap),
        ("等次（按四舍五入后的总分）", "；".join(told)),
        *([("测评", method_line(config.questionnaire, cycle.suppression_threshold))] if config.questionnaire else []),
        ("升降", f"与上年相差超过{cycle.min_change:g}分才说升降"),
        ("排名", f"同类有总分且非暂定的单位满{cycle.rank_minimum}家才排名，同分同名次"),
        ("四舍五入", "单元格保留原数，显示两位小数；只在最后一步四舍五入（0.005进为0.01）"),
        ("报告日期", words.day(cycle.report_date)), ("数据版本（sha256）", version),
    ]  # fmt: skip
    cells = [Placed(1, 1, cycle.classification, "mark", 1, 2), Placed(2, 1, ABOUT, "title", 1, 2)]
    cells += [Placed(3, c, label, "column_label") for c, label in ((1, "事项"), (2, "内容"))]
    for row, (name, value) in enumerate(rows, start=4):
        cells += [Placed(row, 1, name, "row_label"), Placed(row, 2, value, "value", number_format=WEIGHT)]
    return Sheet(ABOUT, tuple(cells), (24, 70), 3)
