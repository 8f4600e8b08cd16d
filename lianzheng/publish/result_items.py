"""逐项得分, the second sheet of results.xlsx: the teams' points by item, with the sums as formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.forms import Formula, Placed, Sheet
from lianzheng.forms.addresses import column_letters
from lianzheng.publish.workbooks import PLAIN, Value, head, table_row
from lianzheng.scoring.lines import Frames
from lianzheng.tables import labels

ITEMS, NOT_APPLICABLE = "逐项得分", "不适用"
FIRST_ROW = 6  # of the units on both sheets, under title, weights and three rows of labels
POINTS = "0.00"
NOISE = 1e-9
Candidate = tuple[str, float]  # a formula and what it comes to


def result_rows(tables: Frames) -> list[dict[str, Any]]:
    """A row a unit in roster order: its result with the components side by side."""
    parts = tables["scores_by_unit_component"].pivot(index="unit_id", columns="component")
    wide = pd.DataFrame({
        "inspection": parts["score"]["inspection"], "perception": parts["score"]["perception"],
        "facts": parts["deduction_points"]["facts"], "inspection_state": parts["state"]["inspection"],
        "perception_state": parts["state"]["perception"],
    })  # fmt: skip
    units = tables["units"].merge(tables["results_by_unit"], on=["cycle", "unit_id"]).join(wide, on="unit_id")
    return units.sort_values("order").to_dict("records")


@dataclass
class ItemSheet:
    """逐项得分: a line a unit, the items of each block, then the block's sum; at the end 检查."""

    config: CycleConfig
    tables: Frames
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        known = self.tables["items"].sort_values("order")
        used = known[known["item_id"].isin(self.tables["scores_by_unit_item"]["item_id"])]
        blocks = [block for block in self.config.standard.blocks if block.block_id in set(used["block_id"])]
        self.blocks = {block.block_id: block for block in blocks}
        self.columns: dict[str, int] = {}
        self.full: dict[str, float] = {}
        for block_id, block in self.blocks.items():
            items = used[used["block_id"] == block_id]
            self.full |= dict(zip(items["item_id"], items["max_points"], strict=True))
            self.full[block_id] = block.max_points
            for name in [*items["item_id"], block_id]:
                self.columns[name] = len(self.columns) + 3
        self.items = {b: list(used.loc[used["block_id"] == b, "item_id"]) for b in self.blocks}
        self.names = dict(zip(known["item_id"], known["name"], strict=True))
        self.total_column = column_letters(len(self.columns) + 3)

    def letter(self, name: str) -> str:
        """The column of an item, or of a block's sum."""
        return column_letters(self.columns[name])

    def sheet(self) -> Sheet:
        """Labels, points to be had, and the units' lines with formulas; two pages wide on paper."""
        cells, last = list(self._labels()), len(self.columns) + 3
        scores = self.tables["scores_by_unit_item"].set_index(["unit_id", "item_id"]).to_dict("index")
        sums = self.tables["scores_by_unit_block"].set_index(["unit_id", "block_id"])["team_points"].to_dict()
        for row, unit in enumerate(result_rows(self.tables), start=FIRST_ROW):
            values = self._unit_values(unit, row, scores, sums)
            cells += table_row(row, [(row - FIRST_ROW + 1, "0"), (unit["short_name"], ""), *values])
        below = max(cell.row for cell in cells) + 1
        notes = [
            f"“{NOT_APPLICABLE}”的分值由同一部分其余适用项目按得分率分摊：部分得分＝各项得分之和×部分分值÷适用项目分值之和；"
            "整个部分不适用的，由其他部分同样分摊。",
            "检查＝各部分得分之和（含加分），不超过上限；空白为没有评分，不是0分。",
            *self.notes,
        ]
        cells += [Placed(below + i, 1, note, "note", 1, min(last, 20)) for i, note in enumerate(notes)]
        widths = [4, 14, *(7 if name in self.blocks else 6 for name in self.columns), 9]
        return Sheet(ITEMS, tuple(cells), tuple(widths), FIRST_ROW - 1, "landscape", frozen_columns=2)

    def _labels(self) -> Iterator[Placed]:
        cycle, last = self.config.cycle, len(self.columns) + 3
        title = f"{cycle.bureau}{cycle.cycle}年检查组逐项得分"
        yield from head(cycle.classification, title, min(last, 20))
        for column, label in ((1, "序号"), (2, "单位")):
            yield Placed(3, column, label, "column_label", 2)
        yield Placed(5, 1, "分值（检查为上限）", "column_label", 1, 2)
        for block_id, block in self.blocks.items():
            first = self.columns[self.items[block_id][0]]
            yield Placed(3, first, block.label, "column_label", 1, self.columns[block_id] - first + 1)
            yield Placed(4, self.columns[block_id], "小计", "column_label")
        for item_id in self.names:
            if item_id in self.columns:
                yield Placed(4, self.columns[item_id], f"{item_id} {self.names[item_id]}", "column_label")
        for name, column in self.columns.items():
            yield Placed(5, column, float(self.full[name]), "value", number_format=PLAIN)
        yield Placed(3, last, "检查", "column_label", 2)
        yield Placed(5, last, float(cycle.inspection_cap), "value", number_format=PLAIN)

    def _unit_values(
        self, unit: Mapping[str, Any], row: int, scores: Mapping[Any, Any], sums: Mapping[Any, float]
    ) -> list[tuple[Value, str]]:
        """The unit's points, sums of blocks and 检查; without a score, blank, and the state where the sum would be."""
        unit_id, values = unit["unit_id"], list[tuple[Value, str]]()
        state, stored_sums = labels("component_state")[unit["inspection_state"]], dict[str, float]()
        for block_id, item_ids in self.items.items():
            own = {i: scores.get((unit_id, i), {"is_not_applicable": True}) for i in item_ids}
            given = {i: s["team_points"] for i, s in own.items() if not s["is_not_applicable"]}
            for item_id in item_ids:
                points = given.get(item_id)
                missing = None if item_id in given else NOT_APPLICABLE
                values.append((missing if points is None or pd.isna(points) else points, POINTS))
            stored = sums.get((unit_id, block_id), float("nan"))
            if pd.isna(stored):
                is_open = bool(given) and self.blocks[block_id].kind == "points"
                words = NOT_APPLICABLE if not given else state if is_open else None
                values.append((words if unit["is_visited"] else None, ""))
                continue
            stored_sums[block_id] = stored
            sum_ = _pick(self._sums(block_id, given, row), stored)
            values.append((self._checked(sum_, unit, block_id), POINTS))
        inspection = unit["inspection"]
        if pd.isna(inspection):
            return [*values, (state, "")]
        total = _pick(self._totals(stored_sums, row), inspection)
        return [*values, (self._checked(total, unit, ""), POINTS)]

    def _checked(self, value: Value, unit: Mapping[str, Any], block_id: str) -> Value:
        """The value, and a note where it is no formula."""
        if not isinstance(value, Formula):
            what = self.blocks[block_id].label if block_id else "检查"
            self.notes.append(f"{unit['name']}的“{what}”不是各项直接或分摊相加，所列为按评分标准计算的结果。")
        return value

    def _sums(self, block_id: str, given: Mapping[str, float], row: int) -> list[Candidate]:
        """How a block's points may come about: the sum, capped for bonus, shared out where items do not apply."""
        first, last, own = self.letter(self.items[block_id][0]), self.letter(self.items[block_id][-1]), self.letter(block_id)  # fmt: skip
        added, full = float(pd.Series(given, dtype="float64").sum()), self.full[block_id]
        available = sum(self.full[item_id] for item_id in given)
        summed = f"SUM({first}{row}:{last}{row})"
        applying = f'SUMIF({first}{row}:{last}{row},"<>{NOT_APPLICABLE}",{first}$5:{last}$5)'
        shared = [(f"={summed}*{own}$5/{applying}", added * full / available)] if available else []
        return [(f"={summed}", added), (f"=MIN({summed},{own}$5)", min(added, full)), *shared]

    def _totals(self, sums: Mapping[str, float], row: int) -> list[Candidate]:
        """How 检查 may come about: the blocks and the bonus up to the cap, blocks that do not apply shared out."""
        cap = float(self.config.cycle.inspection_cap)
        scored = [block_id for block_id, block in self.blocks.items() if block.kind == "points"]
        bonus = [block_id for block_id in sums if block_id not in scored]
        applying = [block_id for block_id in scored if block_id in sums]
        if not applying:
            return []
        base, extra = sum(sums[b] for b in applying), sum(sums[b] for b in bonus)
        full, available = (sum(self.full[b] for b in some) for some in (scored, applying))

        def added(ids: Sequence[str], line: str) -> str:
            return f"SUM({','.join(f'{self.letter(block_id)}{line}' for block_id in ids)})"

        more = f"+{added(bonus, str(row))}" if bonus else ""
        shared = f"{added(applying, str(row))}*{added(scored, '$5')}/{added(applying, '$5')}{more}"
        limit = f"{self.total_column}$5"
        return [
            (f"=MIN({added([*applying, *bonus], str(row))},{limit})", min(base + extra, cap)),
            (f"=MIN({shared},{limit})", min(base * full / available + extra, cap)),
        ]


def _pick(candidates: Sequence[Candidate], stored: float) -> Value:
    """The first formula that comes to the stored figure, else the figure."""
    fitting = (text for text, value in candidates if abs(value - stored) <= NOISE)
    text = next(fitting, None)
    return Formula(text, stored) if text else stored
