"""The processed tables: schema, gate, atomic write and verified read (``lianzheng/tables.yml`` holds the schemas).

One parquet file per table under ``data/processed/<cycle>/`` and a ``manifest.json`` that names every file's
sha256, so that a table which was not written by a finished step is never read.
"""

from __future__ import annotations

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
from lianzheng.tables.store import (
    MANIFEST,
    SortedRuns,
    Tables,
    TableStore,
    file_of,
    parts_of,
    read_manifest,
    read_table,
    sweep_tables,
    to_parquet_bytes,
    write_tables,
)

__all__ = [
    "MANIFEST", "ColumnSchema", "References", "SortedRuns", "TableSchema", "TableStore", "Tables", "arrange", "check", "check_references",
    "conform", "file_of", "labels", "parts_of", "read_manifest", "read_table", "schemas", "sweep_tables", "to_parquet_bytes",
    "write_tables",
]  # fmt: skip
