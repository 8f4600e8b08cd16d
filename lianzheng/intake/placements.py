"""Where the tables of a form stand in a book: runs of rows that name their columns, and the rows below them.

Levels of a header of several rows are joined by ``/``. A table may stand on any sheet, above, below or beside another.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from lianzheng.config.forms import FormColumn, FormTable
from lianzheng.intake.cells import Book, Grid
from lianzheng.intake.form_maps import THRESHOLD, FormMap, KnownForms, TableMap
from lianzheng.intake.labels import label_key, row_key
from lianzheng.intake.values import UNITS

AUXILIARY = frozenset("序号 行次 栏次 编号 no. no".split())
IS_AUXILIARY = -1
_DEEPEST = 3
_EVERYWHERE = range(1, 1 << 20)
Lines = tuple[tuple[str, ...], ...]
Band = dict[int, tuple[str, str]]  # grid column → joined label, unit of measure


class Found(NamedTuple):
    """What a header names in a table: the columns, label columns and units of measure of grid columns, and how much it is."""

    columns: dict[int, FormColumn]
    labels: dict[int, int]
    units: dict[int, str]
    extras: tuple[int, ...]
    n_whole: int
    score: float
    n_foreign: int


Header = tuple[int, int, int, Mapping[TableMap, Found]]  # sheet, first row, last row, whose it may be


@dataclass(frozen=True)
class Placement:
    """Where a table stands: sheet, header rows, and what each grid column is (label columns by number).

    ``territory`` are the grid columns that are its own where another table stands beside it.
    """

    map: TableMap
    sheet: int
    first_row: int
    header_end: int
    columns: dict[int, FormColumn]
    labels: dict[int, int]
    units: dict[int, str]
    extras: tuple[int, ...]
    n_whole: int
    score: float
    n_foreign: int = 0
    territory: range = _EVERYWHERE

    @property
    def table(self) -> FormTable:
        """The form's table."""
        return self.map.table

    @property
    def is_alone(self) -> bool:
        """Whether no other table stands beside it."""
        return self.territory == _EVERYWHERE

    @functools.cached_property
    def extent(self) -> range:
        """The grid columns from its first known one, with numbers of rows right before it, to its last."""
        known = (*self.columns, *(c for c, index in self.labels.items() if index != IS_AUXILIARY))
        first = min(known)
        while self.labels.get(first - 1) == IS_AUXILIARY:
            first -= 1
        return range(first, max(known) + 1)

    def is_beside(self, other: Placement) -> bool:
        """Whether both stand on the same sheet and share no column."""
        mine, its = self.extent, other.extent
        return self.sheet == other.sheet and (mine.stop <= its.start or its.stop <= mine.start)

    def is_below(self, other: Placement) -> bool:
        """Whether it begins below the other's beginning on the same sheet, and in its columns."""
        return self.sheet == other.sheet and self.first_row > other.first_row and not self.is_beside(other)

    def meets(self, other: Placement) -> bool:
        """Whether both claim the same table, or the same places of a header; a lone column stands beside nothing."""
        is_apart = self.first_row > other.header_end or self.header_end < other.first_row
        is_lone = min(len(self.extent), len(other.extent)) < 2
        is_elsewhere = self.sheet != other.sheet or is_apart or (self.is_beside(other) and not is_lone)
        return self.map is other.map or not is_elsewhere


def headers_of(book: Book, known: KnownForms) -> list[Header]:
    """Every run of one to three rows in the book that might head a table of the forms."""
    return [
        (sheet, row, row + depth - 1, found)
        for sheet, grid in enumerate(book.grids)
        for row, columns, lines in _starts(known, grid)
        for depth, found in _headings(known, columns, lines)
    ]


def text_at(grid: Grid, row: int, column: int) -> str:
    """The text of a place, merged ranges resolved; empty where nothing stands."""
    cell = grid.at(row, column)
    return cell.text if cell is not None else ""


def texts_at(grid: Grid, row: int, columns: Iterable[int]) -> list[str]:
    """The texts of some places of a row, as :func:`text_at` has them."""
    cells, anchors = grid.cells, grid.anchors
    seen = [cells.get(anchors.get((row, column), (row, column))) for column in columns]
    return [cell.text if cell is not None else "" for cell in seen]


