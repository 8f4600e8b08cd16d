"""A blank form as a person fills it: finds the cell by the words beside and above it, types, saves.

Nothing here knows how the library lays forms out; only the labels of the configuration are looked for.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from docx import Document
from docx.document import Document as WordDocument
from docx.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from lianzheng.config.forms import Form, FormTable

Key = tuple[str, str, str]
Where = Callable[[str, str], tuple[int, int]]
_UNIT_OF_MEASURE = re.compile("（[^（）]+）$")


def _plain(text: object) -> str:
    return "".join(str("" if text is None else text).split())


@dataclass
class FilledBook:
    """A .xlsx form open in a spreadsheet program; ``cells`` remember where each value was typed."""

    form: Form
    data: bytes
    cells: dict[Key, str] = field(default_factory=dict)
    sheets: dict[str, Worksheet] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(self.data))
        self.sheet: Worksheet = self.book.worksheets[0]

    def header(self, **values: Any) -> FilledBook:
        """Type the header's fields behind their labels."""
        labels = {_plain(f.label): f.field_id for f in self.form.header}
        for row in self.sheet.iter_rows(max_row=6):
            for cell in row:
                field_id = labels.get(_plain(cell.value).removesuffix("："))
                if field_id in values:
                    target = next(c for c in row if c.column > cell.column and not c.protection.locked)
                    self._type("header", field_id, "", target.coordinate, values[field_id])
        return self

    def fill(self, values: Mapping[Key, Any]) -> FilledBook:
        """Type a form's values where they belong; what the sheet computes itself is left to it."""
        places = {table.table_id: self._places(table) for table in self.form.tables}
        for (table_id, row_id, column_id), value in values.items():
            row, column = places[table_id](row_id, column_id)
            cell = self.sheets[table_id].cell(row, column)
            if not cell.protection.locked:
                self._type(table_id, row_id, column_id, cell.coordinate, value)
            self.cells[table_id, row_id, column_id] = cell.coordinate
        return self

    def type_at(self, key: Key, value: Any) -> str:
        """Type something else where ``key`` stands, a locked cell too; returns the address."""
        self._type(*key, self.cells[key], value)
        return self.cells[key]

    def sheet_of(self, key: Key) -> str:
        """The name of the sheet where ``key`` stands; the header is on the form's own."""
        return self.sheets[key[0]].title if key[0] in self.sheets else self.form.number

    def saved(self) -> bytes:
        """The file."""
        buffer = io.BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()

    def _type(self, table_id: str, row_id: str, column_id: str, address: str, value: Any) -> None:
        self.sheets.get(table_id, self.sheet)[address] = value
        self.cells[table_id, row_id, column_id] = address

    def _places(self, table: FormTable) -> Where:
        pages = {
            page: {(c.row, c.column): _plain(c.value) for row in page.iter_rows() for c in row if c.value is not None}
            for page in self.book.worksheets
        }  # fmt: skip
        caption = _plain(table.caption)
        sheet = next(
            (page for page, told in pages.items() if caption and caption in told.values()), self.sheet
        )
        self.sheets[table.table_id], texts = sheet, pages[sheet]
        captions = [_plain(t.caption) for t in self.form.tables if t.caption]
        starts = [row for (row, _), text in texts.items() if text in captions]
        first = next(
            (row for (row, _), text in texts.items() if table.caption and text == _plain(table.caption)), 1
        )
        last = min((row for row in starts if row > first), default=sheet.max_row + 1)
        return _finder(table, {(r, c): text for (r, c), text in texts.items() if first <= r < last})


@dataclass
class FilledDocument:
    """A .docx form open in a word processor; ``cells`` remember where each value was typed (``t1r3c2``)."""

    form: Form
    data: bytes
    cells: dict[Key, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.document: WordDocument = Document(io.BytesIO(self.data))

    def header(self, **values: Any) -> FilledDocument:
        """Type the header's fields behind their labels, in place of what was left blank."""
        labels = [f.label for f in self.form.header]
        texts = {f.label: str(values[f.field_id]) for f in self.form.header if f.field_id in values}
        for paragraph in self.document.paragraphs:
            for run, follower in zip(paragraph.runs, paragraph.runs[1:], strict=False):
                label = run.text.strip().removesuffix("：")
                if label in labels and label in texts:
                    follower.text = texts[label]
        return self

    def fill(self, values: Mapping[Key, Any]) -> FilledDocument:
        """Type a form's values where they belong, totals too: Word computes nothing."""
        grids = {t.table_id: i for i, t in enumerate(self.form.tables)}
        finders = {
            t.table_id: _finder(t, _texts(self.document.tables[i])) for i, t in enumerate(self.form.tables)
        }
        cells = {
            table_id: [row.cells for row in self.document.tables[i].rows] for table_id, i in grids.items()
        }
        for (table_id, row_id, column_id), value in values.items():
            row, column = finders[table_id](row_id, column_id)
            cells[table_id][row - 1][column - 1].text = "" if value is None else f"{value}"
            self.cells[table_id, row_id, column_id] = f"t{grids[table_id] + 1}r{row}c{column}"
        return self

    def type_at(self, key: Key, value: Any) -> str:
        """Type something else where ``key`` stands; returns the address."""
        self.fill({key: value})
        return self.cells[key]

    def sheet_of(self, key: Key) -> str:
        """What stands for a sheet in a Word file, wherever ``key`` is."""
        return "正文"

    def saved(self) -> bytes:
        """The file."""
        buffer = io.BytesIO()
        self.document.save(buffer)
        return buffer.getvalue()


def _texts(table: Table) -> dict[tuple[int, int], str]:
    return {
        (r, c): _plain(cell.text)
        for r, row in enumerate(table.rows, start=1)
        for c, cell in enumerate(row.cells, start=1)
    }


def _finder(table: FormTable, texts: Mapping[tuple[int, int], str]) -> Where:
    """Which place a row's label and a column's header cross at."""
    rows = {row.row_id: _plain(row.labels[table.key_label]) for row in table.rows}
    columns = {c.column_id: _plain(c.label.rpartition("/")[2]) for c in table.columns}
    label_column = table.key_label + 1

    def find(row_id: str, column_id: str) -> tuple[int, int]:
        row = next(r for (r, c), text in texts.items() if c == label_column and text == rows[row_id])
        headers = [(c, text) for (r, c), text in texts.items() if r < row and c > label_column]
        wanted = columns[column_id]
        return row, next(c for c, text in headers if wanted in (text, _UNIT_OF_MEASURE.sub("", text)))

    return find
