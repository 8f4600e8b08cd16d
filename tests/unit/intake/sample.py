"""The sample cycle's own forms, filled in and read without touching a file: what tests of checks and runs share."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lianzheng.config import CycleConfig, load_config
from lianzheng.forms import Layout, lay_out
from lianzheng.intake.cells import Book
from lianzheng.intake.files import Setup, from_book, make_setup
from lianzheng.intake.received import Received
from tests.unit.intake.small import book_of, grid_of

PROJECT = Path(__file__).parents[3]


@functools.cache
def config() -> CycleConfig:
    """The sample cycle."""
    return load_config(2018, PROJECT)


@functools.cache
def setup() -> Setup:
    """The sample cycle prepared for reading."""
    return make_setup(config())


def zeros(form_id: str, value: Any = 0) -> dict[tuple[str, str, str], Any]:
    """A matrix form with the same number everywhere."""
    tables = [table for table in config().forms[form_id].tables if table.kind == "matrix"]
    return {
        (t.table_id, row.row_id, c.column_id): value
        for t in tables
        for row in t.rows
        for c in t.columns
        if c.value != "text"
    }


def filled_standard(value: float = 1.0, total: float | None = None) -> dict[tuple[str, str, str], Any]:
    """附件1 with the same points for every item, and their sum."""
    rows = config().forms["standard"].tables[0].rows
    points: dict[tuple[str, str, str], Any] = {("self_scores", row.row_id, "points"): value for row in rows}
    points["self_scores", "total", "points"] = value * (len(rows) - 1) if total is None else total
    return points


HEADERS: dict[str, dict[str, Any]] = {
    "standard": {
        "year": 2018,
        "unit_id": "东河管理处",
        "reviewed_by": "周立明",
        "filled_on": "2018年11月20日",
    },
    "statistics": {
        "unit_id": "东河管理处",
        "filled_by": "吕海斌",
        "reviewed_by": "周立明",
        "filled_on": "2018年11月20日",
    },
    "team_scores": {"unit_id": "东河管理处", "team_id": "第一检查组", "visit_date": "2018-12-04"},
    "findings": {"team_id": "第一检查组", "filled_on": "2018-12-12"},
    "evidence": {"team_id": "第一检查组", "filled_on": "2018-12-12"},
    "site_visit": {"team_id": "第一检查组", "filled_on": "2018-12-12"},
    "tally": {
        "unit_id": "东河管理处",
        "rater_group": "职工代表",
        "n_issued": 12,
        "n_returned": 10,
        "n_valid": 10,
    },
}


def layout_of(
    form_id: str, matrix: Mapping[Any, Any] | None = None, records: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    **header: Any,
) -> Layout:  # fmt: skip
    """A form of the sample cycle, filled in; header fields given by name replace the usual ones."""
    form = config().forms[form_id]
    tables = {table.table_id: [] for table in form.tables if table.kind == "list"}
    return lay_out(form, {**HEADERS.get(form_id, {}), **header}, matrix or {}, {**tables, **(records or {})})


def book_of_layout(layout: Layout) -> Book:
    """The book that a written layout would be read as."""
    grids = []
    for sheet in layout.sheets:
        rows: list[list[Any]] = [[None] * sheet.n_columns for _ in range(sheet.n_rows)]
        for cell in sheet.cells:
            rows[cell.row - 1][cell.column - 1] = cell.value
        merges = [(c.row, c.column, *c.last) for c in sheet.cells if c.last != (c.row, c.column)]
        grids.append(grid_of(rows, sheet.name, merges))
    return book_of(*grids)


def receive(layout: Layout, path: str = "units/东河处/表.xlsx") -> Received:
    """Read a layout as if it had come under that path."""
    return from_book(book_of_layout(layout), path, setup())


def codes(received: Received) -> list[str]:
    """Issue codes, sorted, without the note that zeros everywhere give."""
    return sorted(issue.code for issue in received.issues if issue.code != "all_zero_return")
