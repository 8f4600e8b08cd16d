"""What a finished run was made from and what it made, so that the next one can tell that nothing has changed.

Files are compared by content. A file is not read again where its size, its times and its place on the disk are those
that were recorded, and were at least two seconds old then (git calls the others racily clean): whoever writes into a
file later gives it another time. Imports nothing but the standard library, for a run with nothing to do lasts no longer.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lianzheng.disk import is_temporary, scratch, write_atomically
from lianzheng.fonts import FOLDER_VARIABLE, configured_folder, embedded_fonts

INPUTS = ("raw", "office", "config", "library", "fonts")
"""What the tables are made from, beside the environment."""
TABLES, REPORTS, NOTEBOOKS = "tables", "reports", "notebooks"
_FORM = 1
_SETTLED_NS = 2_000_000_000  # FAT keeps times to two seconds
_CACHE, _FORMS = "__pycache__", "forms/"
Entry = list[Any]
"""Size, times of content and of state, inode, sha256; no time that any file has where the times were too young."""
Seen = dict[str, dict[str, Entry]]
"""Entries by kind of place and path below it."""


@dataclass(slots=True)
class Record:
    """What was seen when the last run ended, and what it said."""

    seen: Seen = field(default_factory=dict)
    environment: str = ""
    passwords: Entry = field(default_factory=list)
    is_complete: bool = False
    exit_code: int = 0
    pages: list[str] = field(default_factory=list)
    issues: dict[str, str] = field(default_factory=dict)

    def changed(self, kind: str, now: Seen) -> list[str]:
        """Paths of a kind of place that are new, gone or of another content."""
        old, new = ({name: e[-1] for name, e in seen.get(kind, {}).items()} for seen in (self.seen, now))
        return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def record_path(project: Path, cycle: int) -> Path:
    """Where the record of a cycle's last run is kept."""
    return project / "data" / f".last-run-{cycle}.json"


def read_record(project: Path, cycle: int) -> Record:
    """The record of the last run; an empty one where there is none that can be read."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        kept = json.loads(record_path(project, cycle).read_bytes())
        if kept.pop("form", 0) == _FORM:
            return Record(**kept)
    return Record()


def write_record(project: Path, cycle: int, record: Record) -> None:
    """Keep the record."""
    kept = {"form": _FORM, **{name: getattr(record, name) for name in record.__slots__}}
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    write_atomically(record_path(project, cycle), text.encode("utf-8"))


def look(project: Path, cycle: int, known: Seen, kinds: Iterable[str] = ()) -> Seen:
    """What stands on the disk now, at every place or those of some kinds; ``known`` saves reading what is as it was."""
    folder = record_path(project, cycle).parent
    folder.mkdir(parents=True, exist_ok=True)
    with scratch(folder) as clock:  # the disk's own
        settled = os.fstat(clock.fileno()).st_mtime_ns - _SETTLED_NS
    places = _places(project, cycle)
    return {
        kind: {name: _entry(path, known.get(kind, {}).get(name), settled) for name, path in places[kind]}
        for kind in (kinds or places)
    }


def digest(seen: Seen, kind: str) -> str:
    """One hash over names and contents of a kind of place."""
    told = sorted((name, entry[-1]) for name, entry in seen.get(kind, {}).items())
    return hashlib.sha256(repr(told).encode("utf-8", "surrogateescape")).hexdigest()


def surroundings(project: Path, cycle: int) -> dict[str, str]:
    """By kind of place, a hash over all that tables and pages are made from beside what was received."""
    kinds = ("config", "library", "fonts", NOTEBOOKS)
    seen = look(project, cycle, {}, kinds)
    return {**{kind: digest(seen, kind) for kind in kinds}, "environment": environment()}


def environment() -> str:
    """One hash over Python, the machine's kind, every installed distribution with its version, and the fonts' folder."""
    installed = sorted(path.name for path in embedded_fonts()[0].parents[1].glob("*-info"))
    told = (
        sys.version,
        platform.system(),
        platform.machine(),
        installed,
        os.environ.get(FOLDER_VARIABLE, ""),
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()


def password_entry(path: Path | None) -> Entry:
    """By what another password file is known; its content is kept nowhere, not even as a hash."""
    return [str(path), *_times(path.stat())] if path and path.exists() else []


def notebooks_of(project: Path) -> Path:
    """The project's notebooks/, or those of the clone that the library runs from."""
    own = project / "notebooks"
    return own if own.is_dir() else Path(__file__).resolve().parents[2] / "notebooks"


def _places(project: Path, cycle: int) -> dict[str, Iterable[tuple[str, Path]]]:
    """The files of every kind of place, with the names that they are known by."""
    data, year = project / "data", str(cycle)
    folder = configured_folder()
    fonts = [*embedded_fonts(), *(sorted(folder.iterdir()) if folder else ())]
    folders = {
        "raw": data / "raw" / year, "office": data / "office" / year, "config": project / "config",
        "library": Path(__file__).resolve().parents[1], TABLES: data / "processed" / year,
        REPORTS: project / "reports" / year, NOTEBOOKS: notebooks_of(project),
    }  # fmt: skip
    found = {kind: _files(str(folder)) for kind, folder in folders.items()}
    found[REPORTS] = (file for file in found[REPORTS] if not file[0].startswith(_FORMS))  # another command's
    return {**found, "fonts": [(path.name, path) for path in fonts]}


def _files(root: str, below: str = "") -> Iterator[tuple[str, Path]]:
    """The files below a folder, but for what we and other programs leave there for a while."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(root) as inside:
        for entry in inside:
            name = below + entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name != _CACHE:
                    yield from _files(entry.path, f"{name}/")
            elif not is_temporary(entry.name):
                yield name, Path(entry.path)


def _entry(path: Path, known: Entry | None, settled: int) -> Entry:
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode):
            return [0, -1, -1, 0, f"mode {found.st_mode}"]
        size, changed, state, inode = _times(found)
        if known and known[:-1] == [size, changed, state, inode]:
            return known
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:  # whoever needs it says more
        return [0, -1, -1, 0, f"errno {error.errno}"]
    return (
        [size, changed, state, inode, sha256]
        if max(changed, state) < settled
        else [size, -1, -1, inode, sha256]
    )


def _times(found: os.stat_result) -> list[int]:
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def same(record: Record, now: Seen, passwords: Entry) -> bool:
    """Whether a run would make what is there: the last one came to its end, and everything is as it left it."""
    return (
        record.is_complete
        and record.passwords == passwords
        and record.environment == environment()
        and not any(record.changed(kind, now) for kind in now)
    )


def inputs_changed(record: Record, now: Seen, passwords: Entry) -> Mapping[str, list[str]]:
    """By kind, the paths for which the tables have to be made anew; nothing where they are what they were."""
    found = {kind: record.changed(kind, now) for kind in (*INPUTS, TABLES)}
    found["environment"] = (
        [""] if (record.environment, record.passwords) != (environment(), passwords) else []
    )
    return {kind: paths for kind, paths in found.items() if paths}
