"""附件1 as data: blocks of items, each with the rule that gives its points (:mod:`lianzheng.config.rules`)."""

from __future__ import annotations

from typing import Literal

from lianzheng.config.forms import Form
from lianzheng.config.models import FactUse, Model, Points
from lianzheng.config.rules import (
    Conversion,
    FurtherRule,
    NotApplicable,
    Part,
    Rule,
    RuleModel,
    SumOfSubItems,
    Tiered,
)


class Item(Model):
    """A line of the standard: points, the rule that gives them, required evidence, focal points served.

    ``item_key`` is stable across years; ``further_rules`` take, in their order, from what the rule before left;
    ``not_applicable`` says when the item does not count for a unit; ``facts`` names what of the office's ledgers
    the item judges, so that nothing else may count it again.
    """

    item_id: str
    item_key: str
    name: str
    max_points: Points
    criterion: str
    rule: Rule
    further_rules: tuple[FurtherRule, ...] = ()
    not_applicable: NotApplicable | None = None
    facts: tuple[FactUse, ...] = ()
    evidence_classes: tuple[str, ...] = ()
    focal_points: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is written about parts of the item besides the item's own row."""
        own = tuple(self.rule.parts()) if isinstance(self.rule, Tiered | SumOfSubItems | Conversion) else ()
        return own + tuple(
            Part(part_id=rule.rule_id, label=rule.counts or rule.rule_id, counts=rule.counts)
            for rule in self.further_rules
        )

    @property
    def rules(self) -> tuple[RuleModel, ...]:
        """Every rule of the item: its own, those of its sub-items, the further ones, and when it does not apply."""
        subs = self.rule.sub_items if isinstance(self.rule, SumOfSubItems) else ()
        inner = tuple(sub.rule for sub in subs if sub.rule)
        away = (self.not_applicable,) if self.not_applicable else ()
        return (self.rule, *inner, *self.further_rules, *away)


class Block(Model):
    """A block of the standard; its label names its points, “（40分）”. ``kind`` tells points, 加分 and 否决 apart.

    A block with ``unit_types`` counts for units of those types only (通用40 + 差异60).
    """

    block_id: str
    label: str
    kind: Literal["points", "bonus", "veto"] = "points"
    max_points: Points
    unit_types: tuple[str, ...] = ()
    items: tuple[Item, ...]

    def is_for(self, unit_type: str) -> bool:
        """Whether the block counts for units of that type."""
        return not self.unit_types or unit_type in self.unit_types


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

    @property
    def rules(self) -> tuple[RuleModel, ...]:
        """Every rule of every item."""
        return tuple(rule for item in self.items for rule in item.rules)

    def block_of(self, item_id: str) -> Block:
        """The block that holds an item."""
        return next(block for block in self.blocks if any(item.item_id == item_id for item in block.items))
