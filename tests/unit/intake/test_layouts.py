"""Foreign layouts: the same figures under other names, in another order, turned round, are read to the same frame."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest
import yaml

from lianzheng.config.layouts import ForeignLayout
from lianzheng.intake.entries import read_form
from lianzheng.intake.files import from_book, make_setup
from lianzheng.intake.form_maps import KnownForms
from lianzheng.intake.proposals import _quoted, propose
from lianzheng.intake.recognise import recognise, split_copies
from tests.unit.intake.sample import config, setup
from tests.unit.intake.small import (
    FORMS,
    LOOKUPS,
    STATISTICS_MERGES,
    book_of,
    changed,
    codes,
    grid_of,
    statistics_rows,
    values,
)

OLD = ForeignLayout.model_validate({
    "layout_id": "old", "form_id": "statistics", "titles": ["2016年查处问题情况表"], "header": {"报送单位": "unit_id", "经办": "filled_by"},
    "ignored": ["口径同上年"], "lacks": ["work"],
    "tables": {"problems": {
        "columns": {"问题种类": "类别", "查处问题数": "n_problems", "涉案款": "amount"},
        "rows": {"公款吃喝": "r1", "收礼": "r2", "合  计": "total"}, "units": {"amount": "元"}, "ignored": ["典型案例", "上年结转"],
    }},
})  # fmt: skip
ROWS = [
    ["2016年查处问题情况表".replace("2016", "2018")],
    ["报送单位：东河管理处　经办：张三"],
    ["口径同上年"],
    ["典型案例", "问题种类", "涉案款", "查处问题数"],
    ["某例", "公款吃喝", 5000, 1],
    [None, "上年结转", 9, 9],
    [None, "收礼", 0, 0],
    [None, "其他", 12500, 2],
    [None, "合 计", 17500, 3],
]


def read_as(layouts, rows, merges=(), forms=FORMS):
    book, known = book_of(grid_of(rows, merges=merges)), KnownForms(forms, layouts)
    recognition = recognise(book, known)
    if recognition is None:
        return None, None
    (part, found), *_ = split_copies(book, recognition, known)
    return recognition, read_form(found, part, "F1", LOOKUPS)


def figures(reading):
    return {
        (*sorted(entry.keys.items()), entry.column): entry.value.value
        for entry in reading.entries
        if entry.table_id == "problems"
    }


def test_an_old_layout_is_read_to_the_same_figures_as_our_form():
    recognition, reading = read_as([OLD], ROWS)
    _, own = read_as([OLD], statistics_rows(), STATISTICS_MERGES)
    assert figures(reading) == figures(own) and len(figures(own)) == 8
    assert codes(reading) == [] and reading.unit_id == "U001"
    assert {key: field.text for key, field in reading.header.items()} == {
        "unit_id": "东河管理处",
        "filled_by": "张三",
    }
    assert recognition.evidence[-1] == "按 layouts.yml 的 old"


def test_every_cell_of_an_old_layout_has_a_fate():
    _, reading = read_as([OLD], ROWS)
    assert {place for place, fate in reading.fates.items() if fate == "value"} >= {
        ("Sheet1", "C5"),
        ("Sheet1", "D9"),
    }
    of = {
        fate: {cell for (_, cell), known in reading.fates.items() if known == fate}
        for fate in ("label", "aside")
    }
    assert of["label"] >= {"A3", "A4", "B5"} and of["aside"] == {
        "A5",
        "B6",
        "C6",
        "D6",
    }  # what is ignored is no issue


def test_a_declared_unit_converts_and_says_so():
    _, reading = read_as([OLD], ROWS)
    told = {entry.cell: entry.value.conversion for entry in reading.entries}
    assert told["C5"] == "5000元换算为0.5万元"
    _, printed = read_as([OLD], changed(ROWS, {"C4": "涉案款（万元）", "C5": 0.5, "C8": 1.25, "C9": 1.75}))
    assert figures(printed) == figures(reading)  # what the header prints counts for more


def test_without_the_layout_the_file_is_unknown():
    assert read_as([], ROWS) == (None, None)


def test_our_own_form_stays_our_own():
    recognition, reading = read_as([OLD], statistics_rows(), STATISTICS_MERGES)
    assert recognition.map.layout_id == "" and not any("layouts.yml" in told for told in recognition.evidence)
    assert codes(reading) == []


def test_a_column_that_a_unit_deleted_is_no_layout_that_lacks_it():
    lacking = OLD.model_copy(
        update={"tables": {"problems": OLD.tables["problems"].model_copy(update={"lacks": ("amount",)})}}
    )
    rows = [row[:3] for row in statistics_rows()]
    recognition, reading = read_as([lacking], [*rows[:10], *statistics_rows()[10:]], STATISTICS_MERGES[:3])
    assert recognition.map.layout_id == ""
    assert ("missing_column", "A5") in codes(reading)


def test_a_layout_that_lacks_columns_and_rows_asks_for_none_of_them():
    table = OLD.tables["problems"].model_copy(update={"lacks": ("amount", "r3")})
    lacking = OLD.model_copy(update={"tables": {"problems": table}})
    rows = [[*row[:2], *row[3:]] if len(row) > 2 else row for row in ROWS if "其他" not in row]
    recognition, reading = read_as([lacking], rows)
    assert recognition.map.layout_id == "old"
    assert codes(reading) == []
    assert sorted(reading.map.form.table("problems").rows, key=lambda row: row.row_id)[0].row_id == "r1"


def test_a_file_that_has_what_the_layout_lacks_is_not_in_that_layout():
    table = OLD.tables["problems"].model_copy(update={"lacks": ("amount",)})
    lacking = OLD.model_copy(update={"titles": (), "tables": {"problems": table}})
    recognition, _ = read_as([lacking], changed(ROWS, {"A1": "表", "C4": "涉案金额"}))
    assert recognition is None or recognition.map.layout_id == ""


TURNED_ROWS = [
    ["2018年查处问题情况表"],
    ["报送单位：东河管理处"],
    ["种类", "公款吃喝", "收礼", "其他", "合计"],
    ["查处问题数", 1, 0, 2, 3],
    ["涉案款（万元）", 0.5, 0, None, 1.75],
    ["注：不含转办件。"],
]
TURNED = OLD.model_copy(update={"tables": {"problems": OLD.tables["problems"].model_copy(update={
    "is_transposed": True, "units": {}, "columns": {"种类": "类别", "查处问题数": "n_problems", "涉案款": "amount"}})}})  # fmt: skip


def test_a_transposed_table_is_read_and_keeps_its_addresses():
    recognition, reading = read_as([TURNED], TURNED_ROWS)
    assert recognition.map.layout_id == "old"
    assert values(reading) == {
        "B4": 1.0, "C4": 0.0, "D4": 2.0, "E4": 3.0, "B5": 0.5, "C5": 0.0, "D5": None, "E5": 1.75,
    }  # fmt: skip
    assert codes(reading) == [("missing_value", "D5")]  # the blank has the address that the unit sees
    by_cell = {entry.cell: (entry.keys["category_id"], entry.keys["measure_id"]) for entry in reading.entries}
    assert (by_cell["D4"], by_cell["E5"]) == (("r3", "n_problems"), ("total", "amount"))


def test_a_layout_that_may_be_transposed_leaves_upright_files_alone():
    recognition, reading = read_as([TURNED], statistics_rows(), STATISTICS_MERGES)
    assert (recognition.map.layout_id, codes(reading)) == ("", [])


def test_group_and_label_tell_rows_of_the_same_name_apart():
    layout = ForeignLayout.model_validate({
        "layout_id": "grouped", "form_id": "statistics", "lacks": ["problems"],
        "tables": {"work": {"columns": {"大类": "项目", "内容": "指标", "数": "this"},
                            "rows": {"开会/数目": "meetings", "发文/数目": "documents", "发文/花费": "cars"}}},
    })  # fmt: skip
    rows = [["示例局自查统计表"], ["填表单位：东河管理处"], ["大类", "内容", "计量单位", "数"],
            ["开会", "数目", "次", 12], ["发文", "数目", "次", 30], ["发文", "花费", "元", 25000]]  # fmt: skip
    _, reading = read_as([layout], rows)
    assert values(reading) == {"D4": 12.0, "D5": 30.0, "D6": 2.5}
    assert codes(reading) == []


@pytest.mark.parametrize(
    ("line", "header", "value"),
    [("单位：元", "涉及金额", 0.5), ("（金额单位：元）", "涉及金额", 0.5), ("单位：万元", "涉及金额", 5000.0), ("单位：元", "涉及金额（万元）", 5000.0),
     ("单位：人", "涉及金额", 5000.0)],
)  # fmt: skip
def test_a_line_above_the_table_says_the_unit_where_the_header_does_not(line, header, value):
    rows = changed(statistics_rows(), {"D4": line, "D6": header, "D7": 5000, "D10": 5000, "D9": 0})
    _, reading = read_as([], rows, STATISTICS_MERGES)
    assert values(reading)["D7"] == value
    assert values(reading)["C7"] == 1.0  # counts have nothing to do with it


# --- the examples of the sample cycle, through its own configuration

HEAD = [
    "问题种类",
    "查处问题数",
    "处理人数",
    "违纪金额",
    "处理方式",
    None,
    None,
    None,
    "完成整改数",
    "正在整改数",
    "退缴金额",
    "典型案例",
]
LEVEL = [None, None, None, None, "诫勉谈话", "组织调整", "党纪", "政纪", None, None, None, None]
KINDS = (
    "公款大吃大喝",
    "公款旅游",
    "因公出国（境）违规",
    "公车私用",
    "违规修建楼堂馆所",
    "滥发钱物",
    "收受礼金",
    "大办婚丧",
    "其他",
    "合计",
)


def old_rows():
    """One problem of 12,000 元 under 公车私用, 2 persons, one talk, rectified; the same in the total."""
    rows = [
        ["2018年贯彻落实中央八项规定精神情况统计表"],
        ["填表单位：东河管理处", None, "制表人：吕海斌"],
        ["统计口径同局办公室通知"],
        HEAD,
        LEVEL,
    ]
    for kind in KINDS:
        is_one = kind in ("公车私用", "合计")
        rows.append([kind, *([1, 2, 12000, 1, 0, 0, 0, 1, 0, 0, "略"] if is_one else [0] * 10)])
    return rows


def old_statistics():
    return grid_of(old_rows(), merges=((4, 5, 4, 8),))


def test_the_example_of_2016_is_read_like_the_form_of_this_year():
    received = from_book(book_of(old_statistics()), "units/东河处/旧表.xls", setup())
    assert (received.form_id, received.state, received.unit_id) == ("statistics", "read", "U001")
    assert [issue.code for issue in received.issues] == []
    assert received.evidence[-1] == "按 layouts.yml 的 statistics_2016"
    found = {
        record.values["measure_id"]: (
            record.values["value"],
            record.values["conversion"],
            record.values["cell"],
        )
        for record in received.records
        if record.values.get("category_id") == "vehicles_misused"
    }
    assert found["n_problems"] == (1.0, None, "B9")
    assert found["amount_10k_yuan"] == (1.2, "12000元换算为1.2万元", "D9")
    assert found["n_criticised"] == (1.0, None, "E9")
    assert Counter(record.into == "header_fields" for record in received.records) == {False: 100, True: 2}


def test_the_example_of_a_turned_tally_is_read_like_the_sheet_of_this_year():
    questions = [question.label for question in config().questionnaire.rated]
    options = {"好": 7, "较好": 2, "一般": 1, "差": 0, "弃权": 0}
    rows = [
        ["民主测评计票表"],
        ["受检单位：东河管理处　测评人群：职工代表　发出：12　收回：10　有效：10"],
        ["选项", *questions],
    ]
    rows += [[option, *[n] * len(questions)] for option, n in options.items()]
    received = from_book(book_of(grid_of(rows)), "teams/计票.xlsx", setup())
    assert [issue.code for issue in received.issues] == []
    votes = {
        (r.values["question_id"], r.values["option_id"]): r.values["n_votes"]
        for r in received.records
        if "n_votes" in r.values
    }
    assert len(votes) == 5 * len(questions) and votes["Q02", "fairly_good"] == 2.0
    assert {r.values["cell"] for r in received.records if r.values.get("question_id") == "Q02"} == {
        "C4",
        "C5",
        "C6",
        "C7",
        "C8",
    }


# --- a layout that nobody has described

WITHOUT = make_setup(dataclasses.replace(config(), layouts=()))


def receive(grid, path="units/东河处/旧表.xls"):
    return from_book(book_of(grid), path, WITHOUT)


def test_an_unknown_layout_is_one_issue_that_shows_what_was_found_and_what_to_add():
    received = receive(old_statistics())
    (issue,) = received.issues
    assert (issue.code, issue.severity, issue.form_id) == ("unknown_layout", "return_file", "statistics")
    assert "附件2" in issue.message and "“问题种类、查处问题数、处理人数、" in issue.message
    assert "columns: {查处问题数: n_problems, 处理方式/党纪: n_party_discipline" in issue.remedy
    assert len(issue.message) < 220 and len(issue.remedy) < 220
    assert (received.state, received.is_counted, received.records) == ("unrecognised", False, [])


def test_our_title_over_strange_columns_is_one_issue_too():
    rows = [[config().forms["statistics"].title], ["填表单位：东河管理处"], ["事项", "查处", "人头"]]
    rows += [[row.labels[1], 1, 2] for row in config().forms["statistics"].table("problems").rows]
    assert [issue.code for issue in receive(grid_of(rows)).issues] == ["unknown_layout"]


def test_a_list_with_two_of_our_columns_is_an_unknown_layout():
    rows = [
        ["检查情况"],
        ["受检单位", "问题描述", "性质说明", "整改时限"],
        ["东河管理处", "没有记录", "一般", "年底"],
    ]
    received = receive(grid_of(rows), "teams/问题.xlsx")
    assert [issue.code for issue in received.issues] == ["unknown_layout"]
    assert received.form_id == "findings" and "没有记录" not in received.issues[0].message


@pytest.mark.parametrize(
    "rows",
    [[["通讯录"], ["姓名", "房间"], ["张三", 101]], [["会议纪要"], ["出席：张三"]], [["序号", "备注"], [1, "无"]],
     [["受检单位", "来访"], ["东河管理处", 2]],
     [["受检单位", "谈话序号", "说了什么"], ["东河管理处", 1, "对主要负责人有意见"]]],
)  # fmt: skip
def test_strange_books_and_talks_stay_unknown_forms(rows):
    (issue,) = receive(grid_of(rows), "x.xlsx").issues
    assert issue.code == "unknown_form" and "有意见" not in issue.message


def test_the_printed_block_read_back_as_configuration_reads_the_file():
    proposal = propose(book_of(old_statistics()), WITHOUT.known)
    lines = proposal.block()
    assert "        退缴金额: returned_10k_yuan  # ?" in lines and "        处理人数: …  # ?" in lines
    (data,) = yaml.safe_load("\n".join(lines))
    completed = {
        "处理人数": "n_persons", "违纪金额": "amount_10k_yuan", "处理方式/诫勉谈话": "n_criticised", "处理方式/组织调整": "n_organisational",
        "完成整改数": "n_rectified", "正在整改数": "n_rectifying",
    }  # fmt: skip
    table = data["tables"]["problems"]
    table["columns"] = {**table["columns"], **completed}
    table["ignored"] = [table["columns"].pop("典型案例") and "典型案例"]
    table["rows"] |= {"公车私用": "vehicles_misused", "滥发钱物": "allowances"}
    layout = ForeignLayout.model_validate({**data, "lacks": ["spending", "workload"]})
    ready = make_setup(dataclasses.replace(config(), layouts=(layout,)))
    received = from_book(book_of(old_statistics()), "units/东河处/旧表.xls", ready)
    figures = [record for record in received.records if record.into != "header_fields"]
    assert (received.state, len(figures)) == ("read", 100)
    assert {issue.code for issue in received.issues} == {
        "unread_cell"
    }  # 统计口径…, which nobody has declared


def test_a_guess_needs_likeness_and_is_used_once():
    proposal = propose(book_of(old_statistics()), WITHOUT.known)
    ids = [id_ for id_ in (*proposal.columns.values(), *proposal.rows.values()) if id_]
    assert len(ids) == len(set(ids)) and proposal.columns["处理人数"] == ""


def test_of_a_known_layout_only_what_it_does_not_map_is_proposed():
    rows = changed(old_rows(), {"B4": "查出的问题数"})
    proposal = propose(book_of(grid_of(rows, merges=((4, 5, 4, 8),))), setup().known)
    assert (proposal.map.layout_id, proposal.columns, proposal.rows) == (
        "statistics_2016",
        {"查出的问题数": "n_problems"},
        {},
    )
    assert proposal.block()[0] == "- layout_id: statistics_2016"


@pytest.mark.parametrize("label", ["问题数", 'a"b: c', "=cmd|x", "甲\\乙", "- {x} # y", "单位：'甲'"])
def test_a_foreign_label_stands_in_the_proposal_as_a_yaml_key(label: str) -> None:
    assert yaml.safe_load(f"{_quoted(label)}: x") == {label: "x"}
