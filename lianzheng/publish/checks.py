"""Judge the product, not the exit code: each check reads a finished file and says what is wrong with it."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from html import unescape
from typing import TYPE_CHECKING, Any

from lxml import etree

from lianzheng.errors import PublishError
from lianzheng.names import NameMask
from lianzheng.pages.blocks import leaves as leaves_of

if TYPE_CHECKING:
    from lianzheng.publish.notebook import Document

_ADDRESSES = {"src", "href", "poster", "data", "action", "formaction", "background", "xlink:href"}
_FORBIDDEN_TAGS = {"base", "iframe", "object", "embed", "link", "form", "audio", "video", "svg"}
_ELSEWHERE = re.compile(r"(?!data:image/)\s*(?:[a-z][a-z0-9+.-]*:|//|\\)", re.IGNORECASE)
_STYLE_FAULT = re.compile(r"@import|url\(\s*['\"]?(?!data:)", re.IGNORECASE)
_SVG_FAULT = re.compile(
    r"<script|<!DOCTYPE|<!ENTITY|<foreignObject|\son\w+\s*=|@import|(?:href|src)\s*=\s*[\"'](?!#|data:)"
    r"|url\(\s*['\"]?(?!#)", re.IGNORECASE
)  # fmt: skip
_PDF_MARKERS = (
    b"%PDF- <pdfaid:part>2< <pdfaid:conformance>A< <pdfuaid:part>1< /StructTreeRoot /Lang(zh".split()
)
_PDF_BOOKMARK = re.compile(rb"/Title(?:<FEFF([0-9A-F]*)>|\(((?:[^()\\]|\\.)*)\))/Dest")
_PDF_TARGET = re.compile(rb"/Title(?:<FEFF([0-9A-F]*)>|\(((?:[^()\\]|\\.)*)\))/Dest (\d+) 0 R")
_PDF_FIGURE = re.compile(rb"/S/Figure/P \d+ 0 R(?:/T<[^>]*>)?/Alt[<(]")


def check_edition(document: Document, mask: NameMask) -> None:
    """What one unit gets names no other unit, and the anonymous edition none: not in its texts, nor in those drawn on charts, nor in alt texts."""
    leaves = ({**vars(block), "svg": ""} for block in leaves_of(document.blocks))
    told = "\n".join(_texts([*leaves, document.title, document.facts, document.imprint]))
    names = sorted(set(mask.found(told)))
    _judge("单位版或不具名版", [f"写有不应出现的单位名称“{name}”" for name in names])


def _texts(value: Any) -> Iterator[str]:
    """All strings inside a block's data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for one in value.values() for text in _texts(one))
    elif isinstance(value, Iterable):
        yield from (text for one in value for text in _texts(one))
    elif is_dataclass(value):
        yield from _texts(vars(value))


def check_html(text: str, *, n_charts: int | None = None, allowed_scripts: Collection[str] = ()) -> None:
    """A page stands alone: no outside address, no script but those allowed (sha256 in base64), alt texts."""
    page = _Page(allowed_scripts)
    parser = etree.HTMLParser(target=page, encoding="utf-8", huge_tree=True)
    etree.fromstring(text.encode("utf-8"), parser)
    stated = {
        "标题": page.title.strip(),
        "语言": page.language[:2] == "zh",
        "安全策略": "'none'" in page.policy,
    }
    missing = [f"没有{what}" for what, is_there in stated.items() if not is_there]
    _judge("网页", page.faults + missing + _miscount(page.n_images, n_charts))


def check_pdf(data: bytes, *, headings: Sequence[str], n_charts: int) -> None:
    """A PDF declares PDF/A-2a and PDF/UA-1 and has the bookmarks, and the figures with alt text, expected."""
    faults = [f"缺少标记 {marker.decode()}" for marker in _PDF_MARKERS if marker not in data]
    bookmarks = Counter(_pdf_text(*found) for found in _PDF_BOOKMARK.findall(data))
    faults += [f"书签里没有标题“{heading}”" for heading in Counter(headings) - bookmarks]
    _judge("PDF", faults + _miscount(len(_PDF_FIGURE.findall(data)), n_charts))


