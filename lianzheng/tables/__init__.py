"""The processed tables: schema, gate, atomic write and verified read (``lianzheng/tables.yml`` holds the schemas).

One parquet file per table under ``data/processed/<cycle>/`` and a ``manifest.json`` that names every file's
sha256, so that a table which was not written by a finished step is never read.
"""

from __future__ import annotations

from lianzheng.tables.reads import digests, read_of
from lianzheng.tables.schema import (
    ColumnSchema,
    References,
    TableSchema,
    arrange,
    check,
    check_references,
    conform,
    labels,
    schemas,
)
from lianzheng.tables.store import SortedRuns, TableStore, sweep_tables, to_parquet_bytes, write_tables
from lianzheng.tables.stored import (
    MANIFEST,
    NOBODY,
    HeldTables,
    Tables,
    as_tables,
    file_of,
    parts_of,
    read_manifest,
    read_table,
)

__all__ = [
    "MANIFEST", "NOBODY", "ColumnSchema", "HeldTables", "References", "SortedRuns", "TableSchema", "TableStore", "Tables", "arrange", "as_tables", "check", "check_references",
    "conform", "digests", "file_of", "labels", "parts_of", "read_manifest", "read_of", "read_table", "schemas", "sweep_tables", "to_parquet_bytes",
    "write_tables",
]  # fmt: skip
