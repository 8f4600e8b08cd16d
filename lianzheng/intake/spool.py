"""What was read from files, kept on disk until a slice of the bureau is put together: memory holds only where it lies."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Generic, TypeVar, overload

from lianzheng.disk import scratch

Item = TypeVar("Item")


class Spool:
    """A file open for reading and writing, that others put bytes into and get them back."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def put(self, data: bytes) -> int:
        """Append, and say where it begins."""
        place = self._file.seek(0, 2)
        self._file.write(data)
        return place

    def get(self, place: int, size: int) -> bytes:
        """So many bytes from a place on."""
        self._file.seek(place)
        return self._file.read(size)


@contextlib.contextmanager
def open_spool(folder: Path | None = None) -> Iterator[Spool]:
    """A nameless temporary file in ``folder`` (None: where the system keeps such files), gone at the end."""
    with scratch(folder) as file:
        yield Spool(file)


class Packed(Sequence[Item], Generic[Item]):
    """A sequence as bytes, here or in a spool; every walk over it makes its items anew."""

    def __init__(self, items: Iterable[Item]) -> None:
        found = list(items)
        self._n, self._data = len(found), pickle.dumps(found, pickle.HIGHEST_PROTOCOL) if found else b""
        self._spool: Spool | None = None
        self._place, self._size = 0, len(self._data)

    def move_to(self, spool: Spool) -> None:
        """Keep the bytes in a spool."""
        if self._spool is None and self._n:
            self._spool, self._place, self._data = spool, spool.put(self._data), b""

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[Item]:
        data = self._spool.get(self._place, self._size) if self._spool else self._data
        return iter(
            pickle.loads(data) if self._n else ()
        )  # our own bytes, from a file that no one else can open

    @overload
    def __getitem__(self, place: int) -> Item: ...
    @overload
    def __getitem__(self, place: slice) -> list[Item]: ...
    def __getitem__(self, place: int | slice) -> Any:
        return list(self)[place]
