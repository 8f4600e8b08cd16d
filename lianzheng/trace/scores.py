"""What results, components, blocks, items and score lines rest on.

The functions tell what ``scoring`` does. They go by score_lines (fact_table, fact_key) and by table keys, never by
rule types, so a rule that writes its lines is told without being known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lianzheng.scoring.rounding import written
from lianzheng.tables import labels
from lianzheng.trace.basis import (
    ALL,
    BLOCKS,
    COMPONENTS,
    ITEMS,
    LINES,
    QUESTIONS,
    RESULTS,
    RULE,
    SCORES,
    SELF,
    WHOLE,
    Basis,
    Ref,
    Row,
    refs_to,
)

if TYPE_CHECKING:
    from lianzheng.trace.chain import Chain


def result(chain: Chain, row: Row, column: str) -> Basis:
    """results_by_unit: the total from its components; grade and rank from the total and what departs from it."""
    unit_id, weights = row["unit_id"], chain.config.cycle.weights
    if column == "self_total":
        return _summed(chain, unit_id, "self_points", SELF, "自评各部分之和，连同加分")
    if column in ("total", "is_provisional"):
        how = f"{written(weights.inspection)}×检查＋{written(weights.perception)}×测评−事实，限于0–100（cycle.yml weights）"
        how = "无有效测评，总分为检查−事实，暂定" if row["is_provisional"] else how
        columns = dict.fromkeys(labels("component"), "score") | {"facts": "deduction_points"}
        told = [
            ref for of, name in columns.items() for ref in chain.refs(COMPONENTS, name, unit_id, component=of)
        ]
        return Basis(how, tuple(told), column == "total" and 0 < (row["total"] or 0) < 100)
    if column in ("rank", "n_ranked", "is_ranked"):
        ranked = [r for r in chain.of(RESULTS, rank_group=row["rank_group"]) if r["total"] is not None]
        how = f"{row['rank_group']}中有总分且不是暂定的单位，按四舍五入后的总分排列；满{chain.config.cycle.rank_minimum}家才排名"
        return Basis(f"{how}（cycle.yml rank_minimum）", refs_to(RESULTS, ranked, "total"))
    if column == "rank_group":
        return Basis("units.csv 的类型", refs_to("units", [row], "unit_type"))
    refs = (
        *refs_to(RESULTS, [row], "total"), *chain.refs(LINES, "change_points", unit_id, item_id="veto"),
        *chain.refs("grade_decisions", WHOLE, grade_decision_id=row["grade_decision_id"]),
    )  # fmt: skip
    return Basis(f"{row['grade_reason']}（cycle.yml grades）", refs)


def _summed(chain: Chain, unit_id: str, column: str, side: str, how: str) -> Basis:
    """The sum of the blocks of a side, with the lines that changed it."""
    lines = chain.of(LINES, unit_id, item_id="inspection", scorer=side)
    order = [block.block_id for block in chain.config.standard.blocks]
    blocks = sorted(chain.of(BLOCKS, unit_id), key=lambda row: order.index(row["block_id"]))
    refs = refs_to(BLOCKS, blocks, column) + refs_to(LINES, lines, "change_points")
    return Basis(how, refs, not any(line["is_capped"] for line in lines))


def component(chain: Chain, row: Row, column: str) -> Basis:
    """scores_by_unit_component: 检查 from blocks, 测评 from the questionnaire, 事实 from its lines."""
    unit_id, kind, cycle = row["unit_id"], row["component"], chain.config.cycle
    if column == "weight":
        return Basis("cycle.yml weights")
    if kind == "facts":
        lines = chain.of(LINES, unit_id, item_id="facts")
        how = f"{'各条扣分之和' if lines else '没有扣分事实'}，以{written(cycle.facts.cap)}分为限（cycle.yml facts）"
        came = [c for c in chain.of("submissions", unit_id) if c["received_at"] is not None]
        cited = {line["fact_key"] for line in lines if line["fact_table"] == "submissions"}
        came = [c for c in came if refs_to("submissions", [c], "")[0].key not in cited]
        refs = refs_to(LINES, lines, "change_points") + refs_to("submissions", came, "is_late")
        return Basis(how, refs, column == "deduction_points" and not any(line["is_capped"] for line in lines))
    if row["state"] == "not_visited":
        return Basis("未列入本年度现场检查（visits.csv）")
    if kind == "perception":
        form = chain.of(QUESTIONS, unit_id, question_id=ALL, rater_group=ALL)
        how = labels("component_state")[row["state"]] if row["score"] is None else "测评表全卷得分"
        return Basis(
            how, refs_to(QUESTIONS, form, "n_valid" if column == "n" else "score"), column in ("score", "n")
        )
    if column == "n":
        return Basis("有得分的适用项目数", chain.refs(ITEMS, "team_points", unit_id))
    how = f"各部分之和，连同加分，以{written(cycle.inspection_cap)}分为限（cycle.yml inspection_cap）"
    how = how if row["score"] is not None else labels("component_state")[row["state"]]
    summed = _summed(chain, unit_id, "team_points", RULE, how)
    return summed._replace(is_sum=summed.is_sum and column == "score")


def block(chain: Chain, row: Row, column: str) -> Basis:
    """scores_by_unit_block: the items of the block, and the line that shared out points or cut them."""
    side = SELF if column == "self_points" else RULE
    within = [r["item_id"] for r in chain.of("items", block_id=row["block_id"])]
    items = [item for item in chain.of(ITEMS, row["unit_id"]) if item["item_id"] in within]
    if column not in ("self_points", "team_points"):
        return Basis()
    lines = chain.of(LINES, row["unit_id"], item_id=row["block_id"], scorer=side)
    how = "；".join(["各项之和", *(line["reason"] for line in lines)])
    refs = refs_to(ITEMS, items, column) + refs_to(LINES, lines, "change_points")
    return Basis(how, refs, not any(line["is_capped"] for line in lines))


def item(chain: Chain, row: Row, column: str) -> Basis:
    """scores_by_unit_item: the lines of the unit itself and of the teams."""
    lines = chain.of(LINES, row["unit_id"], item_id=row["item_id"])
    if column == "gap_points":
        return Basis("自评减检查组", refs_to(ITEMS, [row], "self_points", "team_points"), True)
    if column == "max_points":
        return Basis()
    side = SELF if column == "self_points" else RULE
    used = refs_to(
        LINES, [line for line in lines if (line["scorer"] == SELF) == (side == SELF)], "change_points"
    )
    seen = [s for s in chain.of(SCORES, row["unit_id"], item_id=row["item_id"]) if _is_item(s)]
    if column == "is_not_applicable":
        return Basis("以评分标准所许为限（standard.yml）", used + refs_to(SCORES, seen, "value_state"))
    blank = [s for s in seen if (s["scorer"] == SELF) == (side == SELF)]
    if not used:
        is_seen = side == SELF or chain.row("units", row["unit_id"])["is_visited"]
        why = "没有填写得分" if blank else "没有评分表" if is_seen else "未列入本年度现场检查"
        return Basis(f"{why}（visits.csv）" if not is_seen else why, refs_to(SCORES, blank, "value_state"))
    how = f"{row['n_teams']}个检查组得分的平均" if side == RULE and row["n_teams"] > 1 else ""
    return Basis("" if row["is_not_applicable"] else how, used, column != "n_teams")


def _is_item(score: Row) -> bool:
    return not any(score.get(name) for name in ("member_id", "part_id"))


def line(chain: Chain, row: Row, column: str) -> Basis:
    """score_lines: the fact that the rule counted, and the lines before it on the same item."""
    who = "" if row["decided_by"] == RULE else f"{chain.names.label('scorer', row['decided_by'])}评定；"
    where = "cycle.yml" if row["item_id"] == "facts" else "standard.yml"
    is_made = row["rule_id"] in ("redistribute", "bonus_cap", "inspection_cap")
    how = row["reason"] if is_made else f"{row['reason']}（{who}{where} {row['rule_id']}）"
    how = "按自评所填" if row["decided_by"] == SELF and not row["is_capped"] else how
    place = {name: row[name] for name in ("item_id", "scorer")}
    lines = chain.of(LINES, row["unit_id"], **place)
    earlier = [other for other in lines if other["line_number"] < row["line_number"]]
    before = refs_to(LINES, earlier[-1:], "change_points")
    is_sum = column == "change_points" and row["rule_type"] == "as_written" and not row["is_capped"]
    return Basis(how, before + (_facts(chain, row) if row["fact_table"] else _no_fact(chain, row)), is_sum)


def _facts(chain: Chain, row: Row) -> tuple[Ref, ...]:
    """The cited row; of a written score the figure that counted; of a group (type or ``*``, item) what all wrote."""
    table, key = row["fact_table"], row["fact_key"]
    unit_id, *rest = key.split("|")
    if table in (SCORES, ITEMS) and unit_id not in chain.rows("units"):
        types = {r["unit_id"]: r["unit_type"] for r in chain.rows("units").values()}
        group = [s for s in chain.rows(SCORES).values() if unit_id in ("*", types[s["unit_id"]])]
        seen = [
            s for s in group if s["item_id"] == rest[0] and (s["scorer"] == SELF) == (row["scorer"] == SELF)
        ]
        return tuple(ref for score in seen for ref in _figure(score))
    if table != SCORES:
        return refs_to(table, [chain.row(table, key)], WHOLE)
    score = chain.row(table, key)
    place = {name: score[name] for name in ("item_id", "scorer")}
    cited = {o["fact_key"] for o in chain.of(LINES, unit_id, **place)}
    others = [s for s in chain.of(SCORES, unit_id, **place) if not _is_item(s)]
    parts = [s for s in others if refs_to(SCORES, [s], "")[0].key not in cited] if _is_item(score) else []
    return tuple(ref for s in parts or [score] for ref in _figure(s))


def _figure(score: Row) -> tuple[Ref, ...]:
    """The verified number where there is one, else the points as written, else that nothing was."""
    is_observed = score["observed_value"] is not None and score["scorer"] != SELF
    is_written = score["points"] is not None and score["value_state"] != "not_applicable"
    return refs_to(
        SCORES, [score], "observed_value" if is_observed else "points" if is_written else "value_state"
    )


def _no_fact(chain: Chain, row: Row) -> tuple[Ref, ...]:
    """A line without a fact: points shared out or cut within a block or the whole, or an item that does not apply."""
    unit_id, side = row["unit_id"], "self_points" if row["scorer"] == SELF else "team_points"
    if row["item_id"] == "inspection":
        return chain.refs(BLOCKS, side, unit_id)
    within = [r["item_id"] for r in chain.of("items", block_id=row["item_id"])]
    if within:
        return refs_to(ITEMS, [i for i in chain.of(ITEMS, unit_id) if i["item_id"] in within], side)
    seen = chain.refs(SCORES, "value_state", unit_id, item_id=row["item_id"], value_state="not_applicable")
    is_away = row["scorer"] in (SELF, RULE)
    return seen or refs_to("units", [row] * is_away, "was_visited_last_cycle")
