"""Excel and WPS workbooks (.xlsx, .xlsm) → grids, one pass over each sheet (docs/decisions/0002-reading-cells.md)."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from lxml import etree

from lianzheng.intake.cells import Grid, GridDraft, Limits
from lianzheng.intake.number_formats import BUILT_IN
from lianzheng.intake.packages import Package, package_of, parsed
from lianzheng.intake.xlsx_scan import WorkbookFacts, scan_sheet, text_of_runs

_WORKBOOK = "xl/workbook.xml"
_NO_STYLES, _LARGE = b"<styleSheet/>", 1 << 18


def read_xlsx(data: bytes, limits: Limits) -> Iterator[Grid]:
    """The workbook's sheets in their order; chart and dialog sheets hold no cells and are left out."""
    package = package_of(data, limits)
    workbook = package.xml(_WORKBOOK)
    related = package.related(_WORKBOOK)
    sheet_parts = {identity: part for identity, kind, part in related if kind == "worksheet"}
    sheets = [
        (sheet, sheet_parts[identity])
        for sheet in workbook.iterfind("{*}sheets/{*}sheet")
        if (identity := _relationship(sheet)) in sheet_parts
    ]
    facts = _facts(package, workbook, {kind: part for _, kind, part in related})
    return (_grid(package, part, sheet, facts, limits) for sheet, part in sheets)


def _grid(package: Package, part: str, sheet: etree._Element, facts: WorkbookFacts, limits: Limits) -> Grid:
    draft = GridDraft(limits)
    with package.open(part) as stream:
        scan_sheet(stream, facts, draft)
    return draft.finish(sheet.get("name", ""), sheet.get("state", "visible") != "visible")


def _relationship(sheet: etree._Element) -> str:
    return next((value for key, value in sheet.attrib.items() if str(key).endswith("}id")), "")


def _facts(package: Package, workbook: etree._Element, parts: dict[str, str]) -> WorkbookFacts:
    properties = workbook.find("{*}workbookPr")
    is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    texts = list(map(text_of_runs, package.xml(parts["sharedStrings"]))) if "sharedStrings" in parts else []
    styles = package.read(parts["styles"]) if "styles" in parts else _NO_STYLES
    formats = _formats if len(styles) < _LARGE else _formats.__wrapped__
    return WorkbookFacts(texts, formats(styles), is_1904)


@functools.lru_cache(maxsize=32)  # forms that were filled in on the same blank have the same styles
def _formats(data: bytes) -> tuple[str, ...]:
    """The number format of each cell style, by its index."""
    styles = parsed(data)
    own = {
        int(item.get("numFmtId", 0)): item.get("formatCode", "")
        for item in styles.iterfind("{*}numFmts/{*}numFmt")
    }
    by_id = BUILT_IN | own
    return tuple(
        by_id.get(int(style.get("numFmtId", 0)), "General") for style in styles.iterfind("{*}cellXfs/{*}xf")
    )
