from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

import docx
import pytest
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from lxml import etree
from PIL import Image

from lianzheng.documents.sources import sources_of
from lianzheng.pages.blocks import (
    Block,
    Chart,
    Column,
    DocumentFacts,
    Heading,
    Paragraph,
    Table,
    TableCell,
    Title,
)
from lianzheng.pages.citations import Address, cite, split_citations
from lianzheng.pages.html import pieces, to_html
from lianzheng.publish.notebook import Document
from lianzheng.publish.word import LianzhengWordExporter, merged_rows
from tests.unit.publish.sample import HEADINGS, HOSTILE, chart


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
        ("主送机关", "仿宋_GB2312", 16),
        ("Body Text", "仿宋_GB2312", 16),
        ("Heading 1", "黑体", 16),
        ("Heading 2", "楷体_GB2312", 16),
        ("Heading 3", "仿宋_GB2312", 16),
        ("Heading 4", "仿宋_GB2312", 16),
        ("附件说明", "仿宋_GB2312", 16),
        ("发文机关署名和成文日期", "仿宋_GB2312", 16),
        ("附件序号", "黑体", 16),
        ("附件标题", "方正小标宋简体", 22),
        ("密级", "黑体", 16),
        ("发文字号", "仿宋_GB2312", 16),
        ("Caption", "黑体", 14),
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
    spacing = properties.find(qn("w:spacing")).get(qn("w:val"))
    assert spacing == ("-5" if size == 16 else "0"), "28 characters of 16 pt fill 156 mm"
    if style != "Footer":
        assert word.styles[style].paragraph_format.line_spacing == Pt(28.95)


def test_the_page_has_a_grid_of_lines(word: WordDocument) -> None:
    grid = word.sections[0]._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "579")
    assert not word.element.xpath("//w:b") and not word.styles.element.xpath("//w:b")


def test_whatever_an_editor_types_falls_into_place(word: WordDocument) -> None:
    """The usual style looks like the text, and the text follows on every title and heading."""
    body, usual = word.styles["Body Text"], word.styles["Normal"]
    for style in (body, usual):
        assert style.element.pPr.ind.get(qn("w:firstLineChars")) == "200"
        assert style.element.pPr.find(qn("w:jc")).get(qn("w:val")) == "both"
    assert body.base_style.name == "Normal" and body.next_paragraph_style.name == "Body Text"
    for name in (
        "Title",
        "Heading 1",
        "Heading 2",
        "Heading 3",
        "Heading 4",
        "主送机关",
        "附件标题",
        "发文字号",
    ):
        assert word.styles[name].next_paragraph_style.name == "Body Text", name
    for name in ("Title", "主送机关", "附件序号", "Caption", "Footer"):
        assert word.styles[name].element.pPr.ind.get(qn("w:firstLineChars")) == "0", name
    assert word.styles["Heading 1"].paragraph_format.keep_with_next
    assert word.styles["注释"].paragraph_format.keep_together


def test_body_text_is_indented_by_two_characters_at_the_exact_pitch(word: WordDocument) -> None:
    body = word.styles["Body Text"]
    assert body.element.pPr.ind.get(qn("w:firstLineChars")) == "200"
    assert body.paragraph_format.line_spacing == Pt(28.95)
    assert {p.style.name for p in word.paragraphs if p.text in HOSTILE} == {"Body Text"}


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
    (table,) = word.tables
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
    figure = word.styles["图片"].paragraph_format
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


FIGURE = Address("bulletin_figures", "n_findings", "value")


def opened(*blocks: Block) -> WordDocument:
    title = Title("题", document=DocumentFacts("x", 2018, dt.date(2018, 12, 28), density="official"))
    made = Document(title, title.document, (title, *blocks))
    return docx.Document(io.BytesIO(LianzhengWordExporter().write(made)))


def bookmarks(word: WordDocument) -> list[tuple[str, str]]:
    """Name and text of each bookmark in the order of the file; what stands between its two ends is one run."""
    starts = word.element.body.iter(qn("w:bookmarkStart"))
    found = []
    for start in starts:
        run, end = start.getnext(), start.getnext().getnext()
        assert run.tag == qn("w:r") and end.tag == qn("w:bookmarkEnd")
        assert end.get(qn("w:id")) == start.get(qn("w:id"))
        found.append((start.get(qn("w:name")), str(run.xpath("string(.)")).strip()))
    return found


