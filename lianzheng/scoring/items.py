"""Items: scores as written and quantities as verified → one line per firing and one result per item.

“一把尺子”: what can be counted is computed from the verified number (核实数); a team's own figure counts only
where there is none. Bonus left blank is no bonus; any other blank stays null and is never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.config.standard import Item
from lianzheng.issues import Issue, Source
from lianzheng.scoring.rounding import written
from lianzheng.scoring.rules import EARNED, JUDGED, Firing, as_written, fire
from lianzheng.tables import Tables

Frames = Tables | Mapping[str, pd.DataFrame]
Row = Mapping[str, Any]
Line = dict[str, Any]
Places = set[tuple[str, str]]  # unit_id, item_id
SELF, RULE = "self", "rule"
TOLERANCE = 0.005 + 1e-9  # half of the last digit that a team writes, and binary noise
_KEY = ["unit_id", "item_id", "scorer"]
_COMPLAINED = frozenset({"unreadable", "pending"})  # intake has already said so


def line(
    unit_id: str, item_id: str, scorer: str, rule: tuple[str, str], firing: Firing, decided_by: str = RULE,
    fact: tuple[str | None, str | None] = (None, None),
) -> Line:  # fmt: skip
    """A row of score_lines without its number; ``rule`` is (rule_id, rule_type), ``fact`` is (table, key)."""
    return {
        "unit_id": unit_id, "item_id": item_id, "scorer": scorer, "rule_id": rule[0], "rule_type": rule[1],
        "base_points": firing.base_points, "change_points": firing.change_points,
        "is_capped": firing.is_capped, "reason": firing.reason, "decided_by": decided_by,
        "fact_table": fact[0], "fact_key": fact[1],
    }  # fmt: skip


def score_items(config: CycleConfig, tables: Frames) -> tuple[list[Line], pd.DataFrame, list[Issue]]:
    """Lines, scores_by_unit_item and data issues: the unit's own points, the teams', and what does not apply."""
    items = {i.item_id: i for b in config.standard.blocks if b.kind != "veto" for i in b.items}
    units, scores = tables["units"], counted_scores(tables, items)
    sides = scores["scorer"].where(scores["scorer"] == SELF, RULE)
    away = {side: not_applicable(units, items, scores[sides == side]) for side in (SELF, RULE)}
    lines, issues = list[Line](), list[Issue]()
    for unit_id, item_id in sorted(away[RULE]):
        rule = items[item_id].not_applicable
        assert rule is not None
        lines.append(line(unit_id, item_id, RULE, (rule.rule_id, rule.rule_type), fire(rule, 0.0, 0.0)))
    forms = tables["files"].set_index("file_id")["form_id"].dropna()
    for row in scores.to_dict("records"):
        side = SELF if row["scorer"] == SELF else RULE
        if (row["unit_id"], row["item_id"]) not in away[side]:
            item = items[row["item_id"]]
            fired = _fired(row, item)
            lines += [fired] if fired else []
            issues += _issues(row, item, fired, forms) if side == RULE else []
    return lines, _results(units, items, pd.DataFrame(lines, columns=LINE_COLUMNS), away), issues


LINE_COLUMNS = list(line("", "", "", ("", ""), Firing(0.0, 0.0, False, "")))


def counted_scores(tables: Frames, items: Mapping[str, Item]) -> pd.DataFrame:
    """What was written about ``items``, one row per unit × item × scorer; teams only at units on the visit list.

    Points of members become the ``observed_value`` of their item: their mean, null while one is blank;
    members marked as not applicable are left out.
    """
    scores, units = tables["scores_by_unit_item_scorer"], tables["units"]
    is_visited = scores["unit_id"].isin(units.loc[units["is_visited"], "unit_id"])
    scores = scores[scores["item_id"].isin(list(items)) & (is_visited | (scores["scorer"] == SELF))]
    merged = scores[scores["member_id"] == ""].merge(_member_means(scores, items), on=_KEY, how="outer")
    is_open = merged["n_members"].notna() & merged["member_mean"].isna()
    return merged.assign(
        observed_value=merged["member_mean"].fillna(merged["observed_value"]),
        value_state=merged["value_state"].fillna("blank").mask(is_open, "pending"),
        points=merged["points"].where((merged["value_state"] == "number") | (merged["scorer"] == SELF)),
    )


def _member_means(scores: pd.DataFrame, items: Mapping[str, Item]) -> pd.DataFrame:
    full = {id_: item.max_points for id_, item in items.items() if item.rule.rule_type == "mean_over_members"}
    is_meant = scores["item_id"].isin(list(full)) & (scores["value_state"] != "not_applicable")
    of_members = scores[is_meant & (scores["member_id"] != "")]
    within = of_members["points"].clip(lower=0, upper=of_members["item_id"].map(full).astype("float64"))
    groups = of_members.assign(within=within).groupby(_KEY)["within"]
    return pd.DataFrame({"member_mean": groups.mean(skipna=False), "n_members": groups.size()}).reset_index()


def not_applicable(units: pd.DataFrame, items: Mapping[str, Item], scores: pd.DataFrame) -> Places:
    """What does not count on one side: not visited last cycle, or declared where the standard allows it."""
    when = {id_: item.not_applicable.when for id_, item in items.items() if item.not_applicable}
    new = units.loc[~units["was_visited_last_cycle"].astype(bool), "unit_id"]
    states = zip(scores["unit_id"], scores["item_id"], scores["value_state"], strict=True)
    declared = {(u, i) for u, i, state in states if state == "not_applicable" and when.get(i) == "declared"}
    return declared | {
        (unit_id, id_) for unit_id in new for id_ in when if when[id_] == "not_visited_last_cycle"
    }


def fact_of(row: Row) -> tuple[str, str]:
    """Table and key of the written score that a line rests on."""
    return "scores_by_unit_item_scorer", "|".join((row["unit_id"], row["item_id"], row["scorer"], ""))


def _fired(row: Row, item: Item) -> Line | None:
    """What the rule makes of the verified number; else (and always for the unit itself) the points as written."""
    observed, rule, scorer = _observed(row, item), item.rule, row["scorer"]
    is_judged = rule.rule_type in JUDGED
    if observed is not None:
        firing, rule_type = fire(rule, observed, item.max_points), str(rule.rule_type)
    elif pd.notna(row["points"]):
        words = f"{'自评' if scorer == SELF else '检查组评'}{written(row['points'])}分"
        firing, rule_type = as_written(row["points"], item.max_points, words), "as_written"
    else:
        return None
    decided_by = scorer if is_judged or rule_type == "as_written" else RULE
    if decided_by not in (SELF, RULE) and _reason(row):
        firing = replace(firing, reason=f"{firing.reason}：{_reason(row)}")
    return line(
        row["unit_id"], item.item_id, scorer, (rule.rule_id, rule_type), firing, decided_by, fact_of(row)
    )


def _reason(row: Row) -> str:
    return "" if pd.isna(row["reason"]) else str(row["reason"]).strip()


def _observed(row: Row, item: Item) -> float | None:
    """The verified number; where the inspector judges, the deduction; for bonus left blank, none."""
    if row["scorer"] == SELF:
        return None
    if pd.notna(row["observed_value"]):
        return float(row["observed_value"])
    if item.rule.rule_type in JUDGED and pd.notna(row["points"]):
        return item.max_points - float(row["points"])
    is_left_out = pd.isna(row["points"]) and row["value_state"] not in _COMPLAINED
    return 0.0 if item.rule.rule_type == "bonus" and is_left_out else None


def _issues(row: Row, item: Item, fired: Line | None, forms: pd.Series) -> list[Issue]:
    """What the team must look at again; what intake has already said is not said twice."""
    codes, claimed, points = [], _claimed(row, item), 0.0
    if fired is None:
        codes += [] if row["value_state"] in _COMPLAINED else ["missing_observation"]
    else:
        points = fired["base_points"] + fired["change_points"]
        is_within = pd.isna(row["points"]) or 0 <= row["points"] <= item.max_points
        is_other = claimed is not None and abs(points - claimed) > TOLERANCE
        is_deduction = points < item.max_points - TOLERANCE and item.rule.rule_type not in EARNED
        is_unexplained = fired["decided_by"] != RULE and is_deduction and not _reason(row)
        codes += ["score_differs_from_rule"] * (is_within and is_other) + ["reason_missing"] * is_unexplained
    source = Source(*("" if pd.isna(row[name]) else str(row[name]) for name in ("file_id", "sheet", "cell")))
    seen = "" if claimed is None else written(claimed)
    words: dict[str, object] = {"row": item.name, "expected": written(points)}
    return [Issue(code, row["unit_id"], forms.get(source.file_id, ""), source, seen, words) for code in codes]


def _claimed(row: Row, item: Item) -> float | None:
    """The points that the team means: as written, or left after the deduction that it wrote."""
    if pd.notna(row["points"]):
        return float(row["points"])
    is_deduction = item.rule.rule_type in JUDGED and pd.notna(row["observed_value"])
    return item.max_points - float(row["observed_value"]) if is_deduction else None


def _results(
    units: pd.DataFrame, items: Mapping[str, Item], lines: pd.DataFrame, away: Mapping[str, Places]
) -> pd.DataFrame:
    """scores_by_unit_item, with ``is_own_not_applicable`` for the unit's side of the sums."""
    place = ["unit_id", "item_id"]
    every = pd.MultiIndex.from_product([units["unit_id"], list(items)], names=place)
    scored = lines[lines["rule_type"] != "not_applicable"]
    scored = scored.assign(points=scored["base_points"] + scored["change_points"])
    own = scored[scored["scorer"] == SELF].set_index(place)["points"].astype("float64").reindex(every)
    teams = scored[scored["scorer"] != SELF].groupby(place)["points"]
    team = teams.mean().astype("float64").reindex(every)
    is_visited = every.get_level_values(0).isin(units.loc[units["is_visited"], "unit_id"])
    is_own_away = every.isin(list(away[SELF]))
    return pd.DataFrame({
        "self_points": own, "team_points": team, "gap_points": own - team,
        "n_teams": teams.count().reindex(every, fill_value=0),
        "max_points": [items[item_id].max_points for _, item_id in every],
        "is_not_applicable": every.isin(list(away[RULE])) | (is_own_away & ~is_visited),
        "is_own_not_applicable": is_own_away,
    }).reset_index()  # fmt: skip
