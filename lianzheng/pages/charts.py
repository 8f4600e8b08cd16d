"""Charts with one row per thing: frames in, matplotlib figures out; titles and sources belong to the page.

One palette (the blocks' accent), direct labels, no drawn titles, legible in grey. Every label goes through
``displayable`` and is wrapped, so that a name of twenty characters neither overlaps nor is cut. All frames have
``label`` (left of the row) and ``text`` (right of it).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from lianzheng.fonts import displayable, register_matplotlib_fonts
from lianzheng.scoring.rounding import round_half_up

WIDTH_MM, SIZE = 156.0, 8.5
INK, SOFT, ACCENT, RULE, HAIR, PALE = "#1c2026", "#59626e", "#1f4b7a", "#9aa5b1", "#dfe4e9", "#f1f1ee"
RAMP = (ACCENT, "#6f9ac4", "#cfdbe7", "#a8603c", "#6b3a24")
"""Ordered categories from the first to the last; neighbours differ in grey as well."""
DASHES = (0, (4, 2))
_WRAP = 14
_prepare = functools.cache(register_matplotlib_fonts)


def canvas(
    height_mm: float, ratios: Sequence[float] = (1,), width_mm: float = WIDTH_MM
) -> tuple[Figure, list[Axes]]:
    """An empty figure of the page's width with axes under each other, without frames."""
    _prepare()
    figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4), layout="constrained")
    axes = list(figure.subplots(len(ratios), 1, squeeze=False, height_ratios=ratios)[:, 0])
    for each in axes:
        each.spines[["top", "right", "left"]].set_visible(False)
        each.spines["bottom"].set_color(RULE)
        each.tick_params(length=0, labelsize=SIZE, colors=SOFT, pad=4)
        each.set_axisbelow(True)
    return figure, axes


