"""Items: scores as written and quantities as verified → one line per firing and one result per item.

“一把尺子”: what can be counted is computed from the verified number (核实数); a team's own figure counts only
where there is none. Bonus left blank is no bonus; any other blank stays null and is never a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from lianzheng.config import CycleConfig
from lianzheng.config.rules import Discretionary, Range, RankBased, SumOfSubItems
from lianzheng.issues import NOWHERE, Issue, Source
from lianzheng.scoring.lines import (
    LINE_COLUMNS,
    RULE,
    SCORES,
    SELF,
    Fact,
    Frames,
    Line,
    group_fact,
    line,
    score_key,
)
from lianzheng.scoring.not_applicable import Away, lines_for_what_does_not_apply, not_applicable, with_means
from lianzheng.scoring.rounding import written
from lianzheng.scoring.rules import EARNED, JUDGED, PARTED, Firing, as_written, bounded, fire, fire_parts
from lianzheng.scoring.written import Places, Written, read_written, scored_places, strangers

TOLERANCE = 0.005 + 1e-9  # half of the last digit that a team writes, and binary noise
TEAM_GAP_SHARE = 0.2  # of the item's points: two teams that differ by more are asked (domain rule)
_COMPLAINED = frozenset({"unreadable", "pending"})  # intake has already said so
_NOISE = 1e-9
Ranks = Mapping[tuple[str, str], int]


def score_items(config: CycleConfig, tables: Frames) -> tuple[list[Line], pd.DataFrame, list[Issue]]:
    """Lines, scores_by_unit_item and data issues: the unit's own points, the teams', and what does not apply."""
    units = tables["units"]
    places = scored_places(config, units)
    records = read_written(tables, places)
    away = {side: not_applicable(units, places, _of_side(records, side)) for side in (SELF, RULE)}
    ranks = rank_quantities(units, [r for r in _of_side(records, RULE) if not _is_in(r, away[RULE])])
    forms = tables["files"].set_index("file_id")["form_id"].dropna()
    lines, issues = list[Line](), list[Issue]()
    for record in records:
        if not _is_in(record, away[SELF if record.is_own else RULE]):
            fired = score_record(record, ranks)
            lines += fired
            issues += [] if record.is_own else _issues(record, fired, forms)
    names = {item.item_id: item.name for item in config.standard.items}
    issues += [_stranger(row, forms, names) for row in strangers(config, tables)]
    issues += teams_that_differ(places, lines)
    results = _results(places, lines, away)
    added = lines_for_what_does_not_apply(units, places, results, away)
    return lines + added, with_means(results, added, units), issues


def _of_side(records: Iterable[Written], side: str) -> list[Written]:
    return [record for record in records if record.is_own == (side == SELF)]


def _is_in(record: Written, away: Away) -> bool:
    return (record.unit_id, record.item.item_id) in away


def rank_quantities(units: pd.DataFrame, records: Iterable[Written]) -> dict[tuple[str, str], int]:
    """The rank (1 = best, ties share the best) of each unit in the quantities of rank-based items.

    A unit seen by several teams is ranked by the mean of what they verified.
    """
    type_of = dict(zip(units["unit_id"], units["unit_type"], strict=True))
    seen: dict[tuple[str, str], list[float]] = {}
    rules: dict[str, RankBased] = {}
    for record in records:
        if isinstance(record.item.rule, RankBased) and record.observed is not None:
            rules[record.item.item_id] = record.item.rule
            seen.setdefault((record.unit_id, record.item.item_id), []).append(record.observed)
    means = {place: round(sum(numbers) / len(numbers), 9) for place, numbers in seen.items()}
    return {
        (unit_id, item_id): 1 + sum(
            (other > mean) if rules[item_id].best == "highest" else (other < mean)
            for (other_id, of), other in means.items()
            if of == item_id and (rules[item_id].within == "bureau" or type_of[other_id] == type_of[unit_id])
        )
        for (unit_id, item_id), mean in means.items()
    }  # fmt: skip


def score_record(record: Written, ranks: Ranks) -> list[Line]:
    """What the rules make of the verified numbers; else (and always for the unit itself) the points as written."""
    lines = [] if record.is_own else _by_rule(record, ranks)
    if not lines and record.points is not None:
        words = f"{'自评' if record.is_own else '检查组评'}{written(record.points)}分"
        firing = as_written(record.points, record.item.max_points, words)
        lines = [_line(record, (record.item.rule.rule_id, "as_written"), firing, record.scorer)]
    return lines


def _by_rule(record: Written, ranks: Ranks) -> list[Line]:
    """The item's rule, then the further ones on what it left; nothing while a number that they need is missing."""
    further = [(rule, record.parts[rule.rule_id]) for rule in record.item.further_rules]
    lines = [] if any(seen is None for _, seen in further) else _by_first_rule(record, ranks)
    for rule, seen in further if lines else ():
        firing = fire(rule, seen or 0.0, _points_after(lines))
        decided_by = record.scorer if rule.rule_type in JUDGED else RULE
        lines.append(_line(record, (rule.rule_id, rule.rule_type), firing, decided_by, rule.rule_id))
    return lines


