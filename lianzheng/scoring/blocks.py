"""Blocks and 检查: items summed, what does not apply redistributed, bonus and the whole capped."""

from __future__ import annotations

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.scoring.lines import RULE, SELF, Line, line
from lianzheng.scoring.rounding import written
from lianzheng.scoring.rules import Firing

INSPECTION = "inspection"
_BLOCK = ["side", "unit_id", "block_id"]
_WHOLE = ["side", "unit_id"]
_SHARED = ("redistribute", "not_applicable", "适用部分满分{available}分，按比例折算为{max_points}分")
_BONUS_CAP = ("bonus_cap", "bonus", "加分合计以{max_points}分为限")
_TOTAL_CAP = ("inspection_cap", "bonus", "检查得分连同加分以{cap}分为限")


def score_blocks(config: CycleConfig, items: pd.DataFrame) -> tuple[list[Line], pd.DataFrame, pd.DataFrame]:
    """Lines, scores_by_unit_block, and by unit self_total, inspection, n_scored and n_missing.

    Items are summed into blocks and blocks into 检查, for the unit's own points and for the teams' alike.
    """
    parts = _by_side(config, items)
    points = parts[parts["kind"] == "points"]
    blocks, bonus = share_out(points, _BLOCK), _bonus(config, parts[parts["kind"] == "bonus"])
    whole, cap = share_out(blocks.reset_index(), _WHOLE), config.cycle.inspection_cap
    extra = bonus["points"].groupby(level=_WHOLE).sum().reindex(whole.index, fill_value=0.0)
    whole = whole.assign(summed=whole["base_points"] + extra, shared=whole["points"] + extra, cap=cap)
    whole = whole.assign(total=whole["shared"].clip(upper=cap))
    lines = [
        *_steps(blocks, "base_points", "points", _SHARED),
        *_steps(bonus, "base_points", "points", _BONUS_CAP),
        *_steps(whole, "summed", "shared", _SHARED),
        *_steps(whole, "shared", "total", _TOTAL_CAP),
    ]
    return lines, _results(config, pd.concat([blocks, bonus])), _totals(whole, points)


def share_out(parts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sum ``points`` of the parts that apply and scale them to the ``max_points`` of all parts.

    Adds ``base_points`` (the plain sum) and ``available`` (points that apply). The result is null while a part
    that applies is null, and does not apply itself when no part does (then the level above shares it out).
    """
    applies = parts[~parts["is_not_applicable"]].groupby(by)
    base, available = applies["points"].sum(skipna=False), applies["max_points"].sum()
    sums = parts.groupby(by)[["max_points"]].sum().assign(base_points=base, available=available)
    is_all = sums["available"] == sums["max_points"]
    scaled = sums["base_points"] * sums["max_points"] / sums["available"]
    points = sums["base_points"].where(is_all, scaled)
    return sums.assign(points=points, is_not_applicable=sums["available"].isna())


def _by_side(config: CycleConfig, items: pd.DataFrame) -> pd.DataFrame:
    """Each item twice: with the unit's own points and with the teams'."""
    place = {item.item_id: block for block in config.standard.blocks for item in block.items}
    places = [place[item_id] for item_id in items["item_id"]]
    items = items.assign(block_id=[b.block_id for b in places], kind=[b.kind for b in places])
    own = items.assign(side=SELF, points=items["self_points"])
    own = own.assign(is_not_applicable=items["is_own_not_applicable"])
    return pd.concat([own, items.assign(side=RULE, points=items["team_points"])], ignore_index=True)


def _bonus(config: CycleConfig, parts: pd.DataFrame) -> pd.DataFrame:
    """Bonus blocks: the sum of what was earned, up to the block's points; null where nothing was written."""
    full = {block.block_id: block.max_points for block in config.standard.blocks}
    sums = parts.groupby(_BLOCK)["points"].sum(min_count=1).rename("base_points").reset_index()
    caps = sums["block_id"].map(full).astype("float64")
    return sums.assign(max_points=caps, points=sums["base_points"].clip(upper=caps)).set_index(_BLOCK)


def _steps(frame: pd.DataFrame, before: str, after: str, rule: tuple[str, str, str]) -> list[Line]:
    """A line for every row where a step changed the points."""
    lines = []
    for row in frame[frame[after].notna() & (frame[before] != frame[after])].reset_index().to_dict("records"):
        numbers = {name: written(row[name]) for name in ("available", "max_points", "cap") if name in row}
        change = row[after] - row[before]
        firing = Firing(row[before], change, change < 0, rule[2].format(**numbers))
        lines.append(line(row["unit_id"], row.get("block_id", INSPECTION), row["side"], rule[:2], firing))
    return lines


def _results(config: CycleConfig, blocks: pd.DataFrame) -> pd.DataFrame:
    """scores_by_unit_block: the two sides beside each other."""
    labels = {block.block_id: block.label for block in config.standard.blocks}
    sides = blocks["points"].unstack("side").rename(columns={SELF: "self_points", RULE: "team_points"})
    full = blocks["max_points"].groupby(level=["unit_id", "block_id"]).first()
    rows = sides.assign(max_points=full).reset_index()
    return rows.assign(block_label=rows["block_id"].map(labels))


def _totals(whole: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """By unit: self_total, inspection, and how many items that apply the teams have scored or left open."""
    sides = whole["total"].unstack("side").rename(columns={SELF: "self_total", RULE: INSPECTION})
    asked = points[(points["side"] == RULE) & ~points["is_not_applicable"]].groupby("unit_id")["points"]
    n_asked = asked.size().reindex(sides.index, fill_value=0)
    n_scored = asked.count().reindex(sides.index, fill_value=0)
    return sides.assign(n_scored=n_scored, n_missing=n_asked - n_scored).reset_index()