def test_every_cited_text_is_a_run_with_its_bookmark_in_the_order_of_the_sources() -> None:
    n = cite("54", FIGURE)
    rows = (("甲", TableCell(n, tone="warn")), (TableCell("乙", row_span=2), n), (cite("7", FIGURE),))
    table = Table(f"共{n}个", (Column("类"), Column("数")), rows, note=f"其中{n}个", source=f"{n}份")
    figure = Chart(f"图{n}", chart().svg, "图的说明", f"来源{n}", f"注{n}")
    told = f"确认{n}个、{n}项。"
    blocks = (Paragraph(told), Heading(f"一、{n}个"), figure, table, Paragraph(f"{n}", "signature"))
    word = opened(*blocks)
    found = bookmarks(word)
    assert [text for _, text in found] == ["54"] * 9 + ["7"] + ["54"] * 3
    assert [name for name, _ in found] == [source.bookmark for source in sources_of(blocks)]
    numbers = [int(start.get(qn("w:id"))) for start in word.element.body.iter(qn("w:bookmarkStart"))]
    assert len(set(numbers)) == len(numbers) == 13
    paragraphs = {p.text: [run.text for run in p.runs] for p in word.paragraphs}
    assert paragraphs["确认54个、54项。"] == ["确认", "54", "个、", "54", "项。"]
    assert paragraphs["注：其中54个"] == ["注：其中", "54", "个"]
    assert [run.text for run in word.tables[0].rows[1].cells[1].paragraphs[0].runs] == ["◆\u00a0", "54"]


def test_a_text_without_citations_is_one_run() -> None:
    word = opened(Paragraph("没有出处的一段。"), Table("表", (Column("类"),), (("甲",),), note="说明"))
    assert all(len(p.runs) <= 1 for p in word.paragraphs) and bookmarks(word) == []


def test_the_end_of_the_text_stands_and_stays_as_the_standard_says() -> None:
    """Indents in twentieths of a point (a character: 15.75 pt) and, for Word, in hundredths of a character."""
    word = opened(
        Paragraph("文。"),
        Paragraph("附件：1. 图", "enclosures"),
        Paragraph("2. 表", "enclosures"),
        Paragraph("中共示例局委员会", "signature"),
        Paragraph("2018年12月28日", "signature"),
        Heading("检查情况图", 2, True, "附件1"),
    )
    told = [
        (p.style.name, bool(p.paragraph_format.keep_with_next), bool(p.paragraph_format.page_break_before))
        for p in word.paragraphs[2:]
    ]
    assert told == [
        ("Body Text", True, False),
        ("Body Text", True, False),
        ("附件说明", True, False),
        ("附件说明", True, False),
        ("Body Text", True, False),
        ("Body Text", True, False),
        ("发文机关署名和成文日期", True, False),
        ("发文机关署名和成文日期", False, False),
        ("附件序号", True, True),
        ("Body Text", False, False),
        ("附件标题", False, False),
    ]

    def indent(text: str) -> dict[str, str]:
        (found,) = [p for p in word.paragraphs if p.text == text]
        return {name.partition("}")[2]: value for name, value in found._p.pPr.ind.items()}

    nothing = {"left": "0", "leftChars": "0", "firstLine": "0", "firstLineChars": "0"}
    assert indent("2018年12月28日") == {**nothing, "right": "1260", "rightChars": "400"}
    assert indent("中共示例局委员会") == {**nothing, "right": "1102", "rightChars": "350"}
    hanging = {"right": "0", "rightChars": "0", "left": "2048", "leftChars": "650"}
    assert indent("附件：1. 图") == {**hanging, "hanging": "1418", "hangingChars": "450"}
    assert indent("2. 表") == {**hanging, "hanging": "472", "hangingChars": "150"}


def test_a_figure_stays_together_with_its_title_and_its_small_print() -> None:
    word = opened(Chart("图一", chart().svg, "说明", "来源", "注释"))
    styled = {p.text: p for p in word.paragraphs}
    assert word.styles["图片"].paragraph_format.keep_with_next
    assert word.styles["Caption"].paragraph_format.keep_with_next
    kept = [styled[text].paragraph_format.keep_with_next for text in ("注：注释", "资料来源：来源")]
    assert kept == [True, None]