def _by_first_rule(record: Written, ranks: Ranks) -> list[Line]:
    rule, full = record.item.rule, record.item.max_points
    named = (rule.rule_id, str(rule.rule_type))
    if rule.rule_type in PARTED:
        seen = {id_: number for id_, number in record.parts.items() if number is not None}
        firings = fire_parts(rule, seen, full) if len(seen) == len(record.parts) else []
        subs = rule.sub_items if isinstance(rule, SumOfSubItems) else ()
        who = dict.fromkeys(record.parts, RULE) | {s.part_id: record.scorer for s in subs if not s.rule}
        return [_line(record, named, firing, who[part_id], part_id) for part_id, firing in firings]
    observed = _observed(record)
    if observed is None:
        return []
    if isinstance(rule, RankBased):
        return _by_rank(record, rule, ranks)
    decided_by = record.scorer if rule.rule_type in JUDGED else RULE
    return [_line(record, named, fire(rule, observed, full), decided_by)]


def _by_rank(record: Written, rule: RankBased, ranks: Ranks) -> list[Line]:
    """First the comparison, which rests on all units, then the points of the rank."""
    named = (rule.rule_id, str(rule.rule_type))
    rank = ranks[record.unit_id, record.item.item_id]
    among = "同类单位" if rule.within == "unit_type" else "全局受检单位"
    order = "高到低" if rule.best == "highest" else "低到高"
    compared = Firing(0.0, 0.0, False, f"核实数与{among}比较，从{order}排列")
    rest = line(record.unit_id, record.item.item_id, record.scorer, named, compared, RULE,
                group_fact(SCORES, "*", record.item.item_id))  # fmt: skip
    firing = fire(rule, float(rank), record.item.max_points)
    firing = replace(firing, reason=f"核实{written(record.observed or 0.0)}，{firing.reason}")
    return [rest, _line(record, named, firing, RULE)]


def _line(record: Written, rule: tuple[str, str], firing: Firing, decided_by: str, part_id: str = "") -> Line:
    """The line with its written cell as the fact, and the inspector's reason where the inspector decided."""
    if decided_by not in (SELF, RULE) and record.reason(part_id):
        firing = replace(firing, reason=f"{firing.reason}：{record.reason(part_id)}")
    unit_id, item_id, scorer = record.unit_id, record.item.item_id, record.scorer
    fact: Fact = (SCORES, score_key(unit_id, item_id, scorer, part_id=part_id))
    return line(unit_id, item_id, scorer, rule, firing, decided_by, fact)


def _observed(record: Written) -> float | None:
    """The verified number; where the inspector judges, the deduction; for bonus left blank, none."""
    rule_type = record.item.rule.rule_type
    if record.observed is not None:
        return record.observed
    if rule_type in JUDGED and record.points is not None and not record.item.further_rules:
        return record.item.max_points - record.points
    is_left_out = record.points is None and record.state not in _COMPLAINED
    return 0.0 if rule_type == "bonus" and is_left_out else None


