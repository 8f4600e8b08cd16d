"""An official document measured on paper: PDF, Word as LibreOffice sets it, the page as Chromium shows and prints it.

The numbers are those of GB/T 9704-2012, written here and not taken from the product: margins 37, 35, 28 and 26 mm,
22 lines of 28 characters, 16 pt and 22 pt type, the page number 7 mm below and one character in.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import docx
import nbformat
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from lianzheng.pages.blocks import Block, Chart, Column, DocumentFacts, Heading, Paragraph, Table, Title
from lianzheng.pages.citations import Address, cite
from lianzheng.publish.html import LianzhengHTMLExporter
from lianzheng.publish.notebook import Document
from lianzheng.publish.pdf import LianzhengPDFExporter
from lianzheng.publish.word import LianzhengWordExporter
from tests.browser.test_accessibility import faults
from tests.helpers import set_by_office
from tests.projects import Project
from tests.unit.publish.sample import cell, notebook

pytestmark = [pytest.mark.needs_poppler, pytest.mark.xdist_group("official")]
MM = 72 / 25.4
TOP, LEFT, RIGHT, BOTTOM = 37 * MM, 28 * MM, (210 - 26) * MM, (297 - 35) * MM
PITCH, HALF_MM = 28.95, 0.5 * MM
THOUSAND = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳"
FACTS = DocumentFacts(
    "official", 2018, dt.date(2018, 12, 28), "internal", "内部资料", "示例纪〔2018〕12号", "official"
)
PLACE = Address("bulletin_figures", "n_findings", "value")
SIGNED = (Paragraph("中共示例局委员会", "signature"), Paragraph("2018年12月28日", "signature"))
ENCLOSED = (Paragraph("附件：1. 检查情况图", "enclosures"), Paragraph("2. 各类问题统计表", "enclosures"))


@dataclass(frozen=True)
class TextLine:
    """A line of a page as poppler finds it, in points from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def paragraph(n_lines: int) -> Paragraph:
    """Plain characters that fill so many lines, the first two in, the last to the end."""
    return Paragraph((THOUSAND * 40)[: 28 * n_lines - 2])


def document(*blocks: Block, facts: DocumentFacts = FACTS, title: str = "关于检查情况的通报") -> Document:
    heading = Title(title, document=facts)
    return Document(heading, facts, (heading, *blocks))


def plain(*blocks: Block) -> Document:
    """Without 密级 and number: the title on the first line, the text from the third."""
    return document(*blocks, facts=DocumentFacts("x", 2018, dt.date(2018, 12, 28), density="official"))


def chart() -> Chart:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200"><rect width="400" height="200"/></svg>'
    return Chart("图1　分布", svg, "一块黑色", f"检查组确认的{cite('问题', PLACE)}", width_mm=200.0)


def whole_paper() -> Document:
    rows = tuple((f"第{n}类", str(n)) for n in range(1, 41))
    table = Table("表1　各类问题", (Column("类别"), Column("个数", "right")), rows, note="按单位计")
    return document(
        Paragraph("各局直单位党委：", "address"),
        paragraph(9),
        Heading("一、总体情况"),
        paragraph(30),
        Heading("（一）落实责任情况", 3),
        paragraph(12),
        Heading("1. 学习", 4),
        paragraph(3),
        *ENCLOSED,
        *SIGNED,
        Heading("检查情况图", 2, True, "附件1"),
        chart(),
        Heading("各类问题统计表", 2, True, "附件2"),
        table,
    )


def lines_of(pdf: Path) -> list[list[TextLine]]:
    """The lines of every page from the top down; what stands beside each other is one line."""
    told = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, check=True).stdout
    found = ElementTree.fromstring(re.sub(rb"&#x?\w+;", b"", told))
    return [_lines(page) for page in found.iter("{http://www.w3.org/1999/xhtml}page")]


