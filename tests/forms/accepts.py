"""Every accepted file: odd, but right. What it says was written down by hand, not read from it.

To add one: write an entry, run ``python -m tests.forms.make``, commit both.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from docx.document import Document as Word
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from lianzheng.config import load_config
from lianzheng.forms import as_xlsx as written_by_us
from lianzheng.forms.blank import blank_form
from lianzheng.zips import normalise_package
from tests.formats import as_html, as_ods, as_spreadsheetml
from tests.forms.cases import FOLDER, Accept
from tests.forms.papers import (
    EAST,
    RECEIPTS,
    REPORT,
    SAVED_AT,
    STANDARD,
    STANDARD_MEANT,
    STATISTICS,
    STATISTICS_MEANT,
    SUBMITTED,
    Block,
    Cells,
    Sheet,
    as_csv,
    as_docx,
    as_layout,
    as_lines,
    as_protected,
    as_xls,
    as_xlsx,
    receipts,
    rows_of,
    with_parts,
)
from tests.forms.rejects import CASES, EXPORT, FEEDBACK, inserted

STATISTICS_TABLE, STANDARD_TABLE = "statistics_by_unit_category_measure", "scores_by_unit_item_scorer"
PROBLEM_LETTERS, PROBLEM_ROWS = "CDEFGHI", (7, 8, 9)
Meant = Mapping[Any, Any]


def statistics(
    name: str, data: bytes, meant: Meant | None = None, suffix: str = ".xlsx", **more: Any
) -> Accept:
    """附件2 of 东河管理处; ``meant`` differs from the base where it says so."""
    return Accept(
        name, {f"{EAST}/附件2{suffix}": data}, STATISTICS_TABLE, STATISTICS_MEANT | dict(meant or {}), **more
    )


def standard(name: str, data: bytes, meant: Meant | None = None, suffix: str = ".xlsx") -> Accept:
    """附件1 of 东河管理处; ``meant`` differs from the base where it says so."""
    return Accept(name, {f"{EAST}/附件1{suffix}": data}, STANDARD_TABLE, STANDARD_MEANT | dict(meant or {}))


def written(edits: Cells, **more: Any) -> bytes:
    """附件2 as .xlsx with other contents in some cells."""
    return as_xlsx(STATISTICS.but(edits, **more))


NO_HEADER: Cells = dict.fromkeys(("A3", "D3", "F3", "H3"))
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
ZEROS: Cells = {"G7": "无", "F8": "—", "I8": "一"}


def phantom(book: Workbook) -> None:
    """Formats on two thousand cells that hold nothing."""
    for row in range(30, 530):
        for column in range(1, 5):
            book.worksheets[0].cell(row, column).fill = PatternFill("solid", "FFFFEE")


def commented(book: Workbook) -> None:
    """A comment and a chart: what WPS and Excel keep beside the cells."""
    page = book.worksheets[0]
    page["C7"].comment = Comment("与财务科核对过", "王一")
    chart = BarChart()
    chart.add_data(Reference(page, min_col=3, min_row=7, max_row=8))
    page.add_chart(chart, "K2")


def with_results(name: str, part: bytes) -> bytes:
    """The totals as formulas, with the results that Excel stores beside them."""
    if name != "xl/worksheets/sheet1.xml":
        return part
    return re.sub(
        rb'<c r="([C-I])9"( s="\d+")? t="n"><v>', rb'<c r="\g<1>9"\g<2>><f>SUM(\g<1>7:\g<1>8)</f><v>', part
    )


def as_word_table(cells: Cells, first: int, last: int, width: int) -> list[list[str]]:
    """Some rows of a sheet as a table of a Word document."""
    rows = rows_of(cells)[first - 1 : last]
    return [[("" if value is None else str(value)) for value in row[:width]] for row in rows]


WORD: tuple[Block, ...] = (
    "附件2",
    str(STATISTICS.cells["A2"]),
    "填表单位（盖章）：东河管理处　填表人：王一　审核人：李二　时间：2018年11月20日",
    "一、本年度自查发现问题情况",
    as_word_table(STATISTICS.cells, 5, 9, 9),
    "二、落实八项规定精神情况",
    as_word_table(STATISTICS.cells, 11, 13, 5),
    "三、工作量",
    as_word_table(STATISTICS.cells, 15, 20, 4),
    str(STATISTICS.cells["A21"]),
)


def merged(document: Word) -> None:
    """The two header rows of the first table merged as they are printed."""
    table = document.tables[0]
    for column in range(5):
        text = table.cell(0, column).text
        table.cell(0, column).merge(table.cell(1, column)).text = text
    for left, text in ((5, "处理情况"), (7, "整改情况")):
        table.cell(0, left).merge(table.cell(0, left + 1)).text = text


def controlled(document: Word) -> None:
    """The unit and a number inside content controls, and a control that nobody has filled."""
    merged(document)
    for paragraph in [document.paragraphs[2], document.tables[2].cell(1, 3).paragraphs[0]]:
        runs = [deepcopy(run._element) for run in paragraph.runs]
        for run in paragraph.runs:
            run._element.getparent().remove(run._element)
        control = parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtPr><w:dropDownList/></w:sdtPr><w:sdtContent/></w:sdt>"
        )
        control[1].extend(runs)
        paragraph._p.append(control)
    text = "<w:r><w:t>单击此处输入文字。</w:t></w:r>"
    document.add_paragraph()._p.append(prompt(text))
    document.element.body.insert(0, prompt(f"<w:p>{text}</w:p>"))


def prompt(content: str) -> Any:
    """A content control that nobody has filled."""
    parts = f"<w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{content}</w:sdtContent>"
    return parse_xml(f"<w:sdt {nsdecls('w')}>{parts}</w:sdt>")


def swapped(sheet: Sheet) -> Sheet:
    """The columns 本年 and 上年 of the second part in the other order."""
    changed = {
        f"{a}{row}": sheet.cells[f"{b}{row}"] for row in (11, 12, 13) for a, b in (("D", "E"), ("E", "D"))
    }
    return sheet.but(changed)


def in_two_sheets() -> tuple[Sheet, Sheet]:
    """The third part on a sheet of its own."""
    third = {a: v for a, v in STATISTICS.cells.items() if int(a[1:]) in range(14, 21)}
    return STATISTICS.but(dict.fromkeys(third)), Sheet("工作量", third)


def beside(sheet: Sheet, rows: range, n_rows: int, n_columns: int) -> Sheet:
    """Some rows of a sheet so many rows higher and columns further to the right, beside what stands there."""
    moved = sheet.but({}, merges=()).moved(lambda r, c: (r - n_rows, c + n_columns) if r in rows else (r, c))
    return replace(moved, merges=sheet.merges)


AUXILIARY = {
    "A7": "甲",
    "B7": "乙",
    **{f"{letter}7": str(n) for n, letter in enumerate(PROBLEM_LETTERS, start=1)},
}
LAYOUTS = (
    statistics("header_in_one_padded_string", written({**NO_HEADER, "A3": "填表单位（盖章）：东河管理处          填表人：王一       审核人：李二      时间：2018年11月20日"}, merges=("A2:I2", "A3:I3"))),
    statistics("header_in_blocks_side_by_side", written({**NO_HEADER, "A3": "填表单位（盖章）", "B3": "东河管理处", "D3": "填表人", "E3": "王一", "F3": "审核人", "G3": "李二", "H3": "时间", "I3": "2018.11.20"}, merges=("A2:I2",))),
    statistics("header_below_the_table", written({**NO_HEADER, "A23": STATISTICS.cells["A3"], "D23": STATISTICS.cells["D3"], "F23": STATISTICS.cells["F3"], "H23": STATISTICS.cells["H3"]}, merges=("A2:I2",))),
    statistics("auxiliary_row_below_the_header", as_xlsx(inserted(STATISTICS, 7, AUXILIARY))),
    statistics("lines_for_signatures_below", written({"A22": "注：本表数据由各科室提供，办公室汇总。", "A23": "单位负责人（签字）：              联系电话："})),
    statistics("labels_indented_and_numbered", written({"B7": "　　其中：违规公款吃喝", "B8": "2.收送礼品礼金", "B9": "合　计", "B12": "（一）召开会议"})),
    statistics("title_with_a_word_more", written({"A2": "示例局直属单位2018年度落实中央八项规定精神自查统计表　（电子版）"})),
    statistics("rows_in_another_order", written({f"{c}{r}": STATISTICS.cells[f"{c}{15 - r}"] for r in (7, 8) for c in "ABCDEFGHI"})),
    statistics("columns_in_another_order", as_xlsx(swapped(STATISTICS))),
    statistics("third_part_on_a_sheet_of_its_own", as_xlsx(*in_two_sheets())),
    statistics("form_on_the_second_sheet", as_xlsx(Sheet("说明", {"A1": "注：请先阅读填报要求。"}), STATISTICS)),
    statistics("tables_side_by_side", as_xlsx(beside(STATISTICS, range(14, 21), 4, 6))),
    statistics("hidden_helper_sheet", as_xlsx(STATISTICS, Sheet("Sheet2", {}, is_hidden=True))),
    statistics("hidden_columns_without_content", written({}, hidden=("K", "L"))),
    statistics("phantom_rows_with_formats", as_xlsx(STATISTICS, edit=phantom)),
    statistics("comment_and_chart", as_xlsx(STATISTICS, edit=commented)),
    statistics("unit_with_party_body_and_stamp", written({"A3": "填表单位（盖章）：东河管理处党委（盖章）"})),
    statistics("unit_with_spaces_and_short_name", written({"A3": "填表单位（盖章）：东　河 处"})),
    standard("title_merged_into_the_first_row", as_xlsx(STANDARD.but({"A1": STANDARD.cells["A2"], "A2": None}, merges=("A1:F1",)))),
    standard("scores_in_a_merged_cell_each", as_xlsx(STANDARD.but({}, merges=(*STANDARD.merges, "F5:G5", "E11:F11")))),
)  # fmt: skip

VALUES = (
    statistics("digits_in_full_width", written({f"{c}{r}": str(STATISTICS.cells[f"{c}{r}"]).translate(FULL_WIDTH) for c in PROBLEM_LETTERS for r in PROBLEM_ROWS})),
    statistics("numbers_in_words", written({"D12": "十二", "E12": "十五", "D16": "四", "D18": "两"})),
    statistics("none_dash_and_one_for_zero", written(ZEROS)),
    statistics("dash_in_full_width_and_two_dashes", written({"G7": "－", "F8": "——", "I8": " - "})),
    statistics("amounts_in_yuan_says_the_header", written({"E5": "涉及金额（元）", "E7": 15000, "E8": "2,500", "E9": "17,500"})),
    statistics("amounts_in_yuan_says_the_cell", written({"E7": "15000元", "E8": "0.25万元", "E9": "1.75 万元"})),
    statistics("amount_in_yuan_says_the_row", written({"C13": "元", "D13": 8000, "E13": "11,000"})),
    statistics("counted_with_their_unit", written({"C7": "2起", "D7": "3人", "D12": "12次", "D16": "４ 次", "D18": "2项"})),
    statistics("thousands_separators", written({"D12": "1,200", "E12": "１，５００"}), {("this", "meetings", "n_meetings"): 1200, ("last", "meetings", "n_meetings"): 1500}),
    statistics("share_with_percent_format", as_xlsx(STATISTICS.but({"D17": 0.95}, formats={"D17": "0%"}))),
    statistics("share_as_number_of_percent", written({"D17": 95})),
    statistics("share_in_full_width", written({"D17": "９５％"})),
    statistics("numbers_stored_as_text", written({f"{c}{r}": str(STATISTICS.cells[f"{c}{r}"]) for c in PROBLEM_LETTERS for r in PROBLEM_ROWS})),
    statistics("number_formats_that_hide_digits", as_xlsx(STATISTICS.but({}, formats={"E7": "0", "E8": "0", "D13": "#,##0_ ", "C7": "@"}))),
    statistics("totals_as_formulas_with_results", with_parts(written({}), with_results)),
    statistics("date_as_a_cell", written({"H3": "时间", "I3": dt.date(2018, 11, 20)}, merges=("A2:I2", "A3:C3", "D3:E3", "F3:G3"))),
    statistics("date_not_filled_in", written({"H3": "时间：    年  月  日"})),
    standard("points_with_their_unit", as_xlsx(STANDARD.but({"E5": "20分", "E6": "18.5 分", "E11": "９８．５"}))),
    standard("does_not_apply", as_xlsx(STANDARD.but({"E10": "不适用"}))),
)  # fmt: skip

FORMATS = (
    statistics("csv_in_gb18030", as_csv(STATISTICS.cells, "gb18030"), suffix=".csv"),
    statistics("csv_in_utf_8_with_mark", as_csv(STATISTICS.cells, "utf-8-sig"), suffix=".csv"),
    statistics("csv_with_tabs_in_utf_16", as_csv(STATISTICS.cells, "utf-16", "\t"), suffix=".txt"),
    statistics("xls_of_1997", as_xls(STATISTICS), suffix=".xls"),
    statistics("et_of_wps", as_xls(STATISTICS), suffix=".et"),
    statistics("xlsx_named_xls", written({}), suffix=".xls"),
    statistics("xls_named_xlsx", as_xls(STATISTICS)),
    statistics("csv_named_xls", as_csv(STATISTICS.cells, "gb18030"), suffix=".xls"),
    statistics("word_with_merged_cells", as_docx(*WORD, edit=merged), suffix=".docx"),
    statistics("word_with_content_controls", as_docx(*WORD, edit=controlled), suffix=".docx"),
    statistics("word_without_merged_cells", as_docx(*WORD), suffix=".docx"),
)  # fmt: skip

IN_PER_CENT = STATISTICS.but({"D17": 0.95, "H3": "时间", "I3": dt.date(2018, 11, 20)}, formats={"D17": "0%", "I3": "yyyy-mm-dd"}, merges=tuple(m for m in STATISTICS.merges if m != "H3:I3"))  # fmt: skip


def filled_blank() -> bytes:
    """附件2 as lianzheng sends it to 东河管理处, filled in by a program that computes no sums."""
    config = load_config(2018, FOLDER)
    layout = blank_form(config, config.forms["statistics"], "U001", {"unit_id": "东河管理处"})
    book = load_workbook(io.BytesIO(written_by_us(layout)))
    said: dict[tuple[str, str, str], Any] = {("header", "filled_by", ""): "王一"}
    columns = [column.column_id for column in config.forms["statistics"].table("problems").columns]
    for row_id, values in (("dining", (2, 3, 1.5, 1, 0, 1, 1)), ("gifts", (1, 1, 0.25, 0, 1, 1, 0))):
        said |= {("problems", row_id, column): n for column, n in zip(columns, values, strict=True)}
    for row_id, this, last in (("meetings", 12, 15), ("reception", 0.8, 1.1)):
        said |= {("spending", row_id, "this"): this, ("spending", row_id, "last"): last}
    for row_id, n in {
        "studies": 4,
        "signed_share": 0.95,
        "rules": 2,
        "letters_due": 20,
        "letters_signed": 19,
    }.items():
        said["workload", row_id, "quantity"] = n
    for key, value in said.items():
        sheet, cell = next(  # a header field's label bears the same key
            (sheet, cell)
            for sheet in layout.sheets
            for cell in sheet.cells
            if key in cell.keys and cell.is_open
        )
        book[sheet.name][cell.address] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return normalise_package(buffer.getvalue(), SAVED_AT)


OLD_LAYOUT = Sheet(
    "报表",
    {
        "A1": "2018年贯彻八项规定精神情况报表",
        "A2": "填表单位：东河管理处", "D2": "制表人：王一", "G2": "上报时间：2018.11.20",
        "A3": "序号", "B3": "问题种类", "C3": "查处问题数", "D3": "处理人数", "E3": "违纪金额", "F3": "处理方式",
        "H3": "完成整改数", "I3": "正在整改数", "J3": "典型案例",
        "F4": "党纪", "G4": "政纪",
        "A5": 1, "B5": "公款大吃大喝", "C5": 2, "D5": 3, "E5": 15000, "F5": 1, "G5": 0, "H5": 1, "I5": 1, "J5": "略",
        "A6": 2, "B6": "收受礼金", "C6": 1, "D6": 1, "E6": 2500, "F6": 0, "G6": 1, "H6": 1, "I6": 0,
        "B7": "合计", "C7": 3, "D7": 4, "E7": 17500, "F7": 1, "G7": 1, "H7": 2, "I7": 1,
    },
    merges=("A1:J1", "A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:E4", "F3:G3", "H3:H4", "I3:I4", "J3:J4"),
)  # fmt: skip
PROBLEMS_MEANT = {key: n for key, n in STATISTICS_MEANT.items() if key[1] in ("dining", "gifts", "total")}
NEW_FORMATS = (
    statistics("ods_of_libreoffice", normalise_package(as_ods(as_layout(IN_PER_CENT)), SAVED_AT), suffix=".ods"),
    statistics("web_page_named_xls", as_html(as_layout(IN_PER_CENT), "gb18030", "gb2312"), suffix=".xls"),
    statistics("spreadsheetml_named_xls", as_spreadsheetml(as_layout(IN_PER_CENT)), suffix=".xls"),
    statistics("password_that_the_office_was_told", as_protected(written({}), "2018"), passwords="# 电话告知\n东河处，2018\n"),
    statistics("blank_form_of_ours_filled_in", filled_blank()),
    Accept("layout_of_2016", {f"{EAST}/附件2.xlsx": as_xlsx(OLD_LAYOUT)}, STATISTICS_TABLE, PROBLEMS_MEANT),
)  # fmt: skip

PLAN = "下一步，我处将完善责任清单，抓好落实。"
ODD_REPORT = (
    "东河管理处",
    "关于2018年度党风廉政建设责任制落实情况的自查报告",
    "一、工作开展的总体情况。" + REPORT[3],
    "二、对上一年度检查所提问题的整改",
    REPORT[5],
    "（一）会议记录方面",
    "已经补齐。",
    "三、存在的不足及原因：" + REPORT[7],
    PLAN,
    "党委书记：周 立 明",
    "二〇一八年十一月二十日",
)
# Characters without spaces: of a part, all that stands below its heading, headings of lower rank included; a part that
# is told by the first words of a paragraph, not by a heading, also belongs to what stands above it.
REPORT_MEANT = {
    "basic": len(REPORT[3]),
    "rectification": len(REPORT[5]) + len("（一）会议记录方面已经补齐。"),
    "problems": len(REPORT[7]) + len(PLAN),
    "plans": len(PLAN),
}

DATES = ("2018.12.30", "2018年12月30日", "12月30日", "2018/12/30", "20181230", 43464, dt.date(2018, 12, 30))
TEXTS = [f"第{n}个问题" for n, _ in enumerate(DATES)]
DUE = Sheet("台账", {f"{'ABCDEFGHI'[c]}1": name for c, name in enumerate(FEEDBACK)}).but(
    {
        f"{letter}{row}": value
        for row, (text, due) in enumerate(zip(TEXTS, DATES, strict=True), start=2)
        for letter, value in zip("ABCDEF", ("U001", "巡察反馈", 2018, text, due, "待整改"), strict=True)
    },
    formats={"E8": "yyyy-mm-dd"},
)
CLOSED = Sheet("台账", {f"{'ABCDEFGHI'[c]}1": name for c, name in enumerate(CASES)}).but(
    {
        "A2": "A1", "B2": "U001", "C2": "gifts", "D2": "转办", "E2": 1, "F2": "1", "G2": "未结", "H2": dt.date(2018, 6, 1),
    },
    formats={"H2": "yyyy-mm-dd"},
)  # fmt: skip
IN_1904 = {"A1": dt.datetime(2018, 6, 1)}
CODED = [EXPORT[0], ("1", "2018/12/4 10:05:00", "60秒", "微信", "N/A", "10.0.0.1", "1", "1", "2", "-2"),
         ("2", "2018/12/4 10:06:00", "70秒", "微信", "N/A", "10.0.0.2", "2", "2", "-3", "很好")]  # fmt: skip
TENCENT = [
    ("编号", "开始答题时间", "结束答题时间", "答题时长", "地理位置省", "1.您的身份", "2.主体责任落实情况", "3.总体评价", "4.您的意见和建议"),
    ("1", "2018/12/4 15:00:10", "2018/12/4 15:01:10", "00:01:00", "某省", "A.中层干部", "A.好", "B.一般", ""),
    ("2", "2018/12/4 15:00:20", "2018/12/4 15:02:20", "00:02:00", "某省", "B.职工代表", "B.一般", "A.好", ""),
]  # fmt: skip
TENCENT_CODES = [TENCENT[0], (*TENCENT[1][:5], "1", "1", "2", ""), (*TENCENT[2][:5], "2", "2", "1", "")]
BY_HAND = [("东河管理处测评票登记",), ("票号", "您的身份", "主体责任落实情况", "总体评价"), (1, "中层干部", "好", "一般"), (2, "职工代表", "一般", "好"), ("合计", 2, "", "")]  # fmt: skip
PADDED = [tuple(f"{text}  " if "、" in text else text for text in EXPORT[0]), *EXPORT[1:]]
NO_VOTES = {
    (g, q, o): 0
    for g in ("middle_managers", "staff")
    for q in ("Q01", "Q02")
    for o in ("good", "average", "poor", "abstain")
}
TWO_VOTES = NO_VOTES | {
    ("middle_managers", "Q01", "good"): 1, ("middle_managers", "Q02", "average"): 1, ("staff", "Q01", "average"): 1, ("staff", "Q02", "good"): 1,
}  # fmt: skip
VOTES = "tallies_by_unit_question_option"
OTHERS = (
    Accept("dates_as_people_write_them", {"office/feedback.xlsx": as_xlsx(DUE)}, "rectifications", dict.fromkeys(TEXTS, "2018-12-30")),
    Accept("date_in_the_system_of_1904", {"office/cases.xlsx": as_xlsx(CLOSED, is_1904=True)}, "cases", IN_1904),
    Accept("date_in_the_system_of_1900", {"office/cases.xlsx": as_xlsx(CLOSED)}, "cases", IN_1904),
    Accept("ballots_in_codes", {"questionnaires/东河管理处.csv": as_lines(CODED)}, VOTES, NO_VOTES | {("middle_managers", "Q01", "good"): 1, ("middle_managers", "Q02", "average"): 1, ("staff", "Q01", "average"): 1}),
    Accept("ballots_in_words_with_padded_questions", {"questionnaires/东河管理处.csv": as_lines(PADDED, "utf-8-sig")}, VOTES, TWO_VOTES),
    Accept("ballots_of_tencent_in_words", {"questionnaires/东河管理处.csv": as_lines(TENCENT, "utf-8-sig")}, VOTES, TWO_VOTES),
    Accept("ballots_of_tencent_in_codes", {"questionnaires/东河管理处.csv": as_lines(TENCENT_CODES)}, VOTES, TWO_VOTES),
    Accept("ballots_typed_by_hand", {"questionnaires/测评票登记.csv": as_lines(BY_HAND, "gb18030")}, VOTES, TWO_VOTES),
    Accept("report_with_headings_of_its_own", {f"{EAST}/自查报告.docx": as_docx(*ODD_REPORT)}, "self_report_parts", REPORT_MEANT),
    Accept("receipts_with_paths_of_windows", {RECEIPTS: receipts({path: {"file": f"data\\raw\\2018\\{path}".replace("/", "\\")} for path in SUBMITTED})}, STANDARD_TABLE, STANDARD_MEANT),
)  # fmt: skip
ACCEPTS: tuple[Accept, ...] = (*LAYOUTS, *VALUES, *FORMATS, *NEW_FORMATS, *OTHERS)
