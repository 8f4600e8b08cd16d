"""Whole cycles on the shipped standard: every unit visited; weights (1, 0); what pages then read as states."""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd
import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.scoring import run_scoring
from tests import house
from tests.oracle.bureau import draw_bureau
from tests.oracle.test_recompute import differences, frames_of


@pytest.fixture(scope="module")
def shipped() -> CycleConfig:
    return load_config(2018, house.REPOSITORY)


def weighted(config: CycleConfig, inspection: float) -> CycleConfig:
    weights = {"weights": {"inspection": inspection, "perception": 1 - inspection}}
    cycle = type(config.cycle).model_validate({**config.cycle.model_dump(), **weights})
    return dataclasses.replace(config, cycle=cycle)


def scored(config: CycleConfig, share_visited: float) -> dict[str, pd.DataFrame]:
    """The scoring tables of a random bureau, with which the recomputation agrees."""
    frames = frames_of(draw_bureau(config, 11, n_units=26, share_visited=share_visited), 2018)
    scoring = run_scoring(config, frames)
    assert differences(config, frames, scoring) == []
    return scoring.frames


def states(frames: dict[str, pd.DataFrame], component: str) -> pd.DataFrame:
    return frames["scores_by_unit_component"].query("component == @component").set_index("unit_id")


def test_every_unit_visited(shipped: CycleConfig) -> None:
    frames = scored(shipped, share_visited=1)
    results = frames["results_by_unit"].set_index("unit_id")
    for component, found in (("inspection", "incomplete"), ("perception", "no_valid_questionnaire")):
        table = states(frames, component)
        assert set(table["state"]) == {"scored", found}
        assert ((table["state"] == "scored") == table["score"].notna()).all()
    is_open = results["grade"] == "unverified"  # for open items only, or failed by a veto in spite of them
    assert set(states(frames, "inspection").loc[is_open[is_open].index, "state"]) == {"incomplete"}
    assert results["total"].notna().any() and results["rank"].notna().any()


@pytest.mark.parametrize("share_visited", [0.7, 1.0])
def test_weights_one_and_zero(shipped: CycleConfig, share_visited: float) -> None:
    frames = scored(weighted(shipped, 1.0), share_visited)
    perception, inspection = states(frames, "perception"), states(frames, "inspection")
    results: Any = frames["results_by_unit"].set_index("unit_id")
    visited = inspection["state"] != "not_visited"
    assert set(perception.loc[visited, "state"]) == {"not_weighted"} and (perception["weight"] == 0).all()
    assert set(perception.loc[~visited, "state"]) == ({"not_visited"} if share_visited < 1 else set())
    assert not results["is_provisional"].any()
    facts = states(frames, "facts")["deduction_points"]
    expected = (inspection["score"] - facts).clip(0, 100)
    pd.testing.assert_series_equal(results["total"], expected, check_names=False)
    assert results["total"].notna().sum() > 3
