"""Charts with one row per thing: frames in, matplotlib figures out; titles and sources belong to the page.

One palette (the blocks' accent), direct labels, no drawn titles, legible in grey. Every label goes through
``displayable`` and is broken into lines by its measured width, so that a name of twenty characters neither overlaps
nor is cut; what is higher than a page comes as several figures. All frames have ``label`` (left of the row) and
``text`` (right of it).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from lianzheng.fonts import displayable
from lianzheng.pages.measured import em_width, prepare, wrapped

WIDTH_MM, SIZE = 156.0, 8.5
INK, SOFT, ACCENT, RULE, HAIR, PALE = "#1c2026", "#59626e", "#1f4b7a", "#9aa5b1", "#dfe4e9", "#f1f1ee"
RAMP = (ACCENT, "#6f9ac4", "#c2d2e3", "#a8603c", "#6b3a24")
"""Ordered categories from the first to the last; neighbours differ in grey as well."""
DASHES = (0, (4, 2))
MOST_MM = 212.0
"""No chart is higher, so that it fits on a page with its title and its source."""
_EM_MM, _LINE_MM, _FRAME_MM, _GROUP_MM = SIZE * 25.4 / 72, 3.5, 18.0, 9.0
_FEW, _VERY_MANY = 5, 30  # rows up to which labels are narrow, and from which rows are
_GOES_ON = "（续）"
_PAD_INCHES = 7 / 72
_LEGEND_MM, EDGE_MM, TICKS_MM, TITLED_MM = 7.0, 2.4, 6.0, 11.0
"""Above the rows of a chart; beside its labels and texts; under it, where its axis has numbers, and a title as well."""
_MARKS: tuple[dict[str, Any], ...] = (
    {"marker": "o", "ms": 6, "mfc": ACCENT, "mec": ACCENT}, {"marker": "D", "ms": 5, "mfc": "white", "mec": INK},
)  # fmt: skip
Groups = Mapping[str, pd.DataFrame]


def canvas(
    height_mm: float, ratios: Sequence[float] = (1,), width_mm: float = WIDTH_MM
) -> tuple[Figure, list[Axes]]:
    """An empty figure of the page's width with axes under each other, without frames."""
    prepare()
    figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4), layout="constrained")
    axes = list(figure.subplots(len(ratios), 1, squeeze=False, height_ratios=ratios)[:, 0])
    for each in axes:
        _bare(each)
    return figure, axes


def row_canvas(
    rows: pd.DataFrame,
    height_mm: float,
    width_mm: float = WIDTH_MM,
    *,
    heading: str = "",
    below_mm: float = TICKS_MM,
) -> tuple[Figure, Axes]:
    """A figure with axes for ``rows``, their labels and texts; ``heading`` stands above the texts.

    All that is beside the axes has its room by measured widths, so that no layout engine need draw it to know it.
    """
    prepare()
    figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4))
    ems = label_ems(len(rows), width_mm)
    lines = [line for label in rows["label"] for line in wrapped(str(label), ems).split("\n")]
    left, right = (
        max(map(em_width, texts), default=0.0) * _EM_MM + EDGE_MM + _PAD_INCHES * 25.4
        for texts in (lines, [*map(displayable, rows["text"]), heading])
    )
    above = _LEGEND_MM + _LINE_MM * bool(heading)
    across, up = width_mm - left - right, height_mm - above - below_mm
    axes = figure.add_axes((left / width_mm, below_mm / height_mm, across / width_mm, up / height_mm))
    _bare(axes)
    row_axes(axes, rows)
    axes.annotate(heading, (1, 1), (7, 2), "axes fraction", "offset points", fontsize=SIZE, color=SOFT)
    return figure, axes


