"""Layouts as .xlsx and .csv, byte for byte the same for the same layout."""

from __future__ import annotations

import csv
import datetime as dt
import errno
import io
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote
from xml.sax.saxutils import escape

from lxml.etree import SerialisationError
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from lianzheng.disk import writing
from lianzheng.fonts import visible
from lianzheng.forms.layout import TABLE_ROLES, Formula, Layout, Placed, Role, Sheet
from lianzheng.forms.rules import OPTIONS, is_short
from lianzheng.forms.shown import (
    MOMENT,
    PAPER_TEXT,
    column_widths,
    row_heights,
    side_of,
    spans_pages,
    text_of,
)
from lianzheng.forms.word import as_docx
from lianzheng.zips import normalise_package

__all__ = ["MOMENT", "as_csv", "as_docx", "as_xlsx", "text_of"]

PAGE_NUMBER = "第 &P 页　共 &N 页"
_FORMULA = re.compile(rb'(<c r="([A-Z]+\d+)"[^>]*?)(><f>[^<]*</f>)(?:<v\s*/>|<v></v>)')
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")
_FONTS: dict[Role, Font] = {
    "mark": Font("黑体", 12),
    "code": Font(PAPER_TEXT, 9),
    "title": Font("黑体", 16),
    "caption": Font("黑体", 11),
    "column_label": Font("黑体", 10),
}
_TEXT, _LINK = Font(PAPER_TEXT, 10), Font(PAPER_TEXT, 10, color="1D4F82", underline="single")
_UNSAFE = re.compile(r'[\x00-\x20%#?<>"{}|\\^`\[\]]')  # in the address of a link
_ALIGNED = {
    (side, is_inside): Alignment(side, "center", wrap_text=is_inside, indent=int(is_inside and side == "left"))
    for side in ("left", "center", "right") for is_inside in (False, True)
}  # fmt: skip
_NOTE, _ON_TOP = (
    Alignment("left", "center", wrap_text=True),
    Alignment("left", "top", wrap_text=True, indent=1),
)
_LINE = Border(*(Side(style="thin") for _ in range(4)))
_NOT_IN_SHEET_NAMES, _SHEET_NAME = re.compile(r"[\[\]:*?/\\]|^'|'$"), 31  # and the longest
_BELOW, _OPEN = Border(bottom=Side(style="thin")), Protection(locked=False)
_MARGIN, _FOOT = 0.6, 0.3  # inches


def saved(book: Workbook) -> bytes:
    """A workbook's bytes. openpyxl writes the sheets into the temporary folder first, and lxml hides an OSError there.

    Raises :class:`InputError` where they do not fit.
    """
    buffer = io.BytesIO()
    with writing(Path(tempfile.gettempdir(), "sheet")):
        try:
            book.save(buffer)
        except SerialisationError as error:
            sys.unraisablehook = lambda again: None  # the half-written sheets would say so once more
            code = getattr(errno, str(error).removeprefix("IO_"), errno.EIO)
            raise OSError(code, str(error)) from error
    return buffer.getvalue()


def as_xlsx(layout: Layout, moment: dt.datetime = MOMENT) -> bytes:
    """A workbook on A4, a page wide, with borders, merged cells and a header that stays when scrolling."""
    book = Workbook()
    book.remove(cast(Worksheet, book.active))
    book.properties.creator = None
    book._named_styles["Normal"].font = Font(PAPER_TEXT, 11)  # widths count its digits
    for sheet in layout.sheets:
        _fill(book.create_sheet(_NOT_IN_SHEET_NAMES.sub("", visible(sheet.name))[:_SHEET_NAME]), sheet)
    _add_options(book, layout)
    data = saved(book)
    results = {
        f"xl/worksheets/sheet{i}.xml": {
            c.address: c.value.value for c in sheet.cells if isinstance(c.value, Formula)
        }
        for i, sheet in enumerate(layout.sheets, start=1)
    }
    return normalise_package(
        data,
        moment,
        lambda name, part: _with_results(part, results.get(name, {})),
        layout.properties,
    )


def _add_options(book: Workbook, layout: Layout) -> None:
    """A hidden sheet with the lists that are too long to stand in a rule, each under a name of its own."""
    lists = {
        rule.name: rule.words for sheet in layout.sheets for rule in sheet.rules if not is_short(rule.words)
    }
    if not lists:
        return
    page = book.create_sheet(OPTIONS)
    page.sheet_state = "hidden"
    for column, (name, words) in enumerate(sorted(lists.items()), start=1):
        for row, word in enumerate(words, start=1):
            page.cell(row, column, word)
        letter = get_column_letter(column)
        reference = f"{quote_sheetname(OPTIONS)}!${letter}$1:${letter}${len(words)}"
        book.defined_names[_list_name(name)] = DefinedName(_list_name(name), attr_text=reference)


