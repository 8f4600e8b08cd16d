"""Forms prepared for reading: folded names of columns, rows and header fields, made once per process."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from lianzheng.config.forms import Form, FormColumn, FormRow, FormTable, HeaderField, ValueKind
from lianzheng.config.layouts import ForeignLayout, TableLayout
from lianzheng.intake.labels import YEAR_WORDS, bare, label_key, printed_key, row_key, spoken
from lianzheng.names import plain

_NUMERIC = frozenset(("count", "amount", "number", "ratio"))
_MOST_PARTS = 1 << 13
THRESHOLD = 0.5  # of a table's places: what shows less of them is not this table
_NOTE = re.compile(
    r"[*※]*(?:注|说明|备注|填表说明|填报说明)\d?[:.、,].*|[*※].*|附件\d*[:.]?"
    r"|(?:计量|金额)?单位:.{1,3}|第\d+页.*|(?:表样)?(?:版本|编号).*"
)
_SIGNATURE = re.compile(r"[^:]{0,8}?(?:人|电话|时间|日期|单位|签字|签名|盖章|年度)(?:\(.{1,4}\))?:.*")


def _joined(label: str) -> str:
    return "/".join(label_key(level)[0] for level in label.split("/"))


class Slot(NamedTuple):
    """What the place where a row and a column of a form meet is for: table, keys and column that it fills, what it asks."""

    into: str
    table_id: str
    keys: Mapping[str, str]
    column: str
    unit_of_measure: str
    maximum: float | None
    role: str
    column_label: str
    kind: ValueKind


class TableMap:
    """A form's table: the column or label column (by number) that a header names, the row that labels name.

    With a ``layout`` its names come first; ``foreign`` are those that only it has, ``ignored`` what nobody takes.
    """

    def __init__(
        self, table: FormTable, layout: TableLayout | None = None, lacked: Iterable[FormColumn] = ()
    ) -> None:
        self.table, self.layout = table, layout or TableLayout()
        labelled: list[tuple[FormColumn | int, tuple[str, ...]]] = [
            *((column, (column.label, *column.aliases)) for column in table.columns),
            *((i, (label.label, *label.aliases)) for i, label in enumerate(table.label_columns)),
        ]
        n_columns = sum(not column.is_optional for column in table.columns)
        self.n_places = n_columns + len(table.label_columns)
        self.n_needed = min(THRESHOLD * self.n_places, n_columns if table.rows else self.n_places)
        self._names = {_joined(name).replace("/", ""): place for place, names in labelled for name in names}
        lasts = [_joined(names[0]).rpartition("/")[2] for _, names in labelled]
        self._lasts = {
            last: place for last, (place, _) in zip(lasts, labelled, strict=True) if lasts.count(last) == 1
        }
        self._printed: dict[tuple[str, int], frozenset[str]] = {}
        self._slots: dict[tuple[str, str], Slot] = {}
        self.row_of = {row.row_id: row for row in table.rows}
        self.rows: dict[str, list[tuple[tuple[str, ...], FormRow]]] = {}
        for labels, row in _with_labels(table.rows):
            for name in dict.fromkeys((labels[table.key_label], *map(row_key, row.aliases))):
                self.rows.setdefault(name, []).append((labels, row))
        self.foreign = self._add_foreign()
        self.ignored = {_joined(label).replace("/", "") for label in self.layout.ignored} | set(
            map(row_key, self.layout.ignored)
        )
        self._lacked = {
            _joined(n).replace("/", "") for column in lacked for n in (column.label, *column.aliases)
        }

    def _add_foreign(self) -> frozenset[str]:
        """Take in the layout's names of columns and rows; what they are beyond our own names is returned."""
        places: dict[str, FormColumn | int] = {
            label.label: i for i, label in enumerate(self.table.label_columns)
        }
        places |= {column.column_id: column for column in self.table.columns}
        named = {_joined(label): places[id_] for label, id_ in self.layout.columns.items() if id_ in places}
        own = {**self._names, **self._lasts}
        self._names |= {name.replace("/", ""): place for name, place in named.items()}
        self._lasts |= {name.rpartition("/")[2]: place for name, place in named.items()}
        rows = {row.row_id: row for row in self.table.rows}
        grouped: dict[str, list[tuple[tuple[str, ...], FormRow]]] = {}
        for label, id_ in self.layout.rows.items():
            levels = list(map(row_key, label.split("/")))
            above = [""] * (self.table.key_label + 1 - len(levels))
            if id_ in rows:
                full = (*above, *levels, *[""] * len(self.table.label_columns))
                grouped.setdefault(levels[-1], []).append((full, rows[id_]))
        new = {name for name in named if own.get(name.replace("/", "")) != named[name]} | (
            grouped.keys() - self.rows.keys()
        )
        self.rows |= grouped
        return frozenset(name.replace("/", "") for name in new)

    def lacks(self, key: str) -> bool:
        """Whether a header label is one of our columns that the layout does not have: then it is not this layout."""
        return key.replace("/", "") in self._lacked

    @functools.cached_property
    def heads(self) -> frozenset[str]:
        """Every name of a column or label column, aliases and layout's names included, and every level of one."""
        columns = [name for column in self.table.columns for name in (column.label, *column.aliases)]
        labels = [name for label in self.table.label_columns for name in (label.label, *label.aliases)]
        names = (*columns, *labels, *self.layout.columns, *self.layout.ignored)
        return frozenset(
            label_key(level)[0] for name in names for level in (name.replace("/", ""), *name.split("/"))
        )

    def labels_of(self, row: FormRow, index: int) -> frozenset[str]:
        """What a label column may say in a row (see ``printed_key``): its label or the group's, an alias, the layout's name."""
        known = self._printed.get((row.row_id, index))
        if known is None:
            own = [(name, full) for name, rows in self.rows.items() for full, other in rows if other is row]
            names = [name for name, _ in own] if index == self.table.key_label else []
            names += [full[index] for _, full in own if index < len(full)]
            known = self._printed[row.row_id, index] = frozenset(map(printed_key, names))
        return known

    def slot(self, row: FormRow, column: FormColumn) -> Slot:
        """What the place where a row and a column meet is for; the same object for every form of this kind."""
        known = self._slots.get((row.row_id, column.column_id))
        if known is None:
            keys = {**self.table.keys, **row.keys, **column.keys}
            unit = row.unit_of_measure or column.unit_of_measure
            kind = row.value if row.value and column.value in _NUMERIC else column.value
            maximum = row.maximum if kind == "points" else None
            place = self.table.into, self.table.table_id, keys, column.target or column.column_id
            known = Slot(*place, unit, maximum, row.role, spoken(column), kind)
            self._slots[row.row_id, column.column_id] = known
        return known

    @property
    def words(self) -> Iterator[str]:
        """Every name, and every level of a name, that may stand in a header."""
        yield from self._names
        yield from (label_key(level)[0] for column in self.table.columns for level in column.label.split("/"))

    def place(self, key: str) -> tuple[FormColumn | int | None, bool]:
        """What a header label (levels joined by ``/``) names, and whether by its whole or only by a unique last level."""
        found = self._names.get(key.replace("/", ""))
        return (found, True) if found is not None else (self._lasts.get(key.rpartition("/")[2]), False)

    def row(self, labels: Mapping[int, str]) -> FormRow | None:
        """The row with these labels (by number of the label column); None where none or several fit."""
        found = self.rows.get(labels.get(self.table.key_label, ""), [])
        if len(found) > 1:
            found = [
                (full, row) for full, row in found if all(full[i] in ("", v) for i, v in labels.items() if v)
            ]
        return found[0][1] if len(found) == 1 else None


