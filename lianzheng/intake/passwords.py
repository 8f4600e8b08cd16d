"""Passwords that units told the office (``--password-file``), and the files that they open, in memory only.

A line of the file is ``whose,password``: whose is a path below data/raw/<year>, a file's name, a unit (id or any of
its names) or ``*`` for all; the password is all that follows the first comma. Lines that begin with # are comments,
and several lines may mean the same file. Passwords reach no table, message or log.
"""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from lianzheng.config import CycleConfig
from lianzheng.errors import InputError
from lianzheng.intake.cells import BookError
from lianzheng.intake.formats import BROKEN
from lianzheng.intake.read_csv import decode
from lianzheng.intake.received import unit_of_path

EVERYTHING = "*"
_COMMA = re.compile("[,，]")
# Office encrypts workbooks of which only changing is protected with this word, and opens them without asking.
_NO_PASSWORD = "VelvetSweatshop"
_DOES_NOT_FIT = "（密码文件中给出的密码打不开它）"


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords by path, file name, unit_id or ``*``; shown nowhere."""

    _by_key: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def of(self, path: str, config: CycleConfig) -> tuple[str, ...]:
        """The passwords to try on a file, by its path below data/raw/<year>: those that mean it most narrowly first."""
        path = unicodedata.normalize("NFC", path)
        unit_id = unit_of_path(path, config) if self._by_key else ""
        keys = (path, PurePosixPath(path).name, unit_id, EVERYTHING)
        return tuple(dict.fromkeys(word for key in keys for word in self._by_key.get(key, ())))

    def for_files(self, paths: Iterable[str], config: CycleConfig) -> Passwords:
        """Those that may open some files, and no other."""
        return Passwords({path: words for path in paths if self._by_key and (words := self.of(path, config))})


NO_PASSWORDS = Passwords()


def load_passwords(path: Path | None, config: CycleConfig) -> Passwords:
    """Read a password file; raises :class:`InputError` where there is none, or a line of it says no password."""
    if path is None:
        return NO_PASSWORDS
    try:
        text = decode(path.read_bytes())
    except OSError as error:
        raise InputError(f"密码文件 {path} 无法打开（{error.strerror}）", "检查路径") from error
    by_key: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate((text or "").splitlines(), start=1):
        whose, password = (part.strip() for part in (*_COMMA.split(line, maxsplit=1), "")[:2])
        if not line.strip() or line.startswith("#"):
            continue
        if not whose or not password:
            raise InputError(
                f"密码文件 {path} 第 {number} 行不是“文件或单位,密码”", "每行写文件、单位或 *，逗号，密码"
            )
        key = unicodedata.normalize("NFC", whose.replace("\\", "/"))
        key = config.unit_index.find(key) or key
        by_key[key] = (*by_key.get(key, ()), password)
    return Passwords(by_key)


def unlock(data: bytes, words: Iterable[str]) -> bytes:
    """The file without its protection; a BookError where no password fits, which never repeats one."""
    import msoffcrypto
    from msoffcrypto import exceptions

    logging.getLogger("msoffcrypto").setLevel(logging.CRITICAL)
    words = tuple(words)
    for word in (_NO_PASSWORD, *words):
        opened = io.BytesIO()
        try:
            file = msoffcrypto.OfficeFile(io.BytesIO(data))
            file.load_key(password=word)
            file.decrypt(opened)
        except (exceptions.DecryptionError, exceptions.FileFormatError, exceptions.ParseError, *BROKEN):
            continue
        return opened.getvalue()
    raise BookError("password_protected", _DOES_NOT_FIT if words else "")
