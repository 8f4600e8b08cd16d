"""Layouts as files, read back with the libraries' own plain readers."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from docx import Document

from lianzheng.forms import Formula, Layout, Placed, Sheet, as_csv, as_docx, as_xlsx
from lianzheng.forms.writers import MOMENT, text_of
from tests.unit.forms.test_layout import FILLED

ODD = Layout(
    "odd",
    (
        Sheet(
            "甲",
            (
                Placed(1, 1, "=1+1", "value"),
                Placed(1, 2, 0.3846, "value", number_format="0.00%"),
                Placed(2, 1, dt.datetime(2018, 12, 1, 15, 20), "value", number_format="yyyy-mm-dd hh:mm"),
                Placed(2, 2, '逗号,引号"和\n换行', "value"),
                Placed(3, 1, 1234.5, "value"),
                Placed(3, 2, 7.0, "value"),
            ),
        ),
        Sheet("乙", (), is_hidden=True),
    ),
)


def test_a_workbook_read_back_is_the_layout() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(FILLED)))
    assert book.sheetnames == [sheet.name for sheet in FILLED.sheets]
    for sheet in FILLED.sheets:
        page = book[sheet.name]
        for cell in sheet.cells:
            read = page[cell.address].value
            assert (read.date() if isinstance(read, dt.datetime) else read) == cell.value, cell
        merged = {str(r) for r in page.merged_cells.ranges}
        assert len(merged) == sum(cell.n_rows * cell.n_columns > 1 for cell in sheet.cells)
    assert "D5:E5" in {str(r) for r in book["附件9"].merged_cells.ranges}


def test_a_workbook_prints_on_a4_a_page_wide_and_keeps_its_header() -> None:
    page = openpyxl.load_workbook(io.BytesIO(as_xlsx(FILLED)))["附件9"]
    assert page.page_setup.paperSize == "9" or page.page_setup.paperSize == 9
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_setup.fitToHeight == 0
    assert page.freeze_panes == "A7"
    assert page.print_title_rows == "$1:$6"
    assert page.print_area == "'附件9'!$A$1:$F$11"
    assert page["A2"].font.name == "黑体" and page["A2"].alignment.horizontal == "center"
    assert page["C7"].border.left.style == "thin" and page["A11"].border.left.style is None
    assert page["D5"].border.top.style == page["E5"].border.top.style == "thin"
    assert not any(cell.font.bold for row in page.iter_rows() for cell in row)


def test_rows_are_as_high_as_their_wrapped_text() -> None:
    long = Placed(2, 1, "长" * 30, "row_label")  # 30 × 1.7 = 51 digits
    short = Placed(3, 1, "短", "row_label")
    outside = Placed(3, 4, "表外", "value")
    layout = Layout("x", (Sheet("甲", (long, short, outside), widths=(10,)),))
    page = openpyxl.load_workbook(io.BytesIO(as_xlsx(layout)))["甲"]
    # a column of 10 × 1.2 + 2 = 14, less 1.6 beside the text and a character that a line may lack: 51 ÷ 10.7, 5 lines
    assert (page.row_dimensions[2].height, page.row_dimensions[3].height) == (5 * 14.5, 15)


def test_text_that_looks_like_a_formula_stays_text() -> None:
    page = openpyxl.load_workbook(io.BytesIO(as_xlsx(ODD)))["甲"]
    assert (page["A1"].value, page["A1"].data_type) == ("=1+1", "s")
    with zipfile.ZipFile(io.BytesIO(as_xlsx(ODD))) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")


def test_a_hidden_sheet_is_hidden() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(ODD)))
    assert [page.sheet_state for page in book.worksheets] == ["visible", "hidden"]


@pytest.mark.parametrize("write", [as_xlsx, as_docx])
def test_only_the_given_moment_dates_an_office_file(write: object) -> None:
    data = write(FILLED)  # type: ignore[operator]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = package.read("docProps/core.xml").decode()
    assert core.count(MOMENT.strftime("%Y-%m-%dT%H:%M:%SZ")) == 2
    assert write(FILLED) == data  # type: ignore[operator]
    assert write(FILLED, dt.datetime(2019, 1, 1, tzinfo=dt.UTC)) != data  # type: ignore[operator]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_comma_separated_text_keeps_places_in_any_encoding(encoding: str) -> None:
    data = as_csv(FILLED, encoding)
    assert data.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    rows = list(csv.reader(io.StringIO(data.decode(encoding), newline="")))
    assert len(rows) == 11
    assert rows[1] == ["小表", "", "", "", "", ""]
    assert rows[5] == ["", "", "", "批评", "处分（人）", ""]
    assert rows[6] == ["甲类", "第一", "3", "", "", ""]
    assert rows[7] == ["", "第二", "", "", "", "1.5"]


def test_comma_separated_text_quotes_what_would_break_it() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(ODD, "utf-8").decode(), newline="")))
    assert rows == [["=1+1", "38.46%"], ["2018-12-01 15:20", '逗号,引号"和\n换行'], ["1234.5", "7"]]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.3846, "0.00%", "38.46%"),
        (0.29, "0%", "29%"),
        (0.1, "General", "0.1"),
        (12345678.25, "General", "12345678.25"),
        (dt.date(2018, 12, 1), "yyyy-mm-dd", "2018-12-01"),
        (None, "General", ""),
        (5, "0.00", "5"),
    ],
)
def test_values_as_text(value: object, number_format: str, text: str) -> None:
    assert text_of(Placed(1, 1, value, "value", number_format=number_format)) == text  # type: ignore[arg-type]


def test_a_word_document_has_tables_and_paragraphs_in_order() -> None:
    document = Document(io.BytesIO(as_docx(FILLED)))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[:4] == [
        "附件9　版本：2018.1",
        "小表",
        "填表单位（盖章）：东河处\t时间：2018年12月1日",
        "一、数目",
    ]
    first, second = document.tables
    assert [cell.text for cell in first.rows[1].cells] == [
        "内容",
        "项目",
        "件数（件）",
        "批评",
        "处分（人）",
        "金额（万元）",
    ]
    assert [cell.text for cell in first.rows[3].cells] == ["甲类", "第二", "", "", "", "1.5"]
    assert first.cell(0, 3)._tc is first.cell(0, 4)._tc
    assert first.cell(2, 0)._tc is first.cell(3, 0)._tc
    assert [cell.text for cell in second.rows[1].cells] == ["张三", "2018-03-04"]


def test_a_formula_is_written_with_what_it_comes_to() -> None:
    cells = (
        Placed(1, 1, 2.0, "value"), Placed(2, 1, 0.125, "value"),
        Placed(3, 1, Formula('=SUMIF(A1:A2,"<>0")', 2.125), "value", number_format="0.00"),
    )  # fmt: skip
    layout = Layout("sums", (Sheet("甲", (Placed(1, 1, "无", "value"),)), Sheet("乙", cells)))
    data = as_xlsx(layout)
    written, shown = (
        openpyxl.load_workbook(io.BytesIO(data), data_only=is_shown)["乙"]["A3"] for is_shown in (False, True)
    )
    assert (written.value, written.data_type, written.number_format) == ('=SUMIF(A1:A2,"<>0")', "f", "0.00")
    assert shown.value == 2.125 and as_xlsx(layout) == data
    assert as_csv(Layout("sums", layout.sheets[1:])).decode("utf-8-sig").splitlines() == [
        "2",
        "0.125",
        "2.125",
    ]


def test_a_sheet_with_frozen_columns_is_two_pages_wide_and_repeats_them() -> None:
    wide = Sheet(
        "甲",
        tuple(Placed(r, c, "字", "value") for r in (1, 2) for c in (1, 2, 3)),
        (9, 9, 9),
        1,
        frozen_columns=2,
    )
    page = openpyxl.load_workbook(io.BytesIO(as_xlsx(Layout("wide", (wide,)))))["甲"]
    assert (page.freeze_panes, page.print_title_cols, page.page_setup.fitToWidth) == ("C2", "$A:$B", 2)


def test_numbers_never_make_a_row_taller() -> None:
    narrow = Sheet(
        "甲", (Placed(1, 1, 76.99285714285715, "value"), Placed(2, 1, "一二三四五六七八九十", "value")), (2,)
    )
    page = openpyxl.load_workbook(io.BytesIO(as_xlsx(Layout("narrow", (narrow,)))))["甲"]
    assert page.row_dimensions[1].height == 15 and page.row_dimensions[2].height > 15


def test_what_nobody_sees_is_shown_in_every_format() -> None:
    cells = (Placed(1, 1, "倒\u202e写\x07\ufffe", "value"), Placed(2, 1, "\t=1+1\r\n二", "value"))
    layout = Layout("x", (Sheet("'[甲]:*?/\\'", cells),))
    page = openpyxl.load_workbook(io.BytesIO(as_xlsx(layout)))["甲"]
    assert [page["A1"].value, page["A2"].value] == ["倒〔U+202E〕写〔U+0007〕〔U+FFFE〕", "\t=1+1\n二"]
    table = Document(io.BytesIO(as_docx(layout))).tables[0]
    assert [cell.text for cell in table.columns[0].cells] == [
        "倒〔U+202E〕写〔U+0007〕〔U+FFFE〕",
        "\t=1+1\n二",
    ]
    assert "倒〔U+202E〕写〔U+0007〕〔U+FFFE〕" in as_csv(layout).decode("utf-8-sig")


@pytest.mark.parametrize(
    ("text", "is_quoted"), [("=1", True), ("-", True), ("@a", True), ("\t=1", True), ("1=1", False)]
)
def test_text_stays_text_when_its_cell_is_edited(text: str, is_quoted: bool) -> None:
    layout = Layout("x", (Sheet("表", (Placed(1, 1, text, "value"),)),))
    cell = openpyxl.load_workbook(io.BytesIO(as_xlsx(layout)))["表"]["A1"]
    assert (cell.data_type, bool(cell.quotePrefix)) == ("s", is_quoted)
