"""What is true of the sample bureau before anything is written down: how good each unit is, and what would be seen."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import yaml

from lianzheng.config import CycleConfig
from lianzheng.config.models import FindingTaxonomy, Questionnaire
from lianzheng.config.standard import Item, NotApplicable
from lianzheng.demo.draws import observe, points_of, stream

Row = dict[str, Any]
PATROLLED_SHARE = 0.5


@functools.cache
def texts() -> dict[str, Any]:
    """The word lists and number ranges of ``texts.yml``."""
    text = Path(__file__).with_name("texts.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return found


def unique_details() -> Iterator[str]:
    """Ordinary places and things, each pair once: what makes a private text recognisable."""
    places, things = texts()["details"]["places"], texts()["details"]["things"]
    number = 0
    while True:
        again, turn = divmod(number, len(places) * len(things))
        ending = f"第{again + 1}回" if again else ""
        yield places[turn % len(places)] + things[(turn // len(places) + turn) % len(things)] + ending
        number += 1


@dataclass
class Bureau:
    """The drawn bureau: ``weak`` by unit (0 best, 1 weakest), what is observed and what it is worth by unit and item.

    An item that does not apply to a unit has no entry in ``observed`` and ``points``.
    """

    config: CycleConfig
    seed: int
    weak: dict[str, float] = field(default_factory=dict)
    observed: dict[tuple[str, str], float] = field(default_factory=dict)
    points: dict[tuple[str, str], float] = field(default_factory=dict)
    member_points: dict[str, float] = field(default_factory=dict)
    details: Iterator[str] = field(default_factory=unique_details)

    def rng(self, *purpose: object) -> Random:
        """Chance for one purpose in this bureau."""
        return stream(self.seed, *purpose)

    @property
    def questionnaire(self) -> Questionnaire:
        """附件3, which a sample bureau always has."""
        assert self.config.questionnaire
        return self.config.questionnaire

    @property
    def findings(self) -> FindingTaxonomy:
        """The taxonomy of findings, which a sample bureau always has."""
        assert self.config.findings
        return self.config.findings

    def item(self, item_key: str) -> Item | None:
        """The item of that key, if the standard has one."""
        return next((item for item in self.config.standard.items if item.item_key == item_key), None)

    def seen(self, unit_id: str, item_key: str, default: float = 0.0) -> float:
        """What is observed of an item at a unit."""
        item = self.item(item_key)
        return self.observed.get((unit_id, item.item_id), default) if item else default

    def lost(self, unit_id: str, item: Item) -> float:
        """The share of the item's points that the unit loses, 0–1."""
        points = self.points.get((unit_id, item.item_id), item.max_points)
        return 1 - points / item.max_points if item.max_points else 0.0


def filled(text: str, rng: Random) -> str:
    """A template with its words chosen."""
    return text.format_map({name: rng.choice(choices) for name, choices in texts()["words"].items()})


def weakness(share: float) -> float:
    """Weakness of the unit that has ``share`` of the others before it: most are fair, a few weak."""
    return 0.08 + 0.42 * share + 0.4 * share**4


def draw_bureau(config: CycleConfig, seed: int) -> Bureau:
    """Draw quality, then feedback, then what each rule counts; visited and other units spread over the same range."""
    bureau = Bureau(config, seed)
    visited = {visit.unit_id for visit in config.visits}
    for group in (True, False):
        ids = [unit.unit_id for unit in config.units if (unit.unit_id in visited) == group]
        bureau.rng("quality", group).shuffle(ids)
        bureau.weak |= {unit_id: weakness((i + 0.5) / len(ids)) for i, unit_id in enumerate(ids)}
    for unit in config.units:
        _observe_unit(bureau, unit.unit_id)
    return bureau


def applies(bureau: Bureau, unit_id: str, rule: NotApplicable | None) -> bool:
    """Whether an item counts for a unit; who was patrolled (a declared exception) is drawn."""
    if rule is None:
        return True
    if rule.when == "not_visited_last_cycle":
        return unit_id in bureau.config.visited_last_cycle
    return bureau.rng("declared", rule.rule_id, unit_id).random() < PATROLLED_SHARE


def _observe_unit(bureau: Bureau, unit_id: str) -> None:
    rng = bureau.rng("observe", unit_id)
    for item in bureau.config.standard.items:
        weak = min(max(bureau.weak[unit_id] + rng.uniform(-0.2, 0.2), 0), 1)
        if item.rule.rule_type == "mean_over_members":
            _rate_members(bureau, unit_id, item, weak, rng)
        elif applies(bureau, unit_id, item.not_applicable):
            seen = observe(item, weak, rng)
            if seen is not None:
                bureau.observed[unit_id, item.item_id] = seen
                bureau.points[unit_id, item.item_id] = points_of(item, seen) if item.max_points else 0.0


def _rate_members(bureau: Bureau, unit_id: str, item: Item, weak: float, rng: Random) -> None:
    """Points per member in halves; the item gets their mean."""
    members = members_of(bureau.config, unit_id)
    for member_id in members:
        lost = min(rng.uniform(0, 0.9) * weak * item.max_points, item.max_points)
        bureau.member_points[member_id] = item.max_points - int(lost * 2) / 2
    mean = sum(bureau.member_points[m] for m in members) / max(len(members), 1)
    bureau.points[unit_id, item.item_id] = round(mean, 2)


def members_of(config: CycleConfig, unit_id: str) -> list[str]:
    """The ids of a unit's leaders."""
    return [member.member_id for member in config.members if member.unit_id == unit_id]


def weighted(rng: Random, rows: Iterable[tuple[Any, float]]) -> Any:
    """One of the rows, by weight."""
    pairs = list(rows)
    return rng.choices([row for row, _ in pairs], [weight for _, weight in pairs])[0]
