"""The PDF exporter: tagged PDF/A-2a and PDF/UA-1, set by Typst from the same blocks as the page."""

from __future__ import annotations

import dataclasses
import functools
import json
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode

from lianzheng.documents.gbt9704 import Level
from lianzheng.errors import PublishError
from lianzheng.fonts import OFFICE_FAMILIES, SANS, SERIF, configured_folder, embedded_fonts, office_fonts
from lianzheng.pages.blocks import MARKS, Beside, Block, Chart, Table, to_data
from lianzheng.publish.checks import check_pdf, page_of
from lianzheng.publish.notebook import Document, read_document
from lianzheng.publish.official import MEASURES, PRINTED, Line, arranged

PIXELS_PER_INCH = 300
SCALES, SHEET_PAGES = (1.0, 0.94, 0.88, 0.82), 2
_REMEDY = "改正所指的内容后重新发布"
_DEFAULTS = {"title": SANS, "heading": SANS, "lead": SERIF, "body": SERIF, "sans": SANS}


class DocumentExporter(Exporter):
    """An exporter whose product is the bytes that ``write`` makes of the notebook's blocks."""

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **options: Any) -> tuple[Any, Any]:
        """The product and the resources; raises PublishError for what must not be published."""
        return self.write(read_document(nb)), self._init_resources(resources)

    def write(self, document: Document) -> bytes:
        """The product, checked."""
        raise NotImplementedError


class LianzhengPDFExporter(DocumentExporter):
    """Executed notebook → PDF bytes; raises PublishError for what must not be published."""

    export_from_notebook = "lianzheng PDF"
    output_mimetype = "application/pdf"

    def _file_extension_default(self) -> str:
        return ".pdf"

    def write(self, document: Document) -> bytes:
        """The document as PDF, the same bytes every time, dated by its report date.

        A sheet is set smaller, down to the last of ``SCALES``, until its annex begins on the third page.
        """
        for scale in SCALES:
            data = typeset(document, scale)
            if not document.annex or page_of(data, document.annex) <= SHEET_PAGES + 1:
                break
        check_pdf(data, headings=document.headings, n_charts=len(document.charts))
        return data


def typeset(document: Document, scale: float = 1.0) -> bytes:
    """The document as PDF, in the form of its density, its letters so many times as large as usual."""
    is_official = document.facts.density == "official"
    page = (_official if is_official else _report)(document)
    return compile_template(
        "official.typ" if is_official else "report.typ",
        format="pdf",
        sys_inputs={"document": json.dumps({**page, "scale": scale}, ensure_ascii=False)},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=document.moment,
    )


def _report(document: Document) -> dict[str, Any]:
    return {
        "title": document.title.text,
        "running": document.running,
        "imprint": document.imprint,
        "fonts": families(),
        "marks": MARKS,
        "density": document.facts.density,
        "blocks": [_block_data(block) for block in document.blocks],
    }


def _official(document: Document) -> dict[str, Any]:
    lines = (
        {"kind": "Line", **dataclasses.asdict(one), "lines": one.lines}
        if isinstance(one, Line)
        else _block_data(one)
        for one in arranged(document)
    )
    fonts = families() | {"": [SERIF]}
    fonts["title"] = [*fonts["title"][:-1], SERIF]
    levels = {
        name: {**dataclasses.asdict(level), "font": fonts[_role(level)]} for name, level in PRINTED.items()
    }
    about = {"title": document.title.text, "marks": MARKS, "measures": MEASURES}
    return {**about, "levels": levels, "lines": list(lines)}


def _role(level: Level) -> str:
    """The role whose office font a level has; empty for one that no office folder need hold."""
    return next((role for role, names in OFFICE_FAMILIES.items() if level.families[0] in names), "")


def chart_png(svg: str, width_mm: float) -> bytes:
    """A chart as a PNG picture, 300 pixels to the inch at its width on paper."""
    inputs = {"svg": svg, "width_mm": repr(width_mm)}
    return compile_template("chart.typ", format="png", ppi=PIXELS_PER_INCH, sys_inputs=inputs)


def compile_template(name: str, **options: Any) -> bytes:
    """Compile a template of this package with our fonts only; PublishError for an error or a warning."""
    import typst

    source = (Path(__file__).parent / "templates" / name).read_bytes()
    ours = {"font_paths": typst_fonts(configured_folder()), "ignore_system_fonts": True}
    try:
        data, warnings = typst.compile_with_warnings(source, **ours, **options)
    except typst.TypstError as error:
        raise PublishError(f"排版失败：{error.diagnostic or error.message}", _REMEDY) from error
    if warnings:
        raise PublishError(f"排版有警告：{'；'.join(w.message for w in warnings)}", _REMEDY)
    return bytes(data)


def families() -> dict[str, list[str]]:
    """Role → the font families for it, the office's first where its folder has it; only those found."""
    folder = configured_folder()
    family_by_file = {Path(font.path): font.family for font in typst_fonts(folder).fonts() if font.path}
    office = {role: [family_by_file[path]] for role, path in office_fonts(folder).items()}
    return {role: [*office.get(role, []), default] for role, default in _DEFAULTS.items()}


@functools.lru_cache(maxsize=4)
def typst_fonts(folder: Path | None) -> Any:
    """What Typst knows of our fonts and of the office's in ``folder``, found once in a process."""
    from typst import Fonts

    folders = {path.parent for path in embedded_fonts()} | ({folder} if folder else set())
    return Fonts(include_system_fonts=False, font_paths=sorted(folders))


def _block_data(block: Block) -> dict[str, Any]:
    data = to_data(block)
    if isinstance(block, Beside):
        return {**data, "columns": [[_block_data(one) for one in column] for column in block.columns]}
    if isinstance(block, Table):
        data |= {
            part: [[{**vars(c), "citations": ()} for c in row] for row in getattr(block, part)]
            for part in ("header", "body")
        }
        data |= {"widths": block.widths, "rows": []}
    return {**data, "remarks": block.remarks} if isinstance(block, Chart | Table) else data
