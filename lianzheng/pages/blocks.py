"""Rich blocks: what one notebook cell returns, and what every exporter draws in its own way.

A block is plain data that goes through JSON and comes back equal. All texts are plain (no inline markup) and
brought into the reports' fonts when a block is made; numbers arrive as formatted strings.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import functools
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass, rebuild_dataclass
from pydantic_core import to_jsonable_python

from lianzheng.fonts import displayable
from lianzheng.pages.citations import Citation, Citing
from lianzheng.pages.grid import display_width, place_cells

BLOCKS_MIME = "application/vnd.lianzheng.blocks.v1+json"
MARKS = {"good": "●", "warn": "◆", "bad": "■"}
"""Tone → the shape drawn beside its colour, since a tone is never told by colour alone."""

Text = Annotated[str, AfterValidator(displayable)]
Words = Annotated[Text, Field(pattern=r"\S")]
Align = Literal["left", "center", "right"]
Tone = Literal["neutral", "good", "warn", "bad", "muted"]
LightColour = Annotated[str, Field(pattern="^(#([c-f][0-9a-f]){3})?$")]
Span = Annotated[int, Field(ge=1)]
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class DocumentFacts:
    """What a publication says of itself; ``report_date`` also dates the PDF and the Word file.

    ``density`` "sheet" sets the PDF small, for pages that must say all on two sides of one sheet of paper;
    "official" sets it as an official document (公文), after GB/T 9704-2012.
    """

    page: str
    cycle: int
    report_date: dt.date
    edition: str = "internal"
    classification: Text = ""
    number: Text = ""
    density: Literal["report", "sheet", "official"] = "report"


@dataclass(frozen=True, config=_STRICT)
class Title(Citing):
    """The level-1 heading, a line under it, short facts, and what the publication says of itself.

    ``breaks``: after how many characters an official document begins a new line of it.
    """

    text: Words
    subtitle: Text = ""
    facts: tuple[Text, ...] = ()
    document: DocumentFacts | None = None
    breaks: tuple[int, ...] = ()
    citations: tuple[Citation, ...] | None = None


@dataclass(frozen=True, config=_STRICT)
class Heading(Citing):
    """A heading of level 2, 3 or 4 (a level is never skipped within a document); it may begin a new sheet.

    ``label`` (附件1) stands before or above it.
    """

    text: Words
    level: Literal[2, 3, 4] = 2
    starts_page: bool = False
    label: Text = ""
    citations: tuple[Citation, ...] | None = None


@dataclass(frozen=True, config=_STRICT)
class Paragraph(Citing):
    """One paragraph: running text, the page's lead, a small note, the addressees (left), a signature line (right).

    ``enclosures`` lists the attachments below the text (附件说明).
    """

    text: Text
    style: Literal["body", "lead", "note", "address", "enclosures", "signature"] = "body"
    citations: tuple[Citation, ...] | None = None


@dataclass(frozen=True, config=_STRICT)
class Bullets:
    """A flat list of points."""

    items: Annotated[tuple[Words, ...], Field(min_length=1)]


@dataclass(frozen=True, config=_STRICT)
class KeyFigure:
    """One tile: what is measured, its value as printed, the unit of measure and a short note."""

    label: Words
    value: Words
    unit: Text = ""
    note: Text = ""
    tone: Tone = "neutral"


@dataclass(frozen=True, config=_STRICT)
class KeyFigures:
    """A strip of up to six tiles."""

    items: Annotated[tuple[KeyFigure, ...], Field(min_length=1, max_length=6)]


@dataclass(frozen=True, config=_STRICT)
class Column:
    """A column: label, alignment, relative width (None: by contents), and the group it shares, if any."""

    label: Text
    align: Align = "left"
    width: Annotated[float, Field(gt=0)] | None = None
    group: Text = ""


@dataclass(frozen=True, config=_STRICT)
class TableCell(Citing):
    """A cell that is more than its text; ``align`` None follows the column, ``fill`` is a light #rrggbb."""

    text: Text
    align: Align | None = None
    fill: LightColour = ""
    tone: Tone = "neutral"
    column_span: Span = 1
    row_span: Span = 1
    citations: tuple[Citation, ...] | None = None


@functools.lru_cache(maxsize=4096)
def _plain_cell(text: str, align: Align | None = None) -> TableCell:
    """A cell that is no more than its text; most are made more than once, and checking costs more than keeping."""
    return TableCell(text, align)


def _celled(cell: Any) -> Any:
    """A text with citations becomes a cell that keeps them."""
    return TableCell(cell) if isinstance(cell, str) and "\ufff9" in cell else cell


Cell = Annotated[Text | TableCell, BeforeValidator(_celled)]


class _Remarked(Citing):
    """What has a note and a source (without the words 注 and 资料来源, which are printed before them)."""

    note: str
    source: str

    @property
    def remarks(self) -> tuple[str, ...]:
        """The lines of small print below."""
        lines = (("注", self.note), ("资料来源", self.source))
        return tuple(f"{label}：{text}" for label, text in lines if text)


