"""A drawn figure as a chart of a page: vectors, the same bytes every time, with its words for who cannot see it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from lianzheng.errors import PublishError
from lianzheng.fonts import displayable, uncovered
from lianzheng.pages.blocks import Chart

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def chart_from_figure(
    figure: Figure, *, title: str, alt: str, source: str = "", note: str = "", width_mm: float | None = None
) -> Chart:
    """Save and close a figure as a Chart, the same bytes every time; ``width_mm`` defaults to its own.

    Raises PublishError without a title or an alternative text, and when a text on it has a character that
    the fonts lack (``displayable`` first).
    """
    import matplotlib as mpl
    from matplotlib import pyplot
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.text import Text as TextArtist

    undated = {"Date": None, "Creator": None, "Format": None, "Type": None}
    settings: Any = {"svg.hashsalt": "lianzheng", "svg.fonttype": "path", "text.parse_math": False}
    settings["font.enable_last_resort"] = False  # refused below: no font need be opened for it
    if not title.strip() or not alt.strip():
        raise PublishError("图表缺少标题或替代文字", "调用 chart_from_figure 时写明 title 和 alt")
    buffer = io.StringIO()
    try:
        for artist in figure.findobj(TextArtist):
            artist.set_parse_math(False)
        with mpl.rc_context(settings):
            figure.dpi = FigureCanvasSVG(figure).fixed_dpi
            if engine := figure.get_layout_engine():
                engine.execute(figure)
            figure.set_layout_engine(None)  # left to lay out, savefig would draw everything twice
            figure.savefig(buffer, format="svg", metadata=undated)
        texts = tuple(a.get_text() for a in figure.findobj(TextArtist) if a.get_visible() and a.get_text())
    finally:
        pyplot.close(figure)
    if missing := displayable("".join(uncovered("".join(texts)))):
        raise PublishError(f"图表“{title}”里有字体没有的字符 {missing}", "先用 displayable 处理图上文字")
    svg = buffer.getvalue()
    width = width_mm or float(figure.get_figwidth()) * 25.4
    return Chart(title, svg[svg.index("<svg") :], alt, source, note, width, texts)
