"""Diverging bars: what is favourable lies right of zero, half of a middle on either side, no opinion apart."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from lianzheng.pages.diverging import colours_of, diverging, zero_of


@pytest.mark.parametrize(
    ("shares", "left"),
    [
        ([0.5, 0.25, 0.125, 0.125], 0.25),
        ([0.5, 0.25, 0.25], 0.375),  # the worst, and half of the middle
        ([0.75, 0.25], 0.25),
        ([1.0], 0.5),
        ([0.25, 0.25, 0.25, 0.125, 0.125], 0.375),
    ],
)
def test_the_worse_half_lies_left_of_zero(shares: list[float], left: float) -> None:
    assert zero_of(pd.DataFrame([shares])).to_list() == [left]


def test_a_scale_has_as_many_colours_as_options_and_no_two_alike() -> None:
    for n in range(1, 8):
        assert len(colours_of(n)) == len(set(colours_of(n))) == n
    assert colours_of(4)[:2] == colours_of(5)[:2] and colours_of(4)[2:] == colours_of(5)[3:]


def test_segments_stand_where_their_shares_say() -> None:
    rows = pd.DataFrame(
        {
            "label": ["甲", "乙"],
            "text": ["90.00", "不足5人"],
            "good": [0.5, None],
            "poor": [0.25, None],
            "none": [0.25, None],
        }
    )
    figure = diverging(rows, {"good": "好", "poor": "差"}, {"none": "弃权"})
    bars = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle) and patch.get_width()]
    spans = {(round(bar.get_x(), 3), round(bar.get_width(), 3)) for bar in bars if not bar.get_hatch()}
    assert {(0.0, 0.5), (-0.25, 0.25)} <= spans
    ((apart, width),) = spans - {(0.0, 0.5), (-0.25, 0.25)}
    assert width == 0.25 and apart + width < -0.25  # beyond the longest bar, not touching it
    assert [bar.get_y() + bar.get_height() / 2 for bar in bars if bar.get_hatch()] == [1.0]
    drawn = {text.get_text() for text in figure.axes[0].texts}
    assert {"50%", "25%"} <= drawn
