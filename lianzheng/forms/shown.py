"""How placed cells are shown, whatever the file's format: text, side, width of columns, height of rows."""

from __future__ import annotations

import datetime as dt
import math
import re

from lianzheng.fonts import visible
from lianzheng.forms.layout import TABLE_ROLES, Formula, Placed, Role, Sheet

MOMENT = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
"""What dates a file inside, so that equal layouts give equal bytes."""
PAPER_TEXT = "宋体"
WRAPPED: tuple[Role, ...] = (*TABLE_ROLES, "note")
"""The roles whose text breaks into lines."""
LINE_HEIGHT = 15.0  # points
_LINE_PITCH, _SPARE = 14.5, 5.0  # between the lines of a wrapped text of 10 points; around several of them
_TITLE_HEIGHT = 31.0
_CHARACTER, _DIGIT, _INDENT = 1.7, 0.95, 1.6  # at 10 points in digits of 11; what stays free beside a text
_CENTRED = re.compile(r"[\d.]*|[—□]")  # numbers, dashes and boxes stand in the middle of their column


def text_of(cell: Placed) -> str:
    """A value as text, for files without types: ISO dates, shares in percent where the form prints them so."""
    value = cell.value.value if isinstance(cell.value, Formula) else cell.value
    if isinstance(value, float):
        return f"{round(value * 100, 6):g}%" if "%" in cell.number_format else repr(value).removesuffix(".0")
    if isinstance(value, dt.date):  # a datetime is one too
        return value.isoformat(" ", "minutes") if isinstance(value, dt.datetime) else value.isoformat()
    return "" if value is None else visible(str(value))


def side_of(cell: Placed) -> str:
    """Where a cell's text stands: titles, labels of columns, numbers, boxes and dashes in the middle."""
    if cell.role == "code" or (cell.role == "header_label" and cell.column > 1):
        return "right"
    is_short = not isinstance(cell.value, str) or bool(_CENTRED.fullmatch(cell.value))
    is_middle = cell.role in ("title", "column_label") or (cell.role in ("row_label", "value") and is_short)
    return "center" if is_middle else "left"


def spans_pages(cell: Placed) -> bool:
    """Whether a label reaches over so many rows that a page may end inside it: then it stands at their top."""
    return cell.role == "row_label" and cell.n_rows > 3


def column_widths(sheet: Sheet) -> list[float]:
    """The widths of a sheet's columns, in digits of the workbook's font."""
    return [width * 1.2 + 2 for width in sheet.widths]


def row_heights(sheet: Sheet) -> dict[int, float]:
    """The heights of a sheet's rows in points: as wanted, and never less than their wrapped text needs."""
    widths, heights = column_widths(sheet), dict(sheet.heights)
    for cell in sheet.cells:
        if cell.role == "title":
            heights[cell.row] = _TITLE_HEIGHT
        if cell.role in WRAPPED and cell.n_rows == 1 and widths:
            wide = sum(widths[cell.column - 1 : cell.last[1]]) or min(widths)
            text = cell.value if isinstance(cell.value, str) else ""  # numbers never wrap
            n_lines = sum(_n_lines(line, wide - _INDENT) for line in text.split("\n"))
            least = sheet.least_height if cell.role in TABLE_ROLES else LINE_HEIGHT
            needed = _LINE_PITCH * n_lines + min(least - LINE_HEIGHT, _SPARE)
            heights[cell.row] = max(heights.get(cell.row, 0), least, needed)
    return heights


def _n_lines(text: str, room: float) -> int:
    """How many lines a text takes; of several each may end a character early, before a mark that begins no line."""
    wide = sum(_DIGIT if character.isascii() else _CHARACTER for character in text)
    return 1 if wide <= room else math.ceil(wide / max(room - _CHARACTER, _CHARACTER))
