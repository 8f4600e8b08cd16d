"""submissions.xlsx: the ledger of what was sent (报送台账), a line a round, and the list of reminders (催报名单)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.disk import write_atomically
from lianzheng.forms import Layout, Placed, Sheet, as_xlsx
from lianzheng.forms.layout import Scalar
from lianzheng.pages import words
from lianzheng.pages.chase import chase_list, paper_names
from lianzheng.publish.run import data_version
from lianzheng.scoring.lines import Frames
from lianzheng.tables import Tables, labels

NAME = "submissions.xlsx"
LEDGER, CHASE, ABOUT = "报送台账", "催报名单", "说明"
FIRST_ROW = 4
_COLUMNS = (
    ("序号", 4), ("单位", 12), ("材料", 17), ("版次", 4), ("电子版收到", 13), ("是否迟报", 8), ("结果", 8), ("退回处数", 8),
    ("采用", 5), ("缘由", 24), ("纸质版收到", 13), ("纸质迟到", 8), ("签字", 6), ("签字人", 8), ("盖章", 6), ("文件", 34), ("sha256（前12位）", 12),
)  # fmt: skip
_CHASE_COLUMNS = (
    ("序号", 4),
    ("单位", 14),
    ("材料", 18),
    ("事由", 14),
    ("说明", 50),
    ("逾期天数", 9),
    ("处理记录", 18),
)
_MOMENT = "m月d日 hh:mm"
_KEPT, _ROW_HEIGHT = 4, 18.0  # columns that the ledger repeats on the second page beside the first; points


def write_submissions(config: CycleConfig) -> None:
    """Write reports/<cycle>/submissions.xlsx from the processed tables, the same bytes every time."""
    layout = submissions_layout(config, Tables(config.data_processed), data_version(config))
    moment = dt.datetime.combine(config.cycle.report_date, dt.time(), dt.UTC)
    write_atomically(config.reports / NAME, as_xlsx(layout, moment))


def submissions_layout(config: CycleConfig, tables: Frames, version: str) -> Layout:
    """The three sheets: a line a round, the reminders as of report_date, and what the words mean."""
    sheets = (_ledger(config, tables), _chase(config, tables), _about(config, version))
    return Layout("submissions", sheets)


def _ledger(config: CycleConfig, tables: Frames) -> Sheet:
    submissions, cycle = tables["submissions"], config.cycle
    files = tables["files"].set_index("file_id")["path"]
    names = tables["units"].set_index("unit_id")["short_name"]
    forms = paper_names(submissions, config)
    order = {form: place for place, form in enumerate(forms)}
    rows = submissions.assign(order=submissions["form_id"].map(order)).sort_values(
        ["unit_id", "order", "round"]
    )
    lines = [
        (names[row["unit_id"]], forms[row["form_id"]], *_round(row), files.get(row["file_id"], ""), (row["sha256"] or "")[:12])
        for row in rows.astype(object).where(rows.notna(), None).to_dict("records")
    ]  # fmt: skip
    title = f"{cycle.cycle}年检查材料{LEDGER}"
    return replace(_sheet(config, LEDGER, title, _COLUMNS, lines, _KEPT), frozen_columns=_KEPT)


def _round(row: Mapping[Any, Any]) -> Iterator[Scalar]:
    """A round's cells from 版次 to 盖章."""
    is_missing = row["state"] == "missing"
    yield None if is_missing else row["round"]
    yield row["received_at"]
    yield "" if is_missing else _said(row["is_late"], "迟报", "按时")
    yield labels("submission_state")[row["state"]]
    yield None if is_missing else row["n_return_issues"]
    yield "采用" if row["is_counted"] else "—"
    yield labels("round_reason")[row["reason"]]
    yield row["paper_received_at"]
    has_copy = row["paper_received_at"] is not None
    yield _said(row["is_paper_late"], "迟", "按时") if has_copy else ""
    yield _said(row["is_signed"], "已签", "未签") if has_copy else ""
    yield (row["signed_by"] or "") if has_copy else ""
    yield _said(row["is_sealed"], "已盖", "未盖") if has_copy else ""


