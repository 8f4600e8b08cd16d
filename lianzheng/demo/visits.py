"""What the teams bring home: good practice, questionnaires, findings, documents seen, the visit itself and the talks."""

from __future__ import annotations

import datetime as dt
from random import Random

from lianzheng.config.models import Question, Visit
from lianzheng.demo.bureau import Bureau, Matrix, filled, texts
from lianzheng.demo.draws import times, weighted

BALLOT_SHARE = 2 / 3  # of the visited units; the others count their paper ballots by hand
COMMENT_SHARE, ABSTAIN_SHARE, INVALID_BALLOTS, SMALL_GROUP = 0.15, 0.03, 2, 4
TALK_ROLES = ("leader", "middle_managers", "staff")


def tell_highlights(bureau: Bureau) -> None:
    """Good practice first: confirmed ones are what the item good_practice counts."""
    item = bureau.item("good_practice")
    for visit in bureau.config.visits:
        rng, n_confirmed = bureau.rng("highlights", visit.unit_id), 0.0
        chosen = rng.sample(texts()["highlights"], 1 + times(rng, 2, 1 - bureau.weak[visit.unit_id]))
        for number, template in enumerate(chosen, start=1):
            is_confirmed = rng.random() < 0.85
            n_confirmed += is_confirmed
            bureau.add("highlights", {
                "highlight_id": f"{visit.unit_id}-H{number:02}", "unit_id": visit.unit_id, "team_id": visit.team_id,
                "subject_id": template["subject"], "is_confirmed": is_confirmed, "text": filled(template["text"], rng),
            })  # fmt: skip
        if item:
            bureau.see(visit.unit_id, item, n_confirmed)


def tell_questionnaire(bureau: Bureau) -> None:
    """Ballots for most visited units, tallies for the rest; one group of the first unit is too small to show."""
    n_exports = round(len(bureau.config.visits) * BALLOT_SHARE)
    for number, visit in enumerate(bureau.config.visits):
        for place, group in enumerate(bureau.questionnaire.rater_groups):
            rng = bureau.rng("raters", visit.unit_id, group.id)
            size = rng.randint(22, 44) if place else SMALL_GROUP if number == 0 else rng.randint(9, 15)
            row = {"unit_id": visit.unit_id, "form_id": "questionnaire", "rater_group": group.id}
            bureau.add("ballot_counts", {**row, "n_issued": size + times(rng, 5, 0.3), "n_returned": size})
            if number >= n_exports:
                _tally(bureau, visit.unit_id, group.id, size, rng)
            for i in range(size if number < n_exports else 0):
                _ballot(bureau, visit, group.id, place == 0 or i >= INVALID_BALLOTS, rng)


def _choose(bureau: Bureau, unit_id: str, rng: Random) -> str:
    """An option of the scale: its place from the best on is binomial in the unit's weakness; a few abstain."""
    scale = bureau.questionnaire.scale
    rated, silent = (
        [o.option_id for o in scale if (o.coefficient is None) == is_so] for is_so in (False, True)
    )
    if silent and rng.random() < ABSTAIN_SHARE:
        return silent[0]
    return rated[times(rng, len(rated) - 1, 0.06 + 0.32 * bureau.weak[unit_id])]


