"""What does not apply to a unit: found, told in a line, and given the mean of its group where the standard says so."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pandas as pd

from lianzheng.config.rules import NotApplicable
from lianzheng.config.standard import Item
from lianzheng.scoring.lines import RULE, SELF, Fact, Line, group_fact, line
from lianzheng.scoring.rules import fire
from lianzheng.scoring.written import Places, Written

Away = set[tuple[str, str]]  # unit_id, item_id


def not_applicable(units: pd.DataFrame, places: Places, records: Iterable[Written]) -> Away:
    """What does not count on one side: not visited last cycle, or declared where the standard allows it."""
    new = set(units.loc[~units["was_visited_last_cycle"].astype(bool), "unit_id"])
    declared = {(r.unit_id, r.item.item_id) for r in records if r.state == "not_applicable"}
    rules = {place: item.not_applicable for place, item in places.items() if item.not_applicable}
    by_unit = {place for place, rule in rules.items() if rule.when != "declared" and place[0] in new}
    return by_unit | {place for place, rule in rules.items() if rule.when == "declared" and place in declared}


def lines_for_what_does_not_apply(
    units: pd.DataFrame, places: Places, results: pd.DataFrame, away: Mapping[str, Away]
) -> list[Line]:
    """A line for each: its points are shared out, or it gets the mean of the type's units that were scored."""
    type_of = dict(zip(units["unit_id"], units["unit_type"], strict=True))
    visited = set(units.loc[units["is_visited"], "unit_id"])
    lines = []
    for side, column in ((SELF, "self_points"), (RULE, "team_points")):
        means = results.groupby([results["unit_id"].map(type_of), "item_id"])[column].mean().dropna()
        for unit_id, item_id in sorted(away[side]):
            item, group = places[unit_id, item_id], (type_of[unit_id], item_id)
            rule = item.not_applicable
            assert rule is not None
            is_mean = rule.treatment == "group_mean" and (side == SELF or unit_id in visited)
            mean = float(means.get(group, math.nan)) if is_mean else math.nan
            is_shared = side == RULE and (rule.treatment == "redistribute" or unit_id in visited)
            if is_shared or not math.isnan(mean):
                lines.append(_away_line(unit_id, item, side, rule, mean, group))
    return lines


def _away_line(
    unit_id: str, item: Item, side: str, rule: NotApplicable, mean: float, group: tuple[str, str]
) -> Line:
    fact: Fact = (None, None) if math.isnan(mean) else group_fact("scores_by_unit_item", *group)
    firing = fire(rule, mean, item.max_points)
    return line(unit_id, item.item_id, side, (rule.rule_id, rule.rule_type), firing, RULE, fact)


def with_means(results: pd.DataFrame, added: list[Line], units: pd.DataFrame) -> pd.DataFrame:
    """The results with the means of groups in place of what does not apply, and the gap between the two sides."""
    means = {(fired["unit_id"], fired["item_id"], fired["scorer"]): fired["change_points"]
             for fired in added if fired["fact_key"]}  # fmt: skip
    keys = list(zip(results["unit_id"], results["item_id"], strict=True))
    own, team = (
        pd.Series([means.get((*key, side)) for key in keys], results.index, "float64")
        for side in (SELF, RULE)
    )
    is_visited = results["unit_id"].isin(units.loc[units["is_visited"], "unit_id"])
    own_points, team_points = results["self_points"].fillna(own), results["team_points"].fillna(team)
    is_own_away = results["is_own_not_applicable"] & own.isna()
    return results.assign(
        self_points=own_points, team_points=team_points, gap_points=own_points - team_points,
        is_own_not_applicable=is_own_away,
        is_not_applicable=(results["is_not_applicable"] & team.isna()).where(is_visited, is_own_away),
    )  # fmt: skip
