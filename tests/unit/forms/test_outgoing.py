"""What goes out: which files, the same bytes every time, a unit's own words in each, and all of it read back rightly."""

from __future__ import annotations

import datetime as dt
import functools
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document

from lianzheng import cli
from lianzheng.config.forms import value_kind
from lianzheng.forms import Layout, as_csv, as_docx, as_xlsx
from lianzheng.forms.blank import blank_form
from lianzheng.forms.outgoing import UNIT_ID, UNIT_NAME, team_files, unit_files, write_forms
from lianzheng.intake.files import Setup, make_setup, read_received
from lianzheng.intake.received import Received
from lianzheng.zips import read_zip
from tests.unit.forms.test_blank import BLANKS
from tests.unit.forms.test_layout import CONFIG

UNIT = CONFIG.unit("U003")
STRAY = {"unread_cell", "unknown_column", "unknown_row", "hidden_value", "unknown_form", "missing_table", "missing_column",
         "missing_row", "unit_differs", "wrong_year", "unknown_unit"}  # fmt: skip


@functools.cache
def setup(is_ledger: bool = False) -> Setup:
    return make_setup(CONFIG, is_ledger)


def received(folder: Path, name: str, data: bytes, is_ledger: bool = False) -> Received:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return read_received(folder, name, setup(is_ledger))


def found_codes(file: Received) -> set[str]:
    return {issue.code for issue in file.issues}


def test_each_unit_gets_six_files_and_each_team_its_sheets(tmp_path: Path) -> None:
    assert list(unit_files(CONFIG, UNIT)) == [
        f"units/U003_南坡处/{name}"
        for name in ("附件1_南坡处.xlsx", "附件1_南坡处.docx", "附件2_南坡处.xlsx", "附件2_南坡处.docx", "附件3测评票_南坡处.docx", "附件3计票汇总表_南坡处.xlsx")
    ]  # fmt: skip
    assert sorted(Path(name).name for name in team_files(CONFIG, CONFIG.teams[0])) == [
        "党风廉政建设责任制检查发现问题和亮点清单_第一检查组.xlsx",
        "党风廉政建设责任制检查查阅资料清单_第一检查组.xlsx",
        "党风廉政建设责任制现场检查情况表_第一检查组.xlsx",
        "评分表_U001_东河处.xlsx",
        "评分表_U003_南坡处.xlsx",
        "评分表_U015_金穗建设.xlsx",
    ]


def test_a_unit_s_own_words_stand_in_every_part_and_nobody_else_s() -> None:
    for name, data in unit_files(CONFIG, UNIT).items():
        text = "".join(part.decode("utf-8", "replace") for part in read_zip(data).values())
        assert UNIT_ID not in text and UNIT_NAME not in text
        assert text.count("南坡管理处") >= 1, name
        assert set(re.findall(r"20\d\d-[a-z_]+-(\w+)", text)) == {"U003"}, name
        assert "<vt:lpwstr>U003</vt:lpwstr>" in text


def test_names_that_xml_and_folders_do_not_like_are_written_safely() -> None:
    odd = UNIT.model_copy(update={"name": "A&B<乙>处", "short_name": "甲/乙 处"})
    files = unit_files(CONFIG, odd)
    assert {name.split("/")[1] for name in files} == {"U003_甲乙 处"}
    page = openpyxl.load_workbook(io.BytesIO(next(iter(files.values())))).worksheets[0]
    assert "A&B<乙>处" in {cell.value for row in page.iter_rows() for cell in row}


def test_two_runs_with_other_workers_write_the_same_bytes(tmp_path: Path) -> None:
    whole = {}
    for n_workers in (1, 2):
        project = tmp_path / str(n_workers)
        (project / "config").parent.mkdir(parents=True)
        (project / "config").symlink_to(CONFIG.project / "config")
        assert cli.main(["--project", str(project), "forms", "2018", "--workers", str(n_workers)]) == 0
        root = project / "reports" / "2018" / "forms"
        whole[n_workers] = {
            p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()
        }
    assert whole[1] == whole[2]
    assert len(whole[1]) == 24 * 6 + 4 * 3 + 12
    one = tmp_path / "one"
    one.mkdir()
    (one / "config").symlink_to(CONFIG.project / "config")
    assert cli.main(["--project", str(one), "forms", "--unit", "U003", "--unit", "U004"]) == 0
    assert sorted(p.name for p in (one / "reports/2018/forms/units").iterdir()) == [
        "U003_南坡处",
        "U004_北渠处",
    ]
    assert not (one / "reports/2018/forms/teams").exists()
    assert cli.main(["--project", str(one), "forms", "--unit", "U999"]) == 1


