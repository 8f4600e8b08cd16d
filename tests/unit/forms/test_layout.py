"""Where a form's cells stand: by hand for a small form, and in general for every form of the cycle."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from lianzheng.config import load_config
from lianzheng.config.forms import Form
from lianzheng.forms import Layout, Placed, lay_out
from lianzheng.forms.layout import said

REPOSITORY = Path(__file__).resolve().parents[3]
CONFIG = load_config(2018, REPOSITORY)
FORMS = [form_id for form_id, form in CONFIG.forms.items() if form.tables]

SMALL = Form.model_validate(
    {
        "form_id": "small",
        "number": "附件9",
        "title": "小表",
        "version": "2018.1",
        "sender": "unit",
        "scope": "unit",
        "header": [
            {"field_id": "unit_id", "label": "填表单位（盖章）", "value": "unit"},
            {"field_id": "filled_on", "label": "时间", "value": "date"},
        ],
        "tables": [
            {
                "table_id": "counts",
                "caption": "一、数目",
                "kind": "matrix",
                "label_columns": [{"label": "内容", "width": 6}, {"label": "项目", "width": 12}],
                "key_label": 1,
                "columns": [
                    {"column_id": "n", "label": "件数", "value": "count", "unit_of_measure": "件"},
                    {"column_id": "light", "label": "处理/批评", "value": "count"},
                    {"column_id": "grave", "label": "处理/处分", "value": "count", "unit_of_measure": "人"},
                    {"column_id": "money", "label": "金额", "value": "amount", "unit_of_measure": "万元"},
                ],
                "rows": [
                    {"row_id": "a", "labels": ["甲类", "第一"]},
                    {"row_id": "b", "labels": ["", "第二"]},
                    {"row_id": "c", "labels": ["乙类", "第三"]},
                    {"row_id": "total", "labels": ["", "合计"], "role": "total"},
                ],
            },
            {
                "table_id": "people",
                "caption": "二、名单",
                "kind": "list",
                "columns": [
                    {"column_id": "name", "label": "姓名", "value": "text"},
                    {"column_id": "day", "label": "日期", "value": "date"},
                ],
            },
        ],
        "notes": ["注：以万元计。"],
    }
)
FILLED = lay_out(
    SMALL,
    {"unit_id": "东河处", "filled_on": dt.date(2018, 12, 1)},
    {("counts", "a", "n"): 3, ("counts", "b", "money"): 1.5},
    {"people": [{"name": "张三", "day": dt.date(2018, 3, 4)}, {"name": "李四"}]},
)


def cell(layout: Layout, address: str, sheet: int = 0) -> Placed:
    return next(c for c in layout.sheets[sheet].cells if c.address == address)


@pytest.mark.parametrize(
    ("address", "value", "role", "span"),
    [
        ("A1", "附件9　版本：2018.1", "mark", (1, 6)),
        ("A2", "小表", "title", (1, 6)),
        ("A3", "填表单位（盖章）：东河处", "header_field", (1, 3)),
        ("D3", "时间：2018年12月1日", "header_field", (1, 3)),
        ("A4", "一、数目", "caption", (1, 6)),
        ("A5", "内容", "column_label", (2, 1)),
        ("C5", "件数（件）", "column_label", (2, 1)),
        ("D5", "处理", "column_label", (1, 2)),
        ("D6", "批评", "column_label", (1, 1)),
        ("E6", "处分（人）", "column_label", (1, 1)),
        ("F5", "金额（万元）", "column_label", (2, 1)),
        ("A7", "甲类", "row_label", (2, 1)),
        ("B8", "第二", "row_label", (1, 1)),
        ("A9", "乙类", "row_label", (1, 1)),
        ("A10", None, "row_label", (1, 1)),
        ("C7", 3, "value", (1, 1)),
        ("F8", 1.5, "value", (1, 1)),
        ("C8", None, "value", (1, 1)),
        ("A11", "注：以万元计。", "note", (1, 6)),
    ],
)
def test_every_part_stands_where_the_hand_puts_it(
    address: str, value: object, role: str, span: tuple[int, int]
) -> None:
    found = cell(FILLED, address)
    assert (found.value, found.role, (found.n_rows, found.n_columns)) == (value, role, span)


def test_a_list_stands_on_a_sheet_of_its_own_with_as_many_rows_as_were_given() -> None:
    assert [sheet.name for sheet in FILLED.sheets] == ["附件9", "二、名单"]
    assert [cell(FILLED, address, 1).value for address in ("A5", "A6", "A7", "B6")] == [
        "姓名", "张三", "李四", dt.date(2018, 3, 4),
    ]  # fmt: skip
    assert cell(FILLED, "A8", 1).role == "note"


def test_keys_lead_to_sheet_and_cell() -> None:
    places = {
        ("counts", "b", "money"): ("附件9", "F8"),
        ("counts", "b", ""): ("附件9", "B8"),
        ("counts", "", "grave"): ("附件9", "E6"),
        ("counts", "", "项目"): ("附件9", "B5"),
        ("header", "filled_on", ""): ("附件9", "D3"),
        ("people", "2", "name"): ("二、名单", "A7"),
    }
    assert {key: (FILLED.find(key)[0].name, FILLED.find(key)[1].address) for key in places} == places
    with pytest.raises(KeyError):
        FILLED.find(("counts", "nowhere", "n"))


def test_number_formats_follow_the_kind_of_value() -> None:
    assert cell(FILLED, "F8").number_format == "#,##0.00"
    assert cell(FILLED, "B6", 1).number_format == "yyyy-mm-dd"
    assert cell(FILLED, "C7").number_format == "General"


def test_a_narrow_table_has_its_header_in_one_cell() -> None:
    line = cell(FILLED, "A3", 1)
    assert line.value == "填表单位（盖章）：东河处　　时间：2018年12月1日"
    assert line.keys == (("header", "unit_id", ""), ("header", "filled_on", ""))


def test_widths_are_those_of_the_widest_use() -> None:
    assert FILLED.sheets[0].widths == (6, 12, 10, 10, 10, 10)
    assert FILLED.sheets[0].frozen_rows == 6


def test_change_edits_and_takes_away() -> None:
    changed = FILLED.change(lambda c: None if c.role == "note" else c)
    assert {c.role for sheet in changed.sheets for c in sheet.cells} == {
        c.role for sheet in FILLED.sheets for c in sheet.cells
    } - {"note"}
    assert cell(FILLED, "A11").role == "note"


@pytest.mark.parametrize("form_id", FORMS)
def test_no_two_cells_of_a_form_overlap(form_id: str) -> None:
    for sheet in lay_out(CONFIG.forms[form_id]).sheets:
        places = [
            (row, column)
            for c in sheet.cells
            for row in range(c.row, c.last[0] + 1)
            for column in range(c.column, c.last[1] + 1)
        ]
        assert len(places) == len(set(places)) > 0


@pytest.mark.parametrize("form_id", FORMS)
def test_every_place_of_a_matrix_has_one_cell(form_id: str) -> None:
    form, layout = CONFIG.forms[form_id], lay_out(CONFIG.forms[form_id])
    keys = [key for sheet in layout.sheets for c in sheet.cells if c.role == "value" for key in c.keys]
    wanted = {
        (table.table_id, row.row_id, column.column_id)
        for table in form.tables if table.kind == "matrix" for row in table.rows for column in table.columns
    }  # fmt: skip
    assert wanted <= set(keys)
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("form_id", FORMS)
def test_number_title_and_version_are_printed_on_every_sheet(form_id: str) -> None:
    form = CONFIG.forms[form_id]
    for sheet in lay_out(form).sheets:
        texts = [str(c.value) for c in sheet.cells if c.role in ("mark", "title")]
        assert texts[1] == form.title
        assert form.number in texts[0] and form.version in texts[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), ("无", "无"), (3, "3"), (3.5, "3.5"), (3.0, "3"), (dt.date(2018, 12, 1), "2018年12月1日")],
)
def test_values_are_said_as_people_write_them(value: object, text: str) -> None:
    assert said(value) == text  # type: ignore[arg-type]
