"""Where the elements of an XML part stand, so that it can be changed at some places and stays the same at all others.

Places are offsets in bytes. What is added is ASCII (other characters as references), so that it fits any encoding
that holds ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.parsers import expat

from lianzheng.errors import InputError

Edit = tuple[int, int, bytes]
"""What becomes of the bytes from the first offset to the second one."""
RESAVE = "请用 Excel 或 WPS 打开后另存为 .xlsx"
"""What helps where a file's inside is not as it should be."""
_TAG = re.compile(rb"<[^\s/>]+(?:\s+[^\s=>]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*/?>")


@dataclass(slots=True)
class Element:
    """An element: its local name, prefix (``x:`` or empty), attributes, depth below the root, and places.

    The start tag reaches from ``start`` to ``opened``, the end tag from ``close`` to ``end``; where there is none
    (``<c/>``), both are ``opened``.
    """

    name: str
    prefix: str
    attributes: dict[str, str]
    depth: int
    start: int
    opened: int
    close: int = 0
    end: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether it is written as one tag."""
        return self.close == self.opened == self.end

    @property
    def link(self) -> str:
        """The id of the part that it is linked to (``r:id``); empty where there is none."""
        return next((value for name, value in self.attributes.items() if name.endswith(":id")), "")


def read_elements(data: bytes) -> list[Element]:
    """All elements in the order of the document, the root first; InputError for what is no plain XML."""
    found: list[Element] = []
    open_elements: list[Element] = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        prefix, colon, local = name.rpartition(":")
        tag = _TAG.match(data, parser.CurrentByteIndex)
        if tag is None:
            raise InputError("文件的内部编码不是 UTF-8", RESAVE)
        element = Element(local, prefix + colon, attributes, len(open_elements), tag.start(), tag.end())
        found.append(element)
        open_elements.append(element)

    def end(name: str) -> None:
        element = open_elements.pop()
        is_empty = data[element.opened - 2 : element.opened] == b"/>"
        element.close = element.opened if is_empty else parser.CurrentByteIndex
        element.end = element.opened if is_empty else data.index(b">", element.close) + 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InputError(f"文件内部不完整（{error}）", RESAVE) from error
    return found


def _refuse(*unused: object) -> None:
    raise InputError("文件内含不允许的声明（DOCTYPE）", RESAVE)


def splice(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The bytes with the edits made; insertions at the same place stay in their order."""
    made, at = [], 0
    for start, end, written in sorted(edits, key=lambda edit: edit[:2]):
        made += [data[at:start], written]
        at = end
    return b"".join([*made, data[at:]])


def appended(element: Element, added: bytes) -> Edit:
    """The edit that puts something behind all that an element holds."""
    if not element.is_empty:
        return element.close, element.close, added
    name = f"{element.prefix}{element.name}".encode()
    return element.opened - 2, element.opened, b">" + added + b"</" + name + b">"


def with_attributes(tag: bytes, **values: object) -> bytes:
    """A start tag with these attributes set; None takes one away."""
    for name, value in values.items():
        there = re.search(rf"""\s{name}\s*=\s*(?:"[^"]*"|'[^']*')""".encode(), tag)
        written = b"" if value is None else f' {name}="{value}"'.encode("ascii")
        start, end = there.span() if there else [len(tag) - (2 if tag.endswith(b"/>") else 1)] * 2
        tag = tag[:start] + written + tag[end:]
    return tag
