"""事实 and vetoes: what the bureau's own ledgers say, closed cases only; what a unit reports itself never counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.config.models import FactRule
from lianzheng.config.rules import Veto
from lianzheng.config.standard import Item
from lianzheng.scoring.lines import RULE, SCORES, SELF, Frames, Line, Row, line, score_key
from lianzheng.scoring.rectification import is_overdue
from lianzheng.scoring.rounding import written
from lianzheng.scoring.rules import Firing, fire
from lianzheng.tables import schemas

FACTS, VETO = "facts", "veto"


def score_facts(config: CycleConfig, tables: Frames) -> tuple[list[Line], pd.DataFrame]:
    """Lines, and deduction_points and n_facts by unit: the rules of cycle.yml, capped per unit."""
    facts = {
        "cases": closed_cases(tables),
        "submissions": late_submissions(tables),
        "rectifications": overdue_rectifications(tables, config.cycle.report_date),
    }
    taken = dict.fromkeys(tables["units"]["unit_id"], 0.0)
    lines = []
    for rule in config.cycle.facts.rules:
        for row in _matching(facts[rule.fact], rule.where):
            change = min(rule.points, config.cycle.facts.cap - taken[row["unit_id"]])
            lines.append(_fact_line(rule, row, taken[row["unit_id"]], change))
            taken[row["unit_id"]] += change
    n_facts = pd.Series([fact["unit_id"] for fact in lines], dtype="str").value_counts()
    deductions = pd.DataFrame({"deduction_points": pd.Series(taken), "n_facts": n_facts}).fillna(0.0)
    return lines, deductions.rename_axis("unit_id").reset_index()


def closed_cases(tables: Frames) -> pd.DataFrame:
    """The closed cases of the bureau's ledger; a pending one touches nothing."""
    cases = tables["cases"]
    return cases[cases["state"] == "closed"]


def late_submissions(tables: Frames) -> pd.DataFrame:
    """The versions that count and came late; without a receipt nothing is late."""
    came, files = tables["submissions"], tables["files"]
    counted = came[came["file_id"].isin(files.loc[files["is_counted"], "file_id"])]
    return counted[counted["is_late"].fillna(False).astype(bool)]


def overdue_rectifications(tables: Frames, report_date: dt.date) -> pd.DataFrame:
    """Lines of the ledger that are 逾期 on the date of the report."""
    return tables["rectifications"][is_overdue(tables["rectifications"], report_date)]


def _matching(rows: pd.DataFrame, where: Mapping[str, tuple[str, ...]]) -> list[Row]:
    for column, allowed in where.items():
        rows = rows[rows[column].isin(list(allowed))]
    return rows.to_dict("records")


def _fact_line(rule: FactRule, row: Row, so_far: float, change: float) -> Line:
    is_cut, key = change < rule.points, "|".join(str(row[name]) for name in schemas()[rule.fact].key)
    seen = key
    if rule.fact != "cases":
        moment, told = ("received_at", "收到") if rule.fact == "submissions" else ("due_date", "到期")
        seen = f"{row[moment].month}月{row[moment].day}日{told}"
    words = f"{rule.label}（{seen}），扣{written(change)}分" + ("（已达扣分上限）" if is_cut else "")
    firing, named = Firing(0.0 - so_far, -change, is_cut, words), (rule.rule_id, rule.rule_type)
    return line(row["unit_id"], FACTS, RULE, named, firing, RULE, (rule.fact, key))


def find_vetoes(config: CycleConfig, tables: Frames) -> list[Line]:
    """A line for every closed case and every observation of a team at a visited unit that a veto item names.

    A veto of a block that does not count for the unit's type touches nothing.
    """
    scores, units, cases = tables[SCORES], tables["units"], closed_cases(tables)
    type_of = dict(zip(units["unit_id"], units["unit_type"], strict=True))
    is_seen = (scores["observed_value"] > 0) & (scores["scorer"] != SELF)
    seen = scores[is_seen & scores["unit_id"].isin(units.loc[units["is_visited"], "unit_id"])]
    lines = []
    for block in config.standard.blocks:
        for item, rule in ((item, item.rule) for item in block.items if isinstance(item.rule, Veto)):
            where = rule.where if rule.fact else {"item_id": (item.item_id,)}
            for row in _matching(cases if rule.fact else seen, where):
                lines += [_veto_line(item, rule, row)] * block.is_for(type_of[row["unit_id"]])
    return lines


def _veto_line(item: Item, rule: Veto, row: Row) -> Line:
    """The line that rests on a case of the ledger, or on what a team wrote."""
    scorer, fact, what = RULE, ("cases", row.get("case_id")), f"案件{row.get('case_id')}"
    if not rule.fact:
        scorer, what = row["scorer"], f"核实{written(row['observed_value'])}件"
        fact = (SCORES, score_key(row["unit_id"], row["item_id"], scorer))
    firing = fire(rule, 1.0, 0.0)
    firing = replace(firing, reason=f"{firing.reason}：{item.name}（{what}）")
    return line(row["unit_id"], VETO, scorer, (rule.rule_id, rule.rule_type), firing, scorer, fact)
