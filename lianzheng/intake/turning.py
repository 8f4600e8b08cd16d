"""Tables whose rows and columns a foreign layout exchanges: turned round, so that one reader reads them all."""

from __future__ import annotations

import operator
from dataclasses import replace

from lianzheng.config.forms import FormColumn
from lianzheng.intake.cells import Book, Cell, Grid, Place
from lianzheng.intake.form_maps import FormMap, TableMap
from lianzheng.intake.labels import label_key, row_key
from lianzheng.intake.reading import address_in


def turned(book: Book, form: FormMap) -> Book:
    """The book with the transposed tables of a layout turned round; the book itself where there are none."""
    tables = [table for table in form.tables if table.layout.is_transposed]
    grids = book.grids
    for table in tables:
        grids = [_turned(grid, table) for grid in grids]
    return book if all(map(operator.is_, grids, book.grids)) else replace(book, grids=grids)


def _turned(grid: Grid, table: TableMap) -> Grid:
    """Every cell keeps its address; what stands above and below stays there."""
    region = _region(grid, table)
    if region is None:
        return grid
    first, last = region
    columns = [column for row, column in grid.cells if first <= row <= last]
    left, right = min(columns), max(columns)

    def moved(place: Place) -> Place:
        row, column = place
        if first <= row <= last:
            return first + column - left, left + row - first
        return (row + (right - left) - (last - first), column) if row > last else place

    cells = {moved(place): _at(moved(place), cell) for place, cell in sorted(grid.cells.items())}
    lines: dict[int, list[Cell]] = {}
    for (row, _), cell in grid.cells.items():
        lines.setdefault(row, []).append(cell)
    inside = [(row, column) for row in range(first, last + 1) for column in range(left, right + 1)]
    return replace(
        grid, held=dict(sorted(cells.items())), merges=[],
        n_rows=max(row for row, _ in cells), n_columns=max(column for _, column in cells),
        anchors={moved(place): moved(anchor) for place, anchor in grid.anchors.items()},
        addresses={moved(place): address_in(lines.get(place[0], []), *place) for place in inside},
    )  # fmt: skip


def _at(place: Place, cell: Cell) -> Cell:
    return Cell(
        *place, cell.address, cell.text, cell.raw_type, cell.number, cell.moment, cell.number_format, cell.is_hidden,
        cell.merged_range,
    )  # fmt: skip


def _region(grid: Grid, table: TableMap) -> tuple[int, int] | None:
    """From the row that shows most of the form's row labels to the last that begins with one of its columns."""
    counts: dict[int, int] = {}
    for (row, _), cell in grid.cells.items():
        counts[row] = counts.get(row, 0) + (row_key(cell.text) in table.rows)
    first = max(sorted(counts), key=lambda row: counts[row], default=0)
    if not first or counts[first] < 2:
        return None
    named = [row for (row, _), cell in grid.cells.items() if row > first and _is_column(table, cell.text)]
    return (first, max(named)) if named else None


def _is_column(table: TableMap, text: str) -> bool:
    return isinstance(table.place(label_key(text)[0])[0], FormColumn)