def _lines(page: ElementTree.Element) -> list[TextLine]:
    words = [
        TextLine(word.text or "", *(float(word.attrib[side]) for side in ("xMin", "yMin", "xMax", "yMax")))
        for word in page.iter("{http://www.w3.org/1999/xhtml}word")
    ]
    lines: list[TextLine] = []
    for word in sorted(words, key=lambda one: (round(one.middle / 4), one.left)):
        if lines and abs(word.middle - lines[-1].middle) < 3:
            last = lines[-1]
            sides = (last.left, min(last.top, word.top), word.right, max(last.bottom, word.bottom))
            lines[-1] = TextLine(last.text + word.text, *sides)
        else:
            lines.append(word)
    return lines


def as_pdf(made: Document, folder: Path, name: str = "paper") -> list[list[TextLine]]:
    path = folder / f"{name}.pdf"
    path.write_bytes(LianzhengPDFExporter().write(made))
    return lines_of(path)


def number_of(page: Sequence[TextLine]) -> TextLine:
    return page[-1]


def assert_on_the_grid(page: Sequence[TextLine], tolerance: float = HALF_MM) -> None:
    """Lines stand in the middle of their place on the grid and begin and end at the type area's edges."""
    body, n_lines = page[:-1], 22
    assert len(body) == n_lines
    for place, line in enumerate(body):
        assert abs(line.middle - (TOP + (place + 0.5) * PITCH)) < tolerance, (place, line.text)
    pitches = np.diff([line.middle for line in body])
    assert np.abs(pitches - PITCH).max() < 0.4, pitches
    assert abs(float(pitches.sum()) - PITCH * (n_lines - 1)) < 0.2
    for line in body:
        if len(line.text) == 28:
            assert abs(line.left - LEFT) < HALF_MM and abs(line.right - RIGHT) < HALF_MM, line
    assert body[-1].bottom < BOTTOM + 0.1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("official")


@pytest.fixture(scope="module")
def paper(folder: Path) -> list[list[TextLine]]:
    return as_pdf(whole_paper(), folder)


@pytest.fixture(scope="module")
def word(folder: Path) -> Path:
    """The paper in Word, and an edited copy of it, both set by LibreOffice."""
    path = folder / "word.docx"
    path.write_bytes(LianzhengWordExporter().write(whole_paper()))
    opened = docx.Document(str(path))
    body = next(p for p in opened.paragraphs if p.style.name == "Body Text" and len(p.text) > 60)
    added = docx.oxml.parse_xml(
        '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:r><w:t>新增{THOUSAND}</w:t></w:r></w:p>"
    )
    body._p.addnext(added)
    opened.save(str(folder / "edited.docx"))
    set_by_office(folder, path, folder / "edited.docx")
    return folder / "word.pdf"


def test_a_full_page_has_22_lines_of_28_characters_between_the_margins(paper: list[list[TextLine]]) -> None:
    assert_on_the_grid(paper[1])
    assert sum(len(line.text) == 28 for line in paper[1]) >= 20


def test_the_first_page_has_its_parts_in_order_on_the_grid(paper: list[list[TextLine]]) -> None:
    first = paper[0]
    assert [line.text for line in first[:5]][:4] == [
        "内部资料", "示例纪〔2018〕12号", "关于检查情况的通报", "各局直单位党委：",
    ]  # fmt: skip
    places = [round((line.middle - TOP) / PITCH - 0.5, 1) for line in first[:5]]
    assert places == pytest.approx([0, 1, 3, 5, 6], abs=0.11)
    assert first[0].left == pytest.approx(LEFT, abs=1) == first[3].left
    for line in first[1:3]:
        assert (line.left + line.right) / 2 == pytest.approx((LEFT + RIGHT) / 2, abs=1)
    assert [round(line.bottom - line.top, 1) for line in first[:4]] == [16, 16, 22, 16]


def test_the_text_and_its_headings_begin_two_characters_in(paper: list[list[TextLine]]) -> None:
    starts = {line.text[:4]: line.left for page in paper for line in page}
    for words in ("天地玄黄", "一、总体", "（一）落"):
        assert abs(starts[words] - LEFT - 2 * 156 / 28 * MM) < HALF_MM, words
    assert {round(line.bottom - line.top, 2) for line in paper[0][3:-1]} == {16}
    last = [line for line in paper[0] if len(line.text) == 28][
        -1
    ]  # of its paragraph: nothing stretches or presses it
    assert abs(last.right - RIGHT) < HALF_MM


