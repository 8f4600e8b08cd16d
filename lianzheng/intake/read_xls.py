"""Excel 97–2003 workbooks and WPS .et (both BIFF8) → grids, by xlrd."""

from __future__ import annotations

import io
from collections.abc import Iterator

import xlrd
from xlrd.biffh import error_text_from_code

from lianzheng.intake.cells import BookError, Content, Grid, GridDraft, Limits, Merge
from lianzheng.intake.number_formats import BUILT_IN, describe_number


def read_xls(data: bytes, limits: Limits) -> Iterator[Grid]:
    """The workbook's sheets in their order. xlrd cannot tell a formula without a cached value: it reads as 0."""
    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, ignore_workbook_corruption=True, logfile=io.StringIO()
        )  # fmt: skip
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise BookError("password_protected") from error
        raise
    codes = {key: item.format_str or BUILT_IN.get(key, "General") for key, item in book.format_map.items()}
    formats = [codes.get(style.format_key, "General") for style in book.xf_list]
    return (_grid(sheet, formats, bool(book.datemode), limits) for sheet in book.sheets())


def _grid(sheet: xlrd.sheet.Sheet, formats: list[str], is_1904: bool, limits: Limits) -> Grid:
    draft = GridDraft(limits)
    for row in range(sheet.nrows):
        kinds, values = sheet.row_types(row), sheet.row_values(row)
        for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
            if kind not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                number_format = formats[sheet.cell_xf_index(row, column)]
                content = _described(kind, value, number_format, is_1904)
                draft.put(row + 1, column + 1, content, number_format)
    for first_row, end_row, first_column, end_column in sheet.merged_cells:
        draft.merge(Merge(first_row + 1, first_column + 1, end_row, end_column))
    draft.hidden_rows = {row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden}
    draft.hidden_columns = {column + 1 for column, info in sheet.colinfo_map.items() if info.hidden}
    return draft.finish(sheet.name, sheet.visibility != 0)


def _described(kind: int, value: str | float, number_format: str, is_1904: bool) -> Content:
    if kind == xlrd.XL_CELL_TEXT:
        return str(value), "text", None, None
    number = float(value)
    if kind == xlrd.XL_CELL_ERROR:
        return error_text_from_code.get(int(number), "#ERROR"), "error", None, None
    if kind == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if number else "FALSE", "boolean", number, None
    return describe_number(number, number_format, is_1904)
