"""One run at a time in a project, one temporary folder for all that it starts, and no worker that outlives it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType

from lianzheng.disk import writing
from lianzheng.errors import BusyError

METHOD = "forkserver" if sys.platform == "linux" else "spawn"
"""How multiprocessing starts a process from one that has threads: never by a fork of it."""
RUN_LOCK = Path("data", ".run.lock")
"""The lock of a project, below its folder; its text says which run holds it."""
_PREFIX, _LOCK = "lianzheng-run-", "lock"
_STARTING_SECONDS = 3600  # a younger temporary folder without a lock may be that of a run just starting
_BEHIND_THE_TEXT = 1 << 20  # Windows lets nobody read what is locked
_LOOK_AGAIN_SECONDS = 0.2
_LOG_BYTES = 1_000_000
_STARTING, _held = threading.RLock(), dict[Path, str]()
_VARIABLES = ("TMPDIR", "TEMP", "TMP")


@contextlib.contextmanager
def one_run(
    lock: Path, who: str, seconds: float = 0.0, on_wait: Callable[[str], None] = lambda holder: None
) -> Iterator[None]:
    """Hold a lock file while the block runs; ``who`` is what a second run is told, before it waits or leaves.

    The system frees the lock when the process ends, however it ends. Raises :class:`BusyError` where it is held and is
    not freed within ``seconds``.
    """
    until = time.monotonic() + seconds
    with writing(lock):
        lock.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        is_ours = _is_locked_by_us(opened)
        if not is_ours and seconds:
            on_wait(holder(lock))
        while not is_ours and time.monotonic() < until:
            time.sleep(_LOOK_AGAIN_SECONDS)
            is_ours = _is_locked_by_us(opened)
        if not is_ours:
            raise BusyError(f"另一次运行正在使用本项目：{holder(lock) or lock.name}", "请等它结束后再运行")
        with writing(lock):
            os.ftruncate(opened, 0)
            os.write(opened, who.encode("utf-8"))
            os.fsync(opened)  # for processes on other machines
        _held[lock.resolve()] = who
        yield
        os.ftruncate(opened, 0)
    finally:
        _held.pop(lock.resolve(), None)
        os.close(opened)


def holder(lock: Path) -> str:
    """What the last one who held a lock file said of itself; empty where it ended in order, or there was none."""
    if lock.resolve() in _held:  # to close the file, however often it was opened, would free the lock
        return _held[lock.resolve()]
    with contextlib.suppress(OSError):
        return lock.read_bytes()[:1000].decode("utf-8", "replace")
    return ""


def _is_locked_by_us(opened: int) -> bool:
    """Lock an open file for this process alone (not for its children); False where another process holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(opened, _BEHIND_THE_TEXT, os.SEEK_SET)
            msvcrt.locking(opened, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a network drive without locks
        return True
    finally:
        os.lseek(opened, 0, os.SEEK_SET)
    return True


@contextlib.contextmanager
def working_folder() -> Iterator[Path]:
    """The temporary folder of this run, of its workers and of the programs that they start.

    What runs that were killed left behind is removed first.
    """
    remove_left_folders()
    before = {name: os.environ.get(name) for name in _VARIABLES}, tempfile.tempdir
    with (
        tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name,
        one_run(Path(name) / _LOCK, ""),
    ):
        os.environ.update(dict.fromkeys(_VARIABLES, name))
        tempfile.tempdir = _multiprocessing_folder(name)
        try:
            yield Path(name)
        finally:
            tempfile.tempdir = before[1]
            _multiprocessing_folder(None)
            for variable, value in before[0].items():
                os.environ.pop(variable)
                os.environ.update({variable: value} if value is not None else {})


def _multiprocessing_folder(name: str | None) -> str | None:
    """Let multiprocessing keep its sockets in this folder, and leave the one before: what listens there ends."""
    server = sys.modules.get("multiprocessing.forkserver")
    if server is not None:
        server._forkserver._stop()
    multiprocessing.current_process()._config["tempdir"] = name  # type: ignore[attr-defined]
    return name


def left_folders() -> list[Path]:
    """The temporary folders of runs that are no more."""
    return sorted(path for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if _is_left(path))


def remove_left_folders() -> None:
    """Remove what :func:`left_folders` finds."""
    for path in left_folders():
        shutil.rmtree(path, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    try:
        if not (folder / _LOCK).exists():
            return time.time() - folder.stat().st_mtime > _STARTING_SECONDS
        with one_run(folder / _LOCK, ""):
            return True
    except (OSError, BusyError):
        return False


def end_with_parent(ending: Callable[[], None] = lambda: os._exit(1)) -> None:
    """End this worker process as soon as the run that started it is gone (an initializer for pools)."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent, ending), daemon=True).start()


def _end_after(parent: BaseProcess, ending: Callable[[], None]) -> None:
    parent.join()
    ending()


@contextlib.contextmanager
def without_main() -> Iterator[None]:
    """What is started in the block does not import the program that this process runs: it needs none of it.

    One thread at a time: what else it changes for its children, no other thread's children see.
    """
    with _STARTING:
        main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


class RunLog:
    """A file to which runs add lines, each with its time; what cannot be written there is not worth a run.

    Nothing is written before :meth:`begin`. A log that has become long makes room under the name with ``.old``.
    """

    def __init__(self) -> None:
        self._path: Path | None = None

    def begin(self, path: Path) -> None:
        """From now on write there."""
        self._path = path
        with contextlib.suppress(OSError):
            if path.stat().st_size > _LOG_BYTES:
                path.replace(path.with_name(f"{path.name}.old"))

    def write(self, *lines: str) -> None:
        """Add lines."""
        if self._path is None:
            return
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        with contextlib.suppress(OSError), self._path.open("a", encoding="utf-8") as stream:
            stream.writelines(f"{now} [{os.getpid()}] {line}\n" for line in lines)
