"""Random standards and parameters, built through the models of the configuration and passed by its checks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from random import Random
from typing import Any

from lianzheng.config import CycleConfig
from lianzheng.config.checks import problems
from lianzheng.config.models import Cycle, Unit
from lianzheng.config.standard import Standard
from tests.oracle.bureau import SOURCES

TYPES = ("甲", "乙", "丙")
TAKING = (
    "all_or_nothing deduction_per_missing deduction_per_case deduction_per_person ratio_threshold proportional"
    " timeliness range discretionary override"
).split()
EARNING = "credit_per_occurrence tiered mean_over_members sum_of_sub_items rank_based conversion".split()
STEPS = (0.05, 0.1, 0.25, 0.5, 1, 1.25, 2, 3)
FACTS = {
    "cases": ("four_forms_level", ("1", "2", "3", "4")),
    "submissions": ("form_id", ("standard", "statistics")),
    "rectifications": ("source", SOURCES),
}
N_UNITS = 6  # no class of ranks may begin behind the last unit

Row = dict[str, Any]


def draw_config(shipped: CycleConfig, seed: int) -> CycleConfig:
    """The shipped cycle with a random standard and random parameters; the same seed gives the same ones."""
    draw = Drawing(Random(f"standard {seed}"))
    shares = draw.consumers()
    blocks = draw.blocks(shares)
    standard = Standard(title="", version="2018", is_reconstruction=True, blocks=blocks)  # type: ignore[arg-type]
    units = tuple(
        Unit(unit_id=f"U{n:03}", name=f"单位{n}", short_name=f"单位{n}", unit_type=TYPES[n % 3], headcount=9, head="")
        for n in range(1, N_UNITS + 1)
    )  # fmt: skip
    cycle = Cycle.model_validate({**shipped.cycle.model_dump(), **draw.parameters(shares)})
    assert shipped.findings is not None and shipped.questionnaire is not None
    config = dataclasses.replace(
        shipped, standard=standard, units=units, cycle=cycle, members=(), visits=(), decisions=(),
        questionnaire=shipped.questionnaire.model_copy(update={"questions": shipped.questionnaire.rated[:2]}),
        findings=shipped.findings.model_copy(update={"focal_points": ()}),
    )  # fmt: skip
    assert list(problems(config)) == []
    return config


@dataclasses.dataclass
class Drawing:
    """One standard in the making."""

    random: Random
    number: int = 0

    def name(self) -> str:
        self.number += 1
        return f"X{self.number:03}"

    def split(self, total: float, n: int, step: float = 0.5) -> list[float]:
        """``n`` positive multiples of ``step`` that sum to ``total``."""
        cuts = sorted(self.random.sample(range(1, round(total / step)), n - 1))
        return [(b - a) * step for a, b in zip([0, *cuts], [*cuts, round(total / step)], strict=True)]

    # Rules

    def rule(self, kind: str, full: float) -> Row:
        """A rule of that type with random parameters for an item of ``full`` points."""
        pick = self.random.choice
        low, high = sorted((self.random.uniform(0.1, full), self.random.uniform(0.1, full)))
        parameters: dict[str, Row] = {
            "deduction_per_missing": {"required": pick((1, 2, 4, 12)), "points": pick(STEPS)},
            "ratio_threshold": {"threshold": pick((0.6, 0.9, 0.95, 1)), "points": pick(STEPS)},
            "proportional": {"target": pick((0.6, 0.9, 1)), "step": pick((0.01, 0.05, 0.1)), "points": pick(STEPS)},
            "range": {"lowest": round(low, 1), "highest": max(round(low, 1), int(high * 10) / 10)},
            "discretionary": {"highest": max(0.1, int(high * 10) / 10)},
            "rank_based": {
                "points_by_rank": {1: full + pick((0, 1)), 3: full * 0.6, 6: full * 0.1},
                "best": pick(("highest", "lowest")), "within": pick(("bureau", "unit_type")),
            },
        }  # fmt: skip
        plain = "credit_per_occurrence deduction_per_case deduction_per_person timeliness bonus".split()
        own = {"points": pick(STEPS)} if kind in plain else parameters.get(kind) or self.parts(kind, full)
        return {"rule_id": self.name(), "rule_type": kind, **own}

    def parts(self, kind: str, full: float) -> Row:
        """Tiers, sub-items or sources; nothing for a rule without parts."""
        n = self.random.choice((2, 3))
        if kind == "tiered":
            return {"tiers": [self.part(points=self.random.choice(STEPS)) for _ in range(n)]}
        if kind == "conversion":
            shares = [0.8, 0.2] if n == 2 else [0.5, 0.3, 0.2]
            return {
                "sources": [self.part(share=s, max_points=self.random.choice((10, 90, 100))) for s in shares]
            }
        if kind == "sum_of_sub_items":
            n = min(n, round(full / 0.25))
            kinds = [None, *self.random.choices([*TAKING, "credit_per_occurrence"], k=n - 1)]
            points = self.split(full, n, 0.25)
            subs = [(k, p, self.rule(k, p) if k else None) for k, p in zip(kinds, points, strict=True)]
            return {"sub_items": [self.part(max_points=p, rule=rule) for _, p, rule in subs]}
        return {}

    def part(self, **more: Any) -> Row:
        part_id = self.name()
        return {"part_id": part_id, "label": part_id, **more}

    def item(self, kind: str, full: float, **more: Any) -> Row:
        item_id = self.name()
        rule = more.pop("rule", None) or self.rule(kind, full)
        return {"item_id": item_id, "item_key": item_id, "name": item_id, "max_points": full, "criterion": "",
                "rule": rule, **more}  # fmt: skip

    def scored_item(self, kind: str, full: float) -> Row:
        """An item of the 100 points; some with further rules, some that need not apply."""
        more: Row = {}
        if self.random.random() < 0.25:
            more["further_rules"] = [self.rule(k, full) for k in self.random.choices(TAKING, k=2)]
        if self.random.random() < 0.35:
            more["not_applicable"] = self.exemption()
        return self.item(kind, full, **more)

    def exemption(self) -> Row:
        when = self.random.choice(("declared", "not_visited_last_cycle"))
        treatment = self.random.choice(("redistribute", "group_mean"))
        return {"rule_id": self.name(), "rule_type": "not_applicable", "when": when, "treatment": treatment}

    # Blocks

    def blocks(self, shares: list[Row]) -> list[Row]:
        """Common blocks, blocks for types of units, bonus and vetoes; 100 points for every type."""
        common = self.random.choice((100, 60, 40))
        kinds = self.random.sample([*TAKING, *EARNING], 16)
        if common == 100:
            cuts = [kinds[:3], kinds[3:9], kinds[9:13]]
            blocks = [self.block(p, k) for p, k in zip(self.split(100, 3, 10), cuts, strict=True)]
        else:
            blocks = [self.block(common, kinds[:6])]
            blocks += [self.block(100 - common, kinds[6:11], [TYPES[0]])]
            blocks += [self.block(100 - common, kinds[11:], list(TYPES[1:]))]
        bonus = [self.item("bonus", self.random.choice((1, 2, 3))) for _ in range(3)]
        bonus[0]["not_applicable"] = self.exemption()
        blocks += [self.holding("bonus", 3, bonus[:2]), self.holding("bonus", 1, bonus[2:], [TYPES[1]])]
        return [*blocks, *self.vetoes(shares)]

    def block(self, points: float, kinds: list[str], unit_types: list[str] | None = None) -> Row:
        items = [self.scored_item(k, p) for k, p in zip(kinds, self.split(points, len(kinds)), strict=True)]
        return self.holding("points", points, items, unit_types)

    def holding(self, kind: str, points: float, items: list[Row], unit_types: list[str] | None = None) -> Row:
        block_id = self.name()
        return {"block_id": block_id, "label": block_id, "kind": kind, "max_points": points, "items": items,
                "unit_types": unit_types or []}  # fmt: skip

    def vetoes(self, shares: list[Row]) -> Iterator[Row]:
        """Vetoes by the ledger and by what a team saw, for all units and for some."""
        fails, spoils = ({"rule_type": "veto", "effect": effect} for effect in ("fails", "not_excellent"))
        by_ledger = [
            {**(fails, spoils)[n % 2], "rule_id": self.name(), "fact": "cases", "where": use["where"]}
            for n, use in enumerate(use for use in shares if use["who"] == "veto" and use["fact"] == "cases")
        ]
        seen = [{**spoils, "rule_id": self.name()}]
        yield self.holding("veto", 0, [self.item("veto", 0, rule=rule) for rule in by_ledger + seen])
        few = [self.item("veto", 0, rule={**fails, "rule_id": self.name()})]
        yield self.holding("veto", 0, few, [TYPES[2]])

    # Parameters of the cycle

    def consumers(self) -> list[Row]:
        """Who counts which facts: every value of the column that tells them apart has exactly one consumer."""
        uses = []
        for fact, (column, values) in FACTS.items():
            by_whom: dict[str, list[str]] = {}
            for value in values:
                who = self.random.choice(("rule", "other rule", "ignored", *["veto"] * (fact == "cases")))
                by_whom.setdefault(who, []).append(value)
            uses += [{"who": who, "fact": fact, "where": {column: its}} for who, its in by_whom.items()]
        return uses

    def parameters(self, shares: list[Row]) -> Row:
        pick = self.random.choice
        rules = [
            {"fact": use["fact"], "where": use["where"], "rule_id": self.name(), "points": pick((0.5, 1, 1.25, 3)),
             "label": "", "rule_type": "deduction_per_case" if use["fact"] == "cases" else "timeliness"}
            for use in shares if use["who"].endswith("rule")
        ]  # fmt: skip
        ignored = [{"fact": use["fact"], "where": use["where"]} for use in shares if use["who"] == "ignored"]
        lowest = sorted(self.random.sample(range(10, 90, 5), 2), reverse=True)
        names = ("excellent", "good", "unqualified")
        bands = [{"grade": n, "label": n, "lowest": low} for n, low in zip(names, (*lowest, 0), strict=True)]
        bands[0]["conditions"] = pick(([], ["no_item_at_zero"]))
        bands[1]["conditions"] = pick(([], [], ["no_item_at_zero"]))
        first = pick((1, 1, 0.8, 0.35))
        return {
            "weights": {"inspection": first, "perception": round(1 - first, 2)}, "grades": bands,
            "inspection_cap": pick((100, 60, 45)), "facts": {"cap": pick((2, 5, 40)), "rules": rules, "ignored": ignored},
            "rank_minimum": pick((2, 3)), "suppression_threshold": pick((5, 12)),
        }  # fmt: skip
