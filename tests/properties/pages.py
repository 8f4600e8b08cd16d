"""A form's cells laid out on pages as people lay them out: in any order, with other labels, and with what stands around.

Written without the library's own layouts, which other tests hold; every choice comes from :class:`Mess`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lianzheng.config.forms import Form, FormColumn, FormTable
from tests.properties.meaning import HEADER, Key
from tests.properties.writings import Typed

Place = tuple[int, int, int]  # page, row, column
MARGIN = -1
EXTRA, STRAY = "extra", "stray"
"""A column, a row, a line that the form does not have."""


@dataclass
class TableMess:
    """How one table is written: orders of rows and columns, gaps, labels, merges; ``twice`` is a fault.

    ``nothing`` is what an empty list says in its first line.
    """

    columns: list[str]
    rows: list[str]
    labels: list[int]
    gap_column: int = -1
    gap_rows: tuple[int, ...] = ()
    is_flat: bool = False
    is_merged: bool = True
    is_repeated: bool = False
    numbers: bool = False
    auxiliary: bool = False
    unit_style: int = 0
    units: dict[str, str] = field(default_factory=dict)
    alias: dict[str, int] = field(default_factory=dict)
    change: Mapping[str, int] = field(default_factory=dict)
    has_caption: bool = True
    twice: str = ""
    hidden: str = ""
    nothing: str = ""


@dataclass
class Mess:
    """What stands around the tables: title, number, header and where it is, notes, signatures, pages, a stray line."""

    tables: dict[str, TableMess]
    header_style: str = "each"
    header_below: bool = False
    has_title: bool = True
    title: str = ""
    has_number: bool = True
    change: int = 0
    above: int = 0
    shift: int = 0
    is_spread: bool = False
    has_notes: bool = True
    has_signatures: bool = False
    empty_page: bool = False
    names: tuple[str, ...] = ("Sheet1",)
    unit_line: str = ""
    stray: str = ""
    header_alias: int = 0


@dataclass
class Page:
    """A sheet: lines of cells by column, which table each line is part of, merged ranges, hidden rows."""

    name: str
    lines: list[dict[int, Typed]] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)

    def add(self, cells: Mapping[int, Typed], owner: int = MARGIN) -> int:
        """A line more; its row."""
        self.lines.append(dict(cells))
        self.owners.append(owner)
        return len(self.lines)


@dataclass
class Paper:
    """All pages of a form and where on them each key stands: values, header fields, labels, what is too much."""

    pages: list[Page]
    at: dict[Key, Place] = field(default_factory=dict)


CHANGES: tuple[Callable[[str], str], ...] = (
    str,
    " ".join,
    lambda label: f"{label[:2]}\n{label[2:]}",
    lambda label: f"\u3000{label}\u3000",
    lambda label: label.replace("（", "(").replace("）", ")"),
    lambda label: f"{label[:1]}\u00a0{label[1:]}",
    lambda label: f"{label}\u200b",
    lambda label: label.translate(str.maketrans("0123456789()", "０１２３４５６７８９（）")),
    lambda label: label.replace("，", ",").replace("、", "､"),
)
"""What people's keyboards and programs do to a label, and does not make it another."""
UNIT_STYLES: tuple[Callable[[str], str], ...] = (
    lambda unit: f"（{unit}）", lambda unit: f"({unit})", lambda unit: f"\n（{unit}）", lambda unit: f" (单位：{unit})", lambda unit: f"【{unit}】", lambda unit: "",
)  # fmt: skip
NUMBERINGS = ("", "1.", "（一）", "2、", "其中：")


def text(words: str) -> Typed:
    """A printed text."""
    return Typed(words, words, "text")