def test_levels_have_their_fonts_and_nothing_is_bold(paper: list[list[TextLine]], folder: Path) -> None:
    command = ["pdftohtml", "-xml", "-i", "-stdout", "-fontfullname", str(folder / "paper.pdf")]
    told = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    fonts = {found[1]: found[2] for found in re.finditer(r'<fontspec id="(\d+)"[^>]*family="([^"]+)"', told)}
    family = {found[2]: fonts[found[1]] for found in re.finditer(r'font="(\d+)">([^<]*)</text>', told)}
    assert not any("Bold" in name for name in fonts.values()) and "<b>" not in told
    for words in ("内部资料", "一、总体情况", "附件1", "图1　分布"):
        assert "Sans" in family[words], words
    for words in ("关于检查情况的通报", "（一）落实责任情况", "各局直单位党委："):
        assert "Serif" in family[words], words


def test_page_numbers_stand_seven_millimetres_below_outside(
    paper: list[list[TextLine]], folder: Path
) -> None:
    for number, page in enumerate(paper, start=1):
        last = number_of(page)
        assert last.text == f"—{number}—"
        if number % 2:
            assert abs(last.right - (RIGHT - 14)) < HALF_MM * 2, number
        else:
            assert abs(last.left - (LEFT + 14)) < HALF_MM * 2, number
        assert last.top > BOTTOM
    assert [dash_below_mm(folder / "paper.pdf", page) for page in (1, 2)] == pytest.approx([7, 7], abs=0.5)


def dash_below_mm(pdf: Path, page: int) -> float:
    """How far below the type area the first dash of a page is printed."""
    command = ["pdftoppm", "-r", "300", "-gray", "-f", str(page), "-singlefile", str(pdf)]
    drawn = subprocess.run(command, capture_output=True, check=True).stdout
    ink = np.asarray(Image.open(io.BytesIO(drawn))) < 128
    below = ink[int(262.5 / 25.4 * 300) :]
    first = int(np.nonzero(below.any(axis=0))[0][0])
    return 262.5 + float(np.nonzero(below[:, first + 12])[0].mean()) / 300 * 25.4 - 262


def test_the_signature_is_centred_over_the_date_four_characters_in(paper: list[list[TextLine]]) -> None:
    lines = [line for page in paper for line in page]
    place = next(n for n, line in enumerate(lines) if line.text == "中共示例局委员会")
    name, date = lines[place], lines[place + 1]
    assert date.text == "2018年12月28日" and abs(date.right - (RIGHT - 4 * 15.79)) < 2
    assert abs((name.left + name.right - date.left - date.right) / 2) < 6
    assert name.middle - lines[place - 1].middle == pytest.approx(3 * PITCH, abs=0.2)
    first, second = lines[place - 2], lines[place - 1]
    assert first.text.startswith("附件：1.") and second.text.startswith("2.")
    assert abs(second.left - first.left - 3 * 15.79) < 4 and abs(first.left - LEFT - 2 * 15.79) < 2


@pytest.mark.parametrize(("n_lines", "is_moved"), [(18, False), (19, True)])
def test_a_heading_is_never_last_on_a_page(n_lines: int, is_moved: bool, tmp_path: Path) -> None:
    pages = as_pdf(plain(paragraph(n_lines), Heading("一、总体情况"), paragraph(3)), tmp_path)
    assert (pages[1][0].text == "一、总体情况") is is_moved
    assert pages[0][-2].text != "一、总体情况"


