from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from lxml import etree
from PIL import Image

from lianzheng.pages.blocks import TableCell
from lianzheng.publish.word import merged_rows
from tests.unit.publish.sample import HEADINGS, HOSTILE


@pytest.fixture(scope="module")
def word(products: dict[str, bytes]) -> WordDocument:
    return docx.Document(io.BytesIO(products[".docx"]))


def test_headings_are_real_heading_styles(word: WordDocument) -> None:
    styled = [(p.style.name, p.text) for p in word.paragraphs if p.style and p.text in HEADINGS]
    names = ("Title", "Heading 1", "Heading 2", "Heading 1", "Heading 3")
    assert styled == list(zip(names, HEADINGS, strict=True))


def test_the_page_is_that_of_the_standard(word: WordDocument) -> None:
    section = word.sections[0]
    millimetres = [
        round(length.mm)
        for length in (section.page_width, section.page_height, section.top_margin, section.bottom_margin)
    ]
    assert millimetres == [210, 297, 37, 35]
    assert (round(section.left_margin.mm), round(section.right_margin.mm)) == (28, 26)


@pytest.mark.parametrize(
    ("style", "font", "size"),
    [
        ("Normal", "仿宋_GB2312", 16),
        ("Title", "方正小标宋简体", 22),
        ("Heading 1", "黑体", 16),
        ("Heading 2", "楷体_GB2312", 16),
        ("Heading 3", "仿宋_GB2312", 16),
        ("Footer", "宋体", 14),
    ],
)
def test_fonts_are_named_as_offices_have_them(word: WordDocument, style: str, font: str, size: int) -> None:
    properties = word.styles[style].element.rPr
    assert {properties.rFonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia", "cs")} == {
        font
    }
    assert word.styles[style].font.size == Pt(size)
    assert word.styles[style].font.bold is None


def test_body_text_is_indented_by_two_characters_at_the_exact_pitch(word: WordDocument) -> None:
    body = word.styles["Body Text"]
    assert body.element.pPr.ind.get(qn("w:firstLineChars")) == "200"
    assert body.paragraph_format.line_spacing == Pt(28.95)
    assert {p.style.name for p in word.paragraphs if p.text in HOSTILE} == {"Body Text", "List Bullet"}


def test_hostile_texts_are_read_as_written(word: WordDocument) -> None:
    texts = [p.text for p in word.paragraphs]
    assert all(texts.count(hostile) == 2 for hostile in HOSTILE)


def test_the_page_number_stands_outside_on_odd_and_even_pages(word: WordDocument) -> None:
    assert word.settings.odd_and_even_pages_header_footer
    section = word.sections[0]
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        paragraph = footer.paragraphs[0]._p
        assert paragraph.xpath("string(.)").replace("\n", "").replace(" ", "") == "—1—"
        assert paragraph.xpath("string(w:fldSimple/@w:instr)").strip() == "PAGE"
        assert paragraph.xpath("string(w:pPr/w:jc/@w:val)") == align


def test_tables_are_real_with_merged_cells_and_repeated_headers(word: WordDocument) -> None:
    tiles, table = word.tables
    assert [cell.text for cell in tiles.rows[1].cells] == ["●\u00a085.05 分", "不足5人", "■\u00a02 个"]
    assert [len(table._tbl.xpath(f"w:tr[{n}]/w:trPr/w:tblHeader")) for n in (1, 2, 3)] == [1, 1, 0]
    grid = [[cell.text for cell in row.cells] for row in table.rows]
    assert grid[0] == ["板块", "项目", "得分", "得分"] and grid[1] == ["板块", "项目", "自评", "核准"]
    assert grid[2] == ["党委主体责任", "第1项", "2.00", "◆\u00a01.50"]
    assert grid[3] == ["党委主体责任", "第2项", "未核验", "未核验"]
    assert len(grid) == 42 and grid[-1][0] == grid[-1][1] == "合计"
    assert table.rows[-1].cells[0]._tc.xpath("string(w:tcPr/w:shd/@w:fill)") == "f4f6f8"


def test_charts_are_pictures_with_words_at_300_pixels_to_the_inch(word: WordDocument) -> None:
    described = [shape._inline.docPr.get("descr") for shape in word.inline_shapes]
    assert described == ["横条图：甲 3 分，乙 5 分", "第二幅图的说明"]
    for shape in word.inline_shapes:
        assert abs(shape.width - Mm(101.6)) < Mm(0.2)
        part = word.part.related_parts[shape._inline.graphic.graphicData.pic.blipFill.blip.embed]
        width, height = Image.open(io.BytesIO(part.blob)).size
        assert abs(width - 1200) <= 1 and abs(shape.height / shape.width - height / width) < 0.001
    figure = word.styles["Figure"].paragraph_format
    assert figure.line_spacing == 1.0, "an exact pitch would cut the picture off"


def test_every_part_is_well_formed_and_nothing_lies_outside(products: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(products[".docx"])) as package:
        assert package.namelist()[0] == "[Content_Types].xml"
        for name in package.namelist():
            if not name.endswith(".png"):
                assert b"External" not in etree.tostring(etree.fromstring(package.read(name)))


def test_the_files_properties_are_dated_by_the_report(word: WordDocument) -> None:
    assert word.core_properties.title == HEADINGS[0]
    assert word.core_properties.modified.isoformat() == "2018-12-31T04:00:00+00:00"


def test_a_cell_over_rows_and_columns_stands_in_every_row() -> None:
    block = TableCell("大", column_span=2, row_span=2)
    rows = merged_rows([[TableCell("a"), block], [TableCell("b")]], 3)
    assert [[(column, merge, cell.text) for column, merge, cell in row] for row in rows] == [
        [(0, "", "a"), (1, "restart", "大")],
        [(0, "", "b"), (1, "continue", "大")],
    ]
