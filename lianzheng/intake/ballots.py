"""Ballots of a questionnaire: exported rows → the cycle's questions and options, valid or not, and their votes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lianzheng.config.models import Question, Questionnaire
from lianzheng.fonts import uncovered
from lianzheng.intake.exports import BY_HAND, Answer, Export, ExportedBallot, bare_title
from lianzheng.intake.received import Received
from lianzheng.intake.records import HIDDEN_TEXT, Record
from lianzheng.intake.values import Demand, folded, read_moment
from lianzheng.names import plain

_DURATION = re.compile(r"(?:(\d+)小?时)?(?:(\d+)分钟?)?(?:(\d+(?:\.\d+)?)秒?)?")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})")
_LETTER = re.compile(r"([a-z])(?:[.,:](.*))?", re.DOTALL)
_WHOLE = re.compile(r"(\d+)\.0+")
_LONGEST_OPTION = 12
_FROM_SERVICE = {"submitted_at": "submitted_at", "duration": "duration_seconds"}
Matched = dict[int, tuple[Question, dict[str, str]]]


def read_ballots(
    received: Received, export: Export, rules: Questionnaire, group_of_path: str, sheet_number: int = 0
) -> Matched:
    """Add an export's ballots, answers and issues to its file; the path names the group where no question asks it.

    Returns the questions by number of the export's column; what is not there was not read.
    """
    questions = _match_questions(received, export, rules)
    asked = {question.question_id for question, _ in questions.values() if question.kind == "group"}
    prefix = f"{received.file_id}-{sheet_number}-" if sheet_number else f"{received.file_id}-"
    seen: dict[tuple[object, ...], tuple[tuple[Answer, ...], ...]] = {}
    records: list[Record] = []
    for ballot in export.ballots:
        ids = {
            "ballot_id": f"{prefix}{ballot.row:05d}",
            "unit_id": received.unit_id,
            "file_id": received.file_id,
        }
        answers = [
            {**ids, "question_id": question.question_id, "sheet": export.sheet, "cell": ballot.cells[i] or None, **answer}
            for i, (question, options) in questions.items()
            for answer in _coded(received, export, ballot, i, question, options)
        ]  # fmt: skip
        invalid = "duplicate" if _is_again(received, export, ballot, seen) else _invalid_code(answers, rules)
        group = next(
            (a["option_id"] for a in answers if a["question_id"] in asked and a["option_id"]), group_of_path
        )
        values = _ballot_values(ballot, invalid)
        places = tuple(
            (export.sheet, ballot.meta[role].address, column)
            for role, column in _FROM_SERVICE.items() if role in ballot.meta and values[column] is not None
        )  # fmt: skip
        records.append(Record("ballots", {**ids, **values, "rater_group": group}, places))
        records += [Record("answers_by_ballot_question", a, _cells_of(a)) for a in answers]
    received.take(records)
    return questions


def _cells_of(answer: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    return ((answer["sheet"], answer["cell"], "option_id"),) if answer["cell"] else ()


def _match_questions(received: Received, export: Export, rules: Questionnaire) -> Matched:
    """Export column → question of the cycle and its options; unknown and missing questions become issues.

    A column that repeats another one's title is no issue where it is empty or says the same.
    """
    known = {
        plain(name): question for question in rules.questions for name in (*question.aliases, question.label)
    }
    found: Matched = {}
    for i, title in enumerate(export.questions):
        question = known.get(bare_title(title))
        first = next((at for at, (other, _) in found.items() if other == question), None)
        if question is not None and first is None:
            found[i] = (question, _options(question, rules, export.service != BY_HAND))
        elif first is None or not _repeats(export, first, i):
            received.report("unknown_column", title, export.sheet, export.question_cells[i].address)
    for question in rules.rated:
        if question not in [other for other, _ in found.values()]:
            place = export.question_cells[0].address if export.question_cells else "A1"
            received.report("missing_column", question.label, export.sheet, place, column=question.label)
    return found


def _repeats(export: Export, first: int, second: int) -> bool:
    pairs = [(ballot.answers[first], ballot.answers[second]) for ballot in export.ballots]
    return all(again == answer or again[0].state != "chosen" for answer, again in pairs)


def _options(question: Question, rules: Questionnaire, is_coded: bool) -> dict[str, str]:
    """Folded label or alias → option id, and in an export its number or letter (``codes`` of the questionnaire)."""
    scale = [(option.option_id, option.label, option.aliases) for option in rules.scale]
    groups = [(group.id, group.label, group.aliases) for group in rules.rater_groups]
    options = groups if question.kind == "group" else scale
    named = {plain(name): id_ for id_, label, aliases in options for name in (label, *aliases)}
    return named | (dict(_codes(rules.coded(question))) if is_coded else {})


def _codes(ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, option_id in enumerate(ids, start=1):
        yield str(number), option_id
        yield chr(ord("a") + number - 1), option_id


def option_of(text: str, options: Mapping[str, str]) -> str:
    """The option that a text names: its label, ``A.`` and its label, or its number or letter; empty where none."""
    written = plain(text)
    whole, letter = _WHOLE.fullmatch(written), _LETTER.fullmatch(written)
    said = letter[2] if letter and letter[2] else whole[1] if whole else written
    return options.get(written) or options.get(said, "")


def _coded(
    received: Received,
    export: Export,
    ballot: ExportedBallot,
    i: int,
    question: Question,
    options: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    """A question's answer with its option id; what is no option, or are several, becomes an issue and counts as blank."""
    answers = ballot.answers[i]
    if question.kind == "comment":
        text = "┋".join(answer.option or answer.other for answer in answers)
        codes = "、".join(f"U+{ord(character):04X}" for character in uncovered(text))
        if codes:
            received.report("uncovered_glyph", codes, export.sheet, ballot.cells[i], detail=codes)
        yield {"option_id": "", "answer_state": answers[0].state, "text": text or None}
        return
    option_id, state = option_of(answers[0].option, options), answers[0].state
    if state == "chosen" and (not option_id or len(answers) > 1):
        allowed = "、".join(name for name in options if len(name) > 1 or not name.isascii())
        words = {"row": f"第{ballot.number}份答卷", "column": question.label, "allowed": allowed}
        seen = "┋".join(answer.option for answer in answers)  # a long one may be a rater's own words
        shown = seen if len(seen) <= _LONGEST_OPTION else HIDDEN_TEXT
        received.report("not_a_choice", shown, export.sheet, ballot.cells[i], **words)
        option_id, state = "", "blank"
    yield {"option_id": option_id, "answer_state": state, "text": answers[0].other or None}


