"""What a page has read of the tables, as words that can be kept, and a digest of what these words now stand for."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

import pandas as pd

from lianzheng.tables.stored import Tables, read_manifest, read_table

NOTHING = ""
"""The digest where there is no such table, or no row of it has the value."""
_DIGITS = 16


def read_of(table: str, column: str, value: str) -> str:
    """The words for the rows of a table that have a value in a column; the name alone stands for the whole table."""
    return f"{table}/{column}/{value}"


def digests(tables: Tables, reads: Collection[str]) -> dict[str, str]:
    """A digest of the rows that each of ``reads`` stands for, the same as long as these rows are."""
    manifest = read_manifest(tables.folder)
    entries = manifest.get("tables", {})
    known = {read: read.split("/", 2) for read in reads}
    found = {read: entries.get(read, {}).get("sha256", NOTHING)[:_DIGITS] for read in reads}
    places = {(words[0], words[1]) for words in known.values() if words[1:]}
    by_value: dict[tuple[str, str], dict[str, str]] = {}
    for name in sorted({table for table, _ in places} & entries.keys()):  # no two of them in memory at a time
        frame = read_table(tables.folder, name, manifest)
        by_value |= {(name, column): _by_value(frame, column) for table, column in places if table == name}
    rows = {read: by_value.get((w[0], w[1]), {}).get(w[2], NOTHING) for read, w in known.items() if w[1:]}
    return found | rows


def _by_value(frame: pd.DataFrame, column: str) -> dict[str, str]:
    """A digest of the rows of each value of a column, in their order."""
    told = frame.astype({name: "str" for name in frame if frame[name].dtype == object})
    rows = pd.util.hash_pandas_object(told, index=False)
    groups = rows.groupby(frame[column].astype("str"), sort=False)
    return {str(value): hashlib.sha256(of.to_numpy().tobytes()).hexdigest()[:_DIGITS] for value, of in groups}
