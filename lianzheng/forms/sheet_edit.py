"""Edit cells of an .xlsx in its XML, so that everything that nobody asked to change stays byte for byte.

Libraries that load and save a workbook drop shapes, seals, form controls and cached values. Here the text of a sheet
is cut open at the cells and rows concerned; every other part of the package is passed through as it came.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from posixpath import join, normpath
from xml.sax.saxutils import escape

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import column_index_from_string as column_index
from openpyxl.utils.cell import coordinate_from_string
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel

from lianzheng.errors import InputError
from lianzheng.forms.layout import Formula
from lianzheng.zips import write_zip

Value = str | float | dt.date | Formula
Place = tuple[int, int]
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_ROW = re.compile(r'<(?P<p>(?:\w+:)?)row\b[^>]*?\br="(?P<n>\d+)"[^>]*?(?:/>|>.*?</(?P=p)row>)', re.DOTALL)
_CELL = re.compile(r'<(?P<p>(?:\w+:)?)c\b[^>]*?\br="(?P<at>[A-Z]+\d+)"[^>]*?(?:/>|>.*?</(?P=p)c>)', re.DOTALL)
_DATA = re.compile(r"<(?P<p>(?:\w+:)?)sheetData\b[^>]*?(?:/>|>(?P<rows>.*?)</(?P=p)sheetData>)", re.DOTALL)
_STYLE = re.compile(r'\bs="(\d+)"')
_RANGES = re.compile(
    r'(<(?:\w+:)?(?:dataValidation|conditionalFormatting|dimension|autoFilter)\b[^>]*?\b(?:sqref|ref)=")([^"]*)'
    r"|(<\w+:sqref>)([^<]*)"
)
_NAMES = re.compile(
    r'(<(?:\w+:)?definedName\b(?=[^>]*"_xlnm\.(?:Print_Area|_FilterDatabase)")[^>]*localSheetId="(\d+)"[^>]*>)([^<]*)'
)
_END = re.compile(r"(\$?[A-Z]+\$?)(\d+)(?::(\$?[A-Z]+\$?)(\d+))?(?![\w$:])")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class SheetEdit:
    """What to write into one sheet, by (row, column) from 1.

    Rows below ``last_row`` (the last one of the table, 0 where it is empty) take its look, and filters, drop-downs,
    conditional formats and print areas that end there grow with the table.
    """

    sheet: str
    last_row: int
    cells: Mapping[Place, Value] = field(default_factory=dict)

    @property
    def rows(self) -> dict[int, dict[int, Value]]:
        """The values by row and column, in order."""
        found: dict[int, dict[int, Value]] = {}
        for (row, column), value in sorted(self.cells.items(), key=lambda item: item[0]):
            found.setdefault(row, {})[column] = value
        return found


@dataclass(frozen=True, slots=True)
class _Look:
    """How values are written in a workbook: its calendar, and which styles show a date."""

    epoch: dt.datetime
    date_styles: frozenset[int]


def edit_sheets(data: bytes, edits: Iterable[SheetEdit]) -> bytes:
    """The workbook with the edits made; without any value to write the very same bytes.

    Raises :class:`InputError` for a workbook whose rows carry no numbers (no spreadsheet program writes that).
    """
    edits = [edit for edit in edits if edit.cells]
    if not edits:
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheets, look = sheet_parts(parts), _look(parts)
    for edit in edits:
        index, part = sheets[edit.sheet]
        parts[part] = _edited(parts[part].decode("utf-8"), edit, look).encode("utf-8")
        names = parts["xl/workbook.xml"].decode("utf-8")
        parts["xl/workbook.xml"] = _with_names(names, index, edit).encode("utf-8")
    return write_zip(parts)


def _with_names(workbook: str, index: int, edit: SheetEdit) -> str:
    """Print area and filter of the sheet of that index grow with its table."""
    return _NAMES.sub(lambda m: m[1] + _grown(m[3], edit) if int(m[2]) == index else m[0], workbook)


def sheet_parts(parts: Mapping[str, bytes]) -> dict[str, tuple[int, str]]:
    """Each sheet's place in the workbook and its part, by name."""
    relations = etree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    targets = {relation.get("Id"): str(relation.get("Target")) for relation in relations}
    sheets = etree.fromstring(parts["xl/workbook.xml"]).iterfind("{*}sheets/{*}sheet")
    return {
        str(sheet.get("name")): (i, normpath(join("/xl", targets[sheet.get(_RELATION) or sheet.get(_STRICT_RELATION)])).lstrip("/"))
        for i, sheet in enumerate(sheets)
    }  # fmt: skip


def _look(parts: Mapping[str, bytes]) -> _Look:
    workbook = etree.fromstring(parts["xl/workbook.xml"]).find("{*}workbookPr")
    is_mac = workbook is not None and workbook.get("date1904") in ("1", "true")
    styles = etree.fromstring(parts.get("xl/styles.xml", b"<none/>"))
    formats = {int(i): text for i, text in BUILTIN_FORMATS.items()}
    formats |= {
        int(f.get("numFmtId") or 0): f.get("formatCode") for f in styles.iterfind("{*}numFmts/{*}numFmt")
    }
    used = [int(style.get("numFmtId") or 0) for style in styles.iterfind("{*}cellXfs/{*}xf")]
    dates = frozenset(i for i, number in enumerate(used) if number and is_date_format(formats.get(number)))
    return _Look(CALENDAR_MAC_1904 if is_mac else CALENDAR_WINDOWS_1900, dates)


