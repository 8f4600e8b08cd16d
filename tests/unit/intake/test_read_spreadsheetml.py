"""SpreadsheetML 2003 saved as .xls, cell by cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from lianzheng.intake.books import read_book
from lianzheng.intake.cells import Cell, Limits, Merge
from tests import formats

Write = Callable[..., Path]
STYLES = (
    '<Style ss:ID="Default"/><Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style>'
    '<Style ss:ID="q" ss:Parent="p"/><Style ss:ID="t"><NumberFormat ss:Format="Short Time"/></Style>'
    '<Style ss:ID="d"><NumberFormat ss:Format="yyyy\\-mm\\-dd"/></Style>'
)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(table: str, options: str = "") -> Path:
        sheet = f'<Worksheet ss:Name="表"><Table>{table}</Table>{options}</Worksheet>'
        path = tmp_path / "a.xls"
        path.write_bytes(formats.spreadsheetml_of(sheet, STYLES))
        return path

    return to_file


def data(kind: str, text: str, about: str = "") -> str:
    return f'<Cell {about}><Data ss:Type="{kind}">{text}</Data></Cell>'


def cells_of(path: Path) -> dict[str, Cell]:
    book = read_book(path)
    assert (book.format, book.problem_code) == ("spreadsheetml", None)
    return {found.address: found for found in book.grids[0].cells.values()}


KINDS = [
    (data("Number", "3.0"), ("3", "number", 3.0, "General")),
    (data("Number", "0.3846", 'ss:StyleID="p"'), ("0.3846", "number", 0.3846, "0.00%")),
    (data("Number", "0.5", 'ss:StyleID="q"'), ("0.5", "number", 0.5, "0.00%")),
    (data("String", "007"), ("007", "text", None, "General")),
    (data("Boolean", "1"), ("TRUE", "boolean", 1.0, "General")),
    (data("Boolean", "0"), ("FALSE", "boolean", 0.0, "General")),
    (data("Error", "#REF!"), ("#REF!", "error", None, "General")),
    (data("DateTime", "2018-12-01T00:00:00.000", 'ss:StyleID="d"'), ("2018-12-01", "date", None, r"yyyy\-mm\-dd")),
    (data("DateTime", "2018-12-01T15:20:00.000"), ("2018-12-01 15:20:00", "datetime", None, "General")),
    (data("DateTime", "1899-12-31T15:20:00.000", 'ss:StyleID="t"'), ("15:20:00", "time", None, "h:mm")),
    ('<Cell ss:Formula="=SUM(R[-3]C:R[-1]C)"/>', ("=SUM(R[-3]C:R[-1]C)", "formula", None, "General")),
    ('<Cell ss:Formula="=R1C1"><Data ss:Type="Number"></Data></Cell>', ("=R1C1", "formula", None, "General")),
    ('<Cell ss:Formula="=R1C1"><Data ss:Type="Number">6</Data></Cell>', ("6", "number", 6.0, "General")),
    ('<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">附<B>件</B>2</ss:Data>'
     '<Comment><ss:Data xmlns="http://www.w3.org/TR/REC-html40">批注</ss:Data></Comment></Cell>',
     ("附件2", "text", None, "General")),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "expected"), KINDS)
def test_every_kind_of_cell(write: Write, cell: str, expected: tuple[object, ...]) -> None:
    found = cells_of(write(f"<Row>{cell}{data('String', '旁')}</Row>"))["A1"]
    assert (found.text, found.raw_type, found.number, found.number_format) == expected


def test_dates_are_moments_whatever_the_date_system(write: Write) -> None:
    found = cells_of(write(f"<Row>{data('DateTime', '2018-12-01T00:00:00.000')}</Row>"))
    assert found["A1"].moment == dt.datetime(2018, 12, 1)


def test_places_by_index_span_and_merge(write: Write) -> None:
    path = write(
        f'<Column/><Row ss:Index="3">{data("String", "题", "ss:MergeAcross=" + chr(34) + "2" + chr(34))}{data("String", "右")}</Row>'
        f'<Row ss:Span="2"/><Row>{data("String", "高", "ss:MergeDown=" + chr(34) + "1" + chr(34))}{data("String", "旁")}</Row>'
        f'<Row><Cell ss:Index="5"><Data ss:Type="String">远</Data></Cell>{data("String", "后")}</Row>'
    )
    assert {address: found.text for address, found in cells_of(path).items()} == {
        "A3": "题", "D3": "右", "A7": "高", "B7": "旁", "E8": "远", "F8": "后",
    }  # fmt: skip
    assert read_book(path).grids[0].merges == [Merge(3, 1, 3, 3), Merge(7, 1, 8, 1)]


def test_hidden_rows_columns_and_sheets(write: Write) -> None:
    row = "<Row{}>" + "".join(data("String", text) for text in "甲乙丙丁") + "</Row>"
    columns = '<Column ss:Index="2" ss:Span="1" ss:Hidden="1"/>'
    found = cells_of(write(columns + row.format("") + row.format(' ss:Hidden="1"')))
    assert {a for a, c in found.items() if c.is_hidden} == {"B1", "C1", "A2", "B2", "C2", "D2"}
    options = '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible></WorksheetOptions>'
    (grid,) = read_book(write(row.format(""), options)).grids
    assert (grid.name, grid.is_hidden) == ("表", True)


@pytest.mark.parametrize(
    "table",
    [f'<Row ss:Index="1048577">{data("String", "远")}</Row>', f'<Row>{data("String", "远", "ss:Index=" + chr(34) + "16385" + chr(34))}</Row>',
     f'<Row>{data("String", "近")}</Row><Row ss:Index="1000000">{data("String", "远", "ss:Index=" + chr(34) + "9000" + chr(34))}</Row>'],
)  # fmt: skip
def test_far_places_are_refused(write: Write, table: str) -> None:
    assert read_book(write(table)).problem_code == "too_large"


def test_wide_merges_cost_nothing(write: Write) -> None:
    about = 'ss:MergeAcross="999999999" ss:MergeDown="999999999"'
    assert cells_of(write(f"<Row>{data('String', '宽', about)}</Row>"))["A1"].text == "宽"


def test_a_large_file_and_a_document_type_are_refused(write: Write, tmp_path: Path) -> None:
    path = write(f"<Row>{data('String', 'x')}</Row>")
    assert read_book(path, Limits(part_bytes=100)).problem_code == "too_large"
    bomb = (
        path.read_bytes()
        .replace(b"<Workbook", b'<!DOCTYPE a [<!ENTITY b "bbb">]><Workbook')
        .replace(b">x<", b">&b;<")
    )
    path.write_bytes(bomb)
    book = read_book(path)
    assert (book.format, book.problem_code) == ("spreadsheetml", "unreadable_file")
    assert "DOCTYPE" in book.problem_detail


@pytest.mark.parametrize("table", ["", "<Row/>", "<Row><Cell/></Row>"])
def test_a_workbook_without_contents_is_empty(write: Write, table: str) -> None:
    assert read_book(write(table)).problem_code == "empty_file"


@pytest.mark.parametrize(
    ("old", "new"), [("Number", "DateTime"), (">1<", ">一<"), ("<Row>", '<Row ss:Index="x">')]
)
def test_contents_that_are_not_what_they_say_are_one_issue(write: Write, old: str, new: str) -> None:
    path = write(f"<Row>{data('Number', '1')}</Row>")
    path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))
    assert read_book(path).problem_code == "unreadable_file"
