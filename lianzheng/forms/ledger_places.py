"""The office's ledger file as reading and writing it both know it: its name, its tables, where they stand, what it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LEDGER, FILE = "ledger", "rectifications.xlsx"
LINES, EVENTS = "lines", "events"
OVERDUE = "is_overdue"
"""Stands for the printed column 是否逾期 among the columns of the lines; it holds a formula, never a value."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TablePlace:
    """Where a table of the ledger stands in the office's file: sheet, grid column by column_id, rows.

    ``last_row`` is the last one that holds a line (0: none), ``next_row`` the first below everything.
    """

    sheet: str
    columns: Mapping[str, int]
    last_row: int
    next_row: int


@dataclass(frozen=True, slots=True)
class Additions:
    """What the file lacks: lines, events, and ids (with the mark of origin) of lines that were added by hand, by row."""

    lines: Sequence[Row] = ()
    events: Sequence[Row] = ()
    ids: Mapping[int, Row] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.lines or self.events or self.ids)
