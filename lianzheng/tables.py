"""The processed tables: schema, gate, atomic write and verified read (``tables.yml`` holds the schemas).

One parquet file per table under ``data/processed/<cycle>/`` and a ``manifest.json`` that names every file's
sha256, so that a table which was not written by a finished step is never read.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from lianzheng.errors import InputError, TableError

_ARROW = {
    "str": pa.string(), "int": pa.int64(), "count": pa.int64(), "float": pa.float64(), "bool": pa.bool_(),
    "date": pa.timestamp("us"), "datetime": pa.timestamp("us"), "list": pa.string(), "ref": pa.string(),
}  # fmt: skip
_PANDAS = {
    "str": "str", "int": "int64", "count": "Int64", "float": "float64", "bool": "boolean",
    "date": "datetime64[us]", "datetime": "datetime64[us]", "list": "str", "ref": "str",
}  # fmt: skip
MANIFEST = "manifest.json"


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
    text = Path(__file__).with_name("tables.yml").read_text(encoding="utf-8")
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


def check_references(frames: Mapping[str, pd.DataFrame]) -> None:
    """Every ``ref`` column names an existing row of the table it refers to; raises :class:`TableError`."""
    for name, frame in frames.items():
        for column in schemas()[name].columns:
            if column.kind == "ref" and column.of in frames:
                known = set(frames[column.of][schemas()[column.of].key[0]])
                strange = sorted(set(frame[column.name].dropna()) - known)[:5]
                if strange:
                    raise TableError(
                        f"table {name}: {column.name} {strange} not in {column.of}",
                        "mend the step that makes it",
                    )


def to_parquet_bytes(name: str, frame: pd.DataFrame) -> bytes:
    """A frame as parquet with the explicit schema and no pandas metadata: equal frames give equal bytes."""
    buffer = io.BytesIO()
    table = pa.Table.from_pandas(frame, schema=schemas()[name].arrow, preserve_index=False)
    pq.write_table(table.replace_schema_metadata(None), buffer, compression="zstd")
    return buffer.getvalue()


def write_atomically(path: Path, data: bytes) -> None:
    """Write under a temporary name, then replace; a reader sees the old file or the new one, never half.

    Raises :class:`InputError` when another program (Excel, WPS, Acrobat) holds the target open.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        _retry(lambda: temporary.replace(path))
    except PermissionError as error:
        raise InputError(
            f"文件正被打开或不可写：{path.name}", "请关闭打开它的程序（Excel、WPS、Acrobat）后重试"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _retry(action: Callable[[], object], attempts: int = 5) -> None:
    for attempt in range(attempts):
        try:
            action()
            return
        except PermissionError:  # Windows: the target is open in another program for a moment
            if attempt == attempts - 1:
                raise
            time.sleep(0.2 * (attempt + 1))


def write_tables(folder: Path, frames: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]) -> None:
    """Gate every frame, then write all of them and the manifest (last), each atomically.

    ``facts`` (hashes of inputs, config, library, fonts) are merged into the manifest under their own keys.
    """
    for name, frame in frames.items():
        check(name, frame)
    manifest = read_manifest(folder)
    for name, frame in frames.items():
        data = to_parquet_bytes(name, frame)
        write_atomically(folder / f"{name}.parquet", data)
        entry = {"sha256": hashlib.sha256(data).hexdigest(), "n_rows": len(frame)}
        manifest["tables"] = {**manifest.get("tables", {}), name: entry}
    text = json.dumps({**manifest, **facts}, ensure_ascii=False, indent=1, sort_keys=True)
    write_atomically(folder / MANIFEST, text.encode("utf-8"))


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a cycle's tables, or an empty one."""
    path = folder / MANIFEST
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table and verify it against the manifest; raises :class:`TableError` if it is missing or altered."""
    path = folder / f"{name}.parquet"
    remedy = f"run: lianzheng run {folder.name}"
    entry = read_manifest(folder).get("tables", {}).get(name)
    if entry is None or not path.exists():
        raise TableError(f"table {name} has not been made in {folder}", remedy)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise TableError(f"table {name} in {folder} is not the one that the manifest names", remedy)
    # Not pq.read_table: it starts threads, and now and then one of them aborts the process when the interpreter ends.
    table = pq.ParquetFile(pa.BufferReader(data), pre_buffer=False).read(use_threads=False)
    frame = table.to_pandas(use_threads=False)
    return frame.astype({column.name: column.dtype for column in schemas()[name].columns})


class Tables:
    """The processed tables of a cycle, each read and verified once when asked for: ``tables["units"]``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._frames: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            self._frames[name] = read_table(self.folder, name)
        return self._frames[name]

    def public(self, name: str) -> pd.DataFrame:
        """What a page may see of a table: no private column, and of cases only the closed ones."""
        frame = self[name]
        if name == "cases":
            frame = frame[frame["state"] == "closed"].reset_index(drop=True)
        return frame.drop(columns=[c.name for c in schemas()[name].columns if c.is_private])
