"""Ballots of a questionnaire: exported rows → the cycle's questions and options, valid or not, and their votes."""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lianzheng.config.models import Question, Questionnaire
from lianzheng.fonts import uncovered
from lianzheng.intake.ballot_tables import Coded, Column, Counts, Repeated, make_ballots
from lianzheng.intake.exports import BY_HAND, Answers, Export, bare_title, taken
from lianzheng.intake.received import Received
from lianzheng.intake.records import HIDDEN_TEXT
from lianzheng.intake.values import Demand, folded, read_moment
from lianzheng.names import plain, remembered

_DURATION = re.compile(r"(?:(\d+)小?时)?(?:(\d+)分钟?)?(?:(\d+(?:\.\d+)?)秒?)?")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})")
_LETTER = re.compile(r"([a-z])(?:[.,:](.*))?", re.DOTALL)
_WHOLE = re.compile(r"(\d+)\.0+")
_LONGEST_OPTION = 12
FORM = "questionnaire"
_FROM_SERVICE = {"submitted_at": "submitted_at", "duration": "duration_seconds"}
_IDENTITY = ("number", "submitted_at", "ip")
Matched = dict[int, tuple[Question, dict[str, str]]]


def read_ballots(
    received: Received, export: Export, rules: Questionnaire, group_of_path: str, sheet_number: int = 0
) -> Matched:
    """Add an export's ballots, answers and issues to its file; the path names the group where no question asks it.

    Column by column: each different text is looked at once. Returns the questions by number of the export's column;
    what is not there was not read.
    """
    matched = _match_questions(received, export, rules)
    columns = {
        i: export.answers[i].each(functools.partial(_code, question=question, options=options))
        for i, (question, options) in matched.items()
    }
    again = _report_ballots(received, export, matched, columns)
    asked = [columns[i] for i, (question, _) in matched.items() if question.kind == "group"]
    groups = [
        next((answer.option_id for answer in line if answer.option_id), group_of_path)
        for line in (zip(*asked, strict=True) if asked else itertools.repeat((), len(export.rows)))
    ]
    rated = [columns[i] for i, (question, _) in matched.items() if question in rules.rated]
    codes = _invalid_codes(rated, rules, len(export.rows))
    invalid = ["duplicate" if n in again else code or None for n, code in enumerate(codes)]
    prefix = f"{received.file_id}-{sheet_number}-" if sheet_number else f"{received.file_id}-"
    values: dict[str, list[Any]] = {
        "ballot_id": [f"{prefix}{row:05d}" for row in export.rows], "rater_group": groups,
        "is_valid": [code is None for code in invalid], "invalid_code": invalid, **_sent(export),
    }  # fmt: skip
    addresses = pa.array(export.grid.columns.address, pa.string())
    cells = {i: taken(addresses, export.cells[i]) for i in columns}
    answers = {matched[i][0].question_id: (column, cells[i]) for i, column in columns.items()}
    counts = _count(values, answers, {question.question_id for question in rules.rated})
    whose = {"unit_id": received.unit_id, "file_id": received.file_id, "form_id": FORM}
    places = {
        column: pc.if_else(pa.array(values[column]).is_valid(), taken(addresses, export.meta[role]), None)
        for role, column in _FROM_SERVICE.items() if role in export.meta
    }  # fmt: skip
    received.ballots.append(make_ballots(whose, export.sheet, values, places, answers, counts))
    return matched


def _report_ballots(
    received: Received, export: Export, matched: Matched, columns: Mapping[int, Repeated[Coded]]
) -> set[int]:
    """Issues ballot by ballot; returns the numbers of those that were there before."""
    again, asked = _again(export)
    addresses = export.grid.columns.address
    found = [
        (n, i) for i, column in columns.items() if any(known.fault for known in column.known)
        for n, answer in enumerate(column) if answer.fault
    ]  # fmt: skip
    for n, i in sorted([*found, *((n, len(export.questions)) for n in asked)]):
        ballot = f"第{n + 1}份答卷"
        if i not in columns:
            first = next(column[n] for column in export.meta.values() if column[n] >= 0)
            received.report("duplicate_record", ballot, export.sheet, addresses[first])
            continue
        (question, options), answer = matched[i], columns[i][n]
        words: dict[str, object] = {"detail": answer.seen}
        if answer.fault == "not_a_choice":
            allowed = "、".join(name for name in options if len(name) > 1 or not name.isascii())
            words = {"row": ballot, "column": question.label, "allowed": allowed}
        received.report(answer.fault, answer.seen, export.sheet, addresses[export.cells[i][n]], **words)
    return again


def _count(
    values: Mapping[str, Sequence[Any]], answers: Mapping[str, Column], rated: Container[str]
) -> Counts:
    told = list(zip(values["rater_group"], values["invalid_code"], strict=True))
    valid = [group if code is None else "" for group, code in told]
    votes = Counter[tuple[str, str, str]]()
    for question_id, (column, _) in answers.items():
        chosen = Counter(zip(valid, column.numbers.tolist(), strict=True)) if question_id in rated else {}
        for (group, number), n in chosen.items():
            votes[group, question_id, column.known[number].option_id] += n if group else 0
    sent = Counter(group for group, code in told if code != "duplicate")
    return Counts(sent, Counter(filter(None, valid)), +votes)


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
    pairs = set(zip(export.answers[first], export.answers[second], strict=True))
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


