"""Tables on their way to the disk: sorted runs of rows, and the store that puts all of them in place at one moment."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lianzheng.disk import Renewal, scratch, sweep, writing
from lianzheng.tables.schema import References, check, schemas
from lianzheng.tables.stored import MANIFEST, file_of, read_manifest

BATCH_ROWS, RANGE_ROWS = 2_048, 32_768
"""How many rows of a large table lie together on disk and are read together, and about how many are sorted at once."""
_AT_ONCE, _GROUPS, _PARTS_KEPT = 2, 256, 4
"""Tables that are written at once, about how many groups of rows a large one has, and after how many parts of it memory is given back."""
Again = Callable[[], pa.Table]
_SAMPLED = 256
"""Of so many rows one key is kept, to cut the table into ranges of about equal size."""


def to_parquet_bytes(name: str, frame: pd.DataFrame) -> bytes:
    """A frame as parquet with the explicit schema: equal frames give equal bytes."""
    buffer = io.BytesIO()
    pq.write_table(schemas()[name].table_of(frame), buffer, compression="zstd")
    return buffer.getvalue()


class SortedRuns:
    """The rows of a table as they come, each part sorted by key, and all of them in the order of the key.

    One part stays in memory. From the second on they are read again where whoever brings them can do so, and else lie in
    a temporary file in batches; few of them are read for each range of the first column of the key: the memory needed
    does not depend on the number of parts.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self._schema, self._folder = schemas()[name], folder
        self._only: tuple[pa.Table, Again | None] | None = None
        self._batches: list[tuple[str, str, Again]] = []  # first and last value of the key's first column
        self._samples: list[str] = []  # values of it at equal distances
        self._open = contextlib.ExitStack()
        self._file: Any = None
        self._writer: Any = None

    def add(self, part: pa.Table, again: Again | None = None) -> None:
        """Take more rows, sorted by key; what ``again`` reads once more need not be kept."""
        if self._only is None and not self._batches:
            self._only = part, again
        elif len(part):
            for known in (self._only, (part, again)):
                if known is not None:
                    self._keep(*known)
            self._only = None

    def _keep(self, part: pa.Table, again: Again | None) -> None:
        size = max(len(part), 1) if again else BATCH_ROWS
        for first in range(0, len(part), size):
            batch = part.slice(first, size)
            key = batch.column(self._schema.key[0])
            self._batches.append((str(key[0]), str(key[-1]), again or self._spill(batch)))
            self._samples += map(sys.intern, key[::_SAMPLED].to_pylist())  # many rows have the same

    def _spill(self, batch: pa.Table) -> Again:
        if self._file is None:
            self._file = self._open.enter_context(scratch(self._folder))
            self._writer = pa.ipc.new_file(self._file, self._schema.arrow)
        with writing(self._folder / file_of(self._schema.name)):
            self._writer.write_table(batch.combine_chunks())
        number = self._writer.stats.num_record_batches - 1
        return lambda: pa.Table.from_batches([self._reader.get_batch(number)])

    def __len__(self) -> int:
        """About how many rows there are."""
        return len(self._only[0]) if self._only is not None else _SAMPLED * len(self._samples)

    def in_order(self) -> Iterator[pa.Table]:
        """All rows, range by range, each sorted by key; once."""
        if not self._batches:
            yield self._schema.arrow.empty_table() if self._only is None else self._only[0]
            return
        if self._file is not None:
            self._writer.close()
            self._reader = pa.ipc.open_file(self._file)
        n_samples = RANGE_ROWS // _SAMPLED
        cuts = sorted({"", *sorted(self._samples)[n_samples::n_samples]})
        held: dict[int, pa.Table] = {}
        for low, high in itertools.zip_longest(cuts, cuts[1:]):
            held = {
                number: held[number] if number in held else read()
                for number, (first, last, read) in enumerate(self._batches)
                if last >= low and (high is None or first < high)
            }
            if held:  # nothing lies before a first key that fills a whole range
                parts = [self._between(batch, low, high) for batch in held.values()]
                yield self._schema.in_order(pa.concat_tables(parts))

    def _between(self, batch: pa.Table, low: str, high: str | None) -> pa.Table:
        key = batch.column(self._schema.key[0])
        if str(key[0]) >= low and (high is None or str(key[-1]) < high):
            return batch
        is_meant = pc.greater_equal(key, low)
        if high is not None:
            is_meant = pc.and_(is_meant, pc.less(key, high))
        return batch.filter(is_meant)

    def close(self) -> None:
        """Give the disk back."""
        self._open.close()


class TableStore:
    """Tables on their way into ``folder``: taken frame by frame, gated, and put in place together by :meth:`commit`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._runs: dict[str, SortedRuns] = {}
        self._references = References()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for runs in self._runs.values():
            runs.close()

    def add(self, name: str, rows: pd.DataFrame | pa.Table, again: Again | None = None) -> None:
        """Take (more) rows of a table, conform and sorted by key; what ``again`` reads until the commit need not be kept."""
        part = rows if isinstance(rows, pa.Table) else schemas()[name].table_of(rows)
        self._runs.setdefault(name, SortedRuns(name, self._folder)).add(part, again)
        self._references.add(name, part, again)

    def commit(self, facts: Mapping[str, Any], checks_references: bool = True) -> None:
        """Gate every table, write all of them, and the manifest, at one moment; ``facts`` stand in it under their own keys.

        Raises :class:`TableError` where a table does not pass: then nothing is put in place.
        """
        if checks_references:
            self._references.check()
        manifest = read_manifest(self._folder)
        with Renewal(self._folder) as renewal:
            with ThreadPoolExecutor(_AT_ONCE) as pool:  # compressing lets the other thread compute
                written = dict(pool.map(lambda name: _write(name, self._runs[name], renewal), self._runs))
            manifest["tables"] = {**manifest.get("tables", {}), **written}
            text = json.dumps({**manifest, **facts}, ensure_ascii=False, indent=1, sort_keys=True)
            renewal.commit(MANIFEST, text.encode("utf-8"))


def _write(name: str, runs: SortedRuns, renewal: Renewal) -> tuple[str, dict[str, Any]]:
    """A gated table as parquet, in groups of rows; its entry of the manifest."""
    n_rows = 0
    with (
        renewal.file(file_of(name)) as path,
        pq.ParquetWriter(path, schemas()[name].arrow, compression="zstd") as writer,
    ):
        for number, part in enumerate(runs.in_order(), start=1):
            writer.write_table(check(name, part), row_group_size=max(BATCH_ROWS, len(runs) // _GROUPS))
            n_rows += len(part)
            if number % _PARTS_KEPT == 0:
                pa.default_memory_pool().release_unused()
    return name, {"sha256": renewal.sha256[file_of(name)], "n_rows": n_rows}


def write_tables(folder: Path, frames: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]) -> None:
    """Gate every frame, then write all of them and the manifest (last).

    ``facts`` (hashes of inputs, config, library, fonts) are merged into the manifest under their own keys.
    """
    with TableStore(folder) as store:
        for name, frame in frames.items():
            store.add(name, frame)
        store.commit(facts, checks_references=False)


def sweep_tables(folder: Path) -> None:
    """Clear away what a killed run left among the tables; new ones that the manifest already names take their place."""
    entries = read_manifest(folder).get("tables", {})
    sweep(folder, {file_of(name): entry["sha256"] for name, entry in entries.items()})
