"""What holds of the rules of a standard and of the facts that they judge; checked on loading and by ``lint``.

:data:`RULE_CHECKS` are mistakes: nothing is computed while one stands. :data:`ADVICE` is what only ``lint`` asks for.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lianzheng.config import rules
from lianzheng.config.models import FactUse
from lianzheng.config.standard import Item

if TYPE_CHECKING:
    from lianzheng.config.load import CycleConfig

Wrongs = Iterator[tuple[str, str, str, str]]  # file, key, what is wrong, what is allowed
CYCLE, STANDARD = "cycle.yml", "standard.yml"
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
FACT_COLUMNS = {
    "cases": {"four_forms_level": "four_forms", "source": "case_source", "category_id": "categories", "state": ""},
    "submissions": {"form_id": ""},
    "rectifications": {"source": "rectification_source"},
}  # fmt: skip
"""The columns that tell facts of a ledger apart, each with its closed list."""
_COUNTED = {"state": ("closed",), "form_id": ("standard", "statistics")}
"""What of a column can be a fact at all: only closed cases, only the forms that units hand in."""


def _items(config: CycleConfig) -> Iterator[tuple[str, Item]]:
    """Every item with its key in standard.yml."""
    for block in config.standard.blocks:
        for item in block.items:
            yield f"blocks[{block.block_id}].items[{item.item_id}]", item


def parts_add_up(config: CycleConfig) -> Wrongs:
    """Sub-items sum to their item, shares of a conversion to 1, and the parts of an item have distinct ids."""
    for key, item in _items(config):
        rule, repeated = item.rule, Counter(part.part_id for part in item.parts).most_common(1)
        if repeated and repeated[0][1] > 1:
            yield STANDARD, f"{key}.rule", f"part {repeated[0][0]} stands {repeated[0][1]} times", "each once"
        if isinstance(rule, rules.SumOfSubItems):
            total = sum(sub.max_points for sub in rule.sub_items)
            if abs(total - item.max_points) > 1e-9:
                yield STANDARD, f"{key}.rule.sub_items", f"sum to {total:g}", f"{item.max_points:g}"
        if isinstance(rule, rules.Conversion):
            total = sum(source.share for source in rule.sources)
            if abs(total - 1) > 1e-9:
                yield STANDARD, f"{key}.rule.sources", f"shares sum to {total:g}", "1"


def reachable_rules(config: CycleConfig) -> Wrongs:
    """Every rule can change a score: it moves points, and what it waits for can happen."""
    for key, item in _items(config):
        for rule in item.rules:
            if wrong := _never_fires(rule, config):
                wrong = f"can never change a score: {wrong}"
                yield STANDARD, f"{key}.rule[{rule.rule_id}]", wrong, "a rule that can"
    known = {unit.unit_type for unit in config.units}
    for block in config.standard.blocks:
        for unit_type in set(block.unit_types) - known:
            where = f"blocks[{block.block_id}].unit_types"
            yield STANDARD, where, f"no unit is of type {unit_type}", ", ".join(sorted(known))


def _never_fires(rule: rules.RuleModel, config: CycleConfig) -> str:
    """Why a rule cannot fire; empty when it can."""
    for name in ("points", "highest", "required", "threshold", "target"):
        if getattr(rule, name, 1) <= 0:
            return f"{name} is {getattr(rule, name):g}"
    if isinstance(rule, rules.Tiered) and any(tier.points <= 0 for tier in rule.tiers):
        return "a tier gives no points"
    if isinstance(rule, rules.RankBased):
        return _unreached_ranks(rule, len(config.visits) or len(config.units))
    is_by_last_cycle = isinstance(rule, rules.NotApplicable) and rule.when == "not_visited_last_cycle"
    return "cycle.yml names no previous_cycle" if is_by_last_cycle and not config.cycle.previous_cycle else ""


def _unreached_ranks(rule: rules.RankBased, n_units: int) -> str:
    """Classes need falling points, and a rank that a unit can have."""
    classes = sorted(rule.points_by_rank.items())
    if any(later >= points for (_, points), (_, later) in itertools.pairwise(classes)):
        return "points_by_rank must fall from class to class"
    unreached = [worst for (before, _), (worst, _) in itertools.pairwise(classes) if before >= n_units]
    return f"no unit can be behind rank {n_units}, as class {unreached[0]} asks" if unreached else ""


def uses_of_facts(config: CycleConfig) -> Iterator[tuple[str, str, FactUse]]:
    """Everything that counts facts of the office's ledgers: file, key, which facts."""
    for key, item in _items(config):
        for use in item.facts:
            yield STANDARD, f"{key}.facts", use
        if isinstance(item.rule, rules.Veto) and item.rule.fact:
            yield STANDARD, f"{key}.rule", FactUse(fact=item.rule.fact, where=item.rule.where)
    for rule in config.cycle.facts.rules:
        yield CYCLE, f"facts.rules[{rule.rule_id}]", rule
    for number, use in enumerate(config.cycle.facts.ignored):
        yield CYCLE, f"facts.ignored[{number}]", use


