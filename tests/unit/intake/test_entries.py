"""Reading a recognised book: every value in its place, every cell with a fate, every fault at its cell."""

from __future__ import annotations

import pytest

from tests.unit.intake.small import (
    STATISTICS_MERGES,
    TITLE,
    changed,
    codes,
    findings_rows,
    grid_of,
    read,
    read_findings,
    read_statistics,
    statistics_rows,
    values,
)

CLEAN = {
    "C7": 1.0,
    "D7": 0.5,
    "C8": 0.0,
    "D8": 0.0,
    "C9": 2.0,
    "D9": 1.25,
    "C10": 3.0,
    "D10": 1.75,
    "D13": 12.0,
    "D14": 30.0,
    "D15": 2.5,
}


def messages(reading):
    return [issue.message for issue in reading.issues]


def test_a_clean_form_gives_its_values_and_no_issue():
    reading = read_statistics()
    assert values(reading) == CLEAN
    assert reading.issues == []
    assert reading.unit_id == "U001"
    assert reading.header["filled_by"].text == "张三"


def test_an_entry_knows_its_place_in_the_processed_table():
    entry = next(entry for entry in read_statistics().entries if entry.cell == "D9")
    assert (entry.into, entry.column, entry.keys) == (
        "statistics_by_unit_category_measure",
        "value",
        {"period": "this", "category_id": "r3", "measure_id": "amount"},
    )
    assert (entry.row_label, entry.column_label, entry.unit_of_measure, entry.role) == (
        "其他",
        "金额涉及金额",
        "万元",
        "data",
    )


def test_every_cell_of_a_form_has_a_fate():
    reading = read_statistics()
    assert {fate: sum(f == fate for f in reading.fates.values()) for fate in ("value", "label", "issue")} == {
        "value": len(CLEAN) + 1,  # and the header line
        "label": 29,
        "issue": 0,
    }


HEADERS = [
    {"A3": "填表单位：东河管理处　　　填表人：张三　时间：2018年11月20日"},
    {"A3": "填表单位（盖章）：东河管理处", "B3": "填表人：张三", "C3": "时间：2018.11.20"},
    {"A3": "填表单位（盖章）：", "B3": "东河管理处", "C3": "填表人：", "D3": "张三"},
    {"A3": "填表单位", "B3": "东河管理处", "C3": "填表人", "D3": "张三"},
    {"A3": None, "A17": "填 表 单 位（公章）:　东河处　填表人: 张三"},
    {"A3": None, "A18": "填表单位", "B18": "东河处", "C18": "填表人", "D18": "张三"},
]


@pytest.mark.parametrize("changes", HEADERS)
def test_header_fields_in_every_shape(changes):
    reading = read_statistics(changes)
    assert reading.issues == []
    assert reading.unit_id == "U001"
    assert reading.header["filled_by"].text == "张三"


def test_an_unfilled_date_line_is_blank_and_a_missing_unit_is_not():
    reading = read_statistics({"A3": "填表单位（盖章）：      填表人：    时间：  年  月  日"})
    assert codes(reading) == [("missing_value", "A3")]
    assert messages(reading) == ["“表头”的“填表单位（盖章）”未填写"]
    assert "filled_on" not in reading.header


def test_an_unfilled_date_in_a_cell_of_its_own_is_no_stray_text():
    reading = read_statistics({"A3": "填表单位", "B3": "东河处", "C3": "时间：", "D3": "  年  月  日"})
    assert reading.issues == []
    assert reading.fates["Sheet1", "D3"] == "label"


def test_a_unit_that_is_not_on_the_roster():
    reading = read_statistics({"A3": "填表单位：北渠管理处"})
    assert codes(reading) == [("unknown_unit", "A3")]
    assert messages(reading) == ["填表单位“北渠管理处”与单位名册不符"]


COUNTING_ROWS = [
    ["甲", "乙", 1, 2],
    ["栏次", "", "1", "2"],
    ["甲", "乙", "（1）", "（2）"],
    ["甲", "乙", "①", "②"],
]


@pytest.mark.parametrize("row", COUNTING_ROWS[:3])
def test_a_counting_row_below_the_header_is_a_label(row):
    rows = statistics_rows()
    reading = read(grid_of([*rows[:6], row, *rows[6:]], merges=STATISTICS_MERGES))
    assert reading.issues == []
    assert [entry.cell for entry in reading.entries][:2] == ["C8", "D8"]


