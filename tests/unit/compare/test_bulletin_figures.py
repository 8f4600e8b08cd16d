"""The bulletin's figures, each worked out by hand over a bureau of three visited units and one that was not."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pandas as pd
import pytest

from lianzheng.compare.bulletin import bulletin_figures
from lianzheng.compare.findings import finding_counts_by_class
from lianzheng.config.models import Visit
from lianzheng.tables import conform, schemas
from tests.unit.scoring import small
from tests.unit.scoring.small import unit

AT = {"file_id": "F1", "sheet": "s", "cell": "A1"}


def finding(
    number: int, unit_id: str, subject: str, defect: str, kind: str, sure: bool = True
) -> dict[str, Any]:
    return {"finding_id": f"F{number}", "unit_id": unit_id, "team_id": "T1", "subject_id": subject, "defect_id": defect, "text": "",
            "bulletin_class": kind, "finding_severity": "slight", "is_confirmed": sure, **AT}  # fmt: skip


def result(
    unit_id: str, question: str, score: float | None, counts: tuple[int | None, int | None, int]
) -> dict[str, Any]:
    return {"unit_id": unit_id, "form_id": "questionnaire", "rater_group": "all", "question_id": question, "score": score,
            "n_issued": counts[0], "n_returned": counts[1], "n_valid": counts[2], "is_suppressed": False}  # fmt: skip


def sent(
    unit_id: str, form_id: str, number: int, state: str, is_late: bool | None, is_counted: bool
) -> dict[str, Any]:
    return {"unit_id": unit_id, "form_id": form_id, "round": number, "state": state, "is_late": is_late, "is_counted": is_counted,
            "reason": "only_version", "n_return_issues": 0}  # fmt: skip


def vote(unit_id: str, question: str, option: str, n_votes: int) -> dict[str, Any]:
    return {"unit_id": unit_id, "form_id": "questionnaire", "rater_group": "staff", "question_id": question, "option_id": option,
            "n_votes": n_votes, "source": "hand", **AT}  # fmt: skip


def seen(
    unit_id: str, kind: str, n: int | None, defect: str | None, scorer: str = "T1", item: str = ""
) -> dict[str, Any]:
    return {
        "unit_id": unit_id,
        "evidence_class": kind,
        "item_id": item,
        "scorer": scorer,
        "n_documents": n,
        "defect_id": defect,
        **AT,
    }


ROWS = {
    "units": [unit(1), unit(2), unit(3), unit(4, visited=False)],
    "findings": [
        finding(1, "U001", "talks", "no_record", "talks"), finding(2, "U001", "talks", "no_record", "talks"),
        finding(3, "U002", "talks", "too_few", "talks"), finding(4, "U002", "learning", "copied", "learning"),
        finding(5, "U003", "learning", "copied", "learning", sure=False),
        finding(6, "U004", "learning", "copied", "learning"),  # nobody visited it: not told
    ],
    "highlights": [
        {"highlight_id": f"H{n}", "unit_id": "U001", "team_id": "T1", "subject_id": "talks", "is_confirmed": n < 3, "text": "", **AT}
        for n in (1, 2, 3)
    ],
    "submissions": [
        sent("U001", "standard", 1, "returned", True, False), sent("U001", "standard", 2, "accepted", False, True),
        sent("U002", "standard", 1, "accepted", True, True), sent("U003", "standard", 1, "missing", None, False),
        sent("U001", "statistics", 1, "accepted", True, True),
    ],
    "site_visits": [
        {"unit_id": "U001", "team_id": "T1", "visit_date": dt.date(2018, 12, 4), "report_minutes": 15.0, "n_interviews": 4, "n_quiz": 10,
         "quiz_mean_pct": 80.0, **AT},
        {"unit_id": "U002", "team_id": "T1", "visit_date": dt.date(2018, 12, 5), "report_minutes": None, "n_interviews": None, "n_quiz": 30,
         "quiz_mean_pct": 60.0, **AT},
        {"unit_id": "U003", "team_id": "T2", "visit_date": dt.date(2018, 12, 6), "report_minutes": None, "n_interviews": 3, "n_quiz": 5,
         "quiz_mean_pct": None, **AT},
    ],
    "questionnaire_by_unit_question": [
        result("U001", "all", 90.0, (20, 18, 16)), result("U001", "Q01", 90.0, (None, None, 16)),
        result("U002", "all", 80.0, (None, 10, 10)), result("U002", "Q01", 80.0, (None, None, 10)),
        result("U003", "all", None, (9, 4, 4)), result("U003", "Q01", None, (None, None, 4)),
    ],
    "tallies_by_unit_question_option": [
        vote("U001", "Q01", "good", 12), vote("U001", "Q01", "poor", 4), vote("U002", "Q01", "good", 3), vote("U002", "Q01", "poor", 5),
        vote("U003", "Q01", "good", 4),  # hidden
    ],
    "evidence_by_unit_class": [
        seen("U001", "annual_plan", 3, None), seen("U002", "annual_plan", 0, None), seen("U003", "annual_plan", 2, "no_seal"),
        seen("U001", "rules_records", 5, None), seen("U001", "rules_records", 7, None, scorer="self"),
        seen("U002", "rules_records", 0, None, item="A1"), seen("U004", "annual_plan", 0, None),
    ],
    "statistics_by_unit_category_measure": [
        {"unit_id": u, "period": period, "category_id": "gifts", "measure_id": "n_problems", "value": value, "unit_of_measure": "起",
         "value_state": "number", "raw_text": "", **AT}
        for u, period, value in (("U001", "this", 0.0), ("U002", "this", None), ("U003", "last", 2.0))
    ],
}  # fmt: skip
BY_HAND = {
    "cycle": 2018, "rectification_days": 30, "n_teams": 2, "n_units": 4, "n_visited": 3, "n_others": 1,
    "n_standard": 2, "n_statistics": 1, "n_self_reports": None, "n_reported": 1,
    "n_late": 2,  # U002's standard and U001's statistics; U001's late standard was replaced
    "n_reports": 1, "n_interviews": 7, "n_quiz": 45, "quiz_mean": (10 * 0.8 + 30 * 0.6) / 40, "n_documents": 10,
    "n_rated": 1, "n_not_rated": 2, "n_scored": 2, "n_hidden": 1, "n_issued": 20, "n_returned": 18, "return_rate": 0.9, "n_valid": 16,
    "best_share:Q01": 15 / 24, "n_answered:Q01": 2,
    "n_findings": 4, "n_found_units": 2, "n_classes": 2, "n_highlights": 2,
    "n_by_defect:talks:no_record": 2, "n_by_defect:talks:too_few": 1, "n_by_defect:learning:copied": 1,
    "n_by_problem:talks:talks:no_record": 1, "n_by_problem:talks:talks:too_few": 1, "n_by_problem:learning:learning:copied": 1,
    "n_seen": 3, "n_lacking:annual_plan": 2, "n_lacking:rules_records": 0, "share_lacking:annual_plan": 2 / 3,
    "share_lacking:rules_records": 0,
    "n_common": 1,  # two units of three are enough for talks at a half, one is not for learning
}  # fmt: skip
DAYS = {"first_day": dt.date(2018, 12, 3), "last_day": dt.date(2018, 12, 7)}


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, Any]]:
    visits = [("U001", "T1", 3), ("U002", "T1", 7), ("U003", "T2", 5)]
    planned = tuple(Visit(unit_id=u, team_id=t, visit_date=dt.date(2018, 12, day)) for u, t, day in visits)
    config = dataclasses.replace(small.config(common_share=0.5, cycle=2018), visits=planned)
    tables: dict[str, pd.DataFrame] = {
        name: conform(name, ROWS.get(name, []), small.CYCLE)
        for name in schemas()
        if name != "bulletin_figures"
    }
    tables["finding_counts_by_class"] = conform(
        "finding_counts_by_class", finding_counts_by_class(config, tables), small.CYCLE
    )
    made = conform("bulletin_figures", bulletin_figures(config, tables), small.CYCLE)
    return made.set_index("figure_id").to_dict("index")


def test_nothing_is_counted_that_is_not_listed_here(figures: dict[str, dict[str, Any]]) -> None:
    assert sorted(figures) == sorted([*BY_HAND, "common_share", *DAYS])


@pytest.mark.parametrize("figure_id", BY_HAND)
def test_a_figure_is_what_it_is_by_hand(figures: dict[str, dict[str, Any]], figure_id: str) -> None:
    expected = BY_HAND[figure_id]
    value = figures[figure_id]["value"]
    assert pd.isna(value) if expected is None else value == pytest.approx(expected)


@pytest.mark.parametrize("figure_id", DAYS)
def test_a_day_is_one(figures: dict[str, dict[str, Any]], figure_id: str) -> None:
    assert figures[figure_id]["day"].date() == DAYS[figure_id] and pd.isna(figures[figure_id]["value"])
