"""逾期: computed against the date of the report wherever it is needed, never stored."""

from __future__ import annotations

import datetime as dt

import pandas as pd


def days_over(rectifications: pd.DataFrame, report_date: dt.date) -> pd.Series:
    """Whole days (Int64) from the due date to the report; null where a line is closed, not yet due or has no due date.

    A line that is due on the day of the report is not overdue.
    """
    days = (pd.Timestamp(report_date) - rectifications["due_date"]).dt.days.astype("Int64")
    return days.where((rectifications["state"] != "closed") & (days > 0))


def is_overdue(rectifications: pd.DataFrame, report_date: dt.date) -> pd.Series:
    """Whether each line is 逾期: not closed, and due before the day of the report."""
    return days_over(rectifications, report_date).notna()


def ledger_in_words(
    rectifications: pd.DataFrame, report_date: dt.date, n_lines_added: int, n_changes: int
) -> str:
    """How the ledger stands, in a sentence."""
    n_open = (rectifications["state"] != "closed").sum()
    n_overdue = is_overdue(rectifications, report_date).sum()
    return (
        f"整改台账 {len(rectifications)} 条：新列入 {n_lines_added} 条，状态变更 {n_changes} 条，"
        f"未销账 {n_open} 条（逾期 {n_overdue} 条）"
    )
