"""Which form a book is, and where its tables stand: by its form code, column and row labels, title, number, version.

Levels of a header of several rows are joined by ``/``. A table may stand on any sheet, above, below or beside another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lianzheng.config.forms import FormColumn, FormTable
from lianzheng.forms.code import VERSION, FormCode, code_of, codes_in
from lianzheng.intake.cells import Book, Cell, Grid
from lianzheng.intake.form_maps import YEAR_WORDS, FormMap, KnownForms, TableMap, label_key, row_key
from lianzheng.intake.turning import turned
from lianzheng.intake.values import UNITS
from lianzheng.names import plain

THRESHOLD = 0.5
TITLE_WORTH, NUMBER_WORTH = 0.5, 0.25  # in the score of the form that they name
AUXILIARY = frozenset("序号 行次 栏次 编号 no. no".split())
IS_AUXILIARY = -1
_LONGEST_TITLE = 80
_HEADER_DEPTHS = (1, 2, 3)
_YEAR = re.compile(r"(20\d\d)(?:年(?!\d{1,2}月)|\.\d|$)")
_VERSION = re.compile(r".{0,12}版本号?:?(\d[0-9a-z.-]*)(?:表样编号:.*)?")
_EVERYWHERE = range(1, 1 << 20)
Band = dict[int, tuple[str, str]]  # grid column → joined label, unit of measure
Header = tuple[int, int, int, Band]  # sheet, first row, last row, band
Text = tuple[int, Cell, str, str]  # sheet, a short text, the same folded, and without the year


@dataclass(frozen=True, slots=True)
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

    @property
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


@dataclass(frozen=True, slots=True)
class Recognition:
    """A book recognised as a form: its tables' places, version and year (and where it stands), what told so.

    ``book`` is the book in which they stand: as received, but for tables that a layout turned round.
    ``code`` is the form code (表样编号) of the blank that it was made of, where it has one.
    """

    map: FormMap
    book: Book
    placements: tuple[Placement, ...]
    version: str
    year: int | None
    year_at: tuple[str, str]
    evidence: tuple[str, ...]
    code: FormCode | None = None


Placed = tuple[FormMap, tuple[Placement, ...], tuple[list[Text], list[Text]]]


def recognise(book: Book, known: KnownForms) -> Recognition | None:
    """The form that a book is: the one that its form code names, without a code the best score's above the threshold."""
    headers, texts = _headers(book, known), list(_texts(book))
    codes = form_codes(book)
    named = {code.form_id for *_, code in codes}
    maps = [form for form in known.maps if form.form.form_id in named]
    placed: list[Placed] = []
    for form in maps or known.maps:
        view = turned(book, form)
        own = headers if view is book else _headers(view, known)
        placed.append((form, _placements(form, view, own), _names(form, texts)))
    best = max(placed, key=_score, default=None)
    if best is None or (not maps and (codes or _score(best) < THRESHOLD)):
        return None
    form, placements, (titles, numbers) = best
    versions = [
        (sheet, cell, match[1]) for sheet, cell, text, _ in texts if (match := _VERSION.fullmatch(text))
    ]
    above = [
        text
        for text in texts
        if any(text[0] == p.sheet and text[1].row < p.first_row for p in placements[:1])
    ]
    code = next((found for found in codes if found[-1].form_id == form.form.form_id), None)
    coded = [(*code[:2], code[-1].cycle)] if code else []
    sheet, cell, year = next(iter([*coded, *_years([*titles, *versions, *above])]), (0, None, None))
    version = versions[0][2] if versions else book.properties.get(VERSION, "") if code else ""
    evidence = (
        *(f"表样编号 {found}" for *_, found in codes[:1] if code),
        *(f"“{text[1].text.strip()}”" for text in titles + numbers),
        *(f"“{p.table.caption or form.form.title}”的{len(p.columns)}列" for p in placements),
        *[f"按 layouts.yml 的 {form.layout_id}"] * bool(form.layout_id),
    )
    at = (book.grids[sheet].name, cell.address) if cell else ("", "")
    view = turned(book, form)
    return Recognition(form, view, placements, version, year, at, evidence, code[-1] if code else None)


def form_codes(book: Book) -> list[tuple[int, Cell | None, FormCode]]:
    """The form codes (表样编号) that the book shows (sheet, cell), and last the one among its properties."""
    codes: list[tuple[int, Cell | None, FormCode]] = [
        (sheet, cell, code) for sheet, cell, *_ in _texts(book) for code in codes_in(cell.text)
    ]
    return codes + [(0, None, code) for code in (code_of(book.properties),) if code]


def _headers(book: Book, known: KnownForms) -> list[Header]:
    return [(sheet, *band) for sheet, grid in enumerate(book.grids) for band in _bands(known, grid)]


def _texts(book: Book) -> Iterator[Text]:
    for sheet, grid in enumerate(book.grids):
        for cell in grid.cells.values():
            if cell.raw_type == "text" and len(cell.text) <= _LONGEST_TITLE:
                folded = plain(cell.text)
                yield sheet, cell, folded, YEAR_WORDS.sub("", folded)


def _names(form: FormMap, texts: list[Text]) -> tuple[list[Text], list[Text]]:
    """The first text that names the form by its title, apart from the year, and the first that has its number."""
    titles = [text for text in texts if any(title in text[3] for title in form.titles)]
    return titles[:1], [text for text in texts if form.number and text[3].startswith(form.number)][:1]


def _years(dated: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, Cell, int]]:
    """Years in the title, in the version, or in anything else above the first table that is no date."""
    for sheet, cell, text, *_ in dated:
        match = _YEAR.search(text)
        if match:
            yield sheet, cell, int(match[1])


