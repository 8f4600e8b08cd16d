from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from lianzheng.errors import PublishError
from lianzheng.pages.blocks import Chart, Column, Paragraph, Table, TableCell, Title
from lianzheng.pages.citations import Address, cite
from lianzheng.publish import pdf
from lianzheng.publish.notebook import read_document
from tests.unit.publish.sample import FACTS, HEADINGS, HOSTILE, cell, notebook, sample_notebook

needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def opened(products: dict[str, bytes]) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(products[".pdf"]))


@pytest.fixture(scope="module")
def pages(products: dict[str, bytes], product_folder: Path) -> list[str]:
    """The text of each page as poppler reads it."""
    run = subprocess.run(["pdftotext", product_folder / "sample.pdf", "-"], capture_output=True, check=True)
    return run.stdout.decode("utf-8").split("\f")[:-1]


def dictionaries(opened: pikepdf.Pdf, key: str) -> list[pikepdf.Dictionary]:
    found = (obj for obj in opened.objects if isinstance(obj, pikepdf.Dictionary))
    return [obj for obj in found if key in obj]


def test_it_declares_archival_and_accessible(opened: pikepdf.Pdf) -> None:
    metadata = opened.open_metadata()
    assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == (
        "2",
        "A",
        "1",
    )
    assert opened.Root.Lang == "zh-CN" and opened.Root.MarkInfo.Marked
    assert metadata["dc:title"] == HEADINGS[0] and opened.Root.ViewerPreferences.DisplayDocTitle
    assert opened.docinfo["/CreationDate"] == "D:20181231040000Z"


def test_the_structure_tree_names_what_stands_there(opened: pikepdf.Pdf) -> None:
    tags = Counter(
        str(element.S) for element in dictionaries(opened, "/S") if element.get("/Type") == "/StructElem"
    )
    assert (tags["/H1"], tags["/H2"], tags["/H3"], tags["/H4"]) == (1, 2, 2, 1)
    assert (tags["/Table"], tags["/TH"], tags["/Figure"], tags["/L"]) == (1, 5, 2, 2)
    alts = [str(element.Alt) for element in dictionaries(opened, "/Alt")]
    assert alts == ["横条图：甲 3 分，乙 5 分", "第二幅图的说明"]


def test_every_font_is_embedded_and_none_is_bold(opened: pikepdf.Pdf) -> None:
    descriptors = dictionaries(opened, "/FontName")
    assert descriptors and all("/FontFile3" in d or "/FontFile2" in d for d in descriptors)
    assert {str(d.FontName).split("+")[1] for d in descriptors} <= {
        "NotoSansSC-Regular",
        "NotoSerifSC-Regular",
    }


def test_bookmarks_are_the_headings(opened: pikepdf.Pdf) -> None:
    def titles(items: list[pikepdf.OutlineItem]) -> list[str]:
        return [text for item in items for text in (item.title, *titles(item.children))]

    with opened.open_outline() as outline:
        found = titles(list(outline.root))
    assert [title for title in found if title in HEADINGS] == list(HEADINGS)


@needs_poppler
def test_headings_come_out_exact_and_in_order(pages: list[str]) -> None:
    lines = [line for page in pages for line in page.splitlines() if line in HEADINGS[1:]]
    assert lines == list(HEADINGS[1:])
    assert HEADINGS[0] in pages[0].splitlines()


@needs_poppler
def test_hostile_texts_are_read_as_written(pages: list[str]) -> None:
    text = squeezed("".join(pages))
    for hostile in HOSTILE:
        assert text.count(squeezed(hostile)) >= 2, hostile
    assert "表情〔U+1F600〕和倒写〔U+202E〕字" in text


@needs_poppler
def test_a_long_table_breaks_and_repeats_its_header(pages: list[str]) -> None:
    with_rows = [page for page in pages if re.search(r"^第\d+项$", page, re.MULTILINE)]
    assert len(with_rows) >= 2
    assert all({"板块", "核准"} <= set(page.splitlines()) for page in with_rows)
    assert sum(squeezed(page).count("◆扣分") for page in pages) == 1