def _with_labels(rows: Iterable[FormRow]) -> Iterator[tuple[tuple[str, ...], FormRow]]:
    above: tuple[str, ...] = ()
    for row in rows:
        keys = tuple(map(row_key, row.labels))
        above = tuple(key or (above[i] if i < len(above) else "") for i, key in enumerate(keys))
        yield above, row


class FormMap:
    """A form, perhaps in a foreign layout: its tables, and what may be read around them (header fields, titles, notes)."""

    def __init__(self, form: Form, layout: ForeignLayout | None = None) -> None:
        self.form = layout.applied(form) if layout else form
        self.layout_id = layout.layout_id if layout else ""
        self.tables = tuple(_table_maps(form, self.form, layout))
        self.foreign_titles = tuple(
            YEAR_WORDS.sub("", plain(title)) for title in (layout.titles if layout else ())
        )
        self.titles = (YEAR_WORDS.sub("", plain(form.title)), *self.foreign_titles)
        self.number = plain(form.number)
        lines = [*form.signatures, *(text for text in form.remarks if plain(text).endswith(":"))]
        signed = [HeaderField(field_id=line.rstrip("：:"), label=line.rstrip("：:")) for line in lines]
        self._fields = {
            bare(name): field
            for field in (*signed, *self.form.header)
            for name in (field.label, *field.aliases)
        }
        words = "|".join(
            r"\s*".join(map(re.escape, name)) for name in sorted(self._fields, key=len, reverse=True)
        )
        self._field = re.compile(rf"(?P<label>{words or '(?!)'})\s*(?:\([^()]{{1,4}}\))?\s*:")
        foreign = (*layout.titles, *layout.ignored) if layout else ()
        captions = (table.caption for table in form.tables)
        printed = (form.title, *captions, *form.notes, *form.signatures, *form.remarks, *foreign)
        self._printed = {printed_key(text) for text in printed if text}
        self._mark = re.compile(
            rf"(?:{re.escape(self.number)})?(?:版本号?:?{re.escape(plain(form.version))})?(?:表样编号:20\d\d-{re.escape(plain(form.form_id))}(?:-[a-z]+\d+)?)?"
        )

    def fields(self, text: str) -> list[tuple[HeaderField, str]]:
        """The header fields that a text names with a colon, each with what follows it up to the next."""
        wide = unicodedata.normalize("NFKC", text)
        matches = list(self._field.finditer(wide))
        ends = [*(match.start() for match in matches[1:]), len(wide)]
        return [
            (self._fields[bare(match["label"])], wide[match.end() : end].strip(" \t\r\n_"))
            for match, end in zip(matches, ends, strict=False)
        ]

    def before_fields(self, text: str) -> str:
        """What stands before the first field that a text names."""
        wide = unicodedata.normalize("NFKC", text)
        match = self._field.search(wide)
        return wide[: match.start()].strip(" \t\r\n_") if match else ""

    def field(self, text: str) -> HeaderField | None:
        """The header field whose label is the whole text."""
        return self._fields.get(bare(text))

    def is_label(self, text: str) -> bool:
        """Whether a text outside the tables is printed on the form: title, number, version, code, caption, note."""
        key = printed_key(text)
        named = key.removeprefix(self.number).lstrip(":") if self.number else key
        return not {key, named}.isdisjoint(self._printed) or (
            key != "" and bool(self._mark.fullmatch(plain(text).rstrip(":")))
        )

    def is_like_label(self, text: str) -> bool:
        """Whether a text looks like one of the form, or like a note: then it is no row of a table."""
        written = YEAR_WORDS.sub("", plain(text))
        is_printed = any(
            words in written or (len(written) > 5 and written in words) for words in self._printed
        )
        is_number = self.number != "" and written.startswith(self.number)
        return is_printed or is_number or bool(_NOTE.fullmatch(written) or _SIGNATURE.fullmatch(written))

    def is_margin(self, texts: list[str]) -> bool:
        """Whether a row stands outside the tables: fields, signatures, or known texts and nothing else beside them."""
        first = texts[0]
        is_signed = bool(self.fields(first) or self.field(first) or _SIGNATURE.fullmatch(plain(first)))
        return is_signed or all(map(self.is_like_label, texts))


