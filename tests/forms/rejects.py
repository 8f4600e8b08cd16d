"""Every rejected file: one entry each, with what must be said of it, worked out by hand from the base papers.

To add one: write an entry (the code, two underscores, what happened), run ``python -m tests.forms.make``, commit both.
"""

from __future__ import annotations

from openpyxl import Workbook

from lianzheng.zips import read_zip, write_zip
from tests.forms.cases import OFFICE, Reject, Seen, many, one
from tests.forms.papers import (
    COUNTS,
    EAST,
    FINDINGS,
    LEDGER,
    RECEIPTS,
    REPORT,
    SCORES,
    SCORES_EAST,
    SCORES_WEST,
    STANDARD,
    STATISTICS,
    TALLY,
    WEST,
    Cells,
    Line,
    Scalar,
    Sheet,
    as_csv,
    as_docx,
    as_lines,
    as_old_word,
    as_protected,
    as_xlsx,
    receipts,
    with_parts,
)

ANNEX_1, ANNEX_2 = f"{EAST}/附件1.xlsx", f"{EAST}/附件2.xlsx"
OWN_REPORT = f"{EAST}/自查报告.docx"
DRAFT, AGAIN = f"{EAST}/附件2（初稿）.xlsx", f"{EAST}/附件2（再报）.xlsx"
MISPLACED = f"{WEST}/附件2（代转）.xlsx"
ON_PAPER = {"received_at": "2018-11-22 09:00"}
TEAM = "teams/第一检查组"
LEDGER_FILE = f"{OFFICE}rectifications.xlsx"
LEDGER_PATH = "data/office/2018/rectifications.xlsx"


def with_part(name: str, part: bytes) -> bytes:
    """附件2 of 东河管理处 as a workbook that holds one part more, which nothing runs or fetches."""
    return write_zip({**read_zip(as_xlsx(STATISTICS)), name: part})


def statistics(name: str, edits: Cells, *seen: Seen) -> Reject:
    """附件2 of 东河管理处 with other contents in some cells."""
    return one(name, as_xlsx(STATISTICS.but(edits)), *seen)


def standard(name: str, edits: Cells, *seen: Seen) -> Reject:
    """附件1 of 东河管理处 with other contents in some cells."""
    return one(name, as_xlsx(STANDARD.but(edits)), *seen, into=ANNEX_1)


def score_sheet(name: str, edits: Cells, *seen: Seen) -> Reject:
    """The only score sheet of 西岭管理处 with other contents in some cells."""
    cells = SCORES.but({"A2": "受检单位：西岭管理处", **edits}).cells
    return one(name, as_csv(cells), *seen, into=SCORES_WEST)


def tally(name: str, edits: Cells, *seen: Seen) -> Reject:
    """A hand count of 东河管理处's ballots with other contents in some cells."""
    sheet = as_xlsx(TALLY.but(edits))
    return one(name, sheet, *seen, into="questionnaires/东河管理处测评汇总表.xlsx")


def findings(name: str, edits: Cells, *seen: Seen) -> Reject:
    """The first team's list of findings and highlights with other contents in some cells."""
    return one(name, as_xlsx(FINDINGS.but(edits)), *seen, into=f"{TEAM}/问题清单.xlsx")


EXPORT = (
    ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP", "1、您的身份", "2、主体责任落实情况", "3、总体评价", "4、您的意见和建议"),
    ("1", "2018/12/4 10:05:00", "60秒", "微信", "N/A", "10.0.0.1", "中层干部", "好", "一般", "(空)"),
    ("2", "2018/12/4 10:06:00", "70秒", "微信", "N/A", "10.0.0.2", "职工代表", "一般", "好", "(空)"),
)  # fmt: skip


def export(name: str, edits: dict[tuple[int, int], str], *seen: Seen, unit: str = "东河管理处") -> Reject:
    """A 问卷星 export of two ballots with other contents at some (row, column) from 0."""
    rows = [[edits.get((r, c), text) for c, text in enumerate(row)] for r, row in enumerate(EXPORT)]
    rows = [[text for text in row if text != "(删)"] for row in rows]
    return one(name, as_lines(rows), *seen, into=f"questionnaires/{unit}.csv")


def report(name: str, edits: dict[int, str], *seen: Seen) -> Reject:
    """The self-report of 东河管理处 with other paragraphs, by their numbers; an empty one is left out."""
    lines = [edits.get(number, line) for number, line in enumerate(REPORT, start=1)]
    return one(name, as_docx(*filter(None, lines)), *seen, into=OWN_REPORT)


