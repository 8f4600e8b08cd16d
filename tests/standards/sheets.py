"""Standards unlike the shipped one, their teams' sheets in short form, and scores set against figures made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.config.standard import Item
from lianzheng.scoring import Scoring
from tests.oracle.test_recompute import frames_of

CYCLE, TEAM = 2018, "T1"
AWAY = "不适用"

Sheet = dict[str, Any]
"""By item: 核实数; :data:`AWAY`; ``{"points": …, "reason": …}`` as written; or by part (``""`` is the item itself)."""
Expected = dict[str, dict[str, float | str | None]]
"""By unit: points by item and block, then 检查, total and grade."""


def project(name: str) -> Path:
    """The project folder of one of the standards."""
    return Path(__file__).parent / name


def read(name: str) -> CycleConfig:
    return load_config(CYCLE, project(name))


def written(config: CycleConfig, sheets: dict[str, Sheet]) -> list[dict[str, Any]]:
    """The rows that intake would make of the sheets, by unit."""
    items = {item.item_id: item for item in config.standard.items}
    return [
        row(unit_id, items[item_id], part_id, said)
        for unit_id, sheet in sheets.items()
        for item_id, entry in sheet.items()
        for part_id, said in (entry if is_by_part(entry) else {"": entry}).items()
    ]


def is_by_part(entry: Any) -> bool:
    return isinstance(entry, dict) and "points" not in entry


def row(unit_id: str, item: Item, part_id: str, said: Any) -> dict[str, Any]:
    scored = {part.part_id for part in item.parts if part.is_scored}
    cells: dict[str, Any] = {
        "points": None,
        "observed_value": None,
        "reason": "见检查记录",
        "value_state": "blank",
    }
    if isinstance(said, dict):
        cells |= {"value_state": "number", **said}
    elif said == AWAY:
        cells |= {"value_state": "not_applicable"}
    elif part_id in scored:
        cells |= {"points": said, "value_state": "number"}
    else:
        cells |= {"observed_value": said}
    key = {"unit_id": unit_id, "item_id": item.item_id, "scorer": TEAM, "member_id": "", "part_id": part_id}
    return {**key, **cells}


def tables(
    config: CycleConfig, sheets: dict[str, Sheet], **more: list[dict[str, Any]]
) -> dict[str, pd.DataFrame]:
    """The tables that scoring reads: the roster of the configuration and what stands on the sheets."""
    visited = {visit.unit_id for visit in config.visits}
    units = [
        {**unit.model_dump(include={"unit_id", "name", "short_name", "unit_type", "headcount"}), "order": order,
         "is_visited": unit.unit_id in visited, "was_visited_last_cycle": False}
        for order, unit in enumerate(config.units, start=1)
    ]  # fmt: skip
    scores = written(config, sheets) + more.pop("own", [])
    return frames_of({"units": units, "scores_by_unit_item_scorer": scores, **more}, CYCLE)


def assert_scored(scoring: Scoring, expected: Expected) -> None:
    """Every figure that was made by hand is the product's."""
    frames = scoring.frames
    items = frames["scores_by_unit_item"].set_index(["unit_id", "item_id"])["team_points"]
    blocks = frames["scores_by_unit_block"].set_index(["unit_id", "block_id"])["team_points"]
    components = frames["scores_by_unit_component"].set_index(["unit_id", "component"])["score"]
    results = frames["results_by_unit"].set_index("unit_id")
    for unit_id, figures in expected.items():
        made = {
            **items.loc[unit_id].to_dict(),
            **blocks.loc[unit_id].to_dict(),
            **results.loc[unit_id].to_dict(),
        }
        made |= components.loc[unit_id].to_dict()
        seen = {name: None if pd.isna(made[name]) else made[name] for name in figures}
        assert (unit_id, seen) == (unit_id, pytest.approx(figures, abs=1e-9))
