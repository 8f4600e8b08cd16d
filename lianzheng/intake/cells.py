"""The plain thing that every received file becomes: book, grid, cell, address, before anyone asks what it means."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from lianzheng.config import models
from lianzheng.forms.addresses import sheet_address

Place = tuple[int, int]
RawType = Literal["text", "number", "boolean", "date", "datetime", "time", "duration", "error", "formula"]


Limits = models.Limits
DEFAULT_LIMITS = Limits()


class BookError(Exception):
    """Why a file cannot be read: an issue code and a Chinese detail; never leaves ``read_book``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class Cell(NamedTuple):
    """A non-empty cell as stored: its place (1-based), its text untouched, and what the file says of its type.

    ``text``: numbers in the shortest exact form (7, not 7.0), dates and times ISO, booleans TRUE/FALSE, errors
    #N/A, a formula without a cached value as ``=…`` (raw_type ``formula``). ``number`` is set for numbers and
    booleans, ``moment`` for dates and datetimes. ``is_hidden``: its row, column or sheet is hidden, or another
    cell's merged range covers it. ``merged_range`` is set on the top-left cell of a merged range.
    """

    row: int
    column: int
    address: str
    text: str
    raw_type: RawType = "text"
    number: float | None = None
    moment: dt.datetime | None = None
    number_format: str = ""
    is_hidden: bool = False
    merged_range: str | None = None


_FIRST, _SECOND = map(operator.itemgetter, range(2))
# Half the time of Cell(…), and there are hundreds in a file.
_as_cell = functools.partial(tuple.__new__, Cell)


class Columns(NamedTuple):
    """Cells field by field, in the order of their places: a body of ballots is read so, and few of its cells are made."""

    row: Sequence[int]
    column: Sequence[int]
    address: Sequence[str]
    text: Sequence[str]
    raw_type: Sequence[RawType]
    number: Sequence[float | None]
    moment: Sequence[dt.datetime | None]
    number_format: Sequence[str]
    is_hidden: Sequence[bool]
    merged_range: Sequence[str | None]

    def cell(self, number: int) -> Cell:
        """One of the cells, counted from 0."""
        return _as_cell([field[number] for field in self])


NO_CELLS = Columns(*[()] * len(Columns._fields))


