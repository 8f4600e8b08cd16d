"""The blank forms that go out to units, filled by somebody who sees only their labels (tests/filled.py)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from lianzheng.forms.outgoing import unit_files
from tests.filled import FilledBook, FilledDocument
from tests.properties.bureau import config
from tests.properties.cases import Case, expect_cell
from tests.properties.files import File, shown
from tests.properties.meaning import HEADER, Key, Meant, is_all_zero, meant_forms, spot_of
from tests.properties.pages import Paper
from tests.properties.writings import WAYS, Typed, faults

UNIT = "U001"


@st.composite
def blank_cases(draw: st.DrawFn, form_id: str, ending: str) -> Case:
    """A unit's own blank with valid values and a few faults; what the workbook adds up itself is left to it."""
    meant = draw(meant_forms(form_id))
    meant.header = {f.field_id: None for f in meant.form.header} | {
        "unit_id": UNIT,
        "filled_on": dt.date(2018, 11, 20),
    }
    cells = {key: draw(_typed(meant, key, ending)) for key in meant.values}
    data = next(
        data for path, data in unit_files(config(), config().unit(UNIT)).items()
        if meant.form.number in path and path.endswith(ending)
    )  # fmt: skip
    filled = (FilledBook if ending == "xlsx" else FilledDocument)(meant.form, data)
    filled.header(filled_on="2018年11月20日")
    filled.fill({key: shown(typed, ending) for key, typed in cells.items()})
    for key, typed in cells.items():
        if isinstance(filled, FilledBook) and isinstance(typed.value, str) and typed.needs != "formula":
            cell = filled.sheets[key[0]][filled.cells[key]]
            cell.data_type = cell.data_type if cell.protection.locked or typed.needs == "error" else "s"
    where = {
        key: (filled.sheets[key[0]].title if isinstance(filled, FilledBook) else "正文", place)
        for key, place in filled.cells.items() if key[0] != HEADER
    }  # fmt: skip
    file = File(filled.saved(), ending, lambda place: ("", ""))
    case = Case(meant, ending, file, "收到", cells, {}, Paper([]))
    _expect(case, filled, where)
    return case


@st.composite
def _typed(draw: st.DrawFn, meant: Meant, key: Key, ending: str) -> Typed:
    table = meant.form.table(key[0])
    row = next(row for row in table.rows if row.row_id == key[1])
    spot = spot_of(table, next(c for c in table.columns if c.column_id == key[2]), row, "")
    value = meant.values[key]
    if draw(st.integers(0, 40)) == 40 and row.role == "data" and spot.kind != "text":
        able = {"error", "formula", "lines", "number"} if ending == "xlsx" else {"lines"}
        found = [f for f in faults(spot, not spot.is_required) if not f.needs or f.needs in able]
        return draw(
            st.sampled_from([f for f in found if not isinstance(f.value, int | float)])
        )  # these add up
    if value is None:
        return Typed(None, None, "blank")
    typed = WAYS[spot.kind][0](value, spot)
    assert typed is not None
    return typed


def _expect(case: Case, filled: Any, where: dict[Key, tuple[str, str]]) -> None:
    """As of any case; a sum that the workbook adds up itself is that of the figures stored as numbers."""
    for key in list(case.cells):
        table, row = case.meant.form.table(key[0]), key[1]
        if isinstance(filled, FilledBook) and filled.sheets[key[0]][where[key][1]].protection.locked:
            figures = [
                t.value
                for (t_id, r, c), t in case.cells.items()
                if (t_id, c) == (key[0], key[2]) and r != row
            ]
            numbers = [float(n) for n in figures if isinstance(n, int | float)]
            case.cells[key] = Typed("", round(sum(numbers), 9)) if numbers else Typed("", None, "blank")
        form_row = next(r for r in table.rows if r.row_id == row)
        expect_cell(case, table, key, where[key], form_row, {"unit_id": UNIT})
    problems = [key for key in case.cells if key[0] == "problems" and key[1] != "total"]
    if is_all_zero(case.meant) and all(case.cells[key].meant is not None for key in problems):
        case.issues.add(("all_zero_return", *where[problems[0]]))
