"""Excel and WPS workbooks (.xlsx, .xlsm) → grids, one pass over each sheet (docs/decisions/0002-reading-cells.md)."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from lxml import etree

from lianzheng.intake.cells import Grid, GridDraft, Limits
from lianzheng.intake.number_formats import BUILT_IN
from lianzheng.intake.packages import Package, package_of, parsed, remembered
from lianzheng.intake.xlsx_scan import WorkbookFacts, scan_sheet, text_of_runs

_WORKBOOK = "xl/workbook.xml"
_NO_STYLES = b"<styleSheet/>"


def read_xlsx(data: bytes, limits: Limits) -> Iterator[Grid]:
    """The workbook's sheets in their order; chart and dialog sheets hold no cells and are left out."""
    package = package_of(data, limits)
    sheets, is_1904 = remembered(_workbook, package.read(_WORKBOOK))
    related = package.related(_WORKBOOK)
    parts = {identity: part for identity, kind, part in related if kind == "worksheet"}
    facts = _facts(package, is_1904, {kind: part for _, kind, part in related})
    return (
        _grid(package, parts[identity], name, is_hidden, facts, limits)
        for name, is_hidden, identity in sheets if identity in parts
    )  # fmt: skip


def _grid(
    package: Package, part: str, name: str, is_hidden: bool, facts: WorkbookFacts, limits: Limits
) -> Grid:
    draft = GridDraft(limits)
    with package.open(part) as stream:
        scan_sheet(stream, facts, draft)
    return draft.finish(name, is_hidden)


@functools.lru_cache(maxsize=32)
def _workbook(data: bytes) -> tuple[tuple[tuple[str, bool, str], ...], bool]:
    """Name, whether it is hidden, and relationship id of each sheet; whether days are counted from 1904."""
    workbook = parsed(data)
    properties = workbook.find("{*}workbookPr")
    is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    sheets = workbook.iterfind("{*}sheets/{*}sheet")
    told = ((s.get("name", ""), s.get("state", "visible") != "visible", _relationship(s)) for s in sheets)
    return tuple(told), is_1904


def _relationship(sheet: etree._Element) -> str:
    return next((value for key, value in sheet.attrib.items() if str(key).endswith("}id")), "")


def _facts(package: Package, is_1904: bool, parts: dict[str, str]) -> WorkbookFacts:
    texts = list(map(text_of_runs, package.xml(parts["sharedStrings"]))) if "sharedStrings" in parts else []
    styles = package.read(parts["styles"]) if "styles" in parts else _NO_STYLES
    return WorkbookFacts(texts, remembered(_formats, styles), is_1904)


@functools.lru_cache(maxsize=32)
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
