"""A small form, grids written as rows of Python values, and a book of them: what the reading tests share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from lianzheng.config.forms import Form, FormColumn, FormRow, FormTable, HeaderField, LabelColumn
from lianzheng.forms.addresses import sheet_address
from lianzheng.intake.cells import Book, Cell, Grid
from lianzheng.intake.entries import read_form
from lianzheng.intake.form_maps import KnownForms
from lianzheng.intake.reading import Lookups, Reading
from lianzheng.intake.recognise import recognise
from lianzheng.names import NameIndex

TITLE = "示例局2018年自查统计表"
UNITS = NameIndex({"U001": ("东河管理处", "东河处", "东河管理处党委"), "U002": ("西岭管理处", "西岭处")})
LOOKUPS = Lookups(
    {"kinds": {"大": "big", "big": "big", "小": "small", "small": "small"}, "members": {"甲": "M1", "乙": "M2"},
     "teams": {"第一检查组": "T1"}},
    {"kinds": "大、小", "members": "甲、乙", "teams": "第一检查组"}, UNITS, 2018,
    members_of=lambda unit_id: {"M1": ("甲", ())} if unit_id == "U001" else {},
)  # fmt: skip


def statistics_form() -> Form:
    """Two matrices: three rows and a total by count, amount and a share; then one column of numbers."""
    rows = ("吃喝", "礼品礼金", "其他")
    return Form(
        form_id="statistics", number="附件2", title=TITLE, version="2018.1", sender="unit", scope="unit",
        header=(HeaderField(field_id="unit_id", label="填表单位（盖章）", value="unit", aliases=("填表单位",), is_required=True),
                HeaderField(field_id="filled_by", label="填表人"),
                HeaderField(field_id="filled_on", label="时间", value="date")),
        tables=(
            FormTable(
                table_id="problems", caption="一、发现问题", kind="matrix", into="statistics_by_unit_category_measure",
                label_columns=(LabelColumn(label="序号"), LabelColumn(label="类别")), key_label=1, keys={"period": "this"},
                columns=(
                    FormColumn(column_id="n_problems", label="问题数", value="count", unit_of_measure="起", target="value",
                               keys={"measure_id": "n_problems"}, is_required=True),
                    FormColumn(column_id="amount", label="金额/涉及金额", value="amount", unit_of_measure="万元", target="value",
                               keys={"measure_id": "amount"}, is_required=True, aliases=("涉案金额",)),
                ),
                rows=(*(FormRow(row_id=f"r{i}", labels=(str(i), label), keys={"category_id": f"r{i}"}, aliases=("其它",) * (i == 3))
                        for i, label in enumerate(rows, start=1)),
                      FormRow(row_id="total", labels=("", "合计"), role="total", keys={"category_id": "total"})),
            ),
            FormTable(
                table_id="work", caption="二、工作量", kind="matrix", into="statistics_by_unit_category_measure",
                label_columns=(LabelColumn(label="项目"), LabelColumn(label="指标"), LabelColumn(label="计量单位")), key_label=1,
                keys={"period": "this"},
                columns=(FormColumn(column_id="this", label="本年", value="number", target="value", is_required=True),),
                rows=(FormRow(row_id="meetings", labels=("会议", "次数", "次"), value="count", unit_of_measure="次",
                              keys={"category_id": "meetings", "measure_id": "n"}),
                      FormRow(row_id="documents", labels=("文件", "次数", "次"), value="count", unit_of_measure="次",
                              keys={"category_id": "documents", "measure_id": "n"}),
                      FormRow(row_id="cars", labels=("", "费用", "万元"), value="amount", unit_of_measure="万元",
                              keys={"category_id": "documents", "measure_id": "cost"})),
            ),
        ),
        notes=("注：不含转办件。",),
        remarks=("注：本表数据由各科室提供。", "单位负责人（签字）：", "联系电话："),
    )  # fmt: skip


def findings_form() -> Form:
    """Two lists, the second optional, about several units."""
    unit = FormColumn(column_id="unit_id", label="受检单位", value="unit", is_required=True)
    return Form(
        form_id="findings", title="示例局检查发现问题清单", version="2018.1", sender="team", scope="team",
        header=(HeaderField(field_id="team_id", label="检查组", value="choice", choices="teams", is_required=True),),
        tables=(
            FormTable(table_id="findings", caption="一、发现问题", kind="list", into="findings", columns=(
                unit, FormColumn(column_id="kind", label="类型", value="choice", choices="kinds", is_required=True),
                FormColumn(column_id="is_confirmed", label="是否确认", value="boolean"),
                FormColumn(column_id="text", label="问题描述", value="text", is_required=True))),
            FormTable(table_id="highlights", caption="二、亮点", kind="list", into="highlights", is_optional=True, columns=(
                unit, FormColumn(column_id="text", label="主要做法", value="text", is_required=True))),
        ),
    )  # fmt: skip


FORMS = (statistics_form(), findings_form())


def cell_of(
    row: int, column: int, value: Any, number_format: str = "General", is_hidden: bool = False
) -> Cell:
    """A cell as the byte readers make it."""
    place = (row, column, sheet_address(row, column))
    shown = {"number_format": number_format, "is_hidden": is_hidden}
    if isinstance(value, bool):
        return Cell(*place, str(value).upper(), "boolean", float(value), **shown)
    if isinstance(value, int | float):
        return Cell(*place, repr(value).removesuffix(".0"), "number", float(value), **shown)
    if isinstance(value, dt.datetime):
        return Cell(*place, value.isoformat(), "datetime", None, value, **shown)
    if isinstance(value, dt.date):
        moment = dt.datetime.combine(value, dt.time())
        return Cell(*place, value.isoformat(), "date", None, moment, **shown)
    return Cell(*place, value, **shown)


def grid_of(
    rows: Sequence[Sequence[Any]], name: str = "Sheet1", merges: Iterable[tuple[int, int, int, int]] = (), hidden: Iterable[int] = ()
) -> Grid:  # fmt: skip
    """A sheet; None and "" are empty places, merges are (first row, first column, last row, last column)."""
    cells = {
        (r, c): cell_of(r, c, value, is_hidden=r in set(hidden))
        for r, row in enumerate(rows, start=1)
        for c, value in enumerate(row, start=1)
        if value not in (None, "")
    }
    anchors = {
        (r, c): (top, left)
        for top, left, bottom, right in merges
        for r in range(top, bottom + 1)
        for c in range(left, right + 1)
        if (r, c) != (top, left)
    }
    return Grid(name, cells, [], False, len(rows), max((c for _, c in cells), default=0), anchors)


def book_of(*grids: Grid) -> Book:
    """A readable book."""
    return Book("x.xlsx", "0" * 64, 1, "xlsx", list(grids))


def statistics_rows() -> list[list[Any]]:
    """The small form as sent out and filled in without a fault."""
    return [
        ["附件2　版本：2018.1"],
        [TITLE],
        ["填表单位（盖章）：东河管理处    填表人：张三    时间：2018年11月20日"],
        ["一、发现问题"],
        ["序号", "类别", "问题数（起）", "金额"],
        ["", "", "", "涉及金额（万元）"],
        [1, "吃喝", 1, 0.5],
        [2, "礼品礼金", 0, 0],
        [3, "其他", 2, 1.25],
        ["", "合计", 3, 1.75],
        ["二、工作量"],
        ["项目", "指标", "计量单位", "本年"],
        ["会议", "次数", "次", 12],
        ["文件", "次数", "次", 30],
        ["", "费用", "万元", 2.5],
        ["注：不含转办件。"],
    ]


STATISTICS_MERGES = ((5, 1, 6, 1), (5, 2, 6, 2), (5, 3, 6, 3))


def findings_rows() -> list[list[Any]]:
    """Two findings and one highlight."""
    return [
        ["示例局检查发现问题清单"],
        ["检查组：第一检查组"],
        ["一、发现问题"],
        ["受检单位", "类型", "是否确认", "问题描述"],
        ["东河管理处", "大", "是", "没有记录"],
        ["西岭处", "小", "×", "记录不全"],
        ["二、亮点"],
        ["受检单位", "主要做法"],
        ["东河处", "逐人约谈"],
    ]


def changed(rows: list[list[Any]], changes: dict[str, Any]) -> list[list[Any]]:
    """The rows with other values at some addresses (A1 … Z99)."""
    rows = [list(row) for row in rows]
    for address, value in changes.items():
        row, column = int(address[1:]) - 1, ord(address[0]) - ord("A")
        rows += [[] for _ in range(row + 1 - len(rows))]
        rows[row] += [None] * (column + 1 - len(rows[row]))
        rows[row][column] = value
    return rows


def read(*grids: Grid, forms: Iterable[Form] = FORMS, unit_id: str = "") -> Reading:
    """Recognise and read a book."""
    book, known = book_of(*grids), KnownForms(forms)
    recognition = recognise(book, known)
    assert recognition is not None
    return read_form(recognition, book, "F1", LOOKUPS, unit_id)


def read_statistics(changes: dict[str, Any] | None = None, **options: Any) -> Reading:
    """Read the small statistics form with some cells changed."""
    return read(grid_of(changed(statistics_rows(), changes or {}), merges=STATISTICS_MERGES, **options))


def read_findings(changes: dict[str, Any] | None = None) -> Reading:
    """Read the small findings form with some cells changed."""
    return read(grid_of(changed(findings_rows(), changes or {})))


def codes(reading: Reading) -> list[tuple[str, str]]:
    """Issue codes with their cells, sorted."""
    return sorted((issue.code, issue.source.cell) for issue in reading.issues)


def values(reading: Reading) -> dict[str, Any]:
    """What was read, by cell address."""
    return {entry.cell: entry.value.value for entry in reading.entries}
