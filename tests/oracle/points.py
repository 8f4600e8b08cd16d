"""Items once more, in another hand: what was written on the sheets → the points of every item of every unit.

Plain Python and exact fractions, after docs/methodology.md; imports nothing of lianzheng.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

Number = Fraction | None
Row = dict[str, Any]
Sheet = dict[tuple[str, str], Row]  # what one scorer wrote about an item, by member and part
NOTHING = Fraction(0)


def exact(value: Any) -> Fraction:
    """The decimal number that a person wrote, not its binary neighbour."""
    return Fraction(repr(float(value)))


def within(value: Fraction, full: Fraction) -> Fraction:
    return max(NOTHING, min(full, value))


def mean(values: list[Fraction]) -> Number:
    return sum(values, NOTHING) / len(values) if values else None


def number(row: Row | None, column: str) -> Number:
    return None if row is None or row[column] is None else exact(row[column])


def counts_for(block: Any, unit: Row) -> bool:
    return not block.unit_types or unit["unit_type"] in block.unit_types


def score_items(config: Any, units: list[Row], written: list[Row]) -> dict[tuple[str, str], Row]:
    """By unit and item: ``self`` and ``team`` points, ``out`` of either side's sums, ``given`` by the teams, ``away``."""
    sheets: dict[tuple[str, str], dict[str, Sheet]] = defaultdict(lambda: defaultdict(dict))
    for row in written:
        sheets[row["unit_id"], row["item_id"]][row["scorer"]][row["member_id"], row["part_id"]] = row
    answer: dict[tuple[str, str], Row] = {}
    for block in config.standard.blocks:
        for item in block.items if block.kind != "veto" else []:
            concerned = [unit for unit in units if counts_for(block, unit)]
            for side in ("self", "team"):
                one_side_of_an_item(item, side, concerned, sheets, answer)
    for unit in units:
        side = "team" if unit["is_visited"] else "self"
        for (unit_id, _), entry in answer.items():
            if unit_id == unit["unit_id"]:
                entry["away"] = entry["out"][side]
    return answer


def one_side_of_an_item(
    item: Any, side: str, units: list[Row], sheets: dict[tuple[str, str], dict[str, Sheet]], answer: dict[Any, Row]
) -> None:  # fmt: skip
    """Fill in one side of an item for all the units that it counts for."""
    read: dict[str, list[Sheet]] = {}
    for unit in units:
        by_scorer = sheets[unit["unit_id"], item.item_id]
        if side == "self":
            read[unit["unit_id"]] = [by_scorer["self"]] if by_scorer.get("self") else []
        else:
            teams = [sheet for scorer, sheet in by_scorer.items() if scorer != "self"]
            read[unit["unit_id"]] = teams if unit["is_visited"] else []
    away = {unit["unit_id"] for unit in units if does_not_apply(item, unit, read[unit["unit_id"]])}
    staying = [unit for unit in units if unit["unit_id"] not in away]
    orders = order_of(item, staying, read) if item.rule.rule_type == "rank_based" else {}
    result: dict[str, list[Fraction]] = {}
    for unit in units:
        unit_id = unit["unit_id"]
        its = [] if unit_id in away else read[unit_id]
        judged = [
            own_points(item, s) if side == "self" else team_points(item, s, orders.get(unit_id)) for s in its
        ]
        result[unit_id] = [points for points in judged if points is not None]
    for unit in units:
        unit_id = unit["unit_id"]
        points, is_out = mean(result[unit_id]), unit_id in away
        if (
            is_out
            and item.not_applicable.treatment == "group_mean"
            and (side == "self" or unit["is_visited"])
        ):
            alike = [u["unit_id"] for u in staying if u["unit_type"] == unit["unit_type"]]
            points = mean([value for other in alike if (value := mean(result[other])) is not None])
            is_out = points is None
        entry = answer.setdefault((unit_id, item.item_id), {"out": {}, "given": []})
        entry[side], entry["out"][side] = points, is_out
        entry["given"] = result[unit_id] if side == "team" else entry["given"]  # fmt: skip


def does_not_apply(item: Any, unit: Row, sheets: list[Sheet]) -> bool:
    if item.not_applicable is None:
        return False
    if item.not_applicable.when == "not_visited_last_cycle":
        return not unit["was_visited_last_cycle"]
    heads = [sheet[("", "")] for sheet in sheets if ("", "") in sheet]
    return any(head["value_state"] == "not_applicable" for head in heads)


