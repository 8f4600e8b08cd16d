"""Tables that stand side by side on one sheet, as Word users and old forms put them."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lianzheng.config.forms import FormTable
from lianzheng.forms import Layout, as_csv, as_xlsx
from lianzheng.intake.files import read_received
from lianzheng.intake.reading import Reading
from lianzheng.intake.recognise import recognise
from tests.unit.intake.sample import config, layout_of, setup
from tests.unit.intake.small import (
    FORMS,
    KnownForms,
    book_of,
    changed,
    codes,
    findings_rows,
    grid_of,
    read,
    statistics_rows,
    values,
)
from tests.unit.intake.test_run import Bureau

PROBLEMS, WORK = statistics_rows()[4:10], statistics_rows()[11:15]
ABOVE, BELOW = statistics_rows()[:3], ["注：不含转办件。"]
Rows = list[list[Any]]


def beside(left: Rows, right: Rows, gap: int, shift: int = 0, captions: tuple[str, str] = ("", "")) -> Rows:
    """The tables under their captions, the right one ``shift`` rows lower and ``gap`` columns away."""
    left, right = [[captions[0]], *left], [*[[]] * shift, [captions[1]], *right]
    width = max(map(len, left)) + gap
    pairs = itertools.zip_longest(left, right, fillvalue=())
    return [[*one, *[None] * (width - len(one)), *other] for one, other in pairs]


def read_beside(
    gap: int, shift: int = 0, is_swapped: bool = False, changes: dict[str, Any] | None = None
) -> Reading:
    tables, captions = [PROBLEMS, WORK], ["一、发现问题", "二、工作量"]
    order = (1, 0) if is_swapped else (0, 1)
    rows = [
        *ABOVE,
        *beside(*(tables[i] for i in order), gap, shift, tuple(captions[i] for i in order)),
        BELOW,
    ]
    left = 1 + (4 + gap) * is_swapped
    top = 5 + shift * is_swapped
    merges = [(top, column, top + 1, column) for column in range(left, left + 3)]
    return read(grid_of(changed(rows, changes or {}), merges=merges))


@pytest.mark.parametrize("is_swapped", [False, True])
@pytest.mark.parametrize("shift", [0, 1, 2, 3])
@pytest.mark.parametrize("gap", [0, 1, 2])
def test_two_matrices_side_by_side(gap: int, shift: int, is_swapped: bool) -> None:
    reading = read_beside(gap, shift, is_swapped)
    assert codes(reading) == []
    by_key = {
        (entry.table_id, entry.row_label, entry.column_label): entry.value.value for entry in reading.entries
    }
    assert by_key == {
        ("problems", "吃喝", "问题数"): 1.0, ("problems", "吃喝", "金额涉及金额"): 0.5, ("problems", "礼品礼金", "问题数"): 0.0,
        ("problems", "礼品礼金", "金额涉及金额"): 0.0, ("problems", "其他", "问题数"): 2.0, ("problems", "其他", "金额涉及金额"): 1.25,
        ("problems", "合计", "问题数"): 3.0, ("problems", "合计", "金额涉及金额"): 1.75, ("work", "次数", "本年"): 30.0,
        ("work", "费用", "本年"): 2.5,
    }  # fmt: skip
    assert len(reading.entries) == 11  # 次数 stands in two rows
    assert reading.unit_id == "U001"


def test_each_fault_has_its_own_cell_and_touches_nothing_of_the_other_table() -> None:
    """F to I hold the right table; row 7 is 吃喝 on the left and 文件 on the right."""
    reading = read_beside(1, changes={"C7": "若干", "B8": "另一类", "G8": "另一费用", "I7": -1})
    assert codes(reading) == [
        ("missing_row", "A5"), ("missing_row", "F5"), ("negative_value", "I7"), ("not_a_number", "C7"), ("unknown_row", "B8"),
        ("unknown_row", "G8"),
    ]  # fmt: skip
    assert {cell: value for cell, value in values(reading).items() if value is not None} == {
        "D7": 0.5, "C9": 2.0, "D9": 1.25, "C10": 3.0, "D10": 1.75, "I6": 12.0,
    }  # fmt: skip


@pytest.mark.parametrize("gap", [0, 1])
def test_two_lists_that_begin_with_the_same_column(gap: int) -> None:
    rows = findings_rows()
    reading = read(grid_of([*rows[:2], *beside(rows[3:6], rows[7:9], gap, 0, ("一、发现问题", "二、亮点"))]))
    assert codes(reading) == []
    last = "EF" if not gap else "FG"
    assert values(reading) == {
        "A5": "U001", "B5": "big", "C5": True, "D5": "没有记录", "A6": "U002", "B6": "small", "C6": False, "D6": "记录不全",
        f"{last[0]}5": "U001", f"{last[1]}5": "逐人约谈",
    }  # fmt: skip


def test_both_tables_number_their_rows_and_the_right_one_is_longer() -> None:
    """行次 is no column of the right table's form, but stands right before it: E to I are the right table's."""
    more = [[number, f"第{number}项", "次数", "次", 1] for number in (4, 5, 6)]
    work = [["行次", *WORK[0]], *([number, *row] for number, row in enumerate(WORK[1:], 1)), *more]
    problems = [["序号", "类别", "问题数", "涉案金额"], *PROBLEMS[2:]]
    reading = read(grid_of([*ABOVE, *beside(problems, work, 0)]))
    assert codes(reading) == [("unknown_row", f"G{row}") for row in (10, 11, 9)]


def test_a_gap_parts_two_lists_whose_common_column_comes_second_on_the_right() -> None:
    rows = findings_rows()
    right = [["主要做法", "受检单位"], ["逐人约谈", "东河处"]]
    reading = read(grid_of([*rows[:2], *beside(rows[3:6], right, 1)]))
    assert codes(reading) == []
    assert (values(reading)["F5"], values(reading)["G5"]) == ("逐人约谈", "U001")


def test_an_unknown_column_beside_a_table_stays_an_unknown_column() -> None:
    rows = changed(statistics_rows(), {"F5": "备注", "G7": "说明"})
    assert ("unknown_column", "F5") in codes(
        read(grid_of(rows, merges=((5, 1, 6, 1), (5, 2, 6, 2), (5, 3, 6, 3))))
    )


def test_a_lone_column_of_another_table_is_no_table() -> None:
    rows = changed(findings_rows()[:6], {"F4": "主要做法", "F5": "逐人约谈"})
    assert ("unknown_column", "F4") in codes(read(grid_of(rows)))


def test_territories_do_not_overlap() -> None:
    grid = grid_of([*ABOVE, *beside(PROBLEMS, WORK, 2)])
    found = recognise(book_of(grid), KnownForms(FORMS))
    assert found is not None
    assert [(p.table.table_id, p.territory.start) for p in found.placements] == [("problems", 1), ("work", 7)]
    assert found.placements[0].territory.stop == 7


def moved(layout: Layout, table: FormTable, first_row: int, first_column: int) -> Layout:
    """The form with one table, caption included, set down elsewhere."""
    (sheet,) = layout.sheets
    own = [cell for cell in sheet.cells if cell.keys and cell.keys[0][0] == table.table_id]
    top = min(cell.row for cell in own)
    cells = [
        replace(cell, row=cell.row - top + first_row, column=cell.column + first_column - 1)
        if cell in own or (cell.role in ("caption", "column_label", "row_label", "value") and top - 1 <= cell.row <= max(c.row for c in own))
        else cell
        for cell in sheet.cells
    ]  # fmt: skip
    return replace(layout, sheets=(replace(sheet, cells=tuple(cells)),))


def said(folder: Path, name: str, data: bytes) -> tuple[list[Any], list[str]]:
    (folder / name).write_bytes(data)
    received = read_received(folder, name, setup())
    lineage = {"sheet", "cell", "raw_text", "file_id"}
    records = [
        (r.into, sorted((k, repr(v)) for k, v in r.values.items() if k not in lineage))
        for r in received.records
        if r.into != "header_fields"  # a further sheet repeats them
    ]
    return sorted(records), [issue.message for issue in received.issues if issue.severity != "note"]


@pytest.mark.parametrize("index", [1, 2])
@pytest.mark.parametrize("row", [4, 6])
def test_the_tables_of_the_real_statistics_form_stand_side_by_side(
    tmp_path: Path, index: int, row: int
) -> None:
    plain = layout_of("statistics", Bureau.figures())
    form = config().forms["statistics"]
    width = plain.sheets[0].n_columns
    expected = said(tmp_path, "U001.xlsx", as_xlsx(plain))
    layout = moved(plain, form.tables[index], row, width + 2)
    assert said(tmp_path, "U001 旁.xlsx", as_xlsx(layout)) == expected
    assert said(tmp_path, "U001 旁.csv", as_csv(layout)) == expected
    assert expected[1] == []
    assert len(expected[0]) == 135


def test_captions_beside_each_other_below_a_wide_table_are_no_row_of_it() -> None:
    (form,) = (known for known in KnownForms(FORMS).maps if known.form.form_id == "statistics")
    assert form.is_margin(["一、发现问题", "二、工作量"])
    assert not form.is_margin(["二、工作量", "3"]) and not form.is_margin(["一、发现问题", "其他"])
