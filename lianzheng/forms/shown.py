"""How placed cells are shown, whatever the file's format: text, side, width of columns, height of rows."""

from __future__ import annotations

import datetime as dt
import math
import re

from lianzheng.forms.layout import TABLE_ROLES, Formula, Placed, Role, Sheet

MOMENT = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
"""What dates a file inside, so that equal layouts give equal bytes."""
PAPER_TEXT = "宋体"
WRAPPED: tuple[Role, ...] = (*TABLE_ROLES, "note")
"""The roles whose text breaks into lines."""
LINE_HEIGHT = 15.0  # points
_TITLE_HEIGHT = 28.0
_CENTRED = re.compile(r"[\d.]*|[—□]")  # numbers, dashes and boxes stand in the middle of their column


def text_of(cell: Placed) -> str:
    """A value as text, for files without types: ISO dates, shares in percent where the form prints them so."""
    value = cell.value.value if isinstance(cell.value, Formula) else cell.value
    if isinstance(value, float):
        return f"{round(value * 100, 6):g}%" if "%" in cell.number_format else repr(value).removesuffix(".0")
    if isinstance(value, dt.date):  # a datetime is one too
        return value.isoformat(" ", "minutes") if isinstance(value, dt.datetime) else value.isoformat()
    return "" if value is None else str(value)


def side_of(cell: Placed) -> str:
    """Where a cell's text stands: titles, labels of columns, numbers, boxes and dashes in the middle."""
    if cell.role == "code" or (cell.role == "header_label" and cell.last[1] > 1):
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
            n_lines = sum(max(math.ceil(_columns_of(line) / wide), 1) for line in text.split("\n"))
            spare = sheet.least_height - LINE_HEIGHT if cell.role in TABLE_ROLES else 0
            heights[cell.row] = max(heights.get(cell.row, 0), LINE_HEIGHT * n_lines + spare)
    return heights


def _columns_of(text: str) -> float:
    """How wide a text is, in the width of a digit of 11 points; a little more, since lines break before they are full."""
    return sum(1.1 if character.isascii() else 2 for character in text)
