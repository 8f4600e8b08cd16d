"""The 19 rule types of a standard (附件1) as data, with their parameters; docs/methodology.md explains each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lianzheng.config.models import Model, Points, Share


class RuleModel(Model):
    """What every rule has: an id unique in the standard, and words for what is counted."""

    rule_id: str
    counts: str = ""


class AllOrNothing(RuleModel):
    """1 有/无: full points if it is there, none if not. Observed: 1 (有) or 0 (无)."""

    rule_type: Literal["all_or_nothing"]


class CreditPerOccurrence(RuleModel):
    """2 有1次得1分: ``points`` for each occurrence, up to the item's points. Observed: occurrences."""

    rule_type: Literal["credit_per_occurrence"]
    points: Points


class DeductionPerMissing(RuleModel):
    """3 应4次缺一次扣1分: ``points`` off for each one missing to ``required``. Observed: how many there are."""

    rule_type: Literal["deduction_per_missing"]
    required: int
    points: Points


class DeductionPerCase(RuleModel):
    """4 每例扣n: ``points`` off for each case. Observed: cases."""

    rule_type: Literal["deduction_per_case"]
    points: Points


class DeductionPerPerson(RuleModel):
    """5 有1人扣1分: ``points`` off for each person. Observed: persons."""

    rule_type: Literal["deduction_per_person"]
    points: Points


class RatioThreshold(RuleModel):
    """6 签订率<100%扣2: ``points`` off if the ratio is below ``threshold``. Observed: a share 0–1."""

    rule_type: Literal["ratio_threshold"]
    threshold: Share
    points: Points


class Proportional(RuleModel):
    """7 每低1%扣0.05: ``points`` off for each full ``step`` below ``target``. Observed: a share 0–1."""

    rule_type: Literal["proportional"]
    target: Share
    step: Annotated[float, Field(gt=0, le=1)] = 0.01
    points: Points


class Timeliness(RuleModel):
    """9 迟报1次扣0.2: ``points`` off for each time late. Observed: times late."""

    rule_type: Literal["timeliness"]
    points: Points


class Range(RuleModel):
    """10 扣1–3分: the inspector deducts 0 or between ``lowest`` and ``highest``, with a reason."""

    rule_type: Literal["range"]
    lowest: Points
    highest: Points


class Discretionary(RuleModel):
    """11 酌情扣分: the inspector deducts up to ``highest``, with a reason."""

    rule_type: Literal["discretionary"]
    highest: Points


class Override(RuleModel):
    """12 凡出现一例本项不得分: no points as soon as one occurs. Observed: occurrences."""

    rule_type: Literal["override"]


class MeanOverMembers(RuleModel):
    """13 班子成员取平均: the mean of the points given to each member. Observed: points per member."""

    rule_type: Literal["mean_over_members"]


class RankBased(RuleModel):
    """15 points by the rank among the units: ``points_by_rank`` maps the worst rank of a class to its points.

    Observed: the quantity that units are ranked by, the ``best`` end first, ``within`` the bureau or the unit's type.
    """

    rule_type: Literal["rank_based"]
    points_by_rank: dict[Annotated[int, Field(ge=1)], Points]
    best: Literal["highest", "lowest"] = "highest"
    within: Literal["bureau", "unit_type"] = "bureau"


class NotApplicable(RuleModel):
    """16 when the item does not apply: its points go to the rest of the block, or it gets the group's mean."""

    rule_type: Literal["not_applicable"]
    when: Literal["not_visited_last_cycle", "declared"]
    treatment: Literal["redistribute", "group_mean"] = "redistribute"


class Bonus(RuleModel):
    """17 加分: ``points`` for each occurrence; the block of bonus items has the cap. Observed: occurrences."""

    rule_type: Literal["bonus"]
    points: Points


class Veto(RuleModel):
    """18 一票否决 (``fails``) or 一票否优 (``not_excellent``): one occurrence decides. Observed: occurrences."""

    rule_type: Literal["veto"]
    effect: Literal["fails", "not_excellent"]
    fact: Literal["cases", ""] = ""
    where: dict[str, tuple[str, ...]] = {}


FurtherRule = Annotated[
    AllOrNothing
    | DeductionPerMissing
    | DeductionPerCase
    | DeductionPerPerson
    | RatioThreshold
    | Proportional
    | Timeliness
    | Range
    | Discretionary
    | Override,
    Field(discriminator="rule_type"),
]
"""Rules that take points away, and so can be applied to what another rule has left."""
SubRule = Annotated[FurtherRule | CreditPerOccurrence, Field(discriminator="rule_type")]


class Part(Model):
    """What people write about a part of an item, in a row of its own: 核实数 or, with ``is_scored``, points."""

    part_id: str
    label: str
    counts: str = ""
    is_scored: bool = False
    max_points: Points | None = None


class Tier(Model):
    """A level of a tiered rule and the points that one occurrence at it earns."""

    part_id: str
    label: str
    points: Points


class Tiered(RuleModel):
    """8 省3/市2/县1: points for each occurrence by its level. Observed: occurrences per tier."""

    rule_type: Literal["tiered"]
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]

    def parts(self) -> Iterator[Part]:
        """A row per tier."""
        for tier in self.tiers:
            yield Part(part_id=tier.part_id, label=tier.label, counts=self.counts or "次数")


class SubItem(Model):
    """A part of an item with points of its own: by its ``rule`` from 核实数, or as the inspector scores it."""

    part_id: str
    label: str
    max_points: Points
    rule: SubRule | None = None


class SumOfSubItems(RuleModel):
    """14 分项相加: the sum of sub-items, whose points sum to the item's. Observed: 核实数 or points per sub-item."""

    rule_type: Literal["sum_of_sub_items"]
    sub_items: Annotated[tuple[SubItem, ...], Field(min_length=1)]

    def parts(self) -> Iterator[Part]:
        """A row per sub-item."""
        for sub in self.sub_items:
            counts, is_scored = sub.rule.counts if sub.rule else "直接评分", sub.rule is None
            id_, label, most = sub.part_id, sub.label, sub.max_points
            yield Part(part_id=id_, label=label, counts=counts, is_scored=is_scored, max_points=most)


class SourceShare(Model):
    """One of the sources that a conversion joins: its share of the item and the points that it is written out of."""

    part_id: str
    label: str
    share: Share
    max_points: Annotated[float, Field(gt=0)] = 100


class Conversion(RuleModel):
    """19 80/20折算: sources converted to the item's points by their shares, which sum to 1. Observed: their points."""

    rule_type: Literal["conversion"]
    sources: Annotated[tuple[SourceShare, ...], Field(min_length=2)]

    def parts(self) -> Iterator[Part]:
        """A row per source."""
        for source in self.sources:
            counts = f"得分（满分{source.max_points:g}）"
            id_, label, most = source.part_id, source.label, source.max_points
            yield Part(part_id=id_, label=label, counts=counts, is_scored=True, max_points=most)


Rule = Annotated[
    FurtherRule
    | CreditPerOccurrence
    | Tiered
    | MeanOverMembers
    | SumOfSubItems
    | RankBased
    | Bonus
    | Veto
    | Conversion,
    Field(discriminator="rule_type"),
]
