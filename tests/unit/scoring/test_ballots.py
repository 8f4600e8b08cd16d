"""Single ballots put together from tables that are stored and read in parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lianzheng.config.models import Questionnaire
from lianzheng.scoring import ballots as module
from lianzheng.scoring.ballots import sum_ballots, valid_ballots
from lianzheng.tables import Tables, store, write_tables
from tests.unit.scoring import small
from tests.unit.scoring.small import frames
from tests.unit.scoring.test_reliability import ANSWERS, ballots, both

CAST = both(
    ballots("U002", 5, ("good", "poor"), ("", "average")), ballots("U001", 3, ("poor", "poor")),
    ballots("U003", 1, ("good", "good"), is_valid=False),
)  # fmt: skip
NOT_ASKED = {"ballot_id": "U001-999", "unit_id": "U001", "form_id": "questionnaire", "rater_group": "staff",
             "is_valid": True, "file_id": "F1"}  # fmt: skip


def form() -> Questionnaire:
    found = small.config().questionnaire
    assert found is not None
    return found


def chosen(pairs: list[tuple[str, str]]) -> list[list[int]]:
    """Places in the scale of the answers to the two questions."""
    scale = [option.option_id for option in form().scale]
    asked = [question.question_id for question in form().rated].index
    rows = np.full((len(pairs), len(form().rated)), -1)
    for row, pair in zip(rows, pairs, strict=True):
        for question_id, option_id in zip(("Q01", "Q02"), pair, strict=True):
            row[asked(question_id)] = scale.index(option_id) if option_id else -1
    return rows.tolist()


@pytest.mark.parametrize("n_rows", [1, 3, 4, 1000])
def test_answers_that_lie_in_two_parts_of_the_stored_table_are_one_ballots(
    n_rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BATCH_ROWS", n_rows)
    held = frames(**{**CAST, "ballots": [*CAST["ballots"], NOT_ASKED]})
    write_tables(tmp_path, {name: held[name] for name in ("ballots", "answers_by_ballot_question")}, {})
    first, second = ("good", "poor"), ("", "average")
    expected = [*[("poor", "poor")] * 3, ("", ""), first, second, first, second, first]
    for tables in (held, Tables(tmp_path)):
        (cast,) = valid_ballots(form(), tables)
        assert cast.whose["unit_id"].tolist() == ["U001"] * 4 + ["U002"] * 5
        assert cast.chosen.tolist() == chosen(expected)


@pytest.mark.parametrize("at_once", [1, 4, 100])
@pytest.mark.parametrize("counts_abstentions", [False, True])
def test_sums_over_some_ballots_at_a_time_are_those_over_all(
    at_once: int, counts_abstentions: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = form().model_copy(update={"counts_abstentions": counts_abstentions})
    answers = [*ANSWERS, ("good", "abstain"), ("", ""), ("average", "")]
    of_some = [
        ballots("U001", 13, *answers),
        ballots("U002", 1, ("good", "")),
        ballots("U003", 2, ("poor", "poor")),
    ]
    of_some[0]["ballots"] = [
        {**row, "rater_group": ["staff", "middle_managers"][n % 2]}
        for n, row in enumerate(of_some[0]["ballots"])
    ]
    held = frames(**both(*of_some))
    monkeypatch.setattr(store, "BATCH_ROWS", 3)
    write_tables(tmp_path, {name: held[name] for name in ("ballots", "answers_by_ballot_question")}, {})
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    found = sum_ballots(asked, Tables(tmp_path))
    points = points_by_hand(asked, [answers[n % len(answers)] for n in range(13)])
    means = points.mean(axis=1)
    for group, rows in {"staff": means[::2], "middle_managers": means[1::2], "all": means}.items():
        spread = found.spread.loc["U001", "questionnaire", group]
        assert (spread["size"], spread["count"]) == (len(rows), rows.count())
        assert spread["std"] == pytest.approx(rows.std(), rel=1e-12)
    assert found.spread.loc["U003"]["std"].eq(0).all() and found.spread.loc["U002"]["std"].isna().all()
    told = points_by_hand(form(), [answers[n % len(answers)] for n in range(13)]).dropna()
    told.insert(0, "one", 1.0)
    assert found.products["U001"].tolist() == (told.T @ told).to_numpy().tolist()  # whole numbers: exactly
    assert not found.products["U002"].any()


def points_by_hand(form: Questionnaire, pairs: list[tuple[str, str]]) -> pd.DataFrame:
    """Points of answers; none for a blank, and 0 for 弃权 where the form counts it."""
    worth = {option.option_id: option.coefficient for option in form.scale}
    worth |= {"": None, "abstain": 0.0 if form.counts_abstentions else None}
    return pd.DataFrame([[worth[answer] for answer in pair] for pair in pairs], dtype="float64")


def test_without_ballots_all_sums_are_empty() -> None:
    (part,) = valid_ballots(form(), frames())
    assert (len(part.whose), part.chosen.shape) == (0, (0, len(form().rated)))
    found = sum_ballots(form(), frames())
    assert found.spread.empty and not found.products
