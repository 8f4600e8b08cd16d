"""What a check sees of a Word document: paragraphs in order with their effective look, sections, footers, bookmarks.

Lengths are points, millimetres or characters (of the paragraph's own size), as the names say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

FULL_WIDTH_SPACE = "\u3000"


@dataclass(frozen=True, slots=True)
class Look:
    """How characters look: East Asian font, size, boldness, and what is added between them."""

    font: str
    size_pt: float
    is_bold: bool
    tracking_pt: float


@dataclass(frozen=True, slots=True)
class Run:
    """The characters ``start`` up to ``end`` of a paragraph, which look alike."""

    start: int
    end: int
    look: Look


@dataclass(frozen=True, slots=True)
class Shape:
    """How a paragraph stands: alignment (jc), indents in characters, the distance of its lines, breaks before it.

    ``pitch_pt`` is the exact distance, 0 for single lines, −1 for other lines that are not exact.
    """

    align: str
    first_line: float
    left: float
    right: float
    pitch_pt: float
    after_pt: float
    breaks_page: bool


@dataclass(frozen=True)
class Paragraph:
    """A paragraph: its text with the automatic number before it (``n_label`` characters that no run holds).

    ``place`` is what people call it: 第4段 (blank ones are not counted), 表1第2行第3列.
    """

    index: int
    place: str
    text: str
    n_label: int
    runs: tuple[Run, ...]
    style_id: str
    shape: Shape
    is_cell: bool = False
    has_picture: bool = False
    starts_page: bool = False
    has_page_field: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing is to be seen."""
        return not self.text.strip() and not self.has_picture

    @property
    def size_pt(self) -> float:
        """The size of its first characters."""
        return self.runs[0].look.size_pt if self.runs else 0.0

    @cached_property
    def lead(self) -> int:
        """How many full-width spaces stand in front: an indent by hand."""
        return len(self.text) - len(self.text.lstrip(FULL_WIDTH_SPACE))


@dataclass(frozen=True)
class Section:
    """A section: its first paragraph, its page in millimetres, the pitch and tracking of its grid, its footers by kind."""

    first: int
    page_mm: tuple[float, float]
    margins_mm: dict[str, float]
    grid: str
    grid_pitch_pt: float
    grid_tracking_pt: float
    footers: dict[str, tuple[Paragraph, ...]]

    @property
    def text_mm(self) -> tuple[float, float]:
        """Width and height of the type area."""
        width, height = self.page_mm
        margins = self.margins_mm
        return width - margins["left"] - margins["right"], height - margins["top"] - margins["bottom"]


@dataclass(frozen=True, slots=True)
class Span:
    """What a bookmark holds now: the place of its beginning, and its text."""

    paragraph: int
    start: int
    text: str

    @property
    def end(self) -> int:
        """The end, were it all in the first paragraph."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Paper:
    """A document as the checks see it."""

    paragraphs: tuple[Paragraph, ...]
    sections: tuple[Section, ...]
    bookmarks: dict[str, Span]
    has_odd_and_even: bool

    def section_of(self, paragraph: Paragraph) -> Section:
        """The section that a paragraph stands in."""
        return [section for section in self.sections if section.first <= paragraph.index][-1]

    @cached_property
    def written(self) -> tuple[Paragraph, ...]:
        """The paragraphs outside tables that show something."""
        return tuple(p for p in self.paragraphs if not p.is_cell and not p.is_blank)
