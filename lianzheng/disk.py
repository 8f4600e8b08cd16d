"""Files that are there whole or not at all, and one sentence for whatever the disk refuses.

A file is written under a temporary name in its folder, brought to the disk, and then takes its name. Several files
that belong together take their place at one moment (:class:`Renewal`): when the manifest that names their hashes does.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

from lianzheng.errors import InputError

_TEMPORARY = re.compile(r"\.[0-9a-f]{12}\.\d+\.tmp")
_OLD_TEMPORARY = re.compile(r"\..+\.\d+\.tmp")  # so they were called once
_PENDING = re.compile(r"\.(?P<name>.+)\.(?P<hash>[0-9a-f]{16})\.new")
_AGAIN = "然后重新运行；原有的表没有改动"
_REFUSALS = (
    ((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "磁盘已满或超出配额：{folder}，所在磁盘剩余 {free}", f"请清理磁盘或放宽配额，{_AGAIN}"),
    ((errno.EROFS,), "{folder} 所在的磁盘是只读的，不能写入", f"请换到可写的磁盘（--project），{_AGAIN}"),
    ((errno.EACCES, errno.EPERM), "没有写入权限：{folder}", f"请取得该文件夹的写入权限，{_AGAIN}"),
    ((errno.ENAMETOOLONG,), "文件名或路径太长：{name}", f"请缩短文件名，或把项目放到更浅的文件夹，{_AGAIN}"),
    ((errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.ENODEV, errno.ENXIO, errno.ETIMEDOUT),
     "磁盘或网络盘出错：{folder}（{why}）", f"请检查磁盘和网络盘是否在线，{_AGAIN}"),
)  # fmt: skip
_OTHER = ("读写 {folder} 时出错（{why}）", f"请检查该文件夹是否存在、可读写，{_AGAIN}")


def refusal(error: OSError, path: Path) -> InputError:
    """What kept ``path`` from being read or written, in one sentence, and what to do about it."""
    message, remedy = next((told for codes, *told in _REFUSALS if error.errno in codes), _OTHER)
    facts = {"folder": path.parent, "name": path.name, "why": error.strerror or error, "free": _free(path)}
    return InputError(message.format(**facts), remedy)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """What the disk refuses while ``path`` is written is raised as :class:`InputError`."""
    try:
        yield
    except OSError as error:
        raise refusal(error, path) from error


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A temporary name to write ``path`` under; if the block ends well, the file takes its name, else nothing is left.

    Raises :class:`InputError` for what the disk refuses, and when another program holds the target open.
    """
    with _temporary(path) as temporary:
        yield temporary
        _sync(temporary)
        put_in_place(temporary, path)


def write_atomically(path: Path, data: bytes) -> None:
    """Write under a temporary name, then replace; a reader sees the old file or the new one, never half.

    Raises :class:`InputError` as :func:`atomic_file` does.
    """
    with atomic_file(path) as temporary:
        temporary.write_bytes(data)


@contextlib.contextmanager
def scratch(folder: Path | None = None) -> Iterator[IO[bytes]]:
    """A nameless file in ``folder`` (None: where the system keeps such files), open for both, gone at the end."""
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (a with would raise what it can no longer write)
    try:
        yield file
    finally:
        with contextlib.suppress(OSError):
            file.close()


