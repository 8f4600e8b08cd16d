"""The rectification ledger (整改台账) as a workbook: made anew once, then only ever added to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lianzheng.config import CycleConfig
from lianzheng.config.forms import FormTable
from lianzheng.forms.addresses import column_letters, sheet_address
from lianzheng.forms.layout import Formula, Placed, Sheet, labelled, lay_out
from lianzheng.forms.ledger_places import EVENTS, LEDGER, LINES, OVERDUE, Additions, Row, TablePlace
from lianzheng.forms.rules import DATE, is_short, list_rule, offered_words
from lianzheng.forms.sheet_edit import SheetEdit, Value, edit_sheets
from lianzheng.forms.sheet_places import Place
from lianzheng.forms.writers import as_xlsx

SPARE_ROWS = 500  # below the last line, with drop-downs for what the office adds by hand


def overdue_formula(columns: Mapping[str, int], row: int, report_date: dt.date, line: Row) -> Formula:
    """是否逾期 of a line as a formula over its own row: due before the report and not closed with proof and verifier."""
    at = {name: sheet_address(row, column) for name, column in columns.items()}
    day = f"DATE({report_date.year},{report_date.month},{report_date.day})"
    closed = f'AND({at["state"]}="已销账",{at["proof"]}<>"",{at["verified_by"]}<>"")'
    due, is_proven = line.get("due_date"), line.get("proof") and line.get("verified_by")
    is_closed = line.get("state") == "closed" and is_proven
    is_due = isinstance(due, dt.datetime) and due.date() < report_date
    text = f'=IF(AND(ISNUMBER({at["due_date"]}),{at["due_date"]}<{day},NOT({closed})),"逾期","")'
    return Formula(text, "逾期" if is_due and not is_closed else "")


def new_ledger(config: CycleConfig, lines: Sequence[Row], events: Sequence[Row]) -> bytes:
    """The ledger as a new workbook: lines and their history, a sheet each."""
    form = config.forms[LEDGER]
    rows = {LINES: lines, EVENTS: events}
    told = {name: labelled(config, form.table(name), rows[name]) for name in rows}
    layout = lay_out(form, records=told)
    named = zip(rows, layout.sheets, strict=True)
    sheets = [_guided(config, form.table(name), sheet) for name, sheet in named]
    sheets[0] = _with_formulas(config, form.table(LINES), sheets[0], lines)
    return as_xlsx(replace(layout, sheets=tuple(sheets)))


def _columns(table: FormTable) -> dict[str, int]:
    names = [*(OVERDUE for _ in table.label_columns), *(column.column_id for column in table.columns)]
    return {name: place for place, name in enumerate(names, start=1)}


def _guided(config: CycleConfig, table: FormTable, sheet: Sheet) -> Sheet:
    """The sheet with a filter, drop-downs for short lists and a check of dates, down to some spare rows."""
    first, last = sheet.frozen_rows + 1, sheet.n_rows
    letters = {name: column_letters(column) for name, column in _columns(table).items()}
    spans = {name: f"{letter}{first}:{letter}{last + SPARE_ROWS}" for name, letter in letters.items()}
    offered = {column.column_id: offered_words(config, column) for column in table.columns}
    return replace(
        sheet,
        filtered=f"A{first - 1}:{column_letters(sheet.n_columns)}{max(last, first)}",
        rules=(
            *(list_rule(spans[c], w) for c, w in offered.items() if w and is_short(w)),
            *(replace(DATE, where=spans[c.column_id]) for c in table.columns if c.value == "date"),
        ),
    )


def _with_formulas(config: CycleConfig, table: FormTable, sheet: Sheet, lines: Sequence[Row]) -> Sheet:
    first, columns, day = sheet.frozen_rows + 1, _columns(table), config.cycle.report_date
    cells = [
        Placed(row, columns[OVERDUE], overdue_formula(columns, row, day, line), "value")
        for row, line in enumerate(lines, start=first)
    ]
    return replace(sheet, cells=(*sheet.cells, *cells))


def added_to(
    data: bytes, config: CycleConfig, places: Mapping[str, TablePlace], additions: Additions
) -> bytes:
    """The office's workbook with what it lacks; the same bytes where it lacks nothing."""
    form, day = config.forms[LEDGER], config.cycle.report_date
    lines, events = places[LINES], places.get(EVENTS)
    cells = _appended(config, form.table(LINES), lines, additions.lines)
    for row, line in enumerate(additions.lines, start=lines.next_row):
        if OVERDUE in lines.columns and {"due_date", "state", "proof", "verified_by"} <= set(lines.columns):
            cells[row, lines.columns[OVERDUE]] = overdue_formula(lines.columns, row, day, line)
    for row, marks in additions.ids.items():
        cells |= {(row, lines.columns[name]): text for name, text in marks.items() if name in lines.columns}
    edits = [SheetEdit(lines.sheet, lines.last_row, cells)]
    if events:
        told = _appended(config, form.table(EVENTS), events, additions.events)
        edits.append(SheetEdit(events.sheet, events.last_row, told))
    return edit_sheets(data, edits)


def _appended(
    config: CycleConfig, table: FormTable, place: TablePlace, rows: Iterable[Row]
) -> dict[Place, Value]:
    """Rows below the table, in the columns that the office's file has."""
    return {
        (row, place.columns[name]): value
        for row, line in enumerate(labelled(config, table, rows), start=place.next_row)
        for name, value in line.items()
        if name in place.columns and value is not None
    }