def registered(name: str, edits: dict[str, Line | None], *seen: Seen) -> Reject:
    """Other lines in office/receipts.csv."""
    return one(name, receipts(edits), *seen, into=RECEIPTS)


def listed(name: str, file: str, rows: list[list[Scalar]], *seen: Seen) -> Reject:
    """One of the office's lists."""
    return one(name, as_lines(rows), *seen, into=f"office/{file}.csv")


def ledger(name: str, lines: Cells, *seen: Seen, events: Cells | None = None) -> Reject:
    """The office's ledger with other contents in some cells of its lines (and of their history)."""
    sheets = LEDGER[0].but(lines), LEDGER[1].but(events or {})
    placed = [Seen(s.cell, s.value, s.sheet, LEDGER_PATH, s.code) for s in seen]
    return many(name, {LEDGER_FILE: as_xlsx(*sheets)}, *placed)


def inserted(sheet: Sheet, row: int, cells: Cells) -> Sheet:
    """With a row more above ``row``."""
    return sheet.moved(lambda r, c: (r + (r >= row), c)).but(cells)


def without_column(sheet: Sheet, letter: str) -> Sheet:
    """With a column's cells emptied."""
    return sheet.but({address: None for address in sheet.cells if address.startswith(letter)})


def far_corner(book: Workbook) -> None:
    book.worksheets[0]["XFD1048576"] = "x"


def with_doctype(name: str, part: bytes) -> bytes:
    head = b'<!DOCTYPE worksheet [<!ENTITY a "a">]>\n<worksheet '
    return part.replace(b"<worksheet ", head, 1) if name == "xl/worksheets/sheet1.xml" else part


PNG = (
    bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55")
    + bytes.fromhex("0000000a49444154789c63600000000200015e21bcca0000000049454e44ae426082")
)  # fmt: skip
CASES = "case_id unit_id category_id source n_persons four_forms_level state closed_date note".split()
FEEDBACK = "unit_id source origin_cycle problem due_date state state_date proof verified_by".split()
STATISTICS_OF_LAST_YEAR = "unit_id category_id measure_id value".split()

