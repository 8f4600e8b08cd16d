"""Worker processes that may die of a file: it costs that file and nothing else, and how they died says why.

A worker reads one file at a time, so a dead one names its file, and each of many deadly files costs one new process (two
where it crashed: what another program may have done is tried once more). A worker bounds its own CPU time and memory;
one that neither computes nor returns is ended here, by the clock.
"""

from __future__ import annotations

import contextlib
import gc
import math
import multiprocessing
import pickle
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Literal

from lianzheng.errors import InputError
from lianzheng.intake.bounds import TOO_SLOW, Bounds
from lianzheng.intake.cells import Limits
from lianzheng.processes import end_with_parent, without_main

Reader = Callable[[str | Path], Any]
_READY, _MORE, _LAST = b"r", b"m", b"l"
_AHEAD = 500  # results that wait for an earlier one
_SLOWNESS = 30  # of the clock on the wall against CPU time, on the busiest machine
_SLOW = (TOO_SLOW, -getattr(signal, "SIGPROF", TOO_SLOW))


@dataclass(frozen=True, slots=True)
class Lost:
    """Stands for what a file would have given that ended its worker: after too long, for want of memory, by a crash."""

    reason: Literal["seconds", "memory", "crash"]


def _serve(connection: Connection, reader: Reader, limits: Limits) -> None:
    """What a worker does: it reads the paths that it is sent, as long as there is somebody to send them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it ends it
    end_with_parent()
    bounds = Bounds(limits)
    gc.freeze()
    gc.disable()  # looking for circles took a quarter of the time; between two files there is little to look at
    connection.send_bytes(_READY)
    parent, is_last = multiprocessing.parent_process(), False
    ends: list[Any] = [connection, *([parent.sentinel] if parent else [])]
    with contextlib.suppress(EOFError, OSError):
        while not is_last and connection in wait(ends):
            found, is_last = _read(reader, connection.recv(), bounds)
            is_last = is_last or bounds.is_spent
            connection.send_bytes((_LAST if is_last else _MORE) + found)
            gc.collect()


def _read(reader: Reader, path: str | Path, bounds: Bounds) -> tuple[bytes, bool]:
    """What the file gave, ready to be sent, and whether this process has no memory left for another."""
    try:
        with bounds.on(path):
            return pickle.dumps(reader(path)), False
    except MemoryError:
        return pickle.dumps(Lost("memory")), True


class _Worker:
    """A process, the file that it has in hand (by its number), and when that one has to be done."""

    def __init__(self, context: Any, reader: Reader, limits: Limits) -> None:
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, reader, limits), daemon=True)
        with without_main():
            self.process.start()
        theirs.close()
        self.number: int | None = None
        self.until, self.is_ready, self.is_late = math.inf, False, False

    def give(self, number: int, path: str | Path, seconds: float) -> None:
        """Hand it a file; where it has died meanwhile, its silence will tell."""
        self.number, self.until = number, time.monotonic() + seconds
        with contextlib.suppress(OSError):
            self.connection.send(path)

    def hear(self) -> bytes:
        """What it sends; nothing where it has died."""
        with contextlib.suppress(EOFError, OSError):
            return bytes(self.connection.recv_bytes())
        return b""

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.join()
        self.connection.close()

    def reason(self) -> Lost:
        """Why it died."""
        self.process.join(1)
        if self.is_late or self.process.exitcode in _SLOW:
            return Lost("seconds")
        return Lost("memory" if self.process.exitcode == -getattr(signal, "SIGKILL", 0) else "crash")


class Workers:
    """Some worker processes, and the paths of the files that they read."""

    def __init__(
        self, paths: Sequence[str | Path], n_workers: int, reader: Reader, limits: Limits, context: Any = None
    ) -> None:
        self._make = lambda: _Worker(context or multiprocessing, reader, limits)
        self._seconds = limits.conversion_seconds + _SLOWNESS * limits.seconds
        self._paths, self._n_workers = paths, n_workers
        self._workers: list[_Worker] = []
        self._waiting, self._found = deque(range(len(paths))), dict[int, bytes]()
        self._crashed: set[int] = set()

    def read(self) -> Iterator[Any]:
        """What the reader returns of each path, in their order; a :class:`Lost` for one that ended its worker."""
        try:
            for number in range(len(self._paths)):
                while number not in self._found:
                    self._hand_out(number + _AHEAD)
                    for worker in self._heard():
                        self._take(worker)
                self._hand_out(number + _AHEAD)
                yield pickle.loads(self._found.pop(number))
        finally:
            for worker in self._workers:
                worker.end()

    def _hand_out(self, end: int) -> None:
        """Give every idle worker a file, and start workers for what waits."""
        while self._waiting and self._waiting[0] < end:
            idle = next((worker for worker in self._workers if worker.number is None), None)
            if idle is None:
                if len(self._workers) == self._n_workers:
                    return
                idle = self._make()
                self._workers.append(idle)
            number = self._waiting.popleft()
            idle.give(number, self._paths[number], self._seconds)

    def _heard(self) -> list[_Worker]:
        """The workers that have sent something or died, once there are any; those that took too long are killed."""
        seconds = min(worker.until for worker in self._workers) - time.monotonic()
        heard = wait([worker.connection for worker in self._workers], max(seconds, 0))
        for worker in self._workers:
            if not heard and worker.until <= time.monotonic():
                worker.is_late = True
                worker.process.kill()
        return [worker for worker in self._workers if worker.connection in heard]

    def _take(self, worker: _Worker) -> None:
        message = worker.hear()
        if message == _READY:
            worker.is_ready = True
            return
        if not message:
            self._bury(worker)
        elif worker.number is not None:
            self._found[worker.number] = message[1:]
        worker.number, worker.until = None, math.inf
        if message[:1] != _MORE:
            self._workers.remove(worker)
            worker.end()

    def _bury(self, worker: _Worker) -> None:
        """Settle what becomes of the file that a dead worker had in hand."""
        lost = worker.reason()
        if not worker.is_ready:
            raise InputError("读取文件的进程无法启动", "加 --workers 0 再运行一次，可看到原因")
        if worker.number is None:
            return
        if lost.reason == "seconds" or worker.number in self._crashed:
            self._found[worker.number] = pickle.dumps(lost)
        else:
            self._crashed.add(worker.number)
            self._waiting.appendleft(worker.number)
