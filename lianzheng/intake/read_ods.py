"""OpenDocument spreadsheets (.ods, flat .fods) → grids: what LibreOffice and WPS write as ODF."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from itertools import repeat

from lxml import etree

from lianzheng.intake.cells import BookError, Content, Grid, GridDraft, Limits, Merge
from lianzheng.intake.number_formats import describe_number
from lianzheng.intake.packages import Package, local_name, package_of, whole_xml

_CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_HIDDEN = ("collapse", "filter")
_WRAPPERS = frozenset(
    "table-row-group table-header-rows table-rows table-column-group table-header-columns table-columns".split()
)
_NOT_TEXT = frozenset(
    "annotation annotation-end shapes frame custom-shape g line rect ruby-text note".split()
)
_NUMBERS = {"float": "General", "currency": "General", "percentage": "0.00%"}
_CLOCK = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
_BLANKS = re.compile("[ \t\r\n]+")
_LAST_COLUMN, _MOST_SPACES = 16_384, 255
_LAST_ROW = 1_048_576


def read_ods(data: bytes, limits: Limits) -> Iterator[Grid]:
    """The sheets of a packed spreadsheet in their order; one with a password says so."""
    package = package_of(data, limits)
    if _CONTENT not in package or (_MANIFEST in package and _is_encrypted(package)):
        raise BookError("password_protected")
    return _grids(package.xml(_CONTENT), limits)


def read_fods(data: bytes, limits: Limits) -> Iterator[Grid]:
    """The sheets of a spreadsheet that is one piece of XML."""
    return _grids(whole_xml(data, limits), limits)


def _is_encrypted(package: Package) -> bool:
    return next(package.xml(_MANIFEST).iter("{*}encryption-data"), None) is not None


def _grids(root: etree._Element, limits: Limits) -> Iterator[Grid]:
    hidden_styles = {
        _get(style, "name")
        for style in root.iterfind("{*}automatic-styles/{*}style")
        if any(_get(part, "display") == "false" for part in style.iterfind("{*}table-properties"))
    }
    return (
        _grid(table, _get(table, "style-name") in hidden_styles, limits)
        for table in root.iterfind("{*}body/{*}spreadsheet/{*}table")
    )


def _grid(table: etree._Element, is_hidden: bool, limits: Limits) -> Grid:
    draft = GridDraft(limits)
    row, column = 0, 0
    for element in _inside(table):
        name, is_collapsed = local_name(element), _get(element, "visibility") in _HIDDEN
        if name == "table-column":
            after = min(column + _count(element, "number-columns-repeated"), _LAST_COLUMN)
            draft.hidden_columns.update(range(column + 1, after + 1) if is_collapsed else ())
            column = after
        elif name == "table-row":
            row = _read_row(element, row, is_collapsed, draft)
    return draft.finish(_get(table, "name"), is_hidden)


def _inside(element: etree._Element) -> Iterator[etree._Element]:
    """Columns and rows in order, those of groups and headers too."""
    for child in element:
        if local_name(child) in _WRAPPERS:
            yield from _inside(child)
        else:
            yield child


def _read_row(element: etree._Element, row: int, is_hidden: bool, draft: GridDraft) -> int:
    """Put a row as often as it is repeated; returns the number of its last copy."""
    cells = list(_cells(element))
    last = row + _count(element, "number-rows-repeated")
    for copy in range(row + 1, last + 1) if cells else ():
        if is_hidden:
            draft.hidden_rows.add(copy)
        for column, n_columns, cell, content, number_format in cells:
            across, down = _count(cell, "number-columns-spanned"), _count(cell, "number-rows-spanned")
            draft.merge(Merge(copy, column, min(copy + down, _LAST_ROW + 1) - 1, column + across - 1))
            for place in range(column, column + n_columns):
                draft.put(copy, place, content, number_format)
    return last


Repeated = tuple[int, int, etree._Element, Content, str]


def _cells(row: etree._Element) -> Iterator[Repeated]:
    """Cells that hold or span something: first column, number of copies, element, content, number format."""
    column = 1
    for cell in row:
        n_columns = _count(cell, "number-columns-repeated")
        content, number_format = (
            _content(cell) if len(cell) or cell.attrib else (("", "text", None, None), "")
        )
        is_merged = _count(cell, "number-columns-spanned") * _count(cell, "number-rows-spanned") > 1
        if content[0] or is_merged:
            if column + n_columns - 1 > _LAST_COLUMN:
                raise BookError("too_large", f"内容重复到第{column + n_columns - 1}列")
            yield column, n_columns, cell, content, number_format
        column += n_columns


def _content(cell: etree._Element) -> tuple[Content, str]:
    kind, text = _get(cell, "value-type"), "\n".join(_text(part) for part in cell if local_name(part) == "p")
    if _is_error(cell):
        return (text or "#ERROR", "error", None, None), "General"
    if kind in _NUMBERS:
        return describe_number(float(_get(cell, "value")), _NUMBERS[kind], False), _NUMBERS[kind]
    if kind == "boolean":
        is_true = _get(cell, "boolean-value") == "true"
        return ("TRUE" if is_true else "FALSE", "boolean", float(is_true), None), "General"
    if kind == "date":
        return _moment(_get(cell, "date-value"))
    if kind == "time":
        return _time(_get(cell, "time-value") or "", text)
    if not kind and not text and (formula := _get(cell, "formula")):
        return ("=" + formula.rpartition(":=")[2].lstrip("="), "formula", None, None), "General"
    return (text or _get(cell, "string-value"), "text", None, None), "General"


def _is_error(cell: etree._Element) -> bool:
    return any(key.endswith("}value-type") and value == "error" for key, value in cell.attrib.items())


def _moment(written: str) -> tuple[Content, str]:
    moment = dt.datetime.fromisoformat(written.rstrip("Z")).replace(tzinfo=None)
    if len(written) <= len("2018-12-01"):
        return (moment.date().isoformat(), "date", None, moment), "yyyy-mm-dd"
    return (moment.isoformat(" "), "datetime", None, moment), "yyyy-mm-dd hh:mm:ss"


def _time(written: str, text: str) -> tuple[Content, str]:
    match = _CLOCK.fullmatch(written)
    if match is None:
        return (text, "text", None, None), "General"
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    days = (hours * 3600 + minutes * 60 + seconds) / 86_400
    number_format = "hh:mm:ss" if days < 1 else "[h]:mm:ss"
    return describe_number(days, number_format, False), number_format


def _text(element: etree._Element) -> str:
    """The text of a paragraph or span; repeated spaces are written as elements, comments and shapes are no text."""
    pieces = [_BLANKS.sub(" ", element.text or "")]
    for child in element:
        name = local_name(child)
        if name == "s":
            pieces += repeat(" ", min(_count(child, "c"), _MOST_SPACES))
        elif name in ("tab", "line-break"):
            pieces.append("\t" if name == "tab" else "\n")
        elif name not in _NOT_TEXT:
            pieces.append(_text(child))
        pieces.append(_BLANKS.sub(" ", child.tail or ""))
    return "".join(pieces)


def _get(element: etree._Element, name: str) -> str:
    """An attribute by its local name; the namespace of ODF's own comes first in every file."""
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}" + name)), "")


def _count(element: etree._Element, name: str) -> int:
    return max(int(_get(element, name) or 1), 1)
