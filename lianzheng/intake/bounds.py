"""How long a worker process may compute on one file, and how much memory it may take; the system holds it to both.

CPU time counts and not the clock on the wall, so a loaded machine refuses no good file. Where the system has a timer of
CPU time (POSIX), its signal ends the process even inside a library that never returns; elsewhere a thread watches.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from lianzheng.intake.cells import Limits

TOO_SLOW = 81  # the exit code by which the watching thread ends the process
HAS_TIMER = hasattr(signal, "setitimer")
_PERIOD = 0.05
_BYTES_A_SECOND, _MOST_MORE = 200_000, 10  # thousands of ballots in one export are no fault


class Bounds:
    """The limits of this process, which are counted from what it has used so far."""

    def __init__(self, limits: Limits, has_timer: bool = HAS_TIMER) -> None:
        self._limits, self._until, self._has_timer = limits, math.inf, has_timer
        self._first_bytes = _limit_memory(limits.memory_bytes)
        if has_timer:
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
        else:
            threading.Thread(target=self._watch, daemon=True).start()

    @contextlib.contextmanager
    def on(self, path: str | Path) -> Iterator[None]:
        """While the block runs, the process ends itself after the file's CPU seconds (a few more where it is large)."""
        seconds = self._limits.seconds
        with contextlib.suppress(OSError):
            seconds += min(Path(path).lstat().st_size / _BYTES_A_SECOND, _MOST_MORE)
        self._arm(seconds)
        try:
            yield
        finally:
            self._arm(0)

    @property
    def is_spent(self) -> bool:
        """Whether files before have left so much behind that the next would not have enough."""
        return _memory() > self._first_bytes + self._limits.memory_bytes / 2

    def _arm(self, seconds: float) -> None:
        if self._has_timer:
            signal.setitimer(signal.ITIMER_PROF, seconds)
        else:
            self._until = time.process_time() + seconds if seconds else math.inf

    def _watch(self) -> None:
        while time.process_time() < self._until:
            time.sleep(_PERIOD)
        os._exit(TOO_SLOW)


@contextlib.contextmanager
def without_memory_limit() -> Iterator[None]:
    """A program started in the block is not bound by this process's limit, nor is this process."""
    if sys.platform == "win32":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _limit_memory(n_bytes: int) -> int:
    """Allow so much more than now; returns what is taken now. Where the system does not tell that, nothing is limited."""
    now = _memory()
    if now and sys.platform != "win32":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = now + n_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most if hard == -1 else min(most, hard), hard))
    return now


def _memory() -> int:
    """Bytes of address space of this process; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
