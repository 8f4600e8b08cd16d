"""The schemas of the processed tables (``lianzheng/tables.yml``), bringing rows to them, and the gate."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from lianzheng.errors import TableError

_ARROW = {
    "str": pa.string(), "int": pa.int64(), "count": pa.int64(), "float": pa.float64(), "bool": pa.bool_(),
    "date": pa.timestamp("us"), "datetime": pa.timestamp("us"), "list": pa.string(), "ref": pa.string(),
}  # fmt: skip
_PANDAS = {
    "str": "str", "int": "int64", "count": "Int64", "float": "float64", "bool": "boolean",
    "date": "datetime64[us]", "datetime": "datetime64[us]", "list": "str", "ref": "str",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnSchema:
    """A column: its type word, what it is, whether it may be null, its closed list or the table it refers to."""

    name: str
    kind: str
    of: str
    is_nullable: bool
    is_private: bool
    description: str

    @property
    def dtype(self) -> str:
        """The pandas dtype that a stored frame has here."""
        return _PANDAS[self.kind]

    @property
    def arrow(self) -> pa.DataType:
        """The pyarrow type that is stored."""
        return _ARROW[self.kind]


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table: what a row is, its key (after ``cycle``), its columns in order, and the explicit pyarrow schema."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[ColumnSchema, ...]
    arrow: pa.Schema

    @property
    def names(self) -> list[str]:
        """Column names in stored order."""
        return [column.name for column in self.columns]

    def empty(self) -> pd.DataFrame:
        """A frame without rows that keeps the schema."""
        return self.frame_of(self.arrow.empty_table())

    def frame_of(self, table: pa.Table) -> pd.DataFrame:
        """A stored table, or some of its columns, as a frame."""
        frame = table.to_pandas(use_threads=False, types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
        counts = [c.name for c in self.columns if c.kind == "count" and c.name in frame]
        return frame.astype(dict.fromkeys(counts, "Int64")) if counts else frame

    def table_of(self, frame: pd.DataFrame) -> pa.Table:
        """A frame as it is stored, without pandas' metadata; a :class:`TableError` where columns or dtypes are others."""
        found = [(name, str(dtype)) for name, dtype in frame.dtypes.items()]
        asked = [(column.name, column.dtype) for column in self.columns]
        if found != asked:
            strange = [pair for pair in found if pair not in asked] or found
            raise _not_stored(self.name, f"columns are {strange}, and must be {asked}")
        try:
            table = pa.Table.from_pandas(frame, self.arrow, preserve_index=False)
        except ValueError as error:
            raise _not_stored(self.name, str(error)) from error
        return table.replace_schema_metadata(None)

    def is_in_order(self, table: pa.Table) -> bool:
        """Whether each row's key is greater than that of the row before: sorted, and no key twice."""
        is_greater: Any = False
        for name in reversed(self.key):
            column = table.column(name).combine_chunks()
            before, after = column[:-1], column[1:]
            is_greater = pc.or_kleene(
                pc.greater(after, before), pc.and_kleene(pc.equal(after, before), is_greater)
            )
        return len(table) < 2 or bool(pc.all(is_greater, skip_nulls=False).as_py())

    def in_order(self, table: pa.Table) -> pa.Table:
        """The rows in the order of the key."""
        return (
            table.combine_chunks()
            if self.is_in_order(table)
            else table.take(pc.sort_indices(table, [(name, "ascending") for name in self.key]))
        )


def _not_stored(name: str, what: str) -> TableError:
    return TableError(f"table {name}: {what}", "mend the step that makes it; nothing was written")


def _column(name: str, spec: list[str]) -> ColumnSchema:
    kind, _, of = spec[0].rstrip("?").partition(" ")
    return ColumnSchema(name, kind, of, spec[0].endswith("?"), "private" in spec[2:], spec[1])


def _table(name: str, spec: dict[str, Any]) -> TableSchema:
    lineage = {
        "file_id": ["ref files?", "source file"],
        "sheet": ["str?", "sheet"],
        "cell": ["str?", "address"],
    }
    columns = {"cycle": ["int", "the year"], **spec["columns"], **(lineage if spec.get("lineage") else {})}
    made = tuple(_column(n, s) for n, s in columns.items())
    arrow = pa.schema([pa.field(c.name, c.arrow, nullable=c.is_nullable) for c in made])
    return TableSchema(name, spec["row"], tuple(spec["key"]), made, arrow)


