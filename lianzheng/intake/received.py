"""A received file: what it is, whose it is, and what was found in it; plain data that a worker sends back."""

from __future__ import annotations

import functools
import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pyarrow as pa

from lianzheng.config import CycleConfig
from lianzheng.config.forms import Form
from lianzheng.intake.ballot_tables import TARGETS, Ballots
from lianzheng.intake.checks import Checked
from lianzheng.intake.records import PackedRecords, Record
from lianzheng.intake.spool import Packed, PackedTable, Spool
from lianzheng.issues import Issue, Source
from lianzheng.names import plain
from lianzheng.tables import schemas

if TYPE_CHECKING:
    from lianzheng.intake.exports import Export

_UNIT_ID = re.compile(r"(?<![A-Za-z0-9])U\d{3,}(?!\d)")
IN_FOLDER = "文件放在“{}”名下"
CellRow = tuple[str, str, str, str, str, str | None, bool, str]
CELL_COLUMNS = ("sheet", "cell", "raw_text", "raw_type", "number_format", "merged_range", "is_hidden", "fate")


_one = functools.lru_cache(maxsize=1 << 10)(Checked)


@functools.cache
def _cell_schema() -> pa.Schema:
    return pa.schema([schemas()["cells"].arrow.field(name) for name in (*CELL_COLUMNS, "target")])


def cell_batch(columns: Iterable[Iterable[object]], target: Iterable[object]) -> pa.RecordBatch:
    """Cells by columns (:data:`CELL_COLUMNS`), with what those of ballots fill; what others fill is not settled here."""
    schema = _cell_schema()
    made = [pa.array(column, kind) for column, kind in zip((*columns, target), schema.types, strict=True)]
    return pa.RecordBatch.from_arrays(made, schema=schema)


class PackedCells(PackedTable):
    """Cells as compressed bytes; a walk over them gives them as they are written down, without what they fill."""

    def _load(self) -> Iterable[CellRow]:
        columns = self.batch().columns[: len(CELL_COLUMNS)]
        return zip(*(column.to_pylist() for column in columns), strict=True)


