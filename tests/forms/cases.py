"""What a test file is: its name, the files it brings, and what must be said or read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from tests.forms.papers import EAST

FOLDER = Path(__file__).parent
OFFICE = "data-office/"  # in a case's folder: what lies in data/office/<cycle>, the rest in data/raw/<cycle>


@dataclass(frozen=True)
class Seen:
    """An expected issue: cell and value seen; the sheet, the file and the code are the case's own unless named."""

    cell: str = ""
    value: str = ""
    sheet: str | None = None
    path: str | None = None
    code: str = ""


@dataclass(frozen=True)
class Reject:
    """Files that provoke the code before ``__`` in their name, exactly as ``seen`` says, and nothing else.

    ``files`` join (or replace, by their path without suffix) those of the base; ``without`` are taken out of it.
    Three codes need more than a file. ``is_withdrawn``: it is gone by the time it is read. ``is_without_converter``:
    there is no LibreOffice. ``is_check_broken``: a check of our own program breaks down on the first unit's 附件2, which
    no file can bring about, so the harness puts a broken check in the place of the others.
    """

    name: str
    files: Mapping[str, bytes]
    seen: tuple[Seen, ...]
    is_folder: bool = False
    without: tuple[str, ...] = ()
    is_withdrawn: bool = False
    is_without_converter: bool = False
    is_check_broken: bool = False

    @property
    def code(self) -> str:
        return self.name.partition("__")[0]

    @property
    def path(self) -> str:
        """The first file, which the issues are about unless they say otherwise."""
        return next(iter(self.files), "")

    def issues(self) -> list[tuple[str, str, str, str, str]]:
        """Code, file, sheet, cell and value seen, sorted."""
        found = []
        for seen in self.seen:
            path = self.path if seen.path is None else seen.path
            sheet = (sheet_of(path) if seen.cell else "") if seen.sheet is None else seen.sheet
            found.append((seen.code or self.code, path, sheet, seen.cell, seen.value))
        return sorted(found)

    def stored(self) -> dict[str, bytes]:
        """The files below tests/forms: path → bytes."""
        return stored("reject", self.name, self.files, self.is_folder)


@dataclass(frozen=True)
class Accept:
    """Files that look odd and are right: no issue but the ``notes``, and the rows of ``table`` are ``meant``.

    ``passwords``: the lines of the office's password file.
    """

    name: str
    files: Mapping[str, bytes]
    table: str
    meant: Mapping[Any, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    passwords: str = ""
    is_folder: bool = False

    def stored(self) -> dict[str, bytes]:
        """The files below tests/forms: path → bytes."""
        return stored("accept", self.name, self.files, self.is_folder)


def sheet_of(path: str) -> str:
    """The sheet's name as the papers have it: 附件2 in 附件2（初稿）.xlsx; csv and Word files have one name for all."""
    kind = PurePosixPath(path).suffix
    return {".csv": "csv", ".docx": "正文"}.get(kind, PurePosixPath(path).stem[:3])


def stored(folder: str, name: str, files: Mapping[str, bytes], is_folder: bool) -> dict[str, bytes]:
    """A single file bears the case's name, more of them stand in a folder of that name."""
    if is_folder:
        return {f"{folder}/{name}/{path}": data for path, data in files.items()}
    [(path, data)] = files.items()
    return {f"{folder}/{name}{PurePosixPath(path).suffix}": data}


def one(name: str, data: bytes, *seen: Seen, into: str = f"{EAST}/附件2.xlsx", **more: Any) -> Reject:
    """A case of a single file, that stands ``into`` a place below data/raw/<cycle>."""
    return Reject(name, {into: data}, seen, **more)


def many(name: str, files: Mapping[str, bytes], *seen: Seen, without: tuple[str, ...] = ()) -> Reject:
    """A case of several files, or of the office's lists."""
    return Reject(name, files, seen, is_folder=True, without=without)
