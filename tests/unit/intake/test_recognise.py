"""Which form a book is and where its tables stand."""

from __future__ import annotations

import pytest

from lianzheng.intake.form_maps import FormMap, KnownForms
from lianzheng.intake.labels import label_key, row_key
from lianzheng.intake.recognise import recognise, split_copies
from tests.unit.intake.sample import codes, config, filled_standard, layout_of, receive
from tests.unit.intake.small import (
    FORMS,
    STATISTICS_MERGES,
    TITLE,
    book_of,
    changed,
    findings_rows,
    grid_of,
    statistics_rows,
)

KNOWN = KnownForms(FORMS)


def found_in(*grids):
    return recognise(book_of(*grids), KNOWN)


def places(recognition):
    return {p.table.table_id: (p.sheet, p.first_row, p.header_end) for p in recognition.placements}


def statistics_grid(changes=None, **options):
    return grid_of(changed(statistics_rows(), changes or {}), **{"merges": STATISTICS_MERGES, **options})


@pytest.mark.parametrize(
    ("written", "label", "unit"),
    [("涉及金额（万元）", "涉及金额", "万元"), ("问题数(起)", "问题数", "起"), ("金额/(元)", "金额", "元"), ("接待（单位：人次）", "接待", "人次"),
     ("填表单位（盖章）", "填表单位(盖章)", ""), ("平均分（百分制）", "平均分(百分制)", ""), ("得 分（5分）", "得分", "5分")],
)  # fmt: skip
def test_labels_lose_their_unit_of_measure(written, label, unit):
    assert label_key(written) == (label, unit)


@pytest.mark.parametrize(
    ("written", "key"),
    [("　　吃喝", "吃喝"), ("1.吃喝", "吃喝"), ("（一）吃喝", "吃喝"), ("一、吃喝", "吃喝"), ("其中：吃喝", "吃喝"), ("一岗双责", "一岗双责"),
     ("主体责任（40分）", "主体责任"), ("三重一大", "三重一大"), ("1", "1")],
)  # fmt: skip
def test_rows_lose_numbering_and_points(written, key):
    assert row_key(written) == key


def test_the_form_and_its_tables_are_found():
    recognition = found_in(statistics_grid())
    assert recognition.map.form.form_id == "statistics"
    assert places(recognition) == {"problems": (0, 5, 6), "work": (0, 12, 12)}
    assert (recognition.version, recognition.year, recognition.year_at) == ("2018.1", 2018, ("Sheet1", "A2"))
    assert recognition.evidence[0] == f"“{TITLE}”"


def test_the_other_form_is_told_apart():
    recognition = found_in(grid_of(findings_rows()))
    assert (recognition.map.form.form_id, places(recognition)) == (
        "findings",
        {"findings": (0, 4, 4), "highlights": (0, 8, 8)},
    )


def test_columns_alone_are_enough():
    bare = grid_of(statistics_rows()[3:], merges=((2, 1, 3, 1), (2, 2, 3, 2), (2, 3, 3, 3)))
    assert found_in(bare).map.form.form_id == "statistics"


def test_a_title_alone_names_the_form_so_that_missing_tables_can_be_said():
    recognition = found_in(grid_of([[TITLE], ["（此件发至各单位）"]]))
    assert (recognition.map.form.form_id, recognition.placements) == ("statistics", ())


@pytest.mark.parametrize(
    "rows",
    [[["会议纪要"], ["出席", "张三"]], [["序号", "姓名"], [1, "张三"]], [[1, 2], [3, 4]], [["本年"]]],
)
def test_strange_books_are_no_form(rows):
    assert found_in(grid_of(rows)) is None


def test_unmerged_groups_reach_to_the_right_as_in_csv():
    rows = statistics_rows()
    rows[4], rows[5] = ["序号", "类别", "问题数（起）", "金额"], ["", "", "", "涉及金额（万元）"]
    assert places(found_in(grid_of(rows)))["problems"] == (0, 5, 6)