def test_progress_is_told_folder_by_folder(tmp_path: Path) -> None:
    from lianzheng.config import load_config

    (tmp_path / "config").symlink_to(CONFIG.project / "config")
    steps: list[tuple[int, int]] = []
    n_files = write_forms(
        load_config(2018, tmp_path), ("U001", "U002"), 1, lambda step, total: steps.append((step, total))
    )
    assert (n_files, steps) == (12, [(1, 2), (1, 2)])


@pytest.mark.parametrize("form_id", [form.form_id for form in CONFIG.all_forms if form.tables])
def test_a_form_sent_back_blank_has_nothing_but_missing_values(form_id: str, tmp_path: Path) -> None:
    form = CONFIG.forms[form_id]
    layout = BLANKS.get(form_id) or blank_form(CONFIG, form)
    for ending, write in (("xlsx", as_xlsx), ("docx", as_docx), ("csv", as_csv)):
        if (ending == "csv" and len(layout.sheets) > 1) or (ending == "docx" and form_id == "tally"):
            continue  # several sheets are no CSV; the same table twice is no Word form
        file = received(tmp_path, f"表.{ending}", write(layout), form_id == "ledger")
        assert (file.form_id, file.version) == (form_id, form.version)
        assert found_codes(file) <= {"missing_value"}
        assert {cell[-1] for cell in file.cells} <= {"label", "value", "aside"}


@pytest.mark.parametrize("form_id", ["standard", "statistics"])
@pytest.mark.parametrize("write", [as_xlsx, as_docx, as_csv])
def test_a_blank_form_of_a_unit_says_no_number(form_id: str, write: Any, tmp_path: Path) -> None:
    ending = write.__name__.removeprefix("as_")
    file = received(tmp_path, f"来件.{ending}", write(BLANKS[form_id]))
    assert file.unit_id == "U003"
    columns = {"scores_by_unit_item_scorer": "points", "statistics_by_unit_category_measure": "value"}
    records = file.records_in(*columns)
    assert len(records) > 30
    assert all(record.values[columns[record.into]] is None for record in records)
    assert all(record.values["value_state"] == "blank" for record in records)


def meant(form_id: str, layout: Layout) -> Iterator[tuple[str, str, Any, Any]]:
    """For each open place of a form: sheet, cell, what a person writes there, and what it means."""
    form = CONFIG.forms[form_id]
    number = 0
    for sheet in layout.sheets:
        for cell in (cell for cell in sheet.cells if cell.is_open and cell.role == "value"):
            table_id, row_id, column_id = cell.keys[0]
            table = form.table(table_id)
            column = next(c for c in table.columns if c.column_id == column_id)
            if column.choices == "finding_kind":
                continue  # left blank, as most do: it moves a row to the other table
            row = next((r for r in table.rows if r.row_id == row_id), None)
            number += 1
            kind, highest = value_kind(column, row), row.maximum if row else None
            if kind == "choice":
                known = CONFIG.choices(column.choices, "U003" if column.choices == "members" else "")
                id_, (label, _) = list(known.items())[number % len(known)]
                yield sheet.name, cell.address, label, id_
            elif kind in ("text", "boolean", "unit", "date"):
                day = dt.datetime(2018, 12, 1 + number % 28)
                yield sheet.name, cell.address, *{
                    "text": (f"说明{number}", f"说明{number}"), "boolean": ("否", False), "unit": ("南坡管理处", "U003"),
                    "date": (day, day),
                }[kind]  # fmt: skip
            else:
                share = "%" in cell.number_format
                value = (
                    0.25
                    if share
                    else float(number % 7)
                    if kind == "count"
                    else min((number % 8) / 4, highest or 9.0)
                )
                yield sheet.name, cell.address, value, value


