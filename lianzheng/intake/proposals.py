"""A table in an unknown layout: which of our forms it comes nearest to, and the lines of layouts.yml that would map it.

Everything here is a suggestion for a person to confirm; nothing is read by it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from lianzheng.config.forms import FormColumn
from lianzheng.intake.cells import Book, Cell, Grid
from lianzheng.intake.form_maps import FormMap, KnownForms, TableMap
from lianzheng.intake.labels import label_key, row_key
from lianzheng.intake.placements import AUXILIARY, band_at, text_at
from lianzheng.tables import schemas

GUESS = 55.0  # from this likeness on (rapidfuzz ratio, 0–100) a mapping is suggested
FEWEST_LABELS, FEWEST_ROWS, LIKE_SHARE = 2, 3, 0.4
SHOWN = 6
_LONGEST_LABEL = 12
_HEADER_ROWS, _MOST_ROWS = 3, 300
_FIGURE = re.compile(r"-?\d[\d,.]*")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was found of a form's table: header labels that name a column and that do not, rows likewise.

    ``columns`` and ``rows`` map foreign labels to the likeliest of our ids that are not found (empty: no guess).
    """

    map: FormMap
    table: TableMap
    sheet: str
    headers: tuple[str, ...]
    columns: dict[str, str]
    rows: dict[str, str]

    @property
    def detail(self) -> str:
        """What was found, in words for people."""
        form, unknown = self.map.form, list(self.columns)
        name = f"{form.number}《{form.title}》" if form.number else f"《{form.title}》"
        told = f"最接近{name}，表中有“{_listed(self.headers)}”{len(self.headers)}列"
        return told + (f"，其中“{_listed(unknown)}”没有对应" if unknown else "")

    @property
    def line(self) -> str:
        """A mapping line to add: the best guesses, in YAML."""
        name, mapped = ("columns", self.columns) if self.columns else ("rows", self.rows)
        pairs = [pair for pair in mapped.items() if pair[1]] or list(mapped.items())
        return f"{name}: {{" + ", ".join(f"{label}: {id_ or '…'}" for label, id_ in pairs[:SHOWN]) + "}"

    def block(self) -> list[str]:
        """A block for layouts.yml to copy; what is only a guess is marked ``# ?``."""
        lines = [
            f"- layout_id: {self.map.layout_id or 'old_layout'}",
            f"  form_id: {self.map.form.form_id}",
            "  tables:",
            f"    {self.table.table.table_id}:",
        ]
        for name, pairs in (("columns", self.columns), ("rows", self.rows)):
            lines += [f"      {name}:"] * bool(pairs)
            lines += [f"        {_quoted(label)}: {id_ or '…'}  # ?" for label, id_ in pairs.items()]
        return lines


def propose(book: Book, known: KnownForms) -> Proposal | None:
    """The form whose table a book shows in part; None where it shows too little of any, or of one that holds private words."""
    known_maps = [form for form in known.maps if not (form.form.allows_more or _is_private(form))]
    found = [
        one for grid in map(_top, book.grids) for form in known_maps for table in form.tables
        for one in _of_table(form, table, grid)
    ]  # fmt: skip
    return max(found, key=lambda one: one[0], default=(0.0, None))[1]


def _top(grid: Grid) -> Grid:
    """The part of a sheet where a form would stand."""
    return replace(grid, held={place: cell for place, cell in grid.cells.items() if max(place) <= _MOST_ROWS})


def _is_private(form: FormMap) -> bool:
    """Whether a form holds words that no issue may repeat, such as talks and cases."""
    tables = [schemas()[table.into] for table in form.form.tables if table.into in schemas()]
    return any(column.is_private for table in tables for column in table.columns)


