"""Checks on the sample cycle's forms: what fails, what is insufficient, what must not accuse anyone."""

from __future__ import annotations

import dataclasses

import pytest

from lianzheng.intake import checks
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


def test_votes_of_a_form_without_one_of_the_options_are_not_held_against_the_ballots():
    def edit(cell):
        return None if any("good" in key for key in cell.keys) else cell

    received = receive(layout_of("tally", votes()).change(edit))
    assert codes(received) == ["missing_column"]
    assert outcomes(received)["tally_not_conserved"] == "insufficient_data"


def test_without_valid_ballots_nothing_is_judged():
    received = receive(layout_of("tally", votes(), n_valid=None))
    assert codes(received) == ["missing_value"]
    assert outcomes(received)["tally_not_conserved"] == "insufficient_data"


LETTERS = [(8, 8, None), (8, 7, None), (0, 0, None), (8, 9, "letters_above_due"), (0, 1, "letters_above_due")]


@pytest.mark.parametrize(("due", "signed", "code"), LETTERS)
def test_no_more_letters_are_signed_than_are_due(due, signed, code):
    matrix = zeros("statistics")
    matrix["workload", "n_letters_due", "amount"] = due
    matrix["workload", "n_letters_signed", "amount"] = signed
    received = receive(layout_of("statistics", matrix))
    assert codes(received) == ([code] if code else [])
    if code:
        assert received.issues[0].message == f"“责任书签订数”填 {signed} 份，多于应签 {due} 份"


OUTCOMES = [  # (row, measure) → what is written there; check → outcome
    ({}, "discipline_above_treatment", "pass"),
    ({("gifts", "n_persons"): None}, "discipline_above_treatment", "insufficient_data"),
    ({("gifts", "n_persons"): "待定"}, "discipline_above_treatment", "insufficient_data"),
    ({("gifts", "n_persons"): "若干"}, "discipline_above_treatment", "parse_error"),
    (
        {("gifts", "n_persons"): "若干", ("other", "n_party_discipline"): 2},
        "discipline_above_treatment",
        "fail",
    ),
    ({("gifts", "n_rectified"): "若干"}, "rectified_above_problems", "parse_error"),
    ({("gifts", "n_rectified"): "若干"}, "discipline_above_treatment", "pass"),
    ({("gifts", "n_problems"): None}, "sum_mismatch", "insufficient_data"),
    ({("total", "n_problems"): "若干"}, "sum_mismatch", "parse_error"),
    ({("gifts", "n_problems"): "待定"}, "pending_value", "insufficient_data"),
    ({("gifts", "n_problems"): -1}, "negative_value", "fail"),
    ({("gifts", "n_problems"): None}, "all_zero_return", "insufficient_data"),
    ({("gifts", "n_problems"): "若干"}, "all_zero_return", "parse_error"),
    ({("gifts", "n_problems"): None, ("other", "n_persons"): 1}, "all_zero_return", "pass"),
]


@pytest.mark.parametrize(("cells", "check", "outcome"), OUTCOMES)
def test_only_what_is_wrong_fails_and_each_other_outcome_says_why(cells, check, outcome):
    assert outcomes(statistics(cells))[check] == outcome


def test_a_figure_that_may_be_zero_is_no_zero_return():
    assert "all_zero_return" not in [i.code for i in statistics({("gifts", "n_problems"): "待定"}).issues]


def without(table):
    """附件2 without the rows of one of its tables."""
    layout = layout_of("statistics", zeros("statistics"))
    rows = {c.row for sheet in layout.sheets for c in sheet.cells if any(key[0] == table for key in c.keys)}
    return layout.change(lambda cell: None if cell.row in {min(rows) - 1, *rows} else cell)


def test_what_the_form_lacks_is_insufficient_where_it_must_be_there():
    received = receive(without("workload"))
    assert codes(received) == ["missing_table"]
    assert outcomes(received)["letters_above_due"] == "insufficient_data"
    assert outcomes(received)["sum_mismatch"] == "pass"


def test_what_a_form_does_not_have_is_not_applicable(monkeypatch):
    monkeypatch.setitem(CHECKS, "tally", (checks.above_maximum, checks.letters_above_due))
    received = receive(layout_of("tally", votes()))
    assert [outcomes(received)[name] for name in ("above_maximum", "letters_above_due")] == [
        "not_applicable"
    ] * 2


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyError, TypeError, ValueError])
def test_a_check_that_breaks_down_costs_itself_and_accuses_nobody(monkeypatch, error):
    def broken(reading):
        yield "sum_mismatch", reading.entries[0], 1.0, {"expected": "2"}
        raise error("密")

    monkeypatch.setitem(CHECKS, "statistics", (broken, checks.sum_mismatch))
    received = statistics({("total", "n_problems"): 5})
    assert outcomes(received)["broken"] == "execution_error" and outcomes(received)["sum_mismatch"] == "fail"
    assert codes(received) == ["check_failed_to_run", "sum_mismatch"]
    (told,) = [issue for issue in received.issues if issue.code == "check_failed_to_run"]
    assert told.severity == "note" and error.__name__ in told.message and "密" not in told.message


def test_a_bug_of_ours_is_no_outcome(monkeypatch):
    def wrong(reading):
        raise AssertionError

    monkeypatch.setitem(CHECKS, "statistics", (wrong,))
    with pytest.raises(AssertionError):
        statistics()


POINTS = [
    ("3", "pass"),
    (None, "insufficient_data"),
    ("优", "parse_error"),
    ("不适用", "pass"),
    ("3.5", "fail"),
]


@pytest.mark.parametrize(("written", "outcome"), POINTS)
def test_points_that_cannot_be_read_are_not_above_anything(written, outcome):
    matrix = filled_standard(1.0)
    matrix["self_scores", "S101", "points"] = written
    assert outcomes(receive(layout_of("standard", matrix)))["above_maximum"] == outcome


def one_cell_per_block(points, **others):
    """附件1 with one merged cell for the points of the first block."""
    matrix = filled_standard(1.0)
    items = [item.item_id for item in config().standard.blocks[0].items]
    matrix["self_scores", items[0], "points"] = points
    matrix["self_scores", "total", "points"] += others.get("more", points - len(items))
    keys = {("self_scores", item, "points") for item in items}

    def joined(cell):
        if not keys & set(cell.keys):
            return cell
        is_first = ("self_scores", items[0], "points") in cell.keys
        return dataclasses.replace(cell, n_rows=len(items)) if is_first else None

    return receive(layout_of("standard", matrix).change(joined))


def test_one_merged_cell_for_a_block_holds_the_blocks_points():
    received = one_cell_per_block(38)
    assert codes(received) == []
    assert outcomes(received)["above_maximum"] == outcomes(received)["sum_mismatch"] == "pass"
    points = {
        r.values["item_id"]: r.values["points"]
        for r in received.records
        if r.values.get("points") is not None
    }
    assert points["party"] == 38 and "S101" not in points and points["S201"] == 1


def test_a_blocks_points_are_held_against_the_block_and_the_total():
    assert codes(one_cell_per_block(40.5)) == ["above_maximum"]
    assert codes(one_cell_per_block(38, more=0)) == ["sum_mismatch"]
