"""Ballots as columns: rows of the tables that they fill, which cell fills what, and what they come to.

A million ballots are twelve million answers, so none of them becomes an object of its own between file and table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lianzheng.intake.records import Record
from lianzheng.intake.spool import Packed, PackedTable
from lianzheng.tables import schemas

BALLOTS, ANSWERS, TARGETS = "ballots", "answers_by_ballot_question", "targets"
_TARGETS = pa.schema([("sheet", pa.string()), ("cell", pa.string()), ("target", pa.string())])


Item = TypeVar("Item")
Other = TypeVar("Other")


class Repeated(Generic[Item]):
    """Many places in which few different things stand: these, and the number of the one that stands in each place."""

    def __init__(self, known: Sequence[Item], numbers: np.ndarray | None = None) -> None:
        self.known, self.numbers = known, np.arange(len(known)) if numbers is None else numbers

    def each(self, change: Callable[[Item], Other]) -> Repeated[Other]:
        """What becomes of each, which is worked out once however often it stands there."""
        return Repeated(list(map(change, self.known)), self.numbers)

    def __iter__(self) -> Iterator[Item]:
        return map(self.known.__getitem__, self.numbers.tolist())

    def __getitem__(self, place: Any) -> Any:
        return self.known[self.numbers[place]]


@dataclass(slots=True)
class Counts:
    """How many ballots of each group there are without those sent twice, how many are valid, and the valid votes.

    ``votes`` count by group, rated question and option; an empty option is a missing answer. Additive.
    """

    n_read: Counter[str] = field(default_factory=Counter)
    n_valid: Counter[str] = field(default_factory=Counter)
    votes: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def __add__(self, other: Counts) -> Counts:
        """Those of two exports together."""
        return Counts(self.n_read + other.n_read, self.n_valid + other.n_valid, self.votes + other.votes)


class Coded(NamedTuple):
    """What is stored of an answer, and the issue that it makes: its code, and what it shows of the text."""

    option_id: str
    answer_state: str
    text: str | None
    fault: str = ""
    seen: str = ""


Column = tuple[Repeated[Coded], Iterable[str | None]]
"""A question's answers and their cells, ballot by ballot."""


@dataclass(slots=True)
class Ballots:
    """The ballots of one export: packed rows of each table and of ``targets`` (sheet, cell, what it fills), and their counts."""

    tables: dict[str, PackedTable]
    sums: Packed[Counts]

    @property
    def counts(self) -> Counts:
        """What they come to."""
        return self.sums[0]

    def records(self, name: str) -> list[Record]:
        """The rows of a table one by one, with the cells that fill them."""
        filled: dict[str, list[tuple[str, str, str]]] = {}
        for sheet, cell, target in self.tables[TARGETS]:
            row, _, column = target.rpartition("/")
            filled.setdefault(row, []).append((sheet, cell, column))
        rows, key = self.tables[name].batch().to_pylist(), schemas()[name].key
        places = (f"{name}/{'|'.join(row[column] for column in key)}" for row in rows)
        return [Record(name, row, tuple(filled.get(p, ()))) for p, row in zip(places, rows, strict=True)]


def make_ballots(
    whose: Mapping[str, str], sheet: str, values: Mapping[str, Sequence[Any]],
    places: Mapping[str, Iterable[str | None]], answers: Mapping[str, Column], counts: Counts,
) -> Ballots:  # fmt: skip
    """Pack an export: ``whose`` (unit_id, file_id, form_id) is every row's, ``values`` are the ballots' own.

    ``places`` are the cells of some of the values, ``answers`` the columns by question.
    """
    ballots = _batch(BALLOTS, len(values["ballot_id"]), {**values, **whose})
    of_ballots = ballots.column("ballot_id")
    n, names = len(ballots), sorted(answers)
    known = [answer for name in names for answer in answers[name][0].known]
    before = np.cumsum([0, *(len(answers[name][0].known) for name in names)])
    numbers = [first + answers[name][0].numbers for first, name in zip(before, names, strict=False)]
    chosen = pa.array(np.array(numbers, int).reshape(len(names), n).T.ravel())
    cells = pa.concat_arrays(
        [pa.array([], pa.string()), *(pa.array(answers[name][1], pa.string()) for name in names)]
    )
    told = {
        name: pa.array([getattr(answer, name) for answer in known], pa.string()).take(chosen)
        for name in ("option_id", "answer_state", "text")
    }
    told |= {
        "ballot_id": of_ballots.take(pa.array(np.repeat(np.arange(n), len(names)))),
        "question_id": pa.array(names, pa.string()).take(pa.array(np.tile(np.arange(len(names)), n))),
        "sheet": sheet, "cell": cells.take(pa.array(np.arange(len(cells)).reshape(len(names), n).T.ravel())),
    }  # fmt: skip
    parts = [(of_ballots, BALLOTS, column, pa.array(cells, pa.string())) for column, cells in places.items()]
    keys = pc.binary_join_element_wise(told["ballot_id"], told["question_id"], told["option_id"], "|")
    targets = [_targets(sheet, *part) for part in (*parts, (keys, ANSWERS, "option_id", told["cell"]))]
    packed = {BALLOTS: ballots, ANSWERS: _batch(ANSWERS, len(cells), {**told, **whose})}
    packed |= {TARGETS: pa.concat_batches(targets)}
    return Ballots({name: PackedTable(batch) for name, batch in packed.items()}, Packed([counts]))


def _batch(name: str, n_rows: int, columns: Mapping[str, Any]) -> pa.RecordBatch:
    """Rows of a table without the cycle; one text stands for all of a column."""
    schema = schemas()[name].arrow
    schema = schema.remove(schema.get_field_index("cycle"))
    made = []
    for name_, kind in zip(schema.names, schema.types, strict=True):
        values = columns[name_]
        is_one = isinstance(values, str)
        made.append(pa.repeat(pa.scalar(values, kind), n_rows) if is_one else pa.array(values, kind))
    return pa.RecordBatch.from_arrays(made, schema=schema)


def _targets(sheet: str, keys: pa.Array, table: str, column: str, cells: pa.Array) -> pa.RecordBatch:
    """What a column of cells fills, as the table of cells says it; rows without a cell fall out."""
    is_there = cells.is_valid()
    told = pc.binary_join_element_wise(table, keys.filter(is_there), column, "/")
    sheets = pa.repeat(pa.scalar(sheet), len(told))
    return pa.RecordBatch.from_arrays([sheets, cells.filter(is_there), told], schema=_TARGETS)
