"""Charts with one row per thing: frames in, matplotlib figures out; titles and sources belong to the page.

One palette (the blocks' accent), direct labels, no drawn titles, legible in grey. Every label goes through
``displayable`` and is wrapped, so that a name of twenty characters neither overlaps nor is cut.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from lianzheng.fonts import displayable, register_matplotlib_fonts
from lianzheng.pages.words import half_up

WIDTH_MM = 156.0
INK, SOFT, ACCENT, RULE, HAIR, PALE = "#1c2026", "#59626e", "#1f4b7a", "#9aa5b1", "#dfe4e9", "#eef2f6"
RAMP = ("#1f4b7a", "#6f9ac4", "#cfdbe7", "#a8603c", "#6b3a24")
"""Ordered categories from the first to the last; neighbours differ in grey as well."""
SIZE = 8.5
_WRAP = 14


@functools.cache
def _prepare() -> None:
    register_matplotlib_fonts()


def canvas(height_mm: float, n_rows: int = 1, ratios: Sequence[float] | None = None) -> tuple[Figure, list[Axes]]:
    """An empty figure of the page's width with ``n_rows`` axes under each other, without frames."""
    _prepare()
    figure = Figure(figsize=(WIDTH_MM / 25.4, height_mm / 25.4), layout="constrained")
    axes = list(figure.subplots(n_rows, 1, squeeze=False, height_ratios=ratios)[:, 0])
    for each in axes:
        each.spines[["top", "right", "left"]].set_visible(False)
        each.spines["bottom"].set_color(RULE)
        each.tick_params(length=0, labelsize=SIZE, colors=SOFT, pad=4)
    return figure, axes


