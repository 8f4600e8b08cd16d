"""测评 against scores and intervals worked out by hand (t quantiles from a printed table)."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from lianzheng.scoring.ballots import sum_ballots
from lianzheng.scoring.questionnaire import score_questionnaires
from tests.unit.scoring import small
from tests.unit.scoring.small import frames, issued, perfect_vote, row, votes

T_9, T_7, T_4 = 2.2621571628, 2.3646242510, 2.7764451052  # t(0.975) with 9, 7 and 4 degrees of freedom


def results(parameters: dict[str, Any] | None = None, **rows: Any) -> pd.DataFrame:
    config = small.config()
    assert config.questionnaire is not None
    changed = config.questionnaire.model_copy(update=parameters or {})
    tables, config = frames(**rows), small.dataclasses.replace(config, questionnaire=changed)
    return score_questionnaires(config, tables, sum_ballots(changed, tables))


def result(
    frame: pd.DataFrame, question_id: str = "all", group: str = "all", unit_id: str = "U001"
) -> dict[str, Any]:
    return row(frame, unit_id=unit_id, rater_group=group, question_id=question_id)


# Q01: 4 好 3 较好 2 一般 1 差 → (400+240+120+40)/10 = 80; Q02: 5 好 3 较好, 2 弃权 → (500+240)/8 = 92.5
HAND = {"Q01": (4, 3, 2, 1, 0), "Q02": (5, 3, 0, 0, 2)}


def test_a_question_is_weighed_by_coefficients_over_counted_votes() -> None:
    found = results(tallies=votes("U001", HAND))
    assert result(found, "Q01")["score"] == 80 and result(found, "Q02")["score"] == 92.5
    assert result(found)["score"] == 86.25  # the mean of the questions
    assert result(found, "Q02")["n_valid"] == 10 and result(found)["n_valid"] == 10


def test_abstentions_weigh_nothing_where_the_cycle_counts_them() -> None:
    found = results({"counts_abstentions": True}, tallies=votes("U001", HAND))
    assert result(found, "Q02")["score"] == 74  # 740 / 10
    assert result(found)["score"] == 77


def test_everybody_is_pooled_by_votes_and_not_by_groups() -> None:
    staff = votes("U001", {"Q01": (10, 0, 0, 0, 0), "Q02": (10, 0, 0, 0, 0)}, "staff")
    leaders = votes("U001", {"Q01": (0, 0, 0, 5, 0), "Q02": (0, 0, 0, 5, 0)}, "middle_managers")
    found = results(tallies=[*staff, *leaders])
    assert (
        result(found, group="staff")["score"] == 100 and result(found, group="middle_managers")["score"] == 40
    )
    assert result(found)["score"] == 80  # (10·100 + 5·40) / 15, not the 70 between the groups


def test_the_interval_of_a_question_rests_on_its_votes() -> None:
    found = result(results(tallies=votes("U001", HAND), ballot_counts=[issued("U001", 40, 10)]), "Q01")
    deviation = math.sqrt((4 * 20**2 + 3 * 0 + 2 * 20**2 + 1 * 40**2) / 9)  # around 80, n − 1 = 9
    half = T_9 * deviation / math.sqrt(10) * math.sqrt(1 - 10 / 40)
    assert found["low"] == pytest.approx(80 - half) and found["high"] == pytest.approx(80 + half)


def test_a_census_has_no_interval_left_and_an_unknown_number_issued_gives_none() -> None:
    census = result(results(tallies=votes("U001", HAND), ballot_counts=[issued("U001", 10, 10)]), "Q01")
    assert (census["low"], census["high"]) == (80, 80)
    for counts in ([], [issued("U001", None, 10)]):
        unknown = result(results(tallies=votes("U001", HAND), ballot_counts=counts), "Q01")
        assert pd.isna(unknown["low"]) and pd.isna(unknown["high"]) and pd.isna(unknown["n_issued"])
        assert unknown["score"] == 80


def test_an_interval_ends_at_the_scale() -> None:
    found = result(
        results(tallies=votes("U001", {"Q01": (9, 0, 0, 1, 0)}), ballot_counts=[issued("U001", 900, 10)]),
        "Q01",
    )
    assert found["score"] == 94 and found["high"] == 100 and found["low"] < 94


def ballots(unit_id: str, answers: list[dict[str, str]], **more: Any) -> dict[str, list[dict[str, Any]]]:
    """Ballots with their answers and the tally that intake makes of the valid ones."""
    rows, given, tally = [], [], {}
    worth = {"good": 100, "fairly_good": 80, "average": 60, "poor": 40, "abstain": None}
    for number, answered in enumerate(answers):
        valid = answered.get("valid", "yes") == "yes"
        ballot = {
            "ballot_id": f"F1-{number}",
            "unit_id": unit_id,
            "form_id": "questionnaire",
            "rater_group": "staff",
        }
        rows.append({**ballot, "is_valid": valid, "file_id": "F1", **more})
        for question_id in ("Q01", "Q02"):
            option = answered.get(question_id, "")
            state = "chosen" if option else "blank"
            given.append({"ballot_id": ballot["ballot_id"], "question_id": question_id, "option_id": option,
                          "unit_id": unit_id, "answer_state": state})  # fmt: skip
            if option and valid:
                tally[question_id, option] = tally.get((question_id, option), 0) + 1
    tallies = [
        {"unit_id": unit_id, "form_id": "questionnaire", "rater_group": "staff", "question_id": question_id,
         "option_id": option, "n_votes": n, "coefficient": worth[option], "source": "ballots"}
        for (question_id, option), n in tally.items()
    ]  # fmt: skip
    return {"ballots": rows, "answers_by_ballot_question": given, "tallies": tallies}


def test_the_interval_of_the_form_rests_on_ballots() -> None:
    answers = [
        {"Q01": "good", "Q02": "good"},  # mean 100
        {"Q01": "good", "Q02": "fairly_good"},  # 90
        {"Q01": "average", "Q02": "average"},  # 60
        {"Q01": "fairly_good", "Q02": "abstain"},  # 80: an abstention does not count
        {"Q01": "good"},  # 100: a blank neither
        {"Q01": "poor", "Q02": "poor", "valid": "no"},  # not counted at all
    ]
    found = results(**ballots("U001", answers), ballot_counts=[issued("U001", 8, 6)])
    form = result(found)
    # Q01: (3·100 + 60 + 80)/5 = 88; Q02 has three counted votes, too few to be shown or to enter the form
    assert form["score"] == 88 and form["n_valid"] == 5
    mean = (100 + 90 + 60 + 80 + 100) / 5
    deviation = math.sqrt(sum((x - mean) ** 2 for x in (100, 90, 60, 80, 100)) / 4)
    half = T_4 * deviation / math.sqrt(5) * math.sqrt(1 - 5 / 8)
    assert form["low"] == pytest.approx(88 - half) and form["high"] == pytest.approx(min(88 + half, 100))
    assert result(found, "Q02")["n_valid"] == 4  # votes on the question, the abstention included
    assert result(found, "Q02")["suppression_code"] == "few"


def test_a_group_counted_by_hand_beside_one_by_ballots() -> None:
    by_ballot = ballots("U001", [{"Q01": "good", "Q02": "good"}] * 6)
    by_hand = votes("U001", {"Q01": (0, 0, 0, 6, 0), "Q02": (0, 0, 0, 5, 0)}, "middle_managers")
    counts = [issued("U001", 10, 6), issued("U001", 10, 6, "middle_managers")]
    found = results(**{**by_ballot, "tallies": [*by_ballot["tallies"], *by_hand]}, ballot_counts=counts)
    assert result(found)["n_valid"] == 12 and result(found, group="middle_managers")["n_valid"] == 6
    assert result(found)["score"] == pytest.approx((70 + 800 / 11) / 2)
    assert pd.isna(result(found)["low"]) and result(found, group="staff")["low"] == 100


def test_a_group_counted_by_hand_is_not_counted_again_by_its_ballots() -> None:
    by_ballot = ballots("U001", [{"Q01": "good", "Q02": "good"}] * 6)
    found = result(results(**{**by_ballot, "tallies": perfect_vote("U001", 8)}))
    assert found["n_valid"] == 8 and pd.isna(found["low"])


def test_a_hand_tally_gives_the_form_no_interval() -> None:
    form = result(results(tallies=votes("U001", HAND), ballot_counts=[issued("U001", 40, 10)]))
    assert pd.isna(form["low"]) and form["n_issued"] == 40 and form["n_returned"] == 10


@pytest.mark.parametrize(("n", "is_suppressed"), [(4, True), (5, False)])
def test_fewer_ballots_than_the_threshold_show_nothing(n: int, is_suppressed: bool) -> None:
    found = result(results(tallies=perfect_vote("U001", n)))
    assert found["is_suppressed"] == is_suppressed and pd.isna(found["score"]) == is_suppressed
    assert found["n_valid"] == n


def test_a_small_group_is_hidden_but_counted_in_everybody() -> None:
    leaders = votes("U001", {"Q01": (0, 0, 0, 4, 0), "Q02": (0, 0, 0, 4, 0)}, "middle_managers")
    found = results(tallies=[*perfect_vote("U001", 8), *leaders])
    assert result(found, group="middle_managers")["is_suppressed"]
    assert pd.isna(result(found, group="middle_managers")["score"])
    assert result(found)["score"] == 80  # (8·100 + 4·40) / 12


@pytest.mark.parametrize(("n_returned", "is_void"), [(20, False), (21, True)])
def test_more_returned_than_issued_in_any_group_voids_the_vote(n_returned: int, is_void: bool) -> None:
    leaders = votes("U001", {"Q01": (9, 0, 0, 0, 0), "Q02": (9, 0, 0, 0, 0)}, "middle_managers")
    counts = [issued("U001", 20, n_returned), issued("U001", 90, 9, "middle_managers")]
    found = results(tallies=[*perfect_vote("U001"), *leaders], ballot_counts=counts)
    assert found["score"].isna().all() == is_void
    assert result(found)["n_issued"] == 110 and not found["is_suppressed"].any()
    assert (found["suppression_code"] == "void").all() == is_void
    assert found["suppression_code"].isna().all() != is_void


def test_one_unknown_number_makes_the_sum_unknown() -> None:
    counts = [issued("U001", 20, 10), issued("U001", None, 9, "middle_managers")]
    found = result(results(tallies=perfect_vote("U001"), ballot_counts=counts))
    assert pd.isna(found["n_issued"]) and found["n_returned"] == 19


def test_questions_that_are_not_rated_and_units_do_not_mix() -> None:
    other = votes("U002", {"Q01": (0, 0, 0, 9, 0), "Q02": (0, 0, 0, 9, 0), "Q00": (9, 0, 0, 0, 0)})
    found = results(units=[small.unit(1), small.unit(2)], tallies=[*perfect_vote("U001"), *other])
    assert result(found)["score"] == 100 and result(found, unit_id="U002")["score"] == 40
    assert set(found["question_id"]) == {"Q01", "Q02", "all"}


def test_only_abstentions_give_no_score() -> None:
    found = results(tallies=votes("U001", {"Q01": (0, 0, 0, 0, 9), "Q02": (0, 0, 0, 0, 9)}))
    assert pd.isna(result(found)["score"]) and result(found)["n_valid"] == 9
    assert not result(found)["is_suppressed"]


TRIMS = {"trims_extremes": True}


def test_one_best_and_one_worst_vote_fall_out_of_a_question() -> None:
    found = result(results(TRIMS, tallies=votes("U001", HAND), ballot_counts=[issued("U001", 40, 10)]), "Q01")
    assert found["score"] == 82.5  # 3·100 + 3·80 + 2·60 over 8
    # winsorised 4·100, 3·80, 3·60 around 82: 4·18² + 3·2² + 3·22² = 2760
    half = T_7 * math.sqrt(2760 / 9) * math.sqrt(10) / 8 * math.sqrt(1 - 10 / 40)
    assert found["low"] == pytest.approx(82.5 - half) and found["high"] == pytest.approx(
        min(82.5 + half, 100)
    )
    assert found["n_valid"] == 10


@pytest.mark.parametrize(
    ("cast", "expected"),
    [
        ((4, 0, 0, 1, 0), 88),  # five votes: nothing falls out
        ((5, 0, 0, 1, 0), 100),  # six: 100 and 40 fall out
        ((0, 6, 0, 0, 3), 80),  # all alike
        ((1, 4, 0, 1, 0), 80),
    ],
)
def test_trimming_begins_above_five_votes(cast: tuple[int, ...], expected: float) -> None:
    found = results(TRIMS, tallies=votes("U001", {"Q01": cast, "Q02": cast}))
    assert result(found, "Q01")["score"] == expected == result(found)["score"]


def test_an_abstention_that_counts_is_the_worst_vote() -> None:
    found = results({**TRIMS, "counts_abstentions": True}, tallies=votes("U001", {"Q01": (2, 3, 0, 0, 1)}))
    assert result(found, "Q01")["score"] == 85  # 100 + 3·80 over 4


def test_everybody_is_trimmed_once_and_not_by_group() -> None:
    staff, leaders = (
        votes("U001", {"Q01": (6, 0, 0, 0, 0)}),
        votes("U001", {"Q01": (0, 0, 0, 6, 0)}, "leaders"),
    )
    found = results(TRIMS, tallies=[*staff, *leaders])
    assert result(found, "Q01")["score"] == 70  # 5·100 + 5·40 over 10
    assert result(found, "Q01", "staff")["score"] == 100 and result(found, "Q01", "leaders")["score"] == 40


def test_a_form_has_no_interval_while_its_questions_are_trimmed() -> None:
    given = ballots("U001", [{"Q01": "good", "Q02": "poor"}] * 7)
    for parameters, has_interval in (({}, True), (TRIMS, False)):
        found = results(parameters, **given, ballot_counts=[issued("U001", 20, 7)])
        assert pd.notna(result(found)["low"]) == has_interval and result(found)["score"] == 70
        assert pd.notna(result(found, "Q01")["low"])


def test_the_smallest_other_group_is_hidden_with_one_that_is_too_few() -> None:
    given = {"few": 4, "larger": 9, "smaller": 8}
    found = results(tallies=[row for group, n in given.items() for row in _alike("U001", n, group)])
    codes = {group: result(found, group=group)["suppression_code"] for group in given}
    assert codes["few"] == "few" and codes["smaller"] == "complement" and pd.isna(codes["larger"])
    assert result(found, "Q01", "smaller")["is_suppressed"] and pd.isna(
        result(found, "Q01", "smaller")["score"]
    )
    assert result(found)["score"] == 100 and not result(found)["is_suppressed"]


def test_two_groups_that_are_too_few_hide_each_other() -> None:
    found = results(
        tallies=[row for g, n in {"a": 2, "b": 3, "c": 9}.items() for row in _alike("U001", n, g)]
    )
    assert pd.isna(result(found, group="c")["suppression_code"])  # what is left of everybody are five


def test_a_question_that_is_too_few_in_one_group_hides_another_group_everywhere() -> None:
    shy = votes("U001", {"Q01": (9, 0, 0, 0, 0), "Q02": (3, 0, 0, 0, 6)}, "shy")
    found = results(tallies=[*shy, *_alike("U001", 20, "staff")])
    assert result(found, "Q02", "shy")["suppression_code"] == "few"
    assert {result(found, q, "staff")["suppression_code"] for q in ("Q01", "Q02", "all")} == {"complement"}
    assert result(found, group="shy")["score"] == 100 and result(found, "Q02")["score"] == 100


def test_trimming_hides_the_same_groups() -> None:
    tallies = [row for g, n in {"a": 2, "b": 7, "c": 9}.items() for row in _alike("U001", n, g)]
    plain, trimming = results(tallies=tallies), results(TRIMS, tallies=tallies)
    assert plain["suppression_code"].fillna("").to_list() == trimming["suppression_code"].fillna("").to_list()


def _alike(unit_id: str, n: int, group: str) -> list[dict[str, Any]]:
    return votes(unit_id, {"Q01": (n, 0, 0, 0, 0), "Q02": (n, 0, 0, 0, 0)}, group)
