"""Charts with two axes: receipts over time, the heat map of units and blocks, and two scores against each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.dates import num2date
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from lianzheng.fonts import displayable
from lianzheng.pages.charts import ACCENT, HAIR, INK, RULE, SIZE, SOFT, canvas, legend, row_axes, rows_height, wrapped
from lianzheng.pages.words import DASH, share

_HEAT = LinearSegmentedColormap.from_list("lianzheng", ["#f7f4ee", "#b9cde0", "#1f4b7a"])


def steps(received: Mapping[str, Sequence[dt.datetime]], deadline: dt.date, n_expected: int) -> Figure:
    """How many units had sent each form by when, against the deadline (the whole day counts) and the number due."""
    figure, (axes,) = canvas(62.0)
    end = dt.datetime.combine(deadline, dt.time()) + dt.timedelta(days=1)
    moments = [moment for times in received.values() for moment in times] + [end]
    first, last = min(moments) - dt.timedelta(days=1), max(moments) + dt.timedelta(days=1)
    styles = zip(received.items(), (ACCENT, INK, SOFT), ("-", (0, (5, 2)), (0, (1, 1.5))), strict=False)
    for (name, times), colour, dash in styles:
        ordered = sorted(times)
        x = [first, *ordered, last]
        y = [0, *range(1, len(ordered) + 1), len(ordered)]
        axes.step(x, y, where="post", color=colour, lw=1.6, ls=dash, label=displayable(f"{name}（{len(ordered)}）"))
    axes.axvline(end, color=INK, lw=0.9)
    axes.text(end, n_expected * 1.06, f" 截止 {deadline.month}月{deadline.day}日24时", fontsize=SIZE, color=INK, va="bottom")
    axes.axhline(n_expected, color=RULE, lw=0.8, ls=(0, (4, 2)))
    axes.text(first, n_expected * 1.02, f"应报 {n_expected} 个单位", fontsize=SIZE, color=SOFT, va="bottom")
    axes.set_xlim(first, last)
    axes.set_ylim(0, n_expected * 1.22)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: f"{num2date(value).month}月{num2date(value).day}日")
    axes.grid(axis="y", color=HAIR, lw=0.6)
    legend(figure, list(axes.get_lines()[: len(received)]))
    return figure


def heat(groups: Mapping[str, pd.DataFrame]) -> Figure:
    """Shares 0–1 as fills with their numbers inside: one panel per group, frames unit label × column label."""
    labels = [str(label) for rates in groups.values() for label in rates.index]
    sizes = [len(rates) + 0.8 for rates in groups.values()]
    figure, panels = canvas(rows_height(labels, 16.0 + 8.0 * len(groups)), len(groups), sizes)
    lowest = min(float(rates.min().min()) for rates in groups.values())
    lowest = min(lowest, 0.95)
    for axes, (group, rates) in zip(panels, groups.items(), strict=True):
        axes.imshow(rates.to_numpy(dtype="float64"), cmap=_HEAT, vmin=lowest, vmax=1.0, aspect="auto")
        _write_cells(axes, rates, lowest)
        row_axes(axes, [str(label) for label in rates.index])
        axes.set_xticks(range(rates.shape[1]), [wrapped(str(name), 8) for name in rates.columns])
        axes.xaxis.tick_top()
        axes.tick_params(axis="x", labeltop=axes is panels[0], labelcolor=INK)
        axes.spines["bottom"].set_visible(False)
        axes.set_title(displayable(group), loc="left", fontsize=SIZE + 0.5, color=INK, pad=6)
    return figure


def _write_cells(axes: Axes, rates: pd.DataFrame, lowest: float) -> None:
    """Every cell's number, and white rules between the cells."""
    for row, values in enumerate(rates.to_numpy(dtype="float64")):
        axes.axhline(row - 0.5, color="white", lw=1.5)
        for column, value in enumerate(values):
            depth = 0.0 if pd.isna(value) else (value - lowest) / (1.0 - lowest)
            colour = "white" if depth > 0.62 else INK
            axes.text(column, row, share(value, DASH), ha="center", va="center", fontsize=SIZE, color=colour)
    for column in range(1, rates.shape[1]):
        axes.axvline(column - 0.5, color="white", lw=1.5)


def scatter(rows: pd.DataFrame, axis_labels: tuple[str, str]) -> Figure:
    """Points with names: ``rows`` label, x, y, low, high (interval of y, may be null).

    A name that finds no free place beside its point is left out; the page's table has all of them.
    """
    figure, (axes,) = canvas(96.0)
    axes.vlines(rows["x"], rows["low"], rows["high"], color=RULE, lw=1.2, zorder=1)
    axes.plot(rows["x"], rows["y"], ls="", marker="o", ms=6, color=ACCENT, zorder=2)
    axes.axhline(rows["y"].median(), color=INK, lw=0.7, ls=(0, (4, 2)), zorder=0)
    axes.axvline(rows["x"].median(), color=INK, lw=0.7, ls=(0, (4, 2)), zorder=0)
    axes.grid(color=HAIR, lw=0.6)
    axes.margins(x=0.12, y=0.08)
    axes.set_xlabel(axis_labels[0], fontsize=SIZE, color=SOFT)
    axes.set_title(axis_labels[1], loc="left", fontsize=SIZE, color=SOFT)
    figure.draw_without_rendering()
    _place_names(axes, rows)
    return figure


def _place_names(axes: Axes, rows: pd.DataFrame) -> None:
    """Write each name at the first of eight places where it meets no other name and no point."""
    places = axes.transData.transform(rows[["x", "y"]].to_numpy(dtype="float64"))
    taken = [Bbox.from_extents(x - 3, y - 3, x + 3, y + 3) for x, y in places]
    frame = axes.get_window_extent()
    for name, (x, y) in zip(rows["label"], rows[["x", "y"]].to_numpy(), strict=True):
        for dx, dy, ha in ((6, 0, "left"), (-6, 0, "right"), (0, 9, "center"), (0, -9, "center"),
                           (6, 9, "left"), (6, -9, "left"), (-6, 9, "right"), (-6, -9, "right")):  # fmt: skip
            text = axes.annotate(
                displayable(str(name)), (x, y), (dx, dy), textcoords="offset points", ha=ha, va="center", fontsize=8
            )
            text.set_in_layout(False)
            box = text.get_window_extent()
            if not any(box.overlaps(other) for other in taken) and frame.containsx(box.x0) and frame.containsx(box.x1):
                taken.append(box)
                break
            text.remove()
