"""退回补正单.xlsx: its two sheets, where its cells lead, and that text stays text."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pandas as pd
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from lianzheng.config import load_config
from lianzheng.publish.returns_items import Item, UnitReturn
from lianzheng.publish.returns_workbook import return_list
from tests.unit.publish.returned import REPOSITORY, round_of

CONFIG = load_config(2018, REPOSITORY)
ITEMS = (
    Item(1, "附件1", "", "", "", "", "", "未收到附件1", "请尽快报送", "return_file"),
    Item(2, "附件2", "F1", "附件2.xlsx", "附件2", "D5", "=1+1", "=cmd|' /C calc'!A0", "+1", "return_item"),
    Item(3, "附件2", "F1", "附件2.xlsx", "附件2", "D6", "", "未填写", "请填写", "verify", True),
    Item(4, "附件3", "F2", "附件3.csv", "csv", "B2", "@SUM", "-1", "请更正", "verify"),
)
PAPERS = [
    {**round_of("standard", "missing"), "paper": "附件1", "received_at": pd.NaT, "is_late": pd.NA, "paper_received_at": pd.NaT},
    {**round_of("statistics", "returned", 2), "paper": "附件2", "received_at": pd.Timestamp(2018, 12, 3, 9), "is_late": True,
     "paper_received_at": pd.Timestamp(2018, 12, 4), "is_signed": False, "is_sealed": False},
]  # fmt: skip
LINKS = {2: ("附件2 #1（标注）.xlsx", "'附件2'!D5"), 4: ("附件3.csv（标注图）.png", "")}
ENCLOSED = {"附件2 #1（标注）.xlsx": "标注件", "原件/附件2.xlsx": "原件"}


def made() -> bytes:
    return return_list(CONFIG, UnitReturn(CONFIG.unit("U003"), ITEMS, (), tuple(PAPERS)), LINKS, ENCLOSED)


def pages() -> tuple[Worksheet, Worksheet]:
    book = load_workbook(io.BytesIO(made()))
    assert book.sheetnames == ["汇总", "补正清单"]
    return book["汇总"], book["补正清单"]


def texts(page: Worksheet) -> list[list[Any]]:
    return [[value for value in row if value is not None] for row in page.iter_rows(values_only=True)]


def test_the_list_has_a_line_per_item_and_an_empty_column_for_the_answer() -> None:
    _, page = pages()
    rows = list(page.iter_rows(min_row=3, values_only=True))
    assert rows[0] == (
        "序号",
        "表",
        "文件",
        "工作表",
        "单元格",
        "所填内容",
        "问题",
        "如何更正",
        "类别",
        "更正情况",
    )
    assert rows[1:] == [
        (1, "附件1", "—", "—", "—", "—", "未收到附件1", "请尽快报送", "退回文件", None),
        (2, "附件2", "附件2.xlsx", "附件2", "D5", "=1+1", "=cmd|' /C calc'!A0", "+1", "退回项目", None),
        (3, "附件2", "附件2.xlsx", "附件2", "D6（隐藏）", "（空白）", "未填写", "请填写", "请核实", None),
        (4, "附件3", "附件3.csv", "—", "B2", "@SUM", "-1", "请更正", "请核实", None),
    ]
    assert [page.cell(row, 9).fill.fgColor.rgb[2:] for row in range(4, 8)] == [
        "F8B4AE",
        "F8B4AE",
        "FFE699",
        "FFE699",
    ]


def test_cells_lead_to_the_marked_copy_at_its_cell_or_to_the_picture() -> None:
    summary, page = pages()
    led = {
        cell.coordinate: (cell.hyperlink.target, cell.hyperlink.location)
        for row in page.iter_rows()
        for cell in row
        if cell.hyperlink
    }
    assert led == {"E5": ("附件2%20%231（标注）.xlsx", "'附件2'!D5"), "E7": ("附件3.csv（标注图）.png", None)}
    targets = [cell.hyperlink.target for row in summary.iter_rows() for cell in row if cell.hyperlink]
    assert targets == ["附件2%20%231（标注）.xlsx", "原件/附件2.xlsx"]


def test_nothing_is_a_formula_or_a_link_elsewhere() -> None:
    with zipfile.ZipFile(io.BytesIO(made())) as package:
        sheets = [package.read(name) for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        links = b"".join(package.read(name) for name in package.namelist() if name.endswith(".rels"))
    assert len(sheets) == 2 and not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)
    assert b'Target="http' not in links and b"file:" not in links


def test_the_summary_says_state_counts_deadline_and_way_back() -> None:
    rows = texts(pages()[0])
    assert ["单位", CONFIG.unit("U003").name] in rows and ["重新报送期限", "2018年12月10日前"] in rows
    assert ["需要办理", "共4项：退回文件1份、退回项目1项、请核实2项"] in rows
    assert ["附件1", "未报", "—", "—", "未收到", "退回文件1份"] in rows
    assert [
        "附件2",
        "退回",
        "2018年12月3日（迟报）",
        "第2次",
        "2018年12月4日（未签字、未盖章）",
        "退回项目1项、请核实1项",
    ] in rows
    assert [row[:2] for row in rows if row and row[0] in ("退回文件", "退回项目", "请核实")] == [
        ["退回文件", "1项"],
        ["退回项目", "1项"],
        ["请核实", "2项"],
    ]
    steps = [row[0] for row in rows if row and str(row[0])[:2] in ("1.", "2.", "3.", "4.", "5.")]
    assert (
        len(steps) == 5 and "请于2018年12月10日前整份重新报送示例局党风廉政建设责任制检查办公室" in steps[3]
    )


def test_the_same_items_give_the_same_bytes() -> None:
    assert made() == made()
