"""The only rounding: 四舍五入 to two decimals, at the last step (docs/methodology.md)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

CENT = Decimal("0.01")


def round_half_up(value: float) -> Decimal:
    """``value`` with two decimals, half up; float noise beyond the ninth decimal is cut first."""
    return Decimal(repr(round(float(value), 9))).quantize(CENT, ROUND_HALF_UP)


def rounded(values: pd.Series) -> pd.Series:
    """:func:`round_half_up` of every value, as float64 for comparing and ranking; null stays null."""
    return values.map(lambda value: float(round_half_up(value)), na_action="ignore").astype("float64")


def written(value: float) -> str:
    """A number inside a sentence: at most two decimals and no trailing zeros, such as 0.5 or 3."""
    text = f"{round_half_up(value):f}"
    return text.rstrip("0").rstrip(".")
