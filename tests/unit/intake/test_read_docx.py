from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from PIL import Image

from lianzheng.intake.books import read_book
from lianzheng.intake.cells import Book, Merge

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_body(body: str, space: str = SPACE) -> Path:
        path = tmp_path / "a.docx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(
                "word/document.xml",
                f'<w:document xmlns:w="{space}" xmlns:v="urn:v"><w:body>{body}</w:body></w:document>',
            )
        return path

    return write_body


def paragraph(*runs: str) -> str:
    return "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text)}</w:tc>"


def table(*rows: str) -> str:
    return "<w:tbl><w:tblPr/>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def control(content: str, properties: str = "") -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def texts(book: Book) -> dict[str, str]:
    assert (book.format, book.problem_code) == ("docx", None)
    (grid,) = book.grids
    return {found.address: found.text for found in grid.cells.values()}


def test_a_document_as_python_docx_writes_it(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("附件2")
    document.add_paragraph("填表单位（盖章）：\t某某中心")
    made = document.add_table(rows=3, cols=3)
    for row in range(3):
        for column in range(3):
            made.cell(row, column).text = f"{row + 1}.{column + 1}"
    made.cell(0, 1).merge(made.cell(0, 2)).text = "横"
    made.cell(1, 0).merge(made.cell(2, 0)).text = "竖"
    made.cell(1, 1).merge(made.cell(2, 2)).text = "块"
    document.add_paragraph("注：以上")
    document.save(tmp_path / "a.docx")
    book = read_book(tmp_path / "a.docx")
    (grid,) = book.grids
    assert texts(book) == {
        "p1": "附件2",
        "p2": "填表单位（盖章）：\t某某中心",
        "t1r1c1": "1.1",
        "t1r1c2": "横",
        "t1r2c1": "竖",
        "t1r2c2": "块",
        "p3": "注：以上",
    }
    assert (grid.name, grid.n_rows, grid.n_columns) == ("正文", 6, 2)
    assert grid.merges == [Merge(3, 2, 3, 3), Merge(4, 1, 5, 1), Merge(4, 2, 5, 3)]
    assert grid.cells[4, 2].merged_range == "t1r2c2:t1r3c3"
    assert grid.at(5, 1) is grid.cells[4, 1]
    assert [found.row for found in grid.cells.values()] == [1, 2, 3, 3, 4, 4, 6]


def test_vertical_merges_begin_continue_and_end(write: Write) -> None:
    begin, go_on, say_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>", '<w:vMerge w:val="continue"/>'
    body = table(
        cell("甲", begin) + cell("1"),
        cell("", go_on) + cell("2"),
        cell("乙", begin) + cell("3"),
        cell("暗", say_on) + cell("4"),
        cell("丙") + cell("5"),
        cell("丁", go_on) + cell("6", go_on),
    )
    (grid,) = read_book(write(body)).grids
    assert [merge for merge in grid.merges if merge.first_column == 1] == [
        Merge(1, 1, 2, 1),
        Merge(3, 1, 4, 1),
        Merge(5, 1, 6, 1),
    ]
    assert grid.at(2, 1) is grid.cells[1, 1]
    assert {found.text for found in grid.cells.values() if found.is_hidden} == {"暗", "丁", "6"}


def test_spans_shift_the_columns_after_them(write: Write) -> None:
    body = table(
        cell("标题", '<w:gridSpan w:val="3"/>') + cell("四"),
        "<w:trPr><w:gridBefore w:val='2'/></w:trPr>" + cell("三") + cell("四"),
        cell("宽", '<w:gridSpan w:val="999999999"/>'),
    )
    (grid,) = read_book(write(body)).grids
    assert [found.address for found in grid.cells.values()] == [
        "t1r1c1",
        "t1r1c4",
        "t1r2c3",
        "t1r2c4",
        "t1r3c1",
    ]
    assert grid.merges == [Merge(1, 1, 1, 3), Merge(3, 1, 3, 63)]


def test_content_controls_at_every_level(write: Write) -> None:
    inner = control("<w:r><w:t>二</w:t></w:r>")
    body = (
        control(control(paragraph("块内")))
        + f"<w:p><w:r><w:t>一</w:t></w:r>{control(inner)}<w:r><w:t>三</w:t></w:r></w:p>"
        + control(table(cell("表内")))
        + table(
            cell("首") + control(cell("格")), *["</w:tr>" + control(f"<w:tr>{cell('行')}</w:tr>") + "<w:tr>"]
        )
        + table(f"<w:tc>{control(paragraph('格内'))}{paragraph('又')}</w:tc>")
    )
    assert texts(read_book(write(body))) == {
        "p1": "块内",
        "p2": "一二三",
        "t1r1c1": "表内",
        "t2r1c1": "首",
        "t2r1c2": "格",
        "t2r3c1": "行",
        "t3r1c1": "格内\n又",
    }


def test_the_prompt_of_an_unfilled_control_is_no_text(write: Write) -> None:
    prompt = "<w:showingPlcHdr/>"
    asked = "单击此处输入文字"
    body = (
        f"<w:p><w:r><w:t>姓名：</w:t></w:r>{control(f'<w:r><w:t>{asked}</w:t></w:r>', prompt)}</w:p>"
        + control(paragraph(asked), prompt)
        + table(control(cell(asked), prompt) + cell("右"))
    )
    assert texts(read_book(write(body))) == {"p1": "姓名：", "t1r1c2": "右"}


def test_tabs_breaks_symbols_and_tracked_changes(write: Write) -> None:
    runs = (
        "<w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr><w:r><w:t>一</w:t><w:tab/><w:t>二</w:t><w:br/><w:t>三</w:t></w:r>"
        "<w:ins><w:r><w:t>增</w:t></w:r></w:ins><w:del><w:r><w:tab/><w:delText>删</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>移</w:t></w:r></w:moveFrom><w:hyperlink><w:r><w:t>链</w:t></w:r></w:hyperlink>"
        "<w:r><w:instrText>PAGE</w:instrText><w:noBreakHyphen/><w:sym w:font='Wingdings' w:char='F0FE'/>"
        "<w:sym w:font='Symbol' w:char='03B1'/></w:r>"
        "<w:r><w:pict><v:shape><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent></v:shape></w:pict></w:r>"
        "<w:r><w:ruby><w:rt><w:r><w:t>dǎng</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>党</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    )
    assert texts(read_book(write(f"<w:p>{runs}</w:p>"))) == {"p1": "一\t二\n三增链-☑α党"}


def test_a_nested_table_is_text_of_its_cell(write: Write) -> None:
    body = table(
        f"<w:tc>{paragraph('外')}{table(cell('内1') + cell('内2'))}{paragraph('')}</w:tc>" + cell("旁")
    )
    assert texts(read_book(write(body))) == {"t1r1c1": "外\n内1\n内2\n", "t1r1c2": "旁"}


def test_empty_paragraphs_count_and_blocks_stay_in_order(write: Write) -> None:
    body = (
        paragraph("上") + paragraph("") + table(cell("左"), cell("")) + paragraph(" 下　") + table(cell("又"))
    )
    (grid,) = read_book(write(body)).grids
    assert {place: found.address for place, found in grid.cells.items()} == {
        (1, 1): "p1",
        (3, 1): "t1r1c1",
        (5, 1): "p3",
        (6, 1): "t2r1c1",
    }
    assert grid.cells[5, 1].text == " 下　"


def test_the_strict_namespace_reads_alike(write: Callable[[str, str], Path]) -> None:
    path = write(
        paragraph("甲") + table(cell("乙", '<w:gridSpan w:val="2"/>')),
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    (grid,) = read_book(path).grids
    assert [found.text for found in grid.cells.values()] == ["甲", "乙"]
    assert grid.merges == [Merge(2, 1, 2, 2)]


def test_a_scanned_page_is_told_from_an_empty_document(tmp_path: Path) -> None:
    document = docx.Document()
    document.save(tmp_path / "empty.docx")
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    document.add_picture(picture)
    document.save(tmp_path / "scan.docx")
    assert read_book(tmp_path / "empty.docx").problem_code == "empty_file"
    scan = read_book(tmp_path / "scan.docx")
    assert (scan.problem_code, "图片" in scan.problem_detail) == ("unsupported_format", True)


@pytest.mark.parametrize(
    "body", ["<w:p>", '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="x"/></w:tcPr></w:tc></w:tr></w:tbl>']
)
def test_a_broken_document_is_unreadable(write: Write, body: str) -> None:
    book = read_book(write(body))
    assert (book.problem_code, bool(book.problem_detail)) == ("unreadable_file", True)


def test_a_document_without_body_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    assert read_book(path).problem_code == "unreadable_file"