def test_the_signature_takes_a_line_of_the_text_with_it(tmp_path: Path) -> None:
    """After 20 lines of text the date has no room on the page, after 13 it just has."""
    (alone,) = as_pdf(plain(paragraph(13), *ENCLOSED, *SIGNED), tmp_path)
    assert [line.text for line in alone[-3:]] == ["中共示例局委员会", "2018年12月28日", "—1—"]
    first, second = as_pdf(plain(paragraph(14), *ENCLOSED, *SIGNED), tmp_path)
    assert len(first) == 1 + 13 + 1 and len(second[0].text) == 28
    assert [line.text for line in second[-3:-1]] == ["中共示例局委员会", "2018年12月28日"]
    assert [round((line.middle - TOP) / PITCH - 0.5) for line in second[:-1]] == [0, 2, 3, 6, 7]


def test_an_attachment_begins_a_page_with_its_number_and_on_line_three_its_title(
    paper: list[list[TextLine]],
) -> None:
    for label, title in (("附件1", "检查情况图"), ("附件2", "各类问题统计表")):
        page = next(page for page in paper if page[0].text == label)
        assert page[1].text == title and page[1].bottom - page[1].top == pytest.approx(22, abs=0.01)
        assert page[0].left == pytest.approx(LEFT, abs=1)
        assert [round((line.middle - TOP) / PITCH - 0.5) for line in page[:2]] == [0, 2]


def test_figure_titles_stand_below_and_table_titles_above_within_the_type_area(
    paper: list[list[TextLine]],
) -> None:
    drawn = next(page for page in paper if page[0].text == "附件1")
    assert [line.text for line in drawn[2:4]] == ["图1分布", "资料来源：检查组确认的问题"]
    assert drawn[2].top - drawn[1].bottom > 156 * MM / 2 - 2 * PITCH
    start = next(n for n, page in enumerate(paper) if page[0].text == "附件2")
    assert [line.text for line in paper[start][2:5]] == ["表1各类问题", "类别个数", "第1类1"]
    assert paper[start + 1][0].text == "类别个数", "a table that goes on repeats its header"
    assert sum(line.text.startswith("注：按单位计") for page in paper for line in page) == 1
    for page in paper:
        assert all(line.left > LEFT - 1 and line.right < RIGHT + 1 for line in page)
        assert all(line.top > TOP and line.bottom < BOTTOM for line in page[:-1])


@pytest.mark.needs_libreoffice
def test_word_has_the_same_grid_and_as_many_pages(paper: list[list[TextLine]], word: Path) -> None:
    pages = lines_of(word)
    assert len(pages) == len(paper)
    assert_on_the_grid(pages[1], 1.2 * MM)  # it tells the font's own box, which is not the character's
    assert sum(len(line.text) == 28 for line in pages[1]) >= 20
    assert [dash_below_mm(word, page) for page in (1, 2)] == pytest.approx([7, 7], abs=0.5)
    assert [number_of(page).text for page in pages] == [f"—{n}—" for n in range(1, len(pages) + 1)]
    assert [number_of(page).left > 300 for page in pages] == [n % 2 == 0 for n in range(len(pages))]


@pytest.mark.needs_libreoffice
def test_what_an_editor_adds_in_word_falls_into_place(word: Path) -> None:
    lines = [line for page in lines_of(word.parent / "edited.pdf") for line in page]
    place = next(n for n, line in enumerate(lines) if line.text.startswith("新增"))
    before, added, after = lines[place - 1 : place + 2]
    first = next(line for line in lines if line.text.startswith(THOUSAND[:20]))
    assert added.left == pytest.approx(first.left, abs=0.2)
    assert added.bottom - added.top == pytest.approx(first.bottom - first.top, abs=0.1)
    assert added.middle - before.middle == pytest.approx(PITCH, abs=0.2)
    assert after.middle - added.middle == pytest.approx(PITCH, abs=0.2)
    assert len(added.text) == 26


@pytest.mark.needs_libreoffice
@pytest.mark.xdist_group("bureau")
def test_the_sample_bureaus_bulletin_has_as_many_pages_in_word(bureau: Project, tmp_path: Path) -> None:
    executed = nbformat.read(bureau.reports / "notebooks" / "bulletin.ipynb", as_version=4)
    executed.metadata["lianzheng"] = {"density": "official"}
    for exporter in (LianzhengPDFExporter(), LianzhengWordExporter()):
        data, resources = exporter.from_notebook_node(executed)
        (tmp_path / f"bulletin{resources['output_extension']}").write_bytes(data)
    pages = lines_of(tmp_path / "bulletin.pdf")
    (tmp_path / "word").mkdir()
    set_by_office(tmp_path / "word", tmp_path / "bulletin.docx")
    assert len(lines_of(tmp_path / "word" / "bulletin.pdf")) == len(pages)
    assert all(line.left > LEFT - 1 and line.right < RIGHT + 10 for page in pages for line in page)
    assert any(len(page) == 23 for page in pages)


