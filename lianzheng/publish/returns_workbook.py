"""退回补正单.xlsx: a summary and the list by cell address, whose cells lead into the marked copies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.forms import Layout, Placed, Sheet, as_xlsx
from lianzheng.forms.layout import Link, Role, Scalar
from lianzheng.forms.marking import FILLS
from lianzheng.pages import words
from lianzheng.pages.returned import SEVERITIES
from lianzheng.pages.wording import say
from lianzheng.publish.returns_items import Item, UnitReturn
from lianzheng.publish.returns_notice import counted, terms
from lianzheng.publish.workbooks import FIRST_ROW, list_sheet
from lianzheng.tables import labels

LIST = "退回补正单.xlsx"
Line = Sequence[tuple[Scalar, Role, int]]
"""Values of a row, each with its role and how many columns it takes."""
_CELL_COLUMN, _KIND_COLUMN = 5, 9
_SUMMARY_WIDTHS = (11, 8, 17, 7, 11, 13)
_ROW_HEIGHT, _ANSWER_HEIGHT, _CAPTION_HEIGHT = 22.0, 36.0, 32.0  # points; an answer is written by hand, too


def return_list(
    config: CycleConfig, returned: UnitReturn, links: Mapping[int, Link], enclosed: Mapping[str, str]
) -> bytes:
    """The workbook; ``links`` by item number, ``enclosed``: what each file beside it is, by its path.

    What units wrote stays text: no cell holds a formula.
    """
    layout = Layout("returns", (_summary(config, returned, enclosed), _list(returned, links)))
    date = config.cycle.returns.date or config.cycle.report_date
    return as_xlsx(layout, dt.datetime.combine(date, dt.time(), dt.UTC))


def _list(returned: UnitReturn, links: Mapping[int, Link]) -> Sheet:
    mark = say("mark", "returns", unit_id=returned.unit.unit_id)
    sheet = list_sheet("returns", mark, [_told(item) for item in returned.items], name=returned.unit.name)
    items = dict(enumerate(returned.items, start=FIRST_ROW))

    def shown(cell: Placed) -> Placed:
        if cell.row in items and cell.column == _KIND_COLUMN:
            return replace(cell, fill=FILLS["bad" if items[cell.row].is_grave else "warn"])
        is_led = cell.row in items and cell.column == _CELL_COLUMN
        return replace(cell, link=links.get(items[cell.row].number)) if is_led else cell

    heights = tuple((row, _ANSWER_HEIGHT) for row in items)
    return replace(sheet, cells=tuple(map(shown, sheet.cells)), least_height=_ROW_HEIGHT, heights=heights)


def _told(item: Item) -> tuple[Scalar, ...]:
    is_cell = bool(item.cell)
    seen = item.seen or ("（空白）" if is_cell else words.DASH)
    sheet = item.sheet if item.sheet not in ("", "csv") else words.DASH
    return (
        item.number, item.paper, item.file_name or words.DASH, sheet, item.place or words.DASH, seen,
        item.message, item.remedy, item.label, None,
    )  # fmt: skip


def _summary(config: CycleConfig, returned: UnitReturn, enclosed: Mapping[str, str]) -> Sheet:
    """Facts, papers with their state, counts, what is enclosed, how to send again; one below the other."""
    cycle, told, wide = config.cycle, terms(config), len(_SUMMARY_WIDTHS)
    deadline = cycle.returns.deadline
    facts = [
        ("单位", returned.unit.name), ("检查年度", f"{cycle.cycle}年"),
        ("重新报送期限", f"{words.day(deadline)}前" if deadline else told["deadline"]),
        ("报送至", told["office"] + told["contact"]), ("需要办理", f"共{len(returned.items)}项：{counted(returned)}"),
    ]  # fmt: skip
    steps = ["step_mark", "step_edit", "step_verify", "step_send", "step_paper"]
    lines: list[Line] = [
        [(say("mark", "returns", unit_id=returned.unit.unit_id), "mark", wide)],
        [(say("workbook_title", "returns", cycle=cycle.cycle), "title", wide)],
        *(_pair(name, value, 1) for name, value in facts),
        [("一、各表报送情况", "caption", wide)],
        _heads("表", "状态", "收到时间", "第几次报送", "纸质件", "需要办理"),
        *(_paper_line(returned, row) for row in returned.papers),
        [("二、类别与办法", "caption", wide)],
        *(_severity_line(returned, severity, wide) for severity in SEVERITIES),
        [("三、随附文件", "caption", wide)],
        *(_pair(name, what, 2) for name, what in enclosed.items()),
        [("四、如何重新报送", "caption", wide)],
        *(_across(f"{n}. {say(step, 'returns', **told)}") for n, step in enumerate(steps, start=1)),
    ]
    cells = []
    for row, line in enumerate(lines, start=1):
        column = 1
        for value, role, span in line:
            link = (str(value), "") if column == 1 and value in enclosed else None
            cells.append(Placed(row, column, value, role, 1, span, link=link))
            column += span
    heights = tuple((cell.row, _CAPTION_HEIGHT) for cell in cells if cell.role == "caption")
    name = say("sheet_summary", "returns")
    return Sheet(name, tuple(cells), _SUMMARY_WIDTHS, least_height=_ROW_HEIGHT, heights=heights)


def _heads(*names: str) -> Line:
    return [(name, "column_label", 1) for name in names]


def _pair(name: str, value: str, span: int) -> Line:
    return [(name, "row_label", span), (value, "value", len(_SUMMARY_WIDTHS) - span)]


def _across(text: str) -> Line:
    return [(text, "value", len(_SUMMARY_WIDTHS))]


def _severity_line(returned: UnitReturn, severity: str, wide: int) -> Line:
    label, n = labels("severity")[severity], returned.count(severity)
    what = say(f"do_{severity}", "returns")
    return [(label, "row_label", 1), (f"{n}项", "value", 1), (what, "value", wide - 2)]


def _paper_line(returned: UnitReturn, row: Mapping[str, Any]) -> Line:
    """A paper's last round: state, receipt, paper copy, and what is to be done."""
    state, moment = labels("submission_state")[row["state"]], row["received_at"]
    late = "" if pd.isna(row["is_late"]) else "（迟报）" if row["is_late"] else "（按时）"
    paper = "未收到"
    if pd.notna(row["paper_received_at"]):
        asked = {"未签字": "is_signed", "未盖章": "is_sealed"}
        faults = [word for word, name in asked.items() if row[name] is False]
        paper = words.day(row["paper_received_at"]) + (f"（{'、'.join(faults)}）" if faults else "")
    is_missing = row["state"] == "missing"
    received = words.DASH if is_missing else "无收件登记"
    received = f"{words.day(moment)}{late}" if pd.notna(moment) else received
    number = words.DASH if is_missing else f"第{row['round']}次"
    values = (row["paper"], state, received, number, paper, counted(returned, row["paper"]) or "无")
    return [(value, "row_label" if i == 0 else "value", 1) for i, value in enumerate(values)]
