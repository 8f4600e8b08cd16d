"""Pages → a file in each format, and the address that each place has there; what a format cannot hold is written as text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from tests.formats import as_fods, as_html, as_ods, as_spreadsheetml
from tests.forms.papers import Sheet, as_csv, as_docx, as_layout, as_xls, as_xlsx
from tests.properties.pages import MARGIN, Page, Paper, Place
from tests.properties.writings import DATE_FORMAT, MOMENT_FORMAT, SHARE_FORMAT, Scalar, Typed

_LINES = frozenset(("lines",))
_TYPED = _LINES | {"number", "date"}
HOLDS: dict[str, frozenset[str]] = {
    "xlsx": _TYPED | {"boolean", "format", "formula", "error", "hidden", "merge", "pages"},
    "xls": _TYPED | {"boolean", "format", "merge", "pages"},
    "spreadsheetml": _TYPED | {"format", "merge", "pages"},
    "ods": _TYPED | {"merge", "pages"},
    "fods": _TYPED | {"merge", "pages"},
    "html": frozenset(("merge",)),  # a line's end in the source of a page is a space
    "docx": _LINES | {"merge"},
    "csv": _LINES,
    "csv-bom": _LINES,
    "csv-gb18030": _LINES,
    "csv-tab": _LINES,
}
"""What each format can hold beside text."""
FORMATS = tuple(HOLDS)
SUFFIXES = {"spreadsheetml": "xls", "html": "xls"}


@dataclass(frozen=True)
class File:
    """A file and where each place of its pages stands in it: sheet and address."""

    data: bytes
    suffix: str
    where: Callable[[Place], tuple[str, str]]


def carried(format: str, value: str) -> str:
    """A text as the format holds it: HTML runs white space together, ODF runs spaces together."""
    if format == "html":
        return re.sub(r"[ \t\r\n\f]+", " ", value)
    return re.sub(r"[ \t]+", " ", value) if format in ("ods", "fods") else value


def file_of(paper: Paper, format: str) -> File:
    """The pages in a format."""
    if format == "docx":
        return _document(paper)
    sheets = [_sheet(page, format) for page in paper.pages]
    if format.startswith("csv"):
        encoding = {"csv-bom": "utf-8-sig", "csv-gb18030": "gb18030"}.get(format, "utf-8")
        data = as_csv(sheets[0].cells, encoding, "\t" if format == "csv-tab" else ",")
        return File(data, "csv", lambda place: ("csv", f"{get_column_letter(place[2])}{place[1]}"))
    writers: dict[str, Callable[[], bytes]] = {
        "xlsx": lambda: as_xlsx(*sheets, edit=lambda book: _as_text(book, paper)),
        "xls": lambda: as_xls(*sheets),
        "ods": lambda: as_ods(as_layout(*sheets)),
        "fods": lambda: as_fods(as_layout(*sheets)),
        "html": lambda: as_html(as_layout(sheets[0])),
        "spreadsheetml": lambda: as_spreadsheetml(as_layout(*sheets)),
    }
    names = [page.name for page in paper.pages]

    def where(at: Place) -> tuple[str, str]:
        return names[at[0]], f"{get_column_letter(at[2])}{at[1]}"

    return File(writers[format](), SUFFIXES.get(format, format), where)


def shown(typed: Typed, format: str) -> Scalar:
    """What is written: the value itself where the format has its type, else the text that stands for it."""
    value = typed.value
    if isinstance(value, bool):
        return value if "boolean" in HOLDS[format] else str(value).upper()
    if isinstance(value, int | float):
        return value if "number" in HOLDS[format] else f"{value}"
    if isinstance(value, dt.datetime):
        return value if "date" in HOLDS[format] else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, dt.date):
        return value if "date" in HOLDS[format] else value.isoformat()
    return value


def _sheet(page: Page, format: str) -> Sheet:
    cells: dict[str, Scalar] = {}
    formats: dict[str, str] = {}
    for row, line in enumerate(page.lines, 1):
        for column, typed in line.items():
            at = f"{get_column_letter(column)}{row}"
            if typed.value is not None and typed.value != "":
                cells[at] = shown(typed, format)
                if typed.number_format != "General" and _has_format(typed, format):
                    formats[at] = typed.number_format
    merges = tuple(
        f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
        for top, left, bottom, right in page.merges if (top, left) != (bottom, right) and "merge" in HOLDS[format]
    )  # fmt: skip
    return Sheet(page.name, cells or {"A1": None}, merges, formats, tuple(map(str, page.hidden)))


def _has_format(typed: Typed, format: str) -> bool:
    is_date = typed.number_format in (DATE_FORMAT, MOMENT_FORMAT) and "date" in HOLDS[format]
    is_share = typed.number_format == SHARE_FORMAT and format in ("ods", "fods")
    return is_date or is_share or "format" in HOLDS[format]


def _as_text(book: Workbook, paper: Paper) -> None:
    """openpyxl takes a text that begins with = for a formula, and #N/A for an error."""
    for page, sheet in zip(paper.pages, book.worksheets, strict=True):
        for row, line in enumerate(page.lines, 1):
            for column, typed in line.items():
                if isinstance(typed.value, str) and typed.value and typed.needs not in ("formula", "error"):
                    sheet.cell(row, column).data_type = "s"


def _document(paper: Paper) -> File:
    """Lines around the tables are paragraphs, each table's lines a table."""
    [page] = paper.pages[:1]
    blocks: list[Any] = []
    at: dict[tuple[int, int], str] = {}
    starts: dict[int, tuple[int, int]] = {}  # table's number in the document → first line, columns
    n_paragraphs = n_tables = 0
    before = MARGIN
    for row, (line, owner) in enumerate(zip(page.lines, page.owners, strict=True), 1):
        if owner == MARGIN:
            n_paragraphs += 1
            blocks.append(
                "　　".join(str(shown(t, "docx")) for _, t in sorted(line.items()) if t.value is not None)
            )
            at |= {(row, column): f"p{n_paragraphs}" for column in line}
        else:
            if owner != before:
                wide = max(
                    max(other, default=1)
                    for other, of in zip(page.lines, page.owners, strict=True)
                    if of == owner
                )
                n_tables += 1
                starts[n_tables] = row, wide
                blocks.append([])
            first, wide = starts[n_tables]
            texts = [
                line[c].value if c in line and line[c].value is not None else "" for c in range(1, wide + 1)
            ]
            blocks[-1].append(
                [
                    str(shown(line[c], "docx")) if c in line and texts[c - 1] != "" else ""
                    for c in range(1, wide + 1)
                ]
            )
            at |= {(row, column): f"t{n_tables}r{row - first + 1}c{column}" for column in range(1, wide + 1)}
        before = owner

    def merged(document: Any) -> None:
        for top, left, bottom, right in page.merges:
            number = next(n for n, (first, _) in sorted(starts.items(), reverse=True) if first <= top)
            first = starts[number][0]
            table = document.tables[number - 1]
            if (top, left) != (bottom, right):
                table.cell(top - first, left - 1).merge(table.cell(bottom - first, right - 1))

    return File(as_docx(*blocks, edit=merged), "docx", lambda place: ("正文", at[place[1], place[2]]))
