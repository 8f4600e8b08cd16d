"""Word documents as the check sees them: effective looks, automatic numbers, tracked changes, pages, bookmarks, refusals."""

from __future__ import annotations

import io
import zipfile

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from lianzheng.documents.kinds import kinds_of
from lianzheng.documents.paper import Paper
from lianzheng.documents.read_paper import read_paper
from lianzheng.errors import InputError
from tests.unit.documents.official import W, bulletin, document

NUMBERING = f"""<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="7">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl>
</w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>"""
THEME = """<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:themeElements><a:fontScheme name="x">
<a:majorFont><a:ea typeface="黑体"/></a:majorFont>
<a:minorFont><a:ea typeface=""/><a:font script="Hans" typeface="等线"/></a:minorFont></a:fontScheme></a:themeElements></a:theme>"""


def read(body: str, **parts: str) -> Paper:
    """A document with that body and other parts (numbering, theme) linked."""
    data = document(body)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        held = {name: package.read(name).decode() for name in package.namelist()}
    for name, part in parts.items():
        held[f"word/{name}.xml"] = part
        link = f'<Relationship Id="{name}" Type="x/{name}" Target="{name}.xml"/></Relationships>'
        rels = "word/_rels/document.xml.rels"
        held[rels] = held[rels].replace("</Relationships>", link)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, text in held.items():
            package.writestr(name, text)
    return read_paper(buffer.getvalue())


