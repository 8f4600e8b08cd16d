"""What lies below data/raw/<cycle>: every file, what is there instead of files, and the names that people see."""

from __future__ import annotations

import contextlib
import os
import stat
import unicodedata
from pathlib import Path, PurePosixPath

from lianzheng.disk import is_temporary

# How the names begin of what office programs, Windows, macOS, git and we leave in folders.
_NOT_RECEIVED = ("~$", ".~lock.", "._", ".DS_Store", ".git", ".lianzheng", "Thumbs.db", "desktop.ini")


def list_received(root: Path) -> list[str]:
    """Paths of what was received below ``root``, with ``/``, sorted: files, and whatever else is no readable folder."""
    found, folders = list[Path](), [root]
    while folders:
        folder = folders.pop()
        try:
            inside = list(os.scandir(folder))
        except OSError:
            found.append(folder)
            continue
        for entry in inside:
            (folders if entry.is_dir(follow_symlinks=False) else found).append(Path(entry.path))
    received = [
        path for path in found if not (path.name.startswith(_NOT_RECEIVED) or is_temporary(path.name))
    ]
    return sorted(path.relative_to(root).as_posix() for path in received)


def kind_of_place(place: Path) -> str:
    """Why what stands there is not to be opened: a folder without permission, a link, no file; empty for a file."""
    try:
        mode = place.lstat().st_mode
    except OSError:
        return ""  # who opens it says more
    if stat.S_ISDIR(mode):
        return "没有打开这个文件夹的权限"
    return "" if stat.S_ISREG(mode) else "这是链接" if stat.S_ISLNK(mode) else "这不是文件，是管道或设备"


def shown_path(root: Path, path: str) -> str:
    """A path below ``root`` as everybody sees it: NFC (macOS decomposes names), and writable in any encoding.

    Of two names that differ in nothing but that, the one that is not NFC shows its characters by their codes.
    """
    parts, folder = list[str](), root
    for part in PurePosixPath(path).parts:
        composed = unicodedata.normalize("NFC", part)
        if composed != part and _has_twin(folder, part, composed):
            composed = "".join(c if c.isascii() or c in composed else f"\\u{ord(c):04x}" for c in part)
        parts.append(composed.encode(errors="backslashreplace").decode())
        folder /= part
    return "/".join(parts)


def _has_twin(folder: Path, name: str, composed: str) -> bool:
    with contextlib.suppress(OSError):
        others = {other.name for other in folder.iterdir()} - {name}
        return any(unicodedata.normalize("NFC", other) == composed for other in others)
    return False