def _bare(axes: Axes) -> None:
    """Axes without a frame or ticks."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.tick_params(length=0, labelsize=SIZE, colors=SOFT, pad=4)
    axes.set_axisbelow(True)


def label_ems(n_rows: int, width_mm: float = WIDTH_MM) -> float:
    """The room for labels at the left in ems: more where there are many rows, whose second lines cost much height."""
    return (0.27 if n_rows <= _FEW else 0.41) * width_mm / _EM_MM


def row_axes(axes: Axes, rows: pd.DataFrame, ems: float = 0.0) -> None:
    """Rows 0, 1, … from top to bottom, each with its label (in ``ems``) at the left and its text at the right."""
    ems = ems or label_ems(len(rows), axes.figure.get_figwidth() * 25.4)
    axes.set_yticks([])  # ticks would cost as much again as all that is drawn
    axes.set_ylim(len(rows) - 0.45, -0.55)
    labels = [wrapped(str(label), ems) for label in rows["label"]]
    for side, align, texts in ((0, "right", labels), (1, "left", map(displayable, rows["text"]))):
        pad = ScaledTranslation(_PAD_INCHES * (2 * side - 1), 0, axes.figure.dpi_scale_trans)
        style = {"size": SIZE, "color": INK, "transform": axes.get_yaxis_transform() + pad}
        for number, text in enumerate(texts):
            axes.text(side, number, text, ha=align, va="center", **style)


def row_pitch(labels: Sequence[str], row_mm: float = 5.8, width_mm: float = WIDTH_MM) -> float:
    """From one row to the next in mm: all rows of a chart have that of its longest label."""
    ems = label_ems(len(labels), width_mm)
    n_lines = max((wrapped(label, ems).count("\n") + 1 for label in labels), default=1)
    return max(row_mm - 1.0 * (len(labels) > _VERY_MANY), 1.2 + _LINE_MM * n_lines)


def rows_height(
    labels: Sequence[str], extra_mm: float, row_mm: float = 5.8, width_mm: float = WIDTH_MM
) -> float:
    """Height in mm of a chart with these rows and ``extra_mm`` for all else."""
    return extra_mm + len(labels) * row_pitch(labels, row_mm, width_mm)


def fitting(rows: pd.DataFrame, extra_mm: float = 20.0) -> pd.DataFrame:
    """The first rows, as many as one chart can show."""
    n_rows = len(rows)
    while n_rows > 1 and rows_height(list(rows["label"][:n_rows]), extra_mm) > MOST_MM:
        n_rows -= 1
    return rows.head(n_rows)


def sheets(groups: Groups) -> list[dict[str, pd.DataFrame]]:
    """The groups for as many charts as they need at a page's height, with nearly equally many rows each.

    A group that goes on in the next chart says so in its name.
    """
    labels = all_labels(groups)
    pitch = row_pitch(labels)
    room = max(MOST_MM - _FRAME_MM - _GROUP_MM * sum(map(bool, groups)), MOST_MM / 2)
    n_sheets = math.ceil(len(labels) * pitch / room) or 1
    most, made = -(-len(labels) // n_sheets), [dict[str, pd.DataFrame]()]
    for name, rows in groups.items():
        start = 0
        while start < len(rows):
            if sum(map(len, made[-1].values())) >= most:
                made.append({})
            end = start + most - sum(map(len, made[-1].values()))
            made[-1][name + _GOES_ON * bool(start)] = rows[start:end]
            start = end
    return made


def all_labels(groups: Groups) -> list[str]:
    """The labels of all rows of all groups."""
    return [str(label) for rows in groups.values() for label in rows["label"]]


def panels(groups: Groups, all_groups: Groups) -> tuple[Figure, list[Axes]]:
    """A figure with named axes for each group, high enough for its rows, as wide rows as in ``all_groups``."""
    pitch, ems = row_pitch(all_labels(all_groups)), label_ems(len(all_labels(all_groups)))
    height = _FRAME_MM + pitch * len(all_labels(groups)) + _GROUP_MM * sum(map(bool, groups))
    figure, drawn = canvas(height, [len(rows) + 1.2 for rows in groups.values()])
    for axes, (name, rows) in zip(drawn, groups.items(), strict=True):
        row_axes(axes, rows, ems)
        axes.set_title(displayable(name), loc="left", fontsize=SIZE + 0.5, color=INK, pad=5)
    return figure, drawn


def legend(figure: Figure, handles: Sequence[Line2D | Patch]) -> None:
    """One line above the chart that names marks or fills."""
    place = "upper left" if figure.get_layout_engine() is None else "outside upper left"
    figure.legend(
        handles=list(handles), loc=place, ncols=len(handles), frameon=False, fontsize=SIZE,
        labelcolor=SOFT, handletextpad=0.5, columnspacing=1.6, borderaxespad=0.0, handlelength=1.4,
    )  # fmt: skip


def dots(
    groups: Groups,
    marks: Mapping[str, str],
    axis_label: str,
    lines: Mapping[str, Mapping[str, float]] | None = None,
) -> list[Figure]:
    """Values as marks, a panel per group on one common axis that does not begin at zero; as many figures as needed.

    ``marks``: column → legend word; two of them are joined by a line. ``lines``: group → word → vertical line.
    """
    values = pd.concat([rows[column] for rows in groups.values() for column in marks])
    margin = max((float(values.max()) - float(values.min())) * 0.06, 1.0)
    limits = float(values.min()) - margin, float(values.max()) + margin
    return [_dots(part, groups, marks, axis_label, lines or {}, limits) for part in sheets(groups)]


def _dots(
    groups: Groups,
    all_groups: Groups,
    marks: Mapping[str, str],
    axis_label: str,
    lines: Mapping[str, Mapping[str, float]],
    limits: tuple[float, float],
) -> Figure:
    figure, drawn = panels(groups, all_groups)
    words = list(dict.fromkeys(word for group in lines.values() for word in group))
    styles = {column: {**style, "ls": ""} for column, style in zip(marks, _MARKS, strict=False)}
    dashes: dict[str, Any] = dict(zip(words, ("-", DASHES), strict=False))
    for axes, (group, rows) in zip(drawn, groups.items(), strict=True):
        ends = rows[list(marks)].to_numpy()
        start = ends.min(axis=1) if len(marks) > 1 else limits[0]
        axes.hlines(range(len(rows)), start, ends.max(axis=1), color=RULE, lw=1)
        for column, style in styles.items():
            axes.plot(rows[column], range(len(rows)), **style)
        for word, value in lines.get(group.removesuffix(_GOES_ON), {}).items():
            axes.axvline(value, color=INK, lw=0.9, ls=dashes[word])
        axes.set_xlim(*limits)
        axes.grid(axis="x", color=HAIR, lw=0.6)
    drawn[-1].set_xlabel(axis_label, fontsize=SIZE, color=SOFT)
    handles = [Line2D([], [], label=marks[column], **style) for column, style in styles.items()]
    legend(figure, handles + [Line2D([], [], color=INK, lw=0.9, ls=d, label=w) for w, d in dashes.items()])
    return figure


def luminance(colour: str) -> float:
    """Relative luminance 0–1 of a colour (WCAG 2.2), which is what is left of it in grey print."""
    channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(part * channel for part, channel in zip((0.2126, 0.7152, 0.0722), channels, strict=True))


def contrast(one: str, other: str) -> float:
    """Contrast ratio 1–21 of two colours (WCAG 2.2): lighter + 0.05 over darker + 0.05."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(colour: str) -> str:
    """Ink, white or black: the first that is read well (4.5:1, WCAG 2.2) on a fill, and on any fill one is."""
    return next(ink for ink in (INK, "#ffffff", "#000000") if contrast(ink, colour) >= 4.5)
