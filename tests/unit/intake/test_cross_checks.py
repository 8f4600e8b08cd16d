"""附件2 against the case ledger and against last year's return: what is asked, at which cell, and of whom nothing is."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from lianzheng.config.models import Correction
from lianzheng.forms import as_xlsx
from lianzheng.intake import cross_checks, write_intake
from lianzheng.intake.cross_checks import last_year_differs, ledger_overlap
from tests.unit.intake.sample import layout_of
from tests.unit.intake.test_run import bureau, template  # noqa: F401

NUMBERS = itertools.count(1)


def case(category="other", unit_id="U001", state="closed", source="transferred"):
    return {"case_id": f"AJ{next(NUMBERS)}", "unit_id": unit_id, "category_id": category, "source": source, "n_persons": 1,
            "four_forms_level": 1, "state": state, "closed_date": "2018-06-01" if state == "closed" else "", "note": "密"}  # fmt: skip


def outcome(intake, check_id, unit_id="U001"):
    checks = intake.frames["checks"].set_index(["unit_id", "form_id", "check_id"])
    return checks.loc[(unit_id, "statistics", check_id), "outcome"]


def asked(intake, code, unit_id="U001"):
    return [issue for issue in intake.issues if (issue.code, issue.unit_id) == (code, unit_id)]


LEDGERS = [  # the unit reports one problem under 其他 (E15) and none of gifts
    ([], "not_applicable", None),
    ([case("gifts")], "pass", None),
    ([case("other")], "fail", "1 件"),
    ([case("other"), case("other", source="direct"), case("gifts")], "fail", "2 件"),
    ([case("other", unit_id="U002")], "not_applicable", None),
]


@pytest.mark.parametrize(("ledger", "expected", "told"), LEDGERS)
def test_the_ledgers_closed_cases_and_self_found_problems_do_not_meet(bureau, ledger, expected, told):  # noqa: F811
    if ledger:
        bureau.office("cases", ledger)
    intake = bureau.run()
    assert outcome(intake, "ledger_overlap") == expected
    issues = asked(intake, "ledger_overlap")
    assert len(issues) == (told is not None)
    for issue in issues:
        assert (issue.unit_id, issue.form_id, issue.severity) == ("U001", "statistics", "verify")
        assert issue.value_seen == "1" and "“其他”" in issue.message and told in issue.message
        cells = intake.frames["cells"].set_index(["file_id", "sheet", "cell"])["target"]
        place = (issue.source.file_id, issue.source.sheet, issue.source.cell)
        assert cells[place] == "statistics_by_unit_category_measure/U001|this|other|n_problems/value"
        write_intake(bureau.config, intake)  # the check's issue exists


def test_pending_cases_change_nothing_that_anybody_sees(bureau):  # noqa: F811
    bureau.office("cases", [case("gifts")])
    before = bureau.run()
    bureau.office(
        "cases", [case("gifts"), case("other", state="pending"), case("allowances", state="pending")]
    )
    after = bureau.run()
    assert [(i.code, i.message) for i in after.issues] == [(i.code, i.message) for i in before.issues]
    for name in ("checks", "issues", "submissions", "statistics_by_unit_category_measure"):
        assert (
            after.frames[name]
            .drop(columns="issue_id", errors="ignore")
            .equals(before.frames[name].drop(columns="issue_id", errors="ignore"))
        )


def test_a_blank_number_is_insufficient_and_asks_nothing_about_the_ledger(bureau):  # noqa: F811
    bureau.put("units/东河处/附件2.xlsx", as_xlsx(layout_of("statistics", bureau.figures(n_problems=None))))
    bureau.office("cases", [case("other")])
    intake = bureau.run()
    assert outcome(intake, "ledger_overlap") == "insufficient_data"
    assert not asked(intake, "ledger_overlap")


def test_the_corrected_number_is_what_is_checked(bureau):  # noqa: F811
    bureau.office("cases", [case("other")])
    key = {"unit_id": "U001", "period": "this", "category_id": "other", "measure_id": "n_problems"}
    correction = Correction(
        correction_id="C1", table="statistics_by_unit_category_measure", key=key, column="value", was="1", becomes="0",
        reason="剔除转办件", who="办公室", when="2018-12-10",
    )  # fmt: skip
    bureau.config = dataclasses.replace(bureau.config, corrections=(correction,))
    assert outcome(bureau.run(), "ledger_overlap") == "pass"


def returned(value, unit_id="U001", category="reception", measure="amount_10k_yuan"):
    return {"unit_id": unit_id, "category_id": category, "measure_id": measure, "value": value}


RETURNS = [  # what the office holds of last year, what this year's form says of last year
    ([], 7, "not_applicable"),
    ([returned(7)], 7, "pass"),
    ([returned(7.004)], 7, "pass"),  # within half of the last digit of 0.01 万元
    ([returned(7.02)], 7, "fail"),
    ([returned(0)], 7, "fail"),
    ([returned(7)], None, "insufficient_data"),
    ([returned(7, unit_id="U002")], 7, "not_applicable"),
    (
        [returned(9, category="workload", measure="n_rules")],
        7,
        "not_applicable",
    ),  # the form has no 上年 there
]


@pytest.mark.parametrize(("ledger", "written", "expected"), RETURNS)
def test_the_last_year_of_the_form_is_what_was_returned_then(bureau, ledger, written, expected):  # noqa: F811
    matrix = {**bureau.figures(), ("spending", "reception_amount_10k_yuan", "last"): written}
    bureau.put("units/东河处/附件2.xlsx", as_xlsx(layout_of("statistics", matrix)))
    if ledger:
        bureau.office("last_statistics", ledger)
    intake = bureau.run()
    assert outcome(intake, "last_year_differs") == expected
    issues = asked(intake, "last_year_differs")
    assert len(issues) == (expected == "fail")
    for issue in issues:
        assert issue.message == f"“公务接待金额”的上年数填 7，上年所报为 {ledger[0]['value']:g}"


def test_each_figure_that_differs_is_named_once(bureau):  # noqa: F811
    bureau.office("last_statistics", [returned(3), returned(2, category="meetings", measure="n_meetings"), returned(0, category="documents", measure="n_documents")])  # fmt: skip
    intake = bureau.run()
    names = [issue.message.split("”")[0].removeprefix("“") for issue in asked(intake, "last_year_differs")]
    assert names == ["召开会议", "公务接待金额"]


SENT = "units/东河处/附件2.xlsx"


def outcomes_of(intake, form_id="statistics", unit_id="U001"):
    checks = intake.frames["checks"].query("unit_id == @unit_id and form_id == @form_id")
    return dict(zip(checks["check_id"], checks["outcome"], strict=True))


def test_every_check_of_a_file_that_cannot_be_opened_is_a_parse_error(bureau):  # noqa: F811
    known = set(outcomes_of(bureau.run()))
    bureau.put(SENT, b"PK\x03\x04 broken")
    found = outcomes_of(bureau.run())
    assert set(found) == known and set(found.values()) == {"parse_error"}


def test_a_paper_that_never_came_gives_insufficient_data(bureau):  # noqa: F811
    known = set(outcomes_of(bureau.run()))
    (bureau.config.data_raw / SENT).unlink()
    del bureau.receipts[1]
    intake = bureau.run()
    assert set(outcomes_of(intake)) == known
    assert set(outcomes_of(intake).values()) == {"insufficient_data"}
    assert "fail" not in outcomes_of(intake, "standard").values()


@pytest.mark.parametrize(("written", "expected"), [("若干", "parse_error"), (None, "insufficient_data")])
def test_an_unreadable_figure_is_not_held_against_the_office(bureau, written, expected):  # noqa: F811
    bureau.office("cases", [case("other")])
    bureau.office("last_statistics", [returned(3)])
    figures = {
        **bureau.figures(n_problems=written),
        ("spending", "reception_amount_10k_yuan", "last"): written,
    }
    bureau.put(SENT, as_xlsx(layout_of("statistics", figures)))
    found = outcomes_of(bureau.run())
    assert (found["ledger_overlap"], found["last_year_differs"]) == (expected, expected)


def test_a_comparison_that_breaks_down_is_told_and_accuses_nobody(bureau, monkeypatch):  # noqa: F811
    def broken(figures):
        raise KeyError("x")
        yield

    monkeypatch.setattr(cross_checks, "last_year_differs", broken)
    intake = bureau.run()
    assert outcomes_of(intake)["last_year_differs"] == "execution_error"
    assert {issue.code for issue in intake.issues} == {"check_failed_to_run"}
    write_intake(bureau.config, intake)


def test_the_checks_judge_frames_without_files():
    figure = {"value": 2.0}
    assert [v[1] for v in ledger_overlap({("this", "gifts", "n_problems"): figure}, {"gifts": 1, "other": 3})] == [
        "fail", "insufficient_data",
    ]  # fmt: skip
    assert list(last_year_differs({("last_return", "x", "y"): figure})) == []
