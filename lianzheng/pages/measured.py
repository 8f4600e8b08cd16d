"""Measured texts: how wide a label is, how it is broken into lines, and what is wrong with the texts of a figure."""

from __future__ import annotations

import functools
import io
import re
from itertools import chain

import numpy as np
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from lianzheng.fonts import displayable, embedded_fonts, register_matplotlib_fonts

prepare = functools.cache(register_matplotlib_fonts)
"""Make the reports' font known to matplotlib, once."""
_PARTS = re.compile(r"\s+|[!-⹿]{1,12}|.[，。、；：！？）》”’〕】]*")
_AIR = (-0.6, -0.9)  # points of a text's box, beside and above it, that hold no ink


def em_width(text: str) -> float:
    """How wide a line of the charts' font is, in ems (the width of one Chinese character)."""
    return sum(map(_advance, text))


@functools.lru_cache(maxsize=8192)
def _advance(character: str) -> float:
    if "一" <= character <= "鿿":  # a Chinese character, as wide as the font is high
        return 1.0
    font = get_font(embedded_fonts()[1])
    glyph = font.load_glyph(font.get_char_index(ord(character)), LoadFlags.NO_SCALE)
    return glyph.horiAdvance / font.units_per_EM


def wrapped(text: str, width: float = 14.0) -> str:
    """A label in as few lines of at most ``width`` ems as it needs, nearly equal, at most three of them.

    Words of up to twelve letters stay whole, and no closing mark begins a line.
    """
    shown = displayable(text)
    total = em_width(shown)
    if total <= width:
        return shown
    parts = _PARTS.findall(shown)
    n_lines = len(_filled(parts, width))
    tried = (_filled(parts, limit) for limit in np.arange(total / n_lines, width, 0.5))
    lines = next((lines for lines in tried if len(lines) <= n_lines), _filled(parts, width))
    return "\n".join(line.strip() for line in lines[:3]) + ("…" if len(lines) > 3 else "")


def _filled(parts: list[str], limit: float) -> list[str]:
    """Lines filled one after the other, none wider than ``limit`` unless one part is."""
    lines = [""]
    for part in parts:
        if lines[-1].strip() and em_width(lines[-1] + part.rstrip()) > limit:
            lines.append("")
        lines[-1] += part
    return lines


def text_faults(figure: Figure) -> list[str]:
    """What is wrong with a finished figure's texts, in words, measured as they are published (SVG, 72 to an inch).

    A text leaves the figure, two texts lie over each other, or one that belongs beside an axes lies over its contents.
    """
    dpi = figure.dpi
    figure.set_dpi(72)
    renderer = RendererSVG(*figure.bbox.size, io.StringIO())
    figure.draw(renderer)
    texts = _drawn(figure)
    boxes = _corners([text_box(text).padded(*_AIR) for text in texts])
    inside = set(chain.from_iterable(axes.texts for axes in figure.axes))
    panels = _corners([axes.get_window_extent(renderer).padded(-1.0) for axes in figure.axes])
    edge = _corners([figure.bbox.padded(1.0)])
    figure.set_dpi(dpi)
    names = [text.get_text().replace("\n", "") for text in texts]
    is_out = ((boxes[:, :2] < edge[:, :2]) | (boxes[:, 2:] > edge[:, 2:])).any(axis=1)
    meets, covers = _overlaps(boxes, boxes), _overlaps(boxes, panels).any(axis=1)
    return [
        *(f"“{names[n]}”超出图边" for n in np.flatnonzero(is_out)),
        *(f"“{names[one]}”与“{names[other]}”重叠" for one, other in np.argwhere(np.triu(meets, 1))),
        *(f"“{names[n]}”压在图上" for n in np.flatnonzero(covers) if texts[n] not in inside),
    ]


def text_box(text: Text) -> Bbox:
    """Where the words of a text stand after it was drawn, in pixels, without the line that leads to them."""
    text.get_window_extent()
    return Text.get_window_extent(text)


def _drawn(figure: Figure) -> list[Text]:
    """The texts that are drawn: matplotlib also keeps labels of ticks beyond the axes' limits."""
    beyond: set[int] = set()
    for axis in figure.findobj(Axis):
        low, high = sorted(axis.get_view_interval())
        ticks = (tick for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high)
        beyond |= {id(label) for tick in ticks for label in (tick.label1, tick.label2)}
    texts = (text for text in figure.findobj(Text) if text.get_visible() and id(text) not in beyond)
    return [text for text in texts if text.get_text().strip()]


def _corners(boxes: list[Bbox]) -> np.ndarray:
    return np.array([box.extents for box in boxes]).reshape(-1, 4)


def _overlaps(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which boxes (rows) meet which others (columns)."""
    low, high = boxes[:, None, :2], boxes[:, None, 2:]
    met: np.ndarray = np.all((low < others[None, :, 2:]) & (others[None, :, :2] < high), axis=2)
    return met
