"""corrections.yml: reviewed corrections of what a cell says.

A correction names a row and a column of a processed table, what the cell says (``was``) and what it should have said
(``becomes``). Its file is read again as if the cell said so: every check then judges the corrected file, and what was
wrong with the cell no longer stands. The file itself, and the text in ``cells``, stay as received.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.config.models import Correction
from lianzheng.errors import ConfigError
from lianzheng.forms.addresses import column_number
from lianzheng.intake.assemble import NUMBERED, STATISTICS, Rows, Target, assemble
from lianzheng.intake.cells import Book, Cell, Grid, Place
from lianzheng.intake.received import Received
from lianzheng.intake.records import HIDDEN_TEXT, Record
from lianzheng.tables import schemas

PLACES = ("file", "sheet", "cell")
"""What a key may name besides the columns of its table: path and place as received."""
_REFUSED = frozenset(
    "not_a_number not_a_date not_a_choice negative_value not_an_integer ratio_out_of_range placeholder_left"
    " unknown_unit missing_value above_maximum".split()
)
_DISCREET = frozenset({"interviews", "ballots", "answers_by_ballot_question"})
_SHEET_ADDRESS = re.compile(r"([A-Z]+)(\d+)")
Becomes = Mapping[tuple[str, str], str]  # sheet, cell → what it should have said
ReadAgain = Callable[[str, Becomes], Received]


@dataclass(frozen=True, slots=True)
class Applied:
    """A correction, every place that its key names with what it says there, and the issues that it settled."""

    correction: Correction
    places: tuple[tuple[Target, str], ...]
    settled: tuple[str, ...] = ()


def corrected_book(book: Book, becomes: Becomes) -> Book:
    """The book as if these cells had said something else; an empty text takes the cell away."""
    grids = []
    for grid in book.grids:
        cells, places = dict(grid.cells), {cell.address: place for place, cell in grid.cells.items()}
        for address, text in (
            (address, text) for (sheet, address), text in becomes.items() if sheet == grid.name
        ):
            place = places.get(address) or _place(grid, address)
            old = cells.pop(place, None)
            if text.strip():
                hidden, merged = (old.is_hidden, old.merged_range) if old else (False, None)
                cells[place] = Cell(*place, address, text, is_hidden=hidden, merged_range=merged)
        grids.append(replace(grid, held=dict(sorted(cells.items()))))
    return replace(book, grids=grids)


def _place(grid: Grid, address: str) -> Place:
    """Where an empty cell stands: by its letters and number, in Word by the cells of its row."""
    match = _SHEET_ADDRESS.fullmatch(address)
    if match:
        return int(match[2]), column_number(match[1])
    row, _, column = address.rpartition("c")
    beside = next(cell for cell in grid.cells.values() if cell.address.startswith(f"{row}c"))
    return beside.row, beside.column + int(column) - int(beside.address.rpartition("c")[2])


def correct_files(
    files: Sequence[Received], config: CycleConfig, read_again: ReadAgain
) -> tuple[list[Received], list[Applied]]:
    """The files, those with a reviewed correction read again with it.

    Raises :class:`ConfigError` for a table, column or key that cannot be corrected, and for a value that cannot be read.
    """
    numbers = _numbers(files, config) if any(map(_names_a_number, config.corrections)) else {}
    found = [Applied(one, tuple(_places(one, files, numbers))) for one in config.corrections]
    by_file: dict[str, dict[tuple[str, str], Correction]] = {}
    for applied in found:
        for (file_id, sheet, cell), text in applied.places:
            if text == applied.correction.was.strip():
                twin = by_file.setdefault(file_id, {}).setdefault((sheet, cell), applied.correction)
                if twin is not applied.correction:
                    raise _wrong(applied.correction, f"corrects the same cell as {twin.correction_id}")
    corrected, settled = [], dict[str, tuple[str, ...]]()
    for file in files:
        own = by_file.get(file.file_id, {})
        again = _read_again(file, own, read_again) if own else file
        corrected.append(again)
        gone = tuple(sorted({code for code, *_ in _faults(file) - _faults(again)}))
        settled |= {one.correction_id: gone for one in own.values()}
    return corrected, [replace(one, settled=settled.get(one.correction.correction_id, ())) for one in found]


def _read_again(file: Received, own: Mapping[tuple[str, str], Correction], read_again: ReadAgain) -> Received:
    again = read_again(file.path, {place: one.becomes for place, one in own.items()})
    for issue in (issue for part in again.parts for issue in part.issues):
        one = own.get((issue.source.sheet, issue.source.cell))
        if one and issue.code in _REFUSED:
            raise _wrong(one, f"becomes {one.becomes!r}, which cannot stand there: {issue.message}")
    as_received = {(row[0], row[1]): row for part in file.parts for row in part.cells}
    for part in again.parts:
        part.cells = [
            row if (row[0], row[1]) not in own else (*as_received[row[0], row[1]][:-1], row[-1])
            for row in part.cells if (row[0], row[1]) not in own or (row[0], row[1]) in as_received
        ]  # fmt: skip
    return again


def _faults(file: Received) -> set[tuple[str, str, str]]:
    issues = (issue for part in file.parts for issue in part.issues)
    return {(issue.code, issue.source.sheet, issue.source.cell) for issue in issues}


def _names_a_number(correction: Correction) -> bool:
    return NUMBERED.get(correction.table, ("",))[0] in correction.key


def _numbers(files: Sequence[Received], config: CycleConfig) -> dict[Target, str]:
    """The counted ids (U001-F01) of findings, highlights and lines by their cells, as they are without corrections."""
    holding = [replace(file, issues=[]) for file in files if file.records_in(*NUMBERED)]
    _, targets = assemble(holding, config, lambda record: record.into in NUMBERED)
    return {place: target.split("/")[1] for place, target in targets.items()}


def _places(
    correction: Correction, files: Sequence[Received], numbers: Mapping[Target, str]
) -> Iterator[tuple[Target, str]]:
    """Every cell that the correction names, with its text as received; what only fills a gap yields to the rest."""
    _check_names(correction)
    found = [
        (record.is_fallback, (file.file_id, sheet, cell), _text(file, sheet, cell))
        for file in files for part in file.parts for record in part.records_in(correction.table)
        for sheet, cell, column in record.cells if column == correction.column
        if _is_meant(correction, file, record, sheet, cell, numbers)
    ]  # fmt: skip
    is_said = any(not is_fallback for is_fallback, *_ in found)
    yield from ((place, text) for is_fallback, place, text in found if not (is_said and is_fallback))


def _is_meant(
    correction: Correction, file: Received, record: Record, sheet: str, cell: str, numbers: Mapping[Target, str]
) -> bool:  # fmt: skip
    known = {**record.values, "file": file.path, "sheet": sheet, "cell": cell}
    if record.into in NUMBERED:
        known[NUMBERED[record.into][0]] = numbers.get((file.file_id, sheet, cell))
    return all(_said(known.get(name)) == value for name, value in correction.key.items())


def _text(file: Received, sheet: str, cell: str) -> str:
    rows = (row for part in file.parts for row in part.cells)
    return next((row[2].strip() for row in rows if row[:2] == (sheet, cell)), "")


def _said(value: Any) -> str:
    """A key's value as it is written in corrections.yml."""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _check_names(correction: Correction) -> None:
    tables = [
        name
        for name, schema in schemas().items()
        if "cell" in schema.names and name not in ("issues", "corrections")
    ]
    if correction.table not in tables:
        raise _wrong(
            correction, f"table {correction.table} is not read from cells", f"use one of {', '.join(tables)}"
        )
    names = schemas()[correction.table].names
    for name in (correction.column, *(key for key in correction.key if key not in PLACES)):
        if name not in names:
            raise _wrong(correction, f"{correction.table} has no column {name}", f"use {', '.join(names)}")


