"""A bureau put together unit by unit gives the very tables of one put together at once, in memory and on disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from lianzheng.config import load_config
from lianzheng.intake import Intake, run, run_intake, slices, store_intake
from lianzheng.intake.run import TABLES
from lianzheng.tables import store
from tests.projects import Project

pytestmark = pytest.mark.xdist_group("small")


@pytest.fixture(scope="module")
def whole(small: Project) -> Intake:
    return run_intake(load_config(2018, small.folder), n_workers=0)


@pytest.mark.parametrize("n_units", [1, 4])
def test_slices_of_any_size_give_the_same_frames(
    small: Project, whole: Intake, n_units: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "UNITS_AT_ONCE", n_units)
    monkeypatch.setattr(run, "FILES_AT_ONCE", 3)
    sliced = run_intake(load_config(2018, small.folder), n_workers=0)
    for name in TABLES:
        pd.testing.assert_frame_equal(sliced.frames[name], whole.frames[name], obj=name)
    assert {issue.issue_id for issue in sliced.issues} == {issue.issue_id for issue in whole.issues}


def test_stored_slices_say_the_same_in_row_groups(
    small: Project, whole: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "UNITS_AT_ONCE", 2)
    for name, n_rows in (("BATCH_ROWS", 40), ("RANGE_ROWS", 200), ("_SAMPLED", 20)):
        monkeypatch.setattr(store, name, n_rows)
    for part in ("config", "data/raw", "data/office"):
        shutil.copytree(small.folder / part, tmp_path / part)
    config = load_config(2018, tmp_path)
    stored = store_intake(config, n_workers=0)
    for name in TABLES:
        pd.testing.assert_frame_equal(stored.frames[name], whole.frames[name], obj=name)
    cells = pq.ParquetFile(config.data_processed / "cells.parquet")
    assert cells.num_row_groups > 3
    assert [
        path.name for path in config.data_processed.iterdir() if path.suffix not in (".parquet", ".json")
    ] == []
