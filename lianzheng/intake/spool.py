"""What was read from files, kept on disk until a slice of the bureau is put together: memory holds only where it lies."""

from __future__ import annotations

import contextlib
import pickle
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

import pyarrow as pa

from lianzheng.disk import scratch, writing

Item = TypeVar("Item")
_CODEC = "lz4_raw"


class Spool:
    """A file open for reading and writing, that others put bytes into and get them back."""

    def __init__(self, file: IO[bytes], folder: Path) -> None:
        self._file, self._path, self._lock = file, folder / "spool", threading.Lock()

    def put(self, data: bytes) -> int:
        """Append, and say where it begins; an :class:`InputError` says that the disk refuses."""
        with writing(self._path):
            place = self._file.seek(0, 2)
            self._file.write(data)
        return place

    def get(self, place: int, size: int) -> bytes:
        """So many bytes from a place on; what still waits to be written goes to the disk before."""
        with writing(self._path), self._lock:
            self._file.seek(place)
            return self._file.read(size)


@contextlib.contextmanager
def open_spool(folder: Path | None = None) -> Iterator[Spool]:
    """A nameless temporary file in ``folder`` (None: where the system keeps such files), gone at the end."""
    with scratch(folder) as file:
        yield Spool(file, folder or Path(tempfile.gettempdir()))


class Packed(Sequence[Item], Generic[Item]):
    """A sequence as bytes, here or in a spool; every walk over it makes its items anew."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._n, self._bytes = len(items), self._dump(items) if items else b""
        self._spool: Spool | None = None
        self._place, self._size = 0, len(self._bytes)

    def _dump(self, items: Sequence[Item]) -> bytes:
        """Some items as bytes."""
        return pickle.dumps(list(items), pickle.HIGHEST_PROTOCOL)

    def _load(self) -> Iterable[Item]:
        """The items, of which there is at least one."""
        return pickle.loads(self._data)  # our own bytes, from a file that no one else can open

    @property
    def _data(self) -> bytes:
        return self._spool.get(self._place, self._size) if self._spool else self._bytes

    def move_to(self, spool: Spool) -> None:
        """Keep the bytes in a spool."""
        if self._spool is None and self._n:
            self._spool, self._place, self._bytes = spool, spool.put(self._bytes), b""

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[Item]:
        return iter(self._load() if self._n else ())

    def __getitem__(self, place: int | slice) -> Any:
        return list(self)[place]


class PackedTable(Packed[tuple[Any, ...]]):
    """Rows as compressed bytes, column by column; a walk over them gives plain tuples."""

    def __init__(self, rows: pa.RecordBatch) -> None:
        self._schema = rows.schema
        super().__init__(rows)

    def _dump(self, items: Any) -> bytes:
        plain = items.serialize()
        self._plain_size = plain.size
        return bytes(pa.compress(plain, _CODEC, asbytes=True))

    def _load(self) -> Iterable[tuple[Any, ...]]:
        return zip(*(column.to_pylist() for column in self.batch().columns), strict=True)

    def batch(self) -> pa.RecordBatch:
        """The rows as pyarrow holds them."""
        if not self:
            return pa.RecordBatch.from_pylist([], self._schema)
        return pa.ipc.read_record_batch(pa.decompress(self._data, self._plain_size, _CODEC), self._schema)
