"""How a placed cell is shown, whatever the file's format: its text, and on which side it stands."""

from __future__ import annotations

import datetime as dt
import re

from lianzheng.forms.layout import Formula, Placed

MOMENT = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
"""What dates a file inside, so that equal layouts give equal bytes."""
PAPER_TEXT = "宋体"
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
    if cell.role == "code" or (cell.role == "header_label" and cell.column > 1):
        return "right"
    is_short = not isinstance(cell.value, str) or bool(_CENTRED.fullmatch(cell.value))
    is_middle = cell.role in ("title", "column_label") or (cell.role in ("row_label", "value") and is_short)
    return "center" if is_middle else "left"