def order_of(item: Any, units: list[Row], read: dict[str, list[Sheet]]) -> dict[str, int]:
    """The place of each unit in what the teams counted: 1 for the best, the better one for equals."""
    counted: dict[str, tuple[str, Fraction]] = {}
    for unit in units:
        seen = [number(sheet.get(("", "")), "observed_value") for sheet in read[unit["unit_id"]]]
        average = mean([value for value in seen if value is not None])
        if average is not None:
            group = unit["unit_type"] if item.rule.within == "unit_type" else ""
            counted[unit["unit_id"]] = group, average if item.rule.best == "highest" else -average
    places = {}
    for unit_id, (group, value) in counted.items():
        places[unit_id] = 1 + len([1 for g, other in counted.values() if g == group and other > value])
    return places


def own_points(item: Any, sheet: Sheet) -> Number:
    points = number(sheet.get(("", "")), "points")
    return None if points is None else within(points, exact(item.max_points))


def team_points(item: Any, sheet: Sheet, place: int | None) -> Number:
    """The rules' points while every number that they need is there; else the points as written; else nothing."""
    full, head = exact(item.max_points), sheet.get(("", ""))
    claimed = number(head, "points") if head is not None and head["value_state"] == "number" else None
    left = by_own_rule(item, sheet, claimed, place)
    for rule in item.further_rules:
        seen = number(sheet.get(("", rule.rule_id)), "observed_value")
        left = None if left is None or seen is None else by_rule(rule, seen, left)
    if left is None and claimed is not None:
        return within(claimed, full)
    return left


def by_own_rule(item: Any, sheet: Sheet, claimed: Number, place: int | None) -> Number:
    rule, full, head = item.rule, exact(item.max_points), sheet.get(("", ""))
    seen = number(head, "observed_value")
    if rule.rule_type == "mean_over_members":
        members = [
            row for (member, _), row in sheet.items() if member and row["value_state"] != "not_applicable"
        ]
        marks = [number(row, "points") for row in members]
        return None if None in marks else mean([within(mark, full) for mark in marks if mark is not None])
    if rule.rule_type in ("tiered", "sum_of_sub_items", "conversion"):
        return by_parts(rule, sheet, full)
    if rule.rule_type == "rank_based":
        reached = [
            exact(points) for worst, points in sorted(rule.points_by_rank.items()) if (place or 0) <= worst
        ]
        return None if place is None or seen is None else within([*reached, NOTHING][0], full)
    if seen is None and rule.rule_type in ("range", "discretionary") and not item.further_rules:
        seen = None if claimed is None else full - claimed
    if seen is None and rule.rule_type == "bonus" and claimed is None:
        state = "blank" if head is None else head["value_state"]
        seen = None if state in ("unreadable", "pending") else NOTHING
    return None if seen is None else by_rule(rule, seen, full)


def by_parts(rule: Any, sheet: Sheet, full: Fraction) -> Number:
    """Tiers, sub-items or sources; nothing while one of them is open."""
    total = NOTHING
    for part in getattr(rule, "tiers", None) or getattr(rule, "sub_items", None) or rule.sources:
        row = sheet.get(("", part.part_id))
        is_scored = rule.rule_type == "conversion" or (
            rule.rule_type == "sum_of_sub_items" and part.rule is None
        )
        if is_scored and row is not None and row["value_state"] != "number":
            return None
        seen = number(row, "points" if is_scored else "observed_value")
        if seen is None:
            return None
        if rule.rule_type == "tiered":
            total += exact(part.points) * seen
        elif rule.rule_type == "conversion":
            most = exact(part.max_points)
            total += full * exact(part.share) * within(seen, most) / most
        else:
            most = exact(part.max_points)
            total += within(seen, most) if part.rule is None else by_rule(part.rule, seen, most)
    return within(total, full)


def by_rule(rule: Any, seen: Fraction, full: Fraction) -> Fraction:
    """What is left of full points after the rule, or earned up to them."""
    kind = rule.rule_type
    if kind == "all_or_nothing":
        result = full if seen > 0 else NOTHING
    elif kind in ("credit_per_occurrence", "bonus"):
        result = exact(rule.points) * seen
    elif kind == "deduction_per_missing":
        result = full - exact(rule.points) * max(rule.required - seen, 0)
    elif kind in ("deduction_per_case", "deduction_per_person", "timeliness"):
        result = full - exact(rule.points) * max(seen, NOTHING)
    elif kind == "ratio_threshold":
        result = full - (exact(rule.points) if seen < exact(rule.threshold) else 0)
    elif kind == "proportional":
        steps = ((exact(rule.target) - seen) / exact(rule.step)).__floor__()
        result = full - exact(rule.points) * max(steps, 0)
    elif kind in ("range", "discretionary"):
        lowest = exact(rule.lowest) if kind == "range" else NOTHING
        result = full - min(max(seen, lowest), exact(rule.highest)) if seen > 0 else full
    elif kind == "override":
        result = NOTHING if seen > 0 else full
    else:
        raise AssertionError(f"the oracle does not know {kind}")
    return within(result, full)