# What an office made of 附件2 in its own words: the rows are ours, the title and most columns are not.
OWN_LAYOUT = Sheet(
    "Sheet1",
    {
        "A1": "东河管理处作风建设情况", "A2": "填表单位：东河管理处",
        "A3": "问题类别", "B3": "发现问题数", "C3": "涉及人员", "D3": "违纪款额", "E3": "党纪处分",
        "A4": "违规公款吃喝", "B4": 2, "C4": 3, "D4": 1.5, "E4": 1,
        "A5": "违规收送礼品礼金", "B5": 1, "C5": 1, "D5": 0.25, "E5": 0,
        "A6": "合计", "B6": 3, "C6": 4, "D6": 1.75, "E6": 1,
    },
)  # fmt: skip
FILES = (
    one("unreadable_file__upload_broke_off", as_xlsx(STATISTICS)[:1500], Seen(value="other")),
    one("unreadable_file__bytes_of_no_program", bytes(range(256)) * 2, Seen(value="other")),
    one("unreadable_file__xml_with_doctype", with_parts(as_xlsx(STATISTICS), with_doctype), Seen(value="xlsx")),
    one("vanished_file__taken_away_while_reading", as_xlsx(STATISTICS), Seen(value="other"), is_withdrawn=True),
    one("empty_file__no_bytes", b"", Seen(value="other")),
    one("empty_file__blank_sheets", as_xlsx(Sheet("Sheet1", {}), Sheet("Sheet2", {"B2": " "})), Seen(value="xlsx")),
    one("empty_file__only_separators", b",,,\r\n,,,\r\n", Seen(value="csv"), into=f"{EAST}/附件2.csv"),
    one("password_protected__password_to_open", as_protected(as_xlsx(STATISTICS), "2018"), Seen(value="protected")),
    one("unsupported_format__picture_named_xlsx", PNG, Seen(value="picture")),
    one("unsupported_format__pdf", b"%PDF-1.4\n%%EOF\n", Seen(value="pdf"), into=f"{EAST}/附件2.pdf"),
    one("unsupported_format__archive", b"Rar!\x1a\x07\x00" + bytes(20), Seen(value="archive"), into=f"{EAST}/附件2.rar"),
    one("too_large__content_in_the_last_cell", as_xlsx(STATISTICS, edit=far_corner), Seen(value="xlsx")),
    one("unknown_form__telephone_list", as_lines([["姓名", "房间"], ["值班室", "101"]]), Seen(value="csv（4 格）"), into=f"{EAST}/通讯录.csv"),
    one("unknown_form__letter", as_docx("关于报送自查材料的函", "现将材料报上。"), Seen(value="正文（2 格）"), into=f"{EAST}/函.docx"),
    one("unknown_form__copy_of_the_ledger", as_xlsx(*LEDGER), Seen(value="整改台账"), into="office/整改台账.xlsx"),
    statistics("wrong_year__title_of_last_year", {"A2": "示例局直属单位2017年落实中央八项规定精神自查统计表"}, Seen("A2", "2017")),
    standard("wrong_year__year_field", {"A3": "年度：2017"}, Seen("A3", "2017")),
    statistics("unknown_unit__not_on_the_roster", {"A3": "填表单位（盖章）：城东供水站"}, Seen("A3", "城东供水站")),
    export("unknown_unit__export_without_unit", {}, Seen(value="测评结果"), unit="测评结果"),
    one("missing_table__third_part_cut_off", as_xlsx(STATISTICS.but({a: None for a in STATISTICS.cells if a[1:] in "14 15 16 17 18 19 20".split()})), Seen(value="三、工作量")),
    one("unknown_layout__columns_in_words_of_our_own", as_xlsx(OWN_LAYOUT), Seen(value="问题类别、发现问题数、涉及人员、违纪款额、党纪处分", sheet="Sheet1")),
    one("needs_conversion__word_of_1997", as_old_word(), Seen(value="doc"), into=f"{EAST}/附件2.doc", is_without_converter=True),
    one("needs_conversion__rich_text_named_wps", b"{\\rtf1\\ansi 2018}", Seen(value="rtf"), into=f"{EAST}/附件2.wps", is_without_converter=True),
    many("missing_form__report_never_came", {RECEIPTS: receipts({OWN_REPORT: None})}, Seen(path=""), without=(OWN_REPORT,)),
    many("missing_form__annex_2_never_came", {RECEIPTS: receipts({ANNEX_2: None})}, Seen(path=""), without=(ANNEX_2,)),
)  # fmt: skip

CELLS = (
    statistics("missing_row__no_line_for_gifts", {f"{c}8": None for c in "ABCDEFGHI"}, Seen("A5", "违规收送礼品礼金")),
    one("missing_column__no_rectifying", as_xlsx(without_column(STATISTICS, "I")), Seen("A5", "整改情况整改中")),
    export("missing_column__question_not_exported", {(r, 8): "(删)" for r in range(3)}, Seen("G1", "总体评价")),
    statistics("formula_without_value__difference", {"D18": "=D16-2"}, Seen("D18", "=D16-2")),
    statistics("missing_value__blank_count", {"D7": None}, Seen("D7")),
    statistics("missing_value__unit_not_written", {"A3": "填表单位（盖章）："}, Seen("A3")),
    standard("missing_value__blank_self_score", {"E7": None}, Seen("E7")),
    statistics("not_a_number__text_in_count", {"D7": "若干"}, Seen("D7", "若干")),
    statistics("not_a_number__money_in_count", {"D7": "3万元"}, Seen("D7", "3万元")),
    statistics("error_value__division_by_zero", {"D13": "#DIV/0!"}, Seen("D13", "#DIV/0!")),
    standard("not_a_number__grade_for_points", {"E8": "优"}, Seen("E8", "优")),
    statistics("not_a_date__end_of_year", {"H3": "时间：年底"}, Seen("H3", "年底")),
    statistics("not_a_date__month_thirteen", {"H3": "时间：2018年13月20日"}, Seen("H3", "2018年13月20日")),
    findings("not_a_choice__subject_of_our_own", {"B5": "班子团结"}, Seen("B5", "班子团结", "清单")),
    export("not_a_choice__option_not_printed", {(1, 8): "非常好"}, Seen("I2", "非常好")),
    listed("not_a_choice__state_of_a_case", "cases", [CASES, ["A1", "U001", "gifts", "转办", 1, "1", "在查", "", ""]], Seen("G2", "在查")),
    statistics("negative_value__amount", {"D13": -0.8}, Seen("D13", "-0.8")),
    statistics("not_an_integer__half_a_rule", {"D18": 2.5}, Seen("D18", "2.5")),
    standard("above_maximum__more_than_the_item_has", {"E6": 21, "E11": 101}, Seen("E6", "21")),
    statistics("placeholder_left__x_items", {"D16": "x 次"}, Seen("D16", "x 次")),
    statistics("placeholder_left__unit_only", {"D16": "次"}, Seen("D16", "次")),
    findings("placeholder_left__stars_in_text", {"F5": "约谈没有**的记录"}, Seen("F5", "约谈没有**的记录", "清单")),
    statistics("sum_mismatch__count", {"C9": 4}, Seen("C9", "4")),
    statistics("sum_mismatch__amount_beyond_rounding", {"E9": 1.85}, Seen("E9", "1.85")),
    standard("sum_mismatch__self_scores", {"E11": 99}, Seen("E11", "99")),
    tally("tally_not_conserved__one_vote_too_many", {"C4": 6}, Seen("C4", "9", "汇总")),
)  # fmt: skip