def wrapped(text: str, width: int = _WRAP) -> str:
    """A label in lines of at most ``width`` characters, of nearly equal length, at most three of them."""
    shown = displayable(text)
    n_lines = -(-len(shown) // width)
    step = -(-len(shown) // max(n_lines, 1)) or 1
    lines = [shown[start : start + step] for start in range(0, len(shown), step)]
    return "\n".join(lines[:3]) + ("…" if len(lines) > 3 else "")


def row_axes(axes: Axes, labels: Sequence[str]) -> None:
    """Rows 0, 1, … from top to bottom, each with its wrapped label."""
    axes.set_yticks(range(len(labels)), [wrapped(label) for label in labels], color=INK)
    axes.set_ylim(len(labels) - 0.45, -0.55)


def rows_height(labels: Sequence[str], extra_mm: float = 14.0, row_mm: float = 6.2) -> float:
    """Height in mm that rows with these labels need."""
    return extra_mm + sum(row_mm + 3.2 * wrapped(label).count("\n") for label in labels)


def legend(figure: Figure, handles: Sequence[Line2D | Patch]) -> None:
    """One line above the chart that names marks or fills."""
    figure.legend(
        handles=list(handles), loc="outside upper left", ncols=len(handles), frameon=False, fontsize=SIZE,
        labelcolor=SOFT, handletextpad=0.5, columnspacing=1.6, borderaxespad=0.0, handlelength=1.2,
    )  # fmt: skip


def mark(text: str, marker: str, *, is_filled: bool = True, colour: str = INK) -> Line2D:
    """A legend entry for a point mark."""
    face = colour if is_filled else "white"
    return Line2D([], [], ls="", marker=marker, ms=5.5, mfc=face, mec=colour, label=displayable(text))


def profile(rows: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Bars of shares 0–1 with marks for comparison.

    ``rows``: label, value, text (at the right) and any of own, median, upper (null = not drawn); ``names`` gives
    the legend's words for value, own, median, upper; a value of null is drawn as an empty track with its text.
    """
    figure, (axes,) = canvas(rows_height(list(rows["label"]), 20.0, 8.0))
    places = range(len(rows))
    axes.barh(places, 1.0, height=0.5, color=PALE, zorder=1)
    axes.barh(places, rows["value"].fillna(0.0), height=0.5, color=ACCENT, zorder=2)
    styles = {"own": ("o", False, INK), "median": ("D", True, "#e8a33d"), "upper": ("|", True, INK)}
    handles: list[Line2D | Patch] = [Patch(color=ACCENT, label=names["value"])]
    for column, (marker, is_filled, colour) in styles.items():
        if column in names and rows[column].notna().any():
            face = colour if is_filled else "white"
            width = 1.8 if marker == "|" else 0.9
            size = 13 if marker == "|" else 5.5
            axes.plot(rows[column], list(places), ls="", marker=marker, ms=size, mew=width, mfc=face, mec=INK, zorder=3)
            handles.append(mark(names[column], marker, is_filled=is_filled, colour=colour))
    for place, text in zip(places, rows["text"], strict=True):
        axes.text(1.03, place, displayable(text), va="center", fontsize=SIZE, color=INK)
    row_axes(axes, list(rows["label"]))
    axes.set_xlim(0, 1.2)
    _share_axis(axes)
    legend(figure, handles)
    return figure


def stacked(
    rows: pd.DataFrame, parts: Mapping[str, str], colours: Mapping[str, str], *, is_share: bool, heading: str = ""
) -> Figure:
    """Stacked bars, one segment per column of ``parts`` (column → legend word, in order), numbers inside.

    ``rows``: label, the parts, and text at the right under ``heading``; a row whose parts are null is drawn
    hatched and empty.
    """
    figure, (axes,) = canvas(rows_height(list(rows["label"]), 20.0))
    values = rows[list(parts)].astype("float64")
    longest = 1.0 if is_share else max(float(values.sum(axis=1).max()), 1.0)
    start = pd.Series(0.0, index=rows.index)
    for part in parts:
        width = values[part].fillna(0.0)
        segments = axes.barh(range(len(rows)), width, left=start, height=0.62, color=colours[part], ec="white", lw=0.6)
        shown = [_inside(value, longest, is_share=is_share) for value in width]
        axes.bar_label(segments, shown, label_type="center", fontsize=7.5, color=ink_on(colours[part]))
        start = start + width
    for row in range(len(rows)):
        if values.iloc[row].isna().all():
            axes.barh(row, longest, height=0.62, color="white", ec=RULE, hatch="////", lw=0.6)
        axes.text(longest * 1.02, row, displayable(rows["text"].iloc[row]), va="center", fontsize=SIZE, color=INK)
    axes.text(longest * 1.02, -0.62, heading, va="bottom", fontsize=SIZE, color=SOFT)
    row_axes(axes, list(rows["label"]))
    axes.set_xlim(0, longest * 1.3)
    _share_axis(axes) if is_share else axes.set_xticks([])
    legend(figure, [Patch(fc=colours[part], ec=RULE, lw=0.5, label=word) for part, word in parts.items()])
    return figure


def bars(rows: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Bars of counts from zero with the text behind each; ``is_marked`` rows are dark, the others light.

    ``rows``: label, value, text, is_marked; ``names``: legend words for True and False as ``marked``, ``other``.
    """
    figure, (axes,) = canvas(rows_height(list(rows["label"]), 12.0, 7.0))
    colours = [ACCENT if is_marked else RAMP[1] for is_marked in rows["is_marked"]]
    axes.barh(range(len(rows)), rows["value"], height=0.6, color=colours)
    for place, (value, text) in enumerate(zip(rows["value"], rows["text"], strict=True)):
        axes.text(value, place, f"  {displayable(text)}", va="center", fontsize=SIZE, color=INK)
    row_axes(axes, list(rows["label"]))
    axes.set_xlim(0, max(float(rows["value"].max()), 1.0) * 1.45)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.axvline(0, color=RULE, lw=0.8)
    fills = [Patch(color=c, label=names[n]) for n, c in (("marked", ACCENT), ("other", RAMP[1])) if n in names]
    if fills:
        legend(figure, fills)
    return figure


def dumbbell(rows: pd.DataFrame, names: Mapping[str, str], axis_label: str) -> Figure:
    """Two marks per row joined by a line: ``rows`` label, first, second, text; ``names`` words for both marks."""
    figure, (axes,) = canvas(rows_height(list(rows["label"]), 24.0))
    for place, (first, second) in enumerate(zip(rows["first"], rows["second"], strict=True)):
        axes.plot([first, second], [place, place], color=RULE, lw=1.6, zorder=1)
    axes.plot(rows["first"], range(len(rows)), ls="", marker="o", ms=5.5, mfc="white", mec=INK, zorder=2)
    axes.plot(rows["second"], range(len(rows)), ls="", marker="o", ms=5.5, color=ACCENT, zorder=3)
    row_axes(axes, list(rows["label"]))
    axes.grid(axis="x", color=HAIR, lw=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(axis_label, fontsize=SIZE, color=SOFT)
    edge = axes.secondary_yaxis("right")
    edge.set_yticks(range(len(rows)), [displayable(text) for text in rows["text"]], fontsize=SIZE, color=INK)
    edge.tick_params(length=0)
    edge.spines["right"].set_visible(False)
    legend(figure, [mark(names["first"], "o", is_filled=False), mark(names["second"], "o", colour=ACCENT)])
    return figure


def dots(groups: Mapping[str, pd.DataFrame], lines: Mapping[str, Mapping[str, float]], axis_label: str) -> Figure:
    """Ranked values, one panel per group: frames of label, value, text; ``lines``: group → word → value.

    The axis does not begin at zero (marks, not bars) and is the same for all panels.
    """
    sizes = [len(rows) + 1.2 for rows in groups.values()]
    labels = [label for rows in groups.values() for label in rows["label"]]
    figure, panels = canvas(rows_height(labels, 16.0 + 11.0 * len(groups)), len(groups), sizes)
    values = pd.concat([rows["value"] for rows in groups.values()])
    low, high = float(values.min()), float(values.max())
    margin = max((high - low) * 0.12, 1.0)
    for axes, (group, rows) in zip(panels, groups.items(), strict=True):
        axes.plot(rows["value"], range(len(rows)), ls="", marker="o", ms=6, color=ACCENT, zorder=3)
        axes.hlines(range(len(rows)), low - margin, rows["value"], color=HAIR, lw=1.0, zorder=1)
        for word, value in lines.get(group, {}).items():
            axes.axvline(value, color=INK, lw=0.9, ls="-" if word == "中位数" else (0, (4, 2)), zorder=2)
        row_axes(axes, list(rows["label"]))
        edge = axes.secondary_yaxis("right")
        edge.set_yticks(range(len(rows)), [displayable(text) for text in rows["text"]], fontsize=SIZE, color=INK)
        edge.tick_params(length=0)
        edge.spines["right"].set_visible(False)
        axes.set_xlim(low - margin, high + margin)
        axes.set_title(displayable(group), loc="left", fontsize=SIZE + 0.5, color=INK, pad=5)
    panels[-1].set_xlabel(axis_label, fontsize=SIZE, color=SOFT)
    rules = [Line2D([], [], color=INK, lw=0.9, ls=s, label=w) for w, s in (("中位数", "-"), ("上四分位数", (0, (4, 2))))]
    if any(lines.values()):
        legend(figure, rules)
    return figure


def ink_on(colour: str) -> str:
    """Ink or white, whichever is read better on a fill ``#rrggbb``."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "white"


def _share_axis(axes: Axes) -> None:
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def _inside(value: float, longest: float, *, is_share: bool) -> str:
    if value / longest < 0.045:
        return ""
    return f"{half_up(value * 100, 0)}%" if is_share else f"{half_up(value, 0)}"