@pytest.mark.parametrize("form_id", list(BLANKS))
def test_what_a_person_writes_into_the_open_cells_is_what_is_read(form_id: str, tmp_path: Path) -> None:
    layout = BLANKS[form_id]
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(layout)))
    places = list(meant(form_id, layout))
    for sheet, address, written, _ in places:
        assert not book[sheet][address].protection.locked
        book[sheet][address] = written
    for sheet in layout.sheets:
        for cell in (c for c in sheet.cells if c.role == "header_value" and c.value is None):
            book[sheet.name][cell.address] = 9 if cell.keys[0][1].startswith("n_") else dt.date(2018, 12, 3)
    buffer = io.BytesIO()
    book.save(buffer)
    file = received(tmp_path, "填好.xlsx", buffer.getvalue())
    read = {
        (sheet, cell): record.values[column] for record in file.records for sheet, cell, column in record.cells
    }  # fmt: skip
    assert {(s, a): read[s, a] for s, a, *_ in places} == {(s, a): m for s, a, _, m in places}
    assert not found_codes(file) & (
        STRAY | {"missing_value", "not_a_number", "not_a_choice", "sum_mismatch", "placeholder_left"}
    )
    assert {cell[-1] for cell in file.cells} <= {"label", "value"}


def test_a_sum_that_no_program_computed_is_added_up(tmp_path: Path) -> None:
    layout = BLANKS["statistics"]
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(layout)))
    written = {"dining_public_money": 2, "gifts": 3, "other": 0}
    for row_id, value in written.items():
        sheet, cell = layout.find(("problems", row_id, "n_problems"))
        book[sheet.name][cell.address] = value
    buffer = io.BytesIO()
    book.save(buffer)
    file = received(tmp_path, "填好.xlsx", buffer.getvalue())
    rows = {
        (r.values["category_id"], r.values["measure_id"]): r.values
        for r in file.records_in("statistics_by_unit_category_measure") if r.values["period"] == "this"
    }  # fmt: skip
    total = rows["total", "n_problems"]
    assert (total["value"], total["value_state"], total["conversion"]) == (
        5.0,
        "number",
        "公式没有保存结果，相加为5",
    )
    assert (rows["total", "n_persons"]["value"], rows["total", "n_persons"]["value_state"]) == (None, "blank")


def test_word_filled_in_is_read_like_the_workbook(tmp_path: Path) -> None:
    document = Document(io.BytesIO(as_docx(BLANKS["standard"])))
    table = document.tables[0]
    for i, row in enumerate(table.rows[1:-1]):
        row.cells[6].text = str(i % 2)
    table.rows[-1].cells[6].text = "15"
    field = next(p for p in document.paragraphs if p.text.startswith("审核人"))
    field.runs[1].text = "郑文涛"
    assert field.text == "审核人：郑文涛\t时间：　　　年　　月　　日"
    buffer = io.BytesIO()
    document.save(buffer)
    file = received(tmp_path, "填好.docx", buffer.getvalue())
    scores = file.records_in("scores_by_unit_item_scorer")
    points = {r.values["item_id"]: r.values["points"] for r in scores}
    assert (points["S101"], points["S102"], points["total"]) == (0.0, 1.0, 15.0)
    assert (file.unit_id, file.version, found_codes(file)) == ("U003", "2018", set())


def test_a_ballot_that_comes_back_is_no_tally(tmp_path: Path) -> None:
    data = unit_files(CONFIG, UNIT)["units/U003_南坡处/附件3测评票_南坡处.docx"]
    assert found_codes(received(tmp_path, "测评票.docx", data)) == {"unknown_form"}


def test_a_tally_comes_back_with_its_groups(tmp_path: Path) -> None:
    file = received(tmp_path, "汇总.xlsx", as_xlsx(BLANKS["tally"]))
    assert {record.values["rater_group"] for record in file.records if record.into.startswith("tallies")} == {
        "middle_managers", "staff",
    }  # fmt: skip