def test_a_figure_has_its_title_below_and_a_table_above() -> None:
    word = opened(chart("图一"), Table("表一", (Column("类"),), (("甲",),)))
    kinds = []
    for element in word.element.body:
        text = str(element.xpath("string(.)")).strip()
        is_picture = element.find(f".//{qn('w:drawing')}") is not None
        kinds.append("picture" if is_picture else "table" if element.tag == qn("w:tbl") else text)
    kinds = [kind for kind in kinds if kind in ("picture", "图一", "table", "表一")]
    assert kinds == ["picture", "图一", "表一", "table"]
    width = word.tables[0]._tbl.tblPr.find(qn("w:tblW")).get(qn("w:w"))
    assert round(int(width) / 20 / 72 * 25.4) == 156


def test_a_title_begins_a_new_line_where_its_words_are_whole() -> None:
    cited = cite("2018", Address("bulletin_figures", "cycle", "value"))
    text = f"关于{cited}年检查情况的通报"
    facts = DocumentFacts("x", 2018, dt.date(2018, 12, 28), density="official")
    title = Title(text, document=facts, breaks=(7,))
    data = LianzhengWordExporter().write(Document(title, facts, (title,)))
    paragraph = next(p for p in docx.Document(io.BytesIO(data)).paragraphs if p.style.name == "Title")
    assert paragraph.text == "关于2018年\n检查情况的通报"
    assert [name for name, _ in bookmarks(docx.Document(io.BytesIO(data)))] != []
    html = to_html([title])
    assert "年<br>检查情况的通报</h1>" in re.sub(r"\n", "", html)


@pytest.mark.parametrize(
    ("breaks", "shown"),
    [((), ["甲", "12*", "乙丙"]), ((4,), ["甲", "12*", "乙", "\n", "丙"]), ((3,), ["甲", "12*", "\n", "乙丙"]),
     ((1,), ["甲", "\n", "12*", "乙丙"]), ((2,), ["甲", "12*", "乙丙"])],
)  # fmt: skip
def test_breaks_lie_between_pieces_and_never_inside_what_is_cited(
    breaks: tuple[int, ...], shown: list[str]
) -> None:
    text, citations = split_citations(f"甲{cite('12', Address('t', 'k', 'c'))}乙丙")
    told = pieces(text, citations, breaks=breaks)
    assert [piece + "*" * bool(address) for piece, address in told] == shown
    assert [piece for piece, _ in pieces("", ())] == [] and pieces("乙", (), "甲：") == [("甲：乙", None)]


IN_ORDER = {  # the children that we write, as ECMA-376 Part 1 (17.3, 17.4, 17.6, 17.7, 17.15) orders them: Word refuses others
    "pPr": "pStyle keepNext keepLines pageBreakBefore widowControl numPr kinsoku wordWrap overflowPunct autoSpaceDE autoSpaceDN"
    " adjustRightInd snapToGrid spacing ind jc outlineLvl rPr",
    "rPr": "rStyle rFonts b i color spacing kern sz szCs highlight lang",
    "sectPr": "headerReference footerReference type pgSz pgMar pgNumType cols titlePg docGrid",
    "style": "name basedOn next link uiPriority qFormat pPr rPr tblPr tcPr",
    "tblPr": "tblStyle tblW jc tblBorders tblLayout tblCellMar",
    "tcPr": "tcW gridSpan vMerge shd vAlign",
    "settings": "zoom evenAndOddHeaders characterSpacingControl compat themeFontLang",
}  # fmt: skip


def test_elements_stand_in_the_order_that_word_asks_for(products: dict[str, bytes]) -> None:
    wrong = set()
    with zipfile.ZipFile(io.BytesIO(products[".docx"])) as package:
        trees = [
            etree.fromstring(package.read(n))
            for n in package.namelist()
            if n.startswith("word/") and n.endswith(".xml")
        ]
    for element in (element for tree in trees for element in tree.iter(etree.Element)):
        name = etree.QName(element).localname
        if name in IN_ORDER:
            known, inside = IN_ORDER[name].split(), [etree.QName(child).localname for child in element]
            places = [known.index(child) if child in known else -1 for child in inside]
            if -1 in places or places != sorted(places):
                wrong.add((name, *inside))
    assert wrong == set()
