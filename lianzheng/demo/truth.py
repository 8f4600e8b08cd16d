"""The truth: what a reader without error would get, as rows of the processed tables and as values of the forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lianzheng.config.forms import Form
from lianzheng.demo.bureau import Row
from lianzheng.forms.layout import Key, Scalar

Matrix = dict[Key, Scalar]


@dataclass
class Truth:
    """Everything that is handed in, before it is written.

    ``tables``: rows by processed table; ``matrices``: a form's values by (form_id, unit_id, scorer or rater group);
    ``private``: recognisable pieces of texts that no page may show.
    """

    tables: dict[str, list[Row]] = field(default_factory=dict)
    matrices: dict[tuple[str, str, str], Matrix] = field(default_factory=dict)
    private: dict[str, list[str]] = field(default_factory=dict)

    def add(self, table: str, row: Row) -> None:
        """Add a row to a table."""
        self.tables.setdefault(table, []).append(row)

    def rows(self, table: str, **where: object) -> list[Row]:
        """The rows of a table that have these values."""
        return [row for row in self.tables.get(table, []) if all(row[k] == v for k, v in where.items())]


def rows_of(form: Form, matrix: Matrix) -> Iterator[tuple[str, Row]]:
    """A filled matrix as rows of the processed tables: cells with equal keys make one row."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Row] = {}
    for table in form.tables:
        for form_row in table.rows:
            for column in table.columns:
                keys = {**table.keys, **form_row.keys, **column.keys}
                row = found.setdefault((table.into, tuple(sorted(keys.items()))), dict(keys))
                row[column.target or column.column_id] = matrix.get(
                    (table.table_id, form_row.row_id, column.column_id)
                )
    for (into, _), row in found.items():
        yield into, row
