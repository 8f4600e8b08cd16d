"""A recognised book → entries: every value with its place in the processed tables and in the file.

One engine for all forms, driven by the form models. Strict both ways: what is missing and what is too much are
issues, and every non-empty cell ends as a value, a label or an issue (its *fate*).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import replace

from lianzheng.config.forms import MONEY, FormRow
from lianzheng.intake.cells import Book, Cell, Grid
from lianzheng.intake.form_maps import TableMap
from lianzheng.intake.formulas import with_result
from lianzheng.intake.labels import label_key, printed_key, row_key, spoken
from lianzheng.intake.margins import read_margins, report_leftovers, report_missing_header
from lianzheng.intake.placements import AUXILIARY, IS_AUXILIARY, Placement, row_labels, text_at
from lianzheng.intake.reading import Entry, Lookups, Reading, lines_of
from lianzheng.intake.recognise import Recognition
from lianzheng.intake.values import UNITS, Demand, Value, folded, read_value, state_of

_entry = functools.partial(
    tuple.__new__, Entry
)  # half the time of Entry(…), and there are a hundred in a form
_UNIT_LINE = re.compile(rf"\(?(?:计量|金额)?单位[:：]({'|'.join(MONEY)})\)?")
_UNIT_LINE_ROWS, _LONGEST_LABEL = 2, 100
_COUNTER = re.compile(r"\(?\d{1,3}\)?[.、]?|[①-⑳]")
_AUXILIARY_CELL = re.compile(r"栏次|行次|序号|[甲乙丙丁戊己]|\(?\d{1,2}\)?|[①-⑳]")


def read_form(
    recognition: Recognition, book: Book, file_id: str, lookups: Lookups, unit_id: str = ""
) -> Reading:
    """Read every table and header field of a recognised book; ``unit_id`` is what the path says."""
    reading = Reading(recognition.map, file_id, lookups, lines_of(book), unit_id)
    for sheet, grid in enumerate(book.grids):
        starts = [placement.first_row for placement in recognition.placements if placement.sheet == sheet]
        read_margins(reading, grid, min(starts, default=1) - 1)
    report_missing_tables(reading, recognition)
    for placement, last_row in _spans(recognition, book):
        grid = book.grids[placement.sheet]
        placement = _with_unit_line(reading, placement, grid)
        rows = [row for row in reading.lines[grid.name] if placement.header_end < row <= last_row]
        read_table_header(reading, placement, grid)
        (read_matrix if placement.table.kind == "matrix" else read_list)(reading, placement, grid, rows)
    for grid in book.grids:
        read_margins(reading, grid, grid.n_rows)
    report_missing_header(reading, book)
    for grid in book.grids:
        report_leftovers(reading, grid)
    return reading


def _spans(recognition: Recognition, book: Book) -> Iterator[tuple[Placement, int]]:
    """Each table with its last row: a table below ends it, one beside it does not."""
    for placement in recognition.placements:
        later = [other.first_row - 1 for other in recognition.placements if other.is_below(placement)]
        yield placement, min(later, default=book.grids[placement.sheet].n_rows)


def _line(reading: Reading, placement: Placement, grid: Grid, row: int) -> list[Cell]:
    """The cells of a row that are the table's own, where another table stands beside it."""
    line = reading.lines[grid.name].get(row, [])
    return line if placement.is_alone else [cell for cell in line if cell.column in placement.territory]


def _with_unit_line(reading: Reading, placement: Placement, grid: Grid) -> Placement:
    """A line 单位：元 right above the table says the unit of the columns of money that say none themselves."""
    rows = range(placement.first_row - _UNIT_LINE_ROWS, placement.first_row)
    cells = [cell for row in rows for cell in reading.lines[grid.name].get(row, [])]
    found = next(((cell, m[1]) for cell in cells if (m := _UNIT_LINE.fullmatch(folded(cell.text)))), None)
    reading.mark(grid, [found[0]] if found else (), "label")
    said = found[1] if found else ""
    money = {index: said for index, c in placement.columns.items() if said and c.unit_of_measure in MONEY}
    return replace(placement, units={**money, **placement.units}) if money else placement


def report_missing_tables(reading: Reading, recognition: Recognition) -> None:
    """A table that is not there, unless it is optional, goes back with the file."""
    found = {placement.table.table_id for placement in recognition.placements}
    for table in reading.map.form.tables:
        if table.table_id not in found and not table.is_optional:
            name = table.caption or reading.map.form.title
            reading.report("missing_table", seen=name, detail=name)


