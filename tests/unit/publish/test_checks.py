"""Each product of the sample passes; each product spoilt in one way fails for that reason."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile

import pytest

from lianzheng.errors import PublishError
from lianzheng.publish.checks import check_docx, check_html, check_pdf
from lianzheng.publish.notebook import read_document
from lianzheng.zips import write_zip
from tests.unit.publish.sample import sample_notebook

HEADINGS = read_document(sample_notebook()).headings
BAD_SVG = base64.b64encode(b'<svg><image href="http://x/y.png"/></svg>').decode()


def test_the_sample_passes(products: dict[str, bytes]) -> None:
    check_html(products[".html"].decode("utf-8"), n_charts=2)
    check_pdf(products[".pdf"], headings=HEADINGS, n_charts=2)
    check_docx(products[".docx"], headings=HEADINGS, n_charts=2)


@pytest.mark.parametrize(
    ("part", "instead", "reason"),
    [
        ("<footer>", "<script>x</script><footer>", "<script>"),
        ("<footer>", "<script src=x.js></script><footer>", "<script>"),
        ("<footer>", "<link rel=stylesheet href=x.css><footer>", "<link>"),
        ("<footer>", "<iframe></iframe><footer>", "<iframe>"),
        ("<footer>", '<img alt="x" src="http://x/y.png"><footer>', "src"),
        ("<footer>", '<img alt="x" src="//x/y.png"><footer>', "src"),
        ("<footer>", '<img alt="x" src="data:image/png;base64,AA" srcset="y.png"><footer>', "srcset"),
        ("<footer>", f'<img alt="x" src="data:image/svg+xml;base64,{BAD_SVG}"><footer>', "图里有脚本"),
        ("<footer>", '<a href="javascript:x()">y</a><footer>', "href"),
        ("<footer>", '<p onclick="x()">y</p><footer>', "onclick"),
        ("<footer>", '<p style="background:url(http://x)">y</p><footer>', "style"),
        ("<footer>", "<style>@import 'x.css';</style><footer>", "样式表"),
        ("<footer>", '<meta http-equiv="Refresh" content="0;url=x"><footer>', "<meta>"),
        ('alt="第二幅图的说明"', 'alt=" "', "替代文字"),
        ("<img ", "<em ", "有 0 幅"),
        ('lang="zh-CN"', 'lang="en"', "没有语言"),
        ("记分卡</title>", "</title><title> </title>", "没有标题"),
        ("default-src 'none'", "default-src *", "没有安全策略"),
    ],
)
def test_a_spoilt_page_is_refused(products: dict[str, bytes], part: str, instead: str, reason: str) -> None:
    spoilt = products[".html"].decode("utf-8").replace(part, instead)
    with pytest.raises(PublishError, match=reason):
        check_html(spoilt, n_charts=2)


def test_one_script_may_be_allowed_by_its_hash() -> None:
    page = (
        '<html lang="zh"><head><title>x</title><meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'\"></head><script>if (1 < 2) {}</script></html>"
    )
    digest = base64.b64encode(hashlib.sha256(b"if (1 < 2) {}").digest()).decode()
    check_html(page, allowed_scripts={digest})
    with pytest.raises(PublishError, match="脚本"):
        check_html(page.replace("1 < 2", "2 < 1"), allowed_scripts={digest})
    with pytest.raises(PublishError, match="script"):
        check_html(page)


@pytest.mark.parametrize(
    ("part", "instead", "reason"),
    [
        (b"%PDF-", b"%TXT-", "%PDF-"),
        (b"<pdfuaid:part>1<", b"<pdfuaid:part>0<", "pdfuaid"),
        (b"<pdfaid:conformance>A<", b"<pdfaid:conformance>B<", "conformance"),
        (b"/StructTreeRoot", b"/StructTreeRuin", "StructTreeRoot"),
        (b"/Lang(zh", b"/Lang(en", "Lang"),
        (b"/S/Figure", b"/S/Fiction", "有 0 幅"),
        (b"/Title<FEFF4E8C3001", b"/Title<FEFF4E8D3001", "二、逐项得分"),
    ],
)
def test_a_spoilt_pdf_is_refused(
    products: dict[str, bytes], part: bytes, instead: bytes, reason: str
) -> None:
    assert part in products[".pdf"]
    with pytest.raises(PublishError, match=reason):
        check_pdf(products[".pdf"].replace(part, instead), headings=HEADINGS, n_charts=2)


def test_a_heading_that_occurs_twice_must_stand_in_the_pdf_twice(products: dict[str, bytes]) -> None:
    with pytest.raises(PublishError, match="（一）各题得分"):
        check_pdf(products[".pdf"], headings=[*HEADINGS, "（一）各题得分"], n_charts=2)


@pytest.mark.parametrize(
    ("name", "part", "instead", "reason"),
    [
        ("word/document.xml", b"descr=", b"title=", "有 0 幅"),
        ("word/document.xml", "二、逐项得分".encode(), b"?", "二、逐项得分"),
        ("word/_rels/document.xml.rels", b'Id="styles"', b'TargetMode="External" Id="styles"', "地址"),
    ],
)
def test_a_spoilt_word_file_is_refused(
    products: dict[str, bytes], name: str, part: bytes, instead: bytes, reason: str
) -> None:
    with zipfile.ZipFile(io.BytesIO(products[".docx"])) as package:
        parts = {entry: package.read(entry) for entry in package.namelist()}
    spoilt = write_zip({**parts, name: parts[name].replace(part, instead)})
    with pytest.raises(PublishError, match=reason):
        check_docx(spoilt, headings=HEADINGS, n_charts=2)


def test_a_word_file_without_page_numbers_or_that_is_none_is_refused(products: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(products[".docx"])) as package:
        parts = {name: package.read(name) for name in package.namelist() if "footer" not in name}
    with pytest.raises(PublishError, match="没有页码"):
        check_docx(write_zip(parts), headings=HEADINGS, n_charts=2)
    with pytest.raises(PublishError, match="不是 Word 文件"):
        check_docx(b"PK?", headings=(), n_charts=0)
