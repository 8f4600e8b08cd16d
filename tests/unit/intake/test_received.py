"""One received file: what it is, whose it is, what is kept secret, what is only listed."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from lianzheng.forms import Placed, Sheet
from lianzheng.intake.cells import Book
from lianzheng.intake.files import from_book, read_received
from lianzheng.intake.received import (
    file_id_of,
    form_of_name,
    is_material,
    unit_of_path,
)
from lianzheng.intake.records import HIDDEN_TEXT
from tests.unit.intake.sample import (
    book_of_layout,
    codes,
    config,
    filled_standard,
    layout_of,
    receive,
    setup,
    zeros,
)
from tests.unit.intake.small import book_of, grid_of


def records(received, table):
    return [record.values for record in received.records if record.into == table]


def test_the_file_id_is_a_hash_of_the_path():
    assert file_id_of("units/a.xlsx") == "F" + hashlib.sha256(b"units/a.xlsx").hexdigest()[:10]
    assert file_id_of("e\u0301") == file_id_of("\u00e9")


@pytest.mark.parametrize(
    ("path", "unit_id"),
    [("units/东河处/附件2.xlsx", "U001"), ("units/U002/附件2.xlsx", "U002"), ("units/东河处/西岭处附件2.xlsx", "U002"),
     ("questionnaires/下渡水情中心测评_30_30.xls", "U006"), ("teams/第一检查组/清单.xlsx", ""), ("units/U999/附件2.xlsx", "")],
)  # fmt: skip
def test_the_unit_is_the_one_that_file_or_nearest_folder_names(path, unit_id):
    assert unit_of_path(path, config()) == unit_id


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("units/东河处/佐证材料/a.xlsx", True),
        ("units/东河处/材料/b/c.doc", True),
        ("units/东河处/佐证材料.xlsx", False),
        ("a.xlsx", False),
    ],
)
def test_material_lies_in_a_folder_of_that_name(path, expected):
    assert is_material(path, config().cycle.materials_folders) is expected


@pytest.mark.parametrize(
    ("name", "form_id"),
    [("附件2 统计表.xls", "statistics"), ("附件1.xlsx", "standard"), ("附件12.xls", ""), ("表.xls", "")],
)
def test_an_unreadable_file_is_named_by_its_number(name, form_id):
    assert form_of_name(f"units/东河处/{name}", config().forms) == form_id


def test_a_file_that_cannot_be_read():
    book = Book("x", "0" * 64, 3, "other", problem_code="unreadable_file", problem_detail="内容损坏")
    received = from_book(book, "units/东河处/附件2.xls", setup())
    (issue,) = received.issues
    assert (issue.code, issue.unit_id, issue.form_id) == ("unreadable_file", "U001", "statistics")
    assert issue.message == "文件无法打开：内容损坏"
    assert (received.state, received.is_counted, received.n_return_issues) == ("unreadable", False, 1)


def test_a_strange_file_says_what_it_holds_but_no_text():
    received = from_book(
        book_of(grid_of([["谈话记录"], ["某某说"]], "记录")), "units/东河处/记录.xlsx", setup()
    )
    (issue,) = received.issues
    assert (issue.code, received.state) == ("unknown_form", "unrecognised")
    assert "记录（2 格）" in issue.message
    assert "某某说" not in issue.message


def test_a_form_of_another_year_counts_for_nothing():
    layout = layout_of("statistics", zeros("statistics"))
    layout = layout.change(
        lambda c: (
            c.__class__(c.row, c.column, c.value.replace("2018", "2017"), c.role) if c.role == "title" else c
        )
    )
    received = receive(layout)
    (issue,) = received.issues
    assert (issue.code, issue.source.cell) == ("wrong_year", "A2")
    assert issue.message == "表内年度为2017年，本次检查年度为2018年"
    assert (received.state, received.records, received.cells, received.checks) == ("wrong_year", [], [], [])
    assert (received.unit_id, received.form_id) == ("U001", "statistics")


def test_the_year_field_counts_where_the_title_has_none():
    layout = layout_of("standard", filled_standard(), year=2017)
    layout = layout.change(lambda c: None if c.role == "mark" else c)
    assert receive(layout).state == "wrong_year"


def test_the_unit_inside_counts():
    received = receive(layout_of("statistics", zeros("statistics"), unit_id="西岭处"))
    assert codes(received) == ["unit_differs"]
    assert received.unit_id == "U002"
    assert received.issues[0].message == "文件放在“东河管理处”名下，表内填表单位却是“西岭处”"
    assert {row["unit_id"] for row in records(received, "statistics_by_unit_category_measure")} == {"U002"}


def coded(code, **header):
    """附件2 of zeros made of a blank form with that code; no unit written unless one is given."""
    layout = layout_of("statistics", zeros("statistics"), **{"unit_id": None, **header})
    return layout.change(
        lambda c: replace(c, value=f"附件2　版本：2018　表样编号：{code}") if c.role == "mark" else c
    )


@pytest.mark.parametrize(
    ("code", "path", "written", "unit_id", "message"),
    [
        ("2018-statistics-U002", "来件/表.xlsx", None, "U002", ""),
        ("2018-statistics-U002", "来件/表.xlsx", "西岭处", "U002", ""),
        ("2018-statistics-U002", "来件/表.xlsx", "东河处", "U001",
         "表样是发给“西岭管理处”的，表内填表单位却是“东河处”"),
        ("2018-statistics-U001", "units/东河处/表.xlsx", "西岭处", "U002",
         "文件放在“东河管理处”名下，表样是发给“东河管理处”的，表内填表单位却是“西岭处”"),
        ("2018-statistics-U002", "units/东河处/表.xlsx", None, "U001",
         "文件放在“东河管理处”名下，表样编号的单位却是“西岭管理处”"),
        ("2018-statistics-U002", "units/东河处/表.xlsx", "东河处", "U001",
         "表样是发给“西岭管理处”的，表内填表单位却是“东河处”"),
        ("2018-statistics-U999", "units/东河处/表.xlsx", None, "U001", ""),
        ("2018-statistics", "units/东河处/表.xlsx", "东河处", "U001", ""),
    ],
)  # fmt: skip
def test_the_unit_of_the_code_is_the_last_to_count_and_has_to_agree(code, path, written, unit_id, message):
    received = receive(coded(code, unit_id=written), path)
    found = [issue.message for issue in received.issues if issue.code == "unit_differs"]
    assert (received.unit_id, found) == (unit_id, [message] * bool(message))
    others = {issue.code for issue in received.issues} - {"unit_differs", "all_zero_return"}
    assert others == (set() if written else {"missing_value"})
    assert {row["unit_id"] for row in records(received, "statistics_by_unit_category_measure")} == {unit_id}


def test_a_code_of_another_year_counts_for_nothing():
    received = receive(coded("2017-statistics-U001", unit_id="东河处"))
    (issue,) = received.issues
    assert (issue.code, issue.source.cell, issue.value_seen) == ("wrong_year", "A1", "2017")


def test_the_sheet_with_our_long_lists_is_left_out_but_not_one_that_people_wrote_on():
    layout = layout_of("statistics", zeros("statistics"))
    words = ("专题研究党风廉政建设", "东河管理处", "第一检查组")
    lists = Sheet(
        "选项", tuple(Placed(i, 1, word, "note") for i, word in enumerate(words, 1)), is_hidden=True
    )
    received = receive(replace(layout, sheets=(*layout.sheets, lists)))
    assert codes(received) == []
    assert {row[-1] for row in received.cells if row[0] == "选项"} == {"label"}
    noted = replace(lists, cells=(*lists.cells, Placed(4, 1, "另有一笔未计入", "note")))
    received = receive(replace(layout, sheets=(*layout.sheets, noted)))
    assert "unread_cell" in codes(received)


def test_a_header_repeated_on_a_further_sheet_is_read_once_and_a_different_one_is_seen():
    def twice(second):
        rows = [["检查组：", "第一检查组"], ["填表日期：", "2018-12-12"]]
        layout = layout_of("findings")
        first = book_of_layout(layout).grids
        return from_book(
            book_of(*first, grid_of([*rows[:1], ["检查组：", second]], "续")), "teams/x.xlsx", setup()
        )

    assert "unread_cell" not in codes(twice("第一检查组"))
    assert [issue.value_seen for issue in twice("第二检查组").issues if issue.code == "unread_cell"] == [
        "第二检查组"
    ]


def test_a_unit_that_nobody_knows_falls_back_to_the_folder():
    received = receive(layout_of("statistics", zeros("statistics"), unit_id="大江管理处"))
    assert (codes(received), received.unit_id) == (["unknown_unit"], "U001")


def test_every_cell_is_kept_with_its_fate():
    received = receive(layout_of("statistics", zeros("statistics")))
    fates = {(row[0], row[1]): row[-1] for row in received.cells}
    assert fates["附件2", "A2"] == "label"
    assert fates["附件2", "C7"] == "value"
    assert set(fates.values()) == {"value", "label"}


def test_scores_take_unit_team_and_reason():
    matrix = {
        ("scores", "S103", "observed_value"): "3次",
        ("scores", "S103", "points"): 4,
        ("scores", "S103", "reason"): "齐全",
    }
    members = [{"item_id": "一岗双责部署与记录", "member_id": "周立明", "points": 5}]
    received = receive(
        layout_of("team_scores", matrix, {"member_scores": members}), "teams/第一检查组/东河处评分表.xlsx"
    )
    assert codes(received) == []
    rows = {
        (row["item_id"], row["member_id"]): row for row in records(received, "scores_by_unit_item_scorer")
    }
    row = rows["S103", ""]
    assert (row["unit_id"], row["scorer"], row["observed_value"], row["points"], row["reason"]) == (
        "U001",
        "T1",
        3.0,
        4.0,
        "齐全",
    )
    assert (row["value_state"], rows["S101", ""]["value_state"]) == ("number", "blank")
    assert rows["S107", "U001M1"]["points"] == 5.0


def test_a_member_of_another_unit_is_no_choice():
    members = [{"item_id": "一岗双责部署与记录", "member_id": "吴建宁", "points": 5}]
    received = receive(
        layout_of("team_scores", {}, {"member_scores": members}), "teams/第一检查组/东河处评分表.xlsx"
    )
    assert codes(received) == ["not_a_choice"]


TALK = {
    "unit_id": "东河处",
    "interview_number": 1,
    "remark_number": 1,
    "role": "中层干部",
    "topic_id": "主体责任",
    "polarity": "建议",
}
VISIT = {
    "unit_id": "东河处",
    "visit_date": "2018年12月4日",
    "report_minutes": 18,
    "n_attending": 30,
    "n_quiz": 5,
    "quiz_mean_pct": 88.5,
}


def site_visit(**talk):
    counts = [{"unit_id": "东河处", "rater_group": "职工代表", "n_issued": 12, "n_returned": 10}]
    tables = {"visits": [VISIT], "ballot_counts": counts, "talks": [{**TALK, **talk}]}
    return receive(layout_of("site_visit", records=tables), "teams/第一检查组/现场检查.xlsx")


def test_a_site_visit_fills_three_tables():
    received = site_visit(text="多听意见")
    assert codes(received) == []
    (visit,), (counts,), (talk,) = (
        records(received, table) for table in ("site_visits", "ballot_counts", "interviews")
    )
    assert (visit["team_id"], visit["report_minutes"], visit["n_interviews"]) == ("T1", 18.0, None)
    assert (counts["form_id"], counts["rater_group"], counts["n_issued"]) == ("questionnaire", "staff", 12.0)
    assert (talk["role"], talk["topic_id"], talk["text"]) == ("middle_managers", "party_duty", "多听意见")


def test_words_of_a_talk_reach_no_issue():
    (issue,) = site_visit(text="机密内容 x 件").issues
    assert (issue.code, issue.value_seen) == ("placeholder_left", HIDDEN_TEXT)
    assert "机密" not in issue.message


def test_stray_text_in_a_book_with_talks_reaches_no_issue():
    layout = layout_of("site_visit", records={"visits": [VISIT]})
    book = book_of(grid_of([["机密内容"]], "草稿"))
    from tests.unit.intake.sample import book_of_layout

    book.grids = [*book_of_layout(layout).grids, *book.grids]
    (issue,) = from_book(book, "teams/第一检查组/现场检查.xlsx", setup()).issues
    assert (issue.code, issue.value_seen) == ("unread_cell", HIDDEN_TEXT)


def test_an_issue_about_a_listed_unit_is_that_units():
    finding = {
        "unit_id": "西岭处",
        "subject_id": "一岗双责",
        "defect_id": "无记录",
        "finding_severity": "较重",
        "is_confirmed": "是",
    }
    received = receive(layout_of("findings", records={"findings": [finding]}), "teams/第一检查组/清单.xlsx")
    assert [(issue.code, issue.unit_id) for issue in received.issues] == [("missing_value", "U002")]


def test_characters_without_glyphs_are_noted_not_refused():
    finding = {"unit_id": "东河处", "subject_id": "一岗双责", "defect_id": "无记录", "finding_severity": "较重", "is_confirmed": "是",
               "text": "没有记录\U0001f600"}  # fmt: skip
    received = receive(layout_of("findings", records={"findings": [finding]}), "teams/第一检查组/清单.xlsx")
    assert [issue.message for issue in received.issues] == [
        "文字中有字体不支持的字符 U+1F600，报告中以代码显示"
    ]
    assert records(received, "findings")[0]["text"] == "没有记录\U0001f600"


def test_a_workbook_of_two_tallies_is_read_sheet_by_sheet():
    from tests.unit.intake.sample import book_of_layout
    from tests.unit.intake.test_checks import votes

    grids = [
        book_of_layout(layout_of("tally", votes(), rater_group=group)).grids[0]
        for group in ("中层干部", "职工代表")
    ]
    grids[0].name, grids[1].name = "中层", "职工"
    received = from_book(book_of(*grids), "questionnaires/东河处测评汇总.xlsx", setup())
    assert codes(received) == []
    tallies = records(received, "tallies_by_unit_question_option")
    assert {row["rater_group"] for row in tallies} == {"middle_managers", "staff"}
    assert len(tallies) == 2 * 10 * 5
    assert [row["n_issued"] for row in records(received, "ballot_counts")] == [12.0, 12.0]


def test_material_is_listed_unopened(tmp_path):
    path = "units/东河处/佐证材料/S101.XLSX"
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_bytes(b"not a workbook")
    received = read_received(tmp_path, path, setup())
    assert (received.state, received.format, received.unit_id, received.issues) == (
        "material",
        "xlsx",
        "U001",
        [],
    )
    assert received.sha256 == hashlib.sha256(b"not a workbook").hexdigest()
