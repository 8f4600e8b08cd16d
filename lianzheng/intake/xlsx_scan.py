"""One pass over a sheet's XML that bounds what it keeps: cells, hidden rows and columns, merged ranges."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from lxml import etree

from lianzheng.intake.cells import Content, GridDraft, Merge, Place, column_number
from lianzheng.intake.number_formats import describe_number
from lianzheng.intake.packages import XML_OPTIONS, local_name, plain_xml

_TRUE = ("1", "true")
_CHUNK = 1 << 18
_LAST_COLUMN = 16_384
# Rows and cells that carry a format and nothing else: phantom rows are made of them, a million at a time.
_BLANK_CELL = rb'<c r="[A-Z]+[0-9]+"[^<>]*(?:/>|></c>)'
_BLANK = re.compile(rb'%b|<row r="[0-9]+"[^<>]*(?:/>|>(?:%b)*</row>)' % (_BLANK_CELL, _BLANK_CELL))
# A character that XML cannot hold, such as _x000D_ for a carriage return.
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class WorkbookFacts:
    """What the cells of all sheets refer to: shared texts, number format by style, the date system."""

    texts: Sequence[str]
    formats: Sequence[str]
    is_1904: bool


def scan_sheet(stream: IO[bytes], facts: WorkbookFacts, draft: GridDraft) -> None:
    """Fill ``draft`` from a sheet's XML; an XMLSyntaxError where it is broken, a BookError where it asks for too much."""
    parser = etree.XMLPullParser(tag=("{*}row", "{*}col", "{*}mergeCell"), **XML_OPTIONS)
    row = 0
    for chunk in _without_blanks(stream):
        parser.feed(chunk)
        for _, element in parser.read_events():
            name = local_name(element)
            if name == "row":
                row = int(element.get("r", row + 1))
                _read_row(element, row, facts, draft)
            elif name == "mergeCell":
                first, _, last = element.get("ref", "").partition(":")
                draft.merge(Merge(*place_of(first), *place_of(last or first)))
            elif element.get("hidden") in _TRUE:
                first, last = int(element.get("min", "")), int(element.get("max", ""))
                draft.hidden_columns.update(range(first, min(last, _LAST_COLUMN) + 1))
            element.getparent().remove(element)  # what has been read need not stay in memory
    plain_xml(parser.close())


def place_of(reference: str) -> Place:
    """B7 → (7, 2); a ValueError for anything else."""
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]), column_number(letters)


def text_of_runs(item: etree._Element) -> str:
    """The text of a shared or inline item: plain, or of its runs; readings (rPh) are not text."""
    text = ""
    for part in item:
        name = local_name(part)
        if name in ("t", "r"):
            text += (part.text if name == "t" else part.findtext("{*}t")) or ""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _without_blanks(stream: IO[bytes]) -> Iterator[bytes]:
    """Chunks cut at the end of a tag, blank rows and cells taken out (four times faster than parsing them).

    A comment or CDATA section could hold the same characters as text, so from the first of them on nothing is
    taken out.
    """
    rest, is_plain = b"", True
    while chunk := stream.read(_CHUNK):
        data, cut = rest + chunk, chunk.rfind(b">") + 1
        is_plain = is_plain and cut > 0 and b"<!" not in data
        end = len(rest) + cut if is_plain else len(data)
        yield _BLANK.sub(b"", data[:end]) if is_plain else data
        rest = data[end:]
    yield rest


def _read_row(element: etree._Element, row: int, facts: WorkbookFacts, draft: GridDraft) -> None:
    space = element.tag[:-3]
    if element.get("hidden") in _TRUE and len(element):
        draft.hidden_rows.add(row)
    column = 0
    for cell in element.iterchildren(space + "c"):
        column += 1
        if len(cell):
            if reference := cell.get("r"):
                row, column = place_of(reference)
            style = int(cell.get("s", 0))
            number_format = facts.formats[style] if style < len(facts.formats) else "General"
            draft.put(row, column, _content(cell, space, number_format, facts), number_format)


def _content(cell: etree._Element, space: str, number_format: str, facts: WorkbookFacts) -> Content:
    kind, text, formula = cell.get("t", "n"), "", None
    for part in cell:
        if part.tag == space + "f":
            formula = part.text or ""
        else:
            text += part.text or "" if part.tag == space + "v" else text_of_runs(part)
    if not text and formula is not None and kind != "str":
        return "=" + formula, "formula", None, None
    if kind == "n" and text:
        return _read_number(text, number_format, facts.is_1904)
    if kind == "b":
        return ("TRUE", "boolean", 1.0, None) if text in _TRUE else ("FALSE", "boolean", 0.0, None)
    if kind == "e":
        return text, "error", None, None
    return facts.texts[int(text)] if kind == "s" and text else text, "text", None, None


def _read_number(text: str, number_format: str, is_1904: bool) -> Content:
    try:
        number = float(text)
    except ValueError:
        number = math.inf
    if math.isfinite(number):
        return describe_number(number, number_format, is_1904)
    return text, "text", None, None
