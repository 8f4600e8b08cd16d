"""What the teams bring home: good practice, questionnaires, findings, documents seen, the visit itself and the talks."""

from __future__ import annotations

import datetime as dt
from random import Random

from lianzheng.config.models import Visit
from lianzheng.demo.bureau import Bureau, filled, texts, weighted
from lianzheng.demo.draws import times
from lianzheng.demo.truth import Matrix, Truth, rows_of

BALLOT_SHARE = 2 / 3  # of the visited units; the others count their paper ballots by hand
COMMENT_SHARE, INVALID_BALLOTS, SMALL_GROUP = 0.15, 2, 4
TALK_ROLES = ("leader", "middle_managers", "staff")


def tell_highlights(bureau: Bureau, truth: Truth) -> None:
    """Good practice first: confirmed ones are what the item good_practice counts."""
    item = bureau.item("good_practice")
    for visit in bureau.config.visits:
        rng = bureau.rng("highlights", visit.unit_id)
        chosen = rng.sample(texts()["highlights"], 1 + times(rng, 2, 1 - bureau.weak[visit.unit_id]))
        for number, template in enumerate(chosen, start=1):
            truth.add("highlights", {
                "highlight_id": f"{visit.unit_id}-H{number:02}", "unit_id": visit.unit_id, "team_id": visit.team_id,
                "subject_id": template["subject"], "is_confirmed": rng.random() < 0.85, "text": filled(template["text"], rng),
            })  # fmt: skip
        if item:
            n_confirmed = len(truth.rows("highlights", unit_id=visit.unit_id, is_confirmed=True))
            bureau.observed[visit.unit_id, item.item_id] = float(n_confirmed)
            bureau.points[visit.unit_id, item.item_id] = min(float(n_confirmed), item.max_points)


def tell_questionnaire(bureau: Bureau, truth: Truth) -> None:
    """Ballots for most visited units, tallies for the rest; one group of the first unit is too small to show."""
    visits = bureau.config.visits
    n_exports = round(len(visits) * BALLOT_SHARE)
    for number, visit in enumerate(visits):
        for group in bureau.questionnaire.rater_groups:
            rng = bureau.rng("raters", visit.unit_id, group.id)
            size = rng.randint(9, 15) if group.id == "middle_managers" else rng.randint(22, 44)
            size = SMALL_GROUP if number == 0 and group.id == "middle_managers" else size
            n_issued = size + times(rng, 5, 0.3)
            truth.add("ballot_counts", {"unit_id": visit.unit_id, "form_id": "questionnaire", "rater_group": group.id,
                                        "n_issued": n_issued, "n_returned": size})  # fmt: skip
            tell = _ballots if number < n_exports else _tally
            tell(bureau, truth, visit, group.id, size, rng)


def _choose(bureau: Bureau, unit_id: str, rng: Random) -> str:
    """An option of the scale: its place from the best on is binomial in the unit's weakness; a few abstain."""
    scale = bureau.questionnaire.scale
    rated = [option.option_id for option in scale if option.coefficient is not None]
    if rng.random() < 0.03 and len(rated) < len(scale):
        return next(option.option_id for option in scale if option.coefficient is None)
    return rated[times(rng, len(rated) - 1, 0.06 + 0.32 * bureau.weak[unit_id])]


