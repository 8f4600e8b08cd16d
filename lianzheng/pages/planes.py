"""Charts with two axes: receipts over time, the heat map of units and blocks, and two scores against each other."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.dates import num2date
from matplotlib.figure import Figure
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
    canvas,
    legend,
    row_axes,
    rows_height,
    wrapped,
)  # fmt: skip
from lianzheng.pages.words import DASH, share

_HEAT = LinearSegmentedColormap.from_list("lianzheng", ["#f7f4ee", "#b9cde0", ACCENT])
_PLACES = ((6, 0, "left"), (-6, 0, "right"), (0, 9, "center"), (0, -9, "center"), (6, 9, "left"), (6, -9, "left"),
           (-6, 9, "right"), (-6, -9, "right"))  # fmt: skip


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


def heat(groups: Mapping[str, pd.DataFrame], columns: Sequence[str]) -> Figure:
    """Shares 0–1 as fills with their numbers inside, a panel per group; frames have label, text and ``columns``."""
    labels = [str(label) for rows in groups.values() for label in rows["label"]]
    figure, panels = canvas(
        rows_height(labels, 14.0 + 8.0 * len(groups)), [len(rows) + 0.8 for rows in groups.values()]
    )
    lowest = min(0.95, *(float(rows[list(columns)].min().min()) for rows in groups.values()))
    for axes, (group, rows) in zip(panels, groups.items(), strict=True):
        rates = rows[list(columns)].astype("float64")
        axes.imshow(rates, cmap=_HEAT, vmin=lowest, vmax=1.0, aspect="auto")
        _write_cells(axes, rates, lowest)
        row_axes(axes, rows)
        axes.set_xticks(range(len(columns)), [wrapped(name, 8) for name in columns], color=INK)
        axes.tick_params(axis="x", top=False, bottom=False, labeltop=axes is panels[0], labelbottom=False)
        axes.spines["bottom"].set_visible(False)
        axes.set_title(displayable(group), loc="left", fontsize=SIZE + 0.5, color=INK, pad=6)
    return figure


def _write_cells(axes: Axes, rates: pd.DataFrame, lowest: float) -> None:
    """Every cell's number, and white rules between the cells."""
    for row, values in enumerate(rates.to_numpy()):
        axes.axhline(row - 0.5, color="white", lw=1.5)
        for column, value in enumerate(values):
            is_dark = not pd.isna(value) and (value - lowest) / (1.0 - lowest) > 0.62
            style = {"ha": "center", "va": "center", "fontsize": SIZE, "color": "white" if is_dark else INK}
            axes.text(column, row, share(value, DASH), **style)
    for column in range(1, rates.shape[1]):
        axes.axvline(column - 0.5, color="white", lw=1.5)


def scatter(rows: pd.DataFrame, x_label: str, y_label: str) -> Figure:
    """Points with names: ``rows`` label, x, y, low, high (interval of y, may be null).

    A name that finds no free place beside its point is left out; the page's table has all of them.
    """
    figure, (axes,) = canvas(96.0)
    axes.vlines(rows["x"], rows["low"], rows["high"], color=RULE, lw=1.2)
    axes.plot(rows["x"], rows["y"], ls="", marker="o", ms=6, color=ACCENT)
    axes.axhline(rows["y"].median(), color=INK, lw=0.7, ls=DASHES)
    axes.axvline(rows["x"].median(), color=INK, lw=0.7, ls=DASHES)
    axes.grid(color=HAIR, lw=0.6)
    axes.margins(x=0.12, y=0.08)
    axes.set_xlabel(x_label, fontsize=SIZE, color=SOFT)
    axes.set_title(y_label, loc="left", fontsize=SIZE, color=SOFT)
    figure.draw_without_rendering()
    _place_names(axes, rows)
    return figure


def _place_names(axes: Axes, rows: pd.DataFrame) -> None:
    """Write each name at the first of eight places where it meets no other name and no point."""
    points = rows[["x", "y"]].to_numpy(dtype="float64")
    taken = [Bbox.from_extents(x - 3, y - 3, x + 3, y + 3) for x, y in axes.transData.transform(points)]
    frame = axes.get_window_extent()
    halo = [patheffects.withStroke(linewidth=2, foreground="white")]
    for name, point in zip(rows["label"], points, strict=True):
        for dx, dy, side in _PLACES:
            style = {"ha": side, "va": "center", "fontsize": 8, "color": INK, "path_effects": halo}
            text = axes.annotate(
                displayable(name), point, (dx, dy), textcoords="offset points", in_layout=False, **style
            )
            box = text.get_window_extent()
            if frame.x0 <= box.x0 and box.x1 <= frame.x1 and not any(map(box.overlaps, taken)):
                taken.append(box)
                break
            text.remove()
