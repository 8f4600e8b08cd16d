"""Self-scores of every unit and the teams' scores of the visited ones, as they stand on their forms."""

from __future__ import annotations

from random import Random

from lianzheng.config.forms import Form
from lianzheng.config.standard import Item
from lianzheng.demo.bureau import Bureau, filled, members_of, texts
from lianzheng.demo.truth import Matrix, Truth, rows_of

INAPPLICABLE = "不适用"


def tell_scores(bureau: Bureau, truth: Truth) -> None:
    """The unit's own scores, a little above the team's; the team's where it visits; both agree with their forms."""
    config = bureau.config
    team_of = {visit.unit_id: visit.team_id for visit in config.visits}
    for unit in config.units:
        rng = bureau.rng("self", unit.unit_id)
        own = Matrix()
        for item in config.standard.items:
            if item.rule.rule_type != "veto":
                own |= _own_score(bureau, unit.unit_id, item, rng)
        points = [
            value for (_, _, column), value in own.items() if column == "points" and isinstance(value, float)
        ]
        own["self_scores", "total", "points"] = round(sum(points), 2)
        _keep(truth, config.forms["standard"], unit.unit_id, "self", own)
        if unit.unit_id in team_of:
            _keep(
                truth,
                config.forms["team_scores"],
                unit.unit_id,
                team_of[unit.unit_id],
                _team_scores(bureau, unit.unit_id),
            )
            _member_scores(bureau, truth, unit.unit_id, team_of[unit.unit_id])


def _keep(truth: Truth, form: Form, unit_id: str, scorer: str, matrix: Matrix) -> None:
    """Keep a matrix of scores and the rows that it makes."""
    truth.matrices[form.form_id, unit_id, scorer] = matrix
    for into, row in rows_of(form, matrix):
        points = row["points"]
        state = "blank" if points is None else "number" if isinstance(points, float) else "not_applicable"
        truth.add(into, {
            "unit_id": unit_id, "scorer": scorer, "observed_value": None, **row,
            "points": points if state == "number" else None, "value_state": state,
        })  # fmt: skip


def _own_score(bureau: Bureau, unit_id: str, item: Item, rng: Random) -> Matrix:
    place = ("self_scores", item.item_id)
    points = bureau.points.get((unit_id, item.item_id))
    if points is None:
        return {(*place, "points"): INAPPLICABLE}
    if item.item_key == "good_practice":
        points = float(rng.randrange(2))
    claimed = points + (item.max_points - points) * rng.choice([0, 0, 0.5, 0.5, 1])
    if bureau.config.standard.block_of(item.item_id).kind == "bonus":
        claimed = points  # nobody is surprised here: adopted bulletins are counted
    return {
        (*place, "points"): round(claimed, 2),
        (*place, "reason"): rng.choice([None, *texts()["self_reasons"]]),
    }


def _team_scores(bureau: Bureau, unit_id: str) -> Matrix:
    matrix = Matrix()
    for row in bureau.config.forms["team_scores"].table("scores").rows:
        item = next(item for item in bureau.config.standard.items if item.item_id == row.row_id)
        key = (unit_id, row.row_id)
        if key not in bureau.points:
            matrix["scores", row.row_id, "points"] = INAPPLICABLE
            continue
        matrix["scores", row.row_id, "observed_value"] = bureau.observed.get(key)
        matrix["scores", row.row_id, "points"] = bureau.points[key] if item.max_points else None
        is_bonus = bureau.config.standard.block_of(item.item_id).kind == "bonus"
        if bureau.lost(unit_id, item) > 0 and not is_bonus:
            matrix["scores", row.row_id, "reason"] = _reason(bureau, unit_id, item)
    return matrix


def _reason(bureau: Bureau, unit_id: str, item: Item) -> str:
    lost = item.max_points - bureau.points[unit_id, item.item_id]
    rng = bureau.rng("reason", unit_id, item.item_id)
    fitting = [t["text"] for t in texts()["findings"] if t["item_key"] == item.item_key]
    said = rng.choice(texts()["reasons"].get(item.item_key) or fitting or [item.rule.counts])
    return f"{filled(said, rng)}，扣{round(lost, 2):g}分"


def _member_scores(bureau: Bureau, truth: Truth, unit_id: str, team_id: str) -> None:
    for item in bureau.config.standard.items:
        if item.rule.rule_type == "mean_over_members":
            for member_id in members_of(bureau.config, unit_id):
                points = bureau.member_points[member_id]
                truth.add("scores_by_unit_item_scorer", {
                    "unit_id": unit_id, "item_id": item.item_id, "scorer": team_id, "member_id": member_id, "points": points,
                    "observed_value": None, "reason": None if points == item.max_points else "分管领域廉政工作记录不完整",
                    "value_state": "number",
                })  # fmt: skip