def _ballots(bureau: Bureau, truth: Truth, visit: Visit, group: str, size: int, rng: Random) -> None:
    """One ballot after another; the first two of the larger group leave most of it blank, which is invalid."""
    rated = [question.question_id for question in bureau.questionnaire.rated]
    start = dt.datetime.combine(visit.visit_date, dt.time(15, 0))
    for number in range(size):
        is_valid = group == "middle_managers" or number >= INVALID_BALLOTS
        answered = len(rated) if is_valid else rng.randrange(len(rated) // 2)
        row = len(truth.rows("ballots", unit_id=visit.unit_id)) + 2  # below the header of the export
        answers = {}
        for question in bureau.questionnaire.questions:
            is_answered = question.question_id in rated[:answered] and rng.random() > 0.01
            if question.kind == "comment":
                answer = _comment(bureau, truth, rng) if rng.random() < COMMENT_SHARE else ""
            else:
                answer = (
                    group
                    if question.kind == "group"
                    else _choose(bureau, visit.unit_id, rng)
                    if is_answered
                    else ""
                )
            answers[question.question_id] = answer
        ballot = {"ballot_id": f"{visit.unit_id}-{row:05}", "unit_id": visit.unit_id}
        truth.add("ballots", {
            **ballot, "form_id": "questionnaire", "rater_group": group, "is_valid": is_valid, "answers": answers,
            "submitted_at": start + dt.timedelta(seconds=rng.randrange(2400)), "duration_seconds": float(rng.randint(45, 400)),
            "invalid_code": None if is_valid else "incomplete",
        })  # fmt: skip
        for question in bureau.questionnaire.questions:
            answer, is_text = answers[question.question_id], question.kind == "comment"
            truth.add("answers_by_ballot_question", {
                **ballot, "question_id": question.question_id, "option_id": "" if is_text else answer,
                "answer_state": "chosen" if answer else "blank", "text": answer if is_text and answer else None,
            })  # fmt: skip


def _comment(bureau: Bureau, truth: Truth, rng: Random) -> str:
    detail = next(bureau.details)
    truth.private.setdefault("comments", []).append(detail)
    return str(texts()["detail_sentence"]).format(text=rng.choice(texts()["comments"]), detail=detail)


def _tally(bureau: Bureau, truth: Truth, visit: Visit, group: str, size: int, rng: Random) -> None:
    matrix: Matrix = {}
    for question in bureau.questionnaire.rated:
        chosen = [_choose(bureau, visit.unit_id, rng) for _ in range(size)]
        for option in bureau.questionnaire.scale:
            matrix["votes", question.question_id, option.option_id] = chosen.count(option.option_id)
    truth.matrices["tally", visit.unit_id, group] = matrix
    for into, row in rows_of(bureau.config.forms["tally"], matrix):
        truth.add(into, {"unit_id": visit.unit_id, "rater_group": group, **row})


def tell_findings(bureau: Bureau, truth: Truth) -> None:
    """Findings come where points were lost: the more of an item's points, the likelier and the graver."""
    class_of = {
        subject: kind.bulletin_class for kind in bureau.findings.bulletin_classes for subject in kind.subjects
    }
    for visit in bureau.config.visits:
        rng = bureau.rng("findings", visit.unit_id)
        lost = [
            (t, item, bureau.lost(visit.unit_id, item))
            for t in texts()["findings"]
            if (item := bureau.item(t["item_key"]))
        ]
        for number in range(1, 2 + round(9 * bureau.weak[visit.unit_id])):
            template, item, share = weighted(rng, ((row, row[2] + 0.02) for row in lost))
            lost = [row for row in lost if row[0]["subject"] != template["subject"]] or lost
            truth.add("findings", {
                "finding_id": f"{visit.unit_id}-F{number:02}", "unit_id": visit.unit_id, "team_id": visit.team_id,
                "subject_id": template["subject"], "defect_id": template["defect"],
                "bulletin_class": class_of.get(template["subject"]), "item_id": item.item_id,
                "finding_severity": "grave" if share >= 0.9 else "serious" if share > 0.4 else "slight",
                "is_confirmed": rng.random() < 0.88, "text": filled(template["text"], rng),
            })  # fmt: skip


def tell_evidence(bureau: Bureau, truth: Truth) -> None:
    """Documents of each class; a class whose items lost much has few documents and a defect."""
    items = bureau.config.standard.scored_items
    for visit in bureau.config.visits:
        rng = bureau.rng("evidence", visit.unit_id)
        for named in bureau.findings.evidence_classes:
            lost = [bureau.lost(visit.unit_id, item) for item in items if named.id in item.evidence_classes]
            worst = max(lost, default=0.0)
            defect = rng.choice(["no_record", "no_signature", "missing_material"]) if worst > 0.5 else None
            truth.add("evidence_by_unit_class", {
                "unit_id": visit.unit_id, "evidence_class": named.id, "item_id": "", "scorer": visit.team_id,
                "n_documents": max(round(rng.uniform(2, 14) * (1.2 - worst)), 0), "defect_id": defect,
                "note": "部分资料为复印件" if rng.random() < 0.15 else None,
            })  # fmt: skip


def tell_site_visits(bureau: Bureau, truth: Truth) -> None:
    """Each visit's figures, and its talks: one to three coded remarks each, never a name."""
    for visit in bureau.config.visits:
        rng = bureau.rng("visit", visit.unit_id)
        n_talks, n_raters = (
            rng.randint(5, 8),
            sum(r["n_returned"] for r in truth.rows("ballot_counts", unit_id=visit.unit_id)),
        )
        for talk in range(1, n_talks + 1):
            _talk(bureau, truth, visit.unit_id, talk, rng)
        truth.add("site_visits", {
            "unit_id": visit.unit_id, "team_id": visit.team_id, "visit_date": visit.visit_date,
            "report_minutes": float(rng.randint(13, 21)), "n_attending": n_raters + rng.randint(0, 4), "n_interviews": n_talks,
            "n_quiz": n_talks, "quiz_mean_pct": round(bureau.seen(visit.unit_id, "quiz") * 100, 2),
        })  # fmt: skip


def _talk(bureau: Bureau, truth: Truth, unit_id: str, talk: int, rng: Random) -> None:
    role = TALK_ROLES[min(talk // 3, 2)]
    weak = bureau.weak[unit_id]
    for remark, topic in enumerate(rng.sample(sorted(texts()["talks"]), rng.randint(1, 3)), start=1):
        polarity = weighted(rng, (("positive", 1.1 - weak), ("negative", 0.2 + weak), ("suggestion", 0.4)))
        detail = next(bureau.details)
        truth.private.setdefault("talks", []).append(detail)
        truth.add("interviews", {
            "unit_id": unit_id, "interview_number": talk, "remark_number": remark, "role": role, "topic_id": topic,
            "polarity": polarity, "text": texts()["detail_sentence"].format(text=texts()["talks"][topic][polarity], detail=detail),
        })  # fmt: skip
