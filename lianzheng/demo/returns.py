"""What units and office hand in besides scores: statistics, the ledgers of feedback and cases, last year's figures."""

from __future__ import annotations

import datetime as dt
from random import Random

from lianzheng.config import load_config
from lianzheng.config.forms import FormTable
from lianzheng.demo.bureau import Bureau, Matrix, Row, texts
from lianzheng.demo.draws import times, weighted

DISCIPLINED, SECOND_PERSON, THIRD_PERSON = 0.69, 0.35, 0.07  # 1.42 persons a case, 69 % of them disciplined
LAST_MEASURES = ("n_problems", "n_persons", "amount_10k_yuan")
"""Of last year's problems, what the office kept."""
MONEY_CATEGORIES = ("dining_public_money", "allowances", "gifts", "domestic_travel")
FEEDBACK = {"last_inspection": ("last_feedback", 4), "patrol": ("patrol_feedback", 5)}
"""The item that each source judges, and of how many problems a share is solved."""
CALM = (5, 7, 9)  # places in the roster of units that keep the bare ledger
STATISTICS, LAST = "statistics_by_unit_category_measure", "last_scores_by_unit_item"


def tell_feedback(bureau: Bureau) -> None:
    """The ledger's rows, and what is observed of rectification in agreement with them."""
    for unit_id in bureau.unit_ids:
        rng = bureau.rng("feedback", unit_id)
        for source, (item_key, n) in FEEDBACK.items():
            item = bureau.item(item_key)
            if item and (unit_id, item.item_id) in bureau.observed:
                n_open = round((1 - bureau.seen(unit_id, item_key)) * n)
                bureau.see(unit_id, item, 1 - n_open / n)
                _ledger(bureau, unit_id, source, n, n_open, rng)
        n_open = int(bureau.seen(unit_id, "debrief_comments"))
        _ledger(bureau, unit_id, "debrief", max(n_open, 1), n_open, rng)
        _ledger(bureau, unit_id, "holiday", times(rng, 1, 0.3), 0, rng)
    _more_feedback(bureau)


def _more_feedback(bureau: Bureau) -> None:
    """What was found between inspections, some of it overdue; for a chance of its own."""
    for number, unit_id in enumerate(bureau.unit_ids):
        rng = bureau.rng("feedback between inspections", unit_id)
        if number not in CALM and rng.random() < 0.5:
            n_open = int(rng.random() < 0.6)
            _ledger(bureau, unit_id, "special_meeting", 1 + n_open, n_open, rng, "between_inspections")
            _ledger(bureau, unit_id, "holiday", int(rng.random() < 0.5), 1, rng, "between_inspections")


def _ledger(
    bureau: Bureau, unit_id: str, source: str, n: int, n_open: int, rng: Random, said: str = "feedback"
) -> None:
    year, words = bureau.config.cycle.cycle, texts()
    owners = [member.name for member in bureau.members(unit_id)] or [bureau.config.unit(unit_id).head]
    for i, problem in enumerate(rng.sample(words[said][source], n)):
        is_open, number = i < n_open, len(bureau.rows("rectifications", unit_id)) + 1
        bureau.add("rectifications", {
            "rectification_id": f"{unit_id}-R{number:02}", "unit_id": unit_id, "source": source,
            "origin_cycle": year - (source == "last_inspection"), "text": problem,
            "subject_id": words["feedback_subjects"].get(problem),
            "remedy_measure": rng.choice(words["measures"]), "owner": rng.choice(owners),
            "due_date": dt.date(year, rng.randint(6, 12), 28), "state": rng.choice(["open", "in_progress"]) if is_open else "closed",
            "verified_by": None if is_open else "局党委办公室",
            "accountability_form": rng.choice(words["accountability"]) if is_open and rng.random() < 0.3 else None,
        })  # fmt: skip
        _date(bureau.rows("rectifications", unit_id)[-1], number)


def _date(row: Row, number: int) -> None:
    """What follows from a line's due date and number: since when its state holds, what proves it, when who answered."""
    due, proofs = row["due_date"], texts()["proofs"]
    since = {"closed": due - dt.timedelta(days=6 + number % 5), "in_progress": due - dt.timedelta(days=40)}
    row |= dict.fromkeys(("proof", "accountability_date", "is_accountability_reported"))
    row["state_date"] = since.get(row["state"])
    if row["state"] == "closed":
        row["proof"] = proofs[number % len(proofs)]
    if row["accountability_form"]:
        row["accountability_date"] = due - dt.timedelta(days=12)
        row["is_accountability_reported"] = number % 2 == 0


