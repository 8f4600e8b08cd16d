"""What stands around the tables: header fields with their values, titles, captions, notes, and leftovers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lianzheng.config.forms import HeaderField
from lianzheng.intake.cells import Book, Cell, Grid
from lianzheng.intake.reading import HeaderValue, Reading
from lianzheng.intake.records import Record
from lianzheng.intake.values import folded, read_value, with_text
from lianzheng.names import plain

_EMPTY = re.compile(r"[年月日/._-]*")  # a date line that nobody filled in
_SAYS_NOTHING = re.compile(rf"{_EMPTY.pattern}|第\d+页(?:[,，/]?共\d+页)?")
_GRAVEST_FIRST = ("issue", "value", "label")


def read_margins(reading: Reading, grid: Grid, last_row: int) -> None:
    """Read header fields, titles, captions and notes down to ``last_row``, leaving out what already has a fate."""
    for row, cells in reading.lines[grid.name].items():
        for cell in cells if row <= last_row else ():
            if (grid.name, cell.address) not in reading.fates:
                _read_cell(reading, grid, cell)


def _read_cell(reading: Reading, grid: Grid, cell: Cell) -> None:
    """Give a cell that names fields, or is printed on the form, the gravest fate of what stands in it."""
    fields, lone = reading.map.fields(cell.text), reading.map.field(cell.text)
    if lone is not None and not fields:
        fields = [(lone, "")]
    fates = {_read_piece(reading, grid, cell, field, text) for field, text in fields}
    if fields and (before := reading.map.before_fields(cell.text)):
        reading.report("unread_cell", grid.name, cell.address, before)
        fates.add("issue")
    if not fields and reading.map.is_label(cell.text):
        fates.add("label")
    for fate in _GRAVEST_FIRST:
        reading.mark(grid, [cell] * (fate in fates), fate)


def _read_piece(reading: Reading, grid: Grid, cell: Cell, field: HeaderField, text: str) -> str:
    """Read a field's value, in the cell of its label or beside it; the fate of the label's cell.

    Every sheet of a form repeats its header; where it says something else, somebody has to look.
    """
    seen = with_text(cell, text) if text else _beside(reading, grid, cell)
    if seen is None or _EMPTY.fullmatch(folded(seen.text)):
        reading.mark(grid, [] if text else [seen], "label")
        return "label"
    known = reading.header.get(field.field_id)
    if known is not None and plain(seen.text) != plain(known.text):
        reading.report("unread_cell", grid.name, seen.address, seen.text.strip())
        fate = "issue"
    else:
        fate = _read_field(reading, grid, seen, field, known)
    if text:
        return fate
    reading.mark(grid, [seen], fate)
    return "label"


def _beside(reading: Reading, grid: Grid, cell: Cell) -> Cell | None:
    """The next cell to the right, unless it is itself a label."""
    line = reading.lines[grid.name][cell.row]
    found = next((other for other in line if other.column > cell.column), None)
    if found is None or reading.map.field(found.text) is not None or reading.map.fields(found.text):
        return None
    return found


def _read_field(
    reading: Reading, grid: Grid, cell: Cell, field: HeaderField, known: HeaderValue | None
) -> str:
    value = read_value(cell, reading.demand(field.value, field.choices))
    said = HeaderValue(value, cell.text.strip(), grid.name, cell.address)
    reading.told.append((field.field_id, said))
    fate = "issue" if value.problem and value.value is None else "value"
    if known is not None:
        return fate
    reading.header[field.field_id] = said
    if field.field_id == "unit_id" and value.value is not None:
        reading.unit_id = str(value.value)
    if value.problem:
        words = {"row": "表头", "column": field.label, **value.words}
        reading.report(value.problem, grid.name, cell.address, cell.text.strip(), **words)
    return fate


def header_records(reading: Reading) -> Iterator[Record]:
    """A row of ``header_fields`` for every place that says a header field or signs."""
    for field_id, said in reading.told:
        place = {"file_id": reading.file_id, "sheet": said.sheet, "cell": said.cell, "field_id": field_id}
        whose = {"unit_id": reading.unit_id or None, "form_id": reading.map.form.form_id}
        yield Record(
            "header_fields", {**place, **whose, "text": said.text}, ((said.sheet, said.cell, "text"),)
        )


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

    In a form that is its sender's working file both are his own; spaces, dates and pages without number say nothing.
    """
    is_own = reading.map.form.allows_more
    left = [cell for cell in grid.cells.values() if (grid.name, cell.address) not in reading.fates]
    reading.mark(grid, [c for c in left if is_own or _SAYS_NOTHING.fullmatch(folded(c.text))], "aside")
    if is_own:
        return
    unread = [cell for cell in left if (grid.name, cell.address) not in reading.fates]
    hidden = [cell for cell in grid.cells.values() if cell.is_hidden]
    for code, found in (("unread_cell", unread), ("hidden_value", hidden)):
        firsts = {cell.row: cell for cell in reversed(found) if cell.text.strip()}
        for first in reversed(firsts.values()):
            reading.report(code, grid.name, first.address, first.text.strip())
    reading.mark(grid, unread, "issue")
