"""Stored tables, read and verified: all of a table, or the parts in which the rows of a few units are."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lianzheng.disk import open_named
from lianzheng.errors import TableError
from lianzheng.tables.schema import schemas

MANIFEST = "manifest.json"
NOBODY = ""
"""Among the values that rows are to have: none."""


def file_of(name: str) -> str:
    """The name of a table's file."""
    return f"{name}.parquet"


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a cycle's tables, or an empty one."""
    path = folder / MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def read_table(folder: Path, name: str, manifest: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """A stored table with its schema's dtypes, as ``manifest`` (default: the one there now) says it is.

    Raises :class:`TableError` if the table is missing or altered, or was renewed after that manifest had been read.
    """
    return schemas()[name].frame_of(_rows(_open(folder, name, manifest)))


def _verified(folder: Path, name: str, manifest: Mapping[str, Any] | None) -> IO[bytes]:
    """A table's file, open, once its hash is that of the manifest."""
    known = read_manifest(folder) if manifest is None else manifest
    entry, path = known.get("tables", {}).get(name), folder / file_of(name)
    file = open_named(path, entry["sha256"]) if entry else None
    if file is None:
        what, remedy = f"还没有数据表 {name}（{folder}）", f"先在命令行运行 lianzheng run {folder.name}"
        if entry and path.exists():
            what = f"数据表 {name}（{folder}）与 manifest.json 所记的不符"
        if known != read_manifest(folder):
            what = f"正在读取时，{folder} 中的数据表被另一次运行更新了"
            remedy = "重新运行，或重新打开这一年度"
        raise TableError(what, remedy)
    return file


def _open(folder: Path, name: str, manifest: Mapping[str, Any] | None) -> pq.ParquetFile:
    with _verified(folder, name, manifest) as file:
        return pq.ParquetFile(pa.BufferReader(file.read()), pre_buffer=False)


def _rows(file: pq.ParquetFile, columns: Sequence[str] = (), groups: Sequence[int] | None = None) -> pa.Table:
    """All rows, or those of some row groups; all columns, or some.

    Not by pq.read_table: it starts threads, and now and then one of them aborts the process when the interpreter ends.
    """
    chosen = list(columns) or None
    if groups is None:
        return file.read(chosen, use_threads=False)
    return file.read_row_groups(groups, chosen, use_threads=False)


class Tables:
    """The processed tables of a cycle, each read and verified once when asked for: ``tables["units"]``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, pq.ParquetFile] = {}
        self._stored: dict[tuple[str, str, tuple[str, ...]], pa.Table] = {}
        self._ranges: dict[tuple[str, str], list[Any]] = {}
        self._parts: dict[tuple[str, tuple[int, ...] | None], pa.Table] = {}
        self._frames: dict[tuple[str, tuple[str, ...]], pd.DataFrame] = {}
        self._manifest: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.of_unit(name)

    def of_unit(self, name: str, *unit_ids: str) -> pd.DataFrame:
        """The rows of a unit, or of nobody (``NOBODY``); all rows where none is named or the table is not about units."""
        whose = self._whose(name, unit_ids)
        if (name, whose) not in self._frames:
            self._frames[name, whose] = schemas()[name].frame_of(self._of(name, whose))
        return self._frames[name, whose]

    def records(self, name: str, *unit_ids: str) -> list[dict[str, Any]]:
        """The same rows as mappings, which for a few of them takes less time than a frame."""
        return list(self._of(name, self._whose(name, unit_ids)).to_pylist())

    def _whose(self, name: str, unit_ids: tuple[str, ...]) -> tuple[str, ...]:
        return unit_ids if "unit_id" in schemas()[name].names else ()

    def _of(self, name: str, whose: tuple[str, ...]) -> pa.Table:
        return self.rows(name, "unit_id" if whose else "", whose)

    def rows(
        self, name: str, column: str = "", values: Collection[str] = (), columns: Sequence[str] = (),
        choose: Callable[[pa.Table], pa.Table] = lambda stored: stored,
    ) -> pa.Table:  # fmt: skip
        """Those rows of a table that have one of ``values`` in ``column`` (all without one) and that ``choose`` leaves.

        Only some ``columns`` of them, where these are named: then nothing is kept for the next who asks. A few rows of
        many cost no more than a few.
        """
        if columns:
            return choose(_those(self.read(name, column, values, columns), column, values).select(columns))
        asked = name, column, tuple(values)
        if asked not in self._stored:
            self._stored[asked] = _those(self.read(*asked), column, values)
        return choose(self._stored[asked])

    def read(self, name: str, column: str, values: Collection[str], columns: Sequence[str] = ()) -> pa.Table:
        """A table as it is stored, or the part of it that has all rows with one of ``values`` in ``column``.

        Raises :class:`TableError` as :func:`read_table` does.
        """
        if name not in self._files:
            self._files[name] = _open(self.folder, name, self._known())
        file, groups = self._files[name], None
        if column and file.num_row_groups > 1:
            if (name, column) not in self._ranges:
                self._ranges[name, column] = _ranges(file, column)
            groups = _groups(self._ranges[name, column], values)
        if columns:
            return _rows(file, list({*columns, column} - {""}), groups)
        if (name, groups) not in self._parts:
            self._parts[name, groups] = _rows(file, groups=groups)
        return self._parts[name, groups]

    def _known(self) -> dict[str, Any]:
        if self._manifest is None:
            self._manifest = read_manifest(self.folder)
        return self._manifest

    def parts(self, name: str, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Some columns of a table as pyarrow, group of rows by group of rows, for tables too large for a frame.

        Texts come as numbers into a dictionary of each group's own.
        """
        with _verified(self.folder, name, self._known()) as stream:
            file = pq.ParquetFile(stream, read_dictionary=list(columns), pre_buffer=False)
            for number in range(file.num_row_groups):
                yield file.read_row_group(number, columns=list(columns), use_threads=False)

    def public(self, name: str, *unit_ids: str) -> pd.DataFrame:
        """What a page may see of a table or of a unit's rows: no private column, and of cases only the closed ones."""
        frame = self.of_unit(name, *unit_ids)
        if name == "cases":
            frame = frame[frame["state"] == "closed"].reset_index(drop=True)
        shown = [column.name for column in schemas()[name].columns if not column.is_private]
        return frame if len(shown) == len(frame.columns) else frame[shown]


class HeldTables(Tables):
    """Frames that were not stored, as the tables that they would be."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        super().__init__(Path())
        self._held = frames

    def read(self, name: str, *where: object) -> pa.Table:
        """A frame as it would be stored, with all its columns."""
        return pa.Table.from_pandas(self._held[name], schemas()[name].arrow, preserve_index=False)


def as_tables(tables: Tables | Mapping[str, pd.DataFrame]) -> Tables:
    """Stored tables as they are, frames as the tables that they would be."""
    return tables if isinstance(tables, Tables) else HeldTables(tables)


def _those(stored: pa.Table, column: str, values: Collection[str]) -> pa.Table:
    """The rows that have one of the values; ``NOBODY`` is nothing."""
    if not column:
        return stored
    found = stored.column(column)
    is_one = pc.is_in(found, pa.array([value for value in values if value != NOBODY], pa.string()))
    return stored.filter(pc.or_(is_one, pc.is_null(found)) if NOBODY in values else is_one)


def _ranges(file: pq.ParquetFile, column: str) -> list[Any]:
    """Least and greatest value and number of nulls of a column in each row group, as far as they are recorded."""
    place = file.schema_arrow.get_field_index(column)
    told = (file.metadata.row_group(n).column(place).statistics for n in range(file.num_row_groups))
    return [known and (known.has_min_max and (known.min, known.max), known.null_count) for known in told]


def _groups(ranges: Sequence[Any], values: Collection[str]) -> tuple[int, ...]:
    """The row groups in which, by what is recorded of them, rows with one of the values may be."""
    return tuple(
        n
        for n, known in enumerate(ranges)
        if known is None
        or (NOBODY in values and known[1])
        or (known[0] and any(known[0][0] <= value <= known[0][1] for value in values))
    )


def parts_of(
    tables: Tables | Mapping[str, pd.DataFrame], name: str, columns: Sequence[str]
) -> Iterator[pa.Table]:
    """Some columns of a table part by part: of the stored one as :meth:`Tables.parts` has them, else the frame's."""
    if isinstance(tables, Tables):
        yield from tables.parts(name, columns)
    else:
        yield schemas()[name].table_of(tables[name]).select(list(columns))