REPORTS = (
    report("missing_part__no_plans", {9: "", 10: ""}, Seen(value="下一步打算和建议")),
    report("missing_part__rectification_of_last_year", {5: "", 6: ""}, Seen(value="上年反馈问题整改落实情况")),
    report("part_too_short__nothing_but_none", {8: "暂无。"}, Seen("p7", "3")),
    report("report_not_signed__label_without_a_name", {11: "单位主要负责人（签字）："}, Seen("p11")),
    report("report_not_signed__only_unit_and_date", {11: ""}, Seen()),
    report("report_signed_by_other__deputy", {11: "单位主要负责人（签字）：赵副处"}, Seen("p11", "赵副处")),
    report("report_leftover__crosses", {6: "对检查组反馈的××个问题建立台账，现已全部完成。"}, Seen("p6", "××")),
    report("report_leftover__text_of_another_office", {8: "我县个别科室对廉政风险的分析还不够深入。"}, Seen("p8", "我县")),
)  # fmt: skip

QUESTIONS = (
    many("unit_differs__in_another_folder", {MISPLACED: as_xlsx(STATISTICS), RECEIPTS: receipts({ANNEX_2: None, MISPLACED: ON_PAPER})}, Seen("A3", "东河管理处"), without=(ANNEX_2,)),
    many("unit_differs__and_superseded", {MISPLACED: as_xlsx(STATISTICS.but({"D18": 1})), RECEIPTS: receipts({MISPLACED: {"received_at": "2018-11-20 09:00"}})}, Seen("A3", "东河管理处"), Seen(code="superseded_version")),
    statistics("pending_value__to_be_decided", {"I7": "待评定"}, Seen("I7", "待评定")),
    one("unknown_row__line_of_our_own", as_xlsx(inserted(STATISTICS, 9, {"A9": "3", "B9": "违规打高尔夫球", **{f"{c}9": 0 for c in "CDEFGHI"}})), Seen("B9", "违规打高尔夫球")),
    standard("unknown_column__telephone", {"G4": "联系电话", "G5": "8001"}, Seen("G4", "联系电话")),
    export("unknown_column__question_of_our_own", {(0, 9): "4、您的工龄"}, Seen("J1", "您的工龄")),
    statistics("unread_cell__remark_beside_the_table", {"K8": "待财务科核对"}, Seen("K8", "待财务科核对")),
    statistics("discipline_above_treatment__more_than_persons", {"F8": 2, "F9": 3}, Seen("F8", "2")),
    statistics("rectified_above_problems__more_than_found", {"I8": 1, "I9": 2}, Seen("H8", "2")),
    listed("ledger_overlap__closed_case_of_the_same_kind", "cases", [CASES, ["A1", "U001", "dining", "转办", 1, "1", "办结", "2018-06-01", ""]], Seen("C7", "2", path=ANNEX_2)),
    listed("last_year_differs__from_the_return_of_2017", "last_statistics", [STATISTICS_OF_LAST_YEAR, ["U001", "meetings", "n_meetings", 14]], Seen("E12", "15", path=ANNEX_2)),
    tally("returned_above_issued__more_ballots_than_papers", {"D2": "收回：11"}, Seen("D2", "11", "汇总")),
    statistics("ratio_out_of_range__over_a_hundred", {"D17": "120%"}, Seen("D17", "120%")),
    score_sheet("ratio_out_of_range__verified_share", {"D6": "120%"}, Seen("D6", "120%")),
    score_sheet("score_differs_from_rule__one_meeting_missing", {"D5": 1}, Seen("E5", "20")),
    score_sheet("missing_observation__neither_number_nor_points", {"D5": None, "E5": None}, Seen("E5")),
    score_sheet("reason_missing__points_taken_in_silence", {"F7": None}, Seen("E7", "18")),
    one("not_on_visit_list__unit_that_nobody_visits", as_lines([["示例局党风廉政建设责任制检查查阅资料清单"], ["检查组：第一检查组"], ["受检单位", "资料类别", "份数"], ["南坡物资有限公司", "年度计划", 2]]), Seen("A4", "南坡物资有限公司"), into=f"{TEAM}/查阅资料清单.csv"),
    many("missing_team_scores__visited_and_not_scored", {RECEIPTS: receipts()}, Seen(path=""), without=(SCORES_WEST,)),
    registered("paper_not_signed__no_signature", {ANNEX_2: {"is_signed": "否", "signed_by": ""}}, Seen(path=ANNEX_2)),
    registered("paper_signed_by_other__deputy", {ANNEX_2: {"signed_by": "赵副处"}}, Seen(value="赵副处", path=ANNEX_2)),
    statistics("letters_above_due__more_than_had_to_sign", {"D20": 21}, Seen("D20", "21")),
    many("returned_differs__an_answer_short", {f"{TEAM}/现场检查情况表.csv": as_csv(COUNTS.but({"D5": 2}).cells), "questionnaires/东河管理处.csv": as_lines(EXPORT)}, Seen("D5", "1")),
    many("paper_of_other_version__paper_of_the_draft", {DRAFT: as_xlsx(STATISTICS.but({"D18": 1})), RECEIPTS: receipts({DRAFT: {**ON_PAPER, "received_at": "2018-11-20 09:00", "paper_received_at": "2018-11-21 10:00"}, ANNEX_2: {"paper_received_at": "", "is_signed": "", "signed_by": "", "is_sealed": ""}})}, Seen(value="2", path=ANNEX_2), Seen(code="superseded_version")),
    registered("paper_not_sealed__no_seal", {ANNEX_2: {"is_sealed": "否"}}, Seen(path=ANNEX_2)),
    one("duplicate_record__line_written_twice", as_xlsx(inserted(STATISTICS, 9, {"A9": "3", "B9": "违规收送礼品礼金", **{f"{c}9": 0 for c in "CDEFGHI"}})), Seen("B9", "违规收送礼品礼金")),
    many("duplicate_file__score_sheet_sent_twice", {f"{TEAM}/东河管理处评分表（副本）.csv": as_csv(SCORES.cells)}, Seen(value="东河管理处评分表.csv")),
    many("duplicate_file__score_sheet_saved_in_another_encoding", {f"{TEAM}/东河管理处评分表（副本）.csv": as_csv(SCORES.cells, "gb18030")}, Seen("D4", SCORES_EAST)),
    listed("duplicate_record__case_entered_twice", "cases", [CASES, *([["A1", "U002", "gifts", "转办", 1, "1", "未结", "", ""]] * 2)], Seen("A3", "A1")),
    export("duplicate_record__ballot_sent_twice", {(2, c): text for c, text in enumerate(EXPORT[1]) if c}, Seen("A3", "第2份答卷")),
    ledger("duplicate_record__line_copied", {f"{c}5": LEDGER[0].cells[f"{c}4"] for c in "BCDEFGHK"}, Seen("B5", "U002-R01", "整改台账")),
    one("teams_differ__by_more_than_a_fifth", as_csv(SCORES.but({"D8": 1, "E8": 15}).cells), Seen(value="5", path=""), into=SCORES_EAST),
    standard("not_for_unit_type__points_for_companies_only", {"E10": 5, "E11": 103.5}, Seen("E10", "5")),
    listed("closed_without_proof__feedback", "feedback", [FEEDBACK, ["U001", "巡察反馈", 2018, "会议记录不完整", "2018-12-30", "已销账", "2018-12-01", "", "李二"]], Seen("F2", "已销账")),
    ledger("closed_without_proof__ledger", {"G3": "已销账", "H3": "2018-12-01"}, Seen("G3", "已销账", "整改台账")),
    ledger("state_without_date__state_moved_on", {"G3": "待核验", "H3": None}, Seen("G3", "待核验", "整改台账")),
    registered("unknown_reference__file_that_never_came", {"units/撤销的单位/附件1.xlsx": {"received_at": "2018-11-22 09:00"}}, Seen("A11", "units/撤销的单位/附件1.xlsx")),
    many("missing_materials__none_at_all", {RECEIPTS: receipts()}, Seen(path=ANNEX_1), without=(f"{EAST}/佐证材料/1、2、3、4、5 会议记录.txt",)),
    many("no_evidence__one_item_without_papers", {f"{EAST}/佐证材料/2、3、4、5 会议记录.txt": "东河管理处\n".encode()}, Seen("E5", "20", path=ANNEX_1, sheet="附件1"), without=(f"{EAST}/佐证材料/1、2、3、4、5 会议记录.txt",)),
    many("identical_material__copied_from_another_unit", {f"{EAST}/佐证材料/1 年度计划.txt": "年度计划\n".encode(), f"{WEST}/佐证材料/1 年度计划.txt": "年度计划\n".encode()}, Seen(value="1 年度计划.txt"), Seen(value="1 年度计划.txt", path=f"{WEST}/佐证材料/1 年度计划.txt")),
    findings("finding_or_highlight__words_of_both_kinds", {"F5": "制度比较完备，记录不全"}, Seen("F5", "", "清单")),
)  # fmt: skip