def _invalid_code(answers: Sequence[Mapping[str, Any]], rules: Questionnaire) -> str | None:
    rated = {question.question_id for question in rules.rated}
    chosen = [a["option_id"] for a in answers if a["question_id"] in rated and a["option_id"]]
    if len(chosen) < rules.minimum_answered_share * len(rated):
        return "incomplete"
    if rules.voids_full_marks and set(chosen) == {rules.best.option_id}:
        return "full_marks"
    return "identical_answers" if rules.voids_identical_answers and len(set(chosen)) == 1 else None


def _is_again(
    received: Received, export: Export, ballot: ExportedBallot, seen: dict[tuple[object, ...], Any]
) -> bool:
    """Whether a ballot was there before: the same answers under the same number, or at the same moment and address.

    The same number alone is asked about, but both ballots count: two exports may have been put into one file.
    """
    sent = tuple(ballot.meta[role].text for role in ("submitted_at", "ip") if role in ballot.meta)
    numbered = tuple(ballot.meta[role].text for role in ("number",) if role in ballot.meta)
    identities = [
        (name, identity)
        for name, identity, n in (("sent", sent, 2), ("number", numbered, 1))
        if len(identity) == n
    ]
    known = [(name, seen[identity]) for name, identity in identities if identity in seen]
    is_again = any(answers == ballot.answers for _, answers in known)
    if is_again or any(name == "number" for name, _ in known):
        address = next(iter(ballot.meta.values())).address
        received.report("duplicate_record", f"第{ballot.number}份答卷", export.sheet, address)
    seen.update((identity, ballot.answers) for _, identity in identities)
    return is_again


def _ballot_values(ballot: ExportedBallot, invalid: str | None) -> dict[str, Any]:
    submitted = ballot.meta.get("submitted_at")
    spent = duration_seconds(ballot.meta["duration"].text) if "duration" in ballot.meta else None
    return {
        "form_id": "questionnaire", "is_valid": invalid is None, "invalid_code": invalid,
        "submitted_at": read_moment(submitted, Demand("datetime")).value if submitted else None,
        "duration_seconds": spent,
    }  # fmt: skip


def duration_seconds(text: str) -> float | None:
    """125秒 → 125, 2分5秒 → 125, 00:02:05 → 125, 125 → 125; None where it is no duration."""
    match = _DURATION.fullmatch(folded(text)) or _CLOCK.fullmatch(folded(text))
    hours, minutes, seconds = match.groups() if match else (None, None, None)
    if not (hours or minutes or seconds):
        return None
    return int(hours or 0) * 3600.0 + int(minutes or 0) * 60 + float(seconds or 0)


def tally(
    answers: Sequence[Mapping[str, Any]], ballots: Sequence[Mapping[str, Any]], rules: Questionnaire
) -> list[dict[str, Any]]:
    """Votes of valid ballots by unit, group, question and option; additive, so files may be tallied one by one."""
    group_of = {ballot["ballot_id"]: ballot["rater_group"] for ballot in ballots if ballot["is_valid"]}
    rated = [question.question_id for question in rules.rated]
    counted = [
        answer for answer in answers if answer["ballot_id"] in group_of and answer["question_id"] in rated
    ]
    votes = Counter(
        (a["unit_id"], group_of[a["ballot_id"]], a["question_id"], a["option_id"]) for a in counted
    )
    sources = {(a["unit_id"], group_of[a["ballot_id"]]): a["file_id"] for a in reversed(counted)}
    return [
        {
            "unit_id": unit_id, "form_id": "questionnaire", "rater_group": group, "question_id": question_id,
            "option_id": option.option_id, "n_votes": votes[unit_id, group, question_id, option.option_id],
            "coefficient": option.coefficient, "source": "ballots", "file_id": file_id,
        }
        for (unit_id, group), file_id in sources.items() for question_id in rated for option in rules.scale
    ]  # fmt: skip