def _of_table(form: FormMap, table: TableMap, grid: Grid) -> Iterator[tuple[float, Proposal]]:
    """The table's likeliest place on a sheet, with the share of its columns and rows that is known there."""
    keys = _key_column(table, grid)
    labels = [cell for cell in keys if row_key(cell.text) in table.rows]
    first = _first_row(grid, labels[0].row) if labels else 0
    header = _header(form, table, grid, first)
    places = {label: table.place(label)[0] for label in header.values()}
    columns = {place.column_id for place in places.values() if isinstance(place, FormColumn)}
    rows = {row.row_id for cell in labels for _, row in table.rows[row_key(cell.text)]}
    n_known = len(columns) + len(rows)
    if n_known < FEWEST_LABELS:
        return
    own = keys[0].column if labels else 0
    strange = [
        w
        for column, w in header.items()
        if places[w] is None and column != own and w not in AUXILIARY | table.ignored
    ]
    inside = [c for c in keys if labels and first <= c.row <= labels[-1].row and c not in labels]
    between = [row_key(c.text) for c in inside if row_key(c.text) not in table.ignored]
    lacking = [
        (c.column_id, (c.label, *c.aliases)) for c in table.table.columns if c.column_id not in columns
    ]
    missing = [
        (row.row_id, (row.labels[table.table.key_label], *row.aliases))
        for row in table.table.rows if row.row_id not in rows
    ]  # fmt: skip
    n_all = len(table.table.columns) + len(table.table.rows)
    mapped = (_guesses(strange, lacking), _guesses(between, missing))
    n_like = n_known + sum(map(bool, (*mapped[0].values(), *mapped[1].values())))
    is_plain = len(rows) >= FEWEST_ROWS or not table.table.rows
    if is_plain or n_like >= LIKE_SHARE * n_all:
        yield n_like / n_all, Proposal(form, table, grid.name, tuple(header.values()), *mapped)


def _first_row(grid: Grid, row: int) -> int:
    """The first of the rows with numbers that lead down to a row."""
    numbered = {
        row
        for (row, column), cell in grid.cells.items()
        if column > 1 and _FIGURE.fullmatch(cell.text.strip())
    }
    while row - 1 in numbered:
        row -= 1
    return row


def _key_column(table: TableMap, grid: Grid) -> list[Cell]:
    """The cells of the column that shows most of the form's rows."""
    columns: dict[int, list[Cell]] = {}
    for (_, column), cell in sorted(grid.cells.items()):
        columns.setdefault(column, []).append(cell)
    counts = {column: sum(row_key(c.text) in table.rows for c in cells) for column, cells in columns.items()}
    best = max(counts, key=lambda column: counts[column], default=0)
    return columns[best] if counts.get(best) else []


def _header(form: FormMap, table: TableMap, grid: Grid, first_row: int) -> dict[int, str]:
    """Grid column → label, levels joined: of the rows right above the known ones, else of the row that names most."""
    columns = sorted({column for _, column in grid.cells})
    if first_row:
        depth = 0
        while depth < _HEADER_ROWS and _is_header(form, grid, first_row - depth - 1, columns):
            depth += 1
        return _labels(grid, columns, first_row - depth, depth) if depth else {}
    bands = [_labels(grid, columns, row, 1) for row in sorted({row for row, _ in grid.cells})]
    return max(
        bands, key=lambda band: sum(table.place(label)[0] is not None for label in band.values()), default={}
    )


def _is_header(form: FormMap, grid: Grid, row: int, columns: Sequence[int]) -> bool:
    texts = [text for text in dict.fromkeys(text_at(grid, row, column) for column in columns) if text]
    return len(texts) > 1 and not form.is_margin(texts)


def _labels(grid: Grid, columns: list[int], row: int, depth: int) -> dict[int, str]:
    return {column: label for column, (label, _) in band_at(grid, columns, row, depth).items()}


def _guesses(labels: Iterable[str], free: Sequence[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    """Foreign label → the likeliest id, each id once, the likeliest pairs first; empty where nothing is like it."""
    from rapidfuzz.fuzz import ratio

    found = dict.fromkeys(labels, "")
    pairs = [
        (max(ratio(*pair) for name in names for pair in product(_parts(label), _parts(name))), label, id_)
        for label in found for id_, names in free
    ]  # fmt: skip
    for likeness, label, id_ in sorted(pairs, key=lambda pair: -pair[0]):
        if likeness >= GUESS and not found[label] and id_ not in found.values():
            found[label] = id_
    return found


def _parts(label: str) -> tuple[str, str]:
    """A label as a whole and its last level, without units of measure."""
    levels = [label_key(level)[0] for level in label.split("/")]
    return "".join(levels), levels[-1]


def _listed(words: Sequence[str]) -> str:
    shown = [word[:_LONGEST_LABEL] for word in words[:SHOWN]]
    return "、".join(shown) + "等" * (len(words) > SHOWN)


def _quoted(label: str) -> str:
    """A label as a YAML key."""
    is_bare = not set(label) & set(":#{}[],&*?|<>=!%@`\"'-\\")
    return label if is_bare else json.dumps(label, ensure_ascii=False)
