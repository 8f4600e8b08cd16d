"""Cronbach's alpha against published values, and over which ballots it is taken."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lianzheng.scoring.ballots import sum_ballots
from lianzheng.scoring.questionnaire import score_questionnaires
from lianzheng.scoring.reliability import cronbach_alpha, reliability
from tests.unit.scoring import small
from tests.unit.scoring.small import frames

# The five scales of `bfi`, 2800 persons, in William Revelle's R package psych (data in psychTools since 2.0):
# covariances over pairs of persons that answered both, as psych::alpha takes them, of the scales A1− A2 A3 A4 A5,
# C1 C2 C3 C4− C5−, E1− E2− E3 E4 E5, N1 … N5, O1 O2− O3 O4 O5− (− is reversed, 7 − answer). Lower triangles. The
# published raw_alpha of each stands beside it (help page of psych::alpha and Revelle's scoring tutorial).
BFI = {
    "A": (0.703, [
        [1.981724],
        [0.560225, 1.373631],
        [0.485841, 0.741629, 1.694771],
        [0.305075, 0.582148, 0.696135, 2.189313],
        [0.321241, 0.576095, 0.828038, 0.573724, 1.583853],
    ]),
    "C": (0.727, [
        [1.540941],
        [0.699717, 1.738038],
        [0.491419, 0.603699, 1.660366],
        [0.579955, 0.688188, 0.596874, 1.890950],
        [0.503460, 0.639974, 0.714016, 1.067527, 2.652149],
    ]),
    "E": (0.762, [
        [2.661810],
        [1.224623, 2.576700],
        [0.719066, 0.825598, 1.829848],
        [0.995949, 1.204655, 0.826274, 2.124357],
        [0.657577, 0.799671, 0.692096, 0.614866, 1.781605],
    ]),
    "N": (0.814, [
        [2.467782],
        [1.696886, 2.328504],
        [1.400842, 1.343388, 2.569295],
        [0.982958, 0.937997, 1.307402, 2.463911],
        [0.961022, 0.866819, 1.112354, 1.010264, 2.620019],
    ]),
    "O": (0.600, [
        [1.275839],
        [0.377773, 2.449700],
        [0.544525, 0.499719, 1.490600],
        [0.246331, 0.130548, 0.289512, 1.491453],
        [0.357858, 0.674725, 0.501615, 0.289278, 1.763475],
    ]),
}  # fmt: skip
POINTS = {"good": 100, "fairly_good": 80, "average": 60, "poor": 40}


@pytest.mark.parametrize("scale", BFI)
def test_the_published_alphas_of_bfi(scale: str) -> None:
    published, triangle = BFI[scale]
    covariance = np.array([[triangle[max(i, j)][min(i, j)] for j in range(5)] for i in range(5)])
    assert round(cronbach_alpha(covariance), 3) == published


@pytest.mark.parametrize(
    ("covariance", "expected"),
    [
        ([[2.0, 2.0], [2.0, 2.0]], 1.0),  # the same twice
        ([[2.0, 0.0], [0.0, 3.0]], 0.0),  # nothing in common
        ([[2.0, 1.0], [1.0, 2.0]], 2 / 3),  # 2 · (1 − 4/6)
        ([[1.0, -0.25], [-0.25, 1.0]], -2 / 3),  # 2 · (1 − 2/1.5): against each other
        ([[0.0, 0.0], [0.0, 0.0]], math.nan),
        ([[4.0]], math.nan),
    ],
)
def test_alpha_by_hand(covariance: list[list[float]], expected: float) -> None:
    assert cronbach_alpha(np.array(covariance)) == pytest.approx(expected, nan_ok=True)


def ballots(unit_id: str, n: int, *answers: tuple[str, str], **more: Any) -> dict[str, list[dict[str, Any]]]:
    """``n`` ballots that repeat these pairs of options; an empty option is a blank."""
    rows, given, tallies = [], [], []
    for number in range(n):
        key = {"ballot_id": f"{unit_id}-{number:03}", "unit_id": unit_id}
        rows.append(
            {
                **key,
                "form_id": "questionnaire",
                "rater_group": "staff",
                "is_valid": True,
                "file_id": "F1",
                **more,
            }
        )
        for question_id, option_id in zip(("Q01", "Q02"), answers[number % len(answers)], strict=True):
            state = "chosen" if option_id else "blank"
            given.append({**key, "question_id": question_id, "option_id": option_id, "answer_state": state})
    for question_id in ("Q01", "Q02"):
        chosen = [row["option_id"] for row in given if row["question_id"] == question_id]
        tallies += [
            {"unit_id": unit_id, "form_id": "questionnaire", "rater_group": "staff", "question_id": question_id,
             "option_id": option_id, "n_votes": chosen.count(option_id), "coefficient": worth, "source": "ballots"}
            for option_id, worth in POINTS.items()
        ]  # fmt: skip
    return {"ballots": rows, "answers_by_ballot_question": given, "tallies": tallies}


def both(*parts: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    units = [small.unit(number) for number in (1, 2)]
    return {"units": units, **{name: [row for part in parts for row in part[name]] for name in parts[0]}}


def found(rows: dict[str, Any]) -> dict[str, Any]:
    tables, config = frames(**rows), small.config()
    sums = sum_ballots(config.questionnaire, tables)
    return small.row(reliability(config, sums, score_questionnaires(config, tables, sums)))


# 好好 差差 好差 差好 in equal parts: variances 900·n/(n − 1) each, no covariance; with 好好 twice as often there is one
ANSWERS = (
    ("good", "good"),
    ("good", "good"),
    ("poor", "poor"),
    ("poor", "poor"),
    ("good", "poor"),
    ("poor", "good"),
)


def test_alpha_of_complete_sum_ballots() -> None:
    # correlation (4 − 2)/6 = 1/3 between two questions of equal variance: alpha = 2·r/(1 + r) = 1/2
    made = found(both(ballots("U001", 60, *ANSWERS)))
    assert made["alpha"] == pytest.approx(0.5) and (made["n_ballots"], made["n_questions"]) == (60, 2)


@pytest.mark.parametrize("other", [("good", ""), ("", "good"), ("good", "abstain")])
def test_a_ballot_with_a_gap_is_left_out(other: tuple[str, str]) -> None:
    made = found(both(ballots("U001", 60, *ANSWERS), ballots("U002", 20, other)))
    assert made["alpha"] == pytest.approx(0.5) and made["n_ballots"] == 60


def test_an_invalid_ballot_and_a_suppressed_unit_are_left_out() -> None:
    invalid = ballots("U002", 30, ("good", "good"), is_valid=False)
    invalid["ballots"] = [{**row, "unit_id": "U001"} for row in invalid["ballots"]]  # a unit that is shown
    assert found(both(ballots("U001", 60, *ANSWERS), {**invalid, "tallies": []}))["n_ballots"] == 60
    assert found(both(ballots("U001", 60, *ANSWERS), ballots("U002", 4, ("good", "good"))))["n_ballots"] == 60


@pytest.mark.parametrize(("n", "is_told"), [(49, False), (50, True)])
def test_few_ballots_give_no_alpha(n: int, is_told: bool) -> None:
    made = found(both(ballots("U001", n, *ANSWERS)))
    assert pd.notna(made["alpha"]) == is_told and made["n_ballots"] == n


def test_ballots_that_do_not_differ_give_no_alpha() -> None:
    assert pd.isna(found(both(ballots("U001", 60, ("good", "good"))))["alpha"])