def wrapped(text: str, width: int = _WRAP) -> str:
    """A label in lines of at most ``width`` characters and of nearly equal length, at most three of them."""
    shown = displayable(text)
    n_lines = -(-len(shown) // width) or 1
    step = -(-len(shown) // n_lines) or 1
    lines = [shown[start : start + step] for start in range(0, len(shown), step)]
    return "\n".join(lines[:3]) + ("…" if len(lines) > 3 else "")


def row_axes(axes: Axes, rows: pd.DataFrame) -> None:
    """Rows 0, 1, … from top to bottom, each with its wrapped label at the left and its text at the right."""
    axes.set_yticks(range(len(rows)), [wrapped(str(label)) for label in rows["label"]], color=INK)
    axes.set_ylim(len(rows) - 0.45, -0.55)
    edge = axes.secondary_yaxis("right")
    edge.set_yticks(range(len(rows)), [displayable(text) for text in rows["text"]], fontsize=SIZE, color=INK)
    edge.tick_params(length=0, pad=7)
    edge.spines["right"].set_visible(False)


def rows_height(labels: Sequence[str], extra_mm: float, row_mm: float = 5.8) -> float:
    """Height in mm that rows with these labels need."""
    return extra_mm + sum(row_mm + 3.2 * wrapped(label).count("\n") for label in labels)


def legend(figure: Figure, handles: Sequence[Line2D | Patch]) -> None:
    """One line above the chart that names marks or fills."""
    figure.legend(
        handles=list(handles), loc="outside upper left", ncols=len(handles), frameon=False, fontsize=SIZE,
        labelcolor=SOFT, handletextpad=0.5, columnspacing=1.6, borderaxespad=0.0, handlelength=1.4,
    )  # fmt: skip


def profile(rows: pd.DataFrame, names: Mapping[str, str], width_mm: float = WIDTH_MM) -> Figure:
    """Bars of shares 0–1 (``value``, null = an empty track) with marks for comparison.

    ``names`` gives the legend's words for value and for those of own, median and upper that are to be drawn.
    """
    figure, (axes,) = canvas(rows_height(list(rows["label"]), 16.0, 6.4), width_mm=width_mm)
    places = range(len(rows))
    axes.barh(places, 1.0, height=0.5, color="#eef2f6")
    colour = ACCENT if len(names) > 1 else RAMP[1]
    axes.barh(places, rows["value"].fillna(0.0), height=0.5, color=colour)
    styles = {"own": ("o", "white", 5.5), "median": ("D", "#e8a33d", 5.5), "upper": ("|", INK, 13)}
    handles: list[Line2D | Patch] = [Patch(color=colour, label=names["value"])]
    for column in [column for column in styles if column in names and rows[column].notna().any()]:
        marker, face, size = styles[column]
        style = {"ls": "", "marker": marker, "mfc": face, "mec": INK, "mew": 1.8 if marker == "|" else 0.9}
        axes.plot(rows[column], list(places), ms=size, clip_on=False, **style)
        handles.append(Line2D([], [], ms=min(size, 8), label=names[column], **style))
    row_axes(axes, rows)
    _share_axis(axes)
    legend(figure, handles)
    return figure


def stacked(
    rows: pd.DataFrame, parts: Mapping[str, str], colours: Mapping[str, str], *, is_share: bool, heading: str = ""
) -> Figure:  # fmt: skip
    """Stacked bars, a segment per column of ``parts`` (column → legend word, in order) with its number inside.

    ``heading`` stands above the texts; a row whose parts are all null is drawn hatched and empty.
    """
    figure, (axes,) = canvas(rows_height(list(rows["label"]), 20.0))
    values = rows[list(parts)].astype("float64").reset_index(drop=True)
    longest = 1.0 if is_share else max(float(values.sum(axis=1).max()), 1.0)
    start = pd.Series(0.0, index=values.index)
    for part in parts:
        width = values[part].fillna(0.0)
        segments = axes.barh(
            width.index, width, left=start, height=0.62, color=colours[part], ec="white", lw=0.6
        )
        inside = [_inside(value, longest, is_share=is_share) for value in width]
        axes.bar_label(segments, inside, label_type="center", fontsize=7.5, color=ink_on(colours[part]))
        start = start + width
    empty = list(values.index[values.isna().all(axis=1)])
    axes.barh(empty, longest, height=0.62, color="white", ec=RULE, hatch="////", lw=0.6)
    row_axes(axes, rows)
    axes.set_xlim(0, longest)
    axes.annotate(heading, (1, 1), (7, 2), "axes fraction", "offset points", fontsize=SIZE, color=SOFT)
    _share_axis(axes) if is_share else axes.set_xticks([])
    legend(figure, [Patch(fc=colours[part], ec=RULE, lw=0.5, label=word) for part, word in parts.items()])
    return figure


def dots(
    groups: Mapping[str, pd.DataFrame],
    marks: Mapping[str, str],
    axis_label: str,
    lines: Mapping[str, Mapping[str, float]] | None = None,
) -> Figure:
    """Values as marks, a panel per group on one common axis that does not begin at zero.

    ``marks``: column → legend word; two of them are joined by a line. ``lines``: group → word → vertical line.
    """
    labels = [str(label) for rows in groups.values() for label in rows["label"]]
    figure, panels = canvas(
        rows_height(labels, 18.0 + 9.0 * len(groups)), [len(rows) + 1.2 for rows in groups.values()]
    )
    values = pd.concat([rows[column] for rows in groups.values() for column in marks])
    low, high = float(values.min()), float(values.max())
    margin, dot = max((high - low) * 0.06, 1.0), {"ls": "", "marker": "o", "ms": 6}
    for axes, (group, rows) in zip(panels, groups.items(), strict=True):
        ends = rows[list(marks)].to_numpy()
        start = ends.min(axis=1) if len(marks) > 1 else low - margin
        axes.hlines(range(len(rows)), start, ends.max(axis=1), color=RULE, lw=1)
        for column, face in zip(marks, [ACCENT, "white"], strict=False):
            edge = ACCENT if face == ACCENT else INK
            axes.plot(rows[column], range(len(rows)), mfc=face, mec=edge, **dot)
        for (_, value), dash in zip((lines or {}).get(group, {}).items(), ("-", DASHES), strict=False):
            axes.axvline(value, color=INK, lw=0.9, ls=dash)
        row_axes(axes, rows)
        axes.set_xlim(low - margin, high + margin)
        axes.grid(axis="x", color=HAIR, lw=0.6)
        axes.set_title(displayable(group), loc="left", fontsize=SIZE + 0.5, color=INK, pad=5)
    panels[-1].set_xlabel(axis_label, fontsize=SIZE, color=SOFT)
    faces = zip(marks.values(), (ACCENT, "white"), strict=False)
    handles = [Line2D([], [], mfc=face, mec=INK, label=word, **dot) for word, face in faces]
    words = list(dict.fromkeys(word for group in (lines or {}).values() for word in group))
    dashes = zip(words, ("-", DASHES), strict=False)
    legend(figure, [*handles, *(Line2D([], [], color=INK, lw=0.9, ls=d, label=w) for w, d in dashes)])
    return figure


def _share_axis(axes: Axes) -> None:
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0%", "25%", "50%", "75%", "100%"])


def ink_on(colour: str) -> str:
    """Ink or white, whichever is read better on a fill ``#rrggbb``."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "white"


def _inside(value: float, longest: float, *, is_share: bool) -> str:
    """The number for a segment, where there is room for it."""
    if value / longest < (0.07 if is_share else 0.03):
        return ""
    return f"{round_half_up(value).scaleb(2)}%" if is_share else f"{value:.0f}"
