"""Chance for the sample bureau: a stream per purpose, quantities by rule, and the points that they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from lianzheng.config.standard import Item


def stream(*purpose: object) -> Random:
    """Chance of its own for one purpose (seed, what, whose), so that drawing more of one leaves others alone."""
    return Random("/".join(map(str, purpose)))


def times(rng: Random, n: int, share: float) -> int:
    """How often something of probability ``share`` happens in ``n`` trials."""
    return sum(rng.random() < share for _ in range(n))


def weighted(rng: Random, weights: Mapping[Any, float]) -> Any:
    """One of the keys, by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def halves(rng: Random, highest: float) -> float:
    """0, 0.5, 1 … up to ``highest``, each as likely."""
    return rng.randrange(int(highest * 2) + 1) / 2


def percent(rng: Random, target: float, spread: float) -> float:
    """A share in whole percents, at most ``spread`` below ``target``."""
    return round(target - int(rng.random() * spread * 100) / 100, 2)


# What a team observes of an item, by rule type; ``weak`` is 0 for the best unit and 1 for the weakest.
_OBSERVED: Mapping[str, Callable[[Any, float, float, Random], float]] = {
    "all_or_nothing": lambda rule, most, weak, rng: float(rng.random() > 0.22 * weak**2),
    "credit_per_occurrence": lambda rule, most, weak, rng: times(rng, round(most / rule.points), 0.98 - 0.4 * weak),
    "deduction_per_missing": lambda rule, most, weak, rng: rule.required - times(rng, rule.required, 0.42 * weak),
    "deduction_per_case": lambda rule, most, weak, rng: times(rng, 4, 0.4 * weak),
    "deduction_per_person": lambda rule, most, weak, rng: times(rng, 4, 0.45 * weak),
    "ratio_threshold": lambda rule, most, weak, rng: rule.threshold if rng.random() > 0.7 * weak else percent(rng, 0.98, 0.2),
    "proportional": lambda rule, most, weak, rng: percent(rng, min(rule.target + 0.05, 1), 0.1 + 0.35 * weak),
    "timeliness": lambda rule, most, weak, rng: times(rng, 4, 0.35 * weak),
    "range": lambda rule, most, weak, rng: rule.lowest + halves(rng, rule.highest - rule.lowest) if rng.random() < 0.85 * weak else 0,
    "discretionary": lambda rule, most, weak, rng: halves(rng, rule.highest * 0.9 * weak),
    "override": lambda rule, most, weak, rng: times(rng, 1, 0.25 * weak**2),
    "bonus": lambda rule, most, weak, rng: times(rng, 8, 0.7 - 0.5 * weak),
    "veto": lambda rule, most, weak, rng: 0,
}  # fmt: skip

# The points of an item that the observed quantity gives, written here a second time so that the truth is its own.
_LOST: Mapping[str, Callable[[Any, float, float], float]] = {
    "all_or_nothing": lambda rule, most, seen: 0 if seen else most,
    "credit_per_occurrence": lambda rule, most, seen: most - min(most, seen * rule.points),
    "deduction_per_missing": lambda rule, most, seen: max(rule.required - seen, 0) * rule.points,
    "deduction_per_case": lambda rule, most, seen: seen * rule.points,
    "deduction_per_person": lambda rule, most, seen: seen * rule.points,
    "ratio_threshold": lambda rule, most, seen: rule.points if seen < rule.threshold else 0,
    "proportional": lambda rule, most, seen: max(round((rule.target - seen) / rule.step), 0) * rule.points,
    "timeliness": lambda rule, most, seen: seen * rule.points,
    "range": lambda rule, most, seen: seen,
    "discretionary": lambda rule, most, seen: seen,
    "override": lambda rule, most, seen: most if seen else 0,
    "bonus": lambda rule, most, seen: most - min(most, seen * rule.points),
}


def observe(item: Item, weak: float, rng: Random) -> float | None:
    """The quantity that the item's rule counts; None where a rule counts nothing (points per member)."""
    draw = _OBSERVED.get(item.rule.rule_type)
    return float(draw(item.rule, item.max_points, weak, rng)) if draw else None


def points_of(item: Item, seen: float) -> float:
    """The item's points for what was observed, never below 0."""
    return round(max(item.max_points - _LOST[item.rule.rule_type](item.rule, item.max_points, seen), 0), 4)
