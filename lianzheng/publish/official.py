"""An official document (公文) as its lines stand on paper, after GB/T 9704-2012: the same for PDF and Word."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lianzheng.documents import gbt9704
from lianzheng.documents.gbt9704 import LEVELS, Level
from lianzheng.pages import blocks as rich
from lianzheng.pages.blocks import Block, Chart, Table
from lianzheng.pages.citations import Citation
from lianzheng.pages.grid import display_width
from lianzheng.publish.notebook import Document

MEASURES = {
    **gbt9704.MARGINS_MM,
    "text_width": gbt9704.TEXT_MM[0],
    "size": LEVELS["body"].size_pt,
    "pitch": gbt9704.PITCH_PT,
    "tracking": gbt9704.TRACKING_PT,
    "folio_gap": gbt9704.FOLIO_GAP_MM,
    "small": 10.5,
}
"""What the PDF and Word writers need: millimetres of the page, points of the text and of what tables are set in."""
PRINTED = LEVELS | {
    "subtitle": Level("Subtitle", "Subtitle", gbt9704.KAITI, align="center"),
    "remarks": Level("Remarks", "注释", gbt9704.FANGSONG, 10.5, "left"),
}
"""Every level of a line: those of the standard and ours for what it does not know."""
BEFORE_NAMES, BEFORE_DATE = 2 + 3, 4
"""Characters left of the second enclosure (附件： stands two in) and right of the date."""
_LINES_BEFORE = {"enclosures": 1, "signature": 2}
_NUMBERED = re.compile(r"(附件[：:])?(\d+[.．、]\s*)?")
_LEVEL_OF_STYLE = {"address": "addressee", "note": "remarks"}


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of a level of ``gbt9704.LEVELS`` (or ``subtitle``, ``remarks``, ``blank``).

    ``first`` and ``rest`` are how far its first and its other lines stand in from the left, ``end`` from the right,
    in characters; after each of ``breaks`` characters a new line begins. It ``keeps`` with the next where that belongs to the end of the text (附件说明, 署名).
    """

    level: str
    text: str = ""
    citations: tuple[Citation, ...] = ()
    first: float = 0
    rest: float = 0
    end: float = 0
    starts_page: bool = False
    keeps: bool = False
    breaks: tuple[int, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The text, parted where a new line begins."""
        ends = (0, *self.breaks, len(self.text))
        return [self.text[start:end] for start, end in itertools.pairwise(ends)]


_BLANK = Line("blank")


def arranged(document: Document) -> list[Line | Table | Chart]:
    """The document from 密级 to the last attachment, with its blank lines; what it has no form for becomes text.

    An empty paragraph before 附件说明 or 署名 stands for the usual blank lines.
    """
    facts = document.facts
    placed: list[Line | Table | Chart] = [_line(level, text) for level, text in (
        ("classification", facts.classification), ("number", facts.number)) if text]  # fmt: skip
    placed += [_BLANK] if facts.number else []
    for kind, group in itertools.groupby(rich.leaves(document.blocks), _kind):
        usual = _LINES_BEFORE.get(kind, 0) if placed[-1:] != [_BLANK] else 0
        placed += [_BLANK] * usual
        if kind == "enclosures":
            placed += map(_enclosure, group)
        elif kind == "signature":
            placed += _signed(list(group))
        else:
            placed += itertools.chain.from_iterable(map(_lines, group))
    return [_kept(one, after) for one, after in itertools.zip_longest(placed, placed[1:])]


def _kind(block: Block) -> str:
    return block.style if isinstance(block, rich.Paragraph) else ""


def _lines(block: Block) -> Iterator[Line | Table | Chart]:
    if isinstance(block, Table | Chart):
        yield block
    elif isinstance(block, rich.Title):
        title = _line("title", block.text, block.cited("text"))
        yield dataclasses.replace(title, breaks=block.breaks)
        below = (block.subtitle, "　".join(block.facts))
        yield from (_line("subtitle", text) for text in below if text)
        yield _BLANK
    elif isinstance(block, rich.Heading):
        yield from _headed(block)
    elif isinstance(block, rich.Paragraph):
        level = _LEVEL_OF_STYLE.get(block.style, "body")
        yield _line(level, block.text, block.cited("text")) if block.text else _BLANK
    else:
        yield from (_line("body", text) for text in _told(block))


def _headed(heading: rich.Heading) -> Iterator[Line]:
    """The title of a numbered attachment stands on the third line of a new page, its number on the first."""
    if heading.label:
        yield dataclasses.replace(_line("attachment", heading.label), starts_page=heading.starts_page)
        yield _BLANK
        yield _line("attachment_title", heading.text, heading.cited("text"))
    else:
        line = _line(f"heading{heading.level - 1}", heading.text, heading.cited("text"))
        yield dataclasses.replace(line, starts_page=heading.starts_page)


def _told(block: Block) -> Iterator[str]:
    """Points and key figures as sentences, since an official document has neither."""
    if isinstance(block, rich.Bullets):
        yield from block.items
    elif isinstance(block, rich.KeyFigures):
        notes = (f"（{tile.note}）" if tile.note else "" for tile in block.items)
        tiles = zip(block.items, notes, strict=True)
        yield "；".join(f"{tile.label}：{tile.value}{tile.unit}{note}" for tile, note in tiles) + "。"


def _enclosure(block: Block) -> Line:
    """附件：1. 名称: a longer name goes on below its own beginning, a second one begins below the first (7.3.4)."""
    assert isinstance(block, rich.Paragraph)
    found = _NUMBERED.match(block.text)
    label, number = (found[1] or "", found[2] or "") if found else ("", "")
    first = 2 if label else BEFORE_NAMES
    rest = first + (display_width(label) + display_width(number)) / 2
    return Line("enclosures", block.text, block.cited("text"), first, rest)


def _signed(blocks: Sequence[Block]) -> list[Line]:
    """The name is centred over the date, which ends four characters in; further, where the name is longer (7.3.5)."""
    lines = [
        Line("signature", block.text, block.cited("text"))
        for block in blocks
        if isinstance(block, rich.Paragraph)
    ]
    widths = [display_width(line.text) / 2 for line in lines]
    end = max([BEFORE_DATE, *((width - widths[-1]) / 2 for width in widths)])
    return [
        dataclasses.replace(line, end=max(end - (width - widths[-1]) / 2, 0.0))
        for line, width in zip(lines, widths, strict=True)
    ]


def _kept(one: Line | Table | Chart, after: Line | Table | Chart | None) -> Line | Table | Chart:
    is_closing = isinstance(after, Line) and after.level in ("blank", "enclosures", "signature")
    return dataclasses.replace(one, keeps=True) if isinstance(one, Line) and is_closing else one


def _line(level: str, text: str, citations: tuple[Citation, ...] = ()) -> Line:
    """A line with the indent of its level."""
    return Line(level, text, citations, PRINTED[level].indent)
