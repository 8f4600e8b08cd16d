"""A bureau small enough to score by hand: a standard of six items, a bonus block, two vetoes, two questions.

甲 60 = A1 20 (应4次缺一扣5) + A2 20 (扣5–15) + A3 20 (班子平均); 乙 40 = B1 10 (每低1%扣0.1, not for units that
were not visited last cycle) + B2 20 (每例扣5) + B3 10 (有/无, may be declared away); bonus up to 3.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig, load_config
from lianzheng.config.standard import Standard
from lianzheng.tables import conform, schemas
from tests import house

CYCLE = 2018
FULL_MARKS = {"A1": 4, "A2": 0, "B1": 1.0, "B2": 0, "B3": 1, "C1": 0, "C2": 0, "V2": 0}
READ = (
    "units items files submissions cases scores_by_unit_item_scorer tallies_by_unit_question_option ballots"
    " answers_by_ballot_question ballot_counts findings rectifications last_scores_by_unit_item issues"
    " statistics_by_unit_category_measure site_visits evidence_by_unit_class highlights"
).split()


def item(item_id: str, points: float, rule: dict[str, Any], **more: Any) -> dict[str, Any]:
    rule = {"rule_id": f"{item_id}.1", **rule}
    return {"item_id": item_id, "item_key": item_id.lower(), "name": f"项目{item_id}", "max_points": points,
            "criterion": "", "rule": rule, **more}  # fmt: skip


def not_applicable(item_id: str, when: str) -> dict[str, str]:
    return {"rule_id": f"{item_id}.2", "rule_type": "not_applicable", "when": when}


def block(block_id: str, points: float, items: list[dict[str, Any]], kind: str = "points") -> dict[str, Any]:
    return {"block_id": block_id, "label": block_id, "kind": kind, "max_points": points, "items": items}


BLOCKS = [
    block("A", 60, [
        item("A1", 20, {"rule_type": "deduction_per_missing", "required": 4, "points": 5}),
        item("A2", 20, {"rule_type": "range", "lowest": 5, "highest": 15}),
        item("A3", 20, {"rule_type": "mean_over_members"}),
    ]),
    block("B", 40, [
        item("B1", 10, {"rule_type": "proportional", "target": 1.0, "points": 0.1},
             not_applicable=not_applicable("B1", "not_visited_last_cycle")),
        item("B2", 20, {"rule_type": "deduction_per_case", "points": 5}),
        item("B3", 10, {"rule_type": "all_or_nothing"}, not_applicable=not_applicable("B3", "declared")),
    ]),
    block("C", 3, [
        item("C1", 2, {"rule_type": "bonus", "points": 1}),
        item("C2", 2, {"rule_type": "bonus", "points": 2}),
    ], "bonus"),
    block("V", 0, [
        item("V1", 0, {"rule_type": "veto", "effect": "fails", "fact": "cases", "where": {"four_forms_level": ["4"]}}),
        item("V2", 0, {"rule_type": "veto", "effect": "not_excellent"}),
    ], "veto"),
]  # fmt: skip


@functools.cache
def _shipped() -> CycleConfig:
    return load_config(CYCLE, house.REPOSITORY)


def config(
    blocks: list[dict[str, Any]] = BLOCKS, decisions: tuple[Any, ...] = (), **cycle: Any
) -> CycleConfig:
    """The shipped cycle with the small standard; keywords change keys of cycle.yml."""
    shipped = _shipped()
    assert shipped.questionnaire is not None
    standard = {"title": "", "version": "2018", "is_reconstruction": True, "blocks": blocks}
    questions = shipped.questionnaire.rated[:2]
    return dataclasses.replace(
        shipped,
        standard=Standard.model_validate({**standard, "form": shipped.standard.form}),
        questionnaire=shipped.questionnaire.model_copy(update={"questions": questions}),
        cycle=type(shipped.cycle).model_validate({**shipped.cycle.model_dump(), **cycle}),
        decisions=decisions,
    )


def unit(number: int, unit_type: str = "甲类", *, visited: bool = True, last: bool = True) -> dict[str, Any]:
    name = f"单位{number}"
    return {"unit_id": f"U{number:03}", "name": name, "short_name": name, "unit_type": unit_type, "headcount": 50,
            "order": number, "is_visited": visited, "was_visited_last_cycle": last}  # fmt: skip


def score(
    unit_id: str, item_id: str, observed: float | None = None, points: float | None = None, **more: Any
) -> dict[str, Any]:  # fmt: skip
    state = "number" if points is not None else "blank"
    row = {
        "unit_id": unit_id,
        "item_id": item_id,
        "scorer": "T1",
        "member_id": "",
        "part_id": "",
        "value_state": state,
    }
    return {**row, "observed_value": observed, "points": points, **more}


def team(unit_id: str, scorer: str = "T1", **observed: float | None) -> list[dict[str, Any]]:
    """A team's sheet with full marks (members 20 and 20), changed by keywords; None leaves a cell blank."""
    seen = {**FULL_MARKS, **{key: value for key, value in observed.items() if key != "A3"}}
    rows = [score(unit_id, item_id, value, scorer=scorer) for item_id, value in seen.items()]
    mean = observed.get("A3", 20)
    members = [score(unit_id, "A3", None, mean, scorer=scorer, member_id=f"M{n}") for n in (1, 2)]
    return [*rows, score(unit_id, "A3", scorer=scorer), *members]


