"""Charts of bars: shares of their points with marks for comparison, and parts on top of each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from lianzheng.pages.charts import (
    ACCENT,
    EDGE_MM,
    INK,
    RAMP,
    RULE,
    SIZE,
    SOFT,
    TICKS_MM,
    WIDTH_MM,
    ink_on,
    legend,
    row_canvas,
    rows_height,
)
from lianzheng.scoring.rounding import round_half_up

_INSIDE = 7.2  # size of the numbers in bars


def profile(rows: pd.DataFrame, names: Mapping[str, str], width_mm: float = WIDTH_MM) -> Figure:
    """Bars of shares 0–1 (``value``, null = an empty track) with marks for comparison.

    ``names`` gives the legend's words for value and for those of own, median and upper that are to be drawn.
    """
    figure, axes = row_canvas(rows, rows_height(list(rows["label"]), 16.0, 6.4, width_mm), width_mm)
    places = range(len(rows))
    colour = ACCENT if len(names) > 1 else RAMP[1]
    bars(axes, 0.0, pd.Series(1.0, rows.index), 0.5, fc="#eef2f6")
    bars(axes, 0.0, rows["value"].fillna(0.0), 0.5, fc=colour)
    styles = {"own": ("o", "white", 5.5), "median": ("D", "#e8a33d", 5.5), "upper": ("|", INK, 13)}
    handles: list[Line2D | Patch] = [Patch(color=colour, label=names["value"])]
    for column in [column for column in styles if column in names and rows[column].notna().any()]:
        marker, face, size = styles[column]
        style = {"ls": "", "marker": marker, "mfc": face, "mec": INK, "mew": 1.8 if marker == "|" else 0.9}
        axes.plot(rows[column], list(places), ms=size, clip_on=False, **style)
        handles.append(Line2D([], [], ms=min(size, 8), label=names[column], **style))
    _share_axis(axes)
    legend(figure, handles)
    return figure


def stacked(
    rows: pd.DataFrame, parts: Mapping[str, str], colours: Mapping[str, str], *, is_share: bool, heading: str = ""
) -> Figure:  # fmt: skip
    """Stacked bars, a segment per column of ``parts`` (column → legend word, in order) with its number inside.

    ``heading`` stands above the texts; a row whose parts are all null is drawn hatched and empty.
    """
    below_mm = TICKS_MM if is_share else EDGE_MM
    height_mm = rows_height(list(rows["label"]), 14.0 + below_mm)
    figure, axes = row_canvas(rows, height_mm, heading=heading, below_mm=below_mm)
    values = rows[list(parts)].astype("float64").reset_index(drop=True)
    longest = 1.0 if is_share else max(float(values.sum(axis=1).max()), 1.0)
    start = pd.Series(0.0, index=values.index)
    for part in parts:
        width = values[part].fillna(0.0)
        inside = {
            row: word
            for row, value in enumerate(width)
            if (word := _inside(value, longest, is_share=is_share))
        }
        bars(axes, start, width, told=inside, fc=colours[part], ec="white", lw=0.6)
        start = start + width
    bars(axes, 0.0, longest * values.isna().all(axis=1), fc="white", ec=RULE, hatch="////", lw=0.6)
    axes.set_xlim(0, longest)
    _share_axis(axes) if is_share else axes.set_xticks([])
    legend(figure, [Patch(fc=colours[part], ec=RULE, lw=0.5, label=word) for part, word in parts.items()])
    return figure


def bars(
    axes: Axes,
    left: float | pd.Series,
    widths: pd.Series,
    height: float = 0.62,
    told: Mapping[int, str] | None = None,
    **style: Any,
) -> None:
    """A bar in each row from ``left`` on, if it has a width, and a word (``told`` by row) in its middle.

    The axes' limits are for the caller to set: to work them out from the bars takes longer than to draw them.
    """
    starts = left if isinstance(left, pd.Series) else pd.Series(left, index=widths.index)
    for row, (start, width) in enumerate(zip(starts, widths, strict=True)):
        if width:
            axes.add_artist(Rectangle((start, row - height / 2), width, height, **style))
    for row, word in (told or {}).items():
        at = starts.iloc[row] + widths.iloc[row] / 2
        axes.text(at, row, word, ha="center", va="center", fontsize=_INSIDE, color=ink_on(style["fc"]))


def _inside(value: float, longest: float, *, is_share: bool) -> str:
    """The number for a segment, where there is room for it."""
    if value / longest < (0.07 if is_share else 0.03):
        return ""
    return f"{round_half_up(value).scaleb(2)}%" if is_share else f"{value:.0f}"


def _share_axis(axes: Axes) -> None:
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    for percent in range(0, 101, 25):
        axes.annotate(
            f"{percent}%",
            (percent / 100, 0),
            (0, -4),
            "axes fraction",
            "offset points",
            ha="center",
            va="top",
            fontsize=SIZE,
            color=SOFT,
        )