@pytest.mark.parametrize("label", ["涉案金额（万元）", "金额 / 涉及金额", "涉 及 金 额（元）"])
def test_columns_under_other_names(label):
    rows = changed(statistics_rows(), {"D5": label, "D6": None})
    placement = found_in(
        grid_of(rows, merges=((5, 1, 6, 1), (5, 2, 6, 2), (5, 3, 6, 3), (5, 4, 6, 4)))
    ).placements[0]
    assert [column.column_id for column in placement.columns.values()] == ["n_problems", "amount"]


def test_the_unit_in_the_header_is_kept():
    placement = found_in(statistics_grid({"D6": "涉及金额（元）"})).placements[0]
    assert placement.units == {3: "起", 4: "元"}


def test_an_empty_corner_does_not_hide_the_row_labels():
    placement = found_in(statistics_grid({"B5": None})).placements[0]
    assert placement.labels[2] == 1


def test_tables_may_stand_on_sheets_of_their_own():
    rows = statistics_rows()
    first = grid_of(rows[:10], merges=STATISTICS_MERGES)
    assert places(found_in(first, grid_of(rows[10:], "工作量"))) == {"problems": (0, 5, 6), "work": (1, 2, 2)}


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("示例局2017年自查统计表", 2017),
        ("示例局2017年度自查统计表", 2017),
        ("示例局自查统计表", 2018),
        ("示例局２０１７年自查统计表", 2017),
    ],
)
def test_the_year_is_the_titles_or_else_the_versions(title, year):
    assert found_in(statistics_grid({"A2": title})).year == year


def test_a_year_above_the_table_counts_where_the_title_is_not_ours():
    rows = changed(
        statistics_rows(),
        {"A1": "附件2", "A2": "2017年度统计", "A3": "填表单位：东河处 时间：2018年11月20日"},
    )
    assert found_in(grid_of(rows, merges=STATISTICS_MERGES)).year == 2017


@pytest.mark.parametrize("date", ["2019.1.5", "２０１９．１１．２９", "2019.4.7 10:20"])
def test_a_date_above_the_table_is_not_the_forms_year(date):
    rows = changed(findings_rows(), {"B2": f"填表日期：{date}"})
    assert found_in(grid_of(rows)).year is None


def test_a_form_without_its_guiding_columns_is_told_by_its_rows():
    def edit(cell):
        """Of the six columns of labels of 附件1 only the items' names stay."""
        return None if cell.role in ("column_label", "row_label") and cell.column in (1, 2, 4, 5, 6) else cell

    received = receive(layout_of("standard", filled_standard(1.0)).change(edit))
    assert (received.form_id, codes(received)) == ("standard", [])
    scores = [record for record in received.records if record.into == "scores_by_unit_item_scorer"]
    assert len(scores) == len(config().forms["standard"].tables[0].rows)


@pytest.mark.parametrize(
    "text", ["责任书仍用2017年版本", "责任书仍用版本2017的旧表", "照抄示例局2017年自查统计表"]
)
def test_a_year_in_the_tables_text_is_nobodys(text):
    rows = changed(findings_rows(), {"D5": text})
    recognition = found_in(grid_of(rows))
    assert (recognition.map.form.form_id, recognition.year, recognition.version) == ("findings", None, "")


def test_neither_title_nor_version_names_a_year():
    assert found_in(statistics_grid({"A1": "附件2", "A2": "示例局自查统计表"})).year is None


def test_an_unknown_column_is_an_extra_and_a_row_number_is_not():
    rows = changed(statistics_rows(), {"E5": "备注", "F5": "行次"})
    placement = found_in(grid_of(rows, merges=STATISTICS_MERGES)).placements[0]
    assert (placement.extras, placement.labels) == ((5,), {1: 0, 2: 1, 6: -1})