@pytest.fixture
def shown(browser: Browser, folder: Path) -> Page:
    """The paper as a page in a wide window."""
    path, made = folder / "paper.html", whole_paper()
    text, _ = LianzhengHTMLExporter().from_notebook_node(notebook(cell(*made.blocks)))
    path.write_text(text, encoding="utf-8")
    page = browser.new_context(offline=True, viewport={"width": 1000, "height": 900}).new_page()
    page.goto(path.as_uri())
    return page


_LINES_OF_THE_LONGEST = """() => {
    const longest = [...document.querySelectorAll("p.body")].sort((a, b) => b.innerText.length - a.innerText.length)[0];
    const text = longest.firstChild, tops = {};
    for (let n = 0; n < text.length; n++) {
        const range = document.createRange();
        range.setStart(text, n); range.setEnd(text, n + 1);
        const top = Math.round(range.getBoundingClientRect().top);
        tops[top] = (tops[top] || 0) + 1;
    }
    return Object.keys(tops).map(Number).sort((a, b) => a - b).map(top => tops[top]);
}"""


@pytest.mark.needs_chromium
def test_on_screen_a_line_has_28_characters_and_a_phone_needs_no_sideways_scrolling(shown: Page) -> None:
    counts = shown.evaluate(_LINES_OF_THE_LONGEST)
    assert counts == [26] + [28] * 29
    width = shown.evaluate("document.querySelector('main').getBoundingClientRect().width")
    assert abs(width - 210 / 25.4 * 96) < 1
    cited = "getComputedStyle(document.querySelector('.remarks [title]')).display"
    assert shown.evaluate(cited) == "inline"
    for narrow in (390, 320):
        shown.set_viewport_size({"width": narrow, "height": 900})
        assert shown.evaluate("document.documentElement.scrollWidth") == narrow
        size = shown.evaluate("parseFloat(getComputedStyle(document.querySelector('p.body')).fontSize)")
        assert size >= 16


@pytest.mark.needs_chromium
def test_the_page_prints_as_the_paper(shown: Page, tmp_path: Path) -> None:
    shown.pdf(path=tmp_path / "printed.pdf", prefer_css_page_size=True)
    pages = lines_of(tmp_path / "printed.pdf")
    assert [number_of(page).text for page in pages] == [f"—{n}—" for n in range(1, len(pages) + 1)]
    assert [number_of(page).left > 300 for page in pages] == [n % 2 == 0 for n in range(len(pages))]
    assert [dash_below_mm(tmp_path / "printed.pdf", page) for page in (1, 2)] == pytest.approx(
        [7, 7], abs=0.5
    )
    assert len(pages[1]) - 1 == 22 and any(page[0].text == "附件1" for page in pages)
    full = [line for line in pages[1] if len(line.text) == 28]
    assert len(full) >= 20
    assert all(abs(line.left - LEFT) < HALF_MM and abs(line.right - RIGHT) < HALF_MM for line in full)


@pytest.mark.needs_chromium
def test_axe_finds_nothing_on_the_paper(browser: Browser, shown: Page, folder: Path) -> None:
    for width in (1000, 320):
        size = {"width": width, "height": 900}
        context = browser.new_context(offline=True, bypass_csp=True, viewport=size, locale="zh-CN")
        assert faults(context.new_page(), folder / "paper.html") == []
        context.close()


def test_the_same_bytes_come_out_twice() -> None:
    for exporter in (LianzhengPDFExporter, LianzhengWordExporter):
        assert exporter().write(whole_paper()) == exporter().write(whole_paper())