def _code(answers: Answers, question: Question, options: Mapping[str, str]) -> Coded:
    """A question's answer with its option id; what is no option, or are several, is a fault and counts as blank."""
    if question.kind == "comment":
        text = "┋".join(answer.option or answer.other for answer in answers)
        codes = "、".join(f"U+{ord(character):04X}" for character in uncovered(text))
        return Coded("", answers[0].state, text or None, "uncovered_glyph" if codes else "", codes)
    option_id, state, other = (
        option_of(answers[0].option, options),
        answers[0].state,
        answers[0].other or None,
    )
    if state == "chosen" and (not option_id or len(answers) > 1):
        seen = "┋".join(answer.option for answer in answers)  # a long one may be a rater's own words
        return Coded(
            "", "blank", other, "not_a_choice", seen if len(seen) <= _LONGEST_OPTION else HIDDEN_TEXT
        )
    return Coded(option_id, state, other)


def _invalid_codes(rated: Sequence[Repeated[Coded]], rules: Questionnaire, n_ballots: int) -> list[str]:
    """Why each ballot does not count, by its rated questions; empty where it does."""
    n_chosen = np.zeros((n_ballots, len(rules.scale)), int)
    for column in rated:
        chosen = [[answer.option_id == option.option_id for option in rules.scale] for answer in column.known]
        n_chosen += np.array(chosen, int).reshape(-1, len(rules.scale))[column.numbers]
    n = n_chosen.sum(axis=1)
    is_alike = (n > 0) & (n_chosen.max(axis=1) == n)
    cases = {
        "incomplete": n < rules.minimum_answered_share * len(rules.rated),
        "full_marks": rules.voids_full_marks & is_alike & (n_chosen[:, rules.scale.index(rules.best)] > 0),
        "identical_answers": rules.voids_identical_answers & is_alike,
    }
    return np.select(list(cases.values()), list(cases), "").tolist()


def _again(export: Export) -> tuple[set[int], set[int]]:
    """The numbers of ballots that were there before, and of those that are asked about.

    The same answers under the same number, or at the same moment and address, are there again. The same number alone
    is asked about, but both ballots count: two exports may have been put into one file.
    """
    told = {role: export.told(role) for role in _IDENTITY}
    seen: dict[tuple[str | None, ...], int] = {}
    again, asked = set[int](), set[int]()
    for n in range(len(export.rows)):
        for names in (("number",), ("submitted_at", "ip")):
            identity = tuple([told[name][n] for name in names])
            if None in identity:
                continue
            first = seen.get(identity)
            if first is not None:
                is_same = all(column[n] == column[first] for column in export.answers)
                again |= {n} if is_same else set()
                asked |= {n} if is_same or names == ("number",) else set()
            seen[identity] = n
    return again, asked


def _sent(export: Export) -> dict[str, list[Any]]:
    """When the ballots were sent and how long they took, as far as the export says so."""
    cell, demand = export.grid.columns.cell, Demand("datetime")
    submitted = export.meta.get("submitted_at", np.full(len(export.rows), -1)).tolist()
    return {
        "submitted_at": [read_moment(cell(n), demand).value if n >= 0 else None for n in submitted],
        "duration_seconds": [text and duration_seconds(text) for text in export.told("duration")],
    }


@remembered
def duration_seconds(text: str) -> float | None:
    """125秒 → 125, 2分5秒 → 125, 00:02:05 → 125, 125 → 125; None where it is no duration."""
    match = _DURATION.fullmatch(folded(text)) or _CLOCK.fullmatch(folded(text))
    hours, minutes, seconds = match.groups() if match else (None, None, None)
    if not (hours or minutes or seconds):
        return None
    return int(hours or 0) * 3600.0 + int(minutes or 0) * 60 + float(seconds or 0)


def tally(files: Iterable[tuple[str, str, Counts]], rules: Questionnaire) -> list[dict[str, Any]]:
    """Votes of valid ballots by unit, group, question and option, of files (unit, file id, counts) in their order.

    Additive, so files may be tallied one by one.
    """
    by_group: dict[tuple[str, str], tuple[str, Counter[tuple[str, str]]]] = {}
    for unit_id, file_id, counts in files:
        for (group, question_id, option_id), n in counts.votes.items():
            _, votes = by_group.setdefault((unit_id, group), (file_id, Counter()))
            votes[question_id, option_id] += n
    return [
        {
            "unit_id": unit_id, "form_id": FORM, "rater_group": group, "question_id": question.question_id,
            "option_id": option.option_id, "n_votes": votes[question.question_id, option.option_id],
            "coefficient": option.coefficient, "source": "ballots", "file_id": file_id,
        }
        for (unit_id, group), (file_id, votes) in by_group.items() for question in rules.rated for option in rules.scale
    ]  # fmt: skip