class Builder:
    """Lays a form out, line by line."""

    def __init__(
        self, form: Form, header: Mapping[str, Typed], cells: Mapping[Key, Typed], mess: Mess
    ) -> None:
        self.form, self.header, self.cells, self.mess = form, header, cells, mess
        self.paper = Paper([])

    def build(self) -> Paper:
        """Title and header, the tables below each other or on pages of their own, what stands below."""
        mess = self.mess
        self._page()
        self._top()
        tables = [table for table in self.form.tables if table.table_id in mess.tables]
        for number, table in enumerate(tables):
            if number and mess.is_spread:
                self._page()
            if number == 0 and mess.unit_line:
                self._add({1: text(f"单位：{mess.unit_line}")})
            _TableBuilder(self, table, mess.tables[table.table_id], number).build()
        if mess.header_below:
            self._header()
        for note in self.form.notes if mess.has_notes else ():
            self._add({1: text(note)})
        for signature in self.form.signatures if mess.has_signatures else ():
            self._add({1: text(f"{signature}：")})
        if mess.empty_page:
            self.paper.pages.append(Page("Sheet9"))
        return self.paper

    def _page(self) -> None:
        names = self.mess.names
        number = len(self.paper.pages)
        self.paper.pages.append(Page(names[number] if number < len(names) else f"Sheet{number + 1}"))

    def _add(self, cells: Mapping[int, Typed]) -> int:
        return self.paper.pages[-1].add({column + self.mess.shift: cell for column, cell in cells.items()})

    def mark(self, key: Key, row: int, column: int) -> None:
        """Remember where something stands."""
        self.paper.at.setdefault(key, (len(self.paper.pages) - 1, row, column))

    def _top(self) -> None:
        mess, change = self.mess, CHANGES[self.mess.change]
        if mess.has_number and self.form.number:
            self._add({1: text(change(f"{self.form.number}　版本：{self.form.version}"))})
        for _ in range(mess.above):
            self._add({})
        if mess.has_title:
            row = self._add({1: text(change(mess.title or self.form.title))})
            self.mark(("title", "", ""), row, 1 + mess.shift)
        if mess.stray:
            row = self._add({1: text(mess.stray)})
            self.mark((STRAY, "", ""), row, 1 + mess.shift)
        if not mess.header_below:
            self._header()

    def _header(self) -> None:
        """The fields of the header: each in a cell, label and value side by side, one line of text, a line each."""
        fields = [
            (f.field_id, (f.label, *f.aliases)[self.mess.header_alias % (1 + len(f.aliases))])
            for f in self.form.header
        ]
        if not fields:
            return
        told = [(id_, label, self.header[id_]) for id_, label in fields]
        style = self.mess.header_style
        lines: list[list[tuple[str, dict[int, Typed]]]]
        if style == "beside":
            cells = {}
            for i, (_, label, typed) in enumerate(told):
                cells |= {1 + 2 * i: text(f"{label}：" if i % 2 else label), 2 + 2 * i: typed}
            row = self._add(cells)
            for i, (id_, _, typed) in enumerate(told):
                is_empty = typed.value is None or not str(typed.value).strip()
                self.mark((HEADER, id_, ""), row, (1 if is_empty else 2) + 2 * i + self.mess.shift)
            return
        texts = [
            (id_, f"{label}：{'' if typed.value is None else typed.value}") for id_, label, typed in told
        ]
        if style == "line":
            lines = [[(id_, {1: text("　　".join(t for _, t in texts))}) for id_, _ in texts]]
        elif style == "rows":
            lines = [[(id_, {1: text(t)})] for id_, t in texts]
        else:
            lines = [[(id_, {1 + i: text(t)}) for i, (id_, t) in enumerate(texts)]]
        for line in lines:
            row = self._add({column: cell for _, its in line for column, cell in its.items()})
            for id_, its in line:
                self.mark((HEADER, id_, ""), row, next(iter(its)) + self.mess.shift)


