"""What units and office hand in besides scores: statistics, the ledgers of feedback and cases, last year's figures."""

from __future__ import annotations

import datetime as dt
from random import Random

from lianzheng.config import load_config
from lianzheng.config.forms import FormTable
from lianzheng.config.standard import Item
from lianzheng.demo.bureau import Bureau, texts, weighted
from lianzheng.demo.draws import points_of, times
from lianzheng.demo.truth import Matrix, Truth, rows_of

DISCIPLINED, SECOND_PERSON, THIRD_PERSON = 0.69, 0.35, 0.07  # 1.42 persons a case, 69 % of them disciplined
MONEY_CATEGORIES = ("dining_public_money", "allowances", "gifts", "domestic_travel")


def tell_feedback(bureau: Bureau, truth: Truth) -> None:
    """The ledger's rows agree with what is observed of rectification: shares of 4 or 5 problems, counts of comments."""
    shares = {"last_inspection": ("last_feedback", 4), "patrol": ("patrol_feedback", 5)}
    for unit in bureau.config.units:
        rng = bureau.rng("feedback", unit.unit_id)
        for source, (item_key, n) in shares.items():
            item = bureau.item(item_key)
            if item and (unit.unit_id, item.item_id) in bureau.observed:
                n_open = round((1 - bureau.observed[unit.unit_id, item.item_id]) * n)
                _set_share(bureau, unit.unit_id, item, 1 - n_open / n)
                _ledger(bureau, truth, unit.unit_id, source, n, n_open, rng)
        n_open = int(bureau.seen(unit.unit_id, "debrief_comments"))
        _ledger(bureau, truth, unit.unit_id, "debrief", max(n_open, 1), n_open, rng)
        _ledger(bureau, truth, unit.unit_id, "holiday", times(rng, 1, 0.3), 0, rng)


def _set_share(bureau: Bureau, unit_id: str, item: Item, share: float) -> None:
    bureau.observed[unit_id, item.item_id] = share
    bureau.points[unit_id, item.item_id] = points_of(item, share)


def _ledger(
    bureau: Bureau, truth: Truth, unit_id: str, source: str, n: int, n_open: int, rng: Random
) -> None:
    year = bureau.config.cycle.cycle
    known = texts()["feedback"][source]
    owners = [m.name for m in bureau.config.members if m.unit_id == unit_id] or [
        bureau.config.unit(unit_id).head
    ]
    for i, problem in enumerate(rng.sample(known, min(n, len(known)))):
        is_open = i < n_open
        number = len(truth.rows("rectifications", unit_id=unit_id)) + 1
        truth.add("rectifications", {
            "rectification_id": f"{unit_id}-R{number:02}", "unit_id": unit_id, "source": source,
            "origin_cycle": year - (source == "last_inspection"), "text": problem,
            "remedy_measure": rng.choice(texts()["measures"]), "owner": rng.choice(owners),
            "due_date": dt.date(year, rng.randint(6, 12), 28), "state": rng.choice(["open", "in_progress"]) if is_open else "closed",
            "verified_by": None if is_open else "局党委办公室",
            "accountability": rng.choice(texts()["accountability"]) if is_open and rng.random() < 0.3 else None,
        })  # fmt: skip


def tell_statistics(bureau: Bureau, truth: Truth) -> None:
    """附件2 of every unit: mostly zeros, and a few cases by the national base rates."""
    form = bureau.config.forms["statistics"]
    for unit in bureau.config.units:
        rng = bureau.rng("statistics", unit.unit_id)
        matrix = _problems(bureau, unit.unit_id, form.table("problems"), rng)
        for row in form.table("spending").rows:
            matrix["spending", row.row_id, "this"], matrix["spending", row.row_id, "last"] = _two_years(
                row.row_id, rng
            )
        for row in form.table("workload").rows:
            matrix["workload", row.row_id, "amount"] = _in_range(row.row_id, rng)
        matrix |= _agreeing(bureau, unit.unit_id, unit.headcount)
        truth.matrices["statistics", unit.unit_id, ""] = matrix
        for into, record in rows_of(form, matrix):
            truth.add(into, {"unit_id": unit.unit_id, **record})


def _problems(bureau: Bureau, unit_id: str, table: FormTable, rng: Random) -> Matrix:
    rows = [row.row_id for row in table.rows if row.role == "data"]
    measures = [column.column_id for column in table.columns]
    counts = {(row, measure): 0.0 for row in rows for measure in measures}
    weights = texts()["category_weights"]
    n_cases = (
        1 + times(rng, 3, 0.5 * bureau.weak[unit_id])
        if rng.random() < 0.3 + 0.4 * bureau.weak[unit_id]
        else 0
    )
    for _ in range(n_cases):
        category = weighted(rng, ((row, weights.get(row, 3)) for row in rows))
        for measure, value in _case(category, rng).items():
            counts[category, measure] = round(counts[category, measure] + value, 2)
    matrix: Matrix = {("problems", row, measure): value for (row, measure), value in counts.items()}
    for measure in measures:
        matrix["problems", "total", measure] = round(sum(counts[row, measure] for row in rows), 2)
    return matrix


