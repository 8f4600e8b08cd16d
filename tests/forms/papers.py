"""The tiny forms of tests/forms/config, laid out by hand: every address below is known, none comes from lianzheng.

The files are written by openpyxl, xlwt, python-docx and the csv module, as other people's programs write them, so that
lianzheng's reader and its own writers cannot share a mistake.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import xlwt
from docx import Document
from docx.document import Document as Word
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.method import ecma376_agile as cipher
from msoffcrypto.method.container import ecma376_encrypted as container
from openpyxl import Workbook
from openpyxl.utils import coordinate_to_tuple
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from xlwt.CompoundDoc import XlsDoc

from lianzheng.forms.layout import Layout, Placed
from lianzheng.forms.layout import Sheet as Page
from lianzheng.zips import normalise_package

Scalar = str | int | float | bool | dt.date | None
Cells = Mapping[str, Scalar]
Block = str | Sequence[Sequence[str]]  # a paragraph or a table of a Word document
SAVED_AT = dt.datetime(2018, 11, 20, 9, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Sheet:
    """A sheet as a person sees it: cells by address; ``hidden`` names rows ("17") and columns ("I")."""

    name: str
    cells: Cells
    merges: tuple[str, ...] = ()
    formats: Mapping[str, str] | None = None
    hidden: tuple[str, ...] = ()
    is_hidden: bool = False

    def but(self, edits: Cells, **more: Any) -> Sheet:
        """The same with other contents at some addresses; None empties a cell."""
        kept = {place: value for place, value in {**self.cells, **edits}.items() if value is not None}
        return replace(self, cells=kept, **more)

    def moved(self, shift: Callable[[int, int], tuple[int, int]]) -> Sheet:
        """Every cell and merged range at another place: ``shift`` says which."""

        def new(address: str) -> str:
            return ":".join(place(*shift(*coordinate_to_tuple(corner))) for corner in address.split(":"))

        cells = {new(address): value for address, value in self.cells.items()}
        return replace(self, cells=cells, merges=tuple(map(new, self.merges)))


def place(row: int, column: int) -> str:
    """(7, 2) → B7, for up to 26 columns."""
    return f"{chr(64 + column)}{row}"


def rows_of(cells: Cells) -> list[list[Scalar]]:
    """The cells as rows from A1 on, empty places None."""
    places = {coordinate_to_tuple(address): value for address, value in cells.items()}
    n_rows, n_columns = (max(place[i] for place in places) for i in (0, 1))
    return [[places.get((r, c)) for c in range(1, n_columns + 1)] for r in range(1, n_rows + 1)]


def as_xlsx(
    *sheets: Sheet, is_1904: bool = False, edit: Callable[[Workbook], object] = lambda book: None
) -> bytes:
    """An .xlsx workbook by openpyxl; ``edit`` changes it before it is saved."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.loaded_theme = None
    if is_1904:
        book.epoch = CALENDAR_MAC_1904
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        for address, value in sheet.cells.items():
            page[address] = value
        for address, number_format in (sheet.formats or {}).items():
            page[address].number_format = number_format
        for merged in sheet.merges:
            page.merge_cells(merged)
        for name in sheet.hidden:
            (page.row_dimensions[int(name)] if name.isdigit() else page.column_dimensions[name]).hidden = True
        page.sheet_state = "hidden" if sheet.is_hidden else "visible"
    edit(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return normalise_package(buffer.getvalue(), SAVED_AT)


def with_parts(data: bytes, edit: Callable[[str, bytes], bytes]) -> bytes:
    """An Office file with its parts edited."""
    return normalise_package(data, SAVED_AT, edit)


def as_protected(data: bytes, password: str) -> bytes:
    """The workbook behind an opening password, with fixed salts and time, so that the bytes are always the same."""
    buffer, plain = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(plain, "w") as new:
        for entry in old.infolist():  # uncompressed, for not every machine deflates alike
            new.writestr(zipfile.ZipInfo(entry.filename), old.read(entry))
    with (
        patch.object(cipher, "_random_buffer", lambda size: bytes(range(size))),
        patch.object(container, "datetime2filetime", lambda moment: 0),
    ):
        OOXMLFile(plain).encrypt(password, buffer)
    return buffer.getvalue()


def as_xls(*sheets: Sheet, is_1904: bool = False) -> bytes:
    """An Excel 97–2003 workbook by xlwt."""
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = is_1904
    for sheet in sheets:
        page = book.add_sheet(sheet.name)
        page.visibility = int(sheet.is_hidden)
        covered = [range_boundaries(merged) for merged in sheet.merges]
        corners = {(top, left): (bottom, right) for left, top, right, bottom in covered}
        for address, value in sheet.cells.items():
            row, column = coordinate_to_tuple(address)
            style = xlwt.easyxf(num_format_str=(sheet.formats or {}).get(address, "General"))
            bottom, right = corners.get((row, column), (row, column))
            page.write_merge(row - 1, bottom - 1, column - 1, right - 1, value, style)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def as_csv(cells: Cells, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Delimited text with the line ends that Excel writes."""
    return as_lines(rows_of(cells), encoding, delimiter)


def as_lines(rows: Sequence[Sequence[Scalar]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Rows as delimited text."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode(encoding)


def as_docx(*blocks: Block, edit: Callable[[Word], object] = lambda document: None) -> bytes:
    """A Word document of paragraphs and plain tables by python-docx."""
    document = Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        table = document.add_table(len(block), len(block[0]))
        for row, texts in zip(table.rows, block, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    edit(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return without_extras(buffer.getvalue())


def as_layout(*sheets: Sheet) -> Layout:
    """The sheets as the writers of tests/formats.py take them."""
    pages = []
    for sheet in sheets:
        ranges = [range_boundaries(merged) for merged in sheet.merges]
        spans = {(top, left): (bottom - top + 1, right - left + 1) for left, top, right, bottom in ranges}
        formats = sheet.formats or {}
        cells = [
            Placed(*at, value, "value", *spans.get(at, (1, 1)), formats.get(address, "General"))
            for address, value in sheet.cells.items() for at in (coordinate_to_tuple(address),)
        ]  # fmt: skip
        pages.append(Page(sheet.name, tuple(cells)))
    return Layout("", tuple(pages))


def as_old_word() -> bytes:
    """What a Word document of 1997 looks like from outside: a container with a stream WordDocument, of nothing."""
    buffer = io.BytesIO()
    XlsDoc().save(buffer, bytes(64))
    workbook, word = (
        name.ljust(32, "\0").encode("utf-16-le") + (2 * len(name) + 2).to_bytes(2, "little")
        for name in ("Workbook", "WordDocument")
    )
    return buffer.getvalue().replace(workbook, word)


_EXTRAS = re.compile(r"docProps/thumbnail|word/(?:theme|stylesWithEffects|fontTable|webSettings)")


def without_extras(data: bytes) -> bytes:
    """A Word file at a third of its size: the template's pictures, themes and styles say nothing here."""
    styles = b'<?xml version="1.0"?><w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'

    def edit(name: str, part: bytes) -> bytes:
        return styles if name == "word/styles.xml" else b"" if _EXTRAS.match(name) else part

    return with_parts(data, edit)


# 附件2 of 东河管理处 (units/东河管理处/附件2.xlsx).
STATISTICS = Sheet(
    "附件2",
    {
        "A1": "附件2",
        "A2": "示例局直属单位2018年落实中央八项规定精神自查统计表",
        "A3": "填表单位（盖章）：东河管理处", "D3": "填表人：王一", "F3": "审核人：李二", "H3": "时间：2018年11月20日",
        "A4": "一、本年度自查发现问题情况",
        "A5": "序号", "B5": "问题类别", "C5": "问题数（起）", "D5": "涉及人数（人）", "E5": "涉及金额（万元）",
        "F5": "处理情况", "H5": "整改情况",
        "F6": "党纪处分（人）", "G6": "政务处分（人）", "H6": "已整改（起）", "I6": "整改中（起）",
        "A7": "1", "B7": "违规公款吃喝", "C7": 2, "D7": 3, "E7": 1.5, "F7": 1, "G7": 0, "H7": 1, "I7": 1,
        "A8": "2", "B8": "违规收送礼品礼金", "C8": 1, "D8": 1, "E8": 0.25, "F8": 0, "G8": 1, "H8": 1, "I8": 0,
        "A9": "—", "B9": "合计", "C9": 3, "D9": 4, "E9": 1.75, "F9": 1, "G9": 1, "H9": 2, "I9": 1,
        "A10": "二、落实八项规定精神情况",
        "A11": "项目", "B11": "指标", "C11": "计量单位", "D11": "本年", "E11": "上年",
        "A12": "会议", "B12": "召开会议", "C12": "次", "D12": 12, "E12": 15,
        "A13": "公务接待", "B13": "公务接待金额", "C13": "万元", "D13": 0.8, "E13": 1.1,
        "A14": "三、工作量",
        "A15": "序号", "B15": "工作内容", "C15": "计量单位", "D15": "数量",
        "A16": "1", "B16": "党委专题研究", "C16": "次", "D16": 4,
        "A17": "2", "B17": "责任书签订率", "C17": "%", "D17": "95%",
        "A18": "3", "B18": "制定修订制度", "C18": "项", "D18": 2,
        "A19": "4", "B19": "应签责任书", "C19": "份", "D19": 20,
        "A20": "5", "B20": "签订责任书", "C20": "份", "D20": 19,
        "A21": "注：“本年度自查发现问题情况”不含局纪检监察室转办的信访件和直接查处的问题。",
    },
    merges=(
        "A2:I2", "A3:C3", "D3:E3", "F3:G3", "H3:I3", "A5:A6", "B5:B6", "C5:C6", "D5:D6", "E5:E6", "F5:G5", "H5:I5",
        "A21:I21",
    ),
)  # fmt: skip
STATISTICS_MEANT = {
    ("this", "dining", "n_problems"): 2, ("this", "dining", "n_persons"): 3, ("this", "dining", "amount_10k_yuan"): 1.5,
    ("this", "dining", "n_party_discipline"): 1, ("this", "dining", "n_government_discipline"): 0,
    ("this", "dining", "n_rectified"): 1, ("this", "dining", "n_rectifying"): 1,
    ("this", "gifts", "n_problems"): 1, ("this", "gifts", "n_persons"): 1, ("this", "gifts", "amount_10k_yuan"): 0.25,
    ("this", "gifts", "n_party_discipline"): 0, ("this", "gifts", "n_government_discipline"): 1,
    ("this", "gifts", "n_rectified"): 1, ("this", "gifts", "n_rectifying"): 0,
    ("this", "total", "n_problems"): 3, ("this", "total", "n_persons"): 4, ("this", "total", "amount_10k_yuan"): 1.75,
    ("this", "total", "n_party_discipline"): 1, ("this", "total", "n_government_discipline"): 1,
    ("this", "total", "n_rectified"): 2, ("this", "total", "n_rectifying"): 1,
    ("this", "meetings", "n_meetings"): 12, ("last", "meetings", "n_meetings"): 15,
    ("this", "reception", "amount_10k_yuan"): 0.8, ("last", "reception", "amount_10k_yuan"): 1.1,
    ("this", "workload", "n_special_meetings"): 4, ("this", "workload", "signed_share"): 0.95,
    ("this", "workload", "n_rules"): 2,
    ("this", "workload", "n_letters_due"): 20, ("this", "workload", "n_letters_signed"): 19,
}  # fmt: skip

# 附件1 of 东河管理处 (units/东河管理处/附件1.xlsx).
STANDARD = Sheet(
    "附件1",
    {
        "A1": "附件1",
        "A2": "示例局直属单位党风廉政建设责任制落实情况检查评分标准",
        "A3": "年度：2018", "B3": "填表单位（盖章）：东河管理处", "D3": "审核人：李二", "E3": "时间：2018年11月20日",
        "A4": "序号", "B4": "检查内容", "C4": "检查项目", "D4": "分值", "E4": "自评分", "F4": "自评说明",
        "A5": "1", "B5": "一、党委主体责任（40分）", "C5": "年度计划", "D5": "20", "E5": 20,
        "A6": "2", "C6": "专题研究", "D6": "20", "E6": 18.5, "F6": "一次会议记录简略",
        "A7": "3", "B7": "二、纪委监督责任（40分）", "C7": "责任书签订", "D7": "20", "E7": 20,
        "A8": "4", "C8": "监督检查", "D8": "20", "E8": 20,
        "A9": "5", "B9": "三、事业单位事项（20分）", "C9": "廉政教育", "D9": "20", "E9": 20,
        "A10": "6", "B10": "四、企业单位事项（20分）", "C10": "招标采购", "D10": "20",
        "A11": "—", "C11": "合计", "D11": "100", "E11": 98.5,
        "A12": "自评分填数字，不超过该项分值。",
    },
    merges=("A2:F2", "B3:C3", "E3:F3", "B5:B6", "B7:B8", "A12:F12"),
)  # fmt: skip
STANDARD_MEANT = {"S101": 20, "S102": 18.5, "S201": 20, "S202": 20, "S301": 20, "total": 98.5}

# The self-report of 东河管理处 (units/东河管理处/自查报告.docx): the paragraphs p1, p2 … of the document.
REPORT = (
    "东河管理处2018年党风廉政建设责任制落实情况自查报告",
    "局党委：",
    "一、基本情况",
    "年初召开党委会议专题研究，把年度任务分解到每位班子成员和每个科室，按季度对账，六月份组织了一次督查。",
    "二、2017年反馈问题整改情况",
    "对检查组反馈的两个问题建立台账，现已全部完成。",
    "三、存在的问题",
    "个别科室对廉政风险的分析还不够深入。",
    "四、下一步打算",
    "完善责任清单，与业务工作同部署、同检查、同考核。",
    "单位主要负责人（签字）：周立明",
    "东河管理处",
    "2018年11月20日",
)

# The first team's score sheet of 东河管理处 (teams/第一检查组/东河管理处评分表.csv).
SCORES = Sheet(
    "评分表",
    {
        "A1": "示例局党风廉政建设责任制落实情况检查评分表",
        "A2": "受检单位：东河管理处", "C2": "检查组：第一检查组", "E2": "检查日期：2018-12-04",
        "A3": "序号", "B3": "检查项目", "C3": "分值", "D3": "核实数", "E3": "检查组评分", "F3": "加减分说明",
        "A4": "1", "B4": "年度计划", "C4": "20", "D4": 1, "E4": 20,
        "A5": "2", "B5": "专题研究", "C5": "20", "D5": 2, "E5": 20,
        "A6": "3", "B6": "责任书签订", "C6": "20", "D6": "100%", "E6": 20,
        "A7": "4", "B7": "监督检查", "C7": "20", "D7": 2, "E7": 18, "F7": "一次检查没有记录",
        "A8": "5", "B8": "廉政教育", "C8": "20", "D8": 0, "E8": 20,
        "A9": "6", "B9": "招标采购", "C9": "20",
    },
)  # fmt: skip
TALLY = Sheet(
    "汇总",
    {
        "A1": "示例局直属单位2018年党风廉政建设责任制落实情况测评汇总表",
        "A2": "受检单位：东河管理处", "B2": "测评人群：中层干部", "C2": "发出：10", "D2": "收回：9", "E2": "有效：8",
        "A3": "序号", "B3": "测评内容", "C3": "好", "D3": "一般", "E3": "差", "F3": "弃权",
        "A4": "1", "B4": "主体责任落实情况", "C4": 5, "D4": 2, "E4": 1, "F4": 0,
        "A5": "2", "B5": "总体评价", "C5": 6, "D5": 1, "E5": 0, "F5": 1,
    },
)  # fmt: skip
FINDINGS = Sheet(
    "清单",
    {
        "A1": "示例局党风廉政建设责任制检查发现问题和亮点清单",
        "A2": "检查组：第一检查组",
        "A3": "一、发现问题",
        "A4": "受检单位", "B4": "主题", "C4": "缺陷类型", "D4": "严重程度", "E4": "是否确认", "F4": "问题描述",
        "A5": "东河管理处", "B5": "廉政约谈", "C5": "无记录", "D5": "一般", "E5": "是", "F5": "约谈没有记录",
        "A7": "二、特色亮点",
        "A8": "受检单位", "B8": "主题", "C8": "是否确认", "D8": "主要做法",
        "A9": "东河管理处", "B9": "学习教育", "C9": "是", "D9": "学习安排扎实",
    },
)  # fmt: skip
# What the first team registers of ballots given out and come back (teams/第一检查组/现场检查情况表.csv).
COUNTS = Sheet(
    "现场检查",
    {
        "A1": "示例局党风廉政建设责任制现场检查情况表",
        "A2": "检查组：第一检查组",
        "A3": "受检单位", "B3": "测评人群", "C3": "发出（份）", "D3": "收回（份）",
        "A4": "东河管理处", "B4": "中层干部", "C4": 2, "D4": 1,
        "A5": "东河管理处", "B5": "职工代表", "C5": 2, "D5": 1,
    },
)  # fmt: skip
# 整改台账 as the office keeps it; the marks of origin are those that the product once wrote there.
LEDGER = (
    Sheet(
        "整改台账",
        {
            "A1": "示例局问题整改台账",
            "A2": "是否逾期", "B2": "编号", "C2": "单位", "D2": "问题来源", "E2": "年度", "F2": "问题", "G2": "状态",
            "H2": "状态日期", "I2": "销账材料", "J2": "核验人", "K2": "来源标识",
            "B3": "U001-R01", "C3": "东河管理处", "D3": "巡察反馈", "E3": 2018, "F3": "会议记录不完整", "G3": "整改中",
            "H3": "2018-10-08", "K3": "origin-1",
            "B4": "U002-R01", "C4": "西岭管理处", "D4": "节日检查", "E4": 2018, "F4": "值班记录缺页", "G4": "待整改",
            "H4": "2018-10-08", "K4": "origin-2",
        },
    ),
    Sheet(
        "状态变更记录",
        {
            "A1": "状态变更记录",
            "A2": "编号", "B2": "序号", "C2": "原状态", "D2": "新状态", "E2": "日期", "F2": "经办人", "G2": "销账材料", "H2": "来源标识",
            "A3": "U001-R01", "B3": 1, "D3": "整改中", "E3": "2018-10-08", "F3": "办公室", "H3": "origin-1",
            "A4": "U002-R01", "B4": 1, "D4": "待整改", "E4": "2018-10-08", "F4": "办公室", "H4": "origin-2",
        },
    ),
)  # fmt: skip

EAST, WEST, SOUTH = "units/东河管理处", "units/西岭管理处", "units/南坡物资有限公司"
SCORES_EAST, SCORES_EAST_2 = "teams/第一检查组/东河管理处评分表.csv", "teams/第二检查组/东河管理处评分表.csv"
SCORES_WEST = "teams/第一检查组/西岭管理处评分表.csv"
RECEIPTS = "office/receipts.csv"
HEADS = {EAST: "周立明", WEST: "吴建宁", SOUTH: "郑文涛"}
SUBMITTED = (
    f"{EAST}/附件1.xlsx",
    f"{EAST}/附件2.xlsx",
    *(f"{u}/附件{n}.csv" for u in (WEST, SOUTH) for n in (1, 2)),
    *(f"{u}/自查报告.docx" for u in (EAST, WEST, SOUTH)),
)
Line = dict[str, str]


def receipts(edits: Mapping[str, Line | None] | None = None) -> bytes:
    """office/receipts.csv: everything in time, on paper too, signed and sealed; None leaves a file's line out."""
    names = ("file", "received_at", "paper_received_at", "is_signed", "signed_by", "is_sealed")
    lines: dict[str, Line] = {}
    for path in SUBMITTED:
        head = HEADS[path.rpartition("/")[0]]
        moments = {"received_at": "2018-11-22 09:00", "paper_received_at": "2018-11-23 10:00"}
        lines[path] = {"file": path, **moments, "is_signed": "是", "signed_by": head, "is_sealed": "是"}
    for path, line in (edits or {}).items():
        lines[path] = lines.get(path, {"file": path}) | (line or {})
    gone = {path for path, line in (edits or {}).items() if line is None}
    rows = [[line.get(name, "") for name in names] for path, line in lines.items() if path not in gone]
    return as_lines([names, *rows])


def base() -> dict[str, bytes]:
    """What everybody handed in, without a fault: path below data/raw/<cycle> → bytes."""
    west = {"B3": "填表单位（盖章）：西岭管理处"}
    south = {"B3": "填表单位（盖章）：南坡物资有限公司", "E9": None, "E10": 20}
    files = {
        f"{EAST}/附件1.xlsx": as_xlsx(STANDARD),
        f"{EAST}/附件2.xlsx": as_xlsx(STATISTICS),
        f"{WEST}/附件1.csv": as_csv(STANDARD.but(west).cells),
        f"{WEST}/附件2.csv": as_csv(STATISTICS.but({"A3": west["B3"]}).cells),
        f"{SOUTH}/附件1.csv": as_csv(STANDARD.but(south).cells),
        f"{SOUTH}/附件2.csv": as_csv(STATISTICS.but({"A3": south["B3"]}).cells),
        SCORES_EAST: as_csv(SCORES.cells),
        SCORES_EAST_2: as_csv(SCORES.but({"C2": "检查组：第二检查组", "E2": "检查日期：2018-12-05"}).cells),
        SCORES_WEST: as_csv(SCORES.but({"A2": "受检单位：西岭管理处", "E2": "检查日期：2018-12-06"}).cells),
        RECEIPTS: receipts(),
    }
    for folder, head in HEADS.items():
        name = folder.removeprefix("units/")
        lines = (line.replace("东河管理处", name).replace("周立明", head) for line in REPORT)
        files[f"{folder}/自查报告.docx"] = as_docx(*lines)
        last = 6 if folder == SOUTH else 5
        files[f"{folder}/佐证材料/1、2、3、4、{last} 会议记录.txt"] = f"{folder} 会议记录\n".encode()
    return files
