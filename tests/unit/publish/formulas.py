"""A tiny evaluator for the formulas of results.xlsx, written without looking at who wrote them; and reading both views."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils.cell import range_boundaries

_PLACE = re.compile(r"(?:'([^']+)'!)?(\$?[A-Z]{1,2}\$?\d+)(?::(\$?[A-Z]{1,2}\$?\d+))?")


class Book:
    """A workbook seen twice: what was written into each cell, and what a previewer shows for it."""

    def __init__(self, data: bytes) -> None:
        self.written: Workbook = load_workbook(io.BytesIO(data))
        self.shown: Workbook = load_workbook(io.BytesIO(data), data_only=True)

    def formulas(self) -> list[tuple[str, str]]:
        """Sheet and address of every formula."""
        return [(s.title, c.coordinate) for s in self.written for row in s for c in row if c.data_type == "f"]

    def value(self, sheet: str, address: str) -> Any:
        """What a cell comes to, its formula worked out anew."""
        cell = self.written[sheet][address]
        if cell.data_type != "f":
            return cell.value
        return self._evaluate(sheet, str(cell.value).removeprefix("="))

    def _evaluate(self, sheet: str, formula: str) -> Any:
        cells: list[Any] = []

        def place(found: re.Match[str]) -> str:
            of, first, last = found[1] or sheet, found[2].replace("$", ""), found[3]
            if last is None:
                cells.append(self.value(of, first))
            else:
                left, top, right, bottom = range_boundaries(f"{first}:{last.replace('$', '')}")
                block = self.written[of].iter_rows(top, bottom, left, right)
                cells.append([self.value(of, cell.coordinate) for row in block for cell in row])
            return f"cells[{len(cells) - 1}]"

        expression = _PLACE.sub(place, formula)
        return eval(expression, {"__builtins__": {}, "cells": cells, **_FUNCTIONS})


def _numbers(parts: tuple[Any, ...]) -> list[float]:
    flat = [x for part in parts for x in (part if isinstance(part, list) else [part])]
    return [x for x in flat if isinstance(x, int | float)]


def _sum_if(tested: list[Any], criterion: str, summed: list[Any]) -> float:
    assert criterion.startswith("<>")
    return sum(n for seen, n in zip(tested, summed, strict=True) if seen != criterion[2:])


def _round(value: float, digits: int) -> float:
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(round(value, 9))).quantize(step, ROUND_HALF_UP))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": lambda *parts: sum(_numbers(parts)),
    "MIN": lambda *parts: min(_numbers(parts)),
    "MAX": lambda *parts: max(_numbers(parts)),
    "SUMIF": _sum_if,
    "ROUND": _round,
}
