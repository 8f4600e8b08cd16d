"""Charts with two axes: receipts over time, the heat map of units and blocks, and two scores against each other."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.dates import num2date
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from lianzheng.fonts import displayable
from lianzheng.pages.charts import (
    ACCENT,
    DASHES,
    HAIR,
    INK,
    RULE,
    SIZE,
    SOFT,
    Groups,
    canvas,
    ink_on,
    legend,
    panels,
    sheets,
)  # fmt: skip
from lianzheng.pages.measured import text_box, wrapped
from lianzheng.pages.words import DASH, share

HEAT = LinearSegmentedColormap.from_list("lianzheng", ["#f7f4ee", "#9fbbd6", ACCENT])
MOST_NAMED, _FEW = 24, 15
_NEAR = 12
_PLACES = ((6, 0, "left"), (-6, 0, "right"), (0, 11, "center"), (0, -11, "center"), (6, 9, "left"), (6, -9, "left"),
           (-6, 9, "right"), (-6, -9, "right"),
           *((side * dx, dy, "left" if side > 0 else "right")
             for dx, dy in ((18, 0), (18, 16), (18, -16), (12, 26), (12, -26), (34, 0), (34, 18), (34, -18), (24, 40), (24, -40))
             for side in (1, -1)))  # fmt: skip
"""Where a name may stand beside its point, in points: at it, then farther away at the end of a line."""
_NAME = {"va": "center", "fontsize": 8, "color": INK, "in_layout": False,
         "path_effects": [patheffects.withStroke(linewidth=2, foreground="white")]}  # fmt: skip
_LEADER = {"arrowstyle": "-", "color": SOFT, "lw": 0.5, "shrinkA": 0, "shrinkB": 3}


def steps(received: Mapping[str, Sequence[dt.datetime]], deadline: dt.date, n_expected: int) -> Figure:
    """How many units had sent each form by when, against the deadline (the whole day counts) and the number due."""
    figure, (axes,) = canvas(62.0)
    end = dt.datetime.combine(deadline, dt.time()) + dt.timedelta(days=1)
    moments = [moment for times in received.values() for moment in times] + [end]
    first, last = min(moments) - dt.timedelta(days=1), max(moments) + dt.timedelta(days=1)
    lines = ((ACCENT, "-"), (INK, DASHES), (SOFT, ":"))
    for (name, times), (colour, dash) in zip(received.items(), itertools.cycle(lines), strict=False):
        x, y = [first, *sorted(times), last], [0, *range(1, len(times) + 1), len(times)]
        axes.step(x, y, where="post", color=colour, lw=1.6, ls=dash, label=displayable(name))
    legend(figure, axes.get_lines()[:])
    axes.axvline(end, color=INK, lw=0.9)
    axes.text(
        end, n_expected * 1.06, f" 截止{deadline.month}月{deadline.day}日24时", fontsize=SIZE, color=INK
    )
    axes.axhline(n_expected, color=RULE, lw=0.8, ls=DASHES)
    axes.text(first, n_expected * 1.04, f"应报{n_expected}个单位", fontsize=SIZE, color=SOFT)
    axes.set_xlim(first, last)
    axes.set_ylim(0, n_expected * 1.22)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: f"{num2date(value).month}月{num2date(value).day}日")
    axes.grid(axis="y", color=HAIR, lw=0.6)
    return figure


def heat(groups: Groups, columns: Sequence[str]) -> list[Figure]:
    """Shares 0–1 as fills with their numbers inside, a panel per group; frames have label, text and ``columns``.

    A cell without a share is hatched. As many figures as the rows need, all on one scale.
    """
    lowest = min(0.95, *(float(rows[list(columns)].min().min()) for rows in groups.values()))
    return [_heat(part, groups, list(columns), lowest) for part in sheets(groups)]


def _heat(groups: Groups, all_groups: Groups, columns: list[str], lowest: float) -> Figure:
    figure, drawn = panels(groups, all_groups)
    for axes, rows in zip(drawn, groups.values(), strict=True):
        rates = rows[columns].astype("float64").to_numpy()
        axes.imshow(rates, cmap=HEAT, vmin=lowest, vmax=1.0, aspect="auto")
        for row, column in zip(*np.nonzero(np.isnan(rates)), strict=True):
            axes.add_patch(
                Rectangle((column - 0.5, row - 0.5), 1, 1, fc="white", ec=RULE, hatch="////", lw=0)
            )
        _write_cells(axes, rates, lowest)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xticks(range(len(columns)), [wrapped(name, 8) for name in columns], color=INK)
        axes.tick_params(axis="x", top=False, bottom=False, labeltop=axes is drawn[0], labelbottom=False)
        axes.spines["bottom"].set_visible(False)
    return figure


def _write_cells(axes: Axes, rates: np.ndarray, lowest: float) -> None:
    """Every cell's number, and white rules between the cells."""
    for (row, column), value in np.ndenumerate(rates):
        fill = "#ffffff" if np.isnan(value) else to_hex(HEAT((value - lowest) / (1.0 - lowest)))
        style = {"ha": "center", "va": "center", "fontsize": SIZE, "color": ink_on(fill)}
        back = {"facecolor": "white", "edgecolor": "none", "pad": 1.0} if np.isnan(value) else None
        axes.text(column, row, share(value, DASH), bbox=back, **style)
    for row in range(1, rates.shape[0]):
        axes.axhline(row - 0.5, color="white", lw=1.5)
    for column in range(1, rates.shape[1]):
        axes.axvline(column - 0.5, color="white", lw=1.5)


