"""Edit cells of an .xlsx in its XML, so that everything that nobody asked to change stays byte for byte.

Libraries that load and save a workbook drop shapes, seals, form controls and cached values. Here a sheet is cut open at
the cells and rows concerned; every other part of the package is passed through as it came.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel

from lianzheng.fonts import visible
from lianzheng.forms.addresses import sheet_address
from lianzheng.forms.layout import Formula
from lianzheng.forms.sheet_places import Place, SheetPlaces, sheet_parts
from lianzheng.forms.xml_places import read_elements, splice
from lianzheng.zips import read_zip, write_zip

Value = str | float | dt.date | Formula
_RANGES = re.compile(
    r'(<(?:\w+:)?(?:dataValidation|conditionalFormatting|dimension|autoFilter)\b[^>]*?\b(?:sqref|ref)=")([^"]*)'
    r"|(<\w+:sqref>)([^<]*)"
)
_NAMES = re.compile(
    r'(<(?:\w+:)?definedName\b(?=[^>]*"_xlnm\.(?:Print_Area|_FilterDatabase)")[^>]*localSheetId="(\d+)"[^>]*>)([^<]*)'
)
_END = re.compile(r"(\$?[A-Z]+\$?)(\d+)(?::(\$?[A-Z]+\$?)(\d+))?(?![\w$:])")


@dataclass(frozen=True, slots=True)
class SheetEdit:
    """What to write into one sheet, by (row, column) from 1.

    Rows below ``last_row`` (the last one of the table, 0 where it is empty) take its look, and filters, drop-downs,
    conditional formats and print areas that end there grow with the table.
    """

    sheet: str
    last_row: int
    cells: Mapping[Place, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Look:
    """How values are written in a workbook: its calendar, and which styles show a date."""

    epoch: dt.datetime
    date_styles: frozenset[int]


def edit_sheets(data: bytes, edits: Iterable[SheetEdit]) -> bytes:
    """The workbook with the edits made; without any value to write the very same bytes.

    Raises :class:`InputError` for a sheet that is no plain XML, or that has no rows to add to.
    """
    edits = [edit for edit in edits if edit.cells]
    if not edits:
        return data
    parts = read_zip(data)
    sheets, look = sheet_parts(parts), _look(parts)
    for edit in edits:
        index, part = sheets[edit.sheet]
        parts[part] = _edited(parts[part], edit, look)
        names = parts["xl/workbook.xml"].decode("utf-8")
        parts["xl/workbook.xml"] = _with_names(names, index, edit).encode("utf-8")
    return write_zip(parts)


def _with_names(workbook: str, index: int, edit: SheetEdit) -> str:
    """Print area and filter of the sheet of that index grow with its table."""
    return _NAMES.sub(lambda m: m[1] + _grown(m[3], edit) if int(m[2]) == index else m[0], workbook)


def _look(parts: Mapping[str, bytes]) -> _Look:
    settings = [e.attributes for e in read_elements(parts["xl/workbook.xml"]) if e.name == "workbookPr"]
    is_mac = any(told.get("date1904") in ("1", "true") for told in settings)
    elements = read_elements(parts.get("xl/styles.xml", b"<none/>"))
    formats = {int(i): text for i, text in BUILTIN_FORMATS.items()}
    formats |= {
        int(e.attributes["numFmtId"]): e.attributes["formatCode"] for e in elements if e.name == "numFmt"
    }
    styles = next((e for e in elements if e.name == "cellXfs"), elements[0])
    inside = [e for e in elements if (e.name, e.depth) == ("xf", 2) and styles.start < e.start < styles.close]
    used = [int(e.attributes.get("numFmtId", 0)) for e in inside]
    dates = frozenset(i for i, number in enumerate(used) if number and is_date_format(formats.get(number)))
    return _Look(CALENDAR_MAC_1904 if is_mac else CALENDAR_WINDOWS_1900, dates)


def _edited(data: bytes, edit: SheetEdit, look: _Look) -> bytes:
    sheet = SheetPlaces(data)
    of_last = {column: e for (row, column), e in sheet.cells.items() if row == edit.last_row}
    styles = {column: e.attributes["s"] for column, e in of_last.items() if "s" in e.attributes}
    new_rows = {row for row, _ in edit.cells if row > edit.last_row}
    cells: dict[Place, Value] = {(row, column): "" for row in new_rows for column in styles}
    written = {}
    for (row, column), value in (cells | dict(edit.cells)).items():
        known = sheet.cells[row, column].attributes if (row, column) in sheet.cells else {}
        style = known.get("s") or (styles.get(column, "") if row in new_rows else "")
        at = sheet_address(row, column)
        written[row, column] = _cell(sheet.prefix, at, style, value, look).encode("ascii")
    text = splice(data, sheet.with_cells(written)).decode("utf-8")
    return _RANGES.sub(lambda m: (m[1] or m[3]) + _grown(m[2] or m[4] or "", edit), text).encode("utf-8")


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
    return escape(visible(text)).encode("ascii", "xmlcharrefreplace").decode("ascii")


def _grown(reference: str, edit: SheetEdit) -> str:
    """Ranges that end at the table's last row reach to its new one."""
    new = max(row for row, _ in edit.cells)

    def end(found: re.Match[str]) -> str:
        first, row, last, last_row = found.groups()
        if int(last_row or row) != edit.last_row or new <= edit.last_row:
            return found[0]
        return f"{first}{row}:{last or first}{new}"

    return _END.sub(end, reference)
