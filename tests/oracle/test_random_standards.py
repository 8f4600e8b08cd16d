"""200 random bureaus, each on a standard of its own: every figure, every rule type, every line's arithmetic."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.scoring import Scoring, run_scoring
from tests import house
from tests.oracle.bureau import draw_bureau
from tests.oracle.standards import N_UNITS, draw_config
from tests.oracle.test_recompute import differences, frames_of, records

RULE_TYPES = (
    "all_or_nothing credit_per_occurrence deduction_per_missing deduction_per_case deduction_per_person"
    " ratio_threshold proportional tiered timeliness range discretionary override mean_over_members"
    " sum_of_sub_items rank_based not_applicable bonus veto conversion"
).split()
PARTS, BUREAUS = 10, 20
LEAST = 50 // PARTS  # firings of each rule type in each part, so that there are 50 in the whole
NOISE = 1e-9

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def shipped() -> CycleConfig:
    return load_config(2018, house.REPOSITORY)


def drawn(shipped: CycleConfig, seed: int) -> tuple[CycleConfig, dict[str, pd.DataFrame]]:
    """A bureau of six units on a standard of its own; every fifth has all its units visited."""
    config = draw_config(shipped, seed)
    rows = draw_bureau(config, seed, N_UNITS, share_visited=1.0 if seed % 5 == 0 else 0.85)
    return config, frames_of(rows, 2018)


def test_there_are_nineteen_rule_types() -> None:
    assert len(set(RULE_TYPES)) == 19 and PARTS * BUREAUS == 200 and PARTS * LEAST == 50


@pytest.mark.parametrize("part", range(PARTS))
def test_random_bureaus(shipped: CycleConfig, part: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(part * BUREAUS, (part + 1) * BUREAUS):
        config, frames = drawn(shipped, seed)
        scoring = run_scoring(config, frames)
        assert (seed, differences(config, frames, scoring)) == (seed, [])
        assert (seed, unexplained(config, scoring)) == (seed, [])
        seen += reached(config, frames, scoring)
    assert {kind: seen[kind] for kind in RULE_TYPES if seen[kind] < LEAST} == {}
    assert {what: seen[what] for what in REACHED if not seen[what]} == {}


# What the bureaus reach


REACHED = (
    "veto fails", "veto not_excellent", "shared out", "group mean", "bonus at its cap", "inspection at its cap",
    "teams differ", "two teams", "no questionnaire", "floor", "cap", "facts at their cap", "foreign block",
    "provisional", "ranked", "all visited", "w = (1, 0)", "open part", "grade excellent", "grade good",
    "grade unqualified", "grade unverified",
)  # fmt: skip


def reached(config: CycleConfig, frames: dict[str, pd.DataFrame], scoring: Scoring) -> Counter[str]:
    """How often each rule type fired, and how often each thing that must happen did."""
    made = scoring.frames
    lines, results, items = records(made["score_lines"]), made["results_by_unit"], made["scores_by_unit_item"]
    states = made["scores_by_unit_component"]["state"]
    own = {rule.rule_id for rule in config.standard.rules}
    seen = Counter(
        line["rule_type"] for line in lines if line["rule_id"] in own and line["rule_type"] in RULE_TYPES
    )
    cut = [line for line in lines if line["is_capped"]]
    away = [line for line in lines if line["rule_type"] == "not_applicable" and line["rule_id"] in own]
    codes = Counter(issue.code for issue in scoring.issues)
    seen |= {f"veto {code}": n for code, n in results["veto_code"].value_counts().items()}
    seen |= {f"grade {grade}": n for grade, n in results["grade"].value_counts().items()}
    written = frames["scores_by_unit_item_scorer"]
    return seen + Counter({
        "shared out": sum(line["fact_key"] is None for line in away),
        "group mean": sum(line["fact_key"] is not None for line in away),
        "bonus at its cap": sum(line["rule_id"] == "bonus_cap" for line in cut),
        "inspection at its cap": sum(line["rule_id"] == "inspection_cap" for line in cut),
        "floor": sum(line["change_points"] < 0 and line["item_id"] != "facts" for line in cut),
        "cap": sum(line["change_points"] > 0 for line in cut),
        "facts at their cap": sum(line["item_id"] == "facts" for line in cut),
        "teams differ": codes["teams_differ"], "foreign block": codes["not_for_unit_type"],
        "two teams": int((items["n_teams"] == 2).sum()), "no questionnaire": int((states == "no_valid_questionnaire").sum()),
        "provisional": int(results["is_provisional"].sum()), "ranked": int(results["is_ranked"].sum()),
        "all visited": int(frames["units"]["is_visited"].all()), "w = (1, 0)": int((states == "not_weighted").sum()),
        "open part": int(((written["part_id"] != "") & (written["value_state"] == "unreadable")).sum()),
    })  # fmt: skip


# What the lines explain


def unexplained(config: CycleConfig, scoring: Scoring) -> list[str]:
    """Every shown score that is not the base of its first line plus the changes of all its lines."""
    made = {name: records(frame) for name, frame in scoring.frames.items()}
    ends, wrong = follow(made["score_lines"])
    items = {(row["unit_id"], row["item_id"]): row for row in made["scores_by_unit_item"]}
    for (unit_id, item_id), row in items.items():
        teams = [
            end
            for (u, i, s), (_, end) in ends.items()
            if (u, i) == (unit_id, item_id) and s not in ("self", "rule")
        ]
        group = ends.get((unit_id, item_id, "rule"), (0.0, 0.0))[1]
        expected = sum(teams) / len(teams) if teams else row["team_points"] and group
        wrong += [f"{unit_id} {item_id} n_teams"] * (len(teams) != row["n_teams"])
        wrong += unequal(f"{unit_id} {item_id} team", row["team_points"], expected)
        own = ends.get((unit_id, item_id, "self"))
        wrong += unequal(f"{unit_id} {item_id} self", row["self_points"], own and own[1])
    return wrong + unexplained_sums(config, made, items, ends)


def follow(lines: Rows) -> tuple[dict[tuple[str, str, str], tuple[float, float]], list[str]]:
    """Where each chain of lines begins and ends; and lines that do not begin where the one before ended."""
    chains: dict[tuple[str, str, str], Rows] = {}
    for line in sorted(lines, key=lambda line: line["line_number"]):
        chains.setdefault((line["unit_id"], line["item_id"], line["scorer"]), []).append(line)
    ends, wrong = {}, []
    for key, chain in chains.items():
        total = chain[0]["base_points"] + sum(line["change_points"] for line in chain)
        ends[key] = chain[0]["base_points"], total
        for before, after in pairwise(chain):
            end = before["base_points"] + before["change_points"]
            wrong += unequal(f"{key} line {after['line_number']}", after["base_points"], end)
    return ends, wrong


def unexplained_sums(
    config: CycleConfig, made: dict[str, Rows], items: dict[tuple[str, str], dict[str, Any]], ends: Any
) -> list[str]:
    """Blocks, 检查 and 事实: the plain sum, then the lines that change it."""
    wrong, results = list[str](), {row["unit_id"]: row for row in made["results_by_unit"]}
    components = {(row["unit_id"], row["component"]): row for row in made["scores_by_unit_component"]}
    block_rows = {(row["unit_id"], row["block_id"]): row for row in made["scores_by_unit_block"]}
    holds = {block.block_id: [item.item_id for item in block.items] for block in config.standard.blocks}
    for side, scorer in (("self_points", "self"), ("team_points", "rule")):
        for (unit_id, block_id), row in block_rows.items():
            plain = [items[unit_id, item_id][side] for item_id in holds[block_id]]
            wrong += explained(
                f"{unit_id} {block_id}", plain, ends.get((unit_id, block_id, scorer)), row[side]
            )
        for unit_id, result in results.items():
            plain = [row[side] for (u, _), row in block_rows.items() if u == unit_id]
            shown = result["self_total"] if scorer == "self" else components[unit_id, "inspection"]["score"]
            wrong += explained(f"{unit_id} 检查", plain, ends.get((unit_id, "inspection", scorer)), shown)
    for unit_id in results:
        end = ends.get((unit_id, "facts", "rule"), (0.0, 0.0))
        wrong += unequal(f"{unit_id} 事实", -components[unit_id, "facts"]["deduction_points"], end[1])
    return wrong


def explained(
    what: str, plain: list[Any], ends: tuple[float, float] | None, shown: float | None
) -> list[str]:
    """Where a score is shown, its lines begin at the plain sum and end at it; without lines it is the plain sum."""
    total = sum(value for value in plain if value is not None)
    begin, end = ends or (total, total)
    return (
        [] if shown is None else unequal(f"{what} begin", begin, total) + unequal(f"{what} end", end, shown)
    )


def unequal(what: str, seen: float | None, expected: float | None) -> list[str]:
    is_equal = seen == expected if seen is None or expected is None else abs(seen - expected) < NOISE
    return [] if is_equal else [f"{what}: {seen} {expected}"]
