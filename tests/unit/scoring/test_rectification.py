"""逾期 is computed: the day of the report decides, and closed lines are never late."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from lianzheng.scoring.rectification import days_over, is_overdue, ledger_in_words

REPORT = dt.date(2018, 12, 28)


@pytest.mark.parametrize(
    ("due", "state", "days"),
    [
        ("2018-12-27", "open", 1),
        ("2018-12-28", "open", None),
        ("2018-12-29", "open", None),
        ("2018-11-28", "in_progress", 30),
        ("2018-11-28", "to_verify", 30),
        ("2018-11-28", "closed", None),
        (None, "open", None),
    ],
)
def test_days_over_the_due_date(due: str | None, state: str, days: int | None) -> None:
    lines = pd.DataFrame({"due_date": pd.to_datetime([due]), "state": [state]})
    over = days_over(lines, REPORT)
    assert over.dtype == "Int64" and (pd.isna(over[0]) if days is None else over[0] == days)
    assert is_overdue(lines, REPORT).tolist() == [days is not None]


def test_the_ledger_in_a_sentence() -> None:
    lines = pd.DataFrame(
        {"due_date": pd.to_datetime(["2018-01-01"] * 3), "state": ["open", "closed", "to_verify"]}
    )
    said = ledger_in_words(lines, REPORT, 2, 1)
    assert said == "整改台账 3 条：新列入 2 条，状态变更 1 条，未销账 2 条（逾期 2 条）"