@functools.cache
def _contract() -> dict[str, Any]:
    text = Path(__file__).parents[1].joinpath("tables.yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@functools.cache
def schemas() -> Mapping[str, TableSchema]:
    """All table schemas by name."""
    return {name: _table(name, spec) for name, spec in _contract()["tables"].items()}


def labels(closed_list: str) -> dict[str, str]:
    """The ids of a closed list with their Chinese labels."""
    return dict(_contract()["lists"][closed_list])


Rows: TypeAlias = pd.DataFrame | pa.Table | pa.RecordBatch | Iterable[Mapping[str, Any]]


def conform(name: str, rows: Rows, cycle: int) -> pd.DataFrame:
    """Bring rows to a table's columns, dtypes and order, sorted by key; the gate is :func:`check`.

    Missing nullable columns become null; an unknown or missing required column raises :class:`TableError`.
    """
    return schemas()[name].frame_of(arrange(name, rows, cycle))


def arrange(name: str, rows: Rows, cycle: int) -> pa.Table:
    """Like :func:`conform`, but as pyarrow, as it will be stored: what is never looked at in pandas need not go there."""
    schema = schemas()[name]
    columns = _by_column(rows)
    n_rows = max(map(len, columns.values()), default=0)
    if not n_rows:
        return schema.arrow.empty_table()
    unknown = sorted(set(columns) - set(schema.names))
    missing = sorted(
        c.name for c in schema.columns if not c.is_nullable and c.name not in {*columns, "cycle"}
    )
    if unknown or missing:
        raise TableError(
            f"table {name}: unknown columns {unknown}, missing columns {missing}",
            "mend the step that makes it",
        )
    columns["cycle"] = pa.repeat(pa.scalar(cycle, pa.int64()), n_rows)
    cast = [
        _cast(columns[c.name], c, name) if c.name in columns else pa.nulls(n_rows, c.arrow)
        for c in schema.columns
    ]
    return schema.in_order(pa.Table.from_arrays(cast, schema=schema.arrow))


def _by_column(rows: Rows) -> dict[str, Any]:
    if isinstance(rows, pd.DataFrame | pa.Table | pa.RecordBatch):
        names = rows.columns if isinstance(rows, pd.DataFrame) else rows.column_names
        return {str(name): rows[name] for name in names}
    held: list[Mapping[str, Any]] = list(rows)
    return {name: [row.get(name) for row in held] for name in set[str]().union(*held)}


def _cast(values: Any, column: ColumnSchema, table: str) -> pa.Array | pa.ChunkedArray:
    """Values at the column's type, directly where pyarrow sees at once what they are, else as pandas takes them."""
    try:
        if isinstance(values, pa.Array | pa.ChunkedArray):
            return values.cast(column.arrow)
        try:
            found = pa.array(
                values, None if column.kind in ("int", "count") else column.arrow, from_pandas=True
            )
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            found = pa.array(_in_pandas(pd.Series(values), column), column.arrow, from_pandas=True)
        found = found.cast(column.arrow)
        if column.kind == "int" and found.null_count:
            raise ValueError("values are missing")
    except (TypeError, ValueError) as error:
        raise TableError(
            f"table {table}, column {column.name}: {error}", f"it must be {column.dtype}"
        ) from error
    return found


def _in_pandas(values: pd.Series, column: ColumnSchema) -> pd.Series:
    if column.dtype == "str":
        return (
            values.astype("str")
            if values.dtype != object
            else values.where(values.notna(), None).astype("str")
        )
    if column.dtype == "datetime64[us]":
        return pd.to_datetime(values).astype("datetime64[us]")
    return values.astype(column.dtype)


def check(name: str, rows: pd.DataFrame | pa.Table) -> pa.Table:
    """The gate: columns, types, nulls, closed lists and a unique key; returns the rows as they are to be stored.

    Raises :class:`TableError` (docs/decisions/0009-the-gate.md).
    """
    schema = schemas()[name]
    table = rows if isinstance(rows, pa.Table) else schema.table_of(rows)
    if table.schema != schema.arrow:
        raise _not_stored(name, f"columns are {table.schema}, and must be {schema.arrow}")
    for column in schema.columns:
        values = table.column(column.name)
        if values.null_count and not column.is_nullable:
            raise _not_stored(name, f"{column.name} is null in {values.null_count} of {len(values)} rows")
        if column.kind == "list":
            strange = sorted(set(pc.unique(values).to_pylist()) - {None, *labels(column.of)})
            if strange:
                raise _not_stored(name, f"{column.name} {strange[:5]} not in the list {column.of}")
    if schema.is_in_order(table):
        return table
    counts = table.group_by(list(schema.key), use_threads=False).aggregate([([], "count_all")])
    if len(counts) < len(table):
        twice = counts.filter(pc.greater(counts.column("count_all"), 1)).drop_columns("count_all").to_pylist()
        raise _not_stored(name, f"rows share the key {twice[:5]}")
    return table


class References:
    """What ``ref`` columns name, gathered table by table, and whether it is there."""

    def __init__(self) -> None:
        self._there: dict[str, list[Callable[[], pa.Array]]] = {}
        self._last: dict[str, pa.Array] = {}
        self._named: dict[tuple[str, str, str], list[pa.Array]] = {}
        self._asked = {
            column.of for schema in schemas().values() for column in schema.columns if column.kind == "ref"
        }

    def add(self, name: str, table: pa.Table, again: Callable[[], pa.Table] | None = None) -> None:
        """Take (more) rows of a table; the keys of what ``again`` reads are asked for only where somebody names them."""
        schema = schemas()[name]
        if name in self._asked:
            keys = self._last[name] = pc.unique(table.column(schema.key[0]))
            self._there.setdefault(name, []).append(
                (lambda: pc.unique(again().column(schema.key[0]))) if again else lambda: keys
            )
        for column in (column for column in schema.columns if column.kind == "ref"):
            named = pc.unique(table.column(column.name)).drop_null()
            if column.of in self._last:  # most name what came just before
                named = named.filter(pc.invert(pc.is_in(named, self._last[column.of])))
            if len(named):
                self._named.setdefault((name, column.name, column.of), []).append(named)

    def check(self) -> None:
        """Raise :class:`TableError` where a row that is named does not exist in a table that is known."""
        for (name, column, of), parts in self._named.items():
            named = pa.concat_arrays(parts)
            known = [read() for read in self._there.get(of, [])]
            there = pa.concat_arrays(known) if known else named
            if strange := sorted(set(named.filter(pc.invert(pc.is_in(named, there))).to_pylist()))[:5]:
                what = f"table {name}: {column} {strange} not in {of}"
                raise TableError(what, "mend the step that makes it")


def check_references(frames: Mapping[str, pd.DataFrame]) -> None:
    """Every ``ref`` column names an existing row of the table it refers to; raises :class:`TableError`."""
    references = References()
    for name, frame in frames.items():
        references.add(name, schemas()[name].table_of(frame))
    references.check()
