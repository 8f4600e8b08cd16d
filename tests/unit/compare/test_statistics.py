"""附件2 against last year: which base, when a change, when a percentage, and whose figures are summed."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lianzheng.compare import run_compare
from lianzheng.compare.statistics import (
    parts_of_totals,
    statistic_changes_by_unit,
    statistics_by_category_measure,
)
from lianzheng.tables import check
from tests.unit.scoring import small
from tests.unit.scoring.small import frames, row, unit

NAN = float("nan")


def figure(
    unit_id: str, category: str, period: str, value: float | None, measure: str = "n_problems"
) -> dict[str, Any]:
    return {"unit_id": unit_id, "period": period, "category_id": category, "measure_id": measure, "value": value,
            "unit_of_measure": "起", "value_state": "number" if value is not None else "blank", "raw_text": ""}  # fmt: skip


def figures(*rows: dict[str, Any]) -> dict[str, pd.DataFrame]:
    units = [unit(n) for n in range(1, 5)]
    return frames(units, statistics_by_unit_category_measure=list(rows))


def same(found: object, expected: object) -> bool:
    return bool(found == expected or (pd.isna(found) and pd.isna(expected)))  # type: ignore[call-overload]


BASES = [
    # this, last (in this year's form), last_return, base, source, change, percent
    (6, None, None, None, None, None, None),
    (6, 5, None, 5, "last", 1, 20),
    (6, 5, 8, 8, "last_return", -2, -25),
    (6, None, 8, 8, "last_return", -2, -25),
    (6, 5, "blank", 5, "last", 1, 20),  # the return of last year is there, but says nothing
    (6, 4.99, None, 4.99, "last", 1.01, None),  # a base under 5: no percentage
    (6, 0, None, 0, "last", 6, None),
    (0, 5, None, 5, "last", -5, -100),
    ("blank", 5, None, 5, "last", None, None),  # blank is not 0
    (5, -10, None, -10, "last", 15, 150),  # in percent of the base's size
]


@pytest.mark.parametrize(("this", "last", "returned", "base", "source", "change", "percent"), BASES)
def test_a_change_has_a_base_and_a_percentage_a_base_of_five(
    this: Any, last: Any, returned: Any, base: Any, source: Any, change: Any, percent: Any
) -> None:
    given = {"this": this, "last": last, "last_return": returned}
    rows = [
        figure("U001", "gifts", p, None if v == "blank" else v) for p, v in given.items() if v is not None
    ]
    found = row(statistic_changes_by_unit(figures(*rows), 5), unit_id="U001", category_id="gifts")
    assert same(found["value"], None if this == "blank" else this) and same(found["last_value"], base)
    assert same(found["base_source"], source)
    assert found["change"] == pytest.approx(change if change is not None else NAN, nan_ok=True)
    assert found["change_pct"] == pytest.approx(percent if percent is not None else NAN, nan_ok=True)


def test_what_this_years_form_does_not_ask_has_no_row() -> None:
    found = statistic_changes_by_unit(figures(figure("U001", "gifts", "last_return", 3)), 5)
    assert found.empty


def test_the_minimum_is_a_parameter() -> None:
    rows = figure("U001", "gifts", "this", 6), figure("U001", "gifts", "last", 5)
    assert pd.isna(row(statistic_changes_by_unit(figures(*rows), 5.01), unit_id="U001")["change_pct"])


def bureau(**totals: list[str]) -> pd.DataFrame:
    """Three units: U001 with both years, U002 with a blank this year, U003 without last year."""
    rows = [
        figure("U001", "gifts", "this", 4), figure("U001", "gifts", "last_return", 3),
        figure("U001", "other", "this", 2), figure("U001", "other", "last_return", 3),
        figure("U001", "total", "this", 60), figure("U001", "total", "last_return", 50),  # as written, wrongly
        figure("U002", "gifts", "this", None), figure("U002", "gifts", "last_return", 7),
        figure("U002", "other", "this", 1), figure("U002", "other", "last_return", 0),
        figure("U003", "gifts", "this", 9),
    ]  # fmt: skip
    return statistics_by_category_measure(statistic_changes_by_unit(figures(*rows), 5), totals, 5)


def test_sums_are_over_the_same_units_on_both_sides() -> None:
    gifts = row(bureau(total=["gifts", "other"]), category_id="gifts")
    assert (gifts["n_units"], gifts["total"]) == (2, 13)  # U001 4 + U003 9
    assert (gifts["n_compared"], gifts["total_compared"], gifts["last_total"]) == (1, 4, 3)  # U001 alone
    assert gifts["change"] == 1 and pd.isna(gifts["change_pct"])  # 3 is under 5
    other = row(bureau(total=["gifts", "other"]), category_id="other")
    assert (other["n_units"], other["total"], other["n_compared"], other["last_total"]) == (2, 3, 2, 3)


def test_the_bureaus_total_sums_the_parts_that_were_written() -> None:
    total = row(bureau(total=["gifts", "other"]), category_id="total")
    assert (total["n_units"], total["total"]) == (3, 16)  # 4 + 2 + 1 + 9, not 60
    assert (total["n_compared"], total["total_compared"], total["last_total"]) == (
        2,
        7,
        6,
    )  # 4+2+1 against 3+3+0
    assert (total["change"], total["change_pct"]) == (1, pytest.approx(100 / 6))
    assert (
        row(bureau(), category_id="total")["total"] == 60
    )  # where the form has no total row it is a row like others


def test_a_figure_that_nobody_gave_stays_unknown() -> None:
    changes = statistic_changes_by_unit(figures(figure("U001", "gifts", "this", None)), 5)
    found = row(statistics_by_category_measure(changes, {}, 5), category_id="gifts")
    assert (found["n_units"], found["n_compared"]) == (0, 0)
    assert pd.isna(found["total"]) and pd.isna(found["last_total"]) and pd.isna(found["change"])


def test_the_shipped_form_has_one_total_of_nine_categories() -> None:
    (total,) = parts_of_totals(small.config().statistics).items()
    assert total[0] == "total" and len(total[1]) == 9 and {"gifts", "other"} < set(total[1])
    assert parts_of_totals(None) == {}


@pytest.mark.parametrize(
    "rows", [[], [figure("U001", "gifts", "this", 6), figure("U001", "gifts", "last", 5)]]
)
def test_the_tables_pass_the_gate_with_and_without_figures(rows: list[dict[str, Any]]) -> None:
    from lianzheng.scoring import run_scoring

    tables = figures(*rows)
    made = run_compare(small.config(), {**tables, **run_scoring(small.config(), tables).frames})
    for name in ("statistic_changes_by_unit", "statistics_by_category_measure"):
        assert len(check(name, made[name])) == (1 if name == "statistic_changes_by_unit" else 2) * (
            len(rows) > 0
        )
