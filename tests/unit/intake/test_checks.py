"""Checks on the sample cycle's forms: what fails, what is insufficient, what must not accuse anyone."""

from __future__ import annotations

import pytest

from lianzheng.intake.checks import CELL_CODES, CHECKS
from tests.unit.intake.sample import codes, config, filled_standard, layout_of, receive, zeros


def statistics(changes=None, **header):
    cells = {("problems", row, measure): value for (row, measure), value in (changes or {}).items()}
    return receive(layout_of("statistics", {**zeros("statistics"), **cells}, **header))


def outcomes(received):
    return {checked.check_id: checked.outcome for checked in received.checks}


def with_totals(**measures):
    """A row 其他 with these measures, and totals that agree."""
    return {(row, measure): value for measure, value in measures.items() for row in ("other", "total")}


def test_zeros_pass_every_check_and_are_noted():
    received = statistics()
    assert [issue.code for issue in received.issues] == ["all_zero_return"]
    assert set(outcomes(received)) == {
        *CELL_CODES["statistics"],
        *(check.__name__ for check in CHECKS["statistics"]),
    }
    assert set(outcomes(received).values()) == {"pass"}


def test_one_problem_is_no_zero_return():
    assert statistics(with_totals(n_problems=1)).issues == []


SUMS = [
    # parts, total, code, outcome
    ([1, 2], 3, None, "pass"),
    ([1, 2], 4, "sum_mismatch", "fail"),
    ([1, 2], 0, "sum_mismatch", "fail"),
]


@pytest.mark.parametrize(("parts", "total", "code", "outcome"), SUMS)
def test_counts_must_add_up_exactly(parts, total, code, outcome):
    cells = {
        ("gifts", "n_problems"): parts[0],
        ("other", "n_problems"): parts[1],
        ("total", "n_problems"): total,
    }
    received = statistics(cells)
    assert codes(received) == ([code] if code else [])
    assert outcomes(received)["sum_mismatch"] == outcome


AMOUNTS = [
    # n parts of 0.33, total, code: (n + 1) × half a unit of the last digit is allowed
    (3, 0.99, None),
    (3, 1.0, "rounding_difference"),
    (3, 1.01, "rounding_difference"),
    (3, 1.02, "sum_mismatch"),
    (1, 0.34, "rounding_difference"),
    (1, 0.35, "sum_mismatch"),
]


@pytest.mark.parametrize(("n", "total", "code"), AMOUNTS)
def test_amounts_may_differ_by_rounding(n, total, code):
    rows = ["allowances", "gifts", "other"][:n]
    cells = {(row, "amount_10k_yuan"): 0.33 for row in rows} | {("total", "amount_10k_yuan"): total}
    received = statistics({**cells, **with_totals(n_problems=1)})
    assert codes(received) == ([code] if code else [])
    assert outcomes(received)["sum_mismatch"] == ("fail" if code == "sum_mismatch" else "pass")


def test_a_sum_names_what_was_written_and_what_the_parts_come_to():
    received = statistics({("gifts", "n_problems"): 2, ("total", "n_problems"): 5})
    issue = received.issues[0]
    assert issue.message == "“问题数”合计填 5，各项相加为 2"
    assert issue.source.cell == "C16"
    assert (issue.unit_id, issue.form_id) == ("U001", "statistics")


def test_a_sum_with_an_unclear_part_is_not_judged():
    received = statistics({("gifts", "n_problems"): "若干", ("total", "n_problems"): 5})
    assert codes(received) == ["not_a_number"]
    assert outcomes(received)["sum_mismatch"] == "parse_error"
    assert outcomes(received)["not_a_number"] == "fail"


PEOPLE = [
    # persons, Party sanctions, government sanctions, code
    (2, 1, 1, None),
    (1, 1, 1, None),  # one person may get both
    (1, 2, 0, "discipline_above_treatment"),
    (1, 0, 2, "discipline_above_treatment"),
    (0, 0, 0, None),
]


@pytest.mark.parametrize(("persons", "party", "government", "code"), PEOPLE)
def test_nobody_is_disciplined_who_is_not_involved(persons, party, government, code):
    received = statistics(
        with_totals(
            n_problems=1, n_persons=persons, n_party_discipline=party, n_government_discipline=government
        )
    )
    assert codes(received) == ([code] if code else [])


def test_fewer_persons_than_cases_is_no_error():
    assert codes(statistics(with_totals(n_problems=5, n_persons=1))) == []


@pytest.mark.parametrize(
    ("problems", "done", "doing", "is_wrong"), [(3, 1, 1, False), (3, 2, 1, False), (3, 2, 2, True)]
)
def test_rectified_and_rectifying_stay_within_the_problems(problems, done, doing, is_wrong):
    received = statistics(with_totals(n_problems=problems, n_rectified=done, n_rectifying=doing))
    assert codes(received) == ["rectified_above_problems"] * is_wrong


def test_the_standard_has_its_total_and_maxima():
    received = receive(layout_of("standard", filled_standard(1.0)))
    assert codes(received) == []
    assert outcomes(received)["sum_mismatch"] == "pass"


def test_points_above_their_item():
    matrix = filled_standard(1.0)
    matrix["self_scores", "S101", "points"] = 3.5  # the item has 3
    matrix["self_scores", "total", "points"] += 2.5
    received = receive(layout_of("standard", matrix))
    assert codes(received) == ["above_maximum"]
    assert received.issues[0].message == "“年度计划与任务分解”的“自评分”为 3.5，超过该项分值 3"


def test_a_wrong_total_of_points():
    received = receive(layout_of("standard", filled_standard(1.0, total=50)))
    assert codes(received) == ["sum_mismatch"]


def test_a_blank_bonus_and_an_item_that_does_not_apply_add_nothing():
    matrix = filled_standard(1.0)
    bonus = next(
        item.item_id for block in config().standard.blocks if block.kind == "bonus" for item in block.items
    )
    matrix["self_scores", bonus, "points"] = None
    matrix["self_scores", "S101", "points"] = "不适用"
    matrix["self_scores", "total", "points"] -= 2
    assert codes(receive(layout_of("standard", matrix))) == []


def votes(**changes):
    questions = config().questionnaire.rated
    scale = config().questionnaire.scale
    matrix = {
        ("votes", q.question_id, o.option_id): 10 if o.option_id == "good" else 0
        for q in questions
        for o in scale
    }
    return matrix | {("votes", "Q03", option): n for option, n in changes.items()}


def test_votes_come_to_the_valid_ballots():
    assert codes(receive(layout_of("tally", votes()))) == []
    assert codes(receive(layout_of("tally", votes(average=3, abstain=1, good=6)))) == []


def test_lost_votes_are_reported_with_their_question():
    received = receive(layout_of("tally", votes(poor=2)))
    assert codes(received) == ["tally_not_conserved"]
    assert "各选项票数之和为 12，与有效票数 10 不符" in received.issues[0].message


def test_without_valid_ballots_nothing_is_judged():
    received = receive(layout_of("tally", votes(), n_valid=None))
    assert codes(received) == ["missing_value"]
    assert outcomes(received)["tally_not_conserved"] == "insufficient_data"
