"""Single ballots put together from tables that are stored and read in parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lianzheng.config.models import Questionnaire
from lianzheng.scoring import ballots as module
from lianzheng.scoring.ballots import valid_ballots
from lianzheng.tables import Tables, store, write_tables
from tests.unit.scoring import small
from tests.unit.scoring.small import frames
from tests.unit.scoring.test_reliability import ballots, both

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
    for tables in (held, Tables(tmp_path)):
        cast = valid_ballots(form(), tables)
        assert cast.whose["unit_id"].tolist() == ["U001"] * 4 + ["U002"] * 5
        first, second = ("good", "poor"), ("", "average")
        expected = [*[("poor", "poor")] * 3, ("", ""), first, second, first, second, first]
        assert cast.chosen.tolist() == chosen(expected)


@pytest.mark.parametrize("at_once", [1, 4, 100])
def test_a_units_ballots_stay_together(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", at_once)
    cast = valid_ballots(form(), frames(**CAST))
    parts = [(set(part.whose["unit_id"]), len(part.chosen)) for part in cast.by_units() if len(part.chosen)]
    together = [({"U001", "U002"}, 8)]
    assert parts == (together if at_once == 100 else [({"U001"}, 3), ({"U002"}, 5)])


def test_without_ballots_there_is_one_empty_part() -> None:
    (part,) = valid_ballots(form(), frames()).by_units()
    assert (len(part.whose), part.chosen.shape) == (0, (0, len(form().rated)))