def known_facts(config: CycleConfig) -> Wrongs:
    """Whatever counts facts names columns that tell them apart, and values that these can hold."""
    for file, key, use in uses_of_facts(config):
        columns = FACT_COLUMNS[use.fact]
        for column, values in use.where.items():
            if column not in columns:
                yield file, f"{key}.where", f"{use.fact} are not told apart by {column}", ", ".join(columns)
            elif strange := set(values) - set(_values(config, use.fact, column)):
                told, allowed = ", ".join(sorted(strange)), ", ".join(_values(config, use.fact, column))
                yield file, f"{key}.where.{column}", f"{told} never happens to a fact that counts", allowed


def _values(config: CycleConfig, fact: str, column: str) -> tuple[str, ...]:
    return _COUNTED.get(column) or tuple(config.choices(FACT_COLUMNS[fact][column]))


def one_consumer(config: CycleConfig) -> Wrongs:
    """Every fact has exactly one consumer: an item, a veto, a rule of 事实, or the list of those that are ignored."""
    uses = list(uses_of_facts(config))
    for fact in sorted({use.fact for _, _, use in uses}):
        its = [(f"{file}: {key}", use.where) for file, key, use in uses if use.fact == fact]
        used = [name for name in FACT_COLUMNS[fact] if any(name in where for _, where in its)]
        names = [name for name in used if len(_values(config, fact, name)) > 1]
        for values in itertools.product(*(_values(config, fact, name) for name in names)):
            cell = dict(zip(names, values, strict=True))
            who = [
                key for key, where in its if all(cell[name] in where[name] for name in where if name in cell)
            ]
            if len(who) != 1:
                told = " ".join((fact, *(f"{name}={value}" for name, value in cell.items())))
                wrong = f"{told} is counted by {' and '.join(who) or 'nothing'}"
                yield CYCLE, "facts", wrong, "exactly one consumer, or an entry under facts.ignored"


def evidence_named(config: CycleConfig) -> Wrongs:
    """Every item of the 100 points names the evidence that it asks for, where findings.yml lists evidence."""
    for key, item in _items(config):
        is_silent = not item.evidence_classes and item in config.standard.scored_items
        if config.findings and is_silent:
            allowed = ", ".join(config.choices("evidence_classes"))
            yield STANDARD, f"{key}.evidence_classes", "names no evidence", allowed


def criteria_agree(config: CycleConfig) -> Wrongs:
    """The printed criterion of an item names the numbers that its rules compute with."""
    for key, item in _items(config):
        printed = {float(number) for number in _NUMBER.findall(item.criterion)}
        for rule in item.rules if item.criterion else ():
            for name, number in _numbers(rule):
                if not any(abs(number - seen) < 1e-9 for seen in printed):
                    wrong = f"does not name {number:g}, the {name} of rule {rule.rule_id}"
                    yield STANDARD, f"{key}.criterion", wrong, "a text that says what the rule computes"


def _numbers(rule: rules.RuleModel) -> Iterator[tuple[str, float]]:
    """The numbers of a rule as people write them; shares in percent, a lowest deduction of 0 not at all."""
    for name in ("points", "highest", "required"):
        if hasattr(rule, name):
            yield name, float(getattr(rule, name))
    for name in ("threshold", "target", "step"):
        if hasattr(rule, name):
            yield name, getattr(rule, name) * 100
    if isinstance(rule, rules.Range) and rule.lowest:
        yield "lowest", rule.lowest
    if isinstance(rule, rules.Tiered):
        yield from ((f"points of {tier.label}", tier.points) for tier in rule.tiers)


RULE_CHECKS: tuple[Callable[[CycleConfig], Wrongs], ...] = (
    parts_add_up, reachable_rules, known_facts, one_consumer,
)  # fmt: skip
ADVICE: tuple[Callable[[CycleConfig], Wrongs], ...] = (evidence_named, criteria_agree)