def tell_ledger(bureau: Bureau) -> None:
    """Confirmed findings enter the ledger; every line's entry is its first event; what recurs is told by its subject."""
    cycle = bureau.config.cycle
    due = cycle.report_date + dt.timedelta(days=cycle.rectification_days)
    for unit_id in bureau.unit_ids:
        earlier = list(bureau.rows("rectifications", unit_id))
        seen = bureau.rows("findings", unit_id, is_confirmed=True)
        for number, finding in enumerate(seen, start=len(earlier) + 1):
            bureau.add("rectifications", {
                "rectification_id": f"{unit_id}-R{number:02}", "unit_id": unit_id, "source": "inspection", "state": "open",
                "origin_cycle": cycle.cycle, "due_date": due,
                **{name: finding[name] for name in ("finding_id", "subject_id", "text")},
            })  # fmt: skip
        _recur(bureau, unit_id, earlier, seen)
        for line in bureau.rows("rectifications", unit_id):
            bureau.add("rectification_events", {
                "rectification_id": line["rectification_id"], "event_number": 1, "unit_id": unit_id, "from_state": None,
                "to_state": line["state"], "at": line.get("state_date"), "proof": line.get("proof"),
                "by": line.get("verified_by") or line.get("owner") or "办公室",
            })  # fmt: skip


def _recur(bureau: Bureau, unit_id: str, earlier: list[Row], seen: list[Row]) -> None:
    """What is still open, and what a finding of the same subject says again."""
    for line in earlier:
        told = {"rectification_id": line["rectification_id"], "unit_id": unit_id}
        again = [finding["finding_id"] for finding in seen if finding["subject_id"] == line["subject_id"]]
        for finding_id in again:
            bureau.add("recurrences", {**told, "finding_id": finding_id, "kind": "repeated"})
        if line["state"] != "closed":
            bureau.add("recurrences", {**told, "finding_id": "", "kind": "not_rectified"})


def tell_statistics(bureau: Bureau) -> None:
    """附件2 of every unit: mostly zeros, and a few cases by the national base rates."""
    form = bureau.config.forms["statistics"]
    for unit in bureau.config.units:
        rng = bureau.rng("statistics", unit.unit_id)
        matrix = _problems(form.table("problems"), bureau.weak[unit.unit_id], rng)
        for row in form.table("spending").rows:
            this, decimals = _in_range(row.row_id, rng), texts()["ranges"][row.row_id][2]
            last = float(round(this * rng.uniform(0.85, 1.3), decimals))
            matrix |= {("spending", row.row_id, "this"): this, ("spending", row.row_id, "last"): last}
        for row in form.table("workload").rows:
            matrix["workload", row.row_id, "amount"] = _in_range(row.row_id, rng)
        bureau.keep(form, unit.unit_id, "", matrix | _agreeing(bureau, unit.unit_id, unit.headcount))


def _problems(table: FormTable, weak: float, rng: Random) -> Matrix:
    rows = [row.row_id for row in table.rows if row.role == "data"]
    measures = [column.column_id for column in table.columns]
    counts = {(row, measure): 0.0 for row in [*rows, "total"] for measure in measures}
    n_cases = 1 + times(rng, 3, 0.5 * weak) if rng.random() < 0.3 + 0.4 * weak else 0
    for _ in range(n_cases):
        category = weighted(rng, {row: texts()["category_weights"].get(row, 3) for row in rows})
        for measure, value in _case(category, rng).items():
            for row in (category, "total"):
                counts[row, measure] = round(counts[row, measure] + value, 2)
    return {("problems", row, measure): value for (row, measure), value in counts.items()}


def _case(category: str, rng: Random) -> dict[str, float]:
    """One case that the unit found: persons, money, what became of them."""
    n_persons = 1.0 + (rng.random() < SECOND_PERSON) + (rng.random() < THIRD_PERSON)
    amount = round(rng.uniform(0.06, 2.4), 2) if category in MONEY_CATEGORIES else 0.0
    case = {"n_problems": 1.0, "n_persons": n_persons, "amount_10k_yuan": amount, "returned_10k_yuan": amount}
    case["n_rectified" if rng.random() < 0.8 else "n_rectifying"] = 1.0
    for _ in range(int(n_persons)):
        light = {"n_criticised": 3, "n_organisational": 1}
        grave = {"n_party_discipline": 3, "n_government_discipline": 1}
        outcome = weighted(rng, grave if rng.random() < DISCIPLINED else light)
        case[outcome] = case.get(outcome, 0) + 1
    return case


def _in_range(name: str, rng: Random) -> float:
    low, high, decimals, chance = texts()["ranges"].get(name, (0, 9, 0, 0.5))
    value = round(rng.uniform(low, high), decimals)
    return float(value) if rng.random() < chance else 0.0