def _list_name(name: str) -> str:
    return f"list_{name}"


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
    _set_sizes(page, sheet)
    page.sheet_state = "hidden" if sheet.is_hidden else "visible"
    _set_paper(page, sheet)
    _guide(page, sheet)
    if sheet.frozen_rows:
        stays = get_column_letter(sheet.frozen_columns + 1)
        page.freeze_panes, page.print_title_rows = f"{stays}{sheet.frozen_rows + 1}", f"1:{sheet.frozen_rows}"
    if sheet.frozen_columns:
        page.print_title_cols = f"A:{get_column_letter(sheet.frozen_columns)}"


def _set_sizes(page: Worksheet, sheet: Sheet) -> None:
    """Widths as wanted, and rows as high as their wrapped text."""
    for i, width in enumerate(column_widths(sheet), start=1):
        page.column_dimensions[get_column_letter(i)].width = width
    for row, height in row_heights(sheet).items():
        page.row_dimensions[row].height = height


def _set_paper(page: Worksheet, sheet: Sheet) -> None:
    """A4, a page wide (two with columns that repeat), numbered; locked without a password where it is protected."""
    page.page_setup.paperSize, page.page_setup.orientation = page.PAPERSIZE_A4, sheet.orientation
    page.page_setup.fitToHeight = 0
    page.page_setup.fitToWidth = 1 + bool(sheet.frozen_columns)
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_margins = PageMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN, _FOOT, _FOOT)
    page.print_options.horizontalCentered = True
    page.oddFooter.center.text = PAGE_NUMBER
    for row in sheet.breaks:
        page.row_breaks.append(Break(row))
    if sheet.cells:
        page.print_area = f"A1:{get_column_letter(sheet.n_columns)}{sheet.n_rows}"
    if sheet.is_protected:  # what is named here stays allowed: sizes of columns and rows, further rows
        lock = page.protection
        lock.sheet, lock.formatColumns, lock.formatRows = True, False, False
        lock.insertRows, lock.deleteRows = False, False


def _guide(page: Worksheet, sheet: Sheet) -> None:
    """A filter, drop-downs and bounds, with the sentence that says what to write."""
    page.auto_filter.ref = sheet.filtered or None
    for rule in sheet.rules:
        limits: list[str | None] = [*rule.limits, None, None]
        if rule.kind == "list":
            limits[0] = f'"{",".join(rule.words)}"' if is_short(rule.words) else _list_name(rule.name)
        operator = "between" if limits[1] is not None else "greaterThanOrEqual"
        check = DataValidation(rule.kind, limits[0], limits[1], allow_blank=True, operator=operator)
        check.showErrorMessage, check.errorTitle, check.error = True, "填写有误", rule.message
        check.add(rule.where)
        page.add_data_validation(check)


def _place(page: Worksheet, cell: Placed) -> None:
    target, is_text = page.cell(cell.row, cell.column), isinstance(cell.value, str)
    value = text_of(cell) if is_text else cell.value
    target.value = cast(Any, value.text if isinstance(value, Formula) else value)
    if is_text:  # what people write is text, never a formula, also when the cell is edited
        target.data_type, target.quotePrefix = "s", target.value.startswith(_FORMULA_MARKS)
    else:
        target.number_format = cell.number_format
    target.font = _FONTS.get(cell.role, _TEXT)
    target.alignment = _ALIGNED[side_of(cell), cell.role in TABLE_ROLES]
    if spans_pages(cell) or cell.role == "note":
        target.alignment = _ON_TOP if spans_pages(cell) else _NOTE
    if cell.n_rows * cell.n_columns > 1:
        page.merge_cells(None, cell.row, cell.column, *cell.last)
    if cell.role in (*TABLE_ROLES, "header_value"):
        for row in page.iter_rows(cell.row, cell.last[0], cell.column, cell.last[1]):
            for covered in row:
                covered.border = _LINE if cell.role in TABLE_ROLES else _BELOW
                if cell.is_open:
                    covered.protection = _OPEN
    if cell.fill:
        target.fill = PatternFill("solid", cell.fill)
    if cell.link:
        address, place = cell.link
        target.hyperlink = Hyperlink(cell.address, location=place or None)
        target.hyperlink.target = _UNSAFE.sub(lambda found: quote(found[0]), address)
        target.font = _LINK


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
