"""sources.csv: where every number and name of a bulletin comes from, one line for each bookmark of its Word file."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lianzheng.pages.blocks import Block, Chart, Heading, Paragraph, Table, Title, leaves
from lianzheng.pages.citations import Address, Citation

PREFIX = "lz_"


@dataclass(frozen=True, slots=True)
class Source:
    """A bookmarked piece of text: what it shows, the address of what it tells, and the sentence around it.

    ``form`` is how the value is shown: a format of ``lianzheng.pages.words`` (number, share, points, day), ``name``
    (of a unit by its id) or ``part`` (occurs in the text at the address).
    """

    bookmark: str
    shown: str
    form: str
    table: str
    key: str
    column: str
    sentence: str

    @property
    def address(self) -> Address:
        """The address and the form together."""
        return Address(self.table, self.key, self.column, self.form)


class Bookmarks:
    """Names bookmarks by what they tell, so that the same figure has the same name in every edition and every run."""

    def __init__(self) -> None:
        self._seen: Counter[Address] = Counter()

    def name(self, address: Address) -> str:
        """The bookmark of the next place where this address is told."""
        self._seen[address] += 1
        told = "\x1f".join((*dataclasses.astuple(address), str(self._seen[address])))
        return PREFIX + hashlib.sha256(told.encode()).hexdigest()[:16]


def cited_texts(blocks: Iterable[Block]) -> Iterator[tuple[str, tuple[Citation, ...]]]:
    """Every text of the blocks that has citations, in the order in which the Word file prints them."""
    for block in leaves(blocks):
        if isinstance(block, Title | Heading | Paragraph):
            yield block.text, block.cited("text")
        elif isinstance(block, Chart | Table):
            yield block.title, block.cited("title")
            for cell in (
                (c for row in block.header + block.body for c in row) if isinstance(block, Table) else ()
            ):
                yield cell.text, cell.cited("text")
            yield from ((getattr(block, field), block.cited(field)) for field in ("note", "source"))


def sources_of(blocks: Iterable[Block]) -> list[Source]:
    """A line for each citation, in the order of the Word file's bookmarks."""
    names = Bookmarks()
    return [
        Source(names.name(a), text[one.start : one.end], a.form, a.table, a.key, a.column, text)
        for text, citations in cited_texts(blocks)
        for one in citations
        for a in (one.address,)
    ]


def sources_csv(sources: Iterable[Source]) -> bytes:
    """The lines as CSV with a byte order mark, as Excel reads Chinese."""
    buffer = io.StringIO()
    writer = csv.DictWriter(
        buffer, [field.name for field in dataclasses.fields(Source)], lineterminator="\r\n"
    )
    writer.writeheader()
    writer.writerows(map(dataclasses.asdict, sources))
    return buffer.getvalue().encode("utf-8-sig")


def read_sources(data: bytes) -> dict[str, Source]:
    """The lines of a sources.csv by bookmark; KeyError or ValueError where it is not one."""
    rows: Iterator[Mapping[str, str]] = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    names = [field.name for field in dataclasses.fields(Source)]
    return {row["bookmark"]: Source(*(row[name] for name in names)) for row in rows}
