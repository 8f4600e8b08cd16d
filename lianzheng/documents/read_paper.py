"""A .docx of Word or WPS → :class:`Paper`: bytes in, nothing fetched, nothing expanded.

Tracked insertions count as written and deletions as gone; text boxes, footnotes and field codes are not read.
"""

from __future__ import annotations

import dataclasses
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from lianzheng.documents.paper import Paper, Paragraph, Run, Section, Span
from lianzheng.documents.word_look import Styles, attribute, number
from lianzheng.documents.word_numbers import Numbers
from lianzheng.errors import InputError
from lianzheng.intake.cells import DEFAULT_LIMITS, BookError
from lianzheng.intake.formats import BROKEN, format_of
from lianzheng.intake.packages import Package, local_name

MAIN = "word/document.xml"
RESAVE = "请用 Word 或 WPS 打开后另存为 .docx"
_NOT_READ = frozenset(
    "pPr rPr del moveFrom instrText delText drawing pict object AlternateContent rt sdtPr".split()
)
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_MM_PER_TWIP = 25.4 / 1440


@dataclass(frozen=True, slots=True)
class Leaf:
    """A piece of a paragraph's text: the run and the element that hold it, and where it begins."""

    run: etree._Element
    element: etree._Element
    start: int
    text: str


@dataclass
class Pieces:
    """What stands in a paragraph, in order: texts, bookmarks that begin and end, pictures, page breaks, fields."""

    leaves: list[Leaf] = field(default_factory=list)
    opened: list[tuple[str, str, int]] = field(default_factory=list)
    closed: list[tuple[str, int]] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    fields: str = ""
    has_picture: bool = False

    @property
    def text(self) -> str:
        """The text without an automatic number."""
        return "".join(leaf.text for leaf in self.leaves)

    @property
    def length(self) -> int:
        """Its length."""
        return self.leaves[-1].start + len(self.leaves[-1].text) if self.leaves else 0

    def take(self, element: etree._Element, run: etree._Element | None = None) -> None:
        """Add what an element holds."""
        for child in element:
            name = local_name(child)
            if name == "bookmarkStart":
                self.opened.append((attribute(child, "id"), attribute(child, "name"), self.length))
            elif name == "bookmarkEnd":
                self.closed.append((attribute(child, "id"), self.length))
            elif name in ("br", "lastRenderedPageBreak") and attribute(child, "type") == "page":
                self.breaks.append(self.length)
            elif run is not None and (name == "t" or name in _MARKS):
                text = (child.text or "") if name == "t" else _MARKS[name]
                self.leaves.append(Leaf(run, child, self.length, text))
            else:
                self._take_other(name, child, run)

    def _take_other(self, name: str, child: etree._Element, run: etree._Element | None) -> None:
        self.has_picture |= name in ("drawing", "pict", "object", "AlternateContent")
        self.fields += " " + (
            attribute(child, "instr") + (child.text or "") if name in ("instrText", "fldSimple") else ""
        )
        if name not in _NOT_READ:
            self.take(child, child if name == "r" else run)


def paragraph_elements(root: etree._Element) -> list[etree._Element]:
    """The paragraphs of a document in order, those of tables too; not those of text boxes."""
    body = root.find("{*}body")
    found = [] if body is None else body.iter("{*}p")
    return [p for p in found if next(p.iterancestors("{*}txbxContent", "{*}Fallback"), None) is None]


def pieces_of(paragraph: etree._Element) -> Pieces:
    """What stands in a paragraph."""
    pieces = Pieces()
    pieces.take(paragraph)
    return pieces


def open_package(data: bytes) -> Package:
    """The package of a .docx; raises :class:`InputError` for what is none, with what to do."""
    try:
        kind = format_of(data)
        if kind == "protected":
            raise InputError("文件设有打开密码，无法检查", "请取消密码后再检查")
        if kind != "docx":
            raise InputError(f"文件不是 .docx（按内容为 {kind}）", RESAVE)
        return Package(data, DEFAULT_LIMITS)
    except BookError as error:
        raise InputError(f"文件无法打开：{error.detail or error.code}", RESAVE) from error


def read_paper(data: bytes) -> Paper:
    """Read a .docx; raises :class:`InputError` for a protected, foreign or broken file."""
    package = open_package(data)
    try:
        return _Reader(package).paper()
    except BookError as error:
        raise InputError(f"文件无法打开：{error.detail or error.code}", RESAVE) from error
    except BROKEN as error:
        raise InputError(f"文件内部不完整（{type(error).__name__}）", RESAVE) from error


