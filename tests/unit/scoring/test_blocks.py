"""Blocks and 检查: sums, redistribution, the caps of bonus and whole, and no total out of an open item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from lianzheng.scoring.blocks import score_blocks
from lianzheng.scoring.items import Line, score_items
from tests.unit.scoring import small
from tests.unit.scoring.small import frames, own, row, score, team, unit


@dataclass
class Scored:
    lines: list[Line]
    results: pd.DataFrame
    totals: pd.DataFrame


def scored(
    *rows: dict[str, Any], units: list[dict[str, Any]] | None = None, blocks: Any = small.BLOCKS, **cycle: Any
) -> Scored:
    config = small.config(blocks, **cycle)
    return Scored(*score_blocks(config, score_items(config, frames(units, scores=list(rows)))[1]))


def block(blocks: Scored, block_id: str) -> dict[str, Any]:
    return row(blocks.results, block_id=block_id)


def whole(blocks: Scored) -> dict[str, Any]:
    return row(blocks.totals, unit_id="U001")


def change(blocks: Scored, place: str, scorer: str = "rule") -> list[tuple[float, float, str]]:
    found = [line for line in blocks.lines if (line["item_id"], line["scorer"]) == (place, scorer)]
    return [(line["base_points"], line["change_points"], line["rule_id"]) for line in found]


def test_a_block_is_the_sum_of_its_items() -> None:
    blocks = scored(*team("U001", A1=3, A2=5, A3=18, B1=0.95, B2=1), *own("U001", A1=19))
    assert block(blocks, "A")["team_points"] == 15 + 15 + 18
    assert block(blocks, "B")["team_points"] == pytest.approx(9.5 + 15 + 10)
    assert block(blocks, "A")["self_points"] == 59
    assert whole(blocks)["inspection"] == pytest.approx(82.5) and whole(blocks)["self_total"] == 99
    assert (whole(blocks)["n_scored"], whole(blocks)["n_missing"]) == (6, 0)
    assert blocks.lines == []


def test_what_does_not_apply_is_shared_out_over_the_rest_of_the_block() -> None:
    # B1 (10 of 40) falls out: 15 + 10 = 25 of 30 → 25 × 40 / 30
    blocks = scored(*team("U001", B2=1), units=[unit(1, last=False)])
    assert block(blocks, "B")["team_points"] == pytest.approx(33.3333333333)
    assert block(blocks, "B")["max_points"] == 40
    assert change(blocks, "B") == [(25, pytest.approx(8.3333333333), "redistribute")]
    assert whole(blocks)["inspection"] == pytest.approx(93.3333333333)
    assert whole(blocks)["n_scored"] == 5


def test_the_units_own_total_is_shared_out_by_its_own_declaration() -> None:
    away = [score("U001", "B3", scorer="self", value_state="not_applicable")]
    mine = [line for line in own("U001", B2=15) if line["item_id"] != "B3"]
    blocks = scored(*mine, *away, *team("U001"))
    assert whole(blocks)["self_total"] == pytest.approx(60 + 25 * 40 / 30)
    assert change(blocks, "B", "self") == [(25, pytest.approx(25 / 3), "redistribute")]
    assert whole(blocks)["inspection"] == 100


def test_a_block_that_falls_out_altogether_is_shared_out_over_the_others() -> None:
    everything = [
        small.block("A", 60, [small.item("A1", 60, {"rule_type": "override"})]),
        small.block("B", 40, [small.item("B3", 40, {"rule_type": "all_or_nothing"},
                                         not_applicable=small.not_applicable("B3", "declared"))]),
    ]  # fmt: skip
    rows = [score("U001", "A1", 0), score("U001", "B3", value_state="not_applicable")]
    blocks = scored(*rows, blocks=everything)
    assert pd.isna(block(blocks, "B")["team_points"])
    assert whole(blocks)["inspection"] == 100 and change(blocks, "inspection") == [(60, 40, "redistribute")]


def test_an_open_item_leaves_block_and_inspection_open() -> None:
    blocks = scored(*team("U001", A1=None))
    assert pd.isna(block(blocks, "A")["team_points"]) and block(blocks, "B")["team_points"] == 40
    assert pd.isna(whole(blocks)["inspection"]) and whole(blocks)["n_missing"] == 1
    assert blocks.lines == []


def test_an_open_item_of_the_unit_leaves_its_own_total_open() -> None:
    assert pd.isna(whole(scored(*own("U001", A2=None)))["self_total"])
    assert pd.isna(whole(scored(*team("U001")))["self_total"])  # no form at all
    assert whole(scored(*own("U001", C1=None, C2=None)))["self_total"] == 100  # bonus may stay blank


def test_bonus_is_capped_and_the_whole_is_capped_with_it() -> None:
    blocks = scored(*team("U001", C1=2, C2=1, B2=1), *own("U001", C1=2))  # 2 + 2 → 3
    assert block(blocks, "C")["team_points"] == 3 and change(blocks, "C") == [(4, -1, "bonus_cap")]
    assert whole(blocks)["inspection"] == 98 and change(blocks, "inspection") == []
    assert whole(blocks)["self_total"] == 100 and change(blocks, "inspection", "self") == [
        (102, -2, "inspection_cap")
    ]
    lower = scored(*team("U001", C1=2), inspection_cap=101)
    assert whole(lower)["inspection"] == 101 and change(lower, "inspection") == [(102, -1, "inspection_cap")]


def test_no_bonus_where_no_team_was() -> None:
    blocks = scored(*own("U001"))
    assert pd.isna(block(blocks, "C")["team_points"]) and block(blocks, "C")["self_points"] == 0
    assert pd.isna(whole(blocks)["inspection"]) and whole(blocks)["n_missing"] == 6
