"""Blank forms as they go out: the form's layout with its code, room to write, rules, locked labels, sums, signatures."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from lianzheng.config import CycleConfig
from lianzheng.config.forms import Form, FormTable, HeaderField
from lianzheng.forms.addresses import column_letters
from lianzheng.forms.code import LABEL, FormCode
from lianzheng.forms.layout import TABLE_ROLES, Formula, Key, Layout, Placed, Role, Scalar, Sheet, lay_out
from lianzheng.forms.rules import Words, rules_of
from lianzheng.forms.shown import LINE_HEIGHT, column_widths, row_heights, spans_pages

PAGE_WIDTHS = {"landscape": 120.0, "portrait": 81.0}
"""Digits of the workbook's font beside each other between the margins of A4: so wide a sheet prints at its full size."""
_PAGE_HEIGHTS = {"landscape": 500.0, "portrait": 745.0}  # points between the margins
Records = Mapping[str, Sequence[Mapping[str, Scalar]]]
_ROOM = {"unit": 28, "date": 12, "datetime": 16, "count": 6, "number": 6}  # to write a header field's value
_WRITING_HEIGHT, _SIGNATURE_HEIGHT = 22.0, 36.0
_HEIGHTS: dict[Role, float] = {"header_label": 22.0, "header_value": 22.0, "caption": 24.0}
_WIDEST_NUMBERING, _GROWTH = 12.0, 3.0  # the first column may grow to this width, or by so much, for a label
_GAP = 6.0
_SUMMED = ("count", "amount", "number", "points")
_SHARES = ("ratio_threshold", "proportional")


def blank_form(
    config: CycleConfig, form: Form, owner: str = "", header: Mapping[str, Scalar] | None = None,
    records: Records | None = None, sheet_name: str = "", offered: Mapping[str, Words] | None = None,
) -> Layout:  # fmt: skip
    """A form to be filled in by ``owner`` (a unit's or a team's id): prefilled header fields and rows, the rest open.

    Lists get the form's empty rows below ``records``; ``offered`` narrows closed lists (see ``rules_of``).
    """
    code = FormCode(config.cycle.cycle, form.form_id, owner)
    lines: Records = {
        table.table_id: [*(records or {}).get(table.table_id, ()), *({} for _ in range(table.blank_rows))]
        for table in form.tables if table.kind == "list"
    }  # fmt: skip
    laid = [
        (part, sheet)
        for part in _parts(form)
        for sheet in lay_out(part, header, None, lines, _name(form, part, sheet_name), _top(code)).sheets
    ]
    later = [(part, _without_blank_fields(sheet)) for part, sheet in laid[1:]]
    sheets = [_finished(config, part, sheet, offered or {}) for part, sheet in (laid[0], *later)]
    return Layout(form.form_id, tuple(sheets), code.properties(form.version))


def _parts(form: Form) -> Iterator[Form]:
    """Narrow tables behind a wide one stand on upright pages of their own, which they fill.

    The notes are below the first of them, the signatures below the last.
    """

    def is_narrow(table: FormTable) -> bool:
        return table.kind == "matrix" and 2 * _n_columns(table) <= _n_columns(form.tables[0])

    groups = [(narrow, tuple(tables)) for narrow, tables in groupby(form.tables, key=is_narrow)]
    for i, (narrow, tables) in enumerate(groups):
        changes: dict[str, object] = {"orientation": "portrait"} if narrow else {}
        ends = {"notes": form.notes * (i == 0), "signatures": form.signatures * (i == len(groups) - 1)}
        yield form.model_copy(update={"tables": tables, **ends, **changes})


def _n_columns(table: FormTable) -> int:
    return len(table.label_columns) + len(table.columns)


def _name(form: Form, part: Form, sheet_name: str) -> str:
    """The name of a part's first sheet: the wanted one for the form's first."""
    return sheet_name if part.tables[0] is form.tables[0] else part.tables[0].caption


def _values(sheet: Sheet) -> list[Scalar | Formula]:
    return [cell.value for cell in sheet.cells if cell.role == "header_value" and cell.value is not None]


def _without_blank_fields(sheet: Sheet) -> Sheet:
    """A further sheet repeats what is prefilled of the header; the rest is asked for once."""
    if not any(_values(sheet)):
        return sheet
    empty = {cell.keys[0] for cell in sheet.cells if cell.role == "header_value" and cell.value is None}
    return replace(sheet, cells=tuple(cell for cell in sheet.cells if not (set(cell.keys) & empty)))