def _starts(known: KnownForms, grid: Grid) -> Iterator[tuple[int, tuple[int, ...], Lines]]:
    """Rows in which a word of a header stands; the columns that are filled, and the texts of the row and of what goes on with it."""
    words, key_of = known.vocabulary, label_key
    rows = {row for (row, _), cell in grid.cells.items() if key_of(cell.text)[0] in words}
    columns = tuple(sorted({column for _, column in grid.cells})) if rows else ()
    line = functools.cache(lambda row: tuple(texts_at(grid, row, columns)))
    for row in sorted(rows):
        lines = [line(row + i) for i in range(_DEEPEST)]
        deep = next(
            (i for i in range(1, _DEEPEST) if not any(known.is_in_header(t) for t in lines[i])), _DEEPEST
        )
        yield row, columns, tuple(lines[:deep])


@functools.lru_cache(maxsize=1 << 10)  # forms that were filled in on the same blank have the same headers
def _headings(
    known: KnownForms, columns: tuple[int, ...], lines: Lines
) -> tuple[tuple[int, dict[TableMap, Found]], ...]:
    """What these rows, or the first of them, may head, whole or side by side: how many rows, and the tables' places."""
    bands = [(depth, _band(columns, lines[:depth])) for depth in range(1, len(lines) + 1)]
    parts = [(depth, part) for depth, band in bands for part in (band, *_parts(band))]
    placed = ((depth, {table: _found(table, part) for table in known.likely(part)}) for depth, part in parts)
    return tuple((depth, found) for depth, found in placed if found)


def _parts(band: Band) -> list[Band]:
    """The headers that may stand side by side in a band: cut where a column is empty, or where a label comes again."""
    parts: list[Band] = []
    before, seen = (0, ""), set[str]()
    for column, (key, unit) in band.items():
        is_again = key in seen and key != before[1]  # a merged label, or a row of zeros, is no new header
        if not parts or column > before[0] + 1 or is_again:
            parts.append({})
            seen.clear()
        parts[-1][column] = key, unit
        before = column, key
        seen.add(key)
    return parts if len(parts) > 1 else []


def band_at(grid: Grid, columns: list[int], row: int, depth: int) -> Band:
    """The labels of so many rows from this one on, levels joined."""
    lines = (tuple(texts_at(grid, row + i, columns)) for i in range(depth))
    return _band(columns, tuple(lines))


def _band(columns: Sequence[int], lines: Lines) -> Band:
    """Unmerged groups (CSV) reach to the right: an empty level above a label repeats the one to the left."""
    found: Band = {}
    left = ("",) * len(lines)
    for column, *levels in zip(columns, *lines, strict=True):
        filled = tuple(
            level or (left[i] if any(levels[i + 1 :]) and not any(levels[:i]) else "")
            for i, level in enumerate(levels)
        )
        left = tuple(level or before for level, before in zip(filled, left, strict=True))
        label = _label(filled)
        if label[0]:
            found[column] = label
    return found


@functools.lru_cache(maxsize=1 << 13)
def _label(levels: tuple[str, ...]) -> tuple[str, str]:
    """A column's label of these levels, joined, and the unit of measure that the lowest of them says."""
    keys = [label_key(level) for level in dict.fromkeys(levels) if level]
    joined = "/".join(key for key, _ in keys if key)
    return joined, next((unit for _, unit in reversed(keys) if unit in UNITS), "")


def _found(table: TableMap, band: Band) -> Found:
    """What the labels of a header name in a table, and how much of it."""
    columns: dict[int, FormColumn] = {}
    labels: dict[int, int] = {}
    extras, taken = [], set[str | int]()
    n_whole, n_foreign = 0, int(table.layout.is_transposed)
    for column, (key, _) in band.items():
        place, is_whole = table.place(key)
        n_foreign += not table.foreign.isdisjoint((key.replace("/", ""), key.rpartition("/")[2]))
        if key.replace("/", "") in table.ignored:
            labels[column] = IS_AUXILIARY
        elif isinstance(place, FormColumn) and place.column_id not in taken:
            columns[column] = place
            taken.add(place.column_id)
            n_whole += is_whole
        elif isinstance(place, int) and place not in taken:
            labels[column] = place
            taken.add(place)
            n_whole += is_whole
        elif key in AUXILIARY:
            labels[column] = IS_AUXILIARY
        else:
            extras.append(column)
    n_found = len(columns) + sum(index != IS_AUXILIARY for index in labels.values())
    declared = {index: table.layout.units.get(column.column_id, "") for index, column in columns.items()}
    units = {column: unit for column, (_, said) in band.items() if (unit := said or declared.get(column, ""))}
    goes_on = any("/" in key and key.partition("/")[0] in AUXILIARY for key, _ in band.values())  # below it
    is_other = not columns or goes_on or any(table.lacks(key) for key, _ in band.values())
    score = 0.0 if is_other else n_found / table.n_places
    return Found(columns, labels, units, tuple(extras), n_whole, score, n_foreign)