def read_table_header(reading: Reading, placement: Placement, grid: Grid) -> None:
    """Mark what the form prints as labels; columns that are missing or not the form's become issues."""
    span = range(placement.first_row, placement.header_end + 1)
    header = [cell for row in span for cell in _line(reading, placement, grid, row)]
    reading.mark(grid, [cell for cell in header if _is_ignored_column(placement, grid, cell.column)], "label")
    for extra in () if reading.map.form.allows_more else placement.extras:
        cell = next((cell for cell in reversed(header) if cell.column == extra), None)
        if cell is not None:  # a merged label stands in several columns and is told once
            reading.report("unknown_column", grid.name, cell.address, cell.text.strip())
            reading.mark(grid, [cell], "issue")
    known = placement.map.heads | AUXILIARY
    printed = (cell for cell in header if label_key(cell.text)[0] in known or label_key(cell.text)[1])
    reading.mark(grid, printed, "label")
    place = header[0].address
    found = {column.column_id for column in placement.columns.values()}
    for column in placement.table.columns:
        if column.column_id not in found and not column.is_optional:
            reading.report("missing_column", grid.name, place, spoken(column), column=spoken(column))


def read_matrix(reading: Reading, placement: Placement, grid: Grid, rows: list[int]) -> None:
    """Read the fixed rows of a matrix; unknown, double and missing rows become issues."""
    form_rows = {row: placement.map.row(row_labels(placement, grid, row)) for row in rows}
    last_known = max((row for row, form_row in form_rows.items() if form_row), default=placement.header_end)
    found: set[str] = set()
    for row, form_row in form_rows.items():
        if form_row is not None and form_row.row_id not in found:
            found.add(form_row.row_id)
            _read_row(reading, placement, grid, row, form_row)
        elif form_row is not None:
            _report_row(reading, placement, grid, row, "duplicate_record")
        elif _is_ignored(reading, placement, grid, row) or _is_auxiliary(reading, placement, grid, row):
            reading.mark(grid, _line(reading, placement, grid, row), "aside")
        elif _is_extra(reading, placement, grid, row, row < last_known):
            _report_row(reading, placement, grid, row, "unknown_row")
    place = _line(reading, placement, grid, placement.first_row)[0].address
    for form_row in placement.table.rows:
        if form_row.row_id not in found:
            label = form_row.labels[placement.table.key_label]
            reading.report("missing_row", grid.name, place, label, row=label)


def _report_row(reading: Reading, placement: Placement, grid: Grid, row: int, code: str) -> None:
    cells = _line(reading, placement, grid, row)
    keys = [c for c, index in placement.labels.items() if index == placement.table.key_label]
    label = next((cell for cell in cells if cell.column in keys), cells[0])
    reading.report(code, grid.name, label.address, label.text.strip())
    reading.mark(grid, cells, "issue")


def _is_extra(reading: Reading, placement: Placement, grid: Grid, row: int, is_inside: bool) -> bool:
    """A row that the form does not have: it has values, or stands between rows of the form."""
    cells = _line(reading, placement, grid, row)
    has_values = any(cell.column in placement.columns for cell in cells)
    is_labelled = any(cell.column in placement.labels for cell in cells)
    return (
        is_labelled and (has_values or is_inside) and not reading.map.is_margin([cell.text for cell in cells])
    )


def _is_ignored(reading: Reading, placement: Placement, grid: Grid, row: int) -> bool:
    """A row that the layout says nobody takes."""
    first = _line(reading, placement, grid, row)[:1]
    labels = [*row_labels(placement, grid, row).values(), *(row_key(cell.text) for cell in first)]
    return not placement.map.ignored.isdisjoint(labels)


def _is_auxiliary(reading: Reading, placement: Placement, grid: Grid, row: int) -> bool:
    """A row 甲|乙|1|2… or 栏次 right below the header."""
    if row > placement.header_end + 2:
        return False
    texts = [folded(cell.text) for cell in _line(reading, placement, grid, row)]
    numbers = [int(digits) for text in texts if (digits := text.strip("()")).isdigit()]
    is_counting = bool(numbers) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return is_counting and len(texts) > 1 and numbers[0] <= 3 and all(map(_AUXILIARY_CELL.fullmatch, texts))


def _read_row(
    reading: Reading, placement: Placement, grid: Grid, row: int, form_row: FormRow | None, number: int = 0
) -> None:
    """Read a row of a matrix, or the record of that number in a list."""
    unit_seen = _mark_labels(reading, placement, grid, row, form_row)
    form_row = form_row or FormRow(row_id="", labels=(f"第{number}行",))
    label = form_row.labels[placement.table.key_label] if form_row.row_id else form_row.labels[0]
    unit_seen = unit_seen or placement.map.layout.units.get(form_row.row_id, "")
    cells, slot_of, units, name = grid.cells, placement.map.slot, placement.units, grid.name
    for index, column in placement.columns.items():
        cell = cells.get((row, index)) or Cell(row, index, reading.address(grid, row, index), "")
        slot = slot_of(form_row, column)
        demand = reading.demand(
            slot.kind, column.choices, slot.unit_of_measure, unit_seen or units.get(index, "")
        )
        value = _read(with_result(grid, cell) if cell.raw_type == "formula" else cell, demand, cell)
        entry = _entry((*slot[:-1], number, label, value, cell.text, name, cell.address))
        _add(reading, grid, cell, entry, column.is_required and form_row.is_required)
    _mark_extras(reading, placement, grid, row)