@dataclass(slots=True)
class Received:
    """A file below data/raw/<cycle>: what it was recognised as, its records, cells, issues and check outcomes.

    ``also``: the other forms of a book that holds several, each as if it had come alone.
    ``serves``: of material, the (evidence class, item) pairs; an empty item is the class as a whole.
    ``tables`` and ``units``: those that packed records are about, so that few need to be unpacked.
    """

    path: str
    file_id: str
    sha256: str
    size_bytes: int
    format: str
    state: str = "unreadable"
    form_id: str = ""
    version: str = ""
    unit_id: str = ""
    is_counted: bool = False
    evidence: tuple[str, ...] = ()
    serves: tuple[tuple[str, str], ...] = ()
    records: Sequence[Record] = field(default_factory=list)
    ballots: list[Ballots] = field(default_factory=list)
    cells: Sequence[CellRow] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    checks: list[Checked] = field(default_factory=list)
    exports: tuple[Export, ...] = ()
    also: tuple[Received, ...] = ()
    tables: frozenset[str] | None = None
    units: frozenset[str | None] | None = None

    def beside(self) -> Received:
        """The same file, nothing read from it yet."""
        return Received(
            self.path, self.file_id, self.sha256, self.size_bytes, self.format, unit_id=self.unit_id
        )

    def take(self, records: Iterable[Record] = (), cells: Sequence[CellRow] = ()) -> None:
        """Add records and cells to what was read from it."""
        self.records = [*self.records, *records]
        self.cells = [*self.cells, *cells] if self.cells and cells else cells or self.cells

    @property
    def parts(self) -> tuple[Received, ...]:
        """The forms in it: itself, and those beside it."""
        return (self, *self.also)

    def pack(self) -> Received:
        """Records and cells as bytes: this is how a worker sends a file back."""
        for part in self.parts:
            part.tables = frozenset([record.into for record in part.records])
            part.units = frozenset([record.values.get("unit_id") for record in part.records])
            part.tables |= {name for ballots in part.ballots for name in ballots.tables}
            part.units |= {part.unit_id} if part.ballots else set()
            part.records = PackedRecords(part.records)
            part.cells = part.cells if isinstance(part.cells, PackedCells) else PackedCells(part.cell_batch())
        return self

    def cell_batch(self) -> pa.RecordBatch:
        """Its cells with the columns :data:`CELL_COLUMNS` and what those of ballots fill, packed or not."""
        cells = self.cells
        if isinstance(cells, PackedCells):
            return cells.batch()
        filled = {
            (sheet, cell): target for own in self.ballots for sheet, cell, target in own.tables[TARGETS]
        }
        target = [filled.get(row[:2]) for row in cells]
        return cell_batch(zip(*cells, strict=True) if cells else [()] * len(CELL_COLUMNS), target)

    def move_to(self, spool: Spool) -> Received:
        """Keep what is packed on disk, and of what many files say the same only one."""
        for part in self.parts:
            part.form_id, part.version, part.format, part.state = map(
                sys.intern, (part.form_id, part.version, part.format, part.state)
            )
            part.evidence = tuple(map(sys.intern, part.evidence))
            part.checks = [_one(check.check_id, check.outcome, check.issue_id) for check in part.checks]
            own = [packed for ballots in part.ballots for packed in (ballots.sums, *ballots.tables.values())]
            for packed in (part.records, part.cells, *own):
                if isinstance(packed, Packed):
                    packed.move_to(spool)
        return self

    def targets(self) -> Iterator[tuple[tuple[str, str, str], str]]:
        """What each cell with a part of a ballot fills, by file, sheet and cell."""
        for own in self.ballots:
            yield from (((self.file_id, sheet, cell), target) for sheet, cell, target in own.tables[TARGETS])

    def records_in(self, *tables: str) -> list[Record]:
        """Its records for some of the tables."""
        is_without = self.tables is not None and self.tables.isdisjoint(tables)
        if is_without:
            return []
        cast = [(own, name) for own in self.ballots for name in tables if name in own.tables]
        found = [record for record in self.records if record.into in tables]
        return [*found, *(record for own, name in cast for record in own.records(name))]

    @property
    def n_return_issues(self) -> int:
        """How much of it goes back to whoever sent it: the file itself, or single cells."""
        return sum(issue.severity in ("return_file", "return_item") for issue in self.issues)

    def report(self, code: str, seen: str = "", sheet: str = "", cell: str = "", **words: object) -> None:
        """Add an issue about this file."""
        source = Source(self.file_id, sheet, cell)
        self.issues.append(Issue(code, self.unit_id, self.form_id, source, seen, words))

    def report_other_unit(self, folder_unit: str, seen: str, sheet: str, cell: str) -> None:
        """Say that the document names another unit than the folder (named ``folder_unit``) that it lies in."""
        words = {"expected": IN_FOLDER.format(folder_unit), "detail": "文件内的单位"}
        self.report("unit_differs", seen, sheet, cell, **words)


def file_id_of(path: str) -> str:
    """A stable id: a hash of the path below data/raw/<cycle>, NFC, with ``/``."""
    return "F" + hashlib.sha256(unicodedata.normalize("NFC", path).encode()).hexdigest()[:10]


def is_material(path: str, folders: Iterable[str]) -> bool:
    """Whether a file lies in a folder of supporting material, which is listed but never opened."""
    return bool(
        {plain(part) for part in PurePosixPath(path).parts[:-1]} & {plain(folder) for folder in folders}
    )


def unit_of_path(path: str, config: CycleConfig) -> str:
    """The unit that the file's name or the nearest folder names; empty where none does."""
    for part in reversed(PurePosixPath(path).parts):
        ids = [id_ for id_ in _UNIT_ID.findall(part) if config.has_unit(id_)]
        found = ids[0] if ids else config.unit_index.find_inside(part)
        if found:
            return found
    return ""


def form_of_name(path: str, forms: Mapping[str, Form]) -> str:
    """The form whose number (or, of a report, whose title) the file's name says, for files that cannot be opened."""
    name = plain(PurePosixPath(path).stem)
    found = [
        f for f in forms.values() if f.number and re.search(rf"{re.escape(plain(f.number))}(?!\d)", name)
    ]
    found += [f for f in forms.values() if any(all(w in name for w in title.split()) for title in f.titles)]
    return found[0].form_id if found else ""
