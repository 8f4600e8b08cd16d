"""Where the cells of a table stand, and how wide its texts are."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lianzheng.errors import PublishError

if TYPE_CHECKING:
    from lianzheng.pages.blocks import TableCell


def place_cells(rows: Sequence[Sequence[TableCell]], n_columns: int) -> Iterator[tuple[int, int, TableCell]]:
    """Each cell with its row and column; raises PublishError unless the cells fill the grid exactly."""
    free = [set(range(n_columns)) for _ in rows]
    for number, row in enumerate(rows):
        for cell in row:
            column = min(free[number], default=n_columns)
            span = set(range(column, column + cell.column_span))
            below = free[number : number + cell.row_span]
            if len(below) < cell.row_span or any(span - places for places in below):
                raise PublishError(f"表格第 {number + 1} 行放不下“{cell.text}”", "检查列数和合并的行列数")
            for places in below:
                places -= span
            yield number, column, cell
    if any(free):
        raise PublishError("表格有空缺的单元格", "每行补足单元格")


def display_width(text: str) -> int:
    """How wide a text is, in half characters."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)