def _top(code: FormCode) -> Callable[[Form, Mapping[str, Scalar], Sequence[float]], Iterator[Placed]]:
    """附件N on the left, version and code on the right, the title, the header fields with room to write."""

    def place(form: Form, header: Mapping[str, Scalar], widths: Sequence[float]) -> Iterator[Placed]:
        wide, told = len(widths), f"版本：{form.version}　{LABEL}：{code}"
        left = max(wide // 3, 1) if form.number else 0
        if form.number:
            yield Placed(1, 1, form.number, "mark", 1, left)
        yield Placed(1, left + 1, told, "code", 1, wide - left)
        yield Placed(2, 1, form.title, "title", 1, wide, keys=(("title", "", ""),))
        fields = list(_header_fields(form, header, page_widths(form, widths)))
        yield from fields
        if fields and not form.tables[0].caption:  # a gap between the lines to write on and the table
            yield Placed(fields[-1].row + 1, 1, None, "caption", 1, wide)

    return place


def page_widths(form: Form, widths: Sequence[float]) -> list[float]:
    """The columns' widths (in digits) that fill the page; a narrow first column holds the first field's label."""
    wanted = column_widths(Sheet("", (), tuple(widths)))
    factor = PAGE_WIDTHS[form.orientation] / sum(wanted)
    fitted = [width * factor for width in wanted]
    most = max(_WIDEST_NUMBERING, fitted[0] + _GROWTH)
    needs = [_label_width(field.label) for field in form.header]
    first = max((need for need in needs if need <= most), default=0.0)
    if fitted[0] < first and len(fitted) > 1 and needs[0] <= most:
        widest = fitted.index(max(fitted))
        fitted[widest] -= first - fitted[0]
        fitted[0] = first
    return fitted


def _label_width(label: str) -> float:
    return 1.7 * (len(label) + 1) + 0.8


def _header_fields(form: Form, header: Mapping[str, Scalar], widths: Sequence[float]) -> Iterator[Placed]:
    """Label and value of each field in cells of their own, about as many in every line as in the others."""
    waiting, most, row = list(form.header), len(form.header), 3
    most = math.ceil(most / max(len(list(_lines(waiting, most, widths))), 1))
    for line in _lines(waiting, most, widths):
        column = 1
        for i, (field, label, value) in enumerate(line):
            key: Key = ("header", field.field_id, "")
            shown = 'yyyy"年"m"月"d"日"' if field.value == "date" else "General"
            span = len(widths) - column - label + 1 if i == len(line) - 1 else value
            yield Placed(row, column, f"{field.label}：", "header_label", 1, label, keys=(key,))
            column += label
            told = header.get(field.field_id)
            yield Placed(row, column, told, "header_value", 1, span, shown, (key,), is_open=True)
            column += value
        row += 1


def _lines(
    fields: Sequence[HeaderField], most: int, widths: Sequence[float]
) -> Iterator[list[tuple[HeaderField, int, int]]]:
    """Fields line by line, at most so many in one, each with the columns that its label and its value take."""
    line: list[tuple[HeaderField, int, int]] = []
    for field in fields:
        needs = (_label_width(field.label), float(_ROOM.get(field.value, 8)))
        column = sum(label + value for _, label, value in line)
        taken = _columns_for(widths, column, needs) if len(line) < most else None
        if taken is None and line:
            yield line
            line = []
            taken = _columns_for(widths, 0, needs)
        line.append((field, *(taken or (1, len(widths) - 1))))
    if line:
        yield line


def _columns_for(widths: Sequence[float], start: int, needs: Iterable[float]) -> tuple[int, int] | None:
    """How many columns label and value take from ``start`` on; None where too few are left."""
    taken, column = [], start
    for need in needs:
        begin = column
        while sum(widths[begin:column]) < need:
            if column == len(widths):
                return None
            column += 1
        taken.append(column - begin)
    return taken[0], taken[1]


def _finished(config: CycleConfig, form: Form, sheet: Sheet, offered: Mapping[str, Words]) -> Sheet:
    """The sheet with open cells, sums, signatures, rules and sizes."""
    shares = {item.item_id for item in config.standard.items if item.rule.rule_type in _SHARES}
    sums = _sums(form, sheet)
    widths = page_widths(form, sheet.widths)
    cells = [_opened(_broken(cell, widths), sums, shares) for cell in _widened(sheet.cells, len(widths))]
    heights = {cell.row: _HEIGHTS[cell.role] for cell in cells if cell.role in _HEIGHTS}
    heights |= {cell.row: _GAP for cell in cells if cell.role == "caption" and cell.value is None}
    if form.signatures:
        text = "　　　　　　　　　　　　".join(f"{words}：" for words in form.signatures)
        cells.append(Placed(sheet.n_rows + 1, 1, text, "note", 1, len(widths)))
        heights[sheet.n_rows + 1] = _SIGNATURE_HEIGHT
    captions = [cell.row for cell in cells if cell.role == "caption" and cell.value is not None]
    above = min([cell.row for cell in cells if cell.role == "column_label"][:1] + captions) - 1
    finished = replace(
        sheet,
        cells=tuple(cells),
        widths=tuple((width - 2) / 1.2 for width in widths),
        frozen_rows=sheet.frozen_rows or above,
        rules=tuple(rules_of(config, form, cells, offered)),
        least_height=_WRITING_HEIGHT,
        heights=tuple(heights.items()),
        is_protected=True,
    )
    return replace(finished, breaks=tuple(_breaks(finished)))


def _widened(cells: Sequence[Placed], wide: int) -> Iterator[Placed]:
    """The cells, with the last of each table's rows reaching to the sheet's edge."""
    ends: dict[int, int] = {}
    for cell in (cell for cell in cells if cell.role in TABLE_ROLES):
        for row in range(cell.row, cell.last[0] + 1):
            ends[row] = max(ends.get(row, 0), cell.last[1])
    for cell in cells:
        is_last = cell.role in TABLE_ROLES and cell.last[1] == ends[cell.row]
        yield replace(cell, n_columns=wide - cell.column + 1) if is_last else cell


def _broken(cell: Placed, widths: Sequence[float]) -> Placed:
    """The label of a narrow column with its unit of measure on a line of its own."""
    text, wide = cell.value, sum(widths[cell.column - 1 : cell.last[1]])
    if cell.role == "column_label" and isinstance(text, str) and _label_width(text) > wide:
        return replace(cell, value=re.sub("（([^（）]+)）$", r"\n（\1）", text))
    return cell


def _breaks(sheet: Sheet) -> Iterator[int]:
    """Rows after which a new page begins, so that nothing is torn apart that belongs together."""
    heights = row_heights(sheet)

    def height_of(rows: Iterable[int]) -> float:
        return sum(heights.get(row, LINE_HEIGHT) for row in rows)

    room = _PAGE_HEIGHTS[sheet.orientation] - height_of(range(1, sheet.frozen_rows + 1))
    starts, used = _starts(sheet), 0.0
    for start, end in pairwise([*starts, sheet.n_rows + 1]):
        height = height_of(range(start, end))
        if used and used + height > room:
            yield start - 1
            used = 0.0
        used += height


def _starts(sheet: Sheet) -> list[int]:
    """Rows before which a page may begin: a table of several, else any row but the second of a block.

    The last row stays with the notes and signatures below it.
    """
    rows_by_role: dict[Role, list[int]] = {}
    for cell in sheet.cells:
        if cell.row > sheet.frozen_rows:
            rows_by_role.setdefault(cell.role, []).append(cell.row)
    captions = rows_by_role.get("caption", [])
    if len(captions) > 1:
        return captions
    seconds = {cell.row + 1 for cell in sheet.cells if spans_pages(cell)}
    return sorted({sheet.frozen_rows + 1, *rows_by_role.get("value", [])} - seconds)


def _opened(cell: Placed, sums: Mapping[Key, Formula], shares: set[str]) -> Placed:
    """A value's cell is open, or a sum; shares are shown in percent, so that 87 is taken for 87 %."""
    if cell.role != "value":
        return cell
    _, row_id, column_id = cell.keys[0]
    formula = sums.get(cell.keys[0])
    is_share = column_id == "observed_value" and row_id in shares
    shown = "0.00%" if is_share else cell.number_format
    if formula is not None:
        return replace(cell, value=formula, number_format=shown)
    return replace(cell, is_open=True, number_format=shown)


def _sums(form: Form, sheet: Sheet) -> dict[Key, Formula]:
    """A formula for each total of numbers: blank while nothing is filled in, so that a printed form stays blank."""
    at = {cell.keys[0]: cell for cell in sheet.cells if cell.role == "value"}
    found: dict[Key, Formula] = {}
    for table in form.tables:
        totals = [row.row_id for row in table.rows if row.role == "total"]
        for column_id in (column.column_id for column in table.columns if column.value in _SUMMED):
            parts = [(table.table_id, row.row_id, column_id) for row in table.rows if row.role == "data"]
            span = _span([at[part] for part in parts if part in at])
            keys = [(table.table_id, total, column_id) for total in totals]
            found |= {key: Formula(f'=IF(COUNT({span})=0,"",SUM({span}))', "") for key in keys if span}
    return found


def _span(parts: Sequence[Placed]) -> str:
    """The range of cells below each other; empty where there are none, or others between them."""
    if not parts or any(below.row != above.row + 1 for above, below in pairwise(parts)):
        return ""
    letter = column_letters(parts[0].column)
    return f"{letter}{parts[0].row}:{letter}{parts[-1].row}"
