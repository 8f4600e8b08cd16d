"""Blocks as HTML: the same markup in JupyterLab and in the published page."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lianzheng.fonts import displayable
from lianzheng.pages.blocks import MARKS, Beside, Block, Chart, Table
from lianzheng.pages.citations import Address, Citation

_HERE = Path(__file__).parent


def to_html(blocks: Sequence[Block], *, with_style: bool = False) -> str:
    """The blocks in a ``div.lianzheng``, every text escaped; ``with_style`` brings the style sheet along."""
    template = template_environment(_HERE).get_template("blocks.html.j2")
    style = style_sheet() if with_style else ""
    told = {"pieces": pieces, "remark_pieces": remark_pieces, "marks": MARKS}
    return str(template.render(blocks=_pairs(blocks), style=style, **told))


def pieces(
    text: str, citations: Sequence[Citation], lead: str = "", breaks: Sequence[int] = ()
) -> list[tuple[str, Address | None]]:
    r"""A text, with ``lead`` before it, cut where something cited begins or ends; what is cited with its address.

    After each of ``breaks`` characters a piece ``\n`` begins a new line; nothing cited is broken.
    """
    addresses = {one.start: one.address for one in citations}
    inside = {place for one in citations for place in range(one.start + 1, one.end)}
    starts = {0, *addresses, *(one.end for one in citations), *breaks} - inside
    made: list[tuple[str, Address | None]] = [(lead, None)]
    for start, end in itertools.pairwise(sorted(starts | {len(text)})):
        made += [("\n", None)] * (start in breaks)
        if start == 0 and 0 not in addresses:
            made = [(lead + text[:end], None)]
        else:
            made.append((text[start:end], addresses.get(start)))
    return [(piece, address) for piece, address in made if piece]


def remark_pieces(block: Chart | Table) -> list[list[tuple[str, Address | None]]]:
    """The pieces of each line of small print below a chart or table."""
    told = [(text, field) for field in ("note", "source") if (text := getattr(block, field))]
    lines = zip(block.remarks, told, strict=True)
    return [pieces(text, block.cited(field), line.removesuffix(text)) for line, (text, field) in lines]


def _pairs(blocks: Sequence[Block]) -> list[tuple[str, Any]]:
    """Each block with its kind; of columns side by side, their widths and the pairs of each."""
    return [
        ("Beside", list(zip(block.widths, map(_pairs, block.columns), strict=True)))
        if isinstance(block, Beside)
        else (type(block).__name__, block)
        for block in blocks
    ]


@functools.cache
def style_sheet() -> str:
    """The style sheet of the blocks; it concerns nothing outside a ``div.lianzheng``."""
    return (_HERE / "blocks.css").read_text(encoding="utf-8")


@functools.cache
def template_environment(folder: Path) -> Any:
    """The templates of a folder: every text is shown as fonts can and escaped, an unknown name is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    options: Any = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    return Environment(loader=FileSystemLoader(folder), autoescape=True, finalize=_shown, **options)


def _shown(value: Any) -> Any:
    """A text as pages show it; markup of a template, and what is no text, as it is."""
    return displayable(value) if type(value) is str else value
