"""The edition for one unit: its own rows, no other unit's name in any text, peers only where five others stand behind."""

from __future__ import annotations

from typing import Any

import pandas as pd

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

    def of_unit(self, name: str, *unit_ids: str) -> pd.DataFrame:
        """The unit's own rows and those of nobody, whatever unit is asked for; its own alone where only they are."""
        is_own = unit_ids == (self.unit_id,)
        return super().of_unit(name, *(unit_ids if is_own else (self.unit_id, NOBODY)))

    def select(self, name: str, *where: Any, **how: Any) -> pd.DataFrame:
        """The chosen rows with the names masked."""
        return self._masked(name, self._all.select(name, *where, **how))

    def _masked(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        masked = dict[str, pd.Series]()
        columns = {column.name for column in schemas()[name].columns if column.kind == "str"} - _NEVER_SHOWN
        for column in sorted(columns & {*frame}):
            changes = self.mask.changes(frame[column].dropna().unique())
            if not changes:
                continue
            masked[column] = frame[column].replace(changes)
            if column in _TEXTS and "unit_id" in frame:
                is_own = frame["unit_id"].eq(self.unit_id).fillna(False).astype(bool)
                self._note(name, column, frame[is_own & frame[column].isin(list(changes))])
        return frame.assign(**masked)

    def _note(self, name: str, column: str, rows: pd.DataFrame) -> None:
        """Log the names in a column of the unit's rows."""
        for row in rows.to_dict("records"):
            key = "|".join(str(row[part]) for part in schemas()[name].key)
            for found in self.mask.found(row[column]):
                line = say("masked_line", table=name, key=key, column=column, name=found)
                self.log += [] if line in self.log else [line]
