"""data/office/<cycle>/rectifications.xlsx: read as a form of its own, and given what it lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from lianzheng.config import CycleConfig
from lianzheng.disk import write_atomically
from lianzheng.errors import InputError
from lianzheng.forms.ledger_places import FILE, LEDGER, OVERDUE, Additions, TablePlace
from lianzheng.forms.ledger_places import LINES as LINES_TABLE
from lianzheng.intake.assemble import Rows, Target
from lianzheng.intake.books import read_book
from lianzheng.intake.cells import Book
from lianzheng.intake.files import from_book, make_setup
from lianzheng.intake.form_maps import KnownForms
from lianzheng.intake.ledger import LINES, Ledger, lines_of_findings, merge
from lianzheng.intake.placements import Placement
from lianzheng.intake.received import Received
from lianzheng.intake.recognise import recognise


def ledger_path(config: CycleConfig) -> Path:
    """Where the office keeps its ledger."""
    return config.data_office / FILE


def keep_ledger(
    rows: Rows, targets: Mapping[Target, str], config: CycleConfig, is_written: bool
) -> tuple[Ledger, Received | None, Additions]:
    """The ledger merged out of rows and the office's file, the file as read, and what it lacked.

    With ``is_written`` that is added to the file, which is then read again. A file that cannot be read as this
    cycle's ledger is an issue and is left alone. Raises :class:`InputError` where it is open in another program.
    """
    origins = [*rows.get(LINES, []), *lines_of_findings(rows.get("findings", []), config)]
    ledger, file, book = _merged(origins, targets, config)
    additions = _additions(ledger)
    is_ours = file is None or file.is_counted
    if not (is_written and is_ours and LEDGER in config.forms and (additions or file is None)):
        return ledger, file, additions
    _write(config, book, additions)
    return *_merged(origins, targets, config)[:2], additions


def _merged(
    origins: list[dict[str, object]], targets: Mapping[Target, str], config: CycleConfig
) -> tuple[Ledger, Received | None, Book | None]:
    path = ledger_path(config)
    if not path.is_file() or LEDGER not in config.forms:
        return merge(origins, targets, [], config), None, None
    book = read_book(path, config.cycle.limits)
    name = path.relative_to(config.project).as_posix()
    file = from_book(book, name, make_setup(config, is_ledger=True))
    return merge(origins, targets, file.records, config, file.file_id), file, book


def _additions(ledger: Ledger) -> Additions:
    """Lines, events, and for lines added by hand their id and mark of origin, by row of the file."""
    ids = {
        int("".join(filter(str.isdigit, record.cells[0][1]))): {
            name: line[name] for name in ("rectification_id", "origin_key") if record.values.get(name) is None
        }
        for record, line in ledger.unnamed
    }
    return Additions(ledger.unwritten, ledger.unrecorded, ids)


def _write(config: CycleConfig, book: Book | None, additions: Additions) -> None:
    from lianzheng.forms.ledger import added_to, new_ledger  # with openpyxl, which most runs do without

    path = ledger_path(config)
    if book is None:
        write_atomically(path, new_ledger(config, additions.lines, additions.events))
        return
    if book.format not in ("xlsx", "xlsm"):
        raise InputError(f"{path} 不是 .xlsx 工作簿，没有写入", "请用 Excel 或 WPS 另存为 .xlsx 后再运行一次")
    recognition = recognise(book, KnownForms([config.forms[LEDGER]]))
    placements = recognition.placements if recognition else ()
    places = {p.table.table_id: _table_place(p, book) for p in placements}
    old = path.read_bytes()
    if hashlib.sha256(old).hexdigest() != book.sha256:
        raise InputError(f"{path} 刚刚被改动，没有写入", "请再运行一次")
    if LINES_TABLE not in places:
        return  # the form's reader has said that it is missing
    new = added_to(old, config, places, additions)
    if new != old:
        write_atomically(path, new)


def _table_place(placement: Placement, book: Book) -> TablePlace:
    grid = book.grids[placement.sheet]
    columns = {column.column_id: place for place, column in placement.columns.items()}
    for place, index in placement.labels.items():
        if index == 0:
            columns[OVERDUE] = place
    filled = (row for row, column in grid.cells if row > placement.header_end and column in placement.columns)
    last = max(chain(filled, [0]))
    return TablePlace(grid.name, columns, last, max(grid.n_rows, placement.header_end) + 1)