def _wrong(correction: Correction, what: str, remedy: str = "correct or remove the entry") -> ConfigError:
    return ConfigError(f"corrections.yml, {correction.correction_id}: {what}", remedy)


def find_corrected(applied: Sequence[Applied], files: Sequence[Received]) -> dict[Target, Applied]:
    """The corrections by the cell that each corrects.

    Raises :class:`ConfigError` where the files that count do not say exactly once what the correction names.
    """
    counted, found = {file.file_id for file in files if file.is_counted}, {}
    for one in applied:
        places = [(place, text) for place, text in one.places if place[0] in counted]
        correction, seen = one.correction, [text for _, text in places]
        if seen != [correction.was.strip()]:
            what = f"was {correction.was!r}, but the files say {seen or 'nothing'} at {correction.key}"
            raise _wrong(correction, what, "look at the file again, then correct or remove the entry")
        found[places[0][0]] = one
    return found


def settle_corrections(
    corrected: Mapping[Target, Applied], rows: Rows, targets: Mapping[Target, str], config: CycleConfig
) -> list[dict[str, Any]]:
    """A row of ``corrections`` per correction; the figures of 附件2 get its id and keep the text as received."""
    for row in rows.get(STATISTICS, []) if corrected else ():
        one = corrected.get((row["file_id"], row["sheet"], row["cell"]))
        if one is not None:
            row |= {"correction_id": one.correction.correction_id, "raw_text": one.correction.was}
    return [_row(one, place, targets.get(place), rows, config) for place, one in corrected.items()]


def _row(one: Applied, place: Target, target: str | None, rows: Rows, config: CycleConfig) -> dict[str, Any]:
    """What the table says of a correction; words that are nobody's to read are left out."""
    correction = one.correction
    table, _, key = (target or f"{correction.table}/").rpartition("/")[0].partition("/")
    words = {"was": correction.was, "becomes": correction.becomes, "reason": correction.reason}
    row = next(
        (r for r in rows.get(table, []) if "|".join(_said(r[name]) for name in schemas()[table].key) == key),
        {},
    )
    is_pending = table == "cases" and row.get("state") != "closed"
    if is_pending or _is_private(correction, table, row, rows, config.cycle.suppression_threshold):
        words = dict.fromkeys(words, HIDDEN_TEXT)
    return {
        "correction_id": correction.correction_id, "table": table, "key": None if is_pending else key or None,
        "column": correction.column, **words, "who": correction.who, "when": correction.when,
        "settles": "|".join(one.settled) or None, **dict(zip(("file_id", "sheet", "cell"), place, strict=True)),
    }  # fmt: skip


def _is_private(
    correction: Correction, table: str, row: Mapping[str, Any], rows: Rows, threshold: int
) -> bool:
    """Whether nobody may read a value: single persons' words and votes, and votes of groups that are too small."""
    columns = {column.name: column for column in schemas()[table].columns}
    if table in _DISCREET or columns[correction.column].is_private:
        return True
    votes: dict[tuple[Any, ...], int] = {}
    for other in rows.get(table, []) if "n_votes" in columns else ():
        if other["unit_id"] == row.get("unit_id"):
            group = (other["rater_group"], other["question_id"])
            votes[group] = votes.get(group, 0) + int(other["n_votes"] or 0)
    return any(n < threshold for n in votes.values())