def p(text: str, properties: str = "", run: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def styled(style: str) -> str:
    return f'<w:pStyle w:val="{style}"/>'


@pytest.mark.parametrize(
    ("properties", "run", "font", "size", "bold"),
    [
        ("", "", "仿宋_GB2312", 16, False),
        (styled("Heading1"), "", "黑体", 16, False),
        (styled("Title"), "", "方正小标宋简体", 22, False),
        (styled("Title"), '<w:sz w:val="36"/>', "方正小标宋简体", 18, False),
        ("", '<w:rFonts w:eastAsia="楷体"/><w:b/>', "楷体", 16, True),
        ("", '<w:b w:val="0"/>', "仿宋_GB2312", 16, False),
        ("", '<w:rFonts w:ascii="Arial"/>', "仿宋_GB2312", 16, False),
        ("", '<w:rFonts w:eastAsiaTheme="majorEastAsia"/>', "黑体", 16, False),
        ("", '<w:rFonts w:eastAsiaTheme="minorEastAsia"/>', "等线", 16, False),
        ("", '<w:rPrChange><w:rPr><w:b/><w:sz w:val="20"/></w:rPr></w:rPrChange>', "仿宋_GB2312", 16, False),
    ],
)
def test_the_look_is_that_of_run_style_and_defaults(
    properties: str, run: str, font: str, size: float, bold: bool
) -> None:
    (look,) = [run.look for run in read(p("文字", properties, run), theme=THEME).paragraphs[0].runs]
    assert (look.font, look.size_pt, look.is_bold, look.tracking_pt) == (font, size, bold, -0.25)


@pytest.mark.parametrize(
    ("properties", "first_line", "right", "pitch"),
    [
        (styled("BodyText"), 2.0, 0.0, 28.95),
        (styled("BodyText") + '<w:ind w:firstLine="640"/>', 2.0, 0.0, 28.95),
        (styled("BodyText") + '<w:ind w:firstLine="0" w:firstLineChars="0"/>', 0.0, 0.0, 28.95),
        ('<w:ind w:hanging="320"/>', -1.0, 0.0, 28.95),
        (styled("BodyText") + '<w:ind w:hanging="0"/>', 0.0, 0.0, 28.95),
        (styled("BodyText") + '<w:ind w:left="0"/>', 2.0, 0.0, 28.95),
        ('<w:ind w:rightChars="400"/>', 0.0, 4.0, 28.95),
        ('<w:ind w:right="1280"/>', 0.0, 4.0, 28.95),
        ('<w:spacing w:line="560"/>', 0.0, 0.0, 28.0),
        ('<w:spacing w:line="360" w:lineRule="auto"/>', 0.0, 0.0, -1.0),
        ('<w:spacing w:line="240" w:lineRule="auto"/>', 0.0, 0.0, 0.0),
    ],
)
def test_indents_are_told_in_characters_and_pitches_in_points(
    properties: str, first_line: float, right: float, pitch: float
) -> None:
    shape = read(p("文字", properties)).paragraphs[0].shape
    assert (shape.first_line, shape.right, shape.pitch_pt) == (first_line, right, pitch)


def test_automatic_numbers_are_part_of_the_text() -> None:
    def item(level: int, text: str) -> str:
        return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="3"/></w:numPr>')

    levels = [(0, "甲"), (1, "乙"), (1, "丙"), (2, "丁"), (0, "戊"), (1, "己")]
    paper = read("".join(item(*one) for one in levels), numbering=NUMBERING)
    texts = [paragraph.text for paragraph in paper.paragraphs[:6]]
    assert texts == ["一、甲", "（一）乙", "（二）丙", "1.丁", "二、戊", "（一）己"]
    assert kinds_of(paper)[:6] == ("heading1", "heading2", "heading2", "heading3", "heading1", "heading2")
    assert [paragraph.n_label for paragraph in paper.paragraphs[:6]] == [2, 3, 3, 2, 2, 3]


def test_insertions_count_and_deletions_do_not() -> None:
    def run(text: str, name: str = "t") -> str:
        return f"<w:r><w:{name}>{text}</w:{name}></w:r>"

    inside = run("甲") + f'<w:ins w:id="1">{run("乙")}</w:ins><w:del w:id="2">{run("丙", "delText")}</w:del>'
    inside += f'<w:moveFrom w:id="3">{run("丁")}</w:moveFrom><w:hyperlink>{run("戊")}</w:hyperlink>'
    assert read(f"<w:p>{inside}</w:p>").paragraphs[0].text == "甲乙戊"


def test_bookmarks_tell_what_they_span_now() -> None:
    def mark(id_: int, name: str, inside: str) -> str:
        return f'<w:bookmarkStart w:id="{id_}" w:name="{name}"/>{inside}<w:bookmarkEnd w:id="{id_}"/>'

    run = "<w:r><w:t>{}</w:t></w:r>".format
    body = f"<w:p>{run('共')}{mark(1, 'lz_a', run('1') + run('2'))}{run('个')}{mark(2, 'lz_empty', '')}</w:p>"
    body += f'<w:p><w:bookmarkStart w:id="3" w:name="lz_long"/>{run("上")}</w:p><w:p>{run("下")}<w:bookmarkEnd w:id="3"/></w:p>'
    spans = read(body).bookmarks
    assert (spans["lz_a"].paragraph, spans["lz_a"].start, spans["lz_a"].text) == (0, 1, "12")
    assert spans["lz_empty"].text == "" and spans["lz_long"].text == "上下"


@pytest.mark.parametrize(
    ("before", "attachment", "starts"),
    [
        ("", "<w:pageBreakBefore/>", True),
        ('<w:p><w:r><w:br w:type="page"/></w:r></w:p>', "", True),
        ('<w:p><w:r><w:t>完</w:t><w:br w:type="page"/></w:r></w:p>', "", True),
        ("<w:p><w:pPr><w:sectPr/></w:pPr></w:p>", "", True),
        ('<w:p><w:pPr><w:sectPr><w:type w:val="continuous"/></w:sectPr></w:pPr></w:p>', "", False),
        ("<w:p><w:r><w:t>完</w:t></w:r></w:p>", "", False),
        ("", '<w:pageBreakBefore w:val="0"/>', False),
    ],
)
def test_a_page_begins_by_setting_break_or_section(before: str, attachment: str, starts: bool) -> None:
    paper = read(p("正文。") + before + p("附件1", attachment))
    (found,) = [paragraph for paragraph in paper.paragraphs if paragraph.text == "附件1"]
    assert found.starts_page is starts


def test_places_are_told_as_people_count() -> None:
    table = f"<w:tbl><w:tr><w:tc>{p('甲')}</w:tc><w:tc>{p('乙')}</w:tc></w:tr></w:tbl>"
    places = {one.text: one.place for one in read(p("一") + p("") + p("二") + table + p("三")).paragraphs}
    assert places["一"] == "第1段" and places["二"] == "第2段" and places["三"] == "第3段"
    assert places["乙"] == "表格1第1行第2列"


def test_the_bulletin_is_read_as_it_was_built() -> None:
    paper = read_paper(bulletin()[0])
    (section,) = paper.sections
    assert [round(mm) for mm in (*section.page_mm, *section.margins_mm.values())] == [
        210,
        297,
        37,
        35,
        28,
        26,
    ]
    assert (section.grid, section.grid_pitch_pt, paper.has_odd_and_even) == ("lines", 28.95, True)
    assert [line.has_page_field for kind in ("default", "even") for line in section.footers[kind]] == [
        True,
        True,
    ]
    assert len(paper.bookmarks) == 3 + 5 + 4 + 2 + 6


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "不是 .docx"),
        (b"text", "不是 .docx"),
        (bulletin()[0][:400], "无法打开"),
        (document("<w:p><w:r>"), "内部不完整"),
        (document("<w:p/>").replace(b"word/settings.xml", b"word/settings.xm_"), ""),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_remedy(data: bytes, words: str) -> None:
    if not words:
        assert read_paper(data).has_odd_and_even is False
        return
    with pytest.raises(InputError, match=words) as refused:
        read_paper(data)
    assert "另存为 .docx" in refused.value.remedy


def test_a_protected_file_is_named_as_such() -> None:
    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(bulletin()[0])).encrypt("secret", locked)
    with pytest.raises(InputError, match="打开密码"):
        read_paper(locked.getvalue())
