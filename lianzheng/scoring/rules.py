"""The rule types of a standard: one pure function each, from what was observed to points with a reason.

A rule that takes points away can also be fired on what another one has left: then that is its ``full``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lianzheng.config import rules as models
from lianzheng.scoring.rounding import written

_NOISE = 1e-9
_COUNTER = re.compile("([次项人份例条篇件起])数")
JUDGED = frozenset({"range", "discretionary"})  # the inspector decides; observed is the deduction
EARNED = frozenset(
    "credit_per_occurrence bonus mean_over_members tiered sum_of_sub_items rank_based conversion".split()
)  # fewer points are no deduction


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


def bounded(rule: models.Range | models.Discretionary, deduction: float) -> float:
    """An inspector's deduction within the bounds that the rule allows; 0 is always allowed."""
    lowest = rule.lowest if isinstance(rule, models.Range) else 0.0
    return min(max(deduction, lowest), rule.highest) if deduction > _NOISE else 0.0


def judged(rule: models.Range | models.Discretionary, observed: float, full: float) -> Firing:
    """The inspector's deduction, brought into the bounds that the rule allows."""
    firing = _take(full, bounded(rule, observed), f"检查组评定（最多扣{written(rule.highest)}分）")
    return replace(firing, is_capped=abs(observed + firing.change_points) > _NOISE)


def override(rule: models.Override, observed: float, full: float) -> Firing:
    """No points as soon as one occurs."""
    word = _counter(rule, "例")
    return _take(full, full if observed > 0 else 0.0, f"核实{written(observed)}{word}，出现1{word}即不得分")


def mean_over_members(rule: models.MeanOverMembers, observed: float, full: float) -> Firing:
    """The mean of the points given to the members (班子成员取平均)."""
    return _give(full, observed, "班子成员得分取平均")


def rank_based(rule: models.RankBased, observed: float, full: float) -> Firing:
    """The points of the class that the rank (1 = best) falls into; behind the last class none."""
    classes = sorted(rule.points_by_rank.items())
    credit = next((points for worst, points in classes if observed <= worst), 0.0)
    return _give(full, credit, f"列第{written(observed)}名")


def not_applicable(rule: models.NotApplicable, observed: float, full: float) -> Firing:
    """The item does not count, and its points go to the rest of the block; or ``observed``, its group's mean, counts."""
    why = "上年未受检查" if rule.when == "not_visited_last_cycle" else "经申明不适用"
    if rule.treatment == "group_mean" and not math.isnan(observed):
        return _give(full, observed, f"{why}，按同类单位平均分计")
    return Firing(0.0, 0.0, False, f"{why}，本项不计分，分值按比例分给本部分其他项目")


def _added_up(
    credits: Iterable[tuple[str, float, str, bool]], full: float, verb: str = "得"
) -> Iterator[tuple[str, Firing]]:
    """The parts' points one after the other up to full points: part_id, credit, why, whether the part was cut itself."""
    so_far = 0.0
    for part_id, credit, why, is_cut in credits:
        firing = _give(max(full - so_far, 0.0), credit, why, verb)
        yield part_id, replace(firing, base_points=so_far, is_capped=firing.is_capped or is_cut)
        so_far += firing.change_points


def tiered(rule: models.Tiered, observed: Mapping[str, float], full: float) -> Iterator[tuple[str, Firing]]:
    """Points for each occurrence at each tier, added up to full points."""
    counted = [(tier, observed[tier.part_id]) for tier in rule.tiers]
    told = "{}{}次，每次得{}分"
    return _added_up(
        ((t.part_id, t.points * n, told.format(t.label, written(n), written(t.points)), False) for t, n in counted), full
    )  # fmt: skip


def sum_of_sub_items(
    rule: models.SumOfSubItems, observed: Mapping[str, float], full: float
) -> Iterator[tuple[str, Firing]]:
    """Each sub-item's points, by its own rule or as written, added up to full points."""
    inner = [(sub, _of_sub_item(sub, observed[sub.part_id])) for sub in rule.sub_items]
    credits = ((s.part_id, f.points, f"{s.label}（{f.reason}）", f.is_capped) for s, f in inner)
    return _added_up(credits, full)


def _of_sub_item(sub: models.SubItem, seen: float) -> Firing:
    most = sub.max_points
    return fire(sub.rule, seen, most) if sub.rule else as_written(seen, most, "检查组评定")


def conversion(
    rule: models.Conversion, observed: Mapping[str, float], full: float
) -> Iterator[tuple[str, Firing]]:
    """Each source's points out of its own full points, converted to its share of the item's."""
    credits = (_converted(source, observed[source.part_id], full) for source in rule.sources)
    return _added_up(credits, full, "折算")


def _converted(source: models.SourceShare, seen: float, full: float) -> tuple[str, float, str, bool]:
    given = min(max(seen, 0.0), source.max_points)
    of = f"{source.label}{written(given)}分（满分{written(source.max_points)}分）"
    credit = full * source.share * given / source.max_points
    return source.part_id, credit, f"{of}，占{_percent(source.share)}", abs(given - seen) > _NOISE


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
    "rank_based": rank_based, "not_applicable": not_applicable, "bonus": bonus, "veto": veto,
}  # fmt: skip
PARTED: dict[str, Callable[[Any, Mapping[str, float], float], Iterator[tuple[str, Firing]]]] = {
    "tiered": tiered, "sum_of_sub_items": sum_of_sub_items, "conversion": conversion,
}  # fmt: skip
"""Rules of items with parts: a firing for each part, the next one's base where the last one ended."""


def fire(rule: Any, observed: float, full: float) -> Firing:
    """Apply a rule of the standard to what was observed; ``full`` is the item's points, or what is left of them."""
    return RULES[rule.rule_type](rule, observed, full)


def fire_parts(rule: Any, observed: Mapping[str, float], full: float) -> list[tuple[str, Firing]]:
    """Apply a rule of an item with parts to what was observed of each (part_id → number)."""
    return list(PARTED[rule.rule_type](rule, observed, full))