def _edited(text: str, edit: SheetEdit, look: _Look) -> str:
    found = _DATA.search(text)
    known = {} if found is None else {int(m["n"]): m for m in _ROW.finditer(found["rows"] or "")}
    if found is None or len(known) != len(re.findall(r"<(?:\w+:)?row\b", found["rows"] or "")):
        raise InputError(
            f"工作表“{edit.sheet}”的格式不能直接改写", "请用 Excel 或 WPS 打开后另存为 .xlsx，再运行一次"
        )
    prefix, last = found["p"], known.get(edit.last_row)
    styles = {} if last is None else {
        column_index(coordinate_from_string(m["at"])[0]): style[1]
        for m in _CELL.finditer(last[0]) if (style := _STYLE.search(m[0].partition(">")[0]))
    }  # fmt: skip
    rows = {number: row[0] for number, row in known.items()}
    for number, values in edit.rows.items():
        is_new = number > edit.last_row
        written = rows.get(number, f'<{prefix}row r="{number}"></{prefix}row>')
        blank = dict.fromkeys(styles, "") if is_new else {}
        for column, value in sorted({**blank, **values}.items()):
            written = _with_cell(
                written, number, column, value, styles.get(column, "") if is_new else "", look
            )
        rows[number] = written
    text = _with_rows(text, found, rows)
    return _RANGES.sub(lambda m: (m[1] or m[3]) + _grown(m[2] or m[4] or "", edit), text)


def _with_rows(text: str, found: re.Match[str], rows: Mapping[int, str]) -> str:
    """The sheet with these rows; what stands between rows and was not touched stays where it is."""
    p, old = found["p"], found["rows"] or ""
    known = {int(m["n"]) for m in _ROW.finditer(old)}
    body = _ROW.sub(lambda m: rows[int(m["n"])], old)
    for number in sorted(rows.keys() - known):
        later = next((m for m in _ROW.finditer(body) if int(m["n"]) > number), None)
        at = later.start() if later else len(body.rstrip())
        body = body[:at] + rows[number] + body[at:]
    return f"{text[: found.start()]}{_opened(found[0], p)}{body}</{p}sheetData>{text[found.end() :]}"


def _opened(element: str, prefix: str) -> str:
    """The start tag of an element that may have been empty (``<sheetData/>``)."""
    tag = element[: element.index(">") + 1]
    return tag.removesuffix("/>").rstrip() + ">" if tag.endswith("/>") else tag


def _with_cell(row: str, number: int, column: int, value: Value, style: str, look: _Look) -> str:
    """A row's XML with one cell set; a cell that is there keeps its style."""
    at = f"{get_column_letter(column)}{number}"
    prefix = row[1 : row.index("row")]
    row = _opened(row, prefix) + f"</{prefix}row>" if row.endswith("/>") and "<" not in row[1:] else row
    row = re.sub(r'\s(?:\w+:)?spans="[^"]*"', "", row, count=1)
    for cell in _CELL.finditer(row):
        there = column_index(coordinate_from_string(cell["at"])[0])
        if there == column:
            own = _STYLE.search(cell[0].partition(">")[0])
            written = _cell(prefix, at, own[1] if own else style, value, look)
            return row[: cell.start()] + written + row[cell.end() :]
        if there > column:
            return row[: cell.start()] + _cell(prefix, at, style, value, look) + row[cell.start() :]
    end = row.rindex("</")
    return row[:end] + _cell(prefix, at, style, value, look) + row[end:]


def _cell(p: str, at: str, style: str, value: Value, look: _Look) -> str:
    start = f'<{p}c r="{at}"' + (f' s="{style}"' if style else "")
    if isinstance(value, dt.date) and style and int(style) in look.date_styles:
        value = float(to_excel(value, look.epoch))
    if isinstance(value, dt.date):
        value = f"{value:%Y-%m-%d}"
    if isinstance(value, Formula):
        text, result = xml_text(value.text.removeprefix("=")), xml_text(str(value.value))
        return f'{start} t="str"><{p}f>{text}</{p}f><{p}v>{result}</{p}v></{p}c>'
    if isinstance(value, str) and value:
        text = xml_text(value)
        return f'{start} t="inlineStr"><{p}is><{p}t xml:space="preserve">{text}</{p}t></{p}is></{p}c>'
    return start + ("/>" if value == "" else f"><{p}v>{value:.15g}</{p}v></{p}c>")


def xml_text(text: str) -> str:
    """Text for XML of any encoding that holds ASCII."""
    return escape(_UNPRINTABLE.sub("", text)).encode("ascii", "xmlcharrefreplace").decode("ascii")


def _grown(reference: str, edit: SheetEdit) -> str:
    """Ranges that end at the table's last row reach to its new one."""
    new = max(row for row, _ in edit.cells)

    def end(found: re.Match[str]) -> str:
        first, row, last, last_row = found.groups()
        if int(last_row or row) != edit.last_row or new <= edit.last_row:
            return found[0]
        return f"{first}{row}:{last or first}{new}"

    return _END.sub(end, reference)