def page_of(data: bytes, heading: str) -> int:
    """The page, from 1, on which a bookmarked heading of one of our PDFs stands; PublishError where it is not found."""
    targets = {_pdf_text(*found[:2]): found[2] for found in _PDF_TARGET.findall(data)}
    target = re.search(rb"\n%s 0 obj\s*\[(\d+) 0 R" % targets.get(heading, b"-"), data)
    pages = re.search(rb"/Type/Pages/Count \d+/Kids\[([\d R]+)\]", data)
    if target is None or pages is None:
        raise PublishError(f"PDF 里找不到标题“{heading}”所在的页", "重新发布")
    return re.findall(rb"(\d+) 0 R", pages[1]).index(target[1]) + 1


def check_docx(data: bytes, *, headings: Sequence[str], n_charts: int) -> None:
    """A Word file has its headings, its pictures with alt text, a page number, and nothing outside itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}
    except zipfile.BadZipFile as error:
        raise PublishError("产物不是 Word 文件", "重新发布") from error
    body = parts.get("word/document.xml", "")
    paragraphs = (re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", part) for part in body.split("</w:p>"))
    texts = {unescape("".join(found)) for found in paragraphs}
    faults = [f"没有标题“{heading}”" for heading in headings if heading not in texts]
    faults += ["有指向文件之外的地址"] if any('"External"' in part for part in parts.values()) else []
    faults += [] if any(" PAGE " in part for part in parts.values()) else ["没有页码"]
    faults += _miscount(len(re.findall(r'<wp:docPr [^>]*descr="[^"]+"', body)), n_charts)
    _judge("Word 文件", faults)


def _judge(product: str, faults: Sequence[str]) -> None:
    if faults:
        raise PublishError(f"{product}没有通过检查：{'；'.join(faults)}", "改正页面后重新发布")


def _miscount(n_seen: int, n_charts: int | None) -> list[str]:
    return [] if n_charts in (None, n_seen) else [f"有 {n_seen} 幅带替代文字的图，应有 {n_charts} 幅"]


class _Page:
    """Collects what a page must not have, and what it must."""

    def __init__(self, allowed_scripts: Collection[str]) -> None:
        self.allowed_scripts = allowed_scripts
        self.faults: list[str] = []
        self.title = self.language = self.policy = self._text = ""
        self.n_images = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A tag begins (the interface of lxml's parser targets)."""
        self._text = ""
        is_script = tag == "script" and ("src" in attributes or not self.allowed_scripts)
        if tag in _FORBIDDEN_TAGS or is_script or attributes.get("http-equiv", "").lower() == "refresh":
            self.faults.append(f"有不允许的标记 <{tag}>")
        for name, value in attributes.items():
            is_outside = name in _ADDRESSES and _ELSEWHERE.match(value)
            is_outside = is_outside or (name == "style" and _STYLE_FAULT.search(value))
            if is_outside or name.startswith(("on", "srcset", "ping")):
                self.faults.append(f"<{tag}> 的 {name} 指向外部或带脚本")
        if tag == "html":
            self.language = attributes.get("lang", "")
        elif tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes.get("content", "")
        elif tag == "img":
            self._check_image(attributes)

    def data(self, data: str) -> None:
        """Text between tags."""
        self._text += data

    def end(self, tag: str) -> None:
        """A tag ends."""
        self.title = self._text if tag == "title" else self.title
        if tag == "style" and _STYLE_FAULT.search(self._text):
            self.faults.append("样式表里有外部地址")
        if tag == "script":
            digest = base64.b64encode(hashlib.sha256(self._text.encode()).digest()).decode()
            self.faults += [] if digest in self.allowed_scripts else ["有不允许的脚本"]

    def close(self) -> None:
        """The page is over."""

    def _check_image(self, attributes: Mapping[str, str]) -> None:
        self.n_images += 1
        head, _, payload = attributes.get("src", "").partition(";base64,")
        if not attributes.get("alt", "").strip():
            self.faults.append("有图没有替代文字")
        if head == "data:image/svg+xml" and _SVG_FAULT.search(base64.b64decode(payload).decode("utf-8")):
            self.faults.append("图里有脚本或外部地址")


def _pdf_text(utf16: bytes, literal: bytes) -> str:
    if utf16:
        return bytes.fromhex(utf16.decode()).decode("utf-16-be")
    return re.sub(rb"\\(.)", rb"\1", literal).decode("latin-1")
