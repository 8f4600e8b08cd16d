"""A form with its values as placed cells, before any file format: what stands where, merged how, in which role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from openpyxl.utils import get_column_letter

from lianzheng.config.forms import Form, FormRow, FormTable, ValueKind

Scalar = str | int | float | bool | dt.date | dt.datetime | None
Key = tuple[str, str, str]
Role = Literal["mark", "title", "header_field", "caption", "column_label", "row_label", "value", "note"]
TABLE_ROLES: tuple[Role, ...] = ("column_label", "row_label", "value")
NUMBER_FORMATS: dict[ValueKind, str] = {
    "amount": "#,##0.00",
    "ratio": "0.00%",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
}
LIST_ROWS = 10  # empty lines that a blank list offers


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell: place (1-based), value, span, role.

    ``keys`` say what it is in the form: ``(table, row, column)`` for a value (a list's row is its number),
    ``(table, row, "")`` and ``(table, "", column)`` for labels, ``("header", field, "")``, ``("title", "", "")``.
    """

    row: int
    column: int
    value: Scalar
    role: Role
    n_rows: int = 1
    n_columns: int = 1
    number_format: str = "General"
    keys: tuple[Key, ...] = ()

    @property
    def address(self) -> str:
        """The cell's address, such as ``B7``."""
        return f"{get_column_letter(self.column)}{self.row}"

    @property
    def last(self) -> tuple[int, int]:
        """The lower right corner of its span."""
        return self.row + self.n_rows - 1, self.column + self.n_columns - 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """Placed cells under one name; ``widths`` of the columns in characters; ``frozen_rows`` stay when scrolling."""

    name: str
    cells: tuple[Placed, ...]
    widths: tuple[int, ...] = ()
    frozen_rows: int = 0
    orientation: Literal["portrait", "landscape"] = "portrait"
    is_hidden: bool = False

    @property
    def n_rows(self) -> int:
        """The last row that anything reaches."""
        return max((cell.last[0] for cell in self.cells), default=0)

    @property
    def n_columns(self) -> int:
        """The last column that anything reaches."""
        return max((cell.last[1] for cell in self.cells), default=0)


@dataclass(frozen=True, slots=True)
class Layout:
    """A form ready to be written: its sheets."""

    form_id: str
    sheets: tuple[Sheet, ...]

    def find(self, key: Key) -> tuple[Sheet, Placed]:
        """The sheet and cell that hold what ``key`` names; a KeyError where there is none."""
        for sheet in self.sheets:
            for cell in sheet.cells:
                if key in cell.keys:
                    return sheet, cell
        raise KeyError(key)

    def change(self, edit: Callable[[Placed], Placed | None]) -> Layout:
        """The layout with every cell replaced by ``edit(cell)``; None takes the cell away."""
        return replace(
            self,
            sheets=tuple(
                replace(sheet, cells=tuple(new for cell in sheet.cells if (new := edit(cell)) is not None))
                for sheet in self.sheets
            ),
        )


def said(value: Scalar) -> str:
    """A value as people write it in a line of text: 2018年12月1日, 3, 3.5."""
    if isinstance(value, dt.date):
        return f"{value.year}年{value.month}月{value.day}日"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def lay_out(
    form: Form,
    header: Mapping[str, Scalar] | None = None,
    matrix: Mapping[Key, Scalar] | None = None,
    records: Mapping[str, Sequence[Mapping[str, Scalar]]] | None = None,
    sheet_name: str = "",
) -> Layout:
    """Place a form and its values; without values it is the blank form.

    ``header`` by field id, ``matrix`` by ``(table_id, row_id, column_id)``, ``records`` by table id. Matrices stand
    below each other on the first sheet, a list after the first table gets a sheet of its own.
    """
    pages: list[list[FormTable]] = []
    for table in form.tables:
        if pages and table.kind == "matrix":
            pages[-1].append(table)
        else:
            pages.append([table])
    captions = [page[0].caption or form.number or "Sheet1" for page in pages]
    names = [sheet_name or form.number or captions[0], *captions[1:]]
    return Layout(
        form.form_id,
        tuple(
            _sheet(form, tables, name, header or {}, matrix or {}, records or {})
            for tables, name in zip(pages, names, strict=True)
        ),
    )