@needs_poppler
def test_every_page_has_its_number_its_title_and_the_classification(pages: list[str]) -> None:
    for number, page in enumerate(pages, start=1):
        assert f"{number}/{len(pages)}" in squeezed(page)
        assert HEADINGS[0] in page and "内部资料" in page and "廉检〔2018〕3号" in page
    assert "数据截至2018年12月31日。" in pages[-1] and "分析人员" not in "".join(pages)


def test_an_unknown_font_family_fails_the_publication(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pdf._DEFAULTS, "body", "No Such Font")
    with pytest.raises(PublishError, match="no such font"):
        pdf.LianzhengPDFExporter().write(read_document(sample_notebook()))


def test_a_broken_chart_fails_the_publication_with_the_compilers_reason() -> None:
    broken = notebook(cell(Title("题", document=FACTS), Chart("图", "<svg><oops", "说明")))
    with pytest.raises(PublishError, match="排版失败"):
        pdf.LianzhengPDFExporter().from_notebook_node(broken)


def test_a_page_without_classification_has_no_header() -> None:
    facts = {"page": "x", "cycle": 2018, "report_date": "2018-12-31"}
    data, resources = pdf.LianzhengPDFExporter().from_notebook_node(
        notebook(cell(Title("题")), lianzheng=facts)
    )
    assert data.startswith(b"%PDF-1.7") and resources["output_extension"] == ".pdf"


@needs_poppler
@pytest.mark.parametrize("density", ["report", "official"])
def test_what_is_cited_is_printed_plain(density: str, tmp_path: Path) -> None:
    n = cite("54", Address("bulletin_figures", "n_findings", "value"))
    table = Table(f"表{n}", (Column("数"),), ((TableCell(n),), (f"共{n}",)), note=f"其中{n}")
    title = Title("题", document=replace(FACTS, density=density))
    data, _ = pdf.LianzhengPDFExporter().from_notebook_node(
        notebook(cell(title, Paragraph(f"有{n}个。"), table))
    )
    (tmp_path / "cited.pdf").write_bytes(data)
    run = subprocess.run(["pdftotext", tmp_path / "cited.pdf", "-"], capture_output=True, check=True)
    text = squeezed(run.stdout.decode("utf-8"))
    assert all(told in text for told in ("有54个。", "表54", "共54", "注：其中54")) and text.count("54") == 5


def lines_of(data: bytes, folder: Path) -> dict[str, float]:
    """The lines of a PDF's last page by their text, each with the place of its top in points."""
    (folder / "lines.pdf").write_bytes(data)
    command = ["pdftotext", "-bbox-layout", folder / "lines.pdf", "-"]
    page = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8").split("<page ")[-1]
    found = re.findall(r'<line [^>]*?yMin="([\d.]+)"[^>]*>(.*?)</line>', page, re.DOTALL)
    return {squeezed(re.sub("<.*?>", "", words)): float(top) for top, words in found}


@needs_poppler
@pytest.mark.parametrize("density", ["report", "sheet"])
def test_the_imprint_stands_below_the_running_title(density: str, tmp_path: Path) -> None:
    title = Title("题目", document=replace(FACTS, density=density))
    data, _ = pdf.LianzhengPDFExporter().from_notebook_node(notebook(cell(title, Paragraph("有。"))))
    tops = lines_of(data, tmp_path)
    (imprint,) = [top for line, top in tops.items() if "数据截至" in line]
    (number,) = [top for line, top in tops.items() if line.endswith("1/1")]
    assert imprint - number >= 8


@needs_poppler
def test_a_long_title_breaks_behind_the_name(tmp_path: Path) -> None:
    name, rest = "工程质量监督检测与安全评价中心", "2018年党风廉政建设责任制检查评分单"
    title = Title(name + rest, document=replace(FACTS, density="sheet"))
    data, _ = pdf.LianzhengPDFExporter().from_notebook_node(notebook(cell(title)))
    assert {name, rest} <= set(lines_of(data, tmp_path))
