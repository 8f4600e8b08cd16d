"""The real intake and scoring on a case, in a tiny project, file after file in this process."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lianzheng.config import CycleConfig
from lianzheng.intake import run_intake
from lianzheng.intake.checks import Verdict
from lianzheng.intake.passwords import load_passwords
from lianzheng.intake.reading import Reading
from lianzheng.intake.run import Intake
from lianzheng.issues import Issue
from lianzheng.scoring.items import score_items
from tests.forms.cases import OFFICE
from tests.forms.papers import RECEIPTS


@dataclass
class Desk:
    """The office's desk: a project of the tiny configuration, and the base papers that every case begins with."""

    config: CycleConfig
    base: Mapping[str, bytes]

    def lay_out(self, files: Mapping[str, bytes], without: Iterable[str] = ()) -> None:
        """Put the base papers there with ``files`` in place of those of the same path but for the suffix."""
        shutil.rmtree(self.config.project / "data", ignore_errors=True)
        received = {path: data for path, data in self.base.items() if path not in set(without)}
        for path in files:
            for old in [old for old in received if stem(old) == stem(path)]:
                del received[old]
                renamed = received.get(RECEIPTS, b"").replace(f"{old},".encode(), f"{path},".encode())
                received |= {RECEIPTS: renamed} if old != RECEIPTS else {}
        for path, data in {**received, **files}.items():
            folder = self.config.data_office if path.startswith(OFFICE) else self.config.data_raw
            target = folder / path.removeprefix(OFFICE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    def withdraw(self, path: str) -> None:
        """Take a file away that was seen a moment ago."""
        (self.config.data_raw / path).unlink(missing_ok=True)

    def read(self, passwords: str = "") -> tuple[Intake, list[Issue]]:
        """What intake says of the papers, and all issues, those of scoring included."""
        told = self.config.project / "passwords.txt"
        told.write_text(passwords, encoding="utf-8")
        intake = run_intake(self.config, n_workers=0, passwords=load_passwords(told, self.config))
        return intake, [*intake.issues, *score_items(self.config, intake.frames)[2]]


def broken_check(reading: Reading) -> Iterator[Verdict]:
    """A check with a fault of our own: it divides by nothing, and only on the first unit's form."""
    if reading.unit_id == "U001":
        yield "fail" if 1 / len(reading.map.form.parts) else "pass"  # a form of tables has no parts


def stem(path: str) -> str:
    """A path without its suffix."""
    return str(PurePosixPath(path).with_suffix(""))


def kept(folder: Path) -> dict[str, bytes]:
    """The committed files below a folder: path → bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(files)}
