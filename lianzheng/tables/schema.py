"""The schemas of the processed tables (``lianzheng/tables.yml``), bringing rows to them, and the gate."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
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


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table: what a row is, its key (after ``cycle``) and its columns in order."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[ColumnSchema, ...]

    @property
    def names(self) -> list[str]:
        """Column names in stored order."""
        return [column.name for column in self.columns]

    @property
    def arrow(self) -> pa.Schema:
        """The explicit pyarrow schema."""
        return pa.schema([pa.field(c.name, _ARROW[c.kind], nullable=c.is_nullable) for c in self.columns])

    def empty(self) -> pd.DataFrame:
        """A frame without rows that keeps the schema."""
        return pd.DataFrame({c.name: pd.Series(dtype=c.dtype) for c in self.columns})

    def frame_of(self, table: pa.Table) -> pd.DataFrame:
        """A stored table as a frame."""
        frame = table.to_pandas(use_threads=False)
        return frame.astype({column.name: column.dtype for column in self.columns})


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
    return TableSchema(
        name, spec["row"], tuple(spec["key"]), tuple(_column(n, s) for n, s in columns.items())
    )


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


def conform(name: str, rows: pd.DataFrame | Iterable[Mapping[str, Any]], cycle: int) -> pd.DataFrame:
    """Bring rows to a table's columns, dtypes and order, sorted by key; the gate is :func:`check`.

    Missing nullable columns become null; an unknown or missing required column raises :class:`TableError`.
    """
    schema = schemas()[name]
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    if frame.empty:
        return schema.empty()
    unknown = sorted(set(frame.columns) - set(schema.names))
    missing = sorted(
        c.name for c in schema.columns if not c.is_nullable and c.name not in {*frame.columns, "cycle"}
    )
    if unknown or missing:
        raise TableError(
            f"table {name}: unknown columns {unknown}, missing columns {missing}",
            "mend the step that makes it",
        )
    columns = {"cycle": pd.Series(cycle, index=frame.index, dtype="int64")}
    for column in schema.columns[1:]:
        values = (
            frame[column.name] if column.name in frame else pd.Series(None, index=frame.index, dtype=object)
        )
        columns[column.name] = _cast(values, column, name)
    ordered = pd.DataFrame(columns)
    return ordered.sort_values(list(schema.key), kind="stable", ignore_index=True)


def _cast(values: pd.Series, column: ColumnSchema, table: str) -> pd.Series:
    try:
        if column.dtype == "str":
            return (
                values.astype("str")
                if values.dtype != object
                else values.where(values.notna(), None).astype("str")
            )
        if column.dtype == "datetime64[us]":
            return pd.to_datetime(values).astype("datetime64[us]")
        return values.astype(column.dtype)
    except (TypeError, ValueError) as error:
        raise TableError(
            f"table {table}, column {column.name}: {error}", f"it must be {column.dtype}"
        ) from error


def check(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The gate: columns, dtypes, nulls, unique key and closed lists by pandera; raises :class:`TableError`."""
    import pandera.errors
    import pandera.pandas as gate

    schema = schemas()[name]
    lists = {c.name: gate.Check.isin(list(labels(c.of))) for c in schema.columns if c.kind == "list"}
    columns = {
        c.name: gate.Column(c.dtype, lists.get(c.name), nullable=c.is_nullable) for c in schema.columns
    }
    try:
        gate.DataFrameSchema(columns, strict=True, ordered=True, unique=["cycle", *schema.key]).validate(
            frame
        )
    except (pandera.errors.SchemaError, pandera.errors.SchemaErrors) as error:
        what = " ".join(str(error).split())[:400]
        raise TableError(
            f"table {name}: {what}", "mend the step that makes it; nothing was written"
        ) from error
    return frame


class References:
    """What ``ref`` columns name, gathered table by table, and whether it is there."""

    def __init__(self) -> None:
        self._there: dict[str, set[str]] = {}
        self._named: dict[tuple[str, str, str], set[str]] = {}

    def add(self, name: str, frame: pd.DataFrame) -> None:
        """Take (more) rows of a table."""
        self._there.setdefault(name, set()).update(frame[schemas()[name].key[0]].unique())
        for column in schemas()[name].columns:
            if column.kind == "ref":
                named = self._named.setdefault((name, column.name, column.of), set())
                named.update(frame[column.name].dropna().unique())

    def check(self) -> None:
        """Raise :class:`TableError` where a row that is named does not exist in a table that is known."""
        for (name, column, of), named in self._named.items():
            strange = sorted(named - self._there.get(of, named))[:5]
            if strange:
                what = f"table {name}: {column} {strange} not in {of}"
                raise TableError(what, "mend the step that makes it")


def check_references(frames: Mapping[str, pd.DataFrame]) -> None:
    """Every ``ref`` column names an existing row of the table it refers to; raises :class:`TableError`."""
    references = References()
    for name, frame in frames.items():
        references.add(name, frame)
    references.check()