def _score(placed: Placed) -> float:
    form, placements, (titles, numbers) = placed
    is_named = any(title in text[3] for text in titles for title in form.foreign_titles)
    if form.layout_id and not is_named and not any(placement.n_foreign for placement in placements):
        return 0.0  # nothing that only this layout has
    needed = max(sum(not table.table.is_optional for table in form.tables), len(placements), 1)
    worth = TITLE_WORTH * len(titles) + NUMBER_WORTH * len(numbers)
    return sum(placement.score for placement in placements) / needed + worth


def split_copies(book: Book, recognition: Recognition, known: KnownForms) -> list[tuple[Book, Recognition]]:
    """A book that holds the same form several times, sheet by sheet; else the book itself, once."""
    own = {placement.sheet for placement in recognition.placements}
    alone = [replace(book, grids=[grid]) for grid in book.grids if grid.cells]
    found = [(single, recognise(single, known)) for single in alone if len(own) == 1 and len(alone) > 1]
    same = [(single, r) for single, r in found if r and r.map is recognition.map and r.placements]
    if len(same) < 2:
        return [(recognition.book, recognition)]
    copies = [single.grids[0].name for single, _ in same]
    same[0][1].book.grids.extend(grid for grid in book.grids if grid.name not in copies)
    return [(r.book, r) for _, r in same]


def text_at(grid: Grid, row: int, column: int) -> str:
    """The text of a place, merged ranges resolved; empty where nothing stands."""
    cell = grid.at(row, column)
    return cell.text if cell is not None else ""


def _bands(known: KnownForms, grid: Grid) -> Iterator[tuple[int, int, Band]]:
    """Every run of one to three rows that might be a header: first row, last row, labels."""
    columns = sorted({column for _, column in grid.cells})
    starts = {row for (row, _), cell in grid.cells.items() if label_key(cell.text)[0] in known.vocabulary}
    for row in sorted(starts):
        for depth in _HEADER_DEPTHS:
            band = band_at(grid, columns, row, depth)
            yield from ((row, row + depth - 1, part) for part in (band, *_parts(band)))


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
    """Unmerged groups (CSV) reach to the right: an empty level above a label repeats the one to the left."""
    found: Band = {}
    left = [""] * depth
    for column in columns:
        levels = [text_at(grid, row + i, column) for i in range(depth)]
        filled = [
            level or (left[i] if any(levels[i + 1 :]) and not any(levels[:i]) else "") for i, level in enumerate(levels)
        ]  # fmt: skip
        left = [level or left[i] for i, level in enumerate(filled)]
        keys = [label_key(level) for level in dict.fromkeys(filled) if level]
        joined = "/".join(key for key, _ in keys if key)
        if joined:
            found[column] = (joined, next((unit for _, unit in reversed(keys) if unit in UNITS), ""))
    return found


def _place(table: TableMap, sheet: int, first_row: int, last_row: int, band: Band) -> Placement:
    columns: dict[int, FormColumn] = {}
    labels: dict[int, int] = {}
    extras = []
    n_whole, n_foreign = 0, int(table.layout.is_transposed)
    for column, (key, _) in band.items():
        place, is_whole = table.place(key)
        n_foreign += not table.foreign.isdisjoint((key.replace("/", ""), key.rpartition("/")[2]))
        if key.replace("/", "") in table.ignored:
            labels[column] = IS_AUXILIARY
        elif isinstance(place, FormColumn) and place not in columns.values():
            columns[column] = place
            n_whole += is_whole
        elif isinstance(place, int) and place not in labels.values():
            labels[column] = place
            n_whole += is_whole
        elif key in AUXILIARY:
            labels[column] = IS_AUXILIARY
        else:
            extras.append(column)
    n_found = len(columns) + sum(index != IS_AUXILIARY for index in labels.values())
    declared = {index: table.layout.units.get(column.column_id, "") for index, column in columns.items()}
    units = {column: unit for column, (_, said) in band.items() if (unit := said or declared.get(column, ""))}
    is_other = not columns or any(table.lacks(key) for key, _ in band.values())
    score = 0.0 if is_other else n_found / table.n_places
    found = (columns, labels, units, tuple(extras), n_whole, score, n_foreign)
    return Placement(table, sheet, first_row, last_row, *found)


def row_labels(placement: Placement, grid: Grid, row: int) -> dict[int, str]:
    """The folded labels of a grid row by number of the label column."""
    found = {index: row_key(text_at(grid, row, column)) for column, index in placement.labels.items()}
    found.pop(IS_AUXILIARY, None)
    return found


def _with_rows(placement: Placement, grid: Grid) -> Placement:
    """A matrix also has to show its rows: the score is the mean of both shares."""
    known = placement.map.rows
    if not known:
        return placement
    placement = _with_key_column(placement, grid)
    keys = [column for column, index in placement.labels.items() if index == placement.table.key_label]
    cells = (
        cell for (row, column), cell in grid.cells.items() if row > placement.header_end and column in keys
    )
    names = {row_key(cell.text) for cell in cells} & set(known)
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


def _placements(form: FormMap, book: Book, headers: list[Header]) -> tuple[Placement, ...]:
    """The best place of each table; one place serves one table. A narrower one leaves room for a table beside it."""
    placed = (_place(table, *header) for header in headers for table in form.tables)
    found = [_with_rows(p, book.grids[p.sheet]) for p in placed if p.score >= THRESHOLD]
    found.sort(
        key=lambda p: (-p.score, -p.n_whole, p.first_row - p.header_end, len(p.extent), p.sheet, p.first_row)
    )
    chosen: list[Placement] = []
    for placement in found:
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
