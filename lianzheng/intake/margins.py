"""What stands around the tables: header fields with their values, titles, captions, notes, and leftovers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lianzheng.config.forms import HeaderField
from lianzheng.intake.cells import Book, Cell, Grid
from lianzheng.intake.reading import HeaderValue, Reading
from lianzheng.intake.values import folded, read_value, with_text
from lianzheng.names import plain

_EMPTY = re.compile(r"[年月日/._-]*")  # a date line that nobody filled in


def read_margins(reading: Reading, grid: Grid, last_row: int) -> None:
    """Read header fields, titles, captions and notes down to ``last_row``, leaving out what already has a fate."""
    for row, cells in reading.lines[grid.name].items():
        for cell in cells if row <= last_row else ():
            if (grid.name, cell.address) not in reading.fates:
                _read_cell(reading, grid, cell)


def _read_cell(reading: Reading, grid: Grid, cell: Cell) -> None:
    fields, lone = reading.map.fields(cell.text), reading.map.field(cell.text)
    if lone is not None and not fields:
        fields = [(lone, "")]
    if fields or reading.map.is_label(cell.text):
        reading.mark(grid, [cell], "value" if any(text for _, text in fields) else "label")
    for field, text in fields:
        seen = with_text(cell, text) if text else _beside(reading, grid, cell)
        known = reading.header.get(field.field_id)
        if seen is None or _EMPTY.fullmatch(folded(seen.text)):
            continue
        if known is None:
            _read_field(reading, grid, seen, field)
        elif plain(seen.text) == plain(known.text):  # every sheet of a form repeats its header
            reading.mark(grid, [seen], "value")


def _beside(reading: Reading, grid: Grid, cell: Cell) -> Cell | None:
    """The next cell to the right, unless it is itself a label."""
    line = reading.lines[grid.name][cell.row]
    found = next((other for other in line if other.column > cell.column), None)
    if found is None or reading.map.field(found.text) is not None or reading.map.fields(found.text):
        return None
    return found


def _read_field(reading: Reading, grid: Grid, cell: Cell, field: HeaderField) -> None:
    value = read_value(cell, reading.demand(field.value, field.choices))
    reading.header[field.field_id] = HeaderValue(value, cell.text.strip(), grid.name, cell.address)
    reading.mark(grid, [cell], "issue" if value.problem and value.value is None else "value")
    if field.field_id == "unit_id" and value.value is not None:
        reading.unit_id = str(value.value)
    if value.problem:
        words = {"row": "表头", "column": field.label, **value.words}
        reading.report(value.problem, grid.name, cell.address, cell.text.strip(), **words)


def report_missing_header(reading: Reading, book: Book) -> None:
    """A required header field that was left empty, at the cell that asks for it if there is one."""
    for field in reading.map.form.header:
        if field.is_required and field.field_id not in reading.header:
            place = next(_asking(reading, book, field), (book.grids[0].name, ""))
            reading.report("missing_value", *place, row="表头", column=field.label)


def _asking(reading: Reading, book: Book, field: HeaderField) -> Iterator[tuple[str, str]]:
    """Sheet and address of the cells that print a field's label."""
    for grid in book.grids:
        for cell in grid.cells.values():
            asked = [reading.map.field(cell.text), *(found for found, _ in reading.map.fields(cell.text))]
            if field in asked:
                yield grid.name, cell.address


def report_leftovers(reading: Reading, grid: Grid) -> None:
    """Cells that are neither value nor label, one issue a row; hidden contents get a note, one a row.

    In a form that is its sender's working file both are his own, and labels.
    """
    if reading.map.form.allows_more:
        reading.mark(grid, grid.cells.values(), "label")
        return
    for cells in reading.lines[grid.name].values():
        unread = [cell for cell in cells if (grid.name, cell.address) not in reading.fates]
        hidden = [cell for cell in cells if cell.is_hidden]
        for code, found in (("unread_cell", unread), ("hidden_value", hidden)):
            first = next((cell for cell in found if cell.text.strip()), None)
            if first is not None:
                reading.report(code, grid.name, first.address, first.text.strip())
        reading.mark(grid, [cell for cell in unread if not cell.text.strip()], "label")
        reading.mark(grid, unread, "issue")
