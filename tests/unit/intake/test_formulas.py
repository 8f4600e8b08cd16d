"""Sums without a stored result are added up as Excel would; nothing else is computed."""

from __future__ import annotations

import pytest

from lianzheng.intake.cells import Cell
from lianzheng.intake.formulas import with_result
from tests.unit.intake.small import grid_of

GRID = grid_of([[1, 0.1], ["无", 0.2], [2.5, None], [True, "3"]])


@pytest.mark.parametrize(
    ("formula", "text", "raw_type"),
    [
        ('=IF(COUNT(A1:A4)=0,"",SUM(A1:A4))', "3.5", "number"),
        ("=SUM(A1:A4)", "3.5", "number"),
        ("=SUM($A$1:$A$3)", "3.5", "number"),
        ("= SUM( A1:A3 )", "3.5", "number"),
        ("=SUM(B1:B2)", "0.3", "number"),
        ("=SUM(A1:A1)", "1", "number"),
        ('=IF(COUNT(C1:C4)=0,"",SUM(C1:C4))', "", "text"),
    ],
)
def test_a_sum_is_added_up(formula: str, text: str, raw_type: str) -> None:
    found = with_result(GRID, Cell(9, 1, "A9", formula, "formula"))
    assert (found.text, found.raw_type, found.address) == (text, raw_type, "A9")
    assert found.number == float(text or 0)


@pytest.mark.parametrize(
    "formula", ["=A1+A2", "=SUM(A1,A2)", "=AVERAGE(A1:A3)", "=SUM(甲!A1:A3)", "=SUM(A1:A3)*2"]
)
def test_any_other_formula_stays(formula: str) -> None:
    cell = Cell(9, 1, "A9", formula, "formula")
    assert with_result(GRID, cell) is cell


def test_a_text_that_looks_like_a_formula_stays_text() -> None:
    cell = Cell(9, 1, "A9", "=SUM(A1:A3)", "text")
    assert with_result(GRID, cell) is cell
