"""Data issues (数据问题): what is wrong with a received file or cell, in words for the person who filled it in.

Every issue has a code from the closed list :data:`KINDS`; its Chinese sentence stands in ``issues.yml``, nowhere else.
An issue is never an exception and never a finding (问题 that a team saw at a unit).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml

from lianzheng.fonts import visible

Severity = Literal["return_file", "return_item", "verify", "note"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was seen: file id, sheet and cell address; empty strings where it does not apply."""

    file_id: str = ""
    sheet: str = ""
    cell: str = ""


NOWHERE = Source()


@dataclass(frozen=True, slots=True)
class IssueKind:
    """One closed code: its severity, what is wrong (message) and what to do (remedy), with ``{words}`` to fill."""

    severity: Severity
    message: str
    remedy: str


def _read_kinds() -> dict[str, IssueKind]:
    text = Path(__file__).with_name("issues.yml").read_text(encoding="utf-8")
    known = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {
        code: IssueKind(severity, *told) for severity, kinds in known.items() for code, told in kinds.items()
    }


KINDS: dict[str, IssueKind] = _read_kinds()
"""Every kind by its code, out of ``issues.yml``."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong with what was received: code, whose, where, what was seen."""

    code: str
    unit_id: str = ""
    form_id: str = ""
    source: Source = NOWHERE
    value_seen: str = ""
    words: dict[str, object] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        assert self.code in KINDS, f"unknown issue code {self.code}"

    @property
    def severity(self) -> Severity:
        """How grave it is, one of :data:`Severity`."""
        return KINDS[self.code].severity

    @property
    def message(self) -> str:
        """What is wrong and what was seen, one Chinese sentence."""
        return visible(KINDS[self.code].message.format_map({"seen": self.value_seen, **self.words}))

    @property
    def remedy(self) -> str:
        """What to do about it, one Chinese sentence."""
        return visible(KINDS[self.code].remedy.format_map({"seen": self.value_seen, **self.words}))

    @property
    def issue_id(self) -> str:
        """Stable id: a hash of code, unit, form, file, sheet, cell and the value seen."""
        where = (self.source.file_id, self.source.sheet, self.source.cell)
        parts = (self.code, self.unit_id, self.form_id, *where, self.value_seen)
        return "I" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]

    def as_row(self) -> dict[str, str | None]:
        """A row of the issues table; what does not apply is null."""
        row = {
            "issue_id": self.issue_id, "unit_id": self.unit_id, "form_id": self.form_id, "code": self.code,
            "severity": self.severity, "value_seen": self.value_seen, "message": self.message,
            "remedy": self.remedy, "file_id": self.source.file_id, "sheet": self.source.sheet,
            "cell": self.source.cell,
        }  # fmt: skip
        return {name: value or None for name, value in row.items()}