def _agreeing(bureau: Bureau, unit_id: str, headcount: int) -> Matrix:
    """Work that the team counts too agrees with what it saw."""
    due = 4 + headcount // 8
    signed = round(due * bureau.seen(unit_id, "letters_signed", 1.0))
    figures = {
        "n_special_meetings": bureau.seen(unit_id, "special_meetings"), "n_letters_due": float(due),
        "n_letters_signed": float(signed), "n_bulletins_adopted": bureau.seen(unit_id, "bulletins_adopted"),
    }  # fmt: skip
    return {("workload", row, "amount"): value for row, value in figures.items()}


def tell_cases(bureau: Bureau) -> None:
    """The bureau's own ledger: closed cases, the gravest outside the visits, and pending ones that nobody may see."""
    rng, visited = bureau.rng("cases"), [visit.unit_id for visit in bureau.config.visits]
    weakest = sorted(bureau.weak, key=lambda unit_id: (-bureau.weak[unit_id], unit_id))
    strongest = [id_ for id_ in reversed(weakest) if id_ in visited]
    of_form = {"3": strongest[:2], "4": [id_ for id_ in weakest if id_ not in visited]}
    closed, pending = texts()["cases"], rng.sample(texts()["cases"], 3)
    for number, case in enumerate([*closed, *pending], start=1):
        is_closed, year = number <= len(closed), bureau.config.cycle.cycle
        fitting = of_form.get(case["form"], []) if is_closed else []
        unit_id = fitting[-1] if fitting else weakest[number % len(weakest)]
        bureau.add("cases", {
            "case_id": f"AJ{year}{number:03}", "unit_id": unit_id,
            "category_id": _unreported(bureau, unit_id, case["category_id"]) if is_closed else case["category_id"], "source": case["source"], "n_persons": 1 + times(rng, 1, SECOND_PERSON),
            "four_forms_level": case["form"], "state": "closed" if is_closed else "pending",
            "closed_date": dt.date(year, rng.randint(3, 11), rng.randint(1, 28)) if is_closed else None,
            "note": bureau.private_text("cases", case["text"]),
        })  # fmt: skip


def _unreported(bureau: Bureau, unit_id: str, category: str) -> str:
    """The category, or another one in which the unit reports nothing: 附件2 leaves out what the ledger holds."""
    figures = bureau.rows(STATISTICS, unit_id, period="this", measure_id="n_problems")
    reported = {row["category_id"] for row in figures if row["value"]}
    free = [id_ for id_ in bureau.config.choices("categories") if id_ not in reported]
    return bureau.rng("case_category", unit_id).choice(free) if category in reported and free else category


def tell_last_year(bureau: Bureau) -> None:
    """Last cycle's points of the units inspected then, item by item and in total, and its statistics of all units."""
    config, previous = bureau.config, bureau.config.cycle.previous_cycle
    items = load_config(previous, config.project).standard.scored_items if previous else ()
    for unit_id in sorted(config.visited_last_cycle):
        rng, total = bureau.rng("last_year", unit_id), 0.0
        for item in items:
            share = min(max(1 - bureau.weak[unit_id] * 0.45 + rng.uniform(-0.15, 0.1), 0), 1)
            points = int(item.max_points * share * 2) / 2
            total += points
            bureau.add(LAST, {"unit_id": unit_id, "item_key": item.item_key, "points": points})
        bureau.add(LAST, {"unit_id": unit_id, "item_key": "total", "points": total})
    for unit_id in bureau.unit_ids:
        rng, table = bureau.rng("last_statistics", unit_id), config.forms["statistics"].table("problems")
        problems = _problems(table, bureau.weak[unit_id], bureau.rng("last_problems", unit_id))
        agreeing = {measure for _, measure, _ in _agreeing(bureau, unit_id, config.unit(unit_id).headcount)}
        factor = bureau.rng("last_workload", unit_id).uniform(0.8, 1.15)
        for row in bureau.rows(STATISTICS, unit_id):
            key = ("problems", row["category_id"], row["measure_id"])
            if row["period"] == "last" or row["category_id"] == "workload":
                value = row["value"] if row["period"] == "last" else _in_range(row["measure_id"], rng)
                if row["measure_id"] in agreeing:
                    value = float(round(row["value"] * factor))
                bureau.add(STATISTICS, {**row, "period": "last_return", "value": value})
            elif key in problems and row["measure_id"] in LAST_MEASURES:
                bureau.add(STATISTICS, {**row, "period": "last_return", "value": problems[key]})
