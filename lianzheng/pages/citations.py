"""Numbers and names that know where they come from, carried inside the text that tells them.

A sentence is put together from many pieces, so an address travels as characters around what is shown (Unicode's
interlinear annotation, U+FFF9 to U+FFFB) and becomes plain text and citations where a block is made. The key of
this process goes with it: what somebody wrote into a form can never pass for an address.
"""

from __future__ import annotations

import dataclasses
import re
import secrets
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, model_validator
from pydantic.dataclasses import dataclass as checked_dataclass
from pydantic_core import ArgsKwargs

from lianzheng.fonts import displayable

_KEY = secrets.token_hex(4)
_FIELD = "\x1f"
_CITED = re.compile(f"\ufff9([^\ufff9-\ufffb]*)\ufffa{_KEY}{_FIELD}([^\ufff9-\ufffb]*)\ufffb")


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Address:
    """A value in the processed tables, and how it is shown: a format of ``words``, ``name`` or ``part`` (of a text)."""

    table: str
    key: str
    column: str
    form: str = "number"


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Citation:
    """The characters ``start`` up to ``end`` of a block's text ``field``, and the address of what they tell."""

    field: str
    start: int
    end: int
    address: Address


@dataclass(frozen=True, slots=True)
class Cited:
    """A value with its address, for a place in a sentence or table."""

    value: Any
    address: Address


def cite(shown: str, address: Address) -> str:
    """What is shown with its address around it; a text inside which nothing may be cited again."""
    told = _FIELD.join((_KEY, *dataclasses.astuple(address)))
    return f"\ufff9{uncited(shown)}\ufffa{told}\ufffb"


def split_citations(text: str, field: str = "text") -> tuple[str, tuple[Citation, ...]]:
    """The text without addresses, as pages can show it, and the citations in order."""
    if "\ufff9" not in text:
        return text, ()
    plain, citations, end = "", [], 0
    for found in _CITED.finditer(text):
        plain += displayable(text[end : found.start()])
        start, end = len(plain), found.end()
        plain += displayable(found[1])
        citations.append(Citation(field, start, len(plain), Address(*found[2].split(_FIELD))))
    return plain + displayable(text[end:]), tuple(citations)


def uncited(text: str) -> str:
    """The text without addresses."""
    return split_citations(text)[0]


class Citing:
    """What keeps the addresses of the numbers and names in its texts apart from the texts (None: there are none)."""

    citations: tuple[Citation, ...] | None

    @model_validator(mode="before")
    @classmethod
    def _split(cls, given: Any) -> Any:
        if not isinstance(given, ArgsKwargs):  # read back, or made already
            return given
        names = cls.__dataclass_fields__  # type: ignore[attr-defined]
        values = {**dict(zip(names, given.args, strict=False)), **(given.kwargs or {})}
        found: list[Citation] = []
        for field, text in values.items():
            if isinstance(text, str) and "\ufff9" in text:
                values[field], citations = split_citations(text, field)
                found += citations
        return ArgsKwargs((), {**values, "citations": tuple(found)}) if found else given

    def cited(self, field: str) -> tuple[Citation, ...]:
        """The citations in one of its texts, in order."""
        return tuple(citation for citation in self.citations or () if citation.field == field)