class _TableBuilder:
    """Lays one table out."""

    def __init__(self, builder: Builder, table: FormTable, mess: TableMess, number: int) -> None:
        self.builder, self.table, self.mess, self.number = builder, table, mess, number
        self.page = builder.paper.pages[-1]
        self.forms: dict[str, FormColumn] = {column.column_id: column for column in table.columns}
        first = 1 + builder.mess.shift + mess.numbers
        names: list[str | int] = [*mess.labels, *mess.columns]
        self.columns = {name: first + i + (i >= mess.gap_column >= 0) for i, name in enumerate(names)}

    def build(self) -> None:
        """Caption, header, guidance, rows."""
        caption, change = self.table.caption, CHANGES[self.builder.mess.change]
        if caption and self.mess.has_caption:
            self.page.add({1 + self.builder.mess.shift: text(change(caption))})
        self._head()
        if self.mess.auxiliary:
            signs = ["甲", "乙", "丙", "丁", "戊", "己"][: len(self.mess.labels)] + [
                str(i + 1) for i in range(len(self.mess.columns))
            ]
            self.page.add(
                {c: text(s) for c, s in zip(self.columns.values(), signs, strict=True)}, self.number
            )
        for i, row in enumerate(self.mess.rows):
            if i in self.mess.gap_rows:
                self.page.add({}, self.number)
            self._row(row, i)
        if self.mess.nothing:
            self.page.add({next(iter(self.columns.values())): text(self.mess.nothing)}, self.number)
        if self.mess.twice:
            self._row(self.mess.twice, len(self.mess.rows), is_again=True)

    def _head(self) -> None:
        paths = {name: self._path(name) for name in self.columns}
        depth = max(map(len, paths.values()))
        lines: list[dict[int, Typed]] = [{} for _ in range(depth)]
        top = len(self.page.lines) + 1
        before: tuple[str, int] = "", 0
        for name, column in self.columns.items():
            path = paths[name]
            if len(path) > 1:
                is_same = before == (path[0], column - 1)
                if not is_same or self.mess.is_repeated:
                    lines[0][column] = text(path[0])
                if is_same and self.mess.is_merged and not self.mess.is_repeated:
                    self._join(top, column)
                elif not is_same and self.mess.is_merged and not self.mess.is_repeated:
                    self.page.merges.append((top, column, top, column))
                before = path[0], column
            elif depth > 1 and self.mess.is_merged:
                self.page.merges.append((top, column, top + depth - 1, column))
            lines[len(path) - 1][column] = text(path[-1])
            self.builder.mark((self.table.table_id, "", str(name)), top + len(path) - 1, column)
        if self.mess.numbers:
            lines[0][1 + self.builder.mess.shift] = text("序号")
        self.builder.mark((self.table.table_id, "", ""), top, min(lines[0]))
        for line in lines:
            self.page.add(line, self.number)

    def _join(self, top: int, column: int) -> None:
        """Lengthen the merged range to the left by a column."""
        last = self.page.merges.pop()
        assert last[0] == top and last[3] == column - 1
        self.page.merges.append((last[0], last[1], top, column))

    def _path(self, name: str | int) -> list[str]:
        """The levels of a column's label as printed here."""
        if name == EXTRA:
            return ["备用情况"]
        change = CHANGES[self.mess.change.get(str(name), 0)]
        if isinstance(name, int):
            label = self.table.label_columns[name]
            return [
                change(
                    (label.label, *label.aliases)[
                        self.mess.alias.get(str(name), 0) % (1 + len(label.aliases))
                    ]
                )
            ]
        column = self.forms[name]
        label_text = (column.label, *column.aliases)[self.mess.alias.get(name, 0) % (1 + len(column.aliases))]
        unit = self.mess.units.get(name, column.unit_of_measure)
        tail = UNIT_STYLES[self.mess.unit_style](unit) if unit else ""
        levels = [label_text] if self.mess.is_flat else label_text.split("/")
        return [*map(change, levels[:-1]), change(levels[-1]) + tail]

    def _row(self, row_id: str, index: int, is_again: bool = False) -> None:
        cells, keys = self._labels(row_id, index), {}
        for name in self.mess.columns:
            key = (self.table.table_id, row_id, name)
            column = self.columns[name]
            if name == EXTRA:
                cells[column] = text("见说明")
                keys[self.table.table_id, row_id, EXTRA] = column
            elif row_id == EXTRA:
                cells[column] = text("4")
            elif key in self.builder.cells:
                cells[column], keys[key] = self.builder.cells[key], column
        row = self.page.add(cells, self.number)
        if is_again:
            keys = {(table, f"{row_id}!", column): place for (table, _, column), place in keys.items()}
        for key, column in keys.items():
            self.builder.mark(key, row, column)
        label = (self.table.table_id, f"{row_id}!" if is_again else row_id, "")
        key_column = self.columns.get(self.table.key_label)
        first = (
            key_column
            if key_column in cells
            else min((c for c, t in cells.items() if t.value is not None), default=1)
        )
        self.builder.mark(label, row, first)
        if row_id == self.mess.hidden and not is_again:
            self.page.hidden.append(row)
            shown = [c for c, t in sorted(cells.items()) if t.value is not None and str(t.value).strip()]
            if shown:
                self.builder.mark(("hidden", self.table.table_id, ""), row, shown[0])

    def _labels(self, row_id: str, index: int) -> dict[int, Typed]:
        cells: dict[int, Typed] = {}
        if self.mess.numbers:
            cells[1 + self.builder.mess.shift] = text(str(index + 1))
        row = next((row for row in self.table.rows if row.row_id == row_id), None)
        for label in self.mess.labels:
            words = (
                self._label(row_id, label) if row else "其他情况说明" if label == self.table.key_label else ""
            )
            if words:
                cells[self.columns[label]] = text(words)
        return cells

    def _label(self, row_id: str, label: int) -> str:
        """A row's label; one that only the row above prints is printed again where rows changed places."""
        rows = [row.row_id for row in self.table.rows]
        at = rows.index(row_id)
        words = self.table.rows[at].labels[label]
        while not words and self.mess.is_repeated and at:
            at -= 1
            words = self.table.rows[at].labels[label]
        if label == self.table.key_label:
            aliases = self.table.rows[at].aliases
            pick = self.mess.alias.get(row_id, 0) % (1 + len(aliases))
            numbering = NUMBERINGS[self.mess.change.get(f"{row_id}#", 0)]
            words = CHANGES[self.mess.change.get(row_id, 0)](numbering + (words, *aliases)[pick])
        elif words == self.table.rows[at].unit_of_measure:
            words = self.mess.units.get(f"{row_id}@", words)
        return words


def stand_apart(table: FormTable, columns: Sequence[str]) -> bool:
    """Whether columns of one group have been parted, so that its label must be printed more than once."""
    groups = [
        next(c for c in table.columns if c.column_id == name).label.rpartition("/")[0]
        for name in columns
        if name != EXTRA
    ]
    runs = [group for i, group in enumerate(groups) if group and (i == 0 or groups[i - 1] != group)]
    return len(runs) != len(set(runs))
