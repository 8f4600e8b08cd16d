"""The cells of a cycle by what they fill and by where they stand; only those that are asked for are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from lianzheng.tables import Tables, schemas

Cell = tuple[str, str, str, str]  # file_id, sheet, address, text as received
_COLUMNS = ["target", "file_id", "sheet", "cell", "raw_text"]


class Cells:
    """Finds cells that fill something."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._by_target: dict[tuple[str, str], dict[str, list[Cell]]] = {}
        self._by_place: dict[str, dict[tuple[str, str], tuple[str, str]]] = {}

    def filling(self, target: str, unit_id: str = "", file_ids: Iterable[str] = ()) -> list[Cell]:
        """The cells that fill ``target``; for a row of the unit named, they are looked for in these files only."""
        table = target.partition("/")[0]
        if (table, unit_id) not in self._by_target:
            prefix = f"{table}/{unit_id}" if schemas()[table].key[0] == "unit_id" else f"{table}/"
            found = self._by_target.setdefault((table, unit_id), {})
            for filled, *cell in self._read(lambda stored: _in_files(_filling(stored, prefix), file_ids)):
                found.setdefault(filled, []).append((cell[0], cell[1], cell[2], cell[3]))
        return self._by_target[table, unit_id].get(target, [])

    def target(self, file_id: str, sheet: str, address: str) -> tuple[str, str]:
        """What a cell fills, and its text; both empty where it fills nothing."""
        if file_id not in self._by_place:
            rows = self._read(lambda stored: _in_files(_filling(stored, ""), [file_id]))
            self._by_place[file_id] = {(row[2], row[3]): (row[0], row[4]) for row in rows}
        return self._by_place[file_id].get((sheet, address), ("", ""))

    def _read(self, choose: Callable[[pa.Table], pa.Table]) -> Iterable[Sequence[str]]:
        return self._tables.select("cells", lambda stored: choose(stored.select(_COLUMNS))).to_numpy()


def _filling(cells: pa.Table, prefix: str) -> pa.Table:
    return cells.filter(pc.starts_with(cells.column("target"), prefix))


def _in_files(cells: pa.Table, file_ids: Iterable[str]) -> pa.Table:
    wanted = pa.array(list(file_ids), pa.string())
    return cells.filter(pc.is_in(cells.column("file_id"), wanted)) if len(wanted) else cells
