"""A random bureau as processed input tables: every state that a sheet can be in, not only likely ones."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from lianzheng.config import CycleConfig

TEAMS = ("T1", "T2")
OBSERVED = {
    "ratio_threshold": (0, 0.5, 0.95, 0.999, 1.0),
    "proportional": (0, 0.333, 0.605, 0.87, 0.9, 0.955, 1.0),
    "all_or_nothing": (0, 1),
    "veto": (0, 0, 0, 0, 0, 0, 1),
    "bonus": (0, 1, 7, 13, 40),
}
COUNTS = (0, 0, 1, 1, 2, 3, 4, 9, 40)
SOURCES = ("last_inspection", "debrief", "holiday", "special_meeting", "patrol", "inspection")
STATES = ("open", "in_progress", "to_verify", "closed")


def draw_bureau(
    config: CycleConfig, seed: int, n_units: int = 26, share_visited: float = 0.85
) -> dict[str, list[dict[str, Any]]]:
    """Rows by table for ``n_units`` units; the same seed gives the same bureau."""
    random = Random(seed)
    units = [
        {"unit_id": f"U{n:03}", "name": f"单位{n}", "short_name": f"单位{n}", "unit_type": random.choice("甲甲乙丙"),
         "headcount": 50, "order": n, "is_visited": random.random() < share_visited,
         "was_visited_last_cycle": random.random() < 0.5}
        for n in range(1, n_units + 1)
    ]  # fmt: skip
    rows: dict[str, list[dict[str, Any]]] = {
        "units": units,
        "scores_by_unit_item_scorer": [],
        "cases": [],
        "files": [],
    }
    rows |= {"submissions": [], "ballots": [], "tallies_by_unit_question_option": [], "ballot_counts": []}
    for unit in units:
        unit_id, is_strict = unit["unit_id"], random.random() < 0.7
        for scorer in ("self", *TEAMS[: random.choice((1, 1, 1, 2))]):
            rows["scores_by_unit_item_scorer"] += _sheet(config, unit_id, scorer, random, is_strict)
        rows["cases"] += _cases(unit_id, random)
        _submissions(rows, unit_id, random)
        if random.random() < 0.85:
            _questionnaire(config, rows, unit_id, random)
    random = Random(f"ledger {seed}")
    rows["rectifications"] = [line for unit in units for line in _ledger(config, unit["unit_id"], random)]
    return rows


def _sheet(
    config: CycleConfig, unit_id: str, scorer: str, random: Random, is_strict: bool
) -> list[dict[str, Any]]:
    """A sheet; a strict one has no open item, so that its unit gets a total."""
    rows = []
    for item in config.standard.items:
        kind, full = item.rule.rule_type, item.max_points
        if scorer == "self" and kind == "veto":
            continue
        observed = random.choice(OBSERVED.get(kind, COUNTS)) if scorer != "self" else None
        points = random.choice((None, full, round(random.uniform(-0.5, full + 1), 2)))
        if scorer == "self" and is_strict:
            points = round(random.uniform(0.5, 1) * full, 2)
        state = "number" if points is not None else random.choice(("blank", "blank", "unreadable", "pending"))
        if is_strict and scorer != "self" and points is None:
            state = "blank"
        if not is_strict and random.random() < 0.1:
            observed = None
        if item.not_applicable and random.random() < 0.4:
            points, state = None, "not_applicable"
            observed = None if random.random() < 0.5 else observed
        if random.random() < 0.02:
            points, state = 0.0, "dash"
        row = {"unit_id": unit_id, "item_id": item.item_id, "scorer": scorer, "member_id": "", "part_id": "", "points": points,
               "observed_value": observed, "value_state": state, "reason": random.choice((None, "理由"))}  # fmt: skip
        if is_strict or random.random() < 0.97:
            rows.append(row)
        rows += _parts(item, row, random, is_strict) if scorer != "self" else []
        if kind == "mean_over_members" and scorer != "self":
            rows += _members(row, full, random, is_strict)
    return rows


def _members(row: dict[str, Any], full: float, random: Random, is_strict: bool) -> list[dict[str, Any]]:
    members = []
    for number in range(random.choice((1, 3, 4, 7)) if is_strict else random.choice((0, 3))):
        points = None if not is_strict and random.random() < 0.1 else round(random.uniform(0, full + 0.5), 2)
        state = "blank" if points is None else "number"
        if number and random.random() < 0.1:
            points, state = None, "not_applicable"
        members.append(
            {**row, "member_id": f"M{number}", "points": points, "observed_value": None, "value_state": state}
        )
    return members


def _parts(item: Any, row: dict[str, Any], random: Random, is_strict: bool) -> list[dict[str, Any]]:
    """What is written about the item's parts; on a sheet that is not strict some stay blank or are not there."""
    of_sub_items = {sub.part_id: sub.rule for sub in getattr(item.rule, "sub_items", ()) if sub.rule}
    rules = of_sub_items | {rule.rule_id: rule for rule in item.further_rules}
    rows = []
    for part in item.parts:
        kind = rules[part.part_id].rule_type if part.part_id in rules else ""
        seen = random.choice(OBSERVED.get(kind, COUNTS))
        points = round(random.uniform(-0.1, 1.1) * part.max_points, 2) if part.is_scored else None
        state = "blank" if points is None else "number"
        if part.is_scored:
            seen = None
        if not is_strict and random.random() < 0.1:
            points, seen, state = None, None, random.choice(("blank", "not_applicable", "unreadable"))
        if part.is_scored and random.random() < 0.04:
            points, state = 0.0, "dash"
        if is_strict or random.random() < 0.95:
            own = {"part_id": part.part_id, "points": points, "observed_value": seen, "value_state": state}
            rows.append({**row, **own})
    return rows