def own(unit_id: str, **points: float | None) -> list[dict[str, Any]]:
    """A unit's own sheet with full points and no bonus, changed by keywords."""
    full = {"A1": 20, "A2": 20, "A3": 20, "B1": 10, "B2": 20, "B3": 10, "C1": 0, "C2": 0, **points}
    return [score(unit_id, item_id, None, value, scorer="self") for item_id, value in full.items()]


def votes(unit_id: str, counts: dict[str, tuple[int, ...]], group: str = "staff") -> list[dict[str, Any]]:
    """A hand tally: votes 好 较好 一般 差 弃权 by question."""
    scale = [("good", 100), ("fairly_good", 80), ("average", 60), ("poor", 40), ("abstain", None)]
    return [
        {"unit_id": unit_id, "form_id": "questionnaire", "rater_group": group, "question_id": question_id,
         "option_id": option_id, "n_votes": n, "coefficient": coefficient, "source": "hand"}
        for question_id, numbers in counts.items()
        for (option_id, coefficient), n in zip(scale, numbers, strict=True)
    ]  # fmt: skip


def issued(
    unit_id: str, n_issued: int | None, n_returned: int | None, group: str = "staff"
) -> dict[str, Any]:
    return {"unit_id": unit_id, "form_id": "questionnaire", "rater_group": group, "n_issued": n_issued,
            "n_returned": n_returned}  # fmt: skip


def perfect_vote(unit_id: str, n: int = 10) -> list[dict[str, Any]]:
    return votes(unit_id, {"Q01": (n, 0, 0, 0, 0), "Q02": (n, 0, 0, 0, 0)})


def case(unit_id: str, case_id: str, level: str = "1", state: str = "closed") -> dict[str, Any]:
    return {"case_id": case_id, "unit_id": unit_id, "category_id": "other", "source": "direct", "n_persons": 1,
            "four_forms_level": level, "state": state}  # fmt: skip


def submission(unit_id: str, form_id: str, number: int, state: str, is_late: bool | None) -> dict[str, Any]:
    received = "2018-12-03 09:00" if is_late is not None else None
    file_id = None if state == "missing" else f"{unit_id}-{form_id}-{number}"
    return {"unit_id": unit_id, "form_id": form_id, "round": number, "received_at": received, "is_late": is_late,
            "file_id": file_id, "state": state, "is_counted": state == "accepted", "n_return_issues": 0,
            "reason": "only_version"}  # fmt: skip


def _file(file_id: str, **more: Any) -> dict[str, Any]:
    known = {
        "path": file_id,
        "sha256": "",
        "size_bytes": 0,
        "format": "xlsx",
        "state": "read",
        "is_counted": True,
    }
    return {"file_id": file_id, **known, **more}


def frames(
    units: list[dict[str, Any]] | None = None, **rows: list[dict[str, Any]]
) -> dict[str, pd.DataFrame]:
    """The tables that scoring reads; ``scores``, ``tallies`` and table names as keywords."""
    short = {"scores": "scores_by_unit_item_scorer", "tallies": "tallies_by_unit_question_option"}
    given = {short.get(name, name): some for name, some in rows.items()}
    sent = [row for row in given.get("submissions", []) if row["file_id"]]
    given["files"] = [
        _file("F1"),
        *(_file(row["file_id"], is_counted=row["state"] == "accepted") for row in sent),
    ]
    assert set(given) <= set(READ)
    made = {
        name: conform(name, given[name], CYCLE) if name in given else schemas()[name].empty() for name in READ
    }
    lines = [
        {**{key: cell[key] for key in ("item_id", "item_key", "name", "max_points")}, "block_id": part["block_id"],
         "block_label": part["label"], "rule_type": cell["rule"]["rule_type"], "order": number,
         "focal_points": "", "evidence_classes": ""}
        for number, (part, cell) in enumerate(((part, cell) for part in BLOCKS for cell in part["items"]), start=1)
    ]  # fmt: skip
    return {
        **made,
        "units": conform("units", units or [unit(1)], CYCLE),
        "items": conform("items", lines, CYCLE),
    }


def row(frame: pd.DataFrame, **key: object) -> dict[str, Any]:
    """The one row of a frame that has these values."""
    for column, value in key.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1, frame
    return dict(frame.iloc[0])
