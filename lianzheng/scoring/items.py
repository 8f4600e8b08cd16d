"""Items: scores as written and quantities as verified → one line per firing and one result per item.

“一把尺子”: what can be counted is computed from the verified number (核实数); a team's own figure counts only
where there is none. Bonus left blank is no bonus; any other blank stays null and is never a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.config.standard import Item
from lianzheng.issues import Issue, Source
from lianzheng.scoring.rounding import written
from lianzheng.scoring.rules import EARNED, JUDGED, Firing, as_written, fire
from lianzheng.tables import Tables

Frames = Tables | Mapping[str, pd.DataFrame]
Cell = tuple[str, str]  # unit_id, item_id
TOLERANCE = 0.005
SELF, RULE = "self", "rule"
_KEY = ["unit_id", "item_id", "scorer"]
_TABLE = "scores_by_unit_item_scorer"
_COMPLAINED = frozenset({"unreadable", "pending"})  # intake has already said so


@dataclass(frozen=True, slots=True)
class ScoredItems:
    """Rows of score_lines (without numbers), scores_by_unit_item, who declared what away, and issues."""

    lines: list[dict[str, Any]]
    results: pd.DataFrame
    issues: list[Issue]


def line(
    unit_id: str, item_id: str, scorer: str, rule: tuple[str, str], firing: Firing, decided_by: str = RULE,
    fact: tuple[str | None, str | None] = (None, None),
) -> dict[str, Any]:  # fmt: skip
    """A row of score_lines without its number; ``rule`` is (rule_id, rule_type), ``fact`` is (table, key)."""
    return {
        "unit_id": unit_id, "item_id": item_id, "scorer": scorer, "rule_id": rule[0], "rule_type": rule[1],
        "base_points": firing.base_points, "change_points": firing.change_points,
        "is_capped": firing.is_capped, "reason": firing.reason, "decided_by": decided_by,
        "fact_table": fact[0], "fact_key": fact[1],
    }  # fmt: skip


def score_items(config: CycleConfig, tables: Frames) -> ScoredItems:
    """Every item of every unit: the unit's own points, the teams' points, what does not apply, and why."""
    items = {i.item_id: i for b in config.standard.blocks if b.kind != "veto" for i in b.items}
    scores = counted_scores(tables, items)
    not_applicable = {
        side: _not_applicable(
            tables["units"], items.values(), scores[(scores["scorer"] == SELF) == (side == SELF)]
        )
        for side in (SELF, RULE)
    }
    lines, issues = _not_applicable_lines(items, not_applicable), []
    forms = tables["files"].set_index("file_id")["form_id"].to_dict()
    for row in scores.to_dict("records"):
        item, side = items[row["item_id"]], SELF if row["scorer"] == SELF else RULE
        if (row["unit_id"], row["item_id"]) in not_applicable[side]:
            continue
        fired = _own_line(row, item) if side == SELF else _team_line(row, item)
        lines += [fired] if fired else []
        if side == RULE:
            issues += [_issue(code, row, item, forms, fired) for code in _complaints(row, item, fired)]
    results = _results(tables["units"], items, pd.DataFrame(lines, columns=list(_NO_LINE)), not_applicable)
    return ScoredItems(lines, results, issues)


_NO_LINE = line("", "", "", ("", ""), Firing(0.0, 0.0, False, ""))


def counted_scores(tables: Frames, items: Mapping[str, Item]) -> pd.DataFrame:
    """What was written about ``items``, one row per unit × item × scorer; teams only at units on the visit list.

    Points of members become the ``observed_value`` of their item: their mean, null while one is blank;
    members marked as not applicable are left out.
    """
    scores, units = tables[_TABLE], tables["units"]
    is_visited = scores["unit_id"].isin(units.loc[units["is_visited"], "unit_id"])
    scores = scores[scores["item_id"].isin(list(items)) & (is_visited | (scores["scorer"] == SELF))]
    merged = scores[scores["member_id"] == ""].merge(_member_means(scores, items), on=_KEY, how="outer")
    is_open = (
        merged["n_members"].notna() & merged["member_mean"].isna()
    )  # intake asks for the member's points
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


def _not_applicable(units: pd.DataFrame, items: Iterable[Item], scores: pd.DataFrame) -> set[Cell]:
    """What does not count on one side: not visited last cycle, or declared where the standard allows it."""
    when = {item.item_id: item.not_applicable.when for item in items if item.not_applicable}
    new = units.loc[~units["was_visited_last_cycle"].astype(bool), "unit_id"]
    declared = scores[scores["value_state"] == "not_applicable"]
    return {(unit_id, id_) for unit_id in new for id_ in when if when[id_] == "not_visited_last_cycle"} | {
        (unit_id, id_)
        for unit_id, id_ in zip(declared["unit_id"], declared["item_id"], strict=True)
        if when.get(id_) == "declared"
    }


def _not_applicable_lines(items: Mapping[str, Item], sides: Mapping[str, set[Cell]]) -> list[dict[str, Any]]:
    """One line of the rule for what does not count for the teams, one of the unit for what only it declared."""
    wanted = dict.fromkeys(sides[SELF], SELF) | dict.fromkeys(sides[RULE], RULE)
    lines = []
    for (unit_id, item_id), scorer in sorted(wanted.items()):
        rule = items[item_id].not_applicable
        assert rule is not None
        firing = fire(rule, 0.0, items[item_id].max_points)
        lines.append(line(unit_id, item_id, scorer, (rule.rule_id, rule.rule_type), firing, scorer))
    return lines


def fact_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Table and key of the written score that a line rests on."""
    return _TABLE, "/".join((row["unit_id"], row["item_id"], row["scorer"]))


