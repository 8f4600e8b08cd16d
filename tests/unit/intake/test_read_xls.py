from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import xlwt

from lianzheng.intake.books import read_book
from lianzheng.intake.cells import Cell, Limits, Merge


def styled(number_format: str) -> xlwt.XFStyle:
    style = xlwt.XFStyle()
    style.num_format_str = number_format
    return style


@pytest.fixture
def workbook() -> xlwt.Workbook:
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet = workbook.add_sheet("附件2")
    sheet.write_merge(0, 0, 0, 5, "八项规定自查统计表")
    sheet.write(1, 0, "  填表单位　")
    sheet.write(2, 0, 0.3846, styled("0.00%"))
    sheet.write(2, 1, 7, styled("0000"))
    sheet.write(2, 2, 2018.0)
    sheet.write(3, 0, dt.date(2018, 12, 1), styled("yyyy/m/d"))
    sheet.write(3, 1, dt.datetime(2018, 12, 1, 15, 20), styled("yyyy/m/d h:mm"))
    sheet.write(3, 2, dt.time(15, 20), styled("h:mm"))
    sheet.write(4, 0, True)
    sheet.row(4).set_cell_error(1, "#N/A!")  # so spelt by xlwt
    sheet.write(4, 2, "", styled("0"))
    return workbook


def cells_of(path: Path) -> dict[str, Cell]:
    book = read_book(path)
    assert (book.format, book.problem_code) == ("xls", None)
    return {cell.address: cell for cell in book.grids[0].cells.values()}


def test_every_kind_of_cell(workbook: xlwt.Workbook, tmp_path: Path) -> None:
    workbook.save(tmp_path / "a.xls")
    cells = cells_of(tmp_path / "a.xls")
    assert {address: (cell.text, cell.raw_type, cell.number_format) for address, cell in cells.items()} == {
        "A1": ("八项规定自查统计表", "text", "General"),
        "A2": ("  填表单位　", "text", "General"),
        "A3": ("0.3846", "number", "0.00%"),
        "B3": ("7", "number", "0000"),
        "C3": ("2018", "number", "General"),
        "A4": ("2018-12-01", "date", "yyyy/m/d"),
        "B4": ("2018-12-01 15:20:00", "datetime", "yyyy/m/d h:mm"),
        "C4": ("15:20:00", "time", "h:mm"),
        "A5": ("TRUE", "boolean", "General"),
        "B5": ("#N/A", "error", "General"),
    }
    assert cells["B4"].moment == dt.datetime(2018, 12, 1, 15, 20)
    assert (cells["A5"].number, cells["B5"].number, cells["A3"].number) == (1.0, None, 0.3846)


def test_merges_are_counted_from_one_with_both_corners(workbook: xlwt.Workbook, tmp_path: Path) -> None:
    workbook.save(tmp_path / "a.xls")
    grid = read_book(tmp_path / "a.xls").grids[0]
    assert grid.merges == [Merge(1, 1, 1, 6)]
    assert grid.cells[1, 1].merged_range == "A1:F1"
    assert grid.at(1, 3) is grid.cells[1, 1]


def test_hidden_rows_columns_and_sheets(workbook: xlwt.Workbook, tmp_path: Path) -> None:
    sheet = workbook.get_sheet(0)
    sheet.row(2).hidden = True
    sheet.col(1).hidden = True
    dark = workbook.add_sheet("暗")
    dark.write(0, 0, "x")
    dark.visibility = 1
    workbook.save(tmp_path / "a.xls")
    book = read_book(tmp_path / "a.xls")
    hidden = {cell.address for cell in book.grids[0].cells.values() if cell.is_hidden}
    assert hidden == {"A3", "B3", "C3", "B4", "B5"}
    assert (book.grids[1].is_hidden, book.grids[1].cells[1, 1].is_hidden) == (True, True)


def test_the_1904_date_system(workbook: xlwt.Workbook, tmp_path: Path) -> None:
    workbook.dates_1904 = True
    workbook.get_sheet(0).write(9, 0, 41973, styled("yyyy/m/d"))
    workbook.save(tmp_path / "a.xls")
    assert cells_of(tmp_path / "a.xls")["A10"].text == "2018-12-01"


def test_the_name_of_the_file_does_not_matter(workbook: xlwt.Workbook, tmp_path: Path) -> None:
    for name in ("表.et", "表.xlsx", "表"):
        workbook.save(tmp_path / name)
        assert cells_of(tmp_path / name)["A1"].text == "八项规定自查统计表"


def test_far_corners_are_refused(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表")
    sheet.write(0, 0, 1)
    sheet.write(65_535, 255, 1)
    workbook.save(tmp_path / "a.xls")
    assert read_book(tmp_path / "a.xls").problem_code == "too_large"
    assert read_book(tmp_path / "a.xls", Limits(grid_places=65_536 * 256)).problem_code is None


def test_an_encrypted_workbook_asks_for_its_password(workbook: xlwt.Workbook, tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    workbook.save(path)
    data = path.read_bytes()
    # An encrypted book has a FILEPASS record (0x002F) among the first of its stream: put one over the first spare one.
    bof = data.index(b"\x09\x08\x10\x00")
    spare = data.index(b"\xe1\x00\x02\x00", bof)
    path.write_bytes(data[:spare] + b"\x2f" + data[spare + 1 :])
    book = read_book(path)
    assert (book.format, book.problem_code, book.grids) == ("xls", "password_protected", [])


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 0.9])
def test_a_truncated_workbook_is_unreadable_with_a_reason(
    workbook: xlwt.Workbook, tmp_path: Path, share: float
) -> None:
    path = tmp_path / "a.xls"
    workbook.save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    book = read_book(path)
    assert (book.problem_code, book.grids, bool(book.problem_detail)) == ("unreadable_file", [], True)


def test_nothing_is_printed_while_reading(
    workbook: xlwt.Workbook, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.xls"
    workbook.save(path)
    path.write_bytes(path.read_bytes() + bytes(100))  # of which xlrd would warn
    assert read_book(path).problem_code is None
    assert capsys.readouterr() == ("", "")