def _issues(record: Written, fired: list[Line], forms: pd.Series) -> list[Issue]:
    """What the team must look at again; what intake has already said is not said twice."""
    item, claimed, points = record.item, record.points, 0.0
    codes = []
    if not fired:
        codes += [] if record.state in _COMPLAINED else ["missing_observation"]
    else:
        points = _points_after(fired)
        claimed = points - _beyond_bounds(record) if claimed is None else claimed
        is_within = record.points is None or 0 <= record.points <= item.max_points
        codes += ["score_differs_from_rule"] * (is_within and abs(points - claimed) > TOLERANCE)
        codes += ["reason_missing"] * any(_is_unexplained(record, fired_line, points) for fired_line in fired)
    seen = "" if claimed is None else written(claimed)
    words: dict[str, object] = {"row": item.name, "expected": written(points)}
    form_id = forms.get(record.source.file_id, "")
    return [Issue(code, record.unit_id, form_id, record.source, seen, words) for code in codes]


def _points_after(lines: list[Line]) -> float:
    return float(lines[-1]["base_points"] + lines[-1]["change_points"])


def _is_unexplained(record: Written, fired: Line, points: float) -> bool:
    """Whether the inspector took points by this line without saying why."""
    part_id = fired["fact_key"].rpartition("|")[2]
    is_taken = fired["change_points"] < -TOLERANCE
    if fired["rule_type"] == "as_written":
        is_taken = points < record.item.max_points - TOLERANCE and record.item.rule.rule_type not in EARNED
    return fired["decided_by"] != RULE and is_taken and not record.reason(part_id)


def _beyond_bounds(record: Written) -> float:
    """How much more the inspector wrote as deductions than the rules allow; negative for less."""
    further = [(rule, record.parts[rule.rule_id]) for rule in record.item.further_rules]
    judged = [(record.item.rule, record.observed), *further]
    return sum(
        seen - bounded(rule, seen)
        for rule, seen in judged if seen is not None and isinstance(rule, Range | Discretionary)
    )  # fmt: skip


def _stranger(row: Mapping[str, object], forms: pd.Series, names: Mapping[str, str]) -> Issue:
    source = Source(*("" if pd.isna(row[name]) else str(row[name]) for name in ("file_id", "sheet", "cell")))
    value = row["points"] if pd.notna(row["points"]) else row["observed_value"]
    words: dict[str, object] = {"row": names[str(row["item_id"])]}
    form_id = forms.get(source.file_id, "")
    return Issue("not_for_unit_type", str(row["unit_id"]), form_id, source, written(float(str(value))), words)


def teams_that_differ(places: Places, lines: Iterable[Line]) -> list[Issue]:
    """Items whose teams differ by more than a fifth of the points; their mean counts all the same."""
    points: dict[tuple[str, str], dict[str, float]] = {}
    for fired in lines:
        if fired["scorer"] != SELF:
            place = fired["unit_id"], fired["item_id"]
            points.setdefault(place, {})[fired["scorer"]] = _points_after([fired])
    issues = []
    for place, by_team in sorted(points.items()):
        gap, item = max(by_team.values()) - min(by_team.values()), places[place]
        most = TEAM_GAP_SHARE * item.max_points
        if gap > most + _NOISE:
            words: dict[str, object] = {"row": item.name, "expected": written(most)}
            issues.append(Issue("teams_differ", place[0], "team_scores", NOWHERE, written(gap), words))
    return issues


def _results(places: Places, lines: list[Line], away: Mapping[str, Away]) -> pd.DataFrame:
    """scores_by_unit_item before any mean of a group; ``is_own_not_applicable`` is the unit's side of the sums."""
    every = pd.MultiIndex.from_tuples(list(places), names=["unit_id", "item_id"])
    fired = pd.DataFrame(lines, columns=LINE_COLUMNS)
    fired = fired.assign(points=(fired["base_points"] + fired["change_points"]).astype("float64"))
    last = fired.drop_duplicates(["unit_id", "item_id", "scorer"], keep="last")
    own = last[last["scorer"] == SELF].set_index(every.names)["points"].reindex(every)
    teams = last[last["scorer"] != SELF].groupby(every.names)["points"]
    return pd.DataFrame({
        "self_points": own, "team_points": teams.mean().reindex(every).astype("float64"),
        "n_teams": teams.count().reindex(every, fill_value=0),
        "max_points": [item.max_points for item in places.values()],
        "is_not_applicable": every.isin(list(away[RULE])),
        "is_own_not_applicable": every.isin(list(away[SELF])),
    }).reset_index()  # fmt: skip