def _table_maps(form: Form, applied: Form, layout: ForeignLayout | None) -> Iterator[TableMap]:
    for table in applied.tables:
        own = layout.tables.get(table.table_id) if layout else None
        if own is None:
            yield TableMap(table)
        else:
            columns = form.table(table.table_id).columns
            yield TableMap(table, own, [column for column in columns if column.column_id in own.lacks])


class KnownForms:
    """All forms of a cycle, then the foreign layouts of them, and the words that can begin a table."""

    def __init__(self, forms: Iterable[Form], layouts: Sequence[ForeignLayout] = ()) -> None:
        own = {form.form_id: form for form in forms}
        foreign = [FormMap(own[layout.form_id], layout) for layout in layouts if layout.form_id in own]
        self.maps = (*map(FormMap, own.values()), *foreign)
        self.vocabulary = frozenset(w for known in self.maps for table in known.tables for w in table.words)
        heads = (
            name for known in self.maps for table in known.tables for name in (*table.words, *table.heads)
        )
        self._heads = "\n".join({name.replace("/", "") for name in heads})
        self._parts: dict[str, bool] = {}

    def is_in_header(self, text: str) -> bool:
        """Whether a text may be a row of a header that has several: part of a column's name, or a unit of measure."""
        known = self._parts.get(text)
        if known is None:
            key, unit = label_key(text)
            known = bool(unit) or (key != "" and key in self._heads)
            if len(self._parts) < _MOST_PARTS:
                self._parts[text] = known
        return known

    def likely(self, band: Mapping[int, tuple[str, str]]) -> frozenset[TableMap]:
        """The tables half of whose places, or all of whose columns, a header of these labels (by grid column) may name."""
        counts = Counter(table for key, _ in band.values() for table in _tables_with(self, key))
        return frozenset(table for table, n in counts.items() if n >= table.n_needed)


@functools.lru_cache(maxsize=1 << 13)
def _tables_with(known: KnownForms, key: str) -> tuple[TableMap, ...]:
    """The tables that have a place of this name."""
    return tuple(t for form in known.maps for t in form.tables if t.place(key)[0] is not None)
