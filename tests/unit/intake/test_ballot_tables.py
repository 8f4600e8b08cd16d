"""Ballots as columns: the rows that they fill, which cell fills what, what they come to, and how few lie in memory."""

from __future__ import annotations

import datetime as dt
import pickle
from collections import Counter
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from lianzheng.intake import slices
from lianzheng.intake.ballot_tables import (
    ANSWERS,
    BALLOTS,
    TARGETS,
    Ballots,
    Coded,
    Counts,
    Repeated,
    make_ballots,
)
from lianzheng.intake.received import Received
from lianzheng.intake.slices import Bureau, settle_slice, slices_of
from tests.unit.intake.sample import config
from tests.unit.intake.test_ballots import ballot, own, received

GOOD, NOTHING = Coded("good", "chosen", None), Coded("", "blank", None)
SENT = dt.datetime(2018, 12, 4, 15, 1)
WHOSE = {"unit_id": "U001", "file_id": "F1", "form_id": "questionnaire"}


def two() -> Ballots:
    """Two ballots: 好 and a remark; nothing at all, sent without a time."""
    values = {
        "ballot_id": ["F1-00002", "F1-00010"], "rater_group": ["staff", "unknown"], "is_valid": [True, False],
        "invalid_code": [None, "incomplete"], "submitted_at": [SENT, None], "duration_seconds": [65.0, None],
    }  # fmt: skip
    said = Coded("", "chosen", "多公开")
    answers = {
        "Q11": (Repeated([said, NOTHING]), ["H2", None]),
        "Q01": (Repeated([GOOD, NOTHING]), ["G2", "G10"]),
    }
    return make_ballots(WHOSE, "Sheet1", values, {"submitted_at": ["B2", None]}, answers, Counts())


def test_rows_stand_in_the_order_of_their_key_with_their_cells() -> None:
    first, second = two().records(BALLOTS)
    assert first.values == {
        **WHOSE, "ballot_id": "F1-00002", "rater_group": "staff", "is_valid": True, "invalid_code": None,
        "submitted_at": SENT, "duration_seconds": 65.0,
    }  # fmt: skip
    assert (first.cells, second.cells) == ((("Sheet1", "B2", "submitted_at"),), ())
    told = [
        (
            r.values["ballot_id"],
            r.values["question_id"],
            r.values["option_id"],
            r.values["text"],
            r.values["cell"],
        )
        for r in two().records(ANSWERS)
    ]
    assert told == [
        ("F1-00002", "Q01", "good", None, "G2"), ("F1-00002", "Q11", "", "多公开", "H2"),
        ("F1-00010", "Q01", "", None, "G10"), ("F1-00010", "Q11", "", None, None),
    ]  # fmt: skip
    assert [r.cells for r in two().records(ANSWERS)][1:] == [
        (("Sheet1", "H2", "option_id"),), (("Sheet1", "G10", "option_id"),), (),
    ]  # fmt: skip


def test_a_cell_names_table_key_and_column() -> None:
    assert {cell: target for _, cell, target in two().tables[TARGETS]} == {
        "B2": "ballots/F1-00002/submitted_at",
        "G2": "answers_by_ballot_question/F1-00002|Q01|good/option_id",
        "H2": "answers_by_ballot_question/F1-00002|Q11|/option_id",
        "G10": "answers_by_ballot_question/F1-00010|Q01|/option_id",
    }


def test_an_export_without_a_question_or_a_ballot_has_rows_all_the_same() -> None:
    values = {
        name: []
        for name in "ballot_id rater_group is_valid invalid_code submitted_at duration_seconds".split()
    }
    none = make_ballots(WHOSE, "Sheet1", values, {}, {"Q01": (Repeated([]), [])}, Counts())
    assert [len(none.tables[name]) for name in (BALLOTS, ANSWERS, TARGETS)] == [0, 0, 0]
    assert none.records(ANSWERS) == []
    values = {
        "ballot_id": ["F1-00002"],
        "rater_group": ["staff"],
        "is_valid": [False],
        "invalid_code": ["incomplete"],
    }
    values |= {"submitted_at": [None], "duration_seconds": [None]}
    bare = make_ballots(WHOSE, "Sheet1", values, {}, {}, Counts())
    assert (len(bare.records(BALLOTS)), len(bare.records(ANSWERS))) == (1, 0)


