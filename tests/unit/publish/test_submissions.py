"""submissions.xlsx and the terminal's list: a line a round, the reminders, and nothing that is the analyst's alone."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from lianzheng.config import load_config
from lianzheng.forms import as_xlsx
from lianzheng.pages.grid import display_width
from lianzheng.publish.status import aligned, status_lines
from lianzheng.publish.submissions import CHASE, LEDGER, submissions_layout
from lianzheng.tables import conform, schemas

CONFIG = load_config(2018, Path(__file__).resolve().parents[3])
PAPER = {"is_late": False, "paper_received_at": "2018-11-29 10:00", "is_signed": True, "signed_by": "周立明", "is_sealed": False, "is_paper_late": False}  # fmt: skip
ROWS = [
    {"unit_id": "U001", "form_id": "statistics", "round": 1, "file_id": "F1", "state": "returned", "is_counted": False,
     "reason": "corrected", "n_return_issues": 3, "sha256": "a" * 64, "received_at": "2018-11-28 10:00", **PAPER},
    {"unit_id": "U001", "form_id": "statistics", "round": 2, "file_id": "F2", "state": "accepted", "is_counted": True,
     "reason": "latest_acceptable", "n_return_issues": 0, "sha256": "b" * 64, "received_at": "2018-12-04 09:00", "is_late": False,
     "is_all_zero": True},
    {"unit_id": "U002", "form_id": "statistics", "round": 1, "state": "missing", "is_counted": False,
     "reason": "nothing_received", "n_return_issues": 0},
]  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    units: list[dict[str, Any]] = [
        {"unit_id": u.unit_id, "name": u.name, "short_name": u.short_name, "unit_type": u.unit_type, "headcount": 9, "order": n,
         "is_visited": True, "was_visited_last_cycle": False}
        for n, u in enumerate(CONFIG.units[:2], 1)
    ]  # fmt: skip
    file = {"sha256": "", "size_bytes": 1, "format": "xlsx", "state": "read", "is_counted": True}
    files = [{**file, "file_id": f"F{n}", "path": f"units/东河处/附件2（{n}）.xlsx"} for n in (1, 2)]
    issue = {"issue_id": "I1", "unit_id": "U001", "form_id": "statistics", "code": "paper_not_sealed", "severity": "verify",
             "message": "附件2《表》纸质件未盖章", "remedy": "请补盖"}  # fmt: skip
    given = {"units": units, "files": files, "submissions": ROWS, "issues": [issue]}
    return {name: conform(name, rows, 2018) for name, rows in given.items()}


def lines(tables: dict[str, pd.DataFrame], sheet: str) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(submissions_layout(CONFIG, tables, "v1"))))
    return [[cell.value for cell in row] for row in book[sheet].iter_rows(min_row=3)]


def test_the_ledger_has_a_line_a_round(tables: dict[str, pd.DataFrame]) -> None:
    labels, first, second, missing = lines(tables, LEDGER)
    assert dict(zip(labels, first, strict=True)) == {
        "序号": 1, "单位": "东河处", "材料": "自查统计表（附件2）", "版次": 1, "电子版收到": dt.datetime(2018, 11, 28, 10), "是否迟报": "按时",
        "结果": "退回", "退回处数": 3, "采用": "—", "缘由": "退回后由以后的版本补正", "纸质版收到": dt.datetime(2018, 11, 29, 10), "纸质迟到": "按时",
        "签字": "已签", "签字人": "周立明", "盖章": "未盖", "文件": "units/东河处/附件2（1）.xlsx", "sha256（前12位）": "a" * 12,
    }  # fmt: skip
    assert second[3:10] == [2, dt.datetime(2018, 12, 4, 9), "按时", "通过", 0, "采用", "最后收到的合格版本"]
    assert second[10:15] == [None] * 5  # no paper copy of its own
    assert missing[1:10] == ["西岭处", "自查统计表（附件2）", None, None, None, "未报", None, "—", "未收到"]


def test_reminders_leave_room_for_what_was_done(tables: dict[str, pd.DataFrame]) -> None:
    labels, seal, missing = lines(tables, CHASE)
    days = (CONFIG.cycle.report_date - CONFIG.cycle.deadline).days
    assert labels[-1] == "处理记录"
    assert seal[1:] == ["东河处", "自查统计表（附件2）", "纸质件未盖章", "纸质件未盖章", None, None]
    assert missing[3:] == ["未报", f"截止2018年12月1日，已逾期{days}天", days, None]


def test_a_bureau_that_is_complete_has_an_empty_list(tables: dict[str, pd.DataFrame]) -> None:
    done = {**tables, "submissions": tables["submissions"].iloc[:2], "issues": schemas()["issues"].empty()}
    assert lines(done, CHASE)[1][0] == "没有需要列出的。"


def test_two_workbooks_are_the_same_bytes_and_hold_no_zero_return(tables: dict[str, pd.DataFrame]) -> None:
    one, two = (submissions_layout(CONFIG, tables, "v1") for _ in range(2))
    assert as_xlsx(one) == as_xlsx(two)
    assert "全零" not in str(one) and "为 0" not in str(one)


def test_the_terminal_shows_every_paper_then_the_reminders(tables: dict[str, pd.DataFrame]) -> None:
    shown, n = status_lines(CONFIG, tables, dt.date(2018, 12, 3))
    assert n == 2
    assert [line.split() for line in shown if line] == [
        ["单位", "材料", "状态", "收到", "版次", "退回文件", "退回项目", "请核实", "提示"],
        ["东河处", "自查统计表（附件2）", "按时，通过（退回后补正）", "12月4日", "09:00", "2", "1"],
        ["西岭处", "自查统计表（附件2）", "未报", "—", "—"],
        ["应报", "2", "份：通过", "1，退回", "0，未报", "1"],
        ["催报名单（截至2018年12月3日）2", "项"],
        ["东河处", "自查统计表（附件2）", "纸质件未盖章", "纸质件未盖章"],
        ["西岭处", "自查统计表（附件2）", "未报", "截止2018年12月1日，已逾期2天"],
    ]


def test_columns_are_aligned_although_chinese_is_wider() -> None:
    rows = [("单位", "版", "x"), ("a", "12", "y"), ("质检评价中心", "", "z")]
    assert aligned(rows) == ["单位          版  x", "a             12  y", "质检评价中心      z"]
    starts = {
        display_width(line[: line.index(last)]) for line, (*_, last) in zip(aligned(rows), rows, strict=True)
    }
    assert starts == {16 + 2}
    assert aligned([]) == []
