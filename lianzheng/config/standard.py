"""附件1 as data: blocks, items and the 19 rule types with their parameters (docs/methodology.md explains each)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lianzheng.config.forms import Form
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


class Tier(Model):
    """A level of a tiered rule and the points one occurrence at it earns."""

    label: str
    points: Points


class Tiered(RuleModel):
    """8 省3/市2/县1: points by the level reached. Observed: occurrences per tier."""

    rule_type: Literal["tiered"]
    tiers: tuple[Tier, ...]


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


class SumOfSubItems(RuleModel):
    """14 the sum of named sub-items, each with its own points."""

    rule_type: Literal["sum_of_sub_items"]
    sub_items: dict[str, Points]


class RankBased(RuleModel):
    """15 points by the rank among the units: ``points_by_rank`` maps the worst rank of a class to its points."""

    rule_type: Literal["rank_based"]
    points_by_rank: dict[int, Points]


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


class Conversion(RuleModel):
    """19 80/20折算: two sources' shares of one item; the shares sum to 1."""

    rule_type: Literal["conversion"]
    shares: dict[str, Share]


Rule = Annotated[
    AllOrNothing
    | CreditPerOccurrence
    | DeductionPerMissing
    | DeductionPerCase
    | DeductionPerPerson
    | RatioThreshold
    | Proportional
    | Tiered
    | Timeliness
    | Range
    | Discretionary
    | Override
    | MeanOverMembers
    | SumOfSubItems
    | RankBased
    | NotApplicable
    | Bonus
    | Veto
    | Conversion,
    Field(discriminator="rule_type"),
]


class Item(Model):
    """A line of the standard: points, the rule that gives them, required evidence, focal points served.

    ``item_key`` is stable across years; ``not_applicable`` says when the item does not count for a unit.
    """

    item_id: str
    item_key: str
    name: str
    max_points: Points
    criterion: str
    rule: Rule
    not_applicable: NotApplicable | None = None
    evidence_classes: tuple[str, ...] = ()
    focal_points: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class Block(Model):
    """A block of the standard; its label names its points, “（40分）”. ``kind`` tells points, 加分 and 否决 apart."""

    block_id: str
    label: str
    kind: Literal["points", "bonus", "veto"] = "points"
    max_points: Points
    items: tuple[Item, ...]


class Standard(Model):
    """``standard.yml`` (附件1): blocks of items, 100 points together, then bonus and vetoes; and its printed form."""

    form_id: str = "standard"
    title: str
    version: str
    is_reconstruction: bool
    note: str = ""
    blocks: tuple[Block, ...]
    form: Form | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in printed order, bonus and vetoes included."""
        return tuple(item for block in self.blocks for item in block.items)

    @property
    def scored_items(self) -> tuple[Item, ...]:
        """The items that carry points of the 100 (no bonus, no veto)."""
        return tuple(item for block in self.blocks if block.kind == "points" for item in block.items)

    def block_of(self, item_id: str) -> Block:
        """The block that holds an item."""
        return next(block for block in self.blocks if any(item.item_id == item_id for item in block.items))
