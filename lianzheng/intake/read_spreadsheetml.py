"""SpreadsheetML 2003, the XML that Excel 2003 and many office systems save as .xls → grids."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from lxml import etree

from lianzheng.intake.cells import BookError, Content, Grid, GridDraft, Limits, Merge
from lianzheng.intake.number_formats import describe_number, kind_of_format
from lianzheng.intake.packages import local_name, whole_xml

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_NAMED_FORMATS = {
    "Percent": "0.00%", "Short Date": "yyyy/m/d", "Long Date": "yyyy年m月d日", "General Date": "yyyy/m/d h:mm", "Medium Date": "d-mmm-yy",
    "Short Time": "h:mm", "Medium Time": "h:mm AM/PM", "Long Time": "h:mm:ss", "Fixed": "0.00", "Standard": "#,##0.00",
}  # fmt: skip
_LAST_COLUMN, _LAST_ROW = 16_384, 1_048_576
_DAY_ZERO = dt.datetime(1899, 12, 31)  # by which a time of day without a day is written


def read_spreadsheetml(data: bytes, limits: Limits) -> Iterator[Grid]:
    """The workbook's worksheets in their order."""
    root = whole_xml(data, limits)
    formats = _formats(root)
    return (_grid(sheet, formats, limits) for sheet in root.iterfind(_SS + "Worksheet"))


def _formats(root: etree._Element) -> dict[str, str]:
    """Number format by style; what a style does not say, its parent does."""
    own, parents = {}, {}
    for style in root.iterfind(f"{_SS}Styles/{_SS}Style"):
        name, number_format = _get(style, "ID"), style.find(_SS + "NumberFormat")
        parents[name] = _get(style, "Parent")
        if number_format is not None:
            own[name] = _get(number_format, "Format") or "General"
    found = {name: own.get(name) or own.get(parent, "General") for name, parent in parents.items()}
    return {name: _NAMED_FORMATS.get(code, code) for name, code in found.items()}


def _grid(sheet: etree._Element, formats: dict[str, str], limits: Limits) -> Grid:
    draft = GridDraft(limits)
    row = column = 0
    for element in sheet.iterfind(f"{_SS}Table/*"):
        name, is_hidden = local_name(element), _get(element, "Hidden") == "1"
        if name == "Column":
            first = _number(element, "Index", column + 1)
            column = min(first + _number(element, "Span", 0), _LAST_COLUMN)
            draft.hidden_columns.update(range(first, column + 1) if is_hidden else ())
        elif name == "Row":
            row = _number(element, "Index", row + 1)
            if is_hidden and len(element):
                draft.hidden_rows.add(row)
            _read_row(element, row, formats, draft)
            row += _number(element, "Span", 0)
    visible = sheet.findtext("{*}WorksheetOptions/{*}Visible") or ""
    return draft.finish(_get(sheet, "Name"), visible in ("SheetHidden", "SheetVeryHidden"))


def _read_row(element: etree._Element, row: int, formats: dict[str, str], draft: GridDraft) -> None:
    row_style, column = _get(element, "StyleID"), 0
    for cell in element.iterfind(_SS + "Cell"):
        column = _number(cell, "Index", column + 1)
        if row > _LAST_ROW or column > _LAST_COLUMN:
            raise BookError("too_large", f"内容写到第{row}行第{column}列")
        number_format = formats.get(_get(cell, "StyleID") or row_style, "General")
        draft.put(row, column, _content(cell, number_format), number_format)
        last_column = min(column + _number(cell, "MergeAcross", 0), _LAST_COLUMN)
        draft.merge(Merge(row, column, min(row + _number(cell, "MergeDown", 0), _LAST_ROW), last_column))
        column = last_column


def _content(cell: etree._Element, number_format: str) -> Content:
    data = cell.find(_SS + "Data")
    text = "" if data is None else "".join(str(piece) for piece in data.itertext())
    kind = "" if data is None else _get(data, "Type")
    if not text and kind != "String" and (formula := _get(cell, "Formula")):
        return "=" + formula.lstrip("="), "formula", None, None
    if kind == "Number" and text:
        return describe_number(float(text), number_format, False)
    if kind == "Boolean":
        return ("TRUE", "boolean", 1.0, None) if text == "1" else ("FALSE", "boolean", 0.0, None)
    if kind == "DateTime" and text:
        return _moment(dt.datetime.fromisoformat(text), number_format)
    return text, "error" if kind == "Error" else "text", None, None


def _moment(moment: dt.datetime, number_format: str) -> Content:
    """A moment is written in full, whatever the date system; its format tells whether it is a time of day."""
    if kind_of_format(number_format) in ("time", "duration"):
        return describe_number((moment - _DAY_ZERO) / dt.timedelta(days=1), number_format, False)
    if moment.time() == dt.time():
        return moment.date().isoformat(), "date", None, moment
    return moment.isoformat(" "), "datetime", None, moment


def _get(element: etree._Element, name: str) -> str:
    return str(element.get(_SS + name, ""))


def _number(element: etree._Element, name: str, default: int) -> int:
    return max(int(_get(element, name) or default), 0)