def _ballot(bureau: Bureau, visit: Visit, group: str, is_valid: bool, rng: Random) -> None:
    """One ballot; an invalid one leaves more than half blank."""
    rated, questions = bureau.questionnaire.rated, bureau.questionnaire.questions
    answered = rated if is_valid else rated[: rng.randrange(len(rated) // 2)]
    row = len(bureau.rows("ballots", visit.unit_id)) + 2  # below the header of the export
    ballot = {"ballot_id": f"{visit.unit_id}-{row:05}", "unit_id": visit.unit_id}
    answers = {q.question_id: _answer(bureau, visit, group, q, q in answered, rng) for q in questions}
    start = dt.datetime.combine(visit.visit_date, dt.time(15, 0))
    bureau.add("ballots", {
        **ballot, "form_id": "questionnaire", "rater_group": group, "is_valid": is_valid, "answers": answers,
        "submitted_at": start + dt.timedelta(seconds=rng.randrange(2400)), "duration_seconds": float(rng.randint(45, 400)),
        "invalid_code": None if is_valid else "incomplete",
    })  # fmt: skip
    for question in questions:
        answer, is_text = answers[question.question_id], question.kind == "comment"
        bureau.add("answers_by_ballot_question", {
            **ballot, "question_id": question.question_id, "option_id": "" if is_text else answer,
            "answer_state": "chosen" if answer else "blank", "text": answer if is_text and answer else None,
        })  # fmt: skip


def _answer(
    bureau: Bureau, visit: Visit, group: str, question: Question, is_answered: bool, rng: Random
) -> str:
    if question.kind == "group":
        return group
    if question.kind == "comment":
        said = texts()["comments"] if rng.random() < COMMENT_SHARE else []
        return bureau.private_text("comments", rng.choice(said)) if said else ""
    return _choose(bureau, visit.unit_id, rng) if is_answered and rng.random() > 0.01 else ""


def _tally(bureau: Bureau, unit_id: str, group: str, size: int, rng: Random) -> None:
    matrix: Matrix = {}
    for question in bureau.questionnaire.rated:
        chosen = [_choose(bureau, unit_id, rng) for _ in range(size)]
        for option in bureau.questionnaire.scale:
            matrix["votes", question.question_id, option.option_id] = chosen.count(option.option_id)
    bureau.keep(bureau.config.forms["tally"], unit_id, group, matrix, rater_group=group)


def tell_findings(bureau: Bureau) -> None:
    """Findings come where points were lost: the more of an item's points, the likelier and the graver."""
    classes = bureau.findings.bulletin_classes
    class_of = {subject: kind.bulletin_class for kind in classes for subject in kind.subjects}
    for unit_id, team_id in ((visit.unit_id, visit.team_id) for visit in bureau.config.visits):
        rng = bureau.rng("findings", unit_id)
        judged = [(finding, bureau.item(finding["item_key"])) for finding in texts()["findings"]]
        known = [(finding, item) for finding, item in judged if item]
        for number in range(1, 2 + round(9 * bureau.weak[unit_id])):
            i = weighted(rng, {i: bureau.lost(unit_id, item) + 0.02 for i, (_, item) in enumerate(known)})
            template, item = known[i]
            known = [pair for pair in known if pair[0]["subject"] != template["subject"]] or known
            share = bureau.lost(unit_id, item)
            bureau.add("findings", {
                "finding_id": f"{unit_id}-F{number:02}", "unit_id": unit_id, "team_id": team_id,
                "subject_id": template["subject"], "defect_id": template["defect"], "item_id": item.item_id,
                "bulletin_class": class_of.get(template["subject"]), "text": filled(template["text"], rng),
                "finding_severity": "grave" if share >= 0.9 else "serious" if share > 0.4 else "slight",
                "is_confirmed": rng.random() < 0.88,
            })  # fmt: skip


def tell_evidence(bureau: Bureau) -> None:
    """Documents of each class; a class whose items lost much has few documents and a defect."""
    for visit in bureau.config.visits:
        rng = bureau.rng("evidence", visit.unit_id)
        for named in bureau.findings.evidence_classes:
            items = [i for i in bureau.config.standard.scored_items if named.id in i.evidence_classes]
            worst = max((bureau.lost(visit.unit_id, item) for item in items), default=0.0)
            bureau.add("evidence_by_unit_class", {
                "unit_id": visit.unit_id, "evidence_class": named.id, "item_id": "", "scorer": visit.team_id,
                "n_documents": max(round(rng.uniform(2, 14) * (1.2 - worst)), 0),
                "defect_id": rng.choice(["no_record", "no_signature", "missing_material"]) if worst > 0.5 else None,
                "note": "部分资料为复印件" if rng.random() < 0.15 else None,
            })  # fmt: skip


def tell_site_visits(bureau: Bureau) -> None:
    """Each visit's figures, and its talks: one to three coded remarks each, never a name."""
    for unit_id, visit in ((visit.unit_id, visit) for visit in bureau.config.visits):
        rng = bureau.rng("visit", unit_id)
        n_talks = rng.randint(5, 8)
        n_raters = sum(row["n_returned"] for row in bureau.rows("ballot_counts", unit_id))
        for talk in range(1, n_talks + 1):
            _talk(bureau, unit_id, talk, rng)
        bureau.add("site_visits", {
            "unit_id": unit_id, "team_id": visit.team_id, "visit_date": visit.visit_date, "n_interviews": n_talks,
            "report_minutes": float(rng.randint(13, 21)), "n_attending": n_raters + rng.randint(0, 4),
            "n_quiz": n_talks, "quiz_mean_pct": round(bureau.seen(unit_id, "quiz") * 100, 2),
        })  # fmt: skip


def _talk(bureau: Bureau, unit_id: str, talk: int, rng: Random) -> None:
    weak, said = bureau.weak[unit_id], texts()["talks"]
    for remark, topic in enumerate(rng.sample(sorted(said), rng.randint(1, 3)), start=1):
        polarity = weighted(rng, {"positive": 1.1 - weak, "negative": 0.2 + weak, "suggestion": 0.4})
        bureau.add("interviews", {
            "unit_id": unit_id, "interview_number": talk, "remark_number": remark, "role": TALK_ROLES[min(talk // 3, 2)],
            "topic_id": topic, "polarity": polarity, "text": bureau.private_text("talks", said[topic][polarity]),
        })  # fmt: skip
