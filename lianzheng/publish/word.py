"""The Word exporter: an editable .docx with the page, the sizes and the fonts of GB/T 9704-2012.

``templates/docx`` is the package as it lies in the file; every part of it is filled from the same blocks.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from lianzheng.documents.gbt9704 import LEVELS, MARGINS_MM, PITCH_PT, TEXT_MM, TRACKING_PT
from lianzheng.documents.sources import Bookmarks
from lianzheng.pages.blocks import MARKS, TableCell
from lianzheng.pages.citations import Address
from lianzheng.pages.grid import place_cells
from lianzheng.pages.html import pieces, remark_pieces, template_environment
from lianzheng.publish.checks import check_docx
from lianzheng.publish.notebook import Document
from lianzheng.publish.official import PRINTED, Line, arranged
from lianzheng.publish.pdf import PIXELS_PER_INCH, DocumentExporter, chart_png
from lianzheng.zips import write_zip

CHARACTER_TWIPS = 20 * (LEVELS["body"].size_pt + TRACKING_PT)
_TEMPLATES = Path(__file__).parent / "templates" / "docx"
_TWIPS_PER_MM, _EMU_PER_INCH = 1440 / 25.4, 914_400


class LianzhengWordExporter(DocumentExporter):
    """Executed notebook → .docx bytes; raises PublishError for what must not be published."""

    export_from_notebook = "lianzheng Word"
    output_mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

    def _file_extension_default(self) -> str:
        return ".docx"

    def write(self, document: Document) -> bytes:
        """The document as .docx, the same bytes every time, dated by its report date."""
        pictures = [chart_png(chart.svg, min(chart.width_mm, TEXT_MM[0])) for chart in document.charts]
        facts = {
            "document": document,
            "blocks": [(type(one).__name__, one) for one in arranged(document)],
            "pictures": [_size_emu(picture) for picture in pictures],
            "moment": document.moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "levels": PRINTED,
            "measures": {name: round(value * _TWIPS_PER_MM) for name, value in MARGINS_MM.items()},
            "text_width": round(TEXT_MM[0] * _TWIPS_PER_MM),
            "pitch": round(PITCH_PT * 20),
            "tracking": round(TRACKING_PT * 20),
            "character": CHARACTER_TWIPS,
            "indents": indents,
            "bookmarked": functools.partial(bookmarked, Bookmarks(), itertools.count(1)),
            "pieces": pieces,
            "remark_pieces": remark_pieces,
            "merged_rows": merged_rows,
            "marks": MARKS,
        }
        names = sorted(p.relative_to(_TEMPLATES).as_posix() for p in _TEMPLATES.rglob("*") if p.is_file())
        environment = template_environment(_TEMPLATES)
        parts = {name: environment.get_template(name).render(facts).encode() for name in names}
        media = {f"word/media/chart{number}.png": picture for number, picture in enumerate(pictures, start=1)}
        data = write_zip({**parts, **media})
        check_docx(data, headings=document.headings, n_charts=len(pictures))
        return data


def indents(line: Line) -> dict[str, float]:
    """How far a line stands in, in characters, as Word says it; nothing where that is what its level says."""
    told = {"left": line.rest, "right": line.end}
    told |= (
        {"firstLine": line.first - line.rest}
        if line.first >= line.rest
        else {"hanging": line.rest - line.first}
    )
    usual = {"left": 0, "right": 0, "firstLine": PRINTED[line.level].indent}
    return {} if told == usual else told


def bookmarked(
    names: Bookmarks, numbers: Iterator[int], told: Sequence[tuple[str, Address | None]]
) -> list[tuple[str, int, str]]:
    """Each piece of a text with the number and the name of its bookmark (0 and nothing where it has no address)."""
    return [
        (text, next(numbers), names.name(address)) if address else (text, 0, "") for text, address in told
    ]


def merged_rows(
    rows: Sequence[Sequence[TableCell]], n_columns: int
) -> list[list[tuple[int, str, TableCell]]]:
    """Rows as Word wants them: a cell that spans rows stands in each, as ``restart`` or ``continue``."""
    grid: list[list[tuple[int, str, TableCell]]] = [[] for _ in rows]
    for number, column, cell in place_cells(rows, n_columns):
        for down in range(cell.row_span):
            merge = "continue" if down else "restart" if cell.row_span > 1 else ""
            grid[number + down].append((column, merge, cell))
    return [sorted(row, key=lambda placed: placed[0]) for row in grid]


def _size_emu(png: bytes) -> tuple[int, int]:
    """Width and height on paper, out of the picture's own header."""
    pixels = (int.from_bytes(png[start : start + 4], "big") for start in (16, 20))
    width, height = (count * _EMU_PER_INCH // PIXELS_PER_INCH for count in pixels)
    return width, height
