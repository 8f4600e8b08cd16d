"""The cells of a cycle by what they fill and by where they stand; only those that are asked for are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from lianzheng.tables import Tables, schemas

Cell = tuple[str, str, str, str]  # file_id, sheet, address, text as received
_COLUMNS = ["target", "file_id", "sheet", "cell", "raw_text"]


class Cells:
    """Finds cells that fill something, file by file."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._by_target: dict[tuple[str, str], dict[str, list[Cell]]] = {}
        self._by_place: dict[str, dict[tuple[str, str], tuple[str, str]]] = {}

    def filling(self, target: str, file_id: str) -> list[Cell]:
        """The cells of a file that fill ``target``."""
        row, table = target.rpartition("/")[0], target.partition("/")[0]
        prefix = row.partition("|")[0] if schemas()[table].key[0] == "unit_id" else row
        if (file_id, prefix) not in self._by_target:
            found = self._by_target.setdefault((file_id, prefix), {})
            for filled, *cell in self._read(file_id, lambda cells: pc.starts_with(cells, prefix)):
                found.setdefault(filled, []).append((cell[0], cell[1], cell[2], cell[3]))
        return self._by_target[file_id, prefix].get(target, [])

    def target(self, file_id: str, sheet: str, address: str) -> tuple[str, str]:
        """What a cell fills, and its text; both empty where it fills nothing."""
        if file_id not in self._by_place:
            rows = self._read(file_id, pc.is_valid)
            self._by_place[file_id] = {(row[2], row[3]): (row[0], row[4]) for row in rows}
        return self._by_place[file_id].get((sheet, address), ("", ""))

    def _read(
        self, file_id: str, is_meant: Callable[[pa.ChunkedArray], pa.ChunkedArray]
    ) -> Iterable[Sequence[str]]:
        """The cells of a file whose target is meant."""

        def choose(stored: pa.Table) -> pa.Table:
            return stored.filter(is_meant(stored.column("target")))

        found = self._tables.rows("cells", "file_id", [file_id], _COLUMNS, choose)
        return zip(*(column.to_pylist() for column in found.columns), strict=True)
