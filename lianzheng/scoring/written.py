"""What units and teams wrote about the items: one record per unit × item × scorer, with its parts and members."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.config.standard import Item
from lianzheng.issues import NOWHERE, Source
from lianzheng.scoring.lines import SCORES, SELF, Frames, Row

Places = dict[tuple[str, str], Item]  # unit_id, item_id


@dataclass(frozen=True, slots=True)
class Written:
    """What one scorer wrote about an item of a unit.

    ``observed`` is 核实数, of an item with members the mean of their points and nothing else; ``parts`` what was
    written about each part of the item, None for a blank; ``reasons`` by part, ``""`` for the item's own.
    """

    unit_id: str
    item: Item
    scorer: str
    observed: float | None = None
    points: float | None = None
    state: str = "blank"
    parts: Mapping[str, float | None] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    source: Source = NOWHERE

    @property
    def is_own(self) -> bool:
        """Whether the unit itself wrote it."""
        return self.scorer == SELF

    def reason(self, part_id: str = "") -> str:
        """The reason given for a part, else for the item."""
        return self.reasons.get(part_id) or self.reasons.get("", "")


def scored_places(config: CycleConfig, units: pd.DataFrame) -> Places:
    """The items (bonus included, vetoes not) that count for each unit by its type, in printed order."""
    blocks = [block for block in config.standard.blocks if block.kind != "veto"]
    return {
        (unit_id, item.item_id): item
        for unit_id, unit_type in zip(units["unit_id"], units["unit_type"], strict=True)
        for block in blocks if block.is_for(unit_type)
        for item in block.items
    }  # fmt: skip


def read_written(tables: Frames, places: Places) -> list[Written]:
    """Everything written about ``places``; of teams only what they wrote at units on the visit list."""
    scores, units = tables[SCORES], tables["units"]
    is_visited = scores["unit_id"].isin(units.loc[units["is_visited"], "unit_id"])
    counted = scores[is_visited | (scores["scorer"] == SELF)]
    key = ["unit_id", "item_id", "scorer"]
    rows = counted.sort_values([*key, "member_id", "part_id"]).to_dict("records")
    groups = groupby(rows, key=lambda row: tuple(row[name] for name in key))
    known = ((place[:2], its) for place, its in groups if place[:2] in places)
    return [_record(places[place], list(its)) for place, its in known]


def _record(item: Item, rows: list[Row]) -> Written:
    blank: dict[str, Any] = {"observed_value": None, "points": None, "value_state": "blank", "reason": None}
    own = next((row for row in rows if not row["member_id"] and not row["part_id"]), blank)
    members = [row for row in rows if row["member_id"]]
    by_part = {row["part_id"]: row for row in rows if row["part_id"] and not row["member_id"]}
    is_of_members = item.rule.rule_type == "mean_over_members"
    mean, is_open = _member_mean(item, members) if is_of_members else (None, False)
    is_declared = own["value_state"] == "not_applicable"
    is_number = own["value_state"] == "number" or rows[0]["scorer"] == SELF
    return Written(
        rows[0]["unit_id"], item, rows[0]["scorer"],
        observed=mean if is_of_members else _number(own["observed_value"]),
        points=_number(own["points"]) if is_number else None,
        state="pending" if is_open and not is_declared else own["value_state"],
        parts={part.part_id: _of_part(by_part.get(part.part_id, blank), part.is_scored) for part in item.parts},
        reasons={id_: _text(row["reason"]) for id_, row in {"": own, **by_part}.items()},
        source=Source(*(_text(own.get(name)) for name in ("file_id", "sheet", "cell"))),
    )  # fmt: skip


def _member_mean(item: Item, members: Iterable[Row]) -> tuple[float | None, bool]:
    """The mean of the members' points, each within the item's; and whether it is open because one is blank."""
    counted = [_number(row["points"]) for row in members if row["value_state"] != "not_applicable"]
    points = [min(max(value, 0.0), item.max_points) for value in counted if value is not None]
    if len(points) < len(counted):
        return None, True
    return (sum(points) / len(points) if points else None), False


def _of_part(row: Row, is_scored: bool) -> float | None:
    """核实数; or points, where a dash is a blank and no zero."""
    is_blank = is_scored and row["value_state"] != "number"
    return None if is_blank else _number(row["points" if is_scored else "observed_value"])


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value).strip()


def strangers(config: CycleConfig, tables: Frames) -> Iterator[Row]:
    """Scores (vetoes too) written for items that do not count for the unit's type, which count nowhere."""
    units, blocks = tables["units"], config.standard.blocks
    foreign = {
        (unit_id, item.item_id)
        for unit_id, unit_type in zip(units["unit_id"], units["unit_type"], strict=True)
        for block in blocks if not block.is_for(unit_type)
        for item in block.items
    }  # fmt: skip
    for row in tables[SCORES].to_dict("records"):
        is_given = pd.notna(row["points"]) or pd.notna(row["observed_value"])
        if is_given and (row["unit_id"], row["item_id"]) in foreign:
            yield row