class Renewal:
    """New versions of files of one folder that replace the old ones all at once, or, without a commit, not at all.

    A finished file waits as ``.<name>.<hash>.new`` until a manifest names its hash; :func:`open_named` finds it
    there, so that the one replacement of the manifest is the whole switch, wherever the run is stopped.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sha256: dict[str, str] = {}

    def __enter__(self) -> Renewal:
        return self

    def __exit__(self, *unused: object) -> None:
        for path in self._waiting().values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """A temporary name to write the new version of ``name`` under; afterwards :attr:`sha256` has its hash."""
        with _temporary(self.folder / name) as temporary:
            yield temporary
            _sync(temporary)
            with temporary.open("rb") as stream:
                self.sha256[name] = hashlib.file_digest(stream, "sha256").hexdigest()
            temporary.replace(_pending(self.folder / name, self.sha256[name]))

    def commit(self, manifest: str, data: bytes) -> None:
        """Write the manifest, which must name the hashes; from then on the new versions are the ones that are read."""
        _sync(self.folder)
        write_atomically(self.folder / manifest, data)
        _sync(self.folder)
        for path, pending in self._waiting().items():
            with contextlib.suppress(
                InputError
            ):  # open in another program: open_named reads the waiting file
                put_in_place(pending, path)
        self.sha256 = {}

    def _waiting(self) -> dict[Path, Path]:
        paths = {self.folder / name: sha256 for name, sha256 in self.sha256.items()}
        return {path: _pending(path, sha256) for path, sha256 in paths.items()}


def open_named(path: Path, sha256: str) -> IO[bytes] | None:
    """The version of a file that a manifest names, in its place or still waiting, open; None where there is none."""
    for place in (path, _pending(path, sha256), path):  # again: it may just have gone from there to its place
        with contextlib.suppress(FileNotFoundError):
            file = place.open("rb")
            if hashlib.file_digest(file, "sha256").hexdigest() == sha256:
                file.seek(0)
                return file
            file.close()
    return None


def is_temporary(name: str) -> bool:
    """Whether a file of that name is what a killed run of ours was writing."""
    return bool(_TEMPORARY.fullmatch(name))


def sweep(folder: Path, sha256: Mapping[str, str] | None = None) -> None:
    """Clear away what killed runs left below ``folder``, while no other run is under way.

    Files that wait, though the manifest names them (``sha256`` by file name), take their place.
    """
    for path in sorted(folder.rglob(".*")):
        waiting = _PENDING.fullmatch(path.name)
        with contextlib.suppress(OSError, InputError):  # a leftover does no harm
            if waiting and (sha256 or {}).get(waiting["name"], "").startswith(waiting["hash"]):
                put_in_place(path, path.with_name(waiting["name"]))
            elif waiting or _OLD_TEMPORARY.fullmatch(path.name):
                path.unlink()


def ensure_writable(folder: Path, n_bytes: int = 0) -> None:
    """Raises :class:`InputError` where nothing can be written into ``folder``, or less than ``n_bytes`` is free."""
    with _temporary(folder / "trial") as trial:
        trial.write_bytes(b"trial")
    if shutil.disk_usage(folder).free < n_bytes:
        message = f"磁盘空间不足：{folder} 所在磁盘剩余 {_free(folder)}，本次估计需要 {_size(n_bytes)}"
        raise InputError(message, f"请清理磁盘，{_AGAIN}")


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A name beside ``path``, short however long that one is; what is still there afterwards is removed."""
    short = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:12]
    temporary = path.with_name(f".{short}.{os.getpid()}.tmp")
    try:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _pending(path: Path, sha256: str) -> Path:
    return path.with_name(f".{path.name}.{sha256[:16]}.new")


def put_in_place(temporary: Path, path: Path) -> None:
    """Give a finished file its name; raises :class:`InputError` when another program holds the target open."""
    try:
        _retry(lambda: temporary.replace(path))
    except PermissionError as error:
        raise InputError(
            f"文件正被打开或不可写：{path.name}", "请关闭打开它的程序（Excel、WPS、Acrobat）后重试"
        ) from error


def _retry(action: Callable[[], object], attempts: int = 5) -> None:
    for attempt in range(attempts):
        try:
            action()
            return
        except PermissionError:  # Windows: the target is open in another program for a moment
            if attempt == attempts - 1:
                raise
            time.sleep(0.2 * (attempt + 1))


def _sync(path: Path) -> None:
    """Have the system bring a file to the disk; a folder too, where the system can (not on Windows)."""
    if path.is_dir():
        with contextlib.suppress(OSError):
            _sync_opened(path, os.O_RDONLY)
    else:
        _sync_opened(path, os.O_RDWR)


def _sync_opened(path: Path, flags: int) -> None:
    opened = os.open(path, flags)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _free(path: Path) -> str:
    """The free space of the disk that holds ``path``, in words."""
    for folder in (path, *path.parents):
        with contextlib.suppress(OSError):
            return _size(shutil.disk_usage(folder).free)
    return "不明"


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.1f} MB"
