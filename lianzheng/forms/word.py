"""Layouts as Word documents on A4: rows of labels and values as tables, everything else as paragraphs."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt

from lianzheng.forms.layout import TABLE_ROLES, Layout, Placed, Role, Sheet
from lianzheng.forms.shown import MOMENT, PAPER_TEXT, column_widths, side_of, spans_pages, text_of
from lianzheng.zips import normalise_package

_FONTS: dict[Role, tuple[str, float]] = {
    "mark": ("黑体", 12), "code": (PAPER_TEXT, 9), "title": ("方正小标宋简体", 16), "caption": ("黑体", 11),
    "column_label": ("黑体", 10), "header_value": (PAPER_TEXT, 10.5), "header_label": (PAPER_TEXT, 10.5),
}  # fmt: skip
_TEXT_SIZE, _MARGIN = 10, Mm(16)
_SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_HEADER: tuple[Role, ...] = ("header_field", "header_label")


def as_docx(layout: Layout, moment: dt.datetime = MOMENT) -> bytes:
    """A Word document on A4 with borders, a header that repeats on each page, and numbered pages."""
    document = Document()
    document.core_properties.author = document.core_properties.comments = ""
    page: Any = document.sections[0]
    _set_text(document, page)
    before = layout.sheets[0].orientation
    _turn(page, before)
    for i, sheet in enumerate(layout.sheets):
        is_turned, before = sheet.orientation != before, sheet.orientation
        if is_turned:
            page = document.add_section()
            _turn(page, sheet.orientation)
        for is_table, rows in groupby(_rows(sheet), key=lambda row: row[0].role in TABLE_ROLES):
            if is_table:
                wide = page.page_width - page.left_margin - page.right_margin
                _table(document, sheet, [cell for row in rows for cell in row], wide)
                continue
            for n, row in enumerate(row for row in rows if any(map(text_of, row))):
                begins_page = i > 0 and not is_turned and n == 0 and row[0].row == 1
                _paragraph(document, sheet, row, page, begins_page)
    buffer = io.BytesIO()
    document.save(buffer)
    return normalise_package(buffer.getvalue(), moment, properties=layout.properties)


def _turn(page: Any, orientation: str) -> None:
    """A section's paper: A4, upright or across."""
    long, short = Mm(297), Mm(210)
    is_across = orientation == "landscape"
    page.orientation = WD_ORIENT.LANDSCAPE if is_across else WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = (long, short) if is_across else (short, long)


def _set_text(document: Any, page: Any) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = PAPER_TEXT, Pt(_TEXT_SIZE)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), PAPER_TEXT)
    normal.paragraph_format.space_before = normal.paragraph_format.space_after = Pt(0)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = _MARGIN
    page.footer_distance = Mm(8)
    foot = page.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for before, field in (("第 ", "PAGE"), (" 页　共 ", "NUMPAGES")):
        foot.add_run(before)
        _append(foot._p, "w:fldSimple", instr=field)
    foot.add_run(" 页")


def _append(parent: Any, tag: str, **values: str) -> Any:
    """A child element with its attributes."""
    element = OxmlElement(tag)
    for name, value in values.items():
        element.set(qn(f"w:{name}"), value)
    parent.append(element)
    return element


def _rows(sheet: Sheet) -> Iterator[list[Placed]]:
    """The cells row by row, from left to right."""
    ordered = sorted(sheet.cells, key=lambda cell: (cell.row, cell.column))
    return (list(row) for _, row in groupby(ordered, key=lambda cell: cell.row))


def _paragraph(document: Any, sheet: Sheet, row: Sequence[Placed], page: Any, begins_page: bool) -> None:
    """Texts that stand beside each other, at even tab stops; a field's value behind its label."""
    paragraph = document.add_paragraph()
    wide = page.page_width - page.left_margin - page.right_margin
    starts = [cell for cell in row if cell.role != "header_value"]
    for cell in row:
        before = "\t" if cell in starts[1:] else ""
        text = before + (_blank_date(cell) if cell.role == "header_value" else text_of(cell))
        _write(paragraph.add_run(text), cell.role, sheet)
        if before:
            is_last = cell.role == "code"
            side = WD_TAB_ALIGNMENT.RIGHT if is_last else WD_TAB_ALIGNMENT.LEFT
            place = wide if is_last else wide * starts.index(cell) // len(starts)
            paragraph.paragraph_format.tab_stops.add_tab_stop(Length(place), side)
    shape = paragraph.paragraph_format
    shape.page_break_before = begins_page
    paragraph.alignment = _SIDES["center" if row[0].role == "title" else "left"]
    gap = {"title": 8, "caption": 4}.get(row[0].role, 4 if row[0].role in _HEADER else 0)
    shape.space_before, shape.space_after = Pt(gap), Pt(gap)
    shape.keep_with_next = row[0].role != "note"
    if row[0].row in dict(sheet.heights) and row[0].role == "note":
        shape.space_before = Pt(14)


def _blank_date(cell: Placed) -> str:
    is_blank_date = cell.value is None and cell.number_format.startswith("yyyy")
    return "　　　年　　月　　日" if is_blank_date else text_of(cell)


def _write(run: Any, role: Role, sheet: Sheet) -> None:
    family, size = _FONTS.get(role, (PAPER_TEXT, _TEXT_SIZE))
    grown = sheet.larger_by if role not in ("mark", "code", "title") else 0
    run.font.name, run.font.size = family, Pt(size + grown)
    run._r.rPr.rFonts.set(qn("w:eastAsia"), family)


def _table(document: Any, sheet: Sheet, cells: Sequence[Placed], wide: int) -> None:
    first, n_columns = min(cell.row for cell in cells), max(cell.last[1] for cell in cells)
    last = max(cell.last[0] for cell in cells)
    table = document.add_table(last - first + 1, n_columns, style="Table Grid")
    widths = column_widths(sheet)[:n_columns] or [1.0] * n_columns
    shares = [Length(int(wide * width / sum(widths))) for width in widths]
    table.autofit = False
    for column, share in zip(table.columns, shares, strict=True):
        column.width = share
    kept = {cell.row for cell in cells if spans_pages(cell)}  # a block does not begin with a page's last row
    places = table._cells  # the whole grid at once: asking cell by cell is quadratic
    for i, place in enumerate(places):
        place.width = shares[i % n_columns]
    for cell in cells:
        target = places[(cell.row - first) * n_columns + cell.column - 1]
        if not spans_pages(cell):
            target.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = target.paragraphs[0]
        paragraph.alignment = _SIDES[side_of(cell)]
        shape = paragraph.paragraph_format
        shape.space_before = shape.space_after = Pt(1.5)
        shape.keep_with_next = cell.last[0] >= last - 1 or cell.row in kept or cell.role == "column_label"
        _write(paragraph.add_run(text_of(cell)), cell.role, sheet)
        if (cell.n_rows, cell.n_columns) != (1, 1):
            target.merge(places[(cell.last[0] - first) * n_columns + cell.last[1] - 1])
    headers = {cell.row for cell in cells if cell.role == "column_label"}
    heights = dict(sheet.heights)
    for row, shown in enumerate(table.rows, start=first):
        shown.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
        shown.height = Pt(heights.get(row, sheet.least_height))
        _append(shown._tr.get_or_add_trPr(), "w:cantSplit")
        if row in headers:
            _append(shown._tr.get_or_add_trPr(), "w:tblHeader")
