"""What stands in a received file, told by readers that the library does not use, or by its XML.

A cell is (sheet, address) → what stands there: a text, a number, a moment, a truth value, or a formula without result.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

import openpyxl
import xlrd
from docx import Document
from lxml import etree, html
from openpyxl.utils import get_column_letter

Content = str | float | bool | dt.datetime | dt.time
Cells = dict[tuple[str, str], Content]
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_NOT_READ = {"del", "moveFrom", "drawing", "pict", "object", "pPr", "rPr", "instrText"}


def cells_of(data: bytes, password: str = "") -> Cells:
    """Every non-empty cell of a file, whatever its name says that it is."""
    if password:
        data = _opened(data, password)
    if data.startswith(b"PK"):
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
        read = _ods if "content.xml" in names else _docx if "word/document.xml" in names else _xlsx
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        read = _xls
    elif b"urn:schemas-microsoft-com:office:spreadsheet" in data[:1000]:
        read = _spreadsheetml
    else:
        read = _html if re.match(rb"\s*<", data) else _csv
    return {place: content for place, content in read(data) if content not in ("", None)}


def _opened(data: bytes, password: str) -> bytes:
    import msoffcrypto

    file, opened = msoffcrypto.OfficeFile(io.BytesIO(data)), io.BytesIO()
    file.load_key(password=password)
    file.decrypt(opened)
    return opened.getvalue()


def _named(sheet: str, rows: Iterable[Iterable[Any]]) -> Iterator[tuple[tuple[str, str], Any]]:
    for r, row in enumerate(rows, 1):
        for c, content in enumerate(row, 1):
            yield (sheet, f"{get_column_letter(c)}{r}"), content


def _xlsx(data: bytes) -> Iterator[tuple[tuple[str, str], Any]]:
    """Results where they are stored, else the formula; the streaming reader keeps what merged ranges cover."""
    results, formulas = (
        openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=is_result)
        for is_result in (True, False)
    )
    for sheet in results.sheetnames:
        for book in (formulas, results):
            page = book[sheet]
            if not hasattr(page, "iter_rows"):
                continue
            page.reset_dimensions()
            for row in page.iter_rows():
                for cell in row:
                    if cell.value is not None:
                        yield (sheet, f"{get_column_letter(cell.column)}{cell.row}"), cell.value


def _xls(data: bytes) -> Iterator[tuple[tuple[str, str], Any]]:
    book = xlrd.open_workbook(file_contents=data)

    def said(cell: xlrd.sheet.Cell) -> Any:
        if cell.ctype == xlrd.XL_CELL_DATE:
            return xlrd.xldate_as_datetime(cell.value, book.datemode)
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code[cell.value]
        return bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else cell.value

    for sheet in book.sheets():
        yield from _named(sheet.name, ([said(cell) for cell in sheet.row(row)] for row in range(sheet.nrows)))


def _csv(data: bytes) -> Iterator[tuple[tuple[str, str], Any]]:
    marked = next((code for mark, code in _MARKS.items() if data.startswith(mark)), "")
    try:
        text = data.decode(marked or "utf-8")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    delimiter = max("\t,;", key=text.count)
    yield from _named("csv", csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _attribute(element: Any, name: str, default: str = "") -> str:
    return next((v for key, v in element.attrib.items() if etree.QName(key).localname == name), default)


def _ods(data: bytes) -> Iterator[tuple[tuple[str, str], Any]]:
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("content.xml"))
    for table in root.iter("{*}table"):
        row = 0
        for line in table.iter("{*}table-row"):
            column = 1
            for cell in line.iterchildren("{*}table-cell", "{*}covered-table-cell"):
                texts = ["".join(p.itertext()) for p in cell.iterchildren("{*}p")]
                kind, place = (
                    _attribute(cell, "value-type"),
                    f"{get_column_letter(min(column, 16384))}{row + 1}",
                )
                if kind in ("float", "percentage", "currency"):
                    yield (_attribute(table, "name"), place), float(_attribute(cell, "value"))
                elif kind == "date":
                    yield (
                        (_attribute(table, "name"), place),
                        dt.datetime.fromisoformat(_attribute(cell, "date-value")),
                    )
                else:
                    yield (_attribute(table, "name"), place), "\n".join(texts)
                column += int(_attribute(cell, "number-columns-repeated", "1"))
            row += int(_attribute(line, "number-rows-repeated", "1"))


def _spreadsheetml(data: bytes) -> Iterator[tuple[tuple[str, str], Any]]:
    for sheet in etree.fromstring(data).iter("{*}Worksheet"):
        row = 0
        for line in sheet.iter("{*}Row"):
            row, column = int(_attribute(line, "Index", str(row + 1))), 0
            for cell in line.iterchildren("{*}Cell"):
                column = int(_attribute(cell, "Index", str(column + 1)))
                for told in cell.iterchildren("{*}Data"):
                    text, kind = "".join(told.itertext()), _attribute(told, "Type")
                    said: Any = float(text) if kind == "Number" else text
                    said = dt.datetime.fromisoformat(text) if kind == "DateTime" else said
                    yield (_attribute(sheet, "Name"), f"{get_column_letter(column)}{row}"), said
                column += int(_attribute(cell, "MergeAcross", "0"))


def _html(data: bytes) -> Iterator[tuple[tuple[str, str], Any]]:
    """Of pages with one table and nothing around it."""
    said = re.search(rb"charset=[\"']?([\w-]+)", data)
    text = data.decode(
        {"gb2312": "gb18030"}.get(said[1].decode().lower(), said[1].decode()) if said else "utf-8"
    )
    [sheet] = re.findall("<x:Name>([^<]+)</x:Name>", text) or ["网页"]
    taken: set[tuple[int, int]] = set()
    for r, line in enumerate(
        html.fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8")).iter("tr"), 1
    ):
        c = 1
        for cell in line.iter("td", "th"):
            while (r, c) in taken:
                c += 1
            across, down = int(cell.get("colspan", 1)), int(cell.get("rowspan", 1))
            taken |= {(row, column) for row in range(r, r + down) for column in range(c, c + across)}
            yield (sheet, f"{get_column_letter(c)}{r}"), cell.text_content().strip()
            c += across


def _docx(data: bytes) -> Iterator[tuple[tuple[str, str], Any]]:
    """Paragraphs and places of tables, those inside content controls too; a merged place where it begins."""
    n_paragraphs = n_tables = 0
    for block in _blocks(Document(io.BytesIO(data)).element.body, "p", "tbl"):
        if _local(block) == "p":
            n_paragraphs += 1
            yield ("正文", f"p{n_paragraphs}"), _words(block)
            continue
        n_tables += 1
        for r, line in enumerate(_blocks(block, "tr"), 1):
            before = line.find("{*}trPr/{*}gridBefore")
            column = 1 + (0 if before is None else int(_attribute(before, "val")))
            for cell in _blocks(line, "tc"):
                paragraphs = [
                    p for p in cell.iter("{*}p") if not set(map(_local, p.iterancestors())) & _NOT_READ
                ]
                yield ("正文", f"t{n_tables}r{r}c{column}"), "\n".join(map(_words, paragraphs))
                span = cell.find("{*}tcPr/{*}gridSpan")
                column += 1 if span is None else int(_attribute(span, "val"))


def _blocks(element: Any, *wanted: str) -> Iterator[Any]:
    for child in element:
        if _local(child) in wanted:
            yield child
        elif _local(child) in ("sdt", "sdtContent", "customXml", "ins", "smartTag"):
            yield from _blocks(child, *wanted)


def _words(paragraph: Any) -> str:
    """The text of a paragraph, but for deleted text and the prompts of controls that nobody has filled."""
    pieces = []
    for mark in paragraph.iter("{*}t", "{*}tab", "{*}br", "{*}cr", "{*}noBreakHyphen", "{*}sym"):
        around = list(mark.iterancestors())
        prompts = [
            a for a in around if _local(a) == "sdt" and a.find("{*}sdtPr/{*}showingPlcHdr") is not None
        ]
        if prompts or set(map(_local, around)) & _NOT_READ:
            continue
        signs = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "sym": "☑"}
        pieces.append(mark.text or "" if _local(mark) == "t" else signs[_local(mark)])
    return "".join(pieces)


def says(raw_text: str, content: Content) -> bool:
    """Whether the text that the library stored says what stands in the file."""
    if isinstance(content, bool):
        return raw_text == str(content).upper()
    if isinstance(content, int | float):
        return re.fullmatch(r"[-+\d.e]+", raw_text) is not None and abs(
            float(raw_text) - content
        ) <= 1e-9 * abs(content)
    if isinstance(content, dt.datetime):
        return dt.datetime.fromisoformat(raw_text) == content
    if isinstance(content, dt.time):
        return dt.time.fromisoformat(raw_text) == content
    return raw_text.split() == str(content).split()