def _said(value: bool | None, yes: str, no: str) -> str:
    return "无登记" if value is None else yes if value else no


def _chase(config: CycleConfig, tables: Frames) -> Sheet:
    cycle = config.cycle
    found = chase_list(tables["submissions"], tables["issues"], cycle.deadline, cycle.report_date)
    names = tables["units"].set_index("unit_id")["short_name"]
    forms, kinds = paper_names(tables["submissions"], config), labels("chase_kind")
    lines = [
        (names[row["unit_id"]], forms[row["form_id"]], kinds[row["kind"]], row["told"], row["days_over"], "")
        for row in found.astype(object).where(found.notna(), None).to_dict("records")
    ]
    title = f"{cycle.cycle}年党风廉政建设责任制检查材料{CHASE}（截至{words.day(cycle.report_date)}）"
    return _sheet(config, CHASE, title, _CHASE_COLUMNS, lines)


def _sheet(
    config: CycleConfig, name: str, title: str, columns: Sequence[tuple[str, int]], lines: Sequence[Sequence[Scalar]],
    titled: int = 0,
) -> Sheet:  # fmt: skip
    """Mark, title over the first ``titled`` columns (0: all), labels and numbered lines."""
    wide = titled or len(columns)
    cells = [
        Placed(1, 1, config.cycle.classification, "mark", 1, wide),
        Placed(2, 1, title, "title", 1, wide),
    ]
    cells += [
        Placed(FIRST_ROW - 1, c, label, "column_label") for c, (label, _) in enumerate(columns, start=1)
    ]
    for number, line in enumerate(lines, start=1):
        for column, value in enumerate((number, *line), start=1):
            shown = _MOMENT if isinstance(value, dt.datetime) else "General"
            value = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
            cells.append(Placed(FIRST_ROW - 1 + number, column, value, "value", number_format=shown))
    if not lines:
        cells.append(Placed(FIRST_ROW, 1, "没有需要列出的。", "note", 1, wide))
    widths = tuple(width for _, width in columns)
    return Sheet(name, tuple(cells), widths, FIRST_ROW - 1, "landscape", least_height=_ROW_HEIGHT)


def _about(config: CycleConfig, version: str) -> Sheet:
    """说明: what the columns mean, the deadline, the date and the version of the data."""
    cycle, states = config.cycle, labels("submission_state")
    rows = [
        ("截止日期", f"{words.day(cycle.deadline)}，当日收到算按时"),
        ("版次", "同一单位同一材料按收到先后编号；内容完全相同的文件再报一次不算新的一版；没有收件登记的排在有登记的之前"),
        ("是否迟报", "按电子版收到时间；补正退回的材料，按所补正的那一版是否迟报计算；没有收件登记的不作判断"),
        ("结果", f"{states['returned']}：该版有须退回补正的问题；{states['accepted']}：采用且没有须退回的问题；{states['superseded']}：没有须退回的问题，但已有更新的合格版本"),
        ("采用", "采用最后收到的合格版本；各版都须退回的，以最后收到、可以读出的一版暂计"),
        ("纸质件", "与电子版分别登记：收到时间、签字、签字人、盖章"),
        ("催报", "未报的按报告日计算逾期天数；退回的补正通过后自行消去；命令 lianzheng status 可按任一日期列出"),
        ("报告日期", words.day(cycle.report_date)), ("数据版本（sha256）", version),
    ]  # fmt: skip
    cells = [Placed(1, 1, cycle.classification, "mark", 1, 2), Placed(2, 1, ABOUT, "title", 1, 2)]
    cells += [Placed(3, c, label, "column_label") for c, label in ((1, "事项"), (2, "内容"))]
    for row, (name, value) in enumerate(rows, start=4):
        cells += [Placed(row, 1, name, "row_label"), Placed(row, 2, value, "value")]
    return Sheet(ABOUT, tuple(cells), (18, 76), 3, least_height=_ROW_HEIGHT)