def test_a_counting_row_over_a_single_value_column():
    rows = statistics_rows()
    reading = read(grid_of([*rows[:12], ["甲", "乙", "丙", 1], *rows[12:]], merges=STATISTICS_MERGES))
    assert reading.issues == []


RECOVERABLE = [
    {"B7": "　　吃喝"},
    {"B9": "其它"},
    {"B9": "3.其他"},
    {"B9": "其中：其他"},
    {"A17": "单位负责人（签字）：          联系电话："},
    {"A17": "注：本表数据由各科室提供。"},
    {"A4": "（单位：万元）"},
    {"A2": "示例局２０１８年度自查统计表（电子版）"},
    {"A1": "附件2："},
]


@pytest.mark.parametrize("changes", RECOVERABLE)
def test_recoverable_mess_is_no_fault(changes):
    reading = read_statistics(changes)
    assert reading.issues == []
    assert values(reading) == CLEAN


def test_a_row_is_told_apart_by_its_other_labels():
    reading = read_statistics()
    found = {entry.cell: entry.keys["category_id"] for entry in reading.entries if entry.table_id == "work"}
    assert found == {"D13": "meetings", "D14": "documents", "D15": "documents"}


def test_the_unit_of_measure_beside_a_row_is_honoured():
    reading = read_statistics({"C15": "元", "D15": 25_000})
    entry = reading.entries[-1]
    assert (entry.value.value, entry.value.conversion) == (2.5, "25000元换算为2.5万元")


FAULTS = [
    # changes, code and cell, message
    ({"C8": "若干"}, ("not_a_number", "C8"), "“礼品礼金”的“问题数”应填数字，现为“若干”"),
    ({"C8": None}, ("missing_value", "C8"), "“礼品礼金”的“问题数”未填写"),
    ({"C8": 1.5}, ("not_an_integer", "C8"), "“礼品礼金”的“问题数”应为整数，现为“1.5”"),
    ({"C8": -1}, ("negative_value", "C8"), "“礼品礼金”的“问题数”为负数 -1"),
    ({"C8": "待评定"}, ("pending_value", "C8"), "“礼品礼金”的“问题数”填写为“待评定”，尚无结果"),
    ({"C8": "x 起"}, ("placeholder_left", "C8"), "“礼品礼金”的“问题数”仍是未填写的占位文字“x 起”"),
    ({"C8": "约3"}, ("approximate_value", "C8"), "“礼品礼金”的“问题数”填写为约数“约3”，按 3 计入"),
    ({"B8": "差旅费", "C8": 4}, ("unknown_row", "B8"), "表样中没有“差旅费”这一行，没有计入"),
    ({"E5": "备注"}, ("unknown_column", "E5"), "表样中没有“备注”这一列，没有计入"),
    ({"A17": "※ 另附说明"}, ("unread_cell", "A17"), "表格之外有未能归类的内容“※ 另附说明”，没有计入"),
    (
        {"A17": "注：不含转办件。另有3起未列"},
        ("unread_cell", "A17"),
        "表格之外有未能归类的内容“注：不含转办件。另有3起未列”，没有计入",
    ),
    ({"A8": "补报"}, ("unread_cell", "A8"), "表格之外有未能归类的内容“补报”，没有计入"),
    ({"D20": "另有情况"}, ("unread_cell", "D20"), "表格之外有未能归类的内容“另有情况”，没有计入"),
]


@pytest.mark.parametrize(("changes", "where", "message"), FAULTS)
def test_each_fault_is_reported_at_its_cell(changes, where, message):
    reading = read_statistics(changes)
    found = {(issue.code, issue.source.cell): issue.message for issue in reading.issues}
    assert found.pop(where) == message
    assert set(found) == ({("missing_row", "A5")} if where[0] == "unknown_row" else set())


def test_a_missing_row_is_reported_at_the_header():
    rows = statistics_rows()
    del rows[7]
    reading = read(grid_of(rows, merges=STATISTICS_MERGES))
    assert codes(reading) == [("missing_row", "A5")]
    assert messages(reading) == ["缺少“礼品礼金”一行"]


