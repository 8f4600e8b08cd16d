"""Answers on an ordered scale as diverging bars: favourable to the right of zero, unfavourable to the left.

After R. M. Heiberger and N. B. Robbins, Design of Diverging Stacked Bar Charts for Likert Scales and Other
Applications, Journal of Statistical Software 57 (2014): the middle of an odd scale lies across zero, answers without
an opinion stand apart.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from lianzheng.pages.charts import (
    ACCENT,
    PALE,
    RULE,
    SIZE,
    SOFT,
    WIDTH_MM,
    canvas,
    ink_on,
    legend,
    row_axes,
    rows_height,
)
from lianzheng.scoring.rounding import round_half_up

_SMALLEST = 0.075  # of the axis: below, a number has no room in its segment
_GAP = 0.05
_BEST, _MIDDLE, _WORST = (ACCENT, "#6f9ac4", "#b9cde0"), "#d9dde2", ("#ecd3c2", "#d79f7c", "#a8603c")


def colours_of(n_options: int) -> list[str]:
    """Blues for the better half of a scale, browns for the worse, grey for a middle; the ends are the darkest."""
    half, is_odd = divmod(n_options, 2)
    return [*_BEST[:half], *[_MIDDLE] * is_odd, *(_WORST[len(_WORST) - half :] if half else ())]


def zero_of(shares: pd.DataFrame) -> pd.Series:
    """What lies left of zero in each row: the lower half of the columns (best first), half of a middle one."""
    half, is_odd = divmod(shares.shape[1], 2)
    below = shares.iloc[:, half + is_odd :].sum(axis=1)
    return below + shares.iloc[:, half] / 2 if is_odd else below


def diverging(
    rows: pd.DataFrame,
    rated: Mapping[str, str],
    apart: Mapping[str, str],
    *,
    heading: str = "",
    width_mm: float = WIDTH_MM,
) -> Figure:
    """A bar a row from the worst option at the left to the best at the right, zero between the two halves.

    ``rated`` (column → word, best first) and ``apart`` (no opinion, drawn beyond at the left) are columns of shares
    0–1. A row without shares is drawn hatched and empty.
    """
    colours = colours_of(len(rated))
    figure, (axes,) = canvas(rows_height(list(rows["label"]), 17.0, 5.2), width_mm=width_mm)
    shares = rows[[*rated, *apart]].astype("float64").reset_index(drop=True)
    left = -zero_of(shares[list(rated)]).fillna(0.0)
    low = min(float(left.min()), -0.1) if len(left) else -0.1
    start = left.copy()
    for option, colour in reversed(list(zip(rated, colours, strict=True))):
        start = _segments(axes, shares[option].fillna(0.0), start, colour)
    widest = float(shares[list(apart)].sum(axis=1).max()) + _GAP if apart else 0.0
    spare = pd.Series(low - widest, shares.index)
    for option in apart:
        spare = _segments(axes, shares[option].fillna(0.0), spare, PALE)
    empty = list(shares.index[shares[list(rated)].isna().all(axis=1)])
    axes.barh(empty, 1.0 + low, left=0.0, height=0.62, color="white", ec=RULE, hatch="////", lw=0.6)
    row_axes(axes, rows)
    axes.axvline(0, color=SOFT, lw=0.8, zorder=3)
    axes.set_xlim(low - widest - 0.01, max(float(start.max()), 0.2) + 0.01)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.annotate(heading, (1, 1), (7, 2), "axes fraction", "offset points", fontsize=SIZE, color=SOFT)
    patches = [
        Patch(fc=colour, ec=RULE, lw=0.5, label=word)
        for (_, word), colour in zip(rated.items(), colours, strict=True)
    ]
    legend(
        figure,
        [*patches, *(Patch(fc=PALE, ec=RULE, lw=0.5, label=f"{word}（左侧）") for word in apart.values())],
    )
    return figure


def _segments(axes: Axes, widths: pd.Series, start: pd.Series, colour: str) -> pd.Series:
    """Draw one option's segments, with their shares where there is room; returns where the next ones begin."""
    edge = RULE if colour == PALE else "white"
    bars = axes.barh(widths.index, widths, left=start, height=0.62, color=colour, ec=edge, lw=0.6)
    told = [f"{round_half_up(share).scaleb(2)}%" if share >= _SMALLEST else "" for share in widths]
    axes.bar_label(bars, told, label_type="center", fontsize=7.2, color=ink_on(colour))
    return start + widths
