"""Old offices' own layouts of our forms (``layouts.yml``): other names of titles, header fields, columns and rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lianzheng.config.forms import MONEY, Form, FormTable
from lianzheng.config.models import Model
from lianzheng.config.rule_checks import Wrongs

if TYPE_CHECKING:
    from lianzheng.config.load import CycleConfig

FILE = "layouts.yml"


class TableLayout(Model):
    """How a layout writes one of our tables: foreign label → our id.

    ``columns`` lead to a column_id or to the printed label of a label column; levels of a header of several rows, or
    of a row's label and the group above it, are parted by ``/``. ``units``: our column_id or row_id → the unit of
    measure that the layout has there without printing it. ``ignored``: foreign columns and rows that nobody takes.
    ``lacks``: our column_ids and row_ids that the layout does not have.
    """

    columns: dict[str, str] = {}
    rows: dict[str, str] = {}
    units: dict[str, str] = {}
    ignored: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    is_transposed: bool = False


class ForeignLayout(Model):
    """An entry of ``layouts.yml``: a form under other names; what it does not name keeps our names.

    ``header``: foreign label → field_id; ``ignored``: texts around the tables; ``lacks``: our tables that it has not.
    """

    layout_id: str
    form_id: str
    titles: tuple[str, ...] = ()
    header: dict[str, str] = {}
    tables: dict[str, TableLayout] = {}
    ignored: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    def applied(self, form: Form) -> Form:
        """The form without what the layout lacks, its header fields also under the layout's labels."""
        names = {id_: [word for word, of in self.header.items() if of == id_] for id_ in self.header.values()}
        fields = [
            field.model_copy(update={"aliases": (*field.aliases, *names.get(field.field_id, ()))})
            for field in form.header
        ]
        tables = [self._applied(table) for table in form.tables if table.table_id not in self.lacks]
        return form.model_copy(update={"header": tuple(fields), "tables": tuple(tables)})

    def _applied(self, table: FormTable) -> FormTable:
        lacks = self.tables.get(table.table_id, TableLayout()).lacks
        columns = tuple(column for column in table.columns if column.column_id not in lacks)
        rows = tuple(row for row in table.rows if row.row_id not in lacks)
        return table.model_copy(update={"columns": columns, "rows": rows})


def layouts(config: CycleConfig) -> Wrongs:
    """Every layout names a known form, and of it known tables, columns, rows, header fields and units that convert."""
    forms = {form.form_id: form for form in config.all_forms}
    for layout in config.layouts:
        key, form = f"[{layout.layout_id}]", forms.get(layout.form_id)
        if form is None:
            yield from _unknown(f"{key}.form_id", [layout.form_id], forms)
            continue
        tables = {table.table_id: table for table in form.tables}
        yield from _unknown(f"{key}.header", layout.header.values(), [f.field_id for f in form.header])
        yield from _unknown(f"{key}.tables", layout.tables, tables)
        yield from _unknown(f"{key}.lacks", layout.lacks, tables)
        for table_id, table in layout.tables.items():
            if table_id in tables:
                yield from _table(f"{key}.tables.{table_id}", table, tables[table_id])


def _table(key: str, layout: TableLayout, table: FormTable) -> Wrongs:
    columns, rows = [column.column_id for column in table.columns], [row.row_id for row in table.rows]
    labels = [label.label for label in table.label_columns]
    units = {column.column_id: column.unit_of_measure for column in table.columns}
    units |= {row.row_id: row.unit_of_measure for row in table.rows}
    yield from _unknown(f"{key}.columns", layout.columns.values(), [*columns, *labels])
    yield from _unknown(f"{key}.rows", layout.rows.values(), rows)
    yield from _unknown(f"{key}.lacks", layout.lacks, [*columns, *rows])
    yield from _unknown(f"{key}.units", layout.units, units)
    for id_, unit in layout.units.items():
        own = units.get(id_, unit)
        yield from _unknown(f"{key}.units.{id_}", [unit], MONEY if own in MONEY else [own])


def _unknown(key: str, used: Iterable[str], known: Iterable[str]) -> Wrongs:
    allowed = list(known)
    for id_ in used:
        if id_ not in allowed:
            yield FILE, key, f"{id_} is not known", ", ".join(allowed)