def row_labels(placement: Placement, grid: Grid, row: int) -> dict[int, str]:
    """The folded labels of a grid row by number of the label column."""
    texts = texts_at(grid, row, placement.labels)
    found = dict(zip(placement.labels.values(), map(row_key, texts), strict=True))
    found.pop(IS_AUXILIARY, None)
    return found


def _with_rows(placement: Placement, grid: Grid) -> Placement:
    """A matrix also has to show its rows: the score is the mean of both shares."""
    known = placement.map.rows
    if not known:
        return placement
    placement = _with_key_column(placement, grid)
    keys = {column for column, index in placement.labels.items() if index == placement.table.key_label}
    texts = [
        c.text for (row, column), c in grid.cells.items() if column in keys and row > placement.header_end
    ]
    names = known.keys() & map(row_key, texts)
    n_rows = len({row.row_id for name in names for _, row in known[name]})
    n_foreign = placement.n_foreign + len(names & placement.map.foreign)
    score = (placement.score + n_rows / len(placement.table.rows)) / 2
    return replace(placement, score=score, n_foreign=n_foreign)


def _with_key_column(placement: Placement, grid: Grid) -> Placement:
    """Where the header over the row labels is empty, the column that shows most of the rows holds them."""
    if placement.table.key_label in placement.labels.values():
        return placement
    counts = dict.fromkeys(sorted({c for _, c in grid.cells} - set(placement.columns)), 0)
    for (_, column), cell in grid.cells.items():
        if column in counts:
            counts[column] += row_key(cell.text) in placement.map.rows
    best = max(counts, key=lambda column: counts[column], default=None)
    if best is None or not counts[best]:
        return placement
    labels = {**placement.labels, best: placement.table.key_label}
    return replace(placement, labels=labels, extras=tuple(c for c in placement.extras if c != best))


def _has_all(p: Placement) -> bool:
    """Whether a matrix shows every column to fill in, though few of those that only guide: its rows then decide."""
    needed = sum(not column.is_optional for column in p.table.columns)
    return bool(p.map.rows) and p.score > 0 and len(p.columns) >= needed


def place_tables(form: FormMap, book: Book, headers: list[Header]) -> tuple[Placement, ...]:
    """The best place of each table; one place serves one table. A narrower one leaves room for a table beside it."""
    placed = (
        Placement(table, sheet, first_row, last_row, *found[table])
        for sheet, first_row, last_row, found in headers for table in form.tables if table in found
    )  # fmt: skip
    standing = [_with_rows(p, book.grids[p.sheet]) for p in placed if p.score >= THRESHOLD or _has_all(p)]
    standing.sort(
        key=lambda p: (-p.score, -p.n_whole, p.first_row - p.header_end, len(p.extent), p.sheet, p.first_row)
    )
    chosen: list[Placement] = []
    for placement in standing:
        if placement.score >= THRESHOLD and not any(placement.meets(other) for other in chosen):
            chosen.append(placement)
    chosen.sort(key=lambda p: (p.sheet, p.first_row, p.extent.start))
    return tuple(_settled(placement, chosen) for placement in chosen)


def _settled(placement: Placement, chosen: Sequence[Placement]) -> Placement:
    """The placement with its territory: from its first column to where the next table beside it begins."""
    starts = [other.extent.start for other in chosen if placement.is_beside(other)]
    if not starts:
        return placement
    own = placement.extent.start
    first = own if min(starts) < own else _EVERYWHERE.start
    after = min((start for start in starts if start > own), default=_EVERYWHERE.stop)
    territory = range(first, after)
    extras = tuple(column for column in placement.extras if column in territory)
    return replace(placement, territory=territory, extras=extras)
