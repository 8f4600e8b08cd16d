"""What a book says as a form: entries with their place, header values, issues, and the fate of every cell."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lianzheng.config import CycleConfig
from lianzheng.config.forms import ValueKind
from lianzheng.config.load import Choices
from lianzheng.forms.addresses import sheet_address
from lianzheng.forms.rules import OPTIONS
from lianzheng.intake.cells import Book, Cell, Grid
from lianzheng.intake.form_maps import FormMap
from lianzheng.intake.values import Demand, Value
from lianzheng.issues import Issue, Source
from lianzheng.names import NameIndex, plain

_WORD_ADDRESS = re.compile(r"(t\d+r\d+c)(\d+)")
_SHOWN_CHOICES = 12
_LONGEST_SEEN = 40


@dataclass(frozen=True, slots=True)
class Lookups:
    """What values are looked up in: closed lists (folded name → id), their labels, unit names, the year, blocks of items.

    ``members_of`` gives the closed list of a unit's members, which is made when it is asked for.
    """

    choices: Mapping[str, Mapping[str, str]]
    allowed: Mapping[str, str]
    units: NameIndex
    cycle: int
    blocks: Mapping[str, str] = field(default_factory=dict)
    members_of: Callable[[str], Choices] = lambda unit_id: {}


def make_lookups(config: CycleConfig) -> Lookups:
    """All closed lists that the forms name."""
    forms = config.forms.values()
    names = {field.choices for form in forms for field in form.header}
    names |= {column.choices for form in forms for table in form.tables for column in table.columns}
    lists = {name: config.choices(name) for name in (*sorted(names - {""}), "scale", "rater_groups", "teams")}
    choices, allowed = {}, {}
    for name, items in lists.items():
        choices[name], allowed[name] = _folded(items)
    units = NameIndex({id_: (*names, id_) for id_, names in config.unit_names.items()})
    blocks = {item.item_id: block.block_id for block in config.standard.blocks for item in block.items}
    members_of = functools.partial(config.choices, "members")
    return Lookups(choices, allowed, units, config.cycle.cycle, blocks, members_of)


def _folded(items: Choices) -> tuple[dict[str, str], str]:
    """A closed list by every folded name, and what it allows, for people."""
    shown = [label for label, _ in items.values()]
    words = {plain(w): id_ for id_, (label, aliases) in items.items() for w in (*aliases, id_, label)}
    return words, "、".join(shown[:_SHOWN_CHOICES]) + "等" * (len(shown) > _SHOWN_CHOICES)


class Entry(NamedTuple):
    """A value in its place: what the place is for, as :class:`Slot` has it, and the record (number of a list's row, else 0)."""

    into: str
    table_id: str
    keys: Mapping[str, str]
    column: str
    unit_of_measure: str
    maximum: float | None
    role: str
    column_label: str
    record: int
    row_label: str
    value: Value
    raw_text: str
    sheet: str
    cell: str


def is_options(grid: Grid, lookups: Lookups) -> bool:
    """Whether a sheet is the one with the long lists of our own blank forms, and holds nothing else."""
    if grid.name != OPTIONS:
        return False
    known = set[str]().union(*lookups.choices.values())
    return all(plain(cell.text) in known or lookups.units.find(cell.text) for cell in grid.cells.values())


@dataclass(frozen=True, slots=True)
class HeaderValue:
    """A header field's value and where it stood."""

    value: Value
    text: str
    sheet: str
    cell: str


@dataclass(slots=True)
class Reading:
    """Filled step by step while a book is read as a form; ``lines`` are its cells by sheet and row.

    ``header`` holds what counts of each header field, ``told`` (field_id, value) every place that says one.
    """

    map: FormMap
    file_id: str
    lookups: Lookups
    lines: dict[str, dict[int, list[Cell]]]
    unit_id: str = ""
    header: dict[str, HeaderValue] = field(default_factory=dict)
    told: list[tuple[str, HeaderValue]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    fates: dict[tuple[str, str], str] = field(default_factory=dict)
    demands: dict[tuple[str, ...], Demand] = field(default_factory=dict)

    def report(self, code: str, sheet: str = "", cell: str = "", seen: str = "", **words: object) -> None:
        """Add an issue about a place of this file."""
        source = Source(self.file_id, sheet, cell)
        self.issues.append(
            Issue(code, self.unit_id, self.map.form.form_id, source, seen[:_LONGEST_SEEN], words)
        )

    def mark(self, grid: Grid, cells: Iterable[Cell | None], fate: str) -> None:
        """Give cells their fate; the first one given stays."""
        name, fates = grid.name, self.fates
        for cell in cells:
            if cell is not None:
                fates.setdefault((name, cell.address), fate)

    def demand(self, kind: ValueKind, choices: str, unit: str = "", unit_seen: str = "") -> Demand:
        """What a place asks for, with its closed list; members are those of the file's unit."""
        whose = self.unit_id if choices == "members" else ""
        place = kind, choices, whose, unit, unit_seen
        if place not in self.demands:  # a form asks for few different things
            lists = self.lookups
            known, allowed = lists.choices.get(choices, {}), lists.allowed.get(choices, "")
            if whose:
                known, allowed = _folded(lists.members_of(whose))
            self.demands[place] = Demand(kind, unit, unit_seen, known, allowed, lists.cycle, lists.units)
        return self.demands[place]

    def address(self, grid: Grid, row: int, column: int) -> str:
        """The address of a place, empty or not, in the file's own way (``B7``, in Word ``t1r3c2``)."""
        return grid.addresses.get((row, column)) or address_in(
            self.lines[grid.name].get(row, []), row, column
        )


def address_in(line: Sequence[Cell], row: int, column: int) -> str:
    """The address of a place in the way of its row's cells."""
    cell = next((cell for cell in line if cell.column == column), line[0] if line else None)
    match = _WORD_ADDRESS.fullmatch(cell.address) if cell else None
    if cell is None or match is None:
        return sheet_address(row, column)
    return f"{match[1]}{int(match[2]) + column - cell.column}"


def lines_of(book: Book) -> dict[str, dict[int, list[Cell]]]:
    """The cells of each sheet by row, in order."""
    return {grid.name: grid.rows() for grid in book.grids}
