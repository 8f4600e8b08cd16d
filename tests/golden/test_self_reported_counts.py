"""Raising what a unit reports in 本年度自查发现问题情况 lowers no score anywhere, whatever is raised and by how much."""

from __future__ import annotations

import copy
import functools
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lianzheng.config import CycleConfig, load_config
from lianzheng.demo import make_project
from lianzheng.demo.files import make_sample
from lianzheng.forms import as_xlsx, lay_out
from lianzheng.intake import run_intake
from lianzheng.intake.files import Setup, from_book, make_setup
from lianzheng.intake.passwords import NO_PASSWORDS
from lianzheng.intake.received import Received
from lianzheng.intake.run import read_all
from lianzheng.intake.spool import Spool
from lianzheng.scoring import run_scoring
from tests.unit.intake.sample import book_of_layout

SCORES = (
    "scores_by_unit_item",
    "scores_by_unit_block",
    "scores_by_unit_component",
    "results_by_unit",
    "score_lines",
)
N_UNITS, SEEDS = 6, (3, 7)
CATEGORIES = 9
Matrix = dict[tuple[str, str, str], Any]
Raises = Mapping[
    tuple[int, int], tuple[int, int, int]
]  # unit, category → problems, persons, hundredths of 万元


@dataclass(frozen=True)
class Case:
    """A drawn bureau that was read once: files by path, what each unit's 附件2 says and where it lies."""

    config: CycleConfig
    setup: Setup
    files: tuple[Received, ...]
    matrices: dict[str, Matrix]

    @functools.cached_property
    def unit_ids(self) -> list[str]:
        return sorted(self.matrices)

    def path(self, unit_id: str) -> str:
        return next(f.path for f in self.files if (f.form_id, f.unit_id) == ("statistics", unit_id))

    def layout(self, unit_id: str, raises: Raises) -> Any:
        form = self.config.forms["statistics"]
        matrix = raised(self.matrices[unit_id], self.unit_ids.index(unit_id), raises)
        return lay_out(form, {"unit_id": self.config.unit(unit_id).name}, matrix, {})

    def scores(self, raises: Raises) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
        """Intake and scoring over the same files with other returns of 附件2."""
        returns = {
            self.path(u): from_book(book_of_layout(self.layout(u, raises)), self.path(u), self.setup)
            for u in self.unit_ids
        }
        files = [returns.get(f.path) or copied(f) for f in self.files]
        with mock.patch("lianzheng.intake.run.read_all", return_value=files):
            frames = run_intake(self.config, n_workers=1).frames
        return run_scoring(self.config, frames).frames, frames


def copied(file: Received) -> Received:
    """A file as it was read; the later steps of the intake add to its lists."""
    fresh = copy.copy(file)
    fresh.records, fresh.issues, fresh.checks = list(file.records), list(file.issues), list(file.checks)
    return fresh


def raised(matrix: Matrix, unit: int, raises: Raises) -> Matrix:
    """Higher counts, with everything that must agree: total, persons, money, treatment, rectified."""
    made = dict(matrix)
    rows = list(dict.fromkeys(row for table, row, _ in matrix if table == "problems" and row != "total"))
    assert len(rows) == CATEGORIES
    for (of_unit, category), (problems, persons, cents) in raises.items():
        more = {
            "n_problems": problems, "n_rectified": problems, "n_persons": persons, "n_criticised": persons,
            "amount_10k_yuan": cents / 100, "returned_10k_yuan": cents / 100,
        }  # fmt: skip
        for measure, n in more.items() if of_unit == unit else ():
            for row in (rows[category], "total"):
                made["problems", row, measure] = round(made["problems", row, measure] + n, 2)
    return made


Cases = dict[int, tuple[Case, dict[str, pd.DataFrame]]]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    """By seed: a bureau, and its scores before anything is raised."""
    made = {seed: bureau(tmp_path_factory.mktemp(f"bureau-{seed}"), seed) for seed in SEEDS}
    return {seed: (case, case.scores({})[0]) for seed, case in made.items()}


def bureau(folder: Path, seed: int) -> Case:
    make_project(folder, N_UNITS, seed)
    config = load_config(2018, folder)
    sample = make_sample(config, seed, is_clean=True)
    for path, data in sample.files.items():
        target = config.data_raw / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    spool = Spool(io.BytesIO(), Path())
    files = tuple(read_all(config, 1, lambda *_: None, NO_PASSWORDS, spool))
    matrices = {u.unit_id: dict(sample.bureau.matrices["statistics", u.unit_id, ""]) for u in config.units}
    return Case(config, make_setup(config), files, matrices)


def assert_same_scores(after: Mapping[str, pd.DataFrame], earlier: Mapping[str, pd.DataFrame]) -> None:
    for name in SCORES:
        pd.testing.assert_frame_equal(after[name], earlier[name], check_exact=True)


RAISES = st.dictionaries(
    st.tuples(st.integers(0, N_UNITS - 1), st.integers(0, CATEGORIES - 1)),
    st.tuples(st.integers(0, 50), st.integers(0, 80), st.integers(0, 100_000)),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.sampled_from(SEEDS), raises=RAISES)
def test_raising_any_counts_changes_no_score_grade_or_rank(cases: Cases, seed: int, raises: Raises) -> None:
    case, before = cases[seed]
    after, frames = case.scores(raises)
    assert_same_scores(after, before)
    figures = frames["statistics_by_unit_category_measure"].query(
        "period == 'this' and measure_id == 'n_problems'"
    )
    assert figures["value"].notna().all()  # what was raised was read
    assert not {"sum_mismatch", "rectified_above_problems", "discipline_above_treatment"} & set(
        frames["issues"]["code"]
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_at_once_is_read_asked_about_and_still_lowers_nothing(cases: Cases, seed: int) -> None:
    """Every category of every unit, so that every closed case of the ledger meets a self-found problem."""
    case, before = cases[seed]
    after, frames = case.scores({(u, c): (3, 4, 155) for u in range(N_UNITS) for c in range(CATEGORIES)})
    assert_same_scores(after, before)
    figures = frames["statistics_by_unit_category_measure"].set_index(
        ["unit_id", "period", "category_id", "measure_id"]
    )
    for unit_id in case.unit_ids:
        written = case.matrices[unit_id]["problems", "total", "n_problems"] + 3 * CATEGORIES
        assert figures.loc[(unit_id, "this", "total", "n_problems"), "value"] == written
    assert "ledger_overlap" in set(frames["issues"]["code"])  # asked, never scored
    assert "all_zero_return" not in set(frames["issues"]["code"])


def test_through_real_files_too(cases: Cases) -> None:
    case, _ = cases[SEEDS[0]]
    unit_id = next(u for u in case.unit_ids if case.path(u).endswith(".xlsx"))
    raises = {(case.unit_ids.index(unit_id), c): (9, 9, 999) for c in range(CATEGORIES)}
    frames = run_intake(case.config, n_workers=1).frames
    earlier = run_scoring(case.config, frames).frames
    target = case.config.data_raw / case.path(unit_id)
    kept = target.read_bytes()
    try:
        target.write_bytes(as_xlsx(case.layout(unit_id, raises)))
        frames = run_intake(case.config, n_workers=1).frames
    finally:
        target.write_bytes(kept)
    assert_same_scores(run_scoring(case.config, frames).frames, earlier)
    figures = frames["statistics_by_unit_category_measure"].set_index(
        ["unit_id", "period", "category_id", "measure_id"]
    )
    assert figures.loc[(unit_id, "this", "gifts", "n_problems"), "value"] >= 9