def test_a_missing_column_is_reported_at_the_header():
    reading = read_statistics({"D5": None, "D6": None, "D7": None, "D8": None, "D9": None, "D10": None})
    assert codes(reading) == [("missing_column", "A5")]


def test_a_missing_table_goes_back_with_the_file():
    reading = read(grid_of(statistics_rows()[:10], merges=STATISTICS_MERGES))
    assert codes(reading) == [("missing_table", "")]
    assert messages(reading) == ["缺少“二、工作量”部分"]


def test_a_double_row_is_read_once():
    rows = statistics_rows()
    reading = read(grid_of([*rows[:8], [2, "礼品礼金", 5, 5], *rows[8:]], merges=STATISTICS_MERGES))
    assert codes(reading) == [("duplicate_record", "B9")]
    assert values(reading)["C8"] == 0.0
    assert "C9" not in values(reading)
    assert reading.fates["Sheet1", "C9"] == "issue"


def test_values_of_an_unknown_column_share_its_fate():
    reading = read_statistics({"E5": "备注", "E8": "已退"})
    assert codes(reading) == [("unknown_column", "E5")]
    assert reading.fates["Sheet1", "E8"] == "issue"


def test_hidden_contents_are_read_and_noted_once_a_row():
    reading = read_statistics({"C8": 4}, hidden=[8])
    assert codes(reading) == [("hidden_value", "A8")]
    assert values(reading)["C8"] == 4.0


def test_stray_contents_of_another_sheet_are_reported_row_by_row():
    sheet = grid_of([["草稿", "数"], [], ["x", "y"]], "Sheet2")
    reading = read(grid_of(statistics_rows(), merges=STATISTICS_MERGES), sheet)
    assert [(i.code, i.source.sheet, i.source.cell) for i in reading.issues] == [
        ("unread_cell", "Sheet2", "A1"),
        ("unread_cell", "Sheet2", "A3"),
    ]


def test_an_address_of_a_blank_in_a_word_table():
    grid = grid_of(changed(statistics_rows(), {"C8": None}), merges=STATISTICS_MERGES)
    grid.cells[8, 2] = grid.cells[8, 2].__class__(8, 2, "t1r4c2", "礼品礼金")
    grid.cells[8, 1] = grid.cells[8, 1].__class__(8, 1, "t1r4c1", "2")
    assert codes(read(grid)) == [("missing_value", "t1r4c3")]


def test_lists_are_read_row_by_row():
    reading = read_findings()
    assert reading.issues == []
    assert reading.header["team_id"].value.value == "T1"
    assert [(e.record, e.column, e.value.value) for e in reading.entries] == [
        (1, "unit_id", "U001"), (1, "kind", "big"), (1, "is_confirmed", True), (1, "text", "没有记录"),
        (2, "unit_id", "U002"), (2, "kind", "small"), (2, "is_confirmed", False), (2, "text", "记录不全"),
        (1, "unit_id", "U001"), (1, "text", "逐人约谈"),
    ]  # fmt: skip


LIST_FAULTS = [
    ({"B5": "中"}, ("not_a_choice", "B5"), "“第1行”的“类型”应从固定选项中选填，现为“中”"),
    ({"D6": None}, ("missing_value", "D6"), "“第2行”的“问题描述”未填写"),
    ({"A6": "南坡管理处"}, ("unknown_unit", "A6"), "填表单位“南坡管理处”与单位名册不符"),
    ({"C6": "也许"}, ("not_a_choice", "C6"), "“第2行”的“是否确认”应从固定选项中选填，现为“也许”"),
    ({"D6": "共 x 件"}, ("placeholder_left", "D6"), "“第2行”的“问题描述”仍是未填写的占位文字“共 x 件”"),
    (
        {"A2": "检查组：第九检查组"},
        ("not_a_choice", "A2"),
        "“表头”的“检查组”应从固定选项中选填，现为“第九检查组”",
    ),
    ({"A2": None}, ("missing_value", ""), "“表头”的“检查组”未填写"),
]


@pytest.mark.parametrize(("changes", "where", "message"), LIST_FAULTS)
def test_faults_in_lists(changes, where, message):
    reading = read_findings(changes)
    assert [((issue.code, issue.source.cell), issue.message) for issue in reading.issues] == [
        (where, message)
    ]


