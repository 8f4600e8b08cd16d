"""The sample bureau: how good each unit is, what would be seen there, and everything that is handed in (the truth)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import yaml

from lianzheng.config import CycleConfig
from lianzheng.config.findings import FindingTaxonomy
from lianzheng.config.forms import Form
from lianzheng.config.models import Member, Questionnaire
from lianzheng.config.standard import Item
from lianzheng.demo.draws import observe, points_of, stream
from lianzheng.forms.layout import Key, Scalar

Row = dict[str, Any]
Matrix = dict[Key, Scalar]
PATROLLED_SHARE = 0.5


@functools.cache
def texts() -> dict[str, Any]:
    """The word lists and number ranges of ``texts.yml``."""
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("texts.yml").read_text(encoding="utf-8"))
    return found


def unique_details() -> Iterator[str]:
    """Ordinary places and things, each pair once: what makes a private text recognisable."""
    places, things = texts()["details"]["places"], texts()["details"]["things"]
    for number in range(10**9):
        again, turn = divmod(number, len(places) * len(things))
        pair = places[turn % len(places)] + things[(turn // len(places) + turn) % len(things)]
        yield pair + (f"第{again + 1}回" if again else "")


@dataclass
class Bureau:
    """The drawn bureau: ``weak`` by unit (0 best, 1 weakest), what is observed and what it is worth by unit and item.

    An item that does not apply to a unit has no entry in ``observed`` and ``points``. The truth: ``tables``, rows by
    processed table; ``matrices``, a form's values by (form_id, unit_id, scorer or rater group); ``private``,
    recognisable pieces of texts that no page may show.
    """

    config: CycleConfig
    seed: int
    weak: dict[str, float] = field(default_factory=dict)
    observed: dict[tuple[str, str], float] = field(default_factory=dict)
    points: dict[tuple[str, str], float] = field(default_factory=dict)
    member_points: dict[str, float] = field(default_factory=dict)
    tables: dict[str, list[Row]] = field(default_factory=dict)
    matrices: dict[tuple[str, str, str], Matrix] = field(default_factory=dict)
    private: dict[str, list[str]] = field(default_factory=dict)
    _by_unit: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    _details: Iterator[str] = field(default_factory=unique_details)

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

    @property
    def unit_ids(self) -> list[str]:
        """The units' ids in roster order."""
        return [unit.unit_id for unit in self.config.units]

    def members(self, unit_id: str) -> list[Member]:
        """A unit's leaders."""
        return [member for member in self.config.members if member.unit_id == unit_id]

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

    def see(self, unit_id: str, item: Item, seen: float) -> None:
        """Settle what is observed of an item, and so its points."""
        self.observed[unit_id, item.item_id] = seen
        self.points[unit_id, item.item_id] = points_of(item, seen) if item.max_points else 0.0

    def add(self, table: str, row: Row) -> None:
        """Add a row to a table of the truth."""
        self.tables.setdefault(table, []).append(row)
        self._by_unit.setdefault((table, row["unit_id"]), []).append(row)

    def rows(self, table: str, unit_id: str, **where: object) -> list[Row]:
        """A unit's rows of a table that have these values."""
        found = self._by_unit.get((table, unit_id), [])
        return [row for row in found if all(row[name] == value for name, value in where.items())]

    def keep(
        self, form: Form, unit_id: str, which: str, matrix: Matrix, finish: Callable[[Row], Row] = dict, **keys: str
    ) -> None:  # fmt: skip
        """Keep a form's values, and the rows that they make of the processed tables."""
        self.matrices[form.form_id, unit_id, which] = matrix
        for into, row in rows_of(form, matrix):
            self.add(into, finish({"unit_id": unit_id, **keys, **row}))

    def private_text(self, kind: str, text: str) -> str:
        """A text with a detail that occurs once, so that it can be looked for where it must not be."""
        detail = next(self._details)
        self.private.setdefault(kind, []).append(detail)
        return str(texts()["detail_sentence"].format(text=text, detail=detail))


def rows_of(form: Form, matrix: Matrix) -> Iterator[tuple[str, Row]]:
    """A filled matrix as rows of the processed tables: cells with equal keys make one row."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Row] = {}
    for table in form.tables:
        for form_row in table.rows:
            for column in table.columns:
                keys = {**table.keys, **form_row.keys, **column.keys}
                row = found.setdefault((table.into, tuple(sorted(keys.items()))), dict(keys))
                value = matrix.get((table.table_id, form_row.row_id, column.column_id))
                row[column.target or column.column_id] = value
    return ((into, row) for (into, _), row in found.items())


def filled(text: str, rng: Random) -> str:
    """A template with its words chosen."""
    return text.format_map({name: rng.choice(choices) for name, choices in texts()["words"].items()})


def draw_bureau(config: CycleConfig, seed: int) -> Bureau:
    """Draw how weak each unit is, visited and other units over the same range, and what each rule would count."""
    bureau = Bureau(config, seed)
    visited = {visit.unit_id for visit in config.visits}
    for group in (True, False):
        ids = [unit.unit_id for unit in config.units if (unit.unit_id in visited) == group]
        bureau.rng("quality", group).shuffle(ids)
        bureau.weak |= {unit_id: 0.12 + 0.66 * (i + 0.5) / len(ids) for i, unit_id in enumerate(ids)}
    for unit in config.units:
        _observe_unit(bureau, unit.unit_id)
    return bureau


def applies(bureau: Bureau, unit_id: str, item: Item) -> bool:
    """Whether an item counts for a unit; who was patrolled (a declared exception) is drawn."""
    if item.not_applicable is None:
        return True
    if item.not_applicable.when == "not_visited_last_cycle":
        return unit_id in bureau.config.visited_last_cycle
    return bureau.rng("declared", item.item_id, unit_id).random() < PATROLLED_SHARE


def _observe_unit(bureau: Bureau, unit_id: str) -> None:
    """What each rule counts; for the mean over members, points for each in halves."""
    rng, members = bureau.rng("observe", unit_id), bureau.members(unit_id)
    for item in bureau.config.standard.items:
        weak = min(max(bureau.weak[unit_id] + rng.uniform(-0.2, 0.2), 0), 1)
        seen = observe(item, weak, rng)
        if item.rule.rule_type == "mean_over_members":
            most = item.max_points
            points = [most - int(rng.uniform(0, 1.8) * weak * most) / 2 for _ in members]
            bureau.member_points |= {member.member_id: p for member, p in zip(members, points, strict=True)}
            bureau.points[unit_id, item.item_id] = round(sum(points) / max(len(points), 1), 2)
        elif seen is not None and applies(bureau, unit_id, item):
            bureau.see(unit_id, item, seen)
