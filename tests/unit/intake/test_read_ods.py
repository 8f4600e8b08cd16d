"""OpenDocument spreadsheets, cell by cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from lianzheng.intake.books import read_book
from lianzheng.intake.cells import Book, Cell, Limits, Merge
from tests import formats

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(*rows: str, columns: str = "", sheet: str = "", styles: str = "", **parts: str) -> Path:
        table = f'<table:table table:name="表" {sheet}>{columns}{"".join(rows)}</table:table>'
        path = tmp_path / "a.ods"
        path.write_bytes(formats.ods_of(table, styles, **parts))
        return path

    return to_file


def row(*cells: str, about: str = "") -> str:
    return f"<table:table-row {about}>{''.join(cells)}</table:table-row>"


def cell(text: str = "", about: str = 'office:value-type="string"') -> str:
    return f"<table:table-cell {about}>{f'<text:p>{text}</text:p>' if text else ''}</table:table-cell>"


def blank(about: str = "") -> str:
    return f"<table:table-cell {about}/>"


def cells_of(path: Path) -> dict[str, Cell]:
    book = read_book(path)
    assert (book.format, book.problem_code) == ("ods", None)
    return {found.address: found for grid in book.grids for found in grid.cells.values()}


KINDS = [
    ('office:value-type="float" office:value="3.0"', "3", ("3", "number", 3.0, "General")),
    ('office:value-type="float" office:value="0.1234"', "0.12", ("0.1234", "number", 0.1234, "General")),
    ('office:value-type="percentage" office:value="0.3846"', "38.46%", ("0.3846", "number", 0.3846, "0.00%")),
    ('office:value-type="currency" office:value="12.5"', "￥12.50", ("12.5", "number", 12.5, "General")),
    ('office:value-type="boolean" office:boolean-value="true"', "真", ("TRUE", "boolean", 1.0, "General")),
    ('office:value-type="boolean" office:boolean-value="false"', "假", ("FALSE", "boolean", 0.0, "General")),
    ('office:value-type="date" office:date-value="2018-12-01"', "12月1日", ("2018-12-01", "date", None, "yyyy-mm-dd")),
    ('office:value-type="date" office:date-value="2018-12-01T15:20:00"', "x",
     ("2018-12-01 15:20:00", "datetime", None, "yyyy-mm-dd hh:mm:ss")),
    ('office:value-type="time" office:time-value="PT15H20M00S"', "15:20", ("15:20:00", "time", None, "hh:mm:ss")),
    ('office:value-type="time" office:time-value="PT25H00M01S"', "25:00", ("25:00:01", "duration", None, "[h]:mm:ss")),
    ('office:value-type="time" office:time-value="?"', "15:20", ("15:20", "text", None, "General")),
    ('office:value-type="string"', "　一 般", ("　一 般", "text", None, "General")),
    ('office:value-type="string" office:string-value="另"', "", ("另", "text", None, "General")),
    ('xmlns:calcext="urn:x" office:value-type="string" office:string-value="" calcext:value-type="error"', "#N/A",
     ("#N/A", "error", None, "General")),
    ('table:formula="of:=SUM([.A1:.A3])"', "", ("=SUM([.A1:.A3])", "formula", None, "General")),
    ('table:formula="of:=SUM([.A1:.A3])" office:value-type="float" office:value="6"', "6", ("6", "number", 6.0, "General")),
]  # fmt: skip


@pytest.mark.parametrize(("about", "text", "expected"), KINDS)
def test_every_kind_of_cell(write: Write, about: str, text: str, expected: tuple[object, ...]) -> None:
    found = cells_of(write(row(cell(text, about))))["A1"]
    assert (found.text, found.raw_type, found.number, found.number_format) == expected


def test_dates_are_moments(write: Write) -> None:
    found = cells_of(write(row(cell("", 'office:value-type="date" office:date-value="2018-12-01"'))))
    assert found["A1"].moment == dt.datetime(2018, 12, 1)


def test_text_of_a_cell(write: Write) -> None:
    inside = (
        '<text:p>一<text:s text:c="2"/>二<text:tab/><text:span>三<text:a>四</text:a></text:span>\n  五</text:p>'
        "<office:annotation><text:p>批注不是内容</text:p></office:annotation><text:p>六<text:line-break/>七</text:p>"
        "<draw:frame xmlns:draw='urn:d'><text:p>图</text:p></draw:frame>"
    )
    path = write(row(f'<table:table-cell office:value-type="string">{inside}</table:table-cell>'))
    assert cells_of(path)["A1"].text == "一  二\t三四 五\n六\n七"


def test_repeated_rows_and_cells(write: Write) -> None:
    path = write(
        row(blank('table:number-columns-repeated="2"'), cell("右")),
        row(blank('table:number-columns-repeated="16384"'), about='table:number-rows-repeated="3"'),
        row(cell("0", 'office:value-type="float" office:value="0" table:number-columns-repeated="2"'),
            about='table:number-rows-repeated="2"'),
        row(blank('table:number-columns-repeated="16384"'), about='table:number-rows-repeated="1048000"'),
    )  # fmt: skip
    assert {address: found.text for address, found in cells_of(path).items()} == {
        "C1": "右", "A5": "0", "B5": "0", "A6": "0", "B6": "0",
    }  # fmt: skip
    (grid,) = read_book(path).grids
    assert (grid.n_rows, grid.n_columns) == (6, 3)


def test_groups_and_header_rows_are_rows(write: Write) -> None:
    path = write(
        f"<table:table-header-rows>{row(cell('一'))}</table:table-header-rows>",
        f"<table:table-row-group><table:table-row-group>{row(cell('二'))}</table:table-row-group></table:table-row-group>",
        row(cell("三")),
    )
    assert [found.text for found in cells_of(path).values()] == ["一", "二", "三"]


def test_merged_ranges(write: Write) -> None:
    path = write(
        row(cell("标题", 'office:value-type="string" table:number-columns-spanned="2" table:number-rows-spanned="2"'),
            "<table:covered-table-cell/>", cell("右")),
        row('<table:covered-table-cell office:value-type="string"><text:p>盖住</text:p></table:covered-table-cell>',
            "<table:covered-table-cell/>", cell("下")),
    )  # fmt: skip
    (grid,) = read_book(path).grids
    assert grid.merges == [Merge(1, 1, 2, 2)]
    assert (grid.cells[1, 1].merged_range, grid.at(2, 2)) == ("A1:B2", grid.cells[1, 1])
    assert (grid.cells[2, 1].is_hidden, grid.cells[2, 3].text) == (True, "下")


def test_hidden_rows_columns_and_sheets(write: Write) -> None:
    columns = '<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'
    path = write(
        row(*map(cell, "甲乙丙丁")),
        row(cell("藏"), about='table:visibility="collapse" table:number-rows-repeated="2"'),
        row(cell("筛"), about='table:visibility="filter"'),
        columns=columns,
    )
    hidden = {address for address, found in cells_of(path).items() if found.is_hidden}
    assert hidden == {"B1", "C1", "A2", "A3", "A4"}
    style = '<style:style style:name="ta1"><style:table-properties table:display="false"/></style:style>'
    (grid,) = read_book(write(row(cell("暗")), sheet='table:style-name="ta1"', styles=style)).grids
    assert (grid.name, grid.is_hidden, grid.cells[1, 1].is_hidden) == ("表", True, True)


BOMBS = [
    row(cell("x", 'office:value-type="string" table:number-columns-repeated="1000000000"')),
    row(cell("x"), about='table:number-rows-repeated="1000000000"'),
    row(cell("x")) + row(blank(), about='table:number-rows-repeated="4000000"') + row(*map(cell, "甲乙")),
    row(*[cell("x", 'office:value-type="string" table:number-columns-repeated="16384"')], about='table:number-rows-repeated="900"'),
]  # fmt: skip


@pytest.mark.parametrize("rows", BOMBS, ids=["columns", "rows", "far", "both"])
def test_repetition_is_bounded(write: Write, rows: str) -> None:
    assert read_book(write(rows), Limits(grid_places=100_000)).problem_code == "too_large"


def test_spaces_and_spans_are_bounded(write: Write) -> None:
    spaced = '<text:s text:c="1000000000"/>x'
    span = 'office:value-type="string" table:number-columns-spanned="999999999" table:number-rows-spanned="999999999"'
    found = cells_of(write(row(cell(spaced)), row(cell("宽", span))))
    assert len(found["A1"].text) == 256
    assert found["A2"].text == "宽"


def test_a_content_that_inflates_too_far(write: Write) -> None:
    assert read_book(write(row(cell("x" * 9000))), Limits(part_bytes=5000)).problem_code == "too_large"


def problem(book: Book) -> str | None:
    return book.problem_code


def test_a_password_is_told(write: Write, tmp_path: Path) -> None:
    manifest = '<m:manifest xmlns:m="urn:m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    assert (
        problem(read_book(write(row(cell("x")), **{"META-INF/manifest.xml": manifest})))
        == "password_protected"
    )
    parts: dict[str, str | bytes] = {"mimetype": formats.ODS_TYPE, "encrypted-package": b"\0\1"}
    (tmp_path / "b.ods").write_bytes(formats.zip_of(parts))
    assert problem(read_book(tmp_path / "b.ods")) == "password_protected"


def test_no_entity_is_expanded_and_no_document_type_taken(tmp_path: Path) -> None:
    data = formats.fods_of('<table:table table:name="a"/>')
    bomb = data.replace(b"\n<office", b'\n<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<office', 1)
    (tmp_path / "a.fods").write_bytes(bomb)
    book = read_book(tmp_path / "a.fods")
    assert (book.format, book.problem_code) == ("fods", "unreadable_file")
    assert "DOCTYPE" in book.problem_detail


def test_nothing_in_it_is_empty_and_a_text_document_is_no_spreadsheet(write: Write, tmp_path: Path) -> None:
    assert problem(read_book(write(row(blank())))) == "empty_file"
    assert problem(read_book(write())) == "empty_file"
    (tmp_path / "b.ods").write_bytes(formats.zip_of({"content.xml": "no xml"}))
    assert problem(read_book(tmp_path / "b.ods")) == "unreadable_file"
