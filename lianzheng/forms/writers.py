"""Layouts as files: .xlsx, .docx and .csv, byte for byte the same for the same layout."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, cast
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from lianzheng.forms.layout import TABLE_ROLES, Formula, Layout, Placed, Role, Sheet
from lianzheng.zips import normalise_package

MOMENT = dt.datetime(
    2018, 1, 1, tzinfo=dt.UTC
)  # what dates a file inside, so that equal layouts give equal bytes
_SONG = "宋体"
_FORMULA = re.compile(rb'(<c r="([A-Z]+\d+)"[^>]*?)(><f>[^<]*</f>)(?:<v\s*/>|<v></v>)')
_FONTS: dict[Role, Font] = {
    "title": Font("黑体", 16),
    "caption": Font("黑体", 11),
    "column_label": Font("黑体", 10),
}
_TEXT = Font(_SONG, 10)
_LINE_HEIGHT, _TITLE_HEIGHT = 15, 28  # points
_ALIGNED = {
    (is_centred, wraps): Alignment("center" if is_centred else "left", "center", wrap_text=wraps)
    for is_centred in (False, True) for wraps in (False, True)
}  # fmt: skip
_LINE = Border(*(Side(style="thin") for _ in range(4)))


def as_xlsx(layout: Layout, moment: dt.datetime = MOMENT) -> bytes:
    """A workbook on A4, a page wide, with borders, merged cells and a header that stays when scrolling."""
    book = Workbook()
    book.remove(cast(Worksheet, book.active))
    for sheet in layout.sheets:
        _fill(book.create_sheet(sheet.name), sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    results = {
        f"xl/worksheets/sheet{i}.xml": {
            c.address: c.value.value for c in sheet.cells if isinstance(c.value, Formula)
        }
        for i, sheet in enumerate(layout.sheets, start=1)
    }
    return normalise_package(
        buffer.getvalue(), moment, lambda name, part: _with_results(part, results.get(name, {}))
    )


def _with_results(part: bytes, results: Mapping[str, float | str]) -> bytes:
    """A sheet's XML with what its formulas come to, which openpyxl leaves empty and previewers need."""

    def write(found: re.Match[bytes]) -> bytes:
        value = results[found[2].decode()]
        kind, told = (b' t="str"', escape(value)) if isinstance(value, str) else (b"", repr(value))
        return found[1] + kind + found[3] + b"<v>" + told.encode() + b"</v>"

    return _FORMULA.sub(write, part) if results else part


def _fill(page: Worksheet, sheet: Sheet) -> None:
    for cell in sheet.cells:
        _place(page, cell)
    widths = [width * 1.2 + 2 for width in sheet.widths]
    for i, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(i)].width = width
    for cell in sheet.cells:
        if cell.role == "title":
            page.row_dimensions[cell.row].height = _TITLE_HEIGHT
        if cell.role in TABLE_ROLES and cell.n_rows == 1 and widths:
            wide = sum(widths[cell.column - 1 : cell.last[1]]) or min(widths)
            text = cell.value if isinstance(cell.value, str) else ""  # numbers never wrap
            n_lines = math.ceil(_columns_of(text) / wide)
            row = page.row_dimensions[cell.row]
            row.height = max(row.height or 0, _LINE_HEIGHT * max(n_lines, 1))
    page.sheet_state = "hidden" if sheet.is_hidden else "visible"
    page.page_setup.paperSize, page.page_setup.orientation = page.PAPERSIZE_A4, sheet.orientation
    page.page_setup.fitToHeight = 0
    page.page_setup.fitToWidth, page.sheet_properties.pageSetUpPr.fitToPage = (
        1 + bool(sheet.frozen_columns),
        True,
    )
    if sheet.cells:
        page.print_area = f"A1:{get_column_letter(sheet.n_columns)}{sheet.n_rows}"
    _guide(page, sheet)
    if sheet.frozen_rows:
        stays = get_column_letter(sheet.frozen_columns + 1)
        page.freeze_panes, page.print_title_rows = f"{stays}{sheet.frozen_rows + 1}", f"1:{sheet.frozen_rows}"
    if sheet.frozen_columns:
        page.print_title_cols = f"A:{get_column_letter(sheet.frozen_columns)}"


