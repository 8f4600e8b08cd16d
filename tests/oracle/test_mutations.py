"""Each planted mistake in the product is seen by the recomputation: the comparison can fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from lianzheng.config import CycleConfig, load_config
from lianzheng.scoring import blocks, facts, grades, items, not_applicable, rules, written
from tests import house
from tests.oracle.test_random_standards import drawn
from tests.oracle.test_recompute import differences

SEEDS = (0, 1, 2, 3, 5, 8, 17, 28)  # two of them with equal totals
Bureau = tuple[CycleConfig, dict[str, pd.DataFrame]]
Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def bureaus() -> list[Bureau]:
    shipped = load_config(2018, house.REPOSITORY)
    return [drawn(shipped, seed) for seed in SEEDS]


def no_cap(patch: Patch) -> None:
    patch.setattr(rules, "_give", lambda full, credit, why, verb="得": rules.Firing(0.0, credit, False, why))


def no_floor(patch: Patch) -> None:
    patch.setattr(rules, "_take", lambda full, taken, why: rules.Firing(full, -taken, False, why))


def rounded_steps(patch: Patch) -> None:
    patch.setattr(rules.math, "floor", round)


def threshold_itself_is_below(patch: Patch) -> None:
    def late(rule: Any, observed: float, full: float) -> rules.Firing:
        return rules.ratio_threshold(rule, observed - 2e-9, full)

    patch.setitem(rules.RULES, "ratio_threshold", late)


def lowest_of_a_range_ignored(patch: Patch) -> None:
    patch.setitem(
        rules.RULES, "range", lambda rule, seen, full: rules._take(full, min(seen, rule.highest), "")
    )


def mean_over_all_types(patch: Patch) -> None:
    real = items.lines_for_what_does_not_apply
    alike: Callable[..., Any] = lambda units, *rest: real(units.assign(unit_type="甲"), *rest)  # noqa: E731
    patch.setattr(items, "lines_for_what_does_not_apply", alike)


def shared_out_instead_of_mean(patch: Patch) -> None:
    real = not_applicable._away_line

    def shared(unit_id: str, item: Any, side: str, rule: Any, mean: float, group: Any) -> Any:
        return real(unit_id, item, side, rule.model_copy(update={"treatment": "redistribute"}), mean, group)

    patch.setattr(not_applicable, "_away_line", shared)


def nothing_shared_out(patch: Patch) -> None:
    real = blocks.share_out
    patch.setattr(
        blocks, "share_out", lambda parts, by: real(parts, by).assign(points=lambda sums: sums["base_points"])
    )


def ties_broken_in_quantities(patch: Patch) -> None:
    real = items.rank_quantities

    def broken(units: pd.DataFrame, records: Any) -> dict[tuple[str, str], int]:
        ranks = real(units, records)
        return {
            place: rank + list(ranks.values())[:n].count(rank)
            for n, (place, rank) in enumerate(ranks.items())
        }

    patch.setattr(items, "rank_quantities", broken)


def ties_broken_in_totals(patch: Patch) -> None:
    def broken(rows: pd.DataFrame, least: int) -> pd.DataFrame:
        ranked = grades.rank_units(rows, least)
        return ranked.assign(rank=ranked["rank"] + ranked.groupby(["rank_group", "rank"]).cumcount())

    patch.setattr("lianzheng.scoring.run.rank_units", broken)


def further_rules_on_full_points(patch: Patch) -> None:
    full, score, fire = [0.0], items.score_record, items.fire

    def remembering(record: written.Written, ranks: Any) -> Any:
        full[0] = record.item.max_points
        return score(record, ranks)

    patch.setattr(items, "score_record", remembering)
    patch.setattr(items, "fire", lambda rule, observed, left: fire(rule, observed, full[0]))


def conversion_without_shares(patch: Patch) -> None:
    def equal(rule: Any, observed: Any, full: float) -> Any:
        sources = [s.model_copy(update={"share": 1 / len(rule.sources)}) for s in rule.sources]
        return rules.conversion(rule.model_copy(update={"sources": sources}), observed, full)

    patch.setitem(rules.PARTED, "conversion", equal)


def last_tier_ignored(patch: Patch) -> None:
    def shorter(rule: Any, observed: Any, full: float) -> Any:
        return rules.tiered(rule.model_copy(update={"tiers": rule.tiers[:-1]}), observed, full)

    patch.setitem(rules.PARTED, "tiered", shorter)


def last_sub_item_ignored(patch: Patch) -> None:
    def shorter(rule: Any, observed: Any, full: float) -> Any:
        return rules.sum_of_sub_items(
            rule.model_copy(update={"sub_items": rule.sub_items[:-1]}), observed, full
        )

    patch.setitem(rules.PARTED, "sum_of_sub_items", shorter)


def dash_of_a_part_is_zero(patch: Patch) -> None:
    patch.setattr(written, "_of_part", lambda row, is_scored: written._number(
        row["points" if is_scored else "observed_value"]))  # fmt: skip


def overdue_on_the_day_itself(patch: Patch) -> None:
    real = facts.overdue_rectifications
    patch.setattr(
        facts, "overdue_rectifications", lambda tables, day: real(tables, day + dt.timedelta(days=1))
    )


def pending_cases_count(patch: Patch) -> None:
    patch.setattr(facts, "closed_cases", lambda tables: tables["cases"])


def second_team_ignored(patch: Patch) -> None:
    real = items._results
    patch.setattr(items, "_results", lambda places, lines, away: real(
        places, [line for line in lines if line["scorer"] != "T2"], away))  # fmt: skip


def wider_gap_of_teams(patch: Patch) -> None:
    patch.setattr(items, "TEAM_GAP_SHARE", 0.5)


MUTANTS = (
    no_cap, no_floor, rounded_steps, threshold_itself_is_below, lowest_of_a_range_ignored, mean_over_all_types,
    shared_out_instead_of_mean, nothing_shared_out, ties_broken_in_quantities, ties_broken_in_totals,
    further_rules_on_full_points, conversion_without_shares, last_tier_ignored, last_sub_item_ignored,
    dash_of_a_part_is_zero, overdue_on_the_day_itself, pending_cases_count, second_team_ignored, wider_gap_of_teams,
)  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_mutation_is_seen(
    bureaus: list[Bureau], monkeypatch: Patch, mutant: Callable[[Patch], None]
) -> None:
    mutant(monkeypatch)
    assert any(differences(config, frames) for config, frames in bureaus)


def test_nothing_is_seen_without_a_mutation(bureaus: list[Bureau]) -> None:
    assert [differences(config, frames) for config, frames in bureaus] == [[]] * len(SEEDS)
