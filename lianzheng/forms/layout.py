"""A form with its values as placed cells, before any file format: what stands where, merged how, in which role."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, Any, Literal

from lianzheng.config.forms import Form, FormTable, ValueKind
from lianzheng.forms.addresses import sheet_address

if TYPE_CHECKING:
    from lianzheng.config import CycleConfig

Scalar = str | int | float | bool | dt.date | dt.datetime | None
Key = tuple[str, str, str]
Link = tuple[str, str]
"""A file beside the workbook, and the place in it (``'附件2'!D13``), empty for the whole."""
Role = Literal[
    "mark", "code", "title", "header_field", "header_label", "header_value", "caption", "column_label", "row_label",
    "value", "note",
]  # fmt: skip
TABLE_ROLES: tuple[Role, ...] = ("column_label", "row_label", "value")
LIST_ROWS = 10  # empty lines that a blank list offers
NUMBER_FORMATS: dict[ValueKind, str] = {
    "amount": "#,##0.00", "ratio": "0.00%", "date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm",
}  # fmt: skip


Top = Callable[[Form, Mapping[str, Scalar], Sequence[float]], Iterable["Placed"]]


@dataclass(frozen=True, slots=True)
class Formula:
    """What a workbook computes: the formula with its ``=``, and what it comes to, for previewers."""

    text: str
    value: float | str


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell: place (1-based), value, span, role.

    ``keys`` say what it is in the form: ``(table, row, column)`` for a value (a list's row is its number),
    ``(table, row, "")`` and ``(table, "", column)`` for labels, ``("header", field, "")``, ``("title", "", "")``.
    On a sheet that is protected only what ``is_open`` can be written to. A workbook's cell may have a ``fill`` (RRGGBB),
    and a ``link`` that it leads to.
    """

    row: int
    column: int
    value: Scalar | Formula
    role: Role
    n_rows: int = 1
    n_columns: int = 1
    number_format: str = "General"
    keys: tuple[Key, ...] = ()
    is_open: bool = False
    fill: str = ""
    link: Link | None = None

    @property
    def address(self) -> str:
        """The cell's address, such as ``B7``."""
        return sheet_address(self.row, self.column)

    @property
    def last(self) -> tuple[int, int]:
        """The lower right corner of its span."""
        return self.row + self.n_rows - 1, self.column + self.n_columns - 1