@dataclass(frozen=True, config=_STRICT)
class Table(_Remarked):
    """A titled table; cells that span several places stand at their upper left one, the rest is left out.

    Raises PublishError when the cells and their spans do not fill the grid exactly.
    """

    title: Words
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    rows: tuple[tuple[Cell, ...], ...]
    note: Text = ""
    source: Text = ""
    citations: tuple[Citation, ...] | None = None

    def __post_init__(self) -> None:
        assert len(self.body) == len(self.rows)

    @functools.cached_property
    def body(self) -> tuple[tuple[TableCell, ...], ...]:
        """The rows with every cell a TableCell that knows its alignment."""
        cells = [[_plain_cell(c) if isinstance(c, str) else c for c in row] for row in self.rows]
        rows: list[list[TableCell]] = [[] for _ in cells]
        for row, place, cell in place_cells(cells, len(self.columns)):
            align, is_plain = cell.align or self.columns[place].align, cell is _plain_cell(cell.text)
            aligned = _plain_cell(cell.text, align) if is_plain else dataclasses.replace(cell, align=align)
            rows[row].append(aligned)
        return tuple(map(tuple, rows))

    @property
    def header(self) -> tuple[tuple[TableCell, ...], ...]:
        """One header row, or two where columns have groups: a group spans its neighbours of the same name."""
        neighbours = itertools.groupby(self.columns, lambda column: column.group)
        groups = [(name, tuple(columns)) for name, columns in neighbours]
        depth = 2 if any(name for name, _ in groups) else 1
        upper: list[TableCell] = []
        for name, columns in groups:
            alone = [TableCell(c.label, c.align, row_span=depth) for c in columns]
            upper += [TableCell(name, "center", column_span=len(columns))] if name else alone
        lower = tuple(TableCell(c.label, c.align) for c in self.columns if c.group)
        return (tuple(upper), lower) if lower else (tuple(upper),)

    @property
    def widths(self) -> tuple[float, ...]:
        """Each column's share of the table's width; they add up to 1."""
        longest = [max(display_width(column.label), 4) for column in self.columns]
        for _, place, cell in place_cells(self.body, len(self.columns)):
            if cell.column_span == 1:
                longest[place] = max(longest[place], display_width(cell.text))
        shares = [c.width or float(min(n, 36) + 2) for c, n in zip(self.columns, longest, strict=True)]
        return tuple(share / sum(shares) for share in shares)


@dataclass(frozen=True, config=_STRICT)
class Chart(_Remarked):
    """A drawn figure as SVG with its words: ``alt`` for who cannot see it, ``texts`` as drawn, for checks."""

    title: Words
    svg: Annotated[str, Field(pattern="^<svg")]
    alt: Words
    source: Text = ""
    note: Text = ""
    width_mm: Annotated[float, Field(gt=0, le=400)] = 160.0
    texts: tuple[str, ...] = ()
    citations: tuple[Citation, ...] | None = None

    @property
    def data_uri(self) -> str:
        """The SVG as an address that holds its own data."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode()


@dataclass(frozen=True, config=_STRICT)
class Beside:
    """Columns of blocks side by side, each with its share of the width; under each other in Word and on a phone."""

    columns: Annotated[tuple[tuple[Block, ...], ...], Field(min_length=2, max_length=3)]
    widths: tuple[Annotated[float, Field(gt=0)], ...]


Block = Title | Heading | Paragraph | Bullets | KeyFigures | Table | Chart | Beside
_KINDS: dict[str, Any] = {kind.__name__: kind for kind in get_args(Block)}
rebuild_dataclass(Beside)  # type: ignore[arg-type]


class Blocks:
    """What a notebook cell returns: blocks in order, seen in JupyterLab, carried to the exporters as data.

    ``log`` goes with them to the record of the run and is printed nowhere; so does what the page has ``reads`` of.
    """

    def __init__(self, *blocks: Block, log: Sequence[str] = ()) -> None:
        self.blocks, self.log = blocks, log
        self.reads: Collection[str] = ()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[dict[str, Any], ...]:
        from lianzheng.pages.html import to_html

        shown = {
            "text/plain": " · ".join(type(block).__name__ for block in self.blocks),
            "text/html": to_html(self.blocks, with_style=True),
            BLOCKS_MIME: [to_data(block) for block in self.blocks],
        }
        return shown, {BLOCKS_MIME: {"log": list(self.log), "reads": sorted(self.reads)}}


def to_data(block: Block) -> dict[str, Any]:
    """The block as JSON-able data with its ``kind``."""
    data = {"kind": type(block).__name__}
    if isinstance(block, Beside):
        inner = [[to_data(one) for one in column] for column in block.columns]
        return {**data, "columns": inner, "widths": list(block.widths)}
    return {**data, **to_jsonable_python(block, exclude_none=True)}


def from_data(data: Mapping[str, Any]) -> Block:
    """The block that ``to_data`` gave; raises KeyError or ValueError when the data is not one."""
    fields = dict(data)
    kind = _KINDS[fields.pop("kind")]
    if kind is Beside:
        fields["columns"] = tuple(tuple(map(from_data, column)) for column in fields["columns"])
    return cast(Block, kind(**fields))


def leaves(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks in reading order, those that stand side by side one column after the other."""
    for block in blocks:
        if isinstance(block, Beside):
            yield from leaves(one for column in block.columns for one in column)
        else:
            yield block
