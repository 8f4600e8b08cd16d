"""四舍五入, not banker's rounding, and not fooled by binary noise."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from lianzheng.scoring.rounding import round_half_up, rounded, written


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (89.994, "89.99"),
        (89.995, "90.00"),  # in binary 89.9949999…: banker's or naive rounding gives 89.99
        (2.675, "2.68"),
        (0.125, "0.13"),  # half to even would give 0.12
        (1.005, "1.01"),
        (0.1 + 0.2, "0.30"),
        (89.99499999999, "90.00"),  # noise beyond the ninth decimal is cut first
        (89.9949999, "89.99"),
        (0, "0.00"),
        (100, "100.00"),
    ],
)
def test_round_half_up(value: float, expected: str) -> None:
    assert round_half_up(value) == Decimal(expected)
    assert str(round_half_up(value)) == expected


def test_a_series_keeps_its_nulls() -> None:
    values = rounded(pd.Series([89.995, None, 1.0], index=[5, 6, 7]))
    assert values.dtype == "float64" and list(values.index) == [5, 6, 7]
    assert values[5] == 90.0 and pd.isna(values[6]) and values[7] == 1.0


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (0.5, "0.5"), (0.125, "0.13"), (100, "100"), (0, "0")]
)
def test_numbers_in_sentences_have_no_trailing_zeros(value: float, text: str) -> None:
    assert written(value) == text