def test_counts_add_up() -> None:
    one = Counts(Counter(staff=2), Counter(staff=1), Counter({("staff", "Q01", "good"): 1}))
    other = Counts(Counter(staff=1, middle=1), Counter(middle=1), Counter({("staff", "Q01", "good"): 2}))
    assert one + other == Counts(
        Counter(staff=3, middle=1), Counter(staff=1, middle=1), Counter({("staff", "Q01", "good"): 3})
    )


def test_the_votes_of_a_file_are_those_of_its_valid_ballots() -> None:
    blanks = {f"Q{i:02d}": "" for i in range(1, 11)}
    (made,) = received(
        own(ballot(), ballot(vote="差", Q02=""), ballot(group="中层"), ballot(**blanks))
    ).ballots
    assert (made.counts.n_read, made.counts.n_valid) == (
        Counter(staff=3, middle_managers=1), Counter(staff=2, middle_managers=1),
    )  # fmt: skip
    assert {key: n for key, n in made.counts.votes.items() if key[1] in ("Q01", "Q02")} == {
        ("staff", "Q01", "good"): 1, ("staff", "Q01", "poor"): 1, ("staff", "Q02", "good"): 1, ("staff", "Q02", ""): 1,
        ("middle_managers", "Q01", "good"): 1, ("middle_managers", "Q02", "good"): 1,
    }  # fmt: skip


class Seen:
    """A sink that remembers what it was given, table by table."""

    def __init__(self) -> None:
        self.parts: dict[str, list[pa.Table]] = {}

    def add(self, name: str, part: pa.Table, again: Any = None) -> None:
        self.parts.setdefault(name, []).append(part)


def settled(*files: Received) -> Seen:
    seen = Seen()
    bureau = Bureau(config(), seen, {}, [], [])
    for part in slices_of(files, config()):
        settle_slice(part, bureau)
    return seen


@pytest.mark.parametrize("n_files", [2, 5])
def test_no_two_files_of_ballots_are_taken_up_together(n_files: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "UNITS_AT_ONCE", 1000)
    files = [
        received(own(*[ballot()] * 3), f"questionnaires/东河处测评{number}.xlsx").pack()
        for number in range(n_files)
    ]
    assert len(pickle.dumps(files[0].ballots)) > 0  # as a worker sends them
    parts = settled(*files).parts
    for name in (BALLOTS, ANSWERS):
        assert [len(set(part.column("ballot_id").to_pylist())) for part in parts[name]] == [3] * n_files
    ids = [set(part.column("file_id").to_pylist()) for part in parts["cells"] if len(part)]
    assert [len(each) for each in ids] == [1] * n_files
    assert sum(
        sum(part.column("n_votes").to_pylist()) for part in parts["tallies_by_unit_question_option"]
    ) == (3 * n_files * 10)


def test_what_a_cell_fills_is_stored_with_it_unless_the_file_no_longer_counts() -> None:
    file = received(own(ballot(comment="多公开"))).pack()
    dropped = replace(file, ballots=[], is_counted=False)
    for one, n_filled in ((file, 2 + 12), (dropped, 0)):
        (cells,) = [part for part in settled(one).parts["cells"] if len(part)]
        assert cells.column("target").to_pylist().count(None) == len(cells) - n_filled


def test_the_places_of_a_file_are_there_for_corrections() -> None:
    file = received(own(ballot()))
    places = dict(file.targets())
    assert places[file.file_id, "Sheet1", "H2"].startswith(f"{ANSWERS}/{file.file_id}-00002|Q01|good")
