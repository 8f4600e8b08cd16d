"""The method once more, in another hand: dictionaries, loops and exact fractions; imports nothing of lianzheng.

Reads the processed input tables as lists of dictionaries (null is None) and the cycle's configuration, and
works out blocks, components, totals, grades and ranks as docs/methodology.md describes them; the items are
worked out in :mod:`tests.oracle.points`.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

from tests.oracle.points import Number, counts_for, exact, score_items

Rows = list[dict[str, Any]]


def cents(value: Fraction) -> Fraction:
    """Half up to two decimals, without any float."""
    return Fraction((abs(value) * 100 + Fraction(1, 2)).__floor__(), 100) * (1 if value >= 0 else -1)


def recompute(config: Any, tables: dict[str, Rows]) -> dict[str, dict[Any, Any]]:
    """``items`` by (unit, item), ``blocks`` by (unit, block), ``results`` by unit: what the tables must hold.

    ``questionnaires`` by (unit, rater group, question): score and suppression code; ``differ`` the items on which
    two teams are too far apart.
    """
    names = ("items", "blocks", "results", "differ", "questionnaires")
    answer: dict[str, dict[Any, Any]] = {name: {} for name in names}
    answer["items"] = score_items(config, tables["units"], tables["scores_by_unit_item_scorer"])
    full = {item.item_id: exact(item.max_points) for item in config.standard.items}
    for (unit_id, item_id), entry in answer["items"].items():
        if entry["given"] and max(entry["given"]) - min(entry["given"]) > full[item_id] / 5:
            answer["differ"][unit_id, item_id] = True
    for unit in tables["units"]:
        unit_id = unit["unit_id"]
        self_total = one_side(config, unit, "self", answer)
        inspection = one_side(config, unit, "team", answer)
        votes = questionnaire(config, unit_id, tables)
        answer["questionnaires"] |= {(unit_id, *place): cell for place, cell in votes.items()}
        whole = votes.get(("all", "all"), {"score": None})["score"]
        perception = whole if unit["is_visited"] else None
        facts = deductions(config, unit_id, tables)
        zeros = [
            item.item_id
            for item in config.standard.scored_items
            if (entry := answer["items"].get((unit_id, item.item_id)))
            and entry["given"]
            and cents(entry["team"]) == 0
        ]
        result = total(config, unit, inspection, perception, facts)
        result |= {
            "self_total": self_total,
            "inspection": inspection,
            "perception": perception,
            "facts": facts,
        }
        result["grade"], result["veto"] = grade(config, unit, result, zeros, tables)
        answer["results"][unit_id] = result
    ranks(config, tables["units"], answer["results"])
    return answer


# Blocks


def one_side(config: Any, unit: dict[str, Any], side: str, answer: dict[str, Any]) -> Number:
    """Blocks of the unit's own points or of its teams'; returns the sum of the whole."""
    sums: list[tuple[Number, Fraction]] = []
    extra = Fraction(0)
    for block in config.standard.blocks:
        if block.kind == "veto" or not counts_for(block, unit):
            continue
        points: list[tuple[Number, Fraction]] = []
        for item in block.items:
            entry = answer["items"][unit["unit_id"], item.item_id]
            if not entry["out"][side]:
                points.append((entry[side], exact(item.max_points)))
        if block.kind == "bonus":
            earned = [value for value, _ in points if value is not None]
            shown = min(sum(earned, Fraction(0)), exact(block.max_points)) if earned else None
            extra += shown or 0
        else:
            shown = scaled(points, exact(block.max_points))
            if points:
                sums.append((shown, exact(block.max_points)))
        answer["blocks"].setdefault((unit["unit_id"], block.block_id), {})[side] = shown
    whole = scaled(sums, Fraction(100))
    return None if whole is None else min(whole + extra, exact(config.cycle.inspection_cap))


def scaled(parts: list[tuple[Number, Fraction]], full: Fraction) -> Number:
    """The parts' sum on the scale of full points; nothing while a part is open."""
    if not parts or any(value is None for value, _ in parts):
        return None
    return (
        sum((value for value, _ in parts if value is not None), Fraction(0))
        * full
        / sum(most for _, most in parts)
    )