def scatter(
    rows: pd.DataFrame, x_label: str, y_label: str, corners: Sequence[str] = ()
) -> tuple[Figure, list[str]]:
    """Points with names, and which names found no free place: ``rows`` label, x, y, low, high (interval of y or null).

    The medians part the plane; ``corners`` names the four parts: upper left, upper right, lower left, lower right.
    The farther from the medians a point lies, the sooner it gets its name; at most ``MOST_NAMED`` get one.
    """
    figure, (axes,) = canvas(84.0 if len(rows) <= _FEW else 112.0)
    axes.vlines(rows["x"], rows["low"], rows["high"], color=RULE, lw=1.2)
    axes.plot(rows["x"], rows["y"], ls="", marker="o", ms=5, color=ACCENT)
    axes.axhline(rows["y"].median(), color=INK, lw=0.7, ls=DASHES)
    axes.axvline(rows["x"].median(), color=INK, lw=0.7, ls=DASHES)
    axes.grid(color=HAIR, lw=0.6)
    axes.margins(x=0.12, y=0.13)
    for word, (y, x) in zip(corners, itertools.product((1, 0), (0, 1)), strict=False):
        style = {"ha": ("left", "right")[x], "va": ("bottom", "top")[y], "fontsize": SIZE, "color": SOFT}
        axes.annotate(word, (x, y), (6 - 12 * x, 5 - 10 * y), "axes fraction", "offset points", **style)
    axes.set_xlabel(x_label, fontsize=SIZE, color=SOFT)
    axes.set_title(y_label, loc="left", fontsize=SIZE, color=SOFT)
    figure.draw_without_rendering()
    return figure, _place_names(axes, rows)


def _place_names(axes: Axes, rows: pd.DataFrame) -> list[str]:
    """Write names where they meet no other text and no point, near or at the end of a thin line; returns those left out."""
    points = rows[["x", "y"]].astype("float64")
    dots = axes.transData.transform(points.to_numpy())
    taken = [Bbox.from_extents(x - 4, y - 4, x + 4, y + 4) for x, y in dots]
    taken += [text.get_window_extent() for text in axes.texts]
    frame = axes.get_window_extent()
    distance = ((points - points.median()) / (points.std().fillna(0.0) + 1e-9)).pow(2).sum(axis=1).to_numpy()
    order = np.argsort(-distance, kind="stable")
    left = list(rows["label"].iloc[order[MOST_NAMED:]])
    for n in order[:MOST_NAMED]:
        name = wrapped(str(rows["label"].iloc[n]), 11.0)
        for dx, dy, side in _PLACES:
            line = {"arrowprops": _LEADER} if max(abs(dx), abs(dy)) > _NEAR else {}
            text = axes.annotate(
                name, points.iloc[n], (dx, dy), textcoords="offset points", ha=side, **_NAME, **line
            )
            box = text_box(text).padded(1.5)
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
            if inside and not any(map(box.overlaps, taken)):
                taken.append(box)
                break
            text.remove()
        else:
            left.append(str(rows["label"].iloc[n]))
    return left