class _Reader:
    """Reads one package, part by part."""

    def __init__(self, package: Package) -> None:
        self._package, self._root = package, package.xml(MAIN)
        self._related = {id_: posixpath.normpath(name) for id_, _, name in self._links()}
        theme = next((name for _, kind, name in self._links() if kind == "theme"), "")
        self._styles = Styles(self._part("word/styles.xml"), self._part(theme))
        self._numbers = Numbers(self._part("word/numbering.xml"), self._styles)

    def _links(self) -> list[tuple[str, str, str]]:
        has_links = "word/_rels/document.xml.rels" in self._package
        return self._package.related(MAIN) if has_links else []

    def _part(self, name: str) -> etree._Element | None:
        return self._package.xml(name) if name and name in self._package else None

    def paper(self) -> Paper:
        """The whole document."""
        elements = paragraph_elements(self._root)
        paragraphs = list(self._paragraphs(elements))
        settings = self._part("word/settings.xml")
        odd_even = None if settings is None else settings.find("{*}evenAndOddHeaders")
        return Paper(
            paragraphs=tuple(paragraphs),
            sections=tuple(self._sections(elements)),
            bookmarks=self._bookmarks(elements, paragraphs),
            has_odd_and_even=odd_even is not None and attribute(odd_even, "val") not in ("0", "false", "off"),
        )

    def _paragraphs(self, elements: list[etree._Element]) -> Iterator[Paragraph]:
        tables = {table: number for number, table in enumerate(self._root.iter("{*}tbl"), 1)}
        n_written, breaks_before = 0, False
        for index, element in enumerate(elements):
            cell = next(element.iterancestors("{*}tc"), None)
            pieces = pieces_of(element)
            paragraph = self._paragraph(element, pieces, index)
            n_written += cell is None and not paragraph.is_blank
            place = f"第{n_written or 1}段" if cell is None else _cell_place(cell, tables)
            starts = breaks_before or paragraph.shape.breaks_page or 0 in pieces.breaks
            yield dataclasses.replace(paragraph, place=place, is_cell=cell is not None, starts_page=starts)
            is_carried = starts and paragraph.is_blank and cell is None
            breaks_before = (
                is_carried or any(pieces.breaks) or bool(0 in pieces.breaks and paragraph.is_blank)
            )
            breaks_before |= _ends_page(element)

    def _paragraph(self, element: etree._Element, pieces: Pieces, index: int = 0) -> Paragraph:
        label, numbering = self._numbers.next(element)
        runs: list[Run] = []
        for leaf in pieces.leaves:
            look, start = self._styles.look(leaf.run, element), leaf.start + len(label)
            if runs and runs[-1].look == look:
                start = runs.pop().start
            runs.append(Run(start, leaf.start + len(label) + len(leaf.text), look))
        size = runs[0].look.size_pt if runs else self._styles.look(None, element).size_pt
        return Paragraph(
            index, "", label + pieces.text, len(label), tuple(runs), self._styles.of(element),
            self._styles.shape(element, numbering, size), has_picture=pieces.has_picture,
            has_page_field="PAGE" in pieces.fields.upper().split(),
        )  # fmt: skip

    def _bookmarks(self, elements: list[etree._Element], paragraphs: list[Paragraph]) -> dict[str, Span]:
        """What every bookmark spans; one that begins or ends between paragraphs counts with the next one."""
        started: dict[str, tuple[str, int, int]] = {}
        found: dict[str, Span] = {}
        for element, paragraph in zip(elements, paragraphs, strict=True):
            pieces = pieces_of(element)
            for sibling in element.itersiblings("{*}bookmarkStart", preceding=True):
                started.setdefault(attribute(sibling, "id"), (attribute(sibling, "name"), paragraph.index, 0))
            for id_, name, start in pieces.opened:
                started[id_] = (name, paragraph.index, start + paragraph.n_label)
            for id_, end in pieces.closed:
                if id_ in started:
                    name, first, start = started.pop(id_)
                    texts = [p.text for p in paragraphs[first : paragraph.index + 1]]
                    texts[-1] = texts[-1][: end + paragraph.n_label]
                    found[name] = Span(first, start, "".join(texts)[start:])
        return found

    def _sections(self, elements: list[etree._Element]) -> Iterator[Section]:
        first, footers = 0, dict[str, tuple[Paragraph, ...]]()
        last = self._root.find("{*}body/{*}sectPr")
        ends = [(i, p.find("{*}pPr/{*}sectPr")) for i, p in enumerate(elements)]
        for index, properties in [*ends, (len(elements), last)]:
            if properties is not None:
                footers = footers | self._footers(properties)
                yield _section(properties, first, footers)
                first = index + 1

    def _footers(self, properties: etree._Element) -> dict[str, tuple[Paragraph, ...]]:
        found = {}
        for reference in properties.findall("{*}footerReference"):
            root = self._part(self._related.get(attribute(reference, "id"), ""))
            lines = [] if root is None else root.iter("{*}p")
            kind = attribute(reference, "type", "default")
            found[kind] = tuple(self._paragraph(line, pieces_of(line)) for line in lines)
        return found


def _cell_place(cell: etree._Element, tables: dict[etree._Element, int]) -> str:
    row, table = next(cell.iterancestors("{*}tr")), next(cell.iterancestors("{*}tbl"))
    n_row, n_column = (len(list(e.itersiblings(e.tag, preceding=True))) + 1 for e in (row, cell))
    return f"表格{tables[table]}第{n_row}行第{n_column}列"


def _ends_page(element: etree._Element) -> bool:
    """Whether a section that ends with this paragraph sends the next one to a new page."""
    section = element.find("{*}pPr/{*}sectPr")
    return section is not None and attribute(section.find("{*}type"), "val") != "continuous"


def _section(properties: etree._Element, first: int, footers: dict[str, tuple[Paragraph, ...]]) -> Section:
    size, margins, grid = (properties.find(f"{{*}}{name}") for name in ("pgSz", "pgMar", "docGrid"))
    kind = attribute(grid, "type")
    return Section(
        first=first,
        page_mm=(_mm(attribute(size, "w", "12240")), _mm(attribute(size, "h", "15840"))),
        margins_mm={side: _mm(attribute(margins, side, "0")) for side in ("top", "bottom", "left", "right")},
        grid=kind if kind != "default" else "",
        grid_pitch_pt=number(attribute(grid, "linePitch")) / 20,
        grid_tracking_pt=number(attribute(grid, "charSpace")) / 4096 if kind == "linesAndChars" else 0.0,
        footers=footers,
    )


def _mm(twips: str) -> float:
    return abs(number(twips)) * _MM_PER_TWIP