NOTES = (
    registered("late_file__a_day_late", {ANNEX_2: {"received_at": "2018-12-02 08:00"}}, Seen(value="2018年12月2日", path=ANNEX_2)),
    registered("no_receipt__not_in_the_register", {ANNEX_2: None}, Seen(path=ANNEX_2)),
    many("superseded_version__draft_before_the_form", {DRAFT: as_xlsx(STATISTICS.but({"D18": 1, "C9": 9})), RECEIPTS: receipts({DRAFT: {"received_at": "2018-11-20 09:00"}})}, Seen()),
    many("same_file_again__sent_twice", {AGAIN: as_xlsx(STATISTICS), RECEIPTS: receipts({AGAIN: {"received_at": "2018-11-24 09:00"}})}, Seen(value="附件2.xlsx")),
    statistics("approximate_value__about_four", {"D16": "约4"}, Seen("D16", "约4")),
    ledger("ledger_line_missing__line_deleted", {f"{c}4": None for c in "BCDEFGHK"}, Seen("A4", "U002-R01", "状态变更记录")),
    one("hidden_value__row_of_the_table", as_xlsx(STATISTICS.but({}, hidden=("18",))), Seen("A18", "3")),
    standard("uncovered_glyph__emoji_in_a_reason", {"F6": "记录简略👍"}, Seen("F6", "U+1F44D")),
    one("idle_content__workbook_with_macros", with_part("xl/vbaProject.bin", b"\0"), Seen(value="宏"), into=f"{EAST}/附件2.xlsm"),
    one("idle_content__links_to_another_book", with_part("xl/externalLinks/externalLink1.xml", b"<externalLink/>"), Seen(value="外部链接")),
    statistics("all_zero_return__nothing_found", {f"{c}{r}": 0 for c in "CDEFGHI" for r in (7, 8, 9)}, Seen("C7", "0")),
    findings("praise_among_findings__praise_in_the_first_table", {"C5": None, "D5": None, "F5": "约谈开展扎实，成效明显"}, Seen("F5", "扎实、成效明显", "清单")),
    many("material_unassigned__scan_without_a_name", {f"{EAST}/佐证材料/扫描件.txt": "扫描件\n".encode()}, Seen(value="1")),
    statistics("rounding_difference__one_hundredth", {"E9": 1.76}, Seen("E9", "1.76")),
)  # fmt: skip
# No file makes our own program break down: the harness replaces the checks of 附件2 by a broken one (is_check_broken).
BROKEN = (
    one("check_failed_to_run__broken_check_in_place_of_ours", as_xlsx(STATISTICS), Seen(value="ZeroDivisionError"), is_check_broken=True),
)  # fmt: skip
REJECTS: tuple[Reject, ...] = (*FILES, *CELLS, *REPORTS, *QUESTIONS, *NOTES, *BROKEN)
