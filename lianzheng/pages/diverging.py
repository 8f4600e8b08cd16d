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

from lianzheng.pages.bars import bars
from lianzheng.pages.charts import (
    ACCENT,
    EDGE_MM,
    PALE,
    RULE,
    SOFT,
    WIDTH_MM,
    legend,
    row_canvas,
    rows_height,
)
from lianzheng.scoring.rounding import round_half_up

_GAP = 0.05
_NUMBER_MM = 6.4  # what a number needs in its segment
_BEST, _MIDDLE, _WORST = (ACCENT, "#6f9ac4", "#c3d5e6"), "#d9dde2", ("#dcab8a", "#b97a54", "#8f4a28")


def colours_of(n_options: int) -> list[str]:
    """Blues for the better half of a scale, browns for the worse, grey for a middle; the ends are the darkest."""
    half, is_odd = divmod(n_options, 2)
    worst = {0: (), 1: _WORST[2:], 2: _WORST[::2]}.get(half, _WORST)
    return [*_BEST[:half], *_BEST[2:] * (half - 3), *[_MIDDLE] * is_odd, *_WORST[:1] * (half - 3), *worst]


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
    height = rows_height(list(rows["label"]), 17.0, 5.2, width_mm)
    figure, axes = row_canvas(rows, height, width_mm, heading=heading, below_mm=EDGE_MM)
    shares = rows[[*rated, *apart]].astype("float64").reset_index(drop=True)
    left = -zero_of(shares[list(rated)]).fillna(0.0)
    low, high = min(left.min(), -0.1), max((left + shares[list(rated)].sum(axis=1)).max(), 0.2)
    widest = float(shares[list(apart)].sum(axis=1).max()) + _GAP if apart else 0.0
    fills = dict(zip(rated, colours_of(len(rated)), strict=True))
    least = _NUMBER_MM / (axes.get_position().width * width_mm) * (high - low + widest)
    for options, start in ((list(rated)[::-1], left), (list(apart), pd.Series(low - widest, shares.index))):
        for option in options:
            start = _segments(axes, shares[option].fillna(0.0), start, fills.get(option, PALE), least)
    empty = high * shares[list(rated)].isna().all(axis=1)
    bars(axes, 0.0, empty, fc="white", ec=RULE, hatch="////", lw=0.6)
    axes.axvline(0, color=SOFT, lw=0.8, zorder=3)
    axes.set_xlim(low - widest - 0.01, high + 0.01)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    words = {**rated, **{option: f"{word}（左侧）" for option, word in apart.items()}}
    legend(figure, [Patch(fc=fills.get(o, PALE), ec=RULE, lw=0.5, label=word) for o, word in words.items()])
    return figure


def _segments(axes: Axes, widths: pd.Series, start: pd.Series, colour: str, least: float) -> pd.Series:
    """Draw one option's segments, with their shares where there is room; returns where the next ones begin."""
    edge = RULE if colour == PALE else "white"
    told = {row: f"{round_half_up(width).scaleb(2)}%" for row, width in enumerate(widths) if width >= least}
    bars(axes, start, widths, told=told, fc=colour, ec=edge, lw=0.6)
    return start + widths
