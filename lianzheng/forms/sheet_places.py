"""What stands where in a sheet's XML: rows, cells, merged ranges, sizes; and which parts a part is linked to.

Everything that is changed in somebody's workbook, whole rows as well as single styles, is changed through these places.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping
from functools import cached_property
from posixpath import dirname, join, normpath

from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

from lianzheng.errors import InputError
from lianzheng.forms.xml_places import RESAVE, Edit, Element, appended, read_elements, with_attributes

Place = tuple[int, int]
"""Row and column, from 1."""
_TRUE = ("1", "true")


def related(parts: Mapping[str, bytes], part: str) -> tuple[str, dict[str, tuple[str, str]]]:
    """The part that holds a part's links, and they by id: the last word of the type, and the target part."""
    name = f"{dirname(part)}/_rels/{part.rpartition('/')[2]}.rels"
    elements = read_elements(parts[name])[1:] if name in parts else []
    return name, {
        e.attributes["Id"]: (
            e.attributes.get("Type", "").rpartition("/")[2],
            normpath(join("/", dirname(part), e.attributes["Target"])).lstrip("/"),
        )
        for e in elements
    }


def sheet_parts(parts: Mapping[str, bytes]) -> dict[str, tuple[int, str]]:
    """Each sheet's place in the workbook and its part, by name."""
    _, links = related(parts, "xl/workbook.xml")
    sheets = [e for e in read_elements(parts["xl/workbook.xml"]) if (e.name, e.depth) == ("sheet", 2)]
    return {sheet.attributes["name"]: (i, links[sheet.link][1]) for i, sheet in enumerate(sheets)}


class SheetPlaces:
    """The rows and cells of a sheet by number, and the elements beside them."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.elements = read_elements(data)
        self.prefix = self.elements[0].prefix
        self.rows: dict[int, Element] = {}
        self.cells: dict[Place, Element] = {}
        row = column = 0
        for e in self.elements:
            if (e.name, e.depth) == ("row", 2):
                row, column = int(e.attributes.get("r", row + 1)), 0
                self.rows[row] = e
            elif (e.name, e.depth) == ("c", 3):
                at = e.attributes.get("r")
                column = coordinate_to_tuple(at)[1] if at else column + 1
                self.cells[row, column] = e

    def named(self, *names: str, depth: int = 1) -> list[Element]:
        """The elements of these names at that depth, in order."""
        return [e for e in self.elements if e.depth == depth and e.name in names]

    def with_cells(self, cells: Mapping[Place, bytes]) -> Iterator[Edit]:
        """The edits that put these cells (``<c r=… />``) in the place of those that are there, or add them.

        Raises :class:`InputError` for a sheet without rows to add to.
        """
        added: dict[int, list[tuple[int, bytes]]] = {}
        for place, written in sorted(cells.items()):
            if place in self.cells:
                yield self.cells[place].start, self.cells[place].end, written
            else:
                added.setdefault(place[0], []).append((place[1], written))
        if not (held := self.named("sheetData")):
            raise InputError("工作表的内部格式不能直接改写", RESAVE)
        numbers, last = sorted(self.rows), b""
        for row, new in added.items():
            later = numbers[bisect(numbers, row) :]
            if row in self.rows:
                yield from self._filled(row, new)
            elif later:
                at = self.rows[later[0]].start
                yield at, at, self._row(f'<{self.prefix}row r="{row}">'.encode(), new)
            else:
                last += self._row(f'<{self.prefix}row r="{row}">'.encode(), new)
        yield appended(held[0], last)

    def _row(self, tag: bytes, cells: list[tuple[int, bytes]]) -> bytes:
        return tag + b"".join(cell for _, cell in cells) + f"</{self.prefix}row>".encode()

    def _filled(self, number: int, cells: list[tuple[int, bytes]]) -> Iterator[Edit]:
        """The edits that add cells to a row that is there."""
        row = self.rows[number]
        tag = with_attributes(self.data[row.start : row.opened], spans=None)  # which cells it has; optional
        if row.is_empty:
            yield row.start, row.end, self._row(tag[:-2] + b">", cells)
            return
        yield row.start, row.opened, tag
        for column, written in cells:
            behind = (e.start for (r, c), e in self.cells.items() if r == number and c > column)
            at = next(behind, row.close)
            yield at, at, written

    @cached_property
    def _merges(self) -> list[tuple[int, ...]]:
        return [range_boundaries(e.attributes["ref"]) for e in self.named("mergeCell", depth=2)]

    def anchor(self, place: Place) -> Place:
        """The first cell of the merged range that a cell lies in; the cell itself outside of any."""
        for left, top, right, bottom in self._merges:
            if top <= place[0] <= bottom and left <= place[1] <= right:
                return top, left
        return place

    def style_of_empty(self, place: Place) -> int:
        """The style of a cell that is not written: its row's, else its column's."""
        row = self.rows[place[0]].attributes if place[0] in self.rows else {}
        own = row.get("s", 0) if row.get("customFormat") in _TRUE else self._column(place[1]).get("style", 0)
        return int(own)

    def _column(self, number: int) -> Mapping[str, str]:
        spans = (e.attributes for e in self.named("col", depth=2))
        return next((a for a in spans if int(a["min"]) <= number <= int(a["max"])), {})

    @cached_property
    def _format(self) -> Mapping[str, str]:
        return next((e.attributes for e in self.named("sheetFormatPr")), {})

    def width(self, number: int) -> int:
        """A column's width in pixels."""
        own = self._column(number)
        told = own.get("width", self._format.get("defaultColWidth", "8.43"))
        return 0 if own.get("hidden") in _TRUE else round(float(told) * 7 + 5)

    def height(self, number: int) -> int:
        """A row's height in pixels."""
        own = self.rows[number].attributes if number in self.rows else {}
        told = own.get("ht", self._format.get("defaultRowHeight", "15"))
        return 0 if own.get("hidden") in _TRUE else round(float(told) * 4 / 3)
