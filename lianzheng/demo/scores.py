"""Self-scores of every unit and the teams' scores of the visited ones, as they stand on their forms."""

from __future__ import annotations

from random import Random

from lianzheng.config.standard import Item
from lianzheng.demo.bureau import Bureau, Matrix, Row, filled, texts

INAPPLICABLE = "不适用"


def tell_scores(bureau: Bureau) -> None:
    """The unit's own scores, a little above the team's; the team's where it visits; both agree with their forms."""
    forms, team_of = bureau.config.forms, {visit.unit_id: visit.team_id for visit in bureau.config.visits}
    for unit_id in bureau.unit_ids:
        own = _own_scores(bureau, unit_id, bureau.rng("self", unit_id))
        bureau.keep(forms["standard"], unit_id, "self", own, _finished, scorer="self")
        if team_id := team_of.get(unit_id):
            given = _team_scores(bureau, unit_id)
            bureau.keep(forms["team_scores"], unit_id, team_id, given, _finished, scorer=team_id)
            _member_scores(bureau, unit_id, team_id)


def _finished(row: Row) -> Row:
    """A row with the state of its points."""
    state = {None: "blank", INAPPLICABLE: "not_applicable"}.get(row["points"], "number")
    points = row["points"] if state == "number" else None
    return {"observed_value": None, "part_id": "", **row, "points": points, "value_state": state}


def _is_bonus(bureau: Bureau, item: Item) -> bool:
    return bureau.config.standard.block_of(item.item_id).kind == "bonus"


def _own_scores(bureau: Bureau, unit_id: str, rng: Random) -> Matrix:
    """Part of what was lost is claimed all the same; bonus is counted, so nobody is surprised there."""
    own, total = Matrix(), 0.0
    for item in bureau.config.standard.items:
        points = bureau.points.get((unit_id, item.item_id))
        if item.rule.rule_type == "veto":
            continue
        if points is None:
            own["self_scores", item.item_id, "points"] = INAPPLICABLE
            continue
        claimed = points + (item.max_points - points) * rng.choice([0, 0, 0.5, 0.5, 1])
        claimed = points if _is_bonus(bureau, item) else claimed
        claimed = float(rng.randrange(2)) if item.item_key == "good_practice" else claimed
        total += round(claimed, 2)
        own["self_scores", item.item_id, "points"] = round(claimed, 2)
        own["self_scores", item.item_id, "reason"] = rng.choice([None, *texts()["self_reasons"]])
    return own | {("self_scores", "total", "points"): round(total, 2)}


def _team_scores(bureau: Bureau, unit_id: str) -> Matrix:
    given, items = Matrix(), {item.item_id: item for item in bureau.config.standard.items}
    for row in bureau.config.forms["team_scores"].table("scores").rows:
        item, key = items[row.row_id], (unit_id, row.row_id)
        given["scores", row.row_id, "observed_value"] = bureau.observed.get(key)
        points = bureau.points.get(key, INAPPLICABLE)
        given["scores", row.row_id, "points"] = points if item.max_points else None
        if bureau.lost(unit_id, item) > 0 and not _is_bonus(bureau, item):
            given["scores", row.row_id, "reason"] = _reason(bureau, unit_id, item)
    return given


def _reason(bureau: Bureau, unit_id: str, item: Item) -> str:
    lost = item.max_points - bureau.points[unit_id, item.item_id]
    rng = bureau.rng("reason", unit_id, item.item_id)
    fitting = [finding["text"] for finding in texts()["findings"] if finding["item_key"] == item.item_key]
    said = rng.choice(texts()["reasons"].get(item.item_key) or fitting or [item.rule.counts])
    return f"{filled(said, rng)}，扣{round(lost, 2):g}分"


def _member_scores(bureau: Bureau, unit_id: str, team_id: str) -> None:
    for item in (i for i in bureau.config.standard.items if i.rule.rule_type == "mean_over_members"):
        for member in bureau.members(unit_id):
            points = bureau.member_points[member.member_id]
            reason = "分管领域廉政工作记录不完整" if points < item.max_points else None
            row: Row = {"unit_id": unit_id, "item_id": item.item_id, "scorer": team_id, "reason": reason}
            row |= {"member_id": member.member_id, "points": points}
            bureau.add("scores_by_unit_item_scorer", _finished(row))
