"""Passwords that units told the office (``--password-file``), and the files that they open, in memory only.

A line of the file is ``whose,password``: whose is a path below data/raw/<year>, a file's name, a unit (id or any of
its names) or ``*`` for all. Passwords reach no table, message or log.
"""

from __future__ import annotations

import csv
import io
import logging
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
# Office encrypts workbooks of which only changing is protected with this word, and opens them without asking.
_NO_PASSWORD = "VelvetSweatshop"
_DOES_NOT_FIT = "（密码文件中给出的密码不符）"


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords by path, file name, unit_id or ``*``; shown nowhere."""

    _by_key: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def of(self, path: str, config: CycleConfig) -> tuple[str, ...]:
        """The passwords to try on a file, by its path below data/raw/<year>: those that mean it most narrowly first."""
        path = unicodedata.normalize("NFC", path)
        keys = (
            path,
            PurePosixPath(path).name,
            unit_of_path(path, config) if self._by_key else "",
            EVERYTHING,
        )
        return tuple(dict.fromkeys(word for key in keys for word in self._by_key.get(key, ())))


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
    for number, line in enumerate(csv.reader(io.StringIO(text or "", newline=""), skipinitialspace=True), 1):
        if not line or line[0].startswith("#"):
            continue
        if len(line) != 2 or not all(line):
            raise InputError(
                f"密码文件 {path} 第 {number} 行不是“文件或单位,密码”", "每行写一个文件、单位或 *，逗号，密码"
            )
        key = unicodedata.normalize("NFC", line[0].strip().replace("\\", "/"))
        key = config.unit_index.find(key) or key
        by_key[key] = (*by_key.get(key, ()), line[1])
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