# 测评, 事实


def questionnaire(
    config: Any, unit_id: str, tables: dict[str, Rows]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Score and suppression code by (rater group, question), the form and everybody under ``all``."""
    form, least = config.questionnaire, config.cycle.suppression_threshold
    if form is None:
        return {}
    asked = [q.question_id for q in form.questions if q.kind == "scale"]
    papers: dict[tuple[str, str], int] = defaultdict(int)  # votes with abstentions
    votes: dict[tuple[str, str], list[Fraction]] = defaultdict(list)  # what each counted vote is worth
    by_hand = set()
    for row in tables["tallies_by_unit_question_option"]:
        if row["unit_id"] != unit_id or row["question_id"] not in asked or row["n_votes"] is None:
            continue
        by_hand |= {row["rater_group"]} if row["source"] == "hand" else set()
        for place in ((row["rater_group"], row["question_id"]), ("all", row["question_id"])):
            papers[place] += row["n_votes"]
            if row["coefficient"] is not None:
                votes[place] += [exact(row["coefficient"])] * row["n_votes"]
            elif form.counts_abstentions:
                votes[place] += [Fraction(0)] * row["n_votes"]
    size = {group: max(n for (g, _), n in papers.items() if g == group) for group in by_hand}
    for ballot in tables["ballots"]:
        if ballot["unit_id"] == unit_id and ballot["is_valid"] and ballot["rater_group"] not in by_hand:
            size[ballot["rater_group"]] = size.get(ballot["rater_group"], 0) + 1
    answer = {place: {"score": mean_vote(form, votes[place]), "code": None} for place in papers}
    if size:
        size["all"] = sum(size.values())
    for group in size:
        enough = [answer[group, q]["score"] for q in asked if len(votes[group, q]) >= least]
        score = sum(enough, Fraction(0)) / len(enough) if enough else None
        answer[group, "all"] = {"score": score, "code": None}
    suppress(answer, size, papers, votes, least)
    for row in tables["ballot_counts"]:
        counts = row["n_issued"], row["n_returned"]
        if row["unit_id"] == unit_id and None not in counts and counts[1] > counts[0]:
            answer = {place: {"score": None, "code": "void"} for place in answer}
    return {
        place: {**cell, "score": None if cell["code"] else cell["score"]} for place, cell in answer.items()
    }


def mean_vote(form: Any, votes: list[Fraction]) -> Number:
    ordered = sorted(votes)
    if form.trims_extremes and len(ordered) > form.trim_above:
        ordered = ordered[1:-1]
    return sum(ordered, Fraction(0)) / len(ordered) if ordered else None


def suppress(
    answer: dict[tuple[str, str], dict[str, Any]],
    size: dict[str, int],
    papers: dict[tuple[str, str], int],
    votes: dict[tuple[str, str], list[Fraction]],
    least: int,
) -> None:
    """Write the codes: too few first, then groups that would give the few away, one after the other."""
    behind = {(g, q): size[g] if q == "all" else len(votes[g, q]) for g, q in answer}
    for group, question in answer:
        is_small = size.get(group, least) < least
        if question != "all":
            is_small = is_small or papers[group, question] < least or 0 < behind[group, question] < least
        answer[group, question]["code"] = "few" if is_small else None
    for group in size:
        parts = [cell["code"] for (g, q), cell in answer.items() if g == group and q != "all"]
        if answer[group, "all"]["score"] is None and "few" in parts:
            answer[group, "all"]["code"] = "few"
    while True:
        culprits = set()
        for question in {q for g, q in answer if g == "all" and answer[g, q]["code"] is None}:
            there = [g for g, q in answer if q == question and g != "all"]
            n_hidden = sum(behind[g, question] for g in there if answer[g, question]["code"])
            if 1 <= n_hidden < least:
                culprits |= {g for g in there if not answer[g, question]["code"] and behind[g, question]}
        if not culprits:
            return
        smallest = min((size[g], g) for g in culprits)[1]
        for place, cell in answer.items():
            if place[0] == smallest and cell["code"] is None:
                cell["code"] = "complement"


def deductions(config: Any, unit_id: str, tables: dict[str, Rows]) -> Fraction:
    taken = Fraction(0)
    counted = {row["file_id"] for row in tables["files"] if row["is_counted"]}
    for rule in config.cycle.facts.rules:
        for row in tables[rule.fact]:
            meets = all(row[column] in allowed for column, allowed in rule.where.items())
            if row["unit_id"] != unit_id or not meets:
                continue
            due = row.get("due_date")
            if rule.fact == "cases":
                is_fact = row["state"] == "closed"
            elif rule.fact == "submissions":
                is_fact = row["is_late"] and row["file_id"] in counted
            else:
                is_fact = (
                    row["state"] != "closed" and due is not None and due.date() < config.cycle.report_date
                )
            taken += exact(rule.points) if is_fact else 0
    return min(taken, exact(config.cycle.facts.cap))


# The whole


def total(
    config: Any, unit: dict[str, Any], inspection: Number, perception: Number, facts: Fraction
) -> dict[str, Any]:
    first, second = exact(config.cycle.weights.inspection), exact(config.cycle.weights.perception)
    if not unit["is_visited"] or inspection is None:
        return {"total": None, "is_provisional": False}
    is_provisional = second > 0 and perception is None
    value = inspection if is_provisional else first * inspection + second * (perception or 0)
    return {"total": max(Fraction(0), min(Fraction(100), value - facts)), "is_provisional": is_provisional}


def grade(
    config: Any, unit: dict[str, Any], result: dict[str, Any], zeros: list[str], tables: dict[str, Rows]
) -> tuple[str, str | None]:  # fmt: skip
    ladder = [
        band for _, band in sorted(((band.lowest, band) for band in config.cycle.grades), key=lambda p: -p[0])
    ]
    names = [band.grade for band in ladder]
    effects = set()
    blocks = [block for block in config.standard.blocks if counts_for(block, unit)]
    for item in (item for block in blocks for item in block.items if item.rule.rule_type == "veto"):
        for case in tables["cases"] if item.rule.fact == "cases" else []:
            meets = all(case[column] in allowed for column, allowed in item.rule.where.items())
            if case["unit_id"] == unit["unit_id"] and case["state"] == "closed" and meets:
                effects.add(item.rule.effect)
        for row in tables["scores_by_unit_item_scorer"] if not item.rule.fact and unit["is_visited"] else []:
            of_item = (row["unit_id"], row["item_id"]) == (unit["unit_id"], item.item_id)
            if of_item and row["scorer"] != "self" and (row["observed_value"] or 0) > 0:
                effects.add(item.rule.effect)
    name = "unverified"
    if result["total"] is not None:
        shown = cents(result["total"])
        place = [shown >= exact(band.lowest) for band in ladder].index(True)
        if zeros and "no_item_at_zero" in ladder[place].conditions:
            place += 1
        name = names[place]
    if "fails" in effects:
        name = names[-1]
    elif "not_excellent" in effects and name == names[0]:
        name = names[1]
    veto = "fails" if "fails" in effects else "not_excellent" if effects else None
    for decision in config.decisions:
        if decision.unit_id == unit["unit_id"]:
            name = decision.to_grade
    return name, veto


def ranks(config: Any, units: Rows, results: dict[str, dict[str, Any]]) -> None:
    for unit in units:
        peers = [u["unit_id"] for u in units if u["unit_type"] == unit["unit_type"]]
        runners = [
            cents(results[u]["total"])
            for u in peers
            if results[u]["total"] is not None and not results[u]["is_provisional"]
        ]
        result = results[unit["unit_id"]]
        takes_part = result["total"] is not None and not result["is_provisional"]
        is_enough = len(runners) >= config.cycle.rank_minimum
        better = [value for value in runners if takes_part and value > cents(result["total"])]
        result["rank"] = len(better) + 1 if takes_part and is_enough else None
        result["n_ranked"] = len(runners) if is_enough else 0
