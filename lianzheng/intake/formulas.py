"""Sums whose result the file does not hold: programs that write .xlsx without computing leave them to Excel."""

from __future__ import annotations

import re

from lianzheng.intake.cells import Cell, Grid
from lianzheng.intake.xlsx_scan import place_of

_RANGE = r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"
_SUM = re.compile(rf'=(?:IF\(COUNT\({_RANGE}\)=0,"",SUM\({_RANGE}\)\)|SUM\({_RANGE}\))')


def with_result(grid: Grid, cell: Cell) -> Cell:
    """The cell with what its sum comes to (numbers only, as Excel adds them up), or blank where nothing is to add.

    The formula of our own blank forms and a plain ``=SUM(…)`` are known; any other cell stays as it is.
    """
    match = _SUM.fullmatch("".join(cell.text.split())) if cell.raw_type == "formula" else None
    if match is None:
        return cell
    found = [group for group in match.groups() if group][-4:]
    (first_row, first_column), (last_row, last_column) = (
        place_of(found[0] + found[1]),
        place_of(found[2] + found[3]),
    )
    numbers = [
        other.number
        for (row, column), other in grid.cells.items()
        if first_row <= row <= last_row and first_column <= column <= last_column
        and other.raw_type == "number" and other.number is not None
    ]  # fmt: skip
    text = repr(round(sum(numbers), 9)).removesuffix(".0") if numbers else ""
    return cell._replace(text=text, raw_type="number" if numbers else "text", number=float(text or 0))
