"""Processes for one notebook each, forked from one that has the stack at hand: isolated, limited, and never orphans.

Where the system cannot fork safely (Windows, macOS) they are started anew, which gives the same results more slowly.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from lianzheng.processes import METHOD, end_with_parent, without_main

STACK = "lianzheng.publish.warm"
WARM_CYCLE = "LIANZHENG_WARM_CYCLE"
"""The variable by which the stack is told of which project and year it may read the configuration beforehand."""
MEMORY_BYTES = 3_000_000_000
"""What a notebook and its export may take, where the system can hold them to it (Linux)."""

_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ARROW_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",  # of Typst: there is a child for every core
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # fewer pages to be given out one by one
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # no thread where children are forked
    "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this environment, never one of the user's
    "PYTHONWARNINGS": "default",  # a warning must show, so that it fails the publication
}
_YOUNG = 50_000  # objects before unused circles are looked for: a child does not live long enough for many
_BACKEND = "module://matplotlib_inline.backend_inline"  # what a kernel sets where nobody has chosen


class Child:
    """A process that calls ``target(connection, *arguments)``; what it sends is received here."""

    def __init__(self, target: Callable[..., None], *arguments: Any) -> None:
        """Start it; it ends when this process does."""
        warm_up()
        context: Any = multiprocessing.get_context(METHOD)
        with _environment() as environment:
            self.connection, theirs = context.Pipe()
            call = (theirs, environment, str(Path.cwd()), target, arguments)
            self.process = context.Process(target=_begin, args=call)
            self.process.start()
        theirs.close()

    @property
    def ends(self) -> list[Any]:
        """What is ready as soon as it has sent something or has died."""
        return [self.connection, self.process.sentinel]

    def receive(self, seconds: float | None = None) -> Any:
        """The next thing that it sends; EOFError where it has died, TimeoutError after so many seconds."""
        if not wait(self.ends, seconds):
            raise TimeoutError
        with contextlib.suppress(OSError):  # it died while it sent
            if self.connection.poll():
                return self.connection.recv()
        raise EOFError

    def end(self) -> None:
        """End it and all that it started, whatever they do."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg") and self.process.exitcode != 0:
                os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.process.close()
        self.connection.close()

    def how_it_died(self) -> str:
        """In Chinese, what the system says of its end."""
        self.process.join(10)
        code = self.process.exitcode or 0
        if code == -getattr(signal, "SIGKILL", 0):
            return "被系统终止，多半是内存不足"
        return f"崩溃，信号 {signal.Signals(-code).name}" if code < 0 else f"自行退出，退出码 {code}"


def warm_up(project: Path | None = None, cycle: int = 0, *modules: str) -> None:
    """See that there is a process to fork children from; it gets itself ready, with more modules, while this one goes on.

    Where the project is named it has the cycle's configuration at hand, which a child takes if it is still that of the
    files. It is executed anew, never forked, so it has no thread of ours, and Ctrl-C does not reach it.
    """
    if METHOD != "forkserver":
        return
    from multiprocessing import forkserver

    forkserver.set_forkserver_preload([*modules, STACK])
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with _environment():
            os.environ[WARM_CYCLE] = f"{cycle}|{project}" if project else ""
            forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _environment() -> Iterator[dict[str, str]]:
    """The environment of children, and of the process that they are forked from, which keeps it for ever."""
    with without_main():
        before, options = dict(os.environ), sys.warnoptions
        os.environ.update({"MPLBACKEND": _BACKEND, **before, **_ENVIRONMENT})
        sys.warnoptions = []  # a new interpreter would be given them
        try:
            yield dict(os.environ)
        finally:
            sys.warnoptions = options
            os.environ.clear()
            os.environ.update(before)


def _begin(
    connection: Connection,
    environment: dict[str, str],
    folder: str,
    target: Callable[..., None],
    arguments: Any,
) -> None:
    """What a child does: it takes over the environment of today, bounds itself, and calls."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it ends it
    if hasattr(os, "setsid"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # the one of today's environment
    os.chdir(folder)
    _limit_memory()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    end_with_parent(_end_group)
    if METHOD == "forkserver" and STACK not in sys.modules:
        logging.getLogger(__name__).warning("%s was not loaded before the fork: this is slow", STACK)
    target(connection, *arguments)
    if hasattr(os, "killpg"):  # ends what cells have left running
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)


def _end_group() -> None:
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _limit_memory() -> None:
    """Bound what the process writes to in memory; address space alone would count what is only reserved."""
    if sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        most = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
