"""Chance that depends on seed and purpose alone, and the points that each rule gives, by hand."""

from __future__ import annotations

import statistics
from random import Random

import pytest

from lianzheng.config import CycleConfig
from lianzheng.config.standard import Item
from lianzheng.demo.draws import halves, observe, percent, points_of, stream, times, weighted
from lianzheng.demo.returns import _case


def item(max_points: float, **rule: object) -> Item:
    return Item.model_validate(
        {
            "item_id": "S1", "item_key": "k", "name": "项目", "max_points": max_points, "criterion": "标准",
            "rule": {"rule_id": "S1.1", **rule},
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("scored", "seen", "points"),
    [
        (item(3, rule_type="all_or_nothing"), 1, 3),
        (item(3, rule_type="all_or_nothing"), 0, 0),
        (item(4, rule_type="credit_per_occurrence", points=1), 3, 3),
        (item(3, rule_type="credit_per_occurrence", points=1), 5, 3),
        (item(5, rule_type="deduction_per_missing", required=4, points=1.25), 3, 3.75),
        (item(5, rule_type="deduction_per_missing", required=4, points=1.25), 6, 5),
        (item(2, rule_type="deduction_per_case", points=0.5), 3, 0.5),
        (item(2, rule_type="deduction_per_case", points=0.5), 9, 0),
        (item(3, rule_type="deduction_per_person", points=1), 1, 2),
        (item(3, rule_type="ratio_threshold", threshold=1.0, points=2), 0.99, 1),
        (item(3, rule_type="ratio_threshold", threshold=1.0, points=2), 1.0, 3),
        (item(4, rule_type="proportional", target=0.9, step=0.01, points=0.1), 0.87, 3.7),
        (item(4, rule_type="proportional", target=0.9, step=0.01, points=0.1), 0.95, 4),
        (item(4, rule_type="timeliness", points=0.5), 2, 3),
        (item(3, rule_type="range", lowest=1, highest=3), 1.5, 1.5),
        (item(4, rule_type="discretionary", highest=4), 0.5, 3.5),
        (item(3, rule_type="override"), 1, 0),
        (item(2, rule_type="bonus", points=0.1), 7, 0.7),
        (item(2, rule_type="bonus", points=1), 3, 2),
    ],
)
def test_points_by_hand(scored: Item, seen: float, points: float) -> None:
    assert points_of(scored, seen) == pytest.approx(points)


def test_what_is_observed_can_be_scored_and_keeps_within_the_item(config: CycleConfig) -> None:
    for scored in config.standard.items:
        for weak in (0.0, 0.5, 1.0):
            for seed in range(20):
                seen = observe(scored, weak, Random(seed))
                if seen is not None and scored.max_points:
                    assert seen >= 0
                    assert 0 <= points_of(scored, seen) <= scored.max_points


def test_weak_units_lose_more(config: CycleConfig) -> None:
    def mean(weak: float) -> float:
        drawn = [
            points_of(scored, seen)
            for seed in range(60)
            for scored in config.standard.scored_items
            if (seen := observe(scored, weak, Random(seed))) is not None
        ]
        return statistics.fmean(drawn)

    assert mean(0.0) > mean(0.5) + 0.3 > mean(1.0) + 0.6


def test_a_stream_depends_on_its_purpose_alone() -> None:
    assert stream(1, "a", "U001").random() == stream(1, "a", "U001").random()
    assert len({stream(seed, purpose).random() for seed in (1, 2) for purpose in ("a", "b")}) == 4
    assert stream(2018, "roster").random() == 0.8200434705751349  # the same on every machine


def test_the_small_draws() -> None:
    rng = Random(1)
    assert {halves(rng, 2) for _ in range(200)} == {0, 0.5, 1, 1.5, 2}
    assert {percent(rng, 0.9, 0.03) for _ in range(200)} == {0.9, 0.89, 0.88}
    assert [times(rng, 5, 0.0), times(rng, 5, 1.0)] == [0, 5]
    drawn = [weighted(rng, {"a": 3, "b": 1}) for _ in range(4000)]
    assert 0.72 < drawn.count("a") / 4000 < 0.78


def test_cases_have_the_national_base_rates() -> None:
    """1.42 persons a case, 69 % of them disciplined (domain facts of July 2018)."""
    rng = Random(7)
    cases = [_case("allowances", rng) for _ in range(4000)]
    persons = sum(case["n_persons"] for case in cases)
    disciplined = sum(c.get("n_party_discipline", 0) + c.get("n_government_discipline", 0) for c in cases)
    assert persons / 4000 == pytest.approx(1.42, abs=0.03)
    assert disciplined / persons == pytest.approx(0.69, abs=0.02)
    assert all(case["amount_10k_yuan"] == round(case["amount_10k_yuan"], 2) > 0 for case in cases)