def test_copies_of_a_form_on_several_sheets_are_read_one_by_one():
    book = book_of(statistics_grid(name="一"), statistics_grid(name="二"), grid_of([], "空"))
    copies = split_copies(book, recognise(book, KNOWN), KNOWN)
    assert [[grid.name for grid in part.grids] for part, _ in copies] == [["一", "空"], ["二"]]


def test_one_form_on_two_sheets_is_no_copy():
    rows = statistics_rows()
    book = book_of(grid_of(rows[:10], merges=STATISTICS_MERGES), grid_of(rows[10:], "工作量"))
    assert len(split_copies(book, recognise(book, KNOWN), KNOWN)) == 1


def test_a_number_alone_names_no_form():
    assert found_in(grid_of([["附件2"], ["随函报送"]])) is None


CODED = {"A1": "附件2　版本：2018.1　表样编号：2018-statistics-U001"}


def test_the_form_code_tells_form_version_year_and_unit():
    recognition = found_in(statistics_grid(CODED))
    assert recognition.map.form.form_id == "statistics"
    assert (recognition.version, recognition.year, recognition.year_at) == ("2018.1", 2018, ("Sheet1", "A1"))
    assert str(recognition.code) == "2018-statistics-U001"
    assert recognition.evidence[0] == "表样编号 2018-statistics-U001"


def test_the_code_decides_against_everything_else():
    coded = {"A1": "表样编号：2018-findings-T1"}
    assert found_in(statistics_grid(coded)).map.form.form_id == "findings"
    assert found_in(statistics_grid({"A1": "表样编号：2017-statistics-U001"})).year == 2017


def test_a_code_of_no_form_of_ours_is_none_of_our_forms():
    assert found_in(statistics_grid({"A1": "表样编号：2018-questionnaire-U001"})) is None


def test_properties_serve_where_the_line_is_gone():
    told = {
        "lianzheng_form": "statistics",
        "lianzheng_version": "2018.2",
        "lianzheng_cycle": "2018",
        "lianzheng_unit": "U002",
    }
    book = book_of(statistics_grid({"A1": None, "A2": "统计表"}))
    book.properties = told
    recognition = recognise(book, KNOWN)
    assert (str(recognition.code), recognition.version) == ("2018-statistics-U002", "2018.2")
    assert (recognition.year, recognition.year_at) == (2018, ("", ""))
    book = book_of(statistics_grid(CODED))
    book.properties = told
    assert str(recognise(book, KNOWN).code) == "2018-statistics-U001"  # what people see comes first
    assert recognise(book, KNOWN).version == "2018.1"


def test_without_a_code_nothing_changes():
    assert found_in(statistics_grid()).code is None


def test_a_code_names_the_form_even_of_an_empty_table():
    recognition = found_in(grid_of([["表样编号：2018-statistics-U001"], ["别的内容"]]))
    assert (recognition.map.form.form_id, recognition.placements) == ("statistics", ())


def test_a_line_of_signatures_is_a_field_whatever_the_office_calls_it():
    form = FORMS[0].model_copy(update={"signatures": ("分管领导审定意见",)})
    [(field, written)] = FormMap(form).fields("分管领导审定意见：同意")
    assert (field.field_id, written) == ("分管领导审定意见", "同意")
    assert FormMap(FORMS[0]).fields("分管领导审定意见：同意") == []


def test_a_label_is_the_whole_of_what_the_form_prints():
    known = FormMap(FORMS[0])
    for text in (
        "注：不含转办件。",
        "示例局２０１８年度自查统计表（电子版）",
        "附件2",
        "附件2：",
        "附件2　版本：2018.1",
        "附件2：示例局2018年自查统计表",
    ):
        assert known.is_label(text), text
    for text in (
        "注：不含转办件。另有3起未列",
        "自查统计表",
        "示例局2018年自查统计表（补报）",
        "注：另附说明",
        "附件3",
        "",
    ):
        assert not known.is_label(text), text