def _mark_labels(
    reading: Reading, placement: Placement, grid: Grid, row: int, form_row: FormRow | None
) -> str:
    """Mark the label cells of a row that say what the form prints there, or number it; the unit that one says."""
    found, row_id = "", form_row.row_id if form_row else ""
    for column, index in placement.labels.items():
        cell = grid.cells.get((row, column))
        if cell is None or column not in placement.territory:
            continue
        said = _said_by_label if len(cell.text) <= _LONGEST_LABEL else _said_by_label.__wrapped__
        fate, unit = said(placement.map, row_id, index, cell.text)
        if not fate and _is_ignored_column(placement, grid, cell.column):
            fate = "aside"
        if fate:
            reading.fates.setdefault((grid.name, cell.address), fate)
        found = found or unit
    return found


@functools.lru_cache(maxsize=1 << 13)
def _said_by_label(table: TableMap, row_id: str, index: int, text: str) -> tuple[str, str]:
    """The fate of a label cell in a row of the form (empty: in one of the sender's), and the unit of measure it says."""
    form_row, written = table.row_of.get(row_id), folded(text)
    unit = written if written in UNITS else ""
    known = table.labels_of(form_row, index) if form_row and index != IS_AUXILIARY else ()
    if form_row and (unit or printed_key(row_key(text)) in known):
        return "label", unit
    is_numbering = index == IS_AUXILIARY or table.table.label_columns[index].label in AUXILIARY
    return ("aside" if is_numbering and _COUNTER.fullmatch(written) else ""), unit


def _mark_extras(reading: Reading, placement: Placement, grid: Grid, row: int) -> None:
    """What stands in columns that the form does not have: its header is an issue, in a working file it is its own."""
    extras = [grid.cells.get((row, column)) for column in placement.extras]
    reading.mark(grid, extras, "aside" if reading.map.form.allows_more else "issue")


def _is_ignored_column(placement: Placement, grid: Grid, column: int) -> bool:
    """Whether the layout says that nobody takes the column."""
    rows = range(placement.first_row, placement.header_end + 1)
    levels = dict.fromkeys(label_key(text_at(grid, row, column))[0] for row in rows)
    return placement.labels.get(column) == IS_AUXILIARY and "".join(levels) in placement.map.ignored


def _read(shown: Cell, demand: Demand, stored: Cell) -> Value:
    """What a cell shows; that a sum was added up here is said as a conversion."""
    value = read_value(shown, demand)
    is_computed = shown is not stored and value.value is not None
    return replace(value, conversion=f"公式没有保存结果，相加为{shown.text}") if is_computed else value


def read_list(reading: Reading, placement: Placement, grid: Grid, rows: list[int]) -> None:
    """Read as many rows as were written; a row of nothing but 无 or dashes says that there is none."""
    number, is_open = 0, reading.map.form.allows_more
    for row in rows:
        line = _line(reading, placement, grid, row)
        cells = [cell for cell in line if cell.column in placement.columns and cell.text.strip()]
        if not cells:
            _mark_labels(reading, placement, grid, row, None)
        if not cells or reading.map.is_margin([c.text for c in (cells if is_open else line)]):
            continue
        states = [state_of(cell.text) for cell in cells]
        if _is_auxiliary(reading, placement, grid, row) or _is_ignored(reading, placement, grid, row):
            reading.mark(grid, line, "aside")
        elif all(s and s.state in ("word_none", "dash") for s in states):
            reading.mark(grid, cells, "aside")
            _mark_labels(reading, placement, grid, row, None)
            _mark_extras(reading, placement, grid, row)
        else:
            number += 1
            _read_row(reading, placement, grid, row, None, number)


def _add(reading: Reading, grid: Grid, cell: Cell, entry: Entry, is_required: bool) -> None:
    """Keep an entry, report what is wrong with it, and give its cell its fate."""
    value = entry.value
    is_covered = entry.maximum is not None and _joins_cell_above(reading, grid, cell, entry)
    reading.entries.append(entry)
    is_missing = is_required and value.state == "blank" and not is_covered
    code = value.problem or ("missing_value" if is_missing else "")
    if code:
        words = {"row": entry.row_label, "column": entry.column_label, **value.words}
        reading.report(code, entry.sheet, entry.cell, entry.raw_text.strip(), **words)
    is_read = value.value is not None or not value.problem
    if cell.text.strip():
        reading.fates.setdefault((grid.name, cell.address), "value" if is_read else "issue")


def _joins_cell_above(reading: Reading, grid: Grid, cell: Cell, entry: Entry) -> bool:
    """Whether points stand in one merged cell for several items, this one among them: then they are the block's."""
    above = grid.at(cell.row, cell.column) if entry.maximum is not None else None
    if entry.maximum is None or above is None or above.row == cell.row or above.column != cell.column:
        return False
    for place, first in enumerate(reading.entries):
        if (first.sheet, first.cell, first.role) == (entry.sheet, above.address, entry.role):
            block = reading.lookups.blocks.get(entry.keys.get("item_id", ""), "")
            keys = {**first.keys, "item_id": block} if block else first.keys
            maximum = (first.maximum or 0.0) + entry.maximum
            reading.entries[place] = first._replace(keys=keys, maximum=maximum)
            return True
    return False