def _ledger(config: CycleConfig, unit_id: str, random: Random) -> list[dict[str, Any]]:
    days = (-1, 0, 1, None)
    lines = []
    for number in range(random.choice((0, 0, 1, 3))):
        day = random.choice(days)
        due = None if day is None else config.cycle.report_date + dt.timedelta(days=day)
        lines.append({
            "rectification_id": f"{unit_id}-R{number}", "unit_id": unit_id, "source": random.choice(SOURCES),
            "origin_key": "K", "origin_cycle": 2017, "text": "问题", "due_date": due, "state": random.choice(STATES),
        })  # fmt: skip
    return lines


def _cases(unit_id: str, random: Random) -> list[dict[str, Any]]:
    return [
        {"case_id": f"{unit_id}C{n}", "unit_id": unit_id, "category_id": "other", "source": "direct", "n_persons": 1,
         "four_forms_level": random.choice("1122234"), "state": random.choice(("closed", "pending"))}
        for n in range(random.choice((0, 0, 0, 1, 2, 9)))
    ]  # fmt: skip


def _submissions(rows: dict[str, list[dict[str, Any]]], unit_id: str, random: Random) -> None:
    for form_id in ("standard", "statistics"):
        n_rounds = random.choice((1, 1, 2))
        for number in range(1, n_rounds + 1):
            file_id = f"{unit_id}{form_id}{number}"
            is_counted = number == n_rounds and random.random() < 0.9
            is_late = random.choice((True, False, False, None))
            state = "accepted" if is_counted else random.choice(("superseded", "returned"))
            rows["submissions"].append({
                "unit_id": unit_id, "form_id": form_id, "round": number, "file_id": file_id, "state": state,
                "is_late": is_late, "received_at": None if is_late is None else "2018-12-02 10:00",
                "is_counted": is_counted, "reason": "only_version", "n_return_issues": 0,
            })  # fmt: skip
            rows["files"].append({
                "file_id": file_id, "path": file_id, "sha256": "", "size_bytes": 0, "format": "xlsx", "state": "read",
                "is_counted": is_counted,
            })  # fmt: skip


def _questionnaire(
    config: CycleConfig, rows: dict[str, list[dict[str, Any]]], unit_id: str, random: Random
) -> None:
    assert config.questionnaire is not None
    for group in config.questionnaire.rater_groups:
        n, source = random.choice((2, 3, 8, 21)), random.choice(("ballots", "hand"))
        n_returned = None if random.random() < 0.1 else n
        n_issued = None if random.random() < 0.1 else n + random.choice((-1, 0, 2, 5, 5, 5))
        key = {"unit_id": unit_id, "form_id": "questionnaire", "rater_group": group.id}
        rows["ballot_counts"].append({**key, "n_issued": n_issued, "n_returned": n_returned})
        for number in range(n if source == "ballots" else 0):
            ballot_id = f"{unit_id}{group.id}{number}"
            rows["ballots"].append({**key, "ballot_id": ballot_id, "is_valid": True, "file_id": "F"})
        for question in config.questionnaire.questions:
            chosen = random.choices(config.questionnaire.scale, weights=(9, 5, 2, 1, 2), k=n)
            rows["tallies_by_unit_question_option"] += [
                {**key, "question_id": question.question_id, "option_id": option.option_id, "source": source,
                 "n_votes": sum(o is option for o in chosen), "coefficient": option.coefficient}
                for option in config.questionnaire.scale
            ]  # fmt: skip