def _own_line(row: Mapping[str, Any], item: Item) -> dict[str, Any] | None:
    """The unit's own points as written, or None while there are none."""
    if pd.isna(row["points"]):
        return None
    firing = as_written(row["points"], item.max_points, f"自评{written(row['points'])}分")
    return line(
        row["unit_id"], item.item_id, SELF, (item.rule.rule_id, "as_written"), firing, SELF, fact_of(row)
    )


def _team_line(row: Mapping[str, Any], item: Item) -> dict[str, Any] | None:
    """What the rule makes of the verified number; else the points as written; else None."""
    rule, team = item.rule, row["scorer"]
    observed = _observed(row, item)
    if observed is None:
        if pd.isna(row["points"]):
            return None
        firing = as_written(row["points"], item.max_points, f"检查组评{written(row['points'])}分{_said(row)}")
        named = (rule.rule_id, "as_written")
        return line(row["unit_id"], item.item_id, team, named, firing, team, fact_of(row))
    firing, decided_by = fire(rule, observed, item.max_points), RULE
    if rule.rule_type in JUDGED:
        firing, decided_by = replace(firing, reason=firing.reason + _said(row)), team
    return line(
        row["unit_id"], item.item_id, team, (rule.rule_id, rule.rule_type), firing, decided_by, fact_of(row)
    )


def _observed(row: Mapping[str, Any], item: Item) -> float | None:
    """The verified number; where the inspector judges, the deduction; for bonus left blank, none."""
    if pd.notna(row["observed_value"]):
        return float(row["observed_value"])
    if item.rule.rule_type in JUDGED and pd.notna(row["points"]):
        return item.max_points - float(row["points"])
    is_left_out = pd.isna(row["points"]) and row["value_state"] not in _COMPLAINED
    return 0.0 if item.rule.rule_type == "bonus" and is_left_out else None


def _complaints(row: Mapping[str, Any], item: Item, fired: Mapping[str, Any] | None) -> list[str]:
    """Codes of what the team must look at again; what intake has already said is not said twice."""
    if fired is None:
        return [] if row["value_state"] in _COMPLAINED else ["missing_observation"]
    points, claimed, codes = fired["base_points"] + fired["change_points"], _claimed(row, item), []
    is_within = pd.isna(row["points"]) or 0 <= row["points"] <= item.max_points
    if claimed is not None and is_within and abs(points - claimed) > TOLERANCE:
        codes.append("score_differs_from_rule")
    is_deduction = points < item.max_points - TOLERANCE and item.rule.rule_type not in EARNED
    if fired["decided_by"] == row["scorer"] and is_deduction and not _said(row):
        codes.append("reason_missing")
    return codes


def _claimed(row: Mapping[str, Any], item: Item) -> float | None:
    """The points that the team means: as written, or left after the deduction that it wrote."""
    if pd.notna(row["points"]):
        return float(row["points"])
    return item.max_points - float(row["observed_value"]) if item.rule.rule_type in JUDGED else None


def _said(row: Mapping[str, Any]) -> str:
    return f"：{row['reason']}" if pd.notna(row["reason"]) and str(row["reason"]).strip() else ""


def _issue(
    code: str, row: Mapping[str, Any], item: Item, forms: Mapping[str, str], fired: Mapping[str, Any] | None
) -> Issue:
    source = Source(*("" if pd.isna(row[name]) else str(row[name]) for name in ("file_id", "sheet", "cell")))
    claimed = _claimed(row, item) if fired else None
    expected = written(fired["base_points"] + fired["change_points"]) if fired else ""
    words: dict[str, object] = {"row": item.name, "expected": expected}
    form_id = forms.get(source.file_id) or ""
    return Issue(code, row["unit_id"], form_id, source, "" if claimed is None else written(claimed), words)


def _results(
    units: pd.DataFrame,
    items: Mapping[str, Item],
    lines: pd.DataFrame,
    not_applicable: Mapping[str, set[Cell]],
) -> pd.DataFrame:
    """scores_by_unit_item, with ``is_own_not_applicable`` for the unit's side of the sums."""
    every = pd.MultiIndex.from_product([units["unit_id"], list(items)], names=["unit_id", "item_id"])
    scored = lines[lines["rule_type"] != "not_applicable"]
    scored = scored.assign(points=scored["base_points"] + scored["change_points"])
    own = scored[scored["scorer"] == SELF].set_index(["unit_id", "item_id"])["points"]
    teams = scored[scored["scorer"] != SELF].groupby(["unit_id", "item_id"])["points"]
    results = pd.DataFrame({"self_points": own, "team_points": teams.mean()}, index=every)
    visited = every.get_level_values(0).isin(units.loc[units["is_visited"], "unit_id"])
    declared = every.isin(list(not_applicable[SELF]))
    results = results.astype("float64").assign(
        gap_points=lambda rows: rows["self_points"] - rows["team_points"],
        n_teams=teams.count().reindex(every, fill_value=0),
        max_points=[items[item_id].max_points for _, item_id in every],
        is_not_applicable=every.isin(list(not_applicable[RULE])) | (declared & ~visited),
        is_own_not_applicable=declared,
    )
    return results.reset_index()
