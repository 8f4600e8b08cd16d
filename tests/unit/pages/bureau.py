"""A bureau of eight units made by hand: small tables from which every page can be worked out on paper.

U001–U006 are 事业单位 (five visited and scored: peers and ranks exist), U015 and U016 are 企业单位 (one visited,
too few for either). U002 is not visited, U015 has no questionnaire. Private words are planted where a careless
page would pick them up.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from lianzheng.compare.bulletin import bulletin_figures
from lianzheng.config import CycleConfig, load_config
from lianzheng.pages.blocks import Block, Blocks, Chart, Paragraph, Table, leaves, to_data
from lianzheng.tables import Tables, arrange, schemas
from tests import house

CYCLE = 2018
SECRET = "灯塔暗语"
UNIT_IDS = ["U001", "U002", "U003", "U004", "U005", "U006", "U015", "U016"]
VISITED = ["U001", "U003", "U004", "U005", "U006", "U015"]
TOTALS = {"U001": 84.615, "U003": 79.0, "U004": 91.0, "U005": 95.5, "U006": 88.0, "U015": 70.0}
ITEMS = {  # item → block, points, key, what U001 got
    "S101": ("party", 4.0, "annual_plan", 2.5),
    "S102": ("party", 4.0, "superior_decisions", 4.0),
    "S201": ("supervision", 5.0, "checks", 4.0),
    "S601": ("bonus", 2.0, "bulletins_adopted", 0.5),
}
FOCAL = {"S101": "ideology|four_forms", "S102": "ideology", "S201": "supervision", "S601": "supervision"}
Rows = dict[str, list[dict[str, Any]]]


@functools.cache
def config() -> CycleConfig:
    """The configuration of 2018, cut down to the eight units and their visits."""
    full = load_config(CYCLE, house.REPOSITORY)
    units = tuple(unit for unit in full.units if unit.unit_id in UNIT_IDS)
    visits = tuple(visit for visit in full.visits if visit.unit_id in VISITED)
    return dataclasses.replace(
        full, units=units, visits=(*visits, visits[0].model_copy(update={"unit_id": "U004"}))
    )


@functools.cache
def _rows() -> Rows:
    rows: Rows = {name: [] for name in schemas()}
    for order, unit in enumerate(config().units, start=1):
        is_visited = unit.unit_id in VISITED
        rows["units"].append({
            "unit_id": unit.unit_id, "name": unit.name, "short_name": unit.short_name, "unit_type": unit.unit_type,
            "headcount": 100, "order": order, "is_visited": is_visited, "was_visited_last_cycle": False,
        })  # fmt: skip
        for form in ("standard", "statistics"):
            _submit(rows, unit.unit_id, form)
        _score(rows, unit.unit_id, unit.unit_type)
    rows["items"] = [
        {"item_id": item, "block_id": block, "block_label": f"{block}部分", "item_key": key, "name": f"项目{item}",
         "max_points": points, "rule_type": "bonus" if block == "bonus" else "range", "order": order,
         "focal_points": FOCAL.get(item, ""), "evidence_classes": ""}
        for order, (item, (block, points, key, _)) in enumerate(ITEMS.items(), start=1)
    ]  # fmt: skip
    _ask(rows, "U001")
    _look(rows)
    _rank(rows)
    _remember(rows)
    _plant(rows)
    return rows


def _submit(rows: Rows, unit_id: str, form: str) -> None:
    file_id, when = f"F{unit_id}{form}", pd.Timestamp("2018-11-30 09:05")
    rows["files"].append({
        "file_id": file_id, "unit_id": unit_id, "path": f"units/{unit_id}/{form}.xlsx", "sha256": "0", "size_bytes": 1,
        "format": "xlsx", "form_id": form, "received_at": when, "state": "read", "is_counted": True,
    })  # fmt: skip
    rows["submissions"].append({
        "unit_id": unit_id, "form_id": form, "round": 1, "file_id": file_id, "received_at": when, "is_late": False,
        "paper_received_at": when, "is_signed": True, "signed_by": "周立明", "is_sealed": True, "state": "accepted",
        "is_counted": True, "reason": "only_version", "sha256": "0", "n_return_issues": 0, "is_paper_late": False,
    })  # fmt: skip


def _score(rows: Rows, unit_id: str, unit_type: str) -> None:
    is_visited, total = unit_id in VISITED, TOTALS.get(unit_id)
    state = "scored" if is_visited else "not_visited"
    perception = 90.0 if is_visited and unit_id != "U015" else None
    judged = "no_valid_questionnaire" if is_visited and perception is None else state
    component = {"unit_id": unit_id, "weight": 0.0, "state": "scored"}
    rows["scores_by_unit_component"] += [
        component | {"component": "inspection", "score": total, "weight": 0.8, "n": 3 if is_visited else None, "state": state},
        component | {"component": "perception", "score": perception, "weight": 0.2, "n": 20, "state": judged},
        component | {"component": "facts", "deduction_points": 0.5 if unit_id == "U001" else 0.0, "n": 0},
    ]  # fmt: skip
    grade = (
        "unverified"
        if total is None
        else "excellent"
        if total >= 90
        else "good"
        if total >= 80
        else "qualified"
    )
    rows["results_by_unit"].append({
        "unit_id": unit_id, "self_total": 96.0, "total": total, "grade": grade, "grade_reason": f"{unit_id}的等次理由。",
        "is_provisional": unit_id == "U015", "is_ranked": is_visited and unit_id != "U015", "rank_group": unit_type,
    })  # fmt: skip
    for item, (_, full, _, points) in ITEMS.items():
        team = (points if unit_id == "U001" else full) if is_visited else None
        rows["scores_by_unit_item"].append({
            "unit_id": unit_id, "item_id": item, "self_points": full, "team_points": team, "max_points": full,
            "gap_points": None if team is None else full - team, "n_teams": int(is_visited), "is_not_applicable": False,
        })  # fmt: skip
        rows["scores_by_unit_item_scorer"].append({
            "unit_id": unit_id, "item_id": item, "scorer": "self", "member_id": "", "part_id": "", "points": full,
            "value_state": "number", "file_id": f"F{unit_id}standard", "sheet": "附件1", "cell": "G5",
        })  # fmt: skip
    for block_id, full in (("party", 40.0), ("supervision", 20.0)):
        rows["scores_by_unit_block"].append({
            "unit_id": unit_id, "block_id": block_id, "block_label": block_id, "self_points": full,
            "team_points": full * 0.75 if is_visited else None, "max_points": full,
        })  # fmt: skip


def _ask(rows: Rows, unit_id: str) -> None:
    """Ten questions, all answered alike; 选人用人 (Q05) has fewer raters than the threshold, 中层干部 too."""
    form = config().questionnaire
    assert form
    result = {"unit_id": unit_id, "form_id": "questionnaire", "n_issued": 25, "n_returned": 22, "n_valid": 20}
    for question in form.rated:
        is_hidden = question.question_id == "Q05"
        score = None if is_hidden else 80.0 if question.question_id == "Q03" else 90.0
        rows["questionnaire_by_unit_question"].append(
            result | {"rater_group": "all", "question_id": question.question_id, "score": score,
                      "low": score and score - 2, "high": score and score + 2, "is_suppressed": is_hidden,
                      "suppression_code": "few" if is_hidden else None}
        )  # fmt: skip
        rows["tallies_by_unit_question_option"] += [
            {"unit_id": unit_id, "form_id": "questionnaire", "rater_group": "staff", "question_id": question.question_id,
             "option_id": option.option_id, "n_votes": votes, "coefficient": option.coefficient, "source": "ballots"}
            for option, votes in zip(form.scale, (10, 6, 2, 1, 1), strict=True)
        ]  # fmt: skip
    for group, n, code in (("middle_managers", 4, "few"), ("staff", 16, "complement"), ("all", 20, None)):
        score, low, high = (None, None, None) if code else (90.0, 88.0, 92.0)
        rows["questionnaire_by_unit_question"].append(
            result | {"rater_group": group, "question_id": "all", "n_valid": n, "score": score, "low": low, "high": high,
                      "is_suppressed": bool(code), "suppression_code": code}
        )  # fmt: skip


def _look(rows: Rows) -> None:
    """What teams saw: visits, documents, talks, findings, good practice; and two figures of 附件2."""
    for unit_id in VISITED:
        rows["site_visits"].append({
            "unit_id": unit_id, "team_id": "T1", "visit_date": pd.Timestamp("2018-12-04"), "report_minutes": 25.0,
            "n_attending": 30, "n_interviews": 8, "n_quiz": 10, "quiz_mean_pct": 86.5,
        })  # fmt: skip
    seen = {"unit_id": "U001", "evidence_class": "rules_records", "item_id": ""}
    rows["evidence_by_unit_class"] = [
        seen | {"scorer": "T1", "n_documents": 3, "defect_id": "no_signature", "note": "两份无签字"},
        seen | {"scorer": "self", "item_id": "S101", "n_documents": 7},
        seen | {"evidence_class": "annual_plan", "scorer": "T1", "n_documents": 2},
    ]
    rows["interviews"] = [
        {"unit_id": "U001", "interview_number": talk, "remark_number": remark, "role": "staff", "topic_id": topic,
         "polarity": "negative", "text": SECRET}
        for talk in range(1, 7)
        for remark, topic in ((1, "conduct"), (2, "conduct"), *(((3, "education"),) if talk < 5 else ()))
    ]  # fmt: skip
    found = [  # unit, subject, defect, class, confirmed
        ("U001", "talks", "no_signature", "talks", True),
        ("U003", "talks", "no_signature", "talks", True),
        ("U005", "talks", "too_few", "talks", True),
        ("U006", "last_feedback", "not_rectified", "business_first", True),
        ("U004", "learning", "no_record", "learning", False),
    ]
    rows["findings"] = [
        {"finding_id": f"{unit}-{n}", "unit_id": unit, "team_id": "T1", "subject_id": subject, "defect_id": defect,
         "bulletin_class": kind, "finding_severity": "slight", "is_confirmed": sure, "text": f"记录{n}"}
        for n, (unit, subject, defect, kind, sure) in enumerate(found)
    ]  # fmt: skip
    rows["finding_counts_by_class"] = [
        {
            "bulletin_class": "talks",
            "n_findings": 3,
            "n_units": 3,
            "is_common": True,
            "unit_ids": "U001|U003|U005",
        },
        {
            "bulletin_class": "business_first",
            "n_findings": 1,
            "n_units": 1,
            "is_common": False,
            "unit_ids": "U006",
        },
        {"bulletin_class": "learning", "n_findings": 0, "n_units": 0, "is_common": False},
    ]
    rows["highlights"] = [
        {"highlight_id": f"{unit}-H", "unit_id": unit, "team_id": "T1", "subject_id": "dual_duty", "is_confirmed": sure, "text": text}
        for unit, sure, text in (
            ("U001", True, "东河管理处实行月记实制度👍。"), ("U003", True, "实行月记实制度"), ("U004", False, "每周通报"),
        )
    ]  # fmt: skip
    figures = [
        ("workload", "n_special_meetings", "次", 2.0),
        ("gifts", "n_problems", "起", 0.0),
        ("total", "n_problems", "起", None),
    ]
    rows["statistics_by_unit_category_measure"] = [
        {"unit_id": "U001", "period": period, "category_id": category, "measure_id": measure, "value": value,
         "unit_of_measure": unit, "value_state": "number" if value is not None else "pending", "raw_text": str(value),
         "file_id": "FU001statistics", "sheet": "附件2", "cell": "C8"}
        for category, measure, unit, value in figures
        for period in ("this", "last_return")
    ]  # fmt: skip

    rows["statistic_changes_by_unit"] = [
        {"unit_id": "U001", "category_id": category, "measure_id": measure, "value": value, "unit_of_measure": unit,
         "last_value": value, "base_source": "last_return" if value is not None else None,
         "change": 0.0 if value is not None else None}
        for category, measure, unit, value in figures
    ] + [
        {"unit_id": "U003", "category_id": category, "measure_id": measure, "value": value, "unit_of_measure": unit,
         "last_value": last, "base_source": "last", "change": value - last, "change_pct": percent}
        for category, measure, unit, value, last, percent in (
            ("gifts", "n_problems", "起", 3.0, 8.0, -62.5), ("gifts", "amount_10k_yuan", "万元", 1.5, 1.0, None),
            ("total", "n_problems", "起", 3.0, 8.0, -62.5),
        )
    ]  # fmt: skip
    rows["statistics_by_category_measure"] = [
        {"category_id": category, "measure_id": measure, "unit_of_measure": unit, "n_units": n_units, "total": value,
         "n_compared": n_compared, "total_compared": value, "last_total": last,
         "change": None if last is None else value - last, "change_pct": percent}
        for category, measure, unit, n_units, value, n_compared, last, percent in (
            ("gifts", "n_problems", "起", 2, 3.0, 2, 8.0, -62.5), ("gifts", "amount_10k_yuan", "万元", 1, 1.5, 1, 1.0, None),
            ("gifts", "n_rectified", "起", 1, 2.0, 0, None, None),
            ("total", "n_problems", "起", 2, 3.0, 2, 8.0, -62.5), ("total", "amount_10k_yuan", "万元", 1, 1.5, 1, 1.0, None),
            ("workload", "n_special_meetings", "次", 2, 5.0, 1, 2.0, None), ("meetings", "n_meetings", "次", 1, 9.0, 1, 9.0, 0.0),
        )
    ]  # fmt: skip


def _rank(rows: Rows) -> None:
    order = sorted(VISITED[:5], key=lambda unit_id: -TOTALS[unit_id])
    for row in rows["results_by_unit"]:
        if row["is_ranked"]:
            row |= {"rank": order.index(row["unit_id"]) + 1, "n_ranked": 5}
    rows["peers_by_type_measure"] = [
        {"unit_type": "事业单位", "measure_key": key, "n": 5, "median": median, "upper_quartile": upper, "is_shown": True}
        for key, median, upper in (("total", 88.0, 91.0), ("item:S101", 4.0, 4.0), ("item:S102", 3.5, 4.0), ("block:party", 30.0, 32.0))
    ]  # fmt: skip
    rows["changes_by_unit_measure"] = [
        {"unit_id": "U001", "measure_key": "total", "value": 84.615, "last_value": 80.0, "change": 4.615, "is_stated": True},
        {"unit_id": "U003", "measure_key": "total", "value": 79.0, "last_value": 78.0, "change": 1.0, "is_stated": False},
    ]  # fmt: skip
    rows["score_lines"] = [
        {"unit_id": "U001", "item_id": item, "scorer": scorer, "line_number": 1, "rule_id": "R", "rule_type": "range",
         "base_points": 4.0, "change_points": change, "is_capped": False, "reason": reason, "decided_by": "rule"}
        for item, scorer, change, reason in (
            ("S101", "T1", -1.5, "缺任务分解，扣1.5分"), ("S102", "T1", -0.0, "核实为有，不扣分"),
            ("S101", "self", 4.0, "自评4分"), ("facts", "rule", -0.5, "迟报1份，扣0.5分"),
        )
    ]  # fmt: skip


def _remember(rows: Rows) -> None:
    """The ledger: U001 has one closed line that recurs and two that are open, one of them overdue; U002 one."""
    lines = [  # id, source, year, subject, state, due, accountability
        ("U001-R01", "last_inspection", 2017, "talks", "closed", "2018-06-28", None),
        ("U001-R02", "holiday", 2018, None, "open", "2018-12-27", "提醒谈话"),
        ("U001-R03", "inspection", 2018, "talks", "open", "2019-01-27", None),
        ("U002-R01", "patrol", 2018, None, "to_verify", "2018-12-28", None),
    ]
    rows["rectifications"] = [
        {"rectification_id": id_, "unit_id": id_[:4], "source": source, "origin_cycle": year, "origin_key": id_,
         "subject_id": subject, "text": f"问题{id_}", "state": state, "due_date": pd.Timestamp(due),
         "accountability_form": held, "finding_id": "U001-0" if source == "inspection" else None}
        for id_, source, year, subject, state, due, held in lines
    ]  # fmt: skip
    rows["recurrences"] = [
        {"rectification_id": id_, "unit_id": id_[:4], "finding_id": finding, "kind": kind}
        for id_, finding, kind in (
            ("U001-R01", "U001-0", "repeated"), ("U001-R02", "", "not_rectified"), ("U002-R01", "", "not_rectified"),
        )
    ]  # fmt: skip


def _plant(rows: Rows) -> None:
    """Private words: an open comment, a pending case, what stood in a cell."""
    rows["answers_by_ballot_question"] = [
        {
            "ballot_id": "B1",
            "question_id": "Q11",
            "option_id": "",
            "unit_id": "U001",
            "answer_state": "chosen",
            "text": SECRET,
        }
    ]
    rows["cases"] = [
        {
            "case_id": SECRET,
            "unit_id": "U001",
            "category_id": "gifts",
            "source": "direct",
            "four_forms_level": "1",
            "state": "pending",
        }
    ]
    rows["issues"] = [
        {"issue_id": "I1", "unit_id": "U001", "form_id": "statistics", "code": "not_a_number", "severity": "return_item",
         "value_seen": SECRET, "message": "应填数字", "remedy": "请只填数字", "file_id": "FU001statistics", "sheet": "附件2", "cell": "C9"},
        {"issue_id": "I2", "unit_id": None, "form_id": "receipts", "code": "no_receipt", "severity": "note", "message": "没有收件登记",
         "remedy": "请补登", "file_id": None, "sheet": None, "cell": None},
    ]  # fmt: skip
    rows["checks"] = [
        {"unit_id": "U001", "form_id": "statistics", "check_id": "negative_value", "outcome": "pass"}
    ]


class Frames(Tables):
    """Processed tables that were never on a disk."""

    def __init__(self, rows: Rows, config: CycleConfig) -> None:
        super().__init__(Path())
        self._rows, self._config = rows, config

    def read(self, name: str, *where: object) -> pa.Table:
        is_derived = name == "bulletin_figures" and not self._rows[name]
        rows = bulletin_figures(self._config, self) if is_derived else self._rows[name]
        return arrange(name, rows, CYCLE)


class Sample:
    """The rows, to be changed by a test, and the pages over them."""

    def __init__(self, install: Callable[[CycleConfig, Tables], None]) -> None:
        self.rows: Rows = copy.deepcopy(_rows())
        self.config = config()
        self._install = install

    def cycle(self, **changes: Any) -> None:
        """Change parameters of cycle.yml."""
        self.config = dataclasses.replace(self.config, cycle=self.config.cycle.model_copy(update=changes))

    def change(self, table: str, unit_id: str, /, **changes: Any) -> None:
        """Change every row of a unit in a table."""
        for row in self.rows[table]:
            if row["unit_id"] == unit_id:
                row |= changes

    def drop(self, table: str, unit_id: str) -> None:
        """Take a unit's rows out of a table."""
        self.rows[table] = [row for row in self.rows[table] if row["unit_id"] != unit_id]

    def hand_in(self, unit_id: str, kinds: str | None, *contents: str) -> None:
        """Materials of these contents (sha256) for a class, or for several parted by ``|``."""
        number = len(self.rows["files"])
        self.rows["files"] += [
            {"file_id": f"M{number + i}", "unit_id": unit_id, "path": f"units/{unit_id}/佐证材料/{number + i}.txt", "sha256": content,
             "size_bytes": 1, "format": "txt", "state": "material", "is_counted": False, "evidence_class": kinds}
            for i, content in enumerate(contents)
        ]  # fmt: skip

    def open(self, page: Callable[..., Any], *parameters: Any) -> Any:
        """A page over the rows as they are now."""
        self._install(self.config, Frames(self.rows, self.config))
        return page(CYCLE, *parameters)


def told(*parts: Blocks) -> str:
    """Everything that blocks say, as the JSON that is published (pictures as their texts)."""
    data = [to_data(block) for part in parts for block in part.blocks]
    return json.dumps(
        [{key: value for key, value in block.items() if key not in ("svg", "citations")} for block in data],
        ensure_ascii=False,
    )


def of_kind(kind: type[Block], *parts: Blocks) -> list[Any]:
    """The blocks of one kind."""
    return [block for part in parts for block in leaves(part.blocks) if isinstance(block, kind)]


def cells(table: Table) -> list[list[str]]:
    """A table's texts, row by row."""
    return [[cell.text for cell in row] for row in table.body]


def paragraphs(*parts: Blocks) -> list[str]:
    """The texts of the paragraphs."""
    return [block.text for block in of_kind(Paragraph, *parts)]


def charts(*parts: Blocks) -> list[Chart]:
    """The charts."""
    return of_kind(Chart, *parts)
