"""docs/data_dictionary.md, out of the same sources as the forms and the gate: lianzheng/tables.yml and the cycle's forms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lianzheng.config import CycleConfig
from lianzheng.config.forms import Form, FormColumn, FormTable, HeaderField, value_kind
from lianzheng.disk import write_atomically
from lianzheng.forms.code import FormCode
from lianzheng.forms.rules import offered_words
from lianzheng.tables import ColumnSchema, TableSchema, labels, schemas

KINDS = {
    "count": "whole number ≥ 0", "amount": "number ≥ 0", "number": "number ≥ 0", "points": "points ≥ 0", "ratio": "share 0–1",
    "observed": "number, share, or 有 and 无", "date": "date", "datetime": "date and time", "boolean": "是 or 否", "text": "text",
    "choice": "closed list", "unit": "name of a unit",
}  # fmt: skip
_SENDERS = {"unit": "a unit", "team": "an inspection team", "office": "the office"}
_ROSTERS = ("members", "teams")  # lists of the bureau's people, which are no part of the rules
_LONGEST = 40  # words of a closed list that are printed
_ESCAPED = str.maketrans({"|": r"\|", "<": "&lt;"})
_HEAD = """# Data dictionary

Generated from `lianzheng/tables.yml` and `config/{cycle}/` by `lianzheng dictionary {cycle}`; do not edit. First the processed tables, one parquet file each under `data/processed/{cycle}/`; then the closed lists of their
columns; then the forms that fill them, column by column and row by row.
"""


def write_dictionary(config: CycleConfig) -> Path:
    """Write docs/data_dictionary.md of the project; returns where."""
    path = config.project / "docs" / "data_dictionary.md"
    write_atomically(path, data_dictionary(config).encode("utf-8"))
    return path


def data_dictionary(config: CycleConfig) -> str:
    """The whole dictionary as Markdown, the same text every time."""
    lines = [_HEAD.format(cycle=config.cycle.cycle), "## Tables", ""]
    lines += [
        "`?` = may be null; a table's key stands after `cycle`, which every table has. Private columns reach no page."
    ]
    for table in schemas().values():
        lines += ["", *_table(table)]
    lines += ["", "## Closed lists of the tables", ""]
    used = {c.of: None for table in schemas().values() for c in table.columns if c.kind == "list"}
    lines += _grid(("list", "ids and labels"), ((f"`{name}`", _listed(labels(name))) for name in used))
    lines += ["", "## Forms"]
    for form in config.forms.values():
        lines += ["", *_form(config, form)]
    return "\n".join(lines) + "\n"


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table; a bar, a tag or a line break inside a cell never ends it."""
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        told = (" ".join(cell.translate(_ESCAPED).split()) for cell in row)
        yield f"| {' | '.join(told)} |"


def _listed(words: dict[str, str]) -> str:
    return "; ".join(f"`{id_}` {label}" for id_, label in words.items())


def _table(table: TableSchema) -> Iterator[str]:
    yield f"### {table.name}"
    yield ""
    yield f"A row is {table.row}; key: {', '.join(f'`{name}`' for name in table.key)}."
    yield ""
    yield from _grid(("column", "type", "meaning"), (_column(column) for column in table.columns))


def _column(column: ColumnSchema) -> tuple[str, str, str]:
    kind = {"list": f"one of `{column.of}`", "ref": f"id of `{column.of}`"}.get(column.kind, column.kind)
    marks = ("?" if column.is_nullable else "") + (", private" if column.is_private else "")
    return f"`{column.name}`", kind + marks, column.description


def _form(config: CycleConfig, form: Form) -> Iterator[str]:
    name = " ".join(filter(None, (form.number, form.title)))
    code = FormCode(config.cycle.cycle, form.form_id)
    yield f"### {form.form_id}: {name}"
    yield ""
    told = f"Version {form.version}, form code `{code}`, sent by {_SENDERS[form.sender]}, about one {form.scope}."
    words = f" In place of a number: {'、'.join(form.number_words)}." if form.number_words else ""
    yield told + words
    if form.header:
        yield ""
        yield from _grid(_FIELDS, (_field(config, field) for field in form.header))
    for table in form.tables:
        yield ""
        yield from _form_table(config, table)


_FIELDS = ("header field", "label", "value", "closed list", "required")
_COLUMNS = ("column", "label", "value", "unit of measure", "closed list", "required", "fills")


def _field(config: CycleConfig, field: HeaderField) -> tuple[str, ...]:
    needs = "yes" if field.is_required else ""
    return f"`{field.field_id}`", field.label, KINDS[field.value], _offered(config, field), needs


def _offered(config: CycleConfig, place: FormColumn | HeaderField) -> str:
    """The words of a closed list; of the roster and of long lists only where they stand."""
    if place.value != "choice":
        return ""
    words = offered_words(config, place)
    if place.choices in _ROSTERS or len(words) > _LONGEST:
        return f"`{place.choices}`"
    return f"`{place.choices}`: {'、'.join(words)}"


def _form_table(config: CycleConfig, table: FormTable) -> Iterator[str]:
    title = f"{table.table_id} {table.caption}".strip()
    rows = "fixed rows" if table.kind == "matrix" else "as many rows as were written"
    yield f"#### {title}: {rows}{', may be absent' if table.is_optional else ''}"
    yield ""
    yield from _grid(_COLUMNS, (_form_column(config, table, column) for column in table.columns))
    if table.rows:
        yield ""
        yield from _grid(("row", "label", "value", "unit of measure", "fills"), _rows(table))


def _form_column(config: CycleConfig, table: FormTable, column: FormColumn) -> tuple[str, ...]:
    needs = "yes" if column.is_required else "may be absent" if column.is_optional else ""
    into = f"`{table.into}.{column.target or column.column_id}`" if table.into else "office list only"
    keys = {**table.keys, **column.keys}
    kind, unit = KINDS[column.value], column.unit_of_measure
    where = f"{into}{_where(keys)}"
    return f"`{column.column_id}`", column.label, kind, unit, _offered(config, column), needs, where


def _where(keys: dict[str, str]) -> str:
    return "".join(f", {name} = `{value}`" for name, value in keys.items() if value)


def _rows(table: FormTable) -> Iterator[tuple[str, ...]]:
    """The fixed rows: id, label, what differs from the columns, and the keys of the row."""
    for row in table.rows:
        kinds = {KINDS[value_kind(column, row)] for column in table.columns} if row.value else set()
        asked = f"points 0–{row.maximum:g}" if row.maximum is not None else " / ".join(sorted(kinds))
        label = row.labels[table.key_label] + (" (sum of the rows)" if row.role == "total" else "")
        yield f"`{row.row_id}`", label, asked, row.unit_of_measure, _where(row.keys).lstrip(", ")