def _sheet(
    form: Form, tables: Sequence[FormTable], name: str, header: Mapping[str, Scalar],
    matrix: Mapping[Key, Scalar], records: Mapping[str, Sequence[Mapping[str, Scalar]]],
) -> Sheet:  # fmt: skip
    n_columns = max(len(table.label_columns) + len(table.columns) for table in tables)
    mark = f"{form.number}　版本：{form.version}".strip("　")
    cells = [
        Placed(1, 1, mark, "mark", n_columns=n_columns),
        Placed(2, 1, form.title, "title", n_columns=n_columns, keys=(("title", "", ""),)),
        *_header_line(form, header, 3, n_columns),
    ]
    row, frozen = 3 + bool(form.header), 0
    for table in tables:
        if table.caption:
            cells.append(Placed(row, 1, table.caption, "caption", n_columns=n_columns))
            row += 1
        cells += _column_labels(table, row)
        row += _depth(table)
        frozen = frozen or row - 1
        body = list(
            _matrix(table, matrix, row)
            if table.kind == "matrix"
            else _list(table, records.get(table.table_id), row)
        )
        cells += body
        row = max((cell.row for cell in body), default=row) + 1
    cells += [Placed(row + i, 1, note, "note", n_columns=n_columns) for i, note in enumerate(form.notes)]
    return Sheet(name, tuple(cells), _widths(tables), frozen if len(tables) == 1 else 0, form.orientation)


def _widths(tables: Iterable[FormTable]) -> tuple[int, ...]:
    """Each column as wide as the widest use that the tables above each other make of it."""
    rows = [[c.width for c in table.label_columns] + [c.width for c in table.columns] for table in tables]
    longest = max(map(len, rows))
    return tuple(max(row[i] for row in rows if i < len(row)) for i in range(longest))


def _header_line(form: Form, header: Mapping[str, Scalar], row: int, n_columns: int) -> Iterator[Placed]:
    """The fields side by side, each in a merged block; in one cell where the table is too narrow."""
    texts = [f"{field.label}：{said(header.get(field.field_id))}" for field in form.header]
    keys: list[Key] = [("header", field.field_id, "") for field in form.header]
    width = n_columns // len(texts) if texts else 0
    if texts and width < 2:
        yield Placed(row, 1, "　　".join(texts), "header_field", n_columns=n_columns, keys=tuple(keys))
        return
    for i, (text, key) in enumerate(zip(texts, keys, strict=True)):
        span = width if i < len(texts) - 1 else n_columns - width * i
        yield Placed(row, 1 + width * i, text, "header_field", n_columns=span, keys=(key,))


def _depth(table: FormTable) -> int:
    return max(column.label.count("/") + 1 for column in table.columns)


def _column_labels(table: FormTable, row: int) -> Iterator[Placed]:
    """Labels over one or more rows: equal upper levels of neighbours merge, short ones reach down."""
    depth, first = _depth(table), len(table.label_columns) + 1
    for i, label in enumerate(table.label_columns, start=1):
        yield Placed(row, i, label.label, "column_label", depth, keys=((table.table_id, "", label.label),))
    paths = [(column.column_id, column.printed.split("/")) for column in table.columns]
    for level in range(depth):
        place = first
        for upper, group in groupby(
            paths, key=lambda path: tuple(path[1][: level + 1]) if len(path[1]) > level + 1 else path[0]
        ):
            members = list(group)
            if isinstance(upper, tuple):
                yield Placed(row + level, place, upper[-1], "column_label", 1, len(members))
            elif len(members[0][1]) == level + 1:
                key = (table.table_id, "", members[0][0])
                yield Placed(
                    row + level, place, members[0][1][-1], "column_label", depth - level, keys=(key,)
                )
            place += len(members)


def _matrix(table: FormTable, matrix: Mapping[Key, Scalar], row: int) -> Iterator[Placed]:
    for i in range(len(table.label_columns)):
        yield from _row_labels(table, i, row)
    first = len(table.label_columns) + 1
    for r, form_row in enumerate(table.rows):
        for c, column in enumerate(table.columns):
            key = (table.table_id, form_row.row_id, column.column_id)
            kind = form_row.value or column.value
            yield Placed(
                row + r,
                first + c,
                matrix.get(key),
                "value",
                number_format=NUMBER_FORMATS.get(kind, "General"),
                keys=(key,),
            )


def _row_labels(table: FormTable, index: int, row: int) -> Iterator[Placed]:
    """One column of labels; an empty label lengthens the cell above it."""
    runs: list[tuple[int, FormRow, int]] = []
    for r, form_row in enumerate(table.rows):
        label = form_row.labels[index]
        if label or not runs or form_row.role == "total":
            runs.append((r, form_row, 1))
        else:
            runs[-1] = (*runs[-1][:2], runs[-1][2] + 1)
    for r, form_row, length in runs:
        keys = ((table.table_id, form_row.row_id, ""),) if index == table.key_label else ()
        yield Placed(row + r, index + 1, form_row.labels[index] or None, "row_label", length, keys=keys)


def _list(table: FormTable, rows: Sequence[Mapping[str, Scalar]] | None, row: int) -> Iterator[Placed]:
    for number, record in enumerate(rows if rows is not None else [{}] * LIST_ROWS, start=1):
        for c, column in enumerate(table.columns, start=1):
            key = (table.table_id, str(number), column.column_id)
            number_format = NUMBER_FORMATS.get(column.value, "General")
            yield Placed(
                row + number - 1,
                c,
                record.get(column.column_id),
                "value",
                number_format=number_format,
                keys=(key,),
            )
