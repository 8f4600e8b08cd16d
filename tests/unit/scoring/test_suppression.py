"""An attack on what is published: adding and subtracting figures never gives a sum over fewer raters than five.

What a figure says of the votes is measured, not assumed: every unit is scored again with one vote of one group on
one question moved from 差 to 好, so the coefficients are those of the product itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

import pandas as pd
import pytest

from lianzheng.scoring import questionnaire, suppression
from lianzheng.scoring.ballots import sum_ballots
from lianzheng.scoring.questionnaire import score_questionnaires
from tests.unit.scoring import small
from tests.unit.scoring.small import frames, votes

THRESHOLD, QUESTIONS, N_SHAPES = 5, ("Q01", "Q02"), 80
Shape = dict[tuple[str, str], int]  # (group, question) → counted votes
Matrix = list[list[Fraction]]


def draw_shapes(seed: int) -> list[tuple[Shape, list[dict[str, Any]], list[dict[str, Any]]]]:
    """Units of two to four groups: counted votes, 弃权 and blanks by tally rows, and ballots of some groups."""
    random = Random(seed)
    shapes = []
    for _ in range(N_SHAPES):
        shape: Shape = {}
        tallies: list[dict[str, Any]] = []
        ballots: list[dict[str, Any]] = []
        for group in "abcd"[: random.choice((2, 3, 3, 4))]:
            n_raters, is_hand = random.choice((1, 2, 3, 4, 5, 6, 9)), random.random() < 0.5
            for question_id in QUESTIONS:
                n = shape[group, question_id] = random.choice(
                    (n_raters, n_raters, random.randint(0, n_raters))
                )
                n_abstained = random.randint(0, n_raters - n)
                cast = votes("", {question_id: (0, 0, 0, n, n_abstained)}, group)
                tallies += [{**row, "source": "hand" if is_hand else "ballots"} for row in cast]
            n_ballots = 0 if is_hand else n_raters
            ballots += [{"form_id": "questionnaire", "rater_group": group, "is_valid": True}] * n_ballots
        shapes.append((shape, tallies, ballots))
    return shapes


def moved(tallies: list[dict[str, Any]], cell: tuple[str, str]) -> list[dict[str, Any]]:
    """The tally with one 差 of this cell made a 好."""
    change = {"good": 1, "poor": -1}
    return [
        {**row, "n_votes": row["n_votes"] + change.get(row["option_id"], 0)}
        if (row["rater_group"], row["question_id"]) == cell
        else row
        for row in tallies
    ]


def published(seed: int) -> Iterator[tuple[Shape, Matrix]]:
    """Every unit with its published figures as functionals of the points of its cells (group, question)."""
    shapes, tallies, ballots = draw_shapes(seed), [], []
    for number, (shape, cast, papers) in enumerate(shapes):
        cells = [cell for cell, n in shape.items() if n]
        for variant, changed in enumerate([cast, *(moved(cast, cell) for cell in cells)]):
            unit_id = f"U{number:03}-{variant:02}"
            tallies += [{**row, "unit_id": unit_id} for row in changed]
            ballots += [
                {**paper, "unit_id": unit_id, "ballot_id": f"{unit_id}-{n}", "file_id": "F1"}
                for n, paper in enumerate(papers)
            ]
    tables, config = frames(tallies=tallies, ballots=ballots), small.config()
    found = score_questionnaires(config, tables, sum_ballots(config.questionnaire, tables))
    scores = found.pivot(index="unit_id", columns=["rater_group", "question_id"], values="score")
    for number, (shape, _, _) in enumerate(shapes):
        mine = scores[scores.index.str.startswith(f"U{number:03}-")].dropna(axis=1)
        gained = ((mine.iloc[1:] - mine.iloc[0]) / 60).T.to_numpy()
        cells = {cell: n for cell, n in shape.items() if n}
        yield cells, [[Fraction(value).limit_denominator(10_000) for value in row] for row in gained]


def rank(matrix: Matrix) -> int:
    """By exact elimination."""
    rows, n_pivots = [list(row) for row in matrix], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(n_pivots, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[n_pivots], rows[pivot] = rows[pivot], rows[n_pivots]
        for i in range(n_pivots + 1, len(rows)):
            share = rows[i][column] / rows[n_pivots][column]
            rows[i] = [a - share * b for a, b in zip(rows[i], rows[n_pivots], strict=True)]
        n_pivots += 1
    return n_pivots


def small_sets(cells: Shape) -> Iterator[set[tuple[str, str]]]:
    """Sets of cells that hold fewer votes than the threshold on each question."""
    choices = []
    for question_id in QUESTIONS:
        asked = [cell for cell in cells if cell[1] == question_id]
        subsets = [s for size in range(len(asked) + 1) for s in itertools.combinations(asked, size)]
        fit = [set(s) for s in subsets if sum(cells[cell] for cell in s) < THRESHOLD]
        choices.append([s for s in fit if not any(s < other for other in fit)])
    for parts in itertools.product(*choices):
        yield set().union(*parts)


def leaks(cells: Shape, matrix: Matrix) -> bool:
    """Whether some sum of published figures depends on too few votes, and on nothing else."""
    names, whole = list(cells), rank(matrix)
    for hidden in small_sets(cells):
        others = [[row[i] for i, cell in enumerate(names) if cell not in hidden] for row in matrix]
        if rank(others) != whole:
            return True
    return False


def n_leaks(seed: int) -> int:
    return sum(leaks(*unit) for unit in published(seed))


def test_no_difference_of_published_figures_gives_away_fewer_than_five() -> None:
    units = [*published(1), *published(2)]
    assert not [cells for cells, matrix in units if leaks(cells, matrix)]
    assert sum(bool(matrix) for _, matrix in units) > N_SHAPES  # not by showing nothing
    assert sum(len(matrix) > len(QUESTIONS) + 1 for _, matrix in units) > N_SHAPES / 4  # groups are shown too


def test_without_complements_the_attack_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppression, "complements", lambda rows, threshold: [])
    assert n_leaks(1) > 10


def test_a_form_that_counts_questions_with_few_votes_gives_them_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questionnaire, "with_enough_votes", lambda questions, threshold: questions)
    assert n_leaks(1) > 5


def test_complements_that_look_at_forms_only_are_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = suppression.complements

    def of_forms(rows: pd.DataFrame, threshold: int) -> list[str]:
        return whole(rows[rows["question_id"] == "all"], threshold)

    monkeypatch.setattr(suppression, "complements", of_forms)
    assert n_leaks(1) > 0


def test_the_attack_itself_finds_a_difference_and_only_that() -> None:
    cells = {("a", "Q01"): 4, ("b", "Q01"): 9, ("c", "Q01"): 7}
    one, zero = Fraction(1), Fraction(0)
    everybody, b, c = [one, one, one], [zero, one, zero], [zero, zero, one]
    assert leaks(cells, [everybody, b, c])
    assert not leaks(cells, [everybody, c]) and not leaks(cells, [b, c]) and not leaks(cells, [])
