"""Pictures of tables with the faulty cells: which rows, which cells, which words, and that text stays text."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lianzheng.publish.returns_items import Item, ReturnedFile
from lianzheng.publish.returns_pictures import LONGEST_TEXT, draw_pictures, picture_facts, tables_seen
from tests.unit.publish.returned import cell, frames
from tests.unit.publish.sample import HOSTILE

RED, YELLOW = "#F8B4AE", "#FFE699"


def item(number: int, at: str, severity: str = "return_item", sheet: str = "附件2") -> Item:
    return Item(number, "附件2", "F1", "附件2.xls", sheet, at, "", "有误", "请更正", severity)


def seen(items: list[Item], *cells: dict[str, Any]) -> tuple[ReturnedFile, pd.DataFrame]:
    file = ReturnedFile("F1", "units/南坡处/附件2.xls", "附件2.xls", "xls", "", True, tuple(items))
    return file, frames([], [], list(cells))["cells"]


def facts(items: list[Item], rows: list[int], *cells: dict[str, Any]) -> dict[str, Any]:
    file, read = seen(items, *cells)
    (table,) = tables_seen(file, read)
    return picture_facts(file, table, rows)


def shown_rows(items: list[Item], *cells: dict[str, Any]) -> list[list[int]]:
    from lianzheng.publish.returns_pictures import _parts

    file, read = seen(items, *cells)
    return [rows for table in tables_seen(file, read) for rows in _parts(table)]


def column(letter: str, n_rows: int, headers: dict[int, str], **facts: Any) -> list[dict[str, Any]]:
    return [
        cell("F1", f"{letter}{r}", headers.get(r, str(r)), "label" if r in headers else "value", **facts)
        for r in range(1, n_rows + 1)
    ]


@pytest.mark.parametrize(
    ("faults", "rows"),
    [
        (["B10"], [[4, 5, 8, 9, 10, 11, 12]]),  # with the labels over its column, as far as they touch
        (["B7"], [[4, 5, 6, 7, 8, 9]]),
        (["B40"], [[4, 5, 38, 39, 40]]),  # nothing behind the last row
        (["B10", "B12"], [[4, 5, 8, 9, 10, 11, 12, 13, 14]]),
        ([f"B{r}" for r in (8, 13, 18, 23, 28, 33, 38)], [[4, 5, *range(6, 36)], [4, 5, 36, 37, 38, 39, 40]]),
    ],
)
def test_the_rows_around_the_faults_and_the_labels_of_their_columns(
    faults: list[str], rows: list[list[int]]
) -> None:
    items = [item(i, at) for i, at in enumerate(faults, start=1)]
    cells = [*column("B", 40, {4: "本年度", 5: "问题数"}), *column("A", 40, {1: "统计表", 2: "附件2"})]
    assert shown_rows(items, *cells) == rows


def test_a_cell_is_filled_and_numbered_as_in_the_list() -> None:
    cells = [cell("F1", "A1", "会议", "label"), cell("F1", "B1", "3"), cell("F1", "B2", "x" * 80)]
    made = facts(
        [item(2, "B1", "verify"), item(5, "B2"), item(6, "B2", "verify"), item(7, "C2")], [1, 2], *cells
    )
    told = {(c["y"], c["x"]): (c["text"], c["numbers"], c["fill"], c["is_label"]) for c in made["cells"]}
    assert told == {
        (0, 0): ("会议", [], "", True), (0, 1): ("3", ["2"], YELLOW, False), (0, 2): ("", [], "", False),
        (1, 0): ("", [], "", False), (1, 1): ("x" * LONGEST_TEXT + "…", ["5", "6"], RED, False), (1, 2): ("", ["7"], RED, False),
    }  # fmt: skip
    assert (made["rows"], made["columns"]) == (["1", "2"], ["A", "B", "C"])


def test_what_lies_between_is_one_row_of_dots_and_merged_ranges_are_cut_to_what_is_shown() -> None:
    cells = [
        cell("F1", "A1", "题名", "label", merged_range="A1:C1"), cell("F1", "A2", "党委责任", "label", merged_range="A2:A9"),
        cell("F1", "B9", "9"), cell("F1", "C9", "九"),
    ]  # fmt: skip
    made = facts([item(1, "B9")], [1, 7, 8, 9], *cells)
    assert made["rows"] == ["1", "…", "7", "8", "9"]
    spans = {
        c["text"]: (c["y"], c["x"], c["rowspan"], c["colspan"])
        for c in made["cells"]
        if c["text"] not in ("", "…")
    }
    assert spans == {"题名": (0, 0, 1, 3), "党委责任": (2, 0, 3, 1), "9": (4, 1, 1, 1), "九": (4, 2, 1, 1)}
    covered = [
        (c["y"] + dy, c["x"] + dx)
        for c in made["cells"]
        for dy in range(c["rowspan"])
        for dx in range(c["colspan"])
    ]
    assert sorted(covered) == [(y, x) for y in range(5) for x in range(3)], "every place once"


def test_a_lonely_text_at_the_beginning_of_a_row_reaches_over_it() -> None:
    made = facts(
        [item(1, "C2")],
        [1, 2],
        cell("F1", "A1", "注：金额单位为万元"),
        cell("F1", "A2", "1"),
        cell("F1", "C2", "3"),
    )
    assert [(c["text"], c["colspan"]) for c in made["cells"] if c["y"] == 0] == [("注：金额单位为万元", 3)]


def test_of_a_very_wide_table_the_first_columns_and_those_around_the_fault_are_shown() -> None:
    cells = [cell("F1", f"{letter}1", letter) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    assert facts([item(1, "M1")], [1], *cells)["columns"] == ["A", "B", "C", "…", "K", "L", "M", "N", "O"]


def test_tables_of_a_word_file_have_pictures_of_their_own() -> None:
    cells = [cell("F1", "p3", "填表单位：甲", sheet="正文"), cell("F1", "t1r1c1", "项目", "label", sheet="正文"),
             cell("F1", "t1r2c2", "3", sheet="正文"), cell("F1", "t2r1c1", "无", sheet="正文")]  # fmt: skip
    file, read = seen([item(1, "p3", sheet="正文"), item(2, "t1r2c2", sheet="正文")], *cells)
    first, second = tables_seen(file, read)
    assert (first.name, second.name) == ("正文各段", "第1个表")
    assert set(second.texts) == {(1, 1), (2, 2)}
    made = picture_facts(file, second, [1, 2])
    assert (made["rows"], made["columns"]) == (["第1行", "第2行"], ["第1列", "第2列"])
    made = picture_facts(file, first, [3])
    assert (made["rows"], made["columns"]) == (["第3段"], [""])


def test_runs_of_blanks_do_not_stretch_a_picture() -> None:
    (told,) = facts([item(1, "A1")], [1], cell("F1", "A1", " 填表人：甲 　　  审核人：乙\n"))["cells"]
    assert told["text"] == "填表人：甲 审核人：乙"


def test_without_cells_or_addresses_there_is_no_picture() -> None:
    assert draw_pictures(*seen([item(1, "B1")])) == []
    assert draw_pictures(*seen([item(1, "")], cell("F1", "B1", "3"))) == []


def test_a_picture_is_png_names_its_items_and_takes_hostile_text_as_text() -> None:
    cells = [cell("F1", f"A{i}", text) for i, text in enumerate(HOSTILE, start=1)]
    file, read = seen([item(1, "A2"), item(3, "A4", "verify")], *cells)
    ((picture, numbers),) = draw_pictures(file, read)
    assert picture.startswith(b"\x89PNG") and numbers == {1, 3}
    assert int.from_bytes(picture[16:20], "big") == round(170 / 25.4 * 180), "as wide as A4 allows"
    assert draw_pictures(file, read)[0][0] == picture


def test_each_picture_names_what_it_shows() -> None:
    items = [item(i, f"B{i * 20}") for i in range(1, 9)]
    pictures = draw_pictures(*seen(items, *column("B", 170, {})))
    assert [sorted(numbers) for _, numbers in pictures] == [
        [1, 2, 3, 4, 5, 6],
        [7, 8],
    ]  # five rows each, 32 at most