@dataclass(frozen=True, slots=True)
class Rule:
    """What a workbook lets people write in the cells ``where``, and the sentence that it shows for anything else.

    A ``list`` offers ``words``, a closed list of that ``name``; ``limits`` are the formulas of the other kinds: the
    lowest and the highest, or what must hold of the first cell of ``where``.
    """

    where: str
    kind: Literal["list", "whole", "decimal", "date", "custom"]
    message: str
    limits: tuple[str, ...] = ()
    name: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Placed cells under one name; ``widths`` of the columns in characters; ``frozen_rows`` stay when scrolling.

    With ``frozen_columns`` these stay too, and repeat on paper, where the sheet is two pages wide.
    ``filtered`` is a range with a filter; ``least_height`` is that of a table's row in points, ``heights`` are those of
    single rows; a new page begins after each row of ``breaks``; ``is_protected`` locks what is not open.
    In Word its text is ``larger_by`` so many points than usual.
    """

    name: str
    cells: tuple[Placed, ...]
    widths: tuple[float, ...] = ()
    frozen_rows: int = 0
    orientation: Literal["portrait", "landscape"] = "portrait"
    is_hidden: bool = False
    frozen_columns: int = 0
    filtered: str = ""
    rules: tuple[Rule, ...] = ()
    least_height: float = 15
    heights: tuple[tuple[int, float], ...] = ()
    breaks: tuple[int, ...] = ()
    is_protected: bool = False
    larger_by: float = 0

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
    """A form ready to be written: its sheets, and what the file says of itself as custom properties."""

    form_id: str
    sheets: tuple[Sheet, ...]
    properties: tuple[tuple[str, str], ...] = ()

    def find(self, key: Key) -> tuple[Sheet, Placed]:
        """The first sheet and cell that hold what ``key`` names; a KeyError where there is none."""
        for sheet in self.sheets:
            for cell in sheet.cells:
                if key in cell.keys:
                    return sheet, cell
        raise KeyError(key)

    def change(self, edit: Callable[[Placed], Placed | None]) -> Layout:
        """The layout with every cell replaced by ``edit(cell)``; None takes the cell away."""
        changed = [(sheet, map(edit, sheet.cells)) for sheet in self.sheets]
        sheets = (replace(sheet, cells=tuple(c for c in cells if c is not None)) for sheet, cells in changed)
        return replace(self, sheets=tuple(sheets))


def labelled(
    config: CycleConfig, table: FormTable, rows: Iterable[Mapping[str, Any]], is_office: bool = False
) -> list[dict[str, Scalar]]:
    """Rows of a processed table as people write them: labels for ids, 是 and 否; the office's CSV has ids."""
    labels: dict[str, dict[Scalar, Scalar]] = {"unit_id": {unit.unit_id: unit.name for unit in config.units}}
    for c in (c for c in table.columns if c.choices):
        labels[c.column_id] = {id_: label for id_, (label, _) in config.choices(c.choices).items()}
    labels = {} if is_office else labels
    labels |= {c.column_id: {True: "是", False: "否"} for c in table.columns if c.value == "boolean"}
    names = [(c.column_id, c.target or c.column_id, labels.get(c.column_id, {})) for c in table.columns]
    return [
        {id_: words.get(row[name], row[name]) for id_, name, words in names if row.get(name) is not None}
        for row in rows
    ]


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
    top: Top | None = None,
) -> Layout:
    """Place a form and its values; without values it is the blank form.

    ``header`` by field id, ``matrix`` by ``(table_id, row_id, column_id)``, ``records`` by table id. Matrices stand
    below each other on the first sheet, a list after the first table gets a sheet of its own. ``top`` places what
    stands above the tables.
    """
    values, n_lines = dict(matrix or {}), {}
    for table_id, lines in (records or {}).items():
        n_lines[table_id] = len(lines)
        values |= {(table_id, str(i), c): v for i, line in enumerate(lines, 1) for c, v in line.items()}
    pages: list[list[FormTable]] = []
    for table in form.tables:
        if pages and table.kind == "matrix":
            pages[-1].append(table)
        else:
            pages.append([table])
    names = [page[0].caption or form.number or "Sheet1" for page in pages]
    names[0] = sheet_name or form.number or names[0]
    sheets = [
        _sheet(form, page, name, header or {}, values, n_lines, top or _plain_top)
        for page, name in zip(pages, names, strict=True)
    ]
    return Layout(form.form_id, tuple(sheets))


def _sheet(
    form: Form, tables: Sequence[FormTable], name: str, header: Mapping[str, Scalar],
    values: Mapping[Key, Scalar], n_lines: Mapping[str, int], top: Top,
) -> Sheet:  # fmt: skip
    """What stands on top, the tables below each other, notes."""
    each = [[c.width for c in table.label_columns] + [c.width for c in table.columns] for table in tables]
    widths = tuple(float(max(column)) for column in zip_longest(*each, fillvalue=0))
    wide = len(widths)
    cells = list(top(form, header, widths))
    row, frozen = max(cell.row for cell in cells) + 1, 0
    for table in tables:
        if table.caption:
            cells.append(Placed(row, 1, table.caption, "caption", 1, wide))
            row += 1
        depth = max(column.label.count("/") + 1 for column in table.columns)
        cells += _column_labels(table, row, depth)
        row += depth
        frozen = frozen or row - 1
        cells += [cell for i in range(len(table.label_columns)) for cell in _row_labels(table, i, row)]
        n_rows = n_lines.get(table.table_id, LIST_ROWS)
        rows = [(form_row.row_id, form_row.value) for form_row in table.rows]
        rows = rows or [(str(i), None) for i in range(1, n_rows + 1)]
        cells += _values(table, rows, values, row)
        row += max(len(rows), 1)
    cells += [Placed(row + i, 1, note, "note", 1, wide) for i, note in enumerate(form.notes)]
    return Sheet(name, tuple(cells), widths, frozen if len(tables) == 1 else 0, form.orientation)


