"""A copy of somebody's .xlsx with cells coloured and commented, in which everything else stays byte for byte.

Seals, shapes, controls, macros, formulas and their results live in parts of the package that are passed through
as they came; in a sheet only the style numbers of the marked cells change, and empty ones are added.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from openpyxl.utils.cell import coordinate_to_tuple

from lianzheng.errors import InputError
from lianzheng.forms.addresses import column_letters
from lianzheng.forms.notes import add_notes
from lianzheng.forms.sheet_places import Place, SheetPlaces, sheet_parts
from lianzheng.forms.xml_places import (
    RESAVE,
    Edit,
    Element,
    appended,
    read_elements,
    splice,
    with_attributes,
)
from lianzheng.zips import read_zip, write_zip

Tone = Literal["bad", "warn"]
FILLS: dict[Tone, str] = {"bad": "F8B4AE", "warn": "FFE699"}
"""The colour (RRGGBB) of cells that must be corrected, and of those that must be looked at."""
STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"


@dataclass(frozen=True, slots=True)
class Mark:
    """What to say at a cell (its address such as ``D13``), and in which colour."""

    sheet: str
    cell: str
    text: str
    tone: Tone = "bad"


def mark_workbook(data: bytes, marks: Iterable[Mark], author: str = "") -> bytes:
    """The workbook with the marks made; a cell of a merged range is marked at its first one.

    Several marks at a cell make one comment, the gravest gives the colour, and comments that are there stay. Raises
    :class:`InputError` where that cannot be done without loss: signed, strict, unusual or broken workbooks.
    """
    try:
        return _marked(_unpacked(data), marks, author)
    except (LookupError, ValueError, TypeError) as error:
        raise InputError(f"文件的内部格式不能直接标注（{error}）", RESAVE) from error


def _marked(parts: dict[str, bytes], marks: Iterable[Mark], author: str) -> bytes:
    sheets, styles = sheet_parts(parts), _Styles(parts["xl/styles.xml"])
    by_sheet: dict[str, list[Mark]] = {}
    for mark in marks:
        by_sheet.setdefault(mark.sheet, []).append(mark)
    for name, its in by_sheet.items():
        if name not in sheets or sheets[name][1] not in parts:
            raise InputError(f"文件中没有工作表“{name}”", RESAVE)
        part = sheets[name][1]
        sheet = SheetPlaces(parts[part])
        told = _by_place(sheet, its)
        tones = {place: min(mark.tone for mark in found) for place, found in told.items()}  # bad before warn
        notes = {place: "\n\n".join(mark.text for mark in found) for place, found in told.items()}
        edits = [*_coloured(sheet, tones, styles), *add_notes(parts, part, sheet, notes, author)]
        parts[part] = splice(parts[part], edits)
        read_elements(parts[part])
    return write_zip({**parts, "xl/styles.xml": styles.written()})


def _unpacked(data: bytes) -> dict[str, bytes]:
    try:
        parts = read_zip(data)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise InputError("文件不是完好的 .xlsx", RESAVE) from error
    if any(name.startswith("_xmlsignatures/") for name in parts):
        raise InputError("文件有数字签名，标注会使签名失效", "请对照清单在原件上更正")
    needed = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "[Content_Types].xml")
    if any(name not in parts for name in needed) or STRICT in parts["xl/workbook.xml"]:
        raise InputError("文件的内部格式不能直接标注", RESAVE)
    return parts


def _by_place(sheet: SheetPlaces, marks: Sequence[Mark]) -> dict[Place, list[Mark]]:
    found: dict[Place, list[Mark]] = {}
    for mark in marks:
        found.setdefault(sheet.anchor(coordinate_to_tuple(mark.cell)), []).append(mark)
    return dict(sorted(found.items()))


def _coloured(sheet: SheetPlaces, tones: Mapping[Place, Tone], styles: _Styles) -> Iterator[Edit]:
    """The edits that give cells their colour; what is not there yet is added with the look of its row or column."""
    cells = {}
    for place, tone in tones.items():
        cell = sheet.cells.get(place)
        tag, inside = f'<{sheet.prefix}c r="{column_letters(place[1])}{place[0]}"/>'.encode(), b""
        style = sheet.style_of_empty(place)
        if cell is not None:
            tag, inside = sheet.data[cell.start : cell.opened], sheet.data[cell.opened : cell.end]
            style = int(cell.attributes.get("s", 0))
        cells[place] = with_attributes(tag, s=styles.marked(style, tone)) + inside
    return sheet.with_cells(cells)


class _Styles:
    """The styles of a workbook, with a coloured twin for each one that is asked for."""

    def __init__(self, data: bytes) -> None:
        self.data, elements = data, read_elements(data)
        held = {e.name: e for e in elements if e.depth == 1 and not e.is_empty}
        if "fills" not in held or "cellXfs" not in held:
            raise InputError("文件没有可沿用的单元格格式", RESAVE)
        self._fills, self._formats = held["fills"], held["cellXfs"]
        inside = [e for e in elements if e.depth == 2]
        self._known = [e for e in inside if self._formats.start < e.start < self._formats.close]
        self._n_fills = sum(self._fills.start < e.start < self._fills.close for e in inside)
        self._twins: dict[tuple[int, Tone], int] = {}

    def marked(self, style: int, tone: Tone) -> int:
        """The number of the style that differs from ``style`` by its fill alone."""
        return self._twins.setdefault((style, tone), len(self._known) + len(self._twins))

    def written(self) -> bytes:
        """The part with the twins that were asked for."""
        p = self._fills.prefix
        fills = "".join(
            f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="FF{colour}"/><{p}bgColor indexed="64"/>'
            f"</{p}patternFill></{p}fill>"
            for colour in FILLS.values()
        )
        twins = b"".join(self._twin(style, tone) for style, tone in self._twins)
        n_fills, n_formats = self._n_fills + len(FILLS), len(self._known) + len(self._twins)
        return splice(self.data, [
            self._counted(self._fills, n_fills), appended(self._fills, fills.encode()),
            self._counted(self._formats, n_formats), appended(self._formats, twins),
        ])  # fmt: skip

    def _counted(self, element: Element, count: int) -> Edit:
        tag = self.data[element.start : element.opened]
        return element.start, element.opened, with_attributes(tag, count=count)

    def _twin(self, style: int, tone: Tone) -> bytes:
        xf = self._known[min(style, len(self._known) - 1)]
        fill = self._n_fills + list(FILLS).index(tone)
        tag = with_attributes(self.data[xf.start : xf.opened], fillId=fill, applyFill=1)
        return tag + self.data[xf.opened : xf.end]