def _case(category: str, rng: Random) -> dict[str, float]:
    """One case that the unit found: persons, money, what became of them."""
    n_persons = 1 + (rng.random() < SECOND_PERSON) + (rng.random() < THIRD_PERSON)
    amount = round(rng.uniform(0.06, 2.4), 2) if category in MONEY_CATEGORIES else 0.0
    case = {
        "n_problems": 1.0,
        "n_persons": float(n_persons),
        "amount_10k_yuan": amount,
        "returned_10k_yuan": amount,
    }
    for _ in range(n_persons):
        is_light = rng.random() > DISCIPLINED
        choices = (
            ("n_criticised", "n_organisational")
            if is_light
            else ("n_party_discipline", "n_government_discipline")
        )
        outcome = rng.choices(choices, [3, 1])[0]
        case[outcome] = case.get(outcome, 0) + 1
    case["n_rectified" if rng.random() < 0.8 else "n_rectifying"] = 1
    return case


def _in_range(name: str, rng: Random) -> float:
    low, high, decimals, chance = texts()["ranges"].get(name, (0, 9, 0, 0.5))
    value = round(rng.uniform(low, high), decimals)
    return float(value) if rng.random() < chance else 0.0


def _two_years(name: str, rng: Random) -> tuple[float, float]:
    """A figure and last year's, near each other."""
    decimals = texts()["ranges"].get(name, (0, 9, 0, 0.5))[2]
    this = _in_range(name, rng)
    return this, float(round(this * rng.uniform(0.85, 1.3), decimals))


def _agreeing(bureau: Bureau, unit_id: str, headcount: int) -> Matrix:
    """Work that the team counts too agrees with what it saw."""
    due = 4 + headcount // 8
    signed = round(due * bureau.seen(unit_id, "letters_signed", 1.0))
    figures = {
        "n_special_meetings": bureau.seen(unit_id, "special_meetings"), "n_letters_due": float(due),
        "n_letters_signed": float(signed), "n_bulletins_adopted": bureau.seen(unit_id, "bulletins_adopted"),
    }  # fmt: skip
    return {("workload", row, "amount"): value for row, value in figures.items()}


def tell_cases(bureau: Bureau, truth: Truth) -> None:
    """The bureau's own ledger: closed cases, one grave one outside the visits, and pending ones that nobody may see."""
    config, rng = bureau.config, bureau.rng("cases")
    visited = [visit.unit_id for visit in config.visits]
    others = [unit.unit_id for unit in config.units if unit.unit_id not in visited] or visited
    weakest = sorted((unit.unit_id for unit in config.units), key=lambda unit_id: -bureau.weak[unit_id])
    good = sorted(visited, key=lambda unit_id: bureau.weak[unit_id])
    for number, case in enumerate(texts()["cases"], start=1):
        special = {"3": good[min(1, len(good) - 1) :], "4": [rng.choice(others)]}
        unit_id = (
            special[case["form"]][0] if case["form"] in special and good else weakest[number % len(weakest)]
        )
        _add_case(bureau, truth, number, unit_id, case, "closed")
    for number, case in enumerate(rng.sample(texts()["cases"], 3), start=len(texts()["cases"]) + 1):
        _add_case(bureau, truth, number, rng.choice(weakest), case, "pending")


def _add_case(
    bureau: Bureau, truth: Truth, number: int, unit_id: str, case: dict[str, str], state: str
) -> None:
    year = bureau.config.cycle.cycle
    rng = bureau.rng("case", number)
    detail = next(bureau.details)
    truth.private.setdefault(f"cases_{state}", []).append(detail)
    truth.add("cases", {
        "case_id": f"AJ{year}{number:03}", "unit_id": unit_id, "category_id": case["category_id"], "source": case["source"],
        "n_persons": 1 + times(rng, 1, SECOND_PERSON), "four_forms_level": case["form"], "state": state,
        "closed_date": dt.date(year, rng.randint(3, 11), rng.randint(1, 28)) if state == "closed" else None,
        "note": texts()["detail_sentence"].format(text=case["text"], detail=detail),
    })  # fmt: skip


def tell_last_year(bureau: Bureau, truth: Truth) -> None:
    """Last cycle's points of the units inspected then, item by item and in total, and its statistics of all units."""
    config = bureau.config
    previous = config.cycle.previous_cycle
    for unit_id in sorted(config.visited_last_cycle) if previous else ():
        rng, total = bureau.rng("last_year", unit_id), 0.0
        for item in load_config(previous, config.project).standard.scored_items:
            share = min(max(1 - bureau.weak[unit_id] * 0.45 + rng.uniform(-0.15, 0.1), 0), 1)
            points = int(item.max_points * share * 2) / 2
            total += points
            truth.add(
                "last_scores_by_unit_item", {"unit_id": unit_id, "item_key": item.item_key, "points": points}
            )
        truth.add("last_scores_by_unit_item", {"unit_id": unit_id, "item_key": "total", "points": total})
    for unit in config.units:
        rng = bureau.rng("last_statistics", unit.unit_id)
        for row in truth.rows("statistics_by_unit_category_measure", unit_id=unit.unit_id):
            if row["period"] == "last" or row["category_id"] == "workload":
                value = row["value"] if row["period"] == "last" else _in_range(row["measure_id"], rng)
                truth.add(
                    "statistics_by_unit_category_measure", {**row, "period": "last_return", "value": value}
                )
