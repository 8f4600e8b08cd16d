"""Charts of how values spread: a strip of points per row with its quartiles, and last year against this as slopes."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from lianzheng.pages.charts import (
    ACCENT,
    HAIR,
    INK,
    MOST_MM,
    RAMP,
    RULE,
    SIZE,
    SOFT,
    TITLED_MM,
    canvas,
    legend,
    row_canvas,
    row_pitch,
    rows_height,
)  # fmt: skip
from lianzheng.pages.measured import wrapped

_SIDE = 0.18  # how far a point stands beside an equal one, in rows
_ENDS_MM, _EMS = 26.0, 17.0


def strips(rows: pd.DataFrame, axis_label: str, *, is_share: bool = False) -> Figure:
    """Every value of a row as a point; the middle half as a box and the median as a line where the row has them.

    ``rows``: label, text, ``values`` (a list), ``low``, ``median``, ``high`` (null: too few). A row without values is
    hatched.
    """
    height_mm = rows_height(list(rows["label"]), 22.0, 8.5)
    figure, axes = row_canvas(rows, height_mm, below_mm=TITLED_MM)
    points = pd.Series(np.concatenate([np.asarray(values, "float64") for values in rows["values"]]))
    margin = max((points.max() - points.min()) * 0.04, 0.005 if is_share else 0.5)
    limits = points.min() - margin, points.max() + margin
    axes.set_xlim(*limits)
    for place, row in enumerate(rows.itertuples()):
        if not len(row.values):
            axes.barh(
                place, limits[1] - limits[0], 0.6, limits[0], color="white", ec=RULE, hatch="////", lw=0
            )
        if not pd.isna(row.median):
            axes.barh(place, row.high - row.low, 0.72, row.low, color=RAMP[2])
            axes.vlines(row.median, place - 0.42, place + 0.42, color=INK, lw=1.6)
        _points(axes, place, np.sort(row.values), (limits[1] - limits[0]) / 75)
    axes.grid(axis="x", color=HAIR, lw=0.6)
    axes.set_xlabel(axis_label, fontsize=SIZE, color=SOFT)
    if is_share:
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    point = Line2D([], [], ls="", marker="o", ms=4.5, mfc=ACCENT, mec="white", label="一个单位")
    middle = Line2D([], [], color=INK, lw=1.6, label="中位数")
    legend(figure, [point, Patch(color=RAMP[2], label="中间一半单位（四分位数之间）"), middle])
    return figure


def about_zero(rows: pd.DataFrame) -> Figure:
    """Bars of shares (``value``) to the right of zero where something grew, pale ones to the left where it shrank."""
    figure, axes = row_canvas(rows, rows_height(list(rows["label"]), 16.0))
    for place, value in enumerate(rows["value"]):
        axes.barh(place, value, 0.62, color=RAMP[0] if value > 0 else RAMP[1])
    axes.axvline(0, color=INK, lw=0.8)
    axes.grid(axis="x", color=HAIR, lw=0.6)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    legend(figure, [Patch(color=RAMP[0], label="比上年增加"), Patch(color=RAMP[1], label="比上年减少")])
    return figure


def _points(axes: Axes, place: int, values: np.ndarray, width: float) -> None:
    """Points of one row; those within ``width`` of each other stand above and below each other."""
    nth = pd.Series(values).groupby(np.round(values / width)).cumcount().to_numpy()
    beside = np.clip((nth + 1) // 2 * _SIDE, 0, 0.4) * np.where(nth % 2, -1, 1)
    axes.plot(values, place + beside, ls="", marker="o", ms=4.5, mfc=ACCENT, mec="white", mew=0.5)


def slopes(
    rows: pd.DataFrame, ends: tuple[str, str], legend_words: tuple[str, str]
) -> tuple[Figure, list[str]]:
    """A line per row from ``last`` to ``value``, dark and named where ``is_stated``; returns who found no room.

    ``ends`` stands above the two sides; ``legend_words`` names dark and pale lines. The largest changes get names.
    """
    stated = rows[rows["is_stated"]].sort_values("change", key=abs, ascending=False, kind="stable")
    names = [wrapped(str(label), _EMS) for label in stated["label"]]
    gap = max((3.6 * (name.count("\n") + 1) + 1.0 for name in names), default=row_pitch([]))
    n_named = min(len(stated), math.floor((MOST_MM - _ENDS_MM) / gap))
    height = min(max(56.0, gap * n_named + 8.0), MOST_MM - _ENDS_MM)
    figure, (axes,) = canvas(height + _ENDS_MM)
    low = float(rows[["last", "value"]].min().min())
    scale = (height - 8.0) / max(float(rows[["last", "value"]].max().max()) - low, 1.0)
    heights = (rows[["last", "value"]] - low) * scale + 4.0
    for (last, value), is_stated in zip(heights.to_numpy(), rows["is_stated"], strict=True):
        style = {"color": ACCENT, "lw": 1.6, "zorder": 3} if is_stated else {"color": RULE, "lw": 0.8}
        axes.plot([0, 1], [last, value], marker="o", ms=4 if is_stated else 2.5, clip_on=False, **style)
    named = stated.head(n_named).assign(name=names[:n_named])
    _name_ends(axes, heights["last"][named.index], named["name"] + " " + named["last_text"], -1, gap, height)
    _name_ends(axes, heights["value"][named.index], named["text"], 1, gap, height)
    axes.set(xlim=(0, 1), ylim=(0, height), yticks=[], xticks=[0, 1], xticklabels=ends)
    axes.vlines([0, 1], 0, height, color=HAIR, lw=0.8, zorder=0)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", labeltop=True, labelbottom=False, colors=INK)
    styles = (
        {"color": ACCENT, "lw": 1.6, "marker": "o", "ms": 4},
        {"color": RULE, "lw": 0.8, "marker": "o", "ms": 2.5},
    )
    legend(figure, [Line2D([], [], label=w, **s) for w, s in zip(legend_words, styles, strict=True)])
    return figure, list(stated["label"].iloc[n_named:])


def _name_ends(
    axes: Axes, heights: pd.Series, texts: pd.Series, side: int, gap: float, height: float
) -> None:
    """Write texts beside the ends of lines, moved apart where they would meet, with a thin line to each end."""
    from scipy.optimize import isotonic_regression

    order = heights.sort_values(kind="stable").index
    steps = gap * np.arange(len(order))
    apart = isotonic_regression(heights[order].to_numpy() - steps).x if len(order) else steps
    places = np.clip(apart, gap / 2, max(height - gap / 2 - gap * (len(order) - 1), gap / 2)) + steps
    end, text_at, align = (0, -0.05, "right") if side < 0 else (1, 1.05, "left")
    for name, at, place in zip(texts[order], heights[order], places, strict=True):
        axes.plot([end, end + side * 0.04], [at, place], color=SOFT, lw=0.5, clip_on=False)
        axes.text(text_at, place, name, ha=align, va="center", fontsize=SIZE, color=INK)
