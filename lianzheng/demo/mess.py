"""Recoverable mess: what units do to a form that a reader must see through. None of it is a fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from lianzheng.config.forms import Form, FormRow
from lianzheng.forms import Layout, Placed, Sheet

Mess = Callable[[Layout, Form, Random], Layout]
_FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
_ZEROS = ("无", "—", "-", "一", "——", "0")
_YUAN = 10_000


def make_messy(layout: Layout, form: Form, rng: Random, n: int = 4) -> Layout:
    """The layout with a few kinds of mess, one after another."""
    for mess in sorted(rng.sample(range(len(MESSES)), n)):
        layout = MESSES[mess](layout, form, rng)
    return layout


def _rows(form: Form) -> dict[tuple[str, str], FormRow]:
    return {(table.table_id, row.row_id): row for table in form.tables for row in table.rows}


def _is_number(cell: Placed) -> bool:
    return cell.role == "value" and isinstance(cell.value, int | float) and not isinstance(cell.value, bool)


def full_width(layout: Layout, form: Form, rng: Random) -> Layout:
    """Some numbers in full-width digits."""

    def edit(cell: Placed) -> Placed:
        if not _is_number(cell) or cell.value == 0 or rng.random() > 0.4:
            return cell
        return replace(cell, value=f"{cell.value:g}".translate(_FULL_WIDTH))

    return layout.change(edit)


def words_for_zero(layout: Layout, form: Form, rng: Random) -> Layout:
    """无, a dash or 一 for most zeros of the statistics."""
    word = rng.choice(_ZEROS)

    def edit(cell: Placed) -> Placed:
        is_zero = _is_number(cell) and cell.value == 0 and form.form_id == "statistics"
        return replace(cell, value=word) if is_zero and rng.random() < 0.8 else cell

    return layout.change(edit)


def counted(layout: Layout, form: Form, rng: Random) -> Layout:
    """The unit of measure behind the number: 3次, 2.5分."""
    rows = _rows(form)

    def edit(cell: Placed) -> Placed:
        row = rows.get(cell.keys[0][:2]) if cell.keys else None
        unit = "分" if form.form_id == "standard" else row.unit_of_measure if row else ""
        if not (_is_number(cell) and cell.value and unit) or rng.random() > 0.5:
            return cell
        return replace(cell, value=f"{cell.value:g}{unit}")

    return layout.change(edit)


def in_yuan(layout: Layout, form: Form, rng: Random) -> Layout:
    """Amounts in yuan, said in the header, with thousands separators."""
    columns = {
        (t.table_id, c.column_id) for t in form.tables for c in t.columns if c.unit_of_measure == "万元"
    }

    def edit(cell: Placed) -> Placed:
        table, row, column = cell.keys[0] if cell.keys else ("", "", "")
        if (table, column) not in columns:
            return cell
        if not row:
            return replace(cell, value=str(cell.value).replace("万元", "元"))
        value = (
            f"{round(cell.value * _YUAN):,}" if isinstance(cell.value, float) and cell.value else cell.value
        )
        return replace(cell, value=value)

    return layout.change(edit)


def indented(layout: Layout, form: Form, rng: Random) -> Layout:
    """Labels indented with full-width spaces."""
    return layout.change(
        lambda c: replace(c, value=f"　　{c.value}") if c.role == "row_label" and c.keys else c
    )


def other_labels(layout: Layout, form: Form, rng: Random) -> Layout:
    """Rows under one of their other names, or with 其中："""
    rows = _rows(form)

    def edit(cell: Placed) -> Placed:
        row = rows.get(cell.keys[0][:2]) if cell.keys and cell.role == "row_label" else None
        if row is None or row.role == "total":
            return cell
        return replace(
            cell,
            value=rng.choice([*row.aliases, f"其中：{cell.value}"]) if rng.random() < 0.4 else cell.value,
        )

    return layout.change(edit)


def counting_row(layout: Layout, form: Form, rng: Random) -> Layout:
    """A row 甲|乙|1|2… below each header."""
    sheets = []
    for sheet in layout.sheets:
        for label in sorted(
            (c for c in sheet.cells if c.role == "column_label" and c.column == 1), key=lambda c: -c.row
        ):
            sheet = _with_counting_row(sheet, label.last[0], len(form.table(label.keys[0][0]).label_columns))
        sheets.append(sheet)
    return replace(layout, sheets=tuple(sheets))


def _with_counting_row(sheet: Sheet, header_end: int, n_labels: int) -> Sheet:
    width = max(c.last[1] for c in sheet.cells if c.role == "column_label" and c.last[0] == header_end)
    marks = ["甲乙丙丁戊己"[i] if i < n_labels else str(i - n_labels + 1) for i in range(width)]
    row = [Placed(header_end + 1, i, mark, "column_label") for i, mark in enumerate(marks, start=1)]
    below = [replace(c, row=c.row + (c.row > header_end)) for c in sheet.cells]
    return replace(sheet, cells=(*below, *row))


def one_line_header(layout: Layout, form: Form, rng: Random) -> Layout:
    """The whole header line as one string padded with spaces."""
    sheets = []
    for sheet in layout.sheets:
        fields = [c for c in sheet.cells if c.role == "header_field"]
        text = (" " * rng.randint(6, 14)).join(str(c.value) for c in fields)
        keys = tuple(key for c in fields for key in c.keys)
        line = [replace(fields[0], value=text, n_columns=sheet.n_columns, keys=keys)] if fields else []
        sheets.append(replace(sheet, cells=(*(c for c in sheet.cells if c.role != "header_field"), *line)))
    return replace(layout, sheets=tuple(sheets))


def header_below(layout: Layout, form: Form, rng: Random) -> Layout:
    """The header line under the table, where some units sign."""
    last = {id(c): sheet.n_rows for sheet in layout.sheets for c in sheet.cells}
    return layout.change(lambda c: replace(c, row=last[id(c)] + 1) if c.role == "header_field" else c)


def signatures(layout: Layout, form: Form, rng: Random) -> Layout:
    """A note and a line for signatures below everything."""
    lines = ("注：本表数据由各科室提供，办公室汇总。", "单位负责人（签字）：" + " " * 12 + "联系电话：")
    first, *others = layout.sheets
    below = [
        Placed(first.n_rows + i, 1, line, "note", n_columns=first.n_columns)
        for i, line in enumerate(lines, start=2)
    ]
    return replace(layout, sheets=(replace(first, cells=(*first.cells, *below)), *others))


def helper_sheet(layout: Layout, form: Form, rng: Random) -> Layout:
    """A hidden sheet with nothing in it."""
    return replace(layout, sheets=(*layout.sheets, Sheet("Sheet2", (), is_hidden=True)))


def other_title(layout: Layout, form: Form, rng: Random) -> Layout:
    """The title with 年度, or spaced out."""
    ending = rng.choice(["　", "（电子版）", "  "])
    return layout.change(
        lambda c: (
            replace(c, value=str(c.value).replace("年落实", "年度落实") + ending) if c.role == "title" else c
        )
    )


def other_formats(layout: Layout, form: Form, rng: Random) -> Layout:
    """Numbers shown with another number format."""
    shown = rng.choice(["0.00", "#,##0", "0_ ", "@"])
    return layout.change(lambda c: replace(c, number_format=shown) if _is_number(c) else c)


MESSES: tuple[Mess, ...] = (
    in_yuan, other_formats, words_for_zero, counted, full_width, indented, other_labels, counting_row, one_line_header,
    header_below, signatures, helper_sheet, other_title,
)  # fmt: skip
