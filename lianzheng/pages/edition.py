"""The edition for one unit: its own rows, no other unit's name in any text, peers only where five others stand behind."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from lianzheng.config import CycleConfig
from lianzheng.names import NameMask
from lianzheng.pages.wording import say
from lianzheng.tables import NOBODY, Tables, schemas

UNIT_EDITION, ANONYMOUS = "unit", "anonymous"
_TEXTS = frozenset({"text", "reason", "note", "message", "remedy", "grade_reason", "conversion"})
"""Columns in which people write; what is masked there is logged."""
_NEVER_SHOWN = frozenset({"target", "sha256"})


def name_mask(config: CycleConfig, unit_id: str | None, word: str = "") -> NameMask:
    """The mask that puts ``word`` (else 某单位) for other units' names and ids in what a unit reads; without a unit, for all."""
    names = {unit.unit_id: unit.names for unit in config.units}
    return NameMask(names, unit_id, word or say("masked_unit"))


class UnitTables(Tables):
    """The processed tables as one unit may see them: no row of another unit, and no name of one in any text.

    ``log`` tells which names were masked, a line each: table, row and name.
    """

    def __init__(self, tables: Tables, unit_id: str, mask: NameMask) -> None:
        super().__init__(tables.folder)
        self._all, self.unit_id, self.mask = tables, unit_id, mask
        self.log: list[str] = []

    def _whose(self, name: str, unit_ids: tuple[str, ...]) -> tuple[str, ...]:
        """The unit's own rows and those of nobody, whatever unit is asked for; its own alone where only they are."""
        return super()._whose(name, unit_ids if unit_ids == (self.unit_id,) else (self.unit_id, NOBODY))

    def rows(self, name: str, *where: Any) -> pa.Table:
        """The chosen rows with the names masked."""
        rows = self._all.rows(name, *where)
        columns = {column.name for column in schemas()[name].columns if column.kind == "str"} - _NEVER_SHOWN
        masked = dict[str, pa.Array]()
        for column in sorted(columns & {*rows.column_names}):
            texts = rows.column(column).to_pylist()
            if changes := self.mask.changes(filter(None, texts)):
                masked[column] = pa.array([changes.get(text, text) for text in texts], pa.string())
                if column in _TEXTS and "unit_id" in rows.column_names:
                    own = zip(rows.column("unit_id").to_pylist(), texts, strict=True)
                    is_named = [unit_id == self.unit_id and text in changes for unit_id, text in own]
                    self._note(name, column, rows.filter(pa.array(is_named, pa.bool_())).to_pylist())
        for column, texts in masked.items():
            place = rows.column_names.index(column)
            rows = rows.set_column(place, rows.field(place), texts)
        return rows

    def _note(self, name: str, column: str, rows: list[dict[str, Any]]) -> None:
        """Log the names in a column of the unit's rows."""
        for row in rows:
            key = "|".join(str(row[part]) for part in schemas()[name].key)
            for found in self.mask.found(row[column]):
                line = say("masked_line", table=name, key=key, column=column, name=found)
                self.log += [] if line in self.log else [line]