def _plain_top(form: Form, header: Mapping[str, Scalar], widths: Sequence[float]) -> Iterator[Placed]:
    """Number and version, title, the header fields in one line."""
    wide = len(widths)
    yield Placed(1, 1, f"{form.number}　版本：{form.version}".strip("　"), "mark", 1, wide)
    yield Placed(2, 1, form.title, "title", 1, wide, keys=(("title", "", ""),))
    yield from _header_line(form, header, 3, wide)


def _header_line(form: Form, header: Mapping[str, Scalar], row: int, wide: int) -> Iterator[Placed]:
    """The fields side by side, each in a merged block; in one cell where the table is too narrow."""
    keys: tuple[Key, ...] = tuple(("header", field.field_id, "") for field in form.header)
    texts = [f"{field.label}：{said(header.get(field.field_id))}" for field in form.header]
    each = wide // len(texts) if texts else 0
    if texts and each < 2:
        texts, keys_of, each = ["　　".join(texts)], [keys], wide
    else:
        keys_of = [(key,) for key in keys]
    for i, (text, its) in enumerate(zip(texts, keys_of, strict=True)):
        span = each if i < len(texts) - 1 else wide - each * i
        yield Placed(row, 1 + each * i, text, "header_field", 1, span, keys=its)


def _column_labels(table: FormTable, row: int, depth: int) -> Iterator[Placed]:
    """Labels over ``depth`` rows: equal upper levels of neighbours merge, short ones reach down."""
    for i, label in enumerate(table.label_columns, start=1):
        yield Placed(row, i, label.label, "column_label", depth, keys=((table.table_id, "", label.label),))
    paths = list(enumerate((c.printed.split("/") for c in table.columns), start=len(table.label_columns) + 1))
    for (place, path), column in zip(paths, table.columns, strict=True):
        key, level = (table.table_id, "", column.column_id), len(path) - 1
        yield Placed(row + level, place, path[-1], "column_label", depth - level, keys=(key,))
    for level in range(depth - 1):
        uppers = [(place, path[: level + 1] if len(path) > level + 1 else []) for place, path in paths]
        for upper, group in groupby(uppers, key=lambda pair: pair[1]):
            places = [place for place, _ in group]
            if upper:
                yield Placed(row + level, places[0], upper[-1], "column_label", 1, len(places))


def _row_labels(table: FormTable, index: int, row: int) -> Iterator[Placed]:
    """One column of labels; an empty label lengthens the cell above it."""
    is_start = [row.labels[index] or row.role == "total" for row in table.rows]
    starts = [r for r, starts_here in enumerate(is_start) if starts_here or r == 0]
    for start, end in zip(starts, [*starts, len(table.rows)][1:], strict=True):
        form_row = table.rows[start]
        keys = ((table.table_id, form_row.row_id, ""),) if index == table.key_label else ()
        label = form_row.labels[index] or None
        yield Placed(row + start, index + 1, label, "row_label", end - start, keys=keys)


def _values(
    table: FormTable, rows: Sequence[tuple[str, ValueKind | None]], values: Mapping[Key, Scalar], row: int
) -> Iterator[Placed]:
    for r, (row_id, kind) in enumerate(rows):
        for c, column in enumerate(table.columns, start=len(table.label_columns) + 1):
            key = (table.table_id, row_id, column.column_id)
            number_format = NUMBER_FORMATS.get(kind or column.value, "General")
            yield Placed(row + r, c, values.get(key), "value", number_format=number_format, keys=(key,))