def test_what_may_be_chosen_stands_in_the_remedy():
    assert read_findings({"B5": "中"}).issues[0].remedy == "请改填下列之一：大、小"


@pytest.mark.parametrize("row", [["无", "无", "无", "无"], ["—", "—", "—", "—"], ["无", None, None, None]])
def test_a_list_that_says_none_has_no_record(row):
    rows = findings_rows()
    reading = read(grid_of([*rows[:4], row, *rows[6:]]))
    assert reading.issues == []
    assert [entry.table_id for entry in reading.entries] == ["highlights", "highlights"]


def test_the_number_column_of_an_empty_list_is_no_unknown_column():
    rows = [row if i < 3 else ["", *row] for i, row in enumerate(findings_rows())]
    rows[3][0], rows[6] = "序号", ["二、亮点"]
    reading = read(grid_of([*rows[:4], *rows[6:]]))
    assert reading.issues == []
    assert [entry.table_id for entry in reading.entries] == ["highlights", "highlights"]


def test_a_row_of_values_is_data_even_if_its_first_text_is_printed_elsewhere():
    reading = read_findings({"A5": "示例局检查发现问题清单"})
    assert codes(reading) == [("unknown_unit", "A5")]


def test_blank_lines_and_an_absent_optional_table_are_fine():
    rows = findings_rows()
    reading = read(grid_of([*rows[:5], [], [], rows[5]]))
    assert reading.issues == []
    assert {entry.record for entry in reading.entries} == {1, 2}


def test_members_are_those_of_the_units_own():
    reading = read_statistics()
    assert reading.demand("choice", "members").choices == {"甲": "M1", "m1": "M1"}
    reading.unit_id = ""
    assert reading.demand("choice", "members").choices == {"甲": "M1", "乙": "M2"}


def test_the_title_is_a_label_wherever_it_stands():
    assert read_statistics({"A2": None, "C2": TITLE}).issues == []


def test_an_unknown_label_merged_over_several_columns_is_told_once():
    rows = changed(findings_rows(), {"E4": "另一组", "E5": "值", "F5": "值"})
    reading = read(grid_of(rows, merges=((4, 5, 4, 6),)))
    assert codes(reading) == [("unknown_column", "E4")]


def with_raw_type(changes, raw_type):
    """The small form with places that hold a formula or an error, as the byte readers tell them."""
    grid = grid_of(changed(statistics_rows(), changes), merges=STATISTICS_MERGES)
    for address in changes:
        place = int(address[1:]), ord(address[0]) - ord("A") + 1
        grid.cells[place] = grid.cells[place]._replace(raw_type=raw_type)
    return read(grid)


def test_a_formula_without_its_result_is_one_clear_issue():
    reading = with_raw_type({"C10": "=C7+C8+C9"}, "formula")
    assert codes(reading) == [("formula_without_value", "C10")]
    assert messages(reading) == ["“合计”的“问题数”是公式“=C7+C8+C9”，文件里没有保存计算结果"]
    assert reading.issues[0].remedy == "请用 Excel 或 WPS 打开，保存后重新报送，或直接填写数字"
    assert values(reading) == {**CLEAN, "C10": None}


def test_an_error_value_is_one_clear_issue():
    reading = with_raw_type({"D7": "#REF!", "C8": "#N/A"}, "error")
    assert codes(reading) == [("error_value", "C8"), ("error_value", "D7")]
    assert messages(reading)[0] == "“吃喝”的“金额涉及金额”显示为错误值“#REF!”"


def test_a_formula_among_texts_and_in_the_header_is_no_text():
    grid = grid_of(changed(findings_rows(), {"D5": "=A1"}))
    grid.cells[5, 4] = grid.cells[5, 4]._replace(raw_type="formula")
    assert codes(read(grid)) == [("formula_without_value", "D5")]
    grid = grid_of(changed(statistics_rows(), {"A3": "填表单位", "B3": "=B99"}), merges=STATISTICS_MERGES)
    grid.cells[3, 2] = grid.cells[3, 2]._replace(raw_type="formula")
    assert ("formula_without_value", "B3") in codes(read(grid))
