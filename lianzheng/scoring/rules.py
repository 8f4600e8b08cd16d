"""The rule types of a standard: one pure function each, from what was observed to points with a reason."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from lianzheng.config import standard as models
from lianzheng.errors import ConfigError
from lianzheng.scoring.rounding import written

_NOISE = 1e-9
_COUNTER = re.compile("([次项人份例条篇件起])数")
JUDGED = frozenset({"range", "discretionary"})  # the inspector decides; observed is the deduction
EARNED = frozenset({"credit_per_occurrence", "bonus", "mean_over_members"})  # fewer points are no deduction


@dataclass(frozen=True, slots=True)
class Firing:
    """What one rule did: points before, points given (+) or taken (−), whether cut at floor or cap, and why."""

    base_points: float
    change_points: float
    is_capped: bool
    reason: str

    @property
    def points(self) -> float:
        """Points after the rule."""
        return self.base_points + self.change_points


def _take(full: float, deduction: float, why: str) -> Firing:
    """Take a deduction from full points, down to 0 (扣完为止)."""
    taken = min(max(deduction, 0.0), full)
    is_cut = deduction > full + _NOISE
    result = f"扣{written(taken)}分" if taken > 0 else "不扣分"
    return Firing(full, -taken, is_cut, f"{why}，{result}" + ("（扣完为止）" if is_cut else ""))


def _give(full: float, credit: float, why: str, verb: str = "得") -> Firing:
    """Give points from 0 up to full points."""
    given = min(max(credit, 0.0), full)
    is_cut = credit > full + _NOISE
    limit = "（已达本项上限）" if is_cut else ""
    return Firing(0.0, given, is_cut, f"{why}，{verb}{written(given)}分{limit}")


def _counter(rule: models.RuleModel, default: str) -> str:
    """The measure word for what a rule counts, read from its words (…次数 → 次)."""
    found = _COUNTER.search(rule.counts)
    return found.group(1) if found else default


def _percent(share: float) -> str:
    return f"{written(share * 100)}%"


def all_or_nothing(rule: models.AllOrNothing, observed: float, full: float) -> Firing:
    """Full points when it is there (observed above 0), none when it is not."""
    return _take(full, 0.0, "核实为有") if observed > 0 else _take(full, full, "核实为无")


def credit_per_occurrence(rule: models.CreditPerOccurrence, observed: float, full: float) -> Firing:
    """Points for each occurrence, up to full points."""
    word = _counter(rule, "次")
    why = f"实际{written(observed)}{word}，每{word}得{written(rule.points)}分"
    return _give(full, rule.points * observed, why)


def deduction_per_missing(rule: models.DeductionPerMissing, observed: float, full: float) -> Firing:
    """Points off for each one missing to what is required; more than required earns nothing."""
    word, missing = _counter(rule, "次"), max(rule.required - observed, 0.0)
    why = f"应{rule.required}{word}，实际{written(observed)}{word}"
    return _take(full, rule.points * missing, f"{why}，缺{written(missing)}{word}" if missing else why)


def _deduction_for_each(verb: str, default: str) -> Callable[[Any, float, float], Firing]:
    def deduct(rule: Any, observed: float, full: float) -> Firing:
        word = _counter(rule, default)
        why = f"{verb}{written(observed)}{word}，每{word}扣{written(rule.points)}分"
        return _take(full, rule.points * observed, why)

    return deduct


def ratio_threshold(rule: models.RatioThreshold, observed: float, full: float) -> Firing:
    """Points off once when the share is below the threshold."""
    is_below = observed < rule.threshold - _NOISE
    why = f"应达{_percent(rule.threshold)}，实际{_percent(observed)}"
    return _take(full, rule.points if is_below else 0.0, why)


def proportional(rule: models.Proportional, observed: float, full: float) -> Firing:
    """Points off for each full step that the share lies below the target."""
    steps = max(math.floor((rule.target - observed) / rule.step + _NOISE), 0)
    why = f"应达{_percent(rule.target)}，实际{_percent(observed)}"
    rate = f"，每低{_percent(rule.step)}扣{written(rule.points)}分" if steps else ""
    return _take(full, rule.points * steps, why + rate)


def judged(rule: models.Range | models.Discretionary, observed: float, full: float) -> Firing:
    """The inspector's deduction, brought into the bounds that the rule allows (0 is always allowed)."""
    lowest = rule.lowest if isinstance(rule, models.Range) else 0.0
    deduction = min(max(observed, lowest), rule.highest) if observed > _NOISE else 0.0
    firing = _take(full, deduction, f"检查组评定（最多扣{written(rule.highest)}分）")
    return replace(firing, is_capped=abs(observed + firing.change_points) > _NOISE)


