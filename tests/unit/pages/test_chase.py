"""Who is to be reminded of what, and how a paper's way is put into words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from lianzheng.pages.chase import chase_list, open_issues, standing_rounds, state_in_words
from lianzheng.tables import conform

DEADLINE, DAY = dt.date(2018, 12, 1), dt.date(2018, 12, 11)
NO_ISSUES = pd.DataFrame(columns=["unit_id", "form_id", "code", "severity", "message"], dtype="str")
SENT = {"received_at": "2018-11-28 10:00", "is_late": False, "paper_received_at": "2018-11-29 10:00", "is_signed": True, "is_sealed": True}  # fmt: skip


def paper(*states: str, unit_id: str = "U001", **more: Any) -> list[dict[str, Any]]:
    """The rounds of 附件2 with these states; the last that is accepted counts."""
    counted = max((n for n, state in enumerate(states, 1) if state == "accepted"), default=0)
    return [
        {"unit_id": unit_id, "form_id": "statistics", "round": n, "state": state, "is_counted": n == counted,
         "reason": "only_version", "n_return_issues": 2 * (state == "returned"), **(SENT if state != "missing" else {}), **more}
        for n, state in enumerate(states, 1)
    ]  # fmt: skip


def frame(*rows: list[dict[str, Any]]) -> pd.DataFrame:
    return conform("submissions", [row for some in rows for row in some], 2018)


def chased(*rows: list[dict[str, Any]], day: dt.date = DAY, issues: pd.DataFrame = NO_ISSUES) -> list[tuple]:
    found = chase_list(frame(*rows), issues, DEADLINE, day)
    return [
        (row["unit_id"], row["kind"], row["told"], None if pd.isna(row["days_over"]) else row["days_over"])
        for row in found.to_dict("records")
    ]


def test_what_passed_with_its_paper_copy_is_not_chased() -> None:
    assert chased(paper("accepted"), paper("returned", "accepted", unit_id="U002")) == []


@pytest.mark.parametrize(
    ("day", "told", "days"),
    [
        (dt.date(2018, 12, 1), "截止2018年12月1日，尚未逾期", None),
        (dt.date(2018, 12, 2), "截止2018年12月1日，已逾期1天", 1),
        (dt.date(2018, 12, 31), "截止2018年12月1日，已逾期30天", 30),
        (dt.date(2018, 11, 20), "截止2018年12月1日，尚未逾期", None),
    ],
)
def test_days_over_are_counted_after_the_day_of_the_deadline(
    day: dt.date, told: str, days: int | None
) -> None:
    assert chased(paper("missing"), day=day) == [("U001", "missing", told, days)]


RETURNED = [
    (("returned",), "第1版退回，2处须补正"),
    (("returned", "returned"), "第2版退回，2处须补正"),
    (("accepted", "returned"), "第2版退回，2处须补正，补正之前以第1版为准"),
]


@pytest.mark.parametrize(("states", "told"), RETURNED)
def test_a_version_that_went_back_is_chased_until_one_passes(states: tuple[str, ...], told: str) -> None:
    assert chased(paper(*states)) == [("U001", "returned", told, None)]


def test_the_paper_copy_is_asked_for_apart() -> None:
    assert chased(paper("accepted", paper_received_at=None)) == [
        ("U001", "no_paper", "电子版11月28日 10:00收到，纸质件未到", None)
    ]
    nothing_registered = {"received_at": None, "paper_received_at": None}
    assert (
        chased(paper("accepted", **nothing_registered)) == []
    )  # for the office to register, not for the unit
    first, second = paper("returned", "accepted")
    assert chased([first, second | {"paper_received_at": None}]) == []  # it came with the first version


def test_faults_of_a_paper_copy_come_from_its_open_issues() -> None:
    issues = pd.DataFrame(
        [
            {"unit_id": "U001", "form_id": "statistics", "code": code, "severity": "verify", "message": message}
            for code, message in (
                ("paper_not_sealed", "附件2《表》纸质件未盖章"), ("sum_mismatch", "合计不符"), ("paper_not_signed", "附件2《表》纸质件无签字"),
            )
        ]
    )  # fmt: skip
    assert chased(paper("accepted"), issues=issues) == [
        ("U001", "not_signed", "纸质件无签字", None),
        ("U001", "not_sealed", "纸质件未盖章", None),
    ]


def test_a_unit_is_named_in_roster_order_its_gravest_first() -> None:
    kinds = [
        row[:2] for row in chased(paper("missing", unit_id="U002"), paper("returned", paper_received_at=None))
    ]
    assert kinds == [("U001", "returned"), ("U001", "no_paper"), ("U002", "missing")]


WORDS = [
    (paper("missing"), "未报"),
    (paper("accepted"), "按时，通过"),
    (paper("accepted", is_late=True), "迟报，通过"),
    (paper("accepted", is_late=None), "无收件登记，通过"),
    (paper("returned"), "按时，退回2处"),
    (paper("returned", "accepted"), "按时，通过（退回后补正）"),
    (paper("superseded", "accepted"), "按时，通过"),
    (paper("accepted", "returned"), "按时，退回2处"),
]


@pytest.mark.parametrize(("rows", "told"), WORDS)
def test_a_papers_state_in_words(rows: list[dict[str, Any]], told: str) -> None:
    (row,) = standing_rounds(frame(rows)).to_dict("records")
    assert state_in_words(row) == told


def test_the_round_that_counts_stands_with_the_paper_copy_that_there_is() -> None:
    first, second = paper("returned", "accepted", is_sealed=False)
    (row,) = standing_rounds(frame([first, second | {"paper_received_at": None, "is_sealed": None}])).to_dict(
        "records"
    )
    assert (row["round"], row["n_rounds"], row["n_returned"], row["is_sealed"]) == (2, 2, 1, False)


def test_issues_are_counted_by_severity_and_paper() -> None:
    issues = pd.DataFrame(
        [{"unit_id": "U001", "form_id": form, "severity": s} for form, s in
         (("standard", "note"), ("statistics", "verify"), ("statistics", "verify"), ("statistics", "return_item"))]
    )  # fmt: skip
    counts = open_issues(issues).loc[("U001", "statistics")].to_dict()
    assert counts == {"return_file": 0, "return_item": 1, "verify": 2, "note": 0}
