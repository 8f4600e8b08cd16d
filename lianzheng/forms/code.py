"""The form code (表样编号) that a blank form carries, visible and as properties of the file: whose which form it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LABEL = "表样编号"
_FORM, VERSION, _CYCLE, _UNIT = (f"lianzheng_{name}" for name in ("form", "version", "cycle", "unit"))
_WRITTEN = re.compile(LABEL + r"\s*:\s*(?P<cycle>20\d\d)-(?P<form_id>\w+?)(?:-(?P<owner>[A-Za-z]+\d+))?(?!\w|-\w)", re.ASCII)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormCode:
    """A form of a cycle for a unit or a team (``owner``: its id, or empty), such as ``2018-statistics-U003``."""

    cycle: int
    form_id: str
    owner: str = ""

    def __str__(self) -> str:
        return "-".join(filter(None, (str(self.cycle), self.form_id, self.owner)))

    def properties(self, version: str) -> tuple[tuple[str, str], ...]:
        """What the file says of itself as custom properties."""
        return ((_FORM, self.form_id), (VERSION, version), (_CYCLE, str(self.cycle)), (_UNIT, self.owner))


def codes_in(text: str) -> Iterator[FormCode]:
    """The form codes that a text shows."""
    if LABEL in text:
        for found in _WRITTEN.finditer(unicodedata.normalize("NFKC", text)):
            yield FormCode(int(found["cycle"]), found["form_id"], found["owner"] or "")


def code_of(properties: Mapping[str, str]) -> FormCode | None:
    """The form code that a file's custom properties hold, or None."""
    form_id, cycle = properties.get(_FORM, ""), properties.get(_CYCLE, "")
    is_told = bool(form_id) and cycle.isdecimal() and len(cycle) == 4
    return FormCode(int(cycle), form_id, properties.get(_UNIT, "")) if is_told else None