def override(rule: models.Override, observed: float, full: float) -> Firing:
    """No points as soon as one occurs."""
    word = _counter(rule, "例")
    return _take(full, full if observed > 0 else 0.0, f"核实{written(observed)}{word}，出现1{word}即不得分")


def mean_over_members(rule: models.MeanOverMembers, observed: float, full: float) -> Firing:
    """The mean of the points given to the members (班子成员取平均)."""
    return _give(full, observed, "班子成员得分取平均")


def not_applicable(rule: models.NotApplicable, observed: float, full: float) -> Firing:
    """The item does not count; its points go to the rest of the block."""
    why = "上年未受检查" if rule.when == "not_visited_last_cycle" else "经申明不适用"
    return Firing(0.0, 0.0, False, f"{why}，本项不计分，分值按比例分给本部分其他项目")


def bonus(rule: models.Bonus, observed: float, full: float) -> Firing:
    """Points for each occurrence, up to the item's points; the block's cap comes later."""
    word = _counter(rule, "项")
    why = f"核实{written(observed)}{word}，每{word}加{written(rule.points)}分"
    return _give(full, rule.points * observed, why, "加")


def veto(rule: models.Veto, observed: float, full: float) -> Firing:
    """No points change; the effect is on the grade."""
    return Firing(0.0, 0.0, False, "一票否决" if rule.effect == "fails" else "一票否优")


def as_written(points: float, full: float, reason: str) -> Firing:
    """Points as somebody wrote them, within 0 and full points."""
    given = min(max(points, 0.0), full)
    return Firing(0.0, given, abs(given - points) > _NOISE, reason)


RULES: dict[str, Callable[[Any, float, float], Firing]] = {
    "all_or_nothing": all_or_nothing, "credit_per_occurrence": credit_per_occurrence,
    "deduction_per_missing": deduction_per_missing, "deduction_per_case": _deduction_for_each("核实", "例"),
    "deduction_per_person": _deduction_for_each("核实", "人"), "ratio_threshold": ratio_threshold,
    "proportional": proportional, "timeliness": _deduction_for_each("逾期", "次"), "range": judged,
    "discretionary": judged, "override": override, "mean_over_members": mean_over_members,
    "not_applicable": not_applicable, "bonus": bonus, "veto": veto,
}  # fmt: skip


def fire(rule: Any, observed: float, full: float) -> Firing:
    """Apply a rule of the standard to what was observed; ``full`` is the item's points."""
    return RULES[rule.rule_type](rule, observed, full)


def check_supported(items: Iterable[models.Item]) -> None:
    """Raise :class:`ConfigError` for the first rule of the standard that cannot be computed yet."""
    for item in items:
        rules: list[Any] = [item.rule, item.not_applicable]
        for rule in filter(None, rules):
            kinds = {rule.rule_type, getattr(rule, "treatment", "redistribute")}
            if strange := ", ".join(sorted(kinds - {*RULES, "redistribute"})):
                where = f"standard.yml: item {item.item_id}, rule {rule.rule_id}: {strange}"
                allowed = f"use one of: {', '.join(RULES)}; not_applicable only with redistribute"
                raise ConfigError(f"{where}: this rule type is not supported yet", allowed)