def _guide(page: Worksheet, sheet: Sheet) -> None:
    """A filter, drop-downs and checks of dates, for a table that people keep up to date."""
    page.auto_filter.ref = sheet.filtered or None
    checks = [
        (where, DataValidation("list", formula1=f'"{",".join(words)}"')) for where, words in sheet.drop_downs
    ]
    checks += [
        (where, DataValidation("date", operator="greaterThan", formula1="36526")) for where in sheet.dates
    ]
    for where, check in checks:
        check.allow_blank = check.showErrorMessage = True
        check.errorTitle, check.error = "填写有误", "请从下拉选项中选择；日期按 2018-12-01 的格式填写"
        check.add(where)
        page.add_data_validation(check)


def _columns_of(text: str) -> float:
    """How wide a text is, in the width of a digit; a little more, since lines break before they are full."""
    return 1.1 * sum(1 if character.isascii() else 2 for character in text)


def _place(page: Worksheet, cell: Placed) -> None:
    target, is_text = page.cell(cell.row, cell.column), isinstance(cell.value, str)
    target.value = cast(Any, cell.value.text if isinstance(cell.value, Formula) else cell.value)
    if is_text:
        target.data_type = "s"  # what people write is text, never a formula
    else:
        target.number_format = cell.number_format
    target.font = _FONTS.get(cell.role, _TEXT)
    is_centred = cell.role in ("title", "column_label") or (cell.role == "value" and not is_text)
    target.alignment = _ALIGNED[is_centred, cell.role in TABLE_ROLES]
    if cell.n_rows * cell.n_columns > 1:
        page.merge_cells(None, cell.row, cell.column, *cell.last)
    if cell.role in TABLE_ROLES:
        for row in page.iter_rows(cell.row, cell.last[0], cell.column, cell.last[1]):
            for covered in row:
                covered.border = _LINE


def text_of(cell: Placed) -> str:
    """A value as text, for files without types: ISO dates, shares in percent where the form prints them so."""
    value = cell.value.value if isinstance(cell.value, Formula) else cell.value
    if isinstance(value, float):
        return f"{round(value * 100, 6):g}%" if "%" in cell.number_format else repr(value).removesuffix(".0")
    if isinstance(value, dt.date):  # a datetime is one too
        return value.isoformat(" ", "minutes") if isinstance(value, dt.datetime) else value.isoformat()
    return "" if value is None else str(value)


def as_csv(layout: Layout, encoding: str = "utf-8-sig") -> bytes:
    """The first sheet as comma-separated text; a merged cell's text stands in its first place."""
    sheet = layout.sheets[0]
    n_rows, n_columns = sheet.n_rows, sheet.n_columns  # each looks at all cells
    grid = [[""] * n_columns for _ in range(n_rows)]
    for cell in sheet.cells:
        grid[cell.row - 1][cell.column - 1] = text_of(cell)
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(grid)
    return buffer.getvalue().encode(encoding)


def as_docx(layout: Layout, moment: dt.datetime = MOMENT) -> bytes:
    """A Word document on A4: rows of labels and values as tables, everything else as paragraphs."""
    document = Document()
    normal, page = document.styles["Normal"], document.sections[0]
    normal.font.name, normal.font.size = _SONG, Pt(10.5)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _SONG)
    page.page_width, page.page_height = Mm(210), Mm(297)
    if layout.sheets[0].orientation == "landscape":
        page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    for sheet in layout.sheets:
        for is_table, rows in groupby(_rows(sheet), key=lambda row: row[0].role in TABLE_ROLES):
            if is_table:
                _table(document, [cell for row in rows for cell in row])
                continue
            for row in rows:
                paragraph = document.add_paragraph("　　".join(map(text_of, row)))
                if row[0].role == "title":
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    buffer = io.BytesIO()
    document.save(buffer)
    return normalise_package(buffer.getvalue(), moment)


def _rows(sheet: Sheet) -> Iterator[list[Placed]]:
    """The cells row by row, from left to right."""
    ordered = sorted(sheet.cells, key=lambda cell: (cell.row, cell.column))
    return (list(row) for _, row in groupby(ordered, key=lambda cell: cell.row))


def _table(document: Any, cells: Sequence[Placed]) -> None:
    first, n_columns = min(cell.row for cell in cells), max(cell.last[1] for cell in cells)
    table = document.add_table(max(cell.last[0] for cell in cells) - first + 1, n_columns, style="Table Grid")
    places = table._cells  # the whole grid at once: asking cell by cell is quadratic
    for cell in cells:
        target = places[(cell.row - first) * n_columns + cell.column - 1]
        target.text = text_of(cell)
        if (cell.n_rows, cell.n_columns) != (1, 1):
            target.merge(places[(cell.last[0] - first) * n_columns + cell.last[1] - 1])