class Merge(NamedTuple):
    """A merged range, both corners included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass
class Grid:
    """A sheet, a CSV file or a Word document: its non-empty cells and its merged ranges.

    ``held`` are the cells as whoever made the grid had them, by place or by field; :attr:`cells` and :attr:`columns` have
    them either way. ``n_rows`` and ``n_columns`` reach to the last non-empty cell. ``anchors`` leads from each place inside
    them that a merged range covers to the place of the range's top-left cell. ``addresses``: those of a turned table.
    """

    name: str
    held: dict[Place, Cell] | Columns
    merges: list[Merge] = field(default_factory=list)
    is_hidden: bool = False
    n_rows: int = 0
    n_columns: int = 0
    anchors: dict[Place, Place] = field(default_factory=dict, repr=False)
    addresses: dict[Place, str] = field(default_factory=dict, repr=False)

    @functools.cached_property
    def cells(self) -> dict[Place, Cell]:
        """The cells by (row, column)."""
        if isinstance(self.held, dict):
            return self.held
        return {(cell[0], cell[1]): cell for cell in map(_as_cell, zip(*self.held, strict=True))}

    @functools.cached_property
    def columns(self) -> Columns:
        """The cells field by field, in the order of their places."""
        if isinstance(self.held, Columns):
            return self.held
        return Columns(*zip(*sorted(self.held.values()), strict=True)) if self.held else NO_CELLS

    def rows(self, numbers: Iterable[int] | None = None) -> dict[int, list[Cell]]:
        """The cells in order by row: all of them, or those of some numbers, counted from 0."""
        if numbers is None:
            cells: Iterable[Cell] = map(self.cells.__getitem__, sorted(self.cells))
        else:
            cells = map(self.columns.cell, numbers)
        return {row: list(line) for row, line in itertools.groupby(cells, _FIRST)}

    def at(self, row: int, column: int) -> Cell | None:
        """The cell that is seen at a place: inside a merged range its top-left cell; None where it is empty."""
        return self.cells.get(self.anchors.get((row, column), (row, column)))


@dataclass(slots=True)
class Book:
    """A file as received: what it is by content, its grids, or the problem (an issue code) that forbids reading.

    ``properties`` are the custom properties of an Office file, which hold the code of the blank form it was made of;
    ``idle`` is what it holds that is never run or fetched.
    """

    path: str
    sha256: str = ""
    size_bytes: int = 0
    format: str = ""
    grids: list[Grid] = field(default_factory=list)
    problem_code: str | None = None
    problem_detail: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    idle: str = ""


Content = tuple[str, RawType, float | None, dt.datetime | None]
Described = tuple[str, RawType, float | None, dt.datetime | None, str]  # with its number format


class GridDraft:
    """Collects what a reader finds, refuses what grows too large, and makes the grid."""

    def __init__(self, limits: Limits, address: Callable[[int, int], str] = sheet_address) -> None:
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self._merges: set[Merge] = set()
        self._cells: dict[Place, Described] = {}
        self._n_rows = self._n_columns = 0
        self._limits, self._address = limits, address

    def put(self, row: int, column: int, content: Content, number_format: str = "") -> None:
        """Keep a cell's content (text, raw type, number, moment); an empty text is no cell."""
        if content[0]:
            self._cells[row, column] = (*content, number_format)
            self._reach(row, column)

    def put_all(self, cells: Mapping[Place, Described]) -> None:
        """Keep many cells at once, none of them empty."""
        if cells:
            self._cells.update(cells)
            self._reach(max(map(_FIRST, cells)), max(map(_SECOND, cells)))

    def _reach(self, row: int, column: int) -> None:
        if row > self._n_rows or column > self._n_columns:
            self._n_rows, self._n_columns = max(row, self._n_rows), max(column, self._n_columns)
            if self._n_rows * self._n_columns > self._limits.grid_places:
                raise BookError("too_large", f"内容占到{self._n_rows}行×{self._n_columns}列")

    def put_text(self, row: int, column: int, text: str) -> None:
        """Keep a cell of a format that knows text only."""
        self.put(row, column, (text, "text", None, None))

    def merge(self, merge: Merge) -> None:
        """Keep a merged range; one of a single place is none."""
        if (merge.first_row, merge.first_column) != (merge.last_row, merge.last_column):
            self._merges.add(merge)
        if len(self._merges) > self._limits.merges:
            raise BookError("too_large", f"合并单元格超过{self._limits.merges}处")

    def finish(self, name: str, is_hidden: bool = False) -> Grid:
        """The grid, cells by row and column, with hidden and covered cells marked and merged ranges sorted."""
        anchors, cells = self._anchors(), self._cells
        ranges = {(m.first_row, m.first_column): self._range(m) for m in self._merges}
        hidden_rows, hidden_columns = self.hidden_rows, self.hidden_columns
        if not cells:
            return Grid(name, NO_CELLS, sorted(self._merges), is_hidden)
        if not all(map(operator.lt, cells, itertools.islice(cells, 1, None))):
            cells = dict(sorted(cells.items(), key=_FIRST))
        places = list(cells)
        hidden, merged = [is_hidden] * len(places), list(map(ranges.get, places))
        if hidden_rows or hidden_columns or anchors:
            hidden = [
                is_hidden or place[0] in hidden_rows or place[1] in hidden_columns or place in anchors
                for place in places
            ]
        addresses = list(itertools.starmap(self._address, places))
        rows, columns = zip(*places, strict=True)
        texts, kinds, numbers, moments, formats = zip(*cells.values(), strict=True)
        held = Columns(rows, columns, addresses, texts, kinds, numbers, moments, formats, hidden, merged)
        return Grid(name, held, sorted(self._merges), is_hidden, self._n_rows, self._n_columns, anchors)

    def _range(self, merge: Merge) -> str:
        last = self._address(merge.last_row, merge.last_column)
        return f"{self._address(merge.first_row, merge.first_column)}:{last}"

    def _anchors(self) -> dict[Place, Place]:
        """Merged ranges do not overlap, so inside the grid they cover no more places than it has."""
        anchors: dict[Place, Place] = {}
        n_covered = 0
        for merge in self._merges:
            rows = range(merge.first_row, min(merge.last_row, self._n_rows) + 1)
            columns = range(merge.first_column, min(merge.last_column, self._n_columns) + 1)
            n_covered += len(rows) * len(columns)
            if n_covered > self._limits.grid_places:
                raise BookError("too_large", "合并单元格互相重叠")
            top_left = (merge.first_row, merge.first_column)
            anchors |= {(row, column): top_left for row in rows for column in columns}
            anchors.pop(top_left, None)
        return anchors
