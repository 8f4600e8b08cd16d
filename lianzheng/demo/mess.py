"""Recoverable mess: what units do to a form that a reader must see through. None of it is a fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from lianzheng.config.forms import Form, FormRow
from lianzheng.forms import Layout, Placed, Sheet
from lianzheng.forms.layout import Scalar

Mess = Callable[[Layout, Form, Random], Layout]
N_KINDS = 4  # of mess in one file
_FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
_NUMERALS: dict[object, str] = dict(enumerate("零一二三四五六七八九"))
_ZEROS = ("无", "—", "-", "一", "——", "0")
_YUAN = 10_000
_LINES = ("注：本表数据由各科室提供，办公室汇总。", f"单位负责人（签字）：{' ' * 12}联系电话：")


def make_messy(layout: Layout, form: Form, rng: Random) -> Layout:
    """The layout with a few kinds of mess, one after another."""
    for mess in sorted(rng.sample(range(len(MESSES)), N_KINDS)):
        layout = MESSES[mess](layout, form, rng)
    return layout


def _is_number(cell: Placed) -> bool:
    return cell.role == "value" and isinstance(cell.value, int | float)


def _numbers(
    layout: Layout, rng: Random, share: float, is_meant: Callable[[Placed], object], new: Callable[[Placed], Scalar]
) -> Layout:  # fmt: skip
    """Some of the numbers that are meant, written anew."""

    def edit(cell: Placed) -> Placed:
        is_changed = _is_number(cell) and is_meant(cell) and rng.random() < share
        return replace(cell, value=new(cell)) if is_changed else cell

    return layout.change(edit)


def _rows(form: Form) -> dict[tuple[str, str], FormRow]:
    return {(table.table_id, row.row_id): row for table in form.tables for row in table.rows}


def full_width(layout: Layout, form: Form, rng: Random) -> Layout:
    """Some numbers in full-width digits."""
    return _numbers(layout, rng, 0.4, lambda c: c.value, lambda c: f"{c.value:.10g}".translate(_FULL_WIDTH))


def in_words(layout: Layout, form: Form, rng: Random) -> Layout:
    """Some small numbers as Chinese numerals."""
    return _numbers(layout, rng, 0.3, lambda c: c.value in range(2, 10), lambda c: _NUMERALS[c.value])


def words_for_zero(layout: Layout, form: Form, rng: Random) -> Layout:
    """无, a dash or 一 for most zeros of the statistics."""
    word = rng.choice(_ZEROS)
    return _numbers(layout, rng, 0.8, lambda c: c.value == 0 and form.form_id == "statistics", lambda c: word)


def counted(layout: Layout, form: Form, rng: Random) -> Layout:
    """The unit of measure behind the number: 3次, 2.5分."""
    units = {key: row.unit_of_measure for key, row in _rows(form).items()}
    units |= dict.fromkeys(units, "分") if form.form_id == "standard" else {}

    def unit_of(cell: Placed) -> str:
        return units.get(cell.keys[0][:2], "") if cell.value and cell.keys else ""

    return _numbers(layout, rng, 0.5, unit_of, lambda c: f"{c.value:.10g}{unit_of(c)}")


def in_yuan(layout: Layout, form: Form, rng: Random) -> Layout:
    """Amounts in yuan, said in the header, with thousands separators."""
    every = ((table.table_id, column) for table in form.tables for column in table.columns)
    columns = {(table_id, c.column_id) for table_id, c in every if c.unit_of_measure == "万元"}

    def edit(cell: Placed) -> Placed:
        table, _, column = cell.keys[0] if cell.keys else ("", "", "")
        if (table, column) not in columns or not cell.value:
            return cell
        amount = round(cell.value * _YUAN) if isinstance(cell.value, float) else 0
        return replace(cell, value=f"{amount:,}" if amount else str(cell.value).replace("万元", "元"))

    return layout.change(edit)


def indented(layout: Layout, form: Form, rng: Random) -> Layout:
    """Labels indented with full-width spaces."""

    def edit(cell: Placed) -> Placed:
        is_label = cell.role == "row_label" and cell.keys
        return replace(cell, value=f"　　{cell.value}") if is_label else cell

    return layout.change(edit)


def other_labels(layout: Layout, form: Form, rng: Random) -> Layout:
    """Some rows under one of their other names, or with 其中："""
    rows = _rows(form)

    def edit(cell: Placed) -> Placed:
        row = rows.get(cell.keys[0][:2]) if cell.keys and cell.role == "row_label" else None
        if row is None or row.role == "total" or rng.random() > 0.4:
            return cell
        return replace(cell, value=rng.choice([*row.aliases, f"其中：{cell.value}"]))

    return layout.change(edit)


def counting_row(layout: Layout, form: Form, rng: Random) -> Layout:
    """A row 甲|乙|1|2… below each header."""
    sheets = []
    for sheet in layout.sheets:
        firsts = [c for c in sheet.cells if c.role == "column_label" and c.column == 1]
        for label in sorted(firsts, key=lambda c: -c.row):
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
    fields = [cell for cell in layout.sheets[0].cells if cell.role == "header_field"]
    text = (" " * rng.randint(6, 14)).join(str(cell.value) for cell in fields)
    keys = tuple(key for cell in fields for key in cell.keys)
    line = replace(fields[0], value=text, n_columns=layout.sheets[0].n_columns, keys=keys)
    return layout.change(lambda c: line if c is fields[0] else None if c.role == "header_field" else c)


def header_below(layout: Layout, form: Form, rng: Random) -> Layout:
    """The header line under the table, where some units sign."""
    below = layout.sheets[0].n_rows + 1
    return layout.change(lambda c: replace(c, row=below) if c.role == "header_field" else c)


def signatures(layout: Layout, form: Form, rng: Random) -> Layout:
    """A note and a line for signatures below everything."""
    first, *others = layout.sheets
    lines, wide = enumerate(_LINES, start=first.n_rows + 2), first.n_columns
    below = [Placed(row, 1, line, "note", 1, wide) for row, line in lines]
    return replace(layout, sheets=(replace(first, cells=(*first.cells, *below)), *others))


def helper_sheet(layout: Layout, form: Form, rng: Random) -> Layout:
    """A hidden sheet with nothing in it."""
    return replace(layout, sheets=(*layout.sheets, Sheet("Sheet2", (), is_hidden=True)))


def other_title(layout: Layout, form: Form, rng: Random) -> Layout:
    """The title with 年度 and something behind it."""
    ending = rng.choice(["　", "（电子版）", "  "])

    def edit(cell: Placed) -> Placed:
        told = str(cell.value).replace("年落实", "年度落实") + ending
        return replace(cell, value=told) if cell.role == "title" else cell

    return layout.change(edit)


def other_formats(layout: Layout, form: Form, rng: Random) -> Layout:
    """Numbers shown with another number format."""
    shown = rng.choice(["0.00", "#,##0", "0_ ", "@"])
    return layout.change(lambda c: replace(c, number_format=shown) if _is_number(c) else c)


MESSES: tuple[Mess, ...] = (
    in_yuan, other_formats, words_for_zero, counted, in_words, full_width, indented, other_labels, counting_row, one_line_header,
    header_below, signatures, helper_sheet, other_title,
)  # fmt: skip
