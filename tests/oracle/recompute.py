"""The method once more, in another hand: dictionaries, loops and exact fractions; imports nothing of lianzheng.

Reads the processed input tables as lists of dictionaries (null is None) and the cycle's configuration, and
works out items, blocks, components, totals, grades and ranks as docs/methodology.md describes them.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

Number = Fraction | None
Rows = list[dict[str, Any]]


def exact(value: Any) -> Fraction:
    """The decimal number that a person wrote, not its binary neighbour."""
    return Fraction(repr(float(value)))


def cents(value: Fraction) -> Fraction:
    """Half up to two decimals, without any float."""
    return Fraction((abs(value) * 100 + Fraction(1, 2)).__floor__(), 100) * (1 if value >= 0 else -1)


def recompute(config: Any, tables: dict[str, Rows]) -> dict[str, dict[Any, Any]]:
    """``items`` by (unit, item), ``blocks`` by (unit, block), ``results`` by unit: what the tables must hold.

    ``questionnaires`` by (unit, rater group, question): score and suppression code.
    """
    answer: dict[str, dict[Any, Any]] = {"items": {}, "blocks": {}, "results": {}, "questionnaires": {}}
    for unit in tables["units"]:
        unit_id = unit["unit_id"]
        written = [row for row in tables["scores_by_unit_item_scorer"] if row["unit_id"] == unit_id]
        sheets = defaultdict(list)
        for row in written:
            sheets[row["scorer"]].append(row)
        own = sheets.pop("self", [])
        teams = list(sheets.values()) if unit["is_visited"] else []
        self_total = one_side(config, unit, [own], "self", answer)
        inspection = one_side(config, unit, teams, "team", answer)
        votes = questionnaire(config, unit_id, tables)
        answer["questionnaires"] |= {(unit_id, *place): cell for place, cell in votes.items()}
        whole = votes.get(("all", "all"), {"score": None})["score"]
        perception = whole if unit["is_visited"] else None
        facts = deductions(config, unit_id, tables)
        zeros = [
            item.item_id
            for item in config.standard.scored_items
            if (points := answer["items"][unit_id, item.item_id]["team"]) is not None and cents(points) == 0
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


# Items


def one_side(
    config: Any, unit: dict[str, Any], sheets: list[Rows], side: str, answer: dict[str, Any]
) -> Number:
    """Items and blocks of the unit's own points or of its teams'; returns the sum of the whole."""
    sums: list[tuple[Number, Fraction]] = []
    extra = Fraction(0)
    for block in config.standard.blocks:
        if block.kind == "veto":
            continue
        points: list[tuple[Number, Fraction]] = []
        for item in block.items:
            away = does_not_apply(unit, item, sheets)
            given = [] if away else [item_points(item, sheet, side) for sheet in sheets]
            found = [value for value in given if value is not None]
            mean = sum(found, Fraction(0)) / len(found) if found else None
            entry = answer["items"].setdefault((unit["unit_id"], item.item_id), {})
            entry[side] = mean
            entry["away"] = away if side == "team" and unit["is_visited"] else entry.get("away", away)
            if not away:
                points.append((mean, exact(item.max_points)))
        if block.kind == "bonus":
            earned = [value for value, _ in points if value is not None]
            shown = min(sum(earned, Fraction(0)), exact(block.max_points)) if earned else None
            extra += shown or 0
        else:
            shown = scaled(points, exact(block.max_points))
            if points:
                sums.append((shown, exact(block.max_points)))
        answer["blocks"].setdefault((unit["unit_id"], block.block_id), {})[side] = shown
    everything = sum((exact(b.max_points) for b in config.standard.blocks if b.kind == "points"), Fraction(0))
    whole = scaled(sums, everything)
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


def does_not_apply(unit: dict[str, Any], item: Any, sheets: list[Rows]) -> bool:
    if item.not_applicable is None:
        return False
    if item.not_applicable.when == "not_visited_last_cycle":
        return not unit["was_visited_last_cycle"]
    return any(
        row["item_id"] == item.item_id and row["member_id"] == "" and row["value_state"] == "not_applicable"
        for sheet in sheets
        for row in sheet
    )


def item_points(item: Any, sheet: Rows, side: str) -> Number:
    """The points of one item on one sheet."""
    full = exact(item.max_points)
    row = next((r for r in sheet if r["item_id"] == item.item_id and r["member_id"] == ""), None)
    members = [r for r in sheet if r["item_id"] == item.item_id and r["member_id"] != ""]
    if row is None and not members:
        return None
    row = row or {"points": None, "observed_value": None, "value_state": "blank"}
    points = None if row["points"] is None else exact(row["points"])
    if side == "self":
        return None if points is None else within(points, full)
    if row["value_state"] != "number":
        points = None
    seen = None if row["observed_value"] is None else exact(row["observed_value"])
    kind = item.rule.rule_type
    open_members = False
    if kind == "mean_over_members":
        members = [m for m in members if m["value_state"] != "not_applicable"]
        open_members = any(m["points"] is None for m in members)
        if members and not open_members:
            seen = sum((within(exact(m["points"]), full) for m in members), Fraction(0)) / len(members)
    if seen is None and points is not None and kind in ("range", "discretionary"):
        seen = full - points
    if seen is None and points is not None:
        return within(points, full)
    if seen is None and kind == "bonus" and row["value_state"] not in ("unreadable", "pending"):
        seen = Fraction(0)
    return None if seen is None else by_rule(item.rule, seen, full)


def within(value: Fraction, full: Fraction) -> Fraction:
    return max(Fraction(0), min(full, value))


def by_rule(rule: Any, seen: Fraction, full: Fraction) -> Fraction:
    """The rule's points for what was seen, never below 0 nor above full points."""
    kind = rule.rule_type
    if kind == "all_or_nothing":
        result = full if seen > 0 else Fraction(0)
    elif kind in ("credit_per_occurrence", "bonus"):
        result = exact(rule.points) * seen
    elif kind == "deduction_per_missing":
        result = full - exact(rule.points) * max(rule.required - seen, 0)
    elif kind in ("deduction_per_case", "deduction_per_person", "timeliness"):
        result = full - exact(rule.points) * max(seen, 0)
    elif kind == "ratio_threshold":
        result = full - (exact(rule.points) if seen < exact(rule.threshold) else 0)
    elif kind == "proportional":
        steps = ((exact(rule.target) - seen) / exact(rule.step)).__floor__()
        result = full - exact(rule.points) * max(steps, 0)
    elif kind in ("range", "discretionary"):
        lowest = exact(rule.lowest) if kind == "range" else Fraction(0)
        result = full - min(max(seen, lowest), exact(rule.highest)) if seen > 0 else full
    elif kind == "override":
        result = Fraction(0) if seen > 0 else full
    elif kind == "mean_over_members":
        result = seen
    else:
        raise AssertionError(f"the oracle does not know {kind}")
    return within(result, full)


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
    for item in config.standard.items:
        if item.rule.rule_type != "veto":
            continue
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
